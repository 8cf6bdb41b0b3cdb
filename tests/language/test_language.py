"""Laws of the language: printing and parsing are inverse, names are never captured, programs mean what they say, and
every text gives a program or a diagnostic."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import wengert as wg
from tests.language.random_texts import program_or_error, sentences, soup, texts
from tests.language.test_vectors import TEXTS
from wengert.language.printer import program_text

ROOT = Path(__file__).parents[2]
SAMPLES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "samples").glob("*.wengert"))]


@given(texts())
def test_printing_and_parsing_are_inverse(text: str) -> None:
    program = program_or_error(text)
    assume(isinstance(program, wg.Program))
    check_program(program)


def test_printing_and_parsing_are_inverse_for_vectors_and_samples() -> None:
    for text in (*TEXTS, *SAMPLES):
        program = program_or_error(text)
        if isinstance(program, wg.Program):
            check_program(program)


def check_program(program: wg.Program) -> None:
    """A program's list is valid, its text gives it back, and every equation came from somewhere."""
    w = program.wlist
    assert wg.WengertList(w.equations, w.inputs, w.outputs, ops=w.ops, shapes=w.shapes) == w
    assert wg.parse(str(w)).wlist == w
    again = wg.parse(program_text(program))
    assert (again.wlist, again.defaults) == (w, program.defaults)
    told = [(e.expected, e.half_unit, e.text) for e in program.expects if not e.text.startswith("# ")]
    assert [(e.expected, e.half_unit, e.text) for e in again.expects] == told
    for k in range(len(w)):
        span = w.provenance.span(k)
        assert span is not None
        assert 0 <= span.start < span.end <= len(program.source.text)


@given(texts())
def test_most_random_programs_are_programs(text: str) -> None:
    """What is refused is refused for its meaning: a range to an input, a derivative by what is no name."""
    program = program_or_error(text)
    if isinstance(program, wg.WengertError):
        assert program.diagnostic.code in {"W101", "W104", "W106", "W109", "W110", "W117"}, str(program)


# Any text

ALPHABET = "xyaev12 .,;:+-*/%^()[]{}=<>!&|~?@#'\"\\_$\n\t\rλ²₁½×−≤√ⅷ\u0301\u200b\ufeff\ud800\x00"


@given(st.one_of(st.text(max_size=60), st.text(ALPHABET, max_size=60)))
def test_any_text_gives_a_program_or_a_diagnostic(text: str) -> None:
    check_outcome(text)


@given(st.sampled_from([*TEXTS, *SAMPLES]), st.data())
def test_any_mutation_gives_a_program_or_a_diagnostic(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 8)))
        text = text[:start] + data.draw(st.text(ALPHABET, max_size=4)) + text[end:]
    check_outcome(text)


@given(st.one_of(soup, sentences))
def test_any_sentence_gives_a_program_or_a_diagnostic(text: str) -> None:
    check_outcome(text)


def check_outcome(text: str) -> None:
    outcome = program_or_error(text)
    if isinstance(outcome, wg.Program):
        assert wg.parse(str(outcome.wlist)).wlist == outcome.wlist
        for warning in outcome.warnings:
            check_diagnostic(warning, text)
    else:
        check_diagnostic(outcome.diagnostic, text)


def check_diagnostic(d: wg.Diagnostic, text: str) -> None:
    """It says what and where, shortly, and its fix is one."""
    shown = wg.render(d)
    assert "None" not in d.message
    assert all(len(line) < 260 for line in shown.splitlines())
    assert d.span is not None
    assert 0 <= d.span.start <= d.span.end <= max(len(text), 0)
    if d.fix is not None:
        assert 0 <= d.fix.span.start <= d.fix.span.end <= len(text)
        assert text[d.fix.span.start : d.fix.span.end] != d.fix.text


# Names are never captured

HAZARDS = ("v1", "v2", "v3", "v₄", "x_1", "x_2", "x", "v", "v_1", "t", "i0", "vv1", "v10", "𝑣5", "_1")


def canonical(w: wg.WengertList) -> Any:
    """A list with its names numbered in order of appearance."""
    number: dict[Any, int] = {}
    for name in [*w.inputs, *(e.output for e in w.equations)]:
        number[name] = len(number)
    return (
        len(w.inputs),
        [(number[e.output], e.op, tuple(number.get(a, a) for a in e.inputs)) for e in w.equations],
        [number.get(a, a) for a in w.outputs],
    )


