"""Shapes of the names of a list, and the split of a value's axes into core axes and batch axes.

A declared shape is a core shape; further leading axes of a value are batch axes and broadcast, as in a generalised
ufunc. A name without a declared shape is a number, unless the list uses it as an array: then its core shape is the
shape of its value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..ground.errors import ShapeError, Span, WengertError, error
from ..ground.names import quoted, shortened
from ..ops import ARRAY, CONSTANTS, DERIVATIVES, SPREAD_LIKE, SUM_LIKE, Op
from ..ops.shapes.dimensions import Mismatch, Shape, broadcast, shape_rule, shown
from .quoting import quoted_atom
from .wengert_list import WengertList, ops_of, table_of


def of_arrays(wlist: WengertList) -> bool:
    """Whether a list has an array op or a declared shape."""
    if wlist.shapes:
        return True
    table = table_of(wlist.ops)
    return any(op not in DERIVATIVES and table[op].array is not None for op in ops_of(wlist))


def undeclared_arrays(wlist: WengertList) -> set[str]:
    """Inputs without a declared shape that are arrays: an array op takes them, or takes a value made of them element by
    element.

    If inputs of declared shapes occur in every argument of every array op, all other inputs are numbers: m is a number
    in `input x[n], m` with `sum((x - m)^2)`. An element of an array literal `[a, b]` is a number too.
    """
    table = table_of(wlist.ops)
    free = {n for n in wlist.inputs if n not in wlist.shapes}
    # Names that are made element by element, and only from inputs without a shape.
    bare: set[Any] = set(free)
    needed = not wlist.shapes
    for output, op, inputs in wlist.equations:
        if op in DERIVATIVES or table[op].array is None:
            if all(type(a) is float or a in bare or a in CONSTANTS for a in inputs):
                bare.add(output)
        elif op != ARRAY and not bare.isdisjoint(_wholes(table[op], inputs)):
            needed = True
    wanted: set[Any] = set()
    directed: list[tuple[Any, Any]] = []
    for output, op, inputs in reversed(wlist.equations):
        if op in DERIVATIVES or table[op].array is None:
            if output in wanted:
                wanted.update(inputs)
        elif op != ARRAY and needed:
            wanted.update(_wholes(table[op], inputs))
        if op in DERIVATIVES and len(inputs) > 2:
            directed.append((inputs[1], inputs[2]))
    # A direction has the shape of the variable that it moves.
    wanted.update(v for x, v in directed if x in wanted or x in wlist.shapes)
    return free & wanted


def _wholes(row: Op, inputs: Sequence[Any]) -> list[Any]:
    """The arguments that an array op takes as arrays. An argument that only provides its shape may be a number."""
    if row.name in (SPREAD_LIKE, SUM_LIKE):
        return list(inputs[:1])
    return list(inputs)


def declared(wlist: WengertList) -> dict[str, Shape]:
    """The core shapes of the inputs, as far as the program determines them; None for an input whose value decides."""
    free = undeclared_arrays(wlist)
    found: dict[str, Shape] = {n: wlist.shapes.get(n, None if n in free else ()) for n in wlist.inputs}
    if loose := undeclared(wlist):
        found.update(dict.fromkeys(combined_with_arrays(wlist, loose, found), None))
    return found


def undeclared(wlist: WengertList) -> set[str]:
    """Inputs that are arrays or numbers depending on the values that they are combined with, in a program with array
    ops and without declared shapes: x is an array in `x*[1, 2, 3]`, b is one in `A @ x + b` if A is a matrix, and a is
    a number in `a*sum(x)`."""
    if wlist.shapes or not of_arrays(wlist):
        return set()
    return set(wlist.inputs) - undeclared_arrays(wlist)


def decide_shapes(
    wlist: WengertList, core: Mapping[str, Shape], loose: set[str], point: Mapping[str, Any]
) -> dict[str, Shape]:
    """The core shapes of the inputs for the values of a call.

    An undecided input (`loose`) is an array if it is combined element by element with an array, or if no equation uses
    it. Otherwise it is a number, and all axes of its value are batch axes.
    """
    given: dict[str, Shape] = {n: () if type(v) is float else v.shape for n, v in point.items()}
    arrays = combined_with_arrays(wlist, loose, {**core, **{n: s for n, s in given.items() if n not in loose}})
    return {**core, **{n: given[n] if n in arrays else () for n in loose if n in given}}


def cores(wlist: WengertList, point: Mapping[str, Any]) -> dict[str, Shape]:
    """The core shapes of the inputs, for the values of a call."""
    return decide_shapes(wlist, declared(wlist), undeclared(wlist), point)


def combined_with_arrays(wlist: WengertList, loose: set[str], core: Mapping[str, Shape]) -> set[str]:
    """The undecided inputs that are, or may be, combined element by element with an array, and those never used.

    An array literal of undecided inputs does not count as an array here: `[x, y]*c` combines three numbers.
    """
    table = table_of(wlist.ops)
    found: dict[Any, Shape] = dict(core)
    # A union-find forest: names that are combined element by element share a root, and so are all arrays or all
    # numbers.
    with_: dict[Any, Any] = {n: n for n in loose}
    written: set[Any] = set()
    arrays: set[Any] = set()
    used: set[Any] = {a for a in wlist.outputs if type(a) is str}

    def first(name: Any) -> Any:
        while with_[name] != name:
            with_[name] = with_[with_[name]]
            name = with_[name]
        return name

    for output, op, inputs in wlist.equations:
        names = [a for a in inputs if type(a) is str]
        used.update(names)
        if op in DERIVATIVES:
            found[output] = None
            continue
        row = table[op]
        own = [a for a in names if a in with_]
        if row.array is None and own:
            for a in own[1:]:
                with_[first(a)] = first(own[0])
            others = [found.get(a, ()) for a in names if a not in with_ and a not in written]
            if any(shape != () for shape in others):
                arrays.add(own[0])
                found[output] = None
            elif written.isdisjoint(names):
                with_[output] = own[0]
            else:
                written.add(output)
            continue
        try:
            found[output] = shape_rule(row)(*[
                () if type(a) is not str or a in with_ else found.get(a, ()) for a in inputs
            ])  # fmt: skip
        except Mismatch:
            found[output] = None
        if own or not written.isdisjoint(names):
            written.add(output)
        if own and op != ARRAY:  # the op reads its shape
            arrays.update(own)
    met = {first(a) for a in arrays}
    return {n for n in loose if first(n) in met or n not in used}


def inferred(wlist: WengertList, shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """The shape of every name, from the shapes of the inputs.

    Raises ShapeError at the place in the text where shapes do not fit. It names both shapes and their places.
    """
    table = table_of(wlist.ops)
    found: dict[Any, Shape] = dict(shapes)
    for k, (output, op, inputs) in enumerate(wlist.equations):
        given = [found.get(a, ()) if type(a) is str else () for a in inputs]
        if op in DERIVATIVES:
            found[output] = None
            continue
        row = table[op]
        try:
            found[output] = shape_rule(row)(*given)
        except Mismatch as problem:
            raise _mismatch(wlist, k, given, str(problem)) from None
    return found


def _mismatch(wlist: WengertList, k: int, given: Sequence[Shape], why: str) -> WengertError:
    inputs, written = wlist.equations[k].inputs, _as_written(wlist, k)
    whose = {a: s for a, s in zip(inputs, given) if isinstance(a, str)}
    place = {e.output: n for n, e in enumerate(wlist.equations)}
    called = {a: quoted_atom(wlist, a, place.get(a)) for a in list(whose)[:3]}
    told = " and ".join(f"{shown(whose[a])} of {name}" for a, name in called.items())
    fit = "do not fit" if len(whose) > 1 else "does not fit"
    origins = []
    for a, name in called.items():
        span = wlist.provenance.span(place[a]) if a in place else _first(wlist, a)
        if span is not None:
            origins.append((span, f"{name} has the shape {shown(whose[a])}"))
    shapes = f"the shape{'s' * (len(whose) > 1)} {told} {fit} {written}: {why}"
    if not whose:
        shapes = f"{written} cannot take what it is given: {why}"
    return error(ShapeError, "W703", shapes, wlist.provenance.span(k), secondary=tuple(origins),
                 source=wlist.provenance.source)  # fmt: skip


def _as_written(wlist: WengertList, k: int) -> str:
    """An equation's op for a message: its sign, the name in the text, or the text that it came from."""
    op, span = wlist.equations[k].op, wlist.provenance.span(k)
    row = table_of(wlist.ops)[op]
    if row.notation.infix:
        return quoted(row.notation.infix)
    name, source = op.partition("[")[0], wlist.provenance.source
    text = source.text[span.start : span.end] if span is not None and source is not None else ""
    named = any(word in text for word in (name, *row.aliases))
    return quoted(name if named or not text else shortened(text, 40))


