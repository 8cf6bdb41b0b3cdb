"""What is exact of programs over arrays: their values at hundreds of digits, and differences of those.

The programs are those of `peer_ops.as_numpy`, with NumPy's arrays of mpmath's numbers for arrays. A derivative is a
central difference with a step of 1e-60: it knows no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import mpmath as mp
import numpy as np
from peer_ops import as_numpy

Array = Any
DIGITS, STEP = 300, mp.mpf(10) ** -60


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
}


def exactly(a: Array) -> Array:
    """A NumPy array of floats as one of mpmath's numbers."""
    with np.errstate(all="ignore"):
        return np.frompyfunc(mp.mpf, 1, 1)(np.asarray(a, dtype=object)) if np.ndim(a) else mp.mpf(float(a))


class Exact:
    """A program at a point: its value and derivatives, as `peer_ops.Means` gives them; None where nothing says."""

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
            except (ArithmeticError, ValueError, TypeError, AttributeError):
                return None
