"""Who is right: our values and derivatives beside those of JAX, PyTorch, autograd and CasADi, over the whole registry.

    python -m benchmarks.agreement                      # every row, at ordinary points, far points and edges
    python -m benchmarks.agreement --ops tanh,pow --points 200
    python -m benchmarks.agreement --edges              # the answers at well-known edges, side by side
    python -m benchmarks.agreement --json > found.json

Compared are the value, every first derivative (reverse mode), the tangent along a direction (forward mode) and every
second derivative of an elementwise op; of a program over arrays the value, the adjoint of every argument, the tangent,
and the derivative of the adjoint along a direction. Points are ordinary ones, those of `tests.oracles` (all
exponents, the neighbourhood of singularities), and edges: zeros, ties, ends of the domain, infinities, nan. At
infinite arguments a first derivative is held to its limit. Where the value is infinite no derivative is asked for, and
no second one where a first or an argument is.

Where two answers differ, mpmath says which is right. A difference is a convention where nothing can say: the row itself
calls the point a kink, a tie, a jump, singular or undefined, or the exact value or derivative does not exist there.
Neither counts where both are wrong, mpmath cannot tell, or a second derivative is beyond the largest float.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from math import inf, isinf, isnan, nan, nextafter
from typing import Any, NamedTuple

import mpmath as mp
import numpy as np

import wengert as wg
from benchmarks.verdicts import JUDGED, Found, Tally, list_as_printed, report
from tests.oracles import edge_cases, exact_arrays
from tests.oracles.elementwise import ORACLES, arguments
from tests.oracles.exact_ops import exact
from tests.oracles.oracle import HUGE, LEAST, NORMAL, ulps
from tests.oracles.peer_ops import Peer, installed
from wengert.ops import FOLDED, OPS, lookup
from wengert.sweeps.nonfinite import holds, interval
from wengert.sweeps.rules import parameters

Point = tuple[float, ...]
NEAR = 2.0**20  # in ulps: answers as near as that are the same one, accuracy is another table's matter
ALIKE = 1e-9  # of arrays, beside their largest element
EDGES = (0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 10.0, inf, -inf, nan)
FARTHEST = (LEAST, -LEAST, NORMAL, HUGE, -HUGE)


# Elementwise ops


def elementwise() -> list[str]:
    """The rows whose arguments are numbers."""
    return [op for op, row in OPS.items() if row.array is None and not isinstance(row.forward, str)]


def kinked(op: str, point: Point, y: float) -> bool:
    row = OPS[op]
    return any(holds(row, kink.when, point, y) for kink in row.kinks)


def _arity(op: str) -> int:
    n = OPS[op].params.count(" ") + 1
    return max(n, len(ORACLES[op].ranges) if op in ORACLES else 0, 2 if OPS[op].params.startswith("*") else 0)


def points(op: str, n: int) -> Iterator[tuple[str, Point]]:
    """Where to ask, with the kind of place."""
    rng = random.Random(op)
    size = _arity(op)
    if op in ORACLES:
        far = arguments(op, n)
        some = [p for p in arguments(op, 40 * n) if all(0.01 <= abs(a) <= 30 or a == int(a) for a in p)]
        ordinary = [p for p in some if all(abs(a) <= 30 for a in p)][:n]
    else:
        ordinary, far = ([tuple(rng.gauss(0, s) for _ in range(size)) for _ in range(n)] for s in (2.0, 1e3))
    yield from (("ordinary", p) for p in ordinary)
    yield from (("far", p) for p in far)
    yield from (("edge", p) for p in edges(op, size))


def edges(op: str, size: int) -> Iterator[Point]:
    """Zeros, ties, ends of domains, infinities and nan, in all combinations."""
    ends: set[float] = set()
    for text in OPS[op].domain:
        for end in interval(text)[:2]:
            if not isinf(end):
                ends |= {end, nextafter(end, inf), nextafter(end, -inf)}
    each = [*EDGES, *sorted(ends - set(EDGES))] + [a for a in FARTHEST if size == 1]
    if size > 2:
        each = [0.0, 1.0, -1.0, inf, nan]
    yield from product(each, repeat=size)


class Answers(NamedTuple):
    """The value, and derivatives by what they are in: (i,) or (i, j), or "jvp"; each a number a point."""

    value: list[float]
    slopes: dict[Any, list[float]]


def ours(op: str, at: list[Point], tangents: Point, moving: list[int]) -> Answers:
    """By the sweeps over the list of the op alone, a point at a time."""
    names = parameters(OPS[op], len(tangents))
    f = wg.compile(wg.WengertList([("f", op, names)], inputs=names), fuse=False)
    direction = {names[i]: tangents[i] for i in moving}
    values: list[float] = []
    slopes: dict[Any, list[float]] = {(i,): [] for i in moving}
    slopes.update({(i, j): [] for i in moving for j in moving})
    slopes["jvp"] = []
    for point in at:
        value, gradient = f.value_and_grad(*point)
        curved = f.hessian(*point)
        values.append(value)
        for i in moving:
            slopes[i,].append(gradient[i])
            for j in moving:
                slopes[i, j].append(curved[i][j])
        slopes["jvp"].append(f.jvp(dict(zip(names, point)), direction))
    return Answers(values, slopes)


def theirs(peer: Peer, op: str, at: list[Point], tangents: Point, moving: list[int]) -> Answers | None:
    """By the peer's own means, all points at once."""
    # The first point again and again: a library that compiles for every size has few sizes to compile for.
    size = 1 << max(6, (len(at) - 1).bit_length())
    columns = [np.array(column) for column in zip(*at, *at[:1] * (size - len(at)))]
    if (f := peer.function(op, columns)) is None:
        return None
    means, ones, slopes = peer.means, np.ones(size), {}
    asked: dict[Any, Any] = {(i,): (means.pull, f, columns, ones, i) for i in moving}
    asked.update({(i, j): (means.bend, f, columns, ones, {j: ones}, i) for i in moving for j in moving})
    if moving:
        asked["jvp"] = means.push, f, columns, {i: tangents[i] * ones for i in moving}
    for key, question in asked.items():
        found = peer.tried(*question)
        if found is not None and found.shape == ones.shape:
            slopes[key] = found[: len(at)].tolist()
    value = peer.tried(means.value, f, columns)
    assert value is not None
    return Answers(value[: len(at)].tolist(), slopes)


