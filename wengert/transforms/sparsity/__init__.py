"""What depends on what in a Wengert list, and derivatives that compute the nonzeros alone."""

from .colouring import acyclic_colouring, column_colouring, row_colouring, star_colouring
from .dependence import Pattern, jacobian_pattern
from .derivatives import sparse_hessian, sparse_jacobian
from .hessian_pattern import hessian_pattern
from .recovery import from_acyclic, from_columns, from_rows, from_star, seeds
from .structure import Structure, structure

__all__ = [
    "Pattern",
    "Structure",
    "acyclic_colouring",
    "column_colouring",
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
