"""Rows: ops that make arrays, and ops that rearrange the elements of arrays in other shapes and orders.

The adjoint of an op is a row too (`unpad` for `pad`), so that derivatives of every order consist of ops of the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..parameters import ArrayFunction, read_text, spelled, split
from ..row import Kink, Notation, Op, Shaped
from ..shapes import adjoints, dimensions, placing

Apply = Callable[..., Any]
NUMPY = "by definition; as in NumPy"


def _stacked(apply: Apply, op: str, args: tuple[Any, ...], y: Any, g: Any, i: int) -> Any:
    axis = split(op)[1]
    return apply(f"{TAKE}[{axis}]" if axis else TAKE, g, float(i))


def _back(**names: str) -> Callable[..., Any]:
    """The vjp rule of a reordering: the same op with other static parameters. A static parameter is negated ("-"),
    inverted as a permutation ("^"), or takes the value of the one named."""

    def rule(apply: Apply, op: str, args: tuple[Any, ...], y: Any, g: Any, i: int) -> Any:
        name, text = split(op)
        given = read_text(text)
        found = dict(given)
        for word, how in names.items():
            v: Any = given[word] if how in "-^" else given[how]
            if how == "-":
                v = -v if isinstance(v, int) else tuple(-k for k in v or ())
            elif how == "^" and isinstance(v, tuple):
                v = tuple(sorted(range(len(v)), key=lambda place: v[place] % len(v)))
            found[word] = v
        return apply(f"{name}[{spelled(found)}]", g)

    return rule


TAKE, ARANGE, PERMUTE = "take", "arange", "permute"
SHAPE = "reshape_like(g, a)"
TIED = "the equal elements share the derivative equally"
UNSORTED = "unlined(share_runs(lined(g{axis}), lined(y{axis})), a{axis})"

# fmt: off
ROWS: tuple[Op, ...] = (
    # Constant arrays
    Op("zeros", "", ArrayFunction("placing.zeros"), (), statics="shape", array=Shaped(placing.made),
       notation=Notation(latex=r"0"), ulps=0,
       doc="Zeros in a shape: zeros(3), zeros([2, 3]).", source=NUMPY),
    Op("ones", "", ArrayFunction("placing.ones"), (), statics="shape", array=Shaped(placing.made),
       notation=Notation(latex=r"1"), ulps=0,
       doc="Ones in a shape: ones(3), ones([2, 3]).", source=NUMPY),
    Op("eye", "", ArrayFunction("placing.eye"), (), ("identity_matrix",), statics="n m=none",
       array=Shaped(placing.identity), notation=Notation(latex=r"I"), ulps=0,
       doc="The identity matrix of n rows, and of m columns if that is given.", source=NUMPY),
    Op(ARANGE, "", ArrayFunction("placing.arange"), (), statics="start stop=none step=1",
       array=Shaped(placing.ranged), ulps=0,
       doc="Whole numbers from 0 up to, not including, n: arange(n); or arange(start, stop, step).",
       source=NUMPY),
    Op("full", "a", ArrayFunction("placing.full"), (), statics="shape", leads=True, vjp=("sum_like(g, a)",),
       array=Shaped(placing.filled, linear=("a",), moves="all"), ulps=0,
       doc="A value in every place of a shape, which comes first: full([2, 3], 0.5).", source=NUMPY),
    Op("linspace", "a b", ArrayFunction("placing.linspace"), (), statics="n",
       vjp=("sum_like(linspace(1, 0{n}) @ g, a)", "sum_like(linspace(0, 1{n}) @ g, b)"),
       array=Shaped(placing.spaced, linear=("a b",), apart="segments.linspace"),
       doc="n numbers at equal distances from a to b, both included; of vectors, along a new first axis.",
       source=NUMPY),
    Op("one_hot", "k", ArrayFunction("placing.one_hot"), (), statics="n", vjp=(None,),
       array=Shaped(placing.hot, apart="taken_apart.one_hot"),
       notation=Notation(latex=r"e_{#1}"), ulps=0,
       doc="n elements along a new last axis: 1 at the place k, 0 elsewhere.", source="by definition"),

    # Shapes
    Op("stack", "*a", ArrayFunction("placing.stack"), (), statics="axis=0", vjp=(_stacked,),
       array=Shaped(placing.stacked_along, linear=("a",), moves="all"), notation=Notation(latex=r"\left[#*\right]"),
       ulps=0,
       doc="Arrays of one shape, one after the other along a new axis.", source=NUMPY),
    Op("flatten", "a", ArrayFunction("placing.flatten"), (), ("ravel",), vjp=(SHAPE,),
       array=Shaped(placing.flat, linear=("a",), moves="all"),
       notation=Notation(latex=r"\operatorname{vec}\left(#1\right)"), ulps=0,
       doc="All elements along one axis, row by row.", source=NUMPY),
    Op("expand_dims", "a", ArrayFunction("placing.expand_dims"), (), statics="axis", vjp=(SHAPE,),
       array=Shaped(placing.expanded, linear=("a",), moves="all"), notation=Notation(latex="#1"), ulps=0,
       doc="New axes of length 1, at these places of the answer.", source=NUMPY),
    Op("squeeze", "a", ArrayFunction("placing.squeeze"), (), statics="axis=none", vjp=(SHAPE,),
       array=Shaped(placing.squeezed, linear=("a",), moves="all"), notation=Notation(latex="#1"), ulps=0,
       doc="Without these axes of length 1, or without all such.", source=NUMPY),
    Op("swapaxes", "a", ArrayFunction("placing.swapaxes"), (), statics="axis1 axis2", vjp=("swapaxes(g{statics})",),
       array=Shaped(placing.swapped, linear=("a",), moves="all"), ulps=0,
       doc="Two axes in each other's place.", source=NUMPY),
    Op("moveaxis", "a", ArrayFunction("placing.moveaxis"), (), statics="source destination",
       vjp=(_back(source="destination", destination="source"),),
       array=Shaped(placing.moved, linear=("a",), moves="all"), ulps=0,
       doc="Some axes at other places, the rest in order.", source=NUMPY),
    Op(PERMUTE, "a", ArrayFunction("placing.permute"), (), ("permute_dims",), statics="order",
       vjp=(_back(order="^"),), array=Shaped(placing.permuted, linear=("a",), moves="all"), ulps=0,
       doc="All axes in another order: permute(a, [2, 0, 1]).", source="numpy.transpose"),
    Op("lined", "a", ArrayFunction("placing.lined"), (), statics="axis=none", vjp=("unlined(g, a{axis})",),
       array=Shaped(placing.lined, linear=("a",), moves="all"), ulps=0,
       of_rules=True, notation=Notation(latex="#1", said=(("1", "a"),)),
       doc="Some axes, or all, as one that stands last.", source="by definition"),
    Op("unlined", "a like", ArrayFunction("placing.unlined"), (), statics="axis=none", vjp=("lined(g{axis})", None),
       array=Shaped(adjoints.undone(placing.lined), linear=("a",), moves="all"),
       notation=Notation(latex="#1", said=(("1 1", "a"),)), ulps=0,
       of_rules=True,
       doc="a, as `lined` makes it of an array like the second, in the shape of that.", source="the adjoint of lined"),

    # Copies and margins
    Op("repeat", "a", ArrayFunction("placing.repeat"), (), statics="repeats axis=none",
       vjp=("unrepeat(g, a{statics})",), array=Shaped(placing.repeated, linear=("a",), moves="all"), ulps=0,
       doc="Every element several times, along an axis, or of all elements along one axis.", source=NUMPY),
    Op("unrepeat", "a like", ArrayFunction("placing.unrepeat"), (), statics="repeats axis=none",
       vjp=("repeat(g{statics})", None), array=Shaped(adjoints.undone(placing.repeated), linear=("a",), moves="all"),
       of_rules=True,
       doc="The sums over what `repeat` makes of one element of an array like the second.",
       source="the adjoint of repeat"),
    Op("tile", "a", ArrayFunction("placing.tile"), (), statics="reps", vjp=("untile(g, a{reps})",),
       array=Shaped(placing.tiled, linear=("a",), moves="all"), ulps=0,
       doc="The array several times along each axis.", source=NUMPY),
    Op("untile", "a like", ArrayFunction("placing.untile"), (), statics="reps", vjp=("tile(g{reps})", None),
       array=Shaped(adjoints.undone(placing.tiled), linear=("a",), moves="all"),
       of_rules=True,
       doc="The sums over what `tile` makes of one element of an array like the second.", source="the adjoint of tile"),
    Op("pad", "a", ArrayFunction("placing.pad"), (), statics="widths", vjp=("unpad(g{widths})",),
       array=Shaped(placing.padded, linear=("a",), moves="all"), ulps=0,
       doc="Zeros around: a width for all sides, [before, after] for all axes, or such a pair for each axis, "
       "one after the other.", source="by definition"),
    Op("unpad", "a", ArrayFunction("placing.unpad"), (), statics="widths", vjp=("pad(g{widths})",),
       array=Shaped(placing.cropped, linear=("a",), moves="some"), ulps=0,
       of_rules=True,
       doc="Without margins, whose widths are as in `pad`.", source="the adjoint of pad"),

    # Order
    Op("flip", "a", ArrayFunction("placing.flip"), (), statics="axis=none", vjp=("flip(g{axis})",),
       array=Shaped(placing.turned, linear=("a",), moves="all"), ulps=0,
       doc="In reverse order along some axes, or all.", source=NUMPY),
    Op("roll", "a", ArrayFunction("placing.roll"), (), statics="shift axis=none", vjp=(_back(shift="-"),),
       array=Shaped(placing.rolled, linear=("a",), moves="all"), ulps=0,
       doc="Elements moved on by a shift; what leaves at the end comes in at the start.", source=NUMPY),
    Op("take_along_axis", "a i", ArrayFunction("placing.take_along_axis"), (), statics="axis=-1",
       vjp=("put_along_axis(g, i, a{axis})", None),
       array=Shaped(placing.beside, linear=("a",), moves="some", apart="taken_apart.take_along_axis"), ulps=0,
       doc="Elements along an axis by places of their own for every line: those of argsort, say.", source=NUMPY),
    Op("put_along_axis", "a i like", ArrayFunction("placing.put_along_axis"), (), statics="axis=-1",
       vjp=("take_along_axis(g, i{axis})", None, None),
       array=Shaped(adjoints.undone_by(placing.beside), linear=("a",), moves="all", apart="taken_apart.put_along_axis"),
       ulps=0.5,
       of_rules=True,
       doc="Zeros in the shape of `like`, with a added along an axis at the places i of every line.",
       source="the adjoint of take_along_axis"),
    Op("sort", "a", ArrayFunction("placing.sort"), (), kinks=(Kink("runs(lined(y{axis})) > 1", "tie", TIED),),
       statics="axis=-1", vjp=(f"take_along_axis({UNSORTED}, argsort(argsort(a{{axis}}){{axis}}){{axis}})",),
       array=Shaped(dimensions.along, moves="all", apart="taken_apart.sort", values=True), ulps=0,
       doc="In rising order along an axis, nan last.", source="a permutation; its adjoint is the inverse"),
    Op("argsort", "a", ArrayFunction("placing.argsort"), (), statics="axis=-1", vjp=(None,),
       array=Shaped(dimensions.along, apart="taken_apart.argsort"), ulps=0,
       doc="The places of the elements in rising order along an axis; equal ones stay in order.", source=NUMPY),

    # Runs of equal elements in a sorted array, along its last axis
    Op("share_runs", "a b", ArrayFunction("placing.share_runs"), (), left="run_value", right="run_value[last=1]",
       vjp=("share_runs(g, b)",
       None), array=Shaped(adjoints.lines, linear=("a",), apart="taken_apart.share_runs", values=True),
       of_rules=True,
       doc="The means of a over the runs of equal elements of b.", source="the mean over the orders of tied elements"),
    Op("run_value", "a b", ArrayFunction("placing.run_value"), (), statics="last=0",
       vjp=("run_total(g, b{last})", None),
       array=Shaped(adjoints.lines, linear=("a",), moves="some", apart="taken_apart.run_value", values=True), ulps=0,
       of_rules=True,
       doc="The value of a where the run of equal elements of b begins, or ends.",
       source="one-sided derivative at a tie"),
    Op("run_total", "a b", ArrayFunction("placing.run_total"), (), statics="last=0",
       vjp=("run_value(g, b{last})", None),
       array=Shaped(adjoints.lines, linear=("a",), moves="all", apart="taken_apart.run_total", values=True),
       of_rules=True,
       doc="The sums of a over the runs of equal elements of b, where they begin, or end.",
       source="the adjoint of run_value"),
    Op("runs", "a", ArrayFunction("placing.runs"), (), vjp=(None,),
       array=Shaped(adjoints.lines, apart="taken_apart.runs"), ulps=0,
       of_rules=True,
       doc="How many elements the run of equal elements has to which each belongs.", source="by definition"),
)
