"""One derivative at a kink, however it is written: conditions that equality decides."""

from __future__ import annotations

import contextlib
import itertools
import math
import random
import re
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests import FULL
from wengert.emit import emit
from wengert.ops import OPS
from wengert.sweeps.forward import evaluate
from wengert.sweeps.numbers import Numbers
from wengert.transforms.derivatives import gradient, hessian, hvp, hvp_reverse, pushforward
from wengert.transforms.sparsity.nonzeros import sparse_hessian, sparse_jacobian

KINKS = ("mean", "left", "right")
ABSOLUTE = (
    "abs(x)", "max(x, -x)", "-min(x, -x)", "sqrt(x^2)", "(x^2)^0.5", "x*sign(x)", "relu(x) + relu(-x)",
    "x if x > 0 else -x", "x if x >= 0 else -x", "where(x < 0, -x, x)", "-x if x <= 0 else x", "x if 0 < x else -x",
    "-x if not x >= 0 else x", "x if x > 0 else (-x if x < 0 else 0)", "x if x > 0 and 1 > 0 else -x",
    "-x if -5 < x < 0 else (-x if x <= -5 else x)", "where(x > 0 or x >= 0, x, -x)",
)  # fmt: skip
LARGER = (
    "max(x, y)", "x if x >= y else y", "x if x > y else y", "where(y > x, y, x)", "(x + y + abs(x - y))/2",
    "where(not (x < y), x, y)", "y + relu(x - y)",
)  # fmt: skip


def emitted(f: Any, point: dict[str, float]) -> list[float]:
    """The gradient by the emitted Python."""
    space: dict[str, Any] = {}
    exec(emit(f.running_list, "python", grad=True, kink=f.kink), space)
    return list(space["value_and_grad"](**point)[1])


def gradients(text: str, kink: str, point: dict[str, float]) -> dict[str, list[float]]:
    """The gradient by every way that leads to one."""
    names = list(point)
    head = f"input {', '.join(names)}\n"
    *lines, last = text.split("\n")
    body = head + "\n".join([*lines, f"f_ = {last}", ""])
    f = wg.compile(head + text, kink=kink)
    listed = f.running_list
    units = [[float(i == j) for j in range(len(names))] for i in range(len(names))]
    found = {
        "reverse": list(f.grad(point)),
        "forward": list(f.value_and_grad(point, mode="forward")[1]),
        "checkpoints": list(f.grad(point, checkpoint=3)),
        "jvp": [f.jvp(list(point.values()), unit) for unit in units],
        "taylor": [f.taylor(point, unit, 1)[1] for unit in units],
        "gradient list": evaluate(gradient(listed, kink=kink), point, Numbers()),
        "batch": [g[1] for g in f.grad({n: np.array([v + 1.5, v]) for n, v in point.items()})],
        "taylor of a batch": [f.taylor({n: np.array([v, 2.5]) for n, v in point.items()}, u, 1)[1][0] for u in units],
        "d": [wg.compile(f"{body}d(f_, {n})", kink=kink)(point) for n in names],
        "jvp in a program": [wg.compile(f"{body}jvp(f_, {n}, 1)", kink=kink)(point) for n in names],
        "taylor in a program": [wg.compile(f"{body}taylor(f_, {n}, 1)", kink=kink)(point) for n in names],
        "emitted": emitted(f, point),
    }
    push = pushforward(listed, kink=kink)
    dots = push.inputs[len(names) :]
    found["tangent list"] = [evaluate(push, {**point, **dict(zip(dots, u))}, Numbers())[0] for u in units]
    for by in ("rows", "columns"):
        wlist, _, columns = sparse_jacobian(listed, by=by, kink=kink)
        whole = [0.0] * len(names)
        for at, value in zip(columns, evaluate(wlist, point, Numbers())):
            whole[at] = value
        found[f"sparse by {by}"] = whole
    return found


def hessians(text: str, kink: str, point: dict[str, float]) -> dict[str, Any]:
    f = wg.compile(f"input {', '.join(point)}\n{text}", kink=kink)
    listed, n = f.running_list, len(point)
    sparse = np.zeros((n, n))
    wlist, rows, columns = sparse_hessian(listed, kink=kink)
    sparse[rows, columns] = evaluate(wlist, point, Numbers())
    found = {"hessian list": np.reshape(evaluate(hessian(listed, kink=kink), point, Numbers()), (n, n)),
             "sparse": sparse}  # fmt: skip
    for make in (hvp, hvp_reverse):
        w = make(listed, kink=kink)
        dots = w.inputs[n:]
        found[make.__name__] = np.array(
            [evaluate(w, {**point, **dict(zip(dots, unit))}, Numbers()) for unit in np.eye(n).tolist()]
        )
    matrix = f.hessian(point)
    found["numbers"] = np.array([[matrix[a][b] for b in point] for a in point])
    return found


