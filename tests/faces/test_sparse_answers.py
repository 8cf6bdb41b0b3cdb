"""Sparse derivatives at a point, by API and command line: the dense ones with what is 0 everywhere left out."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

import wengert as wg

ROSENBROCK = "input x[n]\nsum(100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2 for i in 0:n-1)"
VECTORS = "input x[n]\n100*sum((x[1:] - x[:-1]^2)^2) + sum((1 - x[:-1])^2)"
PROGRAMS = {
    "loop": (ROSENBROCK, {"x": np.linspace(-1, 2, 7)}),
    "vectors": (VECTORS, {"x": np.linspace(-1, 2, 7)}),
    "numbers": ("x*y + sin(z)*x", {"x": 0.5, "y": 2.0, "z": -1.0}),
    "matrix": ("sum(tanh(A @ x)^2)", {"A": np.arange(6.0).reshape(2, 3) / 5, "x": np.array([0.1, -0.4, 1.0])}),
    "largest": ("max(x)^2 + min(max(x, 0.5)*x)", {"x": np.array([0.3, -0.4, 1.0])}),
}


def dense(matrix, rows, columns, shapes):
    """Blocks by name as one matrix of elements."""
    size = {n: int(np.prod(shape)) for n, shape in shapes.items()}
    return np.block([[np.reshape(matrix[r, c], (size[r], size[c])) for c in columns] for r in rows])


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_sparse_hessian_is_the_dense_one(name):
    text, point = PROGRAMS[name]
    f = wg.compile(text)
    found = f.sparse_hessian(**point)
    shapes = {n: np.shape(v) for n, v in point.items()}
    want = dense(f.hessian(**point), f.inputs, f.inputs, shapes)
    assert list(dict.fromkeys(n.partition("[")[0] for n in found.row_names)) == list(f.inputs)
    np.testing.assert_allclose(found.dense(), want, rtol=1e-12, atol=1e-12)


PACKED = [
    "sum([x, y])^2",
    "prod([x, y])*x",
    "norm([x, y, 2])",
    "[x, y] @ [y, x]",
    "u = [x*y, 3]; u[0]*u[1]",
    "max([x, y])",
]


@pytest.mark.parametrize("text", PACKED)
def test_numbers_packed_into_an_array_depend_on_it_by_elements(text):
    """Inputs that are numbers, and arrays on the way: derivatives with a pattern are those without one."""
    f, point = wg.compile(f"input x, y; {text}"), {"x": 0.5, "y": 2.0}
    shapes = dict.fromkeys(f.inputs, ())
    hessian, jacobian = f.hessian(**point), f.jacobian(**point)
    np.testing.assert_allclose(
        f.sparse_hessian(**point).dense(), dense(hessian, f.inputs, f.inputs, shapes), rtol=1e-12
    )
    np.testing.assert_allclose(
        f.sparse_jacobian(**point).dense(), [[jacobian[f.outputs[0], n] for n in f.inputs]], rtol=1e-12
    )
    diagonal = f.hessian_diagonal(**point)
    np.testing.assert_allclose(
        [diagonal[n] for n in f.inputs], [hessian[n, n] for n in f.inputs], rtol=1e-12, atol=1e-15
    )
    linear = [n for n in f.inputs if f.structure().how(f.outputs[0], n) == "linearly"]
    assert all(hessian[n, n] == 0 for n in linear)


@pytest.mark.parametrize("text", ["sort(x)", "share_runs(x, x)", "run_value(x, x)", "run_total(x, x)", "x[x[0]]"])
def test_what_depends_on_values_has_no_pattern(text):
    """Which elements are equal, or the smaller, a list of names does not know."""
    with pytest.raises(wg.WengertError, match="W212"):
        wg.compile(f"input x[3]; {text}").sparse_jacobian(x=np.array([1.0, 1.0, 2.0]))


def test_a_sparse_jacobian_is_the_dense_one():
    f = wg.compile("y = A @ x; z = y[0]*x; output y, z, sum(x)")
    point = {"A": np.arange(4.0).reshape(2, 2), "x": np.array([0.5, -2.0])}
    found = f.sparse_jacobian(**point)
    matrix = f.jacobian(**point)
    shapes = {"A": (2, 2), "x": (2,), f.outputs[0]: (2,), f.outputs[1]: (2,), f.outputs[2]: ()}
    want = dense(matrix, f.outputs, f.inputs, shapes)
    np.testing.assert_allclose(found.dense(), want, rtol=1e-14)
    assert found.shape == (5, 6)
    assert found.row_names[:2] == ("y[0]", "y[1]")
    assert found.column_names == ("A[0,0]", "A[0,1]", "A[1,0]", "A[1,1]", "x[0]", "x[1]")
    assert len(found.values) < want.size  # zeros that are zero everywhere are not there


def test_rosenbrock_has_2998_nonzeros_at_a_thousand():
    x = np.linspace(0.5, 1.5, 1000)
    for text in (ROSENBROCK, VECTORS):
        assert len(wg.compile(text).sparse_hessian(x=x).values) == 2998


def test_scipy_has_the_same_matrix():
    pytest.importorskip("scipy")
    found = wg.compile(ROSENBROCK).sparse_hessian(x=[1.0, 2.0, 3.0])
    np.testing.assert_array_equal(found.scipy().toarray(), found.dense())


@pytest.mark.parametrize(
    ("text", "point", "said"),
    [
        ("sum(x[k])", {"x": [1.0, 2.0], "k": 1.0}, "cannot be taken apart"),
        ("x*y", {"x": [1.0, 2.0], "y": 1.0}, "batch"),
    ],
)
def test_what_has_no_sparse_derivatives_says_why(text, point, said):
    with pytest.raises(wg.WengertError, match=said):
        wg.compile(text).sparse_jacobian(**point)


def test_a_sparse_hessian_is_of_one_number():
    with pytest.raises(wg.UsageError, match="a number"):
        wg.compile("input x[2]; x^2").sparse_hessian(x=[1.0, 2.0])


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "wengert", *words], capture_output=True, text=True, check=False)


def test_the_command_prints_what_the_api_answers():
    done = command("hessian", ROSENBROCK, "--x", "[1,2,3,4]", "--sparse", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    found = wg.compile(ROSENBROCK).sparse_hessian(x=[1.0, 2.0, 3.0, 4.0])
    assert (answer["rows"], answer["columns"]) == (found.rows.tolist(), found.columns.tolist())
    assert answer["values"] == found.values.tolist()
    assert answer["colours"] == {"star": 3, "acyclic": 2, "by columns": 3}  # of a tridiagonal matrix


def test_the_command_tells_the_structure():
    done = command("structure", "f = a*x + b; g = x*y^2 + sin(c); output f, g", "--json")
    assert done.returncode == 0, done.stderr
    how = {(p["output"], p["input"]): p["how"] for p in json.loads(done.stdout)["pairs"]}
    assert how == {
        ("f", "a"): "linearly", ("f", "x"): "linearly", ("f", "b"): "linearly",
        ("g", "x"): "linearly", ("g", "y"): "quadratically", ("g", "c"): "nonlinearly",
    }  # fmt: skip
    missing = command("structure", "A @ x")
    assert (missing.returncode, "no shape for `A`" in missing.stderr) == (2, True)
