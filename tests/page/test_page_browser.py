"""Pages in Chromium: every sample's page loads, its numbers are Python's before and after inputs move, and the keyboard
alone is enough. Playwright, of the extra `browser`, drives a Chromium that is on the machine."""

from __future__ import annotations

import os
import re
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests import FULL
from wengert.show.captions import number as shown

from .reading import LONG

ROOT = Path(__file__).parents[2]
# Two samples have thousands of equations.
SAMPLES = [p for p in sorted((ROOT / "samples").glob("*.wengert")) if FULL or p.stem not in LONG]
# The package of Pyodide: `npm pack pyodide@VERSION` writes it.
PYODIDE = os.environ.get("WENGERT_PYODIDE")

pytestmark = pytest.mark.xdist_group("browser")


def expected(f: wg.Function, point: dict[str, Any]) -> list[tuple[str, str]]:
    """The value and the derivative of each name, as tables show them."""
    trace = f.trace(point)
    names = [*trace.wlist.inputs, *(e.output for e in trace.wlist.equations)]
    moving = {n for n in names if n in trace.adjoints}
    return [(shown(trace.values[n]), shown(trace.adjoints[n]) if n in moving else "") for n in names]


def plain(rows: list[list[str]], constants: int, inputs: int) -> list[tuple[str, str]]:
    kept = rows[:inputs] + rows[inputs + constants :]
    return [(value, derivative) for _, value, derivative in kept]


def test_every_sample_shows_the_numbers_of_python(opened: Any) -> None:
    for path in SAMPLES:
        f = wg.load(path)
        text = f.page()
        one = opened(text)
        assert not any(value for _, value, derivative in one.rows()[len(f.inputs) + 9 :] if derivative)
        one.keys("End")
        if one.page.evaluate("document.querySelectorAll('#table tr').length") > 200:
            continue  # rows out of view are not written yet
        trace = f.trace()
        if any(getattr(v, "shape", ()) for v in trace.values.values()):
            continue
        constants = len(one.rows()) - len(f.inputs) - len(trace.wlist.equations)
        for got, want, e in zip(plain(one.rows(), constants, len(f.inputs)), expected(f, {}), one.rows()):
            assert got[0] == want[0], (path.stem, e)
            if got[1]:
                assert got[1] == want[1], (path.stem, e)


def test_nothing_shows_before_its_sweep_and_steps_go_back_to_the_beginning(opened: Any) -> None:
    f = wg.compile("y = (2*x1 + x2)^2\ny*x1")
    one = opened(f.page(x1=3, x2=7))
    count = int(one.text("#count").split()[-1])
    seen = [(one.circuit("value"), one.circuit("adjoint"), one.circuit("part"), one.rows(), one.text("#now"))]
    for _ in range(count):
        one.keys("ArrowRight")
        seen.append((one.circuit("value"), one.circuit("adjoint"), one.circuit("part"), one.rows(), one.text("#now")))
    values = [sum(map(bool, values)) for values, *_ in seen]
    adjoints = [sum(map(bool, (*a, *p))) for _, a, p, *_ in seen]
    equations = len(f.wengert_list)
    assert values[: equations + 1] == sorted(values[: equations + 1])
    assert values[0] == 2
    assert adjoints[: equations + 1] == [0] * (equations + 1)
    assert adjoints[equations + 1] == 1
    assert adjoints == sorted(adjoints)
    for k in range(count - 1, -1, -1):
        one.keys("ArrowLeft")
        now = (one.circuit("value"), one.circuit("adjoint"), one.circuit("part"), one.rows(), one.text("#now"))
        assert now == seen[k]
    one.keys("End", "Home")
    assert one.text("#now") == seen[0][4]
    one.keys("End")
    assert one.text("#now") == seen[-1][4]


