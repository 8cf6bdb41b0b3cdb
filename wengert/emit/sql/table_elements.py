"""A list over arrays as one over the columns of a table: a column for each element."""

from __future__ import annotations

from itertools import product

from ...ground.errors import DerivativeError, UsageError, error
from ...ground.limits import Limits
from ...ground.names import is_temporary
from ...lists.shapes import declared, of_arrays
from ...lists.wengert_list import Atom, WengertList
from ...transforms.expand import expand


def over_elements(
    wlist: WengertList, wrt: tuple[str, ...] | None, kink: str, limits: Limits
) -> tuple[WengertList, tuple[Atom, ...], tuple[str, ...] | None]:
    """A list over numbers, the names of its outputs, and the names by which derivatives are taken.

    The elements of an input x[3] are x_0, x_1 and x_2, and those of an output likewise. Raises UsageError for an array
    whose shape is not declared with numbers, and for an op that cannot be split into elements.
    """
    if not of_arrays(wlist):
        return wlist, wlist.outputs, wrt
    shapes = declared(wlist)
    open_ended = [n for n, s in shapes.items() if s is None or not all(isinstance(d, int) for d in s)]
    if open_ended:
        raise error(UsageError, "W609", f"a table has a column for each element of `{open_ended[0]}`, and its shape is "
                    "not known", help=f"declare it with numbers, as in `input {open_ended[0]}[3]`")  # fmt: skip
    from ...transforms.scalarise import scalarised

    try:
        found = scalarised(expand(wlist, kink=kink, limits=limits), shapes, limits, "derivatives")
    except DerivativeError as problem:
        said = problem.diagnostic
        raise error(UsageError, "W609", said.message, said.span, help="SQL has numbers alone: write the elements",
                    source=said.source) from None  # fmt: skip
    outputs: list[Atom] = []
    unnamed = sum(not isinstance(a, str) or is_temporary(a) for a in wlist.outputs)
    for a, shape in zip(wlist.outputs, found.shapes):
        if not shape:
            outputs.append(a)
            continue
        name = "f" if unnamed == 1 and is_temporary(str(a)) else str(a)
        outputs += [f"{name}_{'_'.join(map(str, place))}" for place in product(*map(range, shape))]
    if wrt is not None:
        arrays = {n: whole for n, whole in found.inputs.items() if not isinstance(whole, str)}
        wrt = tuple(str(x) for n in wrt for x in (arrays[n].ravel() if n in arrays else [n]))
    return found.wlist, tuple(outputs), wrt
