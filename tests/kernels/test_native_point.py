"""Machine code called as a function of Python's own: for any arguments it does as the sweeps do, and it leaks nothing.

All laws hold for both ways into Python's objects: their places in memory, and the calls of the stable interface.
"""

from __future__ import annotations

import copy
import gc
import inspect
import math
import pickle
import sys
import threading
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wengert as wg
from tests import FULL
from tests.kernels.test_kernels import bits
from wengert.kernels.kernel import FLAT, ONE, PAIR, AnswerFormat
from wengert.lists.code import code_of
from wengert.ops import OPS

pytest.importorskip("llvmlite")

from wengert.api.results import Gradient
from wengert.kernels.native import calling, compiled, places

inf, nan = math.inf, math.nan
STABLE = [False, True] if places.places() is not None else [True]


class Half(float):
    """A float that answers like another one."""

    def __mul__(self, other):
        return 0.0

    __rmul__ = __add__ = __radd__ = __mul__


# Values that a call takes as numbers, and values that it refuses.
NUMBERS = [1, True, 10**30, Half(2.5), Fraction(1, 3), np.float64(0.5), np.float32(0.1), np.int64(3), np.bool_(True)]
OTHERS = ["1", None, b"1", 1j, object(), [1.0, "a"], 10**400, {}]


def told(values=1, otherwise=None, kind=Gradient, **more):
    return AnswerFormat(values, otherwise or (lambda *args, **named: (args, named)), kind=kind, **more)


def made(text, form, stable, asked=None, gradient=False):
    """A bare function of a program, and the function itself."""
    f = wg.compile(text, fuse=False)
    wlist = f.running_list
    if gradient:
        wlist = wg.compile(f.gradient_list).running_list
        wlist = wg.WengertList(wlist.equations, wlist.inputs, (*f.running_list.outputs, *wlist.outputs))
    code = code_of(wlist)
    return calling.function(form, compiled.computing(code), asked or told(), stable)


@pytest.mark.parametrize("stable", STABLE)
@pytest.mark.parametrize("form", ["run", ONE, FLAT, PAIR])
def test_floats_in_and_floats_out(form, stable):
    k = made("a = x*y + 1; b = x - y; c = x/y; output a, b, c",
             form, stable, told(source="told"))  # fmt: skip

    @given(st.floats(-1e100, 1e100), st.floats(1e-100, 1e100))
    def law(x, y):
        want = (x * y + 1.0, x - y, x / y)
        found = k(x, y)
        if form == PAIR:
            assert type(found[1]) is Gradient
            assert found[1]._at == ("told", x, y)
            assert hash(found[1]) == hash(tuple(found[1]))
        flat = (found,) if form == ONE else found if form == FLAT else (found[0], *found[1])
        assert bits(flat) == bits(want[: len(flat)])

    law()


@pytest.mark.parametrize("stable", STABLE)
@pytest.mark.parametrize("form", [ONE, FLAT, PAIR])
def test_every_other_call_is_handed_over_as_it_is(form, stable):
    k = made("x*y", form, stable)
    for args in ((), (1.0,), (1.0, 2.0, 3.0), *((a, 2.0) for a in NUMBERS + OTHERS), *((2.0, a) for a in NUMBERS),
                 (nan, 1.0), (inf, 1.0), (1e200, 1e200)):  # fmt: skip
        found, named = k(*args)
        assert [id(a) for a in found] == [id(a) for a in args]
        assert named == {}
    assert k(1.0, y=2.0) == ((1.0,), {"y": 2.0})
    assert k(1.0, 2.0, out=3) == ((1.0, 2.0), {"out": 3})
    run = made("x*y", "run", stable)
    for args in ((), (1.0,), (1.0, 2.0, 3.0), *((a, 2.0) for a in NUMBERS + OTHERS)):
        assert run(*args) is None
    assert bits([run(nan, 1.0)[0], run(inf, 1.0)[0]]) == bits([nan, inf])


@pytest.mark.parametrize("stable", STABLE)
def test_an_error_of_the_other_function_comes_through(stable):
    def refuse(*args):
        raise KeyError(args)

    for form in (ONE, FLAT, PAIR):
        k = made("x*y", form, stable, told(otherwise=refuse))
        with pytest.raises(KeyError):
            k("a", 1.0)
        assert k(1.0, 2.0)


@pytest.mark.parametrize("stable", STABLE)
def test_a_replaced_op_ends_a_function(stable):
    k = made("x*y", FLAT, stable)
    assert k(2.0, 3.0) == (6.0,)
    OPS.replaced()
    assert k(2.0, 3.0) == ((2.0, 3.0), {})
    assert made("x*y", FLAT, stable)(2.0, 3.0) == (6.0,)


