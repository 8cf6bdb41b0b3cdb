"""Every row in machine code gives the floats that its function in Python gives."""

from __future__ import annotations

import ctypes
import itertools
import math
import random
import struct
import sys
from collections.abc import Sequence
from typing import Any

import pytest

import wengert as wg
from tests.oracles.programs import ELEMENTWISE
from tests.oracles.rows import SLOW
from wengert.kernels.native import engine, library
from wengert.kernels.native.reach import keeps_bits
from wengert.kernels.native.writer import DEEPEST, Untranslated, Writer
from wengert.lists.code import code_of
from wengert.ops import OPS, Op
from wengert.sweeps.nonfinite import interval
from wengert.sweeps.rounding import error_unit

pytestmark = pytest.mark.skipif(bool(engine.missing()), reason=engine.missing())

SIZES = (
    0.0, 5e-324, 2.2250738585072009e-308, 2.2250738585072014e-308, 1e-300, 1e-17, 0.1, 0.25, 0.5, 1.0 - 2.0**-53,
    1.0, 1.0 + 2.0**-52, 1.5, 2.0, 2.5, 3.0, math.pi, 10.0, 20.0, 37.5, 100.5, 171.5, 709.5, 745.0, 1000.0,
    4503599627370495.5, 9007199254740993.0, 1e16, 1e150, 1e300, 1.7976931348623157e308, math.inf,
)  # fmt: skip
EDGES = (*SIZES, *(-a for a in SIZES), math.nan)
POINTS = 1200


def bits(a: float) -> str:
    return "nan" if a != a else float(a).hex()


def counts(row: Op) -> tuple[int, ...]:
    n = len(row.params.split())
    return (n, n + 1, n + 3) if "*" in row.params else (n,)


