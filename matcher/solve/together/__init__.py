"""Households that stay together: bundles of places, bounds and plans."""
