"""The option `kernel`: its names, and what a forced kernel says where it cannot run, by call and by command."""

from __future__ import annotations

import importlib
import json
from typing import Any

import numpy as np
import pytest

import wengert as wg
from wengert.api.options import KERNELS
from wengert.cli import main
from wengert.cli.main import COMMANDS, module_of
from wengert.kernels import kernel_names
from wengert.kernels.kernel_names import EXTRA, NAMES
from wengert.kernels.native import engine

INSTALL = 'pip install "wengert[jit]"'
TEXT, POINT = "(2*x1+x2)^2", {"x1": 3.0, "x2": 7.0}
INSTALLED = [name for name in KERNELS if name not in EXTRA or not engine.missing()]
# Commands that compute values or derivatives of a program at a point.
EVALUATING = [name for name in COMMANDS if any(o.name == "kernel" for o in module_of(name).COMMAND.options)]


@pytest.fixture
def without_llvmlite(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A process as it is where llvmlite is not installed."""
    monkeypatch.setitem(importlib.import_module("sys").modules, "llvmlite", None)
    engine.missing.cache_clear()
    engine.machine.cache_clear()
    yield
    engine.missing.cache_clear()
    engine.machine.cache_clear()


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_known_installed_or_not(name: str, without_llvmlite: Any) -> None:
    f = wg.compile(TEXT, kernel=name)
    assert f.options.kernel == name
    assert f.with_options(kernel="auto")(POINT) == 169.0


@pytest.mark.parametrize("name", INSTALLED)
def test_every_installed_kernel_answers_every_kind_of_call(name: str) -> None:
    f, g = wg.compile(TEXT, kernel=name), wg.compile(TEXT)
    many = {"x1": np.linspace(0.0, 3.0, 7), "x2": 2.0}
    for ask in (
        lambda f: f(POINT), lambda f: f.grad(POINT), lambda f: f.jacobian(POINT), lambda f: f.hessian(POINT),
        lambda f: f.hessian_diagonal(POINT), lambda f: f.hvp(POINT, POINT), lambda f: f.sparse_hessian(POINT).dense(),
        lambda f: f.taylor(POINT, POINT), lambda f: f.grad(many)["x1"], lambda f: f(many),
    ):  # fmt: skip
        for _ in range(2):
            np.testing.assert_allclose(np.asarray(ask(f)), np.asarray(ask(g)), rtol=1e-14)
            assert f.kernel.partition(": ")[2]
    assert f.bind()(3.0, 7.0) == (169.0, 52.0, 26.0)


@pytest.mark.parametrize("name", EXTRA)
def test_a_forced_kernel_that_is_not_there_says_what_to_install(name: str, without_llvmlite: Any) -> None:
    f, g = wg.compile(TEXT, kernel=name), wg.compile("input x[2]; sum(x)", kernel=name)
    for ask in (lambda: f(3, 7), lambda: f.value_and_grad(3, 7), lambda: f.hessian(3, 7), lambda: f.bind(),
                lambda: f.hvp((3, 7), (1, 1)), lambda: f(x1=np.ones(3), x2=1.0), lambda: f.sparse_hessian(3, 7),
                lambda: f.hessian_diagonal(3, 7), lambda: g.grad([1, 2])):  # fmt: skip
        for _ in range(2):
            with pytest.raises(wg.UsageError) as problem:
                ask()
            assert problem.value.diagnostic.code == "W650"
            assert INSTALL in problem.value.diagnostic.help
            assert f"`{name}`" in problem.value.diagnostic.message


def test_the_extra_is_the_one_that_the_message_names() -> None:
    tables = pytest.importorskip("tomllib") if importlib.util.find_spec("tomllib") else pytest.skip("no tomllib")
    with open("pyproject.toml", "rb") as file:
        extras = tables.load(file)["project"]["optional-dependencies"]
    assert any(line.startswith("llvmlite") for line in extras["jit"])
    assert INSTALL == kernel_names.INSTALL


@pytest.mark.parametrize("name", ["nativ", "flat", "", "NUMPY", "python ", "jit", "sweeps"])
def test_an_unknown_name_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(wg.UsageError) as problem:
        wg.compile(TEXT, kernel=name)
    assert problem.value.diagnostic.code == "W602"
    for command in EVALUATING:
        words = [command, "samples/baydin.wengert", f"--kernel={name}", "--error-format", "json"]
        assert main(words) == 2
        said = json.loads(capsys.readouterr().err)
        assert said["code"] == "W630"
        assert said["span"]
        assert all(known in said["help"] for known in KERNELS) or said["help"].startswith("did you mean")


@pytest.mark.parametrize("name", [None, 1, ("python",), b"python", float("nan")])
def test_no_name_is_no_kernel(name: Any) -> None:
    with pytest.raises(wg.UsageError, match="W602"):
        wg.compile(TEXT, kernel=name)


def test_the_commands_that_evaluate_take_the_option() -> None:
    assert set(EVALUATING) >= {"eval", "jacobian", "hessian", "run", "check"}


@pytest.mark.parametrize("name", EXTRA)
@pytest.mark.parametrize("command", ["eval", "jacobian", "hessian", "check"])
def test_a_command_says_what_to_install(
    command: str, name: str, without_llvmlite: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, TEXT, "x1=3", "x2=7", "--kernel", name]) == 2
    said = capsys.readouterr().err
    assert "W650" in said
    assert INSTALL in said


def said(f: wg.Function, ask: Any) -> str:
    ask(f)
    return f.kernel


@pytest.mark.parametrize(
    ("text", "options", "ask", "why"),
    [
        ("x^2", {}, lambda f: f.inputs, "nothing ran yet"),
        ("x^2", {}, lambda f: f.taylor([3.0]), "Taylor"),
        ("x^2", {}, lambda f: f.value_and_grad(3.0, mode="forward"), "forward mode"),
        ("x^2", {}, lambda f: f.value_and_grad(3.0, checkpoint=True), "checkpoints"),
        ("abs(x)", {"kink": "error"}, lambda f: f.grad(3.0), "a kink is an error"),
        ("log(x)", {"kernel": "python"}, lambda f: f.grad(-1.0), "not finite"),
        ("log(x)", {"kernel": "python"}, lambda f: f.hessian(-1.0), "not finite"),
        ("log(x)", {"kernel": "python"}, lambda f: f.jvp([-1.0], [1.0]), "not finite"),
        ("pi*x", {"kernel": "python"}, lambda f: f.grad(x=1.0, pi=3.0), "constant"),
        ("x*y", {"kernel": "python"}, lambda f: f.grad(1.0, 2.0), "as asked for"),
        ("x*y", {"kernel": "python"}, lambda f: f.hessian_diagonal(1.0, 2.0), "as asked for"),
        ("x*y", {"kernel": "python"}, lambda f: f.sparse_hessian(1.0, 2.0), "as asked for"),
        ("x*y", {"kernel": "python"}, lambda f: f.sparse_jacobian(1.0, 2.0), "as asked for"),
        ("x*y", {"kernel": "numpy"}, lambda f: f.grad(1.0, 2.0), "`numpy` is for batches"),
        ("x*y", {"kernel": "numpy"}, lambda f: f.grad(np.ones(3), 2.0), "as asked for"),
        ("x*y", {"kernel": "numpy"}, lambda f: f.hessian_diagonal(np.ones(3), 2.0), "as asked for"),
        ("x*y", {}, lambda f: f.grad(1.0, 2.0), "which gets a kernel at call"),
    ],
)
def test_the_kernel_says_why_it_ran(text: str, options: dict[str, str], ask: Any, why: str) -> None:
    f = wg.compile(text, **options)
    told = said(f, ask)
    assert why in told
    assert told.partition(": ")[0] in ("nothing ran yet", "sweeps", *NAMES)


def test_a_call_tells_of_itself_and_not_of_an_earlier_one() -> None:
    f = wg.compile("x^2*y", kernel="python")
    point = {"x": 1.0, "y": 2.0}
    kinds = [
        lambda f: f(point), lambda f: f.grad(point), lambda f: f.jvp(point, point), lambda f: f.vjp(point),
        lambda f: f.jacobian(point), lambda f: f.hessian(point), lambda f: f.hvp(point, point),
        lambda f: f.hessian_diagonal(point), lambda f: f.sparse_hessian(point), lambda f: f.sparse_jacobian(point),
    ]  # fmt: skip
    for ask in kinds:
        assert "Taylor" in said(f, lambda f: f.taylor(point, point))
        assert said(f, ask).startswith("python: ")
