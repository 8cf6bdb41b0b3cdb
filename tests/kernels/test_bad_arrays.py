"""What callers pass for arrays: what is no array of numbers is refused by the name of the input, what is one is taken
whatever its layout, and nothing that a caller holds is ever changed."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import wengert as wg
from wengert.ground.limits import Limits

PROGRAMS = {
    "open": "sum(x*x)",
    "declared": "input x[3]\nsum(x^2)",
    "numbers": "x^2 + 1",
    "elements": "input x[3]\nx[0]*x[1] + x[2]",
}
every_program = pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)


def cyclic():
    found: list = [1.0]
    found.append(found)
    return found


BAD = {
    "ragged": [[1, 2], [3]],
    "ragged arrays": [np.ones(2), np.ones(3)],
    "cyclic": cyclic(),
    "strings": ["a", "b"],
    "digits": ["1", "2", "3"],
    "a string": "1",
    "bytes": b"123",
    "complex": np.array([1j, 2, 3]),
    "a complex number": 1j,
    "complex list": [1j, 2, 3],
    "dates": np.array(["2020-01-01"], dtype="M8[D]"),
    "durations": np.array([1, 2, 3], dtype="m8[s]"),
    "masked": np.ma.array([1.0, 2, 3], mask=[0, 1, 0]),
    "masked constant": np.ma.masked,
    "objects": np.array([1, None, 2], dtype=object),
    "none within": [1, None, 3],
    "none": None,
    "records": np.zeros(3, dtype=[("a", float)]),
    "void": np.zeros(3, dtype="V8"),
    "set": {1, 2, 3},
    "generator": (k for k in range(3)),
    "too large": [10**400, 1, 2],
    "a function": len,
}


@every_program
@pytest.mark.parametrize("value", BAD.values(), ids=BAD)
def test_what_is_no_array_of_numbers_is_refused_by_name(text, value):
    f = wg.compile(text)
    for call in (f, f.grad, f.jacobian, f.hessian, f.notes):
        with pytest.raises(wg.UsageError, match="`x"):
            call(x=value)
    for call in (f.jvp, f.hvp):
        with pytest.raises(wg.UsageError, match="`x"):
            call({"x": [1.0, 2.0, 3.0]}, {"x": value})


GOOD = {
    "list": [1, 2, 3],
    "tuple": (1, 2.0, 3),
    "arrays of no axes": [np.array(1.0), np.array(2), np.float32(3)],
    "fractions": [Fraction(1), Fraction(2), 3],
    "decimals": [Decimal(1), 2, 3],
    "half": np.array([1, 2, 3], "f2"),
    "single": np.array([1, 2, 3], "f4"),
    "long": np.array([1, 2, 3], "g"),
    "bytes": np.array([1, 2, 3], "i1"),
    "unsigned": np.array([1, 2, 3], "u8"),
    "big-endian": np.array([1, 2, 3], ">f8"),
    "strided": np.array([1.0, 9.0, 2.0, 9.0, 3.0])[::2],
    "reversed": np.array([3.0, 2.0, 1.0])[::-1],
    "column of a Fortran array": np.asfortranarray([[1.0, 9.0], [2.0, 9.0], [3.0, 9.0]])[:, 0],
    "masked nowhere": np.ma.array([1.0, 2.0, 3.0]),
    "values": wg.Values(("a", "b", "c"), (1.0, 2.0, 3.0)),
    "objects": np.array([1, Fraction(2), 3.0], dtype=object),
}


@every_program
@pytest.mark.parametrize("value", GOOD.values(), ids=GOOD)
def test_an_array_is_one_whatever_its_layout(text, value):
    f = wg.compile(text)
    want = f(x=np.array([1.0, 2.0, 3.0]))
    got = f(x=value)
    assert type(got) is type(want)
    assert np.array_equal(got, want)
    assert np.array_equal(f.grad(x=value)["x"], f.grad(x=np.array([1.0, 2.0, 3.0]))["x"])


@every_program
def test_read_only_and_mapped_arrays(text, tmp_path):
    f = wg.compile(text)
    fixed = np.array([1.0, 2.0, 3.0])
    fixed.flags.writeable = False
    mapped = np.memmap(tmp_path / "x", dtype=float, mode="w+", shape=(3,))
    mapped[:] = fixed
    for value in (fixed, mapped, np.broadcast_to(fixed, (1, 3))[0]):
        assert np.array_equal(f(x=value), f(x=[1, 2, 3]))
        assert type(f.grad(x=value)["x"]) is np.ndarray
    assert list(mapped) == [1.0, 2.0, 3.0]


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_no_axes_and_subclasses():
    assert wg.compile("x^2")(np.array(3)) == 9.0
    assert type(wg.compile("x^2")(np.array(3.0))) is float
    assert type(wg.compile("x^2")(np.matrix([1.0, 2.0]))) is np.ndarray
    with pytest.raises(wg.WengertError, match="`x` has the shape"):
        wg.compile("input x[3]\nsum(x)")(np.array(3.0))


@pytest.mark.parametrize("value", [[np.nan, 1.0, 2.0], [np.inf, 1.0, 2.0], [-np.inf, np.nan, 0.0]])
def test_what_is_not_finite_goes_through_as_it_is(value):
    with np.errstate(all="ignore"):
        assert np.array_equal(wg.compile("x*2 + 0*sum(x[2:])")(value)[0], value[0] * 2, equal_nan=True)
        assert np.array_equal(wg.compile("sum(x)")(value), np.sum(value), equal_nan=True)
        assert np.array_equal(wg.compile("max(x)")(value), np.max(value), equal_nan=True)


# Shapes


@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        ("input x[3]\nsum(x)", {"x": [1, 2]}, r"`x` has the shape \(3,\), and the value has \(2,\)"),
        ("input x[3]\nsum(x)", {"x": []}, r"`x` has the shape \(3,\), and the value has \(0,\)"),
        ("input x[3]\nsum(x)", {"x": 1.0}, "`x` has the shape"),
        ("input A[m,n], x[n]\nsum(A @ x)", {"A": np.ones((2, 3)), "x": np.ones(4)}, "n is 3 in A"),
        ("input A[m,n], x[n]\nsum(A @ x)", {"A": np.ones((5, 2, 3)), "x": np.ones((4, 3))}, "batch axes"),
        ("x*y", {"x": np.ones(3), "y": np.ones(4)}, "batch axes"),
        ("sum(x*y)", {"x": np.ones(3), "y": np.ones(4)}, "3 is not 4"),
        ("x @ y", {"x": np.ones((2, 3)), "y": np.ones((2, 3))}, "3 is not 2"),
        ("x @ y", {"x": np.ones((2, 3)), "y": 2.0}, "vectors and matrices"),
        ("x[3]", {"x": np.ones(3)}, "no element 3 among 3"),
        ("x[-4]", {"x": np.ones(3)}, "no element -4 among 3"),
        ("x[0,0]", {"x": np.ones(3)}, "2 places in 1 dimension"),
        ("x[k]", {"x": np.ones(3), "k": 3.0}, "no element 3 among 3"),
        ("x[k]", {"x": np.ones(3), "k": 0.5}, "whole number"),
        ("x[k]", {"x": np.ones(3), "k": np.nan}, "whole number"),
        ("x[k]", {"x": np.ones(3), "k": 1e300}, "whole number"),
        ("x[k]", {"x": np.ones(3), "k": [0.0, -4.0]}, "no element -4"),
        ("max(x)", {"x": []}, "no element"),
        ("sum(x, axis=1)", {"x": np.ones(3)}, "no axis 1"),
        ("reshape(x, [2,2])", {"x": np.ones(3)}, "3 elements do not fill"),
        ("concatenate(x, y)", {"x": np.ones((2, 2)), "y": np.ones(3)}, "same"),
        ("[x[0:2], x]", {"x": np.ones(3)}, "2 is not 3"),
        ("x[0] + len(y)", {"x": 1.0, "y": 1.0}, "a number has no"),
    ],
)
def test_shapes_that_do_not_fit_are_told_of_at_their_place(text, values, says):
    f = wg.compile(text)
    for call in (f, f.jacobian):
        with pytest.raises(wg.WengertError, match=says) as caught:
            call(**values)
        shown = str(caught.value)
        if "batch" not in says:
            assert "^" in shown, shown


@pytest.mark.parametrize(
    "text",
    [
        "input x[3], y[4]\nx + y", "input x[3]\nx[3]", "input x[3]\nx @ [1, 2]", "input A[2,3]\nA @ A", "[1, [2]]",
        "input x[3]\nsum(x, axis=1)", "input x[3]\nreshape(x, [2, 2])", "input x[0]\nmax(x)", "[[1, 2], [3]] + x",
        "piece([1, 2], 1, 2)", "scatter([1, 2], 3)", "input x[2]\nput(x, [0, 1, 1], x)",
        "matmul_t([[1, 2]], 1)", "spread([1, 2], [1, 2])", "input x[2]\nsum_like(1, x)",
    ],
)  # fmt: skip
def test_shapes_are_checked_when_a_program_is_compiled(text):
    with pytest.raises(wg.WengertError) as caught:
        wg.compile(text)
    assert "^" in str(caught.value)


def test_directions_and_adjoints_have_the_shapes_of_what_they_move():
    f = wg.compile("input x[3]\ny = 2*x")
    with pytest.raises(wg.WengertError, match="direction of `x`"):
        f.jvp({"x": [1, 2, 3]}, {"x": [1, 2]})
    with pytest.raises(wg.WengertError, match="`y`"):
        f.vjp({"x": [1, 2, 3]}, [1, 2])
    with pytest.raises(wg.WengertError, match="`x`"):
        wg.compile("input x[3]\nsum(x^2)").hvp({"x": [1, 2, 3]}, {"x": [1, 2]})
    with pytest.raises(wg.UsageError, match="has the shape"):
        f.grad([1, 2, 3])


def test_arrays_without_elements():
    f = wg.compile("sum(x^2)")
    assert f([]) == 0.0
    assert f.grad([])["x"].shape == (0,)
    assert f.hessian([])[0][0].shape == (0, 0)
    assert f.hvp([[]], [[]])["x"].shape == (0,)
    assert f.grad(np.zeros((0, 3)))["x"].shape == (0, 3)
    g = wg.compile("input A[m,n], x[n]\nA @ x")
    assert g(np.zeros((0, 3)), np.zeros(3)).shape == (0,)
    assert list(g(np.zeros((2, 0)), np.zeros(0))) == [0.0, 0.0]
    assert g.jacobian(np.zeros((2, 0)), np.zeros(0))[0]["A"].shape == (2, 2, 0)
    # A batch of no points.
    h = wg.compile("input x[3]\nsum(x^2)")
    assert h(np.zeros((0, 3))).shape == (0,)
    assert h.grad(np.zeros((0, 3)))["x"].shape == (0, 3)
    assert h.hessian(np.zeros((0, 3)))[0][0].shape == (0, 3, 3)
    assert wg.compile("x^2").grad(np.zeros((0, 2)))["x"].shape == (0, 2)


# The budget


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("input x[n], y[m]\nsum(reshape(x, [-1, 1])*y)", [(100,), (100,)]),
        ("input x[n], a\nsum(a*x)", [(100,), (100,)]),
        ("x*y", [(100, 1), (100,)]),
        ("input A[m,n], B[n,k]\nA @ B", [(50, 1), (1, 50)]),
    ],
)
def test_an_array_over_the_limit_is_refused_before_it_is_made(text, shapes):
    f = wg.compile(text, limits=Limits(elements=1000))
    values = [np.ones(s) for s in shapes]
    for call in (f.jacobian, lambda *args: f.jvp(args, args), lambda *args: f.vjp(args, 1.0)):
        with pytest.raises(wg.LimitError, match="elements") as caught:
            call(*values)
        assert "^" in str(caught.value) or "jacobian" in str(call)
    wg.compile(text, limits=Limits(elements=100_000))(*values)


def test_derivatives_over_the_limit_are_refused():
    limits = Limits(elements=1000)
    with pytest.raises(wg.LimitError, match="elements"):
        wg.compile("input x[n]\n2*x", limits=limits).jacobian(np.ones(50))
    with pytest.raises(wg.LimitError, match="elements"):
        wg.compile("input x[n]\n2*x", limits=limits).jacobian(np.ones(50), mode="forward")
    with pytest.raises(wg.LimitError, match="elements"):
        wg.compile("input x[n]\nsum(x^2)", limits=limits).hessian(np.ones(50))
    wg.compile("input x[n]\nsum(x^2)", limits=limits).hvp([np.ones(50)], [np.ones(50)])


def test_what_does_not_vary_is_not_counted_with_the_batch():
    f = wg.compile("x*sum([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])", limits=Limits(elements=1000))
    assert f(np.ones(500)).shape == (500,)


# What a caller holds

ALIASES = [
    ("x", [3]), ("input x[3]\nx", [3]), ("input x[3]\ny = x\noutput y, x, x", [3]), ("input A[2,2]\nA.T", [(2, 2)]),
    ("input A[2,2]\nreshape(A, [4])", [(2, 2)]), ("input A[2,2]\noutput A[0], A", [(2, 2)]),
    ("input x[3]\nx[1:]", [3]), ("input x[3], y[3]\nsum(3*(x + y))", [3, 3]), ("input x[3]\nsum(x)", [3]),
    ("input x[3], a\nx*a", [3, 2]), ("input x[3]\n[1, 2, 3]", [3]), ("input x[3]\ny = 2*x\noutput y, y", [3]),
    ("x*y", [3, 3]), ("input x[3]\nx @ x", [3]), ("x + y", [(3, 1), 2]), ("input x[3]\nsum(x^3)", [3]),
    ("input x[3]\nspread_like(x, [[1, 2, 3], [1, 2, 3]])", [3]), ("input x[3], y[3]\nsum(x) + sum(y)", [3, 3]),
    ("input x[3]\nd(sum(x^2), x)", [3]), ("input x[3]\nf = sum(x^2)\noutput f, d(f, x)", [3]),
]  # fmt: skip


def arrays(found):
    """The arrays in an answer."""
    return [a for b in found for a in arrays(b)] if isinstance(found, tuple) else [found] * bool(np.ndim(found))


@pytest.mark.parametrize(("text", "shapes"), ALIASES, ids=[text for text, _ in ALIASES])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_answers_are_arrays_of_ones_own(text, shapes, dtype):
    """Writable, apart from each other and from what was passed, which stays as it was; of the precision asked for."""
    f = wg.compile(text, dtype=dtype)
    args = [np.arange(1.0, 1 + np.prod(s)).reshape(s).astype(dtype) for s in shapes]
    before = [a.copy() for a in args]
    value = f(*args)
    answers = [value, f.jacobian(*args), f.jacobian(*args, mode="forward"), f.jvp(list(args), list(args))]
    if not isinstance(value, tuple):
        answers.append(f.vjp(list(args), np.ones(np.shape(value))))
    for call in (f.grad, f.hessian, lambda *args: f.hvp(list(args), list(args))):
        try:
            answers.append(call(*args))
        except wg.UsageError:
            assert isinstance(value, tuple) or np.ndim(value)
    for found in answers:
        for a in arrays(found):
            assert type(a) is np.ndarray
            assert a.dtype == np.dtype(dtype)
            assert a.flags.writeable
            assert not any(np.shares_memory(a, b) for b in args)
        for a, b in itertools.combinations(arrays(found), 2):
            assert not np.shares_memory(a, b)
        for a in arrays(found):
            a[...] = 77
    assert all(map(np.array_equal, args, before))
    again = f(*args)
    assert all(not (a == 77).all() for a in arrays(again))


def test_a_default_stays_what_it_is():
    f = wg.compile("input x[3] = [1, 2, 3]\nx")
    f()[:] = 0.0
    assert list(f()) == [1.0, 2.0, 3.0]
    value = f.program.defaults["x"]
    assert list(f.jvp([], {"x": [1, 0, 0]})) == [1.0, 0.0, 0.0]
    assert list(np.ravel(value)) == [1.0, 2.0, 3.0]


def test_single_precision_is_never_silent():
    f = wg.compile("sum(x)/2 + x")
    assert f(np.ones(3, "f4")).dtype == np.float64
    assert wg.compile("x*y", dtype="float32")([1, 2], 3.0).dtype == np.float32
    assert wg.compile("[x, y]", dtype="float32")(1, 2).dtype == np.float32
    with pytest.raises(wg.UsageError, match="float16"):
        wg.compile("x", dtype="float16")
