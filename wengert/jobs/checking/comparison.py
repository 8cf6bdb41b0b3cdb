"""The comparison of a derivative with an oracle, and an oracle for any program: extrapolated differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from ...ground.limits import Limits
from ...ground.tuples import NamedTuple, Protocol
from ...lists.wengert_list import WengertList


class Checkable(Protocol):
    """The members of a function that a check needs; `wengert.Function` has them."""

    @property
    def inputs(self) -> tuple[str, ...]: ...
    @property
    def outputs(self) -> tuple[str, ...]: ...
    @property
    def kink(self) -> str: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def wengert_list(self) -> WengertList: ...
    @property
    def running_list(self) -> WengertList: ...
    @property
    def written_list(self) -> WengertList: ...
    def at(self, /, *args: Any, **values: Any) -> Checkable: ...
    def _point(self, args: Sequence[Any], values: Mapping[str, Any]) -> dict[str, Any]: ...
    def __call__(self, /, *args: Any, **values: Any) -> Any: ...
    def value_and_grad(self, /, *args: Any, **values: Any) -> Any: ...
    def jvp(self, /, *args: Any, **values: Any) -> Any: ...
    def vjp(self, /, *args: Any, **values: Any) -> Any: ...


class Comparison(NamedTuple):
    """A derivative compared with one oracle. If the oracle has no answer, `ok` is None and `note` says why."""

    input: str
    reverse: float
    oracle: str
    found: float | None
    allowed: float
    ok: bool | None
    note: str = ""


def extrapolated(
    f: Callable[[float], float], x: float, value: float, side: float, value_bar: float
) -> tuple[float, float] | None:
    """A one-sided derivative and an estimate of its error, by Neville's extrapolation over halved steps."""
    h = side * max(abs(x), 1e-3) * 2.0**-6
    rows: list[list[float]] = []
    best: tuple[float, float] | None = None
    for k in range(12):
        h /= 2
        there = x + h
        step = there - x
        near = f(there)
        if step == 0.0 or not isfinite(near):
            return best
        row = [(near - value) / step]
        for m in range(1, k + 1):
            row.append(row[m - 1] + (row[m - 1] - rows[k - 1][m - 1]) / (2.0**m - 1))
        rows.append(row)
        for m in range(1, k + 1):
            spread = max(abs(row[m] - row[m - 1]), abs(row[m] - rows[k - 1][m - 1]))
            error = spread + 2 * value_bar / abs(step)
            if best is None or error < best[1]:
                best = row[m], error
    return best
