"""Real formulas with values and derivatives that wengert did not compute (corpora/README.md says whose).

Oracle. The stored references (20 digits and more, mpmath) are what every value, and every derivative in both modes, is
compared with, to 1e-12 relative.

Conditioning. At some points no float64 computation can reach 1e-12: the stored point is a decimal that must first be
rounded, and terms may cancel. How far a computation may be off is not set by hand but computed: `evaluate` below, which
shares nothing with wengert, walks the formula (with Python's own parser) in 50-digit arithmetic and carries beside each
value and each tangent a running error bound (Wilkinson 1963; N. Higham, Accuracy and Stability, 2nd ed., section 3.3):
the rounding of every input, literal and constant, half an ulp for each of + - * /, `FUNCTION_ULPS` for each function
and each local derivative, all propagated to first order. Every comparison of every row must stay within its bound,
which for a well-conditioned row is a few ulps and far sharper than 1e-12; and at least so many rows as measured must
pass at 1e-12, so that a bound which is too wide cannot hide a loss.
"""

from __future__ import annotations

import ast
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import mpmath
import pytest
from mpmath import mp, mpf

import wengert as wg

CORPORA = Path(__file__).parent
TOLERANCE = 1e-12
FUNCTION_ULPS = 4
HALF_ULP = mpf(2) ** -53


@pytest.fixture(autouse=True)
def fifty_digits() -> Iterator[None]:
    with mp.workdps(50):
        yield


# --- the oracle: values, tangents and their running error bounds, in 50 digits


class Bounded(NamedTuple):
    """A number, and by how much a float64 computation of it may be off."""

    value: mpf
    error: mpf


class Dual(NamedTuple):
    """A value and its derivatives; a name without an entry is one the value does not depend on."""

    value: Bounded
    tangents: dict[str, Bounded]


def nearest(value: mpf) -> Bounded:
    """An exact number after rounding to float64."""
    return Bounded(value, abs(value - mpf(float(value))))


def rounded(value: mpf, error: mpf, ulps: int = 0) -> Bounded:
    """The result of an operation on numbers that bring `error` with them: exact operands may give an exact result."""
    if not error and not ulps:
        return nearest(value)
    return Bounded(value, error + max(1, 2 * ulps) * HALF_ULP * abs(value))


def negated(a: Bounded) -> Bounded:
    return Bounded(-a.value, a.error)


def plus(a: Bounded, b: Bounded) -> Bounded:
    return rounded(a.value + b.value, a.error + b.error)


def times(a: Bounded, b: Bounded) -> Bounded:
    return rounded(a.value * b.value, abs(a.value) * b.error + abs(b.value) * a.error)


def over(a: Bounded, b: Bounded) -> Bounded:
    quotient = a.value / b.value
    return rounded(quotient, (a.error + abs(quotient) * b.error) / abs(b.value))


def along(terms: list[tuple[Bounded, dict[str, Bounded]]]) -> dict[str, Bounded]:
    """The chain rule: the sum of local derivative times tangent, for every name."""
    total: dict[str, Bounded] = {}
    for local, tangents in terms:
        for name, tangent in tangents.items():
            term = times(local, tangent)
            total[name] = plus(total[name], term) if name in total else term
    return total


def apply(function: Any, *args: Dual) -> Dual:
    """Any function of one or two arguments; its derivatives are mpmath's numerical ones, so none is written here."""
    at = [a.value.value for a in args]

    def slope(*which: int) -> mpf:
        orders = tuple(which.count(i) for i in range(len(at)))
        return mp.diff(function, at[0], orders[0]) if len(at) == 1 else mp.diff(function, tuple(at), orders)

    needed = [i for i, a in enumerate(args) if a.value.error or a.tangents]
    value = function(*at)
    first = {i: slope(i) for i in needed}
    error = sum((abs(first[i]) * args[i].value.error for i in needed), mpf(0))
    terms = []
    for i in needed:
        if args[i].tangents:
            bend = sum((abs(slope(i, j)) * args[j].value.error for j in needed), mpf(0))
            terms.append((rounded(first[i], bend, FUNCTION_ULPS), args[i].tangents))
    return Dual(rounded(value, error, FUNCTION_ULPS), along(terms))


