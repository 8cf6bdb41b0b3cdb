"""Mathematics for browsers: the LaTeX that `show.latex` emits, as presentation markup of MathML Core.

https://www.w3.org/TR/mathml-core/. Only the commands that our own templates use are known; any other one is written by
its name, so that nothing is lost. Text is always escaped.
"""

from __future__ import annotations

import re

from ..show.grid import escaped

# A formula that is longer, or nests deeper, is for no reader: it is written as plain text.
LONGEST, DEEPEST = 3000, 60

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+(?:\.[0-9]+)?|[^\s]|\s+")


def _pairs(words: str) -> dict[str, str]:
    """A table from words in turn: a command and its sign."""
    return dict(zip(words.split()[::2], words.split()[1::2]))


_LETTERS = _pairs(
    "alpha α beta β gamma γ delta δ epsilon ϵ zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ omicron ο "
    "pi π rho ρ sigma σ tau τ upsilon υ phi ϕ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ "
    "Upsilon Υ Phi Φ Psi Ψ Omega Ω varphi φ partial ∂ infty ∞"
)
_SIGNS = _pairs(
    "cdot ⋅ times × otimes ⊗ star ⋆ leq ≤ geq ≥ neq ≠ land ∧ lor ∨ lnot ¬ sum ∑ prod ∏ odot ⊙ langle ⟨ rangle ⟩ "
    "lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ | ‖ { { } } cdots ⋯ top ⊤"
)
# Commands with their number of arguments, and the elements that they make.
_ELEMENTS = dict(zip("frac sqrt".split(), ((2, "mfrac"), (1, "msqrt"))))
_ACCENTS = {
    "bar": "¯", "overline": "¯", "dot": "˙", "hat": "^", "tilde": "~", "grave": "`", "acute": "´", "breve": "˘",
    "ddot": "¨", "mathring": "˚", "check": "ˇ",
}  # fmt: skip
_SPACES = {",": "0.17em", ":": "0.22em", ";": "0.28em", "quad": "1em", " ": "0.25em"}


def markup(latex: str) -> str:
    """The content of a `<math>` element for a formula in LaTeX's math mode."""
    if len(latex) > LONGEST or _depth(latex) > DEEPEST:
        return f"<mtext>{escaped(latex[:LONGEST])}</mtext>"
    return _MathReader(latex).sequence(())


def _depth(latex: str) -> int:
    deepest = now = 0
    for word in re.findall(r"\\left|\\right|\\begin|\\end|[{}]", latex):
        now += 1 if word in (r"\left", r"\begin", "{") else -1
        deepest = max(deepest, now)
    return deepest


