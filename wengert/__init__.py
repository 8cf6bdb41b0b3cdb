"""wengert: formulas as Wengert lists, and their exact derivatives, every step in sight.

import wengert as wg
f = wg.compile("(2*x1 + x2)^2")
f(3, 7)                             # 169.0
value, g = f.value_and_grad(3, 7)   # g["x1"] is 52.0, g["x2"] is 26.0
"""

from functools import partial

from .api.compile import compile, load
from .api.expects import Expectation
from .api.function import Function
from .api.record import Recorded, call, record
from .api.register import register
from .api.results import Gradient, Matrix, Values
from .ground.errors import (
    CheckError,
    DerivativeError,
    Diagnostic,
    DomainError,
    KinkError,
    LimitError,
    ListError,
    ParseError,
    Source,
    Span,
    UnknownName,
    UsageError,
    WengertError,
    render,
)
from .ground.limits import Limits
from .kernels.trace import Trace, trace
from .language import Expect, Program, parse
from .lists.wengert_list import Equation, WengertList
from .ops import ALIASES, OPS
from .ops.row import Kink, Op

__version__ = "0.1.0"

__all__ = [
    "CheckError",
    "DerivativeError",
    "Diagnostic",
    "DomainError",
    "Equation",
    "Expect",
    "Expectation",
    "Function",
    "Gradient",
    "Kink",
    "KinkError",
    "LimitError",
    "Limits",
    "ListError",
    "Matrix",
    "Op",
    "ParseError",
    "Program",
    "Recorded",
    "Source",
    "Span",
    "Trace",
    "UnknownName",
    "UsageError",
    "Values",
    "WengertError",
    "WengertList",
    "compile",
    "load",
    "parse",
    "record",
    "register",
    "render",
    "trace",
]


def __getattr__(name: str) -> object:
    """Every op of the registry as a function of recorded values and numbers: `wengert.sin(x)`."""
    if name in OPS or name in ALIASES:
        return partial(call, name)
    raise AttributeError(f"module 'wengert' has no attribute {name!r}")
