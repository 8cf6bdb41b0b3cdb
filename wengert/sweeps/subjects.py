"""The phrases by which messages name equations: the words that the user wrote."""

from __future__ import annotations

import re
from functools import cached_property

from ..ground.errors import Span
from ..ground.names import is_temporary
from ..lists.wengert_list import Atom, WengertList, table_of

# At most this many characters of the text stand in a message.
LONGEST = 60


class Subjects:
    """Names for the equations of a list, as phrases with backticks: a function by the name it was called by, anything
    else by its text. Where several equations have one place in the text the first computes it, and the others were
    written for its derivative. An equation without a place is called by its op."""

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
        """The place of an equation in the text; of one without, as a tangent sweep writes them, that of the nearest
        above it that has one."""
        waiting, seen = [k], {k}
        for j in waiting:
            if (span := self.wlist.provenance.span(j)) is not None:
                return span
            for a in self.wlist.equations[j].inputs:
                above = self.indices.get(a) if type(a) is str else None
                if above is not None and above not in seen:
                    seen.add(above)
                    waiting.append(above)
        return None

    def written_for(self, k: int) -> int:
        """The equation whose derivative this one was written for; itself, if for none."""
        span = self.place(k)
        return k if span is None else self.first[span]

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
        return f"`{text}`" if self.written_for(k) == k else f"the derivative of `{text}`"

    def arguments(self, k: int) -> list[str]:
        """The phrases for the arguments of an equation: their texts. None at all where one has no text, nor for a call
        that the user wrote: its parameters go by the names in its documentation."""
        if self.wlist.provenance.source is None or re.fullmatch(r"`\w+`", self.of(k)):
            return []
        found = [self._argument(a) for a in self.wlist.equations[k].inputs]
        return found if all(found) else []

    def _argument(self, a: Atom) -> str:
        if type(a) is not str:
            return f"{a:.15g}"
        span, source = None, self.wlist.provenance.source
        if is_temporary(a) and (k := self.indices.get(a)) is not None:
            span = self.wlist.provenance.span(k)
        elif not is_temporary(a):
            return a
        return "" if span is None or source is None else " ".join(source.text[span.start : span.end].split())
