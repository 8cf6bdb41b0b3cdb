"""One semantics of a derivative, over every row of the table and the edges of every argument.

A derivative of f is nan where f is nan; otherwise it is what the rule of the row says, bit for bit, by whatever way it
is asked for: reverse, forward, products, Jacobians, series, lists, expressions, the sparse forms, emitted code. A list
of one equation with an input for each argument has no sums, so no order of them, and -0 counts as itself.
"""

import itertools
import math
import random
import struct

import numpy as np
import pytest

import wengert as wg
from tests import FULL
from tests.oracles.array_calls import calls
from tests.oracles.programs import DEAR
from wengert.emit import LANGUAGES
from wengert.emit.straight_line import straight_line
from wengert.emit.writing import write
from wengert.lists.wengert_list import Equation, WengertList, assemble
from wengert.ops import OPS
from wengert.sweeps.forward import evaluate
from wengert.sweeps.masks import depended_on
from wengert.sweeps.nonfinite import interval
from wengert.sweeps.numbers import Numbers
from wengert.sweeps.rules import is_variadic, rules_for
from wengert.transforms.derivatives import gradient, hessian, jacobian, pullback, pushforward
from wengert.transforms.expand import expand
from wengert.transforms.sparsity import sparse_hessian, sparse_jacobian

inf, nan = math.inf, math.nan
EDGES = (0.0, -0.0, 5e-324, -1e-310, 1.0, -1.0, 0.5, -2.0, 3.0, 1e300, -1.7e308, inf, -inf, nan)
# So many points of a row of several arguments.
POINTS = 48 if FULL else 20

ROWS = [row for row in OPS.values() if row.array is None]
CASES = [(row, n) for row in ROWS for n in ((1, 3) if is_variadic(row) else (len(row.params.split()),))
         if n >= len(row.params.split())]  # fmt: skip


def bits(x):
    return "nan" if x != x else struct.pack("<d", x)


def points(row, n):
    """The edges, the ends of the domain and their neighbours; of several arguments ties, and a sample of the rest."""
    edges = []
    for k in range(n):
        ends = interval(row.domain[min(k, len(row.domain) - 1)] if row.domain else "")[:2]
        near = [math.nextafter(a, b) for a in ends for b in (-inf, inf)]
        edges.append(list(dict.fromkeys(map(repr, (*EDGES, *ends, *near)))))
    edges = [list(map(float, e)) for e in edges]
    if n == 1:
        return [(a,) for a in edges[0]]
    found = [(a,) * n for a in EDGES]
    rng = random.Random(row.name)
    if n == 2:
        found += rng.sample(list(itertools.product(*edges)), POINTS - len(found))
    else:
        found += [tuple(map(rng.choice, edges)) for _ in range(POINTS - len(found))]
    return rng.sample(found, 6 if FULL else 3) if row.name in DEAR else found


class Case:
    """One equation over an input for each argument, and every way to its derivatives, each made once."""

    def __init__(self, row, n):
        self.row, self.n = row, n
        self.names = tuple(f"x{k}" for k in range(n))
        self.wlist = wlist = assemble(self.names, [Equation("f", row.name, self.names)], ("f",))
        self.f = wg.compile(wlist, fuse=False)
        self.passing = [p is not None for p in rules_for().partials(row, n)]
        derivatives = [Equation(f"g{k}", "d", ("f", x)) for k, x in enumerate(self.names)]
        outputs = [e.output for e in derivatives]
        self.lists = {
            "gradient list": gradient(wlist),
            "jacobian list": jacobian(wlist),
            "gradient list of the program": self.f.gradient_list,
            "d()": expand(assemble(self.names, [*wlist.equations, *derivatives], outputs)),
        }
        self.back, self.along = pullback(wlist), [pushforward(wlist, x) for x in self.names]
        sparse, _, self.columns = sparse_jacobian(wlist)
        self.sparse = {"sparse": sparse, "sparse by columns": sparse_jacobian(wlist, by="columns")[0]}
        program = straight_line(wlist)
        space = {}
        exec(write(program, LANGUAGES["python"](), "program"), space)
        self.emitted = space["program"]

    def point(self, p):
        return dict(zip(self.names, p))

    def answers(self, p):
        """The derivatives by each way."""
        f, point, names = self.f, self.point(p), self.names
        yield "forward", list(f.grad(*p, mode="forward"))
        yield "vjp", list(f.vjp(p, 1.0))
        for mode in ("reverse", "forward"):
            yield f"jacobian {mode}", [f.jacobian(*p, mode=mode)[0][k] for k in range(self.n)]
        yield "jvp", [f.jvp(point, {x: 1.0}) for x in names]
        yield "taylor", [f.taylor(point, {x: 1.0}, 1)[1] for x in names]
        yield "checkpointed", list(f.grad(*p, checkpoint=True))
        for name, wlist in self.lists.items():
            yield name, evaluate(wlist, point, Numbers())
        for name, wlist in self.sparse.items():
            got = dict(zip(self.columns, evaluate(wlist, point, Numbers())))
            yield name, [got.get(k, 0.0) for k in range(self.n)]
        yield "vjp list", evaluate(self.back, {**point, self.back.inputs[-1]: 1.0}, Numbers())
        yield "jvp list", [evaluate(wlist, {**point, wlist.inputs[-1]: 1.0}, Numbers())[0] for wlist in self.along]
        found = self.emitted(*p)
        yield "emitted", list(found[1]) if isinstance(found[1], (tuple, list)) else [found[1]]


