"""Kernels of batches give the answers of the sweeps over arrays: over rows, programs, lengths, layouts, threads.

A kernel that is added is one more entry of `BATCHES`, and all that follows holds for it.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert as wg
from tests.kernels.test_kernels import places
from tests.oracles.programs import ELEMENTWISE, programs
from wengert.ground import environment
from wengert.ground.errors import ShapeError
from wengert.ground.limits import within
from wengert.kernels import batch_calls, batches, blocked_numpy, routes, workers
from wengert.kernels.native import lane_writer
from wengert.kernels.native.reach import keeps_bits
from wengert.ops import OPS

KERNELS = list(dict.fromkeys(entry.kernel.name for entry in batches.BATCHES if not entry.missing()))
EDGES = [0.0, -0.0, 5e-324, 1.0, -1.0, 0.5, 2.0, 700.0, -746.0, 1e308, -1e308, np.inf, -np.inf, np.nan]

pytestmark = pytest.mark.parametrize("kernel", KERNELS)


def same(found: np.ndarray, wanted: np.ndarray, ulps: float = 0.0) -> bool:
    """Whether arrays of one shape and type agree: bit for bit but for nan, or within some ulps."""
    if found.shape != wanted.shape or found.dtype != wanted.dtype:
        return False
    kind = f"i{found.itemsize}"
    alike = (found.view(kind) == wanted.view(kind)) | ((found != found) & (wanted != wanted))
    with np.errstate(all="ignore"):
        near = abs(found - wanted) <= ulps * np.spacing(abs(wanted))
    return bool((alike | near).all())


def flat(found) -> list[np.ndarray]:
    if isinstance(found, np.ndarray):
        return [found]
    return [a for part in found for a in flat(part)]


def agree(found, wanted, ulps: float = 0.0) -> None:
    found, wanted = flat(found), flat(wanted)
    assert len(found) == len(wanted)
    for k, (a, b) in enumerate(zip(found, wanted)):
        assert same(a, b, ulps), (k, a[:9], b[:9])


def pair(program, kernel: str, **options) -> tuple[wg.Function, wg.Function]:
    """A program for a kernel, and for the sweeps."""
    return wg.compile(program, kernel=kernel, **options), wg.compile(program, kernel="interpreter", **options)


def points(point, n: int, seed: int = 0) -> list[np.ndarray]:
    """Arrays around a point, with some edges among them."""
    choose = np.random.default_rng(seed)
    found = []
    for v in point:
        a = v * choose.uniform(0.5, 1.5, n) + choose.normal(0, 0.1, n)
        odd = choose.random(n) < 0.1
        a[odd] = choose.choice(EDGES, odd.sum())
        found.append(a)
    return found


# Answers


def ran(f, kernel):
    """Whether a kernel ran, or handed over, as some rows have no machine code."""
    return f.kernel.startswith(kernel) or kernel == "native" and "as `native` takes no such batch" in f.kernel


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_a_row_at_its_edges(row, dtype, kernel):
    count = len(row.params.split()) + ("*" in row.params)
    names = tuple(f"x{i}" for i in range(count))
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


# Threads, processes, signals


@pytest.fixture
def four(monkeypatch):
    monkeypatch.setenv(environment.THREADS, "4")
    monkeypatch.setattr(blocked_numpy, "MANY", 1)
    monkeypatch.setattr(blocked_numpy, "WORTH", 1)


def test_threads_change_no_answer(kernel, four):
    f = wg.compile("x*exp(-y) + sqrt(x)/y*sin(x*y)", kernel=kernel)
    x, y = np.random.default_rng(0).uniform(0.1, 3.0, (2, 400_001))
    parallel = f.value_and_grad(x, y)
    os.environ[environment.THREADS] = "1"
    agree(f.value_and_grad(x, y), parallel)


def test_many_threads_call_one_function(kernel, four):
    f = wg.compile("x*exp(-y) + sqrt(x)/y", kernel=kernel)
    sizes = [3, 1000, 1000, 40_000, 400_000, 3, 1000, 400_000]
    wanted = {n: f.value_and_grad(*points((1.0, 2.0), n)) for n in sizes}
    problems = []

    def call(n: int) -> None:
        try:
            for _ in range(6):
                agree(f.value_and_grad(*points((1.0, 2.0), n)), wanted[n])
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=call, args=(n,)) for n in sizes]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not problems


def test_a_call_within_a_call(kernel, four):
    inner = wg.compile("x*sin(x)", kernel=kernel)
    x = np.linspace(0.0, 1.0, 300)
    wanted = inner(x)

    def op(a: float) -> float:
        agree(inner(x), wanted)
        return a

    wg.register("nested", op, "1", replace=True)
    agree(wg.compile("nested(x)*x", kernel=kernel)(x[:5]), x[:5] * x[:5])


def test_work_within_work_takes_no_threads(kernel, four):
    inside = []

    def outer(stop: workers.Stop) -> None:
        workers.together(lambda stop: inside.append(threading.get_ident()), 4)

    workers.together(outer, 1)
    assert inside == [threading.get_ident()]


def test_an_error_in_a_thread_comes_through(kernel, four):
    def work(stop: workers.Stop) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise ValueError("here")
        while not stop.asked:
            time.sleep(0.001)

    with pytest.raises(ValueError, match="here"):
        workers.together(work, 3)


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5"])
def test_a_number_of_threads_that_is_none(text, kernel, monkeypatch):
    monkeypatch.setenv(environment.THREADS, text)
    with pytest.raises(wg.UsageError, match=environment.THREADS):
        workers.cores()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_threads_of_its_own(kernel, four):
    f = wg.compile("x*exp(-y) + sqrt(x)/y", kernel=kernel)
    x, y = points((1.0, 2.0), 400_000)
    wanted = f.value_and_grad(x, y)
    child = os.fork()
    if not child:
        try:
            agree(f.value_and_grad(x, y), wanted)
            os._exit(0)
        except BaseException:
            os._exit(1)
    end = time.monotonic() + 60
    while (done := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < end:
        time.sleep(0.01)
    if not done[0]:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert done == (child, 0)


def test_ctrl_c_ends_a_call(kernel, four):
    f = wg.compile(" + ".join(f"sin({k}*x)" for k in range(60)), kernel=kernel)
    x = np.ones(1 << 21)
    f(x[:100_000])
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()

    def often() -> None:
        for _ in range(1000):
            f(x)

    with pytest.raises(KeyboardInterrupt):
        often()
    timer.join()
    assert f(x[:10]).shape == (10,)


# Bound functions


def test_a_bound_function_writes_into_the_callers_arrays(kernel):
    f, g = pair("x*exp(-y) + sqrt(x)/y", kernel)
    k, values = f.bind("value_and_grad"), f.bind("value")
    for shape in ((0,), (5,), (3, 4), (40_000,)):
        n = int(np.prod(shape))
        given = [a.reshape(shape) for a in points((1.0, 2.0), n)]
        value, partials = g.value_and_grad(*given)
        wanted = [value, *partials]
        agree(list(k(*given)), wanted, 8 if kernel != "numpy" else 0)
        v, whole = np.empty(shape), np.empty((2, *shape))
        apart = [np.empty(shape), np.empty((*shape, 2))[..., 1]]
        for out in (
            (v, whole),
            (v, apart),
            [v, tuple(apart)],
            (v, np.empty((*shape, 2)).transpose(-1, *range(len(shape)))),
        ):
            assert k(*given, out=out) is out
            agree([out[0], *out[1]], wanted, 8 if kernel != "numpy" else 0)
        assert values(*given, out=v) is v
        agree(v, value, 8 if kernel != "numpy" else 0)
        assert ran(f, kernel)
    two = wg.compile("a = x*y\nb = x + y\noutput a, b", kernel=kernel).bind("value")
    out = np.empty((2, 3))
    assert two(np.arange(3.0), 2.0, out=out) is out
    assert out.tolist() == [[0.0, 2.0, 4.0], [2.0, 3.0, 4.0]]
    v, whole = np.empty(()), np.empty(2)
    k(1.0, 2.0, out=(v, whole))
    assert [float(v), *whole] == list(k(1.0, 2.0))
    assert k(1.0, 2.0) == f.bind()(1.0, 2.0)
    assert type(k(1.0, 2.0)[0]) is float


def wrong_outs() -> dict[str, object]:
    v, g = np.zeros(5), np.zeros((2, 5))
    fixed = np.empty(5)
    fixed.flags.writeable = False
    return {
        "no pair": v, "one": (v,), "a number": 3, "a text": "vg", "a mapping": {"v": v}, "no array": (None, g),
        "floats": ([0.0] * 5, g), "few": (v[:4], g), "many": (v, np.empty((3, 5))), "other axes": (v, g.T),
        "single": (v.astype("f4"), g), "integers": (v, g.astype(int)), "read-only": (fixed, g), "same": (v, [v, g[0]]),
        "inside": (g[0], g), "three": (v, [g[0], g[1], np.empty(5)]), "shifted": (v, [g.ravel()[:5], g.ravel()[1:6]]),
        "one element": (np.lib.stride_tricks.as_strided(np.empty(1), (5,), (0,)), g),
        "one row": (v, np.lib.stride_tricks.as_strided(np.empty(5), (2, 5), (0, 8))),
        "rows within each other": (v, np.lib.stride_tricks.as_strided(np.empty(6), (2, 5), (8, 8))),
    }  # fmt: skip


@pytest.mark.parametrize("case", wrong_outs())
def test_an_out_that_does_not_fit(case, kernel):
    k = wg.compile("x*y", kernel=kernel).bind("value_and_grad")
    with pytest.raises((wg.UsageError, ShapeError)) as caught:
        k(np.ones(5), np.ones(5), out=wrong_outs()[case])
    assert "out" in str(caught.value)


def test_inputs_are_never_written_to(kernel):
    k = wg.compile("x*y", kernel=kernel).bind("value_and_grad")
    whole = np.ones((4, 5))
    x, y = whole[0], whole[1]
    for out in ((x, whole[2:]), (whole[2], whole[1:3]), (np.empty(5), whole.ravel()[3:13].reshape(2, 5)),
                (np.lib.stride_tricks.as_strided(whole[0], (5,), (-0,)), whole[2:])):  # fmt: skip
        with pytest.raises(wg.UsageError, match=r"shares? memory"):
            k(x, y, out=out)
    assert (whole == 1.0).all()
    columns = np.ones((5, 4))
    k(columns[:, 0], columns[:, 1], out=(columns[:, 2], [columns[:, 3], np.empty(5)]))
    assert (columns == 1.0).all()


def test_a_bound_function_of_any_setting(kernel):
    x = np.array([-1.0, 0.0, 2.0])
    out = np.empty(3), np.empty((1, 3))
    for other in ("interpreter", "python", "auto", kernel):
        wg.compile("x^2", kernel=other).bind()(x, out=out)
        assert out[1].tolist() == [[-2.0, 0.0, 4.0]]
    with pytest.raises(wg.DomainError):
        wg.compile("log(x)", strict=True, kernel=kernel).bind()(x, out=out)
    with pytest.raises(wg.KinkError):
        wg.compile("abs(x)", kink="error", kernel=kernel).bind()(x, out=out)
    k = wg.compile("x*y", kernel=kernel).bind()
    for wrong in (lambda: k(x), lambda: k(x, x, x), lambda: k(x, "1"), lambda: k(x, np.ones(4)), lambda: k(x, 1j)):
        with pytest.raises(wg.WengertError):
            wrong()
    single = wg.compile("x*y", dtype="float32").bind()
    assert [a.dtype for a in single(x, x)] == [np.float32] * 3
    wg.register("changing", lambda a: a, "1", replace=True)
    f = wg.compile("changing(x)", kernel=kernel)
    k = f.bind("value")
    assert k(x)[0].tolist() == f(x).tolist() == [-1.0, 0.0, 2.0]
    wg.register("changing", lambda a: a + 1.0, "1", replace=True)
    assert k(x)[0].tolist() == f(x).tolist() == [0.0, 1.0, 3.0]
