"""Patterns, structure and sparse derivative lists, against dense derivative lists and exact arithmetic."""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import wengert as wg
from tests.oracles.programs import ELEMENTWISE, programs
from wengert.ops import OPS
from wengert.sweeps.forward import evaluate, forward_sweep
from wengert.sweeps.numbers import Numbers
from wengert.sweeps.reverse import ReverseRequest, reverse_sweep
from wengert.sweeps.rules import rules_for
from wengert.transforms.derivatives import gradient, hessian, jacobian
from wengert.transforms.sparsity import hessian_pattern, jacobian_pattern, sparse_hessian, sparse_jacobian, structure
from wengert.transforms.sparsity.structural_rules import StructuralRules

TRUSTED = wg.Limits.trusted()


def listed(text: str) -> wg.WengertList:
    return wg.parse(text, limits=TRUSTED).wlist


def values(wlist: wg.WengertList, point: dict[str, float]) -> list[float]:
    return evaluate(wlist, point, Numbers(wlist.ops))


def pairs(found) -> list[tuple[int, int]]:
    return list(zip(found.rows, found.columns))


def agree(sparse: dict[tuple[int, int], float], dense: list[float], width: int, rounding: float = 0.0) -> None:
    """The dense matrix has these entries and no others. Rounding is as large as what was summed: a matrix is compared
    in units of its largest entry, or with the `rounding` of its terms where all of them cancel."""
    size = max([abs(a) for a in dense if math.isfinite(a)], default=0.0) + 1e-300
    for k, a in enumerate(dense):
        b = sparse.get(divmod(k, width), 0.0)
        assert a == b or (a != a and b != b) or abs(a - b) <= max(1e-9 * size, rounding), (divmod(k, width), a, b)


def rounding_of(wlist: wg.WengertList, point: dict[str, float]) -> float:
    """A few roundings of the largest term of an adjoint."""
    apply, largest = Numbers(wlist.ops), [0.0]

    def visit(k: int, i: int, *step: float) -> None:
        if step and math.isfinite(step[2]):
            largest.append(abs(step[2]))

    tape = forward_sweep(wlist, point, apply)
    for a in wlist.outputs:
        if isinstance(a, str):
            reverse_sweep(wlist, tape, {a: 1.0}, apply, rules_for(wlist.ops), ReverseRequest(visit))
    return 8 * math.ulp(max(largest))


# The four terms of its adjoint cancel.
CANCELLING = wg.WengertList([("a", "dbetainc", ("x", "x", "x", "x", 0.5)), ("f", "xlogx", ("a",))], ("x",), ("f",))


@pytest.mark.parametrize("by", [None, "rows", "columns"])
@given(program=programs(outputs=4))
@example(program=(CANCELLING, {"x": 1.0}))
def test_a_sparse_jacobian_is_the_dense_one(program, by):
    wlist, point = program
    pattern = jacobian_pattern(wlist)
    sparse, rows, columns = sparse_jacobian(wlist, by=by)
    assert (rows, columns) == (pattern.rows, pattern.columns)
    assert pairs(pattern) == sorted(set(pairs(pattern)))
    dense = values(jacobian(wlist), point)
    agree(dict(zip(pairs(pattern), values(sparse, point))), dense, len(wlist.inputs), rounding_of(wlist, point))


@given(program=programs(outputs=3, most=12), data=st.data())
def test_a_sparse_jacobian_in_any_names(program, data):
    """In intermediates too, in any order, some twice."""
    wlist, point = program
    names = [*wlist.inputs, *(e.output for e in wlist.equations)]
    wrt = data.draw(st.lists(st.sampled_from(names), max_size=4))
    dense = values(jacobian(wlist, wrt), point) if wrt else []
    sparse, rows, columns = sparse_jacobian(wlist, wrt)
    assert (rows, columns) == jacobian_pattern(wlist, wrt)[1:]
    agree(dict(zip(zip(rows, columns), values(sparse, point))), dense, len(wrt))


@pytest.mark.parametrize("by", ["rows", "columns"])
@pytest.mark.parametrize(
    "equations",
    [
        [("y", "elu", (0.5, "x"))],
        [("v", "exp", ("x",)), ("y", "elu", (0.5, "v"))],
        [("v", "exp", ("x",)), ("u", "elu", (0.5, "v")), ("y", "mul", ("u", "x"))],
        [("y", "mul", (5.0, "x")), ("z", "mul", (5.5, "x")), ("w", "mul", ("x", "x"))],
    ],
)
def test_literals_do_not_change_the_pattern(equations, by):
    """A derivative that is 0 with the literals at hand, where the pattern does not look at them, is an entry of 0. And
    a number is not taken for a name: parts are compared by numbers that stand for names."""
    outputs = [output for output, _, _ in equations if output in "yzw"]
    wlist = wg.WengertList(equations, inputs=("x",), outputs=outputs)
    sparse, rows, columns = sparse_jacobian(wlist, by=by)
    assert (rows, columns) == jacobian_pattern(wlist)[1:]
    assert list(values(sparse, {"x": 0.25})) == list(values(jacobian(wlist), {"x": 0.25}))


