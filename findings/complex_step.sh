#!/bin/sh
# numexpr 2.14.2: the complex step, f(x + ih).imag / h with h = 1e-20, gives 0 for the derivatives of arctan, arcsin and
# arccos, all over their domains. Expected: the derivative to the last digits, as for NumPy's functions of the same names,
# and for numexpr's own others (exp, log, log10, log1p, expm1, sqrt, sin, cos, tan, sinh, cosh, tanh, arcsinh, powers and
# quotients are tried here).
#
# The three add iz, with its small part, to a number near 1 before they take a logarithm, and lose it there. A larger step
# does not save them: with h = 1e-9 the derivative of arctan has seven digits, with 1e-13 three. The values are right, so
# no test of values sees it, and a derivative of zero is one that an optimiser believes. Beyond 1, arcsin and arccos also
# lie on the other side of their cut: arcsin(3 + 0j) is 1.57 - 1.76j, and NumPy's 1.57 + 1.76j.
#
# So is it with the wheels for Linux, x86-64, which are built without Intel's VML. For complex steps take NumPy's three
# functions, or differences with real numbers.
#
# Needs Python 3.11 or later on Linux, x86-64; installs pinned packages in a temporary folder. Fails if any of this is no
# longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check numexpr==2.14.2 numpy==2.4.6

cat >step.py <<'END'
import sys

import numexpr
import numpy as np


def steps(text, x, h):
    """The derivative by a complex step, of numexpr and of NumPy."""
    z = np.array([complex(x, h)])
    return (float(numexpr.evaluate(text, {"z": z}).imag[0]) / h, float(eval(text, vars(np) | {"z": z}).imag[0]) / h)


def hold(true, where):
    if not true:
        sys.exit(f"no longer so: {where}")


print("derivatives by a complex step of 1e-20: numexpr, NumPy")
for x in (-0.7, 0.0, 0.3, 0.9):
    for name, exact in (("arctan", 1 / (1 + x * x)), ("arcsin", (1 - x * x) ** -0.5), ("arccos", -((1 - x * x) ** -0.5))):
        found, reference = steps(f"{name}(z)", x, 1e-20)
        print(f"  {name}({x:4})  {found:6.3f}  {reference:6.3f}")
        hold(found == 0 and abs(reference - exact) < 1e-14, name)
for text in ("exp(z)", "log(z)", "log10(z)", "log1p(z)", "expm1(z)", "sqrt(z)", "sin(z)", "cos(z)", "tan(z)", "sinh(z)",
             "cosh(z)", "tanh(z)", "arcsinh(z)", "z**3", "z**0.5", "z**2.5", "z**z", "1/z", "z/(1 + z)"):
    found, reference = steps(text, 0.3, 1e-20)
    hold(abs(found - reference) <= 1e-13 * abs(reference), text)
for x, h in ((0.3, 1e-9), (0.3, 1e-13)):
    found, reference = steps("arctan(z)", x, h)
    print(f"arctan({x}), step {h}: {found:.12f}, {reference:.12f}")
    hold(abs(found - reference) > 1e-9, "a larger step")
three = np.array([3 + 0j])
found, reference = numexpr.evaluate("arcsin(three)")[0], np.arcsin(three)[0]
print(f"arcsin(3 + 0j): {found:.3f}, {reference:.3f}")
hold(found.imag < -1.7 and reference.imag > 1.7, "the side of the cut")
END
env/bin/python step.py
