"""Laws of plans: they give the answers of the sweeps, for every op and for random programs, call after call."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import wengert as wg
from tests.oracles.array_calls import Call, calls
from tests.oracles.array_programs import array_programs, drawn
from tests.oracles.programs import DEAR
from wengert.ground.errors import WengertError
from wengert.ground.limits import Limits
from wengert.kernels import fused_runs
from wengert.kernels.derived import with_gradient
from wengert.kernels.evaluation import Evaluation
from wengert.kernels.jacobians import value_and_gradient, values_of
from wengert.kernels.plans import NUMPY, PlanRoute
from wengert.kernels.prepared import Prepared
from wengert.lists.wengert_list import Equation, WengertList
from wengert.ops import OPS, arity

LIMITS = Limits()
# NumPy adds in the order of memory, which differs where a sweep holds a transposed array.
ORDER = 1e-12


def same(got: Any, want: Any, rounding: float = 0.0) -> None:
    """Equal shapes and types, and equal bits, or values within some roundings of their size."""
    assert len(got) == len(want)
    for a, b in zip(got, want):
        assert type(a) is type(b)
        assert np.shape(a) == np.shape(b)
        assert getattr(a, "dtype", None) == getattr(b, "dtype", None)
        if rounding:
            np.testing.assert_allclose(a, b, rtol=rounding, atol=rounding * np.max(np.abs(b), initial=0.0))
        else:
            np.testing.assert_array_equal(a, b)
            np.testing.assert_array_equal(np.signbit(a), np.signbit(b))


class Planned:
    """A list of one output, its values and its gradients by plans and by sweeps."""

    def __init__(self, wlist: WengertList, point: dict[str, Any], dtype: str = "float64") -> None:
        self.setting = Prepared(wlist, dtype=dtype)
        self.names = wlist.inputs
        call = self.at(point)
        self.values = PlanRoute(1, lambda: call.wlist, LIMITS, NUMPY)
        given = call.given
        self.gradients = PlanRoute(
            1, lambda: with_gradient(call.wlist, self.names, "mean", LIMITS, given), LIMITS, NUMPY
        )  # fmt: skip

    def at(self, point: dict[str, Any]) -> Evaluation:
        return self.setting.at(point)

    def value(self, point: dict[str, Any]) -> Any:
        with self.at(point) as call:
            return self.values.answers(call, call.wlist.outputs)

    def gradient(self, point: dict[str, Any]) -> Any:
        with self.at(point) as call:
            return self.gradients.answers(call, (call.wlist.outputs[0], *self.names))

    def swept_value(self, point: dict[str, Any]) -> Any:
        with self.at(point) as call:
            return values_of(call)

    def swept_gradient(self, point: dict[str, Any]) -> Any:
        with self.at(point) as call:
            value, partials, _ = value_and_gradient(call, self.names, "mean", "reverse", False)
            return [value, *partials]


def of_call(call: Call) -> tuple[WengertList, dict[str, Any]]:
    """A call of an op, and a sum of its elements that is smooth in each of them."""
    point = {f"x{k}": a for k, a in enumerate(call.args)}
    equations = [
        Equation("y", call.op, tuple(point)), Equation("s", "sin", ("y",)), Equation("t", "mul", ("s", "y")),
        Equation("f", "sum", ("t",)),
    ]  # fmt: skip
    return WengertList(equations, tuple(point), ["f"], shapes={n: np.shape(a) for n, a in point.items()}), point


@pytest.mark.parametrize("call", list(calls()), ids=lambda call: call.id)
def test_every_array_op(call):
    wlist, point = of_call(call)
    planned = Planned(wlist, point)
    for _ in range(3):
        same(planned.value(point), planned.swept_value(point), ORDER)
        same(planned.gradient(point), planned.swept_gradient(point), ORDER)


EDGES = [
    0.0,
    -0.0,
    0.5,
    -0.5,
    1.0,
    -1.0,
    2.0,
    -2.0,
    0.3,
    -7.25,
    30.0,
    -750.0,
    750.0,
    1e-310,
    1e300,
    np.inf,
    -np.inf,
    np.nan,
]
ELEMENTWISE = [row for row in OPS.values() if row.array is None]
SLOW = {"dsinc"}  # not an op: named here for its price


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_every_elementwise_op(row, dtype):
    """At every edge value; with a number, a literal and a smaller array for each argument in turn."""
    rng = np.random.default_rng(len(row.name))
    least = max(arity(row)[0], 1)
    counts = [least, least + 2] if "*" in row.params else [least]
    if row.name in SLOW or row.name in DEAR:
        return
    with np.errstate(all="ignore"):
        for n in counts:
            names = [f"x{k}" for k in range(n)]
            for odd in range(n + 1):
                for kind in ("number", "literal", "row") if odd < n else ("whole",):
                    point: dict[str, Any] = {
                        m: rng.permuted(np.array(EDGES * 2)).reshape(4, 9).astype(dtype) for m in names
                    }
                    args: list[Any] = list(names)
                    if kind == "literal":
                        args[odd] = (2.0, 0.5, 3.0, -1.0)[odd % 4]
                        del point[names[odd]]
                    elif kind == "number":
                        point[names[odd]] = 2.0
                    elif kind == "row":
                        point[names[odd]] = point[names[odd]][0]
                    if not any(np.ndim(v) for v in point.values()):
                        continue
                    shapes = {m: np.shape(v) for m, v in point.items() if np.ndim(v)}
                    wlist = WengertList(
                        [Equation("y", row.name, tuple(args)), Equation("f", "mul", ("y", 0.5))], tuple(point), ["f"],
                        shapes=shapes,
                    )  # fmt: skip
                    planned = Planned(wlist, point, dtype)
                    want = planned.swept_value(point)
                    for _ in range(2):
                        same(planned.value(point), want)


@given(array_programs(most=14), st.integers(0, 2**32 - 1))
def test_random_programs(program, seed):
    wlist, point = program
    other = {n: drawn(np.shape(v), seed + k) for k, (n, v) in enumerate(point.items())}
    planned = Planned(wlist, point)
    assume(planned.setting.arrays)
    for at in (point, other, point):
        try:
            want = planned.swept_value(at)
        except WengertError:
            with pytest.raises(WengertError):
                planned.swept_value(at)
            assert planned.value(at) is None
            continue
        same(planned.value(at), want, ORDER)


@given(array_programs(most=14, scalar=True), st.integers(0, 2**32 - 1))
def test_random_gradients(program, seed):
    wlist, point = program
    planned = Planned(wlist, point)
    assume(planned.setting.arrays)
    planned.gradient(point)
    want = planned.swept_gradient(point)
    same(planned.gradient(point), want, ORDER)


@given(array_programs(most=12, scalar=True))
def test_runs_in_blocks(program):
    """Blocks of a few elements, so that every run is cut."""
    wlist, point = program
    planned = Planned(wlist, point)
    assume(planned.setting.arrays)
    kept = fused_runs.BLOCK, fused_runs.LARGE
    fused_runs.BLOCK, fused_runs.LARGE = 2, 2
    try:
        for _ in range(2):
            same(planned.value(point), planned.swept_value(point), ORDER)
            same(planned.gradient(point), planned.swept_gradient(point), ORDER)
    finally:
        fused_runs.BLOCK, fused_runs.LARGE = kept


BATCHED = {
    "input A[m,n], x[n]\nsum(tanh(A @ x)^2)": {"A": (5, 3, 4), "x": (4,)},
    "input x[n], s\nsum(softmax(x)*s) + max(x)*relu(s)": {"x": (6, 3), "s": (6,)},
    "input x[n], s\noutput x*s, x[0] + s": {"x": (6, 3), "s": ()},
    "op soft(a, b) = log(1 + exp(a*b)) with d/da = b*sigmoid(a*b), d/db = a*sigmoid(a*b)\n"
    "input x[n], b[n]\nsum(soft(x, b)) + soft(x[0], 2)":
        {"x": (3,), "b": (3,)},
    "input x[n]\nsum(x[i]^2*i for i in 0:3) + sum([x[2], x[1]]) + sum(where(x > 0, x, 0))": {"x": (3,)},
    "input x[n]\nd(sum(x^3), x) @ x": {"x": (4,)},
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("text", BATCHED)
def test_functions(text, dtype):
    """Through a Function: with batches, ops of a program's own, indexes, derivatives as expressions."""
    f, plain = (wg.compile(text, dtype=dtype, kernel=kernel) for kernel in ("auto", "interpreter"))
    rng = np.random.default_rng(3)
    for scale in (1, 2, 1, 1):
        shapes = {n: (s[0] * scale, *s[1:]) if s == (6, 3) else s for n, s in BATCHED[text].items()}
        shapes = {n: (6 * scale,) if s == (6,) else s for n, s in shapes.items()}
        point = {n: rng.normal(size=s) if s else 1.5 for n, s in shapes.items()}
        want = plain(point)
        for _ in range(3):
            got = f(point)
            same(got if isinstance(got, tuple) else [got], want if isinstance(want, tuple) else [want], ORDER)
            if len(f.outputs) == 1:
                (a, b), (c, d) = f.value_and_grad(point), plain.value_and_grad(point)
                same([a, *b], [c, *d], 1e-5 if dtype == "float32" else ORDER)
        assert f.kernel.startswith("numpy")
        assert plain.kernel.startswith("sweeps")