@given(program=programs(most=15, smooth=True, bound=1e3))
def test_a_sparse_hessian_is_the_dense_one(program):
    wlist, point = program
    pattern = hessian_pattern(wlist)
    sparse, rows, columns = sparse_hessian(wlist)
    assert (rows, columns) == (pattern.rows, pattern.columns)
    assert set(pairs(pattern)) == {(j, i) for i, j in pairs(pattern)}
    dense = values(hessian(wlist), point)
    agree(dict(zip(pairs(pattern), values(sparse, point))), dense, len(wlist.inputs))
    lower, rows, columns = sparse_hessian(wlist, lower=True)
    assert (rows, columns) == hessian_pattern(wlist, lower=True)[1:]
    whole = dict(zip(pairs(pattern), values(sparse, point)))
    assert list(map(repr, values(lower, point))) == [repr(whole[at]) for at in zip(rows, columns)]


@given(program=programs(most=12, outputs=3))
def test_kinks_are_answered_alike(program):
    wlist, point = program
    for kink in ("left", "right"):
        sparse, rows, columns = sparse_jacobian(wlist, kink=kink)
        dense = values(jacobian(wlist, kink=kink), point)
        agree(dict(zip(zip(rows, columns), values(sparse, point))), dense, len(wlist.inputs))


@given(program=programs(outputs=3))
def test_value_comes_first_and_nothing_is_idle(program):
    wlist, point = program
    sparse, rows, _ = sparse_jacobian(wlist, value=True)
    assert len(sparse.outputs) == len(wlist.outputs) + len(rows)
    assert list(map(repr, values(sparse, point)[: len(wlist.outputs)])) == list(map(repr, values(wlist, point)))
    live = {a for a in sparse.outputs if isinstance(a, str)}
    for e in reversed(sparse.equations):
        assert e.output in live
        live.update(a for a in e.inputs if isinstance(a, str))
    wg.WengertList(sparse.equations, sparse.inputs, sparse.outputs, ops=sparse.ops)  # valid, checked from without


POLYNOMIAL = ("add", "sub", "mul", "neg", "square", "cube", "copy")
EXACT = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "neg": operator.neg, "copy": operator.pos,
    "square": lambda a: a * a, "cube": lambda a: a * a * a,
}  # fmt: skip


def exactly(wlist: wg.WengertList, point: dict[str, Fraction]) -> Fraction:
    tape = forward_sweep(wlist, point, lambda op, *args: EXACT[op](*map(Fraction, args)))
    return tape[wlist.outputs[0]]


def differences(wlist, point, direction, order: int) -> Fraction:
    """The difference of this order along a direction: 0, exactly, for a polynomial of a lower degree."""
    at = [{n: a + k * direction.get(n, 0) for n, a in point.items()} for k in range(order + 1)]
    return sum(
        ((-1) ** (order - k) * math.comb(order, k) * exactly(wlist, p) for k, p in enumerate(at)), start=Fraction(0)
    )


@settings(max_examples=60)
@given(
    program=programs(rows=[OPS[name] for name in POLYNOMIAL], most=8, bound=1e4, constants=False),
    along=st.lists(st.integers(-3, 3), min_size=4, max_size=4),
)
def test_degrees_of_polynomials_are_bounds(program, along):
    """In exact arithmetic: a difference of a higher order than the degree is 0, in each input and along any line."""
    wlist, _ = program
    found = structure(wlist)
    point = {n: Fraction(k * k + 2, 3) for k, n in enumerate(wlist.inputs)}
    degrees = dict(zip(found.columns, found.degrees))
    for j, name in enumerate(wlist.inputs):
        degree = degrees.get(j, 0)
        if degree < 12:
            assert differences(wlist, point, {name: 1}, int(degree) + 1) == 0
    if found.joint[0] < 12:
        direction = dict(zip(wlist.inputs, along))
        assert differences(wlist, point, direction, int(found.joint[0]) + 1) == 0


