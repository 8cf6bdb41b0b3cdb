"""GAMS: equation bodies and assignments, with sets whose elements are listed.

From its user's guide, "Data Manipulations with Parameters" and "Equations", and the docstrings of GAMSPy 1.29, which
writes GAMS: names differ by more than case, `log` is natural, `errorf` is the normal distribution, a sign behind an
operator needs brackets (error 445), lags beyond the ends of a set are 0. A reading that these do not settle is refused:
chains of `**`, the sign of `mod` and the middles of `round`. There is no oracle that can be run, as GAMS asks for a
licence.
"""

from __future__ import annotations

from ..dialect import Dialect, functions
from ..terms import ATOM, BOTH, COMPARISONS, EITHER, NOT, OPERATORS, POWER, PRODUCT, OperatorForm

_FUNCTIONS = """
sqrt exp log log2 log10 sin cos tan sinh cosh tanh abs sign floor ceil trunc sigmoid gamma loggamma=lgamma: x
arcsin=asin arccos=acos arctan=atan sqr=square errorf=ndtr: x
arctan2=atan2 rpower=pow vcpower=pow cvpower=pow power=pow: x, y
min max: x, …
edist=hypot: x, y, …
ifthen=where: x, y, z
logbeta=lbeta beta binomial=binom: x, y
entropy(x) = -x*log(x)
centropy(x, y) = x*log((x + 1e-20)/(y + 1e-20))
centropy(x, y, z) = x*log((x + z)/(y + z))
signpower(x, y) = sign(x)*abs(x)^y
frac(x) = x - trunc(x)
fact(x) = gamma(x + 1)
boolnot(x) = x == 0
booland(x, y) = x != 0 and y != 0
boolor(x, y) = x != 0 or y != 0
boolxor(x, y) = (x != 0) != (y != 0)
"""
_WORDS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=", "=": "==", "<>": "!="}

GAMS = Dialect(
    "gams", "GAMS",
    {
        **{sign: form for sign, form in OPERATORS.items() if sign != "^"},
        "prefix -": OperatorForm("-{}", PRODUCT, (PRODUCT,)),
        **COMPARISONS,
        **{sign: COMPARISONS[ours]._replace(says=f"`{sign}` is `{ours}`") for sign, ours in _WORDS.items()},
        "**": OperatorForm("{}^{}", POWER, (ATOM, ATOM), "`**` is `^`"),
        "and": OperatorForm("{} and {}", BOTH, (BOTH, NOT), truth=True),
        "or": OperatorForm("{} or {}", EITHER, (EITHER, BOTH), truth=True),
        "xor": OperatorForm("boolxor({}, {})", ATOM, (0, 0), "`xor` is written out", truth=True),
        "prefix not": OperatorForm("not {}", NOT, (ATOM,), truth=True),
    },
    functions(_FUNCTIONS, "gams"), scope="earlier", folds=True,
    constants={"pi": "pi", "inf": "inf"},
    refused=dict.fromkeys(("uniform", "normal", "uniformint", "randbinomial"), "a value follows from the inputs alone")
    | dict.fromkeys(("eps", "na", "undf", "yes", "no"), "it is a special value of GAMS, which has no counterpart")
    | {
        "mod": "the sign of its answer for negative numbers is not documented",
        "round": "its answer in the middle of two numbers is not documented",
        "loop": "a loop has no counterpart",
    },
)  # fmt: skip

# Operators over sets: between the terms, and around them; the value over no element.
OVER = {"sum": ("(", " + ", ")", "0"), "prod": ("(", "*", ")", "1"), "smin": ("min(", ", ", ")", "inf"),
        "smax": ("max(", ", ", ")", "-inf")}  # fmt: skip
ORDINAL, CARDINAL = "ord", "card"
# Lines of the compiler that choose and name texts.
CHOICES = frozenset("if ifi ife set setglobal setlocal".split())
CONDITIONAL = ("where(", ", ", ", 0)")
