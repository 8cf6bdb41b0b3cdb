"""The body of a float function as plain data: typed statements that a printer of any language can read.

Values are floats and pairs of floats; the few integers in the sources count as floats. The statements are assignments,
`if`, `while`, `for` over one or more tuples, and `return`; lists can only be appended to and summed. The rest of Python
(exceptions, large integers) becomes `Unread`, with its text, and a printer refuses a function that contains it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

# The kinds of values: a float, a pair of floats, an array of floats, a growing list of floats, and a condition. No
# variable is a condition, as typed languages do not convert it to a float.
FLOAT, PAIR, ARRAY, LIST, TRUTH = "float", "pair", "array", "list", "truth"

# Expressions


@dataclass(frozen=True)
class Number:
    """A literal: a float, or an int as in the source."""

    value: float


@dataclass(frozen=True)
class Local:
    """A parameter or a variable."""

    name: str
    kind: str = FLOAT


@dataclass(frozen=True)
class Constant:
    """A constant of a module, or one of `math`, by its key."""

    key: str


@dataclass(frozen=True)
class Negative:
    operand: Expression


@dataclass(frozen=True)
class Binary:
    """One of + - * / // % between two floats."""

    sign: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Relation:
    """One of < <= > >= == != between two floats."""

    sign: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Logic:
    """Conditions joined by "and" or by "or"."""

    sign: str
    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Not:
    operand: Expression


@dataclass(frozen=True)
class Choice:
    test: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True)
class Pair:
    first: Expression
    second: Expression


@dataclass(frozen=True)
class Component:
    """The first (0) or the second (1) float of a pair."""

    pair: Expression
    index: int


@dataclass(frozen=True)
class Joined:
    """A list with a term put in front, as an argument of `math.fsum`."""

    term: Expression
    rest: str


@dataclass(frozen=True)
class Call:
    """A call of the function with this key; `kind` is that of its value."""

    key: str
    arguments: tuple[Expression, ...]
    kind: str = FLOAT


@dataclass(frozen=True)
class Lambda:
    """A function without a name. No source has one; they are for functions over arrays."""

    params: tuple[str, ...]
    value: Expression


@dataclass(frozen=True)
class Several:
    """Several values together. No source has this; it is for functions over arrays."""

    values: tuple[Expression, ...]


@dataclass(frozen=True)
class Unread:
    """The text of an expression or a statement that a body cannot represent."""

    text: str


Expression = (
    Number | Local | Constant | Negative | Binary | Relation | Logic | Not | Choice | Pair | Component | Joined | Call
    | Lambda | Several | Unread
)  # fmt: skip

# Statements


@dataclass(frozen=True)
class Assign:
    """An assignment of a value to a name, or of a pair's floats to two names."""

    names: tuple[str, ...]
    value: Expression


@dataclass(frozen=True)
class Begin:
    """An empty list."""

    name: str


@dataclass(frozen=True)
class Extend:
    """An addition of terms to the end of a list."""

    name: str
    terms: tuple[Expression, ...]


@dataclass(frozen=True)
class If:
    test: Expression
    yes: tuple[Statement, ...]
    no: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class While:
    test: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class For:
    """A loop over one or more arrays at once, each with the name of its item; `turn`, if any, counts from `start`."""

    items: tuple[str, ...]
    arrays: tuple[Expression, ...]
    turn: str
    start: int
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class Return:
    value: Expression


@dataclass(frozen=True)
class Both:
    """An assignment of several values at once, or of one value that has several parts. No source has one; it is for
    functions over arrays."""

    names: tuple[str, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True)
class Define:
    """A function within a function. No source has one; they are for functions over arrays."""

    name: str
    params: tuple[str, ...]
    body: tuple[Statement, ...]


Statement = Assign | Begin | Extend | If | While | For | Return | Both | Define | Unread


@dataclass(frozen=True)
class Body:
    """A float function.

    key      the last name of its module, and its own name
    params   its parameters with their kinds
    rest     whether the last parameter takes any number of arguments; then it is an array
    returns  the kind of its value
    locals   its variables with their kinds, in the order of their first assignments
    doc      its docstring, or ""
    """

    key: str
    params: tuple[tuple[str, str], ...]
    rest: bool
    returns: str
    locals: tuple[tuple[str, str], ...]
    doc: str
    statements: tuple[Statement, ...]


def kind_of(value: Expression) -> str:
    """The kind of an expression's value."""
    match value:
        case Pair():
            return PAIR
        case Relation() | Logic() | Not():
            return TRUTH
        case Choice(yes=yes):
            return kind_of(yes)
        case Local(kind=kind) | Call(kind=kind):
            return kind
    return FLOAT


def parts_of(whole: object) -> Iterator[object]:
    """All expressions and statements within one or several, including these."""
    if isinstance(whole, tuple):
        for part in whole:
            yield from parts_of(part)
    elif is_dataclass(whole):
        yield whole
        for field in fields(whole):
            yield from parts_of(getattr(whole, field.name))


def returns(body: tuple[Statement, ...]) -> bool:
    """Whether there is a return among these statements."""
    return any(isinstance(part, Return) for part in parts_of(body))


def ends(body: tuple[Statement, ...]) -> bool:
    """Whether these statements always return, so that nothing after them is reached."""
    last = body[-1]
    if isinstance(last, If):
        return bool(last.no) and ends(last.yes) and ends(last.no)
    return isinstance(last, Return)
