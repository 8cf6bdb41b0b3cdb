"""The exponential, the logarithm, the sine and the cosine over the lanes of a vector, written as instructions.

They stay in registers, where a call of a library's function would write all of them to memory and read them back. Each
reduces its argument, then runs a polynomial; special values are selected. They need the fused multiply-add, whose
single rounding the reductions rely on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...ground.tuples import Protocol


class LaneSink(Protocol):
    """Where instructions are written: a `LaneWriter`. D, T and I in a form stand for the types of floats, of truth
    values and of integers over lanes."""

    width: int

    def form(self, form: str, *args: str) -> str: ...

    def number(self, a: float) -> str: ...

    def integer(self, a: int) -> str: ...

    def guarded(self, ok: str, value: str, key: str, args: Sequence[str]) -> str:
        """`value` where all lanes are ok; else that of a function of C's library, lane by lane."""


# Bounds on the errors, in units in the last place; tests/kernels/test_lane_accuracy.py measures them against mpmath.
ULPS = {"math.exp": 1.1, "math.log": 0.9, "math.sin": 1.6, "math.cos": 1.6}
# Added to a float of up to 2^51, it leaves the nearest integer in the low bits.
SHIFT = 6755399441055744.0
SHIFT_BITS, ONE_BITS = 0x4338000000000000, 0x3FF0000000000000
LN_2, LN_2_TAIL, LOG_E = 0.6931471805599453, 2.3190468138462996e-17, 1.4426950408889634
# (exp(r) - 1 - r)/r^2 for |r| <= log(2)/2, interpolated at Chebyshev's points: relative error of exp 1.6e-17
EXP = (
    0.5000000000000001, 0.16666666666666669, 0.04166666666662399, 0.008333333333330051, 0.0013888888917281794,
    0.00019841269863105968, 2.480152119021773e-05, 2.7557268378684192e-06, 2.7620138719733994e-07,
    2.5100424157005067e-08,
)  # fmt: skip
# pi/2 as a sum, and 2/pi
HALF_PI = (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33)
TWO_OVER_PI = 0.6366197723675814
# The largest argument of a sine and a cosine that three parts of pi/2 reduce.
FAR = 2.0**30
# Sun's fdlibm: k_sin.c, k_cos.c, e_log.c
SIN = (
    -1.66666666666666324348e-01, 8.33333333332248946124e-03, -1.98412698298579493134e-04, 2.75573137070700676789e-06,
    -2.50507602534068634195e-08, 1.58969099521155010221e-10,
)  # fmt: skip
COS = (
    4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05, -2.75573143513906633035e-07,
    2.08757232129817482790e-09, -1.13596475577881948265e-11,
)  # fmt: skip
LOG = (
    6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
    1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
)  # fmt: skip
LN_2_HIGH, LN_2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
ROOT_HALF_BITS = 0x3FE6A09E667F3BCD
LEAST_NORMAL = 2.2250738585072014e-308


def fma(w: LaneSink, a: str, b: str, c: str) -> str:
    return w.form("call D @llvm.fma.f64(D {}, D {}, D {})", a, b, c)


def polynomial(w: LaneSink, x: str, coefficients: Sequence[float]) -> str:
    """The value of a polynomial, by pairs, pairs of pairs, and so on (Estrin): few steps depend on each other."""
    terms = [w.number(c) for c in coefficients]
    while len(terms) > 1:
        pairs = [fma(w, terms[k + 1], x, terms[k]) for k in range(0, len(terms) - 1, 2)]
        terms = pairs + terms[len(terms) - len(terms) % 2 :]
        if len(terms) > 1:
            x = w.form("fmul D {0}, {0}", x)
    return terms[0]


def exp(w: LaneSink, x: str) -> str:
    high, low = w.number(710.0), w.number(-746.0)
    a = w.form("select T {}, D {}, D {}", w.form("fcmp ogt D {}, {}", x, high), high, x)
    a = w.form("select T {}, D {}, D {}", w.form("fcmp olt D {}, {}", x, low), low, a)
    shift = w.number(SHIFT)
    k = w.form("fsub D {}, {}", fma(w, a, w.number(LOG_E), shift), shift)
    minus = w.form("fneg D {}", k)
    r = fma(w, minus, w.number(LN_2_TAIL), fma(w, minus, w.number(LN_2), a))
    y = fma(w, w.form("fmul D {0}, {0}", r), polynomial(w, r, EXP), r)
    y = w.form("fadd D {}, {}", y, w.number(1.0))
    # 2^k in two factors, as k may lie beyond the exponents of floats; the second product rounds subnormals.
    t = fma(w, k, w.number(0.5), shift)
    half = w.form("fsub D {}, {}", t, shift)
    other = w.form("fadd D {}, {}", w.form("fsub D {}, {}", k, half), shift)
    y = w.form("fmul D {}, {}", y, _power_of_two(w, t))
    return w.form("fmul D {}, {}", y, _power_of_two(w, other))


