"""The notation of tables: as text, and as mathematics."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..lists.array_text import MORE, cut, inline, rounded, rows, shape_of
from ..lists.wengert_list import Atom, Equation, WengertList, spelled
from ..ops import Op
from ..ops.shapes.dimensions import shown
from .formula import Infix, equation_text
from .latex import Latex, latex_atom, latex_equation, latex_name
from .layout import TIGHT, Layout, Piece, plan

# The most rows of a matrix in a cell.
TALLEST = 5
# The most characters of a local gradient's formula; beside its value a longer one is left out.
LONGEST = 32
# And of the adjoint of an array, which has no value beside it.
PULLED = 48


def matrix(cells: Sequence[Sequence[str]]) -> str:
    """Cells as a matrix in LaTeX; an empty cell stands for the entries that are left out."""
    lines = [" & ".join(cell or r"\cdots" for cell in row) for row in cells]
    return r"\begin{bmatrix} " + r" \\ ".join(lines) + r" \end{bmatrix}"


class Spoken(Infix):
    """Formulas for people alone: an op may have a notation that no program could use."""

    def _call(self, e: Equation, row: Op | None) -> list[Piece]:
        if row is None or not row.notation.spoken:
            return super()._call(e, row)
        parts = re.split(r"#(\d)", row.notation.spoken)
        pieces: list[Piece] = [parts[0]] if parts[0] else []
        for k, text in zip(parts[1::2], parts[2::2]):
            pieces += [(e.inputs[int(k) - 1], TIGHT), *filter(None, [text])]
        return pieces


class Plain:
    """The notation of programs, for text and for Markdown."""

    times, equals = "×", "="
    room = 36  # characters that an array may take in a table
    upstream = True  # whether each step shows the upstream adjoint

    def __init__(self, ops: tuple[Op, ...]) -> None:
        self.ops = ops

    def atom(self, a: Atom) -> str:
        return a if isinstance(a, str) else self.number(a)

    def number(self, x: float) -> str:
        return spelled(rounded(x))

    def value(self, x: Any) -> str:
        """A number or an array in a cell of a table, to the digits that tables show; of a long array, both ends."""
        return self.line(x, self.room)

    def line(self, x: Any, room: int) -> str:
        """A number or an array on a line."""
        return inline(x, room, self.number) if shape_of(x) else self.number(x)

    def known(self, x: Any) -> Any:
        """The value of an argument as an atom: a number, the text of an array, or its shape if the text is long."""
        if not shape_of(x):
            return rounded(x)
        text = inline(x, min(24, self.room), self.number)
        return shown(x.shape) if MORE in text or len(text) > self.room else text

    def sum(self, a: float, b: float) -> str:
        low, high = self.number(a), self.number(b)
        return f"{low} + {f'({high})' if high.startswith('-') else high}"

    def equation(self, e: Equation) -> str:
        return equation_text(e, self.ops)

    def right(self, e: Equation) -> str:
        """The right-hand side of an equation."""
        return Infix(self.ops, wary=True).right(e)

    def formula(self, wlist: WengertList | None, number: str, longest: int = LONGEST) -> str:
        """A formula if it is short; a text, `number`, where there is none."""
        if wlist is None:
            return number
        laid_out = plan(wlist, named=False)
        return self.expression(laid_out, wlist.outputs[0]) if laid_out.size <= longest else "…"

    def unsaid(self, wlist: WengertList) -> str:
        """A formula that takes ops which only rules are written with: in words, that the language has none."""
        return self.words("no formula")

    def expression(self, laid_out: Layout, a: Atom) -> str:
        """An atom, or the expression that is written in its place."""
        return Spoken(self.ops, laid_out).atom(a)

    def words(self, text: str) -> str:
        """Words among formulas."""
        return text

    def shape(self, shape: tuple[int, ...]) -> str:
        return shown(shape)

    def quoted(self, text: str, e: Equation) -> str:
        """The user's text for an equation, unless it reads the same as the equation."""
        bare = "".join(text.split())
        return "" if bare in ("".join(self.equation(e).split()), "".join(self.right(e).split())) else text

    def partial(self, f: Atom, x: Atom) -> str:
        return f"∂{self.atom(f)}/∂{self.atom(x)}"

    def marked(self, name: str, mark: str) -> str:
        """The name of the adjoint ("bar") or the tangent ("dot") of a name."""
        return f"{name}_{mark}"

    def inline(self, text: str) -> str:
        """A formula in a sentence."""
        return text


class Lines(Plain):
    """The notation of plain text, where a cell may have several lines: a matrix is written row by row."""

    def value(self, x: Any) -> str:
        if len(shape_of(x)) != 2 or not x.size:
            return super().value(x)
        for columns, digits in ((8, 6), (8, 4), (6, 6), (4, 6), (4, 4), (3, 4), (2, 3)):
            if columns < 8 and columns >= x.shape[1]:
                continue
            text = rows(x, TALLEST, columns, lambda v, d=digits: spelled(rounded(v, d)))  # type: ignore[misc]
            if len(text.partition("\n")[0]) <= self.room:
                return text
        return super().value(x)


class Mathematics(Plain):
    """The notation of LaTeX."""

    times, equals = r"\times", "="

    def number(self, x: float) -> str:
        return latex_atom(rounded(x))

    def known(self, x: Any) -> Any:
        return None if shape_of(x) else rounded(x)

    def line(self, x: Any, room: int) -> str:
        if not shape_of(x):
            return self.number(x)
        if x.ndim > 2:
            return rf"\text{{{super().line(x, room)}}}"
        whole = x.reshape(1, -1) if x.ndim == 1 else x
        return matrix([["" if v is None else self.number(v) for v in row] for row in cut(whole)])

    def atom(self, a: Atom) -> str:
        return latex_name(a) if isinstance(a, str) else self.number(a)

    def sum(self, a: float, b: float) -> str:
        return self.inline(super().sum(a, b))

    def equation(self, e: Equation) -> str:
        return latex_equation(e, self.ops)

    def right(self, e: Equation) -> str:
        return Latex(self.ops).right(e)

    def unsaid(self, wlist: WengertList) -> str:
        return self.formula(wlist, "", PULLED)

    def expression(self, laid_out: Layout, a: Atom) -> str:
        return Latex(self.ops, laid_out).atom(a)

    def words(self, text: str) -> str:
        return rf"\text{{{text}}}"

    def shape(self, shape: tuple[int, ...]) -> str:
        return r" \times ".join(map(str, shape))

    def quoted(self, text: str, e: Equation) -> str:
        return ""

    def partial(self, f: Atom, x: Atom) -> str:
        return rf"\partial {self.atom(f)}/\partial {self.atom(x)}"

    def marked(self, name: str, mark: str) -> str:
        return latex_name(f"{name}_{mark}")

    def inline(self, text: str) -> str:
        return f"${text}$"
