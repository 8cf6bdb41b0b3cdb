"""Semantic actions for statements: inputs, bindings, outputs, expects, loops."""

from __future__ import annotations

import re
from math import nan
from typing import Any

from ..ground.errors import Span
from ..ground.names import WORD, normalize, quoted
from .expressions import Expressions
from .program import Expect
from .splice import Collected, Loop, run

# A number of an `expect`: its decimals and its exponent tell the digit to which it was rounded.
_DECIMALS = r"\s*[-+]?\s*[\d_]*\.([\d_]*)(?:[eE]([-+]?\d+))?\s*"


def plain(value: Any) -> Any:
    """A constant as plain data: a float, or nested tuples of them."""
    if isinstance(value, float):
        return value
    return tuple(map(plain, value.tolist() if hasattr(value, "tolist") else value))


class Statements(Expressions):
    """The actions for statements: a public method has the name of an alias of the grammar."""

    def expression(self, values: list[Any], start: int, end: int) -> None:
        self.result = values[0]
        self.unnamed.append((values[0], Span(start, end)))
        if start and self.source.text[start] == "+":
            self.warn("W156", "a line that begins with `+` is a statement of its own", Span(start, start + 1),
                      "a statement goes on in the next line only within brackets")  # fmt: skip

    def bind(self, values: list[Any], start: int, end: int) -> None:
        name, _, value = values
        if self._body is not None:
            self._body.append(Collected(name, "=", (value,), start, end))
        else:
            self.assign(name, value, Span(start, end))

    # Inputs

    def declare(self, values: list[Any], start: int, end: int) -> None:
        self._declare(values[0], self.word_at(start))
        if len(values) > 1:
            self.shaped(values[0], values[1])

    def open_default(self, values: list[Any], start: int, end: int) -> tuple[str, Any, int, int]:
        return values[0], values[1] if len(values) > 2 else None, len(self.equations), self._fresh

    def declare_default(self, values: list[Any], start: int, end: int) -> None:
        (name, sizes, mark, self._fresh), value = values
        number = self.constant(value)
        if number is None:
            self.unfit(name, value, mark, Span(start, end))
        self.truncate(mark)
        self._declare(name, self.word_at(start))
        if sizes is not None:
            self.shaped(name, sizes)
        self.fits(name, number, Span(start, end))
        self.defaults[name] = plain(number)

    def _declare(self, name: str, span: Span) -> None:
        first = self.inputs.get(name)
        if first is not None and self.declared:
            self.fail("W108", f"{quoted(name)} is declared twice", span, "take one of them out",
                      secondary=((first, "declared here"),))  # fmt: skip
        if not self.declared and self.inputs:
            used, where = next(iter(self.inputs.items()))
            place = self.place(used, *where) if where is not None else span
            self.fail("W108", f"{quoted(used)} is used before the inputs are declared", place,
                      "declare all inputs first, this one too" if used != name else "declare inputs first")  # fmt: skip
        if name in self.sizes_of:
            self.fail("W108", f"{quoted(name)} is a size of `{self.sizes_of[name][0]}`", span, "give one another name")
        if name in self.bound or name in self.constants:
            self.fail("W108", f"{quoted(name)} is used before it is declared", span, "declare inputs first")
        self.declared = True
        self.inputs[name] = span
        self.scope[name] = name

    # Outputs and expects: a name in them must exist already, so that a misspelt one does not become an input.

    def open_output(self, values: list[Any], start: int, end: int) -> None:
        self.known_only = True

    def output(self, values: list[Any], start: int, end: int) -> None:
        self.outputs.append(values[-1] if len(values) == 2 else values[2])

    def close_output(self, values: list[Any], start: int, end: int) -> None:
        self.known_only = False

    def open_expect(self, values: list[Any], start: int, end: int) -> tuple[int, bool]:
        before = self.known_only
        self.known_only = True
        return len(self.equations), before

    def expect(self, values: list[Any], start: int, end: int) -> None:
        (mark, self.known_only), value, _, answer = values
        expected = self.constant(answer)
        written = self.source.text[start:end].rpartition("=")[2]
        half = 0.0
        for word in [written] if isinstance(expected, float) else re.split(r"[\[\],]", written):
            if decimals := re.fullmatch(_DECIMALS, word):
                exponent = float(decimals[2] or 0) - len(decimals[1].replace("_", ""))
                half = max(half, 0.5 * 10.0 ** min(max(exponent, -400.0), 308.0))
        if isinstance(answer, str):
            self.read.add(answer)
        words = re.findall(WORD, normalize(self.source.text[start:end]))
        self.said.append({w: a for w in words if type(a := self.scope.get(w)) is str})
        computed = answer if expected is None else None
        known = nan if expected is None else plain(expected)
        self.expects.append(Expect(value, known, half, Span(start, end), "", computed))
        self.checks[0].extend(self.equations[mark:])
        self.checks[1].extend(self.spans[mark:])
        self.truncate(mark)

    # Loops

    def open_loop(self, values: list[Any], start: int, end: int) -> tuple[Any, ...]:
        _, variable, _, low, _, high, _ = values
        self.counts(variable, Span(start, end))
        opened = self._body is None
        return variable, low, high, (start, end), self._collect(), opened

    def close_loop(self, values: list[Any], start: int, end: int) -> None:
        variable, low, high, place, mark, opened = values[0]
        assert self._body is not None
        body = self._body[mark:]
        del self._body[mark:]
        self._slot += 1
        self._body.append(Collected(self._slot, Loop(variable, low, high, place, body, None), (), start, end))
        if opened:
            run(self, self._release(), (low, high))
