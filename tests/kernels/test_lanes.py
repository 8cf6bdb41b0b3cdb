"""Batches in machine code: every op, random programs, all lengths, arrays of any form, threads."""

from __future__ import annotations

import math
import os
import threading
from random import Random
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests import FULL
from tests.kernels.lane_codes import (
    EDGES,
    ELEMENTWISE,
    EXACT,
    TEXTS,
    a_code,
    arguments,
    by_sweeps,
    counts,
    natively,
    near,
    one_op,
    points,
    random_code,
    same_bits,
)
from wengert.ground.errors import LimitError, WengertError
from wengert.ground.limits import UNTRUSTED, within
from wengert.kernels import batch_calls, batches
from wengert.kernels.native import batch_shell, engine, lane_loop, lanes
from wengert.lists.code import code_of
from wengert.lists.wengert_list import assemble
from wengert.ops import Op
from wengert.transforms.derivatives import gradient

pytestmark = pytest.mark.skipif(bool(engine.missing()), reason="no llvmlite here")


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_every_op_is_within_its_bound(row: Op) -> None:
    choose = Random(row.name)
    for count in counts(row):
        code = one_op(row, count)
        try:
            lanes.NativeLanes().prepare_batch(code)
        except WengertError as problem:
            pytest.skip(str(problem))
        values = arguments(row, count, choose)
        (ours,), (theirs,) = natively(code, values), by_sweeps(code, values)
        bound = row.ulps if row.ulps > 0.5 else 0.0
        for k, (a, b) in enumerate(zip(ours, theirs)):
            assert near(float(a), b, bound), (row.name, [float(v[k]) for v in values], float(a), b)


LITERALS = (0.5, 2.0, 3.0, 4.0, -1.0, -2.0, 1.0, 0.0, -0.0, 1 / 3, math.inf, math.nan, -1.5, 7.0)


@pytest.mark.parametrize("row", [row for row in ELEMENTWISE if len(row.params.split()) == 2], ids=lambda row: row.name)
def test_an_argument_may_be_a_number(row: Op) -> None:
    """A literal, or a number that is the same at all points."""
    choose = Random(row.name)
    bound = row.ulps if row.ulps > 0.5 else 0.0
    whole = one_op(row, 2)
    try:
        run = lanes.NativeLanes().prepare_batch(whole)
    except WengertError as problem:
        pytest.skip(str(problem))
    for a in LITERALS if FULL else choose.sample(LITERALS, 4):
        code = one_op(row, 2, [None, a])
        try:
            lanes.NativeLanes().prepare_batch(code)
        except WengertError as problem:
            pytest.skip(str(problem))
        values = arguments(row, 1, choose)
        (literal,), (wanted,) = natively(code, values), by_sweeps(code, values)
        given = np.full(len(values[0]), 123.0)
        run([*values, a], [given])
        for x, p, q, w in zip(values[0], literal, given, wanted):
            assert near(float(p), w, bound), (row.name, float(x), a, float(p), w)
            assert near(float(q), w, bound), (row.name, float(x), a, float(q), w)


@pytest.mark.parametrize("seed", range(25))
def test_random_programs_have_the_bits_of_the_sweeps(seed: int) -> None:
    choose = Random(seed)
    code = random_code(choose, EXACT)
    values: list[Any] = [np.array([choose.choice(EDGES) for _ in range(37)]) for _ in code.inputs]
    if seed % 3 == 0:
        values[seed % 4] = choose.choice(EDGES)
    assert same_bits(natively(code, values), by_sweeps(code, values))


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_derivatives_of_any_order_agree_with_sweeps(text: str, order: int) -> None:
    wlist = wg.compile(text).running_list
    for _ in range(order):
        wlist = gradient(wlist, wlist.inputs[:2], value=False, masked=True)
        wlist = assemble(wlist.inputs, wlist.equations, wlist.outputs[:1], wlist.ops)
    code = code_of(wlist)
    rng = np.random.default_rng(order)
    values = [rng.uniform(0.2, 0.9, 50) for _ in code.inputs]
    for ours, theirs in zip(natively(code, values), by_sweeps(code, values)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-13)


def test_all_lengths() -> None:
    code = a_code()
    run = lanes.NativeLanes().prepare_batch(code)
    whole = natively(code, points(70, 2))
    for n in range(71):
        values = [v[:n] for v in points(70, 2)]
        outs = [np.full(n + 2, 7.0) for _ in code.outputs]
        run(values, [out[1:-1] for out in outs])
        assert same_bits([out[1:-1] for out in outs], [w[:n] for w in whole])
        assert all(out[0] == out[-1] == 7.0 for out in outs), "nothing beside the outputs is written"


