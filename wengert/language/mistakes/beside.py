"""The diagnosis of two values side by side: a sign is missing between them, or a word is of another language."""

from __future__ import annotations

import re

from ...ground.errors import Fix, ParseError, Span, WengertError, error
from ...ground.names import quoted
from ...ops import ALIASES, OPS
from .foreign import BETWEEN, LEADING
from .place import Place, statement_start, write

_POINT = "a number has one decimal point"
_SPACE = "an underscore stands between two digits: `1_000`"
_EQUAL = re.compile(r"[ \t]*=(?!=)")


def side_by_side(p: Place) -> WengertError | None:
    """The error for a value directly after a value, on one line or within one bracket."""
    if not p.after_value or p.kind not in ("NAME", "FUNC", "NUMBER", "LPAR"):
        return None
    for rule in (_numbers, _suffix, _words, _uncalled, _clause):
        if (found := rule(p)) is not None:
            return found
    gap = Span(p.before.end, p.span.start)
    message = f"an operator is missing between {quoted(p.left)} and {quoted(p.word)}"
    if "COMMA" in p.possible and p.opened and p.text[p.opened[-1]] == "[":
        return error(ParseError, "W006", f"a comma is missing between {quoted(p.left)} and {quoted(p.word)}", p.whole,
                     help="elements are separated by commas", fix=Fix(gap, ", "))  # fmt: skip
    right = {"LPAR": "(…)", "FUNC": f"{p.word}(…)"}.get(p.kind, p.word)
    between = "write `*` between them"
    help = "for a product " + (between if p.left == ")" else write(f"{p.left}*{right}", between))
    if "COMMA" in p.possible:
        help += "; arguments are separated by commas"
    fix = Fix(gap, " * " if p.text[gap.start : gap.end] else "*")
    return error(ParseError, "W006", message, p.whole, help=help, fix=fix)


def _numbers(p: Place) -> WengertError | None:
    if p.kind != "NUMBER" or not p.after_number:
        return None
    both = p.left + p.word
    if p.touching and ".." in both:
        low, _, high = both.partition("..")
        range_ = f"{low}:{high.strip('.')}"
        return p.error("W005", "`..` is not an operator", p.whole, f"a range is {quoted(range_)}", range_)
    if p.touching:
        return p.error("W004", f"{quoted(both)} is not a number", p.whole, _POINT)
    groups = re.compile(r"(?: \d{3})+(?![\d_])(?:\.\d*)?").match(p.text, p.before.end)
    if groups and re.fullmatch(r"\d{1,3}", p.left):
        plain, joined = (p.left + groups[0].replace(" ", c) for c in ("", "_"))
        help = f"write `{plain}` or `{joined}`" if len(plain) < 40 else ""
        return p.error("W004", "a space inside a number", Span(p.before.start, groups.end()), help, plain)
    return None


def _suffix(p: Place) -> WengertError | None:
    """The error for letters that touch a number: bases, exponents and suffixes of other languages."""
    if not (p.after_number and p.touching and p.kind == "NAME"):
        return None
    both, product = p.left + p.word, write(f"{p.left}*{p.word}", "write `*` between them")
    if len(both) < 300 and re.fullmatch(r"0(?:[xX][0-9a-fA-F]+|[bB][01]+|[oO][0-7]+)", both):
        value = str(int(both, 0))
        return p.error("W004", "numbers are written in decimal", p.whole, write(value), value)
    if (letter := re.fullmatch(r"[dD]([0-9]*)", p.word)) is not None:
        sign = re.compile(r"[+-][0-9]+").match(p.text, p.span.end) if not letter[1] else None
        if letter[1] or sign:
            number = f"{p.left}e{letter[1]}{sign[0] if sign else ''}"
            span = Span(p.before.start, sign.end() if sign else p.span.end)
            return p.error("W004", "an exponent is written with `e`", span, write(number), number)
    if p.word in ("e", "E"):
        help = f"{write(f'{p.left}e3')}; a multiple of e is `{p.left}*e`" if len(p.left) < 30 else ""
        return p.error("W004", f"{quoted(both)} has no exponent", p.whole, help)
    if p.word in ("i", "j", "I", "J"):
        return p.error("W004", "numbers are real", p.whole, f"there is no imaginary unit; for a product {product}")
    if p.word in ("f", "F", "L", "l", "u", "U", "ll", "UL"):
        help = write(p.left, "leave it out") + f"; for a product {product}"
        return p.error("W004", "a number has no suffix", p.whole, help, p.left)
    if p.word[0] == "_":
        return p.error("W004", f"{quoted(both)} is not a number", p.whole, _SPACE)
    if _EQUAL.match(p.text, p.span.end) and statement_start(p.text, p.span.start) == p.before.start:
        return p.error("W103", f"{quoted(both)} is not a name", p.whole, "a name begins with a letter or `_`")
    return None


def _words(p: Place) -> WengertError | None:
    """The error for a word that is an operator, or begins a statement, in another language."""
    first = statement_start(p.text, p.span.start) == p.before.start
    if p.left in LEADING and p.kind in ("NAME", "FUNC") and first:
        idle, help = LEADING[p.left]
        fix = Fix(Span(p.before.start, p.span.start), "") if idle else None
        return error(ParseError, "W005", f"`{p.left}` is not part of the language", p.before, help=help, fix=fix)
    for word, span in ((p.word, p.span), (p.left, p.before)):
        if word in BETWEEN:
            symbol, help = BETWEEN[word]
            return p.error("W005", f"`{word}` is not an operator", span, help, symbol or None)
    quotient = re.search(r"\bd/$", p.text[max(0, p.before.start - 9) : p.before.start])
    if quotient and p.left[0] == "d" and 1 < len(p.left) < 30:
        span = Span(p.before.start - 2, p.before.end)
        return p.error("W005", f"`d/{p.left}` is not an operator", span, f"the derivative of f is `d(f, {p.left[1:]})`")
    return None


def _uncalled(p: Place) -> WengertError | None:
    """The error for a function before its argument without brackets."""
    if p.left not in OPS and p.left not in ALIASES:
        return None
    message = f"`{p.left}` is called with brackets"
    following = p.text[p.span.end : p.span.end + 40].lstrip(" \t")[:1]
    if p.kind in ("NAME", "NUMBER") and p.word not in OPS and following in ("", *"+-),;\n#=<>"):
        call = f"{p.left}({p.word})"
        return p.error("W006", message, p.whole, write(call, f"write `{p.left}(…)`"), call)
    return p.error("W006", message, p.whole, f"write `{p.left}(…)`, the whole argument in brackets")


def _clause(p: Place) -> WengertError | None:
    if p.kind == "NAME" and "FOR" in p.possible and re.compile(r"\s+in\b").match(p.text, p.span.end):
        help = "write `for i in 0:3 for j in 0:3`"
        return p.missing("W001", "a further counter without its `for`", help, " for")
    if p.kind == "NAME" and "LBRACE" in p.possible:
        return p.error("W001", "the body of a loop stands in braces", help="write `for t in 0:10 { x = … }`")
    return None
