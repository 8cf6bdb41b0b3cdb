"""What a list is shown as: formulas, LaTeX, JSON, tables of its sweeps, counts of its operations."""

from .counts import CheapGradient, cheap_gradient, counts
from .formula import equation_text, formula, single
from .json import atom_json, from_json, to_json
from .latex import latex, latex_atom, latex_equation, latex_name
from .tables import trace_json, trace_table

__all__ = [
    "CheapGradient",
    "atom_json",
    "cheap_gradient",
    "counts",
    "equation_text",
    "formula",
    "from_json",
    "latex",
    "latex_atom",
    "latex_equation",
    "latex_name",
    "single",
    "to_json",
    "trace_json",
    "trace_table",
]
