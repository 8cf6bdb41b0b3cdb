"""The magics `%%wengert` and `%wengert` of IPython.

IPython hands over its shell; nothing of it is imported. Names of a program that have no value in it are variables of
the notebook, and names that a cell binds become variables. A program is never run as Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from keyword import iskeyword
from typing import Any

from ..api.compile import compile
from ..api.function import Function
from ..api.making import named_values
from ..api.texts import Entry
from ..ground.errors import (
    Diagnostic,
    Source,
    Span,
    UsageError,
    WengertError,
    error,
    render,
    suggestion,
)
from ..ground.names import first_use
from ..ground.tuples import NamedTuple
from .answers_of_cells import CellAnswer

# The views of a line or a cell, and the call of each. Without any it is the value.
VIEWS: dict[str, Callable[[Function, Mapping[str, Any]], Any]] = {
    "grad": lambda f, point: f.grad(point),
    "jacobian": lambda f, point: f.jacobian(point),
    "hessian": lambda f, point: f.hessian(point),
    "trace": lambda f, point: f.trace(point),
    "diff": lambda f, point: f.derivatives(),
    "program": lambda f, point: f,
}
# Views that no values are needed for.
_BARE = ("diff", "program")
NAME = "wengert"
NAME_OF_CELL, NAME_OF_LINE = "<cell>", "<line>"
GUIDE = """\
%wengert EXPRESSION        the value of an expression, with the notebook's variables: y = %wengert x^2 + 1
%wengert --grad EXPRESSION its derivatives; likewise --jacobian, --hessian, --trace, --diff, --program
%%wengert                  a cell that is a program: its names become variables, the answer has value and gradient
%%wengert --trace f        a view of a cell, and the name of a variable for its Function"""
_WORD = re.compile(r"\s*--([a-z]+)(?=\s|$)")


class CellError(WengertError):
    """An error in a cell. A notebook shows its message with the place in the cell, and no traceback."""

    def __init__(self, diagnostic: Diagnostic, color: bool = False) -> None:
        super().__init__(diagnostic)
        self.color = color

    def _render_traceback_(self) -> list[str]:
        return render(self.diagnostic, self.color).split("\n")


class _Head(NamedTuple):
    """The line of a magic: its view, if it asks for one, and the rest."""

    view: str
    rest: str
    start: int


def load_ipython_extension(shell: Any) -> None:
    """Give a shell of IPython the magics."""

    def wengert(line: str, cell: str | None = None) -> Any:
        try:
            return _answered(shell.user_ns, line, cell)
        except WengertError as problem:
            raise CellError(problem.diagnostic, shell.colors.lower() != "nocolor") from None

    wengert.__doc__ = GUIDE
    # By default IPython replaces braces and dollar signs in a line, and the language has braces of its own.
    wengert.__dict__["_ipython_magic_no_var_expand"] = True
    shell.register_magic_function(wengert, "line_cell", NAME)


def unload_ipython_extension(shell: Any) -> None:
    """Take the magics away again."""
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop(NAME, None)


def _answered(names: dict[str, Any], line: str, cell: str | None) -> Any:
    """The answer of a line, or of a cell, whose variables are `names`."""
    head = _head(line)
    view, rest = VIEWS.get(head.view), head.rest.strip()
    if cell is None:
        if not rest:
            print(GUIDE)
            return None
        f = compile(rest, name=NAME_OF_LINE)
        point = _point(f, names, head.view not in _BARE)
        return view(f, point) if view else f(point)
    if rest and not rest.isidentifier():
        place = Span(head.start, len(line.rstrip()))
        raise error(UsageError, "W630", "a cell takes a view and one name, for its Function", place,
                    help="for instance `%%wengert --grad f`", source=Source(line, "%%wengert"))  # fmt: skip
    f = compile(cell, name=NAME_OF_CELL)
    # A cell that only names a Function may leave values open.
    point = _point(f, names, head.view not in _BARE and not rest)
    whole = all(n in point for n in f.inputs)
    found = view(f, point) if view and (whole or head.view in _BARE) else CellAnswer(f, point) if whole else f
    if rest:
        names[rest] = f
    if whole:
        names.update(named_values(f, point, _bound(cell)))
    return found


def _head(line: str) -> _Head:
    found = _WORD.match(line)
    if found is None:
        return _Head("", line, len(line) - len(line.lstrip()))
    if found[1] not in VIEWS:
        help = suggestion(found[1], VIEWS) or f"the views are {', '.join(f'--{v}' for v in VIEWS)}"
        raise error(UsageError, "W630", f"there is no view `--{found[1]}`", Span(*found.span(1)), help=help,
                    source=Source(line, "%wengert"))  # fmt: skip
    return _Head(found[1], line[found.end() :], found.end())


def _point(f: Function, names: Mapping[str, Any], complete: bool) -> dict[str, Any]:
    """The values of inputs: their defaults, and for all others the notebook's variables. Raises UsageError for an input
    that has none, if the point has to be `complete`."""
    known = {n: names[n] for n in f.inputs if n in names and n not in f.program.defaults}
    point = {**f.program.defaults, **known}
    missing = [n for n in f.inputs if n not in point]
    if missing and complete:
        text = f.program.source.text
        spans = [s for n in missing[:3] if (s := first_use(text, n)) is not None]
        raise error(UsageError, "W606", f"no value for {', '.join(f'`{n}`' for n in missing[:10])}",
                    spans[0] if spans else None, secondary=tuple((s, "needs a value too") for s in spans[1:]),
                    help=f"give the notebook a variable, `{missing[0]} = …`, or the cell a default, "
                    f"`input {missing[0]} = …`", source=f.program.source)  # fmt: skip
    return point


def _bound(text: str) -> list[str]:
    """The names that a program binds, except those that no Python variable can have."""
    entry = Entry()
    entry.add(text)
    bound = {n: None for sentence in entry.sentences() for n in sorted(sentence.binds)}
    return [n for n in bound if n.isidentifier() and not iskeyword(n)]
