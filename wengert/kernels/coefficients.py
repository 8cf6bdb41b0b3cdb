"""Taylor coefficients of a list at a point. A coefficient is nan if one of lower order is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..ground.limits import Limits
from ..lists.wengert_list import names_of
from ..ops import CONSTANTS
from ..sweeps.masks import has_nan, masked_values
from ..sweeps.rules import Rules, rules_for
from ..sweeps.taylor import taylor_terms
from ..transforms.builder import Builder, Names
from ..transforms.identities import tidy
from .evaluation import Evaluation


def coefficients(call: Evaluation, moving: Mapping[str, Any], order: int, kink: str, limits: Limits) -> list[list[Any]]:
    """The Taylor coefficients of every output, in the caller's shapes.

    A coefficient may be absent because its branch was not taken; even then it is nan if one of lower order is. One that
    is absent for all values stays 0.
    """
    wlist, rules = call.wlist, rules_for(call.wlist.ops, kink)
    tape = {**CONSTANTS, **call.values}
    found = taylor_terms(wlist, tape, moving, order, call.apply, rules)
    by_structure: list[list[Any]] | None = None
    rows = []
    for n, (a, terms) in enumerate(zip(wlist.outputs, found)):
        before, row = 0.0, []
        for k, c in enumerate(terms):
            value = call.full(c, a)
            if c is None and has_nan(before):
                if by_structure is None:
                    by_structure = _terms_of(call, moving, order, rules, limits)
                if by_structure[n][k] is not None:
                    value = masked_values(before, value)
            if c is not None or has_nan(value):
                before = value
            row.append(value)
        rows.append(row)
    return rows


def _terms_of(call: Evaluation, moving: Iterable[str], order: int, rules: Rules, limits: Limits) -> list[list[Any]]:
    """The names of the Taylor coefficients of every output; None for a coefficient that is 0 for any values."""
    wlist = call.wlist
    shapes = {n: call.shape(n) for n in wlist.inputs} if call.arrays else None
    build = Builder(rewrites=(tidy,), limits=limits, taken=names_of(wlist), shapes=shapes)
    directions = {n: f".{n}" for n in moving}
    if shapes is not None:
        build.shapes.update({dot: shapes[n] for n, dot in directions.items()})
    return taylor_terms(wlist, Names(), directions, order, build, rules)
