"""Whatever a command does, Python does by a public name: a table, command and option to call, that runs both.

A new command, or a new option of one, needs a row here: add it to ROWS, or tell in EXCEPTED why there is nothing to
call. An oracle is not needed, as both sides have tests of their own; what is held here is that they are one.
"""

from __future__ import annotations

import ast
import io
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import wengert as wg
from tests.faces.as_printed import (
    ARRAYS,
    AT,
    DATA,
    DECAY,
    DECAY_AT,
    GIVEN,
    HILL,
    HILL_AT,
    LONG,
    MAPPED,
    MATRIX,
    MEASURED,
    MESSY,
    MODEL,
    NEURON,
    NOTES,
    OHM,
    SAMPLE,
    SETS,
    SEVERAL,
    SIZED,
    START,
    VECTOR,
    at,
    benched,
    budgets,
    compared,
    counted,
    estimated,
    f,
    first,
    fitted,
    locals_,
    mapped,
    noted,
    patch,
    picture,
    plain,
    read_bench,
    read_budgets,
    read_checks,
    read_estimates,
    read_locals,
    read_report,
    read_sparse,
    read_structure,
    refused,
    reported,
    session,
    sparse,
    structured,
    text,
    with_three_digits,
)
from wengert.cli.main import COMMANDS, main, module_of

AT_ANY_TIME = {"seconds": 0}

# What no call can answer, and why.
EXCEPTED = {
    ("", "output"): "Python has files of its own",
    ("", "file"): "Python has files of its own",
    ("", "force"): "Python has files of its own",
    ("", "residuals"): "Python has files of its own: `table()` of a fit is their content",
    ("", "save"): "Python has files of its own",
    ("", "anew"): "it forgets an unfinished file: see tests/faces/test_map.py",
    ("", "plot"): "Python has files of its own: `plot` of a report, see tests/faces/test_job_pictures.py",
    ("completion", ""): "it is for shells",
    ("play", ""): "it serves until it is interrupted: see tests/page/test_play.py",
    ("play", "port"): "it serves until it is interrupted: see tests/page/test_play.py",
    ("play", "offline pyodide"): "it writes a folder, as `play_offline` does: see tests/page/test_play_offline.py",
    ("", "help"): "docstrings say it",
}


class Row(NamedTuple):
    """A command with its words, the options that the row is about, the call, and how the output is read to compare.

    `options` without a command's name stand for those that several commands share; "" is the command alone.
    """

    command: str
    options: str
    words: tuple[str, ...]
    call: Callable[[], Any]
    read: Callable[[str], Any] = lambda out: json.loads(out)
    typed: str = ""


