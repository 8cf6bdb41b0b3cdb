"""The base class of all semantic actions: it writes equations, and resolves and binds names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NoReturn

from ..ground.errors import Diagnostic, Fix, ParseError, Source, Span, UnknownName, WengertError, error
from ..ground.limits import WIDE, Limits, Tally
from ..ground.names import WORD, fresh, look_alike, normalize, quoted, trouble
from ..lists.wengert_list import Atom, Equation, table_of
from ..ops import ALIASES, CONSTANTS, COPY, DERIVATIVES, INFIX, LENGTH, LETTERS, Op
from ..ops.shapes.dimensions import Mismatch, Shape, shape_rule
from . import mistakes
from .program import Expect
from .splice import Collected, Definition, Raw

_new = tuple.__new__


class _AsWritten(dict[str, Raw]):
    """The names in a collected body: each stands for itself until the body is spliced."""

    def __missing__(self, name: str) -> str:
        return name


class ParseState:
    """The state of one parse. The parser's loop uses `env` and `emit`, which change when a body is opened."""

    def __init__(
        self, source: Source, inputs: Sequence[str] | None, given: Collection[str], ops: tuple[Op, ...], limits: Limits,
        shapes: Mapping[str, Sequence[int]] = {},
    ) -> None:  # fmt: skip
        # Declared shapes of inputs; shapes of values that the caller gives; the input and axis of each declared size.
        self.shapes: dict[str, tuple[int | str, ...]] = {}
        self.known_shapes: dict[str, tuple[int, ...]] = {n: tuple(s) for n, s in shapes.items()}
        self.sizes_of: dict[str, tuple[str, int]] = {}
        # The declared sizes that are known, by name. The first array that has a size determines it.
        self.known_sizes: dict[str, int] = {}
        # Atoms read as indices or static parameters. Equations that serve only these are dropped at the end.
        self.static: set[Any] = set()
        # Inputs without a shape that a comprehension took for numbers; and whether every comprehension is unrolled.
        self.assumed: set[str] = set()
        self.unrolls = False
        self._inferred: dict[Any, Shape] = {}
        self._inferred_to = 0
        self.source, self.limits, self.given = source, limits, given
        self.ops: dict[str, Op] = {row.name: row for row in ops}
        self.equations: list[Equation] = []
        self.spans: list[tuple[Any, ...]] = []
        self.inputs: dict[str, Span | None] = dict.fromkeys(inputs or ())
        self.defaults: dict[str, float] = {}
        self.outputs: list[Atom] = []
        self.expects: list[Expect] = []
        # The atoms of the names in each expect; atoms that are read outside equations and outputs.
        self.said: list[dict[str, str]] = []
        self.read: set[Atom] = set()
        self.checks: tuple[list[Equation], list[Any]] = [], []
        self.constants: dict[str, None] = {}
        self.warnings: list[Diagnostic] = []
        self.table = table_of(ops)
        self.definitions: dict[str, Definition] = {}
        self.infix = INFIX
        self.declared = inputs is not None
        self.known_only = False
        self.result: Atom | None = None
        self.scope: dict[str, Atom] = {name: name for name in self.inputs}
        self.env: dict[str, Any] = self.scope
        self.emit: Any = self._emit_now
        # The place where each name was bound, in order of binding. Each version of a name counts as a name here.
        self.bound: dict[str, tuple[int, int]] = {}
        # For warnings: expressions used as statements, uncalled definitions, parameters of the open definition.
        self.unnamed: list[tuple[Atom, Span]] = []
        self.uncalled: dict[str, Span] = {}
        self.params: set[Any] = set()
        self.defining = ""
        self._body: list[Collected] | None = None
        self._slot = 0
        self._fresh = 0
        self._steps = Tally(limits, "steps", "too many turns of loops and calls")
        self._written = Tally(limits, "equations", "the program grows too long when unrolled")
        # The latest version of each name that is bound more than once, and its number.
        self._latest: dict[str, str] = {}
        self._number: dict[str, int] = {}
        text = source.text
        self._plain = text if text.isascii() else normalize(text)
        self._taken = {*re.findall(r"v\d+", self._plain), *self.inputs}
        self._spoken: set[str] = set()
        self._spelled: dict[str, str] = {}
        self._constant: dict[str, Any] = {}
        self._index: dict[str, int] = {}
        self._indexed = 0

    # ParseState

    def _emit_now(self, op: str, inputs: tuple[Atom, ...], start: int, end: int) -> Atom:
        n = self._fresh = self._fresh + 1
        name = f"v{n}"
        if name in self._taken:
            name = self._skip()
        self.equations.append(_new(Equation, (name, op, inputs)))
        self.spans.append((start, end))
        return name

    def _skip(self) -> str:
        while (name := f"v{self._fresh}") in self._taken:
            self._fresh += 1
        return name

    def _emit_later(self, op: Any, inputs: tuple[Raw, ...], start: int, end: int) -> int:
        assert self._body is not None
        self._slot += 1
        self._body.append(Collected(self._slot, op, inputs, start, end))
        return self._slot

    def forget(self) -> None:
        """Drop all that was written, after an error has made it useless."""
        for written in (self.equations, self.spans, self._spelled, self._constant, self._index):
            written.clear()

    def write(self, op: str, inputs: tuple[Atom, ...], span: Span) -> Atom:
        """Emit an equation from a spliced body."""
        if op in DERIVATIVES and (inputs[1] in self.constants or not isinstance(inputs[1], str)):
            self.not_a_name(op, span)
        self._written.spend(1 + len(inputs) // WIDE, span)
        name = self._emit_now(op, inputs, span.start, span.end)
        if span.within is not None:
            self.spans[-1] = span
        return name

    def not_a_name(self, word: str, span: Span) -> NoReturn:
        """Refuse a derivative with respect to an expression, a number or a constant."""
        more = ", …" if len(DERIVATIVES[word]) > 2 else ""
        help = f"bind the expression first: `u = …`, then `{word}(f, u{more})`"
        element = re.search(rf",\s*({WORD})(\[[^][]*\])\s*\)$", self.source.text[span.start : span.end])
        if element and len(element[0]) < 40:
            help = f"the derivative by an element is one of the gradient's: `grad(f, {element[1]}){element[2]}`"
        self.fail("W117", f"`{word}` differentiates with respect to a name", span, help)

    def spend(self, span: Span) -> None:
        """Count one turn of a loop, or one call, against the budget."""
        self._steps.spend(1, span)

    def truncate(self, mark: int) -> None:
        """Drop the equations from `mark` on."""
        for e in self.equations[mark:]:
            self._index.pop(e.output, None)
            self._constant.pop(e.output, None)
            self._inferred.pop(e.output, None)
            if e.output in self.sizes_of:
                self.scope.pop(e.output)
                self.bound.pop(e.output)
        self._indexed = min(self._indexed, mark)
        self._inferred_to = min(self._inferred_to, mark)
        del self.equations[mark:], self.spans[mark:]

    def _collect(self) -> int:
        """Begin to collect steps instead of emitting them. Returns the mark where they begin."""
        if self._body is None:
            self._body = []
            self.env, self.emit = _AsWritten(), self._emit_later
        return len(self._body)

    def _release(self) -> list[Collected]:
        """Stop collecting, and return the steps."""
        body, self._body = self._body or [], None
        self.env, self.emit = self.scope, self._emit_now
        return body

    # Errors

    def placed(self, problem: WengertError) -> WengertError:
        """An error whose source is the text that is parsed."""
        return problem.within(self.source)

    def fail(
        self, code: str, message: str, span: Span, help: str = "", kind: type[WengertError] = ParseError, *,
        fix: Fix | None = None, secondary: tuple[tuple[Span, str], ...] = (),
    ) -> NoReturn:  # fmt: skip
        """Raise an error about a place in the text."""
        raise error(kind, code, message, span, help=help, fix=fix, secondary=secondary, source=self.source)

    def warn(self, code: str, message: str, span: Span, help: str = "") -> None:
        """Add a warning about legal text that is probably a mistake."""
        self.warnings.append(Diagnostic(code, "warning", message, span, help=help, source=self.source))

    # Names

    def spell(self, word: str, start: int) -> str:
        """A name in its canonical spelling. Refuses a name that looks like another."""
        if word.isascii():
            return word
        if name := self._spelled.get(word, ""):
            return name
        if why := trouble(word):
            raise self.placed(mistakes.characters.bad_name(word, why, start, self.source.text))
        name = self._spelled[word] = normalize(word)
        if (twin := look_alike(name)) != name and twin in self._words():
            self.fail("W103", f"{quoted(name)} looks like {quoted(twin)}, and both are in this program",
                      Span(start, start + len(word)), "use letters of one script")  # fmt: skip
        return name

    def check_number(self, digits: str, start: int) -> None:
        """Warn of a literal that no float64 represents."""
        span = Span(start, start + len(digits))
        if float(digits) != 0.0:
            self.warn("W155", "a number too large for float64 is infinity", span, "write `inf` if that is meant")
        elif re.search(r"[1-9]", re.split("[eE]", digits)[0]):
            self.warn("W155", "a number too small for float64 is 0", span)

    def named(self, name: str, span: Span) -> Atom:
        """The atom that a name currently stands for."""
        found = self.scope.get(name)
        return self.missing(name, span.start, span.end, span.within) if found is None else found

    def missing(self, name: str, start: int, end: int, within: Span | None = None) -> Atom:
        """The atom of an unbound name: a constant, or a new input."""
        if name in self.sizes_of:
            return self.named_length(name)
        constant = spelt if (spelt := LETTERS.get(name, name)) not in self.scope else name
        if constant in CONSTANTS and name not in self.given:
            self.constants[constant] = None
            return CONSTANTS[constant] if constant in ("inf", "nan") else constant
        if self.declared or self.known_only:
            self._unknown(name, self.place(name, start, end, within))
        self.inputs[name] = Span(start, end, within)
        self.scope[name] = name
        return name

    def _unknown(self, name: str, span: Span) -> NoReturn:
        what = "is not an input or a binding of this program" if self.declared else "is not defined above"
        near = mistakes.characters.nearest_few(name, [*self.scope, *CONSTANTS])
        if near:
            self.fail("W101", f"{quoted(name)} {what}", span, mistakes.characters.did_you_mean(near), UnknownName)
        hint = ""
        if name in self.table or name in ALIASES or name in self.definitions:
            hint = f"{quoted(name)} is a function: call it, `{name}(…)`"
        elif self.declared and not self.known_only:
            hint = f"declare it: `input {name}`" if len(name) < 40 else "declare it as an input"
        elif not self.declared:
            hint = "an output or an expect names what is computed above"
        self.fail("W101", f"{quoted(name)} {what}", span, hint, UnknownName)

    def word_at(self, start: int) -> Span:
        """The span of the word that begins at `start`."""
        found = re.compile(WORD).match(self.source.text, start)
        return Span(start, found.end() if found else start)

    def place(self, name: str, start: int, end: int, within: Span | None = None) -> Span:
        """The span of a name within the span of a spliced step."""
        for word in re.finditer(WORD, self.source.text[start:end]):
            if normalize(word[0]) == name:
                return Span(start + word.start(), start + word.end(), within)
        return Span(start, end, within)

    def range_in(self, span: Span) -> Span:
        """The span of the range in `for i in 0:n`."""
        found = re.compile(r"for\s+\w+\s+in\s+([^{]*[^{\s])").match(self.source.text, span.start, span.end)
        return Span(*found.span(1), span.within) if found else span

    def named_length(self, name: str) -> Atom:
        """A size that was declared by name, bound by an equation to that name."""
        raise NotImplementedError

    def shape_of(self, a: Atom) -> Shape:
        """The shape of an atom, as far as it is known while the program is read."""
        found = self._inferred
        for k in range(self._inferred_to, len(self.equations)):
            output, op, inputs = self.equations[k]
            given = [self._input_shape(i) if type(i) is str else () for i in inputs]
            row = self.table.get(op)
            try:
                found[output] = None if row is None else shape_rule(row)(*given)
            except Mismatch:
                found[output] = None
        self._inferred_to = len(self.equations)
        return self._input_shape(a) if isinstance(a, str) else ()

    def _input_shape(self, name: str) -> Shape:
        if name in self._inferred:
            return self._inferred[name]
        declared = self.shapes.get(name)
        if declared is None:
            return self.known_shapes.get(name)
        sizes = [d if isinstance(d, int) else self.size(d) for d in declared]
        return tuple(d if size is None else size for d, size in zip(declared, sizes))

    def size(self, name: str) -> int | None:
        """The value of a declared size, if a default or the caller determines it; else None."""
        return self.known_sizes.get(name)

    def learn_sizes(self, whose: str) -> None:
        """Note the declared sizes of an array whose shape is known."""
        declared, known = self.shapes.get(whose), self.known_shapes.get(whose)
        if declared is not None and known is not None and len(known) >= len(declared):
            for size, found in zip(declared, known[len(known) - len(declared) :]):
                if isinstance(size, str):
                    self.known_sizes.setdefault(size, found)

    def unknown_size(self, a: Any) -> str | None:
        """An unknown size on which an atom depends: its declared name, or the name of its array."""
        seen, stack = set(), [a]
        while stack:
            name = stack.pop()
            k = self._index.get(name, -1) if isinstance(name, str) else -1
            if k < 0 or name in seen:
                continue
            seen.add(name)
            _, op, inputs = self.equations[k]
            if op.partition("[")[0] == LENGTH:
                return name if name in self.sizes_of else str(inputs[0])
            stack += inputs
        return None

    def needs_size(self, name: str, span: Span) -> NoReturn:
        """Refuse an expression that needs a size before the size is known."""
        what = f"the size {quoted(name)}" if name in self.sizes_of else f"the length of {quoted(name)}"
        whose = self.sizes_of[name][0] if name in self.sizes_of else name
        self.fail("W123", f"{what} is not known before {quoted(whose)} has a value", span,
                  f"declare its size, as in `input {whose}[3]`, give it a default, or compile with "
                  f"`shapes={{{whose!r}: (3,)}}`")  # fmt: skip

    def constant(self, a: Atom) -> Any:
        """The value of an atom, a number or an array, if it depends on no input; else None."""
        if isinstance(a, float):
            return a
        for k in range(self._indexed, len(self.equations)):
            self._index[self.equations[k].output] = k
        self._indexed = len(self.equations)
        known, stack = self._constant, [a]
        while stack:
            name = stack[-1]
            k = self._index.get(name, -1)
            if name in known:
                stack.pop()
            elif k < 0:
                known[name] = CONSTANTS[name] if name in CONSTANTS and name not in self.inputs else None
            else:
                _, op, inputs = self.equations[k]
                waiting = [i for i in inputs if isinstance(i, str) and i not in known]
                if waiting:
                    stack += waiting
                    continue
                known[name] = self._value_if_known(op, inputs)
        return known[a]

    def _value_if_known(self, op: str, inputs: tuple[Atom, ...]) -> Any:
        """The value of an op if the values of its inputs are known; for a length, if the shape is known."""
        if op in DERIVATIVES:
            return None
        row = self.table[op]
        if op.partition("[")[0] == LENGTH:
            shape = self.shape_of(inputs[0])
            axis = dict(getattr(row.forward, "statics", ())).get("axis", 0)
            size = shape[axis] if shape is not None and -len(shape) <= axis < len(shape) else None
            return float(size) if isinstance(size, int) else None
        values = [self._constant[i] if isinstance(i, str) else i for i in inputs]
        if any(v is None for v in values) or not callable(row.forward):
            return None
        if row.array is None and not all(isinstance(v, float) for v in values):
            return None
        try:
            if row.array is not None:
                row.array.shape(*(getattr(v, "shape", ()) for v in values))
            found = row.forward(*values)
        except (ValueError, IndexError):
            return None
        return float(found) if getattr(found, "ndim", 0) == 0 else found

    def assign(self, name: str, value: Atom, span: Span) -> None:
        """Bind a name to an atom, by an equation of that name or of a new version of it."""
        if name in self.inputs:
            self._fixed(name, span)
        if name in self.constants:
            self.fail(
                "W106",
                f"`{name}` was used as the constant above",
                self.word_at(span.start),
                "bind it before its first use",
            )
        version = name if name not in self.bound else self._version(name)
        last = self.equations[-1].output if self.equations else None
        if value == last and value not in self.bound:
            if self._indexed == len(self.equations):
                self._indexed -= 1
                self._index.pop(last, None)
                self._constant.pop(last, None)
            self.equations[-1] = _new(Equation, (version, *self.equations[-1][1:]))
            self._fresh -= f"v{self._fresh}" == last
        else:
            self._written.spend(1, span)
            self.equations.append(_new(Equation, (version, COPY, (value,))))
            self.spans.append((span.start, span.end))
        self.bound[version] = span.start, span.end
        self.scope[name] = version
        self.result = version

    def _fixed(self, name: str, span: Span) -> NoReturn:
        place = self.word_at(span.start)
        first = self.inputs[name]
        if first is None or self.declared:
            secondary: tuple[tuple[Span, str], ...] = () if first is None else ((first, "declared here"),)
            what, help, fix = "is an input and cannot be assigned", "bind another name", None
        else:
            secondary = ((self.place(name, *first), "read here, before it is bound"),)
            what = "is an input, as it is read before it is bound, and cannot be assigned"
            help = "move this line up, above the line that reads it; for another value bind another name"
            fix = mistakes.order.moved_up(self.source.text, first, place)
            if mistakes.order.reads_itself(self.source.text, first, place):
                help = "bind another name, which takes the new value"
        self.fail("W104", f"{quoted(name)} {what}", place, help, fix=fix, secondary=secondary)

    def _version(self, name: str) -> str:
        """The name of the next version of a bound name."""
        words = self._words()
        # The count continues from the last version: starting at 2 would skip the same words for every version.
        n = self._number.get(name, 1) + 1
        while (version := f"{name}_{n}") in words:
            n += 1
        words.add(version)
        self._number[name] = n
        self._latest[name] = version
        return version

    def _words(self) -> set[str]:
        """Words that no fresh name may be: all words of the text, the inputs, and earlier fresh names."""
        if not self._spoken:
            self._spoken = {*re.findall(WORD, self._plain), *self.inputs}
        return self._spoken

    def final_versions(self) -> dict[str, str]:
        """New names for versions: the last gets the bare name, and the first, which had it, gets a number."""
        final: dict[str, str] = {}
        for name, latest in self._latest.items():
            final[latest] = name
            self._spoken.discard(latest)
            final[name] = next(fresh(f"{name}_", self._words()))
            self._spoken.add(final[name])
        return final


def renamed(equations: Iterable[Equation], names: dict[str, str]) -> list[Equation]:
    """The equations, with their names replaced."""
    return [
        Equation(names.get(output, output), op, tuple(names.get(a, a) if isinstance(a, str) else a for a in inputs))
        for output, op, inputs in equations
    ]
