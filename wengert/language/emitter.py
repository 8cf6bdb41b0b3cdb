"""What each reduction means: the semantic actions that turn a text, as it is read, into a Wengert list."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any, NoReturn

from ..errors import Diagnostic, ParseError, Source, Span, UnknownName, WengertError, error, nearest, suggestion
from ..limits import Limits, exceeded
from ..names import fresh, normalize, trouble
from ..ops import ALIASES, CONSTANTS, COPY, DERIVATIVES, FOLDS, INFIX, NEG, PREFIX, WHERE, AND, Op, arity
from ..wengert_list import Atom, Equation, Provenance, WengertList, assemble, table_of
from .program import Expect, Program
from .splice import Definition, Fold, Loop, Raw, Step, run

_equation = Equation._make


class _Scope(dict[str, Atom]):
    """Names in force while equations are emitted: a name not seen before goes to `Emitter.missing`."""


class _AsWritten(dict[str, Raw]):
    """Names while a body is collected: each stands for itself until the body is spliced."""

    def __missing__(self, name: str) -> str:
        return name


class _Call:
    """An open call: its callee, where its collected steps begin, and the clauses of a comprehension."""

    __slots__ = ("callee", "clauses", "mark", "opened", "word")

    def __init__(self, word: str, callee: Any, mark: int, opened: bool) -> None:
        self.word, self.callee, self.mark, self.opened = word, callee, mark, opened
        self.clauses: list[tuple[str, int]] = []


class Emitter:
    """The actions of one parse. `env` and `emit` are what the parser's loop uses; they change when a body is opened."""

    def __init__(
        self, source: Source, inputs: Sequence[str] | None, given: Collection[str], ops: tuple[Op, ...], limits: Limits
    ) -> None:
        text = source.text
        self.source, self.limits = source, limits
        self.equations: list[Equation] = []
        self.spans: list[tuple[int, int] | Span] = []
        self.inputs: dict[str, Span | None] = {}
        self.defaults: dict[str, float] = {}
        self.outputs: list[Atom] = []
        self.expects: list[Expect] = []
        self.checks: tuple[list[Equation], list[Any]] = [], []
        self.used: dict[str, None] = {}
        self.warnings: list[Diagnostic] = []
        self.ops = ops
        self.table = table_of(ops)
        self.definitions: dict[str, Definition] = {}
        self.infix = INFIX
        self.declared = inputs is not None
        self.given = given
        self.known_only = False
        self.result: Atom | None = None
        self.scope = self.env = _Scope()
        for name in inputs or ():
            self.inputs[name] = None
            self.scope[name] = name
        plain = text if text.isascii() else normalize(text)
        self._plain = plain
        self._spoken: set[str] = set()
        self._taken = set(re.findall(r"\bv\d+", plain))
        self._fresh = 0
        self._last = ""
        self._versions: dict[str, list[str]] = {}
        self._assigned: set[str] = set()
        self._steps = 0
        self._chained: dict[Raw, Raw] = {}
        self._body: list[Step] | None = None
        self._slot = 0
        self._marks: list[Any] = []
        self._constants: dict[str, float | None] = {}
        self._indexed: dict[str, int] = {}
        self.emit = self._emit_now

    # Emitting

    def _emit_now(self, op: str, inputs: tuple[Atom, ...], start: int, end: int) -> Atom:
        n = self._fresh = self._fresh + 1
        name = f"v{n}"
        if name in self._taken:
            name = self._skip()
        self._last = name
        self.equations.append(_equation((name, op, inputs)))
        self.spans.append((start, end))
        return name

    def _skip(self) -> str:
        name = f"v{self._fresh}"
        while name in self._taken:
            self._fresh += 1
            name = f"v{self._fresh}"
        return name

    def _emit_later(self, op: Any, inputs: tuple[Raw, ...], start: int, end: int) -> int:
        assert self._body is not None
        self._slot += 1
        self._body.append(Step(self._slot, op, inputs, start, end))
        return self._slot

    def write(self, op: str, inputs: tuple[Atom, ...], span: Span) -> Atom:
        """Emit an equation from a spliced body."""
        if op in DERIVATIVES:
            self._differentiable(op, inputs[1], span)
        if len(self.equations) >= self.limits.equations:
            raise self.placed(exceeded(self.limits, "equations", "the program grows too long when unrolled", span))
        name = self._emit_now(op, inputs, 0, 0)
        self.spans[-1] = span if span.within is not None else (span.start, span.end)
        return name

    def spend(self, span: Span) -> None:
        """One turn of a loop or one call, against the budget."""
        self._steps += 1
        if self._steps > self.limits.steps:
            raise self.placed(exceeded(self.limits, "steps", "too many turns of loops and calls", span))

    def _collect(self) -> int:
        """From here on collect steps instead of emitting; the mark where they begin."""
        if self._body is None:
            self._body = []
            self.env, self.emit = _AsWritten(), self._emit_later  # type: ignore[assignment]
        return len(self._body)

    def _release(self) -> list[Step]:
        """Stop collecting; the steps."""
        body, self._body = self._body or [], None
        self.env, self.emit = self.scope, self._emit_now
        return body

    # Names

    def placed(self, problem: WengertError) -> WengertError:
        """An error, told over the text being parsed."""
        return problem.within(self.source)

    def fail(self, code: str, message: str, span: Span, help: str = "", kind: type[WengertError] = ParseError) -> NoReturn:
        """Raise an error about a place in the text."""
        raise error(kind, code, message, span, help=help, source=self.source)

    def check_name(self, name: str, span: Span) -> None:
        """Refuse a name that could be taken for another."""
        if why := trouble(name):
            fix = "write the power as `^`" if "superscript" in why else "use letters of one script in a name"
            self.fail("W103", f"`{name}` {why}", span, fix)

    def named(self, name: str, span: Span) -> Atom:
        """The atom that a name stands for now."""
        found = self.scope.get(name)
        return self.missing(name, span.start, span.end) if found is None else found

    def missing(self, name: str, start: int, end: int) -> Atom:
        """A name that nothing has bound: a constant, or a new input."""
        constant = name in CONSTANTS and name not in self.given
        if constant:
            self.used[name] = None
            return CONSTANTS[name] if name in ("inf", "nan") else name
        if self.declared or self.known_only:
            known = [*self.scope, *CONSTANTS]
            what = "is not an input or a binding of this program" if self.declared else "is not defined above"
            hint = suggestion(name, known)
            if not hint and (name in self.table or name in ALIASES or name in self.definitions):
                hint = f"`{name}` is a function: call it, `{name}(…)`"
            if not hint and self.declared and not self.known_only:
                hint = f"declare it: `input {name}`"
            self.fail("W101", f"`{name}` {what}", self._place(name, start, end), hint, UnknownName)
        self.inputs[name] = Span(start, end)
        self.scope[name] = name
        return name

    def _place(self, name: str, start: int, end: int) -> Span:
        """The name itself inside a span that a spliced step covers."""
        found = re.search(rf"\b{re.escape(name)}\b", self.source.text[start:end])
        return Span(start + found.start(), start + found.end()) if found else Span(start, end)

    def constant(self, a: Atom) -> float | None:
        """The number that an atom is, if it depends on no input; else None."""
        if isinstance(a, float):
            return a
        for k in range(len(self._indexed), len(self.equations)):
            self._indexed[self.equations[k].output] = k
        known, stack = self._constants, [a]
        while stack:
            name = stack[-1]
            k = self._indexed.get(name, -1)
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
                values = [known[i] if isinstance(i, str) else i for i in inputs]
                forward = None if op in DERIVATIVES else self.table[op].forward
                known[name] = None if None in values or not callable(forward) else forward(*values)
        return known[a]

    def assign(self, name: str, value: Atom, span: Span) -> None:
        """Bind a name to an atom: an equation of that name, or a new version of it."""
        if name in self.inputs:
            self.fail("W104", f"`{name}` is an input and cannot be assigned", span,
                      f"start from another name, such as `{name}_ = {name}`")  # fmt: skip
        if name in self.used:
            self.fail("W106", f"`{name}` was used as the constant above", span, "bind it before its first use")
        version = name
        if name in self._assigned:
            versions = self._versions.setdefault(name, [name])
            version = next(fresh(f"{name}_", self._words(), len(versions) + 1))
            versions.append(version)
            self._spoken.add(version)
        self._assigned.add(version)
        if value == self._last and self.equations[-1].output == value:
            self.equations[-1] = _equation((version, *self.equations[-1][1:]))
            self._fresh -= f"v{self._fresh}" == value
            self._last = ""
        else:
            if len(self.equations) >= self.limits.equations:
                raise self.placed(exceeded(self.limits, "equations", "the program grows too long", span))
            self.equations.append(_equation((version, COPY, (value,))))
            self.spans.append((span.start, span.end))
        self.scope[name] = version
        self.result = version

    # Statements

    def expression(self, values: list[Any], start: int, end: int) -> None:
        self.result = values[0]

    def bind(self, values: list[Any], start: int, end: int) -> None:
        name, _, value = values
        if self._body is not None:
            self._body.append(Step(name, "=", (value,), start, end))
        else:
            self.assign(name, value, Span(start, end))

    def declare(self, values: list[Any], start: int, end: int) -> None:
        self._declare(values[0], Span(start, end))

    def declare_default(self, values: list[Any], start: int, end: int) -> None:
        name, _, value = values
        number = self.constant(value)
        if number is None:
            self.fail("W107", f"the default of `{name}` is not a number", Span(start, end),
                      "a default may use numbers and constants only")  # fmt: skip
        if isinstance(value, str):
            self._forget(value)
        self._declare(name, Span(start, start + len(name)))
        self.defaults[name] = number

    def _words(self) -> set[str]:
        """Words that the text holds anywhere, or that are assigned: no fresh name may be one of them."""
        if not self._spoken:
            self._spoken = set(re.findall(r"[^\W\d]\w*", self._plain))
        return self._spoken

    def _forget(self, value: str) -> None:
        """Take the equations of a default back out of the list: it was only a number."""
        first = max((k + 1 for k, e in enumerate(self.equations) if e.output in self._assigned), default=0)
        for e in self.equations[first:]:
            self._indexed.pop(e.output, None)
            self._constants.pop(e.output, None)
        self._fresh -= len(self.equations) - first
        del self.equations[first:], self.spans[first:]
        self._last = ""

    def _declare(self, name: str, span: Span) -> None:
        if name in self.inputs:
            used = not self.declared
            self.fail("W108", f"`{name}` is {'used before it is declared' if used else 'declared twice'}", span,
                      "declare inputs first" if used else "")  # fmt: skip
        if name in self._assigned or name in self.used:
            self.fail("W108", f"`{name}` is used before it is declared", span, "declare inputs first")
        if not self.declared and self.inputs:
            first = next(iter(self.inputs))
            self.fail("W108", f"`{first}` is used above, but not declared", self.inputs[first] or span,
                      f"declare it first: `input {first}`")  # fmt: skip
        self.declared = True
        self.inputs[name] = span
        self.scope[name] = name

    def open_output(self, values: list[Any], start: int, end: int) -> None:
        self.known_only = True

    def output(self, values: list[Any], start: int, end: int) -> None:
        self.outputs.append(values[-1])
        if self.source.text[end : end + 40].lstrip(" \t\r\f")[:1] != ",":
            self.known_only = False

    def open_expect(self, values: list[Any], start: int, end: int) -> None:
        self.known_only = True
        self._marks.append((self.equations, self.spans, len(self.equations), self.result))

    def expect(self, values: list[Any], start: int, end: int) -> None:
        _, value, _, answer = values
        _, _, mark, result = self._marks.pop()
        expected = self.constant(answer)
        if expected is None:
            self.fail("W109", "an expected value must be a number", Span(start, end), "write `expect f = 1.5`")
        written = self.source.text[start:end].rpartition("=")[2]
        decimals = re.fullmatch(r"\s*[-+]?[\d_]*\.(\d*)(?:[eE]([-+]?\d+))?\s*", written)
        half = 0.5 * 10.0 ** (int(decimals[2] or 0) - len(decimals[1])) if decimals else 0.0
        self.expects.append(Expect(value, expected, half, Span(start, end)))
        self.checks[0].extend(self.equations[mark:])
        self.checks[1].extend(self.spans[mark:])
        for e in self.equations[mark:]:
            self._indexed.pop(e.output, None)
        del self.equations[mark:], self.spans[mark:]
        self._last, self.result = "", result
        self.known_only = False

    # Bodies

    def open_def(self, values: list[Any], start: int, end: int) -> tuple[str, list[str]]:
        name, params = values[1], values[3][0]
        self._new_callable(name, params, Span(start, end))
        self._collect()
        return name, params

    def define(self, values: list[Any], start: int, end: int) -> None:
        (name, params), result = values
        body = self._release()
        own = {a for s in body if s.what in DERIVATIVES for a in s.inputs[1:2]} if body else set()
        self.definitions[name] = Definition(name, tuple(params), body, result, frozenset(own & set(params)))

    def _new_callable(self, name: str, params: list[str], span: Span) -> None:
        if name in self.table or name in ALIASES or name in FOLDS or name in DERIVATIVES or name in self.definitions:
            self.fail("W112", f"`{name}` is a function already", span, "give it another name")
        if twice := [p for p in params if params.count(p) > 1]:
            self.fail("W113", f"the parameter `{twice[0]}` is named twice", span)

    def open_op(self, values: list[Any], start: int, end: int) -> tuple[str, list[str]]:
        name, params = values[1], values[3][0]
        self._new_callable(name, params, Span(start, end))
        if "y" in params:
            self.fail("W113", "`y` is the output in the rules of an op and cannot be a parameter", Span(start, end))
        self._collect()
        self._marks.append(end)
        return name, params

    def op_forward(self, values: list[Any], start: int, end: int) -> tuple[str, list[str], str, dict[str, str]]:
        (name, params), value, _ = values
        text = self._rule(self._marks.pop(), end - len("with"), value, params)
        return name, params, text, {}

    def open_partial(self, values: list[Any], start: int, end: int) -> str:
        d, _, dparam, _ = values
        if d != "d" or dparam[:1] != "d":
            self.fail("W114", "a rule begins with `d/d` and a parameter", Span(start, end), "write `with d/da = …`")
        self._marks.append(end)
        self._body = []
        return str(dparam[1:])

    def op_partial(self, values: list[Any], start: int, end: int) -> list[Any]:
        return [(values[0], self._marks.pop(), end, values[1], self._body or [])]

    def define_op(self, values: list[Any], start: int, end: int) -> None:
        (name, params, forward, _), partials = values
        rules: dict[str, str] = {}
        for param, first, last, value, body in partials:
            if param not in params:
                self.fail("W114", f"`{name}` has no parameter `{param}`", Span(first, last), suggestion(param, params))
            self._body = body
            rules[param] = self._rule(first, last, value, [*params, "y"])
        self._release()
        if missing := [p for p in params if p not in rules]:
            self.fail("W114", f"`{name}` has no rule for `{missing[0]}`", Span(start, end), f"add `d/d{missing[0]} = …`")
        row = Op(name=name, params=" ".join(params), forward=forward, partials=tuple(rules[p] for p in params),
                 doc="defined by the program")  # fmt: skip
        self.ops = (*self.ops, row)
        self.table = table_of(self.ops)

    def _rule(self, start: int, end: int, value: Raw, names: list[str]) -> str:
        """The text of an op's rule, once it is seen to use only ops and its own names."""
        allowed = {*names, *CONSTANTS}
        for step in self._body or []:
            span = Span(step.start, step.end)
            if not isinstance(step.what, str) or step.what in DERIVATIVES:
                self.fail("W115", "the rule of an op may use ops only, not a `def`, a loop or a derivative", span)
        for raw in [value, *(a for step in self._body or [] for a in step.inputs)]:
            if isinstance(raw, str) and raw not in allowed:
                self.fail("W115", f"`{raw}` is not a parameter of this op", self._place(raw, start, end),
                          suggestion(raw, allowed), UnknownName)  # fmt: skip
        return re.sub(r"\s+", " ", re.sub(r"#[^\n]*", " ", self.source.text[start:end])).strip()

    def partials(self, values: list[Any], start: int, end: int) -> list[Any]:
        return [*values[0], *values[2]]

    def open_loop(self, values: list[Any], start: int, end: int) -> tuple[str, Raw, Raw, int, bool]:
        _, variable, _, low, _, high, _ = values
        opened = self._body is None
        return variable, low, high, self._collect(), opened

    def close_loop(self, values: list[Any], start: int, end: int) -> None:
        variable, low, high, mark, opened = values[0]
        assert self._body is not None
        body = self._body[mark:]
        del self._body[mark:]
        self._slot += 1
        self._body.append(Step(self._slot, Loop(variable, low, high, body, None), (), start, end))
        if opened:
            result = self.result
            run(self, self._release())
            if self.result is None:
                self.result = result

    # Expressions

    def first(self, values: list[Any], start: int, end: int) -> tuple[list[Any], list[int]]:
        return [values[0]], [end]

    def more(self, values: list[Any], start: int, end: int) -> tuple[list[Any], list[int]]:
        atoms, ends = values[0]
        atoms.append(values[2])
        ends.append(end)
        return atoms, ends

    def open_call(self, values: list[Any], start: int, end: int) -> _Call:
        word = values[0]
        callee = self.definitions.get(word)
        if callee is None and word not in DERIVATIVES:
            callee = self.table.get(word) or self.table.get(ALIASES.get(word, ""))
            if callee is None and word not in FOLDS:
                known = [*self.definitions, *self.table, *ALIASES, *FOLDS, *DERIVATIVES]
                hint = suggestion(word, known)
                if not hint and (word in self.scope or nearest(word, self.scope)):
                    hint = f"for a product write `{word}*(…)`"
                self.fail("W102", f"unknown function `{word}`", Span(start, start + len(word)), hint, UnknownName)
        if word in FOLDS:
            opened = self._body is None
            return _Call(word, callee, self._collect(), opened)
        return _Call(word, callee, 0, False)

    def call_nothing(self, values: list[Any], start: int, end: int) -> Raw:
        return self.call([values[0], ([], []), None], start, end)

    def call(self, values: list[Any], start: int, end: int) -> Raw:
        head, (atoms, ends), _ = values
        word, callee = head.word, head.callee
        inputs = tuple(atoms)
        if type(callee) is Definition:
            self._takes(word, len(inputs), len(callee.params), len(callee.params), Span(start, end))
            opened = self._body is None
            self._collect()
            slot = self._emit_later(callee, inputs, start, end)
            return run(self, self._release(), inputs)[slot] if opened else slot
        if word in DERIVATIVES:
            params = DERIVATIVES[word]
            self._takes(word, len(inputs), len(params), len(params), Span(start, end))
            second = self.source.text[ends[0] : ends[1]].lstrip(" \t\r\f\n,")
            if not isinstance(inputs[1], str) or not normalize(second).isidentifier():
                self._differentiable(word, 0.0, Span(start, end))
            if self._body is None:
                self._differentiable(word, inputs[1], Span(start, end))
            return self.emit(word, inputs, start, end)
        if callee is None:
            self.fail("W116", f"`{word}` takes a comprehension", Span(start, end), f"write `{word}(x^i for i in 0:3)`")
        self._takes(word, len(inputs), *arity(callee), Span(start, end))
        answer = self.emit(callee.name, inputs, start, end)
        return run(self, self._release())[answer] if head.opened else answer

    def _differentiable(self, word: str, name: Atom, span: Span) -> None:
        if not isinstance(name, str) or name in CONSTANTS and name not in self.scope:
            self.fail("W117", f"`{word}` differentiates with respect to a name", span,
                      "bind the expression first: `u = …`, then `d(f, u)`")  # fmt: skip

    def _takes(self, word: str, n: int, least: int, most: int | None, span: Span) -> None:
        if n < least or most is not None and n > most:
            takes = f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"
            plural = "" if takes == "1" else "s"
            callee = self.definitions.get(word) or self.table.get(word) or self.table.get(ALIASES.get(word, ""))
            params = callee.params if callee else DERIVATIVES.get(word, ())
            shown = ", ".join(params.split() if isinstance(params, str) else params)
            self.fail("W118", f"`{word}` takes {takes} argument{plural}, not {n}", span, f"`{word}({shown})`")

    def open_clause(self, values: list[Any], start: int, end: int) -> tuple[str, int]:
        return values[1], len(self._body or [])

    def clause(self, values: list[Any], start: int, end: int) -> list[Any]:
        (variable, mark), low, _, high = values
        return [(variable, mark, low, high)]

    def clauses(self, values: list[Any], start: int, end: int) -> list[Any]:
        return [*values[0], *values[1]]

    def comprehension(self, values: list[Any], start: int, end: int) -> Raw:
        head, result, clauses, _ = values
        if head.word not in FOLDS:
            self.fail("W116", f"`{head.word}` does not take a comprehension", Span(start, end),
                      f"{', '.join(FOLDS)} do")  # fmt: skip
        assert self._body is not None
        code = self._body
        ends = [*(mark for _, mark, _, _ in clauses[1:]), len(code)]
        bounds = [code[clause[1] : last] for clause, last in zip(clauses, ends)]
        body = code[head.mark : clauses[0][1]]
        for k in range(len(clauses) - 1, 0, -1):
            variable, _, low, high = clauses[k]
            self._slot += 1
            inner = Loop(variable, low, high, body, result)
            body, result = [*bounds[k], Step(self._slot, inner, (), start, end)], None
        variable, _, low, high = clauses[0]
        del code[head.mark :]
        code += bounds[0]
        slot = self._emit_later(Fold(head.word, Loop(variable, low, high, body, result)), (), start, end)
        return run(self, self._release())[slot] if head.opened else slot

    def compare(self, values: list[Any], start: int, end: int) -> Raw:
        left, symbol, right = values
        answer: Raw = self.emit(self.infix[symbol], (left, right), start, end)
        self._chained[answer] = right
        return answer

    def compare_more(self, values: list[Any], start: int, end: int) -> Raw:
        chain, symbol, right = values
        left = self._chained.pop(chain)
        more = self.emit(self.infix[symbol], (left, right), start, end)
        answer: Raw = self.emit(AND, (chain, more), start, end)
        self._chained[answer] = right
        return answer

    def conditional(self, values: list[Any], start: int, end: int) -> Raw:
        return self.emit(WHERE, (values[2], values[0], values[4]), start, end)

    def prefix(self, values: list[Any], start: int, end: int) -> Raw:
        return self.emit(PREFIX[values[0]], (values[1],), start, end)

    def sign(self, values: list[Any], start: int, end: int) -> Raw:
        symbol, value = values
        if symbol == "+":
            return value  # type: ignore[no-any-return]
        return -value if type(value) is float else self.emit(NEG, (value,), start, end)

    # The end

    def program(self) -> Program:
        """The parsed program. Raises ParseError if it computes nothing."""
        end = len(self.source.text)
        outputs = self.outputs or ([] if self.result is None else [self.result])
        if not outputs:
            self.fail("W100", "the program computes nothing", Span(0, end), "write an expression, such as `x^2`")
        final = self._final_versions()
        equations, checks = self.equations, self.checks[0]
        if final:
            equations, checks = ([_renamed(e, final) for e in es] for es in (equations, checks))
            outputs = [final.get(a, a) if isinstance(a, str) else a for a in outputs]
        provenance = Provenance(tuple(self.spans), {}, self.source)
        wlist = assemble(self.inputs, equations, outputs, self.ops, provenance)
        expects = tuple(e._replace(value=final.get(e.value, e.value)) for e in self.expects)  # type: ignore[call-overload]
        checked: WengertList | None = None
        if expects:
            spans = Provenance((*self.spans, *self.checks[1]), {}, self.source)
            checked = assemble(self.inputs, [*equations, *checks], [e.value for e in expects], self.ops, spans)
        return Program(wlist, self.source, self.defaults, expects, checked, tuple(self.used), tuple(self.warnings))

    def _final_versions(self) -> dict[str, str]:
        """The last version of a name keeps it; the first, which had it so far, is numbered like the others."""
        final: dict[str, str] = {}
        for name, versions in self._versions.items():
            final[versions[-1]] = name
            final[name] = next(fresh(f"{name}_", self._words()))
            self._spoken.add(final[name])
        return final


def _renamed(e: Equation, names: dict[str, str]) -> Equation:
    inputs = tuple(names.get(a, a) if isinstance(a, str) else a for a in e.inputs)
    return Equation(names.get(e.output, e.output), e.op, inputs)
