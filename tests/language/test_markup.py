"""MathML and files of SBML: the program has libsbml's values, and hostile text is refused in linear time."""

from __future__ import annotations

import contextlib
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

import wengert as wg
from tests import FULL
from tests.oracles.mathml import PACKAGE, TABLE, texts, written
from tests.oracles.readers import point
from wengert.dialects.tables.mathml import CONSTANTS, HEADS
from wengert.ops import CONSTANTS as OURS

SPACE = "http://www.w3.org/1998/Math/MathML"
MODEL = Path(__file__).parent / "models" / "goldbeter1991.xml"
ROWS = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if line[0] != "#"]


def math(inside: str) -> str:
    return f'<math xmlns="{SPACE}">{inside}</math>'


def value(text: str, dialect: str = "mathml", **given: float) -> float:
    function = wg.compile(wg.read(text, dialect=dialect).text)
    return float(function(**({**point(function.inputs), **given} if given else point(function.inputs))))


def code(text: str, dialect: str = "mathml") -> str:
    with pytest.raises(wg.WengertError) as caught:
        wg.read(text, dialect=dialect)
    diagnostic = caught.value.diagnostic
    assert diagnostic.span is not None or diagnostic.code in ("W401",)
    wg.render(diagnostic)
    return diagnostic.code


def test_mathml_has_the_values_of_libsbml() -> None:
    assert len(ROWS) >= 60
    for text, markup, expected in ROWS:
        assert value(markup) == pytest.approx(float(expected), rel=1e-12, abs=1e-13), text


def test_new_formulas_have_the_values_of_libsbml() -> None:
    if find_spec(PACKAGE) is None:
        pytest.skip("libsbml is not installed; the recorded values are tested")
    for text, markup, expected in written(texts(11, 60)):
        assert value(markup) == pytest.approx(expected, rel=1e-12, abs=1e-13), text


def test_every_element_of_the_subset_is_read() -> None:
    """Each operator takes one of the counts of arguments, and its program compiles."""
    for head in sorted(HEADS):
        readings = []
        for count in (1, 2):
            with contextlib.suppress(wg.WengertError):
                text = math(f"<apply><{head}/>{'<cn>0.5</cn>' * count}</apply>")
                readings.append(wg.compile(wg.read(text, dialect="mathml").text))
        assert readings, head
    for constant in sorted(CONSTANTS):
        assert wg.compile(wg.read(math(f"<{constant}/>"), dialect="mathml").text).inputs == ()


@pytest.mark.parametrize(("inside", "expected"), [
    ("<cn type='e-notation'>2<sep/>-3</cn>", 2e-3), ("<cn type='rational'>-1<sep/>3</cn>", -1 / 3),
    ("<cn type='integer'> -7 </cn>", -7), ("<apply><plus/></apply>", 0), ("<apply><times/></apply>", 1),
    ("<apply><and/></apply>", 1), ("<apply><or/></apply>", 0), ("<apply><xor/></apply>", 0),
    ("<apply><log/><cn>1000</cn></apply>", 3), ("<apply><log/><logbase><cn>2</cn></logbase><cn>8</cn></apply>", 3),
    ("<apply><root/><cn>9</cn></apply>", 3), ("<apply><root/><degree><cn>3</cn></degree><cn>8</cn></apply>", 2),
    ("<apply><minus/><cn>3</cn></apply>", -3),
    ("<apply><power/><apply><minus/><cn>3</cn></apply><cn>2</cn></apply>", 9),
    ("<apply><lt/><cn>1</cn><cn>3</cn><cn>2</cn></apply>", 0),
    ("<apply><eq/><cn>1</cn><cn>1</cn><cn>1</cn></apply>", 1),
    ("<apply><xor/><true/><true/><true/></apply>", 1), ("<apply><max/><cn>4</cn></apply>", 4),
    ("<apply><rem/><cn>-7</cn><cn>3</cn></apply>", -1), ("<apply><quotient/><cn>-7</cn><cn>3</cn></apply>", -2),
    ("<apply><divide/><cn>8</cn><apply><divide/><cn>4</cn><cn>2</cn></apply></apply>", 4),
    ("<piecewise><piece><cn>1</cn><false/></piece><otherwise><cn>2</cn></otherwise></piecewise>", 2),
    ("<semantics><cn>5</cn><annotation-xml><x/></annotation-xml></semantics>", 5),
])  # fmt: skip
def test_elements_mean_the_same_as_in_sbml(inside: str, expected: float) -> None:
    assert value(math(inside)) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(("text", "expected"), [
    ("", "W830"), ("<a", "W830"), ("<a/>", "W831"), ("<math/>", "W831"), (math(""), "W803"), ("x + 1", "W830"),
    ("<!DOCTYPE math [<!ENTITY a 'b'>]>" + math("<ci>&a;</ci>"), "W830"), (math("<ci>&a;</ci>"), "W830"),
    (math("<mrow><mi>x</mi></mrow>"), "W831"), (math("<apply><ci>x</ci></apply>"), "W831"),
    (math("<apply><ci>f</ci><ci>x</ci></apply>"), "W831"), (math("<ci>x</ci><ci>y</ci>"), "W803"),
    (math("<apply><int/><ci>x</ci></apply>"), "W831"), (math("<cn>1,5</cn>"), "W832"), (math("<plus/>"), "W831"),
    (math("<cn type='complex-cartesian'>1<sep/>2</cn>"), "W832"), (math("<cn base='16'>1</cn>"), "W832"),
    (math("<apply><neq/><cn>1</cn><cn>1</cn><cn>2</cn></apply>"), "W803"), (math("words"), "W831"),
    ("<math xmlns='http://www.w3.org/1999/xhtml'><ci>x</ci></math>", "W831"), ("\ud800", "W830"),
    (math("<lambda><bvar><ci>x</ci></bvar><ci>y</ci></lambda>"), "W831"), (math("<cn>1</cn><sep/>"), "W831"),
])  # fmt: skip
def test_a_refusal_has_a_code_and_a_place(text: str, expected: str) -> None:
    assert code(text) == expected


