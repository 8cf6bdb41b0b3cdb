"""Rows: exponentials and logarithms."""

from __future__ import annotations

import math

from ..floats import elementary, exponential
from ..row import Kink, Notation, Op, Rewrites
from .conditions import large

A_0 = "stop_gradient(a) == 0"
# 1 + log(a) is log(a*e). From 1/4 on, and so near its zero at 1/e, it is log1p((a - c)*e + tail), where c is the float
# next to 1/e: there a - c is exact, and the tail, c*e - 1, places the zero.
BESIDE_ZERO = f"log1p((a - {math.exp(-1.0)!r})*e + 3.3784855259134226e-17)"

# Near a = 0 the difference would cancel, and far from it the square overflows.
PRODUCT_SLOPE = f"where({large('a*b', 4.0)}, (b*exp(a*b) - y)/a, square(b)*dexprel(1, a*b))"
# Near a = 0 the second derivative of the product would cancel, and far from it that of the difference.
QUOTIENT_SLOPE = f"where({large('a/b', 1.0)}, exprelr(a/b)*exprelr(-a/b), exprelr(a/b) - a/b*dexprelr(1, a/b))"

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("exp", "a", elementary.exp, ("y",), notation=Notation(nl=44, latex="e^{#1}"),
       doc="e^a.", source="DLMF §4.7(ii)"),
    Op("expm1", "a", elementary.expm1, ("exp(a)",),
       rewrites=Rewrites(
           fuses=("exp(a) - 1 -> expm1(a); near a = 0 the difference cancels",
                  "exp(a) + -1 -> expm1(a); near a = 0 the sum cancels",
                  "1 - exp(a) -> -expm1(a); near a = 0 the difference cancels"),
           factors=("expm1(a)/exp(a) -> -expm1(-a); above 709 it is inf/inf",)),
       notation=Notation(nl="where(abs(a) < 1, 2*exp(a/2)*sinh(a/2), exp(a) - 1)", latex="e^{#1} - 1"),
       doc="exp(a) - 1, accurate near 0.", source="DLMF §4.7(ii); y + 1 would cancel in the tail"),
    Op("exp2", "a", elementary.exp2, ("y*log(2)",), notation=Notation(nl="2^a", latex="2^{#1}"),
       doc="2^a.", source="DLMF §4.7(ii)"),
    Op("exp10", "a", elementary.exp10, ("y*log(10)",), notation=Notation(nl="10^a", latex="10^{#1}"),
       doc="10^a.", source="DLMF §4.7(ii)"),
    Op("log", "a", elementary.log, ("1/a",), ("ln",), domain=("(0, inf)",), logarithmic="1",
       notation=Notation(nl=43, latex=r"\ln\left(#1\right)"), remedy="for x*log(x), which is 0 at 0, write xlogx(x)",
       remedied="a == 0",
       doc="Natural logarithm.", source="DLMF §4.7(i)"),
    Op("log1p", "a", elementary.log1p, ("1/(1 + a)",), domain=("(-1, inf)",), at_ends="log(1 + a)",
       rewrites=Rewrites(
           fuses=("log(1 + a) -> log1p(a); near a = 0 the sum is rounded, and the logarithm shows it",
                  "log(1 - a) -> log1p(-a); near a = 0 the difference is rounded, and the logarithm shows it")),
       notation=Notation(nl="where(abs(a) < 1/2, 2*atanh(a/(2 + a)), log(1 + a))", latex=r"\ln\left(1 + #1\right)"),
       doc="log(1 + a), accurate near 0.", source="DLMF §4.7(i)"),
    Op("log2", "a", elementary.log2, ("1/log(2)/a",), domain=("(0, inf)",), logarithmic="1/log(2)",
       notation=Notation(nl="log(a)/log(2)", latex=r"\log_2\left(#1\right)"),
       doc="Logarithm to base 2.", source="DLMF §4.7(i)"),
    Op("log10", "a", elementary.log10, ("1/log(10)/a",), domain=("(0, inf)",), logarithmic="1/log(10)",
       notation=Notation(nl=42, latex=r"\log_{10}\left(#1\right)"),
       doc="Logarithm to base 10.", source="DLMF §4.7(i)"),
    Op("log_base", "a b", elementary.logarithm, ("1/log(b)/a", "-y/b/log(b)"), domain=("(0, inf)", "(0, inf)"),
       provided="b != 1", at_ends="log(a)/log(b)",
       notation=Notation(nl="log(a)/log(b)", latex=r"\log_{#2}\left(#1\right)", extends="log"),
       doc="Logarithm to base b; log(a, b) is the same.", source="DLMF §4.2(iii), quotient rule"),
    Op("logaddexp", "a b", elementary.logaddexp, ("softshare(a, b)", "softshare(b, a)"),
       rewrites=Rewrites(
           fuses=("log(exp(a) + exp(b)) -> logaddexp(a, b); "
                  "the exponentials overflow above 709 and vanish below -745",),
           sums="exp", commutes=True),
       notation=Notation(nl="where(a > b, a + log1p(exp(b - a)), b + log1p(exp(a - b)))",
                         latex=r"\ln\left(e^{#1} + e^{#2}\right)"),
       doc="log(exp(a) + exp(b)), without overflow on the way.", source="chain rule; sigmoid(a - b) would round a - b"),
    Op("xlogx", "a", elementary.xlogx, (f"where({large('a', 0.25)}, {BESIDE_ZERO}, 1 + log(a))",), domain=("[0, inf)",),
       kinks=(Kink("a == 0", "singular", "the curve leaves 0 with a vertical tangent"),), at_ends="a*log(a)",
       rewrites=Rewrites(fuses=("a*log(a) -> xlogx(a); at 0 it is 0 times an infinity",)),
       notation=Notation(nl="where(a == 0, 0, a*log(a))", latex=r"#1 \ln\left(#1\right)"),
       doc="a*log(a), and 0 at 0.", source="product rule; 1 + log(a) cancels beside its zero, 1/e"),
    Op("xlogy", "a b", elementary.xlogy, ("log(b)", f"where({A_0} and stop_gradient(b) == 0, 0, a/b)"),
       domain=("", "[0, inf)"), provided="a == 0 or b > 0",
       kinks=(Kink("a == 0 and b == 0", "singular", "log(0) is infinite", "a"),), at_ends="a*log(b)",
       notation=Notation(nl="where(a == 0, 0, a*log(b))", latex=r"#1 \ln\left(#2\right)"),
       doc="a*log(b), and 0 where a = 0.", source="product rule"),
    Op("xlog1py", "a b", elementary.xlog1py, ("log1p(b)", f"where({A_0} and stop_gradient(b) == -1, 0, a/(1 + b))"),
       domain=("", "[-1, inf)"), provided="a == 0 or b > -1",
       kinks=(Kink("a == 0 and b == -1", "singular", "log(0) is infinite", "a"),), at_ends="a*log1p(b)",
       notation=Notation(nl="where(a == 0, 0, a*log1p(b))", latex=r"#1 \ln\left(1 + #2\right)"),
       doc="a*log(1 + b), and 0 where a = 0.", source="product rule"),
    Op("exprel", "a", exponential.exprel, ("dexprel(1, a)",),
       rewrites=Rewrites(factors=("expm1(a)/a -> exprel(a); at a = 0 it is 0/0",)),
       notation=Notation(nl="where(abs(a) < 1e-4, 1 + a/2*(1 + a/3*(1 + a/4)), expm1(a)/a)",
                         latex=r"\frac{e^{#1} - 1}{#1}"),
       doc="(exp(a) - 1)/a, and 1 at 0; as in SciPy.", source="by definition of dexprel"),
    Op("dexprel", "n a", exponential.dexprel, (None, "dexprel(n + 1, a)"), domain=("[0, 200]", ""),
       provided="n == floor(n)", notation=Notation(latex=r"\operatorname{exprel}^{(#1)}\left(#2\right)"), ulps=16,
       of_rules=True,
       doc="The n-th derivative of exprel at a, for n = 0, 1, 2, …",
       source="the integral of t^n exp(a t) over [0, 1]; DLMF 13.4.1. The value has a rounding a factor, of which "
              "there are n"),
    Op("exprelr", "a", exponential.exprelr, ("dexprelr(1, a)",),
       rewrites=Rewrites(
           factors=("a/expm1(a) -> exprelr(a); at a = 0 it is 0/0, and above 709 the derivative is inf/inf",
                    "a*bose_einstein(a) -> exprelr(a); at a = 0 it is 0 times an infinity",
                    "a*exp(a)/expm1(a) -> exprelr(-a); at a = 0 it is 0/0, and above 709 inf/inf",
                    "a*exp(a)*bose_einstein(a) -> exprelr(-a); at a = 0 and above 709 it is 0 times an infinity")),
       notation=Notation(nl="1/exprel(a)", latex=r"\frac{#1}{e^{#1} - 1}"),
       doc="a/(exp(a) - 1), and 1 at 0: 1/exprel(a), the Bernoulli function.", source="by definition of dexprelr"),
    Op("dexprelr", "n a", exponential.dexprelr, (None, "dexprelr(n + 1, a)"), domain=("[0, 150]", ""),
       provided="n == floor(n)", notation=Notation(latex=r"\operatorname{exprelr}^{(#1)}\left(#2\right)"), ulps=1e6,
       of_rules=True,
       doc="The n-th derivative of exprelr at a, for n = 0, 1, 2, …",
       source="DLMF 4.36.3, 24.2.1. Beside its zeros the terms of the value cancel, for n > 2"),
    Op("exprel_product", "a b", exponential.exprel_product, (PRODUCT_SLOPE, "exp(a*b)"),
       rewrites=Rewrites(factors=("expm1(a*b)/a -> exprel_product(a, b); at a = 0 it is 0/0",)),
       notation=Notation(latex=r"\frac{e^{#1 \, #2} - 1}{#1}"),
       of_rules=True,
       doc="(exp(a*b) - 1)/a, and b at a = 0.",
       source="the integral of exp(a t) over t from 0 to b; rounding a*b moves the exponential"),
    Op("exprelr_quotient", "a b", exponential.exprelr_quotient, ("dexprelr(1, a/b)", QUOTIENT_SLOPE), provided="b != 0",
       rewrites=Rewrites(
           factors=("a/expm1(a/b) -> exprelr_quotient(a, b); at a = 0 it is 0/0, and above 709*b its slope is inf/inf",
                    "a*bose_einstein(a/b) -> exprelr_quotient(a, b); at a = 0 it is 0 times an infinity",
                    "a*exp(a/b)/expm1(a/b) -> exprelr_quotient(-a, b); at a = 0 it is 0/0, and above 709*b inf/inf",
                    "a*exp(a/b)*bose_einstein(a/b) -> exprelr_quotient(-a, b); at a = 0 it is 0 times an infinity")),
       notation=Notation(latex=r"\frac{#1}{e^{#1 / #2} - 1}"),
       of_rules=True,
       doc="a/(exp(a/b) - 1), and b at a = 0.",
       source="chain rule for b*exprelr(a/b); rounding a/b moves the exponential"),
    Op("bose_einstein", "a", exponential.bose_einstein, ("y*bose_einstein(-a)",), provided="a != 0",
       rewrites=Rewrites(
           factors=("1/expm1(a) -> bose_einstein(a); above 709 the derivative is inf/inf",
                    "exp(a)/expm1(a) -> -bose_einstein(-a); above 709 it is inf/inf",
                    "exp(a)*bose_einstein(a) -> -bose_einstein(-a); above 709 it is inf times 0")),
       notation=Notation(nl="1/expm1(a)", latex=r"\frac{1}{e^{#1} - 1}"),
       doc="1/(exp(a) - 1), the mean occupation of a state in Bose-Einstein statistics.",
       source="1 + y = -bose_einstein(-a); y*(1 + y) would cancel"),
    Op("log1mexp", "a", exponential.log1mexp, ("-bose_einstein(0 - a)",), domain=("(-inf, 0)",),
       at_ends="log(-expm1(a))",
       rewrites=Rewrites(
           fuses=("log(-expm1(a)) -> log1mexp(a); below -37 expm1(a) is -1, and its logarithm 0",
                  "log1p(-exp(a)) -> log1mexp(a); near a = 0 exp(a) is rounded, and the logarithm shows it",
                  "log(expm1(a)) -> a + log1mexp(-a); above 709 it is infinite",
                  "log(exp_difference(a, b)) -> a + log1mexp(b - a); "
                  "the exponentials overflow above 709 and vanish below -745")),
       notation=Notation(nl="where(a < -1, log1p(-exp(a)), log(-expm1(a)))", latex=r"\ln\left(1 - e^{#1}\right)"),
       doc="log(1 - exp(a)), accurate near 0 and far below it.",
       source="chain rule; 0 - a is +0 at both zeros, where the curve falls without bound"),
    Op("exp_difference", "a b", exponential.exp_difference, ("exp(a)", "-exp(b)"),
       rewrites=Rewrites(
           fuses=("exp(a) - exp(b) -> exp_difference(a, b); where a is near b the difference cancels",)),
       notation=Notation(latex="e^{#1} - e^{#2}"),
       of_rules=True,
       doc="exp(a) - exp(b), accurate where they are nearly equal.", source="linear, chain rule"),
    Op("sqrt1pm1", "a", exponential.sqrt1pm1, ("0.5/sqrt(1 + a)",), domain=("[-1, inf)",),
       rewrites=Rewrites(
           fuses=("sqrt(1 + a) - 1 -> sqrt1pm1(a); near a = 0 the difference cancels",
                  "sqrt(1 + a) + -1 -> sqrt1pm1(a); near a = 0 the sum cancels",
                  "1 - sqrt(1 + a) -> -sqrt1pm1(a); near a = 0 the difference cancels",
                  "sqrt(1 - a) - 1 -> sqrt1pm1(-a); near a = 0 the difference cancels",
                  "sqrt(1 - a) + -1 -> sqrt1pm1(-a); near a = 0 the sum cancels",
                  "1 - sqrt(1 - a) -> -sqrt1pm1(-a); near a = 0 the difference cancels")),
       kinks=(Kink("a == -1", "singular", "the root leaves 0 with a vertical tangent"),),
       notation=Notation(nl="a/(1 + sqrt(1 + a))", latex=r"\sqrt{1 + #1} - 1"),
       doc="sqrt(1 + a) - 1, accurate near 0.", source="chain rule; 1 + y would cancel beside -1"),
)
