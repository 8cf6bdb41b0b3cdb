"""Derivatives held against oracles, and the times of calls."""
