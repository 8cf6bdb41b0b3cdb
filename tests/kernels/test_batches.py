"""Kernels of batches give the answers of the sweeps over arrays: over rows, programs, lengths and layouts.

A kernel that is added is one more entry of `BATCHES`, and all that follows holds for it.
"""

from __future__ import annotations

import random
import threading
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert as wg
from tests import FULL
from tests.kernels.batch_answers import EDGES, KERNELS, agree, flat, pair, points, ran
from tests.kernels.test_kernels import places
from tests.oracles.programs import ELEMENTWISE, programs
from wengert.ground.limits import within
from wengert.kernels import batch_calls, batches, routes
from wengert.kernels.native import lane_writer
from wengert.kernels.native.reach import keeps_bits
from wengert.ops import OPS

pytestmark = pytest.mark.parametrize("kernel", KERNELS)


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_a_row_at_its_edges(row, kernel):
    count = len(row.params.split()) + ("*" in row.params)
    names = tuple(f"x{i}" for i in range(count))
    for dtype in ("float64", "float32"):
        if (dtype, kernel) == ("float32", "native") and not FULL and row.name not in ("add", "exp", "where"):
            continue  # it hands over to the kernel `numpy`, which is tried on every row
        f, g = pair(wg.WengertList([("y", row.name, names)], names), kernel, fuse=False, dtype=dtype)
        with np.errstate(all="ignore"):
            given = [np.array(a, dtype) for a in zip(*places(row, count))]
        ulps = 2 * row.ulps if kernel != "numpy" else 0.0
        agree(f.value_and_grad(*given), g.value_and_grad(*given), ulps)
        agree(f(*given), g(*given), ulps)
        assert ran(f, kernel if dtype == "float64" else "numpy")
        assert g.kernel.startswith("sweeps")


@pytest.mark.parametrize("kink", ["mean", "left", "right"])
def test_every_derivative_of_random_programs(kernel, kink, monkeypatch):
    # Sums that cancel show the last bits of their terms: here no function over lanes may have others than the sweeps.
    monkeypatch.setattr(lane_writer.LaneWriter, "most", 0.0)

    # At kinks each point of a batch is worked out alone, so that an example takes long.
    @given(programs(outputs=3, most=12), st.integers(0, 5), st.booleans())
    @settings(deadline=None, max_examples=2 * settings.default.max_examples // 5)
    def law(program, seed, some):
        wlist, point = program
        f, g = pair(wlist, kernel, kink=kink)
        if not point or kernel == "native" and not all(keeps_bits(OPS[e.op]) for e in wlist.equations):
            return
        given = points(point.values(), 40, seed)
        if some:
            given[0] = float(given[0][0])
        if all(type(v) is float for v in given):
            return
        direction = [0.3 + k for k in range(len(point))]
        direction[-1] = given[-1] if type(given[-1]) is not float else 1.0
        weights = [1.5 - k for k in range(len(f.outputs))]
        asked = [
            lambda f: f(*given), lambda f: f.jvp(given, direction), lambda f: f.vjp(given, weights),
            *(lambda f, mode=mode: f.jacobian(*given, mode=mode) for mode in ("auto", "reverse", "forward", "mixed")),
        ]  # fmt: skip
        if len(f.outputs) == 1:
            asked += [
                lambda f: f.value_and_grad(*given), lambda f: f.value_and_grad(*given, wrt=f.inputs[:1]),
                lambda f: f.hvp(given, direction), lambda f: f.hessian(*given),
            ]  # fmt: skip
        for ask in asked:
            found, wanted = ask(f), ask(g)
            assert ran(f, kernel)
            # The list and the sweep share steps in other ways, and some sums have another order.
            for a, b in zip(flat(found), flat(wanted), strict=True):
                assert a.shape == b.shape
                assert ((a != a) == (b != b)).all()
                np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-300)

    law()


