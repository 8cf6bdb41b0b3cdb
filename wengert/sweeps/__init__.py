"""Sweeps over a list, the rules they apply, and what they interpret values as."""
