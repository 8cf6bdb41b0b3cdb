"""NMODL, the language of NEURON's mechanisms: rates as assignments, and FUNCTION blocks of one expression or choice.

From NEURON's documentation, "NMODL", the grammar of its translator, and from running NEURON 9: `^` goes from the right
and binds more tightly than a sign, `log` is natural, a quotient is one of reals, and a comparison is 1 or 0. Units
convert nothing.
"""

from __future__ import annotations

from ..dialect import Dialect, functions
from ..terms import ATOM, BOTH, COMPARISONS, EITHER, NOT, OPERATORS, OperatorForm

_FUNCTIONS = """
sqrt exp log log10 sin cos tan asin acos atan sinh cosh tanh floor ceil: x
fabs=abs: x
atan2 pow: x, y
fmod(x, y) = x - y*trunc(x/y)
"""

NMODL = Dialect(
    "nmodl", "NMODL",
    {
        **OPERATORS, **COMPARISONS,
        "&&": OperatorForm("{} and {}", BOTH, (BOTH, NOT), "`&&` is `and`", truth=True),
        "||": OperatorForm("{} or {}", EITHER, (EITHER, BOTH), "`||` is `or`", truth=True),
        "prefix !": OperatorForm("(not {})", ATOM, (NOT,), "`!` is `not`", truth=True),
    },
    functions(_FUNCTIONS, "nmodl"), scope="sequence",
    refused={"abs": "NEURON has `fabs` for numbers"}
    | dict.fromkeys(("scop_random", "nrand", "exprand", "normrand"), "a value follows from the inputs alone"),
)  # fmt: skip
