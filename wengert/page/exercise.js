// The exercise: the reader fills in values and derivatives, and each answer is judged, with the reason.

const exercise = { on: record.exercise === 1, asks: "both", answers: new Map() };

const keyOf = (m) => (m.kind === "value" ? `v${m.k}` : `s${m.step.s}`);

// Whether a moment has a question.
exercise.asked = (m) => {
  if (!exercise.on) return false;
  if (m.kind === "value") return exercise.asks !== "derivatives";
  return m.kind === "step" && exercise.asks !== "values" && state.downstream[m.step.s] !== undefined;
};
exercise.open = (m) => exercise.asked(m) && !(exercise.answers.get(keyOf(m)) || {}).done;

// The last moment that may be shown: the first one whose question is open.
exercise.limit = (place) => {
  if (!exercise.on) return place;
  const open = moments.findIndex((m) => exercise.open(m));
  return open < 0 ? place : Math.min(place, open);
};

// Answers

const PLAIN = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/;

// A typed number, with the unit of its last digit; null if it is none.
function typedNumber(text) {
  const plain = text.trim().replaceAll("−", "-").replaceAll("_", "").toLowerCase();
  const special = { inf: Infinity, "+inf": Infinity, "-inf": -Infinity, nan: NaN }[plain];
  if (special !== undefined) return { x: special, unit: 0, digits: 9 };
  const parts = plain.split("/");
  if (parts.length === 2 && parts.every((p) => PLAIN.test(p.trim()))) return { x: Number(parts[0]) / Number(parts[1]), unit: 0, digits: 9 };
  if (!PLAIN.test(plain)) return null;
  const [mantissa, power] = plain.split("e");
  const decimals = (mantissa.split(".")[1] || "").length;
  const digits = mantissa.replace(/[-+.]/g, "").replace(/^0+/, "").length;
  return { x: Number(plain), unit: 10 ** (Number(power || 0) - decimals), digits };
}

function typed(text) {
  if (!text.includes("[")) return typedNumber(text);
  const flat = [];
  const shape = [];
  try {
    const read = JSON.parse(text.replaceAll("−", "-"));
    for (let x = read; Array.isArray(x); x = x[0]) shape.push(x.length);
    flat.push(...read.flat(Infinity));
  } catch {
    return null;
  }
  return flat.every(Number.isFinite) ? { x: { shape, of: flat }, unit: 0, digits: 9 } : null;
}

// Whether an answer is a number: to its own digits, two at least, or to a thousandth.
function means(answer, x) {
  if (x === undefined) return false;
  if (isArray(x) !== isArray(answer.x)) return false;
  if (isArray(x)) return answer.x.shape.join() === x.shape.join() && x.of.every((v, k) => means({ x: answer.x.of[k], unit: 0, digits: 9 }, v));
  const a = answer.x;
  if (Number.isNaN(a) || Number.isNaN(x)) return Number.isNaN(a) && Number.isNaN(x);
  if (!Number.isFinite(x)) return a === x;
  const off = Math.abs(a - x);
  return off <= 1e-3 * Math.abs(x) || off < 1e-12 || (answer.digits >= 2 && off <= 0.5001 * answer.unit && answer.unit < Math.abs(x));
}

const mapped = (x, f) => (x === undefined ? undefined : isArray(x) ? { shape: x.shape, of: x.of.map(f) } : f(x));
const negative = (x) => mapped(x, (v) => -v);

function transposed(x) {
  if (!isArray(x) || x.shape.length !== 2) return undefined;
  const [m, n] = x.shape;
  return { shape: [n, m], of: Array.from({ length: m * n }, (_, k) => x.of[(k % m) * n + Math.floor(k / m)]) };
}

