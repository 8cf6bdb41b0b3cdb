"""A derivative over arrays in the language's own words: `A.T @ g`, `outer(g, x)`, and no op that only gives a value the
shape that it would have anyway.

Rows tell how an op of rules is said, by the ranks of its arguments. Shapes are those that the program declares. An
array without a declared shape has one of its own, which equals no other's.
"""

from __future__ import annotations

from functools import cache

from ...ground.limits import UNTRUSTED, Limits, checking_clock
from ...language import parse
from ...lists.shapes import declared, of_arrays
from ...lists.wengert_list import Atom, Equation, WengertList, names_of, table_of
from ...ops import Op
from ...ops.shapes.dimensions import Shape
from ..builder import Builder
from ..identities import tidy

# The word for an op that is left out beside an array of the shape that it gives.
BESIDE = "beside"
_AXES = "axes of "


def in_words(wlist: WengertList, since: int, limits: Limits = UNTRUSTED) -> WengertList:
    """The list with its equations from number `since` on in the language's own words."""
    if not of_arrays(wlist):
        return wlist
    table = table_of(wlist.ops)
    # An axis with a name that no size has stands for the axes of an array whose shape is not known.
    whole = all(table[e.op].array is None or "[" not in e.op for e in wlist.equations[:since] if e.op in table)
    known = {n: (f"{_AXES}{n}",) if s is None and whole else s for n, s in declared(wlist).items()}
    build = Builder(rewrites=(tidy,), limits=limits, taken=names_of(wlist), shapes=known)
    became: dict[Atom, Atom] = {}
    spread: dict[Atom, Equation] = {}
    for k, (output, op, inputs) in enumerate(checking_clock(wlist.equations)):
        args = tuple([became.get(a, a) for a in inputs])
        if k < since:
            build.write(Equation(output, op, args))
            continue
        row = table[op]
        if row.array is None:
            answer = _elementwise(build, op, args, spread)
        else:
            text = _said(row, build, args)
            answer = build(op, *args) if text in ("", BESIDE) else _instantiated(build, row, text, args)
            if text == BESIDE:
                spread[answer] = Equation("", op, args)
        became[output] = answer
    return build.finish(wlist, wlist.inputs, [became.get(a, a) for a in wlist.outputs])


def _elementwise(build: Builder, op: str, args: tuple[Atom, ...], spread: dict[Atom, Equation]) -> Atom:
    """An elementwise op, without those spreads that another argument makes needless; of a spread and numbers, the
    spread of a number."""
    others = [build.shape(a) for a in args if a not in spread]
    spreads = {spread[a] for a in args if a in spread}
    if len({e[1:2] + e.inputs[1:] for e in spreads}) == 1 and all(shape == () for shape in others):
        (first, *_) = spreads
        inner: Atom = build(op, *(spread[a].inputs[0] if a in spread else a for a in args))
        answer: Atom = build(first.op, inner, *first.inputs[1:])
        spread[answer] = Equation("", first.op, (inner, *first.inputs[1:]))
        return answer
    bare = (
        spread[a].inputs[0] if a in spread and (shape := build.shape(a)) is not None and shape in others else a
        for a in args
    )
    return build(op, *bare)  # type: ignore[no-any-return]


def _said(row: Op, build: Builder, args: tuple[Atom, ...]) -> str:
    """The expression that says an op of arguments of these ranks; empty if it is said by its name."""
    said = row.notation.said
    if not said:
        return ""
    ranks = [_rank(build.shape(a)) for a in args]
    for pattern, text in said:
        if all(want in ("*", have) for want, have in zip(pattern.split(), ranks)):
            return text
    return ""


def _rank(shape: Shape) -> str:
    if shape is None or any(str(size).startswith(_AXES) for size in shape):
        return "?"
    return str(len(shape))


_list = cache(lambda text: parse(text).wlist)


def _instantiated(build: Builder, row: Op, text: str, args: tuple[Atom, ...]) -> Atom:
    """The expression, of these arguments."""
    wlist = _list(text)
    values: dict[Atom, Atom] = dict(zip(row.params.split(), args))
    for output, op, inputs in wlist.equations:
        values[output] = build(op, *(values.get(a, a) for a in inputs))
    (a,) = wlist.outputs
    return values.get(a, a)
