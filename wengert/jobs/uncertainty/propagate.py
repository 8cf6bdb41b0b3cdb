"""Propagation of uncertainty, after the "Guide to the Expression of Uncertainty in Measurement" (GUM, JCGM 100:2008).

The combined standard uncertainty is that of the linear part of a model: u² = Σ c_i c_j u_i u_j r_ij (equation 13),
with derivatives c_i that are exact. Where the model is curved over the uncertainties, the terms of the next order come
beside it, for inputs that are normal (note to 5.1.2, in the form that holds for correlated inputs too):

    value  f + ½ tr(HΣ)
    u²     gᵀΣg + ½ tr(HΣHΣ) + gᵀΣ ∇tr(HΣ)

with the gradient g, the Hessian H and the covariances Σ of the inputs. The third derivatives in the last term are
Taylor coefficients along lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, sqrt
from typing import Any

from ...ground.errors import DerivativeError, Diagnostic, LimitError, UsageError, error
from ...ground.tuples import NamedTuple, Protocol
from ...lists.array_text import element, places
from .students_t import coverage_factor
from .uncertain_inputs import Uncertain


class Measurable(Protocol):
    """The members of a function that a propagation needs; `wengert.Function` has them."""

    @property
    def inputs(self) -> tuple[str, ...]: ...
    @property
    def outputs(self) -> tuple[str, ...]: ...
    @property
    def limits(self) -> Any: ...
    def __call__(self, /, *args: Any, **values: Any) -> Any: ...
    def value_and_grad(self, /, *args: Any, **values: Any) -> Any: ...
    def jacobian(self, /, *args: Any, **values: Any) -> Any: ...
    def hessian(self, /, *args: Any, **values: Any) -> Any: ...
    def taylor(self, /, *args: Any, **values: Any) -> Any: ...
    def notes(self, /, *args: Any, **values: Any) -> Any: ...


class SecondOrder(NamedTuple):
    """The value and its standard uncertainty with the terms of second order."""

    value: Any
    uncertainty: Any


class Budget(NamedTuple):
    """The uncertainty of one output, and the part of each uncertain input in it.

    output         its name; an element of an array is named `f[1]`
    value          the value at the estimates
    uncertainty    the combined standard uncertainty, of first order
    sensitivities  the derivative c_i in each uncertain input, in the order of `Propagation.labels`
    contributions  c_i u_i
    shares         the part of each in the variance, with its correlations: they add up to 1
    degrees_of_freedom  effective ones, by Welch and Satterthwaite (GUM G.4.1)
    coverage_factor, expanded  k, and U = k u, for the level of confidence

    In a batch each number is an array, and `shares` are made when they are asked for.
    """

    output: str
    value: Any
    uncertainty: Any
    sensitivities: tuple[Any, ...]
    contributions: tuple[Any, ...]
    correlated: tuple[Any, ...]
    degrees_of_freedom: Any
    coverage_factor: Any

    @property
    def shares(self) -> tuple[Any, ...]:
        """The part of each uncertain input in the variance. All are 0 where the variance is."""
        import numpy as np

        whole = self.uncertainty * self.uncertainty
        with np.errstate(all="ignore"):
            parts = [np.where(whole == 0, 0.0, c * t / whole) if np.ndim(whole) else c * t / whole if whole else 0.0
                     for c, t in zip(self.contributions, self.correlated)]  # fmt: skip
        return tuple(parts)

    @property
    def expanded(self) -> Any:
        """The expanded uncertainty: the coverage factor times the standard uncertainty."""
        return self.coverage_factor * self.uncertainty


class Propagated(NamedTuple):
    """A model at a point, with the uncertainties of its inputs.

    core   the core shapes of the inputs
    batch  the shape of the batch; () at one point
    title  the output in a report, where its own name says nothing
    """

    function: Measurable
    point: Mapping[str, Any]
    uncertain: Uncertain
    core: Mapping[str, tuple[int, ...]]
    batch: tuple[int, ...]
    title: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The inputs that are uncertain."""
        return tuple(self.uncertain.sizes)

    def estimates(self) -> tuple[Any, ...]:
        """The values of the uncertain numbers."""
        found: list[Any] = []
        for n in self.names:
            value = self.point[n]
            found += [float(value[p]) for p in places(self.core[n])] if self.core[n] else [value]
        return tuple(found)

    def notes(self) -> tuple[Diagnostic, ...]:
        """The diagnostics of the point."""
        return tuple(self.function.notes(self.point))

    def budgets(self, confidence: float) -> list[Budget]:
        """The budget of each output."""
        return [self._budget(name, value, row, confidence) for name, value, row in self._rows()]

    def _rows(self) -> list[tuple[str, Any, list[Any]]]:
        """Each output with its value and its derivatives in the uncertain numbers."""
        import numpy as np

        f = self.function
        if len(f.outputs) == 1 and self.names and not any(self.core[n] for n in self.names):
            shape = _shape(f(self.point)) if not self.batch else self.batch
            if shape == self.batch:
                value, gradient = f.value_and_grad(self.point, wrt=self.names)
                return [(f.outputs[0], value, list(gradient))]
        found = f(self.point)
        values = found if isinstance(found, tuple) else (found,)
        blocks = f.jacobian(self.point, wrt=self.names) if self.names else [()] * len(values)
        rows = []
        for name, value, row in zip(f.outputs, values, blocks):
            core = _shape(value)[len(self.batch) :]
            if self.batch and core:
                raise error(UsageError, "W609", "a batch of points is for models over numbers, and this output is an "
                            "array")  # fmt: skip
            if not core:
                flat = [part for n, b in zip(self.names, row) for part in self._split(n, b)]
                rows.append((name, value, flat))
                continue
            for place in places(core):
                flat = [part for n, b in zip(self.names, row) for part in self._split(n, np.asarray(b)[place])]
                rows.append((element(name, place), float(value[place]), flat))
        return rows

    def _split(self, name: str, block: Any) -> list[Any]:
        """A derivative in an input, as derivatives in its numbers."""
        return [float(block[p]) for p in places(self.core[name])] if self.core[name] else [block]

    def _budget(self, name: str, value: Any, row: Sequence[Any], confidence: float) -> Budget:
        import numpy as np

        sigma, r = self.uncertain.sigma, self.uncertain.correlations
        parts = [_times(c, u) for c, u in zip(row, sigma)]
        correlated = list(parts)
        if r is not None:
            for i in range(len(parts)):
                for j in np.flatnonzero(r[i]):
                    if i != j:
                        correlated[i] = correlated[i] + float(r[i, j]) * parts[j]
        variance: Any = 0.0
        for c, t in zip(parts, correlated):
            variance = variance + c * t
        # Rounding may leave a variance that cancels just below 0.
        u = (
            np.sqrt(np.maximum(variance, 0.0))
            if np.ndim(variance)
            else sqrt(variance)
            if variance > 0
            else variance * 0
        )
        freedom = _effective(u, parts, self.uncertain.degrees)
        k: Any = coverage_factor(confidence, freedom) if not np.ndim(freedom) else _factors(confidence, freedom)
        return Budget(name, value, u, tuple(row), tuple(parts), tuple(correlated), freedom, k)

    def second_order(self, budgets: Sequence[Budget]) -> tuple[SecondOrder | None, ...]:
        """The value and the uncertainty with the terms of second order, for each output."""
        import numpy as np

        try:
            with np.errstate(all="ignore"):
                found = [self._second(b, k) for k, b in enumerate(budgets)]
        except (DerivativeError, LimitError):
            return (None,) * len(budgets)
        return tuple(found)

    def _second(self, b: Budget, k: int) -> SecondOrder:
        """Along axes that make the inputs uncorrelated, with variance 1."""
        import numpy as np

        size = len(self.uncertain.labels)
        if not size:
            return SecondOrder(b.value, b.uncertainty)
        roots = self.uncertain.roots()
        tail = (1,) * len(self.batch)
        sigma = np.stack([np.broadcast_to(u, self.batch) for u in self.uncertain.sigma])
        axes = sigma[:, None] * roots.reshape(roots.shape + tail)
        slopes = np.einsum(
            "i...,ik...->k...", np.stack([np.broadcast_to(c, self.batch) for c in b.sensitivities]), axes
        )
        length = np.sqrt(np.sum(slopes * slopes, axis=0))
        steep = slopes / np.where(length > 0, length, 1.0)
        along = np.einsum("ik...,k...->i...", axes, steep)
        bent = np.zeros(self.batch)
        straight = self._taylor(along, k)
        for axis in np.moveaxis(axes, 1, 0):
            # D³[a, a, w] from the coefficients along a + w and a - w.
            bent = bent + self._taylor(axis + along, k)[3] - self._taylor(axis - along, k)[3] - 2 * straight[3]
        curvatures = self._curvatures(axes, k)
        trace, squares = np.einsum("kk...->...", curvatures), np.sum(curvatures**2, axis=(0, 1))
        variance = length * length + squares / 2 + length * bent
        with np.errstate(invalid="ignore"):
            u = np.sqrt(variance)
        if self.batch:
            return SecondOrder(b.value + trace / 2, u)
        return SecondOrder(float(b.value + trace / 2), float(u))

    def _curvatures(self, axes: Any, k: int) -> Any:
        """The second derivatives of output k along pairs of axes."""
        import numpy as np

        f, size = self.function, len(self.uncertain.labels)
        if len(f.outputs) == 1 and not _shape(f(self.point))[len(self.batch) :]:
            rows = f.hessian(self.point, wrt=self.names)
            sizes = self.uncertain.sizes
            if self.batch:
                blocks = [[np.broadcast_to(block, self.batch) for block in row] for row in rows]
                return np.einsum("ik...,ij...,jl...->kl...", axes, np.array(blocks), axes)
            whole = np.block([
                [np.reshape(block, (sizes[m], sizes[n])) for n, block in zip(self.names, row)]
                for m, row in zip(self.names, rows)
            ]).reshape(size, size)  # fmt: skip
            return axes.T @ whole @ axes
        # Of several outputs: from the coefficients along sums and differences of the axes.
        count = axes.shape[1]
        found = np.zeros((count, count, *self.batch))
        for m in range(count):
            found[m, m] = 2 * self._taylor(axes[:, m], k)[2]
            for n in range(m):
                up, down = (self._taylor(axes[:, m] + sign * axes[:, n], k)[2] for sign in (1, -1))
                found[m, n] = found[n, m] = (up - down) / 2
        return found

    def _taylor(self, direction: Any, k: int) -> list[Any]:
        """The coefficients 0 to 3 of output k along a direction over the uncertain numbers."""
        import numpy as np

        moving: dict[str, Any] = {}
        at = 0
        for n in self.names:
            size = self.uncertain.sizes[n]
            part = direction[at : at + size]
            moving[n] = np.reshape(part, self.core[n]) if self.core[n] else part[0] if self.batch else float(part[0])
            at += size
        found = self.function.taylor(self.point, moving, order=3)
        rows: Any = list(found) if isinstance(found, tuple) else [found]
        if not self.batch:
            rows = [np.asarray(row).reshape(4, -1) for row in rows]
            flat = np.concatenate(rows, axis=1)
            return [float(c) for c in flat[:, k]]
        return [np.broadcast_to(c, self.batch) for c in rows[k]]


