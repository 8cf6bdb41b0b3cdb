"""All figures in one command: wengert beside every peer that this Python has installed, in one run.

    python -m benchmarks                          # prints tables; some minutes
    python -m benchmarks --quick                  # smaller sizes
    python -m benchmarks --only point,batch       # some sections
    python -m benchmarks --to results             # JSON, and plots if matplotlib is installed, into a folder

Peers are CasADi, ddx-ad, heyoka, gcc, and NumPy and Python written by hand (`pip install casadi ddx-ad heyoka`).
Answers are compared before anything is timed. Contestants take turns; each figure is the median of at least 7 turns.
A cell shows the cost, and in brackets its ratio to the first contestant's.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from pathlib import Path

# One thread unless a section asks for more: libraries read these when they are loaded.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "2")
os.environ.setdefault("WENGERT_NUM_THREADS", "1")

from . import peers, sections  # noqa: E402  the number of threads comes first
from .measuring import Result, table, written  # noqa: E402

SECTIONS: dict[str, tuple[str, Callable[[bool], list[Result]]]] = {
    "point": ("one point, value and gradient", sections.point),
    "batch": ("a batch, value and gradient, one thread", sections.batch),
    "threads": ("a batch, two threads on the wall", sections.threads),
    "long": ("long lists, value and gradient", sections.long_lists),
    "ready": ("from text or expression to the first gradient", sections.ready),
    "repeated": ("repeated structure", sections.repeated),
    "network": ("a network, value and gradient", sections.network),
    "process": ("a whole process", sections.process),
}


def about() -> dict[str, object]:
    """The machine and the versions."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        cpu = names[0] if names else cpu
    return {"python": platform.python_version(), "cpu": cpu, "cores": os.cpu_count(), "versions": peers.versions()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(SECTIONS), help=f"sections, of {', '.join(SECTIONS)}")
    parser.add_argument("--quick", action="store_true", help="smaller sizes")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="write JSON and plots there")
    given = parser.parse_args()
    wanted = [name.strip() for name in given.only.split(",")]
    for name in wanted:
        if name not in SECTIONS:
            parser.error(f"there is no section {name}; there are {', '.join(SECTIONS)}")
    machine = about()
    print(f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}, "
          + ", ".join(f"{n} {v}" for n, v in peers.versions().items()))  # fmt: skip
    found: dict[str, list[Result]] = {}
    for name in wanted:
        title, run = SECTIONS[name]
        print(f"\n{title}", flush=True)
        found[title] = run(given.quick)
        print(table(found[title]), flush=True)
    if given.to:
        for path in written(found, machine, given.to):
            print(path)


if __name__ == "__main__":
    main()
