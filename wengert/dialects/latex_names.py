"""Names in LaTeX: a letter or a word with its accents and subscripts, as one identifier."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..ground.tuples import NamedTuple
from .tables.latex_commands import ACCENTS, DIFFERENCE, GREEK, SIGNS_IN_NAMES, SPACES, STYLED, UPRIGHT, WORDS_BELOW

_PIECE = re.compile(r"\\(?P<command>[A-Za-z]+|.)|(?P<letters>[^\W\d_]+)|(?P<digits>[0-9]+)|(?P<mark>\S)", re.DOTALL)
_BRACES = re.compile(r"[{}]")


class LatexName(NamedTuple):
    """A name: its letter or word with the marks on it, and the parts of its subscripts.

    A part is a run of items: letters as they stand, a number, a word in upright letters, a sign between an index and a
    number. `upright` tells whether the letter or word itself is upright, as TeX prints `T` and `\\mathrm{T}` apart.
    """

    base: str
    marks: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    upright: bool

    def identifier(self) -> str:
        """The name with `_` between its parts: `x_max`, `theta_0`, `x_1_bar`."""
        words = ["_".join(SIGNS_IN_NAMES.get(item, item) for item in part) for part in self.parts]
        return "_".join([self.base, *words, *self.marks])


class UnreadableName(Exception):
    """A subscript or a word that is no part of a name: its place within the text, and the reason."""

    def __init__(self, place: int, why: str) -> None:
        super().__init__(why)
        self.place, self.why = place, why


def closing_brace(text: str, start: int) -> int:
    """The place behind the brace that closes the one at `start`; -1 if there is none."""
    depth = 0
    for found in _BRACES.finditer(text, start):
        if text[found.start() - 1] == "\\" and found.start():
            continue
        depth += 1 if found[0] == "{" else -1
        if not depth:
            return found.end()
    return -1


def read_name(text: str) -> LatexName:
    r"""The name that a text is, `\bar{x}_{i,1}'`. Raises UnreadableName."""
    marks: list[str] = []
    parts: list[tuple[str, ...]] = []
    base: list[str] = []
    part: list[str] = []
    below = upright = False
    for place, kind, item in _items(text):
        if kind == "mark":
            marks.append(item)
        elif kind == "upright" and not below:
            upright = True
        elif item in ("_", ","):
            below, part = True, _ended(part, parts)
        elif kind in ("word", "digits", "shift") and below:
            part.append(item)
        elif kind == "word" or kind == "digits":
            base += ["_"] * (base == [DIFFERENCE])
            base.append(item)
        elif kind != "upright":
            raise UnreadableName(place, f"`{item}` is no part of a name")
    _ended(part, parts)
    if not base or base[0][:1].isdigit():
        raise UnreadableName(0, "it is no name")
    return LatexName("".join(base), tuple(marks), tuple(parts), upright and len("".join(base)) == 1)


def _ended(part: list[str], parts: list[tuple[str, ...]]) -> list[str]:
    if part:
        parts.append(tuple(part))
    return []


def _items(text: str) -> Iterator[tuple[int, str, str]]:
    """The items of a name: words, numbers, marks, signs."""
    for found in _PIECE.finditer(text):
        place, command = found.start(), found["command"]
        if command in ACCENTS:
            yield place, "mark", ACCENTS[command]
        elif command in STYLED:
            yield place, "mark", STYLED[command]
        elif command in UPRIGHT:
            yield place, "upright", command
        elif command in GREEK or command in WORDS_BELOW or command == "_":
            yield place, "word", command
        elif command in SPACES:
            continue
        elif command or found["mark"] and found["mark"] not in "{}_,+-'*":
            raise UnreadableName(place, f"{found[0]!r} is no part of a name")
        elif found["letters"]:
            yield place, "word", found["letters"]
        elif found["digits"]:
            yield place, "digits", found["digits"]
        elif found["mark"] == "'":
            yield place, "mark", "prime"
        elif found["mark"] in "_,":
            yield place, "divider", found["mark"]
        elif found["mark"] in SIGNS_IN_NAMES:
            yield place, "shift", found["mark"]
