"""Rewriting passes over a whole list, each with receipts.

`simplify` passes keep every value bit for bit. `fuse` replaces an expression by one op that is more accurate or does
not overflow; its receipts give each change and its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import chain, repeat
from typing import Any

from ..ground.errors import Span
from ..ground.limits import Limits, checking_clock
from ..ground.names import is_temporary
from ..lists.receipts import Receipt
from ..lists.shapes import declared, of_arrays
from ..lists.wengert_list import Atom, Equation, Provenance, WengertList, assemble, names_of, numbers_of, ops_of
from ..ops import COPY, DERIVATIVES, OPS
from .builder import Builder
from .factors import PRODUCTS, Factoring
from .fusible import fusible, of_factors
from .identities import as_written, folded, identity
from .patterns import Step, bindings, instantiate, patterns_by_op, patterns_of, reason_of

Change = tuple[Step | Atom, str]
Pass = Callable[[WengertList], tuple[WengertList, tuple[Receipt, ...]]]


def _rewritten(
    wlist: WengertList,
    name: str,
    change: Callable[[Builder, str, tuple[Atom, ...]], Change | None],
    opaque: Collection[str] = (),
) -> tuple[WengertList, tuple[Receipt, ...]]:
    """Apply `change` to each equation. It returns an op on inputs, or an atom, and the reason."""
    # Rewriting does not make a list much longer, so the only limit here is time.
    shapes = declared(wlist) if of_arrays(wlist) else None
    build = Builder(taken=names_of(wlist), limits=Limits.trusted(), shapes=shapes)
    build.opaque = opaque
    build.origins = dict(wlist.provenance.origins)
    became: dict[str, Atom] = {}
    receipts: list[Receipt] = []
    there = {op: op in OPS for op in {e.op for e in wlist.equations}}
    spans: chain[Any] = chain(wlist.provenance.spans, repeat(None))
    unchanged = became.keys().isdisjoint
    for e, span in zip(wlist.equations, spans):
        output, op, args = e
        if not unchanged(args):
            args = tuple([became.get(a, a) if type(a) is str else a for a in args])
            e = Equation(output, op, args)
        build.span = span
        found = change(build, op, args) if there[op] else None
        if found is None:
            build.write(e, span)
            continue
        answer, reason = found
        if isinstance(answer, tuple):
            build.write(Equation(output, *answer), span)
        elif output in wlist.outputs and not is_temporary(output):
            build.write(Equation(output, COPY, (answer,)), span)
        else:
            became[output] = answer
        after = answer if isinstance(answer, tuple) else (answer,)
        place = None if span is None else Span(*span[:3])
        receipts.append(Receipt(name, output, _shown(op, args), _shown(*after), reason, place))
    outputs = [became.get(a, a) if isinstance(a, str) else a for a in wlist.outputs]
    return build.finish(wlist, wlist.inputs, outputs), tuple(receipts)


def _shown(op: Atom, args: tuple[Atom, ...] | None = None) -> str:
    if args is None:
        return f"{op:.17g}" if isinstance(op, float) else op
    return f"{op}({', '.join(_shown(a) for a in args)})"


def fold(wlist: WengertList) -> tuple[WengertList, tuple[Receipt, ...]]:
    """Replace equations on numbers alone by their values."""

    def change(build: Builder, op: str, args: tuple[Atom, ...]) -> Change | None:
        if op == COPY:
            return None
        number = folded(build, op, args)
        return None if number is None else (number, "numbers alone")

    return _rewritten(wlist, "fold", change)


def identities(wlist: WengertList) -> tuple[WengertList, tuple[Receipt, ...]]:
    """Apply identities that IEEE 754 keeps exactly."""

    def change(build: Builder, op: str, args: tuple[Atom, ...]) -> Change | None:
        found = identity(build, op, args)
        return None if found is None else (found[1], f"{found[0].text}, exactly")

    return _rewritten(wlist, "identities", change)


def strength(wlist: WengertList) -> tuple[WengertList, tuple[Receipt, ...]]:
    """Replace ops by cheaper ones with the same bits."""
    cheaper = patterns_of("cheaper")

    def change(build: Builder, op: str, args: tuple[Atom, ...]) -> Change | None:
        for p in cheaper.get(op, ()):
            if (bound := bindings(p, build, op, args)) is not None:
                return instantiate(p, build, bound), "the same bits for less work"
        return None

    return _rewritten(wlist, "strength", change)


def common(wlist: WengertList) -> tuple[WengertList, tuple[Receipt, ...]]:
    """Compute the same op on the same inputs only once."""

    def change(build: Builder, op: str, args: tuple[Atom, ...]) -> Change | None:
        first = build.written(op, args)
        return None if first is None or op == COPY else (first, "computed before")

    return _rewritten(wlist, "common", change)


def drop_dead(wlist: WengertList) -> tuple[WengertList, tuple[Receipt, ...]]:
    """Drop equations on which no output depends."""
    live = {a for a in wlist.outputs if isinstance(a, str)}
    kept: list[int] = []
    for k in checking_clock(range(len(wlist.equations) - 1, -1, -1)):
        output, _, inputs = wlist.equations[k]
        if output in live:
            live.update(a for a in inputs if type(a) is str)
            kept.append(k)
    kept.reverse()
    if len(kept) == len(wlist.equations):
        return wlist, ()
    provenance = wlist.provenance
    spans = tuple(map(provenance.entry, kept)) if provenance.spans else ()
    fewer = assemble(
        wlist.inputs, [wlist.equations[k] for k in kept], wlist.outputs, wlist.ops,
        Provenance(spans, provenance.origins, provenance.source), wlist.shapes,
    )  # fmt: skip
    alive = set(kept)
    receipts = tuple(
        Receipt("drop_dead", e.output, _shown(e.op, e.inputs), "", "no output depends on it", provenance.span(k))
        for k, e in enumerate(wlist.equations)
        if k not in alive
    )
    return fewer, receipts


PASSES: dict[str, Pass] = {
    "fold": fold, "identities": identities, "strength": strength, "common": common, "drop_dead": drop_dead,
}  # fmt: skip


def simplify(wlist: WengertList, passes: tuple[str, ...] = tuple(PASSES)) -> tuple[WengertList, tuple[Receipt, ...]]:
    """Run all passes until none changes anything. Every value stays the same, bit for bit."""
    receipts: list[Receipt] = []
    while True:
        changed = False
        for name in passes:
            wlist, more = PASSES[name](wlist)
            receipts += more
            changed = changed or bool(more)
        if not changed:
            return wlist, tuple(receipts)


def fuse(wlist: WengertList, opaque: Collection[str] = ()) -> tuple[WengertList, tuple[Receipt, ...]]:
    """Stabilising rewrites: replace a naive formula by the op that computes it accurately.

    Equations that no output needs any more are dropped. Names that are `opaque`, or by which the program
    differentiates, stay: no rewrite looks into them.
    """
    ops = ops_of(wlist)
    texts = fusible(frozenset(ops), numbers_of(wlist))
    products = tuple([t for t in texts if t in of_factors()])
    patterns = patterns_by_op(tuple([t for t in texts if t not in of_factors()]))
    if ops.isdisjoint(patterns) and (not products or ops.isdisjoint(PRODUCTS)):
        return wlist, ()
    factoring = Factoring(products) if products else None

    opaque = {*opaque, *(str(e.inputs[1]) for e in wlist.equations if e.op in DERIVATIVES)}

    def change(build: Builder, op: str, args: tuple[Atom, ...]) -> Change | None:
        there = build.known.keys()
        for step in as_written(build, op, args):
            for p in patterns.get(step[0], ()):
                if p.inner <= there and (bound := bindings(p, build, *step)) is not None:
                    return instantiate(p, build, bound), reason_of(p.text, p.reason, bound)
        return factoring.change(build, op, args) if factoring is not None and op in PRODUCTS else None

    fused, receipts = _rewritten(wlist, "fuse", change, opaque)
    return (drop_dead(fused)[0], receipts) if receipts else (wlist, ())
