"""A function of named numbers and arrays, as a function of one vector: the form that SciPy's solvers need.

SciPy is not imported: it calls the methods here, which take and return plain vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from ..ground.errors import UnknownName, UsageError, error, shown, suggestion
from ..ground.tuples import Protocol
from ..kernels.arguments import as_value, direction_of
from ..lists.shapes import cores, declared
from ..lists.wengert_list import WengertList
from ..lists.wrt import listed

Vector = Any


class Differentiable(Protocol):
    """The methods of a `Function` that this module uses."""

    @property
    def dtype(self) -> str: ...
    @property
    def inputs(self) -> tuple[str, ...]: ...
    @property
    def program(self) -> Any: ...
    @property
    def wengert_list(self) -> WengertList: ...
    def point(self, args: Sequence[Any], values: Mapping[str, Any]) -> dict[str, Any]: ...
    def __call__(self, *args: Any, **values: Any) -> Any: ...
    def value_and_grad(self, *args: Any, wrt: Any = None, **values: Any) -> Any: ...
    def jacobian(self, *args: Any, wrt: Any = None, **values: Any) -> Any: ...
    def hessian(self, *args: Any, wrt: Any = None, **values: Any) -> Any: ...
    def hvp(self, *args: Any, wrt: Any = None, **values: Any) -> Any: ...
    def sparse_jacobian(self, *args: Any, wrt: Any = None, **values: Any) -> Any: ...
    def sparse_hessian(self, *args: Any, wrt: Any = None, **values: Any) -> Any: ...


class FlatFunction:
    """A Function over one vector: the numbers and arrays of `names` one after the other, arrays row by row.

    `x0` is the vector to start from. Several outputs, or outputs that are arrays, are returned as one vector too. With
    `time`, every method takes that input first, as SciPy's `solve_ivp` passes it; if the program has no such input, the
    methods ignore it. SciPy's functions take these methods:

    minimize             fun, value_and_grad (with jac=True), grad, hess, hessp
    NonlinearConstraint  fun, jac, and hess, which also takes the weights of the outputs
    least_squares        fun and jac; so do root and solve_ivp
    """

    def __init__(
        self, function: Differentiable, values: Mapping[str, Any], wrt: Iterable[str] | str | None, time: str | None,
        weighted: Callable[[], tuple[Any, tuple[str, ...]]],
    ) -> None:  # fmt: skip
        self.function, self.time, self._weighted = function, time, weighted
        if not isinstance(values, Mapping):
            raise error(UsageError, "W605", f"the values are given by name, not as {shown(values)}")
        inputs = function.inputs
        self.names = _moving(inputs, wrt, values, time)
        known = {n: as_value(v, n, function.dtype) for n, v in values.items()}
        self.fixed = {n: v for n, v in known.items() if n not in self.names}
        # The time is not known yet, and any number will do.
        place = {time: 0.0} if time is not None and time in inputs else {}
        # An input of the vector without a value has no start either; it gets its declared shape.
        shapes = declared(function.wengert_list)
        bare = {n: zeros for n in self.names if (zeros := _zeros(shapes[n])) is not None}
        for n in self.names:
            if shapes[n] != () and n not in bare and n not in known and n not in function.program.defaults:
                help = f"give it a value, `flat({n}=…)`, or declare its size, `input {n}[3]`"
                message = f"the number of elements of `{n}` is not known"
                raise error(UsageError, "W602", message, help=help, source=function.program.source)
        whole = function.point((), {**bare, **function.program.defaults, **known, **place})
        self.start = {n: whole[n] for n in self.names if n in known or n in function.program.defaults}
        core = cores(function.wengert_list, whole)
        self.shapes: dict[str, tuple[int, ...]] = {}
        for n in self.names:
            shape = np.shape(whole[n])
            wanted = core[n]
            if wanted is not None and len(shape) != len(wanted):
                raise error(UsageError, "W602", f"the value of `{n}` has {len(shape)} axes: a vector is of one point",
                            help="batches are for the function itself")  # fmt: skip
            self.shapes[n] = shape
        self.sizes = {n: prod(shape) for n, shape in self.shapes.items()}
        self.size = sum(self.sizes.values())

    # Between the vector and the names

    @property
    def plain(self) -> FlatFunction:
        """This function itself. A faster variant for solvers returns the function that it wraps."""
        return self

    @property
    def x0(self) -> Vector:
        """The start vector, of float64. Raises UsageError if some input has no value."""
        return self.pack(self.start)

    def pack(self, point: Any) -> Vector:
        """Put a point, a mapping by name or a sequence, into one vector. A name missing from a mapping keeps its value
        in `x0`.

        Raises UsageError for an array of the wrong shape, UnknownName for a name that is not in the vector.
        """
        values = {**self.start, **direction_of(point, self.names, "point", self.function.dtype)}
        if missing := [n for n in self.names if n not in values]:
            listed = ", ".join(f"`{n}`" for n in missing)
            raise error(UsageError, "W606", f"no value for {listed}", help="`flat(…)` takes the values to start from")
        parts = []
        for n in self.names:
            if np.shape(values[n]) != self.shapes[n]:
                raise error(UsageError, "W602", f"`{n}` has the shape {self.shapes[n]} here, not {np.shape(values[n])}")
            parts.append(np.reshape(values[n], -1))
        return np.concatenate(parts, dtype=float) if parts else np.zeros(0)

    def unpack(self, vector: Any) -> dict[str, Any]:
        """The numbers and arrays in a vector, by name. An array is a copy.

        Raises UsageError for a vector of another length.
        """
        x = _numbers(vector, "vector")
        if x.shape == (self.size, 1):  # SciPy's operators multiply columns
            x = x[:, 0]
        if x.shape != (self.size,):
            raise error(UsageError, "W602", f"a vector of {self.size} numbers is needed, not an array of {x.shape}",
                        help=f"it holds {', '.join(self.names)}")  # fmt: skip
        point: dict[str, Any] = {}
        at = 0
        for n in self.names:
            part = x[at : at + self.sizes[n]]
            point[n] = part.reshape(self.shapes[n]).copy() if self.shapes[n] else float(part[0])
            at += self.sizes[n]
        return point

    # The functions

    def fun(self, *x: Any) -> Any:
        """The value at a vector: a float, or a vector for several outputs, for an array, and with `time`.

        A matrix holds one point in each column. The answer then has one column for each, or is a vector for a function
        of one number without `time`: `solve_ivp(…, vectorized=True)`.
        """
        if x and np.ndim(x[-1]) == 2:
            return self._columns(x)
        found = self.function(self._point(x))
        if type(found) is float and self.time is None:
            return found
        return _joined(found if isinstance(found, tuple) else (found,))

    def _columns(self, x: Sequence[Any]) -> Vector:
        columns = _numbers(x[-1], "matrix")
        if len(columns) != self.size:
            raise error(UsageError, "W602", f"columns of {self.size} numbers are needed, not {columns.shape}",
                        help=f"a column holds {', '.join(self.names)}")  # fmt: skip
        n = columns.shape[1]
        if n and not any(self.shapes.values()) and all(type(v) is float for v in self.fixed.values()):
            # All inputs are numbers, so the columns are a batch.
            point = {**self._point([*x[:-1], columns[:, 0]]), **dict(zip(self.names, columns))}
            found = self.function(point)
            many = isinstance(found, tuple)
            whole = np.stack([np.broadcast_to(v, n) for v in (found if many else (found,))])
        else:
            each = [self.fun(*x[:-1], column) for column in columns.T]
            many = bool(each) and type(each[0]) is not float
            whole = np.stack(each, axis=-1) if many else np.array([each])
        return whole if many or self.time is not None else whole[0]

    def value_and_grad(self, *x: Any) -> tuple[float, Vector]:
        """The value and the gradient at a vector: `minimize(flat.value_and_grad, flat.x0, jac=True)`.

        Raises UsageError for several outputs, and for an output that is an array.
        """
        value, gradient = self.function.value_and_grad(self._point(x), wrt=self.names)
        return value, _joined(gradient)

    def grad(self, *x: Any) -> Vector:
        """The gradient at a vector. Raises UsageError for several outputs, and for an output that is an array."""
        return self.value_and_grad(*x)[1]

    def jac(self, *x: Any) -> Vector:
        """The gradient at a vector, or the Jacobian.

        A function with one number as output has a gradient, as long as the vector. With several outputs, an array or
        `time` it has a Jacobian, with one row for each number among the outputs.
        """
        point = self._point(x)
        rows = self.function.jacobian(point, wrt=self.names)
        blocks = [[np.reshape(b, (-1, self.sizes[n])) for n, b in zip(self.names, row)] for row in rows]
        whole = np.concatenate([np.concatenate(row, axis=1) for row in blocks])
        one = (
            self.time is None
            and len(rows) == 1
            and all(np.shape(b) == self.shapes[n] for n, b in zip(self.names, rows[0]))
        )
        return whole[0] if one else whole

    def hess(self, *x: Any) -> Vector:
        """The Hessian at a vector, a symmetric matrix: `hess(x)`, or `hess(x, v)` for the sum of the outputs weighted
        by v.

        v has one weight for each number among the outputs, in the order of `fun`. `NonlinearConstraint` passes its
        multipliers:

            NonlinearConstraint(flat.fun, lb, ub, jac=flat.jac, hess=flat.hess)
        """
        function, point = self._scalar(x)
        return self._square(function.hessian(point, wrt=self.names))

    def sparse_jac(self, *x: Any) -> Any:
        """The nonzeros of the Jacobian at a vector, with their rows and columns; a gradient is one row.

        Raises DerivativeError for an op that cannot be split into ops on numbers.
        """
        return self.function.sparse_jacobian(self._point(x), wrt=self.names)

    def sparse_hess(self, *x: Any) -> Any:
        """The nonzeros of the Hessian at a vector: of the output, or of the sum of the outputs weighted by v,
        `sparse_hess(x, v)`.

        Raises DerivativeError for an op that cannot be split into ops on numbers.
        """
        function, point = self._scalar(x)
        return function.sparse_hessian(point, wrt=self.names)

    def hessp(self, *x: Any) -> Vector:
        """The Hessian times a direction p, without forming the Hessian: `hessp(x, p)`, or `hessp(x, v, p)` for the sum
        of the outputs weighted by v."""
        *x_and_v, direction = x
        function, point = self._scalar(tuple(x_and_v))
        return _joined(function.hvp(point, self.unpack(direction), wrt=self.names))

    def _square(self, matrix: Any) -> Vector:
        rows = [
            np.concatenate([np.reshape(b, (self.sizes[m], self.sizes[n])) for n, b in zip(self.names, row)], axis=1)
            for m, row in zip(self.names, matrix)
        ]
        whole = np.concatenate(rows) if rows else np.zeros((0, 0))
        # The two triangles may differ by rounding, and solvers read only one of them.
        return (whole + whole.T) / 2

    def _point(self, x: Sequence[Any]) -> dict[str, Any]:
        if len(x) != 1 + (self.time is not None):
            raise _arguments(self.time, len(x), "")
        point = {**self.fixed, **self.unpack(x[-1])}
        if self.time is not None and self.time in self.function.inputs:
            point[self.time] = float(x[0])
        return point

    def _scalar(self, x: Sequence[Any]) -> tuple[Differentiable, dict[str, Any]]:
        """The scalar function whose Hessian is wanted, and its point. With weights it is the weighted sum of the
        outputs."""
        n = 1 + (self.time is not None)
        if len(x) == n:
            return self.function, self._point(x)
        if len(x) != n + 1:
            raise _arguments(self.time, len(x), ", and the outputs' weights if there are several")
        point = self._point(x[:n])
        function, weights = self._weighted()
        found = self.function(point)
        outputs = found if isinstance(found, tuple) else (found,)
        v = np.reshape(_numbers(x[n], "weights"), -1)
        if v.size != sum(map(np.size, outputs)):
            raise error(UsageError, "W602", f"{v.size} weights for {sum(map(np.size, outputs))} numbers of outputs")
        at = 0
        for name, output in zip(weights, outputs):
            part = v[at : at + np.size(output)]
            point[name] = part.reshape(np.shape(output)) if np.ndim(output) else float(part[0])
            at += np.size(output)
        return function, point

    def __repr__(self) -> str:
        first = [] if self.time is None else [self.time]
        return (
            f"<wengert.FlatFunction of {self.function!r} over {', '.join([*first, *self.names])}: {self.size} numbers>"
        )


def _numbers(given: Any, what: str) -> Vector:
    try:
        return np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise error(UsageError, "W607", f"the {what} must hold numbers, not {shown(given)}") from None


def _zeros(shape: tuple[Any, ...] | None) -> Any:
    """Zeros in a shape; None where it is not known."""
    if shape is None or any(type(size) is not int for size in shape):
        return None
    return np.zeros(shape) if shape else 0.0


def _joined(parts: Iterable[Any]) -> Vector:
    flat = [np.reshape(p, -1) for p in parts]
    return np.concatenate(flat, dtype=float) if flat else np.zeros(0)


def _arguments(time: str | None, n: int, more: str) -> Exception:
    wanted = "a vector" if time is None else f"`{time}` and a vector"
    return error(UsageError, "W605", f"{wanted} is needed{more}, and {n} arguments came")


def _moving(
    inputs: Sequence[str], wrt: Iterable[str] | str | None, values: Mapping[str, Any], time: str | None
) -> tuple[str, ...]:
    """The names in the vector: `wrt`, or else every input without a value."""
    if wrt is None:
        names: Sequence[str] = [n for n in inputs if n not in values and n != time]
    else:
        names = tuple(dict.fromkeys(listed(wrt) or ()))
    for n in names:
        if n not in inputs:
            help = suggestion(str(n), inputs) or f"the inputs are {', '.join(inputs) or 'none'}"
            raise error(UnknownName, "W101", f"no input is called `{shown(n).strip(chr(39))}`", help=help)
    if not names:
        raise error(UsageError, "W602", "no input is left for the vector", help="name them: wrt=[…]")
    if time in names:
        raise error(UsageError, "W602", f"`{time}` is the time, and cannot be part of the vector")
    return tuple(names)
