"""The phrases by which messages name equations: the words that the user wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ..ground.errors import Span
from ..lists.quoting import made_up, quoted_atom
from ..lists.wengert_list import Atom, WengertList, table_of

# At most this many characters of the text stand in a message.
LONGEST = 60


class Subjects:
    """Names for the equations of a list, as phrases with backticks: a function by the name it was called by, anything
    else by its text; one that was written for the derivative of another as that. An equation without a place is called
    by its op."""

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
        """Which equation defines a name."""
        return {e[0]: k for k, e in enumerate(self.wlist.equations)}

    def place(self, k: int) -> Span | None:
        """The place of an equation in the text; of one without, that of the nearest above it that has one."""
        j = self.placed(k)
        return None if j is None else self.wlist.provenance.span(j)

    def placed(self, k: int) -> int | None:
        """An equation if it has a place in the text; of one without, as a tangent sweep writes them, the nearest above
        it that has one."""
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
        """The equation whose derivative this one was written for; itself, if for none. It stands below where the text
        asks for the derivative."""
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
        """The values that went in: for the derivative of an equation, those of that; for a derivative that the text
        asks for, none, as they are steps of it."""
        first = self.written_for(k)
        inputs = self.wlist.equations[first].inputs if first <= k else ()
        return {a: tape[a] for a in inputs if type(a) is str}

    def quoted(self, a: Atom, k: int) -> str:
        """An input of equation k as the text has it. A temporary that a rewrite wrote in the place of k has no text
        of its own: it is called by the parameter of the op that it is given for."""
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
        """The phrases for the arguments of an equation: their texts. None at all where it has no text."""
        if self.wlist.provenance.source is None or self.placed(k) != k:
            return []
        return [self.quoted(a, k) for a in self.wlist.equations[k].inputs]
