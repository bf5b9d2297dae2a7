"""Scenarios, their history and their plans, kept in SQLite or PostgreSQL."""

from matcher.store.records import Revision, SavedPlan
from matcher.store.repository import Store, open_store

__all__ = ["Revision", "SavedPlan", "Store", "open_store"]
