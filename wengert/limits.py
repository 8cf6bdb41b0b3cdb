"""The budget that parsing, inlining, unrolling and differentiating share."""

from __future__ import annotations

from typing import NamedTuple

from .errors import LimitError, Span, WengertError, error


class Limits(NamedTuple):
    """How much a program may take. The defaults are for text one does not trust; `Limits.trusted()` is for one's own.

    text_bytes  characters of the text
    equations   equations of a list, after inlining and unrolling, or written by a derivative
    steps       turns of loops and calls of `def`s together, whether or not they write an equation
    ops         ops that a program defines for itself
    order       how often a derivative may be taken of a derivative
    """

    text_bytes: int = 8_000_000
    equations: int = 1_000_000
    steps: int = 1_000_000
    ops: int = 100
    order: int = 100

    @classmethod
    def trusted(cls) -> Limits:
        """Limits for text of one's own: what the machine can hold."""
        return cls(text_bytes=2**40, equations=2**40, steps=2**40, ops=200, order=10_000)


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
