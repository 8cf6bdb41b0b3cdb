"""Pages in Chromium as they look: no text lies on another, nothing is cut off, both modes stand side by side, a circuit
is printed; and a page that is broken is noticed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import wengert as wg
from wengert.show.captions import number as shown

from .conftest import watched
from .opened import Shown
from .reading import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("reading in Chromium")]

# Pairs of a circuit's texts that lie on each other, and texts on a gate that is not theirs.
OVERLAPS = """() => {
  const svg = document.querySelector("svg.circuit:not([hidden])");
  const boxes = [...svg.querySelectorAll("text")].filter((t) => t.textContent).map((t) => [t.textContent, t.getBBox()]);
  const gates = [...svg.querySelectorAll(".shape")].map((g) => ["gate", g.getBBox()]);
  const meet = ([, a], [, b]) => Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) > 1
    && Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > 3.5;
  const inside = ([, a], [, b]) => a.x >= b.x - 1 && a.x + a.width <= b.x + b.width + 1 && a.y >= b.y - 1;
  const found = [];
  boxes.forEach((one, k) => {
    for (const other of boxes.slice(k + 1)) if (meet(one, other)) found.push([one[0], other[0]]);
    for (const gate of gates) if (meet(one, gate) && !inside(one, gate)) found.push([one[0], "on a gate"]);
  });
  return found;
}"""
KINKS = "input x = 0, y = 0.123456\na = abs(x)\nm = max(x, y, -1.23456)\nr = relu(x)*1.23456e-12\na + m + r"


def test_no_text_lies_on_another_and_nothing_is_cut_off(opened: Any) -> None:
    pages = [wg.load(ROOT / "samples" / f"{name}.wengert").page() for name in ("two_layer_network", "newton_kepler")]
    pages.append(wg.compile(KINKS).page())
    pages.append(wg.compile("input A[2,2], x[2]\ny = A @ x\nsum(y^2)").page(A=[[1, 2], [3, 4]], x=[1, -2]))
    for text in pages:
        one = opened(text)
        for mode in ("reverse", "forward", "both"):
            one.page.click(f"label:has(input[value={mode}])")
            one.page.focus("#next")
            one.keys("End")
            for width in (400, 1600):
                one.page.set_viewport_size({"width": width, "height": 900})
                assert one.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
                one.page.evaluate("dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint'))")
                assert one.page.evaluate(OVERLAPS) == []
    one.page.set_viewport_size({"width": 1200, "height": 900})


def test_both_modes_stand_side_by_side(opened: Any) -> None:
    f = wg.compile("y = x1*sin(x2)\nexp(y)/x1")
    one = opened(f.page(x1=1.5, x2=0.5))
    one.page.click("label:has(input[value=both])")
    for n, name in enumerate(f.inputs):
        one.page.select_option("#seed", str(n))
        one.page.focus("#next")
        one.keys("Home")
        assert not any(derivative for _, _, derivative, _ in one.rows())
        one.keys("End")
        trace = f.trace(x1=1.5, x2=0.5, direction={name: 1.0})
        names = [*f.inputs, *(e.output for e in trace.wlist.equations)]
        moved = {m: shown(tangent) for m, tangent in trace.tangents.items()}
        want = [[shown(trace.values[m]), shown(trace.adjoints[m]), moved.get(m, "")] for m in names]
        assert [row[1:] for row in one.rows()] == want
        assert shown(trace.adjoints[name]) in one.text("#now").split("forward sweep")[1]
    one.page.click("label:has(input[value=reverse])")
    assert {len(row) for row in one.rows()} == {3}


def test_a_wide_circuit_is_printed_in_strips(opened: Any) -> None:
    one = opened(wg.compile("y = x\nfor k in 0:12 { y = sin(y) + k }\ny*x").page(x=0.5))
    one.keys("End")
    one.page.emulate_media(media="print")
    one.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    drawn, printed = (
        one.page.eval_on_selector_all(f"svg.circuit{kind} text", "all => all.map(t => t.textContent)")
        for kind in (":not(.strip):not([hidden])", ".strip")
    )
    assert one.page.locator(".strip").count() > 1
    assert set(printed) == set(drawn)
    assert not one.page.is_visible("svg.circuit:not(.strip) >> nth=0")
    rights = one.page.eval_on_selector_all(".strip", "all => all.map(s => s.getBoundingClientRect().right)")
    assert max(rights) <= 1200
    one.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert one.page.locator(".strip").count() == 0
    one.page.emulate_media(media="screen")


@pytest.mark.parametrize(
    ("good", "bad"),
    [("buildTable();", "buildTabel();"),  # a script that is not the one of the policy
     ("</body>", '<img src="http://127.0.0.1:9/x.png"></body>'),
     ('"title":', '"titel":')],
)  # fmt: skip
def test_a_broken_page_is_noticed(chromium: Any, tmp_path: Path, good: str, bad: str) -> None:
    text = wg.compile("x^2").page(x=3)
    assert good in text
    broken = text.replace(good, bad)
    if bad.startswith('"titel'):
        # Its own policy lets this one run, and it fails there.
        broken = broken.replace('<script type="application/json" id="record">', '<script type="text/plain" id="recor">')
    with pytest.raises(AssertionError, match="of the page"), watched(chromium, tmp_path):
        Shown(chromium, broken, tmp_path)
