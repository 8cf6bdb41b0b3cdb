// The circuit: the script writes its numbers, for those in view at once, and lights up a gate with its wires.

const view = $("view");
const CIRCUITS = [...view.querySelectorAll("svg.circuit")].map((svg) => ({ svg, level: svg.dataset.level }));
const STEP_OF_WIRE = new Map(STEPS.filter((s) => s.wire >= 0).map((s) => [s.wire, s]));
let zoom = 1;
let circuit = null; // the circuit that is shown, with its parts

// The parts of a circuit, found when it is first shown.
function parts(one) {
  const { svg } = one;
  one.natural = [Number(svg.getAttribute("width")), Number(svg.getAttribute("height"))];
  one.gates = [...svg.querySelectorAll(".gate")];
  one.gateOf = new Map();
  for (const gate of one.gates) {
    const { n, k, to } = gate.dataset;
    if (to !== undefined) for (let j = Number(k); j <= Number(to); j++) one.gateOf.set(nameOf(j), gate);
  }
  for (const gate of one.gates) if (!gate.classList.contains("output") && gate.dataset.to === undefined && gate.dataset.n !== "-1") one.gateOf.set(Number(gate.dataset.n), gate);
  one.texts = [...svg.querySelectorAll("text.value, text.adjoint, text.part")].map((text) => ({
    text, kind: text.classList[0], n: Number(text.dataset.n), ws: (text.dataset.w || "").split(" ").filter(Boolean).map(Number),
    x: Number(text.getAttribute("x")), y: Number(text.getAttribute("y")), was: "", map: null,
  }));
  one.paths = new Map();
  for (const path of svg.querySelectorAll("path.wire")) {
    const g = Number(path.dataset.g);
    if (!one.paths.has(g)) one.paths.set(g, []);
    one.paths.get(g).push(path);
  }
  one.wires = new Map();
  for (const path of svg.querySelectorAll("path[data-w]")) for (const w of path.dataset.w.split(" ")) one.wires.set(Number(w), path);
  return one;
}

function useCircuit(level) {
  const found = CIRCUITS.find((one) => one.level === level) || CIRCUITS[0];
  if (!found) return;
  for (const one of CIRCUITS) one.svg.toggleAttribute("hidden", one !== found);
  circuit = found.gates ? found : parts(found);
  fitting();
  look();
}

const gateOf = (n) => (circuit ? circuit.gateOf.get(n) : undefined);

function zoomed(factor) {
  if (!circuit) return;
  zoom = Math.min(3, Math.max(0.15, factor));
  circuit.svg.setAttribute("width", circuit.natural[0] * zoom);
  circuit.svg.setAttribute("height", circuit.natural[1] * zoom);
  later();
}

// The size that shows the whole circuit, as far as its texts stay readable.
function fitting(least = 0.78) {
  if (circuit) zoomed(Math.max(least, Math.min(1.35, (view.clientWidth - 24) / circuit.natural[0])));
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
    const right = item.x + text.length * 7.2 + 6;
    item.map.setAttribute("transform", `translate(${right} ${item.y - 10})`);
    item.text.after(item.map);
  }
}

let waiting = 0;

// The texts out of view are written when there is time, or when they come into view.
function later() {
  if (waiting || !tell || !circuit) return;
  waiting = requestAnimationFrame(() => {
    waiting = 0;
    look();
    circuit.texts.filter(inView).forEach(write);
  });
}

function writeCircuit(texts) {
  tell = texts;
  if (circuit) for (const item of circuit.texts) if (inView(item)) write(item);
}

function writeAll() {
  if (tell && circuit) circuit.texts.forEach(write);
}

// On paper a wide circuit is cut into strips, one below the other; of more than a few, none could be read.
const STRIP = { width: 1000, most: 8 };

function slice() {
  unslice();
  if (!circuit) return;
  const count = Math.ceil(circuit.natural[0] / STRIP.width);
  if (count < 2 || count > STRIP.most) return;
  const pieces = [...circuit.svg.children].map((part) => [part, part.getBBox()]);
  for (let j = 0; j < count; j++) {
    const left = j * STRIP.width;
    const inside = pieces.filter(([, box]) => box.x < left + STRIP.width && box.x + box.width > left);
    if (!inside.length) continue;
    const top = Math.min(...inside.map(([, box]) => box.y)) - 4;
    const tall = Math.max(...inside.map(([, box]) => box.y + box.height)) + 4 - top;
    const strip = drawn("svg", { class: "circuit strip", "aria-hidden": "true", width: STRIP.width, height: tall,
      viewBox: `${left} ${top} ${STRIP.width} ${tall}` });
    strip.append(...inside.map(([part]) => part.cloneNode(true)));
    view.append(strip);
  }
  view.classList.add("sliced");
}

function unslice() {
  view.classList.remove("sliced");
  for (const strip of view.querySelectorAll(".strip")) strip.remove();
}

let marked = [];

// Mark the gate and the wire of the step.
function mark(n, wire, kind) {
  marked.forEach((x) => x.classList.remove("now", "now-back"));
  marked = [gateOf(n), circuit ? circuit.wires.get(wire) : undefined].filter(Boolean);
  marked.forEach((x) => x.classList.add(kind === "back" ? "now-back" : "now"));
  const place = gateOf(n);
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
  $("kink-key").hidden = ![...state.kinked].some(known);
  if (!circuit) return;
  for (const gate of circuit.gates) gate.classList.remove("kink");
  for (const k of state.kinked) if (known(k)) gateOf(nameOf(k))?.classList.add("kink");
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
    const gate = gateOf(n);
    if (gate) lit.push(gate, ...(circuit.paths.get(Number(gate.dataset.g)) || []));
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
  if (place.dataset.to !== undefined) {
    const [from, to] = [Number(place.dataset.k), Number(place.dataset.to)];
    return Array.from({ length: to - from + 1 }, (_, j) => nameOf(from + j));
  }
  if (place.dataset.n !== undefined) return place.dataset.n === "-1" ? [] : [Number(place.dataset.n)];
  const gate = circuit && circuit.gates.find((g) => g.dataset.g === place.dataset.g);
  return gate && gate.dataset.n !== "-1" ? [Number(gate.dataset.n)] : [];
}
