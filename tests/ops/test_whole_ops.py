"""Laws of the ops that work on arrays as products, over the table of calls: every mode, every order, batches, text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert
from tests import some
from tests.oracles.array_calls import CALLS, Call, calls
from wengert.ground.errors import WengertError
from wengert.language import parse
from wengert.lists.wengert_list import WengertList
from wengert.ops import OPS
from wengert.ops.rows import filters, placing, products, reductions
from wengert.sweeps.rules import vjp_rule
from wengert.transforms.derivatives import gradient, hvp, hvp_reverse

ALL = list(calls())
every = pytest.mark.parametrize("call", ALL, ids=[c.id for c in ALL])


class Scalar:
    """The sum of an op's value, weighted, as a program; its arguments; and which of them can move."""

    def __init__(self, call: Call) -> None:
        rng = np.random.default_rng(1)
        row = OPS[call.op]
        names = [f"a{k}" for k in range(len(call.args))]
        self.point = dict(zip(names, call.args))
        self.moving = [n for k, n in enumerate(names) if vjp_rule(row, k) is not None]
        value = wengert.compile(WengertList([("y", call.op, names)], names, shapes=self.shapes()))(**self.point)
        self.value = value
        self.weight = rng.uniform(0.5, 1.5, np.shape(value))
        self.point["w"] = self.weight
        # The square makes the second derivative depend on the op's own value.
        equations = [
            ("y", call.op, names), ("s", "square", "y"), ("t", "add", ("s", "y")), ("m", "mul", ("t", "w")),
            ("f", "sum", "m"),
        ]  # fmt: skip
        self.list = WengertList(equations, [*names, "w"], shapes=self.shapes())
        self.function = wengert.compile(self.list)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {n: np.shape(v) for n, v in self.point.items() if np.shape(v)}

    def direction(self, seed: int = 2) -> dict[str, Any]:
        rng = np.random.default_rng(seed)
        found = {n: rng.uniform(-1, 1, np.shape(self.point[n])) for n in self.moving}
        return {n: v if v.ndim else float(v) for n, v in found.items()}

    def at(self, t: float, direction: dict[str, Any]) -> dict[str, Any]:
        return {n: v + t * direction[n] if n in direction else v for n, v in self.point.items()}


def inner(a: dict[str, Any], b: dict[str, Any]) -> float:
    return sum(float(np.sum(np.multiply(a[n], b[n]))) for n in b)


def slope(function: Any, h: float = 2e-3) -> Any:
    """The derivative at 0, by central differences extrapolated twice."""
    d = [np.subtract(function(k * h), function(-k * h)) / (2 * k * h) for k in (1, 2, 4)]
    once = [(4 * a - b) / 3 for a, b in ((d[0], d[1]), (d[1], d[2]))]
    return (16 * once[0] - once[1]) / 15


def close(a: Any, b: Any, tolerance: float) -> None:
    scale = 1.0 + (np.max(np.abs(b)) if np.size(b) else 0.0)
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * scale)


def test_every_row_has_calls() -> None:
    rows = [row.name for group in (products, placing, reductions, filters) for row in group.ROWS]
    assert set(rows) == set(CALLS)
    assert all(row in OPS and OPS.written(row).array is not None for row in rows)  # type: ignore[union-attr]


def test_every_row_says_what_it_is() -> None:
    for group in (products, placing, reductions, filters):
        for row in group.ROWS:
            assert row.doc.endswith(".")
            assert "\n" not in row.doc
            assert row.source
            n = len(row.params.split())
            assert len(row.vjp) == n or "*" in row.params


@every
def test_shapes_are_foretold(call: Call) -> None:
    scalar = Scalar(call)
    assert np.shape(scalar.value) == tuple(OPS[call.op].array.shape(*map(np.shape, call.args)))
    # Where less is known, what is foretold does not contradict.
    unknown = OPS[call.op].array.shape(*[None if np.shape(a) else () for a in call.args])
    if unknown is not None:
        assert len(unknown) == np.ndim(scalar.value)
        assert all(d is None or d == size for d, size in zip(unknown, np.shape(scalar.value)))


