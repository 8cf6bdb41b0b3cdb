"""How array ops use the elements of their arguments. Tangents of single elements are passed on by these rules."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..lists.wengert_list import table_of
from ..ops import OPS
from ..ops.parameters import defaults, read_text, split
from ..ops.row import linear_groups, moves
from ..ops.shapes.dimensions import axes, chosen, reduced
from ..sweeps.interpretation import Interpretation
from ..sweeps.rules import Applied, Rules, vjp_of, vjp_rule
from ..sweeps.tangent import jvp_of

# Each element of the value is one of the argument, or 0; each of the argument goes into one of the value, along some
# axes; each of it is added to one of the value; or none of these.
PLACES, REDUCES, FOLDS, MIXES = "places", "reduces", "folds", "mixes"


def way_of(at: Applied, i: int, apply: Interpretation, rules: Rules) -> str:
    """How an array op uses the elements of its i-th argument. Except for reductions, this is found by trying the op on
    numbers."""
    if i == 0 and gone(at):
        return REDUCES
    if not moves(at.row) or at.row.selects:
        return MIXES
    groups = linear_groups(at.row)
    if len(groups) > 1:
        return MIXES
    if not groups or placing(at, i):
        return _tried(at, i, apply, rules)  # it depends on values
    key = at.row.name, i, tuple(map(np.shape, at.args)), OPS.generation
    if key not in _WAYS:
        if len(_WAYS) > 4096:
            _WAYS.clear()
        _WAYS[key] = _tried(at, i, apply, rules)
    return _WAYS[key]


def gone(at: Applied) -> tuple[int, ...]:
    """The axes over which an op of one argument reduces; none for any other op."""
    name, text = split(at.row.name)
    row = _TABLE.written(name)
    if row is None or row.array is None or row.array.shape not in (reduced, chosen) or len(at.args) != 1:
        return ()
    return tuple(axes({**defaults(row), **read_text(text)}["axis"], np.ndim(at.args[0]) - 1))


def placing(at: Applied, i: int) -> list[int]:
    """The arguments whose values decide where an op puts the elements of its i-th argument."""
    params = at.row.params.split()
    others = (k for k in range(len(at.args)) if k != i and params[min(k, len(params) - 1)].strip("*") != "like")
    return [k for k in others if vjp_rule(at.row, k) is None]


_TABLE = table_of(())
_WAYS: dict[Any, str] = {}


def _tried(at: Applied, i: int, apply: Interpretation, rules: Rules) -> str:
    def forth(v: Any) -> Any:
        return through(at, i, v, apply, rules)

    def back(v: Any) -> Any:
        return vjp_of(at, i, v, apply, rules)

    for how, go, like in ((PLACES, forth, at.args[i]), (FOLDS, back, at.y)):
        some = np.random.default_rng(1).integers(1, 1 << 20, np.shape(like) or (1,)).astype(float)
        ones, once, twice = (np.asarray(go(v)) for v in (np.ones_like(some), some, some * some))
        if ((ones == 0.0) | (ones == 1.0)).all() and (once * once == twice).all():
            return how
    return MIXES


def through(at: Applied, i: int, tangent: Any, apply: Interpretation, rules: Rules) -> Any:
    """The tangent of an array op's value, if only its i-th argument moves, with a given tangent."""
    return jvp_of(at, [tangent if k == i else None for k in range(len(at.args))], apply, rules)
