r"""LaTeX: formulas of its math mode, as papers have them.

TeX tells how a formula looks; the rules of its meaning are stated here, and each that readers could doubt has a
receipt: letters side by side are factors, `\log` is natural, `\sin^2 x` is a power of the sine and `\sin^{-1}` its
inverse (ISO 80000-2 and the AMS's guides; SymPy's `parse_latex` 1.14 agrees), `\lg` is to base 10. A function without
brackets takes the numbers and letters behind it, up to the next operator. Where readers would differ, as in `1/2x`,
`\sin x (y)` or `f(x)` of an f that is defined nowhere, the text is refused.
"""

from __future__ import annotations

from ..dialect import Dialect, functions
from ..terms import BOTH, COMPARISON, EITHER, NOT, OPERATORS, PRODUCT, SUM, OperatorForm

_FUNCTIONS = """
sin cos tan sec csc cot sinh cosh tanh sech csch coth exp ln=log log=log lg=log10 lb=log2: x
arcsin=asin arccos=acos arctan=atan arcsec=asec arccsc=acsc arccot=acot: x
asin acos atan asec acsc acot asinh acosh atanh asech acsch acoth: x
arsinh=asinh arcosh=acosh artanh=atanh arcsinh=asinh arccosh=acosh arctanh=atanh: x
sgn=sign sign abs sqrt cbrt floor ceil round trunc exp2 exp10 expm1 log1p log2 log10: x
erf erfc erfcx erfi erfinv erfcinv lgamma digamma trigamma Gamma=gamma gamma: x
sigmoid logit softplus relu selu silu gelu mish softsign: x
isnan isinf isfinite dawson Ei=expi Si=sinint Ci=cosint: x
arsech=asech arcsch=acsch arcoth=acoth: x
leakyrelu=leaky_relu elu atan2 arctan2=atan2 fmod copysign binom: x, y
max min: x, …
clip: x, y, z
root(x, y) = where(abs(y % 2) == 1, sign(x)*abs(x)^(1/y), x^(1/y))
"""

LATEX = Dialect(
    "latex", "a formula of LaTeX",
    {
        **OPERATORS,
        "prefix -": OperatorForm("-{}", PRODUCT, (PRODUCT,)),
        **{sign: OperatorForm(f"{{}} {sign} {{}}", COMPARISON, (SUM, SUM), truth=True)
           for sign in ("<", "<=", ">", ">=", "!=")},
        "=": OperatorForm("{} == {}", COMPARISON, (SUM, SUM), "`=` in a condition is `==`", truth=True),
        "mod": OperatorForm("{} % {}", PRODUCT, (PRODUCT, PRODUCT + 1), r"`\bmod` is `%`, with the divisor's sign"),
        "and": OperatorForm("{} and {}", BOTH, (BOTH, NOT), truth=True),
        "or": OperatorForm("{} or {}", EITHER, (EITHER, BOTH), truth=True),
        "prefix not": OperatorForm("not {}", NOT, (NOT,), truth=True),
    },
    functions(_FUNCTIONS, "latex"), scope="every", chains=True,
    constants={r"\pi": "pi", "e": "e", r"\infty": "inf", r"\mathrm{nan}": "nan"},
    refused={
        r"\mathrm{i}": "it is the imaginary unit, and there are no complex numbers here",
        r"\mathrm{d}": r"it belongs to a derivative or an integral; name a quantity `\mathrm{dx}` or `d`",
    },
)  # fmt: skip

