"""numexpr: the expressions of `numexpr.evaluate`, of `pandas.eval` and of PyTables, over float64.

From its user guide and from running 2.14: `&`, `|`, `^` and `~` take truth values, `%` follows the divisor's sign, of
constants that are whole numbers the dividend's, and 1/2 is 0.5.
"""

from __future__ import annotations

from ..dialect import Dialect, functions
from ..terms import (
    ATOM,
    BOTH,
    COMPARISON,
    COMPARISONS,
    EITHER,
    NOT,
    OPERATORS,
    POWER,
    PRODUCT,
    SIGN,
    OperatorForm,
    Term,
)

_FUNCTIONS = """
sqrt exp expm1 log log10 log1p log2 sin cos tan sinh cosh tanh abs floor ceil sign trunc round isnan isinf isfinite: x
arcsin=asin arccos=acos arctan=atan arcsinh=asinh arccosh=acosh arctanh=atanh: x
arctan2=atan2 maximum=max minimum=min hypot copysign: x, y
where: x, y, z
fmod(x, y) = x - y*trunc(x/y)
"""


def _check(sign: str, operands: tuple[Term, ...]) -> str:
    if sign in ("&", "|", "^", "prefix ~") and not all(o.truth for o in operands):
        return "between truth values it is a logical operator, and of the bits of numbers there is no counterpart"
    if sign in ("%", "//") and all(o.whole for o in operands):
        return "of whole-number constants it is C's, which differs from that of all other numbers: work it out"
    return ""


NUMEXPR = Dialect(
    "numexpr", "numexpr",
    {
        **OPERATORS, **COMPARISONS,
        "^": OperatorForm("({}) != ({})", COMPARISON, (0, 0), "`^` is `!=` between truth values", truth=True),
        "&": OperatorForm("{} and {}", BOTH, (BOTH, NOT), "`&` is `and`", truth=True),
        "|": OperatorForm("{} or {}", EITHER, (EITHER, BOTH), "`|` is `or`", truth=True),
        "prefix ~": OperatorForm("not {}", NOT, (NOT,), "`~` is `not`", truth=True),
        "**": OperatorForm("{}^{}", POWER, (ATOM, SIGN), "`**` is `^`"),
        "%": OperatorForm("{} % {}", PRODUCT, (PRODUCT, SIGN)),
        "//": OperatorForm("floor({}/{})", ATOM, (PRODUCT, SIGN), "`a//b` is `floor(a/b)`"),
    },
    functions(_FUNCTIONS, "numexpr"),
    constants={"True": "(1 == 1)", "False": "(1 == 0)"}, check=_check,
    refused=dict.fromkeys(("sum", "prod", "min", "max"), "it reduces an array, and a formula here is of numbers")
    | dict.fromkeys(("complex", "real", "imag", "conj", "contains"), "there are no complex numbers and no texts here"),
)  # fmt: skip
