"""wengert itself in Chromium, from the folder that `wengert play --offline` writes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

import wengert as wg

from .opened import expected

# The package of Pyodide: `npm pack pyodide@VERSION` writes it.
PYODIDE = os.environ.get("WENGERT_PYODIDE")
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("wengert in Chromium")]

HOSTILE = "input λ = 2 # <img src=x onerror=alert(1)></script><script>alert(1)</script>\u202e\nλ^2"


@pytest.mark.skipif(PYODIDE is None, reason="WENGERT_PYODIDE names no package of Pyodide")
def test_wengert_runs_in_the_browser_from_a_folder(chromium: Any, tmp_path: Path) -> None:
    """The editor from the disk: its pages show Python's numbers and circuit, and nothing is fetched but its files."""
    first = wg.play_offline(tmp_path, "input x1 = 3, x2 = 7\nf = (2*x1 + x2)^2", pyodide=PYODIDE)[0]
    asked: list[str] = []
    said: list[str] = []
    chromium.on("request", lambda r: asked.append(r.url))
    chromium.on("console", lambda m: said.append(m.text))
    chromium.on("pageerror", lambda e: said.append(str(e)))
    chromium.goto(first.as_uri())
    frame = chromium.frame_locator("#frame")
    frame.locator("#title").wait_for(timeout=120_000)

    def typed(text: str) -> None:
        chromium.fill("#program", text)
        chromium.keyboard.press("Control+Enter")

    first_text = "input x1 = 3, x2 = 7\nf = (2*x1 + x2)^2"
    texts = (first_text, "input a = 0, b = -2\nu = abs(a) + exp(b)\nu*erf(b) + gamma(a + 3)")
    for k, text in enumerate(texts):
        f = wg.compile(text)
        if k:
            typed(text)
            frame.locator("#title", has_text="u = abs(a)").wait_for()
        frame.locator("#last").click()
        rows = frame.locator("#table tbody tr").evaluate_all(
            "rows => rows.map(r => [...r.children].slice(1).map(c => c.textContent.replaceAll('−', '-')))"
        )
        shown_here = [tuple(row) for row in rows]
        assert [row for row in expected(f, {}) if row not in shown_here] == []
        gates = frame.locator("svg.circuit .gate").evaluate_all(
            "all => all.map(g => [...['x', 'y'].map(n => g.children[1].getAttribute(n)), g.textContent])"
        )
        drawn = r'<rect class="shape" x="(.*?)" y="(.*?)"[^>]*/><text[^>]*>(.*?)</text>'
        assert [tuple(gate) for gate in gates] == re.findall(drawn, f.page())
    typed("input x = 1\n2x + x")
    chromium.wait_for_selector("#error:not([hidden])")
    with pytest.raises(wg.ParseError) as mistake:
        wg.compile("input x = 1\n2x + x")
    assert chromium.inner_text("#error") == str(mistake.value)
    typed("input x = [1, 2]\nsum(x^2)")
    chromium.wait_for_function("document.getElementById('error').textContent.includes('W689')")
    typed(HOSTILE)
    frame.locator("#title", has_text="λ^2").wait_for()
    assert frame.locator("img").count() == 0
    assert frame.locator("script:not([type])").count() == 2
    chromium.check("#exercise")
    frame.locator("#score-card:not([hidden])").wait_for()
    assert not said
    assert all(a.startswith((tmp_path.as_uri() + "/", "blob:")) for a in asked)
    chromium.goto("about:blank")