CONSTANTS = {"pi": mp.pi, "e": mp.e}
SPELT_OTHERWISE = {"abs": mp.fabs, "ln": mp.log, "log2": lambda x: mp.log(x, 2)}


def evaluate(text: str, point: dict[str, str | mpf], wrt: tuple[str, ...] = ()) -> Dual:
    """A formula's value and derivatives at a point of decimals, with running error bounds."""
    text = text.strip().replace("^", "**")
    names = {name: nearest(mpf(value)) for name, value in point.items()}

    def walk(node: ast.expr) -> Dual:
        match node:
            case ast.Constant():
                return Dual(nearest(mpf(text[node.col_offset : node.end_col_offset])), {})
            case ast.Name(id=name) if name in names:
                return Dual(names[name], {name: nearest(mpf(1))} if name in wrt else {})
            case ast.Name(id=name):
                return Dual(nearest(+CONSTANTS[name]), {})
            case ast.UnaryOp(op=ast.UAdd(), operand=a):
                return walk(a)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                a = walk(operand)
                return Dual(negated(a.value), {name: negated(t) for name, t in a.tangents.items()})
            case ast.BinOp(left=left, op=op, right=right):
                return infix(op, walk(left), walk(right))
            case ast.Call(func=ast.Name(id=name), args=args):
                return apply(SPELT_OTHERWISE.get(name) or getattr(mp, name), *map(walk, args))
        raise NotImplementedError(ast.dump(node))

    return walk(ast.parse(text, mode="eval").body)


def second_derivative(text: str, point: dict[str, str | mpf], var: str) -> mpf:
    return mp.diff(lambda x: evaluate(text, {**point, var: x}).value.value, mpf(point[var]), 2)


def infix(op: ast.operator, a: Dual, b: Dual) -> Dual:
    one = nearest(mpf(1))
    match op:
        case ast.Add():
            return Dual(plus(a.value, b.value), along([(one, a.tangents), (one, b.tangents)]))
        case ast.Sub():
            return Dual(plus(a.value, negated(b.value)), along([(one, a.tangents), (negated(one), b.tangents)]))
        case ast.Mult():
            return Dual(times(a.value, b.value), along([(b.value, a.tangents), (a.value, b.tangents)]))
        case ast.Div():
            y = over(a.value, b.value)
            return Dual(y, along([(over(one, b.value), a.tangents), (negated(over(y, b.value)), b.tangents)]))
        case ast.Pow() if not b.value.error and not b.tangents:
            return apply(lambda base: mp.power(base, b.value.value), a)
        case ast.Pow():
            return apply(mp.power, a, b)
    raise NotImplementedError(ast.dump(op))


# --- comparing


class Comparison(NamedTuple):
    """A number that wengert found, what it is exactly, and how far off it may be."""

    what: str
    found: float
    exact: mpf
    bound: mpf

    @property
    def error(self) -> mpf:
        return abs(self.found - self.exact)

    @property
    def relative(self) -> mpf:
        return self.error / abs(self.exact) if self.exact else self.error

    def __str__(self) -> str:
        exact, error, bound = (mpmath.nstr(n, d) for n, d in ((self.exact, 20), (self.error, 3), (self.bound, 3)))
        return f"{self.what}: {self.found!r} for {exact}, off {error} where {bound} is allowed"


