"""NumPy: the function takes arrays, broadcast against each other, and answers with arrays of their shape.

What NumPy has no function for is made from the ops' sources. One that only branches becomes an expression in which
`np.where` chooses; one that loops is called for each element.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from . import sources
from .frame import rows
from .python import Python, Sources
from .syntax import ARITHMETIC, CHOICE, COMPARISONS, PRODUCT, SIGN, TIGHT, Spelling, Text, infix, library
from .translate import ALIKE
from .writing import Written

_NAMED = library(
    "np.{}", asin="arcsin", acos="arccos", atan="arctan", asinh="arcsinh", acosh="arccosh", atanh="arctanh",
    fabs="abs", pow="power", atan2="arctan2", erf="", erfc="",
)  # fmt: skip
_NATIVE = {
    **ARITHMETIC,
    **_NAMED,
    **{key: _NAMED[other] for key, other in ALIKE.items() if other in _NAMED},
    **{key: Spelling(f"1.0 * ({{0}} {sign} {{1}})", PRODUCT, TIGHT) for key, sign in COMPARISONS.items()},
    "real.divide": infix("/", PRODUCT),
    "real.floor_mod": Spelling("np.mod({0}, {1})"),
    "real.rint": Spelling("np.rint({0})"),
    "real.sign": Spelling("np.sign({0})"),
    "real.step": Spelling("np.heaviside({0}, 0.5)"),
    "real.logical_and": Spelling("1.0 * (({0} != 0.0) & ({1} != 0.0))", PRODUCT, TIGHT),
    "real.logical_or": Spelling("1.0 * (({0} != 0.0) | ({1} != 0.0))", PRODUCT, TIGHT),
    "real.where": Spelling("np.where({0} != 0.0, {1}, {2})", TIGHT, SIGN),
    "math.isfinite": Spelling("np.isfinite({0})"),
}


class ArraySources(Sources):
    """A prelude of our own functions, made to take arrays where that can be."""

    def call(self, key: str, args: Sequence[Text]) -> Text:
        if (found := self.language.functions.get(key)) is not None:
            return found(args)
        given = ", ".join(a.text for a in args)
        if (name := stand_in(key)) is not None:
            self.need(name)
            return Text(f"{self.name(name)}({given})")
        self.need("arrays.each")
        function = key
        if sources.has(key):
            self.need(key)
            function = self.name(key)
        return Text(f"{self.name('arrays.each')}({function}, {given})")

    def name(self, key: str) -> str:
        if key.startswith(VECTORISED):
            return self.names(f"array_{key.partition('.')[2]}", "ours")
        return super().name(key)

    def uses(self, key: str) -> list[str]:
        if key.startswith(VECTORISED):
            return [used for used in _vectorised(key.removeprefix(VECTORISED)).uses if sources.has(used.removeprefix(VECTORISED))]
        return super().uses(key)

    def source(self, key: str) -> str:
        if key.startswith(VECTORISED):
            return _vectorised(key.removeprefix(VECTORISED)).text(self)
        return super().source(key)
