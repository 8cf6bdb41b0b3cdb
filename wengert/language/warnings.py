"""Warnings about legal text that is probably a mistake: values, names and definitions without a use."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from ..ground.errors import Diagnostic, Span
from ..ground.names import normalize, quoted
from ..lists.wengert_list import Atom

if TYPE_CHECKING:
    from .emitter import Emitter

_MOST = 20


def all_warnings(parse: Emitter, outputs: list[Atom]) -> tuple[Diagnostic, ...]:
    """The warnings of a finished parse in the order of the text; if there are many, the first ones and a count."""
    _unused(parse, outputs)
    _unnamed(parse)
    for name, span in parse.uncalled.items():
        parse.warn("W154", f"{quoted(name)} is defined and never called", span, "call it or take it out")
    found = sorted(parse.warnings, key=lambda d: d.span or Span(0, 0))
    if len(found) > _MOST:
        more = f"and {len(found) - _MOST:,} warnings more"
        found[_MOST:] = [Diagnostic("W150", "warning", more, source=parse.source)]
    return tuple(found)


def _unused(parse: Emitter, outputs: list[Atom]) -> None:
    """Warn of bindings whose value no equation or output reads. A binding in a loop makes a version of its name each
    turn; one read version is enough."""
    if not parse.bound:
        return
    read = set(chain.from_iterable(e.inputs for e in chain(parse.equations, parse.checks[0])))
    read.update(outputs, parse.read)
    read.update(e.value for e in parse.expects)
    used = {place for name, place in parse.bound.items() if name in read}
    told = set()
    for place in parse.bound.values():
        if place in used or place in told:
            continue
        told.add(place)
        name = parse.source.text[place[0] : place[1]].partition("=")[0].strip()
        span = Span(place[0], place[0] + len(name))
        if parse.bound.get(str(parse.scope.get(normalize(name)))) == place:
            parse.warn("W151", f"{quoted(name)} is never used", span, "use it, make it an output, or take it out")
        else:
            parse.warn("W151", f"this value of {quoted(name)} is never used: the name is bound again below", span)


def _unnamed(parse: Emitter) -> None:
    """Warn of expressions that stand as statements, except the one that is the output."""
    last = len(parse.unnamed) - 1
    for n, (value, span) in enumerate(parse.unnamed):
        if parse.outputs or n < last or value is not parse.result:
            parse.warn("W153", "the value of this expression is never used", span, "bind it or make it an output")
