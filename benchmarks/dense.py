"""Full derivatives of many numbers: from the text to the first matrix, and the second one at another point.

    python -m benchmarks.dense                # wengert, and CasADi if this Python has it
    python -m benchmarks.dense --equations 35000

A wide program has lines that read inputs alone and one sum; a deep one reads in each line the two before it, so its
Hessian is full. Both have 50 inputs. CasADi builds the same expressions (SX) and the function of the Hessian from the
same lines. Besides: the Jacobian of m lines of two inputs, the Hessian of the square of a sum of squares of n numbers,
and the twentieth derivative of a logarithm. Times are processor time of one call each, in seconds.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
from collections.abc import Callable
from functools import partial, reduce
from operator import add
from time import process_time
from typing import Any

import numpy as np

import wengert as wg

INPUTS = 50
TRUSTED = wg.Limits.trusted()

Lines = list[tuple[str, str]]
"""Names and their expressions, which are also Python's; the last is the output."""


def wide(n: int) -> Lines:
    pick = random.Random(1).choice
    names = [f"x{i}" for i in range(INPUTS)]
    lines = [
        (f"t{k}", f"{pick(('sin', 'cos', 'exp', 'tanh'))}(0.1*{pick(names)}*{pick(names)}) + {pick(names)}*0.5")
        for k in range(n // 6)
    ]
    return [*lines, ("f", " + ".join(name for name, _ in lines))]


def deep(n: int) -> Lines:
    pick = random.Random(2).choice
    names = [f"x{i}" for i in range(INPUTS)]
    lines = [("t0", "sin(x0*x1)"), ("t1", "cos(x2)*x3")]
    for k in range(2, n // 5):
        line = f"{pick(('sin', 'cos', 'tanh'))}(t{k - 1}*{pick(names)}) + 0.1*{pick(names)}*t{k - 2}"
        lines.append((f"t{k}", line))
    return lines


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    begun = process_time()
    found = call()
    return process_time() - begun, found


def ours(lines: Lines, x: list[float]) -> tuple[list[float], Any]:
    """Seconds to the first Hessian, to the second, and to the first sparse one; and the matrix."""
    names = ", ".join(f"x{i}" for i in range(INPUTS))
    text = "\n".join([f"input {names}", *(f"{name} = {line}" for name, line in lines), f"output {lines[-1][0]}"])
    first, f = timed(lambda: wg.compile(text, limits=TRUSTED))
    begun, matrix = timed(lambda: f.hessian(*x))
    again, _ = timed(lambda: f.hessian(*[v + 1e-3 for v in x]))
    sparse, _ = timed(lambda: wg.compile(text, limits=TRUSTED).sparse_hessian(*x))
    return [first + begun, again, sparse], np.array([list(row) for row in matrix])


def _terms(line: str) -> list[str]:
    """A long sum by term, as Python's compiler takes no sum of thousands."""
    return line.split(" + ") if len(line) > 1000 else [line]


def casadi(lines: Lines, x: list[float]) -> tuple[list[float], Any]:
    """Seconds until the expressions of the Hessian are there, and until the first matrix is."""
    import casadi as ca

    names: dict[str, Any] = {f: getattr(ca, f) for f in ("sin", "cos", "exp", "tanh")}
    # Compiled before the clock starts: to read text is no part of CasADi's work.
    code = [(name, [compile(term, name, "eval") for term in _terms(line)]) for name, line in lines]

    def build() -> Any:
        vector = [ca.SX.sym(f"x{i}") for i in range(INPUTS)]
        names.update({f"x{i}": v for i, v in enumerate(vector)})
        for name, terms in code:
            names[name] = reduce(add, (eval(term, names) for term in terms))
        joined = ca.vertcat(*vector)
        return joined, ca.hessian(names[lines[-1][0]], joined)[0]

    built, (joined, matrix) = timed(build)
    made, found = timed(lambda: ca.Function("h", [joined], [matrix])(x))
    return [built, built + made], np.array(found)


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dense")
    parser.add_argument("--equations", type=int, default=10_000)
    n = parser.parse_args(words).equations
    x = [0.1 + 0.01 * i for i in range(INPUTS)]
    for name, program in (("wide", wide), ("deep", deep)):
        lines = program(n)
        (first, again, sparse), matrix = ours(lines, x)
        print(f"{name}, about {n:,} equations, {INPUTS} inputs: first Hessian {first:.2f}, second {again:.2f}, "
              f"first sparse one {sparse:.2f}")  # fmt: skip
        if importlib.util.find_spec("casadi"):
            (built, whole), theirs = casadi(lines, x)
            assert np.allclose(matrix, theirs, rtol=1e-8, atol=1e-10 * np.max(np.abs(theirs))), name
            print(f"    CasADi: expressions {built:.2f}, first Hessian {whole:.2f}; "
                  f"ours is {first / built:.2f} times the expressions")  # fmt: skip
    for m in (2000, 4000):
        rows = "\n".join(f"y{i} = exp(-a*{i}/100)*cos(b*{i})" for i in range(m))
        f = wg.compile(f"{rows}\noutput {', '.join(f'y{i}' for i in range(m))}")
        first, again = (timed(partial(f.jacobian, 0.3, 0.2))[0] for _ in range(2))
        print(f"Jacobian of {m:,} lines of two inputs: first {first:.2f}, second {again:.2f}")
    for k in (500, 2000):
        names = [f"x{i}" for i in range(k)]
        f = wg.compile(f"s = {' + '.join(f'{a}^2' for a in names)}\ns^2 + {' + '.join(f'sin({a})' for a in names)}")
        first, again = (timed(partial(f.hessian, *[0.5] * k))[0] for _ in range(2))
        print(f"full Hessian of {k:,} inputs: first {first:.2f}, second {again:.2f}")
    for order in (10, 20, 40):
        text = "d(" * order + "log(1 + x)" + ", x)" * order
        made, f = timed(partial(wg.compile, text))
        print(f"derivative {order} of log(1 + x), nested: {made + timed(partial(f, 0.3))[0]:.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
