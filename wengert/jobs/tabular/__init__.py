"""Tables read and written in batches, sums over their rows, and `map`."""
