"""A program in a terminal of its own: keys go in, and what it shows is waited for, never slept for."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

# The terminal must be the process's own, or Ctrl-C in it interrupts nobody.
_CONTROLLED = """\
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """A command in a terminal, for a `with` block, at whose end it is killed. Skips the test where there are none."""

    def __init__(self, command: Sequence[str], home: Path, **environment: str) -> None:
        pty: Any = pytest.importorskip("pty")
        kept = {k: v for k, v in os.environ.items() if k not in ("INPUTRC", "PYTHONSTARTUP", "ZDOTDIR")}
        self.screen, theirs = pty.openpty()
        self.shown = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", _CONTROLLED, *command],
            cwd=home, env={**kept, "HOME": str(home), "TERM": "dumb", "NO_COLOR": "1", **environment},
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.screen)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.screen, keys.encode())

    def until(self, text: str, seconds: float = 60) -> str:
        """Wait until the text is shown; what came before it, since the last time."""
        deadline = time.monotonic() + seconds
        while text not in self.shown:
            ready, _, _ = select.select([self.screen], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"{text!r} is not shown, but {self.shown!r}"
            piece = self._read()
            assert piece, f"it ended, having shown {self.shown!r}"
            self.shown += piece.decode("utf-8", "replace")
        before, _, self.shown = self.shown.partition(text)
        return before

    def ended(self) -> int:
        """Its exit code, once it ends."""
        while self._read():
            pass
        return self.process.wait(60)

    def _read(self) -> bytes:
        try:
            return os.read(self.screen, 4096)
        except OSError:  # how Linux says that the other end is closed
            return b""
