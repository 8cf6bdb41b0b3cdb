"""Special functions over arrays: every row of them, in nanoseconds an element, beside SciPy's function of the same
arguments where it has one. A function that works element by element gets fewer of them: the table says how many.

    python -m benchmarks.special                          # 10^5 elements, in the middle of each function's domain
    python -m benchmarks.special --elements 1000000
    python -m benchmarks.special --ops j0,betainc,gammainc
    python -m benchmarks.special --errors                 # the largest error of SciPy's function over the whole domain

Both compute the same elements in the same run and take turns; a ratio is of medians. The elements are uniform over
ranges where every branch of a function has its share. An error, in ulps of SciPy's value, is the distance of the two
answers, whosever it is; `benchmarks.accuracy` tells that. `--errors` measures SciPy's functions on the tests' points,
over the whole domain and beside zeros, poles and ends, against mpmath, and counts the points beyond our bound.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from time import process_time
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("WENGERT_NUM_THREADS", "1")

import mpmath
import numpy as np

from tests.oracles import digits
from tests.oracles.elementwise import arguments
from tests.oracles.oracle import error_of
from wengert.ops import OPS
from wengert.ops.arrays.elementwise import over_arrays

from .measuring import Contestant, measure

Range = tuple[float, float]
Theirs = Callable[[Any], Callable[..., Any]]
# The seconds of a call beyond which elements are left out
LONGEST = 0.3
SHAPES, SHARE = (0.05, 40.0), (0.001, 0.999)
# By row, and a word if it has several: a range for each argument, whole numbers where both ends are ints; and SciPy's
# function, if there is one.
ROWS: dict[str, tuple[tuple[tuple[float, float] | tuple[int, int], ...], Theirs | None]] = {
    "erf": (((-3.0, 3.0),), lambda s: s.erf),
    "erfc": (((-3.0, 8.0),), lambda s: s.erfc),
    "gauss": (((-5.0, 5.0),), None),
    "normpdf": (((-5.0, 5.0),), None),
    "ndtr": (((-8.0, 8.0),), lambda s: s.ndtr),
    "erfcx": (((-5.0, 30.0),), lambda s: s.erfcx),
    "derfcx": (((1, 3), (-5.0, 30.0)), None),
    "erfinv": (((-1.0, 1.0),), lambda s: s.erfinv),
    "erfcinv": (((0.0, 2.0),), lambda s: s.erfcinv),
    "ndtri": (((0.0, 1.0),), lambda s: s.ndtri),
    "lambertw": (((-0.36, 50.0),), lambda s: lambda a: s.lambertw(a).real),
    "lambertwm1": (((-0.36, -0.001),), lambda s: lambda a: s.lambertw(a, -1).real),
    "gamma": (((-8.0, 30.0),), lambda s: s.gamma),
    "lgamma": (((-8.0, 30.0),), lambda s: s.gammaln),
    "digamma": (((-8.0, 30.0),), lambda s: s.digamma),
    "trigamma": (((-8.0, 30.0),), lambda s: lambda a: s.polygamma(1, a)),
    "polygamma": (((1, 4), (0.1, 30.0)), lambda s: s.polygamma),
    "lbeta": ((SHAPES, SHAPES), lambda s: s.betaln),
    "beta": ((SHAPES, SHAPES), lambda s: s.beta),
    "digamma_gap": ((SHAPES, SHAPES), None),
    "betapdf": ((SHAPES, SHAPES, SHARE), None),
    "betainc": ((SHAPES, SHAPES, SHARE), lambda s: s.betainc),
    "dbetapdf": (((1, 1), (0, 0), SHAPES, SHAPES, SHARE), None),
    "dbetainc": (((1, 1), (0, 0), SHAPES, SHAPES, SHARE), None),
    "gammapdf": ((SHAPES, SHAPES), None),
    "gammainc": ((SHAPES, SHAPES), lambda s: s.gammainc),
    "gammaincc": ((SHAPES, SHAPES), lambda s: s.gammaincc),
    "gammainc_da": ((SHAPES, SHAPES), None),
    "dgammapdf": (((1, 1), SHAPES, SHAPES), None),
    "dgammainc": (((2, 2), SHAPES, SHAPES), None),
    "j0": (((0.0, 100.0),), lambda s: s.j0),
    "j1": (((0.0, 100.0),), lambda s: s.j1),
    "y0": (((0.0, 100.0),), lambda s: s.y0),
    "y1": (((0.0, 100.0),), lambda s: s.y1),
    "i0": (((0.0, 100.0),), lambda s: s.i0),
    "i1": (((0.0, 100.0),), lambda s: s.i1),
    "k0": (((0.0, 100.0),), lambda s: s.k0),
    "k1": (((0.0, 100.0),), lambda s: s.k1),
    "besselj": (((2, 4), (0.0, 100.0)), lambda s: s.jn),
    "besseli": (((2, 4), (0.0, 100.0)), lambda s: s.iv),
    "bessely": (((2, 4), (0.1, 100.0)), lambda s: s.yn),
    "besselk": (((2, 4), (0.1, 100.0)), lambda s: s.kn),
    "besselj real": (((0.1, 20.0), (0.1, 100.0)), lambda s: s.jv),
    "bessely real": (((0.1, 20.0), (0.1, 100.0)), lambda s: s.yv),
    "besseli real": (((0.1, 20.0), (0.1, 100.0)), lambda s: s.iv),
    "besselk real": (((0.1, 20.0), (0.1, 100.0)), lambda s: s.kv),
    "gammaincinv": ((SHAPES, SHARE), lambda s: s.gammaincinv),
    "gammainccinv": ((SHAPES, SHARE), lambda s: s.gammainccinv),
    "betaincinv": ((SHAPES, SHAPES, SHARE), lambda s: s.betaincinv),
    "binom": (((0.1, 30.0), (0.1, 30.0)), lambda s: s.binom),
    "zeta": (((-10.0, 20.0),), lambda s: s.zeta),
    "hurwitz_zeta": (((1.1, 20.0), (0.1, 20.0)), lambda s: s.zeta),
    "dzeta": (((1, 1), (0, 0), (1.1, 20.0), (0.1, 20.0)), None),
    "polylog": (((-3.0, 6.0), (-1.0, 0.99)), None),
    "polylog 2": (((2, 2), (-1.0, 0.99)), lambda s: lambda n, a: s.spence(1.0 - a)),
    "dpolylog": (((1, 1), (-3.0, 6.0), (-1.0, 0.99)), None),
    "exp1": (((0.0, 30.0),), lambda s: s.exp1),
    "expi": (((-10.0, 50.0),), lambda s: s.expi),
    "sinint": (((-30.0, 30.0),), lambda s: lambda a: s.sici(a)[0]),
    "cosint": (((0.0, 30.0),), lambda s: lambda a: s.sici(a)[1]),
    "dsinc_radians": (((0, 2), (-30.0, 30.0)), None),
    "dawson": (((-10.0, 10.0),), lambda s: s.dawsn),
    "ddawson": (((1, 2), (-10.0, 10.0)), None),
    "exp_square": (((-5.0, 5.0),), None),
    "erfi": (((-5.0, 5.0),), lambda s: s.erfi),
    "fresnels": (((-10.0, 10.0),), lambda s: lambda a: s.fresnel(a)[0]),
    "fresnelc": (((-10.0, 10.0),), lambda s: lambda a: s.fresnel(a)[1]),
    "dfresnels": (((-10.0, 10.0),), None),
    "dfresnelc": (((-10.0, 10.0),), None),
    "wofz_imag": (((-10.0, 10.0), (0.0, 10.0)), lambda s: lambda a, b: s.wofz(a + 1j * b).imag),
    "dvoigt": (((1, 1), (-30.0, 30.0), (0.1, 3.0), (0.0, 3.0)), None),
    "wofz_real": (((-10.0, 10.0), (0.0, 10.0)), lambda s: lambda a, b: s.wofz(a + 1j * b).real),
    "voigt_profile": (((-30.0, 30.0), (0.1, 3.0), (0.0, 3.0)), lambda s: s.voigt_profile),
    "ellipk": (((-5.0, 1.0),), lambda s: s.ellipk),
    "ellipkm1": (((0.0, 2.0),), lambda s: s.ellipkm1),
    "ellipe": (((-5.0, 1.0),), lambda s: s.ellipe),
    "ellipkinc": (((-3.0, 3.0), (-5.0, 0.9)), lambda s: s.ellipkinc),
    "ellipeinc": (((-3.0, 3.0), (-5.0, 0.9)), lambda s: s.ellipeinc),
    "elliprf": (((0.01, 5.0),) * 3, lambda s: s.elliprf),
    "elliprd": (((0.01, 5.0),) * 3, lambda s: s.elliprd),
    "elliprc": (((0.01, 5.0),) * 2, lambda s: s.elliprc),
    "elliprg": (((0.01, 5.0),) * 3, lambda s: s.elliprg),
    "elliprj": (((0.01, 5.0),) * 4, lambda s: s.elliprj),
    "carlson": (((0, 0), (1, 1), (0, 0), (0, 0), (1, 1)) + ((0.01, 5.0),) * 4, None),
    "exprel": (((-30.0, 30.0),), lambda s: s.exprel),
    "owens_t": (((-5.0, 5.0), (-5.0, 5.0)), lambda s: s.owens_t),
    "hyp2f1": (((-3.0, 3.0), (-3.0, 3.0), (0.5, 5.0), (-2.0, 0.9)), lambda s: s.hyp2f1),
    "dhyp2f1": (((1, 1), (0, 0), (0, 0), (0, 0), (-3.0, 3.0), (-3.0, 3.0), (0.5, 5.0), (-2.0, 0.9)), None),
}  # fmt: skip


def elements(op: str, n: int) -> list[Any]:
    """n elements of each argument of an op."""
    rng = np.random.default_rng(1)
    made = []
    for low, high in ROWS[op][0]:
        whole = isinstance(low, int) and isinstance(high, int)
        made.append(rng.integers(low, high + 1, n).astype(float) if whole else rng.uniform(low, high, n))
    return made


def timed_elements(form: Callable[..., Any], op: str, n: int) -> int:
    """n, or fewer where a sample of fewer takes LONGEST seconds. Samples grow tenfold, as an element of an array costs
    the less the more there are."""
    some = 10
    with np.errstate(all="ignore"):
        while some < n:
            few = elements(op, some)
            start = process_time()
            form(*few)
            taken = process_time() - start
            if taken > LONGEST:
                return max(10, int(some * LONGEST / taken))
            some *= 10
    return n


def compared(op: str, n: int, special: Any, rounds: int) -> str:
    """A line of the table."""
    form = over_arrays(OPS[op.partition(" ")[0]])
    n = timed_elements(form, op, n)
    args = elements(op, n)
    theirs = ROWS[op][1]
    calls: dict[str, Contestant] = {"ours": Contestant(form, tuple(args))}
    if theirs is not None and special is not None:
        calls["SciPy"] = Contestant(theirs(special), tuple(args))
    with np.errstate(all="ignore"):
        found = measure(op, calls, "ours", "ns", n, rounds, seconds=0.01)
        line = f"{op:14} {n:9} {found.seconds['ours'] * 1e9:10.1f}"
        if "SciPy" not in calls:
            return line
        want = calls["SciPy"]()
        apart = np.abs(calls["ours"]() - want) / np.spacing(np.maximum(np.abs(want), 1e-307))
    other = found.seconds["SciPy"]
    ratio = found.seconds["ours"] / other
    return f"{line} {other * 1e9:10.1f} {ratio:8.2f} {np.nanmedian(apart):7.1f} {np.nanmax(apart):10.3g}"


def errors(op: str, special: Any) -> str:
    """A line of the table of SciPy's errors, in ulps."""
    theirs = ROWS[op][1]
    if theirs is None or " " in op:
        return ""
    bound, worst, beyond, count = max(OPS[op].ulps, 4.0), 0.0, 0, 0
    for args in arguments(op, digits.VALUES):
        exact = digits.exact_value(op, args)
        if mpmath.isfinite(exact):
            with np.errstate(all="ignore"):
                error = error_of(OPS[op], args, float(theirs(special)(*map(np.float64, args))), exact)
            worst, beyond, count = max(worst, error), beyond + (error > bound), count + 1
    return f"{op:14} {bound:10g} {worst:10.3g} {beyond:6} of {count}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--elements", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ops", default=",".join(ROWS))
    parser.add_argument("--errors", action="store_true", help="the errors of SciPy's functions in place of times")
    given = parser.parse_args()
    try:
        import scipy.special as special
    except ImportError:
        special = None
    if given.errors:
        print(f"{'op':14} {'bound, ulp':>10} {'SciPy':>10} {'beyond the bound':>16}")
        for line in filter(None, (errors(op, special) for op in given.ops.split(",") if special is not None)):
            print(line, flush=True)
        return
    print(f"{'op':14} {'elements':>9} {'ours, ns':>10} {'SciPy, ns':>10} {'ratio':>8} {'median':>7} {'most, ulp':>10}")
    for op in given.ops.split(","):
        print(compared(op, given.elements, special, given.rounds), flush=True)


if __name__ == "__main__":
    main()
