"""Equations and inequalities as text: `x^2 + y^2 <= 2`, `0 <= x*y <= 1`, `exp(x) + y = 1`.

The sides are programs of the language. In a relation the sign `=` stands between two sides, so that a text of several
statements, `r = x + y; r <= 2`, has its relation in the last one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from math import inf
from typing import Any

from ..ground.errors import Fix, ParseError, Source, Span, UsageError, WengertError, error, shown
from ..ground.tuples import NamedTuple
from ..language import Program
from ..lists.wengert_list import Atom, Equation, WengertList, assemble, names_of
from ..ops import INFIX
from .compile import compile
from .function import Function
from .options import Options

_SIGNS = re.compile(r"#[^\n]*|<=|>=|==|!=|[<>=()\[\]{};\n]")
_EQUAL = ("=", "==")


class TextRelation(NamedTuple):
    """A relation `low <= function <= high`; in an equation both bounds are the same.

    text      the text as it was given
    function  the middle, or the left side less the right side where neither is a number
    """

    text: str
    function: Function
    low: float
    high: float


class TextContext(NamedTuple):
    """The names and values that a text is compiled for: the shapes of its inputs, and names that are inputs."""

    options: Options
    given: Collection[str] = ()
    shapes: Mapping[str, Sequence[int]] = {}


class _Split(NamedTuple):
    """The places of the sides of a relation, its signs between them, and the start of the statement it is."""

    sides: list[tuple[int, int]]
    signs: list[tuple[str, int]]
    begins: int


def relations_of(text: object, context: TextContext, wanted: str = "`x^2 + y^2 <= 2`") -> list[TextRelation]:
    """The relations that a text states: one, or two for a chain whose outer sides are not both numbers.

    `wanted` is an example for messages. Raises ParseError with the place in the text.
    """
    if not isinstance(text, str):
        raise error(UsageError, "W860", f"a relation is a text such as {wanted}, not {shown(text)}")
    source = Source(text, "<text>")
    split = _split(source, wanted)
    sides = [_side(source, split.begins, place, context) for place in split.sides]
    operators = [sign for sign, _ in split.signs]
    if len(sides) == 2:
        return [_between(source, sides[0], operators[0], sides[1])]
    low, middle, high = sides if operators[0] == "<=" else sides[::-1]
    ends = _constant(low), _constant(high)
    if ends[0] is not None and ends[1] is not None:
        if not ends[0] <= ends[1]:
            raise error(ParseError, "W862", f"no number is between {ends[0]:g} and {ends[1]:g}", Span(0, len(text)),
                        source=source, help="exchange the outer sides")  # fmt: skip
        return [TextRelation(text, middle, *ends)]  # type: ignore[arg-type]
    return [_between(source, low, "<=", middle), _between(source, middle, "<=", high)]


def side_of(text: str, place: tuple[int, int], context: TextContext) -> Function:
    """A part of a text, compiled alone; messages show the whole text."""
    return _side(Source(text, "<text>"), place[0], place, context)


def equation_sign(text: str) -> int:
    """The place of the first `=` outside brackets; -1 if there is none."""
    depth = 0
    for found in _SIGNS.finditer(text):
        sign = found.group()
        depth += (sign in "([{") - (sign in ")]}") if len(sign) == 1 else 0
        if sign == "=" and not depth:
            return found.start()
    return -1


def _split(source: Source, wanted: str) -> _Split:
    depth, begins = 0, 0
    signs: list[tuple[str, int]] = []
    text = re.sub(r"#[^\n]*", lambda comment: " " * len(comment.group()), source.text)
    end = len(text.rstrip("; \t\r\n"))
    for found in _SIGNS.finditer(text[:end]):
        sign, at = found.group(), found.start()
        if sign in ("(", "[", "{"):
            depth += 1
        elif sign in (")", "]", "}"):
            depth -= 1
        elif depth:
            continue
        elif sign in (";", "\n"):
            begins, signs = at + 1, []
        elif sign in ("<", ">", "!="):
            span = Span(at, at + len(sign))
            closed = sign + "="
            help = "write `<=` or `>=`: a solver cannot keep a bound open" if sign != "!=" else "write `=`"
            fix = Fix(span, closed) if sign != "!=" else None
            raise error(ParseError, "W860", f"`{sign}` is no relation for a solver", span, help=help, fix=fix,
                        source=source)  # fmt: skip
        else:
            signs.append((sign, at))
    if not signs:
        span = Span(begins, max(end, begins + 1))
        raise error(ParseError, "W860", "there is no `<=`, `>=` or `=` in this relation", span, source=source,
                    help=f"for instance {wanted}")  # fmt: skip
    if len(signs) > 2 or len(signs) == 2 and (signs[0][0] != signs[1][0] or signs[0][0] in _EQUAL):
        sign, at = signs[-1]
        raise error(ParseError, "W860", "a relation has two sides, or three as in `0 <= x <= 1`",
                    Span(at, at + len(sign)), source=source, help="one text for each relation")  # fmt: skip
    starts = [begins, *(at + len(sign) for sign, at in signs)]
    ends = [*(at for _, at in signs), end]
    return _Split(list(zip(starts, ends)), signs, begins)


def _side(source: Source, begins: int, place: tuple[int, int], context: TextContext) -> Function:
    """A side of a relation as a Function. Everything else of its statement is left out, and no place moves."""
    start, end = place
    text = source.text
    if not text[start:end].strip():
        raise error(ParseError, "W860", "a side of this relation is empty", Span(start, max(end, start + 1)),
                    source=source, help="write a number or an expression")  # fmt: skip
    blank = re.sub(r"[^\n]", " ", text[begins:start])
    try:
        found = compile(text[:begins] + blank + text[start:end], name=source.name, inputs=tuple(context.given),
                        options=context.options, shapes=_known(context.shapes))  # fmt: skip
    except WengertError as problem:
        if problem.diagnostic.source is not None:
            problem.diagnostic = problem.diagnostic._replace(source=source)
        raise
    if len(found.outputs) != 1:
        raise error(ParseError, "W860", "a side of a relation is one expression", Span(start, end), source=source)
    wlist = found.wengert_list
    return _function(found, assemble(wlist.inputs, wlist.equations, wlist.outputs, wlist.ops,
                                     wlist.provenance._replace(source=source), wlist.shapes), source)  # fmt: skip


def _known(shapes: Mapping[str, Sequence[int]]) -> dict[str, Sequence[int]]:
    return {n: s for n, s in shapes.items() if s}


def _function(like: Function, wlist: WengertList, source: Source) -> Function:
    program = Program(wlist, source, like.program.defaults, constants=like.program.constants)
    return Function(program, like.options)


def _constant(side: Function) -> float | None:
    """The number that a side is; None where it depends on inputs or is an array."""
    if side.inputs:
        return None
    value = side()
    return value if type(value) is float else None


def _between(source: Source, left: Function, sign: str, right: Function) -> TextRelation:
    """The relation of two sides."""
    low, high = _constant(left), _constant(right)
    if low is not None and high is not None:
        raise error(UsageError, "W860", "this relation has no unknown", Span(0, len(source.text)), source=source)
    for side in (low, high):
        if side is not None and side != side:
            raise error(UsageError, "W860", "a side of this relation is nan", Span(0, len(source.text)), source=source)
    if high is not None:
        middle, number, falls = left, high, sign == "<="
    elif low is not None:
        middle, number, falls = right, low, sign == ">="
    else:
        middle, number, falls = _difference(source, left, right), 0.0, sign == "<="
    if sign in _EQUAL:
        return TextRelation(source.text, middle, number, number)
    return TextRelation(source.text, middle, *((-inf, number) if falls else (number, inf)))


def _difference(source: Source, left: Function, right: Function) -> Function:
    """The function of the left side less the right side, its equations at their places in the text."""
    one, two = left.wengert_list, right.wengert_list
    inputs = tuple(dict.fromkeys((*one.inputs, *two.inputs)))
    taken = {*names_of(one), *names_of(two), *inputs}
    renamed: dict[Atom, str] = {}

    def fresh(name: str) -> str:
        k = 1
        while f"{name}_{k}" in taken:
            k += 1
        taken.add(f"{name}_{k}")
        return f"{name}_{k}"

    ours = {e.output for e in one.equations}
    for e in two.equations:
        renamed[e.output] = fresh(e.output) if e.output in ours else e.output
    equations = [*one.equations, *(
        Equation(renamed[e.output], e.op, tuple(renamed.get(a, a) for a in e.inputs)) for e in two.equations
    )]  # fmt: skip
    outputs = one.outputs[0], renamed.get(two.outputs[0], two.outputs[0])
    last = Equation(fresh("difference"), INFIX["-"], outputs)
    spans = [*_spans(one), *_spans(two), (0, len(source.text))]
    wlist = assemble(inputs, [*equations, last], (last.output,), one.ops,
                     one.provenance._replace(spans=spans, source=source), {**two.shapes, **one.shapes})  # fmt: skip
    return _function(left, wlist, source)


def _spans(wlist: WengertList) -> list[Any]:
    return [wlist.provenance.span(k) for k in range(len(wlist.equations))]
