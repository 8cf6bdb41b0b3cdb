"""The parts of a model for .nl: each output as a constant, linear terms and nonlinear terms, steps that are used
several times as defined variables, and the order of the variables."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from ..ground.errors import UsageError, error
from ..ground.limits import Limits, Tally, check_clock
from ..ground.tuples import NamedTuple
from ..ops import ADD, INFIX, MUL, NEG, OPS
from .nl_ops import NlSteps, Operand


def _code(op: str) -> int:
    found = OPS[op].notation.nl
    assert type(found) is int
    return found


PLUS, MINUS, TIMES, OVER, MINUS_SIGN = (_code(op) for op in (ADD, INFIX["-"], MUL, INFIX["/"], NEG))


class Split(NamedTuple):
    """An expression as a constant, linear terms by the number of their variable, and other steps with their factors."""

    constant: float
    linear: dict[int, float]
    terms: list[tuple[float, int]]


def split(steps: NlSteps, root: Operand, kept: frozenset[int] | set[int] = frozenset()) -> Split:
    """Take the sums of an expression apart. Steps in `kept` stay whole, unless they are the root.

    The factors of steps add up from the last step to the first, as adjoints do, so that a sum that is used twice is
    taken apart once.
    """
    if type(root) is float:
        return Split(root, {}, [])
    constant = 0.0
    linear: dict[int, float] = {}
    terms: list[tuple[float, int]] = []
    factors: dict[int, float] = {int(root): 1.0}
    waiting = [-int(root)]
    first = steps.variables
    while waiting:
        at = -heapq.heappop(waiting)
        factor = factors.pop(at)
        if at < first:
            linear[at] = factor
            continue
        code, operands = steps.steps[at - first]
        parts: list[tuple[float, Operand]] = []
        if at in kept and at != root:
            pass
        elif code in (PLUS, MINUS):
            parts = [(factor, operands[0]), (factor if code == PLUS else -factor, operands[1])]
        elif code == MINUS_SIGN:
            parts = [(-factor, operands[0])]
        elif code == TIMES and float in (type(operands[0]), type(operands[1])):
            number, other = sorted(operands, key=lambda a: type(a) is not float)
            parts = [(factor * number, other)]
        elif code == OVER and type(operands[1]) is float:
            parts = [(factor / operands[1] if operands[1] else factor * float("inf"), operands[0])]
        if not parts or any(value - value != 0 for value, _ in parts):  # a factor that is not finite stays inside
            terms.append((factor, at))
            continue
        for value, other in parts:
            if type(other) is float:
                constant += value * other
            elif other in factors:
                factors[int(other)] += value
            else:
                factors[int(other)] = value
                heapq.heappush(waiting, -int(other))
    terms.sort(key=lambda term: term[1])
    return Split(constant, dict(sorted(linear.items())), [t for t in terms if t[0]])


class NlComponent(NamedTuple):
    """An output or a defined variable: its parts, the variables in its steps, and the defined variables in them."""

    split: Split
    variables: tuple[int, ...]
    defined: tuple[int, ...]


class NlParts:
    """The parts of a model whose outputs are `constraints`, then objectives.

    outputs    the components of the outputs
    defined    those of defined variables, by the number of their step, in ascending order
    nonlinear  for each output, the variables that are in its steps or in defined variables of these
    users      by defined variable the first two outputs that use it
    """

    def __init__(self, steps: NlSteps, constraints: int, limits: Limits) -> None:
        self.steps, self.constraints = steps, constraints
        splits = [split(steps, root) for root in steps.outputs]
        shared = self._shared(k for s in splits for _, k in s.terms)
        self.outputs = [self._component(s, shared) for s in splits]
        self.defined: dict[int, NlComponent] = {}
        for k in sorted(shared):
            self.defined[k] = self._component(split(steps, k, shared), shared, k)
        self._tally = Tally(limits, "elements", "the Jacobian grows too large")
        self.nonlinear = [self._closure(c) for c in self.outputs]
        self.users = self._users()
        # Terms that cancel may leave none that uses a step.
        self.defined = {k: component for k, component in self.defined.items() if self.users[k]}

    def _shared(self, roots: Iterable[int]) -> set[int]:
        """The steps that are used several times, from those of the outputs on."""
        uses: dict[int, int] = {}
        waiting = []
        for k in roots:
            uses[k] = uses.get(k, 0) + 1
            if uses[k] == 1:
                waiting.append(k)
        while waiting:
            for a in self.steps.steps[waiting.pop() - self.steps.variables].operands:
                if type(a) is int and a >= self.steps.variables:
                    uses[a] = uses.get(a, 0) + 1
                    if uses[a] == 1:
                        waiting.append(a)
        return {k for k, n in uses.items() if n > 1}

    def _component(self, parts: Split, shared: set[int], own: int | None = None) -> NlComponent:
        """A component, with the names in its nonlinear steps; a defined variable uses its linear ones too."""
        variables: set[int] = set() if own is None else set(parts.linear)
        defined: set[int] = set()
        waiting = [k for _, k in parts.terms]
        while waiting:
            k = waiting.pop()
            if k < self.steps.variables:
                variables.add(k)
            elif k in shared and k != own:
                defined.add(k)
            else:
                waiting += [a for a in self.steps.steps[k - self.steps.variables].operands if type(a) is int]
        check_clock()
        return NlComponent(parts, tuple(sorted(variables)), tuple(sorted(defined)))

    def _closure(self, component: NlComponent) -> set[int]:
        found = set(component.variables)
        waiting, seen = [*component.defined], set(component.defined)
        while waiting:
            inner = self.defined[waiting.pop()]
            found.update(inner.variables)
            fresh = [k for k in inner.defined if k not in seen]
            seen.update(fresh)
            waiting += fresh
        self._tally.spend(len(found) + len(component.split.linear))
        return found

    def _users(self) -> dict[int, tuple[int, ...]]:
        users: dict[int, tuple[int, ...]] = dict.fromkeys(self.defined, ())

        def used(k: int, by: tuple[int, ...]) -> None:
            users[k] = _first_kinds({*users[k], *by}, self.constraints)

        for number, component in enumerate(self.outputs):
            for k in component.defined:
                used(k, (number,))
        for k in reversed(self.defined):
            for inner in self.defined[k].defined:
                used(inner, users[k])
        return users

    # The order of variables and of rows

    def order(self, integers: set[int]) -> VariableOrder:
        """The variables in the order of the format: nonlinear in both constraints and objectives, in constraints alone,
        in objectives alone, then linear ones; integers last in each class."""
        in_constraints = set().union(*self.nonlinear[: self.constraints])
        in_objectives = set().union(*self.nonlinear[self.constraints :])
        both, one, other = (
            in_constraints & in_objectives,
            in_constraints - in_objectives,
            in_objectives - in_constraints,
        )
        linear = set(range(self.steps.variables)) - in_constraints - in_objectives
        classes = [sorted(c, key=lambda k: (k in integers, k)) for c in (both, one, other, linear)]
        return VariableOrder(*classes)


class VariableOrder(NamedTuple):
    """The variables in four classes: nonlinear in both, in constraints, in objectives, and linear."""

    both: list[int]
    constraints: list[int]
    objectives: list[int]
    linear: list[int]


def _first_kinds(users: set[int], constraints: int) -> tuple[int, ...]:
    """Enough of the outputs that use a defined variable to tell its class: up to two of each kind."""
    ours = sorted(users)
    return tuple([k for k in ours if k < constraints][:2] + [k for k in ours if k >= constraints][:2])


def check_model(steps: NlSteps) -> None:
    """Raise UsageError for a model without variables."""
    if not steps.variables:
        raise error(UsageError, "W921", "a model without an unknown cannot be written in .nl",
                    help="a name without a value of its own is one, such as `x` in `x^2`")  # fmt: skip
