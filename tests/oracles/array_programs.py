"""Random programs over arrays for property tests: valid lists over the whole registry, each with a point.

    @given(array_programs())
    def test_a_law(program):
        wlist, point = program

As `programs`, for scalars: a program is grown equation by equation along its values at the point, so that every
argument lies in its op's domain and every value is finite. Rows are taken from the table: an element by element one is
given shapes that broadcast, one on arrays as wholes whatever its `shape` accepts, with statics by their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations
from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.oracles.programs import DEAR, _Digits, _temporary
from wengert.ground.errors import WengertError
from wengert.lists.wengert_list import Atom, Equation, WengertList
from wengert.ops import ARRAY, COPY, FOLDED, INDEX, OPS, SCATTER, Op, arity
from wengert.ops.parameters import FREE, defaults, with_statics
from wengert.ops.rows import products
from wengert.ops.shapes.dimensions import Mismatch
from wengert.sweeps.arrays import Arrays
from wengert.sweeps.forward import evaluate
from wengert.sweeps.nonfinite import interval
from wengert.sweeps.rules import rule_list, sweep_rule

Point = dict[str, Any]
Choose = Callable[[int], int]

INPUTS = ("x", "A", "y", "b")
NAMES = ("f", "z", "loss", "z_bar", "w_dot")
NUMBERS = (1.0, 2.0, 0.5, 0.25, -1.0, 1.5, -0.5, -2.0, 3.0, 0.0)
# An array of dsinc takes as long as thousands of numbers.
ELEMENTWISE = [row for row in OPS.values() if row.array is None and row.name not in ("sinc", "dsinc", *DEAR)]
COMMON = [OPS[name] for name in "add mul sub div where max relu abs exp sqrt sum matmul".split()]
# The rows that place, add and multiply; those of the other groups are held by the tables of calls in `array_calls` and
# `matrix_cases`, whose arguments they need.
WHOLES = [OPS[row.name] for row in products.ROWS]


@st.composite
def array_programs(
    draw: st.DrawFn,
    *,
    rows: Iterable[Op] | None = None,
    most: int = 10,
    least: int = 0,
    largest: int = 3,
    scalar: bool = False,
    smooth: bool = False,
    bound: float = 1e3,
    inputs: int = 3,
) -> tuple[WengertList, Point]:
    """A list over arrays, its inputs declared with their shapes, and a point: floats and arrays by name.

    rows     the ops to choose from; by default those on wholes as often as those that work element by element
    most     equations, at most
    least    size of an axis, at least; and
    largest  at most
    scalar   the output is a number: the sum of what came last, if it is none
    smooth   keep off kinks, jumps, ties and singular points
    bound    every value stays finite and within it
    """
    sizes = [draw(st.integers(least, largest)), draw(st.integers(max(least, 1), largest))]
    forms = [(), (0,), (0,), (1,), (0, 1), (0, 0), (1, 0), (0, 1, 0)]
    chosen = draw(st.lists(st.sampled_from(forms), min_size=1, max_size=inputs))
    shapes = {n: tuple(sizes[k] for k in form) for n, form in zip(INPUTS, chosen)}
    point: Point = {n: _drawn(shape, draw(st.integers(0, 2**60 - 1))) for n, shape in shapes.items()}
    size = draw(st.integers(1, most))
    steps = draw(st.lists(st.integers(0, 2**240 - 1), min_size=size, max_size=size))
    known: Point = dict(point)
    free = [n for n in NAMES if n not in point]
    equations: list[Equation] = []
    given = None if rows is None else tuple(rows)
    for seed in steps:
        # Small numbers, which hypothesis likes, choose as freely as large ones do.
        choose = _Digits(seed * 0x9E3779B97F4A7C15F39CC0605CEDC8341082276BF3A27251F86C6A11D0C18E95 % 2**240)
        spoken = choose(4) == 3 and free
        output = free.pop(choose(len(free))) if spoken else _temporary({*known, *NAMES})
        grown: list[tuple[Equation, Any]] = []
        for _ in range(4):
            table = given or (WHOLES, ELEMENTWISE, COMMON)[choose(3)]
            if grown := _grown(table[choose(len(table))], output, known, choose, smooth, bound):
                break
        else:
            name = list(known)[choose(len(known))]
            grown = [(Equation(output, COPY, (name,)), known[name])]
        for equation, value in grown:
            equations.append(equation)
            known[equation.output] = value
    if scalar and np.ndim(known[equations[-1].output]):
        last = equations[-1].output
        equations.append(Equation(_temporary({*known, *NAMES}), "sum", (last,)))
    declared = {n: s for n, s in shapes.items() if s}
    return WengertList(equations, tuple(point), [equations[-1].output], shapes=declared), point


def drawn(shape: tuple[int, ...], seed: int) -> Any:
    """A float, or an array of a shape, from a seed: multiples of 1/16 between -4 and 4, most of them apart."""
    return _drawn(shape, seed)


def _drawn(shape: tuple[int, ...], seed: int) -> Any:
    rng = np.random.default_rng(seed)
    found = rng.integers(-64, 65, size=shape) / 16
    return found if shape else float(found)


def _grown(
    row: Op, output: str, known: Point, choose: Choose, smooth: bool, bound: float
) -> list[tuple[Equation, Any]]:  # fmt: skip
    """An equation of this op and its value, after what it needs besides, if arguments are found for it."""
    for _ in range(4):
        before: list[tuple[Equation, Any]] = []
        made = _attempt(row, known, choose, before)
        if made is None:
            continue
        op, args = made
        within = {**known, **{e.output: v for e, v in before}}
        at = tuple(within[a] if isinstance(a, str) else a for a in args)
        value = valued(op, at)
        if value is None or not np.isfinite(value).all() or (np.abs(value) > bound).any() or np.size(value) > 64:
            continue
        # The order of a derivative: the work grows with it.
        if any(np.any(v > 3) for p, v in zip(row.params.split(), at) if p == "n"):
            continue
        if not _inside(OPS[op], at) or smooth and near_kink(OPS[op], at, value):
            continue
        return [*before, (Equation(output, op, args), value)]
    return []


def _attempt(row: Op, known: Point, choose: Choose, before: list[tuple[Equation, Any]]) -> tuple[str, Any] | None:
    """An op with its statics, and arguments whose shapes it accepts."""
    params = [p.lstrip("*") for p in row.params.split()]
    n = arity(row)[0] + ("*" in row.params) * choose(3)
    n = max(n, 2) if row.name in FOLDED else n
    params += params[-1:] * (n - len(params))
    args = tuple(_argument(row, k, name, known, choose, before) for k, name in enumerate(params))
    within = {**known, **{e.output: v for e, v in before}}
    shapes = [np.shape(within[a]) if isinstance(a, str) else () for a in args]
    written = OPS.written(row.name)
    assert written is not None
    try:
        if written.statics == FREE:
            spec = _places(shapes[0], choose)
            op = f"{row.name}[{spec}]"
            if row.name == SCATTER:
                wanted = OPS[f"{INDEX}[{spec}]"].array.shape(shapes[0])  # type: ignore[union-attr]
                fitting = [a for a, v in within.items() if np.shape(v) == wanted]
                if not fitting and wanted:
                    return None
                args, shapes = (args[0], fitting[choose(len(fitting))] if fitting else 1.0), [shapes[0], wanted]
        elif written.statics:
            op = with_statics(written, _statics(written, shapes, choose))
        else:
            op = row.name
        if (shaped := OPS[op].array) is not None:
            shaped.shape(*shapes)
        else:
            np.broadcast_shapes(*shapes)
    except (Mismatch, ValueError, KeyError):
        return None
    return op, args


def attempted(row: Op, shapes: list[tuple[int, ...]], seed: int) -> tuple[str, list[tuple[int, ...]]]:
    """A row with statics, and shapes for its arguments, that may fit."""
    choose = _Digits(seed)
    n = arity(row)[0] + ("*" in row.params) * choose(3)
    given = [shapes[choose(len(shapes))] for _ in range(n)]
    if choose(2):
        given = given[:1] * n
    written = OPS.written(row.name)
    assert written is not None
    if written.statics == FREE:
        specs = [_places(given[0], choose) for _ in range(n - 1 if row.name == SCATTER else 1)]
        if row.name == SCATTER and choose(4):
            given[1:] = [_indexed(given[0], spec) for spec in specs]
        return f"{row.name}[{'|'.join(specs)}]", given
    try:
        return with_statics(written, _statics(written, given, choose)) if written.statics else row.name, given
    except ValueError:
        return f"{row.name}[?]", given


def _indexed(shape: tuple[int, ...], spec: str) -> Any:
    try:
        return OPS[f"{INDEX}[{spec}]"].array.shape(shape)  # type: ignore[union-attr]
    except Mismatch:
        return ()


def _argument(
    row: Op, k: int, param: str, known: Point, choose: Choose, before: list[tuple[Equation, Any]]
) -> Atom:  # fmt: skip
    if param == "i" and row.array is not None:
        # An index that is a value: a number, or an array of them.
        if choose(2):
            return float(choose(2))
        name = next(n for n in (f"i{k}" for k in range(99)) if n not in known and all(n != e.output for e, _ in before))
        places = tuple(float(choose(2)) for _ in range(choose(3) + 1))
        before.append((Equation(name, ARRAY, places), np.array(places)))
        return name
    low, high, _, _ = interval(row.domain[min(k, len(row.domain) - 1)] if row.domain else "")
    fitting = [n for n, v in known.items() if (np.greater(v, low) & np.less(v, high)).all()]
    if fitting and choose(8) != 7:
        return fitting[-1 - min(choose(len(fitting)), choose(len(fitting)))]
    numbers = tuple(a for a in NUMBERS if low < a < high) or (low + 1.0 if np.isfinite(low) else high - 1.0,)
    return numbers[choose(len(numbers))]


def _statics(row: Op, shapes: list[tuple[int, ...]], choose: Choose) -> dict[str, Any]:
    rank = len(shapes[0]) if shapes else 0
    found: dict[str, Any] = {}
    for name, default in defaults(row).items():
        if default is not ... and choose(2):
            continue
        if name == "axis":
            every: list[Any] = [*range(-rank, rank)]
            if default is None and rank > 1:
                every += combinations(range(rank), 2)
            if every:
                found[name] = every[choose(len(every))]
        elif name == "shape":
            size = prod(shapes[0]) if shapes else 3
            ways = [(size,), (1, size), (size, 1), (-1,)] + [(k, size // k) for k in (2, 3) if size % k == 0]
            found[name] = ways[choose(len(ways))]
        elif name == "keepdims":
            found[name] = 1
        else:
            found[name] = choose(3)
    return found


def _places(shape: tuple[int, ...], choose: Choose) -> str:
    """Places in a shape, as an index has them."""
    if not shape:
        return "0"
    words = []
    for d in shape[: 1 + choose(len(shape))]:
        if d and choose(2):
            words.append(str(choose(d) - d * choose(2)))
        else:
            words.append((":", "1:", ":-1", "::2", "::-1", "0:1")[choose(6)])
    return ",".join(words)


def valued(op: str, args: tuple[Any, ...]) -> Any:
    """The value of an op; None if it refuses its arguments."""
    row = OPS[op]
    try:
        if row.array is not None:
            row.array.shape(*map(np.shape, args))
        with Arrays() as apply:
            return apply(op, *args)
    except (WengertError, Mismatch):
        return None


def _inside(row: Op, args: tuple[Any, ...]) -> bool:
    for k, a in enumerate(args):
        low, high, closed, closing = interval(row.domain[min(k, len(row.domain) - 1)] if row.domain else "")
        above = np.greater_equal(a, low) if closed else np.greater(a, low)
        if not (above & (np.less_equal(a, high) if closing else np.less(a, high))).all():
            return False
    return not row.provided or bool(np.all(_predicate(row, row.provided, args, args[0])))


def _predicate(row: Op, text: str, args: tuple[Any, ...], y: Any) -> Any:
    rule = rule_list(row, text, len(args))
    with Arrays() as apply:
        return sweep_rule(rule, dict(zip(rule.inputs, (*args, y, args[0]))), apply)


def near_kink(row: Op, args: tuple[Any, ...], y: Any, within: float = 1e-3) -> bool:
    """Whether an op is not smooth at these arguments, or close to them, or bends between points moved a little."""
    if not row.kinks:
        return False
    if any(np.any(_predicate(row, kink.when, args, y)) for kink in row.kinks):
        return True
    rng = np.random.default_rng(0)
    for _ in range(4):
        step = [within * rng.choice([-1.0, 1.0], size=np.shape(a)) * rng.uniform(0.3, 1.0) for a in args]
        up = valued(row.name, tuple(a + h if np.ndim(a) else float(a + h) for a, h in zip(args, step)))
        down = valued(row.name, tuple(a - h if np.ndim(a) else float(a - h) for a, h in zip(args, step)))
        if up is None or down is None or not np.isfinite(up).all() or not np.isfinite(down).all():
            return True
        right, left = up - y, y - down
        if (np.abs(right - left) > 0.25 * (np.abs(left) + np.abs(right))).any():
            return True
    return False


def value_of(wlist: WengertList, point: Point) -> Any:
    """The values of the outputs."""
    with Arrays(wlist.ops) as apply:
        return evaluate(wlist, point, apply)
