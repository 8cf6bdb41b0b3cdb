"""Read, format and explain texts of the language. The faces read entries through this module."""

from __future__ import annotations

from collections.abc import Iterable

from ..ground.complaints import explained
from ..ground.errors import ShapeError, UsageError, error, shown
from ..ground.explanations import codes, page, spelled, title
from ..ground.limits import UNTRUSTED, Limits
from ..language import Program, parse
from ..language.entry import Entry, Sentence, check_syntax
from ..language.formatter import formatted
from ..lists.shapes import inferred, of_arrays
from ..lists.wengert_list import assemble, constants_of
from ..ops import DERIVATIVES
from ..transforms.simplify import drop_dead

__all__ = [
    "Entry", "Program", "Sentence", "array_ops", "check_syntax", "differentiates", "explain", "format", "known_shapes",
    "needed", "parse",
]  # fmt: skip


def as_text(given: object, what: str) -> str:
    """The argument, if it is a text. Raises UsageError otherwise."""
    if not isinstance(given, str):
        raise error(UsageError, "W602", f"{what} is a text, not {shown(given)}")
    return given


@explained
def format(text: str, *, name: str = "<text>", limits: Limits = UNTRUSTED) -> str:
    """Write a program in its usual layout, its comments kept.

    The layout has one spacing, one statement to a line, and one spelling for each op. Raises ParseError for a text that
    is no program, LimitError for one over the limits.
    """
    return formatted(as_text(text, "a program"), name=name, limits=limits)


@explained
def explain(code: str = "") -> str:
    """The page on a diagnostic code, such as `explain("W101")`: its meaning, an example, and its correction.

    Without a code, a line for each code. Raises UsageError for a code that does not exist.
    """
    known = codes()
    if not code:
        return "\n".join(f"{k}  {title(k)}" for k in known)
    word = spelled(as_text(code, "a code"))
    if word not in known:
        raise error(UsageError, "W630", f"there is no code `{code}`", help=nearest_codes(word))
    return page(word)


def nearest_codes(code: str) -> str:
    """The help text for an unknown code: it names the codes with the nearest numbers."""
    if not code:
        return "a code is a W and three digits, such as W101; `wengert explain` lists them"
    near = sorted(codes(), key=lambda k: abs(int(k[1:]) - int(code[1:])))[:3]
    return f"the nearest are {', '.join(sorted(near))}; `wengert explain` lists them"


def differentiates(names: Iterable[str]) -> bool:
    """Whether one of the names of a sentence is a derivative as an expression, such as `grad(`."""
    return any(n[:-1] in DERIVATIVES for n in names)


def array_ops(program: Program) -> bool:
    """Whether a program has an array op or a declared shape."""
    return of_arrays(program.wlist)


def known_shapes(program: Program, names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """The shapes of names that a program computes, if they are whole numbers; inputs without a shape are numbers.

    There are none if these shapes do not fit each other.
    """
    try:
        found = inferred(program.wlist, {n: program.wlist.shapes.get(n, ()) for n in program.wlist.inputs})
    except ShapeError:
        return {}
    shapes = {n: s for n in names if (s := found.get(n)) is not None}
    return {n: s for n, s in shapes.items() if all(isinstance(size, int) for size in s)}  # type: ignore[misc]


def needed(program: Program, reads: frozenset[str]) -> Program:
    """The program without the equations and inputs on which its outputs do not depend. A constant stays if it is used
    or is one of `reads`."""
    wlist = drop_dead(program.wlist)[0]
    used = {a for e in wlist.equations for a in e.inputs} | set(wlist.outputs)
    inputs = [n for n in wlist.inputs if n in used]
    wlist = assemble(inputs, wlist.equations, wlist.outputs, wlist.ops, wlist.provenance)
    told = {*constants_of(wlist), *reads}
    return program._replace(wlist=wlist, constants=tuple(n for n in program.constants if n in told))
