"""A picture as SVG 1.1: one self-contained file, without scripts, fonts or anything else that is fetched.

Colours are those of M. Okabe and K. Ito, "Color universal design" (2008), which colour-blind readers can tell apart. No
information is in colours alone: values are upright and above the wires, derivatives slanted and below. The drawing is
dark on light or light on dark, as the reader's system prefers.
"""

from __future__ import annotations

from ..ground.limits import checking_clock
from .captions import cut, number, visible
from .grid import escaped
from .picture import Caption, Picture, PlacedGate, Stroke, stations

# A colour for light pages and one for dark pages.
_COLOURS = {
    "ink": ("#1a1a1a", "#e6e6e6"), "paper": ("#ffffff", "#16181c"), "fill": ("#f3f3f0", "#2a2d33"),
    "value": ("#0072b2", "#56b4e9"), "back": ("#b34e00", "#e69f00"), "odd": ("#a8327a", "#f0a0cc"),
}  # fmt: skip
_STYLE = """\
.paper {{ fill: {paper}; }}
.wire {{ fill: none; stroke: {ink}; stroke-width: 1.2; }}
.dot {{ fill: {ink}; }}
.ball {{ fill: {fill}; stroke: {ink}; stroke-width: 1.2; }}
.box {{ fill: {paper}; stroke: {ink}; stroke-width: 1.2; }}
.number {{ fill: {paper}; stroke: {ink}; stroke-width: 0.8; stroke-dasharray: 3 2; }}
.kink {{ stroke: {odd}; stroke-width: 2.4; stroke-dasharray: 2.4 2.4; }}
text {{ font-family: ui-sans-serif, "DejaVu Sans", Helvetica, Arial, sans-serif; font-size: 11px; }}
.name {{ fill: {ink}; font-size: 13px; text-anchor: middle; }}
.value {{ fill: {value}; }}
.back {{ fill: {back}; font-style: italic; }}
.right {{ text-anchor: end; }}
.odd {{ fill: {odd}; font-weight: bold; }}
.note {{ fill: {ink}; }}"""
_LEGEND = 24.0


def svg(picture: Picture, both: bool = True) -> str:
    """The text of an SVG file. `both` gives it colours for light and for dark pages; without, only those for light."""
    legend = _legend(picture)
    width = max(picture.width, 16 + 6.4 * max(map(len, legend), default=0) + 16)
    height = picture.height + _LEGEND * bool(legend) + 16 * max(0, len(legend) - 1)
    light, dark = (_STYLE.format(**{k: c[i] for k, c in _COLOURS.items()}) for i in (0, 1))
    # Only colours change on dark pages.
    night = "\n".join(line for line in dark.splitlines() if "#" in line)
    style = f"{light}\n@media (prefers-color-scheme: dark) {{\n{night}\n}}" if both else light
    size = f'width="{length(width)}" height="{length(height)}" viewBox="0 0 {length(width)} {length(height)}"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">',
        f'<title id="title">{escaped(_title(picture))}</title>',
        f'<desc id="desc">{escaped(described(picture))}</desc>',
        f"<style>\n{style}\n</style>",
        f'<rect class="paper" width="{length(width)}" height="{length(height)}"/>',
    ]
    out += [_line(line) for line in checking_clock(picture.lines)]
    out += [f'<circle class="dot" cx="{length(x)}" cy="{length(y)}" r="3"/>' for x, y in picture.dots]
    out += [_shape(shape, picture) for shape in checking_clock(picture.shapes)]
    out += [_caption(caption) for caption in checking_clock(picture.captions)]
    for i, text in enumerate(legend):
        out.append(f'<text class="note" x="16" y="{length(picture.height + 12 + 16 * i)}">{escaped(text)}</text>')
    return "\n".join([*out, "</svg>", ""])


def _title(picture: Picture) -> str:
    return f"The circuit of {visible(cut(str(picture.circuit.output)))}"


