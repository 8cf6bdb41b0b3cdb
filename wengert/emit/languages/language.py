"""A target language: what it looks like inside a function (`Syntax`), the names it keeps for itself, the functions it
has, and its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

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
    """Spellings of the library's functions: `form` with the name, or another name; "" for one that is not there."""
    found = {}
    for key in (*LIBRARY, *LIBRARY_OF_TWO):
        name = key.partition(".")[2]
        if name := others.get(name, name):
            args = "({0}, {1})" if key in LIBRARY_OF_TWO else "({0})"
            found[key] = Spelling(form.format(name) + args)
    return found


def truths(operators: Mapping[str, Operator], form: str, binds: int) -> dict[str, Spelling]:
    """Spellings of comparisons and of what joins truth values: `form` makes a number of a condition."""
    unequal, both, either = (operators[sign].sign for sign in ("!=", "and", "or"))
    conditions = {key: f"{{0}} {operators[sign].sign} {{1}}" for key, sign in COMPARISONS.items()}
    conditions["elementary.logical_and"] = f"{{0}} {unequal} 0.0 {both} {{1}} {unequal} 0.0"
    conditions["elementary.logical_or"] = f"{{0}} {unequal} 0.0 {either} {{1}} {unequal} 0.0"
    return {key: Spelling(form.format(condition), binds, TIGHT) for key, condition in conditions.items()}


class Prelude(Protocol):
    """Writes the functions that a program needs in a language besides the language's own."""

    language: Language

    def call(self, key: str, args: Sequence[Text]) -> Text:
        """A call of the function with this key."""

    def lines(self) -> list[str]:
        """The definitions that calls have asked for."""


class Language(Syntax):
    """A target language.

    title      what it is called
    sources    what it takes functions from
    functions  how it spells what its library has, by the keys of `sources`
    words      identifiers that mean something to it at the top of a file
    inner      those that mean something to it inside a function; by default the same
    extras     functions it lacks, in its own text, by their names
    block      a function that is longer than twice this is cut into pieces of it; 0 for never
    ascii      whether identifiers are of ASCII alone
    leading    whether they may begin with `_`
    comment    what begins one, to the end of a line
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
        """Identifiers for what is inside a function, where those `taken` may be called."""
        words = self.words if self.inner is None else self.inner
        return Identifiers(words | self.extras.keys() | set(taken), ascii=self.ascii, leading=self.leading)

    def array(self, items: Sequence[str]) -> str:
        """An array written out as an argument."""
        raise NotImplementedError

    def whole(self, name: str, count: int) -> str:
        """A constant array as an argument."""
        return name

    def same(self, a: Text) -> Text:
        """A name or a number, as the value of another name."""
        return a

    def heading(self, text: str) -> str:
        """A line between lines."""
        return f"{self.comment} {text}"

    def let(self, name: str, value: str) -> str:
        """A line that gives a value its name."""
        return self.assign(name, value)

    # Files

    def prelude(self, names: Identifiers) -> Prelude:
        """What writes the functions that a program needs."""
        return Translated(self, names)

    def program(self, written: Written) -> str:
        """The file."""
        raise NotImplementedError