@given(program=programs(outputs=3, most=15))
def test_structure_and_patterns_tell_one_story(program):
    """What does not depend has no derivative; what is linear has no second one; and the values say so too."""
    wlist, point = program
    found = structure(wlist)
    degrees = dict(zip(pairs(found), found.degrees))
    assert set(pairs(jacobian_pattern(wlist))) <= set(degrees)
    for i, output in enumerate(wlist.outputs):
        alone = wg.WengertList(wlist.equations, wlist.inputs, [output], ops=wlist.ops)
        seconds = set(pairs(hessian_pattern(alone)))
        for j, name in enumerate(wlist.inputs):
            degree = degrees.get((i, j), 0)
            if degree < 2:
                assert (j, j) not in seconds
            if degree == 0:
                moved = values(alone, {**point, name: point[name] + 1.25})
                assert list(map(repr, moved)) == list(map(repr, values(alone, point)))
        if found.joint[i] < 2:
            assert not seconds


@given(program=programs(most=12, smooth=True, bound=1e3))
def test_what_is_quadratic_has_a_constant_second_derivative(program):
    wlist, point = program
    found = structure(wlist)
    for j, degree in zip(found.columns, found.degrees):
        if degree == 2:
            name = wlist.inputs[j]
            second, _, _ = sparse_hessian(wlist, [name])
            moved = values(second, {**point, name: point[name] + 0.5})
            for a, b in zip(values(second, point), moved):
                assert a == b or not math.isfinite(a + b) or math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6)


HESSIANS = {
    "x*y": {(0, 1)},
    "x + y": set(),
    "x - y/3": set(),
    "x/y": {(0, 1), (1, 1)},
    "x^2": {(0, 0)},
    "x^1": set(),
    "x^0": set(),
    "x^0.5": {(0, 0)},
    "x^y": {(0, 0), (0, 1), (1, 1)},
    "2^x": {(0, 0)},
    "2/x": {(0, 0)},
    "0*x^2 + y": set(),
    "sin(x + y)": {(0, 0), (0, 1), (1, 1)},
    "sin(x) + y": {(0, 0)},
    "max(x, y)": set(),
    "max(x*y, z, w)": {(0, 1)},
    "hypot(x, y, z, w, v)": {(i, j) for i in range(5) for j in range(i, 5)},
    "hypot(x, 1, 2, 3, 4)": {(0, 0)},
    "floor(x*y)": set(),
    "stop_gradient(x*y)*z": set(),
    "where(c > 0, x*y, z)": {(1, 2)},
    "(x + y)*(z + w)": {(0, 2), (0, 3), (1, 2), (1, 3)},
    "x*y*z": {(0, 1), (0, 2), (1, 2)},
    "x*x": {(0, 0)},
    "abs(x)*y": {(0, 1)},
}


@pytest.mark.parametrize("text", HESSIANS)
def test_interactions_are_exact(text):
    wlist = listed(text)
    assert set(pairs(hessian_pattern(wlist, lower=True))) == {(j, i) for i, j in HESSIANS[text]}


STRUCTURES = {
    "x^2": ({"x": "quadratically"}, "quadratically"),
    "x^1": ({"x": "linearly"}, "linearly"),
    "x^3": ({"x": "nonlinearly"}, "nonlinearly"),
    "x^0 + y": ({"y": "linearly"}, "linearly"),
    "x^-1": ({"x": "nonlinearly"}, "nonlinearly"),
    "x*y": ({"x": "linearly", "y": "linearly"}, "quadratically"),
    "(x + y)^2": ({"x": "quadratically", "y": "quadratically"}, "quadratically"),
    "(x*y)^2": ({"x": "quadratically", "y": "quadratically"}, "nonlinearly"),
    "x - x": ({"x": "linearly"}, "linearly"),
    "exp(2)*x + sin(1)": ({"x": "linearly"}, "linearly"),
    "x/y": ({"x": "linearly", "y": "nonlinearly"}, "nonlinearly"),
    "x/3": ({"x": "linearly"}, "linearly"),
    "sin(y)*x^2": ({"y": "nonlinearly", "x": "quadratically"}, "nonlinearly"),
    "where(c > 0, x, y^2)": ({"c": "nonlinearly", "x": "linearly", "y": "quadratically"}, "nonlinearly"),
    "where(1 > 0, x, y)": ({"x": "linearly", "y": "linearly"}, "linearly"),
    "abs(x)": ({"x": "nonlinearly"}, "nonlinearly"),
    "floor(x) + y": ({"x": "nonlinearly", "y": "linearly"}, "nonlinearly"),
    "max(x, y, z, w, 1)": (dict.fromkeys("xyzw", "nonlinearly"), "nonlinearly"),
    "3": ({}, "not"),
}


