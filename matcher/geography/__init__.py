"""Where things are: datums, addresses, positions, outlines and areas."""
