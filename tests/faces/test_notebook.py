"""Notebooks: things show themselves, all text in them is escaped, and `%%wengert` cells share the notebook's variables.

The magics are held to a shell of IPython, and a notebook is executed and converted, where these are installed.
"""

from __future__ import annotations

import html
import json
import subprocess
import sys
import xml.etree.ElementTree as tree
from base64 import b64decode
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from wengert.notebook.answers_of_cells import CellAnswer

TEXT = "f = x^2*sin(y)\nf"
POINT = {"x": 3.0, "y": 0.5}
ALLOWED = {"table", "thead", "tbody", "caption", "tr", "th", "td", "code", "pre", "p", "ul", "li", "img"}
HOSTILE = "f = x < y  # <script>alert(1)</script> </pre></code> \" ' &amp; <img src=x onerror=1> $x$\nf"


class Reader(HTMLParser):
    """The texts of cells and the tags of a piece of HTML, which has to be balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.images: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        assert {name for name, _ in attributes} <= {"style", "scope", "colspan", "alt", "src"}
        if tag == "img":
            self.images.append(dict(attributes)["src"] or "")
            return
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += text


def shown(thing: Any) -> Reader:
    return Reader(thing._repr_html_())


def test_a_gradient_and_a_matrix_are_tables_of_their_numbers() -> None:
    f = wg.compile(TEXT)
    g, h = f.grad(POINT), f.hessian(POINT)
    assert [(n, float(v)) for n, v in shown(g).rows[1:]] == list(g.items())
    rows = shown(h).rows
    assert rows[0] == ["", "x", "y"]
    assert [[row[0], *map(float, row[1:])] for row in rows[1:]] == [[n, *h[n]] for n in h.rows]
    assert "W301" in wg.compile("abs(x)").grad(0)._repr_html_()
    assert shown(wg.compile("sum(x^2)").grad([1.0, 2.0])).rows[1] == ["x", "[2, 4]"]
    wide = wg.compile("sum(x)").grad(np.zeros(100_000))
    assert len(wide._repr_html_()) < 2000


def test_a_trace_is_its_tables() -> None:
    trace = wg.compile(TEXT).trace(POINT)
    rows = shown(trace).rows
    steps = [row[0] for row in rows]
    assert "equation" in steps
    assert any(s.startswith("f = ") for s in steps)
    plain = trace._repr_mimebundle_()["text/plain"]
    assert str(trace) == plain != repr(trace)
    assert "Forward sweep" in plain
    assert "Reverse sweep" in plain
    moving = wg.compile(TEXT).trace(POINT, direction={"x": 1})
    assert "Tangent sweep" in moving._repr_html_()


def test_a_program_has_its_text_its_formula_and_its_circuit() -> None:
    for thing in (wg.compile(TEXT), wg.compile(TEXT).wengert_list):
        forms = thing._repr_mimebundle_()
        assert set(forms) == {"text/plain", "text/html", "text/latex"}
        assert forms["text/latex"].startswith("$$")
        assert r"\sin" in forms["text/latex"]
        (image,) = Reader(forms["text/html"]).images
        assert tree.fromstring(b64decode(image.partition(",")[2])).tag.endswith("svg")
        assert set(thing._repr_mimebundle_(include={"text/html"})) == {"text/html"}
        assert "text/html" not in thing._repr_mimebundle_(exclude={"text/html"})


@pytest.mark.parametrize("text", ["sum(x^2 for i in 0:500)", "input x[n]\nsum(x[i] for i in 0:n)", "5", "x", "A @ x"])
def test_a_program_of_any_kind_shows_something(text: str) -> None:
    f = wg.compile(text)
    assert shown(f)
    assert len(f._repr_html_()) < 200_000
    f._repr_mimebundle_()


def test_all_text_is_escaped() -> None:
    f = wg.compile(HOSTILE)
    reader = shown(f)
    assert "<script" not in f._repr_html_()
    assert html.escape("<script>") in f._repr_html_()
    assert all(src.startswith("data:image/svg+xml;base64,") for src in reader.images)
    for thing in (f.trace(x=1, y=2), f.grad(1, 2), f.jacobian(1, 2), CellAnswer(f, {"x": 1.0, "y": 2.0})):
        assert shown(thing).rows
        assert "<script" not in thing._repr_html_()
    assert "<script" not in f.trace_table(x=1, y=2, style="html")


# Cells


class Shell:
    """As much of IPython's shell as the magics ask for."""

    colors = "nocolor"

    def __init__(self, **variables: Any) -> None:
        self.user_ns: dict[str, Any] = variables
        self.magic: Any = None
        wg.load_ipython_extension(self)

    def register_magic_function(self, function: Any, kind: str, name: str) -> None:
        assert (kind, name) == ("line_cell", "wengert")
        self.magic = function


def test_variables_come_from_the_notebook_and_go_to_it() -> None:
    shell = Shell(x=3, w=np.array([1.0, 2.0]), unused=object())
    answer = shell.magic("", "s = 2*x + sum(w)\nlambda = s + 1\nfor t in 0:3 { s = s*2 }\ns^2")
    assert answer.value == (8 * 9.0) ** 2
    assert shell.user_ns["s"] == 72.0
    assert "lambda" not in shell.user_ns
    assert answer.derivatives["x"] == 2 * 72 * 16
    assert shell.magic("s + x") == 75.0
    assert shell.magic("--grad s^2")["s"] == 144.0
    assert "value" in repr(answer)
    assert str(72**2) in answer._repr_html_()
    assert shell.magic("", "input x = 10\nx + 1").value == 11.0
    several = shell.magic("", "a = x*s; b = x; output a, b")
    assert several.derivatives["a", "s"] == 3.0
    assert shell.magic("", "v = [x, 2*x]\nv").derivatives is None
    assert shell.user_ns["v"].tolist() == [3.0, 6.0]


