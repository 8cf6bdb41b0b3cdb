"""What is exact: a function of mpmath for every op that computes, points over its whole domain, errors in ulps.

Points are pseudo-random and the same every time: in ordinary ranges, over all exponents (subnormals included), crowded
about the places where formulas break, at ends of domains and at ties.

Derivatives are central differences at some hundreds of bits: they know no rule, and where a function has a kink they
are the mean of its one-sided derivatives. The few functions that vary on no scale of their own, or cost too much at
such precision, have their derivatives written out.
"""

from __future__ import annotations

import math
import random
from typing import Any

import mpmath as mp

from tests.oracles.elementary import ELEMENTARY, SWITCHED
from tests.oracles.exact_functions import (
    beta_below,
    beta_density,
    beta_quantile,
    beta_quantile_slope,
    beta_slope,
    density,
    erf_inverse,
    erfc_inverse,
    gamma_above,
    gamma_below,
    gamma_density,
    gamma_quantile,
    gamma_quantile_slopes,
    in_shape,
    in_shapes,
    lambert,
    log_beta,
    log_gamma,
    normal,
    of_order,
    of_orders,
    polygamma,
    psi_gap,
    quantile,
    scaled_erfc,
)
from tests.oracles.exact_special import (
    BESSEL_AND_INTEGRALS,
    at_most,
    carlson,
    carlson_third,
    faddeeva,
    gauss_series,
    hurwitz,
    n_over_k,
    off_zero,
    owens,
    polylogarithm,
    voigt,
)
from tests.oracles.oracle import HUGE, LEAST, ONE_BELOW, Exact, Oracle, spread
from wengert.ops import OPS

SHAPE, INSIDE, BESIDE = (1e-2, 200.0), (1e-9, 0.9999), (0.5, 1.0, 0.1, 10.0)
UNIT_OPEN, WIDE = (1e-40, ONE_BELOW), (1e-8, 1e8)
BRANCH_POINT = -0.3678794411714423  # the least float above -1/e
POLES = (-1.0, -2.0, -5.0, -20.0, -0.5, -1.5)
POLYLOG = ((-8.0, 20.0), (-12.0, 0.9))
HYPER = ((-12.0, 12.0), (-12.0, 12.0), (0.25, 20.0), (-20.0, 0.98))
W_PLANE, W_PLACES = ((-300.0, 300.0), (-3.0, 300.0)), (1.0, 0.6, 1.6, 6.0, 27.5)
V_SPACE = ((-300.0, 300.0), (1e-2, 1e2), (0.0, 1e2))

