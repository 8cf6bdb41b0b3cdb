"""Names of the language: how they are spelled, and fresh names that collide with none of the user's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import count, filterfalse

from .errors import Span

RESERVED = frozenset("input output expect def op with for in if else and or not".split())

# A letter or _, then letters, digits, _ and accents that combine with the letter before them, as in θ̇.
WORD = r"[^\W\d][\w\u0300-\u036f]*"
_WORD = re.compile(WORD)
# The most accents on one letter. Normalizing a run of accents takes quadratic time.
ACCENTS = 4
_CROWD = re.compile(rf"[\u0300-\u036f]{{{ACCENTS + 1}}}")

# Letters of other scripts that look like a Latin letter, with that letter.
_TWINS = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲϳАВЕЅЗІЈКМНОРСТУХаесоухрѕіјһԁԛԝօոսցհ",
    "ABEZHIKMNOPTYXocjABES3IJKMHOPCTYXaecoyxpsijhdqwonugh",
)
_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "HEBREW", "CHEROKEE")


def normalize(name: str) -> str:
    """A name in its canonical spelling, Unicode's NFKC, in which x₁ is x1. A word with too many accents on a letter is
    no name, and is returned unchanged."""
    return name if name.isascii() or _CROWD.search(name) else unicodedata.normalize("NFKC", name)


def look_alike(name: str) -> str:
    """The ASCII name that looks like this one; the name itself if one of its letters has no Latin look-alike."""
    twin = name.translate(_TWINS)
    return twin if twin.isascii() else name


def trouble(name: str) -> str:
    """Why a word is not a name of the language, as a phrase; empty if it is one."""
    if name.isascii():
        if not name.isidentifier():
            return "is not a name: a name is a letter or `_`, then letters, digits and `_`"
        return "is a reserved word" if name in RESERVED else ""
    if (power := superscript(name)) >= 0:
        return f"holds a superscript, {name[power]}: a power is written with `^`"
    if _CROWD.search(name):
        return f"has more than {ACCENTS} accents on a letter"
    plain = normalize(name)
    if not _WORD.fullmatch(plain):
        return "is not a name: a name is a letter or `_`, then letters, digits and `_`"
    scripts = {s for c in plain if c.isalpha() for s in _SCRIPTS if unicodedata.name(c, "").startswith(s)}
    if len(scripts) > 1 and (scripts != {"LATIN", "GREEK"} or any(c != c.translate(_TWINS) for c in plain)):
        return f"mixes look-alike letters of {' and '.join(sorted(s.capitalize() for s in scripts))}"
    return "is a reserved word" if plain in RESERVED else ""


def superscript(name: str) -> int:
    """The position of the first superscript character in a word, which no name may contain; -1 if there is none."""
    raised = (n for n, c in enumerate(name) if unicodedata.decomposition(c).startswith("<super>"))
    return next(raised, -1)


def quoted(name: str, most: int = 40) -> str:
    """A name for a message, shortened if it is long."""
    return f"`{name}`" if len(name) <= most else f"`{name[:most]}…`"


def shortened(text: str, most: int = 60) -> str:
    """A text on one line, cut at the end if it is long."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def is_temporary(name: str) -> bool:
    """Whether a name is a temporary: v and a number, for equations that the user has not named."""
    return name[:1] == "v" and name[1:].isdecimal()


def fresh(prefix: str, taken: Container[str], first: int = 1) -> Iterator[str]:
    """Names prefix1, prefix2, …, from the number `first` on, skipping those that are taken."""
    return filterfalse(taken.__contains__, map(f"{prefix}%d".__mod__, count(first)))


def listed_few(names: Sequence[str], most: int = 12) -> str:
    """The first names of a list, for a message."""
    return ", ".join(names[:most]) + ", …" * (len(names) > most)


def renaming(columns: Iterable[str]) -> str:
    """Advice, to follow a list of columns, on the first heading that no formula can name; empty if all are names."""
    for heading in columns:
        if ";" in heading:
            return f"; cells are separated by commas, and `{heading}` has a `;`"
        if trouble(heading):
            plain = "_".join(re.findall(r"[^\W_]+", normalize(heading)))
            instead = "" if not plain or trouble(plain) else f", for instance to `{plain}`"
            return f"; `{heading}` is not a name that a formula can use: change the heading{instead}"
    return ""


def repeated(names: Iterable[str]) -> str:
    """The first name that stands in a sequence more than once; empty if none does."""
    seen: dict[str, bool] = {}
    for n in names:
        seen[n] = n in seen
    return next((n for n, again in seen.items() if again), "")


def first_use(text: str, name: str) -> Span | None:
    """The span of a name's first use in a text, outside comments; None if there is none."""
    found = re.search(rf"^(?:[^#\n]*?(?<!\w))({re.escape(name)})(?!\w)", text, re.MULTILINE)
    return Span(*found.span(1)) if found else None