@pytest.mark.parametrize("text", STRUCTURES)
def test_words_are_sharp(text):
    wlist = listed(text)
    words, jointly = STRUCTURES[text]
    found = structure(wlist)
    assert {wlist.inputs[j]: word for j, word in zip(found.columns, found.how)} == words
    assert found.jointly == [jointly]
    for j, name in enumerate(wlist.inputs):
        assert found.between(0, j) == words.get(name, "not")


@pytest.mark.parametrize("degree", [1, 2, 3, 7, 20])
def test_degrees_of_powers(degree):
    assert structure(listed(f"x^{degree} + y*z")).degrees == [degree, 1, 1]
    assert structure(listed("*".join(["x"] * degree))).joint == [degree]


def test_an_op_of_the_program_and_one_without_a_rule():
    wlist = listed("op twice(a, b) = 2*a*b with d/da = 2*b, d/db = 2*a\ntwice(x, y) + z")
    assert pairs(hessian_pattern(wlist, lower=True)) == [(1, 0)]
    assert structure(wlist).degrees == [1, 1, 1]
    wg.register("opaque", lambda a, b: a * b, [lambda a, b, y: b, lambda a, b, y: a])
    wlist = wg.WengertList([("f", "opaque", ("x", "y")), ("g", "add", ("f", "z"))])
    assert pairs(jacobian_pattern(wlist)) == [(0, 0), (0, 1), (0, 2)]
    assert set(pairs(hessian_pattern(wlist, lower=True))) == {(0, 0), (1, 0), (1, 1)}
    assert structure(wlist).how == ["nonlinearly", "nonlinearly", "linearly"]
    assert values(sparse_jacobian(wlist)[0], {"x": 2.0, "y": 3.0, "z": 4.0}) == [3.0, 2.0, 1.0]
    with pytest.raises(wg.DerivativeError, match="without a derivative rule"):
        sparse_hessian(wlist)


def rosenbrock(n: int) -> wg.WengertList:
    terms = " + ".join(f"100*(x{i + 1} - x{i}^2)^2 + (1 - x{i})^2" for i in range(n - 1))
    return listed(f"input {', '.join(f'x{i}' for i in range(n))}\n{terms}")


def broyden(n: int) -> wg.WengertList:
    """C. G. Broyden, "A class of methods for solving nonlinear simultaneous equations", Mathematics of Computation
    19(92), 1965, pp. 577-593: the tridiagonal system."""
    x = ["0", *(f"x{i}" for i in range(n)), "0"]
    lines = [f"r{i} = (3 - 2*{x[i + 1]})*{x[i + 1]} - {x[i]} - 2*{x[i + 2]} + 1" for i in range(n)]
    names = ", ".join(f"r{i}" for i in range(n))
    return listed("\n".join([f"input {', '.join(x[1:-1])}", *lines, f"output {names}"]))


def test_sums_of_terms_are_found_in_their_own_time():
    """The work is counted, not timed: a term more adds as many equations as the one before."""
    sizes = [len(sparse_hessian(rosenbrock(n))[0]) for n in (20, 21, 40, 41)]
    assert sizes[1] - sizes[0] == sizes[3] - sizes[2] <= 32
    _, rows, columns = sparse_hessian(rosenbrock(30))
    assert len(rows) == 3 * 30 - 2
    assert all(abs(i - j) <= 1 for i, j in zip(rows, columns))
    sizes = [len(sparse_jacobian(broyden(n))[0]) for n in (20, 21, 40, 41)]
    assert sizes[1] - sizes[0] == sizes[3] - sizes[2] <= 16


def test_rosenbrocks_hessian():
    """By hand: d2f/dx_i^2 = 1200 x_i^2 - 400 x_{i+1} + 2 (+ 200 from the second on), d2f/dx_i dx_{i+1} = -400 x_i."""
    n = 12
    wlist = rosenbrock(n)
    x = {name: math.sin(3 * k) for k, name in enumerate(wlist.inputs)}
    sparse, rows, columns = sparse_hessian(wlist)
    at = [x[f"x{i}"] for i in range(n)]
    for i, j, h in zip(rows, columns, values(sparse, x)):
        if i == j:
            inner = 1200 * at[i] ** 2 - 400 * at[i + 1] + 2 if i < n - 1 else 0.0
            expected = inner + 200 * (i > 0)
        else:
            expected = -400 * at[min(i, j)]
        assert math.isclose(h, expected, rel_tol=1e-12, abs_tol=1e-10)