def places(row: Op, n: int) -> list[tuple[float, ...]]:
    """Edges, floats of all sizes, and floats of the row's domain."""
    choose = random.Random(f"{row.name} {n}")
    many = POINTS // (20 if row.name in SLOW else 1)
    found: list[tuple[float, ...]] = list(itertools.product(EDGES, repeat=n)) if n <= 2 else []
    if n > 2 or len(found) > many:
        found = choose.sample(found, many) if n == 2 else []
        found += [tuple(choose.choice(EDGES) for _ in range(n)) for _ in range(many if n > 2 else 0)]
    domain = (row.domain or ("",)) * n
    found += [tuple(inside(d, choose) for d in domain[:n]) for _ in range(many)]
    return found + [tuple(any_size(choose) for _ in range(n)) for _ in range(many // 2)]


def any_size(choose: random.Random) -> float:
    if choose.random() < 0.2:
        return float(choose.randint(-8, 30))
    return choose.choice((1.0, -1.0)) * 10.0 ** choose.uniform(-20.0, 20.0)


def inside(domain: str, choose: random.Random) -> float:
    low, high = interval(domain)[:2] if domain else (-math.inf, math.inf)
    if choose.random() < 0.2:
        whole = float(choose.randint(-6, 24))
        return min(max(whole, low), high)
    low, high = max(low, -(10.0 ** choose.uniform(-2.0, 2.5))), min(high, 10.0 ** choose.uniform(-2.0, 2.5))
    return choose.uniform(min(low, high), high)


def module(rows: Sequence[tuple[Op, int]]) -> tuple[str, set[str]]:
    """A module of `void f(double *arguments, double *value)` for each row, and the rows that have none."""
    writer = Writer()
    functions, without = [], set()
    for k, (row, n) in enumerate(rows):
        writer.lines.clear()
        args = [
            writer.write(f"load double, ptr {writer.write(f'getelementptr double, ptr %in, i64 {i}')}")
            for i in range(n)
        ]
        try:
            y = writer.value(row, args)
        except Untranslated:
            without.add(row.name)
            continue
        body = "\n".join(writer.lines)
        functions.append(f"define void @f{k}(ptr %in, ptr %out) {{\n{body}\nstore double {y}, ptr %out\nret void\n}}")
    return "\n".join([writer.definitions(), *functions]), without


def called(address: int, args: Sequence[float]) -> float:
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(address)
    given, out = (ctypes.c_double * max(1, len(args)))(*args), ctypes.c_double()
    function(given, ctypes.byref(out))
    return out.value


@pytest.fixture(scope="module")
def compiled() -> tuple[engine.Loaded, dict[tuple[str, int], int], set[str]]:
    rows = [(row, n) for row in ELEMENTWISE for n in counts(row)]
    ir, without = module(rows)
    return engine.compiled(ir, 1), {(row.name, n): k for k, (row, n) in enumerate(rows)}, without


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_a_row_has_the_bits_of_its_function(row: Op, compiled: Any) -> None:
    loaded, numbers, without = compiled
    if row.name in without:
        pytest.skip("needs large integers, or functions within functions")
    exact = keeps_bits(row)
    for n in counts(row):
        address = loaded.address(f"f{numbers[row.name, n]}")
        for point in places(row, n):
            got, want = called(address, point), row.forward(*point)  # type: ignore[operator]
            if exact or not math.isfinite(want):
                assert bits(got) == bits(want), (point, got, want)
            else:
                assert abs(got - want) <= row.ulps * error_unit(row, point, want), (point, got, want)


def test_few_rows_have_no_machine_code(compiled: Any) -> None:
    _, _, without = compiled
    homes = {OPS[name].forward.__module__.rpartition(".")[2] for name in without}  # type: ignore[union-attr]
    assert homes <= {
        "bessel",
        "bessel_orders",
        "bessel_real",
        "beta",
        "beta_quantiles",
        "fixed_orders",
        "hypergeometric",
        "polylogarithm",
        "incomplete",
        "quantiles",
        "zeta",
    }
    assert sum(not keeps_bits(row) for row in ELEMENTWISE) < len(ELEMENTWISE) / 4


def value(f: wg.Function, point: Sequence[float], level: int = 2) -> float:
    """The first output of a function, by machine code."""
    code = code_of(f.wengert_list)
    writer = Writer(code.ops)
    atoms = [
        writer.write(f"load double, ptr {writer.write(f'getelementptr double, ptr %in, i64 {k}')}")
        for k in range(len(code.inputs))
    ]
    atoms += map(writer.literal, code.numbers)
    for row, slots in code.steps:
        atoms.append(writer.value(row, [atoms[s] for s in slots]))
    body = "\n".join([*writer.lines, f"store double {atoms[code.outputs[0]]}, ptr %out"])
    ir = f"{writer.definitions()}\ndefine void @f(ptr %in, ptr %out) {{\n{body}\nret void\n}}"
    return called(engine.compiled(ir, level).address("f"), point)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_ops_of_a_program(level: int) -> None:
    f = wg.compile("""
op soft(a) = log(1 + exp(a)) with d/da = sigmoid(a)
op twice(a, b) = soft(a)*soft(b) + max(a, b, 1) with d/da = a, d/db = b
input x, y
twice(soft(x), twice(x, y)) + lgamma(y)
""")
    for point in ((0.3, 0.7), (-2.0, 5.0), (40.0, -0.5)):
        assert bits(value(f, point, level)) == bits(f(*point))


def test_ops_of_a_program_that_double_their_work_are_left_alone() -> None:
    lines = ["op f0(a) = a + 1 with d/da = 1"]
    lines += [f"op f{k}(a) = f{k - 1}(f{k - 1}(a)) with d/da = 1" for k in range(1, 30)]
    f = wg.compile("\n".join([*lines, "input x", "f29(x)"]))
    with pytest.raises(Untranslated):
        value(f, (1.0,))


def test_a_callers_function_is_left_alone() -> None:
    row = Op("mine", "a", lambda a: a, ("1",))
    with pytest.raises(Untranslated, match="mine"):
        Writer().value(row, ["%a"])
    assert not keeps_bits(row)


def test_an_op_of_a_program_keeps_bits_if_its_text_does() -> None:
    text = "op f(a) = {0}(a) with d/da = 1\nop g(a) = f(f(a)) with d/da = 1\ninput x\ng(x)"
    for name, exact in (("sin", True), ("lgamma", False)):
        ops = wg.compile(text.format(name)).wengert_list.ops
        assert all(keeps_bits(row, ops) == exact for row in ops)


def test_an_op_of_many_arguments_is_left_alone_beyond_a_width() -> None:
    with pytest.raises(Untranslated):
        Writer().value(OPS["max"], ["%a"] * 10_000)
    assert sys.getrecursionlimit() / 20 > DEEPEST


def test_numbers_keep_their_bits() -> None:
    for a in EDGES:
        (back,) = struct.unpack("<d", struct.pack("<Q", int(Writer().literal(a), 16)))
        assert bits(back) == bits(a)


def test_c_has_the_functions_of_python() -> None:
    # Without one of them a row of ours stands in, as the tests above would show; here is a place to see that.
    assert {*library.ONE, *library.TWO} == set(library.addresses())