def _power_of_two(w: LaneSink, shifted: str) -> str:
    """2^k from k + SHIFT."""
    bits = w.form("shl I {}, {}", w.form("bitcast D {} to I", shifted), w.integer(52))
    return w.form("bitcast I {} to D", w.form("add I {}, {}", bits, w.integer(ONE_BITS)))


def log(w: LaneSink, x: str) -> str:
    small = w.form("fcmp olt D {}, {}", x, w.number(LEAST_NORMAL))
    scaled = w.form("select T {}, D {}, D {}", small, w.form("fmul D {}, {}", x, w.number(2.0**54)), x)
    bits = w.form("bitcast D {} to I", scaled)
    exponent = w.form("ashr I {}, {}", w.form("sub I {}, {}", bits, w.integer(ROOT_HALF_BITS)), w.integer(52))
    m = w.form("bitcast I {} to D", w.form("sub I {}, {}", bits, w.form("shl I {}, {}", exponent, w.integer(52))))
    k = w.form("bitcast I {} to D", w.form("add I {}, {}", exponent, w.integer(SHIFT_BITS)))
    k = w.form("fsub D {}, {}", k, w.number(SHIFT))
    k = w.form("select T {}, D {}, D {}", small, w.form("fsub D {}, {}", k, w.number(54.0)), k)
    f = w.form("fsub D {}, {}", m, w.number(1.0))
    s = w.form("fdiv D {}, {}", f, w.form("fadd D {}, {}", f, w.number(2.0)))
    z = w.form("fmul D {0}, {0}", s)
    rest = w.form("fmul D {}, {}", z, polynomial(w, z, LOG))
    square = w.form("fmul D {}, {}", w.form("fmul D {0}, {0}", f), w.number(0.5))
    inner = fma(w, s, w.form("fadd D {}, {}", square, rest), w.form("fmul D {}, {}", k, w.number(LN_2_LOW)))
    y = w.form("fsub D {}, {}", w.form("fsub D {}, {}", square, inner), f)
    y = w.form("fsub D {}, {}", w.form("fmul D {}, {}", k, w.number(LN_2_HIGH)), y)
    infinite, nan = w.number(float("inf")), w.number(float("nan"))
    y = w.form("select T {}, D {}, D {}", w.form("fcmp oeq D {}, {}", x, infinite), infinite, y)
    y = w.form("select T {}, D {}, D {}", w.form("fcmp ugt D {}, {}", x, w.number(0.0)), y, nan)
    y = w.form("select T {}, D {}, D {}", w.form("fcmp uno D {0}, {0}", x), x, y)
    return w.form("select T {}, D {}, D {}", w.form("fcmp oeq D {}, {}", x, w.number(0.0)), w.number(-float("inf")), y)


def sin(w: LaneSink, x: str) -> str:
    return _circular(w, x, 0)


def cos(w: LaneSink, x: str) -> str:
    return _circular(w, x, 1)


def _circular(w: LaneSink, x: str, quarter: int) -> str:
    """sin(x + quarter*pi/2)."""
    shift = w.number(SHIFT)
    t = fma(w, x, w.number(TWO_OVER_PI), shift)
    minus = w.form("fneg D {}", w.form("fsub D {}, {}", t, shift))
    r = x
    for part in HALF_PI:
        r = fma(w, minus, w.number(part), r)
    z = w.form("fmul D {0}, {0}", r)
    s = fma(w, w.form("fmul D {}, {}", r, z), polynomial(w, z, SIN), r)
    half = w.form("fmul D {}, {}", z, w.number(0.5))
    one = w.number(1.0)
    top = w.form("fsub D {}, {}", one, half)
    tail = w.form("fsub D {}, {}", w.form("fsub D {}, {}", one, top), half)
    c = w.form("fadd D {}, {}", top, fma(w, w.form("fmul D {0}, {0}", z), polynomial(w, z, COS), tail))
    turns = w.form("bitcast D {} to I", t)
    if quarter:
        turns = w.form("add I {}, {}", turns, w.integer(1))
    odd = w.form("icmp ne I {}, {}", w.form("and I {}, {}", turns, w.integer(1)), w.integer(0))
    y = w.form("select T {}, D {}, D {}", odd, c, s)
    sign = w.form("shl I {}, {}", w.form("and I {}, {}", turns, w.integer(2)), w.integer(62))
    y = w.form("bitcast I {} to D", w.form("xor I {}, {}", w.form("bitcast D {} to I", y), sign))
    if not quarter:
        y = w.form("select T {}, D {}, D {}", w.form("fcmp oeq D {}, {}", x, w.number(0.0)), x, y)
    near = w.form("fcmp olt D {}, {}", w.form("call D @llvm.fabs.f64(D {})", x), w.number(FAR))
    return w.guarded(near, y, "math.cos" if quarter else "math.sin", (x,))


FORMS: dict[str, Callable[[LaneSink, str], str]] = {
    "math.exp": exp, "math.log": log, "math.sin": sin, "math.cos": cos,
}  # fmt: skip
