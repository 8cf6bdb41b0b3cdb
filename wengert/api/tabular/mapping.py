"""`wengert.map`: a program over the rows of a table, from file to file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import Any, NoReturn

from ...ground.complaints import explained
from ...ground.errors import ArgumentError, UsageError, error, shown, suggestion
from ...ground.limits import within
from ...ground.names import listed_few, normalize, renaming, repeated
from ...ground.tuples import NamedTuple
from ...ground.written_files import writable
from ...jobs.tabular.dask_import import check_scheduler, has_default_client
from ...jobs.tabular.map import RowJob, map_rows
from ...jobs.tabular.map_report import Mapped
from ...jobs.tabular.row_batches import ROWS, ColumnTable, RowTable
from ...jobs.tabular.table_batches import open_table
from ...jobs.tabular.written_tables import checked_target
from ...kernels.arguments import as_value
from ...language.printer import program_text
from ...lists.wrt import chosen, listed
from ..compile import compile
from ..function import Function
from ..options import DEFAULTS, Options
from .tables import table_of
from .travelling import row_work_json

# Where the rows are computed: here, or by the workers of Dask.
MAP_ENGINES = ("auto", "dask")


class ColumnBinding(NamedTuple):
    """The inputs of a function that are columns of a table, the names of these columns, and the values of the other
    inputs."""

    columns: dict[str, str]
    values: dict[str, Any]


def row_table(given: Any, f: Function) -> RowTable:
    """A table that is read in batches: of a path, a DataFrame, a structured array, or a mapping of names to vectors.

    Raises UsageError for anything else, and for a file that cannot be read.
    """
    if isinstance(given, RowTable):
        return given
    if isinstance(given, (str, PathLike)):
        return open_table(given)
    named = table_of(given, f.limits)
    return ColumnTable(named.names, named.column, named.called)


def bound_to(f: Function, table: RowTable, values: Mapping[str, Any]) -> ColumnBinding:
    """Bind the inputs of a function to the columns of their names. A value that is given takes the place of a column,
    and a column that of a default.

    Raises UsageError for an input that is neither a column nor a value, and where no input is a column; UnknownName for
    the value of an input that does not exist.
    """
    spelled: dict[str, str] = {}
    for name in table.names:
        spelled.setdefault(normalize(name), name)
    columns = {n: spelled[n] for n in (*f.inputs, *f.constants) if n in spelled and n not in values}
    given = {n: as_value(v, n) for n, v in {**f.program.defaults, **values}.items() if n not in columns}
    if missing := [n for n in f.inputs if n not in columns and n not in given]:
        listed_names = ", ".join(f"`{n}`" for n in missing)
        near = suggestion(missing[0], table.names)
        columns_are = f"the columns are {listed_few(table.names)}{renaming(table.names)}"
        help = f"{near + ' or' if near else f'{columns_are};'} give a number: {missing[0]}=2"
        table.refuse(f"has no column{'s' * (len(missing) > 1)} {listed_names}", help, "W901")
    f._point((), {**given, **dict.fromkeys(columns, 1.0)})  # refuses names that are no inputs
    if not columns:
        inputs = ", ".join(f.inputs)
        table.refuse(f"has no column that is an input; {f'the inputs are {inputs}' if inputs else 'there is no input'}",
                     f"the columns are {listed_few(table.names)}{renaming(table.names)}", "W901")  # fmt: skip
    return ColumnBinding(columns, given)


def derivatives_asked(f: Function, binding: ColumnBinding, wrt: Iterable[str] | str | None) -> tuple[str, ...]:
    """The names to differentiate by: those asked for, by default the inputs that are columns. Raises UnknownName."""
    if wrt is None:
        return tuple(n for n in f.inputs if n in binding.columns)
    names = tuple(dict.fromkeys(listed(wrt) or ()))
    return chosen(f.wengert_list, names) if names else ()


def kept_columns(table: RowTable, keep: Iterable[str] | str, computed: Sequence[str]) -> tuple[str, ...]:
    """The columns of a table to carry along: "all", or names. Raises UsageError for one that is not there, or has the
    name of a column that is computed."""
    if isinstance(keep, str) and keep == "all":
        kept = table.names
    else:
        wanted = _texts("keep", keep)
        spelled = {normalize(n): n for n in reversed(table.names)}
        kept = tuple(dict.fromkeys(spelled.get(normalize(n), n) for n in wanted))
    table.check_columns(kept)
    if twice := repeated((*kept, *computed)):
        clash = "is computed, and is a column that is kept" if twice in kept else "is computed twice"
        raise error(UsageError, "W908", f"`{twice}` {clash}",
                    help="name the output otherwise: `force = q*E`, or keep fewer columns")  # fmt: skip
    return kept


@explained
def map(
    program: Any, table: Any, output: str | PathLike[str], *, values: Mapping[str, Any] = {},
    wrt: Iterable[str] | str | None = None, second: bool = False, keep: Iterable[str] | str = (),
    notes: str | PathLike[str] | None = None, compression: str | None = None, force: bool = False, anew: bool = False,
    options: Options = DEFAULTS, engine: str = "auto", scheduler: Any = None,
) -> Mapped:  # fmt: skip
    """Map a program over the rows of a table: a file with its values and its exact derivatives for each row.

        done = wg.map("q*(Ef+B*v*sin(theta))", "readings.parquet", "out.parquet", values={"q": 1.6e-19})
        done.rows, done.missing, done.noted

    program  a text, a Function, or anything that `compile` takes. Its inputs are bound to the columns of their names
    table    the path of a .parquet, .arrow, .csv, .tsv or .txt, or a table in memory: a DataFrame, a structured array,
             a mapping of names to vectors, where nan is missing. A file is read in batches, and may be of any size
    output   the path of the answers: .parquet, .arrow (.feather), .csv or .tsv. Its columns have the names of the
             outputs (or f) and of derivatives, `df_dx`. A row that lacks an input has no answer
    values   values of inputs that are no columns, the same for each row
    wrt      the names to differentiate by, by default the inputs that are columns; an empty list for values alone
    second   whether to compute second derivatives too, `d2f_dx2` and `d2f_dx_dy`
    keep     columns of the table to write beside the answers, or "all"
    notes    the path of a table that lists the rows whose answers are nan, infinite or at a kink
    compression  for Parquet "auto" (the default: snappy for the columns that it makes smaller), "none", "snappy",
             "zstd", "lz4" or "gzip"; for Arrow "none", "zstd" or "lz4"
    force    whether to replace existing files
    anew     whether to discard an unfinished run and begin again
    options  how a text is compiled; a Function has its own
    engine   "dask" for the workers of a `scheduler`, an address or a client. They read Parquet and Arrow and write
             parts of the answers, if they see these files; else this process reads and writes, and they compute

    The file gets its name only when it is complete. Until then it is `out.parquet.part`, with `out.parquet.journal`.
    If the process ends early, or the disk is full, the same call goes on where it stopped; see `resumed` of the answer.
    The limit `seconds` holds for each batch. Parquet and Arrow need pyarrow, the extra `tables`.

    Raises UsageError for columns that are missing or hold no numbers, tables without rows, and files that cannot be
    read or written.
    """
    sent = _uses_dask(engine, scheduler)
    f = program if isinstance(program, Function) else compile(program, options=options, inputs=_names(values))
    with within(f.limits):
        given = row_table(table, f)
        if isinstance(program, str) and (named := [n for n in f.constants if n in _spelled(given) and n not in values]):
            f = compile(
                program, options=options, inputs=(*_names(values), *named)
            )  # a column called `e` is no constant
        binding = bound_to(f, given, values)
        asked = derivatives_asked(f, binding, wrt)
        if second and (len(f.outputs) != 1 or not asked):
            raise error(UsageError, "W907", "second derivatives are those of one output, in one name at least",
                        help="leave `second` out" if len(f.outputs) == 1 else f"choose one of {', '.join(f.outputs)}"
                        )  # fmt: skip
        from .row_function import RowFunction  # it imports NumPy

        work = RowFunction(f, binding.columns, binding.values, asked, second)
        kept = kept_columns(given, keep, work.names)
        target, aside = _path("output", output), "" if notes is None else _path("notes", notes)
        way = _checked_files(given, target, aside, compression, force)
        size = max(1, min(ROWS, f.limits.elements // (len(work.names) + len(work.columns))))
        text = _shown_text(f)
        identity = None
        if not isinstance(given, ColumnTable):
            identity = _identity(f, given, work.names, kept, binding, aside, way)
    job = RowJob(given, work, target, way, kept, aside, text, identity, anew, size)
    if not sent:
        return Mapped(job, map_rows(job), work.unsure)
    from .dask_map import mapped_on_dask  # NumPy comes with it

    text = row_work_json(f, binding.columns, binding.values, asked, second)
    ended, there = mapped_on_dask(job, work, text, scheduler)
    return Mapped(job._replace(work=there), ended, there.unsure)


def _texts(name: str, given: Any) -> tuple[str, ...]:
    """One text, or several. Raises ArgumentError for anything else."""
    try:
        found = (given,) if isinstance(given, str) else tuple(given)
    except TypeError:
        found = (given,)
    if any(not isinstance(text, str) for text in found):
        raise error(ArgumentError, "W602", f"`{name}` is a name, or an iterable of names, not {shown(given)}")
    return found


def _path(name: str, given: Any) -> str:
    """A path. Raises ArgumentError for anything else."""
    found = os.fspath(given) if isinstance(given, (str, PathLike)) else None
    if not isinstance(found, str) or "\0" in found:
        raise error(ArgumentError, "W602", f"`{name}` is a path, not {shown(given)}", help="for instance 'out.parquet'")
    return found


def _uses_dask(engine: str, scheduler: Any) -> bool:
    """Whether workers of Dask do the work. Raises UsageError."""
    if engine not in MAP_ENGINES:
        raise error(ArgumentError, "W602", f"there is no engine {shown(engine)} for a map",
                    help=suggestion(str(engine), MAP_ENGINES) or f"the engines are {', '.join(MAP_ENGINES)}"
                    )  # fmt: skip
    check_scheduler(scheduler)
    if engine == MAP_ENGINES[1] and scheduler is None and not has_default_client():
        raise error(UsageError, "W929", "the engine dask has no scheduler",
                    help="give the address that `dask scheduler` prints; without Dask the work is done here"
                    )  # fmt: skip
    return engine == MAP_ENGINES[1] or scheduler is not None


def _names(values: Any) -> tuple[str, ...]:
    """The names of values, which are inputs even if they name constants."""
    if not isinstance(values, Mapping):
        raise error(ArgumentError, "W602", f"`values` is a mapping of names to values, not {shown(values)}")
    return tuple(n for n in values if isinstance(n, str))


def _spelled(table: RowTable) -> set[str]:
    return {normalize(n) for n in table.names}


def _shown_text(f: Function) -> str:
    text = " ".join(f.program.source.text.split()) or ", ".join(f.outputs)
    return text if len(text) <= 200 else f"{text[:197]}…"


def _checked_files(table: RowTable, target: str, notes: str, compression: str | None, force: bool) -> str:
    """The way of compression, after all files were looked at. Raises UsageError."""
    way = checked_target(target, compression)
    for path in filter(None, (target, notes)):
        checked_target(path, None)
        if os.path.exists(path) and os.path.exists(table.called) and os.path.samefile(path, table.called):
            _refuse_same(path, "the table that is read")
        writable(path, force)
    if notes and os.path.abspath(notes) == os.path.abspath(target):
        _refuse_same(notes, "the file of the answers")
    return way


def _refuse_same(path: str, other: str) -> NoReturn:
    raise error(UsageError, "W904", f"{shown(path)} is {other}", help="choose another name")


def _identity(
    f: Function, table: RowTable, names: Sequence[str], kept: Sequence[str], binding: ColumnBinding, notes: str,
    way: str,
) -> dict[str, Any]:  # fmt: skip
    """All facts on which the answers depend, for JSON. A later run with the same facts resumes a stopped one."""
    found = os.stat(table.called)
    options = f.options._replace(limits=DEFAULTS.limits, kernel=DEFAULTS.kernel)
    values = {n: v.hex() if type(v) is float else hashlib.sha256(v.tobytes()).hexdigest() for n, v in
              sorted(binding.values.items())}  # fmt: skip
    return {
        "program": program_text(f.program) if f._decided else f.program.source.text, "options": repr(options),
        "table": [os.path.abspath(table.called), found.st_size, found.st_mtime_ns], "columns": list(names),
        "kept": list(kept), "bound": binding.columns, "values": values, "notes": notes, "compression": way,
    }  # fmt: skip


__all__ = ["ColumnBinding", "bound_to", "derivatives_asked", "kept_columns", "map", "row_table"]
