"""Rows: array ops that place, add and multiply elements.

The adjoint of an op is a row too (`spread` for `sum`, `scatter` for an index), so that derivatives of every order
consist of ops of the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..parameters import ArrayFunction, split
from ..row import Kink, Notation, Op, Rewrites, Shaped
from ..shapes import adjoints, dimensions

Apply = Callable[..., Any]


def _piece_of(name: str, own: str = "") -> Callable[..., Any]:
    """The vjp rule of a variadic op: `name[at=i]`, of the adjoint and all arguments, is the adjoint of argument i."""

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
RESHAPE, PUT, SUM = "reshape", "put", "sum"
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
    Op(ARRAY, "*a", ArrayFunction("array"), (), vjp=(_element,),
       array=Shaped(dimensions.stacked, linear=("a",), moves="all"), notation=Notation(latex=r"\left[#*\right]"),
       ulps=0,
       doc="An array of its arguments, one after the other along a new first axis: [a, b].", source="by definition"),
    Op(CONCATENATE, "*a", ArrayFunction("concatenate"), (), ("concat",), statics="axis=0", vjp=(_piece_of("piece"),),
       array=Shaped(dimensions.concatenated, linear=("a",), moves="all"), ulps=0,
       doc="Arrays joined along an axis that they have.", source="by definition"),
    Op("piece", "a *b", ArrayFunction("piece"), (), statics="axis=0 at=0", vjp=(_unpieced, None),
       array=Shaped(adjoints.part_of_joined, linear=("a",), moves="some"), ulps=0,
       of_rules=True,
       doc="The part of a joined array a that the argument number `at` of those joined went to.",
       source="by definition"),
    Op(INDEX, "a", ArrayFunction("index"), (), statics="*", vjp=(_gathered,),
       array=Shaped(dimensions.indexed, linear=("a",), moves="some"), ulps=0,
       notation=Notation(latex=r"#1\left[#i\right]"),
       doc="Elements by their places, as x[0], x[1:3], A[i, :].", source="by definition"),
    Op(SCATTER, "like *a", ArrayFunction("scatter"), (), statics="*", vjp=(None, _scattered),
       array=Shaped(adjoints.scattered, linear=("a",), moves="all"), ulps=0.5,
       of_rules=True,
       doc="Zeros in the shape of the first argument, with the others added at their places.",
       source="the adjoint of an index"),
    Op(TAKE, "a i", ArrayFunction("take"), (), ("gather",), statics="axis=0", vjp=("put(g, i, a{axis})", None),
       array=Shaped(dimensions.taken, linear=("a",), moves="some", apart="taken_apart.take"), ulps=0,
       doc="Elements along an axis, by an index that is a value: x[k].", source="by definition"),
    Op(PUT, "a i like", ArrayFunction("put"), (), statics="axis=0", vjp=("take(g, i{axis})", None, None),
       array=Shaped(adjoints.undone_by(dimensions.taken), linear=("a",), moves="all", apart="taken_apart.put"),
       ulps=0.5,
       of_rules=True,
       doc="Zeros in the shape of `like`, with a added along an axis at the places i.", source="the adjoint of take"),
    Op(TRANSPOSE, "a", ArrayFunction("transpose"), (), vjp=("g.T",),
       array=Shaped(dimensions.transposed, linear=("a",), moves="all"), rewrites=Rewrites(exact=("a.T.T -> a",)),
       notation=Notation(latex=r"{#1}^{\top}"), ulps=0,
       doc="The axes in reverse: A.T.", source="by definition"),
    Op(RESHAPE, "a", ArrayFunction("reshape"), (), statics="shape", vjp=("reshape_like(g, a)",),
       array=Shaped(dimensions.reshaped, linear=("a",), moves="all"), ulps=0,
       doc="The same elements in another shape, row by row.", source="by definition"),
    Op(RESHAPE_LIKE, "a like", ArrayFunction("reshape_like"), (), vjp=("reshape_like(g, a)", None),
       array=Shaped(dimensions.refilled, linear=("a",), moves="all"), ulps=0,
       of_rules=True,
       doc="The elements of the first argument in the shape of the second.", source="by definition"),
    Op(ZEROS, "a", ArrayFunction("zeros_like"), (), vjp=(None,), array=Shaped(dimensions.first), ulps=0,
       doc="Zeros in the shape of the argument.", source="by definition"),
    Op(LENGTH, "a", ArrayFunction("length"), (), ("size",), statics="axis=0", vjp=(None,),
       array=Shaped(dimensions.measured), ulps=0,
       doc="How many elements there are along an axis, the first if none is given.", source="by definition"),

    # Sums and their adjoints
    Op(SUM, "a", ArrayFunction("total"), (), statics="axis=none keepdims=0", vjp=("spread(g, a{statics})",),
       array=Shaped(dimensions.reduced, linear=("a",), moves="all"), notation=Notation(latex=r"\sum#s #1"),
       doc="The sum of the elements, or of those along some axes.", source="linear"),
    Op("spread", "a like", ArrayFunction("spread"), (), statics="axis=none keepdims=0", vjp=("sum(g{statics})", None),
       array=Shaped(adjoints.undone(dimensions.reduced), linear=("a",), moves="all"), ulps=0,
       of_rules=True, notation=Notation(said=(("* *", "beside"),)),
       doc="a repeated along the axes over which `like` would be summed to its shape.", source="the adjoint of a sum"),
    Op(SUM_LIKE, "a like", ArrayFunction("sum_like"), (), vjp=("spread_like(g, a)", None),
       array=Shaped(adjoints.summed_to, linear=("a",), moves="all"),
       of_rules=True, notation=Notation(said=(("* 0", "sum(a)"),)),
       doc="a summed over the axes along which `like` was broadcast to its shape.",
       source="the adjoint of broadcasting"),
    Op(SPREAD_LIKE, "a like", ArrayFunction("spread_like"), (), vjp=("sum_like(g, a)", None),
       array=Shaped(dimensions.broadcast_to, linear=("a",), moves="all"), ulps=0,
       of_rules=True,
       doc="a broadcast to the shape of `like`.", source="by definition"),

    # Products
    Op("matmul", "a b", ArrayFunction("matmul"), (), vjp=("matmul_t(g, b)", "t_matmul(a, g)"),
       array=Shaped(dimensions.contracted, linear=("a", "b")), notation=Notation(infix="@", binds=7, latex=r"#1 \, #2"),
       doc="Matrix product of vectors and matrices; of two vectors the scalar product.",
       source="Leibniz' product rule"),
    Op("matmul_t", "a b", ArrayFunction("matmul_t"), (), vjp=("g @ b", "t_matmul(g, a)"),
       array=Shaped(dimensions.contracted_last, linear=("a", "b")),
       notation=Notation(latex=r"#1 \, {#2}^{\top}", spoken="#1 @ #2.T",
                         said=(("0 *", "a*b"), ("* 2", "a @ b.T"), ("1 1", "outer(a, b)"))),
       of_rules=True,
       doc="a @ b.T; a vector b is a column, so that vectors give their outer product.",
       source="Leibniz' product rule"),
    Op("t_matmul", "a b", ArrayFunction("t_matmul"), (), vjp=("matmul_t(b, g)", "a @ g"),
       array=Shaped(dimensions.contracted_first, linear=("a", "b")),
       notation=Notation(latex=r"{#1}^{\top} \, #2", spoken="#1.T @ #2",
                         said=(("* 0", "a*b"), ("2 *", "a.T @ b"), ("1 1", "outer(a, b)"))),
       of_rules=True,
       doc="a.T @ b; a vector a is a row, so that vectors give their outer product.", source="Leibniz' product rule"),

    # The largest and the smallest element
    Op("amax", "a", ArrayFunction("largest"), (),
       kinks=(Kink("sum(a == spread(y, a{statics})) > sum(y == y)", "tie", TIED),), selects=True,
       statics="axis=none keepdims=0", vjp=(_shared("share"),), array=Shaped(dimensions.chosen),
       notation=Notation(latex=r"\max#s #1", folded="max"), ulps=0,
       doc="The largest element, or those along some axes; nan if one is nan. Written max(a).",
       source="by pieces; tied elements share"),
    Op("amin", "a", ArrayFunction("smallest"), (),
       kinks=(Kink("sum(a == spread(y, a{statics})) > sum(y == y)", "tie", TIED),), selects=True,
       statics="axis=none keepdims=0", vjp=(_shared("share_least"),), array=Shaped(dimensions.chosen),
       notation=Notation(latex=r"\min#s #1", folded="min"), ulps=0,
       doc="The smallest element, or those along some axes; nan if one is nan. Written min(a).",
       source="by pieces; tied elements share"),
)
