"""Write a job as a text that repeats it: the values of all inputs as declarations, then the program or the equations.

In a text of equations each line is one, unless a bracket is open at its end; lines of `def` and `op` hold for all of
them, and lines of `input` give values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...ground.tuples import NamedTuple
from ...kernels.arguments import as_value
from ...lists.wengert_list import spelled
from ..compile import compile
from ..options import DEFAULTS, Options
from ..tabular.tables import NamedColumns
from .models import Model, without_declarations


def declarations(values: Mapping[str, Any], shapes: Mapping[str, Sequence[int | str]] = {}) -> list[str]:
    """Declarations of inputs with their values, numbers on one line and an array on each further one.

    shapes  shapes as they are declared, with the names of sizes; else they are those of the values
    """
    numbers = [f"{n} = {spelled(float(v))}" for n, v in values.items() if isinstance(v, (int, float))]
    lines: list[str] = []
    # Only one-line declarations keep the order of the inputs.
    mixed = len(numbers) < len(values)
    if numbers and not mixed:
        return [f"input {', '.join(numbers)}"]
    for n, v in values.items():
        if isinstance(v, (int, float)):
            lines.append(f"input {n} = {spelled(float(v))}")
        else:
            sizes = shapes.get(n) or v.shape
            lines.append(f"input {n}[{','.join(map(str, sizes))}] = {nested(v.tolist())}")
    return lines


def nested(value: Any) -> str:
    """Nested lists of numbers as the language writes them, with all digits."""
    return f"[{', '.join(map(nested, value))}]" if isinstance(value, list) else spelled(float(value))


def program_job(
    command: str, text: str, values: Mapping[str, Any], shapes: Mapping[str, Sequence[int | str]] = {}
) -> str:  # fmt: skip
    """A program with the values of its inputs, below the command that repeats the job."""
    body = without_declarations(text).strip("\n; ")
    return "\n".join([f"# {command}", *declarations(values, shapes), body, ""])


def equations_job(command: str, texts: Iterable[str], values: Mapping[str, Any]) -> str:
    """Equations, one a line, with the values of their names, below the command that repeats the job."""
    lines: list[str] = []
    declared: list[str] = []
    for text in texts:
        own = _statements(text)
        declared += [s for s in own if _first_word(s) == "input"]
        lines.append("; ".join(s for s in own if _first_word(s) != "input"))
    return "\n".join([f"# {command}", *declarations({**_defaults(declared), **values}), *lines, ""])


def tables_job(
    command: str, models: Sequence[Model], tables: Sequence[NamedColumns], further: Iterable[str]
) -> str:  # fmt: skip
    """Models, one a line, with the columns that they read, below the command that repeats their fit. Of several tables
    the column `dataset` numbers the rows.

    further  columns that no model reads, such as weights
    """
    import numpy as np

    inputs = dict.fromkeys(n for m in models for n in (*m.response.inputs, *m.function.inputs))
    columns = [n for n in dict.fromkeys((*inputs, *further)) if n in tables[0]]
    data = {n: np.concatenate([t.column(n) for t in tables]) for n in columns}
    if len(tables) > 1:
        sizes = [len(t.column(columns[0])) for t in tables]
        data["dataset"] = np.repeat(np.arange(1.0, len(tables) + 1), sizes)
    free = [n for n in inputs if n not in data]
    own = dict.fromkeys(m.function.program.source.text for m in models)
    bodies = [without_declarations(text).strip("\n; ") for text in own]
    return "\n".join(
        [f"# {command}", *([f"input {', '.join(free)}"] if free else []), *declarations(data), *bodies, ""]
    )


class EquationsText(NamedTuple):
    """The equations of a text, and the values that it declares."""

    equations: list[str]
    values: dict[str, Any]


def equations_of(text: str, name: str, options: Options = DEFAULTS) -> EquationsText:
    """The equations of a text, one a line. Raises ParseError for declarations that are none."""
    before: list[str] = []
    declared: list[str] = []
    found: list[str] = []
    for line in _statements(text, "\n"):
        words = {_first_word(s) for s in _statements(line)}
        (before if words <= {"def", "op"} else declared if words == {"input"} else found).append(line)
    return EquationsText(["; ".join([*before, equation]) for equation in found], _defaults(declared, name, options))


def _first_word(statement: str) -> str:
    return statement.split(None, 1)[0]


def _defaults(declared: Sequence[str], name: str = "<text>", options: Options = DEFAULTS) -> dict[str, Any]:
    """The values that declarations give, arrays as vectors and matrices."""
    if not declared:
        return {}
    found = compile("\n".join([*declared, "0"]), name=name, options=options).program.defaults
    return {n: as_value(v, n) for n, v in found.items()}


def _statements(text: str, ends: str = "\n;") -> list[str]:
    """The statements of a text without comments, each on one line. A statement goes on while a bracket is open."""
    found: list[str] = []
    current, depth = "", 0
    for line in text.splitlines():
        for c in line.partition("#")[0] + "\n":
            depth += (c in "([{") - (c in ")]}")
            if c in ends and depth <= 0:
                found.append(current)
                current, depth = "", 0
            else:
                current += " " if c == "\n" else c
    found.append(current)
    return [" ".join(s.split()) for s in found if s.strip("; \t")]
