"""The parts that the files of all targets have in common: the comment at the head, and lines with remarks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING

from .language import Language

if TYPE_CHECKING:
    from ..writing import Line, Written

# The last column at which remarks begin, and the most characters of a line of numbers.
COLUMN, WIDTH = 52, 110

VECTORS = "Inputs, the interpreter's answers, and how far other answers may be off: 8 ulps and what rounding may do."


def commented(lines: Sequence[Line], language: Language, indent: str) -> list[str]:
    """The lines, indented, with their remarks in one column; a remark that repeats the last one is left out."""
    longest = max((len(x.code) for x in lines if x.remark and len(x.code) <= COLUMN), default=0)
    said, last = [], ""
    for x in lines:
        fresh = x.remark and x.remark != last
        said.append(f"{indent}{x.code.ljust(longest)}  {language.comment} {x.remark}" if fresh else f"{indent}{x.code}")
        last = x.remark
    return said


def described(written: Written) -> list[str]:
    """The description of the file, as sentences for the comment at its head."""
    program = written.program
    several = program.values > 1
    said = [
        "Written by `wengert emit`: a Wengert list, one equation a line, with the text it came from beside it.",
        f"{written.name}({listed(written.inputs)}):",
        f"  the value{'s' if several else ''} {listed(written.values)}",
    ]
    if program.wrt:
        said.append(f"  the derivatives{', a row each,' if several else ''} by {listed(_names(written))}")
    if program.second:
        said.append("  the second derivatives, row by row")
    return said


def _names(written: Written) -> list[str]:
    identifiers = dict(zip(written.program.wlist.inputs, written.inputs))
    return [identifiers.get(n, n if n.isidentifier() else "an intermediate") for n in written.program.wrt]


def listed(names: Sequence[str]) -> str:
    """Identifiers with commas; of a long sequence the first and the last."""
    return ", ".join(names) if len(names) <= 12 else f"{', '.join(names[:6])}, …, {names[-1]}"


def rows(items: Iterable[str], indent: str) -> list[str]:
    """Lines of items, with a comma after each, and as many on a line as fit."""
    lines: list[str] = []
    line = ""
    for item in items:
        if line and len(line) + len(item) > WIDTH:
            lines.append(indent + line.rstrip())
            line = ""
        line += f"{item}, "
    return [*lines, indent + line.rstrip()] if line else lines


def folded(text: str, indent: str) -> list[str]:
    """A long line, broken after commas."""
    if len(text) <= WIDTH:
        return [indent + text]
    lines = rows(text.split(", "), indent)
    return [*lines[:-1], lines[-1].removesuffix(",")]


def headed(before: str, params: Sequence[str], after: str, indent: str) -> str:
    """The head of a function; many parameters are on lines of their own."""
    line = f"{before}({', '.join(params)}){after}"
    return line if len(line) <= WIDTH else "\n".join([f"{before}(", *folded(", ".join(params), indent), f"){after}"])


def parts(written: Written, language: Language, head: str, take: str) -> list[str]:
    """The blocks of a long program as functions over a store.

    head  the format of a function's first line, from the names of the function and the store
    take  the format of a line that gives a name to a number of the store
    """
    store = written.ours("w")
    found = []
    for part, block in zip(written.parts, written.blocks):
        lines = [f"  {take.format(name, f'{store}[{at}]')}" for name, at in block.takes]
        lines += commented(block.lines, language, "  ")
        lines += [f"  {store}[{at}] = {name};" for name, at in block.gives]
        found.append("\n".join([head.format(part, store), *lines, "}"]))
    return found


def answers(written: Written, several: Callable[[Sequence[str]], str]) -> list[str]:
    """Values, derivatives and second derivatives. `several` makes one expression of many: of rows, and of the values if
    there are several."""
    many = len(written.values) > 1
    found = [several(written.values)] if many else list(written.values)
    if written.first:
        found.append(several(list(map(several, written.first))) if many else several(written.first[0]))
    if written.second:
        found.append(several(list(map(several, written.second))))
    return found


def without_collisions(text: str, words: str, written: Written) -> str:
    """A text of ours; those of its names, `words`, that the program uses too are replaced."""
    for word in words.split():
        name = word
        while name in written.taken:
            name += "_"
        text = re.sub(rf"\b{word}\b", name, text)
    return text


def numbers(written: Written, language: Language) -> list[list[str]]:
    """The test vectors as literals, a row for each: inputs, answers, and allowed errors."""
    return [
        [repr(a) if isfinite(a) else language.number(a).text for a in chain(v.inputs, v.answers, v.within)]
        for v in written.vectors
    ]
