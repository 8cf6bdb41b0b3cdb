"""The lowest layer: errors, limits, names, and a page on each diagnostic code."""
