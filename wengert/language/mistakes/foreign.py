"""Spellings of other languages, and their equivalents here: Python, C, MATLAB, Excel, Mathematica, Fortran, LaTeX."""

from __future__ import annotations

import re
import unicodedata

from ...ops import ALIASES, DERIVATIVES, FOLDS, OPS

# A character that begins no token: its replacement, if that corrects the program, and the help.
CHARACTERS: dict[str, tuple[str, str]] = {
    "&": ("and", "write `and`; numbers have no bits here"),
    "|": ("or", "write `or`, and `abs(x)` for the absolute value; numbers have no bits here"),
    "~": ("", "write `not`; numbers have no bits here"),
    "!": ("not", "write `not`"),
    "?": ("", "write `a if condition else b`"),
    "$": ("", "leave the dollar sign out; `wengert read` reads formulas of LaTeX and of spreadsheets"),
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
    "∧": ("", "write `and`; a power is `^`"),
    "∨": ("", "write `or`"),
    "±": ("", "take one sign at a time; `wengert propagate` takes uncertain inputs, `--x 5±0.1`"),
    "∓": ("", "take one sign, or the two in turn"),
    "≈": ("", "to compare roughly, write `abs(a - b) < 1e-9`"),
    "∝": ("", "bind with `=`"),
    "⊕": ("", "of two truths, write `(a != 0) != (b != 0)`; numbers have no bits here"),
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
    "=>": ("", "greater or equal is `>=`; a function is `def f(x) = …`"),
    ":=": ("=", "bind with `=`"),
    "->": ("", "bind with `=`; a function is `def f(x) = …`"),
    "|>": ("", "write a call, `f(x)`"),
    ".+": ("+", "write `+`"),
    ".-": ("-", "write `-`"),
    "^^": ("", "a power is `^`; of two truths, `(a != 0) != (b != 0)`"),
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
    "::": ("", "a range is `0:10`; an input is declared by `input x`"),
    "%*%": ("", "the matrix product is `a @ b`"),
    "%/%": ("", "the whole part of a quotient is `floor(a/b)`"),
    "%o%": ("", "the outer product is `outer(a, b)`"),
    "%%": ("", "the remainder is `a % b`, which binds as a product does"),
}
# Symbols that act on bits in other languages, or on truth values, as here.
BITS = frozenset("&|")
COMPOUND = re.compile(r"([-+*/%^]|\*\*)=(?!=)")

# Operators of Fortran, and their symbols here.
DOTTED = {
    ".and.": "and", ".or.": "or", ".not.": "not", ".eq.": "==", ".ne.": "!=", ".lt.": "<", ".le.": "<=", ".gt.": ">",
    ".ge.": ">=",
}  # fmt: skip

# A word between two values: its replacement, if that corrects the program, and the help.
BETWEEN: dict[str, tuple[str, str]] = {
    word: ("" if symbol == "…" else symbol, f"write `{said}`")
    for word, symbol, said in (
        line.split(None, 2)
        for line in """\
is    …    a == b
eq    …    a == b
ne    …    a != b
lt    …    a < b
le    …    a <= b
gt    …    a > b
ge    …    a >= b
AND   …    a and b
OR    …    a or b
nand  …    not (a and b)
nor   …    not (a or b)
then  …    a if condition else b
times *    a * b
plus  +    a + b
minus -    a - b
""".splitlines()
    )
}
_REMAINDER = "`a % b` has the sign of b, `a - b*trunc(a/b)` that of a"
_EITHER = "of two truths, write `(a != 0) != (b != 0)`; numbers have no bits here"
_TURNS = "a loop makes a fixed number of turns: `for t in 0:100 { … }`"
BETWEEN |= {
    **dict.fromkeys("Mod MOD mod rem".split(), ("", _REMAINDER)),
    **dict.fromkeys("DIV div quo".split(), ("", "`floor(a/b)` rounds down, `trunc(a/b)` toward 0")),
    **dict.fromkeys("xor XOR Xor".split(), ("", _EITHER)),
    "until": ("", _TURNS),
    "while": ("", _TURNS),
}

# A word that begins a statement in another language: whether it can be left out, and the help.
LEADING: dict[str, tuple[bool, str]] = {
    **dict.fromkeys("let var const auto local global set double float real".split(), (True, "a binding is `x = 3`")),
    "int": (False, "a binding is `x = 3`; every number is a float64, and `7/2` is 3.5"),
    "return": (True, "the last expression is the result; or write `output x`"),
    "lambda": (False, "a function is `def f(x) = x^2`"),
    "function": (False, "a function is `def f(x) = x^2`"),
    "func": (False, "a function is `def f(x) = x^2`"),
    "fn": (False, "a function is `def f(x) = x^2`"),
    "import": (False, "there is nothing to import: every function is there"),
    "from": (False, "there is nothing to import: every function is there"),
    "include": (False, "there is nothing to include"),
    "using": (False, "there is nothing to import: every function is there"),
    **dict.fromkeys("while repeat do loop until foreach".split(), (False, _TURNS)),
    **dict.fromkeys("switch case match elseif".split(), (False, "write `a if p else b if q else c`")),
    **dict.fromkeys(("begin", "end"), (False, "the body of a loop stands in braces: `for t in 0:10 { … }`")),
    **dict.fromkeys(
        ("REAL", "Real", "INTEGER", "integer", "Double", "DOUBLE", "number", "vector", "matrix", "data", "parameters"),
        (False, "an input is declared by `input x`, an array by `input x[3]`; every number is a float64"),
    ),
    "print": (False, "the last expression is the result; or write `output x`"),
    "elif": (False, "write `a if p else b if q else c`"),
    "assert": (False, "write `expect x = 1.5`"),
}

