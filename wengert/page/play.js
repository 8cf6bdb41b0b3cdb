"use strict";
(() => {
const $ = (id) => document.getElementById(id);
let asked = 0;
async function show() {
  const mine = ++asked;
  let found;
  try {
    const answer = await fetch("page", { method: "POST", body: JSON.stringify({ text: $("program").value, exercise: $("exercise").checked }) });
    found = answer.ok ? await answer.json() : { error: await answer.text() };
  } catch {
    found = { error: "wengert does not answer: start `wengert play` again, and open the address that it prints." };
  }
  if (mine !== asked) return;
  $("error").hidden = !found.error;
  $("error").textContent = found.error || "";
  if (found.page) $("frame").src = found.page;
}
$("show").addEventListener("click", show);
$("exercise").addEventListener("change", show);
$("program").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    show();
  }
});
show();
})();
