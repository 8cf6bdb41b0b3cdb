"""Lists of derivatives for kernels: their first outputs are the values, and the others are the derivatives.

The sweeps that would compute a derivative write it in the same order, so that its value has the same bits. Derivatives
at a single point carry no nan masks (see `sweeps.masks`): if a value is not finite, the caller runs the sweeps instead.
Only the adjoints for several outputs are masked, as they depend on a weighted sum of the values, which is no output. In
a batch, where each point has its own values, all derivatives are `masked`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..ground.limits import Limits
from ..lists.wengert_list import Atom, WengertList, assemble
from ..ops.shapes.dimensions import Shape
from ..sweeps.forward import Spans, depending, leading
from ..sweeps.masks import bare_outputs, depended_on, masked_by
from ..sweeps.reverse import ReverseRequest, reverse_sweep
from ..sweeps.rules import rules_for
from ..sweeps.tangent import TangentRequest, tangent_sweep
from ..transforms.builder import Builder, Names
from ..transforms.derivatives import gradient, pullback, pushforward
from ..transforms.identities import tidy
from .modes import ModePlan


def with_gradient(
    wlist: WengertList, names: Sequence[str], kink: str, limits: Limits, masked: bool = False,
    shapes: Mapping[str, Shape] | None = None,
) -> WengertList:  # fmt: skip
    """The value and its derivatives in `names`. `shapes` are the shapes of the inputs of a list over arrays."""
    return gradient(wlist, names, value=True, kink=kink, limits=limits, shapes=shapes, masked=masked)


def with_tangents(
    wlist: WengertList, names: Sequence[str], kink: str, limits: Limits, masked: bool = False
) -> WengertList:  # fmt: skip
    """The values and their tangents. The list has further inputs: the tangents of `names`."""
    return _with_values(wlist, pushforward(wlist, names, kink=kink, limits=limits, masked=masked))


def with_adjoints(wlist: WengertList, kink: str, limits: Limits) -> WengertList:
    """The values and the adjoints of the inputs. The list has further inputs: the adjoints of the outputs."""
    return _with_values(wlist, pullback(wlist, kink=kink, limits=limits))


def _with_values(wlist: WengertList, derived: WengertList) -> WengertList:
    outputs = (*wlist.outputs, *derived.outputs)
    return assemble(derived.inputs, derived.equations, outputs, derived.ops, derived.provenance, derived.shapes)


def with_jacobian(
    wlist: WengertList, names: Sequence[str], plan: ModePlan, kink: str, limits: Limits,
    masked: bool = False,
) -> WengertList:  # fmt: skip
    """The values, and the derivatives of every output in `names`, row by row, in the modes of a plan."""
    build = Builder(wlist, rewrites=(tidy,), limits=limits)
    first = len(build.equations)
    found: dict[tuple[Any, str], Atom] = {}
    rules, active = rules_for(wlist.ops, kink), depending(wlist, names)
    inner, spans = bare_outputs(wlist), Spans(wlist, active)
    for a in plan.rows:
        b = inner.get(a, a)
        seeds = {b: 1.0} if isinstance(b, str) else {}
        asked = ReverseRequest(active=active, span=spans.above([b]))
        adjoint = reverse_sweep(wlist, Names(), seeds, build, rules, asked)
        found.update({(a, n): adjoint.get(n, 0.0) for n in names})
    rest: list[Any] = [a for a in wlist.outputs if a not in plan.rows]
    along = TangentRequest(wanted=leading(wlist, [inner.get(a, a) for a in rest]))
    down = Spans(wlist, along.wanted or ())
    for n in plan.columns:
        along = along._replace(span=down.below([n]))
        moved = tangent_sweep(wlist, Names(), {n: 1.0}, build, rules, along)
        found.update({(a, n): moved.get(inner.get(a, a), 0.0) for a in rest})
    derivatives = [found.get((a, n), 0.0) for a in wlist.outputs for n in names]
    if masked:
        pairs = [(a, n) for a in wlist.outputs for n in names]
        depends = {a: depended_on(spans.equations([a]), (a,), rules) for a in dict.fromkeys(wlist.outputs)}
        derivatives = [masked_by(a, g, build) if n in depends[a] else g for (a, n), g in zip(pairs, derivatives)]
    build.prune(first, derivatives)
    return build.finish(wlist, wlist.inputs, [*wlist.outputs, *derivatives])
