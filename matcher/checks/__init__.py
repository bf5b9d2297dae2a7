"""The rules of `check`, one small function for each family."""
