"""The result of a parse: the list, with the defaults, expects and warnings of the program."""

from __future__ import annotations

from typing import Any

from ..ground.errors import Diagnostic, ParseError, Source, Span
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom, WengertList


class Expect(NamedTuple):
    """An answer that a program carries.

    value      the name or number of the list that is compared
    expected   the answer, as rounded by the author; nan if it depends on the inputs
    half_unit  the rounding error of `expected`: half a unit of its last decimal; 0 for a whole number or an expression
    text       the statement in the names of the list; a comment if it calls a `def`
    computed   the name of an answer that depends on the inputs
    """

    value: Atom
    expected: float
    half_unit: float
    span: Span
    text: str = ""
    computed: Atom | None = None


class Program(NamedTuple):
    """A parsed text.

    wlist      the Wengert list
    source     the text and its name
    defaults   values of inputs from their declarations
    expects    the `expect` statements, whose values are names of `checked`
    checked    the list with further equations for the expects, or None without expects. Its outputs are their values,
               then the answers that are computed
    constants  names of the constants (pi, e, …) that the program uses
    warnings   diagnostics of legal text that is probably a mistake
    given      names of further inputs, such as `e`, that the caller has a value for
    undecided  why there is no list yet: a size that it depends on, and that the values will tell
    """

    wlist: WengertList
    source: Source
    defaults: dict[str, float]
    expects: tuple[Expect, ...] = ()
    checked: WengertList | None = None
    constants: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    given: tuple[str, ...] = ()
    undecided: Diagnostic | None = None


class SizeUnknown(ParseError):
    """The program depends on a size that only the values of its inputs tell.

    `program` has the inputs, their shapes and defaults, and no equations."""

    def __init__(self, diagnostic: Diagnostic, program: Program) -> None:
        super().__init__(diagnostic)
        self.program = program

    def __reduce__(self) -> tuple[Any, ...]:
        return SizeUnknown, (self.diagnostic, self.program)
