"""A list as a program in another language: flat gradient code, which runs without wengert.

    print(emit(wg.compile("(2*x1+x2)^2"), "c", tests=True))
    print(emit(wg.compile("(2*x1+x2)^2"), "sql", table="readings"))

It is one straight-line function, forward and then backward, with an equation on each line, in the user's names, and
beside it the text that it came from. No text of the user's is code: identifiers are letters, digits and `_`, numbers
are literals, and no text can end a comment.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..ground.errors import UsageError, error, suggestion
from ..ground.limits import UNTRUSTED, Limits
from ..ground.tuples import Protocol
from ..lists.wengert_list import WengertList
from ..show.json import to_json
from ..show.latex import latex
from ..transforms.reading.array_words import in_words, spelled_out
from .languages.c import C
from .languages.javascript import JavaScript
from .languages.language import Language
from .languages.numpy import NumPy
from .languages.python import Python
from .languages.rust import Rust
from .sql.query import TableSource, write_query
from .sql.table_elements import over_elements
from .straight_line import StraightLine, straight_line
from .vectors import vectors
from .writing import write

LANGUAGES: dict[str, type[Language]] = {
    "python": Python, "numpy": NumPy, "javascript": JavaScript, "c": C, "rust": Rust,
}  # fmt: skip


def _json(program: StraightLine) -> str:
    """The list as JSON, with an equation on each line."""
    whole = to_json(program.wlist)
    equations = ",\n  ".join(map(json.dumps, whole.pop("equations")))
    head = "".join(f" {json.dumps(k)}: {json.dumps(v)},\n" for k, v in whole.items())
    return f'{{\n{head} "equations": [\n  {equations}\n ]\n}}\n' if equations else f'{{\n{head} "equations": []\n}}\n'


def _latex(wlist: WengertList) -> str:
    """The list in LaTeX: over arrays in the language's own words, without the ops that only rules use."""
    return latex(spelled_out(in_words(wlist, 0, named=True))) + "\n"


NOTATIONS: dict[str, Callable[[StraightLine], str]] = {"latex": lambda program: _latex(program.wlist), "json": _json}
# Notations for reading: they leave out that a derivative is nan where its value is nan.
FORMULAS = frozenset(("latex",))
# A query, which runs once for each row of a table.
QUERY = "sql"
# A problem with its constraints and bounds, which `f.emit` writes.
PROBLEM = "nl"
TARGETS = (*LANGUAGES, QUERY, *NOTATIONS, PROBLEM)


class Emittable(Protocol):
    """The members of a compiled program that `emit` needs; `wengert.Function` has them."""

    @property
    def running_list(self) -> WengertList: ...
    @property
    def reading_list(self) -> WengertList: ...
    @property
    def written_list(self) -> WengertList: ...
    @property
    def program(self) -> Any: ...
    @property
    def kink(self) -> str: ...
    @property
    def limits(self) -> Limits: ...


def emit(
    program: WengertList | Emittable, target: str, *, name: str | None = None, grad: bool = True, hessian: bool = False,
    wrt: Iterable[str] | str | None = None, tests: bool = False, points: Sequence[Mapping[str, float]] = (),
    kink: str | None = None, limits: Limits | None = None, table: str | None = None, schema: str | None = None,
    dialect: str | None = None, keep: Iterable[str] | str | None = None, values: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    """A program in another language or notation, one of TARGETS.

    program  a compiled program, or a list
    name     the name of the function, by default `value_and_grad` or the like
    grad     whether derivatives are written
    hessian  whether the second derivatives are written too, for a program of one output
    wrt      the inputs or intermediates that derivatives are taken by, by default all inputs
    tests    whether there are test vectors and a main function that fails if an answer is wrong
    points   points to test, with values of all inputs, besides the program's defaults and points that are chosen here
    kink     the derivative at a kink: "mean", "left" or "right"; by default the program's
    table    for "sql": the table whose columns are the inputs, by default `data`
    schema   the schema that the table is in, by default the one in use
    dialect  the dialect of SQL: "duckdb", the default, "sqlite" or "polars"
    keep     columns of the table that stand before the answers: a name, or several; "*" for all
    values   inputs that are numbers, the same in each row, and no columns

    Raises UsageError for an unknown target, for a name that the target does not allow, for an op that cannot be written
    in the target, and for an option of another target.
    """
    if target == PROBLEM:
        raise error(UsageError, "W643", "a problem in .nl is written of a function", help='`f.emit("nl")`')
    if target not in TARGETS:
        raise error(UsageError, "W643", f"there is no target `{target}`",
                    help=suggestion(target, TARGETS) or f"the targets are {', '.join(TARGETS)}")  # fmt: skip
    kept = (keep,) if isinstance(keep, str) else () if keep is None else tuple(keep)
    queried = {"table": table, "schema": schema, "dialect": dialect, "keep": kept or None, "values": values}
    if target != QUERY and (odd := [n for n, value in queried.items() if value is not None]):
        raise error(UsageError, "W914", f"`{odd[0]}` is for the target {QUERY}, and this one is {target}")
    names = (wrt,) if isinstance(wrt, str) else None if wrt is None else tuple(wrt)
    masked = target not in FORMULAS
    if isinstance(program, WengertList):
        wlist = program
    else:
        inputs = set(program.running_list.inputs)
        # A fusing rewrite may have removed an intermediate that `wrt` names.
        wlist = program.running_list if inputs.issuperset(names or ()) else program.written_list
        if not masked and wlist is program.running_list:
            wlist = program.reading_list
        kink, limits = kink or program.kink, limits or program.limits
        if inputs <= program.program.defaults.keys():
            points = (*points, program.program.defaults)
    if target == QUERY:
        if tests:
            raise error(UsageError, "W644", "a query reads a table, so it carries no tests")
        if name is not None:
            raise error(UsageError, "W914", "a query is no function, so it has no `name`")
        usual = TableSource()
        source = TableSource(
            usual.table if table is None else table, usual.schema if schema is None else schema,
            usual.dialect if dialect is None else dialect, kept, {} if values is None else values,
        )  # fmt: skip
        wlist, outputs, names = over_elements(wlist, names, kink or "mean", limits or UNTRUSTED)
        whole = straight_line(
            wlist, grad=grad, hessian=hessian, wrt=names, kink=kink or "mean", limits=limits or UNTRUSTED
        )
        return write_query(whole, outputs, source)
    whole = straight_line(
        wlist, grad=grad, hessian=hessian, wrt=names, kink=kink or "mean", limits=limits or UNTRUSTED, masked=masked
    )
    if target in NOTATIONS:
        if tests:
            raise error(UsageError, "W644", f"{target} does not run, so it carries no tests")
        return NOTATIONS[target](whole)
    called = "value_grad_hessian" if whole.second else "value_and_grad" if whole.wrt else "value"
    tested = vectors(whole.wlist, points) if tests else ()
    return write(whole, LANGUAGES[target](), called if name is None else name, tested, asked=name is not None)
