// The moments of the sweeps, and the page at each of them.

const ROWS = new Map();
let mode = "reverse";
let seed = record.wrt[0] ?? 0;
let moment = 0;
let moments = [];

function momentsOf(mode) {
  const found = [{ kind: "start" }];
  EQUATIONS.forEach((_, k) => found.push({ kind: "value", k }));
  if (mode !== "forward" && start >= 0) {
    found.push({ kind: "seed" });
    reached.forEach((step) => found.push({ kind: "step", k: step.k, step }));
  }
  if (mode !== "forward") found.push({ kind: "end" });
  if (exercise.on && exercise.asks === "values") return [...found.slice(0, EQUATIONS.length + 1), { kind: "valued" }];
  return found;
}

// The knowledge at a moment: the equations that have values, and the adjoints so far.
function knowledge() {
  const now = moments[moment];
  // The number that a question asks for is not known yet.
  const open = exercise.open(now) ? 1 : 0;
  const done = now.kind === "start" ? 0 : now.kind === "value" ? now.k + 1 - open : EQUATIONS.length;
  const sums = new Map();
  const left = new Map(arrivals);
  const passed = new Set();
  if (mode !== "forward" && !["start", "value", "valued"].includes(now.kind)) {
    sums.set(start, state.seed);
    const last = now.kind === "seed" ? 0 : now.kind === "end" ? reached.length : moment - EQUATIONS.length - 1 - open;
    for (let j = 0; j < last; j++) {
      const step = reached[j];
      left.set(step.to, left.get(step.to) - 1);
      passed.add(step.s);
      if (state.downstream[step.s] !== undefined) sums.set(step.to, state.sums[step.s]);
    }
  }
  return { now, done, sums, left, passed, known: (n) => n < FIRST + done };
}

let moved = { tangents: [], products: [] };

// The page at the moment; with `same` the moment is the one it showed before, and only numbers changed.
function display(same = false) {
  const know = knowledge();
  const { now, sums, left, passed, known } = know;
  const forward = mode === "forward";
  if (mode !== "reverse") moved = tangents(state, seed);
  writeCircuit({
    value: (c) => {
      const x = known(c.n) ? state.values[c.n] : undefined;
      return [minus(shown(x)), x, ""];
    },
    adjoint: (c) => {
      if (forward) {
        const x = known(c.n) ? moved.tangents[c.n] : undefined;
        return [minus(shown(x)), x, "tangent"];
      }
      const x = sums.get(c.n);
      const partial = x !== undefined && left.get(c.n) > 0;
      return [minus(shown(x)) + (partial ? " + …" : ""), x, partial ? "partial" : ""];
    },
    part: (c) => {
      if (forward) return ["", undefined, ""];
      // A wire of a folded circuit stands for several: their contributions add up.
      let x;
      for (const w of c.ws) {
        const step = STEP_OF_WIRE.get(w);
        const part = step && passed.has(step.s) ? state.downstream[step.s] : undefined;
        if (part !== undefined) x = x === undefined || isArray(x) ? part : x + part;
      }
      return [minus(shown(x)), x, ""];
    },
  });
  showKinks(state, (k) => known(nameOf(k)));
  table(know);
  card(know);
  if (same) return;
  if (now.kind === "step") mark(now.step.from, now.step.wire, "back");
  else if (now.kind === "value") mark(nameOf(now.k), -1, "forward");
  else if (now.kind === "seed" || now.kind === "end" || now.kind === "valued") mark(now.kind === "seed" ? start : -1, -1, "back");
  else mark(-1, -1, "");
  $("scrub").value = moment;
  $("count").textContent = `${moment} of ${moments.length - 1}`;
  $("scrub").setAttribute("aria-valuetext", `step ${moment} of ${moments.length - 1}`);
  for (const [id, off] of [["first", moment === 0], ["back", moment === 0], ["next", moment === moments.length - 1], ["last", moment === moments.length - 1]]) $(id).disabled = off;
  light(now.kind === "step" ? [now.step.from, now.step.to].filter(isName) : now.kind === "value" ? [nameOf(now.k)] : []);
}

function go(to) {
  moment = exercise.limit(Math.min(moments.length - 1, Math.max(0, to)));
  display();
}