def _first(wlist: WengertList, name: str) -> Span | None:
    """The first place of an input in the text."""
    import re

    source = wlist.provenance.source
    found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", source.text) if source is not None else None
    return Span(*found.span()) if found else None


def bind(
    wlist: WengertList, core: Mapping[str, Shape], point: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Shape], int]:  # fmt: skip
    """Match the values of a call, floats and arrays, to the core shapes of the inputs.

    Returns the values (floats, and arrays with the batch axes first and then their core axes), the core shape of every
    input, and the number of batch axes.

    Raises ShapeError for a value that has fewer axes than its input or other sizes, and for batch axes that do not
    broadcast.
    """
    sizes: dict[str, tuple[int, str]] = {}
    shapes: dict[str, Shape] = {}
    leads: dict[str, tuple[int, ...]] = {}
    for name, value in point.items():
        have = () if type(value) is float else value.shape
        want = core.get(name, ())
        if want is None:
            shapes[name], leads[name] = have, ()
            continue
        rank = len(want)
        lead, own = have[: len(have) - rank], have[len(have) - rank :]
        if len(own) < rank or not all(_agree(d, size, name, sizes) for d, size in zip(want, own)):
            raise _unfit(wlist, name, want, have, sizes)
        shapes[name], leads[name] = own, lead
    batch = max((len(lead) for lead in leads.values()), default=0)
    if batch:
        try:
            broadcast(*leads.values())
        except Mismatch as problem:
            told = ", ".join(f"{shown(lead)} of {n}" for n, lead in leads.items() if lead)
            help = "leading axes beyond an input's shape are a batch, and broadcast as in NumPy"
            what = f"the batch axes {told} do not broadcast: {problem}"
            raise error(ShapeError, "W702", what, help=help) from None
    values = {
        n: v if type(v) is float or len(leads[n]) == batch else v.reshape((1,) * (batch - len(leads[n])) + v.shape)
        for n, v in point.items()
    }
    return values, shapes, batch


def _agree(want: Any, have: int, name: str, sizes: dict[str, tuple[int, str]]) -> bool:
    if isinstance(want, int):
        return want == have
    return sizes.setdefault(want, (have, name))[0] == have


def _unfit(
    wlist: WengertList, name: str, want: tuple[Any, ...], have: tuple[int, ...], sizes: Mapping[str, tuple[int, str]]
) -> WengertError:  # fmt: skip
    known = [
        f"{d} is {sizes[d][0]} in {sizes[d][1]}" for d in dict.fromkeys(want) if d in sizes and sizes[d][1] != name
    ]
    message = f"`{name}` has the shape {shown(want)}, and the value has {shown(have)}"
    help = f"{', '.join(known)}" if known else "leading axes beyond the shape are a batch"
    return error(ShapeError, "W702", message, _first(wlist, name), help=help, source=wlist.provenance.source)
