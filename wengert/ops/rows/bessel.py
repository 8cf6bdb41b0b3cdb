"""Rows: the Bessel functions of the orders 0 and 1, and of real order, with the derivatives of these in the order.

The derivatives of J and I are differences and sums of the neighbouring orders, which hold at 0 too. Y and K have a pole
at 0, and the derivatives of y0, y1, k0 and k1 lead back to these. An op of its own gives the derivatives of every order
in the order, which is its first argument.
"""

from __future__ import annotations

from ..floats import bessel, orders
from ..row import Kink, Notation, Op

BESIDE_ZEROS = "whose terms cancel beside its zeros"
ORDER = f"[-{bessel.ORDERS:g}, {bessel.ORDERS:g}]"
POSITIVE = ("(0, inf)",)
TIMES = f"[0, {orders.DERIVATIVES:g}]"
REAL = "n == floor(n) or a > 0 or a == 0 and n > 0"
IN_ORDER = "in the order a difference in fixed point, with all digits"
ZEROS = "The terms of the derivative in a cancel beside its zeros"
ROOT = (Kink("a == 0 and n > 0 and n < 1", "singular", "its derivative is infinite there", param="a"),)

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("j0", "a", bessel.j0, ("-j1(a)",), ("besselj0", "bessel_j0"), notation=Notation(latex=r"J_0\left(#1\right)"),
       doc="Bessel function of the first kind, of order 0.", source="DLMF 10.6.3"),
    Op("j1", "a", bessel.j1, ("(j0(a) - besselj(2, a))/2",), ("besselj1", "bessel_j1"),
       notation=Notation(latex=r"J_1\left(#1\right)"),
       doc="Bessel function of the first kind, of order 1.", source=f"DLMF 10.6.1, {BESIDE_ZEROS}"),
    Op("y0", "a", bessel.y0, ("-y1(a)",), ("bessely0", "bessel_y0"), POSITIVE,
       notation=Notation(latex=r"Y_0\left(#1\right)"),
       doc="Bessel function of the second kind, of order 0.", source="DLMF 10.6.3"),
    Op("y1", "a", bessel.y1, ("y0(a) - y/a",), ("bessely1", "bessel_y1"), POSITIVE,
       notation=Notation(latex=r"Y_1\left(#1\right)"),
       doc="Bessel function of the second kind, of order 1.", source=f"DLMF 10.6.2, {BESIDE_ZEROS}"),
    Op("i0", "a", bessel.i0, ("i1(a)",), ("besseli0", "bessel_i0"), notation=Notation(latex=r"I_0\left(#1\right)"),
       doc="Modified Bessel function of the first kind, of order 0.", source="DLMF 10.29.3"),
    Op("i1", "a", bessel.i1, ("(i0(a) + besseli(2, a))/2",), ("besseli1", "bessel_i1"),
       notation=Notation(latex=r"I_1\left(#1\right)"),
       doc="Modified Bessel function of the first kind, of order 1.", source="DLMF 10.29.1"),
    Op("k0", "a", bessel.k0, ("-k1(a)",), ("besselk0", "bessel_k0"), POSITIVE,
       notation=Notation(latex=r"K_0\left(#1\right)"),
       doc="Modified Bessel function of the second kind, of order 0.", source="DLMF 10.29.3"),
    Op("k1", "a", bessel.k1, ("-k0(a) - y/a",), ("besselk1", "bessel_k1"), POSITIVE,
       notation=Notation(latex=r"K_1\left(#1\right)"),
       doc="Modified Bessel function of the second kind, of order 1.", source="DLMF 10.29.2"),
    Op("besselj", "n a", orders.bessel_j, ("dbesselj(1, n, a)", "(besselj(n - 1, a) - besselj(n + 1, a))/2"),
       ("jn", "jv", "bessel_j"), domain=(ORDER, ""), provided=REAL, kinks=ROOT,
       notation=Notation(latex=r"J_{#1}\left(#2\right)"),
       doc="Bessel function of the first kind, of real order n.", source=f"DLMF 10.6.1, {BESIDE_ZEROS}; {IN_ORDER}"),
    Op("bessely", "n a", orders.bessel_y, ("dbessely(1, n, a)", "(bessely(n - 1, a) - bessely(n + 1, a))/2"),
       ("yn", "yv", "bessel_y"), domain=(ORDER, *POSITIVE), notation=Notation(latex=r"Y_{#1}\left(#2\right)"),
       doc="Bessel function of the second kind, of real order n.", source=f"DLMF 10.6.1, {BESIDE_ZEROS}; {IN_ORDER}"),
    Op("besseli", "n a", orders.bessel_i, ("dbesseli(1, n, a)", "(besseli(n - 1, a) + besseli(n + 1, a))/2"),
       ("iv", "bessel_i"), domain=(ORDER, ""), provided=REAL, kinks=ROOT,
       notation=Notation(latex=r"I_{#1}\left(#2\right)"),
       doc="Modified Bessel function of the first kind, of real order n.",
       source=f"DLMF 10.29.1, {BESIDE_ZEROS} for n < 0; {IN_ORDER}"),
    Op("besselk", "n a", orders.bessel_k, ("dbesselk(1, n, a)", "-(besselk(n - 1, a) + besselk(n + 1, a))/2"),
       ("kv", "kn", "bessel_k"), domain=(ORDER, *POSITIVE), notation=Notation(latex=r"K_{#1}\left(#2\right)"),
       doc="Modified Bessel function of the second kind, of real order n.", source=f"DLMF 10.29.1; {IN_ORDER}"),
    Op("dbesselj", "k n a", orders.dbesselj,
       (None, "dbesselj(k + 1, n, a)", "(dbesselj(k, n - 1, a) - dbesselj(k, n + 1, a))/2"),
       domain=(TIMES, ORDER, *POSITIVE), provided="k == floor(k)",
       notation=Notation(latex=r"\partial_{#2}^{#1} J_{#2}\left(#3\right)"), ulps=8, of_rules=True,
       doc="The k-th derivative of besselj in its order n, for k = 0, 1, …, 6.", source=f"{IN_ORDER}. {ZEROS}"),
    Op("dbessely", "k n a", orders.dbessely,
       (None, "dbessely(k + 1, n, a)", "(dbessely(k, n - 1, a) - dbessely(k, n + 1, a))/2"),
       domain=(TIMES, ORDER, *POSITIVE), provided="k == floor(k)",
       notation=Notation(latex=r"\partial_{#2}^{#1} Y_{#2}\left(#3\right)"), ulps=8, of_rules=True,
       doc="The k-th derivative of bessely in its order n, for k = 0, 1, …, 6.", source=f"{IN_ORDER}. {ZEROS}"),
    Op("dbesseli", "k n a", orders.dbesseli,
       (None, "dbesseli(k + 1, n, a)", "(dbesseli(k, n - 1, a) + dbesseli(k, n + 1, a))/2"),
       domain=(TIMES, ORDER, *POSITIVE), provided="k == floor(k)",
       notation=Notation(latex=r"\partial_{#2}^{#1} I_{#2}\left(#3\right)"), ulps=8, of_rules=True,
       doc="The k-th derivative of besseli in its order n, for k = 0, 1, …, 6.", source=f"{IN_ORDER}. {ZEROS}"),
    Op("dbesselk", "k n a", orders.dbesselk,
       (None, "dbesselk(k + 1, n, a)", "-(dbesselk(k, n - 1, a) + dbesselk(k, n + 1, a))/2"),
       domain=(TIMES, ORDER, *POSITIVE), provided="k == floor(k)",
       notation=Notation(latex=r"\partial_{#2}^{#1} K_{#2}\left(#3\right)"), ulps=8, of_rules=True,
       doc="The k-th derivative of besselk in its order n, for k = 0, 1, …, 6.", source=f"{IN_ORDER}. {ZEROS}"),
)
