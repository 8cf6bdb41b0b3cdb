// The inputs: fields and sliders that compute the page anew, and a plot of the output along one of them.

const POINT = NAMES.slice(0, record.inputs).map((_, n) => state.values[n]);
const ORIGINAL = [...POINT];
// The most elements of an array that have fields of their own.
const FEW = 36;
// A number that can be moved: an input, or element j of one.
const SLOTS = [];
let plotted = null;
let drawing = 0;

const numberAt = (point, { n, j }) => (j < 0 ? point[n] : point[n].of[j]);

function withNumber(x, j, number) {
  if (j < 0) return number;
  const of = [...x.of];
  of[j] = number;
  return { shape: x.shape, of };
}

function placeText(shape, j) {
  const places = [];
  for (const size of [...shape].reverse()) {
    places.unshift(j % size);
    j = Math.floor(j / size);
  }
  return `[${places.join(",")}]`;
}

function reach(slot) {
  const x = numberAt(ORIGINAL, slot);
  const span = Math.max(1, 2 * Math.abs(x));
  return Number.isFinite(x) ? [x - span, x + span] : [-1, 1];
}

function recompute() {
  state = at(POINT);
  display(true);
  replot();
}

// One drawing a frame, however often the slider moves.
function replot() {
  if (!drawing) drawing = requestAnimationFrame(() => {
    drawing = 0;
    drawPlot();
  });
}

const READABLE = /^\s*[-+−]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?\s*$|^\s*[-+−]?inf\s*$|^\s*nan\s*$/i;

function read(text) {
  if (!READABLE.test(text)) return null;
  const plain = text.trim().replace("−", "-").replaceAll("_", "").toLowerCase();
  if (/inf/.test(plain)) return plain.startsWith("-") ? -Infinity : Infinity;
  return plain === "nan" ? NaN : Number(plain);
}

function setInput(slot, x, from) {
  POINT[slot.n] = withNumber(POINT[slot.n], slot.j, x);
  if (from !== slot.field) slot.field.value = spelled(x);
  slot.field.removeAttribute("aria-invalid");
  if (from !== slot.slider && Number.isFinite(x)) slot.slider.value = x;
  choosePlot(slot);
  recompute();
}

function buildInputs() {
  const box = $("inputs");
  if (!record.live) {
    box.append(startLine());
    if (record.inputs && !record.exercise) box.append(element("p", { class: "remark", id: "why", text: `Inputs cannot be moved in this page: ${record.why}. Make the page again for other values.` }));
    return;
  }
  const grid = element("div", { class: "inputs-grid" });
  NAMES.slice(0, record.inputs).forEach((name, n) => {
    const x = POINT[n];
    if (!isArray(x)) row(grid, { n, j: -1, name });
    else if (x.of.length <= FEW) x.of.forEach((_, j) => row(grid, { n, j, name: name + placeText(x.shape, j) }));
    else grid.append(element("span", { text: name }), element("span", { class: "label", text: "too many elements for fields" }), quantity(x, "value", name));
  });
  box.append(grid);
  box.append(element("p", {}, element("button", { type: "button", id: "reset", text: "As at first", onclick: () => {
    ORIGINAL.forEach((x, n) => (POINT[n] = x));
    for (const slot of SLOTS) {
      slot.field.value = spelled(numberAt(POINT, slot));
      slot.field.removeAttribute("aria-invalid");
      slot.slider.value = numberAt(POINT, slot);
    }
    state = asGiven();
    display(true);
    replot();
  } })));
  plotted = SLOTS.find((slot) => record.wrt.includes(slot.n)) || null;
  replot();
}

function row(grid, slot) {
  const [low, high] = reach(slot);
  const x = numberAt(POINT, slot);
  const id = `input-${SLOTS.length}`;
  slot.slider = element("input", { type: "range", min: low, max: high, step: "any", "aria-label": `${slot.name}, by sliding` });
  slot.field = element("input", { type: "text", id, autocomplete: "off", spellcheck: "false" });
  slot.slider.value = Number.isFinite(x) ? x : 0;
  slot.field.value = spelled(x);
  slot.slider.addEventListener("input", () => setInput(slot, rounded(Number(slot.slider.value), 4), slot.slider));
  slot.field.addEventListener("input", () => {
    const typed = read(slot.field.value);
    if (typed === null) slot.field.setAttribute("aria-invalid", "true");
    else setInput(slot, typed, slot.field);
  });
  for (const part of [slot.slider, slot.field]) part.addEventListener("focus", () => {
    choosePlot(slot);
    replot();
  });
  SLOTS.push(slot);
  grid.append(element("label", { for: id, text: slot.name, class: slot.name.length > 14 && "long" }), slot.slider, slot.field);
}

function choosePlot(slot) {
  if (record.wrt.includes(slot.n)) plotted = slot;
}

// The plot

const PLOT = { left: 46, right: 410, top: 12, bottom: 184, points: 160 };

