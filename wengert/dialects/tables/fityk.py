"""fityk: expressions, and functions of `x` with parameters, `define Name(a, b=1) = …`; its peaks are written out.

From its manual, "Data expressions" and "Functions", and from running 1.3.2: -2^2 is -4, 2^3^2 is 64, `ln` is natural,
comparisons hold within 1e-12, `mod` follows the divisor and `round` goes up from the middle.
"""

from __future__ import annotations

from ..dialect import Dialect, functions
from ..terms import BOTH, COMPARISON, EITHER, NOT, OPERATORS, PRODUCT, SUM, OperatorForm, Term

_FUNCTIONS = """
sqrt exp log10 sin cos tan sinh cosh tanh asin acos atan erf erfc gamma lgamma abs: x
ln=log: x
min2=min max2=max: x, y
mod(x, y) = x - y*floor(x/y)
round(x) = floor(x + 0.5)
Linear(x, a0, a1) = a0 + a1*x
Quadratic(x, a0, a1, a2) = a0 + a1*x + a2*x^2
Gaussian(x, height, center, hwhm) = height*exp(-log(2)*((x - center)/hwhm)^2)
Lorentzian(x, height, center, hwhm) = height/(1 + ((x - center)/hwhm)^2)
Pearson7(x, height, center, hwhm, shape) = height/(1 + ((x - center)/hwhm)^2*(2^(1/shape) - 1))^shape
PseudoVoigt(x, h, c, w, shape) = h*((1 - shape)*exp(-log(2)*((x - c)/w)^2) + shape/(1 + ((x - c)/w)^2))
GaussianA(x, area, center, hwhm) = area/hwhm/sqrt(pi/log(2))*exp(-log(2)*((x - center)/hwhm)^2)
LorentzianA(x, area, center, hwhm) = area/hwhm/pi/(1 + ((x - center)/hwhm)^2)
voigt(x, y) = wofz_real(x, abs(y))
Voigt(x, h, c, w, shape) = h*wofz_real((x - c)/w, abs(shape))/wofz_real(0, abs(shape))
VoigtA(x, area, c, w, shape) = area/(sqrt(pi)*w)*wofz_real((x - c)/w, abs(shape))
Sigmoid(x, lower, upper, xmid, wsig) = lower + (upper - lower)/(1 + exp((xmid - x)/wsig))
ExpDecay(x, a, t) = a*exp(-x/t)
"""
_WITHIN = "`{}` takes numbers within 1e-12 as equal ones"
_COMPARED = {"<": "{} < {} - 1e-12", ">": "{} > {} + 1e-12", "<=": "{} <= {} + 1e-12", ">=": "{} >= {} - 1e-12",
             "==": "abs({} - {}) <= 1e-12", "!=": "abs({} - {}) > 1e-12"}  # fmt: skip
_TABLE = functions(_FUNCTIONS, "fityk")


def _check(sign: str, operands: tuple[Term, ...]) -> str:
    if sign in ("and", "or", "prefix not", "?") and not all(o.truth for o in operands):
        return "of numbers it gives one of them, or a truth with a tolerance; compare them with 0"
    return ""


FITYK = Dialect(
    "fityk", "fityk",
    {
        **OPERATORS,
        **{sign: OperatorForm(form, COMPARISON, (SUM, PRODUCT), _WITHIN.format(sign), truth=True)
           for sign, form in _COMPARED.items()},
        "and": OperatorForm("{} and {}", BOTH, (BOTH, NOT), truth=True),
        "or": OperatorForm("{} or {}", EITHER, (EITHER, BOTH), truth=True),
        "prefix not": OperatorForm("not {}", NOT, (NOT,), truth=True),
    },
    _TABLE, scope="every", check=_check, plain=lambda name: name.lstrip("$%"),
    implied=frozenset(name for name, found in _TABLE.items() if name[0].isupper()),
    constants={"pi": "pi", "true": "(1 == 1)", "false": "(1 == 0)"},
    refused=dict.fromkeys(("randnormal", "randuniform"), "a value follows from the inputs alone")
    | dict.fromkeys(("FCJAsymm", "Spline", "Polyline"), "it is not written out here"),
)  # fmt: skip
