"""The bytecode: lists as arrays are the lists, and its sweeps are the sweeps, bit for bit.

`test_kernels` holds it to what every kernel holds; here are long lists, ties, and the arrays that it is made of.
"""

from __future__ import annotations

import gc
import math
import random
import signal
import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wengert as wg
from tests.kernels.test_kernels import bits
from tests.oracles.programs import programs
from wengert.ground.limits import Limits, within
from wengert.kernels.bytecode import Bytecode
from wengert.kernels.jacobians import value_and_gradient
from wengert.kernels.kernel import Answer, HandsOver, Run
from wengert.kernels.prepared import Prepared
from wengert.kernels.requests import GradientOf
from wengert.lists.code import code_of
from wengert.lists.flat_code import FlatCode, flat_code_of, flattened
from wengert.lists.wengert_list import Equation, WengertList, assemble
from wengert.sweeps.forward import evaluate
from wengert.sweeps.numbers import Numbers

pytestmark = pytest.mark.skipif(bool(Bytecode().missing()), reason="llvmlite is not installed")

OPS = {"add": 2, "sub": 2, "mul": 2, "div": 2, "neg": 1, "sin": 1, "exp": 1, "square": 1, "max": 2, "pow": 2, "abs": 1,
       "clip": 3, "relu": 1, "where": 3, "copy": 1, "sqrt": 1}  # fmt: skip


def of_gradient(wlist: WengertList, names: Sequence[str], kink: str = "mean") -> Run:
    return Bytecode().prepare_list(wlist, GradientOf(tuple(names), kink, Limits.trusted()))


def all_bits(found: Answer | None) -> list[str]:
    assert found is not None
    return bits([found[0], *found[1]])


def agrees(wlist: WengertList, point: dict[str, float], names: Sequence[str], kink: str = "mean") -> bool:
    """Whether the value and its gradient are those of the sweeps. A list that is handed over agrees with them."""
    try:
        found = of_gradient(wlist, names, kink)(*point.values())
    except HandsOver:
        return True
    call = Prepared(wlist, Limits.trusted()).at(point)
    value, gradient, _ = value_and_gradient(call, names, kink, "reverse", False)
    if found is None:
        return False
    # Where the value is not finite, the derivatives are those of the sweeps.
    if not math.isfinite(value):
        return bits([found[0]]) == bits([value])
    return bits([found[0], *found[1]]) == bits([value, *gradient])


def long_list(n: int, seed: int, near: int, ops: Sequence[str] = tuple(OPS)) -> WengertList:
    """A random list that reads values from up to `near` equations before, with numbers among its arguments."""
    choose = random.Random(seed)
    known = [f"x{k}" for k in range(7)]
    equations = []
    for k in range(n):
        op = choose.choice(ops)
        args = [
            choose.choice((0.5, -0.0, 0.0, 2.0, 1.5)) if choose.random() < 0.1
            else known[-1 - int(choose.random() * min(near, len(known)))]
            for _ in range(OPS[op])
        ]  # fmt: skip
        equations.append(Equation(f"v{k}", op, tuple(args)))
        known.append(f"v{k}")
    return assemble(known[:7], equations, (f"v{n - 1}",))


def point_of(wlist: WengertList, seed: int = 0) -> dict[str, float]:
    choose = random.Random(seed)
    return {n: choose.uniform(-1.5, 1.5) for n in wlist.inputs}


@pytest.mark.parametrize("kink", ["mean", "left", "right"])
def test_gradients_of_random_programs(kink):
    @given(programs(), st.randoms(use_true_random=False))
    def law(program, choose):
        wlist, point = program
        names = [*wlist.inputs, *(e.output for e in wlist.equations)]
        for chosen in (wlist.inputs, (), choose.sample(names, min(3, len(names)))):
            assert agrees(wlist, point, chosen, kink)

    law()


@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 300))
def test_gradients_of_random_lists(seed, near, n):
    wlist = long_list(n, seed, near, [op for op in OPS if op != "where"])
    assert agrees(wlist, point_of(wlist, seed), wlist.inputs)
    assert agrees(wlist, point_of(wlist, seed), wlist.inputs[:2])


