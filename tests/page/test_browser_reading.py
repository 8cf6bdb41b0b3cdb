"""Pages in Chromium: folding, the keyboard, texts that mean harm, the editor."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest

import wengert as wg
from wengert.show.captions import number as shown

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("reading in Chromium")]


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
