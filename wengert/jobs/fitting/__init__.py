"""Least squares: the methods, the statistics of a fit, and the report on it."""
