"""Values of the ops over NumPy's arrays."""