def _times(a: Any, b: Any) -> Any:
    # An input that the model does not depend on contributes nothing, however uncertain it is.
    return 0.0 if type(a) is float and a == 0.0 else a * b


def _shape(value: Any) -> tuple[int, ...]:
    found: tuple[int, ...] = getattr(value, "shape", ())
    return found


def _effective(u: Any, parts: Sequence[Any], degrees: Sequence[float]) -> Any:
    """Effective degrees of freedom: u⁴ / Σ (c_i u_i)⁴/ν_i."""
    import numpy as np

    below: Any = 0.0
    for part, freedom in zip(parts, degrees):
        if freedom != inf:
            ratio = np.divide(part, u, out=np.zeros(np.shape(u)), where=np.asarray(u) != 0)
            below = below + ratio**4 / freedom
    if np.ndim(below):
        return np.divide(1.0, below, out=np.full(np.shape(below), inf), where=below != 0)
    return 1 / float(below) if below else inf


def _factors(confidence: float, freedom: Any) -> Any:
    """Coverage factors of a batch, one for each whole number of degrees of freedom."""
    import numpy as np

    whole = np.floor(np.where(np.isnan(freedom), 0.0, freedom))
    kinds, places_of = np.unique(whole, return_inverse=True)
    return np.array([coverage_factor(confidence, float(v)) for v in kinds])[np.reshape(places_of, np.shape(freedom))]
