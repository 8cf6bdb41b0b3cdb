"""A law of the public functions: for any argument, however odd, only a WengertError escapes, or an exception that the
caller's own object raised. A wrong kind of argument is a UsageError and a TypeError, and names the argument."""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg


class Own(Exception):
    """Raised by objects of the caller."""


class _Raises:
    """An object whose methods of one name raise."""

    def __init_subclass__(cls, of: str) -> None:
        def method(self: Any, *_: Any, **__: Any) -> Any:
            raise Own(of)

        setattr(cls, of, method)


class BadFloat(_Raises, of="__float__"): ...


class BadIter(_Raises, of="__iter__"): ...


class BadArray(_Raises, of="__array__"): ...


class BadRepr(_Raises, of="__repr__"): ...


class BadLength(list[Any], _Raises, of="__len__"): ...


class BadKeys(dict[str, Any], _Raises, of="keys"): ...


class BadEqual(_Raises, of="__eq__"):
    __hash__ = None  # type: ignore[assignment]


class TextFloat:
    def __float__(self) -> Any:
        return "x"


# As many axes as an array of NumPy may have.
AXES = 64 if np.lib.NumpyVersion(np.__version__) >= "2.0.0" else 32


def odd_values() -> list[Any]:
    """One value of each kind that a caller may pass by mistake."""
    deep = np.zeros((1,) * AXES)
    return [
        None, True, False, 0, -1, 3, 1.5, float("nan"), 10**400, "x", "zz", "", "\ud800", b"x", [], [1], [[1], [2, 3]],
        ["x"], [None], {}, {"x": "a"}, {"x": 1, "y": 2}, {1: 2}, (), (1, 2), object(), np.array(1.0), np.zeros(0),
        np.array([1, 2]), np.array(["a"]), np.array([1j]), np.array([None]), deep, np.array(["2020-01-01"], "M8[D]"),
        {"x"}, range(3), int, lambda *a: 1, Decimal("1.5"), Decimal("nan"), Fraction(1, 3), 1j,
        datetime.date(2020, 1, 1), BadFloat(), BadIter(), BadArray(), BadRepr(), BadLength([1]), BadKeys(x=1),
        BadEqual(), TextFloat(), wg.compile("x"), wg.OPS["sin"], slice(1), ..., NotImplemented, memoryview(b"ab"),
        iter([1]), {"x": BadFloat()}, [BadFloat()], {"x": deep}, ["x", "x"],
    ]  # fmt: skip


def tried(call: Callable[..., Any], *args: Any, **given: Any) -> BaseException | None:
    """The exception of a call that breaks the law; None if it keeps it."""
    try:
        answer = call(*args, **given)
        if isinstance(answer, Iterator):
            next(answer, None)
        if hasattr(type(answer), "__enter__"):
            with answer:
                str(wg.compile("x/3").grad(1.0))
    except wg.WengertError as problem:
        str(problem), repr(problem.diagnostic.message)
    except Own:
        pass
    except Exception as problem:
        return problem
    return None


DIAGNOSTIC = wg.Diagnostic("W101", "error", "a message")
LIST = wg.parse("x^2*y").wlist
POINT = {"x": 1.0, "y": 2.0}
FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "compile": ("x^2",), "parse": ("x^2",), "load": ("/nowhere",), "load_numbers": ("/nowhere",), "op": ("sin",),
    "import_nl": ("/nowhere",), "run_job": ("/nowhere",),
    "explain": ("W101",), "format": ("x^2",), "record": (lambda x: x, "x"), "register": ("zqz", abs, "1"),
    "from_json": (wg.to_json(LIST),), "to_json": (LIST,), "trace": (LIST, POINT), "render": (DIAGNOSTIC,),
    "as_json": (DIAGNOSTIC,), "WengertList": ([("a", "sin", ("x",))],), "Gradient": (["x"], [1.0]),
    "Matrix": (["f"], ["x"], [[1.0]]), "Values": (["x"], [1.0]), "Limits": (), "Options": (),
    "Function": (wg.parse("x"),), "printing": (), "sample": ("baydin",),
    "read": ("a*x; a = 2",), "minimize": ("x^2*y", {"x": 1.0, "y": 1.0}), "play": ("x^2",), "plot": ("x^2",),
    "play_offline": ("/dev/null/no",),
    "ode": ("x' = -x", {"x": 1.0}), "solve": (["x^2 + y = 3", "y = x"], {"x": 1.0, "y": 1.0}),
    "propagate": ("x^2", {"x": 1.0}, {"x": 0.1}),
    "fit": ("y ~ a*x", {"x": [1.0, 2.0, 3.0], "y": [2.0, 4.0, 6.1]}),
    "map": ("x^2*y", {"x": [1.0, 2.0], "y": [2.0, 4.0]}, "out.csv"),
}  # fmt: skip
CLASSES = {"Diagnostic", "Equation", "Expect", "Expectation", "Kink", "Op", "Program", "Reading", "Recorded", "Source",
           "Span", "Trace", "all_ops", "sample_names"}  # fmt: skip  # records, a class that is not called
TABLES = {"ALIASES", "OPS"}