function choose(wanted) {
  mode = wanted;
  moments = momentsOf(mode);
  moment = exercise.limit(Math.min(moment, moments.length - 1));
  $("scrub").max = moments.length - 1;
  $("seed-label").hidden = mode === "reverse";
  document.body.classList.toggle("forward", mode === "forward");
  heading();
  display();
}

// The reverse sweep from another output.
function chooseOutput(n) {
  const ended = moment === moments.length - 1;
  startFrom(n);
  state = POINT.every((x, k) => Object.is(x, ORIGINAL[k])) ? asGiven() : at(POINT);
  exercise.answers.clear();
  buildCounts();
  moments = momentsOf(mode);
  if (ended) moment = moments.length - 1;
  choose(mode);
  if (exercise.on) exercise.score();
  replot();
}

// The card of the step

const line = (...children) => element("p", { class: "product" }, ...children);
const sign = (text) => element("span", { class: "sign", text });
const named = (label, ...children) => element("span", { class: "term" }, element("span", { class: "label", text: label }), ...children);
const derivativeOf = (n) => (isName(n) ? `∂${NAMES[start]}/∂${NAMES[n]}` : "");

function card(know) {
  const { now } = know;
  const parts = exercise.on ? exercise.card(know) : null;
  const [body, says] = parts || CARDS[now.kind](know);
  $("now").replaceChildren(...body);
  $("said").textContent = `Step ${moment} of ${moments.length - 1}. ${says}`;
}

const CARDS = {
  start: () => {
    const text = mode === "both"
      ? `Both modes: ${NAMES[seed]} moves with the tangent 1, and tangents go forward with the values. Then the reverse sweep comes back with the derivatives.`
      : mode === "forward"
      ? `Forward mode: ${NAMES[seed]} moves with the tangent 1, all other inputs stand still. Values and tangents go forward together.`
      : "The forward sweep fills in the values, equation by equation. Then the reverse sweep comes back with the derivatives.";
    return [[element("p", { text }), startLine()], text];
  },
  value: ({ now }) => {
    const k = now.k;
    const n = nameOf(k);
    const body = [
      element("p", { class: "equation" }, element("code", { text: equationText(k) })),
      line(element("code", { class: "numbers", text: inNumbers(k) }), sign("="), quantity(state.values[n], "value", NAMES[n])),
    ];
    let says = `${equationText(k)} = ${inNumbers(k)} = ${told(state.values[n])}.`;
    if (state.kinked.has(k)) {
      body.push(element("p", { class: "remark", text: "◌ At a kink: the derivative here is a choice." }));
      says += " At a kink.";
    }
    if (!finite(state.values[n])) body.push(element("p", { class: "remark", text: "Not a finite number." }));
    if (mode !== "reverse") {
      const [more, words] = tangentLines(k);
      body.push(...more);
      says += words;
    }
    return [body, says];
  },
  seed: () => {
    const f = NAMES[start];
    const text = `The reverse sweep starts at the output: the derivative of ${f} in itself is 1.`;
    return [[element("p", { text }), line(mathElement(`<mrow>${partialMath(outputMath(), outputMath())}<mo>=</mo></mrow>`), quantity(state.seed, "back", f))], text];
  },
  step: (know) => {
    const step = know.now.step;
    const s = step.s;
    const to = NAMES[step.to];
    const head = element("p", { class: "equation" }, sign("back through "), element("code", { text: equationText(step.k) }), sign(` to ${to}`));
    const rule = element("p", { class: "rule" }, ruleElement(step));
    if (state.upstream[s] === undefined || state.downstream[s] === undefined) {
      const why = know.sums.get(step.from) === undefined ? `No derivative comes back to ${NAMES[step.from]}, so nothing goes on to ${to}.` : `${to} was not chosen here: nothing goes back to it.`;
      return [[head, rule, element("p", { class: "remark", text: why })], `${equationText(step.k)}, to ${to}. ${why}`];
    }
    const whole = state.locals[s] === undefined;
    const body = [head, rule];
    const up = named(whole ? "upstream" : `upstream ${derivativeOf(step.from)}`, quantity(state.upstream[s], "back", "upstream"));
    const down = named("downstream", quantity(state.downstream[s], "back", "downstream"));
    body.push(whole ? line(up, sign("→"), down) : line(up, sign("×"), named("local", quantity(state.locals[s], "local", "local")), sign("="), down));
    body.push(sumLine(know, step));
    const says = whole
      ? `Back through ${equationText(step.k)} to ${to}: downstream ${told(state.downstream[s])}.`
      : `Back through ${equationText(step.k)} to ${to}: upstream ${told(state.upstream[s])} times local ${told(state.locals[s])} is ${told(state.downstream[s])}. The sum in ${to} is ${told(state.sums[s])}.`;
    return [body, says];
  },
  valued: () => [[element("p", { text: "All values are filled in." })], "All values are filled in."],
  end: () => {
    const rows = record.wrt.map((n) => line(element("span", { class: "label", text: derivativeOf(n) }), sign("="), quantity(state.adjoints[n] === undefined ? 0 : state.adjoints[n], "back", derivativeOf(n))));
    const text = record.wrt.map((n) => `${derivativeOf(n)} is ${told(state.adjoints[n] === undefined ? 0 : state.adjoints[n])}`).slice(0, 20).join(", ");
    const body = [element("p", { text: "Both sweeps are done: one sweep back gave the derivatives in all inputs." }), element("div", { class: "gradient" }, ...rows)];
    if (mode === "both" && start >= 0) {
      const along = moved.tangents[start] ?? 0;
      body.push(element("p", { text: "The forward sweep beside it gave one of them, as the tangent of the output:" }), line(element("span", { class: "label", text: derivativeOf(seed) }), sign("="), quantity(along, "tangent", derivativeOf(seed))));
    }
    return [body, `Done. ${text}.`];
  },
};

