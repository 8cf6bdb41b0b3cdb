#!/bin/sh
# Two surprises for whoever draws the circuit of a program with both sweeps: a gate for each op, an edge forward for each
# value, a dashed edge back for each gradient. Needs Node 20 and npm; installs pinned packages in a temporary folder.
# Fails if any of what is stated here is no longer so.
#
# 1. mermaid 11.4.1: the gate `a((+))` of an addition is drawn as a circle with the words "Unsupported markdown: list", as
#    is `((*))`: the sign alone is read as an empty Markdown list, though the label is no Markdown string. `((^2))` is
#    drawn as it should be; so are all three by mermaid 11.12.0. Seen in Chromium too: 10.9.3 and 11.10.1 to 11.17.2 draw
#    `+`, and 11.4.1, 11.7.0 and 11.9.0 do not.
#
# 2. @dagrejs/dagre 1.1.5, the layout that mermaid uses, with `rankdir: LR`: f = x1 + x2 with its gradients as edges back.
#    x1 comes to the left of the gate, x2 to its right, as far as the output. To break the cycles, dagre follows edges from
#    the first node and reverses those that close a cycle: it reaches x2 by the edge back before it has seen the edge
#    forward, and reverses the latter. Written forward (and drawn with its arrowhead at the tail) the same edge leaves both
#    inputs at the left. The order of nodes does not help: a gate of two arguments is always reached from one of them first.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund old@npm:mermaid@11.4.1 new@npm:mermaid@11.12.0 jsdom@24.1.3 \
    @dagrejs/dagre@1.1.5 >/dev/null

cat >draw.mjs <<'END'
import { JSDOM } from "jsdom";
const window = new JSDOM("<body></body>", { pretendToBeVisual: true }).window;
for (const name of ["window", "document", "Element", "SVGElement", "HTMLElement", "Node"])
  globalThis[name] = name === "window" ? window : window[name];
// jsdom draws nothing, so it measures nothing: every text has the same size.
window.SVGElement.prototype.getBBox = () => ({ x: 0, y: 0, width: 20, height: 20 });
window.SVGElement.prototype.getComputedTextLength = () => 20;
const mermaid = (await import(process.argv[2])).default;
mermaid.initialize({ startOnLoad: false });
const { svg } = await mermaid.render("g", "graph LR\n  a((+))\n  b((*))\n  c((^2))\n");
const drawn = new JSDOM(svg).window.document;
console.log([...drawn.querySelectorAll(".nodeLabel")].map((label) => label.textContent.trim()).join(" | "));
END

cat >layout.cjs <<'END'
const { graphlib, layout } = require("@dagrejs/dagre");
for (const order of [["x1", "x2", "+", "f"], ["x2", "x1", "+", "f"]]) {
  for (const written of ["backward", "forward"]) {
    const graph = new graphlib.Graph({ multigraph: true });
    graph.setGraph({ rankdir: "LR" });
    for (const name of order) graph.setNode(name, { width: 40, height: 40 });
    [["x1", "+"], ["x2", "+"], ["+", "f"]].forEach(([from, to], n) => {
      graph.setEdge(from, to, {}, `value ${n}`);
      if (written === "backward") graph.setEdge(to, from, {}, `gradient ${n}`);
      else graph.setEdge(from, to, {}, `gradient ${n}`);
    });
    layout(graph);
    console.log(written, ["x1", "x2", "+", "f"].map((name) => `${name} ${graph.node(name).x}`).join(", "));
  }
}
END

expect() {
    printf '%s\n' "$2"
    [ "$2" = "$3" ] || { printf 'changed: %s, expected:\n%s\n' "$1" "$3" >&2; exit 1; }
}
expect "mermaid 11.4.1" "$(node draw.mjs old)" "Unsupported markdown: list | Unsupported markdown: list | ^2"
expect "mermaid 11.12.0" "$(node draw.mjs new)" "+ | * | ^2"
expect "dagre 1.1.5" "$(node layout.cjs)" "backward x1 20, x2 200, + 110, f 200
forward x1 20, x2 20, + 110, f 200
backward x1 200, x2 20, + 110, f 200
forward x1 20, x2 20, + 110, f 200"
