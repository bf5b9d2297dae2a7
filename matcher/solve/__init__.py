"""Solvers of the assignment problem, and the prices that prove them right."""
