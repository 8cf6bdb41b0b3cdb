"""Rows: the inverses of the incomplete gamma and beta functions in their last argument, the quantiles of these laws."""

from __future__ import annotations

from ..floats import beta_quantiles, quantiles
from ..row import Notation, Op

POSITIVE, UNIT = "(0, inf)", "[0, 1]"
SHAPES = f"min(a, b) >= {beta_quantiles.LEAST_SHAPE:g} and max(a, b) <= {beta_quantiles.LARGEST_SHAPE:g}".replace(
    "+", ""
)
BETA_SOURCE = (
    "implicit function theorem; Temme's asymptotic inversion and steps of fifth order for the logarithm of the smaller "
    "tail. A rounding a factor"
)
SOURCE = "implicit function theorem; Newton's iteration for the logarithm of the smaller tail. A rounding a factor"

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("gammaincinv", "a p", quantiles.gammaincinv, ("-gammainc_da(a, y)/gammapdf(a, y)", "1/gammapdf(a, y)"),
       domain=(POSITIVE, UNIT), notation=Notation(latex=r"P^{-1}\left(#1, #2\right)"), ulps=6,
       doc="The x where gammainc(a, x) is p, the quantile function of the gamma law.", source=SOURCE),
    Op("gammainccinv", "a p", quantiles.gammainccinv, ("-gammainc_da(a, y)/gammapdf(a, y)", "-1/gammapdf(a, y)"),
       domain=(POSITIVE, UNIT), notation=Notation(latex=r"Q^{-1}\left(#1, #2\right)"), ulps=6,
       doc="The x where gammaincc(a, x) is p.", source=SOURCE),
    Op("betaincinv", "a b p", beta_quantiles.betaincinv,
       ("-dbetainc(1, 0, a, b, y)/betapdf(a, b, y)", "-dbetainc(0, 1, a, b, y)/betapdf(a, b, y)",
        "1/betapdf(a, b, y)"),
       domain=(POSITIVE, POSITIVE, UNIT), provided=SHAPES,
       notation=Notation(latex=r"I^{-1}_{#3}\left(#1, #2\right)"), ulps=8,
       doc="The x where betainc(a, b, x) is p, the quantile function of the beta law.",
       source=f"{BETA_SOURCE}; the rounding error of y is large in the derivatives where y is near 1"),
)
