// The page comes to life.

buildTable();
NAMES.slice(0, record.inputs).forEach((name, n) => {
  // The tangents of a program over arrays are those that the page was made with.
  if (record.wrt.includes(n) && (!record.arrays || given.tangents[n])) $("seed").append(element("option", { value: n, text: name }));
});
for (const n of record.choices) $("from").append(element("option", { value: n, text: NAMES[n], selected: n === start }));
$("from-label").hidden = record.choices.length < 2;
$("from").addEventListener("change", () => chooseOutput(Number($("from").value)));
buildInputs();
buildCounts();
buildFolds();
choose("reverse");
watchRows();
if (exercise.on) exercise.score();
later();

$("next").addEventListener("click", () => go(beside(1)));
$("back").addEventListener("click", () => go(beside(-1)));
$("first").addEventListener("click", () => go(0));
$("last").addEventListener("click", () => go(moments.length - 1));
$("scrub").addEventListener("input", (event) => go(Number(event.target.value)));
$("seed").addEventListener("change", (event) => {
  seed = Number(event.target.value);
  heading();
  display();
});
for (const radio of document.querySelectorAll("input[name=mode]")) radio.addEventListener("change", () => choose(radio.value));

function play(on) {
  if (playing) clearInterval(playing);
  playing = null;
  if (on) {
    if (moment === moments.length - 1) go(0);
    playing = setInterval(() => {
      if (moment >= moments.length - 1) play(false);
      else go(beside(1));
    }, 1100);
  }
  $("play").textContent = playing ? "⏸ Pause" : "▶ Play";
  $("play").setAttribute("aria-label", playing ? "Pause" : "Play");
}
$("play").addEventListener("click", () => play(!playing));

$("smaller").addEventListener("click", () => zoomed(zoom / 1.25));
$("larger").addEventListener("click", () => zoomed(zoom * 1.25));
$("fit").addEventListener("click", () => fitting(0.15));
view.addEventListener("scroll", later, { passive: true });
addEventListener("resize", later);
addEventListener("beforeprint", () => {
  writeAll();
  for (const n of ROWS.keys()) writeRow(n);
  slice();
});
addEventListener("afterprint", unslice);

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || $("array").open) return;
  const tag = event.target.tagName;
  const typing = tag === "INPUT" || tag === "SELECT" || tag === "TEXTAREA";
  if (typing) return;
  const acts = {
    ArrowRight: () => go(beside(1)), ArrowLeft: () => go(beside(-1)), Home: () => go(0), End: () => go(moments.length - 1),
  };
  if (event.key === " " && tag !== "BUTTON") acts[" "] = () => play(!playing);
  const act = acts[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

// Pointing at a piece lights up the others; so do the keys ↑ and ↓ in the circuit, the text and the table.
for (const place of [view, $("text"), $("table")]) {
  place.addEventListener("pointerover", (event) => {
    const names = namesAt(event.target);
    if (names.length) light(names);
  });
  place.addEventListener("pointerleave", () => display());
  place.addEventListener("click", (event) => {
    const [n] = namesAt(event.target);
    if (n === undefined || getSelection().toString() || event.target.closest("button")) return;
    if (n >= FIRST) go(moments.findIndex((m) => m.kind === "value" && nameOf(m.k) === n));
  });
  let place_at = -1;
  place.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    place_at = (place_at + (event.key === "ArrowDown" ? 1 : -1) + NAMES.length) % NAMES.length;
    light([place_at]);
    const row = ROWS.get(place_at);
    if (place.contains(row)) row.scrollIntoView({ block: "nearest" });
    const gate = gateOf(place_at);
    if (gate) reveal(gate);
    $("said").textContent = place_at < FIRST ? NAMES[place_at] : equationText(place_at - FIRST);
  });
}
