"""Define-by-run: a recorded function is the function."""

import contextlib
import math
import operator
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests.oracles.programs import ELEMENTWISE
from wengert.api.record import call
from wengert.ops import OPS

TRAPEZOID: Any = getattr(np, "trapezoid", None) or getattr(np, "trapz", None)  # NumPy 2 has a new name for it


def test_the_textbook_function():
    w = wg.record(lambda x1, x2: (2 * x1 + x2) ** 2)
    assert isinstance(w, wg.WengertList)
    assert w == wg.parse("(2*x1+x2)^2").wlist
    assert wg.compile(w).grad(3, 7) == (52.0, 26.0)


OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.mod, operator.pow]


@pytest.mark.parametrize("op", OPERATORS)
def test_operators_from_either_side(op):
    for function in (lambda x: op(x, 3.0), lambda x: op(3.0, x), lambda x: op(x, x), lambda x: op(np.float64(3), x)):
        assert wg.compile(wg.record(function))(2.5) == pytest.approx(function(2.5))


def test_comparisons_logic_and_choice():
    w = wg.record(lambda x: wg.where((x > 1) & (x <= 2) | ~(x < 5), x**2, -x))
    f = wg.compile(w)
    assert [f(1.0), f(1.5), f(6.0)] == [-1.0, 2.25, 36.0]


UFUNCS = (
    "sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arctanh exp exp2 expm1 log log2 log10 log1p sqrt cbrt "
    "square reciprocal absolute fabs negative sign floor ceil trunc rint deg2rad rad2deg"
).split()


@pytest.mark.parametrize("name", UFUNCS)
def test_numpy_ufuncs_of_one_argument(name):
    ufunc = getattr(np, name)
    f = wg.compile(wg.record(lambda x: ufunc(x)), fuse=False)
    assert f(0.4) == pytest.approx(float(ufunc(0.4)), rel=1e-14)


BINARY = (
    "add subtract multiply divide true_divide power float_power remainder mod maximum minimum hypot arctan2 logaddexp "
    "copysign greater greater_equal less less_equal equal not_equal logical_and logical_or"
).split()


@pytest.mark.parametrize("name", BINARY)
def test_numpy_ufuncs_of_two_arguments(name):
    ufunc = getattr(np, name)
    f = wg.compile(wg.record(lambda x, y: ufunc(x, y)), fuse=False)
    assert f(0.4, 1.7) == pytest.approx(float(ufunc(0.4, 1.7)), rel=1e-14)


def test_every_op_is_a_function_of_the_package():
    for row in ELEMENTWISE:
        name = row.name
        n = max(2, len(row.params.split())) if "*" in row.params else len(row.params.split())
        args = [0.5 + k / 8 for k in range(n)]
        w = wg.record(lambda *xs, name=name: getattr(wg, name)(*xs), *(f"x{k}" for k in range(n)))
        recorded, direct = wg.compile(w, fuse=False)(*args), getattr(wg, name)(*args)
        assert recorded == direct or (recorded != recorded and direct != direct)


def test_loops_outputs_and_names():
    def rosenbrock(a, b):
        total = 0.0
        for x, y in ((a, b), (b, a)):
            total = total + 100 * (y - x**2) ** 2 + (1 - x) ** 2
        return {"total": total, "first": (a * b).named("product")}

    w = wg.record(rosenbrock)
    assert w.outputs[0] == "total"
    assert "product" in {e.output for e in w.equations}
    values = wg.compile(w)(1.0, 1.0)
    assert values["total"] == 0.0
    assert wg.record(lambda x, v1: x * v1 + 1).equations[0].output != "v1"
    assert wg.compile(wg.record(lambda x: (x, 2.0, x * x)))(3.0) == (3.0, 2.0, 9.0)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x if x > 0 else -x,
        lambda x: math.sin(x),
        lambda x: float(x),
        lambda x: [0, 1][x],
        lambda x: x + "1",
        lambda x: np.add.reduce([x, x], initial=0) if False else np.add.accumulate(x),
        lambda x: "text",
        lambda x: object(),
        lambda *xs: xs[0],
        lambda x: sum(iter(x)),
        lambda x: x[x > 0],
        lambda x: np.broadcast_to(x, (2, 3)),
        lambda x: np.add.reduce(x, initial=3.0),
        lambda x: wg.index(x),
    ],
)
def test_what_cannot_be_recorded_is_refused(function):
    with pytest.raises(wg.WengertError):
        wg.record(function)


def test_two_recordings_do_not_mix():
    kept = []
    wg.record(lambda x: kept.append(x) or x)
    with pytest.raises(wg.UsageError, match="another recording"):
        wg.record(lambda y: y + kept[0])


def test_positions_are_those_of_numpy() -> None:
    """What stands second in NumPy's function is not always what stands second in the op."""
    with pytest.raises(wg.UsageError, match="ord"):
        wg.record(lambda x: np.linalg.norm(x, 1))
    assert wg.record(lambda x: np.concatenate([x, x], 1)).equations[0].op == "concatenate[axis=1]"
    assert wg.record(lambda x: np.diag(x, 1)).equations[0].op == "diag[k=1]"
    assert wg.record(lambda x: np.sum(x, 0)).equations[0].op == "sum[axis=0]"


REDUCTIONS = [np.add, np.multiply, np.maximum, np.minimum]


