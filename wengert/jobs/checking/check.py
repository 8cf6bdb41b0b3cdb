"""Check a program's derivatives against independent oracles.

Each derivative of the reverse sweep is compared with the tangent sweep (another order, but the same rules), with the
complex step, with extrapolated one-sided differences of the value, and with mpmath at 50 digits if it is installed. All
but the first know none of the rules. At a kink the one-sided derivatives differ, and the answer must be the one that
the kink policy makes of them.

Complex step: W. Squire, G. Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review
40(1), 1998. Extrapolation: C. J. F. Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", Adv. Eng. Software 4(2),
1982.
"""

from __future__ import annotations

import cmath
from collections.abc import Mapping
from math import isfinite
from typing import Any

from ...ground.progress import progressing
from ...lists.shapes import of_arrays
from ...lists.wengert_list import WengertList
from ...ops import COPY, OPS, Op
from ...sweeps.forward import evaluate
from ...sweeps.numbers import Numbers
from ...sweeps.rounding import error_bounds
from ...transforms.derivatives import gradient
from .check_arrays import check_arrays
from .comparison import Checkable, Comparison, extrapolated
from .many_digits import INFIX, NoForm, exactly

LOST = 1e-3  # an oracle with a greater relative error than this is none
_STEP = 1e-150  # the complex step is so small that its square is 0, while its product with a derivative is not


def check(function: Checkable, *args: Any, **values: Any) -> list[Comparison]:
    """Compare every derivative of a program of one output with every oracle at a point.

    `allowed` of a comparison is the greatest difference from the oracle that is not an error: the oracle's own error,
    and the rounding of both sides by `error_bounds`. Programs over arrays are checked by `check_arrays`.

    Raises UsageError for several outputs.
    """
    function = function.at(*args, **values)
    point = function.point(args, values)
    if of_arrays(function.wengert_list) or any(type(v) is not float for v in point.values()):
        return check_arrays(function, point)
    wlist, written = function.running_list, function.written_list
    value, slopes = function.value_and_grad(point)
    codes = {n.code for n in slopes.notes}
    # A root that vanishes where its argument is stationary has a kink.
    kinked = not codes.isdisjoint(("W301", "W302", "W303", "W307")) or "W304" in codes and all(map(isfinite, slopes))
    why_not = "the value is not finite" if not isfinite(value) else "not smooth at a kink" if kinked else ""
    glist = gradient(wlist, kink=function.kink, limits=function.limits)
    bars = error_bounds(glist, point, exact_inputs=True)
    (value_bar,) = error_bounds(wlist, point, exact_inputs=True)
    # The complex step takes the formula as written, in floats: where that cancels, its own digits are lost.
    as_written = bars if written is wlist else error_bounds(
        gradient(written, kink=function.kink, limits=function.limits), point, exact_inputs=True
    )  # fmt: skip
    found: list[Comparison] = []
    for name, slope, bar, own in progressing(list(zip(wlist.inputs, slopes, bars, as_written)), "checking"):
        oracles = (
            (function.jvp(point, {name: 1.0}), 2 * bar, ""),
            _complex_step(written, point, name, own, why_not),
            _differences(wlist, point, name, value, value_bar, function.kink),
            _many_digits(written, point, name, bar, why_not),
        )
        for oracle, (answer, allowed, note) in zip(("tangent", "complex step", "differences", "mpmath"), oracles):
            ok = None if answer is None else answer == slope or (answer != answer and slope != slope)
            if ok is False and answer is not None:
                ok = abs(answer - slope) <= allowed
            found.append(Comparison(name, slope, oracle, answer, allowed, ok, note))
    return found


Answer = tuple["float | None", float, str]


