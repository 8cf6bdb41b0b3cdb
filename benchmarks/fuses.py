"""What each fuse does to the digits: `python -m benchmarks.fuses [ROW …]`, of all rows or of those named.

For the value, the first and the second derivatives, over the whole line: the largest relative error as written and
fused, in units of 2^-53, beside 400 digits.
"""

from __future__ import annotations

import sys

from tests.oracles.fuses import MEASURED, measure, scalar_fuses


def main() -> None:
    """Print a line for each fuse and each order, of the rows that are named."""
    rows = sys.argv[1:]
    print(f"{'fuse':60} {'':7} {'written':>9} {'fused':>9} {'inherent':>9}")
    for row, text in scalar_fuses():
        if rows and row not in rows:
            continue
        found = measure(text, 40)
        for order in MEASURED:
            these = [m for m in found if m.order == order]
            if these:
                written, fused, inherent = (max(m[k] for m in these) for k in (2, 3, 4))
                called = text.partition(";")[0][:60]
                print(f"{called:60} {order:7} {written:9.2g} {fused:9.2g} {inherent:9.2g}", flush=True)


if __name__ == "__main__":
    main()
