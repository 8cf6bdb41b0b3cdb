"""Pages in Chromium: every sample's page loads, its numbers are Python's before and after inputs move, and the keyboard
alone is enough. Playwright, of the extra `browser`, drives a Chromium that is on the machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import wengert as wg
from wengert.show.captions import number as shown

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "samples").glob("*.wengert"))
CHROMIUM = os.environ.get("WENGERT_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    driver = pytest.importorskip(
        "playwright.sync_api", reason='Playwright is not installed: pip install "wengert[browser]"'
    )
    if CHROMIUM is None:
        pytest.skip("no Chromium is on the path; WENGERT_CHROMIUM names one elsewhere")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 900}, reduced_motion="reduce")
        page.set_default_timeout(10_000)
        yield page
        browser.close()


class Shown:
    """A page that is open in the browser."""

    def __init__(self, page: Any, text: str, folder: Path) -> None:
        path = folder / "page.html"
        path.write_text(text, encoding="utf-8")
        self.page = page
        page.goto(path.as_uri())

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def rows(self) -> list[list[str]]:
        """The table of equations: the equation, its value, its derivative."""
        found: list[list[str]] = self.page.eval_on_selector_all(
            "#table tbody tr", "rows => rows.map(r => [...r.children].map(c => c.textContent.replaceAll('−', '-')))"
        )
        return found

    def circuit(self, kind: str) -> list[str]:
        found: list[str] = self.page.eval_on_selector_all(
            f"#circuit text.{kind}", "all => all.map(t => t.textContent.replaceAll('−', '-'))"
        )
        return found

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector)).replace("−", "-")


@pytest.fixture
def opened(chromium: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens a page. No page writes to the console, fails, or asks for anything but its own file."""
    wrong: list[str] = []
    heard = {
        "console": lambda m: wrong.append(m.text),
        "pageerror": lambda e: wrong.append(str(e)),
        "request": lambda r: r.url == (tmp_path / "page.html").as_uri() or wrong.append(r.url),
    }
    for event, hear in heard.items():
        chromium.on(event, hear)
    yield lambda text: Shown(chromium, text, tmp_path)
    for event, hear in heard.items():
        chromium.remove_listener(event, hear)
    assert not wrong


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
        one = opened(f.page())
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


def test_an_exercise_judges_with_reasons(opened: Any) -> None:
    one = opened(wg.compile("y = a*b\ny^2 - a").page(a=3, b=-2, exercise=True))
    one.page.select_option("#asks", "derivatives")
    one.keys("Tab")
    one.page.click("#last")

    def answer(**answers: str) -> list[str]:
        for field, text in answers.items():
            one.page.fill(f"#answer-{field}", text)
        one.page.press(f"#answer-{next(iter(answers))}", "Enter")
        return [t.strip() for t in one.page.eval_on_selector_all(".verdict", "x => x.map(t => t.textContent)")]

    # f = v1 - a, to v1, and to a: the derivatives are 1 and -1.
    assert answer(local="-1", downstream="-1")[0].endswith("Wrong sign.")
    assert not answer(local="1", downstream="1")
    one.page.click("#next")
    answer(local="-1", downstream="-1")
    one.page.click("#next")
    # v1 = y^2, to y: upstream 1, local -12.
    one.page.click("text=Show me")
    one.page.click("#next")
    # y = a*b, to a: upstream -12, local -2, downstream 24; -1 came back before.
    said = answer(local="24", downstream="-2", sum="24")
    assert "mixed up" in said[0]
    assert "forgotten: multiply" in said[1]
    assert "sum at the copy gate is forgotten" in said[2]
    said = answer(local="3", downstream="-36", sum="-1")
    assert "order of the product" in said[0]
    assert "order of the product" in said[1]
    assert "sum before" in said[2]
    assert not answer(local="-2", downstream="24", sum="23")
    assert "2 of 9" in one.text("#score")
    assert "right after 3" in one.text("#score")


def test_an_exercise_on_matrices_knows_a_transposed_product(opened: Any) -> None:
    f = wg.compile("input A[2,2], B[2,2]\nsum((A @ B)^2)")
    one = opened(f.page(A=[[1, 2], [3, 4]], B=[[0, 1], [1, 1]], exercise=True))
    one.page.select_option("#asks", "values")
    one.page.click("#last")
    one.page.fill("#answer-value", "[[2, 4], [3, 7]]")
    one.page.press("#answer-value", "Enter")
    assert "Transposed" in one.text(".verdict")
    one.page.fill("#answer-value", "[[2, 3], [4, 7]]")
    one.page.press("#answer-value", "Enter")
    assert "1 of" in one.text("#count")
    assert "[[2, 3], [4, 7]]" in one.text("#now")


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


def test_a_large_program_says_it_has_no_circuit(opened: Any) -> None:
    chain = wg.compile("b = a\nfor k in 0:1200 { b = sin(b) + a }\nb")
    one = opened(chain.page(a=0.5))
    one.keys("End")
    assert "is left out" in one.text("#notes")
    assert shown(chain.grad(a=0.5)["a"]) in one.text("#now")
