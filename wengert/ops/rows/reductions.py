"""Rows: reductions of arrays, and ops that accumulate along an axis.

The rules of a product do not divide. The product of all other factors is the product of the factors before times the
product of the factors after (`product_before`); its derivatives are linear recurrences, and so are theirs. In the rules
of the softmax family no 1 - y cancels where y is almost 1: the adjoints of a line sum to 0, so the adjoint of the
largest element is computed from the others (`balance_largest`).
"""

from __future__ import annotations

from ..parameters import ArrayFunction
from ..row import Kink, Notation, Op, Rewrites, Shaped
from ..shapes import adjoints, dimensions, placing

NUMPY = "by definition; as in NumPy"
REDUCED = "axis=none keepdims=0"
BESIDE = "the derivative of the pieces beside it is used"
TIED = "the equal elements share the derivative equally"
SCORES = "balance_largest(spread(g, a{axis}{keepdims})*(softmax(a{axis})*sum(p{axis}, keepdims=1) - p), a{axis})"
CANCELS = "the difference cancels at the largest"
OVERFLOWS = "the exponentials overflow above 709 and vanish below -745"


def _along(text: str, reason: str) -> tuple[str, ...]:
    """The patterns for all elements and for the common axes. `{axis}` in the text comes last among the arguments."""
    return tuple(
        f"{text.replace('{axis}', f', axis={k}' if k else '')}; {reason}" for k in ("", "0", "1", "-1")
    )  # fmt: skip


def _ranked(q: str) -> str:
    """The vjp rule of a rank: the weights of the sorted elements, moved back to where the elements were."""
    return ("u = lined(a{axis})\n"
            f"w = where(stop_gradient(quantile_weights({q}, u)) != 0, lined(spread(g, a{{axis}}{{keepdims}}){{axis}})"
            f"*quantile_weights({q}, u), 0)\n"
            "unlined(take_along_axis(share_runs(w, sort(u)), argsort(argsort(u))), a{axis})")  # fmt: skip


def _tied(q: str) -> Kink:
    """The kink where elements of different weights are equal."""
    when = (f"u = lined(a{{axis}})\nw = quantile_weights({q}, u) + zeros_like(u)\n"
            "share_runs(w, sort(u)) != w")  # fmt: skip
    return Kink(when, "tie", TIED, "a")


