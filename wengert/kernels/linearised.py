"""Linearise a list of numbers at a point, and get all rows or columns of its Jacobian in one sweep.

A long list with many inputs and outputs takes many sweeps, and each would compute the same local derivatives again.
Here they are computed once, and one sweep carries all seeds along a NumPy axis ("vector mode": A. Griewank, A. Walther,
"Evaluating Derivatives", 2nd ed., SIAM 2008, section 3.4). Each element is computed by the operations of its own sweep
in the same order, so it has the same bits, up to the sign of a zero.

A seed that does not reach an equation is 0 there, where a sweep of its own would have nothing. The two agree while all
is finite and no condition is tied. Otherwise there is no linearisation, and the sweeps answer one by one.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

from ..ground.limits import checking_clock
from ..lists.wengert_list import Atom
from ..sweeps.forward import leading
from ..sweeps.masks import bare_outputs
from ..sweeps.rules import rules_for
from ..sweeps.tangent import TangentRequest, tangent_sweep
from ..sweeps.ties import compared
from .evaluation import Evaluation

if TYPE_CHECKING:
    import numpy as np

    from .modes import ModePlan

# The most elements that one sweep holds.
MOST = 1 << 22
# How many operations of a sweep over numbers take as long as: one equation here, an element of it, importing NumPy.
EACH, ELEMENT, IMPORT = 6.0, 0.002, 60_000.0
# Shorter lists, and fewer sweeps, are not worth the effort.
SHORT, FEW = 64, 8

# An equation's output, and the inputs that move, with the derivatives in them.
Step = tuple[str, list[tuple[str, float]]]


def pays(call: Evaluation, plan: ModePlan) -> bool:
    """Whether one sweep with all seeds is cheaper than the sweeps of a plan."""
    equations = len(call.wlist.equations)
    if call.arrays or plan.sweeps < FEW or equations < SHORT:
        return False
    spent = {"reverse": plan.reverse, "forward": plan.forward, "mixed": plan.mixed}[plan.mode]
    elements = float(equations * plan.sweeps)
    if spent == inf:  # it was not counted
        spent = elements / 8
    start = 0.0 if "numpy" in sys.modules else IMPORT
    return spent > equations * EACH + elements * ELEMENT + start


class Linearised:
    """The local derivatives of a list of numbers on all paths from `names` to its outputs.

    steps  the equations that move, in order
    """

    def __init__(self, call: Evaluation, names: Sequence[str], steps: list[Step]) -> None:
        self.names, self.steps = names, steps
        self.inner = bare_outputs(call.wlist)

    def by_rows(self, outputs: Sequence[Atom]) -> list[list[float]] | None:
        """The derivatives of each of these outputs, as reverse sweeps find them; None if one is not finite."""
        found: list[list[float]] = []
        for some in self._parts(outputs):
            adjoint: dict[Any, np.ndarray] = {}
            for a, seed in zip(some, self._units(len(some))):
                b = self.inner.get(a, a)
                adjoint[b] = adjoint[b] + seed if b in adjoint else seed
            for output, edges in checking_clock(self.steps[::-1]):
                if (upstream := adjoint.pop(output, None)) is None:
                    continue
                for name, local in edges:
                    product = upstream if local == 1.0 else upstream * local
                    before = adjoint.get(name)
                    adjoint[name] = product if before is None else before + product
            if (rows := self._joined([adjoint.get(n) for n in self.names], len(some))) is None:
                return None
            found += rows.T.tolist()
        return found

    def by_columns(self, names: Sequence[str], outputs: Sequence[Atom]) -> list[list[float]] | None:
        """The derivatives of these outputs in `names`, as tangent sweeps find them; None if one is not finite."""
        found: list[Any] = []
        for some in self._parts(names):
            moving: dict[Any, np.ndarray] = dict(zip(some, self._units(len(some))))
            for output, edges in checking_clock(self.steps):
                total, fresh = None, False
                for name, local in edges:
                    tangent = moving.get(name)
                    if tangent is None:
                        continue
                    product = tangent if local == 1.0 else tangent * local
                    if total is None:
                        total, fresh = product, local != 1.0
                    elif fresh:
                        total += product
                    else:
                        total, fresh = total + product, True
                if total is not None:
                    moving[output] = total
            if (columns := self._joined([moving.get(self.inner.get(a, a)) for a in outputs], len(some))) is None:
                return None
            found.append(columns)
        import numpy as np

        return np.hstack(found).tolist() if found else [[] for _ in outputs]

    def _parts(self, seeded: Sequence[Any]) -> list[Sequence[Any]]:
        """The seeds of each sweep: all of them, unless its arrays would be too large."""
        step = max(1, MOST // max(len(self.steps), len(seeded), 1))
        return [seeded[first : first + step] for first in range(0, len(seeded), step)]

    def _units(self, n: int) -> Any:
        import numpy as np

        return np.eye(n)

    def _joined(self, lines: Sequence[Any], n: int) -> Any:
        """Lines of n elements stacked, with zeros where there is none; None if an element is not finite."""
        import numpy as np

        whole = np.zeros((len(lines), n))
        for line, own in zip(whole, lines):
            if own is not None:
                line[:] = own
        return whole if np.isfinite(whole).all() else None


def _value(a: Atom, tape: Mapping[str, Any]) -> Any:
    return tape[a] if isinstance(a, str) else a


def at_once(
    call: Evaluation, tape: Mapping[str, Any], names: Sequence[str], outputs: Sequence[Atom], plan: ModePlan, kink: str
) -> list[list[float]] | None:  # fmt: skip
    """The derivatives of every output in `names`, in the modes of a plan; None unless one sweep for all seeds is
    cheaper and gives the same."""
    if not pays(call, plan) or (linear := linearised(call, tape, names, kink)) is None:
        return None
    if plan.mode == "reverse":
        return linear.by_rows(outputs)
    if plan.mode == "forward":
        return linear.by_columns(names, outputs)
    rest = [a for a in outputs if a not in plan.rows]
    over, down = linear.by_rows(plan.rows), linear.by_columns(plan.columns, rest)
    if over is None or down is None:
        return None
    found = dict(zip(plan.rows, over))
    for a, some in zip(rest, down):
        by_name = dict(zip(plan.columns, some))
        found[a] = [by_name.get(n, 0.0) for n in names]
    return [found[a] for a in outputs]


def linearised(call: Evaluation, tape: Mapping[str, Any], names: Sequence[str], kink: str) -> Linearised | None:
    """The linearisation of a list of numbers at the point of its tape, in some of its inputs; None if a condition is
    tied or a local derivative is not finite."""
    wlist = call.wlist
    if len(set(names)) < len(names) or not set(names) <= set(wlist.inputs):
        return None
    if any(_value(a, tape) == _value(b, tape) for a, b in compared(wlist)):
        return None
    steps: list[Step] = []
    inner = bare_outputs(wlist)
    last, finite = -1, True

    def visit(k: int, i: Any, local: Any, tangent: Any, product: Any) -> None:
        nonlocal last, finite
        output, _, inputs = wlist.equations[k]
        if k != last:
            last = k
            steps.append((output, []))
        finite = finite and type(local) is float and isfinite(local)
        steps[-1][1].append((inputs[i], local))

    request = TangentRequest(visit, leading(wlist, [inner.get(a, a) for a in wlist.outputs]))
    tangent_sweep(wlist, tape, dict.fromkeys(names, 1.0), call.apply, rules_for(wlist.ops, kink), request)
    return Linearised(call, names, steps) if finite else None