ROWS = [
    # Command, options, words, call, how the output is read.
    Row("eval", "", (NEURON, *GIVEN), lambda: f(NEURON)(AT), first),
    Row("eval", "json", (NEURON, *GIVEN, "--json"), lambda: f(NEURON).grad(AT), at("derivatives")),
    Row("eval", "wrt mode", (NEURON, *GIVEN, "--wrt", "x2", "--mode", "forward", "--json"),
        lambda: f(NEURON).grad(AT, wrt="x2", mode="forward"), at("derivatives")),
    Row("eval", "no-grad", (SEVERAL, "x=3", "y=4", "--no-grad", "--json"), lambda: f(SEVERAL)(x=3, y=4), at("value")),
    Row("eval", "jacobian", ("A @ x", *ARRAYS, "--jacobian", "--json"),
        lambda: f("A @ x").jacobian(MATRIX)[0], at("derivatives")),
    Row("eval", "error-bounds", (NEURON, *GIVEN, "--error-bounds", "--json"),
        lambda: f(NEURON).error_bounds(AT).gradient, at("error_bounds", "derivatives")),
    Row("eval", "full", (VECTOR, "--x", str(LONG), "--full", "--no-grad"),
        lambda: f(VECTOR)(x=LONG), lambda out: json.loads(out.partition("\n\n")[0].replace("\n", " "))),
    Row("jacobian", "json", (SEVERAL, "x=3", "y=4", "--json"), lambda: f(SEVERAL).jacobian(x=3, y=4),
        at("derivatives")),
    Row("jacobian", "wrt mode", (SEVERAL, "x=3", "y=4", "--wrt", "y", "--mode", "forward", "--json"),
        lambda: f(SEVERAL).jacobian(x=3, y=4, wrt="y", mode="forward"), at("derivatives")),
    Row("jacobian", "sparse", ("A @ x", *ARRAYS, "--sparse", "--json"),
        lambda: sparse(f("A @ x").sparse_jacobian(MATRIX)), read_sparse),
    Row("jacobian", "full", (VECTOR, "--x", str(LONG), "--full"),
        lambda: np.diag(f(VECTOR).jacobian(x=LONG)[0, 0]),
        lambda out: [float(line.split()[1 + k]) for k, line in enumerate(out.split("\n\n")[0].splitlines()[2:])]),
    Row("hessian", "json", (NEURON, *GIVEN, "--json"), lambda: f(NEURON).hessian(AT), at("second_derivatives")),
    Row("hessian", "wrt mode", (NEURON, *GIVEN, "--wrt", "x1", "--mode", "reverse", "--json"),
        lambda: f(NEURON).hessian(AT, wrt="x1", mode="reverse"), at("second_derivatives")),
    Row("hessian", "sparse", ("sum(x^3)", "--x", "[1,2]", "--sparse", "--json"),
        lambda: sparse(f("sum(x^3)").sparse_hessian(x=[1, 2])), read_sparse),
    Row("hessian", "diagonal", ("sum(x^3)*y", "--x", "[1,2]", "--y", "3", "--diagonal", "--json"),
        lambda: f("sum(x^3)*y").hessian_diagonal(x=[1, 2], y=3), at("second_derivatives")),
    Row("hessian", "full", ("sum(x^2)", "--x", str(LONG), "--full"),
        lambda: np.diag(f("sum(x^2)").hessian(x=LONG)[0, 0]),
        lambda out: [float(line.split()[1 + k]) for k, line in enumerate(out.split("\n\n")[0].splitlines()[2:])]),
    Row("structure", "json full", (SEVERAL, "--json", "--full"), lambda: structured(f(SEVERAL).structure()),
        read_structure),
    Row("structure", "", ("A @ x", *ARRAYS, "--json"), lambda: structured(f("A @ x").structure(MATRIX)),
        read_structure),
    Row("trace", "", (NEURON, *GIVEN), lambda: f(NEURON).trace_table(AT), text),
    Row("trace", "step", (NEURON, *GIVEN, "--step"), lambda: f(NEURON).trace_table(AT), text),
    Row("trace", ":digits", (NEURON, *GIVEN, "--digits", "3"), with_three_digits, text),
    Row("trace", "sweep format direction", (NEURON, *GIVEN, "--sweep", "tangent", "--format", "json", "--direction",
        "x1=1,x2=2"), lambda: json.loads(f(NEURON).trace_table(AT, sweep="tangent", style="json",
                                                                direction={"x1": 1, "x2": 2}))),
    Row("trace", "wrt", (NEURON, *GIVEN, "--sweep", "tangent", "--wrt", "x2"),
        lambda: f(NEURON).trace_table(AT, sweep="tangent", direction={"x2": 1.0}), text),
    Row("trace", "output seed", (SEVERAL, "x=3", "y=4", "--output", "f", "--seed", "2", "--format", "markdown"),
        lambda: f(SEVERAL).trace_table(x=3, y=4, output="f", seed=2.0, style="markdown"), text),
    Row("trace", "local", ("A @ x", *ARRAYS, "--local", "x[1]", "--format", "json"),
        lambda: locals_(f("A @ x").local_jacobians(MATRIX, of="x[1]")), read_locals),
    Row("graph", "", (NEURON, *GIVEN), lambda: f(NEURON).graph(AT), text),
    Row("graph", "output wrt sweep names", (SEVERAL, "x=3", "y=4", "--output", "f", "--wrt", "y", "--sweep", "both",
        "--names"), lambda: f(SEVERAL).graph(x=3, y=4, output="f", wrt="y", sweep="both", names=True), text),
    Row("graph", "format", (NEURON, *GIVEN, "--format", "svg"),
        lambda: f(NEURON).graph(AT, format="svg").rstrip(), text),
    Row("page", "", (NEURON, *GIVEN), lambda: f(NEURON).page(AT), str),
    Row("page", "exercise output wrt", (SEVERAL, "x=3", "y=4", "--output", "f", "--wrt", "y", "--exercise"),
        lambda: f(SEVERAL).page(x=3, y=4, output="f", wrt="y", exercise=True), str),
    Row("plot", "wrt order points format", ("a*tan(x)", "--x", "-2:2", "--a", "3", "--wrt", "a", "--order", "1",
        "--points", "60", "--format", "svg"),
        lambda: picture("a*tan(x)", x=(-2, 2), a=3, wrt="a", order=1, points=60), text),
    Row("list", "", (NEURON,), lambda: str(f(NEURON)), text),
    Row("list", "as", (NEURON, "--as", "json"), lambda: wg.to_json(f(NEURON).wengert_list)),
    Row("list", "as", (NEURON, "--as", "tuples"), lambda: list(map(tuple, f(NEURON).wengert_list.equations)),
        ast.literal_eval),
    Row("list", "gradient", (NEURON, "--gradient"), lambda: str(f(NEURON).gradient_function(masked=False)), text),
    Row("list", "wrt fuse simplify", ("log(1+exp(x))*y", "--wrt", "x", "--fuse", "--simplify"),
        lambda: str(f("log(1+exp(x))*y").fused().gradient_function("x", masked=False).simplified()), text),
    Row("list", "count", (NEURON, "--count"), lambda: f(NEURON).counts().both, counted),
    Row("list", "count", (NEURON, "--count", "--simplify"), lambda: f(NEURON).counts(simplify=True).both, counted),
    Row("diff", "", ("x^3*sin(x)",), lambda: str(f("x^3*sin(x)").derivative()), text),
    Row("diff", "wrt", ("x^y*z", "--wrt", "z,x"), lambda: str(f("x^y*z").derivatives("z", "x")), text),
    Row("diff", "by", ("x^y", "--by", "x,y"), lambda: str(f("x^y").derivative("x", "y")), text),
    Row("diff", "latex exact", ("x^y", "--wrt", "x", "--latex", "--exact"),
        lambda: f("x^y").derivative("x", exact=True).latex(), text),
    Row("taylor", "order json", ("exp(sin(x))", "--x", "0", "--order", "7", "--json"),
        lambda: f("exp(sin(x))").taylor({"x": 0}, order=7), lambda out: next(iter(json.loads(out).values()))),
    Row("taylor", "wrt full", ("x^y", "x=2", "y=3", "--wrt", "y", "--full"),
        lambda: f("x^y").taylor({"x": 2, "y": 3}, {"y": 1}), noted),
    Row("taylor", "direction", ("x^y", "x=2", "y=3", "--direction", "x=1,y=-1"),
        lambda: f("x^y").taylor({"x": 2, "y": 3}, {"x": 1, "y": -1}), noted),
    Row("check", "json", (NEURON, *GIVEN, "--json"), lambda: compared(f(NEURON).check(AT)), read_checks),
    Row("check", "", (SIZED, "--x", "[1,2,3]", "--json"), lambda: compared(f(SIZED).check(x=[1, 2, 3])), read_checks),
    Row("bench", "points json", (NEURON, *GIVEN, "--points", "30", "--json"),
        lambda: benched(f(NEURON).bench(AT, points=30)), read_bench),
    Row("bench", "", (SEVERAL, "--json"), lambda: benched(f(SEVERAL).bench()), read_bench),
    Row("minimize", "json", (HILL, "--x", "1", "--y", "2", "--json"), lambda: reported(wg.minimize(HILL, HILL_AT)),
        read_report),
    Row("minimize", "subject-to bounds wrt method", (HILL, "--x", "1", "--y", "2", "--subject-to", "x + y >= 4",
        "--bounds", "x=0:1", "--wrt", "x,y", "--method", "slsqp", "--json"),
        lambda: reported(wg.minimize(HILL, HILL_AT, subject_to="x + y >= 4", bounds={"x": (0, 1)}, wrt=["x", "y"],
                                     method="slsqp")), read_report),
    Row("minimize", "engine", (HILL, "--x", "1", "--y", "2", "--engine", "scipy", "--json"),
        lambda: reported(wg.minimize(HILL, HILL_AT, engine="scipy")), read_report),
    Row("solve", "engine", ("x^2 + y = 4", "y = x", "--x", "1", "--y", "2", "--engine", "scipy", "--json"),
        lambda: reported(wg.solve(["x^2 + y = 4", "y = x"], HILL_AT, engine="scipy")), read_report),
    Row("minimize", "starts seed", (HILL, "--x", "1", "--y", "2", "--starts", "4", "--seed", "5", "--json"),
        lambda: reported(wg.minimize(HILL, HILL_AT, starts=4, seed=5)), read_report),
    Row("solve", "json", ("x^2 + y = 4", "y = x", "--x", "1", "--y", "2", "--json"),
        lambda: reported(wg.solve(["x^2 + y = 4", "y = x"], HILL_AT)), read_report),
    Row("solve", "wrt starts seed", ("x^2 + y = 4", "--x", "1", "--y", "2", "--wrt", "x", "--starts", "5", "--seed",
        "2", "--json"), lambda: reported(wg.solve("x^2 + y = 4", HILL_AT, wrt="x", starts=5, seed=2)), read_report),
    Row("ode", "t json", (*DECAY, "--json"), lambda: reported(wg.ode(DECAY[0], DECAY_AT, t=(0, 2))), read_report),
    Row("ode", "points method sensitivities event until rtol atol", (*DECAY, "--points", "5", "--method", "radau",
        "--sensitivities", "k,x", "--event", "x = 0.5", "--until", "t - 1.5", "--rtol", "1e-6", "--atol", "1e-9",
        "--json"),
        lambda: reported(wg.ode(DECAY[0], DECAY_AT, t=(0, 2), points=5, method="radau", sensitivities=["k", "x"],
                                events="x = 0.5", until="t - 1.5", rtol=1e-6, atol=1e-9)), read_report),
    Row("fit", "", (MODEL, DATA, "b1=500", "b2=1e-4"), lambda: str(fitted()), text),
    Row("fit", "json", (MODEL, DATA, "b1=500", "b2=1e-4", "--json"), lambda: estimated(fitted()), read_estimates),
    Row("fit", "weights fix bounds loss loss-scale confidence", (MODEL, DATA, "b1=200", "b2=5e-4", "--weights", "x",
        "--fix", "b2", "--bounds", "b1=0:900", "--loss", "huber", "--loss-scale", "0.1", "--confidence", "0.9",
        "--json"),
        lambda: estimated(fitted(start={"b1": 200, "b2": 5e-4}, weights="x", fixed=["b2"], bounds={"b1": (0, 900)},
                                 loss="huber", loss_scale=0.1, confidence=0.9)), read_estimates),
    Row("fit", "ode t0", ("y1 ~ y1", "samples/pinene.csv", "--ode", "y1' = -k*y1", "--t0", "0", "y1=90", "k=1e-5",
        "--json"), lambda: estimated(wg.fit("y1 ~ y1", "samples/pinene.csv", ode="y1' = -k*y1", t0=0.0,
                                            start={"y1": 90.0, "k": 1e-5})), read_estimates),
    Row("fit", "shared by", (SETS, "--by", "s", "--shared", "b", "a=1", "b=1", "--json"),
        lambda: estimated(wg.fit(SETS, by="s", shared="b", start={"a": 1.0, "b": 1.0})), read_estimates),
    Row("fit", "sigma absolute-sigma kernel", (MODEL, DATA, "b1=500", "b2=1e-4", "--sigma", "y", "--absolute-sigma",
        "--kernel", "numpy", "--json"), lambda: estimated(f("b1*(1-exp(-b2*x))", kernel="numpy").fit(
            DATA, "y", start=START, sigma="y", absolute_sigma=True)), read_estimates),
    Row("fit", "engine", (MODEL, DATA, "b1=500", "b2=1e-4", "--engine", "batches", "--json"),
        lambda: estimated(fitted(engine="batches")), read_estimates),
    Row("fit", "scheduler", (MODEL, DATA, "b1=500", "b2=1e-4", "--scheduler", "frog", "--error-format", "json"),
        lambda: refused(lambda: fitted(scheduler="frog")).message, at("message")),
    Row("map", "", MAPPED, lambda: str(mapped()), text),
    Row("map", "json wrt keep compression kernel", (*MAPPED, "--json", "--wrt", "b2", "--keep", "y",
        "--compression", "none", "--kernel", "numpy"), lambda: mapped(wrt="b2", keep="y", compression="none",
        options=wg.Options(kernel="numpy")).as_dict() | AT_ANY_TIME, lambda out: json.loads(out) | AT_ANY_TIME),
    Row("map", "no-grad notes", (*MAPPED, "--json", "--no-grad", "--notes", NOTES),
        lambda: mapped(wrt=(), notes=NOTES).as_dict() | AT_ANY_TIME, lambda out: json.loads(out) | AT_ANY_TIME),
    Row("map", "engine scheduler", (*MAPPED, "--engine", "dask", "--scheduler", "frog", "--error-format", "json"),
        lambda: refused(lambda: mapped(engine="dask", scheduler="frog")).message, at("message")),
    Row("map", "second", (*MAPPED, "--second"), lambda: str(mapped(second=True)), text),
    Row("propagate", "json", ("V/I", *OHM, "--json"), lambda: budgets(wg.propagate("V/I", *MEASURED)), read_budgets),
    Row("propagate", "corr dof confidence", ("V/I", *OHM, "--corr", "V,I=0.3", "--dof", "V=9", "--confidence", "0.99",
        "--json"), lambda: budgets(f("V/I").propagate(*MEASURED, correlations={("V", "I"): 0.3}, confidence=0.99,
                                                       degrees_of_freedom={"V": 9})), read_budgets),
    Row("propagate", "monte-carlo seed", ("V/I", *OHM, "--monte-carlo", "1e3", "--seed", "7", "--json"),
        lambda: wg.propagate("V/I", *MEASURED, monte_carlo=1000, seed=7).monte_carlo[0].interval,
        lambda out: next(iter(json.loads(out)["outputs"].values()))["monte_carlo"]["interval"]),
    Row("propagate", "", ("V/I", *OHM), lambda: str(wg.propagate("V/I", *MEASURED)), text),
    Row("propagate", "kernel", ("V/I", *OHM, "--kernel", "python", "--json"),
        lambda: budgets(f("V/I", kernel="python").propagate(*MEASURED)), read_budgets),
    *(Row("emit", "target", (NEURON, "--target", target), lambda target=target: f(NEURON).emit(target), str)
      for target in ("python", "numpy", "javascript", "c", "rust", "sql", "latex", "json")),
    Row("emit", "table schema dialect keep", (NEURON, "--target", "sql", "--table", "readings", "--schema", "main",
        "--dialect", "sqlite", "--keep", "id, time", "--x1", "0.5"), lambda: f(NEURON).emit(
            "sql", table="readings", schema="main", dialect="sqlite", keep=["id", "time"], values={"x1": 0.5}), str),
    Row("emit", "name hessian wrt", (NEURON, "--name", "neuron", "--hessian", "--wrt", "x1"),
        lambda: f(NEURON).emit(name="neuron", hessian=True, wrt="x1"), str),
    Row("emit", "subject-to bounds target", (NEURON, "--target", "nl", *GIVEN, "--subject-to", "x1 + x2 <= 9",
                                             "--bounds", "x1=0:"),
        lambda: f(NEURON).emit("nl", start=AT, subject_to="x1 + x2 <= 9", bounds={"x1": (0, None)}), str),
    Row("import", "json", ("tests/language/models/nl/rosenbrock.nl", "--json"),
        lambda: wg.import_nl("tests/language/models/nl/rosenbrock.nl").text, at("program")),
    Row("emit", "no-grad with-tests", (NEURON, *GIVEN, "--no-grad", "--with-tests"),
        lambda: f(NEURON).emit(grad=False, tests=True, points=[AT]), str),
    Row("run", "json", (SAMPLE, "--json"), lambda: [[e.text, e.value, e.ok] for e in wg.load(SAMPLE).check_expects()],
        lambda out: [[e["text"], e["value"], e["ok"]] for e in json.loads(out)[0]["expects"]]),
    Row("fmt", "", ("-",), lambda: wg.format(MESSY), str, MESSY),
    Row("fmt", "check", ("-", "--check"), lambda: [wg.format(MESSY) == MESSY],
        lambda out: ["would reformat" not in out], MESSY),
    Row("fmt", "diff", ("-", "--diff"), lambda: patch(MESSY, "<stdin>"), text, MESSY),
    Row("repl", "", (), lambda: session("x = 3", "f = x^2").program(), text, "x = 3\nf = x^2\n:vars\n"),
    Row("read", "from json", ("a*x; a = 2", "--from", "lepton", "--json"),
        lambda: wg.read("a*x; a = 2", dialect="lepton").text, at("program")),
    Row("read", "", ("a*x; a = 2", "--from", "lepton"), lambda: wg.read("a*x; a = 2", dialect="lepton").text.rstrip(),
        text),
    Row("ops", "json", ("--json",), lambda: [[o.row.name, o.rules] for o in wg.all_ops()],
        lambda out: [[o["name"], o.get("derivatives", o.get("adjoints"))] for o in json.loads(out)]),
    Row("ops", "all", ("--all",), lambda: len({o.row.name for o in wg.all_ops()}),
        lambda out: sum(not line.startswith(" ") for line in out.splitlines())),
    Row("ops", "", ("^", "--json"), lambda: [wg.op("^").rules, list(wg.op("^").domain), wg.op("^").row.source],
        lambda out: [json.loads(out)["derivatives"], json.loads(out)["domain"], json.loads(out)["source"]]),
    Row("explain", "", (), wg.explain, text),
    Row("samples", "json", ("--json",), lambda: list(wg.sample_names()),
        lambda out: [s["name"] for s in json.loads(out)]),
    Row("samples", "to", ("baydin", "--to", "-"), lambda: wg.sample("baydin").rstrip(), text),
    Row("explain", "json", ("W101", "--json"), lambda: wg.explain("W101"), at("page")),
    # What several commands share.
    Row("eval", ":kink", ("abs(x)", "--x", "0", "--kink", "left", "--json"), lambda: f("abs(x)", kink="left").grad(0),
        at("derivatives")),
    Row("eval", "explain", (NEURON, *GIVEN, "--explain", "--json"), lambda: f(NEURON).costs(AT).ran,
        at("explain", "ran")),
    *(Row("eval", "kernel", (NEURON, *GIVEN, "--kernel", name, "--json"),
          lambda name=name: f(NEURON, kernel=name).grad(AT), at("derivatives"))
      for name in ("python", "interpreter", "numpy")),
    Row("jacobian", "kernel", (NEURON, *GIVEN, "--kernel", "python", "--json"),
        lambda: f(NEURON, kernel="python").jacobian(AT), at("derivatives")),
    Row("hessian", "kernel", (NEURON, *GIVEN, "--kernel", "python", "--json"),
        lambda: f(NEURON, kernel="python").hessian(AT), at("second_derivatives")),
    Row("check", "kernel", (NEURON, *GIVEN, "--kernel", "python", "--json"),
        lambda: compared(f(NEURON, kernel="python").check(AT)), read_checks),
    Row("run", "kernel", (SAMPLE, "--kernel", "python", "--json"), lambda: [wg.load(SAMPLE, kernel="python")()],
        lambda out: list(json.loads(out)[0]["outputs"].values())),
    Row("eval", ":no-fuse", ("log(1+exp(x))", "--x", "700", "--no-fuse", "--json"),
        lambda: f("log(1+exp(x))", fuse=False).grad(700), at("derivatives")),
    Row("eval", ":set", ("wrt*2", "--set", "wrt=3", "--json"), lambda: f("wrt*2")({"wrt": 3}), at("value")),
    Row("eval", ":limit :error-format", ("x+x+x", "x=1", "--limit", "equations=1", "--error-format", "json"),
        lambda: wg.as_json(refused(lambda: f("x+x+x", limits=wg.Limits(equations=1))))),
    Row("eval", ":color", ("sin(", "--color", "always"), lambda: wg.render(refused(lambda: f("sin(")), True), text),
    Row("eval", ":trusted", ("sum(x for i in 0:1000)", "x=1", "--trusted", "--json"),
        lambda: f("sum(x for i in 0:1000)", limits=wg.Limits.trusted())(1), at("value")),
]  # fmt: skip


