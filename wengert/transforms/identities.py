"""Rewrites of one equation that are exact bit for bit: constant folding, and the identities of the rows.

Exact in IEEE 754 means for every value, nan, the infinities and both zeros included: `x*1` is x, `x + 0` is not (-0),
`0*x` is not 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom
from ..ops import OPS, WHERE
from ..sweeps.numbers import Numbers
from .builder import Builder
from .patterns import Pattern, Step, bindings, instantiate, needs, patterns_of

_NUMBERS = Numbers()


def folded(build: Builder, op: str, args: tuple[Any, ...]) -> Atom | None:
    """The value of an op whose arguments are all numbers; or the branch that a number chooses."""
    if op == WHERE and isinstance(args[0], float):
        chosen, other = args[1:] if args[0] != 0.0 else (args[2], args[1])
        return chosen if build.partial or build.as_large(chosen, other) else None
    for a in args:
        if type(a) is not float:
            return None
    if not args:
        return None
    row = OPS.get(op)
    if row is None or row.array is not None or not callable(row.forward):
        return None
    return _NUMBERS(op, *args)


class _Exact(NamedTuple):
    """The exact patterns with one op outermost.

    inner    ops that they look for in the definition of an input
    matched  those to try, by whether a number is among the inputs, and by whether such an op defines one; each with the
             numbers that must be among the inputs, and whether two of these must be the same
    """

    inner: frozenset[str]
    matched: dict[tuple[bool, bool], tuple[tuple[Pattern, tuple[float, ...], bool], ...]]


@cache
def _exact() -> dict[str, _Exact]:
    found = {}
    for op, ps in patterns_of("exact").items():
        needed = [(p, *needs(p)) for p in ps]
        matched = {
            (given, defined): tuple(_tried(p) for p, literal, of in needed if literal <= given and (defined or not of))
            for given in (False, True)
            for defined in (False, True)
        }
        found[op] = _Exact(frozenset().union(*(of for _, _, of in needed)), matched)
    return found


def _tried(p: Pattern) -> tuple[Pattern, tuple[float, ...], bool]:
    names = [a for a in p.shape.inputs if isinstance(a, str)]
    return p, tuple(a for a in p.shape.inputs if isinstance(a, float)), len(set(names)) < len(names)


def identity(build: Builder, op: str, args: tuple[Atom, ...]) -> tuple[Pattern, Step | Atom] | None:
    """An exact identity that applies, with the new form of the equation."""
    exact = _exact().get(op)
    if exact is None:
        return None
    # Most equations fail here, before anything is matched.
    given = defined = False
    for a in args:
        if type(a) is float:
            given = True
        elif (k := build.defined.get(a)) is not None and build.equations[k][1] in exact.inner:  # type: ignore[arg-type]
            defined = True
    for p, needed, twice in exact.matched[given, defined]:
        if twice and len({*args}) == len(args) or any(a not in args for a in needed):
            continue
        # An identity that drops a variable may drop its shape too: where(c, a, a) is as large as c. A partial
        # derivative may be smaller than the adjoint that it multiplies.
        if build.shaped and not build.partial and not p.keeps:
            continue
        if (bound := bindings(p, build, op, args)) is not None:
            return p, instantiate(p, build, bound)
    return None


def as_written(build: Builder, op: str, args: tuple[Atom, ...]) -> Iterator[Step]:
    """An equation, and its equivalent by an exact identity, if any: `1 + -a` is also `1 - a`."""
    yield op, args
    for p in patterns_of("exact").get(op, ()):
        if len(p.right.equations) == 1 and (bound := bindings(p, build, op, args)) is not None:
            (equation,) = p.right.equations
            yield equation.op, tuple(bound.get(a, a) if isinstance(a, str) else a for a in equation.inputs)


def tidy(build: Builder, op: str, args: tuple[Any, ...]) -> Atom | None:
    """The rewrite for derivatives: it folds numbers and applies exact identities."""
    if (number := folded(build, op, args)) is not None:
        return number
    return restated(build, op, args)


def restated(build: Builder, op: str, args: tuple[Any, ...]) -> Atom | None:
    """Apply only exact identities; numbers stay as they are written."""
    if (found := identity(build, op, args)) is not None:
        answer = found[1]
        return build(answer[0], *answer[1]) if isinstance(answer, tuple) else answer
    return None
