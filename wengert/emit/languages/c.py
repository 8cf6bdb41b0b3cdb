"""C99, with nothing but its standard library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...ops.bodies import ARRAY, FLOAT, PAIR
from ...ops.syntax import CHOICE, OPERATORS, SIGN, TIGHT, Spelling, Text
from ..writing import Written
from .frame import VECTORS, commented, described, headed, numbers, parts, rows, without_collisions
from .language import ARITHMETIC, Language, library, truths

# Keywords up to C23, the names that the included headers declare or define, and macros that old compilers predefine.
WORDS = """
alignas alignof asm auto bool break case char const constexpr continue default do double else enum extern false float
for fortran goto if inline int long near far nullptr register restrict return short signed sizeof static static_assert
struct switch thread_local true typedef typeof typeof_unqual union unsigned void volatile while
linux unix i386 i486 i586 i686 vax sun mips hpux sparc
acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh drem erf erfc exp exp10 exp2 expm1 fabs fdim finite
floor fma fmax fmin fmod fpclassify frexp gamma hypot ilogb infinity isfinite isgreater isgreaterequal isinf isless
islessequal islessgreater isnan isnormal isunordered isinff isnanf j0 j1 jn y0 y1 yn ldexp lgamma llrint llround log
log10 log1p log2 logb lrint lround math_errhandling modf nan nearbyint nextafter nexttoward pow pow10 remainder remquo
rint round roundeven scalb scalbln scalbn signbit signgam significand sin sincos sinh sqrt tan tanh tgamma trunc
fmaximum fminimum nextup nextdown canonicalize totalorder setpayload getpayload double_t float_t exception
matherr calloc free malloc realloc printf puts putchar size_t ssize_t stdin stdout stderr abs labs exit abort main pair
near_enough vectors
NULL NAN INFINITY EOF HUGE HUGE_VAL HUGE_VALF HUGE_VALL MAXFLOAT MATH_ERRNO MATH_ERREXCEPT DOMAIN OVERFLOW UNDERFLOW
PLOSS TLOSS SING SNAN BUFSIZ FILENAME_MAX FOPEN_MAX SEEK_SET SEEK_CUR SEEK_END SEEK_DATA SEEK_HOLE TMP_MAX L_tmpnam
L_ctermid L_cuserid P_tmpdir RAND_MAX EXIT_SUCCESS EXIT_FAILURE MB_CUR_MAX WNOHANG WUNTRACED WSTOPPED WEXITED
WCONTINUED WNOWAIT WEXITSTATUS WTERMSIG WSTOPSIG WIFEXITED WIFSIGNALED WIFSTOPPED WIFCONTINUED WCOREDUMP
BIG_ENDIAN LITTLE_ENDIAN PDP_ENDIAN BYTE_ORDER FD_SET FD_CLR FD_ISSET FD_ZERO FD_SETSIZE NFDBITS alloca
htobe16 htole16 be16toh le16toh htobe32 htole32 be32toh le32toh htobe64 htole64 be64toh le64toh
FP_NAN FP_INFINITE FP_ZERO FP_SUBNORMAL FP_NORMAL FP_ILOGB0 FP_ILOGBNAN FP_FAST_FMA FP_FAST_FMAF FP_FAST_FMAL FP_LLOGB0
FP_LLOGBNAN FP_INT_UPWARD FP_INT_DOWNWARD FP_INT_TOWARDZERO FP_INT_TONEAREST FP_INT_TONEARESTFROMZERO
M_E M_LOG2E M_LOG10E M_LN2 M_LN10 M_PI M_PI_2 M_PI_4 M_1_PI M_2_PI M_2_SQRTPI M_SQRT2 M_SQRT1_2
""".split()


class C(Language):
    title = "C"
    ascii = True
    leading = False
    block = 400
    words = frozenset(WORDS)
    functions = {
        **ARITHMETIC,
        **library("{}"),
        "math.isfinite": Spelling("isfinite({0})"),
        **truths(OPERATORS, "(double)({})", SIGN),
        "elementary.where": Spelling("{0} != 0.0 ? {1} : {2}", CHOICE, TIGHT),
    }

    def finite(self, a: float) -> str:
        # Compilers may round a long decimal wrongly; a short one, or hexadecimal digits, they all read rightly.
        text = repr(a)
        digits = text.partition("e")[0].lstrip("-0.").replace(".", "")
        return text if len(digits) <= 15 else a.hex()

    def pair(self, a: str, b: str) -> Text:
        return Text(f"(pair){{{a}, {b}}}")

    def array(self, items: Sequence[str]) -> str:
        return f"(const double[]){{{', '.join(items)}}}, {len(items)}"

    def whole(self, name: str, count: int) -> str:
        return f"{name}, {count or f'{name}_count'}"

    def let(self, name: str, value: str) -> str:
        return f"const double {name} = {value};"

    def declare(self, names: Mapping[str, str]) -> list[str]:
        by_kind = {kind: [n for n, k in names.items() if k == kind] for kind in (FLOAT, PAIR)}
        return [f"{_KINDS[kind]} {', '.join(found)};" for kind, found in by_kind.items() if found]

    def loop(self, heads: Sequence[tuple[str, str]], count: str, start: int) -> list[str]:
        arrays = [(name, *array.split(", ")) for name, array in heads]
        return [
            f"for (int at = 0; at < {arrays[0][2]}; at++) {{",
            *(f"  {name} = {array}[at];" for name, array, _ in arrays),
            *([f"  {count} = at + {start};"] if count else []),
        ]

    def head(self, name: str, params: Sequence[tuple[str, str]], returns: str) -> str:
        """The first line of a function of the prelude."""
        shown = (f"const double *{n}, int {n}_count" if k == ARRAY else f"{_KINDS[k]} {n}" for n, k in params)
        return f"static {_KINDS[returns]} {name}({', '.join(shown)})"

    def function(self, name: str, params: Sequence[tuple[str, str]], returns: str, body: Sequence[str]) -> str:
        return "\n".join([f"{self.head(name, params, returns)} {{", *body, "}"])

    def prototype(self, name: str, params: Sequence[tuple[str, str]], returns: str) -> str:
        return f"{self.head(name, params, returns)};"

    def constant(self, name: str, value: float | tuple[float, ...]) -> str:
        if isinstance(value, float):
            return f"static const double {name} = {self.number(value).text};"
        lines = rows((self.number(a).text for a in value), "  ")
        return "\n".join([f"static const double {name}[] = {{", *lines, "};"])

    def program(self, written: Written) -> str:
        tested = bool(written.vectors)
        said = described(written)
        pairs = [_PAIR] if any("pair" in text for text in written.prelude) else []
        includes = ["math.h", *(["stdio.h"] if tested else []), *(["stdlib.h"] if written.store else [])]
        parts = [
            "\n".join(f"// {line}" for line in [*said, _COMPILE]),
            "\n".join(f"#include <{name}>" for name in includes),
            _CONTRACT, *pairs, *written.prelude, *_functions(written, self), *(_tests(written, self) if tested else []),
        ]  # fmt: skip
        return "\n\n".join(parts) + "\n"


_KINDS = {FLOAT: "double", PAIR: "pair"}
_PAIR = "typedef struct {\n  double high, low;\n} pair;"
_COMPILE = "Compile it with: cc -std=c99 -O2 FILE.c -lm; -ffast-math would give up the arithmetic of IEEE 754."
# A compiler may fuse a product and a sum, which are then rounded once instead of twice.
_CONTRACT = "#if defined(__clang__)\n#pragma STDC FP_CONTRACT OFF\n#endif"


def _functions(written: Written, language: C) -> list[str]:
    w, x = written.ours("w"), written.ours("x")
    if not written.store:
        (block,) = written.blocks
        body = commented(block.lines, language, "  ")
        return [_whole(written, [*_inputs(written), *body, *_outputs(written)])]
    taken = [(n, at) for n, at in written.blocks[-1].takes if not written.spread or n not in written.inputs]
    source = list(written.inputs) if written.spread else [f"{x}[{i}]" for i in range(len(written.inputs))]
    body = [
        f"  double *{w} = malloc({written.store} * sizeof *{w});",
        f"  if (!{w}) {{",
        *_outputs(written, dict.fromkeys(written.answers, "NAN"), "    "),
        *(["    return;"] if len(written.values) > 1 else []),
        "  }",
        *(f"  {w}[{i}] = {a};" for i, a in enumerate(source)),
        *(f"  {part}({w});" for part in written.parts),
        *(f"  const double {n} = {w}[{at}];" for n, at in taken),
        f"  free({w});",
        *_outputs(written),
    ]
    blocks = parts(written, language, "static void {0}(double *{1}) {{", "const double {0} = {1};")
    return [*blocks, _whole(written, body)]


def _inputs(written: Written) -> list[str]:
    if written.spread:
        used = {a for e in written.program.wlist.equations for a in e.inputs} | {*written.program.wlist.outputs}
        return [f"  (void){n};" for n, name in zip(written.inputs, written.program.wlist.inputs) if name not in used]
    return [f"  const double {n} = {written.ours('x')}[{i}];" for i, n in enumerate(written.inputs)]


def _whole(written: Written, body: list[str]) -> str:
    params = [f"double {n}" for n in written.inputs] if written.spread else [f"const double *{written.ours('x')}"]
    several = len(written.values) > 1
    arrays = {"value": several, "gradient": bool(written.first), "hessian": bool(written.second)}
    params += [f"double *{written.ours(word)}" for word, there in arrays.items() if there]
    kind = "void" if several else "double"
    return "\n".join([headed(f"{kind} {written.name}", params or ["void"], " {", "  "), *body, "}"])


def _outputs(written: Written, names: Mapping[str, str] = {}, indent: str = "  ") -> list[str]:
    several = len(written.values) > 1
    first = [a for row in written.first for a in row]
    second = [a for row in written.second for a in row]
    lines = [
        f"{indent}{written.ours(array)}[{k}] = {names.get(a, a)};"
        for array, answers in (("value", written.values if several else []), ("gradient", first), ("hessian", second))
        for k, a in enumerate(answers)
    ]
    return lines if several else [*lines, f"{indent}return {names.get(written.values[0], written.values[0])};"]


def _tests(written: Written, language: C) -> list[str]:
    n, m = len(written.inputs), len(written.answers)
    several = len(written.values)
    args = [f"t[{i}]" for i in range(n)] if written.spread else ["t"]
    args += ["got"] * (several > 1) + [f"got + {several}"] * bool(written.first)
    args += [f"got + {several + len(written.first) * len(written.program.wrt)}"] * bool(written.second)
    call = f"{written.name}({', '.join(args)});"
    table = [line for row in numbers(written, language) for line in _braced(rows(row, "   "))]
    return [
        f"// {VECTORS}",
        "\n".join([f"static const double vectors[][{n + 2 * m}] = {{", *table, "};"]),
        _NEAR,
        without_collisions(
            f"""int main(void) {{
  int wrong = 0;
  for (size_t k = 0; k < sizeof vectors / sizeof *vectors; k++) {{
    const double *t = vectors[k];
    double got[{m}];
    {"" if several > 1 else "got[0] = "}CALL
    for (int i = 0; i < {m}; i++) {{
      if (near_enough(got[i], t[{n} + i], t[{n + m} + i])) continue;
      printf("vector %d, answer %d: %.17g, not %.17g\\n", (int)k, i, got[i], t[{n} + i]);
      wrong++;
    }}
  }}
  printf("%d wrong of %d answers\\n", wrong, (int)(sizeof vectors / sizeof *vectors) * {m});
  return wrong > 0;
}}""",
            "wrong k t i",
            written,
        ).replace("CALL", call),
    ]


def _braced(lines: list[str]) -> list[str]:
    lines = [f"  {{{lines[0].strip()}", *lines[1:]]
    return [*lines[:-1], f"{lines[-1]}}},"]


_NEAR = """static int near_enough(double got, double want, double within) {
  if (got == want || (isnan(got) && isnan(want))) return 1;
  return isfinite(want) && fabs(got - want) <= within;
}"""