def alike(found: dict[str, Any], want: Any) -> None:
    for way, got in found.items():
        np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-13, err_msg=way)


@pytest.mark.parametrize("kink", KINKS)
@pytest.mark.parametrize("text", ABSOLUTE)
def test_an_absolute_value_has_one_derivative(text: str, kink: str) -> None:
    want = {"mean": 0.0, "left": -1.0, "right": 1.0}[kink]
    alike(gradients(text, kink, {"x": 0.0}), [want])
    alike(hessians(text, kink, {"x": 0.0}), [[0.0]])
    codes = [note.code for note in wg.compile(text, kink=kink).grad(0.0).notes if note.severity == "note"]
    assert set(codes) & {"W301", "W302"}, codes
    assert "W303" not in codes
    with pytest.raises(wg.WengertError):
        _ = wg.compile(text, kink="error").grad(0.0).notes


@pytest.mark.parametrize("text", LARGER)
def test_a_tie_is_shared(text: str) -> None:
    alike(gradients(text, "mean", {"x": 2.0, "y": 2.0}), [0.5, 0.5])
    alike(gradients(text, "mean", {"x": 3.0, "y": 2.0}), [1.0, 0.0])


@pytest.mark.parametrize("text", ["max(x, y, z)", "x if x >= y and x >= z else (y if y >= z else z)",
                                  "m = x if x > y else y\nm if m > z else z"])  # fmt: skip
def test_three_share_by_thirds(text: str) -> None:
    alike(gradients(text, "mean", {"x": 2.0, "y": 2.0, "z": 2.0}), [1 / 3] * 3)
    alike(gradients(text, "mean", {"x": 1.0, "y": 2.0, "z": 2.0}), [0, 0.5, 0.5])


def test_ways_in_an_array() -> None:
    """Elements of arrays, also where the condition is moved to another place."""
    x = np.array([0.0, 2.0, -3.0, 0.0])
    for text in ("sum(where(x > 0, x, -x))", "sum(where((x[::-1] > 0)[::-1], x, -x))", "sum(abs(x))",
                 "sum(x[i] if x[i] > 0 else -x[i] for i in 0:4)",
                 "sum(where([x[i] > 0 for i in 0:4], x, -x))"):  # fmt: skip
        for kink, at_zero in zip(KINKS, (0, -1, 1)):
            f = wg.compile(f"input x[4]\n{text}", kink=kink)
            want = [at_zero, 1, -1, at_zero]
            np.testing.assert_array_equal(f.grad(x)[0], want)
            np.testing.assert_array_equal(f.grad(x, checkpoint=2)[0], want)
            np.testing.assert_array_equal(evaluate_arrays(gradient(f.running_list, kink=kink), x), want)
            np.testing.assert_array_equal(f.grad(np.stack([x + 1, x]))[0][1], want)
            assert f.jvp([x], [np.array([1.0, 2, 3, 4])]) == np.dot(want, [1, 2, 3, 4])
            assert f.taylor([x], [np.array([1.0, 2, 3, 4])], 1)[1] == np.dot(want, [1, 2, 3, 4])


def evaluate_arrays(wlist: Any, x: Any) -> Any:
    return wg.compile(wlist)(x)


@pytest.mark.parametrize(
    ("text", "want", "code"),
    [
        ("x + 1 if x > 0 else -x", -1, "W303"),  # the values differ: what was taken
        ("x + 1 if x >= 0 else -x", 1, "W303"),
        ("where(x > 0, sqrt(x), 0)", 0, "W301"),  # what was not taken counts where it is finite
        ("where(x <= 0, 0, sqrt(x)*3)", 0, "W301"),
        ("where(x > 0, log(x), x)", 1, "W303"),
        ("where(stop_gradient(x) > 0, x, -x)", -1, ""),  # what does not move is no tie
        ("where(floor(x) >= 0, x, -x)", 1, ""),
        ("sum(x if i >= 1 else -x for i in 0:3)", 1, ""),
        ("x if x > 0 and x > 5 else -x", -1, ""),  # whatever the tie, the condition is false
    ],
)  # fmt: skip
def test_what_is_no_tie(text: str, want: float, code: str) -> None:
    alike(gradients(text, "mean", {"x": 0.0}), [want])
    codes = [note.code for note in wg.compile(text, fuse=False).grad(0.0).notes]
    assert [c for c in codes if c in ("W301", "W302", "W303")] == ([code] if code else []) or "floor" in text


# Generated programs: conditions over small whole numbers, so that ties are met and all is exact.