@pytest.mark.parametrize("text", [
    "-x*0.5 - -y", "x - -y*z", "-(x*y)/z - -x", "-x/-y", "-(-x)*y", "100*(2*x) + 0.25*(2*y)", "x/8 + -y/3", "-(x/y)",
    "sigmoid(x) + sigmoid(-x)*y", "sigmoid(-x)*sigmoid(x)/sigmoid(-(-x))", "(-x)^2 + abs(-y) + x^3*z", "x^0.5*y^-1",
    "(x > 0)*y + (y < z)", "where(x > y, -x, y*z)", "(x if y > 0 and x < 1 else z)*x", "not (x > 0) or y",
    "(x > y) + (x > y)*z == 1", "max(x, y)*z", "-x + -y", "hypot(x, y, z)", "x", "3", "2*3 + pi", "relu(x)*exp10(y)",
    "a = x*y\nb = -x\nc = x\noutput a, c, 3, a, b, c", "a = -x\nb = -a\noutput a, b, a*b, x > 0",
    "op twice(a) = a + 2*a with d/da = 3\nop more(a) = twice(a)*a with d/da = 6*a\nmore(x) + twice(y)*more(z)",
    "op same(a) = a with d/da = 1\nop seven(a) = 7 with d/da = 0\nsame(x)*seven(y)", "d(x*sin(x*y), x)*y",
])  # fmt: skip
def test_steps_that_are_written_in_another_way(text, kernel):
    names = [n for n in "xyz" if n in text] or ["x"]
    f, g = pair(f"input {', '.join(names)}\n{text}", kernel, fuse=False)
    given = [np.array(a) for a in zip(*[[random.Random(f"{k}{n}").choice(EDGES) for n in names] for k in range(900)])]
    for some in ([], [0], [len(names) - 1]):
        mixed = [1.25 if k in some and len(names) > 1 else v for k, v in enumerate(given)]
        agree(f(*mixed), g(*mixed), 4 if kernel != "numpy" else 0)
        for a, b in zip(flat(f.jacobian(*mixed)), flat(g.jacobian(*mixed)), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=5e-324)
        assert ran(f, kernel)


def test_a_derivative_is_nan_where_the_value_is(kernel):
    f, g = pair("where(x > 0, y, log(x)) + x*0", kernel)
    x, y = np.array([1.0, -1.0, np.nan, np.inf, 0.0] * 4000), np.arange(20000.0)
    agree(f.value_and_grad(x, y), g.value_and_grad(x, y))
    agree(f.hessian(x, y), g.hessian(x, y))


# Lengths and layouts


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_length(dtype, kernel):
    f, g = pair("x*exp(-y) + sqrt(x)/y", kernel, dtype=dtype)
    large = (1000, 32767, 32768, 32769, 65537, 100003)
    for n in (*range(71), *large):
        with np.errstate(all="ignore"):
            given = [a.astype(dtype) for a in points((1.0, 2.0), n, n)]
        agree(f.value_and_grad(*given), g.value_and_grad(*given), 8 if kernel != "numpy" else 0)


def layouts() -> dict[str, list]:
    choose = np.random.default_rng(3)
    a, b, c = (choose.uniform(0.5, 2.0, (6, 7)) for _ in range(3))
    unaligned = np.frombuffer(b"\0" + a.tobytes(), np.uint8)[1:].view(float).reshape(6, 7)
    fixed = a.copy()
    fixed.flags.writeable = False
    return {
        "alike": [a, b, c], "rows and columns": [a[:1], b[:, :1], c], "outer": [a[:1], b[:, :1], 2.0],
        "fewer axes": [a[0], b, 1.5], "one element": [a[:1, :1], b, c[0, :1]], "read-only": [fixed, b, c],
        "strided": [a[::2, ::3], b[1::2, ::3], c[::-2, ::-3]], "transposed": [a.T, b.T, np.asfortranarray(c.T)],
        "mixed order": [a, np.asfortranarray(b), c], "unaligned": [unaligned, b, c], "same array": [a, a, a],
        "one axis": [a[0, ::2], b[0, :4], c[:4, 0]], "reversed": [a[0, ::-1], b[0], c[0]],
        "broadcast": [np.broadcast_to(v, (6, 7)) for v in (a[0, 0], b[0], c[:, :1])],
        "one point": [a[:1, 0], b[0, 0], c[0, 0]], "many axes": [a.reshape(2, 3, 7), b[:3], c[0]],
        "empty": [a[:0], b[:0], c[:1]], "integers": [np.arange(1, 8), b, c], "no axes": [np.array(1.5), b, c],
        "swapped bytes": [a.astype(">f8"), b.astype("f4"), c], "a list": [[1.0, 2.0, 3.0], 2.0, (4.0, 5.0, 6.0)],
    }  # fmt: skip


