"""Numbers in a file that a command line names as a value: `@A.npy`, `@x.csv`, `@x.json`.

Only a value can name a file; a program cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import nan, prod
from typing import TYPE_CHECKING, Any, NoReturn

from ..ground.complaints import explained
from ..ground.errors import LimitError, UsageError, error, suggestion
from ..ground.limits import UNTRUSTED, Limits
from ..ground.names import listed_few, repeated
from ..kernels.arguments import as_value
from .compile import read

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

# The most characters of a text file that one number takes, separators included.
LONGEST = 32
HEADER = 4096  # bytes of a file before its numbers
DEEPEST = 32  # the most axes of an array
# Words that mark a missing value in a table that may lack values.
_MISSING = ("", "na", "n/a", "nan", "null", "none", "-", ".", "?")
_TABLES = (".csv", ".tsv", ".txt")
RAISE = "raise it with `--limit elements=N`"


def numbers_of(path: str, name: str, limits: Limits) -> Any:
    """Read the number or the array in a file, for the input `name`.

    .npy     an array of NumPy, of real numbers
    .csv     numbers separated by commas, one row to a line; .tsv by tabs, .txt by spaces. One column is a vector,
             several are a matrix. A first line of words is a header. Empty lines and lines that begin with `#` are
             skipped. `data.csv:t` is the column with the header t
    .json    a number, or nested lists of numbers

    Raises UsageError for a file that is missing, cannot be read or holds anything else, ParseError for a text that is
    not UTF-8, LimitError for a file that is too large.
    """
    before, colon, column = path.rpartition(":")
    if colon and column and before.lower().endswith(_TABLES):
        columns = columns_of(before, limits)
        if column not in columns:
            listed = f"the columns are {listed_few([*columns])}" if columns else "its columns have no names"
            _refuse(f"{before} has no column `{column}`", suggestion(column, columns) or listed)
        return columns[column]
    readers = {".npy": _npy, **dict.fromkeys(_TABLES, _table), ".json": _json}
    return _read(path, limits, readers, lambda read, file: read(file, name, limits.elements))


def columns_of(path: str, limits: Limits, missing: bool = False) -> dict[str, Any]:
    """The columns of a .csv, .tsv or .txt file as vectors, by the names in its header; empty if it has no header.

    With `missing`, an empty cell or a word that marks a missing value becomes nan. Raises the errors of `numbers_of`.
    """

    def columns(read: Any, file: Path) -> dict[str, Any]:
        header, table = read(file, limits.elements, missing)
        if twice := repeated(header):
            _refuse(f"{file} has two columns `{twice}`", "each column has a name of its own")
        return {n: table[:, k].copy() for k, n in enumerate(header)}

    found: dict[str, Any] = _read(path, limits, dict.fromkeys(_TABLES, _rows), columns)
    return found


def _read(path: str, limits: Limits, readers: dict[str, Any], use: Callable[[Any, Path], Any]) -> Any:
    from pathlib import Path  # imported here so that the command line starts faster

    file = Path(path)
    kind = file.suffix.lower()
    if kind not in readers:
        help = f"a value can be in a file that ends in {', '.join(readers)}"
        if kind == ".npz":
            help = "an .npz holds several arrays: save one with `np.save`"
        _refuse(f"`{path}` is no file of numbers" if path else "a file needs a name", help)
    most = limits.elements
    try:
        if not file.exists():
            near = [p.name for p in file.parent.iterdir()] if file.parent.is_dir() else []
            _refuse(f"no file {path}", suggestion(file.name, near), "W611")
        if not file.is_file():
            _refuse(f"{path} is no regular file", code="W611")
        if (size := file.stat().st_size) > LONGEST * most + HEADER:
            raise error(LimitError, "W401", f"{path} has {size:,} bytes, more than {most:,} numbers take",
                        help=RAISE)  # fmt: skip
        return use(readers[kind], file)
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or str(problem).splitlines()[0]
        _refuse(f"cannot read {path}: {why}", code="W611")


@explained
def load_numbers(path: str | PathLike[str], *, limits: Limits = UNTRUSTED) -> Any:
    """Read the number or the array in a file: .npy, .csv, .tsv, .txt or .json, as the command line reads `@x.csv`.

    Raises UsageError for a file that is missing, cannot be read or holds anything but numbers, ParseError for a text
    that is not UTF-8, LimitError for a file that is too large. No file is ever unpickled.
    """
    return numbers_of(str(path), str(path), limits)


def fitting(count: int, most: int, what: str) -> None:
    """Raise LimitError for more than `most` elements."""
    if count > most:
        raise error(LimitError, "W401", f"{what} has {count:,} elements: over the limit `elements` of {most:,}",
                    help=RAISE)  # fmt: skip


def _npy(path: Path, name: str, most: int) -> Any:
    import numpy as np  # only where there is an array

    form: Any = np.lib.format
    with path.open("rb") as file:
        try:
            version = form.read_magic(file)
            # Version 3 differs from version 2 only in the names of fields, and an array of numbers has no fields.
            read_header = form.read_array_header_1_0 if version == (1, 0) else form.read_array_header_2_0
            shape, _, dtype = read_header(file)
        except Exception:
            _refuse(f"{path} is no array of NumPy, whatever its name says", "write one with `np.save`")
        if dtype.kind not in "fiub":
            what = {"O": "Python objects", "c": "complex numbers", "V": "records"}.get(dtype.kind, f"{dtype}")
            _refuse(f"the value of `{name}` must hold real numbers, and {path} holds {what}")
        fitting(prod(shape), most, f"the array in {path}")
        if prod(shape) * dtype.itemsize > path.stat().st_size - file.tell():
            _refuse(f"{path} is cut short: it says that it has {prod(shape):,} elements")
        file.seek(0)
        return as_value(np.load(file, allow_pickle=False), name)


def _json(path: Path, name: str, most: int) -> Any:
    text = read(path)
    if depth(text) > DEEPEST:
        _refuse(f"the lists in {path} nest deeper than an array has axes", f"{DEEPEST} at most")
    try:
        import json

        found = json.loads(text, parse_int=float)
    except ValueError as problem:
        _refuse(f"{path} is no JSON: {problem}")
    return listed(found, name, most, f"in {path}")


def depth(text: str) -> int:
    """How deep the brackets of a text nest, brackets in quotes included."""
    deep = most = 0
    for c in text:
        if c in "[{":
            deep += 1
            most = max(most, deep)
        elif c in "]}":
            deep -= 1
    return most


def listed(found: Any, name: str, most: int, where: str = "") -> Any:
    """The float or the array that a number or nested lists of JSON hold. Raises UsageError for anything else."""
    count, level = 0, [found]
    while level:
        strange = [v for v in level if not isinstance(v, (float, list))]
        if strange:
            import json

            shown = json.dumps(strange[0])
            shown = shown if len(shown) <= 40 else f"{shown[:39]}…"
            _refuse(f"the value of `{name}` must be made of numbers, and {shown} {where} is none".replace("  ", " "))
        rows = [v for v in level if isinstance(v, list)]
        count += len(level) - len(rows)
        fitting(count, most, f"the value of `{name}`")
        lengths = {len(v) for v in rows}
        if len(lengths) > 1 or rows and len(rows) < len(level):
            told = f"rows of {min(lengths)} and of {max(lengths)}" if len(lengths) > 1 else "a number beside a row"
            _refuse(f"the value of `{name}` is ragged: {told}", "all rows of an array have the same length")
        level = [v for row in rows for v in row]
    return as_value(found, name)


def _table(path: Path, name: str, most: int) -> Any:
    table = _rows(path, most)[1]
    return table[:, 0].copy() if table.shape[1] == 1 else table if len(table) else table.reshape(0)


def _rows(path: Path, most: int, missing: bool = False) -> tuple[list[str], Any]:
    """The header of a table (empty if it has none) and its numbers, one list for each row."""
    import csv

    import numpy as np  # only where there is an array

    text = read(path)
    lines = text.splitlines()
    if path.suffix.lower() == ".txt":
        rows: Iterator[list[str]] = map(str.split, lines)
    else:
        rows = csv.reader(lines, delimiter="\t" if path.suffix.lower() == ".tsv" else ",", strict=True)
    found: list[list[float]] = []
    header: list[str] = []
    first = True
    try:
        for at, words in enumerate(rows, 1):
            if not any(w.strip() for w in words) or words[0].lstrip().startswith("#"):
                continue
            numbers = [_number(w) for w in words]
            if first and not any(type(v) is float for v in numbers):
                first = False
                header = [w.strip() for w in words]
                continue
            first = False
            if missing:
                numbers = [nan if v is None and w.strip().lower() in _MISSING else v for v, w in zip(numbers, words)]
            if None in numbers:
                k = numbers.index(None)
                help = _apart(path.suffix.lower(), lines[at - 1], words[k])
                shown = repr(words[k].strip()[:40]) if words[k].strip() else "an empty cell"
                called = f" (`{header[k]}`)" if k < len(header) else ""
                _refuse(f"{path}, line {at}, column {k + 1}{called}: {shown} is no number", help)
            if found and len(numbers) != len(found[0]):
                _refuse(f"{path} is ragged: line {at} has {len(numbers)} column{'s' * (len(numbers) != 1)}, not "
                        f"{len(found[0])}", "all rows of an array have the same length")  # fmt: skip
            found.append([v for v in numbers if v is not None])
    except csv.Error as problem:
        _refuse(f"cannot read {path}: {problem}")
    fitting(sum(map(len, found)), most, f"the table in {path}")
    if header and found and len(header) != len(found[0]):
        header = []
    return header, np.array(found, dtype=float).reshape(len(found), -1 if found else len(header))


def _apart(suffix: str, line: str, cell: str) -> str:
    """How the cells of a table are separated, where a line seems to separate them otherwise; empty if it does not."""
    if suffix == ".txt":
        return "cells are separated by spaces in a .txt; with commas it is a .csv" if "," in line else ""
    if ";" in line or suffix != ".tsv" and "\t" in line:
        mark = "`;`" if ";" in line else "tabs"
        return f"cells are separated by {'tabs' if suffix == '.tsv' else 'commas'}, not {mark}; decimals have a point"
    if "," in cell:
        return "a number has a point before its decimals, and no commas: 1234.5"
    return ""


def _number(word: str) -> float | None:
    try:
        return float(word) if "_" not in word else None
    except ValueError:
        return None


def _refuse(message: str, help: str = "", code: str = "W607") -> NoReturn:
    raise error(UsageError, code, message, help=help)