TERMS = ("x", "y", "x*y", "x + y", "1", "-x", "2*y", "x^2", "0")
FLIP = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
LOOSE = {">": ">=", "<": "<=", ">=": ">", "<=": "<"}
NOT = {">": "<=", "<": ">=", ">=": "<", "<=": ">"}
HOLDS = {">": lambda a, b: a > b, "<": lambda a, b: a < b, ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b}


def a_condition(rng: random.Random) -> tuple[list[tuple[str, str, str]], str, bool]:
    """Comparisons, what joins them, and whether the whole is turned round."""
    compared = [
        (rng.choice(TERMS[:4]), rng.choice(tuple(FLIP)), rng.choice(TERMS)) for _ in range(rng.choice((1, 1, 2)))
    ]
    return compared, rng.choice(("and", "or")), rng.random() < 0.3


def spellings(condition: Any, a: str, b: str, sides: bool) -> list[str]:
    """Ways to write a choice. With `sides` no comparison is turned round, as its difference has a side."""
    compared, word, turned = condition
    other = {"and": "or", "or": "and"}[word]
    ways = [
        f" {word} ".join(f"{p} {op} {q}" for p, op, q in compared),
        f"not ({f' {other} '.join(f'not {p} {op} {q}' for p, op, q in compared)})",
        f" {word} ".join(f"not ({p} {NOT[op]} {q})" for p, op, q in compared),
        # The values are equal at a tie, so that it makes no difference which way that is told.
        f" {word} ".join(f"{p} {LOOSE[op]} {q}" for p, op, q in compared),
    ]
    if not sides:
        ways.append(f" {word} ".join(f"{q} {FLIP[op]} {p}" for p, op, q in compared))
    if turned:
        ways = [f"not ({w})" for w in ways]
    texts = [f"where({w}, {a}, {b})" for w in ways]
    texts += [
        f"({a}) if {ways[0]} else ({b})",
        f"where(not ({ways[1]}), {b}, {a})",
        f"c = {ways[0]}\nwhere(c, {a}, {b})",
    ]
    return texts


def the_share(condition: Any, point: dict[str, float], kink: str) -> float:
    """What of the first branch counts, from the definition."""
    compared, word, turned = condition
    join = all if word == "and" else any
    values = [
        (eval(p.replace("^", "**"), {}, point), op, eval(q.replace("^", "**"), {}, point)) for p, op, q in compared
    ]

    def told(tie: Any) -> bool:
        found = [tie(p, op, q) if p == q else HOLDS[op](p, q) for p, op, q in values]
        return join(found) is not turned

    # A bound that stands still is passed by what moves: then the difference is the other way round.
    rises = kink == "right"
    if kink in ("left", "right"):
        return float(told(lambda p, op, q: (">" in op) is rises))
    return (told(lambda *_: turned) + told(lambda *_: not turned)) / 2


# The ways that look beside the point: there left and right are those of the input. A list cannot look: in it they are
# the sides of each difference that is compared.
LOOKING = ("reverse", "forward", "checkpoints", "jvp", "batch")


def beside(condition: Any, point: dict[str, float], moving: str, kink: str) -> float | None:
    """What of the first branch counts beside a point, on the side of the names that move; None if a tie stays."""
    h = 2.0**-20 if kink == "right" else -(2.0**-20)
    moved = {n: v + h if n in moving else v for n, v in point.items()}
    values = [eval(f"{p.replace('^', '**')} - ({q.replace('^', '**')})", {}, moved) for p, _, q in condition[0]]
    return the_share(condition, moved, "mean") if all(values) else None


@pytest.mark.parametrize("seed", range(12 if FULL else 7))
def test_generated_conditions(seed: int) -> None:
    rng = random.Random(seed)
    condition = a_condition(rng)
    a = rng.choice(("x", "x*y", "y^2 + x", "3*x - y", "sin(x)"))
    gap = "*".join(f"({p} - ({q}))" for p, _, q in condition[0])
    b = f"({a} + {gap}*{rng.choice(('2', 'x', '(y + 1)', '(-3)'))})"
    points = [{"x": float(x), "y": float(y)} for x, y in itertools.product((-1, 0, 1, 2), repeat=2)]
    rng.shuffle(points)
    first, second = (wg.compile(f"input x, y\n{t}", fuse=False) for t in (a, b))
    tied = [p for p in points if second(p) == first(p)][:2] + points[:1]
    for point, kink in itertools.product(tied, KINKS):
        w = the_share(condition, point, kink)
        want = [w * s + (1 - w) * t for s, t in zip(first.grad(point), second.grad(point))]
        texts = spellings(condition, a, b, kink != "mean")
        for k, text in enumerate(texts):
            if k in (0, seed % len(texts)):
                one, two = (np.array([[f.hessian(point)[m][n] for n in "xy"] for m in "xy"]) for f in (first, second))
                listed, matrices = gradients(text, kink, point), hessians(text, kink, point)
                if kink != "mean":
                    looking, matrix = {way: listed.pop(way) for way in LOOKING}, matrices.pop("numbers")
                    for (i, m), (j, n) in itertools.product(enumerate("xy"), repeat=2):
                        if (u := beside(condition, point, m + n, kink)) is None:
                            continue
                        assert matrix[i][j] == pytest.approx(u * one[i][j] + (1 - u) * two[i][j]), text
                        side = u * first.grad(point)[i] + (1 - u) * second.grad(point)[i]
                        alike({way: [g[i]] for way, g in looking.items() if m == n}, [side])
                alike(listed, want)
                alike(matrices, w * one + (1 - w) * two)
            elif kink == "mean":
                found = wg.compile(f"input x, y\n{text}", kink=kink).grad(point)
                np.testing.assert_allclose(list(found), want, rtol=1e-13, atol=1e-13, err_msg=text)


