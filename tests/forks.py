"""Processes that begin with wengert imported: forks of one that waits. Each is spared the start, which takes longer
than most commands do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

ROOT = Path(__file__).parents[1]

# What waits: it reads a job a line, and answers with the exit status of the fork that has done it.
WAITING = r"""
import io, json, os, resource, runpy, sys, time, traceback
import wengert, wengert.cli
from contextlib import redirect_stdout

# What a short command loads.
with redirect_stdout(io.StringIO()):
    wengert.cli.main(["eval", "sin(x)", "--x", "1"])
encoding, errors = sys.stdin.encoding, sys.stdin.errors


def work(job):
    for fd, (path, flags) in enumerate(zip(job["files"], (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY))):
        os.dup2(os.open(path, flags), fd)
    sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False), encoding, errors)
    sys.stdout, sys.stderr = (io.TextIOWrapper(open(fd, "wb", closefd=False), encoding) for fd in (1, 2))
    os.chdir(job["folder"])
    for name, most in job["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))
    status = 0
    try:
        if job["code"] is None:
            sys.argv = ["wengert", *job["words"]]
            runpy.run_module("wengert", run_name="__main__", alter_sys=True)
        else:
            exec(compile(job["code"], "<code>", "exec"), {"__name__": "__main__"})
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else end.code is not None
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush(), sys.stderr.flush()
    os._exit(status)


for line in open(0, closefd=False):
    child = os.fork()
    job = json.loads(line)
    if not child:
        work(job)
    late = time.monotonic() + job["seconds"]
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > late:
            os.kill(child, 9)
        time.sleep(0.002)
    print(os.waitstatus_to_exitcode(ended[1]), flush=True)
"""


class Answered(NamedTuple):
    """The exit status of a process, minus the signal that ended it, and what it wrote."""

    status: int
    out: str
    err: str


class Forks:
    """A process that waits for commands and code; each is done by a fork of it."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "PYTHONWARNINGS": ""}
        self._process = subprocess.Popen(
            [sys.executable, "-c", WAITING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self._folder = tempfile.TemporaryDirectory()

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()
        self._folder.cleanup()

    def run(
        self,
        words: Sequence[str] = (),
        *,
        code: str | None = None,
        stdin: bytes = b"",
        folder: Path = ROOT,
        limits: dict[str, int] | None = None,
        seconds: float = 120,
    ) -> Answered:
        """Run the command `wengert` with words, or else code; limits are those of `resource`, by their names."""
        typed, *written = (Path(self._folder.name) / name for name in ("in", "out", "err"))
        typed.write_bytes(stdin)
        for path in written:
            path.write_bytes(b"")
        job = {
            "words": list(words), "code": code, "folder": str(folder), "limits": limits or {}, "seconds": seconds,
            "files": [str(typed), *map(str, written)],
        }  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        return Answered(status, *(path.read_text(encoding="utf-8", errors="replace") for path in written))
