"""The interpretation of a list over numbers."""

from __future__ import annotations

from ..lists.wengert_list import table_of
from ..ops import Op
from .interpretation import Interpretation
from .rules import forward_rule, row_of, sweep_rule


class Numbers(Interpretation):
    """Computes with float64 numbers, IEEE 754 throughout: it never raises for a float."""

    def __init__(self, ops: tuple[Op, ...] = ()) -> None:
        self.ops, self.table = ops, table_of(ops)

    def __call__(self, op: str, *args: float) -> float:
        try:
            row = self.table[op]
        except KeyError:
            row = row_of(self.table, op)
        forward = row.forward
        if isinstance(forward, str):
            rule = forward_rule(row, self.ops)
            return float(sweep_rule(rule, dict(zip(rule.inputs, args)), self))
        answer: float = forward(*args)
        return answer
