"""Names for the parts of a model, from the files of names beside an .nl file: legal in our language, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..ground.errors import Diagnostic, Source, Span
from ..ground.names import RESERVED, normalize, quoted, trouble
from ..ground.tuples import NamedTuple

# Names that numbers of a program may have.
_TAKEN = frozenset(("inf", "nan"))
# The most changes of names that a receipt lists.
_SHOWN = 6


class NameFiles(NamedTuple):
    """The lines of a `.col` file, names of variables, and of a `.row` file, of constraints, then of objectives."""

    columns: Sequence[str] = ()
    rows: Sequence[str] = ()


class ModelNames(NamedTuple):
    """The names of a model's parts in our language, by number, and receipts for those that were changed."""

    variables: list[str]
    objectives: list[str]
    constraints: list[str]
    defined: dict[int, str]
    receipts: list[Diagnostic]


class Counts(NamedTuple):
    """How many variables, objectives and constraints a model has, and the numbers of its defined variables."""

    variables: int
    objectives: int
    constraints: int
    defined: Sequence[int]


def named(counts: Counts, files: NameFiles, source: Source) -> ModelNames:
    """The names of all parts. A file of names with too few lines is left out, and a note says so."""
    receipts: list[Diagnostic] = []
    place = Span(0, max(1, source.text.find("\n")))
    columns = list(files.columns)[: counts.variables]
    rows = list(files.rows)[: counts.constraints + counts.objectives]
    for kind, lines, wanted in (("column", columns, counts.variables),
                                ("row", rows, counts.constraints + counts.objectives)):  # fmt: skip
        if lines and len(lines) < wanted:
            message = f"the file of {kind} names has {len(lines)} of {wanted} names, and is left out"
            receipts.append(Diagnostic("W917", "warning", message, place, source=source))
            lines.clear()
    taken: set[str] = set()
    plain = [f"x{k}" for k in range(counts.variables)]
    variables = list(_unique(columns or plain, "x", taken))
    one = counts.objectives == 1
    plain = ["f" if one else f"f{k}" for k in range(counts.objectives)]
    objectives = list(_unique(rows[counts.constraints :] or plain, "f", taken))
    constraints = list(_unique(rows[: counts.constraints] or [f"c{k}" for k in range(counts.constraints)], "c", taken))
    defined = dict(zip(counts.defined, _unique([f"w{k}" for k in counts.defined], "w", taken)))
    theirs, ours = [*columns, *rows], [*variables[: len(columns)], *(constraints + objectives)[: len(rows)]]
    changed = [(a, b) for a, b in zip(theirs, ours) if a != b]
    if changed:
        told = ", ".join(f"{_quoted(a)} is `{b}`" for a, b in changed[:_SHOWN])
        more = f", and {len(changed) - _SHOWN:,} others have changed" if len(changed) > _SHOWN else ""
        receipts.append(Diagnostic("W917", "note", f"names are made legal: {told}{more}", place, source=source))
    return ModelNames(variables, objectives, constraints, defined, receipts)


def _quoted(name: str) -> str:
    return quoted("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name).replace("`", "'"))


def _unique(wanted: Iterable[str], letter: str, taken: set[str]) -> Iterator[str]:
    """A legal name for each one wanted, which no other has."""
    counters: dict[str, int] = {}
    for name in wanted:
        legal = _legal(name, letter)
        made = legal
        while made in taken:
            counters[legal] = counters.get(legal, 1) + 1
            made = f"{legal}_{counters[legal]}"
        taken.add(made)
        yield made


def _legal(name: str, letter: str) -> str:
    """A name of our language that is like a name of AMPL: `x[1,2]` is `x_1_2`."""
    plain = re.sub(r"[^\w]+", "_", normalize(name[:200])).strip("_") or letter
    if plain[0].isdecimal():
        plain = letter + plain
    if plain in RESERVED or plain in _TAKEN:
        plain += "_"
    return plain if not trouble(plain) else re.sub(r"[^0-9A-Za-z_]+", "_", f"{letter}_{plain}").rstrip("_")
