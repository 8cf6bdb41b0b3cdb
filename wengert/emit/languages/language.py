"""A target language: its syntax inside a function (`Syntax`), the names that it reserves, the functions that it has,
and the layout of its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ...ground.tuples import Protocol
from ...ops.sources import FLOATS, Sources
from ...ops.syntax import CHOICE, PRODUCT, SIGN, SUM, TIGHT, Operator, Spelling, Syntax, Text
from ..naming import Identifiers
from .prelude import Translated

if TYPE_CHECKING:
    from ..writing import Written


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
    """Spellings of the library's functions: the name of each, or another one, in `form`; "" for a missing function."""
    found = {}
    for key in (*LIBRARY, *LIBRARY_OF_TWO):
        name = key.partition(".")[2]
        if name := others.get(name, name):
            args = "({0}, {1})" if key in LIBRARY_OF_TWO else "({0})"
            found[key] = Spelling(form.format(name) + args)
    return found


def truths(operators: Mapping[str, Operator], form: str, binds: int) -> dict[str, Spelling]:
    """Spellings of comparisons, and of the ops that join truth values; `form` makes a number of a condition."""
    unequal, both, either = (operators[sign].sign for sign in ("!=", "and", "or"))
    conditions = {key: f"{{0}} {operators[sign].sign} {{1}}" for key, sign in COMPARISONS.items()}
    conditions["elementary.logical_and"] = f"{{0}} {unequal} 0.0 {both} {{1}} {unequal} 0.0"
    conditions["elementary.logical_or"] = f"{{0}} {unequal} 0.0 {either} {{1}} {unequal} 0.0"
    return {key: Spelling(form.format(condition), binds, TIGHT) for key, condition in conditions.items()}


class Prelude(Protocol):
    """Writes the functions that a program calls and the language lacks."""

    language: Language

    def call(self, key: str, args: Sequence[Text]) -> Text:
        """A call of the function with this key."""

    def lines(self) -> list[str]:
        """The definitions of all functions that were called."""


class Language(Syntax):
    """A target language.

    title      its name for people
    sources    the sources of functions that it lacks
    functions  the spellings of functions of its library, by the keys of `sources`
    words      the identifiers that have a meaning at the top of a file
    inner      the identifiers that have a meaning inside a function; by default the same
    extras     further functions that it lacks, as text in the language, by name
    block      the number of lines of a block, into which a function of more than twice as many is cut; 0 for none
    ascii      whether identifiers are ASCII only
    leading    whether identifiers may begin with `_`
    comment    the sign that begins a comment, which ends with the line
    """

    title = ""
    sources: Sources = FLOATS
    functions: Mapping[str, Spelling] = {}
    words: frozenset[str] = frozenset()
    inner: frozenset[str] | None = None
    extras: Mapping[str, str] = {}
    block = 0
    ascii = False
    leading = True
    comment = "//"

    def locals(self, taken: Iterable[str]) -> Identifiers:
        """Identifiers for the inside of a function; they differ from those `taken`, which it may call."""
        words = self.words if self.inner is None else self.inner
        return Identifiers(words | self.extras.keys() | set(taken), ascii=self.ascii, leading=self.leading)

    def array(self, items: Sequence[str]) -> str:
        """An array written out as an argument."""
        raise NotImplementedError

    def whole(self, name: str, count: int) -> str:
        """A constant array as an argument."""
        return name

    def same(self, a: Text) -> Text:
        """The expression that gives a name the value of another name, or of a number."""
        return a

    def heading(self, text: str) -> str:
        """A line that is a heading of the lines below it."""
        return f"{self.comment} {text}"

    def let(self, name: str, value: str) -> str:
        """A line that gives a value its name."""
        return self.assign(name, value)

    # Files

    def prelude(self, names: Identifiers) -> Prelude:
        """The writer of the functions that a program calls and the language lacks."""
        return Translated(self, names)

    def program(self, written: Written) -> str:
        """The text of the file."""
        raise NotImplementedError
