"""The sample programs: they run, their published numbers hold, and they are what samples/README.md says they are.

The oracle of each sample is inside it: its `expect` lines carry numbers that its source prints, or that were computed
without wengert.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

import wengert as wg

SAMPLES = Path(__file__).parents[2] / "samples"
PATHS = sorted(SAMPLES.glob("*.wengert"))

every_sample = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def agree(a: float, b: float) -> bool:
    """To 1e-12 relative, or both as good as zero beside numbers near one."""
    return math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-13)


@every_sample
def test_expects_hold(path: Path) -> None:
    """Every sample has expects, and each of them holds; a false one is shown with its line."""
    results = wg.load(path).check_expects()
    assert results
    assert not [(r.line, r.text, r.value, r.expected) for r in results if not r.ok]


def asked_of_forward_mode(text: str) -> str:
    """The program with every d(f, x) spelt jvp(f, x, 1), comments dropped."""
    text = re.sub("#.*", "", text)
    while found := re.search(r"(?<![\w/])d\(", text):
        depth, end = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        text = f"{text[: found.start()]}jvp({text[found.end() : end - 1]}, 1){text[end:]}"
    return text


@every_sample
def test_expects_hold_in_forward_mode(path: Path) -> None:
    """The same expects hold when every derivative in the program is a tangent sweep's, nested ones too."""
    text = path.read_text(encoding="utf-8")
    results = wg.compile(asked_of_forward_mode(text)).check_expects()
    assert len(results) == len(wg.load(path).check_expects())
    assert not [(r.line, r.text, r.value, r.expected) for r in results if not r.ok]


@every_sample
def test_expects_hold_as_written(path: Path) -> None:
    """The same expects hold when nothing is fused."""
    results = wg.compile(path.read_text(encoding="utf-8"), fuse=False).check_expects()
    assert not [(r.line, r.text, r.value, r.expected) for r in results if not r.ok]


@every_sample
def test_both_modes_agree(path: Path) -> None:
    """Reverse mode (a sweep an output) and forward mode (a sweep an input) give the same derivatives of all outputs;
    an array moves in all its elements at once."""
    f = wg.load(path)
    jacobian = f.jacobian(mode="reverse")
    for name in f.inputs:
        column = f.jvp({}, {name: 1.0})
        for output, found in zip(f.outputs, [column] if len(f.outputs) == 1 else column, strict=True):
            assert agree(float(np.sum(found)), float(np.sum(jacobian[output, name]))), (output, name)


@every_sample
def test_printed_list_is_the_program(path: Path) -> None:
    """parse(print(list)) == list, and the printed program has the same outputs."""
    wlist = wg.load(path).wengert_list
    again = wg.parse(str(wlist)).wlist
    assert again == wlist
    assert again.outputs == wlist.outputs


def test_kinks_are_noted() -> None:
    """The sample about kink notes gets one for each of abs, max and relu, and none beside the kink."""
    f = wg.load(SAMPLES / "kinks.wengert")
    messages = [note.message for note in f.grad().notes]
    assert [op for op in ("abs", "max", "relu") if any(f"`{op}`" in message for message in messages)] == [
        "abs",
        "max",
        "relu",
    ]
    assert not f.grad(x=1, y=0.5).notes


def test_readme_lists_every_sample() -> None:
    """samples/README.md has a row for each sample and for nothing else."""
    text = (SAMPLES / "README.md").read_text(encoding="utf-8")
    listed = [line.split("](")[1].split(")")[0] for line in text.splitlines() if line.startswith("| [")]
    assert sorted(listed) == [path.name for path in PATHS]


@every_sample
def test_says_its_source(path: Path) -> None:
    """A sample opens with what it teaches and names where its numbers come from."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert "\n# Source: " in text


@pytest.mark.parametrize(
    ("answer", "holds"),
    [
        ("3", True), ("3.0", True), ("2.96", False), ("3.04", False), ("2.9999999999", False), ("4", False),
        ("-3", False), ("inf", False), ("-inf", False), ("nan", False), ("3.000000000001", True),
    ],
)  # fmt: skip
def test_false_expects_are_found(answer: str, holds: bool) -> None:
    """An expect is only worth something if it can fail: the answer is compared as rounded to the digits written."""
    (result,) = wg.compile(f"input x = 3\noutput x\nexpect x = {answer}").check_expects()
    assert result.ok is holds
