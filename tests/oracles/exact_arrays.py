"""What is exact of programs over arrays: their values at hundreds of digits, and differences of those.

The programs are those of `peer_ops.as_numpy`, and some that no peer spells, with NumPy's arrays of mpmath's numbers for
arrays. A derivative is a central difference with a step of 1e-60, or in a `Jet`, which has all of them, a forward one
with a step of 1e-50: it knows no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import mpmath as mp
import numpy as np

from tests.oracles.peer_ops import as_numpy

Array = Any
DIGITS, STEP = 300, mp.mpf(10) ** -60
# Of a jet: of the digits, two steps take 100, and what is left is many times a float's.
JET_DIGITS, JET_STEP = 160, mp.mpf(10) ** -50


def _matrix(a: Array) -> Any:
    return mp.matrix(a.tolist())


def _array(m: Any) -> Array:
    return np.array(m.tolist(), dtype=object)


def _solve(a: Array, b: Array) -> Array:
    x = _array(mp.lu_solve(_matrix(a), _matrix(b if b.ndim == 2 else b[:, None])))
    return x if b.ndim == 2 else x[:, 0]


def _var(a: Array, axis: Any = None, ddof: int = 0) -> Array:
    apart = a - np.mean(a, axis=axis, keepdims=True)
    return np.sum(apart * apart, axis=axis) / (np.size(a, axis) - ddof)


def _quantile(a: Array, q: float) -> Array:
    place = mp.mpf(q) * (a.size - 1)
    k, ranked = min(int(place), a.size - 2), np.sort(a)
    return ranked[k] + (place - k) * (ranked[k + 1] - ranked[k])


_exp, _log, _sqrt = (np.frompyfunc(f, 1, 1) for f in (mp.exp, mp.log, mp.sqrt))


def _logsumexp(a: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return _log(np.sum(_exp(a), axis=axis, keepdims=keepdims))


def _softmax(a: Array, axis: Any = None) -> Array:
    return _exp(a) / np.sum(_exp(a), axis=axis, keepdims=True)


def _interp(x: Array, xp: Array, fp: Array) -> Array:
    def one(at: Any) -> Any:
        k = min(max(sum(bool(p <= at) for p in xp) - 1, 0), len(xp) - 2)
        t = min(max((at - xp[k]) / (xp[k + 1] - xp[k]), mp.mpf(0)), mp.mpf(1))
        return fp[k] + t * (fp[k + 1] - fp[k])

    return np.array([one(at) for at in x], dtype=object)


def _signed(columns: Array, by: Array) -> Array:
    """Columns with the signs that make the largest element of each column of `by` positive."""
    signs = [mp.sign(max(column, key=abs)) for column in by.T]
    return columns * np.array(signs, dtype=object)


def _eigenvectors(a: Array) -> Array:
    v = _array(mp.eigsy(_matrix((a + a.T) / 2))[1])
    return _signed(v, v)


def _singular_vectors(a: Array, right: bool = False) -> Array:
    u, _, v = mp.svd_r(_matrix(a))
    return _signed(_array(v.T if right else u), _array(u))


def _conv2d(x: Array, w: Array) -> Array:
    rows, columns = (n - m + 1 for n, m in zip(x.shape, w.shape))
    under = [[np.sum(x[i : i + len(w), j : j + w.shape[1]] * w) for j in range(columns)] for i in range(rows)]
    return np.array(under, dtype=object)


_NUMPY = SimpleNamespace(
    **{
        name: getattr(np, name)
        for name in "matmul sum stack reshape concatenate prod cumsum cumprod mean max min sort flip roll tile repeat "
        "dot outer cross kron trace diag tril triu polyval pad convolve".split()
    },
    var=_var, std=lambda a: _sqrt(_var(a)), quantile=_quantile, median=lambda a: _quantile(a, 0.5),
)  # fmt: skip
_LINALG = SimpleNamespace(
    solve=_solve,
    inv=lambda a: _array(mp.inverse(_matrix(a))),
    det=lambda a: mp.det(_matrix(a)),
    slogdet=lambda a: (None, mp.log(abs(mp.det(_matrix(a))))),
    cholesky=lambda a: _array(mp.cholesky(_matrix(a))),
    eigvalsh=lambda a: np.array(mp.eigsy(_matrix(a), eigvals_only=True).T.tolist()[0], dtype=object),
    norm=lambda a: _sqrt(np.sum(a * a)),
    matrix_power=lambda a, n: a @ a @ a,
)
EXACT: dict[str, Callable[..., Array]] = {
    **as_numpy(_NUMPY, _LINALG),
    "logsumexp(a)": _logsumexp,
    "logsumexp(a, axis=0)": lambda a: _logsumexp(a, 0),
    "softmax(a)": _softmax,
    "softmax(a, axis=0)": lambda a: _softmax(a, 0),
    "log_softmax(a, axis=0)": lambda a: a - _logsumexp(a, 0, True),
    "softmax_cross_entropy(a, b)": lambda a, b: np.sum(b * (_logsumexp(a) - a)),
    "expm(a)": lambda a: _array(mp.expm(_matrix(a))),
    "interp(a, [0, 1, 2], b)": lambda a, b: _interp(a, [0, 1, 2], b),
    # What no peer spells
    "softmax_cross_entropy_at(a, 2)": lambda a: _logsumexp(a) - a[2],
    "centred(a)": lambda a: a - np.mean(a),
    "quantile(a, b)": _quantile,
    "sym(a)": lambda a: (a + a.T) / 2,
    "quad_form(a, b)": lambda a, b: a @ b @ a,
    "tri_solve(a, b)": lambda a, b: _solve(np.tril(a), b),
    "eigh_vectors(a)": _eigenvectors,
    "svdvals(a)": lambda a: np.array(mp.svd_r(_matrix(a), compute_uv=False).T.tolist()[0], dtype=object),
    "svd_left(a)": _singular_vectors,
    "svd_right(a)": lambda a: _singular_vectors(a, right=True),
    "linspace(a, b, 5)": lambda a, b: np.array([a + (b - a) * k / 4 for k in range(5)], dtype=object),
    "interp(a, b, c)": _interp,
    "polyder(a)": lambda a: a[:-1] * np.arange(len(a) - 1, 0, -1),
    "conv2d(a, b)": _conv2d,
}


def exactly(a: Array) -> Array:
    """A NumPy array of floats as one of mpmath's numbers."""
    with np.errstate(all="ignore"):
        return np.frompyfunc(mp.mpf, 1, 1)(np.asarray(a, dtype=object)) if np.ndim(a) else mp.mpf(float(a))


