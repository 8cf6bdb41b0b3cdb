"""What was probably meant: the diagnosis of a token that no sentence of the language has in that place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ..errors import Fix, ParseError, Span, WengertError, error
from ..names import RESERVED
from ..ops import ALIASES, OPS
from .tables import RULES, TERMINALS

_SAID = {
    "FUNC": "a call",
    "NAME": "a name",
    "NUMBER": "a number",
    "COMPARE": "a comparison",
    "POWER": "`^`",
    "SIGN": "`+` or `-`",
    "STAR": "`*`",
    "SLASH": "`/`",
    "PERCENT": "`%`",
    "SEP": "a new line",
    "COMMA": "`,`",
    "EQUAL": "`=`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "COLON": "`:`",
    "$END": "the end",
}
_OPERAND = {"FUNC", "NAME", "NUMBER", "LPAR", "SIGN"}
_OPERATOR = {"COMPARE", "POWER", "SIGN", "STAR", "SLASH", "PERCENT"}

# One character that is no token: how the same thing is written here.
_SPELLED = {
    "&": "write `and`",
    "|": "write `or`; the absolute value is `abs(x)`",
    "?": "write `a if condition else b`",
    "[": "vectors and matrices are not part of the language yet: name the elements, `x0`, `x1`",
    "]": "vectors and matrices are not part of the language yet: name the elements, `x0`, `x1`",
    "'": "there are no strings; a transpose or a derivative mark is not written this way: use `d(f, x)`",
    '"': "there are no strings",
    "@": "matrices are not part of the language yet",
    "~": "write `not`",
    "$": "leave the dollar sign out",
    "\\": "LaTeX is not read: write `sin(x)` for `\\sin x`, `a/b` for `\\frac{a}{b}`",
    "`": "leave the quotation mark out",
    "×": "write `*`",
    "·": "write `*`",
    "⋅": "write `*`",
    "∗": "write `*`",
    "÷": "write `/`",
    "∕": "write `/`",
    "−": "write `-` (the hyphen of the keyboard)",
    "–": "write `-` (the hyphen of the keyboard)",
    "≤": "write `<=`",
    "≥": "write `>=`",
    "≠": "write `!=`",
    "√": "write `sqrt(x)`",
    "∞": "write `inf`",
    "∂": "write `d(f, x)`",
    "∑": "write `sum(… for i in 0:n)`",
    "∏": "write `prod(… for i in 0:n)`",
}
_REPLACED = {"×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "∕": "/", "−": "-", "–": "-", "≤": "<=", "≥": ">="}


def expected(states: list[int], actions: Sequence[dict[int, int]], gotos: Sequence[dict[int, int]]) -> set[str]:
    """Names of the terminals that could stand next: each is tried on the stack."""
    return {TERMINALS[t] for t in actions[states[-1]] if _accepts(states, t, actions, gotos)}


def _accepts(
    states: list[int], term: int, actions: Sequence[dict[int, int]], gotos: Sequence[dict[int, int]]
) -> bool:
    # The reductions pop the real stack only a little way down: `top` grows over what is left of it.
    depth, top = len(states), [states[-1]]
    depth -= 1
    while True:
        act = actions[top[-1]].get(term)
        if act is None:
            return False
        if act >= 0:
            return True
        lhs, n, _ = RULES[~act]
        if n < len(top):
            del top[len(top) - n :]
        else:
            depth -= n - len(top)
            top = [states[depth - 1]]
            depth -= 1
        top.append(gotos[top[-1]].get(lhs, -1))
        if top[-1] < 0:
            return term == TERMINALS.index("$END")


def unexpected(
    text: str,
    at: tuple[int, int],
    terminal: str,
    states: list[int],
    actions: Sequence[dict[int, int]],
    gotos: Sequence[dict[int, int]],
    end: int,
) -> WengertError:
    """The error for the token at `at`; `end` is where the token before it ended. An unknown character has no
    `terminal`."""
    span = Span(*at)
    if not terminal:
        return _stray(text, span)
    word = text[slice(*at)]
    before = re.search(r"[^\W\d]\w*$|[\d.][\w.]*$|\S$", text[max(0, end - 60) : end]) if end else None
    left = before[0] if before else ""
    after_value = bool(left) and (left[-1].isalnum() or left[-1] in "_.)")
    possible = expected(states, actions, gotos)
    number = after_value and (left[0].isdigit() or left[0] == ".")
    touching = span.start == end

    if after_value and left not in RESERVED:
        if found := _juxtaposed(text, span, terminal, word, left, number, touching, end):
            return found
    if terminal == "EQUAL":
        return _error("`=` inside an expression", span, "to compare, write `==`", Fix(span, "=="))
    if terminal == "RPAR" and not _opening(text, span.start):
        return _error("this bracket closes nothing", span, "take it out, or open one before it")
    if terminal in ("$END", "SEP") or word in RESERVED and after_value:
        if opened := _opening(text, span.start):
            return error(
                ParseError, "W002", "a bracket is never closed", Span(opened[-1], opened[-1] + 1),
                help="add the closing `)`", secondary=((span, "the text goes on to here"),),
            )  # fmt: skip
    if word in RESERVED and "NAME" in possible:
        return _error(f"`{word}` is a reserved word and cannot be a name", span, f"call it `{word}_`")
    if terminal in ("$END", "SEP") and not possible & {"SEP", "$END"}:
        place = Span(max(0, end - len(left)), end) if end else span
        if left in ("{", "}") or "RBRACE" in possible:
            return _error("a loop's `{` is never closed", place, "add the closing `}`")
        return _error(f"the text stops after `{left}`" if left else "the text is empty", place, _expecting(possible))
    if terminal == "COMMA":
        return _error("a comma outside a call", span, "separate statements with `;` or a new line")
    if terminal in _OPERATOR and possible >= _OPERAND and left and left[-1] in "+-*/%^<>=(,":
        if left == "." or word == "*" and left == ".":
            return _error("`.*` is not an operator", span, "write `*`")
        return _error(f"`{word}` follows `{left}`: an operand is missing", span, _expecting(possible))
    shown = "the end of the text" if terminal == "$END" else "the end of the line" if word == "\n" else f"`{word}`"
    return _error(f"unexpected {shown}", span, _expecting(possible))


def _error(message: str, span: Span, help: str, fix: Fix | None = None) -> WengertError:
    return error(ParseError, "W001", message, span, help=help, fix=fix)


def _expecting(possible: set[str]) -> str:
    if possible >= _OPERAND:
        return "expected a number, a name or an expression in brackets"
    names = [_SAID.get(t, f"`{t.lower()}`") for t in sorted(possible - _OPERATOR)]
    if possible >= _OPERATOR:
        names.insert(0, "an operator")
    return f"expected {' or '.join([', '.join(names[:-1]), names[-1]] if len(names) > 1 else names)}" if names else ""


def _juxtaposed(
    text: str, span: Span, terminal: str, word: str, left: str, number: bool, touching: bool, end: int
) -> WengertError | None:
    """Two operands side by side: which sign between them was left out, or what else was meant."""
    whole = Span(end - len(left), span.end)
    if terminal == "NUMBER":
        if number and touching:
            return _error(f"`{left}{word}` is not a number", whole, "a number has one decimal point")
        if number:
            return _error(f"two numbers side by side, {left} and {word}", whole,
                          f"a thousand is written `1000` or `1_000`: write `{left}{word}` or `{left}_{word}`")  # fmt: skip
        return _called(text, left, word, whole, span)
    if terminal == "COMMA" and number and re.match(r",\d{3}\b", text[span.start : span.start + 5]):
        more = re.match(r"(?:,\d{3})+", text[span.start : span.start + 40])
        tail = more[0] if more else ""
        plain = (left + tail).replace(",", "")
        place = Span(end - len(left), span.start + len(tail))
        return _error("a comma inside a number", place,
                      f"write `{plain}` or `{(left + tail).replace(',', '_')}`", Fix(place, plain))  # fmt: skip
    if terminal not in ("NAME", "FUNC", "LPAR"):
        return None
    if number and touching:
        if left == "0" and (hexadecimal := re.fullmatch(r"[xX]([0-9a-fA-F]+)", word)):
            value = int(hexadecimal[1], 16)
            return _error("numbers are written in decimal", whole, f"write `{value}`", Fix(whole, str(value)))
        if left == "0" and re.fullmatch(r"[bBoO]\d+", word):
            return _error("numbers are written in decimal", whole, f"write `{int(left + word, 0)}`"
                          if re.fullmatch(r"[bB][01]+|[oO][0-7]+", word) else "")  # fmt: skip
        if re.fullmatch(r"[eE]", word):
            return _error(f"`{left}{word}` has no exponent", whole, "write `1e3`, or `2*e` for a multiple of e")
        if re.fullmatch(r"[ij]", word):
            return _error("numbers are real", whole, f"`{left}{word}` is not a number; write `{left}*{word}` for a product")
    if terminal in ("NAME", "FUNC") and word in ("mod", "div", "xor"):
        help = "write `a % b`" if word == "mod" else "write `a / b`" if word == "div" else "write `a != b`"
        return _error(f"`{word}` is not an operator", span, help)
    if left in OPS or left in ALIASES:
        return _called(text, left, word, whole, span)
    if terminal == "LPAR" or touching or number or left == ")":
        product = f"{left}*{word}" + ("…)" if terminal == "LPAR" else "")
        return _error("side by side is not a product", whole, f"write `{product}`",
                      Fix(Span(end, span.start), "*"))  # fmt: skip
    return _error(f"`{word}` follows `{left}`: an operator is missing", span, f"write `{left}*{word}` for a product")


def _called(text: str, left: str, word: str, whole: Span, span: Span) -> WengertError:
    if left in OPS or left in ALIASES:
        return _error(f"`{left}` is called with brackets", whole, f"write `{left}({word})`")
    return _error(f"`{word}` follows `{left}`: an operator is missing", span, f"write `{left}*{word}` for a product")


def _opening(text: str, end: int) -> list[int]:
    """Offsets of the brackets that are open at `end`."""
    opened: list[int] = []
    for match in re.finditer(r"#[^\n]*|[()]", text[:end]):
        if match[0] == "(":
            opened.append(match.start())
        elif match[0] == ")" and opened:
            opened.pop()
    return opened


def _stray(text: str, span: Span) -> WengertError:
    c = text[span.start]
    two = text[span.start : span.start + 2]
    left = text[: span.start].rstrip(" \t")[-1:]
    if two in ("&&", "||"):
        word = "and" if two == "&&" else "or"
        span = Span(span.start, span.start + 2)
        return _error(f"`{two}` is not an operator", span, f"write `{word}`", Fix(span, f" {word} "))
    if c == "!":
        if left and (left.isalnum() or left in "_)"):
            return _error("there is no factorial sign", span, "`n!` is `gamma(n + 1)`")
        return _error("`!` is not an operator", span, "write `not`", Fix(span, "not "))
    if c == ".":
        if two == ".*" or two == "./" or two == ".^":
            span = Span(span.start, span.start + 2)
            return _error(f"`{two}` is not an operator", span, f"write `{two[1]}`", Fix(span, two[1]))
        return _error("a point stands alone", span, "names have no attributes; a number needs a digit: `0.5` or `.5`")
    if c in _SPELLED:
        fix = Fix(span, _REPLACED[c]) if c in _REPLACED else None
        return _error(f"`{c}` is not part of the language", span, _SPELLED[c], fix)
    if "<super>" in unicodedata.decomposition(c):
        plain = unicodedata.normalize("NFKC", c)
        return _error("a superscript is not read as a power", span, f"write `^{plain}`", Fix(span, f"^{plain}"))
    name = unicodedata.name(c, "") or f"U+{ord(c):04X}"
    if not c.isprintable() or unicodedata.category(c) in ("Cf", "Cc", "Cs", "Mn", "Zs"):
        return _error(f"an invisible character ({name})", span, "take it out", Fix(span, ""))
    return _error(f"`{c}` ({name}) is not part of the language", span, "")
