"""Batches in machine code for other machines, and the accuracy of the functions over lanes."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests.kernels.lane_codes import TEXTS, a_code, by_sweeps, natively, points, same_bits
from wengert.kernels.native import engine, lane_functions, lane_writer, lanes, vector_math
from wengert.kernels.native.writer import Writer
from wengert.lists.code import code_of

pytestmark = pytest.mark.skipif(bool(engine.missing()), reason="no llvmlite here")


# Other machines


def widths() -> Iterator[vector_math.Lanes]:
    yield vector_math.Lanes(2, "b")
    if "avx2" in vector_math.features():
        yield vector_math.Lanes(4, "d")
    yield vector_math.Lanes(2, "")


@pytest.fixture
def fresh() -> Iterator[None]:
    """Without what was probed before, and anew afterwards."""
    vector_math.symbol.cache_clear()
    yield
    vector_math.symbol.cache_clear()


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("which", list(widths()), ids=str)
def test_other_vectors(which: vector_math.Lanes, fused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer lanes, no library of functions over lanes, no fused multiply-add."""
    monkeypatch.setattr(vector_math, "lanes", lambda: which)
    monkeypatch.setattr(lane_writer, "fused", lambda: fused)
    if not which.letter:
        monkeypatch.setattr(vector_math, "library", lambda: None)
    for text in (*TEXTS, "log(a) + cosh(a)*erf(a)*hypot(a, b)"):
        code = code_of(wg.compile(text).running_list)
        values = points(23, len(code.inputs))
        for ours, theirs in zip(natively(code, values), by_sweeps(code, values)):
            np.testing.assert_allclose(ours, theirs, rtol=1e-13)


def test_without_knowledge_of_how_objects_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    code = a_code()
    for n in (5, 50, 300_000):
        values = points(n, 2)
        whole = natively(code, values)
        half = natively(code, [values[0], 0.5])
        with monkeypatch.context() as patch:
            patch.setattr(lanes, "array_places", lambda: None)
            patch.setattr(lanes, "data_offset", lambda: -1)
            assert same_bits(natively(code, values), whole)
            assert same_bits(natively(code, [values[0], 0.5]), half)


# Accuracy


def measured(key: str, ours: bool, xs: Sequence[Any]) -> Any:
    """The values of a function over lanes: ours, or the library's."""
    writer = lane_writer.LaneWriter(Writer(), vector_math.lanes().width)
    loads = []
    for k in range(len(xs)):
        loads.append(f"%p{k} = getelementptr double, ptr %in{k}, i64 %i")
        loads.append(f"%x{k} = load {writer.kind}, ptr %p{k}, align 8")
    args = [f"%x{k}" for k in range(len(xs))]
    symbol = key
    if not ours:
        symbol = vector_math.symbol(key)
        writer._declared[key] = f"declare {writer.kind} @{symbol}({', '.join([writer.kind] * len(xs))})"
    y = writer.shared(symbol, args)
    lines = writer.lines()
    stores = ["%q = getelementptr double, ptr %out, i64 %i", f"store {writer.kind} {y}, ptr %q, align 8"]
    params = ", ".join(f"ptr %in{k}" for k in range(len(xs)))
    ir = "\n".join((
        writer.definitions(), f"define void @f(i64 %n, {params}, ptr %out) {{", "entry:", "br label %loop", "loop:",
        "%i = phi i64 [0, %entry], [%next, %turn]", *loads, *lines, *stores, "br label %turn", "turn:",
        f"%next = add i64 %i, {writer.width}", "%done = icmp sge i64 %next, %n",
        "br i1 %done, label %exit, label %loop", "exit:", "ret void", "}", '!0 = !{!"branch_weights", i32 9, i32 1}',
        f'attributes #0 = {{ "min-legal-vector-width"="{64 * writer.width}" }}',
    ))  # fmt: skip
    loaded = engine.compiled(ir)
    n = len(xs[0])
    padded = [np.concatenate([x, np.ones(-n % 8)]) for x in xs]
    out = np.empty(len(padded[0]))
    kind = ctypes.CFUNCTYPE(None, ctypes.c_ssize_t, *[ctypes.c_void_p] * (len(xs) + 1))
    kind(loaded.address("f"))(len(out), *[x.ctypes.data for x in padded], out.ctypes.data)
    return out[:n]


BY_MPMATH: dict[str, Any] = {
    "exp2": lambda m, a: m.mpf(2) ** a, "exp10": lambda m, a: m.mpf(10) ** a, "log2": lambda m, a: m.log(a, 2),
    "cbrt": lambda m, a: m.sign(a) * m.cbrt(abs(a)), "pow": lambda m, a, b: m.power(a, b),
}  # fmt: skip
# The intervals in which functions that are not those of all floats are measured, and those that are measured far away.
INTERVALS = {"log": (0, 50), "log2": (0, 50), "log10": (0, 50), "log1p": (-1, 20), "asin": (-1, 1), "acos": (-1, 1),
             "acosh": (1, 50), "atanh": (-1, 1), "pow": (0, 30), "erf": (-6, 6), "erfc": (-5, 27)}  # fmt: skip
FAR = ("log", "sin", "cos", "cbrt", "hypot")


def places(name: str, rng: Any) -> Any:
    """Arguments of a function."""
    low, high = INTERVALS.get(name, (-30, 30))
    centre = 0.5 * (low + high) if name in ("asin", "acos", "atanh") else 1.0
    parts = [
        rng.uniform(low, high, 600),
        rng.uniform(max(low, -2), min(high, 2), 600),
        centre + 10.0 ** rng.uniform(-12, -1, 200),
        10.0 ** rng.uniform(-300, 300 if name in FAR else 0, 300),
    ]
    return rng.permutation(np.concatenate(parts))


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("key", list(vector_math.FUNCTIONS))
def test_functions_over_lanes_are_within_their_bounds(key: str, ours: bool) -> None:
    mpmath = pytest.importorskip("mpmath")
    if ours and (key not in lane_functions.FORMS or not vector_math.fused()):
        pytest.skip("not written over lanes")
    if not ours and not vector_math.symbol(key):
        pytest.skip("no library")
    bound = lane_functions.ULPS[key] if ours else vector_math.FUNCTIONS[key].ulps
    name, rng = key.partition(".")[2], np.random.default_rng(len(key))
    xs = [places(name, rng) for _ in range(vector_math.FUNCTIONS[key].arguments)]
    with mpmath.workprec(1200):
        for k, y in enumerate(measured(key, ours, xs)):
            point = [mpmath.mpf(float(x[k])) for x in xs]
            if name == "acosh" and point[0] < 1:
                continue
            right = BY_MPMATH[name](mpmath, *point) if name in BY_MPMATH else getattr(mpmath, name)(*point)
            nearest = float(right)
            if math.isfinite(nearest) and abs(nearest) > 1e-300:
                assert abs(mpmath.mpf(float(y)) - right) <= bound * math.ulp(nearest), (key, point, float(y))
