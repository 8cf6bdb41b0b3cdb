"""Fuses measured: value and two orders of derivatives, fused and as written, beside 400 digits."""

from __future__ import annotations

import math
import operator
import random
from typing import Any, NamedTuple

import mpmath

import wengert as wg
from wengert.ops import OPS
from wengert.sweeps.forward import evaluate

EPS = 2.0**-53
COORDINATES = (
    -800.0, -300.0, -38.0, -3.2, -0.4, -1e-8, 1e-300, 1e-8, 1e-3, 0.3, 0.9, 1.7, 6.5, 25.0, 300.0, 720.0, 800.0,
)  # fmt: skip
# Digits of the exact answers, and more of them beside a coordinate that is tiny.
DIGITS, WIDE, TINY = 400, 1000, 1e-60
# The value, or a derivative of an order, that is smaller than this beside the value is beyond the digits.
BEYOND = {"value": 0.0, "first": 1e-290, "second": 1e-200}
# How many times worse than as written, and than rounding the inputs makes it, is worse.
WORSE = 4
MEASURED = ("value", "first", "second")

_MP = {
    "ndtr": mpmath.ncdf,
    "sigmoid": lambda a: 1 / (1 + mpmath.exp(-a)),
    "softplus": lambda a: mpmath.log(1 + mpmath.exp(a)),
    "abs": abs,
    "max": max,
    "min": min,
    "sign": mpmath.sign,
    "relu": lambda a: max(a, 0),
    "square": lambda a: a * a,
    "bose_einstein": lambda a: 1 / mpmath.expm1(a),
    "exp_difference": lambda a, b: mpmath.exp(a) - mpmath.exp(b),
    "logical_not": lambda a: mpmath.mpf(not a),
    "log": mpmath.log,
    "log2": lambda a: mpmath.log(a, 2),
    "exp_erfc": lambda a, b: mpmath.exp(a) * mpmath.erfc(b),
    "exp2": lambda a: mpmath.mpf(2) ** a,
    "copy": lambda a: a,
    "exp_square": lambda a: mpmath.exp(a * a),
    "erfcx": lambda a: mpmath.exp(a * a) * mpmath.erfc(a),
}
_INFIX = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "^": operator.pow}


def exactly(op: str, *args: Any) -> Any:
    """An `apply` with 400 digits: 1 - erf(25) is 8e-274."""
    with mpmath.workdps(max(DIGITS, mpmath.mp.dps)):
        args = tuple(mpmath.mpf(a) for a in args)
        symbol = OPS[op].notation.infix
        if op in _MP:
            return _MP[op](*args)
        if len(args) == 2 and symbol in _INFIX:
            return _INFIX[symbol](*args)
        return -args[0] if symbol == "-" else getattr(mpmath, op)(*args)


class Measured(NamedTuple):
    """One quantity at one point: relative errors in units of 2^-53, and what rounding the inputs may make,
    worked out only where a fuse is more than `WORSE` times worse."""

    order: str
    point: dict[str, float]
    written: float
    fused: float
    inherent: float


def scalar_fuses() -> list[tuple[str, str]]:
    """The fuses of elementwise rows, each with its row."""
    return [
        (row.name, text)
        for row in OPS.values()
        if row.array is None
        for text in (*row.rewrites.fuses, *row.rewrites.factors)
    ]


def points(names: tuple[str, ...], count: int) -> list[dict[str, float]]:
    """Points over the whole line, the same in every run."""
    if len(names) == 1:
        return [{names[0]: x} for x in COORDINATES]
    draw = random.Random(" ".join(names))
    spread = [{n: draw.choice(COORDINATES) for n in names} for _ in range(count)]
    return spread + [{n: x + 0.37 * k for k, n in enumerate(names)} for x in (-3.2, 0.9)]


def measure(text: str, count: int = 4) -> list[Measured]:
    """Each quantity of a fuse's left side at each point where it is a normal number."""
    left = text.partition("->")[0]
    written, fused = wg.compile(left, fuse=False), wg.compile(left)
    wlist = wg.parse(left).wlist
    found = []
    for point in points(wlist.inputs, count):
        exact = exact_at(wlist, point)
        if exact is None:
            continue
        plain, better = answers_at(written, point), answers_at(fused, point)
        for k, value in enumerate(exact):
            order = MEASURED[min(k, 1) if k <= len(point) else 2]
            if not 1e-290 < abs(value) < 1e300 or abs(value) < BEYOND[order] * abs(exact[0]):
                continue
            errors = _units(plain[k], value), _units(better[k], value)
            # What rounding the inputs makes costs more than all else, and matters where a fuse has lost digits.
            inherent = _inherent(wlist, point, k, value) if errors[1] > WORSE * (1 + errors[0]) else 0.0
            found.append(Measured(order, point, *errors, inherent))
    return found


def _inherent(wlist: Any, point: dict[str, float], k: int, value: Any) -> float:
    moved = [exact_at(wlist, {**point, n: v * (1 + 2 * EPS)}) for n, v in point.items()]
    return float(sum(abs(m[k] - value) for m in moved if m is not None) / abs(value) / EPS)


def relative_errors(f: Any, wlist: Any, point: dict[str, float]) -> list[float]:
    """The relative errors of value, first and second derivatives at a point."""
    exact = exact_at(wlist, point)
    assert exact is not None
    return [_units(got, value) * EPS for got, value in zip(answers_at(f, point), exact) if abs(value) > 1e-290]


def _units(got: float, exact: Any) -> float:
    return float(abs(got - exact) / abs(exact) / EPS) if math.isfinite(got) else math.inf


def answers_at(f: Any, point: dict[str, float]) -> list[float]:
    value = float(f(**point))
    gradient = f.grad(**point)
    rows = f.hessian(**point)
    names = list(point)
    return [value, *(float(gradient[n]) for n in names), *(float(rows[n][n]) for n in names)]


def exact_at(wlist: Any, point: dict[str, float], removable: str = "") -> list[Any] | None:
    """The value, the first and the second derivatives by each input, as limits in the input `removable`, where the
    formula is 0/0; None if it is not real."""
    wide = removable or any(0 < abs(v) < TINY for v in point.values())
    # A step is small beside its coordinate, and the digits tell its square from the value.
    steps = {n: mpmath.mpf(10) ** -90 * (abs(v) if 0 < abs(v) < TINY else 1) for n, v in point.items()}
    with mpmath.workdps(WIDE if wide else DIGITS):
        at = {n: mpmath.mpf(v) + (mpmath.mpf(10) ** -400 if n == removable else 0) for n, v in point.items()}
        try:
            middle = evaluate(wlist, at, exactly)[0]
            sides = [[evaluate(wlist, {**at, n: at[n] + s}, exactly)[0] for s in (-steps[n], steps[n])] for n in at]
        except (TypeError, ValueError, ZeroDivisionError):  # mpmath answers with a complex number
            return None
        both = list(zip(steps.values(), sides))
        every = [
            middle,
            *((b - a) / (2 * s) for s, (a, b) in both),
            *((b - 2 * middle + a) / s**2 for s, (a, b) in both),
        ]
        real = all(isinstance(v, mpmath.mpf) and mpmath.isfinite(v) for v in every)
        return every if real else None
