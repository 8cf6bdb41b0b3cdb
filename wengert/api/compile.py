"""From text, tuples or a file to a Function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..ground.errors import ParseError, Source, UsageError, error, suggestion
from ..ground.limits import within
from ..language import Program, SizeUnknown, parse
from ..lists.wengert_list import WengertList
from .function import Function
from .lists import check_shapes, checked_shapes
from .options import DEFAULTS, Changes, Options, checked_options

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Unpack


def compile(
    source: Any, *, inputs: Iterable[str] = (), name: str = "<text>", shapes: Mapping[str, Sequence[int]] = {},
    options: Options = DEFAULTS, **changes: Unpack[Changes],
) -> Function:  # fmt: skip
    """Make a Function of a program.

    source   text in the language, a WengertList, or a sequence of (output, op, inputs) tuples
    inputs   names that the caller will give a value, so that `e` or `pi` among them are inputs, not constants
    name     what the text goes by in messages
    shapes   shapes that inputs will have: {"x": (3,)}. Without them a program whose loops or places depend on a
             declared size is read anew for each shape of the values it is called with, and has no list until then
    options  how it is computed with, as `Options`; or one by one:

    fuse     evaluate stable forms of what was written, such as softplus for log(1 + exp(x)); `receipts` tells which
    kink     what a derivative is on a kink: "mean" of the one-sided ones, "left", "right", or "error"
    strict   raise DomainError where a value becomes nan or infinite, instead of returning it
    limits   the budget; its clock starts anew with each call of the Function
    dtype    "float32" to compute arrays in single precision
    kernel   what computes with numbers: "python" (one Python function, for lists of up to 2000 equations with those of
             the derivatives), "interpreter", or "auto", which sweeps at first and takes a kernel where that pays; the
             answers are the same. `kernel` of the Function tells which ran

    Raises a WengertError for anything that is not a program, and nothing else.
    """
    chosen = checked_options(options).changed(**changes)
    with within(chosen.limits):
        return _compiled(source, chosen, tuple(inputs), name, shapes)


def _compiled(
    source: Any, options: Options, inputs: tuple[str, ...], name: str, shapes: Mapping[str, Sequence[int]]
) -> Function:  # fmt: skip
    shapes = checked_shapes(shapes)
    if isinstance(source, str):
        try:
            program = parse(source, name=name, given=inputs, limits=options.limits, shapes=shapes)
        except SizeUnknown as problem:
            program = problem.program
    else:
        wlist = source if isinstance(source, WengertList) else WengertList(source)
        program = Program(wlist, wlist.provenance.source or Source("", name), {})
    check_shapes(program)
    return Function(program, options)


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
