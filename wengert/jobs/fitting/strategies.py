"""Ways to a minimum of a sum of squares, tried in one order for every problem, and each of them reported.

The method of Levenberg and Marquardt comes first, then SciPy's trust regions `trf` and `dogbox`, and last many starts
around the given one. A way has found a minimum if the residuals are orthogonal to the columns of the Jacobian there,
and the Jacobian has full rank; if not, the next one is tried. Bounds and robust losses are for SciPy's ways alone.

Orthogonality is measured as in D. M. Bates, D. G. Watts, "A relative offset orthogonality convergence criterion for
nonlinear least squares", Technometrics 23(2), 1981.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf, isfinite, sqrt
from typing import Any

from ...ground.errors import UsageError, error
from ...ground.limits import check_clock
from ...ground.tuples import NamedTuple, Protocol
from .levenberg import TOLERANCE, Evaluate, IterationEnd, levenberg, polished
from .normal_equations import LARGEST, ReducedSystem, reduced

LINEAR, SOFT, HUBER, CAUCHY, ARCTAN = LOSSES = ("linear", "soft_l1", "huber", "cauchy", "arctan")  # not an op: a loss
# The relative offset of a minimum, at most; and the least singular value of the Jacobian, its columns of length 1, at
# which its rank is full.
OFFSET, RANK = 1e-3, 1e-8
# Starts around the given one, and the factor that they are apart, as the standard deviation of a logarithm.
STARTS, APART = 20, 0.7
SEED = 1
TIGHT = {"ftol": TOLERANCE, "xtol": TOLERANCE, "gtol": TOLERANCE}


class Robust(Protocol):
    """A loss of LOSSES, and the size of a residual from which it is no square."""

    @property
    def loss(self) -> str: ...

    @property
    def scale(self) -> float: ...


class Sought(NamedTuple):
    """A sum of squares to be minimised.

    evaluate  the residuals, and below them a row of derivatives for each parameter, in an array that the next answer
              is written into
    start     the parameters
    lower, upper  their bounds
    most      evaluations of one way
    points    the residuals that there are, where `evaluate` answers with a small problem that has the same sums
    """

    evaluate: Evaluate
    start: Any
    lower: Any
    upper: Any
    most: int = 2000
    points: int | None = None

    @property
    def plain(self) -> bool:
        """Whether there are no bounds."""
        import numpy as np

        return bool(np.all(np.isinf(self.lower)) and np.all(np.isinf(self.upper)))


class Attempt(NamedTuple):
    """The end of one way.

    cost     half the sum of squares
    offset   the relative offset from orthogonality; inf where there is none
    rank     the least singular value of the Jacobian, its columns of length 1
    sharp    whether it is a minimum to all digits that matter
    """

    way: str
    at: Any
    why: str
    evaluations: int
    cost: float
    offset: float
    rank: float
    sharp: bool = False

    @property
    def stationary(self) -> bool:
        """Whether no small step makes the sum smaller."""
        return isfinite(self.cost) and self.offset <= OFFSET

    @property
    def found(self) -> bool:
        """Whether it is a minimum that the data determine."""
        return self.stationary and self.rank > RANK


def minimised(sought: Sought) -> tuple[Attempt, list[Attempt]]:
    """The best end, and all that were reached, in the order of their ways."""
    tried: list[Attempt] = []
    for attempt in _ways(sought):
        tried.append(attempt)
        if attempt.found:
            break
        # Two ways that end at one stationary value: the data determine no more.
        if attempt.stationary and any(
            t.stationary and abs(t.cost - attempt.cost) <= 1e-6 * max(attempt.cost, 1e-300) for t in tried[:-1]
        ):
            break
    best = min(tried, key=lambda t: (not isfinite(t.cost), not t.found, not t.stationary, t.cost))
    lowest = min(tried, key=lambda t: t.cost if isfinite(t.cost) else inf)
    if not best.found and lowest.cost < best.cost:
        best = lowest
    return best, tried


def _ways(sought: Sought) -> Iterator[Attempt]:
    if sought.plain:
        end = levenberg(sought.evaluate, sought.start, sought.most, sought.points)
        yield attempt(sought, "Levenberg–Marquardt", end.at, end.why, end.evaluations)._replace(sharp=end.sharp)
    solve = least_squares(needed=not sought.plain)
    for method in ("trf", "dogbox"):
        if solve is not None:
            yield _by_scipy(sought, method, solve)
    if not sought.plain:
        return
    import numpy as np

    generator = np.random.default_rng(SEED)
    best: Attempt | None = None
    evaluations = 0
    for _ in range(STARTS):
        check_clock()
        factors = np.exp(APART * generator.standard_normal(len(sought.start)))
        shift = np.where(sought.start == 0, np.log(factors), 0.0)
        end = levenberg(sought.evaluate, sought.start * factors + shift, sought.most // STARTS, sought.points)
        evaluations += end.evaluations
        one = attempt(sought, f"{STARTS} starts around", end.at, end.why, evaluations)
        if isfinite(one.cost) and (best is None or (not one.found, one.cost) < (not best.found, best.cost)):
            best = one
    if best is not None:
        yield best._replace(evaluations=evaluations)


def attempt(sought: Sought, way: str, at: Any, why: str, evaluations: int) -> Attempt:
    """An end with its cost, and how far it is from a minimum."""
    import numpy as np

    rows = sought.evaluate(at)
    free, local = free_parameters(at, rows, sought)
    if not isfinite(local.norm):
        return Attempt(way, at, why, evaluations, inf, inf, 0.0)
    p, n = len(local.along), sought.points or rows.shape[1]
    cost = local.norm**2 / 2
    left, singular, _ = np.linalg.svd(local.triangle)
    least = float(singular[-1]) if p else 1.0
    # A direction without a slope gets no step: along it there is only rounding.
    along = (left.T @ local.along)[singular > RANK]
    steps = float(np.linalg.norm(along)) / sqrt(max(p, 1))
    rest = sqrt(max(local.rest + float(local.along @ local.along - along @ along), 0.0) / max(n - p, 1))
    # Residuals that are rounding of the values alone have no direction.
    tiny = 1e-13 * float(np.sqrt(local.norm**2 + np.sum(np.square(local.lengths * at[free]))))
    offset = 0.0 if steps <= tiny else steps / rest if rest else inf
    return Attempt(way, at, why, evaluations, cost, offset, least)


def free_parameters(at: Any, rows: Any, sought: Sought) -> tuple[Any, ReducedSystem]:
    """Which parameters no bound holds, and the triangle of these."""
    import numpy as np

    if np.all(np.isinf(sought.lower)) and np.all(np.isinf(sought.upper)):
        return np.ones(len(at), dtype=bool), reduced(rows)
    free = ~at_bounds(at, rows[1:] @ rows[0], sought)
    return free, reduced(rows[np.append(True, free)])


def refined(sought: Sought, at: Any) -> IterationEnd:
    """A minimum with the last digits that it lacks: parameters held by a bound are put on it, and the others are
    improved by steps of Gauss and Newton, as long as these stay within the bounds."""
    import numpy as np

    if sought.plain:
        return polished(sought.evaluate, at)
    rows = sought.evaluate(at)
    held = at_bounds(at, rows[1:] @ rows[0], sought)
    whole = np.array(at, dtype=float)
    lower, upper = sought.lower, sought.upper
    whole[held] = np.where(whole - lower <= upper - whole, lower, upper)[held]
    kept = np.append(True, ~held)

    def evaluate(free: Any) -> Any:
        point = whole.copy()
        point[~held] = free
        return sought.evaluate(point)[kept]

    if held.all():
        return IterationEnd(whole, "", 1)
    end = polished(evaluate, whole[~held])
    found = whole.copy()
    found[~held] = end.at
    inside = bool(np.all((lower <= found) & (found <= upper)))
    return IterationEnd(found if inside else whole, "", end.evaluations + 1)


def at_bounds(at: Any, slope: Any, sought: Sought) -> Any:
    """Whether each parameter is held by a bound: it is there, and the sum falls beyond."""
    import numpy as np

    near = 1e-8 * np.maximum(np.abs(at), 1e-300)
    return (at - sought.lower <= near) & (slope > 0) | (sought.upper - at <= near) & (slope < 0)


def losses(r: Any, sought: Robust) -> tuple[Any, Any]:
    """The loss of each residual, in place of its square, and the weight that its square has in the gradient.

    The losses are SciPy's: with z = (r/scale)², scale² times z, 2(√(1+z) - 1), min(z, 2√z - 1), log(1 + z), atan(z).
    """
    import numpy as np

    square = sought.scale * sought.scale
    z = r * r / square
    if sought.loss == SOFT:
        return 2 * square * (np.sqrt(1 + z) - 1), 1 / np.sqrt(1 + z)
    if sought.loss == HUBER:
        root = np.sqrt(np.maximum(z, 1.0))
        return square * np.where(z <= 1, z, 2 * root - 1), 1 / root
    if sought.loss == CAUCHY:
        return square * np.log1p(z), 1 / (1 + z)
    if sought.loss == ARCTAN:
        return square * np.arctan(z), 1 / (1 + z * z)
    return r * r, np.ones_like(r)


def bends(r: Any, sought: Robust) -> Any:
    """Half the second derivative of the loss of each residual: ρ' + 2zρ'', which is 1 for the square."""
    import numpy as np

    z = r * r / (sought.scale * sought.scale)
    if sought.loss == SOFT:
        return (1 + z) ** -1.5
    if sought.loss == HUBER:
        return np.where(z <= 1, 1.0, 0.0)
    if sought.loss == CAUCHY:
        return (1 - z) / (1 + z) ** 2
    if sought.loss == ARCTAN:
        return (1 - 3 * z * z) / (1 + z * z) ** 2
    return np.ones_like(r)


