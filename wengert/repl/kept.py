"""The statements of a session in order, and the statements that a name depends on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from ..api.texts import Sentence
from ..ground.tuples import NamedTuple

NO_NAMES: frozenset[str] = frozenset()


class Statement(NamedTuple):
    """A statement that was accepted.

    `value` is the number, if it gives a name a number. `fixed` are names with a number that it needs as numbers, not as
    inputs.
    """

    sentence: Sentence
    value: float | None = None
    fixed: frozenset[str] = NO_NAMES

    @property
    def name(self) -> str:
        """The one name that it binds. Loops have none."""
        return next(iter(self.sentence.binds))


class KeptStatements:
    """Statements by place and by name. Adding one takes the same time, however many there are."""

    def __init__(self, statements: Iterable[Statement] = ()) -> None:
        self._all: list[Statement] = []
        # Places of the statements that bind a name, ascending, and names that are read anywhere.
        self._binders: dict[str, list[int]] = {}
        self._read: set[str] = set()
        for statement in statements:
            self.append(statement)

    def __iter__(self) -> Iterator[Statement]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, place: int) -> Statement:
        return self._all[place]

    def append(self, statement: Statement) -> None:
        """Add a statement at the end."""
        for name in statement.sentence.binds:
            self._binders.setdefault(name, []).append(len(self._all))
        self._read |= statement.sentence.reads
        self._all.append(statement)

    def replaced(self, place: int, statement: Statement) -> KeptStatements:
        """The statements, with another one in that place."""
        return KeptStatements([*self._all[:place], statement, *self._all[place + 1 :]])

    def inserted(self, place: int, statement: Statement) -> KeptStatements:
        """The statements, with one more in that place."""
        return KeptStatements([*self._all[:place], statement, *self._all[place:]])

    def without(self, place: int) -> KeptStatements:
        """The statements except the one in that place."""
        return KeptStatements([*self._all[:place], *self._all[place + 1 :]])

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
        waiting = [(name, len(self._all)) for name in reads]
        while waiting:
            name, before = waiting.pop()
            places = self._binders.get(name, [])
            if (k := bisect_left(places, before) - 1) < 0 or (place := places[k]) in kept:
                continue
            kept.add(place)
            sentence = self._all[place].sentence
            names = sentence.reads | sentence.binds if sentence.kind == "for" else sentence.reads
            waiting += [(name, place) for name in names]
        return sorted(kept)
