"""The options of a function go along to all that is made of it, and are checked once. A program whose size is not known
is a function as others are."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import wengert as wg

OTHERS = wg.Options(
    fuse=False, kink="left", strict=True, limits=wg.Limits(seconds=30.0), dtype="float32", kernel="auto"
)

# Every way to make a function, or what holds one, of a function.
MADE: dict[str, Callable[[wg.Function], Any]] = {
    "with_options": lambda f: f.with_options(fuse=False),
    "fused": lambda f: f.fused(),
    "simplified": lambda f: f.simplified(),
    "gradient_function": lambda f: f.gradient_function(),
    "derivative": lambda f: f.derivative("x").function,
    "derivatives": lambda f: f.derivatives().function,
    "at": lambda f: f.at(x=1.0, y=2.0),
    "at_shapes": lambda f: f.at_shapes(x=()),
    "flat": lambda f: f.flat(y=2.0, x=1.0, wrt="x").function,
    "lagrangian": lambda f: f.flat(y=2.0, x=1.0, wrt="x")._weighted()[0],
    "pickle": lambda f: pickle.loads(pickle.dumps(f)),
    "compile": lambda f: wg.compile(f.wengert_list, options=f.options),
}


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_options_go_along(made: Callable[[wg.Function], Any]) -> None:
    f = wg.compile("abs(x)*exp(y)", options=OTHERS)
    assert f.options == OTHERS
    assert made(f).options == OTHERS


@pytest.mark.parametrize("made", [*MADE.values(), lambda f: f.at(x=[1.0, 2.0])], ids=[*MADE, "sized"])
def test_a_strict_function_makes_strict_ones(made: Callable[[wg.Function], Any]) -> None:
    assert made(wg.compile("log(x)*y", strict=True)).strict


def test_methods_that_answer_functions_are_all_tried() -> None:
    """A new one must be in MADE."""
    answers = {
        name
        for name, method in vars(wg.Function).items()
        if callable(method) and not name.startswith("_")
        and str(inspect.signature(method).return_annotation) in ("Function", "Formula", "FlatFunction")
    }  # fmt: skip
    assert answers == MADE.keys() - {"lagrangian", "pickle", "compile"}


def test_a_strict_lagrangian_refuses() -> None:
    flat = wg.compile("f = log(x)*y; g = x*y; output f, g", strict=True).flat(x=1.0, y=1.0, wrt=("x", "y"))
    with pytest.raises(wg.DomainError):
        flat.hess([-1.0, 1.0], [1.0, 1.0])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kink": "lefty"}, "did you mean `left`?"),
        ({"kink": 3}, "one of mean, left, right, error"),
        ({"dtype": "float16"}, "did you mean `float"),
        ({"kernel": "autoo"}, "did you mean `auto`?"),
        ({"fuse": "no"}, "the option `fuse` is True or False, not 'no'"),
        ({"strict": 1}, "the option `strict` is True or False, not 1"),
        ({"limits": 5}, "limits are a `Limits`, not 5"),
        ({"strikt": True}, "did you mean `strict`?"),
        ({"colour": "red"}, "one of fuse, kink, strict, limits, dtype, kernel"),
    ],
)
def test_options_are_checked(changes: dict[str, Any], says: str) -> None:
    f = wg.compile("x")
    for make in (wg.compile, lambda _, **c: f.with_options(**c), lambda _, **c: wg.Options().changed(**c)):
        with pytest.raises(wg.UsageError) as problem:
            make("x", **changes)  # type: ignore[operator]
        assert says in str(problem.value)


@pytest.mark.parametrize("options", [{"kink": "left"}, "left", 5, None, ()])
def test_options_are_options(options: Any) -> None:
    program = wg.compile("x").program
    for make in (lambda: wg.compile("x", options=options), lambda: wg.Function(program, options)):
        with pytest.raises(wg.UsageError):
            make()


def test_options_are_plain() -> None:
    assert pickle.loads(pickle.dumps(OTHERS)) == OTHERS != wg.Options()
    assert hash(OTHERS) == hash(OTHERS.changed())
    assert OTHERS.changed(kink="mean").changed(kink="left") == OTHERS
    assert eval(repr(wg.Options()), {"Options": wg.Options, "Limits": wg.Limits}) == wg.Options()


# Programs whose list depends on a declared size, with the same written for one size.
SIZED = {
    "loop": ("input x[n], a = 2\ns = 0\nfor i in 0:n { s = s + a*x[i]^2*i }\ns", "2*(x[1]^2 + 2*x[2]^2)"),
    "fold": ("input x[n], a = 2\nsum(a*x[i]^2*i for i in 0:n)", "2*(x[1]^2 + 2*x[2]^2)"),
    "two outputs": ("input x[n], a = 2\nf = sum(x[i]*i for i in 0:n)\ng = prod(a*x[i] for i in 0:n)\noutput f, g",
                    "f = x[1] + 2*x[2]\ng = 8*x[0]*x[1]*x[2]\noutput f, g"),
}  # fmt: skip
X = np.array([0.5, -1.5, 2.0])

# Every public method that is asked at a point, and how its answer is compared.
ASKED: dict[str, Callable[[wg.Function], Any]] = {
    "__call__": lambda f: f(X),
    "value_and_grad": lambda f: f.value_and_grad(X, wrt="x")[1]["x"],
    "grad": lambda f: f.grad({"x": X}, wrt="x")["x"],
    "jvp": lambda f: f.jvp({"x": X}, {"x": X}),
    "vjp": lambda f: f.vjp({"x": X}, dict.fromkeys(f.at(X).outputs, 1.0))["x"],
    "jacobian": lambda f: [row["x"] for row in f.jacobian(x=X, wrt="x")],
    "hvp": lambda f: f.hvp({"x": X}, {"x": X}, wrt="x")["x"],
    "hessian": lambda f: f.hessian(X, wrt="x")["x"]["x"],
    "hessian_diagonal": lambda f: f.hessian_diagonal(X, wrt="x")["x"],
    "bench": lambda f: f.bench(x=X).agree,
    "costs": lambda f: f.costs(X).kernel,
    "sparse_jacobian": lambda f: f.sparse_jacobian(X, wrt="x").dense(),
    "sparse_hessian": lambda f: f.sparse_hessian(x=X, wrt="x").dense(),
    "taylor": lambda f: f.taylor({"x": X}, {"x": X}, 3),
    "structure": lambda f: [p[1:] for p in f.structure(x=X).pairs if p[1] != "a"],
    "check": lambda f: [(c.oracle, c.ok) for c in f.check(X) if c.input == "x"],
    "flat": lambda f: f.flat(x=X, wrt="x").fun(X),
    "plan": lambda f: f.plan(X, wrt="x").mode,
    "notes": lambda f: f.notes(X),
    "blame": lambda f: f.blame({"x": X, "a": 2.0} if "a" in f.inputs else {"x": X}),
    "check_expects": lambda f: f.check_expects(X),
    "trace": lambda f: f.trace(X).wlist.inputs,
    "trace_table": lambda f: "reverse" in f.trace_table(X).lower(),
    "local_jacobians": lambda f: bool(f.local_jacobians(X)),
    "circuit": lambda f: bool(f.circuit(X).gates),
    "graph": lambda f: f.graph(X)[:8],
    "page": lambda f: len(f.page(X)) > 10_000,
}
NEED_NO_POINT = {
    "with_options",
    "fused",
    "simplified",
    "gradient_function",
    "derivative",
    "derivatives",
    "counts",
    "emit",
    "at",
    "at_shapes",
    "evaluation_at",
    "point",
    "under_clock",
}
ONLY_OVER_NUMBERS = {"bind", "error_bounds"}
# They take ranges, tables and uncertainties: tests of their own ask them of arrays.
OF_JOBS = {"plot", "plotted", "fit", "propagate", "map", "frame", "dask", "total", "normal_equations", "nl_files"}
OF_ONE = {"value_and_grad", "grad", "hvp", "hessian", "hessian_diagonal", "sparse_hessian", "check"}


@pytest.mark.parametrize("program", SIZED)
@pytest.mark.parametrize("method", ASKED)
def test_a_program_of_unknown_size_answers_as_one_of_that_size(program: str, method: str) -> None:
    text, one = SIZED[program]
    sized, plain = wg.compile(text), wg.compile(f"input x[3]\n{one}")
    assert type(sized) is wg.Function
    assert not sized.decided
    if program == "two outputs" and method in OF_ONE:
        with pytest.raises(wg.UsageError):
            ASKED[method](sized)
        return
    if method in ("trace", "plan"):
        ASKED[method](sized)
        return
    found, want = ASKED[method](sized), ASKED[method](plain)
    if method in ("structure", "check", "notes", "blame", "check_expects", "trace_table", "local_jacobians", "circuit",
                  "graph", "page", "bench", "costs"):  # fmt: skip
        assert found == want
    else:
        np.testing.assert_allclose(np.asarray(found, dtype=float), np.asarray(want, dtype=float), rtol=1e-12)


def test_methods_at_a_point_are_all_asked() -> None:
    """A new public method is in ASKED, or needs no point."""
    methods = {n for n in vars(wg.Function) if not n.startswith("_") and inspect.isfunction(getattr(wg.Function, n))}
    assert methods - NEED_NO_POINT - ONLY_OVER_NUMBERS - OF_JOBS == ASKED.keys() - {"__call__"}


@pytest.mark.parametrize(
    "ask",
    [
        lambda f: f.outputs, lambda f: f.wengert_list, lambda f: f.gradient_list, lambda f: f.running_list,
        lambda f: f.receipts, lambda f: f.fused(), lambda f: f.simplified(), lambda f: f.derivative("x"),
        lambda f: f.derivatives(), lambda f: f.gradient_function(), lambda f: f.counts(), lambda f: f.emit("json"),
        lambda f: f.at_shapes(a=(2,)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("program", SIZED)
def test_what_needs_a_size_says_so(program: str, ask: Callable[[wg.Function], Any]) -> None:
    f = wg.compile(SIZED[program][0])
    with pytest.raises(wg.ParseError) as problem:
        ask(f)
    assert problem.value.diagnostic.code == "W123"
    assert "`n`" in str(problem.value)


@pytest.mark.parametrize("program", SIZED)
def test_at_shapes_there_is_a_list(program: str) -> None:
    f = wg.compile(SIZED[program][0], kink="left")
    assert f.at(X) is f.at(x=X + 1) is f.at_shapes({"x": (3,)}) is f.at_shapes(x=(3,))
    assert f.at(X).options == f.options
    assert f.at(X[:2]).wengert_list != f.at(X).wengert_list
    assert f.at(X).at(X) is f.at(X)
    assert pickle.loads(pickle.dumps(f)) == f
    assert wg.compile(str(f)) == wg.compile(str(f)) != f
    assert f.inputs == ("x", "a")
    assert dict(f.shapes) == {"x": ("n",)}
    batch = np.stack([X, X + 1])
    for at, row in zip(f.jacobian(batch, wrt="x")[0]["x"], batch):
        np.testing.assert_allclose(at, f.jacobian(row, wrt="x")[0]["x"], rtol=1e-13)


def test_shapes_that_do_not_fit() -> None:
    f = wg.compile("input x[n], y[n]\nsum(x[i]*y[i] for i in 0:n)")
    with pytest.raises(wg.WengertError) as problem:
        f([1.0, 2.0], [1.0, 2.0, 3.0])
    assert problem.value.diagnostic.code == "W702"


class Own(wg.Function):
    """A class of a caller's."""


def test_a_class_of_a_caller_is_kept():
    f = Own(wg.parse("x^2"), wg.Options(kink="left"))
    for made in (pickle.loads(pickle.dumps(f)), copy.deepcopy(f), f.with_options(strict=True), f.simplified()):
        assert type(made) is Own
        assert made.options.kink == "left"
