"""Dependence in a Wengert list, and derivatives that compute only the nonzeros."""

from .colouring import acyclic_colouring, column_colouring, diagonal_colouring, row_colouring, star_colouring
from .dependence import SparsityPattern, jacobian_pattern
from .hessian_pattern import crowded, hessian_pattern
from .nonzeros import sparse_hessian, sparse_jacobian
from .recovery import from_acyclic, from_columns, from_rows, from_star, seeds
from .structure import Structure, structure

__all__ = [
    "SparsityPattern",
    "Structure",
    "acyclic_colouring",
    "column_colouring",
    "crowded",
    "diagonal_colouring",
    "from_acyclic",
    "from_columns",
    "from_rows",
    "from_star",
    "hessian_pattern",
    "jacobian_pattern",
    "row_colouring",
    "seeds",
    "sparse_hessian",
    "sparse_jacobian",
    "star_colouring",
    "structure",
]
