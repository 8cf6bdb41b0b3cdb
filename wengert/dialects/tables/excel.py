"""Formulas of Excel and of other spreadsheets: single ones, or cells that read each other in any order.

From Microsoft's documentation of operators and functions, and from running the package `formulas` 1.3: a sign binds
more tightly than `^`, so -2^2 is 4; 2^3^2 is 64; `=` compares. A range is an
argument of a function alone, and every cell of it a number.
"""

from __future__ import annotations

from ..dialect import Dialect, functions
from ..terms import ATOM, COMPARISON, COMPARISONS, OPERATORS, PRODUCT, SUM, OperatorForm, Term

_FUNCTIONS = """
SQRT=sqrt EXP=exp LN=log LOG10=log10 SIN=sin COS=cos TAN=tan SINH=sinh COSH=cosh TANH=tanh ABS=abs SIGN=sign: x
ASIN=asin ACOS=acos ATAN=atan ASINH=asinh ACOSH=acosh ATANH=atanh RADIANS=deg2rad DEGREES=rad2deg INT=floor: x
SEC=sec CSC=csc COT=cot GAMMA=gamma GAMMALN=lgamma ERF=erf ERFC=erfc NORMSDIST=ndtr NORMSINV=ndtri NORM.S.INV=ndtri: x
ATANH=atanh: x
POWER=pow MOD=mod: x, y
MAX=max MIN=min: x, …
IF=where: x, y, z
PI() = pi
TRUE() = (1 == 1)
FALSE() = (1 == 0)
LOG(x) = log10(x)
LOG(x, y) = log(x)/log(y)
ATAN2(x, y) = atan2(y, x)
TRUNC(x) = trunc(x)
ROUND(x, y) = sign(x)*floor(abs(x)*10^y + 0.5)/10^y
FACT(x) = gamma(floor(x) + 1)
NOT(x) = not x
"""
_DIGITS = "`{}` is `{}` of all digits; Excel compares 15"
# Functions of all the values of ranges and of single cells, as functions of an array or as sums of terms.
REDUCED = {
    "AVERAGE": "mean([{}])", "MEDIAN": "median([{}])", "GEOMEAN": "exp(mean(log([{}])))",
    "VAR": "var([{}], ddof=1)", "VAR.S": "var([{}], ddof=1)", "VARP": "var([{}])", "VAR.P": "var([{}])",
    "STDEV": "std([{}], ddof=1)", "STDEV.S": "std([{}], ddof=1)", "STDEVP": "std([{}])", "STDEV.P": "std([{}])",
}  # fmt: skip
SQUARES, PRODUCTS, COUNT = "SUMSQ", "SUMPRODUCT", "COUNT"
_FOLDED = {"SUM": "+", "PRODUCT": "*", "AND": " and ", "OR": " or "}


def _plain(name: str) -> str:
    """A cell without the marks of an absolute place, in capitals, as case does not tell cells apart."""
    return name.replace("$", "").replace("'", "").upper()


def _check(sign: str, operands: tuple[Term, ...]) -> str:
    if sign in COMPARISONS or sign in ("=", "<>"):
        if len({o.truth for o in operands}) > 1:
            return "Excel takes TRUE and FALSE as larger than any number; compare numbers with numbers"
        if any(o.truth for o in operands) and sign not in ("=", "<>"):
            return "TRUE and FALSE are compared by order; write it with AND and NOT"
    return ""


EXCEL = Dialect(
    "excel", "a formula of Excel",
    {
        **OPERATORS, **COMPARISONS,
        "=": OperatorForm("{} == {}", COMPARISON, (SUM, SUM), _DIGITS.format("=", "=="), truth=True),
        "<>": OperatorForm("{} != {}", COMPARISON, (SUM, SUM), _DIGITS.format("<>", "!="), truth=True),
        "postfix %": OperatorForm("({}/100)", ATOM, (PRODUCT,), "`x%` is `x/100`"),
    },
    functions(_FUNCTIONS, "excel"), scope="every", folds=True, plain=_plain, check=_check,
    constants={"TRUE": "(1 == 1)", "FALSE": "(1 == 0)"}, spreads=_FOLDED,
)  # fmt: skip
