"""The tests, in the folders of what they test; `oracles` is what they and the benchmarks hold answers against."""

import os

# `WENGERT_TESTS=full python -m pytest` runs what is sampled otherwise, at its full length.
FULL = os.environ.get("WENGERT_TESTS") == "full"
