"""The embedding API, as a caller meets it."""

import multiprocessing
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest

import wengert as wg

TUPLES = [("z1", "add", ("x1", "x1")), ("z2", "add", ("z1", "x2")), ("f", "square", ("z2",))]


def test_three_sources_of_a_function():
    texts = wg.compile("z1 = x1 + x1\nz2 = z1 + x2\nf = square(z2)")
    assert wg.compile(TUPLES) == wg.compile(wg.WengertList(TUPLES))
    assert wg.compile(TUPLES).wengert_list == texts.wengert_list
    for f in (texts, wg.compile(TUPLES), wg.compile("(2*x1+x2)^2")):
        assert f(3, 7) == f(x1=3, x2=7) == f({"x1": 3, "x2": 7}) == 169.0
        value, g = f.value_and_grad(x1=3, x2=7)
        assert (value, g["x1"], g[1], dict(g), list(g)) == (169.0, 52.0, 26.0, {"x1": 52.0, "x2": 26.0}, [52.0, 26.0])
        assert g.notes == ()
        assert np.allclose(np.asarray(f.hessian(3, 7)), [[8, 4], [4, 2]])
        assert list(f.hvp((3, 7), {"x1": 1.0})) == [8.0, 4.0]
        assert f.jvp((3, 7), (1, 1)) == 78.0
        assert list(f.vjp((3, 7), 2)) == [104.0, 52.0]


def test_the_published_adjoints_of_the_tuple_list():
    trace = wg.trace(wg.WengertList(TUPLES), {"x1": 3, "x2": 7})
    assert trace.values["f"] == 169
    assert trace.adjoints == {"f": 1, "z2": 26, "z1": 26, "x2": 26, "x1": 52}


@pytest.mark.parametrize("three", [3, True + 2, np.float32(3), np.int64(3), Fraction(3), np.array(3.0)])
def test_numbers_of_any_kind_just_work(three):
    assert wg.compile("x^2 + 1")(three) == 10.0


@pytest.mark.parametrize("value", ["3", b"3", None, 1j, object(), [1, [2]], {"x": 1}, print, 10**400, type])
def test_what_is_no_number_is_refused_by_name(value):
    f = wg.compile("x + 1")
    with pytest.raises(wg.UsageError, match=r"`x` (must|is ragged|is too large for float64)"):
        f(x=value)


def test_missing_and_unknown_inputs():
    f = wg.compile("alpha*beta + gamma")
    with pytest.raises(wg.UsageError, match=r"no value for `beta`, `gamma`"):
        f(alpha=1)
    with pytest.raises(wg.UnknownName, match=r"did you mean `beta`"):
        f(alpha=1, beat=2, gamma=3)
    with pytest.raises(wg.UsageError, match="4 values for 3 inputs"):
        f(1, 2, 3, 4)
    with pytest.raises(wg.UsageError, match="given twice"):
        f(1, alpha=1, beta=2)


def test_several_outputs():
    f = wg.compile("s = x + y; p = x*y; output s, p")
    values = f(2, 3)
    assert (values["s"], values[1], values.names) == (5.0, 6.0, ("s", "p"))
    matrix = f.jacobian(2, 3)
    assert matrix["p", "x"] == matrix[1, 0] == matrix["p"]["x"] == 3.0
    with pytest.raises(wg.UsageError, match="jacobian"):
        f.grad(2, 3)
    assert list(f.vjp((2, 3), {"p": 1})) == [3.0, 2.0]
    assert f.jvp((2, 3), {"x": 1})["p"] == 3.0


def test_derivatives_in_an_intermediate():
    f = wg.compile("s = 2*x; f = s^2", fuse=True)
    assert f.grad(3, wrt="s")["s"] == 12.0
    assert f.grad(3, wrt=("x", "s")) == (24.0, 12.0)
    sigmoid = wg.compile("u = exp(-x); f = 1/(1 + u)")
    u = 0.5
    assert sigmoid.grad(-np.log(u), wrt="u")["u"] == pytest.approx(-1 / (1 + u) ** 2)
    with pytest.raises(wg.UnknownName):
        f.grad(3, wrt="z")


