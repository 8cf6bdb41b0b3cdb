"""Modules that a program of numbers, or a command, loads in a new process: no heavy package, and little else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from tests.house.test_layers import ROOT, sources


def loaded(code: str) -> set[str]:
    """Top-level packages outside the standard library that running the code in a new process loads."""
    report = "import json, sys; print(); print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    both = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", f"{text}\n{report}"],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                check=True,
                encoding="utf-8",
            ).stdout.splitlines()[-1]
        )
        for text in (code, "")
    ]
    return set(both[0]) - set(both[1]) - sys.stdlib_module_names


@pytest.mark.parametrize(
    "code",
    [
        "import wengert",
        "import wengert as wg; f = wg.compile('sin(x)*y^2 + max(x, 2)'); f.value_and_grad(x=3, y=7); f.trace(x=3, y=7)",
        "import pickle, wengert as wg; pickle.loads(pickle.dumps(wg.compile('x^2')))(3)",
        "import wengert as wg; wg.compile('d(x^3, x)').hessian(x=2)",
        "from wengert.cli import main; main(['eval', '(2*x1+x2)^2', '--x1', '3', '--x2', '7'])",
        "from wengert.cli import main; main(['trace', 'x*y', '--x', '3', '--y', '7'])",
    ],
)
def test_scalars_load_no_other_package(code: str) -> None:
    assert loaded(code) == {"wengert"}


def test_a_loaded_package_is_seen() -> None:
    assert loaded("import numpy") >= {"numpy"}


# Modules that a command for one value and gradient does without.
SPARED = {
    "json", "pathlib", "tempfile", "importlib.resources", "numpy", "wengert.transforms.derivatives",
    "wengert.transforms.builder", "wengert.transforms.patterns", "wengert.transforms.expand", "wengert.sweeps.tangent",
    "wengert.sweeps.taylor", "wengert.kernels.flat_python", "wengert.kernels.derived", "wengert.kernels.plans",
    "wengert.language.mistakes.tokens", "wengert.api.reports", "wengert.api.views", "wengert.show", "wengert.emit",
}  # fmt: skip


def test_a_command_loads_little() -> None:
    words = ["wengert", "eval", "(2*x1+x2)^2", "--x1", "3", "--x2", "7"]
    code = f"import sys; sys.argv = {words}; from wengert.cli import main; main(); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.splitlines()[-1].split())
    assert not loaded & SPARED
    # The annotations of typing's own are compiled when a class is made.
    modules = sources()
    assert not [name for name in loaded & set(modules) if re.search(r"from typing import .*NamedTuple", modules[name])
                and name != "wengert.ground.tuples"]  # fmt: skip
