"""Values of the ops against mpmath, in units in the last place, over their whole domain; the laws of the others."""

import math
import random
from collections.abc import Callable
from itertools import product
from typing import Any

import mpmath as mp
import pytest

import wengert as wg
from tests import FULL
from tests.oracles import digits
from tests.oracles.elementwise import ORACLES, arguments
from tests.oracles.oracle import HUGE, LEAST, error_of, ulps
from tests.oracles.programs import ELEMENTWISE
from tests.oracles.rows import SLOW
from wengert.ops import OPS
from wengert.sweeps.rounding import error_bounds

N = digits.VALUES

EDGES = (
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -7.5, 170.0, 171.5, -171.5, 710.0, -746.0, 1e16, 1e300, -1e300,
    math.inf, -math.inf, math.nan, LEAST, -LEAST, HUGE, -HUGE, 2.2250738585072014e-308, 1e-160,
)  # fmt: skip


ROWS = {row.name for row in ELEMENTWISE}  # before any test registers ops of its own
# Ops whose value is chosen, not computed: their laws are below.
CHOSEN = set(
    "stop_gradient sign step floor ceil round trunc "
    "step_left step_right sign_left sign_right share share_least share_sole share_all ties "
    "lt le gt ge eq ne logical_and logical_or logical_not isnan isinf isfinite".split()
)


def test_every_op_has_an_oracle_or_a_law():
    assert ORACLES.keys() | CHOSEN == ROWS


def worst(name: str, n: int = N) -> tuple[float, Any]:
    """The greatest error of an op over its points, in ulps, and where."""
    found: tuple[float, Any] = (0.0, None)
    for args in arguments(name, n):
        exact = digits.exact_value(name, args)
        if not mp.isfinite(exact):
            continue  # a pole, or outside the domain
        got = OPS[name].forward(*args)  # type: ignore[operator]
        error = error_of(OPS[name], args, got, exact)
        if error > found[0]:
            found = error, (args, got, mp.nstr(exact, 20))
    return found


@pytest.mark.parametrize("name", ORACLES)
def test_within_its_bound(name):
    error, where = worst(name)
    assert error <= OPS[name].ulps, where


@pytest.mark.parametrize("name", sorted(name for name in ORACLES if OPS[name].relative_to))
def test_a_part_that_is_small_beside_the_other(name):
    """Its bound is relative to a modulus, or to terms that cancel. Most of its own digits are there all the same."""
    for args in arguments(name, N):
        exact = digits.exact_value(name, args)
        assert not mp.isfinite(exact) or ulps(forward(name, *args), exact) <= 1e6, args


@pytest.mark.parametrize("off", [0.0, 1e-11, -3e-6])
def test_an_error_bound_beside_a_zero_of_a_part(off):
    """It counts units of the terms that cancel: the value has few right digits, and the bound says so."""
    at = {"a": 1.9914668428, "b": -1.3548101281 + off}
    f = wg.compile("wofz_real(a, b)", fuse=False)
    bound = error_bounds(f.program.wlist, at, exact_inputs=True)[0]
    error = abs(f(at) - digits.exact_value("wofz_real", tuple(at.values())))
    assert error <= bound <= 1e-14
    told = any("right digits of the value" in note.message for note in f.grad(at).notes)
    assert told == (abs(off) < 1e-9)


def test_lbeta_beside_its_zero():
    """Where the rounding of a + b is as large as its distance from 2."""
    for k in range(20, 52):
        args = 1.0 + 2.0**-k, 1.0 + 2.0**-k + 2.0**-52
        assert ulps(forward("lbeta", *args), digits.exact_value("lbeta", args)) <= OPS["lbeta"].ulps, args


@pytest.mark.parametrize("name", [n for n in sorted(ROWS) if OPS[n].params == "a" and not OPS[n].of_rules])
def test_an_exact_zero_is_positive(name):
    """A zero at a positive argument has the sign that IEEE 754 gives to a sum that cancels."""
    for k in range(1, 65):
        y = forward(name, k / 8)
        assert y or name == "neg" or math.copysign(1.0, y) == 1.0, k / 8


@pytest.mark.parametrize("name", sorted(ROWS))
def test_any_float_gives_a_float(name):
    row = OPS[name]
    n = len(row.params.split())
    points = EDGES if n < 4 else EDGES[::3]
    draws = 1000 if FULL or name not in SLOW else 300
    rng, many = random.Random(name), len(points) ** n > (10**5 if FULL and name not in SLOW else draws)
    tuples = ([rng.choice(points) for _ in range(n)] for _ in range(draws)) if many else product(points, repeat=n)
    for args in tuples:
        assert type(row.forward(*args)) is float, args


