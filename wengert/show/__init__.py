"""Views of a list: formulas, LaTeX, JSON, tables of its sweeps, pictures, counts of its operations."""

from .counts import CheapGradient, cheap_gradient, counts
from .flowchart import EDGES, edges, mermaid
from .formats import FORMATS, SUFFIXES, drawn, format_of
from .formula import equation_text, formula, single
from .graph import Circuit, Gate, Wire, circuit, drawable
from .json import atom_json, from_json, to_json
from .latex import latex, latex_atom, latex_equation, latex_name
from .trace_tables import trace_json, trace_table

__all__ = [
    "EDGES",
    "FORMATS",
    "SUFFIXES",
    "CheapGradient",
    "Circuit",
    "Gate",
    "Wire",
    "atom_json",
    "cheap_gradient",
    "circuit",
    "counts",
    "drawable",
    "drawn",
    "edges",
    "equation_text",
    "format_of",
    "formula",
    "from_json",
    "latex",
    "latex_atom",
    "latex_equation",
    "latex_name",
    "mermaid",
    "single",
    "to_json",
    "trace_json",
    "trace_table",
]