// The output where one number has another value.
function outputAt(point, slot, x) {
  const moved = [...point];
  moved[slot.n] = withNumber(point[slot.n], slot.j, x);
  if (start < FIRST) return moved[start];
  return tapeAt(moved)[start - FIRST];
}

function drawPlot() {
  const slot = plotted;
  const y0 = state.values[start];
  // Over arrays the output's place in the tape is its own only if all before it are numbers.
  const place = record.layout.slice(0, start - FIRST).reduce((sum, [count]) => sum + count, 0);
  const value = (x) => {
    if (!record.arrays || start < FIRST) return outputAt(POINT, slot, x);
    const moved = [...POINT];
    moved[slot.n] = withNumber(POINT[slot.n], slot.j, x);
    return tapeAt(moved)[place];
  };
  $("plot").hidden = true;
  if (!slot || start < 0 || isArray(y0)) return;
  let [low, high] = reach(slot);
  const x0 = numberAt(POINT, slot);
  if (Number.isFinite(x0)) [low, high] = [Math.min(low, x0), Math.max(high, x0)];
  const xs = [];
  const ys = [];
  // A long list is sampled at fewer points, so that a frame stays short.
  const count = Math.max(24, Math.min(PLOT.points, Math.round(60000 / (EQUATIONS.length + 1))));
  for (let j = 0; j <= count; j++) {
    const x = low + ((high - low) * j) / count;
    xs.push(x);
    ys.push(value(x));
  }
  const whole = state.adjoints[slot.n];
  const some = ys.some(Number.isFinite);
  const slope = (isArray(whole) ? whole.of[slot.j] : whole) ?? 0;
  const sorted = ys.filter(Number.isFinite).sort((a, b) => a - b);
  const at = (q) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(q * (sorted.length - 1))))] ?? 0;
  const own = Number.isFinite(y0) ? y0 : at(0.5);
  let [bottom, top] = [Math.min(at(0.02), own), Math.max(at(0.98), own)];
  if (!(top > bottom)) [bottom, top] = [bottom - 1, top + 1];
  const pad = (top - bottom) * 0.08;
  [bottom, top] = [bottom - pad, top + pad];
  if (![low, high, high - low, bottom, top, top - bottom].every(Number.isFinite)) return;
  $("plot").hidden = false;
  const X = (x) => PLOT.left + ((x - low) / (high - low)) * (PLOT.right - PLOT.left);
  const Y = (y) => PLOT.bottom - ((y - bottom) / (top - bottom)) * (PLOT.bottom - PLOT.top);
  let path = "";
  let pen = false;
  ys.forEach((y, j) => {
    const inside = Number.isFinite(y) && y >= bottom - (top - bottom) * 3 && y <= top + (top - bottom) * 3;
    const leap = j && Math.abs(y - ys[j - 1]) > (top - bottom) * 1.2;
    if (inside) path += `${pen && !leap ? "L" : "M"}${X(xs[j]).toFixed(1)},${Y(y).toFixed(1)}`;
    pen = inside;
  });
  const clip = drawn("clipPath", { id: "inside" });
  clip.append(drawn("rect", { x: PLOT.left, y: PLOT.top - 6, width: PLOT.right - PLOT.left, height: PLOT.bottom - PLOT.top + 12 }));
  const inner = drawn("g", { "clip-path": "url(#inside)" });
  inner.append(drawn("path", { class: "line", d: path || "M0,0" }));
  const parts = [clip];
  for (const y of [bottom + pad, top - pad]) parts.push(drawn("line", { class: "axis", x1: PLOT.left, x2: PLOT.right, y1: Y(y), y2: Y(y) }), drawn("text", { x: PLOT.left - 5, y: Y(y) + 4, "text-anchor": "end" }, minus(spelled(rounded(y, 3)))));
  for (const [x, anchor] of [[low, "start"], [high, "end"]]) parts.push(drawn("text", { x: X(x), y: PLOT.bottom + 18, "text-anchor": anchor }, minus(spelled(rounded(x, 3)))));
  if (Number.isFinite(x0) && Number.isFinite(y0)) {
    const ends = [low, high].map((x) => Y(y0 + slope * (x - x0)));
    if (ends.every((y) => Math.abs(y) < 1e7)) inner.append(drawn("line", { class: "tangent-line", x1: X(low), y1: ends[0], x2: X(high), y2: ends[1] }));
    inner.append(drawn("circle", { class: "point", cx: X(x0), cy: Y(y0), r: 4.5 }));
  }
  parts.push(inner, drawn("text", { x: (PLOT.left + PLOT.right) / 2, y: PLOT.bottom + 18, "text-anchor": "middle" }, slot.name));
  $("curve").replaceChildren(...parts);
  $("curve").toggleAttribute("hidden", !some);
  $("plot-says").textContent = some
    ? `${NAMES[start]} along ${slot.name}, and its tangent: slope ${minus(shown(slope))}`
    : `${NAMES[start]} has no finite value along ${slot.name}, from ${minus(shown(low))} to ${minus(shown(high))}`;
}
