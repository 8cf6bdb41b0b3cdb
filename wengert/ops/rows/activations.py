"""Rows: the sigmoid, its relatives, and the activations of neural networks.

The rules of the exponential units take the exponential only where a is not above 0: elsewhere it may overflow while its
weight 1 - step(a) is 0. At 0 it belongs to the lower piece, and its weight 1/2 makes derivatives of every order the
mean. At an infinite argument the product rules of silu, gelu and mish have a term 0*inf, whose limit is 0.
"""

from __future__ import annotations

from ..floats import elementary, special
from ..row import Kink, Notation, Op, Rewrites
from .conditions import endless

ABOVE = "stop_gradient(a) > 0"
ENDLESS = endless("a")
SELU = f"{elementary.SELU_SCALE!r}*(step(a) + (1 - step(a))*{elementary.SELU_ALPHA!r}*exp(where({ABOVE}, 0, a)))"

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("sigmoid", "a", elementary.sigmoid, ("y*sigmoid(-a)",), ("expit", "logistic"),
       rewrites=Rewrites(
           fuses=("1/(1 + exp(-a)) -> sigmoid(a); exp(-a) overflows below -709, and its derivative is inf/inf there",
              "exp(a)/(1 + exp(a)) -> sigmoid(a); above 709 it is inf/inf",
              "1/(1 + exp(a)) -> sigmoid(-a); exp(a) overflows above 709, and the derivative is inf/inf there",
              "b/(1 + exp(-a)) -> b*sigmoid(a); as with 1 for b",
              "b/(1 + exp(a)) -> b*sigmoid(-a); as with 1 for b",
              "b*exp(a)/(1 + exp(a)) -> b*sigmoid(a); above 709 it is inf/inf",
              "1 - sigmoid(a) -> sigmoid(-a); where a is large the difference cancels")),
       notation=Notation(nl="where(a < 0, exp(a)/(1 + exp(a)), 1/(1 + exp(-a)))", latex=r"\sigma\left(#1\right)"),
       doc="1/(1 + exp(-a)), the logistic function.", source="1 - y = sigmoid(-a); y*(1 - y) would cancel"),
    Op("softshare", "a b", elementary.softshare, ("y*softshare(b, a)", "-y*softshare(b, a)"),
       rewrites=Rewrites(
           fuses=("exp(a)/(exp(a) + exp(b)) -> softshare(a, b); above 709 it is inf/inf",
                  "c*exp(a)/(exp(a) + exp(b)) -> c*softshare(a, b); above 709 it is inf/inf")),
       notation=Notation(nl="sigmoid(a - b)", latex=r"\sigma\left(#1 - #2\right)"),
       of_rules=True,
       doc="exp(a)/(exp(a) + exp(b)), the share of a in a softmax of two: sigmoid(a - b).", source="as the sigmoid"),
    Op("logit", "a", elementary.logit, ("1/(a*(1 - a))",), domain=("(0, 1)",),
       rewrites=Rewrites(
           fuses=("log(a/(1 - a)) -> logit(a); near a = 1/2 the quotient is rounded, and the logarithm shows it",)),
       notation=Notation(nl="log(a/(1 - a))", latex=r"\operatorname{logit}\left(#1\right)"),
       doc="log(a/(1 - a)), the inverse of the sigmoid.", source="1/a + 1/(1 - a)"),
    Op("softplus", "a", elementary.softplus, ("sigmoid(a)",),
       rewrites=Rewrites(
           fuses=("log(1 + exp(a)) -> softplus(a); exp(a) overflows above 709, and 1 + exp(a) is 1 below -37",
              "log1p(exp(a)) -> softplus(a); exp(a) overflows above 709",
              "(1 + exp(a))^b -> exp(b*softplus(a)); exp(a) overflows above 709, and the derivative is nan there",
              "c/exp(b*softplus(a)) -> c*exp(-b*softplus(a)); the power overflows where its inverse does not")),
       notation=Notation(nl="where(a > 0, a + log1p(exp(-a)), log1p(exp(a)))",
                         latex=r"\operatorname{softplus}\left(#1\right)"),
       doc="log(1 + exp(a)), a smooth relu.", source="chain rule"),
    Op("log_sigmoid", "a", elementary.log_sigmoid, ("sigmoid(-a)",),
       rewrites=Rewrites(fuses=("log(sigmoid(a)) -> log_sigmoid(a); sigmoid(a) is 0 below -745, and 1 above 37",)),
       notation=Notation(nl="-softplus(-a)", latex=r"\ln \sigma\left(#1\right)"),
       doc="log(sigmoid(a)) = -softplus(-a).", source="chain rule"),
    Op("relu", "a", elementary.relu, ("step(a)",), kinks=(Kink("a == 0", "kink", "the mean of 0 and 1 is used"),),
       selects=True, notation=Notation(nl="max(a, 0)", latex=r"\operatorname{relu}\left(#1\right)"), ulps=0,
       doc="max(a, 0).", source="by pieces; Nair and Hinton 2010"),
    Op("leaky_relu", "a slope", elementary.leaky_relu, (f"where({ABOVE}, 1, step(a) + (1 - step(a))*slope)",
       "min(a, 0)"), kinks=(Kink("a == 0 and slope != 1", "kink", "the mean of the slope and 1 is used"),),
       notation=Notation(nl="where(a > 0, a, slope*a)", latex=r"\operatorname{leakyrelu}\left(#1, #2\right)"), ulps=0.5,
       doc="a above 0, slope*a below.", source="by pieces; Maas, Hannun and Ng 2013"),
    Op("elu", "a alpha", elementary.elu,
       (f"where({ABOVE}, 1, step(a) + (1 - step(a))*alpha*exp(a))", f"(1 - step(a))*expm1(where({ABOVE}, 0, a))"),
       kinks=(Kink("a == 0 and alpha != 1", "kink", "the mean of alpha and 1 is used"),),
       notation=Notation(nl="where(a > 0, a, alpha*expm1(a))", latex=r"\operatorname{elu}\left(#1, #2\right)"),
       doc="a above 0, alpha*(exp(a) - 1) below.",
       source="by pieces; Clevert, Unterthiner and Hochreiter 2015. Where exp(a) is subnormal, with its digits"),
    Op("selu", "a", elementary.selu, (SELU,), kinks=(Kink("a == 0", "kink", "the mean of the two slopes is used"),),
       notation=Notation(nl=f"{elementary.SELU_SCALE!r}*where(a > 0, a, {elementary.SELU_ALPHA!r}*expm1(a))",
                         latex=r"\operatorname{selu}\left(#1\right)"),
       doc="elu with the two constants that keep mean 0 and variance 1.",
       source="by pieces; Klambauer, Unterthiner, Mayr and Hochreiter 2017"),
    Op("silu", "a", elementary.silu, (f"where({ENDLESS}, sigmoid(a), sigmoid(a) + y*sigmoid(-a))",), ("swish",),
       rewrites=Rewrites(
           fuses=("a*sigmoid(a) -> silu(a); sigmoid(a) is subnormal below -708, and a*sigmoid(a) is 0*inf at -inf",
                  "a*exp(a)/(1 + exp(a)) -> silu(a); above 709 it is inf/inf")),
       notation=Notation(nl="a*sigmoid(a)", latex=r"\operatorname{silu}\left(#1\right)"),
       doc="a*sigmoid(a).",
       source="product rule, whose terms cancel beside their zero, a = -1.278; Elfwing, Uchibe and Doya 2017"),
    Op("gelu", "a", special.gelu, (f"where({ENDLESS}, ndtr(a), ndtr(a) + a*normpdf(a))",),
       rewrites=Rewrites(fuses=("a*ndtr(a) -> gelu(a); ndtr(a) is subnormal below -37",)),
       notation=Notation(latex=r"\operatorname{gelu}\left(#1\right)"),
       doc="a*ndtr(a), exactly (no tanh).",
       source="product rule, whose terms cancel beside their zero, a = -0.752; where normpdf is subnormal, with its "
              "digits; Hendrycks and Gimpel 2016"),
    Op("mish", "a", elementary.mish,
       (f"where({ENDLESS}, tanh(softplus(a)), tanh(softplus(a)) + silu(a)*square(sech(softplus(a))))",),
       rewrites=Rewrites(fuses=("a*tanh(softplus(a)) -> mish(a); one op for three",)),
       notation=Notation(nl="a*tanh(softplus(a))", latex=r"\operatorname{mish}\left(#1\right)"),
       doc="a*tanh(softplus(a)).", source="product rule, whose terms cancel beside their zero, a = -1.192; Misra 2019"),
    Op("softsign", "a", elementary.softsign, ("square(1/(1 + abs(a)))",),
       rewrites=Rewrites(fuses=("a/(1 + abs(a)) -> softsign(a); at an infinity it is inf/inf",)),
       notation=Notation(nl="a/(1 + abs(a))", latex=r"\operatorname{softsign}\left(#1\right)"),
       doc="a/(1 + |a|).", source="quotient rule; the square last, as (1 + |a|)^2 overflows"),
)
