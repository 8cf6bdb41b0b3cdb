"""`wengert graph`: the circuit as a mermaid flowchart, held to the trace and the gradient by a reader of its own."""

from __future__ import annotations

import unicodedata
from collections import Counter
from math import isnan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wengert as wg
from tests.oracles.mermaid import Edge, Flowchart, decoded, read
from tests.oracles.programs import Point, programs
from wengert.cli.main import main
from wengert.ground.names import trouble
from wengert.kernels.trace import trace
from wengert.lists.array_text import rounded
from wengert.lists.wengert_list import WengertList, spelled
from wengert.ops import CONSTANTS, COPY, OPS
from wengert.ops.parameters import incomplete
from wengert.show import Circuit, circuit, mermaid
from wengert.show.flowchart import escaped

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.wengert"))
TEXTBOOK = """\
graph LR
  g0["x1<br/>∂f/∂x1 = 52"]
  g1["x2<br/>∂f/∂x2 = 26"]
  g2((+))
  g3((+))
  g4((^2))
  g5["f"]
  g0 -->|"3"| g2
  g0 -->|"3"| g2
  g2 -->|"6"| g3
  g1 -->|"7"| g3
  g3 -->|"13"| g4
  g4 -->|"169"| g5
  %% The reverse sweep. Dashed edges point back: their arrowheads that point forward are off.
  g4 <-.->|"1"| g5
  g3 <-.->|"26"| g4
  g2 <-.->|"26"| g3
  g1 <-.->|"26"| g3
  g0 <-.->|"26"| g2
  g0 <-.->|"26"| g2
  linkStyle 6,7,8,9,10,11 marker-end:none"""


def chart(text: str, /, *args: Any, **options: Any) -> Flowchart:
    return read(wg.compile(text).graph(*args, **options))


def labels(edges: list[Edge]) -> list[str]:
    return [e.label for e in edges]


# The textbook's picture


def test_the_textbook_example() -> None:
    assert wg.compile("(x1+x1+x2)^2").graph(3, 7) == TEXTBOOK
    found = read(TEXTBOOK)
    assert labels(found.solid) == ["3", "3", "6", "7", "13", "169"]
    assert labels(found.dashed) == ["1", "26", "26", "26", "26", "26"]


def test_the_command_prints_it(capsys: Any) -> None:
    assert main(["graph", "(x1+x1+x2)^2", "--x1", "3", "--x2", "7"]) == 0
    assert capsys.readouterr().out == TEXTBOOK + "\n"


def test_a_list_by_hand_without_values() -> None:
    tuples = [("z1", "add", ("x1", "x1")), ("z2", "add", ("z1", "x2")), ("f", "square", ("z2",))]
    found = read(wg.compile(tuples).graph())
    assert list(found.gates.values()) == ["+", "+", "^2"]
    assert list(found.boxes.values()) == [["x1"], ["x2"], ["f"]]
    assert labels(found.solid) == ["x1", "x1", "z1", "x2", "z2", "f"]
    assert labels(found.dashed) == ["∂f/∂f", "∂f/∂z2", "∂f/∂z1", "∂f/∂x2", "∂f/∂x1 (1 of 2)", "∂f/∂x1 (2 of 2)"]


# Gates


@pytest.mark.parametrize(("text", "gates"), [
    ("x^2", ["^2"]), ("x^0.5", ["^0.5"]), ("x^-2", ["^-2"]), ("x^y", ["^"]), ("2^x", ["^"]), ("square(x)", ["^2"]),
    ("cube(x)", ["^3"]), ("-x", ["-"]), ("x - y", ["-"]), ("x*y", ["*"]), ("x/y", ["/"]), ("x % y", ["%"]),
    ("x <= y", ["<="]), ("x and y", ["and"]), ("not x", ["not"]), ("max(x, y, 2)", ["max"]), ("sin(x)", ["sin"]),
    ("x if y > 0 else 1", [">", "where"]), ("A @ v", ["@"]), ("v[1:3]", ["[1:3]"]), ("sum(A, axis=0)", ["sum(axis=0)"]),
    ("[x, y]", ["[]"]), ("A.T", [".T"]), ("max(v)", ["max"]), ("x != y", ["!="]), ("y = x", ["="]), ("ln(x)", ["log"]),
    ("op twice(a) = 2*a with d/da = 2\ntwice(x)", ["twice"]),
])  # fmt: skip
def test_a_gate_is_labelled_as_the_language_writes_its_op(text: str, gates: list[str]) -> None:
    assert list(chart(text).gates.values()) == gates


