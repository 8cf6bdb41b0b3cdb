"""List to list: the derivative of a Wengert list is a Wengert list.

Each function runs a sweep of `sweeps` with a builder as `apply`. The result is again a list, so every order of
derivative is the same call again. Derivatives are nan where the value is nan (see `masks`). With `masked` false they
are as the rules give them, for reading, or for a caller that masks them itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from ..ground.errors import UsageError, error
from ..ground.limits import UNTRUSTED, Limits, checking_clock, timed
from ..ground.names import fresh
from ..lists.wengert_list import Atom, WengertList
from ..lists.wrt import at_output, chosen
from ..ops import ADD, MUL, SUM_LIKE, ZEROS
from ..ops.shapes.dimensions import Shape
from ..sweeps.forward import Spans, depending
from ..sweeps.masks import bare_outputs, depended_on, masked_by, weighted_sum
from ..sweeps.rules import Rules, checked_kink, rules_for
from .builder import Builder, Names
from .identities import tidy
from .list_sweeps import write_adjoints, write_tangents


def _builder(wlist: WengertList, limits: Limits, shapes: Mapping[str, Shape] | None = None) -> Builder:
    return Builder(wlist, rewrites=(tidy,), limits=limits, shapes=shapes)


def _reverse(
    build: Builder, wlist: WengertList, seeds: dict[str, Any], names: Sequence[str], rules: Rules,
    active: set[str], of: Sequence[Atom] | None = None, spans: Spans | None = None,
) -> list[Atom]:  # fmt: skip
    """A reverse sweep that writes, and the adjoints of the names that it answers, masked by the atoms `of`: one for
    each name, or one for all; by none if there are none. Adjoints are named after the names that they belong to."""
    first = len(build.equations)
    adjoint = write_adjoints(build, wlist, seeds, rules, active, None if spans is None else spans.above(seeds))
    answers: dict[str, Any] = {n: _reached(build, adjoint, n) for n in names}
    if of:
        depends = _dependence(wlist, seeds, rules, spans)
        for n, a in zip(answers, [*of] * len(answers) if len(of) == 1 else of):
            if n in adjoint or n in depends():
                place = build.defined.get(str(answers[n]))
                build.span = None if place is None else build.spans[place]
                answers[n] = adjoint[n] = masked_by(a, answers[n], build)
        build.span = None
    build.prune(first, answers.values())
    # If several names share an adjoint, the first one names it; the names that were asked for come first.
    wanted: dict[Any, str] = {}
    owners: dict[str, str] = {}
    for n in dict.fromkeys([*names, *adjoint]):
        atom = adjoint.get(n)
        if type(atom) is str and atom not in wanted:
            wanted[atom] = bar = f"{n}_bar"
            owners[bar] = n
    became = build.rename(wanted, first)
    build.origins.update({bar: f"adjoint of {owners[bar]}" for bar in became.values() if bar in owners})
    return [became.get(a, a) if type(a) is str else a for a in map(answers.__getitem__, names)]


def _dependence(
    wlist: WengertList, outputs: Collection[Atom], rules: Rules, spans: Spans | None = None
) -> Callable[[], set[Any]]:
    """The names on which the outputs depend by structure, found on first use."""

    @cache
    def found() -> set[Any]:
        return depended_on(wlist.equations if spans is None else spans.equations(outputs), outputs, rules)

    return found


def gradient(
    wlist: WengertList, wrt: Iterable[str] | None = None, *, value: bool = False, kink: str = "mean",
    limits: Limits = UNTRUSTED, shapes: Mapping[str, Shape] | None = None, masked: bool = True,
) -> WengertList:  # fmt: skip
    """The reverse sweep as equations: the list, then its adjoints. The outputs are the derivatives in `wrt`.

    With `value` the value comes first among the outputs. `shapes` are the shapes of the inputs of a list over arrays,
    if more is known of them than the list says; the result is then shorter, and right for these shapes only. Raises
    UsageError for a list of several outputs.
    """
    if len(wlist.outputs) != 1:
        what = f"a gradient is of one output, and this list has {len(wlist.outputs)}"
        raise at_output(wlist, wlist.outputs[-1], error(UsageError, "W603", what, help="take the jacobian"))
    return jacobian(wlist, wrt, value=value, kink=kink, limits=limits, shapes=shapes, masked=masked)


@timed
def jacobian(
    wlist: WengertList, wrt: Iterable[str] | None = None, *, value: bool = False, kink: str = "mean",
    limits: Limits = UNTRUSTED, shapes: Mapping[str, Shape] | None = None, masked: bool = True,
) -> WengertList:  # fmt: skip
    """The derivatives of every scalar output in every name of `wrt`, row by row, by one reverse sweep for each
    output."""
    names = chosen(wlist, wrt)
    rules = rules_for(wlist.ops, checked_kink(kink))
    build = _builder(wlist, limits, shapes)
    active = depending(wlist, names)
    rows: list[Atom] = []
    inner = bare_outputs(wlist) if masked else {}
    # Each of many outputs is swept only over the equations from which it is computed.
    spans = Spans(wlist, active) if len(wlist.outputs) > 1 else None
    for output in checking_clock(wlist.outputs):
        seed = inner.get(output, output)
        seeds = {seed: 1.0} if isinstance(seed, str) else {}
        rows += _reverse(build, wlist, seeds, names, rules, active, [output] if masked else None, spans)
    return build.finish(wlist, wlist.inputs, [*(wlist.outputs if value else ()), *rows])


@timed
def hessian(
    wlist: WengertList, wrt: Iterable[str] | None = None, *, kink: str = "mean", limits: Limits = UNTRUSTED,
    masked: bool = True,
) -> WengertList:  # fmt: skip
    """Second derivatives of one output, row by row: the jacobian of the gradient."""
    first = gradient(wlist, wrt, kink=kink, limits=limits, masked=masked)
    return jacobian(first, wrt, kink=kink, limits=limits, masked=masked)


@timed
def pullback(
    wlist: WengertList, *, kink: str = "mean", limits: Limits = UNTRUSTED, masked: bool = True
) -> WengertList:  # fmt: skip
    """The vector-Jacobian product, which is the gradient of the weighted sum of the outputs. The weights, the adjoints
    of the outputs (`f_bar`), are further inputs; the outputs are the adjoints of the inputs."""
    build = _builder(wlist, limits)
    bars: list[str] = []
    seeds: dict[str, Any] = {}
    for output in wlist.outputs:
        bar = _extra(build, f"{output}_bar" if isinstance(output, str) else "constant_bar")
        bars.append(bar)
        build.shapes[bar] = build.shape(output)
        if isinstance(output, str):
            seeds[output] = build(ADD, seeds[output], bar) if output in seeds else bar
    total = weighted_sum(tuple(seeds), Names(), seeds, build)
    active, rules = depending(wlist, wlist.inputs), rules_for(wlist.ops, checked_kink(kink))
    outputs = _reverse(build, wlist, seeds, wlist.inputs, rules, active, [total] if masked else None)
    return build.finish(wlist, [*wlist.inputs, *bars], outputs, _known(build, bars))


def weighted(wlist: WengertList) -> tuple[WengertList, tuple[str, ...]]:
    """The weighted sum of all elements of all outputs, and the names of the weights, which are further inputs of the
    outputs' shapes. Its Hessian is that of the constraints in a Lagrangian."""
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
    wlist: WengertList, wrt: Iterable[str] | None = None, *, kink: str = "mean", limits: Limits = UNTRUSTED,
    masked: bool = True,
) -> WengertList:  # fmt: skip
    """The Jacobian-vector product. The tangents of `wrt` (`x_dot`) are further inputs; the outputs are the tangents of
    the outputs."""
    names = chosen(wlist, wrt)
    build = _builder(wlist, limits)
    dots = {n: _extra(build, f"{n}_dot") for n in names}
    build.shapes.update({dot: build.shape(n) for n, dot in dots.items()})
    outputs = _tangent(build, wlist, dots, rules_for(wlist.ops, checked_kink(kink)), masked)
    return build.finish(wlist, [*wlist.inputs, *dots.values()], outputs, _known(build, dots.values()))


