"""The ops of other libraries, spelled as they spell them, with values and derivatives of their own in float64.

A peer's elementwise op goes by the row's name or one of its aliases, where the peer has a function so called; `spelled`
holds the rest. `calls` holds programs over arrays, by their text in wengert's language: those that are spelled alike
everywhere stand in `as_numpy`, and a peer writes what it spells in a way of its own. A derivative is the peer's own, by
its own means, in its own two modes.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial, reduce
from typing import Any, NamedTuple

import numpy as np

from wengert.ops import OPS

Array = Any
Function = Callable[..., Any]
Partials = list["Array | None"]


class Means(NamedTuple):
    """How a library is asked. f is a function of its own arrays; args, adjoints and tangents are NumPy's.

    value  (f, args): what f answers
    pull   (f, args, g, i): the adjoint of the i-th argument from that of the value, in reverse mode
    push   (f, args, tangents): the tangent of the value, in forward mode; `tangents` go by the argument's place
    bend   (f, args, g, tangents, i): the derivative of `pull` along the tangents
    """

    value: Callable[..., Array]
    pull: Callable[..., Array]
    push: Callable[..., Array]
    bend: Callable[..., Array]


class Peer(NamedTuple):
    """Another library: the places where its functions are, what they are called there, and how it is asked."""

    name: str
    version: str
    spaces: Sequence[Any]
    spelled: dict[str, Function | None]
    calls: dict[str, Function]
    means: Means

    def spellings(self, op: str) -> Iterator[Function]:
        if op in self.spelled:
            if (function := self.spelled[op]) is not None:
                yield function
            return
        for space in self.spaces:
            for word in (op, *OPS[op].aliases):
                function = getattr(space, word, None)
                if callable(function):
                    yield function

    def function(self, op: str, columns: list[Array]) -> Function | None:
        """The spelling of an elementwise op that has most derivatives at these columns; None if there is none."""
        best: tuple[int, Function] | None = None
        for function in self.spellings(op):
            with quiet():
                try:
                    shape = np.shape(self.means.value(function, columns))
                except Exception:  # whatever a library says when it cannot
                    continue
                if shape == np.shape(columns[0]):
                    missing = sum(p is None for p in self.partials(function, columns))
                    if best is None or missing < best[0]:
                        best = missing, function
        return best[1] if best else None

    def partials(self, function: Function, columns: list[Array]) -> Partials:
        g = np.ones(np.shape(columns[0]))
        return [self.tried(self.means.pull, function, columns, g, i) for i in range(len(columns))]

    def tried(self, mean: Function, *args: Any) -> Array | None:
        """What one of the means answers, in float64; None if the library cannot."""
        with quiet(), contextlib.suppress(Exception):
            return np.array(mean(*args), dtype=float)
        return None

    def answers(self, op: str, points: list[tuple[float, ...]]) -> tuple[Array, Partials] | None:
        """Values and partials of an elementwise op at points, None if the peer has no such op."""
        columns = [np.array(column) for column in zip(*points)]
        function = self.function(op, columns)
        if function is None:
            return None
        values = self.tried(self.means.value, function, columns)
        assert values is not None
        return values, self.partials(function, columns)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """No warnings, of overflow and the like."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def as_numpy(m: Any, linalg: Any) -> dict[str, Function]:
    """Programs over arrays that JAX, PyTorch and autograd spell as NumPy does; a name that one lacks fails there."""
    return {
        "a @ b": lambda a, b: m.matmul(a, b),
        "a.T @ b": lambda a, b: m.matmul(a.T, b),
        "a.T": lambda a: a.T,
        "sum(a)": lambda a: m.sum(a),
        "sum(a, axis=0)": lambda a: m.sum(a, axis=0),
        "sum(a, axis=1, keepdims=1)": lambda a: m.sum(a, axis=1, keepdims=True),
        "a - sum(a, axis=0)": lambda a: a - m.sum(a, axis=0),
        "a*b": lambda a, b: a * b,
        "a/(1 + b^2)": lambda a, b: a / (1 + b**2),
        "[a[0]*a[1], a[2]]": lambda a: m.stack([a[0] * a[1], a[2]]),
        "a[1:]*a[:-1]": lambda a: a[1:] * a[:-1],
        "reshape(a, [4, 3])": lambda a: m.reshape(a, (4, 3)),
        "concatenate(a, b)": lambda a, b: m.concatenate([a, b]),
        "prod(a)": lambda a: m.prod(a),
        "prod(a, axis=0)": lambda a: m.prod(a, axis=0),
        "cumsum(a, axis=0)": lambda a: m.cumsum(a, axis=0),
        "cumprod(a, axis=0)": lambda a: m.cumprod(a, axis=0),
        "mean(a)": lambda a: m.mean(a),
        "mean(a, axis=1)": lambda a: m.mean(a, axis=1),
        "var(a)": lambda a: m.var(a),
        "var(a, axis=0, ddof=1)": lambda a: m.var(a, axis=0, ddof=1),
        "std(a)": lambda a: m.std(a),
        "max(a)": lambda a: m.max(a),
        "min(a)": lambda a: m.min(a),
        "sort(a)": lambda a: m.sort(a),
        "median(a)": lambda a: m.median(a),
        "quantile(a, 0.3)": lambda a: m.quantile(a, 0.3),
        "flip(a)": lambda a: m.flip(a),
        "roll(a, 1)": lambda a: m.roll(a, 1),
        "tile(a, 2)": lambda a: m.tile(a, 2),
        "repeat(a, 2)": lambda a: m.repeat(a, 2),
        "stack(a, b)": lambda a, b: m.stack([a, b]),
        "pad(a, 1)": lambda a: m.pad(a, 1),
        "convolve(a, b)": lambda a, b: m.convolve(a, b),
        "polyval(a, b)": lambda a, b: m.polyval(a, b),
        "interp(a, [0, 1, 2], b)": lambda a, b: m.interp(a, m.array([0.0, 1.0, 2.0]), b),
        "dot(a, b)": lambda a, b: m.dot(a, b),
        "outer(a, b)": lambda a, b: m.outer(a, b),
        "cross(a, b)": lambda a, b: m.cross(a, b),
        "kron(a, b)": lambda a, b: m.kron(a, b),
        "trace(a)": lambda a: m.trace(a),
        "diag(a)": lambda a: m.diag(a),
        "tril(a)": lambda a: m.tril(a),
        "triu(a)": lambda a: m.triu(a),
        "solve(a, b)": lambda a, b: linalg.solve(a, b),
        "inv(a)": lambda a: linalg.inv(a),
        "det(a)": lambda a: linalg.det(a),
        "slogdet(a)": lambda a: linalg.slogdet(a)[1],
        "logdet(a)": lambda a: linalg.slogdet(a)[1],
        "cholesky((a + a.T)/2)": lambda a: linalg.cholesky((a + a.T) / 2),
        "eigvalsh((a + a.T)/2)": lambda a: linalg.eigvalsh((a + a.T) / 2),
        "pinv(a)": lambda a: linalg.pinv(a),
        "norm(a)": lambda a: linalg.norm(a),
        "matrix_power(a, 3)": lambda a: linalg.matrix_power(a, 3),
    }