# Functions with another name here, or missing here. The first advice is given whose functions are all in the registry.
_FACTORIAL = "`n!` is `gamma(n + 1)`"
_CHOICE = "write `a if condition else b`, or `where(condition, a, b)`"
_ROOT = ("write `cbrt(x)` for a third root, `x^(1/n)` for one of a number above 0, `sign(x)*abs(x)^(1/n)` for an odd "
         "one of any number")  # fmt: skip
_COMBINATIONS = ("write `binom(n, k)`", "write `gamma(n + 1)/(gamma(k + 1)*gamma(n - k + 1))`")
_PIECES = "write `a if p else b if q else c`"
_RESULT = "the last expression is the result; or write `output x`"
_NO_CHANCE = "there are no random numbers: a program is a function of its inputs"


def _all(words: str, *advice: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(words.split(), advice)


FUNCTIONS: dict[str, tuple[str, ...]] = {
    **_all("tg", "write `tan(x)`"),
    **_all("ctg", "write `cot(x)`"),
    **_all("arctg", "write `atan(x)`"),
    **_all("arcctg", "write `acot(x)`"),
    **_all("sh", "write `sinh(x)`"),
    **_all("ch", "write `cosh(x)`"),
    **_all("th", "write `tanh(x)`"),
    **_all("lg", "write `log10(x)`, or `log2(x)`"),
    **_all("lb", "write `log2(x)`"),
    **_all("logn", "write `log(x, n)`"),
    **_all("fac fact factorial", _FACTORIAL),
    **_all("ncr choose comb combin nchoosek", *_COMBINATIONS),
    **_all("npr perm permut", "write `gamma(n + 1)/gamma(n - k + 1)`"),
    **_all("poch pochhammer", "write `gamma(x + n)/gamma(x)`"),
    **_all("harmonic", "write `digamma(n + 1) + 0.57721566490153286`"),
    **_all("frac fract", "write `x - trunc(x)`, which has the sign of x, or `x - floor(x)`"),
    **_all("ncdf cdfnorm pnorm normdist normsdist phi", "write `ndtr(x)`, or `ndtr((x - mean)/deviation)`"),
    **_all("npdf dnorm normal_pdf", "write `normpdf(x)`, or `normpdf((x - mean)/deviation)/deviation`"),
    **_all("nppf qnorm norminv normsinv probit", "write `ndtri(p)`, or `mean + deviation*ndtri(p)`"),
    **_all("root nthroot surd", _ROOT),
    **_all("E1 e1", "write `exp1(x)`"),
    **_all("ei", "write `expi(x)`"),
    **_all("si", "write `Si(x)`"),
    **_all("ci", "write `Ci(x)`"),
    **_all("sici", "write `Si(x)` and `Ci(x)`"),
    **_all("fresnel", "write `fresnels(x)` and `fresnelc(x)`"),
    **_all("expn", "of order 1 it is `exp1(x)`"),
    **_all("quot idiv floordiv", "write `floor(a/b)`, or `trunc(a/b)`"),
    **_all("if iif cond select", _CHOICE),
    **_all("piecewise pw", _PIECES),
    **_all("and", "write `a and b`"),
    **_all("or", "write `a or b`"),
    **_all("not", "write `not a`"),
    **_all("nand", "write `not (a and b)`"),
    **_all("nor", "write `not (a or b)`"),
    **_all("xor bitxor", _EITHER),
    **_all("bitand bitor bitnot shl shr", "numbers have no bits here"),
    **_all("neq unequal ne noteq", "write `a != b`"),
    **_all("inrange between within", "write `(a <= x) and (x <= b)`"),
    **_all("roundn roundto", "for n digits after the point, write `round(x*10^n)/10^n`"),
    **_all("avg average", "write `mean([a, b, c])`, or `mean(x)` of an array"),
    **_all("sumsq", "write `sum(x^2)`"),
    **_all("stdev stddev sd stdevs", "write `std([a, b, c], ddof=1)`, or `std(x, ddof=1)` of an array"),
    **_all("stdevp stddevp", "write `std([a, b, c])`, or `std(x)` of an array"),
    **_all("rms", "write `sqrt(mean(x^2))`"),
    **_all("dist distance", "write `norm(x - y)`, of numbers `abs(x - y)`"),
    **_all("lerp mix", "write `a + (b - a)*t`"),
    **_all("product", "write `prod(x)`"),
    **_all("iferror", "write `where(isfinite(x), x, y)`"),
    **_all("sine sinus", "write `sin(x)`"),
    **_all("cosine cosinus", "write `cos(x)`"),
    **_all("tangent tangens", "write `tan(x)`"),
    **_all("squareroot racine wurzel", "write `sqrt(x)`"),
    **_all("absolutevalue magnitude modulus", "write `abs(x)`"),
    **_all("logarithm", "write `log(x)`, to another base `log(x, b)`"),
    **_all("exponential", "write `exp(x)`"),
    **_all("c vec vector array list matrix", "an array is written `[a, b, c]`, a matrix `[[a, b], [c, d]]`"),
    **_all("function lambda", "a function is `def f(x) = x^2`"),
    **_all("N", "the normal distribution function is `ndtr(x)`"),
    **_all("dble real cdbl cast", "every number is a float64: leave it out"),
    **_all("grad2deg gon2deg", "400 gradians are 360 degrees: write `x*0.9`"),
    **_all("deg2grad deg2gon", "360 degrees are 400 gradians: write `x/0.9`"),
    **_all("grad2rad", "200 gradians are pi: write `x*pi/200`"),
    **_all("rad2grad", "200 gradians are pi: write `x*200/pi`"),
    **_all("sind", "write `sin(deg2rad(x))`"),
    **_all("cosd", "write `cos(deg2rad(x))`"),
    **_all("tand", "write `tan(deg2rad(x))`"),
    **_all("range", "a range is `0:n`, as in `sum(i^2 for i in 0:n)`"),
    **_all("derivative deriv", "write `d(f, x)`"),
    **_all("diff", "a derivative is `d(f, x)`; differences of elements are `x[1:] - x[:-1]`"),
    **_all("gradient", "write `grad(f, x)`, or `d(f, x)` for one number"),
    **_all("integrate integral quad int_", "there are no integrals"),
    **_all("limit", "there are no limits"),
    **_all("print disp echo", _RESULT),
    **_all("float double", "every number is a float64"),
    **_all("int", "write `trunc(x)`, `floor(x)` or `round(x)`"),
    **_all("rand random randn", _NO_CHANCE),
    **_all("eval", "a program is not evaluated within a program"),
    **_all("exec", "a program is not executed within a program"),
    **_all("open", "a program reads no files"),
    **_all("input", "declare an input with `input x`"),
}

# Calls with another number of arguments than the function takes here, and the help on each.
ARGUMENTS: dict[str, str] = {
    "round/2": "for n digits, write `round(x*10^n)/10^n`",
    "sqrt/2": "an n-th root is `x^(1/n)`, a third one `cbrt(x)`",
}

# Words that are values in other languages, and their spelling here.
VALUES: dict[str, str] = {
    **dict.fromkeys(("true", "True", "TRUE"), "1"),
    **dict.fromkeys(("false", "False", "FALSE"), "0"),
    **dict.fromkeys(("NaN", "NAN", "NaNQ"), "nan"),
    **dict.fromkeys(("Inf", "INF", "Infinity", "INFINITY", "infinity"), "inf"),
    **dict.fromkeys(("Pi", "PI"), "pi"),
    **dict.fromkeys(("None", "null", "NULL", "nil", "undefined"), "nan"),
}

# Functions of modules for which the last name alone would mislead, and the help on each.
METHODS: dict[str, str] = {
    "norm.cdf": "write `ndtr(x)`, or `ndtr((x - mean)/deviation)`",
    "norm.pdf": "write `normpdf(x)`, or `normpdf((x - mean)/deviation)/deviation`",
    "norm.ppf": "write `ndtri(p)`, or `mean + deviation*ndtri(p)`",
    "norm.logpdf": "write `-x^2/2 - log(2*pi)/2`",
    "norm.sf": "write `ndtr(-x)`",
    "linalg.norm": "write `norm(x)`",
    "linalg.inv": "write `inv(A)`; `solve(A, b)` is more accurate than `inv(A) @ b`",
    "random": _NO_CHANCE,
}

# Python modules that hold functions, and those that hold modules.
LIBRARIES = frozenset("np numpy jnp jax scipy sp special stats torch tf math cmath mp mpmath sympy Math std".split())

# Python modules whose functions exist here under the same names, with the same meaning.
MODULES = frozenset("np numpy jnp math".split())

_CALLED = re.compile(r"(\w+)\(")


def advice(word: str) -> str:
    """The help on a function of other languages, if the registry has the functions that it names; else empty."""
    pieces = FUNCTIONS.get(word) or FUNCTIONS.get(word.lower(), ())
    return next((p for p in pieces if all(map(_is_function, _CALLED.findall(p)))), "")


def method_advice(spelled: str) -> str:
    """The help on a function of modules, `scipy.stats.norm.cdf`; or empty."""
    parts = spelled.split(".")
    if len(parts) > 1 and "random" in parts:
        return METHODS["random"]
    return METHODS.get(".".join(parts[-2:]), "")


def _is_function(word: str) -> bool:
    return word in OPS or word in ALIASES or word in FOLDS or word in DERIVATIVES or word == "f"


# LaTeX commands that are a symbol here, or can be left out.
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
