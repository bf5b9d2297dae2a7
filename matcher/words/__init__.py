"""Words of the program in both languages, and what people write for them."""
