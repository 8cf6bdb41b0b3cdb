"""The time that an op over arrays will take, told before it runs: nothing can stop NumPy on its way.

The rates are measured: nanoseconds a step on one core at 3 GHz, with OpenBLAS, from 400 to 1,800 rows; those of
eigenvalues and singular values are twice as large, since their work is long, so that work that begins ends in time. An
estimate may still be wrong by a factor of two on another machine, and by more on one where others work too: there the
threads of BLAS spend time in waiting for each other, which the clock counts.
"""

from __future__ import annotations

from math import prod
from typing import Any

from ...ground.limits import exceeded, in_force, time_left

# Nanoseconds by n^3, for a matrix of n rows and columns: LAPACK's work, and our own steps around it.
PRODUCT, FACTOR, CHOLESKY, SOLUTION, INVERSE = 0.04, 0.03, 0.03, 0.04, 0.11
EIGENVALUES, EIGENVECTORS, SINGULAR_VALUES, SINGULAR_VECTORS = 0.2, 0.4, 0.6, 1.0
COFACTORS, EXPONENTIAL = 0.6, 0.9


def foresee(op: str, rate: float, *sizes: int, of: Any = None) -> None:
    """Raise LimitError if work of as many steps as the product of the sizes, at a rate in nanoseconds, would take
    longer than the time that is left. `of` is an array of matrices: the work is done for each of them."""
    left = time_left()
    # Most calls end here: there is no limit, or nothing that could reach it.
    steps = prod(sizes) * (1 if of is None else prod(of.shape[:-2]))
    if steps * rate < 1e7 or left is None:
        return
    seconds = steps * rate * 1e-9
    if seconds > left:
        raise exceeded(in_force(), "seconds", f"`{op}` of these arrays takes about {seconds:.2g} s")