@pytest.mark.parametrize("layout", layouts())
def test_a_layout(layout, kernel):
    f, g = pair("x*exp(-y) + sqrt(x)/y*z + x", kernel)
    given = layouts()[layout]
    before = [np.array(v, copy=True) for v in given]
    ulps = 4 if kernel != "numpy" or layout in ("one element", "broadcast") else 0
    agree(f.value_and_grad(*given), g.value_and_grad(*given), ulps)
    agree(f(*given), g(*given), ulps)
    agree(f.hessian(*given), g.hessian(*given), 8)
    k = f.bind("value_and_grad")
    agree(k(*given), flat(f.value_and_grad(*given)), ulps)
    assert all(np.array_equal(a, np.array(b)) for a, b in zip(before, given))
    assert ran(f, kernel)


def test_arrays_of_any_layout_are_cut_into_pieces(kernel, monkeypatch):
    f, g = pair("x*y + exp(y)*x", kernel)
    for piece in (1 << 6, 1 << 12, 1 << 17):
        monkeypatch.setattr(batch_calls, "PIECE", piece)
        x, y = np.linspace(0.0, 1.0, 7)[:, None], np.linspace(0.0, 3.0, 1500)
        agree(f.value_and_grad(x, y), g.value_and_grad(x, y), 4)
        x = np.asfortranarray(np.linspace(0.0, 1.0, 6000).reshape(5, 300, 4))
        agree(f.value_and_grad(x, 0.5), g.value_and_grad(x, 0.5), 4)
        out = np.empty((4, 300, 5)).T, np.empty((4, 300, 5, 2)).T
        f.bind()(x, 0.5, out=out)
        agree([out[0], *out[1]], g.value_and_grad(x, 0.5), 4)


def test_answers_are_new_arrays_of_the_batch(kernel):
    f = wg.compile("a = x\nb = y\nc = x*y\noutput a, 3, a, b, c", kernel=kernel)
    x, y = np.arange(5.0), np.arange(5.0)
    found = f(x, y)
    for k, a in enumerate(found):
        assert (a.flags.owndata, a.flags.writeable, a.shape) == (True, True, (5,))
        assert not any(np.shares_memory(a, b) for b in (x, y, *found[:k]))


def test_memory_is_inputs_outputs_and_little_more(kernel):
    f = wg.compile("q*(E + B*v*sin(w))*exp(-r/2)/sqrt(1 - v^2/9)", kernel=kernel)
    n = 1 << 20
    given = [np.broadcast_to(0.5, (n,)), np.ones((1, n))[0], *(np.full(n, 0.3) for _ in range(4))]
    f.value_and_grad(*given)
    tracemalloc.start()
    try:
        found = f.value_and_grad(*given)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < sum(a.nbytes for a in flat(found)) + (64 << 20)


# Choice


def test_a_kernel_runs_when_it_pays(kernel):
    f = wg.compile("x*y + sin(x)")
    x = np.linspace(0.0, 1.0, 10)
    assert f(x, 2.0).shape == (10,)
    assert f.kernel.startswith("sweeps: a batch of 10 points and 3 equations, ")
    for _ in range(200):
        f(x, 2.0)
    assert not f.kernel.startswith("sweeps")
    f.value_and_grad(np.linspace(0.0, 1.0, 200_000), 2.0)
    assert "a batch of 200000 points and 3 equations, the fastest for these" in f.kernel


def test_a_forced_kernel_says_which_ran(kernel):
    x = np.linspace(0.0, 1.0, 10)
    f = wg.compile("x*y + sin(x)", kernel=kernel)
    f(x, 2.0)
    assert f.kernel == f"{kernel}: a batch of 10 points and 3 equations, as asked for"
    for other in ("python", "interpreter"):
        g = wg.compile("x*y + sin(x)", kernel=other)
        for _ in range(200):
            g(x, 2.0)
        assert g.kernel == f"sweeps: a batch of 10 points and 3 equations, as `{other}` is for one point"


