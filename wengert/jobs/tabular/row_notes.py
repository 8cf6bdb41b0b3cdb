"""Count the rows of a table that lack values, and those whose answer has a note."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...ground.tuples import NamedTuple
from .row_batches import RowBatch

# The kinds of notes on a row, in the order in which a report lists them.
KINDS = {
    "nan": "a value is nan",
    "infinite": "a value is infinite",
    "derivative": "a derivative is not finite, though the value is",
    "kink": "a kink, a tie, a jump or the edge of a domain",
}
# Rows with notes whose sentences are worked out: each takes about as long as a thousand rows without.
SENTENCES = 1_000


class NoteKind(NamedTuple):
    """Rows with a note of one kind: how many there are, the first (from 1 on), and the sentence about it."""

    rows: int
    first: int
    sentence: str


class NotedRows(NamedTuple):
    """The rows of a batch with notes.

    rows       their numbers in the table, from 1 on
    kinds      the kinds of each, such as "nan, kink"
    sentences  the notes on each, where they are worked out
    values     the columns that are read, at these rows
    """

    rows: Any
    kinds: list[str]
    sentences: list[str]
    values: dict[str, Any]


class RowTally:
    """Counts over the rows so far.

    rows, missing  all rows, and those that lack a value
    lacking        the rows that lack each column
    noted_rows     the rows with any note; `told` of them got sentences, or would have
    noted          the rows with notes, by kind
    """

    def __init__(self, columns: tuple[str, ...] = ()) -> None:
        self.rows = self.missing = self.told = self.noted_rows = 0
        self.lacking: dict[str, int] = dict.fromkeys(columns, 0)
        self.noted: dict[str, NoteKind] = {}

    def add(
        self, batch: RowBatch, flags: Mapping[str, Any], sentence: Callable[[Mapping[str, float]], str], listing: bool
    ) -> NotedRows | None:
        """Count a batch, whose rows of each kind are flagged. With `listing` the answer has all rows with notes."""
        import numpy as np

        self.rows += batch.rows
        for n, empty in batch.missing.items():
            self.lacking[n] = self.lacking.get(n, 0) + int(np.count_nonzero(empty))
        lacking = batch.lacking()
        if lacking is not None:
            self.missing += int(np.count_nonzero(lacking))
            flags = {kind: flagged & ~lacking for kind, flagged in flags.items()}
        flags = {kind: flags[kind] for kind in KINDS if kind in flags and flags[kind].any()}
        if not flags:
            return None
        for kind, flagged in flags.items():
            before = self.noted.get(kind)
            if before is None:
                k = int(np.argmax(flagged))
                before = NoteKind(0, batch.first + k + 1, sentence(_row(batch, k)))
            self.noted[kind] = before._replace(rows=before.rows + int(np.count_nonzero(flagged)))
        places = np.flatnonzero(np.logical_or.reduce([*flags.values()]))
        self.noted_rows += len(places)
        if not listing:
            return None
        sentences = [""] * len(places)
        for at, k in enumerate(places[: max(SENTENCES - self.told, 0)].tolist()):
            sentences[at] = sentence(_row(batch, k))
        self.told += len(places)
        words = [", ".join(kind for kind, flagged in flags.items() if flagged[k]) for k in places.tolist()]
        return NotedRows(places + batch.first + 1, words, sentences, {n: v[places] for n, v in batch.columns.items()})

    def merge(
        self, state: Mapping[str, Any], noted: NotedRows | None, sentence: Callable[[Mapping[str, float]], str]
    ) -> NotedRows | None:
        """Count the next rows, whose own tally has this state. Returns their rows with notes, with sentences."""
        own = RowTally()
        own.restore(state)
        self.rows, self.missing = self.rows + own.rows, self.missing + own.missing
        self.noted_rows += own.noted_rows
        for name, count in own.lacking.items():
            self.lacking[name] = self.lacking.get(name, 0) + count
        for kind, one in own.noted.items():
            before = self.noted.get(kind)
            self.noted[kind] = one if before is None else before._replace(rows=before.rows + one.rows)
        if noted is None:
            return None
        count = len(noted.rows)
        sentences = [""] * count
        for k in range(min(count, max(SENTENCES - self.told, 0))):
            sentences[k] = sentence({n: float(v[k]) for n, v in noted.values.items()})
        self.told += count
        return noted._replace(sentences=sentences)

    def state(self) -> dict[str, Any]:
        """The counts, as JSON holds them."""
        return {
            "rows": self.rows, "missing": self.missing, "told": self.told, "noted_rows": self.noted_rows,
            "lacking": dict(self.lacking), "noted": {kind: list(one) for kind, one in self.noted.items()},
        }  # fmt: skip

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up the counts of an earlier run."""
        self.rows, self.missing, self.told = state["rows"], state["missing"], state["told"]
        self.noted_rows, self.lacking = state["noted_rows"], dict(state["lacking"])
        self.noted = {kind: NoteKind(*one) for kind, one in state["noted"].items()}


def _row(batch: RowBatch, k: int) -> dict[str, float]:
    return {n: float(v[k]) for n, v in batch.columns.items()}


__all__ = ["KINDS", "SENTENCES", "NoteKind", "NotedRows", "RowTally"]
