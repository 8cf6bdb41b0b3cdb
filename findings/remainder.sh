#!/bin/sh
# DuckDB 2.0.1: four ways to divide with a remainder, and no two of them are of one kind. Expected of floating numbers, as in
# C, NumPy and Python: fmod has the sign of the first argument, `//` is a floor, and (a // b)*b + a % b is a.
#
#   a // b on DOUBLE divides and nothing more: 7.5 // 2 is 3.75, though 7 // 2 is 3 (on integers it truncates: -7 // 2 is -3);
#   fdiv(a, b)       is the floor: fdiv(-7.5, 2) is -4;
#   a % b, mod       have the sign of a, as C's fmod: -7.5 % 2 is -1.5;
#   fmod(a, b)       has the sign of b, unlike C's function of this name, and Python's math.fmod: fmod(-7.5, 2) is 0.5.
#
# So (a // b)*b + a % b is -9 for a = -7.5 and b = 2, and the pairs that belong together are fdiv with fmod, and trunc(a/b)
# with %. Whoever translates a formula to DuckDB writes a % b for C's fmod, and floor(a/b) for `//`.
#
# Needs Python 3.10 or later; installs a pinned package in a temporary folder. Fails if any of what is stated here is no
# longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check duckdb==2.0.1

cat >divide.py <<'END'
import math
import sys

import duckdb

connection = duckdb.connect()
STATED = {
    "7.5e0 // 2e0": 3.75, "7 // 2": 3, "-7 // 2": -3, "fdiv(-7.5e0, 2e0)": -4.0, "-7.5e0 % 2e0": -1.5,
    "mod(-7.5e0, 2e0)": -1.5, "fmod(-7.5e0, 2e0)": 0.5, "fmod(7.5e0, -2e0)": -0.5,
    "(-7.5e0 // 2e0)*2e0 + (-7.5e0 % 2e0)": -9.0, "fdiv(-7.5e0, 2e0)*2e0 + fmod(-7.5e0, 2e0)": -7.5,
}
for text, stated in STATED.items():
    (found,) = connection.execute(f"SELECT {text}").fetchall()[0]
    print(f"{text:44}{found}")
    if found != stated:
        sys.exit(f"no longer so: {stated} is stated")
print(f"Python: math.fmod(-7.5, 2)                  {math.fmod(-7.5, 2.0)}, and 7.5 // 2 is {7.5 // 2}")
END
env/bin/python divide.py