def _by_scipy(sought: Sought, method: str, solve: Callable[..., Any]) -> Attempt:
    import numpy as np

    last: list[Any] = [None, None, None]
    count = 0

    def both(at: Any) -> None:
        nonlocal count
        if last[0] is None or not np.array_equal(last[0], at):
            check_clock()
            # Copies: the arrays of an evaluation are written again by later ones.
            rows = sought.evaluate(at)
            last[:] = [at.copy(), rows[0].copy(), rows[1:].copy()]
            count += 1

    def residuals(at: Any) -> Any:
        both(at)
        # SciPy refuses a start that is not finite, and steps back from any other such point.
        return np.where(np.abs(last[1]) < LARGEST, last[1], inf)

    def jacobian(at: Any) -> Any:
        both(at)
        # LAPACK complains on the standard output of numbers whose squares overflow.
        return np.where(np.abs(last[2]) < LARGEST, last[2], 0.0).T

    name = f"SciPy's {method}"
    inside = np.clip(sought.start, np.nextafter(sought.lower, inf), np.nextafter(sought.upper, -inf))
    if not np.isfinite(residuals(inside)).all():
        return Attempt(name, inside, "the start has no finite residuals", count, inf, inf, 0.0)
    try:
        end = solve(
            residuals, inside, jac=jacobian, bounds=(sought.lower, sought.upper), method=method, x_scale="jac",
            max_nfev=sought.most, **TIGHT,
        )  # fmt: skip
    except (ValueError, OverflowError, np.linalg.LinAlgError) as problem:
        return Attempt(name, inside, f"SciPy refused: {problem}", count, inf, inf, 0.0)
    why = {
        0: f"{sought.most:,} evaluations were not enough", 1: "the gradient is zero",
        2: "the sum of squares changes no more", 3: "the parameters change no more", 4: "nothing changes any more",
    }.get(int(end.status), str(end.message))  # fmt: skip
    return attempt(sought, name, end.x, why, count)


def least_squares(needed: bool) -> Callable[..., Any] | None:
    """SciPy's `least_squares`; None where SciPy is not installed. Raises UsageError then if it is needed."""
    try:
        from scipy.optimize import least_squares as found
    except ImportError:
        if not needed:
            return None
        raise error(UsageError, "W675", "bounds need SciPy, which is not installed",
                    help='pip install "wengert[jobs]"') from None  # fmt: skip
    return found  # type: ignore[no-any-return]


__all__ = ["LOSSES", "RANK", "Attempt", "Sought", "free_parameters", "least_squares", "minimised", "refined"]