# fmt: off
ROWS: tuple[Op, ...] = (
    # Products
    Op("prod", "a", ArrayFunction("reductions.product"), (), statics=REDUCED, vjp=("u = lined(a{axis})\n"
            "spread(g, a{statics})*unlined(product_before(u)"
            "*flip(product_before(flip(u, axis=-1)), axis=-1), a{axis})",), array=Shaped(dimensions.reduced),
       notation=Notation(latex=r"\prod#s #1"),
       doc="The product of the elements, or of those along some axes.",
       source="the product of the other factors: of those before times of those after; nothing is divided"),
    Op("product_before", "a", ArrayFunction("reductions.before"), (),
       vjp=("advanced(recur_back(delayed(a), g)*delayed(y))",), array=Shaped(adjoints.lines),
       of_rules=True,
       doc="The products of the elements before each, along the last axis.",
       source="y_k = a_(k-1) y_(k-1), a linear recurrence"),
    Op("recur", "a b", ArrayFunction("reductions.recur"), (), vjp=("recur_back(a, g)*delayed(y)", "recur_back(a, g)"),
       array=Shaped(adjoints.lines),
       of_rules=True,
       doc="The linear recurrence y_k = b_k + a_k y_(k-1) along the last axis, from y_0 = b_0.",
       source="adjoint equations; Griewank and Walther, Evaluating Derivatives, section 3.2"),
    Op("recur_back", "a b", ArrayFunction("reductions.recur_back"), (), vjp=("delayed(recur(a, g))*y", "recur(a, g)"),
       array=Shaped(adjoints.lines),
       of_rules=True,
       doc="The linear recurrence y_k = b_k + a_(k+1) y_(k+1) along the last axis, from its end.",
       source="the adjoint of recur"),
    Op("delayed", "a", ArrayFunction("reductions.delay"), (), vjp=("advanced(g)",),
       array=Shaped(adjoints.lines, linear=("a",), moves="some"), ulps=0,
       of_rules=True,
       doc="Each element one place later along the last axis, after a 0.", source="by definition"),
    Op("advanced", "a", ArrayFunction("reductions.advance"), (), vjp=("delayed(g)",),
       array=Shaped(adjoints.lines, linear=("a",), moves="some"), ulps=0,
       of_rules=True,
       doc="Each element one place earlier along the last axis, before a 0.", source="the adjoint of delayed"),
    Op("cumsum", "a", ArrayFunction("reductions.cumsum"), (), statics="axis=none",
       vjp=("unlined(flip(cumsum(flip(lined(g{axis}), axis=-1), axis=-1), axis=-1), a{axis})",),
       array=Shaped(placing.accumulated, linear=("a",), moves="all"),
       doc="The sums of the elements up to each, along an axis, or of all row by row.", source="linear"),
    Op("cumprod", "a", ArrayFunction("reductions.cumprod"), (), statics="axis=none",
       vjp=("u = lined(a{axis})\nunlined(recur_back(u, lined(g{axis}))*product_before(u), a{axis})",),
       array=Shaped(placing.accumulated),
       doc="The products of the elements up to each, along an axis, or of all row by row.",
       source="y_k = a_k y_(k-1), a linear recurrence; nothing is divided"),

    # Moments
    Op("extent", "a", ArrayFunction("reductions.count"), (), statics="axis=none ddof=0", vjp=(None,),
       array=Shaped(dimensions.counted), ulps=0,
       of_rules=True, notation=Notation(said=(("1", "len(a) - {ddof}"),)),
       doc="How many elements there are along some axes, or in all, less ddof.", source="by definition"),
    Op("mean", "a", ArrayFunction("reductions.mean"), (), provided="extent(a{axis}) > 0", statics=REDUCED,
       vjp=("spread(g, a{statics})/extent(a{axis})",), array=Shaped(dimensions.reduced, linear=("a",), moves="all"),
       notation=Notation(latex=r"\overline{#1}#s"), remedy="there must be an element at least",
       doc="The mean of the elements, or of those along some axes; nan of none.", source="linear"),
    Op("centred", "a", ArrayFunction("reductions.centred"), (), statics="axis=none", vjp=("centred(g{axis})",),
       array=Shaped(placing.turned, linear=("a",)), of_rules=True,
       notation=Notation(latex=r"\left(#1 - \overline{#1}\right)", said=(("1", "a - mean(a)"),)),
       doc="The differences of the elements from their mean.", source="a symmetric projection"),
    Op("var", "a", ArrayFunction("reductions.var"), (), ("variance",), provided="extent(a{axis}{ddof}) > 0",
       statics="axis=none ddof=0 keepdims=0",
       vjp=("2*spread(g, a{axis}{keepdims})*centred(a{axis})/extent(a{axis}{ddof})",), array=Shaped(placing.varied),
       rewrites=Rewrites(
           fuses=("mean(a^2) - mean(a)^2 -> var(a); "
                  "the difference cancels where the mean is large beside the spread",)),
       notation=Notation(latex=r"\operatorname{var}#s\left(#1\right)"), remedy="there must be more elements than ddof",
       doc="The variance: the mean square of the differences from the mean; the divisor is the count less ddof.",
       source="T. F. Chan, G. H. Golub, R. J. LeVeque, American Statistician 37, 1983: two passes"),
    Op("std", "a", ArrayFunction("reductions.std"), (), provided="extent(a{axis}{ddof}) > 0",
       kinks=(Kink("y == 0 and extent(a{axis}) > 1", "kink", "the mean over all directions, 0, is used"),),
       statics="axis=none ddof=0 keepdims=0",
       vjp=("spread(where(stop_gradient(y) == 0, 0, g/y), a{axis}{keepdims})*centred(a{axis})/extent(a{axis}{ddof})",),
       array=Shaped(placing.varied),
       rewrites=Rewrites(fuses=("sqrt(var(a)) -> std(a); the root has no derivative at 0",)),
       notation=Notation(latex=r"\operatorname{std}#s\left(#1\right)"), remedy="there must be more elements than ddof",
       doc="The standard deviation: the root of the variance.", source="y^2 = var(a), differentiated"),

    # Exponentials
    Op("logsumexp", "a", ArrayFunction("reductions.logsumexp"), (), statics=REDUCED,
       vjp=("spread(g, a{statics})*softmax(a{axis})",), array=Shaped(dimensions.reduced, apart="taken_apart.logsumexp"),
       rewrites=Rewrites(fuses=(*_along("log(sum(exp(a){axis})) -> logsumexp(a{axis})", OVERFLOWS),
              *_along("log(sum(exp(a){axis}, keepdims=1)) -> logsumexp(a{axis}, keepdims=1)", OVERFLOWS),
              "log(mean(exp(a))) -> logsumexp(a) - log(extent(a)); " + OVERFLOWS,
              "amax(a) + logsumexp(a - amax(a)) -> logsumexp(a); one op, and max has ties")),
       notation=Notation(latex=r"\ln \sum#s e^{#1}"),
       doc="log(sum(exp(a))), without overflow on the way.",
       source="P. Blanchard, D. J. Higham, N. J. Higham, IMA J. Numer. Anal. 41, 2021"),
    Op("softmax", "a", ArrayFunction("reductions.softmax"), (), statics="axis=none",
       vjp=("balance_largest(y*(g - sum(g*y{axis}, keepdims=1)), a{axis})",),
       array=Shaped(placing.turned, apart="taken_apart.softmax"),
       rewrites=Rewrites(
           fuses=("exp(a)/sum(exp(a)) -> softmax(a); the exponentials overflow above 709 and vanish below -745",
              "exp(a - amax(a))/sum(exp(a - amax(a))) -> softmax(a); one op, and max has ties",
              *_along("exp(a)/sum(exp(a){axis}, keepdims=1) -> softmax(a{axis})", OVERFLOWS))),
       notation=Notation(latex=r"\operatorname{softmax}#s\left(#1\right)"),
       doc="exp(a)/sum(exp(a)), over all elements or along some axes, without overflow on the way.",
       source="as logsumexp; the derivatives sum to 0"),
    Op("log_softmax", "a", ArrayFunction("reductions.log_softmax"), (), statics="axis=none",
       vjp=("balance_largest(g - sum(g{axis}, keepdims=1)*softmax(a{axis}), a{axis})",),
       array=Shaped(placing.turned, apart="taken_apart.log_softmax"),
       rewrites=Rewrites(
           fuses=(*_along("log(softmax(a{axis})) -> log_softmax(a{axis})", "shares that vanish have their logarithms"),
              "a - logsumexp(a) -> log_softmax(a); " + CANCELS,
              *_along("a - logsumexp(a{axis}, keepdims=1) -> log_softmax(a{axis})", CANCELS))),
       notation=Notation(latex=r"\ln \operatorname{softmax}#s\left(#1\right)"),
       doc="log(softmax(a)), over all elements or along some axes.", source="as logsumexp; the derivatives sum to 0"),
    Op("balance_largest", "a b", ArrayFunction("reductions.balance_largest"), (), statics="axis=none",
       vjp=("less_largest(g, b{axis})", None),
       array=Shaped(adjoints.both_turned, linear=("a",), apart="taken_apart.balance_largest"),
       of_rules=True, notation=Notation(said=(("1 1", "a"),)),
       doc="a, but where b is largest what makes the sum 0.", source="by definition"),
    Op("less_largest", "a b", ArrayFunction("reductions.less_largest"), (), statics="axis=none",
       vjp=("balance_largest(g, b{axis})", None),
       array=Shaped(adjoints.both_turned, linear=("a",), apart="taken_apart.less_largest"),
       of_rules=True,
       doc="a less its element where b is largest.", source="the adjoint of balance_largest"),
    Op("softmax_cross_entropy", "a p", ArrayFunction("reductions.softmax_cross_entropy"), (),
       statics="axis=-1 keepdims=0", vjp=(SCORES, "-spread(g, a{axis}{keepdims})*log_softmax(a{axis})"),
       array=Shaped(placing.entropy, apart="taken_apart.softmax_cross_entropy"),
       doc="-sum(p*log_softmax(a)): the cross entropy of scores a and shares p, such as a one-hot class.",
       source="chain rule; the derivatives sum to 0"),
    Op("softmax_cross_entropy_at", "a k", ArrayFunction("reductions.softmax_cross_entropy_at"), (),
       ("softmax_cross_entropy_with_integer_labels",), statics="axis=-1", vjp=("h = expand_dims(k{axis})\n"
            "balance_largest(spread(g, a{axis})*(softmax(a{axis}) - put_along_axis(zeros_like(h) + 1, h, a{axis})), "
            "a{axis})", None), array=Shaped(placing.classed, apart="taken_apart.softmax_cross_entropy_at"),
       doc="The cross entropy of scores a and the number k of a class.", source="as softmax_cross_entropy"),

    # Truth values and places
    Op("any", "a", ArrayFunction("reductions.any_of"), (), boolean=True, statics=REDUCED, vjp=(None,),
       array=Shaped(dimensions.reduced, apart="taken_apart.any_of"), ulps=0,
       doc="1 where an element is not 0, else 0.", source=NUMPY),
    Op("all", "a", ArrayFunction("reductions.all_of"), (), boolean=True, statics=REDUCED, vjp=(None,),
       array=Shaped(dimensions.reduced, apart="taken_apart.all_of"), ulps=0,
       doc="1 where no element is 0, else 0.", source=NUMPY),
    Op("argmax", "a", ArrayFunction("reductions.argmax"), (), statics=REDUCED, vjp=(None,),
       array=Shaped(dimensions.chosen, apart="taken_apart.argmax"), ulps=0,
       doc="The place of the largest element, the first of equal ones.", source=NUMPY),
    Op("argmin", "a", ArrayFunction("reductions.argmin"), (), statics=REDUCED, vjp=(None,),
       array=Shaped(dimensions.chosen, apart="taken_apart.argmin"), ulps=0,
       doc="The place of the smallest element, the first of equal ones.", source=NUMPY),

    # Ranks
    Op("median", "a", ArrayFunction("reductions.median"), (), kinks=(_tied("0.5"),), statics=REDUCED,
       vjp=(_ranked("0.5"),), array=Shaped(dimensions.chosen, apart="taken_apart.median", values=True),
       doc="The middle element in rising order, or the mean of the two in the middle.", source="by pieces"),
    Op("quantile", "a q", ArrayFunction("reductions.quantile"), (), provided="q >= 0 and q <= 1", kinks=(_tied("q"),
              Kink("q*(extent(a{axis}) - 1) == floor(q*(extent(a{axis}) - 1)) and extent(a{axis}) > 1", "kink",
                   "the mean of the slopes beside it is used", "q")), statics=REDUCED, vjp=(_ranked("q"),
            "u = lined(a{axis})\n"
            "w = where(stop_gradient(quantile_slopes(q, u)) != 0, sort(u)*quantile_slopes(q, u), 0)\n"
            "sum(g*reshape_like(sum(w, axis=-1), g))"),
       array=Shaped(placing.ranked, apart="taken_apart.quantile", values=True),
       doc="The value below which a part q of the elements lies; between two elements by a straight line.",
       source="R. J. Hyndman, Y. Fan, American Statistician 50, 1996: definition 7"),
    Op("quantile_weights", "q a", ArrayFunction("reductions.quantile_weights"), (),
       vjp=("sum(g*quantile_slopes(q, a))", None),
       array=Shaped(placing.last_axis, apart="taken_apart.quantile_weights", values=True),
       of_rules=True,
       doc="The weights of the elements in rising order whose sum is the quantile, along the last axis.",
       source="by definition"),
    Op("quantile_slopes", "q a", ArrayFunction("reductions.quantile_slopes"), (), vjp=(None,
       None), array=Shaped(placing.last_axis, apart="taken_apart.quantile_slopes", values=True), ulps=0,
       of_rules=True,
       doc="The derivatives of the weights of a quantile in q; on an element, the mean of those beside it.",
       source="by pieces"),
)
