"""Formulas of GAMS by Pyomo, which writes models for it, with Pyomo's values. `python -m tests.oracles.gams_texts`
writes gams.tsv anew, where pyomo is installed.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("gams.tsv")
PACKAGE = "pyomo"
POINT = {"x": 1.75, "y": -2.25, "z": 0.375}
ONES = "sin cos tan exp tanh cosh atan".split()


def written(seed: int, count: int) -> Iterator[tuple[str, float]]:
    """Models of one objective as Pyomo writes them, up to the statements that solve them, with its value."""
    pyomo: Any = import_module("pyomo.environ")
    chance = random.Random(seed)
    made = 0
    while made < count:
        model = pyomo.ConcreteModel()
        for name, value in POINT.items():
            setattr(model, name, pyomo.Var(initialize=value))
        expression = _expression(pyomo, model, chance, 4) + model.x + 0 * model.y + 0 * model.z
        try:
            value = float(pyomo.value(expression))
        except (ArithmeticError, TypeError, ValueError):
            continue
        if abs(value) > 1e6 or value != value:
            continue
        model.obj = pyomo.Objective(expr=expression)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "model.gms")
            model.write(str(path), io_options={"symbolic_solver_labels": True})
            text = path.read_text("utf-8").partition("MODEL ")[0]
        made += 1
        yield text, value


def _expression(pyomo: Any, model: Any, chance: random.Random, depth: int) -> Any:
    if depth == 0 or chance.random() < 0.1:
        return chance.choice([model.x, model.y, model.z, 2.0, 3.0, 0.5, -1.25])
    a, b = (_expression(pyomo, model, chance, depth - 1) for _ in "ab")
    kind = chance.random()
    if kind < 0.25:
        return getattr(pyomo, chance.choice(ONES))(a)
    if kind < 0.35:
        return a ** chance.choice([2, 3, -1])
    if kind < 0.4:
        return (abs(a) + 1) ** chance.choice([0.5, 1.5, b])
    if kind < 0.45:
        return pyomo.log(abs(a) + 1)
    return (
        -a
        if kind < 0.55
        else a + b
        if kind < 0.65
        else a - b
        if kind < 0.75
        else a * b
        if kind < 0.9
        else a / (b**2 + 1)
    )


def main() -> None:
    """Write the table."""
    lines = [
        f"# By tests/oracles/gams_texts.py and Pyomo {import_module(PACKAGE).version.version}, at {json.dumps(POINT)}"
    ]
    lines += [f"{json.dumps(text)}\t{value!r}" for text, value in written(1, 60)]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
