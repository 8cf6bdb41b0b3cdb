"""Values of elementwise ops over arrays, written by hand, and the functions that generated forms call.

A form has the name of a function over floats, in `elementary`, `math` or `operator`, and gives its answers. It stands
here if NumPy has that function or a faster form is known; `generated` holds the forms made from source.

No form enters `np.errstate`: a sweep holds one that ignores everything.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from ..floats import (
    bessel,
    bessel_modified,
    bessel_orders,
    bessel_real,
    beta_quantiles,
    elementary,
    elliptic,
    error_integrals,
    exponential,
    exponential_integrals,
    faddeeva,
    hypergeometric,
    incomplete,
    inverse,
    polylogarithm,
    powers,
    profiles,
    quantiles,
    special,
    trigonometric,
)
from ..floats import beta as beta_functions  # `beta` is a function here
from ..floats import zeta as zeta_functions

# Modules whose functions have one over arrays under the same name: here, or generated.
HOMES = {
    m.__name__.rpartition(".")[2].lstrip("_"): m
    for m in (
        elementary, exponential, trigonometric, special, inverse, bessel, bessel_modified, bessel_orders, bessel_real,
        beta_functions, zeta_functions, incomplete, error_integrals, exponential_integrals,
        faddeeva, powers, elliptic, hypergeometric, polylogarithm, profiles, quantiles, beta_quantiles, math, operator,
    )
}  # fmt: skip

Array = Any  # of float64 or float32, or a number

# arithmetic and pieces

copy, add, sub, mul, neg = np.positive, np.add, np.subtract, np.multiply, np.negative
divide, reciprocal, floor_mod, fmod = np.divide, np.reciprocal, np.remainder, np.fmod
square, sqrt, cbrt, pow = np.square, np.sqrt, np.cbrt, np.power
fabs, sign, copysign = np.abs, np.sign, np.copysign
floor, ceil, rint, trunc = np.floor, np.ceil, np.rint, np.trunc
deg2rad, rad2deg = np.deg2rad, np.rad2deg

# comparisons and logic

lt, le, gt, ge, eq, ne = np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal
logical_and, logical_or, logical_not = np.logical_and, np.logical_or, np.logical_not
isnan, isinf, isfinite = np.isnan, np.isinf, np.isfinite

# transcendental functions, without NumPy's logaddexp, which cancels near its zeros

exp, expm1, exp2 = np.exp, np.expm1, np.exp2
log, log1p, log2, log10 = np.log, np.log1p, np.log2, np.log10
sin, cos, tan, asin, acos, atan, atan2 = np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.arctan2
sinh, cosh, tanh, asinh, acosh, atanh = np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh


def whole(form: Callable[..., Array]) -> Callable[..., Array]:
    """Mark a form that makes few passes over its arguments, in their own precision: it needs no blocks."""
    form.whole = True  # type: ignore[attr-defined]
    return form


@whole
def exp10(a: Array) -> Array:
    return np.power(10.0, a)


@whole
def cube(a: Array) -> Array:
    y = a * a
    y *= a
    return y


@whole
def power(a: Array, b: Array) -> Array:
    if isinstance(b, float):
        if b == 2.0:
            return np.square(a)
        if b == 3.0:
            return cube(a)  # a*a loses digits to underflow only where the cube is 0
        if b != 0.5:
            return np.power(a, b)
        # NumPy takes the square root for this power, and its values at -0 and -inf differ from those of a power.
        y = np.sqrt(a) + 0.0
        return np.where(a == -np.inf, np.inf, y) if np.any(a == -np.inf) else y
    y = np.power(a, b)
    twos = b == 2.0
    return np.where(twos, np.square(a), y) if np.any(twos) else y


def hypot(*a: Array) -> Array:
    if len(a) < 3:
        return np.hypot(a[0], a[-1] if a[1:] else 0.0)
    # Scaled by a power of two: else roundings of subnormals add up, and an overflow hides a nan.
    most = np.abs(a[0])
    for b in a[1:]:
        most = np.fmax(most, np.abs(b))
    scale = np.where(most < 1e-200, 2.0**600, np.where(most > 1e200, 2.0**-600, 1.0))
    y = a[0] * scale
    for b in a[1:]:
        y = np.hypot(y, b * scale)
    return y / scale


def step(a: Array) -> Array:
    above = a > 0.0
    if isinstance(a, np.ndarray) and np.count_nonzero(above) + np.count_nonzero(a < 0.0) == a.size:
        return above.astype(a.dtype)
    y = np.sign(a)
    y += 1.0
    y *= 0.5
    return y


def step_left(a: Array) -> Array:
    return np.floor(step(a))


def step_right(a: Array) -> Array:
    return np.ceil(step(a))


def sign_left(a: Array) -> Array:
    return 2.0 * step_left(a) - 1.0


def sign_right(a: Array) -> Array:
    return 2.0 * step_right(a) - 1.0


@whole
def relu(a: Array) -> Array:
    y = np.maximum(a, 0.0)
    y += 0.0  # -0 becomes 0
    return y


@whole
def largest(*a: Array) -> Array:
    y, *rest = _arrays_first(a)
    for b in rest:
        first, y = y, np.maximum(y, b)
        # NumPy's maximum of 0 and -0 may be either one; a sum of zeros is the larger one.
        if isinstance(b, float):
            if not b and math.copysign(1.0, b) > 0.0:
                y += 0.0
            elif not b:
                y = np.where(first == b, first, y)
        elif np.any(zero := y == 0.0):
            y = np.where(zero & (first == b), first + b, y)
    return y if rest else np.positive(y)


@whole
def smallest(*a: Array) -> Array:
    y, *rest = _arrays_first(a)
    for b in rest:
        first, y = y, np.minimum(y, b)
        if isinstance(b, float):
            if not b:
                y = np.where(first == b, -(-first - b), y)
        elif np.any(zero := y == 0.0):
            y = np.where(zero & (first == b), -(-first - b), y)
    return y if rest else np.positive(y)


def _arrays_first(a: tuple[Array, ...]) -> list[Array]:
    return sorted(a, key=lambda b: isinstance(b, float))


def ties(m: Array, *a: Array) -> Array:
    return sum((1.0 * (b == m) for b in a[1:]), 1.0 * (a[0] == m))


def share(m: Array, a: Array, k: Array) -> Array:
    return split((k > 0.0) & (m == m), lambda m, a, k: 1.0 * (a == m) / k, _share, m, a, k)


def _share(m: Array, a: Array, k: Array) -> Array:
    return np.where(a == m, np.divide(1.0, k), np.where(m != m, m, 0.0))


@whole
def where(c: Array, a: Array, b: Array) -> Array:
    return np.where(c != 0.0, a, b)


@whole
def gate(c: Array, a: Array) -> Array:
    y = np.asarray(c * a)
    # The bits of any number times 0 are those of 0, which takes half the time of `np.where`.
    return (y.view(f"i{y.itemsize}") * (c != 0.0)).view(y.dtype)


def sigmoid(a: Array) -> Array:
    return split(a < -700.0, np.exp, _sigmoid, a)


def _sigmoid(a: Array) -> Array:
    y = np.negative(a)
    y = np.exp(y)
    y += 1.0
    return 1.0 / y


def softplus(a: Array) -> Array:
    y = np.log1p(np.exp(-np.abs(a)))
    y += np.maximum(a, 0.0)
    return y


def _polynomial(coefficients: tuple[float, ...], u: Array) -> Array:
    y = coefficients[0] * u
    for c in coefficients[1:-1]:
        y += c
        y *= u
    y += coefficients[-1]
    return y


# functions that generated forms call


def product(a: Array, b: Array) -> tuple[Array, Array]:
    """As `elementary.product`, with few arrays at a time: most of the time of doubled precision is spent here."""
    high = a * b
    a1, a2 = _halves(a)
    b1, b2 = (a1, a2) if b is a else _halves(b)
    low = a1 * b1
    if not isinstance(low, np.ndarray):
        return high, low - high + a1 * b2 + a2 * b1 + a2 * b2
    low -= high
    part = a1 * b2
    low += part
    np.multiply(a2, b1, out=part)
    low += part
    np.multiply(a2, b2, out=part)
    low += part
    return high, low


def _halves(a: Array) -> tuple[Array, Array]:
    """Two numbers of half the digits, whose sum is a number (Veltkamp)."""
    c = elementary.SPLITTER * a
    if not isinstance(c, np.ndarray):
        high = c - (c - a)
        return high, a - high
    rest = c - a
    c -= rest
    np.subtract(a, c, out=rest)
    return c, rest


def doubled_total(a: Array, b: Array) -> tuple[Array, Array]:
    """As `doubled.total`, likewise."""
    high = a + b
    if not isinstance(high, np.ndarray):
        c = high - a
        return high, a - (high - c) + (b - c)
    c = high - a
    low = high - c
    np.subtract(a, low, out=low)
    np.subtract(b, c, out=c)
    low += c
    return high, low


def added(pair: Array, b: Array) -> Array:
    """A sum in doubled precision, high and low part, with a term more (Knuth's two-sum)."""
    high, low = pair
    total = high + b
    c = total - high
    return total, low + (high - (total - c) + (b - c))


def fsum(pair: Array) -> Array:
    """A sum in doubled precision, rounded once."""
    return np.where(np.isfinite(pair[0]), pair[0] + pair[1], pair[0])


def each(function: Callable[..., float], *args: Array) -> Array:
    """A function of floats, applied element by element."""
    call = cast("Callable[..., Array]", np.frompyfunc(function, len(args), 1))
    # The function gets Python's numbers: NumPy's only warn where Python's raise.
    return np.asarray(call(*(np.asarray(a, float).astype(object) for a in args)), float)[()]


def split(chosen: Array, yes: Callable[..., Array], no: Callable[..., Array], *args: Array) -> Array:
    """`yes(*args)` where a condition holds, and `no(*args)` elsewhere. Each is called only with its own elements, if
    there are any.

    An argument is a vector as long as the condition, or a number, or a pair of these. The functions may return several
    such values.
    """
    if not isinstance(chosen, np.ndarray):
        return (yes if chosen else no)(*args)
    count = np.count_nonzero(chosen)
    if count == chosen.size:
        return yes(*args)
    if not count:
        return no(*args)
    other = np.flatnonzero(~chosen)
    chosen = np.flatnonzero(chosen)
    first = yes(*(_part(a, chosen) for a in args))
    second = no(*(_part(a, other) for a in args))
    return _joined(chosen, other, first, second)


# A loop goes on with all elements as long as more than this share of them is not done: to leave some out takes a pass
# over every array.
LEFT_OUT = 0.75


def repeated(going: Callable[..., Array], turn: Callable[..., Array], n: int, *args: Array) -> Array:
    """Run a loop: returns the first n arguments as they are after it.

    `going` says which elements take another turn, and `turn` gives the first n arguments after one. Elements that are
    done are left out of further turns. An argument is a vector, or a number, or a pair of these.
    """
    state, fixed = args[:n], args[n:]
    done: tuple[Array, ...] = ()
    left: Array = None  # the places of the elements that are still there, once some are left out
    while True:
        more = going(*state, *fixed)
        if not isinstance(more, np.ndarray):
            if not more:
                break
            state = turn(*state, *fixed)
            continue
        count = np.count_nonzero(more)
        if not count:
            break
        if count > LEFT_OUT * more.size:
            new = turn(*state, *fixed)
            state = new if count == more.size else _held(more, new, state, fixed)
            continue
        if left is None:
            left = np.arange(more.size)
            done = tuple(_room(a, more.size) for a in state)
        over = np.flatnonzero(~more)
        _put(done, left.take(over), tuple(_part(a, over) for a in state))
        still = np.flatnonzero(more)
        left = left.take(still)
        state, fixed = (tuple(_part(a, still) for a in some) for some in (state, fixed))
        state = turn(*state, *fixed)
    if left is None:
        return state
    _put(done, left, state)
    return done


def _held(more: Array, new: tuple[Array, ...], old: tuple[Array, ...], fixed: tuple[Array, ...]) -> tuple[Array, ...]:
    """The state after a turn, which is the old one for the few elements that are done: they are put back in place, into
    arrays that only this turn's state has."""
    over = np.flatnonzero(~more)
    others = {id(a) for part in (*old, *fixed) for a in (part if isinstance(part, tuple) else (part,))}

    def held(a: Array, b: Array) -> Array:
        if isinstance(a, tuple):
            return tuple(map(held, a, b))
        if not isinstance(a, np.ndarray) or a.base is not None or a.shape != more.shape or id(a) in others:
            return np.where(more, a, b)
        others.add(id(a))
        a[over] = b[over] if isinstance(b, np.ndarray) and b.ndim else b
        return a

    return tuple(map(held, new, old))


def _room(a: Array, size: int) -> Array:
    return tuple(_room(b, size) for b in a) if isinstance(a, tuple) else np.empty(size)


def _put(room: Array, places: Array, a: Array) -> None:
    if isinstance(room, tuple):
        for into, b in zip(room, a):
            _put(into, places, b)
    else:
        room[places] = a


def kept(chosen: Array, new: Array, old: Array) -> Array:
    """The new value where a condition holds, the old one elsewhere, for arrays or pairs of arrays."""
    if isinstance(new, tuple):
        return tuple(kept(chosen, a, b) for a, b in zip(new, old))
    return np.where(chosen, new, old)


def _part(a: Array, chosen: Array) -> Array:
    if isinstance(a, (list, tuple)):
        return type(a)(_part(b, chosen) for b in a)
    return a.take(chosen) if isinstance(a, np.ndarray) and a.ndim else a


def _joined(chosen: Array, other: Array, first: Array, second: Array) -> Array:
    if isinstance(first, tuple):
        return tuple(_joined(chosen, other, a, b) for a, b in zip(first, second))
    y = np.empty(chosen.size + other.size)
    y[chosen] = first
    y[other] = second
    return y
