"""Minimization and systems of equations: the solvers, the checks of their answers, and the reports."""
