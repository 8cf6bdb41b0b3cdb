"""Random programs for property tests: valid lists over the whole registry, each with a point where it is defined.

    @given(programs())
    def test_a_law(program):
        wlist, point = program

A program is grown equation by equation along its values at the point, so that every argument lies in its op's domain
and every value is finite. It shrinks to few equations of the first ops of the table, over small whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from math import inf, isfinite

from hypothesis import strategies as st

from wengert.lists.wengert_list import Atom, Equation, WengertList
from wengert.ops import CONSTANTS, COPY, FOLDED, OPS, Op
from wengert.sweeps.nonfinite import holds, interval, outside
from wengert.sweeps.numbers import Numbers

Point = dict[str, float]

# Among the names are some that the language means constants by, and some that generated code must not trip over.
INPUTS = ("x", "y", "x1", "e", "lambda", "θ", "v7")
NAMES = ("f", "z", "loss", "z_bar", "pi", "E", "w_dot", "v3", "λ2")
NUMBERS = (1.0, 2.0, 0.5, 3.0, 0.0, 0.25, -1.0, 1.5, -0.5, 0.1, -2.0, -0.75, 10.0, -0.0, 1e-3)

values = st.one_of(
    st.sampled_from([1.0, 2.0, 3.0, 0.5, -1.0, -2.0, 0.25, -0.75, 0.0]),
    st.floats(-4.0, 4.0, allow_nan=False, allow_subnormal=False),
)


# The rows that work on numbers, or element by element; the others take arrays as wholes.
ELEMENTWISE = [row for row in OPS.values() if row.array is None]
# Rows that are computed in many digits take milliseconds: random programs do without, and laws of rows try few points.
_DEAR = {"bessel_real", "beta_quantiles", "fixed_orders", "hypergeometric", "polylogarithm", "quantiles", "zeta"}
DEAR = {row.name for row in ELEMENTWISE if str(getattr(row.forward, "__module__", "")).rpartition(".")[2] in _DEAR}
FREE = [row for row in ELEMENTWISE if row.name not in DEAR]


@st.composite
def programs(
    draw: st.DrawFn,
    *,
    rows: Iterable[Op] | None = None,
    most: int = 30,
    outputs: int = 1,
    smooth: bool = False,
    bound: float = 1e6,
    names: Sequence[str] = NAMES,
    inputs: Sequence[str] = INPUTS,
    constants: bool = True,
) -> tuple[WengertList, Point]:
    """A list and a point: every input has a value, and every equation, evaluated there, is finite and within `bound`.

    rows       the ops to choose from, by default those of the registry that work on numbers
    most       equations, at most
    outputs    outputs, at most; the last equation is always one
    smooth     keep off kinks, jumps, ties and singular points, and what is closer to them than a thousandth
    names      what some equations are called; the others have temporaries' names
    inputs     what the inputs are called: one to four of them, some perhaps unused
    constants  let pi, tau and e be arguments
    """
    table = tuple(FREE if rows is None else rows)
    point = dict(zip(inputs, draw(st.lists(values, min_size=1, max_size=min(4, len(inputs))))))
    picks = st.tuples(st.integers(0, len(table) - 1), st.integers(0, 2**40 - 1))
    size = draw(st.integers(1, most))
    steps = draw(st.lists(picks, min_size=size, max_size=size))
    known: dict[str, float] = dict(point)
    if constants:
        # Not those that an equation may come to be called: a name means one thing throughout a program.
        known.update((n, v) for n, v in CONSTANTS.items() if isfinite(v) and n not in point and n not in names)
    free = [n for n in names if n not in point]
    equations: list[Equation] = []
    for which, seed in steps:
        choose = _Digits(seed)
        spoken = choose(4) == 3 and free
        output = free.pop(choose(len(free))) if spoken else _temporary({*known, *names})
        equation, value = _grown(table[which], output, known, choose, smooth, bound)
        equations.append(equation)
        known[output] = value
    wanted = [draw(st.sampled_from([e.output for e in equations])) for _ in range(draw(st.integers(0, outputs - 1)))]
    return WengertList(equations, tuple(point), [*wanted, equations[-1].output]), point


class _Digits:
    """Choices read off a whole number, digit by digit in whatever base is asked for; 0 chooses the first each time."""

    def __init__(self, seed: int) -> None:
        self.rest = seed

    def __call__(self, n: int) -> int:
        self.rest, digit = divmod(self.rest, n)
        return digit


def _temporary(taken: set[str]) -> str:
    n = 1
    while f"v{n}" in taken:
        n += 1
    return f"v{n}"


def _grown(
    row: Op, output: str, known: Point, choose: Callable[[int], int], smooth: bool, bound: float
) -> tuple[Equation, float]:
    """An equation of this op if arguments are found for it, else a copy; and its value."""
    params = row.params.split()
    n = len(params) + ("*" in row.params) * choose(3)
    n = max(n, 2) if row.name in FOLDED else n  # of one argument it is another op
    domains = [row.domain[min(i, len(row.domain) - 1)] if row.domain else "" for i in range(n)]
    for _ in range(4):
        args = tuple(_argument(domain, known, choose) for domain in domains)
        at = tuple(known[a] if isinstance(a, str) else a for a in args)
        if outside(row, at):
            continue
        value = Numbers()(row.name, *at)
        if isfinite(value) and abs(value) <= bound and not (smooth and near_kink(row, at, value)):
            return Equation(output, row.name, args), value
    names = list(known)
    name = names[choose(len(names))]
    return Equation(output, COPY, (name,)), known[name]


def _argument(domain: str, known: Point, choose: Callable[[int], int]) -> Atom:
    """A name whose value lies in the domain, three times in four; or a number from it."""
    low, high, _, _ = interval(domain)
    fitting = [n for n, v in known.items() if low < v < high]
    if fitting and choose(4) != 3:
        # Late names rather than early ones, so that programs grow deep.
        return fitting[-1 - min(choose(len(fitting)), choose(len(fitting)))]
    numbers_in = _numbers_in(low, high)
    return numbers_in[choose(len(numbers_in))]


@cache
def _numbers_in(low: float, high: float) -> tuple[float, ...]:
    found = tuple(a for a in NUMBERS if low < a < high)
    return found or ((low + high) / 2 if -inf < low and high < inf else low + 1.0 if -inf < low else high - 1.0,)


def near_kink(row: Op, args: tuple[float, ...], y: float, within: float = 1e-3) -> bool:
    """Whether an op is not smooth at these arguments, or close to them: at one of them moved a little, or all."""
    if not row.kinks:
        return False
    step = [within * max(1.0, abs(a)) for a in args]
    tried = [args]
    for sign in (-1.0, 1.0):
        tried += [(*args[:i], a + sign * h, *args[i + 1 :]) for i, (a, h) in enumerate(zip(args, step))]
    values = [Numbers()(row.name, *at) for at in tried]
    if any(holds(row, kink.when, at, v) for kink in row.kinks for at, v in zip(tried, values)):
        return True
    # A kink that none of these points hits stands between two of them, and shows in how the value bends there.
    if not all(map(isfinite, values)):
        return True
    y = values[0]
    n = len(args)
    slopes = [(y - values[1 + i], values[1 + n + i] - y) for i in range(n)]
    return any(abs(right - left) > 0.25 * (abs(left) + abs(right)) > 0.0 for left, right in slopes)
