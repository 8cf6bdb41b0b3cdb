"""Arrays on the command line: what is printed is what the API answers, from whatever the values were read."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests.faces.command_line import strict_json
from wengert.ground.errors import WengertError
from wengert.kernels.trace import local_jacobians
from wengert.lists.array_text import WIDTH, block, inline
from wengert.lists.wengert_list import WengertList
from wengert.show import from_json, to_json
from wengert.transforms.simplify import simplify

X, W = [[2.0, 1.0, -3.0], [-3.0, 4.0, 2.0]], [[3.0, 2.0, 1.0, -1.0], [2.0, 1.0, 3.0, 2.0], [3.0, 2.0, 1.0, -2.0]]
PROGRAMS = (
    ("x @ w", {"x": X, "w": W}),
    ("sum(relu(x @ w + 1/3)^2)", {"x": X, "w": W}),
    ("f = x[0]*x[1]; g = exp(x)/7; output f, g", {"x": [0.3, -1.7]}),
    ("sum(sin(x)*y, axis=0)", {"x": X, "y": [1.0, 0.1, 3.0]}),
    ("x^2*y", {"x": [1.0, 2.0, 0.1], "y": 2.0}),
)
ids = [text for text, _ in PROGRAMS]


def words(point: dict[str, Any]) -> list[str]:
    return [word for n, v in point.items() for word in (f"--{n}", json.dumps(v))]


def same(found: Any, want: Any) -> bool:
    return bool(np.array_equal(np.array(found, dtype=float), np.array(want, dtype=float)))


# eval, jacobian, hessian


@pytest.mark.parametrize(("text", "point"), PROGRAMS, ids=ids)
def test_json_is_what_the_api_answers(run: Any, text: str, point: dict[str, Any]) -> None:
    f = wg.compile(text)
    told = strict_json(run("eval", text, *words(point), "--jacobian", "--json").out)
    values, matrix = f(point), f.jacobian(point, mode="reverse")
    if len(f.outputs) == 1:
        told = {**told, "value": {f.outputs[0]: told["value"]}, "derivatives": {f.outputs[0]: told["derivatives"]}}
        values = [values]
    assert all(same(told["inputs"][n], v) for n, v in point.items())
    for o, value, row in zip(f.outputs, values, matrix):
        assert same(told["value"][o], value)
        assert all(same(told["derivatives"][o][n], row[n]) for n in point)
    alone = strict_json(run("jacobian", text, *words(point), "--json", "--mode", "reverse").out)["derivatives"]
    assert alone == told["derivatives"]
    forward = strict_json(run("jacobian", text, *words(point), "--json", "--mode", "forward").out)["derivatives"]
    for o, row in zip(f.outputs, f.jacobian(point, mode="forward")):
        assert all(same(forward[o][n], row[n]) for n in point)


def elements(text: str) -> list[float]:
    """The numbers of a table's lines behind their labels."""
    return [float(n) for line in text.splitlines() if "[" in line for n in re.findall(r"(?<= )-?\d\S*", line)]


def table_of(out: str) -> list[str]:
    """The lines of a table, without what is said of the mode after it."""
    table, _, mode = out.partition("\n\nmode: ")
    assert mode.split(":")[0] in ("reverse", "forward")
    return table.splitlines()


def test_a_printed_jacobian_has_every_element(run: Any) -> None:
    done = run("jacobian", "x @ w", *words({"x": X, "w": W}), "--full")
    blocks = done.out.partition("\n\nmode: ")[0].split("derivative of ")[1:]
    matrix = wg.compile("x @ w").jacobian(x=X, w=W)
    for shown, block_, n in zip(blocks, matrix[0], "xw"):
        head, *lines = shown.strip().splitlines()
        assert head == f"f in {n}, (2, 4) by {np.shape({'x': X, 'w': W}[n])}"
        assert lines[0].split() == [f"{n}[{i},{j}]" for i, j in np.ndindex(np.shape({"x": X, "w": W}[n]))]
        rows = [line.split() for line in lines[1:]]
        assert [row[0] for row in rows] == [f"f[{i},{j}]" for i, j in np.ndindex(2, 4)]
        assert same([row[1:] for row in rows], block_.reshape(8, -1))


