"""A session: the statements accepted so far, and the programs that they make with the next entry.

The state is text. An entry is compiled after the statements that it needs, which are found by the names that they bind
and read. So a costly loop is unrolled again only for an entry that depends on it, and a statement that shows no value
needs only the shapes of the values that it reads, as a rule. (Keeping the state of the parser instead would decide that
a name is an input when it is first read; at a prompt its number may come later.)

A name that is given a number is an input: derivatives are taken in it, and when the number changes, all that was
computed from it follows. Its statement is left out of the program, and its number is passed as a value. The exception
is a name that must be a number in the program, because it is bound again or a range ends there: then its statement
stands in the program as typed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ..api.compile import compile
from ..api.display import CONSTANTS
from ..api.function import Function
from ..api.texts import Entry, Sentence, array_ops, check_syntax, known_shapes, needed
from ..ground.errors import Diagnostic, ParseError, Source, Span, UnknownName, WengertError, error, suggestion
from ..ground.limits import UNTRUSTED, Limits, check_clock
from ..ground.names import WORD, normalize, quoted
from ..ground.tuples import NamedTuple
from .checked_alone import checked_alone
from .kept import NO_NAMES, KeptStatements, Statement

PROMPT = "<prompt>"
# Warnings of unused names: at the prompt a name is always unused at first.
_UNUSED = frozenset(("W151", "W153", "W154"))
# Makes a program of statements that have no value.
_NOTHING = "\n0"


class Evaluated(NamedTuple):
    """A function to evaluate, with all that it needs and nothing else.

    names  the names to differentiate in: the inputs, and numbers that had to stay in the program
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
    """The result of accepting an entry: its warnings, and the function to evaluate if it has one."""

    warnings: tuple[Diagnostic, ...]
    call: Evaluated | None = None