@pytest.mark.parametrize("name", "sin exp log sqrt gamma tanh sigmoid gelu max pow hypot clip".split())
def test_nan_goes_through(name):
    n = len(OPS[name].params.split())
    assert math.isnan(OPS[name].forward(*[math.nan] * n))


@pytest.mark.parametrize("s", [-3.0, -2.5, 0.0, 1.0, 2.0, 2.5, 3.0, 6.0])
@pytest.mark.parametrize("z", [-1.5, -40.0, -1e6, -1.0, 0.75])
def test_polylogarithms_of_whole_and_half_orders(s, z):
    with mp.workprec(200):
        assert ulps(forward("polylog", s, z), mp.re(mp.polylog(mp.mpf(s), mp.mpf(z)))) <= OPS["polylog"].ulps


@pytest.mark.parametrize(
    ("s", "q"), [(58.8, 71251.0), (56.609346204471, 38.549140192197505), (59.96143306139655, 41.0), (44.4, 33.25)]
)
def test_hurwitz_zeta_of_a_large_exponent(s, q):
    # The sum itself: mpmath's zeta has 12 digits at the first point, however many are asked for.
    with mp.workprec(200):
        count = 100 if q < 100 else 0
        begun = mp.fsum((mp.mpf(q) + k) ** -mp.mpf(s) for k in range(count))
        w, s = mp.mpf(q) + count, mp.mpf(s)
        rest = w ** (1 - s) / (s - 1) + w**-s / 2
        rest += mp.fsum(mp.bernoulli(2 * j) / mp.factorial(2 * j) * mp.rf(s, 2 * j - 1) * w ** (1 - s - 2 * j)
                        for j in range(1, 30))  # fmt: skip
        assert ulps(forward("hurwitz_zeta", float(s), q), begun + rest) <= OPS["hurwitz_zeta"].ulps


@pytest.mark.parametrize("args", [(0.786520221, 0.786520222, 0.5727552681), (1e-6, 657.0, 7e8), (0.0, 2.0, 1.0)])
def test_a_principal_value_beside_its_zero_and_by_its_definition(args):
    """The value of the third of Carlson's integrals, at p = -q, is the limit of the integrals that leave out equal
    parts on both sides of t = q. It falls from the values beside q = 0 to negative ones."""
    x, y, z = map(mp.mpf, args)
    with mp.workprec(120):
        f = lambda t: 1 / mp.sqrt((t + x) * (t + y) * (t + z))  # noqa: E731
        q = mp.mpf(2)
        ends = (0, q / 64, q / 8, q / 2, 0.99 * q, q)
        near = mp.quad(lambda s: (f(q + s) - f(q - s)) / s if s else 2 * mp.diff(f, q), ends)
        far = mp.quad(lambda t: f(t) / (t - q), (2 * q, 16 * q, 1e3 * q, 1e9 * q, mp.inf))
        assert abs(forward("elliprj", *args, -2.0) - 1.5 * (near + far)) < 1e-7 * abs(near)
    low, high = 1e-300 if x else 0.01, 1e3
    while math.nextafter(low, high) < high:
        q = 0.5 * (low + high)
        low, high = (q, high) if forward("elliprj", *args, -q) > 0 else (low, q)
    for q in (low, high, *(high * (1 + 2.0**-k) for k in (50, 40, 20))):
        with mp.workprec(300):
            exact = ORACLES["elliprj"].value(x, y, z, -mp.mpf(q))
            lost = mp.mpf(2) ** -104 * 3 * mp.elliprf(x, y, z) / (sorted(args)[1] + q)
        got = forward("elliprj", *args, -q)
        assert ulps(got, exact) <= OPS["elliprj"].ulps or abs(got - exact) <= lost


# The laws of the ops whose value is chosen

SORTED = (
    -math.inf, -HUGE, -(2.0**52) - 1, -7.5, -2.5, -1.0, -0.5, -LEAST, 0.0, LEAST, 0.5, 1.5, 2.5, 2.0**52 + 1, HUGE,
    math.inf,
)  # fmt: skip