def test_a_cell_may_name_its_function() -> None:
    shell = Shell()
    f = shell.magic("neuron", "tanh(a*b)")
    assert isinstance(f, wg.Function)
    assert shell.user_ns["neuron"] is f
    shell.user_ns.update(a=1.0, b=2.0)
    assert isinstance(shell.magic("--trace", "tanh(a*b)"), wg.Trace)
    assert str(shell.magic("--diff", "q^2")) == "2*q"
    assert shell.magic("--hessian a*b")["a", "b"] == 1.0


@pytest.mark.parametrize(
    ("line", "cell", "code"),
    [
        ("", "x +* 1", "W007"), ("", "x + q", "W606"), ("--grd x", None, "W630"), ("a b", "x", "W630"),
        ("x +", None, "W00"), ("", "x + text", "W6"), ("2x", None, "W006"), ("--grad", "output y", "W1"),
    ],
)  # fmt: skip
def test_an_error_in_a_cell_is_our_message_without_a_traceback(line: str, cell: str | None, code: str) -> None:
    shell = Shell(x=1.0, text="text")
    before = dict(shell.user_ns)
    with pytest.raises(wg.WengertError) as caught:
        shell.magic(line, cell)
    lines = caught.value._render_traceback_()  # type: ignore[attr-defined]
    assert lines[0].startswith(f"error[{code}")
    assert "Traceback" not in "\n".join(lines)
    assert shell.user_ns == before


def test_a_cell_never_runs_python() -> None:
    shell = Shell(x=1.0)
    for text in ("__import__('os')", "x.__class__", "open('f')", "exec(x)", "(lambda: 1)()"):
        with pytest.raises(wg.WengertError):
            shell.magic("", text)
        with pytest.raises(wg.WengertError):
            shell.magic(text)


# In IPython


@pytest.fixture
def shell() -> Iterator[Any]:
    interactive = pytest.importorskip("IPython.core.interactiveshell")
    made = interactive.InteractiveShell(colors="nocolor")
    made.run_cell("%load_ext wengert")
    yield made
    made.history_manager.end_session()


def test_ipython_runs_cells_and_shows_errors(shell: Any, capsys: Any) -> None:
    shell.run_cell("x = 3.0")
    found = shell.run_cell("%%wengert\ny = x^2\ny").result
    assert found.value == shell.user_ns["y"] == 9.0
    assert shell.run_cell("z = %wengert {x} + 1 if x > 0 else 2").error_in_exec is not None
    assert shell.run_cell("z = %wengert y + 1").success
    assert shell.user_ns["z"] == 10.0
    capsys.readouterr()
    failed = shell.run_cell("%%wengert\nx +* 2")
    assert not failed.success
    said = capsys.readouterr()
    assert "error[W007]" in said.out + said.err
    assert "^^" in said.out + said.err
    assert "Traceback" not in said.out + said.err
    forms, _ = shell.display_formatter.format(wg.compile("x^2").trace(x=2))
    assert forms["text/plain"].startswith("x^2\n\nForward sweep")
    shell.run_cell("%unload_ext wengert")
    assert not shell.run_cell("%wengert 1 + 1").success


NOTEBOOK = [
    "import wengert as wg\n%load_ext wengert\nx1, x2 = 3.0, 7.0",
    "%%wengert neuron\nf = (2*x1 + x2)^2\nf",
    "neuron",
    "neuron.grad(x1=x1, x2=x2)",
    "neuron.hessian(x1=x1, x2=x2)",
    "neuron.trace(x1=x1, x2=x2)",
    "neuron.wengert_list",
    "assert f == 169",
]


def test_a_notebook_is_executed_and_converted() -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in NOTEBOOK])
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute()
    shown = [cell.outputs[0]["data"] for cell in book.cells[1:-1]]
    assert all("text/html" in forms for forms in shown)
    assert "169" in shown[0]["text/html"]
    nbconvert = pytest.importorskip("nbconvert")
    page = nbconvert.HTMLExporter().from_notebook_node(book)[0]
    # Pages show the HTML, PDFs the formulas; each thing once.
    assert page.count("<caption>Reverse sweep") == page.count(r"<code>∂f/∂x1 = 52</code>") == 1
    assert page.count('<img alt="the circuit') == 2
    source = nbconvert.LatexExporter().from_notebook_node(book)[0]
    assert r"\begin{array}" in source
    assert r"\left(2" in source


def test_ipython_is_never_imported() -> None:
    ours = [vars(module) for name, module in sys.modules.items() if name.startswith("wengert.")]
    assert not any("IPython" in names for names in ours)


MARIMO = """
import marimo
app = marimo.App()
with app.setup:
    import wengert as wg
    f = wg.compile("(2*x1+x2)^2")
"""


def test_marimo_shows_the_html(tmp_path: Path) -> None:
    pytest.importorskip("marimo", reason="marimo is not installed")
    shown = ("f", "f.wengert_list", "f.trace(3, 7)", "f.grad(3, 7)", "f.hessian(3, 7)")
    cells = [f"@app.cell\ndef _():\n    {text}\n    return\n" for text in shown]
    (tmp_path / "app.py").write_text(MARIMO + "\n".join(cells), encoding="utf-8")
    words = [sys.executable, "-m", "marimo", "export", "html", "app.py", "-o", "app.html"]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    page = (tmp_path / "app.html").read_text(encoding="utf-8")
    f = wg.compile("(2*x1+x2)^2")
    for thing in (f, f.wengert_list, f.trace(3, 7), f.grad(3, 7), f.hessian(3, 7)):
        html = json.dumps(thing._repr_html_()).replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026")
        assert f'"text/html": {html}' in page
