"""Facts about one equation at all values, derived from the rules: where a derivative passes, which inputs interact, the
degree.

All of this is derived from the partials of the op's row, with the equation's literals substituted, so that `x^2` and
`x^y` are told apart without knowing either by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...ground.tuples import NamedTuple
from ...lists.wengert_list import Atom, Equation
from ...ops import OPS, UNKNOWN, Op
from ...sweeps.partials import Partials
from ...sweeps.rules import PartialRules, is_variadic, rules_for
from ..builder import Builder
from ..identities import tidy

# Literals that may simplify a rule: whole numbers up to this size. Any other literal is just a constant.
WHOLE = frozenset(float(k) for k in range(-32, 33))

# More variable arguments than this count as alike: a fact about two of them holds for all.
FEW = 3

# A polynomial of a higher degree, or with more terms, is not tracked as one.
HIGHEST, MOST_TERMS = 64, 64


class Form(NamedTuple):
    """A bound on how an op's value depends on its arguments, by position.

    bent   those that it depends on in another way than as a polynomial
    terms  exponents of the monomials in the others that bound it; those of the arguments in `bent` are 0
    """

    bent: frozenset[int]
    terms: frozenset[tuple[int, ...]]


class _Rule(NamedTuple):
    """A partial with the equation's literals in place: its equations over `#0`, `#1`, … and `y`, and its answer."""

    equations: Sequence[Equation]
    answer: Atom
    unknown: bool = False


Key = tuple[Any, ...]


# Rules are followed into other rules to this depth: x^40 is the last power whose degree is known. WIDEST is the most
# rules of one op in all.
DEEPEST, WIDEST = 40, 200


class _Plain(dict[str, "tuple[float, ...] | None"]):
    """For each op, its partials if they are nonzero numbers for any arguments; None for any other op."""

    def __init__(self, facts: StructuralRules) -> None:
        self.facts = facts

    def __missing__(self, op: str) -> tuple[float, ...] | None:
        row = self.facts.rules.row(op)
        plan = () if is_variadic(row) else self.facts.plan(row, len(row.partials))
        values = [p.constant for p in plan if p is not None and p.constant is not None]
        found = self[op] = tuple(values) if values and len(values) == len(row.partials) else None
        return found


class _TooWide(Exception):
    """The rules of an op lead to too many others."""


