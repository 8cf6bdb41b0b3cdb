"""The budget of a program: how much memory and time it may take.

A `Tally` counts against one limit. One clock measures the time of all phases: the caller starts it by `within(limits)`,
and every long loop checks it now and then, by `checking_clock` or by a tally. The clock is a context variable, like a
cancel scope, so that a sweep need not know its caller; each thread and each task has its own. There are no timers,
threads or signals.

The clock counts the processor time of its thread, so that a busy machine gives the same answers as an idle one.
Processor time is never more than the elapsed time. Elapsed time takes a tenth as long to read, so it is read first, and
it alone counts until the first check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from functools import wraps
from itertools import chain
from math import inf
from time import monotonic
from typing import ParamSpec, TypeVar

try:
    from time import thread_time
except ImportError:  # this system does not say
    from time import process_time as thread_time

from .errors import LimitError, Span, UsageError, WengertError, error, shown
from .tuples import NamedTuple

# Equations or tokens between two checks of the clock: they take some tenths of a millisecond.
PACE = 256
# An equation counts once, and once more for every WIDE inputs, as memory and time grow with the inputs.
WIDE = 16

P = ParamSpec("P")
T = TypeVar("T")


class Limits(NamedTuple):
    """The limits of a program. The defaults bound text that is not trusted, and leave room for large programs;
    `Limits.untrusted()` is for a service that answers strangers, `Limits.trusted()` for text of one's own.

    text_bytes  bytes of the text in UTF-8
    tokens      tokens of the text, with line ends and comments
    equations   equations of a list, after inlining and unrolling, and equations that a derivative writes, also where
                it drops them again; an equation of many inputs counts for several
    steps       turns of loops and calls of `def`s together, including those that write no equation
    ops         ops that a program defines for itself
    digits      characters of a number in the text
    order       how often a derivative may be taken of a derivative
    elements    elements of all arrays that are held at one time
    seconds     processor time of a call, or of a command, from its start to its answer, in each thread that works for
                it; None for no limit
    gates       equations of a list that is drawn as a circuit
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

    def __repr__(self) -> str:
        changed = (f"{n}={v!r}" for n, v in self._asdict().items() if v != self._field_defaults[n])
        return f"Limits({', '.join(changed)})"

    @classmethod
    def untrusted(cls) -> Limits:
        """Limits for formulas that strangers send to a service: some pages of text, and two seconds at most.

        Change some with `_replace`: `Limits.untrusted()._replace(seconds=0.5)`.
        """
        return cls(text_bytes=10_000, tokens=5_000, equations=20_000, steps=20_000, ops=20, digits=400, order=4,
                   elements=1_000_000, seconds=2.0, gates=200)  # fmt: skip

    @classmethod
    def trusted(cls) -> Limits:
        """Limits for text of one's own: as much as the machine can hold."""
        most = 2**40
        return cls(text_bytes=most, tokens=most, equations=most, steps=most, ops=200, digits=most, order=10_000,
                   elements=most, seconds=None, gates=most)  # fmt: skip


UNTRUSTED = Limits()


def exceeded(limits: Limits, name: str, what: str, span: Span | None = None) -> WengertError:
    """The error for a limit that was passed; it names the limit, its value, and the way to raise it."""
    allowed = getattr(limits, name)
    return error(
        LimitError,
        "W401",
        f"{what}: over the limit `{name}` of {allowed:,}",
        span,
        help=f"raise it with `--limit {name}=N`, or from Python with `limits=Limits({name}=N)` or `Limits.trusted()`",
    )


def checked(limits: object) -> Limits:
    """The argument, if it is a `Limits` with valid values. Raises UsageError otherwise."""
    if not isinstance(limits, Limits):
        raise error(UsageError, "W609", f"limits are a `Limits`, not {shown(limits)}", help="`Limits(seconds=5)`")
    for name, most in limits._asdict().items():
        if not (isinstance(most, (int, float)) and most >= 0 or name == "seconds" and most is None):
            raise error(UsageError, "W609", f"the limit `{name}` is a number from 0 on, not {shown(most)}")
    return limits


class Tally:
    """A count against one limit. `what` begins the error's message: "the list grows too long"."""

    __slots__ = ("_look", "_most", "limits", "name", "spent", "what")

    def __init__(self, limits: Limits, name: str, what: str) -> None:
        self.limits, self.name, self.what = limits, name, what
        self.spent = 0
        self._most = getattr(limits, name)
        self._look = PACE

    def spend(self, n: int = 1, span: Span | None = None) -> None:
        """Count n more, and check the clock now and then. Raises LimitError once the limit is passed or the time is up.

        Spend before the allocation that is counted."""
        self.spent += n
        if self.spent > self._most:
            raise exceeded(self.limits, self.name, self.what, span)
        if self.spent >= self._look:
            self._look = self.spent + PACE
            check_clock()

    def release(self, n: int) -> None:
        """Subtract n, for objects that are no longer held."""
        self.spent -= n
        self._look -= n


