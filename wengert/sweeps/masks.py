"""One semantics of a derivative, in every mode: a derivative of f is nan where f is nan.

The ops' rules do not ensure this. It is done once, for the result: in a list it is one equation for each derivative,
`where(isnan(f), nan, g)`. If f does not depend on a name by structure, its derivative is 0 everywhere: absent is not
zero, and is not masked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import nan
from typing import Any

from ..ground.limits import checking_clock
from ..lists.wengert_list import Atom, Equation, WengertList
from ..ops import ADD, ISNAN, MUL, SUM_LIKE, WHERE
from .interpretation import Interpretation
from .rules import Rules, vjp_rule


def masked_by(f: Any, derivative: Any, apply: Interpretation) -> Any:
    """A derivative of f, made nan where f is nan, under `apply`; for arrays element by element, as they broadcast."""
    if type(f) is float and f == f:
        return derivative
    return apply(WHERE, apply(ISNAN, f), nan, derivative)


def bare(a: Atom, equation: Equation | None) -> Atom:
    """The value below a mask: the other branch of an equation that chooses between nan and another value; otherwise the
    name itself.

    Where the name is nan, so is its derivative. So one may differentiate the bare value and mask the derivative by the
    name; then nothing is below a branch.
    """
    if equation is not None and equation.op == WHERE and equation.inputs[1] != equation.inputs[1]:
        return equation.inputs[2]
    return a


def bare_outputs(wlist: WengertList) -> dict[Atom, Atom]:
    """For each output, the value below its mask; see `bare`."""
    found = {a: a for a in wlist.outputs}
    left = {a for a in found if isinstance(a, str)}.difference(wlist.inputs)
    for e in reversed(wlist.equations):
        if not left:
            break
        if e.output in left:
            left.discard(e.output)
            found[e.output] = bare(e.output, e)
    return found


def masked_values(f: Any, derivative: Any) -> Any:
    """A derivative of f, made nan where f is nan. The first axes of the values are those of f."""
    if type(f) is float:
        if f == f:
            return derivative
        return nan if type(derivative) is float else derivative * nan
    import numpy as np  # there are arrays already

    wrong = np.isnan(f)
    if not wrong.any():
        return derivative
    wrong = wrong.reshape(wrong.shape + (1,) * (np.ndim(derivative) - wrong.ndim))
    return np.where(wrong, derivative * nan, derivative)


def masked_derivatives(
    wlist: WengertList, outputs: Collection[Atom], value: Any, names: Sequence[str], derivatives: Sequence[Any],
    rules: Rules,
) -> list[Any]:  # fmt: skip
    """The derivatives by each of `names` of an output or a sum of outputs, nan where that is nan. Names on which no
    output depends are not masked."""
    if not has_nan(value):
        return list(derivatives)
    depends = depended_on(wlist.equations, outputs, rules)
    return [masked_values(value, g) if n in depends else g for n, g in zip(names, derivatives)]


def has_nan(value: Any) -> bool:
    """Whether a number, or any element of an array, is nan."""
    return value != value if type(value) is float else bool((value != value).any())


def depended_on(equations: Sequence[Equation], outputs: Iterable[Atom], rules: Rules) -> set[Any]:
    """The names on which some output depends by structure: through partial derivatives that are not zero everywhere."""
    found: set[Any] = {a for a in outputs if type(a) is str}
    for output, op, inputs in checking_clock(equations[::-1]):
        if output not in found:
            continue
        row = rules.table[op]
        if row.array is not None:
            found.update([a for i, a in enumerate(inputs) if type(a) is str and vjp_rule(row, i) is not None])
            continue
        plan = rules.partials_at(row, inputs)
        found.update([a for a, partial in zip(inputs, plan) if partial is not None and type(a) is str])
    return found


def weighted_sum(
    outputs: Collection[str], values: Mapping[str, Any], weights: Mapping[str, Any], apply: Interpretation
) -> Any:  # fmt: skip
    """The weighted sum of all elements of all outputs: a number, or a batch of them. Its gradient is the
    vector-Jacobian product."""
    total: Any = None
    for output in outputs:
        term = apply(MUL, weights[output], values[output])
        if apply.shaped:
            term = apply(SUM_LIKE, term, 1.0)
        total = term if total is None else apply(ADD, total, term)
    return 0.0 if total is None else total
