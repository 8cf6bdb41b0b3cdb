"""The curves of a function and its derivative as SVG, in the colours of the page that shows them."""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import Any

from ..show.grid import escaped

INSTALL = 'pip install "wengert[site]"'
# The size in pixels, and the room for numbers at the left and below.
WIDE, HIGH, LEFT, BELOW = 520, 240, 46, 22


def drawn_curves(found: Any, ends: tuple[float, float], title: str) -> str:
    """An SVG of `show.curves.Curves`: the value as a line, its derivative dashed, rings where they are not smooth, and
    dotted lines at poles. Both curves have one axis."""
    low: float = min(w.low for w in found.windows)
    high: float = max(w.high for w in found.windows)
    # One curve far beyond the other would flatten it.
    first = found.windows[0]
    low, high = max(low, first.low - 2 * first.height), min(high, first.high + 2 * first.height)
    margin = 0.06 * (high - low)
    low, high = low - margin, high + margin

    def across(x: float) -> float:
        return LEFT + (WIDE - LEFT - 6) * (x - ends[0]) / (ends[1] - ends[0])

    def down(y: float) -> float:
        return 6.0 + (HIGH - BELOW - 6) * (high - y) / (high - low)

    parts = [f'<svg viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}" role="img">',
             f"<title>{escaped(title)}</title>",
             f'<clipPath id="plot"><rect x="{LEFT}" y="6" width="{WIDE - LEFT - 6}" height="{HIGH - BELOW - 6}"/>',
             "</clipPath>"]  # fmt: skip
    for x in ticks(*ends):
        parts += [f'<path class="grid" d="M{across(x):.1f} 6V{HIGH - BELOW}"/>',
                  f'<text class="below" x="{across(x):.1f}" y="{HIGH - 6}">{x:g}</text>']  # fmt: skip
    for y in ticks(low, high):
        parts += [f'<path class="grid" d="M{LEFT} {down(y):.1f}H{WIDE - 6}"/>',
                  f'<text class="left" x="{LEFT - 6}" y="{down(y) + 4:.1f}">{y:g}</text>']  # fmt: skip
    for k in reversed(range(len(found.lines))):
        kind, marks = "slope" if k else "value", found.marks[k]
        poles = [across(m.x) for m in marks if m.kind == "pole"]
        rings = [(across(m.x), down(m.y)) for m in marks if isfinite(m.y) and low <= m.y <= high]
        parts += [f'<path class="pole" d="M{x:.1f} 6V{HIGH - BELOW}"/>' for x in poles]
        parts.append(
            f'<path class="{kind}" clip-path="url(#plot)" d="{_path(found.lines[k], across, down, low, high)}"/>'
        )
        parts += [f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in rings]
    parts.append("</svg>")
    return "".join(parts)


def _path(line: tuple[Any, Any], across: Any, down: Any, low: float, high: float) -> str:
    """The path of a line, interrupted where it has no value. Outside the drawing it ends a little beyond the edge."""
    steps, lifted, last = [], True, ""
    reach = high - low
    for x, y in zip(*(a.tolist() for a in line)):
        if not isfinite(y):
            lifted, last = True, ""
            continue
        y = min(max(y, low - reach), high + reach)
        step = f"{across(x):.1f} {down(y):.1f}"
        if step != last:
            steps.append(("M" if lifted else "L") + step)
        lifted, last = False, step
    return "".join(steps)


def ticks(low: float, high: float) -> list[float]:
    """Some four round numbers between two."""
    raw = (high - low) / 4
    unit = 10.0 ** floor(log10(raw))
    step = next(m * unit for m in (1.0, 2.0, 5.0, 10.0) if m * unit >= raw)
    first = -floor(-low / step)
    return [k * step for k in range(first, floor(high / step) + 1)]
