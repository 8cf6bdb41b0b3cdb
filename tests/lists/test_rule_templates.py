"""A list is the same whether its equations are worked out one by one or written again from templates."""

from collections.abc import Callable
from functools import partial
from math import cos
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wengert as wg
from tests.oracles.programs import ELEMENTWISE, programs
from wengert.lists.wengert_list import Equation, WengertList, assemble
from wengert.ops import OPS
from wengert.sweeps.forward import Spans, depending, evaluate
from wengert.sweeps.numbers import Numbers
from wengert.sweeps.rules import KINKS
from wengert.transforms import derivatives, list_sweeps, simplify
from wengert.transforms.expand import expand
from wengert.transforms.rule_templates import RuleTemplates

LITERALS = (0.0, -0.0, 1.0, -1.0, 2.5, float("nan"))
PIECES = [OPS[name] for name in "max min abs relu where gt logical_not neg mul sub div add sqrt".split()]


def told(wlist: WengertList) -> tuple[str, list[Any], dict[str, str]]:
    return str(wlist), list(wlist.provenance.spans), dict(wlist.provenance.origins)


def hold(write: Callable[[], WengertList]) -> None:
    with patch.object(list_sweeps, "_replayable", lambda *_: False):
        plain = told(write())
    with (
        patch.object(list_sweeps, "_ADJOINTS", RuleTemplates()),
        patch.object(list_sweeps, "_TANGENTS", RuleTemplates()),
    ):
        # What is met for the first time is worked out, the second time kept, the third time read.
        for _ in range(3):
            assert told(write()) == plain


def all_derivatives(wlist: WengertList, kink: str = "mean") -> None:
    for write in (derivatives.jacobian, derivatives.pushforward):
        hold(partial(write, wlist, kink=kink))
    hold(lambda: derivatives.jacobian(derivatives.jacobian(wlist, kink=kink), kink=kink))


@given(programs(most=20, outputs=2))
def test_of_random_programs(program):
    all_derivatives(program[0])


@given(programs(rows=PIECES, most=20), st.sampled_from(KINKS))
def test_of_programs_of_pieces(program, kink):
    all_derivatives(program[0], kink)


@given(programs(most=12))
def test_of_derivatives_inside_programs(program):
    wlist, _ = program
    x, z, y = wlist.inputs[0], wlist.inputs[-1], wlist.outputs[0]
    more = [("d_1", "d", (y, x)), ("d_2", "d", ("d_1", z)), ("d_3", "jvp", ("d_2", x, "d_1"))]
    nested = WengertList([*wlist.equations, *more], wlist.inputs, ["d_2", "d_3"])
    hold(lambda: expand(nested))


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_of_every_row(row):
    """With names, the same name twice, and each number in each place; after a negation and below a branch."""
    n = len(row.params.split())
    names = tuple(f"x{i}" for i in range(n))
    cases = [names, ("x0",) * n]
    cases += [(*names[:i], a, *names[i + 1 :]) for i in range(n) for a in LITERALS if n > 1]
    for atoms in cases:
        inputs = tuple(dict.fromkeys(a for a in atoms if isinstance(a, str)))
        under = tuple("m" if a == inputs[0] else a for a in atoms)
        equations = [("m", "neg", (inputs[0],)), ("y", row.name, under), ("f", "max", ("y", inputs[-1]))]
        hold(partial(derivatives.jacobian, WengertList([("y", row.name, atoms)], inputs), value=True))
        hold(partial(derivatives.jacobian, WengertList(equations, inputs)))


def test_a_long_list_is_read_from_templates():
    """Once its kinds of equations are known, no rule is worked out."""
    wlist = wg.parse("*".join(f"x{k}" for k in range(60)) + "+" + "+".join(f"sin(y{k}^2)/z" for k in range(20))).wlist
    for _ in range(2):
        derivatives.gradient(wlist)
    with patch.object(list_sweeps, "reverse_sweep", side_effect=AssertionError):
        derivatives.gradient(wlist)


def test_a_subclass_of_float_is_a_number():
    """Its value counts, whatever its class."""

    class Tagged(float):
        pass

    def of(a: float) -> WengertList:
        return assemble(("x",), (Equation("y", "mul", ("x", Tagged(a))), Equation("f", "sin", ("y",))), ("f",))

    for a in (2.0, 3.0, 1.0, 0.0, 2.0, 3.0):
        hold(partial(derivatives.gradient, of(a)))
        for _ in range(3):
            answers = evaluate(derivatives.gradient(of(a)), {"x": 0.5}, Numbers())
            assert answers == [cos(0.5 * a) * a]


def test_a_template_keeps_no_object_of_a_callers():
    """A number that is equal to another's may print as something else."""

    class Sly(float):
        def __repr__(self) -> str:
            return "evil()"

    templates = RuleTemplates()
    with patch.object(list_sweeps, "_ADJOINTS", templates):
        for _ in range(3):
            for text in ("mul", "pow", "div", "atan2"):
                wlist = assemble(("x",), (Equation("y", text, ("x", Sly(0.125))), Equation("f", "sin", ("y",))), ("f",))
                derivatives.gradient(wlist)
    made = [t for t in templates.found.values() if t is not None]
    assert made
    assert all(type(a) is float for t in made for a in t.numbers)


def test_a_replaced_op_has_its_new_rule():
    try:
        for rule, at_3 in (("2*a", 6.0), ("5*a", 15.0)):
            wg.register("retold", lambda a: a * a, [rule], replace=True)
            for _ in range(4):
                assert evaluate(derivatives.gradient(wg.parse("retold(x)").wlist), {"x": 3.0}, Numbers()) == [at_3]
    finally:
        OPS.pop("retold", None)


def test_of_many_outputs_each_is_swept_over_its_own_part():
    wlist = wg.parse("\n".join(f"f{k} = sin(x{k})*x{k}" for k in range(50))).wlist
    spans_of = Spans(wlist, depending(wlist, wlist.inputs))
    spans = [spans_of.above([f"f{k}"]) for k in range(50)]
    assert sorted(k for span in spans for k in span) == list(range(len(wlist.equations)))


@given(programs(most=25))
def test_simplifying_does_not_change_with_templates(program):
    wlist, _ = program
    hold(lambda: simplify.simplify(derivatives.jacobian(wlist))[0])
