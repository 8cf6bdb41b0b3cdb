"""The diagonal of a Jacobian with as many outputs as names, such as a gradient's: a Hessian's diagonal, without the
matrix.

One tangent sweep moves all names, or elements of arrays, of one colour. No derivative by one of them depends on
another, so each output shows the entry of its own name alone (see `transforms.sparsity.diagonal_colouring`).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, prod
from typing import Any

from ..ground.errors import DerivativeError, LimitError
from ..ground.limits import UNTRUSTED, Limits, check_clock
from ..ground.tuples import NamedTuple
from ..lists.shapes import of_arrays
from ..lists.wengert_list import Atom, WengertList
from ..sweeps.forward import forward_sweep, leading
from ..sweeps.masks import bare_outputs, masked_by
from ..sweeps.notes import noted
from ..sweeps.rules import rules_for
from ..sweeps.tangent import TangentRequest, tangent_sweep
from ..transforms.builder import Builder, Names
from ..transforms.identities import tidy
from ..transforms.sparsity import diagonal_colouring, jacobian_pattern
from .evaluation import Evaluation
from .jacobians import MOST, SeededTape, masked_diagonal

# A list over arrays is turned into one over numbers to find its pattern. It may have this many equations, which take
# two seconds; from this number of elements on, a sweep for each takes longer than any such list.
LONGEST, MANY = 200_000, 2_500


class Colours(NamedTuple):
    """A colouring of names and elements.

    sweeps  the number of colours
    of      by name its colour, or an array of the colours of its elements
    own     the names whose own output may depend on them
    flat    of a list over arrays that computes with numbers for the most part, that list as one over numbers, and the
            colouring of its inputs; None of any other
    """

    sweeps: int
    of: dict[str, Any]
    own: frozenset[str]
    flat: tuple[WengertList, Colours] | None = None


def coloured(call: Evaluation, names: Sequence[str]) -> Colours:
    """Colours for the diagonal of the derivatives of a list's outputs in `names`, as many distinct names as outputs.

    If a list over arrays would be too long over numbers, or has an op that cannot be split, every element gets a colour
    of its own.
    """
    if not any(map(call.shape, names)) and not of_arrays(call.wlist):
        return _of_names(call.wlist, names)
    import numpy as np  # there are arrays

    shapes = [call.shape(n) for n in names]
    count = sum(map(prod, shapes))
    elements = _of_elements(call, names)
    found = list(range(count)) if elements is None else list(elements[1].of.values())
    of, first = {}, 0
    for n, shape in zip(names, shapes):
        of[n] = np.array(found[first : first + prod(shape)], dtype=np.intp).reshape(shape) if shape else found[first]
        first += prod(shape)
    numbers = sum(1 for e in call.wlist.equations if not call.shape(e.output))
    flat = elements if 2 * numbers >= len(call.wlist) and not call.batch else None
    return Colours(max(found, default=-1) + 1, of, frozenset(names), flat)


def _of_names(wlist: WengertList, names: Sequence[str]) -> Colours:
    pattern = jacobian_pattern(wlist, names)
    found = diagonal_colouring(pattern)
    own = frozenset(names[i] for i, j in zip(pattern.rows, pattern.columns) if i == j)
    return Colours(max(found, default=-1) + 1, dict(zip(names, found)), own)


def _of_elements(call: Evaluation, names: Sequence[str]) -> tuple[WengertList, Colours] | None:
    """The list over the elements of its arrays, and the colours of those of `names`, in order; None if there is no such
    list."""
    import numpy as np

    from ..transforms.scalarise import scalarised  # it imports NumPy

    wlist, most = call.wlist, call.limits.equations
    if sum(prod(call.shape(n)) for n in names) < MANY:
        most = min(LONGEST, most)
    if sum(prod(call.shape(e.output)) for e in wlist.equations) <= most and set(names) <= set(wlist.inputs):
        try:
            found = scalarised(wlist, {n: call.shape(n) for n in wlist.inputs}, Limits(equations=most, seconds=None))
            by = [str(e) for n in names for e in np.ravel(np.asarray(found.inputs[n], dtype=object))]
            return found.wlist, _of_names(found.wlist, by)
        except (DerivativeError, LimitError):
            check_clock()  # raises if the caller's own time is up
    return None


def with_diagonal(
    wlist: WengertList, names: Sequence[str], colours: Colours, kink: str, limits: Limits = UNTRUSTED,
    masked: bool = False,
) -> WengertList:  # fmt: skip
    """The values of a list over numbers, and the derivative of each in its own name, by one tangent sweep a colour."""
    build = Builder(wlist, rewrites=(tidy,), limits=limits)
    first = len(build.equations)
    found: dict[str, Atom] = {}
    rules, inner = rules_for(wlist.ops, kink), bare_outputs(wlist)
    for rows in _by_colour(wlist.outputs, names, colours):
        asked = TangentRequest(wanted=leading(wlist, [inner.get(a, a) for a, _ in rows]))
        moved = tangent_sweep(wlist, Names(), {n: 1.0 for _, n in rows}, build, rules, asked)
        found.update({n: moved.get(str(inner.get(a, a)), 0.0) for a, n in rows})
    derivatives = [found[n] for n in names]
    if masked:
        for k, (a, n) in enumerate(zip(wlist.outputs, names)):
            if n in colours.own:
                derivatives[k] = masked_by(a, derivatives[k], build)
    build.prune(first, derivatives)
    return build.finish(wlist, wlist.inputs, [*wlist.outputs, *derivatives])


def _by_colour(outputs: Sequence[Atom], names: Sequence[str], colours: Colours) -> list[list[tuple[Atom, str]]]:
    found: list[list[tuple[Atom, str]]] = [[] for _ in range(colours.sweeps)]
    for a, n in zip(outputs, names):
        found[colours.of[n]].append((a, n))
    return found


def diagonal(call: Evaluation, names: Sequence[str], kink: str, colours: Colours) -> tuple[list[Any], Any]:
    """The derivative of each output in its own name, element by element, and a function that makes the notes."""
    call.check()
    tape = forward_sweep(call.wlist, call.values, call.apply)
    sweep = _by_elements if any(map(call.shape, names)) else _by_names

    def notes() -> Any:
        def again(steps: list[Any]) -> None:
            sweep(call, tape, names, kink, colours, steps)

        return noted(call, tape, names, kink, again)

    found = sweep(call, tape, names, kink, colours, None)
    return masked_diagonal(call, tape, names, found, kink), notes


def _by_names(
    call: Evaluation, tape: dict[str, Any], names: Sequence[str], kink: str, colours: Colours, steps: list[Any] | None
) -> list[Any]:  # fmt: skip
    """The diagonal if all names are numbers: one sweep a colour."""
    wlist, rules, inner = call.wlist, rules_for(call.wlist.ops, kink), bare_outputs(call.wlist)

    def note(k: int, i: Any, local: Any, tangent: Any, product: Any) -> None:
        if steps is not None and type(product) is float and type(local) is float and not isfinite(product):
            steps.append((k, i, tangent, local, product))

    found: dict[str, Any] = {}
    for rows in _by_colour(wlist.outputs, names, colours):
        wanted = leading(wlist, [inner.get(a, a) for a, _ in rows])
        asked = TangentRequest(None if steps is None else note, wanted)
        moved = tangent_sweep(wlist, tape, {n: 1.0 for _, n in rows}, call.apply, rules, asked)
        found.update({n: call.full(moved.get(str(inner.get(a, a))), n) for a, n in rows})
    return [found[n] for n in names]


def _by_elements(
    call: Evaluation, tape: dict[str, Any], names: Sequence[str], kink: str, colours: Colours, steps: list[Any] | None
) -> list[Any]:  # fmt: skip
    """The diagonal over arrays: one sweep carries many colours, along an axis before all others."""
    import numpy as np

    wlist, rules, inner = call.wlist, rules_for(call.wlist.ops, kink), bare_outputs(call.wlist)
    read = [inner.get(a, a) for a in wlist.outputs]
    wide, wanted = SeededTape(call, tape), leading(wlist, read)
    answers = [np.zeros(call.batch + call.shape(n), call.apply.dtype) for n in names]
    step = max(1, MOST // max(wide.largest, 1))
    for first in range(0, colours.sweeps, step):
        here = np.arange(first, min(first + step, colours.sweeps))
        seeds = {}
        for n in names:
            lead = here.reshape((-1,) + (1,) * (wide.batch + len(call.shape(n))))
            seeds[n] = (lead == colours.of[n]).astype(call.apply.dtype)
        with wide.apply:
            # An element that does not move contributes nothing, even if a local derivative is not finite.
            asked = TangentRequest(None, wanted, seeds)
            moved = tangent_sweep(wlist, wide.tape, seeds, wide.apply, rules, asked)
        for n, b, answer in zip(names, read, answers):
            of = np.asarray(colours.of[n])
            whole = wide.full(moved.get(b) if isinstance(b, str) else None, n, len(here))
            place = np.clip(of - first, 0, len(here) - 1).reshape((1,) * (1 + len(call.batch)) + of.shape)
            own = np.take_along_axis(whole, np.broadcast_to(place, (1, *whole.shape[1:])), 0)[0]
            np.copyto(answer, own, where=(of >= first) & (of < first + len(here)))
    return [call.full(v if v.ndim else float(v), n) for n, v in zip(names, answers)]
