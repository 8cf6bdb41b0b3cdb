"""Rows: trigonometric and hyperbolic functions and their inverses, angles in radians.

If a is so large that a + 1 == a, a rule omits the 1, so that a^2 is not needed and cannot overflow.
"""

from __future__ import annotations

import math

from ..floats import trigonometric as angles
from ..row import Kink, Notation, Op, Rewrites
from .conditions import large

FAR = large("a")

VERTICAL = "the curve ends with a vertical tangent"
# 1 - a^2: as a product near 1, where the difference cancels, and as a difference elsewhere, since the derivatives of
# the two factors cancel near 0. At the threshold both are accurate. At 1, where a factor is 0, the derivative of the
# product would be nan, from 0 times the derivative of a root.
END = large("1/(1 - square(a))")
SQUARED = f"where({large('a', 0.5)} and not {END}, (1 - a)*(1 + a), 1 - square(a))"
AT_ONE = (Kink("abs(a) == 1", "singular", VERTICAL),)

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("sin", "a", angles.sin, ("cos(a)",),
       notation=Notation(nl=41, latex=r"\sin\left(#1\right)"),
       doc="Sine.", source="DLMF §4.20"),
    Op("cos", "a", angles.cos, ("-sin(a)",), rewrites=Rewrites(exact=("cos(-a) -> cos(a)",)),
       notation=Notation(nl=46, latex=r"\cos\left(#1\right)"),
       doc="Cosine.", source="DLMF §4.20"),
    Op("versine", "a", angles.versine, ("sin(a)",), ("versin",),
       rewrites=Rewrites(
           fuses=("1 - cos(a) -> versine(a); near a = 0 the difference cancels",
                  "cos(a) - 1 -> -versine(a); near a = 0 the difference cancels",
                  "cos(a) + -1 -> -versine(a); near a = 0 the sum cancels")),
       notation=Notation(nl="2*sin(a/2)^2", latex=r"\left(1 - \cos\left(#1\right)\right)"),
       doc="1 - cos(a), accurate near 0.", source="DLMF §4.20"),
    Op("tan", "a", angles.tan, ("1 + square(y)",), notation=Notation(nl=38, latex=r"\tan\left(#1\right)"),
       doc="Tangent.", source="DLMF §4.20; sec^2 = 1 + tan^2, a sum of positive terms"),
    Op("sec", "a", angles.sec, ("y*tan(a)",), notation=Notation(nl="1/cos(a)", latex=r"\sec\left(#1\right)"),
       doc="Secant, 1/cos(a).", source="DLMF §4.20"),
    Op("csc", "a", angles.csc, ("-y*cot(a)",), ("cosec",), provided="a != 0",
       notation=Notation(nl="1/sin(a)", latex=r"\csc\left(#1\right)"),
       doc="Cosecant, 1/sin(a).", source="DLMF §4.20"),
    Op("cot", "a", angles.cot, ("-(1 + square(y))",), ("cotan",), provided="a != 0",
       notation=Notation(nl="1/tan(a)", latex=r"\cot\left(#1\right)"),
       doc="Cotangent, 1/tan(a).", source="DLMF §4.20; csc^2 = 1 + cot^2"),
    Op("asin", "a", angles.asin, (f"1/sqrt({SQUARED})",), ("arcsin",), ("[-1, 1]",), kinks=AT_ONE,
       notation=Notation(nl=51, latex=r"\arcsin\left(#1\right)"),
       doc="Inverse sine, in [-pi/2, pi/2].", source="DLMF §4.24(ii); 1 - a^2 would cancel"),
    Op("acos", "a", angles.acos, (f"-1/sqrt({SQUARED})",), ("arccos",), ("[-1, 1]",), kinks=AT_ONE,
       notation=Notation(nl=53, latex=r"\arccos\left(#1\right)"),
       doc="Inverse cosine, in [0, pi].", source="DLMF §4.24(ii)"),
    Op("atan", "a", math.atan, (f"where({FAR}, square(1/a), 1/(1 + square(a)))",), ("arctan",),
       notation=Notation(nl=49, latex=r"\arctan\left(#1\right)"),
       doc="Inverse tangent, in [-pi/2, pi/2].", source="DLMF §4.24(ii); a^2 overflows above 1e154"),
    Op("asec", "a", angles.asec, (f"where({FAR}, square(1/a), 1/(abs(a)*sqrt((a - 1)*(a + 1))))",), ("arcsec",),
       provided="abs(a) >= 1", kinks=AT_ONE,
       notation=Notation(nl="acos(1/a)", latex=r"\operatorname{arcsec}\left(#1\right)"),
       doc="Inverse secant, acos(1/a), in [0, pi].", source="DLMF §4.24(ii); a^2 overflows above 1e154"),
    Op("acsc", "a", angles.acsc, (f"where({FAR}, -square(1/a), -1/(abs(a)*sqrt((a - 1)*(a + 1))))",), ("arccsc",),
       provided="abs(a) >= 1", kinks=AT_ONE,
       notation=Notation(nl="asin(1/a)", latex=r"\operatorname{arccsc}\left(#1\right)"),
       doc="Inverse cosecant, asin(1/a), in [-pi/2, pi/2].", source="DLMF §4.24(ii); a^2 overflows above 1e154"),
    Op("acot", "a", angles.acot, (f"where({FAR}, -square(1/a), -1/(1 + square(a)))",), ("arccot",),
       kinks=(Kink("a == 0", "jump", "the derivative of the pieces beside it is used"),),
       notation=Notation(nl="atan(1/a)", latex=r"\operatorname{arccot}\left(#1\right)"),
       doc="Inverse cotangent, atan(1/a), in [-pi/2, pi/2]: odd, with a jump at 0.",
       source="DLMF §4.24(ii); a^2 overflows above 1e154"),
    Op("atan2", "a b", math.atan2, ("b/hypot(a, b)/hypot(a, b)", "-a/hypot(a, b)/hypot(a, b)"), ("arctan2",),
       kinks=(Kink("a == 0 and b == 0", "undefined", "the angle of the origin depends on the way there"),
              Kink("a == 0 and b < 0", "jump", "from -pi to pi; the derivative of the pieces beside it is used", "a")),
       notation=Notation(nl=48, latex=r"\operatorname{atan2}\left(#1, #2\right)"),
       doc="Angle of the point (b, a), in [-pi, pi]: atan(a/b) in the right half-plane.",
       source="a/b = tan(y), differentiated; hypot because a^2 + b^2 over- and underflows. "
              "Where hypot overflows it is 0; where its first quotient is subnormal, with those digits"),
    Op("deg2rad", "a", angles.deg2rad, ("pi/180",), ("radians",),
       notation=Notation(nl="pi/180*a", latex=r"\frac{\pi}{180} \, #1"),
       doc="Radians of an angle in degrees.", source="linear"),
    Op("rad2deg", "a", angles.rad2deg, ("180/pi",), ("degrees",),
       notation=Notation(nl="180/pi*a", latex=r"\frac{180}{\pi} \, #1"),
       doc="Degrees of an angle in radians.", source="linear"),
    Op("sinc", "a", angles.sinc, ("dsinc(1, a)",),
       rewrites=Rewrites(
           fuses=("sin(pi*a)/(pi*a) -> sinc(a); it is nan at 0, and pi*a is rounded before its sine is taken",)),
       notation=Notation(nl="where(abs(a) < 1e-4, 1 - (pi*a)^2/6*(1 - (pi*a)^2/20), sin(pi*a)/(pi*a))",
                         latex=r"\operatorname{sinc}\left(#1\right)"),
       doc="sin(pi*a)/(pi*a), 1 at 0: the normalised sinc of signal processing and of NumPy.",
       source="by definition of dsinc"),
    Op("dsinc", "n a", angles.dsinc, (None, "dsinc(n + 1, a)"), domain=("[0, 200]", ""), provided="n == floor(n)",
       notation=Notation(latex=r"\operatorname{sinc}^{(#1)}\left(#2\right)"),
       of_rules=True,
       doc="The n-th derivative of sinc at a, for n = 0, 1, 2, …", source="by definition"),
    Op("sinh", "a", angles.sinh, ("cosh(a)",),
       rewrites=Rewrites(
           fuses=("exp(a) - exp(-a) -> 2*sinh(a); near a = 0 the difference cancels",
                  "2*sinh(a)/2 -> sinh(a); one op for three",
                  "cosh(a) - 1 -> 2*square(sinh(a/2)); near a = 0 the difference cancels",
                  "cosh(a) + -1 -> 2*square(sinh(a/2)); near a = 0 the sum cancels")),
       notation=Notation(nl=40, latex=r"\sinh\left(#1\right)"),
       doc="Hyperbolic sine.", source="DLMF §4.34"),
    Op("cosh", "a", angles.cosh, ("sinh(a)",),
       rewrites=Rewrites(fuses=("(exp(a) + exp(-a))/2 -> cosh(a); one op for five",)),
       notation=Notation(nl=45, latex=r"\cosh\left(#1\right)"),
       doc="Hyperbolic cosine.", source="DLMF §4.34"),
    Op("tanh", "a", math.tanh, ("square(sech(a))",),
       rewrites=Rewrites(
           fuses=("2*sinh(a)/(exp(a) + exp(-a)) -> tanh(a); inf/inf is nan above 709",)),
       notation=Notation(nl=37, latex=r"\tanh\left(#1\right)"),
       doc="Hyperbolic tangent.", source="DLMF §4.34; 1 - y^2 would cancel in the tails"),
    Op("sech", "a", angles.sech, ("-y*tanh(a)",),
       rewrites=Rewrites(fuses=("1/cosh(a) -> sech(a); cosh overflows above 710, 30 before sech underflows",
              "1 - square(tanh(a)) -> square(sech(a)); the difference cancels in the tails")),
       notation=Notation(nl="1/cosh(a)", latex=r"\operatorname{sech}\left(#1\right)"),
       doc="Hyperbolic secant, 1/cosh(a).", source="DLMF §4.34"),
    Op("csch", "a", angles.csch, ("-y*coth(a)",), provided="a != 0",
       notation=Notation(nl="1/sinh(a)", latex=r"\operatorname{csch}\left(#1\right)"),
       doc="Hyperbolic cosecant, 1/sinh(a).", source="DLMF §4.34"),
    Op("coth", "a", angles.coth, ("-square(csch(a))",), provided="a != 0",
       notation=Notation(nl="1/tanh(a)", latex=r"\coth\left(#1\right)"),
       doc="Hyperbolic cotangent, 1/tanh(a).", source="DLMF §4.34"),
    Op("asinh", "a", math.asinh, ("1/hypot(a, 1)",), ("arcsinh", "arsinh"),
       notation=Notation(nl=50, latex=r"\operatorname{arsinh}\left(#1\right)"),
       doc="Inverse hyperbolic sine.", source="DLMF §4.38(ii); hypot because a^2 overflows"),
    Op("acosh", "a", angles.acosh, (f"where({END}, 1/sqrt(square(a) - 1), 1/(sqrt(a - 1)*sqrt(a + 1)))",),
       ("arccosh", "arcosh"), ("[1, inf)",),
       kinks=(Kink("a == 1", "singular", VERTICAL),),
       notation=Notation(nl=52, latex=r"\operatorname{arcosh}\left(#1\right)"),
       doc="Inverse hyperbolic cosine.", source="DLMF §4.38(ii); the roots apart because their product overflows"),
    Op("atanh", "a", angles.atanh, (f"1/{SQUARED}",), ("arctanh", "artanh"), ("(-1, 1)",),
       notation=Notation(nl=47, latex=r"\operatorname{artanh}\left(#1\right)"),
       doc="Inverse hyperbolic tangent.", source="DLMF §4.38(ii); 1 - a^2 would cancel"),
    Op("asech", "a", angles.asech, (f"where({END}, -1/sqrt(1 - square(a)), -1/(a*sqrt((1 - a)*(1 + a))))",),
       ("arcsech", "arsech"), ("(0, 1]",),
       kinks=(Kink("a == 1", "singular", VERTICAL),),
       notation=Notation(nl="acosh(1/a)", latex=r"\operatorname{arsech}\left(#1\right)"),
       doc="Inverse hyperbolic secant, acosh(1/a).", source="DLMF §4.38(ii)"),
    Op("acsch", "a", angles.acsch, ("-1/abs(a)/hypot(a, 1)",), ("arccsch", "arcsch"), provided="a != 0",
       notation=Notation(nl="asinh(1/a)", latex=r"\operatorname{arcsch}\left(#1\right)"),
       doc="Inverse hyperbolic cosecant, asinh(1/a).",
       source="DLMF §4.38(ii); abs(a)*hypot(a, 1) overflows above 1e154"),
    Op("acoth", "a", angles.acoth, (f"where({FAR}, -square(1/a), 1/((1 - a)*(1 + a)))",), ("arccoth", "arcoth"),
       provided="abs(a) > 1", notation=Notation(nl="atanh(1/a)", latex=r"\operatorname{arcoth}\left(#1\right)"),
       doc="Inverse hyperbolic cotangent, atanh(1/a).", source="DLMF §4.38(ii); a^2 overflows above 1e154"),
)
