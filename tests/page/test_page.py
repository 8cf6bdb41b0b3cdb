"""Pages read back: their data are the trace's, their policy lets nothing in, and a text of a program stays a text."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert as wg
from tests.emit.test_emit import PYTHON_ALONE
from tests.oracles.programs import ELEMENTWISE, Point, programs
from wengert.cli.main import main
from wengert.lists.wengert_list import WengertList
from wengert.ops import OPS
from wengert.page.drawing import drawing
from wengert.page.folding import folded, levels
from wengert.page.markup import markup
from wengert.show.captions import number as shown
from wengert.show.latex import latex
from wengert.sweeps.forward import depending

from .reading import ROOT, SAMPLES, Page, number, number_of

SCRIPTS = ROOT / "wengert" / "page"
NODE = shutil.which("node")
# Ops that only Python computes are in no script.
WRITABLE = [row for row in ELEMENTWISE if row.name not in PYTHON_ALONE]
HOSTILE = [
    "</script><script>alert(1)</script>", "<!--", "--><img src=x onerror=alert(1)>", "</style>", '"onload="x', "'",
    "&lt;",
    "\u202eevil", "{{circuit}}", "]]>", "</pre></code>", "\u2028", "λ" * 5, "x" * 10_000,
]  # fmt: skip


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {path.stem: wg.load(path).page() for path in SAMPLES}


# The data


def test_the_numbers_of_a_page_are_those_of_the_trace(pages: dict[str, str]) -> None:
    for path in SAMPLES:
        page, trace = Page(pages[path.stem]), wg.load(path).trace()
        steps = {(s.k, s.i): s for s in trace.reverse}
        order = [*trace.wlist.inputs, *page.record["names"][len(trace.wlist.inputs) :][: page.record["constants"]]]
        names = [*trace.wlist.inputs, *order[len(trace.wlist.inputs) :], *(e.output for e in trace.wlist.equations)]
        for n, name in enumerate(names):
            if name in trace.values:
                assert number(page.trace["values"][n]) == number_of(trace.values[name], page.trace["values"][n]), (
                    path.stem,
                    name,
                )
        for j, (k, i, *_) in enumerate(page.record["steps"]):
            step = steps.get((k, i))
            for key, want in (("downstream", step and step.downstream), ("sums", step and step.total)):
                assert number(page.trace[key][j]) == number_of(want, page.trace[key][j]), (path.stem, k, i)
            if step is not None:
                assert number(page.trace["locals"][j]) == number_of(step.local, page.trace["locals"][j])
        # A page knows each way that an adjoint goes to a name that is no literal.
        known = {(k, i) for k, i, *_ in page.record["steps"]}
        moving = depending(trace.wlist, set(trace.wlist.inputs))
        assert {(s.k, s.i) for s in trace.reverse if s.input in moving} <= known


@pytest.mark.parametrize("exercise", [False, True])
def test_the_program_is_shown_as_it_is(exercise: bool, pages: dict[str, str]) -> None:
    for path in SAMPLES:
        text = path.read_text("utf-8")
        found = Page(wg.load(path).page(exercise=True) if exercise else pages[path.stem]).program
        if not exercise:
            assert found == text
        else:
            assert "#" not in found
            assert "expect" not in found


def test_pieces_of_the_text_lead_to_their_equations() -> None:
    page = Page(wg.compile("y = (a + b)*c\nsin(y)^2").page(a=1, b=2, c=3))
    marked = [a["data-k"] for _, a in page.elements if a.get("class") == "expression"]
    assert sorted(marked) == ["0", "1", "2", "3"]
    assert len([a for _, a in page.elements if a.get("class") == "name"]) == 5  # a, b, c, and y twice


# The file


def test_nothing_comes_in_and_nothing_goes_out(pages: dict[str, str]) -> None:
    texts = [*pages.values(), wg.compile("x^2").page(x=3, exercise=True), wg.compile("sum(x)").page(x=[1, 2])]
    for text in texts:
        page = Page(text)
        (policy,) = [a["content"] for t, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
        assert policy is not None
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
        for tag, attrs, block in page.blocks:
            if attrs.get("type") == "application/json":
                assert "<" not in block
                json.loads(block)
                continue
            digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in rules[f"{tag}-src"]
        assert "unsafe" not in policy
        for _, attrs in page.elements:
            assert not {
                a for a in attrs if a.startswith("on") or a in ("src", "style", "srcdoc", "action", "formaction")
            }
            assert attrs.get("href", "#").startswith("#")  # type: ignore[union-attr]
        outside = set(re.findall(r"https?://[^\s\"'`)]+", re.sub(r"<pre.*?</pre>", "", text, flags=re.S)))
        assert outside <= {"http://www.w3.org/2000/svg"}


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    plain = Page(wg.compile("# good\ny = a*b", name="good").page(a=1, b=2))
    for text in HOSTILE:
        comment = " ".join(text.split())
        page = Page(wg.compile(f"# {comment}\ny = a*b", name=text).page(a=1, b=2))
        assert [t for t, _ in page.elements] == [t for t, _ in plain.elements], text
        assert comment.replace("\u202e", "⟨U+202E⟩").replace("\u2028", " ") in page.program
    for name in ("script", "x" * 10_000, "λ", "constructor", "__proto__"):
        page = Page(wg.compile(f"{name}^2").page({name: 3}))
        assert page.record["equations"][0][1][0] == 0
    odd = Page(wg.compile(WengertList([("v", "mul", ("a", "a"))])).page(a=2))
    assert odd.trace["values"] == [2.0, 4.0]


def test_an_exercise_gives_nothing_away() -> None:
    text = "# it is 0.4226\nf = sin(a)*b^2 + a\nexpect f = 5.0561"
    f = wg.compile(text)
    open_page, page = f.page(a=2.3, b=2.39, exercise=False), f.page(a=2.3, b=2.39, exercise=True)
    trace = f.trace(a=2.3, b=2.39)
    numbers = {v for n, v in trace.values.items() if n not in f.inputs}
    numbers |= {x for s in trace.reverse if s.input in f.inputs for x in (s.local, s.downstream, s.total)} - {
        1.0,
        2.3,
        2.39,
        2.0,
    }
    for x in numbers:
        for spelling in (repr(x), shown(x)):
            assert spelling not in page
        assert repr(x) in open_page
    assert "5.0561" not in page
    assert "0.4226" not in page
    assert Page(page).trace == Page(open_page).trace


def test_a_page_is_small_and_says_it_left_things_out() -> None:
    chain = "x = a\nfor k in 0:50 { x = sin(x)*b + k }\nx"
    f = wg.compile(chain)
    assert len(f.wengert_list) > 100
    assert len(f.page(a=1, b=2).encode()) < 500_000
    small = wg.compile("b = a\nfor k in 0:29 { b = sin(b) }\nb", limits=wg.Limits(gates=20)).page(a=1)
    assert "The circuit of 30 equations is left out; it is drawn folded: over the limit `gates` of 20." in small
    assert small.count('class="circuit"') == 1
    lines = "\n".join(f"b{k} = a + {k}" for k in range(30))
    sums = wg.compile(lines, limits=wg.Limits(gates=20)).page(a=1)
    assert "The circuit of 30 equations is left out: over" in sums
    with pytest.raises(wg.LimitError, match="a page of 20,001 equations"):
        wg.compile("b = a\nfor k in 0:20000 { b = b + 1 }\nb").page(a=1)


# Folding

FOLDED = """def sq(a, b) = (a + b)^2*a + sin(a - b)/b
input x0 = 0.3, v0 = 1
x = x0
v = v0
for t in 0:3 {
  v = v - 0.1*sin(x)
  x = x + 0.1*v
}
y = sq(x, v) + sq(v, 2)
sum(k*x for k in 0:3)*y"""


def test_a_list_folds_by_calls_bindings_and_loops() -> None:
    wlist = wg.compile(FOLDED).wengert_list
    found = {level.name: level.groups for level in levels(wlist)}
    assert [g.label for g in found["calls"]] == ["sq()", "sq()"]
    assert [g.label for g in found["loops"]][:2] == ["for t", "y"]
    assert "for t" not in [g.label for g in found["bindings"]]
    for groups in found.values():
        ends = [(g.first, g.last) for g in groups]
        assert ends == sorted(ends)
        assert all(a < b for a, b in ends)
        assert all(b < c for (_, b), (c, _) in pairwise(ends))


@settings(max_examples=20)
@given(st.sampled_from([FOLDED, *(p.read_text("utf-8") for p in SAMPLES)]))
def test_a_folded_circuit_keeps_every_wire_between_groups(text: str) -> None:
    f = wg.compile(text, limits=wg.Limits(gates=10_000))
    whole = f.circuit(names=True)
    for level in levels(f.wengert_list):
        inside = {k: g for g in level.groups for k in range(g.first, g.last + 1)}
        fold = folded(whole, level)
        kept = [n for bundle in fold.bundles for n in bundle]
        assert len(kept) == len(set(kept))
        for n, w in enumerate(whole.wires):
            source, target = (inside.get(whole.gates[v].k) for v in (w.source, w.target))  # type: ignore[arg-type]
            if source is None or source != target:
                literal = whole.gates[w.source].kind == "constant" and not isinstance(w.name, str)
                assert n in kept or literal
        assert all(w.source < w.target for w in fold.circuit.wires)
        assert len(fold.circuit.gates) < len(whole.gates) + len(level.groups)
        svg = drawing(fold, [-1] * len(fold.circuit.gates))
        assert svg.count("<g ") == len(fold.circuit.gates)


# Mathematics


def test_every_op_is_written_in_mathematics() -> None:
    for row in OPS.values():
        if row.of_rules or row.array is not None and "=" in row.name:
            continue
        count = len(row.params.split()) + ("*" in row.params)
        wlist = WengertList([("y", row.name, tuple(f"x{k}" for k in range(count)))]) if not row.statics else None
        if wlist is not None:
            well_formed(markup(latex(wlist)), row.name)


def well_formed(text: str, of: str) -> None:
    tree = ET.fromstring(f"<math>{text.replace('&#160;', ' ')}</math>")
    for part in tree.iter():
        assert part.tag in (
            "math mrow mi mn mo msup msub msubsup mfrac msqrt mover mtext mtable mtr mtd mspace".split()
        )
        assert "\\" not in (part.text or ""), of
    for tag, count in (("msup", 2), ("msub", 2), ("mfrac", 2), ("mover", 2), ("msubsup", 3)):
        assert all(len(part) == count for part in tree.iter(tag)), of


def test_every_rule_is_written_in_mathematics(pages: dict[str, str]) -> None:
    ops = [row for row in OPS.values() if row.array is None and not row.of_rules and "*" not in row.params]
    for row in ops:
        names = [f"x{k}" for k in range(len(row.params.split()))]
        page = Page(wg.compile(f"{row.name}({', '.join(names)})").page(dict.fromkeys(names, 0.3)))
        assert all(rule >= 0 for _, _, rule, *_ in page.record["steps"]), row.name
        for rule in page.record["rules"]:
            well_formed(rule, row.name)
    for page in map(Page, pages.values()):
        for _, name in page.record["names"]:
            well_formed(name, "a name")


def test_markup_of_known_formulas() -> None:
    assert markup("x_{1}^2") == "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>"
    assert markup(r"\frac{1}{a}") == "<mfrac><mn>1</mn><mi>a</mi></mfrac>"
    assert markup(r"\text{if } a") == "<mrow><mtext>if&#160;</mtext><mi>a</mi></mrow>"
    assert "<mtext>" in markup("{" * 100 + "}" * 100)
    assert "&lt;" in markup("a < b")


# The script

SPOTS = [0.0, -0.0, 1.0, -1.5, 1e-5, 1.23456789e-5, 123456789.123, 1e15, 1e16, 1.5e300, 0.1, 2.0000005, 1234567.5,
         100000.5, 100001.5, 0.0001234565, math.inf, -math.inf, math.nan, 5e-324, 1e22, 123456.5, 0.5]  # fmt: skip


def in_node(code: str) -> Any:
    text = (SCRIPTS / "numbers.js").read_text("utf-8") + "\n"
    done = subprocess.run([str(NODE), "-"], input=text + code, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


@pytest.mark.skipif(NODE is None, reason="Node is not here, which runs the page's script without a browser")
def test_the_page_spells_numbers_as_python_does() -> None:
    rng = np.random.default_rng(1)
    many = [*SPOTS, *(rng.normal(size=300) * 10.0 ** rng.integers(-20, 20, 300)).tolist()]
    many += [round(x) + 0.5 for x in many[:40] if abs(x) < 1e9]
    sent = json.dumps([repr(x) for x in many])
    got = in_node(f"const of = (t) => t === 'nan' ? NaN : +t.replace('inf', 'Infinity');"
                  f"console.log(JSON.stringify({sent}.map((t) => shown(of(t)))))")  # fmt: skip
    assert got == [shown(x) for x in many]


@pytest.mark.skipif(NODE is None, reason="Node is not here, which runs the page's script without a browser")
def test_the_script_of_a_list_answers_as_the_trace_does() -> None:
    """All values and local derivatives of programs at several points, in one process."""
    parts, wanted = [], []

    @settings(max_examples=25, database=None)
    @given(programs(rows=WRITABLE), st.data())
    def gather(program: tuple[WengertList, Point], more: Any) -> None:
        wlist, point = program
        f = wg.compile(wlist)
        try:
            page = Page(f.page(point))
        except wg.WengertError:
            return
        if not page.record["live"]:
            return
        other = {n: more.draw(st.floats(-3, 3, allow_nan=False)) for n in f.inputs}
        for at in (point, other):
            trace = f.trace(at)
            # Beside a value that is nan the page itself puts nan, after the tape.
            steps = {(s.k, s.i): s.local for s in trace.reverse if not math.isnan(s.local)}
            script = next(text for _, _, text in page.blocks if "const tapeOf" in text)
            values = ", ".join(literal(float(at[n])) for n in f.inputs)
            parts.append(f"(() => {{ {script}; return [tapeOf({values})].flat(); }})()")
            wanted.append(
                [*(s.value for s in trace.forward), *(steps.get((k, i)) for k, i, *_ in page.record["steps"])]
            )

    gather()
    assert len(parts) > 20
    got = in_node(f"console.log(JSON.stringify([{','.join(parts)}].map((row) => row.map(String))))")
    for row, want in zip(got, wanted):
        for a, b in zip(row, want):
            if b is not None:
                a = float(a.replace("Infinity", "inf"))
                assert a == b or a != a and b != b or abs(a - b) <= 1e-9 * abs(b) or abs(a - b) < 1e-290, (a, b)


@pytest.mark.skipif(NODE is None, reason="Node is not here, which runs the page's script without a browser")
def test_functions_of_the_callers_are_computed_in_the_page_where_they_can_be_recorded() -> None:
    wg.register("bump", lambda a: 1 / (1 + a * a), "-2*a*y^2")
    wg.register("area", lambda w, h: w * h + np.tanh(w), [lambda w, h, y: h + 1 - np.tanh(w) ** 2, "w"])
    f = wg.compile("bump(x)*area(y, x)")
    page = Page(f.page(x=0.5, y=2))
    assert page.record["live"]
    script = next(text for _, _, text in page.blocks if "const tapeOf" in text)
    points = [(0.5, 2.0), (-1.25, 0.0), (3.0, -0.75)]
    calls = ",".join(f"tapeOf({literal(x)}, {literal(y)})" for x, y in points)
    for row, (x, y) in zip(in_node(f"{script}; console.log(JSON.stringify([{calls}]))"), points):
        trace = f.trace(x=x, y=y)
        steps = {(s.k, s.i): s.local for s in trace.reverse}
        wanted = [*(s.value for s in trace.forward), *(steps[k, i] for k, i, *_ in page.record["steps"])]
        assert row == pytest.approx(wanted, rel=1e-13)
    # These cannot be recorded, or the recorded text is not the function.
    wg.register("sine", math.sin, "cos(a)", params="a")
    wg.register("part", lambda a: a if a > 0 else 0.0, lambda a, y: float(a > 0))
    wg.register("sly", lambda a: a if isinstance(a, float) else a + 1, "1")
    wg.register("bad", lambda a: 1 // (isinstance(a, float) or [][0]), "1")
    for op in ("sine", "part", "sly", "bad"):
        page = Page(wg.compile(f"{op}(x)*2").page(x=0.5))
        assert not page.record["live"]
        assert f"`{op}`" in page.record["why"]


def test_the_outputs_to_choose_from_are_those_that_depend_on_an_input() -> None:
    names = "a = x^2; b = 3; c = a*y; output c, a, b, x"
    page = Page(wg.compile(names).page(x=1, y=2))
    assert [page.record["names"][n][0] for n in page.record["choices"]] == ["x", "c", "a"]
    page = Page(wg.compile(names).page(x=1, y=2, wrt="y"))
    assert [page.record["names"][n][0] for n in page.record["choices"]] == ["x", "c"]
    assert len(Page(wg.compile("x^2").page(x=1)).record["choices"]) == 1
    many = "\n".join(f"t{k} = sin(x)*{k + 2}" for k in range(50))
    text = wg.compile(f"{many}\noutput {', '.join(f't{k}' for k in range(50))}").page(x=1)
    assert len(Page(text).record["choices"]) == 50
    assert len(text.encode()) < 500_000
    # A page over arrays has a sweep of its own from each of them, so that there are fewer.
    arrays = "\n".join(f"t{k} = x*{k + 2}" for k in range(50))
    text = wg.compile(f"input x[20]\n{arrays}\noutput {', '.join(f't{k}' for k in range(50))}").page(x=np.ones(20))
    assert 1 < len(Page(text).record["choices"]) < 50
    assert len(text.encode()) < 1_000_000


def literal(x: float) -> str:
    return "NaN" if x != x else str(x).replace("inf", "Infinity")


# The command


def test_the_command_writes_a_whole_file_or_none(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["page", "(2*x1+x2)^2", "--x1", "3", "x2=7", "-o", "page.html"]) == 0
    found = (tmp_path / "page.html").read_text("utf-8")
    assert found == wg.compile("(2*x1+x2)^2").page(x1=3, x2=7)
    assert main(["page", "x^2", "--x", "1", "-o", "page.html"]) == 2
    assert "W681" in capsys.readouterr().err
    assert (tmp_path / "page.html").read_text("utf-8") == found
    assert main(["page", "x^2", "--x", "1", "-o", "page.html", "--force"]) == 0
    for words in (["2x"], ["x*y", "--x", "1"], ["x", "--x", "1", "--wrt", "y"], ["x", "--x", "1", "--output", "y"],
                  ["x", "--x", "[1,2]", "--frog"], ["x*y", "--x", "[1,2]", "--y", "2"]):  # fmt: skip
        assert main(["page", *words, "-o", "new.html"]) == 2, words
        assert not (tmp_path / "new.html").exists()
    assert main(["page", "x", "--x", "1", "-o", "no/new.html"]) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize(
    ("text", "values"),
    [("2 + 3", {}), ("output 5", {}), ("x", {"x": 1}),
     ("input x, y\noutput x, x*y", {"x": 1, "y": 2}), ("log(x)", {"x": 0}),
     ("log(x)", {"x": -1}), ("1/x", {"x": 0}), ("sum(A @ x)", {"A": [[1, 2]], "x": [3, 4]}),
     ("x @ x.T", {"x": [[1, 2]]}),
     ("x^0", {"x": 0}), ("d(x^3, x)", {"x": 2}), ("besselj(2, x)", {"x": 1}),
     ("max(a, b, c)", {"a": 1, "b": 1, "c": 0}),
     ("x if x > 0 else -x", {"x": 0}), ("pi*r^2 + e", {"r": 1}), ("det(A)", {"A": [[2, 1], [1, 3]]}),
     ("input x[n]\nsum(x[i]^2 for i in 0:n)", {"x": [1, 2, 3]}), ("sum(x)", {"x": []}), ("e + inf", {})],
)  # fmt: skip
def test_any_program_has_a_page(text: str, values: dict[str, Any]) -> None:
    for exercise in (False, True):
        page = Page(wg.compile(text).page(values, exercise=exercise))
        assert len(page.record["names"]) == len(page.trace["values"])
        for rule in page.record["rules"]:
            well_formed(rule, text)


def test_the_point_is_one() -> None:
    f = wg.compile("x^2")
    with pytest.raises(wg.UsageError, match="of one point"):
        f.page(x=[1, 2])
    with pytest.raises(wg.UsageError, match="`exercise` is True or False"):
        f.page(x=1, exercise="yes")  # type: ignore[arg-type]
    with pytest.raises(wg.WengertError):
        f.page()