// The questions of a step: for each its label, its answer, and wrong answers with their reasons.
function questions(m) {
  if (m.kind === "value") {
    const x = state.values[nameOf(m.k)];
    return [{ id: "value", label: NAMES[nameOf(m.k)], answer: x, wrong: [
      [negative(x), "Wrong sign."],
      [isArray(x) || x === 0 ? undefined : 1 / x, "Upside down: look at the order of the quotient."],
      [transposed(x), "Transposed: look at the order of the product."],
    ], hint: `Put the numbers in: ${inNumbers(m.k)}.` }];
  }
  const step = m.step;
  const s = step.s;
  const [up, local, down, sum] = [state.upstream[s], state.locals[s], state.downstream[s], state.sums[s]];
  const others = INTO[step.k].filter((other) => other !== step).map((other) => state.locals[other.s]);
  const before = earlier(step);
  const found = [];
  if (local !== undefined) found.push({ id: "local", label: "local", answer: local, wrong: [
    [negative(local), "Wrong sign."],
    [down, "Local and downstream are mixed up: this is multiplied by the upstream derivative already."],
    ...others.map((x) => [x, "That is the derivative in the other argument: look at the order of the product."]),
    [up, "That is the upstream derivative."],
    [isArray(local) || local === 0 ? undefined : 1 / local, "Upside down."],
    [state.values[step.from], "That is the value of the equation, not its derivative."],
  ], hint: "The rule above tells it: put the values in." });
  found.push({ id: "downstream", label: "downstream", answer: down, wrong: [
    [negative(down), "Wrong sign."],
    [local, "The upstream derivative is forgotten: multiply by it."],
    [up, "That is upstream alone: multiply it by the local derivative."],
    ...others.filter((x) => !isArray(x) && !isArray(up)).map((x) => [x * up, "Upstream times the derivative in the other argument: look at the order of the product."]),
    [transposed(down), "Transposed: look at the order of the product."],
    [isArray(up) || isArray(local) || local === undefined ? undefined : up + local, "The chain rule multiplies: upstream × local, not a sum."],
    [sum, "That is the sum at the copy gate: here only this branch counts."],
  ], hint: "Multiply upstream by local." });
  if (before !== undefined) found.push({ id: "sum", label: `sum in ${NAMES[step.to]}`, answer: sum, wrong: [
    [down, `The sum at the copy gate is forgotten: add the ${told(before)} that came back before.`],
    [before, "That is the sum before: add this branch to it."],
    [negative(sum), "Wrong sign."],
    [isArray(sum) ? undefined : before - down, "Branches are added, not subtracted."],
  ], hint: `Add downstream to ${told(before)}.` });
  return found;
}

function judged(question, text) {
  const answer = typed(text);
  if (answer === null) return { right: false, reason: isArray(question.answer) ? "This is no array: write it as [[1, 2], [3, 4]]." : "This is no number.", none: true };
  if (means(answer, question.answer)) return { right: true, reason: "Right." };
  const known = question.wrong.find(([x]) => x !== undefined && means(answer, x));
  return { right: false, reason: known ? known[1] : `Not yet. ${question.hint}` };
}

// The card of a question

exercise.card = (know) => {
  const m = know.now;
  if (!exercise.open(m)) return m.kind === "start" ? exercise.start() : null;
  const key = keyOf(m);
  const mine = exercise.answers.get(key) || { done: false, tries: {}, right: {} };
  exercise.answers.set(key, mine);
  const asks = questions(m);
  const body = [element("p", { class: "equation" }, element("code", { text: equationText(m.kind === "value" ? m.k : m.step.k) }), m.kind === "value" ? "" : sign(` back to ${NAMES[m.step.to]}`))];
  if (m.kind === "step") {
    body.push(element("p", { class: "rule" }, ruleElement(m.step)));
    body.push(line(named(`upstream ${derivativeOf(m.step.from)}`, quantity(state.upstream[m.step.s], "back", "upstream")), ...argumentsOf(m.step.k)));
    const before = earlier(m.step);
    if (before !== undefined) body.push(line(named(`so far in ${NAMES[m.step.to]}`, quantity(before, "back", "so far"))));
  } else body.push(line(...argumentsOf(m.k)));
  const form = element("form", { class: "answers", autocomplete: "off" });
  for (const q of asks) {
    const said = element("span", { class: "verdict", role: "status" });
    const field = element("input", { type: "text", id: `answer-${q.id}`, spellcheck: "false", autocapitalize: "off" });
    const done = mine.right[q.id];
    if (done) {
      field.value = told(q.answer, 64);
      field.disabled = true;
      said.textContent = "✓ Right.";
    }
    form.append(element("label", { for: field.id, text: q.label }), field, said);
    q.field = field;
    q.said = said;
  }
  form.append(element("span", { class: "acts" }, element("button", { type: "submit", text: "Check" }), element("button", { type: "button", text: "Show me", onclick: () => settle(m, asks, mine, true) })));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    for (const q of asks) {
      if (q.field.disabled || !q.field.value.trim()) continue;
      const verdict = judged(q, q.field.value);
      if (!verdict.none) (mine.tries[q.id] ??= []).push({ text: q.field.value.trim(), ...verdict });
      q.said.textContent = `${verdict.right ? "✓" : "✗"} ${verdict.reason}`;
      q.said.classList.toggle("right", verdict.right);
      q.field.setAttribute("aria-invalid", String(!verdict.right));
      if (verdict.right) {
        mine.right[q.id] = true;
        q.field.disabled = true;
      }
    }
    const next = asks.find((q) => !mine.right[q.id]);
    if (next) next.field.focus();
    else settle(m, asks, mine, false);
    exercise.score();
  });
  body.push(form);
  return [body, `${equationText(m.kind === "value" ? m.k : m.step.k)}: fill in ${asks.map((q) => q.label).join(", ")}.`];
};