# The templates of constructs that are no function by name.
EXPONENTIAL, SQUARE_ROOT, CUBE_ROOT, ABSOLUTE, FLOOR, CEILING, CROSS_PRODUCT, NORM = (
    "exp({})", "sqrt({})", "cbrt({})", "abs({})", "floor({})", "ceil({})", "cross({}, {})", "norm({})",
)  # fmt: skip
FACTORIAL, LOGARITHM, LENGTH, DERIVATIVE = "gamma({} + 1)", "log({}, {})", "hypot({})", "d({}, {})"
CHOICE, NOTHING = "where({}, {}, ", "nan"
ODD_ROOT, BINOMIAL = "root", "binom"
# Sums and products over an index: the form in our language, the operator between written-out terms, and the empty one.
SUMMED = {r"\sum": ("sum({} for {} in {}:{})", " + ", "0"), r"\prod": ("prod({} for {} in {}:{})", "*", "1")}
TRUTHS = frozenset(("isnan", "isinf", "isfinite"))
NATURAL, BASES = "log", {"2": "lb", "10": "lg", "e": "ln"}
# The function that is written as a capital Greek letter.
GAMMA = r"\Gamma"
# The letter that makes one name with the next, as in a difference.
DIFFERENCE = "Delta"
INVERSES = (
    {name: f"arc{name}" for name in ("sin", "cos", "tan", "sec", "csc", "cot")}
    | {name: f"ar{name}" for name in ("sinh", "cosh", "tanh")}
    | {name: f"{name}inv" for name in ("erf", "erfc")}
)
# Letters that denote functions: any; special ones of the DLMF; and those with an order, which is a subscript.
FUNCTION_LETTERS = frozenset("f g F G H S C B O P Q N Phi varphi phi psi sigma zeta".split())
FUNCTIONS_OF_ORDER = frozenset("J Y I K H W E P Q psi".split())

# Commands of TeX.
GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi omicron pi varpi rho "
    "varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi "
    "Omega hbar ell infty".split()
)
CALLED = frozenset("sin cos tan sec csc cot sinh cosh tanh coth arcsin arccos arctan exp ln log lg max min".split()) | {
    "erf",
    "sgn",
    "arsinh",
    "arcosh",
    "artanh",
    "sech",
    "csch",
}
# Words that are typed without a backslash by mistake.
TYPED = frozenset((*CALLED, "sqrt", "abs", "frac", "sign", "floor", "ceil", "pi", *(w for w in GREEK if len(w) > 2)))
UPRIGHT = frozenset("mathrm text textrm textnormal mathit textit textsf mathsf mbox operatorname texttt mathtt".split())
STYLED = {"mathbf": "bf", "boldsymbol": "bf", "bm": "bf", "textbf": "bf", "mathcal": "cal", "mathscr": "scr",
          "mathbb": "bb", "mathfrak": "frak"}  # fmt: skip
ACCENTS = {"bar": "bar", "overline": "bar", "hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde",
           "vec": "vec", "dot": "dot", "ddot": "ddot", "check": "check", "breve": "breve", "acute": "acute",
           "grave": "grave", "mathring": "ring"}  # fmt: skip
