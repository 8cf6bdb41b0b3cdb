"""`Function.propagate`, and `wengert.propagate` for a model in text."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, cast

from ...ground.complaints import explained
from ...ground.errors import UsageError, error
from ...ground.limits import within
from ...ground.names import is_temporary
from ...jobs.uncertainty.monte_carlo import checked_samples, checked_seed, sampled
from ...jobs.uncertainty.propagate import Propagated
from ...jobs.uncertainty.propagation import Propagation
from ...jobs.uncertainty.students_t import checked_confidence
from ...jobs.uncertainty.uncertain_inputs import Uncertain, uncertain
from ...kernels.arguments import columns_of, sequence
from ...lists.shapes import bind
from ..compile import compile
from ..function import Function


def propagated(
    f: Function, values: Any, uncertainties: Mapping[str, Any], correlations: Any, degrees: Mapping[str, Any],
    confidence: object, monte_carlo: object, seed: object,
) -> Propagation:  # fmt: skip
    """The uncertainties of a function's outputs at a point; see `propagate`."""
    level, start = checked_confidence(confidence), checked_seed(seed)
    samples = None if monte_carlo is None else checked_samples(monte_carlo)
    by_name = isinstance(values, Mapping) or columns_of(values) is not None
    args = (values,) if by_name else tuple(sequence(values, "values"))
    f = f.at(*args)
    point = f.point(args, {})
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(f.inputs, ())
    shape: tuple[int, ...] = ()
    if any(type(v) is not float for v in point.values()):
        wide, bound_shapes, batch = bind(f.program.wlist, f.lists.core_shapes(point), point)
        shapes.update(cast(dict[str, tuple[int, ...]], bound_shapes))
        if batch:
            import numpy as np

            shape = np.broadcast_shapes(*(np.shape(v)[:batch] for v in wide.values()))
    known = uncertain(f.inputs, shapes, uncertainties, correlations, degrees)
    if not shape:
        for n in dict.fromkeys(known.inputs):
            if not _finite(point[n]):
                raise error(UsageError, "W660", f"the value of `{n}` is {point[n]}, and has an uncertainty",
                            help="an uncertainty is that of a finite value")  # fmt: skip
    point, shape = _widened(point, shape, known)
    of = Propagated(f, point, known, shapes, shape, title_of(f))
    found = Propagation(of, of.budgets(level), level)
    if samples is not None:
        found.monte_carlo = sampled(of, samples, start, level)
    return found


def _finite(value: Any) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    import numpy as np

    return bool(np.isfinite(value).all())


def title_of(f: Function) -> str:
    """The formula of a function whose one output has no name of its own; otherwise ""."""
    if len(f.outputs) != 1 or not is_temporary(f.outputs[0]):
        return ""
    text = f.program.source.text.strip()
    return text if 0 < len(text) <= 40 and "\n" not in text and ";" not in text else "f"


def _widened(
    point: dict[str, Any], shape: tuple[int, ...], known: Uncertain
) -> tuple[dict[str, Any], tuple[int, ...]]:  # fmt: skip
    """A point and its batch shape. Arrays of uncertainties may turn a single point into a batch."""
    if all(type(u) is float for u in known.sigma):
        return point, shape
    import numpy as np

    try:
        whole = np.broadcast_shapes(shape, *(np.shape(u) for u in known.sigma))
    except ValueError:
        shapes = ", ".join(f"{np.shape(u)} of `{n}`" for n, u in zip(known.labels, known.sigma) if np.ndim(u))
        raise error(UsageError, "W660", f"the uncertainties {shapes} do not fit points of the shape {shape}",
                    help="an uncertainty is one number, or one for each point") from None  # fmt: skip
    return {n: np.array(np.broadcast_to(v, whole)) if n in known.sizes else v for n, v in point.items()}, whole


@explained
def propagate(
    model: Any, values: Any, uncertainties: Mapping[str, Any], *, correlations: Any = None,
    degrees_of_freedom: Mapping[str, Any] = {}, confidence: float = 0.95, monte_carlo: float | None = None,
    seed: int = 0,
) -> Propagation:  # fmt: skip
    """Propagate the standard uncertainties of the inputs of a model to its outputs (GUM; see
    `jobs.uncertainty.propagate`).

        found = propagate("V/I", {"V": 5.0, "I": 0.102}, {"V": 0.02, "I": 0.001}, correlations={("V", "I"): 0.3})
        found.value, found.uncertainty, found.shares

    model           a program as text, a WengertList, or a Function
    values          the estimates of all inputs, by name or by position, or a DataFrame; arrays are a batch of points,
                    or the values of an input that is an array
    uncertainties   standard uncertainties by name; an input without one is exact
    correlations    coefficients by pairs, {("V", "I"): 0.3}, or a square array in the order of the uncertain inputs
    degrees_of_freedom  of the uncertainties, by name; without one they are infinite
    confidence      the level of the expanded uncertainty
    monte_carlo     a number of samples to draw besides; `seed` begins the random numbers

    Raises UsageError for a negative uncertainty, correlations that no quantities can have, and an input without a
    value; UnknownName for a name that is no input.
    """
    import numpy as np

    f = model if isinstance(model, Function) else compile(model)
    with within(f.limits), np.errstate(all="ignore"):
        return propagated(
            f, values, uncertainties, correlations, degrees_of_freedom, confidence, monte_carlo, seed
        )  # fmt: skip
