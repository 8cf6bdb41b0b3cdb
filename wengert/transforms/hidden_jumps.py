"""Jumps of an op that the value of the program may not show.

An op that jumps between pieces of one slope, such as floor, gives the right derivative wherever the program jumps with
it, as only the branch taken counts there, and wherever its factor is 0 at every value of the input that moves it. It
gives another than the pieces where the jump is hidden: by a factor of 0 at that point alone, or by an op that takes two
values to one. So a jump that reaches the outputs only by factors that do not move with it needs no watch.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..ground.limits import checking_clock
from ..lists.wengert_list import Equation, WengertList
from ..sweeps.rules import Partial, Rules
from ..sweeps.ties import JUMP

# The masks of a list take at most about this many bits; beyond it every jump counts as one that may be hidden.
MOST_BITS = 100_000_000


def hidden_jumps(wlist: WengertList, names: Sequence[str], rules: Rules) -> Collection[str] | None:
    """The names whose ops jump, though the outputs may not, while `names` move; None where all may be hidden."""
    jumping = [e.output for e in wlist.equations if any(k.kind == JUMP for k in rules.row(e.op).kinks)]
    if (len(jumping) + len(names)) * len(wlist.equations) > MOST_BITS:
        return None
    search = _JumpSearch(rules, {name: 1 << k for k, name in enumerate(names)})
    search.own = {name: 1 << k for k, name in enumerate(jumping)}
    for equation in checking_clock(wlist.equations):
        search.take(equation)
    return {name for name, bit in search.own.items() if search.hidden & bit}


class _JumpSearch:
    """One walk over a list.

    seeds    the bit of each name that moves
    moves    by name, the bits of the names that it moves with
    own      the bit of each name whose op jumps
    carried  by name, the bits of the jumps in its value, and of the names that move them
    hidden   the bits of the jumps that may be hidden
    """

    def __init__(self, rules: Rules, seeds: dict[str | float, int]) -> None:
        self.rules, self.seeds = rules, seeds
        self.moves: dict[str | float, int] = dict(seeds)
        self.own: dict[str, int] = {}
        self.carried: dict[str | float, tuple[int, int]] = {}
        self.hidden = 0

    def take(self, equation: Equation) -> None:
        """Follow the jumps through one equation."""
        output, op, inputs = equation
        row = self.rules.row(op)
        moves = [self.moves.get(a, 0) for a in inputs]
        total = jumps = by = 0
        for bits in moves:
            total |= bits
        if output in self.seeds or total:
            self.moves[output] = total | self.seeds.get(output, 0)
        partials = self.rules.partials_at(row, inputs) if row.array is None else (None,) * len(inputs)
        for k, a in enumerate(inputs):
            found = self.carried.get(a)
            if found is None:
                continue
            factor = None if row.kinks else _factor(partials[k], k, moves)
            if factor is None or factor & found[1]:
                self.hidden |= found[0]
            else:
                jumps, by = jumps | found[0], by | found[1]
        own = self.own.get(output, 0)
        if own and total:
            # Pieces of other slopes than the op's own: the sum of two such jumps may be continuous.
            steady = (p is None or p.constant is not None for p, bits in zip(partials, moves) if bits)
            if row.array is not None or not all(steady):
                self.hidden |= own
            jumps, by = jumps | own, by | total
        if jumps:
            self.carried[output] = jumps, by


def _factor(partial: Partial | None, k: int, moves: Sequence[int]) -> int | None:
    """The bits of the names that the derivative in the k-th argument moves with; None where it depends on that
    argument itself, or there is none."""
    if partial is None:
        return None
    if partial.constant is not None:
        return 0
    rule, n = partial.rule, len(moves)
    used = {*rule.outputs, *(a for e in rule.equations for a in e.inputs)}
    places = [j for j, name in enumerate(rule.inputs) if name in used]
    if not places or any(j == k or j >= n for j in places):
        return None
    found = 0
    for j in places:
        found |= moves[j]
    return found
