"""The syntax of a language inside a function, as a table with which `printing` prints bodies."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from math import isfinite

from ..ground.tuples import NamedTuple

# How tightly an expression binds, from the loosest.
CHOICE, OR, AND, EQUAL, ORDER, EITHER, BOTH, SUM, PRODUCT, SIGN, TIGHT, ALWAYS = range(12)


class Text(NamedTuple):
    """A piece of an expression, and how tightly it binds."""

    text: str
    binds: int = TIGHT

    def at(self, need: int) -> str:
        """The text, in brackets if it binds less tightly than `need`."""
        return self.text if self.binds >= need else f"({self.text})"


class Spelling(NamedTuple):
    """A language's own spelling of a function: a template, its precedence, and the precedence that its arguments need.

    A call whose number of arguments is not that of the template raises NotImplementedError.
    """

    template: str
    binds: int = TIGHT
    need: int = CHOICE

    def __call__(self, args: Sequence[Text]) -> Text:
        if len(args) != self.arity:
            raise NotImplementedError(f"{self.template} of {len(args)} arguments")
        return Text(self.template.format(*(a.at(self.need) for a in args)), self.binds)

    @property
    def arity(self) -> int:
        """The number of arguments that the template has."""
        return len(set(self._slots()))

    @property
    def repeats(self) -> bool:
        """Whether the template has an argument more than once."""
        return len(self._slots()) > self.arity

    def _slots(self) -> list[str]:
        return re.findall(r"\{\d\}", self.template)


class Operator(NamedTuple):
    """An operator's sign, its precedence, and the precedence that its left and its right operand need."""

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
    # Some compilers warn of operands without brackets here, though the language needs none.
    "and": Operator("&&", AND, EQUAL, EQUAL),
    "or": Operator("||", OR, EQUAL, EQUAL),
    "not": Operator("!", SIGN, TIGHT, TIGHT),
    "negative": Operator("-", SIGN, TIGHT, TIGHT),
}


class Syntax:
    """The syntax of a language inside a function. The defaults are those of C; most of a language is its table.

    operators  the operators, by their signs in Python
    end        the end of a statement
    when, otherwise, repeat, close  the lines around the branches of a condition and around the body of a loop; {0} is
               the condition, and an empty line is left out
    indent     the indentation of a block
    first, second  the suffixes that select the parts of a pair
    lists      whether the language has lists that grow; without them a list is represented by its sum, in doubled
               precision
    unpacks    the format of a line that names both parts of a pair at once, from the names and the pair; "" for none
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
        """A literal with exactly this value; a negative one binds as a sign does."""
        limit = self.nan if a != a else self.inf if a > 0 else f"-{self.inf}"
        text = self.finite(float(a)) if isfinite(a) else limit
        return Text(text, SUM if text[0] == "-" else TIGHT)

    def finite(self, a: float) -> str:
        """A literal for a finite number."""
        return repr(a)

    def literal(self, a: float) -> Text:
        """A literal of a source, which may be an int there."""
        return self.number(float(a))

    def named(self, name: str) -> Text:
        """`inf`, `nan` or `pi`."""
        return self.number(getattr(math, name))

    def choice(self, test: Text, yes: Text, no: Text) -> Text:
        """`yes` where the test holds, else `no`."""
        return Text(f"{test.at(OR)} ? {yes.at(CHOICE + 1)} : {no.at(CHOICE)}", CHOICE)

    def negated(self, test: Text) -> Text:
        """The negation of a condition."""
        operator = self.operators["not"]
        return Text(f"{operator.sign}{test.at(operator.right)}", operator.binds)

    def truth(self, value: Text) -> Text:
        """The test whether a float is not zero."""
        unequal = self.operators["!="]
        return Text(f"{value.at(unequal.left)} {unequal.sign} 0.0", unequal.binds)

    def pair(self, a: str, b: str) -> Text:
        """A pair of floats."""
        raise NotImplementedError

    def several(self, values: Sequence[str]) -> str:
        """Any number of values together."""
        raise NotImplementedError

    def joined(self, term: str, rest: str) -> Text:
        """A list with a term put in front."""
        raise NotImplementedError

    def function_of(self, params: Sequence[str], value: str) -> Text:
        """A function without a name."""
        raise NotImplementedError

    # Statements

    def assign(self, name: str, value: str) -> str:
        """A line that assigns a value to a variable."""
        return f"{name} = {value}{self.end}"

    def give(self, value: str) -> str:
        """A line that returns a value."""
        return f"return {value}{self.end}"

    def both(self, names: Sequence[str], values: Sequence[str]) -> str:
        """A line that assigns several values at once, or one value that has several."""
        raise NotImplementedError

    def extend(self, name: str, terms: Sequence[str]) -> str:
        """A line that appends terms to a list; without terms, one that begins the list."""
        raise NotImplementedError

    def loop(self, heads: Sequence[tuple[str, str]], turn: str, start: int) -> list[str]:
        """The head of a loop over one or more arrays at once, given as pairs of a variable and an array; `turn`, if
        any, counts from `start`."""
        raise NotImplementedError

    # Definitions

    def declare(self, names: Mapping[str, str]) -> list[str]:
        """The declarations of local variables, from names and kinds."""
        raise NotImplementedError

    def function(self, name: str, params: Sequence[tuple[str, str]], returns: str, body: Sequence[str]) -> str:
        """A function, from the names and kinds of its parameters and the indented lines of its body."""
        raise NotImplementedError

    def prototype(self, name: str, params: Sequence[tuple[str, str]], returns: str) -> str:
        """The declaration that a use before the definition needs; empty if it needs none."""
        return ""

    def constant(self, name: str, value: float | tuple[float, ...]) -> str:
        """A constant number or array."""
        raise NotImplementedError


class PythonSyntax(Syntax):
    """The syntax of Python."""

    # By the precedence in Python's grammar.
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

    def several(self, values: Sequence[str]) -> str:
        return f"({', '.join(values)},)"

    def joined(self, term: str, rest: str) -> Text:
        return Text(f"[{term}, *{rest}]")

    def function_of(self, params: Sequence[str], value: str) -> Text:
        return Text(f"lambda {', '.join(params)}: {value}", CHOICE)

    def both(self, names: Sequence[str], values: Sequence[str]) -> str:
        left = f"{names[0]}," if len(names) == 1 else ", ".join(names)
        return f"{left} = {', '.join(values)}"

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
    """The syntax of Python over arrays, where conditions are arrays too."""

    operators = {
        **PythonSyntax.operators,
        "and": Operator("&", BOTH, ALWAYS, ALWAYS),
        "or": Operator("|", EITHER, ALWAYS, ALWAYS),
    }

    def negated(self, test: Text) -> Text:
        # Python's own `~` would turn the truth value of comparing Python numbers into -2.
        return Text(f"np.logical_not({test.text})")

    def named(self, name: str) -> Text:
        return Text(f"np.{name}")
