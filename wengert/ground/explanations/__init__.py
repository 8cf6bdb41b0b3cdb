"""What each diagnostic code means: a page in Markdown for each, with an example that provokes it, and its mend.

A page begins with `# CODE: title`. Its indented blocks are run by the test suite: a program, command lines that begin
with `$`, or Python that begins with `>>>`. The first block gives the code, and no other one does.
"""

from __future__ import annotations

import re
from importlib.resources import files

_CODE = re.compile(r"(?:error|warning|note)?\[?[wW]?([0-9]{1,3})\]?")


def codes() -> list[str]:
    """All codes, in order."""
    return sorted(name.removesuffix(".md") for f in files(__name__).iterdir() if (name := f.name).endswith(".md"))


def page(code: str) -> str:
    """The page on a code, without the mark of its heading. Raises KeyError for a code that has none."""
    file = files(__name__).joinpath(f"{code}.md")
    if not re.fullmatch(r"W[0-9]{3}", code) or not file.is_file():
        raise KeyError(code)
    return file.read_text(encoding="utf-8").removeprefix("# ")


def title(code: str) -> str:
    """What a code stands for, in a few words."""
    return page(code).partition("\n")[0].partition(": ")[2]


def spelled(word: str) -> str:
    """The code that a word means: `w101`, `101`, `error[W101]` are W101; empty for a word that is none."""
    found = _CODE.fullmatch(word.strip())
    return f"W{int(found[1]):03}" if found else ""


__all__ = ["codes", "page", "spelled", "title"]
