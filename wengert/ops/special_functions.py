"""Rows: the error function and its kin, and the gamma family."""

from __future__ import annotations

import math

from . import special
from .row import Op

NO_POLE = "a > 0 or a != floor(a)"

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("erf", "a", math.erf, ("2/sqrt(pi)*gauss(a)",), latex=r"\operatorname{erf}\left(#1\right)",
       fuses=("1 - erfc(a) -> erf(a); near a = 0 the difference cancels",),
       doc="Error function.", source="DLMF 7.2.1"),
    Op("erfc", "a", math.erfc, ("-2/sqrt(pi)*gauss(a)",), latex=r"\operatorname{erfc}\left(#1\right)",
       fuses=("1 - erf(a) -> erfc(a); for a large the difference cancels",),
       doc="Complementary error function, 1 - erf(a).", source="DLMF 7.2.2"),
    Op("gauss", "a", special.gauss, ("-2*(a*y)",), latex="e^{-{#1}^2}",
       fuses=("exp(-a^2) -> gauss(a); the rounding error of a^2 would be a relative error of the result",),
       doc="exp(-a^2), accurate in the tails.", source="chain rule, through y; where y is subnormal, with its digits"),
    Op("normpdf", "a", special.normpdf, ("-a*y",), ("norm_pdf",), latex=r"\varphi\left(#1\right)",
       fuses=("exp(-a^2/2)/sqrt(2*pi) -> normpdf(a); as in gauss, the rounding error of a^2 would be a relative one",),
       doc="Density of the standard normal law, exp(-a^2/2)/sqrt(2*pi).",
       source="chain rule, through y; where y is subnormal, with its digits"),
    Op("ndtr", "a", special.ndtr, ("normpdf(a)",), ("normcdf", "norm_cdf"), latex=r"\Phi\left(#1\right)",
       doc="Distribution function of the standard normal law, erfc(-a/sqrt(2))/2.", source="its density"),
    Op("gamma", "a", special.gamma, ("y*digamma(a)",), ("tgamma",), provided=NO_POLE, latex=r"\Gamma\left(#1\right)",
       doc="Gamma function: (n - 1)! at an integer n.",
       source="DLMF 5.2.2, through y; where y is subnormal, between the poles below -170, with its digits"),
    Op("lgamma", "a", special.lgamma, ("digamma(a)",), ("gammaln", "loggamma"), provided=NO_POLE,
       latex=r"\ln \left|\Gamma\left(#1\right)\right|",
       doc="log|gamma(a)|.", source="DLMF 5.2.2"),
    Op("digamma", "a", special.digamma, ("trigamma(a)",), ("psi",), provided=NO_POLE, latex=r"\psi\left(#1\right)",
       doc="Logarithmic derivative of the gamma function.", source="DLMF §5.15"),
    Op("trigamma", "a", special.trigamma, ("polygamma(2, a)",), provided=NO_POLE, latex=r"\psi'\left(#1\right)",
       doc="Derivative of digamma.", source="DLMF §5.15"),
    Op("polygamma", "n a", special.polygamma, (None, "polygamma(n + 1, a)"), domain=("[0, inf)", ""),
       provided="n == floor(n) and (a > 0 or a != floor(a))", latex=r"\psi^{(#1)}\left(#2\right)",
       doc="The n-th derivative of digamma at a, for n = 0, 1, 2, …", source="by definition"),
)