def same(a: float, b: float) -> bool:
    if isnan(a) or isnan(b):
        return isnan(a) and isnan(b)
    return a == b or min(ulps(a, mp.mpf(b)), ulps(b, mp.mpf(a))) <= NEAR


def truth(op: str, point: Point, key: Any, tangents: Point, moving: list[int]) -> tuple[Any, Any]:
    """The exact number, nan where there is none and None if nothing says; and a size that errors are beside.

    The number is the size, but a tangent is beside its largest term too, first derivatives, which may pass 0, are
    beside what a change of the arguments makes of them, and a second derivative in several arguments is beside the
    largest: matrices are measured so.
    """
    if key == "jvp":
        slopes = [exact(op, point, (i,)) for i in moving]
        terms = [None if t is None else t * mp.mpf(tangents[i]) for t, i in zip(slopes, moving)]
        right = None if None in terms else mp.fsum(terms)
    else:
        right = exact(op, point, key)
        many = len(key) == 2 and len(moving) > 1
        terms = [exact(op, point, (i, j)) for i in moving for j in moving] if many else [right]
    if key == "jvp" or len(key) == 1:
        pairs = [(i, j) for i in (moving if key == "jvp" else key) for j in moving]
        curved = [(exact(op, point, pair), mp.mpf(point[pair[1]])) for pair in pairs]
        terms += [None if c is None else c * a for c, a in curved]
    sizes = [abs(t) for t in terms if t is not None and mp.isfinite(t)]
    return right, max(sizes, default=mp.mpf(0))


