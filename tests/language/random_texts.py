"""Random programs, and texts that are nearly such: sentences, soups of tokens."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import wengert as wg
from wengert.ground.names import RESERVED
from wengert.language import automaton

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


TOKENS = st.sampled_from([*RESERVED, *automaton.SYMBOLS, "(", ")", "(", ")", "\n", ";", "x", "f(", "d/da", "2", "0.5"])
soup = st.lists(TOKENS, max_size=20).map(" ".join)
# Pieces of sentences, which soup alone would hardly ever form.
PIECES = st.sampled_from(
    "x;=;input x;output;expect x;def f(x) =;op f(x) =;with;d/dx =;for i in 0:;3 {;};for i in 0:2;sum(;);,;+;x if;else;"
    "not;and;<;^;- 1;2*;(;\n;x = 1\n".split(";")
)
sentences = st.lists(PIECES, max_size=14).map(" ".join)
