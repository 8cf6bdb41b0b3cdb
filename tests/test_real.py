"""Values of the ops against mpmath, in units in the last place, over their whole domain.

Points are pseudo-random and the same every time: in ordinary ranges, over all exponents (subnormals included), and
crowded about the places where formulas break.
"""

import math
import random
from collections.abc import Callable
from itertools import product
from typing import Any

import mpmath as mp
import pytest

from wengert.ops import OPS, real

HUGE, LEAST = 1.7976931348623157e308, 5e-324
N = 120

EDGES = (
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -7.5, 170.0, 171.5, -171.5, 710.0, -746.0, 1e16, 1e300, -1e300,
    math.inf, -math.inf, math.nan, LEAST, -LEAST, HUGE, -HUGE, 2.2250738585072014e-308, 1e-160,
)  # fmt: skip


def ulps(got: float, exact: Any) -> float:
    """How far a float is from a number, in units in the last place of the number (of subnormals, the least)."""
    if mp.isnan(exact) or got != got:
        return 0.0 if mp.isnan(exact) and got != got else math.inf
    overflows = abs(exact) >= mp.mpf(2) ** 1024 - mp.mpf(2) ** 970
    if mp.isinf(exact) or overflows or math.isinf(got):
        near = HUGE if mp.isinf(exact) or overflows else float(abs(exact))
        return 0.0 if abs(got) >= HUGE and near == HUGE and (got > 0) == (exact > 0) else math.inf
    unit = max(mp.frexp(exact)[1] - 53, -1074) if exact else -1074
    return float(abs(mp.mpf(got) - exact) * mp.mpf(2) ** -unit)


def spread(rng: random.Random, low: float, high: float, centres: tuple[float, ...] = ()) -> float:
    """A point of [low, high]."""
    while True:
        kind = rng.random()
        if kind < 0.4:
            a = rng.uniform(max(low, -40.0), min(high, 40.0))
        elif kind < 0.55:
            a = rng.uniform(max(low, -800.0), min(high, 800.0))
        elif kind < 0.75 or not centres:
            a = rng.choice((-1.0, 1.0)) * math.ldexp(rng.uniform(1.0, 2.0), rng.randint(-1074, 1023))
        else:
            a = rng.choice(centres)
            a += rng.choice((-1.0, 1.0)) * math.ldexp(max(abs(a), 1e-300), rng.randint(-53, -1))
        if low <= a <= high:
            return a


