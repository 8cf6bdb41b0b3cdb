"""`wengert trace --step`: the steps are those of the tables, none is shown too early, and keys walk through them."""

from __future__ import annotations

import re
import struct
import sys
from pathlib import Path
from typing import Any

import pytest

import wengert as wg
from tests.page.reading import LONG
from tests.terminals import Terminal
from wengert.cli.main import main
from wengert.ground.errors import cells
from wengert.ground.sweep_colours import coloured
from wengert.lists.array_text import printing
from wengert.show.stepped_trace import KEYS, SteppedTrace

WORDS = ("trace", "(2*x1+x2)^2", "--x1", "3", "--x2", "7", "--step")
PROGRAMS: list[tuple[str, dict[str, Any]]] = [
    ("(2*x1+x2)^2", {"x1": 3, "x2": 7}),
    ("y = ln(x1) + x1*x2 - sin(x2)", {"x1": 2, "x2": 5}),
    ("f = sum(relu(x @ w)^2)", {"x": [[2, 1, -3], [-3, 4, 2]], "w": [1, 3, 1]}),
    ("where(x > 0, sqrt(x), 0) + abs(y)", {"x": -1, "y": 0}),
    ("x", {"x": 1}),
    ("sum(x*k for k in 0:300)", {"x": 1}),
    ("数 + a_name_that_is_much_longer_than_any_terminal_of_eighty_columns_could_ever_show_in_one_line*2", {}),
]


def stepped(text: str, point: dict[str, Any], sweep: str = "both") -> tuple[SteppedTrace, Any]:
    f = wg.compile(text)
    trace = f.trace(point or dict.fromkeys(f.inputs, 2.0), direction=dict.fromkeys(f.inputs[:1], 1.0)
                    if sweep == "tangent" else None)  # fmt: skip
    return SteppedTrace(trace, sweep, f.program), trace


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (79, 12), (40, 6)])
@pytest.mark.parametrize(("text", "point"), PROGRAMS)
def test_every_screen_fits(text: str, point: dict[str, Any], width: int, height: int) -> None:
    steps, _ = stepped(text, point)
    for k in range(steps.count):
        lines = steps.shown(k, width, height)
        assert len(lines) <= height
        assert max(map(cells, lines)) <= width
        assert any(line.startswith("▸ ") for line in lines) or height < 8


SHORT = [p for p in (Path(__file__).parents[2] / "samples").glob("*.wengert") if p.stem not in LONG]


@pytest.mark.parametrize("width", [80, 120])
def test_tables_fit_the_terminal_and_colours_take_no_room(width: int) -> None:
    for path in SHORT:
        f = wg.compile(path.read_text("utf-8"))
        with printing(width=width):
            plain = f.trace_table(), f.graph(format="terminal")
            with coloured(True):
                painted = f.trace_table(), f.graph(format="terminal")
        assert max(map(cells, "\n".join(plain).splitlines())) <= width, path.stem
        assert [re.sub(r"\x1b\[\d+m", "", text) for text in painted] == list(plain)
        assert "\x1b[36m" in painted[0]
        # A product stands with both its factors, or is no equation.
        reverse = plain[0].partition("Reverse sweep")[2]
        assert ("local =" in reverse) == ("upstream ×" in reverse), path.stem


def test_a_terminal_shows_colours_where_it_may(tmp_path: Path, capsys: Any) -> None:
    for words in (("trace", "x^2", "x=3"), ("graph", "x^2", "x=3", "--format", "terminal")):
        assert main([*words, "--color", "always"]) == 0
        assert capsys.readouterr().out.count("\x1b[36m") > 0
        assert main([*words, "--color", "auto"]) == 0
        assert "\x1b" not in capsys.readouterr().out
    assert main(["graph", "x^2", "x=3", "-o", str(tmp_path / "c.txt"), "--color", "always"]) == 0
    assert "\x1b" not in (tmp_path / "c.txt").read_text("utf-8")


@pytest.mark.parametrize("sweep", ["both", "forward", "reverse", "tangent"])
@pytest.mark.parametrize(("text", "point"), PROGRAMS[:2])
def test_the_steps_are_the_tables(text: str, point: dict[str, Any], sweep: str) -> None:
    """The last screen of a sweep, on a wide terminal, has the lines of its table."""
    steps, _ = stepped(text, point, sweep)
    f = wg.compile(text)
    table = f.trace_table(point, sweep=sweep, direction={f.inputs[0]: 1.0}).splitlines()
    shown = [line[2:] for k in range(steps.count) for line in steps.shown(k, 140, 90) if line[:2] in ("▸ ", "  ")]
    rows = [line[2:] for line in table if line.startswith("  ")]
    assert rows
    assert set(rows) <= set(shown)