def rows(name: str) -> list[dict[str, str]]:
    with (CORPORA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def floats(point: dict[str, str]) -> dict[str, float]:
    return {name: float(value) for name, value in point.items()}


def judge(compared: dict[str, list[Comparison]], at_least: int) -> None:
    """Every comparison within its bound, and so many rows within 1e-12 altogether."""
    outside = [f"{row}: {c}" for row, cs in compared.items() for c in cs if not c.error <= c.bound]
    assert not outside, "\n".join(outside)
    passing = sum(all(c.relative <= TOLERANCE for c in cs) for cs in compared.values())
    assert passing >= at_least


def gradients(row: dict[str, str], fuse: bool) -> Iterator[Comparison]:
    """Value and gradient, the derivatives found in three ways: a reverse sweep, a tangent sweep along each input, and
    `d` in the program, which writes the reverse sweep as equations.

    The inputs are declared, so that those which the formula does not use are inputs too; their derivative is 0 (the
    stored one is the noise of numerical differentiation).
    """
    point: dict[str, str] = json.loads(row["point"])
    stored: dict[str, str] = json.loads(row["gradient"])
    exact = evaluate(row["formula"], point, tuple(point))
    at = floats(point)
    declared = f"input {', '.join(point)}\nthe_output = {row['formula']}\n"
    f = wg.compile(declared, fuse=fuse)
    value, gradient = f.value_and_grad(**at)
    asked = ", ".join(f"d(the_output, {name})" for name in point)
    written = wg.compile(f"{declared}output {asked}", fuse=fuse)
    derivatives = written(**at) if len(point) > 1 else [written(**at)]
    yield Comparison("value", value, mpf(row["value"]), exact.value.error)
    for place, name in enumerate(point):
        bounded = exact.tangents.get(name, nearest(mpf(0)))
        reference = mpf(stored[name]) if name in exact.tangents else mpf(0)
        tangent = f.jvp(at, {name: 1.0})
        for way, found in (("gradient", gradient[name]), ("tangent", tangent), ("d", derivatives[place])):
            yield Comparison(f"{way} in {name}", found, reference, bounded.error)


# --- the corpora


as_written_and_fused = pytest.mark.parametrize("fuse", [False, True], ids=["as written", "fused"])


@as_written_and_fused
def test_feynman(fuse: bool) -> None:
    """AI Feynman's 100 formulas of physics: value and gradient."""
    judge({row["name"]: list(gradients(row, fuse)) for row in rows("feynman.tsv")}, at_least=100)


@as_written_and_fused
def test_symbolic_regression(fuse: bool) -> None:
    """The 100 benchmarks of symbolic regression: value and gradient."""
    judge({row["name"]: list(gradients(row, fuse)) for row in rows("symbolic_regression.tsv")}, at_least=100)


# The Julia source names a function of its own here; its definition is the sign.
DERIVATIVE_TEXT = {"(_abs_deriv)(x)": "sign(x)"}


def test_derivative_pairs() -> None:
    """DiffRules.jl's 59 rules: the derivative of the function, the value of the rule, and the second derivative.

    The second derivative is asked for in three ways: as the gradient of the rule, by d(d(F, x), x), and as an entry of
    the Hessian. It is compared with mpmath's numerical second derivative of the function, or with 0 where the rule does
    not depend on the name.
    """
    compared = {}
    for number, row in enumerate(rows("derivative_pairs.tsv")):
        var, point = row["var"], json.loads(row["point"])
        at = floats(point)
        rule = DERIVATIVE_TEXT.get(row["dF"], row["dF"])
        declared = f"input {', '.join(point)}\n"
        function = wg.compile(declared + row["F"])
        derivative = wg.compile(declared + rule)
        first = evaluate(row["F"], point, (var,)).tangents[var]
        reference = mpf(row["dF_value"] or -1)  # abs at a negative number
        wide = evaluate(rule, point, (var,)) if row["dF_value"] else Dual(nearest(mpf(-1)), {})
        bend = wide.tangents.get(var, nearest(mpf(0)))
        second = second_derivative(row["F"], point, var) if var in wide.tangents else mpf(0)
        twice = wg.compile(f"{declared}d(d({row['F']}, {var}), {var})")
        compared[f"{number} {row['F_source']}"] = [
            Comparison("gradient", function.value_and_grad(**at)[1][var], reference, first.error),
            Comparison("tangent", function.jvp(at, {var: 1.0}), reference, first.error),
            Comparison("rule", derivative(**at), reference, wide.value.error),
            Comparison("gradient of rule", derivative.value_and_grad(**at)[1][var], second, bend.error),
            Comparison("d of d", twice(**at), second, bend.error),
            Comparison("Hessian", function.hessian(**at)[var, var], second, bend.error),
        ]
    judge(compared, at_least=59)


@as_written_and_fused
def test_antiderivatives(fuse: bool) -> None:
    """Rubi's table read backwards: the derivative of each of 400 antiderivatives is the integrand.

    F is differentiated in three ways; the value of F and of the integrand's own text are compared too. The two texts
    round differently, so each has the bound of its own conditioning. Five rows do not reach 1e-12, as terms of F'
    cancel (corpora/README.md has the list): for each the bound says that no computation with these roundings need to.
    """
    compared = {}
    for number, row in enumerate(rows("antiderivatives.tsv")):
        var, point = row["var"], json.loads(row["point"])
        at = floats(point)
        antiderivative = evaluate(row["F"], point, (var,))
        integrand = evaluate(row["dFdx"], point)
        declared = f"input {', '.join(point)}\n"  # `e` may be one of the parameters
        f = wg.compile(declared + row["F"], fuse=fuse)
        written = wg.compile(f"{declared}d({row['F']}, {var})", fuse=fuse)
        again = wg.compile(declared + row["dFdx"], fuse=fuse)
        reference = mpf(row["dFdx_value"])
        value, gradient = f.value_and_grad(**at)
        slope = antiderivative.tangents[var].error
        compared[f"{number} {row['F']}"] = [
            Comparison("F", value, mpf(row["F_value"]), antiderivative.value.error),
            Comparison("gradient of F", gradient[var], reference, slope),
            Comparison("tangent of F", f.jvp(at, {var: 1.0}), reference, slope),
            Comparison("d of F", written(**at), reference, slope),
            Comparison("integrand", again(**at), reference, integrand.value.error),
        ]
    judge(compared, at_least=395)


def test_expression_values() -> None:
    """ExprTk's functional tests: 600 expressions and the values printed beside them."""
    compared = {}
    for row in rows("expression_values.tsv"):
        env = json.loads(row["env"])
        found = wg.compile(row["expr"])(**floats(env))
        bound = evaluate(row["expr"], env).value.error
        compared[row["where"]] = [Comparison("value", found, mpf(row["expected_source"]), bound)]
    judge(compared, at_least=600)


def test_the_stored_numbers_are_those_of_the_formulas() -> None:
    """The oracle, which shares nothing with wengert or with what made the files, finds the stored references again."""

    def same(a: mpf, b: str) -> bool:
        return abs(a - mpf(b)) <= mpf("1e-18") * abs(mpf(b))

    for name in ("feynman.tsv", "symbolic_regression.tsv"):
        for row in rows(name):
            point = json.loads(row["point"])
            exact = evaluate(row["formula"], point, tuple(point))
            assert same(exact.value.value, row["value"]), row
            for input_name, stored in json.loads(row["gradient"]).items():
                if input_name in exact.tangents:
                    assert same(exact.tangents[input_name].value, stored), row
                else:
                    assert abs(mpf(stored)) < mpf("1e-30"), row
    for row in rows("derivative_pairs.tsv"):
        point, var = json.loads(row["point"]), row["var"]
        if row["dF_value"]:
            assert same(evaluate(row["F"], point, (var,)).tangents[var].value, row["dF_value"]), row
            assert same(evaluate(row["dF"], point).value.value, row["dF_value"]), row
    for row in rows("antiderivatives.tsv"):
        point, var = json.loads(row["point"]), row["var"]
        antiderivative = evaluate(row["F"], point, (var,))
        assert same(antiderivative.value.value, row["F_value"]), row
        assert same(antiderivative.tangents[var].value, row["dFdx_value"]), row
        assert same(evaluate(row["dFdx"], point).value.value, row["dFdx_value"]), row
    for row in rows("expression_values.tsv"):
        value = evaluate(row["expr"], json.loads(row["env"])).value.value
        assert same(value, row["expected_source"]), row