def test_every_op_has_a_label_that_can_be_drawn() -> None:
    for row in OPS.values():
        if incomplete(row) or row.name == COPY:
            continue
        names = [f"a{i}" for i in range(len(row.params.split()))]
        drawn = circuit(WengertList([("y", row.name, tuple(names))]))
        (gate,) = (g for g in drawn.gates if g.kind == "op")
        assert gate.label
        assert gate.label.strip() == gate.label
        assert list(read(mermaid(drawn)).gates.values()) == [gate.label]


def test_a_number_is_a_box_of_its_own_and_a_constant_one_for_all() -> None:
    found = chart("2*x + 2*pi + pi", 3)
    assert [lines[0] for lines in found.boxes.values()] == ["x", "pi", "2", "2", "f"]
    assert Counter(labels(found.solid)) == Counter(["3", "", "", "3.14159", "3.14159", "6", "6.28319", "12.2832",
                                                     "15.4248"])  # fmt: skip
    # Nobody asks for a derivative in 2 or in pi.
    assert labels(found.dashed) == ["1", "1", "1", "2"]


# The picture is the trace


def same(label: str, value: Any) -> bool:
    return isnan(value) and label == "nan" or label == spelled(rounded(float(value)))


@given(programs())
def test_values_and_gradients_are_those_of_the_trace(program: tuple[WengertList, Point]) -> None:
    """Every argument has its edge with its value; every contribution of the reverse sweep its dashed one back."""
    wlist, point = program
    found = trace(wlist, point)
    drawn = circuit(found)
    for wire in drawn.wires:
        source, target = drawn.gates[wire.source], drawn.gates[wire.target]
        if source.kind == "op":
            assert wlist.equations[source.k or 0].output == wire.name
        if target.kind == "op":
            assert wlist.equations[target.k or 0].inputs[wire.slot] == wire.name
    arguments = Counter((k, i) for k, e in enumerate(wlist.equations) for i in range(len(e.inputs)))
    wires = Counter((drawn.gates[w.target].k, w.slot) for w in drawn.wires if drawn.gates[w.target].kind == "op")
    missing = arguments - wires
    assert not wires - arguments
    assert all(isinstance(wlist.equations[k].inputs[i], float) and drawn_exponent(drawn, k) for k, i in missing)

    flowchart = read(mermaid(drawn))
    assert len(flowchart.solid) == len(drawn.wires)
    shown = [e.label for e, w in zip(flowchart.solid, drawn.wires) if isinstance(w.name, str)]
    values = {**CONSTANTS, **found.values}
    expected = [values[str(w.name)] for w in drawn.wires if isinstance(w.name, str)]
    assert all(map(same, shown, expected))
    names = {n for n in found.values if n in moving(wlist)}
    steps = [s for s in found.reverse if s.input in names]
    seeded = isinstance(found.output, str) and found.output in names
    assert len(flowchart.dashed) == len(steps) + seeded
    assert all(same(e.label, s.downstream) for e, s in zip(flowchart.dashed[seeded:], steps))
    # The box of an input tells its derivative, and what comes back to it adds up to that.
    for n, box in zip(wlist.inputs, flowchart.boxes.items()):
        identifier, lines = box
        assert same(lines[1].rpartition(" = ")[2], found.adjoints.get(n, 0.0 * point[n]))
        back = [w.gradient for w in drawn.wires if w.back and w.name == n and drawn.gates[w.target].kind == "op"]
        assert len(back) + (n == found.output) == sum(e.head == identifier for e in flowchart.dashed)


