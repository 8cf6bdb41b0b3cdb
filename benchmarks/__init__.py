"""Measurements, each a command: `python -m benchmarks.linear`, at the top of a checkout. README.md lists them."""
