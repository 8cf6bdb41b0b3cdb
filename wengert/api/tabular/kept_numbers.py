"""Numbers of a text file in a file aside, so that only the first of many passes reads the text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from tempfile import TemporaryFile
from typing import Any

Columns = dict[str, Any]


class KeptNumbers:
    """Columns of a table, read from its text once and from a file of floats afterwards.

    The file has 8 bytes a number, no name, and goes with this object. Without room for it the text is read again.
    """

    def __init__(self, read: Callable[[Sequence[str]], Iterable[Columns]]) -> None:
        self.read = read
        self.names: tuple[str, ...] = ()
        self.rows: list[int] = []
        self.file: Any = None
        self.begun: Any = None  # the file while it is written

    def batches(self, names: Sequence[str]) -> Iterator[Columns]:
        """Batches of these columns, from the first row on."""
        import numpy as np

        if self.file is None or self.names != tuple(names):
            yield from self._first(tuple(names))
            return
        file = self.file
        file.seek(0)
        for count in self.rows:
            whole = np.fromfile(file, dtype=float, count=count * len(self.names))
            yield dict(zip(self.names, whole.reshape(len(self.names), count)))

    def _aside(self) -> Any:
        try:
            return TemporaryFile(prefix="wengert-")
        except OSError:
            return None

    def _first(self, names: tuple[str, ...]) -> Iterator[Columns]:
        self.close()
        file = self.begun = self._aside()
        rows: list[int] = []
        for batch in self.read(names):
            if file is not None:
                try:
                    for n in names:
                        file.write(
                            memoryview(batch[n]).cast("B") if batch[n].flags.c_contiguous else batch[n].tobytes()
                        )
                except OSError:
                    self.close()
                    file = None
            rows.append(len(batch[names[0]]))
            yield batch
        if file is not None:
            with suppress(OSError):
                file.flush()
                self.names, self.rows, self.file, self.begun = names, rows, file, None

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Remove the file."""
        for file in (self.file, self.begun):
            if file is not None:
                with suppress(OSError):
                    file.close()
        self.file = self.begun = None


__all__ = ["KeptNumbers"]