_CASES = {}


def case(row, n):
    if (row.name, n) not in _CASES:
        _CASES[row.name, n] = Case(row, n)
    return _CASES[row.name, n]


@pytest.mark.parametrize(("row", "n"), CASES, ids=[f"{row.name}-{n}" for row, n in CASES])
def test_first_derivatives_are_the_same_by_every_way(row, n):
    the = case(row, n)
    for p in points(row, n):
        value, slopes = the.f.value_and_grad(*p)
        want = list(map(bits, slopes))
        if value != value:
            assert want == ["nan" if passes else bits(0.0) for passes in the.passing], p
        for way, got in the.answers(p):
            assert list(map(bits, got)) == want, f"{way} at {p}: {got}, not {list(slopes)}"


@pytest.mark.parametrize(("row", "n"), CASES, ids=[f"{row.name}-{n}" for row, n in CASES])
def test_second_derivatives_are_nan_where_the_first_are(row, n):
    """By every way, at the points where a first derivative is nan: the row of the Hessian is nan, or 0 where the first
    derivative does not depend on the input by structure."""
    the = case(row, n)
    names, f = the.names, the.f
    glist = the.lists["gradient list"]
    second = [Equation(f"h{i}{j}", "d", (f"g{i}", x)) for i in range(n) for j, x in enumerate(names)]
    first = [Equation(f"g{i}", "d", ("f", x)) for i, x in enumerate(names)]
    lists = {
        "hessian list": hessian(the.wlist),
        "gradient of gradient": jacobian(glist),
        "d(d())": expand(assemble(names, [*the.wlist.equations, *first, *second], [e.output for e in second])),
    }
    along = [pushforward(glist, x) for x in names]
    sparse, rows, columns = sparse_hessian(the.wlist)
    structure = [depended_on(glist.equations, (a,), rules_for(glist.ops)) for a in glist.outputs]
    for p in points(row, n):
        point = the.point(p)
        slopes = list(f.grad(*p))
        if all(g == g for g in slopes):
            continue
        want = [["nan" if x in structure[i] else bits(0.0) for x in names] if slopes[i] != slopes[i] else None
                for i in range(n)]  # fmt: skip

        def matches(way, got, want=want, p=p):
            for i, line in enumerate(want):
                if line is not None:
                    assert list(map(bits, got[i])) == line, f"{way} at {p}, row {i}: {got}"

        for mode in ("reverse", "forward"):
            h = f.hessian(*p, mode=mode)
            matches(mode, [[h[i][j] for j in range(n)] for i in range(n)])
        for way, wlist in lists.items():
            got = evaluate(wlist, point, Numbers())
            matches(way, [got[i * n : i * n + n] for i in range(n)])
        products = [f.hvp(point, {x: 1.0}) for x in names]
        matches("hvp", [[products[j][i] for j in range(n)] for i in range(n)])
        products = [evaluate(wlist, {**point, wlist.inputs[-1]: 1.0}, Numbers()) for wlist in along]
        matches("hvp list", [[products[j][i] for j in range(n)] for i in range(n)])
        found = dict(zip(zip(rows, columns), evaluate(sparse, point, Numbers())))
        for (i, j), h in found.items():
            if want[i] is not None:
                assert h != h, f"sparse at {p}, {i}, {j}: {h}"
        for i, x in enumerate(names):
            if want[i] is not None and slopes[i] != slopes[i]:
                assert bits(f.taylor(point, {x: 1.0}, 2)[2]) == want[i][i], f"taylor at {p} along {x}"


ARRAYS = [call for call in calls() if call.args and np.ndim(call.args[0]) and np.size(call.args[0])]


@pytest.mark.parametrize("call", ARRAYS, ids=lambda call: call.id)
def test_arrays_are_masked_element_by_element(call):
    """Of an op on arrays, with a nan in one element of its first argument: by both modes and as an expression."""
    names = tuple(f"x{k}" for k in range(len(call.args)))
    shapes = {n: np.shape(a) for n, a in zip(names, call.args) if np.shape(a)}
    point = dict(zip(names, call.args))
    spoilt = np.array(call.args[0], dtype=float)
    spoilt.flat[-1] = nan
    wlist = WengertList([Equation("f", call.op, names)], names, ["f"], shapes=shapes)
    f = wg.compile(wlist, fuse=False)
    try:
        value = f({**point, "x0": spoilt})
    except wg.WengertError:
        return  # a place, or a number of them, that is nan is refused
    if not np.size(value):
        return
    passing = depended_on(wlist.equations, ("f",), rules_for(wlist.ops))
    slopes = f.vjp({**point, "x0": spoilt}, np.ones(np.shape(value)) if np.shape(value) else 1.0)
    for x in [x for x in names if x in passing]:
        if np.isnan(value).any():
            assert np.isnan(slopes[x]).all(), f"vjp by {x}"
        blocks = {mode: f.jacobian({**point, "x0": spoilt}, wrt=x, mode=mode)[0][x] for mode in ("reverse", "forward")}
        expression = WengertList([*wlist.equations, Equation("j", "jacobian", ("f", x))], names, ["j"], shapes=shapes)
        blocks["expression"] = wg.compile(expression, fuse=False)({**point, "x0": spoilt})
        wrong = np.isnan(np.asarray(value))
        for way, block in blocks.items():
            block = np.asarray(block).reshape(*wrong.shape, -1)
            assert np.isnan(block[wrong]).all(), f"{way} by {x}: {block} where the value is {value}"
