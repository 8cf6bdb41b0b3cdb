"""Tests stand in the folders of what they test, and find each other by import alone."""

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = set("house language ops sweeps lists kernels emit faces page corpora".split())


def test_every_test_has_a_folder_and_a_name_of_its_own():
    found = [path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")]
    assert {path.parent.as_posix() for path in found} == FOLDERS
    assert not [name for name, count in Counter(path.name for path in found).items() if count > 1]


def test_every_folder_is_a_package():
    folders = {path.parent for top in ("tests", "benchmarks") for path in (ROOT / top).rglob("*.py")}
    assert not [folder for folder in folders if not (folder / "__init__.py").is_file()]


def test_nothing_changes_the_path_of_imports():
    for top in ("tests", "benchmarks"):
        for path in (ROOT / top).rglob("*.py"):
            words = [n for n in ast.walk(ast.parse(path.read_bytes())) if isinstance(n, ast.Attribute)]
            named = [n.value.id for n in words if n.attr == "path" and isinstance(n.value, ast.Name)]
            assert "sys" not in named, path
