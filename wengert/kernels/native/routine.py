"""Functions over arrays, written as instructions of LLVM's intermediate representation (IR).

A `Routine` is one function: Python expressions over its parameters append instructions, and `with` blocks become loops
and branches. Variables are in memory until LLVM puts them into registers.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from .engine import Loaded, compiled

# The types of elements, and the type of the value that an element is loaded as.
ELEMENTS = {"i8": "i64", "i32": "i64", "i64": "i64", "double": "double"}
TRUTH = "i1"  # not an op: LLVM's type of truth values
_WORDS = {
    "i64": dict(zip(("+", "-", "*", "&", "|", "<<", ">>"), "add.sub.mul.and.or.shl.lshr".split("."))),
    "double": {"+": "fadd", "-": "fsub", "*": "fmul"},
}  # fmt: skip
_ORDERS = {"i64": {"==": "icmp eq", "!=": "icmp ne", "<": "icmp slt"}, "double": {"==": "fcmp oeq"}}


class Register:
    """A value in a register, or a number."""

    __slots__ = ("kind", "name", "routine")

    def __init__(self, routine: Routine, kind: str, name: str) -> None:
        self.routine, self.kind, self.name = routine, kind, name

    def __str__(self) -> str:
        return self.name

    def _with(self, sign: str, other: Register | int) -> Register:
        return self.routine.write(self.kind, f"{_WORDS[self.kind][sign]} {self.kind} {self}, {other}")

    def __add__(self, other: Register | int) -> Register:
        return self._with("+", other)

    def __sub__(self, other: Register | int) -> Register:
        return self._with("-", other)

    def __mul__(self, other: Register | int) -> Register:
        return self._with("*", other)

    def __and__(self, other: Register | int) -> Register:
        return self._with("&", other)

    def __or__(self, other: Register | int) -> Register:
        return self._with("|", other)

    def __lshift__(self, other: Register | int) -> Register:
        return self._with("<<", other)

    def __rshift__(self, other: Register | int) -> Register:
        return self._with(">>", other)

    def is_(self, sign: str, other: Register | float) -> Register:
        """The truth of a comparison."""
        return self.routine.write(TRUTH, f"{_ORDERS[self.kind][sign]} {self.kind} {self}, {other}")

    def pick(self, yes: Register | int, no: Register | int) -> Register:
        """One of two integers or floats, by this truth."""
        kind = yes.kind if isinstance(yes, Register) else no.kind if isinstance(no, Register) else "i64"
        return self.routine.write(kind, f"select i1 {self}, {kind} {yes}, {kind} {no}")

    def wide(self) -> Register:
        """A truth as 0 or 1."""
        return self.routine.write("i64", f"zext i1 {self} to i64")


class Variable:
    """A variable: its value changes."""

    def __init__(self, routine: Routine, kind: str, first: Register | int) -> None:
        self.routine, self.kind = routine, kind
        self.place = routine.allocated(kind)
        self.set(first)

    def get(self) -> Register:
        return self.routine.write(self.kind, f"load {self.kind}, ptr {self.place}")

    def set(self, value: Register | int) -> None:
        self.routine.lines.append(f"store {self.kind} {value}, ptr {self.place}")

    def add(self, more: Register | int) -> None:
        self.set(self.get() + more)

    def take(self) -> Register:
        """The value, after which the variable is one more."""
        found = self.get()
        self.set(found + 1)
        return found


class Array:
    """An array that the function is given."""

    def __init__(self, routine: Routine, element: str, name: str) -> None:
        self.routine, self.element, self.name = routine, element, name

    def at(self, place: Register | int) -> Register:
        """The address of an element."""
        return self.routine.write("ptr", f"getelementptr {self.element}, ptr {self.name}, i64 {place}")

    def __getitem__(self, place: Register | int) -> Register:
        found = self.routine.write(self.element, f"load {self.element}, ptr {self.at(place)}")
        if (kind := ELEMENTS[self.element]) == self.element:
            return found
        word = "zext" if self.element == "i8" else "sext"
        return self.routine.write(kind, f"{word} {self.element} {found} to {kind}")

    def __setitem__(self, place: Register | int, value: Register | int) -> None:
        if isinstance(value, Register) and value.kind != self.element:
            value = self.routine.write(self.element, f"trunc {value.kind} {value} to {self.element}")
        self.routine.lines.append(f"store {self.element} {value}, ptr {self.at(place)}")


class Routine:
    """One function. `params` are the names of its parameters and their types: "i64", or that of an array's elements
    with a star, as in "i32*". No two arrays may overlap."""

    def __init__(self, name: str, params: Sequence[tuple[str, str]], returns: str = "void") -> None:
        self.name, self.params, self.returns = name, params, returns
        self.lines: list[str] = []
        self._allocated: list[str] = []
        self._answer: Register | None = None
        self._count = 0

    def arguments(self) -> tuple[list[Register], list[Array]]:
        """The integers and the arrays among the parameters, each in order."""
        whole = [Register(self, kind, f"%{name}") for name, kind in self.params if not kind.endswith("*")]
        return whole, [Array(self, kind[:-1], f"%{name}") for name, kind in self.params if kind.endswith("*")]

    def write(self, kind: str, instruction: str) -> Register:
        """Write an instruction; its value."""
        self._count += 1
        self.lines.append(f"%r{self._count} = {instruction}")
        return Register(self, kind, f"%r{self._count}")

    def allocated(self, kind: str) -> str:
        """The place of a new variable."""
        place = f"%m{len(self._allocated)}"
        self._allocated.append(f"{place} = alloca {kind}")
        return place

    def array_at(self, address: Register, element: str) -> Array:
        """The array at an address that is an integer."""
        return Array(self, element, str(self.write("ptr", f"inttoptr i64 {address} to ptr")))

    def variable(self, first: Register | int = 0, kind: str = "i64") -> Variable:
        return Variable(self, kind, first)

    def _label(self) -> str:
        self._count += 1
        return f"b{self._count}"

    @contextmanager
    def up(self, start: Register | int, end: Register | int) -> Iterator[Register]:
        """A loop over the integers from `start` below `end`."""
        turn = self.variable(start)
        head, body, after = self._label(), self._label(), self._label()
        self.lines += [f"br label %{head}", f"{head}:"]
        k = turn.get()
        self.lines += [f"br i1 {k.is_('<', end)}, label %{body}, label %{after}", f"{body}:"]
        yield k
        turn.set(k + 1)
        self.lines += [f"br label %{head}", f"{after}:"]

    @contextmanager
    def down(self, end: Register) -> Iterator[Register]:
        """A loop over the integers below `end`, the last one first."""
        with self.up(0, end) as k:
            yield end - 1 - k

    @contextmanager
    def so_long_as(self, holds: Callable[[], Register]) -> Iterator[None]:
        """A loop for as long as a truth holds, which is made anew before each turn."""
        head, body, after = self._label(), self._label(), self._label()
        self.lines += [f"br label %{head}", f"{head}:"]
        self.lines += [f"br i1 {holds()}, label %{body}, label %{after}", f"{body}:"]
        yield
        self.lines += [f"br label %{head}", f"{after}:"]

    @contextmanager
    def when(self, truth: Register) -> Iterator[None]:
        """A block that runs where a truth holds."""
        body, after = self._label(), self._label()
        self.lines += [f"br i1 {truth}, label %{body}, label %{after}", f"{body}:"]
        yield
        self.lines += [f"br label %{after}", f"{after}:"]

    def ending(self, answer: Register | None = None) -> Routine:
        """The whole routine, which returns `answer`."""
        self._answer = answer
        return self

    def text(self) -> str:
        """The definition of the function."""
        kinds = ", ".join(
            f"ptr noalias nocapture %{name}" if kind.endswith("*") else f"{kind} %{name}" for name, kind in self.params
        )  # fmt: skip
        end = "ret void" if self._answer is None else f"ret {self.returns} {self._answer}"
        body = "\n".join([*self._allocated, *self.lines, end])
        return f"define {self.returns} @{self.name}({kinds}) {{\n{body}\n}}\n"


@cache
def machined(write: Callable[[], Routine], level: int = 2, locked: bool = False) -> Callable[..., Any]:
    """The function that a routine writes, compiled once for each level of optimisation; level 0 is ready in a tenth of
    the time.

    It takes integers and addresses. It runs without Python's lock, unless it is `locked`, as it must be where it reads
    Python's objects.
    """
    routine = write()
    kinds = [ctypes.c_void_p if kind.endswith("*") else ctypes.c_int64 for _, kind in routine.params]
    loaded = compiled(routine.text(), level)
    _KEPT.append(loaded)
    made = (ctypes.PYFUNCTYPE if locked else ctypes.CFUNCTYPE)(_RETURNS[routine.returns], *kinds)
    return made(loaded.address(routine.name))


_RETURNS = {"void": None, "i64": ctypes.c_int64}
# Functions in machine code stay in memory for as long as the process.
_KEPT: list[Loaded] = []
