"""The values of ops over the lanes of a vector, in LLVM's intermediate representation (IR).

An instruction over floats is lifted to lanes. A body is written without branches: both sides of a condition are
computed, and each lane selects. An op whose body has no such form is computed lane by lane, by its function over
floats.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ...ground.errors import WengertError
from ...ops import Op
from ...ops.bodies import Binary, Body, Expression, For, If, Return, Statement, ends, returns
from ...ops.sources import FLOATS
from ...ops.stand_ins import ALIKE
from . import instructions, library
from .lane_functions import FORMS, ULPS
from .passing import gathered
from .reach import readable
from .straight import Argument, Branchless, NeedsBranches, Untranslated, Value
from .vector_math import FUNCTIONS, fused, symbol
from .writer import Writer

# Functions that are single instructions over lanes, by their keys, as instructions over floats.
SHORT: dict[str, str] = {
    "elementary.rint": "call double @llvm.rint.f64(double {0})",
    "elementary.reciprocal": "fdiv double 0x3ff0000000000000, {0}",
    "elementary.copy": "bitcast double {0} to double",
}
# The same for functions of any number of arguments, two at a time.
CHAINS: dict[str, str] = {
    "elementary.largest": "call double @llvm.maximum.f64(double {0}, double {1})",
    "elementary.smallest": "call double @llvm.minimum.f64(double {0}, double {1})",
}
# Functions that have a way of their own here, by their keys.
POWER, TIES, EXP = "elementary.power", "elementary.ties", "math.exp"
# Functions whose bodies keep their row's bound on the error where they call functions over lanes, by their keys, with
# the largest error of such a function; tests/kernels/test_lane_accuracy.py measures them. Others call functions of
# floats.
STEADY = {
    "elementary.sigmoid": 2.0, "elementary.softplus": 2.0, "elementary.log_sigmoid": 2.0, "elementary.silu": 1.2,
    "elementary.mish": 1.2, "elementary.elu": 2.7, "elementary.selu": 2.7, "elementary.xlogx": 2.0,
    "elementary.xlogy": 2.0, "elementary.xlog1py": 2.0, "trigonometric.sec": 1.7, "trigonometric.csc": 1.7,
    "trigonometric.sech": 1.2,
}  # fmt: skip
# The most instructions of a body: beyond them both sides of all conditions cost more than the lanes one by one.
LONG = 400
DIVISION = "fdiv double {}, {}"
ONE, TWO, ZERO = (instructions.literal(a) for a in (1.0, 2.0, 0.0))
# The types of a float, of a truth value and of an integer in LLVM.
TYPES = "double i1 i64".split()
_TYPED = dict(zip("DTI", TYPES))
_LETTER = re.compile(r"\b[DTI]\b")
# The words of an instruction that differ over lanes: integers in every lane are there as they are.
_WORD = re.compile(
    r"splat \(i64 -?\d+\)|@(?P<name>llvm\.\w+)\.f64\((?P<given>[^)]*)\)|\bdouble\b|\bi1\b|\bi64\b|\btrue\b|\bfalse\b"
    r"|\b0x[0-9a-f]{16}\b"
)

T = TypeVar("T")


class _LaneCall:
    """A call of a function over lanes, or a division, kept apart from the lines until they are read: the sides of a
    condition share those that both have."""

    __slots__ = ("args", "name", "register")

    def __init__(self, register: str, name: str, args: Sequence[str]) -> None:
        self.register, self.name, self.args = register, name, args


class LaneWriter:
    """Writes values over lanes as instructions.

    floats  writes values of floats: those of the functions that are computed lane by lane
    width   the number of lanes
    most    the largest error, in units in the last place, of an answer that need not have the bits of the sweeps'
    """

    most = math.inf

    def __init__(self, floats: Writer, width: int) -> None:
        self.width, self._floats = width, floats
        self.kind, self.truth, self.bits = f"<{width} x double>", f"<{width} x i1>", f"<{width} x i64>"
        self._kinds = dict(zip(TYPES, (self.kind, self.truth, self.bits)))
        # The name of the block that is written, as `lines` begins.
        self.block = "loop"
        self.parts: list[str | _LaneCall] = []
        # For each register the instruction, over floats, that it is the value of.
        self.written: dict[str, str] = {}
        self._count = 0
        self._declared: dict[str, str] = {}
        self._functions: dict[str, str] = {}
        self._within: list[str] = []
        # The largest error that a function over lanes may have.
        self._bound = 0.0

    # Instructions

    def write(self, instruction: str) -> str:
        """Write an instruction over floats, lifted to lanes; returns its register."""
        register = self.register()
        self.written[register] = instruction
        self.parts.append(f"{register} = {self._lifted(instruction)}")
        return register

    def form(self, form: str, *args: str) -> str:
        """Write an instruction in which D, T and I stand for the types of floats, truth values and integers over
        lanes."""
        return self.write(_LETTER.sub(lambda m: _TYPED[m[0]], form).format(*args))

    def register(self) -> str:
        self._count += 1
        return f"%l{self._count}"

    def number(self, a: float) -> str:
        """A number in every lane."""
        return instructions.literal(a)

    def integer(self, a: int) -> str:
        """An integer in every lane."""
        return f"splat (i64 {a})"

    def over(self, a: str) -> str:
        """A literal or a register as an operand over lanes."""
        return f"splat (double {a})" if instructions.number(a) is not None else a

    def _lifted(self, text: str) -> str:
        return _WORD.sub(self._lifted_word, text)

    def _lifted_word(self, match: re.Match[str]) -> str:
        word: str = match[0]
        if (kind := self._kinds.get(word)) is not None:
            return kind
        if word[0] == "0":
            return f"splat (double {word})"
        if word[0] == "@":
            name, given = match["name"], match["given"]
            full = f"{name}.v{self.width}f64"
            kinds = ", ".join([self.kind] * given.count("double "))
            self._declared[full] = f"declare {self.kind} @{full}({kinds})"
            return f"@{full}({self._lifted(given)})"
        return f"splat (i1 {word})" if word in ("true", "false") else word

    def lines(self) -> list[str]:
        """The instructions so far, after which the block may be another."""
        before, self.parts = self.parts, []
        for part in before:
            if isinstance(part, str):
                self.parts.append(part)
            elif part.name in FORMS:
                y = FORMS[part.name](self, *part.args)
                self.parts.append(self._same(part.register, y))
            else:
                self.parts.append(self._called(part))
        return [str(part) for part in self.parts]

    def definitions(self) -> str:
        """The declarations and functions that the instructions need."""
        return "\n".join((*self._declared.values(), *self._functions.values(), self._floats.definitions()))

    def _same(self, register: str, value: str) -> str:
        return f"{register} = bitcast {self.kind} {self.over(value)} to {self.kind}"

    def _called(self, call: _LaneCall) -> str:
        if call.name == DIVISION:
            return f"{call.register} = {self._lifted(DIVISION.format(*call.args))}"
        given = ", ".join(f"{self.kind} {self.over(a)}" for a in call.args)
        return f'{call.register} = call {self.kind} @"{call.name}"({given})'

    def guarded(self, ok: str, value: str, key: str, args: Sequence[str]) -> str:
        """`value` where all lanes are ok; else that of a function of C's library, lane by lane."""
        k = self._count
        slow = self._by_floats(key, len(args))
        fine = self.register()
        self.parts.append(f"{fine}.bits = bitcast {self.truth} {ok} to i{self.width}")
        self.parts.append(f"{fine} = icmp eq i{self.width} {fine}.bits, -1")
        found, y = self.register(), self.register()
        self.parts += [
            f"br i1 {fine}, label %joined{k}, label %slow{k}, !prof !0",
            f"slow{k}:",
            self._called(_LaneCall(found, slow, args)),
            f"br label %joined{k}",
            f"joined{k}:",
            f"{y} = phi {self.kind} [{value}, %{self.block}], [{found}, %slow{k}]",
        ]
        self.block = f"joined{k}"
        return y

    def shared(self, name: str, args: Sequence[str]) -> str:
        """A call of a function over lanes, or a division, which both sides of a condition may share."""
        register = self.register()
        self.parts.append(_LaneCall(register, name, args))
        return register

    # Functions of libraries

    def _over_lanes(self, key: str, args: Sequence[str]) -> str:
        """A call of a function over lanes, ours or the library's, if one is accurate enough here; else ""."""
        if key in FORMS and fused() and ULPS[key] <= self._bound:
            return self.shared(key, args)
        known = FUNCTIONS.get(key)
        if known is None or known.arguments != len(args) or known.ulps > self._bound or not symbol(key):
            return ""
        kinds = ", ".join([self.kind] * len(args))
        self._declared[key] = f'declare {self.kind} @"{symbol(key)}"({kinds}) nounwind willreturn memory(none)'
        return self.shared(symbol(key), args)

    def _library(self, key: str, args: Sequence[str]) -> str:
        """A call of a function of C's library, over lanes or lane by lane."""
        found = self._over_lanes(key, args)
        return found or self.shared(self._by_floats(key, len(args)), args)

    def _by_floats(self, key: str, arguments: int) -> str:
        return self._one_by_one(key, arguments, lambda writer, given: writer.call_of(key, given))

    def _one_by_one(self, name: str, arguments: int, write: Callable[[Writer, Sequence[str]], Value]) -> str:
        """The name of a function that computes a value of floats lane by lane."""
        full = f"lanes.{name}.{arguments}"
        if full not in self._functions:
            self._functions[full] = self._wrapper(full, arguments, write)
        return full

    def _wrapper(self, name: str, arguments: int, write: Callable[[Writer, Sequence[str]], Value]) -> str:
        writer = self._floats
        before, writer.lines = writer.lines, []
        try:
            y = write(writer, [f"%a{i}" for i in range(arguments)])
        finally:
            inner, writer.lines = writer.lines, before
        params = ", ".join(f"double %a{i}" for i in range(arguments))
        one = [f'define internal double @"{name}.one"({params}) nounwind #0 {{', *inner, f"ret double {y}", "}"]
        whole = ", ".join(f"{self.kind} %a{i}" for i in range(arguments))
        lines, built = [], "poison"
        for k in range(self.width):
            lines += [f"%x{k}.{i} = extractelement {self.kind} %a{i}, i64 {k}" for i in range(arguments)]
            given = ", ".join(f"double %x{k}.{i}" for i in range(arguments))
            lines.append(f'%y{k} = call double @"{name}.one"({given})')
            lines.append(f"%v{k} = insertelement {self.kind} {built}, double %y{k}, i64 {k}")
            built = f"%v{k}"
        head = f'define internal {self.kind} @"{name}"({whole}) nounwind noinline #0 {{'
        return "\n".join((*one, head, *lines, f"ret {self.kind} {built}", "}"))

    # Values

    def value(self, row: Op, args: Sequence[str]) -> str:
        """The register of an op's value. Raises Untranslated."""
        before = len(self.parts)
        if callable(row.forward):
            try:
                key = FLOATS.key_of(row)
            except WengertError:
                raise Untranslated(row.name) from None
            self._bound = min(row.ulps, self.most)
            try:
                found = self.call_of(key, args)
                assert isinstance(found, str)
                return found
            except (NeedsBranches, Untranslated):
                del self.parts[before:]
                self._within.clear()
        full = self._one_by_one(row.name, len(args), lambda writer, given: writer.value(row, given))
        return self.shared(full, args)

    def call_of(self, key: str, args: Sequence[Argument]) -> Value:
        """The value of a function, by its key. Raises NeedsBranches, Untranslated."""
        if all(isinstance(a, str) for a in args) and (found := self._simple(key, args)):  # type: ignore[arg-type]
            return found
        found = readable(key)
        if found in self._within or len(self.parts) > LONG * (1 + len(self._within)):
            raise NeedsBranches(key)
        body = FLOATS.body(found)
        before, self._bound = self._bound, min(self._bound, STEADY.get(key, 0.0))
        self._within.append(found)
        try:
            return _Sides(self, body, gathered(body, args)).result()
        finally:
            self._within.remove(found)
            self._bound = before

    def _simple(self, key: str, args: Sequence[str]) -> str:
        """The value of a function that is a few instructions, or a call; "" for another."""
        if (form := CHAINS.get(key)) is not None:
            y = args[0]
            for a in args[1:]:
                y = self.write(form.format(y, a))
            return y
        if key == POWER:
            return self._power(*args)
        if key == TIES:
            return self._ties(*args)
        if found := self._over_lanes(ALIKE.get(key, key), args):
            return found
        if (form := SHORT.get(key)) is not None:
            return self.write(form.format(*args))
        key = ALIKE.get(key, key)
        if key == "operator.truediv":
            return self.shared(DIVISION, args)
        if (form := instructions.FORMS.get(key)) is not None:
            return self.write(form.format(*args))
        if key in instructions.SAME:
            return args[0]
        if (sign := instructions.CHOICES.get(key)) is not None and len(args) == 2:
            test = self.write(f"fcmp {sign} double {args[1]}, {args[0]}")
            return self.write(f"select i1 {test}, double {args[1]}, double {args[0]}")
        return self._library(key, args) if library.arity(key) == len(args) else ""

    def _power(self, a: str, exponent: str) -> str:
        """a^b, by few multiplications where b is a number for which they are as accurate."""
        b = instructions.number(exponent)
        if b == 2.0 or b in (3.0, 4.0) and self._bound >= 2.0:
            square = self.write(f"fmul double {a}, {a}")
            return square if b == 2.0 else self.write(f"fmul double {square}, {a if b == 3.0 else square}")
        if b in (1.0, -1.0) and self._bound > 0.0:
            return a if b == 1.0 else self.shared(DIVISION, (ONE, a))
        y = self._library("math.pow", (a, exponent))
        if b is not None:
            return y
        test = self.write(f"fcmp oeq double {exponent}, {TWO}")
        square = self.write(f"fmul double {a}, {a}")
        return self.write(f"select i1 {test}, double {square}, double {y}")

    def _ties(self, m: str, *others: str) -> str:
        total = ZERO
        for a in others:
            same = self.write(f"uitofp i1 {self.write(f'fcmp oeq double {m}, {a}')} to double")
            total = self.write(f"fadd double {total}, {same}")
        return total

    # Conditions

    def sides(self, test: str, yes: Callable[[], T], no: Callable[[], T]) -> tuple[T, T]:
        """The values of both sides of a condition. A call that both make is made once, of selected arguments."""
        before = self.parts
        first: list[str | _LaneCall] = []
        second: list[str | _LaneCall] = []
        try:
            self.parts = first
            one = yes()
            self.parts = second
            other = no()
        finally:
            self.parts = before
        while True:
            i, j = _next_call(first), _next_call(second)
            if i is None or j is None or first[i].name != second[j].name:  # type: ignore[union-attr]
                before += [*first, *second]
                return one, other
            mine, theirs = first[i], second[j]
            assert isinstance(mine, _LaneCall)
            assert isinstance(theirs, _LaneCall)
            before += [*first[:i], *second[:j]]
            before.append(_LaneCall(mine.register, mine.name, self._either(test, mine, theirs)))
            before.append(self._same(theirs.register, mine.register))
            first, second = first[i + 1 :], second[j + 1 :]

    def _either(self, test: str, mine: _LaneCall, theirs: _LaneCall) -> list[str]:
        """The arguments of a call that stands for two."""
        if mine.name == EXP and self._opposite(test, mine.args[0], theirs.args[0]):
            size = self.write(f"call double @llvm.fabs.f64(double {theirs.args[0]})")
            return [self.write(f"fneg double {size}")]
        return [
            p if p == q else self.write(f"select i1 {test}, double {p}, double {q}")
            for p, q in zip(mine.args, theirs.args)
        ]  # fmt: skip

    def _opposite(self, test: str, yes: str, no: str) -> bool:
        """Whether a selection gives -a where a >= 0, else a. That is -|a|, except for the signs of zeros and nans,
        which an exponential ignores. A program often needs both exp(a) and exp(-a), and then computes only one."""
        tested = self.written.get(test) == f"fcmp oge double {no}, {ZERO}"
        return tested and self.written.get(yes) == f"fneg double {no}"


