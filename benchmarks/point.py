"""What value and gradient at one point cost beside Python written by hand, and a first call beside another checkout's.

    python -m benchmarks.point                       # four formulas, warm calls
    python -m benchmarks.point --long 100000         # lists of so many equations as well
    python -m benchmarks.point --before ../checkout  # a first call of each formula, beside that of another checkout
    python -m benchmarks.point --kernel interpreter

Times are interleaved, ratios of medians of one run; before anything is timed the answers are compared. "Hand" is Python
as a careful person writes it: shared sub-expressions, no checks; for long lists a loop over the same operations.
"""

from __future__ import annotations

import argparse
import math
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

import wengert as wg
from wengert.lists.wengert_list import Equation, WengertList

SLICE = 5e-4  # seconds

Hand = Callable[..., tuple[float, Sequence[float]]]


class Case(NamedTuple):
    name: str
    text: Any
    point: tuple[float, ...]
    hand: Hand
    most: float  # times handwritten Python that a warm call may take


def square(x1: float, x2: float) -> tuple[float, tuple[float, ...]]:
    s = 2.0 * x1 + x2
    g = 2.0 * s
    return s * s, (2.0 * g, g)


def neuron(w0: float, x0: float, w1: float, x1: float, w2: float) -> tuple[float, tuple[float, ...]]:
    f = 1.0 / (1.0 + math.exp(-(w0 * x0 + w1 * x1 + w2)))
    g = f * (1.0 - f)
    return f, (g * x0, g * w0, g * x1, g * w1, g)


def physics(q: float, e: float, b: float, v: float, theta: float, r: float) -> tuple[float, tuple[float, ...]]:
    s, c = math.sin(theta), math.cos(theta)
    field = e + b * v * s
    fall = math.exp(-r / 2.0)
    w = 1.0 - v * v / 9.0
    root = math.sqrt(w)
    charge = fall / root
    f = q * field * charge
    k = q * charge
    return f, (field * charge, k, k * v * s, k * b * s + f * v / (9.0 * w), k * b * v * c, -f / 2.0)


def _rosenbrock(n: int) -> Hand:
    """Straight-line code, as one would write it for n inputs, or have it written."""
    names = [f"x{i}" for i in range(n)]
    lines = [f"def hand({', '.join(names)}):"]
    lines += [f" t{i} = x{i + 1} - x{i} * x{i}; u{i} = 1.0 - x{i}; s{i} = 200.0 * t{i}" for i in range(n - 1)]
    value = " + ".join(f"100.0 * t{i} * t{i} + u{i} * u{i}" for i in range(n - 1))
    first = [f"-2.0 * (x{i} * s{i} + u{i})" + (f" + s{i - 1}" if i else "") for i in range(n - 1)]
    lines.append(f" return {value}, ({', '.join(first)}, s{n - 2})")
    space: dict[str, Any] = {}
    exec("\n".join(lines), space)
    hand: Hand = space["hand"]
    return hand


def formulas() -> list[Case]:
    n = 10
    terms = " + ".join(f"100*(x{i + 1} - x{i}^2)^2 + (1 - x{i})^2" for i in range(n - 1))
    names = ", ".join(f"x{i}" for i in range(n))
    return [
        Case("(2*x1 + x2)^2", "(2*x1 + x2)^2", (3.0, 7.0), square, 6),
        Case("sigmoid neuron, 5 inputs", "1/(1 + exp(-(w0*x0 + w1*x1 + w2)))", (2.0, -1.0, -3.0, -2.0, -3.0),
             neuron, 6),
        Case("Rosenbrock, 10 inputs", f"input {names}\n{terms}", tuple(0.3 + 0.1 * i for i in range(n)),
             _rosenbrock(n), 6),
        Case("physics, 6 inputs", "q*(E + B*v*sin(theta))*exp(-r/2)/sqrt(1 - v^2/9)", (1.5, 0.3, 0.7, 1.1, 0.4, 0.9),
             physics, 6),
    ]  # fmt: skip


def speelpenning(*x: float) -> tuple[float, Sequence[float]]:
    before, p = [], 1.0
    for a in x:
        before.append(p)
        p *= a
    after, g = 1.0, [0.0] * len(x)
    for i in range(len(x) - 1, -1, -1):
        g[i] = before[i] * after
        after *= x[i]
    return p, g


def tape(wlist: WengertList) -> Hand:
    """Both sweeps by hand over a list of numbered operations."""
    places: dict[Any, int] = {n: k for k, n in enumerate(wlist.inputs)}
    values: list[float] = [0.0] * len(places)
    steps: list[tuple[str, int, int, int]] = []

    def slot(a: Any) -> int:
        if type(a) is not float:
            return places[a]
        values.append(a)
        return len(values) - 1

    for output, op, inputs in wlist.equations:
        i, j = (*map(slot, inputs), -1)[:2]
        places[output] = len(values)
        steps.append((op, i, j, len(values)))
        values.append(0.0)
    n, answer = len(wlist.inputs), places[wlist.outputs[0]]

    def hand(*x: float) -> tuple[float, Sequence[float]]:
        v = values[:]
        v[:n] = x
        for op, i, j, k in steps:
            if op == "mul":
                v[k] = v[i] * v[j]
            elif op == "add":
                v[k] = v[i] + v[j]
            elif op == "sub":
                v[k] = v[i] - v[j]
            elif op == "copy":
                v[k] = v[i]
            else:
                v[k] = math.sin(v[i])
        g = [0.0] * len(v)
        g[answer] = 1.0
        for op, i, j, k in reversed(steps):
            b = g[k]
            if op == "mul":
                g[i] += b * v[j]
                g[j] += b * v[i]
            elif op == "add":
                g[i] += b
                g[j] += b
            elif op == "sub":
                g[i] += b
                g[j] -= b
            elif op == "copy":
                g[i] += b
            else:
                g[i] += b * math.cos(v[i])
        return v[answer], g[:n]

    return hand


