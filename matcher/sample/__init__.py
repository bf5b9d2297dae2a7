"""A seeded synthetic city or province, for trying things out and for tests: all people are invented."""