@pytest.mark.parametrize("stable", STABLE)
def test_the_last_route_is_told(stable):
    last = ["before"]
    k = made("x*y", ONE, stable, told(last=last, route="route"))
    k(1, 2.0)
    assert last == ["before"]
    k(1.0, 2.0)
    assert last == ["route"]


@pytest.mark.parametrize("stable", STABLE)
@pytest.mark.parametrize("form", ["run", ONE, FLAT, PAIR])
def test_calls_leak_nothing(form, stable):
    last, source, route = [None], object(), object()
    asked = told(last=last, source=source, route=route, otherwise=lambda *args, **named: None)
    k = made("x*y + sin(x)", form, stable, asked, gradient=True)
    x, y, text = float("1.5"), float("2.5"), "".join(["a", "b"])
    watched = (x, y, text, last, source, route, k, asked.otherwise, None, Gradient, float)
    for _ in range(3):
        k(x, y), k(text, y), k(x)
    tracemalloc.start()
    gc.collect()
    before, memory = [sys.getrefcount(a) for a in watched], tracemalloc.get_traced_memory()[0]
    for _ in range(25_000 if FULL else 1_500):
        k(x, y)
        k(text, y)
        k(x)
        k(x, nan)
    gc.collect()
    after, used = [sys.getrefcount(a) for a in watched], tracemalloc.get_traced_memory()[0] - memory
    tracemalloc.stop()
    assert max(abs(a - b) for a, b in zip(before, after)) <= 2
    assert used < 10_000


def test_functions_that_are_dropped_leave_nothing():
    gc.collect()
    held = len(calling._HELD)
    for k in range(30):
        f = wg.compile(f"x*{k}.5 + y", kernel="native")
        f.value_and_grad(1.0, 2.0)
        bound = f.bind()
        assert bound(1.0, 2.0)[0] == k + 0.5 + 2.0
        assert f(1.0, 2.0) == k + 2.5
    del f, bound
    gc.collect()
    assert len(calling._HELD) <= held + 1


def test_a_function_works_until_it_ends_in_a_cycle_of_garbage():
    found = []

    class Keeper:
        def __init__(self, k):
            self.k, self.me = k, self

        def __del__(self):
            found.append(self.k(2.0, 3.0))

    for _ in range(5):
        f = wg.compile("x*y", kernel="native")
        f.value_and_grad(1.0, 2.0)
        f._kept["keeper"] = Keeper(f.value_and_grad)
        f._kept["other"] = Keeper(f.bind())
    del f
    gc.collect()
    assert len(found) == 10
    assert all(a[0] == 6.0 for a in found)


def test_a_function_outlives_its_program():
    k, g = wg.compile("x*y").bind(), wg.compile("x*y", kernel="native")
    g.value_and_grad(1.0, 2.0)
    plain = g.value_and_grad
    del g
    gc.collect()
    assert k(2.0, 3.0) == (6.0, 3.0, 2.0)
    assert plain(2.0, 3.0)[1]["x"] == 3.0
    assert plain(2.0, 3.0)[1].notes == ()


@pytest.mark.parametrize("kernel", ["native", "python"])
def test_plain_calls_are_those_of_the_method(kernel):
    """Once `f.value_and_grad` is a bare function, it still takes everything that the method takes."""
    f, g = wg.compile("x*log(y)", kernel=kernel), wg.compile("x*log(y)", kernel="interpreter")
    f.value_and_grad(1.0, 2.0)
    assert "value_and_grad" in f.__dict__
    for args in (
        (0.5, 2.0),
        (0.5, -1.0),
        (0.5, 0.0),
        (nan, 1.0),
        *((a, 2.0) for a in NUMBERS),
        (np.array([1.0, 2.0]), 1.0),
    ):
        (a, da), (b, db) = f.value_and_grad(*args), g.value_and_grad(*args)
        assert repr((a, tuple(da), da.names)) == repr((b, tuple(db), db.names)), args
        assert [n.message for n in da.notes] == [n.message for n in db.notes]
        assert repr(f(*args)) == repr(g(*args))
    assert f.value_and_grad(0.5, y=2.0) == g.value_and_grad(0.5, 2.0)
    assert f.value_and_grad({"x": 0.5, "y": 2.0}) == g.value_and_grad(0.5, 2.0)
    assert f.value_and_grad(0.5, 2.0, wrt="y") == g.value_and_grad(0.5, 2.0, wrt="y")
    assert f.value_and_grad(0.5, 2.0, mode="forward") == g.value_and_grad(0.5, 2.0)
    assert f.grad(0.5, 2.0) == g.grad(0.5, 2.0)
    for args in ((), (1.0,), (1.0, 2.0, 3.0), *((a, 2.0) for a in OTHERS)):
        for call in (f.value_and_grad, f, f.bind(), f.bind("value")):
            with pytest.raises(wg.WengertError):
                call(*args)
    with pytest.raises(wg.WengertError):
        f.value_and_grad(1.0, 2.0, z=3.0)


