"""The values of ops in LLVM's intermediate representation (IR), made from the functions of their rows.

A value has the bits that the function in Python gives, but for rows that need large integers in Python (`keeps_bits`).
A small function is written out where it is called; a larger one becomes a function of the module, once.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any

from ...ground.errors import WengertError
from ...lists.code import Code, code_of
from ...ops import Op
from ...ops.bodies import FLOAT, PAIR, Body
from ...ops.sources import FLOATS
from ...ops.stand_ins import ALIKE
from ...sweeps.rules import forward_rule
from . import engine, instructions, library
from .branching import Branching, chooses
from .passing import KINDS, arguments_of, floats, form, gathered, named, parameters
from .reach import readable
from .straight import Argument, Branchless, NeedsBranches, Untranslated, Value, constant

__all__ = ["Untranslated", "Writer"]

# The longest function that is written out at each call, in instructions.
SMALL = 24
# How many calls a function without branches may make if one call of it needs only some of them.
CALLS = 1
# LLVM writes out no function of more lines.
LARGE = 60
# The most ops of a program's own that are defined by each other, and the most steps that a call of one takes.
DEEPEST, LONGEST = 40, 100_000

PURE = "nounwind willreturn memory(none)"
INLINE, STRAIGHT, BRANCHING = "inline", "straight", "branching"


class _Definitions:
    """The functions, declarations and tables of a module.

    measuring  whether it is dropped, so that no function need be written
    alone      whether it has all functions that it needs, so that none is linked
    """

    def __init__(self, ops: tuple[Op, ...], measuring: bool = False, alone: bool = False) -> None:
        self.ops, self.measuring, self.alone = ops, measuring, alone
        self.texts: dict[str, str] = {}
        # By the identity of a row of a program's own: the row, which so stays alive, the name of its function, and the
        # number of steps of a call.
        self.own: dict[int, tuple[Op, str, int]] = {}
        self.depth, self.numbers = 0, count()


class Writer:
    """Writes values as instructions.

    ops    the rows that the list defines for itself
    lines  the instructions so far, one a line
    label  the block that they are in
    """

    def __init__(self, ops: tuple[Op, ...] = (), prefix: str = "t", module: _Definitions | None = None) -> None:
        self.prefix = prefix
        self.module = module or _Definitions(ops)
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
        try:
            found = self.call_of(key, args)
        except Untranslated:
            raise Untranslated(row.name) from None
        assert isinstance(found, str), key
        return found

    def steps_of(self, row: Op) -> int:
        """The number of steps of a call of an op that was written."""
        return self.module.own[id(row)][2] if id(row) in self.module.own else 1

    def definitions(self) -> str:
        """The declarations and functions that the instructions need."""
        return "\n".join([instructions.INTRINSICS, *self.module.texts.values()])

    # Functions of ours

    def call_of(self, key: str, args: Sequence[Argument]) -> Value:
        """The value of a function, by its key. Raises Untranslated."""
        key = ALIKE.get(key, key)
        if (spelled := instructions.FORMS.get(key)) is not None:
            return self.write(spelled.format(*args))
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
        args = gathered(body, args)
        shape = _shape_of(key, tuple(map(form, args)))
        if shape == INLINE:
            return Branchless(self, body, args).result()
        name = library.OURS + named(key, args)
        texts = self.module.texts
        if name not in texts and not self.module.measuring:
            count = len(texts)
            texts[name] = ""  # taken before the body is written, as it may call itself
            try:
                texts[name] = self._text_of(key, name, body, args, shape)
            except Untranslated:
                for new in list(texts)[count:]:  # else an op's function would call one without a text
                    del texts[new]
                raise
        return self._called(name, args, body.returns)

    def _text_of(self, key: str, name: str, body: Body, args: Sequence[Argument], shape: str) -> str:
        if not self.module.alone and _linked(key, tuple(map(form, args)), name):
            kinds = ", ".join(["double"] * len(floats(args)))
            return f'declare {KINDS.get(body.returns, "double")} @"{name}"({kinds}) {PURE}'
        return _Function(self.module).text(name, body, args, shape == STRAIGHT)

    def _called(self, name: str, args: Sequence[Argument], returns: str) -> Value:
        given = ", ".join(f"double {a}" for a in floats(args))
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
            self.module.depth += 1
            name = f"{library.OURS}op.{next(self.module.numbers)}"
            code = code_of(forward_rule(row, self.ops))
            text = _Function(self.module).code(name, code)
            self.module.depth -= 1
            steps = sum(self.steps_of(inner) for inner, _ in code.steps)
            if steps > LONGEST:  # ops that are defined by each other do twice the work with each line of text
                raise Untranslated(row.name)
            own[id(row)] = row, name, steps
            self.module.texts[name] = text
        return self._called(own[id(row)][1], list(args), FLOAT)  # type: ignore[return-value]


class _Function(Writer):
    """Writes one function of a module."""

    def __init__(self, module: _Definitions) -> None:
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
        params = parameters(args)
        branching = Branching(self, body, params)
        if straight:
            self.lines.clear()
            branching.memory.clear()
            branching.give(Branchless(self, body, params).result())
        else:
            branching.write()
        return self._defined(name, KINDS.get(body.returns, "double"), floats(params), branching.memory)

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


class _Measuring(threading.local):
    """The functions whose form is being chosen, by this thread."""

    def __init__(self) -> None:
        self.places: set[Any] = set()


_MEASURING = _Measuring()


@cache
def _shape_of(key: str, forms: tuple[str | int, ...]) -> str:
    """The shape that suits a function. Raises Untranslated."""
    place = key, forms
    if place in _MEASURING.places:
        raise NeedsBranches(key)  # it calls itself
    _MEASURING.places.add(place)
    trial = Writer(module=_Definitions((), measuring=True))
    try:
        Branchless(trial, FLOATS.body(key), arguments_of(forms)).result()
    except NeedsBranches:
        return BRANCHING
    finally:
        _MEASURING.places.remove(place)
    calls = sum(f'@"{library.OURS}' in line for line in trial.lines)
    if calls > CALLS and chooses(FLOATS.body(key)):
        return BRANCHING
    return INLINE if len(trial.lines) <= SMALL else STRAIGHT


# Large functions by name. They are compiled once, each with all that it needs, and stay.
_LINKED: dict[str, engine.Loaded] = {}


def _linked(key: str, forms: tuple[str | int, ...], name: str) -> bool:
    """Whether a function is linked by its name, as it is large; then it is there."""
    if name in _LINKED:
        return True
    text = _alone(key, forms, name)
    if text.count("\n") <= LARGE or engine.missing():
        return False
    loaded = engine.compiled(text, 1)
    engine.link(name, loaded.address(name))
    _LINKED[name] = loaded
    return True


@cache
def _alone(key: str, forms: tuple[str | int, ...], name: str) -> str:
    """The module of a function with all that it needs."""
    module = _Definitions((), alone=True)
    args = arguments_of(forms)
    straight = _shape_of(key, forms) == STRAIGHT
    module.texts[name] = ""
    module.texts[name] = _Function(module).text(name, FLOATS.body(key), args, straight).replace(" internal", "", 1)
    return "\n".join([instructions.INTRINSICS, *module.texts.values()])