class Exact:
    """A program at a point: its value and derivatives, as `peer_ops.Means` gives them; None if nothing says."""

    def __init__(self, text: str, args: Sequence[Array]) -> None:
        self.f, self.args = EXACT.get(text), [exactly(a) for a in args]

    def _at(self, moves: dict[int, Array]) -> Array:
        return self.f(*(a + moves[k] if k in moves else a for k, a in enumerate(self.args)))  # type: ignore[misc]

    def _along(self, tangents: dict[int, Array]) -> Array:
        up, down = (self._at({k: s * STEP * exactly(t) for k, t in tangents.items()}) for s in (1, -1))
        return (up - down) / (2 * STEP)

    def value(self) -> Array | None:
        return self._tried(lambda: self._at({}))

    def push(self, tangents: dict[int, Array]) -> Array | None:
        return self._tried(lambda: self._along(tangents))

    def pull(self, g: Array, i: int) -> Array | None:
        weights = exactly(g)
        return self._tried(lambda: self._each(i, lambda e: np.sum(weights * self._along({i: e}))))

    def bend(self, g: Array, tangents: dict[int, Array], i: int) -> Array | None:
        """The mixed second difference along an element of the i-th argument and the tangents."""
        weights, moves = exactly(g), {k: STEP * exactly(t) for k, t in tangents.items()}

        def one(e: Array) -> Any:
            total: Any = 0
            for s in (1, -1):
                for t in (1, -1):
                    at = {k: t * m for k, m in moves.items()}
                    at[i] = at.get(i, 0) + s * STEP * e
                    total += s * t * np.sum(weights * self._at(at))
            return total / (4 * STEP * STEP)

        return self._tried(lambda: self._each(i, one))

    def _each(self, i: int, of: Callable[[Array], Any]) -> Array:
        shape = np.shape(self.args[i])
        found = np.empty(shape, dtype=object)
        for place in np.ndindex(*shape):
            e = exactly(np.zeros(shape))
            e[place] = mp.mpf(1)
            found[place] = of(e)
        return found

    def _tried(self, of: Callable[[], Array]) -> Array | None:
        if self.f is None:
            return None
        with mp.workdps(DIGITS):
            try:
                return np.asarray(of(), dtype=object)
            except (ArithmeticError, ValueError, TypeError, AttributeError, RuntimeError):  # the last: no convergence
                return None


class Jet:
    """A program at a point: its value and all its derivatives of two orders, as mpmath's numbers.

    y       [m]: the elements of the value, in a row
    x       [n]: those of all arguments, one argument after the other
    slopes  [m, n]: the derivatives of y in x
    bends   [m, n, n]: those of second order
    """

    def __init__(self, text: str, args: Sequence[Array]) -> None:
        """Raises what mpmath raises where the program has no value at or beside the point."""
        f, shapes = EXACT[text], [np.shape(a) for a in args]
        self.places = np.split(np.arange(sum(map(np.size, args))), np.cumsum([np.size(a) for a in args])[:-1])

        def at(*moved: int) -> Array:
            x = self.x.copy()
            for j in moved:
                x[j] += JET_STEP
            parts = [x[k].reshape(shape) if shape else x[k[0]] for k, shape in zip(self.places, shapes)]
            return np.asarray(f(*parts), dtype=object).ravel()

        with mp.workdps(JET_DIGITS):
            self.x = np.concatenate([np.atleast_1d(exactly(a)).ravel() for a in args])
            n = len(self.x)
            self.y, beside = at(), [at(j) for j in range(n)]
            self.slopes = np.array([(up - self.y) / JET_STEP for up in beside], dtype=object).T
            self.bends = np.empty((len(self.y), n, n), dtype=object)
            for j in range(n):
                for k in range(j + 1):
                    second = (at(j, k) - beside[j] - beside[k] + self.y) / JET_STEP**2
                    self.bends[:, j, k] = self.bends[:, k, j] = second
