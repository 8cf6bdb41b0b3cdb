"""Warnings about legal text that is probably a mistake: values, names and definitions without a use."""

from __future__ import annotations

import re
import unicodedata
from itertools import chain, islice
from typing import TYPE_CHECKING

from ..ground.errors import Diagnostic, Span
from ..ground.names import WORD, normalize, quoted
from ..lists.wengert_list import Atom
from ..ops import ALIASES, CONSTANTS, OPS
from . import mistakes

if TYPE_CHECKING:
    from .emitter import Emitter

_MOST = 20
_ARROW = re.compile(rf"({WORD})[ \t]*(<-)")
_CONCENTRATION = re.compile(rf"[-+*/][ \t]*\[({WORD})\](?![ \t]*@)|(?<![\w)\].@])\[({WORD})\](?=[ \t]*[-+*/^])")


def all_warnings(parse: Emitter, outputs: list[Atom]) -> tuple[Diagnostic, ...]:
    """The warnings of a finished parse in the order of the text; if there are many, the first ones and a count."""
    _unused(parse, outputs)
    _unnamed(parse)
    _read_as_inputs(parse)
    _arrows(parse)
    _single_elements(parse)
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
    """Warn of expressions used as statements, except the one that is the output."""
    last = len(parse.unnamed) - 1
    for n, (value, span) in enumerate(parse.unnamed):
        if parse.outputs or n < last or value is not parse.result:
            parse.warn("W153", "the value of this expression is never used", span, "bind it or make it an output")


def _arrows(parse: Emitter) -> None:
    """Warn of R's assignment, which is a comparison with a negative value here."""
    if "<-" not in parse.source.text:
        return
    for _, span in parse.unnamed:
        if arrow := _ARROW.match(parse.source.text, *span[:2]):
            name = arrow[1] if len(arrow[1]) < 20 else "x"
            help = f"to bind it, write `{name} = …`; to compare, `{name} < -…`"
            parse.warn("W950", "`<-` compares here, and binds nothing", Span(*arrow.span(2)), help)


def _single_elements(parse: Emitter) -> None:
    """Warn of a name in square brackets in a product or a sum, which chemistry takes for a concentration."""
    matches = _CONCENTRATION.finditer(parse.source.text) if "[" in parse.source.text else iter(())
    for found in islice(matches, _MOST):
        name, line = found[1] or found[2], parse.source.text.rfind("\n", 0, found.start()) + 1
        if len(name) < 20 and "#" not in parse.source.text[line : found.start()]:
            help = f"write `{name}`, which may be an array as well"
            at, end = found.span(1 if found[1] else 2)
            span = Span(at - 1, end + 1)
            parse.warn("W951", f"`[{name}]` is an array of one element", span, help)


def _read_as_inputs(parse: Emitter) -> None:
    """Warn of free names that are inputs here and something else elsewhere: a value, a product, a function."""
    if parse.declared:
        return
    for name, span in parse.inputs.items():
        if span is None or name in parse.given or len(name) == 1:
            continue
        shown = quoted(name)
        if plain := mistakes.foreign.VALUES.get(name):
            help = f"write `{plain}`" + "; a number but 0 is true" * (plain not in CONSTANTS)
            parse.warn("W157", f"{shown} is an input here, not a value", span, help)
        elif _is_smooth_function(name) and not _is_letter(name):
            parse.warn("W158", f"{shown} is an input here, as it is not called", span,
                       f"to call the function, write `{name}(…)`")  # fmt: skip
        elif len(name) < 12 and all(letter in parse.scope or letter in parse.given for letter in name):
            parse.warn("W159", f"{shown} is one name, and an input", span, f"for a product write `{'*'.join(name)}`")


def _is_smooth_function(name: str) -> bool:
    """Whether a name is a function of one number, such as sin. Names such as mean, max and step are often variables."""
    row = OPS.get(ALIASES.get(name, name))
    return row is not None and row.array is None and len(row.params.split()) == 1 and not row.kinks


def _is_letter(name: str) -> bool:
    try:
        return bool(unicodedata.lookup(f"GREEK SMALL LETTER {name}"))
    except (KeyError, UnicodeError):
        return False