def test_a_kernel_that_takes_no_such_batch_hands_over(kernel, monkeypatch):
    x = np.linspace(0.0, 1.0, 10)
    monkeypatch.setattr(routes, "demand", lambda name: None)
    f = wg.compile("x*y + sin(x)", kernel="bytecode")
    agree(f.value_and_grad(x, 2.0), wg.compile("x*y + sin(x)").value_and_grad(x, 2.0), 8)
    assert f.kernel.endswith(": a batch of 10 points and 3 equations, as `bytecode` takes no such batch")
    none = batches.BATCHES[0]._replace(missing=lambda: "it is not here")
    monkeypatch.setattr(batches, "BATCHES", (none,))
    f = wg.compile("x*y + sin(x)", kernel="numpy")
    agree(f.value_and_grad(x, 2.0), wg.compile("x*y + sin(x)").value_and_grad(x, 2.0), 8)
    assert f.kernel == "sweeps: it is not here"


def test_one_point_goes_to_a_kernel_for_one_point(kernel):
    f = wg.compile("x*y + sin(x)", kernel="numpy")
    for _ in range(3):
        assert f(1.0, 2.0) == wg.compile("x*y + sin(x)")(1.0, 2.0)
    assert f.kernel.partition(":")[2] == " a list of 3 equations, as `numpy` is for batches"


def test_sweeps_answer_where_only_they_can(kernel):
    x = np.array([-1.0, 0.0, 2.0])
    with pytest.raises(wg.KinkError):
        wg.compile("abs(x)", kernel=kernel, kink="error").value_and_grad(x)
    assert wg.compile("abs(x)", kernel=kernel, kink="error").value_and_grad(x + 5)[0].shape == (3,)
    with pytest.raises(wg.DomainError):
        wg.compile("log(x)", kernel=kernel, strict=True)(x)
    with pytest.raises(wg.DomainError):
        wg.compile("log(x)", kernel=kernel, strict=True).value_and_grad(x)
    f, g = pair("x*sin(x)", kernel)
    for options in ({"mode": "forward"}, {"checkpoint": True}):
        agree(f.value_and_grad(x, **options), g.value_and_grad(x, **options))
        assert f.kernel.startswith("sweeps")
    for wrong in (lambda: f(np.ones(3), v=1), lambda: f.jvp((x,), (np.ones((3, 3)),)),
                  lambda: pair("x + y", kernel)[0](np.ones(3), np.ones(4)),
                  lambda: f.jvp((np.ones((3, 1)),), (np.ones((3, 3)),))):  # fmt: skip
        with pytest.raises(wg.WengertError):
            wrong()


def test_notes_are_those_of_the_sweeps(kernel):
    for text in ("abs(x)*y", "sqrt(x)*y", "max(x, y)", "log(x) + 0*y"):
        f, g = pair(text, kernel)
        x, y = np.array([0.0, 1.0, -1.0]), np.array([2.0, 1.0, 0.5])
        for ask in (lambda f, p: f.value_and_grad(*p)[1], lambda f, p: f.jacobian(*p), lambda f, p: f.hessian(*p),
                    lambda f, p: f.vjp(p), lambda f, p: f.hvp(p, (1.0, 2.0))):  # fmt: skip
            for _ in range(2):
                assert [n.message for n in ask(f, (x, y)).notes] == [n.message for n in ask(g, (x, y)).notes]


def test_limits_hold(kernel):
    f = wg.compile("x*sin(y)", kernel=kernel, limits=wg.Limits(elements=1000))
    with pytest.raises(wg.LimitError):
        f.value_and_grad(np.ones((100, 1)), np.ones((1, 100)))
    slow = wg.compile(" + ".join(f"sin({k}*x)" for k in range(50)), kernel=kernel)
    x = np.ones(1 << 18)
    slow(x)
    start = time.monotonic()

    def often() -> None:
        for _ in range(1000):
            slow(x)

    with within(wg.Limits(seconds=0.05)), pytest.raises(wg.LimitError):
        often()
    assert time.monotonic() - start < 30


def test_an_op_of_the_callers_own(kernel):
    seen = set()
    wg.register("watched", lambda a: (seen.add(threading.get_ident()), a)[1], "1", replace=True)
    f, g = pair("watched(x)*y", kernel)
    x, y = points((1.0, 2.0), 50_000)
    agree(f.value_and_grad(x, y), g.value_and_grad(x, y))
    assert seen == {threading.get_ident()}
    wg.register("broken", lambda a: 1 / (a - 3.0), "1", replace=True)
    f, g = pair("broken(x)", kernel)
    for _ in range(2):
        agree(f(np.arange(5.0)), g(np.arange(5.0)))
