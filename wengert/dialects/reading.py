"""Formulas of other languages, read: the program in ours, and a receipt for each change."""

from __future__ import annotations

from ..ground.complaints import explained
from ..ground.errors import Diagnostic, ParseError, Source, Span, UsageError, error, shown, suggestion
from ..ground.limits import UNTRUSTED, Limits, exceeded, timed
from ..ground.tuples import NamedTuple
from .assembly import Assembly
from .dialect import Dialect
from .grammars import parsed
from .tables.brian2 import BRIAN2
from .tables.excel import EXCEL
from .tables.fityk import FITYK
from .tables.lepton import LEPTON
from .tables.mathjs import MATHJS
from .tables.nmodl import NMODL
from .tables.numexpr import NUMEXPR
from .tables.sbml import SBML
from .term_writer import TermWriter

DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect for dialect in (LEPTON, SBML, NUMEXPR, MATHJS, EXCEL, BRIAN2, NMODL, FITYK)
}


class Reading(NamedTuple):
    """A program read from another language: `text` in ours, `receipts` for each change (notes with codes W820 to W824
    and places in the source), and the names of its inputs in ours."""

    text: str
    receipts: tuple[Diagnostic, ...]
    inputs: tuple[str, ...]
    source: Source

    def __str__(self) -> str:
        return self.text


@explained
@timed
def read(text: str, *, dialect: str, name: str = "<text>", limits: Limits = UNTRUSTED) -> Reading:
    """Read a formula of another language, and write it as a program of ours: `read("a*x; a = 2", dialect="lepton")`.

    The program gives the values that the dialect gives. Raises UsageError for a dialect that does not exist, ParseError
    and UnknownName at the place that has no counterpart, LimitError for a text over the limits.
    """
    if not isinstance(text, str):
        raise error(UsageError, "W602", f"a formula is a text, not {shown(text)}")
    found = DIALECTS.get(dialect) if isinstance(dialect, str) else None
    if found is None:
        help = suggestion(str(dialect), DIALECTS) or f"one of {', '.join(DIALECTS)}"
        raise error(UsageError, "W806", f"there is no dialect {shown(dialect)}", help=help)
    if len(text.encode("utf-8", "replace")) > limits.text_bytes:
        raise exceeded(limits, "text_bytes", "the text is too long")
    source = Source(text, name)
    writer = TermWriter(found, source, limits)
    parsed(found.name, found.title, source, writer)
    if not writer._statements and not writer.functions:
        raise error(ParseError, "W801", "the text defines nothing", Span(0, 1), source=source)
    assembly = Assembly(writer._statements, writer.functions, found.scope, source, writer.locals)
    program = assembly.program(writer._definitions)
    receipts = sorted((*writer._receipts, *assembly.receipts), key=lambda r: (r.span or (0,))[0])
    return Reading(program, tuple(receipts), tuple(assembly.inputs), source)
