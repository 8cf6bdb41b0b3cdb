"""The statements of a session in order, and the statements that a name depends on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain

from ..api.texts import Sentence
from ..ground.tuples import NamedTuple

NO_NAMES: frozenset[str] = frozenset()


class Statement(NamedTuple):
    """A statement that was accepted.

    `value` is the number, if it gives a name a number. `fixed` are names with a number that it needs as numbers, not as
    inputs. `shapes` are the shapes of the names that it binds, as far as they are known, and `open` says that names
    without a value go into them.
    """

    sentence: Sentence
    value: float | None = None
    fixed: frozenset[str] = NO_NAMES
    shapes: Mapping[str, tuple[int, ...]] = {}
    open: bool = False

    @property
    def name(self) -> str:
        """The one name that it binds. Loops have none."""
        return next(iter(self.sentence.binds))


# Places below it are those of numbers that were given after a formula had read their names.
_TYPED = 1 << 40


class KeptStatements:
    """Statements by place and by name. Adding one takes the same time, however many there are, and so does giving a
    name a number, which comes before all formulas that read it."""

    def __init__(self, statements: Iterable[Statement] = (), given: Iterable[Statement] = ()) -> None:
        self._given: list[Statement] = []
        self._typed: list[Statement] = []
        # Places of the statements that bind a name, ascending, and names that are read anywhere.
        self._binders: dict[str, list[int]] = {}
        self._read: set[str] = set()
        for statement in given:
            self.give(statement)
        for statement in statements:
            self.append(statement)

    def __iter__(self) -> Iterator[Statement]:
        return chain(self._given, self._typed)

    def __getitem__(self, place: int) -> Statement:
        return self._typed[place - _TYPED] if place >= _TYPED else self._given[place]

    def append(self, statement: Statement) -> None:
        """Add a statement at the end."""
        self._add(statement, _TYPED + len(self._typed))
        self._typed.append(statement)

    def give(self, statement: Statement) -> None:
        """Add a statement that gives a number to a name that no statement binds, before all that were typed."""
        self._add(statement, len(self._given))
        self._given.append(statement)

    def _add(self, statement: Statement, place: int) -> None:
        for name in statement.sentence.binds:
            self._binders.setdefault(name, []).append(place)
        self._read |= statement.sentence.reads

    def put(self, place: int, statement: Statement) -> None:
        """Put a number in the place of another one of the same name."""
        if place >= _TYPED:
            self._typed[place - _TYPED] = statement
        else:
            self._given[place] = statement

    def inserted(self, place: int, statement: Statement) -> KeptStatements:
        """The statements, with one more in the place of one that was typed."""
        k = place - _TYPED
        return KeptStatements([*self._typed[:k], statement, *self._typed[k:]], self._given)

    def without(self, place: int) -> KeptStatements:
        """The statements except the one in that place."""
        typed, given = self._typed.copy(), self._given.copy()
        del (typed if place >= _TYPED else given)[place % _TYPED]
        return KeptStatements(typed, given)

    def chosen(self, wanted: Callable[[Statement], bool]) -> KeptStatements:
        """The statements that are wanted, which change on their own."""
        return KeptStatements(filter(wanted, self._typed), filter(wanted, self._given))

    def bound(self, name: str) -> int:
        """The place of the last statement that binds a name; -1 if none does."""
        return self._binders[name][-1] if name in self._binders else -1

    def names(self) -> dict[str, list[int]]:
        """The names that are bound. Functions have their bracket."""
        return self._binders

    def read_unbound(self, name: str) -> bool:
        """Whether a statement may read a name that no statement binds."""
        return name in self._read and name not in self._binders

    def needed(self, reads: Iterable[str]) -> list[int]:
        """The places, ascending, of the statements that the names `reads` depend on.

        A loop may leave a name unchanged, so the statement that bound the name before the loop is needed too.
        """
        kept: set[int] = set()
        waiting = [(name, _TYPED + len(self._typed)) for name in reads]
        while waiting:
            name, before = waiting.pop()
            places = self._binders.get(name, [])
            if (k := bisect_left(places, before) - 1) < 0 or (place := places[k]) in kept:
                continue
            kept.add(place)
            sentence = self[place].sentence
            names = sentence.reads | sentence.binds if sentence.kind == "for" else sentence.reads
            waiting += [(name, place) for name in names]
        return sorted(kept)
