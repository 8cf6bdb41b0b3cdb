"""What a target language looks like, for `translate` and for the lines of a list: one class, a subclass a language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple, Protocol

from .naming import Names

if TYPE_CHECKING:
    from .writing import Written

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
    "elementary.copy": Spelling("{0}", CHOICE, CHOICE),
    "elementary.square": Spelling("{0} * {0}", PRODUCT, TIGHT),
    "elementary.cube": Spelling("{0} * {0} * {0}", PRODUCT, TIGHT),
    "elementary.reciprocal": Spelling("1.0 / {0}", PRODUCT, TIGHT),
}

LIBRARY = (
    "math.sin math.cos math.tan math.asin math.acos math.atan math.sinh math.cosh math.tanh math.asinh math.acosh "
    "math.atanh math.exp math.expm1 math.log math.log1p math.log2 math.log10 math.sqrt math.cbrt math.floor math.ceil "
    "math.trunc math.fabs math.erf math.erfc"
).split()
LIBRARY_OF_TWO = ["math.pow", "math.fmod", "math.atan2", "math.copysign"]

COMPARISONS = {
    "elementary.lt": "<",
    "elementary.le": "<=",
    "elementary.gt": ">",
    "elementary.ge": ">=",
    "elementary.eq": "==",
    "elementary.ne": "!=",
}


def library(form: str, **others: str) -> dict[str, Spelling]:
    """Spellings of the library's functions: `form` with the name, or another name; "" for one that is not there."""
    found = {}
    for key in (*LIBRARY, *LIBRARY_OF_TWO):
        name = key.partition(".")[2]
        if name := others.get(name, name):
            args = "({0}, {1})" if key in LIBRARY_OF_TWO else "({0})"
            found[key] = Spelling(form.format(name) + args)
    return found


class Calls(Protocol):
    """Writes the functions that a program needs in a language besides the language's own."""

    language: Language

    def call(self, key: str, args: Sequence[Text]) -> Text:
        """A call of the function with this key."""

    def lines(self) -> list[str]:
        """The definitions that calls have asked for."""


class Language:
    """A target language. The attributes and methods are what differs from one to the next; the defaults are C's.

    title      what it is called
    functions  how it spells what its library has, by the keys of `sources`
    words      identifiers that mean something to it at the top of a file
    inner      those that mean something to it inside a function; by default the same
    extras     functions it lacks, in its own text, by their names
    block      a function that is longer than twice this is cut into pieces of it; 0 for never
    """

    title = ""
    functions: Mapping[str, Spelling] = {}
    words: frozenset[str] = frozenset()
    inner: frozenset[str] | None = None
    extras: Mapping[str, str] = {}
    block = 0
    ascii = False
    leading = True
    comment = "//"
    end = ";"
    inf, nan = "INFINITY", "NAN"
    equal, unequal, both, either, negation = "==", "!=", "&&", "||", "!"
    first, second = ".high", ".low"
    zeros: Mapping[str, str] = {FLOAT: "", PAIR: ""}

    def locals(self, taken: Iterable[str]) -> Names:
        """Names for what is inside a function, where those `taken` may be called."""
        words = self.words if self.inner is None else self.inner
        return Names(words | self.extras.keys() | set(taken), ascii=self.ascii, leading=self.leading)

    # Expressions

    def number(self, a: float) -> Text:
        """A literal with exactly this value. A negative one gets brackets beside an operator."""
        limit = self.nan if a != a else self.inf if a > 0 else f"-{self.inf}"
        text = self.finite(float(a)) if isfinite(a) else limit
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

    def same(self, a: Text) -> Text:
        """A name or a number, as the value of another name."""
        return a

    # Lines

    def heading(self, text: str) -> str:
        """A line between lines."""
        return f"{self.comment} {text}"

    def let(self, name: str, value: str) -> str:
        """A line that gives a value its name."""
        return f"{name} = {value}{self.end}"

    def give(self, value: str) -> str:
        """A line that ends a function with its value."""
        return f"return {value}{self.end}"

    # Statements and definitions

    def test(self, text: str) -> str:
        """A condition behind `if` or `while`."""
        return f"({text})"

    def declare(self, names: Mapping[str, str]) -> list[str]:
        """The declarations of local variables, from names and kinds."""
        raise NotImplementedError

    def loop(self, heads: Sequence[tuple[str, str]], count: str, start: int) -> list[str]:
        """The head of a loop over arrays side by side, from variables and arrays; `count` is the turn, from `start`."""
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

    # Files

    def prelude(self, names: Names) -> Calls:
        """What writes the functions that a program needs."""
        raise NotImplementedError

    def program(self, written: Written) -> str:
        """The file."""
        raise NotImplementedError
