"""One Function, or the whole package, used from many threads at once and from other processes."""

from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import Any

import pytest

import wengert as wg
from tests import FULL
from wengert.ground.limits import Limits, check_clock, within
from wengert.ops import OPS
from wengert.transforms.simplify import simplify

THREADS = 8
TEXT = """
op soft(a) = log(1 + exp(a)) with d/da = sigmoid(a)
def g(a, b) = soft(a)*max(a, b)^2 + where(a > b, sin(a), erf(b))
s = sum(g(x*i, y) for i in 1:4)
for t in 0:5 { s = s + log(1 + exp(-s))/(1 + t) }
f = s + d(s, x)*y
expect f = 1
f
"""
POINTS = [{"x": k / 7 - 1.0, "y": (k * k % 11) / 5 - 1.0} for k in range(40)]


@pytest.fixture(autouse=True)
def _hurried() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def answers(f: wg.Function, point: dict[str, float]) -> tuple[Any, ...]:
    """All that a function answers at a point."""
    value, gradient = f.value_and_grad(point)
    return (
        value, gradient, gradient.notes, f.value_and_grad(point, mode="forward"), f.hessian(point), f.jacobian(point),
        f.hvp(point, point), f.taylor(point, point, 3), f.error_bounds(point), f.trace(point).adjoints,
        [e.value for e in f.check_expects(point)], str(f), f.receipts,
    )  # fmt: skip


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls answer, each in a thread of its own, begun together."""
    barrier = threading.Barrier(len(calls))

    def begun(call: Callable[[], Any]) -> Any:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(begun, call) for call in calls]]


def test_one_function_in_many_threads() -> None:
    points = POINTS[: THREADS if FULL else THREADS // 2]
    expected = [answers(wg.compile(TEXT), p) for p in points]
    for _ in range(3 if FULL else 1):
        fresh = wg.compile(TEXT)
        assert at_once(*(partial(answers, fresh, p) for p in points)) == expected


def test_kernels_made_while_other_threads_ask_for_other_things() -> None:
    """Each thread runs the kernel it asked for, also where several are made of one function at a time."""
    text, point, along = "x*y + sin(x)", (0.5, 2.0), (1.0, 0.0)
    asked: list[Callable[[wg.Function], Any]] = [
        lambda f: f(*point),
        lambda f: f.value_and_grad(*point),
        lambda f: f.grad(*point, wrt="y"),
        lambda f: f.jvp(point, along),
        lambda f: f.vjp(point, 3.0),
        lambda f: f.hvp(point, along),
        lambda f: f.jacobian(*point),
        lambda f: f.hessian(*point),
    ]
    expected = [[ask(wg.compile(text))] * 12 for ask in asked]
    for _ in range(20):
        fresh = wg.compile(text)
        assert at_once(*[lambda f=fresh, ask=ask: [ask(f) for _ in range(12)] for ask in asked]) == expected


def test_one_gradient_read_by_many_threads() -> None:
    """Its notes are worked out when they are first asked for."""
    f = wg.compile("abs(x) + max(x, y)")
    for _ in range(50):
        g = f.grad(0.0, 0.0)
        found = at_once(*[lambda g=g: g.notes] * THREADS)
        assert [len(notes) for notes in found] == [2] * THREADS


def test_the_notes_of_a_gradient_are_read_once() -> None:
    """Between two readings another thread may put the notes in the place of what makes them."""

    class Raced(wg.Gradient):
        readings = count()
        _notes = property(lambda self: () if next(self.readings) else tuple, lambda self, notes: None)

    assert Raced(["x"], [1.0]).notes == ()


COLD = """
import sys, threading
sys.setswitchinterval(1e-6)
import wengert as wg
from wengert.transforms.simplify import simplify
texts = sys.stdin.read().split("\\0")
found, barrier = [None]*len(texts), threading.Barrier(len(texts))
def work(k):
    barrier.wait()
    f = wg.compile(texts[k])
    g = f.grad(0.5, 0.25)
    found[k] = repr((f(0.5, 0.25), tuple(g), len(g.notes), f.receipts, len(simplify(f.gradient_list)[0])))
