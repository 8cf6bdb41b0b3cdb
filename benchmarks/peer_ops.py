"""The ops of other libraries, spelled as they spell them, with values and derivatives of their own in float64.

A peer's op goes by the row's name or one of its aliases, where the peer has a function so called; the tables below hold
the rest. A derivative is the peer's own: `jax.grad`, `torch.autograd`, `autograd.elementwise_grad`, `casadi.gradient`.
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

Column = Any
Partials = list["Column | None"]


class Peer(NamedTuple):
    """Another library: the places where its functions are, what they are called there, and how it is asked.

    ask   from a function and columns of arguments to its values and its partials; None for one it does not have
    """

    name: str
    version: str
    spaces: Sequence[Any]
    spelled: dict[str, Callable[..., Any] | None]
    ask: Callable[[Callable[..., Any], list[Column]], tuple[Column, Partials]]

    def spellings(self, op: str) -> Iterator[Callable[..., Any]]:
        if op in self.spelled:
            if (function := self.spelled[op]) is not None:
                yield function
            return
        for space in self.spaces:
            for word in (op, *OPS[op].aliases):
                function = getattr(space, word, None)
                if callable(function):
                    yield function

    def answers(self, op: str, points: list[tuple[float, ...]]) -> tuple[Column, Partials] | None:
        """Values and partials of an op at points, None where the peer has no such op or no such derivative."""
        columns = [np.array(column) for column in zip(*points)]
        best: tuple[Column, Partials] | None = None
        for function in self.spellings(op):
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                try:
                    values, partials = self.ask(function, columns)
                except Exception:  # whatever a library says when it cannot
                    continue
            if best is None or sum(p is None for p in partials) < sum(p is None for p in best[1]):
                best = values, partials
        return best


def _each(ask: Callable[[int], Column], n: int) -> Partials:
    found: Partials = []
    for i in range(n):
        found.append(None)
        with contextlib.suppress(Exception):
            found[i] = np.asarray(ask(i), dtype=float)
    return found


def by_jax() -> Peer:
    import jax
    import jax.numpy as jnp
    import jax.scipy.special as special

    jax.config.update("jax_enable_x64", True)

    def ask(function: Any, columns: list[Column]) -> tuple[Column, Partials]:
        values = np.asarray(jax.vmap(function)(*columns), dtype=float)
        return values, _each(lambda i: jax.vmap(jax.grad(function, argnums=i))(*columns), len(columns))

    spelled: dict[str, Any] = {
        "max": lambda *a: reduce(jnp.maximum, a), "min": lambda *a: reduce(jnp.minimum, a),
        "where": lambda c, a, b: jnp.where(c != 0, a, b),
        "gelu": partial(jax.nn.gelu, approximate=False), "softsign": jax.nn.soft_sign,
        "trigamma": lambda a: special.polygamma(1, a), "xlogx": lambda a: -special.entr(a),
        "softshare": lambda a, b: jax.nn.softmax(jnp.stack([a, b]))[0], "normpdf": jax.scipy.stats.norm.pdf,
    }  # fmt: skip
    return Peer("JAX", jax.__version__, (jnp, jax.nn, special), spelled, ask)


def by_torch() -> Peer:
    import torch
    from torch.nn import functional

    def ask(function: Any, columns: list[Column]) -> tuple[Column, Partials]:
        tensors = [torch.tensor(c, dtype=torch.float64, requires_grad=True) for c in columns]
        y = function(*tensors)
        slopes = _each(lambda i: torch.autograd.grad(y.sum(), tensors[i], retain_graph=True)[0], len(columns))
        return y.detach().numpy(), slopes

    spelled: dict[str, Any] = {
        "max": lambda *a: reduce(torch.maximum, a), "min": lambda *a: reduce(torch.minimum, a),
        "where": lambda c, a, b: torch.where(c != 0, a, b),
        "log_sigmoid": functional.logsigmoid, "trigamma": lambda a: torch.polygamma(1, a), "polygamma": None,
        "xlogx": lambda a: -torch.special.entr(a), "softshare": lambda a, b: torch.softmax(torch.stack([a, b]), 0)[0],
    }  # fmt: skip
    return Peer("PyTorch", torch.__version__, (torch, torch.special, functional), spelled, ask)


def by_autograd() -> Peer:
    import autograd
    import autograd.numpy as anp
    import autograd.scipy.special as special
    import autograd.scipy.stats.norm as norm

    def ask(function: Any, columns: list[Column]) -> tuple[Column, Partials]:
        slopes = _each(lambda i: autograd.elementwise_grad(function, i)(*columns), len(columns))
        return np.asarray(function(*columns), dtype=float), slopes

    spelled: dict[str, Any] = {
        "max": lambda *a: reduce(anp.maximum, a), "min": lambda *a: reduce(anp.minimum, a),
        "where": lambda c, a, b: anp.where(c != 0, a, b), "trigamma": lambda a: special.polygamma(1, a),
        "polygamma": None, "normpdf": norm.pdf, "ndtr": norm.cdf,
    }  # fmt: skip
    return Peer("autograd", importlib.metadata.version("autograd"), (anp, special), spelled, ask)


def by_casadi() -> Peer:
    import casadi

    def ask(function: Any, columns: list[Column]) -> tuple[Column, Partials]:
        inputs = [casadi.SX.sym(f"x{i}") for i in range(len(columns))]
        y = function(*inputs)
        both = casadi.Function("f", inputs, [y, *(casadi.gradient(y, x) for x in inputs)])
        values, *slopes = both.map(len(columns[0]))(*[casadi.DM(c).T for c in columns])
        return np.array(values).ravel(), [np.array(s).ravel() for s in slopes]

    spelled: dict[str, Any] = {
        "square": lambda a: a**2, "max": lambda *a: reduce(casadi.fmax, a), "min": lambda *a: reduce(casadi.fmin, a),
        "where": lambda c, a, b: casadi.if_else(c != 0, a, b),
        "neg": lambda a: -a, "div": casadi.rdivide, "logaddexp": lambda a, b: casadi.logsumexp(casadi.vertcat(a, b)),
        "mod": None,  # its remainder is IEEE's
        "clip": lambda a, lo, hi: casadi.fmin(casadi.fmax(a, lo), hi),
    }  # fmt: skip
    return Peer("CasADi", casadi.__version__, (casadi,), spelled, ask)


PEERS = {"jax": by_jax, "torch": by_torch, "autograd": by_autograd, "casadi": by_casadi}


def installed() -> list[Peer]:
    """The peers that this Python has."""
    return [make() for name, make in PEERS.items() if importlib.util.find_spec(name)]
