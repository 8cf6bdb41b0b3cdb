"""A compiled program: what it is, the lists that are made of it, and how its inputs get their values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from ..ground.errors import Diagnostic, DomainError, UsageError, error
from ..ground.limits import UNTRUSTED, Limits, checked, start, stop, within
from ..kernels.arguments import bind_arguments, sequence
from ..kernels.evaluation import Evaluation
from ..kernels.prepared import Prepared
from ..kernels.routes import AUTO, checked_kernel
from ..language import Program
from ..language.printer import program_text
from ..lists.wengert_list import WengertList, constants_of
from ..ops import CONSTANTS, DERIVATIVES
from ..ops.shapes.dimensions import shown as shown_shape
from ..sweeps.forward import forward_sweep
from ..sweeps.notes import blame_value, reached
from ..sweeps.rules import checked_kink
from ..transforms.derivatives import gradient
from ..transforms.expand import expand
from ..transforms.simplify import Receipt, fuse

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound="Compiled")


def timed(method: Callable[Concatenate[C, P], T]) -> Callable[Concatenate[C, P], T]:
    """A method, under the clock of its limits."""

    @wraps(method)
    def run(f: C, /, *args: P.args, **options: P.kwargs) -> T:
        started = start(f.limits)
        try:
            return method(f, *args, **options)
        finally:
            stop(started)

    return run


class Compiled:
    """A program with its options: what does not depend on how it is called. Equal to another of the same program with
    the same options."""

    def __init__(
        self, program: Program, *, fuse: bool = True, kink: str = "mean", strict: bool = False,
        limits: Limits = UNTRUSTED, dtype: str = "float64", kernel: str = AUTO,
    ) -> None:  # fmt: skip
        self.program, self.dtype, self.asked = program, dtype, checked_kernel(kernel)
        self.fuse, self.kink, self.strict, self.limits = fuse, checked_kink(kink), strict, checked(limits)
        self._gradients: dict[Any, Prepared] = {}
        # What is made once for each way to ask for it.
        self.kept: dict[Any, Any] = {}

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
    @timed
    def _fused(self) -> tuple[WengertList, tuple[Receipt, ...]]:
        return fuse(self.program.wlist) if self.fuse else (self.program.wlist, ())

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """What fusing changed, and why."""
        return self._fused[1]

    @cached_property
    @timed
    def running_list(self) -> WengertList:
        """The list that is evaluated: fused, and its derivative expressions expanded."""
        return expand(self._fused[0], kink=self.kink, limits=self.limits)

    @cached_property
    @timed
    def reading_list(self) -> WengertList:
        """As `running_list`, for formulas: it does not say that a derivative is nan where what it is of is nan."""
        return expand(self._fused[0], kink=self.kink, limits=self.limits, masked=False)

    @cached_property
    @timed
    def written_list(self) -> WengertList:
        """The list as written, its derivative expressions expanded: what traces show."""
        return expand(self.program.wlist, kink=self.kink, limits=self.limits)

    @cached_property
    @timed
    def gradient_list(self) -> WengertList:
        """The gradient as a list: the reverse sweep's equations after the forward sweep's."""
        return gradient(self.running_list, kink=self.kink, limits=self.limits)

    @cached_property
    def _running(self) -> Prepared:
        return self._setting(self._fused[0])

    @cached_property
    def _written(self) -> Prepared:
        return self._setting(self.program.wlist)

    def _setting(self, wlist: WengertList) -> Prepared:
        if not any(e.op in DERIVATIVES for e in wlist.equations):
            return Prepared(wlist, self.limits, dtype=self.dtype)

        def expanded(shapes: Mapping[str, Any]) -> WengertList:
            if not shapes:
                return expand(wlist, kink=self.kink, limits=self.limits)
            return expand(wlist, kink=self.kink, limits=self.limits, shapes=shapes)

        return Prepared(wlist, self.limits, expanded, dtype=self.dtype)

    def _gradient_at(self, point: Mapping[str, Any], names: tuple[str, ...]) -> Prepared:
        """The gradient list in some names, for the shapes of a point: made once for each."""
        setting = self._single(names)
        wlist = self.running_list if setting is self._running and not setting.arrays else setting.wlist
        shapes = None
        if setting.arrays:
            call = setting.at(point)
            wlist = call.wlist
            self._is_number(call, wlist.outputs[0])
            shapes = call.given
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
            found = self._gradients[key] = Prepared(glist, self.limits, None, shapes or setting.core, self.dtype)
        return found

    def _is_number(self, call: Evaluation, output: Any) -> None:
        if shape := call.shape(output):
            what = f"a gradient is of a number, and this output has the shape {shown_shape(shape)}"
            raise error(UsageError, "W603", what, help="take the jacobian, or a sum")

    def clocked(self, make: Callable[[], T]) -> Callable[[], T]:
        """What is worked out when it is asked for, under the clock of the limits then."""

        def made() -> T:
            with within(self.limits):
                return make()

        return made

    # Points

    def called(self, point: Mapping[str, Any]) -> Evaluation:
        """The list that is evaluated, at a point: floats and arrays as `point` gives them."""
        return self._running.at(point)

    def point(self, args: Sequence[Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """Values of all inputs, from positions, names and defaults; see `kernels.arguments.bind_arguments`."""
        return bind_arguments(self.inputs, args, values, self.program.defaults, self.constants, self.dtype)

    def _one(self, point: Any) -> dict[str, Any]:
        return self.point((point,) if isinstance(point, Mapping) else tuple(sequence(point, "point")), {})

    def _are_inputs(self, wrt: Iterable[str] | str | None) -> bool:
        return wrt is None or (wrt in self.inputs if isinstance(wrt, str) else set(wrt) <= set(self.inputs))

    def _numbers_only(self, what: str, point: Mapping[str, Any]) -> WengertList:
        """The list, where all is numbers. Raises UsageError."""
        if self._running.arrays or not all(type(v) is float for v in point.values()):
            raise error(UsageError, "W609", f"{what}: only for programs over numbers, and this one is over arrays")
        return self.running_list

    def _single(self, wrt: Iterable[str] | str | None) -> Prepared:
        """The list to differentiate; one that was fused may have lost the intermediates that `wrt` asks for."""
        setting = self._running if self._are_inputs(wrt) else self._written
        wlist = setting.wlist
        if len(wlist.outputs) != 1:
            raise error(UsageError, "W603", f"a gradient is of one output, and this program has {len(wlist.outputs)}",
                        help="take the jacobian")  # fmt: skip
        return setting

    def _refuse(self, point: Mapping[str, Any]) -> None:
        if (blamed := self.blame(point)) is not None:
            raise DomainError(blamed)

    @timed
    def blame(self, point: Mapping[str, Any]) -> Diagnostic | None:
        """What made a value nan or infinite, if anything did."""
        with self._running.at(point) as call:
            tape = forward_sweep(call.wlist, call.values, call.apply)
            return blame_value(call.wlist, tape, reached(call.wlist, tape, call.apply), call.apply)

    # Plain behaviour

    def _key(self) -> tuple[Any, ...]:
        return self.program.wlist, tuple(self.program.defaults.items()), self.fuse, self.kink, self.strict, self.dtype

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Compiled) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        options = (self.fuse, self.kink, self.strict, self.limits, self.dtype, self.asked)
        return _rebuilt, (type(self), self.program, *options)

    def __repr__(self) -> str:
        text = " ".join(self.program.source.text.split()) or " ".join(str(self).split("\n"))
        shown = text if len(text) <= 60 else f"{text[:57]}…"
        return f"<wengert.{type(self).__name__} {', '.join(self.inputs)} -> {', '.join(self.outputs)}: {shown}>"

    @timed
    def __str__(self) -> str:
        return program_text(self.program)


def _rebuilt(
    kind: type[C], program: Program, fuse: bool, kink: str, strict: bool, limits: Limits, dtype: str = "float64",
    kernel: str = AUTO,
) -> C:  # fmt: skip
    return kind(program, fuse=fuse, kink=kink, strict=strict, limits=limits, dtype=dtype, kernel=kernel)
