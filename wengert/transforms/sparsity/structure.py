"""How outputs depend on inputs: not at all, linearly, quadratically, or otherwise.

A degree is found from the rules alone: if the partials of an op are polynomials, so is the op, of a degree one higher
(`structural_rules.Form`), and degrees combine along the equations as those of polynomials do. The degree is a bound
that holds on the whole real line: terms that cancel (`x - x`, `x*y - y*x`) are not detected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import inf

from ...ground.tuples import NamedTuple
from ...lists.wengert_list import Atom, Equation, WengertList
from ...lists.wrt import chosen
from .dependence import positions
from .structural_rules import Form, StructuralRules

WORDS = ("not", "linearly", "quadratically", "nonlinearly")


class Structure(NamedTuple):
    """The pairs of an output and an input it depends on, in row-major order, and how.

    shape    numbers of outputs and of inputs
    rows     the output of each pair
    columns  the input of each pair
    degrees  the degree of the output in this input, the others held fixed: 1, 2, …, or inf where it is no polynomial
             that is known to be one
    joint    one an output: its degree in all the inputs together, 0 where it depends on none
    """

    shape: tuple[int, int]
    rows: list[int]
    columns: list[int]
    degrees: list[float]
    joint: list[float]

    @property
    def how(self) -> list[str]:
        """The word for each pair."""
        return [word(d) for d in self.degrees]

    @property
    def jointly(self) -> list[str]:
        """The word for each output in all the inputs together."""
        return [word(d) for d in self.joint]

    def between(self, output: int, input: int) -> str:
        """The word for one pair."""
        for i, j, degree in zip(self.rows, self.columns, self.degrees):
            if (i, j) == (output, input):
                return word(degree)
        return word(0)


def word(degree: float) -> str:
    """The word for a degree: not, linearly, quadratically, nonlinearly."""
    return WORDS[int(min(degree, 3))]


Degrees = dict[str, float]


def structure(wlist: WengertList, wrt: Iterable[str] | None = None) -> Structure:
    """How each output depends on each of the names of `wrt`, by default the inputs.

    Linear means a straight line through the whole domain: `abs(x)` and `where(x > 0, x, 2*x)` are nonlinear in x, and
    so is any that is flat by pieces and no constant, such as `floor(x)`. Raises UnknownName for a name that the list
    does not have, DerivativeError where it still holds a derivative.
    """
    names, facts = chosen(wlist, wrt), StructuralRules(wlist.ops)
    place = positions(names)
    live = {a for a in wlist.outputs if isinstance(a, str)}
    readers: Counter[str] = Counter(live)
    kept: list[tuple[Equation, set[str]]] = []
    for e in reversed(wlist.equations):
        if e.output in live:
            read = {a for a in e.inputs if type(a) is str}
            live |= read
            readers.update(read)
            kept.append((e, read))
    degrees: dict[Atom, Degrees] = {name: {name: 1.0} for name in names}
    joint: dict[Atom, float] = dict.fromkeys(names, 1.0)
    nothing: Degrees = {}
    for (output, op, inputs), read in reversed(kept):
        readers.subtract(read)
        form = facts.form(op, inputs)
        maps = [degrees.get(a, nothing) for a in inputs]
        # A map that is not read any more may be overwritten.
        free = [i for i, a in enumerate(inputs) if type(a) is str and not readers[a]]
        found = _combined(form, maps, free)
        total = _total(form, [joint.get(a, 0.0) for a in inputs])
        if output in place:
            found[output] = max(1.0, found.get(output, 0.0))
            total = max(1.0, total)
        for i in free:
            degrees.pop(inputs[i], None)
        if found:
            degrees[output], joint[output] = found, total
    rows: list[int] = []
    columns: list[int] = []
    answer: list[float] = []
    for i, a in enumerate(wlist.outputs):
        for j, degree in sorted((j, d) for name, d in degrees.get(a, nothing).items() for j in place[name]):
            rows.append(i)
            columns.append(j)
            answer.append(degree)
    totals = [joint.get(a, 0.0) for a in wlist.outputs]
    return Structure((len(wlist.outputs), len(names)), rows, columns, answer, totals)


def _combined(form: Form, maps: Sequence[Degrees], free: Sequence[int]) -> Degrees:
    """The degrees of an op's value, from those of its arguments. Maps that are free may be changed."""
    bent = {name for i in form.bent for name in maps[i]}
    alone = [t.index(1) for t in form.terms if sum(t) == 1]
    found: Degrees = {}
    if len(alone) == len(form.terms):
        # A sum: the largest map is reused, and the others are merged into it.
        if mine := [i for i in alone if i in free]:
            found = maps[max(mine, key=lambda i: len(maps[i]))]
        for i in alone:
            if maps[i] is not found:
                for name, degree in maps[i].items():
                    if degree > found.get(name, 0.0):
                        found[name] = degree
    else:
        for t in form.terms:
            factors = [(e, maps[i]) for i, e in enumerate(t) if e]
            for name in {name for _, degrees in factors for name in degrees}:
                degree = sum([e * degrees[name] for e, degrees in factors if name in degrees])
                if degree > found.get(name, 0.0):
                    found[name] = degree
    found.update(dict.fromkeys(bent, inf))
    return found


def _total(form: Form, joint: Sequence[float]) -> float:
    if any(joint[i] for i in form.bent):
        return inf
    return max((sum([e * joint[i] for i, e in enumerate(t) if e]) for t in form.terms), default=0.0)
