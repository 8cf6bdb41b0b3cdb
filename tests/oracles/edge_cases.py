"""Well-known edges, and what each library answers there: the value, then the gradient.

The gradient is that of reverse mode; where forward mode answers another, that stands behind it after a bar. Answers
change with the version, which the heads of the table tell.

A case is a program, a point, and the same program over a peer's own functions: `p` gives those by the names of rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

import wengert as wg
from tests.oracles.peer_ops import Peer

Case = tuple[str, tuple[float, ...], Callable[..., Any]]
CASES: tuple[Case, ...] = (
    ("max(x, y)", (1, 1), lambda p, x, y: p("max")(x, y)),
    ("max(x, y, z)", (2, 2, 2), lambda p, x, y, z: p("max")(x, y, z)),
    ("abs(x)", (0,), lambda p, x: p("abs")(x)),
    ("relu(x)", (0,), lambda p, x: p("relu")(x)),
    ("clip(x, 0, 1)", (1,), lambda p, x: p("clip")(x, 0.0 * x, 0.0 * x + 1)),
    ("sqrt(x^2 + y^2)", (0, 0), lambda p, x, y: p("sqrt")(x**2 + y**2)),
    ("sqrt(x)", (0,), lambda p, x: p("sqrt")(x)),
    ("hypot(x, y)", (0, 0), lambda p, x, y: p("hypot")(x, y)),
    ("x^0", (0,), lambda p, x: x**0),
    ("x^0.0", (0,), lambda p, x: x**0.0),  # a whole exponent may be another function there
    ("x^y", (0, 0), lambda p, x, y: x**y),
    ("x^y", (0, 2), lambda p, x, y: x**y),
    ("0^y", (2,), lambda p, y: (0.0 * y) ** y),
    ("x^y", (-2, 3), lambda p, x, y: x**y),
    ("log(x)", (-1,), lambda p, x: p("log")(x)),
    ("where(x > 0, sqrt(x), 0)", (-1,), lambda p, x: p("where")(x > 0, p("sqrt")(x), 0.0 * x)),
    ("x*log(x)", (0,), lambda p, x: x * p("log")(x)),
    ("xlogy(x, y)", (0, 0), lambda p, x, y: p("xlogy")(x, y)),
    ("log(1 + exp(x))", (1000,), lambda p, x: p("log")(1 + p("exp")(x))),
    ("1/(1 + exp(-x))", (-1000,), lambda p, x: 1 / (1 + p("exp")(-x))),
    ("atan2(y, x)", (0, 0), lambda p, y, x: p("atan2")(y, x)),
    ("mod(x, 2)", (-7.5,), lambda p, x: x % 2.0),
    ("x^(1/3)", (-8,), lambda p, x: x ** (1 / 3)),
    ("cbrt(x)", (-8,), lambda p, x: p("cbrt")(x)),
    ("tanh(x)", (25,), lambda p, x: p("tanh")(x)),
    ("1/x", (0,), lambda p, x: 1 / x),
    ("sinc(x)", (0,), lambda p, x: p("sinc")(x)),
)


def ours(text: str, point: tuple[float, ...]) -> str:
    value, gradient = wg.compile(text).value_and_grad(*point)
    codes = ", ".join(dict.fromkeys(note.code for note in gradient.notes))
    return _cell(value, gradient) + (f" ({codes})" if codes else "")


def theirs(peer: Peer, case: Case) -> str:
    _, point, spelled = case

    def named(op: str) -> Any:
        return next(peer.spellings(op))

    def f(*args: Any) -> Any:
        return spelled(named, *args)

    args = [np.array(float(a)) for a in point]
    value = peer.tried(peer.means.value, f, args)
    if value is None:
        return "-"
    one = np.ones(())
    back = [_shown(peer.tried(peer.means.pull, f, args, one, i)) for i in range(len(args))]
    ahead = [_shown(peer.tried(peer.means.push, f, args, {i: one})) for i in range(len(args))]
    shown = f"{_shown(value)}; {', '.join(back)}"
    return shown if ahead == back else f"{shown} | {', '.join(ahead)}"


def _cell(value: Any, gradient: Any) -> str:
    return f"{_shown(value)}; {', '.join(map(_shown, gradient))}"


def _shown(a: Any) -> str:
    if a is None:
        return "-"
    a = float(a)
    return f"{a:.3g}" if np.isfinite(a) and a else "0" if a == 0 else str(a)


def show(peers: list[Peer], as_json: bool) -> None:
    """Print the table: for each case what every peer answers, and what we do with the codes of our notes."""
    heads = ["case", *(f"{p.name} {p.version}" for p in peers), "wengert"]
    rows = []
    for case in CASES:
        text, point, _ = case
        at = ", ".join(_shown(a) for a in point)
        rows.append([f"{text} at {at}", *(theirs(p, case) for p in peers), ours(text, point)])
    if as_json:
        print(json.dumps([dict(zip(heads, row)) for row in rows], indent=1))
        return
    widths = [max(len(row[k]) for row in (heads, *rows)) for k in range(len(heads))]
    print("Edges: the value; the gradient in reverse mode | in forward mode, if another (and the codes of our notes)")
    for row in (heads, *rows):
        print("  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths)).rstrip())
