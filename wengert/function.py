"""The embedding API: `compile` a program, then call it and its derivatives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, wraps
from math import isfinite
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from .bounds import error_bounds
from .diagnosis import blame_derivative, blame_value, kinks, reached
from .errors import DomainError, UsageError, error, lines_of, shown
from .language import Program
from .language.printer import program_text
from .limits import UNTRUSTED, Limits, checked, exceeded, start, stop
from .ops import CONSTANTS
from .points import bound, directed, sequence
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


class Expectation(NamedTuple):
    """How an `expect` of a program came out: the statement's line and text, and both numbers."""

    line: int
    text: str
    value: float
    expected: float
    ok: bool


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
        limits: Limits = UNTRUSTED,
    ) -> None:  # fmt: skip
        self.program = program
        self.fuse, self.kink, self.strict, self.limits = fuse, checked_kink(kink), strict, checked(limits)

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

    # Calling it

    @_timed
    def __call__(self, /, *args: Any, **values: Any) -> Any:
        """The value: a float, or for several outputs `Values` addressed by name and position."""
        wlist = self.running_list
        answers = evaluate(wlist, self.point(args, values), numbers(wlist.ops))
        if self.strict and not all(map(isfinite, answers)):
            self._refuse(self.point(args, values))
        return answers[0] if len(answers) == 1 else Values(self.outputs, answers)

    @_timed
    def value_and_grad(
        self, /, *args: Any, wrt: Iterable[str] | str | None = None, mode: str = "reverse", **values: Any
    ) -> tuple[float, Gradient]:
        """The value and its derivatives in all inputs, or in the names of `wrt` (inputs or intermediates).

        `mode` is "reverse" (one sweep for all) or "forward" (one sweep each). Raises UsageError for several outputs.
        """
        point = self.point(args, values)
        wlist = self._single(wrt)
        names = chosen(wlist, wrt)
        apply = numbers(wlist.ops)
        tape = forward_sweep(wlist, point, apply)
        output = wlist.outputs[0]
        value = tape[output] if isinstance(output, str) else output
        steps: list[Any] = []
        if mode == "reverse":
            seeds = {output: 1.0} if isinstance(output, str) else {}
            adjoint = reverse_sweep(wlist, tape, seeds, apply, self.kink, _watch(steps), depending(wlist, names))
            partials = [adjoint.get(n, 0.0) for n in names]
        elif mode == "forward":

            def along(k: int, i: int, local: float, tangent: float, product: float) -> None:
                if not isfinite(product):
                    steps.append((k, i, tangent, local, product))

            moved = (tangent_sweep(wlist, tape, {n: 1.0}, apply, self.kink, along) for n in names)
            partials = [t.get(output, 0.0) if isinstance(output, str) else 0.0 for t in moved]
        else:
            raise error(UsageError, "W604", f"unknown mode `{mode}`", help="reverse or forward")

        def notes() -> Notes:
            return self._notes(wlist, tape, names, steps)

        if self.strict and not isfinite(value):
            self._refuse(point)
        gradient = Gradient(names, partials, notes)
        if self.kink == "error":
            _ = gradient.notes
        return value, gradient

    def grad(self, /, *args: Any, **options: Any) -> Gradient:
        """The derivatives alone; see `value_and_grad`."""
        return self.value_and_grad(*args, **options)[1]

    @_timed
    def jvp(self, point: Any, tangent: Any) -> Any:
        """The derivative along a direction, one tangent sweep: a float, or `Values` for several outputs.

        `point` and `tangent` are mappings by name or sequences by position; inputs missing from a mapping `tangent`
        do not move.
        """
        wlist = self.running_list
        values, direction = self._one(point), directed(tangent, self.inputs, "tangent")
        apply = numbers(wlist.ops)
        tape = forward_sweep(wlist, values, apply)
        moved = tangent_sweep(wlist, tape, direction, apply, self.kink)
        if self.kink == "error":
            self._notes(wlist, tape, tuple(direction), [])
        answers = [moved.get(a, 0.0) if isinstance(a, str) else 0.0 for a in wlist.outputs]
        return answers[0] if len(answers) == 1 else Values(self.outputs, answers)

    @_timed
    def vjp(self, point: Any, adjoint: Any = 1.0) -> Gradient:
        """The gradient of a weighted sum of the outputs, one reverse sweep.

        `adjoint` is a number for one output; a mapping by name or a sequence by position for several.
        """
        wlist = self.running_list
        weights = directed([adjoint] if isinstance(adjoint, (int, float)) else adjoint, self.outputs, "adjoint")
        values = self._one(point)
        apply = numbers(wlist.ops)
        tape = forward_sweep(wlist, values, apply)
        seeds: dict[str, float] = {}
        for output, name in zip(wlist.outputs, self.outputs):
            if isinstance(output, str) and name in weights:
                seeds[output] = seeds.get(output, 0.0) + weights[name]
        adjoints = reverse_sweep(wlist, tape, seeds, apply, self.kink, None, depending(wlist, self.inputs))
        return Gradient(self.inputs, [adjoints.get(n, 0.0) for n in self.inputs],
                        self._notes(wlist, tape, self.inputs, []))  # fmt: skip

    @_timed
    def jacobian(self, /, *args: Any, wrt: Iterable[str] | str | None = None, **values: Any) -> Matrix:
        """Derivatives of every output (rows) in every input or name of `wrt` (columns), one reverse sweep a row."""
        wlist = self.running_list if self._are_inputs(wrt) else self.written_list
        names = chosen(wlist, wrt)
        tape = forward_sweep(wlist, self.point(args, values), numbers(wlist.ops))
        steps: list[Any] = []
        rows = _rows(wlist, tape, names, self.kink, steps)
        return Matrix(self.outputs, names, rows, self._notes(wlist, tape, names, steps))

    @_timed
    def hvp(self, point: Any, direction: Any) -> Gradient:
        """The Hessian times a direction, a tangent sweep over the gradient list; no Hessian is formed."""
        self._single(None)
        glist = self.gradient_list
        values, moving = self._one(point), directed(direction, self.inputs, "direction")
        apply = numbers(glist.ops)
        tape = forward_sweep(glist, values, apply)
        moved = tangent_sweep(glist, tape, moving, apply, self.kink)
        answers = [moved.get(a, 0.0) if isinstance(a, str) else 0.0 for a in glist.outputs]
        return Gradient(self.inputs, answers, self._notes(glist, tape, self.inputs, []))

    @_timed
    def hessian(self, /, *args: Any, wrt: Iterable[str] | str | None = None, **values: Any) -> Matrix:
        """Second derivatives in all inputs or the names of `wrt`: a reverse sweep over the gradient list for each."""
        wlist = self._single(wrt)
        names = chosen(wlist, wrt)
        if names == self.inputs:
            glist = self.gradient_list
        else:
            glist = gradient(wlist, names, kink=self.kink, limits=self.limits)
        tape = forward_sweep(glist, self.point(args, values), numbers(glist.ops))
        steps: list[Any] = []
        rows = _rows(glist, tape, names, self.kink, steps)
        return Matrix(names, names, rows, self._notes(glist, tape, names, steps))

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
        wlist = self.running_list
        found = taylor_sweep(wlist, {**CONSTANTS, **values}, moving, order, numbers(wlist.ops), self.kink)
        rows = [row[: order + 1] for row in found]
        return rows[0] if len(rows) == 1 else Values(self.outputs, rows)

    @_timed
    def error_bounds(self, /, *args: Any, **values: Any) -> ErrorBounds:
        """How far rounding may have moved the value and each derivative, from the adjoints; see `bounds`.

        Raises UsageError for several outputs.
        """
        wlist, point = self._single(None), self.point(args, values)
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
        program = self.program
        if program.checked is None:
            return []
        checked = fuse(program.checked)[0] if self.fuse else program.checked
        checked = expand(checked, kink=self.kink, limits=self.limits)
        answers = evaluate(checked, self.point(args, values), numbers(checked.ops))
        text = program.source.text
        lines = lines_of(text, (e.span.start for e in program.expects))
        return [
            Expectation(
                line,
                " ".join(text[e.span.start : e.span.end].split()),
                answer,
                e.expected,
                agrees(answer, e.expected, e.half_unit),
            )
            for e, answer, line in zip(program.expects, answers, lines)
        ]

    # Points

    def point(self, args: Sequence[Any], values: Mapping[str, Any]) -> dict[str, float]:
        """Values of all inputs, from positions, names and defaults; see `points.bound`."""
        return bound(self.inputs, args, values, self.program.defaults, self.constants)

    def _one(self, point: Any) -> dict[str, float]:
        return self.point((point,) if isinstance(point, Mapping) else tuple(sequence(point, "point")), {})

    def _are_inputs(self, wrt: Iterable[str] | str | None) -> bool:
        return wrt is None or (wrt in self.inputs if isinstance(wrt, str) else set(wrt) <= set(self.inputs))

    def _single(self, wrt: Iterable[str] | str | None) -> WengertList:
        """The list to differentiate; one that was fused may have lost the intermediates that `wrt` asks for."""
        wlist = self.running_list if self._are_inputs(wrt) else self.written_list
        if len(wlist.outputs) != 1:
            raise error(UsageError, "W603", f"a gradient is of one output, and this program has {len(wlist.outputs)}",
                        help="take the jacobian")  # fmt: skip
        return wlist

    # What is said of a point

    @_timed
    def _notes(
        self, wlist: WengertList, tape: Mapping[str, float], names: Sequence[str], steps: Sequence[Any]
    ) -> Notes:
        live = reached(wlist, tape)
        found = kinks(wlist, tape, live, depending(wlist, names), self.kink)
        blamed = blame_value(wlist, tape, live)
        notes = [blamed] if blamed is not None else []
        notes += found
        alive = set(live)
        steps = [step for step in steps if step[0] in alive]
        if steps and not notes:
            worse = blame_derivative(wlist, tape, steps)
            notes += [worse] if worse is not None else []
        return tuple(notes)

    def _refuse(self, point: Mapping[str, float]) -> None:
        wlist = self.running_list
        tape = forward_sweep(wlist, point, numbers(wlist.ops))
        if (blamed := blame_value(wlist, tape, reached(wlist, tape))) is not None:
            raise DomainError(blamed)

    # Plain behaviour

    def _key(self) -> tuple[Any, ...]:
        return self.program.wlist, tuple(self.program.defaults.items()), self.fuse, self.kink, self.strict

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.program, self.fuse, self.kink, self.strict, self.limits)

    def __repr__(self) -> str:
        text = " ".join(self.program.source.text.split()) or " ".join(str(self).split("\n"))
        shown = text if len(text) <= 60 else f"{text[:57]}…"
        return f"<wengert.Function {', '.join(self.inputs)} -> {', '.join(self.outputs)}: {shown}>"

    @_timed
    def __str__(self) -> str:
        return program_text(self.program)


