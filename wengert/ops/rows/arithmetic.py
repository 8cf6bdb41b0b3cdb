"""Rows: arithmetic, powers and roots."""

from __future__ import annotations

import math
from operator import add, mul, neg, sub

from ..floats import elementary, residuals
from ..row import Kink, Notation, Op, Rewrites

# Conditions that choose between formulas of one rule. They make no jumps besides the row's kinks, so they use
# `stop_gradient`.
BASE_0, EXPONENT_0 = "stop_gradient(a) == 0", "stop_gradient(b) == 0"
# If b - 1 is rounded, a^(b - 1) has an error of log(a) roundings. b*y/a has not, but it overflows with y for large b,
# and it is 0/0 at a = 0. At b = 0, a^(b - 1) may overflow, and 0*inf is nan.
ROUNDED = "stop_gradient(b) - 1 + 1 != stop_gradient(b)"
# At a = 0 and 0 < b <= 1 the first derivatives are b*a^(b - 1) and 0, and the mixed second one is -inf, the limit of
# a^(b - 1)*(1 + b*log(a)). It comes from terms that are 0 there, whose derivative is log(0).
SLOWLY = "stop_gradient(b) <= 1"
LEAVING = f"{BASE_0} and stop_gradient(b) > 0 and {SLOWLY}"
# The exponent, held constant, and the term that has its derivative instead.
HELD = f"where({LEAVING}, stop_gradient(b), b)"
LEFT = f"where({LEAVING}, xlogy(stop_gradient(b) - b, 0), 0)"
# At a = b = 0 the partial in a is 0, without a derivative in b.
LOST = "xlogy(b, -1)"

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("copy", "a", elementary.copy, ("1",), ("identity",), monotone="+", notation=Notation(nl="a", latex="#1"), ulps=0,
       doc="The copy gate: its argument.", source="by definition"),
    Op("add", "a b", add, ("1", "1"), ("plus",), rewrites=Rewrites(exact=("a + -b -> a - b",), commutes=True),
       notation=Notation(nl=0, infix="+", binds=6, latex="#1 + #2"), ulps=0.5, residual=residuals.of_sum,
       doc="Sum.", source="linear"),
    Op("sub", "a b", sub, ("1", "-1"), ("subtract", "minus"),
       rewrites=Rewrites(exact=("a - 0 -> a", "a - -b -> a + b")),
       notation=Notation(nl=1, infix="-", binds=6, latex="#1 - #2"), ulps=0.5, residual=residuals.of_difference,
       doc="Difference.", source="linear"),
    Op("mul", "a b", mul, ("b", "a"), ("multiply", "times"),
       rewrites=Rewrites(exact=("a*1 -> a", "a*-1 -> -a", "-a*-b -> a*b", "-a*k -> a*-k"), commutes=True),
       notation=Notation(nl=2, infix="*", binds=7, latex=r"#1 \, #2"), ulps=0.5, residual=residuals.of_product,
       doc="Product.", source="Leibniz' product rule"),
    Op("div", "a b", elementary.divide, ("1/b", "-y/b"), ("divide", "true_divide"), provided="b != 0",
       rewrites=Rewrites(exact=("a/1 -> a", "a/-1 -> -a", "-a/-b -> a/b", "-a/k -> a/-k", "k/-a -> -k/a")),
       notation=Notation(nl=3, infix="/", binds=7, latex=r"\frac{#1}{#2}"), ulps=0.5, residual=residuals.of_quotient,
       doc="Quotient.", source="quotient rule, through y; where y is subnormal, with its digits"),
    Op("mod", "a b", elementary.floor_mod, ("1", "round(y/b - a/b)"), ("remainder",), provided="b != 0",
       kinks=(Kink("y == 0", "jump", "the derivative of the pieces beside it is used"),),
       notation=Notation(nl="a - b*floor(a/b)", infix="%", binds=7, latex=r"#1 \bmod #2"),
       doc="Remainder a - b*floor(a/b), with the sign of b: mod(-7.5, 2) = 0.5.",
       source="a - b*floor(a/b), the floor constant; it is recovered from y, as a/b may round to the next integer"),
    Op("fmod", "a b", elementary.truncated_mod, ("1", "round(y/b - a/b)"), provided="b != 0",
       kinks=(Kink("y == 0 and a != 0", "jump", "the derivative of the pieces beside it is used"),),
       notation=Notation(nl=4, latex=r"\operatorname{fmod}\left(#1, #2\right)"), ulps=0,
       doc="Remainder a - b*trunc(a/b), with the sign of a: fmod(-7.5, 2) = -1.5.",
       source="as for mod, with trunc in place of floor"),
    Op("neg", "a", neg, ("-1",), ("negative", "negate"), rewrites=Rewrites(exact=("-(-a) -> a",)),
       notation=Notation(nl=16, infix="-", binds=8, latex="-#1"), ulps=0,
       doc="Negation.", source="linear"),
    Op("pow", "a b", elementary.power,
       (f"where({BASE_0} and {EXPONENT_0}, {LOST}, "
        f"where(({EXPONENT_0} or {ROUNDED}) and not {BASE_0}, b*y/a, {HELD}*a^({HELD} - 1) - {LEFT}))",
        f"where({BASE_0}, where(stop_gradient(b) > 0, where({SLOWLY}, xlogy(a, 0), 0), nan), y*log(a))"),
       ("power", "float_power"),
       provided="a > 0 or a == 0 and b >= 0 or a < 0 and b == floor(b)",
       kinks=(Kink("a == 0 and b == 0", "undefined", "0^b is 1 at b = 0 and 0 above", "b"),
              Kink("a < 0", "undefined", "a negative base has real powers for integer exponents only", "b"),
              Kink("a == 0 and b > 0 and b < 1", "singular", "the power leaves 0 with a vertical tangent", "a")),
       series="b*y/a", homogeneous=("a", "b"), at_ends="exp(b*log(a))",
       rewrites=Rewrites(exact=("a^1 -> a", "a^0 -> 1")),
       notation=Notation(nl=5, infix="^", binds=9, latex="{#1}^{#2}"),
       remedy="for the real cube root of a negative number write cbrt(x)",
       remedied="a < 0 and 3*b == floor(3*b)",
       residual=residuals.of_power,
       doc="Power, real: nan for a negative base and a fractional exponent.",
       source="DLMF §4.7(ii); where a power in it is subnormal, with its digits"),
    Op("square", "a", elementary.square, ("2*a",), ("sqr",),
       rewrites=Rewrites(exact=("square(-a) -> square(a)", "square(abs(a)) -> square(a)"), cheaper=("a*a", "a^2")),
       notation=Notation(nl="a^2", latex="{#1}^2"), ulps=0.5, residual=residuals.of_square,
       doc="Square.", source="product rule"),
    Op("cube", "a", elementary.cube, ("3*square(a)",), notation=Notation(nl="a^3", latex="{#1}^3"),
       doc="Cube.", source="product rule"),
    Op("reciprocal", "a", elementary.reciprocal, ("-square(y)",), provided="a != 0",
       notation=Notation(nl="1/a", latex=r"\frac{1}{#1}"), ulps=0.5, residual=residuals.of_reciprocal,
       homogeneous=("a", "-1"),
       doc="1/a.", source="quotient rule, through y"),
    Op("sqrt", "a", elementary.sqrt, ("0.5/y",), domain=("[0, inf)",),
       kinks=(Kink("a == 0", "singular", "the root leaves 0 with a vertical tangent"),),
       notation=Notation(nl=39, latex=r"\sqrt{#1}"), ulps=0.5, residual=residuals.of_root,
       homogeneous=("a", "1/2"),
       doc="Square root.", source="y^2 = a, differentiated"),
    Op("cbrt", "a", elementary.cbrt, ("1/(3*square(y))",),
       kinks=(Kink("a == 0", "singular", "the root passes 0 with a vertical tangent"),),
       homogeneous=("a", "1/3"),
       notation=Notation(nl="where(a < 0, -(-a)^(1/3), a^(1/3))", latex=r"\sqrt[3]{#1}"),
       doc="Real cube root, of negative numbers too.", source="y^3 = a, differentiated"),
    Op("hypot", "*a", math.hypot, ("where(stop_gradient(y) == 0, sign(a), a/y)",),
       kinks=(Kink("y == 0", "kink", "the mean over all directions, 0, is used"),), homogeneous=("*", "1"),
       rewrites=Rewrites(
           fuses=("sqrt(a^2 + b^2) -> hypot(a, b); the squares overflow and underflow where their root does not",
              "sqrt(a^2 + b^2 + c^2) -> hypot(a, b, c); the squares overflow and underflow where their root does not",
              "sqrt(a^2 + b^2 + c^2 + f^2) -> hypot(a, b, c, f); as with fewer squares"), commutes=True),
       notation=Notation(nl="sqrt(a^2 + b^2)", latex=r"\left\|#*\right\|"),
       doc="Euclidean norm of any number of arguments, without overflow on the way.",
       source="y^2 = the sum of the squares, differentiated; where y is subnormal, with its digits"),
)
