"""From text, tuples or a file to a Function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..ground.errors import ParseError, Source, UsageError, error, suggestion
from ..ground.limits import UNTRUSTED, Limits, timed
from ..kernels.routes import AUTO
from ..language import Program, SizeUnknown, parse
from ..lists.shapes import declared, inferred, of_arrays
from ..lists.wengert_list import WengertList
from .function import Function
from .sized import SizedFunction

if TYPE_CHECKING:
    from pathlib import Path


@timed
def compile(
    source: Any, *, fuse: bool = True, kink: str = "mean", strict: bool = False, inputs: Iterable[str] = (),
    limits: Limits = UNTRUSTED, name: str = "<text>", shapes: Mapping[str, Sequence[int]] = {}, dtype: str = "float64",
    kernel: str = AUTO,
) -> Function:  # fmt: skip
    """Make a Function of a program.

    source  text in the language, a WengertList, or a sequence of (output, op, inputs) tuples
    fuse    evaluate stable forms of what was written, such as softplus for log(1 + exp(x)); `receipts` tells which
    kink    what a derivative is on a kink: "mean" of the one-sided ones, "left", "right", or "error"
    strict  raise DomainError where a value becomes nan or infinite, instead of returning it
    inputs  names that the caller will give a value, so that `e` or `pi` among them are inputs, not constants
    limits  the budget; its clock starts anew with each call of the Function
    name    what the text goes by in messages
    shapes  shapes that inputs will have: {"x": (3,)}. Without them a program whose loops or places depend on a declared
            size is a SizedFunction, which reads it anew for each shape
    dtype   "float32" to compute arrays in single precision
    kernel  what computes with numbers: "python" (one Python function, for lists of up to 2000 equations with those of
            the derivatives), "interpreter", or "auto", which sweeps at first and takes a kernel where that pays; the
            answers are the same. `kernel` of the Function tells which ran

    Raises a WengertError for anything that is not a program, and nothing else.
    """
    if isinstance(source, str):
        try:
            program = parse(source, name=name, given=tuple(inputs), limits=limits, shapes=shapes)
        except SizeUnknown as problem:
            options = {"fuse": fuse, "kink": kink, "strict": strict, "limits": limits, "name": name, "dtype": dtype,
                       "kernel": kernel}  # fmt: skip
            return SizedFunction(problem.program, partial(_compiled, source, options), problem)  # type: ignore[return-value]
    else:
        wlist = source if isinstance(source, WengertList) else WengertList(source)
        program = Program(wlist, wlist.provenance.source or Source("", name), {})
    if dtype not in ("float64", "float32"):
        raise error(UsageError, "W602", f"unknown dtype `{dtype}`", help="float64 or float32")
    made = Function(program, fuse=fuse, kink=kink, strict=strict, limits=limits, dtype=dtype, kernel=kernel)
    if of_arrays(program.wlist):
        inferred(program.wlist, declared(program.wlist))
    return made


def _compiled(source: str, options: dict[str, Any], shapes: Mapping[str, Sequence[int]]) -> Function:
    return compile(source, **options, shapes=shapes)


def load(path: Any, **options: Any) -> Function:
    """Compile a program from a file in UTF-8; its path names it in messages. Raises a WengertError if it can't."""
    from pathlib import Path  # a formula on the command line starts without it

    return compile(read(Path(path)), name=str(path), **options)


def read(path: Path) -> str:
    """The text of a program file. Raises UsageError for a file that is missing, a directory, or not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        byte = f"byte {problem.start} is {problem.object[problem.start]:#04x}"
        raise error(ParseError, "W610", f"{path} is not UTF-8: {byte}", help="save the file as UTF-8") from None
    except FileNotFoundError:
        near = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise error(UsageError, "W611", f"no file {path}", help=suggestion(path.name, near)) from None
    except IsADirectoryError:
        raise error(UsageError, "W611", f"{path} is a directory, not a program") from None
    except (OSError, ValueError) as problem:
        raise error(UsageError, "W611", f"cannot read {path}: {problem}") from None
