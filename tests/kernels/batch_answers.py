"""Kernels of batches beside the sweeps over arrays: how answers are compared, and points with edges among them."""

from __future__ import annotations

import numpy as np

import wengert as wg
from wengert.kernels import batches

KERNELS = list(dict.fromkeys(entry.kernel.name for entry in batches.BATCHES if not entry.missing()))
EDGES = [0.0, -0.0, 5e-324, 1.0, -1.0, 0.5, 2.0, 700.0, -746.0, 1e308, -1e308, np.inf, -np.inf, np.nan]


def same(found: np.ndarray, wanted: np.ndarray, ulps: float = 0.0) -> bool:
    """Whether arrays of one shape and type agree: bit for bit but for nan, or within some ulps."""
    if found.shape != wanted.shape or found.dtype != wanted.dtype:
        return False
    kind = f"i{found.itemsize}"
    alike = (found.view(kind) == wanted.view(kind)) | ((found != found) & (wanted != wanted))
    with np.errstate(all="ignore"):
        near = abs(found - wanted) <= ulps * np.spacing(abs(wanted))
    return bool((alike | near).all())


def flat(found) -> list[np.ndarray]:
    if isinstance(found, np.ndarray):
        return [found]
    return [a for part in found for a in flat(part)]


def agree(found, wanted, ulps: float = 0.0) -> None:
    found, wanted = flat(found), flat(wanted)
    assert len(found) == len(wanted)
    for k, (a, b) in enumerate(zip(found, wanted)):
        assert same(a, b, ulps), (k, a[:9], b[:9])


def pair(program, kernel: str, **options) -> tuple[wg.Function, wg.Function]:
    """A program for a kernel, and for the sweeps."""
    return wg.compile(program, kernel=kernel, **options), wg.compile(program, kernel="interpreter", **options)


def points(point, n: int, seed: int = 0) -> list[np.ndarray]:
    """Arrays around a point, with some edges among them."""
    choose = np.random.default_rng(seed)
    found = []
    for v in point:
        a = v * choose.uniform(0.5, 1.5, n) + choose.normal(0, 0.1, n)
        odd = choose.random(n) < 0.1
        a[odd] = choose.choice(EDGES, odd.sum())
        found.append(a)
    return found


# Answers


def ran(f, kernel):
    """Whether a kernel ran, or handed over, as some rows have no machine code."""
    return f.kernel.startswith(kernel) or kernel == "native" and "as `native` takes no such batch" in f.kernel
