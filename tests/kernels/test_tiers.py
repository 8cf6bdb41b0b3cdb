"""A list gets machine code when its calls have earned it, and the next kernel where there is none."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

import wengert as wg
from tests.kernels.test_kernels import bits, same, swept
from wengert.kernels import routes
from wengert.kernels.native import point
from wengert.kernels.routes import LATER

TEXT = "x*y + sin(x)*y^2"
P = (0.5, 1.5)


@pytest.fixture
def eager(monkeypatch):
    """Machine code is earned by few calls."""
    monkeypatch.setattr(routes, "CALL", 1e-3)
    monkeypatch.setattr(point.Native, "seconds", lambda *_: 0.02)


def kernels_of(f, calls=20, ask=lambda f: f.value_and_grad(*P)):
    found = []
    for _ in range(calls):
        ask(f)
        found.append(f.kernel.partition(":")[0])
    return found


ASKS = [
    lambda f: f(*P), lambda f: f.value_and_grad(*P), lambda f: f.jvp(P, (1.0, 2.0)), lambda f: f.vjp(P),
    lambda f: f.jacobian(*P), lambda f: f.hessian(*P), lambda f: f.hvp(P, (1.0, 2.0)),
]  # fmt: skip


@pytest.mark.parametrize("k", range(len(ASKS)))
def test_each_kind_of_call_climbs(eager, k):
    pytest.importorskip("llvmlite")
    f = wg.compile(TEXT)
    found = kernels_of(f, ask=ASKS[k])
    assert list(dict.fromkeys(found)) == ["sweeps", "python", "native"]
    assert repr(ASKS[k](f)) == repr(ASKS[k](wg.compile(TEXT)))
    assert f.kernel.endswith("the fastest for its length")


def test_one_call_loads_no_compiler():
    """Neither does a handful of calls: machine code costs more than they do."""
    text = " + ".join(f"sin({k}.5*x)*y" for k in range(33))
    code = f"""
import sys, wengert as wg
f = wg.compile({text!r})
for _ in range(20):
    f.value_and_grad(0.5, 1.5), f(0.5, 1.5)
print(sorted({{"llvmlite", "ctypes", "numpy"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_kernel_that_is_not_there_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(point, "installed", lambda: False)
    f = wg.compile(TEXT)
    kernels_of(f, routes.LOOK + 2)
    assert "value_and_grad" in f.__dict__


def test_without_llvmlite_the_next_kernel_runs(eager, monkeypatch):
    monkeypatch.setattr(point, "installed", lambda: False)
    f = wg.compile(TEXT)
    found = kernels_of(f)
    assert list(dict.fromkeys(found)) == ["sweeps", "python"]
    assert 'not `native`: llvmlite is not installed: pip install "wengert[jit]"' in f.kernel
    assert "value_and_grad" in f.__dict__
    assert bits(f.bind()(*P)) == swept(f, P)
    same(f, P)


@pytest.mark.parametrize("problem", [RuntimeError("no such target"), OSError("no memory")])
def test_where_llvmlite_fails_the_next_kernel_runs(eager, monkeypatch, problem):
    pytest.importorskip("llvmlite")
    from wengert.kernels.native import engine

    def fail(*_):
        raise problem

    monkeypatch.setattr(engine, "compiled", fail)
    for f in (wg.compile(TEXT), wg.compile(TEXT, kernel="native")):
        assert kernels_of(f)[-1] == "python"
        assert str(problem) in f.kernel
        assert bits(f.bind()(*P)) == swept(f, P)
        same(f, P)


def test_an_op_without_machine_code_is_handed_over(eager):
    pytest.importorskip("llvmlite")
    wg.register("doubled", lambda a: 2.0 * a, "2", replace=True)
    for f in (wg.compile("doubled(x)*y"), wg.compile("doubled(x)*y", kernel="native")):
        assert kernels_of(f)[-1] == "python"
        assert "`native`" in f.kernel
        assert "value_and_grad" in f.__dict__
        same(f, P)


def test_a_list_too_long_for_machine_code_is_handed_over():
    pytest.importorskip("llvmlite")
    choose = random.Random(1)
    text = " + ".join(f"{choose.choice(('sin', 'tanh', 'abs', 'sqrt', 'x*cos'))}({k}*x)" for k in range(4000))
    f = wg.compile(text, kernel="native")
    f.value_and_grad(0.5)
    assert not f.kernel.startswith("native: ")
    assert f.kernel.endswith("the list is long, and its steps do not repeat enough")


def test_a_long_list_that_repeats_is_taken():
    pytest.importorskip("llvmlite")
    text = " + ".join(f"sin({k}*x)" for k in range(1500))
    f, exact = (wg.compile(text, kernel=kernel) for kernel in ("native", "interpreter"))
    value, gradient = f.value_and_grad(0.5)
    assert f.kernel.startswith("native: ")
    assert (value, *gradient) == (exact.value_and_grad(0.5)[0], *exact.value_and_grad(0.5)[1])


def test_bound_functions_share_the_kernel_of_calls():
    pytest.importorskip("llvmlite")
    f = wg.compile(TEXT)
    f.bind()
    f.value_and_grad(*P)
    assert f.kernel.startswith("native: ")


def test_a_long_list_that_repeats_is_compiled_when_calls_have_earned_it(monkeypatch, eager):
    pytest.importorskip("llvmlite")
    monkeypatch.setattr(routes, "REPEATED", 5)
    loop = "x = a\nfor i in 0:1500 { x = x - 0.01*sin(x) + b*i }\nx"
    other = " + ".join(f"{random.Random(k).choice(('sin', 'tanh', 'abs', 'x*cos'))}({k}*x)" for k in range(1500))
    for text, at, names in ((loop, (0.5, 1e-6), ["bytecode", "native"]), (other, (0.5,), ["bytecode"] * 2)):
        f = wg.compile(text)
        exact = wg.compile(text, kernel="interpreter").value_and_grad(*at)
        ran = []
        for _ in range(LATER + 1):
            value, gradient = f.value_and_grad(*at)
            assert (value, *gradient) == (exact[0], *exact[1])
            ran.append(f.kernel.partition(":")[0])
        assert [ran[2], ran[-1]] == names
        assert wg.compile(text).bind()(*at) == (exact[0], *exact[1])
