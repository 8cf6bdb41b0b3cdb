"""The loop accepts what Lark accepts, and reads the part that it shares with Python as Python does."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st
from lark import Token
from lark.exceptions import UnexpectedInput
from lark.lexer import Lexer

import wengert as wg
from tests.language.random_texts import sentences, soup, texts
from tests.language.test_language import ROOT, SAMPLES
from tests.language.test_vectors import TEXTS
from wengert.ground.names import RESERVED, normalize
from wengert.language import automaton, parser
from wengert.language.lalr_tables import KEYWORDS
from wengert.ops import ALIASES, CONSTANTS, DERIVATIVES, OPS


def generator() -> Any:
    """The script that makes the tables, as a module."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "grammar" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
