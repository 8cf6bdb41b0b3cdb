"""Formulas in LaTeX: read back, our own output has the values that it was written from; doubtful texts are refused."""

from __future__ import annotations

import math
import random
import re
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import wengert as wg
from tests import some
from tests.oracles.latex_texts import expressions
from tests.oracles.programs import ELEMENTWISE, Point, programs
from wengert.lists.wengert_list import WengertList
from wengert.show import latex
from wengert.sweeps.forward import evaluate
from wengert.sweeps.nonfinite import outside
from wengert.sweeps.numbers import Numbers

POINTS = [{"x": 0.75, "y": 0.375, "z": 1.25}, {"x": 2.5, "y": 1.5, "z": -0.25}, {"x": -1.25, "y": 3.0, "z": 0.5}]
# The rows whose notation is a letter that may be a factor, `\sigma(x)` and `J_0(x)`, or no notation of mathematics.
UNREAD = frozenset(
    "step step_left step_right sign_left sign_right ties where eq sinc dsinc "
    "normpdf ndtr derfcx ndtri lambertw lambertwm1 digamma trigamma polygamma lbeta beta digamma_gap betapdf betainc "
    "dbetapdf dbetainc gammainc gammaincc gammainc_da dgammapdf dgammainc j0 j1 besselj y0 y1 i0 i1 besseli k0 k1 exp1 "
    "dsinc_radians dawson ddawson fresnels fresnelc sigmoid softshare log_sigmoid zeta "
    "hurwitz_zeta hyp2f1 dhyp2f1 polylog dpolylog wofz_real wofz_imag dwofz_real dwofz_imag voigt_profile dvoigt "
    "dvoigt_imag".split()
)
# Rows of which some calls have a notation that is read, and others are refused; and shares, whose last argument is the
# number of ties: another number has no notation.
PARTLY = frozenset(
    "dzeta binom dbinom gammaincinv gammainccinv betaincinv owens_t exprelr_quotient exprel_product "
    "dexprel dexprelr carlson elliprf elliprd elliprj elliprc elliprg ellipk ellipkm1 ellipkinc ellipe ellipeinc "
    "share share_least share_sole share_all bessely besselk dbesselj dbessely dbesseli dbesselk".split()
)


