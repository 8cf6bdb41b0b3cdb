"""A derivative over arrays in the words of the language: `A.T @ g`, `outer(g, x)`, without ops that only give a value
the shape that it would have anyway.

Rows say how an op that only rules use is written, by the ranks of its arguments. Shapes are those that the program
declares. An array without a declared shape has a shape that equals no other.
"""

from __future__ import annotations

import re
from functools import cache

from ...ground.limits import UNTRUSTED, Limits, checking_clock
from ...ground.names import is_temporary
from ...language import parse
from ...lists.shapes import declared, of_arrays
from ...lists.wengert_list import Atom, Equation, WengertList, names_of, table_of
from ...ops import ADD, ARRAY, LENGTH, SCATTER, SUM, ZEROS, Op
from ...ops.shapes.dimensions import Shape
from ..builder import Builder
from ..identities import tidy
from .generic import BESIDE

# A longer array is not written out element by element.
_ELEMENTS = 16
_PLACES = re.compile(rf"{SCATTER}\[((?:[0-9]+|:)(?:\|(?:[0-9]+|:))*)\]")
_KEPT = frozenset((f"{SUM}[keepdims=1]",))
_STATIC = re.compile(r"\{(\w+)\}")
_AXES = "axes of "


def in_words(wlist: WengertList, since: int, limits: Limits = UNTRUSTED, named: bool = False) -> WengertList:
    """The list with its equations from number `since` on in the words of the language. With `named`, equations that
    replace others, such as adjoints, keep their names."""
    if not of_arrays(wlist):
        return wlist
    table = table_of(wlist.ops)
    # An axis with a name that no size has represents the axes of an array of unknown shape.
    whole = all(table[e.op].array is None or "[" not in e.op for e in wlist.equations[:since] if e.op in table)
    known = {n: (f"{_AXES}{n}",) if s is None and whole else s for n, s in declared(wlist).items()}
    own = {e.output for e in wlist.equations[since:] if named and not is_temporary(e.output)}
    build = Builder(rewrites=(tidy,), limits=limits, taken=names_of(wlist) - own, shapes=known)
    became: dict[Atom, Atom] = {}
    spread: dict[Atom, Equation] = {}
    kept: dict[Atom, Atom] = {}
    for k, (output, op, inputs) in enumerate(checking_clock(wlist.equations)):
        args = tuple([became.get(a, a) for a in inputs])
        if k < since:
            build.write(Equation(output, op, args))
            continue
        row = table[op]
        if row.array is None:
            answer = _elementwise(build, op, args, spread, kept)
        else:
            text = _said(row, build, args)
            if (elements := _elements(build, op, args)) is not None:
                became[output] = elements
                continue
            if text not in ("", BESIDE):
                text = _with_statics(row, text)
            if text[:4] == f"{LENGTH}(":
                args = (_simplest(build, wlist, args[0]), *args[1:])
            answer = build(op, *args) if text in ("", BESIDE) else _instantiated(build, row, text, args)
            if text == BESIDE:
                spread[answer] = Equation("", op, args)
            if op in _KEPT and len(build.shape(args[0]) or ()) == 1:
                kept[answer] = args[0]
        became[output] = answer
    wanted = {a: n for n, a in became.items() if n in own and isinstance(a, str) and is_temporary(a)}
    renamed = build.rename(wanted) if wanted else {}
    outputs = [became.get(a, a) for a in wlist.outputs]
    return build.finish(wlist, wlist.inputs, [renamed.get(a, a) if isinstance(a, str) else a for a in outputs])