def unaligned(v: Any) -> Any:
    held = np.empty(v.nbytes + 3, np.uint8)
    moved = held[3:].view(v.dtype)
    moved[...] = v
    return moved


def frozen(v: Any) -> Any:
    v = v.copy()
    v.flags.writeable = False
    return v


SHAPES = {
    "dense": lambda v: v,
    "backwards": lambda v: v[::-1].copy()[::-1],
    "every third": lambda v: np.repeat(v, 3)[::3],
    "unaligned": unaligned,
    "read-only": frozen,
    "a column": lambda v: np.stack([v, v, v], 1)[:, 1],
    "a subclass": lambda v: v.view(Subclass),
}


class Subclass(np.ndarray):  # type: ignore[type-arg]
    pass


@pytest.mark.parametrize("n", [3, 8, 70, 5000, 300_000])
def test_arrays_of_all_forms(n: int) -> None:
    code = a_code()
    run = lanes.NativeLanes().prepare_batch(code)
    given = points(n, 2)
    whole = natively(code, given)
    for name, form in SHAPES.items():
        for other in (lambda v: v, form):
            values = [form(given[0]), other(given[1])]
            kept = [np.array(v) for v in values]
            outs = [np.empty(n) for _ in code.outputs]
            run(values, outs)
            assert same_bits(outs, whole), name
            assert same_bits(values, kept), "inputs are never modified"


def test_arrays_that_do_not_vary_and_numbers() -> None:
    code = a_code()
    for n in (1, 7, 8, 9, 5000, 100_000):
        x = points(n, 1)[0]
        spread = np.broadcast_to(np.float64(0.7), (n,))
        whole = natively(code, [x, np.full(n, 0.7)])
        assert same_bits(natively(code, [x, spread]), whole)
        for ours, theirs in zip(natively(code, [x, 0.7]), whole):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    run = lanes.NativeLanes().prepare_batch(code_of(wg.compile("a*b + c*d*p").running_list))
    for pattern in range(31):  # more patterns of numbers than loops are kept for
        values: list[Any] = [2.0 + k if pattern >> k & 1 else np.full(20, 2.0 + k) for k in range(5)]
        out = np.empty(20)
        run(values, [out])
        assert (out == 2.0 * 3.0 + 4.0 * 5.0 * 6.0).all()


