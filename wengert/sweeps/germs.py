"""Germs: values on one side of a point, as series in the distance t from it, t -> 0+.

A germ is a sum of terms c*t^e with rising exponents e, whole or fractional: a Puiseux series, known below an order. (A.
Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, sections 14.2 and 14.3, on directional derivatives
and Laurent models.) On one side of a kink everything is decided: a comparison, a sign or a maximum by the first term of
a difference. A root of a value that vanishes takes half its exponent, as its row tells (`homogeneous`); a logarithm of
one is a number times log(t) and the logarithm of the rest (`logarithmic`), so that exponents have a second part
(`log_powers`). Any other op solves the differential equation that its derivative rule is, y' = sum of partial_i * a_i',
one term after the other.

Where arguments are tied at t = 0, the answer is a decision. `decisions` holds all that were taken; given back as
`forced`, they are taken along any other direction too, so that one piece is followed as a function.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from math import isfinite
from typing import Any

from ..lists.code import run
from ..ops import ADD, INFIX, MUL, NEG, Kink, Op
from .germ import EXACT, Germ, UnknownGerm, number_if_one, value_of
from .germ_costs import CLOSED, reach, takes_one
from .germ_rounding import stationary, without_rounding
from .interpretation import Interpretation
from .log_powers import LogPower, differentiated, integrated, log_power, parts, whole
from .nonfinite import holds
from .numbers import Numbers
from .point_lanes import Alone, Lane, LaneNumbers, beside, finite, is_number, larger, unless
from .rules import Rules, parameters, rule_code

_SUB, _DIV = INFIX["-"], INFIX["/"]
# Exponents are kept up to this distance from the first, and series are solved up to this order.
RANGE, DEEP = 6, 6
# A coefficient that cancels to less than this part of its terms is rounding.
CANCELLED = 2.0**-49
# The kinds of places where the rules of an op do not hold beside the point, and those where they may lead to no series.
JUMPS, ENDS = ("jump", "undefined"), ("singular", "undefined")
# Two values whose difference has no term below this order are the same on the side.
SAME = 3


class Germs(Interpretation):
    """Applies ops to germs and numbers: a germ that is one number everywhere is that number.

    forced     decisions by place, taken as they are
    decisions  those that were taken
    stirred    the places of those that the direction decides
    silent     whether comparisons are no decisions here, as an op that chooses by them tells its own
    stirs      whether the direction decides a condition here
    choosing   whether an op chooses here by conditions that are no decisions themselves
    each       whether an op that meets the same arguments again decides again, at a place of its own
    chosen     of an equation that takes one of its arguments, which one
    same       for each equation, the first one that applies its op to the same inputs: they decide alike
    conic      whether a value was scaled to its leading term, so that a piece need not be smooth at the point itself
    nearness   the distance along the ray that is rounding of the point
    place      the place in the list, and in an array, which decisions go by
    """

    def __init__(
        self, rules: Rules, forced: Mapping[Any, int] | None = None, want: int = DEEP, lanes: bool = False
    ) -> None:  # fmt: skip
        self.rules, self.table = rules, rules.table
        self.base: Interpretation = LaneNumbers(rules.ops) if lanes else Numbers(rules.ops)
        self.forced: Mapping[Any, int] = forced or {}
        self.decisions: dict[Any, int] = {}
        self.stirred: set[Any] = set()
        self.silent = self.stirs = self.choosing = self.each = False
        self.chosen: dict[Any, int] = {}
        self.same: Mapping[int, int] = {}
        self.conic = False
        self.place: tuple[Any, ...] = ()
        self._count = 0
        self.nearness: Any = 0.0
        self._want: Any = want
        self._again = False
        # Each answer with its arguments, which so keep their identities.
        self._known: dict[Any, tuple[Any, Any]] = {}

    def at(self, *place: Any) -> None:
        """Begin an equation, or an element of its value."""
        self.place, self._count = place, 0

    def boxed(self, a: Any) -> Germ:
        """A germ; a number is turned into a constant germ."""
        return a if isinstance(a, Germ) else Germ(self, ((0, a),) if a else ())

    def made(self, terms: Mapping[Any, float], order: Any = EXACT) -> Any:
        """The germ of these terms, or a number if it is constant. Raises UnknownGerm for a term that does not exist."""
        kept = sorted((e, c) for e, c in terms.items() if c != 0.0 and e < order)
        if not all(finite(c) for _, c in kept):
            raise UnknownGerm("a coefficient overflows")
        if kept and kept[-1][0] >= kept[0][0] + RANGE:
            order = min(order, kept[0][0] + RANGE)
            kept = [one for one in kept if one[0] < order]
        if order == EXACT and (not kept or len(kept) == 1 and kept[0][0] == 0):
            return kept[0][1] if kept else 0.0
        return Germ(self, kept, order)

    def __call__(self, op: str, *args: Any) -> Any:
        given = tuple([number_if_one(a) for a in args])
        if self.choosing and self.table[op].shares:
            return self.branch(given, self.stirs)
        row = self.table[op]
        if not any(isinstance(a, Germ) for a in given):
            y = self.base(op, *given)
            if takes_one(row) and all(type(a) is float for a in given) and y in given:
                self.chosen[self.place] = (1 if given[0] else 2) if row.shares else given.index(y)
            return y
        decided = bool(row.kinks) or row.partials.count(None) == len(row.partials)
        # Elsewhere other arguments may have the same germs along this ray, and be decided otherwise on a piece.
        where = self._written() if decided or takes_one(row) else ()
        key = op, 0 if decided and row.boolean else self._want, where, *[a if is_number(a) else id(a) for a in given]
        found = self._known.get(key)
        if found is None or self.each and takes_one(row):
            found = self._known[key] = given, self._applied(row, given)
        if row.selects and not takes_one(row):
            # A constant, as relu is on one side, takes none.
            self.chosen[self.place] = -1 if is_number(found[1]) else 0
        return found[1]

    def _written(self) -> tuple[Any, ...]:
        """The place, where that of the first equation stands for all that are written alike."""
        return (self.same.get(self.place[0], self.place[0]), *self.place[1:]) if self.place else ()

    def _applied(self, row: Op, args: tuple[Any, ...]) -> Any:
        op = row.name
        if not row.shares and any(is_number(a) and not finite(a) for a in args):
            raise UnknownGerm("a value is not finite")
        if op in (ADD, _SUB):
            return self._sum(args[0], self._negated(args[1]) if op == _SUB else args[1])
        if op == NEG:
            return self._negated(args[0])
        if op == MUL:
            return self._product(*args)
        if op == _DIV:
            return self._quotient(*args)
        if row.boolean and row.kinks and len(args) == 2:
            return self.base(op, float(self._compared(op, *args, not row.strict)), 0.0)
        if row.shares:
            return self.branch(args, None)
        if takes_one(row):
            return self._selected(row, args)
        if row.partials.count(None) == len(row.partials):
            return self._step(row, args)
        if row.expansion:
            return self._formula(row, row.expansion, args)
        if row.logarithmic and (found := self._logarithm(row, args)) is not None:
            return found
        args = stationary(self, row, args)
        scaled = self._scaled(row, args)
        if scaled is not None:
            return scaled
        if row.at_ends and self._at_end(row, args):
            return self._formula(row, row.at_ends, args)
        return self._solved(row, args, self._want)

    def _formula(self, row: Op, text: str, args: tuple[Any, ...]) -> Any:
        """The value by a formula of the row."""
        found = run(rule_code(row, text, len(args)), (*args, 0.0, args[0]), self.lenient)
        if isinstance(found, UnknownGerm):
            raise found
        return found

    def _at_end(self, row: Op, args: tuple[Any, ...]) -> bool:
        """Whether an op is where its own rules lead to no series."""
        values = tuple([value_of(a) for a in args])
        y = self.base(row.name, *values)
        return not finite(y) or any(self._met(row, kink, args, values, y, ENDS) for kink in row.kinks)

    def _logarithm(self, row: Op, args: tuple[Any, ...]) -> Any:
        """The logarithm of a value that vanishes, or grows: of its first power of t apart. None of any other."""
        a = args[0]
        low = self._lead(a)
        if low == 0 or low == EXACT:
            return None
        p, q = parts(low)
        if q != 0:
            raise UnknownGerm("a logarithm of a logarithm")
        terms, _ = self._terms(a)
        if not terms:
            raise UnknownGerm("the first term of a value is not known")
        slope = run(rule_code(row, row.logarithmic, 1), (0.0, 0.0, 0.0), self.base)
        rest = self(row.name, self.moved(a, -low))
        if is_number(rest) and not finite(rest):
            raise UnknownGerm("outside the domain")
        return self._sum(rest, self.made({log_power(0, 1): -slope * float(p)}))

    def branch(self, args: tuple[Any, ...], stirs: bool | None) -> Any:
        """The branch that an op chooses by its first argument. If the direction decides that (`stirs`), the choice is a
        decision."""
        truth = self._compared("truth", args[0], 0.0, True) if isinstance(args[0], Germ) else int(args[0] != 0.0)
        if stirs is not None:
            truth = self.decided("branch", truth, stirs)
        self.chosen[self.place] = 1 if truth else 2
        return args[1] if truth else args[2]

    # Arithmetic

    def _terms(self, a: Any) -> tuple[tuple[tuple[Any, float], ...], Any]:
        if isinstance(a, Germ):
            return a.terms, a.order
        return ((0, a),) if a != 0.0 else (), EXACT

    def _sum(self, a: Any, b: Any) -> Any:
        (these, p), (those, q) = self._terms(a), self._terms(b)
        found = dict(these)
        for e, c in those:
            before = found.get(e, 0.0)
            total = before + c
            # The term without t is the value itself, by which ties are found.
            found[e] = unless(total, larger(abs(before), abs(c)), CANCELLED) if e != 0 else total
        return self.made(found, min(p, q))

    def _negated(self, a: Any) -> Any:
        return Germ(self, [(e, -c) for e, c in a.terms], a.order) if isinstance(a, Germ) else -a

    def _product(self, a: Any, b: Any) -> Any:
        if is_number(a) and a == 0.0 or is_number(b) and b == 0.0:
            return 0.0
        (these, p), (those, q) = self._terms(a), self._terms(b)
        first, second = these[0][0] if these else p, those[0][0] if those else q
        found: dict[Any, float] = {}
        for e, c in these:
            for f, d in those:
                term, before = c * d, found.get(e + f, 0.0)
                total = before + term
                found[e + f] = unless(total, abs(term), CANCELLED) if e + f != 0 else total
        return self.made(found, min(p + second, q + first))

    def _quotient(self, a: Any, b: Any) -> Any:
        if is_number(a) and a == 0.0:
            return 0.0
        (these, p), (those, q) = self._terms(a), self._terms(b)
        if not those:
            raise UnknownGerm("a divisor vanishes")
        low, top = those[0]
        self.conic |= low != 0
        first = these[0][0] if these else p
        order = min(p - low, first - low + q - low)
        if len(those) > 1:
            order = min(order, first - low + RANGE)
            if parts(those[1][0] - low)[0] == 0:  # powers of a logarithm alone, without end
                order = min(order, first - low + LogPower(0, -RANGE))
        rest, found = dict(these), {}
        while rest:
            e = min(rest)
            if e - low >= order:
                break
            c = rest.pop(e) / top
            if c == 0.0:
                continue
            found[e - low] = c
            for f, d in those[1:]:
                at = e - low + f
                before = rest.get(at, 0.0)
                total = before - c * d
                rest[at] = unless(total, larger(abs(before), abs(c * d)), CANCELLED)
        return self.made(found, order)

    def moved(self, a: Any, by: Any) -> Any:
        """A germ times t^by."""
        terms, order = self._terms(a)
        return self.made({e + by: c for e, c in terms}, order + by)

    # Decisions

    def decided(self, key: Any, found: int, stirs: bool) -> int:
        """A decision at this place: the forced one, or else the one found."""
        key = self.place if self.each else self._written(), key
        if stirs:
            self.stirred.add(key)
        found = self.decisions[key] = self.forced.get(key, found)
        return found

    def compare(self, a: Any, b: Any) -> int:
        """The sign of a - b, for sorting arrays: earlier answers fix the order."""
        self._count += 1
        return self._compared(self._count, number_if_one(a), number_if_one(b), False)

    def _compared(self, key: Any, a: Any, b: Any, exact: bool) -> int:
        """The sign of a - b. If only equality counts (`exact`), 1 for any difference."""
        difference = self._sum(a, self._negated(b))
        sign = self._sign(difference)
        sign = abs(sign) if exact else sign
        if sign == 0 or isinstance(difference, Germ) and difference.lead > 0:
            self.stirs |= sign != 0
            if self.silent:
                return sign
            return self.decided((key, value_of(a)), sign, sign != 0)
        return sign

    def _sign(self, a: Any) -> int:
        terms, order = self._terms(a)
        if not terms and order < SAME:
            raise UnknownGerm("the first term of a difference is not known")
        return 0 if not terms else 1 if terms[0][1] > 0 else -1

    def _selected(self, row: Op, args: tuple[Any, ...]) -> Any:
        """The value of an op that selects one of its arguments by their order alone."""
        values = [value_of(a) for a in args]
        y = self.base(row.name, *values)
        tied = [i for i, v in enumerate(values) if v == y]
        if not tied:
            raise UnknownGerm("a value is not finite")
        if len(tied) > 1:
            ranks = [0.0] * len(args)
            for i, a in enumerate(args):
                ranks[i] = float(sum(self._sign(self._sum(a, self._negated(b))) > 0 for b in args))
            rank = self.base(row.name, *ranks)
            stirs = any(ranks[i] != ranks[tied[0]] for i in tied)
            tied = [self.decided((row.name, *values), next(i for i in tied if ranks[i] == rank), stirs)]
        self.chosen[self.place] = tied[0]
        return args[tied[0]]

    def _step(self, row: Op, args: tuple[Any, ...]) -> Any:
        """The value of an op that is piecewise constant."""
        values = tuple([value_of(a) for a in args])
        y = self.base(row.name, *values)
        if not any(self.holds(row, kink, values, y) for kink in row.kinks):
            return y
        if len(args) > 1:
            raise UnknownGerm("a jump in several arguments")
        sign = self._sign(self._sum(args[0], -values[0]))
        side = self.decided((row.name, *values), sign, sign != 0)
        return y if side == 0 else self.base(row.name, beside(values[0], side))

    # Ops with a derivative rule

    def _scaled(self, row: Op, args: tuple[Any, ...]) -> Any:
        """The value of a homogeneous op whose arguments all vanish or all grow, from their leading terms; None
        otherwise."""
        if not row.homogeneous:
            return None
        named, degree = row.homogeneous
        names = parameters(row, len(args))
        chosen = range(len(args)) if named.startswith("*") else [names.index(n) for n in named.split()]
        low = min(self._lead(args[i]) for i in chosen)
        if low == 0 or low == EXACT:
            return None
        power = args[names.index(degree)] if degree in names else float(Fraction(degree))
        if type(power) is Lane:
            raise Alone
        if type(power) is not float or not isfinite(power):
            return None
        exact = Fraction(power).limit_denominator(64)
        exact = exact if float(exact) == power else Fraction(power)
        rises: Any = exact.numerator if exact.denominator == 1 else exact
        if not any(self._terms(args[i])[0] for i in chosen):
            if rises <= 0:
                raise UnknownGerm("the first term of a value is not known")
            return Germ(self, (), low * rises)
        if exact.denominator > 1:
            args = tuple([without_rounding(self, a) if i in chosen and isinstance(a, Germ) else a
                          for i, a in enumerate(args)])  # fmt: skip
            low = min(self._lead(args[i]) for i in chosen)
        self.conic |= exact.denominator > 1 or exact < 0 or len(chosen) > 1
        given = [self.moved(a, -low) if i in chosen else a for i, a in enumerate(args)]
        y = self(row.name, *given)
        if is_number(y) and not finite(y):
            raise UnknownGerm("outside the domain")
        return self.moved(y, whole(low * rises))

    def _lead(self, a: Any) -> Any:
        terms, order = self._terms(a)
        return terms[0][0] if terms else order

    def _solved(self, row: Op, args: tuple[Any, ...], want: Any) -> Any:
        """The value of an op by its derivative rule, up to the wanted order."""
        moved = frozenset(i for i, a in enumerate(args) if isinstance(a, Germ))
        if reach(self.rules, row.name, len(args), moved) > CLOSED:
            raise UnknownGerm("rules that lead to ever more ops")
        values = tuple([value_of(a) for a in args])
        y = self.base(row.name, *values)
        if not finite(y):
            raise UnknownGerm("a value is not finite")
        jumps = {kink.kind for kink in row.kinks if self._met(row, kink, args, values, y, JUMPS)}
        if "undefined" in jumps:
            raise UnknownGerm("no derivative")
        if jumps:
            from .germ_jumps import beside_a_jump  # few lists have one

            return beside_a_jump(self, row, args, values, y)
        moves = {i: self._sum(a, -v) for i, (a, v) in enumerate(zip(args, values)) if isinstance(a, Germ)}
        near = min(m.lead for m in moves.values())
        if parts(near)[0] == 0:
            want = min(want, LogPower(0, -RANGE))  # powers of a logarithm alone, without end
        if want <= near:
            return Germ(self, ((0, y),) if y else (), near)
        key = row.name, "solved", want - near, *[a if is_number(a) else id(a) for a in args]
        if key not in self._known:
            self._known[key] = args, self._solved(row, args, want - near)
        below = self._known[key][1]
        plan, total = self.rules.partials(row, len(args)), 0.0
        before, self._want = self._want, want - near
        try:
            for i, move in moves.items():
                partial = plan[i]
                if partial is None:
                    continue
                local = partial.constant
                if local is None:
                    code = partial.code
                    if i == 0 and row.series and values[0] != 0.0:
                        code = rule_code(row, row.series, len(args))
                    local = run(code, (*args, below, args[i]), self.lenient)
                    if isinstance(local, UnknownGerm) and not self._again:
                        # A difference in the rule that vanishes, or division by it, loses terms.
                        self._want, self._again = DEEP, True
                        local = run(code, (*args, below, args[i]), self.lenient)
                        self._want, self._again = want - near, False
                if isinstance(local, UnknownGerm):
                    raise local
                rate = self.made(differentiated(move.terms), move.order - 1)
                total = self._sum(total, self._product(local, rate))
        finally:
            self._want = before
        try:
            return self._sum(y, self.made(*integrated(*self._terms(total))))
        except ValueError as why:
            raise UnknownGerm(str(why)) from None

    def _met(
        self, row: Op, kink: Kink, args: tuple[Any, ...], values: tuple[Any, ...], y: Any, kinds: Collection[str]
    ) -> bool:  # fmt: skip
        """Whether an op is at a place of some kinds, for the arguments that move."""
        if kink.kind not in kinds or not self.holds(row, kink, values, y):
            return False
        return not kink.param or isinstance(args[row.params.split().index(kink.param)], Germ)

    def holds(self, row: Op, kink: Kink, values: tuple[Any, ...], y: Any) -> bool:
        return holds(row, kink.when, values, y, self.rules.ops, self.base)

    def lenient(self, op: str, *args: Any) -> Any:
        """Apply an op, and return the reason if there is no germ: a branch that is not taken needs none."""
        row = self.table[op]
        chosen = args[:1] if row.shares else args
        for a in chosen:
            if isinstance(a, UnknownGerm):
                return a
        try:
            return self(op, *args)
        except UnknownGerm as why:
            return why
