"""Taylor arithmetic over arrays: as over numbers, element by element; and for array ops.

Of an array op the row says how it depends on its arguments, or its rules tell (see `linearity`). Where the derivative
does not change, as of a sum or a sorting, each coefficient is a tangent. Where an op is linear in each of several
groups of arguments, as a product is, coefficients are convolved. A solution of a linear system solves it again for each
coefficient,

    y_k = L(a_0) (b_k + sum over j = 1 … k of M(a_j) y_(k-j)),

a function of a matrix is taken of the series as a block Toeplitz matrix, and of anything else the tangent is a series,
a degree behind: k*y_k = (J(a) a')_(k-1), where J(a) a' is made by sweeping the rule under the same interpretation.

An element of a coefficient may be absent where others are there, below a branch: so each coefficient has a guard, as
tangents have in the sweeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..ground.errors import DerivativeError, error
from ..ground.limits import check_clock
from ..lists.code import run
from ..lists.wengert_list import WengertList
from ..ops import ADD, AND, CONCATENATE, INDEX, INFIX, MUL, NEG, RESHAPE_LIKE, SPREAD_LIKE, SUM_LIKE, WHERE, ZEROS, Op
from ..ops.row import linear_groups
from .guards import Guard, Lazy, either, forced, guarded
from .interpretation import Interpretation
from .linearity import doubles, is_steady, solution
from .partials import Partials
from .rules import ADJOINT, Applied, Rules, groups, rule_code
from .tangent import jvp_guard, jvp_of, transposed
from .taylor_numbers import Operand, Series, TaylorArithmetic, identity

_SUB, _DIV, _OTHER = INFIX["-"], INFIX["/"], INFIX["!="]
_LIKE = frozenset((RESHAPE_LIKE, SPREAD_LIKE, SUM_LIKE))

# A coefficient and its guard; None where it is absent.
Term = tuple[Any, Guard] | None
Way = Callable[[int], Term]


class ArraySeries(Series):
    """A `Series` with a guard for each coefficient.

    moving   places of the arguments that it has a derivative in
    slope_of the series that it is the derivative of, and whether it has its factors; None of any other
    way      from k to the k-th coefficient, once the first is asked for
    shared   the guard of the last coefficient that was made of guards alone, and a key of those guards
    """

    __slots__ = ("guards", "moving", "shared", "slope_of", "way")

    def __init__(
        self, coefficients: list[Any], row: Op | None = None, args: tuple[Operand, ...] = (),
        moving: tuple[int, ...] = (), way: Way | None = None,
    ) -> None:  # fmt: skip
        super().__init__(coefficients, row, args)
        self.guards: list[Guard] = [None] * len(coefficients)
        self.moving, self.way = moving, way
        self.slope_of: tuple[ArraySeries, bool] | None = None
        self.shared: tuple[list[tuple[bool, int]], Guard] | None = None


class ArrayTaylor(TaylorArithmetic):
    """`apply` over series of arrays. A value that cannot move, such as a condition or an index, is no series."""

    shaped = True

    def __init__(self, base: Interpretation, rules: Rules) -> None:
        super().__init__(base, rules)
        self.known: dict[Any, Any] = {}
        self.slopes: dict[tuple[int, bool], Any] = {}
        # Arrays that `known` identifies by object identity.
        self.held: list[Any] = []

    # As `apply`

    def __call__(self, op: str, *args: Any) -> Any:
        if op in _LIKE and self.alike(args[0], args[1]):
            return args[0]
        if all(type(a) is float for a in args):
            return self.base(op, *args)
        key = op, *map(identity, args)
        if key not in self.known:
            self.known[key] = self._made(op, args)
            self.held.append(args)
        return self.known[key]

    def _made(self, op: str, args: tuple[Any, ...]) -> Any:
        if op == NEG and isinstance(args[0], Series) and args[0].row is not None and args[0].row.name == NEG:
            return args[0].args[0]
        row, n = self.table[op], len(args)
        first = self.base(op, *map(self._value, args))
        moving = tuple(
            i for i, a in enumerate(args) if isinstance(a, Series) and self.rules.has_derivative(row, i, n)
        )  # fmt: skip
        if not moving:
            return first
        if linear_groups(row) and len(moving) == 1 and (of := args[moving[0]].slope_of) is not None:
            # Equal series are represented once, so that a rule whose derivatives repeat closes.
            return self.slope(self(op, *(of[0] if i in moving else a for i, a in enumerate(args))), of[1])
        found = ArraySeries([first], row, args, moving)
        self.made.append(found)
        return found

    def _begun(self, row: Op, y: Any, args: tuple[Any, ...]) -> Series:
        moving = tuple(i for i, a in enumerate(args) if isinstance(a, Series) and row.partials[i] is not None)
        return ArraySeries([y], row, args, moving)

    def alike(self, a: Any, b: Any) -> bool:
        """Whether two values have the same core shape."""
        return self.base.alike(self._value(a), self._value(b))

    def shape(self, a: Any) -> Any:
        """The core shape of a value; None where it is not known."""
        return self.base.shape(self._value(a))

    def nowhere(self, condition: Any) -> bool:
        """Whether a condition is known to hold nowhere. For a series nothing is known."""
        return not isinstance(condition, Series) and self.base.nowhere(condition)

    def _value(self, a: Any) -> Any:
        return a.coefficients[0] if isinstance(a, Series) else a

    # Coefficients

    def coefficient(self, s: Operand, k: int) -> Any:
        """The k-th coefficient of a series. None means that it is absent, so zero."""
        found = self.term(s, k)
        return None if found is None else found[0]

    def term(self, s: Any, k: int) -> Term:
        """The k-th coefficient with its guard."""
        if not isinstance(s, ArraySeries):
            return (s, None) if k == 0 and s is not None else None
        while len(s.coefficients) <= k:
            check_clock()
            if s.way is None and s.row is not None:
                s.way = self._coefficient_rule(s, s.row)
            found = None if s.way is None else s.way(len(s.coefficients))
            value, guard = (None, None) if found is None else found
            s.coefficients.append(value)
            s.guards.append(guard)
        value = s.coefficients[k]
        return None if value is None else (value, s.guards[k])

    def _coefficient_rule(self, s: ArraySeries, row: Op) -> Way:
        """How the coefficients of an op's value follow from those of its arguments."""
        n = len(s.args)
        if row.array is None:
            return self._elementwise(s, row)
        if is_steady(self.rules, row, s.moving, n) or linear_groups(row) and len(self._groups(s, row)) == 1:
            return lambda k: self._tangent(s, row, k)
        if linear_groups(row):
            return lambda k: self._product(s, row, self._groups(s, row), k)
        if (solved := solution(self.rules, row, n)) is not None:
            return self._solved(s, row, *solved)
        if n == 1 and self._is_function_of_matrix(s, row):
            return lambda k: self._toeplitz(s, row, k)
        return self._differentiated(self._moved(s, row))

    def _differentiated(self, slope: Any) -> Way:
        """The coefficients from the series of the derivative."""

        def way(k: int) -> Term:
            found = self.term(slope, k - 1)
            return found if found is None or k == 1 else (self.base(_DIV, found[0], float(k)), found[1])

        return way

    def slope(self, a: Any, scaled: bool = True) -> Any:
        """The derivative of a series, with the coefficients (k + 1)*a_(k+1), or with a_(k+1) if not `scaled`. If it
        does not depend on t, it is a plain value."""
        key = id(a), scaled
        if key in self.slopes:
            return self.slopes[key]

        def way(k: int) -> Term:
            found = self.term(a, k + 1)
            return found if found is None or not scaled or k == 0 else (self._times(float(k + 1), found[0]), found[1])

        first = way(0)
        if first is None:
            first = self.base(ZEROS, a.coefficients[0]), None
        if a.row is None and a.way is None and len(a.coefficients) == 2:
            made: Any = first[0]
        else:
            made = ArraySeries([first[0]], None, (), (), way)
            made.guards[0], made.slope_of = first[1], (a, scaled)
            self.made.append(made)
        self.slopes[key] = made
        return made

    # Element by element

    def _elementwise(self, s: ArraySeries, row: Op) -> Way:
        if row.name == MUL:
            return lambda k: self._right(s, self._convolved(s.args[0], s.args[1], range(k + 1), k))
        if row.name == _DIV:
            return lambda k: self._right(s, self._quotient(s, k))
        if s.plan is None:
            s.plan = self.rules.partials(row, len(s.args))
            s.partials = [None] * len(s.args)
        return lambda k: self._right(s, self._ruled(s, k))

    def _right(self, s: ArraySeries, found: Term) -> Term:
        """A coefficient in the shape of the value."""
        if found is None:
            return None
        value, guard = found
        if len(s.args) > 1 and not self.base.alike(value, s.coefficients[0]):
            value = self.base(SPREAD_LIKE, value, s.coefficients[0])
        return value, guard

    def _convolved(self, a: Any, b: Any, js: range, k: int) -> Term:
        """The sum of a_j*b_(k-j)."""
        total: Term = None
        if not (isinstance(a, Series) and isinstance(b, Series)):
            j = k if isinstance(a, Series) else 0
            js = range(j, j + 1) if j in js else range(0)
        for j in js:
            if (a_j := self.term(a, j)) is not None and (b_j := self.term(b, k - j)) is not None:
                total = self._sum(total, self._multiplied(a_j, b_j))
        return total

    def _quotient(self, s: ArraySeries, k: int) -> Term:
        """y*b = a, solved for its highest term. Through the rule, 1/b would lead to ever higher powers of 1/b."""
        a, b = s.args
        top, rest = self.term(a, k), self._convolved(s, b, range(k), k)
        if rest is not None:
            top = self._sum(top, rest, _SUB) if top is not None else (self.base(NEG, rest[0]), rest[1])
        if top is None:
            return None
        return self._guarded(self.base(_DIV, top[0], self._value(b)), top[1])

    def _ruled(self, s: ArraySeries, k: int) -> Term:
        """`_by_rule` for numbers. A term below a branch has the branch's condition as its guard."""
        assert s.plan is not None
        assert s.row is not None
        row = s.row
        exact: Term = None  # contributions of constant partials: a_k times them
        summed: Term = None  # k times the others
        for i in s.moving:
            partial, a = s.plan[i], s.args[i]
            assert partial is not None
            if partial.constant is not None:
                if (a_k := self.term(a, k)) is not None:
                    exact = self._sum(exact, self._multiplied((partial.constant, None), a_k))
                continue
            if s.partials[i] is None:
                s.partials[i] = self._local(s, row, i)
            local = s.partials[i]
            if self._is_constant(local, k - 1):
                at = self._slope(s, row, i) if k == 1 and row.series else self._value(local)
                taken = row.selects and type(at) is not float
                if row.selects and (at == 0.0 if type(at) is float else self.base.nowhere(at)):
                    continue
                if (a_k := self.term(a, k)) is None:
                    continue
                product = a_k if partial.indicator and taken else self._multiplied((at, None), a_k)
                if taken:
                    product = self.base(WHERE, at, product[0], 0.0), self._both(product[1], at)
                if s.kept:
                    product = guarded(s.kept[i], product[0], self.base), product[1]
                exact = self._sum(exact, product)
            else:
                summed = self._sum(summed, self._convolved(self.slope(a), local, range(k), k - 1))
        if summed is not None and k > 1:
            summed = self.base(_DIV, summed[0], float(k)), summed[1]
        return self._sum(exact, summed)

    def _local(self, s: ArraySeries, row: Op, i: int) -> Any:
        """The partial derivative in the i-th argument, as a series."""
        assert s.plan is not None
        partials = Partials(row, s.plan, s.args, s, self)
        at = self._value(s.args[i])
        there: Any = None  # where the rule for power series is right
        if i == 0 and row.series and not self.base.writes:
            there = self.base(_OTHER, at, 0.0)
        if there is None or self.base.nowhere(there):
            return partials.at(i)
        found = run(rule_code(row, row.series, len(s.args)), (*s.args, s, s.args[i]), self)
        if self.base.nowhere(self.base(_OTHER, there, 1.0)):
            return found
        return self(WHERE, there, found, partials.at(i))

    # Array ops

    def _groups(self, s: ArraySeries, row: Op) -> list[list[int]]:
        """The groups of moving arguments in which the op is jointly linear."""
        return [group for group in groups(row, len(s.args)) if not set(group).isdisjoint(s.moving)]

    def _tangent(self, s: ArraySeries, row: Op, k: int) -> Term:
        """The derivative at the point, applied to the k-th coefficients of the arguments."""
        terms = [self.term(a, k) if i in s.moving else None for i, a in enumerate(s.args)]
        tangents = [None if t is None else t[0] for t in terms]
        at = Applied(row, tuple(map(self._value, s.args)), s.coefficients[0])
        value = jvp_of(at, tangents, self.base, self.rules)
        if value is None:
            return None
        guards = [None if t is None else t[1] for t in terms]
        made_of = [(t is None, id(g)) for t, g in zip(tangents, guards)]
        if s.shared is None or s.shared[0] != made_of:
            s.shared = made_of, jvp_guard(at, tangents, guards, self.base, self.rules)
        return value, s.shared[1]

    def _product(self, s: ArraySeries, row: Op, together: list[list[int]], k: int) -> Term:
        """The sum over all ways to share k out between the groups in which the op is linear."""
        values = list(map(self._value, s.args))
        total: Term = None
        for js in _shares(k, len(together)):
            given = list(values)
            for group, j in zip(together, js):
                terms = [self.term(s.args[i], j) for i in group] if j else []
                if j and not any(terms):
                    break
                for i, found in zip(group, terms):
                    given[i] = self.base(ZEROS, values[i]) if found is None else found[0]
            else:
                total = self._sum(total, (self.base(row.name, *given), None))
        return total

    def _moved(self, s: ArraySeries, row: Op) -> Any:
        """The series of the derivative, J(a) a'. Raises DerivativeError if there is no rule for it."""
        total: Any = None
        for i in s.moving:
            rule = self.rules.vjp_list(row, i, len(s.args))
            if rule is None:
                raise error(DerivativeError, "W210", f"`{row.name}` has no rule that a tangent can be pushed through")
            found = self._transposed(rule, s, s, self.slope(s.args[i]))
            total = found if total is None else total if found is None else self(ADD, total, found)
        return total

    def _transposed(self, rule: WengertList, s: ArraySeries, adjoint: Any, seed: Any) -> Any:
        """The transpose, at a seed, of a rule that is linear in its adjoint. `adjoint` is any array of its shape."""
        values = {**dict(zip(rule.inputs, (*s.args, s))), ADJOINT: adjoint}
        return transposed(rule, values, seed, self, self.rules)

    def _solved(self, s: ArraySeries, row: Op, place: int, rests: Any) -> Way:
        """y_k = L(a_0) (b_k + sum over j = 1 … k of M(a_j) y_(k-j)), where M comes from the rests of the rules."""
        b = s.args[place]
        sums = [self._transposed(rests[i], s, b, self.slope(s.args[i], False)) for i in s.moving if i != place]

        def way(k: int) -> Term:
            total = self.term(b, k)
            for one in sums:
                total = self._sum(total, self.term(one, k - 1))
            if total is None:
                return None
            given = [total[0] if i == place else self._value(a) for i, a in enumerate(s.args)]
            return self.base(row.name, *given), None

        return way

    def _is_function_of_matrix(self, s: ArraySeries, row: Op) -> bool:
        """Whether an op maps a square matrix to another, by rules that lead to ever larger matrices. In the table, such
        ops are functions like the exponential, which can be taken of a block triangular matrix."""
        shape = self.shape(s.args[0])
        square = shape is not None and len(shape) == 2 and shape[0] == shape[1] and shape == self.shape(s)
        return square and doubles(self.rules, row, (shape,))

    def _toeplitz(self, s: ArraySeries, row: Op, k: int) -> Term:
        """The k-th coefficient of a function of a matrix, from the first row of blocks of

            f([[a_0, a_1, … a_k], [0, a_0, … a_(k-1)], …, [0, … 0, a_0]]).

        (R. Mathias, "A chain rule for matrix functions and applications", SIAM J. Matrix Anal. Appl. 17 (1996).)
        """
        a, base = s.args[0], self.base
        n = self.shape(a)[0]
        nothing = base(ZEROS, self._value(a))
        blocks = [nothing if (found := self.term(a, j)) is None else found[0] for j in range(k + 1)]
        if all(block is nothing for block in blocks[1:]):
            return None
        rows = [base(f"{CONCATENATE}[axis=1]", *[nothing] * j, *blocks[: k + 1 - j]) for j in range(k + 1)]
        whole = base(row.name, base(CONCATENATE, *rows))
        return base(f"{INDEX}[0:{n},{k * n}:{(k + 1) * n}]", whole), None

    # Terms

    def _sum(self, x: Term, y: Term, op: str = ADD) -> Term:
        if x is None or y is None:
            return y if x is None else x
        guard = None if x[1] is None or y[1] is None else either(x[1], y[1], self.base)
        return self.base(op, x[0], y[0]), guard

    def _multiplied(self, x: tuple[Any, Guard], y: tuple[Any, Guard]) -> tuple[Any, Guard]:
        return self._guarded(self._times(x[0], y[0]), self._both(x[1], y[1]))

    def _guarded(self, value: Any, guard: Guard) -> tuple[Any, Guard]:
        return value if guard is None else guarded(guard, value, self.base), guard

    def _both(self, a: Guard, b: Guard) -> Guard:
        if a is None or b is None or a is b:
            return b if a is None else a
        return Lazy(lambda: self.base(AND, forced(a), forced(b)), a, b)


def _shares(k: int, n: int) -> Iterator[tuple[int, ...]]:
    """All ways to split k among n, as whole numbers."""
    if n == 1:
        yield (k,)
        return
    for j in range(k + 1):
        for rest in _shares(k - j, n - 1):
            yield (j, *rest)
