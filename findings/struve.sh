#!/bin/sh
# SciPy 1.17.1: scipy.special.itstruve0(x), the integral of the Struve function H0 from 0 to x, jumps by 2.2 at x = 30, and is
# wrong from there on. Expected: its derivative is struve(0, x), on both sides of a change of method.
#
# Below 30 it is a power series, which has lost digits by then, and still has five at 29.99. Above, an asymptotic expansion
# gives 5.28 at 30.01 (true: 3.06), 0.0013 at 40 (3.15), 6.45 at 80 (3.67): it swings by about 3 around the logarithm
# that it should follow closely, and its slope is wrong in size and in sign. The documentation names the source of the
# method, and no range; its example draws the function up to 20.
#
# Beyond 30 add an integral from 30 by quadrature to the value at 30. The same integral of the modified function L0,
# itmodstruve0, has the right slope at 5, 12 and 30.
#
# Needs Python 3.11 or later; installs pinned packages in a temporary folder. Fails if any of this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check scipy==1.17.1 numpy==2.4.6

cat >integral.py <<'END'
import sys

from scipy.integrate import quad
from scipy.special import itmodstruve0, itstruve0, modstruve, struve


def slope(f, x):
    """A central difference of fourth order."""
    h = 1e-3
    return (f(x - 2 * h) - 8 * f(x - h) + 8 * f(x + h) - f(x + 2 * h)) / (12 * h)


def hold(true, where):
    if not true:
        sys.exit(f"no longer so: {where}")


print(f"{'x':>7}  itstruve0  by quadrature  slope of itstruve0   H0(x)")
for x, found in ((5.0, None), (20.0, None), (29.99, None), (30.01, 5.285), (35.0, 2.207), (40.0, 0.001293), (80.0, 6.455)):
    by_quadrature = quad(lambda t: struve(0, t), 0, x, limit=400, epsabs=1e-11)[0]
    values = itstruve0(x), by_quadrature, slope(itstruve0, x), struve(0, x)
    print("{:7}  {:9.6f}  {:13.6f}  {:18.5f}  {:6.5f}".format(x, *values))
    if found is None:
        hold(abs(values[0] - values[1]) < 1e-4, f"right at {x}")
    else:
        hold(abs(values[0] - found) < 1e-2 and abs(values[0] - values[1]) > 0.9, f"wrong at {x}")
        hold(abs(values[2] - values[3]) > 0.05, f"a slope that is wrong at {x}")
print(f"the jump at 30: {itstruve0(30 + 1e-9) - itstruve0(30 - 1e-9):.4f}")
hold(2.1 < itstruve0(30 + 1e-9) - itstruve0(30 - 1e-9) < 2.3, "the jump")
for x in (5.0, 12.0, 30.0):
    hold(abs(slope(itmodstruve0, x) / modstruve(0, x) - 1) < 1e-5, f"itmodstruve0 at {x}")
END
env/bin/python integral.py
