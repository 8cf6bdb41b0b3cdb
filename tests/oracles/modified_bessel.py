"""Exact values of the modified Bessel function K, for which mpmath takes up to a minute."""

from __future__ import annotations

from typing import Any

import mpmath as mp


def modified_k(v: Any, a: Any) -> Any:
    """K_v(a), beyond a = 1 by the integral of exp(-a cosh t) cosh(vt) over t > 0 (DLMF 10.32.9), whose terms are
    positive: the trapezoidal rule, whose error is about exp(-pi^2/h) (Trefethen and Weideman 2014)."""
    if not 1 < a < 800:
        return mp.besselk(v, a)
    with mp.workprec(mp.mp.prec + 20):
        h = 7 / (mp.mp.prec * mp.log(2) + 2 * a + 2 * abs(v))
        total, k = mp.exp(-a) / 2, 1
        while True:
            term = mp.exp(-a * mp.cosh(k * h)) * mp.cosh(v * k * h)
            total += term
            if term < total * mp.eps:
                break
            k += 1
        total *= h
    return +total
