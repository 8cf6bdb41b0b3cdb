"""The pages on diagnostic codes: one for each code, its example gives that code and its mend does not; and
`wengert explain`. Last, every diagnostic of every command can be had in JSON."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import wengert as wg
from tests.faces.command_line import Done, answered, plain_words
from tests.forks import Forks
from wengert.cli import main
from wengert.cli.main import COMMANDS
from wengert.ground.explanations import codes, page, spelled, title

ROOT = Path(__file__).parents[2]
# A command of a line, and the operator behind it; what may stand beside ours.
PART = re.compile(r"""((?:"[^"]*"|'[^']*'|[^"'|;&$`(])+)(\||;|&&|\Z)""")
OTHERS = ("printf", "head", "cat", "echo", "mkdir", "touch")
CODE = re.compile(r'(?:(?:error|warning|note)\[|"code": ")(W\d{3})')


def raised() -> set[str]:
    """The codes in the sources."""
    return {c for p in (ROOT / "wengert").rglob("*.py") for c in re.findall(r'"(W\d{3})"', p.read_text("utf-8"))}


def blocks(code: str) -> list[str]:
    """The indented blocks of a page."""
    found = re.findall(r"(?:^(?: {4}.*)?\n)+", page(code), re.MULTILINE)
    return [dedent(block).strip("\n") for block in found if block.strip()]


def gives(block: str, folder: Path, capsys: Any, forks: Forks) -> list[str]:
    """The codes that a block gives: a program, command lines, or Python."""
    if block.startswith("$ "):
        return [c for line in block.split("\n") for c in CODE.findall(commanded(line[2:], folder))]
    if block.startswith(">>> "):
        code = "\n".join(line.removeprefix(">>> ") for line in block.split("\n"))
        if re.search(r"import|register|wg\.op|@", code):  # it changes more than names of its own
            return CODE.findall(forks.run(code=f"import wengert as wg\n{code}", folder=folder).err)
        return CODE.findall(executed(code, folder, capsys))
    try:
        return [w.code for w in wg.compile(block).program.warnings]
    except wg.WengertError as problem:
        return [problem.diagnostic.code]


def executed(code: str, folder: Path, capsys: Any) -> str:
    """What lines of Python say on stderr, the error that ends them among it."""
    before, said = Path.cwd(), ""
    os.chdir(folder)
    try:
        exec(compile(code, "<page>", "exec"), {"__name__": "__main__", "wg": wg})
    except wg.WengertError as problem:
        said = str(problem)
    finally:
        os.chdir(before)
    return str(capsys.readouterr().err) + said


def commanded(line: str, folder: Path) -> str:
    """What a command line says on stderr. Commands of ours need no process of their own; a shell has those between
    them, and whole lines that hold more."""
    parts = PART.findall(line)
    alone = "".join(text + after for text, after in parts) == line
    if not alone or any(plain_words(text.strip()) is None and text.split()[0] not in OTHERS for text, _ in parts):
        return in_shell(f'wengert() {{ "{sys.executable}" -m wengert "$@"; }}\n{line}', folder).err
    said, typed = "", b""
    for text, after in parts:
        words = plain_words(text.strip())
        done = in_shell(text, folder, typed) if words is None else answered(words, folder, typed)
        said += done.err
        typed = done.out.encode(errors="surrogateescape") if after == "|" else b""
        if after == "&&" and done.code:
            break
    return said


def in_shell(text: str, folder: Path, typed: bytes = b"") -> Done:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "PYTHONWARNINGS": ""}
    done = subprocess.run(
        ["bash", "-c", text], cwd=folder, env=environment, input=typed, capture_output=True, timeout=120
    )
    return Done(done.returncode, done.stdout.decode(errors="surrogateescape"), done.stderr.decode())


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(codes()) == raised()
    assert codes() == sorted(codes())
    assert len(codes()) >= 77


@pytest.mark.parametrize("code", codes())
def test_the_example_gives_the_code_and_the_mend_does_not(code: str, tmp_path: Path, capsys: Any, forks: Forks) -> None:
    example, *mends = blocks(code)
    if "ulimit" in example and sys.platform != "linux" or "/dev/full" in example and not os.path.exists("/dev/full"):
        pytest.skip("this system has no way to run short of it")
    if "import dask" in example:
        pytest.importorskip("dask.dataframe")
        pytest.importorskip("distributed")
    found = gives(example, tmp_path, capsys, forks)
    assert code in found
    # A mistake comes alone, as what it drags along would only puzzle; but some never do.
    assert set(found) == {code} or code in ("W150", "W156")
    assert mends or code in ("W150", "W402")
    for mend in mends:
        assert gives(mend, tmp_path, capsys, forks) == []