def verdict(op: str, point: Point, y: float, key: Any, a: float, b: float, tangents: Point, moving: list[int]) -> Any:
    """Of ours and theirs, which differ, and what is exact."""
    if kinked(op, point, y) or any(map(isnan, point)) or (key and isnan(y)):
        return "convention", None
    right, size = truth(op, point, key, tangents, moving)
    if right is None or len(key) == 2 and abs(right) >= mp.mpf(2) ** 1024:
        return "neither", right
    if mp.isnan(right):
        return "convention", None

    def good(got: float) -> bool:
        return not isnan(got) and (ulps(got, right) <= NEAR or bool(abs(mp.mpf(got) - right) <= NEAR * 2**-52 * size))

    return JUDGED[good(a), good(b)], right


def named(op: str, point: Point, key: Any) -> str:
    """What was asked, as one writes it."""
    call = f"{op}({', '.join(_shown(a) for a in point)})"
    if key == "jvp" or not key:
        return f"jvp of {call}" if key else call
    names = [parameters(OPS[op], len(point))[i] for i in key]
    return f"d/d{names[0]} {call}" if len(names) == 1 else f"d²/d{names[0]} d{names[1]} {call}"


def _shown(a: Any) -> str:
    if isinstance(a, float):
        return f"{a:g}" if float(f"{a:g}") == a or isnan(a) else repr(a)
    return str(a)


def compare_op(op: str, peers: list[Peer], n: int) -> Iterator[Tally]:
    """An elementwise op beside every peer that has it."""
    asked = list(points(op, n))
    at = [p for _, p in asked]
    rng = random.Random(op)
    row, size = OPS[op], _arity(op)
    tangents = tuple(rng.choice((-1, 1)) * rng.uniform(0.5, 2.0) for _ in range(size))
    moving = [i for i in range(size) if row.partials[min(i, len(row.partials) - 1)] is not None]
    mine = ours(op, at, tangents, moving)
    for peer in peers:
        other = theirs(peer, op, at, tangents, moving)
        if other is None:
            continue
        tally = Tally(op, peer.name)
        pairs = [((), mine.value, other.value), *((k, mine.slopes[k], v) for k, v in other.slopes.items())]
        for key, a, b in pairs:
            second = len(key) == 2
            for k, ((where, point), y, mine_, theirs_) in enumerate(zip(asked, mine.value, a, b)):
                if key and isinf(y) or second and any(map(isinf, (*point, *(mine.slopes[i,][k] for i in moving)))):
                    continue
                if same(mine_, theirs_):
                    tally.add(Found("agree", where, "", None, None, None))
                    continue
                said, right = verdict(op, point, y, key, mine_, theirs_, tangents, moving)
                tally.add(Found(said, where, named(op, point, key), mine_, theirs_, right))
        yield tally


# Programs over arrays


# The shapes of `a` and `b`, and what the elements are: spd, or of a matrix with a large diagonal.
SHAPES: dict[str, str] = {
    "a @ b": "3x4 4x2", "a.T @ b": "3x4 3x2", "a.T": "3x4", "sum(a)": "3x4", "sum(a, axis=0)": "3x4",
    "sum(a, axis=1, keepdims=1)": "3x4", "a - sum(a, axis=0)": "3x4", "a*b": "3x4 3x4", "a/(1 + b^2)": "3x4 3x4",
    "reshape(a, [4, 3])": "3x4", "prod(a, axis=0)": "3x4", "mean(a)": "3x4", "mean(a, axis=1)": "3x4",
    "var(a, axis=0, ddof=1)": "3x4", "logsumexp(a, axis=0)": "3x4", "softmax(a, axis=0)": "3x4",
    "log_softmax(a, axis=0)": "3x4", "trace(a)": "3x3", "diag(a)": "4", "tril(a)": "3x3", "triu(a)": "3x3",
    "kron(a, b)": "2x2 2x2", "cross(a, b)": "3 3", "solve(a, b)": "3x3:large 3", "inv(a)": "3x3:large",
    "det(a)": "3x3", "slogdet(a)": "3x3:large", "logdet(a)": "3x3:spd", "cholesky((a + a.T)/2)": "3x3:spd",
    "eigvalsh((a + a.T)/2)": "3x3:spd", "pinv(a)": "3x3:large", "expm(a)": "3x3", "matrix_power(a, 3)": "3x3",
    "interp(a, [0, 1, 2], b)": "4 3", "polyval(a, b)": "3 4", "convolve(a, b)": "4 3",
}  # fmt: skip
ALONE, BOTH = "4", "4 4"  # of the programs that are not above, with `b` and without


