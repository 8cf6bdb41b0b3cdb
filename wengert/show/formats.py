"""The formats of pictures, by name and by suffix. A writer is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ground.errors import UsageError, error, shown, suggestion
from ..lists.array_text import width_of
from .flowchart import mermaid
from .graph import Circuit
from .html import picture_html

SUFFIXES = {
    ".mmd": "mermaid", ".mermaid": "mermaid", ".svg": "svg", ".dot": "dot", ".gv": "dot", ".tex": "tikz",
    ".txt": "terminal", ".png": "png", ".html": "html", ".htm": "html",
}  # fmt: skip
FORMATS = tuple(dict.fromkeys(SUFFIXES.values()))
INSTALL = 'pip install "wengert[png]"'
# Pixels of a PNG to one of the SVG; the most on either side.
_ZOOM, _MOST = 2.0, 16_000


def format_of(format: str, file: str | bytes | None = None) -> str:
    """The format by its name, or else by the suffix of a file, or else mermaid. Raises UsageError."""
    if format:
        if format not in FORMATS:
            raise error(UsageError, "W680", f"no picture has the format {shown(format)}",
                        help=suggestion(format, FORMATS) or f"one of {', '.join(FORMATS)}")  # fmt: skip
        return format
    if file is None:
        return "mermaid"
    name = file if isinstance(file, str) else file.decode("utf-8", "replace")
    stem, point, suffix = name.replace("\\", "/").rpartition("/")[2].rpartition(".")
    found = SUFFIXES.get(f".{suffix.lower()}") if point and stem else None
    if found is None:
        told = f"the suffix `.{suffix}`" if point and stem else f"the name `{name}`, which has no suffix,"
        raise error(UsageError, "W680", f"{told} is that of no picture", help=f"one of {', '.join(SUFFIXES)}")
    return found


def drawn(circuit: Circuit, format: str) -> str | bytes:
    """The picture in one of FORMATS; a PNG as bytes. Raises UsageError for a PNG where no library draws it."""
    if format == "mermaid":
        return mermaid(circuit)
    if format == "terminal":
        from .lane_rows import lanes

        return lanes(circuit, width_of(80))
    if format == "dot":
        from .dot import dot

        return dot(circuit)
    from .picture import picture

    if format == "png":
        draw = _rasteriser()
        from .svg import svg

        laid = picture(circuit)
        zoom = min(_ZOOM, _MOST / max(laid.width, laid.height + 80))
        return bytes(draw(svg_string=svg(laid, both=False), zoom=zoom))
    laid = picture(circuit)
    if format == "tikz":
        from .tikz import tikz

        return tikz(laid)
    from .svg import svg

    if format == "html":
        return picture_html(svg(laid))
    return svg(laid)


def _rasteriser() -> Callable[..., Any]:
    try:
        from resvg_py import svg_to_bytes
    except ImportError:
        raise error(UsageError, "W683", "a PNG is drawn by resvg-py, which is not installed",
                    help=f"{INSTALL}, or write an SVG") from None  # fmt: skip
    found: Callable[..., Any] = svg_to_bytes
    return found
