"""Writing derivatives as lists: microseconds an equation, and how that compares.

    python -m benchmarks.writing                     # products, an unrolled integration, formulas, random programs
    python -m benchmarks.writing --only Lorenz

Times are processor time, the best of several runs. `an equation` is of the list that is differentiated, expanded or
simplified; `written` counts equations of the answer that it did not have. For gradients two columns stand beside that,
as times of theirs over ours: a loop written by hand that appends plain tuples for these ops, without names for
adjoints, sharing, identities or branches; and CasADi's `gradient` of the same expression, already built, where it is
installed (a compiled library, without names or places in a text).
"""

from __future__ import annotations

import argparse
import importlib.util
import random
from collections.abc import Callable
from time import process_time
from typing import Any

import wengert as wg
from wengert.lists.wengert_list import WengertList
from wengert.transforms.derivatives import gradient, hessian, hvp, pushforward
from wengert.transforms.expand import expand
from wengert.transforms.simplify import fuse, simplify
from wengert.transforms.sparsity import sparse_hessian

TRUSTED = wg.Limits.trusted()
PHYSICS = "k*q1*q2/r^2 + 0.5*m*v^2 - G*m*M/sqrt(r^2+u^2) + exp(-r/l)*cos(w*r+p)/(1+exp(-(r-r0)/s))"


def _list(text: str) -> WengertList:
    return wg.parse(text, limits=TRUSTED).wlist


def product(n: int) -> WengertList:
    return _list("*".join(f"x{k}" for k in range(n)))


def lorenz(steps: int) -> WengertList:
    """The Lorenz system by the classical Runge-Kutta method, unrolled: 80 equations a step."""
    body = ["k1=s*(y-x); l1=x*(r-z)-y; m1=x*y-b*z"]
    for a, b, h in (("1", "2", "h/2"), ("2", "3", "h/2"), ("3", "4", "h")):
        body.append(f"x_{a}=x+{h}*k{a}; y_{a}=y+{h}*l{a}; z_{a}=z+{h}*m{a}")
        body.append(f"k{b}=s*(y_{a}-x_{a}); l{b}=x_{a}*(r-z_{a})-y_{a}; m{b}=x_{a}*y_{a}-b*z_{a}")
    body += [f"{n}={n}+h/6*({k}1+2*{k}2+2*{k}3+{k}4)" for n, k in zip("xyz", "klm")]
    loop = "\n".join(f"  {line}" for line in body)
    return _list(f"x=x0;y=y0;z=z0;s=10;r=28;b=8/3;h=0.01\nfor t in 0:{steps} {{\n{loop}\n}}\nx*y+z")


def rosenbrock(n: int) -> WengertList:
    return _list("+".join(f"100*(x{i + 1}-x{i}^2)^2+(1-x{i})^2" for i in range(n)))


def chain(order: int) -> WengertList:
    lines = ["f0=exp(-x^2)*sin(3*x)+x^3/(1+x^2)", *(f"f{k}=d(f{k - 1},x)" for k in range(1, order + 1))]
    return _list("\n".join(lines))


def drawn(n: int, ops: dict[str, int], seed: int) -> WengertList:
    """A random list of these ops, each with its number of arguments, which are recent names and a few numbers."""
    draw = random.Random(seed)
    names = ["x", "y", "z", "u"]
    equations: list[tuple[str, str, tuple[Any, ...]]] = []
    for k in range(n):
        op = draw.choice(list(ops))
        old = [draw.random() < 0.92 for _ in range(ops[op])]
        some = [draw.choice(names[-40:]) if a else draw.choice((2.0, 0.5, 3.0)) for a in old]
        equations.append((f"t{k}", op, tuple(some)))
        names.append(f"t{k}")
    equations.append(("f", "add", (names[-1], names[-2])))
    return WengertList(equations, ["x", "y", "z", "u"], ["f"])


SMOOTH = {"add": 2, "mul": 2, "sub": 2, "div": 2, "sin": 1, "exp": 1, "tanh": 1, "square": 1, "sqrt": 1, "log": 1}
PIECES = {"add": 2, "mul": 2, "max": 2, "min": 2, "abs": 1, "relu": 1, "sin": 1}

# By name: what is written, from what, and how.
WORK: dict[str, tuple[Callable[[], WengertList], Callable[[WengertList], WengertList]]] = {
    "gradient, product of 10^3": (lambda: product(1000), lambda w: gradient(w, limits=TRUSTED)),
    "gradient, product of 10^4": (lambda: product(10_000), lambda w: gradient(w, limits=TRUSTED)),
    "gradient, Lorenz": (lambda: lorenz(130), lambda w: gradient(w, limits=TRUSTED)),
    "gradient, physics": (lambda: _list(PHYSICS), lambda w: gradient(w, limits=TRUSTED)),
    "gradient, random": (lambda: drawn(3000, SMOOTH, 1), lambda w: gradient(w, limits=TRUSTED)),
    "gradient, random pieces": (lambda: drawn(1500, PIECES, 2), lambda w: gradient(w, limits=TRUSTED)),
    "pushforward, Lorenz": (lambda: lorenz(130), lambda w: pushforward(w, limits=TRUSTED)),
    "hvp, Lorenz": (lambda: lorenz(130), lambda w: hvp(w, limits=TRUSTED)),
    "hessian, physics": (lambda: _list(PHYSICS), lambda w: hessian(w, limits=TRUSTED)),
    "hessian, Rosenbrock of 50": (lambda: rosenbrock(50), lambda w: hessian(w, limits=TRUSTED)),
    "sparse_hessian, Rosenbrock of 50": (lambda: rosenbrock(50), lambda w: sparse_hessian(w, limits=TRUSTED)[0]),
    "d(d(d(d(f,x),x),x),x)": (lambda: chain(4), lambda w: expand(w, limits=TRUSTED)),
    "fuse, random": (lambda: drawn(3000, SMOOTH, 1), lambda w: fuse(w)[0]),
    "simplify, random": (lambda: drawn(3000, SMOOTH, 1), lambda w: simplify(w)[0]),
    "simplify, Lorenz": (lambda: lorenz(130), lambda w: simplify(w)[0]),
}