class Clock:
    """A running clock.

    limits   the limits that it keeps
    soonest  the time before which it cannot have ended
    end      the processor time of its thread at which it ends; None until that is read
    """

    __slots__ = ("end", "limits", "soonest")

    def __init__(self, limits: Limits, soonest: float, end: float | None = None) -> None:
        self.limits, self.soonest, self.end = limits, soonest, end

    def ended(self) -> bool:
        """Whether the time is up."""
        now = monotonic()
        if self.end is None:
            # The first check of a call comes early: a short call pays for none, and on a busy machine little time is
            # lost.
            self.end = thread_time() + self.soonest - now
        return now > self.soonest and thread_time() > self.end

    def left(self) -> float:
        """The seconds of processor time that are left."""
        return -1.0 if self.ended() else self.end - thread_time()  # type: ignore[operator]


# The clock of this thread or task, if one runs.
_CLOCK: ContextVar[Clock | None] = ContextVar("wengert clock", default=None)


def start(limits: Limits) -> Token[Clock | None] | None:
    """Start the clock of `limits.seconds`, unless a clock that ends sooner runs already. Returns a token for `stop`."""
    running, seconds = _CLOCK.get(), inf if limits.seconds is None else limits.seconds
    if running is not None and seconds >= running.left():
        return None
    return _CLOCK.set(Clock(limits, monotonic() + seconds))


def stop(started: Token[Clock | None] | None) -> None:
    """Go back to the clock that ran before `start`."""
    if started is not None:
        _CLOCK.reset(started)


@contextmanager
def within(limits: Limits) -> Iterator[None]:
    """A `with` block under the clock of `limits.seconds`, unless a clock that ends sooner runs already."""
    started = start(limits)
    try:
        yield
    finally:
        stop(started)


@contextmanager
def afresh(limits: Limits) -> Iterator[None]:
    """A `with` block with its own clock of `limits.seconds`, for one of the many parts of a job that may take long."""
    started = _CLOCK.set(Clock(limits, monotonic() + (inf if limits.seconds is None else limits.seconds)))
    try:
        yield
    finally:
        _CLOCK.reset(started)


def timed(function: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function: it runs under the clock of its keyword argument `limits`, by default the limits for
    untrusted text."""

    @wraps(function)
    def run(*args: P.args, **options: P.kwargs) -> T:
        with within(checked(options.get("limits", UNTRUSTED))):
            return function(*args, **options)

    return run


def in_force() -> Limits:
    """The limits of the running clock, or else those for untrusted text.

    For code that is given no limits, such as an op that makes an array.
    """
    return UNTRUSTED if (clock := _CLOCK.get()) is None else clock.limits


# The running clock, or None. A short call reads it first, and skips the checks if no clock runs.
clock_runs = _CLOCK.get


def check_clock() -> None:
    """Check the clock. Raises LimitError if the time is up."""
    if (clock := _CLOCK.get()) is not None and clock.ended():
        raise _late(clock)


def time_left() -> float | None:
    """The seconds of this thread's processor time until the running clock ends; None if no clock runs, or it has no
    end."""
    clock = _CLOCK.get()
    return None if clock is None or clock.soonest == inf else clock.left()


def carried() -> Callable[[], None]:
    """A function that another thread calls first, in a copy of this thread's context: it gives that thread's clock the
    time that is left."""
    clock, left = _CLOCK.get(), time_left()

    def carry_on() -> None:
        if clock is not None and left is not None:
            _CLOCK.set(Clock(clock.limits, clock.soonest, thread_time() + left))

    return carry_on


def checking_clock(items: Sequence[T]) -> Iterable[T]:
    """Yield the items, and check the clock before every PACE of them."""
    if (clock := _CLOCK.get()) is None:
        return items
    if clock.ended():
        raise _late(clock)
    return items if len(items) <= PACE else chain.from_iterable(_batches(items, clock))


def _batches(items: Sequence[T], clock: Clock) -> Iterator[Sequence[T]]:
    for first in range(0, len(items), PACE):
        if clock.ended():
            raise _late(clock)
        yield items[first : first + PACE]


def _late(clock: Clock) -> WengertError:
    return exceeded(clock.limits, "seconds", "this takes too long")