ORACLES: dict[str, Oracle] = {
    **ELEMENTARY,
    "erf": Oracle(mp.erf, ((-1e5, 1e5),), (26.5,), (lambda a: 2 / mp.sqrt(mp.pi) * mp.exp(-a * a),)),
    "erfc": Oracle(mp.erfc, ((-1e5, 1e5),), (26.5,), (lambda a: -2 / mp.sqrt(mp.pi) * mp.exp(-a * a),)),
    "gauss": Oracle(lambda a: mp.exp(-a * a), ((-1e5, 1e5),), (27.0, 26.5)),
    "normpdf": Oracle(density, ((-1e5, 1e5),), (37.0, 38.5), (lambda a: -a * density(a),)),
    "ndtr": Oracle(normal, ((-1e5, 1e5),), (-37.0, -38.0), (density,)),
    "erfcx": Oracle(
        lambda a: scaled_erfc(0, a), ((-30, 1e6),), (12.0, -26.6, 0.25), (lambda a: scaled_erfc(1, a),)
    ),
    "derfcx": Oracle(scaled_erfc, ((0, 9), (-26.5, 1e6)), (0.25, -0.25), (None, lambda n, a: scaled_erfc(n + 1, a))),
    "erfinv": Oracle(
        erf_inverse, ((-ONE_BELOW, ONE_BELOW),), (1.0, -1.0, 0.5),
        (lambda a: mp.sqrt(mp.pi) / 2 * mp.exp(erf_inverse(a) ** 2),),
    ),
    "erfcinv": Oracle(
        erfc_inverse, ((LEAST, 2 * ONE_BELOW),), (1.0, 2.0, 0.5),
        (lambda a: -mp.sqrt(mp.pi) / 2 * mp.exp(erfc_inverse(a) ** 2),),
    ),
    "ndtri": Oracle(
        quantile, ((LEAST, ONE_BELOW),), (1.0, 0.5, 0.25), (lambda a: 1 / density(quantile(a)),)
    ),
    "lambertw": Oracle(lambert(0), ((BRANCH_POINT, HUGE),), (BRANCH_POINT, -0.25, 1.0)),
    "lambertwm1": Oracle(lambert(-1), ((BRANCH_POINT, -LEAST),), (BRANCH_POINT, -0.25)),
    "gamma": Oracle(
        mp.gamma, ((-1e3, 1e5),), (*POLES, 1.0, 1.4616321449683622, 7.0, 140.0, 171.6, -140.0, -180.0),
        (lambda a: mp.gamma(a) * mp.psi(0, a),),
    ),
    "lgamma": Oracle(
        log_gamma, ((-1e12, HUGE),), (*POLES, 1.0, 2.0, 3.0, 10.0, -2.457024738220800, -3.955294284858598),
        (mp.digamma,),
    ),
    "digamma": Oracle(
        mp.digamma, ((-1e3, HUGE),), (*POLES, 1.4616321449683622, -0.5040830082644555, 10.0), (lambda a: mp.psi(1, a),)
    ),
    "trigamma": Oracle(lambda a: mp.psi(1, a), ((-1e3, 1e12),), (*POLES, 10.0), (lambda a: mp.psi(2, a),)),
    "polygamma": Oracle(
        polygamma, ((0, 9), (-30, 1e3)), (*POLES, 12.0, -1.53), (None, lambda n, a: polygamma(n + 1, a))
    ),
    "lbeta": Oracle(
        log_beta, ((1e-300, 1e30),), (1.0, 10.0, 0.4),
        (lambda a, b: -psi_gap(a, b), lambda a, b: -psi_gap(b, a)),
    ),
    "beta": Oracle(
        lambda a, b: mp.exp(log_beta(a, b)), ((1e-300, 1e30),), (1.0, 10.0, 0.4),
        (lambda a, b: -mp.beta(a, b) * psi_gap(a, b), lambda a, b: -mp.beta(a, b) * psi_gap(b, a)),
    ),
    "gammaincinv": Oracle(gamma_quantile, (SHAPE, UNIT_OPEN), BESIDE, gamma_quantile_slopes(False)),
    "gammainccinv": Oracle(
        lambda a, p: gamma_quantile(a, p, True), (SHAPE, UNIT_OPEN), BESIDE, gamma_quantile_slopes(True)
    ),
    "betaincinv": Oracle(
        beta_quantile, ((0.3, 200.0), (0.3, 200.0), (1e-12, 1 - 1e-6)), BESIDE,
        (beta_quantile_slope(1, 0), beta_quantile_slope(0, 1), beta_quantile_slope(0, 0)),
    ),
    "elliprf": Oracle(mp.elliprf, (WIDE,), (1.0, 2.0)),
    "elliprd": Oracle(mp.elliprd, (WIDE,), (1.0, 2.0)),
    "elliprj": Oracle(off_zero(carlson_third), (WIDE, WIDE, WIDE, (-1e8, 1e8)), (1.0, 2.0)),
    "elliprc": Oracle(mp.elliprc, (WIDE,), (1.0, 2.0)),
    "elliprg": Oracle(mp.elliprg, (WIDE,), (1.0, 2.0)),
    "carlson": Oracle(
        carlson, ((0, 1), (0, 2), (0, 1), (0, 1), (0, 2), WIDE), (1.0, 2.0),
        (None, None, None, None, None,
         lambda m, i, j, k, n, a, b, c, p: -(i + 0.5) * carlson(m, i + 1, j, k, n, a, b, c, p),
         lambda m, i, j, k, n, a, b, c, p: -(j + 0.5) * carlson(m, i, j + 1, k, n, a, b, c, p),
         lambda m, i, j, k, n, a, b, c, p: -(k + 0.5) * carlson(m, i, j, k + 1, n, a, b, c, p),
         lambda m, i, j, k, n, a, b, c, p: -n * carlson(m, i, j, k, n + 1, a, b, c, p)),
    ),
    "ellipk": Oracle(mp.ellipk, ((-HUGE, 1.0),), (1.0, 0.5)),
    "ellipkm1": Oracle(lambda a: mp.ellipk(1 - a), ((1e-300, HUGE),), (1.0,)),
    "ellipe": Oracle(mp.ellipe, ((-HUGE, 1.0),), (1.0, 0.5)),
    "ellipkinc": Oracle(mp.ellipf, ((-30.0, 30.0), (-1e6, 1.0)), (1.0, math.pi / 2, -math.pi)),
    "ellipeinc": Oracle(mp.ellipe, ((-30.0, 30.0), (-1e6, 1.0)), (1.0, math.pi / 2, -math.pi)),
    "zeta": Oracle(at_most(mp.zeta, 500), ((-60.0, 1e3),), (1.0, -2.0, -4.0), (lambda s: hurwitz(1, 0, s, mp.mpf(1)),)),
    "hurwitz_zeta": Oracle(
        lambda s, q: hurwitz(0, 0, s, q), ((-12.0, 40.0), (1e-3, 1e3)), (1.0, -2.0, 0.0),
        (lambda s, q: hurwitz(1, 0, s, q), lambda s, q: hurwitz(0, 1, s, q)),
    ),
    "dzeta": Oracle(
        off_zero(hurwitz), ((0, 1), (0, 1), (-6.0, 20.0), (1e-2, 1e2)), (1.5, -2.5, 0.5),
        (None, None, lambda n, m, s, q: hurwitz(n + 1, m, s, q), lambda n, m, s, q: hurwitz(n, m + 1, s, q)),
    ),
    "binom": Oracle(
        off_zero(at_most(mp.binomial, 700)), ((-30.5, 300.0), (-30.5, 299.0)), (1.0, 0.5, 10.0),
        (lambda n, k: n_over_k(1, 0, n, k), lambda n, k: n_over_k(0, 1, n, k)),
    ),
    "dbinom": Oracle(
        off_zero(n_over_k), ((0, 1), (0, 1), (-5.5, 40.0), (-5.5, 40.0)), (1.0, 0.5, 10.0),
        (None, None, lambda i, j, n, k: n_over_k(i + 1, j, n, k), lambda i, j, n, k: n_over_k(i, j + 1, n, k)),
    ),
    "wofz_real": Oracle(
        lambda x, y: faddeeva(0, x, y).real, W_PLANE, W_PLACES,
        (lambda x, y: faddeeva(1, x, y).real, lambda x, y: -faddeeva(1, x, y).imag),
    ),
    "wofz_imag": Oracle(
        lambda x, y: faddeeva(0, x, y).imag, W_PLANE, W_PLACES,
        (lambda x, y: faddeeva(1, x, y).imag, lambda x, y: faddeeva(1, x, y).real),
    ),
    "dwofz_real": Oracle(
        lambda n, x, y: faddeeva(n, x, y).real, ((0, 3), *W_PLANE), W_PLACES,
        (None, lambda n, x, y: faddeeva(n + 1, x, y).real, lambda n, x, y: -faddeeva(n + 1, x, y).imag),
    ),
    "dwofz_imag": Oracle(
        lambda n, x, y: faddeeva(n, x, y).imag, ((0, 3), *W_PLANE), W_PLACES,
        (None, lambda n, x, y: faddeeva(n + 1, x, y).imag, lambda n, x, y: faddeeva(n + 1, x, y).real),
    ),
    "voigt_profile": Oracle(
        lambda x, s, g: voigt(0, x, s, g).real, V_SPACE, (1.0, 0.5),
        (lambda x, s, g: voigt(1, x, s, g).real, lambda x, s, g: s * voigt(2, x, s, g).real,
         lambda x, s, g: -voigt(1, x, s, g).imag),
    ),
    "dvoigt": Oracle(
        lambda n, x, s, g: voigt(n, x, s, g).real, ((0, 2), *V_SPACE), (1.0, 0.5),
        (None, lambda n, x, s, g: voigt(n + 1, x, s, g).real, lambda n, x, s, g: s * voigt(n + 2, x, s, g).real,
         lambda n, x, s, g: -voigt(n + 1, x, s, g).imag),
    ),
    "dvoigt_imag": Oracle(
        lambda n, x, s, g: voigt(n, x, s, g).imag, ((0, 2), *V_SPACE), (1.0, 0.5),
        (None, lambda n, x, s, g: voigt(n + 1, x, s, g).imag, lambda n, x, s, g: s * voigt(n + 2, x, s, g).imag,
         lambda n, x, s, g: voigt(n + 1, x, s, g).real),
    ),
    "hyp2f1": Oracle(
        off_zero(lambda *at: gauss_series()(0, 0, 0, 0, *at)), HYPER, (1.0, 0.5, -1.0),
        tuple(lambda *at, i=i: gauss_series()(*(float(i == k) for k in range(4)), *at) for i in range(4)),
    ),
    "dhyp2f1": Oracle(
        off_zero(gauss_series()), ((0, 1), (0, 1), (0, 1), (0, 1), *HYPER), (1.0, 0.5, -1.0),
        (None, None, None, None, *(gauss_series(*(int(i == k) for k in range(4))) for i in range(4))),
    ),
    "polylog": Oracle(
        off_zero(lambda s, z: polylogarithm(0, s, z)), POLYLOG, (1.0, 2.0, 0.5),
        (lambda s, z: polylogarithm(1, s, z), lambda s, z: polylogarithm(0, s - 1, z) / z if z else mp.mpf(1)),
    ),
    "dpolylog": Oracle(
        off_zero(polylogarithm), ((0, 1), *POLYLOG), (1.0, 2.0, 0.5),
        (None, lambda n, s, z: polylogarithm(n + 1, s, z),
         lambda n, s, z: polylogarithm(n, s - 1, z) / z if z else mp.mpf(n == 0)),
    ),
    "hill": Oracle(
        lambda a, b, n: a**n / (a**n + b**n), ((0.0, HUGE), (1e-300, HUGE), (-60.0, 60.0)), (1.0, 2.0),
        (lambda a, b, n: n * a ** (n - 1) * b**n / (a**n + b**n) ** 2,
         lambda a, b, n: -n * a**n * b ** (n - 1) / (a**n + b**n) ** 2,
         lambda a, b, n: a**n * b**n / (a**n + b**n) ** 2 * (mp.log(a) - mp.log(b)) if a else mp.mpf(0)),
    ),
    "log_ratio": Oracle(lambda a, b: mp.log(a) - mp.log(b), ((LEAST, HUGE),), (1.0,)),
    "pow1pm1": Oracle(
        lambda a, b: (1 + a) ** b - 1, ((-ONE_BELOW, 1e10), (-700.0, 700.0)), (1.0, -1.0, 0.5),
        (lambda a, b: b * (1 + a) ** (b - 1), lambda a, b: (1 + a) ** b * mp.log1p(a)),
    ),
    "pow1p": Oracle(
        lambda a, b: (1 + a) ** b, ((-ONE_BELOW, 1e10), (-700.0, 700.0)), (1.0, -1.0, 0.5),
        (lambda a, b: b * (1 + a) ** (b - 1), lambda a, b: (1 + a) ** b * mp.log1p(a)),
    ),
    "softshare2": Oracle(lambda a, b: 1 / (1 + mp.mpf(2) ** (b - a)), ((-1e5, 1e5),)),
    "logaddexp2": Oracle(
        lambda a, b: max(a, b) + mp.log1p(mp.mpf(2) ** -abs(a - b)) / mp.log(2), ((-1e5, 1e5),), (-1.0, -0.5),
    ),
    "exp_erfc": Oracle(
        lambda a, b: mp.exp(a) * mp.erfc(b), ((-700.0, 700.0), (-25.0, 25.0)), (1.0, 0.5),
        (lambda a, b: mp.exp(a) * mp.erfc(b), lambda a, b: -2 / mp.sqrt(mp.pi) * mp.exp(a - b * b)),
    ),
    "exp_less_square": Oracle(lambda a, b: mp.exp(a - b * b), ((-700.0, 700.0), (-25.0, 25.0)), (1.0, 26.0)),
    "owens_t": Oracle(
        owens, ((-37.0, 37.0), (-1e6, 1e6)), (1.0, 0.5, 2.0),
        (lambda h, a: -density(h) * mp.erf(a * h / mp.sqrt(2)) / 2,
         lambda h, a: mp.exp(-h * h * (1 + a * a) / 2) / (1 + a * a) / (2 * mp.pi)),
    ),
    "digamma_gap": Oracle(
        psi_gap, ((1e-30, 1e30),), (1.0, 10.0, 1.5),
        (lambda a, b: mp.psi(1, a + b) - mp.psi(1, a), lambda a, b: mp.psi(1, a + b)),
    ),
    "betapdf": Oracle(
        beta_density, (SHAPE, SHAPE, INSIDE), BESIDE,
        (in_shapes(beta_density, 1, 0), in_shapes(beta_density, 0, 1), beta_slope),
    ),
    "betainc": Oracle(
        in_shapes(beta_below, 0, 0), (SHAPE, SHAPE, INSIDE), BESIDE,
        (in_shapes(beta_below, 1, 0), in_shapes(beta_below, 0, 1), beta_density),
    ),
    "dbetapdf": Oracle(
        of_orders(beta_density), ((0, 1), (0, 1), SHAPE, SHAPE, INSIDE), BESIDE,
        (None, None, of_orders(beta_density, (1, 0)), of_orders(beta_density, (0, 1)), of_orders(beta_slope)),
    ),
    "dbetainc": Oracle(
        of_orders(beta_below), ((0, 1), (0, 1), (0.1, 30), (0.1, 30), INSIDE), BESIDE,
        (None, None, of_orders(beta_below, (1, 0)), of_orders(beta_below, (0, 1)), of_orders(beta_density)),
    ),
    "gammapdf": Oracle(
        gamma_density, ((1e-3, 1e3), (1e-300, 1e3)), (10.0, 1.0, 0.5, 30.0),
        (in_shape(gamma_density, 1), lambda a, x: gamma_density(a, x) * ((a - 1) / x - 1)),
    ),
    "gammainc": Oracle(
        gamma_below, ((1e-3, 1e3), (1e-300, 1e3)), (10.0, 1.0, 0.5, 30.0), (in_shape(gamma_below, 1), gamma_density)
    ),
    "gammaincc": Oracle(
        gamma_above, ((1e-3, 1e3), (1e-300, 1e3)), (10.0, 1.0, 0.5, 30.0),
        (lambda a, x: -in_shape(gamma_below, 1)(a, x), lambda a, x: -gamma_density(a, x)),
    ),
    "gammainc_da": Oracle(
        in_shape(gamma_below, 1), ((1e-3, 1e2), (1e-300, 1e2)), (10.0, 1.0, 0.5, 30.0),
        (in_shape(gamma_below, 2), in_shape(gamma_density, 1)),
    ),
    "dgammapdf": Oracle(
        of_order(gamma_density), ((0, 3), (1e-3, 1e2), (1e-3, 1e2)), (10.0, 1.0, 0.5, 30.0),
        (None, of_order(gamma_density, 1),
         lambda n, a, x: in_shape(lambda a, x: gamma_density(a, x) * ((a - 1) / x - 1), int(n))(a, x)),
    ),
    "dgammainc": Oracle(
        of_order(gamma_below), ((0, 3), (1e-3, 1e2), (1e-3, 1e2)), (10.0, 1.0, 0.5, 30.0),
        (None, of_order(gamma_below, 1), of_order(gamma_density)),
    ),
    **BESSEL_AND_INTEGRALS,
    **SWITCHED,
}  # fmt: skip


