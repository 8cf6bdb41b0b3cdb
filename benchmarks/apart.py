"""Peers in a process of their own, which measure themselves: mathjs, as it is Node's, and mexpress, which may crash.

mathjs is found where Node finds it: `npm install mathjs` here, or name the folder of its modules in NODE_PATH.
"""

from __future__ import annotations

import importlib.util
import json
import select
import shutil
import subprocess
import sys

# One line in, {does, text, names}; one line out, {seconds} of processor time, or {error}.
MATHJS = """
const math = require('mathjs');
require('readline').createInterface({input: process.stdin}).on('line', line => {
  const {does, text, names} = JSON.parse(line);
  const used = () => { const u = process.cpuUsage(); return (u.user + u.system)/1e6; };
  const start = used();
  try {
    const f = math.parse(text.replaceAll('**', '^'));
    if (does === 'gradient') {
      const at = Object.fromEntries(names.map(n => [n, 1]));
      f.compile().evaluate(at);
      for (const n of names) math.derivative(f, n).compile().evaluate(at);
    }
    console.log(JSON.stringify({seconds: used() - start}));
  } catch (problem) {
    console.log(JSON.stringify({error: problem.name}));
  }
});
"""
MEXPRESS = """
import json, sys, time
import mexpress
for line in sys.stdin:
    asked = json.loads(line)
    start = time.process_time()
    f = mexpress.parse_f64(asked["text"])
    if asked["does"] == "gradient":
        at = [1.0] * len(asked["names"])
        f(*at), f.grad(*at)
    print(json.dumps({"seconds": time.process_time() - start}), flush=True)
"""


PATIENCE = 20.0  # seconds


class Crashed(RuntimeError):
    """The process ended without an answer."""


class Slow(RuntimeError):
    """No answer came in time; the process was ended."""


class Apart:
    """A peer that is asked for the seconds of "parse" or "gradient" of a text."""

    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.process: subprocess.Popen[str] | None = None

    def __call__(self, does: str, text: str, names: list[str] | None = None) -> float:
        """Raises RuntimeError if the peer fails, Crashed or Slow among them; then a new process is asked."""
        if self.process is None:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps({"does": does, "text": text, "names": names or []}) + "\n")
            self.process.stdin.flush()
            late = not select.select([self.process.stdout], [], [], PATIENCE)[0]
            line = "" if late else self.process.stdout.readline()
        except BrokenPipeError:
            late, line = False, ""
        if not line:
            self.process.kill()
            self.process.wait()
            self.process = None
            raise Slow if late else Crashed
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return float(answer["seconds"])


def found() -> dict[str, Apart]:
    """Those that are here."""
    here: dict[str, Apart] = {}
    if importlib.util.find_spec("mexpress"):
        here["mexpress"] = Apart([sys.executable, "-c", MEXPRESS])
    node = shutil.which("node")
    if node and not subprocess.run([node, "-e", "require('mathjs')"], capture_output=True).returncode:
        here["mathjs"] = Apart([node, "-e", MATHJS])
    return here
