"""A list as steps of AMPL's .nl: each is an operator by its number over variables, earlier steps and numbers.

An op without a number is written as its row says it, in ops that have one. Steps over numbers alone are worked out, and
equal steps are one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from ..ground.errors import Source, Span, UsageError, error
from ..ground.limits import Limits, Tally, check_clock
from ..ground.names import quoted
from ..ground.tuples import NamedTuple
from ..language import parse
from ..lists.wengert_list import Atom, WengertList, table_of
from ..ops import CONSTANTS, OPS, Op, arity
from ..sweeps.rules import forward_rule

# An operand: the number of a variable or of a step behind the variables, or a number as a float.
Operand = int | float


class NlStep(NamedTuple):
    """An operator by its number, and its operands."""

    code: int
    operands: tuple[Operand, ...]


class NlSteps(NamedTuple):
    """The steps of a list behind its `variables`, and the operands that are its outputs."""

    variables: int
    steps: list[NlStep]
    outputs: list[Operand]


def steps_of(wlist: WengertList, limits: Limits) -> NlSteps:
    """The steps of a list over numbers. Raises UsageError for an op that .nl cannot say, LimitError for a long list."""
    made = _Steps(len(wlist.inputs), limits)
    names: dict[Atom, Operand] = {n: k for k, n in enumerate(wlist.inputs)}
    table = table_of(wlist.ops)
    for k, e in enumerate(wlist.equations):
        row = table[e.op]
        operands = [_operand(a, names) for a in e.inputs]
        try:
            names[e.output] = made.write(row, operands, wlist.ops)
        except _Unsaid as problem:
            raise _refused(row, problem.row, wlist.provenance.span(k), wlist.provenance.source) from None
    outputs = [_operand(a, names) for a in wlist.outputs]
    return NlSteps(len(wlist.inputs), made.steps, outputs)


def _operand(a: Atom, names: Mapping[Atom, Operand]) -> Operand:
    """The operand of an atom: a name, a constant such as pi, or a number."""
    if not isinstance(a, str):
        return float(a)
    found = names.get(a)
    return CONSTANTS[a] if found is None else found


def _refused(row: Op, inner: Op, span: Span | None, source: Source | None) -> Exception:
    if row.of_rules or row.array is not None:
        says = "a step of this program cannot be written in .nl"
        help = "a derivative, or an op on arrays, leads to it: write out its value"
    elif inner is row:
        says = f"{quoted(row.name)} cannot be written in .nl"
        help = "the format has elementary functions alone: write an approximation by them"
    else:
        says = f"{quoted(row.name)} cannot be written in .nl, as {quoted(inner.name)} in it cannot"
        help = ""
    return error(UsageError, "W921", says, span, help=help, source=source)


class _Unsaid(Exception):
    def __init__(self, row: Op) -> None:
        super().__init__()
        self.row = row


class _Steps:
    """Steps while they are written."""

    def __init__(self, variables: int, limits: Limits) -> None:
        self.variables = variables
        self.steps: list[NlStep] = []
        self._known: dict[tuple[Any, ...], int] = {}
        self._written: dict[tuple[Any, ...], Operand] = {}
        self._tally = Tally(limits, "equations", "the model grows too long")

    def write(self, row: Op, operands: Sequence[Operand], own: Sequence[Op] = ()) -> Operand:
        """Write an op, and give its operand."""
        said = row.notation.nl
        if type(said) is int:
            return self._step(said, tuple(operands), row)
        # Ops that call each other do twice the work with each line of text, unless each is written once.
        key = (row.name, *_key_of(operands))
        found = self._written.get(key)
        if found is None:
            check_clock()
            found = self._written[key] = self._spelled_out(row, operands, own)
        return found

    def _spelled_out(self, row: Op, operands: Sequence[Operand], own: Sequence[Op]) -> Operand:
        """Write the formula of an op that has no number."""
        said = row.notation.nl
        if isinstance(row.forward, str):
            return self._formula(forward_rule(row, tuple(own)), operands, own)
        if not isinstance(said, str):
            raise _Unsaid(row)
        if arity(row)[1] is not None:
            return self._formula(_parsed(said, tuple(row.params.split())), operands, own)
        found = operands[0]
        for other in operands[1:] or (0.0,):
            found = self._formula(_parsed(said, ("a", "b")), (found, other), own)
        return found

    def _formula(self, wlist: WengertList, operands: Sequence[Operand], own: Sequence[Op]) -> Operand:
        """Write a list over its inputs."""
        local = {row.name: row for row in own}
        names: dict[Atom, Operand] = dict(zip(wlist.inputs, operands))
        for e in wlist.equations:
            row = local.get(e.op) or OPS[e.op]
            names[e.output] = self.write(row, [_operand(a, names) for a in e.inputs], own)
        return _operand(wlist.outputs[0], names)

    def _step(self, code: int, operands: tuple[Operand, ...], row: Op) -> Operand:
        if all(type(a) is float for a in operands):
            assert callable(row.forward)
            return float(row.forward(*operands))
        key = (code, *_key_of(operands))
        if (known := self._known.get(key)) is not None:
            return known
        self._tally.spend()
        self.steps.append(NlStep(code, operands))
        made = self._known[key] = self.variables + len(self.steps) - 1
        return made


def _key_of(operands: Sequence[Operand]) -> list[Operand | str]:
    """Operands as a key: numbers by their bits, as -0 is not 0."""
    return [a.hex() if isinstance(a, float) else a for a in operands]


@lru_cache(512)
def _parsed(text: str, names: tuple[str, ...]) -> WengertList:
    """The formula of a row as a list over its parameters."""
    return parse(text, inputs=names).wlist
