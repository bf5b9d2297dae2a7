"""A seeded synthetic city, for trying things out and for tests: real names and outlines, invented people."""
