"""Solve systems of equations with SciPy's solvers and exact Jacobians, and say where there is no root.

As many equations as unknowns go to MINPACK's `hybr`, then to `lm` if that fails; other systems, and those that both
fail on, to a trust region method for least squares, which stays where the equations are finite. Newton's steps then
give the last digits. A point is a root if the next step of Newton's method is tiny and would satisfy every equation:
near a minimum of the residuals that is no root, the step is long or leaves a residual.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ...ground.errors import Diagnostic, DomainError, UsageError, WengertError, error
from ...ground.tuples import NamedTuple
from ...ground.turns import turn
from ..scipy_import import scipy_optimize
from .nonlinear_program import interior_point
from .objective import Constraints, FunctionOfVector, Iterate, Trail, Vector, blamed, point_of, spoken_point
from .root_report import EquationAt, KnownRoot, Root, RootSearch

# A step that is smaller, relative to the unknowns and to 1, moves no root.
STEP = 1e-7
# A residual that is smaller, relative to the terms of its equation, is rounding.
ROUNDING = 1e-8
# A root that rounding moves by more, relative to it or to 1, has lost half of its digits.
LOST = 1e-8
# Singular values that are smaller, relative to the largest, are 0.
SINGULAR = 1e-11


class System(NamedTuple):
    """Equations over one vector: `constraints` with equal bounds. `flat` names the elements of the vector."""

    flat: FunctionOfVector
    constraints: Constraints
    labels: tuple[str, ...]
    elements: tuple[str, ...]

    def residuals(self, x: Vector) -> Vector:
        """The left sides less the right sides at x."""
        return self.constraints.values(x) - self.constraints.low


class Ending(NamedTuple):
    """The end of a search from one start: the point, its residuals and Jacobian, and the methods that ran."""

    x: Vector
    residuals: Vector
    jacobian: Any
    is_root: bool
    tried: tuple[str, ...]
    stopped: str
    iterates: tuple[Iterate, ...] = ()


# Reasons of a solver to stop that say less than a root does.
UNCLEAR = ("it ran out of evaluations", "it makes no more progress")
HOLDS = "the equations hold, as far as their rounding tells"


def solve(system: System, starts: list[Vector], pounce: bool = False) -> Root:
    """The root found from the first start, and the roots found from the others, by SciPy or by POUNCE.

    Raises DomainError if an equation is not finite at the first start, UsageError if the start itself is not finite.
    """
    import numpy as np

    if not np.all(np.isfinite(starts[0])):
        wrong = spoken_point(system.flat.unpack(starts[0]))
        raise error(UsageError, "W607", f"a start is made of finite numbers, and this is {wrong}")
    found = _blamed(system, starts[0], "the start")
    if found is not None:
        raise DomainError(found)
    ends: list[Ending] = []
    lost = 0
    watch = _Watch(system)
    for k, x in enumerate(starts):
        if k and _blamed(system, x, "a start") is not None:
            lost += 1
            continue
        watch.trail = Trail()
        end = _search(system, watch, x, pounce)
        ends.append(end._replace(iterates=tuple(watch.trail.iterates)))
    best = next((e for e in ends if e.is_root), None) or min(ends, key=lambda e: float(np.linalg.norm(e.residuals)))
    return _report(system, watch, best, ends, lost)


def _blamed(system: System, x: Vector, where: str) -> Diagnostic | None:
    """The diagnostic of the first equation without a finite value or derivative at x."""
    import numpy as np

    for part in system.constraints.parts:
        own = x[part.places]
        if not np.all(np.isfinite(part.flat.fun(own))) or not np.all(np.isfinite(part.flat.jac(own))):
            found = blamed(part.flat, own, where)
            told = spoken_point(part.flat.unpack(own))
            return found or Diagnostic("W201", "error", f"`{part.text}` is not finite at {where}", help=told)
    return None


class _Watch:
    """The residuals for a solver; it keeps the first vector where they are not finite."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.lost: Vector | None = None
        self.losses = 0
        self.trail = Trail()

    def __call__(self, x: Vector) -> Vector:
        import numpy as np

        turn()
        found = self.system.residuals(x)
        self.trail.add(x, float(np.linalg.norm(found)), None)
        if not np.all(np.isfinite(found)):
            self.losses += 1
            if self.lost is None:
                self.lost = x.copy()
        return found


