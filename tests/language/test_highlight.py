"""The colors of a program: the lexer for Pygments and the grammar for editors see what the parser's scanner sees."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments import highlight, token
from pygments.formatters import HtmlFormatter

from tests.language.test_vectors import TEXTS
from wengert.ground.names import normalize
from wengert.language import parser
from wengert.language.automaton import TERMINALS
from wengert.language.kinds import kinds
from wengert.language.lalr_tables import KEYWORDS
from wengert.language.lexers import WengertLexer
from wengert.ops import ALIASES, CONSTANTS, DERIVATIVES, FOLDS, INFIX, OPS, PREFIX

ROOT = Path(__file__).parents[2]
SAMPLES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "samples").glob("*.wengert"))]
GRAMMAR = json.loads((ROOT / "grammar" / "wengert.tmLanguage.json").read_text(encoding="utf-8"))
ALL = [*SAMPLES, *TEXTS]


class Word(NamedTuple):
    kind: str
    start: int
    end: int


def expected(text: str) -> list[Word]:
    """The words of a text, their kinds told from the terminals of the grammar and from the registry."""
    reserved = {TERMINALS[column] for column in KEYWORDS.values()}
    called = {*OPS, *ALIASES, *FOLDS, *DERIVATIVES}
    found = []
    for terminal, start, end in parser.lexemes(text):
        word = normalize(text[start:end])
        if terminal == "FUNC":
            word = word.partition("[")[0]
        if terminal in reserved:
            kind = "keyword"
        elif terminal == "FUNC":
            kind = "op" if word in called else "function"
        elif terminal == "NAME":
            kind = "constant" if word in {*CONSTANTS, "π"} else "name"
        elif terminal in ("NUMBER", "COMMENT", "STRAY"):
            kind = terminal.lower()
        else:
            kind = "operator" if word in {*INFIX, *PREFIX, "=", ".T"} else "punctuation"
        if word not in ("", "\n"):
            found.append(Word(kind, start, end))
    return found


TYPES: dict[str, Any] = {
    "comment": token.Comment,
    "number": token.Number,
    "keyword": token.Keyword,
    "op": token.Name.Builtin,
    "function": token.Name.Function,
    "constant": token.Name.Constant,
    "name": token.Name,
    "operator": token.Operator,
    "punctuation": token.Punctuation,
    "stray": token.Error,
}
SCOPES = {
    "comment": "comment.line.number-sign.wengert",
    "number": "constant.numeric.wengert",
    "keyword": "keyword.control.wengert",
    "op": "support.function.wengert",
    "function": "entity.name.function.wengert",
    "constant": "constant.language.wengert",
    "name": "variable.other.wengert",
    "operator": "keyword.operator.wengert",
    "punctuation": "punctuation.separator.wengert",
}


def scoped(text: str) -> Iterator[tuple[str, int, int]]:
    """What an editor makes of a text: line by line, at each place the first of the rules that match soonest."""
    rules = [(rule["name"], re.compile(rule["match"])) for rule in GRAMMAR["patterns"]]
    begin = 0
    for line in text.split("\n"):
        at = 0
        while found := [(m.start(), n, m.end()) for n, (_, rule) in enumerate(rules) if (m := rule.search(line, at))]:
            start, n, at = min(found)
            assert at > start
            yield rules[n][0], begin + start, begin + at
        begin += len(line) + 1


def test_the_kinds_are_those_of_the_terminals() -> None:
    seen = set()
    for text in ALL:
        assert list(kinds(text)) == expected(text)
        seen |= {word.kind for word in expected(text)}
    assert seen == set(TYPES)


def test_pygments_sees_the_tokens_of_the_scanner() -> None:
    for text in ALL:
        found = list(WengertLexer().get_tokens_unprocessed(text))
        assert "".join(part for _, _, part in found) == text
        assert all(text.startswith(part, start) for start, _, part in found)
        solid = [(kind, start, start + len(part)) for start, kind, part in found if kind is not token.Whitespace]
        wanted = expected(text)
        assert [place[1:] for place in solid] == [word[1:] for word in wanted]
        for (kind, *_), word in zip(solid, wanted):
            assert kind in TYPES[word.kind], text[word.start : word.end]
            assert kind not in token.Name or word.kind not in ("keyword", "number")
        assert not [part for _, kind, part in found if kind is token.Whitespace and part.strip()]


@given(st.text(st.sampled_from("ab1.e+-*^%(){}[];,#=<!\n\r\t '\ufeffλ²₁θ\u0307"), max_size=40))
def test_pygments_loses_nothing_of_any_text(text: str) -> None:
    assert "".join(part for _, _, part in WengertLexer().get_tokens_unprocessed(text)) == text


def test_pygments_finds_the_lexer() -> None:
    """The entry point of pyproject.toml names a lexer, which Pygments loads and works with."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    said = re.search(r'\[project.entry-points."pygments.lexers"\]\nwengert = "(.*):(.*)"', project)
    assert said
    assert getattr(import_module(said[1]), said[2]) is WengertLexer
    lexer = WengertLexer()
    assert (lexer.name, lexer.aliases, lexer.filenames) == ("Wengert", ["wengert"], ["*.wengert"])
    page = highlight("y = sin(x)  # a wave", lexer, HtmlFormatter())
    assert '<span class="nb">sin</span>' in page
    assert '<span class="c1"># a wave</span>' in page


def test_an_editor_sees_the_tokens_of_the_scanner() -> None:
    # It knows the words as they are usually spelt, not the letters that Unicode counts for the same; and what begins no
    # token has no color.
    unusual = {"keyword": "name", "constant": "name", "op": "function"}
    for text in ALL:
        wanted = [
            (SCOPES[kind if normalize(word := text[start:end]) == word else unusual.get(kind, kind)], start, end)
            for kind, start, end in expected(text)
            if kind != "stray"
        ]
        assert list(scoped(text)) == wanted


def test_the_grammar_for_editors_is_plain() -> None:
    """It uses what the regular expressions of Oniguruma and of Python have in common, and matches within a line."""
    assert GRAMMAR["scopeName"] == "source.wengert"
    assert GRAMMAR["fileTypes"] == ["wengert"]
    assert {rule["name"] for rule in GRAMMAR["patterns"]} == set(SCOPES.values())
    for rule in GRAMMAR["patterns"]:
        assert set(re.findall(r"\(\?(.)", rule["match"])) <= set(":=!")
        assert not re.compile(rule["match"]).search("")


@pytest.mark.parametrize("word", sorted(KEYWORDS))
def test_a_reserved_word_is_one_everywhere(word: str) -> None:
    """Also before a bracket; and a name that begins with it is none."""
    for text, kind in ((word, "keyword"), (f"{word}(", "keyword"), (f"{word}1", "name"), (f"{word}_(", "function")):
        assert next(scoped(text))[0] == SCOPES[kind]
        assert next(iter(kinds(text)))[0] == kind
