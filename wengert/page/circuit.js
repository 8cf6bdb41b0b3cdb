// The circuit: the script writes its numbers, for those in view at once, and lights up a gate with its wires.

const circuit = $("circuit");
const view = $("view");
const GATES = circuit ? [...circuit.querySelectorAll(".gate")] : [];
const GATE_OF = new Map(GATES.filter((g) => !g.classList.contains("output")).map((g) => [Number(g.dataset.n), g]));
const TEXTS = circuit
  ? [...circuit.querySelectorAll("text.value, text.adjoint, text.part")].map((text) => ({
      text, kind: text.classList[0], n: Number(text.dataset.n), w: Number(text.dataset.w ?? -1),
      x: Number(text.getAttribute("x")), y: Number(text.getAttribute("y")), was: "", map: null,
    }))
  : [];
const PATHS = new Map();
if (circuit)
  for (const path of circuit.querySelectorAll("path.wire")) {
    const g = Number(path.dataset.g);
    if (!PATHS.has(g)) PATHS.set(g, []);
    PATHS.get(g).push(path);
  }
const WIRES = circuit ? new Map([...circuit.querySelectorAll("path[data-w]")].map((p) => [Number(p.dataset.w), p])) : new Map();
const STEP_OF_WIRE = new Map(STEPS.filter((s) => s.wire >= 0).map((s) => [s.wire, s]));
const NATURAL = circuit ? [Number(circuit.getAttribute("width")), Number(circuit.getAttribute("height"))] : [1, 1];
let zoom = 1;

function zoomed(factor) {
  if (!circuit) return;
  zoom = Math.min(3, Math.max(0.15, factor));
  circuit.setAttribute("width", NATURAL[0] * zoom);
  circuit.setAttribute("height", NATURAL[1] * zoom);
  later();
}

// The size that shows the whole circuit, as far as its texts stay readable.
function fitting(least = 0.62) {
  const room = view.clientWidth - 24;
  zoomed(Math.max(least, Math.min(1.35, room / NATURAL[0])));
}

let tell = null; // the texts of the moment: see `display` in stepping.js

// The part of the circuit in view, in its own lengths. It is read when it changes: a reading after a writing would have
// the browser lay out the page once more.
let seen = [0, 0, 0, 0];

function look() {
  const margin = 120;
  seen = [view.scrollLeft - margin, view.scrollLeft + view.clientWidth + margin, view.scrollTop - margin, view.scrollTop + view.clientHeight + margin].map((x) => x / zoom);
}

const inView = (item) => item.x > seen[0] && item.x < seen[1] && item.y > seen[2] && item.y < seen[3];

function write(item) {
  const [text, x, extra] = tell[item.kind](item);
  const key = text + extra + (isArray(x) ? x.of.join() : "");
  if (key === item.was) return;
  item.was = key;
  item.text.textContent = text;
  item.text.classList.toggle("odd", !finite(x));
  item.text.classList.toggle("partial", extra === "partial");
  item.text.classList.toggle("tangent", extra === "tangent");
  if (item.map) item.map.remove();
  item.map = null;
  if (isArray(x) && item.kind !== "part") {
    item.map = heat(x, 34, 11);
    const right = item.x + text.length * 6.9 + 5;
    item.map.setAttribute("transform", `translate(${right} ${item.y - 10})`);
    item.text.after(item.map);
  }
}

let waiting = 0;

// The texts out of view are written when there is time, or when they come into view.
function later() {
  if (waiting || !tell) return;
  waiting = requestAnimationFrame(() => {
    waiting = 0;
    look();
    TEXTS.filter(inView).forEach(write);
  });
}

function writeCircuit(texts) {
  tell = texts;
  for (const item of TEXTS) if (inView(item)) write(item);
}

function writeAll() {
  if (tell) TEXTS.forEach(write);
}

let marked = [];

// Mark the gate and the wire of the step.
function mark(n, wire, kind) {
  marked.forEach((x) => x.classList.remove("now", "now-back"));
  marked = [GATE_OF.get(n), WIRES.get(wire)].filter(Boolean);
  marked.forEach((x) => x.classList.add(kind === "back" ? "now-back" : "now"));
  const place = GATE_OF.get(n);
  if (place) reveal(place);
}

function reveal(gate) {
  const shape = gate.querySelector(".shape");
  const x = Number(shape.getAttribute("x")) * zoom;
  const y = Number(shape.getAttribute("y")) * zoom;
  const [w, h] = [view.clientWidth, view.clientHeight];
  const left = x < view.scrollLeft + 90 || x > view.scrollLeft + w - 200 ? Math.max(0, x - w / 2) : view.scrollLeft;
  const top = y < view.scrollTop + 40 || y > view.scrollTop + h - 80 ? Math.max(0, y - h / 2) : view.scrollTop;
  if (left !== view.scrollLeft || top !== view.scrollTop) view.scrollTo({ left, top, behavior: calm.matches || playing ? "auto" : "smooth" });
}

const calm = matchMedia("(prefers-reduced-motion: reduce)");
let playing = null;

function showKinks(state, known) {
  EQUATIONS.forEach((_, k) => {
    const gate = GATE_OF.get(nameOf(k));
    if (gate) gate.classList.toggle("kink", known(k) && state.kinked.has(k));
  });
}

// One name lights up everywhere: its gate and wires, its text, its row.
let lit = [];
const SPANS = new Map();
for (const span of document.querySelectorAll("#text [data-k], #text [data-n]")) {
  const numbers = span.dataset.k !== undefined ? span.dataset.k.split(" ").map((k) => nameOf(Number(k))) : [Number(span.dataset.n)];
  span.names = numbers;
  for (const n of numbers) {
    if (!SPANS.has(n)) SPANS.set(n, []);
    SPANS.get(n).push(span);
  }
}

function light(names) {
  lit.forEach((x) => x.classList.remove("lit"));
  lit = [];
  for (const n of names.slice(0, 200)) {
    const gate = GATE_OF.get(n);
    if (gate) lit.push(gate, ...(PATHS.get(Number(gate.dataset.g)) || []));
    lit.push(...(SPANS.get(n) || []));
    const row = ROWS.get(n);
    if (row) lit.push(row);
  }
  lit.forEach((x) => x.classList.add("lit"));
}

function namesAt(target) {
  const place = target.closest("[data-n], [data-k], path[data-g]");
  if (!place) return [];
  if (place.names) return place.names;
  if (place.dataset.n !== undefined) return [Number(place.dataset.n)];
  const gate = GATES[Number(place.dataset.g)];
  return gate ? [Number(gate.dataset.n)] : [];
}
