// Pages are made by wengert in this browser: Pyodide, which is CPython as WebAssembly, runs in a worker.
//
// A page that is opened from a disk may not fetch, so the files are scripts, each of which hands over its content in
// base64. From a disk a worker can only be made of a text, and only the worker itself can import a module of one.

const parts = {};
const settings = JSON.parse($("settings").textContent);
// A program has its own limit of time. A worker that is silent for so many seconds more is ended.
const PATIENCE = settings.limits.seconds === null ? Infinity : 1000 * (settings.limits.seconds + 20);
let worker = null; // a promise of the worker that is ready
let waiting = null; // the program that is to follow the one at work, and the function that takes its answer
let working = false;

globalThis.wengertPart = (name, text) => (parts[name] = text);

function state(text) {
  $("state").textContent = text;
  $("state").hidden = !text;
}

function script(name) {
  return new Promise((done, failed) => {
    const made = document.createElement("script");
    made.src = `runtime/${name}.js`;
    made.onload = done;
    made.onerror = () => failed(new Error(`the file runtime/${name}.js is missing: it belongs beside this page`));
    document.head.append(made);
  });
}

async function content(name) {
  if (!parts[name]) await script(name);
  const raw = atob(parts[name]);
  const bytes = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; k++) bytes[k] = raw.charCodeAt(k);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function started() {
  state("Python starts in this page …");
  if (typeof DecompressionStream === "undefined" || typeof WebAssembly === "undefined") {
    throw new Error("this browser is too old: it takes one of 2023 or later");
  }
  const files = {};
  for (const name of settings.files) files[name] = await content(name);
  const address = URL.createObjectURL(new Blob([files["worker.js"]], { type: "text/javascript" }));
  const made = new Worker(address);
  await new Promise((done, failed) => {
    made.onmessage = (event) => (event.data.ready ? done() : failed(new Error(event.data.error)));
    made.onerror = () => failed(new Error("this browser starts no worker from this page"));
    made.postMessage({ files, info: settings.info });
  });
  state("");
  return made;
}

function ended(made) {
  made.terminate();
  worker = null;
}

// The answer of the worker to one program.
async function made(asked) {
  let mine;
  try {
    mine = await (worker ??= started());
  } catch (problem) {
    worker = null;
    state("");
    return { error: `Python does not start: ${problem.message}` };
  }
  return new Promise((done) => {
    const late = setTimeout(() => {
      ended(mine);
      done({ error: "There is no answer, so it was stopped." });
    }, Math.min(PATIENCE, 2 ** 31 - 1));
    const take = (found) => {
      clearTimeout(late);
      done(found);
    };
    mine.onmessage = (event) => take(event.data);
    mine.onerror = (event) => {
      ended(mine);
      take({ error: `Python stopped: ${event.message}` });
    };
    mine.postMessage({ ...asked, limits: settings.limits });
  });
}

// One program is at work at a time; of those that come meanwhile the last follows.
async function answered(asked) {
  if (working) {
    if (waiting) waiting.done(null);
    return new Promise((done) => (waiting = { asked, done }));
  }
  working = true;
  const found = await made(asked);
  working = false;
  if (waiting) {
    const next = waiting;
    waiting = null;
    answered(next.asked).then(next.done);
  }
  return found;
}

// The frame has a file without a policy of its own: the page that is written into it brings one. It is of no origin,
// so the message is for whatever document is there, which the sandbox holds.
function put(frame, page) {
  const give = (event) => {
    if (event.source !== frame.contentWindow || event.data !== "ready") return;
    removeEventListener("message", give);
    frame.contentWindow.postMessage(page, "*");
  };
  if (put.last) removeEventListener("message", put.last);
  put.last = give;
  addEventListener("message", give);
  frame.src = "frame.html";
}

// A link can bring a program: index.html#1+%2B+1
if (location.hash.length > 1) {
  try {
    $("program").value = decodeURIComponent(location.hash.slice(1));
  } catch {
    // No text of ours.
  }
}
