"""Jumps that the value may not show are watched, and no others; every way of a call has the derivatives beside them."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest

import wengert as wg
from wengert.sweeps.ties import Places
from wengert.transforms import watching

JUMPS = ["floor({})", "ceil({})", "mod({}, 1)", "trunc({})", "round({} + 1/2)", "sign({})", "fmod({}, 2)", "step({})"]
ARGUMENTS = ["x", "y", "2*x", "x + y", "x - 2*y"]
FACTORS = ["1", "3", "x", "sin(y)", "(x - 1)", "(y + x^2)", "floor(y)", "mod(x, 2)"]
WRAPS = ["{}", "{}", "-({})", "abs({})", "({})^2", "x*({})", "max({}, y)", "where({} > 1, x - 1, 0)", "cos(pi*({}))"]
POINTS = list(itertools.product((-1.0, 0.0, 1.0, 2.0), (-1.0, 0.0, 0.5, 1.0)))


def a_program(rng: random.Random) -> str:
    terms = [
        f"{rng.choice(FACTORS)}*{rng.choice(JUMPS).format(rng.choice(ARGUMENTS))}" for _ in range(rng.choice((1, 2)))
    ]
    return f"{rng.choice(WRAPS).format(' + '.join(terms))} + x*y + y^2"


def test_a_watch_on_every_jump_changes_no_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(11)
    programs = [f"input x, y; {a_program(rng)}" for _ in range(25)]
    asked = [(text, point) for text in programs for point in rng.sample(POINTS, 4)]
    found = [tuple(wg.compile(text).grad(*point)) for text, point in asked]
    unwatched = [text for text in programs if not watched(text)]
    monkeypatch.setattr(watching, "hidden_jumps", lambda *_: None)
    for (text, point), gradient in zip(asked, found):
        assert gradient == pytest.approx(tuple(wg.compile(text).grad(*point)), abs=1e-12, nan_ok=True), (text, point)
    assert len([text for text in unwatched if watched(text)]) > 2


def watched(text: str) -> bool:
    wlist = wg.parse(text).wlist
    return watching.watching(wlist, wlist.inputs, Places.EQUAL) is not None


@pytest.mark.parametrize("text", ["mod(x, 2)*sin(x) + floor(y)", "x*sign(y) + sin(x)", "abs(mod(x, 2) - 1)*y"])
def test_every_way_of_a_call_gives_them(text: str) -> None:
    """A bound function, plain calls and batches, with such places among the points and without."""
    f, bound = wg.compile(f"input x, y; {text}"), wg.compile(f"input x, y; {text}").bind()
    exact = [(point, wg.compile(f"input x, y; {text}").grad(*point)) for point in POINTS]
    for _ in range(40):  # until the fastest kernel answers
        f.value_and_grad(0.3, 0.7)
    for point, gradient in exact:
        assert bound(*point)[1:] == pytest.approx(tuple(gradient), abs=1e-12)
        assert tuple(f.value_and_grad(*point)[1]) == pytest.approx(tuple(gradient), abs=1e-12)
    off = np.linspace(0.1, 0.9, 40)
    x, y = (np.resize(np.array(v), 40) for v in zip(*POINTS))
    for _ in range(4):
        f.value_and_grad(off, off)  # a kernel for batches without such a place is kept
        found = f.value_and_grad(x, y)[1]
        for k, (point, gradient) in enumerate(exact):
            assert (found[0][k], found[1][k]) == pytest.approx(tuple(gradient), abs=1e-12), point


@pytest.mark.parametrize("text", ["floor(y) + sin(x)", "x*sign(y)", "floor(x)*floor(y)", "floor(x)/y + 2*ceil(x)"])
def test_a_jump_in_sight_is_not_watched(text: str) -> None:
    assert not watched(text)
    assert math.isfinite(wg.compile(text).grad(1.0, 2.0)[0])


NESTED = ["relu(relu(x))", "abs(relu(x))*exp(x)", "max(relu(x), 2*x)", "relu(abs(x) + x)^2 + relu(-relu(x))"]
OTHERS = [
    "abs(mod(y, 2) - 1)",
    "where(y == 1, 0, y - 1)",
    "mod(y + x, 1)*(y + x - 1)",
    "(y - 1)*floor(y)",
    "sqrt((y - 1)^4)",
]


@pytest.mark.parametrize("nested", NESTED)
def test_a_place_of_one_term_changes_no_other(nested: str) -> None:
    """Of a sum, in any form, each term has the derivatives that it has alone."""
    alone = wg.compile(f"input x; {nested}").grad(0.0)[0]
    for other in OTHERS:
        own = wg.compile(f"input x, y; {other}").grad(0.0, 1.0)
        for text in (f"{nested} + {other}", f"t = 2*({nested}); x - (3*{other} - t/2)"):
            f = wg.compile(f"input x, y; {text}", fuse=False)
            factor, extra = (1.0, 0.0) if text[0] != "t" else (-3.0, 1.0)
            want = alone + extra + factor * own[0], factor * own[1]
            for found in (f.grad(0.0, 1.0), [b[3] for b in f.grad(np.zeros(9), np.ones(9))]):
                assert tuple(found) == pytest.approx(want, abs=1e-12), text