LORENZ = """
input x0, y0, z0, s, r, b
x = x0
y = y0
z = z0
for t in 0:{n} {{
  k1 = s*(y - x)
  l1 = x*(r - z) - y
  m1 = x*y - b*z
  u = x + 0.005*k1
  v = y + 0.005*l1
  w = z + 0.005*m1
  k2 = s*(v - u)
  l2 = u*(r - w) - v
  m2 = u*v - b*w
  x = x + 0.01*k2
  y = y + 0.01*l2
  z = z + 0.01*m2
}}
x + y + z
"""


def random_program(n: int) -> WengertList:
    """n equations, each on late ones, whose values stay small."""
    choose = random.Random(9)
    equations, names = [], ["x0", "x1", "x2"]
    while len(equations) < n:
        a, b = choose.choice(names[-40:]), choose.choice(names[-40:])
        name = f"t{len(equations)}"
        op = choose.choice(("mul", "add", "sub", "sin"))
        equations.append(Equation(name, op, (a,) if op == "sin" else (a, b)))
        if op in ("add", "sub"):
            equations.append(Equation(f"{name}_", "sin", (name,)))
            name += "_"
        names.append(name)
    return WengertList(equations, ("x0", "x1", "x2"))


def long_lists(n: int) -> list[Case]:
    lorenz = LORENZ.format(n=n // 32)
    written = random_program(n)
    product = " * ".join(f"x{i}" for i in range(n))
    point = tuple(1.0 + math.sin(i) / 1000 for i in range(n))
    return [
        Case(f"Speelpenning, {n} factors", product, point, speelpenning, 8),
        Case(f"Lorenz, {n} equations", lorenz, (1.0, 1.1, 1.2, 10.0, 28.0, 8 / 3),
             tape(wg.compile(lorenz).running_list), 8),
        Case(f"random, {n} equations", written, (0.3, 0.5, 0.7), tape(written), 8),
    ]  # fmt: skip


def agree(ours: tuple[float, Any], hand: tuple[float, Any]) -> bool:
    """Whether both found the same, up to rounding."""
    pairs = zip((ours[0], *ours[1]), (hand[0], *hand[1]), strict=True)
    return all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) for a, b in pairs)


def measure(calls: Sequence[Callable[..., Any]], point: Sequence[float], tries: int) -> list[float]:
    """Median seconds of processor a call of each at a point, taken in turns; in short slices, which other work on the
    machine seldom cuts."""
    times: list[list[float]] = [[] for _ in calls]
    loops = []
    for call in calls:
        start = perf_counter()
        for _ in range(5):
            call(*point)
        loops.append(max(1, int(SLICE / ((perf_counter() - start) / 5))))
    for _ in range(tries):
        for found, call, loop in zip(times, calls, loops):
            start = process_time()
            for _ in range(loop):
                call(*point)
            found.append((process_time() - start) / loop)
    return [median(found) for found in times]


FIRST = """
import sys
from time import process_time
import wengert as wg
text, point = sys.argv[1], [float(a) for a in sys.argv[2:]]
best = []
for k in range(200):
    f = wg.compile(text)
    start = process_time()
    f.value_and_grad(*point)
    best.append(process_time() - start)
print(sorted(best)[len(best) // 2])
"""


def first_call(root: Path, case: Case) -> float:
    """Seconds from a compiled function to its first value and gradient, in a process of its own."""
    command = [sys.executable, "-c", FIRST, case.text, *map(str, case.point)]
    done = subprocess.run(command, cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", type=int, metavar="N", help="lists of N equations as well")
    parser.add_argument("--before", type=Path, metavar="CHECKOUT", help="compare first calls with those of a checkout")
    parser.add_argument("--kernel", default="auto")
    parser.add_argument("--tries", type=int, default=301)
    given = parser.parse_args()
    print(f"{'value and gradient, warm':<34}{'hand µs':>10}{'call µs':>10}{'ratio':>8}{'most':>6}  kernel")
    for case in [*formulas(), *(long_lists(given.long) if given.long else ())]:
        kernel = given.kernel if len(case.point) < 20 and case.most == 6 else "interpreter"
        f = wg.compile(case.text, kernel=kernel, limits=wg.Limits.trusted())
        for _ in range(2):
            assert agree(f.value_and_grad(*case.point), case.hand(*case.point)), case.name
        a, b = measure([case.hand, f.value_and_grad], case.point, given.tries if len(case.point) < 100 else 7)
        ran = f.kernel.partition(":")[0]
        print(f"{case.name:<34}{a * 1e6:>10.3f}{b * 1e6:>10.3f}{b / a:>8.2f}{case.most:>6}  {ran}")
    if given.before:
        print(f"\n{'first value and gradient':<34}{'before µs':>10}{'now µs':>10}{'ratio':>8}{'most':>6}")
        here = Path(__file__).parents[1]
        for case in formulas():
            pairs = [(first_call(given.before, case), first_call(here, case)) for _ in range(7)]
            a, b = (median(side) for side in zip(*pairs))
            print(f"{case.name:<34}{a * 1e6:>10.1f}{b * 1e6:>10.1f}{b / a:>8.2f}{1.2:>6}")


if __name__ == "__main__":
    main()
