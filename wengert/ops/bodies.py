"""The body of a float function as plain data: typed statements, for a printer of any language to read.

Values are floats and pairs of floats; the few integers of the sources count as floats. There are assignments, `if`,
`while`, `for` over tuples side by side, returns, and lists that are only added to and summed. All else of Python
(exceptions, large integers) is `Unread`, with its text: a printer that comes to it refuses the function.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

# The kinds of values: a float, two floats, an array of floats, and a list of floats that grows.
FLOAT, PAIR, ARRAY, LIST = "float", "pair", "array", "list"

# Expressions


@dataclass(frozen=True)
class Number:
    """A literal: an int where the source has one."""

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
    """Conditions that hold together ("and"), or one of which holds ("or")."""

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
    """The first (0) or the second (1) of a pair."""

    pair: Expression
    index: int


@dataclass(frozen=True)
class Joined:
    """A term before those of a list, as an argument of `math.fsum`."""

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
    """A function without a name. No source has one: functions over arrays are made of them."""

    params: tuple[str, ...]
    value: Expression


@dataclass(frozen=True)
class Unread:
    """An expression or a statement that a body cannot have."""

    text: str


Expression = (
    Number | Local | Constant | Negative | Binary | Relation | Logic | Not | Choice | Pair | Component | Joined | Call
    | Lambda | Unread
)  # fmt: skip

# Statements


@dataclass(frozen=True)
class Assign:
    """One name for a value, or two for the floats of a pair."""

    names: tuple[str, ...]
    value: Expression


@dataclass(frozen=True)
class Begin:
    """An empty list."""

    name: str


@dataclass(frozen=True)
class Extend:
    """Terms behind those of a list."""

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
    """A loop over arrays side by side, each with the name of its item; `turn`, if there is one, counts from `start`."""

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
    """Names for values at once. No source has one: functions over arrays are made of them."""

    names: tuple[str, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True)
class Define:
    """A function within a function. No source has one: functions over arrays are made of them."""

    name: str
    params: tuple[str, ...]
    body: tuple[Statement, ...]


Statement = Assign | Begin | Extend | If | While | For | Return | Both | Define | Unread


@dataclass(frozen=True)
class Body:
    """A float function.

    key      its module's last name and its own
    params   its parameters with their kinds
    rest     whether the last of them takes any number of arguments: it is an array
    returns  the kind of its value
    locals   its variables with their kinds, in the order in which they get a value
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
        case Choice(yes=yes):
            return kind_of(yes)
        case Local(kind=kind) | Call(kind=kind):
            return kind
    return FLOAT


def parts_of(whole: object) -> Iterator[object]:
    """An expression or a statement, or several, and all that they are made of."""
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
    """Whether nothing after these statements is reached."""
    last = body[-1]
    if isinstance(last, If):
        return bool(last.no) and ends(last.yes) and ends(last.no)
    return isinstance(last, Return)