def drawn_exponent(drawn: Circuit, k: int) -> bool:
    """Whether the gate of an equation has a number within."""
    (gate,) = (g for g in drawn.gates if g.k == k)
    return gate.label.startswith("^")


def moving(wlist: WengertList) -> set[str]:
    """The inputs and what depends on them."""
    names = set(wlist.inputs)
    for e in wlist.equations:
        if names & {a for a in e.inputs if isinstance(a, str)}:
            names.add(e.output)
    return names


@given(programs())
def test_without_values_it_is_the_same_circuit(program: tuple[WengertList, Point]) -> None:
    """The same gates and edges; and back goes whatever can, of which a point may leave branches out."""
    wlist, point = program
    bare, valued = circuit(wlist), circuit(trace(wlist, point))
    assert [g[:3] for g in bare.gates] == [g[:3] for g in valued.gates]
    assert [w[:4] for w in bare.wires] == [w[:4] for w in valued.wires]
    assert all(b.back or not v.back for b, v in zip(bare.wires, valued.wires))
    if not any(OPS[e.op].selects for e in wlist.equations):
        assert [w.back for w in bare.wires] == [w.back for w in valued.wires]
    parts: dict[Any, list[tuple[int, int]]] = {}
    for w in bare.wires:
        if w.back and bare.gates[w.target].kind == "op":
            parts.setdefault(w.name, []).append(w.part)
    for found in parts.values():
        assert sorted(found) == [(n, len(found)) for n in range(1, len(found) + 1)]
    read(mermaid(bare))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_samples(path: Path, capsys: Any) -> None:
    """At their defaults, with values; each input's box tells its derivative."""
    f = wg.load(path, limits=wg.Limits(gates=10_000))
    flowchart = read(f.graph())
    assert labels(read(f.graph(names=True)).dashed) or not flowchart.dashed
    found = f.trace()
    for n, lines in zip(f.inputs, flowchart.boxes.values()):
        assert lines[0] == n
        if len(lines) > 1 and isinstance(value := found.adjoints.get(n, 0.0), float):
            assert same(lines[1].rpartition(" = ")[2], value)
    assert main(["graph", str(path), "--limit", "gates=10000"]) == 0
    assert read(capsys.readouterr().out.rstrip("\n")) == flowchart


# Hostile names

WORDS = [
    "end", "graph", "style", "click", "subgraph", "linkStyle", "classDef", "flowchart", "LR", "default", "direction",
    "href", "call", "o", "x", "g0", "g1", "__init__", "_x_", "__x__", "_", "a_b", "script", "br", "quot", "nbsp", "fa",
    "שלום", "مرحبا", "λ", "x₁", "θ̇", "ａ", "x" * 5000, "ש" * 5000, "v1", "f", "undefined", "constructor", "__proto__",
    "toString",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS, ids=lambda w: w[:12])
def test_a_name_is_only_a_label(word: str) -> None:
    tuples = [("mid", "mul", (word, 2.0)), ("out", "add", ("mid", word))]
    renamed = [(f"{o}_", op, tuple("x0" if a == word else f"{a}_" if isinstance(a, str) else a for a in i))
               for o, op, i in tuples]  # fmt: skip
    for point in ({}, {"point": 1.5}):
        texts = []
        for rows, name in ((tuples, wg.WengertList(tuples).inputs[0]), (renamed, "x0")):
            f = wg.compile(rows)
            texts.append(f.graph({name: 1.5}) if point else f.graph())
        ours, plain = map(read, texts)
        assert ours.gates == plain.gates
        assert ours.boxes.keys() == plain.boxes.keys()
        assert [e[:2] for e in (*ours.solid, *ours.dashed)] == [e[:2] for e in (*plain.solid, *plain.dashed)]
        shown = ours.boxes["g0"][0]
        name = wg.WengertList(tuples).inputs[0]
        assert shown == name or len(shown) == 40 and name.startswith(shown.partition("…")[0])


