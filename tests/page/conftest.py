"""A Chromium for the tests of a file, and pages in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .opened import Shown

# Where a Chromium is named it has to be there, and so has Playwright: a run that asks for the browser skips nothing.
NAMED = os.environ.get("WENGERT_CHROMIUM")
CHROMIUM = NAMED or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """An empty page of a Chromium, driven by Playwright."""
    if NAMED is None:
        pytest.importorskip("playwright", reason='Playwright is not installed: pip install "wengert[browser]"')
    if CHROMIUM is None:
        pytest.skip("no Chromium is on the path; WENGERT_CHROMIUM names one elsewhere")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 900}, reduced_motion="reduce")
        page.set_default_timeout(20_000)
        yield page
        browser.close()


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
    # The page is left, so that all that it had to say has come.
    chromium.goto("about:blank")
    for event, hear in heard.items():
        chromium.remove_listener(event, hear)
    assert [said for said in wrong if said != "about:blank"] == []
