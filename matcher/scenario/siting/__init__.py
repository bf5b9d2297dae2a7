"""Where to build, and what to close: exact choices of sites, or the best found with its bound."""