def test_constants_until_they_are_given_a_value():
    f = wg.compile("e*x + pi")
    assert f.inputs == ("x",)
    assert f.constants == {"e": np.e, "pi": np.pi}
    assert f(x=1) == pytest.approx(np.e + np.pi)
    assert f(x=1, e=2.0) == pytest.approx(2 + np.pi)
    bound = wg.compile("e*x + pi", inputs=["e"])
    assert set(bound.inputs) == {"e", "x"}
    assert bound.grad(e=2, x=5)["e"] == 5.0
    assert wg.compile("pi = 3; pi*x")(2) == 6.0


def test_names_are_never_reserved():
    for name in ("lambda", "class", "E", "S", "beta", "gamma", "d", "y", "v1", "max", "self", "λ", "Δx", "_"):
        assert wg.compile(f"{name}^2 + 1").grad(3.0)[name] == 6.0


@pytest.mark.parametrize("text", ["(2*x1+x2)^2", "a = sin(x); a*x", "op q(a) = a^2 with d/da = 2*a\nq(x) + nan*0"])
def test_functions_are_plain_values(text):
    f = wg.compile(text)
    again = pickle.loads(pickle.dumps(f))
    assert again == f
    assert hash(again) == hash(f)
    assert again.wengert_list == f.wengert_list
    point = [1.25] * len(f.inputs)
    assert repr(again(*point)) == repr(f(*point))
    assert f != wg.compile(text, fuse=False)
    assert repr(f).startswith("<wengert.Function ")
    assert wg.parse(str(f)).wlist == f.wengert_list


def test_results_pickle_with_their_notes():
    g = wg.compile("abs(x)").grad(0)
    again = pickle.loads(pickle.dumps(g))
    assert again == g
    assert [n.code for n in again.notes] == ["W301"]
    matrix = wg.compile("x*y").hessian(1, 2)
    assert pickle.loads(pickle.dumps(matrix))["x", "y"] == 1.0


def _square_at(x):
    return _SHARED.value_and_grad(x)


_SHARED = wg.compile("sin(x)^2 + x^3*exp(-x)")


def test_one_function_from_many_threads_and_processes():
    points = [k / 7 for k in range(200)]
    expected = [_SHARED.value_and_grad(x) for x in points]
    fresh = wg.compile("sin(x)^2 + x^3*exp(-x)")
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(fresh.value_and_grad, points)) == expected
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(_square_at, points[:20]) == expected[:20]


def test_load(tmp_path):
    path = tmp_path / "p.wengert"
    path.write_text("input a = 1/4, b = 2\nf = a*b\nexpect f = 0.5\nexpect d(f, a) = 3", encoding="utf-8")
    f = wg.load(path)
    assert f() == 0.5
    assert [(e.ok, e.line, e.value) for e in f.check_expects()] == [(True, 3, 0.5), (False, 4, 2.0)]
    (tmp_path / "bom.wengert").write_bytes(b"\xef\xbb\xbfx^2")
    assert wg.load(tmp_path / "bom.wengert")(3) == 9.0
    (tmp_path / "bad.wengert").write_bytes(b"x\xff")
    for bad in (tmp_path / "bad.wengert", tmp_path / "q.wengert", tmp_path):
        with pytest.raises(wg.WengertError):
            wg.load(bad)


@pytest.mark.parametrize(
    "rows",
    [
        [("a", "add", ("x",))],
        [("a", "nosuch", ("x",))],
        [("a", "add", ("x", "y")), ("a", "add", ("x", "y"))],
        [("a", "sin", ("b",)), ("b", "sin", ("x",))],
        [("a", "sin", ("a",))],
        [("a b", "sin", ("x",))],
        [("if", "sin", ("x",))],
        [("a", "sin", (object(),))],
        [("a", "sin")],
        ["abc"],
        [("a", "__import__('os')", ("x",))],
        [("__class__.x", "sin", ("x",))],
        7,
        None,
        [],
        [("a", 3, ("x",))],
        [(1, "sin", ("x",))],
        [("a", "sin", ("x); import os",))],
    ],
)
def test_an_invalid_list_cannot_exist(rows):
    with pytest.raises(wg.WengertError):
        wg.WengertList(rows)


