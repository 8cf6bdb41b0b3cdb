"""The command line as its users meet it: answers on stdout, diagnostics on stderr, exit codes.

Oracles: numbers known by hand, the JSON and the languages' own parsers, and derivatives taken another way.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

import wengert as wg
from tests.faces.command_line import ROOT, SAMPLES, strict_json
from wengert.cli.main import COMMANDS


def test_value_and_gradient(run: Any) -> None:
    done = run("eval", "(2*x1+x2)^2", "--x1", "3", "--x2", "7")
    assert done == (0, "169\n\ninput  value  derivative\nx1         3          52\nx2         7          26\n", "")


def test_numbers_print_shortest_and_read_back(run: Any) -> None:
    for text in ("0.1", "1e300", "1e-300", "-0", "123456789012345680", "2.5", "inf", "-inf", "nan"):
        done = run("eval", "x", "--x", text, "--no-grad")
        assert done.out.strip() == {"1e300": "1e+300", "123456789012345680": "1.2345678901234568e+17"}.get(text, text)


def test_several_outputs_make_a_jacobian(run: Any) -> None:
    done = run("eval", "f = x*y; g = x + y^2; output f, g", "x=3", "y=4")
    lines = done.out.splitlines()
    assert lines[:2] == ["f = 12", "g = 19"]
    assert [line.split() for line in lines[3:6]] == [["derivative", "d/dx", "d/dy"], ["f", "4", "3"], ["g", "1", "8"]]
    assert [line.split() for line in lines[7:]] == [["input", "value"], ["x", "3"], ["y", "4"]]
    forward = run("eval", "f = x*y; g = x + y^2; output f, g", "x=3", "y=4", "--mode", "forward")
    assert forward == done


def test_modes_agree_and_wrt_chooses(run: Any) -> None:
    words = ("eval", "z = x*y; sin(z)*x", "x=2", "y=3", "--wrt", "y,z")
    assert run(*words, "--mode", "forward") == run(*words, "--mode=reverse")
    rows = run(*words).out.splitlines()[2:]
    assert [row.split()[0] for row in rows] == ["name", "y", "z"]
    assert rows[2].split()[1] == "6"


def test_constants_are_told(run: Any) -> None:
    assert "constants: pi = 3.141592653589793\n" in run("eval", "pi*x", "x=1").out
    assert "constants" not in run("eval", "pi*x", "x=1", "pi=3").out


def test_a_kink_is_a_note(run: Any) -> None:
    done = run("eval", "abs(x)", "x=0")
    assert done.code == 0
    assert done.out.split()[-1] == "0"
    assert done.err.startswith("note[W301]")
    assert "^^^^^^" in done.err
    for kink, slope in (("left", "-1"), ("right", "1"), ("mean", "0")):
        assert run("eval", "abs(x)", "x=0", "--kink", kink).out.split()[-1] == slope
    refused = run("eval", "abs(x)", "x=0", "--kink", "error")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("error[W301]")


def test_leaving_a_domain_is_blamed(run: Any) -> None:
    done = run("eval", "x*y + log(x - y)", "x=1", "y=3")
    assert (done.code, done.out.split()[0]) == (1, "nan")
    assert "1 | x*y + log(x - y)\n     |       ^^^^^^^^^^" in done.err
    value = run("eval", "x*y + log(x - y)", "x=1", "y=3", "--no-grad")
    assert (value.code, value.out, value.err) == (1, "nan\n", done.err)
    assert run("eval", "9^9^9^9").code == 1
    assert run("eval", "x^2", "x=inf").code == 0  # nothing went wrong: an infinity came in


def test_a_receipt_is_a_line(run: Any) -> None:
    done = run("eval", "1/(1 + exp(-x))", "x=-1000")
    assert done.code == 0
    assert re.fullmatch(r"fuse: `1/\(1 \+ exp\(-x\)\)` is computed as `\w+\(x\)`: .*\n", done.err)
    assert run("eval", "1/(1 + exp(-x))", "x=1", "--no-fuse").err == ""


def test_many_notes_are_cut_short(run: Any) -> None:
    program = "s = x\nfor k in 0:50 { s = abs(s) }\ns"
    done = run("eval", program, "x=0")
    assert done.err.count("note[") < 12
    assert "more like these" in done.err
    assert len(strict_json(run("eval", program, "x=0", "--json").out)["notes"]) == 50


def test_eval_in_json(run: Any) -> None:
    found = strict_json(run("eval", "1/(1 + exp(-x)) + pi*abs(y)", "x=0", "y=0", "--json").out)
    assert found["value"] == 0.5
    assert found["inputs"] == {"x": 0, "y": 0}
    assert found["derivatives"] == {"x": 0.25, "y": 0}
    assert list(found["constants"]) == ["pi"]
    assert [n["code"] for n in found["notes"]] == ["W301"]
    assert found["receipts"][0]["written"] == "1/(1 + exp(-x))"
    several = strict_json(run("eval", "f = x; g = 1/x; output f, g", "x=0", "--json").out)
    assert several["value"] == {"f": 0, "g": "inf"}
    assert several["derivatives"] == {"f": {"x": 1}, "g": {"x": "-inf"}}
    assert strict_json(run("eval", "x", "x=nan", "--json", "--no-grad").out)["value"] == "nan"


# The other commands


def test_trace_shows_the_sweeps(run: Any) -> None:
    both = run("trace", "(2*x1+x2)^2", "x1=3", "x2=7")
    assert both.code == 0
    for word in ("v2 = v1 + x2", "169", "upstream", "26", "52"):
        assert word in both.out
    for form in ("text", "markdown", "latex"):
        for sweep in ("both", "forward", "reverse", "tangent"):
            done = run("trace", "x*y", "x=2", "y=3", "--wrt", "y", "--format", form, "--sweep", sweep)
            assert (done.code, done.err) == (0, "")
            assert done.out.strip()
    found = strict_json(run("trace", "log(x)*0", "x=0", "--format", "json").out)
    assert len(found["forward"]) == 2


def test_trace_along_a_direction(run: Any) -> None:
    done = run("trace", "x*y", "x=2", "y=3", "--sweep", "tangent", "--direction", "x=1/2,y=-1", "--format", "json")
    assert strict_json(done.out)["tangents"]["v1"] == 3 / 2 - 2
    first = run("trace", "x*y", "x=2", "y=3", "--sweep", "tangent")
    assert (first.code, "note[W310]" in first.err) == (0, True)
    for wrong in ("x", "x=1,x=2", "=1", "q=1", "x="):
        assert run("trace", "x*y", "x=2", "y=3", "--sweep", "tangent", "--direction", wrong).code == 2


def test_trace_from_an_output(run: Any) -> None:
    words = ("trace", "f = 2*x; g = 3*x; output f, g", "x=1", "--format", "json")
    assert strict_json(run(*words, "--output", "f").out)["adjoints"]["x"] == 2
    assert strict_json(run(*words).out)["adjoints"]["x"] == 3


def test_a_list_is_a_program(run: Any) -> None:
    printed = run("list", "input x = 3, y; x^2*y").out
    assert printed == "input x = 3, y\nv1 = pow(x, 2)\nv2 = mul(v1, y)\noutput v2\n"
    assert run("eval", "-", "--y", "2", "--no-grad", stdin=printed).out == "18\n"
    assert run("list", "x^2*y", "--y", "2").out.startswith("input x, y = 2\n")


def test_a_gradient_list_gives_the_gradient(run: Any) -> None:
    printed = run("list", "(2*x1+x2)^2", "--gradient").out
    assert printed.endswith("output x1_bar, x2_bar\n")
    assert run("eval", "-", "x1=3", "x2=7", "--no-grad", stdin=printed).out == "x1_bar = 52\nx2_bar = 26\n"
    assert run("list", "(2*x1+x2)^2", "--wrt", "x2").out.endswith("output x2_bar\n")


def test_lists_as_tuples_and_json(run: Any) -> None:
    wlist = wg.compile("(2*x1+x2)^2").wengert_list
    assert wg.WengertList(eval(run("list", "(2*x1+x2)^2", "--as", "tuples").out)) == wlist
    found = strict_json(run("list", "(2*x1+x2)^2", "--as", "json").out)
    assert found["equations"] == [[o, op, list(inputs)] for o, op, inputs in wlist.equations]
    for text in ("3", "inf*x", "x"):
        strict_json(run("list", text, "--as", "json").out)


def test_list_receipts_go_to_stderr(run: Any) -> None:
    done = run("list", "log(1 + exp(x*1))", "--simplify", "--fuse")
    assert done.out.count("\n") == 3
    assert {line.partition(":")[0] for line in done.err.splitlines()} >= {"fuse", "identities"}
    asjson = run("list", "x*1", "--simplify", "--error-format", "json")
    assert strict_json(asjson.err)["after"] == "x"


def test_list_counts(run: Any) -> None:
    done = run("list", "x1*x2*x3*x4*x5", "--count")
    assert done.out.splitlines()[-3].split() == ["all", "4", "10"]
    assert done.out.splitlines()[-1] == "ratio 2.5"
    assert run("list", "3", "--count").code == 0


def test_run_checks_the_samples(run: Any) -> None:
    done = run("run", str(ROOT / "samples"))
    assert done.code == 0
    assert done.out.splitlines()[-1].startswith(f"{len(SAMPLES)} programs, ")
    assert [line for line in done.out.splitlines() if not line.startswith(" ")][:-1] == [str(p) for p in SAMPLES]
    assert "FALSE" not in done.out


def test_run_names_what_is_false(run: Any, tmp_path: Path) -> None:
    (tmp_path / "b.wengert").write_text("input x = 3\nf = x^2\nexpect f = 9\n\nexpect f = 10\n", encoding="utf-8")
    (tmp_path / "a.wengert").write_text("input x = 2\nx\nexpect x = 2\n", encoding="utf-8")
    done = run("run", ".")
    assert done.code == 1
    assert done.out.splitlines()[-1] == "2 programs, 2 of 3 expects hold"
    assert re.search(r"FALSE +expect f = 10 +line 5: found 9", done.out)
    assert "--> ./b.wengert:5:1" in done.err.replace("\\", "/")
    assert run("run", "b.wengert", "--x", "10").out.count("FALSE") == 2
    assert run("run", "b.wengert", "a.wengert", "--x", "3").code == 1
    unknown = run("run", "b.wengert", "a.wengert", "--y", "3")
    assert (unknown.code, unknown.out) == (2, "")
    found = strict_json(run("run", "b.wengert", "--json").out)
    assert [e["ok"] for e in found[0]["expects"]] == [True, False]
    assert found[0]["ok"] is False
    assert run("run", "-", stdin="1/0").code == 1


def test_run_goes_on_after_a_bad_file(run: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.wengert").write_text("2x", encoding="utf-8")
    (tmp_path / "good.wengert").write_text("1 + 1\nexpect 1 + 1 = 2", encoding="utf-8")
    done = run("run", "bad.wengert", "none.wengert", "good.wengert")
    assert done.code == 2
    assert done.out.splitlines()[-1] == "3 programs, 1 of 1 expect holds, 2 could not run"
    assert "write `2*x`" in done.err
    assert "no file none.wengert" in done.err


# Bad input


BAD = [
    (("eval", "sinn(x)", "x=1"), 2, "did you mean `sin"),
    (("eval", "(x + 1", "x=1"), 2, "closing `)`"),
    (("eval", "x + 1)", "x=1"), 2, ""),
    (("eval", "2x", "x=1"), 2, "write `2*x`"),
    (("eval", "1,000"), 2, "write `1000` or `1_000`"),
    (("eval", "1 + (x = 3)", "x=1"), 2, "=="),
    (("eval", "sin(x, y)", "x=1", "y=2"), 2, "takes 1 argument"),
    (("eval", "y = x; output z", "x=1"), 2, "`z`"),
    (("eval", "for t in 0:10^12 { x = 1 }; x"), 3, "--limit steps=N"),
    (("eval", "sum(sum(x for i in 0:1000) for j in 0:1000)", "x=1", "--limit", "steps=50_000"), 3, "--limit"),
    (("eval", "9^9^9^9"), 1, "overflows"),
    (("eval", "none.wengert"), 2, "no file"),
    (("eval", "./none"), 2, "no file"),
    (("eval", "folder"), 2, "is a directory"),
    (("eval", "latin.wengert"), 2, "not UTF-8"),
    (("run", "folder"), 2, "no program in the directory"),
    (("run", "none.wengert"), 2, "no file"),
    (("eval", ""), 2, "empty"),
    (("eval", "empty.wengert"), 2, "empty"),
    (("eval", " \n # nothing"), 2, ""),
    (("eval",), 2, "no program is given"),
    (("frobnicate",), 2, "no command"),
    (("evla", "x"), 2, "did you mean `eval`?"),
    (("x^2", "--x", "3"), 2, "put `eval` before it"),
    (("eval", "x", "--x", "1/0"), 1, "--> the value of x:1:1"),
    (("eval", "x", "--limit", "steps"), 2, "whole number"),
    (("eval", "x", "--limit", "step=3"), 2, "did you mean `steps`?"),
    (("eval", "sum(x for i in 0:99)", "--limit", "steps=9", "x=1"), 3, "limit `steps` of 9"),
    (("eval", "x*y", "--wrt", "q", "x=1", "y=1"), 2, "the inputs are x, y"),
    (("eval", "x*y", "--wrt", "x,x", "x=1", "y=1"), 2, "twice"),
    (("trace", "x", "x=1", "--output", "q"), 2, "`q`"),
    (("diff", "x", "--wrt", "q"), 2, "`q`"),
    (("ops", "--x", "3"), 2, "no option `--x`"),
]


@pytest.mark.parametrize(("words", "code", "says"), BAD, ids=lambda v: " ".join(v) if isinstance(v, tuple) else None)
def test_bad_input_gets_one_clear_answer(
    run: Any, tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.wengert").write_bytes(b"")
    (tmp_path / "latin.wengert").write_bytes("x·é".encode("latin-1"))
    start = time.perf_counter()
    done = run(*words)
    assert time.perf_counter() - start < 20
    assert done.code == code
    assert says in done.err
    assert done.err.count("error[") == 1
    assert "^" in done.err


def test_diagnostics_in_json(run: Any) -> None:
    done = run("eval", "2x", "--error-format", "json")
    assert strict_json(done.err)["fix"]["text"] == "*"
    lines = run("eval", "abs(x) + log(y)", "x=0", "y=-1", "--error-format=json").err.splitlines()
    assert {strict_json(line)["severity"] for line in lines} == {"note", "error"}
    assert strict_json(run("eval", "--error-format", "json", "--x").err)["code"] == "W630"


def test_color_is_asked_for_or_not_there(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in run("eval", "2x").err
    assert "\x1b[1;31m" in run("eval", "2x", "--color", "always").err
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in run("eval", "2x").err
    assert "\x1b[" not in run("eval", "2x", "--color", "never").err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run("eval", "2x").err


def test_programs_from_files_and_stdin(run: Any, tmp_path: Path) -> None:
    (tmp_path / "p.wengert").write_bytes(b"\xef\xbb\xbfinput x = 3\r\nx^2\r\n")
    (tmp_path / "plain").write_text("x + 1", encoding="utf-8")
    assert run("eval", "p.wengert", "--no-grad").out == "9\n"
    assert run("eval", "plain", "x=1", "--no-grad").out == "2\n"
    assert run("eval", "-", "x=1", "--no-grad", stdin=b"\xef\xbb\xbfx + 1").out == "2\n"
    assert run("eval", "-", stdin=b"\xff").code == 2
    assert run("eval", "-", stdin="").code == 2


def test_help_and_version(run: Any) -> None:
    assert run("--version").out == f"wengert {wg.__version__}\n"
    assert all(f"wengert {name}" in run("--help").out for name in COMMANDS)
    assert run("-h") == run("--help") == run("help")
    assert run("help", "diff") == run("diff", "--help")
    assert max(map(len, run("--help").out.splitlines())) <= 80
    nothing = run()
    assert (nothing.code, nothing.out) == (2, "")
    for name in COMMANDS:
        done = run(name, "--help")
        assert done == run(name, "-h")
        assert (done.code, done.err) == (0, "")
        assert f"wengert {name}" in done.out
        assert max(map(len, done.out.splitlines())) <= 80
