#!/bin/sh
# SymPy 1.14.0 with mpmath 1.3.0 and SciPy 1.17.1: lambdify turns some functions into others. Expected: the numbers that
# evalf gives, or an error where the module has no such function.
#
#   betainc_regularized   mpmath   the incomplete beta function itself, without the division by beta(a, b): 0.0764 instead of
#                                  0.9163 at (2, 3, 0, 0.7), for a probability. Right with "scipy".
#   euler(n)              mpmath   Euler's constant, rounded to n bits: 0.5625 for n = 4, and E4 is 5.
#                         scipy    an array of all the numbers up to the n-th: [1, 0, -1, 0, 5].
#   bernoulli(n)          mpmath   n is cut to an integer, so bernoulli(2.5) is 0.1667 instead of 0.0637, and bernoulli(1) is
#                                  -1/2, where SymPy has +1/2.
#   factorial(x)          scipy    0 for all x below 0: at -0.7 it is gamma(0.3), 2.99.
#
# A name that SymPy's printer does not know is passed on as it stands, and Python finds something of that name in the
# module; for betainc_regularized a table of translations leads to mpmath's betainc, and its argument `regularized` is not
# given. The derivative in x of betainc_regularized is right, as no such function is left in it: value and slope of one
# expression do not belong together, and a Newton iteration for a quantile ends elsewhere, in silence.
#
# Check a lambdified expression against evalf at one point. lambdify takes a dictionary of functions before the module,
# [{"betainc_regularized": ...}, "mpmath"]; or rewrite first, as in factorial(x).rewrite(gamma).
#
# Needs Python 3.11 or later; installs pinned packages in a temporary folder. Fails if any of this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check sympy==1.14.0 mpmath==1.3.0 scipy==1.17.1 numpy==2.4.6

cat >names.py <<'END'
import sys

import mpmath
import numpy as np
import sympy

x, n = sympy.symbols("x n")
beta = sympy.betainc_regularized(2, 3, 0, x)


def expect(text, symbol, expression, at, module, stated, exact):
    found = np.asarray(sympy.lambdify(symbol, expression, module)(at), dtype=float)
    evaluated = float(expression.subs(symbol, at).evalf())
    name = module if isinstance(module, str) else "given, mpmath"
    print(f"{text:36}{name:16}{np.array2string(found, precision=4):24}evalf: {evaluated:.4g}")
    if found.shape != np.shape(stated) or not np.allclose(found, stated) or not np.isclose(evaluated, exact):
        sys.exit(f"no longer so: {stated} and {exact} are stated")


area = 0.7**2 / 2 - 2 * 0.7**3 / 3 + 0.7**4 / 4  # the integral of t (1 - t)^2 from 0 to 0.7
expect("betainc_regularized(2, 3, 0, 0.7)", x, beta, 0.7, "mpmath", area, 12 * area)
expect("betainc_regularized(2, 3, 0, 0.7)", x, beta, 0.7, "scipy", 12 * area, 12 * area)
expect("  with a function given", x, beta, 0.7,
       [{"betainc_regularized": lambda *given: mpmath.betainc(*given, regularized=True)}, "mpmath"], 12 * area, 12 * area)
expect("  its derivative in x", x, beta.diff(x), 0.7, "mpmath", 12 * 0.7 * 0.3**2, 12 * 0.7 * 0.3**2)
expect("euler(4)", n, sympy.euler(n), 4, "mpmath", 0.5625, 5)
expect("euler(10)", n, sympy.euler(n), 10, "mpmath", 0.5771484375, -50521)
expect("euler(4)", n, sympy.euler(n), 4, "scipy", [1, 0, -1, 0, 5], 5)
expect("bernoulli(2.5)", n, sympy.bernoulli(n), 2.5, "mpmath", 1 / 6, 0.06371300472)
expect("bernoulli(1)", n, sympy.bernoulli(n), 1, "mpmath", -0.5, 0.5)
expect("factorial(-0.7)", x, sympy.factorial(x), -0.7, "scipy", 0, 2.991568988)
expect("factorial(-0.7).rewrite(gamma)", x, sympy.factorial(x).rewrite(sympy.gamma), -0.7, "scipy", 2.991568988, 2.991568988)
END
env/bin/python names.py
