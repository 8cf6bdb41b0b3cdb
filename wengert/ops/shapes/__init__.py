"""Shapes of the values of ops, from those of their arguments."""
