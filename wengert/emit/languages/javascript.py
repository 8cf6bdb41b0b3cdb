"""JavaScript: a script for browsers and a module for Node, with nothing but the standard library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...ops.syntax import CHOICE, OPERATORS, PRODUCT, TIGHT, Spelling, Text
from ..writing import Written
from .frame import VECTORS, answers, apart, commented, described, folded, headed, numbers, parts, rows
from .language import ARITHMETIC, Language, library, truths

WORDS = """
abstract any arguments as async await boolean break byte case catch char class const continue debugger default delete do
double else enum eval export extends false final finally float for from function get goto if implements import in
instanceof int interface let long native new null of package private protected public return set short static super
switch synchronized this throw throws transient true try typeof undefined var void volatile while with yield
Array Infinity Math NaN Number Object console check exports globalThis module process require window
""".split()

COPYSIGN = """function copysign(a, b) {
  return b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a);
}"""
# In JavaScript, unlike in IEEE 754, 1 to the power nan is nan.
POW = """function pow(a, b) {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b);
}"""


_OPERATORS = {
    **OPERATORS, "==": OPERATORS["=="]._replace(sign="==="), "!=": OPERATORS["!="]._replace(sign="!=="),
}  # fmt: skip


class JavaScript(Language):
    title = "JavaScript"
    block = 2000
    words = frozenset(WORDS)
    inf, nan = "Infinity", "NaN"
    operators = _OPERATORS
    first, second = "[0]", "[1]"
    extras = {"copysign": COPYSIGN, "pow": POW}
    functions = {
        **ARITHMETIC,
        **library("Math.{}", fabs="abs", fmod="", copysign="", pow="", erf="", erfc=""),
        "math.fmod": Spelling("{0} % {1}", PRODUCT, TIGHT),
        "math.copysign": Spelling("copysign({0}, {1})"),
        "math.pow": Spelling("pow({0}, {1})"),
        "math.isfinite": Spelling("Number.isFinite({0})"),
        **truths(_OPERATORS, "Number({})", TIGHT),
        "elementary.where": Spelling("{0} !== 0.0 ? {1} : {2}", CHOICE, TIGHT),
    }

    def pair(self, a: str, b: str) -> Text:
        return Text(f"[{a}, {b}]")

    def array(self, items: Sequence[str]) -> str:
        return f"[{', '.join(items)}]"

    def let(self, name: str, value: str) -> str:
        return f"const {name} = {value};"

    def declare(self, names: Mapping[str, str]) -> list[str]:
        return [f"let {', '.join(names)};"]

    def loop(self, heads: Sequence[tuple[str, str]], count: str, start: int) -> list[str]:
        return [
            f"for (let at = 0; at < {heads[0][1]}.length; at++) {{",
            *(f"  {name} = {array}[at];" for name, array in heads),
            *([f"  {count} = at + {start};"] if count else []),
        ]

    def function(self, name: str, params: Sequence[tuple[str, str]], returns: str, body: Sequence[str]) -> str:
        return "\n".join([f"function {name}({', '.join(n for n, _ in params)}) {{", *body, "}"])

    def constant(self, name: str, value: float | tuple[float, ...]) -> str:
        if isinstance(value, float):
            return f"const {name} = {self.number(value).text};"
        return "\n".join([f"const {name} = [", *rows((self.number(a).text for a in value), "  "), "];"])

    def program(self, written: Written) -> str:
        parts = [
            "\n".join(f"// {line}" for line in described(written)),
            '"use strict";',
            *[text for text in written.prelude if text.startswith("const ")],
            *_functions(written, self),
            *[text for text in written.prelude if not text.startswith("const ")],
            *(_tests(written, self) if written.vectors else []),
            f'if (typeof module !== "undefined") module.exports = {{ {written.name} }};',
        ]
        return "\n\n".join(parts) + "\n"


class Script(JavaScript):
    """Only the functions, without comments, for a script in a page: it contains no text of the program."""

    title = "a script"

    def heading(self, text: str) -> str:
        return ""

    def program(self, written: Written) -> str:
        lines = "\n".join([*written.prelude, *_functions(written, self)]).split("\n")
        return "\n".join(line.strip() for line in lines if line.strip() and not line.strip().startswith("//")) + "\n"


def _functions(written: Written, language: JavaScript) -> list[str]:
    w, x = written.ours("w"), written.ours("x")
    params = ", ".join(written.inputs) if written.spread else x
    taken = [] if written.spread else ["  const [", *rows(written.inputs, "    "), f"  ] = {x};"]
    blocks: list[str] = []
    if not written.store:
        (block,) = written.blocks
        body = [*taken, *commented(block.lines, language, "  ")]
    else:
        blocks = parts(written, language, "function {0}({1}) {{", "const {0} = {1};")
        body = [
            f"  const {w} = new Float64Array({written.store});",
            *([f"  {w}.set([{params}]);"] if written.spread else [f"  {w}.set({x});"]),
            *(f"  {part}({w});" for part in written.parts),
            *(f"  const {n} = {w}[{at}];" for n, at in written.blocks[-1].takes if n not in params.split(", ")),
        ]
    head = headed(f"function {written.name}", params.split(", "), " {", "  ")
    return ["\n".join([head, *body, *folded(f"return {_result(written)};", "  "), "}"]), *blocks]


def _result(written: Written) -> str:
    found = answers(written, _list)
    return _list(found) if len(found) > 1 else found[0]


def _list(items: Sequence[str]) -> str:
    return f"[{', '.join(items)}]"


def _tests(written: Written, language: JavaScript) -> list[str]:
    n, m = len(written.inputs), len(written.answers)
    table = [line for row in numbers(written, language) for line in ("    [", *rows(row, "      "), "    ],")]
    call = f"{written.name}({'...' if written.spread else ''}row.slice(0, {n}))"
    return [apart(f"""function check() {{
  // {VECTORS}
  const vectors = [
{chr(10).join(table)}
  ];
  let wrong = 0;
  vectors.forEach((row, k) => {{
    [CALL].flat(3).forEach((got, i) => {{
      const want = row[{n} + i];
      const near = Number.isFinite(want) && Math.abs(got - want) <= row[{n + m} + i];
      if (near || got === want || (Number.isNaN(got) && Number.isNaN(want))) return;
      console.log(`vector ${{k}}, answer ${{i}}: ${{got}}, not ${{want}}`);
      wrong++;
    }});
  }});
  console.log(`${{wrong}} wrong of ${{vectors.length * {m}}} answers`);
  return wrong === 0;
}}""", "vectors wrong row k got i want near", written).replace("CALL", call),
        'if (typeof require !== "undefined" && require.main === module && !check()) process.exitCode = 1;',
    ]  # fmt: skip
