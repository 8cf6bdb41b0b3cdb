"""From text to a gradient: how long until the first numbers are there, and how that grows.

    python -m benchmarks.gradients                  # sums and products of 10^2 to 10^4 factors
    python -m benchmarks.gradients --to 100000

Each cell is the processor time, in milliseconds, from the text of a formula to its value and whole gradient at a point:
parsing, differentiating, evaluating once; beside it stands that time divided by wengert's. Peers are those that this
Python has installed, and mathjs where Node has it; one that fails says how, and one that would take minutes is left out
from there on.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable
from functools import partial
from time import process_time
from typing import Any

import wengert as wg
from benchmarks import apart

TRUSTED = wg.Limits.trusted()
SHAPES: dict[str, Callable[[int], str]] = {
    "product": lambda n: "*".join(f"x{k}" for k in range(n)),
    "sum of squares": lambda n: "+".join(f"x{k}**2" for k in range(n)),
    "chain": lambda n: "+".join(f"sin(x{k})*x{k + 1}" for k in range(n)),
}


def _wengert(text: str, names: list[str]) -> Any:
    return wg.compile(text, limits=TRUSTED).value_and_grad(dict.fromkeys(names, 1.0))


def peers() -> dict[str, Callable[[str, list[str]], Any]]:
    """What can be measured here."""
    found: dict[str, Callable[[str, list[str]], Any]] = {"wengert": _wengert}
    if importlib.util.find_spec("sympy"):
        import sympy

        def by_sympy(text: str, names: list[str]) -> Any:
            f = sympy.sympify(text)
            at = dict.fromkeys(names, 1.0)
            return f.subs(at), [sympy.diff(f, n).subs(at) for n in names]

        found["SymPy"] = by_sympy
    if importlib.util.find_spec("symengine"):
        import symengine

        def by_symengine(text: str, names: list[str]) -> Any:
            f = symengine.sympify(text)
            at = dict.fromkeys(names, 1.0)
            return f.subs(at), [f.diff(symengine.Symbol(n)).subs(at) for n in names]

        found["SymEngine"] = by_symengine
    if importlib.util.find_spec("casadi"):
        import casadi

        def by_casadi(text: str, names: list[str]) -> Any:
            # CasADi reads no text: Python's own eval, which no untrusted text may meet, builds its graph.
            x = casadi.SX.sym("x", len(names))
            scope = {n: x[k] for k, n in enumerate(names)}
            f = eval(text, {"sin": casadi.sin}, scope)
            return casadi.Function("f", [x], [f, casadi.gradient(f, x)])([1.0] * len(names))

        found["CasADi (eval)"] = by_casadi
    if importlib.util.find_spec("jax"):
        import jax
        import jax.numpy as jnp

        def by_jax(text: str, names: list[str]) -> Any:
            code = compile(text, "<text>", "eval")
            scope = {"sin": jnp.sin, "__builtins__": {}}
            f = jax.value_and_grad(lambda x: eval(code, scope, {n: x[k] for k, n in enumerate(names)}))
            return f(jnp.ones(len(names)))

        found["JAX (eval)"] = by_jax
    for name, ask in apart.found().items():
        found[name] = partial(ask, "gradient")
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=int, default=10_000)
    sizes = [n for n in (100, 1_000, 10_000, 100_000) if n <= parser.parse_args().to]
    for shape, make in SHAPES.items():
        print(f"{shape + ', ms':<22}" + "".join(f"{n:>18,}" for n in sizes))
        own: dict[int, float] = {}
        for name, run in peers().items():
            cells: list[str] = []
            last = 0.0
            for n in sizes:
                if last > 3.0:
                    cells.append("(slow)")
                    continue
                text = make(n)
                names = [f"x{k}" for k in range(n + (shape == "chain"))]
                try:
                    start = process_time()
                    found = run(text, names)
                    last = found if isinstance(found, float) else process_time() - start
                except (RecursionError, MemoryError, SyntaxError, ValueError, TypeError, RuntimeError) as problem:
                    cells.append(type(problem).__name__)
                    continue
                own.setdefault(n, last)
                cells.append(f"{1000 * last:.1f} ({last / own[n]:.2g})")
            print(f"  {name:<20}" + "".join(f"{c:>18}" for c in cells), flush=True)


if __name__ == "__main__":
    main()
