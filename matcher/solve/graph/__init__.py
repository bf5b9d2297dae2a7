"""The assignment solved on the graph of slots instead of people: a few hundred nodes, however many people there are."""
