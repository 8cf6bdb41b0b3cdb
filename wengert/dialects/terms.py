"""Expressions on their way from a dialect to text of ours: pieces of text that know how tightly they bind.

Pieces nest, so that an expression of any depth is put together in time linear in its length, and are laid out without
recursion at the end, when every name is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..ground.errors import Span
from ..ground.limits import Tally
from ..ground.tuples import NamedTuple

# How tightly an expression of ours binds, from loosest to tightest.
CHOICE, EITHER, BOTH, NOT, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(10)


class Reference(NamedTuple):
    """A name as the dialect writes it, at its place, in the statement of this number."""

    name: str
    span: Span
    statement: int


class Term(NamedTuple):
    """An expression: its pieces, texts and references nested in tuples, its level, and its place in the source.

    `whole` tells a whole number of the dialect's own integers, `truth` a value that is true or false.
    """

    pieces: object
    level: int
    span: Span
    whole: bool = False
    truth: bool = False


class OperatorForm(NamedTuple):
    """An operator's counterpart: a text with a `{}` for each operand, its level, and the level that each operand needs.

    `says` is the sentence for the receipt, if the dialect writes the operator differently. `truth` says that the result
    is true or false.
    """

    text: str
    level: int
    operands: tuple[int, ...]
    says: str = ""
    truth: bool = False


def leaves(pieces: object, tally: Tally) -> list[str | Reference]:
    """The texts and references of nested pieces in their order; each is counted."""
    found: list[str | Reference] = []
    waiting = [pieces]
    while waiting:
        piece = waiting.pop()
        if isinstance(piece, (str, Reference)):
            found.append(piece)
        elif isinstance(piece, tuple):
            waiting.extend(reversed(piece))
    tally.spend(len(found))
    return found


def laid_out(pieces: object, spelled: Callable[[Reference], str]) -> Iterator[str]:
    """The texts of nested pieces in their order, each reference as `spelled` writes it."""
    waiting = [pieces]
    while waiting:
        piece = waiting.pop()
        if isinstance(piece, str):
            yield piece
        elif isinstance(piece, Reference):
            yield spelled(piece)
        elif isinstance(piece, tuple):
            waiting.extend(reversed(piece))


def filled(form: str, listed: dict[str, tuple[object, ...]], span: Span) -> Term:
    """A form whose braces are filled with lists of values."""
    first, *rest = form.split("{")
    pieces: list[object] = [first]
    for part in rest:
        name, _, text = part.partition("}")
        pieces += [listed[name], text]
    return Term(tuple(pieces) if _is_call(form) else ("(", *pieces, ")"), ATOM, span)


def _is_call(form: str) -> bool:
    """Whether a form is one call of a function."""
    depth = 0
    for k, c in enumerate(form):
        depth += (c == "(") - (c == ")")
        if c == ")" and not depth:
            return k == len(form) - 1
    return False


# The operators that other languages share with ours.
OPERATORS = {
    "+": OperatorForm("{} + {}", SUM, (SUM, PRODUCT)),
    "-": OperatorForm("{} - {}", SUM, (SUM, PRODUCT)),
    "*": OperatorForm("{}*{}", PRODUCT, (PRODUCT, SIGN)),
    "/": OperatorForm("{}/{}", PRODUCT, (PRODUCT, SIGN)),
    "^": OperatorForm("{}^{}", POWER, (ATOM, SIGN)),
    "prefix -": OperatorForm("-{}", SIGN, (POWER,)),
    "prefix +": OperatorForm("{}", CHOICE, (CHOICE,)),
}
COMPARISONS = {
    sign: OperatorForm(f"{{}} {sign} {{}}", COMPARISON, (SUM, SUM), truth=True)
    for sign in ("<", "<=", ">", ">=", "==", "!=")
}
