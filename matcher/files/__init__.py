"""Writing results: all files of a run or none."""
