"""Read, format and explain texts of the language. The faces read entries through this module."""

from __future__ import annotations

from ..ground.complaints import explained
from ..ground.errors import UsageError, error, shown
from ..ground.explanations import codes, page, spelled, title
from ..ground.limits import UNTRUSTED, Limits
from ..language import Program, parse
from ..language.entry import Entry, Sentence, check_syntax
from ..language.formatter import formatted
from ..lists.wengert_list import assemble, constants_of
from ..transforms.simplify import drop_dead

__all__ = ["Entry", "Program", "Sentence", "check_syntax", "explain", "format", "needed", "parse"]


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


def needed(program: Program, reads: frozenset[str]) -> Program:
    """The program without the equations and inputs on which its outputs do not depend. A constant stays if it is used
    or is one of `reads`."""
    wlist = drop_dead(program.wlist)[0]
    used = {a for e in wlist.equations for a in e.inputs} | set(wlist.outputs)
    inputs = [n for n in wlist.inputs if n in used]
    wlist = assemble(inputs, wlist.equations, wlist.outputs, wlist.ops, wlist.provenance)
    told = {*constants_of(wlist), *reads}
    return program._replace(wlist=wlist, constants=tuple(n for n in program.constants if n in told))
