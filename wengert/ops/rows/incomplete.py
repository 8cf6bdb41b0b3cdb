"""Rows: the incomplete gamma functions, their density, and the derivatives of both in a.

An op of its own gives the derivatives of every order in a, with the order as its first argument; its derivatives in x
are rules, so that there are mixed ones too.
"""

from __future__ import annotations

from ..floats import incomplete
from ..row import Notation, Op, Rewrites

BESIDE_ZERO = "whose terms cancel beside its zero"
POSITIVE, NOT_NEGATIVE, ORDER = "(0, inf)", "[0, inf)", f"[0, {incomplete.HIGHEST:g}]"
FACTORS = "A rounding a factor"
METHOD = "Gauss and Legendre's rule on the side where the density falls"

# DLMF 8.8.5 where a - 1 is exact, as y may be subnormal for a small x. The order n is not a variable.
LOWER = (
    "where(stop_gradient(a) > 2, dgammapdf(n, a - 1, x) - y, "
    "y*((a - 1)/x - 1) + stop_gradient(n)*dgammapdf(max(n - 1, 0), a, x)/x)"
)
# At x = 0, where a fraction is infinite and y may vanish.
AT_END = (
    "where(stop_gradient(x) == 0 and stop_gradient(a) >= 1, "
    "where(stop_gradient(a) == 1, -y, (a - 1)*x^(a - 2)*exp(-x)/gamma(a) - y), y*((a - 1)/x - 1))"
)

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("gammapdf", "a x", incomplete.gammapdf,
       ("dgammapdf(1, a, x)", f"where(stop_gradient(a) > 2, gammapdf(a - 1, x) - y, {AT_END})"), ("gamma_pdf",),
       expansion="x^(a - 1)*exp(-x)/gamma(a)",
       domain=(POSITIVE, POSITIVE), notation=Notation(latex=r"\frac{{#2}^{#1 - 1} e^{-#2}}{\Gamma\left(#1\right)}"),
       ulps=6,
       doc="Density of the gamma law of shape a, x^(a - 1)*exp(-x)/gamma(a).",
       source=f"y*(log(x) - digamma(a)); DLMF 8.8.5, {BESIDE_ZERO}; the value by its deviance, Loader 2000. {FACTORS}"),
    Op("gammainc", "a x", incomplete.gammainc, ("gammainc_da(a, x)", "gammapdf(a, x)"), ("gammainc_lower",),
       domain=(POSITIVE, NOT_NEGATIVE), notation=Notation(latex=r"P\left(#1, #2\right)"), ulps=8,
       doc="Regularized lower incomplete gamma function: the integral of gammapdf from 0 to x.",
       source=f"DLMF 8.8.13; {METHOD}. {FACTORS}"),
    Op("gammaincc", "a x", incomplete.gammaincc, ("-gammainc_da(a, x)", "-gammapdf(a, x)"), ("gammainc_upper",),
       domain=(POSITIVE, NOT_NEGATIVE),
       rewrites=Rewrites(fuses=("1 - gammainc(a, b) -> gammaincc(a, b); for large b the difference cancels",)),
       notation=Notation(latex=r"Q\left(#1, #2\right)"), ulps=8,
       doc="Regularized upper incomplete gamma function: the integral of gammapdf from x to inf.",
       source=f"DLMF 8.8.14; {METHOD}. {FACTORS}"),
    Op("gammainc_da", "a x", incomplete.gammainc_da, ("dgammainc(2, a, x)", "dgammapdf(1, a, x)"),
       domain=(POSITIVE, NOT_NEGATIVE), notation=Notation(latex=r"\partial_{#1} P\left(#1, #2\right)"), ulps=10,
       of_rules=True,
       doc="The derivative of gammainc in a.",
       source=f"under the integral, on the side where it has one sign; {METHOD}. The second derivatives have zeros, "
              "beside which parts of the integral cancel"),
    Op("dgammapdf", "n a x", incomplete.dgammapdf, (None, "dgammapdf(n + 1, a, x)", LOWER),
       domain=(ORDER, POSITIVE, POSITIVE), provided="n == floor(n)",
       notation=Notation(latex=r"\partial_{#2}^{#1} \frac{{#3}^{#2 - 1} e^{-#3}}{\Gamma\left(#2\right)}"), ulps=1e6,
       of_rules=True,
       doc="The n-th derivative of gammapdf in a, for n = 0, 1, …, 40.",
       source=f"Faà di Bruno's formula, {BESIDE_ZERO}s, of which there are n: the value too"),
    Op("dgammainc", "n a x", incomplete.dgammainc, (None, "dgammainc(n + 1, a, x)", "dgammapdf(n, a, x)"),
       domain=(ORDER, POSITIVE, NOT_NEGATIVE), provided="n == floor(n)",
       notation=Notation(latex=r"\partial_{#2}^{#1} P\left(#2, #3\right)"), ulps=1e6,
       of_rules=True,
       doc="The n-th derivative of gammainc in a, for n = 0, 1, …, 40.",
       source=f"under the integral; {METHOD}. For n > 1 the value has zeros, beside which parts of the integral "
              "cancel"),
)