@pytest.mark.parametrize("code", codes())
def test_a_page_has_its_form(code: str) -> None:
    text = page(code)
    assert text.startswith(f"{code}: {title(code)}\n\n")
    assert 10 < len(title(code)) < 80
    assert len(text) > 200
    assert text.endswith("\n")
    assert not [line for line in text.split("\n") if len(line) > 120 or line != line.rstrip()]
    # Which codes and limits it speaks of are there.
    assert set(re.findall(r"W\d{3}", text)) <= set(codes())


def test_a_code_may_be_written_in_several_ways(capsys: Any) -> None:
    assert main(["explain", "W008"]) == 0
    shown = capsys.readouterr().out
    assert shown == page("W008")
    for word in ("w008", "008", "8", "w8", "[W008]", "error[W008]", " W008 "):
        assert main(["explain", word]) == 0
        assert capsys.readouterr().out == shown
    assert [spelled(word) for word in ("", "W", "W1000", "x8", "W-8", "W٣")] == [""] * 6


def test_without_a_code_all_are_listed(capsys: Any) -> None:
    assert main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == codes()
    assert main(["explain", "--json"]) == 0
    assert [x["code"] for x in json.loads(capsys.readouterr().out)] == codes()
    assert main(["explain", "--json", "W101"]) == 0
    assert json.loads(capsys.readouterr().out)["page"] == page("W101")


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("W999", "the nearest are W9"),
        ("12", "W008"),
        ("W215", "W211"),
        ("../W101", "lists them"),
        ("frog", "lists them"),
        ("", "W101"),
    ],
)
def test_an_unknown_code_is_an_error_with_the_nearest(word: str, says: str, capsys: Any) -> None:
    assert main(["explain", word]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error[W630]: there is no code")
    assert says in said.err


# Diagnostics in JSON

# Words that provoke an error, a warning or a note of each command; `-` reads a program with a mistake.
SAYING = {
    "eval": ["2x", "abs(x) --x 0", "log(x) --x -1", "t=x^2;x --x 1", "x", "x --x y", "x --x 1 --x 2", "x --frog-leg",
             "log(1+exp(x)) --x 1", "x --limit frog=1", "sum(x for i in 0:1e9) --x 1", "no.wengert", "", "-", "x y z"],
    "trace": ["2x", "x*y --x 1 --y 2 --sweep tangent", "x --x 1 --sweep tangent --direction y=1", "", "log(x) --x 0"],
    "jacobian": ["2x", "abs(x) --x 0", "x --wrt y --x 1", "x --x [1,[2]]", "x --x @no.npy", ""],
    "hessian": ["2x", "[x,x] --x 1", "abs(x) --x 0", "x", ""],
    "structure": ["2x", "A @ x", "t=x^2;x", "x --frog", ""],
    "graph": ["2x", "t=x^2;x", "log(x) --x -1", "x*y --x 1", "x --wrt y", "x --output y", "x+x --limit gates=0", ""],
    "page": ["2x", "x*y --x 1", "x --x 1 --wrt y", "x --x 1 --output y", "x*y --x [1,2] --y 1", ""],
    "play": ["--port 99999", "--port x", "no.wengert", "--frog", "", "--offline no --pyodide no", "--force"],
    "plot": ["2x", "x", "x --x 1:0 -o no.png", "x*y --x 0:1 -o no.png", "x --x 0:1 -o no.jpg", "x --x 1 -o no.png",
             "x --x 0:1 --wrt y -o no.png", ""],
    "list": ["2x", "t=x^2;x", "log(1+exp(x)) --fuse", "x*1 --simplify", "x --wrt y", ""],
    "diff": ["2x", "max(x,0)", "x --wrt y", ""],
    "taylor": ["2x", "x", "x --x 1 --order -1", "x*y --x 1 --y 2", ""],
    "check": ["2x", "x", "t=x^2;x --x 1", ""],
    "bench": ["2x", "sum(A @ x)", "x --points 0", "x --points 1e15", "x --y 1", "t=x^2;x", "x --kernal python", ""],
    "minimize": ["2x", "x^2", "", "x --x 1", "x^2 --x 1 --subject-to x<1", "log(x) --x -1", "x^2 --x 1 --bounds x=1",
                 "x^2 --x 1 --bounds x=2:1", "x^2 --x 1 --starts 0", "x^2-y^2 --x 0 --y 0", "abs(x) --x 0",
                 "x^2 --x inf"],
    "ode": ["2x", "", "x'=1 --x 1", "x'=1 --t 0:1", "x'=-x --x 1 --t 0", "x'=-x --x 1 --t 1:1", "x=1 --x 1 --t 0:1",
            "x'=log(x) --x -1 --t 0:1", "x'=x^2 --x 1 --t 0:2", "x'=1 --x 1 --t 0:1 --rtol 2",
            "x'=1 --x 1 --y 1 --t 0:1",
            "x'=1 --x 1 --t 0:1 --sensitivities k", "x'=1 --x 1 --t 0:1 --points 1"],
    "solve": ["2x", "x^2=-1 --x 1", "", "x=1", "x --x 1", "x=1 --z 1", "log(x)=1 --x -1", "x<=1 --x 1", "x^2=0 --x inf",
              "x=1 --starts 0", "x=1 @t.csv", "x+y=1 2*x+2*y=2 --x 1 --y 1"],
    "fit": ["2x", "y", "y~2x", "y~a*x", "y~a*x no.csv --a 1", "y~a*x SAMPLES/misra.csv",
            "y~a*x SAMPLES/misra.csv --b 1", "y~a*log(-x) SAMPLES/misra.csv --a 1",
            "y~a*x SAMPLES/misra.csv --a 1 --bounds a=2:1", "y~a*x SAMPLES/misra.csv --a 1 --engine batchs",
            "y~a*x SAMPLES/misra.csv --a 1 --scheduler frog",
            "y~a*x SAMPLES/misra.csv --a 1 --time x", ""],
    "map": ["2x", "x", "x no.csv -o no.csv", "x SAMPLES/misra.csv", "z SAMPLES/misra.csv -o no.csv",
            "x SAMPLES/misra.csv -o no.txt", "x SAMPLES/misra.csv -o no.csv --wrt z", "x SAMPLES -o no.csv",
            "[x,y] SAMPLES/misra.csv -o no.csv", "x SAMPLES/misra.csv -o no.csv --keep z", ""],
    "propagate": ["2x", "x", "abs(x) --x 0±1", "x --x 1±-1", "x*y --x 1±1 --y 2±1 --corr x,y=2", "x --x 1±1 --dof y=1",
                  "x --x 1±1 --confidence 2", "x --x 1 --y 1", ""],
    "emit": ["2x", "t=x^2;x", "x --target cobol", "x --target c --name while", "x --x 1",
             "x --target latex --with-tests", "erf(x) --target nl", "x --target nl --subject-to x<1",
             "x --target nl --bounds y=0:1", "x --target nl --hessian", "x --bounds x=0:1",
             "gamma(x) --target sql", "x*X --target sql", "x --target c --table t"],
    "import": ["", "no.nl", "-", "SAMPLES", "MODELS/labels.nl", "MODELS/mixed.nl", "x --frog"],
    "read": ["", "x", "x --from leptn", "2x --from lepton", "x;a=1 --from lepton", "in --from lepton",
             "<math --from mathml", "<math/> --from mathml"],
    "run": ["no.wengert", "", "SAMPLES --frog 1", "BROKEN"],
    "fmt": ["2x", "no.wengert", "", "x --frog"],
    "ops": ["frog", "sin cos", "--frog"],
    "repl": ["no.wengert", "x y"],
    "completion": ["frog", ""],
    "samples": ["frog", "kinks --to nowhere", "--frog"],
    "explain": ["frog", "W101 W102", "--frog"],
    "frog": ["x"],
}  # fmt: skip


def test_each_command_says_something() -> None:
    assert set(SAYING) == {*COMMANDS, "frog"}


@pytest.mark.parametrize("where", ["before", "behind"])
@pytest.mark.parametrize("command", SAYING)
def test_what_a_command_says_can_be_had_in_json(
    command: str, where: str, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line on stderr is an object, a diagnostic or the receipt of a rewrite; and it says what the text says."""
    (tmp_path / "a.wengert").write_text("abs(0*x) + 2x\n", encoding="utf-8")
    (tmp_path / "b.wengert").write_text("input x = 0; abs(x); t = 1; expect t = 2\n", encoding="utf-8")
    for line in SAYING[command]:
        words = line.replace("SAMPLES", str(ROOT / "samples")).replace("BROKEN", str(tmp_path))
        words = words.replace("MODELS", str(ROOT / "tests/language/models/nl")).split(" ")
        told = []
        for form in ("json", "text"):
            monkeypatch.setattr("sys.stdin", io.StringIO("x +"))
            asked = [f"--error-format={form}"]
            rest = [w for w in words if w]
            code = main([command, *asked, *rest] if where == "before" else [command, *rest, *asked])
            told.append((code, capsys.readouterr().err))
        (code, said), (code_of_text, text) = told
        assert code == code_of_text
        objects = [json.loads(each) for each in said.splitlines()]
        assert objects, line
        found = [o for o in objects if "code" in o]
        assert all(o["severity"] in ("error", "warning", "note") and o["message"] for o in found)
        assert all({"rewrite", "before", "after", "reason"} <= set(o) for o in objects if "code" not in o)
        assert [o["code"] for o in found] == CODE.findall(text)
