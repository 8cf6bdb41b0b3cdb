"""The peers, each made ready to compute the value and all derivatives: at one point, over a batch, on long lists.

A peer that is not installed is left out. Each function returns calls without arguments, whose answer is one array: the
value and then the derivatives, in the order of the formula's inputs, with the points of a batch along the last axis.
"""

from __future__ import annotations

import ctypes
import importlib.util
import math
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .formulas import Formula
from .measuring import Contestant


class Peer(NamedTuple):
    """A peer that is ready: the call to time, the answer after a call, and objects that must live as long."""

    timed: Contestant
    found: Callable[[], Any] | None = None
    keep: Any = None

    def answer(self) -> Any:
        return self.timed() if self.found is None else self.found()


# The name of each peer's distribution, by the module that is imported.
DISTRIBUTIONS = {
    "casadi": "casadi", "ddx": "ddx-ad", "heyoka": "heyoka", "jax": "jax", "torch": "torch", "llvmlite": "llvmlite",
}  # fmt: skip


def installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def compiler() -> str:
    """The path of gcc, or ""."""
    return shutil.which("gcc") or ""


def versions() -> dict[str, str]:
    """The versions of NumPy, of the peers that are here, and of gcc."""
    found = {"numpy": np.__version__}
    found |= {name: version(name) for module, name in DISTRIBUTIONS.items() if installed(module)}
    if gcc := compiler():
        done = subprocess.run([gcc, "-dumpfullversion"], capture_output=True, text=True, check=True)
        found["gcc"] = done.stdout.strip()
    return found


# CasADi


def casadi_function(expression: Callable[..., Any], n: int) -> Any:
    """CasADi's function of the value and the gradient, in one vector of its scalar symbols (SX)."""
    import casadi

    x = casadi.SX.sym("x", n)
    f = expression(casadi, *[x[i] for i in range(n)])
    return casadi.Function("f", [x], [f, casadi.gradient(f, x)])


def casadi_bound(function: Any, point: Sequence[float], lengths: Sequence[int]) -> Peer:
    """Its fastest call: the arguments and the results are bound to memory once."""
    x, outs = np.array(point), [np.zeros(k) for k in lengths]
    buffers, call = function.buffer()
    buffers.set_arg(0, memoryview(x))
    for k, out in enumerate(outs):
        buffers.set_res(k, memoryview(out))

    def answer() -> Any:
        call()
        return outs

    return Peer(Contestant(call), answer, (buffers, x, outs))


def casadi_point(formula: Formula) -> dict[str, Peer]:
    import casadi

    n = len(formula.point)
    function = casadi_function(formula.expression, n)
    point = casadi.DM(list(formula.point))
    return {
        "CasADi buffers": casadi_bound(function, formula.point, (1, n)),
        "CasADi call": Peer(Contestant(function, (point,))),
    }


# ddx


def ddx_equation(formula: Formula) -> Any:
    import ddx

    return ddx.equation(lambda: formula.expression(ddx, *[ddx.var(n) for n in formula.inputs]))


def ddx_point(formula: Formula) -> dict[str, Peer]:
    import ddx

    f = ddx_equation(formula)
    f.wait_for_kernel(want=ddx.Want.JACOBIAN)
    buffers = f.buffer(np.array(formula.point))

    def answer() -> Any:
        buffers()
        return buffers.value, buffers.jacobian

    return {
        "ddx buffers": Peer(Contestant(buffers), answer),
        "ddx call": Peer(Contestant(f.jacobian, (list(formula.point),))),
    }


def ddx_batch(formula: Formula, inputs: Sequence[Any]) -> Peer:
    import ddx

    f = ddx_equation(formula)
    f.wait_for_kernel(want=ddx.Want.JACOBIAN)
    buffers = f.buffer(np.array(inputs))

    def answer() -> Any:
        buffers()
        return buffers.value, buffers.jacobian

    return Peer(Contestant(buffers), answer)


# heyoka


def heyoka_function(expression: Callable[..., Any], names: Sequence[str]) -> Any:
    import heyoka

    x = heyoka.make_vars(*names)
    f = expression(heyoka, *x)
    tensors = heyoka.diff_tensors([f], diff_args=x, diff_order=1)
    return heyoka.cfunc([f, *tensors.gradient], vars=x)


def heyoka_batch(formula: Formula, inputs: Sequence[Any]) -> Peer:
    function = heyoka_function(formula.expression, [f"v{i}" for i in range(len(formula.inputs))])
    given = np.array(inputs)
    outs = np.zeros((len(inputs) + 1, given.shape[1]))
    return Peer(Contestant(lambda: function(given, outputs=outs)))


# C

FLAGS = ("-O3", "-march=native", "-ffast-math", "-shared", "-fPIC")
BLOCK = 256


def c_source(formula: Formula) -> str:
    """The formula in C over blocks of points, with glibc's vector math where gcc finds it."""
    n = len(formula.inputs)
    ins = [f"const double *restrict x{k}" for k in range(n)]
    outs = [f"double *restrict y{k}" for k in range(n + 1)]
    moved = [f"x{k} + j" for k in range(n)] + [f"y{k} + j" for k in range(n + 1)]
    return f"""#include <math.h>
enum {{ BLOCK = {BLOCK} }};
static void block(long m, {", ".join(ins + outs)}) {{
{formula.c}
}}
void whole(long n, {", ".join(ins + outs)}) {{
  for (long j = 0; j < n; j += BLOCK) block(n - j < BLOCK ? n - j : BLOCK, {", ".join(moved)});
}}
"""


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="wengert-benchmarks-"))


def c_batch(formula: Formula, inputs: Sequence[Any]) -> Peer:
    name = "".join(ch if ch.isalnum() else "_" for ch in formula.name)
    source, made = _folder() / f"{name}.c", _folder() / f"{name}.so"
    if not made.exists():
        source.write_text(c_source(formula), encoding="utf-8")
        subprocess.run(["gcc", *FLAGS, str(source), "-o", str(made), "-lm"], check=True)
    whole = ctypes.CDLL(str(made)).whole
    n = len(inputs[0])
    outs = [np.zeros(n) for _ in range(len(inputs) + 1)]
    given = [ctypes.c_long(n), *(ctypes.c_void_p(a.ctypes.data) for a in (*inputs, *outs))]

    def answer() -> Any:
        whole(*given)
        return outs

    return Peer(Contestant(whole, tuple(given)), answer, inputs)


# By hand


def python_point(formula: Formula) -> Peer:
    return Peer(Contestant(formula.hand(math), formula.point))


def numpy_batch(formula: Formula, inputs: Sequence[Any]) -> Peer:
    return Peer(Contestant(formula.hand(np), tuple(inputs)))


def flattened(answer: Any) -> Any:
    """The numbers of an answer in one row: the value, or those of all points, and then the derivatives."""
    if isinstance(answer, (tuple, list)):
        return np.concatenate([flattened(a) for a in answer])
    return np.ravel(np.asarray(answer, dtype=float))
