"""The expressions of a query as one graph: equal expressions are shared, and each comes after its parts.

An expression is a number or a condition. Conditions have two values here, as in IEEE 754, while SQL has three. DuckDB
and Polars order nan: nan = nan, and nan is larger than every number. So a comparison consists of one of the dialect's
own, and of tests for nan if an operand may be nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...ground.tuples import NamedTuple
from ..languages.sql import SqlDialect

# The kinds of expressions: numbers, …
NUMBER, NULL, COLUMN, NEGATIVE, INFIX, CALL, CASE = "number", "null", "column", "negated", "infix", "call", "case"
# … and conditions. A comparison is one of the dialect's own.
COMPARISON, NAN, ORDINARY, PRESENT, SIGNED, OPPOSED, ALL_OF, ANY_OF, CONSTANT = (
    "comparison", "nan", "ordinary", "present", "signed", "opposed", "all of", "any of", "constant",
)  # fmt: skip
CONDITIONS = frozenset((COMPARISON, NAN, ORDINARY, PRESENT, SIGNED, OPPOSED, ALL_OF, ANY_OF, CONSTANT))

COMPARED: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b, "<>": lambda a, b: a != b,
}  # fmt: skip
SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "<>", "<>": "="}
FOLDED: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
}  # fmt: skip


# The most tests in one condition.
JOINED = 8


class Scalar(NamedTuple):
    """An expression.

    kind   its kind
    key    a number, the name of a column, a sign, the key of a function, or a truth value
    parts  the expressions that it is made of, by their places in the graph
    """

    kind: str
    key: Any
    parts: tuple[int, ...] = ()


class Scalars:
    """The graph. Every method gives the place of an expression in it."""

    def __init__(self, dialect: SqlDialect) -> None:
        self.dialect = dialect
        self.all: list[Scalar] = []
        self._places: dict[Any, int] = {}
        # Of each expression, whether it may be nan as far as its form tells, and the number of tests in a condition.
        self._may_be_nan: list[bool] = []
        self._tests: list[int] = []
        self.true, self.false = self._of(CONSTANT, True), self._of(CONSTANT, False)

    def __getitem__(self, a: int) -> Scalar:
        return self.all[a]

    def _of(self, kind: str, key: Any, *parts: int) -> int:
        # 0 and -0 are two numbers, and nan is one.
        known = (kind, repr(key) if kind == NUMBER else key, parts)
        if (place := self._places.get(known)) is None:
            place = self._places[known] = len(self.all)
            self.all.append(Scalar(kind, key, parts))
            if kind == CASE:
                self._may_be_nan.append(any(self._may_be_nan[p] for p in parts[1:]))
            else:
                self._may_be_nan.append(kind != NUMBER or key != key)
            self._tests.append(sum(self._tests[p] for p in parts) if kind in (ALL_OF, ANY_OF, OPPOSED) else 1)
        return place

    # Numbers

    def number(self, a: float) -> int:
        """A number."""
        return self._of(NUMBER, float(a))

    def null(self) -> int:
        """No number."""
        return self._of(NULL, "")

    def column(self, name: str) -> int:
        """A column of the table."""
        return self._of(COLUMN, name)

    def known(self, a: int) -> float | None:
        """The value of a number that is written out; None for any other expression."""
        return self.all[a].key if self.all[a].kind == NUMBER else None

    def negative(self, a: int) -> int:
        """-a."""
        if (value := self.known(a)) is not None:
            return self.number(-value)
        return self.all[a].parts[0] if self.all[a].kind == NEGATIVE else self._of(NEGATIVE, "-", a)

    def infix(self, sign: str, a: int, b: int) -> int:
        """a + b, a - b, a * b or the dialect's own a / b, or another sign of the dialect's."""
        x, y = self.known(a), self.known(b)
        if x is not None and y is not None and sign in FOLDED and (sign != "/" or y != 0.0):
            return self.number(FOLDED[sign](x, y))
        if not self.dialect.adds_zero:
            other = b if x == 0.0 else a if y == 0.0 and sign == "+" else None
            if other is not None and sign in ("+", "-") and repr(x if other == b else y) == "0.0":
                answer = self.negative(other) if sign == "-" else other
                return self.choice(self._of(COMPARISON, "=", other, self.number(0.0)), self.number(0.0), answer)
        return self._of(INFIX, sign, a, b)

    def call(self, key: str, args: Sequence[int]) -> int:
        """A call of a function that the dialect has."""
        return self._of(CALL, key, *args)

    def choice(self, test: int, a: int, b: int) -> int:
        """a where the test holds, else b."""
        if a == b or test == self.true:
            return a
        return b if test == self.false else self._of(CASE, "", test, a, b)

    # Conditions

    def relation(self, sign: str, a: int, b: int) -> int:
        """A comparison of IEEE 754: with nan all are false but <>."""
        x, y = self.known(a), self.known(b)
        if x is not None and y is not None:
            return self.true if COMPARED[sign](x, y) else self.false
        if x is not None:
            sign, a, b, x, y = SWAPPED[sign], b, a, y, x
        if a == b:
            if sign in ("<", ">"):
                return self.false
            return self.nan(a) if sign == "<>" else self.ordinary(a)
        if y is not None and (chosen := self._of_a_choice(sign, a, b)) is not None:
            return chosen
        order = self._of(COMPARISON, sign, a, b)
        if sign == "<>":
            if not self.dialect.ranks_nan:
                return self.either([order, self.nan(a), self.nan(b)])
            return self.either([order, self.nan(a)]) if self._may_be_nan[b] else order
        if not self.dialect.ranks_nan:
            return order
        if sign == "=":
            return self.both([order, self.ordinary(a)]) if self._may_be_nan[b] else order
        return self.both([order, self.ordinary(b if sign in ("<", "<=") else a)])

    def _of_a_choice(self, sign: str, a: int, b: int) -> int | None:
        """A comparison of a truth value, such as `CASE WHEN t THEN 1 ELSE 0 END <> 0`, as a condition; else None."""
        if self.all[a].kind != CASE:
            return None
        test, yes, no = self.all[a].parts
        if self.known(yes) is None or self.known(no) is None:
            return None
        taken, other = self.relation(sign, yes, b), self.relation(sign, no, b)
        if taken == other:
            return taken
        return test if taken == self.true else self.opposite(test)

    def flag(self, c: int) -> int:
        """A condition that reads whether another holds."""
        return self._of(COMPARISON, "<>", self.choice(c, self.number(1.0), self.number(0.0)), self.number(0.0))

    def nan(self, a: int) -> int:
        """Whether a is nan."""
        if (value := self.known(a)) is not None:
            return self.true if value != value else self.false
        return self._of(NAN, "", a) if self._may_be_nan[a] else self.false

    def ordinary(self, a: int) -> int:
        """Whether a is not nan."""
        if (value := self.known(a)) is not None:
            return self.true if value == value else self.false
        return self._of(ORDINARY, "", a) if self._may_be_nan[a] else self.true

    def present(self, a: int) -> int:
        """Whether a is not null."""
        return self._of(PRESENT, "", a)

    def signed(self, a: int) -> int:
        """Whether the sign of a is minus; it is for -0."""
        if (value := self.known(a)) is not None:
            return self.true if math.copysign(1.0, value) < 0.0 else self.false
        if self.dialect.signbit:
            return self._of(SIGNED, "", a)
        # The angle of (-1, a) is below 0 for -0 too.
        return self.relation("<", self.call("math.atan2", [a, self.number(-1.0)]), self.number(0.0))

    def both(self, parts: Iterable[int]) -> int:
        """Whether all conditions hold."""
        found = self._joined(ALL_OF, parts, self.true, self.false)
        return self._whole(ALL_OF, [c for c in found if not self._implied(c, found, ORDINARY, False)], self.true)

    def either(self, parts: Iterable[int]) -> int:
        """Whether one of the conditions holds."""
        found = self._joined(ANY_OF, parts, self.false, self.true)
        # (c and a is not nan) or a is nan: the second test makes the first superfluous.
        undefined = {self.all[c].parts[0] for c in found if self.all[c].kind == NAN}
        found = [self._without(c, undefined) for c in found]
        return self._whole(ANY_OF, [c for c in found if not self._implied(c, found, NAN, True)], self.false)

    def _joined(self, kind: str, parts: Iterable[int], idle: int, final: int) -> list[int]:
        found: dict[int, None] = {}
        for c in parts:
            for each in self.all[c].parts if self.all[c].kind == kind else (c,):
                found[each] = None
        if final in found:
            return [final]
        found.pop(idle, None)
        return list(found)

    def _whole(self, kind: str, found: list[int], idle: int) -> int:
        if not found:
            return idle
        if sum(self._tests[c] for c in found) > JOINED:
            # A condition is written wherever it is read. A long one is a column, of 1 and 0.
            found = [c if self._tests[c] == 1 else self.flag(c) for c in found]
            while len(found) > JOINED:
                parts = (found[k : k + JOINED] for k in range(0, len(found), JOINED))
                found = [self.flag(self._of(kind, "", *part)) for part in parts]
        return found[0] if len(found) == 1 else self._of(kind, "", *found)

    def _without(self, c: int, undefined: set[int]) -> int:
        if self.all[c].kind != ALL_OF:
            return c
        rest = [p for p in self.all[c].parts if self.all[p].kind != ORDINARY or self.all[p].parts[0] not in undefined]
        return self._whole(ALL_OF, rest, self.true)

    def _implied(self, c: int, others: list[int], kind: str, holds: bool) -> bool:
        """Whether a test for nan, or against it, follows from a comparison beside it."""
        if self.all[c].kind != kind:
            return False
        (a,) = self.all[c].parts
        return any(self._outcome(other, a) is holds for other in others if self.all[other].kind == COMPARISON)

    def _outcome(self, order: int, a: int) -> bool | None:
        """The outcome of a comparison of the dialect's own if a is nan, as far as it is certain."""
        _, sign, (x, y) = self.all[order]
        if a not in (x, y):
            return None
        if not self.dialect.ranks_nan:
            return False
        if self._may_be_nan[y if a == x else x]:
            return None
        return (sign if a == x else SWAPPED[sign]) in (">", ">=", "<>")

    def opposite(self, c: int) -> int:
        """Whether a condition does not hold."""
        kind, key, parts = self.all[c]
        if kind == CONSTANT:
            return self.false if key else self.true
        if kind in (ALL_OF, ANY_OF):
            found = map(self.opposite, parts)
            return self.either(found) if kind == ALL_OF else self.both(found)
        if kind == NAN:
            return self.ordinary(parts[0])
        if kind == ORDINARY:
            return self.nan(parts[0])
        if kind == COMPARISON:
            other = self._of(COMPARISON, OPPOSITE[key], *parts)
            return other if self.dialect.ranks_nan else self.either([other, *map(self.nan, parts)])
        return parts[0] if kind == OPPOSED else self._of(OPPOSED, "", c)
