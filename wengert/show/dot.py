"""A circuit in DOT, the language of Graphviz (https://graphviz.org/doc/info/lang.html), which does the layout.

Labels are HTML-like, so that values and derivatives have their colours; all of a reader's text in them is escaped.
"""

from __future__ import annotations

from ..ground.limits import checking_clock
from .captions import back, cut, forward, number, symbol, visible
from .graph import Circuit, Wire
from .grid import escaped


def dot(circuit: Circuit) -> str:
    """The text of a DOT file: gates, a point for each copy gate, and the wires."""
    out: list[list[Wire]] = [[] for _ in circuit.gates]
    for w in circuit.wires:
        out[w.source].append(w)
    lines = [
        "digraph circuit {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=10, arrowsize=0.6];',
    ]  # fmt: skip
    for v, gate in enumerate(checking_clock(circuit.gates)):
        shape = {"op": "shape=ellipse", "constant": 'style="dashed"', "input": "rank=source"}.get(
            gate.kind, "shape=box"
        )
        mark = ', color="#a8327a", peripheries=2' if gate.kink else ""
        lines.append(f"  g{v} [label=<{_text(visible(cut(gate.label)))}>, {shape}{mark}];")
    for v, wires in enumerate(checking_clock(out)):
        told = circuit.valued or circuit.gates[v].kind == "op"
        returning = [w for w in wires if w.back]
        if len(wires) > 1:
            total = circuit.gates[v].total
            below = "" if not returning else symbol(str(wires[0].name), circuit) if not circuit.valued else ""
            below = number(total) if returning and total is not None else below
            lines.append(f'  c{v} [shape=point, label=""];')
            lines.append(f"  g{v} -> c{v} [arrowhead=none{_label(forward(wires[0], circuit) if told else '', below)}];")
        for w in wires:
            if len(wires) > 1:
                label = _label("", back(w, circuit) if w.back and circuit.valued else "")
                lines.append(f"  c{v} -> g{w.target} [{label.removeprefix(', ')}];")
            else:
                label = _label(forward(w, circuit) if told else "", back(w, circuit) if w.back else "")
                lines.append(f"  g{v} -> g{w.target} [{label.removeprefix(', ')}];")
    return "\n".join([*lines, "}", ""])


def _text(text: str) -> str:
    # Graphviz takes no empty HTML-like label.
    return escaped(text).replace("\\", "&#92;") or "&#160;"


def _label(above: str, below: str) -> str:
    parts = [f'<FONT COLOR="#0072b2">{_text(above)}</FONT>'] if above else []
    parts += [f'<FONT COLOR="#b34e00"><I>{_text(below)}</I></FONT>'] if below else []
    return f", label=<{'<BR/>'.join(parts)}>" if parts else ""
