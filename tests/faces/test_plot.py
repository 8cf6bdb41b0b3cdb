"""`wengert plot`: the line is the function to the eye, no line crosses a pole or a gap, and marks stand where
mathematics says. The numbers are held without matplotlib; where it is installed the pictures are drawn too."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from wengert.cli.main import main

PI = math.pi
# A program, its range, and the places of each kind.
SMOOTH: dict[str, dict[str, Any]] = {"pole": [], "jump": [], "kink": [], "hole": [], "gap": []}
PLACES = [
    ("x^2*sin(x)", (-3, 3), {}),
    ("tanh(1000*(x - 0.3))", (-1, 1), {}),
    ("1/(1 + 1e6*x^2)", (-1, 1.5), {}),
    ("cbrt(x)", (-1, 1), {}),
    ("x*0 + 3", (0, 1), {}),
    ("1e9 + sin(x)", (0, 20), {}),
    ("1/x", (-3, 3), {"pole": [0]}),
    ("1/x", (-1, 3.1), {"pole": [0]}),
    ("1/(x - 1/3)^2", (-1, 1), {"pole": [1 / 3]}),
    ("tan(x)", (-2 * PI, 2 * PI), {"pole": [-1.5 * PI, -PI / 2, PI / 2, 1.5 * PI]}),
    ("log(abs(x - 0.1))", (-1, 1), {"pole": [0.1]}),
    ("1/x + 1/(x - 1e-3)", (-1, 1), {"pole": [0, 1e-3]}),
    ("abs(x) + max(x, 1)", (-3, 3), {"kink": [0, 1]}),
    ("relu(x - sqrt(2))", (0, 3), {"kink": [math.sqrt(2)]}),
    ("x if x > 0.7 else 1.4*x - 0.28", (0, 1), {"kink": [0.7]}),
    ("sqrt(abs(x - 0.2))", (-1, 1), {"kink": [0.2]}),
    ("floor(x)", (-1.5, 1.7), {"jump": [-1, 0, 1]}),
    ("sign(x - 0.3)*x", (-1, 1), {"jump": [0.3]}),
    ("sin(x)/x", (-9, 9), {"hole": [0]}),
    ("log(x)", (-1, 3), {"pole": [0], "gap": [(-1, 0)]}),
    ("sqrt(x^2 - 2)", (-3, 3), {"gap": [(-math.sqrt(2), math.sqrt(2))]}),
    ("sqrt(x^2 - 1e-6)", (-3, 3.3), {"gap": [(-1e-3, 1e-3)]}),
    ("exp(x)", (0, 1000), {"gap": [(math.log(sys.float_info.max), 1000)]}),
    ("log(x)*0 + 1/(x - 1)", (-2, 2), {"pole": [1], "gap": [(-2, 0)]}),
]


def plotted(text: str, ends: tuple[float, float], **options: Any) -> Any:
    return wg.compile(text).plotted(x=ends, **options).found[0]


@pytest.mark.parametrize(("text", "ends", "places"), PLACES)
@pytest.mark.parametrize("order", [1, 2])
def test_marks_stand_where_mathematics_says(
    text: str, ends: tuple[float, float], places: dict[str, Any], order: int
) -> None:
    found = plotted(text, ends, order=order)
    marks = {kind: [m.x for m in found.marks[0] if m.kind == kind] for kind in SMOOTH if kind != "gap"}
    near = 1e-6 * (ends[1] - ends[0])
    for kind, wanted in (SMOOTH | places).items():
        said = found.gaps if kind == "gap" else marks[kind]
        assert len(said) == len(wanted), (kind, said, marks, found.gaps)
        assert np.allclose(said, wanted, rtol=0, atol=near)


@pytest.mark.parametrize(("text", "ends", "places"), PLACES)
def test_no_line_crosses_a_pole_a_jump_or_a_gap(text: str, ends: tuple[float, float], places: dict[str, Any]) -> None:
    found = plotted(text, ends)
    for x, y in found.lines:
        assert np.all(np.diff(x) >= 0)
        drawn = np.isfinite(y[1:]) & np.isfinite(y[:-1])
        for place in [*places.get("pole", ()), *places.get("jump", ())]:
            assert not np.any(drawn & (x[:-1] < place - 1e-9) & (x[1:] > place + 1e-9))
        for low, high in places.get("gap", ()):
            inside = (x > low + 1e-6) & (x < high - 1e-6)
            assert not np.isfinite(y[inside]).any()


@pytest.mark.parametrize(("text", "ends", "places"), PLACES)
def test_the_line_is_the_function_to_the_eye(text: str, ends: tuple[float, float], places: dict[str, Any]) -> None:
    """Between its points too: the derivatives are those of the sweeps at single points."""
    f = wg.compile(text)
    made = f.plotted(x=ends)
    found = made.found[0]
    for x in np.linspace(*ends, 83)[1:-1] + 1e-4:
        value, gradient = f.value_and_grad(x=float(x))
        truth = [value, gradient["x"], f.hessian(x=float(x))["x", "x"]]
        for want, (xs, ys), window in zip(truth, found.lines, found.windows):
            if window.low <= want <= window.high and all(abs(x - m.x) > 0.05 for marks in found.marks for m in marks):
                k = int(np.searchsorted(xs, x))
                got = np.interp(x, xs[k - 1 : k + 1], ys[k - 1 : k + 1])
                assert abs(got - want) <= 0.01 * window.height + 1e-9 * abs(want), (x, got, want)


def test_a_gap_has_its_reason() -> None:
    (note,) = wg.compile("sqrt(x - a)").plotted(x=(-1, 3), a=1).notes
    assert "no value for x from -1 to 1" in note.message
    assert "at x = 0: outside the domain: `sqrt`" in note.help
    (note,) = wg.compile("exp(x)").plotted(x=(0, 1000)).notes
    assert "exp" in note.help


def test_each_kind_of_curve_has_its_name() -> None:
    f = wg.compile("f = a*x^3; g = x*b; output f, g")
    made = f.plotted(x="0:1:50", a=2, b=1)
    assert made.names == (("f", "∂f/∂x", "∂²f/∂x²"), ("g", "∂g/∂x", "∂²g/∂x²"))
    made = f.plotted(x="0:1:50", a=2, b=1, wrt=["a", "x"], output="f", order=1)
    assert made.names == (("f", "∂f/∂x", "∂f/∂a"),)
    (x, y), slope, by_a = made.found[0].lines
    assert np.allclose(y, 2 * x**3)
    assert np.allclose(slope[1], 6 * x**2)
    assert np.allclose(by_a[1], x**3)
    assert made.fixed == {"a": 2.0, "b": 1.0}
    assert wg.compile("x^2").plotted(x=(0, 1)).names == (("f", "df/dx", "d²f/dx²"),)
    only = wg.compile("x^2*a").plotted(x=(0, 1), a=1, wrt="a").names
    assert only == (("f", "", "", "∂f/∂a", "∂²f/∂a²"),)


def test_a_program_whose_size_depends_on_a_value_is_plotted() -> None:
    f = wg.compile("input w[n], x; sum(w[i]*x^i for i in 0:n)")
    x, y = f.plotted(w=[1.0, 0.0, 3.0], x=(0, 2)).found[0].lines[0]
    assert np.allclose(y, 1 + 3 * x**2)


# Surfaces


def surface(text: str, x: Any = (-2, 2), y: Any = (-2, 2), **options: Any) -> Any:
    return wg.compile(text).plotted(x=x, y=y, **options).found[0]


def test_a_surface_holds_values_and_slopes() -> None:
    s = surface("x^2*y + sin(y)", (-1, 2, 31), (0, 3, 21))
    x, y = np.meshgrid(s.x, s.y)
    assert s.values.shape == (21, 31)
    assert np.allclose(s.values, x**2 * y + np.sin(y))
    assert np.allclose(s.slopes, [2 * x * y, x**2 + np.cos(y)])
    assert not any(places.shape[1] for places in s.marks.values())
    assert not any(b.any() for b in s.broken)


@pytest.mark.parametrize(
    ("text", "kind", "of"),
    [
        ("1/(x - y - 0.01)", "pole", lambda x, y: x - y - 0.01),
        ("1/(x - y)", "pole", lambda x, y: x - y),
        ("floor(x + 0.3)*(3 + y)", "jump", lambda x, y: x + 0.3 - np.round(x + 0.3)),
        ("abs(x^2 - y)", "kink", lambda x, y: x**2 - y),
        ("max(x, y, 0.505)", "kink", lambda x, y: np.minimum(abs(x - y), abs(np.maximum(x, y) - 0.505))),
    ],
)
def test_a_surface_is_marked_along_curves(text: str, kind: str, of: Callable[..., Any]) -> None:
    s = surface(text, points=61)
    assert s.marks[kind].shape[1] > 50
    assert not any(places.shape[1] for other, places in s.marks.items() if other != kind)
    assert np.abs(of(*s.marks[kind])).max() < 1e-5


def test_no_surface_spans_a_pole() -> None:
    s = surface("1/(x - y - 0.01)", points=61)
    side = np.sign(np.subtract(*np.meshgrid(s.x, s.y)) - 0.01)
    assert np.array_equal(s.broken[0], side[:, 1:] != side[:, :-1])
    assert np.array_equal(s.broken[1], side[1:] != side[:-1])


@pytest.mark.parametrize(
    ("text", "ranges"),
    [("1e308*x", {"x": "-3:3"}), ("x; 2*x; output x", {"x": "9e299:1e300"}), ("-1e308*x*y", {"x": "0:3", "y": "-1:1"})],
)
def test_the_largest_floats_are_drawn(text: str, ranges: dict[str, str]) -> None:
    assert wg.plot(text, **ranges, order=0, format="svg").startswith("<?xml")


# Ranges


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("3:-3", "3:-3", "reversed"), ("1:1", "1:1", "empty"), ("0:inf", "inf", "finite"), ("nan:1", "nan", "finite"),
        (":1", "", "two ends"), ("1:", "", "two ends"), ("1", "1", "START:END"), ("", "", "START:END"),
        ("1:2:3:4", "1:2:3:4", "START:END"), ("0:y", "y", "number"), ("0:1:1", "1", "whole number"),
        ("0:1:x", "x", "whole number"), ("0:1:1e3", "1e3", "whole number"), ("0:1:999999", "999999", "whole number"),
        ("0:1e308", "0:1e308", "between"),
        ("0:2x", "2", "operator"), ("-1e308:1e308", "-1e308:1e308", "float64"), ("1:1.0000000000001",
        "1:1.0000000000001", "narrow"), ("0:[1,2]", "[1,2]", "number"), ("1/0:2", "1/0", "ends|not finite|domain|zero"),
    ],
)  # fmt: skip
def test_a_range_that_is_none_is_one_error_with_its_place(text: str, place: str, says: str) -> None:
    with pytest.raises(wg.WengertError, match=says) as caught:
        wg.compile("x^2").plotted(x=text)
    d = caught.value.diagnostic
    assert d.source is not None
    assert d.span is not None
    assert d.source.text == text
    assert d.source.text[d.span.start : d.span.end].startswith(place)
    assert "^" in str(caught.value)


@pytest.mark.parametrize("given", ["-pi/2:pi:9", (-PI / 2, PI, 9), (-PI / 2, np.pi, 9)])
def test_a_range_may_be_an_expression_or_a_tuple(given: Any) -> None:
    made = wg.compile("x").plotted(x=given)
    assert made.ranges["x"] == (-PI / 2, PI, 9)
    assert np.allclose(made.found[0].lines[0][0], np.linspace(-PI / 2, PI, 9))


@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        ("x*y", {"x": 1, "y": 2}, "no input has a range"),
        ("x*y*z", {"x": (0, 1), "y": (0, 1), "z": (0, 1)}, "more than two"),
        ("input x[2]; sum(x)", {"x": (0, 1)}, "is an array"),
        ("[x, x]", {"x": (0, 1)}, "the shape"),
        ("x*y", {"x": (0, 1), "y": [1, 2]}, "a batch"),
        ("x", {"x": (0, 1), "order": 3}, "order"),
        ("x", {"x": (0, 1), "points": 1}, "points"),
        ("x", {"x": (0, 1), "wrt": "y"}, "called `y`"),
        ("x", {"x": (0, 1), "output": "y"}, "called `y`"),
        ("x*y*z", {"x": (0, 1), "y": (0, 1), "z": 1, "wrt": "z"}, "two ranges"),
        ("a = x; b = x; c = x; p = x; q = x; output a, b, c, p, q", {"x": (0, 1)}, "at most 4"),
        ("5", {}, "no input"),
    ],
)
def test_a_plot_of_nothing_is_refused(text: str, values: dict[str, Any], says: str) -> None:
    with pytest.raises(wg.WengertError, match=says):
        wg.compile(text).plotted(**values)


def test_work_is_within_the_limits() -> None:
    with pytest.raises(wg.LimitError, match="elements"):
        wg.compile("x", limits=wg.Limits(elements=100)).plotted(x=(0, 1, 1000))
    with pytest.raises(wg.LimitError, match="seconds"):
        wg.compile("sin(1/x)", limits=wg.Limits(seconds=0.001)).plotted(x=(-1, 1))


# Pictures


@pytest.fixture
def figures() -> Any:
    return pytest.importorskip("matplotlib.figure")


def test_a_figure_holds_the_curves_and_their_names(figures: Any) -> None:
    figure = wg.plot("abs(x) + 1/(x - 2)", x=(-1, 4), order=1)
    assert isinstance(figure, figures.Figure)
    names = [t.get_text() for axes in figure.axes for t in axes.get_legend().get_texts()]
    assert {"f", "df/dx", "pole", "kink"} == set(names)
    assert figure.axes[-1].get_xlabel() == "x"
    # Curves are told apart without their colours.
    strokes = [line.get_linestyle() for axes in figure.axes for line in axes.get_lines() if len(line.get_xdata()) > 99]
    assert len(strokes) == len(set(strokes)) == 2
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_it_draws_in_the_axes_of_the_caller(figures: Any) -> None:
    own = figures.Figure()
    left, right = own.subplots(1, 2)
    f = wg.compile("f = x^2; g = 1/x; output f, g")
    assert f.plot(x=(-1, 1), axes=(left, right)) is own
    assert {a.get_xlabel() for a in (left, right)} == {"x"}
    assert wg.plot("x*y", x=(0, 1), y=(0, 1), axes=left) is own
    for axes in (left, 3, [left, 3], None, "axes"):
        if axes is not None:
            with pytest.raises(wg.UsageError, match="Axes"):
                f.plot(x=(-1, 1), axes=axes)


@pytest.mark.parametrize(("suffix", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF-")])
def test_a_file_is_whole_and_the_same_each_time(figures: Any, suffix: str, magic: bytes, tmp_path: Path) -> None:
    path, again = tmp_path / f"plot.{suffix}", tmp_path / f"again.{suffix}"
    assert main(["plot", "log(x)*a", "--x", "-1:2", "--a", "2", "-o", str(path)]) == 0
    content = path.read_bytes()
    assert content.startswith(magic)
    made = wg.compile("log(x)*a").plot(x=(-1, 2), a=2, file=again)
    assert (made.encode() if suffix == "svg" else made) == again.read_bytes() == content
    assert main(["plot", "x", "--x", "0:1", "-o", str(path)]) == 2
    assert path.read_bytes() == content
    assert main(["plot", "x*y", "--x", "0:1:9", "--y", "1:2:9", "-o", str(path), "--force"]) == 0
    assert path.read_bytes() != content
    assert {p.name for p in tmp_path.iterdir()} == {path.name, again.name}


def test_names_are_text_and_never_markup(figures: Any) -> None:
    import xml.etree.ElementTree as tree

    text = "x_$y$ = 1 # $\\frac{1}{0}$ <script>&amp;</script>"
    drawn = wg.plot("λ_1^2 # <script>alert(1)</script> $\\frac$ &", λ_1=(0, 1), format="svg")
    tree.fromstring(drawn)
    assert "<script" not in drawn
    with pytest.raises(wg.ParseError):
        wg.plot(text, x=(0, 1))
    names = "数 + ש"
    assert wg.plot(names, 数=(0, 1), ש=2, format="png").startswith(b"\x89PNG")


def test_no_text_goes_to_tex(figures: Any) -> None:
    import matplotlib as mpl

    text = "f = x^2*y # \\input{secret} $x$\nf"
    with mpl.rc_context({"text.usetex": True}):
        figure = wg.plot(text, x=(0, 1, 9), y=1)
    for drawn in (figure, wg.plot(text, x=(0, 1, 9), y=(0, 1, 9))):
        own = [t for t in drawn.findobj(mpl.text.Text) if {"f", "x", "y"} & set(t.get_text())]
        assert len(own) > 2
        assert not [t for t in own if t.get_usetex() or t.get_parse_math()]


def test_pyplot_is_never_loaded(figures: Any) -> None:
    code = (
        "import sys, wengert as wg; wg.plot('1/x', x=(-1, 1), format='png'); wg.plot('x*y', x=(0, 1, 9), y=(0, 1, 9)); "
    )
    code += "print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["x", "--x", "0:1"], "W630"), (["x", "--x", "0:1", "--format", "png"], "W630"),
        (["x", "--x", "0:1", "-o", "no.jpg"], "W680"), (["x", "--x", "0:1", "-o", "no"], "W680"),
        (["x", "--x", "0:1", "-o", "nowhere/no.png"], "W682"), (["x", "--x", "1:0", "-o", "no.png"], "W684"),
        (["x*y", "--x", "0:1", "-o", "no.png"], "W606"), (["x", "--y", "0:1", "-o", "no.png"], "W101"),
        (["x", "--x", "0:1", "--points", "1", "-o", "no.png"], "W630"), (["2x", "--x", "0:1", "-o", "no.png"], "W006"),
    ],
)  # fmt: skip
def test_a_command_that_cannot_be_done_says_why(words: list[str], code: str, capsys: Any, tmp_path: Path) -> None:
    assert main(["plot", *words]) == 2
    said = capsys.readouterr()
    assert f"error[{code}]" in said.err
    assert "^" in said.err or code == "W606"
    assert not said.out


def test_without_the_library_the_message_tells_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:  # fmt: skip
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["plot", "x", "--x", "0:1", "-o", "no.png"]) == 2
    assert 'pip install "wengert[plot]"' in capsys.readouterr().err


def test_a_long_program_is_plotted_as_the_short_one_that_it_is() -> None:
    """Its pieces are cut in more parts at once, and the places between them are the same."""
    short = wg.compile("abs(x - 0.3) + 1/(x - 0.7) + sin(20*x)").plotted(x=(0, 1))
    text = "input x\ns = 0\nfor k in 0:300 { s = s + abs(x - 0.3)/300 }\nt = s + 1/(x - 0.7) + sin(20*x)\noutput t"
    long = wg.compile(text).plotted(x=(0, 1))
    assert [(m.kind, m.x) for m in long.found[0].marks[0]] == [(m.kind, m.x) for m in short.found[0].marks[0]]
    for order in range(3):
        (x, y), (a, b) = long.found[0].lines[order], short.found[0].lines[order]
        keep = np.isfinite(y) & (abs(x - 0.7) > 0.02) & (abs(x - 0.3) > 0.01)
        known = np.isfinite(b)
        height = np.ptp(y[keep])
        assert abs(y[keep] - np.interp(x[keep], a[known], b[known])).max() < 0.02 * height


def test_arguments_that_tie_all_along_a_range_are_no_kinks() -> None:
    tied = "u = sin(x)*x\nw = max(u, x - 9)\nf = max(w, u)^2 + max(u, u)\noutput f"
    made = wg.compile(tied).plotted(x=(-3, 3)).found[0]
    plain = wg.compile("u = sin(x)*x\nf = u^2 + u\noutput f").plotted(x=(-3, 3)).found[0]
    assert not any(made.marks)
    for (x, y), (a, b) in zip(made.lines, plain.lines):
        assert np.allclose(x, a)
        assert np.allclose(y, b, rtol=1e-9, atol=1e-9)
