"""Functions of machine code as Python's own functions: called without ctypes, at the cost of a built-in one."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any

from ...ground.tuples import NamedTuple
from ...lists.code import Code
from ...ops import OPS
from ..kernel import HandsOver, Told
from . import engine
from .layout import Layout, layout
from .shells import FIELDS, FUNCTIONS, SHELLS, shells

# Flags of a method's definition: arguments as an array, with names or without.
FAST, NAMED = 0x80, 0x02

# What must stay in memory, by a number. Python's collector of cycles cannot see it from the functions that need it:
# it would end machine code while a function of the same cycle can still be called.
_HELD: dict[int, Any] = {}
_NUMBERS = count()


class Held(int):
    """Keeps an object in memory, as long as this number lives."""

    __slots__ = ()

    def __del__(self, held: dict[int, Any] = _HELD) -> None:
        held.pop(int(self), None)


def hold(thing: Any) -> Held:
    """The number that keeps an object in memory."""
    held = Held(next(_NUMBERS))
    _HELD[int(held)] = thing
    return held


class Computing:
    """A kernel's function, `void (const double *in, double *out)`.

    address  where it is
    inputs   the number of values that it takes
    outputs  the number of values that it gives
    held     keeps it in memory
    """

    __slots__ = ("address", "held", "inputs", "outputs")

    def __init__(self, loaded: engine.Loaded, inputs: int, outputs: int) -> None:
        self.address, self.held = loaded.address("compute"), hold(loaded)
        self.inputs, self.outputs = inputs, outputs


def computing(ir: str, code: Code, level: int) -> Computing:
    """The function of a module. Raises HandsOver where it cannot be compiled here."""
    if why := engine.missing():
        raise HandsOver(why)
    try:
        return Computing(engine.compiled(ir, level), len(code.inputs), len(code.outputs))
    except (RuntimeError, OSError) as problem:  # llvmlite's
        raise HandsOver(f"llvmlite does not work here: {problem}") from None


def word() -> Any:
    """A word of memory, at first 0."""
    return ctypes.c_int64()


def run_of(computing: Computing) -> Callable[..., Any]:
    """The `Run` of a kernel."""
    return function("run", computing, Told(0, _never, word()))


def flat_of(computing: Computing, told: Told) -> Callable[..., Any]:
    """A function that gives a tuple of all outputs."""
    return function("flat", computing, told)


def pair_of(computing: Computing, told: Told) -> Callable[..., Any]:
    """A function that gives the first output, and the others as an object of the class `told.kind`."""
    return function("pair", computing, told)


def _never() -> None:
    """The function that answers other calls of a function that has none."""


# The count of ops that were replaced, where machine code can read it.
_CURRENT = ctypes.c_int64(OPS.generation)


def _replaced() -> None:
    _CURRENT.value = OPS.generation


OPS.tell(_replaced)


class _Shells(NamedTuple):
    addresses: dict[str, int]
    held: Held


@cache
def _shells(places: Layout | None) -> _Shells:
    """The shells in machine code. Raises UsageError without llvmlite."""
    engine.machine()
    import llvmlite.binding as llvm

    for name in FUNCTIONS:
        llvm.add_symbol(name, ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value)
    loaded = engine.compiled(shells(places))
    return _Shells({name: loaded.address(name) for name in SHELLS}, hold(loaded))


def function(
    shell: str, computing: Computing, told: Told, stable: bool = False
) -> Callable[..., Any]:  # fmt: skip
    """A kernel's function within a shell. With `stable` it keeps to calls of Python's stable interface."""
    made = _shells(None if stable else layout())
    fields = {
        "compute": computing.address, "inputs": computing.inputs, "outputs": computing.outputs, "values": told.values,
        "current": ctypes.addressof(_CURRENT), "made": OPS.generation, "ran": ctypes.addressof(told.ran),
        "otherwise": id(told.otherwise), "float": id(float), "none": id(None), "class": id(told.kind),
        "source": id(told.source), "attribute": id(told.attribute),
    }  # fmt: skip
    record = struct.pack(f"={len(FIELDS)}q", *[fields[name] for name in FIELDS])
    flags = FAST if shell == "run" else FAST | NAMED
    definition = struct.pack("@PPiP", _bytes(_NAME), made.addresses[shell], flags, _bytes(_DOC))
    # The function holds this tuple. A tuple lets go of nothing before it ends, whatever the collector of cycles does.
    owner = (record, definition, computing, computing.held, made.held, _CURRENT, *told)
    function: Callable[..., Any] = _new()(_bytes(definition), owner, None)
    return function


_NAME = b"kernel"
_DOC = b"Machine code of a list: floats by position."


def _bytes(held: bytes) -> int:
    """The address of the bytes of an object, which must stay in memory."""
    address = ctypes.cast(ctypes.c_char_p(held), ctypes.c_void_p).value
    assert address is not None
    return address


@cache
def _new() -> Callable[..., Any]:
    kinds: list[Any] = [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    new: Callable[..., Any] = ctypes.PYFUNCTYPE(ctypes.py_object, *kinds)(("PyCFunction_NewEx", ctypes.pythonapi))
    return new
