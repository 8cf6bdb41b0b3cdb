"""Notes on digits lost to rounding, in a value and in its derivatives.

The list is swept once more, forward and in reverse, by an interpretation that computes as `Numbers` does and carries
rounding errors along. Errors made so far are multiplied by the partial derivatives of an op, and the op's own error is
added (W. Miller, C. Wrathall, "Software for Roundoff Analysis of Matrix Algorithms", 1980; P. Langlois, "Automatic
linear correction of rounding errors", BIT 41(3), 2001). The own error of a sum, product, quotient, root or whole power
is computed, so that an exact difference has none. For any other op it is half a unit in the last place with a random
sign, drawn four times. Equal computations make equal errors. Values of inputs, and numbers in the text, are exact.

This is an estimate, right to about one digit; `rounding` has bounds. It does not see a comparison that rounding turns
the other way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, isfinite, log10, nextafter, sqrt, ulp
from operator import add
from typing import Any

from ..ground.errors import Diagnostic, WengertError
from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom, WengertList, constants_of
from ..ops import CONSTANTS, Op
from .forward import depending
from .given_values import values_in
from .numbers import Numbers
from .partials import Partials
from .reverse import ReverseRequest, reverse_sweep
from .rules import rules_for
from .subjects import Subjects

# Values with fewer correct digits than this get a note.
DIGITS = 6
# Errors below this come from underflow alone, and get no note.
TINY = 2.0**-1000
# How many signs are drawn, and the errors of an exact value.
DRAWS, UNIT = 4, 2.0**-53
# Below this relative slope, a value with few digits may be rounded without loss: tanh(20) is 1.
FLAT = 2.0**-20
# Up to this relative error, a slope describes how an op passes it on.
LINEAR = 2.0**-10
# Errors are known to about this relative accuracy.
CANCELLED = 2.0**-30
# A step takes some 20 microseconds, and the derivatives of each output take a sweep. Longer lists are skipped, and so
# are derivatives whose sweeps would have more steps in all.
MOST = 50_000
# A note names at most this many numbers.
NAMED = 5

Errors = tuple[float, ...]


class PerturbedNumber(NamedTuple):
    """A number and its errors, one for each draw.

    size   the root mean square of the errors
    gain   the greatest factor by which an equation on the way here raised the relative error
    step   the index of that equation
    back   whether it did so in the reverse sweep
    """

    value: float
    errors: Errors
    size: float
    gain: float = 1.0
    step: int = -1
    back: bool = False

    @property
    def relative(self) -> float:
        return self.size / abs(self.value) if self.value else inf if self.size > TINY else 0.0


class Roundings(Numbers):
    """Computes as `Numbers` does, and knows the errors of each number that it has made. It finds them by the number's
    identity: sweeps pass floats on, and never copy them."""

    follows = True

    def __init__(self, wlist: WengertList, kink: str) -> None:
        super().__init__(wlist.ops)
        self.rules, self.plain = rules_for(wlist.ops, kink), Numbers(wlist.ops)
        self.made: dict[int, PerturbedNumber] = {}
        self.drawn: dict[tuple[Any, ...], Errors] = {}
        self.step, self.back = -1, False

    def __call__(self, op: str, *args: float) -> float:
        row = self.rules.row(op)
        if isinstance(row.forward, str):
            return super().__call__(op, *args)  # step by step
        y: float = row.forward(*args) * 1.0  # a number of its own, not one of the arguments
        moved = [(i, m) for i, a in enumerate(args) if (m := self.made.get(id(a))) is not None]
        if (moved or row.ulps) and isfinite(y):
            self._follow(row, args, y, moved)
        return y

    def rounded(self, a: float) -> float:
        """A number with these errors, as a float of its own."""
        a *= 1.0
        own = self._draw((a,), a)
        self.made[id(a)] = PerturbedNumber(a, own, _size(own))
        return a

    def _follow(self, row: Op, args: tuple[float, ...], y: float, moved: list[tuple[int, PerturbedNumber]]) -> None:
        partials = Partials(row, self.rules.partials(row, len(args)), args, y, self.plain)
        own = self._own(row, args, y, partials)
        errors, most, relative, worst = own, _size(own), UNIT, None
        for i, m in moved:
            local = _slope(partials, i)
            if not local or local != local:
                continue
            if not isfinite(local):
                # For acos at 1, or another root that vanishes, the step to the next number gives its errors.
                leap = self._error_at_infinite_slope(row, args, y, i) if m.size >= 0.25 * ulp(args[i]) else 0.0
                errors = tuple([e + (leap if d > 0.0 else -leap) for e, d in zip(errors, m.errors)])
                if leap > most:
                    most, worst = leap, m
                continue
            errors = tuple([e + local * d if d else e for e, d in zip(errors, m.errors)])
            relative = max(relative, m.relative)
            if (size := abs(local) * m.size) > most:
                most, worst = size, m
        if any(m.relative > LINEAR for _, m in moved):
            errors = tuple(map(add, own, self._differences(row, args, y, moved)))
            worst = worst or max((m for _, m in moved), key=_relative)
        size = _size(errors)
        if not size > CANCELLED * most:
            return  # the errors cancel too, as far as they are known
        here = PerturbedNumber(y, errors, size, 1.0, self.step, self.back)
        gain = here.relative / relative if isfinite(relative) else 1.0
        if worst is None or gain > worst.gain * (10.0 if self.back and not worst.back else 1.0):
            here = here._replace(gain=gain)
        else:
            here = here._replace(gain=worst.gain, step=worst.step, back=worst.back)
        self.made[id(y)] = here

    def _differences(
        self, row: Op, args: tuple[float, ...], y: float, moved: list[tuple[int, PerturbedNumber]]
    ) -> Errors:
        """The errors passed on, if they are too large for slopes: from the op at the perturbed arguments."""
        found = []
        for k in range(DRAWS):
            there = list(args)
            for i, m in moved:
                there[i] += m.errors[k]
            error = self.plain(row.name, *there) - y
            found.append(error if error == error else inf)
        return tuple(found)

    def _error_at_infinite_slope(self, row: Op, args: tuple[float, ...], y: float, i: int) -> float:
        """How far the value is from the value beside an argument at which the slope is infinite."""
        beside = [(*args[:i], nextafter(args[i], side), *args[i + 1 :]) for side in (-inf, inf)]
        return max([abs(v - y) for v in (self.plain(row.name, *at) for at in beside) if isfinite(v)], default=0.0)

    def _own(self, row: Op, args: tuple[float, ...], y: float, partials: Partials) -> Errors:
        """The errors that an op makes itself."""
        if not row.ulps or not all(map(isfinite, args)):
            return (0.0,) * DRAWS
        if row.residual is not None and (known := row.residual(*args, y)) is not None:
            return (known,) * DRAWS
        if not _short(y):
            return self._draw((row.name, *args), y)
        slopes = [abs(a * _slope(partials, i)) if a else 0.0 for i, a in enumerate(args)]
        if all(map(_short, args)) and (not any(args) or max(slopes) > FLAT * abs(y)):
            return (0.0,) * DRAWS  # 2^3 is 8
        # The value is its slope times the distance from 0: cosh(1e-12) is nearer to 1 than half a unit.
        near = slopes[0] if len(args) == 1 and self.plain(row.name, 0.0) == y else inf
        return self._draw((row.name, *args), y, near)

    def _draw(self, key: tuple[Any, ...], y: float, most: float = inf) -> Errors:
        """Half a unit, or `most`, with random signs, equal for equal keys."""
        found = self.drawn.get(key)
        if found is None:
            bits = (len(self.drawn) + 1) * 0x9E3779B97F4A7C15 >> 40
            half = min(0.5 * ulp(y), most)
            found = self.drawn[key] = tuple([half if bits >> k & 1 else -half for k in range(DRAWS)])
        return found


def _relative(m: PerturbedNumber) -> float:
    return m.relative


def _size(errors: Errors) -> float:
    found = sqrt(sum([(e if isfinite(e) else inf) * (e if isfinite(e) else inf) for e in errors]) / DRAWS)
    return found if found > 0.0 else max(map(abs, errors))


def _slope(partials: Partials, i: int) -> float:
    """A partial derivative, 0 where there is none or its rule is not known."""
    if partials.plan[i] is None:
        return 0.0
    try:
        return float(partials.at(i))
    except WengertError:
        return 0.0


def _short(a: float) -> bool:
    """Whether a number has so few digits that it was probably not rounded."""
    return abs(a) < 2.0**20 and (a * 2.0**20).is_integer()


class _InaccurateNumber(NamedTuple):
    """A number with few correct digits, the phrase that names it, and its errors."""

    called: str
    moved: PerturbedNumber


def lost_digits(
    wlist: WengertList, values: Mapping[str, float], names: Sequence[str], outputs: Sequence[Atom], kink: str,
    rows: Sequence[str] = (),
) -> tuple[Diagnostic, ...]:  # fmt: skip
    """A note for each equation that leaves an output, or its derivative by one of `names`, with fewer than `DIGITS`
    correct digits. Numbers that are not finite get no note.

    If the outputs are derivatives themselves, in `rows`, only second derivatives get notes.
    """
    if len(wlist.equations) > MOST:
        return ()
    roundings = Roundings(wlist, kink)
    tape = {**CONSTANTS, **{n: roundings.rounded(CONSTANTS[n]) for n in constants_of(wlist)}, **values}
    for k, (output, op, inputs) in enumerate(checking_clock(wlist.equations)):
        roundings.step = k
        tape[output] = roundings(op, *[tape[a] if isinstance(a, str) else a for a in inputs])
    found: list[_InaccurateNumber] = []
    called: dict[str, str] = {}
    for i, a in enumerate(outputs):
        if isinstance(a, str):
            called.setdefault(a, rows[i] if rows else f" of `{a}`" if len(outputs) > 1 else "")
    if not rows:
        for output, of in called.items():
            _add(found, f"the value{of}", roundings.made.get(id(tape[output])))
    if names and len(called) * len(wlist.equations) <= MOST:
        active = depending(wlist, names)
        for output, of in called.items():
            for name, adjoint in _adjoints(wlist, tape, output, active, names, roundings).items():
                _add(found, _derivative(of, name, bool(rows)), roundings.made.get(id(adjoint)))
    return _notes(wlist, tape, found)


def _derivative(of: str, name: str, second: bool) -> str:
    if not second:
        return f"the derivative{of} in `{name}`"
    return "the second derivative in " + " and ".join(sorted({f"`{of}`", f"`{name}`"}))


def _adjoints(
    wlist: WengertList, tape: dict[str, Any], output: str, active: set[str], names: Sequence[str], roundings: Roundings
) -> dict[str, float]:  # fmt: skip
    def visit(k: int, *step: Any) -> None:
        roundings.step = k

    roundings.back = True
    asked = ReverseRequest(visit, active)
    adjoint = reverse_sweep(wlist, tape, {output: 1.0}, roundings, roundings.rules, asked)
    return {n: adjoint[n] for n in names if n in adjoint and isfinite(adjoint[n])}


def _add(found: list[_InaccurateNumber], called: str, moved: PerturbedNumber | None) -> None:
    if moved is not None and moved.relative > 10.0**-DIGITS and moved.size > TINY:
        found.append(_InaccurateNumber(called, moved))


def _notes(wlist: WengertList, tape: Mapping[str, Any], found: list[_InaccurateNumber]) -> tuple[Diagnostic, ...]:
    subjects = Subjects(wlist)
    together: dict[tuple[int, bool], list[_InaccurateNumber]] = {}
    for spoiled in found:
        together.setdefault((spoiled.moved.step, spoiled.moved.back), []).append(spoiled)
    return tuple(_note(subjects, k, back, tape, group) for (k, back), group in together.items())


def _note(
    subjects: Subjects, k: int, back: bool, tape: Mapping[str, Any], group: list[_InaccurateNumber]
) -> Diagnostic:  # fmt: skip
    wlist = subjects.wlist
    digits = min(_digits(s.moved.relative) for s in group)
    called = list(dict.fromkeys(s.called for s in group))  # a Hessian has most numbers twice
    names = called[:NAMED] + [f"{len(called) - NAMED} more"] * (len(called) > NAMED)
    named = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    right = "no right digit" if digits < 1 else f"about {digits} right digit{'s' * (digits > 1)}"
    message = f"rounding leaves {right} of {named}"
    if k < 0:
        return Diagnostic("W320", "note", message, None, (), "", None, None)
    at = values_in(subjects, wlist.equations[k].inputs, tape, k)
    through = "terms of the derivative cancel at" if back else "digits are lost in"
    message += f": {through} {subjects.of(k)}{f', with {at}' if at else ''}"
    help = "" if back else "write it without the difference of nearly equal numbers: see `wengert explain W320`"
    return Diagnostic("W320", "note", message, wlist.provenance.span(k), (), help, None, wlist.provenance.source)


def _digits(relative: float) -> int:
    return int(-log10(relative)) if 0.0 < relative < 1.0 else 0
