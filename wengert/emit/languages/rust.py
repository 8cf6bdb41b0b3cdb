"""Rust, with nothing but its standard library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...ops.bodies import ARRAY, FLOAT, PAIR
from ...ops.syntax import CHOICE, OPERATORS, PRODUCT, TIGHT, Spelling, Text
from ..writing import Written
from .frame import VECTORS, commented, described, folded, headed, numbers, parts, rows, without_collisions
from .language import ARITHMETIC, Language, library, truths

WORDS = """
Self abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen if
impl in let loop macro match mod move mut override priv pub ref return self static struct super trait true try type
typeof unsafe unsized use virtual where while yield raw union safe
None Some Ok Err Option Result Vec String Box f64 usize bool main check vec println core std alloc VECTORS
""".split()


_LIBRARY = library(
    "f64::{}", fabs="abs", expm1="exp_m1", log="ln", log1p="ln_1p", pow="powf", fmod="", erf="", erfc="", asinh="",
    acosh="", atanh="",
)  # fmt: skip


class Rust(Language):
    title = "Rust"
    ascii = True
    block = 400
    words = frozenset(WORDS)
    inf, nan = "f64::INFINITY", "f64::NAN"
    first, second = ".0", ".1"
    when, repeat = "if {0} {{", "while {0} {{"
    functions = {
        **ARITHMETIC,
        **_LIBRARY,
        "math.fmod": Spelling("{0} % {1}", PRODUCT, TIGHT),
        "math.isfinite": Spelling("f64::is_finite({0})"),
        **truths(OPERATORS, "f64::from({})", TIGHT),
        "elementary.where": Spelling("if {0} != 0.0 {{ {1} }} else {{ {2} }}", CHOICE, TIGHT),
    }

    def choice(self, test: Text, yes: Text, no: Text) -> Text:
        return Text(f"if {test.text} {{ {yes.text} }} else {{ {no.text} }}", CHOICE)

    def pair(self, a: str, b: str) -> Text:
        return Text(f"({a}, {b})")

    def array(self, items: Sequence[str]) -> str:
        return f"&[{', '.join(items)}]"

    def whole(self, name: str, count: int) -> str:
        return f"&{name}" if count else name

    def let(self, name: str, value: str) -> str:
        return f"let {name}: f64 = {value};"

    def declare(self, names: Mapping[str, str]) -> list[str]:
        zero = {FLOAT: "0.0_f64", PAIR: "(0.0_f64, 0.0_f64)"}
        return [f"let mut {name} = {zero[kind]};" for name, kind in names.items()]

    def loop(self, heads: Sequence[tuple[str, str]], count: str, start: int) -> list[str]:
        arrays = [(name, array.lstrip("&")) for name, array in heads]
        return [
            f"for at in 0..{arrays[0][1]}.len() {{",
            *(f"  {name} = {array}[at];" for name, array in arrays),
            *([f"  {count} = (at + {start}) as f64;"] if count else []),
        ]

    def function(self, name: str, params: Sequence[tuple[str, str]], returns: str, body: Sequence[str]) -> str:
        shown = (f"{n}: &[f64]" if k == ARRAY else f"mut {n}: {_KINDS[k]}" for n, k in params)
        return "\n".join([f"fn {name}({', '.join(shown)}) -> {_KINDS[returns]} {{", *body, "}"])

    def constant(self, name: str, value: float | tuple[float, ...]) -> str:
        if isinstance(value, float):
            return f"const {name}: f64 = {self.number(value).text};"
        lines = rows((self.number(a).text for a in value), "  ")
        return "\n".join([f"static {name}: [f64; {len(value)}] = [", *lines, "];"])

    def program(self, written: Written) -> str:
        parts = [
            "\n".join(f"// {line}" for line in [*described(written), "Compile it with: rustc -O FILE.rs"]),
            _ALLOWED, *_functions(written, self), *written.prelude, *(_tests(written, self) if written.vectors else []),
        ]  # fmt: skip
        return "\n\n".join(parts) + "\n"


_KINDS = {FLOAT: "f64", PAIR: "(f64, f64)"}
_ALLOWED = """#![allow(unused_parens, unused_mut, unused_assignments, unused_variables, dead_code)]
#![allow(non_snake_case, non_upper_case_globals, clippy::all)]"""


