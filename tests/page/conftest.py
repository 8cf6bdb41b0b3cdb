"""A Chromium for the tests of a file, and pages in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def watched(page: Any, folder: Path) -> Iterator[None]:
    """Within a `with` block no page writes to the console, fails, or asks for anything but the file of the folder."""
    wrong: list[str] = []
    heard = {
        "console": lambda m: wrong.append(m.text),
        "pageerror": lambda e: wrong.append(str(e)),
        "request": lambda r: r.url in ((folder / "page.html").as_uri(), "about:blank") or wrong.append(r.url),
    }
    for event, hear in heard.items():
        page.on(event, hear)
    try:
        yield
        # The page is left, so that all that it had to say has come.
        page.goto("about:blank")
    finally:
        for event, hear in heard.items():
            page.remove_listener(event, hear)
    assert wrong == [], "complaints or requests of the page"


@pytest.fixture
def opened(chromium: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens a page, and watches it."""
    with watched(chromium, tmp_path):
        yield lambda text: Shown(chromium, text, tmp_path)