def _known(build: Builder, names: Iterable[str]) -> dict[str, Any]:
    """The shapes of further inputs of a list over arrays, as far as they are known."""
    found = {n: build.shape(n) for n in names} if build.shaped else {}
    return {n: s for n, s in found.items() if s is not None and None not in s and s != ()}


def _tangent(
    build: Builder, wlist: WengertList, tangents: dict[str, Any], rules: Rules, masked: bool
) -> list[Atom]:  # fmt: skip
    first = len(build.equations)
    tangent = write_tangents(build, wlist, tangents, rules)
    inner = bare_outputs(wlist) if masked else {}
    answers = {a: _reached(build, tangent, inner.get(a, a), a) for a in wlist.outputs}
    for a in [a for a in answers if masked and isinstance(a, str)]:
        if inner[a] in tangent or not _dependence(wlist, (a,), rules)().isdisjoint(tangents):
            answers[a] = tangent[a] = masked_by(a, answers[a], build)
    build.prune(first, answers.values())
    wanted = {a: f"{n}_dot" for n, a in reversed(tangent.items()) if type(a) is str}
    became = build.rename({a: wanted[a] for a in reversed(wanted)}, first)
    for n, a in tangent.items():
        if became.get(a) == f"{n}_dot":
            build.origins[f"{n}_dot"] = f"tangent of {n}"
    return [became.get(b, b) if type(b) is str else b for b in map(answers.__getitem__, wlist.outputs)]