def test_answers_are_the_callers_own():
    """An answer shares memory with no input, no other answer, and nothing that is kept; inputs stay as they are."""
    text = "input A[m,n], x[n]\noutput A, A.T, A[0], x, x, A @ x, zeros(2), ones(3) + x[0]*0, sum(A), x + 0"
    f = wg.compile(text)
    point = {"A": np.arange(6.0).reshape(2, 3), "x": np.arange(3.0) + 1}
    kept = {n: v.copy() for n, v in point.items()}
    want = [np.array(v) for v in f(point)]
    for _ in range(4):
        answers = f(point)
        for a, b in zip(answers, want):
            np.testing.assert_array_equal(a, b)
        arrays = [a for a in answers if type(a) is np.ndarray]
        for k, a in enumerate(arrays):
            assert not any(np.shares_memory(a, b) for b in (*arrays[:k], *point.values()))
            a[...] = 99.0
        for n, v in point.items():
            np.testing.assert_array_equal(v, kept[n])
    assert f.kernel.startswith("numpy")


@pytest.mark.parametrize("text", [
    "sum(A) + x @ x", "sum(A @ x) + x[0]", "sum(A*A) + sum(x*x)", "sum(tanh(A @ x)^2)", "sum(A[0])*x[1] + s",
    "s*sum(x) + max(A)", "sum(stop_gradient(A)) + s", "sum(where(A > 1, A, A^2))*s",
])  # fmt: skip
def test_gradients_are_the_callers_own(text):
    """Likewise for calls that go to a plan at once, with values by position, by name, or as a mapping."""
    f, plain = (wg.compile(f"input A[m,n], x[n], s\n{text}", kernel=k) for k in ("auto", "interpreter"))
    rng = np.random.default_rng(0)
    for _ in range(5):
        point = {"A": rng.normal(size=(2, 3)), "x": rng.normal(size=3), "s": float(rng.normal())}
        kept = {n: np.array(v) for n, v in point.items()}
        want = plain.value_and_grad(point)
        held: list[Any] = [v for v in point.values() if type(v) is np.ndarray]
        for answer in (f.value_and_grad(point), f.value_and_grad(**point), f.value_and_grad(*point.values()),
                       f.value_and_grad(point, wrt=("A", "x", "s"))):  # fmt: skip
            same([answer[0], *answer[1]], [want[0], *want[1]], ORDER)
            assert answer[1].names == ("A", "x", "s")
            assert [str(n) for n in answer[1].notes] == [str(n) for n in want[1].notes]
            for a in answer[1]:
                if type(a) is np.ndarray:
                    assert not any(np.shares_memory(a, b) for b in held)
                    held.append(a)
        for a in held[2:]:
            a[...] = 99.0
        for n, v in point.items():
            np.testing.assert_array_equal(v, kept[n])
    assert f.kernel.startswith("numpy")


