"""The reference: every page is there, leads somewhere, and fetches nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

import wengert as wg
from tests import FULL
from tests.page.stand_in import stand_in
from wengert.ground.explanations import codes
from wengert.ops import OPS
from wengert.site import articles, build
from wengert.site.curve_svg import ticks


class Links(HTMLParser):
    """The addresses that a page names, and its elements that are left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [v or "" for name, v in attrs if name in ("href", "src")]
        if tag not in ("meta", "link", "input", "br", "hr", "rect", "path"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def there_is_a_page_for_each(site: Path) -> None:
    there = {str(p.relative_to(site)) for p in site.rglob("*.html") if p.parent.name != "try"}
    ops = {f"ops/{o.row.name}.html" for o in wg.all_ops() if not o.row.of_rules}
    samples = {f"samples/{n}.html" for n in wg.sample_names()}
    assert there == {"index.html", *ops, *samples, *(f"codes/{c}.html" for c in codes())}


def links_lead_to_pages_and_nothing_is_fetched(site: Path) -> None:
    for page in site.rglob("*.html"):
        if page.parent.name in ("samples", "try"):
            continue  # such a page has tests of its own
        found = Links(page.read_text(encoding="utf-8"))
        assert not found.open, page
        for address in found.addresses:
            assert not re.match(r"[a-z]+:|//", address), (page, address)
            assert (page.parent / address).is_file(), (page, address)


def the_list_leads_to_every_page(site: Path) -> None:
    linked = {site / a for a in Links((site / "index.html").read_text(encoding="utf-8")).addresses}
    assert linked >= {p for p in site.rglob("*.html") if p.parent.name != "try"} - {site / "index.html"}


def curves_are_those_of_the_op(site: Path) -> None:
    """The ends of the solid line of exp, read back by the marks of the axis."""
    svg = re.search(r"<svg.*?</svg>", (site / "ops/exp.html").read_text(encoding="utf-8"), re.DOTALL)
    assert svg is not None
    marks = re.findall(r'<text class="(below|left)" (?:x="([-\d.]+)" y="[-\d.]+"|).*?>([-\d.e+]+)</text>', svg[0])
    across = {float(v): float(x) for kind, x, v in marks if kind == "below"}
    down = {
        float(v): float(y) - 4 for y, v in re.findall(r'class="left" x="[-\d.]+" y="([-\d.]+)">([-\d.e+]+)<', svg[0])
    }
    line = re.search(r'class="value" clip-path="[^"]*" d="([^"]*)"', svg[0])
    assert line is not None
    (x0, px0), (x1, px1) = min(across.items()), max(across.items())
    (y0, py0), (y1, py1) = min(down.items()), max(down.items())
    for px, py in [tuple(map(float, p.split())) for p in re.split("[ML]", line[1]) if p][::20]:
        x = x0 + (px - px0) * (x1 - x0) / (px1 - px0)
        y = y0 + (py - py0) * (y1 - y0) / (py1 - py0)
        assert wg.exp(x) == pytest.approx(y, rel=0.02, abs=0.02 * abs(y1 - y0))


def test_marks_of_an_axis_lie_within_it() -> None:
    for low, high in ((-4.0, 4.0), (0.1, 0.2), (-1e-9, 1e300), (1e6, 1e6 + 1), (-3e-5, -2e-5)):
        found = ticks(low, high)
        assert 2 <= len(found) <= 6
        assert low - 1e-9 * abs(low) <= found[0] < found[-1] <= high + 1e-9 * abs(high)


def pages_that_are_there_stay(site: Path) -> None:
    first = (site / "index.html").read_text(encoding="utf-8")
    with pytest.raises(wg.UsageError, match="W681"):
        build(site)
    assert (site / "index.html").read_text(encoding="utf-8") == first


def boxes_hold_the_example_of_the_op(site: Path) -> None:
    """The box of an op opens the editor with a program that computes; an array op has none, nor has a code."""
    for name in ("exp", "atan2", "clip"):
        found = re.search(
            r'<details class="try" data-address="\.\./(.*?)#(.*?)">', (site / f"ops/{name}.html").read_text()
        )
        assert found is not None
        assert (site / found[1]).is_file()
        assert isinstance(wg.compile(unquote(found[2]))(), float)
    assert "<details" in (site / "index.html").read_text(encoding="utf-8")
    assert (
        "<details"
        not in (site / "ops/matmul.html").read_text(encoding="utf-8") + (site / "codes/W101.html").read_text()
    )


def test_the_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One test, as it takes long to write."""
    site = tmp_path / "reference"
    if not FULL:  # the curves take most of the time
        drawn, plots = {"exp", *list(OPS)[::12]}, articles._plots
        monkeypatch.setattr(articles, "_plots", lambda op: plots(op) if op.row.name in drawn else [])
    pages = build(site, tries=True, pyodide=stand_in(tmp_path, monkeypatch))
    assert pages[0] == site / "index.html"
    assert all(p.is_file() for p in pages)
    there_is_a_page_for_each(site)
    links_lead_to_pages_and_nothing_is_fetched(site)
    the_list_leads_to_every_page(site)
    curves_are_those_of_the_op(site)
    pages_that_are_there_stay(site)
    boxes_hold_the_example_of_the_op(site)


def test_the_command_tells_mistakes_in_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    ran = subprocess.run([sys.executable, "-m", "wengert.site", str(tmp_path / "file")], capture_output=True, text=True)
    assert ran.returncode == 2
    assert "W682" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert (tmp_path / "file").read_text() == "mine"
