"""The functions that a solver calls: counted, watched for numbers that are not finite, and stacked over one vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...ground.errors import Diagnostic
from ...ground.limits import check_clock
from ...ground.tuples import NamedTuple, Protocol
from ...ground.turns import turn
from ...lists.array_text import inline

Vector = Any
Matrix = Any
# From this size on, Jacobians and Hessians are sparse, or only multiplied by vectors.
LARGE = 500
# From this number of elements on, the Jacobian of many constraints is computed by its nonzeros.
DENSE = 400
# Iterates of a search that are kept; vectors longer than SHORT are left out.
ITERATES, SHORT = 2000, 2
# An objective below this has no minimum that float64 could represent.
BOTTOM = -1e100


class FunctionOfVector(Protocol):
    """The members of a function over one vector that are used here; `wengert.api.flat.FlatFunction` has them."""

    names: tuple[str, ...]
    size: int
    fixed: dict[str, Any]
    function: Any

    @property
    def plain(self) -> Any: ...
    def fun(self, *x: Any) -> Any: ...
    def value_and_grad(self, *x: Any) -> tuple[float, Vector]: ...
    def jac(self, *x: Any) -> Matrix: ...
    def hess(self, *x: Any) -> Matrix: ...
    def hessp(self, *x: Any) -> Vector: ...
    def unpack(self, vector: Any) -> dict[str, Any]: ...


class Evaluations(NamedTuple):
    """How often a solver asked for each: values and gradients of the objective, Hessians, products of a Hessian and a
    vector, and values and Jacobians of the constraints."""

    values: int = 0
    gradients: int = 0
    hessians: int = 0
    products: int = 0
    constraint_values: int = 0
    constraint_jacobians: int = 0

    def __str__(self) -> str:
        words = (
            (self.values, "value"), (self.gradients, "gradient"), (self.hessians, "Hessian"),
            (self.products, "Hessian-vector product"), (self.constraint_values, "value of the constraints"),
            (self.constraint_jacobians, "Jacobian of the constraints"),
        )  # fmt: skip
        told = [f"{n} {word if n == 1 else _plural(word)}" for n, word in words if n]
        return ", ".join(told) or "none"


def _plural(word: str) -> str:
    first, of, rest = word.partition(" of ")
    return f"{first}s{of}{rest}"


class Iterate(NamedTuple):
    """A point of a search: the vector, if it is short, the objective and the largest element of its gradient; or the
    lengths of residuals and None."""

    x: Vector | None
    value: float
    slope: float | None


class Trail:
    """The points that a search went through, up to a number of them."""

    def __init__(self) -> None:
        self.iterates: list[Iterate] = []

    def add(self, x: Vector, value: float, slope: float | None) -> None:
        """Keep a point, unless it is the last one again."""
        last = self.iterates[-1] if self.iterates else None
        if last is not None and last.value == value and last.slope == slope or len(self.iterates) >= ITERATES:
            return
        self.iterates.append(Iterate(x.copy() if len(x) <= SHORT else None, value, slope))


class Unbounded(Exception):
    """The objective fell below every number that a minimum could have."""

    def __init__(self, x: Vector) -> None:
        super().__init__()
        self.x = x


class Objective:
    """A function of one vector and its derivatives, counted. Where its value is not finite it answers infinity, so that
    a solver steps back; the first such vector is kept in `lost`."""

    def __init__(self, flat: FunctionOfVector) -> None:
        self.flat = flat
        self.values = self.gradients = self.hessians = self.products = 0
        self.trail = Trail()
        self.lost: Vector | None = None
        self.losses = 0

    @property
    def size(self) -> int:
        """The length of the vector."""
        return self.flat.size

    def value(self, x: Vector) -> float:
        """The value at x as a float; infinity if it is nan. Raises Unbounded if it falls without end."""
        check_clock()
        turn()
        self.values += 1
        found = float(self.flat.fun(x))
        if found < BOTTOM:
            raise Unbounded(x.copy())
        if not found < float("inf"):
            self.lose(x)
            return float("inf")
        return found

    def lose(self, x: Vector) -> None:
        """Note that the function has no finite answer at x."""
        self.losses += 1
        if self.lost is None:
            self.lost = x.copy()

    def gradient(self, x: Vector) -> Vector:
        """The gradient at x."""
        self.gradients += 1
        value, gradient = self.flat.value_and_grad(x)
        self.trail.add(x, float(value), float(abs(gradient).max(initial=0.0)))
        return gradient

    def hessian(self, x: Vector) -> Matrix:
        """The Hessian at x, dense. Where the objective has no finite value it is the unit matrix: solvers ask for it
        before they step back."""
        import numpy as np

        self.hessians += 1
        found = self.flat.hess(x)
        if not np.all(np.isfinite(found)) and not self.value(x) < np.inf:
            return np.eye(len(x))
        return found

    def product(self, x: Vector, p: Vector) -> Vector:
        """The Hessian at x times p."""
        check_clock()
        self.products += 1
        return self.flat.hessp(x, p)


class Residuals:
    """The residuals of a sum of squares, scaled so that half their squares add up to the objective."""

    def __init__(self, flat: FunctionOfVector, weights: Vector, objective: Objective) -> None:
        self.flat, self.weights, self.objective = flat, weights, objective

    def values(self, x: Vector) -> Vector:
        """The residuals at x."""
        import numpy as np

        check_clock()
        turn()
        self.objective.values += 1
        found = self.weights * self.flat.fun(x)
        if not np.all(np.isfinite(found)):
            self.objective.lose(x)
        return found

    def jacobian(self, x: Vector) -> Matrix:
        """The Jacobian at x; sparse for a long vector."""
        import numpy as np

        self.objective.gradients += 1
        if len(self.objective.trail.iterates) < ITERATES:
            value, gradient = self.objective.flat.value_and_grad(x)
            self.objective.trail.add(x, float(value), float(abs(gradient).max(initial=0.0)))
        if self.flat.size >= LARGE:
            found = self.flat.function.sparse_jacobian(point_of(self.flat, x), wrt=self.flat.names).scipy().tocsr()
            return found.multiply(self.weights[:, None]).tocsr()
        return self.weights[:, None] * np.reshape(self.flat.jac(x), (-1, self.flat.size))


class ConstraintPart(NamedTuple):
    """Constraints of one text: a function over some places of the vector, and bounds on its values; `labels` has a text
    for each of its values, where there are several texts."""

    text: str
    flat: FunctionOfVector
    places: Vector
    low: Vector
    high: Vector
    labels: tuple[str, ...] = ()


class Constraints:
    """All constraints as one function of the whole vector, with values from `low` to `high`."""

    def __init__(self, parts: Sequence[ConstraintPart], size: int) -> None:
        import numpy as np

        self.parts, self.size = tuple(parts), size
        self.value_count = self.jacobian_count = 0
        self.low = np.concatenate([p.low for p in parts]) if parts else np.zeros(0)
        self.high = np.concatenate([p.high for p in parts]) if parts else np.zeros(0)
        self.sizes = [len(p.low) for p in parts]
        self.equal = self.low == self.high

    def __len__(self) -> int:
        return len(self.low)

    def values(self, x: Vector) -> Vector:
        """The values of all constraints at x."""
        import numpy as np

        check_clock()
        self.value_count += bool(self.parts)
        return np.concatenate([np.reshape(p.flat.fun(x[p.places]), -1) for p in self.parts] or [np.zeros(0)])

    def jacobian(self, x: Vector) -> Matrix:
        """The Jacobian at x, dense: a row for each constraint."""
        import numpy as np

        self.jacobian_count += 1
        whole = np.zeros((len(self), self.size))
        at = 0
        for p, rows in zip(self.parts, self.sizes):
            if p.labels and rows * len(p.places) > DENSE:
                part = p.flat.function.sparse_jacobian(point_of(p.flat, x[p.places]), wrt=p.flat.names)
                whole[at + np.asarray(part.rows), np.asarray(p.places)[part.columns]] = part.values
            else:
                whole[at : at + rows, p.places] = np.reshape(p.flat.jac(x[p.places]), (rows, -1))
            at += rows
        return whole

    def sparse_jacobian(self, x: Vector) -> Any:
        """The Jacobian at x as a sparse matrix of SciPy."""
        import numpy as np
        from scipy.sparse import csr_array, vstack

        self.jacobian_count += 1
        found = []
        for p, rows in zip(self.parts, self.sizes):
            part = p.flat.function.sparse_jacobian(point_of(p.flat, x[p.places]), wrt=p.flat.names)
            places = np.asarray(p.places)[part.columns]
            found.append(csr_array((part.values, (part.rows, places)), shape=(rows, self.size)))
        return vstack(found).tocsr()

    def hessian(self, x: Vector, weights: Vector) -> Matrix:
        """The Hessian of the sum of the constraints by weights, dense."""
        import numpy as np

        whole = np.zeros((self.size, self.size))
        at = 0
        for p, rows in zip(self.parts, self.sizes):
            v = weights[at : at + rows]
            if np.any(v):
                whole[np.ix_(p.places, p.places)] += p.flat.hess(x[p.places], v)
            at += rows
        return whole

    def product(self, x: Vector, weights: Vector, direction: Vector) -> Vector:
        """The Hessian of the sum of the constraints by weights, times a direction."""
        import numpy as np

        found = np.zeros(self.size)
        at = 0
        for p, rows in zip(self.parts, self.sizes):
            v = weights[at : at + rows]
            if np.any(v):
                found[p.places] += p.flat.hessp(x[p.places], v, direction[p.places])
            at += rows
        return found

    def violation(self, values: Vector) -> Vector:
        """How far each value is outside its bounds; negative below, positive above, 0 inside."""
        import numpy as np

        return np.maximum(values - self.high, 0.0) - np.maximum(self.low - values, 0.0)


def point_of(flat: FunctionOfVector, x: Vector) -> dict[str, Any]:
    """The values of all inputs at a vector."""
    return {**flat.fixed, **flat.unpack(x)}


def spoken_point(values: Any) -> str:
    """A point in a message: `x = 1, y = 2`."""
    told = [f"{n} = {inline(v, 40)}" for n, v in list(values.items())[:6]]
    return ", ".join(told) + ", …" * (len(values) > 6)


def blamed(flat: FunctionOfVector, x: Vector, where: str) -> Diagnostic | None:
    """The diagnostic of the step that leaves no finite answer at x, with the place in the text; None if all is finite.

    `where` names the vector: "the start".
    """
    point = point_of(flat, x)
    found: Diagnostic | None = flat.function.at(point).blame(point)
    if found is None:
        notes = flat.function.notes(point)
        found = next((n for n in notes if n.severity == "error" or n.code in ("W201", "W202", "W203", "W304")), None)
    if found is None:
        return None
    at = f"{where} is {spoken_point(flat.unpack(x))}"
    return found._replace(severity="error", help=f"{at}; {found.help}" if found.help else at)
