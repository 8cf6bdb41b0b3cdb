"""The vectors of the language: texts with the list, the warnings or the error that each must give.

    python -m tests.language.test_vectors --write    rewrites what is expected; the difference is for a reader to judge

A file of grammar/vectors is a sequence of cases. A case is a title line ``=== title``, the text, and what it gives:

    --- list            the program as it prints
    --- warnings        what is legal and probably not meant, if there is any
    --- error CODE      the one diagnostic, as it is shown, instead of a list
    --- fix             the text once the diagnostic's fix is made, if it has one
    --- value READER: x = 2, …
                        the value at the point that a reader of the unmended text gives: a language, a calculator, or
                        the rules of writing. Not written anew: it is an oracle

Lines before the first case are comments. A character that does not show, and a newline or a space at an end, is written
as ⟨U+FEFF⟩.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from pathlib import Path
from typing import NamedTuple

import pytest

import wengert as wg
from wengert.ground.names import WORD
from wengert.language.printer import program_text

FOLDER = Path(__file__).parents[2] / "grammar" / "vectors"


class Case(NamedTuple):
    title: str
    text: str
    expected: dict[str, str]


def cases(path: Path) -> list[Case]:
    """The cases of a file."""
    found = []
    for block in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, body = block.partition("\n")
        text, *parts = re.split(r"^--- ", body, flags=re.MULTILINE)
        sections = (part.partition("\n") for part in parts)
        expected = {head: decoded(shown.rstrip("\n")) for head, _, shown in sections}
        found.append(Case(title, decoded(text.rstrip("\n")), expected))
    return found


def comment(path: Path) -> str:
    """The lines before the first case."""
    return path.read_text(encoding="utf-8").partition("=== ")[0]


def outcome(text: str) -> dict[str, str]:
    """What a text gives, section by section."""
    try:
        program = wg.parse(text)
    except wg.WengertError as problem:
        d = problem.diagnostic
        shown = {f"error {d.code}": wg.render(d)}
        return shown if d.fix is None else {**shown, "fix": mended(text, d.fix)}
    shown = {"list": program_text(program)}
    if program.warnings:
        shown["warnings"] = "\n".join(map(wg.render, program.warnings))
    return shown


def mended(text: str, fix: wg.ground.errors.Fix) -> str:
    return text[: fix.span.start] + fix.text + text[fix.span.end :]


def encoded(text: str) -> str:
    """A text with everything visible but newlines and the spaces between words."""
    text = re.sub(r" $|\n+\Z", lambda m: "".join(f"⟨U+{ord(c):04X}⟩" for c in m[0]), text, flags=re.MULTILINE)
    return "".join(
        c if c == "\n" or c.isprintable() and not unicodedata.combining(c) else f"⟨U+{ord(c):04X}⟩" for c in text
    )


def decoded(text: str) -> str:
    return re.sub(r"⟨U\+([0-9A-F]{4,6})⟩", lambda m: chr(int(m[1], 16)), text)


def written(path: Path) -> str:
    """A file with what its texts give now."""
    blocks = [comment(path)]
    for case in cases(path):
        sections = "".join(f"--- {head}\n{encoded(shown)}\n" for head, shown in outcome(case.text).items())
        kept = {head: shown for head, shown in case.expected.items() if head.startswith("value ")}
        sections += "".join(f"--- {head}\n{shown}\n" for head, shown in kept.items())
        blocks.append(f"=== {case.title}\n{encoded(case.text)}\n{sections}\n")
    return "".join(blocks).rstrip("\n") + "\n"


PATHS = sorted(FOLDER.glob("*.txt"))
CASES = [pytest.param(case, id=f"{path.stem}: {case.title}") for path in PATHS for case in cases(path)]
TEXTS = [case.values[0].text for case in CASES]


@pytest.mark.parametrize("case", CASES)
def test_a_text_gives_what_its_vector_says(case: Case) -> None:
    assert outcome(case.text) == {k: v for k, v in case.expected.items() if not k.startswith("value ")}


@pytest.mark.parametrize("case", [c for c in CASES if "fix" in c.values[0].expected])
def test_a_fix_leads_on(case: Case) -> None:
    """What is mended parses, or is wrong in another way or another place."""
    found = outcome(case.expected["fix"])
    assert "list" in found or not set(found) & set(case.expected) - {"fix"} or found != case.expected


@pytest.mark.parametrize("case", [c for c in CASES if "fix" in c.values[0].expected])
def test_a_mended_text_has_the_value_that_its_author_meant(case: Case) -> None:
    """A fix must not guess: the mended text gives what a reader of the unmended one computes."""
    try:
        f = wg.compile(case.expected["fix"])
    except wg.WengertError:
        return  # a second mistake, with a vector of its own
    oracles = [(head, json.loads(shown)) for head, shown in case.expected.items() if head.startswith("value ")]
    assert oracles, "a fix without the value that its author meant"
    for head, meant in oracles:
        point = dict(re.findall(rf"({WORD}) = (\[.*?\]|[^\s,]+)", head.partition(": ")[2]))
        assert set(point) == set(f.inputs)
        found = f(**{name: json.loads(value) for name, value in point.items()})
        assert found == pytest.approx(meant, rel=1e-14, abs=0)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_file_is_written_as_it_stands(path: Path) -> None:
    assert written(path) == path.read_text(encoding="utf-8")


def test_there_are_vectors_enough() -> None:
    kinds = [next(iter(case.values[0].expected)).split()[0] for case in CASES]
    assert kinds.count("list") >= 60
    assert kinds.count("error") >= 70
    assert len({case.id for case in CASES}) == len(CASES)


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    for each in PATHS:
        each.write_text(written(each), encoding="utf-8")
