"""Diagnose two values side by side: an operator is missing between them, or a word is from another language."""

from __future__ import annotations

import re

from ...ground.errors import Fix, ParseError, Span, WengertError, error, nearest
from ...ground.names import WORD, quoted
from ...ops import ALIASES, CONSTANTS, DERIVATIVES, FOLDS, OPS
from .foreign import BETWEEN, LEADING, advice
from .operands import binds_loosely, operand_end
from .place import Place, statement_start, write

_POINT = "a number has one decimal point"
_SPACE = "an underscore stands between two digits: `1_000`"
_EQUAL = re.compile(r"[ \t]*=(?!=)")
_BASED = re.compile(r"0(?:[xX](?P<hex>[\da-fA-F]*\.?[\da-fA-F]*(?:[pP][+-]?\d+)?)|[bB][01.]+|[oO][0-7.]+)(?![\w.])")
_STATEMENTS = ("input", "output", "expect")
_TEN = re.compile(r"[\d.]+[xX]10(?P<exponent>(?:\^|\*\*)?[ ]*[-+]?\d+)(?![\w.])")
_LETTER = re.compile(r"[^\W\d][\d_\u0300-\u036f]*")
_RAISED = re.compile(rf"({WORD})[ \t]*(?:\^|\*\*)[ \t]*(-?)[ \t]*$")


def side_by_side(p: Place) -> WengertError | None:
    """The error for a value directly after a value, on one line or within one bracket."""
    if not p.after_value or p.kind not in ("NAME", "FUNC", "NUMBER", "LPAR"):
        return None
    for rule in (_numbers, _suffix, _words, raised_function, _inverse, _uncalled, _clause):
        if (found := rule(p)) is not None:
            return found
    gap = Span(p.before.end, p.span.start)
    spaced = gap.end > gap.start
    if "COMMA" in p.possible and p.opened and p.text[p.opened[-1]] == "[":
        return error(ParseError, "W006", f"a comma is missing between {quoted(p.left)} and {quoted(p.word)}", p.whole,
                     help="elements are separated by commas", fix=Fix(gap, ", ") if spaced else None)  # fmt: skip
    right = {"LPAR": "(…)", "FUNC": f"{p.word}(…)"}.get(p.kind, p.word)
    between = "write `*` between them"
    raised = re.search(r"(?:\^|\*\*)[ \t]*-?$", p.text[max(0, p.before.start - 9) : p.before.start])
    help = "for a product " + (between if p.left == ")" or raised else write(f"{p.left}*{right}", between))
    if p.after_number and re.fullmatch("deg(rees?)?", p.word) and len(p.left) < 20:
        help = f"angles are in radians: write `deg2rad({p.left})`"
    elif p.kind == "NAME" and not raised and len(p.word) == 2 and p.word.isalpha() and not _is_name(p, p.word):
        help += f", or `{p.left}*{'*'.join(p.word)}` of two names" if len(p.left) < 20 else ""
    if "COMMA" in p.possible:
        help += "; arguments are separated by commas"
    message = f"an operator is missing between {quoted(p.left)} and {quoted(p.word)}"
    if p.kind in ("NAME", "FUNC") and statement_start(p.text, p.span.start) == p.before.start:
        near = nearest(p.left, _STATEMENTS) if 3 < len(p.left) < 10 and not _said_elsewhere(p, p.left) else []
        if near:
            return p.error("W006", f"{quoted(p.left)} begins no statement", p.before, f"did you mean `{near[0]}`?")
    if p.text.startswith("input", statement_start(p.text, p.span.start)) and not p.opened:
        return p.error("W006", "a comma is missing between two inputs", p.whole, "names are separated by commas")
    if p.kind == "NAME" and _EQUAL.match(p.text, p.span.end) and re.fullmatch(WORD, p.left):
        joined = f"{p.left}_{p.word}"
        help = f"a name has no spaces: `{joined} = …`" if len(joined) < 40 else "a name has no spaces"
        return error(ParseError, "W006", message, p.whole, help=help)
    fix = Fix(gap, " * " if spaced else "*") if _is_product(p, spaced) else None
    return error(ParseError, "W006", message, p.whole, help=help, fix=fix)


