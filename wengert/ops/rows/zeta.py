"""Rows: the zeta functions, the polylogarithm and the binomial coefficient of real arguments.

An op of its own gives the derivatives of every order in each argument, with the orders as its first arguments.
"""

from __future__ import annotations

from ..floats import polylogarithm, zeta
from ..row import Kink, Notation, Op

POSITIVE, ORDER = "(0, inf)", f"[0, {zeta.ZETA_ORDERS:g}]"
ABOVE, ABOVE_OF_RIEMANN = f"[{zeta.LEAST_EXPONENT:g}, inf)", f"[{zeta.LEAST_OF_RIEMANN:g}, inf)"
IN_FIXED_POINT = "in floats where those have the digits, else in fixed point, and derivatives by differences there"
WHOLE = f"m == floor(m) and n == floor(n) and m + n <= {zeta.ZETA_ORDERS:g}"
BINOMIAL = r"\binom{{#{0}}}{{#{1}}}"
NOT_FAR = f"z >= -1 or s <= {polylogarithm.POLYLOG_LARGEST:g}"
POLYLOG_ORDER = f"[0, {polylogarithm.POLYLOG_ORDERS:g}]"
# The first terms of the series of its slope in z, where a quotient by z is 0/0.
AT_0 = "stop_gradient(z) == 0"
FIRST_TERMS = "0^n + 2^(1 - s)*(-log(2))^n*z + 3^(1 - s)*(-log(3))^n*z^2"
NO_POLE = "n >= 0 or n != floor(n)"

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("zeta", "s", zeta.zeta, ("dzeta(1, 0, s, 1)",), ("riemann_zeta",), domain=(ABOVE_OF_RIEMANN,),
       provided="s != 1", notation=Notation(latex=r"\zeta\left(#1\right)"),
       doc="Riemann's zeta function, the sum of n^-s over n = 1, 2, …, continued to s < 1.",
       source=f"DLMF 25.2.9 and 25.4.2, {IN_FIXED_POINT}"),
    Op("hurwitz_zeta", "s q", zeta.hurwitz_zeta, ("dzeta(1, 0, s, q)", "dzeta(0, 1, s, q)"),
       domain=(ABOVE, POSITIVE), provided="s != 1",
       notation=Notation(latex=r"\zeta\left(#1, #2\right)", extends="zeta"),
       doc="Hurwitz's zeta function, the sum of (n + q)^-s over n = 0, 1, 2, …; zeta(s, q) means it too.",
       source=f"DLMF 25.11.7 and 25.11.17, {IN_FIXED_POINT}"),
    Op("dzeta", "n m s q", zeta.dzeta, (None, None, "dzeta(n + 1, m, s, q)", "dzeta(n, m + 1, s, q)"),
       domain=(ORDER, ORDER, ABOVE, POSITIVE), provided=f"{WHOLE} and (s != 1 or m > 0)",
       notation=Notation(latex=r"\partial_{#3}^{#1} \partial_{#4}^{#2} \zeta\left(#3, #4\right)"), of_rules=True,
       doc=f"The derivative of hurwitz_zeta, n times in s and m times in q, for n + m = 0, 1, …, {zeta.ZETA_ORDERS:g}.",
       source=f"DLMF 25.11.7, term by term, {IN_FIXED_POINT}"),
    Op("polylog", "s z", polylogarithm.polylog,
       ("dpolylog(1, s, z)", f"where({AT_0}, 1 + 2^(1 - s)*z + 3^(1 - s)*z^2, polylog(s - 1, z)/z)"),
       ("polylogarithm",), domain=(ABOVE, "(-inf, 1]"),
       provided=f"(z < 1 or s > 1) and ({NOT_FAR})",
       kinks=(Kink("z == 1", "singular", "the series of its derivative ends there"),),
       notation=Notation(latex=r"\operatorname{Li}_{#1}\left(#2\right)"),
       doc="Polylogarithm of real order s, the sum of z^k/k^s over k = 1, 2, …, for z <= 1; below -1 for "
           f"s <= {polylogarithm.POLYLOG_LARGEST:g}.",
       source="DLMF 25.12.10, 25.12.2 and 25.13.3; Cohen, Rodriguez Villegas and Zagier 2000, "
              f"{IN_FIXED_POINT}. Beside zeros, which it has for s < 1, terms cancel, and the rounding of s - 1 shows"),
    Op("dpolylog", "n s z", polylogarithm.dpolylog,
       (None, "dpolylog(n + 1, s, z)", f"where({AT_0}, {FIRST_TERMS}, dpolylog(n, s - 1, z)/z)"),
       domain=(POLYLOG_ORDER, ABOVE, "(-inf, 1)"), provided=f"n == floor(n) and ({NOT_FAR})",
       notation=Notation(latex=r"\partial_{#2}^{#1} \operatorname{Li}_{#2}\left(#3\right)"), of_rules=True,
       doc=f"The n-th derivative of polylog in its order s, for n = 0, 1, …, {polylogarithm.POLYLOG_ORDERS:g}.",
       source=f"DLMF 25.12.10, term by term, and 25.13.3 below -1, {IN_FIXED_POINT}"),
    Op("binom", "n k", zeta.binom, ("dbinom(1, 0, n, k)", "dbinom(0, 1, n, k)"), ("binomial",),
       provided=NO_POLE, notation=Notation(latex=BINOMIAL.format(1, 2)),
       doc="Binomial coefficient of real numbers, gamma(n + 1)/(gamma(k + 1)*gamma(n - k + 1)).",
       source=f"DLMF 1.2.6 and 5.2.1, {IN_FIXED_POINT}"),
    Op("dbinom", "i j n k", zeta.dbinom, (None, None, "dbinom(i + 1, j, n, k)", "dbinom(i, j + 1, n, k)"),
       domain=(ORDER, ORDER, "", ""),
       provided=f"i == floor(i) and j == floor(j) and i + j <= {zeta.ZETA_ORDERS:g} and ({NO_POLE})",
       notation=Notation(latex=r"\partial_{#3}^{#1} \partial_{#4}^{#2} " + BINOMIAL.format(3, 4)), of_rules=True,
       doc=f"The derivative of binom, i times in n and j times in k, for i + j = 0, 1, …, {zeta.ZETA_ORDERS:g}.",
       source=f"DLMF 5.2.1, {IN_FIXED_POINT}"),
)
