"""AMPL's .nl: the operators of its text form by their numbers.

From D. M. Gay, "Writing .nl Files", SAND2005-7907P, and "Hooking Your Solver to AMPL", 1997. The numbers of our ops
stand in their rows; here are the operators that are several ops of ours, or that have no counterpart.
"""

from __future__ import annotations

import re

from ...ground.tuples import NamedTuple
from ...ops import OPS
from ..dialect import Dialect
from ..terms import ATOM, BOTH, COMPARISON, EITHER, NOT, PRODUCT, SIGN, SUM

# Its name: it has no infix operators, and functions are numbers.
NL = Dialect("nl", "AMPL's .nl", {}, {})


class NlForm(NamedTuple):
    """An operator's counterpart.

    pieces    texts, and for each operand its number
    level     how tightly the expression binds
    operands  the level that each operand needs
    truth     whether the answer is true or false
    sign      of an operator on a list: the text between its operands
    empty     the text of such an operator without operands; "" if it needs one
    defines   a `def` that it calls
    """

    pieces: tuple[str | int, ...]
    level: int
    operands: tuple[int, ...]
    truth: bool = False
    sign: str = ""
    empty: str = ""
    defines: str = ""


def _form(text: str, level: int, *operands: int, truth: bool = False, defines: str = "") -> NlForm:
    """The form of a text in which `{0}` is the first operand."""
    parts = re.split(r"\{(\d)\}", text)
    pieces = tuple(int(p) if k % 2 else p for k, p in enumerate(parts) if p)
    return NlForm(pieces, level, operands, truth, defines=defines)


def _forms_of_rows() -> dict[int, NlForm]:
    """The operators that are one op of ours."""
    found = {}
    for row in OPS.values():
        if type(row.notation.nl) is not int:
            continue
        sign, level, names = row.notation.infix, row.notation.binds - 1, row.params.split()
        if sign and len(names) == 1:
            form = _form(f"{sign}{' ' * sign.isalpha()}{{0}}", level, SIGN + 1 if level == SIGN else NOT)
        elif sign and level > SIGN:
            form = _form(f"{{0}}{sign}{{1}}", level, ATOM, SIGN)
        elif sign:
            space = "" if level == PRODUCT else " "
            form = _form(f"{{0}}{space}{sign}{space}{{1}}", level, SUM if level == COMPARISON else level,
                         SUM if level == COMPARISON else level + 1)  # fmt: skip
        elif names[0].startswith("*"):
            form = NlForm((f"{row.name}(", ")"), ATOM, (0,), sign=", ")
        else:
            listed = ", ".join(f"{{{k}}}" for k in range(len(names)))
            form = _form(f"{row.name}({listed})", ATOM, *(0 for _ in names))
        found[row.notation.nl] = form._replace(truth=row.boolean)
    return found


ROUND = "def nl_round(x, n) = copysign(floor(abs(x)*10^n + 0.5)/10^n, x)"
TRUNC = "def nl_trunc(x, n) = trunc(x*10^n)/10^n"

FORMS: dict[int, NlForm] = {
    **_forms_of_rows(),
    6: _form("max({0} - {1}, 0)", ATOM, SUM, PRODUCT),
    54: NlForm(("", ""), SUM, (SUM, PRODUCT), sign=" + ", empty="0"),
    55: _form("trunc({0}/{1})", ATOM, PRODUCT, SIGN),
    57: _form("nl_round({0}, {1})", ATOM, 0, 0, defines=ROUND),
    58: _form("nl_trunc({0}, {1})", ATOM, 0, 0, defines=TRUNC),
    62: _form("{1} >= {0}", COMPARISON, SUM, SUM, truth=True),
    63: _form("{1} <= {0}", COMPARISON, SUM, SUM, truth=True),
    66: _form("{1} == {0}", COMPARISON, SUM, SUM, truth=True),
    67: _form("{1} < {0}", COMPARISON, SUM, SUM, truth=True),
    68: _form("{1} > {0}", COMPARISON, SUM, SUM, truth=True),
    69: _form("{1} != {0}", COMPARISON, SUM, SUM, truth=True),
    70: NlForm(("", ""), BOTH, (BOTH, NOT), True, " and ", "(1 == 1)"),
    71: NlForm(("", ""), EITHER, (EITHER, BOTH), True, " or ", "(1 == 0)"),
    72: _form("where({0}, {1}, {2})", ATOM, 0, 0, 0),
    73: _form("({0} != 0) == ({1} != 0)", COMPARISON, SUM, SUM, truth=True),
    76: _form("{0}^{1}", SIGN + 1, ATOM, SIGN),
    77: _form("{0}^2", SIGN + 1, ATOM),
    78: _form("{0}^{1}", SIGN + 1, ATOM, SIGN),
}

# Operators on lists that are read separately: the number of operands that are true, and of those equal to the first.
COUNT, NUMBER_OF = 59, 60
# A piecewise linear term: slopes and the places between them, then a variable.
PIECEWISE = 64

# Operators without a counterpart: their names in AMPL, and the reason.
REFUSED: dict[int, tuple[str, str]] = {
    56: ("precision", "rounding to a number of digits has no counterpart"),
    61: ("numberof", "texts have no counterpart"),
    65: ("if", "a choice between texts has no counterpart"),
    74: ("alldiff", "it compares every pair of its operands"),
    75: ("!alldiff", "it compares every pair of its operands"),
    79: ("a function call", "a function of another library has no counterpart"),
    81: ("a text", "texts have no counterpart"),
}
