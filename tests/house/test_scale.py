"""Nothing recurses: programs of 10^5 steps, nested as deep as they are long, under Python's own limit of recursion.

Three shapes are of 50,000 steps, the others of 1250 or 2000, which is above the limit; with WENGERT_TESTS=full all are
of 10^5.
"""

import math
import pickle

import pytest

import wengert as wg
from tests import FULL
from tests.oracles.programs import ELEMENTWISE
from tests.oracles.rows import SLOW
from wengert.show.formula import formula
from wengert.show.json import from_json, to_json
from wengert.transforms.simplify import fuse, simplify

N = 100_000
LONGEST = {"parentheses", "calls", "loop"}
TRUSTED = wg.Limits.trusted()


def shapes(n):
    return {
        "parentheses": "(" * n + "x" + ")" * n,
        "minus signs": "-" * n + "x",
        "nots": "not " * n + "x",
        "power tower": "x" + "^x" * n,
        "calls": "sin(" * n + "x" + ")" * n,
        "max of max": "max(" * n + "x" + ")" * n,
        "choices": "1 if x > 2 else " * n + "x",
        "sum": " + ".join(["x*y"] * n),
        "statements": "a = x\n" + "a = a*y\n" * n + "a",
        "comparisons": "x" + " < y" * n,
        "definitions": "".join(
            f"def f{k}(a) = {f'f{k - 1}(a)' if k else 'a'} + y\n" for k in range(n // 4)) + f"f{n // 4 - 1}(x)",
        "loop": f"a = x\nfor t in 0:{n} {{ a = a + y }}\na",
        "comprehension": f"sum(x*i for i in 0:{n})",
        "nested comprehensions": "sum(" * 200 + "x" + "".join(f" for i{k} in 0:1)" for k in range(200)),
    }  # fmt: skip


SHORT, LONG = shapes(N // 50), shapes(N if FULL else N // 2)
SHAPES = {name: LONG[name] if FULL or name in LONGEST else text for name, text in SHORT.items()}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_every_step_of_a_program_goes_through(text):
    f = wg.compile(text, limits=TRUSTED)
    point = dict.fromkeys(f.inputs, 1.0)
    value, gradient = f.value_and_grad(point)
    assert value == f(point)
    assert gradient.notes is not None
    again = pickle.loads(pickle.dumps(f))
    assert again == f
    assert len(repr(f)) < 1000
    assert len(repr(f.wengert_list)) < 5000
    assert wg.parse(str(f.wengert_list), limits=TRUSTED).wlist == f.wengert_list


@pytest.mark.parametrize("name", SHAPES)
def test_the_gradient_as_a_list_goes_through(name):
    f = wg.compile(SHORT[name], limits=TRUSTED)
    point = dict.fromkeys(f.inputs, 1.0)
    listed = wg.compile(f.gradient_list, fuse=False, limits=TRUSTED)(point)
    listed = tuple(listed) if len(f.inputs) > 1 else (listed,)
    assert listed == pytest.approx(tuple(f.grad(point)), rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", ["minus signs", "power tower", "calls", "sum", "choices"])
def test_rewriting_and_writing_go_through(name):
    wlist = wg.parse((LONG if FULL else SHORT)[name], limits=TRUSTED).wlist
    assert len(simplify(wlist)[0]) <= len(wlist)
    assert fuse(wlist)[0].outputs
    assert formula(wlist)
    assert from_json(to_json(wlist)) == wlist


@pytest.mark.parametrize("name", ["parentheses", "minus signs", "power tower", "calls", "choices", "sum", "statements"])
@pytest.mark.parametrize("mistake", [" +", " 2", ")", " nosuch(x)", " $", "\n(", "\nx ="])
def test_a_mistake_at_the_far_end_is_one_short_message(name, mistake):
    with pytest.raises(wg.WengertError) as caught:
        wg.parse((LONG if FULL or mistake == " +" and name in LONGEST else SHORT)[name] + mistake, limits=TRUSTED)
    assert len(str(caught.value)) < 3000


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_a_chain_of_any_op_goes_through(row):
    """Each equation takes the one before; the functions that take long are asked where there is no number."""
    n = N if FULL else N // 80
    rest = ("x",) * (row.params.count(" ") + ("*" in row.params))
    chain = [(f"v{k}", row.name, (f"v{k - 1}" if k else "x", *rest)) for k in range(n)]
    f = wg.compile(wg.WengertList(chain, inputs=["x"]), fuse=False, limits=TRUSTED)
    x = math.nan if row.name in SLOW else 0.5
    value, (slope,) = f.value_and_grad(x)
    # Products that overflow do so in the order in which they are taken.
    if FULL and math.isfinite(value):
        assert f.jvp([x], [1.0]) == pytest.approx(slope, rel=1e-6, nan_ok=True)
