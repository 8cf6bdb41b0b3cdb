"""The budget: how much a text may take, and by when all that is done with it must be done.

What is counted is counted by a `Tally`. Time is kept by one clock for all phases: whoever starts the work opens it with
`within(limits)`, and every long loop below looks at it now and then, by `checking_clock` or by a tally. It is found
through a context variable, as a cancel scope is, so that a sweep need not know who started it; each thread and each
task has its own. There are no timers, threads or signals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from functools import wraps
from itertools import chain
from math import inf
from time import monotonic
from typing import NamedTuple, ParamSpec, TypeVar

from .errors import LimitError, Span, UsageError, WengertError, error, shown

# So many equations or tokens go by between two looks at the clock: some tenths of a millisecond.
PACE = 256
# An equation of many inputs counts for one more with every so many.
WIDE = 16

P = ParamSpec("P")
T = TypeVar("T")


class Limits(NamedTuple):
    """How much a program may take. The defaults are for text one does not trust; `Limits.trusted()` is for one's own.

    text_bytes  bytes of the text in UTF-8
    tokens      tokens of the text, line ends and comments among them
    equations   equations of a list, after inlining and unrolling, or written by a derivative, taken back again or not;
                one of many inputs counts for several
    steps       turns of loops and calls of `def`s together, whether or not they write an equation
    ops         ops that a program defines for itself
    digits      characters of a number in the text
    order       how often a derivative may be taken of a derivative
    elements    elements of the arrays that are held at a time
    seconds     time from the start of a call, or of a command, to its answer; None for no end
    gates       equations of a list that is drawn as a picture
    """

    text_bytes: int = 8_000_000
    tokens: int = 4_000_000
    equations: int = 1_000_000
    steps: int = 1_000_000
    ops: int = 100
    digits: int = 10_000
    order: int = 100
    elements: int = 10_000_000
    seconds: float | None = 60.0
    gates: int = 1_000

    @classmethod
    def trusted(cls) -> Limits:
        """Limits for text of one's own: what the machine can hold."""
        most = 2**40
        return cls(text_bytes=most, tokens=most, equations=most, steps=most, ops=200, digits=most, order=10_000,
                   elements=most, seconds=None, gates=most)  # fmt: skip


UNTRUSTED = Limits()


def exceeded(limits: Limits, name: str, what: str, span: Span | None = None) -> WengertError:
    """The error for a limit that was passed: its name, its value, and how to raise it."""
    allowed = getattr(limits, name)
    return error(
        LimitError,
        "W401",
        f"{what}: over the limit `{name}` of {allowed:,}",
        span,
        help=f"raise it with `--limit {name}=N`, or from Python with `limits=Limits({name}=N)` or `Limits.trusted()`",
    )


def checked(limits: object) -> Limits:
    """The limits, if they are some. Raises UsageError."""
    if not isinstance(limits, Limits):
        raise error(UsageError, "W609", f"limits are a `Limits`, not {shown(limits)}", help="`Limits(seconds=5)`")
    for name, most in limits._asdict().items():
        if not (isinstance(most, (int, float)) and most >= 0 or name == "seconds" and most is None):
            raise error(UsageError, "W609", f"the limit `{name}` is a number from 0 on, not {shown(most)}")
    return limits


class Tally:
    """A count against one limit. `what` begins the message: "the list grows too long"."""

    __slots__ = ("_look", "_most", "limits", "name", "spent", "what")

    def __init__(self, limits: Limits, name: str, what: str) -> None:
        self.limits, self.name, self.what = limits, name, what
        self.spent = 0
        self._most = getattr(limits, name)
        self._look = PACE

    def spend(self, n: int = 1, span: Span | None = None) -> None:
        """Count n more, and look at the clock now and then. Raises LimitError once the limit is passed, or the time
        is up. Spend before you make what is counted."""
        self.spent += n
        if self.spent > self._most:
            raise exceeded(self.limits, self.name, self.what, span)
        if self.spent >= self._look:
            self._look = self.spent + PACE
            check_clock()

    def release(self, n: int) -> None:
        """Take n back: what was counted is held no longer."""
        self.spent -= n
        self._look -= n


# The clock that is running: when it ends, and whose limits it keeps.
Clock = tuple[float, Limits]
_CLOCK: ContextVar[Clock | None] = ContextVar("wengert clock", default=None)


def start(limits: Limits) -> Token[Clock | None] | None:
    """Start the clock of `limits.seconds`, unless one that ends sooner is running already; what `stop` takes."""
    end = inf if limits.seconds is None else monotonic() + limits.seconds
    running = _CLOCK.get()
    return _CLOCK.set((end, limits)) if running is None or end < running[0] else None


def stop(started: Token[Clock | None] | None) -> None:
    """Go back to the clock that was running before."""
    if started is not None:
        _CLOCK.reset(started)


@contextmanager
def within(limits: Limits) -> Iterator[None]:
    """The clock of `limits.seconds` runs while the block does, unless one that ends sooner is running already."""
    started = start(limits)
    try:
        yield
    finally:
        stop(started)


def timed(function: Callable[P, T]) -> Callable[P, T]:
    """The function, under the clock of the `limits` that it is given by keyword; else of those for untrusted text."""

    @wraps(function)
    def run(*args: P.args, **options: P.kwargs) -> T:
        with within(checked(options.get("limits", UNTRUSTED))):
            return function(*args, **options)

    return run


def in_force() -> Limits:
    """The limits of the work that goes on: those whose clock runs, else those for untrusted text. For what is far from
    whoever was given them, such as an op that makes an array."""
    return UNTRUSTED if (clock := _CLOCK.get()) is None else clock[1]


# The clock that runs, or None: what is so short that it looks at the clock once asks this first.
clock_runs = _CLOCK.get


def check_clock() -> None:
    """Look at the clock. Raises LimitError if the time is up."""
    if (clock := _CLOCK.get()) is not None and monotonic() > clock[0]:
        raise _late(clock)


def checking_clock(items: Sequence[T]) -> Iterable[T]:
    """The items, with a look at the clock before the first and before every some hundredth."""
    if (clock := _CLOCK.get()) is None:
        return items
    if monotonic() > clock[0]:
        raise _late(clock)
    return items if len(items) <= PACE else chain.from_iterable(_batches(items, clock))


def _batches(items: Sequence[T], clock: Clock) -> Iterator[Sequence[T]]:
    for first in range(0, len(items), PACE):
        if monotonic() > clock[0]:
            raise _late(clock)
        yield items[first : first + PACE]


def _late(clock: Clock) -> WengertError:
    return exceeded(clock[1], "seconds", "this takes too long")