def of_reciprocal(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda a: f(1 / a)


def elu(a: Any, alpha: Any) -> Any:
    return a if a > 0 else alpha * mp.expm1(a)


def selu(a: Any) -> Any:
    return mp.mpf(real.SELU_SCALE) * elu(a, mp.mpf(real.SELU_ALPHA))


def normal(a: Any) -> Any:
    return mp.erfc(-a / mp.sqrt(2)) / 2


def log_gamma(a: Any) -> Any:
    return mp.log(abs(mp.gamma(a))) if a < 1e5 else mp.loggamma(a)


def dsinc(n: Any, a: Any) -> Any:
    """pi^n times the integral of t^n cos(z t + n pi/2) over [0, 1], z = pi a, by its Taylor series."""
    z, n = mp.pi * a, int(n)
    first = n + n % 2
    total, k = mp.mpf(0), first
    term = (-1) ** (first // 2) * z ** (first - n)
    while abs(term) > mp.eps * abs(total) or k < first + 4:
        total += term / (k + 1)
        k += 2
        term *= -z * z / ((k - n) * (k - n - 1))
    return mp.pi**n * total


UNIT = (1 - 2**-53, 0.5, 1e-9)
POLES = (-1.0, -2.0, -5.0, -20.0, -0.5, -1.5)
# name: oracle, least and greatest argument (one pair a parameter, the last one for all the rest), places to crowd about
ORACLES: dict[str, tuple[Callable[..., Any], tuple[tuple[float, float], ...], tuple[float, ...]]] = {
    "add": (lambda a, b: a + b, ((-HUGE, HUGE),), ()),
    "sub": (lambda a, b: a - b, ((-HUGE, HUGE),), ()),
    "mul": (lambda a, b: a * b, ((-HUGE, HUGE),), ()),
    "div": (lambda a, b: a / b, ((-HUGE, HUGE),), ()),
    "neg": (lambda a: -a, ((-HUGE, HUGE),), ()),
    "mod": (lambda a, b: a - b * mp.floor(a / b), ((-1e30, 1e30), (1e-30, 1e30)), ()),
    "pow": (lambda a, b: a**b, ((0, HUGE), (-800, 800)), (1.0, 2.0)),
    "square": (lambda a: a * a, ((-HUGE, HUGE),), ()),
    "cube": (lambda a: a**3, ((-HUGE, HUGE),), ()),
    "reciprocal": (lambda a: 1 / a, ((-HUGE, HUGE),), ()),
    "sqrt": (mp.sqrt, ((0, HUGE),), ()),
    "cbrt": (lambda a: mp.sign(a) * mp.cbrt(abs(a)), ((-HUGE, HUGE),), ()),
    "hypot": (lambda *a: mp.sqrt(sum(b * b for b in a)), ((-HUGE, HUGE),) * 3, ()),
    "exp": (mp.exp, ((-HUGE, HUGE),), (709.0, -745.0)),
    "expm1": (mp.expm1, ((-HUGE, HUGE),), (709.0,)),
    "exp2": (lambda a: mp.mpf(2) ** a, ((-2000, 2000),), (1024.0, -1074.0)),
    "exp10": (lambda a: mp.mpf(10) ** a, ((-2000, 2000),), (308.0, -323.0)),
    "log": (mp.log, ((LEAST, HUGE),), (1.0,)),
    "log1p": (mp.log1p, ((-UNIT[0], HUGE),), (-1.0,)),
    "log2": (lambda a: mp.log(a) / mp.log(2), ((LEAST, HUGE),), (1.0,)),
    "log10": (mp.log10, ((LEAST, HUGE),), (1.0,)),
    "logaddexp": (lambda a, b: mp.log(mp.exp(a) + mp.exp(b)), ((-1000, 1000),), (-0.6931471805599453,)),
    "xlogx": (lambda a: a * mp.log(a), ((LEAST, HUGE),), (1.0,)),
    "xlogy": (lambda a, b: a * mp.log(b), ((-1e9, 1e9), (LEAST, HUGE)), (1.0,)),
    "xlog1py": (lambda a, b: a * mp.log1p(b), ((-1e9, 1e9), (-UNIT[0], HUGE)), (-1.0,)),
    "sin": (mp.sin, ((-HUGE, HUGE),), (math.pi, 11.0)),
    "cos": (mp.cos, ((-HUGE, HUGE),), (math.pi / 2, 11.0)),
    "tan": (mp.tan, ((-HUGE, HUGE),), (math.pi / 2, math.pi)),
    "sec": (mp.sec, ((-HUGE, HUGE),), (math.pi / 2,)),
    "csc": (mp.csc, ((-HUGE, HUGE),), (math.pi,)),
    "cot": (mp.cot, ((-HUGE, HUGE),), (math.pi / 2, math.pi)),
    "asin": (mp.asin, ((-1, 1),), (1.0, -1.0)),
    "acos": (mp.acos, ((-1, 1),), (1.0, -1.0)),
    "atan": (mp.atan, ((-HUGE, HUGE),), (1.0,)),
    "asec": (of_reciprocal(mp.acos), ((1, HUGE),), (1.0, 2.0)),
    "acsc": (of_reciprocal(mp.asin), ((-HUGE, -1),), (-1.0, -2.0)),
    "acot": (of_reciprocal(mp.atan), ((-HUGE, HUGE),), (1.0,)),
    "atan2": (mp.atan2, ((-HUGE, HUGE),), (1.0, -1.0)),
    "deg2rad": (lambda a: a * mp.pi / 180, ((-HUGE, HUGE),), ()),
    "rad2deg": (lambda a: a * 180 / mp.pi, ((-HUGE, HUGE),), ()),
    "sinc": (mp.sincpi, ((-HUGE, HUGE),), (1.0, 2.0, -7.0, 1e6)),
    "dsinc": (dsinc, ((0, 4), (-25, 25)), (1.4302966531242027, 2.4590240334, 0.5)),
    "sinh": (mp.sinh, ((-HUGE, HUGE),), (710.0,)),
    "cosh": (mp.cosh, ((-HUGE, HUGE),), (710.0,)),
    "tanh": (mp.tanh, ((-1000, 1000),), (20.0,)),
    "sech": (mp.sech, ((-HUGE, HUGE),), (20.0, 745.0)),
    "csch": (mp.csch, ((-HUGE, HUGE),), (20.0, 745.0)),
    "coth": (mp.coth, ((-1000, 1000),), (20.0,)),
    "asinh": (mp.asinh, ((-HUGE, HUGE),), (1.0,)),
    "acosh": (mp.acosh, ((1, HUGE),), (1.0,)),
    "atanh": (mp.atanh, ((-UNIT[0], UNIT[0]),), (1.0, -1.0)),
    "asech": (of_reciprocal(mp.acosh), ((LEAST, 1),), (1.0, 0.5)),
    "acsch": (of_reciprocal(mp.asinh), ((-HUGE, HUGE),), (1.0,)),
    "acoth": (of_reciprocal(mp.atanh), ((1 + 2**-52, HUGE),), (1.0,)),
    "erf": (mp.erf, ((-30, 30),), ()),
    "erfc": (mp.erfc, ((-30, 27),), (26.5,)),
    "gauss": (lambda a: mp.exp(-a * a), ((-40, 40),), (27.0, 26.5)),
    "ndtr": (normal, ((-40, 40),), (-37.0, -38.0)),
    "gamma": (mp.gamma, ((-190, 180),), (*POLES, 1.0, 7.0, 140.0, 171.6, -140.0, -180.0)),
    "lgamma": (log_gamma, ((-1e3, HUGE),), (*POLES, 1.0, 2.0, 3.0, 10.0, -2.457024738220800, -3.955294284858598)),
    "digamma": (mp.digamma, ((-1e3, HUGE),), (*POLES, 1.4616321449683622, -0.5040830082644555, 10.0)),
    "trigamma": (lambda a: mp.psi(1, a), ((-1e3, 1e12),), (*POLES, 10.0)),
    "polygamma": (lambda n, a: mp.psi(int(n), a), ((0, 9), (-30, 1e3)), (*POLES, 12.0, -1.53)),
    "sigmoid": (lambda a: 1 / (1 + mp.exp(-a)), ((-1000, HUGE),), (-745.0,)),
    "softshare": (lambda a, b: 1 / (1 + mp.exp(b - a)), ((-1000, 1000),), ()),
    "logit": (lambda a: mp.log(a / (1 - a)), ((LEAST, UNIT[0]),), (0.5, 0.25, 1.0)),
    "softplus": (lambda a: mp.log1p(mp.exp(a)), ((-1000, HUGE),), (-745.0, -37.0)),
    "log_sigmoid": (lambda a: -mp.log1p(mp.exp(-a)), ((-HUGE, 1000),), (745.0, 37.0)),
    "leaky_relu": (lambda a, s: a if a > 0 else s * a, ((-HUGE, HUGE),), ()),
    "elu": (elu, ((-HUGE, HUGE),), ()),
    "selu": (selu, ((-HUGE, HUGE),), ()),
    "silu": (lambda a: a / (1 + mp.exp(-a)), ((-1000, HUGE),), (-745.0, -700.0, -751.0)),
    "gelu": (lambda a: a * normal(a), ((-40, 1e3),), (-37.0, -38.5)),
    "mish": (lambda a: a * mp.tanh(mp.log1p(mp.exp(a))), ((-1000, 1e3),), (-745.0, -700.0, 20.0)),
    "softsign": (lambda a: a / (1 + abs(a)), ((-HUGE, HUGE),), ()),
}  # fmt: skip

# Ops whose value is chosen, not computed: their laws are below.
CHOSEN = set(
    "copy stop_gradient abs sign step floor ceil round trunc max min clip copysign where relu "
    "step_left step_right sign_left sign_right share share_least share_sole share_all ties "
    "lt le gt ge eq ne logical_and logical_or logical_not isnan isinf isfinite".split()
)


def test_every_op_has_an_oracle_or_a_law():
    assert ORACLES.keys() | CHOSEN == OPS.keys()


def arguments(name: str, n: int = N) -> list[tuple[float, ...]]:
    _, ranges, centres = ORACLES[name]
    rng = random.Random(name)
    arity = max(len(ranges), OPS[name].params.count(" ") + 1)
    if name in ("dsinc", "polygamma"):
        return [(float(rng.randint(*map(int, ranges[0]))), spread(rng, *ranges[1], centres)) for _ in range(n)]
    return [tuple(spread(rng, *ranges[min(i, len(ranges) - 1)], centres) for i in range(arity)) for _ in range(n)]


def exactly(oracle: Callable[..., Any], args: tuple[float, ...]) -> Any:
    """The oracle's answer with digits to spare, also beside its zeros; nan at a pole."""
    with mp.workprec(300):
        try:
            y = oracle(*map(mp.mpf, args))
        except (ValueError, ZeroDivisionError):
            return mp.nan
        size = mp.frexp(y)[1] if mp.isnormal(y) else 0
    spent = max(0, -size, *(abs(mp.frexp(mp.mpf(a))[1]) for a in args))
    if spent < 60:
        return y
    with mp.workprec(300 + 2 * min(spent, 1200)):
        return oracle(*map(mp.mpf, args))


def worst(name: str, n: int = N) -> tuple[float, Any]:
    """The greatest error of an op over its points, in ulps, and where."""
    found: tuple[float, Any] = (0.0, None)
    for args in arguments(name, n):
        exact = exactly(ORACLES[name][0], args)
        if mp.isnan(exact) and name in ("gamma", "lgamma", "digamma", "trigamma", "polygamma"):
            continue  # a pole
        got = OPS[name].forward(*args)  # type: ignore[operator]
        error = ulps(got, exact)
        if error > found[0]:
            found = error, (args, got, mp.nstr(exact, 20))
    return found


@pytest.mark.parametrize("name", ORACLES)
def test_within_its_bound(name):
    error, where = worst(name)
    assert error <= OPS[name].ulps, where


@pytest.mark.parametrize("name", OPS)
def test_any_float_gives_a_float(name):
    row = OPS[name]
    n = len(row.params.split())
    points = EDGES if n < 4 else EDGES[::3]
    for args in product(points, repeat=n):
        assert type(row.forward(*args)) is float, args


@pytest.mark.parametrize("name", "sin exp log sqrt gamma tanh sigmoid gelu max pow hypot clip".split())
def test_nan_goes_through(name):
    n = len(OPS[name].params.split())
    assert math.isnan(OPS[name].forward(*[math.nan] * n))


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
        shares = [forward("share", m, b, *a) for b in a]
        assert math.fsum(shares) == pytest.approx(1.0, abs=1e-15)
        assert {s for s in shares if s} == {1.0 / forward("ties", m, *a)}
        for b, s in zip(a, shares):
            assert forward("share_all", m, b, *a) == float(s > 0)
            assert forward("share_sole", m, b, *a) == float(s == 1.0)


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
    ],
)  # fmt: skip
def test_special_values(name, args, value):
    y = forward(name, *args)
    assert (math.isnan(y) and math.isnan(value)) or y == value
