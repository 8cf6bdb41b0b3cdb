"""Receipts of rewrites in the words of the text, for readers who have an answer before them and not the list."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..ground.names import shortened
from ..lists.quoting import bracketed, made_up, quoted_atom, substituted
from ..lists.receipts import Receipt
from ..lists.wengert_list import Atom, Equation, WengertList, table_of
from .formula import Infix
from .layout import TIGHT, Layout, binds

# More characters than this of a formula are cut.
LONGEST = 60
_TEMPORARY = re.compile(r"(?<![\w.])v\d+\b")


class Rewritings:
    """The receipts of a list that rewrites made, told without the names of temporaries. Equations that a rewrite wrote
    are written out as a formula; any other temporary gives way to the text that it stands for."""

    def __init__(self, wlist: WengertList) -> None:
        self.wlist, self.table = wlist, table_of(wlist.ops)
        self.indices = {e.output: k for k, e in enumerate(wlist.equations)}
        self.occupied = {wlist.provenance.span(k) for k in self.indices.values()}

    def standing(self, receipts: Sequence[Receipt]) -> list[Receipt]:
        """The receipts but for those that a later rewrite has undone: it took in their place, and nothing that they
        wrote is left in the list."""
        standing, later = list[Receipt](), list[Receipt]()
        for r in reversed(receipts):
            if r.output in self.indices or r.span in self.occupied or not any(_within(r, s) for s in later):
                standing.append(r)
            later.append(r)
        return standing[::-1]

    def told(self, r: Receipt) -> Receipt:
        """A receipt with `after` and `reason` in the words of the text; unchanged if the text has none."""
        if self.wlist.provenance.source is None or r.span is None:
            return r
        write = self._writer(r)
        k = self.indices.get(r.output)
        if k is not None:
            after = write.right(self.wlist.equations[k])
        else:
            after = write.atom(r.after) if r.after in self.indices else r.after
        words = {name: shortened(write.atom(name), LONGEST) for name in _TEMPORARY.findall(r.reason)}
        return r._replace(after=shortened(after, LONGEST), reason=substituted(r.reason, words))

    def _writer(self, r: Receipt) -> Infix:
        """A writer of the equations that a rewrite wrote, which have its place. All else is quoted from the text."""
        within: dict[str, Equation] = {}
        binding: dict[str, int] = {}
        waiting = [r.output, *_TEMPORARY.findall(f"{r.after} {r.reason}")]
        for name in waiting:
            k = self.indices.get(name)
            if k is None or name in binding or not made_up(self.wlist, name):
                continue
            if self.wlist.provenance.span(k) == r.span:
                e = self.wlist.equations[k]
                within[name], binding[name] = e, binds(self.table.get(e.op))
                waiting += [a for a in e.inputs if type(a) is str]
            else:
                binding[name] = TIGHT if bracketed(text := self._quoted(name)) == text else 0
        return Infix(tuple(self.table.values()), Layout((), within, binding), self._quoted)

    def _quoted(self, a: Atom) -> str:
        return quoted_atom(self.wlist, a, self.indices.get(str(a)), LONGEST)


def _within(r: Receipt, other: Receipt) -> bool:
    """Whether the place of a receipt lies within that of another."""
    if r.span is None or other.span is None:
        return False
    return other.span.start <= r.span.start and r.span.end <= other.span.end