class _Draft(NamedTuple):
    """A compiled program, values of its inputs, names that must be numbers in it, and where the entry begins in its
    text."""

    function: Function
    point: dict[str, float]
    numbers: tuple[str, ...]
    start: int

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The warnings of the entry, without those of earlier statements."""
        found = self.function.program.warnings
        return tuple(w for w in found if w.code not in _UNUSED and w.span is not None and w.span.start >= self.start)


class Session:
    """The statements typed so far. `kink`, `fuse` and `limits` are those of `compile`; the limits hold for each entry
    alone."""

    def __init__(self, *, kink: str = "mean", fuse: bool = True, limits: Limits = UNTRUSTED) -> None:
        self.kink, self.fuse, self.limits = kink, fuse, limits
        self.statements = KeptStatements()
        self.declared: dict[str, None] = {}
        self.outputs: list[Sentence] = []

    def names(self) -> dict[str, None]:
        """The names of values that statements bind or read."""
        said = (s.sentence.binds | s.sentence.reads for s in self.statements)
        return dict.fromkeys([*self.declared, *(n for names in said for n in sorted(names) if not n.endswith("("))])

    def functions(self) -> dict[str, None]:
        """The names of functions that the session defines."""
        return dict.fromkeys(s.name[:-1] for s in self.statements if s.sentence.kind in ("def", "op"))

    # Entries

    def sentences(self, entry: Entry) -> list[Sentence]:
        """The sentences of an entry. Raises ParseError for a text that is none, LimitError for one that is too long."""
        if len(entry) > self.limits.text_bytes:
            self._compile(entry.text)
        if entry.refused or not entry.whole:
            check_syntax(Source(entry.text, PROMPT))
        return list(entry.sentences())

    def enter(self, sentence: Sentence) -> Accepted:
        """Accept a statement. If it raises a WengertError, the session is unchanged."""
        check_clock()  # one statement may be too short to look at it
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
        """Prepare an expression, an `output` or an `expect` for evaluation. Raises WengertError."""
        # An output or an expect may name only values that are computed before it.
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
        """Forget the statements that bind these names, or all statements. Raises WengertError if others need them."""
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
        kept = self.statements.chosen(lambda s: gone.isdisjoint(s.sentence.binds))
        self._check(kept)
        self.statements = kept
        self.declared = {n: None for n in self.declared if n not in gone}
        self.outputs = [s for s in self.outputs if gone.isdisjoint(s.reads)]

    def program(self) -> str:
        """The session as a program: inputs with their values, the statements that are in force, and the outputs."""
        bound = frozenset(self.statements.names())
        draft = self._compiled(Sentence("0", "expression", NO_NAMES, bound))
        kept = self.statements.needed(bound)
        inputs = dict.fromkeys([*draft.function.inputs, *draft.point, *self.declared])
        texts = {s.name: s.sentence.text for s in self.statements if s.value is not None and s.name in draft.point}
        lines = [f"input {', '.join(texts.get(n, n) for n in inputs if n not in draft.numbers)}"] if inputs else []
        lines += [self.statements[k].sentence.text for k in kept if not _is_input(self.statements[k], draft.point)]
        return "\n".join([*lines, *(s.text for s in self.outputs)])

    # Statements

    def _alone(self, sentence: Sentence) -> bool:
        """Accept a statement that can be checked without all that it needs, and say whether it could."""
        if not any(self.statements.bound(n) >= 0 for n in sentence.reads):
            return False
        statement = checked_alone(sentence, self.statements, lambda text: self._compile(text).program, _UNUSED)
        if statement is None:
            return False
        self.statements.append(statement)
        return True

    def _bind(self, sentence: Sentence) -> Accepted:
        if self._alone(sentence):
            return Accepted(())
        draft = self._compiled(sentence, behind="" if sentence.kind == "bind" else _NOTHING)
        program = draft.function.program
        alone = not draft.function.inputs and not self.statements.needed(sentence.reads)
        if sentence.kind == "bind" and alone and isinstance(value := draft.function(), float):
            self._give(Statement(sentence, value, NO_NAMES, {next(iter(sentence.binds)): ()}))
            return Accepted(draft.warnings)
        open = any(n not in draft.point for n in draft.function.inputs)
        shapes = {} if open and array_ops(program) else known_shapes(program, sentence.binds)
        statement = Statement(sentence, None, frozenset(draft.numbers), shapes, open)
        if any(map(self.statements.read_unbound, sentence.binds)):
            self._check([*self.statements, statement])
        self.statements.append(statement)
        return Accepted(draft.warnings)

    def _give(self, statement: Statement) -> None:
        """Give a name a number."""
        name = statement.name
        k = self.statements.bound(name)
        if k >= 0 and self.statements[k].value is not None:
            self.statements.put(k, statement)
        elif self.statements.read_unbound(name):
            if name in CONSTANTS:
                self._check([*self.statements, statement])
            self.statements.give(statement)
        else:
            self.statements.append(statement)

    def _declare(self, sentence: Sentence) -> Accepted:
        program = self._compile(sentence.text + _NOTHING).program
        # A copy: if the second of two inputs is refused, the first is not declared either.
        self.statements = self.statements.chosen(bool) if len(sentence.parts) > 1 else self.statements
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
        if k < 0 and self._alone(sentence):
            return Accepted(())
        if k < 0:
            draft = self._compiled(sentence, behind=_NOTHING)
            self.statements.append(new)
            return Accepted(draft.warnings)
        # Definitions come before calls: it takes the place of the old one, or the place after the last that it calls.
        others = self.statements.without(k)
        called = [others.bound(name) + 1 for name in sentence.reads if name.endswith("(")]
        self.statements = others.inserted(max([k, *called]), new)
        self._check(self.statements)
        return Accepted(())

    # Programs

    def _compiled(self, sentence: Sentence, *, fixed: bool = False, behind: str = "") -> _Draft:
        """Compile an entry after the statements that it needs. As few names as possible are `fixed` as numbers, or all
        are. Raises WengertError."""
        given = [self.statements[k] for k in self.statements.needed(sentence.reads)]
        often = Counter([n for s in given for n in s.sentence.binds] + [*sentence.binds])
        numbers = {s.name: s.value for s in given if s.value is not None and often[s.name] == 1}

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
        # Some names must be numbers, unless the entry is wrong in any case. Those in the error message are tried first.
        attempt(set(numbers))
        while True:
            left = set(numbers) - found
            found |= left & _spoken_of(complaint) or left
            try:
                return attempt(found)
            except (ParseError, UnknownName) as problem:
                complaint = problem

    def _check(self, statements: Iterable[Statement]) -> None:
        """Raise WengertError unless the statements, with all numbers in place, are a program."""
        self._compile("\n".join(s.sentence.text for s in statements) + _NOTHING)

    def _compile(self, text: str, inputs: Sequence[str] = ()) -> Function:
        try:
            return compile(text, fuse=self.fuse, kink=self.kink, limits=self.limits, inputs=inputs, name=PROMPT)
        except WengertError as problem:
            raise _with_a_way_out(problem) from None


def _is_input(statement: Statement, point: dict[str, float]) -> bool:
    return statement.value is not None and statement.name in point


def _spoken_of(problem: WengertError) -> set[str]:
    """The names in the places that an error points at: its own place, and the calls that led there."""
    d = problem.diagnostic
    found: set[str] = set()
    span = d.span
    while span is not None and d.source is not None:
        found.update(normalize(w) for w in re.findall(WORD, d.source.text[span.start : span.end]))
        span = span.within
    return found


def _with_a_way_out(problem: WengertError) -> WengertError:
    """The error, with a help that applies at the prompt."""
    d = problem.diagnostic
    if d.code == "W104" and d.secondary and d.span is not None and d.source is not None:
        name = d.source.text[d.span.start : d.span.end]
        d = d._replace(help=f"give it a number first, `{name} = 1`, or bind another name", fix=None)
        problem.diagnostic, problem.args = d, (d,)
    return problem
