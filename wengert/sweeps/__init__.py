"""Sweeps over a list, the derivative rules that they apply, and the interpretations of ops and values."""
