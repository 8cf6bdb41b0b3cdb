"""The op registry: one row for each op, which everything else reads.

A row is a `row.Op`. Its value is a function of `floats`, or of `arrays` for an array op. Its derivative is text in the
language over ops of the table, so that the first derivative gives those of every order.
"""

from __future__ import annotations

import math

from .row import UNKNOWN, Forward, Kink, Op, Rule
from .rows import (
    activations,
    arithmetic,
    bessel,
    beta,
    elliptic,
    exponential,
    faddeeva,
    filters,
    hypergeometric,
    incomplete,
    integrals,
    linear_algebra,
    logic,
    piecewise,
    placing,
    powers,
    products,
    quantiles,
    reductions,
    special,
    trigonometric,
    zeta,
)
from .rows.placing import ARANGE, PERMUTE
from .rows.products import (
    ARRAY,
    CONCATENATE,
    INDEX,
    LENGTH,
    PUT,
    RESHAPE,
    RESHAPE_LIKE,
    SCATTER,
    SPREAD_LIKE,
    SUM,
    SUM_LIKE,
    TAKE,
    TRANSPOSE,
    ZEROS,
)
from .table import Table

OPS: Table = Table(
    (row.name, row)
    for group in (
        arithmetic,
        piecewise,
        logic,
        exponential,
        trigonometric,
        special,
        beta,
        incomplete,
        quantiles,
        bessel,
        elliptic,
        integrals,
        zeta,
        powers,
        faddeeva,
        hypergeometric,
        activations,
        products,
        placing,
        reductions,
        linear_algebra,
        filters,
    )
    for row in group.ROWS
)
ALIASES: dict[str, str] = {alias: row.name for row in OPS.values() for alias in row.aliases}
CONSTANTS: dict[str, float] = {"pi": math.pi, "tau": math.tau, "e": math.e, "inf": math.inf, "nan": math.nan}
# Letters that are another spelling of a constant.
LETTERS: dict[str, str] = {"π": "pi"}

# The ops that the chain rule itself needs.
COPY, ADD, MUL, NEG, WHERE, AND, OR = "copy", "add", "mul", "neg", "where", "logical_and", "logical_or"
GATE, CONSTANT, ISNAN, FINITE, LOG_TERM = "gate", "stop_gradient", "isnan", "isfinite", "xlogy"

# The ops of the operators, by symbol: binary ones, then unary ones.
INFIX: dict[str, str] = {
    row.notation.infix: row.name for row in OPS.values() if row.notation.infix and " " in row.params
}
INFIX["**"] = INFIX["^"]
PREFIX: dict[str, str] = {
    row.notation.infix: row.name for row in OPS.values() if row.notation.infix and " " not in row.params
}

# The ops that are whole powers, with their exponents.
POWERS: dict[str, int] = {"square": 2, "cube": 3, "reciprocal": -1}

# For each word of a comprehension, the op that folds its terms, and the value without terms, if there is one.
FOLDS: dict[str, tuple[str, float | None]] = {
    "sum": (ADD, 0.0),
    "prod": (MUL, 1.0),
    "min": ("min", None),
    "max": ("max", None),
}

# For a word called with one argument, the op that it means: max(x) is the largest element of an array.
FOLDED: dict[str, str] = {row.notation.folded: row.name for row in OPS.values() if row.notation.folded}
# For a word and a number of arguments, the op that it means, if it takes more of them than the op of that name.
EXTENDED: dict[tuple[str, int], str] = {
    (row.notation.extends, row.params.count(" ") + 1): row.name for row in OPS.values() if row.notation.extends
}

# Derivative expressions, with their parameters. They are not ops: equations replace them before a sweep.
DERIVATIVES: dict[str, tuple[str, ...]] = {
    "d": ("f", "x"),
    "grad": ("f", "x"),
    "jvp": ("f", "x", "v"),
    "vjp": ("f", "x", "g"),
    "hvp": ("f", "x", "v"),
    "jacobian": ("f", "x"),
    "hessian": ("f", "x"),
    "taylor": ("f", "x", "k"),
}

__all__ = [
    "ADD",
    "ALIASES",
    "AND",
    "ARANGE",
    "ARRAY",
    "CONCATENATE",
    "CONSTANT",
    "CONSTANTS",
    "COPY",
    "DERIVATIVES",
    "EXTENDED",
    "FINITE",
    "FOLDED",
    "FOLDS",
    "GATE",
    "INDEX",
    "INFIX",
    "ISNAN",
    "LENGTH",
    "LETTERS",
    "MUL",
    "NEG",
    "OPS",
    "OR",
    "PERMUTE",
    "POWERS",
    "PREFIX",
    "PUT",
    "RESHAPE",
    "RESHAPE_LIKE",
    "SCATTER",
    "SPREAD_LIKE",
    "SUM",
    "SUM_LIKE",
    "TAKE",
    "TRANSPOSE",
    "UNKNOWN",
    "WHERE",
    "ZEROS",
    "Forward",
    "Kink",
    "Op",
    "Rule",
    "Table",
    "arity",
    "lookup",
    "names_for_people",
]


def arity(row: Op) -> tuple[int, int | None]:
    """The least and the largest number of arguments of an op; None for no largest."""
    n = len(row.params.split())
    return n, None if "*" in row.params else n


def names_for_people() -> list[str]:
    """The names and aliases of ops, except those that occur only in derivative rules."""
    return [name for row in OPS.values() if not row.of_rules for name in (row.name, *row.aliases)]


def lookup(name: str, local: tuple[Op, ...] = ()) -> Op | None:
    """The row of an op by its name or an alias; None if unknown. A program's `local` rows take precedence."""
    for row in local:
        if row.name == name:
            return row
    found: Op | None = OPS.get(name) or OPS.get(ALIASES.get(name, ""))
    return found