@timed
def hvp(
    wlist: WengertList, wrt: Iterable[str] | None = None, *, kink: str = "mean", limits: Limits = UNTRUSTED,
    masked: bool = True,
) -> WengertList:  # fmt: skip
    """The Hessian-vector product, forward over reverse. The direction is a further input, and no Hessian is formed."""
    first = gradient(wlist, wrt, kink=kink, limits=limits, masked=masked)
    return pushforward(first, wrt, kink=kink, limits=limits, masked=masked)


@timed
def hvp_reverse(
    wlist: WengertList, wrt: Iterable[str] | None = None, *, kink: str = "mean", limits: Limits = UNTRUSTED,
    masked: bool = True,
) -> WengertList:  # fmt: skip
    """The Hessian-vector product, reverse over reverse: the gradient of the gradient's product with the direction."""
    names = chosen(wlist, wrt)
    first = gradient(wlist, names, kink=kink, limits=limits, masked=masked)
    build = _builder(first, limits)
    dots = [_extra(build, f"{n}_dot") for n in names]
    build.shapes.update({dot: build.shape(n) for n, dot in zip(names, dots)})
    # In a product with a symmetric matrix, each element is nan where its row is.
    inner = bare_outputs(first) if masked else {}
    seeds = _seeds(build, [inner.get(a, a) for a in first.outputs], dots)
    rules, active = rules_for(first.ops, kink), depending(first, names)
    outputs = _reverse(build, first, seeds, names, rules, active, first.outputs if masked else None)
    return build.finish(wlist, [*wlist.inputs, *dots], outputs, _known(build, dots))


def _reached(build: Builder, found: Mapping[str, Atom], a: Atom, like: Atom | None = None) -> Atom:
    """The adjoint or the tangent of an atom. If it was not reached, zeros in its shape, or in the shape of `like`."""
    if isinstance(a, str) and a in found:
        return found[a]
    like = a if like is None else like
    return build(ZEROS, like) if build.shaped and isinstance(like, str) else 0.0


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
