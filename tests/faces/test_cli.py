"""The command line as its users meet it: answers on stdout, diagnostics on stderr, exit codes.

Oracles: numbers known by hand, the JSON and the languages' own parsers, and derivatives taken another way.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from math import isclose
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import wengert as wg
from tests.oracles.programs import ELEMENTWISE
from wengert.cli import main
from wengert.cli.main import COMMANDS
from wengert.ops import ALIASES, CONSTANT, GATE, OPS, WHERE
from wengert.sweeps.rules import parameters

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "samples").glob("*.wengert"))


class Done(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run a command line in an empty directory; `stdin` is text or bytes."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str, stdin: str | bytes = "") -> Done:
        typed = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8"))
        code = main(words)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Done(code, captured.out, captured.err)

    return call


def strict_json(text: str) -> Any:
    """JSON without the NaN and Infinity that Python reads and nobody else does."""
    return json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))


# eval


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


@pytest.mark.parametrize(
    ("program", "wrt", "formula"),
    [
        ("x^y", "x", "y*x^(y - 1)"),
        ("x^y", "y", "x^y*log(x)"),
        ("x^3*sin(y)", "x,x", "6*x*sin(y)"),
        ("(2*x1+x2)^2", "x1", "4*(2*x1 + x2)"),
        ("sin(x)/x", "x", "cos(x)/x - sin(x)/x^2"),
        ("where(x > 0, sqrt(x), x^2)", "x", "where(x > 0, 0.5/sqrt(x), 2*x)"),
        ("0.1*x^3", "x", "0.3*x^2"),
        ("tanh(x)", "x,x,x", "4*sech(x)^2*tanh(x)^2 - 2*sech(x)^4"),
        ("-(x*y)", "x", "-y"),
        ("x*y", "x,x", "0"),
        ("z = x^2; z*z", "z", "2*x^2"),
        ("max(x, y)*x", "x", "max(x, y) + where(x > y, x, 0)"),
        ("max(x, 0)", "x", "x > 0"),
        ("max(x, 0)^2", "x,x", "where(x > 0, 2, 0)"),
        ("min(x, 3)^2", "x", "where(x < 3, 2*x, 0)"),
        ("max(x, y, z)", "x", "x == max(x, y, z)"),
        ("clip(x, 0, 1)", "x", "0 < x < 1"),
        ("where(x > 0, x^2, -x)", "x", "where(x > 0, 2*x, -1)"),
        ("where(x > 0, 5, -y*x)", "x", "where(x > 0, 0, -y)"),
        ("x^(1/3)", "x", "1/(3*x^(2/3))"),
        ("x^0.1", "x", "0.1/x^0.9"),
        ("(x^2)^(1/3)", "x", "2*(x^2)^(1/3)/(3*x)"),
        ("2/3*x^3", "x", "2*x^2"),
        ("x/3", "x", "1/3"),
        ("log10(x)", "x", "1/(log(10)*x)"),
        ("erf(x)", "x", "2*gauss(x)/sqrt(pi)"),
        ("sin(pi*x/180)", "x", "pi*cos(pi*x/180)/180"),
        ("x*0.123456789012345", "x", "0.123456789012345"),
        ("3*relu(x)", "x", "3*step(x)"),
        ("relu(x)^2", "x", "where(step(x), 2*relu(x), 0)"),
    ],
)
def test_derivatives_read_well(run: Any, program: str, wrt: str, formula: str) -> None:
    assert run("diff", program, "--by", wrt).out == f"{formula}\n"


FORMULAS = (
    "sin(x)*exp(y)/z", "x^y^z", "log(x + y*z)^2/(x*y)", "sqrt(x^2 + y^2 + z^2)", "tan(x*y)/tanh(z) - x*x*x/7",
    "where(x > y, x*y^2, z*y)*x", "max(x, y, z)*abs(x - y)", "x/y/z - x/(y/z) + 0.1*x*0.2*y", "atan2(x, y)*gamma(z)",
    "a = x*y; b = a^2 - a; b*a/z", "-(x - (y - z))*-(x*-y)", "sum(x^k*y for k in 0:5)", "x^-2*y^0.5*z^1.5*x^2",
    "def f(u) = 1/(1 + exp(-u)); f(x*y)*f(z)", "clip(x*y, 0.5, 2)^3",
)  # fmt: skip


@pytest.mark.parametrize("program", FORMULAS)
@pytest.mark.parametrize("wrt", ["x", "x,y", "y,y", "z,x,x"])
def test_a_derivative_formula_is_the_derivative(run: Any, program: str, wrt: str) -> None:
    """Its value is that of the derivative that the sweeps give, the conditions of its note being met."""
    random.seed(program + wrt)
    shown, exact = run("diff", program, "--by", wrt), run("diff", program, "--by", wrt, "--exact")
    nested = f"({program})" if ";" not in program else None
    for name in wrt.split(","):
        nested = nested and f"d({nested}, {name})"
    for _ in range(5):
        point = {n: round(random.uniform(0.3, 2.5), 3) for n in "xyz"}
        given = [f"{n}={v}" for n, v in point.items()]
        values = []
        for text in filter(None, (shown.out, exact.out, nested)):
            needed = wg.compile(text).inputs
            done = run("eval", text, "--no-grad", *[g for g in given if g[0] in needed])
            assert done.code == 0
            values.append(float(done.out.split()[0]))
        assert all(isclose(v, values[-1], rel_tol=1e-9, abs_tol=1e-9) for v in values), (shown.out, values)


@pytest.mark.parametrize("corpus", ["feynman.tsv", "symbolic_regression.tsv"])
def test_derivative_formulas_of_the_corpora(run: Any, corpus: str) -> None:
    """Each gives the published gradient, and nearly all are one line; the others are programs of a few."""
    with open(ROOT / "tests" / "corpora" / corpus, encoding="utf-8") as rows:
        table = list(csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE))
    lines = []
    for row in table:
        point = {name: float(v) for name, v in json.loads(row["point"]).items()}
        for name, slope in json.loads(row["gradient"] or "{}").items():
            inputs = wg.compile(row["formula"], inputs=point).inputs
            if name not in inputs:
                continue
            words = [f"--set={n}={v!r}" for n, v in point.items() if n in inputs]
            done = run("diff", row["formula"], "--wrt", name, *words)
            assert done.code == 0
            lines.append(done.out.count("\n"))
            f = wg.compile(done.out, inputs=point)
            value = f({n: v for n, v in point.items() if n in f.inputs})
            assert isclose(value, float(slope), rel_tol=1e-10, abs_tol=1e-300), (row["formula"], name, done.out)
    assert len(lines) >= 100
    assert lines.count(1) >= 0.95 * len(lines)
    assert max(lines) <= 20


def _read(name: str) -> list[set[str]]:
    """The ops of a row's derivatives as they are written for reading."""
    row = OPS[name]
    names = parameters(row, len(row.params.split()) + row.params.startswith("*"))
    f = wg.compile(wg.WengertList([("f", name, names)], inputs=names))
    return [{e.op for e in f.derivative(x).function.wengert_list.equations} for x in names]


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_diff_leaves_out_what_rounding_asks_for(row: Any) -> None:
    """Which of two formulas keeps its digits, and what a gate does to an infinity, is nothing to read."""
    for ops in _read(row.name):
        assert ops.isdisjoint({CONSTANT, GATE} - {row.name})
        # The density of the gamma law has two formulas that are not the same in algebra.
        if not row.kinks and not row.selects and "gammapdf" not in row.name:
            assert WHERE not in ops


