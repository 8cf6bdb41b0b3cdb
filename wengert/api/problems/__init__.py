"""Turn fits, optimization, equations and uncertainties given as text into problems for the jobs."""
