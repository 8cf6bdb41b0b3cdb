"""The tests, in the folders of what they test; `oracles` is what they and the benchmarks hold answers against."""

import os

# `WENGERT_TESTS=full python -m pytest` runs what is sampled otherwise, at its full length.
FULL = os.environ.get("WENGERT_TESTS") == "full"


def some(count: int) -> int:
    """How many of a number of examples are tried: all at full length, else two in five."""
    return count if FULL else count * 2 // 5