@given(st.integers(0, 10**6), st.integers(1, 300))
def test_gradients_of_lists_that_choose(seed, n):
    """A condition that is no comparison is never tied, so each list has an answer."""
    wlist = long_list(n, seed, 20, ["where", "mul", "sub", "neg", "max", "exp", "sqrt", "div"])
    assert agrees(wlist, point_of(wlist, seed), wlist.inputs)


@pytest.mark.parametrize(("n", "near"), [(30_000, 50), (60_000, 5000)])
def test_gradients_of_long_lists(n, near):
    for seed, ops in enumerate([("add", "sub", "mul"), ("add", "sub", "mul", "sin", "neg", "max", "abs", "pow")]):
        wlist = long_list(n, seed, near, ops)
        assert agrees(wlist, point_of(wlist), wlist.inputs)


def test_repeated_arguments_and_outputs_that_are_inputs_or_numbers():
    for text in (
        "x*x + y",
        "x + x",
        "x - x",
        "x/x",
        "max(x, x)",
        "x",
        "3",
        "y = x; y",
        "x^x",
        "-(-x)",
        "pi*x + e",
        "0*x",
    ):
        wlist = wg.compile(text).running_list
        for value in (0.7, -0.0, 0.0, -1.5):
            assert agrees(wlist, dict.fromkeys(wlist.inputs, value), wlist.inputs)


TIED = ("x if x > y else y", "where(x >= 2, x^2, 4)", "where(x > y and y > 0, x*y, x^2)")


@pytest.mark.parametrize("text", TIED)
def test_ties_are_left_to_the_sweeps(text):
    f = wg.compile(text, kernel="bytecode", fuse=False)
    run = of_gradient(f.running_list, f.inputs)
    for point in ((2.0, 2.0), (0.0, -0.0), (1.0, 2.0), (2.0, 1.0), (-1.0, -2.0)):
        values = point[: len(f.inputs)]
        assert agrees(f.running_list, dict(zip(f.inputs, values)), f.inputs) or run(*values) is None
        answers = f.value_and_grad(*values), wg.compile(text, fuse=False).value_and_grad(*values)
        assert bits([answers[0][0], *answers[0][1]]) == bits([answers[1][0], *answers[1][1]])
    assert run(*(2.0,) * len(f.inputs)) is None


def test_what_has_no_machine_code_is_handed_over():
    wg.register("of_the_caller", lambda a: a, "1", replace=True)
    f = wg.compile("of_the_caller(x)*y", kernel="bytecode")
    for _ in range(2):
        assert f.value_and_grad(2.0, 3.0) == (6.0, (3.0, 2.0))
    assert "`of_the_caller` has no machine code" in f.kernel
    assert wg.compile("x", kernel="bytecode").value_and_grad(2) == (2.0, (1.0,))


# The arrays


def same_code(wlist: WengertList, code: FlatCode) -> bool:
    """Whether a list as arrays says what its code says."""
    want = code_of(wlist)
    total = code.inputs + len(code.steps)

    def atom(slot: int) -> object:
        return code.numbers[slot - total].hex() if slot >= total else slot

    def said(slot: int) -> object:
        if slot < len(want.inputs):
            return slot
        return want.numbers[slot - len(want.inputs)].hex() if slot < want.first else slot - len(want.numbers)

    at = 0
    for (row, slots), k in zip(want.steps, code.steps, strict=True):
        n = code.kinds[k][1]
        if code.kinds[k][0] is not row or [atom(s) for s in code.slots[at : at + n]] != [said(s) for s in slots]:
            return False
        at += n
    return at == len(code.slots) and [atom(s) for s in code.outputs] == [said(s) for s in want.outputs]


@given(programs(outputs=3), st.sampled_from([lambda ops: (), lambda ops: {"pow", "mul"} & {*ops}]))
def test_arrays_are_the_list(program, telling):
    from wengert.kernels.native.atoms import find_atoms

    wlist, _ = program
    copied = WengertList([("".join(e[0]), e[1], e[2]) for e in wlist.equations], wlist.inputs, wlist.outputs,
                         ops=wlist.ops)  # fmt: skip
    for one in (wlist, copied, wg.parse(str(wlist)).wlist):
        for find in (None, find_atoms):
            assert same_code(one, flat_code_of(one, telling, find)[0])
    assert same_code(wlist, flattened(code_of(wlist)))


