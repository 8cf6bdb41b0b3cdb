"""Kernels of batches on threads: the same answers, errors and interruptions."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest

import wengert as wg
from tests.kernels.batch_answers import KERNELS, agree, points
from wengert.ground import environment
from wengert.kernels import blocked_numpy, workers

pytestmark = pytest.mark.parametrize("kernel", KERNELS)


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