def by_hand(wlist: WengertList) -> Callable[[], Any] | None:
    """A loop that writes the gradient of a list of a few smooth ops; None for a list of others."""
    rules: dict[str, Callable[..., Any]] = {
        "copy": lambda put, y, g, a: [(a, g)],
        "add": lambda put, y, g, a, b: [(a, g), (b, g)],
        "sub": lambda put, y, g, a, b: [(a, g), (b, put("neg", g))],
        "mul": lambda put, y, g, a, b: [(a, put("mul", g, b)), (b, put("mul", g, a))],
        "div": lambda put, y, g, a, b: [(a, p := put("div", g, b)), (b, put("neg", put("mul", p, y)))],
        "neg": lambda put, y, g, a: [(a, put("neg", g))],
        "square": lambda put, y, g, a: [(a, put("mul", g, put("mul", 2.0, a)))],
        "pow": lambda put, y, g, a, b: [(a, put("mul", g, put("mul", b, put("pow", a, put("sub", b, 1.0)))))],
        "sin": lambda put, y, g, a: [(a, put("mul", g, put("cos", a)))],
        "cos": lambda put, y, g, a: [(a, put("neg", put("mul", g, put("sin", a))))],
        "exp": lambda put, y, g, a: [(a, put("mul", g, y))],
        "log": lambda put, y, g, a: [(a, put("div", g, a))],
        "sqrt": lambda put, y, g, a: [(a, put("div", put("mul", 0.5, g), y))],
        "tanh": lambda put, y, g, a: [(a, put("mul", g, put("sub", 1.0, put("square", y))))],
    }
    if not {e.op for e in wlist.equations} <= rules.keys():
        return None

    def write() -> list[tuple[str, str, tuple[Any, ...]]]:
        written: list[tuple[str, str, tuple[Any, ...]]] = list(wlist.equations)
        adjoint: dict[Any, Any] = {wlist.outputs[0]: 1.0}

        def put(op: str, *args: Any) -> str:
            name = f"w{len(written)}"
            written.append((name, op, args))
            return name

        for y, op, args in reversed(wlist.equations):
            if y in adjoint:
                for a, more in rules[op](put, y, adjoint[y], *args):
                    if type(a) is str:
                        adjoint[a] = put("add", adjoint[a], more) if a in adjoint else more
        return written

    return write


def by_casadi(wlist: WengertList) -> Callable[[], Any] | None:
    """CasADi's gradient of the same expression, built beforehand; None if it lacks an op, or is not installed."""
    if importlib.util.find_spec("casadi") is None:
        return None
    import casadi

    known = {
        "copy": lambda a: a, "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
        "div": lambda a, b: a / b, "neg": lambda a: -a, "square": lambda a: a * a, "pow": lambda a, b: a**b,
        "max": casadi.fmax, "min": casadi.fmin, "abs": casadi.fabs, "relu": lambda a: casadi.fmax(a, 0),
        **{op: getattr(casadi, op) for op in ("sin", "cos", "exp", "log", "sqrt", "tanh")},
    }  # fmt: skip
    if not {e.op for e in wlist.equations} <= known.keys():
        return None
    x = casadi.SX.sym("x", len(wlist.inputs))
    tape: dict[Any, Any] = {name: x[k] for k, name in enumerate(wlist.inputs)}
    for y, op, args in wlist.equations:
        tape[y] = known[op](*[tape[a] if isinstance(a, str) else a for a in args])
    f = tape[wlist.outputs[0]]
    return lambda: casadi.gradient(f, x)


def timed(work: Callable[[], Any], seconds: float) -> float:
    """The best time of a call, once it is warm."""
    work()
    best, end = float("inf"), process_time() + seconds
    while best == float("inf") or process_time() < end:
        start = process_time()
        work()
        best = min(best, process_time() - start)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="work whose name holds this")
    parser.add_argument("--seconds", type=float, default=1.0, help="time for each measurement")
    chosen = parser.parse_args()
    print(f"{'':34}{'equations':>10}{'written':>9}{'ms':>9}{'µs an equation':>16}{'by hand':>9}{'CasADi':>8}")
    for name, (make, write) in WORK.items():
        if chosen.only not in name:
            continue
        wlist = make()
        n, answer = len(wlist), write(wlist)
        ours = timed(lambda: write(wlist), chosen.seconds)  # noqa: B023
        beside = []
        for other in (by_hand(wlist), by_casadi(wlist)):
            if other is None or not name.startswith("gradient"):
                beside.append("-")
            else:
                beside.append(f"{timed(other, chosen.seconds) / ours:.2f}")
        row = f"{name:34}{n:>10}{max(0, len(answer) - n):>9}{1e3 * ours:>9.2f}{1e6 * ours / n:>16.1f}"
        print(f"{row}{beside[0]:>9}{beside[1]:>8}", flush=True)


if __name__ == "__main__":
    main()
