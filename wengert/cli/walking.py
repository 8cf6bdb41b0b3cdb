"""Step through the sweeps of a trace in a terminal, by the keyboard."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..show.stepped_trace import SteppedTrace

# Each key, as terminals send it, and the number of steps that it moves. A key that would go beyond the ends goes to
# them.
FAR = 1 << 30
KEYS = {
    "\x1b[C": 1, "\x1bOC": 1, "\x1b[B": 1, "\x1bOB": 1, " ": 1, "\r": 1, "\n": 1, "l": 1, "j": 1, "n": 1,
    "\x1b[D": -1, "\x1bOD": -1, "\x1b[A": -1, "\x1bOA": -1, "\x7f": -1, "\b": -1, "h": -1, "k": -1, "p": -1,
    "\x1b[6~": 10, "\x1b[5~": -10, "\x1b[H": -FAR, "\x1bOH": -FAR, "\x1b[1~": -FAR, "g": -FAR,
    "\x1b[F": FAR, "\x1bOF": FAR, "\x1b[4~": FAR, "G": FAR,
}  # fmt: skip
LEAVING = ("q", "Q", "\x04", "\x1b", "")
# The alternate screen of a terminal, without a cursor, so that the main one comes back.
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"


def may_step() -> bool:
    """Whether there is a terminal with a keyboard and a screen whose cursor can be moved."""
    streams = sys.stdin, sys.stdout
    if any(s is None or s.closed or not s.isatty() for s in streams) or os.environ.get("TERM", "") in ("", "dumb"):
        return False
    try:
        import termios
    except ImportError:  # a system without POSIX terminals
        return False
    return hasattr(termios, "tcgetattr")


def walk(steps: SteppedTrace) -> None:
    """Show a step, and move as keys say, until a key leaves."""
    with _keyboard() as keys:
        sys.stdout.write(_ENTER)
        try:
            at = 0
            while True:
                size = os.get_terminal_size(sys.stdout.fileno())
                lines = steps.shown(at, max((size.columns or 80) - 1, 20), max(size.lines or 24, 6))
                sys.stdout.write("\x1b[H" + "".join(f"{line}\x1b[K\r\n" for line in lines[:-1]) + lines[-1] + "\x1b[J")
                sys.stdout.flush()
                key = next(keys)
                if key in LEAVING:
                    return
                at = min(max(at + KEYS.get(key, 0), 0), steps.count - 1)
        finally:
            sys.stdout.write(_LEAVE)
            sys.stdout.flush()


@contextmanager
def _keyboard() -> Iterator[Iterator[str]]:
    """The keys that are pressed, without waiting for the end of a line and without echo."""
    import termios
    import tty

    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    try:
        tty.setcbreak(keyboard)
        yield _keys(keyboard)
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


def _keys(keyboard: int) -> Iterator[str]:
    """Yield each key; "" at the end of the input."""
    waiting = ""
    while True:
        if not waiting:
            waiting = os.read(keyboard, 64).decode("utf-8", "replace")
            # A key that sends several characters may arrive in pieces.
            while waiting.endswith(("\x1b", "\x1b[", "\x1bO")) and _more(keyboard):
                waiting += os.read(keyboard, 64).decode("utf-8", "replace")
        known = [key for key in KEYS if waiting.startswith(key)]
        key = max(known, key=len) if known else _unknown(waiting)
        waiting = waiting[len(key) :]
        yield key


def _unknown(text: str) -> str:
    """The first key of a text, which is none of ours: an escape sequence is one key."""
    if not text.startswith(("\x1b[", "\x1bO")):
        return text[:1]
    end = next((k for k in range(2, len(text)) if text[k].isalpha() or text[k] == "~"), len(text) - 1)
    return text[: end + 1]


def _more(keyboard: Any) -> bool:
    import select

    return bool(select.select([keyboard], [], [], 0.05)[0])
