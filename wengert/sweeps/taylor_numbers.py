"""Taylor arithmetic over numbers: an interpretation in which a value is a truncated power series.

An op's derivative rule is a differential equation, y' = sum of partial_i * a_i', and a power series solves it one
coefficient after the other:

    k*y_k = sum over i and over j = 1 … k of j * (a_i)_j * (partial_i)_(k-j)

where the partials are series themselves, made by sweeping the rule under the same interpretation. So no op but the
product and the quotient needs a recurrence of its own. (A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed.,
SIAM 2008, section 13.2; the recurrences of its table 13.2 are special cases.) The coefficients are computed, or
written as equations, by the `apply` behind.
"""

from __future__ import annotations

from math import copysign
from typing import Any

from ..lists.code import run
from ..ops import ADD, INFIX, MUL, NEG, UNKNOWN, WHERE, Op
from .guards import guarded
from .interpretation import Interpretation
from .partials import Partials
from .rules import PartialRules, Rules, rule_code
from .ties import is_shared, share_guard

_SUB, _DIV = INFIX["-"], INFIX["/"]
# Fewer series of one rule than this cannot wait for each other so deep that Python's stack is in danger.
DEEP = 30


class Series:
    """A power series whose coefficients are computed on demand, from the lowest up.

    kept  of an op whose branches share, by argument: the guard of its contribution
    """

    __slots__ = ("args", "coefficients", "kept", "partials", "plan", "row")

    def __init__(self, coefficients: list[Any], row: Op | None = None, args: tuple[Operand, ...] = ()) -> None:
        self.coefficients, self.row, self.args = coefficients, row, args
        self.plan: PartialRules | None = None
        self.partials: list[Any] = []
        self.kept: dict[int, Any] = {}


Operand = Series | float | str


