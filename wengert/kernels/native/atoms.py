"""Find the atoms of a list by their identity, in machine code that reads Python's tuples in place.

A list of 10^6 equations is some 3*10^6 objects. Visiting each of them from Python takes most of a second, as they are
scattered in memory.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Sequence
from typing import Any

from ...lists.flat_code import FoundAtoms
from ...lists.wengert_list import Equation, WengertList
from .buffers import View, place, zeros
from .places import WORD, places
from .routine import Array, Register, Routine, machined

# 2^64 over the golden ratio, as a whole number with a sign: it spreads neighbours far apart (D. E. Knuth, The Art of
# Computer Programming 3, section 6.4).
GOLDEN = 0x9E3779B97F4A7C15 - (1 << 64)
# The number of equations from which on it pays to optimise the code that reads them.
LARGE = 50_000
# How many words stand before the items of a tuple, and before its size and its type.
TUPLE = (("items", "i64"), ("size", "i64"), ("type", "i64"))
MEASURE = (("n", "i64"), *TUPLE, ("plain", "i64"), ("named", "i64"), ("equations", "i64*"))
REPLACE = (("n", "i64"), ("first", "i64"), ("slots", "i32*"), ("became", "i32*"))
READ = (
    ("n", "i64"), ("type", "i64"), ("value", "i64"), ("float", "i64"), ("objects", "i64*"), ("values", "double*"),
)  # fmt: skip
FIND = (
    ("n", "i64"), ("m", "i64"), ("bits", "i64"), *TUPLE, ("equations", "i64*"), ("inputs", "i64*"), ("table", "i64*"),
    ("slots", "i32*"), ("atoms", "i32*"), ("steps", "i32*"), ("ops", "i32*"), ("counts", "i32*"), ("met", "i64*"),
)  # fmt: skip


def measure() -> Routine:
    """How many arguments n equations have together; -1 if one is no tuple of a name, an op and a tuple."""
    r = Routine("measure", MEASURE, "i64")
    (n, items, size, kind, plain, named), (equations,) = r.arguments()
    found, wrong = r.variable(), r.variable()

    def is_tuple(whole: Array) -> Register:
        return whole[kind].is_("==", plain).wide() | whole[kind].is_("==", named).wide()

    with r.up(0, n) as k:
        whole = r.array_at(equations[k], "i64")
        with r.when((is_tuple(whole) & whole[size].is_("==", 3).wide()).is_("!=", 0)):
            arguments = r.array_at(whole[items + 2], "i64")
            found.add(arguments[size])
            wrong.set(wrong.get() | is_tuple(arguments).is_("==", 0).wide())
        with r.when((is_tuple(whole) & whole[size].is_("==", 3).wide()).is_("==", 0)):
            wrong.set(1)
    return r.ending(wrong.get().is_("!=", 0).pick(-1, found.get()))


def find() -> Routine:
    """Fill the arrays of `FoundAtoms`, by a table of 2^bits entries (Knuth, section 6.4, algorithm L). An entry is an
    object and its place plus 1. Ops are told from names by the last bit, as one object may be both. `met` counts atoms
    that are no names of the list, and ops."""
    r = Routine("find", FIND)
    (n, m, bits, items, size, _), arrays = r.arguments()
    equations, inputs, table, slots, atoms, steps, ops, counts, met = arrays
    one = Register(r, "i64", "1")
    mask, high = (one << bits) - 1, Register(r, "i64", "64") - bits
    at, link, others, kinds = [r.variable() for _ in range(4)]

    def sought(a: Register) -> Register:
        at.set((a * GOLDEN) >> high)
        with r.so_long_as(lambda: (table[at.get() * 2 + 1].is_("!=", 0).wide()
                                   & table[at.get() * 2].is_("!=", a).wide()).is_("!=", 0)):  # fmt: skip
            at.set((at.get() + 1) & mask)
        return table[at.get() * 2 + 1]

    def keep(a: Register, where: Register) -> None:
        table[at.get() * 2], table[at.get() * 2 + 1] = a, where + 1

    with r.up(0, m) as k:
        sought(inputs[k])
        keep(inputs[k], k)
    with r.up(0, n) as k:
        whole = r.array_at(equations[k], "i64")
        arguments, op = r.array_at(whole[items + 2], "i64"), whole[items + 1] | 1
        with r.when(sought(op).is_("==", 0)):
            ops[kinds.get()] = k
            keep(op, kinds.take())
        steps[k] = table[at.get() * 2 + 1] - 1
        counts[k] = arguments[size]
        with r.up(0, arguments[size]) as i:
            a = arguments[items + i]
            with r.when(sought(a).is_("==", 0)):
                other = others.take()
                atoms[other * 2], atoms[other * 2 + 1] = k, i
                keep(a, m + n + other)
            slots[link.take()] = table[at.get() * 2 + 1] - 1
        sought(whole[items])
        keep(whole[items], m + k)
    met[0], met[1] = others.get(), kinds.get()
    return r.ending()


def replace() -> Routine:
    """Replace the slots from `first` on among n slots."""
    r = Routine("replace", REPLACE)
    (n, first), (slots, became) = r.arguments()
    with r.up(0, n) as k, r.when((first - 1).is_("<", slots[k])):
        slots[k] = became[slots[k] - first]
    return r.ending()


def read() -> Routine:
    """The values of n floats, the items of a tuple; whether all of them are floats."""
    r = Routine("read", READ, "i64")
    (n, kind, value, plain), (objects, values) = r.arguments()
    floats = r.variable()
    with r.up(0, n) as k:
        at, right = objects[k], r.array_at(objects[k], "i64")[kind].is_("==", plain)
        floats.add(right.wide())
        with r.when(right):
            values[k] = r.array_at(at, "double")[value]
    return r.ending(floats.get().is_("==", n).wide())


def read_floats(floats: tuple[Any, ...], frame: View) -> bool:
    """Write floats into the first places of a frame; whether all objects were floats."""
    held = places()
    if held is None:
        if not {*map(type, floats)} <= {float}:
            return False
        frame[: len(floats)] = array("d", floats)
        return True
    words = held.type // WORD, held.value // WORD
    return bool(machined(read, 2, True)(len(floats), *words, id(float), id(floats) + held.items, place(frame)))


def find_atoms(wlist: WengertList) -> FoundAtoms | None:
    """The atoms and ops of a list by their identity; None if this Python's tuples cannot be read, or if most names are
    a separate object at each place."""
    held = places()
    if held is None or not wlist.equations:
        return None
    equations, n, m = wlist.equations, len(wlist.equations), len(wlist.inputs)
    words = held.items // WORD, object.__basicsize__ // WORD, held.type // WORD
    if ctypes.c_ssize_t.from_address(id(equations) + object.__basicsize__).value != n or type(equations) is not tuple:
        return None
    items, level = id(equations) + held.items, 0 if n < LARGE else 2
    links = machined(measure, level, True)(n, *words, id(tuple), id(Equation), items)
    if links < 0:
        return None
    bits = (2 * (n + m) + links).bit_length()
    inputs = array("q", map(id, wlist.inputs))
    table, met = zeros("q", 2 << bits), zeros("q", 2)
    slots, atoms, steps, ops, counts = (zeros("i", k) for k in (links, 2 * links, n, n, n))
    machined(find, level, True)(
        n, m, bits, *words, items, *map(place, (inputs, table, slots, atoms, steps, ops, counts, met)),
    )  # fmt: skip
    if 3 * met[0] > n:
        return None
    pairs = [(atoms[2 * k], atoms[2 * k + 1]) for k in range(met[0])]

    def replaced(became: Sequence[int]) -> None:
        others = array("i", became)
        machined(replace, level)(links, n + m, place(slots), place(others))

    return FoundAtoms(slots, pairs, steps, ops[: met[1]].tolist(), counts, replaced)
