"""Measurements against other solvers; nothing here is imported by the engine."""
