"""A list as steps over arrays. Steps over numbers alone are separate, and some steps are replaced by cheaper ones with
the same bits.

A sign is moved along a product to where it costs nothing: `-a * 0.5` is a * -0.5, and `x + -a` is x - a. Dividing by a
power of two becomes a product, and `100 * (2 * a)` becomes 200 * a: none of these rounds, and they overflow together. A
truth value stays one while only choices and other truth values read it. The sigmoids of a and of -a share their
exponential.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import numpy as np

from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from ..lists.code import Code
from ..ops import Op
from ..ops.arrays import forms
from ..ops.arrays.elementwise import form_of
from .block_forms import is_truth, reciprocal_of_two

EVEN = (forms.square, forms.fabs)


class ArrayStep(NamedTuple):
    """A step over arrays, into the slot `out`.

    kind  "form", "cast" (a truth value as a number), "test" (where a value is nan), "mask" (nan where it is), "large"
          (whether an exponential is), "mend" or "mirror" (then the sigmoid of a or of -a by another way), or "move"
    row   the row, where the step is one of the list's
    """

    out: int
    kind: str
    args: tuple[int, ...]
    form: Any = None
    row: Op | None = None


class Steps:
    """The steps of a list, of whose inputs some are numbers.

    once     slots of numbers that a call works out, each with its function and the slots of its arguments
    steps    the steps over arrays
    outputs  the slots of the outputs
    number   the slots of numbers, and those whose number is known with the number
    truth    the slots of truth values
    slots    how many slots there are
    """

    def __init__(self, code: Code, numbers: Sequence[bool], dtype: np.dtype[Any]) -> None:
        self.code, self.double = code, dtype == np.float64
        self.slots = code.first + len(code.steps)
        first = len(code.inputs)
        self.known = {first + k: a for k, a in enumerate(code.numbers)}
        self.number = {k for k, fixed in enumerate(numbers) if fixed} | set(self.known)
        self.truth: set[int] = set()
        self.once: list[tuple[int, Callable[..., Any], tuple[int, ...]]] = []
        self.steps: list[ArrayStep] = []
        self._constants: dict[str, int] = {}
        self._negated: dict[int, int] = {}  # for the slot of -a, the slot of a
        self._written: set[int] = set()
        self._doubled: dict[int, tuple[float, int]] = {}  # for a product with 2, 4, …, its factors
        self._cast: dict[int, int] = {}
        self._sigmoids: dict[int, tuple[int, int, int]] = {}
        varying = self._varying()
        self.tests = self._tests(varying)
        for slot, row, args, form in checking_clock(varying):
            self._add(slot, row, args, form)
        self.outputs = [self._read(a) for a in code.outputs]
        self._drop()

    def _varying(self) -> list[tuple[int, Op, tuple[int, ...], Any]]:
        varying = []
        slot = self.code.first
        for row, args in checking_clock(self.code.steps):
            assert callable(row.forward)
            if self.number.issuperset(args):
                self.number.add(slot)
                self.once.append((slot, row.forward, args))
            else:
                form = form_of(row.forward)
                if is_truth(form):
                    self.truth.add(slot)
                varying.append((slot, row, args, form))
            slot += 1
        return varying

    def _tests(self, varying: Sequence[Any]) -> set[int]:
        """The slots that say where a value is nan, and that only masks read."""
        found = {slot for slot, _, _, form in varying if form is forms.isnan}
        found.difference_update(self.code.outputs)
        for _, _, args, form in varying:
            mask = form is forms.where and self.known.get(args[1], 0.0) != self.known.get(args[1], 0.0)
            found.difference_update(args[1:] if mask else args)
        return found

    # Slots of our own

    def _new(self) -> int:
        self.slots += 1
        return self.slots - 1

    def _constant(self, value: float) -> int:
        key = value.hex()
        if key not in self._constants:
            slot = self._constants[key] = self._new()
            self.known[slot] = value
            self.number.add(slot)
        return self._constants[key]

    def _form(self, form: Any, *args: int, out: int | None = None) -> int:
        out = self._new() if out is None else out
        self.steps.append(ArrayStep(out, "form", args, form))
        return out

    # Arguments

    def _read(self, a: int) -> int:
        """The slot of a value as a number, written now if need be."""
        if a in self._negated and a not in self._written:
            self._written.add(a)
            self._form(forms.neg, self._read(self._negated[a]), out=a)
        if a not in self.truth:
            return a
        if a not in self._cast:
            self._cast[a] = self._new()
            self.steps.append(ArrayStep(self._cast[a], "cast", (a,)))
        return self._cast[a]

    def _signed(self, a: int) -> tuple[int, bool]:
        """The slot of a value without its sign, and whether the sign is a minus."""
        negative = False
        while a in self._negated:
            a, negative = self._negated[a], not negative
        return self._read(a), negative

    # Steps

    def _add(self, slot: int, row: Op, args: tuple[int, ...], form: Any) -> None:
        if slot in self.tests:
            self.steps.append(ArrayStep(slot, "test", (self._read(args[0]),)))
        elif form is forms.copy:
            self.steps.append(ArrayStep(slot, "move", (self._read(args[0]),)))
        elif form is forms.where and args[0] in self.tests:
            self.steps.append(ArrayStep(slot, "mask", (self._read(args[2]), args[0])))
        elif form is forms.neg:
            self._negated[slot] = args[0]
        elif form is forms.mul:
            self._product(slot, args)
        elif form is forms.divide:
            self._quotient(slot, args)
        elif form in (forms.add, forms.sub):
            self._sum(slot, args, form)
        elif form in EVEN or form is forms.power and self.known.get(args[1]) == 2.0:
            self.steps.append(ArrayStep(slot, "form", (self._signed(args[0])[0], *args[1:]), form, row))
        elif form is forms.sigmoid and self.double:
            self._sigmoid(slot, *self._signed(args[0]))
        else:
            keeps = len(args) if slot in self.truth else 1 if form in (forms.where, forms.gate) else 0
            read = [a if k < keeps and a in self.truth else self._read(a) for k, a in enumerate(args)]
            self.steps.append(ArrayStep(slot, "form", tuple(read), form, row))

    def _product(self, slot: int, args: tuple[int, ...]) -> None:
        a, b = args
        if b in self.known:
            a, b = b, a
        if a not in self.known:
            (a, minus), (b, other) = self._signed(a), self._signed(b)
            self._with_sign(slot, forms.mul, (a, b), minus is not other)
            return
        b, minus = self._signed(b)
        factor = -self.known[a] if minus else self.known[a]
        if b in self._doubled and abs(factor) >= 1.0 and isfinite(whole := factor * self._doubled[b][0]):
            factor, b = whole, self._doubled[b][1]
        if factor >= 2.0 and reciprocal_of_two(factor) is not None:
            self._doubled[slot] = factor, b
        self._form(forms.mul, self._constant(factor), b, out=slot)

    def _quotient(self, slot: int, args: tuple[int, ...]) -> None:
        (a, minus), (b, other) = self._signed(args[0]), self._signed(args[1])
        known = self.known.get(b)
        if known is not None:
            inverse = reciprocal_of_two(known)
            form, value = (forms.divide, known) if inverse is None else (forms.mul, inverse)
            self._form(form, a, self._constant(-value if minus else value), out=slot)
        elif (known := self.known.get(a)) is not None:
            self._form(forms.divide, self._constant(-known if other else known), b, out=slot)
        else:
            self._with_sign(slot, forms.divide, (a, b), minus is not other)

    def _with_sign(self, slot: int, form: Any, args: tuple[int, int], minus: bool) -> None:
        if minus:
            self._negated[slot] = self._form(form, *args)
        else:
            self._form(form, *args, out=slot)

    def _sum(self, slot: int, args: tuple[int, ...], form: Any) -> None:
        # Not -a - b as -(a + b): where the two cancel, the zeros differ in sign.
        (a, minus), (b, other) = self._signed(args[0]), self._signed(args[1])
        if form is forms.sub:
            other = not other
        if minus and not other:
            a, b, minus, other = b, a, False, True
        elif minus:
            a = self._read(args[0])
        self._form(forms.sub if other else forms.add, a, b, out=slot)

    def _sigmoid(self, slot: int, a: int, mirrored: bool) -> None:
        """1/(1 + t) of a, or t/(1 + t) of -a, for t = exp(-a)."""
        if a not in self._sigmoids:
            t = self._form(forms.exp, self._form(forms.neg, a))
            large = self._new()
            self.steps.append(ArrayStep(large, "large", (t,)))
            self._sigmoids[a] = t, large, self._form(forms.add, t, self._constant(1.0))
        t, large, below = self._sigmoids[a]
        found = self._form(forms.divide, t if mirrored else self._constant(1.0), below)
        self.steps.append(ArrayStep(slot, "mirror" if mirrored else "mend", (found, large, a)))

    def _drop(self) -> None:
        """Drop the steps that nothing reads."""
        live = set(self.outputs)
        kept = []
        for step in reversed(self.steps):
            if step.out in live:
                live.update(step.args)
                kept.append(step)
        self.steps = kept[::-1]
