"""Rows: the complete and the incomplete beta functions, and the derivatives of the incomplete one in a and b.

As for the incomplete gamma functions, an op of its own gives the derivatives of every order in a and b, with the orders
as its first arguments.
"""

from __future__ import annotations

from ..floats import beta
from ..row import Notation, Op, Rewrites

POSITIVE, UNIT, ORDER = "(0, inf)", "[0, 1]", f"[0, {beta.BOTH_ORDERS:g}]"
METHOD = "Gauss and Legendre's rule on the side where the density falls"
ORDERS = f"m == floor(m) and n == floor(n) and m + n <= {beta.BOTH_ORDERS:g}"
# The derivative of the density y in x. The orders m and n below are not variables, hence `stop_gradient`.
SLOPE = "y*((a - 1)/x - (b - 1)/(1 - x))"
# For x = 0 and x = 1, where y or a fraction vanishes or is infinite.
AT_END = (
    "(where(stop_gradient(a) == 1, 0, (a - 1)*x^(a - 2)*(1 - x)^(b - 1)) "
    "- where(stop_gradient(b) == 1, 0, (b - 1)*x^(a - 1)*(1 - x)^(b - 2)))/beta(a, b)"
)
SLOPE_OF_DENSITY = (
    "where(stop_gradient(x) == 0 and stop_gradient(a) >= 1 or stop_gradient(x) == 1 and stop_gradient(b) >= 1, "
    f"{AT_END}, {SLOPE})"
)
DENSITY = r"\frac{{#3}^{#1 - 1} \left(1 - #3\right)^{#2 - 1}}{B\left(#1, #2\right)}"
DENSITY_OF_ORDER = r"\frac{{#5}^{#3 - 1} \left(1 - #5\right)^{#4 - 1}}{B\left(#3, #4\right)}"

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("lbeta", "a b", beta.lbeta, ("-digamma_gap(a, b)", "-digamma_gap(b, a)"), ("betaln", "logbeta"),
       domain=(POSITIVE,) * 2,
       rewrites=Rewrites(fuses=("log(beta(a, b)) -> lbeta(a, b); beta(a, b) vanishes where both are large",),
           commutes=True), notation=Notation(latex=r"\ln B\left(#1, #2\right)"),
       doc="log(beta(a, b)).", source="DLMF 5.12.1"),
    Op("beta", "a b", beta.beta, ("-y*digamma_gap(a, b)", "-y*digamma_gap(b, a)"), domain=(POSITIVE,) * 2,
       rewrites=Rewrites(commutes=True), notation=Notation(latex=r"B\left(#1, #2\right)"),
       doc="Beta function, gamma(a)*gamma(b)/gamma(a + b).",
       source="DLMF 5.12.1; digamma(a) - digamma(a + b) would cancel for a small b. A rounding a factor; where y is "
              "subnormal, with its digits"),
    Op("digamma_gap", "a b", beta.digamma_gap, ("trigamma(a + b) - trigamma(a)", "trigamma(a + b)"),
       domain=(POSITIVE,) * 2, notation=Notation(latex=r"\psi\left(#1 + #2\right) - \psi\left(#1\right)"),
       of_rules=True,
       doc="digamma(a + b) - digamma(a), accurate for a small b.",
       source="DLMF 5.7.6 and 5.11.2; the terms of its derivative in a cancel for a small b"),
    Op("betapdf", "a b x", beta.betapdf, ("dbetapdf(1, 0, a, b, x)", "dbetapdf(0, 1, a, b, x)", SLOPE_OF_DENSITY),
       ("beta_pdf",), expansion="x^(a - 1)*(1 - x)^(b - 1)/beta(a, b)",
       domain=(POSITIVE, POSITIVE, "(0, 1)"), notation=Notation(latex=DENSITY), ulps=8,
       doc="Density of the beta law of shapes a and b, x^(a - 1)*(1 - x)^(b - 1)/beta(a, b).",
       source="product rule, whose terms cancel beside its zero. A rounding a factor"),
    Op("betainc", "a b x", beta.betainc, ("dbetainc(1, 0, a, b, x)", "dbetainc(0, 1, a, b, x)", "betapdf(a, b, x)"),
       domain=(POSITIVE, POSITIVE, UNIT), notation=Notation(latex=r"I_{#3}\left(#1, #2\right)"), ulps=12,
       doc="Regularized incomplete beta function: the integral of betapdf from 0 to x.",
       source=f"DLMF 8.17.1; {METHOD}. A rounding a factor"),
    Op("dbetapdf", "m n a b x", beta.dbetapdf,
       (None, None, "dbetapdf(m + 1, n, a, b, x)", "dbetapdf(m, n + 1, a, b, x)",
        f"{SLOPE} + stop_gradient(m)*dbetapdf(max(m - 1, 0), n, a, b, x)/x "
        "- stop_gradient(n)*dbetapdf(m, max(n - 1, 0), a, b, x)/(1 - x)"),
       domain=(ORDER, ORDER, POSITIVE, POSITIVE, "(0, 1)"), provided=ORDERS,
       notation=Notation(latex=rf"\partial_{{#3}}^{{#1}} \partial_{{#4}}^{{#2}} {DENSITY_OF_ORDER}"), ulps=1e8,
       of_rules=True,
       doc="The derivative of betapdf, m times in a and n times in b, for m + n = 0, 1, …, 24.",
       source="Faà di Bruno's formula, whose terms cancel beside its zeros: the value too"),
    Op("dbetainc", "m n a b x", beta.dbetainc,
       (None, None, "dbetainc(m + 1, n, a, b, x)", "dbetainc(m, n + 1, a, b, x)", "dbetapdf(m, n, a, b, x)"),
       domain=(ORDER, ORDER, POSITIVE, POSITIVE, UNIT), provided=ORDERS,
       notation=Notation(latex=r"\partial_{#3}^{#1} \partial_{#4}^{#2} I_{#5}\left(#3, #4\right)"), ulps=1e8,
       of_rules=True,
       doc="The derivative of betainc, m times in a and n times in b, for m + n = 0, 1, …, 24.",
       source=f"under the integral; {METHOD}. The value has zeros, beside which parts of the integral cancel"),
)
