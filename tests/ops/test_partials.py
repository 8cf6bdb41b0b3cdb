"""Every partial derivative of every row, through the sweep, within 4 units in the last place over its whole domain.

Where a row misses that, its source says why, and the error is no more than rounding each step of the rule explains: the
bound that `bounds` takes from the adjoints of the rule's own list.
"""

import contextlib
import itertools
import math
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import mpmath as mp
import pytest

import wengert as wg
from tests import FULL
from tests.oracles import digits
from tests.oracles.elementwise import ORACLES, arguments, slope
from tests.oracles.oracle import ulps
from tests.oracles.programs import DEAR, ELEMENTWISE
from tests.oracles.rows import SLOW
from wengert.ops import OPS
from wengert.sweeps.nonfinite import holds
from wengert.sweeps.rounding import error_bounds
from wengert.sweeps.rules import parameters

N, BOUND = digits.SLOPES, 4.0

CANCELS, SUBNORMAL, ROUNDED = "cancel", "subnormal", "rounding a"
# Rows that miss the bound: a word of the reason in their source, and a point that shows it.
MISSES: dict[str, tuple[str, tuple[float, ...]]] = {
    "div": (SUBNORMAL, (1.0313323e-316, 0.0019340918434517637)),
    "pow": (SUBNORMAL, (3.149674232210434e-296, 1.0625)),
    "hypot": (SUBNORMAL, (5e-324, 5e-324)),
    "atan2": (SUBNORMAL, (5e-324, 0.0003111739337307094)),
    "gauss": (SUBNORMAL, (26.999999899417162,)),
    "normpdf": (SUBNORMAL, (38.349609375,)),
    "gamma": (SUBNORMAL, (-180.00000000001023,)),
    "elu": (SUBNORMAL, (-732.9126565015919, -301.4250417214962)),
    "silu": (CANCELS, (-1.2784645427610741,)),
    "gelu": (CANCELS, (-0.7517915246935643,)),
    "mish": (CANCELS, (-1.1924312145155291,)),
    "exprel_product": (ROUNDED, (237.1, 1.7)),
    "exprelr_quotient": (ROUNDED, (237.1, 1.7)),
    "derfcx": (ROUNDED, (7.0, 3.25)),
    "digamma_gap": (CANCELS, (2.0, 1e-9)),
    "beta": (ROUNDED, (9.9951171875, 9.9951171875)),
    "betapdf": (CANCELS, (5.0, 5.0, 0.5001)),
    "betainc": (ROUNDED, (200.0, 24.30901977851192, 0.2253997748637473)),
    "dbetapdf": (CANCELS, (0.0, 0.0, 5.0, 5.0, 0.5001)),
    "dbetainc": (CANCELS, (1.0, 0.0, 555.1482076291882, 5.255587080343164, 0.9937540144988241)),
    "gammapdf": (CANCELS, (5.0, 4.509)),
    "gammainc": (ROUNDED, (444.88145160168443, 708.146240589034)),
    "gammaincc": (ROUNDED, (36.99697137543277, 16.382104382701005)),
    "gammainc_da": (CANCELS, (30.0, 30.003662109375)),
    "gammaincinv": (ROUNDED, (39.0042680412969, 4.2533466826669755e-13)),
    "gammainccinv": (ROUNDED, (1.0000000000000009, 1e-40)),
    "owens_t": (ROUNDED, (-24.634008045121533, 0.9999999999854481)),
    "softshare2": (ROUNDED, (20.90332189804026, 4.344133699496496)),
    "polylog": (CANCELS, (-7.297068757243578, -0.9)),
    "elliprj": (CANCELS, (333.02737251063394, 723.6657763214527, 1.9999999999995453, -13.418631521958009)),
    "wofz_real": (CANCELS, (5.822720798319776e-219, 5.999999999999995)),
    "wofz_imag": (CANCELS, (27.499999590218067, 27.50000000000078)),
    "dwofz_real": (CANCELS, (0.0, -8.941463747000302e-41, 6.5)),
    "dwofz_imag": (CANCELS, (2.0, 27.49999999839929, 27.500000006402843)),
    "voigt_profile": (CANCELS, (1.03125, 0.99951171875, 0.9999999999417923)),
    "dvoigt": (CANCELS, (1.0, -21.964406112560706, 5.871243923824103, 35.477792042251444)),
    "dvoigt_imag": (CANCELS, (1.0, 20.29870110581163, 10.537703219472146, 34.74846348058565)),
    "dgammapdf": (CANCELS, (0.0, 5.0, 4.509)),
    "dgammainc": (CANCELS, (1.0, 30.0, 30.003662109375)),
    "j1": (CANCELS, (1.8411837813406593,)),
    "besselj": (CANCELS, (2.0, 3.0542369282271404)),
    "dbessely": (CANCELS, (2.0, 0.9999999999999999, 47.99999997764826)),
    "dbesselk": (CANCELS, (1.0, 2.100987469513749e-07, 0.9999999403953552)),
    "betaincinv": (ROUNDED, (4.226880535113369, 0.9999998807907104, 0.9793045588812374)),
    "dbesseli": (CANCELS, (1.0, 1e-17, 5.959187469064145)),
    "y1": (CANCELS, (3.6830228565851777,)),
    "dsinc_radians": (CANCELS, (1.0, 2.0882542685713084)),
    "ddawson": (ROUNDED, (7.0, 20.79217253831345)),
    "lambertw": (CANCELS, (-0.36782,)),
    "lambertwm1": (CANCELS, (-0.36782,)),
}  # fmt: skip