def test_hessians(run: Any) -> None:
    rosenbrock = "100*(x[1]-x[0]^2)^2 + (1-x[0])^2"
    lines = table_of(run("hessian", rosenbrock, "--x", "[1,1]").out)
    assert [line.split() for line in lines[1:]] == [["d/dx[0]", "802", "-400"], ["d/dx[1]", "-400", "200"]]
    for mode in ("reverse", "forward", "auto"):
        told = strict_json(run("hessian", rosenbrock, "--x", "[0.3,1.7]", "--json", "--mode", mode).out)
        want = wg.compile(rosenbrock).hessian(x=[0.3, 1.7], mode="forward" if mode == "forward" else "reverse")
        assert same(told["second_derivatives"]["x"]["x"], want["x", "x"])
    numbers = table_of(run("hessian", "x^2*y", "x=3", "y=4").out)
    assert [line.split()[1:] for line in numbers[1:]] == [["8", "6"], ["6", "0"]]
    refused = run("hessian", "[x, x]", "x=3")
    assert (refused.code, refused.out) == (2, "")
    assert "W603" in refused.err


def test_an_array_has_no_gradient_and_says_so(run: Any) -> None:
    done = run("eval", "x @ w", *words({"x": X, "w": W}))
    assert done.code == 0
    assert same(json.loads(done.out.split("\n\n")[0]), np.array(X) @ np.array(W))
    assert "note[W312]" in done.err
    assert "--jacobian" in done.err
    assert "derivatives" not in strict_json(run("eval", "x @ w", *words({"x": X, "w": W}), "--json").out)
    assert run("eval", "x @ w", *words({"x": X, "w": W}), "--no-grad").err == ""


def test_an_array_for_a_number_is_a_batch(run: Any) -> None:
    told = strict_json(run("eval", "x^2*y", "--x", "[1,2,3]", "--y", "2", "--json").out)
    one = [strict_json(run("eval", "x^2*y", "--x", k, "--y", "2", "--json").out) for k in "123"]
    assert told["value"] == [o["value"] for o in one]
    assert told["derivatives"] == {n: [o["derivatives"][n] for o in one] for n in "xy"}
    assert run("jacobian", "x^2*y", "--x", "[1,2,3]", "--y", "2").out.count("at point [") == 3


def test_intermediates(run: Any) -> None:
    done = run("eval", "z = 2*x; sum(z^2)", "--x", "[1,2]", "--wrt", "z,x")
    assert [line.split("  ")[-1].strip() for line in done.out.splitlines()[3:5]] == ["[4, 8]", "[8, 16]"]


def test_a_loop_over_a_declared_size(run: Any, tmp_path: Path) -> None:
    (tmp_path / "p.wengert").write_text("input x[n]\ns = 0\nfor i in 0:n {\n    s = s + x[i]^2\n}\noutput s\n")
    for values in ("[1,2,3]", "[2]", "[]"):
        want = sum(v * v for v in json.loads(values))
        assert run("eval", "p.wengert", "--x", values, "--no-grad").out == f"{want}\n"
        assert run("run", "p.wengert", "--x", values).code == 0
    assert run("eval", "p.wengert").code == 2


# How arrays are printed


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4), (0,), (2, 0), (1, 1), (60, 3), (2, 1, 2, 2)])
def test_a_block_reads_back(shape: tuple[int, ...]) -> None:
    value = np.random.default_rng(1).integers(-99, 99, shape) / 8
    text, whole = block(value, full=True)
    assert same(np.array(json.loads(text)).reshape(shape), value)
    assert json.loads(inline(value, 10**6)) == value.tolist()
    assert whole