class StructuralRules:
    """The facts about the equations of a list, found once for each op and each choice of its literals."""

    def __init__(self, ops: tuple[Op, ...] = (), kink: str = "mean") -> None:
        self.ops, self.rules = ops, rules_for(ops, kink)
        self.table = self.rules.table
        self._rules: dict[Key, tuple[_Rule | None, ...]] = {}
        self._passing: dict[Key, tuple[int, ...]] = {}
        self._interacting: dict[Key, tuple[tuple[int, int], ...]] = {}
        self._forms: dict[Key, Form] = {}
        self._depth = self._left = 0
        self.plain = _Plain(self)

    def passing(self, op: str, inputs: tuple[Atom, ...]) -> tuple[int, ...]:
        """The positions of the named arguments in which the partial is not zero everywhere."""
        key: Key
        if len(inputs) == 2:
            # Most equations are of this kind, and are asked about most. For two inputs the literals themselves are the
            # key.
            a, b = inputs
            key = op, None if type(a) is str else a, None if type(b) is str else b
        else:
            key = _key(op, inputs)
        found = self._passing.get(key)
        if found is None:
            if self._many(op, inputs):
                plan = self.plan(self.rules.row(op), len(inputs))
                return tuple(i for i, a in enumerate(inputs) if type(a) is str and plan[i] is not None)
            rules = self._written(_key(op, inputs))
            found = tuple(i for i, rule in enumerate(rules) if rule is not None and rule.answer != 0.0)
            self._passing[key] = found
        return found

    def interaction_pairs(self, op: str, inputs: tuple[Atom, ...]) -> tuple[tuple[int, int], ...]:
        """The pairs (i, j) of positions, i <= j, whose second derivative is not zero everywhere.

        In these the partial in i depends on argument j, directly or through y, which depends on all arguments.
        """
        key = _key(op, inputs)
        found = self._interacting.get(key)
        if found is None:
            if (first := self._many(op, inputs)) is not None:
                few = self.interaction_pairs(op, inputs[: first + FEW])
                return tuple(_spread(few, self.passing(op, inputs), first))
            found = self._interacting[key] = self._pairs(key)
        return found

    def form(self, op: str, inputs: tuple[Atom, ...]) -> Form:
        """How the value depends on the named arguments, found by integrating the partials.

        A partial that is zero everywhere says nothing about the value (a step is flat, but not constant), so the value
        then counts as bent.
        """
        key = _key(op, inputs)
        found = self._forms.get(key)
        if found is None:
            if (first := self._many(op, inputs)) is not None:
                return self._form_of_many(op, inputs, first)
            # An op whose rules lead back to it is no polynomial.
            zero = frozenset({(0,) * len(inputs)})
            found = self._forms[key] = Form(frozenset(i for i, a in enumerate(inputs) if type(a) is str), zero)
            # Nor is one whose rules lead to ever new ops of its kind, such as from a Bessel function to the next.
            if self._depth < DEEPEST:
                return self._form_of_rules(key, found)
            del self._forms[key]  # elsewhere it may be known
        return found

    def _form_of_rules(self, key: Key, bent: Form) -> Form:
        """The form by the rules; bent if these lead to more ops than are examined, as for an op of several orders."""
        if not self._depth:
            self._left = WIDEST
        self._left -= 1
        if self._left < 0:
            del self._forms[key]  # it is not known before the others are
            raise _TooWide
        self._depth += 1
        try:
            self._forms[key] = self._integrated(key)
        except _TooWide:
            if self._depth > 1:
                del self._forms[key]
                raise
            self._forms[key] = bent
        finally:
            self._depth -= 1
        return self._forms[key]

    def constants(self, op: str, inputs: tuple[Atom, ...]) -> list[tuple[str, float]] | None:
        """Each named argument with its partial, if all of these are numbers and the op does not choose; else None."""
        if (plain := self.plain[op]) is not None:
            return [(a, value) for a, value in zip(inputs, plain) if type(a) is str]
        row = self.rules.row(op)
        if row.selects or self.interaction_pairs(op, inputs):
            return None
        plan, found = self.plan(row, len(inputs)), []
        for i, a in enumerate(inputs):
            if type(a) is not str or (partial := plan[i]) is None:
                continue
            value: Any = partial.constant
            if value is None and 0 <= partial.place < len(inputs):
                value = inputs[partial.place]
            elif value is None:
                if len(inputs) > FEW + 1 or row.partials[min(i, len(row.partials) - 1)] == UNKNOWN:
                    return None
                # Positions stand for the names, so that none can be confused with the output or a new equation.
                args = tuple(f"#{k}" if type(b) is str else b for k, b in enumerate(inputs))
                value = Partials(row, plan, args, "y", Builder(rewrites=(tidy,))).at(i)
            if type(value) is not float:
                return None
            found.append((a, value))
        return found

    def plan(self, row: Op, n: int) -> PartialRules:
        return self.rules.partials(row, n)

    def _many(self, op: str, inputs: tuple[Atom, ...]) -> int | None:
        """The position from which on many arguments are alike; None if there is none."""
        if len(inputs) <= FEW:
            return None
        row = self.rules.row(op)
        first = len(row.params.split()) - 1
        return first if is_variadic(row) and len(inputs) > first + FEW else None

    def _written(self, key: Key) -> tuple[_Rule | None, ...]:
        """The partials of an op in the arguments of a key; None in a literal and where one is zero everywhere."""
        rules = self._rules.get(key)
        if rules is not None:
            return rules
        op, kinds = key[0], key[1:]
        row = self.rules.row(op)
        args = tuple(f"#{i}" if a is None else f"#c{i}" if a == _SOME else a for i, a in enumerate(kinds))
        # An identity may reduce the op to a number or to one of its arguments.
        whole = tidy(Builder(), op, args) if OPS.get(op) is row else None
        plan = self.plan(row, len(args))
        found: list[_Rule | None] = []
        for i, partial in enumerate(plan):
            if kinds[i] is not None or partial is None:
                found.append(None)
            elif whole is not None and (type(whole) is float or whole in args):
                found.append(_Rule((), float(whole == args[i])))
            elif row.partials[min(i, len(row.partials) - 1)] == UNKNOWN:
                found.append(_Rule((), "y", unknown=True))
            else:
                build = Builder(rewrites=(tidy,), taken=("y",))
                answer = Partials(row, plan, args, "y", build).at(i)
                found.append(_Rule(build.equations, answer))
        rules = self._rules[key] = tuple(found)
        return rules

    def _pairs(self, key: Key) -> tuple[tuple[int, int], ...]:
        rules = self._written(key)
        passing = [i for i, rule in enumerate(rules) if rule is not None and rule.answer != 0.0]
        found = set()
        for i in passing:
            rule = rules[i]
            assert rule is not None
            reached = {rule.answer}
            for output, op, inputs in reversed(rule.equations):
                if output in reached:
                    reached.update(inputs[k] for k in self.passing(op, inputs))
            for j in passing:
                if "y" in reached or f"#{j}" in reached:
                    found.add((min(i, j), max(i, j)))
        return tuple(sorted(found))

    def _integrated(self, key: Key) -> Form:
        n = len(key) - 1
        bent: set[int] = set()
        terms = {(0,) * n}
        for i, rule in enumerate(self._written(key)):
            if key[1 + i] is not None or rule is not None and rule.answer == 0.0:
                continue
            partial = None if rule is None or rule.unknown else self._traced(rule, n)
            if partial is None:
                bent.add(i)
                continue
            bent |= partial.bent - {n}
            if n in partial.bent:
                bent.add(i)
            else:
                terms.update((*t[:i], t[i] + 1, *t[i + 1 :]) for t in partial.terms)
        return _form(bent, terms)

    def _traced(self, rule: _Rule, n: int) -> Form:
        """A partial as a form in the n arguments and in y, in which it may bend or be constant."""
        zero = (0,) * n
        values: dict[Any, Form] = {f"#{i}": Form(frozenset(), frozenset({_unit(i, n)})) for i in range(n)}
        values["y"] = Form(frozenset({n}), frozenset({zero}))
        constant = Form(frozenset(), frozenset({zero}))
        for output, op, inputs in rule.equations:
            outer = self.form(op, inputs)
            values[output] = _composed(outer, [values.get(a, constant) for a in inputs], n)
        return values.get(rule.answer, constant)

    def _form_of_many(self, op: str, inputs: tuple[Atom, ...], first: int) -> Form:
        n = len(inputs)
        few = self.form(op, (*inputs[:first], *(f"#{i}" for i in range(first, first + FEW))))
        bent = {i for i in few.bent if i < first and type(inputs[i]) is str}
        named = [i for i in range(first, n) if type(inputs[i]) is str]
        alone = {_unit(i, first + FEW) for i in range(first, first + FEW)}
        if not few.bent.isdisjoint(range(first, first + FEW)) or not few.terms <= alone:
            return Form(frozenset({*bent, *named}), frozenset({(0,) * n}))
        return Form(frozenset(bent), frozenset(_unit(i, n) for i in named))


