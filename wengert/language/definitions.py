"""Semantic actions for `def` and `op`."""

from __future__ import annotations

import re
from typing import Any

from ..ground.errors import Span, UnknownName
from ..ground.limits import exceeded
from ..ground.names import WORD, normalize, quoted
from ..ops import ALIASES, CONSTANTS, DERIVATIVES, FOLDS, Op
from . import mistakes
from .expressions import Expressions
from .splice import Collected, Definition, Fold, Loop, Raw


class Definitions(Expressions):
    """The semantic actions for definitions. A public method is named after an alias of the grammar."""

    def param(self, values: list[Any], start: int, end: int) -> list[str]:
        return values

    def more_params(self, values: list[Any], start: int, end: int) -> list[str]:
        names: list[str] = values[0]
        names.append(values[2])
        return names

    def open_def(self, values: list[Any], start: int, end: int) -> tuple[str, list[str]]:
        name, params = values[1], values[3]
        self._new_callable(name, params, Span(start, end))
        self._collect()
        return name, params

    def define(self, values: list[Any], start: int, end: int) -> None:
        (name, params), result = values
        body = self._release()
        own = frozenset(p for p in _differentiated(body) if p in self.params)
        self.definitions[name] = Definition(name, tuple(params), body, result, own)
        self.params, self.defining = set(), ""
        self.uncalled[name] = self.place(name, start, end)

    def _new_callable(self, name: str, params: list[str], span: Span) -> None:
        place = self.place(name, *span)
        if name in self.definitions or name in self.ops:
            self.fail("W112", f"{quoted(name)} is defined above", place, "give one of them another name")
        if name in self.table or name in ALIASES or name in FOLDS or name in DERIVATIVES:
            self.fail("W112", f"`{name}` is a function of the language", place, "give yours another name")
        self.params, self.defining = set(params), name
        if len(self.params) < len(params):
            once = self.params.copy()
            twice = next(p for p in params if p not in once or once.remove(p))  # type: ignore[func-returns-value]
            words = re.finditer(WORD, self.source.text[span.start : span.end])
            again = [w for w in words if normalize(w[0]) == twice][-1]
            place = Span(span.start + again.start(), span.start + again.end())
            self.fail("W113", f"the parameter {quoted(twice)} is named twice", place, "give one of them another name")

    def open_op(self, values: list[Any], start: int, end: int) -> tuple[str, list[str], int]:
        name, params = values[1], values[3]
        self._new_callable(name, params, Span(start, end))
        if "y" in self.params:
            self.fail("W113", "`y` is the output in the rules of an op and cannot be a parameter",
                      self.place("y", start, end), "give the parameter another name")  # fmt: skip
        self._collect()
        return name, params, end

    def op_forward(self, values: list[Any], start: int, end: int) -> tuple[str, list[str], str]:
        (name, params, mark), value, _ = values
        text = self._rule(mark, end - len("with"), value, self._body or [], self.params)
        return name, params, text

    def open_partial(self, values: list[Any], start: int, end: int) -> tuple[str, int]:
        d, _, dparam, _ = values
        if d != "d" or dparam[:1] != "d" or len(dparam) < 2:
            self.fail("W114", "the rules of an op begin with `d/d` and a parameter", Span(start, end - 1),
                      "write `with d/da = …, d/db = …`")  # fmt: skip
        self._body = []
        return dparam[1:], end

    def op_partial(self, values: list[Any], start: int, end: int) -> list[Any]:
        (param, mark), value = values
        return [(param, value, self._body or [], Span(mark, end), Span(start, mark))]

    def partials(self, values: list[Any], start: int, end: int) -> list[Any]:
        rules: list[Any] = values[0]
        rules += values[2]
        return rules

    def define_op(self, values: list[Any], start: int, end: int) -> None:
        (name, params, forward), partials = values
        rules: dict[str, str] = {}
        for param, value, body, text, head in partials:
            if param not in self.params:
                shown = ", ".join(f"`{p}`" for p in params[:6]) + ", …" * (len(params) > 6)
                message = f"{quoted(name)} has no parameter {quoted(param)}"
                self.fail("W114", message, head, f"its parameters are {shown}")
            if param in rules:
                self.fail("W114", f"the rule for {quoted(param)} is given twice", head)
            rules[param] = self._rule(text.start, text.end, value, body, self.params | {"y"})
        self._release()
        if missing := [p for p in params if p not in rules]:
            self.fail("W114", f"{quoted(name)} has no rule for {quoted(missing[0])}", self.place(name, start, end),
                      f"add `d/d{missing[0]} = …`" if len(missing[0]) < 40 else "")  # fmt: skip
        row = Op(name=name, params=" ".join(params), forward=forward, partials=tuple(rules[p] for p in params),
                 doc="defined by the program")  # fmt: skip
        if len(self.ops) >= self.limits.ops:
            place = self.place(name, start, end)
            raise self.placed(exceeded(self.limits, "ops", "too many ops of the program's own", place))
        if not self.ops:
            self.table = self.table.with_rows(())
        self.ops[name] = self.table[name] = row
        self.params, self.defining = set(), ""
        self.uncalled[name] = self.place(name, start, end)

    def _rule(self, start: int, end: int, value: Raw, body: list[Collected], names: set[str]) -> str:
        """The text of an op's rule. A rule may use only ops, constants and its own names."""
        for step in body:
            if not isinstance(step.what, str) or step.what in DERIVATIVES:
                self.fail("W115", "the rule of an op may use ops only, not a `def`, a comprehension or a derivative",
                          Span(step.start, step.end))  # fmt: skip
        for raw in [value, *(a for step in body for a in step.inputs)]:
            if isinstance(raw, str) and raw not in names and raw not in CONSTANTS:
                near = mistakes.characters.did_you_mean(mistakes.characters.nearest_few(raw, [*names, *CONSTANTS]))
                help = near or "a rule knows its parameters, `y` for the output, and the constants"
                message = f"{quoted(raw)} is not a parameter of this op"
                self.fail("W115", message, self.place(raw, start, end), help, UnknownName)
        return " ".join(re.sub(r"#[^\n]*", " ", self.source.text[start:end]).split())


def _differentiated(body: list[Collected]) -> set[str]:
    """The names with respect to which a body and its loops differentiate."""
    found: set[str] = set()
    bodies = [body]
    while bodies:
        for step in bodies.pop():
            if type(step.what) is Fold:
                bodies.append(step.what.loop.body)
            elif type(step.what) is Loop:
                bodies.append(step.what.body)
            elif type(step.what) is str and step.what in DERIVATIVES:
                found.add(str(step.inputs[1]))
    return found
