"""Pictures of circuits: laws of the layout, and every format read back by a reader of its own."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import sys
import time
import xml.etree.ElementTree as ET
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wengert as wg
from tests import FULL
from tests.oracles.pictures import LONGEST
from tests.oracles.programs import Point, programs
from wengert.cli.main import main
from wengert.ground.errors import cells
from wengert.kernels.trace import trace
from wengert.lists.wengert_list import WengertList
from wengert.show import FORMATS, SUFFIXES, Circuit, circuit, drawn
from wengert.show.picture import Picture, Stroke, picture, stations
from wengert.show.tikz import tex

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "samples").glob("*.wengert"))
TEXTS = tuple(f for f in FORMATS if f != "png")
SVG = "{http://www.w3.org/2000/svg}"
NAMES = ["<script>", "a&b", '"', "'", "\\N", "}", "$x$", "%", "\u202e", "]]>", "--", "שלום", "x" * 5000, "λ", "\\", "#"]


def points_of(line: Stroke) -> list[tuple[float, float]]:
    """Points along a line, its bend among them."""
    if len(line.points) < 4:
        return list(line.points)
    a, b, p, q, c, d = stations(line.points)
    bend = []
    for n in range(17):
        t = n / 16
        w = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        bend.append((sum(u * v[0] for u, v in zip(w, (b, p, q, c))), sum(u * v[1] for u, v in zip(w, (b, p, q, c)))))
    # A long straight piece may pass a gate between its ends.
    straight = [(a[0] + (b[0] - a[0]) * n / 32, a[1]) for n in range(33)]
    return [*straight, *bend, *((c[0] + (d[0] - c[0]) * n / 32, c[1]) for n in range(33))]


def holds(drawing: Picture) -> None:
    """The laws of a picture."""
    ours, shapes = drawing.circuit, drawing.shapes
    assert [s.gate for s in shapes] == list(range(len(ours.gates)))
    assert Counter(line.wire for line in drawing.lines if line.wire is not None) == Counter(range(len(ours.wires)))
    for w in ours.wires:
        assert drawing.layers[w.source] < drawing.layers[w.target]
    for gate, layer in zip(ours.gates, drawing.layers):
        assert gate.kind != "input" or layer == 0
        assert gate.kind != "output" or layer == max(drawing.layers)
    # No two gates overlap, and all are on the sheet.
    columns: dict[int, list[Any]] = {}
    for s in shapes:
        columns.setdefault(drawing.layers[s.gate], []).append(s)
        assert s.x - s.width / 2 > 0
        assert s.x + s.width / 2 < drawing.width
        assert s.y - s.height / 2 > 0
        assert s.y + s.height / 2 < drawing.height
    edges = sorted((n, max(s.width for s in column), column[0].x) for n, column in columns.items())
    for (_, one, left), (_, two, right) in pairwise(edges):
        assert left + one / 2 <= right - two / 2
    for column in columns.values():
        column.sort(key=lambda s: s.y)
        for upper, lower in pairwise(column):
            assert upper.y + upper.height / 2 < lower.y - lower.height / 2
    # A wire comes from its gate, ends at its gate and passes through none.
    joined = {line.points[-1] for line in drawing.lines} | {(s.x + s.width / 2, s.y) for s in shapes}
    for line in drawing.lines:
        assert line.points[0] in joined
        assert all(a[0] <= b[0] + 1e-9 for a, b in pairwise(line.points))
        own = {line.gate} if line.wire is None else {line.gate, ours.wires[line.wire].target}
        if line.wire is not None:
            assert line.gate == ours.wires[line.wire].source
            s = shapes[ours.wires[line.wire].target]
            x, y = line.points[-1]
            assert s.x - s.width / 2 - 1e-6 <= x <= s.x
            assert abs(y - s.y) <= s.height / 2
        for x, y in points_of(line):
            for s in columns_at(columns, x):
                inside = abs(x - s.x) < s.width / 2 - 1e-6 and abs(y - s.y) < s.height / 2 - 1e-6
                assert not inside or s.gate in own
    # A fork for every gate with several wires, and no two wires end in one point.
    forked = {w for w, n in Counter(w.source for w in ours.wires).items() if n > 1}
    assert forked <= {line.gate for line in drawing.lines if len(line.points) == 2}
    ends = [line.points[-1] for line in drawing.lines if line.wire is not None]
    assert len(set(ends)) == len(ends)


def columns_at(columns: dict[int, list[Any]], x: float) -> list[Any]:
    return [s for column in columns.values() if abs(column[0].x - x) < 400 for s in column]


@given(programs())
def test_the_layout_keeps_its_laws(program: tuple[WengertList, Point]) -> None:
    wlist, point = program
    for made in (circuit(wlist), circuit(trace(wlist, point))):
        drawing = picture(made)
        holds(drawing)
        assert picture(made) == drawing


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_samples_in_every_format(path: Path) -> None:
    made = wg.load(path, limits=wg.Limits(gates=10_000)).circuit()
    if len(made.gates) < 200:
        holds(picture(made))
    for format in TEXTS if FULL or path.stem != LONGEST else list(TEXTS)[::3]:
        text = drawn(made, format)
        assert isinstance(text, str)
        READERS.get(format, lambda text, made: None)(text, made)


def test_a_long_wire_is_straight_and_a_long_list_is_drawn_in_time() -> None:
    drawing = picture(wg.compile("y = x; for i in 0:40 { y = sin(y) }; y*x").circuit())
    long = [line for line in drawing.lines if line.gate == 0]
    assert len(long) > 35
    heights = [round(p[1], 1) for line in long for p in line.points]
    assert len(set(heights)) < 6
    f = wg.compile("s = 0; for i in 0:400 { s = s + sin(x*i) }; s", limits=wg.Limits(gates=10_000))
    # Lanes do not grow with the square of the list, however early a step could be drawn.
    drawing = picture(f.circuit())
    assert len(drawing.lines) < 5 * len(drawing.shapes)
    start = time.process_time()
    with pytest.raises(wg.LimitError):
        wg.compile("sum(x^i for i in 0:50000)", limits=wg.Limits(gates=10**6, seconds=0.2)).graph(format="svg")
    assert time.process_time() - start < 30


# SVG


def read_svg(text: str, made: Circuit) -> list[str]:
    """The texts of an SVG, which must be one that we write."""
    root = ET.fromstring(text)
    allowed = {SVG + t for t in "svg title desc style rect path circle text g".split()}
    drawn_gates, wires, said = [], [], []
    for e in root.iter():
        assert e.tag in allowed
        assert not any(k.startswith("on") or "href" in k for k in e.attrib)
        if e.tag == SVG + "g":
            drawn_gates.append(int(e.attrib["data-gate"]))
        if e.tag == SVG + "path" and "data-wire" in e.attrib:
            wires.append(int(e.attrib["data-wire"]))
        if e.tag == SVG + "text":
            said.append(e.text or "")
            assert 0 <= float(e.attrib["x"]) <= float(root.attrib["width"])
            assert 0 <= float(e.attrib["y"]) <= float(root.attrib["height"])
    assert drawn_gates == list(range(len(made.gates)))
    assert sorted(wires) == list(range(len(made.wires)))
    assert root.attrib["role"] == "img"
    assert "url(" not in text
    assert "@import" not in text
    return said


def test_the_textbook_example() -> None:
    f = wg.compile("(x1+x1+x2)^2")
    said = Counter(read_svg(f.graph(3, 7, format="svg"), f.circuit(3, 7)))
    assert said["52"] == said["13"] == said["169"] == said["6"] == said["3"] == said["7"] == 1
    assert said["26"] == 2 + 1 + 2  # into the first op twice, v1 and v2, x2
    said = Counter(read_svg(f.graph(format="svg"), f.circuit()))
    assert said["∂f/∂x1"] == said["v1"] == said["∂f/∂v1"] == 1


def test_what_is_odd_is_marked() -> None:
    text = wg.compile("log(x) + abs(x)").graph(0, format="svg")
    assert 'class="ball kink"' in text
    assert "at a kink" in text
    assert "A dotted outline" in text
    assert re.search(r'class="value odd"[^>]*>-inf<', text)
    plain = wg.compile("log(x) + abs(x)").graph(1, format="svg")
    assert 'kink"' not in plain
    assert " odd" not in plain
    assert "peripheries=2" in wg.compile("abs(x)").graph(0, format="dot")
    assert "(kink)" in wg.compile("abs(x)").graph(0, format="terminal")
    assert "draw[ball, kink" in wg.compile("abs(x)").graph(0, format="tikz")
    assert any(g.kink for g in wg.compile("x*1 if y > x else 2*x").circuit(1, 1).gates)


# DOT, by its grammar


def read_dot(text: str, made: Circuit) -> tuple[list[str], list[tuple[str, str]]]:
    html = r"<(?:<(?:FONT COLOR=\"#\w{6}\"|/FONT|BR/|I|/I)>|&(?:#\d+|lt|gt|amp|quot);|[^<>&])+>"
    value = rf'(?:\w+|"[^"\\]*"|0\.6|{html})'
    attributes = rf"\[(?:\w+={value}(?:, \w+={value})*)?\]"
    lines = text.split("\n")
    assert lines[0] == "digraph circuit {"
    assert lines[-2:] == ["}", ""]
    gates, wires = [], []
    for line in lines[1:-2]:
        if found := re.fullmatch(rf"  ([gc]\d+) {attributes};", line):
            gates.append(found[1])
        elif found := re.fullmatch(rf"  ([gc]\d+) -> ([gc]\d+) {attributes};", line):
            wires.append((found[1], found[2]))
        else:
            assert re.fullmatch(rf"  (rankdir=LR|(node|edge) {attributes});", line)
        for label in re.findall(r"label=<((?:<[^<>]*>|[^<>])*)>", line):
            ET.fromstring(f"<p>{label}</p>")
    assert len(set(gates)) == len(gates)
    assert [g for g in gates if g[0] == "g"] == [f"g{n}" for n in range(len(made.gates))]
    targets = Counter(int(b[1:]) for a, b in wires if b[0] == "g")
    assert targets == Counter(w.target for w in made.wires)
    leaving = Counter(a for a, _ in wires)
    assert {g for wire in wires for g in wire} <= set(gates)
    for a, b in wires:
        assert a[0] == "c" or b == f"c{a[1:]}" or leaving[a] == 1
    return gates, wires


# TikZ, by the grammar of our own subset


def read_tikz(text: str, made: Circuit) -> None:
    head, _, rest = text.partition("\\itshape, inner sep=0pt}]\n")
    body, _, foot = rest.partition("\\end{tikzpicture}}\n\\end{document}\n")
    assert rest
    assert not foot
    assert re.findall(r"\\usepackage\{(\w+)\}", head) == ["tikz"]
    p = r"\(-?\d+(?:\.\d)?,-?\d+(?:\.\d)?\)"
    inside = r"(?:[^\\{}$&#%_^~]|\\[{}$&#%_]|\\text\w+\{\}|\\ldots\{\}|\$(?:[-*']|\\[A-Za-z]+)\$|\\textbf\{[^{}]*\})*"
    kinds = [
        rf"\\draw {p} -- {p}(?: \.\. controls {p} and {p} \.\. {p} -- {p})?;",
        rf"\\fill {p} circle\[radius=2\.5\];",
        rf"\\draw\[(?:ball|box|number)(?:, kink)?, rounded corners=[\d.]+pt\] {p} rectangle {p};",
        rf"\\node(?:\[(?:value|back), anchor=base (?:east|west)\])? at {p} \{{{inside}\}};",
    ]
    lines = body.rstrip("\n").split("\n")
    for line in lines:
        assert any(re.fullmatch(kind, line) for kind in kinds), line
    assert sum(line.startswith(r"\draw[") for line in lines) == len(made.gates)
    # TeX knows no length over 16,383 points.
    assert max(abs(float(x)) for x in re.findall(r"[(,](-?\d+(?:\.\d)?)(?=[,)])", body)) < 10_000
    assert sum(line.startswith(r"\node at") for line in lines) == len(made.gates)


@given(st.text(max_size=20))
def test_any_text_is_plain_in_latex(text: str) -> None:
    coded = tex(text)
    assert coded.count("$") - coded.count("\\$") == 2 * len(re.findall(r"(?<!\\)\$[^$]+\$", coded))
    depth = 0
    for piece in re.findall(r"\\.|[{}]", coded):
        depth += {"{": 1, "}": -1}.get(piece, 0)
        assert depth >= 0
    assert depth == 0


# The terminal


def read_lanes(text: str, made: Circuit, width: int = 100) -> list[str]:
    lines = text.split("\n")
    assert all(cells(line) <= width for line in lines)
    signs = Counter(c for line in lines for c in line[: line.find("  ") if "  " in line else None] if c in "□●■")
    assert signs["□"] <= sum(g.kind == "input" for g in made.gates)
    return lines


def test_the_terminal() -> None:
    assert (
        wg.compile("(x1+x1+x2)^2").graph(3, 7, format="terminal")
        == """\
                     value  ∂f/∂
