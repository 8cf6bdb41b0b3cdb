"""A circuit as a mermaid flowchart, which many sites draw in their Markdown pages.

The syntax is that of https://mermaid.js.org/syntax/flowchart.html. Identifiers are our own. Labels are quoted, and
every character that has a meaning in mermaid, Markdown or HTML is an entity, so that no name can break out of its
label.
"""

from __future__ import annotations

import re
import unicodedata

from ..ground.limits import checking_clock
from .captions import cut, invisible, number, right_to_left
from .graph import Circuit, Gate, Wire

# The default of `maxEdges` in mermaid's configuration: a page draws no flowchart with more edges.
EDGES = 500
# Labels of a round gate that need no quotes; mermaid takes no other operator without them.
_BARE = re.compile(r"[+*]|\^\d+(\.\d+)?")
# Signs that mean nothing to Markdown if the label holds nothing else.
_ALONE = ("-", "%", "@", ".T")
_NAMES = "quot lt gt amp num grave lowbar ast colon dollar percnt lbrace rbrace vert bsol semi period commat lpar plus"
_ENTITIES = dict(zip('"<>&#`_*:$%{}|\\;.@(+', _NAMES.split(), strict=True))
_PLAIN = set(" ,^/=[])∂!…-")


def mermaid(circuit: Circuit) -> str:
    """The text of a flowchart: the boxes and gates, then the forward sweep, then the reverse sweep in its order.

    A dashed edge of the reverse sweep is written forward, with its only arrowhead at the start. Mermaid lays every edge
    out from left to right, and an edge that is written backward could move an input to the right of its gate.
    """
    lines = ["graph LR"]
    lines += [f"  g{n}{_drawn(gate, circuit)}" for n, gate in enumerate(checking_clock(circuit.gates))]
    lines += [f"  g{w.source} -->{_labelled(_forward(w, circuit))} g{w.target}" for w in checking_clock(circuit.wires)]
    back = [w for w in circuit.wires if w.back]
    # The reverse sweep goes from the last op to the first, and at each op from the first input to the last.
    back.sort(key=lambda w: (-w.target, w.slot))
    if back:
        lines.append("  %% The reverse sweep. Dashed edges point back: their arrowheads that point forward are off.")
    lines += [f"  g{w.source} <-.->{_labelled(_back(w, circuit))} g{w.target}" for w in checking_clock(back)]
    if back:
        first = len(circuit.wires)
        lines.append(f"  linkStyle {','.join(str(first + n) for n in range(len(back)))} marker-end:none")
    return "\n".join(lines)


def edges(circuit: Circuit) -> int:
    """The number of edges of the flowchart."""
    return len(circuit.wires) + sum(w.back for w in circuit.wires)


def _drawn(gate: Gate, circuit: Circuit) -> str:
    if gate.kind == "op":
        if _BARE.fullmatch(gate.label):
            return f"(({gate.label}))"
        return f'(("{gate.label if gate.label in _ALONE else escaped(gate.label)}"))'
    lines = [_named(gate.label)]
    if gate.total is not None:
        lines.append(f"{_derivative(gate.label, circuit)} = {escaped(number(gate.total))}")
    return f'["{"<br/>".join(lines)}"]'


def _labelled(text: str) -> str:
    return f'|"{text}"|' if text else ""


def _forward(wire: Wire, circuit: Circuit) -> str:
    """The value on a wire, or its name. A number gets no label, as its box shows it."""
    if not isinstance(wire.name, str):
        return ""
    return escaped(number(wire.value)) if circuit.valued else _named(wire.name)


def _back(wire: Wire, circuit: Circuit) -> str:
    """The gradient on a wire, or its symbol ∂f/∂x."""
    if circuit.valued:
        return escaped(number(wire.gradient))
    part, parts = wire.part
    return _derivative(str(wire.name), circuit) + (f" {escaped(f'({part} of {parts})')}" if parts > 1 else "")


def _derivative(name: str, circuit: Circuit) -> str:
    if circuit.whole:
        return _named(f"{name}_bar")
    return f"∂{_named(str(circuit.output))}/∂{_named(name)}"


def _named(name: str) -> str:
    """A name, cut if it is long. One in a script that runs from right to left is isolated."""
    short = cut(name)
    text = escaped(short)
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if right_to_left(short) else text


def escaped(text: str) -> str:
    """A text for the inside of a quoted label."""
    around = f" {text} "
    return "".join(_escaped(c, around[n], around[n + 2]) for n, c in enumerate(text))


def _escaped(c: str, before: str, after: str) -> str:
    """A character of a label, by the characters before and after it."""
    kind = unicodedata.category(c)
    if invisible(c):
        # An invisible character would hide a difference between two names.
        return f"⟨U+{ord(c):04X}⟩"
    plain = c.isalnum() or kind[0] == "M" or c in _PLAIN
    if c == "-":
        plain = after not in " -" and before != "-"
    elif c == "_":
        plain = before.isalnum() and after.isalnum()
    elif c in ":.":
        plain = after.isdigit() or c == ":" and after in ",]" and before != "]"
    elif c == "(":
        plain = before != "]"
    elif c == "+":
        plain = before == "e" and after.isdigit()
    return c if plain else f"#{_ENTITIES[c]};" if c in _ENTITIES else f"#{ord(c)};"
