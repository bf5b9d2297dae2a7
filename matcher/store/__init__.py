"""Scenarios, their history and their plans, kept in SQLite or PostgreSQL."""
