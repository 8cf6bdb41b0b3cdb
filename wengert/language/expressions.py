"""Semantic actions for expressions: calls, comprehensions, comparisons, signs."""

from __future__ import annotations

from typing import Any

from ..ground.errors import Span, UnknownName
from ..ground.names import quoted
from ..ops import ALIASES, AND, DERIVATIVES, EXTENDED, FOLDED, FOLDS, NEG, PREFIX, WHERE, arity
from ..ops.parameters import defaults, incomplete
from . import mistakes
from .array_syntax import ArrayActions, Keyword
from .splice import Definition, Pending, Raw, run


class _Call:
    """An open call: its callee, where its collected steps begin, and whether the collecting began with it."""

    __slots__ = ("callee", "mark", "opened", "word")

    def __init__(self, word: str, callee: Any, mark: int, opened: bool) -> None:
        self.word, self.callee, self.mark, self.opened = word, callee, mark, opened


class Expressions(ArrayActions):
    """The semantic actions for expressions. A public method is named after an alias of the grammar. It takes the values
    of the reduction and the offsets of its text, and returns the value of the reduced expression."""

    def open_call(self, values: list[Any], start: int, end: int) -> _Call:
        word = values[0]
        callee: Any = self.definitions.get(word)
        if callee is None and word not in DERIVATIVES:
            callee = self.table.get(word) or self.table.get(canonical(word))
            if callee is None and word not in FOLDS:
                known = [*self.definitions, *self.table, *ALIASES, *FOLDS, *DERIVATIVES]
                place = self.word_at(start)
                if word == self.defining:
                    help = "every program ends: what repeats is a loop with a fixed number of turns"
                    self.fail("W102", f"{quoted(word)} calls itself", place, help, UnknownName)
                named, axes = {*self.scope, *self.given}, self.axes_named(word)
                text = self.source.text
                raise self.placed(mistakes.characters.unknown_function(word, place, known, named, text, axes))
        self.uncalled.pop(word, None)
        if word in FOLDS:
            # The call may turn out to be a comprehension, whose terms come before their counter.
            opened = self._body is None
            return _Call(word, callee, self._collect(), opened)
        return _Call(word, callee, 0, False)

    def axes_named(self, word: str) -> int | None:
        """How many axes the value of a name has, as far as is known; 0 for a name that is bound to a number."""
        if word in self.params:
            return None
        shape = self.shape_of(self.scope.get(word, word))
        return None if shape is None else len(shape)

    def two(self, values: list[Any], start: int, end: int) -> list[Any]:
        return [values[0], values[2]]

    def more(self, values: list[Any], start: int, end: int) -> list[Any]:
        arguments: list[Any] = values[0]
        arguments.append(values[2])
        return arguments

    def call_nothing(self, values: list[Any], start: int, end: int) -> Raw:
        return self._called(values[0], (), start, end)

    def call_one(self, values: list[Any], start: int, end: int) -> Raw:
        return self._called(values[0], (values[1],), start, end)

    def call(self, values: list[Any], start: int, end: int) -> Raw:
        return self._called(values[0], tuple(values[1]), start, end)

    def _called(self, head: _Call, inputs: tuple[Any, ...], start: int, end: int) -> Raw:
        word, callee = head.word, head.callee
        if type(callee) is Definition:
            inputs = self._in_order(word, callee, inputs)
            self._takes(word, len(inputs), len(callee.params), len(callee.params), callee.params, Span(start, end))
            opened = self._body is None
            self._collect()
            slot: int = self.emit(callee, inputs, start, end)
            return run(self, self._release(), inputs)[slot] if opened else slot
        if word in DERIVATIVES:
            params = DERIVATIVES[word]
            self._takes(word, len(inputs), len(params), len(params), params, Span(start, end))
            # In a collected body a name stands for itself; the splice looks it up.
            x = inputs[1]
            if not (x in self.inputs or x in self.bound if self._body is None else type(x) is str):
                self.not_a_name(word, Span(start, end))
            return self.emit(word, inputs, start, end)  # type: ignore[no-any-return]
        if callee is None:
            symbol = next((s for s, op in self.infix.items() if op == FOLDS[word][0]), "")
            self.fail("W116", f"`{word}` takes a comprehension", Span(start, end),
                      f"write `{word}(x^i for i in 0:3)`, or `a {symbol} b`")  # fmt: skip
        if canonical(word) in FOLDED and sum(type(a) is not Keyword for a in inputs) == 1:
            callee = self.table[FOLDED[canonical(word)]]
        elif (canonical(word), len(inputs)) in EXTENDED:
            callee = self.table[EXTENDED[canonical(word), len(inputs)]]
        least, most = arity(callee)
        statics: dict[str, Raw] = {}
        if callee.statics or any(type(a) is Keyword for a in inputs):
            inputs, statics = self.parted(word, callee, inputs, most, Span(start, end))
        own = callee.params.split()
        if statics and most is not None and len(inputs) > most:
            # Static parameters given by position count, and so does each that has a default.
            places = list(defaults(self.table.written(callee.name) or callee))
            n, least, most = len(inputs) + len(statics), least + bool(incomplete(callee)), most + len(places)
            self._takes(word, n, least, most, [*own, *places], Span(start, end))
        self._takes(word, len(inputs), least, most, own, Span(start, end))
        if not statics:
            answer: Raw = self.emit(callee.name, inputs, start, end)
        else:
            what, given = Pending(callee.name, tuple(statics)), (*inputs, *statics.values())
            if self._body is None:
                return self.with_static(what, given, Span(start, end))
            answer = self._emit_later(what, given, start, end)
        return run(self, self._release())[answer] if head.opened else answer  # type: ignore[index]

    def _in_order(self, word: str, callee: Definition, inputs: tuple[Any, ...]) -> tuple[Raw, ...]:
        """The arguments of a call of a `def` in the order of its parameters."""
        if not any(type(a) is Keyword for a in inputs):
            return inputs
        given: dict[str, Any] = {}
        for k, a in enumerate(inputs):
            if type(a) is not Keyword and k < len(callee.params):
                given[callee.params[k]] = a
            elif type(a) is Keyword:
                place = Span(a.start, a.start + len(a.name))
                if a.name in given:
                    self.fail("W119", f"{quoted(a.name)} is given twice", place)
                if a.name not in callee.params:
                    near = mistakes.characters.did_you_mean(mistakes.characters.nearest_few(a.name, callee.params))
                    help = near or f"it has {', '.join(callee.params[:6])}"
                    self.fail("W119", f"{quoted(word)} has no parameter {quoted(a.name)}", place, help)
                given[a.name] = a.value
            else:
                given[f" {k}"] = a
        # A wrong number of arguments: the message names the missing ones, or the surplus ones.
        ordered = [given[p] for p in callee.params if p in given]
        return (*ordered, *(a for p, a in given.items() if p not in callee.params))

    def _takes(self, word: str, n: int, least: int, most: int | None, params: Any, span: Span) -> None:
        if n < least or most is not None and n > most:
            takes = f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"
            shown = ", ".join(f"{p[1:]}, …" if p[0] == "*" else p for p in params[:6]) + ", …" * (len(params) > 6)
            help = mistakes.characters.other_arguments(word, n, self.table) or f"`{word}({shown})`"
            self.fail("W118", f"{quoted(word)} takes {takes} argument{'s' * (takes != '1')}, not {n}", span,
                      help if len(word) < 40 else "")  # fmt: skip

    def open_clause(self, values: list[Any], start: int, end: int) -> tuple[str, int]:
        self.counts(values[1], Span(start, end))
        return values[1], len(self._body or ())

    def counts(self, name: str, span: Span) -> None:
        """Warn if a counter hides a bound name."""
        if name in self.scope or name in self.params:
            self.warn("W152", f"{quoted(name)} counts here, and hides the {quoted(name)} above",
                      self.place(name, *span[:2]), "give the counter another name")  # fmt: skip

    def clause(self, values: list[Any], start: int, end: int) -> list[Any]:
        (variable, mark), low, _, high = values
        return [(variable, mark, low, high, (start, end))]

    def clauses(self, values: list[Any], start: int, end: int) -> list[Any]:
        clauses: list[Any] = values[0]
        clauses += values[1]
        return clauses

    def comprehension(self, values: list[Any], start: int, end: int) -> Raw:
        head, result, clauses, _ = values
        if head.word not in FOLDS:
            self.fail("W116", f"{quoted(head.word)} does not take a comprehension", Span(start, end),
                      f"{', '.join(f'`{fold}`' for fold in FOLDS)} do")  # fmt: skip
        slot = self._emit_later(self.folding(head.word, head.mark, result, clauses), (), start, end)
        return run(self, self._release())[slot] if head.opened else slot

    def compare(self, values: list[Any], start: int, end: int) -> tuple[Raw, Raw]:
        left, symbol, right = values
        return self.emit(self.infix[symbol], (left, right), start, end), right

    def compare_more(self, values: list[Any], start: int, end: int) -> tuple[Raw, Raw]:
        (chain, left), symbol, right = values
        more = self.emit(self.infix[symbol], (left, right), start, end)
        return self.emit(AND, (chain, more), start, end), right

    def compared(self, values: list[Any], start: int, end: int) -> Raw:
        return values[0][0]  # type: ignore[no-any-return]

    def conditional(self, values: list[Any], start: int, end: int) -> Raw:
        return self.emit(WHERE, (values[2], values[0], values[4]), start, end)  # type: ignore[no-any-return]

    def prefix(self, values: list[Any], start: int, end: int) -> Raw:
        return self.emit(PREFIX[values[0]], (values[1],), start, end)  # type: ignore[no-any-return]

    def sign(self, values: list[Any], start: int, end: int) -> Raw:
        symbol, value = values
        if symbol == "+":
            return value  # type: ignore[no-any-return]
        return -value if type(value) is float else self.emit(NEG, (value,), start, end)


def canonical(word: str) -> str:
    """The name that an alias stands for, with the alias's static parameters."""
    name, bracket, rest = word.partition("[")
    return ALIASES.get(name, name) + bracket + rest
