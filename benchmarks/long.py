"""Long lists: a product of n factors (Speelpenning), an unrolled integration of Lorenz's equations, a random program.

CasADi's virtual machine runs a function of scalar symbols (SX) with its arguments and results bound to memory.
"""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

import numpy as np

import wengert as wg

from . import peers
from .measuring import Contestant, Result
from .peers import Peer, installed

STEP = 0.01
EQUATIONS = 28  # of a step of Lorenz's equations
LIMITS = wg.Limits.trusted()


class Workload(NamedTuple):
    """A list of about n equations.

    program     its text, or the list itself
    point       its inputs
    expression  a function of a namespace and a vector of symbols, for another library
    vector      the program over one vector `x[n]`, if its inputs are the elements of one; else ""
    """

    name: str
    program: Callable[[int], Any]
    point: Callable[[int], tuple[float, ...]]
    expression: Callable[..., Any]
    vector: str = ""

    def sides(self, n: int) -> dict[str, Peer]:
        found = {}
        if installed("casadi"):
            found["CasADi buffers"] = casadi_side(self, n)
        f = wg.compile(self.program(n), limits=LIMITS)
        x = self.point(n)

        def answer() -> Any:
            value, gradient = f.value_and_grad(*x)
            return [value, list(gradient)]

        for _ in range(15):
            f.value_and_grad(*x)
        found["wengert"] = Peer(Contestant(f.value_and_grad, x), answer)
        if self.vector and n < 10**6:
            found["wengert, over a vector"] = vector_side(self, n)
        return found


def casadi_side(workload: Workload, n: int) -> Peer:
    x = workload.point(n)
    function = peers.casadi_function(lambda m, *v: workload.expression(m, n, *v), len(x))
    return peers.casadi_bound(function, x, (1, len(x)))


def vector_side(workload: Workload, n: int) -> Peer:
    """The program over a vector, bound: an array in, arrays out."""
    x = np.array(workload.point(n))
    call = wg.compile(workload.vector, limits=LIMITS, shapes={"x": (n,)}).bind("value_and_grad")
    call(x)
    return Peer(Contestant(call, (x,)))


def product(m: Any, n: int, *x: Any) -> Any:
    whole = x[0]
    for a in x[1:]:
        whole = whole * a
    return whole


def lorenz(m: Any, n: int, x: Any, y: Any, z: Any, s: Any, r: Any, b: Any) -> Any:
    for _ in range(n // EQUATIONS):
        k, p, q = s * (y - x), x * (r - z) - y, x * y - b * z
        u, v, w = x + STEP / 2 * k, y + STEP / 2 * p, z + STEP / 2 * q
        k, p, q = s * (v - u), u * (r - w) - v, u * v - b * w
        x, y, z = x + STEP * k, y + STEP * p, z + STEP * q
    return x + y + z


LORENZ = f"""
input x0, y0, z0, s, r, b
x = x0
y = y0
z = z0
for t in 0:{{n}} {{{{
  k1 = s*(y - x)
  l1 = x*(r - z) - y
  m1 = x*y - b*z
  u = x + {STEP / 2}*k1
  v = y + {STEP / 2}*l1
  w = z + {STEP / 2}*m1
  k2 = s*(v - u)
  l2 = u*(r - w) - v
  m2 = u*v - b*w
  x = x + {STEP}*k2
  y = y + {STEP}*l2
  z = z + {STEP}*m2
}}}}
x + y + z
"""


def steps_of(n: int) -> list[tuple[str, int, int]]:
    """A random program: operations on late values, which stay small."""
    choose, found = random.Random(9), []
    for k in range(3, n + 3):
        a, b = (choose.randrange(max(0, k - 40), k) for _ in range(2))
        found.append((choose.choice(("mul", "mean", "sub", "sin")), a, b))
    return found


def mixed(m: Any, n: int, *x: Any) -> Any:
    values = list(x)
    for op, a, b in steps_of(n // 2):
        u, v = values[a], values[b]
        values.append(
            u * v if op == "mul" else 0.5 * (u + v) if op == "mean" else m.sin(u - v) if op == "sub" else m.sin(u)
        )
    return sum(values[-39:], values[-40])


def mixed_program(n: int) -> wg.WengertList:
    names: list[str] = ["x0", "x1", "x2"]
    equations: list[tuple[str, str, tuple[Any, ...]]] = []
    for k, (op, a, b) in enumerate(steps_of(n // 2)):
        u, v, t = names[a], names[b], f"t{k}"
        if op == "mul":
            equations.append((t, "mul", (u, v)))
        elif op == "mean":
            equations += [(f"s{k}", "add", (u, v)), (t, "mul", (0.5, f"s{k}"))]
        elif op == "sub":
            equations += [(f"s{k}", "sub", (u, v)), (t, "sin", (f"s{k}",))]
        else:
            equations.append((t, "sin", (u,)))
        names.append(t)
    total = names[-40]
    for k, name in enumerate(names[-39:]):
        equations.append((f"sum{k}", "add", (total, name)))
        total = f"sum{k}"
    return wg.WengertList(equations, ("x0", "x1", "x2"), (total,))


def near_one(n: int) -> tuple[float, ...]:
    return tuple(1.0 + math.sin(i) / 1000 for i in range(n))


LONG = (
    Workload(
        "Speelpenning",
        lambda n: "*".join(f"x{i}" for i in range(n)),
        near_one,
        product,
        "input x[n]\nprod(x[i] for i in 0:n)",
    ),
    Workload("Lorenz", lambda n: LORENZ.format(n=n // EQUATIONS), lambda n: (1.0, 1.1, 1.2, 10.0, 28.0, 8 / 3), lorenz),
    Workload("random", mixed_program, lambda n: (0.3, 0.5, 0.7), mixed),
)

FIRST = """
import json, sys
from time import process_time
from benchmarks import long
name, n, who = sys.argv[1], int(sys.argv[2]), sys.argv[3]
print(json.dumps(long.first(name, n, who)))
"""


def first(name: str, n: int, who: str) -> list[float]:
    """The seconds of this process from the program to its first gradient, and from its list on."""
    from time import process_time

    workload = next(w for w in LONG if w.name == name)
    x = workload.point(n)
    if who == "CasADi":
        import casadi  # noqa: F401  its import is not its work

        start = process_time()
        casadi_side(workload, n).answer()
        return [process_time() - start] * 2
    wg.compile("x*y").value_and_grad(1.0, 2.0)
    program = workload.program(n)
    start = process_time()
    f = wg.compile(program, limits=LIMITS)
    listed = process_time()
    f.value_and_grad(*x)
    return [process_time() - start, process_time() - listed]


def ready_to_run(n: int) -> list[Result]:
    results = []
    for workload in LONG:
        times: dict[str, list[float]] = {}
        for _ in range(3):
            for who in (["CasADi"] if installed("casadi") else []) + ["wengert"]:
                command = [sys.executable, "-c", FIRST, workload.name, str(n), who]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                whole, from_list = json.loads(done.stdout)
                times.setdefault(who, []).append(whole)
                if who == "wengert":
                    times.setdefault("wengert, from its list", []).append(from_list)
        spread = {k: (min(v), max(v)) for k, v in times.items()}
        seconds = {k: median(v) for k, v in times.items()}
        results.append(Result(f"{workload.name}, {n:,} equations", "ms", seconds, spread, next(iter(seconds))))
    return results
