"""Equations and inequalities as text: `x^2 + y^2 <= 2`, `0 <= x*y <= 1`, `exp(x) + y = 1`.

The sides are programs of the language. In a relation the sign `=` stands between two sides, so that a text of several
statements, `r = x + y; r <= 2`, has its relation in the last one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import inf
from typing import Any

from ...ground.errors import Fix, ParseError, Source, Span, UsageError, WengertError, error, shown
from ...ground.tuples import NamedTuple
from ...language import Program
from ...lists.wengert_list import Atom, Equation, WengertList, assemble, names_of
from ...ops import INFIX, Op
from ...transforms.simplify import drop_dead
from ..compile import compile
from ..function import Function
from ..options import Options

_SIGNS = re.compile(r"<=|>=|==|!=|[<>=()\[\]{};\n]")
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
    """Where the sides of a relation are in the text, the signs between them, and where its statement begins."""

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
    sides = [side_of(source, split.begins, place, context) for place in split.sides]
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


def statement_of(text: str) -> tuple[int, int]:
    """The start and the end of the last statement of a text, without trailing comments and separators."""
    plain = _without_comments(text)
    end = len(plain.rstrip("; \t\r\n"))
    begins = 0
    for sign, at in _outside_brackets(plain, 0, end):
        if sign in (";", "\n"):
            begins = at + 1
    return begins, end


def is_relation(text: str) -> bool:
    """Whether the last statement of a text has a sign of a relation outside brackets."""
    begins, end = statement_of(text)
    return any(_outside_brackets(_without_comments(text), begins, end))


def _without_comments(text: str) -> str:
    return re.sub(r"#[^\n]*", lambda comment: " " * len(comment.group()), text)


def _outside_brackets(text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    """The signs in a part of a text that no bracket encloses, with their places."""
    depth = 0
    for found in _SIGNS.finditer(text, start, end):
        sign = found.group()
        if sign in ("(", "[", "{"):
            depth += 1
        elif sign in (")", "]", "}"):
            depth -= 1
        elif not depth:
            yield sign, found.start()


def _split(source: Source, wanted: str) -> _Split:
    begins, end = statement_of(source.text)
    signs: list[tuple[str, int]] = []
    for sign, at in _outside_brackets(_without_comments(source.text), begins, end):
        if sign in ("<", ">", "!="):
            span = Span(at, at + len(sign))
            help = "write `<=` or `>=`: a solver cannot keep a bound open" if sign != "!=" else "write `=`"
            fix = Fix(span, sign + "=") if sign != "!=" else None
            raise error(ParseError, "W860", f"`{sign}` is no relation for a solver", span, help=help, fix=fix,
                        source=source)  # fmt: skip
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


def side_of(source: Source, begins: int, place: tuple[int, int], context: TextContext) -> Function:
    """A side of a relation as a Function. The rest of the statement, which begins at `begins`, is blanked, so that no
    place moves."""
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
    program = Program(wlist, source, dict(like.program.defaults), constants=like.program.constants)
    return Function(program, like.options)


def _constant(side: Function) -> float | None:
    """The number that a side consists of; None if it depends on inputs or is an array."""
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
    both = joined([(left, 0), (right, 0)], source).wengert_list
    name = "difference"
    while name in names_of(both):
        name += "_"
    last = Equation(name, INFIX["-"], both.outputs)
    spans = [*both.provenance.spans, (0, len(source.text))]
    wlist = assemble(both.inputs, [*both.equations, last], (name,), both.ops, both.provenance._replace(spans=spans),
                     both.shapes)  # fmt: skip
    return _function(left, wlist, source)


def joined(functions: Sequence[tuple[Function, int]], source: Source) -> Function:
    """One function with the outputs of several functions, each of one output.

    `source` is a text that contains all of theirs, each from an offset on.
    """
    lists = [f.wengert_list for f, _ in functions]
    inputs = tuple(dict.fromkeys(n for w in lists for n in w.inputs))
    taken = {*inputs, *(n for w in lists for n in names_of(w))}
    defined: set[Atom] = set(inputs)
    equations: list[Equation] = []
    outputs: list[Atom] = []
    spans: list[Any] = []
    shapes: dict[str, tuple[int | str, ...]] = {}
    ops: dict[str, Op] = {}
    for wlist, (_, offset) in zip(lists, functions):
        renamed: dict[Atom, Atom] = {}
        for k, e in enumerate(wlist.equations):
            name = e.output
            while name in defined:
                name = _fresh(e.output, taken)
            taken.add(name)
            defined.add(name)
            equations.append(Equation(name, e.op, tuple(renamed.get(a, a) for a in e.inputs)))
            renamed[e.output] = name
            place = wlist.provenance.span(k)
            spans.append(None if place is None else (place.start + offset, place.end + offset))
        outputs.append(renamed.get(wlist.outputs[0], wlist.outputs[0]))
        shapes.update(wlist.shapes)
        ops.update((op.name, op) for op in wlist.ops)
    provenance = lists[0].provenance._replace(spans=spans, source=source)
    wlist = assemble(inputs, equations, outputs, tuple(ops.values()), provenance, shapes)
    made = _function(functions[0][0], wlist, source)
    for f, _ in functions:
        made.program.defaults.update(f.program.defaults)
    return made


def over_model(relation: TextRelation, model: WengertList) -> TextRelation:
    """The relation as a function of the model's inputs, with names that the model computes substituted."""
    g = relation.function.wengert_list
    computed = {e.output for e in model.equations}
    if computed.isdisjoint(g.inputs):
        return relation
    inputs = (*model.inputs, *(n for n in g.inputs if n not in model.inputs and n not in computed))
    taken = {*names_of(model), *names_of(g), *inputs}
    renamed: dict[Atom, Atom] = {}
    equations = list(model.equations)
    for e in g.equations:
        name = e.output
        if name in computed or name in model.inputs:
            name = _fresh(e.output, taken)
            taken.add(name)
        equations.append(Equation(name, e.op, tuple(renamed.get(a, a) for a in e.inputs)))
        renamed[e.output] = name
    # Messages quote the relation's text, and no place in it belongs to the model's steps.
    spans = [*(None for _ in model.equations), *(g.provenance.span(k) for k in range(len(g.equations)))]
    output = renamed.get(g.outputs[0], g.outputs[0])
    ops = {op.name: op for op in (*model.ops, *g.ops)}
    wlist = assemble(inputs, equations, (output,), tuple(ops.values()), g.provenance._replace(spans=spans),
                     {**model.shapes, **{n: s for n, s in g.shapes.items() if n in inputs}})  # fmt: skip
    source = relation.function.program.source
    return relation._replace(function=_function(relation.function, drop_dead(wlist)[0], source))


def _fresh(name: str, taken: set[str]) -> str:
    k = 1
    while f"{name}_{k}" in taken:
        k += 1
    return f"{name}_{k}"
