// The editor: the text goes to `answered`, and the page that comes back is `put` into the frame.

let last = 0;

async function show() {
  const mine = ++last;
  const found = await answered({ text: $("program").value, exercise: $("exercise").checked });
  if (mine !== last || !found) return;
  $("error").hidden = !found.error;
  $("error").textContent = found.error || "";
  if (found.page) put($("frame"), found.page);
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
