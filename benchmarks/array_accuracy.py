"""How many digits hold of the rows over arrays: the worst error of a value, its adjoints and its tangent, in roundings.

    python -m benchmarks.array_accuracy                 # every row over arrays, beside the peers installed here
    python -m benchmarks.array_accuracy --points 70 --ops det,solve

A problem may be ill conditioned: then the best of algorithms is as far from the exact answer as an answer to arguments
one rounding away. So an error is told in roundings of the arguments. For a quantity f of numbers x, which is the value,
or an adjoint or a tangent as a function of all arguments and of what it is taken along, it is

    max_i |got_i - f_i| / (u*(max_i |f_i| + max_i sum_j |df_i/dx_j| |x_j|)),    u = 2^-53,

and never beside less than the least float. The sum is what relative changes of all x_j at once can do (the condition:
N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., SIAM 2002, section 1.6), the term before it the
rounding of the answer itself. The first column of numbers has our error in ulps of the largest element: where that is
large and the roundings are few, the problem is ill conditioned, and the answer as good as its arguments are.

The bound is 16 roundings: 4n for the 4 terms of a sum, or unknowns of a system, that most problems here have. A sum of
n products is within n roundings (Higham, section 3.1), and a rule is a few products or systems of equations. A change
of a matrix is one of each element by itself, relative to it, which asks more than LAPACK promises: its errors are small
beside the norm of a matrix (Higham, sections 7.1 and 7.2 on the two). A program that misses the bound says why.

The problems are those of `array_problems.py`; what is exact are mpmath's values and their differences
(`exact_arrays.Jet`). Derivatives at kinks of ours are left out. A `-` stands where `peer_ops` has no spelling of a
program, or the library no such derivative; `nan` where it answered nan.

Exit status: 1 where a row over arrays is neither measured, nor exact by definition, nor met in the rules of such.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import mpmath as mp
import numpy as np

import wengert as wg
from benchmarks.accuracy import Table, cell, summary
from benchmarks.agreement import KINKS, Program
from tests.oracles.array_problems import PROGRAMS, problems
from tests.oracles.exact_arrays import JET_DIGITS, Jet, exactly
from tests.oracles.oracle import LEAST
from tests.oracles.peer_ops import Peer, installed
from wengert.ops import OPS

Array = Any
GOAL, U = 16.0, mp.mpf(2) ** -53

OURS = {"matrix_power(a, 3)": "a @ a @ a"}  # where the peers' name of a program is not in the language

VECTORS = "of graded matrices LAPACK's vectors are right beside the norm, not element by element"
REASONS: dict[str, str] = {
    **dict.fromkeys(("eigvalsh((a + a.T)/2)", "eigh_vectors(a)", "svdvals(a)", "svd_left(a)", "svd_right(a)"), VECTORS)
}

MEASURED, EXACT, SUMS = "measured", "exact by definition", "sums alone, as `sum`"
MET, FORGOTTEN = "met in the rules of others", "forgotten"


def ops_of(text: str) -> set[str]:
    """The rows that a program calls."""
    equations = wg.compile(OURS.get(text, text), fuse=False).wengert_list.equations
    return {re.split(r"\W", op)[0] for _, op, _ in equations}


def rows() -> dict[str, list[str]]:
    """The rows over arrays, by what is known of their errors; nothing is known of those under the last word."""
    over = {op: row for op, row in OPS.items() if row.array is not None}
    moving = {op for op, row in over.items() if row.array.moves}
    exact = {op for op, row in over.items() if not row.ulps}
    measured = set().union(*map(ops_of, PROGRAMS)) & over.keys() - (moving & exact)
    met = measured | moving | exact
    while more := {op for known in met for op in _ruled(known)} & over.keys() - met:
        met |= more
    by = {MEASURED: measured, EXACT: exact - measured, SUMS: moving - exact - measured,
          MET: met - measured - moving - exact, FORGOTTEN: over.keys() - met}  # fmt: skip
    return {what: [op for op in over if op in ops] for what, ops in by.items()}


def _ruled(op: str) -> set[str]:
    text = " ".join(rule for rule in OPS[op].vjp if isinstance(rule, str))
    return {*re.findall(r"\w+", text), *(["matmul"] if "@" in text else [])}


class Question(NamedTuple):
    """What is asked of a program, by which of `peer_ops.Means`; what is right, and what relative changes do to it."""

    what: str
    mean: str
    given: tuple[Any, ...]
    exact: Array
    moved: Array

    def errors(self, got: Array | None) -> tuple[float, float] | None:
        """In roundings, and in ulps of the largest element; None if there is no answer."""
        if got is None or np.size(got) != len(self.exact):
            return None
        found = np.ravel(np.asarray(got, dtype=float))
        if not np.isfinite(found).all():
            return math.inf, math.inf
        with mp.workdps(JET_DIGITS):
            off, size = np.max(np.abs(exactly(found) - self.exact)), np.max(np.abs(self.exact))
            return float(off / max(U * (size + np.max(self.moved)), LEAST)), float(off / math.ulp(float(size)))


def questions(text: str, program: Program, args: list[Array], rng: Any) -> Iterator[Question]:
    """All of them at a problem; at a kink the value alone, and nothing where the value itself is a choice."""
    shape = np.shape(program.value(args))
    g, tangents = rng.normal(size=shape), {i: rng.normal(size=np.shape(a)) for i, a in enumerate(args)}
    codes = {note.code for note in program.f.vjp(args, g).notes}
    if "W305" in codes:
        return
    jet = Jet(text, args)
    with mp.workdps(JET_DIGITS):
        x, slopes = np.abs(jet.x), np.abs(jet.slopes)
        yield Question("value", "value", (), jet.y, slopes @ x)
        if codes & KINKS:
            return
        weights = np.atleast_1d(exactly(g)).ravel()
        adjoint = weights @ jet.slopes
        moved = np.abs(np.tensordot(weights, jet.bends, 1)) @ x + np.abs(weights) @ slopes
        for i, k in enumerate(jet.places):
            yield Question(f"vjp in {program.inputs[i]}", "pull", (g, i), adjoint[k], moved[k])
        along = np.concatenate([np.atleast_1d(exactly(t)).ravel() for t in tangents.values()])
        moved = np.abs(np.swapaxes(jet.bends, 1, 2) @ along) @ x + slopes @ np.abs(along)
        yield Question("jvp", "push", (tangents,), jet.slopes @ along, moved)


def worst(text: str, peers: list[Peer], n: int) -> dict[str, list[float | None]]:
    """By what is asked, our error in ulps of the largest element, and in roundings ours and those of the peers."""
    program, rng = Program(OURS.get(text, text)), np.random.default_rng(0)
    found: dict[str, list[float | None]] = {}
    for args in problems(text, n):
        for q in questions(text, program, args, rng):
            ours = q.errors(getattr(program, q.mean)(args, *q.given))
            assert ours is not None, (text, q.what, args)
            told = [ours[1], ours[0]]
            for peer in peers:
                f = peer.calls.get(text)
                theirs = f and q.errors(peer.tried(getattr(peer.means, q.mean), f, args, *q.given))
                told.append(theirs and theirs[0])
            before = found.get(q.what, [None] * len(told))
            found[q.what] = [b if a is None else a if b is None else max(a, b) for a, b in zip(before, told)]
    return found


def measure(texts: list[str], peers: list[Peer], n: int, markdown: bool) -> None:
    """The table of all programs, and what it comes to."""
    names = ["wengert", *(p.name for p in peers)]
    table = Table(["program", "", "ulps", *names], [-30, -8, 6, *(9 for _ in names)], markdown)
    lines, missed = [], []
    for text in texts:
        for k, (what, errors) in enumerate(worst(text, peers, n).items()):
            table.line([text if k == 0 else "", what, *map(cell, errors)])
            lines.append(errors[1:])
            if errors[1] > GOAL and text not in missed:
                missed.append(text)
    print()
    bullet = "- " * markdown
    for i, name in enumerate(names):
        if both := [(line[0] or 0.0, line[i] or 0.0) for line in lines if line[i] is not None]:
            print(f"{bullet}{name}: {summary(both, i > 0, GOAL, 'roundings')}")
    for text in missed:
        print(f"{bullet}{text} misses {GOAL:g} roundings: {REASONS.get(text, 'nobody knows why')}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=28, metavar="N", help="problems a program (default %(default)s)")
    parser.add_argument("--ops", default="", metavar="A,B", help="programs that call one of these ops alone")
    parser.add_argument("--markdown", action="store_true", help="a table in Markdown")
    options = parser.parse_args()
    ops, known = set(filter(None, options.ops.split(","))), rows()
    if unknown := ops - set(known[MEASURED]):
        parser.error(f"not measured: {', '.join(sorted(unknown))}")
    if known[FORGOTTEN]:
        parser.exit(1, f"nothing is known of the errors of: {', '.join(known[FORGOTTEN])}\n")
    peers = installed()
    beside = ", ".join(f"{p.name} {p.version}" for p in peers) or "no peer, as none is installed"
    print(f"Errors in roundings of the arguments. wengert {wg.__version__} beside {beside}.\n")
    measure([t for t in PROGRAMS if not ops or ops & ops_of(t)], peers, options.points, options.markdown)
    for what in () if ops else (EXACT, SUMS, MET):
        print("- " * options.markdown + f"{what}: {', '.join(known[what])}")


if __name__ == "__main__":
    main()
