"""Write a problem, given as for `minimize`, in AMPL's .nl: objective, constraints, bounds and start values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any

from ...emit.nl_text import NlFiles, NlProblem, NlRow, nl_files
from ...ground.errors import DerivativeError, UnknownName, UsageError, error, shown, suggestion
from ...ground.limits import within
from ...ground.names import fresh, is_temporary
from ...ground.tuples import NamedTuple
from ...kernels.arguments import as_value
from ...lists.array_text import element, places
from ...lists.shapes import declared
from ...lists.wengert_list import Atom, Equation, WengertList, assemble, names_of
from ...ops import Op
from ..function import Function
from .minimizing import texts_of, unknowns
from .relations import TextContext, TextRelation, relations_of
from .stated_problem import StatedProblem, atoms_of, stated_problem

Shape = tuple[int, ...]


def nl_of(
    f: Function, start: Mapping[str, Any] = {}, *, subject_to: Any = (), bounds: Mapping[str, Any] = {},
    wrt: Iterable[str] | str | None = None,
) -> NlFiles:  # fmt: skip
    """A function's problem as text of .nl; the arguments are those of `minimize`.

    An unknown without a value starts at 0. Raises UsageError for an op that the format cannot express, for an input
    that is neither an unknown nor has a value, and for an objective that is not named or is an array.
    """
    with within(f.limits):
        given = {n: as_value(v, n) for n, v in {**f.program.defaults, **start}.items()}
        shapes = {n: () if type(v) is float else v.shape for n, v in given.items()}
        inputs = set(f.inputs)
        f = f.at({n: v for n, v in given.items() if n in inputs})
        stated = stated_problem(f)
        if not stated.objective and not stated.rows:
            raise error(UsageError, "W603", f"a program of {len(f.outputs)} outputs tells no objective",
                        help=f"write `#: minimize {f.outputs[-1]}` into it, or keep one output")  # fmt: skip
        context = TextContext(f.options, tuple(given), shapes)
        texts = [*stated.relations, *texts_of(subject_to)]
        relations = [r for text in texts for r in relations_of(text, context)]
        joint = _Joint(stated, relations)
        for relation in relations:
            given = {**relation.function.program.defaults, **given}
        known = set(joint.inputs)
        if wrong := [n for n in given if n not in known]:
            help = suggestion(str(wrong[0]), joint.inputs) or f"the inputs are {', '.join(joint.inputs)}"
            raise error(UnknownName, "W101", f"no input is called `{shown(wrong[0]).strip(chr(39))}`", help=help)
        names = joint.inputs if wrt is None else unknowns(_all_inputs(f, joint), wrt)
        return nl_files(_problem(joint, given, names, _all_bounds(stated, bounds)), f.limits)


class _Joint:
    """One list of an objective and all constraints, with the sides of each constraint."""

    def __init__(self, stated: StatedProblem, relations: Sequence[TextRelation]) -> None:
        self.stated = stated
        f = stated.program
        wlist = f.written_list
        self.inputs = [*wlist.inputs]
        self._equations = [*wlist.equations]
        self._spans = [wlist.provenance.entry(k) for k in range(len(wlist))]
        self._shapes, self._ops = dict(wlist.shapes), {op.name: op for op in wlist.ops}
        self._provenance = wlist.provenance
        self.rows: list[NlRow] = [NlRow(*row) for row in stated.rows]
        atoms = atoms_of(wlist)
        self._outputs: list[Atom] = [atoms.get(row.name, row.name) for row in stated.rows]
        taken = {*names_of(wlist), *wlist.inputs}
        known = set(wlist.inputs)
        numbers = fresh("c", {*taken, *(n for r in relations for n in r.function.inputs)})
        for relation in relations:
            self._outputs.append(self._with(relation.function, taken))
            name = relation.function.outputs[0]
            named = name in taken and not is_temporary(name) and name not in known
            self.rows.append(NlRow(name if named else next(numbers), relation.low, relation.high))
        self._outputs += [atoms.get(name, name) for name, _ in stated.objectives]

    def _with(self, function: Function, taken: set[str]) -> Atom:
        """Append the equations of a constraint. Names of the program keep their meaning in it."""
        g = function.written_list
        for n in g.inputs:
            if n not in taken:
                taken.add(n)
                self.inputs.append(n)
                if n in g.shapes:
                    self._shapes[n] = g.shapes[n]
        renamed: dict[Atom, Atom] = {}
        for k, e in enumerate(g.equations):
            name = e.output if e.output not in taken else next(fresh(f"{e.output}_", taken))
            taken.add(name)
            self._equations.append(Equation(name, e.op, tuple(renamed.get(a, a) for a in e.inputs)))
            self._spans.append(g.provenance.entry(k))
            renamed[e.output] = name
        self._ops.update((op.name, op) for op in g.ops)
        return renamed.get(g.outputs[0], g.outputs[0])

    def wlist(self, fixed: Mapping[str, float]) -> WengertList:
        """The list; inputs in `fixed` are numbers."""
        equations: Iterable[Equation] = self._equations
        if fixed:
            equations = [e._replace(inputs=tuple(fixed.get(a, a) if isinstance(a, str) else a for a in e.inputs))
                         for e in equations]  # fmt: skip
        inputs = [n for n in self.inputs if n not in fixed]
        outputs = [fixed.get(a, a) if isinstance(a, str) else a for a in self._outputs]
        ops: tuple[Op, ...] = tuple(self._ops.values())
        return assemble(inputs, equations, outputs, ops, self._provenance._replace(spans=self._spans), self._shapes)


def _all_inputs(f: Function, joint: _Joint) -> Function:
    wlist = f.wengert_list
    whole = assemble(joint.inputs, wlist.equations, wlist.outputs, wlist.ops, wlist.provenance, wlist.shapes)
    return Function(f.program._replace(wlist=whole), f.options)


class _Bounds(NamedTuple):
    """Bounds of unknowns by name, numbers or arrays, and the names of integers."""

    sides: dict[str, tuple[Any, Any]]
    integers: tuple[str, ...]


def _all_bounds(stated: StatedProblem, bounds: Any) -> _Bounds:
    if not isinstance(bounds, Mapping):
        raise error(UsageError, "W602", f"bounds are a mapping of names to pairs, not {shown(bounds)}",
                    help="`bounds={'x': (0, None)}`")  # fmt: skip
    sides: dict[str, tuple[Any, Any]] = dict(stated.bounds)
    for n, pair in bounds.items():
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise error(UsageError, "W602", f"the bounds of `{n}` are a pair (low, high), not {shown(pair)}")
        given = [None if side is None else as_value(side, f"a bound of {n}") for side in pair]
        sides[n] = (-inf if given[0] is None else given[0], inf if given[1] is None else given[1])
    return _Bounds(sides, stated.integers)


def _problem(joint: _Joint, given: dict[str, Any], names: Sequence[str], bounds: _Bounds) -> NlProblem:
    """The problem over numbers, with arrays split into their elements."""
    stated, moving = joint.stated, set(names)
    fixed = {n: v for n, v in given.items() if n not in moving}
    if missing := [n for n in joint.inputs if n not in moving and n not in given]:
        raise error(UsageError, "W606", f"no value for `{missing[0]}`", help="it is no unknown: give it one")
    if wrong := [n for n in bounds.sides if n not in moving and n not in stated.bounds]:
        help = suggestion(str(wrong[0]), names) or f"the unknowns are {', '.join(names)}"
        raise error(UnknownName, "W101", f"no unknown is called `{shown(wrong[0]).strip(chr(39))}`", help=help)
    source = stated.program.program.source.name.rpartition("/")[2].partition(",")[0]
    title = re.sub(r"\.\w*$", "", source) if not source.startswith("<") else "a problem"
    goals = [(n if not is_temporary(n) else "objective", rises) for n, rises in stated.objectives]
    arrays = stated.program.lists.of_arrays or any(type(v) is not float for v in given.values())
    if not arrays:
        wlist = joint.wlist(fixed)
        sides = {n: (float(low), float(high)) for n, (low, high) in bounds.sides.items() if n in moving}
        _check_sides(sides)
        start = {n: given.get(n, _near_zero(sides.get(n))) for n in wlist.inputs}
        return NlProblem(wlist, joint.rows, goals, start, sides, frozenset(bounds.integers), {}, title)
    return _of_elements(joint, given, names, bounds, goals, title)


def _of_elements(
    joint: _Joint,
    given: dict[str, Any],
    names: Sequence[str],
    bounds: _Bounds,
    goals: list[tuple[str, bool]],
    title: str,
) -> NlProblem:
    """The problem over the elements of arrays."""
    import numpy as np

    from ...transforms.scalarise import scalarised  # NumPy comes with it

    wlist, moving = joint.wlist({}), set(names)
    known = {n: np.shape(given[n]) if n in given else _declared(n, s) for n, s in declared(wlist).items()}
    try:
        found = scalarised(wlist, known, joint.stated.program.limits)
    except DerivativeError as problem:
        told = problem.diagnostic._replace(code="W921", help="write it out over the elements")
        raise UsageError(told) from None
    start: dict[str, float] = {}
    sides: dict[str, tuple[float, float]] = {}
    labels: dict[str, str] = {}
    numbers: dict[str, float] = {}
    for n, whole in found.inputs.items():
        elements = np.ravel(np.asarray(whole, dtype=object))
        shape = np.shape(whole)
        low, high = (np.broadcast_to(side, shape).ravel() for side in bounds.sides.get(n, (-inf, inf)))
        values = np.ravel(given[n]) if n in given else [_near_zero(pair) for pair in zip(low, high)]
        for k, (name, place) in enumerate(zip(elements, places(shape) if shape else [()])):
            if n not in moving:
                numbers[name] = float(values[k])
                continue
            start[name], sides[name] = float(values[k]), (float(low[k]), float(high[k]))
            labels[name] = element(n, place) if shape else n
    _check_sides({labels[n]: pair for n, pair in sides.items()})
    whole_list = found.wlist
    equations = [e._replace(inputs=tuple(numbers.get(a, a) if isinstance(a, str) else a for a in e.inputs))
                 for e in whole_list.equations]  # fmt: skip
    outputs = [numbers.get(a, a) if isinstance(a, str) else a for a in whole_list.outputs]
    for (name, _), shape in zip(goals, found.shapes[len(joint.rows) :]):
        if shape:
            says = f"the objective is a number, and `{name}` has the shape {shape}"
            raise error(UsageError, "W603", says, help="take a sum, or an element")
    rows = []
    for row, shape in zip(joint.rows, found.shapes):
        spots = places(shape) if shape else [()]
        rows += [row._replace(name=element(row.name, place) if shape else row.name) for place in spots]
    kept = assemble([n for n in whole_list.inputs if n not in numbers], equations, outputs, whole_list.ops,
                    whole_list.provenance)  # fmt: skip
    integers = frozenset(n for n, label in labels.items() if label.partition("[")[0] in bounds.integers)
    return NlProblem(kept, rows, goals, start, sides, integers, labels, title)


def _declared(name: str, shape: Any) -> Shape:
    if shape is None or any(type(size) is not int for size in shape):
        raise error(UsageError, "W606", f"no value for `{name}`, an array whose size is not known",
                    help="its start value tells it")  # fmt: skip
    return tuple(shape)


def _check_sides(sides: Mapping[str, tuple[float, float]]) -> None:
    for n, (low, high) in sides.items():
        if not low <= high or low == inf or high == -inf:
            raise error(UsageError, "W862", f"no number is between the bounds {low:g} and {high:g} of `{n}`",
                        help="the lower bound comes first")  # fmt: skip


def _near_zero(pair: Any) -> float:
    """The number between two bounds that is nearest to 0."""
    return 0.0 if pair is None else float(min(max(0.0, pair[0]), pair[1]))
