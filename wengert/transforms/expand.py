"""Replace the derivative expressions of a program, `d(f, x)`, `jvp(f, x, v)` and others, by the equations that compute
them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from math import e, factorial, log2
from typing import Any

from ..ground.errors import DerivativeError, Source, error
from ..ground.limits import UNTRUSTED, WIDE, Limits, checking_clock, exceeded, timed
from ..ground.names import is_temporary
from ..lists.shapes import declared, of_arrays
from ..lists.wengert_list import Atom, Equation, WengertList, assemble, names_of, ops_of
from ..ops import ARRAY, COPY, DERIVATIVES, MUL, RESHAPE, SCATTER, ZEROS
from ..ops.shapes.dimensions import Shape, shown
from ..sweeps.masks import bare, depended_on, masked_by, weighted_sum
from ..sweeps.rules import Rules, checked_kink, rules_for
from ..sweeps.taylor import filled, taylor_sweep, unmasked_terms
from .builder import Builder, Names
from .identities import tidy
from .list_sweeps import Stretch, write_adjoints, write_tangents

# A sweep over this many equations takes as long as writing one.
_FEW = 4
# From this order on, repeated derivatives by one name are computed by Taylor arithmetic.
ONE, HIGH = "d", 5


@timed
def expand(
    wlist: WengertList, *, kink: str = "mean", limits: Limits = UNTRUSTED, shapes: Mapping[str, Shape] | None = None,
    masked: bool = True,
) -> WengertList:  # fmt: skip
    """The list with every derivative equation expanded, in order; a list without any is returned as it is.

    `d(f, x)` takes x, an input or an intermediate, for independent: its cost is that of the part of the list between x
    and f. A derivative is nan where f is nan, unless `masked` is false, for reading. `shapes` are those of the inputs,
    where more is known than the list tells. Raises DerivativeError for an op without a rule, and for a derivative whose
    shape is not known or is another's (`d` of an array by an array is a `jacobian`), LimitError when the list grows too
    long.
    """
    if ops_of(wlist).isdisjoint(DERIVATIVES):
        return wlist
    rules = rules_for(wlist.ops, checked_kink(kink))
    _check_orders(wlist, limits)
    if shapes is None and of_arrays(wlist):
        shapes = declared(wlist)
    build = Builder(rewrites=(tidy,), limits=limits, taken=names_of(wlist), shapes=shapes)
    build.origins.update(wlist.provenance.origins)
    outputs = {a for a in wlist.outputs if isinstance(a, str)}
    repeated, passed_over = _high_order_derivatives(wlist)
    became: dict[str, Atom] = {}
    for k, (output, op, inputs) in enumerate(checking_clock(wlist.equations)):
        span = wlist.provenance.span(k)
        args = tuple(became.get(a, a) if type(a) is str else a for a in inputs)
        if output in passed_over:
            continue
        if op not in DERIVATIVES:
            build.write(Equation(output, op, args), wlist.provenance.entry(k))
            continue
        build.span = None if span is None else (*span, output)
        first = len(build.equations)
        if not isinstance(args[1], str):
            raise error(DerivativeError, "W117", f"`{op}` differentiates with respect to a name", span,
                        source=wlist.provenance.source)  # fmt: skip
        try:
            window = _Window(build, rules, limits, masked)
            answer = None
            if output in repeated:
                root, order = repeated[output]
                f = became.get(root, root) if isinstance(root, str) else root
                answer = _repeatedly(window, f, args[1], order)
            if answer is None:
                answer = DERIVED[op](window, *args)
        except DerivativeError as problem:
            raise problem.at(span, wlist.provenance.source) from None
        build.prune(first, [answer])
        user = output in outputs or not is_temporary(output)
        if user and type(answer) is str and build.defined.get(answer, -1) >= first:
            build.taken.discard(output)
            build.rename({answer: output}, first)
        elif user:
            build.write(Equation(output, COPY, (answer,)), span)
        else:
            became[output] = answer
    finals = [became.get(a, a) if isinstance(a, str) else a for a in wlist.outputs]
    return build.finish(wlist, wlist.inputs, finals)


def _check_orders(wlist: WengertList, limits: Limits) -> None:
    """Refuse derivatives of derivatives beyond `limits.order` before the first is expanded: each order makes the list
    longer by a factor."""
    orders: dict[Atom, int] = {}
    for k, (output, op, inputs) in enumerate(checking_clock(wlist.equations)):
        if op in DERIVATIVES or op == COPY:
            orders[output] = order = orders.get(inputs[0], 0) + (op in DERIVATIVES)
            if order > limits.order:
                problem = exceeded(limits, "order", f"a derivative of order {order}", wlist.provenance.span(k))
                raise problem.within(wlist.provenance.source or Source(""))


def _high_order_derivatives(wlist: WengertList) -> tuple[dict[str, tuple[Atom, int]], set[str]]:
    """The derivatives by one name of order `HIGH` or more: by name, the differentiated atom and the order. Also the
    derivatives of lower order that only these read and that the user has not named."""
    chains: dict[Any, tuple[Atom, Atom, int]] = {}
    for output, op, inputs in checking_clock(wlist.equations):
        if op == ONE:
            f, x = inputs
            root, by, order = chains.get(f, (f, x, 0))
            chains[output] = (root, x, order + 1) if by == x else (f, x, 1)
    high = {output: (root, order) for output, (root, _, order) in chains.items() if order >= HIGH}
    passed_over: set[str] = set()
    if high:
        read = set(wlist.outputs)
        for output, _, inputs in reversed(wlist.equations):
            if output in chains and output not in read and is_temporary(output):
                passed_over.add(output)
            else:
                read.update((high[output][0], inputs[1]) if output in high else inputs)
    return high, passed_over


def _repeatedly(window: _Window, f: Any, x: Any, order: int) -> Any:
    """A high-order derivative by a number, from its Taylor coefficient. This takes quadratically many equations, where
    repeated differentiation doubles them with each order. None if x is, or may be, an array."""
    if window.shape(x) != ():
        return None
    # With coefficients alone, the factorial of a high order would overflow, and they would underflow.
    scale = 1.0 if order <= 100 else 2.0 ** round(log2(order / e))
    answer = _coefficient(window, f, x, order, scale)
    if answer == 0.0:
        return window.nothing(f)
    return window.build(MUL, float(Fraction(factorial(order)) / Fraction(scale) ** order), answer)


def _order(k: Any, limits: Limits) -> int:
    if not isinstance(k, float) or k != k or k < 0 or k != float(round(min(k, 1e9))):
        raise error(DerivativeError, "W117", "the order of a Taylor coefficient is a whole number, written out")
    if k > limits.order:
        raise exceeded(limits, "order", f"a Taylor coefficient of order {k:.0f}")
    return int(k)


class _Window:
    """The list that is being written, with the rules, limits and masks for its derivatives."""

    def __init__(self, build: Builder, rules: Rules, limits: Limits, masks: bool) -> None:
        self.build, self.rules, self.limits, self.masks = build, rules, limits, masks

    def between(self, x: str, f: Any) -> range:
        """The equations after x up to f."""
        return range(self.build.defined.get(x, -1) + 1, self.build.defined.get(f, -1) + 1)

    def shape(self, a: Any) -> Shape:
        """The shape of an atom."""
        return self.build.shape(a) if self.build.shaped else ()

    def forward(self, f: Any, x: str, tangent: Any) -> Any:
        """The tangent of f; None if it does not move."""
        f = bare(f, self.build.definition(f))
        if f == x:
            return tangent
        within = self.between(x, f)
        self.build.tally.spend(len(within) // WIDE)
        window = Stretch(self.build.equations[within.start : within.stop], self.rules.ops)
        return write_tangents(self.build, window, {x: tangent}, self.rules).get(f)

    def reverse(self, f: Any, x: str, adjoint: Any, present: Any = None) -> Any:
        """The adjoint of x; None if it was not reached. `present` is a condition on the elements of f's adjoint."""
        f = bare(f, self.build.definition(f))
        if f == x:
            return adjoint
        within = self.between(x, f)
        self.build.tally.spend(len(within) // WIDE)
        active = {x}
        for output, _, inputs in checking_clock(self.build.equations[within.start : within.stop]):
            if not active.isdisjoint(inputs):
                active.add(output)
        if f not in active:
            return None
        self.build.tally.spend(len(active) // _FEW)
        part = Stretch(self.build.equations, self.rules.ops)
        guards = {} if present is None else {f: present}
        found = write_adjoints(self.build, part, {f: adjoint}, self.rules, active, within, placed=False, present=guards)
        return found.get(x)

    def masked(self, f: Any, x: str, derivative: Any, of: Any = None) -> Any:
        """A derivative of f by x, made nan where f is (or where `of` is, if given). None means not reached: the
        derivative is 0, and masked too if f depends on x by structure."""
        if not self.masks:
            return derivative
        if derivative is None:
            within = self.between(x, f)
            part = self.build.equations[within.start : within.stop]
            if x not in depended_on(part, (f,), self.rules):
                return None
            derivative = self.nothing(x if self.shape(f) == () else f)
        return masked_by(f if of is None else of, derivative, self.build)

    def nothing(self, like: Any) -> Any:
        """A derivative that is zero everywhere, in the shape of an atom."""
        return self.build(ZEROS, like) if self.build.shaped else 0.0

    def known(self, a: Any, op: str) -> tuple[int, ...]:
        """The full shape of an atom. Raises DerivativeError if it is not known."""
        shape = self.shape(a)
        if shape is None or not all(isinstance(d, int) for d in shape):
            raise error(DerivativeError, "W118", f"`{op}` needs shapes that are known, and that of {a} is not",
                        help="declare it with numbers, as in `input x[3]`, or evaluate at values")  # fmt: skip
        return shape  # type: ignore[return-value]


def _d(window: _Window, f: Any, x: str) -> Any:
    over, by = window.shape(f), window.shape(x)
    if over == () or over is None and by != ():
        return _grad(window, f, x)
    if by == ():
        return _jvp(window, f, x, 1.0)
    raise error(DerivativeError, "W118", f"`d` of an array by an array: {f} has the shape {shown(over)}, and {x} "
                f"{shown(by)}", help=f"write `jacobian({f}, {x})`")  # fmt: skip


def _grad(window: _Window, f: Any, x: str) -> Any:
    if window.shape(f) not in ((), None):
        raise error(DerivativeError, "W118", f"a gradient is of a number, and {f} has the shape "
                    f"{shown(window.shape(f))}", help=f"write `jacobian({f}, {x})`, or take a sum")  # fmt: skip
    adjoint = window.masked(f, x, window.reverse(f, x, 1.0))
    return window.nothing(x) if adjoint is None else adjoint


def _jvp(window: _Window, f: Any, x: str, v: Any) -> Any:
    moved = window.masked(f, x, window.forward(f, x, v))
    return window.nothing(f) if moved is None else moved


def _vjp(window: _Window, f: Any, x: str, g: Any) -> Any:
    total = weighted_sum((f,), Names(), {f: g}, window.build)
    adjoint = window.masked(f, x, window.reverse(f, x, g), total)
    return window.nothing(x) if adjoint is None else adjoint


def _hvp(window: _Window, f: Any, x: str, v: Any) -> Any:
    slope = _grad(window, f, x)
    return _jvp(window, slope, x, v) if isinstance(slope, str) else window.nothing(x)


def _jacobian(window: _Window, f: Any, x: str) -> Any:
    """Row by row: the adjoint of x for each element of f, stacked in the shape of f, then of x."""
    if window.shape(f) == () or window.shape(x) == ():
        return _d(window, f, x)
    over, by = window.known(f, "jacobian"), window.known(x, "jacobian")
    rows = []
    for place in product(*map(range, over)):
        unit = window.build(f"{SCATTER}[{','.join(map(str, place))}]", f, 1.0)
        # An element whose seed is 0 is absent, and contributes nothing, even below something that is not finite.
        row = window.reverse(f, x, unit, unit)
        rows.append(window.nothing(x) if row is None else row)
    if not rows:
        raise error(
            DerivativeError, "W118", f"`jacobian` of an array without elements: {f} has the shape {shown(over)}"
        )
    stacked = window.build(ARRAY, *rows)
    if len(over) > 1:
        stacked = window.build(_reshape(over + by), stacked)
    whole = window.masked(f, x, stacked, window.build(_reshape(over + (1,) * len(by)), f))
    return stacked if whole is None else whole


def _reshape(shape: tuple[int, ...]) -> str:
    return f"{RESHAPE}[shape=[{','.join(map(str, shape))}]]"


def _hessian(window: _Window, f: Any, x: str) -> Any:
    slope = _grad(window, f, x)
    return _jacobian(window, slope, x) if isinstance(slope, str) else window.nothing(x)


def _taylor(window: _Window, f: Any, x: str, k: Any) -> Any:
    if window.shape(x) not in ((), None):
        raise error(DerivativeError, "W118", f"a Taylor coefficient is by a number, and {x} has the shape "
                    f"{shown(window.shape(x))}", help="`jvp` takes a direction")  # fmt: skip
    return _coefficient(window, f, x, _order(k, window.limits), 1.0)


def _coefficient(window: _Window, f: Any, x: str, order: int, direction: float) -> Any:
    """The Taylor coefficient of f along x + t*direction."""
    if f == x:
        return direction if order == 1 else 0.0
    within = window.between(x, f)
    if not within:
        return 0.0
    equations = window.build.equations[within.start : within.stop]
    part = assemble((), equations, (f,), window.rules.ops)
    if window.masks:
        return taylor_sweep(part, Names(), {x: direction}, order, window.build, window.rules)[0][-1]
    return filled(unmasked_terms(part, Names(), {x: direction}, order, window.build, window.rules), window.build)[0][-1]


# How each derivative expression is computed.
DERIVED: dict[str, Callable[..., Any]] = {
    "d": _d, "grad": _grad, "jvp": _jvp, "vjp": _vjp, "hvp": _hvp, "jacobian": _jacobian, "hessian": _hessian,
    "taylor": _taylor,
}  # fmt: skip
assert DERIVED.keys() == DERIVATIVES.keys()