def same(found: float, expected: float) -> bool:
    return found != found and expected != expected or found == pytest.approx(expected, rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_the_latex_of_a_row_has_its_values_or_is_refused(row: object) -> None:
    """Of every row, of names and of expressions: never another value."""
    params = row.params.replace("*", "").split()  # type: ignore[attr-defined]
    count = max(len(params), 3 * ("*" in row.params))  # type: ignore[attr-defined]
    for inner in ("copy", "sub", "neg", "mul", "div"):
        pairs = [("xyz"[k % 3], "xyz"[(k + 1) % 3])[: 1 + (inner not in ("neg", "copy"))] for k in range(count)]
        made = [(f"v{k}", inner, pair) for k, pair in enumerate(pairs, 1)] if inner != "copy" else []
        names = [e[0] for e in made] or [pair[0] for pair in pairs]
        wlist = WengertList([*made, ("f", row.name, tuple(names))])  # type: ignore[attr-defined]
        text = latex(wlist)
        if row.name in UNREAD:  # type: ignore[attr-defined]
            with pytest.raises(wg.WengertError):
                wg.read(text, dialect="latex")
            continue
        try:
            function = wg.compile(wg.read(text, dialect="latex").text)
        except wg.WengertError:
            assert row.name in PARTLY, text  # type: ignore[attr-defined]
            continue
        assert set(function.inputs) == set(wlist.inputs)
        for point in POINTS:
            given = {name: point[name] for name in wlist.inputs}
            values = evaluate(WengertList(made, outputs=names), given, Numbers()) if made else [given[n] for n in names]
            if not outside(row, tuple(values)):  # type: ignore[arg-type]
                assert same(function(**given), evaluate(wlist, given, Numbers())[0]), text


# Written out, these lose the digits that they are there to keep, or overflow.
KEEPING = frozenset("gammapdf exprel exprelr bose_einstein log1mexp sqrt1pm1 versine exp_difference".split())
READ = [row for row in ELEMENTWISE if row.name not in UNREAD | PARTLY | KEEPING or row.name == "where"]


@given(programs(rows=READ, inputs="xyz", names=("f", "g", "k_1"), constants=False, most=12, smooth=True))
@settings(max_examples=some(150))
def test_the_latex_of_a_program_has_its_values(program: tuple[WengertList, Point]) -> None:
    """The same law for programs; one whose conditions are numbers, or whose result is a comparison, may be refused."""
    wlist, point = program
    try:
        reading = wg.read(latex(wlist), dialect="latex")
    except wg.ParseError as problem:
        if not re.search("condition|`=`", problem.diagnostic.message):
            raise
        return
    function = wg.compile(reading.text)
    assert set(function.inputs) <= set(point)
    found = function(**{name: point[name] for name in function.inputs})
    last = found[-1] if isinstance(found, tuple) else found
    assert same(last, evaluate(wlist, point, Numbers())[0]), latex(wlist)


def test_the_latex_of_sympy_has_its_values() -> None:
    if find_spec("sympy") is None:
        pytest.skip("SymPy is not installed; the recorded values are tested")
    for text, expected in expressions(random.Random(3), 60):
        function = wg.compile(wg.read(text, dialect="latex").text)
        assert function(**{n: {"x": 1.75, "y": -2.25, "z": 0.375}[n] for n in function.inputs}) == pytest.approx(
            expected, rel=1e-10
        ), text


MEANINGS = [
    (r"\frac{dx}{dt} = -2x", -3.5),
    (r"a := x + 1", 2.75),
    (r"\operatorname{f2}(t) = t^2 \\ \operatorname{f2}(x)", 1.75**2),
    (r"\frac12x", 0.875),
    (r"\sqrt2", math.sqrt(2)),
    (r"x^2y", 1.75**2 * -2.25),
    (r"2^{-x}", 2**-1.75),
    (r"-x^2", -(1.75**2)),
    (r"\sqrt[3]{y}", -(2.25 ** (1 / 3))),
    (r"\sqrt[5]{y}", -(2.25**0.2)),
    (r"\sin^2 x", math.sin(1.75) ** 2),
    (r"\sin^{-1} z", math.asin(0.375)),
    (r"\sin 2x", math.sin(3.5)),
    (r"\sin x \cos x", math.sin(1.75) * math.cos(1.75)),
    (r"\sin(x)^2", math.sin(1.75) ** 2),
    (r"\sin x^2", math.sin(1.75**2)),
    (r"\ln|y|", math.log(2.25)),
    (r"\log_2 x", math.log2(1.75)),
    (r"\log_{10}(x)", math.log10(1.75)),
    (r"\log x", math.log(1.75)),
    (r"\lg x", math.log10(1.75)),
    (r"\log_3(x)", math.log(1.75, 3)),
    (r"\ln \ln x", math.log(math.log(1.75))),
    (r"e^{-x}", math.exp(-1.75)),
    (r"\mathrm{e}^x", math.exp(1.75)),
    (r"||x|-|y||", 0.5),
    (r"\lvert y\rvert", 2.25),
    (r"|x||y|", 1.75 * 2.25),
    (r"\left|\frac{x}{y}\right|^2", (1.75 / 2.25) ** 2),
    (r"\max(x, y, z)", 1.75),
    (r"\min\{x, y\}", -2.25),
    (r"\lfloor y \rfloor + \left\lceil z\right\rceil", -2),
    (r"4!", 24),
    (r"\binom{5}{2}", 10),
    (r"\sum_{i=1}^{3} i x", 10.5),
    (r"\sum_{i=1}^3 x + 1", 6.25),
    (r"\prod_{k=1}^{3} k", 6),
    (r"\sum_{i=2}^{1} x", 0),
    (r"\sum_{i=1}^{2}\sum_{j=1}^{2} ij x", 9 * 1.75),
    (r"2\sum_{i=0}^{2}(-1)^i x^i", 2 * (1 - 1.75 + 1.75**2)),
    (r"\begin{cases} x & x < 1 \\ 2x & 1 \le x < 2, \\ 3 & \text{otherwise} \end{cases}", 3.5),
    (r"\left\{\begin{array}{ll} x & \text{if } x = 1 \\ 2 & \text{else}\end{array}\right.", 2),
    (r"f(t) = t^2 + 1 \\ f(x)", 1 + 1.75**2),
    (r"y = k x, \quad k = 2 + z", 2.375 * 1.75),
    (r"\[ a = x^2 \]", 1.75**2),
    (r"$x \cdot y$.", -2.25 * 1.75),
    (r"x \times 10^{3}", 1750.0),
    (r"6\div2", 3),
    (r"1.5\times10^{-3} x", 1.5e-3 * 1.75),
    (r"x\,y\;z", 1.75 * -2.25 * 0.375),
    (r"x(y+z)", 1.75 * -1.875),
    (r"\left(x + y\right)\left(x - y\right)", 1.75**2 - 2.25**2),
    (r"\frac{d}{dx}\left(x^3\right)", 3 * 1.75**2),
    (r"\operatorname{sgn}(y)", -1),
    (r"\Gamma(4)", 6),
    (r"\exp\left[-x\right]", math.exp(-1.75)),
    (r"\cosh^{2}{\left(x \right)}", math.cosh(1.75) ** 2),
    (r"7 \bmod 4", 3),
    (r"2^{3^2}", 512),
    (r"(x)^{\frac12}", 1.75**0.5),
    (r"2\pi x", 2 * math.pi * 1.75),
    ("x % the first\n + y", -0.5),
    (r"\tan^{-1}\frac{y}{x}", math.atan(-2.25 / 1.75)),
    (r"\begin{aligned} a &= x + 1 \\ b &= a^2 \end{aligned}", 2.75**2),
    ("a = x\n\nb = 2a", 3.5),
    (r"x − 1", 0.75),
]


@pytest.mark.parametrize(("text", "expected"), MEANINGS)
def test_a_construct_has_its_value(text: str, expected: float) -> None:
    function = wg.compile(wg.read(text, dialect="latex").text)
    given = {"x": 1.75, "y": -2.25, "z": 0.375}
    assert function(**{n: given[n] for n in function.inputs}) == pytest.approx(expected, rel=1e-12)


NAMES = [
    (r"\Delta x", "Delta_x"),
    (r"\Delta \theta_0", "Delta_theta_0"),
    (r"\Delta", "Delta"),
    (r"V_{\max}", "V_max"),
    (r"x_*", "x_star"),
    (r"x_1", "x_1"),
    (r"x_{max}", "x_max"),
    (r"x_{\mathrm{max}}", "x_max"),
    (r"\theta_{0}", "theta_0"),
    (r"\mathrm{loss}", "loss"),
    (r"\bar{x}_{1}", "x_1_bar"),
    (r"\dot x", "x_dot"),
    (r"x'", "x_prime"),
    (r"a_{i,j}", "a_i_j"),
    (r"x_{n+1}", "x_n_plus_1"),
    (r"k_\mathrm{B}", "k_B"),
    (r"\vec{F}", "F_vec"),
    (r"\varepsilon", "varepsilon"),
    (r"\mathbf{x}", "x_bf"),
    (r"\operatorname{}", None),
    (r"\lambda", "lambda"),
    (r"d", "d"),
    ("θ", "θ"),
    (r"\ell", "ell"),
]


@pytest.mark.parametrize(("text", "name"), NAMES)
def test_a_name_is_an_identifier(text: str, name: str | None) -> None:
    if name is None:
        with pytest.raises(wg.WengertError):
            wg.read(text, dialect="latex")
    else:
        assert wg.read(text, dialect="latex").inputs == (name,)


def test_print_tells_names_apart() -> None:
    assert wg.read(r"T + \mathrm{T}", dialect="latex").inputs == ("T", "T_rm")
    assert wg.read(r"i + \sum_{i=1}^{2} i x", dialect="latex").inputs == ("i_", "x")
    assert wg.read(r"\sum_{i=1}^{2} a_i x_{i+1}", dialect="latex").inputs == ("a_1", "x_2", "a_2", "x_3")


DOUBTFUL = [
    (r"u(-x)", "W804", "function"),
    (r"y'(x + 1)", "W804", "function"),
    (r"\mathbb{E}[X^2]", "W804", "`\\mathbb{E}[X^2]`"),
    (r"12{34}", "W804", "number"),
    (r"\sum_{i=1}^{3} \sum_{j=1}^{i} x", "W804", "whole"),
    (r"w^T x", "W804", "mark"),
    (r"E^0 + x", "W804", "mark"),
    (r"e^{i\omega t}", "W804", "imaginary"),
    (r"alpha x", "W804", "word"),
    (r"sigmoid(x + 1)", "W804", "word"),
    (r"\Delta_r G", "W804", "difference"),
    (r"f(x) + 1", "W804", "function"),
    (r"\sin x (y + 1)", "W804", "argument"),
    (r"\sin x / 2", "W804", "argument"),
    (r"1/2x", "W804", "quotient"),
    (r"x^10", "W804", "first digit"),
    (r"x_10", "W804", "alone"),
    (r"2\frac{1}{2}", "W804", "mixed"),
    (r"x 2", "W804", "number"),
    (r"\sigma(x + 1)", "W804", "function"),
    (r"J_0(x + 1)", "W804", "function"),
    (r"f^{-1}(x + 1)", "W804", "function"),
    (r"\psi^{(2)}(x)", "W804", "derivative"),
    (r"\ln^{-1} x", "W804", "inverse"),
    (r"\sin^{-2} x", "W804", "two ways"),
    (r"2{a + b}", "W804", "braces"),
    (r"{a b}^2", "W804", "braces"),
    (r"\frac{dy}{dx}", "W804", "derivative"),
    (r"\int x \, dx", "W804", "integral"),
    (r"x \pm 1", "W804", "two values"),
    (r"sin(x)", "W804", "backslash"),
    (r"x = y = 2", "W804", "two signs"),
    (r"x^2 = 4", "W804", "equation"),
    (r"\sum_{i=1}^{n} x", "W804", "whole"),
    (r"1,5 + x", "W801", ","),
    (r"\mathrm{Re}(x)", "W802", "Re"),
    (r"a + b \bmod c", "W804", "two ways"),
    (r"\left. x \right|_{0}", "W804", "invisible"),
    (r"\mathrm{i} x", "W804", "imaginary"),
    (r"\begin{pmatrix} x \end{pmatrix}", "W804", "environment"),
    (r"The energy $E$", "W804", "words"),
    (r"\sin x \, y", "W804", "argument"),
    (r"x = 1 \\ x = 2", "W804", "twice"),
    (r"e = 3", "W804", "constant"),
    (r"x^a^b", "W801", "^"),
    (r"\foo", "W804", "not known"),
    (r"\mathrm{d}x", "W804", "derivative"),
    ("", "W801", "early"),
    (r"1/2 \cdot 10^{3}", "W804", "quotient"),
    (r"x \cdot -y", "W801", "-"),
    (r"1 + 2 & 3", "W804", "number"),
    (r"f(x) = x \\ f + 1", "W804", "argument"),
    (r"\max x_{\{}", "W804", "name"),
    (r"x_{2^3}", "W804", "name"),
]


@pytest.mark.parametrize(("text", "code", "word"), DOUBTFUL)
def test_a_doubtful_text_is_refused_at_its_place(text: str, code: str, word: str) -> None:
    with pytest.raises(wg.WengertError) as caught:
        wg.read(text, dialect="latex")
    diagnostic = caught.value.diagnostic
    assert diagnostic.code == code
    assert word in diagnostic.message
    assert diagnostic.span is not None
    assert 0 <= diagnostic.span.start <= len(text)
    wg.render(diagnostic)


@pytest.mark.parametrize(
    "text", [r"xy", r"a(b+c)", r"\sin x y", r"\log x", r"\sin^{-1} x", r"\sum_{i=1}^3 x + 1", r"i"]
)
def test_a_rule_that_is_taken_has_a_receipt(text: str) -> None:
    receipts = wg.read(text, dialect="latex").receipts
    assert receipts
    for receipt in receipts:
        assert receipt.span is not None
        assert 0 <= receipt.span.start < receipt.span.end <= len(text)


HOSTILE = [
    ("(", "x", ")"),
    (r"\frac{1}{", "x", "}"),
    ("x^{", "y", "}"),
    ("x ", "", ""),
    (r"\sin ", "x", ""),
    ("{", "x", "}"),
    (r"\left|", "x", r"\right|"),
    ("x + ", "x", ""),
    (r"\sqrt", "x", ""),
    (r"\begin{cases}1&x<1\\", "2", r"\end{cases}"),
    ("x_{", "", "}"),
    (r"\sum_{i=1}^{2} ", "x", ""),
    ("|", "", ""),
    ("$", "", ""),
    ("\\", "", ""),
    (r"\mathrm{", "", ""),
    (r"\bar ", "x", ""),
    ("x<", "x", ""),
    (r"\sum_{i=1}^{2} a_i + ", "x", ""),
    ("x_1", "", ""),
    ("x'", "", ""),
    ("x=1, ", "", ""),
    (r"\max(", "x", ", 1)"),
    (r"\text{a} ", "", ""),
    (r"\Delta ", "x", ""),
]


@pytest.mark.parametrize(("left", "middle", "right"), HOSTILE)
def test_hostile_texts_cost_what_they_are_long(left: str, middle: str, right: str) -> None:
    """A text of any depth is read or refused within a budget in proportion to its length, at n, 2n and 4n."""
    for n in (250, 500, 1000):
        text = left * n + middle + right * n
        try:
            reading = wg.read(text, dialect="latex", limits=wg.Limits(tokens=8 * len(text)))
        except wg.LimitError:
            raise
        except wg.WengertError:
            continue
        assert len(reading.text) < 12 * len(text)


def test_sums_that_are_written_out_are_limited() -> None:
    nested = "".join(rf"\sum_{{{c}=1}}^{{9}}" for c in "ijklmnop") + " a_{ijklmnop}"
    with pytest.raises(wg.LimitError):
        wg.read(nested, dialect="latex", limits=wg.Limits(tokens=10_000))


def test_any_text_is_read_or_refused() -> None:
    chance = random.Random(5)
    pieces = [
        *r"+-*/^_(){}[]|!<>=&,;.$'~ ",
        "x",
        "y",
        "2",
        "10",
        "é",
        "\n\n",
        "\\",
        "\\\\",
        r"\frac",
        r"\sqrt",
        r"\left",
        r"\right",
        r"\sin",
        r"\sum_{i=1}^{2}",
        r"\mathrm",
        r"\text{if}",
        r"\begin{cases}",
        r"\end{cases}",
        r"\alpha",
        r"\bar",
        r"\,",
        r"\operatorname",
        r"\frac{d}{dx}",
        "f(x) =",
        r"\log_",
        r"\max",
        r"\cdot",
        r"\bmod",
        "\0",
        "²",
    ]
    for _ in range(1500):
        text = "".join(chance.choice(pieces) for _ in range(chance.randrange(9)))
        try:
            reading = wg.read(text, dialect="latex")
        except wg.WengertError as problem:
            wg.render(problem.diagnostic)
            continue
        wg.compile(reading.text)


VECTORS = [
    (r"\vec{v} \cdot \vec{w}", lambda v, w: v @ w), (r"\vec v \times \vec w", np.cross),
    (r"2\vec v \cdot \vec w / 3", lambda v, w: 2 * v @ w / 3),
    (r"|\vec v - \vec w|", lambda v, w: np.linalg.norm(v - w)),
    (r"\vec w + 0\vec v \cdot 2", lambda v, w: w), (r"\|\vec v\| + 0|\vec w|", lambda v, w: np.linalg.norm(v)),
    (r"(\vec v + \vec w) \cdot (\vec v - \vec w)", lambda v, w: (v + w) @ (v - w)),
    (r"\vec v \cdot (\vec w \times \vec v) + \vec v \cdot \vec w", lambda v, w: v @ w),
    (r"\frac{\vec v \cdot \vec w}{|\vec v|}", lambda v, w: v @ w / np.linalg.norm(v)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), VECTORS)
def test_products_of_vectors_are_those_of_geometry(text: str, meant: Any) -> None:
    f = wg.compile(wg.read(text, dialect="latex").text)
    v, w = np.array([1.5, -2.0, 0.5]), np.array([0.25, 3.0, -1.0])
    found = f(**{name: {"v_vec": v, "w_vec": w}[name] for name in f.inputs})
    np.testing.assert_allclose(found, meant(v, w), rtol=1e-14)


@pytest.mark.parametrize("text", [
    r"\vec a \cdot \vec b \times \vec c", r"\vec a \times \vec b \times \vec c", r"\vec a \vec b",
])  # fmt: skip
def test_a_product_of_vectors_that_is_not_plain_is_refused(text: str) -> None:
    with pytest.raises(wg.ParseError, match="W804"):
        wg.read(text, dialect="latex")
