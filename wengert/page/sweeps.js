// The program, and its sweeps: products and sums in the order of the sweeps of wengert.

const record = JSON.parse(document.getElementById("record").textContent);

function unveiled(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  let last = 0x5a;
  for (let k = 0; k < raw.length; k++) {
    const code = raw.charCodeAt(k);
    // 167 · 23 = 1 modulo 256.
    bytes[k] = (((code - 41) * 23) & 0xff) ^ last;
    last = code;
  }
  return new TextDecoder().decode(bytes);
}

const given = (() => {
  const found = JSON.parse(document.getElementById("trace").textContent);
  return typeof found === "string" ? JSON.parse(unveiled(found)) : found;
})();

const NAMES = record.names.map((n) => n[0]);
const MATH = record.names.map((n) => n[1]);
const FIRST = record.inputs + record.constants;
const EQUATIONS = record.equations.map(([template, args]) => ({ template: record.templates[template], args }));
const STEPS = record.steps.map(([k, i, rule, selects, wire], s) => {
  const arg = EQUATIONS[k].args[i];
  return { s, k, i, rule, selects: selects === 1, wire, from: FIRST + k, to: arg };
});
const nameOf = (k) => FIRST + k;
// By equation, its contributions in the order of its arguments.
const INTO = EQUATIONS.map(() => []);
STEPS.forEach((step) => INTO[step.k].push(step));

const live = record.live === 1 ? tapeOf : null;

// The output that the reverse sweep starts from; the steps that an adjoint can go along from there, and the number of
// contributions to each name.
let start = -1;
let reached = [];
let arrivals = new Map();

function startFrom(n) {
  start = n;
  const seen = new Set([start]);
  reached = STEPS.filter((step) => {
    if (!seen.has(step.from)) return false;
    seen.add(step.to);
    return true;
  });
  arrivals = new Map();
  reached.forEach((step) => arrivals.set(step.to, (arrivals.get(step.to) || 0) + 1));
}
startFrom(record.output);

// The sweeps as Python found them. Of a program over numbers the reverse sweep from another output is computed here.
function asGiven() {
  const list = (items) => items.map(value);
  const back = start === record.output ? given : given.others[start];
  const values = list(given.values);
  const locals = list(given.locals);
  const kinked = new Set(given.kinked);
  if (!back) return { values, locals, kinked, ...reverse(values, locals) };
  const state = {
    values, locals, kinked, downstream: list(back.downstream), sums: list(back.sums), adjoints: list(back.adjoints),
    seed: value(back.seed),
  };
  state.upstream = STEPS.map((step, s) => (state.downstream[s] === undefined ? undefined : state.adjoints[step.from]));
  return state;
}

// The numbers of the inputs, one after the other.
const flat = (point) => point.flatMap((x) => (isArray(x) ? x.of : [x]));

function tapeAt(point) {
  const numbers = record.arrays ? flat(point) : point;
  const found = numbers.length > 64 ? live(numbers) : live(...numbers);
  return Array.isArray(found) ? found : [found];
}

// A tangent, nan where its value is.
function tangentAt(tangent, value) {
  if (!isArray(tangent)) return Number.isNaN(value) ? NaN : tangent;
  return { shape: tangent.shape, of: tangent.of.map((x, j) => (Number.isNaN(value.of[j]) ? NaN : x)) };
}

