"""brian2: expressions of spiking neurons, and the equations of a NeuronGroup.

From its documentation, "Equations" and "Functions", and from running 2.9 with NumPy: Python's precedence, `1/2` is 0.5,
`int` cuts off, `//` and `%` follow the divisor, and a comparison is no number. Equations are read in any order.
"""

from __future__ import annotations

from ..dialect import Dialect, functions
from ..terms import ATOM, BOTH, COMPARISONS, EITHER, NOT, OPERATORS, POWER, PRODUCT, SIGN, OperatorForm, Term

_FUNCTIONS = """
sin cos tan sinh cosh tanh exp expm1 log log10 log1p sqrt abs sign ceil floor: x
arcsin=asin arccos=acos arctan=atan int=trunc: x
clip: x, y, z
exprel(x) = where(x == 0, 1, expm1(x)/x)
"""
_NAMES = """metre meter kilogram second amp ampere kelvin mole candle gram gramme molar radian steradian hertz newton
pascal joule watt coulomb volt farad ohm siemens weber tesla henry lumen lux becquerel gray sievert katal
liter litre"""
_PREFIXES = ["", *"Y Z E P T G M k h da d c m u n p f a z y".split()]
_SHORT = "mV mA uA nA pA pF uF nF nS uS mS ms us Hz kHz MHz cm mm um cm2 cm3 mm2 mm3 um2 um3 mM uM nM kg kilogramme"

# brian2 lets no variable have the name of a unit: a prefix, a unit, and perhaps its square or cube.
_UNITS = dict.fromkeys(
    (*_SHORT.split(), *(p + name + power for p in _PREFIXES for name in _NAMES.split() for power in ("", "2", "3"))),
    "it is a unit, and values here have none; write the value in one system of units",
)


def _check(sign: str, operands: tuple[Term, ...]) -> str:
    truths = [o.truth for o in operands]
    if sign in ("and", "or") and not all(truths):
        return "brian2 takes truth values only; compare numbers with 0"
    if sign not in ("and", "or", "prefix not", "==", "!=") and any(truths):
        return "a truth value is no number for brian2; `int(…)` makes it one"
    if sign == "**" and all(o.whole for o in operands) and not isinstance(operands[1].pieces, str):
        return "brian2 takes a whole-number power of whole numbers as whole, 2**-1 as 0: write one as `2.0`"
    return ""


BRIAN2 = Dialect(
    "brian2", "brian2",
    {
        **OPERATORS, **COMPARISONS,
        "**": OperatorForm("{}^{}", POWER, (ATOM, SIGN), "`**` is `^`"),
        "%": OperatorForm("{} % {}", PRODUCT, (PRODUCT, SIGN)),
        "//": OperatorForm("floor({}/{})", ATOM, (PRODUCT, SIGN), "`a//b` is `floor(a/b)`"),
        "and": OperatorForm("{} and {}", BOTH, (BOTH, NOT), truth=True),
        "or": OperatorForm("{} or {}", EITHER, (EITHER, BOTH), truth=True),
        "prefix not": OperatorForm("not {}", NOT, (NOT,), truth=True),
    },
    functions(_FUNCTIONS, "brian2"), scope="every", check=_check,
    constants={"e": "e", "pi": "pi", "inf": "inf", "True": "(1 == 1)", "False": "(1 == 0)"},
    refused=_UNITS
    | dict.fromkeys(("rand", "randn", "poisson", "xi"), "every value of a program follows from its inputs")
    | {"timestep": "it depends on the clock of a simulation"},
)  # fmt: skip
