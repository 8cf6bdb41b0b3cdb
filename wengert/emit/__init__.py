"""What a list is written as: formulas, LaTeX, JSON, tables of its sweeps, counts of its operations."""

from .formula import equation_text, formula, single

__all__ = ["equation_text", "formula", "single"]