@every
def test_modes_agree_with_differences(call: Call) -> None:
    scalar = Scalar(call)
    direction = scalar.direction()
    found = scalar.function.grad(**scalar.point)
    ahead = scalar.function.jvp(scalar.point, direction) if direction else 0.0
    close(inner(found, direction), ahead, 1e-12)
    close(ahead, slope(lambda t: scalar.function(**scalar.at(t, direction))), 2e-9)
    written = gradient(scalar.list)
    listed = wengert.compile(written)(**scalar.point)
    for name, value in zip(scalar.list.inputs, listed if len(scalar.list.inputs) > 1 else [listed]):
        close(np.broadcast_to(value, np.shape(found[name])), found[name], 1e-13)
        assert np.shape(found[name]) == np.shape(scalar.point[name])
    assert parse(str(written)).wlist == written
    assert parse(str(scalar.list)).wlist == scalar.list


@every
def test_second_derivatives(call: Call) -> None:
    scalar = Scalar(call)
    if not scalar.moving:
        return
    direction = scalar.direction()
    found = scalar.function.hvp(scalar.point, direction)
    for name in scalar.moving:
        want = slope(lambda t, name=name: scalar.function.grad(**scalar.at(t, direction))[name])
        close(found[name], want, 2e-8)
    extra = {f"{n}_dot": direction.get(n, np.zeros(np.shape(scalar.point[n]))) for n in scalar.list.inputs}
    extra = {n: v if np.ndim(v) else float(v) for n, v in extra.items()}
    for make in (hvp, hvp_reverse):
        written = make(scalar.list)
        assert parse(str(written)).wlist == written
        answers = wengert.compile(written)(**scalar.point, **extra)
        for name, value in zip(scalar.list.inputs, answers if len(scalar.list.inputs) > 1 else [answers]):
            if name in scalar.moving:
                close(np.broadcast_to(value, np.shape(found[name])), found[name], 1e-11)


@every
def test_a_rule_chooses_a_formula_without_a_jump(call: Call) -> None:
    """No comparison that a rule makes is told of as a place where the program jumps."""
    scalar = Scalar(call)
    if not scalar.moving:
        return
    notes = scalar.function.hessian(scalar.point, wrt=scalar.moving).notes
    told = {note.message.split("`")[1] for note in notes if note.code == "W303"}
    assert not any(OPS[op].boolean for op in told), told


@every
def test_third_derivatives(call: Call) -> None:
    scalar = Scalar(call)
    if not scalar.moving:
        return
    u, v = scalar.direction(), scalar.direction(3)
    twice = hvp(scalar.list, scalar.moving)
    equations = [*twice.equations]
    terms = []
    for n, answer in zip(scalar.moving, twice.outputs):
        equations += [(f"{n}_p", "mul", (answer, f"{n}_v")), (f"{n}_q", "sum", (f"{n}_p",))]
        terms.append(f"{n}_q")
    total = terms[0]
    for k, term in enumerate(terms[1:]):
        equations.append((f"total{k}", "add", (total, term)))
        total = f"total{k}"
    point = dict(scalar.point)
    point.update({f"{n}_dot": u[n] for n in scalar.moving}, **{f"{n}_v": v[n] for n in scalar.moving})
    shapes = {n: np.shape(a) for n, a in point.items() if np.shape(a)}
    curved = wengert.compile(WengertList(equations, list(point), [total], shapes=shapes))
    move = scalar.direction(4)
    close(curved.jvp(point, move), inner(curved.grad(**point), move), 1e-11)
    want = slope(lambda t: curved(**{n: a + t * move[n] if n in move else a for n, a in point.items()}))
    close(curved.jvp(point, move), want, 1e-7)


