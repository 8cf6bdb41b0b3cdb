"""Propagation of uncertainty to first order, with correlations: time a point, beside the package `uncertainties`.

    python -m benchmarks.propagate                      # a formula of 10 inputs, 10^6 points, and 10^4 of the peer
    python -m benchmarks.propagate --points 100000

The peer handles one point at a time, in a loop of Python, or through its arrays of objects. Answers are compared at the
points that both have. Times are processor time of the whole process.
"""

from __future__ import annotations

import argparse
from statistics import median
from time import process_time
from typing import Any

import numpy as np

import wengert as wg

MODEL = "x0*exp(-x1*x2) + x3*sin(x4)/x5 + log(x6)*x7 - sqrt(x8)*x9^2"
NAMES = tuple(f"x{k}" for k in range(10))
PAIRS = {("x0", "x1"): 0.3, ("x2", "x3"): -0.2, ("x8", "x9"): 0.6}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.propagate", description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--peer-points", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    values = {n: rng.uniform(1, 2, asked.points) for n in NAMES}
    u = dict.fromkeys(NAMES, 0.01)
    model = wg.compile(MODEL)
    times = []
    for _ in range(asked.rounds + 1):
        begun = process_time()
        found = model.propagate(values, u, correlations=PAIRS)
        times.append(process_time() - begun)
    ours = median(times[1:]) / asked.points
    print(f"wengert        {ours * 1e9:10.1f} ns a point, {asked.points:,} points; the first call {times[0]:.3f} s")
    try:
        from uncertainties import correlated_values, umath
    except ImportError:
        print("uncertainties is not installed: it is left out")
        return

    def by_peer(k: int) -> Any:
        a, b, c, d, e, f, g, h, i, j = correlated_values([values[n][k] for n in NAMES], covariance)
        return a * umath.exp(-b * c) + d * umath.sin(e) / f + umath.log(g) * h - umath.sqrt(i) * j**2

    covariance = np.eye(10) * 1e-4
    for (first, second), r in PAIRS.items():
        m, n = NAMES.index(first), NAMES.index(second)
        covariance[m, n] = covariance[n, m] = r * 1e-4
    peer_points = min(asked.peer_points, asked.points)
    begun = process_time()
    deviations = [by_peer(k).std_dev for k in range(peer_points)]
    theirs = (process_time() - begun) / peer_points
    apart = float(np.max(np.abs(found.uncertainty[:peer_points] / deviations - 1)))
    print(f"uncertainties  {theirs * 1e9:10.1f} ns a point, {peer_points:,} points")
    print(f"wengert takes {ours / theirs:.5f} of that; the uncertainties are {apart:.0e} apart")


if __name__ == "__main__":
    main()
