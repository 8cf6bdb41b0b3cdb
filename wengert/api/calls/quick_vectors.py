"""A function over one vector for the inner loop of a solver: it calls kernels directly.

The kernels are made after some calls, as many problems are solved before they would pay off. Everything else is as in
`FlatFunction`. A function of arrays stays as it is: its calls take longer than kernels would save.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..flat import FlatFunction
    from ..function import Function

# Calls before kernels are made.
PATIENCE = 150
# The most derivatives that are written out as a list for a Jacobian.
MOST = 400


class QuickVector:
    """A FlatFunction that takes its value, gradient and Jacobian from bound kernels.

    The values are the same; at a kink the Jacobian follows the ops' own rules.
    """

    def __init__(self, flat: FlatFunction) -> None:
        self.flat = self.plain = flat
        self.function: Function = flat.function  # type: ignore[assignment]
        self.names, self.size, self.fixed = flat.names, flat.size, flat.fixed
        self.hess, self.hessp, self.unpack, self.pack = flat.hess, flat.hessp, flat.unpack, flat.pack
        self.x0, self.shapes, self.sizes, self.start = flat.x0, flat.shapes, flat.sizes, flat.start
        inputs = self.function.inputs
        self._values = [0.0 if n in flat.names or n == flat.time else flat.fixed[n] for n in inputs]
        self._places = [inputs.index(n) for n in flat.names]
        self._time = inputs.index(flat.time) if flat.time in inputs else None
        self._calls = 0
        self._one = len(self.function.outputs) == 1 and flat.time is None

    def _early(self) -> bool:
        """Whether too few calls were made for kernels to pay off."""
        self._calls += 1
        return self._calls <= PATIENCE

    def _arguments(self, x: tuple[Any, ...]) -> list[float]:
        found = self._values.copy()
        for place, value in zip(self._places, x[-1].tolist()):
            found[place] = value
        if self._time is not None:
            found[self._time] = float(x[0])
        return found

    @cached_property
    def _value(self) -> Callable[..., tuple[Any, ...]]:
        return self.function.bind("value")

    @cached_property
    def _gradient(self) -> Callable[..., tuple[Any, ...]]:
        return self.function.bind("value_and_grad")

    @cached_property
    def _derivatives(self) -> Callable[..., tuple[Any, ...]]:
        return self.function.gradient_function(self.names).bind("value")

    def fun(self, *x: Any) -> Any:
        """The value at a vector, as `FlatFunction.fun` gives it."""
        import numpy as np

        if self._early():
            return self.flat.fun(*x)
        found = self._value(*self._arguments(x))
        return found[0] if self._one else np.array(found)

    def value_and_grad(self, *x: Any) -> tuple[float, Any]:
        """The value and the gradient at a vector."""
        import numpy as np

        if self._early():
            return self.flat.value_and_grad(*x)
        found = self._gradient(*self._arguments(x))
        return found[0], np.array([found[1 + place] for place in self._places])

    def jac(self, *x: Any) -> Any:
        """The gradient or the Jacobian at a vector, as `FlatFunction.jac` gives it."""
        import numpy as np

        if self._one:
            return self.value_and_grad(*x)[1]
        if self._early() or self.size * len(self.function.outputs) > MOST:
            return self.flat.jac(*x)
        return np.array(self._derivatives(*self._arguments(x))).reshape(-1, self.size)


def quick(flat: FlatFunction) -> Any:
    """The function for a solver's loop: a QuickVector if all inputs and outputs are numbers, else the function
    itself."""
    numbers = not any(flat.shapes.values()) and all(type(v) is float for v in flat.fixed.values())
    known = len(flat.start) == len(flat.names)
    of_arrays = flat.function.lists.of_running.arrays  # type: ignore[attr-defined]
    return QuickVector(flat) if numbers and known and not of_arrays else flat