# Notes

NAMES = {name: f"{name}({', '.join('xyzuvw'[: len(row.params.split())])})" for name, row in OPS.items()
         if row.array is None and callable(row.forward) and name.isidentifier()}  # fmt: skip
PROGRAMS = [
    *ABSOLUTE, *LARGER, "x - y", "x/y", "x % y", "x^y", "silu(x)*y", "xlogx(x) + y", "elu(x, y)",
    "x*y if 0 < x < y else y",
    "fabs(x) + y", "(x > 0)*y", "x // y", "-x + (x == y)", "where(x > 0 and y > 0, x*y, x)", "gelu(x)", "relu(x - y)^2",
    "exp(1000*x)*y", "log(x)*y", "clip(x, 0, y)", "hypot(x, y)", "atan2(y, x)", "x if x == y else y",
]  # fmt: skip


def said_of(f: Any, point: dict[str, float]) -> list[str]:
    notes: list[Any] = []
    for ask in (f.grad, f.hessian):
        with contextlib.suppress(wg.WengertError):
            notes += ask(point).notes
    return [note.message.partition("is computed as")[0] for note in notes]


@pytest.mark.parametrize("text", [*PROGRAMS, *NAMES.values()])
def test_no_note_names_an_op_that_the_user_did_not_write(text: str) -> None:
    try:
        f = wg.compile(text)
    except wg.WengertError:
        pytest.skip("no program of one output")
    values = (0.0, 1.0, -1.0, math.inf) if len(f.inputs) < 3 else (0.0, 1.0)
    written = " ".join(text.split())
    for args in itertools.islice(itertools.product(values, repeat=len(f.inputs)), 9):
        for message in said_of(f, dict(zip(f.inputs, args))):
            for quoted in re.findall(r"`([^`]*)`", message):
                assert quoted.rstrip("…") in written, (quoted, args)
            # Nor does one name a temporary of the list.
            assert set(re.findall(r"\bv\d+\b", message)) <= set(re.findall(r"\bv\d+\b", text)), (message, args)


def test_a_tie_that_is_written_twice_counts_twice() -> None:
    """Of a function of the same maximum, written out or named, and of more inputs than all pieces are tried of."""
    rest = " + ".join(f"x{i}" for i in range(2, 12))
    texts = (f"exp(max(x, 2*y)) + sin(max(x, 2*y)) + {rest}", f"m = max(x, 2*y); exp(m) + sin(m) + {rest}")
    one, other = (wg.compile(text, fuse=False) for text in texts)
    at = dict.fromkeys(one.inputs, 1.0) | {"y": 0.5}
    a, b = one.hessian(at, wrt=["x", "y"]), other.hessian(at, wrt=["x", "y"])
    wide = one.hessian(at)
    second = (math.exp(1.0) - math.sin(1.0)) / 2
    for found in (a["x", "x"], b["x", "x"], wide["x", "x"], wide["y", "y"] / 4):
        assert found == pytest.approx(second, rel=1e-12)


@pytest.mark.parametrize("kink", ["mean", "left", "right"])
def test_a_value_compared_with_itself_is_no_tie(kink: str) -> None:
    """Also if it is written twice."""
    for one in ("b", "sin(b)", "b*exp(b)^2"):
        for sign, slope in (("<", 1.0), ("<=", 3.0)):
            f = wg.compile(f"input b\nwhere({one} {sign} {one}, 3*b, b)", kink=kink)
            assert f.grad(0.0)["b"] == slope
        element = one.replace("b", "b[0]")
        assert wg.compile(f"input b[1]\nwhere({element} < {element}, 3*b[0], b[0])", kink=kink).grad([0.0])["b"] == [
            1.0
        ]
