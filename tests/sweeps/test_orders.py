"""Second derivatives where many values are tied: `sweeps.order_statistics` against the mean over all orders."""

from __future__ import annotations

import itertools
import math
import random
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests import some
from wengert.sweeps.rays import Rays

# A program over an array and tied values r of it, and the same with the order statistics s, from the smallest up.
PROGRAMS = [
    ("max(x)*min(x)", "s[4]*s[0]"),
    ("sum(sort(x)^2)", "sum(s^2)"),
    ("sort(x)[0]*sort(x)[1]*x[3]", "s[0]*s[1]*x[3]"),
    ("(max(x) - min(x))^2 + median(x)^3", "(s[4] - s[0])^2 + s[2]^3"),
    ("quantile(x, 0.3)^2*sum(x)", "(0.8*s[1] + 0.2*s[2])^2*sum(x)"),
    ("exp(max(x) + 2*min(x))/x[0]", "exp(s[4] + 2*s[0])/x[0]"),
    ("max(x)*max(-3*x)", "-3*s[4]*s[0]"),
    ("max(exp(x))*median(x)*x[1]", "exp(s[4])*s[2]*x[1]"),
    ("max(x[0], x[1], x[2], x[3], x[4])*min(x)", "s[4]*s[0]"),
    ("var(sort(x)[1:])", "var(s[1:])"),
]


def dense(f: Any, x: Any) -> Any:
    return np.array(f.hessian(x=x)["x", "x"])


def mean_over_orders(text: str, x: Any) -> Any:
    """The mean of the Hessians of the pieces: in each the order statistics are the elements in one order."""
    n, total = len(x), np.zeros((len(x), len(x)))
    order = np.argsort(x, kind="stable")
    runs = [list(run) for _, run in itertools.groupby(order, key=lambda k: x[k])]
    f = wg.compile(f"input x[{n}], s[{n}]\n{text}")
    second = f.hessian(x=x, s=x[order])
    blocks = {(a, b): np.array(second[a, b]) for a in "xs" for b in "xs"}
    count = 0
    for parts in itertools.product(*map(itertools.permutations, runs)):
        taken = np.eye(n)[[k for part in parts for k in part]]
        total += blocks["x", "x"] + blocks["x", "s"] @ taken + taken.T @ blocks["s", "x"]
        total += taken.T @ blocks["s", "s"] @ taken
        count += 1
    return total / count


