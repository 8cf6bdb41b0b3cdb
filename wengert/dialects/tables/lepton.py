"""Lepton, the expressions of OpenMM's custom forces, LAMMPS' pair styles and PLUMED's CUSTOM.

From the OpenMM user guide, "Writing Custom Expressions", and from running OpenMM 8.6: `log` is the natural logarithm,
`step(0)` is 1, `select` of nan takes its second argument, and of two definitions of a name an expression sees the
nearest behind it.
"""

from __future__ import annotations

from ..dialect import Dialect, functions
from ..terms import OPERATORS

# acot to asech and atan2, log2e and the like belong to PLUMED's copy; OpenMM refuses some of them.
_FUNCTIONS = """
sqrt exp log sin cos sec csc tan cot asin acos atan sinh cosh tanh erf erfc square cube abs floor ceil: x
recip=reciprocal: x
acot acsc asec coth csch sech asinh acosh atanh acoth acsch asech: x
atan2 min max: x, y
step(x) = x >= 0
delta(x) = x == 0
select(x, y, z) = where(x == 0, z, y)
"""

# The names that are numbers in PLUMED's copy, after libmatheval's; to OpenMM and LAMMPS they are variables.
_CONSTANTS = {
    "e": "e", "pi": "pi", "pi_2": "(pi/2)", "pi_4": "(pi/4)", "ln2": "log(2)", "ln10": "log(10)",
    "log2e": "(1/log(2))", "log10e": "(1/log(10))", "sqrt2": "sqrt(2)", "sqrt1_2": "sqrt(0.5)",
}  # fmt: skip

LEPTON = Dialect(
    "lepton", "Lepton", OPERATORS, functions(_FUNCTIONS, "lepton"), scope="later",
    refused={
        "nandelta": "it gives nan except at 0, which has no use in a formula",
        "ZBL": "it belongs to LAMMPS and is not written out here",
    },
)  # fmt: skip
PLUMED = LEPTON._replace(
    name="plumed", title="PLUMED's CUSTOM", functions=functions(_FUNCTIONS, "plumed"), constants=_CONSTANTS,
    grammar=LEPTON.name,
)  # fmt: skip