def test_diff_asks_and_tells(run: Any) -> None:
    assert run("diff", "x*y").out == "input x, y\ndf_dx = y\ndf_dy = x\noutput df_dx, df_dy\n"
    assert run("diff", "u = x*y; u", "--wrt", "y,x").out == "du_dy = x\ndu_dx = y\noutput du_dy, du_dx\n"
    assert "output df_dx_, df_dy" in run("diff", "df_dx = x*y; df_dx^2").out
    assert run("diff", "x*y", "--latex").out.startswith(r"\frac{\partial f}{\partial x} = y")
    assert run("diff", "x*y", "--wrt", "x", "--by", "x").code == 2
    assert run("diff", "x^2").out == "2*x\n"
    assert run("diff", "3").code == 2
    assert "x != 0" in run("diff", "x^y", "--wrt", "x").err
    assert run("diff", "x^y", "--wrt", "x", "--exact").err == ""
    assert run("diff", "x^2*y", "--wrt", "x", "--latex").out.startswith("2")
    assert run("diff", "x", "--by", ",".join("x" * 101)).code == 3
    several = run("diff", "f = x^2; g = x*y; output f, g", "--wrt", "x").out
    assert run("eval", "-", "x=3", "y=4", "--no-grad", stdin=several).out.split()[2::3] == ["6", "4"]


def test_a_long_derivative_is_written_and_its_conditions_cut_short(run: Any) -> None:
    done = run("diff", "s = x\nfor t in 0:300 { s = relu(s) + max(s, x, 1) }\ns")
    assert done.code == 0
    assert len(done.out.splitlines()) > 300
    assert len(done.err) < 300
    assert "no equality singles out" in done.err


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


def test_ops_lists_all(run: Any) -> None:
    for words, rows in ((("ops",), [r for r in OPS.values() if not r.of_rules]), (("ops", "--all"), [*OPS.values()])):
        table = [line for line in run(*words).out.splitlines() if not line.startswith(" ")]
        assert len(table) == len(rows)
        shown = {re.split(r"[(\[]", line)[0] for line in table}
        assert shown == {row.notation.folded or row.name for row in rows}
    assert [row["name"] for row in strict_json(run("ops", "--json").out)] == list(OPS)


