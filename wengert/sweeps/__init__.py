"""Sweeps over a list, the rules that they apply, and the interpretations of ops and values."""
