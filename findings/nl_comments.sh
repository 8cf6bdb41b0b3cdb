#!/bin/sh
# CasADi 3.8.2 reads a model that Pyomo 6.10.1 writes in .nl, unless the model has names. With
# io_options={"symbolic_solver_labels": True} Pyomo writes `model.col` and `model.row`, and in the .nl itself the name
# as a comment on almost every line, `v0<TAB>#x[1]`, as AMPL does. The format allows that: "# begins a comment" wherever a
# line has its items. CasADi's NlpBuilder.import_nl takes comments in the ten lines of the header, and in the body none:
#
#     V, C, O, o, n and v lines     "Unknown instruction: #", or "Unknown .nl segment"
#     a line of bounds              "Illegal variable bound type", "Illegal constraint type"
#     J and G                       an index out of a vector's range, which is some number left in memory
#
# I had guessed that the two read each other's files as they are. With the comments taken away it reads the same file, and
# agrees with Pyomo to the last digit. Whoever writes .nl for CasADi writes it without labels (and keeps the names from
# .col), or strips `\t#.*` from the eleventh line on. It tells plainly of parts that it does not have: `if`, min and max,
# asinh, acosh, atanh, suffixes.
#
# Needs Python 3.10 or later; installs pinned packages in a temporary folder. Fails if any of this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check casadi==3.8.2 pyomo==6.10.1

cat >compare.py <<'END'
import re
import sys

import casadi
import pyomo.environ as pyo

model = pyo.ConcreteModel()
model.x = pyo.Var([1, 2], initialize={1: 0.75, 2: -1.25}, bounds=(-2, 2))
model.f = pyo.Objective(expr=pyo.sin(model.x[1]) * model.x[2] + model.x[2] ** 2)
model.c = pyo.Constraint(expr=model.x[1] * model.x[2] + 3 * model.x[1] <= 4)


def read(path):
    found = casadi.NlpBuilder()
    try:
        found.import_nl(path, {})
    except RuntimeError as problem:
        return str(problem).splitlines()[-1].rpartition(":")[2].strip()
    value = casadi.Function("f", [casadi.vcat(found.x)], [found.f])
    return float(value([0.75, -1.25]))


model.write("plain.nl")
model.write("named.nl", io_options={"symbolic_solver_labels": True})
lines = open("named.nl").read().split("\n")
open("stripped.nl", "w").write("\n".join(lines[:10] + [re.sub(r"[\t ]*#.*", "", line) for line in lines[10:]]))
answers = {name: read(f"{name}.nl") for name in ("plain", "named", "stripped")}
for name, answer in answers.items():
    print(f"{name:9} {answer}")
print(f"{'Pyomo':9} {pyo.value(model.f)}")
if answers["named"] != "#" or not answers["plain"] == answers["stripped"] == pyo.value(model.f):
    sys.exit("no longer so")
END

env/bin/python compare.py
