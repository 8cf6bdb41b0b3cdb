"""Emitted programs run without wengert and answer as the interpreter does: Python bit for bit, others in a few ulps.

Each is emitted with its own tests, compiled and run where its tool is on the machine.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from itertools import islice, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert as wg
from tests import FULL
from tests.oracles.programs import DEAR, ELEMENTWISE, programs
from wengert.emit import LANGUAGES, TARGETS, emit
from wengert.emit.straight_line import StraightLine, straight_line
from wengert.emit.vectors import Vector, vectors
from wengert.emit.writing import write
from wengert.lists.wengert_list import Equation, WengertList
from wengert.ops import Op
from wengert.ops.sources import FLOATS
from wengert.show import from_json
from wengert.sweeps.forward import evaluate
from wengert.sweeps.numbers import Numbers

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.wengert"))
ENDINGS = {"python": ".py", "numpy": "_np.py", "javascript": ".js", "c": ".c", "rust": ".rs"}
CC = shutil.which("gcc") or shutil.which("cc")
TOOLS = {"python": sys.executable, "numpy": sys.executable, "javascript": shutil.which("node"), "c": CC,
         "rust": shutil.which("rustc")}  # fmt: skip
# Most of the time here is the compilers'.
OPTIMIZED = 1 if FULL else 0
inf, nan = math.inf, math.nan

# How far a value or a partial of one op may be from the interpreter's, in ulps: libraries differ by one or two.
ULPS = {"python": 0.0, "numpy": 4.0, "javascript": 4.0, "c": 4.0, "rust": 4.0}
# Derivatives that are sums of both signs, with a zero near -1 where a rounding of either is more ulps of the sum.
PYTHON_ALONE = set(
    "j0 j1 y0 y1 i1 besselj besseli gammapdf gammainc_da dgammapdf dgammainc "
    "lbeta betapdf betainc dbetapdf dbetainc gammaincinv gammainccinv betaincinv "
    "bessely besselk dbesselj dbessely dbesseli dbesselk zeta hurwitz_zeta dzeta binom dbinom "
    "hyp2f1 dhyp2f1 polylog dpolylog".split()
)
CANCEL, CANCELLED = {"silu", "gelu", "mish", "wofz_real", "wofz_imag", "digamma_gap"}, 16.0

every_language = pytest.mark.parametrize("target", list(LANGUAGES))


def run(files: Mapping[str, str], target: str, folder: Path) -> None:
    """Compile and run programs by their names; each must find all its answers right."""
    if TOOLS[target] is None:
        pytest.skip(f"nothing here runs {target}")
    paths = {name: folder / f"{name}{ENDINGS[target]}" for name in files}
    for name, path in paths.items():
        path.write_text(files[name], encoding="utf-8")
    if target == "rust":
        # As modules of one crate: one compilation, and one link.
        main = folder / "all.rs"
        calls = " & ".join(f"{name}::check()" for name in files)
        mods = "".join(f"mod {name};\n" for name in files)
        main.write_text(
            f"{mods}fn main() {{ std::process::exit(if {calls} {{ 0 }} else {{ 1 }}); }}\n", encoding="utf-8"
        )
        command([TOOLS[target], "--edition", "2021", "-C", f"opt-level={OPTIMIZED}", main, "-o", folder / "all"])
        command([folder / "all"])
        return
    for path in paths.values():
        if target == "c":
            flags = ["-std=c99", f"-O{OPTIMIZED}", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "-pedantic"]
            command([TOOLS[target], *flags, path, "-o", path.with_suffix(""), "-lm"])
            command([path.with_suffix("")])
        elif target == "javascript":
            command([TOOLS[target], path])
        else:
            said = io.StringIO()
            with contextlib.redirect_stdout(said), pytest.raises(SystemExit) as end:
                runpy.run_path(str(path), run_name="__main__")
            assert not end.value.code, said.getvalue()[-2000:]


def command(words: Iterable[object]) -> str:
    done = subprocess.run([str(w) for w in words], capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    assert not done.stderr, done.stderr[-4000:]
    return done.stdout


@every_language
@pytest.mark.xdist_group("emitted samples")
def test_every_sample_runs(target: str, tmp_path: Path) -> None:
    files = {}
    for path in SAMPLES:
        f = wg.load(path)
        # The longest sample is for the languages that cut long functions into blocks; long ones are tried in C alone.
        if f.wengert_list.shapes:
            continue  # arrays are refused: tests/faces/test_cli_arrays.py
        longest = 2000 if FULL else 300
        if len(f.running_list) < longest or LANGUAGES[target].block and (FULL or target == "c"):
            files[path.stem] = emit(f, target, tests=True)
    run(files, target, tmp_path)


def alone(row: Op) -> WengertList:
    params = row.params.split()
    n = len(params) + 2 * params[-1].startswith("*")
    return WengertList([("y", row.name, ("a", "b", "c", *(0.5,) * 6)[:n])], ["a", "b", "c"])


def writable(target: str) -> list[Op]:
    """The rows that a language can have with their derivatives: some compute with what only Python has."""
    found = []
    for row in ELEMENTWISE:
        with contextlib.suppress(wg.UsageError):
            emit(alone(row), target)
            found.append(row)
    return found


@every_language
def test_what_only_python_has_is_refused(target: str) -> None:
    refused = {row.name for row in ELEMENTWISE} - {row.name for row in writable(target)}
    assert refused == (set() if target in ("python", "numpy") else PYTHON_ALONE)
    for name in refused:
        with pytest.raises(wg.UsageError, match="only Python"):
            emit(alone(next(row for row in ELEMENTWISE if row.name == name)), target)


def test_a_name_means_one_thing_in_all_modules_that_programs_copy_from() -> None:
    home: dict[str, str] = {}
    for module in FLOATS.modules:
        if module not in ("fixed_point", "portable", "doubled"):  # in names of their own
            for name in FLOATS.names(module):
                value = getattr(FLOATS.modules[module], name)
                other = getattr(FLOATS.modules[home.setdefault(name, module)], name)
                assert value is other or value == other or value != value, (name, module, home[name])


def quick_rows(target: str) -> list[Op]:
    """The rows that can be written, but for those that take milliseconds: Python calls our own functions for them."""
    return [row for row in writable(target) if row.name not in DEAR]


def every_row(target: str) -> StraightLine:
    """One program with an output for every op of the table, and the derivatives of all."""
    equations = []
    for row in quick_rows(target):
        params = row.params.split()
        n = len(params) + 2 * params[-1].startswith("*")
        equations.append(Equation(f"y_{row.name}", row.name, ("a", "b", "c", *(0.5,) * 6)[:n]))
    return straight_line(WengertList(equations, ["a", "b", "c"], [e.output for e in equations]))


EDGES = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.5, inf, -inf, nan, 5e-324, -1e-300, 1e300, 709.0, -745.0, 40.0, -37.5, 0.75,
         170.5, 12345.678, -1e-8, 1e16, 27.25, -0.3)  # fmt: skip
SECONDS = (0.5, 0.0, 3.0, -1.0, inf, -0.0, nan, 2.0, -7.25, 1e-300, 1.0, -inf, 1e200)
# Between the zeros of every derivative, of which a difference of rounding would take the digits.
POINTS = [
    *((a, SECONDS[(5 * i) % 13], SECONDS[(3 * i + 1) % 13]) for i, a in enumerate(EDGES)),
    *((a, b, 0.5) for a, b in islice(product((0.0, -0.0, 1.0, 2.0, -1.0, 3.0), (0.0, -0.0, 1.0, 2.0, -3.0)), 30)),
    *((a, a, a) for a in EDGES[:12]),
    *((0.3, 2.2, -0.7), (2.7, -1.3, 4.1), (-0.45, 1.9, 0.2), (-3.3, -2.6, 1.1), (7.7, -0.9, 3.3), (15.5, 12.5, -8.5)),
]


@every_language
@pytest.mark.xdist_group("emitted rows")
def test_every_row_is_near_the_interpreter(target: str, tmp_path: Path) -> None:
    """Values and partials of all ops at kinks, ties, poles, ends of domains, huge, tiny and no numbers."""
    program = every_row(target)
    rows = quick_rows(target)
    partials = [row.name for row in rows for _ in "abc"]
    ulps = [ULPS[target]] * len(rows) + [
        CANCELLED if name in CANCEL and ULPS[target] else ULPS[target] for name in partials
    ]
    found = []
    for point in POINTS:
        answers = evaluate(program.wlist, dict(zip("abc", point)), Numbers())
        found.append(Vector(point, tuple(answers), tuple(map(allowed, answers, ulps))))
    run({"rows": write(program, LANGUAGES[target](), "rows", found)}, target, tmp_path)


def allowed(answer: float, ulps: float) -> float:
    return ulps * math.ulp(answer) if math.isfinite(answer) else 0.0


def test_python_is_the_interpreter_bit_for_bit() -> None:
    program = every_row("python")
    space: dict[str, object] = {}
    exec(write(program, LANGUAGES["python"](), "rows"), space)
    for point in POINTS:
        values, rows = space["rows"](*point)  # type: ignore[operator]
        got = [*values, *(a for row in rows for a in row)]
        want = evaluate(program.wlist, dict(zip("abc", point)), Numbers())
        assert list(map(repr, got)) == [repr(float(a)) for a in want]


@settings(max_examples=40)
@given(programs(outputs=2), st.booleans())
def test_random_programs_in_python(program: tuple[WengertList, dict[str, float]], several: bool) -> None:
    wlist, point = program
    if not several:
        wlist = WengertList(wlist.equations, wlist.inputs, wlist.outputs[-1:])
    whole = straight_line(wlist, hessian=not several and len(wlist) < 12)
    space: dict[str, object] = {}
    exec(write(whole, LANGUAGES["python"](), "program"), space)
    found = space["program"](*(point[n] for n in wlist.inputs))  # type: ignore[operator]
    got = list(map(repr, flattened(found)))
    assert got == [repr(float(a)) for a in evaluate(whole.wlist, point, Numbers())]


def flattened(found: object) -> list[float]:
    return [a for part in found for a in flattened(part)] if isinstance(found, tuple) else [found]  # type: ignore[list-item]


@every_language
def test_random_programs_together(target: str, tmp_path: Path) -> None:
    """Many random programs as one list with many outputs, so that each language compiles once."""
    names: list[WengertList] = []
    merged: list[Equation] = []

    @settings(max_examples=1)
    @given(st.lists(programs(most=20, constants=False), min_size=24, max_size=24))
    def collect(found: list[tuple[WengertList, dict[str, float]]]) -> None:
        names[:] = [wlist for wlist, _ in found]

    collect()
    outputs = []
    for k, wlist in enumerate(names):
        spelled = {n: n for n in wlist.inputs}
        for e in wlist.equations:
            atoms = tuple(spelled.get(a, a) if isinstance(a, str) else a for a in e.inputs)
            spelled[e.output] = f"p{k}_{e.output}"
            merged.append(Equation(spelled[e.output], e.op, atoms))
        outputs.append(spelled[wlist.outputs[-1]] if isinstance(wlist.outputs[-1], str) else wlist.outputs[-1])
    whole = WengertList(merged, None, outputs)
    program = emit(whole, target, tests=True, points=[dict.fromkeys(whole.inputs, 0.75)])
    run({"together": program}, target, tmp_path)


PROGRAMS = {
    "hessian": ("x^3*y + sin(x*y)/y", {"hessian": True}),
    "values": ("input x = 2, y = 3\na = x*y\nb = sin(a)\noutput a, b, x, 7", {}),
    "value_alone": ("exp(x)/y", {"grad": False}),
    "values_alone": ("input x = 1\na = x + 1\nb = x - 1\noutput a, b", {"grad": False}),
    "no_inputs": ("a = 3\nb = a*tau", {}),
    "no_equations": ("input x = 4\noutput x", {}),
    "one_input": ("x^2", {"hessian": True}),
    "intermediate": ("s = x*y\ns^2 + s", {"wrt": ["s", "x"]}),
    "own_ops": ("op sp(a) = log(1 + exp(a)) with d/da = sigmoid(a)\nop twice(k, b) = sp(k)*sp(b) with "
                "d/dk = sigmoid(k)*sp(b), d/db = sp(k)*sigmoid(b)\ntwice(x, 2)*y/sp(0)", {}),
    "literals": ("x*0.1 + 1e300*y - 4.9e-324*x + 123456789.123456789*x - -0.0*y + (-2)^3", {}),
    "derivatives": ("f = x^2*y\nd(f, x) + d(d(f, x), y)", {"hessian": True}),
    "kinks": ("max(x, y, 1) + abs(x - y) + relu(x)", {"kink": "left"}),
    "many_inputs": (" + ".join(f"x{k}*x{(k + 1) % 70}" for k in range(70)), {"hessian": False}),
    "names": ("lambda*int + float*class_ - None*self/double + fn*let + π*θ + é*ж + arguments*NAN + _x*__y + "
              "gradient*value*x*w*got*near_enough*check + math*np*shape*largest*max(exp_, Some) + I*M_PI*unix", {}),
}  # fmt: skip


@every_language
def test_options_names_and_shapes(target: str, tmp_path: Path) -> None:
    files = {n: emit(wg.compile(text), target, tests=True, **options) for n, (text, options) in PROGRAMS.items()}
    run(files, target, tmp_path)


@pytest.mark.parametrize("target", ["javascript", "c", "rust"])
def test_long_lists_are_cut_into_blocks(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    language = LANGUAGES[target]
    text = "input x = 0.5, y = 1.5\nf = x\nfor t in 0:12 { f = sin(f)*y + x/(1 + f^2) }\n"
    whole = emit(wg.compile(text + "output f"), target, tests=True)
    monkeypatch.setattr(language, "block", 7)
    assert "value_and_grad_9(" not in whole
    files = {
        "cut": emit(wg.compile(text + "output f"), target, tests=True, hessian=True),
        "several": emit(wg.compile(text + "output f, x, y"), target, tests=True),
        "many": emit(wg.compile(PROGRAMS["many_inputs"][0]), target, tests=True),
    }
    assert "value_grad_hessian_9(" in files["cut"]
    run(files, target, tmp_path)


@every_language
def test_a_wrong_answer_is_found(target: str, tmp_path: Path) -> None:
    whole = straight_line(wg.compile("x*y").running_list)
    wrong = [v._replace(answers=tuple(a + 1e-9 for a in v.answers)) for v in vectors(whole.wlist)]
    with pytest.raises(AssertionError, match="vector"):
        run({"wrong": write(whole, LANGUAGES[target](), "wrong", wrong)}, target, tmp_path)


def test_the_lines_are_the_users() -> None:
    text = emit(wg.compile("s = w0*x0 + w1\nf = sigmoid(s)"), "python")
    for line in ("    s = v1 + w1", "    f = sigmoid(s)", "# w0*x0 + w1", "# adjoint of w0, through w0*x0"):
        assert line in text
    assert text.index("# forward") < text.index("# backward") < text.index("return f, (w0_bar, x0_bar, w1_bar)")
    assert "wengert." not in text


def test_latex_and_json() -> None:
    f = wg.compile("s = x*y\nsin(s)")
    assert r"\sin\left(s\right)" in emit(f, "latex")
    whole = straight_line(f.running_list).wlist
    assert from_json(json.loads(emit(f, "json"))) == whole
    assert whole.outputs[1:] == ("x_bar", "y_bar")


@pytest.mark.parametrize(
    ("target", "options", "message"),
    [
        ("javascrip", {}, "did you mean `javascript`"),
        ("c", {"name": "exp"}, "such as `exp_`"),
        ("rust", {"name": "été"}, "such as `ete`"),
        ("python", {"name": "a b"}, "cannot be called"),
        ("javascript", {"name": "pow"}, "cannot be called"),
        ("latex", {"tests": True}, "does not run"),
        ("python", {"wrt": "z"}, "`z`"),
    ],
)
def test_what_cannot_be_had_is_refused(target: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(wg.UsageError, match=message) if "z" not in message else pytest.raises(wg.WengertError):
        emit(wg.compile("x*y"), target, **options)  # type: ignore[arg-type]


def test_ops_of_the_callers() -> None:
    """Python functions have no text to pass on, whatever they call themselves; text in the language has."""

    def impostor(a: float) -> float:
        return a

    impostor.__module__, impostor.__name__ = "wengert.ops.floats.elementary", "exp"
    wg.register("doubled", lambda a: 2 * a, "2")
    wg.register("textual", "a*sin(a)", "sin(a) + a*cos(a)", params="a")
    for target in LANGUAGES:
        with pytest.raises(wg.UsageError, match="no text"):
            emit(wg.compile("doubled(x)"), target)
        assert "textual(x)" in emit(wg.compile("textual(x)"), target)
        sly = WengertList([("y", "sly", ("x",))], ops=(Op("sly", "a", impostor, ("1",)),))
        with pytest.raises(wg.UsageError, match="no text"):
            emit(sly, target)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("lgamma", (-2.457024738)), ("lgamma", (-3.9552942848)), ("digamma", (-0.504083)), ("digamma", (-10.70289)),
        ("polygamma", (2.0, -0.5730)), ("polygamma", (4.0, -1.5615)), ("polygamma", (3.0, -20.3)),
        ("polygamma", (190.0, 181.5)), ("dsinc", (1.0, 1.4302966532)), ("dsinc", (2.0, 0.66257)), ("dsinc", (9.0, 0.3)),
        ("dsinc", (40.0, -3.7)), ("dsinc", (3.0, 1e17)), ("logaddexp", (-0.7, -0.6863)), ("logaddexp", (-1e-3, -6.9)),
        ("hypot", (1e200, 1e-200)), ("hypot", (3e-320, 4e-320)), ("cbrt", (2e-323,)), ("cbrt", (1.7e308,)),
        ("erf", (0.4597,)), ("erfc", (25.25,)), ("gamma", (170.9,)), ("gamma", (-170.1,)), ("mod", (-7.5, 2.1)),
    ],
)  # fmt: skip
def test_beside_zeros_too(name: str, args: object, tmp_path: Path) -> None:
    """Where the interpreter computes with large integers, other languages do with pairs of floats."""
    point = args if isinstance(args, tuple) else (args,)
    inputs = [f"x{i}" for i in range(len(point))]
    program = straight_line(WengertList([("y", name, inputs)]), grad=False)
    want = evaluate(program.wlist, dict(zip(inputs, point)), Numbers())
    found = Vector(point, tuple(want), (allowed(want[0], 4.0),))
    run({"zero": write(program, LANGUAGES["c"](), "zero", [found])}, "c", tmp_path)


def test_targets_are_listed() -> None:
    assert TARGETS == ("python", "numpy", "javascript", "c", "rust", "sql", "latex", "json", "nl")
