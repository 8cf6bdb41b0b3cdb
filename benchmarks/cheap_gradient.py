"""What a gradient costs, in counted operations: the value and all derivatives over the value alone, for every sample.

    python -m benchmarks.cheap_gradient                  # every sample
    python -m benchmarks.cheap_gradient my.wengert …

W. Baur, V. Strassen 1983; A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, section 4.6: at most 5
times the operations of the value, whatever the number of inputs. Copies are not counted, nor what no output needs. Of
several outputs a weighted sum is differentiated. These are counts, not times: they are the same on every machine.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import wengert as wg
from wengert.show.counts import CheapGradient, cheap_gradient
from wengert.transforms.derivatives import weighted

SAMPLES = Path(__file__).parents[1] / "samples"


def cost(path: Path) -> CheapGradient:
    """Operations of the value and of value and gradient of a program, as it is evaluated."""
    wlist = wg.load(path).running_list
    return cheap_gradient(wlist if len(wlist.outputs) == 1 else weighted(wlist)[0])


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path)
    paths = parser.parse_args().paths or sorted(SAMPLES.glob("*.wengert"))
    print(f"{'program':<28}{'value':>8}{'with gradient':>15}{'ratio':>8}")
    worst = 0.0
    for path in paths:
        found = cost(path)
        worst = max(worst, found.ratio)
        print(f"{path.stem:<28}{found.value:>8,}{found.gradient:>15,}{found.ratio:>8.2f}")
    print(f"the largest ratio: {worst:.2f}")


if __name__ == "__main__":
    main()
