"""`import_nl`: read .nl files, AMPL's form of an optimization model, which Pyomo and JuMP also write, with their
names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ...dialects import NameFiles, Reading, read_nl_file
from ...ground.complaints import explained
from ...ground.errors import Diagnostic, ParseError, Source, Span, shown
from ...ground.limits import UNTRUSTED, Limits, exceeded, timed
from ..compile import compile, read
from ..function import Function
from ..options import DEFAULTS, checked_options

if TYPE_CHECKING:
    from os import PathLike


@explained
@timed
def import_nl(path: str | PathLike[str], *, limits: Limits = UNTRUSTED) -> Reading:
    """Read an optimization model in a file of .nl, the form of AMPL, Pyomo and JuMP, as a program.

        model = wg.import_nl("model.nl")
        f = wg.compile(model.text)  # its outputs are the objectives, then the constraints
        found = wg.minimize(f)

    Names come from `model.col` and `model.row` where these files stand beside it. Start values are the defaults of the
    inputs. Lines of the program that begin with `#:` hold the objective's sense, the bounds, the constraints and the
    names of integers; `minimize` reads them. `receipts` tell of names that have changed and of parts that are left out.

    Raises ParseError at the line that is not as the format has it or holds a part without a counterpart (imported
    functions, logical constraints, complementarity, the binary form), UsageError for a file that cannot be read,
    LimitError for one over the limits.
    """
    from pathlib import Path  # the command line starts faster without it

    file = Path(path)
    source = Source(_text(file, limits), str(path))
    names, notes = [], []
    for ending in (".col", ".row"):
        beside = file.with_suffix(ending)
        lines: list[str] = []
        if beside.is_file():
            try:
                lines = [line.strip() for line in _text(beside, limits).splitlines()]
            except ParseError as problem:
                message = f"the names in {shown(str(beside))} are left out: {problem.diagnostic.message}"
                notes.append(Diagnostic("W917", "warning", message, Span(0, 1), source=source))
        names.append(lines)
    found = read_nl_file(source, NameFiles(*names), limits)
    return found._replace(receipts=(*notes, *found.receipts))


def _text(file: Any, limits: Limits) -> str:
    """The text of a file. Raises LimitError if it is too long."""
    try:
        with open(file, "rb") as begun:
            first = begun.read(1)
        size = os.path.getsize(file)
    except (OSError, ValueError):
        return read(file)  # raises with the reason
    if first == b"b" and file.suffix != ".col" and file.suffix != ".row":
        return "b"  # this is the binary form, which is refused
    if size > limits.text_bytes:
        raise exceeded(limits, "text_bytes", f"{file} is too long")
    return read(file)


def compiled_nl(path: str | PathLike[str], **options: Any) -> Function:
    """The Function of a model in .nl; `options` are those of `compile`. The receipts of the reading are among its
    warnings."""
    chosen = checked_options(options.get("options", DEFAULTS))
    found = import_nl(path, limits=options.get("limits", chosen.limits))
    made = compile(found.text, name=f"{path}, as a program", **options)
    warnings = (*found.receipts, *made.program.warnings)
    return Function(made.program._replace(warnings=warnings), made.options, made.rewritten)
