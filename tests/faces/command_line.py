"""The command line in a process of its own, its JSON read strictly, and the sample programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "samples").glob("*.wengert"))


class Done(NamedTuple):
    code: int
    out: str
    err: str


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
