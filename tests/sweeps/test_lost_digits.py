"""Notes on digits that rounding has eaten: they come where digits are lost, as mpmath tells, and only there."""

from __future__ import annotations

import math
from typing import Any

import mpmath as mp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert as wg
from tests.oracles.elementwise import ORACLES, arguments
from tests.oracles.programs import programs
from wengert.cli import main
from wengert.lists.wengert_list import Equation, WengertList
from wengert.ops import CONSTANTS, OPS
from wengert.sweeps.forward import evaluate
from wengert.sweeps.lost_digits import DIGITS, lost_digits
from wengert.sweeps.numbers import Numbers
from wengert.sweeps.reverse import reverse_sweep

THRESHOLD = 10.0**-DIGITS
# The estimate is right to a digit: between these relative errors a note may come or not.
QUIET, LOUD = THRESHOLD / 10, THRESHOLD * 10
SMOOTH = (
    "add sub mul div pow square sqrt exp log sin cos tan tanh expm1 log1p sinh cosh atan hypot reciprocal cbrt neg erf "
    "sigmoid softplus log2 exp2"
).split()
CONSTANT = {"pi": mp.pi, "tau": mp.mpf(2) * mp.pi, "e": mp.e}
# What a user may meet, with the relative error of the worst number.
LOST = [
    ("x/(1 - exp(-x))", {"x": 1e-7}, "1 - exp(-x)"),
    ("0.1*(V + 40)/(1 - exp(-(V + 40)/10))", {"V": -39.9999999}, "1 - exp(-(V + 40)/10)"),
    ("1 - cos(x)", {"x": 1e-9}, "1 - cos(x)"),
    ("1 - cos(x)", {"x": 2.0**-30}, "1 - cos(x)"),
    ("exp(x) - 1", {"x": 1e-20}, "exp(x) - 1"),
    ("tanh(x) - 1", {"x": 30.0}, "tanh(x) - 1"),
    ("sqrt(1 + x) - sqrt(x)", {"x": 1e13}, "sqrt(1 + x) - sqrt(x)"),
    ("0.1 + 0.2 - x", {"x": 0.3}, "0.1 + 0.2 - x"),
    ("y*sin(pi)", {"y": 3.0}, "sin"),
    ("(x - sin(x))/x", {"x": 1e-9}, "x - sin(x)"),
]
EXACT = [
    ("x - x", {"x": 0.1}),
    ("(x + 1) - x", {"x": 3.0}),
    ("x^3 - 8", {"x": 2.0}),
    ("exp(x) - 1", {"x": 0.0}),
    ("cos(x) - 1", {"x": 0.0}),
    ("log(x) + 2^y - 8", {"x": 1.0, "y": 3.0}),
    ("sin(x) - sin(x)", {"x": 0.3}),
    ("(x - y)*1e8", {"x": 1.0, "y": 1.0 + 2.0**-40}),  # Sterbenz: the difference is exact
    ("(x/3)*3 - x", {"x": 1.0}),
    ("100*(y - x^2)^2 + (1 - x)^2", {"x": 1.0, "y": 1.0}),
    ("exp(-x^2)", {"x": 40.0}),
    ("sqrt(x^2 + y^2) - 5", {"x": 3.0, "y": 4.0}),
    ("where(x > 0, x, -x) - abs(x)", {"x": -0.7}),
    ("expm1(x)", {"x": 1e-20}),
]


def noted(text: str, point: dict[str, float], fuse: bool = False) -> list[Any]:
    return [n for n in wg.compile(text, fuse=fuse).notes(point) if n.code == "W320"]


@pytest.mark.parametrize(("text", "point", "subject"), LOST)
def test_lost_digits_are_told_and_their_place_is_shown(text: str, point: dict[str, float], subject: str) -> None:
    first = noted(text, point)[0]
    assert f"digits are lost in `{subject}`" in first.message
    assert first.severity == "note"
    assert first.span is not None
    assert first.source is not None
    assert first.source.text[first.span.start : first.span.end].startswith(subject)


@pytest.mark.parametrize(("text", "point"), EXACT)
def test_exact_results_bear_no_note(text: str, point: dict[str, float]) -> None:
    assert not noted(text, point)


def test_a_note_changes_no_number_and_is_made_when_it_is_read() -> None:
    f = wg.compile("x/(1 - exp(-x))", fuse=False)
    value, gradient = f.value_and_grad(1e-7)
    assert value == f(1e-7)
    assert [n.code for n in gradient.notes] == ["W320"]
    assert "about 1 right digit of the derivative in `x`" in gradient.notes[0].message
    assert [n.code for n in f.jacobian(1e-7).notes] == ["W320"]


def test_second_derivatives_have_their_own_notes() -> None:
    found = wg.compile("x*y/(1 - exp(-x))", fuse=False).hessian(1e-5, 2.0).notes
    assert any("the second derivative in `x`:" in n.message for n in found)
    assert not any("value" in n.message for n in found)