def test_a_model_is_a_program_of_its_laws() -> None:
    """The rates at the start, worked out by hand from the paper's equations."""
    text = MODEL.read_text("utf-8")
    found = wg.read(text, dialect="sbml")
    function = wg.compile(found.text)
    rates = dict(zip([f"reaction{k}" for k in range(1, 8)], function()))
    v1, v3 = 3 * 0.01 / (0.01 + 0.5), 0.01 * 1
    expected = [0.025, 0.01 * 0.01, 0.25 * 0.01 * 0.01 / 0.03, v1 * 0.99 / (0.005 + 0.99), 1.5 * 0.01 / 0.015,
                v3 * 0.99 / 0.995, 0.5 * 0.01 / 0.015]  # fmt: skip
    assert list(rates.values()) == pytest.approx(expected, rel=1e-14)
    assert "reaction4_K" in found.inputs
    assert {r.code for r in found.receipts} == {"W821"}


# The rates of the four reactions at values of the species, by libRoadRunner 2.10.0 from the whole file.
TOGGLE = [
    ((0.0, 0.0, 0.0), (156.25, 0.0, 15.6, 0.0)),
    ((2.5, 0.75, 1e-5), (105.06749508245905, 2.5, 6.509179228488577, 0.75)),
    ((150.0, 0.02, 4e-5), (156.24116166520687, 150.0, 0.554872239466095, 0.02)),
    ((0.125, 15.0, 1e-3), (0.17909925908064342, 0.125, 15.598395138883264, 15.0)),
]


@pytest.mark.parametrize(("state", "rates"), TOGGLE)
def test_a_published_model_has_its_rates(state: tuple[float, ...], rates: tuple[float, ...]) -> None:
    """BIOMD0000000507. What it assigns at the start is an input, whose receipt says so."""
    found = wg.read(MODEL.with_name("gardner2000.xml").read_text("utf-8"), dialect="sbml")
    function = wg.compile(found.text)
    species = dict(zip(("species_1", "species_2", "species_3"), state))
    assert function(ModelValue_4=2.9618e-5, ModelValue_5=2.0015, **species) == pytest.approx(rates, rel=1e-13)
    assert [r.code for r in found.receipts].count("W835") == 2


def model(inside: str, space: str = "http://www.sbml.org/sbml/level3/version2/core") -> str:
    return f'<sbml xmlns="{space}" level="3" version="2"><model>{inside}</model></sbml>'


def law(inside: str, name: str = "r", local: str = "") -> str:
    inside = f"<kineticLaw>{math(inside)}{local}</kineticLaw>"
    return f'<listOfReactions><reaction id="{name}">{inside}</reaction></listOfReactions>'


def function(name: str, parameter: str, body: str) -> str:
    inside = math(f"<lambda><bvar><ci>{parameter}</ci></bvar>{body}</lambda>")
    return f'<functionDefinition id="{name}">{inside}</functionDefinition>'


def symbol(name: str) -> str:
    return f"<apply><csymbol definitionURL='http://www.sbml.org/sbml/symbols/{name}'>d</csymbol><ci>x</ci></apply>"


def test_numbers_of_a_model_are_defaults() -> None:
    places = '<listOfCompartments><compartment id="c" size="4"/></listOfCompartments>'
    species = (
        '<listOfSpecies><species id="s" compartment="c" initialAmount="2"/>'
        '<species id="n" compartment="c" initialAmount="2" hasOnlySubstanceUnits="true"/></listOfSpecies>'
    )
    numbers = '<listOfParameters><parameter id="e" value="INF"/><parameter id="u"/></listOfParameters>'
    total = "<apply><plus/><ci>s</ci><ci>n</ci><ci>e</ci><ci>u</ci><exponentiale/></apply>"
    text = wg.read(model(places + species + numbers + law(total)), dialect="sbml").text
    assert "input s = 2/4\ninput n = 2\ninput e_ = inf\ninput u\n" in text
    assert wg.compile(text).inputs == ("s", "n", "e_", "u")
    assert "e" in OURS


