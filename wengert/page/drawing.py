"""The circuit of a page: a picture whose texts the page's script writes, so that nothing shows before its sweep."""

from __future__ import annotations

from ..ground.limits import checking_clock
from ..show.grid import escaped
from ..show.picture import ROUND, Caption, Picture, PlacedGate, picture
from ..show.svg import length, line_path
from .folding import Folded, Group

# The room of a number that changes, and of the shape of an array with its heat map, in characters.
ROOM, WIDE = 9, 16


def drawing(drawn: Folded, names: list[int], arrays: bool = False) -> str:
    """The circuit as SVG inside a page. `names` gives the number of the name that leaves each gate, -1 for none; with
    `arrays` there is room for their heat maps."""
    laid = picture(drawn.circuit, WIDE if arrays else ROOM)
    ws = [f' data-w="{" ".join(map(str, bundle))}"' if bundle else "" for bundle in drawn.bundles]
    width, height = length(laid.width), length(laid.height)
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    says = 'role="img" aria-label="The circuit; the table of equations tells the same"'
    out = [f'<svg class="circuit" data-level="{drawn.name}" {size} {says}>']
    for line in checking_clock(laid.lines):
        wire = ws[line.wire] if line.wire is not None else ""
        out.append(f'<path class="wire" data-g="{line.gate}"{wire} d="{line_path(line)}"/>')
    out += [f'<circle class="copy" cx="{length(x)}" cy="{length(y)}" r="3.2"/>' for x, y in laid.dots]
    out += [_gate(shape, laid, names[shape.gate], drawn.heads.get(shape.gate)) for shape in checking_clock(laid.shapes)]
    out += [_caption(c, names[c.gate], "" if c.wire is None else ws[c.wire]) for c in checking_clock(laid.captions)]
    return "\n".join([*out, "</svg>"])


def _gate(shape: PlacedGate, laid: Picture, name: int, group: Group | None) -> str:
    gate = laid.circuit.gates[shape.gate]
    box = f'x="{length(shape.x - shape.width / 2)}" y="{length(shape.y - shape.height / 2)}" '
    box += f'width="{length(shape.width)}" height="{length(shape.height)}"'
    radius = min(shape.width, shape.height) / 2 if gate.kind in ROUND else 4
    equation = f' data-k="{gate.k}"' if gate.k is not None else ""
    if group is not None:
        equation = f' data-k="{group.first}" data-to="{group.last}"'
    text = f'<text x="{length(shape.x)}" y="{length(shape.y + 4.5)}">{escaped(shape.text)}</text>'
    return (
        f'<g class="gate {gate.kind}" data-g="{shape.gate}" data-n="{name}"{equation}>'
        f'<rect class="shape" {box} rx="{length(radius)}"/>{text}</g>'
    )


def _caption(c: Caption, name: int, wire: str) -> str:
    """An empty text: the page's script writes the number of a name, or of the contribution along a wire."""
    kind = "part" if c.wire is not None else "adjoint" if c.back else "value"
    return f'<text class="{kind}" data-n="{name}"{wire} x="{length(c.x)}" y="{length(c.y)}"></text>'
