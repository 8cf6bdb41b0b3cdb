"""The command line in a process of its own or in this one, its JSON read strictly, and the sample programs."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
import warnings
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest

from wengert.cli import main

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "samples").glob("*.wengert"))


class Done(NamedTuple):
    code: int
    out: str
    err: str


def plain_words(line: str) -> list[str] | None:
    """The words of a line that is no more than a command of ours; None if it needs a shell."""
    unquoted = re.sub(r'".*?"|\'.*?\'', "", line, flags=re.DOTALL)
    if not line.startswith("wengert ") or re.search(r"[|&<>;$*#~`?]|\\", unquoted):
        return None
    return shlex.split(line)[1:]


def answered(
    words: Sequence[str], folder: Path, stdin: bytes = b"", *, merged: bool = False, **environment: str
) -> Done:
    """Run a command line in this process, as if in one of its own; `merged` writes stderr to stdout."""
    before, typed = Path.cwd(), io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    os.chdir(folder)
    try:
        with (
            mock.patch.dict(os.environ, environment), mock.patch.object(sys, "stdin", typed), redirect_stdout(out),
            redirect_stderr(out if merged else err), warnings.catch_warnings(),
        ):  # fmt: skip
            warnings.simplefilter("ignore")
            code = main(words)
    finally:
        os.chdir(before)
    out.seek(0), err.seek(0)
    return Done(code, out.read(), err.read())


def strict_json(text: str) -> Any:
    """JSON without the NaN and Infinity that Python reads and nobody else does."""
    return json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))


def process(*words: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "wengert", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        **options,
    )
