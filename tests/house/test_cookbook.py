"""The pages of docs/ do what they say: their blocks run one after the other, each page in a folder of its own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.house.test_readme import Command, blocks, commands, execute, run_block, shell

__all__ = ["shell"]  # the fixture, which the pages share with the README

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_a_page_runs(path: Path, shell: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python shares its names, and the folder with the commands; output is compared where a page shows it."""
    text = path.read_text(encoding="utf-8")
    for needed in re.findall(r"^import (\w+)", text, re.MULTILINE):
        pytest.importorskip(needed)
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    count = 0
    for block in blocks(text):
        if block.kind == "python":
            run_block(block, names, path.name)
        elif block.kind == "console":
            for command in commands(block):
                execute(command, shell, tmp_path)
        elif block.kind == "sh":
            for line in apart(block.text):
                execute(Command(line, block.line, "…\n", 0), shell, tmp_path)
        else:
            continue
        count += 1
    assert count, f"{path.name} has no block that runs"


def apart(text: str) -> list[str]:
    """The commands of an `sh` block, each of which may run alone; all together where one says something to others."""
    lines = re.sub(r"\\\n *", "", text).strip().split("\n")
    lines = [line for line in lines if line and not line.startswith("#")]
    alone = all(line.split()[0] in ("wengert", "printf", "cat", "head", "python") for line in lines)
    return lines if alone else [f"set -e\n{text}"]


def test_the_index_names_every_page() -> None:
    named = set(re.findall(r"\(([a-z_]+)\.md\)", (ROOT / "docs" / "README.md").read_text(encoding="utf-8")))
    assert named == {p.stem for p in PAGES} - {"README"}


def anchors(text: str) -> set[str]:
    """The places of a page that a link may name, spelled as GitHub spells them."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "SECURITY.md", *PAGES], ids=lambda p: p.stem)
def test_links_lead_somewhere(path: Path) -> None:
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        page = path.parent / name if name else path
        if ":" in target:
            continue
        if not page.exists() or anchor and anchor not in anchors(page.read_text(encoding="utf-8")):
            lost.append(target)
    assert not lost
