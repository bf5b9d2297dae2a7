"""Policies as data: the documents, their keys, the rules in them."""