□    x1                  3    52
│ □  x2                  7    26
● │  v1 = +(x1, x1)      6    26
●─╯  v2 = +(v1, x2)     13    26
●    f = ^2(v2)        169     1
■    f"""
    )


@given(programs(), st.sampled_from([20, 40, 80, 120]))
def test_a_terminal_drawing_fits(program: tuple[WengertList, Point], width: int) -> None:
    wlist, point = program
    for made in (circuit(wlist), circuit(trace(wlist, point))):
        with wg.printing(width=width):
            lines = read_lanes(str(drawn(made, "terminal")), made, width)
        assert len(lines) in (n := sum(g.kind != "constant" for g in made.gates), n + 1)


def read_html(text: str, made: Circuit) -> list[str]:
    head, found, foot = re.split(r"(?<=<body>\n)|(?=</body>)", text)
    (style,) = re.findall(r"<style>(.*?)</style>", found, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"content=\"default-src 'none'; style-src 'sha256-{digest}'\"" in head
    assert foot == "</body>\n</html>\n"
    return read_svg(found, made)


READERS: dict[str, Any] = {
    "svg": read_svg,
    "html": read_html,
    "dot": read_dot,
    "tikz": read_tikz,
    "terminal": read_lanes,
}


# Hostile names, which a list by hand may have


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_stays_text_in_every_format(name: str) -> None:
    made = wg.compile("a*b + sin(a)").circuit()
    hostile = made._replace(
        gates=tuple(g._replace(label=name) if g.kind == "input" else g for g in made.gates),
        wires=tuple(w._replace(name=name) for w in made.wires), output=name,
    )  # fmt: skip
    for format, reader in READERS.items():
        text = drawn(hostile, format)
        assert "<script" not in text or format not in ("svg", "dot")
        assert "\u202e" not in text
        reader(text, hostile)
    assert max(map(len, str(drawn(hostile, "svg")).split("\n"))) < 2000


# Files


def test_the_suffix_decides(tmp_path: Path, capsys: Any) -> None:
    f = wg.compile("(2*x1+x2)^2")
    for suffix, format in SUFFIXES.items():
        if format == "png":
            continue
        path = tmp_path / f"circuit{suffix}"
        assert main(["graph", "(2*x1+x2)^2", "--x1", "3", "x2=7", "-o", str(path)]) == 0
        assert not capsys.readouterr().out
        assert path.read_text("utf-8").rstrip("\n") == f.graph(3, 7, format=format).rstrip("\n")
        assert f.graph(3, 7, file=path, force=True) == f.graph(3, 7, format=format)
        assert main(["graph", "(2*x1+x2)^2", "--x1", "3", "x2=7", "--format", format]) == 0
        assert capsys.readouterr().out.rstrip("\n") == f.graph(3, 7, format=format).rstrip("\n")
    assert len(list(tmp_path.iterdir())) == len(SUFFIXES) - 1


def test_a_file_is_written_as_a_whole_or_not_at_all(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.svg").write_text("old")
    (tmp_path / "folder.svg").mkdir()
    cases = {
        "W680": ["circuit.jpg", "circuit", ".svg", "svg", "a.svg/"], "W681": ["old.svg"],
        "W682": ["folder.svg", "missing/circuit.svg", "old.svg/circuit.svg", "a\0.svg", "x" * 300 + ".svg"],
    }  # fmt: skip
    for code, names in cases.items():
        for name in names:
            assert main(["graph", "x^2", "--x", "3", "-o", name]) == 2
            said = capsys.readouterr()
            assert f"error[{code}]" in said.err
            assert not said.out
            with pytest.raises(wg.UsageError, match=code):
                wg.compile("x^2").graph(3, file=name)
    for words in (["--x", "1", "--x", "2"], ["--limit", "gates=0"], ["--wrt", "q"], ["--format", "jpg"]):
        assert main(["graph", "x^2", *words, "-o", "new.svg"]) in (2, 3)
    with pytest.raises(wg.UsageError, match="W680"):
        wg.compile("x^2").graph(3, format="jpg")
    with pytest.raises(wg.UsageError, match="W602"):
        wg.compile("x^2").graph(3, format=None)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        assert main(["graph", "x^2", "-o", "old.svg", "--force"]) == 2
        assert "No space left" in capsys.readouterr().err
    assert {p.name for p in tmp_path.iterdir()} == {"old.svg", "folder.svg"}
    assert (tmp_path / "old.svg").read_text() == "old"
    assert main(["graph", "x^2", "-o", "old.svg", "--force"]) == 0
    assert (tmp_path / "old.svg").read_text("utf-8").startswith("<svg")


@pytest.mark.parametrize("text", ["2^3", "pi", "x", "input x, y; x^2", "p = x*y; q = p + x; output q, p, x, 4, p"])
def test_odd_programs(text: str) -> None:
    f = wg.compile(text)
    made = f.circuit(*[2.0] * len(f.inputs)) if f.inputs else f.circuit()
    holds(picture(made))
    for format, reader in READERS.items():
        reader(drawn(made, format), made)


def test_arrays_are_shapes() -> None:
    f = wg.compile("sum(x^2)")
    said = read_svg(f.graph(list(range(100)), format="svg"), f.circuit(list(range(100))))
    assert said.count("array (100,)") >= 2
    odd = f.graph([1.0, float("nan")], format="svg")
    assert 'class="value odd"' in odd


def test_png(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> None:
    f = wg.compile("(2*x1+x2)^2")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "resvg_py", None)
        with pytest.raises(wg.UsageError, match="W683"):
            f.graph(3, 7, format="png")
        assert main(["graph", "x^2", "-o", str(tmp_path / "a.png")]) == 2
        assert 'pip install "wengert[png]"' in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
    assert main(["graph", "x^2", "--format", "png"]) == 2
    pytest.importorskip("resvg_py")
    raw = f.graph(3, 7, format="png", file=tmp_path / "a.png")
    assert raw == (tmp_path / "a.png").read_bytes()
    assert raw[:8] == b"\x89PNG\r\n\x1a\n"
    width = float(ET.fromstring(f.graph(3, 7, format="svg")).attrib["width"])
    assert abs(int.from_bytes(raw[16:20], "big") - 2 * width) < 4


def test_the_picture_in_the_readme_is_fresh() -> None:
    """Made by `wengert graph "(x1+x1+x2)^2" --x1 3 --x2 7 -o samples/circuit.svg --force`."""
    assert (ROOT / "samples" / "circuit.svg").read_text("utf-8") == wg.compile("(x1+x1+x2)^2").graph(3, 7, format="svg")
    assert "samples/circuit.svg" in (ROOT / "README.md").read_text("utf-8")
