"""The embedding API: `compile` a program, then call it and its derivatives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from .blocks import cheaper, columns, rows_of, watch
from .bounds import error_bounds
from .calls import ArrayCall, Call, Setting
from .diagnosis import all_finite, blame_derivative, blame_value, kinks, reached
from .errors import Diagnostic, DomainError, UsageError, error, shown
from .expectations import Expectation, expectations
from .language import Program
from .language.printer import program_text
from .limits import UNTRUSTED, Limits, checked, exceeded, start, stop
from .ops import CONSTANTS, DERIVATIVES
from .ops.shaping import shown as shown_shape
from .points import apart, bound, directed, sequence
from .results import Gradient, Matrix, Notes, Values
from .rules import checked_kink
from .series import taylor_sweep
from .sweeps import depending, evaluate, forward_sweep, numbers, reverse_sweep, tangent_sweep
from .trace import Trace
from .trace import trace as trace_list
from .transforms.derivatives import chosen, gradient
from .transforms.expand import expand
from .transforms.simplify import Receipt, fuse
from .wengert_list import WengertList, constants_of


class ErrorBounds(NamedTuple):
    """Bounds on the rounding error of a value and of each derivative, in their units."""

    value: float
    gradient: Gradient


P = ParamSpec("P")
T = TypeVar("T")


def _timed(method: Callable[Concatenate[Function, P], T]) -> Callable[Concatenate[Function, P], T]:
    """A method of Function, under the clock of its limits."""

    @wraps(method)
    def run(f: Function, /, *args: P.args, **options: P.kwargs) -> T:
        started = start(f.limits)
        try:
            return method(f, *args, **options)
        finally:
            stop(started)

    return run


class Function:
    """A compiled program: call it with values for its inputs.

    `wengert_list` is the program as written; `receipts` says which expressions were fused for evaluation. Inputs are
    given by position, by name, or as one mapping. Functions compare equal when they are the same program with the
    same options, and pickle.
    """

    def __init__(
        self, program: Program, *, fuse: bool = True, kink: str = "mean", strict: bool = False,
        limits: Limits = UNTRUSTED, dtype: str = "float64",
    ) -> None:  # fmt: skip
        self.program, self.dtype = program, dtype
        self.fuse, self.kink, self.strict, self.limits = fuse, checked_kink(kink), strict, checked(limits)
        self._gradients: dict[Any, Setting] = {}

    # What it is

    @property
    def wengert_list(self) -> WengertList:
        """The list as the program wrote it."""
        return self.program.wlist

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs, in order."""
        return self.program.wlist.inputs

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs; a number that is an output goes by what it is."""
        return tuple(a if isinstance(a, str) else f"{a:.17g}" for a in self.program.wlist.outputs)

    @cached_property
    def constants(self) -> dict[str, float]:
        """The constants (pi, e, …) that the program uses, and their values."""
        names = dict.fromkeys([*self.program.constants, *constants_of(self.program.wlist)])
        return {n: CONSTANTS[n] for n in names}

    @cached_property
    @_timed
    def _fused(self) -> tuple[WengertList, tuple[Receipt, ...]]:
        return fuse(self.program.wlist) if self.fuse else (self.program.wlist, ())

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """What fusing changed, and why."""
        return self._fused[1]

    @cached_property
    @_timed
    def running_list(self) -> WengertList:
        """The list that is evaluated: fused, and its derivative expressions expanded."""
        return expand(self._fused[0], kink=self.kink, limits=self.limits)

    @cached_property
    @_timed
    def written_list(self) -> WengertList:
        """The list as written, its derivative expressions expanded: what traces show."""
        return expand(self.program.wlist, kink=self.kink, limits=self.limits)

    @cached_property
    @_timed
    def gradient_list(self) -> WengertList:
        """The gradient as a list: the reverse sweep's equations after the forward sweep's."""
        return gradient(self.running_list, kink=self.kink, limits=self.limits)

    @cached_property
    def _running(self) -> Setting:
        return self._setting(self._fused[0])

    @cached_property
    def _written(self) -> Setting:
        return self._setting(self.program.wlist)

    def _setting(self, wlist: WengertList) -> Setting:
        if not any(e.op in DERIVATIVES for e in wlist.equations):
            return Setting(wlist, self.limits, dtype=self.dtype)

        def expanded(shapes: Mapping[str, Any]) -> WengertList:
            if not shapes:
                return expand(wlist, kink=self.kink, limits=self.limits)
            return expand(wlist, kink=self.kink, limits=self.limits, shapes=shapes)

        return Setting(wlist, self.limits, expanded, dtype=self.dtype)

    # Calling it

    @_timed
    def __call__(self, /, *args: Any, **values: Any) -> Any:
        """The value: a float, or for several outputs `Values` addressed by name and position.

        An output that is an array is one. Leading axes of the values, beyond the shapes of the inputs, are a batch, and
        the first axes of the answer.
        """
        point = self.point(args, values)
        with self._running.at(point) as call:
            found = evaluate(call.wlist, call.values, call.apply)
            answers = [call.full(v, a) for v, a in zip(found, call.wlist.outputs)]
        if self.strict and not all(map(all_finite, answers)):
            self._refuse(point)
        return answers[0] if len(answers) == 1 else Values(self.outputs, answers)

    @_timed
    def value_and_grad(
        self, /, *args: Any, wrt: Iterable[str] | str | None = None, mode: str = "reverse", **values: Any
    ) -> tuple[Any, Gradient]:
        """The value and its derivatives in all inputs, or in the names of `wrt` (inputs or intermediates).

        A derivative has the shape of what it is taken by; of a batch, every point has its own. `mode` is "reverse" (one
        sweep for all) or "forward" (one sweep for each number among the inputs). Raises UsageError for several outputs,
        and for an output that is an array.
        """
        point = self.point(args, values)
        setting = self._single(wrt)
        names = chosen(setting.wlist, wrt)
        steps: list[Any] = []
        with setting.at(point) as call:
            wlist = call.wlist
            output = wlist.outputs[0]
            self._is_number(call, output)
            tape = forward_sweep(wlist, call.values, call.apply)
            value = call.full(tape[output] if isinstance(output, str) else output, output)
            if mode == "reverse":
                seeds = {output: 1.0} if isinstance(output, str) else {}
                active = depending(wlist, names)
                adjoint = reverse_sweep(wlist, tape, seeds, call.apply, self.kink, watch(steps), active)
                partials = [call.full(adjoint.get(n), n) for n in names]
            elif mode == "forward":
                partials = columns(call, tape, names, (output,), self.kink, steps)[0]
            else:
                raise error(UsageError, "W604", f"unknown mode `{mode}`", help="reverse or forward")

        def notes() -> Notes:
            return self._notes(call, tape, names, steps)

        if self.strict and not all_finite(value):
            self._refuse(point)
        gradient = Gradient(names, partials, notes)
        if self.kink == "error":
            _ = gradient.notes
        return value, gradient

    def grad(self, /, *args: Any, **options: Any) -> Gradient:
        """The derivatives alone; see `value_and_grad`."""
        return self.value_and_grad(*args, **options)[1]

    @_timed
    def jvp(self, /, *args: Any, **values: Any) -> Any:
        """The derivative along a direction, one tangent sweep: `jvp(point, tangent)`, or `jvp(x=…, v=tangent)`.

        A float or an array, or `Values` for several outputs. `point` and `tangent` are mappings by name or sequences by
        position; inputs missing from a mapping `tangent` do not move.
        """
        args, values, tangent = apart("tangent", self.inputs, args, values)
        direction = directed(tangent, self.inputs, "tangent", self.dtype)
        with self._running.at(self.point(args, values)) as call:
            wlist = call.wlist
            tape = forward_sweep(wlist, call.values, call.apply)
            moved = tangent_sweep(wlist, tape, call.direction(direction), call.apply, self.kink)
            answers = [call.full(moved.get(a) if isinstance(a, str) else None, a) for a in wlist.outputs]
        if self.kink == "error":
            self._notes(call, tape, tuple(direction), [])
        return answers[0] if len(answers) == 1 else Values(self.outputs, answers)

    @_timed
    def vjp(self, /, *args: Any, **values: Any) -> Gradient:
        """The gradient of a weighted sum of the outputs, one reverse sweep: `vjp(point, adjoint)`, or
        `vjp(x=…, v=adjoint)`.

        `adjoint` is a number, or an array of the output's shape, for one output; a mapping by name or a sequence by
        position for several. Without one it is 1.
        """
        args, values, adjoint = apart("adjoint", self.inputs, args, values, 1.0)
        single = len(self.outputs) == 1 and not isinstance(adjoint, Mapping)
        if single and isinstance(adjoint, (list, tuple)) and len(adjoint) == 1 and not self._running.arrays:
            adjoint = adjoint[0]
        weights = directed([adjoint] if single or isinstance(adjoint, (int, float)) else adjoint,
                           self.outputs, "adjoint", self.dtype)  # fmt: skip
        with self._running.at(self.point(args, values)) as call:
            wlist = call.wlist
            tape = forward_sweep(wlist, call.values, call.apply)
            seeds: dict[str, Any] = {}
            for output, name in zip(wlist.outputs, self.outputs):
                if isinstance(output, str) and name in weights:
                    weight = call.direction({output: weights[name]})[output]
                    seeds[output] = seeds[output] + weight if output in seeds else weight
            adjoints = reverse_sweep(wlist, tape, seeds, call.apply, self.kink, None, depending(wlist, self.inputs))
            answers = [call.full(adjoints.get(n), n) for n in self.inputs]
        return Gradient(self.inputs, answers, self._notes(call, tape, self.inputs, []))

    @_timed
    def jacobian(
        self, /, *args: Any, wrt: Iterable[str] | str | None = None, mode: str = "auto", **values: Any
    ) -> Matrix:
        """Derivatives of every output (rows) in every input or name of `wrt` (columns).

        A block has the shape of the output, followed by that of the input, after the axes of a batch. `mode` is
        "reverse" (an adjoint for every number among the outputs, many in one sweep), "forward" (a tangent for every
        number among the inputs), or "auto": whichever needs fewer.
        """
        setting = self._running if self._are_inputs(wrt) else self._written
        names = chosen(setting.wlist, wrt)
        steps: list[Any] = []
        if mode not in ("auto", "reverse", "forward"):
            raise error(UsageError, "W604", f"unknown mode `{mode}`", help="auto, reverse or forward")
        with setting.at(self.point(args, values)) as call:
            wlist = call.wlist
            tape = forward_sweep(wlist, call.values, call.apply)
            if (cheaper(call, names, wlist.outputs) if mode == "auto" else mode) == "forward":
                rows = columns(call, tape, names, wlist.outputs, self.kink, steps)
            else:
                rows = rows_of(call, tape, names, wlist.outputs, self.kink, watch(steps))
        return Matrix(self.outputs, names, rows, self._notes(call, tape, names, steps))

    @_timed
    def hvp(self, /, *args: Any, **values: Any) -> Gradient:
        """The Hessian times a direction: `hvp(point, direction)`, or `hvp(x=…, v=direction)`. A tangent sweep over the
        gradient list; no Hessian is formed."""
        args, values, direction = apart("direction", self.inputs, args, values)
        self._single(None)
        point = self.point(args, values)
        moving = directed(direction, self.inputs, "direction", self.dtype)
        with self._gradient_at(point, self.inputs).at(point) as call:
            glist = call.wlist
            tape = forward_sweep(glist, call.values, call.apply)
            moved = tangent_sweep(glist, tape, call.direction(moving), call.apply, self.kink)
            answers = [call.full(moved.get(a) if isinstance(a, str) else None, n)
                       for n, a in zip(self.inputs, glist.outputs)]  # fmt: skip
        return Gradient(self.inputs, answers, self._notes(call, tape, self.inputs, []))

    @_timed
    def hessian(
        self, /, *args: Any, wrt: Iterable[str] | str | None = None, mode: str = "reverse", **values: Any
    ) -> Matrix:
        """Second derivatives in all inputs or the names of `wrt`: the jacobian of the gradient list, by reverse over
        reverse, or with `mode` "forward" by forward over reverse. A block has the shape of one name, then the other's.
        """
        names = chosen(self._single(wrt).wlist, wrt)
        point = self.point(args, values)
        steps: list[Any] = []
        if mode not in ("reverse", "forward"):
            raise error(UsageError, "W604", f"unknown mode `{mode}`", help="reverse or forward")
        with self._gradient_at(point, names).at(point) as call:
            glist = call.wlist
            tape = forward_sweep(glist, call.values, call.apply)
            if mode == "forward":
                rows = columns(call, tape, names, glist.outputs, self.kink, steps)
            else:
                rows = rows_of(call, tape, names, glist.outputs, self.kink, watch(steps))
        return Matrix(names, names, rows, self._notes(call, tape, names, steps))

    def _gradient_at(self, point: Mapping[str, Any], names: tuple[str, ...]) -> Setting:
        """The gradient list in some names, for the shapes of a point: made once for each."""
        setting = self._single(names)
        wlist = self.running_list if setting is self._running and not setting.arrays else setting.wlist
        shapes = None
        if setting.arrays:
            call = setting.at(point)
            assert isinstance(call, ArrayCall)
            wlist = call.wlist
            self._is_number(call, wlist.outputs[0])
            shapes = call.found.shapes
        key = (names, setting is self._running, None if shapes is None else tuple(shapes.items()))
        found = self._gradients.get(key)
        if found is None:
            if names == self.inputs and shapes is None:
                glist = self.gradient_list
            else:
                wlist = wlist if setting is self._running or setting.arrays else self.written_list
                glist = gradient(wlist, names, kink=self.kink, limits=self.limits, shapes=shapes)
            if len(self._gradients) > 64:
                self._gradients.clear()
            found = self._gradients[key] = Setting(glist, self.limits, None, setting.core, self.dtype)
        return found

    def _is_number(self, call: Call, output: Any) -> None:
        if shape := call.shape(output):
            what = f"a gradient is of a number, and this output has the shape {shown_shape(shape)}"
            raise error(UsageError, "W603", what, help="take the jacobian, or a sum")

    @_timed
    def taylor(self, point: Any, direction: Any = None, order: int = 5) -> Any:
        """Coefficients 0 … `order` of the program along point + t*direction, in time quadratic in the order.

        The k-th is the k-th derivative in t over k!. A list, or for several outputs `Values` of lists. The direction is
        1 for a program of one input. Raises LimitError beyond `limits.order`.
        """
        if not isinstance(order, int) or order < 0:
            raise error(UsageError, "W608", f"an order is a whole number from 0 on, not {shown(order)}")
        if order > self.limits.order:
            raise exceeded(self.limits, "order", f"Taylor coefficients to order {order}")
        if direction is None:
            if len(self.inputs) != 1:
                raise error(UsageError, "W608", f"a direction is needed for {len(self.inputs)} inputs",
                            help=f"such as {{{self.inputs[0]!r}: 1.0}}" if self.inputs else "")  # fmt: skip
            direction = [1.0]
        values, moving = self._one(point), directed(direction, self.inputs, "direction")
        wlist = self._numbers_only("taylor", values)
        found = taylor_sweep(wlist, {**CONSTANTS, **values}, moving, order, numbers(wlist.ops), self.kink)
        rows = [row[: order + 1] for row in found]
        return rows[0] if len(rows) == 1 else Values(self.outputs, rows)

    @_timed
    def error_bounds(self, /, *args: Any, **values: Any) -> ErrorBounds:
        """How far rounding may have moved the value and each derivative, from the adjoints; see `bounds`.

        Raises UsageError for several outputs.
        """
        self._single(None)
        point = self.point(args, values)
        wlist = self._numbers_only("error bounds", point)
        (value,) = error_bounds(wlist, point)
        return ErrorBounds(value, Gradient(self.inputs, error_bounds(self.gradient_list, point)))

    @_timed
    def trace(self, /, *args: Any, output: str | None = None, direction: Any = None, **values: Any) -> Trace:
        """Both sweeps step by step, over the list as written; with a `direction` the tangent sweep too."""
        wlist = self.written_list
        if output is not None:
            chosen(wlist, output)
        moving = None if direction is None else directed(direction, self.inputs, "direction")
        return trace_list(wlist, self.point(args, values), output=output, direction=moving, kink=self.kink)

    def notes(self, /, *args: Any, **values: Any) -> Notes:
        """What is to be said of a point: the source of a nan or an infinity, kinks, singularities, receipts apart."""
        if len(self.program.wlist.outputs) == 1:
            return self.value_and_grad(*args, **values)[1].notes
        return self.jacobian(*args, **values).notes

    @_timed
    def check_expects(self, /, *args: Any, **values: Any) -> list[Expectation]:
        """Evaluate every `expect` of the program, with the values given over its defaults."""
        if self.program.checked is None:
            return []
        wlist = fuse(self.program.checked)[0] if self.fuse else self.program.checked
        with self._setting(wlist).at(self.point(args, values)) as call:
            found = evaluate(call.wlist, call.values, call.apply)
            answers = [call.full(v, a) for v, a in zip(found, call.wlist.outputs)]
        return expectations(self.program, answers)

    # Points

    def point(self, args: Sequence[Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """Values of all inputs, from positions, names and defaults; see `points.bound`."""
        return bound(self.inputs, args, values, self.program.defaults, self.constants, self.dtype)

    def _one(self, point: Any) -> dict[str, Any]:
        return self.point((point,) if isinstance(point, Mapping) else tuple(sequence(point, "point")), {})

    def _are_inputs(self, wrt: Iterable[str] | str | None) -> bool:
        return wrt is None or (wrt in self.inputs if isinstance(wrt, str) else set(wrt) <= set(self.inputs))

    def _numbers_only(self, what: str, point: Mapping[str, Any]) -> WengertList:
        """The list, where all is numbers. Raises UsageError."""
        if self._running.arrays or not all(type(v) is float for v in point.values()):
            raise error(UsageError, "W609", f"{what}: only for programs over numbers, and this one is over arrays")
        return self.running_list

    def _single(self, wrt: Iterable[str] | str | None) -> Setting:
        """The list to differentiate; one that was fused may have lost the intermediates that `wrt` asks for."""
        setting = self._running if self._are_inputs(wrt) else self._written
        wlist = setting.wlist
        if len(wlist.outputs) != 1:
            raise error(UsageError, "W603", f"a gradient is of one output, and this program has {len(wlist.outputs)}",
                        help="take the jacobian")  # fmt: skip
        return setting

    # What is said of a point

    @_timed
    def _notes(self, call: Call, tape: Mapping[str, Any], names: Sequence[str], steps: Sequence[Any]) -> Notes:
        wlist = call.wlist
        with call:
            live = reached(wlist, tape, call.apply)
            found = kinks(wlist, tape, live, depending(wlist, names), call.apply, self.kink)
            blamed = blame_value(wlist, tape, live, call.apply)
            notes = [blamed] if blamed is not None else []
            notes += found
            alive = set(live)
            steps = [step for step in steps if step[0] in alive]
            if steps and not notes:
                worse = blame_derivative(wlist, tape, steps)
                notes += [worse] if worse is not None else []
        return tuple(notes)

    def _refuse(self, point: Mapping[str, Any]) -> None:
        if (blamed := self.blame(point)) is not None:
            raise DomainError(blamed)

    @_timed
    def blame(self, point: Mapping[str, Any]) -> Diagnostic | None:
        """What made a value nan or infinite, if anything did."""
        with self._running.at(point) as call:
            tape = forward_sweep(call.wlist, call.values, call.apply)
            return blame_value(call.wlist, tape, reached(call.wlist, tape, call.apply), call.apply)

    # Plain behaviour

    def _key(self) -> tuple[Any, ...]:
        return self.program.wlist, tuple(self.program.defaults.items()), self.fuse, self.kink, self.strict, self.dtype

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.program, self.fuse, self.kink, self.strict, self.limits, self.dtype)

    def __repr__(self) -> str:
        text = " ".join(self.program.source.text.split()) or " ".join(str(self).split("\n"))
        shown = text if len(text) <= 60 else f"{text[:57]}…"
        return f"<wengert.Function {', '.join(self.inputs)} -> {', '.join(self.outputs)}: {shown}>"

    @_timed
    def __str__(self) -> str:
        return program_text(self.program)


def _rebuilt(program: Program, fuse: bool, kink: str, strict: bool, limits: Limits, dtype: str = "float64") -> Function:
    return Function(program, fuse=fuse, kink=kink, strict=strict, limits=limits, dtype=dtype)
