"""Derivatives by one name again and again, in a program: Taylor arithmetic gives those of the nested sweeps."""

from __future__ import annotations

import math
import operator

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wengert as wg
from tests.oracles.programs import programs
from tests.oracles.rows import SLOW
from wengert.lists.wengert_list import WengertList
from wengert.ops import OPS
from wengert.transforms import expand as module
from wengert.transforms.expand import HIGH, expand

UNARY = [r for r in OPS.values() if r.array is None and r.params == "a" and r.name not in SLOW and callable(r.forward)]


def nested(f: str, k: int, x: str = "x") -> str:
    return f"d({f}, {x})" if k == 1 else f"d({nested(f, k - 1, x)}, {x})"


def repeated(wlist: WengertList, x: str, order: int) -> WengertList:
    """The list, with the derivative of its output by x again and again for its output."""
    (f,) = wlist.outputs
    chain = []
    for k in range(order):
        chain.append((f"v{900 + k}", "d", (f, x)))
        f = f"v{900 + k}"
    return WengertList([*wlist.equations, *chain], wlist.inputs, [f])


def one_by_one(wlist: WengertList) -> WengertList:
    """The list as it is written without Taylor arithmetic."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(expand.__globals__, "HIGH", math.inf)
        return expand(wlist)


@pytest.mark.parametrize("row", UNARY, ids=operator.attrgetter("name"))
def test_every_row_agrees_with_nested_sweeps(row):
    """At ordinary points, at kinks and ends, and where there is no value: the same numbers and the same notes."""
    wlist = repeated(WengertList([("f", row.name, ("x",))], ["x"], ["f"]), "x", HIGH)
    try:
        wanted = wg.compile(one_by_one(wlist), fuse=False)
    except wg.DerivativeError:
        with pytest.raises(wg.DerivativeError):
            expand(wlist)
        return
    found = wg.compile(wlist, fuse=False)
    for x in (0.3, 0.7, 1.25, 2.5, -0.4, -1.5, 0.0, 0.5, 1.0, -1.0, 3.0, math.inf, -math.inf, math.nan):
        want, have = wanted(x), found(x)
        scale = max(1.0, abs(want)) if math.isfinite(want) else 1.0
        assert have == pytest.approx(want, rel=1e-8, abs=1e-9 * scale, nan_ok=True), x
        if x in (0.3, 0.0, 1.0):
            assert [d.code for d in found.notes(x)] == [d.code for d in wanted.notes(x)], x


@given(programs(smooth=True, most=8, bound=1e2, constants=False), st.integers(0, 3))
def test_random_programs_agree_with_nested_sweeps(case, pick):
    wlist, point = case
    x = wlist.inputs[pick % len(wlist.inputs)]
    try:
        wanted = wg.compile(one_by_one(repeated(wlist, x, HIGH)), fuse=False)(point)
    except wg.WengertError:  # no rule of so high an order, or too long a list
        return
    found = wg.compile(repeated(wlist, x, HIGH), fuse=False)(point)
    if math.isfinite(wanted):
        assert found == pytest.approx(wanted, rel=1e-6, abs=1e-7 * max(1.0, abs(wanted)))


@pytest.mark.parametrize("text", [
    "log(1+x)", "exp(-x^2)", "sin(x)*exp(x)", "1/(1+x^2)", "sqrt(1+x)", "tanh(x)", "atan(x)", "erf(x)", "x^2.5",
])  # fmt: skip
@pytest.mark.parametrize("order", [5, 12, 20])
def test_against_60_digits(text, order):
    found = wg.compile(nested(text, order))(0.3)
    names = {n: getattr(mpmath, n) for n in ("log", "exp", "sin", "sqrt", "tanh", "atan", "erf")}
    with mpmath.workdps(60):
        function = eval(f"lambda x: {text.replace('^', '**')}", names)
        coefficient = mpmath.taylor(function, mpmath.mpf(0.3), order)[order]
        exact = float(coefficient * mpmath.factorial(order))
        size = float(max(abs(c) for c in mpmath.taylor(function, mpmath.mpf(0.3), order)) * mpmath.factorial(order))
    assert found == pytest.approx(exact, rel=1e-12, abs=1e-13 * size)


@pytest.mark.parametrize("order", [10, 20, 40])
def test_the_list_grows_with_the_square_of_the_order(order):
    """The sweeps one by one double it with each order: 10 of them write some 1,500 equations."""
    limits = wg.Limits(equations=200 + 4 * order**2)
    f = wg.compile(nested("log(1+x)*sin(x)", order), limits=limits)
    assert len(f.running_list) < 100 + 2 * order**2
    assert math.isfinite(f(0.3))


def test_orders_in_between_are_read_too():
    """Names, other inputs and orders below the threshold keep their meaning."""
    lines = "\n".join(f"d{k} = d({f'd{k - 1}' if k > 1 else 'f'}, x)" for k in range(1, 9))
    f = wg.compile(f"input x, y\nf = sin(x*y)\n{lines}\nm = d(d7, y)\noutput d1, d4, d6, d8, m")
    x, y = 0.4, 1.5
    u = x * y
    want = [y * math.cos(u), y**4 * math.sin(u), -(y**6) * math.sin(u), y**8 * math.sin(u)]
    mixed = -7 * y**6 * math.cos(u) + y**7 * x * math.sin(u)
    assert list(f(x, y)) == pytest.approx([*want, mixed], rel=1e-12)
    assert module.ONE == "d"


def test_very_high_orders_do_not_overflow():
    f = wg.compile(nested("exp(x)", 180), limits=wg.Limits.trusted())
    assert f(0.5) == pytest.approx(math.exp(0.5), rel=1e-12)


def test_a_value_of_nan_has_no_derivative():
    f = wg.compile(nested("log(x)", 6))
    assert math.isnan(f(-1.0))
    assert f(2.0) == pytest.approx(-120 / 2**6, rel=1e-14)
