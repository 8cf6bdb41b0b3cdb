"""Rows: piecewise functions, and the ops that decide the derivative at a kink in their rules.

At a kink a rule gives the mean of the derivatives of the pieces that meet there. It uses `step`, `sign`, `share` and
`share_least` for this. Each of these has one-sided variants, which replace it when the left or the right derivative is
asked for. A rule that needs a sign or a choice without this decision uses `copysign` or `where`.
"""

from __future__ import annotations

import math

from ..floats import elementary
from ..row import Kink, Notation, Op, Rewrites
from .conditions import endless

BESIDE = "the derivative of the pieces beside it is used"
TIED = "the equal arguments share the derivative equally"
ONE_JOINT = "one joint, which has the sides of a, in place of joints that have sides of their own"
JUMP = (Kink("a == 0", "jump", BESIDE),)

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("abs", "a", math.fabs, ("sign(a)",), ("fabs", "absolute", "Abs"),
       kinks=(Kink("a == 0", "kink", "the mean of -1 and 1 is used"),),
       rewrites=Rewrites(
           exact=("abs(-a) -> abs(a)", "abs(abs(a)) -> abs(a)"),
           fuses=("sqrt(a^2) -> abs(a); the square overflows and underflows, and its root has no derivative at 0",
              "(a^2)^0.5 -> abs(a); the square overflows and underflows, and its root has no derivative at 0",
              *(f"{text} -> abs(a); {ONE_JOINT}" for text in
                ("max(a, -a)", "-min(a, -a)", "relu(a) + relu(-a)", "a*sign(a)")))),
       notation=Notation(nl=15, latex=r"\left|#1\right|"), ulps=0,
       doc="Absolute value.", source="by pieces"),
    Op("sign", "a", elementary.sign, (None,), ("sgn", "signum"), kinks=JUMP, left="sign_left", right="sign_right",
       notation=Notation(nl="where(a > 0, 1, where(a < 0, -1, a))", latex=r"\operatorname{sgn}\left(#1\right)"), ulps=0,
       doc="-1, 0 or 1 by the sign of a.", source="by pieces"),
    Op("step", "a", elementary.step, (None,), ("heaviside",), kinks=JUMP, left="step_left", right="step_right",
       notation=Notation(nl="where(a == 0, 1/2, a > 0)", latex=r"H\left(#1\right)"), ulps=0,
       doc="0 below 0, 1 above, 1/2 at 0: Heaviside's step.", source="by pieces"),
    Op("copysign", "a b", math.copysign, ("copysign(1, b)*sign(a)", None),
       kinks=(Kink("a == 0", "kink", "the mean of -1 and 1 is used", "a"), Kink("b == 0", "jump", BESIDE, "b")),
       notation=Notation(nl="where(b < 0, -abs(a), abs(a))",
                         latex=r"\operatorname{copysign}\left(#1, #2\right)"), ulps=0,
       doc="The magnitude of a with the sign of b.", source="by pieces"),
    Op("floor", "a", elementary.floor, (None,), kinks=(Kink("y == a", "jump", BESIDE),),
       notation=Notation(nl=13, latex=r"\left\lfloor #1 \right\rfloor"), ulps=0,
       doc="The largest integer not above a.", source="by pieces"),
    Op("ceil", "a", elementary.ceil, (None,), ("ceiling",), kinks=(Kink("y == a", "jump", BESIDE),),
       notation=Notation(nl=14, latex=r"\left\lceil #1 \right\rceil"), ulps=0,
       doc="The smallest integer not below a.", source="by pieces"),
    Op("round", "a", elementary.rint, (None,), ("rint",), kinks=(Kink("abs(a - y) == 0.5", "jump", BESIDE),),
       notation=Notation(nl="where(a - floor(a) == 1/2, 2*floor((a + 1/2)/2), "
                            "where(a - floor(a) < 1/2, floor(a), ceil(a)))",
                         latex=r"\operatorname{round}\left(#1\right)"), ulps=0,
       doc="The nearest integer, halves to the even one.", source="by pieces"),
    Op("trunc", "a", elementary.trunc, (None,), ("fix",), kinks=(Kink("y == a and a != 0", "jump", BESIDE),),
       notation=Notation(nl="where(a < 0, ceil(a), floor(a))", latex=r"\operatorname{trunc}\left(#1\right)"), ulps=0,
       doc="The integer part, towards 0.", source="by pieces"),
    Op("max", "*a", elementary.largest, ("share(y, a, ties(y, ...))",), ("maximum", "Max"),
       kinks=(Kink("ties(y, ...) > 1", "tie", TIED),), selects=True,
       rewrites=Rewrites(exact=("max(a, a) -> a",), commutes=True),
       notation=Notation(nl=12, latex=r"\max\left(#*\right)"),
       ulps=0,
       doc="The largest of any number of arguments; nan if one is nan.", source="by pieces; tied arguments share"),
    Op("min", "*a", elementary.smallest, ("share_least(y, a, ties(y, ...))",), ("minimum", "Min"),
       kinks=(Kink("ties(y, ...) > 1", "tie", TIED),), selects=True,
       rewrites=Rewrites(exact=("min(a, a) -> a",), commutes=True),
       notation=Notation(nl=11, latex=r"\min\left(#*\right)"),
       ulps=0,
       doc="The smallest of any number of arguments; nan if one is nan.", source="by pieces; tied arguments share"),
    Op("clip", "a lo hi", elementary.clip,
       ("share(max(a, lo), a, ties(max(a, lo), a, lo))*share_least(y, max(a, lo), ties(y, max(a, lo), hi))",
        "share(max(a, lo), lo, ties(max(a, lo), a, lo))*share_least(y, max(a, lo), ties(y, max(a, lo), hi))",
        "share_least(y, hi, ties(y, max(a, lo), hi))"), ("clamp",),
       kinks=(Kink("a == lo and lo <= hi or max(a, lo) == hi", "tie", TIED),), selects=True,
       notation=Notation(nl="min(max(a, lo), hi)", latex=r"\operatorname{clip}\left(#1, #2, #3\right)"), ulps=0,
       doc="a kept within lo and hi: min(max(a, lo), hi).", source="the chain rule for min(max(a, lo), hi)"),
    Op("where", "c a b", elementary.where, (None, "c != 0", "c == 0"), ("ifelse",), selects=True,
       shares=(None, "a", "b"), monotone="? + +",
       rewrites=Rewrites(exact=("where(c, a, a) -> a", "where(not c, a, b) -> where(c, b, a)", "where(p, 1, 0) -> p",
              "where(p, 0, 1) -> not p")),
       notation=Notation(nl=35, latex=r"\begin{cases} #2 & \text{if } #1 \\ #3 & \text{otherwise} \end{cases}"), ulps=0,
       doc="a where c holds (is not 0), b where it does not.", source="by pieces"),
    Op("gate", "c a", elementary.gate, (f"where({endless('a')} and stop_gradient(c) == 0, 0, a)", "c"),
       kinks=(Kink("c == 0 and a - a != 0", "jump", "it is shut at 0, and the derivative there is 0", "c"),),
       selects=True, notation=Notation(nl="where(c == 0, 0, c*a)", latex=r"#1 \cdot #2"), ulps=0.5,
       of_rules=True,
       doc="c*a; where c is 0 it is 0 whatever a is, infinite or nan: what c lets through of a.",
       source="by pieces; what an argument that was not taken gets of an adjoint"),
    Op("stop_gradient", "a", elementary.copy, (None,), ("detach", "stopgrad"), notation=Notation(latex="#1"), ulps=0,
       doc="Its argument, which the derivative takes for a constant.", source="by definition"),

    # The one-sided variants, and the shares of max and min.
    Op("step_left", "a", elementary.step_left, (None,), kinks=JUMP, notation=Notation(latex=r"H_{-}\left(#1\right)"),
       ulps=0,
       of_rules=True,
       doc="0 below 0 and at it, 1 above.", source="by pieces"),
    Op("step_right", "a", elementary.step_right, (None,), kinks=JUMP, notation=Notation(latex=r"H_{+}\left(#1\right)"),
       ulps=0,
       of_rules=True,
       doc="0 below 0, 1 at it and above.", source="by pieces"),
    Op("sign_left", "a", elementary.sign_left, (None,), kinks=JUMP,
       notation=Notation(latex=r"\operatorname{sgn}_{-}\left(#1\right)"), ulps=0,
       of_rules=True,
       doc="-1 below 0 and at it, 1 above.", source="by pieces"),
    Op("sign_right", "a", elementary.sign_right, (None,), kinks=JUMP,
       notation=Notation(latex=r"\operatorname{sgn}_{+}\left(#1\right)"), ulps=0,
       of_rules=True,
       doc="-1 below 0, 1 at it and above.", source="by pieces"),
    Op("share", "m a k", elementary.share, (None, None, None), kinks=(Kink("a == m and k > 1", "jump", BESIDE),),
       left="share_sole", right="share_all", notation=Notation(latex=r"\operatorname{share}\left(#*\right)"), ulps=0.5,
       of_rules=True,
       doc="1/k where a equals m, else 0: the share of a in a maximum m that k arguments reach.",
       source="the mean of the gradients of the tied arguments"),
    Op("share_least", "m a k", elementary.share, (None, None, None), kinks=(Kink("a == m and k > 1", "jump", BESIDE),),
       left="share_all", right="share_sole", notation=Notation(latex=r"\operatorname{share}\left(#*\right)"), ulps=0.5,
       of_rules=True,
       doc="The share of a in a minimum m that k arguments reach: as share, with the sides changed.",
       source="a minimum follows the tied argument that falls, a maximum the one that rises"),
    Op("share_sole", "m a k", elementary.share_sole, (None, None, None),
       notation=Notation(latex=r"\operatorname{share}_{=1}\left(#*\right)"), ulps=0,
       of_rules=True,
       doc="1 where a equals m and k is 1; else 0.", source="one-sided derivative at a tie"),
    Op("share_all", "m a k", elementary.share_all, (None, None, None),
       notation=Notation(latex=r"\operatorname{share}_{\geq 1}\left(#*\right)"), ulps=0,
       of_rules=True,
       doc="1 where a equals m, whatever k; else 0.", source="one-sided derivative at a tie"),
    Op("ties", "m *a", elementary.ties, (None, None), notation=Notation(latex=r"\operatorname{ties}\left(#*\right)"),
       ulps=0,
       of_rules=True,
       doc="How many of a equal m.", source="by definition"),
)
