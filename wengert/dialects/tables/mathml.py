"""Content MathML as SBML uses it: the elements of its subset, each with its counterpart in SBML's infix.

From the SBML Level 3 Version 2 Core specification, section 3.4.6, and from running libsbml 5.21: `log` is to base 10,
the root of a negative number is nan, relations of several values are chains, `plus` of nothing is 0.
"""

from __future__ import annotations

from ..terms import ATOM, BOTH, EITHER, NOT, OperatorForm
from .sbml import SBML

MATHML = SBML._replace(
    name="mathml", title="content MathML of SBML's subset", folds=False, scope="every",
    operators={
        **SBML.operators,
        "and": OperatorForm("{} and {}", BOTH, (BOTH, NOT), truth=True),
        "or": OperatorForm("{} or {}", EITHER, (EITHER, BOTH), truth=True),
        "not": OperatorForm("(not {})", ATOM, (NOT,), truth=True),
    },
)  # fmt: skip

# Operators of any number of arguments, and the value of none.
FOLDED = {"plus": ("+", "0"), "times": ("*", "1"), "and": ("and", "(1 == 1)"), "or": ("or", "(1 == 0)")}
OPERATORS = {"divide": "/", "power": "^", "not": "not"}
RELATIONS = {"eq": "==", "neq": "!=", "lt": "<", "leq": "<=", "gt": ">", "geq": ">="}
CALLED = frozenset(
    "abs exp ln floor ceiling factorial sin cos tan sec csc cot sinh cosh tanh sech csch coth arcsin arccos arctan "
    "arcsec arccsc arccot arcsinh arccosh arctanh arcsech arccsch arccoth quotient rem implies".split()
)
# Functions of a value or more, whose counterpart takes two at least.
SEVERAL = frozenset(("min", "max"))
CONSTANTS = frozenset(("pi", "exponentiale", "true", "false", "infinity", "notanumber"))
# Elements that are no operators themselves, but mean an operator with an argument of its own.
MINUS, ROOT, LOG, XOR = "minus", "root", "log", "xor"
SQUARE_ROOT = "sqrt"
# A choice's value with its condition, whose name an op of ours has too.
PIECE = "piece"
# Our own words for a choice, and for the value where no piece holds.
CHOICE, NOTHING = "where", "nan"
HEADS = frozenset((*FOLDED, *OPERATORS, *RELATIONS, *CALLED, *SEVERAL, MINUS, ROOT, LOG, XOR))
# Elements of MathML's presentation, which tell how a formula looks.
PRESENTATION = frozenset(
    "mrow mi mn mo mfrac msup msub msubsup msqrt mroot mfenced mtable mtext mstyle munder mover".split()
)
