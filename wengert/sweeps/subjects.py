"""Phrases by which messages name equations, in the words that the user wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ..ground.errors import Span
from ..lists.quoting import made_up, quoted_atom
from ..lists.wengert_list import Atom, WengertList, table_of

# A message quotes at most this many characters of the text.
LONGEST = 60


class Subjects:
    """Names for the equations of a list, as phrases in backticks. A function is named as it was called, any other
    equation by its text, and one written for a derivative as the derivative of another. An equation without a place is
    named by its op."""

    def __init__(self, wlist: WengertList) -> None:
        self.wlist, self.table = wlist, table_of(wlist.ops)

    @cached_property
    def first(self) -> dict[Span, int]:
        """The first equation at each place in the text."""
        found: dict[Span, int] = {}
        for k in range(len(self.wlist.equations)):
            if (span := self.wlist.provenance.span(k)) is not None:
                found.setdefault(span, k)
        return found

    @cached_property
    def indices(self) -> dict[str, int]:
        """The number of the equation that defines each name."""
        return {e[0]: k for k, e in enumerate(self.wlist.equations)}

    def place(self, k: int) -> Span | None:
        """The place of an equation in the text, or the place of the nearest equation above that has one."""
        j = self.placed(k)
        return None if j is None else self.wlist.provenance.span(j)

    def placed(self, k: int) -> int | None:
        """An equation if it has a place in the text, or else the nearest one above that has: a tangent sweep writes
        equations without places."""
        waiting, seen = [k], {k}
        for j in waiting:
            if self.wlist.provenance.entry(j) is not None:
                return j
            for a in self.wlist.equations[j].inputs:
                above = self.indices.get(a) if type(a) is str else None
                if above is not None and above not in seen:
                    seen.add(above)
                    waiting.append(above)
        return None

    def written_for(self, k: int) -> int:
        """The equation for whose derivative this one was written, or this one itself. It is below the place where the
        text asks for the derivative."""
        if (j := self.placed(k)) is None:
            return k
        name = self.wlist.provenance.written_for(j)
        return self.indices.get(name, self.first[self.wlist.provenance.span(j)]) if name else j  # type: ignore[index]

    def of(self, k: int) -> str:
        """The phrase for an equation."""
        op, source = self.wlist.equations[k].op, self.wlist.provenance.source
        span = None if source is None else self.place(k)
        row = self.table.get(op)
        name = op.partition("[")[0] if row is None or not row.notation.folded else row.notation.folded
        text = "" if span is None or source is None else " ".join(source.text[span.start : span.end].split())
        if not text:
            return f"`{name}`" if source is None else "a step of the derivative"
        word = re.match(r"(\w+)\(", text)
        own = () if row is None else (name, op.partition("[")[0], *row.aliases)
        if word is not None and word[1] in own:
            return f"`{word[1]}`"
        text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
        return f"`{text}`" if self.written_for(k) >= k else f"the derivative of `{text}`"

    def values(self, k: int, tape: Mapping[str, Any]) -> dict[str, Any]:
        """The values of an equation's arguments. For the derivative of an equation, they are the arguments of that
        equation; for a derivative that the text asks for there are none."""
        first = self.written_for(k)
        inputs = self.wlist.equations[first].inputs if first <= k else ()
        return {a: tape[a] for a in inputs if type(a) is str}

    def quoted(self, a: Atom, k: int) -> str:
        """An input of equation k as the text has it. A temporary that a rewrite wrote in place of k has no text: it is
        called by the op's parameter to which it is passed."""
        if type(a) is not str:
            return f"{a:.15g}"
        j = self.indices.get(a)
        text = quoted_atom(self.wlist, a, j)
        if k < 0 or j is None or not made_up(self.wlist, a):
            return text
        if text != a and self.wlist.provenance.span(j) != self.wlist.provenance.span(k):
            return text
        op, inputs = self.wlist.equations[k][1:]
        row = self.table.get(op)
        letters = row.params.replace("*", "").split() if row is not None else []
        return letters[min(inputs.index(a), len(letters) - 1)] if letters else a

    def arguments(self, k: int) -> list[str]:
        """The texts of an equation's arguments; none if the equation has no place in the text."""
        if self.wlist.provenance.source is None or self.placed(k) != k:
            return []
        return [self.quoted(a, k) for a in self.wlist.equations[k].inputs]
