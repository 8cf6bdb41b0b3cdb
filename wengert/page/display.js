// Small pieces of the page: elements, formulas, arrays as heat maps and tables.

const $ = (id) => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, x] of Object.entries(attributes)) {
    if (x === false || x === undefined) continue;
    if (name === "text") made.textContent = x;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), x);
    else made.setAttribute(name, x === true ? "" : x);
  }
  made.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

function drawn(tag, attributes = {}, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, x] of Object.entries(attributes)) made.setAttribute(name, x);
  if (text !== undefined) made.textContent = text;
  return made;
}

const isName = (a) => typeof a === "number";
const atomText = (a) => (isName(a) ? NAMES[a] : spelled(number(a[0])));
const atomValue = (a) => (isName(a) ? state.values[a] : number(a[0]));

function argOf(code) {
  return (code.charCodeAt(0) - 97) * 26 + code.charCodeAt(1) - 97;
}

// The right side of an equation, with a text for each argument.
function filled(e, text) {
  return e.template.replace(/slot([a-z]{2})/g, (_, code) => text(e.args[argOf(code)]));
}

const equationText = (k) => `${NAMES[nameOf(k)]} = ${filled(EQUATIONS[k], atomText)}`;

function inNumbers(k) {
  const e = EQUATIONS[k];
  const text = filled(e, (a) => (e.template === "slotaa" || !/[-+*/^%<>=]/.test(e.template) ? told(atomValue(a)) : bracketed(told(atomValue(a)))));
  return minus(text);
}

// Markup of ours, with names of the program that were escaped when the page was made.
function mathElement(inner) {
  const box = document.createElement("template");
  box.innerHTML = `<math>${inner}</math>`;
  return box.content.firstChild;
}

function atomMath(a) {
  if (isName(a)) return MATH[a];
  const text = spelled(number(a[0]));
  return text.startsWith("-") ? `<mrow><mo>(</mo><mn>−${text.slice(1)}</mn><mo>)</mo></mrow>` : `<mn>${text}</mn>`;
}

const outputMath = () => MATH[start] || "<mi>f</mi>";
const partialMath = (above, below) => `<mfrac><mrow><mo>∂</mo>${above}</mrow><mrow><mo>∂</mo>${below}</mrow></mfrac>`;
const barMath = (n) => `<mover accent="true">${MATH[n]}<mo stretchy="false">¯</mo></mover>`;

// The rule of a contribution: the derivative of an equation in one of its arguments.
function ruleElement(step) {
  const e = EQUATIONS[step.k];
  const rule = step.rule < 0 ? "<mtext>as its op says</mtext>" : record.rules[step.rule];
  const whole = state.locals[step.s] === undefined;
  const left = whole ? barMath(step.to) : partialMath(MATH[step.from], MATH[step.to]);
  const found = mathElement(`<mrow>${left}<mo>${whole ? "←" : "="}</mo>${rule}</mrow>`);
  for (const place of found.querySelectorAll("[data-slot]")) {
    const code = place.getAttribute("data-slot");
    const inner = code === "yy" ? MATH[step.from] : code === "gg" ? barMath(step.from) : atomMath(e.args[argOf(code)]);
    const box = document.createElement("template");
    box.innerHTML = `<math>${inner}</math>`;
    place.replaceWith(...box.content.firstChild.childNodes);
  }
  return found;
}

// Levels of a heat map: -4 … 4 by size within the array, and "odd" for a number that is not finite.
function levels(x) {
  const most = Math.max(...x.of.filter(Number.isFinite).map(Math.abs), 0) || 1;
  return x.of.map((v) => (Number.isFinite(v) ? String(Math.round((v / most) * 4)) : "odd"));
}

function heat(x, width, height, group = drawn("g", { class: "heat" })) {
  const columns = x.shape.length ? x.shape[x.shape.length - 1] || 1 : 1;
  const rows = Math.ceil(x.of.length / columns) || 1;
  const side = Math.max(1.5, Math.min(width / columns, height / rows));
  levels(x).forEach((level, j) => {
    const [r, c] = [Math.floor(j / columns), j % columns];
    if ((c + 1) * side > width + 1 || (r + 1) * side > height + 1) return;
    group.append(drawn("rect", { class: `h${level}`, x: c * side, y: r * side, width: side - 0.4, height: side - 0.4 }));
  });
  return group;
}

function heatMap(x) {
  const columns = Math.min(x.shape[x.shape.length - 1] || 1, 24);
  const rows = Math.min(Math.ceil(x.of.length / (x.shape[x.shape.length - 1] || 1)) || 1, 12);
  const svg = drawn("svg", { class: "map", width: columns * 7, height: rows * 7, "aria-hidden": "true" });
  svg.append(heat(x, columns * 7, rows * 7));
  return svg;
}

function openArray(x, title) {
  $("array-head").textContent = title;
  const columns = x.shape[x.shape.length - 1] || 1;
  const rows = [];
  const colours = levels(x);
  for (let k = 0; k < x.of.length; k += columns) {
    const cells = x.of.slice(k, k + columns).map((v, j) => element("td", { class: `h${colours[k + j]}`, text: minus(shown(v)) }));
    rows.push(element("tr", {}, element("th", { scope: "row", text: k / columns }), ...cells));
  }
  const heads = Array.from({ length: Math.min(columns, x.of.length) }, (_, c) => element("th", { scope: "col", text: c }));
  $("elements").replaceChildren(element("thead", {}, element("tr", {}, element("td"), ...heads)), element("tbody", {}, ...rows));
  const all = x.shape.reduce((a, b) => a * b, 1);
  $("array-note").textContent = all > x.of.length ? `The first ${x.of.length} of ${all} elements; rows of the last axis.` : x.shape.length > 2 ? "Rows of the last axis, one after the other." : "";
  $("array").showModal();
}

// A number, or an array with its heat map; the table of its elements opens on demand.
function quantity(x, kind, title) {
  if (!isArray(x)) return element("span", { class: finite(x) ? `number ${kind}` : `number ${kind} odd`, text: minus(shown(x)) });
  return element("button", { type: "button", class: `number ${kind} array`, title: "The table of its elements",
    onclick: () => openArray(x, title) }, heatMap(x), element("span", { text: minus(told(x)) }));
}
