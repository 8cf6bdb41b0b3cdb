"""The script of a page over arrays: in Node it gives Python's values and derivatives, after every input has moved."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests.oracles.array_calls import CALLS, Call, valued
from tests.oracles.matrix_cases import CASES, arguments
from wengert.ground.limits import UNTRUSTED
from wengert.lists.array_text import shape_of
from wengert.lists.wengert_list import WengertList
from wengert.ops import OPS
from wengert.page.live_arrays import Known, live_arrays

NODE = shutil.which("node")
# Found by iteration, to a number of turns that depends on the values: no list over numbers computes them.
ITERATED = set("eigvalsh eigh_vectors svdvals svd_left svd_right tied gaps expm expm_frechet".split())


def example(name: str, seed: int) -> Call:
    """A call of an op, with other arguments of the same shapes for another seed."""
    if name in CALLS:
        statics, args = next(filter(lambda call: () not in call[1], CALLS[name]), CALLS[name][0])
        rng = np.random.default_rng(seed)
        return Call(name + statics, tuple(valued(a, rng) for a in args))
    case = next(c for c in CASES if c.op == name)
    return Call(case.op, arguments(case, seed))


def weighed(call: Call) -> tuple[wg.Function, dict[str, Any]]:
    """The sum of the elements of an op's value with weights, as a program, and a point."""
    names = tuple(f"a{k}" for k in range(len(call.args)))
    shape = np.shape(OPS[call.op].forward(*call.args))  # type: ignore[operator]
    equations: list[Any] = [("y", call.op, names), ("p", "mul", ("y", "w"))]
    if shape:
        equations.append(("s", "sum", ("p",)))
    point = dict(zip(names, call.args)) | {"w": np.random.default_rng(9).uniform(0.5, 1, shape) if shape else 0.75}
    shapes = {n: shape_of(v) for n, v in point.items()}
    return wg.compile(WengertList(equations, tuple(point), shapes=shapes)), point


def script(f: wg.Function, point: dict[str, Any]) -> tuple[Any, list[tuple[int, int]]]:
    """The script of a page at a point, with the steps back that it shows."""
    trace = f.trace(point)
    steps = [(s.k, s.i) for s in trace.reverse]
    known = Known(trace.wlist, trace.values, steps, [str(trace.output)], trace.wlist.inputs[:1], "mean")
    return live_arrays(known, UNTRUSTED), steps


def by_python(f: wg.Function, live: Any, steps: list[tuple[int, int]], point: dict[str, Any]) -> list[Any]:
    """All quantities of a script; None for those of a branch that is not taken at this point, and for derivatives of
    nan, which the page makes nan."""
    first = f.inputs[0]
    trace = f.trace(point, direction={first: np.ones(np.shape(point[first]))})
    back = {(s.k, s.i): s._asdict() for s in trace.reverse}

    def quantity(kind: str, a: Any, b: Any) -> Any:
        if kind == "value":
            return trace.values[trace.wlist.inputs[a] if isinstance(a, int) else a]
        if kind == "tangent":
            return None if np.isnan(trace.values[b]).any() else trace.tangents.get(b)
        return None if np.isnan(trace.values[str(trace.output)]).any() else back.get(steps[a], {}).get(kind)

    return [quantity(part[0], part[1], (*part, None)[2]) for part in live.parts]


def tapes(scripts: list[tuple[str, dict[str, Any]]]) -> list[list[float]]:
    calls = []
    for text, point in scripts:
        values = json.dumps([str(float(x)) for v in point.values() for x in np.ravel(v)]).replace("inf", "Infinity")
        calls.append(f"(() => {{ {text}; return [tape(...{values}.map(Number))].flat().map(String); }})()")
    code = f"console.log(JSON.stringify([{','.join(calls)}]))"
    done = subprocess.run([str(NODE), "-"], input=code, capture_output=True, text=True, check=True, timeout=60)
    return [[float(x.replace("Infinity", "inf")) for x in row] for row in json.loads(done.stdout)]


def hold(programs: list[tuple[str, wg.Function, dict[str, Any], list[dict[str, Any]]]], within: float = 1e-11) -> None:
    """The scripts made at one point give the answers at others."""
    sent, wanted = [], []
    for name, f, point, others in programs:
        live, steps = script(f, point)
        assert live.text, (name, live.why)
        for other in others:
            sent.append((live.text, other))
            wanted.append((name, live, by_python(f, live, steps, other)))
    for row, (name, live, quantities) in zip(tapes(sent), wanted, strict=True):
        cursor = 0
        for want, part, (count, shape) in zip(quantities, live.parts, live.layout, strict=True):
            got, cursor = np.array(row[cursor : cursor + count]), cursor + count
            if want is not None and part[0] != "kink":
                want = np.broadcast_to(want, shape).ravel()
                scale = max(1.0, float(np.max(np.abs(want), initial=0.0, where=np.isfinite(want))))
                np.testing.assert_allclose(
                    np.broadcast_to(got, want.shape), want, 0, within * scale, err_msg=f"{name}: {part}"
                )
        assert cursor == len(row), name


@pytest.mark.skipif(NODE is None, reason="Node is not here, which runs the page's script without a browser")
def test_every_array_op_is_computed_as_python_does() -> None:
    programs = []
    for row in OPS.values():
        if row.array is not None and row.name not in ITERATED:
            f, point = weighed(example(row.name, 0))
            programs.append((row.name, f, point, [point, weighed(example(row.name, 1))[1]]))
    assert len(programs) > 100
    hold(programs)


@pytest.mark.skipif(NODE is None, reason="Node is not here, which runs the page's script without a browser")
def test_ties_extremes_and_infinities_move_as_in_python() -> None:
    points = [[1, 1, 0], [2, 2, 2], [0, 3, 3], [800, -800, 799], [-1e5, 0, 1e-9], [-np.inf, 0, 1], [np.nan, 0, 1]]
    w = np.array([0.5, -1, 2.0])
    programs = []
    for text in ("softmax(x)", "log_softmax(x)", "logsumexp(x)*x", "sort(x)", "median(x)*x", "quantile(x, 0.25)*x",
                 "x[argmax(x)]*x", "softmax_cross_entropy(x, x)*x"):  # fmt: skip
        f = wg.compile(f"input x[3], w[3]\nsum(w*({text}))")
        others = [{"x": np.array(x, dtype=float), "w": w} for x in points]
        programs.append((text, f, {"x": np.array([1.0, 2, 3]), "w": w}, others))
    hold(programs)
    matrices = [
        [[0, 1, 2], [3, 0, 1], [1, 1, 0]],
        [[1, 2, 3], [2, 4, 6], [1, 0, 1]],
        [[1e-9, 1, 0], [1, 1, 0], [0, 0, 5]],
    ]
    for text in ("det(A)*A", "solve(A, w)", "inv(A)*A", "logdet(A)*A"):
        f = wg.compile(f"input A[3,3], w[3]\nsum(w*({text}))")
        moved = [{"A": np.array(a, dtype=float), "w": w} for a in matrices]
        hold([(text, f, {"A": np.eye(3) + 1, "w": w}, moved)])


@pytest.mark.parametrize("name", sorted(ITERATED))
def test_an_iteration_says_that_it_cannot_be_moved(name: str) -> None:
    live, _ = script(*weighed(example(name, 0)))
    assert not live.text
    assert "cannot be taken apart into numbers" in live.why
