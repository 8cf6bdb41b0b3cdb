"""Templates: the equations that a sweep writes for one equation, cached so that they need not be derived again.

A template is made by the sweep itself, over a list of that one equation with marks for names, with a builder that
applies the same identities. So a rule is stated once, in its row, and a template only remembers its result. The key of
a template is everything on which a sweep's decisions depend: the op, which of the names at hand are the same, the
numbers among them, and the parts of their definitions that the exact identities check.

The names at hand are the inputs of the equation, its output, and their tangents, adjoints and guards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import copysign
from typing import Any

from ..ground.limits import Limits
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Equation
from ..ops import Op
from .builder import Builder, Step, picking
from .identities import tidy
from .patterns import inner_ops, patterns_of, repeats

# At most this many templates are kept.
MOST = 4096

Key = tuple[Any, ...]


class RuleTemplate(NamedTuple):
    """The equations that are written for an equation.

    row      the op's row; under another one the template is void
    numbers  literals that the steps and answers use; their slots follow those of the names at hand
    steps    the equations; each fills one more slot
    answers  the changes to the state of the sweep: the slots of a name, of its new adjoint or tangent, and of its
             guard, -1 for none
    """

    row: Op
    numbers: list[float]
    steps: list[Step]
    answers: list[tuple[int, int, int]]


class AtHand(NamedTuple):
    """The atoms at hand when a sweep comes to an equation.

    slots    the equation's inputs, its output, the atoms of the sweep; then the inputs of definitions
    inputs   how many inputs the equation has
    at_hand  how many slots come before the inputs of definitions
    same     for each of the first slots the first that holds the same name
    """

    slots: Sequence[Any]
    inputs: int
    at_hand: int
    same: Sequence[int]


# A sweep over one equation with marks for names. It takes a builder, the equation and the atoms at hand, and returns
# for each name that it changed the new adjoint or tangent, and the guard.
Sweep = Callable[[Builder, Equation, Sequence[Any]], list[tuple[str, Any, Any]]]


class RuleTemplates:
    """The templates of the equations met so far."""

    def __init__(self) -> None:
        self.found: dict[Key, RuleTemplate] = {}
        # 1 for a key that occurred once, 2 for one whose template was made or refused.
        self.met: dict[Key, int] = {}

    def make(self, key: Key, row: Op, hand: AtHand, build: Builder, sweep: Sweep) -> RuleTemplate | None:
        """The template of an equation; None if there is none, or if it does not pay off yet: the sweep writes an
        equation of a kind that occurs once."""
        times = self.met.get(key, 0)
        if len(self.met) > MOST:
            self.met.clear()
            self.found.clear()
        if times == 0 or times == 2 and key not in self.found:
            self.met[key] = max(times, 1)
            return None
        self.met[key] = 2
        self.found.pop(key, None)
        made = _made(row, hand, build, sweep)
        if made is not None:
            self.found[key] = made
        return made


def signs(slots: list[Any], heads: Mapping[Any, tuple[str, tuple[Any, ...]]]) -> tuple[Any, ...]:
    """The part of a key that the identities check, atom by atom: a number itself; for a name the op that defines it, if
    that matters. The inputs of equations into which they look become further slots."""
    found: list[Any] = []
    inner, count = inner_ops(), len(slots)
    for at, a in enumerate(slots):
        if type(a) is not str:
            found.append((copysign(1.0, a),) if isinstance(a, float) and a == 0.0 else a)
            continue
        op, inputs = heads.get(a, ("", ()))
        if at < count and op in inner:
            found.append((op, len(inputs)))
            slots += inputs
        else:
            found.append(op)
    return tuple(found)


def _made(row: Op, hand: AtHand, build: Builder, sweep: Sweep) -> RuleTemplate | None:
    """The template for the atoms at hand. Names that are not known to be the same count as different; steps for which
    this matters are `apart`."""
    slots, heads, inner = hand.slots, build.heads, inner_ops()
    places = [*hand.same, *range(len(hand.same), len(slots))]
    under = [f"#{at}" if type(a) is str else a for at, a in zip(places, slots)]
    recorder = Builder(rewrites=(tidy,), limits=Limits.trusted())
    equation = Equation(under[hand.inputs], row.name, tuple(under[: hand.inputs]))
    recorder.write(equation)
    further = iter(range(hand.at_hand, len(slots)))
    for at in range(hand.at_hand):
        op, inputs = heads.get(slots[at], ("", ()))
        seen: tuple[Any, ...] = ()
        if op in inner:
            rest = [next(further) for _ in inputs]
            if any(type(slots[k]) is str and slots[k] in heads and heads[slots[k]][0] in inner for k in rest):
                return None  # An identity might look further than the key.
            seen = tuple([under[k] for k in rest])
            for k in rest:
                if slots[k] in heads:
                    recorder.write(Equation(under[k], heads[slots[k]][0], ()))
        if op and under[at] not in recorder.defined:
            recorder.write(Equation(under[at], op, seen))
    recorder.known.clear()  # Existing equations are found when the template is used.
    first = len(recorder.equations)
    changed = sweep(recorder, equation, under)
    return _template(row, under, recorder.equations[first:], changed)


def _template(
    row: Op, under: Sequence[Any], equations: Sequence[Equation], changed: Sequence[tuple[str, Any, Any]]
) -> RuleTemplate | None:
    n = len(under)
    places: dict[Any, int] = {mark: int(mark[1:]) for mark in under if type(mark) is str}
    # A template outlives the list from which it was made, so it keeps no object of a caller's.
    literals = [float(a) for e in equations for a in e.inputs if isinstance(a, float)]
    literals += [float(a) for _, *found in changed for a in found if isinstance(a, float)]
    if any(a != a for a in literals):
        return None  # Each nan is another number, so equations with it are shared or not as the sweep makes them.
    used = iter(range(n, n + len(literals)))
    places.update((e.output, n + len(literals) + k) for k, e in enumerate(equations))

    def place(a: Any) -> int:
        return -1 if a is None else next(used) if isinstance(a, float) else places[a]

    alike = _if_equal_inputs()
    steps = [
        Step(op, picking([place(a) for a in inputs]), 0.0 in inputs, -1, op in alike) for _, op, inputs in equations
    ]
    return RuleTemplate(row, literals, steps, [(places[name], place(a), place(guard)) for name, a, guard in changed])


@cache
def _if_equal_inputs() -> frozenset[str]:
    """Ops that an exact identity rewrites if two inputs are the same."""
    return frozenset(op for op, ps in patterns_of("exact").items() if any(map(repeats, ps)))
