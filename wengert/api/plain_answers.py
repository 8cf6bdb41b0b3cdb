"""`as_json`: answers as JSON, for the commands and for a service that sends them on."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from ..ground.complaints import explained
from ..ground.errors import Diagnostic, UsageError, WengertError, error
from ..ground.errors import as_json as diagnostic_json
from ..ground.limits import checking_clock
from ..kernels.arguments import as_value
from ..lists.array_text import shape_of
from ..lists.wengert_list import spelled
from .results import Matrix, Values

# How deep answers nest, such as a row of a matrix in a tuple.
DEPTH = 8


def number(value: float) -> Any:
    """A number as JSON holds it: a whole number without a point, nan and infinities as text."""
    if not isfinite(value):
        return spelled(value)
    return int(value) if value.is_integer() and abs(value) < 1e15 and str(value) != "-0.0" else value


def value_json(value: Any) -> Any:
    """A number or an array as JSON holds it: an array as nested lists."""
    if isinstance(value, tuple):
        return [value_json(v) for v in value]
    return _listed(value.tolist()) if shape_of(value) else number(float(value))


def _listed(value: Any) -> Any:
    return [_listed(v) for v in checking_clock(value)] if isinstance(value, list) else number(float(value))


@explained
def as_json(thing: Any) -> Any:
    """An answer, an error or notes as `json.dumps` takes them.

    Numbers are numbers, and nan and infinities are texts, as JSON has none. An array is nested lists. A `Gradient`, a
    `Matrix` and `Values` are objects by name. A `Diagnostic`, or that of a WengertError, is an object whose lines and
    columns count from one and whose offsets count from zero. A tuple or a list of such is a list:

        json.dumps(wg.as_json(f.value_and_grad(3, 7)))  # [169, {"x1": 52, "x2": 26}]
        json.dumps(wg.as_json(g.notes))

    The commands write the same with `--json`. Raises UsageError for anything else.
    """
    return _plain(thing, DEPTH)


def _plain(thing: Any, room: int) -> Any:
    if room < 0:
        raise error(UsageError, "W602", f"answers are nested more than {DEPTH} deep")
    if isinstance(thing, WengertError):
        thing = thing.diagnostic
    if isinstance(thing, Diagnostic):
        return diagnostic_json(thing)
    if isinstance(thing, (Values, Matrix, Mapping)):
        return {str(n): _plain(v, room - 1) for n, v in thing.items()}
    if isinstance(thing, (tuple, list)):
        return [_plain(v, room - 1) for v in thing]
    if thing is None or isinstance(thing, (bool, str)):
        return thing
    return value_json(as_value(thing, "answer"))
