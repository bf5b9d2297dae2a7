"""A seeded synthetic city, for trying things out and for tests: real names and outlines, invented people."""

from matcher.sample.city import make_sample

__all__ = ["make_sample"]