@pytest.mark.parametrize(
    "text",
    [
        "m = (x + y + z + w)/4\n(x - m)^2 + (y - m)^2 + (z - m)^2 + (w - m)^2",
        "sin(x*y + z*w)",
        "u = x\nfor t in 0:30 { u = sin(u + y*t) }\nu",
        "s = x*y\n" + " + ".join(f"(s + x^{k})^2" for k in range(1, 40)),
        "input x, y\nwhere(x > 0, log(x)*y, x*y^2)",
        "input a, b, c\nmax(a*b, b*c, c*a)^2 + a^3",
    ],
)
@pytest.mark.parametrize("at", [0.7, -0.4])
def test_terms_that_overlap_and_branches(text, at):
    wlist = listed(text)
    point = {n: at + 0.3 * k for k, n in enumerate(wlist.inputs)}
    sparse, rows, columns = sparse_hessian(wlist)
    agree(dict(zip(zip(rows, columns), values(sparse, point))), values(hessian(wlist), point), len(wlist.inputs))


def test_many_outputs_of_few_inputs_go_by_columns():
    """n outputs along a chain in one input: by rows the work is n^2, and by columns n."""
    n = 400
    lines = "\n".join(f"s{k} = s{k - 1} + sin(s{k - 1})" for k in range(1, n))
    wlist = listed(f"s0 = x\n{lines}\noutput {', '.join(f's{k}' for k in range(n))}")
    sparse, rows, _ = sparse_jacobian(wlist)
    assert rows == list(range(n))
    assert len(sparse) <= 8 * n
    values_ = values(sparse, {"x": 0.5})
    assert math.isclose(values_[1], 1 + math.cos(0.5))


def test_of_several_outputs_the_hessian_is_that_of_their_sum():
    wlist = listed("input x, y\nf = x^2*y\ng = sin(y)\noutput f, g, x, 3, f")
    point = {"x": 1.3, "y": 0.4}
    sparse, rows, columns = sparse_hessian(wlist)
    whole = values(hessian(listed("input x, y\n2*x^2*y + sin(y)")), point)
    agree(dict(zip(zip(rows, columns), values(sparse, point))), whole, 2)


def test_mistakes_are_named():
    wlist = listed("z = x^2\nz*y")
    with pytest.raises(wg.UnknownName, match="`q`"):
        jacobian_pattern(wlist, ["q"])
    with pytest.raises(wg.UsageError, match="`z` is an intermediate"):
        sparse_hessian(wlist, ["z"])
    with pytest.raises(wg.UsageError, match="named twice"):
        hessian_pattern(wlist, ["x", "x"])
    with pytest.raises(wg.UsageError, match="by `diagonals`"):
        sparse_jacobian(wlist, by="diagonals")
    with pytest.raises(wg.UsageError, match="kink policy"):
        sparse_jacobian(wlist, kink="middle")
    with pytest.raises(wg.LimitError):
        sparse_hessian(listed("sin(x*y) + cos(x*y)"), limits=wg.Limits(equations=6))
    derivative = wg.WengertList([("f", "sin", ("x",)), ("g", "d", ("f", "x"))])
    for ask in (jacobian_pattern, hessian_pattern, structure, sparse_jacobian, sparse_hessian):
        with pytest.raises(wg.DerivativeError, match="expand its derivatives first"):
            ask(derivative)


def test_spans_and_names_are_kept():
    wlist = listed("y = sin(x)*x\ny")
    sparse, _, _ = sparse_hessian(wlist)
    assert len(sparse.provenance.spans) == len(sparse)
    assert sparse.provenance.source is not None
    assert all(sparse.provenance.span(k) is not None for k in range(len(sparse)))
    assert gradient(wlist).inputs == sparse.inputs


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_the_form_of_any_op_takes_few_others(row: wg.Op, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules of ops of several orders lead to a tree of others, which is not followed to its ends."""
    count = 0
    integrated = StructuralRules._integrated

    def counted(self: StructuralRules, key: Any) -> Any:
        nonlocal count
        count += 1
        return integrated(self, key)

    monkeypatch.setattr(StructuralRules, "_integrated", counted)
    n = len(row.params.split()) + ("*" in row.params)
    facts = StructuralRules()
    found = facts.form(row.name, tuple(f"x{i}" for i in range(n)))
    assert count <= 250
    assert found.bent | {i for term in found.terms for i, k in enumerate(term) if k} <= set(range(n))
    # What is met on the way is known as well as if it were asked for first.
    for op, inputs in (("x*y", ("mul", ("a", "b"))), ("x^5", ("pow", ("a", 5.0)))):
        assert facts.form(*inputs) == StructuralRules().form(*inputs), op
