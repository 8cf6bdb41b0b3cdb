"""Translate a code over arrays, for the shapes of one call, into instructions: passes over memory.

The interpretation of the sweeps runs the code once. That run gives the shape of every value, and the answers of the
call. Everything that depends only on shapes, such as axes and sizes, is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from ..ground.tuples import NamedTuple
from ..lists.code import Code, code_of, last_uses
from ..ops import Op
from ..ops.arrays.bindings import Binding, binding
from ..ops.arrays.elementwise import DOUBLE, over_arrays
from ..ops.arrays.passes import PassArgument, gated, gated_step, keep, passes_of, stepped
from ..ops.parameters import ArrayFunction
from ..sweeps.arrays import Arrays
from ..sweeps.rules import forward_rule

# The most steps of a code. For more, Python would take too long to compile.
MOST = 4000
# The most elements of an array that is computed once and kept.
CONSTANT = 1 << 16


class TooLong(Exception):
    """The code has too many steps."""


class Ref(int):
    """A value, by its number. Every other atom is a constant: a float, or an array that is never written to."""


class ArrayForm(NamedTuple):
    """The shape of an array and the type of its elements. The shape of a number is None."""

    shape: tuple[int, ...] | None
    dtype: Any


class Instruction(NamedTuple):
    """One value from others.

    kind      "number" for a function whose value is a number; "pass" for a universal function; "keep", "cast" for those
              of `passes`; "new" for a function that makes a new array; "into" for one that takes an array to write to;
              "shared" for one whose value may share the memory of its arguments
    function  the function
    args      its arguments
    value     the number of its value
    """

    kind: str
    function: Any
    args: tuple[Any, ...]
    value: Ref


# The kinds of instructions that go element by element.
ELEMENTWISE = frozenset(("pass", "keep", "cast", "new"))


class Instructions:
    """The instructions of a code for the shapes of the values of its inputs.

    forms    of the values, by number; the first are the inputs
    outputs  atoms
    answers  the values of the outputs for the values that the shapes were taken from
    """

    def __init__(self, code: Code, values: Sequence[Any], apply: Arrays) -> None:
        self.apply, self.batch = apply, apply.batch
        self.forms: list[ArrayForm] = [_form(v) for v in values]
        self.steps: list[Instruction] = []
        self._known: dict[Any, Ref] = {}
        # For a value that is another one broadcast to its shape, that other value.
        self._cores: dict[int, Any] = {}
        self._whole: dict[int, Ref] = {}
        self._count = 0
        atoms, found = self._run(code, [Ref(k) for k in range(len(values))], list(values))
        self.outputs = [self.whole(a) for a in atoms]
        self.answers = found

    def _run(self, code: Code, atoms: list[Any], values: list[Any]) -> tuple[list[Any], list[Any]]:
        """The outputs of a code, as atoms and as values."""
        atoms, values = [*atoms, *code.numbers], [*values, *code.numbers]
        for (row, places), done in zip(code.steps, last_uses(code)):
            self._count += 1
            if self._count > MOST:
                raise TooLong
            args, given = [atoms[k] for k in places], [values[k] for k in places]
            if isinstance(row.forward, str):
                (atom,), (value,) = self._run(code_of(forward_rule(row, self.apply.ops)), args, given)
            else:
                value = self.apply(row.name, *given)
                atom = self._atom(row, args, given, value)
            atoms.append(atom)
            values.append(value)
            for k in done:
                values[k] = None
        return [atoms[k] for k in code.outputs], [values[k] for k in code.outputs]

    def _atom(self, row: Op, args: list[Any], given: list[Any], value: Any) -> Any:
        """The instructions for a step with these arguments, and the atom of its value."""
        if not any(type(a) is Ref for a in args):
            if type(value) is float:
                return value
            if value.size <= CONSTANT:
                value = np.array(value)
                value.flags.writeable = False
                return value
        if row.array is not None:
            return self._of_array_op(row, args, given, value)
        if type(value) is float:
            return self._write("number", row.forward, tuple(args), ArrayForm(None, None))
        return self._elementwise(row, args, _form(value))

    def _of_array_op(self, row: Op, args: list[Any], given: list[Any], value: Any) -> Any:
        forward = row.forward
        assert isinstance(forward, ArrayFunction)
        form = _form(value)
        if self.batch == 0 and (found := binding(forward.name, forward.statics, [np.shape(v) for v in given])):
            return self._bound(found, args, form)
        # The value may share the memory of an argument.
        args = [self.whole(a) for a in args]
        function = partial(self.apply, row.name)
        if self.batch == 0:
            function = partial(_held, self.apply.held, partial(forward.over, 0))
        return self._write("shared", function, tuple(args), form)

    def _bound(self, found: Binding, args: list[Any], form: ArrayForm) -> Any:
        kind, function, places, first = found
        if kind == "constant":
            return function
        if kind == "broadcast":
            core: Any = self._core(args[0])
            if not places:
                core = function()
            elif function is not None:
                core = self.whole(args[0])
                core = self._write("shared", function, (core,), _form(function(np.empty(self._shape(core)))))
            return self._spread(core, form)
        given = tuple([self.whole(args[k]) for k in places])
        if first is not None:
            given = (self._first(*first, given[0]),)
        if kind == "number":
            return self._write("number", lambda *a: float(function(*a)), given, form)
        return self._write("into" if kind == "into" else "shared", function, given, form)

    def _first(self, key: Any, function: Any, arg: Any) -> Ref:
        """The result that several functions of one argument share."""
        known = self._known.get(at := (key, _key(arg)))
        if known is None:
            known = self._known[at] = self._write("number", function, (arg,), ArrayForm(None, None))
        return known

    def _elementwise(self, row: Op, args: list[Any], form: ArrayForm) -> Any:
        if self.batch and len(args) > 1:
            args = self._aligned(args)
        dtype = form.dtype
        literals = [a if type(a) is float else None for a in args]
        # NumPy's own numbers are no Python floats, and turn singles into doubles.
        mixed = dtype != DOUBLE and any(type(a) is Ref and self._shape(a) is None for a in args)
        passes = None if mixed else passes_of(row, literals, dtype)
        if passes is None:
            return self._write("new", over_arrays(row), tuple([self.whole(a) for a in args]), form)
        cores = [self._core(a) for a in args]
        if all(self._shape(a) is None for a in cores):
            cores = [a if type(a) is float else self.whole(a) for a in args]
        atoms: list[Any] = list(cores)
        for one in passes:
            atoms.append(
                self._pass(one.function, [atoms[a] if type(a) is PassArgument else a for a in one.args], one.dtype)
            )
        answer = atoms[-1]
        if self._form(answer).dtype != dtype:
            answer = self._write("cast", None, (answer,), ArrayForm(self._shape(answer), dtype))
        return self._spread(answer, form)

    def _pass(self, function: Any, args: list[Any], dtype: Any) -> Any:
        shapes = [s for a in args if (s := self._shape(a)) is not None]
        form = ArrayForm(np.broadcast_shapes(*shapes) if shapes else None, dtype)
        if not shapes:
            return self._write("number", function, tuple(args), form)
        if function is np.not_equal and (seen := self._condition(args)) is not None:
            return seen
        if function is np.where:
            condition, a, b = args
            whole = self._shape(condition) == self._shape(a) == form.shape and self._form(a).dtype == dtype
            if whole and type(b) is float and b.hex() == "0x0.0p+0" and type(condition) is Ref and type(a) is Ref:
                return self._write("keep", keep, (a, condition), form)
            return self._write("new", function, tuple(args), form)
        if function is gated:
            condition, a = args
            alike = type(condition) is Ref and self._shape(condition) == self._shape(a) == form.shape
            if alike and (seen := self._known.get(("cast back", condition))) is not None:
                return self._write("keep", keep, (a, seen), form)
            if alike and (of := self._known.get(("step of", condition))) is not None:
                return self._write("pass", gated_step, (of, a), form)
        found = self._write("pass", function, tuple(args), form)
        if function is stepped:
            self._known["step of", found] = args[0]
        return found

    def _condition(self, args: list[Any]) -> Any:
        """The truth values behind numbers that were cast from them, when the numbers are compared with 0."""
        a, b = args
        if type(a) is Ref and type(b) is float and b == 0.0:
            return self._known.get(("cast back", a))
        return None

    def _aligned(self, args: list[Any]) -> list[Any]:
        """The arguments with equal numbers of core axes: axes of length 1 are put before those of arguments that have
        fewer."""
        n = self.batch
        most = max(len(self._shape(a) or ()) for a in args)
        found = []
        for a in args:
            shape = self._shape(a)
            if shape and len(shape) < most:
                want = shape[:n] + (1,) * (most - len(shape)) + shape[n:]
                a = self._write("shared", _reshaped(want), (self.whole(a),), ArrayForm(want, self._form(a).dtype))
            found.append(a)
        return found

    def _write(self, kind: str, function: Any, args: tuple[Any, ...], form: ArrayForm) -> Ref:
        key = None
        if kind in ("pass", "keep", "cast"):
            key = kind, function, tuple([_key(a) for a in args])
            if (known := self._known.get(key)) is not None:
                return known
        value = Ref(len(self.forms))
        self.forms.append(form)
        self.steps.append(Instruction(kind, function, args, value))
        if key is not None:
            self._known[key] = value
        if kind == "cast" and self._form(args[0]).dtype == bool:
            self._known["cast back", value] = args[0]
        return value

    def _spread(self, core: Any, form: ArrayForm) -> Any:
        """The atom of a value that is `core`, broadcast to a shape."""
        if self._shape(core) == form.shape:
            return core
        value = Ref(len(self.forms))
        self.forms.append(form)
        self._cores[value] = core
        return value

    def _core(self, a: Any) -> Any:
        """An atom with the elements of another one, which broadcasts to its shape."""
        return self._cores.get(a, a) if type(a) is Ref else a

    def whole(self, a: Any) -> Any:
        """The atom of an array in its whole shape."""
        if type(a) is not Ref or a not in self._cores:
            return a
        if a not in self._whole:
            shape, dtype = self.forms[a]
            function = partial(_broadcast, shape=shape, dtype=dtype)
            self._whole[a] = self._write("shared", function, (self._cores[a],), self.forms[a])
        return self._whole[a]

    def _form(self, a: Any) -> ArrayForm:
        return self.forms[a] if type(a) is Ref else _form(a)

    def _shape(self, a: Any) -> Any:
        return self._form(a).shape


def _form(value: Any) -> ArrayForm:
    return ArrayForm(value.shape, value.dtype) if isinstance(value, np.ndarray) else ArrayForm(None, None)


def _key(a: Any) -> Any:
    # 0.0 == -0.0, but they are not the same number.
    return (
        (a,) if type(a) is Ref else a.hex() if isinstance(a, float) else (type(a), a) if isinstance(a, int) else id(a)
    )


def _held(held: Any, over: Any, *args: Any) -> Any:
    return held(over(*args))


def _reshaped(shape: tuple[int, ...]) -> Any:
    return lambda x: x.reshape(shape)


def _broadcast(a: Any, shape: Any, dtype: Any) -> Any:
    return np.broadcast_to(np.asarray(a, dtype), shape)
