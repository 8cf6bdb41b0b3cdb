"""Values of the ops over arrays of NumPy."""
