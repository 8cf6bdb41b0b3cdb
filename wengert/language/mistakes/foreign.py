"""Spellings of other languages and their equivalents here: Python, C, MATLAB, Excel, Mathematica, Fortran, LaTeX."""

from __future__ import annotations

import re
import unicodedata

# A character that begins no token: the text that replaces it, if that corrects the program, and the help.
CHARACTERS: dict[str, tuple[str, str]] = {
    "&": ("and", "write `and`"),
    "|": ("or", "write `or`; the absolute value is `abs(x)`"),
    "~": ("not", "write `not`"),
    "!": ("not", "write `not`"),
    "?": ("", "write `a if condition else b`"),
    "@": ("", "a function is `def f(x) = …`; matrices are not part of the language"),
    "$": ("", "leave the dollar sign out"),
    "`": ("", "leave the quotation mark out"),
    "'": ("", "there are no strings; a derivative is `d(f, x)`"),
    '"': ("", "there are no strings: names and numbers stand by themselves"),
    "\\": ("", "LaTeX is not read: write `a/b`, `sqrt(x)`, `alpha`"),
    "×": ("*", "write `*`"),
    "·": ("*", "write `*`"),
    "⋅": ("*", "write `*`"),
    "∙": ("*", "write `*`"),
    "•": ("*", "write `*`"),
    "∗": ("*", "write `*`"),
    "÷": ("/", "write `/`"),
    "∕": ("/", "write `/`"),
    "⁄": ("/", "write `/`"),
    "−": ("-", "write `-`, the hyphen of the keyboard"),
    "–": ("-", "write `-`, the hyphen of the keyboard"),
    "—": ("-", "write `-`, the hyphen of the keyboard"),
    "‐": ("-", "write `-`, the hyphen of the keyboard"),
    "‑": ("-", "write `-`, the hyphen of the keyboard"),
    "≤": ("<=", "write `<=`"),
    "⩽": ("<=", "write `<=`"),
    "≥": (">=", "write `>=`"),
    "⩾": (">=", "write `>=`"),
    "≠": ("!=", "write `!=`"),
    "≡": ("==", "write `==`"),
    "≔": ("=", "write `=`"),
    "∧": ("and", "write `and`"),
    "∨": ("or", "write `or`"),
    "¬": ("not", "write `not`"),
    "√": ("", "write `sqrt(x)`"),
    "∛": ("", "write `cbrt(x)`"),
    "∞": ("inf", "write `inf`"),
    "∂": ("", "write `d(f, x)`"),
    "∇": ("", "write the derivatives one by one, `d(f, x)`"),
    "∫": ("", "there are no integrals"),
    "∑": ("", "write `sum(… for i in 0:n)`"),
    "∏": ("", "write `prod(… for i in 0:n)`"),
    "→": ("", "bind with `=`"),
    "←": ("=", "bind with `=`"),
    "°": ("", "angles are in radians: write `deg2rad(x)`"),
    "‘": ("", "there are no strings"),
    "’": ("", "there are no strings; a derivative is `d(f, x)`"),
    "“": ("", "there are no strings"),
    "”": ("", "there are no strings"),
    "…": ("", "write everything out, or `sum(… for i in 0:n)`"),
}

# Symbols of two or three characters, in the same form.
SYMBOLS: dict[str, tuple[str, str]] = {
    "&&": ("and", "write `and`"),
    "||": ("or", "write `or`"),
    "~=": ("!=", "write `!=`"),
    "<>": ("!=", "write `!=`"),
    "!==": ("!=", "write `!=`"),
    "===": ("==", "write `==`"),
    "=<": ("<=", "write `<=`"),
    "=>": (">=", "write `>=`"),
    ":=": ("=", "bind with `=`"),
    "->": ("", "bind with `=`"),
    "^^": ("^", "write `^`"),
    ".*": ("*", "write `*`"),
    "./": ("/", "write `/`"),
    ".^": ("^", "write `^`"),
    "//": ("", "a comment begins with `#`; the whole part of a quotient is `floor(a/b)`"),
    "/*": ("", "a comment begins with `#` and ends with the line"),
    "*/": ("", "a comment begins with `#` and ends with the line"),
    "++": ("", "to count, write `i = i + 1`"),
    "--": ("", "to count, write `i = i - 1`"),
    "<<": ("", "a power of two is `2^n`"),
    ">>": ("", "a power of two is `2^n`"),
    "..": ("", "a range is `0:10`"),
    "::": ("", "a range is `0:10`"),
    "%%": ("%", "write `%`"),
}
COMPOUND = re.compile(r"([-+*/%^]|\*\*)=(?!=)")

# Operators of Fortran, and their symbols here.
DOTTED = {
    ".and.": "and", ".or.": "or", ".not.": "not", ".eq.": "==", ".ne.": "!=", ".lt.": "<", ".le.": "<=", ".gt.": ">",
    ".ge.": ">=",
}  # fmt: skip