def forward(name: str, *args: float) -> float:
    return OPS[name].forward(*args)  # type: ignore[operator]


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round"])
def test_rounding(name):
    exact = {"floor": math.floor, "ceil": math.ceil, "trunc": math.trunc, "round": round}[name]
    for a in SORTED:
        y = forward(name, a)
        assert y == (exact(a) if math.isfinite(a) else a)
        assert y or math.copysign(1.0, y) == (math.copysign(1.0, a) if a else 1.0)
    assert math.copysign(1.0, forward(name, -0.0)) == -1.0


def test_largest_and_smallest():
    for a, b in product(SORTED, repeat=2):
        assert forward("max", a, b) == max(a, b)
        assert forward("min", a, b) == min(a, b)
        assert forward("clip", 0.25, a, b) == min(max(0.25, a), b)
    for order in ((0.0, -0.0), (-0.0, 0.0)):
        assert math.copysign(1.0, forward("max", *order)) == 1.0
        assert math.copysign(1.0, forward("min", *order)) == -1.0
    for name in ("max", "min", "clip"):
        for k in range(3):
            assert math.isnan(forward(name, *(math.nan if i == k else 1.0 for i in range(3))))


def test_steps_and_signs():
    for a in SORTED:
        signs = (a > 0) - (a < 0)
        assert forward("sign", a) == signs
        assert forward("step", a) == (1 + signs) / 2
        assert forward("abs", a) == signs * a if a else forward("abs", a) == 0.0
        assert forward("relu", a) == max(a, 0.0)
        for op, at in (("sign", -1.0), ("step", 0.0)):
            assert forward(f"{op}_left", a) == (forward(op, a) if a else at)
            assert forward(f"{op}_right", a) == (forward(op, a) if a else 1.0)


def test_shares_add_up_to_one():
    for a in ((1.0,), (1.0, 2.0), (2.0, 2.0), (2.0, 1.0, 2.0), (0.0, -0.0), (3.0, 3.0, 3.0)):
        m = forward("max", *a)
        k = forward("ties", m, *a)
        shares = [forward("share", m, b, k) for b in a]
        assert math.fsum(shares) == pytest.approx(1.0, abs=1e-15)
        assert {s for s in shares if s} == {1.0 / k}
        for b, s in zip(a, shares):
            assert forward("share_all", m, b, k) == float(s > 0)
            assert forward("share_sole", m, b, k) == float(s == 1.0)


def test_comparisons_and_logic():
    table: dict[str, Callable[[float, float], bool]] = {
        "lt": lambda a, b: a < b, "le": lambda a, b: a <= b, "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b,
        "eq": lambda a, b: a == b, "ne": lambda a, b: a != b,
        "logical_and": lambda a, b: bool(a and b), "logical_or": lambda a, b: bool(a or b),
    }  # fmt: skip
    for a, b in product((*SORTED, math.nan), repeat=2):
        for name, holds in table.items():
            assert forward(name, a, b) == float(holds(a, b)), (name, a, b)
        assert forward("where", a, 3.0, 4.0) == (3.0 if a else 4.0)
        assert forward("logical_not", a) == float(not a)
        assert forward("isnan", a) == float(math.isnan(a))
        assert forward("isinf", a) == float(math.isinf(a))
        assert forward("isfinite", a) == float(math.isfinite(a))


