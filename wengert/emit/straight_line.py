"""A program before it is written in a language: one list whose outputs are the values and all their derivatives, with
its equations sorted by the sweep that they belong to."""

from __future__ import annotations

from collections.abc import Iterable

from ..ground.limits import UNTRUSTED, Limits
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom, WengertList, assemble
from ..lists.wrt import chosen
from ..ops import CONSTANTS
from ..transforms.derivatives import gradient, jacobian
from ..transforms.expand import expand
from ..transforms.simplify import simplify
from .remarks import remarks_of


class RemarkedEquation(NamedTuple):
    """An equation, with the remark beside it."""

    output: str
    op: str
    inputs: tuple[Atom, ...]
    remark: str


class StraightLine(NamedTuple):
    """A straight-line program for values and derivatives.

    wlist     the list; its outputs are the values, then their derivatives row by row, then the second derivatives
    values    the number of outputs that are values
    wrt       the names that the derivatives are taken by; empty if there are no derivatives
    second    whether the second derivatives of the one value follow
    sections  headings, with the steps below each
    """

    wlist: WengertList
    values: int
    wrt: tuple[str, ...]
    second: bool
    sections: tuple[tuple[str, tuple[RemarkedEquation, ...]], ...]

    @property
    def rows(self) -> tuple[list[Atom], list[list[Atom]], list[list[Atom]]]:
        """The outputs in three groups: values, rows of first derivatives, rows of second derivatives."""
        m, n = self.values, len(self.wrt)
        outputs = list(self.wlist.outputs)
        first, second = outputs[m : m + m * n], outputs[m + m * n :]
        return outputs[:m], _table(first, n), _table(second, n)


def _table(atoms: list[Atom], n: int) -> list[list[Atom]]:
    return [atoms[k : k + n] for k in range(0, len(atoms), n)] if n else []


def straight_line(
    wlist: WengertList, *, grad: bool = True, hessian: bool = False, wrt: Iterable[str] | None = None,
    kink: str = "mean", limits: Limits = UNTRUSTED, masked: bool = True,
) -> StraightLine:  # fmt: skip
    """The list with its derivatives in `wrt`, simplified so that every value keeps its bits.

    If `masked`, a derivative is nan where its value is nan. Raises UsageError for a Hessian of several outputs,
    UnknownName for a name of `wrt` that does not exist.
    """
    wlist = expand(wlist, kink=kink, limits=limits, masked=masked)
    names = chosen(wlist, wrt) if grad or hessian else ()
    if set(names) <= set(wlist.inputs):
        wlist = simplify(wlist)[0]
    parts = [wlist]
    if names:
        parts.append(jacobian(wlist, names, value=True, kink=kink, limits=limits, masked=masked))
    if names and hessian:
        first = gradient(wlist, names, kink=kink, limits=limits, masked=masked)
        second = jacobian(first, names, value=True, kink=kink, limits=limits, masked=masked)
        outputs = (*wlist.outputs, *second.outputs)
        parts.append(assemble(second.inputs, second.equations, outputs, second.ops, second.provenance, second.shapes))
    whole = _spelled_out(simplify(parts[-1])[0])
    return StraightLine(whole, len(wlist.outputs), names, len(parts) > 2, tuple(_sections(whole, parts)))


def _spelled_out(wlist: WengertList) -> WengertList:
    """The list with its constants (pi, e, …) as numbers: in the target their names may mean something else."""
    own = {*wlist.inputs, *(e.output for e in wlist.equations)}
    numbers = {n: v for n, v in CONSTANTS.items() if n not in own}
    equations = [e._replace(inputs=tuple(numbers.get(a, a) for a in e.inputs)) for e in wlist.equations]  # type: ignore[arg-type]
    outputs = [numbers.get(a, a) for a in wlist.outputs]  # type: ignore[arg-type]
    return assemble(wlist.inputs, equations, outputs, wlist.ops, wlist.provenance, wlist.shapes)


def _sections(whole: WengertList, parts: list[WengertList]) -> Iterable[tuple[str, tuple[RemarkedEquation, ...]]]:
    """The equations, under headings by their purpose: the value, the derivatives, the second derivatives."""
    headings = ("forward", "backward", "second derivatives")
    level = {e.output: k for k in reversed(range(len(parts))) for e in parts[k].equations}
    found: dict[int, list[RemarkedEquation]] = {}
    now = 0
    for e, remark in zip(whole.equations, remarks_of(whole)):
        now = max(now, level.get(e.output, len(parts) - 1))
        found.setdefault(now, []).append(RemarkedEquation(*e, remark))
    return [(headings[k], tuple(steps)) for k, steps in found.items()]
