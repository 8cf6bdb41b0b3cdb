"""Batches without any extra: the kernel of NumPy beside NumPy written by hand, value and gradient, one thread.

    python -m benchmarks.batch                       # four formulas, 10^3 to 10^6 points
    python -m benchmarks.batch --points 1000,10000000
    python -m benchmarks.batch --to results          # a table as JSON, into a folder
    python -m benchmarks.batch --memory 10000000     # what a call takes beside its inputs and outputs

"Hand" is NumPy as a careful person writes it: shared sub-expressions, no checks. Answers are compared before anything
is timed, and contestants take turns.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("WENGERT_NUM_THREADS", "1")

import numpy as np

import wengert as wg

from .formulas import FORMULAS, Formula
from .measuring import Contestant, Result, measure, table, written


def compared(formula: Formula, n: int) -> Result:
    """One formula at n points: by hand, by the bound function into arrays that are there, and by a plain call."""
    rng = np.random.default_rng(1)
    inputs = tuple(rng.uniform(0.9, 1.1, n) * a for a in formula.point)
    hand = formula.hand(np)
    f = wg.compile(formula.text, kernel="numpy", limits=wg.Limits.trusted())
    k = f.bind("value_and_grad")
    out = np.zeros(n), np.zeros((len(inputs), n))

    def bound() -> None:
        k(*inputs, out=out)

    bound()
    for answer, wanted in zip((out[0], *out[1]), hand(*inputs), strict=True):
        np.testing.assert_allclose(answer, wanted, rtol=1e-9)
    calls = {"hand": Contestant(hand, inputs), "bound": bound, "plain": Contestant(f.value_and_grad, inputs)}
    return measure(f"{formula.name}, {n:,} points", calls, "hand", "ns", n, 9 if n < 10**6 else 7, seconds=0.01)


def memory(formula: Formula, n: int) -> str:
    """The most memory that a call takes beside its inputs and outputs, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.batch", "--beside", formula.text, "--memory", str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ))
    return f"{formula.name}, {n:,} points: {float(done.stdout):.1f} MB beside inputs and outputs"


def beside(text: str, n: int) -> float:
    """Megabytes by which a call raises the most memory that this process held, without those of its answer."""
    f = wg.compile(text, kernel="numpy", limits=wg.Limits.trusted())
    f.value_and_grad(*[np.full(10, 0.5) for _ in f.inputs])
    given = [np.full(n, 0.5) for _ in f.inputs]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    value, gradient = f.value_and_grad(*given)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (after - before) / 1024 - (value.nbytes + sum(g.nbytes for g in gradient)) / 2**20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", default="1000,10000,100000,1000000")
    parser.add_argument("--memory", type=int, metavar="N", help="measure memory at N points, and nothing else")
    parser.add_argument("--beside", help=argparse.SUPPRESS)
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="write JSON there")
    given = parser.parse_args()
    if given.beside:
        print(beside(given.beside, given.memory))
    elif given.memory:
        for formula in FORMULAS:
            print(memory(formula, given.memory))
    else:
        results = [compared(formula, n) for n in map(int, given.points.split(",")) for formula in FORMULAS]
        print(table(results))
        if given.to:
            written({"batch": results}, {}, given.to)


if __name__ == "__main__":
    main()
