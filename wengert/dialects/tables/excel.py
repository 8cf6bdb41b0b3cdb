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
COTH=coth SECH=sech CSCH=csch ACOT=acot ERF.PRECISE=erf ERFC.PRECISE=erfc GAMMALN.PRECISE=lgamma PHI=normpdf: x
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
XOR(x, y) = (x != 0) != (y != 0)
IF(x, y) = where(x, y, 0)
IFERROR(x, y) = where(isfinite(x), x, y)
SQRTPI(x) = sqrt(pi*x)
ERF(x, y) = erf(y) - erf(x)
QUOTIENT(x, y) = trunc(x/y)
COMBIN(x, y) = binom(trunc(x), trunc(y))
PERMUT(x, y) = gamma(trunc(x) + 1)/gamma(trunc(x) - trunc(y) + 1)
EVEN(x) = 2*sign(x)*ceil(abs(x)/2)
ODD(x) = where(x == 0, 1, sign(x)*(2*ceil((abs(x) + 1)/2) - 1))
ROUNDUP(x, y) = sign(x)*ceil(abs(x)*10^y*(1 - 4e-16))/10^y
ROUNDDOWN(x, y) = sign(x)*floor(abs(x)*10^y*(1 + 4e-16))/10^y
TRUNC(x, y) = sign(x)*floor(abs(x)*10^y*(1 + 4e-16))/10^y
CEILING(x, y) = where(y == 0, 0, where(x > 0 and y < 0, nan, y*ceil(x/y - 4e-16*abs(x/y))))
FLOOR(x, y) = where(x > 0 and y < 0, nan, y*floor(x/y + 4e-16*abs(x/y)))
CEILING.MATH(x) = ceil(x)
CEILING.MATH(x, y) = where(y == 0, 0, abs(y)*ceil(x/abs(y) - 4e-16*abs(x/y)))
FLOOR.MATH(x) = floor(x)
FLOOR.MATH(x, y) = where(y == 0, 0, abs(y)*floor(x/abs(y) + 4e-16*abs(x/y)))
MROUND(x, y) = where(x*y < 0, nan, where(y == 0, 0, y*floor(x/y*(1 + 4e-16) + 0.5)))
NORM.DIST(x, m, s, c) = where(c, ndtr((x - m)/s), normpdf((x - m)/s)/s)
NORMDIST(x, m, s, c) = where(c, ndtr((x - m)/s), normpdf((x - m)/s)/s)
NORM.S.DIST(x, c) = where(c, ndtr(x), normpdf(x))
NORM.INV(p, m, s) = m + s*ndtri(p)
NORMINV(p, m, s) = m + s*ndtri(p)
GAUSS(x) = erf(x/sqrt(2))/2
STANDARDIZE(x, m, s) = (x - m)/s
CONFIDENCE.NORM(a, s, n) = -ndtri(a/2)*s/sqrt(trunc(n))
LOGNORM.DIST(x, m, s, c) = where(c, ndtr((log(x) - m)/s), normpdf((log(x) - m)/s)/(x*s))
LOGNORM.INV(p, m, s) = exp(m + s*ndtri(p))
EXPON.DIST(x, b, c) = where(c, -expm1(-b*x), b*exp(-b*x))
EXPONDIST(x, b, c) = where(c, -expm1(-b*x), b*exp(-b*x))
WEIBULL.DIST(x, a, b, c) = where(c, -expm1(-(x/b)^a), a/b*(x/b)^(a - 1)*exp(-(x/b)^a))
POISSON.DIST(x, m, c) = where(c, gammaincc(floor(x) + 1, m), exp(xlogy(floor(x), m) - m - lgamma(floor(x) + 1)))
CHISQ.DIST.RT(x, n) = gammaincc(trunc(n)/2, x/2)
CHIDIST(x, n) = gammaincc(trunc(n)/2, x/2)
PMT(r, n, v, f, t) = where(r == 0, -(v + f)/n, -(v*(1 + r)^n + f)*r/((1 + r*(t != 0))*((1 + r)^n - 1)))
PMT(r, n, v, f) = excel_pmt(r, n, v, f, 0)
PMT(r, n, v) = excel_pmt(r, n, v, 0, 0)
FV(r, n, p, v, t) = where(r == 0, -(v + p*n), -(v*(1 + r)^n + p*(1 + r*(t != 0))*((1 + r)^n - 1)/r))
FV(r, n, p, v) = excel_fv(r, n, p, v, 0)
FV(r, n, p) = excel_fv(r, n, p, 0, 0)
PV(r, n, p, f, t) = where(r == 0, -(f + p*n), -(f + p*(1 + r*(t != 0))*((1 + r)^n - 1)/r)/(1 + r)^n)
PV(r, n, p, f) = excel_pv(r, n, p, f, 0)
PV(r, n, p) = excel_pv(r, n, p, 0, 0)
NPER(r, p, v) = where(r == 0, -v/p, log(p/(p + v*r))/log(1 + r))
EFFECT(r, n) = (1 + r/trunc(n))^trunc(n) - 1
NOMINAL(r, n) = trunc(n)*((1 + r)^(1/trunc(n)) - 1)
SLN(c, s, n) = (c - s)/n
"""
_DIGITS = "`{}` is `{}` of all digits; Excel compares 15"
# Functions of all the values of ranges and of single cells, as functions of an array or as sums of terms.
REDUCED = {
    "AVERAGE": "mean([{}])", "MEDIAN": "median([{}])", "GEOMEAN": "exp(mean(log([{}])))",
    "VAR": "var([{}], ddof=1)", "VAR.S": "var([{}], ddof=1)", "VARP": "var([{}])", "VAR.P": "var([{}])",
    "STDEV": "std([{}], ddof=1)", "STDEV.S": "std([{}], ddof=1)", "STDEVP": "std([{}])", "STDEV.P": "std([{}])",
    "HARMEAN": "1/mean(1/[{}])", "DEVSQ": "sum(([{}] - mean([{}]))^2)", "AVEDEV": "mean(abs([{}] - mean([{}])))",
}  # fmt: skip
# Functions of two ranges of one shape: `{0}` is the first range, `{1}` the second.
_TOGETHER = "sum(([{0}] - mean([{0}]))*([{1}] - mean([{1}])))"
_SLOPE = f"{_TOGETHER}/sum(([{{1}}] - mean([{{1}}]))^2)"
_CORRELATION = f"{_TOGETHER}/sqrt(sum(([{{0}}] - mean([{{0}}]))^2)*sum(([{{1}}] - mean([{{1}}]))^2))"
PAIRED = {
    "SLOPE": _SLOPE, "INTERCEPT": f"mean([{{0}}]) - {_SLOPE}*mean([{{1}}])", "CORREL": _CORRELATION,
    "PEARSON": _CORRELATION, "RSQ": f"({_CORRELATION})^2",
    "COVARIANCE.P": "mean(([{0}] - mean([{0}]))*([{1}] - mean([{1}])))",
    "SUMXMY2": "sum(([{0}] - [{1}])^2)", "SUMX2MY2": "sum([{0}]^2 - [{1}]^2)", "SUMX2PY2": "sum([{0}]^2 + [{1}]^2)",
}  # fmt: skip
CHOICES = "IFS"
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
