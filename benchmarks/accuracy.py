"""How many digits hold: the worst error of every op's value and of its partial derivatives, in units in the last place.

    python -m benchmarks.accuracy                       # every elementwise row, beside the peers installed here
    python -m benchmarks.accuracy --points 2000 --ops tanh,pow
    python -m benchmarks.accuracy --examples            # single points at which libraries part company

Points cover the whole domain of an op: ordinary numbers, all exponents down to the subnormals, the neighbourhood of
zeros, singularities and ends, equal and nearly equal arguments. They are the same for everyone and in every run (those
of `tests.oracles`); exact answers are mpmath's. Ours are the real sweep's: a list of one op, value and gradient.

An error is counted in units of the exact answer; that of a value whose row says so, of the size that it is relative to.
Left out are points where the exact value is no float, and, for derivatives, kinks, where libraries have conventions.
A `-` stands where a library has no such op, or no derivative of it; `nan` where it answered nan to a fair question.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import mpmath as mp

import wengert as wg
from tests.oracles import digits
from tests.oracles.elementwise import ORACLES, arguments
from tests.oracles.oracle import NORMAL, error_of, ulps
from tests.oracles.peer_ops import Peer, installed
from wengert.ops import OPS
from wengert.sweeps.nonfinite import holds
from wengert.sweeps.rules import parameters

GOAL = 4.0
Point = tuple[float, ...]
Answers = list[list[float] | None]  # the value's and each partial's, at every point; None for one there is not


class Question(NamedTuple):
    """A place, and what is right there: the value first, then the partials, None if nothing is asked."""

    point: Point
    exact: list[Any]


def questions(op: str, points: Iterable[Point], normal: bool = False) -> list[Question]:
    """What to ask at the points; `normal` leaves out what no library that flushes subnormal numbers to 0 can know."""
    row, found = OPS[op], []
    for point in points:
        if normal and not all(map(_is_normal, point)):
            continue
        value = digits.exact_value(op, point)
        got = row.forward(*point)  # type: ignore[operator]
        if mp.isfinite(value) and abs(value) < mp.mpf(2) ** 1024:
            kinked = any(holds(row, kink.when, point, got) for kink in row.kinks)
            rules = [row.partials[min(i, len(row.partials) - 1)] for i in range(len(point))]
            slopes = [
                None if kinked or rule is None else digits.exact_slope(op, point, i) for i, rule in enumerate(rules)
            ]
            exact = [value, *(None if s is None or not mp.isfinite(s) else s for s in slopes)]
            found.append(Question(point, [e if e is None or not normal or _is_normal(e) else None for e in exact]))
    return found


def _is_normal(a: Any) -> bool:
    return not a or abs(a) >= NORMAL


def ours(op: str, points: list[Point]) -> Answers:
    """Through the sweep: the list of the op alone."""
    names = parameters(OPS[op], len(points[0]))
    f = wg.compile(wg.WengertList([("f", op, names)], inputs=names), fuse=False)
    rows = []
    for point in points:
        value, gradient = f.value_and_grad(*point)
        rows.append((value, *gradient))
    return [list(column) for column in zip(*rows)]


def theirs(peer: Peer, op: str, points: list[Point]) -> Answers:
    answers = peer.answers(op, points)
    if answers is None:
        return [None] * (1 + len(points[0]))
    return [None if column is None else [float(a) for a in column] for column in (answers[0], *answers[1])]


def worst(op: str, answers: list[float] | None, asked: list[Question], k: int) -> float | None:
    """The greatest error of the k-th answer in ulps, a value's in those of its row; None if there is none."""
    if answers is None:
        return None
    pairs = [(a, q) for a, q in zip(answers, asked) if q.exact[k] is not None]
    errors = [ulps(a, q.exact[k]) if k else error_of(OPS[op], q.point, a, q.exact[k]) for a, q in pairs]
    return max(errors, default=None)


def cell(error: float | None) -> str:
    if error is None:
        return "-"
    if math.isinf(error):
        return "nan"
    return f"{error:.2f}" if error < 100 else f"{error:.0f}" if error < 10_000 else f"{error:.0e}".replace("e+", "e")


class Table:
    """Lines of cells, printed as they come."""

    def __init__(self, heads: list[str], widths: list[int], markdown: bool) -> None:
        self.widths, self.markdown = widths, markdown
        self.line(heads)
        if markdown:
            print("|" + "|".join("---" if w < 0 else "---:" for w in widths) + "|")

    def line(self, cells: list[str]) -> None:
        if self.markdown:
            print("| " + " | ".join(c.replace("|", r"\|") for c in cells) + " |", flush=True)
        else:
            set_ = (f"{c:<{-w}}" if w < 0 else f"{c:>{w}}" for c, w in zip(cells, self.widths))
            print("  ".join(set_).rstrip(), flush=True)


