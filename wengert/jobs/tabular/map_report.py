"""The report on a table that was mapped, as an object, as text and as HTML."""

from __future__ import annotations

from typing import Any

from ..report_text import Section, as_html, as_text
from .map import MapEnd, RowJob
from .row_batches import listed_few
from .row_notes import KINDS, NoteKind


class Mapped:
    """A table whose rows a function was mapped over, as `wengert.map` finds it.

    output, notes_file   the paths of the files; "" where no rows with notes were asked for
    columns, kept        the columns that were computed, and those of the table beside them
    rows, missing        the rows of the table, and those of them that lack a value: their answers are missing too
    lacking              by column, the rows that lack it
    noted                by kind, `NoteKind`: how many rows have a note of it, the first, and the sentence about it
    noted_rows           the rows with any note
    at_most              whether some of the kinks may be in branches that were not taken: not all were looked at
    resumed              the rows that were there from an earlier run, which was interrupted
    seconds              the time that passed
    kernel               the kernel that ran last, and why
    """

    def __init__(self, job: RowJob, ended: MapEnd, at_most: bool) -> None:
        tally = ended.tally
        self.text, self.table = job.text, job.table.called
        self.output, self.notes_file = job.target, job.notes
        self.columns, self.kept = job.work.names, job.kept
        self.read = job.work.columns
        self.rows, self.missing, self.lacking = tally.rows, tally.missing, dict(tally.lacking)
        self.noted: dict[str, NoteKind] = {kind: tally.noted[kind] for kind in KINDS if kind in tally.noted}
        self.noted_rows, self.at_most = tally.noted_rows, at_most and "kink" in tally.noted
        self.resumed, self.other, self.seconds = ended.resumed, ended.other, ended.seconds
        self.kernel = job.work.kernel()

    def parts(self) -> list[Section]:
        """The report, in parts."""
        line = f"{self.text}\n{self.rows:,} row{'s' * (self.rows != 1)} of {self.table} to {self.output}"
        if self.missing:
            one = self.missing == 1
            line += f"; {self.missing:,} lack{'s' * one} a value and {'has' if one else 'have'} no answer"
        lines = [line, f"read: {listed_few(self.read)}\nwritten: {listed_few((*self.kept, *self.columns))}"]
        if self.lacking and self.missing:
            told = [f"{n} in {count:,}" for n, count in self.lacking.items()]
            lines.append(f"missing: {listed_few(told)}")
        if self.resumed:
            lines.append(f"the first {self.resumed:,} rows were there from a run that was interrupted")
        if self.other:
            lines.append("an unfinished run of another job, or of a table that has changed, was begun anew")
        parts = [Section("\n".join(lines))]
        if self.noted:
            rows = tuple(
                (KINDS[kind], ("≤ " if kind == "kink" and self.at_most else "") + f"{one.rows:,}", f"{one.first:,}")
                for kind, one in self.noted.items()
            )
            parts.append(Section("", ("notes", "rows", "first"), rows))
            parts += [Section(f"row {one.first:,}: {one.sentence}") for one in _first_of_each(self.noted)]
            if self.notes_file:
                parts.append(Section(f"the rows with notes are in {self.notes_file}"))
        return parts

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON holds it."""
        return {
            "program": self.text, "table": self.table, "output": self.output, "rows": self.rows,
            "missing": self.missing, "missing_by_column": self.lacking, "read": list(self.read),
            "kept": list(self.kept), "columns": list(self.columns), "noted_rows": self.noted_rows,
            "notes": {kind: one._asdict() for kind, one in self.noted.items()}, "at_most": self.at_most,
            "notes_file": self.notes_file or None, "resumed": self.resumed, "seconds": round(self.seconds, 3),
            "kernel": self.kernel,
        }  # fmt: skip

    def __str__(self) -> str:
        return as_text(self.parts())

    def _repr_html_(self) -> str:
        return as_html(self.parts())

    def __repr__(self) -> str:
        return f"<wengert.Mapped {self.rows:,} rows of {self.table} to {self.output}: {', '.join(self.columns)}>"


def _first_of_each(noted: dict[str, NoteKind]) -> list[NoteKind]:
    """The first row of each kind with its sentence, each row once."""
    return [*{one.first: one for one in noted.values() if one.sentence}.values()]


__all__ = ["Mapped"]
