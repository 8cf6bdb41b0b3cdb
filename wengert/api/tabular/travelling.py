"""A model as a text of JSON that travels to other processes, and back: no code travels, and no pickle.

A process compiles a model once: functions are kept by the digest of their text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any

from ...ground.errors import UsageError, error
from ...ground.limits import Limits
from ...lists.wengert_list import WengertList
from ...ops import OPS
from ...show.json import array_json, from_json, to_json
from ..compile import compile
from ..function import Function
from ..options import Options
from ..problems.bound_data import BoundModel, OneSide
from .streamed import ModelColumns, RequiredColumns

if TYPE_CHECKING:
    from .row_function import RowFunction

# Functions that are kept in a process, and how often one was compiled.
MOST = 16
_FUNCTIONS: dict[str, Function] = {}
_LOCK = Lock()
compiled_here = 0
# Models that are ready and not in use: one cannot serve two threads at a time.
_IDLE: dict[str, list[ModelColumns]] = {}


def function_json(f: Function) -> dict[str, Any]:
    """A function as JSON: its list and its options. Raises UsageError for a list that holds an op of this process."""
    _check_ops(f.wengert_list)
    options = f.options._asdict()
    return {"list": to_json(f.wengert_list), "options": {**options, "limits": f.limits._asdict()}}


def _check_ops(wlist: WengertList) -> None:
    own = {row.name for row in wlist.ops}
    for e in wlist.equations:
        name = e.op.partition("[")[0]
        if name not in own and name in OPS and OPS[name].source == "registered by the caller":
            raise error(UsageError, "W930", f"the op `{name}` is registered in this process, and others do not have it",
                        help="define it in the program: `op f(a) = … with d/da = …`")  # fmt: skip


def function_of_json(found: Mapping[str, Any]) -> Function:
    """The function of an object of JSON; one that this process has compiled already is not compiled again."""
    global compiled_here
    key = sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
    with _LOCK:
        if (f := _FUNCTIONS.get(key)) is None:
            if len(_FUNCTIONS) >= MOST:
                _FUNCTIONS.clear()
                _IDLE.clear()
            given = dict(found["options"])
            options = Options(**{**given, "limits": Limits(**given["limits"])})
            f = _FUNCTIONS[key] = compile(from_json(found["list"], Limits.trusted()), options=options)
            compiled_here += 1
        return f


def work_text(work: ModelColumns) -> str:
    """A model with the values of its parameters, and the columns that it reads, as a text."""
    model = work.model
    return json.dumps({
        "right": function_json(model.right.function), "left": function_json(model.left.function),
        "values": {n: array_json(v) for n, v in model.values.items()}, "moving": model.moving,
        "names": work.wanted.names, "weights": work.wanted.weights, "deviations": work.wanted.deviations,
    })  # fmt: skip


def taken(text: str) -> ModelColumns:
    """The model of a text, for this thread alone until it is given back."""
    key = sha256(text.encode()).hexdigest()
    with _LOCK:
        if idle := _IDLE.get(key):
            return idle.pop()
    found = json.loads(text)
    names = tuple(found["names"])
    right, left = (
        OneSide(f, dict.fromkeys([n for n in names if n in f.inputs]))
        for f in (function_of_json(found["right"]), function_of_json(found["left"]))
    )
    values = {n: value_of_json(v) for n, v in found["values"].items()}
    model = BoundModel(right, left, values, tuple(found["moving"]), 0)
    return ModelColumns(model, RequiredColumns(names, found["weights"], found["deviations"]))


def given_back(text: str, work: ModelColumns) -> None:
    """Let others have a model."""
    key = sha256(text.encode()).hexdigest()
    with _LOCK:
        if len(_IDLE) >= MOST:
            _IDLE.clear()
        _IDLE.setdefault(key, []).append(work)


def row_work_json(
    f: Function, columns: Mapping[str, str], values: Mapping[str, Any], wrt: Sequence[str], second: bool
) -> str:  # fmt: skip
    """A function over the columns of a table as a text of JSON; see `row_function.RowFunction`. Raises UsageError for
    one that cannot travel."""
    sized = f if f.decided else f.at({**values, **dict.fromkeys(columns, 1.0)})
    return json.dumps({
        "function": function_json(sized), "columns": dict(columns), "wrt": list(wrt), "second": second,
        "values": {n: array_json(v) for n, v in values.items()},
    })  # fmt: skip


def row_work_of_json(text: str) -> RowFunction:
    """The function over columns that a text holds; its process compiles it once."""
    from .row_function import RowFunction as Made  # NumPy comes with it

    job = json.loads(text)
    values = {n: value_of_json(v) for n, v in job["values"].items()}
    return Made(function_of_json(job["function"]), job["columns"], values, job["wrt"], job["second"])


def value_of_json(found: Any) -> Any:
    """A float, or an array of floats, as `array_json` writes them."""
    if not isinstance(found, list):
        return float(found["float"]) if isinstance(found, dict) else float(found)
    import numpy as np

    return np.array([value_of_json(v) for v in found])


__all__ = ["function_json", "function_of_json", "given_back", "row_work_json", "row_work_of_json", "taken",
           "value_of_json", "work_text"]  # fmt: skip