@pytest.mark.parametrize("shape", [(400,), (7, 30), (100, 3), (3, 200, 2), (40, 40)])
def test_a_large_array_is_shortened_to_fit(run: Any, tmp_path: Path, shape: tuple[int, ...]) -> None:
    value = np.random.default_rng(1).normal(size=shape)
    text, whole = block(value, "x = ")
    assert not whole
    assert max(map(len, text.splitlines())) <= WIDTH
    assert len(text.splitlines()) <= 62
    for width in (12, 40, 100):
        assert len(inline(value, width)) <= width
    np.save(tmp_path / "x.npy", value)
    assert "--full" in run("eval", "x", "--x", "@x.npy", "--no-grad").out
    whole_text = run("eval", "x", "--x", "@x.npy", "--no-grad", "--full").out
    assert same(json.loads(whole_text), value)


# Values


def written(path: Path, value: Any) -> None:
    array = np.array(value, dtype=float)
    if path.suffix == ".npy":
        np.save(path, array)
    elif path.suffix == ".json":
        path.write_text(json.dumps(value))
    else:
        np.savetxt(path, array, fmt="%.17g", delimiter={".csv": ",", ".tsv": "\t"}.get(path.suffix, " "))


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".tsv", ".txt", ".json"])
@pytest.mark.parametrize("value", [[[0.1, -2.0], [1e-300, 4.0]], [1 / 3, 2.0, 3.0]], ids=["matrix", "vector"])
def test_files_of_numbers(run: Any, tmp_path: Path, suffix: str, value: Any) -> None:
    written(tmp_path / f"x{suffix}", value)
    told = strict_json(run("eval", "sum(x)", "--x", f"@x{suffix}", "--json").out)
    assert told == strict_json(run("eval", "sum(x)", "--x", json.dumps(value), "--json").out)
    assert run("eval", "sum(x)", "--x", f"@{tmp_path / 'x'}{suffix}").code == 0


def test_kinds_of_npy(run: Any, tmp_path: Path) -> None:
    whole = np.arange(6).reshape(2, 3)
    for k, array in enumerate((whole, np.asfortranarray(whole), whole.astype(">f4"), whole == 1, whole.astype("u1"))):
        np.save(tmp_path / f"{k}.npy", array)
        assert same(strict_json(run("eval", "x+0", "--x", f"@{k}.npy", "--json").out)["value"], array)
    np.save(tmp_path / "n.npy", 2.5)
    assert run("eval", "x", "--x", "@n.npy", "--no-grad").out == "2.5\n"


