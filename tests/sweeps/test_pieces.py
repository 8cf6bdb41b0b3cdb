"""What is left out between the operations of a sweep changes no answer: batches in pieces, rules with their literals
worked out, values dropped once they have served."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests import FULL
from tests.oracles.programs import DEAR
from tests.oracles.rows import SLOW
from wengert.kernels import evaluation as calls
from wengert.lists.wengert_list import WengertList
from wengert.ops import OPS
from wengert.sweeps.forward import forward_sweep
from wengert.sweeps.numbers import Numbers
from wengert.sweeps.reverse import ReverseRequest, reverse_sweep
from wengert.sweeps.rules import parameters, rules_for
from wengert.sweeps.tangent import tangent_sweep

PROGRAMS = {
    "numbers": ("exp(-((x - y)/z)^2/2)/(sqrt(2*pi)*z)", {"x": (17, 1), "y": (17, 3), "z": ()}),
    "one axis": ("where(x > 1, sqrt(x - 1)*y, x^3)", {"x": (40,), "y": (1,)}),
    "cores": ("input A[m,m], x[m]\nsum(tanh(A @ x)^2)", {"A": (19, 3, 3), "x": (1, 3)}),
    "a core alone": ("input A[m,m], x[m]\nsum(tanh(A @ x)^2)", {"A": (3, 3), "x": (19, 3)}),
    "an array out of a batch": ("input x[m], s\noutput x*s, sum(x)", {"x": (11, 3), "s": (11,)}),
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("piece", [1, 3])
def test_a_batch_in_pieces(name: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text, shapes = PROGRAMS[name]
    rng = np.random.default_rng(7)
    point = {n: rng.uniform(0.5, 3, shape) if shape else 1.7 for n, shape in shapes.items()}
    f = wg.compile(text)
    one = len(f.outputs) == 1
    whole = f(point), (f.value_and_grad(point) if one else None)
    monkeypatch.setattr(calls, "PIECE", piece)
    assert len(f.evaluation_at(f.point((point,), {})).parts()) > 1
    again = f(point), (f.value_and_grad(point) if one else None)
    assert_same(whole[0], again[0])
    if one:
        assert_same(whole[1][0], again[1][0])
        assert_same(tuple(whole[1][1]), tuple(again[1][1]))
        assert_same(tuple(f.grad(point, checkpoint=2)), tuple(again[1][1]))
        assert again[1][1].notes == whole[1][1].notes


def assert_same(a: Any, b: Any) -> None:
    if isinstance(a, tuple):
        assert len(a) == len(b)
        for x, y in zip(a, b):
            assert_same(x, y)
        return
    assert np.shape(a) == np.shape(b)
    assert np.array_equal(a, b, equal_nan=True)


SPECIAL = (-math.inf, -3.0, -1.0, -0.5, -0.0, 0.0, 5e-324, 0.5, 1.0, 2.0, 3.0, 1e200, math.inf, math.nan)
SEVERAL = [
    row for row in OPS.values() if row.array is None and " " in row.params and "*" not in row.params
    and callable(row.forward)
]  # fmt: skip


@pytest.mark.parametrize("kink", ["mean", "left", "right"])
@pytest.mark.parametrize("row", SEVERAL, ids=lambda row: row.name)
def test_a_literal_is_worth_what_an_input_is(row: Any, kink: str) -> None:
    """The rule of an op with a literal in it gives the derivatives that it gives with an input of that value."""
    names = parameters(row, row.params.count(" ") + 1)
    apply = Numbers()
    special = SPECIAL[1:3] if row.name in DEAR else SPECIAL[1::3] if row.name in SLOW and not FULL else SPECIAL
    for place in range(len(names)):
        for literal in special:
            free = WengertList([("f", row.name, names)], names, ["f"])
            args = tuple(literal if i == place else n for i, n in enumerate(names))
            fixed = WengertList([("f", row.name, args)], [n for n in names if n not in (names[place],)], ["f"])
            for x in special:
                point = {n: x * (i + 1) for i, n in enumerate(names)}
                point[names[place]] = literal
                tapes = [forward_sweep(w, point, apply) for w in (free, fixed)]
                asked = [n for n in names if n != names[place]]
                reverse = [
                    reverse_sweep(w, t, {"f": 1.5}, apply, rules_for((), kink), ReverseRequest(active={*asked, "f"}))
                    for w, t in zip((free, fixed), tapes)
                ]  # fmt: skip
                for n in asked:
                    assert bits(reverse[0].get(n, 0.0)) == bits(reverse[1].get(n, 0.0)), (literal, x, n)
                    forward = [
                        tangent_sweep(w, t, {n: 1.5}, apply, rules_for((), kink)).get("f", 0.0)
                        for w, t in zip((free, fixed), tapes)
                    ]  # fmt: skip
                    assert bits(forward[0]) == bits(forward[1]), (literal, x, n)


def bits(a: float) -> str:
    """A number, all nan alike, and an absent derivative like either zero."""
    return "nan" if a != a else (a + 0.0).hex() if a else "0"
