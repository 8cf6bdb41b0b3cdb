"""Bodies of functions as functions of LLVM's intermediate representation (IR), with branches and loops.

Variables are in memory, from where LLVM's passes move them into registers.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...ground.tuples import Protocol
from ...ops.bodies import (
    Body,
    Call,
    Choice,
    Constant,
    Expression,
    For,
    If,
    Return,
    Statement,
    While,
    parts_of,
)
from . import instructions
from .straight import Argument, Branchless, Sink, Untranslated, Value, constant


class Labelled(Sink, Protocol):
    """Takes instructions and the labels of blocks. `label` is the block that is being written."""

    label: str

    def place(self, label: str) -> None:
        """Begin a block."""

    def fresh(self) -> str:
        """A new label."""

    def leave(self, instruction: str) -> None:
        """Write an instruction without a value."""

    def table(self, key: str) -> str:
        """The name of a constant array in memory."""


class Branching(Branchless):
    """Writes the instructions of a function. `memory` are the lines that reserve the places of its variables."""

    sink: Labelled

    def __init__(self, sink: Labelled, body: Body, args: Sequence[Argument]) -> None:
        super().__init__(sink, body, args)
        self.memory: list[str] = []
        self.places: dict[str, tuple[str, ...]] = {}
        given, self.values = self.values, {}
        for name, value in given.items():
            self.keep(name, value)

    def write(self) -> None:
        """Write the whole body."""
        if not self.block(self.body.statements):
            self.sink.leave("unreachable")

    # Variables

    def keep(self, name: str, value: Value) -> None:
        parts = _parts(value)
        if name not in self.places:
            stem = f"%v{len(self.places)}"
            self.places[name] = tuple(f"{stem}.{k}" for k in range(len(parts)))
            self.memory += [f"{place} = alloca double" for place in self.places[name]]
        for place, part in zip(self.places[name], parts, strict=True):
            self.sink.leave(f"store double {part}, ptr {place}")

    def read(self, name: str) -> Value:
        found = [self.sink.write(f"load double, ptr {place}") for place in self.places[name]]
        return found[0] if len(found) == 1 else (found[0], found[1])

    # Statements

    def block(self, statements: Sequence[Statement]) -> bool:
        """Write statements. Returns whether they return in every case."""
        return any(map(self.statement, statements))

    def statement(self, statement: Statement) -> bool:
        match statement:
            case Return(value=value):
                self.give(self.value(value))
                return True
            case If(test=test, yes=yes, no=no):
                return self.branch(self.test(test), yes, no)
            case While(test=test, body=body):
                self.repeat(test, body)
            case For() as loop:
                self.over(loop)
            case _:
                self.assign(statement)
        return False

    def give(self, value: Value) -> None:
        if isinstance(value, str):
            self.sink.leave(f"ret double {value}")
            return
        both = self.sink.write(f"insertvalue {{double, double}} undef, double {value[0]}, 0")
        both = self.sink.write(f"insertvalue {{double, double}} {both}, double {value[1]}, 1")
        self.sink.leave(f"ret {{double, double}} {both}")

    def branch(self, test: str, yes: Sequence[Statement], no: Sequence[Statement]) -> bool:
        if test in ("true", "false"):
            return self.block(yes if test == "true" else no)
        then, otherwise, after = self.sink.fresh(), self.sink.fresh(), self.sink.fresh()
        self.sink.leave(f"br i1 {test}, label %{then}, label %{otherwise}")
        done = []
        for label, part in ((then, yes), (otherwise, no)):
            self.sink.place(label)
            done.append(self.block(part))
            if not done[-1]:
                self.sink.leave(f"br label %{after}")
        if not all(done):
            self.sink.place(after)
        return all(done)

    def repeat(self, test: Expression, body: Sequence[Statement]) -> None:
        head, inside, after = self.sink.fresh(), self.sink.fresh(), self.sink.fresh()
        self.sink.leave(f"br label %{head}")
        self.sink.place(head)
        self.sink.leave(f"br i1 {self.test(test)}, label %{inside}, label %{after}")
        self.sink.place(inside)
        if not self.block(body):
            self.sink.leave(f"br label %{head}")
        self.sink.place(after)

    def over(self, loop: For) -> None:
        """A loop over arrays: turn by turn over arguments, as a loop over constants."""
        keys = [a.key if isinstance(a, Constant) else self.arrays[a.name] for a in loop.arrays]  # type: ignore[union-attr]
        if not all(isinstance(key, str) for key in keys):
            for turn in self.turns(loop):
                if isinstance(turn, dict):
                    for name, value in turn.items():
                        self.keep(name, value)
                elif self.statement(turn):  # type: ignore[arg-type]
                    raise Untranslated(self.body.key)
            return
        count = min(len(constant(str(key))) for key in keys)  # type: ignore[arg-type]
        place = f"%v{len(self.places)}.at"
        self.places[place] = ()  # takes the number of the place
        self.memory.append(f"{place} = alloca i64")
        head, inside, after = self.sink.fresh(), self.sink.fresh(), self.sink.fresh()
        self.sink.leave(f"store i64 0, ptr {place}")
        self.sink.leave(f"br label %{head}")
        self.sink.place(head)
        at = self.sink.write(f"load i64, ptr {place}")
        more = self.sink.write(f"icmp ult i64 {at}, {count}")
        self.sink.leave(f"br i1 {more}, label %{inside}, label %{after}")
        self.sink.place(inside)
        for name, key in zip(loop.items, keys):
            element = self.sink.write(f"getelementptr double, ptr {self.sink.table(str(key))}, i64 {at}")
            self.keep(name, self.sink.write(f"load double, ptr {element}"))
        if loop.turn:
            past = self.sink.write(f"uitofp i64 {at} to double")
            start = instructions.literal(float(loop.start))
            self.keep(loop.turn, self.sink.write(f"fadd double {past}, {start}"))
        self.sink.leave(f"store i64 {self.sink.write(f'add i64 {at}, 1')}, ptr {place}")
        if not self.block(loop.body):
            self.sink.leave(f"br label %{head}")
        self.sink.place(after)

    # Expressions

    def choice(self, test: str, yes: Expression, no: Expression) -> Value:
        if test in ("true", "false") or not (calls(yes) or calls(no)):
            return super().choice(test, yes, no)
        then, otherwise, after = self.sink.fresh(), self.sink.fresh(), self.sink.fresh()
        self.sink.leave(f"br i1 {test}, label %{then}, label %{otherwise}")
        found = []
        for label, node in ((then, yes), (otherwise, no)):
            self.sink.place(label)
            found.append((self.value(node), self.sink.label))
            self.sink.leave(f"br label %{after}")
        self.sink.place(after)
        (a, first), (b, second) = found
        ends = [
            self.sink.write(f"phi double [ {p}, %{first} ], [ {q}, %{second} ]") for p, q in zip(_parts(a), _parts(b))
        ]
        return ends[0] if len(ends) == 1 else (ends[0], ends[1])

    def logic(self, sign: str, parts: Sequence[Expression]) -> str:
        found = self.test(parts[0])
        for part in parts[1:]:
            found = self.either(sign, found, part)
        return found

    def either(self, sign: str, found: str, part: Expression) -> str:
        """A condition joined with another one, which is only computed if it decides."""
        decided, idle = ("false", "true") if sign == "and" else ("true", "false")
        if found == decided:
            return found
        if found == idle:
            return self.test(part)
        if not calls(part):
            test = self.test(part)
            return found if test == idle else self.sink.write(f"{sign} i1 {found}, {test}")
        more, after, before = self.sink.fresh(), self.sink.fresh(), self.sink.label
        yes, no = (more, after) if sign == "and" else (after, more)
        self.sink.leave(f"br i1 {found}, label %{yes}, label %{no}")
        self.sink.place(more)
        test, inside = self.test(part), self.sink.label
        self.sink.leave(f"br label %{after}")
        self.sink.place(after)
        return self.sink.write(f"phi i1 [ {decided}, %{before} ], [ {test}, %{inside} ]")


def _parts(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def chooses(body: Body) -> bool:
    """Whether a body makes some calls only under a condition."""
    parts = list(parts_of(body.statements))
    within = [a for p in parts if isinstance(p, Choice) for a in (p.yes, p.no)]
    return any(map(calls, within)) or any(isinstance(p, If) for p in parts) and calls(body.statements)


def calls(node: Expression | tuple[Statement, ...]) -> bool:
    """Whether an expression contains a call that may take long."""
    return any(isinstance(p, Call) and p.key not in CHEAP for p in parts_of(node))


CHEAP = {
    *instructions.FORMS, *instructions.SAME, "builtins.abs", "builtins.max", "builtins.min", "math.isfinite",
}  # fmt: skip
