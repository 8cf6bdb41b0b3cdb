"""The layout of a list for reading: which equations have their own lines, and which are written where they are used.
Expressions are assembled here, for every notation.

Nothing here recurses: an expression may be nested as deep as its list is long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import copysign

from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from ..lists.quoting import made_up
from ..lists.wengert_list import Atom, Equation, WengertList, spelled, table_of
from ..ops import ADD, COPY, DERIVATIVES, NEG, OPS, Op

# The most characters of a list that is written as one expression, and of a piece of it that is written more than once.
WHOLE, PIECE = 200, 30

SUM, SIGN = OPS[ADD].notation.binds, OPS[NEG].notation.binds  # how tightly sums bind, and negative numbers
TIGHT = 1 + max(row.notation.binds for row in OPS.values())  # how tightly a name, a call or a bracket does

# A piece of an expression: text as it is, or an atom and how tightly it must bind to stand without brackets.
Piece = str | tuple[Atom, int]


class Layout(NamedTuple):
    """A layout of a list.

    lines    the equations that stand on lines of their own, in order
    within   the other equations that the outputs need, by output: each is written where it is used
    binding  for each of these how tightly its expression binds
    size     the rough number of characters of the whole
    """

    lines: tuple[Equation, ...] = ()
    within: dict[str, Equation] = {}
    binding: dict[str, int] = {}
    size: int = 0


APART = Layout()  # every equation on a line of its own


def plan(wlist: WengertList, *, named: bool = True) -> Layout:
    """The layout of a list, without equations that no output needs.

    Names that a person chose have their own lines. A temporary that is used once has none; one that is used more often
    has one, unless the whole stays short without it.

    With `named` off, an output is one expression of any length. Only a name by which a derivative is taken keeps its
    line, as there an expression is not allowed.
    """
    live, uses = _needed(wlist)
    pinned = {str(e.inputs[1]) for e in live if e.op in DERIVATIVES}
    if not named:
        return _laid_out(wlist, live, uses, pinned, lambda e, size: True)
    results = {a for a in wlist.outputs if a in wlist.provenance.origins}
    pinned.update(e.output for e in live if e.output in results or not made_up(wlist, e.output))
    if len(live) <= WHOLE:
        short = _laid_out(wlist, live, uses, pinned, lambda e, size: size <= PIECE)
        if short.size <= WHOLE:
            return short
    return _laid_out(wlist, live, uses, pinned, lambda e, size: size <= len(e.output))


def _needed(wlist: WengertList) -> tuple[list[Equation], dict[Atom, int]]:
    """The equations that the outputs depend on, in order, and how often they and the outputs use each name."""
    uses: dict[Atom, int] = {}
    for a in wlist.outputs:
        uses[a] = uses.get(a, 0) + 1
    live = []
    for e in checking_clock(wlist.equations[::-1]):
        if e.output in uses:
            live.append(e)
            for a in e.inputs:
                uses[a] = uses.get(a, 0) + 1
    live.reverse()
    return live, uses


def _laid_out(
    wlist: WengertList, live: Sequence[Equation], uses: dict[Atom, int], pinned: set[str],
    repeat: Callable[[Equation, int], bool],
) -> Layout:  # fmt: skip
    table = table_of(wlist.ops)
    lines: list[Equation] = []
    within: dict[str, Equation] = {}
    binding: dict[str, int] = {}
    sizes: dict[Atom, int] = {}
    total = 0
    for e in checking_clock(live):
        row = table.get(e.op)
        # An expression that repeats shared values may be longer than any memory: sizes stop growing there.
        size = min(_size(e, row, sizes, binding), 1 << 40)
        if e.output not in pinned and (uses[e.output] == 1 or repeat(e, size)):
            within[e.output] = e
            sizes[e.output] = size
            binding[e.output] = tightness(e.inputs[0], binding) if e.op == COPY else binds(row)
        else:
            lines.append(e)
            total += size + len(e.output) + 4
    total += sum([sizes.get(a) or len(spelled(a)) for a in wlist.outputs])
    return Layout(tuple(lines), within, binding, total)


def _size(e: Equation, row: Op | None, sizes: dict[Atom, int], binding: dict[str, int]) -> int:
    """The rough number of characters of an equation's right-hand side."""
    size = sum([sizes.get(a) or len(spelled(a)) for a in e.inputs])
    if e.op == COPY:
        return size
    if row is None or not row.notation.infix:
        return size + len(e.op) + 2 * len(e.inputs)
    brackets = sum([2 for a, need in zip(e.inputs, needs(row)) if tightness(a, binding) < need])
    return size + brackets + len(operator(row))


def operator(row: Op) -> str:
    """An operator's symbol with its blanks: it has none if it binds tighter than a sum and is no array op."""
    if " " not in row.params:
        return f"{row.notation.infix} " if row.notation.infix.isalpha() else row.notation.infix
    return row.notation.infix if row.notation.binds > SUM and row.array is None else f" {row.notation.infix} "


def binds(row: Op | None) -> int:
    """How tightly the expression of an op binds: an operator as its row says, a call as tightly as a name."""
    return row.notation.binds if row is not None and row.notation.infix else TIGHT


def needs(row: Op) -> tuple[int, ...]:
    """How tightly each operand of an operator must bind to stand without brackets.

    As in the grammar, the left operand of an operator may be an operator of the same kind. A power binds tighter than a
    sign; its right operand may be a power or have a sign. Neither operand of a comparison may be a comparison, as
    `a < b < c` is a chain.
    """
    if " " not in row.params:
        return (row.notation.binds,)
    if row.notation.binds > SIGN:
        return TIGHT, SIGN
    return row.notation.binds + compares(row), row.notation.binds + 1


def compares(row: Op | None) -> bool:
    """Whether an op is written with a comparison sign."""
    return row is not None and row.boolean and row.notation.infix != "" and not row.notation.infix.isalpha()


def tightness(a: Atom, binding: dict[str, int]) -> int:
    """How tightly the text of an atom binds."""
    if isinstance(a, float):
        return SIGN if a < 0 or a == 0 and copysign(1.0, a) < 0 else TIGHT
    return binding.get(a, TIGHT)


def unfold(pieces: Iterable[Piece], parts: Callable[[Atom, int], Sequence[Piece]]) -> str:
    """The text of pieces; `parts(atom, need)` gives the pieces of an atom."""
    written: list[str] = []
    stack = list(pieces)[::-1]
    while stack:
        piece = stack.pop()
        if isinstance(piece, str):
            written.append(piece)
        else:
            stack += parts(*piece)[::-1]
    return "".join(written)
