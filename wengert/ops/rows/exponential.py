"""Rows: exponentials and logarithms."""

from __future__ import annotations

import math

from ..floats import elementary
from ..row import Kink, Notation, Op, Rewrites
from .conditions import large

A_0 = "stop_gradient(a) == 0"
# 1 + log(a) is log(a*e). From 1/4 on, and so near its zero at 1/e, it is log1p((a - c)*e + tail), where c is the float
# next to 1/e: there a - c is exact, and the tail, c*e - 1, places the zero.
BESIDE_ZERO = f"log1p((a - {math.exp(-1.0)!r})*e + 3.3784855259134226e-17)"

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("exp", "a", elementary.exp, ("y",), notation=Notation(latex="e^{#1}"),
       doc="e^a.", source="DLMF §4.7(ii)"),
    Op("expm1", "a", elementary.expm1, ("exp(a)",),
       rewrites=Rewrites(
           fuses=("exp(a) - 1 -> expm1(a); near a = 0 the difference cancels",
                  "exp(a) + -1 -> expm1(a); near a = 0 the sum cancels",
                  "1 - exp(a) -> -expm1(a); near a = 0 the difference cancels")),
       notation=Notation(latex="e^{#1} - 1"),
       doc="exp(a) - 1, accurate near 0.", source="DLMF §4.7(ii); y + 1 would cancel in the tail"),
    Op("exp2", "a", elementary.exp2, ("y*log(2)",), notation=Notation(latex="2^{#1}"),
       doc="2^a.", source="DLMF §4.7(ii)"),
    Op("exp10", "a", elementary.exp10, ("y*log(10)",), notation=Notation(latex="10^{#1}"),
       doc="10^a.", source="DLMF §4.7(ii)"),
    Op("log", "a", elementary.log, ("1/a",), ("ln",), domain=("(0, inf)",),
       notation=Notation(latex=r"\ln\left(#1\right)"), remedy="for x*log(x), which is 0 at 0, write xlogx(x)",
       doc="Natural logarithm.", source="DLMF §4.7(i)"),
    Op("log1p", "a", elementary.log1p, ("1/(1 + a)",), domain=("(-1, inf)",),
       rewrites=Rewrites(
           fuses=("log(1 + a) -> log1p(a); near a = 0 the sum is rounded, and the logarithm shows it",
                  "log(1 - a) -> log1p(-a); near a = 0 the difference is rounded, and the logarithm shows it")),
       notation=Notation(latex=r"\ln\left(1 + #1\right)"),
       doc="log(1 + a), accurate near 0.", source="DLMF §4.7(i)"),
    Op("log2", "a", elementary.log2, ("1/log(2)/a",), domain=("(0, inf)",),
       notation=Notation(latex=r"\log_2\left(#1\right)"),
       doc="Logarithm to base 2.", source="DLMF §4.7(i)"),
    Op("log10", "a", elementary.log10, ("1/log(10)/a",), domain=("(0, inf)",),
       notation=Notation(latex=r"\log_{10}\left(#1\right)"),
       doc="Logarithm to base 10.", source="DLMF §4.7(i)"),
    Op("log_base", "a b", elementary.logarithm, ("1/log(b)/a", "-y/b/log(b)"), domain=("(0, inf)", "(0, inf)"),
       provided="b != 1", notation=Notation(latex=r"\log_{#2}\left(#1\right)", extends="log"),
       doc="Logarithm to base b; log(a, b) is the same.", source="DLMF §4.2(iii), quotient rule"),
    Op("logaddexp", "a b", elementary.logaddexp, ("softshare(a, b)", "softshare(b, a)"),
       rewrites=Rewrites(
           fuses=("log(exp(a) + exp(b)) -> logaddexp(a, b); "
                  "the exponentials overflow above 709 and vanish below -745",
                  "log(exp(a) + exp(b) + exp(c)) -> logaddexp(logaddexp(a, b), c); as with two exponentials",
                  "log(1 + exp(a) + exp(b)) -> logaddexp(softplus(a), b); as with two exponentials",
                  "log(exp(a) + exp(b) + exp(c) + exp(f)) -> logaddexp(logaddexp(logaddexp(a, b), c), f); "
                  "as with two exponentials",
                  "log((exp(a) + exp(b)) + (exp(c) + exp(f))) -> logaddexp(logaddexp(a, b), logaddexp(c, f)); "
                  "as with two exponentials"),
           commutes=True), notation=Notation(latex=r"\ln\left(e^{#1} + e^{#2}\right)"),
       doc="log(exp(a) + exp(b)), without overflow on the way.", source="chain rule; sigmoid(a - b) would round a - b"),
    Op("xlogx", "a", elementary.xlogx, (f"where({large('a', 0.25)}, {BESIDE_ZERO}, 1 + log(a))",), domain=("[0, inf)",),
       kinks=(Kink("a == 0", "singular", "the curve leaves 0 with a vertical tangent"),),
       rewrites=Rewrites(fuses=("a*log(a) -> xlogx(a); at 0 it is 0 times an infinity",)),
       notation=Notation(latex=r"#1 \ln\left(#1\right)"),
       doc="a*log(a), and 0 at 0.", source="product rule; 1 + log(a) cancels beside its zero, 1/e"),
    Op("xlogy", "a b", elementary.xlogy, ("log(b)", f"where({A_0} and stop_gradient(b) == 0, 0, a/b)"),
       domain=("", "[0, inf)"), provided="a == 0 or b > 0",
       kinks=(Kink("a == 0 and b == 0", "singular", "log(0) is infinite", "a"),),
       notation=Notation(latex=r"#1 \ln\left(#2\right)"),
       doc="a*log(b), and 0 where a = 0.", source="product rule"),
    Op("xlog1py", "a b", elementary.xlog1py, ("log1p(b)", f"where({A_0} and stop_gradient(b) == -1, 0, a/(1 + b))"),
       domain=("", "[-1, inf)"), provided="a == 0 or b > -1",
       kinks=(Kink("a == 0 and b == -1", "singular", "log(0) is infinite", "a"),),
       notation=Notation(latex=r"#1 \ln\left(1 + #2\right)"),
       doc="a*log(1 + b), and 0 where a = 0.", source="product rule"),
)