class _MathReader:
    """Reads tokens from the left; a method leaves its own behind."""

    def __init__(self, latex: str) -> None:
        self.tokens = [t for t in _TOKEN.findall(latex) if not t.isspace()]
        self.raw = _TOKEN.findall(latex)
        self.at = 0
        self.source = latex
        # Where each token stands, so that the words of a text keep their spaces.
        self.starts = [m.start() for m in _TOKEN.finditer(latex) if not m[0].isspace()]

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        word = self.peek()
        self.at += 1
        return word

    def sequence(self, ends: tuple[str, ...]) -> str:
        """Atoms up to one of the ends, which is left; one row of markup."""
        found: list[str] = []
        while (word := self.peek()) and word not in ends:
            if word in ("^", "_"):
                base = found.pop() if found else "<mrow></mrow>"
                found.append(self.scripts(base))
            else:
                found.append(self.atom())
        return "".join(found) if len(found) == 1 else f"<mrow>{''.join(found)}</mrow>"

    def scripts(self, base: str) -> str:
        given = {}
        while self.peek() in ("^", "_") and self.peek() not in given:
            sign = self.take()
            given[sign] = self.atom()
        if len(given) == 2:
            return f"<msubsup>{base}{given['_']}{given['^']}</msubsup>"
        ((sign, script),) = given.items()
        tag = "msup" if sign == "^" else "msub"
        return f"<{tag}>{base}{script}</{tag}>"

    def group(self) -> str:
        """The content of braces, or one atom."""
        if self.peek() != "{":
            return self.atom()
        self.take()
        found = self.sequence(("}",))
        self.take()
        return found

    def words(self) -> str:
        """The text in braces, as it stands."""
        if self.take() != "{":
            return ""
        start = self.starts[self.at] if self.at < len(self.starts) else len(self.source)
        depth = 1
        while depth and self.at < len(self.tokens):
            word = self.take()
            depth += (word == "{") - (word == "}")
        end = self.starts[self.at - 1] if self.at <= len(self.starts) else len(self.source)
        # A space before the first word is no token.
        start = self.source.rfind("{", 0, start + 1) + 1 if self.source[:start].rstrip().endswith("{") else start
        return self.source[start:end].replace("\\_", "_")

    def atom(self) -> str:
        word = self.peek()
        if word == "{":
            return self.group()
        self.take()
        if word.startswith("\\"):
            return self.command(word[1:])
        if word[:1].isdigit():
            return f"<mn>{word}</mn>"
        if word == "'":
            return "<mo>′</mo>"
        if word.isalpha():
            return f"<mi>{escaped(word)}</mi>"
        return f"<mo>{escaped('−' if word == '-' else word)}</mo>"

    def command(self, name: str) -> str:
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>"
        if name in _SIGNS:
            return f"<mo>{escaped(_SIGNS[name])}</mo>"
        if name in _SPACES:
            return f'<mspace width="{_SPACES[name]}"></mspace>'
        if name in _ACCENTS:
            return f'<mover accent="true">{self.group()}<mo stretchy="false">{_ACCENTS[name]}</mo></mover>'
        if name in _ELEMENTS:
            count, tag = _ELEMENTS[name]
            return f"<{tag}>{''.join([self.group() for _ in range(count)])}</{tag}>"
        if name == "left":
            return self.fenced()
        if name == "begin":
            return self.table()
        if name in ("mathrm", "text"):
            return self.word(name)
        if name == "operatorname":
            return f"<mi>{escaped(self.words())}</mi>"
        if name == "bmod":
            return '<mo lspace="0.3em" rspace="0.3em">mod</mo>'
        if not name.isalpha():
            return f"<mo>{escaped(name)}</mo>"
        return f"<mi>{escaped(name)}</mi>"

    def word(self, kind: str) -> str:
        """A name or a text. A name `slot…` is a place where a page puts the name of an argument."""
        inner = self.words()
        if kind == "text":
            return f"<mtext>{escaped(inner).replace(' ', '&#160;')}</mtext>"
        if re.fullmatch(r"slot[a-z]+", inner):
            return f'<mi data-slot="{inner[4:]}"></mi>'
        return f"<mi>{escaped(inner)}</mi>" if "\\" not in inner else f"<mrow>{markup(inner)}</mrow>"

    def fenced(self) -> str:
        first = self.fence()
        inner = self.sequence((r"\right",))
        self.take()
        last = self.fence()
        opened = f'<mo fence="true" form="prefix">{first}</mo>'
        return f'<mrow>{opened}{inner}<mo fence="true" form="postfix">{last}</mo></mrow>'

    def fence(self) -> str:
        word = self.take()
        name = word[1:] if word.startswith("\\") else word
        return escaped(_SIGNS.get(name, name) if name != "." else "")

    def table(self) -> str:
        kind = self.words()
        ends = ("&", r"\\", r"\end")
        rows: list[list[str]] = [[]]
        while self.peek():
            rows[-1].append(self.sequence(ends))
            word = self.take()
            if word == r"\\":
                rows.append([])
            elif word != "&":
                break
        self.words()
        cells = "".join(f"<mtr>{''.join(f'<mtd>{c}</mtd>' for c in row)}</mtr>" for row in rows)
        if kind == "cases":
            return f'<mrow><mo fence="true" form="prefix">{{</mo><mtable class="cases">{cells}</mtable></mrow>'
        if kind == "bmatrix":
            return (
                f'<mrow><mo fence="true" form="prefix">[</mo><mtable>{cells}</mtable>'
                '<mo fence="true" form="postfix">]</mo></mrow>'
            )
        return f"<mtable>{cells}</mtable>"
