"""The functions that a program calls and a language lacks, printed from the bodies of the ops' functions.

Every number is a float64 there. A function that catches Python's exceptions, or uses its large integers, is replaced by
another one: see ops/stand_ins.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...ops.bodies import ARRAY
from ...ops.printing import Printer
from ...ops.stand_ins import ALIKE, stand_in
from ...ops.syntax import Spelling, Text
from ..naming import Identifiers

if TYPE_CHECKING:
    from .language import Language

PLUS = "doubled.plus"


class Translated:
    """A prelude of our own functions in another language. A call by key has the function written."""

    def __init__(self, language: Language, names: Identifiers) -> None:
        self.language, self.names, self.sources = language, names, language.sources
        self.written: dict[str, str] = {}
        self.order: list[str] = []

    def call(self, key: str, args: Sequence[Text]) -> Text:
        """A call of the function with this key."""
        spelled = self.spelling(key)
        if spelled is not None and (not spelled.repeats or all(a.text.isalnum() for a in args)):
            return spelled(args)
        key = self.key(key)
        self.need(key)
        body = self.sources.body(key)
        count = len(body.params) - body.rest
        if len(args) < count or len(args) > count and not body.rest:
            raise NotImplementedError(f"{key} of {len(args)} arguments")
        given = [a.text for a in args[:count]]
        if body.rest:
            given.append(self.language.array([a.text for a in args[count:]]))
        return Text(f"{self.name(key)}({', '.join(given)})")

    def kinds(self, key: str) -> Sequence[str] | None:
        """The kinds of a function's parameters, if some are arrays; then the function is written. Else None."""
        key, given = self.key(key), key
        if not self.sources.has(key) or self.spelling(given) is not None:
            return None
        body = self.sources.body(key)
        kinds = [kind for _, kind in body.params[: len(body.params) - body.rest]]
        if ARRAY not in kinds:
            return None
        self.need(key)
        return kinds

    def constant(self, key: str) -> Text:
        """The name of a constant."""
        self.need(key)
        return Text(self.name(key))

    def array(self, key: str) -> str:
        """The text of a constant array as an argument."""
        self.need(key)
        return self.language.whole(self.name(key), len(self.sources.definition(key).value))

    def local_array(self, name: str) -> str:
        """The text of an array parameter as an argument."""
        return self.language.whole(name, 0)

    def plus(self) -> str:
        """The name of the function that adds pairs."""
        self.need(PLUS)
        return self.name(PLUS)

    def spelling(self, key: str) -> Spelling | None:
        """The language's own spelling of a function, or None."""
        found = self.language.functions.get(key) or self.language.functions.get(ALIKE.get(key, ""))
        if found is not None:
            # A template may call one of the language's extras, which must be written then.
            for name, text in self.language.extras.items():
                if f"{name}(" in found.template and name not in self.written:
                    self.written[name] = text
                    self.order.append(name)
        return found

    def key(self, key: str) -> str:
        """The key of the function that replaces a function, or its own key."""
        if not (found := stand_in(key, self.sources)):
            raise NotImplementedError(key)
        return found

    def name(self, key: str) -> str:
        """The identifier of a function or a constant of ours."""
        module, _, name = key.partition(".")
        return self.names(f"{module}_{name}" if module == "doubled" else name.lstrip("_"))

    def need(self, key: str) -> None:
        """Write a function or a constant, unless it is written."""
        if key in self.written:
            return
        if not self.sources.has(key):
            raise NotImplementedError(key)
        count, before = len(self.written), len(self.order)
        self.written[key] = ""  # set before the body is printed, as it may call itself
        try:
            self.written[key] = self._text_of(key)
        except NotImplementedError:
            for new in list(self.written)[count:]:  # else another function would call one without a text
                del self.written[new]
            del self.order[before:]
            raise
        self.order.append(key)

    def _text_of(self, key: str) -> str:
        if not self.sources.is_function(key):
            return self.language.constant(self.name(key), _number(self.sources.definition(key).value))
        printer = self.printer(key)
        lines = [f"{self.language.indent}{x}" for x in printer.lines()]
        return self.language.function(self.name(key), printer.signature, self.sources.body(key).returns, lines)

    def printer(self, key: str) -> Printer:
        """The printer of a function of ours."""
        names = Identifiers(self.language.words, ascii=True, leading=self.language.leading)
        return Printer(self.language, self, self.sources.body(key), names)

    def lines(self) -> list[str]:
        """The definitions, each after those that it uses where that is possible. Prototypes of the other ones come
        first."""
        done: set[str] = set()
        early = []
        has = self.sources.has
        for key in self.order:
            done.add(key)
            uses = self.sources.definition(key).uses if has(key) and self.sources.is_function(key) else ()
            for used in (self.key(use.key) for use in uses):
                if used in self.written.keys() - done and has(used) and used not in early:
                    early.append(used)
        return [*filter(None, map(self._prototype, early)), *(self.written[key] for key in self.order)]

    def _prototype(self, key: str) -> str:
        return self.language.prototype(self.name(key), self.printer(key).signature, self.sources.body(key).returns)


def _number(value: Any) -> Any:
    return tuple(map(float, value)) if isinstance(value, tuple) else float(value)