function startLine() {
  const inputs = NAMES.slice(0, Math.min(record.inputs, 12)).map((name, n) => element("span", { class: "pair" }, element("code", { text: `${name} = ` }), quantity(state.values[n], "value", name)));
  return element("p", { class: "pairs" }, ...inputs, record.inputs > 12 ? sign(`and ${record.inputs - 12} more`) : "");
}

// The sum in the argument of a step before the step; undefined for the first contribution.
function earlier(step) {
  const mine = reached.filter((other) => other.to === step.to);
  const before = mine.slice(0, mine.indexOf(step)).reverse().find((other) => state.downstream[other.s] !== undefined);
  return before && state.sums[before.s];
}

// The sum at a fan-out so far.
function sumLine(know, step) {
  const parts = arrivals.get(step.to);
  if (parts < 2) return line(sign("so "), element("span", { class: "label", text: derivativeOf(step.to) }), sign("="), quantity(state.sums[step.s], "back", derivativeOf(step.to)));
  const place = reached.filter((other) => other.to === step.to).indexOf(step);
  const before = earlier(step);
  const pieces = before !== undefined ? [quantity(before, "back", "so far"), sign("+"), added(state.downstream[step.s], "back", 1), sign("=")] : [];
  return line(named(`sum at the copy gate of ${NAMES[step.to]}, branch ${place + 1} of ${parts}`, element("span", { class: "sum" }, ...pieces, quantity(state.sums[step.s], "back", "sum"))));
}

// A term of a sum: a negative number gets brackets, but for the first.
function added(x, kind, place) {
  const term = quantity(x, kind, "a term");
  return place && typeof x === "number" && x < 0 ? element("span", {}, sign("("), term, sign(")")) : term;
}

function tangentLines(k) {
  const mine = INTO[k].filter((step) => moved.products[step.s] !== undefined);
  const t = moved.tangents[nameOf(k)];
  if (t === undefined) return [[element("p", { class: "remark", text: `It does not move with ${NAMES[seed]}: no tangent.` })], " No tangent."];
  const dot = (n) => `<mover accent="true">${MATH[n]}<mo stretchy="false">˙</mo></mover>`;
  const body = mine.map((step) => element("div", { class: "contribution" }, element("p", { class: "rule" }, ruleElement(step)),
    line(named("local", quantity(state.locals[step.s], "local", "local")), sign("×"), named(`tangent of ${NAMES[step.to]}`, quantity(moved.tangents[step.to], "tangent", "tangent")), sign("="), quantity(moved.products[step.s], "tangent", "product"))));
  body.push(line(mathElement(`<mrow>${dot(nameOf(k))}<mo>=</mo></mrow>`), ...(mine.length > 1 ? mine.flatMap((step, j) => [j ? sign("+") : "", added(moved.products[step.s], "tangent", j)]).concat(sign("=")) : []), quantity(t, "tangent", `the tangent of ${NAMES[nameOf(k)]}`)));
  return [body, ` Its tangent is ${told(t)}.`];
}

