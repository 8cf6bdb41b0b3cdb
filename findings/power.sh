#!/bin/sh
# autograd 1.9.1: whether a point is a Python float or a NumPy float64 decides whether a power of it has a derivative.
# Expected: the same answer for the same number, however it is written, and nan where a real power has no value.
#
# 1. The derivative of x**1.5 at -1.0 is 9.2e-17, and that of x**2.5 at -2.0 is -1.3e-15: small real numbers, where the
#    value is nan, as value_and_grad says in one answer, (nan, 9.2e-17). The rule takes a power of the Python float, which is
#    complex and purely imaginary but for its rounding, and the real part stays. At np.float64(-1.0) the derivative is nan.
#    NumPy warns of the value in both cases. To a solver that leaves the domain by a step, and looks at the gradient alone,
#    the first is a stationary point.
#
# 2. The derivatives of sqrt and x**0.5 at 0.0 raise ZeroDivisionError, and those of arctan, arcsinh and arccosh at 1e200
#    raise OverflowError; at the same np.float64 they are inf, and 0.0. The derivative of log at 0.0 is inf either way.
#
# The rules of derivatives are arithmetic of Python's operators, and these follow the type of the point. Whoever calls
# autograd with numbers from JSON, or with literals, should wrap them first: np.float64(x).
#
# Needs Python 3.11 or later; installs pinned packages in a temporary folder. Fails if any of what is stated here is no longer
# so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check autograd==1.9.1 numpy==2.4.6

cat >points.py <<'END'
import sys
import warnings
from importlib.metadata import version

import autograd.numpy as anp
import numpy as np
from autograd import grad, value_and_grad


def answer(f, x):
    try:
        return repr(float(f"{grad(f)(x):.1e}"))
    except ArithmeticError as error:
        return type(error).__name__


def expect(name, f, x, of_float, of_float64):
    found = answer(f, float(x)), answer(f, np.float64(x))
    print(f"d {name:<7} at {x:<6}  float: {found[0]:<18} np.float64: {found[1]}")
    if found != (of_float, of_float64):
        sys.exit(f"no longer so: {of_float} and {of_float64} are stated")


warnings.simplefilter("ignore")  # of a nan, and of a division by zero
print(f"autograd {version('autograd')}, NumPy {np.__version__}")
expect("x**1.5", lambda x: x**1.5, -1.0, "9.2e-17", "nan")
expect("x**2.5", lambda x: x**2.5, -2.0, "-1.3e-15", "nan")
expect("x**0.5", lambda x: x**0.5, 0.0, "ZeroDivisionError", "inf")
expect("sqrt", anp.sqrt, 0.0, "ZeroDivisionError", "inf")
expect("log", anp.log, 0.0, "inf", "inf")
expect("arctan", anp.arctan, 1e200, "OverflowError", "0.0")
expect("arcsinh", anp.arcsinh, 1e200, "OverflowError", "0.0")
expect("arccosh", anp.arccosh, 1e200, "OverflowError", "0.0")
value, slope = map(float, value_and_grad(lambda x: x**1.5)(-1.0))
print(f"value and derivative of x**1.5 at -1.0: {value}, {slope:.1e}")
if value == value or not 0 < slope < 1e-16:
    sys.exit("no longer so: a value that is nan, with a derivative that is not, are stated")
END
env/bin/python points.py
