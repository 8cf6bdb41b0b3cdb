"""The values of ops in LLVM's intermediate representation (IR), made from the functions of their rows.

A value has the bits that the function in Python gives, but for rows that need large integers in Python (`keeps_bits`).
A small function is written out where it is called; a larger one becomes a function of the module, once.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

from ...ground.errors import WengertError
from ...lists.code import Code, code_of
from ...ops import Op
from ...ops.bodies import FLOAT, PAIR, Body
from ...ops.sources import FLOATS
from ...ops.stand_ins import ALIKE
from ...sweeps.rules import forward_rule
from . import instructions, library
from .branching import Branching
from .reach import readable
from .straight import Argument, NeedsBranches, Straight, Untranslated, Value, constant

__all__ = ["Untranslated", "Writer"]

# The longest function that is written out at each call, in instructions; and with `lanes`.
SMALL, SMALL_IN_LANES = 24, 200
# The calls of the library that a function without branches may make, as it makes them all; and with `lanes`.
CALLS, CALLS_IN_LANES = 1, 6
# LLVM writes out no function of more lines.
LARGE = 60
# The most arguments of an op that takes any number, as each has its own instructions.
WIDEST = 256
# The most ops of a program's own that are defined by each other, and the most steps that a call of one takes.
DEEPEST, LONGEST = 40, 100_000

PURE = "nounwind willreturn memory(none)"
INLINE, STRAIGHT, BRANCHING = "inline", "straight", "branching"


class _Module:
    """The functions, declarations and tables of a module."""

    def __init__(self, ops: tuple[Op, ...], lanes: bool) -> None:
        self.ops, self.lanes = ops, lanes
        self.texts: dict[str, str] = {}
        # By the identity of a row of a program's own: the row, which so stays alive, the name of its function, and the
        # number of steps of a call.
        self.own: dict[int, tuple[Op, str, int]] = {}
        self.depth = 0


class Writer:
    """Writes values as instructions.

    ops    the rows that the list defines for itself
    lanes  whether the instructions are for a loop that LLVM makes lanes of: then functions have no branches where that
           is possible
    lines  the instructions so far, one a line
    label  the block that they are in
    """

    def __init__(
        self, ops: tuple[Op, ...] = (), prefix: str = "t", lanes: bool = False, module: _Module | None = None
    ) -> None:
        self.prefix = prefix
        self.module = module or _Module(ops, lanes)
        self.lines: list[str] = []
        self.label = "entry"
        self._count = 0

    @property
    def ops(self) -> tuple[Op, ...]:
        return self.module.ops

    def register(self) -> str:
        """The name of a new register."""
        self._count += 1
        return f"%{self.prefix}{self._count}"

    def write(self, instruction: str) -> str:
        """Write an instruction; returns the register of its value."""
        name = self.register()
        self.lines.append(f"{name} = {instruction}")
        return name

    def literal(self, a: float) -> str:
        """A number, bit for bit."""
        return instructions.literal(a)

    def value(self, row: Op, args: Sequence[str]) -> str:
        """The register of an op's value. Raises Untranslated."""
        if not callable(row.forward):
            return self._by_text(row, args)
        try:
            key = FLOATS.key_of(row)
        except WengertError:
            raise Untranslated(row.name) from None
        found = self.call_of(key, args)
        assert isinstance(found, str), key
        return found

    def definitions(self) -> str:
        """The declarations and functions that the instructions need."""
        return "\n".join([instructions.INTRINSICS, *self.module.texts.values()])

    # Functions of ours

    def call_of(self, key: str, args: Sequence[Argument]) -> Value:
        """The value of a function, by its key. Raises Untranslated."""
        key = ALIKE.get(key, key)
        if (form := instructions.FORMS.get(key)) is not None:
            return self.write(form.format(*args))
        if key in instructions.SAME:
            return args[0]  # type: ignore[return-value]
        if (sign := instructions.CHOICES.get(key)) is not None and len(args) == 2:
            test = self.write(f"fcmp {sign} double {args[1]}, {args[0]}")
            return self.write(f"select i1 {test}, double {args[1]}, double {args[0]}")
        if library.arity(key):
            return self._library(key, args)
        return self._body(readable(key), args)

    def _library(self, key: str, args: Sequence[Argument]) -> str:
        name = library.OURS + library.in_c(key)
        kinds = ", ".join(["double"] * len(args))
        self.module.texts.setdefault(name, f'declare double @"{name}"({kinds}) {PURE}')
        return self._called(name, args, FLOAT)  # type: ignore[return-value]

    def _body(self, key: str, args: Sequence[Argument]) -> Value:
        body = FLOATS.body(key)
        args = _gathered(body, args)
        form = _form_of(key, tuple(_form(a) for a in args), self.module.lanes)
        if form == INLINE:
            return Straight(self, body, args).result()
        name = library.OURS + _named(key, args)
        if name not in self.module.texts:
            self.module.texts[name] = ""  # taken before the body is written, as it may call itself
            self.module.texts[name] = _Function(self.module).text(name, body, args, form == STRAIGHT)
        return self._called(name, args, body.returns)

    def _called(self, name: str, args: Sequence[Argument], returns: str) -> Value:
        given = ", ".join(f"double {a}" for a in _flat(args))
        if returns != PAIR:
            return self.write(f'call double @"{name}"({given})')
        both = self.write(f'call {{double, double}} @"{name}"({given})')
        a, b = (self.write(f"extractvalue {{double, double}} {both}, {k}") for k in (0, 1))
        return a, b

    # Ops of a program's own

    def _by_text(self, row: Op, args: Sequence[str]) -> str:
        own = self.module.own
        if id(row) not in own:
            if self.module.depth == DEEPEST:
                raise Untranslated(row.name)
            name = f"{library.OURS}op.{len(own)}"
            code = code_of(forward_rule(row, self.ops))
            self.module.depth += 1
            text = _Function(self.module).code(name, code)
            self.module.depth -= 1
            steps = sum(own[id(r)][2] if id(r) in own else 1 for r, _ in code.steps)
            if steps > LONGEST:  # ops that are defined by each other do twice the work with each line of text
                raise Untranslated(row.name)
            own[id(row)] = row, name, steps
            self.module.texts[name] = text
        return self._called(own[id(row)][1], list(args), FLOAT)  # type: ignore[return-value]