def arguments(name: str, n: int) -> list[tuple[float, ...]]:
    """n points of an op's domain; of several arguments, some are equal or next to it."""
    oracle = ORACLES[name]
    rng = random.Random(name)
    arity = max(len(oracle.ranges), OPS[name].params.count(" ") + 1)
    points: list[tuple[float, ...]] = []
    while len(points) < n:
        args = [spread(rng, *oracle.ranges[min(i, len(oracle.ranges) - 1)], oracle.centres) for i in range(arity)]
        if name in (
            "dsinc",
            "polygamma",
            "derfcx",
            "dsinc_radians",
            "ddawson",
            "dgammapdf",
            "dgammainc",
            "dwofz_real",
            "dwofz_imag",
            "dvoigt",
            "dvoigt_imag",
            "dpolylog",
        ):
            args[0] = float(rng.randint(*map(int, oracle.ranges[0])))
        elif name in ("dbetapdf", "dbetainc", "dzeta", "dbinom"):
            args[:2] = float(rng.randint(0, 1)), float(rng.randint(0, 1))
        elif name in ("besselj", "bessely", "besseli", "besselk"):
            if rng.random() < 0.4 or args[1] < 0.0:
                args[0] = float(round(args[0]))
        elif name in ("dbesselj", "dbessely", "dbesseli", "dbesselk"):
            args[0] = float(rng.randint(0, 2))
        elif name == "dhyp2f1":
            chosen = rng.randint(0, 3)
            args[:4] = [float(k == chosen) * rng.randint(0, 1) for k in range(4)]
        elif name == "carlson":
            args[:5] = [float(rng.randint(*map(int, oracle.ranges[i]))) for i in range(5)]
            args[0] = min(args[0], sum(args[1:5]))
        elif name == "binom" and args[0] < 0.0:
            args[0] += 0.25 if args[0] % 1.0 == 0.0 else 0.0
        elif name == "pow" and args[0] < 0.0:
            args[1] = float(rng.randint(-300, 300))
        elif arity > 1 and len(oracle.ranges) != 2 and len(set(oracle.ranges)) == 1 and rng.random() < 0.3:
            scale = math.ldexp(rng.uniform(1.0, 2.0), rng.randint(-60, 60))
            beside = args[0] * rng.choice((1.0, -1.0, 1.0 + 2**-52, 1.0 + 2**-30, scale, -scale))
            low, high = oracle.ranges[-1]
            args[1] = max(-HUGE, min(beside, HUGE)) if low <= 0.0 else max(low, min(abs(beside), high))
        if arity < 3 or len(set(args)) > 1:  # three at a tie share, and no difference says how
            points.append(tuple(a + 0.0 for a in args))
    return points


