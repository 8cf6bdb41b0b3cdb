"""Interleaved timing: the contestants of a workload take turns, so that a slow moment of the machine meets them all."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Mapping
from itertools import repeat
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

Call = Callable[[], Any]
Loop = Callable[[int], None]
ROUNDS = 9
SLICE = 0.02  # seconds that one contestant runs in a turn


class Result(NamedTuple):
    """What a workload cost each contestant.

    name      the workload
    unit      the unit of the medians: seconds divided by it
    seconds   the median seconds of one call, by contestant
    spread    the quartiles of the seconds, by contestant
    base      the contestant that ratios are against
    """

    name: str
    unit: str
    seconds: dict[str, float]
    spread: dict[str, tuple[float, float]]
    base: str

    @property
    def ratios(self) -> dict[str, float]:
        return {name: s / self.seconds[self.base] for name, s in self.seconds.items()}


UNITS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}


class Contestant(NamedTuple):
    """A call with its arguments. It is timed as it stands, in a loop that is written for so many arguments: a lambda
    around it would cost as much as a fast call."""

    call: Callable[..., Any]
    args: tuple[Any, ...] = ()

    def __call__(self) -> Any:
        return self.call(*self.args)

    def loop(self) -> Loop:
        """A function that makes the call so many times."""
        names = [f"a{k}" for k in range(len(self.args))]
        text = f"def loop(n):\n for _ in repeat(None, n):\n  call({', '.join(names)})"
        inside = f"def make(call, repeat, {', '.join(names)}):\n " + text.replace("\n", "\n ") + "\n return loop"
        space: dict[str, Any] = {}
        exec(inside, space)
        made: Loop = space["make"](self.call, repeat, *self.args)
        return made


def measure(
    name: str, contestants: Mapping[str, Contestant | Call], base: str, unit: str = "µs", per: float = 1.0,
    rounds: int = ROUNDS, wall: bool = False, seconds: float = SLICE,
) -> Result:  # fmt: skip
    """The cost of a call of each contestant, divided by `per`, say the points of a batch.

    Times are processor time of the whole process, or time on the wall for threads.
    """
    clock = perf_counter if wall else process_time
    turns: dict[str, int] = {}
    loops: dict[str, Loop] = {}
    for key, call in contestants.items():
        loop = loops[key] = (call if isinstance(call, Contestant) else Contestant(call)).loop()
        loop(2)
        done, spent = 1, 0.0
        while spent < seconds / 4:
            done *= 2
            start = perf_counter()
            loop(done)
            spent = perf_counter() - start
        turns[key] = max(1, int(seconds * done / spent))
    times: dict[str, list[float]] = {key: [] for key in contestants}
    gc.disable()
    try:
        for _ in range(rounds):
            for key, loop in loops.items():
                n = turns[key]
                start = clock()
                loop(n)
                times[key].append((clock() - start) / n / per)
    finally:
        gc.enable()
    quartiles = {k: (sorted(v)[len(v) // 4], sorted(v)[-1 - len(v) // 4]) for k, v in times.items()}
    return Result(name, unit, {k: median(v) for k, v in times.items()}, quartiles, base)


def table(results: list[Result]) -> str:
    """Workloads down, contestants across: the cost, and the ratio to the base in brackets."""
    names = list(dict.fromkeys(key for r in results for key in r.seconds))
    rows = [["", *names]]
    for r in results:
        unit = UNITS[r.unit]
        cells = [
            f"{r.seconds[n] / unit:.3g} {r.unit} ({r.ratios[n]:.2f})" if n in r.seconds else "-" for n in names
        ]  # fmt: skip
        rows.append([r.name, *cells])
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ["  ".join(cell.rjust(w) if k else cell.ljust(w) for k, (cell, w) in enumerate(zip(row, widths)))
             for row in rows]  # fmt: skip
    return "\n".join(line.rstrip() for line in lines)


def written(sections: Mapping[str, list[Result]], about: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the results as JSON, and as one plot a section where matplotlib is installed. Returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {
        "about": dict(about),
        "sections": {
            title: [{**r._asdict(), "ratios": r.ratios} for r in results] for title, results in sections.items()
        },
    }  # fmt: skip
    file = folder / "results.json"
    file.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    files = [file]
    try:
        import matplotlib
    except ImportError:
        print("no plots: matplotlib is not installed", file=sys.stderr)
        return files
    matplotlib.use("Agg")
    from matplotlib import pyplot

    for title, results in sections.items():
        names = list(dict.fromkeys(key for r in results for key in r.seconds))
        figure, axes = pyplot.subplots(figsize=(9, 1.2 + 0.22 * len(names) * len(results)), layout="constrained")
        height = 0.8 / len(names)
        for k, n in enumerate(names):
            at = [j + (k - (len(names) - 1) / 2) * height for j, r in enumerate(results) if n in r.ratios]
            axes.barh(at, [r.ratios[n] for r in results if n in r.ratios], height * 0.9, label=n)
        axes.set_yticks(range(len(results)), [r.name for r in results])
        axes.invert_yaxis()
        axes.axvline(1.0, color="black", linewidth=0.8)
        axes.set_xscale("log")
        axes.set_xlabel(f"times {results[0].base}")
        axes.set_title(title)
        axes.legend(fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5))
        path = folder / f"{title.replace(' ', '-').replace(',', '')}.png"
        figure.savefig(path, dpi=120)
        pyplot.close(figure)
        files.append(path)
    return files
