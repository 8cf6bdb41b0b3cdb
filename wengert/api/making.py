"""Functions that are made of a function, with its options: methods of `Function`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..language import Program
from ..lists.wengert_list import WengertList
from ..transforms.derivatives import jacobian, weighted
from ..transforms.simplify import Receipt, fuse, simplify
from .options import Changes

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .flat import FlatFunction
    from .formulas import Formula
    from .function import Function


def _made(f: Function, wlist: WengertList, receipts: Sequence[Receipt] = ()) -> Function:
    """A function of another list, with the options and defaults of this one, and receipts of how it came to be."""
    program = Program(wlist, f.program.source, f.program.defaults, constants=f.program.constants)
    return type(f)(program, f.options, (*f.rewritten, *receipts))


def with_options(f: Function, **changes: Unpack[Changes]) -> Function:
    """The same program with other options: `f.with_options(kink="left", strict=True)`; see `Options`.

    Raises UsageError for an option that is not there, and for a value it cannot have.
    """
    return type(f)(f.program, f.options.changed(**changes), f.rewritten)


def fused(f: Function) -> Function:
    """The function of the list with stable ops in the place of naive formulas: what evaluating computes, to be seen.

    Its `receipts` say what was changed and why. Raises ParseError where a size is needed for the list, and not known.
    """
    return _made(f, *fuse(f.wengert_list))


def simplified(f: Function) -> Function:
    """The function of a shorter list with the same values, bit for bit; its `receipts` say what was changed and why.

    Raises ParseError where a size is needed for the list, and not known.
    """
    return _made(f, *simplify(f.wengert_list))


def gradient_function(
    f: Function, wrt: Iterable[str] | str | None = None, *, value: bool = False, masked: bool = True,
    shapes: Mapping[str, Sequence[int]] = {},
) -> Function:  # fmt: skip
    """The function whose outputs are the derivatives of every output in all inputs, or in the names of `wrt`: its list
    has the equations of the reverse sweep behind those of the program as written. With `value` the outputs come first.

    A derivative is nan where what it is of is nan; with `masked` false the list is as the rules give it, for reading.
    A gradient of n inputs has n outputs, each of the shape of its input. Raises UsageError for an output that is known
    to be an array, from what is declared or from `shapes` of inputs; UnknownName for a name that is not there.
    """
    from ..transforms.reading import without_leftovers  # few ask for it

    f.lists.refuse_arrays(shapes)
    written = f.written_list if masked else f.lists.reading_as_written
    wlist = jacobian(written, wrt, value=value, kink=f.kink, limits=f.limits, masked=masked)
    return _made(f, without_leftovers(wlist, len(written)))


def derivative(f: Function, *wrt: str, exact: bool = False) -> Formula:
    """The derivative of every output as a formula to read, by the names in turn: `f.derivative("x", "x", "y")` is the
    third derivative, twice by x, once by y. Without names by the one input that there is.

    `str` of it is a program of the language, `latex()` the same in LaTeX, `function` a Function with these options. It
    leaves out what holds at single points only, such as x = 0 in x^y, and its `notes` tell where; with `exact` all is
    there. Raises UsageError for an output that is an array, UnknownName, and LimitError beyond `limits.order`.
    """
    from .formulas import formula_of  # few ask for it

    return formula_of(f, wrt, exact)


def flat(
    f: Function, point: Mapping[str, Any] = {}, /, *, wrt: Iterable[str] | str | None = None, time: str | None = None,
    **values: Any,
) -> FlatFunction:  # fmt: skip
    """This function over one flat vector of the inputs `wrt`, for SciPy's solvers; see `FlatFunction`.

    The values given are where the vector starts, and what the other inputs are fixed at; defaults serve for both.
    Without `wrt` the vector holds the inputs that are given no value. `time` names an input that comes first in
    every call, as in `solve_ivp(flat.fun, …, jac=flat.jac)`.
    """
    from .flat import FlatFunction  # NumPy comes with it

    def lagrangian() -> tuple[Function, tuple[str, ...]]:
        if (found := f.kept.get("lagrangian")) is None:
            wlist, names = weighted(f.wengert_list)
            found = f.kept["lagrangian"] = _made(f, wlist), names
        return found

    start = {**point, **values} if isinstance(point, Mapping) else point
    if not f.decided and isinstance(start, Mapping):
        # A number stands for the time until it is known.
        f = f.at({**({time: 0.0} if time in f.inputs else {}), **start})
    return FlatFunction(f, start, wrt, time, lagrangian)
