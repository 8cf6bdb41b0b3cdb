"""Tables of text read in batches by the reader of Python: .csv, .tsv, and .txt with spaces between its cells.

It needs no package, takes every form that the readers of small files take, and names the cell that is no number. The
reader of pyarrow is tens of times faster, and leaves to this one each file in which it finds anything unusual.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from ...ground.errors import UsageError, error
from ...ground.names import normalize
from .row_batches import MISSING_WORDS, ROWS, RowBatch, RowTable, no_number

# Rows whose cells are held as text at one time.
_PIECE = 1 << 14
SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": ""}


class TextTable(RowTable):
    """A table of text whose first line has the names of its columns. Empty lines, and lines that begin with `#`, are
    skipped. Raises UsageError for a file that cannot be read, or whose columns have no names."""

    unit, text = "bytes", True

    def __init__(self, path: Path) -> None:
        self.path, self.called = path, str(path)
        self.separator = SEPARATORS[path.suffix.lower()]
        self.before = 0  # lines of the file before the line of the names
        with self._reading():
            self.count = path.stat().st_size
            with self._open() as file:
                header = next(self._lines(file), None)
        if header is None:
            self.refuse("has no rows, and no line of names", "a first line of words names the columns: x,y", "W903")
        self.before, words = header[0] - 1, header[1]
        if all(map(_is_number, words)):
            self.refuse("has no names of its columns", "a first line of words gives them: x,y")
        self.names = tuple(normalize(w.strip()) for w in words)

    def batches(
        self, columns: Sequence[str], size: int = ROWS, first: int = 0, kept: Sequence[str] = ()
    ) -> Iterator[RowBatch]:
        self.check_columns((*columns, *kept))
        with self._reading(), self._open() as file:
            lines = islice(self._lines(file), 1, None)
            for _ in islice(lines, first):
                pass
            at = first
            while True:
                batch = self._batch(lines, at, columns, size, kept)
                if not batch.rows:
                    return
                at += batch.rows
                yield batch._replace(done=min(file.buffer.tell(), self.count))

    def _batch(
        self, lines: Iterator[tuple[int, list[str]]], first: int, columns: Sequence[str], size: int, kept: Sequence[str]
    ) -> RowBatch:
        import numpy as np

        place = {n: k for k, n in reversed([*enumerate(self.names)])}
        places = {n: place[n] for n in (*columns, *kept)}
        values: dict[str, list[Any]] = {n: [] for n in columns}
        empty: dict[str, list[Any]] = {n: [] for n in columns}
        texts: dict[str, list[str]] = {n: [] for n in kept}
        rows = 0
        while rows < size and (piece := [*islice(lines, min(_PIECE, size - rows))]):
            for number, words in piece:
                if len(words) != len(self.names):
                    self.refuse(f"is ragged: line {number:,} has {len(words)} column{'s' * (len(words) != 1)}, not "
                                f"{len(self.names)}", "each line has a cell of each column")  # fmt: skip
            for n in columns:
                found, lacking = self._numbers(n, [words[places[n]] for _, words in piece], piece, first + rows)
                values[n].append(found)
                empty[n].append(lacking)
            for n in kept:
                texts[n] += [words[places[n]] for _, words in piece]
            rows += len(piece)
        joined = {n: np.concatenate(v) if v else np.empty(0) for n, v in values.items()}
        flags = {n: np.concatenate(v) for n, v in empty.items() if v}
        return RowBatch(first, rows, joined, {n: v for n, v in flags.items() if v.any()}, dict(texts), 0)

    def _numbers(
        self, name: str, words: list[str], piece: Sequence[tuple[int, list[str]]], first: int
    ) -> tuple[Any, Any]:
        """The numbers of some cells of a column, and where they are missing."""
        import numpy as np

        lacking = np.zeros(len(words), bool)
        try:
            found = np.array(words, dtype=float)
            if not np.isnan(found).any() and not any("_" in w for w in words):
                return found, lacking
        except ValueError:
            found = np.empty(len(words))
        for k, word in enumerate(words):
            plain = word.strip()
            if plain.lower() in MISSING_WORDS:
                found[k], lacking[k] = np.nan, True
            elif _is_number(plain):
                found[k] = float(plain)
            else:
                no_number(self, word, name, first + k + 1, f" (line {piece[k][0]:,})")
        return found, lacking

    def _open(self) -> Any:
        return self.path.open(encoding="utf-8-sig", newline="")

    def _lines(self, file: Any) -> Iterator[tuple[int, list[str]]]:
        """The lines that are no comments and not empty, each with its number from 1 on, cut into cells."""
        if not self.separator:
            for number, line in enumerate(file, 1):
                if (words := line.split()) and not words[0].startswith("#"):
                    yield number, words
            return
        reader = csv.reader(file, delimiter=self.separator, strict=True)
        for words in reader:
            # A line of commas alone is a row that lacks every value.
            if (len(words) > 1 or words and words[0].strip()) and not words[0].lstrip().startswith("#"):
                yield reader.line_num, words

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """A block in which a file that cannot be read raises UsageError."""
        try:
            yield
        except UnicodeDecodeError as problem:
            raise error(UsageError, "W900", f"{self.called} is no text in UTF-8: {problem.reason}",
                        help="save the table as CSV in UTF-8") from None  # fmt: skip
        except (OSError, csv.Error) as problem:
            why = getattr(problem, "strerror", None) or str(problem)
            raise error(UsageError, "W900", f"cannot read {self.called}: {why}") from None


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return "_" not in word


__all__ = ["SEPARATORS", "TextTable"]
