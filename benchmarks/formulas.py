"""The four formulas that all peers compute, each written once a way: as text, as an expression of a peer's symbols, and
by hand with its derivatives, in Python or NumPy and in C.

"By hand" is code as a careful person writes it: shared sub-expressions, no checks.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple


class Formula(NamedTuple):
    """A formula.

    text        in the language
    inputs      the names of its inputs, in order
    point       a point
    expression  a function of a namespace (sin, cos, exp, sqrt) and of the inputs, for symbols of any library
    hand        makes of a namespace the function that gives the value and all derivatives by hand
    c           the body of a C function over a block of `m` points: arrays x0, x1, … in, y0 (the value), y1, … out
    """

    name: str
    text: str
    inputs: tuple[str, ...]
    point: tuple[float, ...]
    expression: Callable[..., Any]
    hand: Callable[[Any], Callable[..., tuple[Any, ...]]]
    c: str


def _square(m: Any) -> Callable[..., tuple[Any, ...]]:
    def hand(x1: Any, x2: Any) -> tuple[Any, ...]:
        s = 2.0 * x1 + x2
        g = 2.0 * s
        return s * s, 2.0 * g, g

    return hand


def _neuron(m: Any) -> Callable[..., tuple[Any, ...]]:
    exp = m.exp

    def hand(w0: Any, x0: Any, w1: Any, x1: Any, w2: Any) -> tuple[Any, ...]:
        f = 1.0 / (1.0 + exp(-(w0 * x0 + w1 * x1 + w2)))
        g = f * (1.0 - f)
        return f, g * x0, g * w0, g * x1, g * w1, g

    return hand


def _physics(m: Any) -> Callable[..., tuple[Any, ...]]:
    sin, cos, exp, sqrt = m.sin, m.cos, m.exp, m.sqrt

    def hand(q: Any, E: Any, B: Any, v: Any, theta: Any, r: Any, r0: Any, c: Any) -> tuple[Any, ...]:
        s = sin(theta)
        w = E + B * v * s
        k = 1.0 - v * v / (c * c)
        ek = exp(-r / r0) / sqrt(k)
        qe = q * ek
        y = qe * w
        vk = y / k
        return (
            y, w * ek, qe, qe * v * s, qe * B * s + vk * v / (c * c), qe * B * v * cos(theta), -y / r0,
            y * r / (r0 * r0), -vk * v * v / (c * c * c),
        )  # fmt: skip

    return hand


def _rosenbrock(n: int) -> Callable[[Any], Callable[..., tuple[Any, ...]]]:
    """Straight-line code, as one would write it for n inputs, or have it written."""

    def make(m: Any) -> Callable[..., tuple[Any, ...]]:
        names = [f"x{i}" for i in range(n)]
        lines = [f"def hand({', '.join(names)}):"]
        lines += [f" t{i} = x{i + 1} - x{i} * x{i}; u{i} = 1.0 - x{i}; s{i} = 200.0 * t{i}" for i in range(n - 1)]
        value = " + ".join(f"100.0 * t{i} * t{i} + u{i} * u{i}" for i in range(n - 1))
        first = [f"-2.0 * (x{i} * s{i} + u{i})" + (f" + s{i - 1}" if i else "") for i in range(n - 1)]
        lines.append(f" return {value}, {', '.join(first)}, s{n - 2}")
        space: dict[str, Any] = {}
        exec("\n".join(lines), space)
        made: Callable[..., tuple[Any, ...]] = space["hand"]
        return made

    return make


def _rosenbrock_in_c(n: int) -> str:
    lines = ["for (long i = 0; i < m; i++) {", "  double f = 0.0, before = 0.0;"]
    for i in range(n - 1):
        lines.append(f"  {{ double x = x{i}[i], t = x{i + 1}[i] - x * x, u = 1.0 - x, s = 200.0 * t;")
        lines.append(f"    f += 100.0 * t * t + u * u; y{i + 1}[i] = before - 2.0 * (x * s + u); before = s; }}")
    return "\n".join([*lines, f"  y{n}[i] = before; y0[i] = f;", "}"])


def rosenbrock_text(n: int) -> str:
    names = ", ".join(f"x{i}" for i in range(n))
    terms = " + ".join(f"100*(x{i + 1} - x{i}^2)^2 + (1 - x{i})^2" for i in range(n - 1))
    return f"input {names}\n{terms}"


def rosenbrock_of(m: Any, *x: Any) -> Any:
    terms = [100.0 * (b - a * a) * (b - a * a) + (1.0 - a) * (1.0 - a) for a, b in pairwise(x)]
    return sum(terms[1:], terms[0])


_SQUARE_C = """for (long i = 0; i < m; i++) {
  double s = 2.0 * x0[i] + x1[i], g = 2.0 * s;
  y0[i] = s * s; y1[i] = 2.0 * g; y2[i] = g;
}"""
_NEURON_C = """for (long i = 0; i < m; i++) {
  double f = 1.0 / (1.0 + exp(-(x0[i] * x1[i] + x2[i] * x3[i] + x4[i]))), g = f * (1.0 - f);
  y0[i] = f; y1[i] = g * x1[i]; y2[i] = g * x0[i]; y3[i] = g * x3[i]; y4[i] = g * x2[i]; y5[i] = g;
}"""
# gcc makes one call of a sine and a cosine of the same argument, and then does not vectorise the loop.
_PHYSICS_C = """double sines[BLOCK], cosines[BLOCK];
for (long i = 0; i < m; i++) sines[i] = sin(x4[i]);
for (long i = 0; i < m; i++) cosines[i] = cos(x4[i]);
for (long i = 0; i < m; i++) {
  double q = x0[i], B = x2[i], v = x3[i], r = x5[i], r0 = 1.0 / x6[i], c = 1.0 / x7[i], s = sines[i];
  double w = x1[i] + B * v * s, k = 1.0 - v * v * c * c, ek = exp(-r * r0) / sqrt(k), qe = q * ek;
  double y = qe * w, vk = y / k;
  y0[i] = y; y1[i] = w * ek; y2[i] = qe; y3[i] = qe * v * s; y4[i] = qe * B * s + vk * v * c * c;
  y5[i] = qe * B * v * cosines[i]; y6[i] = -y * r0; y7[i] = y * r * r0 * r0; y8[i] = -vk * v * v * c * c * c;
}"""

N = 10
FORMULAS = (
    Formula(
        "(2*x1 + x2)^2", "(2*x1 + x2)^2", ("x1", "x2"), (3.0, 7.0),
        lambda m, x1, x2: (2.0 * x1 + x2) * (2.0 * x1 + x2), _square, _SQUARE_C,
    ),
    Formula(
        "neuron, 5 inputs", "1/(1 + exp(-(w0*x0 + w1*x1 + w2)))", ("w0", "x0", "w1", "x1", "w2"),
        (2.0, -1.0, -3.0, -2.0, -3.0),
        lambda m, w0, x0, w1, x1, w2: 1.0 / (1.0 + m.exp(-(w0 * x0 + w1 * x1 + w2))), _neuron, _NEURON_C,
    ),
    Formula(
        f"Rosenbrock, {N} inputs", rosenbrock_text(N), tuple(f"x{i}" for i in range(N)),
        tuple(0.3 + 0.1 * i for i in range(N)), rosenbrock_of, _rosenbrock(N), _rosenbrock_in_c(N),
    ),
    Formula(
        "physics, 8 inputs", "q*(E + B*v*sin(theta))*exp(-r/r0)/sqrt(1 - v^2/c^2)",
        ("q", "E", "B", "v", "theta", "r", "r0", "c"), (1.1, 2.2, 0.7, 0.3, 0.9, 1.2, 2.5, 3.0),
        lambda m, q, E, B, v, theta, r, r0, c: (
            q * (E + B * v * m.sin(theta)) * m.exp(-r / r0) / m.sqrt(1.0 - v * v / (c * c))
        ), _physics, _PHYSICS_C,
    ),
)  # fmt: skip
