// The work of both modes: products and sums of the sweeps that give the derivatives of the output in all inputs.

function workOf(steps, start) {
  const seen = new Set(start);
  let products = 0;
  const arrivals = new Map();
  for (const [from, to] of steps) {
    if (!seen.has(from)) continue;
    seen.add(to);
    products += 1;
    arrivals.set(to, (arrivals.get(to) || 0) + 1);
  }
  let sums = 0;
  for (const n of arrivals.values()) sums += n - 1;
  return { products, sums };
}

function buildCounts() {
  const inputs = record.wrt;
  if (!inputs.length || start < 0) {
    $("counts-card").hidden = true;
    return;
  }
  $("counts-card").hidden = false;
  const back = workOf(STEPS.map((s) => [s.from, s.to]), [start]);
  const upward = EQUATIONS.flatMap((_, k) => INTO[k]).map((s) => [s.to, s.from]);
  let forward = { products: 0, sums: 0 };
  const counted = inputs.slice(0, 200);
  // Each element of an array takes a sweep of its own.
  const elements = (n) => (isArray(state.values[n]) ? state.values[n].shape.reduce((a, b) => a * b, 1) : 1);
  for (const n of counted) {
    const one = workOf(upward, [n]);
    forward = { products: forward.products + one.products * elements(n), sums: forward.sums + one.sums * elements(n) };
  }
  const some = counted.length < inputs.length;
  const scale = inputs.length / counted.length;
  const row = (name, sweeps, work, about) => element("tr", {}, element("th", { scope: "row", text: name }),
    ...[sweeps, Math.round(work.products * about), Math.round(work.sums * about), Math.round((work.products + work.sums) * about)].map((x) => element("td", { text: x.toLocaleString("en") })));
  const head = element("tr", {}, element("td"), ...["sweeps", "products", "sums", "total"].map((text) => element("th", { scope: "col", text })));
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, row("reverse mode", 1, back, 1), row("forward mode", inputs.reduce((sum, n) => sum + elements(n), 0), forward, scale)));
  const says = `For all derivatives of ${NAMES[start]} in ${inputs.length} input${inputs.length > 1 ? "s" : ""}, beside ${EQUATIONS.length.toLocaleString("en")} equation${EQUATIONS.length === 1 ? "" : "s"} and their local derivatives, which both modes need once.${record.arrays ? " A product is that of a whole array with a rule." : ""}${some ? " Forward mode is counted in 200 of the inputs." : ""}`;
  $("counts").replaceChildren(element("div", { class: "scroll" }, table), element("p", { text: says }));
}