def cases(text: str, n: int) -> Iterator[tuple[str, list[Any]]]:
    """Arguments of a program, with the kind of place: also all zeros, all equal, ties, an infinity, a nan."""
    rng = np.random.default_rng(sum(map(ord, text)))
    spec = SHAPES.get(text, BOTH if re.search(r"\bb\b", text) else ALONE)

    def drawn() -> list[Any]:
        args = []
        for word in spec.split():
            size, _, kind = word.partition(":")
            a = rng.normal(size=tuple(map(int, size.split("x"))))
            if kind:
                a = (a @ a.T if kind == "spd" else a) + 4 * np.eye(len(a))
            args.append(a)
        return args

    for _ in range(n):
        yield "ordinary", drawn()
    for change in (np.zeros_like, np.ones_like, np.round):
        yield "edge", [change(a) for a in drawn()]
    for odd in (inf, -inf, nan, 800.0, -800.0, 0.0):
        args = drawn()
        args[0].flat[1] = odd
        yield "edge", args


def ready(text: str) -> bool:
    """Whether the registry has all that a program calls, as ops on arrays as wholes."""
    rows = [lookup(FOLDED.get(name, name)) for name in re.findall(r"(\w+)\(", text)]
    return all(row is not None and row.array is not None for row in rows)


def compare_program(text: str, peers: list[Peer], n: int) -> Iterator[Tally]:
    """A program over arrays beside every peer that has it."""
    having = [peer for peer in peers if text in peer.calls]
    tallies = {peer.name: Tally(text, peer.name) for peer in having}
    program = Program(text)
    rng = np.random.default_rng(0)
    for where, args in cases(text, n):
        if (y := program.value(args)) is None:
            continue
        g, tangents = rng.normal(size=np.shape(y)), {i: rng.normal(size=np.shape(a)) for i, a in enumerate(args)}
        right = exact_arrays.Exact(text, args)
        odd = program.kinked(args, g) or any(np.isnan(a).any() for a in args)
        at = f"{text} at {', '.join(json.dumps(np.round(a, 4).tolist()) for a in args)}"
        asked: list[tuple[str, str, tuple[Any, ...]]] = [("value", "value", ()), ("jvp", "push", (tangents,))]
        for i, name in enumerate(program.inputs):
            asked += [(f"vjp in {name}", "pull", (g, i)), (f"hvp in {name}", "bend", (g, tangents, i))]
        for what, mean, given in asked:
            mine = getattr(program, mean)(args, *given)
            for peer in having:
                other = peer.tried(getattr(peer.means, mean), peer.calls[text], args, *given)
                if mine is None or other is None:
                    continue
                a = np.asarray(mine, dtype=float)
                b = np.reshape(other, a.shape)
                said, known = _judged(a, b, partial(getattr(right, mean), *given), odd)
                tallies[peer.name].add(Found(said, where, f"{what} of {at}", a, b, known))
    yield from (t for t in tallies.values() if t.points)


