"""The statements of a session, in order, and which of them a name stands on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..api.texts import Sentence

NO_NAMES: frozenset[str] = frozenset()


class Statement(NamedTuple):
    """A statement that was accepted; its `value`, if it gives a name a number; names with a number that it needs as
    numbers of the program, not as inputs."""

    sentence: Sentence
    value: float | None = None
    fixed: frozenset[str] = NO_NAMES

    @property
    def name(self) -> str:
        """The one name that it binds; not for loops."""
        return next(iter(self.sentence.binds))


class KeptStatements:
    """Statements by place and by name. One more costs no more, however many there are."""

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
        """The statements with another in that place."""
        return KeptStatements([*self._all[:place], statement, *self._all[place + 1 :]])

    def inserted(self, place: int, statement: Statement) -> KeptStatements:
        """The statements with one more, in that place."""
        return KeptStatements([*self._all[:place], statement, *self._all[place:]])

    def without(self, place: int) -> KeptStatements:
        """The statements but for one."""
        return KeptStatements([*self._all[:place], *self._all[place + 1 :]])

    def bound(self, name: str) -> int:
        """Which statement binds a name now; -1 if none does."""
        return self._binders[name][-1] if name in self._binders else -1

    def names(self) -> dict[str, list[int]]:
        """The names that are bound; functions with their bracket."""
        return self._binders

    def read_unbound(self, name: str) -> bool:
        """Whether statements may read a name that none binds."""
        return name in self._read and name not in self._binders

    def needed(self, reads: Iterable[str]) -> list[int]:
        """Which statements make what is read behind them, ascending.

        A loop may leave a name as it was, so what bound the name before counts too.
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
