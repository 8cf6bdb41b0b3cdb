"""Pages opened in Chromium, which Playwright drives."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = os.environ.get("WENGERT_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


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
            f"svg.circuit:not([hidden]) text.{kind}", "all => all.map(t => t.textContent.replaceAll('−', '-'))"
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
