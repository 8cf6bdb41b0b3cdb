"""Shapes of the values of ops, from the shapes of their arguments."""
