"""Arguments for the ops that work on arrays as wholes: for every row, calls with arguments at which it is smooth.

A call is the op's string and its arguments: a shape stands for an array of distinct numbers, well apart, in it; what
must be of another kind (places, classes, knots) is a function of a random generator. A number stands for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

Argument = Any


class Call(NamedTuple):
    """An op's string and its arguments."""

    op: str
    args: tuple[Any, ...]

    @property
    def id(self) -> str:
        return f"{self.op}({', '.join('x'.join(map(str, np.shape(a))) or 'number' for a in self.args)})"


def apart(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Numbers of both signs, no two closer than a quarter, none closer to 0 than an eighth."""
    n = int(np.prod(shape))
    order = rng.permutation(n)
    found = (order - n // 2) * 0.5 + 0.25 + rng.uniform(-0.1, 0.1, n)
    return found.reshape(shape) if shape else float(found[0])


def places(n: int, *shape: int) -> Callable[[np.random.Generator], Any]:
    return lambda rng: np.asarray(rng.integers(-n, n, shape), dtype=float) if shape else float(rng.integers(0, n))


def orders(n: int, *lines: int) -> Callable[[np.random.Generator], Any]:
    return lambda rng: np.argsort(rng.random((*lines, n)), axis=-1).astype(float)


def between(low: float, high: float, *shape: int) -> Callable[[np.random.Generator], Any]:
    return lambda rng: rng.uniform(low, high, shape) if shape else float(rng.uniform(low, high))


def rising(n: int) -> Callable[[np.random.Generator], Any]:
    return lambda rng: np.arange(n) + rng.uniform(-0.2, 0.2, n)


def inside(n: int, *shape: int) -> Callable[[np.random.Generator], Any]:
    """Places between knots that `rising` makes, or outside; some are 0.3 from one at least."""
    return lambda rng: rng.integers(-1, n, shape) + rng.uniform(0.45, 0.55, shape)


def tied(rng: np.random.Generator) -> Any:
    """Three rising lines of four numbers, with equal ones among them."""
    return np.sort(rng.integers(0, 3, (3, 4)), axis=-1).astype(float)


V, M, T = (5,), (3, 4), (2, 3, 2)
REDUCED = ("", "[axis=0]", "[axis=-1,keepdims=1]", "[axis=[0,1]]")


def reductions(*names: str) -> dict[str, list[tuple[str, tuple[Argument, ...]]]]:
    return {name: [("", (V,)), ("", ((),)), *((s, (M,)) for s in REDUCED), ("[axis=[0,2]]", (T,))] for name in names}


# Of every row, the statics and the arguments of its calls.
CALLS: dict[str, list[tuple[str, tuple[Argument, ...]]]] = {
    "array": [("", ((), ())), ("", (V, V)), ("", (M, M, M))],
    "concatenate": [("", (V, (2,))), ("[axis=1]", (M, (3, 2), M)), ("[axis=-1]", (M, (3, 0)))],
    "piece": [("", ((7,), V, (2,))), ("[axis=1,at=1]", ((3, 6), M, (3, 2)))],
    "index": [("[1]", (V,)), ("[-1,1:3]", (M,)), ("[::-2]", (V,)), ("[:,0]", (M,)), ("[1,2]", (M,)), ("[5:2]", (V,))],
    "scatter": [("[1]", (V, ())), ("[0|1:3|1]", (V, (), (2,), ())), ("[:,0]", (M, (3,)))],
    "take": [("", (V, places(5))), ("", (V, places(5, 2, 3))), ("[axis=1]", (M, places(4, 3))),
             ("[axis=-2]", (T, places(3)))],
    "put": [("", ((), places(5), V)), ("", ((2, 3), places(5, 2, 3), V)), ("[axis=1]", ((3, 3), places(4, 3), M))],
    "transpose": [("", (V,)), ("", (M,)), ("", (T,))],
    "reshape": [("[shape=[2,6]]", (M,)), ("[shape=-1]", (T,)), ("[shape=[4,-1]]", (M,)), ("[shape=[]]", ((1, 1),))],
    "reshape_like": [("", (M, (2, 6))), ("", (V, (5, 1)))],
    "zeros_like": [("", (M,)), ("", ((),))],
    "len": [("", (V,)), ("[axis=1]", (M,))],
    **reductions("sum", "amax", "amin", "prod", "mean", "logsumexp", "any", "all", "argmax", "argmin", "median"),
    "spread": [("", ((), M)), ("[axis=0]", ((4,), M)), ("[axis=1,keepdims=1]", ((3, 1), M)),
               ("[axis=[0,2]]", ((3,), T))],
    "sum_like": [("", (M, ())), ("", (M, (4,))), ("", (M, (3, 1))), ("", (T, (1, 3, 1))), ("", (M, M))],
    "spread_like": [("", ((), M)), ("", ((4,), M)), ("", ((3, 1), M)), ("", ((1, 3, 1), T)), ("", (M, M))],
    "matmul": [("", (V, V)), ("", (M, (4,))), ("", ((3,), M)), ("", (M, (4, 2)))],
    "matmul_t": [("", (V, V)), ("", (M, (2, 4))), ("", ((4,), M))],
    "t_matmul": [("", (V, V)), ("", (M, (3, 2))), ("", (M, (3,)))],
    # Placing
    "zeros": [("[shape=3]", ()), ("[shape=[2,3]]", ()), ("[shape=[]]", ())],
    "ones": [("[shape=3]", ()), ("[shape=[2,0]]", ())],
    "eye": [("[n=3]", ()), ("[n=2,m=3]", ())],
    "arange": [("[start=4]", ()), ("[start=1,stop=8,step=3]", ()), ("[start=5,stop=0,step=-2]", ()), ("[start=0]", ())],
    "full": [("[shape=[2,3]]", ((),)), ("[shape=[2,3]]", ((3,),)), ("[shape=[2,3]]", ((2, 1),))],
    "linspace": [("[n=4]", ((), ())), ("[n=3]", (V, V)), ("[n=1]", ((), ())), ("[n=2]", (V, ())), ("[n=0]", ((), ()))],
    "one_hot": [("[n=4]", (places(4),)), ("[n=4]", (places(4, 2, 3),))],
    "stack": [("", (V, V)), ("[axis=1]", (V, V, V)), ("[axis=-1]", (M, M)), ("", ((), ()))],
    "flatten": [("", (T,)), ("", ((),))],
    "expand_dims": [("[axis=0]", (V,)), ("[axis=[0,-1]]", (M,)), ("[axis=0]", ((),))],
    "squeeze": [("", ((1, 3, 1),)), ("[axis=0]", ((1, 3, 1),)), ("[axis=[0,-1]]", ((1, 3, 1),))],
    "swapaxes": [("[axis1=0,axis2=-1]", (T,)), ("[axis1=0,axis2=0]", (V,))],
    "moveaxis": [("[source=0,destination=-1]", (T,)), ("[source=[0,2],destination=[1,0]]", (T,))],
    "permute": [("[order=[2,0,1]]", (T,)), ("[order=[-1,0,-2]]", (T,)), ("[order=[1,0]]", (M,))],
    "lined": [("", (T,)), ("[axis=0]", (T,)), ("[axis=[2,0]]", (T,)), ("", ((),))],
    "unlined": [("", ((12,), T)), ("[axis=0]", ((3, 2, 2), T)), ("[axis=[2,0]]", ((3, 4), T))],
    "repeat": [("[repeats=2]", (M,)), ("[repeats=3,axis=1]", (M,)), ("[repeats=0]", (V,)),
               ("[repeats=2,axis=-1]", (T,))],
    "unrepeat": [("[repeats=2]", ((24,), M)), ("[repeats=3,axis=1]", ((3, 12), M))],
    "tile": [("[reps=2]", (V,)), ("[reps=[2,3]]", (V,)), ("[reps=2]", (T,)), ("[reps=[1,0]]", (M,))],
    "untile": [("[reps=2]", ((10,), V)), ("[reps=[2,3]]", ((2, 15), V)), ("[reps=2]", ((2, 3, 4), T))],
    "pad": [("[widths=1]", (M,)), ("[widths=[0,2]]", (V,)), ("[widths=[0,2]]", (M,)), ("[widths=[1,0,2,3]]", (M,))],
    "unpad": [("[widths=1]", (M,)), ("[widths=[0,2]]", (V,)), ("[widths=[1,0,2,1]]", (M,))],
    "flip": [("", (M,)), ("[axis=0]", (M,)), ("[axis=[0,-1]]", (T,))],
    "roll": [("[shift=2]", (M,)), ("[shift=-1,axis=1]", (M,)), ("[shift=[1,2],axis=[0,1]]", (M,)), ("[shift=7]", (V,))],
    "take_along_axis": [("", (M, orders(4, 3))), ("", (M, places(4, 3, 6))), ("[axis=0]", (M, places(3, 2, 4)))],
    "put_along_axis": [("", (M, orders(4, 3), M)), ("", ((3, 6), places(4, 3, 6), M)),
                       ("[axis=0]", ((2, 4), places(3, 2, 4), M))],
    "sort": [("", (V,)), ("", (M,)), ("[axis=0]", (T,))],
    "argsort": [("", (V,)), ("[axis=0]", (M,))],
    "share_runs": [("", (V, V)), ("", (M, tied))],
    "run_value": [(s, (M, tied)) for s in ("", "[last=1]")],
    "run_total": [(s, (M, tied)) for s in ("", "[last=1]")],
    "runs": [("", (V,))],
    # Reductions
    "product_before": [("", (V,)), ("", (M,))],
    "recur": [("", (V, V)), ("", (M, M))],
    "recur_back": [("", (V, V)), ("", (M, M))],
    "delayed": [("", (V,)), ("", (M,)), ("", ((3, 0),))],
    "advanced": [("", (V,)), ("", (M,)), ("", ((3, 0),))],
    "cumsum": [("", (V,)), ("", (M,)), ("[axis=0]", (M,)), ("[axis=-1]", (T,))],
    "cumprod": [("", (V,)), ("", (M,)), ("[axis=0]", (M,)), ("[axis=-1]", (T,))],
    "extent": [("", (M,)), ("[axis=0,ddof=1]", (M,))],
    "centred": [("", (M,)), ("[axis=0]", (M,)), ("[axis=[0,2]]", (T,))],
    "var": [("", (V,)), ("[ddof=1]", (M,)), ("[axis=0,keepdims=1]", (M,)), ("[axis=[0,2],ddof=1]", (T,))],
    "std": [("", (V,)), ("[ddof=1]", (M,)), ("[axis=0,keepdims=1]", (M,)), ("[axis=[0,2],ddof=1]", (T,))],
    "softmax": [("", (V,)), ("", (M,)), ("[axis=0]", (M,)), ("[axis=-1]", (M,)), ("[axis=[0,2]]", (T,))],
    "log_softmax": [("", (V,)), ("", (M,)), ("[axis=0]", (M,)), ("[axis=-1]", (M,)), ("[axis=[0,2]]", (T,))],
    "balance_largest": [("", (V, V)), ("[axis=0]", (M, M)), ("[axis=[0,2]]", (T, T))],
    "less_largest": [("", (V, V)), ("[axis=0]", (M, M)), ("[axis=[0,2]]", (T, T))],
    "softmax_cross_entropy": [("", (V, V)), ("", (M, M)), ("[axis=0,keepdims=1]", (M, M))],
    "softmax_cross_entropy_at": [("", (V, places(5))), ("", (M, places(4, 3))), ("[axis=0]", (M, places(3, 4)))],
    "quantile": [("", (V, between(0.3, 0.45))), ("[axis=0]", (M, between(0.1, 0.4))),
                 ("[axis=-1,keepdims=1]", (M, between(0.4, 0.6))), ("[axis=[0,2]]", (T, between(0.82, 0.95)))],
    "quantile_weights": [("", (between(0.3, 0.45), V)), ("", (between(0.1, 0.3), M))],
    "quantile_slopes": [("", (between(0.3, 0.45), V))],
    # Filters
    "interp": [("", (inside(5), rising(5), V)), ("", (inside(5, 2, 3), rising(5), V)),
               ("", (inside(1, 2), rising(1), (1,)))],
    "interp_t": [("", ((), inside(5), rising(5))), ("", ((2, 3), inside(5, 2, 3), rising(5)))],
    "segment": [(s, ((6,), inside(5, 3), rising(5))) for s in ("", "[side=-1]", "[side=1]")],
    "segment_beyond": [(s, ((6,), inside(5, 3), rising(5))) for s in ("", "[side=-1]", "[side=1]")],
    "segment_t": [(s, ((3,), inside(5, 3), rising(5), (6,))) for s in ("", "[side=-1]", "[side=1]")],
    "polyval": [("", ((4,), ())), ("", ((4,), M)), ("", ((1,), V)), ("", ((0,), V))],
    "polyval_t": [("", ((), (), (4,))), ("", (M, M, (4,)))],
    "polyder": [("", ((4,),)), ("", ((1,),)), ("", ((0,),))],
    "polyder_t": [("", ((3,), (4,))), ("", ((0,), (1,)))],
    "convolve": [(s, pair) for s in ("", "[mode=1]", "[mode=0]") for pair in ((V, (3,)), ((2,), V), ((4,), (4,)))],
    "convolve_t": [("", ((7,), (3,), V)), ("", ((6,), V, (2,))), ("[mode=1]", ((5,), (3,), V)),
                   ("[mode=1]", ((5,), V, (2,))),
                   ("[mode=1]", ((4,), (4,), (4,))), ("[mode=0]", ((3,), (3,), V)), ("[mode=0]", ((4,), V, (2,)))],
    "conv2d": [("", ((4, 5), (2, 3))), ("[stride=2,padding=1]", ((4, 5), (2, 3))), ("", ((2, 4, 3), (3, 2, 2, 2))),
               ("[stride=[1,2],padding=[0,1]]", ((2, 4, 3), (3, 2, 2, 3)))],
    "conv2d_x": [("", ((3, 3), (2, 3), (4, 5))), ("[stride=2,padding=1]", ((3, 3), (2, 3), (4, 5))),
                 ("", ((3, 3, 2), (3, 2, 2, 2), (2, 4, 3)))],
    "conv2d_w": [("", ((3, 3), (4, 5), (2, 3))), ("[stride=2,padding=1]", ((3, 3), (4, 5), (2, 3))),
                 ("", ((3, 3, 2), (2, 4, 3), (3, 2, 2, 2)))],
}  # fmt: skip


def valued(what: Argument, rng: np.random.Generator) -> Any:
    """An argument's value."""
    return apart(rng, what) if isinstance(what, tuple) else what(rng) if callable(what) else what


def calls(seed: int = 0) -> Iterator[Call]:
    """Every call of the table, with arguments."""
    rng = np.random.default_rng(seed)
    for name, given in CALLS.items():
        for statics, args in given:
            yield Call(name + statics, tuple(valued(a, rng) for a in args))
