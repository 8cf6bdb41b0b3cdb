"""Values of the ops of linear algebra, with the conventions of `products`: batch axes first, arguments not changed.

Where LAPACK refuses a matrix of a batch, the value in its place is nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...ground.limits import check_clock
from . import work
from .kronecker import kron, kron_left, kron_right  # noqa: F401  the table finds them here
from .products import Array, Axis, _axes, _rank, matmul
from .work import foresee

Matrices = Callable[..., Any]


def _each(method: Matrices, *args: Array) -> Array:
    """A function of NumPy's over stacks of matrices, with nan for each matrix that it refuses.

    `method` returns one matrix, vector or number for each matrix of the stack.
    """
    try:
        return method(*args)
    except np.linalg.LinAlgError:
        lead = np.broadcast_shapes(*(a.shape[:-2] for a in args))
        stacks = [np.broadcast_to(a, lead + a.shape[-2:]) for a in args]
        shape = method(*(np.eye(*a.shape[-2:]) for a in args)).shape  # identities are never refused
        answer = np.full(lead + shape, np.nan, dtype=np.result_type(*args))
        for at in np.ndindex(*lead):
            check_clock()
            try:
                answer[at] = method(*(a[at] for a in stacks))
            except np.linalg.LinAlgError:
                continue
        return answer


def _finite(method: Matrices, a: Array) -> Array:
    """`_each` for a method on finite matrices, with nan for the others: LAPACK may refuse them all, or hang."""
    if np.isfinite(a).all():
        return _each(method, a)
    finite = np.isfinite(a).all(axis=(-2, -1), keepdims=True)
    answer = _each(method, np.where(finite, a, 0.0).astype(a.dtype, copy=False))
    kept = finite.reshape(finite.shape[:-2] + (1,) * (answer.ndim - finite.ndim + 2))
    return np.where(kept, answer, np.nan)


def _transposed(a: Array) -> Array:
    return np.swapaxes(a, -1, -2)


# Products of vectors and matrices


def cross(batch: int, a: Array, b: Array) -> Array:
    x, y = ([v[..., k] for k in range(3)] for v in (a, b))
    return np.stack([x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]], axis=-1)


def quad_form(batch: int, x: Array, a: Array) -> Array:
    return matmul(batch, matmul(batch, x, a), x)


# Diagonals and triangles


def diag(batch: int, a: Array, k: int = 0) -> Array:
    if _rank(batch, a) == 2:
        return np.array(np.diagonal(a, k, -2, -1))
    n = a.shape[-1] + abs(k)
    return _on_diagonal(a, (*a.shape[:-1], n, n), k)


def diag_like(batch: int, p: Array, like: Array, k: int = 0) -> Array:
    if _rank(batch, like) == 1:
        return np.array(np.diagonal(p, k, -2, -1))
    return _on_diagonal(p, p.shape[:-1] + like.shape[-2:], k)


def _on_diagonal(a: Array, shape: tuple[int, ...], k: int) -> Array:
    answer = np.zeros(shape, dtype=a.dtype)
    places = np.arange(a.shape[-1])
    answer[..., places + max(-k, 0), places + max(k, 0)] = a
    return answer


def trace(batch: int, a: Array) -> Array:
    return np.trace(a, axis1=-2, axis2=-1)


def tril(batch: int, a: Array, k: int = 0) -> Array:
    return np.tril(a, k)


def triu(batch: int, a: Array, k: int = 0) -> Array:
    return np.triu(a, k)


def triangle(batch: int, a: Array, lower: int = 1) -> Array:
    return np.tril(a) if lower else np.triu(a)


def half_tril(batch: int, a: Array) -> Array:
    answer = np.tril(a)
    places = np.arange(a.shape[-1])
    answer[..., places, places] *= 0.5
    return answer


def sym(batch: int, a: Array) -> Array:
    # Halved before the sum, which may overflow.
    half = 0.5 * a
    return half + _transposed(half)


# Determinants, inverses, systems of equations


def det(batch: int, a: Array) -> Array:
    foresee("det", work.FACTOR, *a.shape[-2:], a.shape[-1], of=a)
    return np.linalg.det(a)


def logdet(batch: int, a: Array) -> Array:
    foresee("logdet", work.FACTOR, *a.shape[-2:], a.shape[-1], of=a)
    return np.linalg.slogdet(a)[1]


def inv(batch: int, a: Array) -> Array:
    foresee("inv", work.INVERSE, *a.shape[-2:], a.shape[-1], of=a)
    return _each(np.linalg.inv, a)


def solve(batch: int, a: Array, b: Array) -> Array:
    columns = 1 if _rank(batch, b) == 1 else b.shape[-1]
    foresee("solve", work.SOLUTION, *a.shape[-2:], a.shape[-1] + 2 * columns, of=a)
    if _rank(batch, b) == 1:
        return _each(np.linalg.solve, a, b[..., None])[..., 0]
    return _each(np.linalg.solve, a, b)


def cofactor(batch: int, a: Array) -> Array:
    """The matrix of cofactors, the product of the cofactors of the factors of a = U S V.

    Those of S are the products of all singular values but one; those of U and V are U and V times their determinants.
    There is no division, so a may be singular.
    """
    foresee("cofactor", work.COFACTORS, *a.shape[-2:], a.shape[-1], of=a)
    rows, columns = _scales(a)
    u, s, v, sign = _oriented(np.ldexp(a, -rows - columns))
    n = s.shape[-1]
    rest = np.stack([np.prod(np.delete(s, i, axis=-1), axis=-1) for i in range(n)], axis=-1) if n else s
    return np.ldexp((u * (sign * rest)[..., None, :]) @ v, _others(rows, columns))


def cofactor_slope(batch: int, p: Array, a: Array) -> Array:
    """The adjoint of a under `cofactor` for the adjoint p, computed in the bases of the singular vectors.

    There the matrix is diagonal, and its minors of order n - 2 are the products of all but two of its elements.
    """
    foresee("cofactor", work.COFACTORS, *a.shape[-2:], a.shape[-1], of=a)
    rows, columns = _scales(a)
    u, s, v, sign = _oriented(np.ldexp(a, -rows - columns))
    n = s.shape[-1]
    q = _transposed(u) @ np.ldexp(p, -rows - columns) @ _transposed(v)
    rest = np.zeros((*s.shape, n), dtype=s.dtype)
    for i in range(n):
        check_clock()
        for j in range(i):
            rest[..., i, j] = rest[..., j, i] = np.prod(np.delete(s, (i, j), axis=-1), axis=-1)
    turned = -rest * _transposed(q)
    places = np.arange(n)
    turned[..., places, places] = (rest @ np.diagonal(q, 0, -2, -1)[..., None])[..., 0]
    return np.ldexp(u @ (sign[..., None] * turned) @ v, _others(rows, columns))


def _scales(a: Array) -> tuple[Array, Array]:
    """A column and a row of exponents: rows and columns divided by these powers of two have a largest element near 1.

    The factors of a matrix are accurate relative to its norm, so that much smaller elements would lose their digits.
    Scaled in this way a matrix is best conditioned, up to a factor (A. van der Sluis, Numer. Math. 14, 1969).
    """
    rows = np.zeros((*a.shape[:-1], 1), dtype=int)
    columns = np.zeros((*a.shape[:-2], 1, a.shape[-1]), dtype=int)
    for _ in range(3):
        for axis, found in ((-1, rows), (-2, columns)):
            size = np.max(np.abs(np.ldexp(a, -rows - columns)), axis=axis, keepdims=True, initial=0.0)
            found += np.frexp(np.where(np.isfinite(size), size, 0.0))[1]
    return rows, columns


def _others(rows: Array, columns: Array) -> Array:
    """For each element, the sum of the exponents of all other rows and columns."""
    return np.sum(rows, axis=-2, keepdims=True) - rows + np.sum(columns, axis=-1, keepdims=True) - columns


def _oriented(a: Array) -> tuple[Array, Array, Array, Array]:
    """The singular value decomposition, and the product of the determinants of its orthogonal factors, with a last axis
    of length 1."""
    u, s, v = _svd(a)
    return u, s, v, (np.linalg.det(u) * np.linalg.det(v))[..., None]


def tri_solve(batch: int, a: Array, b: Array, lower: int = 1) -> Array:
    if _rank(batch, b) == 1:
        return _substituted(a, b[..., None], bool(lower))[..., 0]
    return _substituted(a, b, bool(lower))


def tri_solve_t(batch: int, a: Array, b: Array, lower: int = 1) -> Array:
    return tri_solve(batch, _transposed(a), b, 1 - lower)


def _substituted(a: Array, b: Array, forward: bool) -> Array:
    """Forward or back substitution, row by row, for all columns of all systems at once."""
    n = a.shape[-1]
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    y = np.array(np.broadcast_to(b, lead + b.shape[-2:]), dtype=np.result_type(a, b))
    for i in range(n) if forward else reversed(range(n)):
        check_clock()
        known = slice(0, i) if forward else slice(i + 1, n)
        row = y[..., i, :]
        if known.start < known.stop:
            row = row - (a[..., i, None, known] @ y[..., known, :])[..., 0, :]
        y[..., i, :] = row / a[..., i, i, None]
    return y


# Factors and spectra


def cholesky(batch: int, a: Array) -> Array:
    foresee("cholesky", work.CHOLESKY, *a.shape[-2:], a.shape[-1], of=a)
    return _each(np.linalg.cholesky, sym(batch, a))


def eigvalsh(batch: int, a: Array) -> Array:
    foresee("eigvalsh", work.EIGENVALUES, *a.shape[-2:], a.shape[-1], of=a)
    return _finite(np.linalg.eigvalsh, sym(batch, a))


def eigh_vectors(batch: int, a: Array) -> Array:
    foresee("eigh_vectors", work.EIGENVECTORS, *a.shape[-2:], a.shape[-1], of=a)
    v = _finite(lambda m: np.linalg.eigh(m)[1], sym(batch, a))
    return v * _signs(v)


def svdvals(batch: int, a: Array) -> Array:
    foresee("svdvals", work.SINGULAR_VALUES, *a.shape[-2:], a.shape[-1], of=a)
    return _finite(lambda m: np.linalg.svd(m, compute_uv=False), a)


def svd_left(batch: int, a: Array) -> Array:
    foresee("svd_left", work.SINGULAR_VECTORS, *a.shape[-2:], a.shape[-1], of=a)
    u, _, _ = _svd(a)
    return u * _signs(u)


def svd_right(batch: int, a: Array) -> Array:
    foresee("svd_right", work.SINGULAR_VECTORS, *a.shape[-2:], a.shape[-1], of=a)
    u, _, v = _svd(a)
    return _transposed(v) * _signs(u)


def _svd(a: Array) -> tuple[Array, Array, Array]:
    """The thin singular value decomposition a = u s v of a stack; nan if it does not exist."""
    m, n = a.shape[-2:]
    k = min(m, n)

    def packed(one: Array) -> Array:
        u, s, v = np.linalg.svd(one, full_matrices=False)
        return np.concatenate([u, s[..., None, :], _transposed(v)], axis=-2)

    both = _finite(packed, a)
    return both[..., :m, :k], both[..., m, :], _transposed(both[..., m + 1 :, :])


def _signs(v: Array) -> Array:
    """Signs that make the largest element of every column positive, as LAPACK leaves the sign of a vector open."""
    if not v.shape[-2]:
        return np.ones((*v.shape[:-2], 1, v.shape[-1]), dtype=v.dtype)
    largest = np.argmax(np.abs(v), axis=-2, keepdims=True)
    return np.where(np.take_along_axis(v, largest, axis=-2) < 0, -1.0, 1.0).astype(v.dtype)


def tied(batch: int, a: Array, signed: int = 1) -> Array:
    """1/m in row i and column j if a[i] and a[j] belong to one group of m tied values; else 0."""
    n = a.shape[-1]
    # The distance by which rounding moves the eigenvalues and singular values of a matrix of size n.
    reach = n * np.finfo(a.dtype).eps * np.max(np.abs(a), axis=-1, keepdims=True, initial=0.0)
    order = np.argsort(a, axis=-1, kind="stable")
    ordered = np.take_along_axis(a, order, axis=-1)
    apart = ~(np.diff(ordered, axis=-1, prepend=ordered[..., :1]) <= reach)
    group = np.empty(a.shape, dtype=int)
    np.put_along_axis(group, order, np.cumsum(apart, axis=-1), axis=-1)
    same = (group[..., :, None] == group[..., None, :]).astype(a.dtype)
    share = same / np.sum(same, axis=-1, keepdims=True)
    return share if signed else share * (a > reach)[..., None]


def gaps(batch: int, a: Array) -> Array:
    answer = 1.0 / (a[..., None, :] - a[..., :, None])
    answer[tied(batch, a) > 0] = np.nan
    places = np.arange(a.shape[-1])
    answer[..., places, places] = 0.0
    return answer


# The exponential function

# Coefficients of the [13/13] Padé approximant, and the largest norm at which its backward error is below one rounding.
PADE = (64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0,
        10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0,
        1.0)  # fmt: skip
THETA = 4.25
# The reciprocal of the first coefficient of that backward error.
LEADING = float(math.comb(26, 13) * math.factorial(27))


def expm(batch: int, a: Array) -> Array:
    """The matrix exponential by scaling and squaring (A. H. Al-Mohy, N. J. Higham, "A New Scaling and Squaring
    Algorithm for the Matrix Exponential", SIAM J. Matrix Anal. Appl. 31, 2009, algorithm 5.1), with degree 13 only and
    with computed norms instead of estimates."""
    n = a.shape[-1]
    if n == 0:
        return np.array(a)
    foresee("expm", work.EXPONENTIAL, n, n, n, of=a)
    squarings = _squarings(a)
    b = PADE
    x = a * np.ldexp(1.0, -squarings)[..., None, None]
    x2 = x @ x
    x4 = x2 @ x2
    x6 = x2 @ x4
    eye = np.eye(n)
    odd = x @ (x6 @ (b[13] * x6 + b[11] * x4 + b[9] * x2) + b[7] * x6 + b[5] * x4 + b[3] * x2 + b[1] * eye)
    even = x6 @ (b[12] * x6 + b[10] * x4 + b[8] * x2) + b[6] * x6 + b[4] * x4 + b[2] * x2 + b[0] * eye
    y = _each(np.linalg.solve, even - odd, even + odd)
    # For matrices far from normal, elimination loses digits, and a step of refinement restores them (Higham, "Accuracy
    # and Stability of Numerical Algorithms", SIAM 2002, chapter 12).
    y = y + _each(np.linalg.solve, even - odd, even + odd - (even - odd) @ y)
    for k in range(int(np.max(squarings, initial=0))):
        check_clock()
        y = np.where((squarings > k)[..., None, None], y @ y, y)
    return y.astype(a.dtype, copy=False)


def _squarings(a: Array) -> Array:
    """The number of halvings that brings each matrix of a stack within reach of the approximant.

    Its norm is measured by the roots of the norms of its powers, which are smaller for matrices far from normal.
    """
    size = np.abs(a)
    norm = _norm1(a)
    # Scaled to norm 1, as the powers of a large matrix overflow.
    unit = np.where(norm > 0, norm, 1.0)[..., None, None]
    x = a / unit
    x2 = x @ x
    x4 = x2 @ x2
    x6, x8 = x4 @ x2, x4 @ x4
    d6, d8, d10 = _norm1(x6) ** (1 / 6), _norm1(x8) ** (1 / 8), _norm1(x8 @ x2) ** (1 / 10)
    reach = np.minimum(np.maximum(d6, d8), np.maximum(d8, d10)) * unit[..., 0, 0] / THETA
    s = _exponent(reach)
    # Where the powers are small by cancellation, rounding errors are still those of the matrix of absolute values.
    scaled = size * np.ldexp(1.0, -s)[..., None, None]
    sums = np.ones((*a.shape[:-2], 1, a.shape[-1]))
    for _ in range(27):
        check_clock()
        sums = sums @ scaled
    error = np.max(sums, axis=(-2, -1)) / (_norm1(scaled) * LEADING) * 2.0**53
    more = np.where(error > 1, np.ceil(np.log2(np.where(error > 1, error, 1.0)) / 26), 0.0)
    return s + np.where(np.isfinite(more), more, 0.0).astype(int)


def _exponent(ratio: Array) -> Array:
    """The least whole number k >= 0 with ratio <= 2^k; 0 for a ratio that is not finite."""
    k = np.ceil(np.log2(np.where(np.isfinite(ratio) & (ratio > 1), ratio, 1.0)))
    return k.astype(int)


def _norm1(a: Array) -> Array:
    return np.max(np.sum(np.abs(a), axis=-2), axis=-1)


def expm_frechet(batch: int, a: Array, e: Array) -> Array:
    if not a.shape[-1]:
        return e + a
    # The value is linear in e, and most accurate where e is not larger than a.
    large = _norm1(e)
    scale = np.where((large > 0) & np.isfinite(large), large, 1.0)[..., None, None]
    return twin_corner(batch, expm(batch, twin(batch, a, e / scale))) * scale


def twin(batch: int, a: Array, e: Array) -> Array:
    a, e = np.broadcast_arrays(a, e)
    return np.concatenate(
        [np.concatenate([a, e], axis=-1), np.concatenate([np.zeros_like(a), a], axis=-1)], axis=-2
    )  # fmt: skip


def twin_corner(batch: int, a: Array) -> Array:
    n = a.shape[-1] // 2
    return np.array(a[..., :n, n:])


def twin_diagonal(batch: int, a: Array) -> Array:
    n = a.shape[-1] // 2
    return a[..., :n, :n] + a[..., n:, n:]


# Norms


def norm(batch: int, a: Array, axis: Axis = None, keepdims: int = 0) -> Array:
    along = _axes(batch, a, axis)
    size = np.abs(a)
    exponent = np.frexp(np.max(size, axis=along, keepdims=True, initial=0.0))[1]
    # Scaled by a power of 2, so that the squares neither overflow nor vanish; in two steps, as one may be out of range.
    half = exponent // 2
    scaled = a * np.ldexp(1.0, -half) * np.ldexp(1.0, half - exponent)
    root = np.sqrt(np.sum(scaled * scaled, axis=along, keepdims=True))
    y = root * np.ldexp(1.0, half) * np.ldexp(1.0, exponent - half)
    y = np.where(np.any(np.isinf(size), axis=along, keepdims=True), np.inf, y)
    y = y.astype(getattr(a, "dtype", float), copy=False)
    return y if keepdims else np.squeeze(y, axis=along)
