"""Derivatives inside a program: `d(f, x)` and `jvp(f, x, v)` become the equations that compute them."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..errors import DerivativeError, Source, error
from ..limits import UNTRUSTED, WIDE, Limits, exceeded, paced, timed
from ..names import is_temporary
from ..ops import COPY, DERIVATIVES, Op
from ..rules import checked_kink
from ..series import taylor_sweep
from ..sweeps import reverse_sweep, tangent_sweep
from ..wengert_list import Atom, Equation, WengertList, assemble, names_of
from .builder import Builder, Names
from .identities import tidy

_FEW = 4


class _Part(NamedTuple):
    """What a sweep reads of a list that is still being written."""

    equations: list[Equation]
    ops: tuple[Op, ...]


@timed
def expand(wlist: WengertList, *, kink: str = "mean", limits: Limits = UNTRUSTED) -> WengertList:
    """The list with every derivative equation expanded, in order; a list without any is returned as it is.

    `d(f, x)` takes x, an input or an intermediate, for independent: its cost is that of the part of the list between x
    and f. Raises DerivativeError for an op without a rule, LimitError when the list grows too long.
    """
    if not any(e.op in DERIVATIVES for e in wlist.equations):
        return wlist
    checked_kink(kink)
    _check_orders(wlist, limits)
    build = Builder(rewrites=(tidy,), limits=limits, taken=names_of(wlist))
    build.origins.update(wlist.provenance.origins)
    outputs = {a for a in wlist.outputs if isinstance(a, str)}
    became: dict[str, Atom] = {}
    for k, (output, op, inputs) in enumerate(paced(wlist.equations)):
        span = wlist.provenance.span(k)
        args = tuple(became.get(a, a) if type(a) is str else a for a in inputs)
        if op not in DERIVATIVES:
            build.write(Equation(output, op, args), span)
            continue
        build.span = span
        first = len(build.equations)
        if not isinstance(args[1], str):
            raise error(DerivativeError, "W117", f"`{op}` differentiates with respect to a name", span,
                        source=wlist.provenance.source)  # fmt: skip
        answer = _derivative(build, wlist, op, args, kink, limits)
        build.prune(first, [answer])
        user = output in outputs or not is_temporary(output)
        if user and type(answer) is str and build.defined.get(answer, -1) >= first:
            build.taken.discard(output)
            build.rename({answer: output}, first)
        elif user:
            build.write(Equation(output, COPY, (answer,)), span)
        else:
            became[output] = answer
    finals = [became.get(a, a) if isinstance(a, str) else a for a in wlist.outputs]
    return build.finish(wlist, wlist.inputs, finals)


def _check_orders(wlist: WengertList, limits: Limits) -> None:
    """Refuse derivatives of derivatives beyond `limits.order` before the first is expanded: each order makes the list
    longer by a factor."""
    orders: dict[Atom, int] = {}
    for k, (output, op, inputs) in enumerate(paced(wlist.equations)):
        if op in DERIVATIVES or op == COPY:
            orders[output] = order = orders.get(inputs[0], 0) + (op in DERIVATIVES)
            if order > limits.order:
                problem = exceeded(limits, "order", f"a derivative of order {order}", wlist.provenance.span(k))
                raise problem.within(wlist.provenance.source or Source(""))


def _order(k: Any, limits: Limits) -> int:
    if not isinstance(k, float) or k != k or k < 0 or k != float(round(min(k, 1e9))):
        raise error(DerivativeError, "W117", "the order of a Taylor coefficient is a whole number, written out")
    if k > limits.order:
        raise exceeded(limits, "order", f"a Taylor coefficient of order {k:.0f}")
    return int(k)


def _derivative(build: Builder, wlist: WengertList, op: str, args: tuple[Any, ...], kink: str, limits: Limits) -> Atom:
    """The atom of `d(f, x)`, `jvp(f, x, v)` or `taylor(f, x, k)`."""
    f, x = args[:2]
    if f == x:
        return {"d": 1.0, "jvp": args[-1], "taylor": float(args[-1] == 1.0)}[op]  # type: ignore[no-any-return]
    low, high = build.defined.get(x, -1) + 1, build.defined.get(f, -1) + 1
    if high <= low:
        return 0.0
    # To look at so many equations takes as long as to write one; so does to sweep over a few of them.
    build.tally.spend((high - low) // WIDE)
    part: Any = _Part(build.equations, wlist.ops)
    window: Any = _Part(build.equations[low:high], wlist.ops)
    if op == "taylor":
        window = assemble((), window.equations, (f,), wlist.ops)
        return taylor_sweep(window, Names(), {x: 1.0}, _order(args[2], limits), build, kink)[0][-1]  # type: ignore[no-any-return]
    if op == "jvp":
        return tangent_sweep(window, Names(), {x: args[2]}, build, kink).get(f, 0.0)  # type: ignore[no-any-return]
    active = {x}
    for output, _, inputs in paced(build.equations[low:high]):
        if not active.isdisjoint(inputs):
            active.add(output)
    if f not in active:
        return 0.0
    build.tally.spend(len(active) // _FEW)
    return reverse_sweep(part, Names(), {f: 1.0}, build, kink, None, active, range(low, high)).get(x, 0.0)  # type: ignore[no-any-return]
