"""The pages, a script each: they lay out, and hold no logic."""
