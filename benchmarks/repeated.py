"""Programs that repeat: Rosenbrock's function as a sum over the elements of a vector, and Broyden's tridiagonal system.

Rosenbrock 1960 (The Computer Journal 3(3)), chained; Broyden 1965 (Mathematics of Computation 19(92)). wengert's are
texts; a peer has expressions, which it may compile (ddx, heyoka) or run in its virtual machine (CasADi).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import wengert as wg

from . import peers
from .formulas import rosenbrock_of
from .measuring import Contestant
from .peers import Peer, installed

ROSENBROCK = "input x[n]\nsum(100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2 for i in 0:n-1)"
LIMITS = wg.Limits.trusted()


class Workload(NamedTuple):
    name: str
    n: int
    sides: Callable[[int], dict[str, Peer]]


def place(n: int) -> Any:
    return 0.3 + 0.4 * np.sin(np.arange(n))


def warmed(call: Callable[..., Any], *args: Any) -> Callable[..., Any]:
    for _ in range(30):
        call(*args)
    return call


def bound_to(f: wg.Function, x: Any) -> Peer:
    """The value and the gradient of a program over one vector, by the bound function."""
    call = f.bind("value_and_grad")
    return Peer(Contestant(warmed(call, x), (x,)))


def gradient(n: int) -> dict[str, Peer]:
    x = place(n)
    found = {}
    if installed("casadi"):
        function = peers.casadi_function(rosenbrock_of, n)
        found["CasADi buffers"] = peers.casadi_bound(function, x, (1, n))
    f = wg.compile(ROSENBROCK, limits=LIMITS, shapes={"x": (n,)})
    found["wengert, bound"] = bound_to(f, x)
    warmed(f.value_and_grad, x)

    def answer() -> Any:
        value, (slopes,) = f.value_and_grad(x)
        return [value, slopes]

    found["wengert"] = Peer(Contestant(f.value_and_grad, (x,)), answer)
    if installed("ddx"):
        import ddx

        equation = ddx.equation(lambda: rosenbrock_of(ddx, *[ddx.var(f"x{i}") for i in range(n)]))
        equation.wait_for_kernel(want=ddx.Want.JACOBIAN)
        buffers = equation.buffer(np.array(x))

        def of_ddx() -> Any:
            buffers()
            return np.concatenate([[buffers.value], buffers.jacobian])

        found["ddx buffers"] = Peer(Contestant(buffers), of_ddx)
    if installed("heyoka"):
        compiled = peers.heyoka_function(rosenbrock_of, [f"v{i:05}" for i in range(n)])
        outs = np.zeros(n + 1)
        found["heyoka"] = Peer(Contestant(lambda: compiled(x, outputs=outs)))
    return found


def casadi_second(n: int, product: bool) -> Peer:
    """CasADi's sparse Hessian of Rosenbrock's function, or its product with a direction."""
    import casadi

    x, v = casadi.SX.sym("x", n), casadi.SX.sym("v", n)
    f = rosenbrock_of(casadi, *[x[i] for i in range(n)])
    if product:
        function = casadi.Function("f", [x, v], [casadi.jtimes(casadi.gradient(f, x), x, v)])
    else:
        function = casadi.Function("f", [x], [casadi.hessian(f, x)[0]])
    return bound_in(function, [place(n), np.cos(np.arange(n))][: 1 + product])


def bound_in(function: Any, given: Sequence[Any]) -> Peer:
    """A CasADi function of one result, with its arguments and the nonzeros of its result bound to memory."""
    held, out = [np.array(a, dtype=float) for a in given], np.zeros(function.nnz_out(0))
    buffers, call = function.buffer()
    for k, a in enumerate(held):
        buffers.set_arg(k, memoryview(a))
    buffers.set_res(0, memoryview(out))

    def answer() -> Any:
        call()
        return out

    return Peer(Contestant(call), answer, (buffers, held))


def hessian(n: int) -> dict[str, Peer]:
    x = place(n)
    found = {"CasADi buffers": casadi_second(n, False)} if installed("casadi") else {}
    f = wg.compile(ROSENBROCK, limits=LIMITS, shapes={"x": (n,)})
    warmed(f.sparse_hessian, x)

    found["wengert"] = Peer(Contestant(f.sparse_hessian, (x,)), lambda: down_the_columns(f.sparse_hessian(x)))
    return found


def hvp(n: int) -> dict[str, Peer]:
    x, v = place(n), np.cos(np.arange(n))
    found = {"CasADi buffers": casadi_second(n, True)} if installed("casadi") else {}
    f = wg.compile(ROSENBROCK, limits=LIMITS, shapes={"x": (n,)})
    warmed(f.hvp, (x,), (v,))
    found["wengert"] = Peer(Contestant(f.hvp, ((x,), (v,))), lambda: f.hvp((x,), (v,))[0])
    return found


BROYDEN = "input x[n]\np = concatenate([0], x, [0])\n[(3 - 2*x[i])*x[i] - p[i] - 2*p[i+2] + 1 for i in 0:n]"


def jacobian(n: int) -> dict[str, Peer]:
    x = place(n)
    found = {}
    if installed("casadi"):
        import casadi

        s = casadi.SX.sym("x", n)
        f = (3 - 2 * s) * s - casadi.vertcat(0, s[:-1]) - 2 * casadi.vertcat(s[1:], 0) + 1
        found["CasADi buffers"] = bound_in(casadi.Function("f", [s], [casadi.jacobian(f, s)]), [x])
    ours = wg.compile(BROYDEN, limits=LIMITS, shapes={"x": (n,)})
    warmed(ours.sparse_jacobian, x)
    found["wengert"] = Peer(Contestant(ours.sparse_jacobian, (x,)), lambda: down_the_columns(ours.sparse_jacobian(x)))
    return found


def down_the_columns(matrix: Any) -> Any:
    """The nonzeros in CasADi's order."""
    return np.asarray(matrix.values)[np.lexsort((matrix.rows, matrix.columns))]


REPEATED = (
    Workload("Rosenbrock, gradient", 1000, gradient),
    Workload("Rosenbrock, sparse Hessian", 1000, hessian),
    Workload("Rosenbrock, Hessian times a vector", 1000, hvp),
    Workload("Broyden, sparse Jacobian", 10000, jacobian),
)
