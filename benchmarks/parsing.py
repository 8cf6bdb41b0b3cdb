"""Text to list, beside other parsers of formulas: megabytes a second, and how time grows.

    python -m benchmarks.parsing                    # 1 kB to 1 MB
    python -m benchmarks.parsing --to 10000000

The text is a sum of mixed terms. Peers are those that this Python has installed, mathjs where Node has it, Python's own
`ast`, and Lark's loop over the same grammar. A peer that fails on a size says how; one that would take minutes is left
out from there on. Beside the speed stands wengert's, divided by it.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import random
from collections.abc import Callable
from functools import partial
from time import process_time

import wengert as wg
from benchmarks import apart

TERMS = (
    "{a}*x{i}^2*sin(x{j} + {b})", "exp(-x{i}/{a})*(x{j} - {b})", "sqrt(x{i}^2 + {a})/(1 + x{j}^2)",
    "x{i}*x{j}*x{k}", "log({a} + x{i}^2) - {b}*x{j}", "(x{i} - x{j})^3/{a}",
)  # fmt: skip


def mixed(size: int) -> str:
    """A formula of about `size` bytes over twenty variables; the same one every time."""
    rng = random.Random(1964)
    terms: list[str] = []
    length = 0
    while length < size:
        i, j, k = (rng.randrange(20) for _ in range(3))
        a, b = round(rng.uniform(0.1, 9.9), 3), round(rng.uniform(0.1, 9.9), 2)
        terms.append(rng.choice(TERMS).format(a=a, b=b, i=i, j=j, k=k))
        length += len(terms[-1]) + 3
    return " + ".join(terms)


def _lark() -> Callable[[str], object]:
    from grammar.generate import lark_parser

    return lark_parser().parse  # type: ignore[no-any-return]


def parsers() -> dict[str, Callable[[str], object]]:
    """What can be measured here."""
    trusted = wg.Limits.trusted()
    found: dict[str, Callable[[str], object]] = {
        "wengert": lambda text: wg.parse(text, limits=trusted),
        "Python's ast": lambda text: ast.parse(text.replace("^", "**"), mode="eval"),
    }
    if importlib.util.find_spec("lark"):
        found["Lark, a tree"] = _lark()
    if importlib.util.find_spec("sympy"):
        import sympy

        found["SymPy"] = lambda text: sympy.sympify(text.replace("^", "**"))
    if importlib.util.find_spec("symengine"):
        import symengine

        found["SymEngine"] = lambda text: symengine.sympify(text.replace("^", "**"))
    if importlib.util.find_spec("numexpr"):
        import numexpr

        found["numexpr"] = lambda text: numexpr.NumExpr(text.replace("^", "**"))
    for name, ask in apart.found().items():
        found[name] = partial(ask, "parse")
    return found


def seconds(parse: Callable[[str], object], text: str) -> float:
    """Processor time of a call; a peer in a process of its own answers with what it took."""
    start = process_time()
    found = parse(text)
    return found if isinstance(found, float) else process_time() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=int, default=1_000_000)
    sizes = [n for n in (1_000, 10_000, 100_000, 1_000_000, 10_000_000) if n <= parser.parse_args().to]
    print(f"{'MB/s (ratio)':<14}" + "".join(f"{n:>18,}" for n in sizes))
    own: dict[int, float] = {}
    for name, parse in parsers().items():
        cells: list[str] = []
        last = 0.0
        for n in sizes:
            text = mixed(n)
            if last > 6.0:
                cells.append("(slow)")
                continue
            try:
                parse(text)
                times = []
                for _ in range(3 if n >= 100_000 else 20):
                    times.append(seconds(parse, text))
                    if sum(times) > 10:
                        break
            except (RecursionError, MemoryError, SyntaxError, ValueError, TypeError, RuntimeError) as problem:
                cells.append(type(problem).__name__[:11])
                continue
            last = min(times)
            own.setdefault(n, last)
            cells.append(f"{len(text) / 1e6 / last:.3g} ({last / own[n]:.2g})")
        print(f"{name:<14}" + "".join(f"{c:>18}" for c in cells), flush=True)


if __name__ == "__main__":
    main()
