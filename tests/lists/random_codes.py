"""Random codes with repetition in them, for laws of what finds loops and of what runs them."""

from __future__ import annotations

import random
from math import inf, nan

from wengert.lists.code import Code, Step
from wengert.ops import OPS, Op

ROWS = [OPS[name] for name in ("add", "sub", "mul", "neg", "square", "div")]
NUMBERS = (0.5, -0.0, 0.0, nan, inf, 1.25, -3.0, 2.0)


class Writing:
    """A code being written, of `inputs` inputs and all NUMBERS."""

    def __init__(self, choose: random.Random, inputs: int, rows: list[Op]) -> None:
        self.choose, self.inputs, self.rows = choose, inputs, rows
        self.first = inputs + len(NUMBERS)
        self.steps: list[Step] = []

    @property
    def slot(self) -> int:
        return self.first + len(self.steps)

    def arity(self, row: Op) -> int:
        return len(row.params.split())

    def straight(self, n: int) -> None:
        for _ in range(n):
            row = self.choose.choice(self.rows)
            self.steps.append((row, tuple(self.choose.randrange(self.slot) for _ in range(self.arity(row)))))

    def loop(self, period: int, count: int) -> None:
        """Steps whose arguments stand still, move forward or backward, come from this turn, from one of the turns
        before, or from anywhere."""
        start, choose = self.slot, self.choose
        body = []
        for _ in range(period):
            row = choose.choice(self.rows)
            ways = []
            for _ in range(self.arity(row)):
                kind = choose.choice(("fixed", "input", "number", "same", "before", "before", "earlier", "any"))
                if kind == "any" and choose.random() < 0.8:
                    kind = "same"
                ways.append((kind, choose.random(), choose.choice((1, -1, 2, -2, 3)), choose.randrange(1, 7)))
            body.append((row, ways))
        for turn in range(count):
            for k, (row, ways) in enumerate(body):
                slots = [self._slot(start, period, k, turn, *way) for way in ways]
                self.steps.append((row, tuple(slots)))

    def _slot(self, start: int, period: int, k: int, turn: int, kind: str, part: float, stride: int, back: int) -> int:
        place = int(part * 1000)
        if kind == "input":
            return (place + stride * turn) % self.inputs
        if kind == "number":
            return self.inputs + (place + (stride if place % 2 else 0) * turn) % len(NUMBERS)
        if kind == "same" and k:
            return start + period * turn + place % k
        if kind == "before" and start + period * (turn - back) >= self.first:
            return start + period * (turn - back) + place % period
        if kind == "earlier" and start > self.first:
            return self.first + (place + stride * turn) % (start - self.first)
        if kind == "any":
            return self.choose.randrange(self.slot)
        return place % start

    def code(self, outputs: int) -> Code:
        """The code, with outputs anywhere, and with rows of them."""
        choose = self.choose
        slots = [choose.randrange(self.slot) for _ in range(outputs)] or [0]
        for _ in range(choose.randrange(3)):
            stride, start = choose.choice((1, 2, 3, 5, -1)), choose.randrange(self.slot)
            row = [start + stride * k for k in range(choose.randrange(1, 80))]
            slots += [s for s in row if 0 <= s < self.slot]
        return Code(tuple(f"x{k}" for k in range(self.inputs)), NUMBERS, tuple(self.steps), tuple(slots))


def random_code(seed: int, rows: list[Op] = ROWS) -> Code:
    """Loops of 0 to 40 turns between straight steps. In some codes a step here and there is another one."""
    choose = random.Random(seed)
    writing = Writing(choose, choose.randrange(1, 30), rows)
    for _ in range(choose.randrange(1, 5)):
        writing.straight(choose.choice((0, 0, 1, 3, 20)))
        writing.loop(choose.randrange(1, 8), choose.choice((0, 1, 2, 3, 4, 8, 20, 40)))
    if choose.random() < 0.3:
        for _ in range(choose.randrange(1, 4)):
            k = choose.randrange(len(writing.steps)) if writing.steps else 0
            for row, slots in writing.steps[k : k + 1]:
                other = tuple(choose.randrange(writing.first + k) for _ in slots)
                writing.steps[k] = row, other
    return writing.code(choose.randrange(1, 20))