@pytest.mark.parametrize("x", [[1.0] * 5, [1.0, 2.0, 1.0, 2.0, 1.0], [3.0, 1.0, 3.0, 3.0, 3.0]], ids=str)
@pytest.mark.parametrize(("text", "piece"), PROGRAMS, ids=[text for text, _ in PROGRAMS])
def test_the_mean_over_all_orders(text: str, piece: str, x: list[float]) -> None:
    f, point = wg.compile(f"input x[5]\n{text}"), np.array(x)
    want = mean_over_orders(piece, point)
    np.testing.assert_allclose(dense(f, point), want, rtol=1e-12, atol=1e-13)
    for i in (0, 3):
        np.testing.assert_allclose(f.hvp({"x": point}, {"x": np.eye(5)[i]})[0], want[i], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(f.hessian_diagonal(x=point)[0], np.diag(want), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("n", [3, 4])
def test_few_elements_are_followed_piece_by_piece_with_the_same_answer(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wengert.sweeps.rays.FEW", 0)
    for text in ("max(x)*min(x)*x[0]", "exp(sum(sort(x)*x))", "max(x)^3", "max(abs(x - 2))*min(x)"):
        f, x = wg.compile(f"input x[{n}]\n{text}"), np.ones(n)
        closed = dense(f, x)
        with monkeypatch.context() as patch:
            patch.setattr("wengert.sweeps.rays.FEW", 4)
            patch.setattr(Rays, "orders", None)
            np.testing.assert_allclose(dense(wg.compile(f"input x[{n}]\n{text}"), x), closed, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("n", [12, 40])
def test_any_number_of_ties(n: int) -> None:
    x, one = np.ones(n), np.eye(n)
    off = 2 / (n * (n - 1))
    np.testing.assert_allclose(dense(wg.compile(f"input x[{n}]; max(x)*min(x)"), x), off * (1 - one), atol=1e-15)
    np.testing.assert_allclose(dense(wg.compile(f"input x[{n}]; sum(sort(x)^2)"), x), 2 * one, atol=1e-14)
    f = wg.compile(f"input x[{n}]; sum(abs(x - 1)^2) + max(x)*min(x)")
    np.testing.assert_allclose(dense(f, x), 2 * one + off * (1 - one), atol=1e-14)
    sparse = f.sparse_hessian(x=x)
    np.testing.assert_allclose(sparse.values, dense(f, x)[sparse.rows, sparse.columns], atol=1e-15)
    assert all("pieces that meet here" in note.message for note in f.hessian(x=x).notes)


def test_random_groups_of_numbers() -> None:
    """Independent groups, and values that rise and fall with the same inputs."""
    rng = random.Random(5)
    for _ in range(6):
        a = rng.sample(range(6), 3)
        b = [k for k in range(6) if k not in a]
        scale = rng.choice((-2.0, 0.5))
        lists = (f"x[{k}]" for k in a), (f"{scale}*x[{k}] + x[{b[0]}]^2" for k in a), (f"x[{k}]*x[{a[0]}]" for k in b)
        text = "max({})*exp(min({}))*max({})".format(*map(", ".join, lists))
        f = wg.compile(f"input x[6]\n{text}")
        total, count = np.zeros((6, 6)), 0
        for order in itertools.permutations(a):
            low = order[0] if scale > 0 else order[-1]
            for last in b:
                piece = f"x[{order[-1]}]*exp({scale}*x[{low}] + x[{b[0]}]^2)*x[{last}]*x[{a[0]}]"
                total += dense(wg.compile(f"input x[6]\n{piece}"), np.ones(6))
                count += 1
        assert count == 3 * math.factorial(3)
        np.testing.assert_allclose(dense(f, np.ones(6)), total / count, rtol=1e-12, atol=1e-13, err_msg=text)


# Over x and a number c that may be tied with it; of all orders of the values some exclude others.
DEPENDENT = [
    "max(x)*max(x[0:4])", "max(x)*min(x[0:3])*x[1]", "exp(max(x) + min(x[1:4]))*median(x[2:5])",
    "sort(x)[3]*sort(x[0:4])[1]", "max(x)*max(-x[0:3])", "max(2*x[0:4])*max(x)", "max(x^2)*max(x[0:4])*x[0]",
    "max(x[0], x[1])*max(x[1], x[2])*max(x[2], x[0])*x[4]", "sum(sort(x)*x)*max(x[0:3])",
    # One that orders values of others.
    "max(max(x), c)*min(x)", "max(max(x[0:2]), max(x[1:5]))^2", "max(sort(x)[0:4])*max(x)", "min(min(x), c)^2*c",
    "max(max(x[0], x[1]), max(x[2], x[3]), x[4])*min(x)",
]  # fmt: skip


def choices(draw: random.Random, depth: int) -> str:
    """A random choice among tied names, by one op or another."""
    if depth == 0:
        return draw.choice(["a", "b", "c", "0*a"])
    one, other = choices(draw, depth - 1), choices(draw, depth - 1)
    forms = ["max({0}, {1})", "min({0}, {1})", "abs({0})", "where({0} > {1}, {0}, {1})", "relu({0} - {1})"]
    return draw.choice(forms).format(one, other)


def test_a_choice_that_is_written_again_is_the_one_that_has_a_name() -> None:
    """A piece decides all copies of an op on the same inputs alike, so both spellings have one Hessian, and a symmetric
    one, also in an input that is not used."""
    draw = random.Random(15)
    for _ in range(some(25)):
        m, w = choices(draw, 2), choices(draw, 1)
        named = wg.compile(f"input a, b, c, d\nM = {m}\nW = {w}\n(M + W)*M*d", fuse=False)
        again = wg.compile(f"input a, b, c, d\n(({m}) + {w})*({m})*d", fuse=False)
        for at in ((0.0, 0.0, 0.0, 1.0), (0.0, 1.0, 0.0, 2.0), (1.0, 1.0, 1.0, 1.0)):
            one, other = (np.array([list(row) for row in f.hessian(*at)]) for f in (named, again))
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-13, err_msg=f"{m}; {w} at {at}")
            np.testing.assert_allclose(one, one.T, rtol=1e-12, atol=1e-13, err_msg=f"{m}; {w} at {at}")


def nested(leaves: list[str], draw: random.Random) -> str:
    """Nested maxima and minima of some names, each of which may be the one that is chosen."""
    if len(leaves) == 1:
        return leaves[0]
    k = draw.randrange(1, len(leaves))
    return f"{draw.choice(['max', 'min'])}({nested(leaves[:k], draw)}, {nested(leaves[k:], draw)})"


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_nested_choice_has_a_piece_for_each_of_its_names(n: int) -> None:
    """Along a ray that moves few of them, maxima of different names have equal arguments and are still two decisions.
    Other names, however many, change nothing."""
    draw = random.Random(n)
    names = [f"x{k}" for k in range(n)]
    for more in ("", " + sin(y0)*y1", " + exp(y0 + y1*y2)"):
        text = f"({nested(names, draw)})*z{more}"
        f = wg.compile(text)
        at = {name: 2.0 if name.startswith("x") else draw.uniform(0.5, 1.5) for name in f.inputs}
        for h in (f.hessian(at), f.hessian({k: np.full(3, v) for k, v in at.items()})):
            for name in names:
                assert np.all(np.abs(h[name, "z"] - 1 / n) < 1e-15), (text, h)
                assert np.all(np.abs(h["z", name] - 1 / n) < 1e-15), (text, h)
                assert all(np.all(h[name, other] == 0.0) for other in names), (text, h)


@pytest.mark.parametrize("text", DEPENDENT)
def test_orders_that_depend_on_each_other(text: str) -> None:
    """Against the mean of the Hessians beside the point, in each order."""
    names = 5 + ("c" in text)
    orders = np.array(list(itertools.permutations(range(names))), float)
    head = "input x[5], c\n" if "c" in text else "input x[5]\n"
    values = {"x": np.ones(5), "c": 1.0} if "c" in text else {"x": np.ones(5)}
    beside = {"x": 1 + 1e-9 * orders[:, :5], "c": 1 + 1e-9 * orders[:, -1]}
    f = wg.compile(head + text)
    second, found = f.hessian({n: beside[n] for n in values}), f.hessian(values)
    for a, b in itertools.product(values, repeat=2):
        np.testing.assert_allclose(found[a, b], np.mean(second[a, b], axis=0), rtol=1e-6, atol=1e-7, err_msg=a + b)
    assert all("mean" in note.message for note in found.notes if note.code == "W302")
    batch = f.hessian({n: np.stack([v] * 7) for n, v in values.items()})
    np.testing.assert_allclose(batch["x", "x"][3], found["x", "x"], rtol=1e-12, atol=1e-14)


def test_two_maxima_that_are_one_and_the_same_element() -> None:
    f = wg.compile("input x[5]; max(max(x[:3]), max(x[2:]))*median(x)")
    x = np.array([1.0, 2.0, 5.0, 3.0, 4.0])
    want = np.zeros((5, 5))
    want[2, 3] = want[3, 2] = 1.0
    np.testing.assert_allclose(f.hessian(x=x)["x", "x"], want, atol=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        "min(max(x), 1)*x[0]",
        "min(max(x[0:3]), max(x[2:5]))*x[0]",
        "sum(abs(x - 1))*max(x)",
        "max(exp(max(x)), e)*min(x)",
    ],
)
def test_pieces_that_are_not_all_met_are_told(text: str) -> None:
    found = wg.compile(f"input x[12]\n{text}").hessian(x=np.ones(12))
    assert all("each op's own rule is used" in note.message for note in found.notes)
    assert found.notes


def hessian(text: str, names: str, *point: float) -> Any:
    """The Hessian of a formula over single numbers, as one matrix."""
    f = wg.compile(f"input {', '.join(names)}\n{text}")
    found = f.hessian(*point)
    return np.array([[float(found[a, b]) for b in names] for a in names])


@pytest.mark.parametrize(
    ("text", "same", "point"),
    [
        # The same choice, written first in a condition or in a branch that is not taken.
        ("where(b > min(0.5, a), b, min(0.5, a)^2)", "min(0.5, a)^2", (0.5, 0.25)),
        ("(b + min(max(max(a, 2), max(b, 1)), max(b, 1)))*a", "(b + max(b, 1))*a", (2.0, 1.0)),
        # A decision does not count below a number that others are larger than, or a relu that is 0.
        ("max(relu(a), 1)*max(a, b, 0)^2", "max(a, b, 0)^2", (0.0, 0.0)),
        ("relu(max(a, b))^2", "max(a, b, 0)^2", (0.0, 0.0)),
        ("relu(max(a, b))^2", "max(max(a, b), 0)^2", (0.0, 0.0)),
    ],
)
def test_a_choice_counts_once_and_where_it_matters(text: str, same: str, point: tuple[float, float]) -> None:
    np.testing.assert_allclose(hessian(text, "ab", *point), hessian(same, "ab", *point), rtol=1e-14)


def test_all_pieces_are_met_in_any_order_of_the_inputs() -> None:
    """Also with inputs that decide nothing, and where a piece is narrow."""
    for names in map("".join, [*itertools.permutations("abcd")][::5]):
        point = [0.0 if name == "a" else 1.0 for name in names]
        found = hessian("max(d*b, max(c, b))", names, *point)
        assert found[names.index("d"), names.index("b")] == pytest.approx(1 / 3)
    for k in (5, 20):
        want = np.diag([2.0 * k**2 * 2, 2.0]) / 3
        np.testing.assert_allclose(hessian(f"max({k}*abs(x), y)^2", "xy", 0.0, 0.0), want)


@pytest.mark.parametrize("kink", ["left", "right"])
def test_a_maximum_of_one_value_twice_has_its_derivative_from_each_side(kink: str) -> None:
    for text in ("max(x, x)^2", "min(x, x)^2", "max(min(x, x), y)^2"):
        assert wg.compile(f"input x, y\n{text}", kink=kink).grad(3.0, 1.0)["x"] == 6.0


def test_an_input_may_have_the_name_of_a_constant() -> None:
    text, point = "max({0}, min(a, sqrt(abs(b)^2 + abs({0})^2)))", (1e8, 0.0, 0.0, 0.0, 1e8)
    np.testing.assert_array_equal(
        hessian(text.format("e"), "abcde", *point), hessian(text.format("u"), "abcdu", *point)
    )
    x = np.array([1.0, 1.0, 2.0, 1.0])
    blocks = [wg.compile(f"input b, c, {n}\nmax(1, sort([b, c])[1])").hessian(x, x, x) for n in "eu"]
    for a, b in (("b", "b"), ("b", ""), ("", "")):
        one, other = [np.asarray(h[a or n, b or n]) for h, n in zip(blocks, "eu")]
        np.testing.assert_array_equal(one, other)


def test_an_order_of_values_that_do_not_all_move() -> None:
    """Along some rays one of the values that a sort compares is a number."""
    text = "(relu(a) - max(a, 1))*sort([relu(b), 1, where(0 < c, a, a)])[1] + where(0 < c, a, a)"
    found = hessian(text, "abc", 0.0, 0.0, 0.0)
    np.testing.assert_array_equal(found, found.T)
    assert not found[2].any()