class _Sides(Branchless):
    """A body whose conditions share the calls of both sides."""

    sink: LaneWriter

    def __init__(self, sink: LaneWriter, body: Body, args: Sequence[Argument]) -> None:
        super().__init__(sink, body, args)

    def run(self, statements: Sequence[Statement]) -> Value:
        for k, s in enumerate(statements):
            match s:
                case Return(value=value):
                    return self.value(value)
                case If(test=condition, yes=yes, no=no) if returns(yes) or returns(no):
                    if not ends(yes):
                        raise NeedsBranches(self.body.key)
                    return self.either(self.test(condition), yes, (*no, *statements[k + 1 :]))
                case For() as loop:
                    for turn in self.turns(loop):
                        self.assign(turn)
                case _:
                    self.assign(s)
        raise NeedsBranches(self.body.key)

    def either(self, test: str, yes: Sequence[Statement], no: Sequence[Statement]) -> Value:
        """The value of one of two blocks that return."""
        if test in ("true", "false"):
            return self.run(yes if test == "true" else no)
        a, b = self.sink.sides(test, lambda: self.apart(yes), lambda: self.apart(no))
        return self.select(test, a, b)

    def assign(self, statement: Statement | Mapping[str, Value]) -> None:
        if isinstance(statement, Mapping):
            self.values.update(statement)
        else:
            super().assign(statement)

    def choice(self, test: str, yes: Expression, no: Expression) -> Value:
        if test in ("true", "false"):
            return self.value(yes if test == "true" else no)
        a, b = self.sink.sides(test, lambda: self.value(yes), lambda: self.value(no))
        return self.select(test, a, b)

    def value(self, node: Expression) -> Value:
        if isinstance(node, Binary) and node.sign == "/":
            return self.sink.shared(DIVISION, (self.number(node.left), self.number(node.right)))
        return super().value(node)


def _next_call(parts: Sequence[str | _LaneCall]) -> int | None:
    return next((k for k, part in enumerate(parts) if isinstance(part, _LaneCall)), None)
