"""What if: scenarios are edits as data; apply them, match again, and see whose care differs."""
