"""The sections of `python -m benchmarks`: each makes its contestants, compares their answers, and measures them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median
from typing import Any

import numpy as np

import wengert as wg
from wengert.kernels.native.engine import missing

from . import peers
from .formulas import FORMULAS, Formula
from .long import LONG, ready_to_run
from .measuring import Contestant, Result, measure
from .network import LOSSES
from .network import network as network_sides
from .peers import Peer, flattened, installed
from .repeated import REPEATED
from .start import PEERS as PROCESSES
from .start import UNIT, WENGERT, processor_time

HAND = "hand"


def compared(name: str, sides: Mapping[str, Peer]) -> dict[str, Contestant]:
    """The calls to time, after the answers were found equal up to rounding."""
    want: Any = None
    for key, side in sides.items():
        found = flattened(side.answer())
        want = found if want is None else want
        near = np.allclose(found, want, rtol=1e-9, atol=1e-12 * np.max(np.abs(want)))
        assert near, f"{name}: {key} has other answers"
    return {key: side.timed for key, side in sides.items()}


def bound(formula: Formula, kernel: str) -> Peer:
    call = wg.compile(formula.text, kernel=kernel).bind("value_and_grad")
    return Peer(Contestant(call, formula.point))


def plain(formula: Formula, kernel: str) -> Peer:
    f = wg.compile(formula.text, kernel=kernel)

    def answer() -> Any:
        value, gradient = f.value_and_grad(*formula.point)
        return value, *gradient

    for _ in range(20000):  # the automatic choice has settled after so many calls
        f.value_and_grad(*formula.point)
    return Peer(Contestant(f.value_and_grad, formula.point), answer)


def point(quick: bool) -> list[Result]:
    """One point: the bound functions, and plain calls."""
    results = []
    for formula in FORMULAS:
        sides = {HAND: peers.python_point(formula)}
        if not missing():
            sides["bind, native"] = bound(formula, "native")
        sides["bind, python"] = bound(formula, "python")
        sides["plain call"] = plain(formula, "auto")
        sides["plain, python"] = plain(formula, "python")
        if installed("casadi"):
            sides |= peers.casadi_point(formula)
        if installed("ddx"):
            sides |= peers.ddx_point(formula)
        results.append(measure(formula.name, compared(formula.name, sides), HAND, "µs"))
    return results


def batch_inputs(formula: Formula, n: int) -> list[Any]:
    rng = np.random.default_rng(1)
    return [rng.uniform(0.9, 1.1, n) * a for a in formula.point]


def bound_batch(formula: Formula, inputs: Sequence[Any], kernel: str) -> Peer:
    """wengert's bound function, which writes into arrays that are there."""
    call = wg.compile(formula.text, kernel=kernel).bind("value_and_grad")
    n = len(inputs[0])
    value, gradient = np.zeros(n), np.zeros((len(inputs), n))
    out = (value, gradient)

    def run() -> Any:
        call(*inputs, out=out)
        return out

    return Peer(Contestant(run))


def batch(quick: bool) -> list[Result]:
    """Batches, one thread."""
    results = []
    for n in (10**3, 10**5) if quick else (10**3, 10**5, 10**6, 10**7):
        for formula in FORMULAS:
            inputs = batch_inputs(formula, n)
            sides = {HAND: peers.numpy_batch(formula, inputs)}
            if not missing():
                sides["native"] = bound_batch(formula, inputs, "native")
            sides["numpy"] = bound_batch(formula, inputs, "numpy")
            f = wg.compile(formula.text)
            sides["plain call"] = Peer(Contestant(f.value_and_grad, tuple(inputs)))
            if peers.compiler():
                sides["C"] = peers.c_batch(formula, inputs)
            if installed("heyoka"):
                sides["heyoka"] = peers.heyoka_batch(formula, inputs)
            if installed("ddx") and n < 10**6:
                sides["ddx"] = peers.ddx_batch(formula, inputs)
            name = f"{formula.name}, {n:,} points"
            calls = compared(name, sides)
            few = 7 if n >= 10**6 else 9
            results.append(measure(name, calls, HAND, "ns", n, few, seconds=0.01 if n < 10**6 else 0.03))
    return results


def threads(quick: bool) -> list[Result]:
    """The native kernel with one thread and with two, on the wall."""
    if missing() or len(os.sched_getaffinity(0)) < 2:
        return []
    n = 10**6 if quick else 4 * 10**6
    results = []
    for formula in FORMULAS:
        inputs = batch_inputs(formula, n)
        run = bound_batch(formula, inputs, "native").timed.call

        def with_threads(count: str, run: Callable[[], Any] = run) -> Any:
            os.environ["WENGERT_NUM_THREADS"] = count
            return run()

        calls = {f"{k} thread{'s' * (k > 1)}": partial(with_threads, str(k)) for k in (1, 2)}
        name = f"{formula.name}, {n:,} points"
        results.append(measure(name, calls, "1 thread", "ns", n, wall=True))
    os.environ["WENGERT_NUM_THREADS"] = "1"
    return results


def long_lists(quick: bool) -> list[Result]:
    """Lists of 10^4 to 10^6 equations, warm."""
    results = []
    for n in (10**4,) if quick else (10**4, 10**5, 10**6):
        for workload in LONG:
            sides = workload.sides(n)
            name = f"{workload.name}, {n:,} equations"
            rounds = 7
            results.append(measure(name, compared(name, sides), next(iter(sides)), "ns", n, rounds))
    return results


def ready(quick: bool) -> list[Result]:
    """The first gradient of a long list, and of a formula of 100 ops, in processes of their own."""
    return ready_to_run(10**4 if quick else 10**5)


def repeated(quick: bool) -> list[Result]:
    """Rosenbrock's function and Broyden's system."""
    results = []
    for workload in REPEATED:
        n = workload.n // 10 if quick else workload.n
        sides = workload.sides(n)
        name = f"{workload.name}, n = {n:,}"
        results.append(measure(name, compared(name, sides), next(iter(sides)), "µs"))
    return results


def network(quick: bool) -> list[Result]:
    """A 784-256-10 network, 128 rows, with the threads of the product of matrices."""
    results = []
    for activation in ("tanh", "relu"):
        for loss in LOSSES:
            ours, by_hand = network_sides(activation, loss)
            sides = {HAND: by_hand, "wengert": ours}
            for call in sides.values():
                for _ in range(20):
                    call()
            (value, slopes), (expected, wanted) = ours(), by_hand()
            for a, b in zip((value, *slopes), (expected, *wanted)):
                np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
            name = f"784-256-10, {activation}, {loss}"
            results.append(measure(name, sides, HAND, "ms", rounds=15, wall=True))
    return results


def process(quick: bool) -> list[Result]:
    """`wengert eval` as a process of its own, beside `import numpy`: processor time."""
    unit = [sys.executable, "-c", UNIT]
    programs = {UNIT: unit, "wengert eval": WENGERT}
    for name, code in PROCESSES.items():
        if installed(name):
            programs[name] = [sys.executable, "-c", code]
    times: dict[str, list[float]] = {name: [] for name in programs}
    for command in programs.values():
        processor_time(command)
    for _ in range(7 if quick else 15):
        for name, command in programs.items():
            times[name].append(processor_time(command))
    spread = {k: (min(v), max(v)) for k, v in times.items()}
    return [Result("value and gradient of (2*x1+x2)^2", "ms", {k: median(v) for k, v in times.items()}, spread, UNIT)]
