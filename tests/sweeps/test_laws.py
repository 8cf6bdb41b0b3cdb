"""Laws that hold for every row of the registry, at points drawn from the row's own domain.

Reverse mode, forward mode, the gradient as a list, and a derivative taken inside a program are four ways to one number;
second derivatives are symmetric, and three compositions of the modes agree on them; the jvp and the vjp are adjoint.
"""

import math

import pytest
from hypothesis import assume
from hypothesis import strategies as st

import wengert as wg
from tests.oracles.programs import ELEMENTWISE
from tests.oracles.rows import every_row
from wengert.ops import ALIASES, OPS
from wengert.ops.parameters import incomplete
from wengert.sweeps.forward import evaluate
from wengert.sweeps.nonfinite import holds, interval
from wengert.sweeps.numbers import Numbers
from wengert.sweeps.rules import parameters
from wengert.transforms.derivatives import gradient, hvp, hvp_reverse, jacobian, pullback, pushforward

DIFFERENTIABLE = [row for row in ELEMENTWISE if any(p is not None for p in row.partials)]


@st.composite
def smooth_point(draw, row, coarse=False):
    """Arguments inside a row's domain and off its kinks; `coarse` ones are multiples of 1/64, well apart."""
    names = row.params.split()
    n = len(names) + (draw(st.integers(0, 3)) if names[-1].startswith("*") else 0)
    args = []
    for k in range(n):
        text = row.domain[min(k, len(row.domain) - 1)] if row.domain else ""
        low, high, _, _ = interval(text)
        low, high = max(low, -4.0), min(high, 4.0)
        if coarse:
            args.append(draw(st.integers(int(low * 64) + 1, int(high * 64) - 1)) / 64)
        else:
            args.append(draw(st.floats(low, high, exclude_min=True, exclude_max=True)))
    if row.provided:
        # An op's order (a parameter without a derivative) is a whole number.
        whole = [float(round(a)) if rule is None else a for rule, a in zip((*row.partials, "", "", ""), args)]
        args = args if holds(row, row.provided, tuple(args), 0.0) else whole
        assume(holds(row, row.provided, tuple(args), 0.0))
    y = row.forward(*args)
    assume(math.isfinite(y))
    assume(not any(holds(row, kink.when, tuple(args), y) for kink in row.kinks))
    return tuple(args)


def program(row, n):
    """The op alone, over as many inputs."""
    names = parameters(row, n)
    return wg.WengertList([("f", row.name, names)], inputs=names)


def close(a, b, tolerance=1e-11):
    return a == b or (a != a and b != b) or math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-13)


@every_row(DIFFERENTIABLE)
def test_four_ways_to_a_derivative(row, data):
    args = data.draw(smooth_point(row))
    wlist = program(row, len(args))
    f = wg.compile(wlist, fuse=False)
    _, back = f.value_and_grad(*args)
    _, ahead = f.value_and_grad(*args, mode="forward")
    listed = evaluate(gradient(wlist), dict(zip(wlist.inputs, args)), Numbers())
    assert all(map(close, back, ahead)), (back, ahead)
    assert all(map(close, back, listed)), (back, listed)
    call = f"{row.name}({', '.join(wlist.inputs)})"
    for name, slope in back.items():
        inside = wg.compile(f"input {', '.join(wlist.inputs)}\nd({call}, {name})", fuse=False)
        assert close(inside(*args), slope)


@every_row(DIFFERENTIABLE)
def test_jvp_and_vjp_are_adjoint(row, data):
    """<v, J u> = <J^T v, u>, numerically and for the lists."""
    args = data.draw(smooth_point(row))
    wlist = program(row, len(args))
    u = [data.draw(st.floats(-2, 2)) for _ in args]
    f = wg.compile(wlist, fuse=False)
    v = 1.5
    ju = f.jvp(args, u)
    jv = f.vjp(args, v)
    scale = sum(abs(a * b) for a, b in zip(jv, u)) + 1e-300
    assume(math.isfinite(scale))
    assert abs(v * ju - math.fsum(a * b for a, b in zip(jv, u))) <= 1e-11 * scale
    point = dict(zip(wlist.inputs, args))
    pushed = pushforward(wlist)
    (ahead,) = evaluate(pushed, {**point, **dict(zip(pushed.inputs[len(args) :], u))}, Numbers())
    assert abs(ahead - ju) <= 1e-11 * scale
    pulled = pullback(wlist)
    back = evaluate(pulled, {**point, pulled.inputs[-1]: v}, Numbers())
    assert all(map(close, back, jv))


