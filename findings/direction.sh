#!/bin/sh
# NumPy 2.4.6: the last digits of a function's values depend on the direction that its argument lies in. Read backwards,
# `x[::-1]` holds the same numbers, but np.sinh gives other values for a quarter of them (2087 of 8000 here, by up to 2
# units in the last place), np.cbrt for almost half (3780, by up to 3), np.exp for 389, np.exp2 for 427, np.tan for 47,
# np.log for 8, np.arctan for 5; np.sin, np.cos and np.tanh for none. A step of 2, `x[::2]`, changes nothing, nor does an
# array with Fortran's order: a negative step alone takes the way without vector instructions.
#
# So is it on x86-64 with AVX-512; with NPY_DISABLE_CPU_FEATURES=X86_V4 both directions agree, and so they do on a
# processor without it, where this has nothing to show. Whoever compares two ways of computing bit for bit, or keeps
# answers as a reference, should copy a view that runs backwards first (np.ascontiguousarray).
#
# Needs Python 3.11 or later on Linux, x86-64; installs pinned packages in a temporary folder. Fails if any of what is
# stated here is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check numpy==2.4.6

cat >compare.py <<'END'
import sys
import numpy as np
from numpy._core._multiarray_umath import __cpu_features__ as features

wide = features["AVX512_SKX"]
x = np.linspace(0.1, 20, 8000)
for name in "sinh cbrt exp exp2 tan log arctan sin cos tanh".split():
    f = getattr(np, name)
    forwards, backwards = f(x), f(x[::-1])[::-1]
    differ = int((forwards != backwards).sum())
    by = (np.abs(forwards - backwards) / np.spacing(np.abs(forwards))).max()
    print(f"{name:7}{differ:5} of {len(x)} differ, by up to {by:.0f} units in the last place")
    expected = wide and name not in ("sin", "cos", "tanh")
    turned = f(np.asfortranarray(x.reshape(80, 100))).ravel()
    others = np.array_equal(forwards[::2], f(x[::2])) and np.array_equal(forwards, turned)
    if (differ > 0) != expected or not others:
        sys.exit(f"{name}: no longer so")
END

grep -qw avx512vl /proc/cpuinfo || echo "no AVX-512 here: both directions agree"
env/bin/python compare.py
echo "the same without AVX-512:"
NPY_DISABLE_CPU_FEATURES=X86_V4 env/bin/python compare.py
