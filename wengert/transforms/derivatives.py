"""List to list: the derivative of a Wengert list is a Wengert list.

Each function runs a sweep of `sweeps` with a builder behind `apply`. As the answer is again a list, every order of
derivative is the same call once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..ground.errors import UnknownName, UsageError, error, suggestion
from ..ground.limits import UNTRUSTED, Limits, checking_clock, timed
from ..ground.names import fresh
from ..lists.wengert_list import Atom, WengertList
from ..ops import ADD, MUL, SUM_LIKE, ZEROS
from ..ops.shapes.dimensions import Shape
from ..sweeps.rules import checked_kink
from ..sweeps.sweeping import depending
from .builder import Builder
from .identities import tidy
from .list_sweeps import write_adjoints, write_tangents


def chosen(wlist: WengertList, wrt: Iterable[str] | None) -> tuple[str, ...]:
    """The names to differentiate by: those asked for, or all inputs. Raises UnknownName."""
    if wrt is None:
        return wlist.inputs
    names = (wrt,) if isinstance(wrt, str) else tuple(wrt)
    known = {*wlist.inputs, *(e.output for e in wlist.equations)}
    for name in names:
        if name not in known:
            help = suggestion(name, known) or f"the inputs are {', '.join(wlist.inputs) or 'none'}"
            raise error(UnknownName, "W101", f"no input or intermediate is called `{name}`", help=help)
    return names


def _builder(wlist: WengertList, limits: Limits, shapes: Mapping[str, Shape] | None = None) -> Builder:
    return Builder(wlist, rewrites=(tidy,), limits=limits, shapes=shapes)


def _reverse(
    build: Builder, wlist: Any, seeds: dict[str, Any], names: Sequence[str], kink: str, active: set[str],
    span: Sequence[int] | None = None, mark: str = "_bar",
) -> dict[str, Atom]:  # fmt: skip
    """A reverse sweep that writes; adjoints get the names of what they belong to. Atoms by primal name."""
    first = len(build.equations)
    adjoint = write_adjoints(build, wlist, seeds, kink, active, span)
    build.prune(first, [adjoint.get(n) for n in names])
    # Of several with one adjoint the first gives it its name; those that were asked for come first.
    wanted: dict[Any, str] = {}
    owners: dict[str, str] = {}
    for n in dict.fromkeys([*names, *adjoint]):
        a = adjoint.get(n)
        if type(a) is str and a not in wanted:
            wanted[a] = bar = f"{n}{mark}"
            owners[bar] = n
    became = build.rename(wanted, first)
    build.origins.update({bar: f"adjoint of {owners[bar]}" for bar in became.values() if bar in owners})
    return {n: became.get(a, a) for n, a in adjoint.items()}


def gradient(
    wlist: WengertList, wrt: Iterable[str] | None = None, *, value: bool = False, kink: str = "mean",
    limits: Limits = UNTRUSTED, shapes: Mapping[str, Shape] | None = None,
) -> WengertList:  # fmt: skip
    """The reverse sweep as equations: the list, then its adjoints; the outputs are the derivatives in `wrt`.

    With `value` the value comes first among the outputs. `shapes` are those of the inputs of a list over arrays, where
    more is known of them than the list tells: the answer is right for these alone, and shorter. Raises UsageError for a
    list of several outputs.
    """
    if len(wlist.outputs) != 1:
        raise error(UsageError, "W603", f"a gradient is of one output, and this list has {len(wlist.outputs)}",
                    help="take the jacobian")  # fmt: skip
    return jacobian(wlist, wrt, value=value, kink=kink, limits=limits, shapes=shapes)


@timed
def jacobian(
    wlist: WengertList, wrt: Iterable[str] | None = None, *, value: bool = False, kink: str = "mean",
    limits: Limits = UNTRUSTED, shapes: Mapping[str, Shape] | None = None,
) -> WengertList:  # fmt: skip
    """Derivatives of every output, a number, in every name of `wrt`, row by row, by one reverse sweep an output."""
    names = chosen(wlist, wrt)
    checked_kink(kink)
    build = _builder(wlist, limits, shapes)
    active = depending(wlist, names)
    rows: list[Atom] = []
    for output in checking_clock(wlist.outputs):
        seeds = {output: 1.0} if isinstance(output, str) else {}
        # Of many outputs each is swept over what it is computed from, not over the whole list.
        span = _above(build, output, active) if len(wlist.outputs) > 1 else None
        adjoint = _reverse(build, wlist, seeds, names, kink, active, span)
        rows += [_reached(build, adjoint, n) for n in names]
    return build.finish(wlist, wlist.inputs, [*(wlist.outputs if value else ()), *rows])


def _above(build: Builder, output: Atom, active: set[str]) -> list[int]:
    """The indices of the equations that an output is computed from, through active names."""
    order, seen, places = [output], {output}, []
    for name in order:
        k = build.defined.get(name)  # type: ignore[arg-type]
        if k is not None:
            places.append(k)
            for a in build.equations[k][2]:
                if a in active and a not in seen:
                    seen.add(a)
                    order.append(a)
    places.sort()
    return places


@timed
def hessian(
    wlist: WengertList, wrt: Iterable[str] | None = None, *, kink: str = "mean", limits: Limits = UNTRUSTED
) -> WengertList:
    """Second derivatives of one output, row by row: the jacobian of the gradient."""
    return jacobian(gradient(wlist, wrt, kink=kink, limits=limits), wrt, kink=kink, limits=limits)


@timed
def pullback(wlist: WengertList, *, kink: str = "mean", limits: Limits = UNTRUSTED) -> WengertList:
    """The vector-Jacobian product: further inputs are the adjoints of the outputs (`f_bar`), the outputs those of the
    inputs."""
    build = _builder(wlist, limits)
    bars: list[str] = []
    seeds: dict[str, Any] = {}
    for output in wlist.outputs:
        bar = _extra(build, f"{output}_bar" if isinstance(output, str) else "constant_bar")
        bars.append(bar)
        build.shapes[bar] = build.shape(output)
        if isinstance(output, str):
            seeds[output] = build(ADD, seeds[output], bar) if output in seeds else bar
    adjoint = _reverse(build, wlist, seeds, wlist.inputs, checked_kink(kink), depending(wlist, wlist.inputs))
    outputs = [_reached(build, adjoint, n) for n in wlist.inputs]
    return build.finish(wlist, [*wlist.inputs, *bars], outputs, _known(build, bars))


def weighted(wlist: WengertList) -> tuple[WengertList, tuple[str, ...]]:
    """The sum of all outputs, each element times its weight, and the names of the weights, which are further inputs of
    the outputs' shapes. Its Hessian is that of a Lagrange function's constraints."""
    build = Builder(wlist)
    weights: list[str] = []
    total: Atom = 0.0
    for output in wlist.outputs:
        weight = _extra(build, f"{output}_bar" if isinstance(output, str) else "constant_bar")
        weights.append(weight)
        product = build(MUL, weight, output)
        if build.shaped:
            product = build(SUM_LIKE, product, 1.0)
        total = product if total == 0.0 else build(ADD, total, product)
    return build.finish(wlist, [*wlist.inputs, *weights], [total]), tuple(weights)


@timed
def pushforward(
    wlist: WengertList, wrt: Iterable[str] | None = None, *, kink: str = "mean", limits: Limits = UNTRUSTED
) -> WengertList:
    """The Jacobian-vector product: further inputs are the tangents of `wrt` (`x_dot`), the outputs those of the
    outputs."""
    names = chosen(wlist, wrt)
    build = _builder(wlist, limits)
    dots = {n: _extra(build, f"{n}_dot") for n in names}
    build.shapes.update({dot: build.shape(n) for n, dot in dots.items()})
    tangent = _tangent(build, wlist, dots, checked_kink(kink))
    outputs = [_reached(build, tangent, a) for a in wlist.outputs]
    return build.finish(wlist, [*wlist.inputs, *dots.values()], outputs, _known(build, dots.values()))


def _known(build: Builder, names: Iterable[str]) -> dict[str, Any]:
    """Shapes of further inputs of a list over arrays, where they are known."""
    found = {n: build.shape(n) for n in names} if build.shaped else {}
    return {n: s for n, s in found.items() if s is not None and None not in s and s != ()}


def _tangent(build: Builder, wlist: Any, tangents: dict[str, Any], kink: str) -> dict[str, Any]:
    first = len(build.equations)
    tangent = write_tangents(build, wlist, tangents, kink)
    build.prune(first, [tangent.get(a) for a in wlist.outputs])
    wanted = {a: f"{n}_dot" for n, a in reversed(tangent.items()) if type(a) is str}
    became = build.rename({a: wanted[a] for a in reversed(wanted)}, first)
    for n, a in tangent.items():
        if became.get(a) == f"{n}_dot":
            build.origins[f"{n}_dot"] = f"tangent of {n}"
    return {n: became.get(a, a) for n, a in tangent.items()}


@timed
def hvp(
    wlist: WengertList, wrt: Iterable[str] | None = None, *, kink: str = "mean", limits: Limits = UNTRUSTED
) -> WengertList:
    """The Hessian-vector product, forward over reverse: further inputs are the direction; no Hessian is formed."""
    return pushforward(gradient(wlist, wrt, kink=kink, limits=limits), wrt, kink=kink, limits=limits)


@timed
def hvp_reverse(
    wlist: WengertList, wrt: Iterable[str] | None = None, *, kink: str = "mean", limits: Limits = UNTRUSTED
) -> WengertList:
    """The Hessian-vector product, reverse over reverse: the gradient of the gradient's product with the direction."""
    names = chosen(wlist, wrt)
    first = gradient(wlist, names, kink=kink, limits=limits)
    build = _builder(first, limits)
    dots = [_extra(build, f"{n}_dot") for n in names]
    build.shapes.update({dot: build.shape(n) for n, dot in zip(names, dots)})
    adjoint = _reverse(build, first, _seeds(build, first.outputs, dots), names, kink, depending(first, names))
    outputs = [_reached(build, adjoint, n) for n in names]
    return build.finish(wlist, [*wlist.inputs, *dots], outputs, _known(build, dots))


def _reached(build: Builder, found: Mapping[str, Atom], a: Atom) -> Atom:
    """The adjoint or the tangent of an atom; of one that was not reached, zeros in its shape."""
    if isinstance(a, str):
        return found[a] if a in found else build(ZEROS, a) if build.shaped else 0.0
    return 0.0


def _seeds(build: Builder, outputs: Sequence[Atom], values: Sequence[Any]) -> dict[str, Any]:
    seeds: dict[str, Any] = {}
    for output, seed in zip(outputs, values):
        if isinstance(output, str):
            seeds[output] = build(ADD, seeds[output], seed) if output in seeds else seed
    return seeds


def _extra(build: Builder, name: str) -> str:
    """A free name for a further input."""
    if name in build.taken:
        name = next(fresh(name, build.taken, 2))
    build.taken.add(name)
    return name
