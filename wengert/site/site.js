"use strict";
// The field of the list narrows it to the lines with all of its words.
const field = document.getElementById("find");
if (field) {
  const sections = [...document.querySelectorAll("section")];
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const section of sections) {
      let some = false;
      for (const line of section.querySelectorAll("dl > div")) {
        const text = line.textContent.toLowerCase();
        line.hidden = !words.every((word) => text.includes(word));
        some = some || !line.hidden;
      }
      section.hidden = !some;
    }
  });
}

// The editor of a box is loaded when the box is first opened.
for (const box of document.querySelectorAll("details.try")) {
  box.addEventListener("toggle", () => {
    if (!box.open || box.querySelector("iframe")) return;
    const frame = document.createElement("iframe");
    frame.title = "An editor";
    frame.src = box.dataset.address;
    box.append(frame);
  });
}