def test_headers_comments_and_empty_lines(run: Any, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text('# made\n"height, m",width\n\n1,2\n 3 , 4e0\n')
    assert same(strict_json(run("eval", "x+0", "--x", "@x.csv", "--json").out)["value"], [[1, 2], [3, 4]])


def test_expressions_and_empty_arrays(run: Any) -> None:
    assert run("eval", "x", "--x", "[1/4, 2^3]", "--no-grad").out == "[0.25, 8]\n"
    assert run("eval", "sum(x)", "--x", "[]", "--no-grad").out == "0\n"
    assert strict_json(run("eval", "x+0", "--x", "[[],[]]", "--json").out)["value"] == [[], []]


def _npy(array: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, array, **options)
    return out.getvalue()


WRONG: dict[str, tuple[bytes | None, str]] = {
    "missing.npy": (None, "no file missing.npy"),
    "noise.npy": (b"\x93NUMPY nonsense", "no array of NumPy"),
    "cut.npy": (_npy(np.ones(9))[:-8], "cut short"),
    "objects.npy": (_npy(np.array([1, "a"], dtype=object), allow_pickle=True), "Python objects"),
    "complex.npy": (_npy(np.ones(2) * 1j), "complex"),
    "words.npy": (_npy(np.array(["a"])), "real numbers"),
    "records.npy": (_npy(np.zeros(2, dtype=[("a", "f8")])), "records"),
    "huge.npy": (_npy(np.ones((2, 3))).replace(b"(2, 3), }          ", b"(2, 3000000000), } "), "over the limit"),
    "x.npz": (b"", "np.save"),
    "x.pkl": (b"\x80\x04K\x01.", "no file of numbers"),
    "ragged.csv": (b"1,2\n3\n", "ragged: line 2"),
    "word.csv": (b"1,2\n3,q\n", "line 2, column 2: 'q' is no number"),
    "semicolons.csv": (b"1;2\n3,5;4\n", "separated by commas, not `;`"),
    "thousands.csv": (b'1\n"1,234.5"\n', "no commas: 1234.5"),
    "gap.csv": (b"1,2\n,3\n", "an empty cell"),
    "underscore.csv": (b"1_0\n1\n2_0", "is no number"),
    "quote.csv": (b'1,"2\n', "cannot read"),
    "bytes.csv": (b"\xff\xfe1", "UTF-8"),
    "commas.txt": (b"1 2\n1,2 3\n", "no number"),
    "ragged.json": (b"[[1,2],[3]]", "ragged"),
    "mixed.json": (b"[1,[3]]", "ragged"),
    "text.json": (b'["1"]', "is none"),
    "object.json": (b'{"x": 1}', "is none"),
    "null.json": (b"[null]", "is none"),
    "deep.json": (b"[" * 100_000, "deeper"),
    "open.json": (b"[1,", "no JSON"),
}


@pytest.mark.parametrize("name", WRONG)
def test_files_that_hold_no_numbers(run: Any, tmp_path: Path, name: str) -> None:
    content, says = WRONG[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = run("eval", "sum(x)", "--x", f"@{name}")
    assert done.code in (2, 3)
    assert done.out == ""
    assert done.err.count("error[") == 1
    assert says in done.err


@pytest.mark.parametrize(
    "text",
    [
        "@",
        "@.",
        "[1,2",
        "[1,,2]",
        "[1,[2]]",
        "[[1],[2,3]]",
        "[1,a]",
        "1,2",
        "[" * 40 + "1" + "]" * 40,
        "[1]; x = [2]; x, x",
    ],
)
def test_values_that_are_none(run: Any, text: str) -> None:
    done = run("eval", "sum(x)", "--x", text)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("error[") == 1


def test_a_program_reads_no_file(run: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "A.npy", np.ones(2))
    for text in ("@A.npy", "sum(@A.npy)", "input x = @A.npy; x", "x = @A.npy; x"):
        assert run("eval", text).code == 2
    assert run("eval", "x", "--x", "[@A.npy]").code == 2


def test_limits_of_values(run: Any, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("1\n2\n3\n")
    np.save(tmp_path / "x.npy", np.ones(3))
    for text in ("[1,2,3]", "@x.csv", "@x.npy"):
        assert run("eval", "sum(x)", "--x", text, "--limit", "elements=2").code == 3
        assert run("eval", "sum(x)", "--x", text, "--limit", "elements=9").code == 0


# trace


def test_a_trace_is_what_the_sweeps_answer(run: Any) -> None:
    text, point = PROGRAMS[1]
    f = wg.compile(text)
    told = strict_json(run("trace", text, *words(point), "--format", "json").out)
    gradient = f.grad(point)
    assert all(same(told["adjoints"][n], gradient[n]) for n in point)
    trace = f.trace(point)
    for step, row in zip(trace.forward, told["forward"]):
        assert same(row["value"], step.value)
    for step, row in zip(trace.reverse, told["reverse"]):
        assert (step.local is None) == (row["local"] is None)
        assert same(row["downstream"], step.downstream)


def test_a_seed_is_the_adjoint_of_the_output(run: Any) -> None:
    seed = [[1.0, 0.0, 0.0, 2.0], [0.0, -1.0, 0.5, 0.0]]
    f = wg.compile("x @ w")
    want = f.vjp({"x": X, "w": W}, np.array(seed))
    told = strict_json(run("trace", "x @ w", *words({"x": X, "w": W}), "--seed", str(seed), "--format", "json").out)
    assert all(same(told["adjoints"][n], want[n]) for n in "xw")
    assert same(f.trace(x=X, w=W).adjoints["x"], f.vjp({"x": X, "w": W}, np.ones((2, 4)))["x"])
    assert run("trace", "x @ w", *words({"x": X, "w": W}), "--seed", "[1,2]").code == 2


@pytest.mark.parametrize("style", ["text", "markdown", "latex"])
@pytest.mark.parametrize(("text", "point"), PROGRAMS, ids=ids)
def test_traces_of_every_style(run: Any, style: str, text: str, point: dict[str, Any]) -> None:
    for sweep in ("both", "tangent"):
        done = run("trace", text, *words(point), "--format", style, "--sweep", sweep)
        assert done.code == 0
        if style == "text":
            assert max(map(len, done.out.splitlines())) <= 112


def test_rules_are_told(run: Any) -> None:
    out = run("trace", "y = x @ w", *words({"x": X, "w": W})).out
    assert "y_bar @ w.T" in out
    assert "x.T @ y_bar" in out
    told = strict_json(run("trace", "y = x @ w", *words({"x": X, "w": W}), "--format", "json").out)
    assert [step["rule"] for step in told["reverse"]] == ["matmul_t(g, b)", "t_matmul(a, g)"]


@pytest.mark.parametrize(("text", "point"), PROGRAMS[:4], ids=ids[:4])
def test_local_jacobians_are_those_of_the_equation_alone(text: str, point: dict[str, Any]) -> None:
    trace = wg.compile(text).trace(point)
    found = local_jacobians(trace, most=10_000)
    taking = {k for k, e in enumerate(trace.wlist.equations) if any(isinstance(a, str) for a in e.inputs)}
    assert {j.k for j in found} == taking
    for j in found:
        e = trace.wlist.equations[j.k]
        names = tuple(f"a{i}" if isinstance(a, str) else a for i, a in enumerate(e.inputs))
        at = {f"a{i}": trace.values[a] for i, a in enumerate(e.inputs) if isinstance(a, str)}
        shapes = {n: np.shape(v) for n, v in at.items() if np.ndim(v)}
        alone = wg.compile(WengertList([("y", e.op, names)], tuple(at), shapes=shapes), fuse=False)
        whole = np.array(alone.jacobian(at)["y", f"a{j.i}"])
        if j.kind in ("diagonal", "elementwise"):
            # Every element depends on one alone: the sum over all of them is its derivative in that.
            whole = whole.reshape(j.shape + (-1,)).sum(-1)  # noqa: RUF005
        assert same(j.value, whole)
        for place in list(np.ndindex(j.of))[:3]:
            (one,) = [s for s in local_jacobians(trace, (j.input, place)) if s.k == j.k]
            whole = sum(np.array(alone.jacobian(at)["y", f"a{i}"])[(..., *place)]
                        for i, a in enumerate(e.inputs) if a == j.input)  # fmt: skip
            assert np.allclose(one.value, whole, rtol=1e-15, atol=0)


def test_local_on_the_command_line(run: Any) -> None:
    point = words({"x": X, "w": W})
    out = run("trace", "y = relu(x @ w)", *point, "--local").out
    assert "is diagonal" in out
    assert "96 entries, which is over 64; one slice: --local w[0,0]" in out
    sliced = run("trace", "y = relu(x @ w)", "--local", "x[0,1]", *point).out
    assert "∂v1/∂x[0,1] = [[2, 1, 3, 2]," in sliced
    told = strict_json(run("trace", "y = x @ w", "--local=x[0,1]", *point, "--format", "json").out)["locals"]
    assert same(told[0]["value"], [W[1], [0.0] * 4])
    assert "∂v1/∂x = 4" in run("trace", "x*y", "--local", "x=3", "y=4").out
    for wrong in ("x[0,3]", "x[0]", "x", "q", "x[-1,0]", "x[0,1", "y[0,0]"):
        assert run("trace", "y = x @ w", f"--local={wrong}", *point).code == 2


# The other commands


def test_check_along_random_directions(run: Any) -> None:
    for text, point in PROGRAMS:
        if ";" not in text:
            done = run("check", text, *words(point))
            assert (done.code, "DISAGREES" in done.out, "4 of 4" in done.out) == (0, False, True)
    assert "at a kink" in run("check", "sum(abs(x))", "--x", "[0,1]").out


def test_check_finds_a_wrong_rule(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from wengert.jobs.checking import check_arrays

    f = wg.compile("sum(x^2)")
    point = {"x": np.array([1.0, 2.0])}
    assert all(c.ok for c in check_arrays.check_arrays(f, point))
    real = wg.Function.vjp
    monkeypatch.setattr(wg.Function, "vjp", lambda self, *a: wg.Gradient(("x",), [real(self, *a)["x"] + [0.0, 1e-3]]))
    assert [c.ok for c in check_arrays.check_arrays(f, point)] == [False, False]


def test_lists_carry_the_values_as_defaults(run: Any) -> None:
    text = run("list", "sum(x^2 @ w)", *words({"x": X, "w": W})).out
    again = run("eval", "-", stdin=text)
    assert again.out == run("eval", "sum(x^2 @ w)", *words({"x": X, "w": W})).out


@pytest.mark.parametrize(
    ("command", "says"),
    [("emit", "cannot be emitted"), ("taylor", "a direction is needed"), ("diff", "the shape"), ("list", "the shape")],
)
def test_one_clear_refusal(run: Any, command: str, says: str) -> None:
    program = "input x[2]; x*2"
    values = [] if command in ("emit", "diff") else ["--x", "[1,2]"]
    done = run(command, program, *values, *(["--gradient"] if command == "list" else []))
    assert (done.code, done.out) == (2, "")
    assert done.err.count("error[") == 1
    assert says in done.err


def test_lists_over_arrays_travel_as_json(run: Any) -> None:
    for text in ("input A[m,n], x[n]; sum(A @ x, axis=0) + x[0]", "x @ y", "[x, 1][0:1]"):
        wlist = wg.compile(text).wengert_list
        assert from_json(json.loads(json.dumps(to_json(wlist)))) == wlist
        assert from_json(strict_json(run("list", text, "--as", "json").out)) == wlist
        if "input" in text:
            assert from_json(strict_json(run("emit", text, "--target", "json", "--no-grad").out)).shapes == wlist.shapes


@pytest.mark.parametrize(
    "change",
    [
        lambda o: o.update(shapes=[]), lambda o: o.update(shapes={"x": 3}), lambda o: o.update(shapes={"x": [1.5]}),
        lambda o: o.update(shapes={"x": [True]}), lambda o: o.update(shapes={"q": [1]}),
        lambda o: o.update(shapes={"x": [-1]}), lambda o: o.update(shapes={"x": ["a b"]}),
        lambda o: o["equations"][0].__setitem__(1, "sum[axis=q]"), lambda o: o["equations"][0].__setitem__(1, "sum["),
        lambda o: o["equations"][0].__setitem__(1, "sum[place=1]"), lambda o: o["equations"][0].__setitem__(1, "index"),
    ],
)  # fmt: skip
def test_json_that_is_no_list_over_arrays(change: Callable[[Any], None]) -> None:
    whole = json.loads(json.dumps(to_json(wg.compile("input x[3]; sum(x, axis=0)").wengert_list)))
    change(whole)
    with pytest.raises(WengertError):
        from_json(whole)


def test_the_largest_of_an_array_is_no_identity() -> None:
    assert "max" in str(simplify(wg.compile("max(x)").wengert_list)[0])
