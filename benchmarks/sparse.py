"""Sparse derivatives: how long until they can be evaluated, how many operations they take, and how both grow.

    python -m benchmarks.sparse                   # n = 100, 1,000, 10,000
    python -m benchmarks.sparse --to 1000

Two problems, each as a list (wengert) and as an expression graph (CasADi, if this Python has it) that is there before
the clock starts: the Hessian of Rosenbrock's function as a sum of n - 1 terms (2998 nonzeros at n = 1000), and the
Jacobian of Broyden's tridiagonal system. What is timed is building the function of the nonzeros: patterns, colourings
where a tool uses them, and the derivative itself. Times are processor time, the least of several tries; operations are
what one evaluation takes. The growth is the power of n between the last two sizes: 1 is linear.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
from collections.abc import Callable
from math import inf, log
from time import process_time
from typing import Any

import wengert as wg
from wengert.transforms.sparsity import hessian_pattern, jacobian_pattern, sparse_hessian, sparse_jacobian

TRUSTED = wg.Limits.trusted()

Built = tuple[int, int]
"""Nonzeros and operations."""


def rosenbrock(n: int) -> wg.WengertList:
    """H. H. Rosenbrock, The Computer Journal 3(3), 1960, chained: the sum of 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2."""
    terms = " + ".join(f"100*(x{i + 1} - x{i}^2)^2 + (1 - x{i})^2" for i in range(n - 1))
    return wg.parse(f"input {', '.join(f'x{i}' for i in range(n))}\n{terms}", limits=TRUSTED).wlist


def broyden(n: int) -> wg.WengertList:
    """C. G. Broyden, Mathematics of Computation 19(92), 1965: (3 - 2 x_i) x_i - x_{i-1} - 2 x_{i+1} + 1."""
    names = [f"x{i}" for i in range(n)]
    x = ["0", *names, "0"]
    rows = [f"r{i} = (3 - 2*{x[i + 1]})*{x[i + 1]} - {x[i]} - 2*{x[i + 2]} + 1" for i in range(n)]
    text = "\n".join([f"input {', '.join(names)}", *rows, f"output {', '.join(f'r{i}' for i in range(n))}"])
    return wg.parse(text, limits=TRUSTED).wlist


def ours(derivative: Callable[..., Any]) -> Callable[[wg.WengertList], Built]:
    def build(wlist: wg.WengertList) -> Built:
        sparse, rows, _ = derivative(wlist, limits=TRUSTED)
        return len(rows), len(sparse)

    return build


Tool = tuple[Callable[[int], Any], Callable[[Any], Built]]


def problems() -> dict[str, dict[str, Tool]]:
    """For each problem and tool: what makes the function of size n, and what builds its derivative."""
    found: dict[str, dict[str, Tool]] = {
        "Hessian of Rosenbrock": {
            "wengert": (rosenbrock, ours(sparse_hessian)),
            "  its pattern alone": (rosenbrock, lambda w: (len(hessian_pattern(w).rows), 0)),
        },
        "Jacobian of Broyden": {
            "wengert": (broyden, ours(sparse_jacobian)),
            "  its pattern alone": (broyden, lambda w: (len(jacobian_pattern(w).rows), 0)),
        },
    }
    if importlib.util.find_spec("casadi"):
        import casadi as ca

        def rosenbrock_graph(n: int) -> Any:
            x = ca.SX.sym("x", n)
            return x, ca.sum1(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

        def broyden_graph(n: int) -> Any:
            x = ca.SX.sym("x", n)
            return x, (3 - 2 * x) * x - ca.vertcat(0, x[:-1]) - 2 * ca.vertcat(x[1:], 0) + 1

        def casadi_hessian(made: Any) -> Built:
            x, f = made
            h, _ = ca.hessian(f, x)
            # An input and an output element are instructions of CasADi's, and no operations.
            built = ca.Function("h", [x], [h])
            return h.nnz(), built.n_instructions() - x.nnz() - h.nnz()

        def casadi_jacobian(made: Any) -> Built:
            x, f = made
            j = ca.jacobian(f, x)
            built = ca.Function("j", [x], [j])
            return j.nnz(), built.n_instructions() - x.nnz() - j.nnz()

        found["Hessian of Rosenbrock"]["CasADi"] = rosenbrock_graph, casadi_hessian
        found["Jacobian of Broyden"]["CasADi"] = broyden_graph, casadi_jacobian
    return found


def measured(tool: Tool, n: int, tries: int) -> tuple[float, Built]:
    """The least processor time, in seconds, and what was built."""
    make, build = tool
    best, built = inf, (0, 0)
    for _ in range(tries):
        made = make(n)
        gc.collect()
        gc.freeze()
        start = process_time()
        built = build(made)
        best = min(best, process_time() - start)
        gc.unfreeze()
    return best, built


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=int, default=10_000, metavar="N", help="the largest size (default %(default)s)")
    parser.add_argument("--tries", type=int, default=5, metavar="T", help="least time of so many (default %(default)s)")
    options = parser.parse_args()
    sizes = [n for n in (10**k for k in range(2, 7)) if n <= options.to]
    if not sizes or options.tries < 1:
        parser.error("the largest size is 100 at least, and there is at least one try")
    for problem, tools in problems().items():
        print(f"{problem:<24}" + "".join(f"{f'n = {n:,}':>24}" for n in sizes) + "   growth")
        times: dict[str, list[float]] = {}
        for name, tool in tools.items():
            cells = []
            for n in sizes:
                seconds, (nonzeros, operations) = measured(tool, n, options.tries)
                times.setdefault(name, []).append(seconds)
                cells.append(f"{1e3 * seconds:.2f} ms {f'{operations:,} ops' if operations else f'{nonzeros:,} nz'}")
            last = times[name][-2:]
            growth = f"   n^{log(last[1] / last[0], 10):.2f}" if len(last) > 1 else ""
            print(f"{name:<24}" + "".join(f"{cell:>24}" for cell in cells) + growth, flush=True)
        if "CasADi" in times:
            ratios = [a / b for a, b in zip(times["wengert"], times["CasADi"])]
            print(f"{'wengert / CasADi':<24}" + "".join(f"{r:>24.1f}" for r in ratios))


if __name__ == "__main__":
    main()