def _is_product(p: Place, spaced: bool) -> bool:
    """Whether every language that multiplies adjacent values reads the same product here."""
    if p.kind == "NUMBER" or "COMMA" in p.possible and (spaced or not p.after_number):
        return False
    known = (OPS, ALIASES, DERIVATIVES, FOLDS)
    if p.kind == "FUNC" and not any(p.word in table for table in known) and not _said_elsewhere(p, p.word):
        return False
    if p.kind == "NAME" and not (_is_name(p, p.word) and not any(p.word in table for table in known[:2])):
        return False
    left = p.left in ")]" or p.after_number or _is_name(p, p.left)
    return left and binds_loosely(p.text, p.before.end)


def _is_name(p: Place, word: str) -> bool:
    """Whether a word is surely one name: a letter, perhaps numbered, a constant, or a word that the program uses."""
    return bool(_LETTER.fullmatch(word)) or word in CONSTANTS or _said_elsewhere(p, word)


def _said_elsewhere(p: Place, word: str) -> bool:
    around = p.text[: p.before.start], p.text[p.span.end :]
    return len(word) < 64 and any(re.search(rf"\b{re.escape(word)}\b", part) for part in around)


def _numbers(p: Place) -> WengertError | None:
    if p.kind != "NUMBER" or not p.after_number:
        return None
    both = p.left + p.word
    if p.touching and ".." in both:
        low, _, high = both.partition("..")
        range_ = f"{low}:{high.strip('.')}"
        help = f"a range is {quoted(range_)}, which does not include its end"
        return p.error("W005", "`..` is not an operator", p.whole, help)
    if p.touching:
        return p.error("W004", f"{quoted(both)} is not a number", p.whole, _POINT)
    groups = re.compile(r"(?: \d{3})+(?![\d_])(?:\.\d*)?").match(p.text, p.before.end)
    if groups and re.fullmatch(r"\d{1,3}", p.left):
        plain, joined = (p.left + groups[0].replace(" ", c) for c in ("", "_"))
        help = f"write `{plain}` or `{joined}`" if len(plain) < 40 else ""
        fix = None if p.opened and p.text[p.opened[-1]] == "[" else plain
        return p.error("W004", "a space inside a number", Span(p.before.start, groups.end()), help, fix)
    return None


def _suffix(p: Place) -> WengertError | None:
    """The error for letters that touch a number: bases, exponents and suffixes of other languages."""
    if not (p.after_number and p.touching and p.kind == "NAME"):
        return None
    both, product = p.left + p.word, write(f"{p.left}*{p.word}", "write `*` between them")
    if (based := _BASED.match(p.text, p.before.start)) is not None and len(based[0]) < 300:
        return _in_another_base(p, based)
    if (letter := re.fullmatch(r"[dD]([0-9]*)", p.word)) is not None:
        sign = re.compile(r"[+-][0-9]+").match(p.text, p.span.end) if not letter[1] else None
        if letter[1] or sign:
            number = f"{p.left}e{letter[1]}{sign[0] if sign else ''}"
            span = Span(p.before.start, sign.end() if sign else p.span.end)
            return p.error("W004", "an exponent is written with `e`", span, write(number), number)
    if p.word in ("e", "E"):
        help = f"{write(f'{p.left}e3')}; a multiple of e is `{p.left}*e`" if len(p.left) < 30 else ""
        return p.error("W004", f"{quoted(both)} has no exponent", p.whole, help)
    if (ten := _TEN.match(p.text, p.before.start)) is not None and len(ten[0]) < 40:
        number = f"{p.left}e{ten['exponent'].lstrip('^*').replace(' ', '')}"
        return p.error("W004", "a power of ten is written with `e`", Span(*ten.span()), write(number))
    if p.word in ("i", "j", "I", "J", "im"):
        return p.error("W004", "numbers are real", p.whole, f"there is no imaginary unit; for a product {product}")
    if p.word in ("f", "F", "L", "l", "u", "U", "ll", "UL"):
        help = write(p.left, "leave it out") + f"; for a product {product}"
        # In its own language, a whole number with a suffix divides differently.
        return p.error("W004", "a number has no suffix", p.whole, help, p.left if p.word in "fF" else None)
    if p.word[0] == "_":
        return p.error("W004", f"{quoted(both)} is not a number", p.whole, _SPACE)
    if _EQUAL.match(p.text, p.span.end) and statement_start(p.text, p.span.start) == p.before.start:
        return p.error("W103", f"{quoted(both)} is not a name", p.whole, "a name begins with a letter or `_`")
    return None


def _in_another_base(p: Place, based: re.Match[str]) -> WengertError:
    """The error for a hexadecimal, binary or octal number, with its value if it has one."""
    span = Span(*based.span())
    try:
        if "." in based[0] or based["hex"] and set(based["hex"]) & set("pP"):
            number = repr(float.fromhex(based[0])) if based["hex"] else None
        else:
            number = str(int(based[0], 0))
    except (ValueError, OverflowError):
        number = None
    return p.error("W004", "numbers are written in decimal", span, write(number) if number else "", number)


