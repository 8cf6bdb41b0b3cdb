"""Identifiers of a target language for the names of a list: the same name wherever the language allows it.

For any names of a list, an identifier consists of letters, digits and `_`, and two names have two identifiers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable

_MARK = re.compile(r"[^A-Za-z0-9_]")


class Identifiers:
    """Gives each name an identifier of its own.

    reserved  identifiers that already have a meaning in the place of the names
    ascii     whether other letters are spelled in ASCII: λ as lambda, ж as u0436
    leading   whether an identifier may begin with `_`, which C reserves
    """

    def __init__(self, reserved: Container[str], *, ascii: bool = False, leading: bool = True) -> None:
        self.reserved, self.ascii, self.leading = reserved, ascii, leading
        self.given: dict[tuple[str, str], str] = {}
        self.taken: set[str] = set()

    def __call__(self, name: str, whose: str = "") -> str:
        """The identifier of a name. The same name of two owners, `whose`, has two identifiers."""
        found = self.given.get((whose, name))
        if found is None:
            found = self._free(self._plain(name))
            self.given[whose, name] = found
            self.taken.add(found)
        return found

    def add(self, names: Iterable[str]) -> None:
        """Make identifiers. Names that can stay as they are go first, so that no other name takes theirs."""
        others = []
        for name in names:
            if self._plain(name) == name and name not in self.reserved:
                self(name)
            else:
                others.append(name)
        for name in others:
            self(name)

    def _free(self, word: str) -> str:
        if word in self.reserved or word in self.taken:
            word += "_"
        stem, n = word, 2
        while word in self.reserved or word in self.taken:
            word = f"{stem}{n}"
            n += 1
        return word

    def _plain(self, name: str) -> str:
        if not name.isascii():
            name = unicodedata.normalize("NFKC", name)
            # From Unicode 15.1 on identifiers may hold characters that show nothing, such as the zero-width joiner.
            unseen = any(unicodedata.category(c) == "Cf" for c in name)
            if self.ascii or unseen or not name.isidentifier():
                name = "".join(c if c.isascii() else spoken(c) for c in name)
        if name.isascii() and not name.isidentifier():
            name = _MARK.sub("_", name)
        if not name or name[0].isdigit() or name[0] == "_" and not self.leading:
            name = f"u{name}" if name else "u_"
        return name


def spoken(letter: str) -> str:
    """A letter in ASCII: a Greek letter by its name, a Latin one without its marks, any other by its code point."""
    bare = unicodedata.normalize("NFKD", letter)[0]
    if bare.isascii() and bare.isalnum():
        return bare
    words = unicodedata.name(letter, "").replace("LAMDA", "LAMBDA").split()
    if len(words) == 4 and words[0] == "GREEK" and words[2] == "LETTER" and words[3].isalpha():
        return words[3].lower() if words[1] == "SMALL" else words[3].capitalize()
    return f"u{ord(letter):04x}"