@given(st.text(st.characters(), min_size=1, max_size=12).filter(lambda s: not trouble(s)))
def test_any_name_of_the_language(name: str) -> None:
    found = read(wg.compile([("result", "sin", (name,))]).graph())
    assert found.boxes["g0"] == [unicodedata.normalize("NFKC", name)]


PIECES = [
    '"', "]", ")", "|", "#quot;", "&lt;", "<script>", "<br/>", "%%", "%%{init:{}}%%", "`", "\n", "end", " ", "-->",
    "\u202e", "\u200f", "fa:fa-car", "$$", "**", "__", "- ", "1. ", "[a](b)", "http://a.b", "a@b.c", "\\", ";", "{",
    "~~", "\ufb02", "x",
]  # fmt: skip
HOSTILE = st.one_of(
    st.text(max_size=30),
    st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
)


@given(HOSTILE)
def test_any_text_stays_in_its_label(text: str) -> None:
    """Whatever gets into a circuit: one that is put together by hand, too."""
    if not text.strip():
        return
    coded = escaped(text)
    assert not set(coded) & set('"<>&`$|\\{}\n')
    visible = "".join(
        f"⟨U+{ord(c):04X}⟩" if unicodedata.category(c)[0] == "C" or unicodedata.category(c) in ("Zl", "Zp") else c
        for c in text
    )
    assert decoded(coded) == visible


# What else a program may be


def test_several_outputs() -> None:
    text = "input x = 2, y = 3; p = x*y; q = p + x; output q, p, x, 4, p"
    found = chart(text)
    outputs = list(found.boxes.values())[-5:]
    assert outputs == [["q"], ["p"], ["x"], ["4"], ["p"]]
    # Back from the last box alone, or from what is asked for.
    assert [e.label for e in found.dashed] == ["1", "3", "2"]
    assert [e.label for e in chart(text, output="q").dashed] == ["1", "1", "1", "3", "2"]
    assert [e.label for e in chart(text, output="q", names=True).dashed] == [
        "∂q/∂q", "∂q/∂p", "∂q/∂x (1 of 2)", "∂q/∂x (2 of 2)", "∂q/∂y"
    ]  # fmt: skip
    assert list(chart("input x = 2; t = x^2; t + 1", output="t").boxes.values())[-1] == ["t"]


def test_wrt_leaves_out_what_does_not_lead_there() -> None:
    found = chart("x*y + sin(y)", 2, 3, wrt="x")
    assert list(found.boxes.values())[:2] == [["x", "∂f/∂x = 3"], ["y"]]
    assert labels(found.dashed) == ["1", "1", "3"]
    assert not chart("x*y", 2, 3, sweep="forward").dashed
    assert not chart("x*y", sweep="forward").dashed


def test_unused_inputs_outputs_without_equations_and_no_inputs() -> None:
    found = chart("input x, y; x^2", 3, 4)
    assert list(found.boxes.values()) == [["x", "∂f/∂x = 6"], ["y", "∂f/∂y = 0"], ["f"]]
    assert not [e for e in found.solid if e.tail == "g1"]
    assert labels(chart("x", 3).solid) == ["3"]
    assert labels(chart("x", 3).dashed) == ["1"]
    assert not chart("pi").dashed
    assert list(chart("2^3").gates.values()) == ["^3"]
    assert labels(chart("2^3").solid) == ["", "8"]


def test_the_name_f_is_lent_to_an_output_without_one() -> None:
    assert list(chart("x^2").boxes.values())[-1] == ["f"]
    assert list(chart("v1 = x^2").boxes.values())[-1] == ["v1"]
    assert list(chart("f*x").boxes.values())[-1] == ["v1"]


