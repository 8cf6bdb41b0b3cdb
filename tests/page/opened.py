"""A page that is open in Chromium, and the numbers that it should show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import wengert as wg
from wengert.show.captions import number as shown


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


def expected(f: wg.Function, point: dict[str, Any]) -> list[tuple[str, str]]:
    """The value and the derivative of each name, as tables show them."""
    trace = f.trace(point)
    names = [*trace.wlist.inputs, *(e.output for e in trace.wlist.equations)]
    moving = {n for n in names if n in trace.adjoints}
    return [(shown(trace.values[n]), shown(trace.adjoints[n]) if n in moving else "") for n in names]


def plain(rows: list[list[str]], constants: int, inputs: int) -> list[tuple[str, str]]:
    kept = rows[:inputs] + rows[inputs + constants :]
    return [(value, derivative) for _, value, derivative in kept]


def array_text(x: Any) -> str:
    """A number, or an array as the page writes a short one."""
    if x is None or not getattr(x, "shape", ()):
        return "" if x is None else shown(float(x))
    return f"[{', '.join(map(array_text, x))}]"
