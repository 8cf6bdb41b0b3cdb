#!/bin/sh
# num-dual 0.15.1 (the wheel num_dual for Python): right at zero and wrong beside it, or the other way about. Expected of
# derivatives by dual numbers: exact but for rounding, at a point and at its neighbours.
#
# 1. The spherical Bessel functions are quotients of sin(x) and cos(x) over powers of x, down to x = 2.2e-16. At 0 itself a
#    series takes over, and values and derivatives are right, but for the third of sph_j1, which is 0 instead of -1/5. Between,
#    they cancel, each order of derivative worse:
#
#      sph_j2(1e-8) is -1, with the derivative 3.3e8; they are 6.7e-18 and 1.3e-9;
#      sph_j1(1e-8) has the derivative 1.11 instead of 1/3, and the second derivative -2.4e8 instead of -2e-9;
#      sph_j0(1e-8) has the second derivative 0 instead of -1/3, and at 1e-6 the third is -1024 instead of 2e-7;
#      at x = 0.001 the third derivative of sph_j2 is 8.87 instead of -0.000114.
#
# 2. x**p at 0, with p = 1.5 or 2.5: all is nan, also the value and the first derivative, which are both 0. For p = 2 and
#    3.5 all is as it should be. The power is taken as x**(p - 3), and multiplied by x three times, in first_derivative as
#    in third_derivative: infinity times 0. So is it at 1e-300, where x**1.5 is inf, with the derivative inf.
#
# A grid in r that begins at 0 has the right first point, and then a few that are not. Below 0.1 take a series,
# x*x/15*(1 - x*x/14*(1 - x*x/36)) for j2; and test for 0 before a power that is no integer.
#
# Needs Python 3.11 or later on Linux, x86-64; installs a pinned package in a temporary folder. Fails if any of this is no
# longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check num_dual==0.15.1 numpy==2.4.6

cat >beside.py <<'END'
import math
import sys

from num_dual import first_derivative, third_derivative

ORDERS = ("value", "first", "second", "third")


def double_factorial(n):
    return math.prod(range(n, 0, -2))


def series(n, x):
    """The spherical Bessel function of order n near 0, and its three derivatives: DLMF 10.53.1, term by term."""
    found = [0.0] * 4
    for k in range(8):
        power = n + 2 * k
        factor = (-0.5) ** k / (math.factorial(k) * double_factorial(2 * n + 2 * k + 1))
        for order in range(min(power, 3) + 1):
            found[order] += factor * math.perm(power, order) * x ** (power - order)
    return found


def bessel(n, x):
    return third_derivative(lambda t: (t.sph_j0, t.sph_j1, t.sph_j2)[n](), x)


def hold(true, where):
    if not true:
        sys.exit(f"no longer so: {where}")


print("spherical Bessel functions, where they go wrong: found, true")
for n, x, orders in ((0, 1e-8, (2,)), (0, 1e-6, (3,)), (1, 1e-8, (1, 2)), (2, 1e-8, (0, 1, 2, 3)), (2, 1e-3, (3,))):
    for order in orders:
        found, true = bessel(n, x)[order], series(n, x)[order]
        print(f"  j{n}({x:g}), {ORDERS[order]:8}{found:12.4g}{true:12.4g}")
        hold(abs(found - true) > 0.3 * max(abs(true), 1), f"j{n}({x})")
for n in (0, 1, 2):
    found, true = list(bessel(n, 0.0)), series(n, 0.0)
    hold(all(abs(a - b) < 1e-15 for a, b in zip(found[: 4 - n % 2], true)), f"j{n}(0) is right")
    hold(all(abs(a - b) < 1e-6 for a, b in zip(bessel(n, 0.3), series(n, 0.3))), f"j{n}(0.3) is right")

print(f"  j1(0), third    {bessel(1, 0.0)[3]:12.4g}{series(1, 0.0)[3]:12.4g}")
hold(bessel(1, 0.0)[3] == 0, "the third derivative of j1 at 0")

print("powers: value and first derivative")
for x, p, stated in ((0.0, 1.5, "nan nan"), (0.0, 2.5, "nan nan"), (0.0, 2, "0.0 0.0"), (0.0, 3.5, "0.0 0.0"),
                     (1e-300, 1.5, "inf inf")):
    found = "{} {}".format(*first_derivative(lambda t: t**p, x))
    print(f"  {x:g}**{p:<4}{found}")
    hold(found == stated, f"{x}**{p}")
END
env/bin/python beside.py
