"""Patterns of the rows, `left -> right` in the language, matched against the equations a builder has written.

In a pattern a name matches any atom, and the same atom each time it occurs; `p` matches only truth values, and `k` only
numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from ..ground.tuples import NamedTuple
from ..language import parse
from ..lists.quoting import substituted
from ..lists.wengert_list import Atom, WengertList, spelled
from ..ops import ADD, CONSTANTS, OPS

if TYPE_CHECKING:
    from .builder import Builder


# After comparing this many pairs of atoms, two expressions count as different.
ALIKE = 64
# Longer sums are left as they are.
LONGEST = 512


class Shape(NamedTuple):
    """An op over sub-patterns: shapes, variable names, numbers.

    term  the op of the terms of a sum that stands for sums of any length
    """

    op: str
    inputs: tuple[Shape | str | float, ...]
    term: str = ""


class Pattern(NamedTuple):
    """A shape to match, a list over the variables to put in its place, and the reason.

    inner  ops that some equation must have for the shape to match
    """

    text: str
    shape: Shape
    right: WengertList
    reason: str
    inner: frozenset[str] = frozenset()

    @property
    def keeps(self) -> bool:
        """Whether every variable on the left also occurs on the right."""
        used = {a for e in self.right.equations for a in e.inputs} | set(self.right.outputs)
        return used.issuperset(self.right.inputs)


@cache
def pattern(text: str) -> Pattern:
    """Read `left -> right; reason`."""
    rule, _, reason = text.partition(";")
    left, _, right = rule.partition("->")
    lefts = parse(left).wlist
    shapes: dict[Atom, Shape] = {}
    for output, op, inputs in lefts.equations:
        shape = Shape(op, tuple(shapes.get(a, a) for a in inputs))
        shapes[output] = _cheapest(shape._replace(term=_term(shape)))
    shape = shapes[lefts.outputs[0]]
    inner = frozenset(a.op for a in _parts(shape)[1:] if not OPS[a.op].rewrites.cheaper)
    return Pattern(rule.strip(), shape, parse(right, inputs=lefts.inputs).wlist, reason.strip(), inner)


def _parts(shape: Shape) -> list[Shape]:
    found = [shape]
    for part in found:
        found += (a for a in part.inputs if isinstance(a, Shape))
    return found


@cache
def patterns_of(field: str) -> dict[str, tuple[Pattern, ...]]:
    """The patterns in a field of the rows (`exact`, `fuses`, `cheaper`), by their outermost op."""
    if field == "cheaper":
        return _by_op(_plain(text) for name in tuple(OPS) for text in cheaper_texts(name))
    rows = tuple(OPS.values())
    return _by_op(
        pattern(text) for row in rows for text in (row.rewrites.exact if field == "exact" else row.rewrites.fuses)
    )


@lru_cache(256)
def patterns_by_op(texts: tuple[str, ...]) -> dict[str, tuple[Pattern, ...]]:
    """`fuses` patterns by their outermost op."""
    return _by_op(map(pattern, texts))


def _by_op(patterns: Iterable[Pattern]) -> dict[str, tuple[Pattern, ...]]:
    found: dict[str, list[Pattern]] = {}
    for p in patterns:
        found.setdefault(p.shape.op, []).append(p)
    # The most specific first: log(1 + exp(a)) is tried before log(1 + a), and a*exp(a) before b*exp(a).
    return {op: tuple(sorted(ps, key=lambda p: (-_size(p.shape), len(p.right.inputs)))) for op, ps in found.items()}


def _size(shape: Shape | str | float) -> int:
    return 1 + sum(map(_size, shape.inputs)) if isinstance(shape, Shape) else 0


def cheaper_texts(name: str) -> tuple[str, ...]:
    """The `cheaper` patterns of a row, each with the op on the right."""
    row = OPS[name]
    return tuple(f"{left} -> {name}({', '.join(row.params.split())})" for left in row.rewrites.cheaper)


@cache
def _plain(text: str) -> Pattern:
    left, _, right = text.partition("->")
    lefts = parse(left).wlist
    (equation,) = lefts.equations
    return Pattern(text, Shape(equation.op, equation.inputs), parse(right, inputs=lefts.inputs).wlist, "the same bits")


def _cheapest(shape: Shape) -> Shape:
    """A subpattern in the form that the matcher sees: `a^2` and `a*a` become square(a)."""
    for p in patterns_of("cheaper").get(shape.op, ()):
        bound: dict[str, Shape | str | float] = {}
        for want, got in zip(p.shape.inputs, shape.inputs):
            if (bound.setdefault(want, got) if isinstance(want, str) else want) != got:
                break
        else:
            (equation,) = p.right.equations
            return Shape(equation.op, tuple(bound[a] for a in equation.inputs))  # type: ignore[index]
    return shape


def needs(p: Pattern) -> tuple[bool, frozenset[str]]:
    """Facts for a quick test of a pattern: whether an input must be a number, and the ops, if any, that may define an
    input."""
    inner = {a.op for a in p.shape.inputs if isinstance(a, Shape)}
    inner |= {q.shape.op for qs in patterns_of("cheaper").values() for q in qs if q.right.equations[0].op in inner}
    return any(isinstance(a, float) or a == "k" for a in p.shape.inputs), frozenset(inner)


@cache
def inner_ops() -> frozenset[str]:
    """Ops that the exact patterns look into: the op of the equation that defines an input, and its inputs."""
    return frozenset().union(*(needs(p)[1] for ps in patterns_of("exact").values() for p in ps))


@cache
def telling_ops() -> frozenset[str]:
    """Ops for which an exact identity may check an input's definition: those that it looks into, and truth values."""
    return inner_ops() | {row.name for row in OPS.values() if row.boolean}