ROWS = {row.name for row in ELEMENTWISE}  # before any test registers ops of its own
# Not smooth anywhere, or chosen: `test_edges` and `test_real` hold their laws.
WITHOUT = {name for name in ROWS if all(p is None for p in OPS[name].partials)}


def alone(name: str, n: int) -> wg.Function:
    """The op on its own, a program of n inputs."""
    names = parameters(OPS[name], n)
    return wg.compile(wg.WengertList([("f", name, names)], inputs=names), fuse=False)


def errors(f: wg.Function, name: str, args: tuple[float, ...]) -> list[tuple[float, float, object]]:
    """For each partial at a point its error in ulps, itself, and what it should be; nothing where there is none.

    At a kink the mean of the one-sided derivatives is right. Jumps and singular points are for `test_edges`.
    """
    row = OPS[name]
    value, gradient = f.value_and_grad(*args)
    if not (math.isfinite(value) and mp.isfinite(digits.exact_value(name, args))):
        return []
    if any(holds(row, kink.when, args, value) for kink in row.kinks if kink.kind not in ("kink", "tie")):
        return []
    found = []
    for i, got in enumerate(gradient):
        flat = row.partials[min(i, len(row.partials) - 1)] is None
        exact = mp.mpf(0) if flat else digits.exact_slope(name, args, i)
        found.append((ulps(got, exact), got, exact))
    return found


def test_every_row_is_measured():
    assert ORACLES.keys() | WITHOUT == ROWS
    assert ORACLES.keys() >= MISSES.keys()


