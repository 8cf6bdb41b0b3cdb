"""The session in a terminal: completions, prompts, interruptions and the history."""

from __future__ import annotations

import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faces.command_line import ROOT
from tests.faces.sessions import typed
from tests.terminals import Terminal
from wengert.ops import ALIASES, CONSTANTS, OPS
from wengert.repl import VERBS, Session, completions


def test_completions() -> None:
    session = typed("length = 3", "lever = 2*width", "def lens(t) = t")
    assert completions(session, "2*len") == ["len(", "length", "lens("]
    assert completions(session, "leve") == ["lever"]
    assert completions(session, "wi") == ["width", "with"]
    assert completions(session, "sinh") == ["sinh("]
    assert {"tan(", "tanh(", "tau", "taylor("} <= set(completions(session, "f = 1 + ta"))
    assert completions(session, ":tr") == ["trace"]
    assert completions(session, ":") == sorted(VERBS)
    assert completions(session, ":grad 2*len") == ["len(", "length", "lens("]
    assert completions(session, ":ops sin") == sorted(n for n in [*OPS, *ALIASES] if n.startswith("sin"))
    assert completions(session, ":help l") == ["list", "load"]
    assert completions(session, ":clear a le") == ["length", "lens", "lever"]
    assert completions(session, ":vars x") == []
    assert completions(session, ":nothing x") == []
    assert {*CONSTANTS, "for", "input", "sum(", "d("} <= set(completions(session, ""))


def test_paths_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    for name in ("a.wengert", "a-b.wengert", "a.txt", ".hidden.wengert"):
        (tmp_path / "models" / name).touch()
    session = Session()
    assert completions(session, ":load mod") == ["models/"]
    assert completions(session, ":load models/") == ["a-b.wengert", "a.wengert"]
    assert completions(session, ":save! models/a-") == ["b.wengert"]
    assert completions(session, ":load nowhere/") == []


# In a terminal


# The prompts, each at the beginning of a line.
FIRST, MORE = "\n> ", "\n. "


def terminal(home: Path) -> Terminal:
    environment = {"XDG_STATE_HOME": str(home / "state"), "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return Terminal([sys.executable, "-m", "wengert", "repl"], home, **environment)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Terminal]:
    with terminal(tmp_path) as made:
        yield made


def test_a_session_in_a_terminal(screen: Terminal, tmp_path: Path) -> None:
    screen.until(":help")
    screen.until(FIRST)
    screen.type("x = 3\n")
    screen.until(FIRST)
    screen.type("(x +\n")
    screen.until(MORE)
    screen.type("1)*1000\n")
    screen.until("4000")
    screen.until(FIRST)
    screen.type("2x\n")
    screen.until("W006")
    screen.until(FIRST)
    screen.type("(1 +\n")
    screen.until(MORE)
    time.sleep(0.5)  # an interrupt is lost while readline takes over the terminal
    screen.type("\x03")  # Ctrl-C abandons the entry
    screen.until(FIRST)
    screen.type("(1 +\n")
    screen.until(MORE)
    screen.type("\n")  # an empty line ends it
    screen.until("never closed")
    screen.until(FIRST)
    screen.type("x*7\n")
    screen.until("21")
    screen.until(FIRST)
    screen.type("\x04")  # Ctrl-D leaves
    assert screen.ended() == 0
    pytest.importorskip("readline")
    history = tmp_path / "state" / "wengert" / "history"
    assert "x*7" in history.read_text(encoding="utf-8")
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert stat.S_IMODE(history.parent.stat().st_mode) == 0o700


def test_tab_completes(screen: Terminal) -> None:
    pytest.importorskip("readline")
    screen.until(FIRST)
    screen.type("wavelength = 3\n")
    screen.until(FIRST)
    screen.type("wavel\t*111\n")
    screen.until("wavelength")
    screen.until("333")
    screen.until(FIRST)
    screen.type(":qu\t\n")
    assert screen.ended() == 0


def test_a_computation_is_interrupted(screen: Terminal) -> None:
    screen.until(FIRST)
    screen.type("x = 7\n")
    screen.until(FIRST)
    screen.type("for k in 0:900000 { x = x + k }\n")
    time.sleep(0.5)  # long enough to begin, and too short to end
    screen.type("\x03")
    screen.until(FIRST)
    screen.type("x*111\n")
    screen.until("777")
    screen.until(FIRST)
    screen.type(":quit\n")
    assert screen.ended() == 0


def test_no_history_is_no_harm(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, where a directory should be", encoding="utf-8")
    with terminal(tmp_path) as screen:
        screen.until(FIRST)
        screen.type("1 + 1\n")
        screen.until(FIRST)
        screen.type("\x04")
        assert screen.ended() == 0
