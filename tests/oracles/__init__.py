"""The same answers by other ways: every plan tried, CP-SAT."""