def _search(system: System, watch: _Watch, start: Vector, pounce: bool) -> Ending:
    """Methods in turn, until one ends at a root."""
    import numpy as np

    tried: list[str] = []
    best: Ending | None = None
    m, n = len(system.constraints), len(start)
    for method in ("pounce",) if pounce else ("hybr", "lm", "trf") if m == n else ("trf",) if m < n else ("lm", "trf"):
        tried.append(method)
        try:
            x, stopped = _run(system, watch, method, start)
        except (ValueError, ArithmeticError, np.linalg.LinAlgError) as trouble:
            if isinstance(trouble, WengertError):
                raise
            x, stopped = start, "it met numbers that it cannot use"
        if not np.all(np.isfinite(x)) or not np.all(np.isfinite(watch(x))):
            x, stopped = start, "it left the domain"
        end = _polished(system, x, start, tuple(tried), stopped)
        if best is None or end.is_root or _nearer(end, best, start):
            best = end
        best = best._replace(tried=tuple(tried))
        if best.is_root:
            break
    assert best is not None
    return best


def _nearer(one: Ending, other: Ending, start: Vector) -> bool:
    """Whether an end has less residuals than another, or as much of them and is nearer to the start."""
    ratio = _size(one) / max(_size(other), 1e-300)
    return ratio < 0.999999 or ratio < 1.000001 and bool(abs(one.x - start).max() < abs(other.x - start).max())


def _size(end: Ending) -> float:
    return float((end.residuals @ end.residuals) ** 0.5)


def _run(system: System, watch: _Watch, method: str, start: Vector) -> tuple[Vector, str]:
    import warnings

    import numpy as np

    if method == "pounce":
        free = np.full(len(start), np.inf)
        end = interior_point(None, system.constraints, start, (-free, free))
        return end.x, end.message
    optimize = scipy_optimize()
    with warnings.catch_warnings():  # the report says it
        warnings.simplefilter("ignore")
        if method == "trf":
            found = optimize.least_squares(watch, start, system.constraints.jacobian, method="trf", xtol=1e-15,
                                           ftol=1e-15, gtol=1e-14, max_nfev=500, x_scale="jac")  # fmt: skip
        else:
            found = optimize.root(
                watch,
                start,
                jac=system.constraints.jacobian,
                method=method,
                options={"xtol": 1e-14} if method == "hybr" else {"xtol": 1e-14, "ftol": 1e-14},
            )
    return found.x, _reason(found, method)


def _reason(found: Any, method: str) -> str:
    if method == "trf":
        return {0: "it ran out of evaluations"}.get(found.status, "the residuals change no more")
    if found.success:
        return "the steps are below the tolerance"
    return "it makes no more progress" if found.status in (4, 5) else "it ran out of evaluations"


def _polished(system: System, x: Vector, start: Vector, tried: tuple[str, ...], stopped: str) -> Ending:
    """The end of a search after Newton's steps, as long as the residuals fall."""
    import numpy as np

    residuals, jacobian = system.residuals(x), system.constraints.jacobian(x)
    for _ in range(6):
        step = _step(residuals, jacobian)
        if not np.all(np.isfinite(step)) or not residuals.any():
            break
        new = x + step
        after = system.residuals(new)
        if not np.all(np.isfinite(after)) or not np.linalg.norm(after) < np.linalg.norm(residuals):
            break
        slopes_after = system.constraints.jacobian(new)
        if not np.all(np.isfinite(slopes_after)):
            break
        x, residuals, jacobian = new, after, slopes_after
    return Ending(x, residuals, jacobian, _is_root(system, x, start, residuals, jacobian), tried, stopped)


def _step(residuals: Vector, jacobian: Any) -> Vector:
    """The shortest step that satisfies the equations to first order, in the least squares sense."""
    import numpy as np

    if not np.all(np.isfinite(jacobian)) or not np.all(np.isfinite(residuals)):
        return np.full(jacobian.shape[1], np.nan)
    return np.linalg.lstsq(jacobian, -residuals, rcond=SINGULAR)[0]


def _is_root(system: System, x: Vector, start: Vector, residuals: Vector, jacobian: Any) -> bool:
    import numpy as np

    if not np.all(np.isfinite(jacobian)) or not np.all(np.isfinite(residuals)):
        return False
    if not residuals.any():
        return True
    step = np.linalg.lstsq(jacobian, -residuals, rcond=None)[0]
    sizes = np.maximum(np.maximum(abs(x), abs(start)), 1.0)
    low = system.constraints.low
    terms = abs(jacobian) @ abs(x) + np.where(low != 0, abs(low) + abs(residuals + low), abs(residuals))
    if np.any(abs(step) > STEP * sizes) or np.any(abs(residuals + jacobian @ step) > ROUNDING * terms):
        return False
    if np.all(abs(residuals) <= np.maximum(ROUNDING * terms, _rounding(system, x))):
        return True
    # A step that is short and does not help is at the edge of a domain, as at 0 in sqrt(x) + 1 = 0.
    after = system.residuals(x + step)
    return bool(np.linalg.norm(after) <= 0.5 * np.linalg.norm(residuals))  # False where a number is nan


