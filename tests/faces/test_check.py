"""The check: no false alarm on samples, corpora or kinks; and a wrong rule is caught."""

import json
import math
from pathlib import Path

import pytest

import wengert as wg
from tests.corpora.test_bounds import rows
from wengert.jobs.checking.check import check
from wengert.ops import OPS


def failures(found):
    return [c for c in found if c.ok is False]


@pytest.mark.parametrize("name", ["feynman.tsv", "symbolic_regression.tsv"])
def test_no_false_alarm_on_the_corpora(name):
    answered = 0
    for row in rows(name)[::3]:
        f = wg.compile(row["formula"])
        point = {k: float(v) for k, v in json.loads(row["point"]).items() if k in f.inputs}
        found = check(f, point)
        assert not failures(found), (row["name"], failures(found))
        answered += sum(c.ok is True for c in found)
        by_mpmath = [c for c in found if c.oracle == "mpmath"]
        assert all(c.ok for c in by_mpmath), by_mpmath
    assert answered > 100


@pytest.mark.parametrize("path", sorted(Path(__file__).parents[2].glob("samples/*.wengert")), ids=lambda p: p.stem)
def test_no_false_alarm_on_the_samples(path):
    f = wg.load(path)
    if len(f.outputs) == 1:
        assert not failures(check(f))


@pytest.mark.parametrize(
    ("text", "point"),
    [("abs(x)", (0,)), ("max(x, 0)", (0,)), ("max(x, y)", (1, 1)), ("relu(x)*3", (0,)), ("clip(x, 0, 1)", (1,)),
     ("sqrt(x^2 + y^2)", (0, 0)), ("where(x > 0, x, 0)", (1,)), ("floor(x)", (0.5,)), ("floor(x)", (2,)),
     ("where(x > 0, sqrt(x), 0)", (-1,)), ("x^3", (0,)), ("log(x)", (-1,)), ("sqrt(x)", (0,)),
     ("1e8*x - 1e8*y", (1, 1))],
)  # fmt: skip
@pytest.mark.parametrize("kink", ["mean", "left", "right"])
def test_no_false_alarm_at_the_edges(text, point, kink):
    f = wg.compile(text, kink=kink)
    assert not failures(check(f, *point)), failures(check(f, *point))


def test_a_wrong_rule_is_caught():
    wg.register("wrong", math.sin, "1.001*cos(a)", params="a")
    try:
        found = failures(check(wg.compile("wrong(x)*x"), 0.7))
        assert {c.oracle for c in found} == {"differences"}
        assert not failures(check(wg.compile("sin(x)*x"), 0.7))
    finally:
        del OPS["wrong"]


def test_a_rule_wrong_in_the_ninth_digit_is_caught_by_the_exact_oracles():
    row = OPS["sin"]
    OPS["sin"] = row._replace(partials=("1.00000000001*cos(a)",))
    try:
        found = failures(check(wg.compile("sin(x)*x"), 0.7))
        assert {c.oracle for c in found} == {"complex step", "mpmath"}
    finally:
        OPS["sin"] = row
