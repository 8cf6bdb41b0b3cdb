"""What a list looks like: pictures of its circuit."""

from .flowchart import EDGES, edges, mermaid
from .graph import Circuit, Gate, Wire, circuit, drawable

__all__ = ["EDGES", "Circuit", "Gate", "Wire", "circuit", "drawable", "edges", "mermaid"]