@pytest.mark.parametrize(
    ("name", "args", "value"),
    [
        ("mod", (-7.5, 2.0), 0.5), ("mod", (7.5, -2.0), -0.5), ("mod", (5.0, math.inf), 5.0),
        ("mod", (-5.0, math.inf), math.inf),
        ("pow", (-8.0, 1.0 / 3.0), math.nan), ("pow", (0.0, 0.0), 1.0), ("pow", (-0.0, -3.0), -math.inf),
        ("pow", (-10.0, 309.0), -math.inf), ("pow", (0.0, -0.5), math.inf), ("cbrt", (-8.0,), -2.0),
        ("div", (1.0, -0.0), -math.inf), ("div", (0.0, 0.0), math.nan), ("sqrt", (-1.0,), math.nan),
        ("log", (0.0,), -math.inf), ("log", (-1.0,), math.nan), ("gamma", (5.0,), 24.0), ("gamma", (-1.0,), math.nan),
        ("gamma", (-0.0,), -math.inf), ("lgamma", (1.0,), 0.0), ("lgamma", (2.0,), 0.0), ("lgamma", (-3.0,), math.inf),
        ("digamma", (0.0,), -math.inf), ("trigamma", (-2.0,), math.inf), ("polygamma", (2.0, -1.0), math.nan),
        ("polygamma", (0.5, 1.0), math.nan), ("sinc", (0.0,), 1.0), ("sinc", (3.0,), 0.0), ("xlogx", (0.0,), 0.0),
        ("xlogy", (0.0, 0.0), 0.0), ("xlogy", (0.0, math.nan), math.nan), ("atan2", (0.0, -1.0), math.pi),
        ("acot", (-0.0,), -math.pi / 2), ("csc", (-0.0,), -math.inf), ("atanh", (1.0,), math.inf),
        ("softplus", (1000.0,), 1000.0), ("sigmoid", (-1000.0,), 0.0), ("gelu", (-math.inf,), 0.0),
        ("silu", (-math.inf,), 0.0), ("mish", (-math.inf,), 0.0), ("softsign", (-math.inf,), -1.0),
        ("logaddexp", (-math.inf, -math.inf), -math.inf), ("logaddexp", (math.inf, -math.inf), math.inf),
        ("hypot", (3.0, 4.0, 12.0), 13.0), ("hypot", (math.inf, math.nan), math.inf), ("round", (2.5,), 2.0),
        ("erfinv", (1.0,), math.inf), ("erfinv", (-1.5,), math.nan), ("erfcinv", (2.0,), -math.inf),
        ("ndtri", (0.0,), -math.inf), ("ndtri", (0.5,), 0.0), ("erfcx", (-math.inf,), math.inf),
        ("lambertw", (-0.36787944117144233,), -1.0), ("lambertw", (-0.4,), math.nan), ("lambertw", (math.e,), 1.0),
        ("lambertw", (math.inf,), math.inf), ("lambertwm1", (-0.0,), -math.inf), ("lambertwm1", (0.1,), math.nan),
        ("j0", (0.0,), 1.0), ("j1", (-math.inf,), 0.0), ("y0", (0.0,), -math.inf), ("y1", (-1.0,), math.nan),
        ("i0", (1e3,), math.inf), ("i1", (-1e3,), -math.inf), ("k0", (0.0,), math.inf), ("k1", (1e3,), 0.0),
        ("besselj", (1.5, -1.0), math.nan), ("besselj", (0.0, 0.0), 1.0), ("besseli", (-3.0, 0.0), 0.0),
        ("gammainc", (2.0, 0.0), 0.0), ("gammainc", (2.0, math.inf), 1.0), ("gammaincc", (0.0, 1.0), 0.0),
        ("gammainc", (math.inf, math.inf), math.nan), ("gammapdf", (0.5, 0.0), math.inf),
        ("beta", (1.0, 0.0), math.inf), ("beta", (-1.5, 2.0), math.nan), ("lbeta", (1.0, 1.0), 0.0),
        ("betainc", (2.0, 3.0, 1.0), 1.0), ("elliprj", (1.0, 2.0, 3.0, -math.inf), 0.0),
        ("elliprj", (0.0, 0.0, 1.0, -1.0), -math.inf), ("elliprj", (1.0, 2.0, 3.0, 0.0), math.inf),
        ("fmod", (-7.5, 2.0), -1.5), ("fmod", (5.0, math.inf), 5.0), ("fmod", (math.inf, 2.0), math.nan),
        ("fmod", (1.0, 0.0), math.nan), ("log_base", (1000.0, 10.0), 3.0), ("log_base", (8.0, 2.0), 3.0),
        ("log_base", (2.0, 1.0), math.nan), ("exp1", (0.0,), math.inf), ("exp1", (-1.0,), math.nan),
        ("exp1", (math.inf,), 0.0), ("expi", (0.0,), -math.inf), ("expi", (-math.inf,), 0.0),
        ("expi", (math.inf,), math.inf), ("sinint", (-math.inf,), -math.pi / 2), ("cosint", (0.0,), -math.inf),
        ("cosint", (math.inf,), 0.0), ("dawson", (-math.inf,), 0.0), ("erfi", (-math.inf,), -math.inf),
        ("fresnels", (-math.inf,), -0.5), ("fresnelc", (math.inf,), 0.5), ("dfresnelc", (math.inf,), math.nan),
    ],
)  # fmt: skip
def test_special_values(name, args, value):
    y = forward(name, *args)
    assert (math.isnan(y) and math.isnan(value)) or y == value
