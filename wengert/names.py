"""What a name of the language is, and how fresh names are made that capture nobody's."""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator

RESERVED = frozenset("input output expect def op with for in if else and or not".split())

# Greek letters drawn like Latin ones: beside a Latin letter a reader cannot tell which is meant.
_LOOKALIKES = frozenset("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲјѕ")
_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "HEBREW", "CHEROKEE")


def normalize(name: str) -> str:
    """A name in its one spelling, Unicode's NFKC (so that x₁ is x1)."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def trouble(name: str) -> str:
    """Why a word is no name of the language, as a phrase; empty if it is one."""
    if name.isascii():
        if not name.isidentifier():
            return "is not a name: a name is a letter or `_`, then letters, digits and `_`"
        return "is a reserved word" if name in RESERVED else ""
    for c in name:
        if "<super>" in unicodedata.decomposition(c):
            return f"holds a superscript, {c}: a power is written with `^`"
    if not normalize(name).isidentifier():
        return "is not a name: a name is a letter or `_`, then letters, digits and `_`"
    scripts = {s for c in name if c.isalpha() for s in _SCRIPTS if unicodedata.name(c, "").startswith(s)}
    alike = any(c in _LOOKALIKES for c in name)
    if "CYRILLIC" in scripts and len(scripts) > 1 or {"LATIN", "GREEK"} <= scripts and alike:
        return f"mixes look-alike letters of {' and '.join(sorted(s.capitalize() for s in scripts))}"
    return "is a reserved word" if normalize(name) in RESERVED else ""


def is_temporary(name: str) -> bool:
    """Whether a name is of the kind that equations get which the user did not name: v and a number."""
    return name[:1] == "v" and name[1:].isdecimal()


def fresh(prefix: str, taken: Container[str], first: int = 1) -> Iterator[str]:
    """Names prefix1, prefix2, … that are not taken."""
    n = first
    while True:
        if (name := f"{prefix}{n}") not in taken:
            yield name
        n += 1
