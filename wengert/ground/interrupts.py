"""Ctrl-C in a command ends the process quietly with the exit code 130, at any moment.

A command spends its first tenths of a second on imports, during which Python would print a traceback and C code may
turn the exception into another one. So before and after a command runs, an interrupt ends the process at once. While it
runs, the interrupt raises KeyboardInterrupt and is remembered: C code may drop the exception, so if the command still
runs some seconds later, it is raised again. A program that imports wengert keeps its own handling of signals.
"""

from __future__ import annotations

# As few imports as possible: `signal` and `typing` take as long as a short command.
import _signal  # type: ignore[import-not-found]
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

INTERRUPTED = 130
# Seconds after which an interrupt that has not ended the command is raised again. Cleaning up takes far less.
AGAIN = 3.0
_seen = False


def is_command() -> bool:
    """Whether this process was started as the command `wengert`, or as `python -m wengert`."""
    first = (sys.argv or [""])[0]
    if first == "-m":  # while Python looks for the module
        words = sys.orig_argv
        return "-mwengert" in words or "-m" in words and words[words.index("-m") + 1 :][:1] == ["wengert"]
    return os.path.basename(first) in ("wengert", "wengert.exe")


def end_at_once() -> None:
    """From now on an interrupt ends the process. This does nothing if interrupts are handled elsewhere."""
    _repeat(0.0)
    _handle(_end)


def raise_instead() -> bool:
    """From now on an interrupt raises KeyboardInterrupt, if until now it ended the process. Returns whether it did."""
    ended = _signal.getsignal(_signal.SIGINT) is _end
    if ended:
        _handle(_raise)
        # In a destructor or a callback from C the exception would be printed and lost.
        sys.unraisablehook = _unraisable
    return ended


def happened() -> bool:
    """Whether there was an interrupt that has not been forgotten."""
    return _seen


def forget() -> None:
    """Forget the interrupt: the command goes on."""
    global _seen
    _seen = False
    _repeat(0.0)


def _repeat(seconds: float) -> None:
    """Raise the interrupt again after some seconds, and repeatedly; with 0, stop doing so."""
    if not hasattr(_signal, "setitimer"):  # Windows
        return
    own = _signal.getsignal(_signal.SIGALRM) is _again
    try:
        if seconds and not own and _signal.getsignal(_signal.SIGALRM) == _signal.SIG_DFL:
            _signal.signal(_signal.SIGALRM, _again)
            own = True
        if own:
            _signal.setitimer(_signal.ITIMER_REAL, seconds, seconds)
    except ValueError:
        return  # called outside the main thread


def _again(*_: Any) -> None:
    if _seen:
        raise KeyboardInterrupt


def _handle(handler: Any) -> None:
    # A shell makes its background commands ignore interrupts; that must stay so.
    if _signal.getsignal(_signal.SIGINT) in (_signal.default_int_handler, _end, _raise):
        try:
            _signal.signal(_signal.SIGINT, handler)
        except ValueError:
            return  # called outside the main thread


def _end(*_: Any) -> NoReturn:
    os._exit(INTERRUPTED)


def _raise(*_: Any) -> NoReturn:
    global _seen
    _seen = True
    _repeat(AGAIN)
    raise KeyboardInterrupt


def _unraisable(problem: Any) -> None:
    if issubclass(problem.exc_type, KeyboardInterrupt):
        os._exit(INTERRUPTED)
    sys.__unraisablehook__(problem)
