// wengert in a worker. The first message has the files; each further one is a program, and its answer goes back.

self.onmessage = async (event) => {
  try {
    const { files, info } = event.data;
    // Pyodide takes its files by `fetch`. Here nothing is fetched: they are in memory, and there are no others.
    self.fetch = async (address) => {
      const name = String(address).split("/").pop();
      if (!files[name]) throw new Error(`there is no file ${name}`);
      const kind = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
      return new Response(files[name], { headers: { "Content-Type": kind } });
    };
    const address = (name) => URL.createObjectURL(new Blob([files[name]], { type: "text/javascript" }));
    const kernel = await import(address("pyodide.asm.mjs"));
    // Pyodide refuses a classic worker, as that could not import; this one can.
    self.importScripts = undefined;
    await import(address("pyodide.js"));
    const lock = { info, packages: {} };
    const running = await self.loadPyodide({
      indexURL: "https://offline.invalid/", lockFileContents: lock, createPyodideModule: kernel.default,
    });
    running.unpackArchive(files["wengert.zip"], "zip", { extractDir: "/lib/wengert" });
    const answer = running.runPython(`
import sys
sys.path.insert(0, "/lib/wengert")
from json import dumps, loads
from wengert import Limits
from wengert.api.played import played
lambda text, exercise, limits: dumps(played(text, exercise, Limits(**loads(limits))))
`);
    self.onmessage = ({ data }) => {
      try {
        postMessage(JSON.parse(answer(data.text, data.exercise, JSON.stringify(data.limits))));
      } catch (problem) {
        postMessage({ error: `Python stopped: ${problem.message}` });
      }
    };
    postMessage({ ready: true });
  } catch (problem) {
    postMessage({ error: String(problem.message || problem) });
  }
};
