"""Rows: comparisons and logic. Any number but 0, nan included, counts as true; the value is 1 or 0."""

from __future__ import annotations

from ..floats import elementary
from ..row import Kink, Notation, Op, Rewrites

FLIPS = (Kink("a == b", "jump", "the comparison flips here"),)

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("lt", "a b", elementary.lt, (None, None), ("less",), kinks=FLIPS, boolean=True, strict="lt", loose="le",
       notation=Notation(nl=22, infix="<", binds=5, latex="#1 < #2"), ulps=0,
       doc="Whether a is less than b.", source="by definition"),
    Op("le", "a b", elementary.le, (None, None), ("less_equal",), kinks=FLIPS, boolean=True, strict="lt", loose="le",
       notation=Notation(nl=23, infix="<=", binds=5, latex=r"#1 \leq #2"), ulps=0,
       doc="Whether a is at most b.", source="by definition"),
    Op("gt", "a b", elementary.gt, (None, None), ("greater",), kinks=FLIPS, boolean=True, strict="gt", loose="ge",
       notation=Notation(nl=29, infix=">", binds=5, latex="#1 > #2"), ulps=0,
       doc="Whether a is greater than b.", source="by definition"),
    Op("ge", "a b", elementary.ge, (None, None), ("greater_equal",), kinks=FLIPS, boolean=True, strict="gt", loose="ge",
       notation=Notation(nl=28, infix=">=", binds=5, latex=r"#1 \geq #2"), ulps=0,
       doc="Whether a is at least b.", source="by definition"),
    Op("eq", "a b", elementary.eq, (None, None), ("equal",), kinks=FLIPS, boolean=True,
       rewrites=Rewrites(commutes=True), notation=Notation(nl=24, infix="==", binds=5, latex="#1 = #2"), ulps=0,
       doc="Whether a equals b.", source="by definition"),
    Op("ne", "a b", elementary.ne, (None, None), ("not_equal",), kinks=FLIPS, boolean=True,
       rewrites=Rewrites(commutes=True), notation=Notation(nl=30, infix="!=", binds=5, latex=r"#1 \neq #2"), ulps=0,
       doc="Whether a differs from b.", source="by definition"),
    Op("logical_and", "a b", elementary.logical_and, (None, None), boolean=True, monotone="+ +",
       rewrites=Rewrites(exact=("p and 1 -> p", "p and p -> p", "a and 0 -> 0"), commutes=True),
       notation=Notation(nl=21, infix="and", binds=3, latex=r"#1 \land #2"), ulps=0,
       doc="Whether both hold.", source="by definition"),
    Op("logical_or", "a b", elementary.logical_or, (None, None), boolean=True, monotone="+ +",
       rewrites=Rewrites(exact=("p or 0 -> p", "p or p -> p", "a or 1 -> 1"), commutes=True),
       notation=Notation(nl=20, infix="or", binds=2, latex=r"#1 \lor #2"), ulps=0,
       doc="Whether one at least holds.", source="by definition"),
    Op("logical_not", "a", elementary.logical_not, (None,), boolean=True, monotone="-",
       rewrites=Rewrites(exact=("not not p -> p", "not (a == b) -> a != b", "not (a != b) -> a == b")),
       notation=Notation(nl=34, infix="not", binds=4, latex=r"\lnot #1"), ulps=0,
       doc="Whether a does not hold.", source="by definition"),
    Op("isnan", "a", elementary.isnan, (None,), boolean=True,
       notation=Notation(nl="a != a", latex=r"\operatorname{isnan}\left(#1\right)"), ulps=0,
       doc="Whether a is nan.", source="by definition"),
    Op("isinf", "a", elementary.isinf, (None,), boolean=True,
       notation=Notation(nl="abs(a) > 1.7976931348623157e308", latex=r"\operatorname{isinf}\left(#1\right)"), ulps=0,
       doc="Whether a is infinite.", source="by definition"),
    Op("isfinite", "a", elementary.isfinite, (None,), boolean=True,
       notation=Notation(nl="abs(a) <= 1.7976931348623157e308",
                         latex=r"\operatorname{isfinite}\left(#1\right)"), ulps=0,
       doc="Whether a is neither infinite nor nan.", source="by definition"),
)
