"""The earlier name of ``matcher.geography.outlines``, for scripts that were written with it."""

from matcher.geography.outlines import read_outlines

__all__ = ["read_outlines"]
