"""Fits: digits, evaluations and time, beside SciPy's curve_fit with finite differences and lmfit.

    python -m benchmarks.fit                    # the 54 starts of NIST's reference problems, then 200 to 10⁶ points
    python -m benchmarks.fit --points 100000

The peers get the model as NumPy code and differences for its derivatives, as their manuals show, with tolerances of
1e-15 for the digits, and of 1e-10 for the million points, where all answers are compared. Times are processor time of
the whole process.
"""

from __future__ import annotations

import argparse
import json
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np

import wengert as wg

NIST = json.loads((Path(__file__).parents[1] / "tests" / "corpora" / "nist_strd.json").read_text(encoding="utf-8"))
# Estimates, standard errors, and evaluations of the model.
Found = tuple[list[float], list[float], int]
MOST = 20_000


def columns(p: dict[str, Any]) -> dict[str, Any]:
    return {c: np.array(p[c]) for c in ("x", "x1", "x2", "y") if c in p}


def by_hand(p: dict[str, Any]) -> Callable[..., Any]:
    """The model as a function of NumPy over the parameters."""
    space = {n: getattr(np, n) for n in ("exp", "cos", "sin", "log", "pi")} | {"atan": np.arctan}
    code = compile(p["model"].replace("^", "**"), "<model>", "eval")
    data = columns(p)

    def model(x: Any, *b: float) -> Any:
        return eval(code, space, {**data, **dict(zip(p["params"], b))})

    return model


def response(p: dict[str, Any]) -> Any:
    y = np.array(p["y"])
    return np.log(y) if p.get("response") == "log(y)" else y


def ours(p: dict[str, Any], start: list[float]) -> Found:
    found = wg.fit(f"{p.get('response', 'y')} ~ {p['model']}", columns(p), start=dict(zip(p["params"], start)))
    return [found[n].value for n in p["params"]], [found[n].error for n in p["params"]], found.evaluations


def curve_fit(p: dict[str, Any], start: list[float]) -> Found:
    from scipy.optimize import curve_fit as solve

    tight = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15, "maxfev": MOST}
    at, covariance, more, *_ = solve(by_hand(p), np.zeros(1), response(p), p0=start, full_output=True, **tight)
    return list(at), list(np.sqrt(np.diag(covariance))), more["nfev"]


def lmfit(p: dict[str, Any], start: list[float]) -> Found:
    from lmfit import Parameters, minimize

    model, y, given = by_hand(p), response(p), Parameters()
    for n, v in zip(p["params"], start):
        given.add(n, value=v)

    def rest(b: Any) -> Any:
        return model(None, *(b[n].value for n in p["params"])) - y

    end = minimize(rest, given, max_nfev=MOST, ftol=1e-15, xtol=1e-15, gtol=1e-15)
    errors = [math.nan if end.params[n].stderr is None else end.params[n].stderr for n in p["params"]]
    return [end.params[n].value for n in p["params"]], errors, end.nfev


def digits(found: list[float], certified: list[str]) -> float:
    """The digits of the worst of some numbers, from 0 to the 11 that are certified."""
    worst = 11.0
    for a, c in zip(found, map(float, certified)):
        off = abs(a - c) / abs(c)
        worst = min(worst, 11.0 if off == 0 else 0.0 if not off < 1 else -math.log10(off))
    return worst


def reference_problems(ways: dict[str, Callable[..., Found]]) -> None:
    print(f"{2 * len(NIST)} starts, digits of the worst parameter and of the worst standard error of each")
    print(f"{'':10} {'6 digits':>9} {'median':>14} {'least':>12} {'evaluations':>12} {'time':>8}")
    for name, way in ways.items():
        values, errors, evaluations, good, spent = [], [], 0, 0, 0.0
        for p in NIST.values():
            for start in p["start"]:
                begun = process_time()
                try:
                    at, deviations, count = way(p, start)
                except Exception as problem:  # a peer that gives up
                    print(name, start, repr(problem)[:150])
                    at, deviations, count = [math.nan] * len(start), [math.nan] * len(start), 0
                spent += process_time() - begun
                values.append(digits(at, p["certified"]))
                errors.append(digits(deviations, p["certified_sd"]))
                evaluations += count
                good += min(values[-1], errors[-1]) >= 6
        print(f"{name:10} {good:>3} of {len(values)} {median(values):7.1f},{median(errors):5.1f} "
              f"{min(values):6.1f},{min(errors):4.1f} {evaluations:>12,} {spent:6.2f} s")  # fmt: skip


