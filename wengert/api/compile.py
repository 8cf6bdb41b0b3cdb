"""`compile` and `load`: make a Function of text, tuples or a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..ground.complaints import explained
from ..ground.environment import threads_asked
from ..ground.errors import ParseError, Source, UsageError, error, shown, suggestion
from ..ground.limits import within
from ..language import Program, SizeUnknown, parse
from ..lists.wengert_list import WengertList
from .function import Function
from .lists import check_shapes, checked_shapes
from .options import DEFAULTS, Changes, Options, checked_options

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from typing_extensions import Unpack


@explained
def compile(
    source: Any, *, inputs: Iterable[str] = (), name: str = "<text>", shapes: Mapping[str, Sequence[int]] = {},
    options: Options = DEFAULTS, **changes: Unpack[Changes],
) -> Function:  # fmt: skip
    """Make a Function of a program.

    source   text in the language, a WengertList, or a sequence of (output, op, inputs) tuples
    inputs   names that are inputs even if they name constants: with `inputs=["e"]` the name `e` is an input
    name     the name of the text in messages
    shapes   shapes of inputs, such as {"x": (3,)}. If loops or indices of a program depend on a declared size, it has a
             list only for known sizes: without `shapes` it is read anew for each new shape of the values it is called
             with
    options  an `Options`. Each option may also be given by name:

    fuse     evaluate stable ops instead of naive formulas, such as softplus for log(1 + exp(x)); `receipts` lists them
    kink     the derivative at a kink: "mean" of the one-sided derivatives, "left", "right", or "error"
    strict   raise DomainError where a value becomes nan or infinite, instead of returning it
    limits   the limits of time and size; the clock starts anew with each call of the Function
    dtype    "float32" to compute arrays in single precision
    kernel   "auto" begins with sweeps and takes a kernel as soon as that pays. A kernel that is asked for runs from the
             first call on: "interpreter", "python" (one Python function), "numpy" (batches), or with the extra `jit`
             "native" (machine code) or "bytecode" (long lists). A call that it does not serve goes to the next. The
             answers are the same; `kernel` of the Function says which ran

    Raises a WengertError for anything that is not a program, and nothing else.
    """
    threads_asked()  # report a wrong number now, not at the first large batch
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
        if callable(source):
            help = "record it: `wg.compile(wg.record(f))`, with the inputs by name, `wg.record(f, 'x', 'y')`"
            raise error(UsageError, "W602", "a program is a text or a list, not a Python function", help=help)
        if not isinstance(source, (WengertList, Iterable)):
            raise error(UsageError, "W602", f"a program is a text or a Wengert list, not {shown(source)}",
                        help="a text: compile('x^2*y'); a list: compile([('v1', 'mul', ('x', 'x'))])")  # fmt: skip
        wlist = source if isinstance(source, WengertList) else WengertList(source)
        program = Program(wlist, wlist.provenance.source or Source("", name), dict(wlist.provenance.defaults))
    check_shapes(program)
    return Function(program, options)


def function_from(source: Any) -> Function:
    """Return a Function unchanged, and compile anything else."""
    return source if isinstance(source, Function) else compile(source)


@explained
def load(path: str | PathLike[str], **options: Any) -> Function:
    """Make a Function of a program in a file, in UTF-8, or of an optimization model in a file that ends in .nl.

    Messages name it by its path; `options` are those of `compile`. Raises a WengertError for a file that cannot be read
    or that holds no program.
    """
    from pathlib import Path  # imported here so that the command line starts faster

    if str(path).endswith(".nl"):
        from .problems.nl_files import compiled_nl  # few files are models

        return compiled_nl(path, **options)
    return compile(read(Path(path)), name=str(path), **options)


def read(path: Path) -> str:
    """The text of a program file. Raises ParseError for a file that is not UTF-8, and UsageError for one that is
    missing, a directory, or not readable."""
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
