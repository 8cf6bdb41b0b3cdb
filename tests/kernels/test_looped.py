"""Programs that loop over the elements of arrays: the bits of the sweeps, in values and derivatives."""

import random
import struct

import pytest

import wengert as wg
from tests import FULL
from wengert.kernels.native.engine import missing

np = pytest.importorskip("numpy")
pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

TERMS = (
    "(x[i+1] - x[i]^2)^2", "x[i]*x[{n}-1-i]", "sin(x[i])*a", "(1 - x[i])^2", "a/x[i]", "x[i]*y[i % 7]",
    "where(x[i] > 0, x[i]*x[i+1], -x[i])", "abs(x[i])*x[0]", "max(x[i], x[i+1])", "exp(x[i] - x[i+1])",
    "i*x[i]/(i + 1)",
)  # fmt: skip


def program(choose, n):
    """A sum of random terms, a loop that carries two numbers from turn to turn, and an array that is read again."""
    terms = " + ".join(choose.sample(TERMS, 3)).format(n=n)
    step = choose.choice(TERMS).format(n=n)
    return f"""
input x[{n + 1}], y[7], a
z = [{choose.choice(TERMS).format(n=n)} for i in 0:{n}]
u = a
w = 1
for i in 0:{n} {{
  u = u*0.5 + {step}
  w = w*0.9 + u*z[i]
}}
u + w + sum({terms} for i in 0:{n})
"""


def point(choose, n, edges=0.0):
    values = np.array([choose.choice((0.0, -0.0, 5e-324, 1e308)) if choose.random() < edges else choose.uniform(-1, 1)
                       for _ in range(n + 9)])  # fmt: skip
    return {"x": values[: n + 1], "y": values[n + 1 : n + 8], "a": float(values[n + 8])}


def bits(values):
    """Floats as equality of bits tells them apart; every nan is one."""
    return [b"nan" if v != v else struct.pack("<d", v) for v in np.ravel(values).tolist()]


def both(text):
    limits = wg.Limits.trusted()
    return (wg.compile(text, limits=limits, kernel=kernel, fuse=False) for kernel in ("native", "interpreter"))


@pytest.mark.parametrize("seed", range(6 if FULL else 3))
def test_the_bits_of_the_sweeps(seed):
    choose = random.Random(seed)
    n = (40, 90, 400)[seed % 3]  # at last so many reads that their adjoints are summed in groups
    loops, sweeps = both(program(choose, n))
    for edges in (0.0, 0.0, 0.05) if FULL else (0.0, 0.05):
        at = point(choose, n, edges)
        assert bits(loops(at)) == bits(sweeps(at))
        value, gradient = loops.value_and_grad(at)
        want, wanted = sweeps.value_and_grad(at)
        assert bits(value) == bits(want)
        assert loops.kernel.startswith("native" if np.isfinite(value) else "")
        for name in at:
            assert bits(gradient[name]) == bits(wanted[name]), name
        moved, expected = (f.hvp(at, point(random.Random(seed), n)) for f in (loops, sweeps))
        for name in at:
            assert bits(moved[name]) == bits(expected[name]), name
    loops(point(choose, n))
    assert loops.kernel.startswith("native")


@pytest.mark.parametrize("seed", range(4))
def test_sparse_derivatives(seed):
    choose = random.Random(seed)
    n = 60
    text = f"input x[{n + 1}]\nsum({choose.choice(TERMS[:1] + TERMS[3:4])} + x[i]*x[i+1] for i in 0:{n})"
    loops, sweeps = both(text)
    for _ in range(2):
        x = np.array([choose.uniform(-1, 1) for _ in range(n + 1)])
        found, want = loops.sparse_hessian(x), sweeps.sparse_hessian(x)
        assert bits(found.values) == bits(want.values)
        assert found.rows.tolist() == want.rows.tolist()
        assert found.columns.tolist() == want.columns.tolist()
    assert loops.kernel.startswith("native")


def test_bound_functions_take_and_fill_arrays():
    choose = random.Random(3)
    loops, sweeps = both(program(choose, 50))
    for what in ("value", "value_and_grad"):
        bound = loops.bind(what)
        for edges in (0.0, 0.3):
            at = point(choose, 50, edges)
            args = [at[n] for n in loops.inputs]
            if what == "value":
                want = [sweeps(at)]
                whole = np.empty(())
                assert bound(*args, out=whole) is whole
                outs = [whole]
            else:
                value, gradient = sweeps.value_and_grad(at)
                want = [value, *gradient]
                outs = [np.empty(np.shape(a)) for a in want]
                bound(*args, out=(outs[0], outs[1:]))
            found = bound(*args)
            assert [bits(a) for a in found] == [bits(a) for a in want] == [bits(a) for a in outs]
            assert [bits(a) for a in bound(*[a if type(a) is float else a.tolist() for a in args])] == list(
                map(bits, want)
            )
    with pytest.raises(wg.UsageError):
        bound(1.0)
    with pytest.raises(wg.WengertError):
        bound(*args, out=(np.empty(()), [np.empty(2)] * len(args)))
    with pytest.raises(wg.UsageError):
        bound(*args, out=(np.empty(()), args))
    with pytest.raises(wg.WengertError):
        bound(args[0][:3], *args[1:])


def test_programs_over_whole_arrays_are_bound_too():
    f = wg.compile("input A[3,3], x[3]\nsum((A @ x)^2)")
    A, x = np.arange(9.0).reshape(3, 3), np.array([1.0, -2.0, 0.5])
    value, by_a, by_x = f.bind()(A, x)
    want, gradient = f.value_and_grad(A, x)
    assert value == want
    assert bits(by_a) == bits(gradient["A"])
    assert bits(by_x) == bits(gradient["x"])


def test_a_limit_that_is_passed():
    n = 500
    text = f"input x[{n + 1}]\nsum((x[i+1] - x[i]^2)^2 for i in 0:{n})"
    f = wg.compile(text, kernel="native", limits=wg.Limits.trusted()._replace(equations=9000))
    x = np.linspace(0, 1, n + 1)
    value, gradient = f.value_and_grad(x)
    want = wg.compile(text, kernel="interpreter").value_and_grad(x)
    assert bits(value) == bits(want[0])
    assert bits(gradient["x"]) == bits(want[1]["x"])
