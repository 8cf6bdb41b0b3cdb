// Folding: the circuit, the table and the steps by calls, by bindings or by loops.

const LEVELS = new Map(record.levels.map(([name, groups]) => [name, groups.map(([label, first, last]) => ({ label, first, last }))]));
let groups = []; // the groups of the level that is shown
let groupAt = new Map(); // by equation

function buildFolds() {
  const drawn = CIRCUITS.map((one) => one.level);
  const names = ["every equation", ...LEVELS.keys()];
  if (names.length > 1) {
    $("folds").hidden = false;
    for (const name of names) $("level").append(element("option", { value: name, text: name === names[0] ? name : `${name} folded`, selected: name === (drawn[0] || names[0]) }));
    $("level").addEventListener("change", () => fold($("level").value));
  }
  fold(drawn[0] || names[0], true);
}

function fold(name, first = false) {
  groups = LEVELS.get(name) || [];
  groupAt = new Map();
  for (const group of groups) for (let k = group.first; k <= group.last; k++) groupAt.set(k, group);
  useCircuit(name);
  $("circuit-card").classList.toggle("without", !circuit || circuit.level !== name);
  foldRows();
  if (!first) display();
}

function foldRows() {
  for (const head of document.querySelectorAll("#table tr.fold")) head.remove();
  for (const row of ROWS.values()) row.hidden = false;
  for (const group of groups) {
    const rows = [];
    for (let k = group.first; k <= group.last; k++) rows.push(ROWS.get(nameOf(k)));
    // The last equation of a group stays in sight, as its value goes on.
    const inner = rows.slice(0, -1);
    const button = element("button", { type: "button", "aria-expanded": "false", text: `▸ ${group.label}: ${rows.length} equations`, onclick: () => {
      const open = button.getAttribute("aria-expanded") === "true";
      button.setAttribute("aria-expanded", String(!open));
      button.textContent = `${open ? "▸" : "▾"} ${group.label}: ${rows.length} equations`;
      for (const row of inner) row.hidden = open;
    } });
    for (const row of inner) row.hidden = true;
    rows[0].before(element("tr", { class: "fold" }, element("td", { colspan: "4" }, button)));
  }
}

const groupOf = (m) => (m.kind === "value" ? groupAt.get(m.k) : m.kind === "step" ? groupAt.get(m.step.k) : undefined);

// One step forward or back: over all moments of a group at once.
function beside(by) {
  let place = moment + by;
  const inside = (k) => moments[k] && groupOf(moments[k]) && groupOf(moments[k]) === groupOf(moments[k + 1] || {}) && moments[k].kind === (moments[k + 1] || {}).kind;
  while (place > 0 && place < moments.length - 1 && inside(place) && !exercise.on) place += by;
  return place;
}