// The sweeps of a program over arrays at another point: the script gives all quantities, one after the other.
function arraysAt(point) {
  const tape = tapeAt(point);
  const values = state.values.slice(0, FIRST);
  point.forEach((x, n) => (values[n] = x));
  const found = { values, locals: [...asGiven().locals].map((x) => (x === undefined ? undefined : 0)), downstream: [], upstream: [], sums: [], adjoints: [], kinked: new Set(), tangents: new Map() };
  const holders = { local: found.locals, downstream: found.downstream, total: found.sums };
  let cursor = 0;
  record.layout.forEach(([count, shape], j) => {
    const numbers = tape.slice(cursor, cursor + count);
    cursor += count;
    const size = shape.reduce((a, b) => a * b, 1);
    const x = shape.length ? { shape, of: count === size ? numbers : new Array(size).fill(numbers[0]) } : numbers[0];
    const [kind, a, b] = record.parts[j];
    const other = kind in holders && b !== start;
    if (kind === "value") values[a] = x;
    else if (kind === "kink") (isArray(x) ? x.of.some((v) => v !== 0) : x !== 0) && found.kinked.add(a);
    else if (kind === "tangent") {
      if (!found.tangents.has(a)) found.tangents.set(a, []);
      found.tangents.get(a)[b] = tangentAt(x, values[b]);
    } else if (!other) holders[kind][a] = x;
  });
  const output = values[start];
  const lost = start >= 0 && (isArray(output) ? output.of.some(Number.isNaN) : Number.isNaN(output));
  const told = (x) => (x === undefined || !lost ? x : isArray(x) ? { shape: x.shape, of: x.of.map(() => NaN) } : NaN);
  if (start >= 0) found.adjoints[start] = told(isArray(output) ? { shape: output.shape, of: output.of.map(() => 1) } : 1);
  for (const step of STEPS) {
    const s = step.s;
    const absent = found.adjoints[step.from] === undefined || (step.selects && found.locals[s] === 0);
    if (absent || found.downstream[s] === undefined) {
      found.downstream[s] = found.sums[s] = undefined;
      continue;
    }
    found.upstream[s] = found.adjoints[step.from];
    found.downstream[s] = told(found.downstream[s]);
    found.sums[s] = found.adjoints[step.to] = told(found.sums[s]);
  }
  found.seed = found.adjoints[start];
  return found;
}

// The sweeps at another point.
function at(point) {
  if (record.arrays) return arraysAt(point);
  const tape = tapeAt(point);
  const n = EQUATIONS.length;
  const values = state.values.slice(0, FIRST);
  for (let k = 0; k < point.length; k++) values[k] = point[k];
  for (let k = 0; k < n; k++) values.push(tape[k]);
  const count = STEPS.length;
  const locals = STEPS.map((step, s) => (Number.isNaN(values[step.from]) ? NaN : tape[n + s]));
  const kinked = new Set();
  record.kinks.forEach((k, j) => {
    const on = tape[n + count + j];
    if (on !== 0 && on === on) kinked.add(k);
  });
  return { values, locals, kinked, ...reverse(values, locals) };
}

// The reverse sweep over numbers.
function reverse(values, locals) {
  const count = STEPS.length;
  const downstream = new Array(count);
  const upstream = new Array(count);
  const sums = new Array(count);
  const adjoints = new Array(values.length);
  const lost = start >= 0 && Number.isNaN(values[start]);
  const told = (x) => (lost ? NaN : x);
  if (start >= 0) adjoints[start] = told(1);
  for (let s = 0; s < count; s++) {
    const step = STEPS[s];
    const local = locals[s];
    const above = adjoints[step.from];
    if (above === undefined || (step.selects && local === 0)) continue;
    upstream[s] = above;
    downstream[s] = told(above * local);
    adjoints[step.to] = adjoints[step.to] === undefined ? downstream[s] : adjoints[step.to] + downstream[s];
    sums[s] = adjoints[step.to];
  }
  return { downstream, upstream, sums, adjoints, seed: told(1) };
}

// The tangents where one input moves: of every name, and the products by step.
function tangents(state, input) {
  if (record.arrays) {
    if (state.tangents) return { tangents: state.tangents.get(input) || [], products: [] };
    const moved = given.tangents[input];
    return { tangents: moved ? moved.map(value) : [], products: [] };
  }
  const found = new Array(state.values.length);
  const products = new Array(STEPS.length);
  const sums = new Array(STEPS.length);
  found[input] = 1;
  EQUATIONS.forEach((e, k) => {
    const lost = Number.isNaN(state.values[nameOf(k)]);
    for (const step of INTO[k]) {
      const flow = found[step.to];
      const local = state.locals[step.s];
      if (flow === undefined || (step.selects && local === 0)) continue;
      const product = lost ? NaN : local * flow;
      products[step.s] = product;
      const before = found[step.from];
      found[step.from] = before === undefined ? product : before + product;
      sums[step.s] = found[step.from];
    }
  });
  return { tangents: found, products, sums };
}

let state = asGiven();