def repeats(p: Pattern) -> bool:
    """Whether a variable occurs twice in a pattern, so that it matches some atoms only while they are the same."""
    names = [a for part in _parts(p.shape) for a in part.inputs if isinstance(a, str)]
    return len(set(names)) < len(names)


def bindings(p: Pattern, build: Builder, op: str, args: tuple[Atom, ...]) -> dict[str, Atom] | None:
    """The atoms of the pattern's variables, if it matches `op` on `args`."""
    return _inputs(p.shape, build, op, args, {})


def _inputs(
    shape: Shape, build: Builder, op: str, args: tuple[Atom, ...], bound: dict[str, Atom]
) -> dict[str, Atom] | None:
    if op != shape.op:
        seen = _seen(build, op, args)
        if seen is None or seen[0] != shape.op:
            return None
        op, args = seen
    if len(args) != len(shape.inputs):
        return None
    for order in (args, args[::-1]) if len(args) == 2 and OPS[op].rewrites.commutes else (args,):
        trial: dict[str, Atom] | None = bound
        for want, got in zip(shape.inputs, order):
            if trial is not None:
                trial = _atom(want, build, got, trial)
        if trial is not None:
            return trial
    return _longer(shape, build, op, args, bound) if shape.term else None


def _atom(want: Shape | str | float, build: Builder, got: Atom, bound: dict[str, Atom]) -> dict[str, Atom] | None:
    if isinstance(want, float):
        return bound if isinstance(got, float) and want == got and str(want) == str(got) else None
    if want in CONSTANTS:
        return bound if got == want or got == CONSTANTS[want] else None
    if isinstance(want, str):
        if want in bound:
            return bound if _same(build, bound[want], got) else None
        if want == "k" and not isinstance(got, float):
            return None
        if want == "p":
            e = build.definition(got)
            if e is None or e.op not in OPS or not OPS[e.op].boolean:
                return None
        return {**bound, want: got}
    e = build.definition(got)
    return None if e is None else _inputs(want, build, e.op, e.inputs, bound)


def _same(build: Builder, first: Atom, second: Atom) -> bool:
    """Whether two atoms are the same, or defined alike: `x - 1` written twice is two equations."""
    pairs = [(first, second)]
    for a, b in pairs:
        if a == b and str(a) == str(b):
            continue
        e, f = build.definition(a), build.definition(b)
        if e is None or f is None or e.op != f.op or len(e.inputs) != len(f.inputs) or len(pairs) > ALIKE:
            return False
        pairs += zip(e.inputs, f.inputs)
    return True


def _seen(build: Builder, op: str, args: tuple[Atom, ...]) -> tuple[str, tuple[Atom, ...]] | None:
    """The cheaper form of an equation, if a row has one."""
    for p in patterns_of("cheaper").get(op, ()):
        bound: dict[str, Atom] | None = {}
        if len(args) != len(p.shape.inputs):
            continue
        for want, got in zip(p.shape.inputs, args):
            if bound is not None:
                bound = _atom(want, build, got, bound)
        if bound is not None:
            (equation,) = p.right.equations
            return equation.op, tuple(bound[a] for a in equation.inputs)  # type: ignore[index]
    return None


@cache
def _gathering() -> dict[str, str]:
    """For the op of a sum's terms, the op that combines their arguments: logaddexp for exp."""
    return {row.rewrites.sums: row.name for row in OPS.values() if row.rewrites.sums}


