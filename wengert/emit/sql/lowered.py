"""The equations of a list as expressions of a query."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

from ...ground.errors import UsageError, error
from ...ground.limits import checking_clock
from ...lists.wengert_list import Atom, WengertList, table_of
from ...ops import ALIASES, COPY, Op
from ...sweeps.rules import forward_rule
from .scalars import Scalars
from .unrolled import SOURCES, Unrolled, Unwritable

Steps = Iterator[tuple[str, str, tuple[Atom, ...]]]


class Lowered:
    """The expressions of a list, whose inputs are columns, or numbers if they have values.

    places  the expression of each name, by its place in the graph
    """

    def __init__(self, wlist: WengertList, scalars: Scalars, values: Mapping[str, float]) -> None:
        self.wlist, self.scalars, self.values = wlist, scalars, values
        self.table = table_of(wlist.ops)
        self.unrolled = Unrolled(scalars)
        self._rules: dict[str, WengertList] = {}
        self._done: dict[tuple[str, tuple[int, ...]], int] = {}
        self.places = {n: scalars.number(values[n]) if n in values else scalars.column(n) for n in wlist.inputs}
        for k, (output, op, inputs) in enumerate(checking_clock(wlist.equations)):
            args = [self.atom(a, self.places) for a in inputs]
            try:
                self.places[output] = self.value(op, args)
            except Unwritable:
                self.refuse(k)

    def atom(self, a: Atom, names: dict[str, int]) -> int:
        """The expression of a name or a number."""
        return names[a] if isinstance(a, str) else self.scalars.number(a)

    def value(self, op: str, args: Sequence[int]) -> int:
        """The expression of an op. Those that a program defines have a list each: no call of one nests."""
        stack: list[tuple[Op, tuple[int, ...], Steps, dict[str, int], str]] = []
        wanted: tuple[str, tuple[int, ...]] | None = (op, tuple(args))
        while True:
            if wanted is not None:
                row = self.table[wanted[0]]
                if wanted in self._done:
                    answer = self._done[wanted]
                elif wanted[0] == COPY:
                    answer = wanted[1][0]
                elif isinstance(row.forward, str):
                    rule = self.rule(row)
                    names = dict(zip(rule.inputs, wanted[1]))
                    stack.append((row, wanted[1], iter(rule.equations), names, ""))
                    wanted = None
                    continue
                else:
                    answer = self.unrolled.op(SOURCES.key_of(row), wanted[1])
                wanted = None
                if not stack:
                    return answer
                stack[-1][3][stack[-1][4]] = answer
            row, given, steps, names, _ = stack[-1]
            step = next(steps, None)
            if step is not None:
                output, inner, inputs = step
                stack[-1] = (row, given, steps, names, output)
                wanted = (inner, tuple(self.atom(a, names) for a in inputs))
                continue
            stack.pop()
            answer = self._done[row.name, given] = self.atom(self.rule(row).outputs[0], names)
            if not stack:
                return answer
            stack[-1][3][stack[-1][4]] = answer

    def rule(self, row: Op) -> WengertList:
        """The list of an op that a program defines."""
        if (found := self._rules.get(row.name)) is None:
            found = self._rules[row.name] = forward_rule(row, self.wlist.ops)
        return found

    def refuse(self, k: int) -> NoReturn:
        """Raise UsageError for an op that SQL cannot compute, in the user's words."""
        row, provenance = self.table[self.wlist.equations[k].op], self.wlist.provenance
        span, source = provenance.span(k), provenance.source
        text = source.text[span.start : span.end] if source and span else ""
        word = re.match(r"\w*", text)[0]  # type: ignore[index]
        derived = bool(provenance.written_for(k)) or self.wlist.equations[k].output in provenance.origins
        title = self.scalars.dialect.title
        if not derived and ALIASES.get(word, word) == row.name:
            message = f"`{word}` cannot be written in SQL for {title}: it is computed in a loop"
        elif derived:
            needed = "a function" if row.of_rules else f"`{row.name}`"
            message = f"the derivative here needs {needed} that cannot be written in SQL for {title}"
        else:
            message = f"`{row.name}` cannot be written in SQL for {title}: it is computed in a loop"
        help = "the targets python and numpy have it" + (", and the value alone needs it not" if derived else "")
        raise error(UsageError, "W911", message, span, help=help, source=source)