def test_nothing_is_shown_before_its_step() -> None:
    steps, trace = stepped(*PROGRAMS[1])
    forward = len(trace.wlist.inputs) + len(trace.forward)
    assert steps.count == forward + len(trace.reverse)
    for k in range(steps.count):
        lines = steps.shown(k, 120, 60)
        screen = "\n".join(lines)
        rule = next(n for n, line in enumerate(lines) if "───" in line)
        assert lines.index("", rule) - rule - 1 == (k if k < forward else k - forward) + 1
        assert ("Forward sweep" in screen) == (k < forward)
        assert ("Gradient" in screen) == (k == steps.count - 1)
        values = [s.output for s in trace.forward[max(0, k + 1 - len(trace.wlist.inputs)) :]]
        if k < forward:
            assert not [n for n in values if re.search(rf"^..{n} = ", screen, re.MULTILINE)]
            continue
        step = trace.reverse[k - forward]
        (product,) = [line.split("local ")[1].strip() for line in lines if "upstream × local" in line]
        upstream, local, downstream = (f"{v:.6g}" for v in (step.upstream, step.local, step.downstream))
        assert product == f"{upstream} × {local} = {downstream}"


def test_without_a_terminal_all_is_printed(capsys: Any) -> None:
    assert main(list(WORDS)) == 0
    stepped = capsys.readouterr().out
    assert main(list(WORDS[:-1])) == 0
    assert capsys.readouterr().out == stepped


@pytest.mark.parametrize("words", [("--format", "json"), ("--local",), ("--format", "latex")])
def test_it_goes_with_text_alone(words: tuple[str, ...], capsys: Any) -> None:
    assert main([*WORDS, *words]) == 2
    assert "error[W630]" in capsys.readouterr().err


def sized(terminal: Terminal, columns: int, lines: int) -> None:
    import fcntl
    import termios

    fcntl.ioctl(terminal.screen, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def command(tmp_path: Path, *words: str, **environment: str) -> Terminal:
    root = str(Path(__file__).parents[2])
    return Terminal([sys.executable, "-m", "wengert", *words], tmp_path,
                    **{"TERM": "xterm", "PYTHONPATH": root, **environment})  # fmt: skip


def test_keys_walk_through_the_sweeps(tmp_path: Path) -> None:
    with command(tmp_path, *WORDS) as terminal:
        sized(terminal, 80, 24)
        terminal.until("step 1 of 11")
        for keys, step in [
            ("\x1b[C", 2), (" ", 3), ("\x1b[D", 2), ("\x1bOC", 3), ("x\x1b[Z", 3), ("\x1b[F", 11), ("\x1b[C", 11),
            ("p", 10), ("\x1b[H", 1), ("\x1b[D", 1), ("   ", 4),
        ]:  # fmt: skip
            terminal.type(keys)
            terminal.until(f"step {step} of 11")
            terminal.until(KEYS)
        sized(terminal, 60, 20)
        terminal.type("\x1b[F")
        terminal.until("step 11 of 11")
        terminal.until("∂v3/∂x1 = 52")
        terminal.type("q")
        assert "\x1b[?1049l" in terminal.until("\x1b[?1049l") + "\x1b[?1049l"
        assert terminal.ended() == 0


def test_the_terminal_is_as_before_after_an_interrupt(tmp_path: Path) -> None:
    with command(tmp_path, *WORDS) as terminal:
        terminal.until("step 1 of 11")
        terminal.until(KEYS)
        terminal.type("\x03")
        terminal.until("\x1b[?25h\x1b[?1049l")
        assert terminal.ended() == 130


def test_a_terminal_that_cannot_move_its_cursor_gets_the_listing(tmp_path: Path) -> None:
    with command(tmp_path, *WORDS, TERM="dumb") as terminal:
        assert "Reverse sweep" in terminal.until("Gradient")
        assert terminal.ended() == 0


def test_notes_come_after_the_walk(tmp_path: Path) -> None:
    with command(tmp_path, "trace", "log(x)", "--x", "-1", "--step") as terminal:
        terminal.until(KEYS)
        terminal.type("q")
        terminal.until("error[W201]")
        assert terminal.ended() == 1
