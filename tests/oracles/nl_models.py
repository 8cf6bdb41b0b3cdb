"""Optimization models by Pyomo, as it writes them in .nl, with Pyomo's values and derivatives.

`python -m tests.oracles.nl_models` writes the files in tests/language/models/nl anew, where pyomo is installed (those
that are kept are by Pyomo 6.10.1). nl.json has for each model two points and there, for the objective and each
constraint, the value less its bounds, the gradient and the Hessian. A writer of .nl may move a constant from a
constraint to its bounds, so that the differences are what two readings share.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "language" / "models" / "nl"
TABLE = Path(__file__).with_name("nl.json")
PACKAGE = "pyomo"

Build = Callable[[Any, Any], None]


def rosenbrock(p: Any, m: Any) -> None:
    m.x, m.y = p.Var(initialize=-1.2), p.Var(initialize=1.0)
    m.f = p.Objective(expr=100 * (m.y - m.x**2) ** 2 + (1 - m.x) ** 2)


def hs071(p: Any, m: Any) -> None:
    m.x = p.Var([1, 2, 3, 4], bounds=(1, 5), initialize={1: 1.0, 2: 5.0, 3: 5.0, 4: 1.0})
    x = m.x
    m.cost = p.Objective(expr=x[1] * x[4] * (x[1] + x[2] + x[3]) + x[3])
    m.product = p.Constraint(expr=x[1] * x[2] * x[3] * x[4] >= 25)
    m.squares = p.Constraint(expr=sum(x[k] ** 2 for k in x) == 40)


def diet(p: Any, m: Any) -> None:
    foods = {"bread": (0.05, 4, 70), "milk": (0.23, 8, 121), "fish": (0.79, 22, 20)}
    m.amount = p.Var(list(foods), within=p.NonNegativeReals, bounds=(0, 10))
    m.cost = p.Objective(expr=sum(foods[k][0] * m.amount[k] for k in foods))
    m.protein = p.Constraint(expr=sum(foods[k][1] * m.amount[k] for k in foods) >= 50)
    m.energy = p.Constraint(expr=(200, sum(foods[k][2] * m.amount[k] for k in foods), 900))


def transport(p: Any, m: Any) -> None:
    m.ship = p.Var(["a", "b"], ["u", "v", "w"], within=p.NonNegativeReals)
    m.cost = p.Objective(expr=sum((i + 1) * v for i, v in enumerate(m.ship.values())))
    m.supply = p.Constraint(["a", "b"], rule=lambda m, i: sum(m.ship[i, j] for j in "uvw") <= 5)
    m.demand = p.Constraint(["u", "v", "w"], rule=lambda m, j: sum(m.ship[i, j] for i in "ab") == 3)


def portfolio(p: Any, m: Any) -> None:
    chance = random.Random(1)
    m.w = p.Var(range(5), bounds=(0, 1), initialize=0.2)
    q = [[chance.gauss(0, 1) for _ in range(5)] for _ in range(5)]
    m.risk = p.Objective(expr=sum(sum(q[i][j] * m.w[j] for j in range(5)) ** 2 for i in range(5)))
    m.whole = p.Constraint(expr=sum(m.w[j] for j in range(5)) == 1)
    m.gain = p.Constraint(expr=sum(0.01 * (j + 1) * m.w[j] for j in range(5)) >= 0.03)


def geometric(p: Any, m: Any) -> None:
    m.h, m.w, m.d = (p.Var(bounds=(0.01, None), initialize=v) for v in (1.0, 2.0, 0.5))
    m.volume = p.Objective(expr=m.h**-1 * m.w**-0.5 * m.d**-1.25, sense=p.minimize)
    m.wall = p.Constraint(expr=2 * m.h * m.w + 2 * m.h * m.d**1.5 <= 100)
    m.ratio = p.Constraint(expr=(0.5, m.h / m.w, 2))


def angles(p: Any, m: Any) -> None:
    m.x, m.y = p.Var(bounds=(-1, 1), initialize=0.3), p.Var(bounds=(-1, 1), initialize=-0.4)
    m.f = p.Objective(expr=p.sin(m.x) * p.cos(m.y) + p.tan(m.x / 2))
    m.inverse = p.Constraint(expr=p.asin(m.x) + p.acos(m.y) + p.atan(m.x * m.y) <= 3)


def hyperbolic(p: Any, m: Any) -> None:
    m.x, m.y = p.Var(bounds=(-0.9, 0.9), initialize=0.3), p.Var(bounds=(1, 9), initialize=2.0)
    m.f = p.Objective(expr=p.sinh(m.x) + p.cosh(m.y) + p.tanh(m.x * m.y))
    m.inverse = p.Constraint(expr=p.asinh(m.x) + p.acosh(m.y) - p.atanh(m.x) >= -5)


def logarithms(p: Any, m: Any) -> None:
    m.x, m.y = p.Var(bounds=(0.1, None), initialize=1.5), p.Var(bounds=(0.1, None), initialize=2.5)
    m.f = p.Objective(expr=p.log(m.x) + p.log10(m.y) - p.exp(-m.x * m.y) + p.sqrt(m.x + m.y), sense=p.maximize)
    m.c = p.Constraint(expr=p.exp(m.x) <= 7 + m.y)


def choices(p: Any, m: Any) -> None:
    m.x, m.y = p.Var(initialize=1.25), p.Var(initialize=-0.75)
    m.f = p.Objective(expr=abs(m.x - 3) + abs(m.y) ** 3 + p.floor(m.x) * m.y - p.ceil(m.y) * m.x)
    m.c = p.Constraint(expr=p.Expr_if(m.x >= m.y, m.x**2, m.y - 1) + m.y <= 8)


def shared(p: Any, m: Any) -> None:
    """Named expressions: in both, in one constraint alone, within another, and a linear one."""
    m.x = p.Var([1, 2, 3], initialize={1: 0.5, 2: 1.5, 3: -0.5})
    m.both = p.Expression(expr=m.x[1] * m.x[2] + p.exp(m.x[3]))
    m.inner = p.Expression(expr=p.sin(m.both) + m.x[1])
    m.alone = p.Expression(expr=m.x[2] ** 2 + 2 * m.x[3])
    m.linear = p.Expression(expr=2 * m.x[1] - m.x[3] + 1)
    m.f = p.Objective(expr=m.both**2 + m.x[2] + m.linear**2)
    m.c = p.Constraint(expr=m.inner * m.x[3] + m.inner <= 4)
    m.d = p.Constraint(expr=m.alone**2 + m.alone + m.linear >= -1)
    m.e = p.Constraint(expr=m.linear == 1.5)


def knapsack(p: Any, m: Any) -> None:
    m.take = p.Var(range(4), within=p.Binary)
    m.gain = p.Objective(expr=sum((3 * k + 2) * m.take[k] for k in range(4)), sense=p.maximize)
    m.weight = p.Constraint(expr=sum((k + 1) * m.take[k] for k in range(4)) <= 6)


def mixed(p: Any, m: Any) -> None:
    """Integers in every class: nonlinear in both, in constraints, in the objective, and linear."""
    m.both, m.rows, m.goal, m.line = (p.Var(within=p.Integers, bounds=(-5, 9), initialize=2) for _ in range(4))
    m.real, m.switch = p.Var(bounds=(0.5, 4), initialize=1.5), p.Var(within=p.Binary, initialize=1)
    m.f = p.Objective(expr=m.both**2 + m.goal**3 + m.real * m.both + 3 * m.line)
    m.c = p.Constraint(expr=m.both * m.rows + m.real**2 + m.switch >= 1)
    m.d = p.Constraint(expr=m.line + 2 * m.switch + m.rows <= 12)


def labels(p: Any, m: Any) -> None:
    """Names that are no names of ours, and some that become equal."""
    m.x = p.Var(["a b", "a_b", "a-b", "größe", "1"], initialize=0.5)
    setattr(m, "for", p.Var(initialize=1.5))
    m.inf = p.Var(initialize=2.5)
    m.total = p.Objective(expr=sum((k + 1) * v**2 for k, v in enumerate(m.x.values())) + getattr(m, "for") * m.inf)
    m.sin = p.Constraint(expr=p.sin(m.x["a b"]) + m.inf <= 4)


def sides(p: Any, m: Any) -> None:
    """Every kind of bounds, and constants on both sides."""
    m.free, m.low, m.high = p.Var(initialize=0.1), p.Var(bounds=(-2, None)), p.Var(bounds=(None, 3))
    m.narrow, m.point = p.Var(bounds=(2, 2.5), initialize=2.2), p.Var(bounds=(1.5, 1.5), initialize=1.5)
    m.f = p.Objective(expr=m.free**2 + m.low**2 + m.high**2 + m.narrow * m.point + 5)
    m.range = p.Constraint(expr=(1, m.free + m.low**2 + 3, 9))
    m.least = p.Constraint(expr=m.high + 4 >= 2 - m.low)
    m.most = p.Constraint(expr=m.free * m.high + 2 <= 8)
    m.same = p.Constraint(expr=m.narrow + m.free == 2.25)


def system(p: Any, m: Any) -> None:
    """Equations without an objective."""
    m.x, m.y = p.Var(initialize=1.0), p.Var(initialize=-1.7)
    m.circle = p.Constraint(expr=m.x**2 + m.y**2 == 4)
    m.curve = p.Constraint(expr=p.exp(m.x) + m.y == 1)


def reactor(p: Any, m: Any) -> None:
    """A differential equation by the trapezoidal rule, with a control."""
    n, h = 12, 0.1
    m.z, m.u = p.Var(range(n), bounds=(0, 2), initialize=0.8), p.Var(range(n), bounds=(0, 5), initialize=1.0)
    m.f = p.Objective(expr=sum((m.z[k] - 0.5) ** 2 + 0.01 * m.u[k] ** 2 for k in range(n)))
    m.begin = p.Constraint(expr=m.z[0] == 1)

    def rate(k: int) -> Any:
        return -m.u[k] * p.exp(-1 / (m.z[k] + 0.1)) * m.z[k]

    m.step = p.Constraint(
        range(n - 1), rule=lambda m, k: m.z[k + 1] == m.z[k] + h / 2 * (rate(k) + rate(k + 1))
    )  # fmt: skip


def suffixes(p: Any, m: Any) -> None:
    m.x, m.y = p.Var(initialize=1.0), p.Var(initialize=2.0)
    m.f = p.Objective(expr=(m.x - 2) ** 2 + m.y**4)
    m.c = p.Constraint(expr=m.x * m.y >= 1)
    m.dual = p.Suffix(direction=p.Suffix.EXPORT)
    m.dual[m.c] = 0.5
    m.scaling_factor = p.Suffix(direction=p.Suffix.EXPORT)
    m.scaling_factor[m.x] = 10.0


def chain(p: Any, m: Any) -> None:
    """The logistic map, each step a named expression of the one before."""
    m.x, m.r = p.Var(bounds=(0, 1), initialize=0.3), p.Var(bounds=(0, 4), initialize=2.9)
    m.step = p.Expression(range(8))
    last: Any = m.x
    for k in range(8):
        m.step[k] = m.r * last * (1 - last)
        last = m.step[k]
    m.f = p.Objective(expr=(last - 0.6) ** 2)


def quotients(p: Any, m: Any) -> None:
    m.x, m.y = p.Var(bounds=(0.1, 9), initialize=1.5), p.Var(bounds=(0.1, 9), initialize=0.7)
    m.f = p.Objective(expr=1 / m.x + m.x / m.y - 3 / (m.x * m.y) + (m.x + 1) / (m.y + 2) / (m.x - 7) - (-m.y) / 2)
    m.c = p.Constraint(expr=-(m.x - m.y) / m.x - (m.y - (m.x - 2)) >= -4)


def powers(p: Any, m: Any) -> None:
    m.x, m.y = p.Var(bounds=(0.1, 9), initialize=1.5), p.Var(bounds=(-3, 3), initialize=0.7)
    m.f = p.Objective(expr=m.x**m.y + 2**m.y + (-m.y) ** 2 - m.y**3 + m.x ** (-2) + (m.x**2) ** m.y + m.x ** (m.y**2))
    m.c = p.Constraint(expr=-(m.x**2) + (m.x * 2) ** 0.5 <= 3)


def fixed(p: Any, m: Any) -> None:
    """Fixed variables and parameters, which the writer turns into numbers."""
    m.x, m.k, m.q = p.Var(initialize=1.5), p.Var(initialize=2.0), p.Param(initialize=3.5, mutable=True)
    m.k.fix(2.0)
    m.f = p.Objective(expr=m.q * m.x**m.k + m.k * m.x + p.exp(m.q - 3) * m.x**3)
    m.c = p.Constraint(expr=m.x * m.k + m.q >= 1)


def hanging(p: Any, m: Any) -> None:
    """A hanging chain: nonlinear in constraints alone, linear in the objective."""
    n = 6
    m.x = p.Var(range(n), initialize=lambda m, k: k * 1.0)
    m.y = p.Var(range(n), initialize=0.1)
    m.height = p.Objective(expr=sum(m.y[k] for k in range(n)))
    m.link = p.Constraint(
        range(n - 1), rule=lambda m, k: (m.x[k + 1] - m.x[k]) ** 2 + (m.y[k + 1] - m.y[k]) ** 2 == 1.5
    )  # fmt: skip
    m.left = p.Constraint(expr=m.x[0] == 0)


def maximum_entropy(p: Any, m: Any) -> None:
    m.q = p.Var(range(6), bounds=(1e-6, 1), initialize=lambda m, k: (k + 1) / 21)
    m.entropy = p.Objective(expr=-sum(m.q[k] * p.log(m.q[k]) for k in range(6)), sense=p.maximize)
    m.whole = p.Constraint(expr=sum(m.q[k] for k in range(6)) == 1)
    m.mean = p.Constraint(expr=sum((k + 1) * m.q[k] for k in range(6)) == 4.5)


MODELS: dict[str, Build] = {
    build.__name__: build
    for build in (
        rosenbrock, hs071, diet, transport, portfolio, geometric, angles, hyperbolic, logarithms, choices, shared,
        knapsack, mixed, labels, sides, system, reactor, suffixes, chain, quotients, powers, fixed, hanging,
        maximum_entropy,
    )
}  # fmt: skip
# Pyomo has no derivative of these.
NO_DERIVATIVES = {"choices", "hyperbolic"}


def random_model(seed: int) -> Build:
    """A model of random expressions."""

    def build(p: Any, m: Any) -> None:
        chance = random.Random(seed)
        m.v = p.Var(range(4), bounds=(0.2, 3), initialize=lambda m, k: chance.uniform(0.5, 2))
        m.f = p.Objective(expr=_expression(p, m, chance, 4), sense=chance.choice([p.minimize, p.maximize]))
        m.e = p.Expression(expr=_expression(p, m, chance, 2))
        m.c = p.Constraint(
            range(3), rule=lambda m, k: (-100, _expression(p, m, chance, 3) + m.e * chance.choice([1, m.v[k]]), 100)
        )  # fmt: skip

    return build


def _expression(p: Any, m: Any, chance: random.Random, depth: int) -> Any:
    if depth == 0 or chance.random() < 0.1:
        return chance.choice([*m.v.values(), *m.v.values(), 2.0, 0.5, -1.25])
    a, b = (_expression(p, m, chance, depth - 1) for _ in "ab")
    kind = chance.random()
    if kind < 0.25:
        return a + b
    if kind < 0.4:
        return a - b
    if kind < 0.65:
        return a * b
    if kind < 0.75:
        return a / (2 + b * b)
    if kind < 0.85:
        return (1 + a * a) ** chance.choice([0.5, 2, -1, 1.5])
    name = chance.choice("sin cos atan exp log sqrt".split())
    inside = a if name not in ("log", "sqrt") else 1 + a * a
    return getattr(p, name)(p.atan(inside) if name == "exp" else inside)


def write(build: Build, path: Path) -> Any:
    """Write a model with Pyomo, and give it."""
    pyomo: Any = import_module("pyomo.environ")
    model = pyomo.ConcreteModel()
    build(pyomo, model)
    model.write(str(path), io_options={"symbolic_solver_labels": True})
    return model


def recorded(model: Any, path: Path, derivatives: bool = True) -> Iterator[dict[str, Any]]:
    """Two points, and at each the answers of the rows in the order of the .row file. `place` has the values of the
    variables in the order of the .col file."""
    pyomo: Any = import_module("pyomo.environ")
    calculus: Any = import_module("pyomo.core.expr.calculus.derivatives")
    numeric, symbolic = calculus.Modes.reverse_numeric, calculus.Modes.reverse_symbolic
    variables = {v.name: v for v in model.component_data_objects(pyomo.Var)}
    parts = {c.name: c for c in model.component_data_objects((pyomo.Constraint, pyomo.Objective), active=True)}
    columns = [variables[n] for n in path.with_suffix(".col").read_text("utf-8").splitlines()]
    rows = [parts[n] for n in path.with_suffix(".row").read_text("utf-8").splitlines()]
    chance = random.Random(path.stem)
    start = [pyomo.value(v) if v.value is not None else None for v in columns]
    for turn in range(2):
        for v, value in zip(columns, start):
            near = 0.6 if value is None else value
            v.set_value(near + turn * chance.uniform(0.02, 0.1), skip_validation=True)
        answers = []
        for row in rows:
            body = row.body if hasattr(row, "body") else row.expr
            low, high = (pyomo.value(row.lower), pyomo.value(row.upper)) if hasattr(row, "body") else (0.0, 0.0)
            value = pyomo.value(body)
            found: dict[str, Any] = {"above": None if low is None else value - low,
                                     "below": None if high is None else high - value}  # fmt: skip
            if derivatives:
                # Fixed variables have no derivative; a body that is one number has none at all.
                found["gradient"] = calculus.differentiate(body, wrt_list=columns, mode=numeric)
                slopes = calculus.differentiate(body, wrt_list=columns, mode=symbolic)
                found["hessian"] = [
                    [i, j, value]
                    for i, slope in enumerate(slopes)
                    for j, value in enumerate(
                        [0.0] * len(columns) if isinstance(slope, (int, float))
                        else calculus.differentiate(slope, wrt_list=columns, mode=numeric)
                    )
                    if value and j <= i
                ]  # fmt: skip
            answers.append(found)
        yield {"place": [pyomo.value(v) for v in columns], "rows": answers}


def main() -> None:
    """Write all files."""
    FOLDER.mkdir(exist_ok=True)
    table = {}
    for name, build in MODELS.items():
        path = FOLDER / f"{name}.nl"
        model = write(build, path)
        table[name] = list(recorded(model, path, name not in NO_DERIVATIVES))
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(_short(points))}" for name, points in table.items())
    TABLE.write_text(f"{{\n{lines}\n}}\n", "utf-8")


def _short(thing: Any) -> Any:
    """Numbers to fifteen digits."""
    if isinstance(thing, float):
        return float(f"{thing:.15g}") if math.isfinite(thing) else None
    if isinstance(thing, dict):
        return {k: _short(v) for k, v in thing.items()}
    return [_short(v) for v in thing] if isinstance(thing, list) else thing


if __name__ == "__main__":
    main()
