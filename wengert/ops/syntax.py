"""What a language looks like inside a function, as a table: `printing` prints bodies by it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import NamedTuple

# How tightly an expression binds, from the loosest.
CHOICE, OR, AND, EQUAL, ORDER, EITHER, BOTH, SUM, PRODUCT, SIGN, TIGHT, ALWAYS = range(12)


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


class Operator(NamedTuple):
    """A sign, how tightly it binds, and how tightly what stands on its left and on its right must."""

    sign: str
    binds: int
    left: int
    right: int


OPERATORS: dict[str, Operator] = {
    "+": Operator("+", SUM, SUM, PRODUCT),
    "-": Operator("-", SUM, SUM, PRODUCT),
    "*": Operator("*", PRODUCT, PRODUCT, SIGN),
    "/": Operator("/", PRODUCT, PRODUCT, SIGN),
    "<": Operator("<", ORDER, SUM, SUM),
    "<=": Operator("<=", ORDER, SUM, SUM),
    ">": Operator(">", ORDER, SUM, SUM),
    ">=": Operator(">=", ORDER, SUM, SUM),
    "==": Operator("==", EQUAL, TIGHT, TIGHT),
    "!=": Operator("!=", EQUAL, TIGHT, TIGHT),
    # Brackets around what could do without them: compilers warn of their absence.
    "and": Operator("&&", AND, EQUAL, EQUAL),
    "or": Operator("||", OR, EQUAL, EQUAL),
    "not": Operator("!", SIGN, TIGHT, TIGHT),
    "negative": Operator("-", SIGN, TIGHT, TIGHT),
}


class Syntax:
    """What a language looks like inside a function. The defaults are C's; most of a language is its table.

    operators  by their signs in Python
    end        behind a statement
    when, otherwise, repeat, close  the lines around the branches of a condition and around the body of a loop; a
               condition stands for {0}, and a line that is empty is left out
    indent     before what is inside
    first, second  behind a pair, for its parts
    lists      whether there are lists that grow; otherwise the sum of one is kept, in doubled precision
    unpacks    the line that names both parts of a pair at once, from the names and the pair; "" for none
    inf, nan   the literals
    """

    operators: Mapping[str, Operator] = OPERATORS
    end = ";"
    when, otherwise, repeat, close = "if ({0}) {{", "} else {", "while ({0}) {{", "}"
    indent = "  "
    first, second = ".high", ".low"
    lists = False
    unpacks = ""
    inf, nan = "INFINITY", "NAN"

    # Expressions

    def number(self, a: float) -> Text:
        """A literal with exactly this value. A negative one gets brackets beside an operator."""
        limit = self.nan if a != a else self.inf if a > 0 else f"-{self.inf}"
        text = self.finite(float(a)) if isfinite(a) else limit
        return Text(text, SUM if text[0] == "-" else TIGHT)

    def finite(self, a: float) -> str:
        """A literal for a finite number."""
        return repr(a)

    def literal(self, a: float) -> Text:
        """A literal of a source, which may be an int."""
        return self.number(float(a))

    def named(self, name: str) -> Text:
        """`inf`, `nan` or `pi`."""
        return self.number(getattr(math, name))

    def choice(self, test: Text, yes: Text, no: Text) -> Text:
        """`yes` where the test holds, else `no`."""
        return Text(f"{test.at(OR)} ? {yes.at(CHOICE + 1)} : {no.at(CHOICE)}", CHOICE)

    def truth(self, value: Text) -> Text:
        """Whether a float is not zero."""
        unequal = self.operators["!="]
        return Text(f"{value.at(unequal.left)} {unequal.sign} 0.0", unequal.binds)

    def pair(self, a: str, b: str) -> Text:
        """A pair of numbers."""
        raise NotImplementedError

    def joined(self, term: str, rest: str) -> Text:
        """A term before those of a list."""
        raise NotImplementedError

    def function_of(self, params: Sequence[str], value: str) -> Text:
        """A function without a name."""
        raise NotImplementedError

    # Statements

    def assign(self, name: str, value: str) -> str:
        """A line that changes a variable."""
        return f"{name} = {value}{self.end}"

    def give(self, value: str) -> str:
        """A line that ends a function with its value."""
        return f"return {value}{self.end}"

    def both(self, names: Sequence[str], values: Sequence[str]) -> str:
        """A line that gives several names their values at once."""
        raise NotImplementedError

    def extend(self, name: str, terms: Sequence[str]) -> str:
        """A line that puts terms behind those of a list; without any, one that begins it."""
        raise NotImplementedError

    def loop(self, heads: Sequence[tuple[str, str]], turn: str, start: int) -> list[str]:
        """The head of a loop over arrays side by side, from variables and arrays; `turn` counts, from `start`."""
        raise NotImplementedError

    # Definitions

    def declare(self, names: Mapping[str, str]) -> list[str]:
        """The declarations of local variables, from names and kinds."""
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


class PythonSyntax(Syntax):
    """Python's own look."""

    # As tight as Python's grammar has it.
    operators = {
        **OPERATORS,
        **{sign: Operator(sign, PRODUCT, PRODUCT, SIGN) for sign in ("//", "%")},
        **{sign: Operator(sign, ORDER, EITHER, EITHER) for sign in ("<", "<=", ">", ">=", "==", "!=")},
        "and": Operator("and", AND, EQUAL, EQUAL),
        "or": Operator("or", OR, AND, AND),
        "not": Operator("not ", EQUAL, ORDER, ORDER),
        "negative": Operator("-", SIGN, SIGN, SIGN),
    }
    end = ""
    when, otherwise, repeat, close = "if {0}:", "else:", "while {0}:", ""
    indent = "    "
    first, second = "[0]", "[1]"
    lists = True
    unpacks = "{0}, {1} = {2}"
    inf, nan = "math.inf", "math.nan"

    def literal(self, a: float) -> Text:
        return Text(repr(a), SIGN if repr(a)[0] == "-" else TIGHT)

    def named(self, name: str) -> Text:
        return Text(f"math.{name}")

    def choice(self, test: Text, yes: Text, no: Text) -> Text:
        return Text(f"{yes.at(OR)} if {test.at(OR)} else {no.at(CHOICE)}", CHOICE)

    def truth(self, value: Text) -> Text:
        return value

    def pair(self, a: str, b: str) -> Text:
        return Text(f"({a}, {b})")

    def joined(self, term: str, rest: str) -> Text:
        return Text(f"[{term}, *{rest}]")

    def function_of(self, params: Sequence[str], value: str) -> Text:
        return Text(f"lambda {', '.join(params)}: {value}", CHOICE)

    def both(self, names: Sequence[str], values: Sequence[str]) -> str:
        return f"{', '.join(names)} = {', '.join(values)}"

    def extend(self, name: str, terms: Sequence[str]) -> str:
        if len(terms) == 1:
            return f"{name}.append({terms[0]})"
        return f"{name} += ({', '.join(terms)},)" if terms else f"{name} = []"

    def loop(self, heads: Sequence[tuple[str, str]], turn: str, start: int) -> list[str]:
        items, arrays = zip(*heads)
        if turn:
            return [f"for ({turn}, {items[0]}) in enumerate({arrays[0]}, {start}):"]
        if len(heads) == 1:
            return [f"for {items[0]} in {arrays[0]}:"]
        return [f"for ({', '.join(items)}) in zip({', '.join(arrays)}):"]

    def declare(self, names: Mapping[str, str]) -> list[str]:
        return []

    def function(self, name: str, params: Sequence[tuple[str, str]], returns: str, body: Sequence[str]) -> str:
        return "\n".join([f"def {name}({', '.join(n for n, _ in params)}):", *body])

    def constant(self, name: str, value: float | tuple[float, ...]) -> str:
        return f"{name} = {value!r}"


class ArraySyntax(PythonSyntax):
    """Python over arrays, whose conditions are arrays too."""

    operators = {
        **PythonSyntax.operators,
        "and": Operator("&", BOTH, ALWAYS, ALWAYS),
        "or": Operator("|", EITHER, ALWAYS, ALWAYS),
        "not": Operator("~", SIGN, ALWAYS, ALWAYS),
    }

    def named(self, name: str) -> Text:
        return Text(f"np.{name}")