class _Function(Writer):
    """Writes one function of a module."""

    def __init__(self, module: _Module) -> None:
        super().__init__(module=module)
        self._labels = 0

    def fresh(self) -> str:
        """A new label."""
        self._labels += 1
        return f"L{self._labels}"

    def place(self, label: str) -> None:
        """Begin a block."""
        self.lines.append(f"{label}:")
        self.label = label

    def leave(self, instruction: str) -> None:
        """Write an instruction without a value."""
        self.lines.append(instruction)

    def table(self, key: str) -> str:
        """The name of a constant array in memory."""
        name = f"{library.OURS}{key}"
        if name not in self.module.texts:
            numbers = constant(key)
            assert isinstance(numbers, tuple)
            elements = ", ".join(f"double {instructions.literal(a)}" for a in numbers)
            self.module.texts[name] = (
                f'@"{name}" = private unnamed_addr constant [{len(numbers)} x double] [{elements}]'
            )
        return f'@"{name}"'

    def text(self, name: str, body: Body, args: Sequence[Argument], straight: bool) -> str:
        """The definition of a function of ours, whose arguments have the form of `args`."""
        count = 0

        def parameter(given: Argument) -> Argument:
            nonlocal count
            if _is_table(given):
                return given
            if isinstance(given, str):
                count += 1
                return f"%a{count}"
            names = [f"%a{count + k}" for k in range(1, len(given) + 1)]
            count += len(given)
            return (names[0], names[1]) if isinstance(given, tuple) else names

        params = [parameter(a) for a in args]
        branching = Branching(self, body, params)
        if straight:
            self.lines.clear()
            branching.memory.clear()
            branching.give(Straight(self, body, params).result())
        else:
            branching.write()
        kind = "{double, double}" if body.returns == PAIR else "double"
        return self._defined(name, kind, [str(a) for a in _flat(params)], branching.memory)

    def code(self, name: str, code: Code) -> str:
        """The definition of a function with the first output of a list."""
        params = [f"%a{k}" for k in range(len(code.inputs))]
        atoms = [*params, *map(instructions.literal, code.numbers)]
        for row, slots in code.steps:
            atoms.append(self.value(row, [atoms[k] for k in slots]))
        self.lines.append(f"ret double {atoms[code.outputs[0]]}")
        return self._defined(name, "double", params, [])

    def _defined(self, name: str, kind: str, params: Sequence[str], memory: Sequence[str]) -> str:
        given = ", ".join(f"double {a}" for a in params)
        own = " noinline" if len(self.lines) > LARGE else ""
        lines = [*memory, *self.lines]
        return "\n".join([f'define internal {kind} @"{name}"({given}) {PURE}{own} {{', "entry:", *lines, "}"])


