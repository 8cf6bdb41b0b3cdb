"""The public names of the package, numbers of a file, and code that is refused in Python as by the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests.faces.as_printed import (
    refused,
)
from wengert.cli.main import main


@pytest.mark.parametrize(
    ("program", "words", "call"),
    [
        ("A @ x", ("--target", "c"), lambda g: g.emit("c")),
        ("A @ x", ("--target", "rust", "--no-grad"), lambda g: g.emit("rust", grad=False)),
        ("input A[2,2], x[2]\nA @ x", ("--target", "latex"), lambda g: g.emit("latex")),
        ("input A[2,2], x[2]\nA @ x", ("--target", "json"), lambda g: g.emit("json")),
        ("x", ("--target", "c", "--name", "1f"), lambda g: g.emit("c", name="1f")),
    ],
)
def test_code_is_refused_in_the_same_words(
    program: str, words: tuple[str, ...], call: Callable[[Any], str], capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(lambda: call(wg.compile(program)))
    assert main(["emit", program, *words, "--error-format", "json"]) == 2
    told = json.loads(capsys.readouterr().err)
    assert (told["code"], told["message"], told["help"]) == (said.code, said.message, said.help)


@pytest.mark.parametrize("ending", ["npy", "csv", "json", "txt"])
def test_numbers_of_a_file(ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--x @x.csv` and `load_numbers` read one array."""
    path = tmp_path / f"x.{ending}"
    if ending == "npy":
        np.save(path, np.array([1.0, 2.5]))
    else:
        path.write_text("[1, 2.5]" if ending == "json" else "1\n2.5\n")
    assert main(["eval", "sum(x^2)", "--x", f"@{path}", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["value"] == wg.compile("sum(x^2)")([wg.load_numbers(path)]) == 7.25


def test_the_public_names_are_listed() -> None:
    listed = dir(wg)
    assert {"sin", "matmul", "where", "compile", "Options", "format", "explain", "all_ops", "__version__"} <= set(
        listed
    )
    for name in listed:
        assert getattr(wg, name) is not None, name


# A name is added here on purpose: all that serves the package itself begins with an underscore.
OF_A_FUNCTION = """
    at at_shapes bench bind blame check check_expects circuit constants costs counts dask derivative derivatives dtype
    emit error_bounds fit flat frame fuse fused grad gradient_function gradient_list graph hessian hessian_diagonal
    hvp inputs jacobian jvp kernel kink limits local_jacobians map nl_files normal_equations notes options outputs
    page plan plot plotted program propagate reading_list receipts running_list shapes simplified sparse_hessian
    sparse_jacobian strict structure taylor total trace trace_table value_and_grad vjp wengert_list with_options
    written_list
"""


def test_a_function_shows_its_public_names_alone() -> None:
    f = wg.compile("(2*x1 + x2)^2")
    f.bind()(3, 7)
    f.hessian(3, 7)
    assert [n for n in dir(f) if not n.startswith("_")] == OF_A_FUNCTION.split()
    plain = {"program", "options", "fuse", "kink", "strict", "limits", "dtype", "constants"}
    assert {n for n in OF_A_FUNCTION.split() if not getattr(wg.Function, n, f).__doc__} <= plain


def test_a_trace_of_all_that_compile_takes() -> None:
    f = wg.compile("(2*x1 + x2)^2")
    told = f.trace(3, 7)
    for program in ("(2*x1 + x2)^2", f, f.wengert_list, [tuple(e) for e in f.wengert_list.equations]):
        for found in (wg.trace(program, 3, 7), wg.trace(program, {"x1": 3, "x2": 7}), wg.trace(program, x1=3, x2=7)):
            assert (found.values, found.adjoints) == (told.values, told.adjoints)
    assert wg.trace("abs(x)", x=0, kink="left").adjoints["x"] == -1
    assert refused(lambda: wg.trace("(2*x1 +", x1=3)).span is not None


def test_a_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"wengert {wg.__version__}\n"
