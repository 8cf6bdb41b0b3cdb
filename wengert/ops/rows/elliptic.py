"""Rows: the elliptic integrals, Carlson's symmetric ones and Legendre's, with the parameter m = k^2.

An op of its own, an integral of a product of powers, gives the derivatives of every order of Carlson's integrals, with
the orders as its first arguments. The derivatives of Legendre's integrals are written in terms of Carlson's, whose
terms do not cancel.
"""

from __future__ import annotations

from ..floats import carlson, elliptic
from ..row import Kink, Notation, Op, Rewrites

POSITIVE, NOT_NEGATIVE, UP_TO_ONE = "(0, inf)", "[0, inf)", "(-inf, 1]"
ORDER = f"[0, {carlson.CARLSON_ORDERS:g}]"
ONE_ZERO = "a + b > 0 and b + c > 0 and a + c > 0"
INTEGRAND = (
    r"\int_0^\infty \frac{t^{#1}\, dt}{\left(t + #6\right)^{#2 + 1/2} \left(t + #7\right)^{#3 + 1/2} "
    r"\left(t + #8\right)^{#4 + 1/2} \left(t + #9\right)^{#5}}"
)
# 1 - m*sin(a)^2 without cancellation, the half turns of a, and (-1)^turns
REST = "cos(a)^2 + (1 - m)*sin(a)^2"
TURNS = "stop_gradient(round(a/pi))"
SIGN = f"(1 - 2*({TURNS} % 2))"
PARAMETER = "Parameter m = k^2, as in SciPy"
REDUCED = "the whole half turns of a apart. A rounding a factor; the parts cancel beside multiples of pi/2"


def _poles(params: str) -> tuple[Kink, ...]:
    return tuple(Kink(f"{p} == 0", "singular", "its derivative is infinite there", param=p) for p in params.split())