def two_decays(x: Any, a: float, b: float, c: float, d: float, k: float) -> Any:
    return a * np.exp(-b * x) + c * np.exp(-d * x) + k


def one_decay(x: Any, a: float, b: float, k: float) -> Any:
    return a * np.exp(-b * x) + k


# The model by hand and as text, its parameters, and its start.
MODELS = {
    5: (two_decays, "a*exp(-b*x) + c*exp(-d*x) + k", (5.0, 1.3, 2.0, 0.2, 0.5),
        {"a": 3.0, "b": 1.0, "c": 1.0, "d": 0.1, "k": 0.0}),
    3: (one_decay, "a*exp(-b*x) + k", (5.0, 1.3, 0.5), {"a": 3.0, "b": 1.0, "k": 0.0}),
}  # fmt: skip


def many_points(n: int, rounds: int, parameters: int = 5) -> None:
    from scipy.optimize import curve_fit as solve

    rng = np.random.default_rng(0)
    x = np.linspace(0, 10, n)
    model, text, truth, start = MODELS[parameters]
    y = model(x, *truth) + rng.normal(0, 0.05, n)
    tight = {"ftol": 1e-10, "xtol": 1e-10, "gtol": 1e-10}

    def by_wengert() -> Found:
        found = wg.fit(f"y ~ {text}", {"x": x, "y": y}, start=start)
        return [e.value for e in found], [e.error for e in found], found.evaluations

    def by_curve_fit() -> Found:
        at, covariance, more, *_ = solve(model, x, y, p0=[*start.values()], full_output=True, **tight)
        return list(at), list(np.sqrt(np.diag(covariance))), more["nfev"]

    ways: dict[str, Callable[[], Found]] = {"wengert": by_wengert, "curve_fit": by_curve_fit}
    try:
        from lmfit import Model
    except ImportError:
        pass
    else:

        def by_lmfit() -> Found:
            made = Model(model)
            end = made.fit(y, made.make_params(**start), x=x, fit_kws=tight)
            return list(end.best_values.values()), [v.stderr for v in end.params.values()], end.nfev

        ways["lmfit"] = by_lmfit
    times: dict[str, list[float]] = {name: [] for name in ways}
    answers: dict[str, Found] = {}
    for _ in range(rounds + 1):
        for name, way in ways.items():
            begun = process_time()
            answers[name] = way()
            times[name].append(process_time() - begun)
    print(f"\n{parameters} parameters, {n:,} points; the median of {rounds} turns after a first one")
    base = median(times["wengert"][1:])
    for name, spent in times.items():
        apart = max(abs(a / b - 1) for a, b in zip(answers[name][0], answers["wengert"][0]))
        took = median(spent[1:])
        print(f"{name:10} {1e3 * took:9.2f} ms, the first {1e3 * spent[0]:7.1f} ms, {answers[name][2]:3} evaluations; "
              f"wengert takes {base / took:.2f} of it; estimates {apart:.0e} apart")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit", description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    ways: dict[str, Callable[..., Found]] = {"wengert": ours, "curve_fit": curve_fit}
    try:
        import lmfit as _  # noqa: F401
    except ImportError:
        print("lmfit is not installed: it is left out")
    else:
        ways["lmfit"] = lmfit
    with np.errstate(all="ignore"):
        reference_problems(ways)
        many_points(200, 50, 3)
        many_points(100_000, 10, 3)
        many_points(asked.points, asked.rounds)


if __name__ == "__main__":
    main()
