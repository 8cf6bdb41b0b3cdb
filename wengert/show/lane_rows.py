"""A circuit for a terminal, in box-drawing characters: a row for each gate, a lane for each value that is still needed.

An input opens a lane (□). An op (●) takes its values from the lanes that its row joins: by a branch from a lane that
continues (the copy gate), by a corner from one that ends. Its equation, value and derivative are beside it.
"""

from __future__ import annotations

from ..ground.errors import cells
from ..ground.limits import checking_clock
from ..ground.sweep_colours import in_colour
from .captions import cut, number, symbol, visible
from .graph import Circuit, Wire

# The fewest columns that equations keep, however many lanes there are.
_TEXT = 30
# The characters, by whether a lane continues, and whether the row continues to the left and to the right.
_JOINTS = {
    (True, False, True): "├", (True, True, False): "┤", (True, True, True): "┼",
    (False, False, True): "╰", (False, True, False): "╯", (False, True, True): "┴",
}  # fmt: skip


def lanes(circuit: Circuit, width: int = 80) -> str:
    """The drawing, no line wider than `width` columns; lanes that find no room are left out behind a `…`."""
    wires: list[list[Wire]] = [[] for _ in circuit.gates]
    left = [0] * len(circuit.gates)
    for w in circuit.wires:
        wires[w.target].append(w)
        left[w.source] += 1
    values = {w.source: number(w.value, 20) for w in circuit.wires if w.value is not None}
    names = {w.source: str(w.name) for w in circuit.wires}
    returns = {w.source: w for w in circuit.wires if w.back}
    rows, live = [], list[int | None]()
    for v, gate in enumerate(checking_clock(circuit.gates)):
        if gate.kind == "constant":
            continue
        drawn = _row(v, [w.source for w in wires[v] if circuit.gates[w.source].kind != "constant"], left, live,
                     {"input": "□", "output": "■"}.get(gate.kind, "●"))  # fmt: skip
        text = visible(cut(gate.label))
        if gate.kind == "op":
            text = f"{text}({', '.join(visible(cut(str(w.name), 20)) for w in wires[v])})"
            text = f"{visible(cut(names[v], 20))} = {text}" if v in names else text
        text += "  (kink)" if gate.kink else ""
        back = returns.get(v) if gate.kind != "output" else None
        total = gate.total if gate.total is not None or back is None else back.gradient
        adjoint = "" if back is None else number(total, 20) if circuit.valued else symbol(str(back.name), circuit)
        rows.append((drawn, text, values.get(v, "") if gate.kind != "output" else "", adjoint))
    return "\n".join(_fitted(rows, circuit, width))


def _row(v: int, sources: list[int], left: list[int], live: list[int | None], sign: str) -> str:
    """Draw the row of a gate, and keep the lanes that go on."""
    for source in sources:
        left[source] -= 1
    joined = {live.index(source): left[source] > 0 for source in dict.fromkeys(sources)}
    ended = sorted(lane for lane, stays in joined.items() if not stays)
    here = ended[0] if ended else live.index(None) if None in live else len(live)
    if here == len(live):
        live.append(None)
    first, last = min([here, *joined]), max([here, *joined])
    out = []
    for lane, held in enumerate(live):
        if lane == here:
            c = sign
        elif lane in joined:
            c = _JOINTS[joined[lane], lane > first, lane < last]
        else:
            c = "│" if held is not None else "─" if first < lane < last else " "
        out.append(c + ("─" if first <= lane < last else " "))
    for lane in ended:
        live[lane] = None
    live[here] = v if left[v] else None
    while live and live[-1] is None:
        live.pop()
    return "".join(out).rstrip()


def _fitted(rows: list[tuple[str, str, str, str]], circuit: Circuit, width: int) -> list[str]:
    told = [max((cells(row[i]) for row in rows), default=0) for i in range(4)]
    derivative = ("adjoint" if circuit.whole else f"∂{visible(cut(str(circuit.output), 12))}/∂") if told[3] else ""
    heads = ("", "", "value" if told[2] else "", derivative)
    numbers = [max(told[i], cells(heads[i])) for i in (2, 3)]
    room = max(width - sum(n + 2 for n in numbers if n) - 2, 8)
    text = min(told[1], max(room - told[0], min(_TEXT, room - 4)))
    columns = (max(min(told[0], room - text), 1), text, *numbers)
    lines = []
    for row in [heads, *rows] if any(heads) else rows:
        cut_cells = [_cut(cell, size) for cell, size in zip(row, columns)]
        padded = [c + " " * (n - cells(c)) for c, n in zip(cut_cells[:2], columns)]
        right = [" " * (n - cells(c)) + c for c, n in zip(cut_cells[2:], columns[2:])]
        line = "  ".join([*padded, *filter(None, right)]).rstrip()
        if cells(line) <= width:
            painted = (in_colour(c, sweep) for c, sweep in zip(right, ("value", "back")))
            lines.append("  ".join([*padded, *filter(None, painted)]).rstrip())
        else:
            lines.append(_cut(line, width))
    return lines


def _cut(text: str, room: int) -> str:
    """A text cut to its room."""
    if cells(text) <= room:
        return text
    kept, used = [], 1
    for c in text:
        used += cells(c)
        if used > room:
            break
        kept.append(c)
    return "".join(kept) + "…"
