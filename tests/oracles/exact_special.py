"""Functions of mpmath: elliptic integrals, Bessel functions, zeta, polylogarithm, Faddeeva's and Gauss's, Owen's T;
and the exact values of Bessel functions and integrals."""

from __future__ import annotations

from typing import Any

import mpmath as mp

from tests.oracles.exact_functions import _whole, dawson, radian_sinc
from tests.oracles.modified_bessel import modified_k
from tests.oracles.oracle import LEAST, Exact, Oracle


def carlson(m: Any, i: Any, j: Any, k: Any, n: Any, a: Any, b: Any, c: Any, p: Any) -> Any:
    """The trapezoidal rule for t = e^u, whose error is exp(-2 pi^2/h)."""
    orders = [_whole(order) for order in (m, i, j, k, n)]
    if orders[0] > sum(orders[1:]) or not min(a, b, c, p) > 0:
        raise ValueError("it diverges")
    with mp.workprec(150):
        h = mp.mpf(2) ** -3
        term = lambda u: (  # noqa: E731
            (t := mp.exp(u)) ** (orders[0] + 1) / mp.sqrt((t + a) * (t + b) * (t + c))
            / ((t + a) ** orders[1] * (t + b) ** orders[2] * (t + c) ** orders[3] * (t + p) ** orders[4])
        )  # fmt: skip
        total = mp.mpf(0)
        for side in (-1, 1):
            u, small = mp.log(a) + (h if side > 0 else 0), 0
            while small < 4:
                y = term(u)
                total += y
                small = small + 1 if y < total * mp.mpf(2) ** -120 else 0
                u += side * h
        return h * total


def carlson_third(x: Any, y: Any, z: Any, p: Any) -> Any:
    """R_J; for p < 0 its principal value (DLMF 19.20.14, of the largest of the first three)."""
    if p >= 0:
        return mp.elliprj(x, y, z, p)
    (x, y, z), q = sorted((x, y, z)), -p
    if not y:
        return -mp.inf
    p = (z * (x + y + q) - x * y) / (z + q)
    inner = mp.sqrt(x * y * z / (x * y + p * q)) * mp.elliprc(x * y + p * q, p * q) if x else mp.mpf(0)
    return ((p - z) * mp.elliprj(x, y, z, p) - 3 * mp.elliprf(x, y, z) + 3 * inner) / (z + q)


def bessel_k(n: int, a: Any) -> Any:
    """The integral of exp(-a cosh t) cosh(nt) over t > 0 where mpmath is slow: the trapezoidal rule, whose error is
    exp(-pi^2/h) (Trefethen and Weideman 2014)."""
    if mp.mp.prec > 300:
        with mp.workprec(300):  # it has no zero
            return bessel_k(n, a)
    if not 3 < a < 800:
        return mp.besselk(n, a)
    h = 9 / (mp.mp.prec * mp.log(2) + 2 * a)
    total, k = mp.exp(-a) / 2, 1
    while True:
        term = mp.exp(-a * mp.cosh(k * h)) * mp.cosh(n * k * h)
        total += term
        if term < total * mp.eps:
            return h * total
        k += 1


def in_order(f: Exact, n: int) -> Exact:
    """The n-th derivative of a function of two arguments in the first, by differences at 150 bits more an order."""

    def derivative(v: Any, a: Any) -> Any:
        if n == 0:
            return f(v, a)
        if not a > 0:
            return mp.nan
        # I falls with a whole order as little as K.
        more = int(4 * a) if f is mp.besseli else 0
        with mp.workprec(400 + (150 + 2 * more) * n):
            h = mp.mpf(2) ** -(100 + more)
            return sum((-1) ** k * mp.binomial(n, k) * f(v + (mp.mpf(n) / 2 - k) * h, a) for k in range(n + 1)) / h**n

    return derivative


def off_zero(f: Exact) -> Exact:
    """The function where no argument is tiny: its derivatives there are lost in a difference."""
    return lambda *args: mp.nan if any(0 < abs(a) < 1e-20 for a in args) else f(*args)


