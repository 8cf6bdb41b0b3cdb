"""Bound functions of programs over arrays: a kernel that loops over elements, from arrays to arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ...ground.errors import UsageError, error
from ...ground.limits import within
from ...kernels.looped import LoopRoute
from ...ops import OPS
from ...sweeps.nonfinite import all_finite
from ..kinks.at_kinks import may_differ
from .bound_batches import BRIEF, BoundBatches
from .routed import differentiating, gradient_of, masked

if TYPE_CHECKING:
    from ...kernels.native.rolled import FrameRun
    from ..function import Function


class BoundArrays(BoundBatches):
    """The values of a function, or its value and its derivatives in all inputs, at arrays by position.

    `out` is as for a batch, except for the shapes: each array has the shape of its output, or of its input.
    """

    def __init__(self, f: Function, gradient: bool) -> None:
        self.f, self.gradient = f, gradient
        self.dtype = np.dtype(f.dtype)
        self.shapes: tuple[tuple[int, ...], ...] = ()
        self.generation = -1
        self.loops: LoopRoute | None = None
        # The position of each answer among all elements, and its shape.
        self.cuts: list[tuple[Any, tuple[int, ...]]] = []
        # The shapes of the last arguments for which there is no loop.
        self.without: tuple[Any, ...] | None = None

    def __call__(self, args: Sequence[Any], out: Any) -> Any:
        """The answers by position, as a tuple; `out` itself if it is given. Raises ShapeError, UsageError."""
        f, given = self.f, None
        if len(args) != len(f.inputs):
            raise error(UsageError, "W605", f"{len(args)} values for {len(f.inputs)} inputs",
                        help=f"the inputs are {', '.join(f.inputs) or 'none'}")  # fmt: skip
        loops = self.loops
        if loops is not None and self.generation == OPS.generation:
            given = self._given(args)
        if given is None:
            shapes = tuple([getattr(a, "shape", None) for a in args])
            if self.without != shapes or self.generation != OPS.generation:
                with within(f.limits):
                    point = f.point(tuple(args), {})
                    args = [point[n] for n in f.inputs]
                    loops = self.loops = self._route(point)
                    given = None if loops is None else self._given(args)
                self.without, self.generation = (shapes if given is None else None), OPS.generation
        answers = None
        if given is not None and loops is not None and (run := loops.run) is not None:
            f._ran = loops
            answers = self._by_loops(run, given)
        if answers is None:
            answers = self._swept(args)
        if out is None:
            return tuple(answers)
        wanted = self._outs(out, [np.shape(a) for a in answers])
        self._check_memory([a for a in args if type(a) is np.ndarray], wanted)
        for place, answer in zip(wanted, answers):
            place[...] = answer
        return out

    def _given(self, args: Sequence[Any]) -> Any:
        """All elements of the arguments in one vector; None for arguments of other kinds or shapes."""
        if len(args) == 1:
            (a,) = args
            if type(a) is np.ndarray and a.dtype == self.dtype and a.shape == self.shapes[0]:
                return a if a.flags.c_contiguous else np.ascontiguousarray(a)
        parts: list[Any] = []
        for a, shape in zip(args, self.shapes):
            if type(a) is float and not shape:
                parts.append([a])
            elif type(a) is np.ndarray and a.dtype == self.dtype and a.shape == shape:
                parts.append(a.ravel())
            else:
                return None
        return np.concatenate(parts) if parts else None

    def _route(self, point: dict[str, Any]) -> LoopRoute | None:
        """The route to a kernel that loops over elements, for the shapes of a point; None if there is none."""
        f = self.f
        if not f.decided or self.gradient and f.kink == "error":
            return None
        setting = f.lists.of_running
        call = setting.at(point)
        if len(call.values) != len(f.inputs) or self.gradient and call.shape(call.wlist.outputs[0]):
            return None
        if self.gradient and may_differ(f, setting, point, f.inputs):
            return None
        values = [call.values[n] for n in f.inputs]
        key = ("gradient", f.inputs) if self.gradient else "value"
        derive = masked(gradient_of(f, f.inputs, call.given), False) if self.gradient else None
        gradient = (f.inputs, differentiating(f)) if self.gradient else None
        route = setting.loop_route(key, call, derive, f.options.kernel, values, gradient)
        if route is None or route.prepared() is None:
            return None
        at = 0
        self.cuts = []
        for shape in route.shapes:
            size = prod(shape)
            self.cuts.append((slice(at, at + size) if shape else at, shape))
            at += size
        self.shapes = tuple([() if type(v) is float else v.shape for v in values])
        return route

    def _by_loops(self, run: FrameRun, given: Any) -> list[Any] | None:
        """The answers; None if the sweeps must give them."""
        flat = np.empty(run.outputs)
        if run.steps <= BRIEF:
            run(given, flat)
        else:
            with within(self.f.limits):
                run(given, flat)
        if self.gradient and not (isfinite(flat[0]) and all_finite(flat)):
            return None  # a derivative that is not finite may be at a kink
        found = [flat[at].reshape(shape) if shape else flat.item(at) for at, shape in self.cuts]
        return None if self.f.strict and not all(map(all_finite, found)) else found

    def _swept(self, args: Sequence[Any]) -> list[Any]:
        f = self.f
        if self.gradient:
            value, gradient = f.value_and_grad(*args)
            return [value, *gradient]
        found = f(*args)
        return [found] if len(f.outputs) == 1 else list(found)

    def _outs(self, out: Any, shapes: Sequence[tuple[int, ...]]) -> list[Any]:
        """The caller's arrays, one for each answer. Raises ShapeError, UsageError."""
        f = self.f
        names = [*f.outputs, *(f.inputs if self.gradient else ())]
        if self.gradient:
            if self._is_array(out) or not isinstance(out, (tuple, list)) or len(out) != 2:
                raise error(UsageError, "W607", "`out` is a pair, of the value and of its gradient",
                            help="`out=(v, g)`, where v has no axis and g is an array for each input")  # fmt: skip
            whole = self._is_array(out[1]) and len(f.inputs) == 1
            arrays = [out[0], *([out[1]] if whole else self._each(out[1], f.inputs))]
        else:
            arrays = [out] if self._is_array(out) and len(names) == 1 else self._each(out, names)
        for a, name, shape in zip(arrays, names, shapes):
            self._check(a, "the value" if self.gradient and a is arrays[0] else f"`{name}`", shape)
        return arrays


def bound_arrays(f: Function, gradient: bool) -> Callable[..., Any]:
    """The bare function of a program over arrays."""
    made = BoundArrays(f, gradient)

    def bound(*args: Any, out: Any = None) -> Any:
        return made(args, out)

    return bound
