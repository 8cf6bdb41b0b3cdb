"""What a program expects of its own answers."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any, NamedTuple

from ..ground.errors import lines_of
from ..language import Program


class Expectation(NamedTuple):
    """How an `expect` of a program came out: the statement's line and text, and both numbers."""

    line: int
    text: str
    value: Any
    expected: Any
    ok: bool


def expectations(program: Program, answers: Sequence[Any]) -> list[Expectation]:
    """How each `expect` came out, from the values of the outputs of the program's checked list."""
    text = program.source.text
    lines = lines_of(text, (e.span.start for e in program.expects))
    return [
        Expectation(
            line,
            " ".join(text[e.span.start : e.span.end].split()),
            answer,
            e.expected,
            agrees(answer, e.expected, e.half_unit),
        )
        for e, answer, line in zip(program.expects, answers, lines)
    ]


def agrees(value: Any, expected: Any, half_unit: float) -> bool:
    """Whether a value is what an `expect` says: as rounded to the digits written, and to 1e-12 relative at least; of an
    array, every element."""
    if isinstance(expected, tuple) or not isinstance(value, float):
        rows = list(value) if hasattr(value, "__len__") else None
        if rows is None or not isinstance(expected, tuple) or len(rows) != len(expected):
            return False
        return all(agrees(v if hasattr(v, "__len__") else float(v), e, half_unit) for v, e in zip(rows, expected))
    if value == expected or (value != value and expected != expected):
        return True
    if not isfinite(expected):
        return False
    return bool(abs(value - expected) <= max(half_unit * (1 + 1e-9), 1e-12 * abs(expected)))
