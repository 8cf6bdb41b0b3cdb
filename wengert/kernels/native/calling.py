"""Functions of machine code as Python's own functions: called without ctypes, at the cost of a built-in one."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from functools import cache
from itertools import count
from sys import intern
from typing import Any

from ...ground.tuples import NamedTuple
from ...ops import OPS
from ..kernel import AnswerFormat
from . import engine
from .places import ObjectPlaces, places
from .shells import FIELDS, FUNCTIONS, SHELLS, shells

# Flags of a method's definition: arguments as an array, with names or without.
FAST, NAMED = 0x80, 0x02

# Objects that must stay in memory, by a number. Python's collector of cycles cannot see them from the functions that
# need them: it would end machine code while a function of the same cycle can still be called.
_HELD: dict[int, Any] = {}
_NUMBERS = count()


class KeepAlive(int):
    """Keeps an object in memory, as long as this number lives."""

    __slots__ = ()

    def __del__(self, held: dict[int, Any] = _HELD) -> None:
        held.pop(int(self), None)


def hold(thing: Any) -> KeepAlive:
    """The number that keeps an object in memory."""
    held = KeepAlive(next(_NUMBERS))
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


# The count of ops that were replaced, where machine code can read it.
_CURRENT = ctypes.c_int64(OPS.generation)


def _replaced() -> None:
    _CURRENT.value = OPS.generation


OPS.tell(_replaced)


class _Shells(NamedTuple):
    addresses: dict[str, int]
    held: KeepAlive


@cache
def _shells(places: ObjectPlaces | None) -> _Shells:
    """The shells in machine code. Raises UsageError without llvmlite."""
    engine.machine()
    import llvmlite.binding as llvm

    for name in FUNCTIONS:
        llvm.add_symbol(name, ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value)
    loaded = engine.compiled(shells(places))
    return _Shells({name: loaded.address(name) for name in SHELLS}, hold(loaded))


def function(shell: str, computing: Computing, told: AnswerFormat, stable: bool = False) -> Callable[..., Any]:
    """A kernel's function within a shell. With `stable` it keeps to calls of Python's stable interface."""
    made = _shells(None if stable else places())
    fields = {
        "compute": computing.address, "inputs": computing.inputs, "outputs": computing.outputs, "values": told.values,
        "current": ctypes.addressof(_CURRENT), "made": OPS.generation,
        "last": 0 if told.last is None else id(told.last), "route": id(told.route),
        "otherwise": id(told.otherwise), "float": id(float), "none": id(None), "class": id(told.kind),
        "source": id(told.source), "attribute": id(_AT), "new": id(_TUPLE),
    }  # fmt: skip
    record = struct.pack(f"={len(FIELDS)}q", *[fields[name] for name in FIELDS])
    flags = FAST if shell == "run" else FAST | NAMED
    name, doc = told.name.encode(), told.doc.encode()
    definition = struct.pack("@PPiP", _bytes(name), made.addresses[shell], flags, _bytes(doc))
    # The function holds this tuple. The collector of cycles never clears a tuple: it lets go of nothing before it ends.
    owner = (record, definition, name, doc, computing.held, made.held, _CURRENT, _AT, *told)
    made_of: Callable[..., Any] = _new()(_bytes(definition), owner, None)
    return made_of


# The attribute of the derivatives that has the arguments.
_AT = intern("_at")
_TUPLE = tuple.__new__


def _bytes(held: bytes) -> int:
    """The address of the bytes of an object, which must stay in memory."""
    address = ctypes.cast(ctypes.c_char_p(held), ctypes.c_void_p).value
    assert address is not None
    return address


@cache
def _new() -> Callable[..., Any]:
    kind = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
    new: Callable[..., Any] = kind(("PyCFunction_NewEx", ctypes.pythonapi))
    return new
