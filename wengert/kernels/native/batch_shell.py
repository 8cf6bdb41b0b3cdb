"""A loop over a batch as one of Python's own functions: it reads floats and arrays where they lie, without ctypes.

Used where this Python and this NumPy lay their objects out as expected, which is looked at first.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Sequence
from functools import cache

from ...ground.tuples import NamedTuple
from . import engine
from .places import WORD, places

# Points from which other threads of Python may run meanwhile.
LET_GO = 2000
# CPython's flag for a function that takes its arguments as an array.
FAST = 0x80


class ArrayPlaces(NamedTuple):
    """Places in objects, in bytes from their start: the type of any, the value of a float, the bytes of `bytes`, and
    the address of an array's data, after which come its number of axes, and the addresses of its shape and strides."""

    type: int
    value: int
    bytes: int
    data: int


@cache
def array_places() -> ArrayPlaces | None:
    """The places in objects of this Python and this NumPy; None where machine code must not rely on them."""
    import numpy as np

    if (known := places()) is None:
        return None
    found = ArrayPlaces(known.type, known.value, bytes.__basicsize__ - 1, object.__basicsize__)
    text = b"wengert's own words"
    fits = ctypes.string_at(id(text) + found.bytes, len(text)) == text
    for array in (np.empty(3), np.empty((8, 2))[2:5, 1], np.empty(5)[::-1]):
        data, axes, shape, strides = (_word(id(array) + found.data + k * WORD) for k in range(4))
        fits = fits and _word(id(array) + found.type) == id(np.ndarray) and axes & 0xFFFFFFFF == 1
        fits = fits and data == array.ctypes.data and _word(shape) == len(array)
        fits = fits and ctypes.c_int64.from_address(strides).value == array.strides[0]
    return found if fits else None


def _word(address: int) -> int:
    return ctypes.c_size_t.from_address(address).value


# The shell: a function of Python whose `self` is the record of a loop, as bytes. It answers False, and does nothing,
# for arguments that it is not made for.
_IR = """
declare ptr @PyBool_FromLong(i64)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
@wengert.float = external global i8
@wengert.array = external global i8

define ptr @shell(ptr %self, ptr %args, i64 %count) {{
entry:
  %record = getelementptr i8, ptr %self, i64 {bytes}
  %batch = load ptr, ptr %record, align 1
  %values.at = getelementptr i64, ptr %record, i64 1
  %values = load i64, ptr %values.at, align 1
  %total.at = getelementptr i64, ptr %record, i64 2
  %total = load i64, ptr %total.at, align 1
  %least.at = getelementptr i64, ptr %record, i64 3
  %least = load i64, ptr %least.at, align 1
  %most.at = getelementptr i64, ptr %record, i64 4
  %most = load i64, ptr %most.at, align 1
  %kinds = getelementptr i64, ptr %record, i64 5
  %all = icmp eq i64 %count, %total
  br i1 %all, label %start, label %no
start:
  %table = alloca i64, i64 %total
  br label %next
next:
  %k = phi i64 [0, %start], [%k.next, %kept]
  %n = phi i64 [0, %start], [%n.next, %kept]
  %arg.at = getelementptr ptr, ptr %args, i64 %k
  %arg = load ptr, ptr %arg.at
  %type.at = getelementptr i8, ptr %arg, i64 {type}
  %type = load ptr, ptr %type.at
  %kind.at = getelementptr i64, ptr %kinds, i64 %k
  %kind = load i64, ptr %kind.at, align 1
  %number = icmp ne i64 %kind, 0
  br i1 %number, label %is.number, label %is.array
is.number:
  %float = icmp eq ptr %type, @wengert.float
  %value.at = getelementptr i8, ptr %arg, i64 {value}
  %value = load i64, ptr %value.at
  br i1 %float, label %kept, label %no
is.array:
  %array = icmp eq ptr %type, @wengert.array
  br i1 %array, label %look, label %no
look:
  %shape.at = getelementptr i8, ptr %arg, i64 {shape}
  %shape = load ptr, ptr %shape.at
  %length = load i64, ptr %shape
  %strides.at = getelementptr i8, ptr %arg, i64 {strides}
  %strides = load ptr, ptr %strides.at
  %stride = load i64, ptr %strides
  %dense = icmp eq i64 %stride, 8
  %address = ptrtoint ptr %arg to i64
  br i1 %dense, label %kept, label %no
kept:
  %entry.value = phi i64 [%value, %is.number], [%address, %look]
  %n.next = phi i64 [%n, %is.number], [%length, %look]
  %entry.at = getelementptr i64, ptr %table, i64 %k
  store i64 %entry.value, ptr %entry.at
  %k.next = add i64 %k, 1
  %more = icmp slt i64 %k.next, %total
  br i1 %more, label %next, label %sizes
sizes:
  %enough = icmp sge i64 %n.next, %least
  %few = icmp sle i64 %n.next, %most
  %fits = and i1 %enough, %few
  br i1 %fits, label %run, label %no
run:
  %long = icmp sgt i64 %n.next, {let_go}
  br i1 %long, label %apart, label %here
here:
  call void %batch(i64 0, i64 %n.next, ptr %table)
  br label %yes
apart:
  %thread = call ptr @PyEval_SaveThread()
  call void %batch(i64 0, i64 %n.next, ptr %table)
  call void @PyEval_RestoreThread(ptr %thread)
  br label %yes
yes:
  %true = call ptr @PyBool_FromLong(i64 1)
  ret ptr %true
no:
  %false = call ptr @PyBool_FromLong(i64 0)
  ret ptr %false
}}
"""


@cache
def _shell() -> engine.Loaded:
    import llvmlite.binding as llvm
    import numpy as np

    found = array_places()
    assert found is not None
    engine.machine()
    for name in ("PyBool_FromLong", "PyEval_SaveThread", "PyEval_RestoreThread"):
        llvm.add_symbol(name, ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value)
    llvm.add_symbol("wengert.float", id(float))
    llvm.add_symbol("wengert.array", id(np.ndarray))
    return engine.compiled(_IR.format(
        bytes=found.bytes, type=found.type, value=found.value, shape=found.data + 2 * WORD,
        strides=found.data + 3 * WORD, let_go=LET_GO,
    ))  # fmt: skip


class Shell:
    """A loop as a function of Python: it takes the values and then the arrays for the outputs.

    It answers True after the loop ran; False if the arguments are not floats and dense arrays as in `numbers`, or of
    another length than from `least` to `most`.
    """

    __slots__ = ("_held", "call")

    def __init__(self, batch: int, numbers: Sequence[bool], outputs: int, least: int, most: int) -> None:
        total = len(numbers) + outputs
        kinds = [*map(int, numbers), *[0] * outputs]
        record = struct.pack(f"={5 + total}q", batch, len(numbers), total, least, most, *kinds)
        shell, name = _shell(), b"batch"
        definition = ctypes.create_string_buffer(
            struct.pack("@PPiP", _address(name), shell.address("shell"), FAST, 0), 32
        )
        new = ctypes.pythonapi.PyCFunction_NewEx
        prototype = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
        made = prototype(ctypes.cast(new, ctypes.c_void_p).value or 0)
        self._held = record, shell, name, definition
        self.call: Callable[..., bool] = made(ctypes.addressof(definition), record, None)


def _address(text: bytes) -> int:
    return ctypes.cast(ctypes.c_char_p(text), ctypes.c_void_p).value or 0