def _complex_step(wlist: WengertList, point: Mapping[str, float], name: str, bar: float, why_not: str) -> Answer:
    if why_not:
        return None, 0.0, why_not
    moved: dict[str, Any] = {**point, name: complex(point[name], _STEP)}
    try:
        (answer,) = evaluate(wlist, moved, _complex)
    except NoForm as op:
        return None, 0.0, f"{op} has no complex form here"
    except (ArithmeticError, ValueError):
        return None, 0.0, "overflows or leaves its domain"
    slope = answer.imag / _STEP if isinstance(answer, complex) else 0.0
    if not isfinite(slope):
        return None, 0.0, "overflows or leaves its domain"
    if not isfinite(bar) or slope and bar > LOST * abs(slope):
        return None, 0.0, "the formula as written loses its digits here"
    return slope, 8 * bar + 1e-12 * abs(slope), ""


def _complex(op: str, *args: Any) -> Any:
    """The complex value of an op, which must be analytic; a comparison or a choice uses the real parts."""
    row = OPS.get(op)
    if row is None:
        raise NoForm(op)
    if not any(isinstance(a, complex) for a in args):
        return Numbers()(op, *args)
    if row.boolean or all(p is None for p in row.partials):
        return Numbers()(op, *(a.real for a in args))
    if row.selects:
        return _selected(row, args)
    if len(args) == 2 and row.notation.infix in INFIX:
        return INFIX[row.notation.infix](*args)
    if row.notation.infix == "-":
        return -args[0]
    if row.name == COPY:
        return args[0]
    if callable(form := getattr(cmath, op, None)):
        return form(*args)
    raise NoForm(op)


def _selected(row: Op, args: tuple[Any, ...]) -> Any:
    """The argument that an op such as `max` selects, by the real parts."""
    real = [a.real for a in args]
    answer = Numbers()(row.name, *real)
    if row.partials[0] is None:
        return args[1] if real[0] != 0.0 else args[2]
    for a in args:
        if a.real == answer:
            return a
    return answer


def _differences(
    wlist: WengertList, point: Mapping[str, float], name: str, value: float, value_bar: float, kink: str
) -> Answer:
    def at(x: float) -> float:
        return float(evaluate(wlist, {**point, name: x}, Numbers(wlist.ops))[0])

    x = point[name]
    if not isfinite(value) or not isfinite(x):
        return None, 0.0, "the value is not finite"
    # The values beside the point are rounded, be the one at it exact.
    rounding = max(value_bar, 2.0**-52 * abs(value))
    sides = [extrapolated(at, x, value, side, rounding) for side in (-1.0, 1.0)]
    left, right = sides
    if left is None or right is None:
        return None, 0.0, "the value is not finite nearby"
    gap = abs(left[0] - right[0])
    noise = left[1] + right[1]
    if gap <= 4 * noise:
        best = min(sides, key=lambda s: s[1] if s is not None else 0.0)
        assert best is not None
        return best[0], 4 * noise + 1e-7 * abs(best[0]), ""
    chosen = {"left": left[0], "right": right[0]}.get(kink, (left[0] + right[0]) / 2)
    jump = max(abs(left[0]), abs(right[0])) > 1e6 * (1 + abs(value))
    if jump:
        return None, 0.0, "the value jumps here"
    return chosen, 4 * noise + 1e-7 * abs(chosen), f"a kink: {left[0]:.6g} from the left, {right[0]:.6g} from the right"


def _many_digits(wlist: WengertList, point: Mapping[str, float], name: str, bar: float, why_not: str) -> Answer:
    if why_not:
        return None, 0.0, why_not
    try:
        import mpmath
    except ImportError:
        return None, 0.0, "mpmath is not installed"

    try:
        with mpmath.workdps(50):
            fixed = {n: mpmath.mpf(v) for n, v in point.items()}

            def f(x: Any) -> Any:
                return evaluate(wlist, {**fixed, name: x}, exactly)[0]

            slope = mpmath.diff(f, fixed[name])
            if isinstance(slope, mpmath.mpc):
                return None, 0.0, "leaves the real numbers"
            answer = float(slope)
    except NoForm as op:
        return None, 0.0, f"mpmath has no {op}"
    except (ArithmeticError, ValueError, TypeError):
        return None, 0.0, "overflows or leaves its domain"
    if not isfinite(answer):
        return None, 0.0, "not finite"
    return answer, 2 * bar + 2.0**-52 * abs(answer) + 1e-50, ""
