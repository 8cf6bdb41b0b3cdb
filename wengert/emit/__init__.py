"""What a list is written as: formulas, LaTeX, JSON, tables of its sweeps, counts of its operations."""

from .formula import equation_text, formula, single
from .latex import latex, latex_atom, latex_equation, latex_name
from .serial import from_json, to_json

__all__ = [
    "equation_text",
    "formula",
    "from_json",
    "latex",
    "latex_atom",
    "latex_equation",
    "latex_name",
    "single",
    "to_json",
]
