#!/bin/sh
# soerp 1.0.1, error propagation to second order: the square of a quantity whose mean is 0 is half of its square. Expected:
# x**2 and x*x are the same, and continuous in the mean of x.
#
#   x of the normal distribution N(0, 1): x**2 has the mean 0.5 and the variance 0.5, and x*x has 1 and 2, as chi-squared has;
#   N(1e-9, 1)**2 has 1 and 2 as well, so has N(0.01, 1)**2 but for 4e-4;
#   a uniform distribution on [-1, 1]: 1/6 and 1/45, and 1/3 and 4/45 for x*x, which are exact;
#   (x - y)**2 of two equal normal distributions, and x**2 + y**2: a half of the mean, and a quarter of the variance;
#   x**1 has an infinite mean, and x**0 the mean nan, where x has 0, and 1 is a constant.
#
# Where the mean is within 1e-10 of 0 the power takes a branch of its own, and there the second derivative of x**2 is 1, that
# of x**1 infinite, and that of x**0 too. A factor changes neither skewness nor kurtosis, so those of x**2 are right, and
# hide it. Squares of deviations, whose mean is 0 by design, are the very thing that second-order propagation is for: the
# first order gives 0. Write x*x for x**2.
#
# Needs Python 3.11 or later; installs pinned packages in a temporary folder. Fails if any of this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check soerp==1.0.1 scipy==1.17.1 numpy==2.4.6

cat >moments.py <<'END'
import math
import sys

from soerp import N, U


def expect(text, found, stated):
    mean, variance, skewness, kurtosis = map(float, found.moments())
    print(f"{text:28}mean {mean:.6f}, variance {variance:.6f}, skewness {skewness:.4f}, kurtosis {kurtosis:.4f}")
    if not all(math.isclose(a, b, rel_tol=1e-6) for a, b in zip((mean, variance), stated)):
        sys.exit(f"no longer so: {stated} are stated")


x, y, even = N(0, 1), N(0, 1), U(-1, 1)
expect("x**2", x**2, (0.5, 0.5))
expect("x*x", x * x, (1, 2))
expect("N(1e-9, 1)**2", N(1e-9, 1) ** 2, (1, 2))
expect("N(0.01, 1)**2", N(0.01, 1) ** 2, (1.0001, 2.0004))
expect("(N(3, 1) - 3)**2", (N(3, 1) - 3) ** 2, (0.5, 0.5))
expect("uniform**2", even**2, (1 / 6, 1 / 45))
expect("uniform*uniform, the same", even * even, (1 / 3, 4 / 45))
expect("(x - y)**2", (x - y) ** 2, (1, 2))
expect("(x - y)*(x - y)", (x - y) * (x - y), (2, 8))
expect("x**2 + y**2", x**2 + y**2, (1, 1))
expect("x*x + y*y", x * x + y * y, (2, 4))
for text, found, of_x in (("x**1", x**1, x), ("x**0", x**0, x * 0 + 1)):
    print(f"{text:28}mean {found.mean}, and of the same without a power {of_x.mean}")
    if math.isfinite(found.mean) or not math.isfinite(of_x.mean):
        sys.exit("no longer so: a mean that is not finite is stated")
for mean in (-1.0, 3.0):
    z = N(mean, 1)
    expect(f"N({mean:g}, 1)**2", z**2, (mean**2 + 1, 4 * mean**2 + 2))
END
env/bin/python moments.py
