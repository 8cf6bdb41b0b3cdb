"""Check derivatives over arrays, along directions drawn at random.

Let w be weights of the output's elements, and d a direction of one input. The reverse sweep gives <J^T w, d> and the
tangent sweep <w, J d>, which must be equal (A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008,
section 3.3). The third number uses no rules: extrapolated differences of the value along d. An error in the derivative
of any element shows with probability one.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from ...ground.errors import UsageError, error
from ...ground.progress import progressing
from ...sweeps.nonfinite import all_finite
from .comparison import Checkable, Comparison, extrapolated

SEED = 1964
# The allowed difference of two sums, relative to their terms, and the assumed relative rounding error of a value.
APART, ROUNDING = 1e-9, 2.0**-46


def check_arrays(function: Checkable, point: Mapping[str, Any]) -> list[Comparison]:
    """Compare the derivative of a program of one output in each input, along a random direction, with the tangent sweep
    and with differences of the value. Raises UsageError for several outputs."""
    import numpy as np  # the values are arrays

    if len(function.outputs) != 1:
        raise error(UsageError, "W603", f"a check is of one output, and this program has {len(function.outputs)}",
                    help="check them one by one")  # fmt: skip
    rng = np.random.default_rng(SEED)
    value = function(point)
    weights: Any = rng.uniform(0.5, 1.5, np.shape(value)) if np.ndim(value) else 1.0
    slopes = function.vjp(point, weights)
    kinked = any(n.code in ("W301", "W302", "W303") for n in slopes.notes)
    why_not = "at a kink" if kinked else "" if all_finite(value) else "not finite"
    found: list[Comparison] = []
    for name, slope in progressing(list(zip(function.inputs, slopes)), "checking"):
        d: Any = rng.uniform(0.5, 1.5, np.shape(slope)) * rng.choice((-1.0, 1.0), np.shape(slope))
        with np.errstate(all="ignore"):
            terms = np.asarray(slope) * d
            reverse = float(np.sum(terms))
            moved = function.jvp(point, {name: d if np.ndim(d) else float(d)})
            tangent = float(np.sum(weights * moved))
            scale = float(np.sum(np.abs(terms)) + np.sum(np.abs(weights * moved)))
        near = abs(tangent - reverse) <= APART * scale or tangent != tangent and reverse != reverse
        found.append(Comparison(name, reverse, "tangent", tangent, APART * scale, bool(near or tangent == reverse)))
        found.append(_differences(function, point, name, d, weights, reverse, why_not))
    return found


def _differences(
    function: Checkable, point: Mapping[str, Any], name: str, d: Any, weights: Any, reverse: float,
    why_not: str,
) -> Comparison:  # fmt: skip
    import numpy as np  # the values are arrays

    def at(t: float) -> float:
        with np.errstate(all="ignore"):
            moved = point[name] + (t - 1.0) * d
            there = function({**point, name: moved if np.ndim(moved) else float(moved)})
            return float(np.sum(weights * there))

    value = at(1.0)
    bar = ROUNDING * float(np.sum(np.abs(weights * np.asarray(function(point)))))
    if not why_not:
        sides = [extrapolated(at, 1.0, value, side, bar) for side in (-1.0, 1.0)]
        left, right = sides
        if left is None or right is None or not isfinite(reverse):
            why_not = "not finite nearby"
        else:
            best = min(left, right, key=lambda side: side[1])
            allowed = 4 * (left[1] + right[1]) + 1e-7 * abs(best[0])
            if abs(left[0] - right[0]) > allowed:
                why_not = "a jump or a kink"
            else:
                return Comparison(name, reverse, "differences", best[0], allowed, abs(best[0] - reverse) <= allowed)
    return Comparison(name, reverse, "differences", None, 0.0, None, why_not)
