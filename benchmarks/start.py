"""A whole process that prints a value and a gradient: wengert's command beside what one writes with a peer.

    python -m benchmarks.start               # peers are those that this Python has installed
    python -m benchmarks.start --runs 20

Each line is a program run as a process of its own, in turn with `python -c "import numpy"`, the unit of the ratios. The
time is the processor time of the process as the operating system accounts for it, the median of the runs.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys

# Everybody starts from bytecode, as installed packages do.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
WORDS = ["eval", "(2*x1+x2)^2", "--x1", "3", "--x2", "7"]
# The script that an installed package has, and the module.
WENGERT = [sys.executable, "-c", "import sys; from wengert.cli import script; sys.exit(script())", *WORDS]
MODULE = [sys.executable, "-m", "wengert", *WORDS]
UNIT = "import numpy"
PEERS = {
    "autograd": """
import autograd
f = lambda x: (2*x[0] + x[1])**2
print(f([3., 7.]), autograd.grad(f)([3., 7.]))""",
    "casadi": """
import casadi
x = casadi.SX.sym('x', 2)
f = (2*x[0] + x[1])**2
print(casadi.Function('f', [x], [f, casadi.gradient(f, x)])([3, 7]))""",
    "jax": """
import jax
print(jax.value_and_grad(lambda x1, x2: (2*x1 + x2)**2, (0, 1))(3., 7.))""",
    "symengine": """
import symengine
f = symengine.sympify('(2*x1+x2)**2')
at = {'x1': 3, 'x2': 7}
print(f.subs(at), [f.diff(symengine.Symbol(n)).subs(at) for n in at])""",
    "sympy": """
import sympy
f = sympy.sympify('(2*x1+x2)**2')
at = {'x1': 3, 'x2': 7}
print(f.subs(at), [f.diff(n).subs(at) for n in at])""",
    "torch": """
import torch
x1, x2 = (torch.tensor(v, requires_grad=True) for v in (3., 7.))
f = (2*x1 + x2)**2
f.backward()
print(f.item(), x1.grad.item(), x2.grad.item())""",
}


def processor_time(command: list[str]) -> float:
    """User and system seconds of a finished process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)[:80]} failed")
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=11)
    runs = parser.parse_args().runs
    programs = {"bare Python": [sys.executable, "-c", "pass"], "wengert": WENGERT, "wengert (-m)": MODULE}
    if script := shutil.which("wengert"):
        programs["wengert (script)"] = [script, *WENGERT[3:]]
    for name, code in PEERS.items():
        if importlib.util.find_spec(name):
            programs[name] = [sys.executable, "-c", code]
    unit = [sys.executable, "-c", UNIT]
    print(f"{'program':<20} {'CPU ms':>8} {'/ import numpy':>15}")
    for name, command in programs.items():
        few = runs if name.startswith(("bare", "wengert")) else max(3, runs // 3)
        processor_time(command)
        pairs = [(processor_time(command), processor_time(unit)) for _ in range(few)]
        ratio = statistics.median(a / b for a, b in pairs)
        print(f"{name:<20} {1000 * statistics.median(a for a, _ in pairs):8.1f} {ratio:15.2f}", flush=True)


if __name__ == "__main__":
    main()
