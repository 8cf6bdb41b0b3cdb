"""Ops of the caller's own."""

import math
import pickle

import pytest

import wengert as wg
from wengert.ops import OPS


def test_rules_as_text_have_every_order():
    wg.register("haversine", lambda a: math.sin(a / 2) ** 2, "sin(a)/2", doc="hav")
    f = wg.compile("haversine(2*x)")
    assert f(0.3) == pytest.approx(math.sin(0.3) ** 2)
    assert f.grad(0.3)["x"] == pytest.approx(math.sin(0.6))
    assert f.hessian(0.3)["x", "x"] == pytest.approx(2 * math.cos(0.6))
    assert wg.compile("d(d(haversine(x), x), x)")(0.3) == pytest.approx(math.cos(0.3) / 2)


def test_rules_as_callables_have_one_order():
    wg.register("area", lambda w, h: w * h, [lambda w, h, y: h, lambda w, h, y: w])
    f = wg.compile("area(x^2, y)")
    assert f.grad(3, 4) == (24.0, 9.0)
    assert wg.compile(f.gradient_list)(3, 4) == (24.0, 9.0)
    with pytest.raises(wg.DerivativeError, match="without a derivative rule"):
        f.hessian(3, 4)


def test_forward_as_text():
    wg.register("twice", "a + a", "2", params="a")
    assert wg.compile("twice(x)^2").value_and_grad(3.0) == (36.0, (24.0,))


def test_undefined_values_and_failures():
    wg.register("picky", lambda a: math.sqrt(a), "0.5/y", domain=["[0, inf)"])
    value, g = wg.compile("picky(x)").value_and_grad(-1.0)
    assert math.isnan(value)
    assert [n.code for n in g.notes] == ["W201"]
    wg.register("broken", lambda a: {}[a], None)
    with pytest.raises(wg.UsageError, match="broken"):
        wg.compile("broken(x)")(1.0)
    wg.register("wordy", lambda a: "many words", None)
    assert math.isnan(wg.compile("wordy(x)")(1.0))


@pytest.mark.parametrize(
    ("name", "forward", "partials", "options"),
    [
        ("sin", math.sin, "cos(a)", {}),
        ("ln", math.log, "1/a", {}),
        ("two words", math.sin, "cos(a)", {}),
        ("for", math.sin, "cos(a)", {}),
        ("f", lambda a: a, "nosuch(a)", {}),
        ("f", lambda a: a, "b", {}),
        ("f", lambda a: a, "1 +", {}),
        ("f", lambda a: a, "__import__('os')", {}),
        ("f", lambda a, b: a, "1", {}),
        ("f", lambda *a: a[0], "1", {}),
        ("f", lambda a: a, "1", {"latex": "#2"}),
        ("f", "a + a", "2", {}),
        ("f", "f(a)", "2", {"params": "a"}),
        ("f", lambda y: y, "1", {}),
        ("f", lambda a: a, "1", {"params": "a a"}),
        ("f", lambda a: a, "1", {"kinks": [wg.Kink("a ==", "kink", "")]}),
        (7, lambda a: a, "1", {}),
    ],
)
def test_unsound_rows_are_refused_and_leave_nothing_behind(name, forward, partials, options):
    before = dict(OPS)
    with pytest.raises(wg.WengertError):
        wg.register(name, forward, partials, **options)
    assert before == OPS


def test_replacing_an_op_changes_later_calls():
    wg.register("mine", lambda a: a, "1")
    with pytest.raises(wg.UsageError, match="already"):
        wg.register("mine", lambda a: 2 * a, "2")
    assert wg.compile("mine(x)").grad(1.0)[0] == 1.0
    wg.register("mine", lambda a: 2 * a, "2", replace=True)
    assert wg.compile("mine(x)").value_and_grad(1.0) == (2.0, (2.0,))


def test_a_list_with_a_registered_op_pickles():
    wg.register("mine", lambda a: 3 * a, "3")
    f = pickle.loads(pickle.dumps(wg.compile("mine(x) + 1")))
    assert f(2.0) == 7.0