@pytest.mark.parametrize("name", sorted(ORACLES.keys() - WITHOUT))
def test_within_four_ulps(name):
    points = arguments(name, N if FULL or name not in DEAR else N // 4)
    f = alone(name, len(points[0]))
    for args in points:
        for i, (error, got, exact) in enumerate(errors(f, name, args)):
            if error > BOUND:
                assert name in MISSES, (args, i, error, got, mp.nstr(exact, 20))
                explained = error_bounds(f.gradient_list, dict(zip(f.inputs, args)), exact_inputs=True)[i]
                assert abs(got - exact) <= explained, (args, i, error, got, mp.nstr(exact, 20))


@pytest.mark.parametrize(("name", "middle", "factor"), [("erfinv", 0.0, 2), ("erfcinv", 1.0, 2), ("ndtri", 0.5, 1)])
@pytest.mark.parametrize("off", [0.0, 1e-12, -1e-6, 0.01, 0.2, -0.24])
def test_a_bend_beside_its_zero(name, middle, factor, off):
    """The second derivative of an inverse is 2*y*y'^2 (y*y'^2 of the normal law), which is 0 in the middle: a rule
    that is right at first order may cancel there."""
    f, a = alone(name, 1), middle + off
    got = f.hessian({"a": a})["a"]["a"]
    with mp.workdps(50):
        exact = factor * ORACLES[name].value(mp.mpf(a)) * slope(name, (a,), 0) ** 2
    assert got == exact == 0.0 if off == 0.0 else ulps(got, exact) <= 2 * BOUND


@pytest.mark.parametrize("name", sorted(ROWS - WITHOUT - {"where"}))
def test_a_rule_chooses_a_formula_without_a_jump(name):
    """The second derivative compares what the rule compares. That is no place of the program's own."""
    told, n = set(), len(arguments(name, 1)[0])
    f, grid = alone(name, n), (-2.0, -1.0, -0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 2.0)
    if n > 1 and not FULL:
        grid = (-1.0, 0.0, 0.5, 1.0)
    combined: Iterable[tuple[float, ...]] = itertools.product(grid[:: 3 if name in SLOW else 1], repeat=n)
    dear = 2 if FULL else 1
    most = dear if name in DEAR else 81 if name in SLOW else 9**3
    if not FULL and name not in DEAR:
        every = list(combined)
        combined = random.Random(name).sample(every, min(24, len(every)))
    points = [p for p in arguments(name, dear if name in DEAR else 12 if FULL else 8) if len(p) == n]
    points += itertools.islice(combined, most)
    for args in points:
        with contextlib.suppress(wg.WengertError):
            told |= {
                note.message.split("`")[1] for note in f.hessian(dict(zip(f.inputs, args))).notes if note.code == "W303"
            }
    assert not any(OPS[op].boolean for op in told), told


@pytest.mark.parametrize(
    ("text", "args", "told"),
    [
        ("where(x > 1, x^2, x^3)", {"x": 0.3}, []),
        ("where(x > 1, x^2, x^3)", {"x": 1.0}, ["x > 1"]),
        ("where(stop_gradient(x) > 0, x, 2*x)", {"x": 0.0}, []),
        ("where(x > 0 and y > 0, x*y, x)", {"x": 0.0, "y": 2.0}, ["x > 0"]),
        ("x^y", {"x": 2.0, "y": 3.0}, []),
        ("x^y", {"x": 0.0, "y": 2.0}, []),
        ("sum([x, x^2])*sum(where([x, 1] > 0, [x, 1], [0, x]))", {"x": 0.3}, []),
    ],
)
def test_a_jump_is_told_where_the_program_has_one(text, args, told):
    """A gradient that jumps is a kink of the program: the note says that the pieces' second derivatives differ."""
    notes = wg.compile(text, fuse=False).hessian(args).notes
    assert [note.message.split("`")[1] for note in notes if note.code in ("W301", "W303")] == told
    assert all("differ, and their mean is used" in note.message for note in notes)


@pytest.mark.parametrize("name", MISSES)
def test_a_row_that_misses_says_why(name):
    reason, args = MISSES[name]
    assert reason in OPS[name].source
    f = alone(name, len(args))
    explained = error_bounds(f.gradient_list, dict(zip(f.inputs, args)), exact_inputs=True)
    found = errors(f, name, args)
    assert max(error for error, _, _ in found) > BOUND
    assert all(abs(got - exact) <= bound for (_, got, exact), bound in zip(found, explained))


def test_the_table_is_printed():
    command = [sys.executable, "-m", "benchmarks.accuracy", "--points", "3", "--ops", "tanh,hypot", "--markdown"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert "| tanh | value |" in done.stdout
    assert "wengert: 5 of 5 within 4 ulp" in done.stdout
