"""The values of ops over the lanes of a vector, in LLVM's intermediate representation (IR).

A body is written without branches: both sides of a condition are computed, and each lane selects. An op whose body
cannot be written so, as it has a loop or calls itself, is computed lane by lane by the function over floats.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ...ops import Op
from ...ops import bodies as b
from ...ops.sources import FLOATS
from . import library
from .lane_functions import FORMS, ULPS
from .vector_math import FUNCTIONS, fused, symbol
from .writer import COMPARISONS, INSTRUCTIONS, LIBRARY, Untranslated, Writer

# Functions whose answers over lanes are instructions, by their keys; V stands for the type, v for its short name.
LANES: dict[str, str] = {
    "elementary.copy": "bitcast V {0} to V",
    "elementary.floor": "call V @llvm.floor.v(V {0})",
    "elementary.ceil": "call V @llvm.ceil.v(V {0})",
    "elementary.rint": "call V @llvm.rint.v(V {0})",
    "elementary.trunc": "call V @llvm.trunc.v(V {0})",
    "elementary.reciprocal": "fdiv V splat (double 1.0), {0}",
    "elementary.sqrt": "call V @llvm.sqrt.v(V {0})",
    "math.sqrt": "call V @llvm.sqrt.v(V {0})",
    "math.floor": "call V @llvm.floor.v(V {0})",
    "math.fabs": "call V @llvm.fabs.v(V {0})",
    "builtins.abs": "call V @llvm.fabs.v(V {0})",
    "builtins.float": "bitcast V {0} to V",
    "math.copysign": "call V @llvm.copysign.v(V {0}, V {1})",
}
# The same for functions of any number of arguments, two at a time.
CHAINS: dict[str, str] = {
    "elementary.largest": "call V @llvm.maximum.v(V {0}, V {1})",
    "elementary.smallest": "call V @llvm.minimum.v(V {0}, V {1})",
}
# Further functions of ours that are those of C's library, by their keys.
ALIKE: dict[str, str] = {
    **{key: library.in_c(twin) for key, twin in LIBRARY.items()},
    "elementary.log2": "log2", "elementary.log10": "log10", "elementary.exp2": "exp2", "elementary.exp10": "exp10",
    "elementary.cbrt": "cbrt", "math.hypot": "hypot", "trigonometric.asin": "asin", "trigonometric.acos": "acos",
    "trigonometric.sinh": "sinh", "trigonometric.cosh": "cosh", "math.asinh": "asinh", "trigonometric.acosh": "acosh",
    "trigonometric.atanh": "atanh", "math.erf": "erf", "math.erfc": "erfc",
}  # fmt: skip
# Functions whose bodies keep their row's bound on the error where they call functions over lanes, by their keys: they
# were measured, and tests/kernels/test_lanes.py measures them again. Other bodies call the functions over floats.
STEADY = frozenset({
    "elementary.sigmoid", "elementary.softplus", "elementary.log_sigmoid", "elementary.silu", "elementary.mish",
    "elementary.elu", "elementary.selu", "elementary.xlogx", "elementary.xlogy", "elementary.xlog1py",
    "trigonometric.sec", "trigonometric.csc", "trigonometric.cot", "trigonometric.sech", "trigonometric.coth",
})  # fmt: skip
# The most instructions of a body: beyond them both sides of all conditions cost more than the lanes one by one.
LONG = 400
# Functions that have a way of their own here, by their keys.
POWER, TIES = "elementary.power", "elementary.ties"
SIGNS = {"<": "olt", "<=": "ole", ">": "ogt", ">=": "oge", "==": "oeq", "!=": "une"}
DIVISION = "fdiv V {}, {}"
ARITHMETIC = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}

T = TypeVar("T")
Env = dict[str, Any]


class _Call:
    """A call of a function over lanes, or a division, kept apart from the lines until they are read: the sides of a
    condition share those that both have."""

    __slots__ = ("args", "name", "register")

    def __init__(self, register: str, name: str, args: Sequence[str]) -> None:
        self.register, self.name, self.args = register, name, args


class LaneWriter:
    """Writes values over lanes as instructions.

    floats  writes values of floats: those of the functions that are computed lane by lane
    width   the number of lanes
    """

    def __init__(self, floats: Writer, width: int) -> None:
        self.width, self._floats = width, floats
        self.kind, self.truth, self.bits = f"<{width} x double>", f"<{width} x i1>", f"<{width} x i64>"
        # The name of the block that is written, as `lines` begins.
        self.block = "loop"
        self.parts: list[str | _Call] = []
        self.numbers: dict[str, float] = {}
        # For each register the instruction that it is the value of.
        self.written: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._count = 0
        self._declared: dict[str, str] = {}
        self._functions: dict[str, str] = {}
        self._within: list[str] = []
        self._bound = 0.0
        self._steady = True

    # Instructions

    def write(self, form: str, *args: str) -> str:
        """Write an instruction over lanes; returns its register."""
        register = self.register()
        self.written[register] = form, args
        self.parts.append(f"{register} = {self._typed(form.format(*args))}")
        return register

    def register(self) -> str:
        self._count += 1
        return f"%l{self._count}"

    def number(self, a: float) -> str:
        """A number in every lane."""
        text = f"splat (double {self._floats.literal(a)})"
        self.numbers[text] = a
        return text

    def integer(self, a: int) -> str:
        """An integer in every lane."""
        return f"splat (i64 {a})"

    def lines(self) -> list[str]:
        """The instructions so far, after which the block may be another."""
        before, self.parts = self.parts, []
        for part in before:
            if isinstance(part, str):
                self.parts.append(part)
            elif part.name in FORMS:
                y = FORMS[part.name](self, *part.args)
                self.parts.append(f"{part.register} = bitcast {self.kind} {y} to {self.kind}")
            else:
                self.parts.append(self._called(part))
        return [str(part) for part in self.parts]

    def guarded(self, ok: str, value: str, name: str, args: Sequence[str]) -> str:
        """`value` where all lanes are ok; else that of a function of C's library, lane by lane."""
        count = self._count
        slow = self._one_by_one(name, len(args), lambda writer, given: writer.call(name, given))
        all_bits = self.write(f"bitcast T {{}} to i{self.width}", ok)
        fine = self.write(f"icmp eq i{self.width} {{}}, -1", all_bits)
        found, y = self.register(), self.register()
        self.parts += [
            f"br i1 {fine}, label %joined{count}, label %slow{count}, !prof !0",
            f"slow{count}:",
            self._called(_Call(found, slow, args)),
            f"br label %joined{count}",
            f"joined{count}:",
            f"{y} = phi {self.kind} [{value}, %{self.block}], [{found}, %slow{count}]",
        ]
        self.block = f"joined{count}"
        return y

    def definitions(self) -> str:
        """The declarations and functions that the instructions need."""
        return "\n".join((*self._declared.values(), *self._functions.values(), self._floats.definitions()))

    def _typed(self, text: str) -> str:
        for name in re.findall(r"@(llvm\.\w+)\.v\(", text):
            count = text.count("V ") - 1
            full = f"{name}.v{self.width}f64"
            self._declared[full] = f"declare {self.kind} @{full}({', '.join([self.kind] * count)})"
            text = text.replace(f"@{name}.v(", f"@{full}(")
        for letter, kind in (("V", self.kind), ("T", self.truth), ("I", self.bits)):
            text = re.sub(rf"\b{letter}\b", kind, text)
        return text

    def _called(self, call: _Call) -> str:
        if call.name == DIVISION:
            return f"{call.register} = {self._typed(DIVISION.format(*call.args))}"
        given = ", ".join(f"{self.kind} {a}" for a in call.args)
        return f'{call.register} = call {self.kind} @"{call.name}"({given})'

    def call(self, name: str, args: Sequence[str]) -> str:
        """A call of a function of C's library, over lanes where there is one that is accurate enough here. Raises
        Untranslated."""
        known = FUNCTIONS.get(name)
        found = ""
        if name in FORMS and fused() and ULPS[name] <= self._bound:
            found = name
        elif known is not None and known.arguments == len(args) and self._steady and known.ulps <= self._bound:
            found = symbol(name)
        if found == name:
            pass
        elif found:
            self._declare(found, len(args))
        elif library.arity(f"math.{name}") == len(args):
            found = self._one_by_one(name, len(args), lambda writer, given: writer.call(name, given))
        else:
            raise Untranslated(name)
        return self._shared(found, args)

    def _shared(self, name: str, args: Sequence[str]) -> str:
        register = self.register()
        self.parts.append(_Call(register, name, args))
        return register

    def _declare(self, name: str, arguments: int) -> None:
        kinds = ", ".join([self.kind] * arguments)
        self._declared[name] = f'declare {self.kind} @"{name}"({kinds}) nounwind willreturn memory(none)'

    def _one_by_one(self, name: str, arguments: int, write: Callable[[Writer, Sequence[str]], str]) -> str:
        """The name of a function that computes a value of floats lane by lane."""
        full = f"lanes.{name}"
        if full not in self._functions:
            self._functions[full] = self._wrapper(full, arguments, write)
        return full

    def _wrapper(self, name: str, arguments: int, write: Callable[[Writer, Sequence[str]], str]) -> str:
        writer = self._floats
        before, writer.lines = writer.lines, []
        y = write(writer, [f"%a{i}" for i in range(arguments)])
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
        if not callable(row.forward):
            raise Untranslated(row.name)
        key = FLOATS.key_of(row)
        self._bound, self._steady = row.ulps, key in STEADY or not FLOATS.has(key) or key in ALIKE or key == POWER
        before = len(self.parts), self._count
        try:
            found = self.function(key, args)
            assert isinstance(found, str)
            return found
        except Untranslated:
            del self.parts[before[0] :]
        full = self._one_by_one(key, len(args), lambda writer, given: writer.value(row, given))
        return self._shared(full, args)

    def function(self, key: str, args: Sequence[Any]) -> Any:
        """The value of a function of ours, or of Python's library."""
        if (form := INSTRUCTIONS.get(key)) is not None:
            return self.write(_over_lanes(form), *args)
        if (form := LANES.get(key)) is not None:
            return self.write(form, *args)
        if (form := CHAINS.get(key)) is not None:
            return self._chained(form, args)
        if (sign := COMPARISONS.get(key)) is not None:
            return self._as_float(self.write(f"fcmp {sign} V {{}}, {{}}", *args))
        if key == POWER:
            return self._power(*args)
        if key == TIES:
            return self._ties(*args)
        if (name := ALIKE.get(key)) is not None:
            return self.call(name, args)
        module, _, name = key.partition(".")
        if module == "math" and (name in FUNCTIONS or library.arity(key)):
            return self.call(name, args)
        if not FLOATS.has(key) or key in self._within:
            raise Untranslated(key)
        return self._inlined(key, args)

    def _chained(self, form: str, args: Sequence[str]) -> str:
        y = args[0]
        for a in args[1:]:
            y = self.write(form, y, a)
        return y

    def _as_float(self, test: str) -> str:
        return self.write("uitofp T {} to V", test)

    def _power(self, a: str, exponent: str) -> str:
        """a^b, by few multiplications where b is a number for which they are as accurate."""
        b = self.numbers.get(exponent)
        if b in (2.0, 3.0, 4.0):
            square = self.write("fmul V {0}, {0}", a)
            return square if b == 2.0 else self.write("fmul V {}, {}", square, a if b == 3.0 else square)
        if b in (1.0, -1.0):
            return a if b == 1.0 else self.write("fdiv V {}, {}", self.number(1.0), a)
        y = self.call("pow", (a, exponent))
        if b is not None:
            return y
        square = self.write("fmul V {0}, {0}", a)
        test = self.write("fcmp oeq V {}, {}", exponent, self.number(2.0))
        return self._selected(test, square, y)

    def _ties(self, m: str, *others: str) -> str:
        total = self.number(0.0)
        for a in others:
            total = self.write("fadd V {}, {}", total, self._as_float(self.write("fcmp oeq V {}, {}", m, a)))
        return total

    # Bodies

    def _inlined(self, key: str, args: Sequence[Any]) -> Any:
        body = FLOATS.body(key)
        env: Env = dict(zip((name for name, _ in body.params), args))
        if body.rest:
            raise Untranslated(key)
        self._within.append(key)
        try:
            found = self._run(body.statements, env)
        finally:
            self._within.pop()
        if found is None:
            raise Untranslated(key)
        return found

    def _run(self, statements: Sequence[b.Statement], env: Env) -> Any:
        """The value that statements return, or None. They add to the names in `env`."""
        if len(self.parts) > LONG * (1 + len(self._within)):
            raise Untranslated("a long body")
        for k, s in enumerate(statements):
            match s:
                case b.Return(value=value):
                    return self._expression(value, env)
                case b.Assign(names=(name,), value=value):
                    env[name] = self._expression(value, env)
                case b.Assign(names=names, value=value):
                    env.update(zip(names, self._expression(value, env)))
                case b.If(test=test, yes=yes, no=no):
                    rest = statements[k + 1 :]
                    if b.returns(yes) or b.returns(no):
                        return self._choice(
                            self._test(test, env),
                            lambda: self._run((*yes, *rest), dict(env)),
                            lambda: self._run((*no, *rest), dict(env)),
                        )  # fmt: skip
                    self._branch(test, yes, no, env)
                case b.For():
                    self._unrolled(s, env)
                case _:
                    raise Untranslated(type(s).__name__)
        return None

    def _branch(self, test: b.Expression, yes: Sequence[b.Statement], no: Sequence[b.Statement], env: Env) -> None:
        """An `if` that returns nothing: each name that it assigns is selected."""
        one, other = dict(env), dict(env)
        decided = self._test(test, env)
        self._sides(decided, lambda: self._run(yes, one), lambda: self._run(no, other))
        for name in {**one, **other}:
            if name not in one or name not in other:
                env[name] = one.get(name, other.get(name))
            elif one[name] != other[name]:
                env[name] = self._selected(decided, one[name], other[name])

    def _unrolled(self, loop: b.For, env: Env) -> None:
        if loop.turn or b.returns(loop.body):
            raise Untranslated("a loop")
        for items in zip(*(self._expression(a, env) for a in loop.arrays), strict=False):
            env.update(zip(loop.items, items))
            self._run(loop.body, env)

    def _choice(self, test: str, yes: Callable[[], Any], no: Callable[[], Any]) -> Any:
        one, other = self._sides(test, yes, no)
        if one is None or other is None:
            raise Untranslated("a path without a value")
        return self._selected(test, one, other)

    def _selected(self, test: str, yes: Any, no: Any) -> Any:
        if isinstance(yes, tuple):
            return tuple(self._selected(test, p, q) for p, q in zip(yes, no))
        return yes if yes == no else self.write("select T {}, V {}, V {}", test, yes, no)

    def _sides(self, test: str, yes: Callable[[], T], no: Callable[[], T]) -> tuple[T, T]:
        """The values of both sides of a condition. A call that both make is made once, of selected arguments."""
        before = self.parts
        try:
            first: list[str | _Call] = []
            second: list[str | _Call] = []
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
            assert isinstance(mine, _Call) and isinstance(theirs, _Call)
            before += [*first[:i], *second[:j]]
            args = [self._magnitude(test, mine.args[0], theirs.args[0])] if mine.name == "exp" else []
            if None in args or not args:
                args = [self._selected(test, p, q) for p, q in zip(mine.args, theirs.args)]
            before.append(_Call(mine.register, mine.name, args))
            before.append(f"{theirs.register} = bitcast {self.kind} {mine.register} to {self.kind}")
            first, second = first[i + 1 :], second[j + 1 :]

    def _magnitude(self, test: str, yes: str, no: str) -> str | None:
        """-|a| for the selection of -a where a >= 0, else a: of exp(a) and exp(-a) a program often needs both, which so
        become one. An exponential takes no notice of the signs of zeros and nans."""
        form, args = self.written.get(test, ("", ()))
        if form != "fcmp oge V {}, {}" or self.numbers.get(args[1]) != 0.0 or args[0] != no:
            return None
        if self.written.get(yes) != ("fneg V {}", (no,)):
            return None
        return self.write("fneg V {}", self.write(LANES["math.fabs"], no))

    # Expressions

    def _expression(self, value: b.Expression, env: Env) -> Any:
        match value:
            case b.Number(value=number):
                return self.number(float(number))
            case b.Local(name=name):
                return env[name]
            case b.Constant(key=key):
                return self._constant(key)
            case b.Negative(operand=operand):
                a = self._expression(operand, env)
                return self.number(-self.numbers[a]) if a in self.numbers else self.write("fneg V {}", a)
            case b.Binary(sign=sign, left=left, right=right) if sign in ARITHMETIC:
                p, q = self._expression(left, env), self._expression(right, env)
                if sign == "/":
                    return self._shared(DIVISION, (p, q))
                return self.write(f"{ARITHMETIC[sign]} V {{}}, {{}}", p, q)
            case b.Binary(sign="//", left=left, right=b.Number(value=1.0)):
                return self.write(LANES["math.floor"], self._expression(left, env))
            case b.Choice(test=test, yes=yes, no=no):
                return self._choice(
                    self._test(test, env), lambda: self._expression(yes, env), lambda: self._expression(no, env)
                )
            case b.Pair(first=first, second=second):
                return self._expression(first, env), self._expression(second, env)
            case b.Component(pair=pair, index=index):
                return self._expression(pair, env)[index]
            case b.Call(key=key, arguments=arguments):
                return self.function(key, [self._expression(a, env) for a in arguments])
            case b.Relation() | b.Logic() | b.Not():
                return self._as_float(self._test(value, env))
        raise Untranslated(type(value).__name__)

    def _constant(self, key: str) -> Any:
        module, _, name = key.partition(".")
        found = getattr(math, name) if module == "math" else FLOATS.definition(key).value
        if isinstance(found, tuple):
            return tuple(self.number(float(a)) for a in found)
        return self.number(float(found))

    def _test(self, value: b.Expression, env: Env) -> str:
        match value:
            case b.Relation(sign=sign, left=left, right=right):
                p, q = self._expression(left, env), self._expression(right, env)
                return self.write(f"fcmp {SIGNS[sign]} V {{}}, {{}}", p, q)
            case b.Logic(sign=sign, parts=parts):
                y = self._test(parts[0], env)
                for part in parts[1:]:
                    y = self.write(f"{sign} T {{}}, {{}}", y, self._test(part, env))
                return y
            case b.Not(operand=operand):
                return self.write("xor T {}, splat (i1 true)", self._test(operand, env))
        return self.write("fcmp une V {}, {}", self._expression(value, env), self.number(0.0))


def _over_lanes(form: str) -> str:
    """An instruction over floats as one over lanes."""
    return re.sub(r"\bi1\b", "T", form.replace("double", "V").replace(".f64(", ".v("))


def _next_call(parts: Sequence[str | _Call]) -> int | None:
    return next((k for k, part in enumerate(parts) if isinstance(part, _Call)), None)