function argumentsOf(k) {
  const names = [...new Set(EQUATIONS[k].args.filter(isName))].slice(0, 6);
  return names.map((n) => named(NAMES[n], quantity(state.values[n], "value", NAMES[n])));
}

function settle(m, asks, mine, given) {
  mine.done = true;
  mine.given = given;
  mine.title = equationText(m.kind === "value" ? m.k : m.step.k) + (m.kind === "value" ? "" : `, to ${NAMES[m.step.to]}`);
  mine.asks = asks.map((q) => ({ id: q.id, label: q.label, answer: told(q.answer) }));
  display();
  exercise.score();
  $("next").focus();
}

exercise.start = () => {
  const names = { values: "the values", derivatives: "the derivatives", both: "both" };
  const options = Object.entries(names).map(([asks, text]) => element("option", { value: asks, text, selected: exercise.asks === asks }));
  const choice = element("select", { id: "asks", onchange: (event) => {
    exercise.asks = event.target.value;
    choose("reverse");
    exercise.score();
    $("asks").focus();
  } }, ...options);
  const text = "An exercise: fill in the numbers of the sweeps, step by step. Each answer is judged.";
  return [[element("p", { text }), element("p", {}, element("label", { for: "asks", text: "Fill in " }), choice), startLine()], text];
};

// The score, for print too

exercise.score = () => {
  const rows = [];
  let right = 0;
  let asked = 0;
  for (const m of moments.filter(exercise.asked)) {
    const mine = exercise.answers.get(keyOf(m));
    if (!mine || !mine.done) continue;
    for (const q of mine.asks) {
      const tries = mine.tries[q.id] || [];
      const first = tries.length > 0 && tries[0].right;
      asked += 1;
      right += first ? 1 : 0;
      const wrong = tries.find((t) => !t.right);
      const says = first ? "right at once" : mine.right[q.id] ? `right after ${tries.length}: ${wrong.reason}` : `shown${wrong ? `: ${wrong.reason}` : ""}`;
      rows.push(element("tr", {}, element("td", {}, element("code", { text: mine.title })), element("td", { text: q.label }), element("td", { text: tries.map((t) => t.text).join("; ") || "–" }), element("td", { text: q.answer }), element("td", { text: says })));
    }
  }
  const total = moments.filter(exercise.asked).reduce((sum, m) => sum + questions(m).length, 0);
  const heads = ["step", "asked", "answers", "is", "verdict"].map((text) => element("th", { scope: "col", text }));
  $("score").replaceChildren(
    element("p", { class: "mark" }, element("strong", { text: `${right} of ${asked}` }), ` right at once; ${asked} of ${total} answered.`),
    rows.length === 0 ? "" : element("div", { class: "scroll" }, element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows))),
    element("p", { class: "acts" }, element("button", { type: "button", text: "Print", onclick: () => print() }), element("button", { type: "button", text: "Start anew", onclick: () => {
      exercise.answers.clear();
      go(0);
      display();
      exercise.score();
    } })),
  );
};

if (exercise.on) {
  document.body.classList.add("exercise");
  $("score-card").hidden = false;
}