def by_jax() -> Peer:
    import jax
    import jax.numpy as jnp
    import jax.scipy.special as special

    jax.config.update("jax_enable_x64", True)

    def of_one(function: Function, args: list[Array], i: int) -> Function:
        return lambda a: function(*args[:i], a, *args[i + 1 :])

    def pull(f: Function, args: list[Array], g: Array, i: int) -> Array:
        held = [jnp.asarray(a) for a in args]
        return jax.vjp(of_one(f, held, i), held[i])[1](jnp.asarray(g))[0]

    def along(f: Function, args: list[Array], tangents: dict[int, Array]) -> tuple[Array, Array]:
        held = [jnp.asarray(a) for a in args]

        def moving(*moved: Array) -> Array:
            given = dict(zip(tangents, moved))
            return f(*(given.get(k, a) for k, a in enumerate(held)))

        places = tuple(held[k] for k in tangents)
        return jax.jvp(moving, places, tuple(jnp.asarray(t) for t in tangents.values()))

    means = Means(
        value=lambda f, args: f(*map(jnp.asarray, args)),
        pull=pull,
        push=lambda f, args, tangents: along(f, args, tangents)[1],
        bend=lambda f, args, g, tangents, i: along(lambda *a: pull(f, list(a), g, i), args, tangents)[1],
    )
    spelled: dict[str, Any] = {
        "max": lambda *a: reduce(jnp.maximum, a), "min": lambda *a: reduce(jnp.minimum, a),
        "where": lambda c, a, b: jnp.where(c != 0, a, b), "trunc": jnp.trunc,
        "gelu": partial(jax.nn.gelu, approximate=False), "softsign": jax.nn.soft_sign,
        "trigamma": lambda a: special.polygamma(1, a),
        "polygamma": lambda n, a: jnp.where(n == jnp.floor(n), special.polygamma(n.astype(int), a), jnp.nan),
        "xlogx": lambda a: -special.entr(a),
        "softshare": lambda a, b: jax.nn.softmax(jnp.stack([a, b]), axis=0)[0], "normpdf": jax.scipy.stats.norm.pdf,
        "erfcinv": None, "k0": None, "k1": None,
        "stop_gradient": jax.lax.stop_gradient,
    }  # fmt: skip
    calls = {
        **as_numpy(jnp, jnp.linalg),
        "logsumexp(a)": lambda a: special.logsumexp(a),
        "logsumexp(a, axis=0)": lambda a: special.logsumexp(a, axis=0),
        "softmax(a)": lambda a: jax.nn.softmax(a, axis=None),
        "softmax(a, axis=0)": lambda a: jax.nn.softmax(a, axis=0),
        "log_softmax(a, axis=0)": lambda a: jax.nn.log_softmax(a, axis=0),
        "softmax_cross_entropy(a, b)": lambda a, b: -jnp.sum(b * jax.nn.log_softmax(a)),
        "expm(a)": lambda a: jax.scipy.linalg.expm(a),
    }
    return Peer("JAX", jax.__version__, (jnp, jax.nn, special), spelled, calls, means)


