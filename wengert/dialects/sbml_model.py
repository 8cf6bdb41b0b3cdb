"""SBML files: the kinetic laws, rules and functions of a model, read as a program with its numbers as defaults."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..ground.errors import ParseError, Source, Span, WengertError, error
from ..ground.limits import Limits
from ..ground.names import RESERVED, quoted
from ..ground.tuples import NamedTuple
from ..ops import ALIASES, CONSTANTS, OPS
from .assembly import Assembly
from .mathml_writer import SPACE, TIME, Head, LambdaFunction, MathmlWriter
from .terms import ATOM, Reference, Term, laid_out

SBML_SPACE = "http://www.sbml.org/sbml/level"
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MATHED = frozenset("functionDefinition assignmentRule rateRule algebraicRule initialAssignment kineticLaw".split())
# Parts of a model that are no formula of its state.
_SILENT = frozenset("notes annotation listOfUnitDefinitions message stoichiometryMath".split())
_LEFT_OUT = {"listOfEvents": "events", "listOfConstraints": "constraints"}
# The keys of functions and of rates among names: no identifier has a space.
FUNCTION, RATE = "function ", "rate of "


class ModelElement(NamedTuple):
    """An element of a model that has begun."""

    kind: str
    attributes: Mapping[str, str]
    span: Span
    math: list[Any]
    parameters: dict[str, str]


class ModelWriter(MathmlWriter):
    """Reads a model, or a lone formula."""

    def __init__(self, source: Source, limits: Limits) -> None:
        super().__init__(source, limits)
        self._model: list[ModelElement] = []
        self._started = False
        self.model_functions: dict[str, tuple[LambdaFunction, Span]] = {}
        self.defaults: dict[str, str] = {}
        self.species: list[tuple[str, Mapping[str, str]]] = []
        self.unknown: set[str] = set()
        # The parameters of a kinetic law, by its statement: they hide those of the model.
        self.hidden: dict[int, tuple[str, frozenset[str]]] = {}
        self.ruled: set[int] = set()
        self.called: list[tuple[Head, int]] = []

    # Elements

    def begin(self, name: str, attributes: dict[str, str], span: Span) -> None:
        """An element begins."""
        space, _, kind = name.rpartition(" ")
        if self._skipped or self._open or not self._started and not space.startswith(SBML_SPACE):
            self._started = True
            return super().begin(name, attributes, span)
        self._started = True
        if space == SPACE and self._model and self._model[-1].kind in _MATHED:
            return super().begin(name, attributes, span)
        if not space.startswith(SBML_SPACE) or kind in _SILENT or kind in _LEFT_OUT:
            if kind in _LEFT_OUT:
                self._note("W835", f"the {_LEFT_OUT[kind]} of the model are left out", span)
            self._skipped = 1
            return None
        if not self._model:
            self._begun(kind, space, attributes, span)
        self._model.append(ModelElement(kind, attributes, span, [], {}))
        return None

    def _begun(self, kind: str, space: str, attributes: Mapping[str, str], span: Span) -> None:
        if kind != "sbml" or not space.startswith((f"{SBML_SPACE}2", f"{SBML_SPACE}3")):
            raise self._no_model(f"`<{kind[:40]}>` in {space}", span, "SBML of Level 2 or 3, whose root is `sbml`")
        for name, value in attributes.items():
            package, _, key = name.rpartition(" ")
            if key == "required" and package and value in ("true", "1"):
                raise self._no_model(f"the package {package} changes what formulas mean", span, "SBML without packages")

    def end(self, span: Span) -> None:
        """The element that began last ends."""
        if self._skipped or self._open:
            return super().end(span)
        element = self._model.pop()
        self._tally.spend()
        ending = _ENDINGS.get(element.kind)
        if ending:
            ending(self, element, Span(element.span.start, max(span.end, element.span.end)))
        if not self._model and not self._statements:
            raise self._no_model("the model has no kinetic law and no rule", element.span)
        return None

    def finish(self, made: Any) -> None:
        """The value of a `math`."""
        if not self._model:
            return super().finish(made)
        if isinstance(made, LambdaFunction) != (self._model[-1].kind == "functionDefinition"):
            raise self._no_model("a function is a `lambda`, and no other formula is", self._model[-1].span)
        self._model[-1].math.append(made)
        return None

    def _identifier(self, element: ModelElement, key: str = "id") -> str:
        name = element.attributes.get(key, "")
        if not _IDENTIFIER.fullmatch(name):
            raise self._no_model(f"`{element.kind}` has no `{key}` that is an identifier", element.span)
        return name

    def _formula(self, element: ModelElement) -> Any:
        if len(element.math) != 1:
            raise self._no_model(f"`{element.kind}` has no formula", element.span)
        return element.math[0]

    def _number(self, element: ModelElement, key: str) -> str:
        """A number of the model in our spelling; empty if it has none."""
        text = element.attributes.get(key, "").strip()
        if text in ("INF", "-INF", "NaN", ""):
            return {"": "", "NaN": "nan"}.get(text, text.lower())
        if not _NUMBER.fullmatch(text):
            raise error(ParseError, "W832", f"{quoted(text)} is not a number", element.span, source=self._source)
        return text.lstrip("+")

    # Elements of a model, as each ends

    def _function_definition(self, element: ModelElement, span: Span) -> None:
        name = self._identifier(element)
        if name in self.model_functions:
            raise self._no_model(f"the function {quoted(name)} is defined twice", element.span)
        self.model_functions[name] = (self._formula(element), element.span)

    def _compartment(self, element: ModelElement, span: Span) -> None:
        self.defaults[self._identifier(element)] = self._number(element, "size")

    def _one_species(self, element: ModelElement, span: Span) -> None:
        numbers = {key: self._number(element, key) for key in ("initialConcentration", "initialAmount")}
        self.species.append((self._identifier(element), {**element.attributes, **numbers}))

    def _one_parameter(self, element: ModelElement, span: Span) -> None:
        law = next((e for e in reversed(self._model[-2:]) if e.kind == "kineticLaw"), None)
        held = self.defaults if law is None else law.parameters
        held[self._identifier(element)] = self._number(element, "value")

    def _species_reference(self, element: ModelElement, span: Span) -> None:
        if "id" in element.attributes:
            self.defaults[self._identifier(element)] = self._number(element, "stoichiometry")

    def _assignment_rule(self, element: ModelElement, span: Span) -> None:
        term = self._formula(element)
        self.ruled.add(len(self._statements))
        self._state(self._identifier(element, "variable"), element.span, term)

    def _rate_rule(self, element: ModelElement, span: Span) -> None:
        term = self._formula(element)
        self._state(RATE + self._identifier(element, "variable"), element.span, term)

    def _algebraic_rule(self, element: ModelElement, span: Span) -> None:
        self._uses = []
        self._note("W835", "an algebraic rule is left out: it gives no value by itself", element.span)

    def _initial_assignment(self, element: ModelElement, span: Span) -> None:
        self._uses = []
        name = self._identifier(element, "symbol")
        self.unknown.add(name)
        self._note("W835", f"the initial assignment of {quoted(name)} is left out: it is an input", element.span)

    def _kinetic_law(self, element: ModelElement, span: Span) -> None:
        reaction = self._identifier(self._model[-1])
        term = self._formula(element)
        if element.parameters:
            self.hidden[len(self._statements)] = (reaction, frozenset(element.parameters))
            self.defaults.update({f"{reaction}.{name}": text for name, text in element.parameters.items()})
        self._state(reaction, element.span, term)

    # Functions

    def _called(self, head: Head, arguments: list[Term], span: Span) -> Term:
        if not self._model:
            return super()._called(head, arguments, span)
        self.called.append((head, len(arguments)))
        self._calls.append(head.name)
        pieces: list[object] = [Reference(FUNCTION + head.name, head.span, 0), "("]
        for k, term in enumerate(arguments):
            pieces += [", " * (k > 0), term.pieces]
        return Term((*pieces, ")"), ATOM, span)

    def _parameter(self, name: str, bound: dict[str, str]) -> str:
        if not self._model:
            return super()._parameter(name, bound)
        spelled = name
        while spelled in RESERVED or spelled in CONSTANTS or spelled in bound.values():
            spelled += "_"
        return spelled

    def check_calls(self) -> None:
        """Raise where a formula calls a function that the model does not have, or with another number of values."""
        for head, count in self.called:
            if head.name not in self.model_functions:
                super()._called(head, [], head.span)
            takes = len(self.model_functions[head.name][0].parameters)
            if takes != count:
                raise self._count(head.name, str(takes), [None] * count, head.span)

    def _no_model(self, why: str, span: Span, help: str = "") -> WengertError:
        return self._error("W834", f"the text is no model of SBML that can be read: {why}", span, help)


_ENDINGS: dict[str, Any] = {
    "functionDefinition": ModelWriter._function_definition, "compartment": ModelWriter._compartment,
    "species": ModelWriter._one_species, "parameter": ModelWriter._one_parameter,
    "localParameter": ModelWriter._one_parameter, "speciesReference": ModelWriter._species_reference,
    "assignmentRule": ModelWriter._assignment_rule, "rateRule": ModelWriter._rate_rule,
    "algebraicRule": ModelWriter._algebraic_rule, "initialAssignment": ModelWriter._initial_assignment,
    "kineticLaw": ModelWriter._kinetic_law,
}  # fmt: skip


class ModelAssembly(Assembly):
    """The program of a model: functions, numbers as defaults, then laws and rules, each after those that it reads."""

    def __init__(self, written: ModelWriter, source: Source) -> None:
        self.written = written
        written.check_calls()
        statements = [s._replace(uses=tuple(map(self._own, s.uses))) for s in written._statements]
        self.alone = not written.model_functions and len(statements) == 1 and not statements[0].name
        super().__init__(statements, {}, written._dialect._replace(scope="every"), source)
        self._refuse_twice()
        self.taken |= {*CONSTANTS, *(c.op for c in written._dialect.functions.values() if c.definition)}
        self.defaults = dict(written.defaults)
        self._start_species()

    def _refuse_twice(self) -> None:
        for name, places in self.places.items():
            if name and len(places) > 1:
                raise self.written._no_model(f"{quoted(name)} is defined twice", self.statements[places[1]].span)

    def _own(self, use: Reference) -> Reference:
        """The use of a name, which a kinetic law's own parameter may hide."""
        reaction, names = self.written.hidden.get(use.statement, ("", frozenset()))
        return use._replace(name=f"{reaction}.{use.name}") if use.name in names else use

    def _spelling(self, use: Reference) -> str:
        return super()._spelling(self._own(use))

    def _start_species(self) -> None:
        """The start values of species: concentrations, or amounts where the model says so."""
        for name, attributes in self.written.species:
            amount, content = (attributes[key] for key in ("initialAmount", "initialConcentration"))
            whole = attributes.get("hasOnlySubstanceUnits", "false") in ("true", "1")
            place = attributes.get("compartment", "")
            size = "" if place in self.written.unknown or place in self.places else self.defaults.get(place, "")
            start = amount if whole else content
            if not start and size and (amount or content):
                start = (amount or content) + ("" if size in ("1", "1.0") else f"{'*' if whole else '/'}{size}")
            self.defaults[name] = start
        for name in self.written.unknown:
            self.defaults.pop(name, None)

    def program(self, definitions: dict[str, str]) -> str:
        """The text of the program."""
        self._spell_functions()
        return super().program({**definitions, **{text: text for text in self._functions()}})

    def _results(self) -> list[int]:
        return list(range(len(self.statements)))

    def _output_lines(self) -> list[str]:
        return [] if self.alone else [f"output {', '.join(self.spelled[n] for n in sorted(self._laws()))}"]

    def _laws(self) -> set[int]:
        """The statements that the model is read for: kinetic laws and rates; else every rule."""
        every = set(range(len(self.statements)))
        return every - self.written.ruled or every

    def _input_lines(self) -> list[str]:
        if self.alone:
            return super()._input_lines()
        keys = {spelled: key for key, spelled in self.spelled.items() if isinstance(key, str)}
        defaults = [(name, self.defaults.get(keys[name], "")) for name in self.inputs]
        return [f"input {name} = {text}" if text else f"input {name}" for name, text in defaults]

    def _fresh(self, name: str, span: Span) -> str:
        return super()._fresh("time" if name == TIME else name, span)

    def _spell_functions(self) -> None:
        for name, (_, span) in self.written.model_functions.items():
            spelled = name
            while spelled in OPS or spelled in ALIASES or spelled in self.taken:
                spelled += "_"
            self.taken.add(spelled)
            self.spelled[FUNCTION + name] = spelled
            if spelled != name:
                self._tell("W821", f"{quoted(name)} is called `{spelled}`", span)

    def _functions(self) -> Iterator[str]:
        """The functions of the model, each after those that it calls."""
        functions = self.written.model_functions
        done: dict[str, bool] = {}
        for root in functions:
            waiting = [root]
            while waiting:
                name = waiting[-1]
                if name in done:
                    waiting.pop()
                    if not done[name]:
                        done[name] = True
                        made = functions[name][0]
                        body = "".join(laid_out(made.value.pieces, self._spelling))
                        yield f"def {self.spelled[FUNCTION + name]}({', '.join(made.parameters)}) = {body}"
                    continue
                done[name] = False
                for called in functions[name][0].calls:
                    if done.get(called) is False:
                        raise error(ParseError, "W805", f"{quoted(name)} is defined by itself", functions[name][1],
                                    source=self.source)  # fmt: skip
                    if called not in done:
                        waiting.append(called)