PROGRAMS = (
    "{a} = {b}*{c} + 1; {a} + {b}*{a}",
    "{a} = {b}; {a} = {a}*{a} + {c}; {a} = {a}*{c} - {b}; {a}*{b}",
    "def f({a}) = {a}*{b} + d({a}^2*{c}, {a})\nf({b} + 1) + f({c})",
    "{a} = {b}\nfor {c} in 0:3 {{ {a} = {a}*({a} + {c}) + {b} }}\n{a} + {b}",
    "sum({b}^{a}*{c} for {a} in 0:3) + {c}*{b}",
    "{a} = sum(prod({b} - {a} for {a} in 0:{c}) for {c} in 0:3)*{b}; {a}^2",
    "input {a}, {b}\n{c} = {a}*{b}; {c} = {c} + {a}\noutput {c}, d({c}, {b}), {c}*{c}",
    "def f({a}, {b}) = {a} - {b}\ndef g({b}) = f({b}*{b}, {b} + {c})\ng({a}*2)",
    "{a} = {b} + 1; expect {a}*{b} = 2; {a} = {a}/{b}; expect {a} = 1.50; {a}*{c}",
)


@pytest.mark.parametrize("program", PROGRAMS)
@given(st.permutations(HAZARDS))
def test_names_do_not_matter(program: str, names: list[str]) -> None:
    plain = wg.parse(program.format(a="alpha", b="beta", c="gamma"))
    renamed = wg.parse(program.format(a=names[0], b=names[1], c=names[2]))
    assert canonical(renamed.wlist) == canonical(plain.wlist)
    if plain.checked is not None:
        assert renamed.checked is not None
        assert canonical(renamed.checked) == canonical(plain.checked)


VALUES: list[tuple[str, dict[str, float], float]] = [
    ("v1 = x + 1; x*x + v1", {"x": 3}, 13),
    ("v₁*v2 + v3", {"v1": 2, "v2": 3, "v3": 4}, 10),
    ("x = a; x = x + 1; x = x*x; x + x_1", {"a": 2, "x_1": 100}, 109),
    ("x = a\nfor t in 0:3 { x = x*x - t }\nx", {"a": 2}, 223),
    ("a = 1; b = 1\nfor t in 0:10 { c = a + b; a = b; b = c }\nb", {}, 144),
    ("s = 0\nfor i in 0:4 { for j in 0:i { s = s + 10*i + j } }\ns", {}, 144),
    ("s = 0; n = 2\nfor i in 0:n + 1 { s = s + sum(i*j for j in i:n + 1) }\ns", {}, 7),
    ("sum(sum(i*j for j in 0:i) for i in 0:4)", {}, 11),
    ("sum(i*j for i in 0:4 for j in 0:i)", {}, 11),
    ("sum(prod(i + j for j in 1:3)*x for i in 0:3)", {"x": 2}, 40),
    ("min(abs(x - i) for i in 0:5) + max(i*x for i in 0:3)", {"x": 3.25}, 6.75),
    ("def f(a) = a + b\ndef g(b) = f(b)*b\ng(3)", {"b": 10}, 39),
    ("def f(a) = a + b\nb = 1; c = f(0)\nb = 2\nc*10 + f(0)", {}, 12),
    ("def f(x) = sum(x^i for i in 0:3)\nf(2) + f(f(1))", {}, 20),
    ("def f(i) = sum(i*j for j in 0:3)\nsum(f(i) for i in 0:4)", {}, 18),
    ("def f(u) = d(u^3, u)\nf(2) + f(x)", {"x": 3}, 39),
    ("def f(u) = d(u^3, u)\nx = 5; sum(f(i) for i in 0:4)", {}, 42),
    ("def f(u) = d(u^2*x, u)\ny = x + 1; f(y)", {"x": 3}, 24),
    ("def f(u) = d(u^2, u)\ndef g(u) = d(f(u)*u, u)\ng(3)", {}, 12),
    ("y = x^2; z = y*x; d(z, x) + d(z, y)*100", {"x": 3}, 327),
    ("x = a\nfor t in 0:2 { y = x*x; x = x + d(y, x) }\nx", {"a": 1}, 9),
    ("sum(d(x^i, x) for i in 0:4)", {"x": 2}, 17),
    ("jvp(x^2*y, x, 10) + d(d(x^2*y, x), y)", {"x": 3, "y": 2}, 126),
    ("op f(a) = e^a with d/da = y\nx = 1; f(0)*x", {}, 1),
    ("input e\nop f(a) = e^a with d/da = y\nf(0)*e + d(f(e), e)*0", {"e": 7}, 7),
    ("input pi, x\nop area(r) = pi*r^2 with d/dr = 2*pi*r\narea(x)/pi*0 + pi", {"pi": 3, "x": 1}, 3),
    ("op f(x, a) = x*a with d/dx = a, d/da = x\na = 5; x = 2\nf(a, x)*10 + d(f(a, x), a)", {}, 102),
    ("d = 3; sum = 4; sin = 0; max = 1\nd*sum + sin(sin) + max(max, 2)", {}, 14),
    ("a = b if b > 2 else 1 if b > 1 else 0; a", {"b": 1.5}, 1),
    ("1 < 2 < 3 == 3 and not 2 > 3", {}, 1),
    ("lambda = 2; class = lambda^2; class + import", {"import": 1}, 5),
    ("f = (a +\n  b # goes on\n  )*2; f", {"a": 1, "b": 2}, 6),
    ("π*2 - tau", {}, 0),
    ("π = 3; π + pi*0", {}, 3),
]


