"""Lists that repeat, as loops of the machine: the bits of the interpreter, whatever repeats and however often."""

import random
import struct
import threading

import pytest

from tests.lists.random_codes import ROWS, Writing, random_code
from wengert.kernels.interpreter import Interpreter
from wengert.kernels.native.engine import missing
from wengert.lists.repetition import RepeatedSteps, segmented
from wengert.ops import OPS

np = pytest.importorskip("numpy")
pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

EDGES = (0.0, -0.0, 5e-324, 1.0, -1.0, 1e308, -1e308, float("inf"), float("nan"))


def is_translated(row):
    """Whether machine code has a row."""
    from wengert.kernels.native.writer import Untranslated, Writer

    try:
        Writer().value(row, ["%a"] * len(row.params.split()))
    except Untranslated:
        return False
    return True


def checked(code, choose):
    """That the native kernel gives what the interpreter does."""
    from wengert.kernels.native.rolled import prepared

    run, exact = prepared(code), Interpreter().prepare(code)
    outs = np.empty(len(code.outputs))
    for _ in range(2):
        values = np.array([choose.choice(EDGES) if choose.random() < 0.1 else choose.uniform(-2, 2)
                           for _ in code.inputs])  # fmt: skip
        kept = values.copy()
        outs[:] = 9.75
        run(values, outs)
        first, others = exact(*values.tolist())
        assert bits(outs) == bits((first, *others))
        assert bits(values) == bits(kept)


def bits(values):
    """Floats as equality of bits tells them apart; every nan is one."""
    return [b"nan" if v != v else struct.pack("<d", v) for v in values]


@pytest.mark.parametrize("seed", range(120))
def test_random_codes(seed):
    checked(random_code(seed), random.Random(seed))


@pytest.mark.parametrize("name", sorted(n for n, row in OPS.items() if row.array is None and "*" not in row.params))
def test_every_op_in_a_loop(name):
    if not is_translated(OPS[name]):
        pytest.skip(f"`{name}` has no machine code")
    choose = random.Random(name)
    writing = Writing(choose, 9, [OPS[name], *ROWS[:3]])
    writing.straight(3)
    writing.loop(4, 30)
    writing.loop(3, 30)
    code = writing.code(5)
    assert any(isinstance(segment, RepeatedSteps) for segment in segmented(code))
    checked(code, choose)


def test_read_only_and_unaligned_inputs_and_threads():
    from wengert.kernels.native.rolled import prepared

    code = random_code(7)
    run, exact = prepared(code), Interpreter().prepare(code)
    raw = np.zeros(8 * len(code.inputs) + 1, np.uint8)
    wrong = []

    def call(seed):
        values = np.random.default_rng(seed).uniform(-1, 1, len(code.inputs))
        values.flags.writeable = False
        first, others = exact(*values.tolist())
        for _ in range(200):
            outs = np.empty(len(code.outputs))
            run(values, outs)
            if bits(outs) != bits((first, *others)):
                wrong.append(seed)

    threads = [threading.Thread(target=call, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    odd = raw[1:].view(np.float64)
    odd[:] = 1.5
    outs = np.empty(len(code.outputs))
    run(odd, outs)
    first, others = exact(*odd.tolist())
    assert bits(outs) == bits((first, *others))
