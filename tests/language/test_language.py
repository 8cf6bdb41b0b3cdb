"""Laws of the language: printing and parsing are inverse, the loop accepts what Lark accepts, names are never captured,
and every text gives a program or a diagnostic."""

from __future__ import annotations

import ast
import importlib.util
import math
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from lark import Token
from lark.exceptions import UnexpectedInput
from lark.lexer import Lexer

import wengert as wg
from tests.language.test_vectors import TEXTS
from wengert.ground.names import RESERVED, normalize
from wengert.language import automaton, parser
from wengert.language.lalr_tables import KEYWORDS
from wengert.language.printer import program_text
from wengert.ops import ALIASES, CONSTANTS, DERIVATIVES, OPS

ROOT = Path(__file__).parents[2]
SAMPLES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "samples").glob("*.wengert"))]


def generator() -> Any:
    """The script that makes the tables, as a module."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "grammar" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Random programs

INPUTS = ("x", "y", "v1", "x_1", "λ", "θ\u0307", "v₂", "e")
BOUND = ("a", "b", "v3", "x_2", "β", "pi")
NUMBERS = ("0", "1", "2", "0.5", "3.", ".25", "1e-3", "1_000")
UNARY = ("sin", "exp", "tanh", "abs", "ln", "sqrt", "floor")


class Writer:
    """Draws a program statement by statement, with what is in force at each."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.names = list(INPUTS)
        self.counters: list[str] = []
        self.definitions: dict[str, int] = {}

    def pick(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def expression(self, depth: int) -> str:
        if depth == 0:
            return str(self.pick(*NUMBERS, *self.names, *self.counters))

        def part() -> str:
            return self.expression(depth - 1)

        kind = self.pick(
            "infix", "infix", "infix", "sign", "group", "call", "compare", "logic", "choice", "fold", "def", "d"
        )
        if kind == "sign":
            return f"{self.pick('-', '+', '- -')}{part()}"
        if kind == "group":
            return f"({part()})"
        if kind == "call":
            return self.pick(
                f"{self.pick(*UNARY)}({part()})", f"max({part()}, {part()},\n {part()})", f"atan2({part()}, {part()})"
            )
        if kind == "compare":
            return f"({part()} {self.pick('<', '<=', '>', '>=', '==', '!=')} {part()} {self.pick('<', '==')} {part()})"
        if kind == "logic":
            return f"(not {part()} {self.pick('and', 'or')} {part()})"
        if kind == "choice":
            return f"({part()} if {part()} else {part()})"
        if kind == "fold":
            counter = f"i{len(self.counters)}"
            low, high = self.pick(0, 1, -1), self.pick(1, 2, 3)
            self.counters.append(counter)
            term = part()
            self.counters.pop()
            return f"{self.pick('sum', 'prod')}({term} for {counter} in {low}:{high})"
        if kind == "def" and self.definitions:
            name = self.pick(*self.definitions)
            return f"{name}({', '.join(part() for _ in range(self.definitions[name]))})"
        if kind == "d" and self.names:
            return self.pick(
                f"d({part()}, {self.pick(*self.names)})", f"jvp({part()}, {self.pick(*self.names)}, {part()})"
            )
        return f"{part()} {self.pick('+', '-', '*', '/', '%', '^', '**')} {part()}"

    def statement(self) -> str:
        kind = self.pick("bind", "bind", "bind", "rebind", "def", "loop", "expect", "expression")
        if kind == "def":
            name = f"f{len(self.definitions)}"
            params = ["p", "q", "x"][: self.pick(1, 2, 3)]
            kept, self.names = self.names, [*params, *self.names[:2]]
            body = self.expression(2)
            self.names = kept
            self.definitions[name] = len(params)
            return f"def {name}({', '.join(params)}) = {body}"
        bound = [n for n in self.names if n in BOUND]
        if kind == "loop" and bound:
            self.counters.append("t")
            body = f"{self.pick(' ; ', '')}{self.pick(*bound)} = {self.expression(1)}"
            self.counters.pop()
            return f"for t in 0:{self.pick(0, 1, 3)} {{ {body} }}"
        if kind == "expect":
            return f"expect {self.expression(1)} = {self.pick('1', '0.50', '-2e3', '1/3')}"
        if kind == "expression":
            return self.expression(2)
        name = self.pick(*(bound if kind == "rebind" and bound else BOUND))
        value = self.expression(self.pick(0, 1, 2, 3))
        self.names = list(dict.fromkeys([*self.names, name]))
        return f"{name} = {value}"


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A program of some statements; nearly all of them are right."""
    writer = Writer(draw)
    writer.names.remove("e")
    head = [f"input {', '.join(writer.names)}, e = 2"] if draw(st.booleans()) else []
    body = [writer.statement() for _ in range(draw(st.integers(0, 4)))]
    return draw(st.sampled_from(["\n", "; ", "  # and\n\n"])).join([*head, *body, f"last = {writer.expression(2)}"])


def program_or_error(text: str) -> wg.Program | wg.WengertError:
    try:
        return wg.parse(text)
    except wg.WengertError as problem:
        return problem


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


# The loop against Lark

grammar = generator()
NAMES = {column: name for name, column in automaton.ID.items()}


class OurTokens(Lexer):
    """Lark's tokens, found by our regular expression."""

    def __init__(self, conf: Any) -> None:
        pass

    def lex(self, data: Any) -> Iterator[Token]:
        text = data if isinstance(data, str) else data.text
        for term, start, end in parser.tokens(text):
            if NAMES[term] != "$END":
                yield Token(NAMES[term], text[start:end])


lark = grammar.lark_parser(lexer=OurTokens)


class Syntax:
    """Actions that mean nothing: what is left of the loop is the grammar."""

    infix: Any = dict.fromkeys([*automaton.SYMBOLS, "and", "or"])

    def __init__(self) -> None:
        self.env = {name: name for name in ()}

    def emit(self, *_: Any) -> None: ...

    def missing(self, *_: Any) -> None: ...

    def check_number(self, *_: Any) -> None: ...

    def spell(self, word: str, start: int) -> str:
        return normalize(word)

    def placed(self, problem: wg.WengertError) -> wg.WengertError:
        return problem


def our_loop_accepts(text: str) -> bool:
    try:
        parser.parse(text, Syntax())
    except wg.ParseError:
        return False
    return True


def lark_accepts(text: str) -> bool:
    *_, last = [-1, *(term for term, _, _ in parser.tokens(text))]
    if last != automaton.ID["$END"]:
        return False
    try:
        lark.parse(text)
    except UnexpectedInput:
        return False
    return True


TOKENS = st.sampled_from([*RESERVED, *automaton.SYMBOLS, "(", ")", "(", ")", "\n", ";", "x", "f(", "d/da", "2", "0.5"])
soup = st.lists(TOKENS, max_size=20).map(" ".join)
# Pieces of sentences, which soup alone would hardly ever form.
PIECES = st.sampled_from(
    "x;=;input x;output;expect x;def f(x) =;op f(x) =;with;d/dx =;for i in 0:;3 {;};for i in 0:2;sum(;);,;+;x if;else;"
    "not;and;<;^;- 1;2*;(;\n;x = 1\n".split(";")
)
sentences = st.lists(PIECES, max_size=14).map(" ".join)


@given(st.one_of(soup, sentences, texts()))
@example("f(x for i in 0:2 for j in i:3)")
@example("op f(a, b) = a with d/da = 1, d/db = 2; for i in 0:3 {; x = 1; }")
def test_the_loop_accepts_what_lark_accepts(text: str) -> None:
    assert our_loop_accepts(text) == lark_accepts(text)


def test_the_loop_accepts_the_vectors_that_lark_accepts() -> None:
    assert not [text for text in (*TEXTS, *SAMPLES) if our_loop_accepts(text) != lark_accepts(text)]


@given(st.one_of(sentences, texts()), st.integers(0, 40))
def test_what_is_expected_is_what_lark_expects(text: str, count: int) -> None:
    """After any tokens that can begin a program, the terminals that may follow are Lark's."""
    interactive = lark.parse_interactive("")
    states = [automaton.START]
    for term, start, end in list(parser.tokens(text))[: count + 1]:
        expected = automaton.expected(states)
        assert expected == interactive.accepts() | ({"$END"} & expected)
        assert ("$END" in expected) == ("$END" in interactive.choices() and accepts_end(interactive))
        if NAMES[term] not in expected or NAMES[term] == "$END":
            break
        assert automaton.advance(states, term)
        interactive.feed_token(Token(NAMES[term], text[start:end]))


def accepts_end(interactive: Any) -> bool:
    try:
        interactive.copy().feed_eof()
    except UnexpectedInput:
        return False
    return True


def test_the_tables_are_the_grammars() -> None:
    done = subprocess.run([sys.executable, ROOT / "grammar" / "generate.py", "--check"], check=False)
    assert done.returncode == 0


def test_reserved_words_are_the_keywords() -> None:
    text = grammar.grammar_text()
    assert set(KEYWORDS) == RESERVED == set(re.findall(r'"([a-z]+)"', text))
    assert not RESERVED & {*OPS, *ALIASES, *CONSTANTS, *DERIVATIVES}


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


# What it means, against Python

PYTHON = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Mod: "mod", ast.Pow: "pow", ast.Lt: "lt",
    ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne", ast.And: "logical_and",
    ast.Or: "logical_or", ast.Not: "logical_not", ast.USub: "neg",
}  # fmt: skip


