"""SBML Level 3 infix: the text that libsbml's `parseL3Formula` takes, with its default settings.

From libsbml's documentation of that function, and from running 5.21: `log(x)` is to base 10, `%` takes the sign
of the dividend, `a || b && c` is `(a || b) && c`, names of functions differ by more than case.
"""

from __future__ import annotations

from ..dialect import Dialect, functions
from ..terms import ATOM, BOTH, COMPARISONS, EITHER, NOT, OPERATORS, OperatorForm

_FUNCTIONS = """
sqrt exp ln=log log10 sin cos tan sec csc cot sinh cosh tanh sech csch coth abs floor ceil ceiling=ceil: x
asin acos atan asec acsc acot asinh acosh atanh asech acsch acoth: x
arcsin=asin arccos=acos arctan=atan arcsec=asec arccsc=acsc arccot=acot: x
arcsinh=asinh arccosh=acosh arctanh=atanh arcsech=asech arccsch=acsch arccoth=acoth: x
pow power=pow divide=div minus=sub: x, y
min max: x, y, …
log(x) = log10(x)
log(x, y) = log(y)/log(x)
sqr(x) = x^2
root(x, y) = y^(1/x)
factorial(x) = gamma(x + 1)
quotient(x, y) = trunc(x/y)
rem(x, y) = x - y*trunc(x/y)
xor(x, y) = (x != 0) != (y != 0)
not(x) = not x
eq(x, y) = x == y
neq(x, y) = x != y
lt(x, y) = x < y
gt(x, y) = x > y
leq(x, y) = x <= y
geq(x, y) = x >= y
implies(x, y) = not x or y
"""

SBML = Dialect(
    "sbml", "SBML's infix",
    {
        **OPERATORS, **COMPARISONS,
        "&&": OperatorForm("{} and {}", BOTH, (BOTH, NOT), "`&&` is `and`", truth=True),
        "||": OperatorForm("{} or {}", EITHER, (EITHER, BOTH), "`||` is `or`", truth=True),
        "prefix !": OperatorForm("(not {})", ATOM, (NOT,), "`!` is `not`", truth=True),
        "%": OperatorForm("rem({}, {})", ATOM, (0, 0), "`a % b` is `a - b*trunc(a/b)`"),
    },
    functions(_FUNCTIONS, "sbml"), folds=True, chains=True,
    constants={"pi": "pi", "exponentiale": "e", "true": "(1 == 1)", "false": "(1 == 0)", "inf": "inf",
               "infinity": "inf", "nan": "nan", "notanumber": "nan", "avogadro": "6.02214179e23"},
    spreads={"plus": " + ", "times": "*", "and": " and ", "or": " or ", "piecewise": ""},
    refused={"delay": "a value of the past has no counterpart", "lambda": "it defines a function, and is no formula",
             "rateof": "a rate has no counterpart"},
)  # fmt: skip
