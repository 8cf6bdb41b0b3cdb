"""Formulas of other languages, read: the program in ours, and a receipt for each change."""

from __future__ import annotations

from ..ground.complaints import explained
from ..ground.errors import Diagnostic, ParseError, Source, Span, UsageError, error, shown, suggestion
from ..ground.limits import UNTRUSTED, Limits, exceeded, timed
from ..ground.tuples import NamedTuple
from .assembly import Assembly
from .dialect import Dialect
from .excel_writer import read_excel
from .gams_writer import read_gams
from .grammars import parsed
from .latex_writer import read_latex
from .nl_names import NameFiles
from .nl_writer import read_nl
from .sbml_model import ModelAssembly, ModelWriter
from .tables.brian2 import BRIAN2
from .tables.excel import EXCEL
from .tables.fityk import FITYK
from .tables.gams import GAMS
from .tables.latex_commands import LATEX
from .tables.lepton import LEPTON, PLUMED
from .tables.mathjs import MATHJS
from .tables.mathml import MATHML
from .tables.nl import NL
from .tables.nmodl import NMODL
from .tables.numexpr import NUMEXPR
from .tables.sbml import SBML
from .term_writer import TermWriter
from .xml_events import read_xml

DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (LEPTON, PLUMED, SBML, NUMEXPR, MATHJS, EXCEL, BRIAN2, NMODL, FITYK, GAMS, LATEX)
}

# Every dialect by name: infix formulas, MathML with elements, and .nl with lines.
READ: dict[str, Dialect] = {**DIALECTS, MATHML.name: MATHML, NL.name: NL}


class Reading(NamedTuple):
    """A program read from another language: `text` in ours, `receipts` for each change (notes with codes from W820
    on and places in the source), and the names of its inputs in ours."""

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
    found = READ.get(dialect) if isinstance(dialect, str) else None
    if found is None:
        help = suggestion(str(dialect), READ) or f"one of {', '.join(READ)}"
        raise error(UsageError, "W806", f"there is no dialect {shown(dialect)}", help=help)
    if len(text.encode("utf-8", "replace")) > limits.text_bytes:
        raise exceeded(limits, "text_bytes", "the text is too long")
    source = Source(text, name)
    if found is NL:
        return read_nl_file(source, NameFiles(), limits)
    writer, assembly = _markup(found, source, limits) if _is_markup(found, text) else _infix(found, source, limits)
    program = assembly.program(writer._definitions)
    receipts = sorted((*writer._receipts, *assembly.receipts), key=lambda r: (r.span or (0,))[0])
    return Reading(program, tuple(receipts), tuple(assembly.inputs), source)


def read_nl_file(source: Source, names: NameFiles, limits: Limits) -> Reading:
    """Read an optimization model in .nl, with the names of its variables, constraints and objectives if they are known.

    Lines of the program that begin with `#:` hold its bounds, constraints and objective. Raises as `read` does.
    """
    program = read_nl(source, limits, names)
    return Reading(program.text, tuple(program.receipts), tuple(program.inputs), source)


# The dialects whose statements are more than names with values.
_READERS = {EXCEL.name: read_excel, LATEX.name: read_latex, GAMS.name: read_gams}


def _infix(dialect: Dialect, source: Source, limits: Limits) -> tuple[TermWriter, Assembly]:
    if dialect.name in _READERS:
        return _READERS[dialect.name](source, limits, parsed)
    writer = TermWriter(dialect, source, limits)
    parsed(dialect.grammar or dialect.name, dialect.title, source, writer)
    if not writer._statements and not writer.functions:
        raise error(ParseError, "W801", "the text defines nothing", Span(0, 1), source=source)
    return writer, Assembly(writer._statements, writer.functions, dialect, source, writer.locals)


def _is_markup(dialect: Dialect, text: str) -> bool:
    """Whether a text is XML: MathML, or a file of SBML, none of whose formulas in infix begins with `<`."""
    return dialect is MATHML or dialect is SBML and text.lstrip("\ufeff \t\r\n").startswith("<")


def _markup(dialect: Dialect, source: Source, limits: Limits) -> tuple[TermWriter, Assembly]:
    writer = ModelWriter(source, limits)
    read_xml(source, limits, writer)
    return writer, ModelAssembly(writer, source)