def as_python_reads(node: ast.expr) -> Any:
    """Python's tree as nested tuples of our ops."""
    match node:
        case ast.Constant(value):
            return float(value)  # type: ignore[arg-type]
        case ast.Name(name):
            return name
        case ast.BinOp(left, op, right):
            return (PYTHON[type(op)], as_python_reads(left), as_python_reads(right))
        case ast.UnaryOp(ast.UAdd(), operand):
            return as_python_reads(operand)
        case ast.UnaryOp(op, operand):
            value = as_python_reads(operand)
            return -value if isinstance(op, ast.USub) and isinstance(value, float) else (PYTHON[type(op)], value)
        case ast.BoolOp(op, values):
            read = [as_python_reads(v) for v in values]
            return folded(PYTHON[type(op)], read)
        case ast.Compare(left, ops, rights):
            sides = [as_python_reads(side) for side in (left, *rights)]
            return folded("logical_and", [(PYTHON[type(op)], *pair) for op, pair in zip(ops, pairwise(sides))])
        case ast.IfExp(test, body, orelse):
            return ("where", as_python_reads(test), as_python_reads(body), as_python_reads(orelse))
    raise AssertionError(ast.dump(node))


def folded(op: str, values: list[Any]) -> Any:
    total, *rest = values
    for value in rest:
        total = (op, total, value)
    return total


