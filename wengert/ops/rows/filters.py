"""Rows: interpolation, polynomials, convolutions.

Each op is linear in one argument, or in each of several. Its adjoint is a row too, so that the rules stay within the
table: the derivatives of a convolution are correlations, and theirs are convolutions and correlations.
"""

from __future__ import annotations

from ..parameters import ArrayFunction
from ..row import Kink, Notation, Op, Shaped
from ..shapes import adjoints as undoing
from ..shapes import placing


def _slopes(values: str) -> str:
    """The text of the slopes between knots, with 0 outside."""
    return f"pad(({values}[1:] - {values}[:-1])/(xp[1:] - xp[:-1]), 1)"


SLOPE, SLOPE_G = f"segment({_slopes('fp')}, x, xp)", f"segment({_slopes('g')}, x, xp)"
MOVED, MOVED_G = f"segment_beyond({_slopes('fp')}, x, xp)", f"segment_beyond({_slopes('g')}, x, xp)"
AT_KNOT = f"segment({_slopes('fp')}, x, xp, side=-1) != segment({_slopes('fp')}, x, xp, side=1)"

# fmt: off
ROWS: tuple[Op, ...] = (
    # Interpolation
    Op("interp", "x xp fp", ArrayFunction("filters.interp"), (), provided="xp[1:] > xp[:-1]",
       kinks=(Kink(AT_KNOT, "kink", "the mean of the slopes beside the knot is used"),),
       vjp=(f"g*{SLOPE}", f"interp_t(-g*{MOVED}, x, xp)", "interp_t(g, x, xp)"),
       array=Shaped(placing.interpolated, apart="segments.interp", values=True),
       remedy="the knots must increase",
       doc="The value at x of the straight lines between the knots (xp, fp); outside, that at the nearest knot.",
       source="as numpy.interp; by pieces"),
    Op("interp_t", "a x xp", ArrayFunction("filters.interp_t"), (),
       vjp=("interp(x, xp, g)", f"a*{SLOPE_G}", f"interp_t(-a*{MOVED_G}, x, xp)"),
       array=Shaped(placing.at_knots, apart="segments.interp_t", values=True),
       of_rules=True,
       doc="a at the places x, shared out between the knots beside each.", source="the adjoint of interp in fp"),
    Op("segment", "a x xp", ArrayFunction("filters.segment"), (), left="segment[side=-1]", right="segment[side=1]",
       statics="side=0", vjp=("segment_t(g, x, xp, a{side})", None, None),
       array=Shaped(placing.between, linear=("a",), apart="segments.segment", values=True),
       ulps=0.5,
       of_rules=True,
       doc="Of one element a piece between knots, the one where x is; at a knot the mean of two, or by side.",
       source="by pieces"),
    Op("segment_beyond", "a x xp", ArrayFunction("filters.segment"), (), left="segment[side=1]",
       right="segment[side=-1]", statics="side=0", vjp=("segment_t(g, x, xp, a{side})", None, None),
       array=Shaped(placing.between, linear=("a",), apart="segments.segment", values=True), ulps=0.5,
       of_rules=True,
       doc="As `segment`, with the sides changed: a knot that falls leaves x beyond it.", source="by pieces"),
    Op("segment_t", "a x xp like", ArrayFunction("filters.segment_t"), (), statics="side=0",
       vjp=("segment(g, x, xp{side})", None, None, None),
       array=Shaped(placing.pieces, linear=("a",), apart="segments.segment_t", values=True),
       of_rules=True,
       doc="a at the places x, summed in the pieces between knots.", source="the adjoint of segment"),

    # Polynomials
    Op("polyval", "c x", ArrayFunction("filters.polyval"), (), vjp=("polyval_t(g, x, c)", "g*polyval(polyder(c), x)"),
       array=Shaped(placing.polynomial, apart="segments.polyval"),
       doc="The polynomial with these coefficients, the highest first, at x.", source="Horner's scheme"),
    Op("polyder", "c", ArrayFunction("filters.polyder"), (), vjp=("polyder_t(g, c)",),
       array=Shaped(placing.lowered, linear=("c",)), ulps=0.5,
       doc="The coefficients of the derivative of a polynomial, the highest first.", source="by definition"),
    Op("polyder_t", "a like", ArrayFunction("filters.polyder_t"), (), vjp=("polyder(g)", None),
       array=Shaped(undoing.undone(placing.lowered), linear=("a",)), ulps=0.5,
       of_rules=True,
       doc="The powers times the elements, and a 0 last, as many as `like` has.", source="the adjoint of polyder"),
    Op("polyval_t", "a x like", ArrayFunction("filters.polyval_t"), (),
       vjp=("polyval(g, x)", "a*polyval(polyder(g), x)", None),
       array=Shaped(placing.powers, apart="segments.polyval_t"),
       of_rules=True,
       doc="The sums of a*x^k, the highest k first, as many as `like` has coefficients.",
       source="the adjoint of polyval in c"),

    # Convolutions
    Op("convolve", "a v", ArrayFunction("filters.convolve"), (), statics="mode=2",
       vjp=("convolve_t(g, v, a{mode})", "convolve_t(g, a, v{mode})"),
       array=Shaped(placing.convolved, linear=("a", "v")), notation=Notation(latex=r"#1 * #2"),
       doc="The convolution of two vectors; mode 2 is all of it, 1 as long as the longer, 0 where both overlap.",
       source="bilinear; modes as in NumPy: full, same, valid"),
    Op("convolve_t", "a v like", ArrayFunction("filters.convolve_t"), (), statics="mode=2",
       vjp=("convolve(g, v{mode})", "convolve_t(a, g, v{mode})", None),
       array=Shaped(undoing.undone_by(placing.convolved), linear=("a", "v")),
       of_rules=True,
       doc="The correlation of a with v, as long as `like`.", source="the adjoint of convolve"),
    Op("conv2d", "x w", ArrayFunction("filters.conv2d"), (), statics="stride=1 padding=0",
       vjp=("conv2d_x(g, w, x{statics})", "conv2d_w(g, x, w{statics})"),
       array=Shaped(placing.filtered, linear=("x", "w")), notation=Notation(latex=r"#1 \star #2"),
       doc="An image under a filter, by the sums of products under each of its places (the filter is not turned): "
       "[h,w] under [kh,kw], or [in,h,w] under [out,in,kh,kw].",
       source="bilinear; V. Dumoulin, F. Visin, arXiv:1603.07285"),
    Op("conv2d_x", "a w like", ArrayFunction("filters.conv2d_x"), (), statics="stride=1 padding=0",
       vjp=("conv2d(g, w{statics})", "conv2d_w(a, g, w{statics})", None),
       array=Shaped(undoing.undone_by(placing.filtered), linear=("a", "w")),
       of_rules=True,
       doc="Each element of a spread by the filter over the places of the image that it came from.",
       source="the adjoint of conv2d in the image"),
    Op("conv2d_w", "a x like", ArrayFunction("filters.conv2d_w"), (), statics="stride=1 padding=0",
       vjp=("conv2d(x, g{statics})", "conv2d_x(a, g, x{statics})", None),
       array=Shaped(undoing.in_filter, linear=("a", "x")),
       of_rules=True,
       doc="The sums of products of a with what lies under each place of a filter like the third.",
       source="the adjoint of conv2d in the filter"),
)
