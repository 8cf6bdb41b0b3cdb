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


@pytest.mark.parametrize("kernel", ["auto", "python", "interpreter"])
def test_replacing_an_op_changes_what_was_made_with_it(kernel):
    """Kernels, lists and bound functions that were made from the old row give the answers of new ones."""
    p, v, along = (2.0, 1.5), {"x": 2.0, "y": 1.5}, (1.0, 0.5)

    def answers(f, whole, bound):
        flat, second = bound["flat"], bound["second"]
        return [
            f(*p), f.value_and_grad(*p), f.grad(*p, wrt="x"), f([2.0], 1.5).tolist(), f.grad([2.0], 1.5)["x"].tolist(),
            f.jvp(p, along), f.vjp(p), f.jacobian(*p), f.hessian(*p), f.hvp(p, along), f.taylor(p, along, order=2),
            f.gradient_list, str(f.derivative("x")), f.sparse_jacobian(v).values.tolist(),
            f.sparse_hessian(v).values.tolist(), f.emit("json"), f.graph(v), second(2.0), second.grad(2.0),
            bound["value"](*p), bound["gradient"](*p), flat.value_and_grad(p)[1].tolist(), flat.hess(p).tolist(),
            whole(p),
        ]  # fmt: skip

    def made():
        f, whole = (wg.compile(t, kernel=kernel) for t in ("changing(x)*y", "input p[2]; changing(p[0])*p[1]"))
        second = wg.compile("d(changing(x), x)", kernel=kernel)
        bound = {"value": f.bind("value"), "gradient": f.bind(), "flat": f.flat(x=1, y=1, wrt=["x", "y"])}
        return f, whole, {**bound, "second": second}

    wg.register("changing", lambda a: a * a, "2*a", replace=True)
    old = made()
    first = [answers(*old) for _ in range(3)]
    wg.register("changing", lambda a: a * a * a, "3*a*a", replace=True)
    assert repr(answers(*old)) == repr(answers(*made()))
    assert repr(answers(*old)) != repr(first[-1])
    wg.register("changing", "a*a", "2*a", params="a", replace=True)
    assert repr(answers(*old)) == repr(answers(*made()))


def test_rules_see_the_op_that_was_put_in_the_place_of_one():
    """Also where a literal decides a step of the rule beforehand."""
    wg.register("inner", lambda a: a + 1, "1", replace=True)
    wg.register("outer", lambda a, b: a * b, ["inner(b) + inner(b)*inner(b)*b", None], replace=True)
    f = wg.compile("outer(x, 3)")
    assert f.grad(1.0)["x"] == 4.0 + 4.0 * 4.0 * 3.0
    wg.register("inner", lambda a: a + 2, "1", replace=True)
    for g in (f, wg.compile("outer(x, 3)")):
        assert g.grad(1.0)["x"] == 5.0 + 5.0 * 5.0 * 3.0


def test_a_list_with_a_registered_op_pickles():
    wg.register("mine", lambda a: 3 * a, "3")
    f = pickle.loads(pickle.dumps(wg.compile("mine(x) + 1")))
    assert f(2.0) == 7.0
