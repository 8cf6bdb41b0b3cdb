"""Ctrl-C ends a command with a line of message: while modules load, while it runs, and after its answer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from wengert.cli import main
from wengert.cli.main import COMMANDS, module_of
from wengert.ground import interrupts

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")

# Interrupts the process at its n-th audited event of one kind, so that a moment is the same on every machine.
STARTED = """
import os, sys
kind, n, sys.argv = sys.argv[1], int(sys.argv[2]), ["wengert", *sys.argv[3:]]
seen = 0
def hook(event, arguments):
    global seen
    if event == kind:
        seen += 1
        if seen == n:
            os.kill(os.getpid(), 2)
sys.addaudithook(hook)
from wengert.cli import script
script()
"""
TOLD = "interrupted\n"
QUICK = ("eval", "sin(x)^2", "--x", "1")
LONG = ("eval", "sum(sin(k*x) for k in 0:900000)", "--x", "1", "--limit", "equations=9_999_999")


def interrupted(kind: str, n: int, *words: str) -> tuple[int, str]:
    """The exit code and the messages of a command that is interrupted at an event."""
    done = subprocess.run(
        [sys.executable, "-c", STARTED, kind, str(n), *words], env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60,
        stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize("n", [8, 20, 45, 80, 110])
def test_while_modules_load(n: int) -> None:
    assert interrupted("import", n, *QUICK) == (130, TOLD)


@pytest.mark.parametrize("words", [QUICK, ("trace", "x^2", "--x", "1"), ("list", "x^2"), ("ops", "sin")])
def test_while_files_are_read(words: tuple[str, ...]) -> None:
    assert interrupted("open", 60, *words) == (130, TOLD)


@pytest.mark.parametrize("wait", [0.05, 0.3, 0.6, 1.2])
@pytest.mark.parametrize("start", [("-m", "wengert"), ("-c", "from wengert.cli import script; script()")])
def test_a_long_command(wait: float, start: tuple[str, str]) -> None:
    """A moment of the clock: the interpreter's own start-up, before any of our code, is waited for."""
    code = "import os, sys; sys.argv[0] = 'wengert'; "
    words = (start[0], code + "from wengert.ground import interrupts; os.write(1, b'!'); " + start[1])
    words = words if start[0] == "-c" else start
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPROFILEIMPORTTIME": "" if start[0] == "-c" else "1"}
    with subprocess.Popen(
        [sys.executable, *words, *LONG], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as done:  # fmt: skip
        assert done.stdout is not None
        assert done.stderr is not None
        if start[0] == "-c":
            assert done.stdout.read(1) == "!"
        else:
            while "wengert.ground.names" not in done.stderr.readline():
                continue
        time.sleep(wait)
        done.send_signal(2)
        _, err = done.communicate(timeout=60)
    assert done.returncode == 130
    assert [line for line in err.splitlines() if not line.startswith("import time:")] == [TOLD.strip()]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_that_it_was_interrupted(command: str, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(module_of(command), "run", stopped)
    for _ in range(2):
        assert main([command]) == 130
        assert capsys.readouterr() == ("", TOLD)


# As C code does that drops the exception of a function which it called.
DROPPED = """
import os, sys
sys.argv = ["wengert"]
from wengert.cli import main
import wengert.cli.eval as eval
from wengert.ground import interrupts
interrupts.AGAIN = 0.1
def run(arguments, screen):
    try:
        os.kill(os.getpid(), 2)
        for _ in range(10**4): pass
    except KeyboardInterrupt:
        pass
    for _ in range(RUNS): pass
    return 0
eval.run = run
sys.argv += ["eval", "x"]
sys.exit(main())
"""


@pytest.mark.parametrize("turns", [0, 10**10])
def test_an_interrupt_that_is_dropped_still_ends_the_command(turns: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DROPPED.replace("RUNS", str(turns))], env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (130, TOLD)


def test_commands_are_told_from_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    for argv, words, command in (
        (["/usr/bin/wengert", "eval"], ["python", "/usr/bin/wengert", "eval"], True),
        (["-m", "eval"], ["python", "-m", "wengert", "eval"], True),
        (["-m", "eval"], ["python", "-mwengert", "eval"], True),
        (["-m"], ["python", "-m", "pytest", "wengert"], False),
        (["fit.py", "wengert"], ["python", "fit.py", "wengert"], False),
        ([""], ["python"], False),
        ([], [], False),
    ):
        monkeypatch.setattr(sys, "argv", argv)
        monkeypatch.setattr(sys, "orig_argv", words)
        assert interrupts.is_command() is command


def test_a_program_keeps_its_own_handling() -> None:
    import signal

    before = signal.getsignal(signal.SIGINT)
    assert interrupts.raise_instead() is False
    assert signal.getsignal(signal.SIGINT) is before