@pytest.mark.parametrize(("text", "values", "answer"), VALUES, ids=[text for text, _, _ in VALUES])
def test_a_program_means_what_it_says(text: str, values: dict[str, float], answer: float) -> None:
    f = wg.compile(text)
    assert f(**values) == pytest.approx(answer, rel=1e-14)
    printed = wg.compile(str(f))
    assert printed(**values) == pytest.approx(answer, rel=1e-14)


def test_a_caller_names_the_inputs() -> None:
    """Names that the text does not hold are inputs all the same, and no temporary takes one of them."""
    program = wg.parse("x*y + 1", inputs=("x", "y", "v1", "v2"))
    assert program.wlist.inputs == ("x", "y", "v1", "v2")
    assert [e.output for e in program.wlist.equations] == ["v3", "v4"]
    with pytest.raises(wg.UnknownName):
        wg.parse("x*z", inputs=("x", "y"))


def test_a_caller_makes_constants_inputs() -> None:
    assert wg.parse("e*pi").wlist.inputs == ()
    assert wg.parse("e*pi", given=("e",)).wlist.inputs == ("e",)


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("0.73", 0.005),
        ("-0.20", 0.005),
        ("- 0.2", 0.05),
        ("12.", 0.5),
        ("1.50e3", 5.0),
        ("1_000.5", 0.05),
        ("2.5e-3", 0.00005),
        ("1e3", 0.0),
        ("7", 0.0),
        ("1/3", 0.0),
        ("1.5e-999999999999", 0.0),
        (f"0.5e-{'9' * 5000}", 0.0),
    ],
)
def test_an_expect_is_as_exact_as_it_is_written(text: str, half: float) -> None:
    (expect,) = wg.parse(f"x; expect x = {text}").expects
    assert expect.half_unit == pytest.approx(half, rel=1e-12)


COMPUTED = """\
input x = 3, v[2] = [1, 2]
s = x
for i in 0:2 { s = s*2 }
f = s^2
g = 2*v
expect f = 16*x^2
expect d(f, x) = 32*x
expect s = 4*x
expect g = v + v
expect g = v
expect f = 3*x
"""


def test_an_expect_may_compute_its_answer() -> None:
    """The answer follows the inputs, a name in it means its last value, and arrays are compared by elements."""
    f = wg.compile(COMPUTED)
    for point in ({}, {"x": -0.7}, {"x": 5, "v": [0.25, -1]}):
        assert [e.ok for e in f.check_expects(point)] == [True] * 4 + [False] * 2
    assert f.check_expects(x=1)[0].expected == 16.0
    assert wg.compile(str(f.program.wlist)).check_expects() == []


def test_a_second_argument_of_log_is_its_base():
    """However it is written: as text, by its other name, in a list, recorded, on numbers alone."""
    whole = math.log(5.0) / math.log(3.0)
    spelled = ["log(x, b)", "ln(x, b)", "log_base(x, b)"]
    recorded = wg.record(lambda x, b: wg.log(x, b))
    listed = wg.WengertList([("y", "log", ("x", "b"))], inputs=("x", "b"))
    for program in (*spelled, recorded, listed):
        f = wg.compile(program)
        assert f(5.0, 3.0) == wg.log(5.0, 3.0) == pytest.approx(whole, rel=1e-15)
        assert tuple(f.grad(5.0, 3.0)) == pytest.approx(
            (1 / (5.0 * math.log(3.0)), -whole / (3.0 * math.log(3.0))), rel=1e-14
        )
    assert wg.compile("log(x)")(5.0) == math.log(5.0)
    with pytest.raises(wg.WengertError, match="W118"):
        wg.compile("log(x, b, x)")
