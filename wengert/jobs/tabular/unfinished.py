"""Files that are written over a long time, so that a later run can resume where one stopped.

`out.parquet` grows as `out.parquet.part`. `out.parquet.journal` has a line for each complete part, and its first line
describes the job. At the end the part file is renamed and the journal removed. If a process is stopped at any moment,
all parts in the journal are complete.
"""

from __future__ import annotations

import errno
import io
import json
import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import IO, Any, NoReturn

from ...ground.errors import UsageError, WengertError, error, shown

# Errors of a system that has no room left.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class AppendedFile(io.RawIOBase):
    """The end of a file, as a file of its own that begins at 0."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.count = file, 0

    def writable(self) -> bool:
        """True: it is written to."""
        return True

    def tell(self) -> int:
        """How many bytes are written."""
        return self.count

    def write(self, content: Any) -> int:
        """Write all of some bytes, also where the system takes them in pieces. Raises OSError."""
        size = len(content)
        taken = self.file.write(content)
        while taken < size:
            taken += self.file.write(memoryview(content)[taken:])
        self.count += size
        return size


class UnfinishedFile:
    """A file that gets its name when it is whole, with the journal of its parts.

    job      a mapping that JSON holds: a later run with an equal one goes on
    anew     whether to forget an earlier run in any case
    entries  the lines of the journal: mappings with the place `end` of a file up to which it is whole; they may be
             given for a file without a journal, whose `job` is None
    short    whether the file has fewer bytes than the entries tell
    other    whether there was an unfinished run of another job, which is forgotten

    It is a context that closes the files. Raises UsageError if the file cannot be written, or if another process is
    writing it.
    """

    def __init__(
        self, path: str, job: Mapping[str, Any] | None, anew: bool = False, entries: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        self.path, self.aside, self.journal = path, f"{path}.part", f"{path}.journal"
        self.entries: list[dict[str, Any]] = [dict(e) for e in entries]
        self.other = False
        self._lines: IO[bytes] | None = None
        self.file: IO[bytes] = io.BytesIO()  # in place of a file that is not open yet
        first = json.dumps(job, sort_keys=True).encode() + b"\n"
        try:
            if job is not None:
                self._lines = open(self.journal, "a+b", buffering=0)  # noqa: SIM115  it stays open with the job
                _lock(self._lines, path)
                self._lines.seek(0)
                begun = self._lines.readline()
                if begun == first and not anew and os.path.exists(self.aside):
                    self._read(self._lines)
                else:
                    self.other = bool(begun) and begun != first and not anew
                    self._lines.truncate(0)
                    self._lines.write(first)
            there = self.entries and os.path.exists(self.aside)
            self.file = open(self.aside, "r+b" if there else "w+b", buffering=0)  # noqa: SIM115
            self.short = self.file.seek(0, io.SEEK_END) < self.end
            if not self.short:
                self.file.truncate(self.end)
                self.file.seek(self.end)
        except OSError as problem:
            if not self.entries:
                self.drop()
            self._close()
            self.refuse(problem)
        except WengertError:
            self._close()
            raise

    @property
    def end(self) -> int:
        """The place in the file up to which it is whole."""
        return int(self.entries[-1]["end"]) if self.entries else 0

    def _read(self, lines: IO[bytes]) -> None:
        """Take up the lines of the journal, up to the first that is not whole or tells of bytes that are not there."""
        size = os.path.getsize(self.aside)
        whole = lines.tell()
        for line in iter(lines.readline, b""):
            try:
                entry = json.loads(line)
            except ValueError:
                break
            if not line.endswith(b"\n") or entry["end"] > size:
                break
            self.entries.append(entry)
            whole += len(line)
        lines.truncate(whole)

    def restart(self) -> None:
        """Forget the earlier run. Raises UsageError."""
        self.entries = []
        try:
            self.file.truncate(0)
            self.file.seek(0)
            if self._lines is not None:
                self._lines.seek(0)
                self._lines.truncate(len(self._lines.readline()))
        except OSError as problem:
            self.refuse(problem)

    def note(self, entry: Mapping[str, Any]) -> None:
        """Tell the journal that the file is whole up to a place; see `entries`."""
        self.entries.append(dict(entry))
        if self._lines is not None:
            AppendedFile(self._lines).write(json.dumps(entry).encode() + b"\n")

    def finished(self) -> None:
        """Give the file its name. Raises UsageError."""
        self.file.close()
        try:
            os.replace(self.aside, self.path)
        except OSError as problem:
            self.refuse(problem)
        self._forget()

    def drop(self) -> None:
        """Delete the file and its journal."""
        self.file.close()
        _unlink(self.aside)
        self._forget()

    def _forget(self) -> None:
        if self._lines is not None:
            _unlink(self.journal)
            self._lines.close()
            self._lines = None

    def refuse(self, problem: OSError) -> NoReturn:
        """Raise UsageError for a file that cannot be written."""
        why = problem.strerror or str(problem)
        raise error(UsageError, "W682", f"cannot write {shown(self.path)}: {why}") from None

    def __enter__(self) -> UnfinishedFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        self.file.close()
        if self._lines is not None:
            self._lines.close()


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return  # it is gone, or its folder is: there is nothing to lose


def _lock(file: IO[bytes], path: str) -> None:
    """Have the file to oneself for as long as it is open, where the system offers that. Raises UsageError."""
    try:
        import fcntl
    except ImportError:  # another system than Unix
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise error(UsageError, "W904", f"another process is writing {shown(path)}",
                    help="wait for it, or choose another name") from None  # fmt: skip
    except OSError:
        return  # a file system without locks


__all__ = ["FULL", "AppendedFile", "UnfinishedFile"]
