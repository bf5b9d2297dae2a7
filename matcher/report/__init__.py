"""The plan on one page for whoever decides, and as files for other programs."""
