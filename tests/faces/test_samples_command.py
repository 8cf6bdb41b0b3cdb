"""`wengert samples`: every sample is listed, and a copy is the sample, which another file never gives way to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import wengert as wg
from wengert.cli import main

SAMPLES = Path(__file__).parents[2] / "samples"


def test_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["samples"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(path.stem for path in SAMPLES.glob("*.wengert"))
    assert all(len(line.split(None, 1)) == 2 for line in lines)


def test_a_copy_is_the_sample(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["samples", "baydin", "kinks.wengert"]) == 0
    assert capsys.readouterr().out.split() == ["baydin.wengert", "kinks.wengert"]
    for name in ("baydin", "kinks"):
        copy = (tmp_path / f"{name}.wengert").read_text(encoding="utf-8")
        assert copy == (SAMPLES / f"{name}.wengert").read_text(encoding="utf-8") == wg.sample(name)


def test_a_file_that_is_there_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kinks.wengert").write_text("mine")
    assert main(["samples", "baydin", "kinks"]) == 2
    assert "W681" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["kinks.wengert"]
    assert main(["samples", "kinks", "--to", "nowhere"]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_a_name_that_is_similar_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["samples", "baydn", "--json"]) == 2
    told = json.loads(capsys.readouterr().err)
    assert (told["code"], told["help"]) == ("W101", "did you mean `baydin`?")
    with pytest.raises(wg.UnknownName):
        wg.sample("../samples/baydin")


def test_errors_are_json_where_the_answer_is(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["eval", "2x", "--x", "1", "--json"], ["trace", "x", "--json"], ["ops", "sinn", "--json"]):
        assert main(words) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert json.loads(captured.err)["severity"] == "error"
    assert main(["eval", "2x", "--json", "--error-format", "text"]) == 2
    assert capsys.readouterr().err.startswith("error[")


@pytest.mark.parametrize("text", ["abc", "0", "-1", "1.5", "9" * 12])
def test_a_wrong_number_of_threads_is_told(
    text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENGERT_NUM_THREADS", text)
    assert main(["eval", "x", "--x", "1"]) == 2
    assert "WENGERT_NUM_THREADS" in capsys.readouterr().err
    with pytest.raises(wg.UsageError, match="WENGERT_NUM_THREADS"):
        wg.compile("x")


@pytest.mark.parametrize(
    ("words", "mark"),
    [
        (["hessian", "y = 2; [x, x]*y", "--x", "1"], "^^^^^^^^"),
        (["hessian", "f = x; g = x*x; output f, g", "--x", "1"], "^^^"),
        (["hessian", "sum(x)", "--x", "[1,2,3]", "--limit", "elements=5"], "^^^^^^"),
        (["bench", "x", "--x", "1", "--points", "9999999999999"], "^^^^^^"),
    ],
)
def test_an_error_of_a_command_shows_its_place(words: list[str], mark: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) in (2, 3)
    assert mark in capsys.readouterr().err
