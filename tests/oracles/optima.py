"""Published minima of classical test problems.

MGH: J. J. Moré, B. S. Garbow, K. E. Hillstrom, "Testing unconstrained optimization software", ACM Transactions on
Mathematical Software 7(1), 1981. HS: W. Hock, K. Schittkowski, "Test examples for nonlinear programming codes",
Springer 1981. GO: L. C. W. Dixon, G. P. Szegö, "Towards global optimisation 2", North-Holland 1978.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import NamedTuple


class Optimum(NamedTuple):
    """A problem with its published start and minimum; `others` are the values of minima that are not the lowest."""

    name: str
    source: str
    objective: str
    start: dict[str, object]
    minimum: float
    subject_to: tuple[str, ...] = ()
    bounds: dict[str, tuple[float | None, float | None]] = {}
    point: dict[str, float] | None = None
    tolerance: float = 1e-8
    others: tuple[float, ...] = ()
    fixed: dict[str, object] = {}


def x(*values: float) -> dict[str, object]:
    """Values of x1, x2, …"""
    return {f"x{k}": float(v) for k, v in enumerate(values, 1)}


ROSENBROCK = "100*(x2-x1^2)^2 + (1-x1)^2"
ROSEN_SUZUKI = "x1^2 + x2^2 + 2*x3^2 + x4^2 - 5*x1 - 5*x2 - 21*x3 + 7*x4"
HS100 = "(x1-10)^2 + 5*(x2-12)^2 + x3^4 + 3*(x4-11)^2 + 10*x5^6 + 7*x6^2 + x7^4 - 4*x6*x7 - 10*x6 - 8*x7"
KOWALIK = {
    "y": [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246],
    "u": [4.0, 2.0, 1.0, 0.5, 0.25, 0.1670, 0.1250, 0.1, 0.0833, 0.0714, 0.0625],
}  # fmt: skip

# fmt: off
OPTIMA = (
    Optimum("Rosenbrock", "MGH 1", ROSENBROCK, x(-1.2, 1), 0, point={"x1": 1, "x2": 1}),
    Optimum("Freudenstein and Roth", "MGH 2",
            "(-13 + x1 + ((5-x2)*x2 - 2)*x2)^2 + (-29 + x1 + ((x2+1)*x2 - 14)*x2)^2", x(0.5, -2), 48.984253679240013),
    Optimum("Powell's badly scaled", "MGH 3", "(1e4*x1*x2 - 1)^2 + (exp(-x1) + exp(-x2) - 1.0001)^2", x(0, 1), 0),
    Optimum("Brown's badly scaled", "MGH 4", "(x1-1e6)^2 + (x2-2e-6)^2 + (x1*x2-2)^2", x(1, 1), 0,
            point={"x1": 1e6, "x2": 2e-6}),
    Optimum("Beale", "MGH 5", "(1.5 - x1*(1-x2))^2 + (2.25 - x1*(1-x2^2))^2 + (2.625 - x1*(1-x2^3))^2", x(1, 1), 0,
            point={"x1": 3, "x2": 0.5}),
    Optimum("Powell's singular", "MGH 13", "(x1+10*x2)^2 + 5*(x3-x4)^2 + (x2-2*x3)^4 + 10*(x1-x4)^4", x(3, -1, 0, 1),
            0),
    Optimum("Wood", "MGH 14", "100*(x2-x1^2)^2 + (1-x1)^2 + 90*(x4-x3^2)^2 + (1-x3)^2 + 10*(x2+x4-2)^2 + (x2-x4)^2/10",
            x(-3, -1, -3, -1), 0, point={"x1": 1, "x2": 1, "x3": 1, "x4": 1}),
    Optimum("Kowalik and Osborne", "MGH 15", "input y[n], u[n], x1, x2, x3, x4\n"
            "sum((y - x1*(u^2 + u*x2)/(u^2 + u*x3 + x4))^2)", x(0.25, 0.39, 0.415, 0.39), 3.0750560385e-4,
            fixed=KOWALIK),
    Optimum("Booth", "-", "(x1 + 2*x2 - 7)^2 + (2*x1 + x2 - 5)^2", x(0, 0), 0, point={"x1": 1, "x2": 3}),
    Optimum("Himmelblau", "-", "(x1^2 + x2 - 11)^2 + (x1 + x2^2 - 7)^2", x(1, 1), 0, point={"x1": 3, "x2": 2}),
    Optimum("Goldstein and Price", "GO",
            "(1 + (x1+x2+1)^2*(19 - 14*x1 + 3*x1^2 - 14*x2 + 6*x1*x2 + 3*x2^2))"
            "*(30 + (2*x1-3*x2)^2*(18 - 32*x1 + 12*x1^2 + 48*x2 - 36*x1*x2 + 27*x2^2))", x(-0.2, -0.9), 3,
            point={"x1": 0, "x2": -1}),
    Optimum("Branin", "GO", "(x2 - 5.1/(4*pi^2)*x1^2 + 5/pi*x1 - 6)^2 + 10*(1 - 1/(8*pi))*cos(x1) + 10", x(2.5, 2.5),
            0.39788735772973816, point={"x1": pi, "x2": 2.275}),
    Optimum("Six-hump camel", "GO", "(4 - 2.1*x1^2 + x1^4/3)*x1^2 + x1*x2 + (-4 + 4*x2^2)*x2^2", x(0.1, -0.6),
            -1.0316284534898774),
    Optimum("HS1", "HS", ROSENBROCK, x(-2, 1), 0, bounds={"x2": (-1.5, None)}, point={"x1": 1, "x2": 1}),
    Optimum("HS3", "HS", "x2 + 1e-5*(x2-x1)^2", x(10, 1), 0, bounds={"x2": (0, None)}, point={"x1": 0, "x2": 0}),
    Optimum("HS4", "HS", "(x1+1)^3/3 + x2", x(1.125, 0.125), 8 / 3, bounds={"x1": (1, None), "x2": (0, None)},
            point={"x1": 1, "x2": 0}),
    Optimum("HS5", "HS", "sin(x1+x2) + (x1-x2)^2 - 1.5*x1 + 2.5*x2 + 1", x(0, 0), -sqrt(3) / 2 - pi / 3,
            bounds={"x1": (-1.5, 4), "x2": (-3, 3)}, point={"x1": 0.5 - pi / 3, "x2": -0.5 - pi / 3}),
    Optimum("HS6", "HS", "(1-x1)^2", x(-1.2, 1), 0, ("10*(x2-x1^2) = 0",), point={"x1": 1, "x2": 1}),
    Optimum("HS7", "HS", "log(1+x1^2) - x2", x(2, 2), -sqrt(3), ("(1+x1^2)^2 + x2^2 = 4",),
            point={"x1": 0, "x2": sqrt(3)}),
    Optimum("HS9", "HS", "sin(pi*x1/12)*cos(pi*x2/16)", x(0, 0), -0.5, ("4*x1 - 3*x2 = 0",)),
    Optimum("HS10", "HS", "x1 - x2", x(-10, 10), -1, ("-3*x1^2 + 2*x1*x2 - x2^2 + 1 >= 0",), point={"x1": 0, "x2": 1}),
    Optimum("HS11", "HS", "(x1-5)^2 + x2^2 - 25", x(4.9, 0.1), -8.498464223, ("x2 >= x1^2",), tolerance=1e-9),
    Optimum("HS12", "HS", "0.5*x1^2 + x2^2 - x1*x2 - 7*x1 - 7*x2", x(0, 0), -30, ("25 - 4*x1^2 - x2^2 >= 0",),
            point={"x1": 2, "x2": 3}),
    Optimum("HS14", "HS", "(x1-2)^2 + (x2-1)^2", x(2, 2), 9 - 2.875 * sqrt(7),
            ("-0.25*x1^2 - x2^2 + 1 >= 0", "x1 - 2*x2 + 1 = 0"),
            point={"x1": 0.5 * (sqrt(7) - 1), "x2": 0.25 * (sqrt(7) + 1)}),
    Optimum("HS21", "HS", "0.01*x1^2 + x2^2 - 100", x(-1, -1), -99.96, ("10*x1 - x2 >= 10",),
            {"x1": (2, 50), "x2": (-50, 50)}, {"x1": 2, "x2": 0}),
    Optimum("HS22", "HS", "(x1-2)^2 + (x2-1)^2", x(2, 2), 1, ("x1 + x2 <= 2", "x2 >= x1^2"), point={"x1": 1, "x2": 1}),
    Optimum("HS26", "HS", "(x1-x2)^2 + (x2-x3)^4", x(-2.6, 2, 2), 0, ("(1+x2^2)*x1 + x3^4 - 3 = 0",)),
    Optimum("HS28", "HS", "(x1+x2)^2 + (x2+x3)^2", x(-4, 1, 1), 0, ("x1 + 2*x2 + 3*x3 = 1",),
            point={"x1": 0.5, "x2": -0.5, "x3": 0.5}),
    Optimum("HS35", "HS", "9 - 8*x1 - 6*x2 - 4*x3 + 2*x1^2 + 2*x2^2 + x3^2 + 2*x1*x2 + 2*x1*x3", x(0.5, 0.5, 0.5),
            1 / 9,
            ("x1 + x2 + 2*x3 <= 3",), {f"x{k}": (0, None) for k in (1, 2, 3)},
            {"x1": 4 / 3, "x2": 7 / 9, "x3": 4 / 9}),
    Optimum("HS39", "HS", "-x1", x(2, 2, 2, 2), -1, ("x2 - x1^3 - x3^2 = 0", "x1^2 - x2 - x4^2 = 0"),
            point={"x1": 1, "x2": 1, "x3": 0, "x4": 0}),
    Optimum("HS40", "HS", "-x1*x2*x3*x4", x(0.8, 0.8, 0.8, 0.8), -0.25,
            ("x1^3 + x2^2 = 1", "x1^2*x4 = x3", "x4^2 = x2")),
    Optimum("HS43", "HS", ROSEN_SUZUKI, x(0, 0, 0, 0), -44,
            ("8 - x1^2 - x2^2 - x3^2 - x4^2 - x1 + x2 - x3 + x4 >= 0",
             "10 - x1^2 - 2*x2^2 - x3^2 - 2*x4^2 + x1 + x4 >= 0",
             "5 - 2*x1^2 - x2^2 - x3^2 - 2*x1 + x2 + x4 >= 0"), point={"x1": 0, "x2": 1, "x3": 2, "x4": -1}),
    Optimum("HS48", "HS", "(x1-1)^2 + (x2-x3)^2 + (x4-x5)^2", x(3, 5, -3, 2, -2), 0,
            ("x1 + x2 + x3 + x4 + x5 = 5", "x3 - 2*(x4+x5) = -3"), point={f"x{k}": 1 for k in range(1, 6)}),
    Optimum("HS65", "HS", "(x1-x2)^2 + (x1+x2-10)^2/9 + (x3-5)^2", x(-5, 5, 0), 0.9535288567,
            ("x1^2 + x2^2 + x3^2 <= 48",), {"x1": (-4.5, 4.5), "x2": (-4.5, 4.5), "x3": (-5, 5)}, tolerance=1e-9),
    Optimum("HS71", "HS", "x1*x4*(x1+x2+x3) + x3", x(1, 5, 5, 1), 17.0140173,
            ("x1*x2*x3*x4 >= 25", "x1^2 + x2^2 + x3^2 + x4^2 = 40"), {f"x{k}": (1, 5) for k in range(1, 5)},
            tolerance=1e-8),
    Optimum("HS76", "HS", "x1^2 + 0.5*x2^2 + x3^2 + 0.5*x4^2 - x1*x3 + x3*x4 - x1 - 3*x2 + x3 - x4",
            x(0.5, 0.5, 0.5, 0.5),
            -4.681818181, ("x1 + 2*x2 + x3 + x4 <= 5", "3*x1 + x2 + 2*x3 - x4 <= 4", "x2 + 4*x3 >= 1.5"),
            {f"x{k}": (0, None) for k in range(1, 5)}, tolerance=1e-9),
    Optimum("HS100", "HS", HS100, x(1, 2, 0, 4, 0, 1, 1), 680.6300573,
            ("127 - 2*x1^2 - 3*x2^4 - x3 - 4*x4^2 - 5*x5 >= 0", "282 - 7*x1 - 3*x2 - 10*x3^2 - x4 + x5 >= 0",
             "196 - 23*x1 - x2^2 - 6*x6^2 + 8*x7 >= 0", "-4*x1^2 - x2^2 + 3*x1*x2 - 2*x3^2 - 5*x6 + 11*x7 >= 0"),
            tolerance=1e-9),
)
# fmt: on