def measure(ops: list[str], peers: list[Peer], n: int, normal: bool, markdown: bool) -> None:
    """The table of all ops, and what it comes to."""
    names = ["wengert", *(p.name for p in peers)]
    table = Table(["op", "", *names], [-12, -7, *(9 for _ in names)], markdown)
    lines: list[list[float | None]] = []
    missed: dict[str, str] = {}
    for op in ops:
        asked = questions(op, arguments(op, n), normal)
        points = [q.point for q in asked]
        answers = [ours(op, points), *(theirs(peer, op, points) for peer in peers)]
        for k, what in enumerate(("value", *(f"d/d{p}" for p in parameters(OPS[op], len(points[0]))))):
            if any(q.exact[k] is not None for q in asked):
                errors = [worst(op, a[k], asked, k) for a in answers]
                table.line([op if k == 0 else "", what, *map(cell, errors)])
                lines.append(errors)
                if errors[0] is not None and errors[0] > GOAL:
                    missed[op] = OPS[op].source
    print()
    bullet = "- " * markdown
    for i, name in enumerate(names):
        if both := [(line[0] or 0.0, line[i] or 0.0) for line in lines if line[i] is not None]:
            print(f"{bullet}{name}: {summary(both, beside=i > 0)}")
    for op, source in missed.items():
        print(f"{bullet}{op} misses {GOAL:g} ulp; its rule: {source}")


def summary(errors: list[tuple[float, float]], beside: bool, goal: float = GOAL, unit: str = "ulp") -> str:
    """What pairs of worst errors come to, ours first, then the library's; `beside` ours."""
    good = sum(b <= goal for _, b in errors)
    middle = sorted(b for _, b in errors)[len(errors) // 2]
    said = f"{good} of {len(errors)} within {goal:g} {unit}, median {cell(middle)}"
    if not beside:
        return said
    also = sum(a <= goal for a, _ in errors)
    worse, better = sum(b > 10 * max(a, 0.5) for a, b in errors), sum(a > 10 * max(b, 0.5) for a, b in errors)
    return f"{said} (wengert there: {also}); ten times worse than wengert on {worse}, better on {better}"


# Places where a formula that looks right loses what wengert's keeps: an op, a point, and 0 for its value or the number
# of a partial.
EXAMPLES: tuple[tuple[str, Point, int], ...] = (
    ("tanh", (20.0,), 1), ("sigmoid", (40.0,), 1), ("expm1", (-40.0,), 1), ("logit", (0.5000001,), 0),
    ("softplus", (21.0,), 0), ("softplus", (21.0,), 1), ("gelu", (-9.0,), 0), ("gelu", (-30.0,), 1),
    ("ndtr", (-30.0,), 0), ("erf", (20.3,), 1), ("silu", (-710.0,), 0), ("logaddexp", (-0.7, -0.6863411026), 0),
    ("logaddexp", (0.3, 300.2), 1), ("xlogx", (0.3678794411,), 1), ("sinc", (1000000.25,), 0), ("sinc", (1e-5,), 1),
    ("asin", (0.9999999999,), 1), ("atanh", (0.9999999999,), 1), ("acosh", (1.0000000001,), 1), ("asinh", (1e200,), 1),
    ("atan2", (1e200, 1e200), 1), ("hypot", (1e200, 1e200), 1), ("digamma", (1.4616321449,), 0),
    ("lgamma", (-2.457024738,), 0), ("gamma", (100.5,), 0),
)  # fmt: skip


def compare(peers: list[Peer], markdown: bool) -> None:
    """The examples: the exact number, and each library's error."""
    names = ["wengert", *(p.name for p in peers)]
    table = Table(["", "exactly", *names], [-34, -19, *(9 for _ in names)], markdown)
    for op, point, k in EXAMPLES:
        (question,) = questions(op, [point])
        answers = [ours(op, [point]), *(theirs(peer, op, [point]) for peer in peers)]
        call = f"{op}({', '.join(f'{a:g}' if float(f'{a:g}') == a else repr(a) for a in point)})"
        if k:
            call = f"d/d{parameters(OPS[op], len(point))[k - 1]} {call}"
        table.line([call, mp.nstr(question.exact[k], 12), *(cell(worst(op, a[k], [question], k)) for a in answers)])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=200, metavar="N", help="points an op (default %(default)s)")
    parser.add_argument("--ops", default="", metavar="A,B", help="these ops alone")
    parser.add_argument("--normal", action="store_true", help="leave out subnormal numbers, which JAX takes for 0")
    parser.add_argument("--markdown", action="store_true", help="tables in Markdown")
    parser.add_argument("--examples", action="store_true", help="single points instead of the worst of many")
    options = parser.parse_args()
    ops = options.ops.split(",") if options.ops else [op for op in OPS if op in ORACLES]
    if unknown := set(ops) - ORACLES.keys():
        parser.error(f"not measured: {', '.join(sorted(unknown))}")
    peers = installed()
    beside = ", ".join(f"{p.name} {p.version}" for p in peers) or "no peer, as none is installed"
    print(f"Errors in units in the last place. wengert {wg.__version__} beside {beside}.\n")
    if options.examples:
        compare(peers, options.markdown)
        return
    measure(ops, peers, options.points, options.normal, options.markdown)
    if not options.ops:
        print("- " * options.markdown + "exact by definition: " + ", ".join(op for op in OPS if op not in ORACLES))


if __name__ == "__main__":
    main()