def in_orders(f: Exact, sign: int, factor: float = 0.5) -> Oracle:
    """Derivatives in the order; the ones in the argument are a sum or a difference of those of neighbouring orders."""
    slope: Exact = lambda k, v, a: (  # noqa: E731
        factor * (in_order(f, int(k))(v - 1, a) + sign * in_order(f, int(k))(v + 1, a))
    )
    return Oracle(
        off_zero(lambda k, v, a: mp.nan if a > 60 and f is mp.besseli else in_order(f, int(k))(v, a)),
        ((0, 2), (-12, 30), (1e-3, 300.0)), (1.0, 0.5, 48.0),
        (None, lambda k, v, a: in_order(f, int(k) + 1)(v, a), slope),
    )  # fmt: skip


def of_real_order(f: Exact, sign: int, low: float, high: float, factor: float = 0.5) -> Oracle:
    slope: Exact = lambda v, a: factor * (f(v - 1, a) + sign * f(v + 1, a))  # noqa: E731
    return Oracle(off_zero(f), ((-20, 120), (low, high)), (*J_ZEROS[:3], 48.0, 0.5), (in_order(f, 1), slope))


def at_most(f: Exact, bits: int) -> Exact:
    """The function with a bound on the bits, where more would take minutes."""

    def bounded(*args: Any) -> Any:
        with mp.workprec(min(mp.mp.prec, bits)):
            return f(*args)

    return bounded


def hurwitz(n: Any, m: Any, s: Any, q: Any) -> Any:
    """The derivative of Hurwitz's function, n times in s by differences and m times in q by DLMF 25.11.17."""
    n, m = _whole(n), _whole(m)
    with mp.workprec(400 + 150 * n):
        s += mp.mpf(2) ** -300 if m and s + m == 1 else 0
        f: Exact = lambda s: (-1) ** m * mp.rf(s, m) * mp.zeta(s + m, q)  # noqa: E731
        h = mp.mpf(2) ** -100
        return sum((-1) ** k * mp.binomial(n, k) * f(s + (mp.mpf(n) / 2 - k) * h) for k in range(n + 1)) / h**n


def n_over_k(i: Any, j: Any, n: Any, k: Any) -> Any:
    """The derivative of the binomial coefficient, i times in n and j times in k, by differences."""
    i, j = _whole(i), _whole(j)
    if i + j == 0:
        return mp.binomial(n, k)
    n, k = (mp.mpf(0) if abs(a) < 1e-90 else a for a in (n, k))
    with mp.workprec(400 + 150 * (i + j) + 2 * int(abs(n) + abs(k))):
        h = mp.mpf(2) ** -100
        terms = (
            (-1) ** (a + b) * mp.binomial(i, a) * mp.binomial(j, b)
            * mp.binomial(n + (mp.mpf(i) / 2 - a) * h, k + (mp.mpf(j) / 2 - b) * h)
            for a in range(i + 1) for b in range(j + 1)
        )  # fmt: skip
        return sum(terms) / h ** (i + j)


def faddeeva(n: Any, x: Any, y: Any) -> Any:
    """The n-th derivative of exp(-z^2) erfc(-i z), by its recurrence, whose terms cancel by |z|^2n."""
    n = _whole(n)
    size = max(abs(x), abs(y), mp.mpf(1))
    with mp.workprec(mp.mp.prec + 60 + 4 * (n + 1) * mp.frexp(size)[1]):
        z = mp.mpc(x, y)
        before, here = mp.mpc(0), mp.exp(-z * z) * mp.erfc(mp.mpc(y, -x))
        for k in range(n):
            before, here = here, -2 * z * here + (-2 * k * before if k else mp.mpc(0, 2 / mp.sqrt(mp.pi)))
        return here


def voigt(n: Any, x: Any, sigma: Any, gamma: Any) -> Any:
    """The n-th derivative of w((x + i gamma)/(sigma sqrt(2)))/(sigma sqrt(2 pi)) in x."""
    n = _whole(n)
    if not sigma:
        return mp.mpc(0, 1) * (-1) ** n * mp.factorial(n) / mp.pi / mp.mpc(x, gamma) ** (n + 1)
    width = sigma * mp.sqrt(2)
    return faddeeva(n, x / width, gamma / width) / width**n / (sigma * mp.sqrt(2 * mp.pi))


