"""Bars on long work: shown on a terminal alone, after two seconds, and gone when the work ends."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import wengert as wg
from tests.terminals import Terminal
from wengert.cli import progress
from wengert.cli.main import main
from wengert.ground.progress import progressing, telling

CHECK = ("check", "sum(x[i]^2*y for i in 0:3)*a*b*c", "--x", "[1,2,3]", "--y", "2", "--a", "1", "--b", "2", "--c", "3")


@pytest.mark.parametrize("count", [0, 1, 7])
def test_a_loop_tells_each_turn_and_its_end(count: int) -> None:
    told: list[tuple[int, int, str]] = []
    with telling(lambda *state: told.append(state)):
        assert list(progressing(range(count), "work")) == list(range(count))
    assert told == [(k, count, "work") for k in range(count + 1)]
    told.clear()
    assert list(progressing(range(count), "work")) == list(range(count))
    assert not told


def test_the_end_is_told_after_an_exception() -> None:
    told: list[int] = []
    with telling(lambda done, count, work: told.append(done)):
        loop = progressing([0, 1, 2], "work")
        assert next(loop) == 0
        with pytest.raises(ZeroDivisionError):
            loop.throw(ZeroDivisionError())  # type: ignore[attr-defined]
    assert told == [0, 3]


def test_a_bar_waits_and_clears_itself(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    now = [100.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    bar = progress.Bar()
    for k, seconds in enumerate([0.0, 1.0, 0.9]):
        now[0] += seconds
        bar(k, 10, "checking")
    assert capsys.readouterr().err == ""
    now[0] += 0.2
    bar(3, 10, "checking")
    shown = capsys.readouterr().err
    assert "checking" in shown
    assert "3 of 10" in shown
    assert "about 5 s left" in shown
    bar(4, 10, "checking")
    assert capsys.readouterr().err == ""
    bar(10, 10, "checking")
    assert capsys.readouterr().err == "\r\x1b[K"
    bar(0, 10, "checking")
    now[0] += 1.0
    bar(1, 10, "checking")
    bar.clear()
    assert capsys.readouterr().err == ""


def test_each_loop_of_a_command_tells() -> None:
    told: dict[str, int] = {}

    def tell(done: int, count: int, work: str) -> None:
        told[work] = done

    with telling(tell):
        wg.compile("x*y").check(x=1, y=2)
        assert told.pop("checking") == 2
        wg.compile("sum(x)*y").check(x=[1.0, 2.0], y=2)
        assert told.pop("checking") == 2


def test_without_a_terminal_there_is_no_bar(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(progress, "WAIT", 0.0)
    assert main(list(CHECK)) == 0
    assert "checking" not in capsys.readouterr().err


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_a_terminal_has_a_bar_that_goes(term: str, tmp_path: Path) -> None:
    code = "import sys; from wengert.cli import progress, main; progress.WAIT = progress.BETWEEN = 0; "
    code += "sys.exit(main(sys.argv[1:]))"
    root = str(Path(__file__).parents[2])
    with Terminal([sys.executable, "-c", code, *CHECK], tmp_path, TERM=term, PYTHONPATH=root) as terminal:
        before = terminal.until("comparisons agree")
        assert ("checking" in before) == (term == "xterm")
        assert "checking" not in before.rpartition("\r\x1b[K")[2]
        assert terminal.ended() == 0


JOBS = {
    "minimizing": lambda: wg.minimize("(x - 1)^4 + y^2", {"x": 3.0, "y": 1.0}),
    "solving": lambda: wg.solve("x^3 = 2", {"x": 1.0}),
    "integrating": lambda: wg.ode("x' = -x", {"x": 1.0}, t=(3, 0)),
    "fitting": lambda: wg.fit("y ~ a*exp(b*x)", {"x": [0, 1, 2], "y": [1, 2, 4.1]}, start={"a": 1, "b": 1}),
}


@pytest.mark.parametrize("work", JOBS)
def test_jobs_tell_their_turns(work: str) -> None:
    pytest.importorskip("scipy")
    told: list[tuple[int, int, str]] = []
    with telling(lambda *state: told.append(state)):
        JOBS[work]()
    assert len(told) > 3
    assert {one[2] for one in told} == {work}
    assert told[-1] == (0, 0, work)
    done = [one[0] for one in told[:-1]]
    if work == "integrating":
        assert {one[1] for one in told[:-1]} == {100}
        assert all(0 <= d < 100 for d in done)
        assert done[-1] > 90
    else:
        assert done == list(range(1, len(told)))
    assert not told.clear()
    JOBS[work]()
    assert not told


def test_a_bar_without_an_end_counts(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    now = [100.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    bar = progress.Bar()
    bar(1, 0, "fitting")
    now[0] += 2.5
    bar(1234, 0, "fitting")
    assert capsys.readouterr().err == "\r\x1b[Kfitting  1,234 evaluations, 2 s"
    bar(0, 0, "fitting")
    assert capsys.readouterr().err == "\r\x1b[K"