def _elements(build: Builder, op: str, args: tuple[Atom, ...]) -> Atom | None:
    """A short vector that is zero except for numbers at given places, and for whole vectors added to it."""
    shape = build.shape(args[0])
    if not (found := _PLACES.fullmatch(op)) or shape is None or len(shape) != 1 or not isinstance(shape[0], int):
        return None
    placed = list(zip(found[1].split("|"), args[1:]))
    if shape[0] > _ELEMENTS or any(build.shape(a) != (shape if place == ":" else ()) for place, a in placed):
        return None
    elements: list[Atom] = [0.0] * shape[0]
    total: Atom | None = None
    for place, a in placed:
        if place == ":":
            total = a if total is None else build(ADD, total, a)
        else:
            k = int(place)
            elements[k] = a if elements[k] == 0.0 else build(ADD, elements[k], a)
    if total is None or any(e != 0.0 for e in elements):
        written: Atom = build(ARRAY, *elements)
        total = written if total is None else build(ADD, total, written)
    return total


def spelled_out(wlist: WengertList, limits: Limits = UNTRUSTED) -> WengertList:
    """The list, where numbers in the shape of an array are written as sums with zeros of that shape."""
    if not of_arrays(wlist):
        return wlist
    table, shapes = table_of(wlist.ops), declared(wlist)
    build = Builder(rewrites=(), limits=limits, taken=names_of(wlist), shapes=shapes)
    became: dict[Atom, Atom] = {}
    for output, op, inputs in checking_clock(wlist.equations):
        args = tuple([became.get(a, a) for a in inputs])
        beside = "[" not in op and any(text == BESIDE for _, text in table[op].notation.said)
        if beside and build.shape(args[0]) == ():
            became[output] = build(ADD, build(ZEROS, _simplest(build, wlist, args[1])), args[0])
        else:
            build.write(Equation(output, op, args))
    return build.finish(wlist, wlist.inputs, [became.get(a, a) for a in wlist.outputs])


def _simplest(build: Builder, wlist: WengertList, a: Atom) -> Atom:
    """An input with the shape of an array, if there is one; else the array."""
    shape = build.shape(a)
    known = shape is not None and not any(str(size).startswith(_AXES) for size in shape)
    return next((n for n in wlist.inputs if known and build.shape(n) == shape), a)


def _elementwise(
    build: Builder, op: str, args: tuple[Atom, ...], spread: dict[Atom, Equation], kept: dict[Atom, Atom]
) -> Atom:
    """An elementwise op, without spreads that another argument makes needless; for a spread and numbers, the spread of
    a number. `kept` are sums of vectors as arrays of one element, which count as numbers beside a vector."""
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
    vectors = any(shape is not None and len(shape) == 1 and shape != (1,) for shape in others)
    return build(op, *(build(SUM, kept[a]) if vectors and a in kept else a for a in bare))  # type: ignore[no-any-return]


def _said(row: Op, build: Builder, args: tuple[Atom, ...]) -> str:
    """The expression for an op with arguments of these ranks; empty if it is written by its name."""
    said = row.notation.said
    if not said:
        return ""
    ranks = [_rank(build.shape(a)) for a in args]
    for pattern, text in said:
        if all(want in ("*", have) for want, have in zip(pattern.split(), ranks)):
            return text
    return ""


def _with_statics(row: Op, text: str) -> str:
    """The expression with the op's static parameters; empty if it does not express all that are given."""
    given = dict(getattr(row.forward, "statics", ()))
    if not set(given) <= set(_STATIC.findall(text)):
        return ""
    return _STATIC.sub(lambda found: str(given.get(found[1], 0)), text)


def _rank(shape: Shape) -> str:
    if shape is None or any(str(size).startswith(_AXES) for size in shape):
        return "?"
    return str(len(shape))


_list = cache(lambda text: parse(text).wlist)


def _instantiated(build: Builder, row: Op, text: str, args: tuple[Atom, ...]) -> Atom:
    """The expression with these arguments."""
    wlist = _list(text)
    values: dict[Atom, Atom] = dict(zip(row.params.split(), args))
    for output, op, inputs in wlist.equations:
        values[output] = build(op, *(values.get(a, a) for a in inputs))
    (a,) = wlist.outputs
    return values.get(a, a)
