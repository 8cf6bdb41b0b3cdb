"""Laws of every row of the registry: how many examples each row is tried on.

Usually some; few of Bessel, beta and incomplete gamma functions and of those with an order, which take up to a hundred
times as long as others. With WENGERT_TESTS=full as many as Hypothesis's profile says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import FULL
from tests.oracles.programs import DEAR
from wengert.ops import OPS, Op

FAMILIES = {
    "bessel",
    "bessel_orders",
    "bessel_real",
    "beta",
    "beta_quantiles",
    "carlson",
    "elliptic",
    "faddeeva",
    "hypergeometric",
    "incomplete",
    "fixed_orders",
    "polylogarithm",
    "profiles",
    "quantiles",
    "zeta",
}
SLOW = {
    row.name for row in OPS.values()
    if getattr(row.forward, "__module__", "").rpartition(".")[2] in FAMILIES
    or row.provided and row.partials[:1] == (None,)
}  # fmt: skip


def every_row(rows: Sequence[Op], usual: float = 0.2, slow: float = 0.08) -> Callable[..., Any]:
    """Makes a law of a row and Hypothesis's `data` a test of each row, with a share of the profile's examples."""

    def decorate(law: Callable[..., None]) -> Callable[..., None]:
        tries = {
            share: settings(max_examples=max(1, int(settings().max_examples * share)))(given(data=st.data())(law))
            for share in (usual, slow, 1.0, 0.01)
        }

        def test(row: Op) -> None:
            tries[1.0 if FULL else 0.01 if row.name in DEAR else slow if row.name in SLOW else usual](row=row)

        test.__name__, test.__doc__, test.__module__ = law.__name__, law.__doc__, law.__module__
        return pytest.mark.parametrize("row", rows, ids=lambda row: row.name)(test)

    return decorate
