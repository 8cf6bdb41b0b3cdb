"""Rows: Gauss's hypergeometric function on the real line.

An op of its own gives the derivatives of every order in each argument, with the orders as its first arguments.
"""

from __future__ import annotations

from ..floats import hypergeometric
from ..row import Notation, Op

LARGEST = f"[-{hypergeometric.HYPER_LARGEST:g}, {hypergeometric.HYPER_LARGEST:g}]"
ORDER, BELOW_ONE = f"[0, {hypergeometric.HYPER_ORDERS:g}]", "(-inf, 1)"
NO_POLE = "(c > 0 or c != floor(c))"
WHOLE = " and ".join(f"{n} == floor({n})" for n in "ijkn")
IN_FIXED_POINT = (
    "in pairs of floats, and where too much cancels in fixed point, with all digits, derivatives in the parameters by "
    "differences there"
)

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("hyp2f1", "a b c z", hypergeometric.hyp2f1,
       ("dhyp2f1(1, 0, 0, 0, a, b, c, z)", "dhyp2f1(0, 1, 0, 0, a, b, c, z)", "dhyp2f1(0, 0, 1, 0, a, b, c, z)",
        "dhyp2f1(0, 0, 0, 1, a, b, c, z)"),
       ("hypergeometric",), domain=(LARGEST, LARGEST, LARGEST, BELOW_ONE), provided=NO_POLE,
       notation=Notation(latex=r"{}_2F_1\left(#1, #2; #3; #4\right)"),
       doc="Gauss's hypergeometric function F(a, b; c; z) for real z < 1 and parameters of up to "
           f"{hypergeometric.HYPER_LARGEST:g}.",
       source=f"DLMF 15.2.1, 15.8.1 and 15.8.4, {IN_FIXED_POINT}"),
    Op("dhyp2f1", "i j k n a b c z", hypergeometric.dhyp2f1,
       (None, None, None, None, "dhyp2f1(i + 1, j, k, n, a, b, c, z)", "dhyp2f1(i, j + 1, k, n, a, b, c, z)",
        "dhyp2f1(i, j, k + 1, n, a, b, c, z)", "dhyp2f1(i, j, k, n + 1, a, b, c, z)"),
       domain=(*(ORDER,) * 4, LARGEST, LARGEST, LARGEST, BELOW_ONE),
       provided=f"{WHOLE} and i + j + k + n <= {hypergeometric.HYPER_ORDERS:g} and {NO_POLE}",
       notation=Notation(
           latex=r"\partial_{#5}^{#1} \partial_{#6}^{#2} \partial_{#7}^{#3} \partial_{#8}^{#4} "
                 r"{}_2F_1\left(#5, #6; #7; #8\right)"), of_rules=True,
       doc="The derivative of hyp2f1, i times in a, j in b, k in c and n in z, "
           f"for i + j + k + n = 0, 1, …, {hypergeometric.HYPER_ORDERS:g}.",
       source=f"DLMF 15.5.2, {IN_FIXED_POINT}"),
)
