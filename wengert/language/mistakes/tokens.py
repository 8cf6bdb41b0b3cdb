"""Diagnose a token that no sentence of the language allows at its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ...ground.errors import Fix, ParseError, Span, WengertError, error
from ...ground.names import RESERVED, WORD, quoted
from ...ops import ALIASES, OPS
from .beside import side_by_side
from .foreign import BITS, COMPOUND, SYMBOLS
from .operands import alone, between_comparisons, operand_end, operand_start, statement_end
from .place import CLOSING, OPERATOR, STATEMENT, Place, expecting, shown, statement_start, write


def unexpected(place: Place) -> WengertError:
    """The error for a token that cannot stand where it does."""
    return next(found for rule in _RULES if (found := rule(place)) is not None)


# Brackets


def _unclosed(p: Place) -> WengertError | None:
    """The error for a bracket that is still open at the end of the text, or at a line that can only be a new
    statement."""
    ended = p.kind in ("$END", "SEP")
    if p.kind == "SEP" and p.word == ";" and p.opened and p.text[p.opened[-1]] == "[":
        return p.error("W001", "`;` between elements", help="a matrix is written by its rows: `[[1, 2], [3, 4]]`")
    if p.kind == "SEP" and p.opened and "COMMA" in p.possible:
        # Where `;` separates arguments, a comma among them may be a decimal sign.
        plain = "," not in p.text[p.opened[-1] : p.span.start]
        help = "arguments are separated by commas"
        return p.error("W001", "`;` between arguments", help=help, fix="," if plain else None)
    starts = p.begins_line and p.after_value and (p.kind in ("NAME", "FUNC", "FOR") or p.kind in STATEMENT)
    where = "the text ends here" if p.kind == "$END" else "and is still open here"
    after = Span(p.before.end, p.before.end)
    if p.opened and (ended or starts):
        many = f"{len(p.opened):,} brackets are never closed" if len(p.opened) > 1 else "this bracket is never closed"
        closing = "".join(CLOSING[p.text[at]] for at in reversed(p.opened[-100:]))
        fix = Fix(after, closing) if p.after_value and len(p.opened) < 100 else None
        at = Span(p.opened[-1], p.opened[-1] + 1)
        help = f"add the closing `{closing[0]}`"
        return error(ParseError, "W002", many, at, help=help, fix=fix, secondary=((p.span, where),))
    if p.kind == "$END" and "RBRACE" in p.possible and (brace := p.text.rfind("{", 0, p.span.start)) >= 0:
        at = Span(brace, brace + 1)
        help, fix, ends = "add the closing `}`", Fix(after, " }"), ((p.span, where),)
        return error(ParseError, "W002", "this brace is never closed", at, help=help, fix=fix, secondary=ends)
    return None


def _closing(p: Place) -> WengertError | None:
    """The error for a closing bracket without an opening one, of the wrong kind, or before its content is complete."""
    if p.kind in ("RPAR", "RSQB"):
        if not p.opened:
            return p.error("W002", "this bracket closes nothing", help="take it out, or open one before it")
        right = CLOSING[p.text[p.opened[-1]]]
        if p.word != right:
            opened = (Span(p.opened[-1], p.opened[-1] + 1), "opened here")
            kind = "round bracket" if right == ")" else "square bracket"
            return p.error("W002", f"`{p.word}` where a {kind} is open", help=f"write `{right}`", fix=right,
                           secondary=(opened,))  # fmt: skip
        if p.left in CLOSING:
            help = "a function has at least one parameter" if p.possible == {"NAME"} else "write an expression in them"
            help = "a size is a number or a name: `input x[3]`" if p.possible == {"NAME", "NUMBER"} else help
            help = "write a place, such as `x[0]`" if p.left == "[" and "COLON" in p.possible else help
            return p.error("W007", "there is nothing between these brackets", p.whole, help)
        if p.left == ",":
            return p.error("W007", "a comma before the closing bracket", p.before, "take it out", "")
        if "COLON" in p.possible and re.search(r"\bin\b", p.text[p.opened[-1] : p.span.start]):
            return p.error(
                "W005", "a counter runs over a range", p.before, "write `for i in 0:10`, and `x[i]` before it"
            )
    if p.kind == "RBRACE" and p.opened:
        opened = (Span(p.opened[-1], p.opened[-1] + 1), "opened here")
        right, kind = (")", "round bracket") if p.text[p.opened[-1]] == "(" else ("]", "square bracket")
        return p.error("W002", f"`}}` where a {kind} is open", help=f"write `{right}`", fix=right,
                       secondary=(opened,))  # fmt: skip
    if p.kind == "RBRACE":
        return p.error("W002", "this brace closes nothing", help="braces are for loops: `for t in 0:10 { … }`", fix="")
    return None


# Symbols of other languages


def foreign_symbol(p: Place) -> WengertError | None:
    """The error for a symbol of another language: the longest one that contains the token."""
    near = p.touching or p.kind == "$END"
    starts = [p.before.start - 1, p.before.start, p.span.start] if near else [p.span.start]
    for length in (3, 2):
        for at in starts:
            both = p.text[max(at, 0) : at + length]
            if both not in SYMBOLS or len(both) < length or at + length < min(p.span.start, len(p.text)):
                continue
            if both != "||" or not p.wants_value:
                symbol, help = SYMBOLS[both]
                span = Span(at, at + length)
                fix = symbol if symbol and keeps_order(p.text, both, span) else None
                return p.error("W005", f"`{both}` is not an operator", span, help, fix)
    return None


def keeps_order(text: str, symbol: str, span: Span) -> bool:
    """Whether the symbol that replaces a foreign one binds here as the foreign one does."""
    if symbol in BITS:
        return between_comparisons(text, *span[:2])
    if symbol in "!¬~":
        return alone(text, span.end)
    if symbol == ".^":  # MATLAB reads a^b^c from the left
        end, start = operand_end(text, span.end), operand_start(text, span.start)
        power = re.compile(r"[ \t]*\.?(?:\^|\*\*)")
        before = re.compile(r"(?:\^|\*\*)[ \t]*[-+]*[ \t]*$")
        return min(start, end) >= 0 and not power.match(text, end) and not before.search(text[:start][-40:])
    return True


def _compound(p: Place) -> WengertError | None:
    """The error for `+=` and similar assignments."""
    if p.kind != "EQUAL" or not p.touching or not COMPOUND.fullmatch(p.left + "="):
        return None
    message, example = f"`{p.left}=` is not an operator", f"write `x = x {p.left} …`"
    name = p.text[statement_start(p.text, p.before.start) : p.before.start].strip()
    end = statement_end(p.text, p.span.end)
    # In C, ^= works on bits, and the sign of % is another.
    if p.left in "^%" or not re.fullmatch(WORD, name) or end < 0 or not (amount := p.text[p.span.end : end].strip()):
        return p.error("W005", message, p.whole, example)
    # The amount is complete before it is added: x *= a + b is x = x*(a + b).
    start = len(p.text[p.span.end : end]) - len(p.text[p.span.end : end].lstrip()) + p.span.end
    if operand_end(p.text, start) != start + len(amount):
        amount = f"({amount})"
    mend = f"= {name} {p.left} {amount}"
    fix = Fix(Span(p.before.start, end), mend + " " * (end < len(p.text) and p.text[end] in "#}"))
    help = write(f"{name} {mend}", example)
    return error(ParseError, "W005", message, p.whole, help=help, fix=fix)


# Commas and equals signs

_THOUSANDS = re.compile(r"(?:,\d{3})+(?![\d_])(?:\.\d+)?")
_DECIMALS = re.compile(r",(\d+)")
_SEVERAL = re.compile(r"\d[\d.]*(?:,[ \t]*\d[\d.]*)+")


def _comma(p: Place) -> WengertError | None:
    if p.kind != "COMMA":
        return None
    if p.after_number and p.left.isdecimal():
        thousands = _THOUSANDS.match(p.text, p.span.start) if len(p.left) < 4 else None
        if (number := thousands or _DECIMALS.match(p.text, p.span.start)) is not None:
            plain, joined = (p.left + number[0].replace(",", c) for c in ("" if thousands else ".", "_"))
            several = _SEVERAL.match(p.text, p.before.start)
            elements = f"[{several[0].replace(' ', '').replace(',', ', ')}]" if several else ""
            help = f"{write(plain)}{f' or `{joined}`' * (thousands is not None)}" if len(plain) < 40 else ""
            help = help if thousands else f"the decimal sign is a point: {help}"
            if several and len(several[0]) < 40 and not re.search(r",0\d", several[0]):
                counted = several[0].count(",") > 1 and not thousands
                help = f"an array is written `{elements}`" if counted else f"{help}; an array is `{elements}`"
            # One group of three may be thousands, thousandths or two numbers; several groups are thousands.
            fix = plain if thousands and number[0].count(",") > 1 else None
            return p.error("W004", "a comma inside a number", Span(p.before.start, number.end()), help, fix)
    if not p.after_value:
        return p.error("W007", "nothing stands before this comma", help="write an expression before it, or take it out")
    if p.opened:
        help = "brackets group one expression; a vector is written `[a, b]`"
        return p.error("W001", "a comma inside brackets that call nothing", help=help)
    if re.compile(r"[^\n;]{0,200}?(?<![=<>!])=(?!=)").match(p.text, p.span.end):
        return p.error("W001", "a comma before a binding", help="names are bound one by one: `x = 1; y = 2`")
    help = "statements are separated by `;` or a new line; several results: `output a, b`"
    return p.error("W001", "a comma outside a call", help=help)


def _equal(p: Place) -> WengertError | None:
    if p.kind != "EQUAL":
        return None
    if p.begins_statement:
        # A spreadsheet reads -2^2 as 4, and powers of powers from the left.
        same = not re.search(r"[\^%].*[\^%]|-[^-+*/;]*\^|\b(?:LOG|ATAN2|ROUND)\b", p.text[p.span.end :][:400])
        help = "take it out; a binding is `f = …`; `wengert read --from excel` reads formulas of a spreadsheet"
        return p.error("W008", "a formula has no `=` in front", help=help, fix="" if same else None)
    if p.left in RESERVED:
        return _reserved(p, p.left, p.before)
    if "IN" in p.possible:
        help = "write `for i in 0:10 { … }`, with i from 0 to 9: a range does not include its end"
        return p.error("W001", "a counter is not bound with `=`", help=help)
    if not p.after_value:
        return p.error("W007", "nothing stands before this `=`", help="a binding is `f = …`")
    if p.opened:
        help = "to compare, write `==`"
        return p.error("W008", "`=` inside an expression", help=help, fix="==")
    line = p.text[statement_start(p.text, p.span.start) : p.span.start]
    if line.startswith("expect"):
        return p.error("W008", "`=` inside an expression", help="to compare, write `==`")
    if rate := re.fullmatch(r"d(\w{1,20})[ \t]*/[ \t]*d(\w{1,20})[ \t]*", line):
        help = f"give the derivative a name: `d{rate[1]}_d{rate[2]} = …`"
        return p.error("W008", "only a name can be bound", help=help)
    if chain := re.match(rf"({WORD})[ \t]*=(?!=)(.*)$", line):
        name, again = chain[1], chain[2].strip()
        help = "to compare, write `==`"
        if re.fullmatch(WORD, again):
            both = f"{again} = …; {name} = {again}"
            help = f"names are bound one by one: {quoted(both)}; to compare, write `==`"
        return p.error("W008", "`=` inside an expression", help=help)
    return p.error("W008", "only a name can be bound", help="a binding is `f = …`; to compare, write `==`")


# Keywords

_HELP = {
    "if": "write `a if condition else b`",
    "else": "write `a if condition else b`",
    "for": "a comprehension is `sum(x^i for i in 0:3)`; a loop is a statement, `for t in 0:3 { … }`",
    "in": "a counter is named in `for i in 0:3`",
    "and": "write `a and b`",
    "or": "write `a or b`",
    "not": "write it before a comparison, or in brackets: `4*(not a)`, `a == (not b)`",
    "with": "the rules of an op follow its formula: `op f(a) = a^2 with d/da = 2*a`",
}


def _keyword(p: Place) -> WengertError | None:
    if p.word not in RESERVED:
        return None
    if p.word == "if" and p.begins_statement:
        help = "choose between values: `y = a if condition else b`"
        return p.error("W001", "there is no `if` statement", help=help)
    meant = p.word in ("if", "else", "and", "or", "not") or p.word == "for" and p.opened
    if "NAME" in p.possible and not (meant and p.wants_value):
        return _reserved(p, p.word, p.span)
    if p.after_value and p.kind in STATEMENT:
        return p.error("W001", f"`{p.word}` begins a statement", help="put it on a new line, or `;` before it")
    return p.error("W001", f"`{p.word}` cannot stand here", help=_HELP.get(p.word) or expecting(p.possible))


def _reserved(p: Place, word: str, span: Span) -> WengertError:
    # Where the word is bound or declared it is surely a name; elsewhere it may be an operator in another place.
    named = p.kind == "EQUAL" or "NUMBER" not in p.possible or re.compile(r"[ \t]*=(?!=)").match(p.text, span.end)
    fix = f"{word}_" if named else None
    return p.error("W103", f"`{word}` is a reserved word and cannot be a name", span, f"call it `{word}_`", fix)


# Tokens that few sentences have


def _expect(p: Place) -> WengertError | None:
    """The error for an expect that compares with another sign than `=`, or with nothing."""
    start = statement_start(p.text, p.before.start)
    if p.after_value and "EQUAL" in p.possible and p.text.startswith("expect", start) and p.kind in ("$END", "SEP"):
        double = p.text.rfind("==", start, p.before.end)
        span = Span(double, double + 2) if double > 0 else Span(start, start + len("expect"))
        fix = "=" if double > 0 else None
        return p.error("W109", "an expect without the value it expects", span, "write `expect f = 1.5`", fix)
    return None


def _rule_of_op(p: Place) -> WengertError | None:
    if p.possible == {"SLASH"} or p.left == "with":
        span = p.before if p.left != "with" else p.span
        return p.error("W114", "the rules of an op begin with `d/d` and a parameter", span, _HELP["with"])
    return None


def _sentences(p: Place) -> WengertError | None:
    if p.kind == "LBRACE":
        return _brace(p)
    if p.kind == "COLON" and p.possible == {"EQUAL"}:
        return p.error("W005", "a definition has `=` before its formula", help="write `def f(x) = …`", fix="=")
    if p.kind == "COLON" and p.text.startswith("input", statement_start(p.text, p.span.start)):
        return p.error("W001", "an input has no type", help="declare `input x`, of an array `input x[3]`")
    if p.kind == "COLON" and not p.wants_value:
        help = "a range follows `in`, as in `sum(x^i for i in 0:3)`, or takes elements: `x[0:3]`"
        return p.error("W001", "a range cannot stand here", help=help)
    if p.left in ("def", "op"):
        rules = " with d/dx = …" if p.left == "op" else ""
        return p.error("W001", f"unexpected {shown(p)}", help=f"write `{p.left} f(x) = …{rules}`")
    if p.left == "for" or "IN" in p.possible or "LBRACE" in p.possible and p.kind in ("$END", "SEP"):
        return p.error("W001", f"unexpected {shown(p)}", help="a loop is `for t in 0:10 { x = … }`")
    if p.possible == {"EQUAL"} and p.text.rfind("{", 0, p.span.start) > p.text.rfind("}", 0, p.span.start):
        return p.error("W001", "an expression in a loop", p.before, "the body of a loop is bindings and loops: `x = …`")
    if p.kind == "NAME" and "COMMA" in p.possible and not p.after_value:
        return p.missing("W001", "a comma is missing", "names are separated by commas", ",")
    if p.kind == "AT" and p.wants_value and re.compile(r"@[ \t]*\([\w, \t]*\)").match(p.text, p.span.start):
        return p.error("W005", "a function has a name here", help="a function is `def f(x) = x^2`")
    if p.begins_statement and p.word == "%":
        return p.error("W007", "nothing stands before this `%`", help="a comment begins with `#`")
    return None


def _brace(p: Place) -> WengertError:
    group = re.compile(r"\{([^{}\n]*)\}").match(p.text, p.span.start)
    inner = group[1].strip() if group else ""
    if group and p.left.endswith("_") and re.fullmatch(r"\w+", inner):
        return p.error("W005", "LaTeX's braces are not read", Span(*group.span()), write(p.left + inner), inner)
    if group and inner and "=" not in inner and p.touching and (p.left in OPS or p.left in ALIASES):
        call = f"{p.left}({inner})"
        return p.error("W005", "functions are called with round brackets", Span(p.before.start, group.end()),
                       write(call, f"write `{p.left}(…)`"), call)  # fmt: skip
    if group and p.wants_value and inner and "=" not in inner:
        round_ = f"({inner})"
        message = "expressions are grouped by round brackets"
        return p.error("W005", message, Span(*group.span()), write(round_, "write `(…)`"), round_)
    help = "write `for t in 0:10 { … }`; expressions are grouped by `( )`"
    return p.error("W001", "a brace belongs to a loop", help=help)


_GOES_ON = "a statement goes on in the next line only within brackets"


def _incomplete(p: Place) -> WengertError | None:
    if p.kind in ("$END", "SEP") and p.before.end:
        if p.left == "%" and (found := _percent(p)):
            return found
        if p.after_value and "ELSE" in p.possible:
            return p.error("W007", "a condition without `else`", p.before, _HELP["else"])
        if "WITH" in p.possible:
            return p.error("W114", "an op without rules for its derivative", p.before, _HELP["with"])
        more = f"; {_GOES_ON}" if p.word == "\n" else ""
        message = f"the {'text' if p.kind == '$END' else 'statement'} stops after {quoted(p.left)}"
        return p.error("W007", message, p.before, expecting(p.possible) + more)
    if p.kind in OPERATOR and p.wants_value:
        if not p.before.end or p.begins_statement:
            help = "write an expression before it, or take it out" if p.left != "\n" else _GOES_ON
            return p.error("W007", f"nothing stands before this `{p.word}`", help=help)
        if p.left == "%" and (found := _percent(p)):
            return found
        message = f"{quoted(p.word)} follows {quoted(p.left)}: an operand is missing"
        return p.error("W007", message, p.whole, expecting(p.possible))
    return None


def _percent(p: Place) -> WengertError | None:
    """The error for a number of percent."""
    low = max(0, p.before.start - 60)
    amount = re.search(r"(?<![\w.])([\d.]+)[ \t]*$", p.text[low : p.before.start])
    if amount is None:
        return None
    number, left = amount[1], p.text[low : low + amount.start()].rstrip(" \t")[-1:]
    help = f"`%` is the remainder: {number} percent is `{number}/100`"
    # Some add a percentage of the amount before it; and a quotient or a power would take the number alone.
    fix = "/100" if left not in (*"+-/^%",) and p.word not in ("^", "**") else None
    return p.error("W007", "nothing stands after this `%`", p.before, help, fix)


def _anything(p: Place) -> WengertError | None:
    return p.error("W001", f"unexpected {shown(p)}", help=expecting(p.possible))


_RULES: Sequence[Callable[[Place], WengertError | None]] = (
    _unclosed,
    _closing,
    foreign_symbol,
    _compound,
    _expect,
    side_by_side,
    _rule_of_op,
    _comma,
    _equal,
    _keyword,
    _sentences,
    _incomplete,
    _anything,
)