def test_moving_an_input_computes_as_python_does(opened: Any) -> None:
    text = (
        "input a = 0.5, b = -1.25, c = 2\nu = sin(a)*exp(b) - relu(a)\nmax(u, c*b) + where(a > 0, u/c, b^2) + sqrt(c)"
    )
    f = wg.compile(text)
    one = opened(f.page())
    one.keys("End")
    for point in ({"a": -1.5}, {"b": 3.25, "c": 0.001}, {"a": 0, "b": 0, "c": 0}, {"c": -1}, {"a": 1e300, "c": 1e-5}):
        at = {"a": 0.5, "b": -1.25, "c": 2.0, **point}
        for n, name in enumerate("abc"):
            one.page.fill(f"#input-{n}", repr(at[name]))
        for got, want, row in zip(plain(one.rows(), 0, 3), expected(f, at), one.rows()):
            assert got == want, (at, row)
    one.page.evaluate("document.querySelector('input[type=range][aria-label^=a]').value = 1.25")
    one.page.dispatch_event("input[type=range][aria-label^=a]", "input")
    at = {"a": float(one.page.input_value("#input-0")), "b": -1.25, "c": 1e-5}
    assert plain(one.rows(), 0, 3) == expected(f, at)
    one.page.fill("#input-0", "frog")
    assert one.page.get_attribute("#input-0", "aria-invalid") == "true"
    one.page.click("#reset")
    assert plain(one.rows(), 0, 3) == expected(f, {})


def array_text(x: Any) -> str:
    """A number, or an array as the page writes a short one."""
    if x is None or not getattr(x, "shape", ()):
        return "" if x is None else shown(float(x))
    return f"[{', '.join(map(array_text, x))}]"


def test_moving_an_element_computes_as_python_does(opened: Any) -> None:
    f = wg.compile("input x[2,3], w[3], b\nh = relu(x @ w + b)\nmax(h[0], b)*sum(h^2) + sin(b)*w[1]")
    x = np.array([[2.0, 1.0, -3.0], [-3.0, 4.0, 2.0]])
    one = opened(f.page(x=x, w=[1, 3, 1], b=0.5))
    one.keys("End")
    for at, element in (((0, 0), -7.5), ((1, 2), 0.25), ((0, 1), 3.0)):
        x[at] = element
        one.page.fill(f"#input-{at[0] * 3 + at[1]}", repr(element))
        trace = f.trace(x=x, w=[1, 3, 1], b=0.5)
        names = [*f.inputs, *(e.output for e in trace.wlist.equations)]
        found = {text.split(" = ")[0]: (value, adjoint) for text, value, adjoint in one.rows()}
        for name in names:
            shown_name = "f" if name == trace.output else name
            value, adjoint = found[shown_name]
            assert value == array_text(trace.values[name]), (at, name)
            if adjoint:
                assert adjoint == array_text(trace.adjoints[name]), (at, name)
    one.page.check("input[value=forward]", force=True)
    one.page.select_option("#seed", "2")
    one.keys("End")
    trace = f.trace(x=x, w=[1, 3, 1], b=0.5, direction={"b": 1.0})
    tangents = {text.split(" = ")[0]: tangent for text, _, tangent in one.rows()}
    for name, tangent in trace.tangents.items():
        assert tangents["f" if name == trace.output else name] == array_text(tangent)


def test_forward_mode_shows_tangents(opened: Any) -> None:
    f = wg.compile("y = x1*sin(x2)\nexp(y)/x1")
    one = opened(f.page(x1=1.5, x2=0.5))
    one.page.check("input[value=forward]", force=True)
    for n, name in enumerate(f.inputs):
        one.page.select_option("#seed", str(n))
        one.page.focus("#next")
        one.keys("End")
        trace = f.trace(x1=1.5, x2=0.5, direction={name: 1.0})
        names = [*f.inputs, *(e.output for e in trace.wlist.equations)]
        want = [shown(trace.tangents[m]) if m in trace.tangents else "" for m in names]
        assert [d for _, _, d in one.rows()] == want
    work = one.text("#counts").split()
    assert work.index("reverse") < work.index("forward")


def test_another_output_is_chosen_in_the_page(opened: Any) -> None:
    numbers = wg.compile("input x = 2, y = 3\ns = x*y\nu = max(sin(s), x) + x\nv = s^2*y\noutput s, u, v")
    arrays = wg.compile("input x[3] = [1, 2, 3], k = 2\ns = k*x\nu = sum(s^2)\nv = s[0]*k\noutput s, u, v")
    for f, moved in ((numbers, {"y": -1.25}), (arrays, {"k": -0.5})):
        (name, number), *_ = moved.items()
        one = opened(f.page())
        one.keys("End")
        for point in ({}, moved):
            if point:
                field = len(one.page.query_selector_all(".inputs-grid input[type=text]")) - 1
                one.page.fill(f"#input-{field}", repr(number))
            for output in ("s", "u", "v"):
                one.page.select_option("#from", label=output)
                trace = f.trace(point, output=output)
                rows = {text.split(" = ")[0]: (value, adjoint) for text, value, adjoint in one.rows()}
                for n in trace.values:
                    want = array_text(trace.adjoints[n]) if n in trace.adjoints else ""
                    assert rows[n] == (array_text(trace.values[n]), want), (output, n)
                assert f"∂{output}/∂{name}" in one.text("#now")
                drawn = set(one.circuit("adjoint"))
                for n in f.inputs:
                    if n in trace.adjoints and not getattr(trace.adjoints[n], "shape", ()):
                        assert shown(trace.adjoints[n]) in drawn
        one.page.select_option("#from", label="s")
        one.page.click("#first")
        assert not any(one.circuit("adjoint"))


