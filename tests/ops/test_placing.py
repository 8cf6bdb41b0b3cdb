"""Ops that make and place arrays: values against NumPy's functions, sizes from none on, sorting at ties, messages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert
from wengert.ground.errors import DomainError, ParseError, ShapeError, WengertError
from wengert.language import parse
from wengert.lists.wengert_list import WengertList

A = np.arange(24.0).reshape(2, 3, 4) - 7
SAME = [
    ("zeros([2,3])", lambda a: np.zeros((2, 3))),
    ("zeros(2)", lambda a: np.zeros(2)),
    ("ones([2,0])", lambda a: np.ones((2, 0))),
    ("eye(3)", lambda a: np.eye(3)),
    ("eye(2, 4)", lambda a: np.eye(2, 4)),
    ("arange(5)", lambda a: np.arange(5.0)),
    ("arange(2, 9, 3)", lambda a: np.arange(2.0, 9, 3)),
    ("arange(5, 0, -2)", lambda a: np.arange(5.0, 0, -2)),
    ("arange(3, stop=1)", lambda a: np.arange(3.0, 1)),
    ("full([2,3], 0.5)", lambda a: np.full((2, 3), 0.5)),
    ("full(2, 3)", lambda a: np.full(2, 3.0)),
    ("full([2,2], [1,2])", lambda a: np.full((2, 2), [1.0, 2])),
    ("full(7, shape=2)", lambda a: np.full(2, 7.0)),
    ("linspace(0, 1, 7)", lambda a: np.linspace(0, 1, 7)),
    ("linspace(0.1, 0.7, 4)", lambda a: np.linspace(0.1, 0.7, 4)),
    ("linspace([1,2], 3, 1)", lambda a: np.linspace([1, 2], 3, 1)),
    ("one_hot([0,2,-1], 3)", lambda a: np.eye(3)[[0, 2, -1]]),
    ("stack(a, 2*a)", lambda a: np.stack([a, 2 * a])),
    ("stack(a, 2*a, axis=-1)", lambda a: np.stack([a, 2 * a], axis=-1)),
    ("concatenate(a, 2*a, axis=-1)", lambda a: np.concatenate([a, 2 * a], axis=-1)),
    ("flatten(a)", np.ravel),
    ("ravel(a)", np.ravel),
    ("expand_dims(a, [0,-1])", lambda a: np.expand_dims(a, (0, -1))),
    ("squeeze(a[:1,:,:1])", lambda a: np.squeeze(a[:1, :, :1])),
    ("squeeze(a[:1], 0)", lambda a: a[0]),
    ("swapaxes(a, 0, -1)", lambda a: np.swapaxes(a, 0, -1)),
    ("moveaxis(a, 0, -1)", lambda a: np.moveaxis(a, 0, -1)),
    ("moveaxis(a, [0,2], [1,0])", lambda a: np.moveaxis(a, [0, 2], [1, 0])),
    ("permute(a, [2,0,1])", lambda a: np.transpose(a, (2, 0, 1))),
    ("repeat(a, 2)", lambda a: np.repeat(a, 2)),
    ("repeat(a, 2, axis=1)", lambda a: np.repeat(a, 2, axis=1)),
    ("tile(a, [2,1,3])", lambda a: np.tile(a, (2, 1, 3))),
    ("tile(a[0,0], [2,3])", lambda a: np.tile(a[0, 0], (2, 3))),
    ("tile(a, 2)", lambda a: np.tile(a, 2)),
    ("flip(a)", np.flip),
    ("flip(a, [0,2])", lambda a: np.flip(a, (0, 2))),
    ("roll(a, 5)", lambda a: np.roll(a, 5)),
    ("roll(a, [1,-1], [0,2])", lambda a: np.roll(a, (1, -1), (0, 2))),
    ("pad(a, 1)", lambda a: np.pad(a, 1)),
    ("pad(a, [1,2])", lambda a: np.pad(a, (1, 2))),
    ("pad(a, [1,2,0,0,3,0])", lambda a: np.pad(a, ((1, 2), (0, 0), (3, 0)))),
    ("unpad(pad(a, [1,2]), [1,2])", lambda a: a),
    ("sort(-a, 1)", lambda a: np.sort(-a, 1)),
    ("argsort(-a)", lambda a: np.argsort(-a, kind="stable")),
    ("take_along_axis(a, argsort(-a))", lambda a: np.sort(a)[..., ::-1]),
    ("take(a, [[2,0]], axis=1)", lambda a: np.take(a, [[2, 0]], axis=1)),
    ("where(a > 0, a, 0)", lambda a: np.where(a > 0, a, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "oracle"), SAME, ids=[text for text, _ in SAME])
def test_values_are_numpys(text, oracle):
    f = wengert.compile(f"input a[2,3,4]\n{text}")
    got = f(a=A)
    np.testing.assert_array_equal(got, oracle(A))
    assert np.shape(got) == np.shape(oracle(A))
    # A batch of three, one of them the point itself.
    batch = f(a=np.stack([A, A + 1, 2 * A]))
    assert np.shape(batch) == (3, *np.shape(got))
    for k, point in enumerate((A, A + 1, 2 * A)):
        np.testing.assert_array_equal(batch[k], oracle(point))
    wlist = f.wengert_list
    assert parse(str(wlist)).wlist == wlist


def test_ops_of_no_arguments_stand_in_lists():
    wlist = WengertList([("z", "zeros[shape=[2,3]]", ()), ("e", "eye[n=2]", ()), ("y", "matmul", ("e", "z"))])
    assert str(wlist).splitlines()[0] == "z = zeros[shape=[2,3]]()"
    assert parse(str(wlist)).wlist == wlist
    np.testing.assert_array_equal(wengert.compile(wlist)(), np.zeros((2, 3)))
    f = wengert.compile("input x\nsum(ones([2,2])*x)")
    assert f(3.0) == 12.0
    assert f.grad(3.0)["x"] == 4.0


def test_sizes_may_be_names():
    f = wengert.compile("input x[n]\nsum(x*arange(n)) + sum(linspace(0, 1, n))", shapes={"x": (4,)})
    assert f(np.ones(4)) == 8.0


sizes = st.integers(0, 4)
MOVES = ("flip({a})", "roll({a}, 3)", "flatten({a})", "repeat({a}, 2)", "tile({a}, [2,1])", "pad({a}, [1,0,0,2])",
         "permute({a}, [1,0])", "swapaxes({a}, 0, 1)", "lined({a}, axis=0)", "expand_dims({a}, 1)",
         "stack({a}, {a}, axis=1)",
         "sort({a})", "reshape({a}, -1)")  # fmt: skip


@given(sizes, sizes, st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_any_size_has_an_adjoint(m, n, seed):
    rng = np.random.default_rng(seed)
    for move in MOVES:
        a, u = rng.normal(size=(m, n)), rng.normal(size=(m, n))
        f = wengert.compile(f"input a[{m},{n}]\n{move.format(a='a')}")
        v = rng.normal(size=np.shape(f(a=a)))
        back = f.vjp({"a": a}, {f.outputs[0]: v})["a"]
        assert back.shape == (m, n)
        assert np.isclose(np.sum(v * f.jvp({"a": a}, {"a": u})), np.sum(back * u), rtol=1e-12, atol=1e-13), move
        batch = f(a=np.stack([a, u]))
        np.testing.assert_array_equal(batch[0], f(a=a))
        np.testing.assert_array_equal(batch[1], f(a=u))
        assert f(a=np.zeros((0, m, n))).shape == (0, *v.shape)


def test_the_adjoint_of_sort_is_a_permutation():
    a = np.array([3.0, 1.0, 2.0])
    jacobian = wengert.compile("input a[3]\nsort(a)").jacobian(a=a)[0]["a"]
    np.testing.assert_array_equal(jacobian, [[0, 1, 0], [0, 0, 1], [1, 0, 0]])


def test_sort_shares_at_ties_as_max_does():
    a = np.array([2.0, 5.0, 2.0, 5.0, 5.0])
    f = wengert.compile("input a[5]\nsort(a)")
    found = f.jacobian(a=a)
    third = 1 / 3
    np.testing.assert_array_equal(found[0]["a"], [
        [0.5, 0, 0.5, 0, 0], [0.5, 0, 0.5, 0, 0],
        [0, third, 0, third, third], [0, third, 0, third, third], [0, third, 0, third, third],
    ])  # fmt: skip
    assert "tie" in found.notes[0].message
    last, most = wengert.compile("input a[5]\nsort(a)[-1]"), wengert.compile("input a[5]\nmax(a)")
    np.testing.assert_array_equal(last.grad(a=a)["a"], most.grad(a=a)["a"])
    # From one side, differences tell.
    h = 1e-6
    for kink, sign in (("right", 1), ("left", -1)):
        one_sided = wengert.compile("input a[5]\nsort(a)", kink=kink).jacobian(a=a)[0]["a"]
        want = [(np.sort(a + sign * h * e) - np.sort(a)) / (sign * h) for e in np.eye(5)]
        np.testing.assert_allclose(one_sided, np.transpose(want), atol=1e-9)
    assert not f.jacobian(a=np.arange(5.0)).notes


def test_nan_sorts_last_and_mixes_with_nothing():
    a = np.array([np.nan, 1.0, -np.inf, np.inf])
    f = wengert.compile("input a[4]\nsum(sort(a)[:2]*[2,3])")
    np.testing.assert_array_equal(f.grad(a=a)["a"], [0, 3, 2, 0])


@pytest.mark.parametrize(("text", "kind", "words"), [
    ("zeros()", ParseError, "needs `shape`"),
    ("zeros(1.5)", ParseError, "whole number"),
    ("zeros(a[0,0])", ParseError, "depends on the inputs"),
    ("zeros(-1)", ShapeError, "no shape"),
    ("arange(1, 2, 0)", ShapeError, "step of a range"),
    ("full([3,2], a)", ShapeError, "2 is not 3"),
    ("full(3, a)", ShapeError, "does not broadcast"),
    ("pad(a, [1,2,3])", ShapeError, "3 widths for 2 dimensions"),
    ("pad(a, -1)", ShapeError, "0 or more"),
    ("unpad(a, 2)", ShapeError, "no such margins"),
    ("squeeze(a, 0)", ShapeError, "not 1"),
    ("permute(a, [0,0])", ShapeError, "named twice"),
    ("permute(a, [0,1,2])", ShapeError, "2 dimensions"),
    ("flip(a, 2)", ShapeError, "no axis 2"),
    ("roll(a, [1,2])", ShapeError, "as many axes"),
    ("moveaxis(a, [0,1], 0)", ShapeError, "as many destinations"),
    ("sort(a[0,0])", ShapeError, "a number has no axes"),
    ("stack(a, a[0])", ShapeError, "the same shape"),
    ("repeat(a)", ParseError, "needs `repeats`"),
    ("take_along_axis(a, a[0])", ShapeError, "as many dimensions"),
    ("one_hot(5, 3)", DomainError, "no element 5"),
    ("zeros(2, 3)", ParseError, ""),
    ("softmax(a, axes=1)", ParseError, "no parameter"),
])  # fmt: skip
def test_messages(text, kind, words):
    with pytest.raises(WengertError) as problem:
        wengert.compile(f"input a[2,3]\n{text}")(a=np.ones((2, 3)))
    assert isinstance(problem.value, kind), problem.value
    assert words in str(problem.value)
