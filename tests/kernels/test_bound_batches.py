"""Functions bound to the arrays of a caller, into which kernels of batches write."""

from __future__ import annotations

import numpy as np
import pytest

import wengert as wg
from tests.kernels.batch_answers import KERNELS, agree, pair, points, ran
from wengert.ground.errors import ShapeError

pytestmark = pytest.mark.parametrize("kernel", KERNELS)


def test_a_bound_function_writes_into_the_callers_arrays(kernel):
    f, g = pair("x*exp(-y) + sqrt(x)/y", kernel)
    k, values = f.bind("value_and_grad"), f.bind("value")
    for shape in ((0,), (5,), (3, 4), (40_000,)):
        n = int(np.prod(shape))
        given = [a.reshape(shape) for a in points((1.0, 2.0), n)]
        value, partials = g.value_and_grad(*given)
        wanted = [value, *partials]
        agree(list(k(*given)), wanted, 8 if kernel != "numpy" else 0)
        v, whole = np.empty(shape), np.empty((2, *shape))
        apart = [np.empty(shape), np.empty((*shape, 2))[..., 1]]
        for out in (
            (v, whole),
            (v, apart),
            [v, tuple(apart)],
            (v, np.empty((*shape, 2)).transpose(-1, *range(len(shape)))),
        ):
            assert k(*given, out=out) is out
            agree([out[0], *out[1]], wanted, 8 if kernel != "numpy" else 0)
        assert values(*given, out=v) is v
        agree(v, value, 8 if kernel != "numpy" else 0)
        assert ran(f, kernel)
    two = wg.compile("a = x*y\nb = x + y\noutput a, b", kernel=kernel).bind("value")
    out = np.empty((2, 3))
    assert two(np.arange(3.0), 2.0, out=out) is out
    assert out.tolist() == [[0.0, 2.0, 4.0], [2.0, 3.0, 4.0]]
    v, whole = np.empty(()), np.empty(2)
    k(1.0, 2.0, out=(v, whole))
    assert [float(v), *whole] == list(k(1.0, 2.0))
    assert k(1.0, 2.0) == f.bind()(1.0, 2.0)
    assert type(k(1.0, 2.0)[0]) is float


def wrong_outs() -> dict[str, object]:
    v, g = np.zeros(5), np.zeros((2, 5))
    fixed = np.empty(5)
    fixed.flags.writeable = False
    return {
        "no pair": v, "one": (v,), "a number": 3, "a text": "vg", "a mapping": {"v": v}, "no array": (None, g),
        "floats": ([0.0] * 5, g), "few": (v[:4], g), "many": (v, np.empty((3, 5))), "other axes": (v, g.T),
        "single": (v.astype("f4"), g), "integers": (v, g.astype(int)), "read-only": (fixed, g), "same": (v, [v, g[0]]),
        "inside": (g[0], g), "three": (v, [g[0], g[1], np.empty(5)]), "shifted": (v, [g.ravel()[:5], g.ravel()[1:6]]),
        "one element": (np.lib.stride_tricks.as_strided(np.empty(1), (5,), (0,)), g),
        "one row": (v, np.lib.stride_tricks.as_strided(np.empty(5), (2, 5), (0, 8))),
        "rows within each other": (v, np.lib.stride_tricks.as_strided(np.empty(6), (2, 5), (8, 8))),
    }  # fmt: skip


@pytest.mark.parametrize("case", wrong_outs())
def test_an_out_that_does_not_fit(case, kernel):
    k = wg.compile("x*y", kernel=kernel).bind("value_and_grad")
    with pytest.raises((wg.UsageError, ShapeError)) as caught:
        k(np.ones(5), np.ones(5), out=wrong_outs()[case])
    assert "out" in str(caught.value)


def test_inputs_are_never_written_to(kernel):
    k = wg.compile("x*y", kernel=kernel).bind("value_and_grad")
    whole = np.ones((4, 5))
    x, y = whole[0], whole[1]
    for out in ((x, whole[2:]), (whole[2], whole[1:3]), (np.empty(5), whole.ravel()[3:13].reshape(2, 5)),
                (np.lib.stride_tricks.as_strided(whole[0], (5,), (-0,)), whole[2:])):  # fmt: skip
        with pytest.raises(wg.UsageError, match=r"shares? memory"):
            k(x, y, out=out)
    assert (whole == 1.0).all()
    columns = np.ones((5, 4))
    k(columns[:, 0], columns[:, 1], out=(columns[:, 2], [columns[:, 3], np.empty(5)]))
    assert (columns == 1.0).all()


def test_a_bound_function_of_any_setting(kernel):
    x = np.array([-1.0, 0.0, 2.0])
    out = np.empty(3), np.empty((1, 3))
    for other in ("interpreter", "python", "auto", kernel):
        wg.compile("x^2", kernel=other).bind()(x, out=out)
        assert out[1].tolist() == [[-2.0, 0.0, 4.0]]
    with pytest.raises(wg.DomainError):
        wg.compile("log(x)", strict=True, kernel=kernel).bind()(x, out=out)
    with pytest.raises(wg.KinkError):
        wg.compile("abs(x)", kink="error", kernel=kernel).bind()(x, out=out)
    k = wg.compile("x*y", kernel=kernel).bind()
    for wrong in (lambda: k(x), lambda: k(x, x, x), lambda: k(x, "1"), lambda: k(x, np.ones(4)), lambda: k(x, 1j)):
        with pytest.raises(wg.WengertError):
            wrong()
    single = wg.compile("x*y", dtype="float32").bind()
    assert [a.dtype for a in single(x, x)] == [np.float32] * 3
    wg.register("changing", lambda a: a, "1", replace=True)
    f = wg.compile("changing(x)", kernel=kernel)
    k = f.bind("value")
    assert k(x)[0].tolist() == f(x).tolist() == [-1.0, 0.0, 2.0]
    wg.register("changing", lambda a: a + 1.0, "1", replace=True)
    assert k(x)[0].tolist() == f(x).tolist() == [0.0, 1.0, 3.0]