@pytest.mark.parametrize("shift", [0, 1, 2, 3])
def test_stores_that_pass_by_the_caches(shift: int, monkeypatch: pytest.MonkeyPatch) -> None:
    code = a_code()
    for n in (100, 4099, 300_001):
        values = points(n, 2)
        whole = natively(code, values)
        with monkeypatch.context() as patch:
            patch.setattr(lanes, "STREAMED", 0.0)
            run = lanes.NativeLanes().prepare_batch(code)
            for loop in run.ready.values():  # type: ignore[attr-defined]
                loop.size = 1 << 10
            run.shells.clear()  # type: ignore[attr-defined]
            outs = [np.full(n + 16, 7.0) for _ in code.outputs]
            starts = [(-out.ctypes.data % 64) // 8 + shift for out in outs]
            run(values, [out[k : k + n] for k, out in zip(starts, outs)])
        assert same_bits([out[k : k + n] for k, out in zip(starts, outs)], whole)
        assert all((out[:k] == 7.0).all() and (out[k + n :] == 7.0).all() for k, out in zip(starts, outs))


def test_threads_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    code = a_code()
    values = points(400_003, 2)
    whole = natively(code, values)
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("WENGERT_NUM_THREADS", threads)
        assert same_bits(natively(code, values), whole)


def test_calls_from_many_threads() -> None:
    code = a_code()
    run = lanes.NativeLanes().prepare_batch(code)
    values = points(20_000, 2)
    whole = natively(code, values)
    wrong = []

    def work() -> None:
        for _ in range(20):
            outs = [np.empty(20_000) for _ in code.outputs]
            run(values, outs)
            if not same_bits(outs, whole):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:This process")
def test_a_forked_process_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENGERT_NUM_THREADS", "2")
    code = a_code()
    run = lanes.NativeLanes().prepare_batch(code)
    values = points(400_000, 2)
    whole = natively(code, values)
    child = os.fork()
    if child == 0:
        outs = [np.empty(400_000) for _ in code.outputs]
        run(values, outs)
        os._exit(0 if same_bits(outs, whole) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_the_clock_is_checked() -> None:
    code = a_code()
    run = lanes.NativeLanes().prepare_batch(code)
    values, outs = points(3_000_000, 2), [np.empty(3_000_000) for _ in code.outputs]
    with pytest.raises(LimitError), within(UNTRUSTED._replace(seconds=1e-3)):
        run(values, outs)


@pytest.mark.parametrize("seed", range(8))
def test_long_lists_are_cut_into_blocks(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    choose = Random(seed)
    code = random_code(choose, EXACT, size=60)
    values: list[Any] = [np.array([choose.choice(EDGES) for _ in range(37)]) for _ in code.inputs]
    if seed % 2:
        values[seed % 4] = choose.choice(EDGES)
    whole = natively(code, values)
    for block in (1, 7, 59):
        monkeypatch.setattr(lane_loop, "WHOLE", 0)
        monkeypatch.setattr(lane_loop, "BLOCK", block)
        assert same_bits(natively(code, values), whole)
    code, values = a_code(), points(100, 2)
    monkeypatch.setattr(lane_loop, "WHOLE", 10**9)
    whole = natively(code, values)
    monkeypatch.setattr(lane_loop, "WHOLE", 0)
    assert same_bits(natively(code, values), whole)


def test_large_outputs_begin_at_lines_of_their_own() -> None:
    for n, count in ((1 << 14, 40), (300_001, 3), (600_000, 5), (10, 3)):
        for dtype in (np.float64, np.float32):
            outs = batch_calls.new_arrays((n,), np.dtype(dtype), count)
            assert [(out.shape, out.dtype) for out in outs] == [((n,), dtype)] * count
            assert all(out.flags.c_contiguous and out.flags.aligned and out.flags.writeable for out in outs)
            for k, out in enumerate(outs):
                out[...] = k
            assert all((out == k).all() for k, out in enumerate(outs)), "they share no element"
            if out.nbytes >= 1 << 17 and out.nbytes * count >= batch_calls.HUGE:
                assert all(out.ctypes.data % 64 == 0 for out in outs)
                assert len({out.ctypes.data % batch_calls.PAGE for out in outs}) == min(count, 16)


def test_the_plain_way_takes_nothing_else() -> None:
    code = a_code()
    run = lanes.NativeLanes().prepare_batch(code)
    assert isinstance(run, lanes.LaneBatch)
    n = 50
    x, y = (v.copy() for v in points(n, 2))
    outs = [np.full(n, 7.0) for _ in code.outputs]
    other = np.empty(n + 1)
    sealed = np.empty(n)
    sealed.flags.writeable = False
    wrong = [
        (x, 0.5), (0.5, y), (x, y[:-1]), (x, list(y)), (x, y[::-1]), (x, y[:, None]), (x, y.astype("f4")), (x, None),
        (x, y.astype("i8")), (x, y.view(Subclass)), (x, other[1:]), (outs[0], y), (x,), (x, y, y), (x, y.view(">f8")),
    ]  # fmt: skip
    for given in wrong:
        assert not run.plainly(*given, *outs)
    for bad in (other, sealed, outs[0][::2], np.empty((n, 1)), np.empty(n, "f4"), 1.0, None):
        for k in range(len(outs)):
            assert not run.plainly(x, y, *outs[:k], bad, *outs[k + 1 :])
    assert not run.plainly(x[:3].copy(), y[:3].copy(), *(np.empty(3) for _ in outs)), "fewer points than lanes"
    assert all((out == 7.0).all() for out in outs)
    if batch_shell.array_places() is not None:
        assert run.plainly(x, y, *outs)
        assert same_bits(outs, natively(code, [x, y]))


def test_another_kernel_takes_over_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.linspace(0.1, 2.0, 2_000_000)
    native, *others = batches.BATCHES
    f = wg.compile("x*sin(x)")
    whole = f.value_and_grad(x)
    assert f.kernel.startswith("native: ")

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no such target")

    for name, prepare in {
        "not installed": lambda patch: patch.setattr(
            batches, "BATCHES", (native._replace(missing=lambda: "llvmlite is not installed"), *others)
        ),
        "does not work here": lambda patch: patch.setattr(engine, "compiled", broken),
    }.items():
        with monkeypatch.context() as patch:
            prepare(patch)
            g = wg.compile("x*sin(x)")
            found = g.value_and_grad(x)
            assert g.kernel.startswith("numpy: ")
            assert name in g.kernel
            np.testing.assert_allclose(found[0], whole[0], rtol=1e-14)
            np.testing.assert_allclose(found[1][0], whole[1][0], rtol=1e-14)
    h = wg.compile("j0(x) + x", kernel="native")
    h(x[:300])
    assert "the op `j0` has no machine code" in h.kernel
