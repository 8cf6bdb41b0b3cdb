"""The command as a process: terminals, pipes, full disks, interruptions and the script's exit codes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faces.command_line import ROOT, process, strict_json


def test_a_terminal_without_unicode() -> None:
    done = process("eval", "λ^2 + log(-λ)", "--λ", "3", "--json", env={"PYTHONIOENCODING": "ascii"})
    out, err = done.communicate(timeout=60)
    assert (done.returncode, err) == (1, "")
    assert strict_json(out)["inputs"] == {"λ": 3}


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals and pipes")
def test_a_reader_that_leaves_is_no_error() -> None:
    with process("list", "s = x\nfor t in 0:30000 { s = s*x }\ns") as done:
        assert done.stdout is not None
        assert done.stderr is not None
        done.stdout.readline()
        done.stdout.close()
        assert done.stderr.read() == ""
    assert done.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_told() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "wengert", "eval", "1"],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, encoding="utf-8", timeout=60,
        )  # fmt: skip
    assert done.returncode == 2
    assert "cannot write the answer" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals and pipes")
def test_an_interrupt_is_told_in_a_line() -> None:
    with process("eval", "sum(sin(k*x) for k in 0:900000)", "--x", "1", "--limit", "equations=9_999_999") as done:
        time.sleep(1.5)
        done.send_signal(signal.SIGINT)
        out, err = done.communicate(timeout=60)
    assert (done.returncode, out, err) == (130, "", "interrupted\n")


def test_the_script_ends_as_the_command_does() -> None:
    """The script of an installed package ends its process at once: nothing that it printed is lost, and whatever is to
    run at the end of the process still runs."""

    def script(*words: str, before: str = "") -> tuple[int, str, str]:
        code = f"{before}\nfrom wengert.cli import script\nscript()"
        done = subprocess.run(
            [sys.executable, "-c", code, *words], env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60,
            stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    for words in (("eval", "x^2", "--x", "3"), ("eval", "log(x)", "--x", "-1"), ("eval", "x +"), ("nothing",),
                  ("list", "s = x\nfor t in 0:3000 { s = s*x }\ns")):  # fmt: skip
        with process(*words) as done:
            out, err = done.communicate(timeout=60)
        assert script(*words) == (done.returncode, out, err)
    at_the_end = "import atexit; atexit.register(print, 'end')"
    assert script("eval", "1", before=at_the_end)[1].endswith("end\n")
    waits = "lambda: (threading.main_thread().join(), print('end'))"
    still_running = f"import threading; threading.Thread(target={waits}).start()"
    assert script("eval", "1", before=still_running)[1].endswith("end\n")