def by_torch() -> Peer:
    import torch
    from torch.nn import functional

    def tensors(args: Sequence[Array]) -> list[Array]:
        return [torch.tensor(a, dtype=torch.float64) for a in args]

    def pull(f: Function, args: list[Array], g: Array, i: int) -> Array:
        held = tensors(args)
        held[i].requires_grad_(True)
        (slope,) = torch.autograd.grad(f(*held), held[i], torch.tensor(g), allow_unused=True, materialize_grads=True)
        return slope

    def push(f: Function, args: list[Array], tangents: dict[int, Array]) -> Array:
        held = tensors(args)

        def moving(*moved: Array) -> Array:
            given = dict(zip(tangents, moved))
            return f(*(given.get(k, a) for k, a in enumerate(held)))

        return torch.func.jvp(moving, tuple(held[k] for k in tangents), tuple(tensors(list(tangents.values()))))[1]

    def bend(f: Function, args: list[Array], g: Array, tangents: dict[int, Array], i: int) -> Array:
        held = [a.requires_grad_(k in tangents or k == i) for k, a in enumerate(tensors(args))]
        moving = [held[k] for k in tangents]
        slopes = torch.autograd.grad(
            f(*held), moving, torch.tensor(g), create_graph=True, allow_unused=True, materialize_grads=True
        )
        along = sum((s * torch.tensor(t)).sum() for s, t in zip(slopes, tangents.values()))
        if not along.requires_grad:
            return torch.zeros_like(held[i])
        return torch.autograd.grad(along, held[i], allow_unused=True, materialize_grads=True)[0]

    means = Means(lambda f, args: f(*tensors(args)).detach().numpy(), pull, push, bend)
    spelled: dict[str, Any] = {
        "max": lambda *a: reduce(torch.maximum, a), "min": lambda *a: reduce(torch.minimum, a),
        "where": lambda c, a, b: torch.where(c != 0, a, b),
        "log_sigmoid": functional.logsigmoid, "trigamma": lambda a: torch.polygamma(1, a),
        "polygamma": None,  # its order is one whole number, not an array
        "xlogx": lambda a: -torch.special.entr(a), "softshare": lambda a, b: torch.softmax(torch.stack([a, b]), 0)[0],
        "i0": torch.special.i0, "i1": torch.special.i1, "j0": torch.special.bessel_j0, "j1": torch.special.bessel_j1,
        "y0": torch.special.bessel_y0, "y1": torch.special.bessel_y1,
        "k0": torch.special.modified_bessel_k0, "k1": torch.special.modified_bessel_k1,
        "elu": None, "leaky_relu": None,  # their second argument is one number, not an array
    }  # fmt: skip
    calls = {
        **as_numpy(torch, torch.linalg),
        "var(a)": lambda a: torch.var(a, correction=0),
        "var(a, axis=0, ddof=1)": lambda a: torch.var(a, dim=0, correction=1),
        "std(a)": lambda a: torch.std(a, correction=0),
        "max(a)": lambda a: torch.amax(a), "min(a)": lambda a: torch.amin(a),
        "sort(a)": lambda a: torch.sort(a)[0],
        "median(a)": lambda a: torch.quantile(a, 0.5),
        "flip(a)": lambda a: torch.flip(a, (0,)),
        "tile(a, 2)": lambda a: torch.tile(a, (2,)),
        "repeat(a, 2)": lambda a: torch.repeat_interleave(a, 2),
        "pad(a, 1)": lambda a: functional.pad(a, (1, 1)),
        "logsumexp(a)": lambda a: torch.logsumexp(a, 0),
        "logsumexp(a, axis=0)": lambda a: torch.logsumexp(a, 0),
        "softmax(a)": lambda a: torch.softmax(a, 0),
        "softmax(a, axis=0)": lambda a: torch.softmax(a, 0),
        "log_softmax(a, axis=0)": lambda a: torch.log_softmax(a, 0),
        "softmax_cross_entropy(a, b)": lambda a, b: functional.cross_entropy(a, b),
        "expm(a)": lambda a: torch.matrix_exp(a),
    }  # fmt: skip
    return Peer("PyTorch", torch.__version__, (torch, torch.special, functional), spelled, calls, means)


