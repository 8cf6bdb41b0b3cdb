"""A list as mathematics: LaTeX, for any renderer of its math mode.

Every op is written by its row's template. The template also tells how tightly the result binds, and how tightly each
argument must bind: a fraction or a root needs no brackets inside, the base of a power nearly always does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache

from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom, Equation, WengertList, assemble, spelled, table_of
from ..ops import CONSTANTS, COPY, DERIVATIVES, Op
from ..ops.parameters import FREE, read_text, split, static_text
from .layout import APART, SIGN, SUM, TIGHT, Layout, Piece, binds, needs, plan, tightness, unfold

PRODUCT, POWER = SUM + 1, TIGHT - 1
PAGE = 4000

GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi "
    "psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()
)
_SYMBOLS = {"inf": r"\infty", "nan": r"\mathrm{nan}", "omicron": "o"}
# Accents that combine with the letter before them.
_ACCENTS = {
    "\u0300": r"\grave", "\u0301": r"\acute", "\u0302": r"\hat", "\u0303": r"\tilde", "\u0304": r"\bar",
    "\u0306": r"\breve", "\u0307": r"\dot", "\u0308": r"\ddot", "\u030a": r"\mathring", "\u030c": r"\check",
}  # fmt: skip
_MARKS = {"bar": r"\bar", "dot": r"\dot"}


def latex(wlist: WengertList, k: int | None = None) -> str:
    r"""A list as LaTeX in math mode: an expression, or an `aligned` block if several equations keep lines of their own,
    as in `formula`. With `k`, output k alone, as one expression if a page can hold it."""
    if k is not None:
        wlist = assemble(wlist.inputs, wlist.equations, wlist.outputs[k : k + 1], wlist.ops, wlist.provenance)
    laid_out = plan(wlist, named=k is None)
    if k is not None and laid_out.size > PAGE:
        laid_out = plan(wlist)
    write = Latex(wlist.ops, laid_out)
    lines = [(latex_name(e.output), write.right(e)) for e in laid_out.lines]
    last = wlist.outputs[-1]
    if len(wlist.outputs) > 1 or not lines or laid_out.lines[-1].output != last:
        kept = {e.output for e in laid_out.lines}
        unnamed = [a for a in wlist.outputs if a not in kept]
        lines += [(latex_atom(a) if a in laid_out.within and len(unnamed) > 1 else "", write.atom(a)) for a in unnamed]
    if len(lines) == 1:
        return " = ".join(filter(None, lines[0]))
    rows = [f"{name} &= {right}" if name else f"&\\phantom{{=}} {right}" for name, right in lines]
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def latex_equation(e: Equation, ops: tuple[Op, ...] = ()) -> str:
    r"""An equation in LaTeX, such as `v_{2} = v_{1} + x_{2}`."""
    return f"{latex_name(e.output)} = {Latex(ops).right(e)}"


def latex_atom(a: Atom) -> str:
    """A name or a number in LaTeX."""
    if isinstance(a, str):
        return latex_name(a)
    mantissa, _, exponent = spelled(a).partition("e")
    if mantissa.lstrip("-") in _SYMBOLS:
        return mantissa.replace("inf", _SYMBOLS["inf"]).replace("nan", _SYMBOLS["nan"])
    if not exponent:
        return mantissa
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else f"-{power}" if mantissa == "-1" else rf"{mantissa} \cdot {power}"


@lru_cache(maxsize=4096)
def latex_name(name: str) -> str:
    r"""A name as mathematicians write it: x1 and x_1 as `x_{1}`, theta as `\theta`, x1_bar as `\bar{x}_{1}`."""
    if name in _SYMBOLS and name in CONSTANTS:
        return _SYMBOLS[name]
    words = name.split("_")
    marks = []
    while len(words) > 1 and words[-1] in _MARKS:
        marks.append(_MARKS[words.pop()])
    letters = words[0].rstrip("0123456789")
    subscripts = [w for w in (words[0][len(letters) :], *words[1:]) if w]
    base = _word(letters) or r"\_"
    for mark in reversed(marks):
        base = f"{mark}{{{base}}}"
    return base + (f"_{{{','.join(_word(w, True) for w in subscripts)}}}" if subscripts else "")


def _word(word: str, subscript: bool = False) -> str:
    if len(word) == 1 and not word.isascii():
        # A Greek letter is written by its name, under which fonts for mathematics have it.
        spoken = unicodedata.name(word, "").replace("LAMDA", "LAMBDA").split()
        if spoken[:2] in (["GREEK", "SMALL"], ["GREEK", "CAPITAL"]) and len(spoken) == 4:
            letter = spoken[3].lower() if spoken[1] == "SMALL" else spoken[3].capitalize()
            word = letter if letter in GREEK or letter in _SYMBOLS else word
    if word in _SYMBOLS:
        return _SYMBOLS[word] if word == "omicron" else rf"\mathrm{{{word}}}"
    if word in GREEK:
        return "\\" + word
    if not word.isascii() and len(word) > 1 or unicodedata.normalize("NFD", word) != word:
        return _accented(word)
    return word if len(word) < 2 or word.isdigit() or subscript and len(word) == 2 else rf"\mathrm{{{word}}}"


def _accented(word: str) -> str:
    """A word letter by letter: Greek letters by their names, accents by the commands of mathematics."""
    letters: list[str] = []
    for c in unicodedata.normalize("NFD", word):
        if letters and (accent := _ACCENTS.get(c)):
            letters[-1] = f"{accent}{{{letters[-1]}}}"
        else:
            letters.append(_word(c))
    if len(letters) < 2:
        return "".join(letters)
    # A space ends the name of a command before the next letter.
    spaced = [x + " " * (x[-1].isalpha() and x.startswith("\\")) for x in letters]
    return rf"\mathrm{{{''.join(spaced).rstrip()}}}"


class LatexTemplate(NamedTuple):
    """A template, split at its slots.

    texts   the pieces before, between and after the slots
    slots   for each slot the index of its argument (-1 for all), how tightly that must bind, and whether a sign at its
            start needs brackets, as something stands to its left
    binds   how tightly the whole binds
    """

    texts: tuple[str, ...]
    slots: tuple[tuple[int, int, bool], ...]
    binds: int


def template(row: Op) -> LatexTemplate:
    """The template of a row, split at its slots."""
    text = row.notation.latex or rf"\operatorname{{{split(row.name)[0]}}}#s\left(#*\right)".replace("_", r"\_")
    if "#s" in text or "#i" in text:
        text = text.replace("#s", _statics(row)).replace("#i", split(row.name)[1].replace(":", "{:}"))
    return _template(text, binds(row), needs(row) if row.notation.infix else ())


def _statics(row: Op) -> str:
    """The static parameters of an op as a subscript: the axes of a sum."""
    text = split(row.name)[1]
    if row.statics == FREE:
        return rf"_{{{text.replace(':', '{:}').replace('|', ';')}}}" if text else ""
    # Whether the axes stay, with one element each, is nothing that a formula shows.
    words = [rf"\mathrm{{{n}}} = {static_text(v)}" for n, v in read_text(text).items() if n != "keepdims"]
    return f"_{{{', '.join(words)}}}" if words else ""


@cache
def _template(text: str, level: int, operands: tuple[int, ...]) -> LatexTemplate:
    found = list(re.finditer(r"#(\d|\*)", text))
    ends = [0, *(m.end() for m in found)]
    texts = [text[a:b] for a, b in zip(ends, [*(m.start() for m in found), len(text)])]
    slots = []
    bare = False
    for m in found:
        k = -1 if m[1] == "*" else int(m[1]) - 1
        before, after = text[: m.start()].rstrip(), text[m.end() :].lstrip()
        if after.startswith(("}^", "^", r"\left[")) or text == m[0]:
            need = TIGHT
        elif before.endswith("{") and after.startswith("}"):
            need = 0
        elif operands:
            # A sign before a product needs no brackets: (-a)b and -(ab) are the same number.
            need, bare = PRODUCT if len(operands) == 1 else operands[k], True
        elif before.endswith(("+", "-")) or after.startswith(("+", "-")):
            need = SUM + before.endswith("-")
        elif after.startswith((r"\right", ",", ")", "&", r"\\", r"\end")):
            need = 0
        else:
            need = PRODUCT if not before or before.endswith(r"\,") else TIGHT
        slots.append((k, need, need > 0 and before != ""))
    # Conventions differ on how tightly \bmod binds: brackets around it leave no doubt.
    return LatexTemplate(tuple(texts), tuple(slots), 0 if r"\bmod" in text else level if bare else _reading(text))


def _reading(text: str) -> int:
    """How tightly a piece of LaTeX binds, by the operators in it outside all brackets."""
    if r"\begin" in text:
        return 0
    text = re.sub(r"\\left\\?\S|\\left\\l\w+", "(", re.sub(r"\\right(?:\\r\w+|\\?\S)", ")", text))
    inner = r"\([^(){}]*\)|\{[^(){}]*\}"
    if re.fullmatch(r"\([^()]*\)", text):
        return TIGHT
    while (shorter := re.sub(inner, "G", text)) != text:
        text = shorter
    if re.search(r" [-+] ", text):
        return SUM
    return SIGN if text.startswith("-") else PRODUCT if " " in text.strip() else POWER


class Latex:
    """Writes atoms and equations in LaTeX. The layout says which equations are written inside others, by default
    none."""

    def __init__(self, ops: tuple[Op, ...] = (), laid_out: Layout = APART) -> None:
        self.table = table_of(ops)
        self.within = laid_out.within
        self.binding: dict[str, int] = {}
        # The first character of an expression, if it matters: "-", or "1" for any digit.
        self.begins: dict[str, str] = {}
        for name, e in self.within.items():
            self.begins[name], self.binding[name] = self._first(e)

    def atom(self, a: Atom) -> str:
        """An atom, or the expression that is written in its place."""
        return unfold([(a, 0)], self._parts)

    def right(self, e: Equation) -> str:
        """The right-hand side of an equation."""
        return unfold(self._sides(e), self._parts)

    def _first(self, e: Equation) -> tuple[str, int]:
        if e.op == COPY:
            return self._begin(e.inputs[0], 0), self._tightness(e.inputs[0])
        if e.op in DERIVATIVES:
            return "", POWER
        shape = template(self.table[e.op])
        if shape.texts[0].strip("{"):
            begin = shape.texts[0].strip("{")[0]
            return "1" if begin.isdigit() else begin, shape.binds
        k, need, _ = shape.slots[0]
        return self._begin(e.inputs[k], need), shape.binds

    def _begin(self, a: Atom, need: int) -> str:
        if self._tightness(a) < need:
            return "("
        if isinstance(a, float):
            return "-" if spelled(a)[0] == "-" else "1"
        return self.begins.get(a, "")

    def _tightness(self, a: Atom) -> int:
        if isinstance(a, float) and "e" in spelled(a):
            return PRODUCT
        return tightness(a, self.binding)

    def _parts(self, a: Atom, need: int) -> Sequence[Piece]:
        e = self.within.get(a) if isinstance(a, str) else None
        if e is not None and e.op == COPY:
            return [(e.inputs[0], need)]
        inside: list[Piece] = [latex_atom(a)] if e is None else self._sides(e)
        return inside if self._tightness(a) >= need else [r"\left(", *inside, r"\right)"]

    def _sides(self, e: Equation) -> list[Piece]:
        if e.op == COPY:
            return [(e.inputs[0], 0)]
        if e.op in DERIVATIVES:
            return self._derivative(e)
        shape = template(self.table[e.op])
        pieces: list[Piece] = [shape.texts[0]]
        for (k, need, inside), text in zip(shape.slots, shape.texts[1:]):
            if k < 0:
                for a in e.inputs:
                    pieces += [(a, 0), ", "]
                pieces[-1] = text
                continue
            begin = self._begin(e.inputs[k], need)
            if begin == "-" and inside:
                need = TIGHT
            if begin == "1" and str(pieces[-1]).endswith(r"\, "):
                pieces[-1] = str(pieces[-1])[:-2] + r"cdot "
            pieces += [(e.inputs[k], need), text]
        return pieces

    def _derivative(self, e: Equation) -> list[Piece]:
        if len(e.inputs) == 2:
            return [r"\frac{\partial}{\partial ", (e.inputs[1], 0), r"} ", (e.inputs[0], TIGHT)]
        pieces: list[Piece] = [rf"\operatorname{{{e.op}}}\left("]
        for a in e.inputs:
            pieces += [(a, 0), ", "]
        return [*pieces[:-1], r"\right)"]
