"""The gradient of a network and of batches of points, beside NumPy code written by hand for the same thing.

    python -m benchmarks.network                         # a network; two formulas over 10^5 and 10^6 points
    OPENBLAS_NUM_THREADS=1 python -m benchmarks.network  # with one thread for the products of matrices

Each line is the value and the gradient: the least time of many tries of each side, taken in turns, and wengert's over
the hand-written one's. The answers are compared before they are timed. The hand-written side knows what a derivative
comes to (that of log-sum-exp, of tanh as 1 - y^2); wengert applies its rules, which hold their digits everywhere.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

import wengert as wg

SHAPES = "input X[b,n], T[b,k], W1[n,h], b1[h], W2[h,k], b2[k]\n"
LAYERS = "H = {}(X @ W1 + b1)\nS = H @ W2 + b2\n"
LOSSES = {
    "squared loss": "sum((S - T)^2)/2/len(X)",
    "cross-entropy": "M = stop_gradient(max(S, axis=1, keepdims=1))\n"
    "(sum(log(sum(exp(S - M), axis=1, keepdims=1)) + M) - sum(S*T))/len(X)",
}
WEIGHTS = ("W1", "b1", "W2", "b2")


def network(activation: str, loss: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """wengert's value and gradient of a 784-256-10 network on 128 rows, and the hand-written."""
    rng = np.random.default_rng(1)
    at = {
        "X": rng.standard_normal((128, 784)), "T": np.eye(10)[rng.integers(0, 10, 128)],
        "W1": rng.standard_normal((784, 256)) / 28, "b1": rng.standard_normal(256) / 10,
        "W2": rng.standard_normal((256, 10)) / 16, "b2": rng.standard_normal(10) / 10,
    }  # fmt: skip
    x, t, w1, b1, w2, b2 = at.values()
    f = wg.compile(SHAPES + LAYERS.format(activation) + LOSSES[loss])

    def by_hand() -> Any:
        z = x @ w1 + b1
        h = np.tanh(z) if activation == "tanh" else np.maximum(z, 0.0)
        s = h @ w2 + b2
        if loss == "squared loss":
            r = s - t
            value, g = np.sum(r * r) / 2 / len(x), r / len(x)
        else:
            m = s.max(axis=1, keepdims=True)
            e = np.exp(s - m)
            total = e.sum(axis=1, keepdims=True)
            value, g = (np.sum(np.log(total) + m) - np.sum(s * t)) / len(x), (e / total - t) / len(x)
        gh = g @ w2.T
        gz = gh * (1 - h * h) if activation == "tanh" else gh * (z > 0)
        return value, (x.T @ gz, gz.sum(axis=0), h.T @ g, g.sum(axis=0))

    return lambda: f.value_and_grad(at, wrt=WEIGHTS), by_hand


def gauss(n: int) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Feynman I.6.2b over n points."""
    f = wg.compile("exp(-((theta - theta1)/sigma)^2/2)/(sqrt(2*pi)*sigma)")
    theta, theta1, sigma = np.random.default_rng(2).uniform(1, 3, (3, n))

    def by_hand() -> Any:
        u = (theta - theta1) / sigma
        y = np.exp(-u * u / 2) / (np.sqrt(2 * np.pi) * sigma)
        d = -y * u / sigma
        return y, (d, -d, y * (u * u - 1) / sigma)

    return lambda: f.value_and_grad(theta=theta, theta1=theta1, sigma=sigma), by_hand


def gravity(n: int) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Feynman I.9.18 over n points: nine derivatives."""
    f = wg.compile("G*m1*m2/((x2 - x1)^2 + (y2 - y1)^2 + (z2 - z1)^2)")
    names = ("G", "m1", "m2", "x2", "x1", "y2", "y1", "z2", "z1")
    at = dict(zip(names, np.random.default_rng(3).uniform(1, 3, (9, n))))
    g, m1, m2, x2, x1, y2, y1, z2, z1 = at.values()

    def by_hand() -> Any:
        dx, dy, dz = x2 - x1, y2 - y1, z2 - z1
        r = dx * dx + dy * dy + dz * dz
        m = m1 * m2
        value = g * m / r
        k = -2 * value / r
        return value, (m / r, g * m2 / r, g * m1 / r, k * dx, -k * dx, k * dy, -k * dy, k * dz, -k * dz)

    return lambda: f.value_and_grad(at, wrt=names), by_hand


def least(sides: tuple[Callable[[], Any], ...], seconds: float) -> list[float]:
    """The least time of each side, taken in turns for so many seconds, in milliseconds."""
    best = [float("inf")] * len(sides)
    end = perf_counter() + seconds
    while perf_counter() < end:
        for k, side in enumerate(sides):
            start = perf_counter()
            side()
            best[k] = min(best[k], perf_counter() - start)
    return [1000 * b for b in best]


def main() -> None:
    """Compare, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each line")
    seconds = parser.parse_args().seconds
    lines: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {}
    for activation in ("tanh", "relu"):
        for loss in LOSSES:
            lines[f"784-256-10 {activation}, {loss}"] = network(activation, loss)
    for n in (10**5, 10**6):
        lines[f"normal density, {n:,} points"] = gauss(n)
        lines[f"gravitation, {n:,} points"] = gravity(n)
    print(f"{'milliseconds':<36}{'wengert':>10}{'by hand':>10}{'ratio':>8}")
    for name, (ours, by_hand) in lines.items():
        (value, slopes), (expected, wanted) = ours(), by_hand()
        for a, b in zip((value, *slopes), (expected, *wanted)):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
        mine, theirs = least((ours, by_hand), seconds)
        print(f"{name:<36}{mine:>10.2f}{theirs:>10.2f}{mine / theirs:>8.2f}", flush=True)


if __name__ == "__main__":
    main()