class TaylorArithmetic(Interpretation):
    """`apply` over series: with numbers behind `base` it computes coefficients, with a builder it writes them.

    The same op on the same series gives the same series, so that a rule which leads back to its own op closes: the sine
    to the cosine, and back to the sine.
    """

    def __init__(self, base: Interpretation, rules: Rules) -> None:
        self.base, self.rules, self.table = base, rules, rules.table
        self.known: dict[Any, Series] = {}
        # The series that the current equation has made so far.
        self.made: list[Series] = []

    def __call__(self, op: str, *args: Operand) -> Operand:
        if not any(isinstance(a, Series) for a in args):
            return self.base(op, *args)  # type: ignore[no-any-return]
        if op == NEG and isinstance(args[0], Series) and args[0].row is not None and args[0].row.name == NEG:
            return args[0].args[0]
        key = op, *map(identity, args)
        found = self.known.get(key)
        if found is None:
            first = self.base(op, *(a.coefficients[0] if isinstance(a, Series) else a for a in args))
            found = self.known[key] = Series([first], self.table[op], args)
            self.made.append(found)
        return found

    def settled(self, row: Op, y: Any, args: tuple[Operand, ...], given: tuple[Any, ...]) -> Series:
        """The series of an op that chooses, with value y, whose condition equality decides: see `ties`."""
        found = self._begun(row, y, args)
        found.plan = self.rules.partials(row, len(args))
        found.partials = [None if p is None else run(p.code, (*given, y, a), self.base)
                          for p, a in zip(found.plan, given)]  # fmt: skip
        if is_shared(row):
            found.kept = {i: share_guard(given, i, p, self.base) for i, p in enumerate(found.partials) if i}
        self.made.append(found)
        return found

    def _begun(self, row: Op, y: Any, args: tuple[Operand, ...]) -> Series:
        return Series([y], row, args)

    def bring_forward(self) -> None:
        """Find one more coefficient of each series that the current equation has made, before its own value asks for
        it.

        If a rule leads to ever new series, each a degree behind the one before, the last of them goes first, so that
        none waits for more than the next. It is one coefficient each, as series that lead back to each other would
        drive each other on.
        """
        for one, n in [(one, len(one.coefficients)) for one in reversed(self.made)]:
            if n > 1:
                self.coefficient(one, n)

    def coefficient(self, s: Operand, k: int) -> Any:
        """The k-th coefficient of a series. None means that it is absent, so zero."""
        if not isinstance(s, Series):
            return s if k == 0 else None
        while len(s.coefficients) <= k:
            s.coefficients.append(None if s.row is None else self._next(s, s.row, len(s.coefficients)))
        return s.coefficients[k]

    def _next(self, s: Series, row: Op, k: int) -> Any:
        if row.name == MUL:
            return self._convolved(s.args[0], s.args[1], range(k + 1), k)
        if row.name == _DIV:
            # y*b = a, solved for its highest term. Through the rule, 1/b would lead to ever higher powers of 1/b.
            a, b = s.args
            rest = self._convolved(s, b, range(k), k)
            top = self.coefficient(a, k)
            if rest is not None:
                top = self.base(NEG, rest) if top is None else self.base(_SUB, top, rest)
            return None if top is None else self.base(_DIV, top, self.coefficient(b, 0))
        return self._by_rule(s, row, k)

    def _convolved(self, a: Operand, b: Operand, js: range, k: int) -> Any:
        """The sum of a_j*b_(k-j)."""
        total: Any = None
        for j in js:
            a_j, b_j = self.coefficient(a, j), self.coefficient(b, k - j)
            if a_j is not None and b_j is not None:
                total = self._plus(total, self._times(a_j, b_j))
        return total

    def _by_rule(self, s: Series, row: Op, k: int) -> Any:
        base = self.base
        if s.plan is None:
            s.plan = self.rules.partials(row, len(s.args))
            s.partials = [None] * len(s.args)
            if UNKNOWN in row.partials:
                _refuse(s, s.plan, row, self)
        exact: Any = None  # contributions of constant partials: a_k times a number
        summed: Any = None  # k times the others
        for i, a in enumerate(s.args):
            partial = s.plan[i]
            if partial is None or not isinstance(a, Series):
                continue
            if partial.constant is not None:
                exact = self._plus(exact, self._times(partial.constant, self.coefficient(a, k)))
                continue
            local = s.partials[i]
            if local is None:
                code = partial.code
                if i == 0 and row.series and type(a.coefficients[0]) is float and a.coefficients[0] != 0.0:
                    code = rule_code(row, row.series, len(s.args))
                local = s.partials[i] = run(code, (*s.args, s, a), self)
            still = not isinstance(local, Series) or self._is_constant(local, k - 1)
            if still:
                at = self._slope(s, row, i) if k == 1 and row.series else self.coefficient(local, 0)
                a_k = self.coefficient(a, k)
                if a_k is None or row.selects and type(at) is float and at == 0.0:
                    continue
                product = a_k if partial.indicator and type(at) is not float else self._times(at, a_k)
                if row.selects and type(at) is not float:
                    product = base(WHERE, at, product, 0.0)
                if s.kept:
                    product = guarded(s.kept[i], product, base)
                exact = self._plus(exact, product)
                continue
            for j in range(1, k + 1):
                a_j, p = self.coefficient(a, j), self.coefficient(local, k - j)
                if a_j is not None and p is not None:
                    summed = self._plus(summed, self._times(self._times(float(j), a_j), p))
        if summed is not None:
            exact = self._plus(exact, summed if k == 1 else base(_DIV, summed, float(k)))
        return exact

    def _slope(self, s: Series, row: Op, i: int) -> Any:
        """A partial derivative at the point, by the rule of every other sweep: the rule for power series may round
        otherwise."""
        args = tuple([a.coefficients[0] if isinstance(a, Series) else a for a in s.args])
        return Partials(row, s.plan or (), args, s.coefficients[0], self.base).at(i)

    def _is_constant(self, s: Series, k: int) -> bool:
        """Whether a series has no term after its first, up to order k."""
        return all(self.coefficient(s, j) is None for j in range(1, k + 1))

    def _plus(self, a: Any, b: Any) -> Any:
        return b if a is None else a if b is None else self.base(ADD, a, b)

    def _times(self, a: Any, b: Any) -> Any:
        if b is None or (type(b) is float and b == 1.0):
            return None if b is None else a
        return b if type(a) is float and a == 1.0 else self.base(MUL, a, b)


def _refuse(s: Series, plan: PartialRules, row: Op, apply: Interpretation) -> None:
    """Raise the DerivativeError of an op that has no rule for an argument that moves."""
    for i, (partial, a) in enumerate(zip(plan, s.args)):
        if partial is not None and isinstance(a, Series):
            Partials(row, plan, s.args, s, apply).at(i)


def first_of(a: Any) -> Any:
    """The value of an operand."""
    return a.coefficients[0] if isinstance(a, Series) else a


def identity(a: Any) -> Any:
    """A key that is equal for two operands if and only if they are the same."""
    return id(a) if isinstance(a, Series) else (a, copysign(1.0, a)) if isinstance(a, float) else _other(a)


def _other(a: Any) -> Any:
    return a if isinstance(a, str) else id(a)
