"""The layout of programs: it changes no meaning, loses no comment, and is its own layout; and `wengert fmt`."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wengert as wg
from tests.language.test_vectors import TEXTS
from tests.oracles.programs import programs
from wengert.cli import main
from wengert.language import parser
from wengert.language.formatter import formatted
from wengert.lists.wengert_list import program_lines
from wengert.ops import ALIASES, INFIX, PREFIX

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "samples").glob("*.wengert"))


def corpus() -> list[str]:
    """The formulas of the corpora."""
    texts = []
    for path, columns in (
        ("feynman", ["formula"]), ("symbolic_regression", ["formula"]), ("expression_values", ["expr"]),
        ("derivative_pairs", ["F", "dF"]), ("antiderivatives", ["F", "dFdx"]),
    ):  # fmt: skip
        with open(ROOT / "tests" / "corpora" / f"{path}.tsv", encoding="utf-8", newline="") as file:
            lines = (line for line in file if not line.startswith("#"))
            texts += [row[c] for row in csv.DictReader(lines, delimiter="\t") for c in columns]
    return texts


def meaning(text: str) -> object:
    """What a text gives: the list with all that stands beside it; or the code of its error."""
    try:
        program = wg.parse(text)
    except wg.WengertError as problem:
        return problem.diagnostic.code
    wlist = program.wlist
    ops = [(row.name, row.params, *map(plain, (row.forward, *row.partials))) for row in wlist.ops]
    expects = [(str(e.value), repr(e.expected), e.half_unit, plain(e.text.lstrip("# "))) for e in program.expects]
    # As text, so that nan is like nan.
    lists = [program_lines(w, program.defaults) for w in (wlist, program.checked) if w is not None]
    lines = [[line for line in each if not line.startswith("op ")] for each in lists]
    # Layout alone is warned of by these: a sign that begins a line, behind blanks or not, and `<-` written as an arrow.
    warnings = [w.code for w in program.warnings if w.code not in ("W156", "W950")]
    return lines, ops, expects, program.constants, warnings


def plain(rule: Any) -> str:
    """What the list keeps as it was typed: the rule of an op that a program brings, an expect."""
    return formatted(rule) if isinstance(rule, str) else repr(rule)


def comments(text: str) -> list[str]:
    return [text[start:end].rstrip() for kind, start, end in parser.lexemes(text) if kind == parser.COMMENT]


def words(text: str) -> list[tuple[str, str]]:
    """Names and numbers, in order, each name in its one spelling."""
    found = []
    for kind, start, end in parser.lexemes(text):
        word = text[start:end]
        if kind in ("NAME", "FUNC", "NUMBER"):
            name = wg.ground.names.normalize(word)
            found.append((kind, ALIASES.get(name, name) if kind == "FUNC" else name))
    return found


def holds(text: str) -> str:
    """The layout of a sentence, once it has been seen to keep the laws."""
    new = formatted(text)
    assert formatted(new) == new
    assert comments(new) == comments(text)
    assert words(new) == words(text)
    assert meaning(new) == meaning(text)
    lines = new.split("\n")
    assert lines.pop() == ""
    assert not [line for line in lines if line != line.rstrip(" \t")]
    assert "\n\n\n" not in new
    assert not new.startswith("\n")
    assert not new.endswith("\n\n")
    return new


def tried(text: str) -> bool:
    """The laws for any text: what is no sentence is refused as the parser refuses it. Whether it is one."""
    try:
        formatted(text)
    except wg.WengertError as problem:
        refused = problem
    else:
        holds(text)
        return True
    with pytest.raises(type(refused)) as parsed:
        wg.parse(text)
    assert parsed.value.diagnostic == refused.diagnostic
    return False


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_in_its_layout(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert holds(text) == text


def test_the_laws_hold_of_the_vectors() -> None:
    kept = [tried(text) for text in TEXTS]
    assert sum(kept) > 100
    assert kept.count(False) > 100


def test_the_laws_hold_of_the_corpora() -> None:
    texts = corpus()
    assert len(texts) > 1000
    assert sum(map(tried, texts)) >= len(texts) - 1  # one is no formula, but a function of its source


@given(programs(outputs=2))
def test_a_printed_list_is_in_its_layout(program: Any) -> None:
    text = str(program[0])
    assert holds(text) == text + "\n"


# Sentences with everything that the language has, to be torn apart and joined anew.
PIECES = [
    "input a = 1, b", "x=a+-b", "y = - a**2 %3", "def f(p,q)=ln (p)*q", "op g(a)=a**2 with d/da=2*a",
    "for i in 0:2{x=x*i}", "for i in 0 : 2 { for j in i:2 { x = x/2 ; } ; y = x }", "output x,y", "expect x=.5",
    "z = max(a,b\n,\n x)", "(\na\n)", "f(x, g( y ))", "sum(x^i*j for i in 0:3 for j in 0:i)",
    "w = a if a<=b<1 and not(b==2)or a!=1 else -(b)", "d(x*x,x)", "arcsin(θ̇)", "x₁*x1", "1_000.5e-3", "",
    "input A[m,n],v[3]=[1,2 , 3]", "[ [a,b],\n[b,a]]@[1,-2]", "[a,b,1][ 1 :]", "sum([a,b] , axis= 0)",
    "[x*i for i in 0:2][ - 1]+a", "[[a]] .T",
]  # fmt: skip
SEPARATORS = st.sampled_from(
    ["\n", ";", " ; ;\n", "\n\n\n", "  # c\n", "\n  # {\n", "\n#(\n\n\n# c #\n", "\t#\r\n", "\r\n"]
)


@given(st.lists(st.tuples(st.sampled_from(PIECES), SEPARATORS), min_size=1, max_size=8))
def test_the_laws_hold_of_programs_joined_at_random(parts: list[tuple[str, str]]) -> None:
    assert tried("".join(piece + separator for piece, separator in parts))


@given(st.data())
def test_the_laws_hold_of_a_text_changed_at_random(data: st.DataObject) -> None:
    """Blanks, line ends and comments are put between tokens, and tokens taken out or moved."""
    text = data.draw(st.sampled_from([*PIECES, *TEXTS, *(p.read_text(encoding="utf-8") for p in SAMPLES[:6])]))
    tokens = [text[start:end] for _, start, end in parser.lexemes(text)]
    new = st.sampled_from([" ", "\t", "\n", ";", "\n\n\n", "# c\n", "(\n", "\n)", "{", "}", "-", "**", *tokens])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(tokens)))
        tokens[at : at + data.draw(st.integers(0, 1))] = [data.draw(new)]
    tried(" ".join(tokens))


@given(st.text(st.sampled_from("ab1.+-*/^%(){}[]@:;,#=<\n\r\t '\ufeffλ²₁"), max_size=20))
def test_any_text_is_laid_out_or_refused(text: str) -> None:
    tried(text)


@pytest.mark.parametrize(
    ("text", "laid"),
    [
        ("", ""),
        ("\n\n", ""),
        ("# only a comment", "# only a comment\n"),
        ("x=1;y = 2", "x = 1\ny = 2\n"),
        ("y=0 .T+2  .T", "y = 0 .T + 2 .T\n"),
        ("input A[2,2];A .T@A", "input A[2, 2]\nA.T@A\n"),
        ("a*b/c%d**-e1", "a*b/c % d^-e1\n"),
        ("a- -b", "a - -b\n"),
        ("-  x", "-x\n"),
        ("not(a)", "not (a)\n"),
        ("(a)if(b)else(c)", "(a) if (b) else (c)\n"),
        ("sin  (x)", "sin(x)\n"),
        ("((x))", "((x))\n"),
        ("sum( x for i in 0 : n )", "sum(x for i in 0:n)\n"),
        ("for i in 0:2{x=1;y=2}", "for i in 0:2 {\n    x = 1\n    y = 2\n}\n"),
        ("for i in 0:2 {\n\n\n}", "for i in 0:2 {}\n"),
        ("for i in 0:2 { # why\n}", "for i in 0:2 {  # why\n}\n"),
        ("for i in 0:2 {\n# {\n}", "for i in 0:2 {\n    # {\n}\n"),
        ("x = 1\n\n\n\n# c\n\n\ny = 2\n\n", "x = 1\n\n# c\n\ny = 2\n"),
        ("x = 1; y = 2 # c", "x = 1\ny = 2  # c\n"),
        ("x=1       # c", "x = 1       # c\n"),
        ("x=1    # one\nlonger=2 # two\nz=3 # three", "x = 1    # one\nlonger = 2  # two\nz = 3  # three\n"),
        ("x=1      # one\nlonger=2 # two\nz=3 # three", "x = 1       # one\nlonger = 2  # two\nz = 3  # three\n"),
        ("f = max(a,\nb)", "f = max(a,\n        b)\n"),
        ("f = max(\na, # c\n\n\n b\n)", "f = max(\n    a,  # c\n\n    b\n)\n"),
        ("a=1\r\nb=a", "a = 1\r\nb = a\r\n"),
        ("ln(x) + expit(x)", "log(x) + sigmoid(x)\n"),
        ("def f(ln) = ln; f(x)", "def f(ln) = ln\nf(x)\n"),
        ("x₁ + x1", "x₁ + x₁\n"),
        ("1_000 + .50 + 1E3", "1_000 + .50 + 1E3\n"),
        ("op g(a)=a with d/da=1", "op g(a) = a with d/da = 1\n"),
        ("input a=1 ,b", "input a = 1, b\n"),
        ("input A[m,n],v [3]=[1,2]", "input A[m, n], v[3] = [1, 2]\n"),
        ("A[ 1 : n+1 ,: ] @ B .T", "A[1:n+1, :]@B.T\n"),
        ("x[ - 1 ] - x [::-1]", "x[-1] - x[::-1]\n"),
        ("sum( A , axis = 0 )-sum[axis=0](A)", "sum(A, axis=0) - sum[axis=0](A)\n"),
        ("arctan2[axis=0](A)", "atan2[axis=0](A)\n"),
        ("[ [1,2],\n[3,-4]]", "[[1, 2],\n [3, -4]]\n"),
        ("sum((x + 1)[ i - 1 ] for i in n - 1 : n+1)", "sum((x + 1)[i-1] for i in n-1:n+1)\n"),
        ("for i in 0 : n + 1 { x = x - [ i - 1 ] }", "for i in 0:n+1 {\n    x = x - [i - 1]\n}\n"),
    ],
)
def test_a_text_has_this_layout(text: str, laid: str) -> None:
    assert formatted(text) == laid
    assert formatted(laid) == laid


def test_every_alias_and_operator_has_one_spelling() -> None:
    for alias, op in ALIASES.items():
        assert formatted(f"{alias}(x)") == f"{op}(x)\n"
    close = {s for s in INFIX if formatted(f"a {s} b") == formatted(f"a{s}b") == f"a{s.replace('**', '^')}b\n"}
    apart = {s for s in INFIX if formatted(f"(a){s}(b)") == f"(a) {s} (b)\n"}
    assert close | apart == set(INFIX)
    assert not close & apart
    assert {"*", "/", "^"} <= close
    assert {"+", "<", "and"} <= apart
    assert len(PREFIX) >= 2


def test_the_answer_is_as_long_as_the_text() -> None:
    """However deep a text nests, its lines are not indented without bound."""
    n = 20_000
    for text in ("(\n" * n + "x" + "\n)" * n, "for i in 0:1 {\n" * n + "}\n" * n, f"{'f(' * n}x{',1)' * n}"):
        assert len(formatted(text)) < 70 * len(text)


def test_a_text_over_the_limit_is_refused() -> None:
    with pytest.raises(wg.LimitError):
        formatted("x + 1", limits=wg.Limits(text_bytes=4))


# The command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in SAMPLES[:2]:
        shutil.copy(path, tmp_path)
    (tmp_path / "loose.wengert").write_text("y=x**2 # c\ny", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("y=x", encoding="utf-8")
    return tmp_path


def test_files_are_written_where_they_change(folder: Path, capsys: Any) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert main(["fmt", str(folder)]) == 0
    assert {path for path, time in before.items() if path.stat().st_mtime_ns != time} == {folder / "loose.wengert"}
    assert (folder / "loose.wengert").read_bytes() == b"y = x^2 # c\ny\n".replace(b" #", b"  #")
    said = capsys.readouterr()
    assert said.out == f"reformatted {folder / 'loose.wengert'}\n1 program reformatted, 2 programs in layout already\n"
    assert said.err == ""
    assert main(["fmt", "--check", str(folder)]) == 0
    assert capsys.readouterr().out == "3 programs in layout already\n"


@pytest.mark.parametrize("how", [["--check"], ["--diff"], ["--check", "--diff"]])
def test_looking_writes_nothing(folder: Path, capsys: Any, how: list[str]) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert main(["fmt", *how, str(folder)]) == 1
    assert before == {path: path.read_bytes() for path in folder.iterdir()}
    out = capsys.readouterr().out
    assert "loose.wengert" in out
    assert SAMPLES[0].name not in out
    if "--diff" in how:
        assert "-y=x**2 # c\n-y\n\\ No newline at end of file\n+y = x^2  # c\n+y\n" in out


def test_what_is_no_program_is_left_alone(folder: Path, capsys: Any) -> None:
    bad = folder / "a_bad.wengert"
    bad.write_text("2x", encoding="utf-8")
    assert main(["fmt", str(folder)]) == 2
    assert bad.read_text(encoding="utf-8") == "2x"
    said = capsys.readouterr()
    assert said.err.startswith("error[W006]")
    assert "reformatted" in said.out  # the others are not


def test_a_formula_and_standard_input_are_answered(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["fmt", "y=ln(x)**2;2*y", "-x"]) == 0
    assert capsys.readouterr().out == "y = log(x)^2\n2*y\n-x\n"
    assert main(["fmt", "--check", "2*y"]) == 0
    assert main(["fmt", "--check", "2 * y"]) == 1
    capsys.readouterr()
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("a=1#c"))
    assert main(["fmt", "-"]) == 0
    assert capsys.readouterr().out == "a = 1  #c\n"


def test_a_file_that_cannot_be_written_is_an_error(folder: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    assert main(["fmt", str(folder)]) == 2
    assert "W632" in capsys.readouterr().err
