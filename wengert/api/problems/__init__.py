"""Fits, optimization, equations and uncertainties as text, made into problems for the jobs."""
