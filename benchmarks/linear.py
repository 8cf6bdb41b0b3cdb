"""Does time grow as the program does? The time at twice the size over the time, for every shape that invites recursion.

    python -m benchmarks.linear                    # all shapes, sizes up to 100,000
    python -m benchmarks.linear --to 200000 towers sums
    python -m benchmarks.linear --check            # exit 1 where growth is worse than linear

A shape is a text of size n. Its steps are timed one by one, each on objects that no earlier call has warmed; a time is
the least of several tries. Python's limit of recursion stays at its default: a step that recurses fails here.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import math
import pickle
import sys
from collections.abc import Callable
from time import process_time
from typing import Any, NamedTuple

import wengert as wg

TRUSTED = wg.Limits.trusted()


def loop(n: int) -> str:
    """An oscillator, n Euler steps of four equations."""
    return f"input x0, v0, h\nx = x0\nv = v0\nfor t in 0:{n} {{\n  x = x + h*v\n  v = v - h*x\n}}\ny = x\ny"


def definitions(n: int) -> str:
    """n functions, each calling the one before."""
    chain = "".join(f"def f{k}(a) = f{k - 1}(a) + x\n" for k in range(1, n))
    return f"def f0(a) = a\n{chain}y = f{n - 1}(x)\ny"


def bindings(n: int) -> str:
    """n lines, each using the two before."""
    lines = "".join(f"a{k} = sin(a{k - 1}) + a{k - 2}\n" for k in range(2, n))
    return f"a0 = x\na1 = 2*x\n{lines}a{n - 1}"


SHAPES: dict[str, Callable[[int], str]] = {
    "parentheses": lambda n: "(" * n + "x" + ")" * n,
    "nested sums": lambda n: "(" * n + "x" + " + 1)" * n,
    "minus signs": lambda n: "-" * n + "x",
    "power towers": lambda n: "x" + "^x" * n,
    "nested calls": lambda n: "sin(" * n + "x" + ")" * n,
    "conditionals": lambda n: "1 if x > 2 else " * n + "x",
    "sums": lambda n: " + ".join(f"x{k}" for k in range(n)),
    "products": lambda n: "*".join(f"x{k}" for k in range(n)),
    "long call": lambda n: f"max({', '.join(f'x{k}' for k in range(n))})",
    "comparisons": lambda n: " < ".join(f"x{k}" for k in range(n)),
    "bindings": bindings,
    "definitions": definitions,
    "loop": loop,
    "comprehension": lambda n: f"sum(sin(x*i) for i in 0:{n})",
}


def compiled(text: str) -> Any:
    return wg.compile(text, limits=TRUSTED)


def with_point(text: str) -> tuple[Any, dict[str, float]]:
    f = compiled(text)
    return f, dict.fromkeys(f.inputs, 1.0)


def broken(text: str) -> str:
    """The text with a mistake in its last place."""
    return f"{text} )"


def fail(text: str) -> str:
    try:
        wg.parse(text, limits=TRUSTED)
    except wg.WengertError as error:
        return str(error)
    raise AssertionError("a program with a bracket too many was accepted")


def round_trip(f: Any) -> Any:
    return pickle.loads(pickle.dumps(f))


class Step(NamedTuple):
    """What is timed: `run` of what `prepare` makes of the text."""

    prepare: Callable[[str], Any]
    run: Callable[[Any], Any]


STEPS = {
    "parse": Step(lambda text: text, lambda text: wg.parse(text, limits=TRUSTED)),
    "print": Step(lambda text: wg.parse(text, limits=TRUSTED).wlist, str),
    "differentiate": Step(compiled, lambda f: f.gradient_list),
    "evaluate": Step(with_point, lambda made: made[0].value_and_grad(**made[1])),
    "pickle": Step(compiled, round_trip),
    "fail": Step(broken, fail),
}


def seconds(step: Step, text: str, tries: int) -> float:
    """The least processor time of several tries; a step that takes seconds is tried once or twice."""
    best, spent = math.inf, 0.0
    for _ in range(tries):
        made = step.prepare(text)
        gc.collect()
        gc.freeze()  # what was there before is not the step's to scan
        start = process_time()
        result = step.run(made)
        best = min(best, process_time() - start)
        gc.unfreeze()
        spent += best
        del result, made
        if spent > 3:
            break
    return best


def measured(step: Step, shape: str, sizes: list[int], tries: int, patience: float) -> list[float]:
    """Times at the sizes, up to the size that would take too long."""
    times: list[float] = []
    for n in sizes:
        if len(times) > 1 and times[-1] ** 2 / times[-2] > patience:
            break
        times.append(seconds(step, SHAPES[shape](n), tries))
    return times


def exponent(sizes: list[int], times: list[float]) -> float:
    """The power of n that fits the times best, by least squares of logarithms: 1 is linear, 2 quadratic."""
    xs, ys = [math.log(n) for n in sizes], [math.log(t) for t in times]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def report(shape: str, sizes: list[int], options: argparse.Namespace) -> bool:
    """Print the table of one shape; whether all its steps are linear."""
    good = True
    for name, step in STEPS.items():
        try:
            times = measured(step, shape, sizes, options.tries, options.patience)
        except Exception as error:  # whatever it is, the other steps are worth seeing
            print(f"{shape:<14} {name:<14} {type(error).__name__}: {error}"[:120])
            good = False
            continue
        ratios = [f"{b / a:5.2f}" for a, b in itertools.pairwise(times)]
        ratios += ["    -"] * (len(sizes) - len(times))
        power = exponent(sizes[: len(times)], times)
        # A step that takes no time at the largest size has none to grow: there the clock is what is measured.
        steep, stopped = power > options.worst and times[-1] > 5e-3, len(times) < len(sizes)
        said = "  NOT LINEAR" * steep + f"  stopped at {sizes[len(times) - 1]:,}" * stopped
        print(f"{shape:<14} {name:<14} {' '.join(ratios)}   n^{power:4.2f} {times[-1] * 1e3:9.1f} ms{said}", flush=True)
        good = good and not (steep or stopped)
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description="time(2n)/time(n) of every step on every shape")
    parser.add_argument("shapes", nargs="*", metavar="SHAPE", help=f"of: {', '.join(SHAPES)} (default: all)")
    parser.add_argument("--to", type=int, default=100_000, metavar="N", help="the largest size (default %(default)s)")
    parser.add_argument("--doublings", type=int, default=3, metavar="K", help="of the size (default %(default)s)")
    parser.add_argument("--tries", type=int, default=3, metavar="T", help="least time of so many (default %(default)s)")
    parser.add_argument("--worst", type=float, default=1.4, metavar="P", help="linear up to n^P (default %(default)s)")
    parser.add_argument("--patience", type=float, default=60, metavar="S", help="stop where a step would take longer")
    parser.add_argument("--check", action="store_true", help="exit 1 where growth is worse than linear")
    options = parser.parse_args()
    if unknown := set(options.shapes) - set(SHAPES):
        parser.error(f"no shape is called {', '.join(sorted(unknown))}")
    if min(options.doublings, options.tries, options.to >> options.doublings) < 1:
        parser.error("there must be a doubling, a try, and something to double")
    sizes = [options.to >> k for k in range(options.doublings, -1, -1)]
    steps = " ".join(f"{n:>{5}}" for n in ("→2n",) * options.doublings)
    print(f"n = {', '.join(f'{n:,}' for n in sizes)}\n{'shape':<14} {'step':<14} {steps}   growth   at {sizes[-1]:,}")
    good = [report(shape, sizes, options) for shape in options.shapes or SHAPES]
    return 0 if all(good) or not options.check else 1


if __name__ == "__main__":
    sys.exit(main())
