"""`Kernel`: it makes a fast callable of a list by position.

At one point it gives the same bits as the sweeps, except for the sign of a derivative that is zero: it adds the zero of
a branch that is not taken, and a sweep adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Union

from ..ground.limits import check_clock
from ..ground.tuples import NamedTuple, Protocol
from ..lists.code import Code, code_of
from ..ops import Op
from ..sweeps.rules import forward_rule

if TYPE_CHECKING:
    from numpy import ndarray

# Returns the first output and a tuple of the others. A callable takes the values of the inputs by position, and returns
# None if one of them is no float.
Answer = tuple[float, tuple[float, ...]]
Run = Callable[..., Answer | None]
# The callable over a batch. For each input it takes a float or a vector of any stride. For each output it takes a
# contiguous writable vector of the same length, which overlaps no value, and writes there. It checks the clock.
BatchRun = Callable[[Sequence[Union[float, "ndarray[Any, Any]"]], Sequence["ndarray[Any, Any]"]], None]
# By the identity of a row: the row, to keep it alive, and its function.
Functions = dict[int, tuple[Op, Callable[..., float]]]


# Why a kernel does not take a list, in most cases.
LONG = "the list is too long"


class HandsOver(Exception):
    """A kernel does not take a list, for this reason; the next kernel does."""


class AnswerFormat(NamedTuple):
    """How a bare function returns its answer, and the traces that a call leaves.

    values     the number of the first outputs that must be finite
    otherwise  the function that answers all other calls: where an argument is no float, their number is wrong or one
               has a name, a value is not finite, or an op has been replaced
    last       the list whose first item becomes `route` with each answer, or None
    route      the way of the answer
    kind       the class of the derivatives, made of tuples
    source     an object that stands before the arguments in the attribute `_at` of the derivatives
    name       the name of the function
    doc        its text, after a signature as CPython reads it
    """

    values: int
    otherwise: Callable[..., Any]
    last: list[Any] | None = None
    route: Any = None
    kind: type = tuple
    source: Any = None
    name: str = "kernel"
    doc: str = ""


# Forms of bare functions of floats: the first output; a tuple of all; the first output, with the others as an object of
# the class `AnswerFormat.kind`.
ONE, FLAT, PAIR = FORMS = ("one", "flat", "pair")


class Kernel(Protocol):
    """Prepares a list by position for calls. It knows nothing of derivatives: they come to it as lists.

    name  the name by which a caller asks for it
    most  the number of steps of the longest list that it takes
    """

    @property
    def name(self) -> str: ...

    @property
    def most(self) -> float: ...

    def missing(self) -> str:
        """Why the kernel cannot run here, as far as that is known at once; else ""."""

    def seconds(self, steps: int) -> float:
        """About how long it takes to make the kernel for a list with this number of steps; 0 if it is ready at once."""

    def prepare(self, code: Code, known: Functions | None = None) -> Run:
        """The callable, which takes a value for each input and checks the clock. If the code belongs to an op, `known`
        are the functions of the rows met so far. Raises HandsOver."""

    def bare(self, form: str, code: Code, told: AnswerFormat) -> Callable[..., Any] | None:
        """The function of plain floats, in one of the `FORMS`; None if the kernel has none. It does not check the
        clock."""


class BatchKernel(Protocol):
    """Prepares a list by position for batches of points. It gives the answers of the sweeps over arrays, within the
    bounds that the rows tell.

    name  the name by which a caller asks for it
    """

    @property
    def name(self) -> str: ...

    def prepare_batch(self, code: Code) -> BatchRun:
        """The callable over batches of float64. It cuts a batch into chunks, and uses threads if they pay off."""


def function_of(row: Op, ops: tuple[Op, ...], kernel: Kernel, known: Functions) -> Callable[..., float]:
    """The function of a row over floats. An op that a program defines gets a code of its own, which `kernel` runs."""
    if callable(row.forward):
        return row.forward
    if (found := known.get(id(row))) is not None:
        return found[1]
    run = kernel.prepare(code_of(forward_rule(row, ops)), known)

    def by_text(*args: float) -> float:
        check_clock()  # ops that are defined by each other may double the work with each line of text
        found = run(*args)
        assert found is not None
        return found[0]

    known[id(row)] = row, by_text
    return by_text