// The table of equations

function heading() {
  const [tangent, derivative] = [`tangent along ${NAMES[seed]}`, `∂${NAMES[start] ?? ""}/∂`];
  $("table").querySelector("thead th:nth-child(3)").textContent = mode === "forward" ? tangent : derivative;
  // Side by side there is a column more.
  for (const row of $("table").querySelectorAll("tr:not(.fold)")) {
    if ((mode === "both") === (row.children.length === 4)) continue;
    if (mode === "both") row.append(row.closest("thead") ? element("th", { scope: "col" }) : element("td", { class: "cell tangent" }));
    else row.lastChild.remove();
    if (row.was) row.was[2] = "";
  }
  if (mode === "both") $("table").querySelector("thead th:nth-child(4)").textContent = tangent;
  const below = mode === "forward" ? "tangent" : "derivative";
  $("below").replaceChildren(element("i", { text: below }));
  $("below").className = `key ${mode === "forward" ? "tangent" : "back"}`;
}

function buildTable() {
  const rows = NAMES.map((name, n) => {
    const text = n < FIRST ? name : equationText(n - FIRST);
    const row = element("tr", { "data-n": n }, element("td", {}, element("code", { text })), element("td", { class: "cell value" }), element("td", { class: "cell back" }));
    ROWS.set(n, row);
    row.was = ["", "", ""];
    return row;
  });
  $("table").replaceChildren(
    element("thead", {}, element("tr", {}, element("th", { scope: "col", text: "equation" }), element("th", { scope: "col", text: "value" }), element("th", { scope: "col" }))),
    element("tbody", { tabindex: "0", "aria-label": "Equations: the keys ↑ and ↓ light one up everywhere" }, ...rows),
  );
}

let shownRows = null; // the numbers of the rows in view, once an observer tells
let writeRow = () => {};

function table({ sums, left, known }) {
  const forward = mode === "forward";
  writeRow = (n) => {
    const row = ROWS.get(n);
    const x = known(n) ? state.values[n] : undefined;
    const d = forward ? (known(n) ? moved.tangents[n] : undefined) : sums.get(n);
    const partial = !forward && d !== undefined && left.get(n) > 0;
    cell(row, 0, x, "value", "", NAMES[n]);
    cell(row, 1, d, forward ? "tangent" : "back", partial ? " + …" : "", forward ? `tangent of ${NAMES[n]}` : derivativeOf(n));
    if (mode === "both") cell(row, 2, known(n) ? moved.tangents[n] : undefined, "tangent", "", `tangent of ${NAMES[n]}`);
  };
  for (const n of shownRows || ROWS.keys()) writeRow(n);
}

// Rows out of view are written when they come into view.
function watchRows() {
  if (ROWS.size < 200) return;
  shownRows = new Set();
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const n = Number(entry.target.dataset.n);
      if (entry.isIntersecting) {
        shownRows.add(n);
        writeRow(n);
      } else shownRows.delete(n);
    }
  }, { rootMargin: "300px" });
  for (const row of ROWS.values()) observer.observe(row);
}

function cell(row, j, x, kind, more, title) {
  const key = isArray(x) ? kind + x.shape + x.of : kind + shown(x) + more;
  if (row.was[j] === key) return;
  row.was[j] = key;
  const place = row.children[j + 1];
  if (x === undefined) place.replaceChildren();
  else if (isArray(x)) place.replaceChildren(quantity(x, kind, title));
  else {
    place.textContent = minus(shown(x)) + more;
    place.className = `cell ${kind}${finite(x) ? "" : " odd"}`;
  }
}
