"""Evaluations that classical problems take, with exact derivatives and with finite differences.

    python -m benchmarks.minimize

Each problem of `tests.oracles.optima` is solved by `wengert.minimize`, and by the same solver of SciPy without
derivatives (BFGS in the place of trust-exact, which needs a Hessian). An evaluation is one call of the objective or,
for least squares, of all residuals; those that finite differences make count. Exact derivatives are counted beside
them.
The error is that of the minimum, relative to numbers above 1. These are counts, not times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import optimize

import wengert as wg
from tests.oracles.optima import OPTIMA, Optimum
from wengert.transforms.squares import squares

DIFFERENCES = {"least-squares": "least-squares", "trust-exact": "BFGS", "l-bfgs-b": "L-BFGS-B", "slsqp": "SLSQP",
               "trust-constr": "trust-constr"}  # fmt: skip


def error(o: Optimum, value: float) -> float:
    """How far a value is from the published minimum."""
    return abs(value - o.minimum) / max(1.0, abs(o.minimum))


def over(f: wg.Function, names: Sequence[str], given: Mapping[str, Any]) -> Callable[[Any], Any]:
    """A function of named values as one of a vector of numbers."""
    fixed = {n: v for n, v in given.items() if n in f.inputs and n not in names}

    def run(x: Any) -> Any:
        return f({**fixed, **{n: float(v) for n, v in zip(names, x) if n in f.inputs}})

    return run


def by_differences(o: Optimum, method: str) -> tuple[int, float]:
    """Evaluations and error of SciPy's method without derivatives."""
    names = list(o.start)
    given: Mapping[str, Any] = {**o.fixed, **o.start}
    f = wg.compile(o.objective)
    value = over(f, names, given)
    count = 0

    def counted(x: Any) -> float:
        nonlocal count
        count += 1
        return float(value(x))

    low, high = np.full(len(names), -np.inf), np.full(len(names), np.inf)
    for n, (a, b) in o.bounds.items():
        low[names.index(n)] = -np.inf if a is None else a
        high[names.index(n)] = np.inf if b is None else b
    start = np.clip(np.array(list(o.start.values()), dtype=float), low, high)
    if method == "least-squares":
        found = squares(f.wengert_list)
        assert found is not None
        residuals = over(wg.compile(found.wlist), names, given)

        def differences(x: Any) -> Any:
            nonlocal count
            count += 1
            parts = residuals(x)
            parts = parts if isinstance(parts, tuple) else (parts,)
            return np.concatenate([w**0.5 * np.ravel(v) for w, v in zip(found.weights, parts)])

        inside = np.clip(start, low + 1e-10, high - 1e-10)
        end = optimize.least_squares(differences, inside, bounds=(low, high), xtol=1e-15, ftol=1e-15, gtol=1e-12)
        return count, error(o, float(value(end.x)))
    constraints = []
    for text in o.subject_to:
        sign, side = next((s, k) for s, k in ((">=", 1.0), ("<=", -1.0), ("=", 0.0)) if s in text)
        left, _, right = text.partition(sign)
        part = over(wg.compile(f"{left} - ({right})"), names, given)

        def fun(x: Any, part: Any = part, side: float = side) -> Any:
            return (side or 1.0) * part(x)

        constraints.append({"type": "ineq" if side else "eq", "fun": fun})
    end = optimize.minimize(
        counted, start, method=DIFFERENCES[method], constraints=constraints or (),
        bounds=optimize.Bounds(low, high) if o.bounds else None,
    )  # fmt: skip
    return count, error(o, float(value(end.x)))


def main() -> None:
    """Count and print."""
    header = f"{'problem':<24}{'method':<15}{'exact: values':>14}{'gradients':>10}{'Hessians':>9}{'error':>9}"
    print(f"{header}{'differences: values':>21}{'error':>9}")
    sums = [0, 0, 0]
    for o in OPTIMA:
        m = wg.minimize(
            o.objective, {**o.fixed, **o.start}, subject_to=o.subject_to, bounds=o.bounds, wrt=list(o.start)
        )
        e = m.evaluations
        count, apart = by_differences(o, m.method)
        sums = [sums[0] + e.values, sums[1] + e.gradients, sums[2] + count]
        print(f"{o.name:<24}{m.method:<15}{e.values:>14}{e.gradients:>10}{e.hessians:>9}{error(o, m.value):>9.0e}"
              f"{count:>21}{apart:>9.0e}")  # fmt: skip
    print(f"{'all':<39}{sums[0]:>14}{sums[1]:>10}{'':>18}{sums[2]:>21}")


if __name__ == "__main__":
    main()
