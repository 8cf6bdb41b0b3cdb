"""Rows: integrals of elementary functions: exponential, trigonometric, Dawson's and Fresnel's."""

from __future__ import annotations

from ..floats import error_integrals, exponential_integrals
from ..row import Notation, Op, Rewrites

BESIDE_ZEROS = "Beside its zeros the terms of the value cancel"

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("exp1", "a", exponential_integrals.exp1, ("-exp(-a/2)/a*exp(-a/2)",), ("expint",),
       domain=("(0, inf)",), notation=Notation(latex=r"E_1\left(#1\right)"),
       doc="Exponential integral E1, the integral of exp(-t)/t from a to inf.",
       source="DLMF 6.2.1; exp(-a) in halves, as it may be subnormal where the quotient has its digits"),
    Op("expi", "a", exponential_integrals.expi, ("exp(a/2)/a*exp(a/2)",), ("Ei",), provided="a != 0",
       notation=Notation(latex=r"\operatorname{Ei}\left(#1\right)"),
       doc="Exponential integral Ei, the principal value of the integral of exp(t)/t from -inf to a.",
       source="DLMF 6.2.5; exp(a) in halves, as it may overflow where the quotient does not"),
    Op("sinint", "a", exponential_integrals.sinint, ("dsinc_radians(0, a)",), ("Si",),
       notation=Notation(latex=r"\operatorname{Si}\left(#1\right)"),
       doc="Sine integral Si, the integral of sin(t)/t from 0 to a.", source="DLMF 6.2.9"),
    Op("cosint", "a", exponential_integrals.cosint, ("cos(a)/a",), ("Ci",), domain=("(0, inf)",),
       notation=Notation(latex=r"\operatorname{Ci}\left(#1\right)"), ulps=1e6,
       doc="Cosine integral Ci, minus the integral of cos(t)/t from a to inf.",
       source=f"DLMF 6.2.11. {BESIDE_ZEROS} beyond 4; elsewhere it has an error of some 2 ulp"),
    Op("dsinc_radians", "n a", exponential_integrals.dsinc_radians, (None, "dsinc_radians(n + 1, a)"),
       domain=("[0, 200]", ""), provided="n == floor(n)",
       notation=Notation(latex=r"\left(\frac{\sin #2}{#2}\right)^{(#1)}"), ulps=1e6,
       of_rules=True,
       doc="The n-th derivative of sin(a)/a, for n = 0, 1, 2, …",
       source=f"by definition. {BESIDE_ZEROS}, for n > 0"),
    Op("dawson", "a", error_integrals.dawson, ("ddawson(1, a)",), ("dawsn",),
       notation=Notation(latex=r"F\left(#1\right)"),
       doc="Dawson's integral, exp(-a^2) times the integral of exp(t^2) from 0 to a.",
       source="DLMF 7.2.5; 1 - 2*a*y would cancel for large a"),
    Op("ddawson", "n a", error_integrals.ddawson, (None, "ddawson(n + 1, a)"),
       domain=(f"[0, {error_integrals.DAWSON_ORDERS:g}]", ""), provided="n == floor(n)",
       notation=Notation(latex=r"F^{(#1)}\left(#2\right)"), ulps=8,
       of_rules=True,
       doc="The n-th derivative of Dawson's integral, for n = 0, 1, …, 8.",
       source="by definition. The value has a rounding a factor, of which there are n"),
    Op("exp_square", "a", error_integrals.exp_square, ("2*(a*y)",),
       rewrites=Rewrites(
           fuses=("exp(a^2) -> exp_square(a); the rounding error of a^2 would be a relative error of the result",)),
       notation=Notation(latex="e^{{#1}^2}"),
       doc="exp(a^2), accurate for large a.", source="chain rule, through y"),
    Op("erfi", "a", error_integrals.erfi, ("2/sqrt(pi)*exp_square(a)",),
       notation=Notation(latex=r"\operatorname{erfi}\left(#1\right)"),
       doc="Imaginary error function, 2/sqrt(pi) times the integral of exp(t^2) from 0 to a.",
       source="DLMF 7.2.1, at i*a"),
    Op("fresnels", "a", error_integrals.fresnels, ("dfresnels(a)",), ("fresnel_s",),
       notation=Notation(latex=r"S\left(#1\right)"),
       doc="Fresnel's integral S, the integral of sin(pi/2*t^2) from 0 to a.", source="DLMF 7.2.8"),
    Op("fresnelc", "a", error_integrals.fresnelc, ("dfresnelc(a)",), ("fresnel_c",),
       notation=Notation(latex=r"C\left(#1\right)"),
       doc="Fresnel's integral C, the integral of cos(pi/2*t^2) from 0 to a.", source="DLMF 7.2.7"),
    Op("dfresnels", "a", error_integrals.dfresnels, ("pi*a*dfresnelc(a)",),
       notation=Notation(latex=r"\sin\left(\frac{\pi}{2} {#1}^2\right)"),
       of_rules=True,
       doc="sin(pi/2*a^2), with a^2 unrounded.", source="chain rule"),
    Op("dfresnelc", "a", error_integrals.dfresnelc, ("-pi*a*dfresnels(a)",),
       notation=Notation(latex=r"\cos\left(\frac{\pi}{2} {#1}^2\right)"),
       of_rules=True,
       doc="cos(pi/2*a^2), with a^2 unrounded.", source="chain rule"),
)