def named_of(call: Any) -> list[str]:
    """The parameters that can be given by name."""
    kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [n for n, p in inspect.signature(call).parameters.items() if p.kind in kinds and n not in ("self", "f")]


def test_every_public_function_is_tried() -> None:
    errors = {n for n in wg.__all__ if isinstance(found := getattr(wg, n), type) and issubclass(found, Exception)}
    assert set(wg.__all__) - errors - CLASSES - TABLES == set(FUNCTIONS)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of the values are names of files, which are written. Nothing is fetched."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_the_package(name: str) -> None:
    call, good = getattr(wg, name), FUNCTIONS[name]
    broken = []
    for value in odd_values():
        options = named_of(call)[len(good) if name != "record" else 1 :]
        broken += [tried(call, *good[:k], value, *good[k + 1 :]) for k in range(len(good))]
        broken += [tried(call, *good, **{option: value}) for option in options]
        if not isinstance(call, type):  # Python itself says which arguments the call of a class has
            broken += [tried(call, *good, nowhere=value), tried(call, *good, *[value] * 9)]
    assert not [b for b in broken if b is not None]


METHODS = [n for n, m in inspect.getmembers(wg.Function) if callable(m) and (n[0] != "_" or n == "__call__")]
SLOW = {"bench"}  # times kernels: each call that succeeds takes seconds
PROGRAMS = {"x^2*y": POINT, "input x[3], y; sum(x^2)*y": {"x": [1.0, 2.0, 3.0], "y": 2.0}}


@pytest.mark.parametrize("text", PROGRAMS)
@pytest.mark.parametrize("name", [m for m in METHODS if m not in SLOW])
def test_a_method_of_functions(name: str, text: str) -> None:
    f, point = wg.compile(text), PROGRAMS[text]
    call, options = getattr(f, name), named_of(getattr(f, name))
    broken = []
    for value in odd_values():
        broken += [tried(call, value), tried(call, value, 2.0), tried(call, point, value), tried(call, x=value, y=2.0)]
        broken += [tried(call, **{**point, "wrt": value}), tried(call, **{**point, "v": value})]
        for option in options:
            broken += [tried(call, point, **{option: value}), tried(call, **{option: value})]
    assert not [b for b in broken if b is not None]


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda f: f.grad(1, 2, wrt=True), "wrt"),
        (lambda f: f.hessian(1, 2, wrt=3.5), "wrt"),
        (lambda f: f(BadFloat(), 2), "x"),
        (lambda f: f(1, "2"), "y"),
        (lambda f: f(np.zeros((1,) * AXES) if AXES > 32 else None, 2), "x"),
        (lambda f: wg.parse("x", shapes=3), "shapes"),
        (lambda f: wg.parse("x", inputs=3), "inputs"),
        (lambda f: wg.compile("x", inputs=3), "inputs"),
        (lambda f: wg.trace(f.wengert_list, 3), "point"),
        (lambda f: f.emit(wrt=3), "wrt"),
        (lambda f: f.emit("sql", table=3), "table"),
        (lambda f: f.emit("sql", schema=3), "schema"),
        (lambda f: f.emit("sql", dialect=3), "dialect"),
        (lambda f: f.emit("sql", keep=3), "keep"),
        (lambda f: f.emit("sql", values=3), "values"),
        (lambda f: f.derivative(nowhere=3), "nowhere"),
        (lambda f: f.jvp({"x": 1, "y": 2}, 3), "tangent"),
        (lambda f: wg.load(3), "path"),
        (lambda f: wg.to_json(3), "wlist"),
    ],
)
def test_a_wrong_kind_is_a_type_error_that_names_the_argument(call: Callable[[Any], Any], named: str) -> None:
    with pytest.raises(TypeError, match=rf"\b{named}\b") as caught:
        call(wg.compile("x^2*y"))
    assert isinstance(caught.value, wg.UsageError)
    assert caught.value.code.startswith("W6")
    assert caught.value.severity == "error"


def test_an_exception_of_the_callers_own_code_passes() -> None:
    def formula(x: Any) -> Any:
        raise Own

    with pytest.raises(Own):
        wg.record(formula, "x")


def test_a_diagnostic_reads_as_the_command_line_shows_it() -> None:
    (note,) = wg.compile("abs(x)").grad(0.0).notes
    assert str(note) == wg.render(note)


@pytest.mark.parametrize("huge", [10**400, -(10**400), Fraction(10**400, 3)])
@pytest.mark.parametrize("boxed", [lambda v: v, lambda v: [v, 1], lambda v: np.array([v], dtype=object)])
def test_a_number_beyond_float64_is_called_too_large(huge, boxed):
    """It is a number, so that the message does not deny it."""
    with pytest.raises(wg.ArgumentError, match="too large for float64") as raised:
        wg.compile("2*x")(boxed(huge))
    assert "must be a number" not in str(raised.value)


@pytest.mark.parametrize("text", [b"x", b"", bytearray(b"x + 1")])
def test_bytes_are_neither_a_text_nor_a_list(text):
    for read in (wg.compile, wg.WengertList):
        with pytest.raises(wg.WengertError, match="not bytes"):
            read(text)
