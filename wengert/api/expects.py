"""Compare the `expect` statements of a program with its answers."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from ..ground.errors import lines_of
from ..ground.tuples import NamedTuple
from ..language import Program


class Expectation(NamedTuple):
    """The outcome of one `expect`: the line and the text of the statement, both values, and whether they agree."""

    line: int
    text: str
    value: Any
    expected: Any
    ok: bool


def expectations(program: Program, answers: Sequence[Any]) -> list[Expectation]:
    """The outcome of each `expect`. `values` are the outputs of the program's checked list."""
    text = program.source.text
    computed = iter(answers[len(program.expects) :])
    expected = [e.expected if e.computed is None else _plain(next(computed)) for e in program.expects]
    lines = lines_of(text, (e.span.start for e in program.expects))
    return [
        Expectation(
            line,
            " ".join(text[e.span.start : e.span.end].split()),
            answer,
            want,
            agrees(answer, want, e.half_unit),
        )
        for e, want, answer, line in zip(program.expects, expected, answers, lines)
    ]


def _plain(value: Any) -> Any:
    """Turn an array into nested tuples, as the program would hold it."""
    return tuple(map(_plain, value)) if getattr(value, "ndim", 0) else float(value)


def agrees(value: Any, expected: Any, half_unit: float) -> bool:
    """Whether a value agrees with an `expect`. It may be off by half a unit of the last digit written, or by 1e-12
    relative if that is more. In an array, every element must agree."""
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
