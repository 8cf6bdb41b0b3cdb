"""Rows: ops that place, add and multiply the elements of arrays as wholes.

Those whose answer is the adjoint of another are here too (`spread` of `sum`, `scatter` of an index), so that the rules
lead back into the table at every order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..parameters import ArrayFunction, split
from ..row import Kink, Op
from ..shapes import adjoints, dimensions

Apply = Callable[..., Any]


def _piece_of(name: str, own: str = "") -> Callable[..., Any]:
    """The adjoint of one of many arguments, by its place: `name[at=i]`, over the adjoint and all the arguments."""

    def rule(apply: Apply, op: str, args: tuple[Any, ...], y: Any, g: Any, i: int) -> Any:
        statics = split(op)[1]
        places = ",".join(filter(None, (statics, f"at={i}" if i else "")))
        return apply(f"{name}[{places}]" if places else name, g, *args)

    return rule


def _element(apply: Apply, op: str, args: tuple[Any, ...], y: Any, g: Any, i: int) -> Any:
    return apply(f"{INDEX}[{i}]", g)


def _gathered(apply: Apply, op: str, args: tuple[Any, ...], y: Any, g: Any, i: int) -> Any:
    spec = split(op)[1]
    return apply(f"{SCATTER}[{spec}]", args[0], g)


def _scattered(apply: Apply, op: str, args: tuple[Any, ...], y: Any, g: Any, i: int) -> Any:
    return apply(f"{INDEX}[{split(op)[1].split('|')[i - 1]}]", g)


def _unpieced(apply: Apply, op: str, args: tuple[Any, ...], y: Any, g: Any, i: int) -> Any:
    statics = dict(word.split("=") for word in split(op)[1].split(",") if word)
    at = int(statics.pop("at", "0"))
    parts = [apply(ZEROS, a) for a in args[1:]]
    parts[at] = g
    rest = ",".join(f"{k}={v}" for k, v in statics.items())
    return apply(f"{CONCATENATE}[{rest}]" if rest else CONCATENATE, *parts)


ARRAY, CONCATENATE, INDEX, SCATTER, TAKE, TRANSPOSE = "array", "concatenate", "index", "scatter", "take", "transpose"
RESHAPE, PUT = "reshape", "put"
SUM_LIKE, SPREAD_LIKE, RESHAPE_LIKE, ZEROS, LENGTH = "sum_like", "spread_like", "reshape_like", "zeros_like", "len"
TIED = "the equal elements share the derivative equally"


def _shared(share: str) -> str:
    best = "spread(y, a{statics})"
    among = f"stop_gradient(a) == stop_gradient({best})"
    mine = f"{share}({best}, a, spread(sum({among}{{axis}}), a{{axis}}))"
    return f"gate({mine}, spread(g, a{{statics}}))"


# fmt: off
ROWS: tuple[Op, ...] = (
    # Placing
    Op(ARRAY, "*a", ArrayFunction("array"), (), shape=dimensions.stacked, vjp=(_element,), linear=("a",), moves="all",
       latex=r"\left[#*\right]",
       ulps=0, doc="An array of its arguments, one after the other along a new first axis: [a, b].",
       source="by definition"),
    Op(CONCATENATE, "*a", ArrayFunction("concatenate"), (), ("concat",), shape=dimensions.concatenated,
       statics="axis=0", vjp=(_piece_of("piece"),), linear=("a",), moves="all",
       ulps=0, doc="Arrays joined along an axis that they have.", source="by definition"),
    Op("piece", "a *b", ArrayFunction("piece"), (), statics="axis=0 at=0", shape=adjoints.part_of_joined,
       vjp=(_unpieced, None), linear=("a",), moves="some",
       ulps=0, doc="The part of a joined array a that the argument number `at` of those joined went to.",
       source="by definition"),
    Op(INDEX, "a", ArrayFunction("index"), (), shape=dimensions.indexed, statics="*", vjp=(_gathered,), linear=("a",),
       moves="some",
       ulps=0, doc="Elements by their places, as x[0], x[1:3], A[i, :].", source="by definition"),
    Op(SCATTER, "like *a", ArrayFunction("scatter"), (), shape=adjoints.scattered, statics="*", vjp=(None, _scattered),
       linear=("a",), moves="all",
       ulps=0.5, doc="Zeros in the shape of the first argument, with the others added at their places.",
       source="the adjoint of an index"),
    Op(TAKE, "a i", ArrayFunction("take"), (), ("gather",), shape=dimensions.taken, statics="axis=0",
       vjp=("put(g, i, a{axis})", None), linear=("a",), moves="some",
       ulps=0, doc="Elements along an axis, by an index that is a value: x[k].", source="by definition"),
    Op(PUT, "a i like", ArrayFunction("put"), (), shape=adjoints.undone_by(dimensions.taken), statics="axis=0",
       vjp=("take(g, i{axis})", None, None), linear=("a",), moves="all",
       ulps=0.5, doc="Zeros in the shape of `like`, with a added along an axis at the places i.",
       source="the adjoint of take"),
    Op(TRANSPOSE, "a", ArrayFunction("transpose"), (), shape=dimensions.transposed, vjp=("g.T",), linear=("a",),
       moves="all", latex=r"{#1}^{\top}", exact=("a.T.T -> a",),
       ulps=0, doc="The axes in reverse: A.T.", source="by definition"),
    Op(RESHAPE, "a", ArrayFunction("reshape"), (), shape=dimensions.reshaped, statics="shape",
       vjp=("reshape_like(g, a)",), linear=("a",), moves="all",
       ulps=0, doc="The same elements in another shape, row by row.", source="by definition"),
    Op(RESHAPE_LIKE, "a like", ArrayFunction("reshape_like"), (), shape=dimensions.refilled,
       vjp=("reshape_like(g, a)", None), linear=("a",), moves="all",
       ulps=0, doc="The elements of the first argument in the shape of the second.", source="by definition"),
    Op(ZEROS, "a", ArrayFunction("zeros_like"), (), shape=dimensions.first, vjp=(None,),
       ulps=0, doc="Zeros in the shape of the argument.", source="by definition"),
    Op(LENGTH, "a", ArrayFunction("length"), (), ("size",), shape=dimensions.measured, statics="axis=0", vjp=(None,),
       ulps=0, doc="How many elements there are along an axis, the first if none is given.", source="by definition"),

    # Sums, and what undoes them
    Op("sum", "a", ArrayFunction("total"), (), shape=dimensions.reduced, statics="axis=none keepdims=0",
       vjp=("spread(g, a{statics})",), linear=("a",), moves="all", latex=r"\sum #1",
       doc="The sum of the elements, or of those along some axes.", source="linear"),
    Op("spread", "a like", ArrayFunction("spread"), (), shape=adjoints.undone(dimensions.reduced),
       statics="axis=none keepdims=0", vjp=("sum(g{statics})", None), linear=("a",), moves="all",
       ulps=0, doc="a repeated along the axes over which `like` would be summed to its shape.",
       source="the adjoint of a sum"),
    Op(SUM_LIKE, "a like", ArrayFunction("sum_like"), (), shape=adjoints.summed_to,
       vjp=("spread_like(g, a)", None), linear=("a",), moves="all",
       doc="a summed over the axes along which `like` was broadcast to its shape.",
       source="the adjoint of broadcasting"),
    Op(SPREAD_LIKE, "a like", ArrayFunction("spread_like"), (), shape=dimensions.broadcast_to,
       vjp=("sum_like(g, a)", None), linear=("a",), moves="all",
       ulps=0, doc="a broadcast to the shape of `like`.", source="by definition"),

    # Products
    Op("matmul", "a b", ArrayFunction("matmul"), (), shape=dimensions.contracted, infix="@", binds=7, latex=r"#1 \, #2",
       vjp=("matmul_t(g, b)", "t_matmul(a, g)"), linear=("a", "b"),
       doc="Matrix product of vectors and matrices; of two vectors the scalar product.",
       source="Leibniz' product rule"),
    Op("matmul_t", "a b", ArrayFunction("matmul_t"), (), shape=dimensions.contracted_last,
       vjp=("g @ b", "t_matmul(g, a)"), linear=("a", "b"), latex=r"#1 \, {#2}^{\top}", spoken="#1 @ #2.T",
       doc="a @ b.T; a vector b is a column, so that vectors give their outer product.",
       source="Leibniz' product rule"),
    Op("t_matmul", "a b", ArrayFunction("t_matmul"), (), shape=dimensions.contracted_first,
       vjp=("matmul_t(b, g)", "a @ g"), linear=("a", "b"), latex=r"{#1}^{\top} \, #2", spoken="#1.T @ #2",
       doc="a.T @ b; a vector a is a row, so that vectors give their outer product.", source="Leibniz' product rule"),

    # The largest and the smallest element
    Op("amax", "a", ArrayFunction("largest"), (), shape=dimensions.chosen, statics="axis=none keepdims=0",
       vjp=(_shared("share"),), selects=True, folded="max", latex=r"\max #1",
       kinks=(Kink("sum(a == spread(y, a{statics})) > sum(y == y)", "tie", TIED),),
       ulps=0, doc="The largest element, or those along some axes; nan if one is nan. Written max(a).",
       source="by pieces; tied elements share"),
    Op("amin", "a", ArrayFunction("smallest"), (), shape=dimensions.chosen, statics="axis=none keepdims=0",
       vjp=(_shared("share_least"),), selects=True, folded="min", latex=r"\min #1",
       kinks=(Kink("sum(a == spread(y, a{statics})) > sum(y == y)", "tie", TIED),),
       ulps=0, doc="The smallest element, or those along some axes; nan if one is nan. Written min(a).",
       source="by pieces; tied elements share"),
)