def answered(row: Row, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command prints; where it is refused, what it says."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(row.typed))
    main([row.command, *row.words])
    said = capsys.readouterr()
    return said.out or said.err


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.command} {row.options}".strip())
def test_python_answers_as_the_command_does(
    row: Row, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for option in row.options.split():
        assert f"--{option.removeprefix(':')}" in row.words
    printed = answered(row, monkeypatch, capsys)
    assert plain(row.read(printed)) == plain(row.call()), printed


def _shared() -> set[str]:
    return {o[1:] for row in ROWS for o in row.options.split() if o[0] == ":"}


def _missing(commands: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Commands and options without a row."""
    for name, command in commands.items():
        rows = [row for row in ROWS if row.command == name]
        if not rows and (name, "") not in EXCEPTED:
            yield name, ""
        known = {o for row in rows for o in row.options.split()} | _shared() | {o for c, o in EXCEPTED if not c}
        yield from ((name, o.name) for o in command.options if o.name not in known and (name, "") not in EXCEPTED)


def test_every_command_and_every_option_has_a_row() -> None:
    assert not list(_missing({name: module_of(name).COMMAND for name in COMMANDS}))


def test_a_new_command_or_option_without_a_row_is_found() -> None:
    command = module_of("eval").COMMAND
    longer = command._replace(options=(*command.options, command.options[0]._replace(name="sideways")))
    assert list(_missing({"eval": longer, "ponder": command._replace(options=())})) == [
        ("eval", "sideways"), ("ponder", ""),
    ]  # fmt: skip


def test_rows_and_exceptions_are_of_commands_that_there_are() -> None:
    assert {row.command for row in ROWS} | {c for c, _ in EXCEPTED if c} == set(COMMANDS)
    for row in ROWS:
        known = {o.name for o in module_of(row.command).COMMAND.options}
        assert {o.removeprefix(":") for o in row.options.split()} <= known
