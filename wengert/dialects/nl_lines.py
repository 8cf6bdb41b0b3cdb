"""The lines of an .nl file in turn: words without comments, whole numbers, numbers; and errors, each at its line."""

from __future__ import annotations

import math
import re

from ..ground.errors import ParseError, Source, Span, WengertError, error
from ..ground.limits import Limits, Tally
from ..ground.names import quoted
from ..lists.wengert_list import spelled

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*(?:[eEdD][+-]?\d+)?|\.\d+(?:[eEdD][+-]?\d+)?|inf(?:inity)?|nan)", re.I | re.A)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.A)


class NlLines:
    """A cursor over the lines of a text."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source, self.limits = source, limits
        self.lines = source.text.split("\n")
        self.at, self.place, self._next = -1, 0, 0
        self.words: list[str] = []
        self._tally = Tally(limits, "tokens", "the model is too long")

    def advance(self) -> bool:
        """Go to the next line that holds a word; False at the end of the file."""
        while self.at + 1 < len(self.lines):
            self.at += 1
            line = self.lines[self.at]
            self.place, self._next = self._next, self._next + len(line) + 1
            self._tally.spend(1, self.span)
            self.words = line.partition("#")[0].split()
            if self.words:
                return True
        self.place = min(self.place, max(len(self.source.text) - 1, 0))
        return False

    def expect(self, wanted: str) -> list[str]:
        """The words of the next line. Raises ParseError if the file ends."""
        if not self.advance():
            raise self.broken(f"the file ends where {wanted} should follow", "it is cut off: write the model again")
        return self.words

    @property
    def span(self) -> Span:
        """The place of the line."""
        length = len(self.lines[self.at].partition("#")[0].rstrip()) if self.at >= 0 else 1
        return Span(self.place, self.place + max(length, 1))

    def broken(self, message: str, help: str = "") -> WengertError:
        """The error of a line that is not as .nl has it."""
        return error(ParseError, "W915", message, self.span, help=help, source=self.source)

    def refused(self, name: str, why: str, help: str = "") -> WengertError:
        """The error of a part that has no counterpart."""
        return error(ParseError, "W916", f"{name}: {why}", self.span, help=help, source=self.source)

    def whole(self, word: str, wanted: str, most: int | None = None) -> int:
        """A whole number from 0 on and below `most`."""
        if not _WHOLE.fullmatch(word):
            raise self.broken(f"{wanted} is a whole number, not {quoted(word)}")
        number = int(word)
        if number < 0 or most is not None and number >= most:
            there = f"there are {most:,}, counted from 0" if most is not None else "it is negative"
            raise self.broken(f"{wanted} is {number}, and {there}")
        return number

    def number(self, word: str, wanted: str) -> float:
        """A number, perhaps infinite or nan."""
        if len(word) > self.limits.digits or not _NUMBER.fullmatch(word):
            raise self.broken(f"{wanted} is a number, not {quoted(word)}")
        return float(word.lower().replace("d", "e") if "nan" not in word.lower() else word)

    def pair(self, wanted: str, most: int) -> tuple[int, float]:
        """The next line as a place, below `most`, and a number."""
        words = self.expect(f"a line of {wanted}")
        if len(words) != 2:
            raise self.broken(f"a line of {wanted} is a place and a number, not {quoted(' '.join(words))}")
        return self.whole(words[0], f"the place in {wanted}", most), self.number(words[1], f"a value of {wanted}")


def number_text(value: float) -> str:
    """A number as our language writes it, `-inf` and `nan` too."""
    return spelled(value) if math.isfinite(value) else "nan" if value != value else "inf" if value > 0 else "-inf"