def test_a_list_is_immutable_plain_data():
    w = wg.WengertList(TUPLES)
    with pytest.raises(AttributeError):
        w.inputs = ()
    assert w.equations[0] == ("z1", "add", ("x1", "x1"))
    assert wg.WengertList([("f", "mul", ("x", float("nan")))]) == wg.WengertList([("f", "mul", ("x", float("nan")))])
    assert wg.WengertList([("f", "mul", ("x", 0.0))]) != wg.WengertList([("f", "mul", ("x", -0.0))])
    assert len(repr(wg.WengertList([(f"a{k}", "sin", ("x",)) for k in range(10_000)]))) < 1500


def test_scalars_need_neither_numpy_nor_lark():
    code = (
        "import sys, wengert as wg; f = wg.compile('(2*x1+x2)^2'); assert f.grad(3, 7)['x1'] == 52;"
        "bad = {'numpy', 'lark', 'inspect', 'dataclasses'} & set(sys.modules); assert not bad, bad"
    )
    subprocess.run([sys.executable, "-S", "-c", code], check=True, cwd=wg.__file__.rpartition("/wengert/")[0])


BY_NAMES = [
    lambda f, w: f.grad(1.0, 2.0, wrt=w), lambda f, w: f.jacobian(1.0, 2.0, wrt=w),
    lambda f, w: f.hessian(1.0, 2.0, wrt=w), lambda f, w: f.hvp(x=1.0, y=2.0, v=(1.0, 0.0), wrt=w),
    lambda f, w: f.sparse_jacobian(1.0, 2.0, wrt=w), lambda f, w: f.sparse_hessian(1.0, 2.0, wrt=w),
    lambda f, w: f.notes(1.0, 2.0, wrt=w), lambda f, w: f.plan(1.0, 2.0, wrt=w),
    lambda f, w: f.plan(1.0, 2.0, wrt=w, order=2), lambda f, w: f.gradient_function(w), lambda f, w: f.counts(w),
    lambda f, w: f.flat(x=1.0, y=2.0, wrt=w),
]  # fmt: skip


@pytest.mark.parametrize("ask", BY_NAMES)
def test_names_to_differentiate_by(ask):
    """They may come one by one, as from a generator; what is no name is refused."""
    f = wg.compile("x*y + abs(x)")
    for given in (lambda: iter(["y", "x"]), lambda: (n for n in "y"), lambda: map(str, "xy"), lambda: {"y": 1}):
        for _ in range(3):
            assert repr(ask(f, given())) == repr(ask(wg.compile("x*y + abs(x)"), tuple(given())))
    for wrong in (5, [5], [None], [["x"]], b"x", object(), [[]], 1.0, "q", ["x", "q"]):
        with pytest.raises(wg.WengertError):
            ask(f, wrong)


SIZED = wg.compile("input x[n]; sum(k*x[k] for k in 0:n)")


@pytest.mark.parametrize(
    "call",
    [
        lambda: wg.format(5), lambda: wg.format(None), lambda: wg.format(b"x"), lambda: wg.explain(5),
        lambda: wg.op(5), lambda: wg.op(None), lambda: wg.compile("x").emit(None), lambda: wg.compile("x").emit(5),
        lambda: SIZED.at_shapes(x=5), lambda: SIZED.at_shapes(x=None), lambda: SIZED.at_shapes(x=(-1,)),
        lambda: SIZED.at_shapes(x=(2.5,)), lambda: SIZED.at_shapes(x="ab"), lambda: SIZED.at_shapes(q=(3,)),
        lambda: wg.compile("input x[n]; sum(x)", shapes={"x": 5}),
        lambda: wg.compile("input x[n]; sum(x)").gradient_function(shapes={"x": (-3,)}),
    ],
)  # fmt: skip
def test_what_is_no_text_and_no_shape_is_refused(call):
    with pytest.raises((wg.UsageError, wg.UnknownName)):
        call()