def test_a_folded_circuit_shows_the_same_numbers(opened: Any) -> None:
    f = wg.compile("a = x\nv = y\nfor k in 0:4 { v = v - a*0.5\n a = a + sin(v) }\nb = (a*v + 1)^2\nb*a")
    one = opened(f.page(x=0.25, y=-1))
    one.keys("End")
    rows = one.rows()
    every = {"", *(text for row in rows for text in row[1:])}
    one.page.select_option("#level", "loops")
    assert {*one.circuit("value"), *one.circuit("adjoint")} <= every
    assert shown(f.grad(x=0.25, y=-1)["x"]) in one.circuit("adjoint")
    assert one.page.locator("#table tr.fold").count() == 2
    assert [r for r in one.rows() if len(r) == 3] == rows
    one.page.focus("#next")
    one.keys("Home", "ArrowRight", "ArrowRight", "ArrowRight")
    assert "= a_4 + v" in one.text("#now") or "a = " in one.text("#now")


def test_the_keyboard_alone_is_enough(opened: Any) -> None:
    one = opened(wg.compile("a*b + a").page(a=2, b=5))
    reached = set()
    for _ in range(40):
        one.keys("Tab")
        reached.add(one.page.evaluate("document.activeElement.id || document.activeElement.name || ''"))
    assert {"next", "last", "play", "scrub", "input-0", "input-1", "text", "view", "mode"} <= reached
    one.page.focus("#text")
    one.keys("ArrowDown")
    assert one.page.evaluate("document.querySelectorAll('.lit').length") > 1
    assert one.page.get_attribute("#said", "aria-live") == "polite"
    one.page.focus("#next")
    one.keys("Enter")
    assert "Step 1 of" in str(one.page.text_content("#said"))


def test_pointing_lights_up_the_others(opened: Any) -> None:
    one = opened(wg.compile("y = a*b\ny + a").page(a=2, b=5))
    one.page.hover("#text .expression >> nth=0")
    lit = one.page.eval_on_selector_all(".lit", "all => all.map(x => x.tagName.toLowerCase())")
    assert {"g", "path", "span", "tr"} <= set(lit)


def test_hostile_texts_do_nothing_in_a_browser(opened: Any) -> None:
    tags = ["</script><script>alert(1)</script>", "--><img src=x onerror=alert(1)>", "</style><svg onload=alert(1)>"]
    for text in (*tags, "x" * 10_000, "\u202e<b>"):
        one = opened(wg.compile(f"# {text}\nλ = a*b", name=text).page(a=1, b=2))
        one.keys("End")
        assert one.page.evaluate("document.images.length") == 0
        assert one.text("#count").startswith("6 of 6") or "of" in one.text("#count")


def test_the_editor_shows_pages_and_errors(chromium: Any) -> None:
    server = wg.play("input x = 3\nf = x^2")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        chromium.goto(server.address)
        frame = chromium.frame_locator("#frame")
        assert frame.locator("#title").inner_text() == "f = x^2"
        frame.locator("#last").click()
        assert "6" in frame.locator("#now").inner_text()
        chromium.fill("#program", "2x")
        chromium.keyboard.press("Control+Enter")
        chromium.wait_for_selector("#error:not([hidden])")
        assert "W006" in chromium.inner_text("#error")
        chromium.goto("about:blank")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_large_program_says_it_has_no_circuit(opened: Any) -> None:
    chain = wg.compile("b = a\nfor k in 0:1200 { b = sin(b) + a }\nb")
    one = opened(chain.page(a=0.5))
    one.keys("End")
    assert "is left out" in one.text("#notes")
    assert shown(chain.grad(a=0.5)["a"]) in one.text("#now")


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
