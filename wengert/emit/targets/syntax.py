"""What a target language looks like, for `translate` and for the lines of a list: one class, a subclass a language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import NamedTuple

# How tightly an expression binds, from the loosest.
CHOICE, OR, AND, EQUAL, ORDER, SUM, PRODUCT, SIGN, TIGHT = range(9)

FLOAT, PAIR, ARRAY, LIST = "float", "pair", "array", "list"


class Text(NamedTuple):
    """A piece of an expression, and how tightly it binds."""

    text: str
    binds: int = TIGHT

    def at(self, need: int) -> str:
        """The text where something of at least this tightness must stand."""
        return self.text if self.binds >= need else f"({self.text})"


class Spelling(NamedTuple):
    """How a language writes a function that it has: a template, how tightly that binds, how tightly arguments must."""

    template: str
    binds: int = TIGHT
    need: int = CHOICE

    def __call__(self, args: Sequence[Text]) -> Text:
        return Text(self.template.format(*(a.at(self.need) for a in args)), self.binds)

    @property
    def repeats(self) -> bool:
        """Whether an argument stands in it more than once."""
        slots = re.findall(r"\{\d\}", self.template)
        return len(slots) > len(set(slots))


def infix(sign: str, binds: int) -> Spelling:
    """A binary operator between names and numbers."""
    return Spelling(f"{{0}} {sign} {{1}}", binds, TIGHT)


ARITHMETIC: dict[str, Spelling] = {
    "operator.add": infix("+", SUM),
    "operator.sub": infix("-", SUM),
    "operator.mul": infix("*", PRODUCT),
    "operator.truediv": infix("/", PRODUCT),
    "operator.neg": Spelling("-{0}", SIGN, TIGHT),
    "real.copy": Spelling("{0}", CHOICE, CHOICE),
    "real.square": Spelling("{0} * {0}", PRODUCT, TIGHT),
    "real.cube": Spelling("{0} * {0} * {0}", PRODUCT, TIGHT),
    "real.reciprocal": Spelling("1.0 / {0}", PRODUCT, TIGHT),
}

COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}  # not an op: six names of operators


class Language:
    """A target language. The attributes and methods are what differs from one to the next; the defaults are C's.

    functions  how it spells what its library has, by the keys of `sources`
    words      identifiers that mean something to it
    extras     functions it lacks, in its own text, by their names
    """

    functions: Mapping[str, Spelling] = {}
    words: frozenset[str] = frozenset()
    extras: Mapping[str, str] = {}
    ascii = False
    leading = True
    comment = "//"
    end = ";"
    inf, nan = "INFINITY", "NAN"
    equal, unequal, both, either, negation = "==", "!=", "&&", "||", "!"
    first, second = ".high", ".low"
    zeros: Mapping[str, str] = {FLOAT: "", PAIR: ""}

    # Expressions

    def number(self, a: float) -> Text:
        """A literal with exactly this value. A negative one gets brackets beside an operator."""
        if isfinite(a):
            text = self.finite(float(a))
        else:
            text = self.nan if a != a else self.inf if a > 0 else f"-{self.inf}"
        return Text(text, SUM if text[0] == "-" else TIGHT)

    def finite(self, a: float) -> str:
        """A literal for a finite number."""
        return repr(a)

    def choice(self, test: Text, yes: Text, no: Text) -> Text:
        """`yes` where the test holds, else `no`."""
        return Text(f"{test.at(OR)} ? {yes.at(CHOICE + 1)} : {no.at(CHOICE)}", CHOICE)

    def pair(self, a: str, b: str) -> Text:
        """A pair of numbers."""
        raise NotImplementedError

    def array(self, items: Sequence[str]) -> str:
        """An array written out as an argument."""
        raise NotImplementedError

    def whole(self, name: str, count: int) -> str:
        """A constant array as an argument."""
        return name

    # Statements and definitions

    def test(self, text: str) -> str:
        """A condition behind `if` or `while`."""
        return f"({text})"

    def declare(self, names: Mapping[str, str]) -> list[str]:
        """The declarations of local variables, from names and kinds."""
        raise NotImplementedError

    def loop(self, heads: Sequence[tuple[str, str]], count: str, start: int) -> list[str]:
        """The head of a loop over arrays side by side, from variables and arrays; `count` names the turn, from `start`."""
        raise NotImplementedError

    def function(self, name: str, params: Sequence[tuple[str, str]], returns: str, body: Sequence[str]) -> str:
        """A function, from names and kinds of parameters, and the indented lines of its body."""
        raise NotImplementedError

    def prototype(self, name: str, params: Sequence[tuple[str, str]], returns: str) -> str:
        """What must stand before a use that comes before the definition; empty where nothing must."""
        return ""

    def constant(self, name: str, value: float | tuple[float, ...]) -> str:
        """A constant number or array."""
        raise NotImplementedError
