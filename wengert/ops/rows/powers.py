"""Rows: formulas of powers and exponentials whose parts may overflow or cancel although the value does not."""

from __future__ import annotations

from ..floats import inverse, powers
from ..row import Kink, Notation, Op, Rewrites

A_0, B_0, N_0 = "stop_gradient(a) == 0", "stop_gradient(b) == 0", "stop_gradient(n) == 0"
# As for a power: the case where its base, 1 + a, is 0. Elsewhere b - 1 is rounded, which matters for a base near 0.
AT_0, NONE_BELOW = "stop_gradient(a) == -1", "where(stop_gradient(b) > 0, 0, nan)"
BASE_SLOPE = (
    f"where({AT_0}, where(stop_gradient(b) == 0, 0, b*pow1p(a, b - 1)), "
    "where(stop_gradient(b) - 1 + 1 == stop_gradient(b), b*pow1p(a, b - 1), b*pow1p(a, b)/(1 + a)))"
)
NEAR_1 = "near a = 0 the difference cancels"
ABOVE_1024 = "above 1024 it is inf/inf"
BELL = "where erfc(b) vanishes the exponential may overflow, and their product is 0*inf"
SUBNORMAL = "where a factor is subnormal, with its digits"

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("hill", "a b n", powers.hill,
       (f"where({A_0}, where({N_0}, 0, n*(a/b)^(n - 1)/b*square(hill(b, a, n))), n*(y/a)*hill(b, a, n))",
        f"where({B_0}, where({N_0}, 0, -n*(b/a)^(n - 1)/a*square(y)), -n*(hill(b, a, n)/b)*y)",
        f"where({A_0} or {B_0}, 0, y*hill(b, a, n)*log_ratio(a, b))"),
       domain=("[0, inf)", "[0, inf)", ""), provided="a + b > 0",
       kinks=(Kink("a == 0 and abs(n) < 1 and n != 0", "singular", "the power leaves 0 with a vertical tangent", "a"),
              Kink("b == 0 and abs(n) < 1 and n != 0", "singular", "the power leaves 0 with a vertical tangent", "b")),
       rewrites=Rewrites(
           factors=("a^n/(a^n + b^n) -> hill(a, b, n); where the powers overflow it is inf/inf",)),
       expansion="a^n/(a^n + b^n)",
       notation=Notation(latex=r"\frac{{#1}^{#3}}{{#1}^{#3} + {#2}^{#3}}"),
       doc="Hill's function a^n/(a^n + b^n), the share of a, without overflow on the way.",
       source=f"chain rule, through y; {SUBNORMAL}"),
    Op("log_ratio", "a b", powers.log_ratio, ("1/a", "-1/b"), domain=("(0, inf)", "(0, inf)"),
       notation=Notation(latex=r"\ln\left(\frac{#1}{#2}\right)"), of_rules=True,
       doc="log(a/b), accurate where a is near b and where the quotient overflows.", source="DLMF §4.7(i)"),
    Op("pow1pm1", "a b", powers.pow1pm1, (BASE_SLOPE, f"where({AT_0}, {NONE_BELOW}, pow1p(a, b)*log1p(a))"),
       provided="a > -1 or a == -1 and b >= 0 or b == floor(b)",
       kinks=(Kink("a == -1", "singular", "the power leaves 0 with a vertical tangent"),),
       expansion="(1 + a)^b - 1",
       rewrites=Rewrites(
           fuses=(f"(1 + a)^b - 1 -> pow1pm1(a, b); {NEAR_1}",
                  "(1 + a)^b + -1 -> pow1pm1(a, b); near a = 0 the sum cancels",
                  f"1 - (1 + a)^b -> -pow1pm1(a, b); {NEAR_1}",
                  f"(1 - a)^b - 1 -> pow1pm1(-a, b); {NEAR_1}",
                  "(1 - a)^b + -1 -> pow1pm1(-a, b); near a = 0 the sum cancels",
                  f"1 - (1 - a)^b -> -pow1pm1(-a, b); {NEAR_1}")),
       notation=Notation(latex=r"\left(1 + #1\right)^{#2} - 1"),
       doc="(1 + a)^b - 1, accurate where a is small.",
       source="chain rule; 1 + y would cancel beside -1"),
    Op("pow1p", "a b", powers.pow1p, (BASE_SLOPE, f"where({AT_0}, {NONE_BELOW}, y*log1p(a))"),
       provided="a > -1 or a == -1 and b >= 0 or b == floor(b)",
       kinks=(Kink("a == -1", "singular", "the power leaves 0 with a vertical tangent"),),
       notation=Notation(latex=r"\left(1 + #1\right)^{#2}"), of_rules=True,
       doc="(1 + a)^b, with the digits of a.", source=f"DLMF §4.7(ii); {SUBNORMAL}"),
    Op("logaddexp2", "a b", powers.logaddexp2, ("softshare2(a, b)", "softshare2(b, a)"),
       rewrites=Rewrites(
           fuses=("log2(exp2(a) + exp2(b)) -> logaddexp2(a, b); the powers overflow above 1024 and vanish below -1075",
                  "log2(1 + exp2(a)) -> logaddexp2(a, 0); the power overflows above 1024",
                  "log2(2^a + 2^b) -> logaddexp2(a, b); the powers overflow above 1024 and vanish below -1075",
                  "log2(1 + 2^a) -> logaddexp2(a, 0); the power overflows above 1024"), commutes=True),
       notation=Notation(latex=r"\log_2\left(2^{#1} + 2^{#2}\right)"),
       doc="log2(2^a + 2^b), without overflow on the way.", source="chain rule; rounding a - b moves the power"),
    Op("softshare2", "a b", powers.softshare2, ("log(2)*y*softshare2(b, a)", "-log(2)*y*softshare2(b, a)"),
       rewrites=Rewrites(
           fuses=(f"exp2(a)/(exp2(a) + exp2(b)) -> softshare2(a, b); {ABOVE_1024}",
                  f"c*exp2(a)/(exp2(a) + exp2(b)) -> c*softshare2(a, b); {ABOVE_1024}",
                  f"exp2(a)/(1 + exp2(a)) -> softshare2(a, 0); {ABOVE_1024}",
                  f"c*exp2(a)/(1 + exp2(a)) -> c*softshare2(a, 0); {ABOVE_1024}",
                  "1/(1 + exp2(a)) -> softshare2(0, a); above 1024 the derivative is inf/inf",
                  "c/(1 + exp2(a)) -> c*softshare2(0, a); above 1024 the derivative is inf/inf")),
       notation=Notation(latex=r"\frac{2^{#1}}{2^{#1} + 2^{#2}}"), of_rules=True,
       doc="2^a/(2^a + 2^b), the share of a.", source="as softshare. A rounding a factor, rounding a share too"),
    Op("exp_erfc", "a b", inverse.exp_erfc, ("y", "-2/sqrt(pi)*exp_less_square(a, b)"),
       rewrites=Rewrites(
           factors=(f"exp(a)*erfc(b) -> exp_erfc(a, b); {BELL}", f"erfc(b)/exp(a) -> exp_erfc(-a, b); {BELL}",
                    f"exp_square(a)*erfc(b) -> exp_erfc(a^2, b); {BELL}",
                    f"exp(c)*exp_erfc(a, b) -> exp_erfc(a + c, b); {BELL}",
                    f"exp_erfc(a, b)/exp(c) -> exp_erfc(a - c, b); {BELL}")),
       notation=Notation(latex=r"e^{#1} \, \operatorname{erfc}\left(#2\right)"), of_rules=True,
       doc="exp(a)*erfc(b), by erfcx where erfc(b) vanishes: peaks of chromatography are such products.",
       source="DLMF 7.2.2 and 7.12(i)"),
    Op("exp_less_square", "a b", inverse.exp_less_square, ("y", "-2*(b*y)"),
       notation=Notation(latex="e^{#1 - {#2}^2}"), of_rules=True,
       doc="exp(a - b^2), with b^2 unrounded.", source=f"chain rule, through y; {SUBNORMAL}"),
)
