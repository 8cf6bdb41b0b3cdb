"""mathjs: the text that `math.evaluate` takes, over JavaScript's numbers.

From its documentation, "Expression syntax", and from running 15.2: comparisons hold within a relative 1e-12, as do
floor, ceil and the remainder; `not 2 == 2` is `(not 2) == 2`; `log` is natural. Where mathjs goes over to complex
numbers, as for sqrt(-1), the program gives nan.
"""

from __future__ import annotations

from ..dialect import Dialect, functions
from ..terms import ATOM, BOTH, EITHER, NOT, OPERATORS, OperatorForm

_FUNCTIONS = """
sqrt exp expm1 log1p log2 log10 sin cos tan sec csc cot sinh cosh tanh sech csch coth cbrt abs sign square cube: x
asin acos atan asinh acosh atanh asec acsc asech acsch gamma lgamma erf: x
unaryMinus=neg unaryPlus=copy: x
atan2 combinations=binom: x, y
min max hypot: x, y, …
subtract=sub divide=div pow: x, y
log=log: x
log(x, y) = log(x)/log(y)
nthRoot(x) = sqrt(x)
nthRoot(x, y) = where(abs(y % 2) == 1, sign(x)*abs(x)^(1/y), x^(1/y))
factorial(x) = gamma(x + 1)
permutations(x, y) = gamma(x + 1)/gamma(x - y + 1)
equal(x, y) = x == y or isfinite(x) and isfinite(y) and abs(x - y) <= max(1e-12*max(abs(x), abs(y)), 1e-15)
unequal(x, y) = not mathjs_equal(x, y)
larger(x, y) = x > y and not mathjs_equal(x, y)
smaller(x, y) = x < y and not mathjs_equal(x, y)
largerEq(x, y) = x >= y or mathjs_equal(x, y)
smallerEq(x, y) = x <= y or mathjs_equal(x, y)
floor(x) = where(mathjs_equal(x, round(x)), round(x), floor(x))
ceil(x) = where(mathjs_equal(x, round(x)), round(x), ceil(x))
mod(x, y) = where(y == 0, x, x - y*mathjs_floor(x/y))
xor(x, y) = (x != 0) != (y != 0)
"""
_NAMED = {"==": "equal", "!=": "unequal", ">": "larger", "<": "smaller", ">=": "largerEq", "<=": "smallerEq"}
_FLOOR = "`a {} b` is a remainder whose floor has a tolerance of 1e-12"
_WITHIN = "of numbers that differ by a relative 1e-12 at most, mathjs takes `{}` as it does of equal ones"

# Units of more than a letter, which are no variables behind a number.
_UNITS = frozenset(
    """deg degree degrees rad radian radians grad gradian cycle arcmin arcsec meter meters metre metres km cm mm
    um nm inch inches in ft foot feet yard yards mile miles gram grams kg mg ug lb lbs pound ounce oz ton tonne
    sec second seconds min minute minutes hr hour hours day days week weeks month year years ms us ns ps liter
    liters litre ml mL dl mol mmol umol nmol Hz kHz MHz GHz kN Pa kPa MPa hPa bar mbar atm psi mmHg torr kJ MJ
    cal kcal eV keV MeV Wh kWh kW MW mW mV kV mA uA ohm kohm degC degF celsius fahrenheit kelvin tesla weber
    volt watt joule newton pascal coulomb farad bit bits byte bytes kB MB GB""".split()
)

MATHJS = Dialect(
    "mathjs", "mathjs",
    {
        **OPERATORS,
        **{sign: OperatorForm(f"{name}({{}}, {{}})", ATOM, (0, 0), _WITHIN.format(sign), truth=True)
           for sign, name in _NAMED.items()},
        "%": OperatorForm("mod({}, {})", ATOM, (0, 0), _FLOOR.format("%")),
        "mod": OperatorForm("mod({}, {})", ATOM, (0, 0), _FLOOR.format("mod")),
        "and": OperatorForm("{} and {}", BOTH, (BOTH, NOT), truth=True),
        "or": OperatorForm("{} or {}", EITHER, (EITHER, BOTH), truth=True),
        "xor": OperatorForm("xor({}, {})", ATOM, (0, 0), "`xor` is written out", truth=True),
        "prefix not": OperatorForm("not {}", NOT, (NOT,), truth=True),
        "postfix !": OperatorForm("factorial({})", ATOM, (0,), "`x!` is `gamma(x + 1)`"),
    },
    functions(_FUNCTIONS, "mathjs"),
    constants={"e": "e", "E": "e", "pi": "pi", "PI": "pi", "tau": "tau", "phi": "((1 + sqrt(5))/2)", "Infinity": "inf",
               "NaN": "nan", "true": "(1 == 1)", "false": "(1 == 0)", "LN2": "log(2)", "LN10": "log(10)"},
    spreads={"add": " + ", "multiply": "*", "sum": " + ", "prod": "*"},
    reduced={"mean": "mean([{}])", "median": "median([{}])", "std": "std([{}], ddof=1)",
             "variance": "var([{}], ddof=1)"},
    units=_UNITS,
    refused=dict.fromkeys(("i", "re", "im", "conj", "complex"), "there are no complex numbers here")
    | dict.fromkeys(("round", "fix"), "its tolerance depends on the digits, and has no counterpart")
    | {"random": "every value of a program follows from its inputs"},
)  # fmt: skip
