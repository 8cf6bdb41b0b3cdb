"""`Options`: how a program is computed. A Function passes its options on to every function made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TypedDict

from ..ground.complaints import explained
from ..ground.errors import UsageError, error, shown, suggestion
from ..ground.limits import UNTRUSTED, Limits, checked
from ..ground.tuples import NamedTuple
from ..kernels.kernel_names import AUTO, NAMES, checked_kernel
from ..sweeps.rules import KINKS

if TYPE_CHECKING:
    from typing_extensions import Unpack

DTYPES = ("float64", "float32")
KERNELS = (AUTO, *NAMES)


class Changes(TypedDict, total=False):
    """Some options by name."""

    fuse: bool
    kink: str
    strict: bool
    limits: Limits
    dtype: str
    kernel: str


_PRESET = {"fuse": True, "kink": "mean", "strict": False, "limits": UNTRUSTED, "dtype": "float64", "kernel": AUTO}


class _Fields(NamedTuple):
    fuse: bool
    kink: str
    strict: bool
    limits: Limits
    dtype: str
    kernel: str


class Options(_Fields):
    """How a program is computed. The values are checked when the Options are made.

    fuse    evaluate stable ops instead of naive formulas, such as softplus for log(1 + exp(x)); `receipts` lists them
    kink    the derivative at a kink: "mean" of the one-sided derivatives, "left", "right", or "error"
    strict  raise DomainError where a value becomes nan or infinite, instead of returning it
    limits  the limits of time and size; the clock starts anew with each call of a Function
    dtype   "float32" to compute arrays in single precision
    kernel  "interpreter", "python", "numpy", "native" or "bytecode" (these two need the extra `jit`); or "auto",
            which takes a kernel as soon as that pays

    Options are a tuple: they can be compared, hashed and pickled. Raises UsageError for a value that an option cannot
    have.
    """

    __slots__ = ()

    @explained
    def __new__(
        cls, fuse: bool = True, kink: str = "mean", strict: bool = False, limits: Limits = UNTRUSTED,
        dtype: str = "float64", kernel: str = AUTO,
    ) -> Options:  # fmt: skip
        for name, value in (("fuse", fuse), ("strict", strict)):
            if value is not True and value is not False:
                _refuse(f"the option `{name}` is True or False, not {shown(value)}", "")
        _one_of(kink, KINKS, "kink policy")
        _one_of(dtype, DTYPES, "dtype")
        checked_kernel(kernel)
        return super().__new__(cls, fuse, kink, strict, checked(limits), dtype, kernel)

    def __repr__(self) -> str:
        changed = (f"{n}={v!r}" for n, v in self._asdict().items() if v != _PRESET[n])
        return f"Options({', '.join(changed)})"

    def changed(self, **changes: Unpack[Changes]) -> Options:
        """These options with some of them changed. Raises UsageError for an unknown option or a value that it cannot
        have."""
        for name in changes:
            if name not in self._fields:
                _refuse(f"there is no option `{name}`", suggestion(name, self._fields) or _listed(self._fields))
        return Options(**{**self._asdict(), **changes}) if changes else self


def checked_options(options: object) -> Options:
    """The argument, if it is an `Options`. Raises UsageError otherwise."""
    if not isinstance(options, Options):
        _refuse(f"options are an `Options`, not {shown(options)}", "`Options(kink='left')`")
    return options


def _one_of(value: object, known: tuple[str, ...], what: str) -> None:
    if value not in known:
        word = value if isinstance(value, str) else ""
        _refuse(f"unknown {what} {f'`{word}`' if word else shown(value)}", suggestion(word, known) or _listed(known))


def _listed(known: tuple[str, ...]) -> str:
    return f"one of {', '.join(known)}"


def _refuse(message: str, help: str) -> NoReturn:
    raise error(UsageError, "W602", message, help=help)


DEFAULTS = Options()