def test_read_only_and_strided_inputs():
    f = wg.compile("input A[m,n], x[n]\nsum(tanh(A @ x)^2)")
    rng = np.random.default_rng(0)
    a, x = rng.normal(size=(8, 6)), rng.normal(size=12)
    want = f.value_and_grad(a[::2, ::-1].copy(), x[::2].copy())
    a.flags.writeable = x.flags.writeable = False
    for _ in range(3):
        got = f.value_and_grad(a[::2, ::-1], x[::2])
        same([got[0], *got[1]], [want[0], *want[1]], ORDER)


def test_many_threads():
    """One Function from many threads: each call has memory of its own."""
    f = wg.compile("input A[m,n], x[n]\nsum(exp(-(A @ x)^2))")
    rng = np.random.default_rng(0)
    points = [{"A": rng.normal(size=(30, 40)), "x": rng.normal(size=40)} for _ in range(8)]
    wants = [f.value_and_grad(p) for p in points]
    wrong: list[Any] = []

    def call(k: int) -> None:
        for _ in range(50):
            value, gradient = f.value_and_grad(points[k])
            if value != wants[k][0] or not all(map(np.array_equal, gradient, wants[k][1])):
                wrong.append(k)

    threads = [threading.Thread(target=call, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_values_that_are_not_finite():
    """Derivatives at a value of nan are those of the sweeps, after a plan was made too."""
    f, plain = (wg.compile("input x[n]\nsum(sqrt(x))*x[0]", kernel=k) for k in ("auto", "interpreter"))
    for x in ([1.0, 2.0], [1.0, 4.0], [-1.0, 2.0], [np.inf, 1.0], [0.0, 1.0], [np.nan, 1.0]):
        got, want = f.value_and_grad(x), plain.value_and_grad(x)
        same([got[0], *got[1]], [want[0], *want[1]])
        assert [str(n) for n in got[1].notes] == [str(n) for n in want[1].notes]


def test_an_error_keeps_its_place():
    f = wg.compile("input x[n], k\ny = x[k]\ny^2")
    x = np.arange(3.0)
    for _ in range(3):
        assert f(x, 1) == 1.0
    with pytest.raises(WengertError, match="no element") as caught:
        f(x, 7)
    assert caught.value.diagnostic.span is not None


def test_limits():
    f = wg.compile("input x[n]\nsum(outer(x, x)^2)", limits=Limits(elements=100))
    for _ in range(3):
        assert f(np.ones(10)) == 100.0
        with pytest.raises(WengertError, match="elements"):
            f(np.ones(11))
    slow = wg.compile("input x[n]\nsum(sin(cos(sin(cos(x*x + 1)))))", limits=Limits(seconds=0.02, elements=10**8))
    x = np.ones(4 * 10**6)
    problems = []
    for _ in range(4):
        try:
            slow(x)
        except WengertError as problem:
            problems.append(str(problem))
    assert problems
    assert "seconds" in problems[-1]