def _functions(written: Written, language: Rust) -> list[str]:
    w, x = written.ours("w"), written.ours("x")
    source = list(written.inputs) if written.spread else [f"{x}[{i}]" for i in range(len(written.inputs))]
    if not written.store:
        (block,) = written.blocks
        taken = [] if written.spread else [f"  {language.let(n, s)}" for n, s in zip(written.inputs, source)]
        return [_whole(written, [*taken, *commented(block.lines, language, "  ")])]
    body = [
        f"  let mut {w} = vec![0.0_f64; {written.store}];",
        # The compiler knows the length of an array, and so need not check every index.
        f"  let {w}: &mut [f64; {written.store}] = std::convert::TryInto::try_into(&mut {w}[..]).unwrap();",
        *(f"  {w}[{i}] = {a};" for i, a in enumerate(source)),
        *(f"  {part}({w});" for part in written.parts),
        *(f"  let {n} = {w}[{at}];" for n, at in written.blocks[-1].takes),
    ]
    head = f"fn {{0}}({{1}}: &mut [f64; {written.store}]) {{{{"
    return [_whole(written, body), *parts(written, language, head, "let {0} = {1};")]


def _whole(written: Written, body: list[str]) -> str:
    """The text of the function. Its answers are values and arrays; with many inputs they are vectors, as the stack may
    be too small for the arrays."""
    params = [f"{n}: f64" for n in written.inputs] if written.spread else [f"{written.ours('x')}: &[f64]"]
    n, m = len(written.program.wrt), len(written.values)
    form = "[{0}; {1}]" if written.spread else "Vec<{0}>"
    kinds = [form.format("f64", m) if m > 1 else "f64"]
    answers = [_list(written, written.values) if m > 1 else written.values[0]]
    for rows_, count in ((written.first, m), (written.second, n)):
        if rows_:
            flat = count == 1 and rows_ is written.first
            row = form.format("f64", n)
            kinds.append(row if flat else form.format(row, count))
            lists = [_list(written, row) for row in rows_]
            answers.append(lists[0] if flat else _list(written, lists))
    kind, answer = (f"({', '.join(k)})" if len(k) > 1 else k[0] for k in (kinds, answers))
    head = headed(f"pub fn {written.name}", params, f" -> {kind} {{", "  ")
    return "\n".join([head, *body, *folded(answer, "  "), "}"])


def _list(written: Written, items: Sequence[str]) -> str:
    return f"{'' if written.spread else 'vec!'}[{', '.join(items)}]"


def _tests(written: Written, language: Rust) -> list[str]:
    n, m = len(written.inputs), len(written.answers)
    table = [line for row in numbers(written, language) for line in ("  [", *rows(row, "    "), "  ],")]
    args = ", ".join(f"t[{i}]" for i in range(n)) if written.spread else f"&t[..{n}]"
    several = len(written.values) > 1
    alone = not written.first
    found = "found" if alone else "found.0"
    lines = [f"got.extend({found});" if several else f"got.push({found});"]
    if written.first:
        lines.append("got.extend(found.1.iter().flatten());" if several else "got.extend(found.1);")
    if written.second:
        lines.append("got.extend(found.2.iter().flatten());")
    return [
        f"// {VECTORS}",
        "\n".join([f"static VECTORS: [[f64; {n + 2 * m}]; {len(written.vectors)}] = [", *table, "];"]),
        without_collisions(
            f"""pub fn check() -> bool {{
  let mut wrong = 0;
  for (k, t) in VECTORS.iter().enumerate() {{
    let found = CALL;
    let mut got: Vec<f64> = Vec::new();
{chr(10).join(f"    {line}" for line in lines)}
    for i in 0..{m} {{
      let (want, within) = (t[{n} + i], t[{n + m} + i]);
      let near = want.is_finite() && (got[i] - want).abs() <= within;
      if near || got[i] == want || (got[i].is_nan() && want.is_nan()) {{
        continue;
      }}
      println!("vector {{}}, answer {{}}: {{:e}}, not {{:e}}", k, i, got[i], want);
      wrong += 1;
    }}
  }}
  println!("{{}} wrong of {{}} answers", wrong, VECTORS.len() * {m});
  wrong == 0
}}""",
            "wrong k t want within near i",
            written,
        ).replace("CALL", f"{written.name}({args})"),
        """fn main() {
  if !check() {
    std::process::exit(1);
  }
}""",
    ]