# fmt: off
ROWS: tuple[Op, ...] = (
    Op("elliprf", "a b c", elliptic.elliprf,
       ("-elliprd(b, c, a)/6", "-elliprd(a, c, b)/6", "-elliprd(a, b, c)/6"), domain=(NOT_NEGATIVE,) * 3,
       provided=ONE_ZERO, kinks=_poles("a b c"), notation=Notation(latex=r"R_F\left(#1, #2, #3\right)"),
       doc="Carlson's symmetric elliptic integral of the first kind, R_F.", source="DLMF 19.36(i), 19.18.1"),
    Op("elliprd", "a b c", elliptic.elliprd,
       ("-0.75*carlson(0, 1, 0, 1, 0, a, b, c, 1)", "-0.75*carlson(0, 0, 1, 1, 0, a, b, c, 1)",
        "-2.25*carlson(0, 0, 0, 2, 0, a, b, c, 1)"), domain=(NOT_NEGATIVE, NOT_NEGATIVE, POSITIVE),
       provided="a + b > 0", kinks=_poles("a b"), notation=Notation(latex=r"R_D\left(#1, #2, #3\right)"),
       doc="Carlson's symmetric elliptic integral of the second kind, R_D.", source="DLMF 19.36(i), 19.16.5"),
    Op("elliprj", "a b c p", elliptic.elliprj,
       ("-0.75*carlson(0, 1, 0, 0, 1, a, b, c, p)", "-0.75*carlson(0, 0, 1, 0, 1, a, b, c, p)",
        "-0.75*carlson(0, 0, 0, 1, 1, a, b, c, p)", "-1.5*carlson(0, 0, 0, 0, 2, a, b, c, p)"),
       domain=(NOT_NEGATIVE, NOT_NEGATIVE, NOT_NEGATIVE, POSITIVE), provided=ONE_ZERO, kinks=_poles("a b c"),
       notation=Notation(latex=r"R_J\left(#1, #2, #3, #4\right)"),
       doc="Carlson's symmetric elliptic integral of the third kind, R_J, for p > 0.",
       source="DLMF 19.36(i), 19.16.2"),
    Op("elliprc", "a b", elliptic.elliprc,
       ("where(stop_gradient(b) > 0, -elliprd(b, b, a)/6, (1/sqrt(a) - y)/(2*(a - b)))",
        "where(stop_gradient(b) > 0, -elliprd(a, b, b)/3, (-y/2 - (sqrt(a) - a*y)/(2*(a - b)))/b)"),
       domain=(NOT_NEGATIVE, ""), provided="b != 0", kinks=_poles("a"),
       notation=Notation(latex=r"R_C\left(#1, #2\right)"),
       doc="Carlson's degenerate elliptic integral, R_C, which is R_F(a, b, b); for b < 0 its principal value.",
       source="DLMF 19.2.17 and 19.20.6; for b < 0 the terms cancel beside its zero"),
    Op("elliprg", "a b c", elliptic.elliprg,
       ("0.125*carlson(1, 1, 0, 0, 0, a, b, c, 1)", "0.125*carlson(1, 0, 1, 0, 0, a, b, c, 1)",
        "0.125*carlson(1, 0, 0, 1, 0, a, b, c, 1)"), domain=(NOT_NEGATIVE,) * 3, provided=ONE_ZERO,
       notation=Notation(latex=r"R_G\left(#1, #2, #3\right)"),
       doc="Carlson's completely symmetric elliptic integral of the second kind, R_G.", source="DLMF 19.21.10"),
    Op("carlson", "m i j k n a b c p", carlson.carlson,
       (None, None, None, None, None,
        "-(stop_gradient(i) + 0.5)*carlson(m, i + 1, j, k, n, a, b, c, p)",
        "-(stop_gradient(j) + 0.5)*carlson(m, i, j + 1, k, n, a, b, c, p)",
        "-(stop_gradient(k) + 0.5)*carlson(m, i, j, k + 1, n, a, b, c, p)",
        "-stop_gradient(n)*carlson(m, i, j, k, n + 1, a, b, c, p)"),
       domain=(ORDER,) * 5 + (POSITIVE,) * 4,
       provided=f"m == floor(m) and i == floor(i) and j == floor(j) and k == floor(k) and n == floor(n) "
                f"and m <= i + j + k + n and i + j + k + n <= {carlson.CARLSON_ORDERS:g}",
       notation=Notation(latex=INTEGRAND), ulps=8, of_rules=True,
       doc="The integral of t^m*(t + a)^(-i - 1/2)*(t + b)^(-j - 1/2)*(t + c)^(-k - 1/2)*(t + p)^(-n) over t > 0.",
       source="under the integral"),
    Op("ellipk", "m", elliptic.ellipk, ("elliprd(0, 1, 1 - m)/6",), domain=("(-inf, 1)",),
       notation=Notation(latex=r"K\left(#1\right)"),
       doc="Complete elliptic integral of the first kind, of the parameter m = k^2.",
       source=f"DLMF 19.25.1 and 19.18.1. {PARAMETER}"),
    Op("ellipkm1", "a", elliptic.ellipkm1, ("-elliprd(0, 1, a)/6",), domain=(POSITIVE,),
       rewrites=Rewrites(fuses=("ellipk(1 - a) -> ellipkm1(a); near a = 0 the difference loses the digits of a",)),
       notation=Notation(latex=r"K\left(1 - #1\right)"),
       doc="Complete elliptic integral of the first kind, of the parameter m = 1 - a, accurate for a small a.",
       source="DLMF 19.25.1 and 19.18.1"),
    Op("ellipe", "m", elliptic.ellipe, ("-elliprd(0, 1 - m, 1)/6",), domain=(UP_TO_ONE,),
       kinks=(Kink("m == 1", "singular", "the curve ends there with a vertical tangent"),),
       notation=Notation(latex=r"E\left(#1\right)"),
       doc="Complete elliptic integral of the second kind, of the parameter m = k^2.",
       source=f"DLMF 19.4.2, 19.25.1. {PARAMETER}"),
    Op("ellipkinc", "a m", elliptic.ellipkinc,
       (f"1/sqrt({REST})",
        f"{SIGN}*sin(a)^3/6*elliprd(cos(a)^2, 1, {REST}) + where({TURNS} == 0, 0, {TURNS}/3*elliprd(0, 1, 1 - m))"),
       domain=("", UP_TO_ONE), provided="m < 1 or abs(a) < pi/2", notation=Notation(latex=r"F\left(#1 \mid #2\right)"),
       doc="Incomplete elliptic integral of the first kind, of the amplitude a and the parameter m = k^2.",
       source=f"DLMF 19.25.5, {REDUCED}. {PARAMETER}"),
    Op("ellipeinc", "a m", elliptic.ellipeinc,
       (f"sqrt({REST})",
        f"-({SIGN}*sin(a)^3/6*elliprd(cos(a)^2, {REST}, 1) + where({TURNS} == 0, 0, {TURNS}/3*elliprd(0, 1 - m, 1)))"),
       domain=("", UP_TO_ONE),
       kinks=(Kink("m == 1 and abs(a) > pi/2", "singular", "its derivative in m is infinite there", param="m"),),
       notation=Notation(latex=r"E\left(#1 \mid #2\right)"),
       doc="Incomplete elliptic integral of the second kind, of the amplitude a and the parameter m = k^2.",
       source=f"DLMF 19.25.9, {REDUCED}. {PARAMETER}"),
)