threads = [threading.Thread(target=work, args=(k,)) for k in range(len(texts))]
[t.start() for t in threads]
[t.join() for t in threads]
print("\\n".join(map(str, found)))
"""


def test_the_first_use_of_everything_by_many_threads() -> None:
    """Rules and patterns are read when they are first needed: in a new process, by all threads at the same time."""
    texts = ["x^y", "log(1 + exp(x*y))", "sqrt(x^2 + y^2)", "max(x, y)*abs(y)", "erf(x)/gamma(y)", "x/(1 + exp(-y))",
             "atan2(y, x)", "where(x > y, x^y, y^x)"]  # fmt: skip
    expected = []
    for text in texts:
        f = wg.compile(text)
        g = f.grad(0.5, 0.25)
        smaller = simplify(f.gradient_list)[0]
        expected.append(repr((f(0.5, 0.25), tuple(g), len(g.notes), f.receipts, len(smaller))))
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", COLD], input="\0".join(texts), capture_output=True, text=True,
                              timeout=120, check=True)  # fmt: skip
        assert done.stdout.splitlines() == expected


def test_compiling_while_ops_are_registered() -> None:
    numbers = count()
    stop = threading.Event()

    def register() -> int:
        done = 0
        while not stop.is_set():
            name = f"op_{next(numbers)}"
            wg.register(name, lambda a: 2 * a, "2")
            with pytest.raises(wg.WengertError):
                wg.register(f"{name}_wrong", lambda a: a, "2*nosuch(a)")
            assert wg.compile(f"{name}(x)").grad(1.0)["x"] == 2.0
            done += 1
        return done

    def compile_() -> list[Any]:
        try:
            found = []
            for k in range(60):
                f = wg.compile(f"log(1 + exp({k}*x))*sin(x)")
                assert "_wrong" not in " ".join(OPS)
                with pytest.raises(wg.UnknownName):
                    wg.compile("sni(x)")
                found.append((f(0.5), f.grad(0.5)))
            return found
        finally:
            stop.set()

    registered, *compiled = at_once(register, compile_, compile_, compile_)
    assert registered > 0
    assert compiled[0] == compiled[1] == compiled[2]
    assert not [name for name in OPS if name.endswith("_wrong")]


def test_of_two_who_register_a_name_one_does() -> None:
    def attempt(name: str, factor: float) -> float:
        try:
            wg.register(name, lambda a: factor * a, [lambda a, y: factor])
        except wg.UsageError:
            return 0.0
        return factor

    for k in range(20):
        name = f"contested{k}"
        found = at_once(*(partial(attempt, name, float(n)) for n in range(1, THREADS + 1)))
        (winner,) = [a for a in found if a]
        f = wg.compile(f"{name}(x)")
        assert (f(1.0), f.grad(1.0)["x"]) == (winner, winner)


def test_the_clock_is_each_thread_s_own() -> None:
    def hurried() -> str:
        with within(Limits(seconds=1e-6)):
            time.sleep(0.02)
            try:
                check_clock()
            except wg.LimitError:
                return "late"
        return "in time"

    def patient() -> str:
        for _ in range(20):
            check_clock()
            time.sleep(0.002)
        return "in time"

    assert at_once(hurried, patient, hurried, patient) == ["late", "in time"] * 2


def test_errors_of_threads_do_not_mix() -> None:
    def fail(k: int) -> str:
        with pytest.raises(wg.WengertError) as caught:
            wg.compile("x + 1\n" * k + f"nosuch{k}(x)")
        return str(caught.value)

    for k, said in enumerate(at_once(*(partial(fail, k) for k in range(THREADS)))):
        assert f"nosuch{k}" in said
        assert f"<text>:{k + 1}:1" in said


def _answers(task: tuple[wg.Function, dict[str, float]]) -> bytes:
    return pickle.dumps(answers(*task))


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_functions_travel_to_other_processes(method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    f = wg.compile(TEXT, kink="left", limits=Limits(equations=5000))
    tasks = [(f, p) for p in POINTS[:6]]
    with multiprocessing.get_context(method).Pool(2) as pool:
        found = [pickle.loads(raw) for raw in pool.map(_answers, tasks)]
    assert found == [answers(*task) for task in tasks]
    again = pickle.loads(pickle.dumps(f))
    assert (again, again.limits, again.kink) == (f, f.limits, "left")


def test_a_limit_error_travels_back() -> None:
    f = wg.compile(TEXT, limits=Limits(equations=200))
    with multiprocessing.get_context("spawn").Pool(1) as pool, pytest.raises(wg.LimitError, match="`equations`"):
        pool.map(_answers, [(f, POINTS[0])])