SPACES = frozenset((",", ";", ":", " ", "\n", "quad", "qquad", "enspace", "thinspace", "medspace", "thickspace", ">"))
SILENT = frozenset(
    "! / limits nolimits displaystyle textstyle scriptstyle nonumber notag middle left right big Big bigg Bigg bigl "
    "bigr Bigl Bigr biggl biggr Biggl Biggr negthinspace mathopen mathclose mathord strut".split()
)
# Commands whose argument is no part of the formula.
ASIDE = frozenset("label tag phantom hphantom vphantom hspace vspace hspace* color ref".split())
SIGNS = {
    "+": "PLUS", "-": "MINUS", "*": "TIMES", "cdot": "TIMES", "times": "TIMES", "ast": "TIMES", "/": "DIV",
    "div": "DIV",
    "<": "COMPARED", ">": "COMPARED", "lt": "COMPARED", "gt": "COMPARED", "le": "COMPARED", "leq": "COMPARED",
    "leqslant": "COMPARED", "ge": "COMPARED", "geq": "COMPARED", "geqslant": "COMPARED", "ne": "COMPARED",
    "neq": "COMPARED", "=": "EQ", "coloneqq": "EQ", "coloneq": "EQ", "land": "AND", "wedge": "AND", "lor": "OR",
    "vee": "OR", "lnot": "NOT", "neg": "NOT", "bmod": "MOD", "sum": "SUM", "prod": "SUM", "frac": "FRAC",
    "dfrac": "FRAC",
    "tfrac": "FRAC", "cfrac": "FRAC", "binom": "BINOM", "dbinom": "BINOM", "tbinom": "BINOM", "sqrt": "SQRT",
    ",": "COMMA", "!": "BANG", "&": "AMP", "−": "MINUS", "·": "TIMES", "×": "TIMES", "⋅": "TIMES", "≤": "COMPARED",
    "≥": "COMPARED", "≠": "COMPARED",
}  # fmt: skip
# Signs by the names of our operators.
MEANT = {
    "cdot": "*", "times": "*", "ast": "*", "div": "/", "lt": "<", "gt": ">", "le": "<=", "leq": "<=", "leqslant": "<=",
    "ge": ">=", "geq": ">=", "geqslant": ">=", "ne": "!=", "neq": "!=", "land": "and", "wedge": "and", "lor": "or",
    "vee": "or", "lnot": "not", "neg": "not", "bmod": "mod", "−": "-", "·": "*", "×": "*", "⋅": "*", "≤": "<=",
    "≥": ">=", "≠": "!=",
}  # fmt: skip
OPENED = {"(": "LPAR", "[": "LBRACK", "{": "LCURLY", "lbrace": "LCURLY", "lbrack": "LBRACK", "lparen": "LPAR",
          "lfloor": "LFLOOR", "lceil": "LCEIL", "lvert": "LBAR", "lVert": "LNORM"}  # fmt: skip
CLOSED = {")": "RPAR", "]": "RBRACK", "}": "RCURLY", "rbrace": "RCURLY", "rbrack": "RBRACK", "rparen": "RPAR",
          "rfloor": "RFLOOR", "rceil": "RCEIL", "rvert": "RBAR", "rVert": "RNORM"}  # fmt: skip
BARS = {"|": "BAR", "vert": "BAR", "Vert": "NORM"}
# Words of a sentence inside a formula.
SPOKEN = {"if": "IF", "for": "IF", "when": "IF", "where": "IF", "otherwise": "OTHERWISE", "else": "OTHERWISE",
          "and": "AND", "or": "OR", "not": "NOT"}  # fmt: skip
# Commands that stand in subscripts, and signs there as a name has them.
WORDS_BELOW = frozenset("max min sup inf lim ln log det dim deg".split())
# Environments that hold formulas, one a row.
SHOWN = frozenset("equation align aligned gather gathered split multline displaymath math flalign eqnarray".split())
ARRAY = "array"
CHOSEN = frozenset(("cases", "dcases", "rcases", ARRAY))
SIGNS_IN_NAMES = {"+": "plus", "-": "minus", "*": "star"}
# Commands without a counterpart, and the reason.
REFUSED = {
    "int": "an integral has no counterpart", "oint": "an integral has no counterpart",
    "iint": "an integral has no counterpart", "lim": "a limit has no counterpart",
    "partial": r"a derivative is read as `\frac{\partial}{\partial x} \left(…\right)` alone",
    "pm": "it stands for two values; write two formulas", "mp": "it stands for two values; write two formulas",
    "ldots": "the terms that it stands for are not written", "dots": "the terms that it stands for are not written",
    "cdots": "the terms that it stands for are not written", "approx": "it is no equality",
    "equiv": "it is no equality",
    "sim": "it is no equality", "in": "sets have no counterpart", "nabla": "a derivative has no counterpart here",
    "top": "matrices have no counterpart", "circ": r"degrees are written `\frac{\pi}{180}`",
    "dagger": "matrices have no counterpart", "prime": "a derivative is written out, a name without the mark",
    "det": "matrices have no counterpart", "mod": r"a remainder is written `\bmod`", "arg": "it is of complex numbers",
    "%": "write the number as a quotient by 100", "$": "it is a unit",
}  # fmt: skip
