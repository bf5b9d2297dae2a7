"""A province on one machine, or on many: matched county by county, exact across their borders."""