def test_local_parameters_and_functions_keep_apart() -> None:
    local = '<listOfLocalParameters><localParameter id="k" value="3"/></listOfLocalParameters>'
    numbers = '<listOfParameters><parameter id="k" value="5"/></listOfParameters>'
    functions = (
        "<listOfFunctionDefinitions>"
        + function("exp", "in", "<apply><ci>two</ci><ci>in</ci></apply>")
        + function("two", "pi", "<apply><times/><pi/><ci>pi</ci></apply>")
        + "</listOfFunctionDefinitions>"
    )
    both = law("<apply><ci>exp</ci><ci>k</ci></apply>", "a", local).replace("</listOfReactions>", "")
    text = model(functions + numbers + both + law("<ci>k</ci>", "b").replace("<listOfReactions>", ""))
    compiled = wg.compile(wg.read(text, dialect="sbml").text)
    assert compiled() == pytest.approx((3 * 3.141592653589793, 5))
    assert code(text.replace("<ci>two</ci>", "<ci>exp</ci>"), "sbml") == "W805"
    assert code(text.replace("<ci>two</ci>", "<ci>three</ci>"), "sbml") == "W831"


def test_rules_are_lines_and_parts_that_are_left_out_are_told() -> None:
    rules = (
        f'<listOfInitialAssignments><initialAssignment symbol="k">{math("<cn>1</cn>")}</initialAssignment>'
        "</listOfInitialAssignments><listOfRules>"
        f'<rateRule variable="x">{math("<apply><minus/><ci>y</ci></apply>")}</rateRule>'
        f'<assignmentRule variable="y">{math("<apply><times/><ci>k</ci><ci>x</ci></apply>")}</assignmentRule>'
        f"<algebraicRule>{math('<ci>q</ci>')}</algebraicRule></listOfRules>"
        "<listOfEvents><event/></listOfEvents>"
    )
    found = wg.read(model(rules), dialect="sbml")
    assert found.text == "input k\ninput x\ny = k*x\nrate_of_x = -y\noutput rate_of_x\n"
    assert [r.code for r in found.receipts].count("W835") == 3


def test_the_past_and_rates_are_refused_and_time_is_an_input() -> None:
    assert {code(math(symbol(name))) for name in ("delay", "rateOf", "avogadros", "time/x")} == {"W831"}
    found = wg.read(math(symbol("time").replace("<apply>", "").replace("<ci>x</ci></apply>", "")), dialect="mathml")
    assert (found.inputs, [r.code for r in found.receipts]) == (("time",), ["W835"])


@pytest.mark.parametrize("text", [
    model(""), model("", "http://www.sbml.org/sbml/level1"), model(law("<ci>x</ci>", "")), model(law("")),
    model(law("<ci>x</ci>")).replace(" level", ' xmlns:q="q" q:required="true" level'),
    model(law("<ci>x</ci>") + law("<ci>x</ci>")),
])  # fmt: skip
def test_a_file_that_is_no_model_is_refused(text: str) -> None:
    assert code(text, "sbml") in ("W834", "W803")


def test_depth_and_width_cost_what_they_are_long() -> None:
    n = 20_000 if FULL else 5_000
    deep = math("<apply><minus/>" * n + "<ci>x</ci>" + "</apply>" * n)
    wide = math("<apply><plus/>" + "<ci>x</ci>" * n + "</apply>")
    chain = math("<apply><lt/>" + "<ci>x</ci>" * n + "</apply>")
    pieces = math("<piecewise>" + "<piece><cn>1</cn><true/></piece>" * n + "</piecewise>")
    for text in (deep, wide, chain, pieces):
        assert len(wg.read(text, dialect="mathml").text) < 2 * len(text)
    assert code(math("<apply>" * 100_000)[:-7]) == "W830"
    assert code("<a>" * 100_000) == "W831"
    assert code(math("<ci>" + "x" * 1_000_000 + "</ci>") + "<") == "W830"
    with pytest.raises(wg.LimitError):
        wg.read(wide, dialect="mathml", limits=wg.Limits(tokens=1000))


def test_places_count_characters() -> None:
    text = math("<apply><plus/><ci>é</ci><frob/></apply>")
    with pytest.raises(wg.WengertError) as caught:
        wg.read(text, dialect="mathml")
    span = caught.value.diagnostic.span
    assert span is not None
    assert text[span.start : span.end] == "<frob/>"
    receipts = wg.read(math("<apply><plus/><ci>é</ci><exponentiale/></apply>"), dialect="mathml").receipts
    assert all(re.match("<", text[r.span.start :]) for r in receipts if r.span)
