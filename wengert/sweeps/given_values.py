"""The values that went into an equation, as a phrase for messages: `x = -1, x - 2 = 0.5`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..lists.quoting import bracketed
from ..lists.wengert_list import Atom
from ..ops.shapes.dimensions import shown
from .subjects import Subjects


def values_in(subjects: Subjects, inputs: Iterable[Atom], tape: Mapping[str, Any], k: int = -1) -> str:
    """The values of inputs, those of equation k if there is one. Numbers that stand in the text are not repeated, and
    of a large array the shape is told."""
    named = dict.fromkeys(a for a in inputs if isinstance(a, str))
    return ", ".join(f"{subjects.quoted(a, k)} = {_told(tape[a])}" for a in named)


def elements_in(
    subjects: Subjects, k: int, inputs: Sequence[Atom], values: Sequence[float], tape: Mapping[str, Any], place: str
) -> str:
    """The values of inputs of equation k that arrays had at one place, "[2]"; numbers have none."""
    named = {a: v for a, v in zip(inputs, values) if isinstance(a, str)}
    return ", ".join(
        f"{subjects.quoted(a, k) if type(tape[a]) is float or not place else bracketed(subjects.quoted(a, k)) + place}"
        f" = {v:.15g}"
        for a, v in named.items()
    )


def _told(value: Any) -> str:
    """A value for a message: a number, a short array, or the shape of a long one."""
    if type(value) is float:
        return f"{value:.15g}"
    if value.size <= 8:
        return _listed(value.tolist())
    return f"an array of the shape {shown(value.shape)}"


def _listed(value: Any) -> str:
    return f"[{', '.join(map(_listed, value))}]" if isinstance(value, list) else f"{value:.6g}"
