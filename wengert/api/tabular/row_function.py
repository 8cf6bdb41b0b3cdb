"""A function over the rows of a table: its values and its derivatives as columns, batch by batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...ground.errors import LimitError, UsageError, error
from ...ground.limits import afresh
from ...ground.names import fresh, is_temporary
from ...jobs.tabular.row_batches import RowBatch
from ...kernels import derived
from ...kernels.batch_calls import fill, new_arrays
from ...kernels.batches import BatchRoute
from ...kernels.kernel import BatchRun
from ...kernels.kernel_names import FOR_POINTS
from ...kernels.modes import planned
from ...lists.wengert_list import ops_of, table_of
from ...sweeps.ties import Places
from ..calls.reasons import why_unserved
from ..calls.routed import gradient_of, masked
from ..kinks import at_kinks, kink_places

if TYPE_CHECKING:
    from ..function import Function

# Rows whose kinks are looked at one by one, in a program with branches: the kink may be in the one that is not taken.
LOOKED_AT = 1_000
_KINKS = ("W301", "W302", "W303", "W304", "W305", "W307")


class RowFunction:
    """A function whose inputs are columns of a table, or values that are the same in each row.

    bound   for each input that is a column, the name of that
    values  the other inputs
    wrt     the names that derivatives are taken by; none for the values alone
    second  whether there are second derivatives too, of the one output
    names   the columns that it computes: outputs, `df_dx`, `d2f_dx2`, `d2f_dx_dy`
    unsure  whether kinks were counted that may be in branches not taken

    Raises UsageError where an output is no number in each row.
    """

    def __init__(
        self, f: Function, bound: Mapping[str, str], values: Mapping[str, Any], wrt: Sequence[str], second: bool = False
    ) -> None:
        self.f = f = f.at({**values, **dict.fromkeys(bound, 1.0)})
        self.bound, self.values, self.wrt, self.second = dict(bound), dict(values), tuple(wrt), second
        self.columns = tuple(dict.fromkeys(bound.values()))
        self.outputs = output_names(f)
        self.names = self._names()
        single = len(f.outputs) == 1
        self.setting = f.lists.of_one_output(self.wrt) if single and self.wrt else f.lists.prepared_for(self.wrt)
        self._check_shapes()
        self.unsure, self.left = False, LOOKED_AT
        table = table_of(self.setting.wlist.ops)
        self.branches = any(table[op].selects for op in ops_of(self.setting.wlist))
        self.run: BatchRun | None = None
        self.route: BatchRoute | None = None
        if not (second or f.strict or f.options.kernel in FOR_POINTS or self._unserved()):
            with afresh(f.limits):
                self.route = self._route()
                self.run = self.route.prepared()

    def _names(self) -> tuple[str, ...]:
        found = list(self.outputs)
        for o in self.outputs:
            found += [f"d{o}_d{n}" for n in self.wrt]
        if self.second:
            (o,) = self.outputs
            found += [f"d2{o}_d{a}2" if a == b else f"d2{o}_d{a}_d{b}" for a, b in self._pairs()]
        return tuple(found)

    def _pairs(self) -> list[tuple[str, str]]:
        return [(a, b) for k, a in enumerate(self.wrt) for b in self.wrt[k:]]

    def _unserved(self) -> str:
        return why_unserved(self.f, self.setting, {**self.values, **self.bound}, bool(self.wrt))

    def _route(self) -> BatchRoute:
        """The kernel of the list whose outputs are the columns, in order."""
        f, setting, names = self.f, self.setting, self.wrt
        if not names:
            return setting.batch_route("value", None, f.options.kernel)
        if len(f.outputs) == 1:
            return setting.batch_route(("gradient", names), masked(gradient_of(f, names), True), f.options.kernel)
        call = setting.at(self._point(1.0))
        plan = planned(call, names, call.wlist.outputs, "auto")
        return setting.batch_route(
            ("jacobian", names, "auto"),
            lambda wlist: derived.with_jacobian(wlist, names, plan, f.kink, f.limits, True), f.options.kernel,
            plan.sweeps,
        )  # fmt: skip

    def _point(self, column: float) -> dict[str, Any]:
        return self.f.point((), {**self.values, **dict.fromkeys(self.bound, column)})

    def _check_shapes(self) -> None:
        """Raise UsageError unless each row has a number for each output."""
        call = self.f.evaluation_at(self._point(1.0))
        if call.batch:
            wide = [n for n, v in self.values.items() if type(v) is not float]
            what = f"`{wide[0] if wide else '?'}` is a number in each row, and an array is given"
            raise error(UsageError, "W907", what, help="give a number, or a column of that name in the table")
        for name, a in (*zip(self.outputs, call.wlist.outputs), *zip(self.wrt, self.wrt)):
            if call.shape(a):
                raise error(UsageError, "W907", f"`{name}` is an array in each row, and a column holds numbers",
                            help="make its elements outputs, as `output y[0], y[1]`")  # fmt: skip

    # Batches

    def arrays(self, rows: int) -> list[Any]:
        """New vectors for the columns that are computed."""
        return new_arrays((rows,), np.dtype(float), len(self.names))

    def fill(self, batch: RowBatch, into: Sequence[Any]) -> dict[str, Any]:
        """Compute the columns of a batch. Returns, for each kind of note that some row has, the rows as bools."""
        with afresh(self.f.limits), np.errstate(all="ignore"):
            columns = {n: batch.columns[c] for n, c in self.bound.items()}
            point = self.f.point((), {**self.values, **columns})
            self.finite = True  # whether all derivatives are known to be finite
            if not self._by_kernel(point, batch.rows, into):
                self.finite = False
                self._by_calls(point, into)
            return self._flags(point, batch, into)

    def _by_kernel(self, point: dict[str, Any], rows: int, into: Sequence[Any]) -> bool:
        f, setting, run = self.f, self.setting, self.run
        if run is None or self.route is None or rows > f.limits.elements:
            return False
        self.route.points = rows
        try:
            fill(run, [point[n] for n in setting.wlist.inputs], (rows,), into)
        except LimitError:
            raise
        except Exception:  # from a caller's own op: the sweeps say where it is
            self.run = None
            return False
        f._ran = self.route
        n, m = len(self.outputs), len(self.wrt)
        if not m or not at_kinks.may_differ(f, setting, point, self.wrt) and _not_finite(into[n:]) is None:
            return True
        blocks = [into[n + k * m : n + (k + 1) * m] for k in range(n)]
        found = at_kinks.recomputed(f, setting, point, self.wrt, blocks)
        if found.says is not None:
            for block, row in zip(blocks, found.rows):
                for place, v in zip(block, row):
                    place[...] = v
        self.finite = False
        return True

    def _by_calls(self, point: dict[str, Any], into: Sequence[Any]) -> None:
        f = self.f
        if not self.wrt:
            found = f(point)
            parts = [found] if len(self.outputs) == 1 else list(found)
        elif len(self.outputs) == 1:
            value, slopes = f.value_and_grad(point, wrt=self.wrt)
            parts = [value, *slopes]
            if self.second:
                matrix = f.hessian(point, wrt=self.wrt)
                parts += [matrix[a, b] for a, b in self._pairs()]
        else:
            parts = [*f(point), *(v for row in f.jacobian(point, wrt=self.wrt) for v in row)]
        for place, v in zip(into, parts):
            place[...] = v

    def _flags(self, point: dict[str, Any], batch: RowBatch, into: Sequence[Any]) -> dict[str, Any]:
        n = len(self.outputs)
        found: dict[str, Any] = {}
        finite = _not_finite(into[:n])
        if finite is not None:
            found["nan"] = np.logical_or.reduce([np.isnan(v) for v in into[:n]])
            found["infinite"] = np.logical_or.reduce([np.isinf(v) for v in into[:n]])
        if not self.finite and (worse := _not_finite(into[n:])) is not None:
            found["derivative"] = worse if finite is None else worse & ~finite
        if self.wrt and self.f.kink != "error":
            places = kink_places.places_of(self.f, self.setting, point, self.wrt, Places.ALL)
            if places is not None:
                hit = np.broadcast_to(kink_places.met(self.f, self.setting, point, places), (batch.rows,))
                if hit.any():
                    found["kink"] = self._met(hit, batch) if self.branches else hit
        return found

    def _met(self, hit: Any, batch: RowBatch) -> Any:
        """The rows at whose kinks there is a note: those in branches not taken have none."""
        hit = hit.copy()
        lacking = batch.lacking()
        if lacking is not None:
            hit &= ~lacking
        places = np.flatnonzero(hit)
        self.unsure |= len(places) > self.left
        for k in places[: self.left].tolist():
            hit[k] = any(d.code in _KINKS for d in self._notes({c: float(v[k]) for c, v in batch.columns.items()}))
        self.left = max(self.left - len(places), 0)
        return hit

    def _notes(self, row: Mapping[str, float]) -> Sequence[Any]:
        f = self.f
        point = {**self.values, **{n: row[c] for n, c in self.bound.items()}}
        if not self.wrt:
            blamed = f.blame(point)
            return () if blamed is None else (blamed,)
        if len(self.outputs) == 1:
            return f.value_and_grad(point, wrt=self.wrt)[1].notes
        return f.jacobian(point, wrt=self.wrt).notes

    def sentence(self, values: Mapping[str, float]) -> str:
        """The notes on one row."""
        with afresh(self.f.limits):
            return "; ".join(dict.fromkeys(d.message for d in self._notes(values)))

    def kernel(self) -> str:
        """A sentence on the kernel that ran."""
        return self.f.kernel


def _not_finite(vectors: Sequence[Any]) -> Any:
    """The rows where some vector is not finite; None if there is none, which a sum shows quickly."""
    wrong = [v for v in vectors if not np.isfinite(v.sum())]
    flags = [~np.isfinite(v) for v in wrong]
    return np.logical_or.reduce(flags) if any(flag.any() for flag in flags) else None


def output_names(f: Function) -> tuple[str, ...]:
    """The names of the columns for the outputs: their own, or f, or f1, f2, … for those that have none."""
    bare = [is_temporary(o) or not (o[:1].isalpha() or o[:1] == "_") for o in f.outputs]
    taken = {o for o, none in zip(f.outputs, bare) if not none}
    if sum(bare) == 1 and "f" not in taken:
        return tuple("f" if none else o for o, none in zip(f.outputs, bare))
    free = fresh("f", taken)
    return tuple(next(free) if none else o for o, none in zip(f.outputs, bare))


__all__ = ["RowFunction", "output_names"]