_SOME = "some"


def _key(op: str, inputs: tuple[Atom, ...]) -> Key:
    return op, *[None if type(a) is str else a if a in WHOLE else _SOME for a in inputs]


def _unit(i: int, n: int) -> tuple[int, ...]:
    return (*(0,) * i, 1, *(0,) * (n - 1 - i))


def _spread(few: Sequence[tuple[int, int]], passing: Sequence[int], first: int) -> list[tuple[int, int]]:
    """The pairs among many alike arguments, from the pairs among a few."""
    found = [(i, j) for i, j in few if j < first]
    like = [i for i in passing if i >= first]
    found += [(i, j) for i, at in few if i < first <= at for j in like]
    if any(i == j >= first for i, j in few):
        found += [(i, i) for i in like]
    if any(first <= i < j for i, j in few):
        found += [(i, j) for n, i in enumerate(like) for j in like[n + 1 :]]
    return sorted(set(found))


def _form(bent: set[int] | frozenset[int], terms: set[tuple[int, ...]]) -> Form:
    """A form without terms that others bound. If it grows too large, it counts as bent."""
    if bent:
        terms = {tuple([0 if i in bent else e for i, e in enumerate(t)]) for t in terms}
    if len(terms) > 1:
        terms = {t for t in terms if not any(t != u and all(a <= b for a, b in zip(t, u)) for u in terms)}
    if len(terms) > MOST_TERMS or any(sum(t) > HIGHEST for t in terms):
        bent = {*bent, *(i for t in terms for i, e in enumerate(t) if e)}
        terms = {(0,) * len(t) for t in terms}
    return Form(frozenset(bent), frozenset(terms))


def _composed(outer: Form, inner: Sequence[Form], n: int) -> Form:
    bent: set[int] = set()
    for i in outer.bent:
        bent |= inner[i].bent
        bent.update(k for t in inner[i].terms for k, e in enumerate(t) if e)
    terms: set[tuple[int, ...]] = set()
    for t in outer.terms:
        products = {(0,) * n}
        for i, e in enumerate(t):
            if e:
                bent |= inner[i].bent
            for _ in range(e):
                products = {tuple(map(int.__add__, p, q)) for p in products for q in inner[i].terms}
                if len(products) > MOST_TERMS:
                    return _form({*bent, *(k for p in products for k, x in enumerate(p) if x)}, {(0,) * n})
        terms |= products
    return _form(bent, terms)
