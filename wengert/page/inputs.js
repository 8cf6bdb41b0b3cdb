// The inputs: fields and sliders that compute the page anew, and a plot of the output along one of them.

const POINT = NAMES.slice(0, record.inputs).map((_, n) => state.values[n]);
const ORIGINAL = [...POINT];
let plotted = record.wrt[0] ?? -1;
let drawing = 0;
const FIELDS = [];

function reach(n) {
  const x = ORIGINAL[n];
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

function setInput(n, x, from) {
  POINT[n] = x;
  const [field, slider] = FIELDS[n];
  if (from !== field) field.value = spelled(x);
  field.removeAttribute("aria-invalid");
  if (from !== slider && Number.isFinite(x)) slider.value = x;
  if (record.wrt.includes(n)) plotted = n;
  recompute();
}

function buildInputs() {
  const box = $("inputs");
  if (!record.live) {
    if (!record.exercise) {
      box.append(startLine());
      if (record.inputs) box.append(element("p", { class: "label", text: `The program is not computed anew in this page: ${record.why}.` }));
    } else box.append(startLine());
    return;
  }
  const grid = element("div", { class: "inputs-grid" });
  NAMES.slice(0, record.inputs).forEach((name, n) => {
    const [low, high] = reach(n);
    const id = `input-${n}`;
    const slider = element("input", { type: "range", min: low, max: high, step: "any", "aria-label": `${name}, by sliding` });
    const field = element("input", { type: "text", id, inputmode: "text", autocomplete: "off", spellcheck: "false" });
    slider.value = Number.isFinite(POINT[n]) ? POINT[n] : 0;
    field.value = spelled(POINT[n]);
    slider.addEventListener("input", () => setInput(n, rounded(Number(slider.value), 4), slider));
    field.addEventListener("input", () => {
      const x = read(field.value);
      if (x === null) field.setAttribute("aria-invalid", "true");
      else setInput(n, x, field);
    });
    slider.addEventListener("focus", () => choosePlot(n));
    field.addEventListener("focus", () => choosePlot(n));
    FIELDS.push([field, slider]);
    grid.append(element("label", { for: id, text: name }), slider, field);
  });
  box.append(grid);
  box.append(element("p", {}, element("button", { type: "button", id: "reset", text: "As at first", onclick: () => {
    ORIGINAL.forEach((x, n) => {
      POINT[n] = x;
      FIELDS[n][0].value = spelled(x);
      FIELDS[n][0].removeAttribute("aria-invalid");
      FIELDS[n][1].value = x;
    });
    state = asGiven();
    display();
    replot();
  } })));
  replot();
}

function choosePlot(n) {
  if (!record.wrt.includes(n) || plotted === n) return;
  plotted = n;
  replot();
}

// The plot

const PLOT = { left: 46, right: 410, top: 12, bottom: 184, points: 160 };

function drawPlot() {
  if (plotted < 0 || record.output < 0 || record.arrays) return;
  $("plot").hidden = false;
  let [low, high] = reach(plotted);
  const x0 = POINT[plotted];
  if (Number.isFinite(x0)) [low, high] = [Math.min(low, x0), Math.max(high, x0)];
  const point = [...POINT];
  const xs = [];
  const ys = [];
  // A long list is sampled at fewer points, so that a frame stays short.
  const count = Math.max(24, Math.min(PLOT.points, Math.round(60000 / (EQUATIONS.length + 1))));
  for (let j = 0; j <= count; j++) {
    const x = low + ((high - low) * j) / count;
    point[plotted] = x;
    xs.push(x);
    ys.push(record.output < FIRST ? (record.output === plotted ? x : POINT[record.output]) : tapeAt(point)[record.output - FIRST]);
  }
  const y0 = state.values[record.output];
  const slope = state.adjoints[plotted] ?? 0;
  const sorted = ys.filter(Number.isFinite).sort((a, b) => a - b);
  if (Number.isFinite(y0)) sorted.push(y0);
  const at = (q) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(q * (sorted.length - 1))))] ?? 0;
  let [bottom, top] = [Math.min(at(0.02), y0 || at(0.02)), Math.max(at(0.98), y0 || at(0.98))];
  if (!(top > bottom)) [bottom, top] = [bottom - 1, top + 1];
  const pad = (top - bottom) * 0.08;
  [bottom, top] = [bottom - pad, top + pad];
  if (![low, high, high - low, bottom, top, top - bottom].every(Number.isFinite)) {
    $("plot").hidden = true;
    return;
  }
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
  parts.push(inner, drawn("text", { x: (PLOT.left + PLOT.right) / 2, y: PLOT.bottom + 18, "text-anchor": "middle" }, NAMES[plotted]));
  $("curve").replaceChildren(...parts);
  $("plot-says").textContent = `${NAMES[record.output]} along ${NAMES[plotted]}, and its tangent: slope ${minus(shown(slope))}`;
}
