"""The list of a program over arrays as a script of the page, element by element.

All that the page shows is written as equations first: the reverse sweep with its contributions, and a tangent sweep for
each input. That list is taken apart into numbers, and emitted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..ground.errors import DerivativeError, LimitError, UsageError
from ..ground.limits import Limits, checking_clock
from ..ground.tuples import NamedTuple
from ..lists.array_text import shape_of
from ..lists.wengert_list import Atom, Equation, WengertList, assemble
from ..ops import ADD, CONSTANTS, DERIVATIVES, ZEROS
from ..sweeps.forward import depending
from ..sweeps.reverse import ReverseRequest, reverse_sweep
from ..sweeps.rules import Rules, rule_list, rules_for, sweep_rule
from ..sweeps.tangent import tangent_sweep
from ..transforms.builder import Builder, Names
from ..transforms.identities import tidy
from .live_code import LiveCode, emitted

# The most equations over numbers of a page.
MOST = 4000


class Known(NamedTuple):
    """The facts that the script is written for: the list, the values at the point, the contributions, the names that
    reverse sweeps start from, the inputs that tangents are for, and the policy at kinks."""

    wlist: WengertList
    values: Mapping[str, Any]
    contributions: Sequence[tuple[int, int]]
    outputs: Sequence[str]
    seeds: Sequence[str]
    kink: str


def live_arrays(known: Known, limits: Limits) -> LiveCode:
    """The script, and in its layout for each quantity how many numbers it has there, and its shape."""
    from ..transforms.scalarise import outputs_in, scalarised  # NumPy comes with it

    wlist = known.wlist
    if any(e.op in DERIVATIVES for e in wlist.equations):
        return LiveCode("", why="it holds derivatives that are still to be expanded")
    shapes = {n: shape_of(known.values[n]) for n in wlist.inputs}
    try:
        sheet = _Sheet(known, limits, shapes)
        sheet.write()
        listed = assemble(wlist.inputs, sheet.build.equations, [a for a, _ in sheet.outputs], wlist.ops, shapes=shapes)
        flat = scalarised(listed, shapes, limits._replace(equations=min(limits.equations, MOST)), "values")
        names: dict[Atom, Atom] = {n: f"x{k}" for k, n in enumerate(flat.wlist.inputs)}
        names.update((e.output, f"y{k}") for k, e in enumerate(flat.wlist.equations))
        names.update((n, v) for n, v in CONSTANTS.items() if n not in names)
        equations = [Equation(str(names[e.output]), e.op, tuple(names.get(a, a) for a in e.inputs))
                     for e in checking_clock(flat.wlist.equations)]  # fmt: skip
        atoms, counts = outputs_in(flat, [shape for _, shape in sheet.outputs])
        outputs = [names.get(a, a) for a in atoms]
        whole = assemble([str(names[n]) for n in flat.wlist.inputs], equations, outputs, wlist.ops)
        layout = [[count, list(shape)] for count, (_, shape) in zip(counts, sheet.outputs)]
        return LiveCode(emitted(whole), tuple(sheet.kinks), layout=tuple(layout), parts=tuple(sheet.parts))
    except LimitError:
        return LiveCode("", why=f"it computes with more than {MOST:,} numbers")
    except (DerivativeError, UsageError) as problem:
        return LiveCode("", why=problem.diagnostic.message)


class _Sheet:
    """Writes the sweeps as one list.

    outputs  its outputs with their shapes
    parts    the meaning of each: ["value", name], ["kink", k], ["tangent", input, name], or for the reverse sweep from
             an output ["local", step, output], ["downstream", step, output], ["total", step, output]
    """

    def __init__(self, known: Known, limits: Limits, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.known = known
        self.build = Builder(known.wlist, (tidy,), limits, prefix="w", shapes=shapes)
        self.outputs: list[tuple[Atom, tuple[int, ...]]] = []
        self.parts: list[list[Any]] = []
        self.kinks: list[int] = []

    def write(self) -> None:
        known, wlist = self.known, self.known.wlist
        rules = rules_for(wlist.ops, "mean" if known.kink == "error" else known.kink)
        for e in wlist.equations:
            self._add(["value", e.output], e.output, shape_of(known.values[e.output]))
        for output in known.outputs:
            self._reverse(rules, output)
        self._kinks(rules)
        for n in known.seeds:
            moved = tangent_sweep(wlist, Names(), {n: self._ones(n)}, self.build, rules)
            for name, tangent in moved.items():
                self._add(["tangent", n, name], tangent, shape_of(known.values[name]))

    def _add(self, part: list[Any], a: Atom, shape: tuple[int, ...]) -> None:
        self.parts.append(part)
        self.outputs.append((a, shape))

    def _ones(self, name: str) -> Atom:
        made: Atom = self.build(ADD, self.build(ZEROS, name), 1.0) if shape_of(self.known.values[name]) else 1.0
        return made

    def _reverse(self, rules: Rules, output: str) -> None:
        known, wlist = self.known, self.known.wlist
        place = {step: s for s, step in enumerate(known.contributions)}

        def visit(k: int, i: int, *step: Any) -> None:
            if not step or (k, i) not in place:
                return
            _, local, downstream, total = step
            e = wlist.equations[k]
            to = shape_of(known.values.get(str(e.inputs[i]), 0.0))
            if local is not None:
                self._add(["local", place[k, i], output], local, shape_of(known.values[e.output]))
            self._add(["downstream", place[k, i], output], downstream, to)
            self._add(["total", place[k, i], output], total, to)

        active = depending(wlist, {str(wlist.equations[k].inputs[i]) for k, i in known.contributions})
        request = ReverseRequest(visit, active, gather=False)
        reverse_sweep(wlist, Names(), {output: self._ones(output)}, self.build, rules, request)

    def _kinks(self, rules: Rules) -> None:
        for k, e in enumerate(self.known.wlist.equations):
            row = rules.table[e.op]
            for kink in row.kinks if row.array is None else ():
                rule = rule_list(row, kink.when, len(e.inputs), self.known.wlist.ops)
                names = dict(zip(rule.inputs, (*e.inputs, e.output, e.inputs[0])))
                self.kinks.append(k)
                self._add(["kink", k], sweep_rule(rule, names, self.build), shape_of(self.known.values[e.output]))
