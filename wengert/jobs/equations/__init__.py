"""Differential equations: integration, sensitivities, and the report on a trajectory."""