def described(picture: Picture) -> str:
    """The circuit in words, for readers who do not see it: the gates in the order of the forward sweep."""
    circuit = picture.circuit
    into: list[list[str]] = [[] for _ in circuit.gates]
    values: dict[int, str] = {}
    for w in checking_clock(circuit.wires):
        into[w.target].append(visible(cut(str(w.name))))
        if w.value is not None:
            values[w.source] = number(w.value)
    said = []
    for v, gate in enumerate(circuit.gates):
        text = f"{gate.kind} {visible(cut(gate.label))}"
        text += f" of {', '.join(into[v])}" if gate.kind == "op" else ""
        text += f" = {values[v]}" if v in values and gate.kind != "constant" else ""
        text += f", derivative {number(gate.total)}" if gate.total is not None else ""
        text += ", at a kink" if gate.kink else ""
        said.append(text)
    return "; ".join(said) + "."


def _legend(picture: Picture) -> list[str]:
    circuit = picture.circuit
    said = []
    if circuit.valued:
        said.append("Above a wire: its value.")
    elif any(not c.back for c in picture.captions):
        said.append("Above a wire: its name.")
    if any(w.back for w in circuit.wires):
        what = "the adjoint" if circuit.whole else f"the derivative of {visible(cut(str(circuit.output)))}"
        said.append(f"Below, slanted: {what}" + (" in it." if not circuit.whole else "."))
    lines = [" ".join(said)] if said else []
    marks = {mark for shape in picture.shapes for mark in shape.marks}
    if "kink" in marks:
        lines.append("A dotted outline: a gate at a kink.")
    if any(not c.finite for c in picture.captions):
        lines.append("Bold: not finite.")
    return lines


def _line(line: Stroke) -> str:
    wire = f' data-wire="{line.wire}"' if line.wire is not None else ""
    return f'<path class="wire"{wire} data-gate="{line.gate}" d="{line_path(line)}"/>'


def line_path(line: Stroke) -> str:
    """The commands of a path along a line."""
    if len(line.points) < 4:
        return "M" + " L".join(_p(p) for p in line.points)
    a, b, c, d = line.points
    if abs(b[1] - c[1]) < 0.6:
        return f"M{_p(a)} L{_p(d)}"
    _, _, first, second, _, _ = stations(line.points)
    start = "" if a == b else f" L{_p(b)}"
    return f"M{_p(a)}{start} C{_p(first)} {_p(second)} {_p(c)}" + ("" if c == d else f" L{_p(d)}")


def _shape(shape: PlacedGate, picture: Picture) -> str:
    gate = picture.circuit.gates[shape.gate]
    box = f'x="{length(shape.x - shape.width / 2)}" y="{length(shape.y - shape.height / 2)}" '
    box += f'width="{length(shape.width)}" height="{length(shape.height)}"'
    kind = "ball" if gate.kind == "op" else "number" if gate.kind == "constant" else "box"
    radius = min(shape.width, shape.height) / 2 if gate.kind == "op" else 3
    kind += " kink" * ("kink" in shape.marks)
    drawn = [f'<rect class="{kind}" {box} rx="{length(radius)}"/>']
    drawn.append(f'<text class="name" x="{length(shape.x)}" y="{length(shape.y + 4.5)}">{escaped(shape.text)}</text>')
    return f'<g data-gate="{shape.gate}">{"".join(drawn)}</g>'


def _caption(c: Caption) -> str:
    words = ["back" if c.back else "value", *(["right"] if c.right else []), *([] if c.finite else ["odd"])]
    return f'<text class="{" ".join(words)}" x="{length(c.x)}" y="{length(c.y)}">{escaped(c.text)}</text>'


def _p(point: tuple[float, float]) -> str:
    return f"{length(point[0])},{length(point[1])}"


def length(x: float) -> str:
    """A length to a tenth of a pixel."""
    return f"{round(x, 1) + 0.0:g}" if abs(x) < 1e5 else f"{x:.1f}"
