"""What parsing a text gives: the list, and what a program carries beside it."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..ground.errors import Diagnostic, ParseError, Source, Span
from ..lists.wengert_list import Atom, WengertList


class Expect(NamedTuple):
    """An answer that a program carries: `value` should be `expected`, which was rounded where it was written: it may be
    off by `half_unit` of its last decimal (0 for a whole number or an expression). `text` is the statement in the names
    of the list; a comment, if it calls a `def`."""

    value: Atom
    expected: float
    half_unit: float
    span: Span
    text: str = ""


class Program(NamedTuple):
    """A parsed text.

    wlist      the Wengert list
    source     the text and its name
    defaults   values that inputs were declared with
    expects    the `expect` statements, whose values are names of `checked`
    checked    the list with the equations that the expects need besides, or None without expects
    constants  names of the constants (pi, e, …) that the program uses
    warnings   what is legal and probably not meant
    """

    wlist: WengertList
    source: Source
    defaults: dict[str, float]
    expects: tuple[Expect, ...] = ()
    checked: WengertList | None = None
    constants: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()


class SizeUnknown(ParseError):
    """A size that the program depends on is known only when values are. `program` has the inputs, their shapes and
    defaults, and no equations."""

    def __init__(self, diagnostic: Diagnostic, program: Program) -> None:
        super().__init__(diagnostic)
        self.program = program

    def __reduce__(self) -> tuple[Any, ...]:
        return SizeUnknown, (self.diagnostic, self.program)