def _watch(steps: list[Any]) -> Any:
    """A visitor of the reverse sweep that keeps the steps whose product is nan or infinite."""

    def visit(k: int, i: int, *step: Any) -> None:
        if step and not isfinite(step[2]):
            steps.append((k, i, *step[:3]))

    return visit


def _rows(
    wlist: WengertList, tape: Mapping[str, float], names: Sequence[str], kink: str, steps: list[Any]
) -> list[list[float]]:
    """Derivatives of every output in `names`, a reverse sweep an output."""
    apply, active, visit = numbers(wlist.ops), depending(wlist, names), _watch(steps)
    rows = []
    for output in wlist.outputs:
        seeds = {output: 1.0} if isinstance(output, str) else {}
        adjoint = reverse_sweep(wlist, tape, seeds, apply, kink, visit, active)
        rows.append([adjoint.get(n, 0.0) for n in names])
    return rows


def _rebuilt(program: Program, fuse: bool, kink: str, strict: bool, limits: Limits) -> Function:
    return Function(program, fuse=fuse, kink=kink, strict=strict, limits=limits)


def agrees(value: float, expected: float, half_unit: float) -> bool:
    """Whether a value is what an `expect` says: as rounded to the digits written, and to 1e-12 relative at least."""
    if value == expected or (value != value and expected != expected):
        return True
    if not isfinite(expected):
        return False
    return abs(value - expected) <= max(half_unit * (1 + 1e-9), 1e-12 * abs(expected))
