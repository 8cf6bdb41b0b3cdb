"""What depends on what in a Wengert list, and derivatives that compute the nonzeros alone."""

from .dependence import Pattern, jacobian_pattern
from .derivatives import sparse_hessian, sparse_jacobian
from .interaction import hessian_pattern
from .structure import Structure, structure

__all__ = [
    "Pattern",
    "Structure",
    "hessian_pattern",
    "jacobian_pattern",
    "sparse_hessian",
    "sparse_jacobian",
    "structure",
]
