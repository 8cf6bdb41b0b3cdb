"""The lines of a session: from a pipe, or from a terminal, with history and completion if it has readline."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..ground.errors import ParseError, error
from ..repl.completions import DELIMITERS

# The most lines in the history file.
KEPT = 2000


def history_file() -> Path:
    """The path of the history, by the XDG Base Directory Specification 0.8. Raises RuntimeError without a home."""
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state") / "wengert" / "history"


class Pipe:
    """Lines of standard input that is not a terminal. There are no prompts."""

    interactive = False

    def __init__(self, most: int) -> None:
        self.most = most
        # In a test or a notebook, standard input may be replaced by an object that has only text.
        self.stream: Any = getattr(sys.stdin, "buffer", sys.stdin)

    def read(self, prompt: str) -> str:
        """The next line, without its end. A line over the limit is cut to a beginning that is over the limit too.

        Raises EOFError, and ParseError for a line that is not UTF-8.
        """
        line = self.stream.readline(self.most + 2) if self.stream is not None else ""
        if not line:
            raise EOFError
        rest = line
        while len(rest) > self.most and rest[-1:] not in (b"\n", "\n"):
            rest = self.stream.readline(self.most + 2)
        if isinstance(line, str):
            return line.rstrip("\r\n")
        try:
            return str(line, "utf-8").removeprefix("\ufeff").rstrip("\r\n")
        except UnicodeDecodeError as problem:
            byte = problem.object[problem.start]
            raise error(ParseError, "W610", f"a line is not UTF-8: byte {problem.start} of it is {byte:#04x}",
                        help="pass the session as UTF-8") from None  # fmt: skip

    def close(self) -> None:
        """Do nothing: a pipe has no history."""


class Terminal:
    """Lines that a person types. `complete` gives the completions of the last word of a line."""

    interactive = True

    def __init__(self, complete: Callable[[str], list[str]]) -> None:
        self.readline: Any = None
        self.before = 0
        if sys.stdout is None or not sys.stdout.isatty():
            return
        with suppress(ImportError):
            import readline

            self.readline = readline
            self._set_up(complete)

    def _set_up(self, complete: Callable[[str], list[str]]) -> None:
        found: list[str] = []

        def completer(word: str, k: int) -> str | None:
            if k == 0:
                line = self.readline.get_line_buffer()
                found[:] = complete(line[: self.readline.get_endidx()])
            return found[k] if k < len(found) else None

        self.readline.set_completer(completer)
        self.readline.set_completer_delims(DELIMITERS)
        libedit = "libedit" in (self.readline.__doc__ or "")
        self.readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
        # A session works without its history.
        with suppress(OSError, RuntimeError, ValueError):
            self.readline.read_history_file(str(history_file()))
        self.before = self.readline.get_current_history_length()

    def read(self, prompt: str) -> str:
        """The next line, or several lines that were pasted. Raises EOFError, KeyboardInterrupt."""
        if self.readline is not None or sys.stdout is not None and sys.stdout.isatty():
            return input(prompt)
        print(prompt, end="", file=sys.stderr, flush=True)
        if not (line := sys.stdin.readline()):
            raise EOFError
        return line.rstrip("\n")

    def close(self) -> None:
        """Add the new lines to the history file, which only its owner can read."""
        if self.readline is None or (new := self.readline.get_current_history_length() - self.before) <= 0:
            return
        with suppress(OSError, RuntimeError, ValueError):
            path = history_file()
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
            os.chmod(path, 0o600)
            self.readline.set_history_length(KEPT)
            if hasattr(self.readline, "append_history_file"):
                self.readline.append_history_file(new, str(path))
            else:
                self.readline.write_history_file(str(path))


def lines(complete: Callable[[str], list[str]], most: int) -> Pipe | Terminal:
    """The lines of standard input. A line from a pipe is read up to `most` bytes."""
    terminal = sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()
    return Terminal(complete) if terminal else Pipe(most)