@pytest.mark.parametrize("command", ["eval", "eval --no-grad", "trace", "check", "jacobian", "hessian"])
def test_every_command_tells(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, *flags = command.split()
    fuse = [] if name == "trace" else ["--no-fuse"]
    main([name, "(1 - cos(x))/x", "--x", "1e-9", *fuse, *flags])
    assert "note[W320]: rounding leaves no right digit" in capsys.readouterr().err


def exactly(wlist: WengertList, point: dict[str, Any], digits: int) -> Any:
    """The value of the output."""
    with mp.workdps(digits):
        known = {**CONSTANTS, **{n: +v for n, v in CONSTANT.items()}, **point}
        for output, op, inputs in wlist.equations:
            args = [mp.mpf(known[a] if isinstance(a, str) else a) for a in inputs]
            known[output] = mp.mpf(ORACLES[op].value(*args))
        return known[wlist.outputs[0]]  # type: ignore[index]


def slope(wlist: WengertList, point: dict[str, float], name: str) -> Any:
    """The derivative, by a central difference with a step of 40 digits less."""
    with mp.workdps(160):
        h = mp.mpf(10) ** -40
        ahead, behind = (exactly(wlist, {**point, name: mp.mpf(point[name]) + s * h}, 160) for s in (1, -1))
        return (ahead - behind) / (2 * h)


def error_of(found: float, exact: Any) -> float:
    if found == exact:
        return 0.0
    return float(abs(found - exact) / abs(exact)) if exact else math.inf


# The numbers met, by what was told of them.
MET: dict[str, set[float]] = {"told": set(), "silent": set(), "idle": set()}


@settings(max_examples=300, derandomize=True, database=None)
@given(
    programs(rows=[OPS[n] for n in SMOOTH], most=10, smooth=True, bound=1e3),
    st.integers(0, 44),
    st.sampled_from([0.0, 1e-9, 1e-6, 1e-12]),
    st.booleans(),
)
def spoiled(program: tuple[WengertList, dict[str, float]], bits: int, nudge: float, squared: bool) -> None:
    """A random program, less a number that agrees with it in so many bits, and perhaps squared: a note comes where
    digits are lost; where it comes without need is counted."""
    wlist, point = program
    point = {n: v + nudge for n, v in point.items()}
    value = evaluate(wlist, point, Numbers())[0]
    if not math.isfinite(value) or not all(abs(v) > 1e-30 for v in point.values()):
        return
    last = Equation("less", "sub", (wlist.outputs[0], value * (1.0 - 2.0**-bits)))
    more = [last, Equation("twice", "mul", ("less", "less"))][: 1 + squared]
    wlist = WengertList([*wlist.equations, *more], wlist.inputs, [more[-1].output])
    tape: dict[str, Any] = {**CONSTANTS, **point}
    for output, op, inputs in wlist.equations:
        tape[output] = Numbers()(op, *[tape[a] if isinstance(a, str) else a for a in inputs])
    output = more[-1].output
    adjoint = reverse_sweep(wlist, tape, {output: 1.0}, Numbers())
    notes = lost_digits(wlist, point, wlist.inputs, wlist.outputs, "mean")
    said = " ".join(n.message.partition(":")[0] for n in notes)
    told = {"value": tape[output], **{f"in `{n}`": adjoint[n] for n in wlist.inputs if n in adjoint}}
    for called, number in told.items():
        if not math.isfinite(number) or "more" in said:
            continue
        name = called[4:-1] if called != "value" else ""
        exact = slope(wlist, point, name) if name else exactly(wlist, point, 100)
        if max(abs(exact), abs(number)) < 1e-60:
            continue  # beyond the oracle
        error = error_of(number, exact)
        MET["told" if called in said else "silent"].add(number)
        assert called in said or error <= LOUD, (called, number, float(exact), error)
        if called in said and error < QUIET:
            MET["idle"].add(number)


def test_notes_come_where_digits_are_lost_and_seldom_elsewhere() -> None:
    for met in MET.values():
        met.clear()
    spoiled()
    told, silent, idle = map(len, MET.values())
    assert min(10 * told, silent) > 100
    # Rounding may be kind: then a digit is right that need not be.
    assert idle <= 0.25 * told


@pytest.mark.parametrize("name", [n for n, row in OPS.items() if row.residual is not None])
def test_residuals_are_the_exact_value_less_the_float(name: str) -> None:
    row, tried = OPS[name], 0
    for args in arguments(name, 600):
        y = row.forward(*args)  # type: ignore[operator]
        if not all(map(math.isfinite, (*args, y))):
            continue
        assert row.residual is not None
        found = row.residual(*args, y)
        if found is None:
            continue
        tried += 1
        with mp.workdps(800):
            exact = mp.mpf(ORACLES[name].value(*map(mp.mpf, args))) - mp.mpf(y)
            assert abs(found - exact) <= 1e-3 * abs(exact) + 2.0**-1074, args
    assert tried > 10


def test_long_lists_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    f = wg.compile("y = x - sin(x)\noutput y, 2*y", fuse=False)
    assert any("the derivative of `y`" in n.message for n in f.jacobian(1e-9).notes)
    monkeypatch.setattr("wengert.sweeps.lost_digits.MOST", len(f.running_list))
    assert all("derivative" not in n.message for n in f.jacobian(1e-9).notes)
    monkeypatch.setattr("wengert.sweeps.lost_digits.MOST", len(f.running_list) - 1)
    assert not f.jacobian(1e-9).notes


def test_a_root_that_rounding_made_vanish() -> None:
    """The angle between two places is 7.6e-10, and acos(1) is 0. At a kink notes on digits stay."""
    f = wg.compile("acos(sin(a)*sin(b) + cos(a)*cos(b)*cos(l))")
    notes = f.grad(0.7, 0.7, 1e-9).notes
    assert any(n.code == "W320" and "acos" in n.message and "value" in n.message for n in notes), notes
    for exact in ("acos(x)", "acos(1 - (x - 1)^2)", "acosh(x)", "sqrt(x - 1)"):
        assert all(n.code != "W320" for n in wg.compile(exact).grad(1.0).notes), exact
