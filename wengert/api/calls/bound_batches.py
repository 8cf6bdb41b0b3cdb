"""Bound functions at batches: the batch kernel, which writes into the caller's arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ...ground.errors import LimitError, ShapeError, UsageError, error, shown
from ...ground.limits import check_clock, within
from ...kernels.arguments import as_value
from ...kernels.batch_calls import batch_shape, fill
from ...kernels.batches import BatchRoute
from ...kernels.kernel import BatchRun
from ...kernels.kernel_names import FOR_POINTS
from ...kernels.native.lanes import LaneBatch
from ...ops.shapes.dimensions import shown as shown_shape
from ...sweeps.nonfinite import all_finite
from ..kinks.at_kinks import may_be_singular, may_differ, recomputed
from .routed import gradient_of, masked

if TYPE_CHECKING:
    from ..function import Function

Array = Any
# Below this number of elements times equations, a call is too short to need a clock.
BRIEF = 1 << 20
# How many steps may be spent on whether two arrays share an element. Without an answer they count as shared.
WORK: Any = 10_000


class BoundBatches:
    """The values of a function, or its value and its derivatives in all inputs, at arrays by position.

    For values, `out` is an array for each output, or one array where there is one output. For a value and its gradient
    it is a pair: an array for the value, and an array whose first axis is that of the inputs, or an array for each
    input. Each has the shape of the batch.
    """

    def __init__(self, f: Function, gradient: bool) -> None:
        self.f, self.gradient = f, gradient
        self.setting = f.lists.of_running
        derive = masked(gradient_of(f, f.inputs), True) if gradient else None
        key = ("gradient", f.inputs) if gradient else "value"
        self.route: BatchRoute = self.setting.batch_route(key, derive, f.options.kernel)
        self.dtype = np.dtype(f.dtype)
        self.swept = gradient and f.kink == "error" or f.options.kernel in FOR_POINTS
        # Whether a derivative may have to be recomputed at a kink; None before the first call.
        self.kinked: bool | None = None if gradient else False
        self.run: BatchRun | None = None  # the kernel's callable, if only the numbers decide an answer
        # The arrays of the last call, the shape of the gradient, the kernel's fastest entry, and the rows.
        self.last: tuple[Any, Any, tuple[int, ...], Callable[..., bool], list[Any]] | None = None
        self.count = len(f.inputs) + 1 if gradient else len(f.outputs)

    def __call__(self, args: Sequence[Any], out: Any) -> Any:
        """The arrays by position, as a tuple; `out` itself if it is given. Raises ShapeError, UsageError."""
        if type(out) is tuple and self._quick(args, out):
            return out
        f = self.f
        values = [v if type(v) is float or type(v) is np.ndarray and v.dtype == self.dtype and v.ndim
                  else as_value(v, name, f.dtype) for v, name in zip(args, f.inputs)]  # fmt: skip
        shape = batch_shape(values)
        if shape is None:
            # Only numbers, or axes that do not broadcast: the sweeps report it.
            shape = self.setting.at(dict(zip(f.inputs, values))).batch
        outs = [np.empty(shape, self.dtype) for _ in range(self.count)] if out is None else self._arrays(out, shape)
        if out is not None:
            self._check_memory(values, out if self.gradient and self._is_array(out[1]) else outs)
        if prod(shape) * self.route.size <= BRIEF:
            check_clock()
            self._write(values, shape, outs)
        else:
            with within(f.limits):
                self._write(values, shape, outs)
        return tuple(outs) if out is None else out

    def _quick(self, args: Sequence[Any], out: tuple[Any, ...]) -> bool:
        """Write the answers in the simplest case, and say whether it applied: floats, contiguous vectors of one length,
        and one array for the gradient."""
        if not self.gradient or self.run is None or len(out) != 2:
            return False
        value, gradient = out
        # The same arrays were checked in the last call, and the kernel checks the rest.
        same = (last := self.last) is not None and value is last[0] and gradient is last[1]
        if last and same and gradient.shape == last[2] and gradient.flags.carray and last[3](*args, *last[4]):
            self.route.points, self.f._ran = last[2][1], self.route
            return True
        dtype, array = self.dtype, np.ndarray
        if type(value) is not array or value.dtype is not dtype or value.ndim != 1 or value is gradient:
            return False
        if type(gradient) is not array or gradient.dtype is not dtype:
            return False
        shape = value.shape
        n = shape[0]
        if gradient.shape != (len(args), n) or not 0 < n * self.route.size <= BRIEF:
            return False
        # Arrays that own their memory share none with each other; others need a closer look.
        kind, other = value.flags, gradient.flags
        if not (kind.owndata and other.owndata and kind.carray and other.carray):
            return False
        arrays = False
        for v in args:
            if type(v) is array:
                if v.dtype is not dtype or v.base is not None or v is value or v is gradient or v.shape != shape:
                    return False
                arrays = True
            elif type(v) is not float:
                return False
        if not arrays:
            return False
        rows = [value, *gradient]
        if isinstance(self.run, LaneBatch):
            self.last = value, gradient, gradient.shape, self.run.plainly, rows
        try:
            self.run(args, rows)
        except LimitError:
            raise
        except Exception:  # from a caller's own op: the sweeps say where it is
            return False
        self.route.points, self.f._ran = n, self.route
        return True

    def _write(self, values: Sequence[Any], shape: tuple[int, ...], outs: Sequence[Array]) -> None:
        f = self.f
        run = None if self.swept or not shape or prod(shape) > f.limits.elements else self.route.prepared()
        if self.kinked is None:
            point = dict(zip(f.inputs, values))
            self.kinked = may_differ(f, self.setting, point, f.inputs) or may_be_singular(
                f, self.setting, point, f.inputs
            )
        if not f.strict and not self.kinked and f.limits.elements >= BRIEF:
            self.run = run
        if run is not None:
            self.route.points = prod(shape)
            f._ran = self.route
            try:
                fill(run, values, shape, outs)
                if self.kinked:
                    self._settle(values, outs[1:])
            except LimitError:
                raise
            except Exception:  # from a caller's own op: the sweeps say where it is
                run = None
        if run is None:
            point = dict(zip(f.inputs, values))
            found = f.value_and_grad(point) if self.gradient else f(point)
            parts = (found[0], *found[1]) if self.gradient else found if self.count != 1 else (found,)
            for place, part in zip(outs, parts):
                place[...] = part
        if f.strict and not all(map(all_finite, outs[:1] if self.gradient else outs)):
            f._refuse(dict(zip(f.inputs, values)))

    def _settle(self, values: Sequence[Any], partials: Sequence[Array]) -> None:
        """Recompute the derivatives at kinks, where the ops' own rules may be wrong."""
        found = recomputed(self.f, self.setting, dict(zip(self.f.inputs, values)), self.f.inputs, [partials])
        for place, row in zip(partials, found.rows[0]):
            if row is not place:
                place[...] = row

    # The caller's arrays

    def _is_array(self, a: Any) -> bool:
        return isinstance(a, np.ndarray)

    def _arrays(self, out: Any, shape: tuple[int, ...]) -> list[Array]:
        """The caller's arrays, one for each output. Raises ShapeError, UsageError."""
        if not self.gradient:
            whole = self._is_array(out) and len(self.f.outputs) == 1
            return self._checked([out] if whole else self._each(out, self.f.outputs), self.f.outputs, shape)
        if self._is_array(out) or not isinstance(out, (tuple, list)) or len(out) != 2:
            raise error(UsageError, "W607", f"`out` is a pair, of the value and of its gradient, not {shown(out)}",
                        help="`out=(v, g)`, where g has an axis for the inputs before those of v")  # fmt: skip
        value, gradient = out
        self._check(value, "the value", shape)
        outputs = [value]
        if self._is_array(gradient):
            self._check(gradient, "the gradient", (len(self.f.inputs), *shape))
            return outputs + [gradient[k, ...] for k in range(len(gradient))]
        return outputs + self._checked(self._each(gradient, self.f.inputs), self.f.inputs, shape)

    def _each(self, out: Any, names: Sequence[str]) -> list[Any]:
        if self._is_array(out) and (not out.ndim or len(out) != len(names)):
            what = f"`out` has the shape {shown_shape(out.shape)}, and is for {len(names)} arrays"
            raise error(ShapeError, "W702", what, help=f"one for each of {', '.join(names)}")
        if not isinstance(out, (tuple, list, np.ndarray)) or len(out) != len(names):
            raise error(UsageError, "W607", f"`out` is no sequence of {len(names)} arrays: {shown(out)}",
                        help=f"one for each of {', '.join(names)}")  # fmt: skip
        return list(out)

    def _checked(self, arrays: list[Any], names: Sequence[str], shape: tuple[int, ...]) -> list[Array]:
        for a, name in zip(arrays, names):
            self._check(a, f"`{name}`", shape)
        return arrays

    def _check(self, a: Any, name: str, shape: tuple[int, ...]) -> None:
        if not isinstance(a, np.ndarray) or a.dtype != self.dtype:
            kind = f"an array of {a.dtype}" if isinstance(a, np.ndarray) else shown(a)
            raise error(UsageError, "W607", f"`out` for {name} must be an array of {self.dtype}, not {kind}",
                        help=f"`numpy.empty({shape}, {str(self.dtype)!r})`")  # fmt: skip
        if a.shape != shape:
            what = f"`out` for {name} has the shape {shown_shape(a.shape)}, and the answer has {shown_shape(shape)}"
            raise error(ShapeError, "W702", what)
        if not a.flags.writeable:
            raise error(
                UsageError, "W607", f"`out` for {name} is read-only", help="give an array of your own, or a copy"
            )
        if _overlaps_itself(a):
            raise error(UsageError, "W607", f"elements of `out` for {name} share memory", help="give each its own")

    def _check_memory(self, values: Sequence[Any], outs: Sequence[Array]) -> None:
        """Raise UsageError if an array to write shares memory with an input or with another."""
        for k, a in enumerate(outs):
            for v, name in zip(values, self.f.inputs):
                if type(v) is not float and np.may_share_memory(a, v) and _share(a, v):
                    raise error(UsageError, "W607", f"`out` shares memory with the input `{name}`",
                                help="inputs are never changed: give an array of its own")  # fmt: skip
            for b in outs[k + 1 :]:
                if np.may_share_memory(a, b) and _share(a, b):
                    raise error(UsageError, "W607", "two arrays of `out` share memory", help="give each its own")


def _overlaps_itself(a: Array) -> bool:
    """Whether two elements of an array may share memory.

    They may if the step along one axis is shorter than the span of the axes with shorter steps.
    """
    extent = a.itemsize
    for step, size in sorted((abs(step), size) for step, size in zip(a.strides, a.shape) if size > 1):
        if step < extent:
            return bool(a.size)
        extent += step * (size - 1)
    return False


def _share(a: Array, b: Array) -> bool:
    try:
        return bool(np.shares_memory(a, b, max_work=WORK))
    except np.exceptions.TooHardError:
        return True


def bound_batches(f: Function, gradient: bool) -> Callable[[Sequence[Any], Any], Any]:
    """The function over arrays that `Function.bind` makes at its first call with arrays."""
    return BoundBatches(f, gradient)