def test_kinks_branches_and_what_is_not_finite() -> None:
    assert labels(chart("abs(x)", 0).dashed) == ["1", "0"]
    assert labels(read(wg.compile("abs(x)", kink="right").graph(0)).dashed) == ["1", "1"]
    with pytest.raises(wg.KinkError):
        wg.compile("abs(x)", kink="error").graph(0)
    # A branch that is not taken gets nothing, so nothing is drawn.
    found = chart("sqrt(x) if x > 0 else 2*x", -1)
    assert labels(found.dashed) == ["1", "1", "2"]
    assert labels(chart("log(x)", 0).solid) == ["0", "-inf"]
    assert labels(chart("x - y", float("inf"), float("inf")).solid)[-1] == "nan"


def test_derivatives_loops_and_definitions() -> None:
    assert chart("d(x^3, x)", 2).boxes["g0"] == ["x", "∂f/∂x = 12"]
    found = chart("def g(a) = a^2\ns = 0\nfor t in 0:3 { s = s + g(x)*t }\ns\nexpect s = 12", 2)
    assert list(found.gates.values()).count("^2") == 3


def test_arrays() -> None:
    found = chart("sum(A @ x) + x[0]", [[1, 2], [3, 4]], [1, 2])
    assert found.boxes["g1"] == ["x", "∂f/∂x = [5, 6]"]
    assert "[[1, 2], [3, 4]]" in labels(found.solid)
    assert Counter(labels(found.dashed))["[1, 0]"] == 1
    assert labels(chart("sum(x)", list(range(1000))).solid) == ["array (1000,)", "499500"]
    assert chart("x @ w", [[2, 1], [-3, 4]], [1, 2]).boxes["g1"] == ["w", "w_bar = [-1, 5]"]
    assert labels(chart("x^2", [1.0, 2.0]).dashed) == ["[1, 1]", "[2, 4]"]
    assert chart("input x[n]; sum(x[i]^2 for i in 0:n)", x=[1.0, 2.0]).boxes["g0"] == ["x", "∂f/∂x = [2, 4]"]


def test_both_ways_to_say_where_a_gradient_is_wanted_are_checked(capsys: Any) -> None:
    for words in (["--wrt", "z"], ["--output", "z"], ["--sweep", "back"], ["--x", "1", "--output", "z"]):
        assert main(["graph", "x^2 + y", *words, *(["--y", "2"] if "--x" in words else [])]) == 2
    assert main(["graph", "x*y", "--x", "1"]) == 2
    assert "no value for `y`" in capsys.readouterr().err
    for sweep in ("", "back", None):
        with pytest.raises(wg.UsageError):
            wg.compile("x").graph(sweep=sweep)


def test_a_picture_has_a_stated_size(capsys: Any) -> None:
    long = "sum(x^i for i in 0:501)"
    with pytest.raises(wg.LimitError, match="gates"):
        wg.compile(long).graph()
    with pytest.raises(wg.LimitError, match="gates"):
        wg.compile(long).graph(1.0)
    assert main(["graph", long, "--x", "1"]) == 3
    assert "--limit gates=N" in capsys.readouterr().err
    assert main(["graph", long, "--x", "1", "--limit", "gates=2000"]) == 0
    said = capsys.readouterr()
    assert "note[W313]" in said.err
    assert len(read(said.out.rstrip("\n")).gates) == 1002 - 1
    assert main(["graph", "x^2", "--x", "1"]) == 0
    assert not capsys.readouterr().err


@pytest.mark.parametrize("text", [
    TEXTBOOK.replace('"x1<br', '"x1"]; click g0 "x<br'), TEXTBOOK.replace("((+))", "((end))"),
    TEXTBOOK.replace('|"3"|', '|"<b>"|'), TEXTBOOK.replace("graph LR", "graph TB"), TEXTBOOK + "\n  click g0",
    TEXTBOOK.replace('|"169"| g5', '|"169"| g6'), TEXTBOOK.replace('|"3"|', '|"__x__"|'),
    TEXTBOOK.replace("linkStyle 6,", "linkStyle "),
])  # fmt: skip
def test_the_reader_refuses_what_is_never_written(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(text)
