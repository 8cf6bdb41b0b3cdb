"""Calls of `value_and_grad` with arrays of the same shapes as before: they go straight to the prepared plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from ...ground.errors import LimitError
from ...kernels.evaluation import Evaluation
from ...kernels.plans import PROBLEMS, PlanRoute
from ...ops import OPS
from ..results import Gradient

if TYPE_CHECKING:
    from ..function import Function


class ReadyPlan:
    """The plan for a value and its derivatives in `names`, and the shapes for which it was made."""

    __slots__ = ("dtype", "f", "generation", "names", "plan", "route", "shapes")

    def __init__(self, f: Function, call: Evaluation, names: tuple[str, ...], route: PlanRoute) -> None:
        self.f, self.names, self.route, self.dtype = f, names, route, np.dtype(f.dtype)
        self.generation = OPS.generation
        values = [call.values[n] for n in f.inputs]
        self.shapes = [None if type(v) is float else v.shape for v in values]
        self.plan = route.plan_for(values)

    @property
    def serves(self) -> bool:
        """Whether the plan's outputs can be given away without a copy."""
        return self.plan is not None and self.plan.fresh

    def __call__(self, args: Sequence[Any], values: Mapping[str, Any]) -> tuple[Any, Gradient] | None:
        """The value and its derivatives; None if the arguments are not arrays of these shapes, or if only the general
        method answers."""
        f, plan = self.f, self.plan
        point = self._point(args, values)
        if point is None or plan is None:
            return None
        try:
            with np.errstate(all="ignore"):
                found = plan(point)
        except LimitError:
            raise
        except PROBLEMS:
            return None
        if not isfinite(found[0]):
            return None
        f._ran = self.route
        notes = partial(self.notes, dict(zip(f.inputs, point)))
        return found[0], Gradient(self.names, found[1:], notes)

    def notes(self, point: dict[str, Any]) -> Any:
        """The notes on the derivatives at a point."""
        from .routed import notes_at

        return notes_at(self.f, self.names, point)

    def _point(self, args: Sequence[Any], values: Mapping[str, Any]) -> Sequence[Any] | None:
        """The values of the inputs in order, if they are floats and contiguous arrays of the right shapes."""
        inputs = self.f.inputs
        if self.generation != OPS.generation:
            return None
        given = args[0] if len(args) == 1 and type(args[0]) is dict and not values else values
        if given:
            if len(given) != len(inputs) or args and given is values:
                return None
            try:
                args = [given[n] for n in inputs]
            except KeyError:
                return None
        if len(args) != len(inputs):
            return None
        for v, shape in zip(args, self.shapes):
            if shape is None:
                if type(v) is not float:
                    return None
            elif type(v) is not np.ndarray or v.shape != shape or v.dtype is not self.dtype or not v.flags.c_contiguous:
                return None
        return args