@pytest.mark.parametrize("kernel", ["native", "python"])
def test_a_function_with_machine_code_is_a_function_like_any_other(kernel):
    f = wg.compile("x*y", kernel=kernel)
    answers = [f.value_and_grad(1.5, 2.0) for _ in range(3)]
    for other in (pickle.loads(pickle.dumps(f)), copy.copy(f), copy.deepcopy(f)):
        assert other == f
        assert other.value_and_grad(1.5, 2.0) == answers[0]
    assert f.value_and_grad.__name__ == "value_and_grad"
    assert "The value and its derivatives" in f.value_and_grad.__doc__
    assert list(inspect.signature(f.value_and_grad).parameters) == ["args", "wrt", "mode", "checkpoint", "values"]
    assert "out" in inspect.signature(f.bind()).parameters
    assert pickle.loads(pickle.dumps(answers[-1])) == answers[0]


class Loud(wg.Function):
    def value_and_grad(self, *args, **options):
        return "loud", super().value_and_grad(*args, **options)


def test_the_method_of_a_class_of_the_callers_stays():
    f = Loud(wg.compile("x*y").program, wg.Options(kernel="native"))
    assert [f.value_and_grad(1.0, 2.0)[0] for _ in range(4)] == ["loud"] * 4


def test_the_kernel_that_ran_last_is_told():
    f = wg.compile("x*y", kernel="native")
    f.value_and_grad(1.0, 2.0)
    f.value_and_grad(1.0, 2.0)
    f.value_and_grad(np.array([1.0, 2.0]), 2.0)
    assert not f.kernel.startswith("native: a list")
    f.value_and_grad(1.0, 2.0)
    assert f.kernel == "native: a list of 1 equation, as asked for"


@pytest.mark.parametrize("kernel", ["native", "python"])
def test_a_replaced_op_reaches_every_function(kernel):
    wg.register("scaled", lambda a: 2 * a, "2", replace=True)
    f = wg.compile("scaled(x)*y", kernel=kernel)
    k, v = f.bind(), f.bind("value")
    for _ in range(3):
        assert f.value_and_grad(1.0, 3.0)[0] == k(1.0, 3.0)[0] == v(1.0, 3.0)[0] == f(1.0, 3.0) == 6.0
    plain = f.value_and_grad
    wg.register("scaled", lambda a: 5 * a, "5", replace=True)
    for _ in range(3):
        assert f.value_and_grad(1.0, 3.0)[0] == plain(1.0, 3.0)[0] == 15.0
        assert k(1.0, 3.0) == (15.0, 15.0, 5.0)
        assert v(1.0, 3.0) == (15.0,)
        assert f(1.0, 3.0) == 15.0


def test_threads_get_their_own_answers():
    f = wg.compile("x*y + sin(x)*y^2", kernel="native")
    f.value_and_grad(1.0, 2.0)
    k, wrong = f.bind(), []

    def work(seed):
        x = 0.1 + seed
        want = k(x, 2.0)
        for _ in range(3000):
            value, gradient = f.value_and_grad(x, 2.0)
            if k(x, 2.0) != want or (value, *gradient) != want or f(x, 2.0) != want[0]:
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_a_function_may_call_itself():
    f = wg.compile("x*y", kernel="native")
    f.value_and_grad(1.0, 2.0)

    class Deep:
        depth = 0

        def __float__(self):
            Deep.depth += 1
            return f.value_and_grad(Deep(), 1.0)[0] if Deep.depth < 20 else 3.0

    assert f.value_and_grad(Deep(), 2.0)[0] == 6.0


def test_strict_and_kinks_hold():
    f = wg.compile("log(x)", strict=True, kernel="native")
    for _ in range(3):
        f.value_and_grad(2.0)
        f(2.0)
    for call in (f, f.value_and_grad, f.bind(), f.bind("value")):
        with pytest.raises(wg.DomainError):
            call(-1.0)
    g = wg.compile("abs(x)", kink="error", kernel="native")
    for _ in range(3):
        with pytest.raises(wg.KinkError):
            g.value_and_grad(0.0)
        with pytest.raises(wg.KinkError):
            g.bind()(0.0)