@pytest.mark.parametrize("ufunc", REDUCTIONS, ids=lambda u: u.__name__)
@pytest.mark.parametrize("options", [{}, {"axis": 1}, {"axis": None}, {"keepdims": True}], ids=str)
def test_a_reduction_takes_the_axes_that_numpy_takes(ufunc, options) -> None:
    """A ufunc reduces along the first axis where none is given, and numpy.sum along all."""
    a = np.array([[0.5, -2.0, 3.0], [4.0, 0.0, 1.5]])
    f = wg.compile(wg.record(lambda x: ufunc.reduce(x, **options)))
    assert np.array_equal(f(a), ufunc.reduce(a, **options))


@pytest.mark.parametrize("name", ["add", *(n for n, row in OPS.items() if row.array is not None)])
def test_shapes_that_do_not_fit_are_told(name) -> None:
    """An op called on numbers and arrays of any shapes answers, or says in one error why it cannot."""
    shapes = [(), (0,), (2,), (3,), (2, 3), (2, 3, 2)]
    for n in range(4):
        for k in range(12):
            args = [np.ones(shapes[(k // 3**i + i * k) % len(shapes)]) for i in range(n)]
            with contextlib.suppress(wg.WengertError):
                call(name, *args)


def _arrays(*shapes: tuple[int, ...]) -> tuple[Any, ...]:
    rng = np.random.default_rng(5)
    return tuple(np.round(rng.normal(size=shape) * 8) / 4 for shape in shapes)


NAN = np.array([1.0, math.nan, -2.0, math.nan])
COMPOSED = {
    "dot of vectors": (np.dot, _arrays((3,), (3,))),
    "dot of matrices": (np.dot, _arrays((2, 3), (3, 4))),
    "dot of a matrix and a vector": (np.dot, _arrays((2, 3), (3,))),
    "dot with a number": (lambda a: np.dot(2.0, a), _arrays((2, 3))),
    "dot with an array": (lambda a: np.dot(np.ones((4, 2)), a), _arrays((2, 3))),
    "inner of vectors": (np.inner, _arrays((3,), (3,))),
    "inner of matrices": (np.inner, _arrays((2, 3), (4, 3))),
    "vdot": (np.vdot, _arrays((2, 3), (2, 3))),
    "vdot of other shapes": (np.vdot, _arrays((2, 3), (6,))),
    "fmax": (np.fmax, (NAN, np.array([0.5, 2.0, math.nan, math.nan]))),
    "fmin": (np.fmin, (NAN, np.array([0.5, 2.0, math.nan, math.nan]))),
    "fmod": (np.fmod, _arrays((40,), (40,))),
    "floor_divide": (np.floor_divide, (*_arrays((40,)), np.resize([0.1, -0.1, 0.75, -3.0], 40))),
    "floor_divide near a whole number": (np.floor_divide, (np.array([1.0, 6.0, -1.0]), np.array([0.1, 0.1, 0.1]))),
    "//": (lambda a, b: a // b, _arrays((40,), (40,))),
    "// from the right": (lambda a: 3.0 // a, (np.array([0.5, -0.7, 2.0]),)),
    "around": (np.around, _arrays((9,))),
    "around to decimals": (lambda a: np.around(a, 1), _arrays((9,))),
    "around to tens": (lambda a: np.around(a * 100, decimals=-1), _arrays((9,))),
    "diff": (np.diff, _arrays((5,))),
    "diff twice": (lambda a: np.diff(a, 2), _arrays((5,))),
    "diff of rows": (np.diff, _arrays((3, 4))),
    "diff of columns": (lambda a: np.diff(a, axis=0), _arrays((3, 4))),
    "diff of three axes": (lambda a: np.diff(a, axis=1), _arrays((2, 3, 4))),
    "heaviside": (np.heaviside, (np.array([-1.0, 0.0, 2.0, math.nan]), np.array([5.0, 0.25, 5.0, 5.0]))),
    "trapezoid": (TRAPEZOID, _arrays((5,))),
    "trapezoid over points": (TRAPEZOID, (*_arrays((5,)), np.array([0.0, 1.0, 3.0, 3.5, 7.0]))),
    "trapezoid of columns": (lambda a: TRAPEZOID(a, dx=0.5, axis=0), _arrays((3, 4))),
}
if hasattr(np, "vecdot"):
    COMPOSED["vecdot"] = (np.vecdot, _arrays((2, 3), (2, 3)))


@pytest.mark.parametrize("name", COMPOSED)
def test_functions_of_numpy_that_are_no_ops_are_recorded(name: str) -> None:
    function, args = COMPOSED[name]
    f = wg.compile(wg.record(function, *"ab"[: len(args)]))
    with np.errstate(all="ignore"):
        want = function(*args)
    np.testing.assert_allclose(f(*args), want, rtol=1e-14, equal_nan=True)


def test_their_derivatives_are_those_of_the_pieces() -> None:
    f = wg.compile(wg.record(lambda a, b: np.fmod(a, b) + np.fmax(a, b) + np.heaviside(a, b)))
    assert f.grad(7.5, 2.0) == (2.0, -3.0)
    assert f.grad(-7.5, 2.0) == (1.0, 3.0 + 1.0)
    assert wg.compile(wg.record(lambda a: np.fmod(a, 2.0))).grad(0.0) == (1.0,)
    assert wg.compile(wg.record(lambda a: TRAPEZOID(np.diff(a)))).grad([1.0, 4.0, 9.0, 16.0])["a"].tolist() == [
        -0.5, -0.5, 0.5, 0.5,
    ]  # fmt: skip
    with pytest.raises(wg.WengertError):
        wg.record(lambda y, x: TRAPEZOID(y, x, axis=0))
