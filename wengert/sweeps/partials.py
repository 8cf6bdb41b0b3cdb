"""The partial derivatives of one equation, and their products: the chain rule, for tangents and adjoints alike."""

from __future__ import annotations

from typing import Any

from ..lists.code import run
from ..ops import GATE, INFIX, MUL, NEG, WHERE, Op
from .guards import Guard, both, forced, guarded
from .interpretation import Apply, Interpretation
from .rules import PartialRules, is_unknown, no_rule
from .ties import is_shared, share_guard

_SUB = INFIX["-"]


class Partials:
    """The partial derivatives of an elementwise op at its arguments. Steps that a variadic op's rules share are run
    once.

    args  the arguments that the rules read: of an op whose branches share, the shares stand for the branches
    """

    __slots__ = ("_frame", "apply", "args", "call", "plan", "row", "y")

    def __init__(self, row: Op, plan: PartialRules, args: tuple[Any, ...], y: Any, apply: Interpretation) -> None:
        self.row, self.plan, self.args, self.y, self.apply = row, plan, args, y, apply
        self.call: Apply = apply.__call__  # a method is called faster than an instance
        self._frame: list[Any] | None = None

    def at(self, i: int) -> Any:
        """The derivative in the i-th argument, which has a rule. Raises DerivativeError if the row gives none."""
        partial: Any = self.plan[i]
        if partial.constant is not None:
            return partial.constant
        args, call = self.args, self.call
        if partial.common < 0:
            inputs = (*args, self.y, args[i])
            if partial.place >= 0:
                return inputs[partial.place]
            if is_unknown(partial):
                raise no_rule()
            return run(partial.code, inputs, call)
        code, slots = partial.code, self._frame
        if slots is None:
            slots = self._frame = [*args, self.y, None, *code.numbers]
            for row, places in code.steps[: partial.common]:
                slots.append(call(row.name, *[slots[k] for k in places]))
        n = len(slots)
        slots[len(args) + 1] = args[i]
        for row, places in code.steps[partial.common :]:
            slots.append(call(row.name, *[slots[k] for k in places]))
        answer = slots[code.outputs[0]]
        del slots[n:]
        return answer

    def factor(self, i: int) -> Any:
        """The partial derivative as a factor: over arrays it may be a number if the array would be constant."""
        apply = self.apply
        if not apply.shaped:
            return self.at(i)
        apply.partial = True
        try:
            return self.at(i)
        finally:
            apply.partial = False

    def product(self, i: int, local: Any, flow: Any, guard: Guard, back: bool) -> tuple[Any, Guard] | None:
        """The product of the i-th partial derivative with the tangent of the argument, or, going `back`, with the
        adjoint of the value; and its guard. None for an argument that was not taken.

        `guard` is that of the tangent or the adjoint. By ±1 nothing is multiplied, so no product there is nan.
        """
        row, apply, call = self.row, self.apply, self.call
        taken = guard
        if type(local) is float:
            if local == 1.0 or local == -1.0 and apply.follows:
                product = call(MUL, flow, local) if apply.follows else flow
            elif local == 0.0 and row.selects:
                return None
            elif local == -1.0:
                # The adjoint from a branch that was not taken is 0, and stays 0, not -0.
                product = call(NEG, flow) if guard is None or not back else call(_SUB, 0.0, flow)
            else:
                product = call(MUL, flow, local)
                if guard is not None:
                    product = guarded(guard, product, apply)
            if back and row.shares and is_shared(row):
                taken = both(guard, share_guard(self.args, i, local, call), call)
        elif row.selects:
            product, taken = self._selected(i, local, flow, guard, back)
        else:
            product = call(MUL, flow, local) if back else call(MUL, local, flow)
            if guard is not None:
                product = guarded(guard, product, apply)
        if not back and row.shares and is_shared(row):
            product = guarded(share_guard(self.args, i, local, call), product, apply)
        return product, taken

    def _selected(self, i: int, local: Any, flow: Any, guard: Guard, back: bool) -> tuple[Any, Guard]:
        """The product with a partial derivative that is 0 where the argument was not taken."""
        apply, call, shares = self.apply, self.call, is_shared(self.row)
        partial: Any = self.plan[i]
        if not back:
            if partial.indicator:
                product = call(WHERE, local, flow, 0.0)
            else:
                product = call(GATE, local, flow)
                product = product if guard is None else guarded(guard, product, apply)
            return product, both(guard, local, call)
        taken = both(guard, share_guard(self.args, i, local, call) if shares else local, call)
        if guard is None and not partial.indicator:
            alone = shares and type(flow) is float and flow == 1.0
            return local if alone else call(GATE, local, flow), taken
        product = flow if partial.indicator else call(MUL, flow, local)
        return call(WHERE, forced(taken), product, 0.0), taken
