"""Diagnose characters that begin no token, and words that are not names or not functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice

from ...ground.errors import Fix, ParseError, Span, UnknownName, WengertError, error, nearest
from ...ground.names import WORD, normalize, quoted, superscript
from ...ops import ALIASES, CONSTANTS, OPS, Op
from .beside import power_of
from .foreign import (
    ARGUMENTS,
    CHARACTERS,
    DOTTED,
    LATEX,
    LIBRARIES,
    MODULES,
    VALUES,
    advice,
    described,
    invisible,
    method_advice,
)
from .operands import binds_loosely
from .place import Place, statement_start, write
from .tokens import foreign_symbol, keeps_order

_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾]+")
_DEFINITION = re.compile(r"[ \t]*\([^()\n]{0,200}\)[ \t]*=(?!=)")
_SUPERSCRIPT = "a superscript is not read as a power"
_BEFORE = 200


def stray(text: str, at: int, states: list[int]) -> WengertError:
    """The error for a character that begins no token."""
    p = Place(text, states, "", Span(at, at + 1), Span(at, at))
    c = text[at]
    if c == "." and (found := _dotted(p)):
        return found
    if found := foreign_symbol(p):
        return found
    if c == "!" and p.after_value:
        return _factorial(p)
    if c == "|" and (p.wants_value or _word_before(p) in OPS or _word_before(p) in ALIASES):
        return _bars(p)
    if c in ".'\"\\√∛":
        return _SPECIAL[c](p)
    if c in CHARACTERS:
        plain, help = CHARACTERS[c]
        plain = plain if keeps_order(text, c, p.span) else ""
        if c in "&|~!?":
            return p.error("W005", f"`{c}` is not an operator", help=help, fix=plain or None)
        return p.error("W003", f"`{c}` is not part of the language", help=help, fix=plain or None)
    if raised := _RAISED.match(text, at):
        power = "^" + normalize(raised[0]).replace("−", "-")
        return p.error("W103", _SUPERSCRIPT, Span(*raised.span()), write(power), power)
    return _unknown(p, c)


def _word_before(p: Place) -> str:
    """The word or number directly before the character; empty if there is none."""
    window = p.text[max(0, p.span.start - _BEFORE) : p.span.start]
    found = re.search(rf"(?:{WORD}|[\d.]+)$", window)
    return found[0] if found and len(found[0]) < _BEFORE else ""


def _dotted(p: Place) -> WengertError | None:
    at = p.span.start
    for word, symbol in DOTTED.items():
        if p.text[at : at + len(word)].lower() == word:
            return p.error("W005", f"`{word}` is not an operator", Span(at, at + len(word)), write(symbol), symbol)
    return None


def _point(p: Place) -> WengertError:
    owner = _word_before(p)
    member = re.compile(rf"\.({WORD})").match(p.text, p.span.start)
    if owner and member:
        return _member(p, owner, member)
    if (owner in OPS or owner in ALIASES) and p.text[p.span.end : p.span.end + 1] == "(":
        help = f"write `{owner}(…)`: it takes each element of an array anyway"
        return p.error("W005", "functions are called without a point", help=help, fix="")
    return p.error("W003", "a point stands alone", help="a number needs a digit beside it: `0.5`, `.5`, `5.`")


def _member(p: Place, owner: str, member: re.Match[str]) -> WengertError:
    """The error for a point between names: a module with a function, an array with a method, or another attribute."""
    chain = re.compile(rf"(?:\.{WORD})+").match(p.text, p.span.start)
    *between, last = (chain or member)[0].lstrip(".").split(".")
    called = p.text[chain.end() if chain else member.end() :][:1] == "("
    span = Span(p.span.start - len(owner), chain.end() if chain else member.end())
    spelled = ".".join([owner, *between, last])
    if owner in LIBRARIES and not between and VALUES.get(last, last) in CONSTANTS:
        constant = VALUES.get(last, last)
        if constant != last:
            return p.error("W005", "there are no modules", span, f"write `{constant}`", constant)
    if last in ("shape", "size", "length") and owner not in LIBRARIES:
        help = "the number of elements is `len(x)`, along another axis `len(x, axis=1)`"
        return p.error("W005", "names have no attributes", Span(*member.span()), help)
    if help := method_advice(spelled):
        return p.error("W005", "there are no modules", span, help)
    known = last in OPS or last in ALIASES or last in CONSTANTS
    if owner in MODULES and known and not between:
        span = Span(p.span.start - len(owner), p.span.end)
        return p.error("W005", "there are no modules", span, f"write `{last}`", "")
    if known and called and not between and owner not in LIBRARIES:
        plain = len(owner) + len(last) < 40 and p.text[max(0, span.start - 1) : span.start] not in (".", ")", "]")
        more = ", …" * (re.compile(r"\([ \t]*\)").match(p.text, span.end) is None)
        help = f"write `{last}({owner}{more})`" if plain else "write a call, with the array in brackets"
        return p.error("W005", "arrays have no methods", span, help)
    if known:
        return p.error("W005", "there are no modules", span, f"write `{last}(…)`" if called else f"write `{last}`")
    return p.error("W005", "names have no attributes", Span(*member.span()), "a name is letters, digits and `_`")


def _factorial(p: Place) -> WengertError:
    value = _word_before(p)
    if not value:
        return p.error("W005", "there is no factorial sign", help="`n!` is `gamma(n + 1)`")
    call = f"gamma({value} + 1)"
    if p.text[p.span.end : p.span.end + 1] == "!":
        help = "`n!` is `gamma(n + 1)`; there is no double factorial"
        return p.error("W005", "there is no factorial sign", help=help)
    span = Span(p.span.start - len(value), p.span.end)
    return p.error("W005", "there is no factorial sign", span, write(call, "`n!` is `gamma(n + 1)`"), call)


def _bars(p: Place) -> WengertError:
    inner = re.compile(r"(\|{1,2})([^|\n]+)\1").match(p.text, p.span.start)
    if inner and inner[1] == "||":
        return p.error("W005", "the norm is a function", Span(*inner.span()), "write `norm(x)`, of a number `abs(x)`")
    # A bar after an operator opens another pair: |x + |y||.
    if not inner or not re.search(r"[\w.)\]]\s*$", inner[2]):
        return p.error("W005", "the absolute value is a function", help="write `abs(x)`")
    call = f"abs({inner[2].strip()})"
    if not p.wants_value:
        outer = f"{_word_before(p)}({call})"
        return p.error("W005", "the absolute value is a function", Span(*inner.span()), write(outer, "write `abs(x)`"))
    return p.error("W005", "the absolute value is a function", Span(*inner.span()), write(call, "write `abs(x)`"), call)


def _quote(p: Place) -> WengertError:
    at, c = p.span.start, p.text[p.span.start]
    digits = re.compile(r"(?:'\d{3})+(?!\d)").match(p.text, at)
    if (value := _word_before(p)).isdecimal() and digits:
        plain = value + digits[0].replace("'", "")
        whole = Span(at - len(value), digits.end())
        return p.error("W004", "an apostrophe inside a number", whole, write(plain), plain)
    string = re.compile(rf"{c}[^{c}\n]*{c}").match(p.text, at)
    if string and p.wants_value:
        return p.error("W003", "there are no strings", Span(*string.span()), "names and numbers stand by themselves")
    if c == "'" and p.after_value and value and re.compile(r"'+[ \t]*=(?!=)").match(p.text, at):
        help = f"give the derivative a name: `d{value} = …`" if len(value) < 20 else "give the derivative a name"
        return p.error("W005", "a prime is not read as a derivative", help=help)
    if c == "'" and p.after_value:
        help = "write `d(f, x)`; the transpose of a matrix is `A.T`"
        return p.error("W005", "a prime is not read as a derivative", help=help)
    return p.error("W003", f"`{c}` is not part of the language", help=CHARACTERS[c][1])


def _root(p: Place) -> WengertError:
    name = "sqrt" if p.text[p.span.start] == "√" else "cbrt"  # not an op: the signs of two roots, spelt out
    value = re.compile(rf"[√∛][ \t]*({WORD}|[\d.]+)").match(p.text, p.span.start)
    bracket = re.compile(r"[√∛][ \t]*(?=\()").match(p.text, p.span.start)
    message = f"`{p.text[p.span.start]}` is not part of the language"
    if value:
        call = f"{name}({value[1]})"
        # The root may extend over the power, call or factor that follows.
        ends = not re.compile(r"[ \t]*(?:[\^(\[]|\*\*)|[\w.]").match(p.text, value.end())
        help = write(call, f"write `{name}(…)`") if ends else f"write `{name}(…)`, with the whole argument in brackets"
        return p.error("W003", message, Span(*value.span()), help, call if ends else None)
    return p.error("W003", message, help=f"write `{name}(…)`", fix=name if bracket else None)


def _latex(p: Place) -> WengertError:
    command = re.compile(r"\\([A-Za-z]+)").match(p.text, p.span.start)
    if not command:
        return p.error("W003", "`\\` is not part of the language", help=CHARACTERS["\\"][1])
    word, span = command[1], Span(*command.span())
    if word == "frac":
        both = re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}").match(p.text, p.span.start)
        fix = f"({both[1]})/({both[2]})" if both else None
        tight = both and re.compile(r"[ \t]*(?:\^|\*\*)").match(p.text, both.end())
        if fix and (tight or re.search(r"[/%^*@][ \t]*[-+]*[ \t]*$", p.text[: p.span.start][-40:])):
            fix = f"({fix})"
        help = write(fix or "a/b", "write `a/b`")
        return p.error("W005", "LaTeX is not read", Span(*both.span()) if both else span, help, fix)
    braces = re.compile(r"\{([^{}]*)\}").match(p.text, command.end())
    if (word in OPS or word in ALIASES) and braces:
        fix = f"{word}({braces[1]})"
        help = write(fix, f"write `{word}(…)`")
        return p.error("W005", "LaTeX is not read", Span(p.span.start, braces.end()), help, fix)
    plain = LATEX.get(word, word)
    if p.after_value and word not in LATEX and re.search(r"[\w)\]]$", p.text[: p.span.start][-1:]):
        # MATLAB solves equations with this sign; and without it two names would be one.
        matrix, right = _word_before(p), word if len(word) < 20 else "b"
        help = f"a system of equations is solved by `solve({matrix if 0 < len(matrix) < 20 else 'A'}, {right})`"
        return p.error("W005", "`\\` is not an operator", Span(p.span.start, p.span.start + 1), help)
    return p.error("W005", "LaTeX is not read", span, f"write {quoted(plain)}" if plain else "leave it out", plain)


_SPECIAL = {".": _point, "'": _quote, '"': _quote, "\\": _latex, "√": _root, "∛": _root}


def _unknown(p: Place, c: str) -> WengertError:
    at = p.span.start
    if c == "\ufeff" and at == 0:
        return p.error("W003", "the text begins with a byte-order mark", help="take it out", fix="")
    if invisible(c):
        space = unicodedata.category(c) == "Zs"
        help = "write a plain space" if space else "take it out"
        # Between two words it may stand for a space, or for nothing.
        joins = re.fullmatch(r"\w{2}", p.text[:at][-1:] + p.text[at + 1 :][:1])
        fix = " " if space else None if joins else ""
        return p.error("W003", f"an invisible character, {described(c)}", help=help, fix=fix)
    if c.isdecimal() and (run := re.compile(r"\d+").match(p.text, at)):
        digits = "".join(str(unicodedata.decimal(d)) for d in run[0])
        return p.error("W004", "digits are 0 to 9", Span(*run.span()), write(digits), digits)
    plain = normalize(c)
    message = f"`{c}` ({described(c)}) is not part of the language"
    if len(plain) == 1 and plain.isascii() and plain.isprintable():
        return p.error("W003", message, help=write(plain), fix=plain)
    return p.error("W003", message, help="take it out")


def bad_name(word: str, why: str, start: int, text: str = "") -> WengertError:
    """The error for a word of a text that looks like another name, or is not a name."""
    span = Span(start, start + len(word))
    if (at := superscript(word)) >= 0:
        power = normalize(word[at:]).replace("−", "-")
        fix = None
        help = "write the power as `^`"
        if word[:at] in OPS or word[:at] in ALIASES:
            after = re.compile(r"[ \t]*").match(text, start + len(word))
            if (tail := re.fullmatch(r"(-?[0-9]+)(\D.*)", power)) is not None:
                message = f"the power of `{word[:at]}` stands before its argument"
                help = write(f"{word[:at]}({tail[2]})^{tail[1]}", f"write `{word[:at]}(…)^{tail[1]}`")
                return error(ParseError, "W124", message, span, help=help)
            return power_of(text, word[:at], power, span, after.end() if after else start)
        span = Span(start + at, start + len(word))
        if re.fullmatch(r"-?[0-9]+", power):
            fix = Fix(span, f"^{power}")
            help = write(f"{word[:at]}^{power}", help)
        return error(ParseError, "W103", _SUPERSCRIPT, span, help=help, fix=fix)
    help, fix = "", None
    if "mixes" in why:
        help = "use letters of one script in a name"
    elif "reserved" in why:
        help = f"call it `{normalize(word)}_`"
    elif len(word) == 1 and (value := unicodedata.numeric(word, 0.0)):
        help = f"write `{value!r}`, or the fraction in brackets"
        # 2½ is two and a half.
        fix = None if re.search(r"[\w.]$", text[:start][-1:]) else Fix(span, repr(value))
    return error(ParseError, "W103", f"{quoted(word)} {why}", span, help=help, fix=fix)


def unknown_function(
    word: str, span: Span, known: Iterable[str], scope: Collection[str], text: str, axes: int | None = None
) -> WengertError:
    """The error for a call of a word that is not a function. `axes` are those of the value that it names, if known."""

    def unknown(help: str, fix: Fix | None = None) -> WengertError:
        return error(UnknownName, "W102", f"there is no function {quoted(word)}", span, help=help, fix=fix)

    shown = word if len(word) < 40 else "f"
    if _DEFINITION.match(text, span.end) and statement_start(text, span.start) == span.start:
        return unknown(f"to define it, write `def {shown}(…) = …`", Fix(Span(span.start, span.start), "def "))
    if "[" in word:
        base, _, rest = word.partition("[")
        if base in known:
            return unknown(f"`{base}` takes no such parameters: `wengert ops {base}` shows those it has")
        return unknown(f"for a product write `{base}[{rest}*(…)`" if len(word) < 40 else "")
    element = f"its elements are `{shown}[0]`, `{shown}[1]`, …"
    if word in scope:
        kind, help = "a value", f"for a product write `{shown}*(…)`, for an element `{shown}[0]`"
        if axes is not None:
            kind = "an array" if axes else "a number"
            help = f"{element}; for a product write `{shown}*(…)`" if axes else f"for a product write `{shown}*(…)`"
        return error(UnknownName, "W125", f"{quoted(word)} is {kind}, not a function", span, help=help)
    plain = word if word in CONSTANTS else VALUES.get(word, "")
    if plain in CONSTANTS and (empty := re.compile(r"[ \t]*\([ \t]*\)").match(text, span.end)):
        return unknown(f"a constant is no call: write `{plain}`", Fix(Span(span.start, empty.end()), plain))
    if word in CONSTANTS:
        product = Fix(Span(span.end, text.index("(", span.end)), "*") if binds_loosely(text, span.end) else None
        return unknown(f"for a product write `{shown}*(…)`", product)
    if help := advice(word):
        return unknown(help)
    if len(word) < 64 and re.search(rf"\b{word}\b(?![ \t]*\()", text):
        return unknown(f"for a product write `{shown}*(…)`")
    if near := nearest_few(word, known):
        return unknown(did_you_mean(near))
    if close := nearest_few(word, scope):
        return unknown(f"for a product write `{close[0]}*(…)`")
    if len(word) < 7 and re.compile(r"[ \t]*\([ \t]*\d+[ \t]*\)").match(text, span.end):
        return unknown(f"if it is an array, {element}; a function is defined with `def`")
    return unknown("define it with `def`, or choose one that `wengert ops` lists")


def other_arguments(word: str, n: int, known: Mapping[str, Op]) -> str:
    """Help on a call with a number of arguments that other languages allow; empty if there is none."""
    longer = f"{word}{n}"
    takes = longer in known and len(known[longer].params.split()) == n
    return ARGUMENTS.get(f"{word}/{n}", "") or (f"`{longer}` takes {n}" if takes else "")


_MOST = 300


def nearest_few(word: str, names: Iterable[str]) -> list[str]:
    """The names nearest to a word. If there are very many, only names with its first or last letter are compared."""
    reach = max(1, len(word) // 3)
    close = [n for n in names if abs(len(n) - len(word)) <= reach] if len(word) <= 64 else []
    if same := [n for n in close if n.casefold() == word.casefold()]:
        return same[:1]
    if len(close) > _MOST:
        close = list(islice((n for n in close if n[:1] == word[:1] or n[-1:] == word[-1:]), _MOST))
    return nearest(word, close)


def did_you_mean(names: Sequence[str]) -> str:
    """A sentence of help that offers the names; empty if there are none."""
    return f"did you mean {' or '.join(f'`{name}`' for name in names)}?" if names else ""