@every_row(DIFFERENTIABLE)
def test_second_order_compositions_agree(row, data):
    """reverse over reverse = forward over reverse = the columns of a symmetric Hessian."""
    args = data.draw(smooth_point(row))
    wlist = program(row, len(args))
    f = wg.compile(wlist, fuse=False)
    hessian = f.hessian(*args)
    flat = [a for line in hessian for a in line]
    assume(all(map(math.isfinite, flat)))
    value, gradient_ = f.value_and_grad(*args)
    # A rule's own rounding is as large as its largest part: the value or a first derivative where the second is small.
    size = max(map(abs, (*flat, *gradient_, value))) + 1e-300
    u = [data.draw(st.floats(-2, 2)) for _ in args]
    product = [math.fsum(a * b for a, b in zip(line, u)) for line in hessian]
    point = dict(zip(wlist.inputs, args))
    for i, line in enumerate(hessian):
        for j, a in enumerate(line):
            assert abs(a - hessian[j][i]) <= 1e-9 * size
    for listed in (hvp(wlist), hvp_reverse(wlist)):
        directions = dict(zip(listed.inputs[len(args) :], u))
        got = evaluate(listed, {**point, **directions}, Numbers())
        assert all(abs(a - b) <= 1e-9 * size * len(u) for a, b in zip(got, product))
    got = list(f.hvp(args, u))
    assert all(abs(a - b) <= 1e-9 * size * len(u) for a, b in zip(got, product))


@every_row(DIFFERENTIABLE)
def test_a_difference_quotient_approaches_the_rule(row, data):
    """The oracle that knows no rule: central differences of the value, with Richardson's extrapolation."""
    args = data.draw(smooth_point(row, coarse=True))
    back = wg.compile(program(row, len(args)), fuse=False).grad(*args)
    for i in range(len(args)):

        def quotient(h, i=i):
            moved = ((*args[:i], args[i] + s * h, *args[i + 1 :]) for s in (1, -1))
            up, down = (row.forward(*a) for a in moved)
            return (up - down) / (2 * h)

        estimates = []
        h = 2.0**-9
        for _ in range(5):
            h /= 2
            estimates.append((4 * quotient(h / 2) - quotient(h)) / 3)
        if row.partials[min(i, len(row.partials) - 1)] is None and not all(map(math.isfinite, estimates)):
            continue
        assume(all(map(math.isfinite, estimates)))
        spread = max(estimates) - min(estimates)
        assume(spread <= 1e-4 * (1 + abs(estimates[-1])))
        assert abs(back[i] - estimates[2]) <= 10 * spread + 1e-5 * (1 + abs(estimates[2])), (back[i], estimates)


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_every_order_is_there(row):
    """Third derivatives can be written for every op, through ops of the table alone."""
    n = max(2, len(row.params.split())) if "*" in row.params else len(row.params.split())
    wlist = program(row, n)
    for _ in range(3):
        wlist = jacobian(wlist, wlist.inputs[:1])
    assert {e.op for e in wlist.equations} <= set(OPS)


@pytest.mark.parametrize("alias", [alias for alias, op in ALIASES.items() if not incomplete(OPS[op])])
def test_aliases_are_normalised(alias):
    op = ALIASES[alias]
    n = max(1, len(OPS[op].params.split()))
    names = [f"x{k}" for k in range(n)]
    assert wg.parse(f"{alias}({', '.join(names)})").wlist == wg.parse(f"{op}({', '.join(names)})").wlist