def polylogarithm(n: Any, s: Any, z: Any) -> Any:
    """The n-th derivative of the polylogarithm in its order, by its series, which below -1 is summed by Chebyshev's
    polynomials of 2t - 1 on [0, 1] (Cohen, Rodriguez Villegas and Zagier 2000, of other arguments than 1)."""
    n = _whole(n)

    def term(k: int) -> Any:
        logarithm = mp.log(k)
        return mp.exp(-s * logarithm) * ((-logarithm) ** n if n else 1)

    with mp.workprec(220):
        if z < -1:
            count = int(190 / (2 * mp.asinh(1 / mp.sqrt(-z)))) + int(4 * abs(s)) + 20
            with mp.workprec(240 + 3 * count):
                # P(t) = T_count(1 - 2t), of the coefficients c; the sum of the terms of (P(1/z) - P(t))/(1/z - t)
                c = [mp.mpf(1)]
                for k in range(count):
                    c.append(c[k] * -4 * (count - k) * (count + k) / ((2 * k + 1) * (2 * k + 2)))
                total, left = mp.mpf(0), mp.mpf(0)
                for k in reversed(range(count)):
                    left = left / z + c[k + 1]
                    total += left * term(k + 1)
                return total / mp.chebyt(count, 1 - 2 / z)
        total, k, power = mp.mpf(0), 1, mp.mpf(1)
        part = power
        while k < 20 or abs(part) > mp.eps * abs(total):
            power *= z
            part = power * term(k)
            total += part
            k += 1
        return total


def gauss_series(*more: int) -> Exact:
    """Gauss's function with orders as its first arguments, and more of them: in the parameters by differences, in z by
    DLMF 15.5.2."""

    def derivative(*args: Any) -> Any:
        orders = [_whole(order) + m for order, m in zip(args[:4], more or (0,) * 4)]
        z, n, h = args[7], orders.pop(), mp.mpf(2) ** -100

        def value(*at: Any) -> Any:
            factor = mp.rf(at[0], n) * mp.rf(at[1], n) / mp.rf(at[2], n)
            return factor * mp.hyp2f1(*(p + n for p in at), z)

        def inner(at: tuple[Any, ...], i: int) -> Any:
            if i == 3:
                return value(*at)
            k = orders[i]
            return (
                sum(
                    (-1) ** j
                    * mp.binomial(k, j)
                    * inner((*at[:i], at[i] + (mp.mpf(k) / 2 - j) * h, *at[i + 1 :]), i + 1)
                    for j in range(k + 1)
                )
                / h**k
            )

        with mp.workprec(500 + 150 * sum(orders)):
            return inner(args[4:7], 0)

    return derivative


def owens(h: Any, a: Any) -> Any:
    """Owen's T, by quadrature on pieces that double."""
    if not a:
        return a
    h, size = abs(h), abs(a)
    with mp.workprec(150):
        far = min(size, 15 / h) if h else size
        f: Exact = lambda t: mp.exp(-((h * far * t) ** 2) / 2) / (1 + (far * t) ** 2)  # noqa: E731
        pieces = 6 + max(0, mp.frexp(far)[1])
        total = far * mp.quad(f, [0, *(mp.mpf(2) ** -k for k in range(pieces, -1, -1))])
        return mp.sign(a) * mp.exp(-h * h / 2) * total / (2 * mp.pi)


def bessel_y(n: int, a: Any) -> Any:
    if mp.mp.prec > 300 and a < 0.5:
        with mp.workprec(300):
            return mp.bessely(n, a)
    return mp.bessely(n, a)


def bessel_slope(f: Exact, n: int | None = None) -> Exact:
    """The derivative of a Bessel function, from its neighbours' (DLMF 10.6.1 and 10.29.1)."""
    sign = {mp.besselj: -1, bessel_y: -1, mp.besseli: 1}[f]
    slope: Exact = lambda n, a: (f(int(n) - 1, a) + sign * f(int(n) + 1, a)) / 2  # noqa: E731
    return slope if n is None else lambda a: slope(n, a)


# Zeros of J0, J1, Y0, Y1, and of the derivatives of J1 and Y1
J_ZEROS = (2.404825557695773, 43.79, 52.624051841115, 3.831705970207512, 1.841183781340659, 1e5)
Y_ZEROS = (0.893576966279167, 51.0435351835715, 2.197141326031017, 49.482609897397, 3.683022856585178, 1e5)

