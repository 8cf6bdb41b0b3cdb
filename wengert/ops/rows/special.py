"""Rows: the error functions and the gamma family."""

from __future__ import annotations

import math

from ..floats import inverse, special
from ..row import Kink, Notation, Op, Rewrites
from .conditions import large

NO_POLE = "a > 0 or a != floor(a)"
BRANCH_POINT = f"-{inverse.ONE_OVER_E!r}"
TAILS = "in the tails without exp(y^2), to which the rounding of y^2 goes"
VERTICAL = "the curve ends there with a vertical tangent"
# Near the branch point of Lambert's W, 1 + y cancels. There it is a series in p = ±sqrt(2(1 + e*a)) (Corless et al.
# 1996, equation 4.22), whose next term is below a rounding. At the point itself the quotient is infinite, and infinity
# minus itself is nan.
NEARNESS = "stop_gradient(5.2e11/(a + 0.36787944117144233))"
BESIDE_BRANCH = f"{NEARNESS} + 1 == {NEARNESS} and {NEARNESS} - {NEARNESS} == 0"
# p^2
GAP = "(2*(e*(a + 0.36787944117144233) - 3.3784855259134226e-17))"
ODD_TERMS = f"sqrt({GAP})*(1 + {GAP}*(11/72 + {GAP}*(769/17280 + {GAP}*680863/43545600)))"
EVEN_TERMS = f"{GAP}*(1/3 + {GAP}*(43/540 + {GAP}*(221/8505 + {GAP}*1963/204120)))"
ABOVE_BRANCH, BELOW_BRANCH = f"({ODD_TERMS} - {EVEN_TERMS})", f"(-{ODD_TERMS} - {EVEN_TERMS})"

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("erf", "a", math.erf, ("2/sqrt(pi)*gauss(a)",),
       rewrites=Rewrites(fuses=("1 - erfc(a) -> erf(a); near a = 0 the difference cancels",)),
       notation=Notation(latex=r"\operatorname{erf}\left(#1\right)"),
       doc="Error function.", source="DLMF 7.2.1"),
    Op("erfc", "a", math.erfc, ("-2/sqrt(pi)*gauss(a)",),
       rewrites=Rewrites(fuses=("1 - erf(a) -> erfc(a); where a is large the difference cancels",
                               "1 + erf(a) -> erfc(-a); where a is far below 0 the sum cancels")),
       notation=Notation(latex=r"\operatorname{erfc}\left(#1\right)"),
       doc="Complementary error function, 1 - erf(a).", source="DLMF 7.2.2"),
    Op("gauss", "a", special.gauss, ("-2*(a*y)",),
       rewrites=Rewrites(
           fuses=("exp(-a^2) -> gauss(a); the result would have the rounding error of a^2 as its relative error",)),
       notation=Notation(nl="exp(-a^2)", latex="e^{-{#1}^2}"),
       doc="exp(-a^2), accurate in the tails.", source="chain rule, through y; where y is subnormal, with its digits"),
    Op("normpdf", "a", special.normpdf, ("-a*y",), ("norm_pdf",),
       rewrites=Rewrites(
           fuses=("exp(-a^2/2)/sqrt(2*pi) -> normpdf(a); "
                  "the result would have the rounding error of a^2 as its relative error",)),
       notation=Notation(nl="exp(-a^2/2)/sqrt(2*pi)", latex=r"\varphi\left(#1\right)"),
       doc="Density of the standard normal law, exp(-a^2/2)/sqrt(2*pi).",
       source="chain rule, through y; where y is subnormal, with its digits"),
    Op("ndtr", "a", special.ndtr, ("normpdf(a)",), ("normcdf", "norm_cdf"),
       notation=Notation(latex=r"\Phi\left(#1\right)"),
       doc="Distribution function of the standard normal law, erfc(-a/sqrt(2))/2.", source="its density"),
    Op("erfcx", "a", inverse.erfcx, ("derfcx(1, a)",),
       rewrites=Rewrites(fuses=("exp(a^2)*erfc(a) -> erfcx(a); above 27 it is 0 times an infinity",
                               "exp_square(a)*erfc(a) -> erfcx(a); above 27 it is 0 times an infinity")),
       notation=Notation(latex=r"\operatorname{erfcx}\left(#1\right)"),
       doc="Scaled complementary error function, exp(a^2)*erfc(a).",
       source="DLMF 7.18.5; 2*a*y - 2/sqrt(pi) would cancel for large a"),
    Op("derfcx", "n a", inverse.derfcx, (None, "derfcx(n + 1, a)"), domain=("[0, 170]", ""), provided="n == floor(n)",
       notation=Notation(latex=r"\operatorname{erfcx}^{(#1)}\left(#2\right)"), ulps=16,
       of_rules=True,
       doc="The n-th derivative of erfcx at a, for n = 0, 1, …, 170.",
       source="by definition; DLMF 7.18.5, 7.18.7. The value has a rounding a factor, of which there are n"),
    Op("erfinv", "a", inverse.erfinv, (f"sqrt(pi)/2*where({large('a', 0.5)}, erfcx(abs(y))/(1 - abs(a)), exp(y^2))",),
       domain=("(-1, 1)",), notation=Notation(latex=r"\operatorname{erf}^{-1}\left(#1\right)"),
       doc="Inverse of the error function.", source=f"DLMF 7.17.1; {TAILS}, as erfc(y) is 1 - a"),
    Op("erfcinv", "a", inverse.erfcinv,
       (f"-sqrt(pi)/2*where({large('(a - 1)', 0.5)}, erfcx(abs(y))/min(a, 2 - a), exp(y^2))",), domain=("(0, 2)",),
       notation=Notation(latex=r"\operatorname{erfc}^{-1}\left(#1\right)"),
       doc="Inverse of the complementary error function.", source=f"DLMF 7.17.1; {TAILS}, as erfc(y) is a"),
    Op("ndtri", "a", inverse.ndtri,
       (f"sqrt(pi/2)*where({large('(a - 0.5)', 0.25)}, erfcx(abs(y)/sqrt(2))/min(a, 1 - a), 2*exp(y^2/2))",),
       ("normppf", "norm_ppf"), domain=("(0, 1)",), notation=Notation(latex=r"\Phi^{-1}\left(#1\right)"),
       doc="Quantile function of the standard normal law, the inverse of ndtr.",
       source=f"1/normpdf(y); {TAILS}, as ndtr(y) is a"),
    Op("lambertw", "a", inverse.lambertw,
       (f"where({large('a', 1.0)}, y/(1 + y)/a, where({BESIDE_BRANCH}, exp(-y)/{ABOVE_BRANCH}, exp(-y)/(1 + y)))",),
       ("lambert_w",),
       domain=(f"[{BRANCH_POINT}, inf)",), kinks=(Kink("y == -1", "singular", VERTICAL),),
       notation=Notation(latex=r"W_0\left(#1\right)"),
       doc="Lambert's W, its principal branch: the y >= -1 with y*exp(y) = a.",
       source="DLMF 4.13.4; for large a with y/a for exp(-y), which would be off by the rounding error of y; beside "
              "the branch point with the series of 1 + y, which cancels there"),
    Op("lambertwm1", "a", inverse.lambertwm1,
       (f"where({BESIDE_BRANCH}, exp(-y)/{BELOW_BRANCH}, y/(1 + y)/a)",), domain=(f"[{BRANCH_POINT}, 0)",),
       kinks=(Kink("y == -1", "singular", VERTICAL),), notation=Notation(latex=r"W_{-1}\left(#1\right)"),
       doc="Lambert's W, its other real branch: the y <= -1 with y*exp(y) = a.",
       source="DLMF 4.13.4; beside the branch point with the series of 1 + y, which cancels there"),
    Op("gamma", "a", special.gamma, ("y*digamma(a)",), ("tgamma",), provided=NO_POLE,
       notation=Notation(latex=r"\Gamma\left(#1\right)"),
       doc="Gamma function: (n - 1)! at an integer n.",
       source="DLMF 5.2.2, through y; where y is subnormal, between the poles below -170, with its digits"),
    Op("lgamma", "a", special.lgamma, ("digamma(a)",), ("gammaln", "loggamma"), provided=NO_POLE,
       notation=Notation(latex=r"\ln \left|\Gamma\left(#1\right)\right|"),
       doc="log|gamma(a)|.", source="DLMF 5.2.2"),
    Op("digamma", "a", special.digamma, ("trigamma(a)",), ("psi",), provided=NO_POLE,
       notation=Notation(latex=r"\psi\left(#1\right)"),
       doc="Logarithmic derivative of the gamma function.", source="DLMF §5.15"),
    Op("trigamma", "a", special.trigamma, ("polygamma(2, a)",), provided=NO_POLE,
       notation=Notation(latex=r"\psi'\left(#1\right)"),
       doc="Derivative of digamma.", source="DLMF §5.15"),
    Op("polygamma", "n a", special.polygamma, (None, "polygamma(n + 1, a)"), domain=("[0, inf)", ""),
       provided="n == floor(n) and (a > 0 or a != floor(a))", notation=Notation(latex=r"\psi^{(#1)}\left(#2\right)"),
       doc="The n-th derivative of digamma at a, for n = 0, 1, 2, …", source="by definition"),
)