def _words(p: Place) -> WengertError | None:
    """The error for a word that is an operator, or begins a statement, in another language."""
    first = statement_start(p.text, p.span.start) == p.before.start
    if p.left in LEADING and p.kind in ("NAME", "FUNC") and first:
        idle, help = LEADING[p.left]
        fix = Fix(Span(p.before.start, p.span.start), "") if idle else None
        return error(ParseError, "W005", f"`{p.left}` is not part of the language", p.before, help=help, fix=fix)
    if p.left == "lambda" and p.kind == "NAME":
        return p.error("W005", "`lambda` is not part of the language", p.before, "a function is `def f(x) = x^2`")
    for word, span in ((p.word, p.span), (p.left, p.before)):
        if word in BETWEEN:
            symbol, help = BETWEEN[word]
            return p.error("W005", f"`{word}` is not an operator", span, help, symbol or None)
    quotient = re.search(r"\bd/$", p.text[max(0, p.before.start - 9) : p.before.start])
    if quotient and p.left[0] == "d" and 1 < len(p.left) < 30:
        span = Span(p.before.start - 2, p.before.end)
        return p.error("W005", f"`d/{p.left}` is not an operator", span, f"the derivative of f is `d(f, {p.left[1:]})`")
    return None


def raised_function(p: Place) -> WengertError | None:
    """The error for `sin^2(x)` and `sin^2 x`."""
    if not p.after_number or (found := _RAISED.search(p.text[max(0, p.before.start - 80) : p.before.start])) is None:
        return None
    word, start = found[1], max(0, p.before.start - 80) + found.start()
    if word not in OPS and word not in ALIASES:
        return None
    return power_of(p.text, word, found[2] + p.left, Span(start, p.before.end), p.span.start)


def power_of(text: str, word: str, power: str, span: Span, argument: int) -> WengertError:
    """The error for a function that is raised to a power before its argument, which begins at `argument`."""
    message = f"the power of `{word}` stands before its argument"
    if power.startswith("-"):
        inverse = f"a{word}" if f"a{word}" in OPS else ""
        help = f"write `{word}(…)^({power})`" + f"; the inverse function is `{inverse}(…)`" * bool(inverse)
        return error(ParseError, "W124", message, span, help=help)
    end = operand_end(text, argument) if text[argument : argument + 1] == "(" else -1
    if end < 0 or re.compile(r"[ \t]*(?:[\^(\[]|\*\*)").match(text, end):
        return error(ParseError, "W124", message, span, help=f"write `{word}(…)^{power}`")
    call = f"{word}{text[argument:end]}^{power}"
    fix = Fix(Span(span.start, end), call)
    return error(ParseError, "W124", message, span, help=write(call, f"write `{word}(…)^{power}`"), fix=fix)


def _inverse(p: Place) -> WengertError | None:
    """The error for `sin-1(x)`, as calculators write the inverse function."""
    if p.kind != "LPAR" or p.left != "1":
        return None
    found = re.search(rf"({WORD})-1$", p.text[max(0, p.before.end - 40) : p.before.end])
    if found is None or found[1] not in OPS and found[1] not in ALIASES:
        return None
    inverse = f"a{found[1]}" if f"a{found[1]}" in OPS else ""
    help = f"the inverse function is `{inverse}(…)`; " * bool(inverse) + f"a power is `{found[1]}(…)^(-1)`"
    span = Span(p.before.end - len(found[0]), p.before.end)
    return p.error("W124", f"the power of `{found[1]}` stands before its argument", span, help)


def _uncalled(p: Place) -> WengertError | None:
    """The error for a function before its argument without brackets."""
    if p.left not in OPS and p.left not in ALIASES:
        help = "" if _said_elsewhere(p, p.left) else advice(p.left)
        return p.error("W102", f"there is no function {quoted(p.left)}", p.before, help) if help else None
    message = f"`{p.left}` is called with brackets"
    following = p.text[p.span.end : p.span.end + 40].lstrip(" \t")[:1]
    if p.kind == "NAME" and (p.word in OPS or p.word in ALIASES):
        return p.error("W006", message, p.whole, f"so is `{p.word}`: write `{p.left}({p.word}(…))`")
    if p.kind in ("NAME", "NUMBER") and following in ("", *"+-),;\n#=<>"):
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
