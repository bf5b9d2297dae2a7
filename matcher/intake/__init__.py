"""From files as offices have them to checked inputs: open, cut out the table, read, check."""
