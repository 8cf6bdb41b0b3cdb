"""The language: text to list and back."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from ..errors import ParseError, Source, Span, UsageError, error
from ..limits import UNTRUSTED, Limits, exceeded
from ..ops import Op
from . import parser
from .emitter import Emitter
from .program import Expect, Program

__all__ = ["Expect", "Program", "parse"]


def parse(
    text: str,
    *,
    name: str = "<text>",
    inputs: Sequence[str] | None = None,
    given: Collection[str] = (),
    ops: tuple[Op, ...] = (),
    limits: Limits = UNTRUSTED,
    shapes: Mapping[str, Sequence[int]] = {},
) -> Program:
    """Read a program.

    text    the program
    name    what it goes by in messages
    inputs  names of the inputs, if the text must use these and no others
    given   names that the caller gives a value, so that `e` or `pi` among them are inputs
    ops     rows that the text may call besides the registry's
    limits  the budget
    shapes  shapes of values that inputs will have, for ranges and places that depend on them

    Raises ParseError or UnknownName with the place in the text, LimitError when the budget runs out.
    """
    if not isinstance(text, str):
        raise error(UsageError, "W601", f"a program is a str, not {type(text).__name__}")
    source = Source(text, name)
    if len(text) > limits.text_bytes:
        raise exceeded(limits, "text_bytes", f"the text has {len(text):,} characters")
    emitter = Emitter(source, inputs, given, ops, limits, shapes)
    if not text.strip():
        raise error(ParseError, "W100", "the program is empty", Span(0, 0), source=source,
                    help="write an expression, such as `(2*x1 + x2)^2`")  # fmt: skip
    with _no_collection():
        parser.parse(text, emitter)
        return emitter.program()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the collector of cycles: a parse makes none, and many tuples, which it would walk again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