def _rounding(system: System, x: Vector) -> Vector:
    """Bounds on the rounding errors of the residuals; 0 if they are not known, as of arrays."""
    import numpy as np

    found = []
    for part in system.constraints.parts:
        bound = 0.0
        if len(part.low) == 1:
            with suppress(WengertError):
                bound = part.flat.function.error_bounds(point_of(part.flat, x[part.places])).value
        found.append(np.full(len(part.low), bound))
    return np.concatenate(found)


def _report(system: System, watch: _Watch, best: Ending, ends: list[Ending], lost: int) -> Root:
    import numpy as np

    flat, constraints = system.flat, system.constraints
    sizes = np.zeros(0)
    if np.all(np.isfinite(best.jacobian)) and best.jacobian.size:
        sizes = np.linalg.svd(best.jacobian, compute_uv=False)
    largest = float(sizes.max(initial=0.0))
    rank = int((sizes > SINGULAR * largest).sum())
    condition = largest / float(sizes.min()) if len(sizes) and sizes.min() > 0 else float("inf")
    roots: list[KnownRoot] = []
    for e in (e for e in ends if e.is_root):
        for k, known in enumerate(roots):
            if abs(known.x - e.x).max(initial=0.0) <= 1e-6 * (1 + abs(e.x).max(initial=0.0)):
                roots[k] = known._replace(starts=known.starts + 1)
                break
        else:
            roots.append(KnownRoot(e.x, flat.unpack(e.x), 1))
    equations = tuple(EquationAt(t, float(r)) for t, r in zip(system.labels, best.residuals))
    stopped = HOLDS if best.is_root and best.stopped in UNCLEAR else best.stopped
    return Root(
        point=flat.unpack(best.x), ok=best.is_root, equations=equations, unknowns=flat.size, rank=rank,
        condition=condition, method=best.tried[-1], stopped=stopped, tried=best.tried,
        values=constraints.value_count, jacobians=constraints.jacobian_count, roots=tuple(roots),
        starts=len(ends) + lost, lost_starts=lost, notes=tuple(_notes(system, watch, best, rank)),
        search=RootSearch([p._replace(flat=p.flat.plain) for p in constraints.parts], system.elements, best.x,
                          (*best.iterates, Iterate(best.x, float(np.linalg.norm(best.residuals)), None))),
    )  # fmt: skip


def _notes(system: System, watch: _Watch, best: Ending, rank: int) -> list[Diagnostic]:
    import numpy as np

    found: list[Diagnostic] = []
    if watch.lost is not None and not best.is_root:
        times = f"{watch.losses} time{'s' * (watch.losses != 1)}"
        lost = _blamed(system, watch.lost, f"the solver left the domain {times}: the first iterate there")
        if lost is not None:
            found.append(lost)
    singular = rank < min(best.jacobian.shape)
    uncertain = 0.0 if singular or not best.is_root else _uncertainty(system, best)
    if not best.is_root:
        worst = int(np.argmax(abs(best.residuals)))
        help = f"`{system.labels[worst]}` is off by {abs(best.residuals[worst]):.3g}, and no step from here helps"
        found.append(Diagnostic("W866", "error", "there is no root near: the residuals are least where they are not 0",
                                help=f"{help}; other starts may lead to a root"))  # fmt: skip
    elif singular:
        found.append(
            Diagnostic("W867", "warning", "the Jacobian is singular at this root", help=_null_direction(system, best))
        )
    elif uncertain > LOST:
        found.append(Diagnostic("W867", "warning", f"rounding alone moves this root by up to {uncertain:.1g}",
                                help="the equations hardly change beside it, as at a double root"))  # fmt: skip
    return found


def _uncertainty(system: System, best: Ending) -> float:
    """How far rounding errors of the equations move a root, relative to its elements and to 1."""
    import numpy as np

    moved = abs(np.linalg.pinv(best.jacobian)) @ _rounding(system, best.x)
    return float((moved / np.maximum(abs(best.x), 1.0)).max(initial=0.0))


def _null_direction(system: System, best: Ending) -> str:
    """A direction in which no equation changes to first order, in words."""
    import numpy as np

    direction = np.linalg.svd(best.jacobian)[2][-1]
    order = np.argsort(-abs(direction))[:4]
    direction = direction / direction[order[0]]
    told = " and ".join(f"{system.elements[k]} by {direction[k]:.3g}" for k in order if abs(direction[k]) > 1e-6)
    return (f"moving {told} changes no equation to first order: a multiple root, whose last digits are lost, or one of "
            "a family of roots")  # fmt: skip