BESSEL_AND_INTEGRALS: dict[str, Oracle] = {
    "exp1": Oracle(mp.e1, ((LEAST, 1e4),), (0.5, 739.0), (lambda a: -mp.exp(-a) / a,)),
    "expi": Oracle(mp.ei, ((-1e4, 750.0),), (0.3725074107813666, 714.0), (lambda a: mp.exp(a) / a,)),
    "sinint": Oracle(mp.si, ((-1e9, 1e9),), (2.0, 4.0), (lambda a: mp.sinc(a),)),
    "cosint": Oracle(mp.ci, ((LEAST, 1e9),), (0.616505485620716, 4.0), (lambda a: mp.cos(a) / a,)),
    "dsinc_radians": Oracle(
        radian_sinc, ((0, 9), (-1e3, 1e3)), (2.0, 4.4934), (None, lambda n, a: radian_sinc(n + 1, a))
    ),
    "dawson": Oracle(lambda a: dawson(0, a), ((-1e4, 1e4),), (7.0, 0.9241388730045916), (lambda a: dawson(1, a),)),
    "ddawson": Oracle(dawson, ((0, 7), (-1e4, 1e4)), (8.5, 0.924), (None, lambda n, a: dawson(n + 1, a))),
    "exp_square": Oracle(lambda a: mp.exp(a * a), ((-28, 28),), (26.6,)),
    "erfi": Oracle(mp.erfi, ((-28, 28),), (26.7,), (lambda a: 2 / mp.sqrt(mp.pi) * mp.exp(a * a),)),
    "fresnels": Oracle(mp.fresnels, ((-1e5, 1e5),), (1.189,), (lambda a: mp.sinpi(a * a / 2),)),
    "fresnelc": Oracle(mp.fresnelc, ((-1e5, 1e5),), (1.189,), (lambda a: mp.cospi(a * a / 2),)),
    "dfresnels": Oracle(
        lambda a: mp.sinpi(a * a / 2), ((-1e9, 1e9),), (2.0,), (lambda a: mp.pi * a * mp.cospi(a * a / 2),)
    ),
    "dfresnelc": Oracle(
        lambda a: mp.cospi(a * a / 2), ((-1e9, 1e9),), (1.0,), (lambda a: -mp.pi * a * mp.sinpi(a * a / 2),)
    ),
    "j0": Oracle(lambda a: mp.besselj(0, a), ((-1e9, 1e9),), J_ZEROS, (lambda a: -mp.besselj(1, a),)),
    "j1": Oracle(lambda a: mp.besselj(1, a), ((-1e9, 1e9),), J_ZEROS, (bessel_slope(mp.besselj, 1),)),
    "y0": Oracle(lambda a: bessel_y(0, a), ((1e-150, 1e9),), Y_ZEROS, (lambda a: -bessel_y(1, a),)),
    "y1": Oracle(lambda a: bessel_y(1, a), ((1e-150, 1e9),), Y_ZEROS, (bessel_slope(bessel_y, 1),)),
    "i0": Oracle(lambda a: mp.besseli(0, a), ((-712, 712),), (48.0, 700.0), (lambda a: mp.besseli(1, a),)),
    "i1": Oracle(lambda a: mp.besseli(1, a), ((-712, 712),), (48.0, 700.0), (bessel_slope(mp.besseli, 1),)),
    "besselj": of_real_order(mp.besselj, -1, -1e4, 1e4),
    "bessely": of_real_order(mp.bessely, -1, 1e-6, 1e4),
    "besseli": of_real_order(mp.besseli, 1, -712, 712),
    "besselk": of_real_order(modified_k, 1, 1e-6, 300, -0.5),
    "dbesselj": in_orders(mp.besselj, -1),
    "dbessely": in_orders(mp.bessely, -1),
    "dbesseli": in_orders(mp.besseli, 1),
    "dbesselk": in_orders(modified_k, 1, -0.5),
    "k0": Oracle(lambda a: bessel_k(0, a), ((1e-150, 800),), (48.0, 690.0), (lambda a: -bessel_k(1, a),)),
    "k1": Oracle(
        lambda a: bessel_k(1, a), ((1e-150, 800),), (48.0, 690.0), (lambda a: -bessel_k(0, a) - bessel_k(1, a) / a,)
    ),
}  # fmt: skip