def as_we_read(text: str) -> Any:
    """Our list as nested tuples."""
    w = wg.parse(text).wlist
    values: dict[Any, Any] = {}
    for output, op, inputs in w.equations:
        values[output] = (op, *(values.get(a, a) for a in inputs))
    return values.get(w.outputs[0], w.outputs[0])


SHARED = st.sampled_from("x y z 1 2 0.5 x y ( ) ( ) + - * / % ** < <= > >= == != and or not if else - +".split())


@st.composite
def shared_expressions(draw: st.DrawFn) -> str:
    """Expressions of the common part, with few brackets, so that precedence decides."""
    operand = st.sampled_from("x y z 2 0.5 (x) -x -2 +y".split())
    infix = st.sampled_from("+ - * / % ** ** < <= == and or".split())
    words = [draw(operand)]
    for _ in range(draw(st.integers(1, 7))):
        if draw(st.integers(0, 9)) == 0:
            words += ["if", draw(operand), "else", draw(operand)]
        else:
            symbol = draw(infix)
            words += [symbol, draw(st.sampled_from(["not", ""])) if symbol in ("and", "or") else "", draw(operand)]
    return " ".join(filter(None, words))


@given(st.one_of(shared_expressions(), st.lists(SHARED, min_size=1, max_size=14).map(" ".join)))
@example("not x < y == z and - x ** - 2 ** y if x or y else z if y else 1")
def test_the_common_part_reads_as_in_python(text: str) -> None:
    assume(not re.search(r"[\w)] \(|\( \)", re.sub(r"\b(and|or|not|if|else) \(", "(", text)))
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        assert not our_loop_accepts(text)
    else:
        assert as_we_read(text) == as_python_reads(tree)


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