def test_numbers_are_told_apart_by_their_bits():
    from wengert.kernels.native.atoms import find_atoms

    nans = [float("nan"), float("nan")]
    numbers = [0.0, -0.0, 0.0, *nans, 1.0, 1.0, -0.0, float("inf")]
    equations = [Equation(f"v{k}", "add", (a, f"v{k - 1}" if k else "x")) for k, a in enumerate(numbers)]
    equations.append(Equation("w", "mul", ("pi", "e")))
    wlist = assemble(("x",), equations, ("w", -0.0, "x", "pi"))
    for find in (None, find_atoms):
        code = flat_code_of(wlist, find=find)[0]
        assert same_code(wlist, code)
        assert len(set(code.numbers)) == len({a.hex() for a in code.numbers}) - 1 == 6


@given(programs(outputs=4))
def test_values_of_random_programs(program):
    wlist, point = program
    try:
        found = Bytecode().prepare_list(wlist, None)(*point.values())
    except HandsOver:
        return
    assert found is not None
    assert bits([found[0], *found[1]]) == bits(evaluate(wlist, point, Numbers(wlist.ops)))


# Calls


def test_arguments_that_are_no_floats():
    run = of_gradient(long_list(100, 1, 5), ("x0",))
    for values in ((1,) * 7, (True,) * 7, ("1",) * 7, (1.0,) * 6, (1.0,) * 8, ()):
        assert run(*values) is None


def test_calls_from_many_threads_at_once():
    wlist = long_list(20_000, 3, 30, ("add", "sub", "mul", "sin"))
    run = of_gradient(wlist, wlist.inputs)
    points = [list(point_of(wlist, k).values()) for k in range(8)]
    want = [all_bits(run(*p)) for p in points]
    wrong: list[int] = []

    def call(k: int) -> None:
        wrong.extend(k for _ in range(30) if all_bits(run(*points[k])) != want[k])

    threads = [threading.Thread(target=call, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_limit_of_time_holds_inside_of_a_call():
    wlist = long_list(200_000, 3, 30, ("sin", "exp", "mul"))
    run = of_gradient(wlist, wlist.inputs)
    values = list(point_of(wlist).values())
    with within(Limits(seconds=0.002)), pytest.raises(wg.LimitError):
        _ = [run(*values) for _ in range(10_000)]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers")
def test_a_call_can_be_interrupted():
    wlist = long_list(200_000, 3, 30, ("sin", "exp", "mul"))
    run = of_gradient(wlist, wlist.inputs)
    values = list(point_of(wlist).values())
    want = all_bits(run(*values))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    gc.disable()  # a callback of hypothesis at a collection would swallow the exception
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt):
            _ = [run(*values) for _ in range(100_000)]
    finally:
        gc.enable()
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert all_bits(run(*values)) == want


def test_a_long_list_gets_the_bytecode_by_itself():
    text = "\n".join(["a0 = x*y", *(f"a{k} = a{k - 1}*x + sin(a{k // 2})" for k in range(1, 1500)), "a1499 + y"])
    f, forced = wg.compile(text), wg.compile(text, kernel="interpreter")
    want = f.value_and_grad(0.3, 0.7)
    assert f.kernel.startswith("sweeps: call 1 of a list of ")
    for _ in range(2):
        value, gradient = f.value_and_grad(0.3, 0.7)
        assert f.kernel.startswith("bytecode: a list of 4499 equations, the fastest ")
        assert bits([value, *gradient]) == bits([want[0], *want[1]])
        assert f.grad(0.3, 0.7, wrt="y")["y"] == gradient["y"]
        assert f(0.3, 0.7) == value
    assert f.bind()(0.3, 0.7) == (value, *gradient)
    assert bits([*forced.value_and_grad(0.3, 0.7)[1]]) == bits(gradient)
    assert [n.message for n in gradient.notes] == [n.message for n in want[1].notes]
    assert f.hvp((0.3, 0.7), (1.0, 2.0)) == forced.hvp((0.3, 0.7), (1.0, 2.0))