class Program:
    """A program of ours over arrays, asked as `peer_ops.Means` asks a peer; None if it refuses."""

    def __init__(self, text: str) -> None:
        self.f = wg.compile(text, fuse=False)
        self.weighed = wg.compile(f"sum(weights*({text}))", fuse=False)
        self.inputs = self.f.inputs

    def value(self, args: list[Any]) -> Any:
        return _tried(self.f, *args)

    def pull(self, args: list[Any], g: Any, i: int) -> Any:
        found = _tried(self.f.vjp, args, g)
        return None if found is None else found[i]

    def push(self, args: list[Any], tangents: dict[int, Any]) -> Any:
        return _tried(self.f.jvp, args, list(tangents.values()))

    def bend(self, args: list[Any], g: Any, tangents: dict[int, Any], i: int) -> Any:
        point, moves = dict(zip(self.inputs, args)), dict(zip(self.inputs, tangents.values()))
        found = _tried(self.weighed.hvp, {**point, "weights": g}, moves)
        return None if found is None else found[self.inputs[i]]

    def kinked(self, args: list[Any], g: Any) -> bool:
        found = _tried(self.f.vjp, args, g)
        return found is not None and any(note.code in KINKS for note in found.notes)


KINKS = {"W301", "W302", "W303", "W304", "W305"}


def _tried(ask: Callable[..., Any], *args: Any) -> Any:
    try:
        return ask(*args)
    except wg.WengertError:
        return None


def _alike(a: Any, b: Any) -> bool:
    """Whether arrays are the same, but for rounding beside the largest element."""
    plain = np.isfinite(a) & np.isfinite(b)
    with np.errstate(all="ignore"):
        if not np.array_equal(np.where(plain, 0.0, a), np.where(plain, 0.0, b), equal_nan=True):
            return False
    size = max((float(np.max(np.abs(c[plain]), initial=0.0)) for c in (a, b)), default=0.0)
    return bool(np.all(np.abs(a[plain] - b[plain]) <= ALIKE * size + 1e-12))


def _judged(a: Any, b: Any, ask: Any, kink: bool) -> tuple[str, Any]:
    if _alike(a, b):
        return "agree", None
    if kink:
        return "convention", None
    known = ask()
    if known is None:
        return "neither", None
    with np.errstate(all="ignore"):
        right = np.vectorize(float, otypes=[float])(known)
    if np.isnan(right).any():
        return "convention", None
    return JUDGED[_alike(a, right), _alike(b, right)], right


# What is said


def tallies(ops: list[str], programs: list[str], peers: list[Peer], n: int) -> Iterator[Tally]:
    """Everything compared, as it comes."""
    for op in ops:
        yield from compare_op(op, peers, n)
    for text in programs:
        yield from compare_program(text, peers, max(2, n // 10))


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=40, metavar="N", help="points of each kind (default %(default)s)")
    parser.add_argument("--ops", default="", metavar="A,B", help="these elementwise ops alone")
    parser.add_argument("--arrays", action="store_true", help="programs over arrays alone")
    parser.add_argument("--edges", action="store_true", help="well-known edges instead, side by side")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    options = parser.parse_args()
    peers = installed()
    if not peers:
        parser.exit(1, "no peer is installed: pip install 'wengert[peers]'\n")
    if options.edges:
        edge_cases.show(peers, options.json)
        return
    every = elementwise()
    ops = options.ops.split(",") if options.ops else [] if options.arrays else every
    if unknown := set(ops) - set(every):
        parser.error(f"no elementwise op: {', '.join(sorted(unknown))}")
    texts = [] if options.ops else list(dict.fromkeys(t for p in peers for t in p.calls))
    programs = [t for t in texts if ready(t)]
    report(list_as_printed(tallies(ops, programs, peers, options.points), options.json), peers, options.json)
    if not options.json and (waiting := [t for t in texts if t not in programs]):
        print(f"\nNot in the registry: {'; '.join(waiting)}")
    if not options.json and not options.ops and not options.arrays:
        print()
        edge_cases.show(peers, False)


if __name__ == "__main__":
    main()
