"""A session: the statements accepted so far, and the programs that they make with what is typed next.

The state is text. An entry is compiled behind those statements that it needs, found by the names that they bind and
read, so a costly loop is unrolled again only for what depends on it. (The parser's own state could be kept instead; but
then what an input is would be settled when it is first read, and at a prompt it is not.)

A name that is given a number is an input: what was computed from it follows when the number changes, and derivatives
are taken in it. Its statement is left out of the program, and its number given beside it, unless the program needs it
as a number: where it is bound again, or a range ends there. There its statement stands in the program, as typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..api.compile import compile
from ..api.display import CONSTANTS
from ..api.function import Function
from ..api.texts import Entry, Sentence, check_syntax, needed
from ..ground.errors import Diagnostic, ParseError, Source, Span, UnknownName, WengertError, error, suggestion
from ..ground.limits import UNTRUSTED, Limits
from ..ground.names import WORD, normalize, quoted
from .kept import NO_NAMES, KeptStatements, Statement

PROMPT = "<prompt>"
# Warnings of what nothing uses: at the prompt, nothing uses it yet.
_UNUSED = ("W151", "W153", "W154")
# Behind statements that compute nothing: with it they are a program.
_NOTHING = "\n0"


class Evaluated(NamedTuple):
    """What is to be evaluated, with all that it needs and nothing else.

    names  what derivatives are taken in: the inputs, and numbers that had to stay in the program
    text   the expression as typed
    """

    function: Function
    point: dict[str, float]
    names: tuple[str, ...]
    text: str

    @property
    def missing(self) -> tuple[str, ...]:
        """The inputs that have no value."""
        return tuple(n for n in self.function.inputs if n not in self.point)


class Accepted(NamedTuple):
    """How an entry was taken: warnings of it, and what it asks to be evaluated."""

    warnings: tuple[Diagnostic, ...]
    call: Evaluated | None = None


class _Draft(NamedTuple):
    """A compiled program: values of its inputs, names that it needs as numbers, and where the entry begins in it."""

    function: Function
    point: dict[str, float]
    numbers: tuple[str, ...]
    start: int

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """Warnings of the entry, not of what was accepted before."""
        found = self.function.program.warnings
        return tuple(w for w in found if w.code not in _UNUSED and w.span is not None and w.span.start >= self.start)


class Session:
    """What was typed so far. `kink`, `fuse` and `limits` are those of `compile`; each entry has the whole budget."""

    def __init__(self, *, kink: str = "mean", fuse: bool = True, limits: Limits = UNTRUSTED) -> None:
        self.kink, self.fuse, self.limits = kink, fuse, limits
        self.statements = KeptStatements()
        self.declared: dict[str, None] = {}
        self.outputs: list[Sentence] = []

    def names(self) -> dict[str, None]:
        """Names of values that statements bind or read."""
        said = (s.sentence.binds | s.sentence.reads for s in self.statements)
        return dict.fromkeys([*self.declared, *(n for names in said for n in sorted(names) if not n.endswith("("))])

    def functions(self) -> dict[str, None]:
        """Names of the functions that the session defines."""
        return dict.fromkeys(s.name[:-1] for s in self.statements if s.sentence.kind in ("def", "op"))

    # Entries

    def sentences(self, entry: Entry) -> list[Sentence]:
        """The sentences of an entry. Raises ParseError if it is none, LimitError if it is too long."""
        if len(entry) > self.limits.text_bytes:
            self._compile(entry.text)
        if entry.refused or not entry.whole:
            check_syntax(Source(entry.text, PROMPT))
        return list(entry.sentences())

    def enter(self, sentence: Sentence) -> Accepted:
        """Accept a statement. Raises WengertError, and then the session is as it was."""
        before = self.statements, self.declared.copy(), self.outputs.copy()
        try:
            if sentence.kind == "input":
                return self._declare(sentence)
            if sentence.kind in ("def", "op"):
                return self._define(sentence)
            if sentence.kind in ("bind", "for"):
                return self._bind(sentence)
            accepted = self.evaluated(sentence)
            if sentence.kind == "output" and sentence not in self.outputs:
                self.outputs.append(sentence)
            return accepted
        except BaseException:
            self.statements, self.declared, self.outputs = before
            raise

    def evaluated(self, sentence: Sentence, fuse: bool | None = None) -> Accepted:
        """An expression, an `output` or an `expect`, ready to be evaluated. Raises WengertError."""
        # What an output or an expect names must be there above it, as a value.
        draft = self._compiled(sentence, fixed=sentence.kind != "expression")
        program = draft.function.program
        if sentence.kind != "expect":
            program = needed(program, sentence.reads)
        options = draft.function.options
        f = Function(program, options if fuse is None else options.changed(fuse=fuse))
        computed = {e.output for e in program.wlist.equations}
        numbers = [n for n in draft.numbers if n in computed]
        point = {n: v for n, v in draft.point.items() if n in f.inputs}
        return Accepted(draft.warnings, Evaluated(f, point, (*f.inputs, *numbers), sentence.text))

    def clear(self, names: Sequence[str] = ()) -> None:
        """Forget what binds these names, or everything. Raises WengertError if the rest cannot do without."""
        if not names:
            self.statements, self.declared, self.outputs = KeptStatements(), {}, []
            return
        bound = {*self.statements.names(), *self.declared}
        gone: set[str] = set()
        for name in names:
            if not (found := {name, f"{name}("} & bound):
                help = suggestion(name, {n.rstrip("(") for n in bound}) or "`:vars` shows what is bound"
                raise error(UnknownName, "W101", f"nothing binds {quoted(name)}", help=help)
            gone |= found
        kept = KeptStatements(s for s in self.statements if gone.isdisjoint(s.sentence.binds))
        self._check(kept)
        self.statements = kept
        self.declared = {n: None for n in self.declared if n not in gone}
        self.outputs = [s for s in self.outputs if gone.isdisjoint(s.reads)]

    def program(self) -> str:
        """The session as a program that says the same: inputs with their values, what is in force, the outputs."""
        bound = frozenset(self.statements.names())
        draft = self._compiled(Sentence("0", "expression", NO_NAMES, bound))
        kept = self.statements.needed(bound)
        inputs = dict.fromkeys([*draft.function.inputs, *draft.point, *self.declared])
        texts = {s.name: s.sentence.text for s in self.statements if s.value is not None and s.name in draft.point}
        lines = [f"input {', '.join(texts.get(n, n) for n in inputs if n not in draft.numbers)}"] if inputs else []
        lines += [self.statements[k].sentence.text for k in kept if not _is_input(self.statements[k], draft.point)]
        return "\n".join([*lines, *(s.text for s in self.outputs)])

    # Statements

    def _bind(self, sentence: Sentence) -> Accepted:
        draft = self._compiled(sentence, behind="" if sentence.kind == "bind" else _NOTHING)
        alone = not draft.function.inputs and not self.statements.needed(sentence.reads)
        if sentence.kind == "bind" and alone and isinstance(value := draft.function(), float):
            self._give(Statement(sentence, value))
            return Accepted(draft.warnings)
        statement = Statement(sentence, None, frozenset(draft.numbers))
        if any(map(self.statements.read_unbound, sentence.binds)):
            self._check([*self.statements, statement])
        self.statements.append(statement)
        return Accepted(draft.warnings)

    def _give(self, statement: Statement) -> None:
        """Give a name a number."""
        name = statement.name
        k = self.statements.bound(name)
        if k >= 0 and self.statements[k].value is not None:
            self.statements = self.statements.replaced(k, statement)
        elif self.statements.read_unbound(name):
            if name in CONSTANTS:
                self._check([*self.statements, statement])
            first = next((i for i, s in enumerate(self.statements) if s.value is None), len(self.statements))
            self.statements = self.statements.inserted(first, statement)
        else:
            self.statements.append(statement)

    def _declare(self, sentence: Sentence) -> Accepted:
        program = self._compile(sentence.text + _NOTHING).program
        # A copy: if the second of two inputs is refused, the first is not declared either.
        self.statements = KeptStatements(self.statements)
        names = [normalize(re.match(WORD, part)[0]) for part in sentence.parts]  # type: ignore[index]
        for name, part in zip(names, sentence.parts):
            k = self.statements.bound(name)
            if k >= 0 and self.statements[k].value is None:
                at = sentence.text.index(part)
                raise error(ParseError, "W108", f"{quoted(name)} is bound to a formula", Span(at, at + len(name)),
                            help=f"`:clear {name}` forgets it", source=program.source)  # fmt: skip
            if name in program.defaults:
                self._give(Statement(Sentence(part, "bind", frozenset([name]), NO_NAMES), program.defaults[name]))
                continue
            self.declared[name] = None
            if k >= 0:
                self.statements = self.statements.without(k)
                self._check(self.statements)
        return Accepted(tuple(w for w in program.warnings if w.code not in _UNUSED))

    def _define(self, sentence: Sentence) -> Accepted:
        new = Statement(sentence)
        k = self.statements.bound(new.name)
        if k < 0:
            draft = self._compiled(sentence, behind=_NOTHING)
            self.statements.append(new)
            return Accepted(draft.warnings)
        # What calls it follows: it stands where the old one stood, or behind what it calls.
        others = self.statements.without(k)
        called = [others.bound(name) + 1 for name in sentence.reads if name.endswith("(")]
        self.statements = others.inserted(max([k, *called]), new)
        self._check(self.statements)
        return Accepted(())

    # Programs

    def _compiled(self, sentence: Sentence, *, fixed: bool = False, behind: str = "") -> _Draft:
        """An entry behind what it needs, with as few numbers `fixed` as will do, or with all. Raises WengertError."""
        given = [self.statements[k] for k in self.statements.needed(sentence.reads)]
        often = [n for s in given for n in s.sentence.binds] + [*sentence.binds]
        numbers = {s.name: s.value for s in given if s.value is not None and often.count(s.name) == 1}

        def attempt(fixed: set[str]) -> _Draft:
            point = {n: v for n, v in numbers.items() if v is not None and n not in fixed}
            before = "".join(f"{s.sentence.text}\n" for s in given if not _is_input(s, point))
            f = self._compile(before + sentence.text + behind, tuple(point))
            return _Draft(f, point, tuple(n for n in numbers if n in fixed), len(before))

        if fixed:
            return attempt(set(numbers))
        found = {n for s in given for n in s.fixed}
        try:
            return attempt(found)
        except (ParseError, UnknownName) as problem:
            if found >= set(numbers):
                raise
            complaint = problem
        # It would do with numbers for inputs, or is wrong in any case. Those that the complaint names come first.
        attempt(set(numbers))
        while True:
            left = set(numbers) - found
            found |= left & _spoken_of(complaint) or left
            try:
                return attempt(found)
            except (ParseError, UnknownName) as problem:
                complaint = problem

    def _check(self, statements: Iterable[Statement]) -> None:
        """Raise WengertError unless statements together are a program, numbers and all."""
        self._compile("\n".join(s.sentence.text for s in statements) + _NOTHING)

    def _compile(self, text: str, inputs: Sequence[str] = ()) -> Function:
        try:
            return compile(text, fuse=self.fuse, kink=self.kink, limits=self.limits, inputs=inputs, name=PROMPT)
        except WengertError as problem:
            raise _with_a_way_out(problem) from None


def _is_input(statement: Statement, point: dict[str, float]) -> bool:
    return statement.value is not None and statement.name in point


def _spoken_of(problem: WengertError) -> set[str]:
    """The names in the places that an error points at: where it is, and the calls that led there."""
    d = problem.diagnostic
    found: set[str] = set()
    span = d.span
    while span is not None and d.source is not None:
        found.update(normalize(w) for w in re.findall(WORD, d.source.text[span.start : span.end]))
        span = span.within
    return found


def _with_a_way_out(problem: WengertError) -> WengertError:
    """An error with a help that the prompt has."""
    d = problem.diagnostic
    if d.code == "W104" and d.secondary and d.span is not None and d.source is not None:
        name = d.source.text[d.span.start : d.span.end]
        d = d._replace(help=f"give it a number first, `{name} = 1`, or bind another name")
        problem.diagnostic, problem.args = d, (d,)
    return problem
