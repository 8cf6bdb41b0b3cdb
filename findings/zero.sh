#!/bin/sh
# Two engines lose a zero's sign, and with it the side of a pole. Expected: the answers of IEEE 754, which NumPy gives, and
# the same answer however a zero is written.
#
# 1. Polars 2.1.0: a column that a number is added to, or taken from, is copied or negated if the number is 0. So 0.0 - x is
#    -0.0 where x is 0.0, and x + 0.0 is -0.0 where x is -0.0; both are 0.0 by IEEE 754. 1/(0.0 - x) is -inf, where the
#    column of zeros minus the same x gives inf. So is it in expressions, in Series and in its SQL, optimised or not.
#
# 2. SQLite (3.40.1 and others; that of Python is asked): the minus of a column is 0 - x, so -x is 0.0 where x is 0.0,
#    while the literal -0.0, and -1.0*x, are -0.0. atan2(-x, -1) is pi, and atan2(-1.0*x, -1) is -pi. abs(-0.0) is -0.0.
#
# Whoever generates queries writes CASE WHEN x = 0 THEN 0 ELSE -x END for the first, and -1.0*x for the second, where the
# side of a pole matters.
#
# Needs Python 3.10 or later, with an SQLite that has its mathematical functions; installs a pinned package in a temporary
# folder. Fails if any of what is stated here is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check polars==2.1.0 numpy==2.4.6

cat >signs.py <<'END'
import sqlite3
import sys

import numpy as np
import polars as pl


def expect(where, found, stated):
    print(f"{where:44}{found}")
    if list(map(repr, found)) != list(map(repr, stated)):
        sys.exit(f"no longer so: {stated} is stated")


x, zeros = [0.0, -0.0, 2.0], [0.0, 0.0, 0.0]
expect("NumPy: 0.0 - x", (0.0 - np.array(x)).tolist(), [0.0, 0.0, -2.0])
expect("NumPy: x + 0.0", (np.array(x) + 0.0).tolist(), [0.0, 0.0, 2.0])
frame = pl.DataFrame({"x": x, "zeros": zeros})
context = pl.SQLContext(frame=frame)
expect("Polars: 0.0 - x", frame.select(0.0 - pl.col("x"))["literal"].to_list(), [-0.0, 0.0, -2.0])
expect("Polars, SQL: 0e0 - x", context.execute("SELECT 0e0 - x AS y FROM frame", eager=True)["y"].to_list(),
       [-0.0, 0.0, -2.0])
expect("Polars: x + 0.0", frame.select(pl.col("x") + 0.0)["x"].to_list(), [0.0, -0.0, 2.0])
expect("Polars: zeros - x", frame.select(pl.col("zeros") - pl.col("x"))["zeros"].to_list(), [0.0, 0.0, -2.0])
expect("Polars: 1/(0.0 - x)", frame.select(1 / (0.0 - pl.col("x")))["literal"].to_list(), [float("-inf"), float("inf"), -0.5])
expect("Polars: 1/(zeros - x)", (1 / (frame["zeros"] - frame["x"])).to_list(), [float("inf"), float("inf"), -0.5])

connection = sqlite3.connect(":memory:")
connection.execute("CREATE TABLE data (x)")
connection.execute("INSERT INTO data VALUES (0.0)")
row = connection.execute("SELECT -x, -0.0, -1.0*x, atan2(-x, -1), atan2(-1.0*x, -1), atan2(abs(-0.0), -1) FROM data").fetchone()
pi = 3.141592653589793
expect(f"SQLite {sqlite3.sqlite_version}: -x, -0.0, -1.0*x", row[:3], (0.0, -0.0, -0.0))
expect("SQLite: their angles, and that of abs(-0.0)", row[3:], (pi, -pi, -pi))
END
env/bin/python signs.py