WHOLES = [name for name, row in OPS.items() if row.array is not None]


def test_ops_explains_ops_on_arrays(run: Any) -> None:
    """The example on a page is computed, and evaluating what it says gives what it shows."""
    without = []
    for name in WHOLES:
        page = run("ops", name)
        assert (page.code, page.err) == (0, ""), name
        for word in ("adjoint of" if OPS[name].params else name, "domain", "source"):
            assert word in page.out, name
        found = strict_json(run("ops", name, "--json").out)["example"]
        if found is None:
            without.append(name)
            continue
        words = [f"--{n}={json.dumps(v)}" for n, v in found["inputs"].items()]
        again = strict_json(run("eval", found["program"], *words, "--json", "--no-fuse", "--no-grad").out)
        assert again["value"] == found["value"], name
    # What undoes another op takes arguments whose shapes hang together: no plain guess fits.
    assert len(without) < len(WHOLES) / 10, without


@pytest.mark.parametrize("name", [name for name in OPS if name not in WHOLES])
def test_ops_explains_each(run: Any, name: str) -> None:
    """The example on the page is computed, and evaluating what it says gives what it shows."""
    page = run("ops", name)
    assert (page.code, page.err) == (0, "")
    for word in ("d/d", "domain", "LaTeX", "source"):
        assert word in page.out
    found = strict_json(run("ops", name, "--json").out)["example"]
    assert found is not None, f"no point of {name} without a kink was found"
    words = [f"--{n}={v}" for n, v in found["inputs"].items()]
    again = strict_json(run("eval", found["program"], *words, "--json", "--no-fuse").out)
    assert (again["value"], again["derivatives"]) == (found["value"], found["derivatives"])
    assert again["notes"] == []


def test_ops_by_other_names(run: Any) -> None:
    for alias, name in ALIASES.items():
        assert re.match(rf"{OPS[name].notation.folded or name}[(\[]", run("ops", alias).out), alias
    assert run("ops", "^").out.startswith("pow(")
    for stranger, hint in (("sinn", "sin"), ("d", "derivative"), ("pi", "constant"), ("zzz", "ops")):
        done = run("ops", stranger)
        assert (done.code, hint in done.err) == (2, True)


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


# As a process


def process(*words: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "wengert", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        **options,
    )


def test_a_terminal_without_unicode() -> None:
    done = process("eval", "λ^2 + log(-λ)", "--λ", "3", "--json", env={"PYTHONIOENCODING": "ascii"})
    out, err = done.communicate(timeout=60)
    assert (done.returncode, err) == (1, "")
    assert strict_json(out)["inputs"] == {"λ": 3}


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals and pipes")
def test_a_reader_that_leaves_is_no_error() -> None:
    with process("list", "s = x\nfor t in 0:30000 { s = s*x }\ns") as done:
        assert done.stdout is not None
        assert done.stderr is not None
        done.stdout.readline()
        done.stdout.close()
        assert done.stderr.read() == ""
    assert done.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_told() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "wengert", "eval", "1"],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, encoding="utf-8", timeout=60,
        )  # fmt: skip
    assert done.returncode == 2
    assert "cannot write the answer" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals and pipes")
def test_an_interrupt_is_quiet() -> None:
    with process("eval", "sum(sin(k*x) for k in 0:900000)", "--x", "1", "--limit", "equations=9_999_999") as done:
        time.sleep(1.5)
        done.send_signal(signal.SIGINT)
        out, err = done.communicate(timeout=60)
    assert (done.returncode, out, err) == (130, "", "")


def test_the_script_ends_as_the_command_does() -> None:
    """The script of an installed package ends its process at once: nothing that it printed is lost, and whatever is to
    run at the end of the process still runs."""

    def script(*words: str, before: str = "") -> tuple[int, str, str]:
        code = f"{before}\nfrom wengert.cli import script\nscript()"
        done = subprocess.run(
            [sys.executable, "-c", code, *words], env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60,
            stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    for words in (("eval", "x^2", "--x", "3"), ("eval", "log(x)", "--x", "-1"), ("eval", "x +"), ("nothing",),
                  ("list", "s = x\nfor t in 0:3000 { s = s*x }\ns")):  # fmt: skip
        with process(*words) as done:
            out, err = done.communicate(timeout=60)
        assert script(*words) == (done.returncode, out, err)
    at_the_end = "import atexit; atexit.register(print, 'end')"
    assert script("eval", "1", before=at_the_end)[1].endswith("end\n")
    waits = "lambda: (threading.main_thread().join(), print('end'))"
    still_running = f"import threading; threading.Thread(target={waits}).start()"
    assert script("eval", "1", before=still_running)[1].endswith("end\n")
