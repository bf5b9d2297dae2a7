"""From eligible pairs to a proven plan, its tables, its files, and the checker."""