def by_autograd() -> Peer:
    import autograd
    import autograd.numpy as anp
    import autograd.scipy.special as special
    import autograd.scipy.stats.norm as norm

    def pull(f: Function, args: Sequence[Array], g: Array, i: int) -> Array:
        return autograd.make_vjp(f, i)(*args)[0](g)

    def push(f: Function, args: Sequence[Array], tangents: dict[int, Array]) -> Array:
        return sum(autograd.make_jvp(f, k)(*args)(t)[1] for k, t in tangents.items())

    def bend(f: Function, args: Sequence[Array], g: Array, tangents: dict[int, Array], i: int) -> Array:
        def along(*a: Array) -> Array:
            return sum(anp.sum(pull(f, a, g, k) * t) for k, t in tangents.items())

        return autograd.grad(along, i)(*args)

    spelled: dict[str, Any] = {
        "max": lambda *a: reduce(anp.maximum, a), "min": lambda *a: reduce(anp.minimum, a),
        "where": lambda c, a, b: anp.where(c != 0, a, b), "trigamma": lambda a: special.polygamma(1, a),
        "polygamma": None, "normpdf": norm.pdf, "ndtr": norm.cdf,
    }  # fmt: skip
    calls = {
        **as_numpy(anp, anp.linalg),
        "logsumexp(a)": lambda a: special.logsumexp(a),
        "logsumexp(a, axis=0)": lambda a: special.logsumexp(a, axis=0),
    }
    means = Means(lambda f, args: f(*args), pull, push, bend)
    version = importlib.metadata.version("autograd")
    return Peer("autograd", version, (anp, special), spelled, calls, means)


