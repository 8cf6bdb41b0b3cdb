"""LaTeX: names, brackets by precedence, and that what is written means what the list computes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from tests import FULL, some
from tests.oracles.programs import ELEMENTWISE, Point, programs
from wengert.language import parse
from wengert.lists.wengert_list import WengertList
from wengert.ops import OPS
from wengert.show import latex, latex_atom, latex_equation, latex_name
from wengert.sweeps.forward import evaluate
from wengert.sweeps.numbers import Numbers
from wengert.transforms.derivatives import gradient


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("x", "x"),
        ("x1", "x_{1}"),
        ("x_1", "x_{1}"),
        ("x12", "x_{12}"),
        ("x1_2", "x_{1,2}"),
        ("w_ij", "w_{ij}"),
        ("x_max", r"x_{\mathrm{max}}"),
        ("theta", r"\theta"),
        ("Omega_0", r"\Omega_{0}"),
        ("θ", r"\theta"),
        ("λ2", r"\lambda_{2}"),
        ("ω_x", r"\omega_{x}"),
        ("x_bar", r"\bar{x}"),
        ("x1_bar", r"\bar{x}_{1}"),
        ("theta_dot", r"\dot{\theta}"),
        ("x1_bar_dot", r"\dot{\bar{x}}_{1}"),
        ("bar", r"\mathrm{bar}"),
        ("loss", r"\mathrm{loss}"),
        ("loss_bar", r"\bar{\mathrm{loss}}"),
        ("_", r"\_"),
        ("pi", r"\pi"),
        ("e", "e"),
        ("inf", r"\infty"),
        ("infinity", r"\mathrm{infinity}"),
        ("масса", r"\mathrm{масса}"),
    ],
)
def test_names(name: str, written: str) -> None:
    assert latex_name(name) == written


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (2.0, "2"), (-0.5, "-0.5"), (1e-7, "10^{-7}"), (-1e-7, "-10^{-7}"), (1.5e300, r"1.5 \cdot 10^{300}"),
        (float("inf"), r"\infty"), (float("-inf"), r"-\infty"), (float("nan"), r"\mathrm{nan}"),
    ],
)  # fmt: skip
def test_numbers(number: float, written: str) -> None:
    assert latex_atom(number) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("(2*x1 + x2)^2", r"{\left(2 \, x_{1} + x_{2}\right)}^{2}"),
        ("a/(b*c)", r"\frac{a}{b \, c}"),
        ("(a + b)/(c - d)", r"\frac{a + b}{c - d}"),
        ("a - (b - c)", r"a - \left(b - c\right)"),
        ("a*-b - -c", r"a \, \left(-b\right) - \left(-c\right)"),
        ("-(a*b)", r"-a \, b"),
        ("-(a + b)", r"-\left(a + b\right)"),
        ("a*2*3 + a*2^b", r"a \cdot 2 \cdot 3 + a \cdot {2}^{b}"),
        ("a*(b%c) - a%b", r"a \, \left(b \bmod c\right) - \left(a \bmod b\right)"),
        ("(a/b)^(c/d)", r"{\left(\frac{a}{b}\right)}^{\frac{c}{d}}"),
        ("(a^b)^c", r"{\left({a}^{b}\right)}^{c}"),
        ("a^b^c", r"{a}^{{b}^{c}}"),
        ("sin(x + 1)^2", r"{\left(\sin\left(x + 1\right)\right)}^{2}"),
        ("abs(x)^2", r"{\left|x\right|}^{2}"),
        ("sqrt(a + b)*c", r"\sqrt{a + b} \, c"),
        ("exp(-(x^2))", "e^{-{x}^{2}}"),
        ("2*expm1(x)", r"2 \, \left(e^{x} - 1\right)"),
        ("log1p(a*b)", r"\ln\left(1 + a \, b\right)"),
        ("xlogy(a + b, c)", r"\left(a + b\right) \ln\left(c\right)"),
        ("max(a, b + c, 1)", r"\max\left(a, b + c, 1\right)"),
        ("not (a < b) and c != 2", r"\lnot \left(a < b\right) \land c \neq 2"),
        ("1e-7*x", r"10^{-7} \, x"),
        ("x*1.5e-7", r"x \, \left(1.5 \cdot 10^{-7}\right)"),
        ("where(x > 0, x, 0)", r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}"),
        ("f = x^2", "f = {x}^{2}"),
        ("d(x^2*y, x)", r"\frac{\partial}{\partial x} \left({x}^{2} \, y\right)"),
        ("jvp(x*y, x, y)", r"\operatorname{jvp}\left(x \, y, x, y\right)"),
        ("op my_op(a, b) = a*b with d/da = b, d/db = a\nmy_op(x, y + 1)",
         r"\operatorname{my\_op}\left(x, y + 1\right)"),
        ("s = w*x + b\nsigmoid(s)*s",
         "\\begin{aligned}\ns &= w \\, x + b \\\\\n&\\phantom{=} \\sigma\\left(s\\right) \\, s\n\\end{aligned}"),
        ("f = a*b\noutput f, a + b",
         "\\begin{aligned}\nf &= a \\, b \\\\\n&\\phantom{=} a + b\n\\end{aligned}"),
    ],
)  # fmt: skip
def test_formulas(text: str, written: str) -> None:
    assert latex(parse(text).wlist) == written


def test_a_gradient() -> None:
    found = gradient(parse("log(x1) + x1*x2 - sin(x2)").wlist, masked=False)
    assert latex(found, 0) == r"x_{2} + \frac{1}{x_{1}}"
    assert latex(found).splitlines()[1:-1] == [
        r"\bar{x}_{2} &= x_{1} - \cos\left(x_{2}\right) \\",
        r"\bar{x}_{1} &= x_{2} + \frac{1}{x_{1}}",
    ]


def test_one_equation() -> None:
    wlist = parse("(2*x1 + x2)^2").wlist
    assert [latex_equation(e) for e in wlist.equations] == [
        r"v_{1} = 2 \, x_{1}", "v_{2} = v_{1} + x_{2}", "v_{3} = {v_{2}}^{2}",
    ]  # fmt: skip


def balanced(text: str) -> bool:
    """Whether braces, \\left and \\right, \\begin and \\end pair up."""
    stack = []
    for word in re.findall(r"\\left|\\right|\\begin|\\end|\\.|[{}]", text):
        if word in (r"\left", "{", r"\begin"):
            stack.append(word)
        elif word in (r"\right", "}", r"\end") and (
            not stack or (stack.pop(), word) not in [(r"\left", r"\right"), ("{", "}"), (r"\begin", r"\end")]
        ):
            return False
    return not stack


@pytest.mark.parametrize("name", [row.name for row in ELEMENTWISE])
def test_every_op_shows_all_its_arguments(name: str) -> None:
    row = OPS[name]
    args = [f"a_{{{k}}}" for k in range(1, row.params.count(" ") + 2 + ("*" in row.params))]
    for inner in ("sub", "neg", "where", "copy"):
        inners = [
            (f"v{k}", inner, ("x", "y", "z")[: OPS[inner].params.count(" ") + 1]) for k in range(1, len(args) + 1)
        ]
        outer = (f"v{len(args) + 1}", name, tuple(f"v{k}" for k in range(1, len(args) + 1)))
        assert balanced(latex(WengertList([*inners, outer]), 0))
    shown = latex_equation(WengertList([("y", name, [f"a{k}" for k in range(1, len(args) + 1)])]).equations[0])
    assert balanced(shown)
    assert "#" not in shown
    assert all(a in shown for a in args), shown


@given(programs(outputs=3))
def test_any_program_is_written(program: tuple[WengertList, Point]) -> None:
    wlist, _ = program
    for text in (
        latex(wlist),
        *(latex(wlist, k) for k in range(len(wlist.outputs))),
        latex(gradient(wlist, value=True)) if len(wlist.outputs) == 1 else "",
    ):
        assert balanced(text)
        assert "#" not in text


def read(text: str) -> str:
    """LaTeX of operators as a text of the language: fractions and powers from the inside out, then the signs."""
    for left, right in ((r"\left(", "("), (r"\right)", ")"), (r"\,", "*"), (r"\cdot", "*"), (r"\bmod", "%"),
                        (r"\land", "and"), (r"\lor", "or"), (r"\lnot", "not"), (r"\leq", "<="), (r"\geq", ">="),
                        (r"\neq", "!="), (" = ", " == ")):  # fmt: skip
        text = text.replace(left, right)
    before = ""
    while text != before:
        before = text
        text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)
        # A base is braced as it stands: were brackets missing, they would be missed here too.
        text = re.sub(r"(?<!\\frac)\{([^{}]*)\}\^\{([^{}]*)\}", r"(\1^(\2))", text)
    return text


@given(programs(rows=[r for r in ELEMENTWISE if r.notation.infix], inputs="abc", names=(), constants=False, most=12))
@settings(max_examples=some(300))
def test_it_means_what_the_list_computes(program: tuple[WengertList, Point]) -> None:
    wlist, point = program
    text = latex(wlist, 0)
    if "aligned" in text:
        return
    again = parse(read(text), given=wlist.inputs).wlist
    expected, found = (evaluate(w, point, Numbers())[0] for w in (wlist, again))
    assert found == expected or found != found and expected != expected, (text, read(text))


@pytest.mark.parametrize("op", ["sin", "neg", "copy", "square"])
def test_depth_is_no_limit(op: str) -> None:
    n = 20_000 if FULL else 10_000
    deep = WengertList([("v1", op, ("x",)), *((f"v{k}", op, (f"v{k - 1}",)) for k in range(2, n))])
    assert balanced(latex(deep))
    assert latex(deep, 0) == latex(deep)


def test_sharing_is_written_once() -> None:
    powers = WengertList([("v1", "mul", ("x", "x")), *((f"v{k}", "mul", (f"v{k - 1}",) * 2) for k in range(2, 100))])
    assert latex(powers, 0).count("&=") == 98
