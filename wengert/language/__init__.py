"""The language: from text to a Wengert list, and back."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from ..ground.complaints import explained
from ..ground.errors import LimitError, ParseError, Source, Span, UsageError, error
from ..ground.limits import UNTRUSTED, Limits, checked, exceeded, within
from ..lists.shapes import undeclared_arrays
from ..lists.wengert_list import assemble
from ..ops import Op
from . import parser
from .emitter import Emitter
from .program import Expect, Program, SizeUnknown

__all__ = ["Expect", "Program", "SizeUnknown", "parse"]


@explained
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
    name    its name in messages
    inputs  names of the inputs, if the text must use these and no others
    given   names to which the caller gives a value, so that `e` or `pi` among them is an input
    ops     rows that the text may call, besides those of the registry
    limits  the budget
    shapes  shapes of the values of inputs, for ranges and places that depend on them

    Raises ParseError or UnknownName with the place in the text, LimitError when the budget runs out.
    """
    if not isinstance(text, str):
        raise error(UsageError, "W601", f"a program is a str, not {type(text).__name__}")
    source = Source(text, name)
    checked(limits)
    check_length(text, limits)
    if not text.strip():
        raise error(ParseError, "W100", "the program is empty", Span(0, 0), source=source,
                    help="write an expression, such as `(2*x1 + x2)^2`")  # fmt: skip
    with within(limits), _no_collection():
        try:
            emitter = Emitter(source, inputs, given, ops, limits, shapes)
            parser.parse(text, emitter, limits)
            program = emitter.program()
            if emitter.assumed and emitter.assumed & undeclared_arrays(program.wlist):
                # A comprehension over arrays took this name for a number, and a later line uses it as an array.
                emitter = Emitter(source, inputs, given, ops, limits, shapes)
                emitter.unrolls = True
                parser.parse(text, emitter, limits)
                program = emitter.program()
            return program
        except LimitError as problem:
            from traceback import clear_frames  # few texts are over a limit

            # Free all that was written at once: the garbage collector would take a second to traverse it.
            clear_frames(problem.__traceback__)
            emitter.forget()
            raise problem.within(source) from None
        except ParseError as problem:
            if problem.diagnostic.code != "W123" or not emitter.declared:
                raise
            declared = assemble(emitter.inputs, (), (0.0,), shapes=emitter.shapes)
            known = Program(declared, source, emitter.defaults, given=tuple(given), undecided=problem.diagnostic)
            raise SizeUnknown(problem.diagnostic, known) from None


def check_length(text: str, limits: Limits) -> None:
    """Refuse a text of more bytes than `limits` allow. Raises LimitError."""
    if (size := _bytes(text, limits.text_bytes)) > limits.text_bytes:
        raise exceeded(limits, "text_bytes", f"the text has {size:,} bytes")


def _bytes(text: str, most: int) -> int:
    """The length of a text in bytes of UTF-8. If its length in characters already decides whether it fits, that is
    returned."""
    n = len(text)
    return n if n > most or text.isascii() or 4 * n <= most else len(text.encode("utf-8", "surrogatepass"))


@contextmanager
def _no_collection() -> Iterator[None]:
    """A `with` block without garbage collection. A parse makes no cycles, but many tuples that the collector would
    visit."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