def _gathered(body: Body, args: Sequence[Argument]) -> list[Argument]:
    """Arguments, with a list for the parameter that takes any number. Raises Untranslated."""
    if not body.rest:
        return list(args)
    if len(args) > WIDEST:
        raise Untranslated(body.key)
    count = len(body.params) - 1
    return [*args[:count], _flat(args[count:])]


def _is_table(given: Argument) -> bool:
    """Whether an argument is the key of a constant array."""
    return isinstance(given, str) and given[0] not in "%0"


def _flat(args: Sequence[Argument]) -> list[str]:
    """The floats of arguments, one after the other."""
    return [a for given in args if not _is_table(given) for a in ([given] if isinstance(given, str) else given)]


def _form(given: Argument) -> str | int:
    """An argument's part in the choice of a function's form: a table's key, or else a number of floats; minus one for
    a pair."""
    if isinstance(given, list):
        return len(given)
    return given if _is_table(given) else -1 if isinstance(given, tuple) else ""  # type: ignore[return-value]


def _named(key: str, args: Sequence[Argument]) -> str:
    """The name of a function for arguments of a form."""
    special = [str(_form(a)) for a in args if isinstance(a, list) or _is_table(a)]
    return f"{key}[{' '.join(special)}]" if special else key


class _Measuring(threading.local):
    """The functions whose form is being chosen, by this thread."""

    def __init__(self) -> None:
        self.places: set[Any] = set()


_MEASURING = _Measuring()


@cache
def _form_of(key: str, forms: tuple[str | int, ...], lanes: bool) -> str:
    """The form that suits a function. Raises Untranslated."""
    place = key, forms, lanes
    if place in _MEASURING.places:
        raise NeedsBranches(key)  # it calls itself
    _MEASURING.places.add(place)
    try:
        trial = Writer(lanes=lanes)
        args: list[Argument] = []
        for form in forms:
            new = [trial.register() for _ in range(max(2, form) if isinstance(form, int) else 1)]
            if isinstance(form, int):
                args.append((new[0], new[1]) if form < 0 else new[:form])
            else:
                args.append(form or new[0])
        Straight(trial, FLOATS.body(key), args).result()
    except NeedsBranches:
        return BRANCHING
    finally:
        _MEASURING.places.remove(place)
    calls = sum(f'@"{library.OURS}' in line for line in trial.lines)
    if calls > (CALLS_IN_LANES if lanes else CALLS):
        return BRANCHING
    return INLINE if len(trial.lines) <= (SMALL_IN_LANES if lanes else SMALL) else STRAIGHT