def by_casadi() -> Peer:
    import casadi as ca

    def graph(f: Function, args: Sequence[Array]) -> tuple[list[Any], Any]:
        shapes = [(*np.shape(a), 1, 1)[:2] for a in args]
        inputs = [ca.SX.sym(f"x{k}", *shape) for k, shape in enumerate(shapes)]
        return inputs, ca.SX(f(*inputs))

    def computed(inputs: list[Any], args: Sequence[Array], y: Any, like: Array | None) -> Array:
        found = np.array(ca.Function("f", inputs, [y])(*(ca.DM(np.asarray(a)) for a in args)))
        if like is not None:
            return found.reshape(np.shape(like))
        return found[:, 0] if found.shape[1] == 1 and found.shape[0] > 1 else found if found.size > 1 else found[0, 0]

    def adjoint(y: Any, g: Array) -> Any:
        return ca.dot(ca.SX(ca.DM(np.asarray(g).reshape(y.shape))), y)

    def slope(y: Any, x: Any, t: Array) -> Any:
        """The tangent of y along that of x."""
        return ca.jtimes(y, x, ca.SX(ca.DM(np.asarray(t).reshape(x.shape))))

    def pull(f: Function, args: Sequence[Array], g: Array, i: int) -> Array:
        inputs, y = graph(f, args)
        return computed(inputs, args, ca.gradient(adjoint(y, g), inputs[i]), args[i])

    def push(f: Function, args: Sequence[Array], tangents: dict[int, Array]) -> Array:
        inputs, y = graph(f, args)
        return computed(inputs, args, sum(slope(y, inputs[k], t) for k, t in tangents.items()), None)

    def bend(f: Function, args: Sequence[Array], g: Array, tangents: dict[int, Array], i: int) -> Array:
        inputs, y = graph(f, args)
        along = sum(slope(adjoint(y, g), inputs[k], t) for k, t in tangents.items())
        return computed(inputs, args, ca.gradient(along, inputs[i]), args[i])

    def value(f: Function, args: Sequence[Array]) -> Array:
        inputs, y = graph(f, args)
        return computed(inputs, args, y, None)

    def each(f: Function) -> Function:
        return lambda *a: ca.vertcat(*(f(*(x[k] for x in a)) for k in range(a[0].numel())))

    spelled: dict[str, Any] = {
        "square": lambda a: a**2, "max": lambda *a: reduce(ca.fmax, a), "min": lambda *a: reduce(ca.fmin, a),
        "where": lambda c, a, b: ca.if_else(c != 0, a, b),
        "neg": lambda a: -a, "div": ca.rdivide, "logaddexp": each(lambda a, b: ca.logsumexp(ca.vertcat(a, b))),
        "mod": None,  # its remainder is IEEE's
        "clip": lambda a, lo, hi: ca.fmin(ca.fmax(a, lo), hi),
    }  # fmt: skip
    calls: dict[str, Function] = {
        "a @ b": ca.mtimes, "a.T @ b": lambda a, b: a.T @ b, "a.T": lambda a: a.T,
        "sum(a)": lambda a: ca.sum(ca.vec(a)), "sum(a, axis=0)": lambda a: ca.sum1(a).T,
        "sum(a, axis=1, keepdims=1)": ca.sum2,
        "a*b": lambda a, b: a * b, "a/(1 + b^2)": lambda a, b: a / (1 + b**2),
        "[a[0]*a[1], a[2]]": lambda a: ca.vertcat(a[0] * a[1], a[2]), "a[1:]*a[:-1]": lambda a: a[1:] * a[:-1],
        "concatenate(a, b)": ca.vertcat,
        "reshape(a, [4, 3])": lambda a: ca.reshape(a.T, 3, 4).T,
        "cumsum(a, axis=0)": lambda a: ca.cumsum(a, 0),
        "mean(a)": lambda a: ca.sum(ca.vec(a)) / a.numel(),
        "max(a)": ca.mmax, "min(a)": ca.mmin, "logsumexp(a)": lambda a: ca.logsumexp(ca.vec(a)),
        "dot(a, b)": ca.dot, "outer(a, b)": lambda a, b: a @ b.T, "cross(a, b)": ca.cross, "kron(a, b)": ca.kron,
        "trace(a)": ca.trace, "diag(a)": ca.diag, "tril(a)": ca.tril, "triu(a)": ca.triu,
        "solve(a, b)": ca.solve, "inv(a)": ca.inv, "det(a)": ca.det,
        "cholesky((a + a.T)/2)": lambda a: ca.chol((a + a.T) / 2).T,
        "pinv(a)": ca.pinv, "norm(a)": lambda a: ca.norm_2(ca.vec(a)), "matrix_power(a, 3)": lambda a: a @ a @ a,
        "polyval(a, b)": ca.polyval, "repeat(a, 2)": lambda a: ca.kron(a, ca.DM.ones(2)),
        "stack(a, b)": lambda a, b: ca.horzcat(a, b).T,
    }  # fmt: skip
    return Peer("CasADi", ca.__version__, (ca,), spelled, calls, Means(value, pull, push, bend))


PEERS = {"jax": by_jax, "torch": by_torch, "autograd": by_autograd, "casadi": by_casadi}


def installed() -> list[Peer]:
    """The peers that this Python has."""
    return [make() for name, make in PEERS.items() if importlib.util.find_spec(name)]