@every
def test_a_batch_is_its_points(call: Call) -> None:
    scalar = Scalar(call)
    u = scalar.direction(5)
    if not u:
        return
    points = [scalar.at(t, u) for t in (0.0, 1e-2, -1e-2)]
    # That an input is a number must be said, or an array of numbers would be one.
    shapes = {n: np.shape(v) for n, v in scalar.point.items()}
    function = wengert.compile(WengertList(scalar.list.equations, scalar.list.inputs, shapes=shapes))
    varying = [[n] for n in scalar.moving] + [scalar.moving]
    for names in varying:
        batch = {n: np.stack([p[n] for p in points]) if n in names else scalar.point[n] for n in scalar.point}
        values, found = function.value_and_grad(**batch)
        for k, p in enumerate(points):
            alone = {n: p[n] if n in names else scalar.point[n] for n in scalar.point}
            value, want = function.value_and_grad(**alone)
            close(values[k], value, 1e-14)
            for n in scalar.moving:
                close(found[n][k], want[n], 1e-13)
    # Two batch axes that broadcast.
    wide = {n: np.stack([p[n] for p in points])[:, None] if n in u else scalar.point[n] for n in scalar.point}
    wide["w"] = np.stack([scalar.weight, 2 * scalar.weight])
    assert np.shape(function(**wide)) == (3, 2)
    close(function(**wide)[1, 1], 2 * function(**points[1]), 1e-13)


def test_a_condition_may_be_smaller_than_what_it_chooses() -> None:
    a, c = np.arange(6.0).reshape(2, 3) / 4, np.array([1.0, 0.0, 1.0])
    f = wengert.compile("input A[2,3], c[3]\nsum(where(c > 0, exp(A), 0)^2)")
    want = np.where(c > 0, 2 * np.exp(2 * a), 0)
    close(f.grad(A=a, c=c)["A"], want, 1e-14)
    close(wengert.compile(gradient(f.wengert_list))(A=a, c=c)[0], want, 1e-14)
    close(f.hvp([a, c], {"A": np.ones((2, 3))})["A"], 2 * want, 1e-14)
    # Where a derivative is infinite that was not taken.
    g = wengert.compile("input A[2,3], c[3]\nsum(where(c > 0, sqrt(A), 0))")
    assert np.isfinite(g.grad(A=np.array([[1.0, 0.0, 1.0], [4.0, 0.0, 9.0]]), c=c)["A"]).all()


STRINGS = [call.op for call in ALL]
shapes = st.lists(st.integers(0, 3), max_size=3).map(tuple)


@given(st.sampled_from(STRINGS), st.lists(shapes, min_size=4, max_size=4), st.booleans(), st.integers(0, 99))
@settings(max_examples=some(600), deadline=None)
def test_any_arguments_give_the_foretold_shape_or_an_error(op: str, given: Any, alike: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = len(OPS[op].params.split()) + ("*" in OPS[op].params)
    names = [f"a{k}" for k in range(n)]
    have = [given[0] if alike else shape for shape in given][:n]
    point = {name: rng.integers(-1, 2, shape).astype(float) for name, shape in zip(names, have)}
    point = {name: v if v.ndim else float(v) for name, v in point.items()}
    shapes = {n: np.shape(v) for n, v in point.items()}
    try:
        f = wengert.compile(WengertList([("y", op, names)], names, shapes=shapes))
        y = f(**point)
    except WengertError:
        return
    foretold = OPS[op].array.shape(*have)
    assert np.shape(y) == tuple(foretold)
    batch = f(**{n: np.stack([v, v]) for n, v in point.items()})
    assert np.shape(batch) == (2, *np.shape(y)) or not names
    if names:
        found = f.vjp(point, {"y": np.ones(np.shape(y)) if np.ndim(y) else 1.0})
        assert all(np.shape(found[n]) == np.shape(point[n]) for n in names)
        f.jvp(point, point)
