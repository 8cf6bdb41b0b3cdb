"""Programs, tables and points for the commands and functions, and answers of Python in the form that commands print."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from wengert.repl import Entry, Session

SAMPLE = "samples/baydin.wengert"
NEURON = "(2*x1+x2)^2"
AT = {"x1": 3.0, "x2": 7.0}
GIVEN = ("--x1", "3", "--x2", "7")
SEVERAL = "f = x*y; g = x + y^2; output f, g"
MATRIX = {"A": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, -1.0]}
ARRAYS = ("--A", "[[1,2],[3,4]]", "--x", "[1,-1]")
LONG = [float(k) for k in range(60)]
VECTOR = "input x[n]\n2*x"
SIZED = "input x[n]\ns = sum(x[i]^2*i for i in 0:n)\ns"
HILL = "(x-1)^4 + (y-x)^2*exp(y)"
DECAY = ("x' = -k*x", "--x", "1", "--k", "2", "--t", "0:2")
DECAY_AT = {"x": 1.0, "k": 2.0}
HILL_AT = {"x": 1.0, "y": 2.0}
MESSY = "y=ln( x )**2 # twice\n2*y\n"

OHM = ("--V", "5.00±0.02", "--I", "0.102±0.001")
MEASURED = ({"V": 5.0, "I": 0.102}, {"V": 0.02, "I": 0.001})

MODEL, DATA = "y ~ b1*(1-exp(-b2*x))", "samples/misra.csv"
START = {"b1": 500.0, "b2": 1e-4}
SETS = "input a, b, x[5] = [0, 1, 2, 0, 1], y[5] = [1, 2, 3.1, 2, 2.9], s[5] = [1, 1, 1, 2, 2]\ny ~ a + b*x"

FORMULA = "b1*(1-exp(-b2*x))"
OUT, NOTES = (str(Path(tempfile.gettempdir()) / f"wengert_{os.getpid()}_{n}.csv") for n in ("out", "notes"))
MAPPED = (FORMULA, DATA, "b1=238.9", "b2=5.5e-4", "-o", OUT, "--force")


def plain(value: Any) -> Any:
    """An answer as JSON has it."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, wg.Matrix):
        return {o: plain(row) for o, row in zip(value.rows, value)}
    if isinstance(value, wg.Values):
        return {n: plain(v) for n, v in value.items()}
    if isinstance(value, dict):
        return {n: plain(v) for n, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value


def at(*keys: Any) -> Callable[[str], Any]:
    """What JSON holds under some keys, one below the other."""

    def read(out: str) -> Any:
        found = json.loads(out)
        for key in keys:
            found = found[key]
        return found

    return read


def text(out: str) -> str:
    return out.rstrip("\n")


def with_three_digits() -> str:
    with wg.printing(digits=3):
        return f(NEURON).trace_table(AT)


def first(out: str) -> float:
    return float(out.split()[0])


def sparse(found: Any) -> Any:
    return [found.rows.tolist(), found.columns.tolist(), found.values.tolist(), found.colours()]


def read_sparse(out: str) -> Any:
    found = json.loads(out)
    return [found["rows"], found["columns"], found["values"], found["colours"]]


def locals_(found: list[Any]) -> Any:
    return [[j.k, j.i, j.output, j.input, j.kind, plain(j.value)] for j in found]


def read_locals(out: str) -> Any:
    found = json.loads(out)["locals"]
    return [[j["equation"], j["argument"], j["output"], j["input"], j["kind"], j["value"]] for j in found]


def counted(out: str) -> dict[str, int]:
    """The last column of a table of counts."""
    return {line.split()[0]: int(line.split()[-1]) for line in out.split("\n\n")[0].splitlines()[1:-1]}


def structured(found: Any) -> Any:
    return [list(map(list, found.pairs)), found.jointly]


def read_structure(out: str) -> Any:
    found = json.loads(out)
    pairs = [[p["output"], p["input"], p["how"]] for p in found["pairs"]]
    return [pairs, {o["name"]: o["jointly"] for o in found["outputs"]}]


def compared(found: list[Any]) -> Any:
    return [[c.input, c.oracle, c.reverse, c.found, c.ok] for c in found]


def read_checks(out: str) -> Any:
    return [[c["input"], c["oracle"], c["derivative"], c["found"], c["ok"]] for c in json.loads(out)]


def mapped(**options: Any) -> Any:
    return wg.map(FORMULA, DATA, OUT, values={"b1": 238.9, "b2": 5.5e-4}, force=True, **options)


def fitted(start: dict[str, float] = START, **options: Any) -> Any:
    return wg.fit(MODEL, DATA, start=start, **options)


def estimated(found: Any) -> Any:
    # A number that is not finite is a text in JSON.
    return [[e.name, e.value, e.start, e.held, str(e.error), *map(str, e.interval)] for e in found]


def read_estimates(out: str) -> Any:
    return [[n, e["value"], e["start"], e["held"], str(e["error"]), *map(str, e["interval"])]
            for n, e in json.loads(out)["parameters"].items()]  # fmt: skip


def budgets(found: Any) -> list[Any]:
    return [[b.value, b.uncertainty, b.expanded, b.sensitivities, b.shares] for b in found.budgets]


def read_budgets(out: str) -> list[Any]:
    return [
        [b["value"], b["uncertainty"], b["expanded"], [*b["derivatives"].values()], [*b["shares"].values()]]
        for b in json.loads(out)["outputs"].values()
    ]


def refused(call: Callable[[], Any]) -> wg.Diagnostic:
    with pytest.raises(wg.WengertError) as problem:
        call()
    return problem.value.diagnostic


def benched(found: Any) -> list[Any]:
    """What of the times of kernels is the same in every run."""
    ways = [[way.name, way.call is None, way.note] for way in found.ways]
    return [found.subject, plain(found.inputs), list(found.taken), found.points, found.equations, ways]


def read_bench(out: str) -> list[Any]:
    found = json.loads(out)
    ways = [[way["name"], way["call"] is None, way["note"]] for way in found["ways"]]
    return [found["subject"], found["inputs"], found["taken"], found["points"], found["equations"], ways]


def reported(found: Any) -> dict[str, Any]:
    return read_report(json.dumps({k: plain(v) for k, v in found.as_dict().items()}))


def read_report(out: str) -> dict[str, Any]:
    """A report, with infinities as numbers."""
    return json.loads(out.replace('"inf"', "Infinity").replace('"-inf"', "-Infinity"))


def noted(out: str) -> list[Any]:
    """Pairs of a first coefficient and the rest of a table of Taylor coefficients."""
    return [float(line.split()[1]) for line in out.splitlines()[1:] if line.split()]


def picture(program: str, **options: Any) -> str:
    pytest.importorskip("matplotlib")
    return str(wg.plot(program, format="svg", **options)).rstrip("\n")


def patch(before: str, name: str) -> str:
    after = wg.format(before)
    return "".join(unified_diff(before.splitlines(True), after.splitlines(True), name, name)).rstrip("\n")


def session(*lines: str) -> Session:
    made = Session()
    for line in lines:
        entry = Entry()
        entry.add(line)
        for sentence in made.sentences(entry):
            made.enter(sentence)
    return made


def f(program: str, **options: Any) -> wg.Function:
    return wg.compile(program, **options)