# A word between two values: the text that replaces it, if that corrects the program, and the help.
BETWEEN: dict[str, tuple[str, str]] = {
    word: ("" if symbol == "…" else symbol, f"write `{said}`")
    for word, symbol, said in (
        line.split(None, 2)
        for line in """\
mod   %    a % b
MOD   %    a % b
rem   %    a % b
div   …    floor(a/b)
xor   !=   a != b
is    ==   a == b
eq    ==   a == b
ne    !=   a != b
lt    <    a < b
le    <=   a <= b
gt    >    a > b
ge    >=   a >= b
AND   and  a and b
OR    or   a or b
then  …    a if condition else b
times *    a * b
plus  +    a + b
minus -    a - b
""".splitlines()
    )
}

# A word that begins a statement in another language: whether it can be left out, and the help.
LEADING: dict[str, tuple[bool, str]] = {
    **dict.fromkeys("let var const auto local global set double float real".split(), (True, "a binding is `x = 3`")),
    "int": (True, "a binding is `x = 3`; every number is a float64"),
    "return": (True, "the last expression is the result; or write `output x`"),
    "lambda": (False, "a function is `def f(x) = x^2`"),
    "function": (False, "a function is `def f(x) = x^2`"),
    "func": (False, "a function is `def f(x) = x^2`"),
    "fn": (False, "a function is `def f(x) = x^2`"),
    "import": (False, "there is nothing to import: every function is there"),
    "from": (False, "there is nothing to import: every function is there"),
    "include": (False, "there is nothing to include"),
    "using": (False, "there is nothing to import: every function is there"),
    "while": (False, "a loop makes a fixed number of turns: `for t in 0:100 { … }`"),
    "print": (False, "the last expression is the result; or write `output x`"),
    "elif": (False, "write `a if p else b if q else c`"),
    "assert": (False, "write `expect x = 1.5`"),
}

# Functions that have another name here, or are missing here.
FUNCTIONS: dict[str, str] = {
    "tg": "write `tan(x)`",
    "ctg": "write `cot(x)`",
    "arctg": "write `atan(x)`",
    "arcctg": "write `acot(x)`",
    "sh": "write `sinh(x)`",
    "ch": "write `cosh(x)`",
    "th": "write `tanh(x)`",
    "lg": "write `log10(x)`, or `log2(x)`",
    "lb": "write `log2(x)`",
    "logn": "write `log(x, n)`",
    "fact": "`n!` is `gamma(n + 1)`",
    "factorial": "`n!` is `gamma(n + 1)`",
    "root": "write `x^(1/n)`, `sqrt(x)` or `cbrt(x)`",
    "nthroot": "write `x^(1/n)`, `sqrt(x)` or `cbrt(x)`",
    "sici": "write `Si(x)` and `Ci(x)`",
    "fresnel": "write `fresnels(x)` and `fresnelc(x)`",
    "expn": "`expn(1, x)` is `exp1(x)`",
    "floordiv": "write `floor(a/b)`",
    "if": "write `a if condition else b`, or `where(condition, a, b)`",
    "iif": "write `a if condition else b`, or `where(condition, a, b)`",
    "cond": "write `a if condition else b`, or `where(condition, a, b)`",
    "select": "write `a if condition else b`, or `where(condition, a, b)`",
    "piecewise": "write `a if p else b if q else c`",
    "and": "write `a and b`",
    "or": "write `a or b`",
    "not": "write `not a`",
    "xor": "write `a != b`",
    "mean": "write `sum(… for i in 0:n)/n`",
    "average": "write `sum(… for i in 0:n)/n`",
    "range": "a range is `0:n`, as in `sum(i^2 for i in 0:n)`",
    "derivative": "write `d(f, x)`",
    "diff": "write `d(f, x)`",
    "grad": "write the derivatives one by one, `d(f, x)`",
    "gradient": "write the derivatives one by one, `d(f, x)`",
    "integrate": "there are no integrals",
    "integral": "there are no integrals",
    "limit": "there are no limits",
    "print": "the last expression is the result; or write `output x`",
    "disp": "the last expression is the result; or write `output x`",
    "float": "every number is a float64",
    "double": "every number is a float64",
    "int": "write `trunc(x)`, `floor(x)` or `round(x)`",
    "rand": "there are no random numbers: a program is a function of its inputs",
    "random": "there are no random numbers: a program is a function of its inputs",
    "eval": "a program is not evaluated within a program",
    "exec": "a program is not executed within a program",
    "open": "a program reads no files",
    "input": "declare an input with `input x`",
}

# Commands of LaTeX that are a symbol here, or can be left out.
LATEX: dict[str, str] = dict(
    pair.split("=", 1)
    for pair in "cdot=* times=* div=/ le=<= leq=<= ge=>= geq=>= ne=!= neq=!= left= right= infty=inf bmod=%".split()
)


def described(c: str) -> str:
    """The name of a character, for a message."""
    name = unicodedata.name(c, "")
    return name.lower() if name else f"U+{ord(c):04X}"


def invisible(c: str) -> bool:
    """Whether a character is invisible."""
    return not c.isprintable() or unicodedata.category(c) in ("Cf", "Cc", "Cs", "Mn", "Me", "Zs")
