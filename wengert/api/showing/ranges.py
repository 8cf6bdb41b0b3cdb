"""Ranges of inputs, for plots: `-3:3`, `0:2*pi:200`, or the tuple (-3, 3)."""

from __future__ import annotations

from math import isfinite
from typing import Any, NoReturn

from ...ground.errors import Source, Span, UsageError, WengertError, error
from ...ground.limits import Limits
from ...ground.tuples import NamedTuple
from ..compile import compile

# The most points of a range, and the least width of one beside the greater of its ends.
MOST = 100_000
_NARROWEST = 1e-9


class Range(NamedTuple):
    """`points` numbers from `start` to `end`, both included; None leaves their number open."""

    start: float
    end: float
    points: int | None = None


def is_range(value: Any) -> bool:
    """Whether a caller's value means a range: a text, or a tuple of two or three numbers."""
    if isinstance(value, str):
        return True
    return isinstance(value, tuple) and len(value) in (2, 3) and all(type(v) in (int, float) for v in value)


def range_of(name: str, value: str | tuple[float, ...], limits: Limits) -> Range:
    """The range that a text or a tuple gives for the input `name`. Ends in a text are expressions of numbers.

    Raises UsageError, with the place in the text, for a range that is empty, reversed, not finite or too narrow for
    float64, and for a text that is none.
    """
    text = value if isinstance(value, str) else ":".join(_written(v) for v in value)
    source = Source(text, f"the range of {name}")
    parts = _parts(text)
    if not 2 <= len(parts) <= 3:
        _refuse(source, Span(0, len(text)), "a range is START:END, or START:END:POINTS")
    if isinstance(value, str):
        start, end = (_end(name, source, part, limits) for part in parts[:2])
    else:
        start, end = (_float(v) for v in value[:2])
    for part, found in zip(parts, (start, end)):
        if not isfinite(found):
            _refuse(source, part, "the ends of a range are finite")
    whole = Span(parts[0].start, parts[1].end)
    if end < start:
        _refuse(source, whole, "this range is reversed", f"write it as {_swapped(text, parts)}")
    if not isfinite(end - start):
        _refuse(source, whole, "this range is wider than float64 can tell")
    if not end - start > _NARROWEST * max(abs(start), abs(end)):
        _refuse(source, whole, "this range is empty" if end == start else "this range is too narrow for float64")
    return Range(start, end, _count(source, parts[2]) if len(parts) > 2 else None)


def checked_count(count: Any) -> int:
    """A number of points that a caller asks for. Raises UsageError."""
    if type(count) is not int or not 2 <= count <= MOST:
        raise error(UsageError, "W684", f"the points of a plot are a whole number from 2 to {MOST:,}")
    return count


def _written(value: float) -> str:
    return f"{value:.17g}" if isinstance(value, float) else str(value) if abs(value) < 10**30 else "…"


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _swapped(text: str, parts: list[Span]) -> str:
    first, second = (text[p.start : p.end].strip() for p in parts[:2])
    return f"`{second}:{first}`"


def _parts(text: str) -> list[Span]:
    """The parts of a text between colons that are outside all brackets."""
    found, start, deep = [], 0, 0
    for k, c in enumerate(text):
        deep += (c in "[(") - (c in "])")
        if c == ":" and deep <= 0:
            found.append(Span(start, k))
            start = k + 1
    return [*found, Span(start, len(text))]


def _end(name: str, source: Source, part: Span, limits: Limits) -> float:
    text = source.text[part.start : part.end]
    if not text.strip():
        _refuse(source, part, "a range has two ends", f"for instance `--{name} -3:3`")
    try:
        return float(text)
    except ValueError:
        pass
    try:
        f = compile(text, name=source.name, strict=True, limits=limits)
        found = f() if not f.inputs and len(f.outputs) == 1 else None
    except WengertError as problem:
        d = problem.diagnostic
        span = part if d.span is None else Span(d.span.start + part.start, d.span.end + part.start)
        problem.diagnostic = d._replace(span=span, source=source, fix=None, secondary=())
        problem.args = (problem.diagnostic,)
        raise
    if not isinstance(found, float):
        _refuse(source, part, "the end of a range is a number", "made of numbers, constants and functions: 1/3, 2*pi")
    return found


def _count(source: Source, part: Span) -> int:
    text = source.text[part.start : part.end].strip().replace("_", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 8 and 2 <= int(text) <= MOST):
        _refuse(source, part, f"the points of a range are a whole number from 2 to {MOST:,}")
    return int(text)


def _refuse(source: Source, span: Span, message: str, help: str = "for instance `-3:3` or `0:2*pi:200`") -> NoReturn:
    raise error(UsageError, "W684", message, span, help=help, source=source)
