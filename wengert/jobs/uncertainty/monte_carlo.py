"""Propagation of distributions by sampling (JCGM 101:2008, GUM Supplement 1), with the kernels of batches.

The inputs are normal with the correlations that they have; an uncorrelated one with finite degrees of freedom has the
t distribution that the supplement gives it (6.4.9), whose scale is its standard uncertainty.
"""

from __future__ import annotations

from math import inf, nan, prod, sqrt
from typing import Any

from ...ground.errors import ArgumentError, UsageError, error, shown
from ...ground.limits import check_clock, exceeded
from ...ground.tuples import NamedTuple
from .propagate import Propagated

# Points of one batch: few enough for the arrays of all inputs to stay in the cache of a core.
CHUNK = 1 << 16


class OutputSamples(NamedTuple):
    """The distribution of an output, from samples.

    interval  the symmetric coverage interval: as much probability lies below it as above it
    lost      samples whose value is not finite; they are left out
    edges, heights  a histogram of all but the outermost samples: densities between edges
    """

    mean: float
    uncertainty: float
    interval: tuple[float, float]
    samples: int
    lost: int
    edges: tuple[float, ...] = ()
    heights: tuple[float, ...] = ()


def checked_samples(given: object) -> int:
    """A number of samples. Raises UsageError for anything but a whole number from 2 on."""
    if isinstance(given, (int, float)) and not isinstance(given, bool) and 2 <= given < 2**53 and given == int(given):
        return int(given)
    text = f"{given:.15g}" if isinstance(given, float) else shown(given)
    raise error(ArgumentError, "W602", f"the samples of Monte Carlo are a whole number from 2 on, not {text}",
                help="for instance 1e6")  # fmt: skip


def checked_seed(given: object) -> int:
    """The seed of a random generator. Raises ArgumentError for anything but a whole number from 0 on."""
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise error(ArgumentError, "W602", f"a seed is a whole number from 0 on, not {shown(given)}")
    return given


def sampled(of: Propagated, samples: int, seed: int, confidence: float) -> tuple[OutputSamples, ...]:
    """The distribution of each output. The same seed gives the same samples.

    Raises UsageError for a batch of points, LimitError for more numbers than `limits.elements` allows.
    """
    import numpy as np

    if of.batch:
        raise error(UsageError, "W609", "Monte Carlo is for one point, and these are many",
                    help="call it for each point of interest")  # fmt: skip
    if samples > of.function.limits.elements:
        raise exceeded(of.function.limits, "elements", f"{samples:,} samples")
    found = of.function(of.point)
    cores = [np.shape(v) for v in (found if isinstance(found, tuple) else (found,))]
    kept = np.empty((sum(prod(core) for core in cores), samples))
    generator = np.random.default_rng(seed)
    for begin in range(0, samples, CHUNK):
        check_clock()
        size = min(CHUNK, samples - begin)
        found = of.function(_drawn(of, generator, size))
        row = 0
        for v, core in zip(found if isinstance(found, tuple) else (found,), cores):
            columns = np.broadcast_to(v, (size, *core)).reshape(size, -1).T
            kept[row : row + len(columns), begin : begin + size] = columns
            row += len(columns)
    return tuple(_summary(whole, confidence) for whole in kept)


def _drawn(of: Propagated, generator: Any, size: int) -> dict[str, Any]:
    """A batch of points that are drawn at random."""
    import numpy as np

    uncertain = of.uncertain
    if uncertain.correlations is None:
        drawn = [_alone(generator, freedom, size) for freedom in uncertain.degrees]
    else:
        roots = uncertain.roots()
        drawn = list(roots @ generator.standard_normal((roots.shape[1], size)))
    moved = [x + u * z for x, u, z in zip(of.estimates(), uncertain.sigma, drawn)]
    point = dict(of.point)
    at = 0
    for n, count in uncertain.sizes.items():
        core = of.core[n]
        point[n] = np.stack(moved[at : at + count], axis=-1).reshape(size, *core) if core else moved[at]
        at += count
    return point


def _alone(generator: Any, freedom: float, size: int) -> Any:
    return generator.standard_normal(size) if freedom == inf else generator.standard_t(freedom, size)


def _summary(values: Any, confidence: float) -> OutputSamples:
    import numpy as np

    finite = values[np.isfinite(values)]
    lost = len(values) - len(finite)
    if len(finite) < 2:
        return OutputSamples(nan, nan, (nan, nan), len(values), lost)
    mean = float(np.mean(finite))
    spread = finite - mean
    u = sqrt(float(spread @ spread) / (len(finite) - 1))
    low, high = np.quantile(finite, [(1 - confidence) / 2, (1 + confidence) / 2])
    edges, heights = _histogram(finite)
    return OutputSamples(mean, u, (float(low), float(high)), len(values), lost, edges, heights)


def _histogram(values: Any) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Edges and densities of a histogram, of 12 to 80 columns, without the outermost 0.2 % of the values."""
    import numpy as np

    low, high = np.quantile(values, [0.001, 0.999])
    if not (np.isfinite(high - low) and high > low):
        return (), ()
    columns = int(np.clip(2 * len(values) ** (1 / 3), 12, 80))
    counts, edges = np.histogram(values, columns, (low, high))
    return tuple(edges.tolist()), tuple((counts / (len(values) * np.diff(edges))).tolist())
