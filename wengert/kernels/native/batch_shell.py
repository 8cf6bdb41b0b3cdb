"""A loop over a batch as a Python function in C: it reads floats and arrays in place, without ctypes.

It is used if this Python and this NumPy lay out their objects as expected, which is checked first.
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
# NumPy's flag of an array that may be written.
WRITEABLE = 0x400


class ArrayPlaces(NamedTuple):
    """Places in objects, in bytes from their start: the type of any, the value of a float, the bytes of `bytes`, and
    the address of an array's data, after which come its number of axes, the addresses of its shape and strides, the
    array whose memory it shares, its type, and its flags."""

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
        data, axes, shape, strides, base, kind, flags = (_word(id(array) + found.data + k * WORD) for k in range(7))
        fits = fits and _word(id(array) + found.type) == id(np.ndarray) and axes & 0xFFFFFFFF == 1
        fits = fits and data == array.ctypes.data and _word(shape) == len(array)
        fits = fits and ctypes.c_int64.from_address(strides).value == array.strides[0]
        fits = fits and base == (0 if array.base is None else id(array.base)) and kind == id(array.dtype)
        fits = fits and bool(flags & WRITEABLE)
        array.flags.writeable = False
        fits = fits and not _word(id(array) + found.data + 6 * WORD) & WRITEABLE
    return found if fits else None


def _word(address: int) -> int:
    return ctypes.c_size_t.from_address(address).value


# The fields of an array, one after the other.
FIELDS = ("data", "axes", "shape", "strides", "base", "dtype", "flags")
# The shell: a function of Python whose `self` is the record of a loop, as bytes. It answers False, and does nothing,
# for arguments that it is not made for.
_IR = """
declare ptr @PyBool_FromLong(i64)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
@wengert.float = external global i8
@wengert.array = external global i8
@wengert.double = external global i8

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
  %strict.at = getelementptr i64, ptr %record, i64 5
  %strict = load i64, ptr %strict.at, align 1
  %owned = icmp ne i64 %strict, 0
  %kinds = getelementptr i64, ptr %record, i64 6
  %all = icmp eq i64 %count, %total
  br i1 %all, label %start, label %no
start:
  %table = alloca i64, i64 %total
  %first.at = getelementptr ptr, ptr %args, i64 %values
  %first = load ptr, ptr %first.at
  %first.type.at = getelementptr i8, ptr %first, i64 {type}
  %first.type = load ptr, ptr %first.type.at
  %first.array = icmp eq ptr %first.type, @wengert.array
  br i1 %first.array, label %measure, label %no
measure:
  %first.axes.at = getelementptr i8, ptr %first, i64 {axes}
  %first.axes = load i32, ptr %first.axes.at
  %first.flat = icmp eq i32 %first.axes, 1
  br i1 %first.flat, label %count.points, label %no
count.points:
  %first.data.at = getelementptr i8, ptr %first, i64 {data}
  %first.data = load ptr, ptr %first.data.at
  %first.shape.at = getelementptr i8, ptr %first, i64 {shape}
  %first.shape = load ptr, ptr %first.shape.at
  %n = load i64, ptr %first.shape
  %enough = icmp sge i64 %n, %least
  %few = icmp sle i64 %n, %most
  %fits = and i1 %enough, %few
  br i1 %fits, label %next, label %no
next:
  %k = phi i64 [0, %count.points], [%k.next, %kept]
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
  %axes.at = getelementptr i8, ptr %arg, i64 {axes}
  %axes = load i32, ptr %axes.at
  %flat = icmp eq i32 %axes, 1
  br i1 %flat, label %look.closer, label %no
look.closer:
  %shape.at = getelementptr i8, ptr %arg, i64 {shape}
  %shape = load ptr, ptr %shape.at
  %length = load i64, ptr %shape
  %same = icmp eq i64 %length, %n
  %strides.at = getelementptr i8, ptr %arg, i64 {strides}
  %strides = load ptr, ptr %strides.at
  %stride = load i64, ptr %strides
  %dense = icmp eq i64 %stride, 8
  %dtype.at = getelementptr i8, ptr %arg, i64 {dtype}
  %dtype = load ptr, ptr %dtype.at
  %double = icmp eq ptr %dtype, @wengert.double
  %plain.0 = and i1 %same, %dense
  %plain = and i1 %plain.0, %double
  %address = ptrtoint ptr %arg to i64
  br i1 %plain, label %side, label %no
side:
  %input = icmp slt i64 %k, %values
  br i1 %input, label %read, label %written
read:
  %base.at = getelementptr i8, ptr %arg, i64 {base}
  %base = load ptr, ptr %base.at
  %own = icmp eq ptr %base, null
  %data.at = getelementptr i8, ptr %arg, i64 {data}
  %data = load ptr, ptr %data.at
  %other = icmp ne ptr %data, %first.data
  %alone = and i1 %own, %other
  %free = xor i1 %owned, true
  %allowed = or i1 %free, %alone
  br i1 %allowed, label %kept, label %no
written:
  %flags.at = getelementptr i8, ptr %arg, i64 {flags}
  %flags = load i32, ptr %flags.at
  %bit = and i32 %flags, {writeable}
  %may = icmp ne i32 %bit, 0
  br i1 %may, label %kept, label %no
kept:
  %entry.value = phi i64 [%value, %is.number], [%address, %read], [%address, %written]
  %entry.at = getelementptr i64, ptr %table, i64 %k
  store i64 %entry.value, ptr %entry.at
  %k.next = add i64 %k, 1
  %more = icmp slt i64 %k.next, %total
  br i1 %more, label %next, label %run
run:
  %long = icmp sgt i64 %n, {let_go}
  br i1 %long, label %apart, label %here
here:
  call void %batch(i64 0, i64 %n, ptr %table)
  br label %yes
apart:
  %thread = call ptr @PyEval_SaveThread()
  call void %batch(i64 0, i64 %n, ptr %table)
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
    llvm.add_symbol("wengert.double", id(np.dtype("float64")))
    return engine.compiled(_IR.format(
        bytes=found.bytes, type=found.type, value=found.value, let_go=LET_GO, writeable=WRITEABLE,
        **{name: found.data + k * WORD for k, name in enumerate(FIELDS)},
    ))  # fmt: skip


class Shell:
    """A loop as a function of Python: it takes the values and then the arrays for the outputs.

    It answers True after the loop ran. It answers False if the arguments are not floats and dense arrays of floats as
    in `numbers`, of one length from `least` to `most`; with `apart` also if an input shares another array's memory.
    """

    __slots__ = ("_held", "call")

    def __init__(
        self, batch: int, numbers: Sequence[bool], outputs: int, least: int, most: int, apart: bool = False
    ) -> None:
        total = len(numbers) + outputs
        kinds = [*map(int, numbers), *[0] * outputs]
        record = struct.pack(f"={6 + total}q", batch, len(numbers), total, least, most, apart, *kinds)
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
