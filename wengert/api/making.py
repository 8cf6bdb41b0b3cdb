"""Methods of `Function` that make another function with the same options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..language import Program
from ..lists.receipts import Receipt
from ..lists.wengert_list import WengertList, assemble
from ..transforms.derivatives import jacobian, weighted
from ..transforms.simplify import fuse, simplify
from .options import Changes

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .flat import FlatFunction
    from .formulas import Formula
    from .function import Function


def function_of(f: Function, wlist: WengertList, receipts: Sequence[Receipt] = ()) -> Function:
    """A function of another list, with the options and defaults of `f`. `receipts` say how the list was made."""
    program = Program(wlist, f.program.source, f.program.defaults, constants=f.program.constants)
    return type(f)(program, f.options, (*f.rewritten, *receipts))


def with_options(f: Function, **changes: Unpack[Changes]) -> Function:
    """The same program with other options: `f.with_options(kink="left", strict=True)`; see `Options`.

    Raises UsageError for an option that does not exist, and for a value that an option cannot have.
    """
    return type(f)(f.program, f.options.changed(**changes), f.rewritten)


def fused(f: Function) -> Function:
    """The function of the list that evaluation uses: stable ops replace naive formulas.

    Its `receipts` say which expressions were replaced, and why. Raises ParseError where the list needs a size that is
    not known.
    """
    return function_of(f, *fuse(f.wengert_list))


def simplified(f: Function) -> Function:
    """The function of a shorter list with the same values, bit for bit. Its `receipts` list each change, and why.

    Raises ParseError where the list needs a size that is not known.
    """
    return function_of(f, *simplify(f.wengert_list))


def gradient_function(
    f: Function, wrt: Iterable[str] | str | None = None, *, value: bool = False, masked: bool = True,
    shapes: Mapping[str, Sequence[int]] = {},
) -> Function:  # fmt: skip
    """The function whose outputs are the derivatives of every output in all inputs, or in the names of `wrt`.

    Its list has the equations of the program as written, then those of the reverse sweep. With `value` the outputs of
    the program come before the derivatives. A gradient of n inputs has n outputs, each of the shape of its input. A
    derivative is nan where its function is nan; with `masked=False` the list leaves that out, for reading.

    Raises UsageError for an output that is known to be an array, from declared shapes or from `shapes`; UnknownName for
    a name that does not exist.
    """
    from ..transforms.reading import without_leftovers  # few calls need it

    f.lists.refuse_arrays(shapes)
    written = f.written_list if masked else f.lists.reading_as_written
    wlist = jacobian(written, wrt, value=value, kink=f.kink, limits=f.limits, masked=masked)
    return function_of(f, without_leftovers(wlist, len(written)))


def derivative(f: Function, *wrt: str, exact: bool = False) -> Formula:
    """The derivative of every output, as a formula to read.

    It is taken by each name in turn: `f.derivative("x", "x", "y")` is the third derivative, twice by x, once by y.
    Without names it is taken by the one input.

    `str` of the answer is a program of the language, `latex()` is LaTeX, and `function` is a Function with the same
    options. The formula leaves out cases that concern single points only, such as x = 0 in x^y; its `notes` list them.
    With `exact=True` it leaves nothing out. Raises UsageError for an output that is an array, UnknownName, and
    LimitError beyond `limits.order`.
    """
    from .formulas import formula_of  # few calls need it

    return formula_of(f, wrt, exact)


def derivatives(f: Function, *wrt: str, exact: bool = False) -> Formula:
    """The gradient as formulas to read: the first derivatives of every output in each of the names `wrt`, or of all
    inputs. `str` of the answer is a program that names each after the output and the input, `df_dx`, `df_dy`, ….

    For the rest, and for errors, see `derivative`.
    """
    from .formulas import formulas_of  # few calls need it

    return formulas_of(f, wrt, exact)


def flat(
    f: Function, point: Mapping[str, Any] = {}, /, *, wrt: Iterable[str] | str | None = None, time: str | None = None,
    **values: Any,
) -> FlatFunction:  # fmt: skip
    """This function over one flat vector of the inputs `wrt`, for SciPy's solvers; see `FlatFunction`.

    The given values, and the defaults, are the start of the vector and fix the other inputs. Without `wrt` the vector
    holds the inputs that are given no value; they have no start, and `x0` says so. `time` names an input that comes
    first in every call, as in `solve_ivp(flat.fun, …, jac=flat.jac)`.
    """
    from .flat import FlatFunction  # it imports NumPy

    start = {**point, **values} if isinstance(point, Mapping) else point
    if not f.decided and isinstance(start, Mapping):
        # The time is not known yet, and any number will do.
        f = f.at({**({time: 0.0} if time in f.inputs else {}), **start})
    return FlatFunction(f, start, wrt, time, partial(lagrangian, f))


def lagrangian(f: Function) -> tuple[Function, tuple[str, ...]]:
    """The weighted sum of the outputs, and the names of the weights."""
    if (found := f.kept.get("lagrangian")) is None:
        wlist, names = weighted(f.wengert_list)
        found = f.kept["lagrangian"] = function_of(f, wlist), names
    return found


def named_values(f: Function, point: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The values of those `names` that the program computes (outputs and intermediates), at a point."""
    f = f.at(point)
    wlist = f.wengert_list
    computed = {e.output for e in wlist.equations}
    wanted = [n for n in names if n in computed]
    if not wanted:
        return {}
    listed = assemble(wlist.inputs, wlist.equations, wanted, wlist.ops, wlist.provenance, wlist.shapes)
    found = function_of(f, listed)(point)
    return dict(zip(wanted, found if len(wanted) > 1 else [found]))
