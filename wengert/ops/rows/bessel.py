"""Rows: the Bessel functions of integer order.

The derivatives of J and I are differences and sums of the neighbouring orders, which hold at 0 too. Y and K have a pole
at 0, and their derivatives lead back to the orders 0 and 1.
"""

from __future__ import annotations

from ..floats import bessel, bessel_modified, bessel_orders
from ..row import Notation, Op

BESIDE_ZEROS = "whose terms cancel beside its zeros"
ORDER = f"[-{bessel_orders.ORDERS:g}, {bessel_orders.ORDERS:g}]"
POSITIVE = ("(0, inf)",)

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("j0", "a", bessel.j0, ("-j1(a)",), ("besselj0", "bessel_j0"), notation=Notation(latex=r"J_0\left(#1\right)"),
       doc="Bessel function of the first kind, of order 0.", source="DLMF 10.6.3"),
    Op("j1", "a", bessel.j1, ("(j0(a) - besselj(2, a))/2",), ("besselj1", "bessel_j1"),
       notation=Notation(latex=r"J_1\left(#1\right)"),
       doc="Bessel function of the first kind, of order 1.", source=f"DLMF 10.6.1, {BESIDE_ZEROS}"),
    Op("besselj", "n a", bessel_orders.besselj, (None, "(besselj(n - 1, a) - besselj(n + 1, a))/2"), ("jn",),
       domain=(ORDER, ""), provided="n == floor(n)", notation=Notation(latex=r"J_{#1}\left(#2\right)"),
       doc="Bessel function of the first kind, of integer order n.", source=f"DLMF 10.6.1, {BESIDE_ZEROS}"),
    Op("y0", "a", bessel.y0, ("-y1(a)",), ("bessely0", "bessel_y0"), POSITIVE,
       notation=Notation(latex=r"Y_0\left(#1\right)"),
       doc="Bessel function of the second kind, of order 0.", source="DLMF 10.6.3"),
    Op("y1", "a", bessel.y1, ("y0(a) - y/a",), ("bessely1", "bessel_y1"), POSITIVE,
       notation=Notation(latex=r"Y_1\left(#1\right)"),
       doc="Bessel function of the second kind, of order 1.", source=f"DLMF 10.6.2, {BESIDE_ZEROS}"),
    Op("i0", "a", bessel_modified.i0, ("i1(a)",), ("besseli0", "bessel_i0"),
       notation=Notation(latex=r"I_0\left(#1\right)"),
       doc="Modified Bessel function of the first kind, of order 0.", source="DLMF 10.29.3"),
    Op("i1", "a", bessel_modified.i1, ("(i0(a) + besseli(2, a))/2",), ("besseli1", "bessel_i1"),
       notation=Notation(latex=r"I_1\left(#1\right)"),
       doc="Modified Bessel function of the first kind, of order 1.", source="DLMF 10.29.1"),
    Op("besseli", "n a", bessel_orders.besseli, (None, "(besseli(n - 1, a) + besseli(n + 1, a))/2"), ("iv",),
       domain=(ORDER, ""), provided="n == floor(n)", notation=Notation(latex=r"I_{#1}\left(#2\right)"),
       doc="Modified Bessel function of the first kind, of integer order n.", source="DLMF 10.29.1"),
    Op("k0", "a", bessel_modified.k0, ("-k1(a)",), ("besselk0", "bessel_k0"), POSITIVE,
       notation=Notation(latex=r"K_0\left(#1\right)"),
       doc="Modified Bessel function of the second kind, of order 0.", source="DLMF 10.29.3"),
    Op("k1", "a", bessel_modified.k1, ("-k0(a) - y/a",), ("besselk1", "bessel_k1"), POSITIVE,
       notation=Notation(latex=r"K_1\left(#1\right)"),
       doc="Modified Bessel function of the second kind, of order 1.", source="DLMF 10.29.2"),
)