def _asked(f: Exact, args: tuple[Any, ...]) -> Any:
    """What a function answers; nan if it has a pole, or no real value."""
    try:
        y = f(*args)
    except (ValueError, ZeroDivisionError):
        return mp.nan
    return mp.nan if isinstance(y, mp.mpc) and y.imag else mp.re(y)


def exactly(f: Exact, args: tuple[float, ...]) -> Any:
    """The answer with digits to spare, also beside zeros; nan at a pole and outside the domain."""
    exact = tuple(map(mp.mpf, args))
    with mp.workprec(300):
        y = _asked(f, exact)
        size = mp.frexp(y)[1] if mp.isnormal(y) else 0
    spent = max(0, -size, *(abs(mp.frexp(a)[1]) for a in exact))
    if spent < 60:
        return y
    with mp.workprec(300 + 2 * min(spent, 1200)):
        return _asked(f, exact)


def slope(name: str, args: tuple[float, ...], i: int) -> Any:
    """The derivative in the i-th argument; at a kink the mean of the one-sided ones."""
    oracle = ORACLES[name]
    written = oracle.slopes[i] if oracle.slopes else None
    if written is not None:
        return exactly(written, args)
    near, far = (min(1.0, abs(args[i])), max(abs(a) for a in args)) if args[i] else (LEAST, 1.0)
    step = 160 - mp.frexp(mp.mpf(near))[1]
    bits, before = 200 + step + 2 * abs(mp.frexp(mp.mpf(far))[1]), None
    enough = bits + 1200  # to see a slope that is no less than the least float
    while True:
        with mp.workprec(bits):
            h = mp.mpf(2) ** -step
            exact = list(map(mp.mpf, args))
            up, down = (_asked(oracle.value, (*exact[:i], exact[i] + s * h, *exact[i + 1 :])) for s in (1, -1))
            y = (up - down) / (2 * h)
            settled = y and before is not None and abs(y - before) <= abs(y) * mp.mpf(2) ** -80
            if mp.isnan(y) or settled or (not y and bits > enough):
                return y
        before, bits = y, bits + bits // 2