def _term(shape: Shape) -> str:
    """The op of the terms, if a shape is the sum of two such terms of a variable, or of one and a number."""
    terms = {a.op if isinstance(a, Shape) else "" for a in shape.inputs if not isinstance(a, float)}
    if shape.op != ADD or len(terms) != 1 or all(isinstance(a, float) for a in shape.inputs):
        return ""
    (term,) = terms
    plain = all(isinstance(a, float) or isinstance(a, Shape) and isinstance(a.inputs[0], str) for a in shape.inputs)
    if not plain or term not in _gathering():
        return ""
    at_0 = OPS[term].forward(0.0)  # type: ignore[operator]
    return term if all(isinstance(a, Shape) or a == at_0 for a in shape.inputs) else ""


def _longer(
    shape: Shape, build: Builder, op: str, args: tuple[Atom, ...], bound: dict[str, Atom]
) -> dict[str, Atom] | None:  # fmt: skip
    """Match a sum of two terms in a pattern with a longer sum. A variable stands for several of its terms, combined,
    unless it is bound to one of them."""
    names = [a.inputs[0] for a in shape.inputs if isinstance(a, Shape)]
    numbers = [a for a in shape.inputs if isinstance(a, float)]
    gather = _gathering()[shape.term]
    found = _terms(build, shape.term, op, args)
    if found is None:
        return None
    if numbers:
        (name,) = names
        if 0.0 not in found or name in bound:
            return None
        found.remove(0.0)
        return {**bound, str(name): _gathered(build, gather, found)}
    one, other = map(str, names)
    if other in bound:
        one, other = other, one
    if other in bound or one == other:
        return None
    if one not in bound:
        half = len(found) // 2
        return {**bound, one: _gathered(build, gather, found[:half]), other: _gathered(build, gather, found[half:])}
    for i, a in enumerate(found):
        if _same(build, bound[one], a):
            return {**bound, other: _gathered(build, gather, found, i)}
    return None


def _terms(build: Builder, term: str, op: str, args: tuple[Atom, ...]) -> list[Atom] | None:
    """The arguments of the terms of a sum of more than two, if all are of one op, or its value at 0."""
    at_0 = OPS[term].forward(0.0)  # type: ignore[operator]
    found: list[Atom] = []
    left = list(reversed(args))
    while left:
        a = left.pop()
        e = build.definition(a)
        if e is not None and e.op == op:
            # Most sums have another term near their end, and are rejected here without a walk to their beginning.
            if not all(x == at_0 or (d := build.definition(x)) is not None and d.op in (op, term) for x in e.inputs):
                return None
            left += reversed(e.inputs)
        elif e is not None and e.op == term:
            found += e.inputs
        elif a == at_0:
            found.append(0.0)
        else:
            return None
        if len(found) + len(left) > LONGEST:
            return None
    return found if len(found) > 2 else None


def _gathered(build: Builder, gather: str, terms: Sequence[Atom], without: int = -1) -> Atom:
    """The terms combined pairwise, all or all but one. Results of earlier calls are shared."""
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    if without < 0:
        return build(gather, _gathered(build, gather, terms[:half]), _gathered(build, gather, terms[half:]))  # type: ignore[no-any-return]
    own, others = (terms[:half], terms[half:]) if without < half else (terms[half:], terms[:half])
    rest = _gathered(build, gather, others)
    if len(own) == 1:
        return rest
    kept = _gathered(build, gather, own, without if without < half else without - half)
    return build(gather, kept, rest)  # type: ignore[no-any-return]


def reason_of(text: str, reason: str, bound: Mapping[str, Atom]) -> str:
    """The reason in a receipt: the pattern, and why it is used, said of the atoms that its variables stand for."""
    return f"{text}: {substituted(reason, {name: spelled(a) for name, a in bound.items()})}"


Step = tuple[str, tuple[Atom, ...]]


def instantiate(p: Pattern, build: Builder, bound: dict[str, Atom]) -> Step | Atom:
    """Write the right-hand side except for its last equation, and return that equation, or the atom that it reduces
    to."""
    names = dict(bound)
    for output, op, inputs in p.right.equations[:-1]:
        names[output] = build(op, *[names.get(a, a) if isinstance(a, str) else a for a in inputs])
    if not p.right.equations:
        answer = p.right.outputs[0]
        return names.get(answer, answer) if isinstance(answer, str) else answer
    _, op, inputs = p.right.equations[-1]
    return op, tuple(names.get(a, a) if isinstance(a, str) else a for a in inputs)
