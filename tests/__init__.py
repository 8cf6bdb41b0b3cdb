"""The tests, in the folders of what they test; `oracles` is what they and the benchmarks hold answers against."""
