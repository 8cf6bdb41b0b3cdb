"""The words of the package: plain English where people read, retired names nowhere, and one meaning for each name.

A docstring that has to be read twice is a defect that no other test finds. The three laws are functions of sources, so
each is also tried on sources that break it.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "wengert"

# Words and phrases that make a sentence hard to read, or that name no notion of the field.
WORDS = (
    "what", "whatever", "whoever", "nobody", "that which", "of which", "as wholes", "so many", "turned about", "kin",
    "utils", "helper", "helpers", "manager",
)  # fmt: skip

# Names of functions, classes and constants that gave way to the field's words. Retired names that are also ordinary
# words, such as `matrix` and `frame`, may come back with another meaning.
RETIRED = (
    "ArrayCall", "Bound", "Compiled", "Facts", "Flat", "Gathered", "Later", "Locals", "Plan", "Reverse", "Setting",
    "SizedFunction", "Whole", "_company", "interaction", "look", "paced", "pull", "pulled", "push", "pushed", "rows_of",
    "slopes", "text_rule", "watch", "whole_rule",
)  # fmt: skip
RETIRED_FILES = (
    "bessel_functions", "blocks", "bounds", "calls", "compiling", "diagnosis", "filtering", "matrix_shapes", "moving",
    "outlines", "points", "real", "reducing", "shaping", "special_functions", "spelling", "statics", "tensors",
    "tensors_linalg", "undoing", "wholes",
)  # fmt: skip
# The same family of ops has one name in these four folders.
FAMILIES = ("ops/rows", "ops/floats", "ops/arrays", "ops/shapes")
# Code, and titles in quotation marks.
CODE = re.compile(r"``.*?``|`[^`]*`|\"[^\"]*\"", re.DOTALL)


def sources() -> dict[str, str]:
    """The text of every module, by its path within the package."""
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in sorted(ROOT.rglob("*.py"))}


SOURCES = sources()


def prose(text: str) -> Iterator[tuple[int, str]]:
    """The docstrings and the comments of a source, each with its line. A comment may fill several lines of its own."""
    for item in ast.walk(ast.parse(text)):
        documented = isinstance(item, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        if documented and (docstring := ast.get_docstring(item)) is not None:
            yield item.body[0].lineno, docstring
    begun, last, said = 0, 0, ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        line, alone = token.start[0], token.line.lstrip().startswith("#")
        if not alone or line != last + 1:
            yield begun, said
            begun, said = line, ""
        last, said = line if alone else 0, said + token.string.lstrip("#")
    yield begun, said


def unwanted(text: str) -> Iterator[tuple[int, str]]:
    """The words of `WORDS` in the prose of a source, each with the line where its text begins; code is left out."""
    # A source that has none of them anywhere is not taken apart.
    anywhere = re.sub(r"[\s#]+", " ", text)
    words = [word for word in WORDS if re.search(rf"\b{word}\b", anywhere, re.IGNORECASE)]
    for line, said in prose(text) if words else ():
        plain = " ".join(CODE.sub("…", said).split())
        for word in words:
            if re.search(rf"\b{word}\b", plain, re.IGNORECASE):
                yield line, word


@lru_cache(1024)
def read(text: str) -> tuple[set[str], list[str]]:
    """The functions, classes and module-level names that a source defines and the names that it imports; its classes,
    one as often as it is defined."""
    tree = ast.parse(text)
    found, defined = set(), []
    for item in ast.walk(tree):
        if isinstance(item, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found.add(item.name)
            defined += [item.name] if isinstance(item, ast.ClassDef) else []
        elif isinstance(item, ast.ImportFrom):
            found.update(alias.name for alias in item.names)
    for item in tree.body:
        targets = item.targets if isinstance(item, ast.Assign) else [getattr(item, "target", None)]
        found.update(name.id for target in targets if target for name in ast.walk(target) if isinstance(name, ast.Name))
    return found, defined


def classes(files: Mapping[str, str]) -> set[str]:
    """The names of classes that are defined more than once."""
    found = Counter(name for text in files.values() for name in read(text)[1])
    return {name for name, count in found.items() if count > 1}


def shared(paths: Iterable[str]) -> set[str]:
    """The file names that stand in several places; the families of ops, and the commands in `cli`, may repeat one."""
    places: defaultdict[str, set[str]] = defaultdict(set)
    for path in paths:
        folder, _, file = path.rpartition("/")
        if file not in ("__init__.py", "__main__.py") and folder != "cli":
            places[file.removesuffix(".py")].add("ops" if folder in FAMILIES else path)
    return {file for file, found in places.items() if len(found) > 1}


@pytest.mark.parametrize("path", SOURCES)
def test_prose_holds_to_plain_words(path: str) -> None:
    assert not [f"wengert/{path}:{line}: {word}" for line, word in unwanted(SOURCES[path])]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"""What it is."""', [(1, "what")]),
        ('def f():\n    """The list of\n    which it is part."""', [(2, "of which")]),
        ("class A:\n    # That\n    # which follows.\n    x = 1  # a helper", [(2, "that which"), (4, "helper")]),
        ('"""The name `what` is code, and so is ``what``."""\nwhat = "what"', []),
        ("x = 1  # somewhat", []),
    ],
)
def test_the_law_of_words_finds_each_breach(text: str, found: list[tuple[int, str]]) -> None:
    assert list(unwanted(text)) == found


@pytest.mark.xdist_group("names of sources")
def test_retired_names_stay_away() -> None:
    used = {path: read(text)[0] for path, text in SOURCES.items()}
    assert not [f"wengert/{path}: {name}" for name in RETIRED for path in used if name in used[path]]
    assert not [path for path in SOURCES if path.rpartition("/")[2].removesuffix(".py") in RETIRED_FILES]


def test_the_law_of_retired_names_sees_every_definition() -> None:
    text = "from .a import B, c\nD: int = 1\nE, (F, G) = 1, (2, 3)\nclass H:\n    i = 1\n    def j(self): k = 1\n"
    assert read(text)[0] == {"B", "c", "D", "E", "F", "G", "H", "j"}


@pytest.mark.xdist_group("names of sources")
def test_a_class_has_a_name_of_its_own() -> None:
    assert not classes(SOURCES)


def test_a_file_has_a_name_of_its_own() -> None:
    assert not shared(SOURCES)


def test_the_laws_of_own_names_find_each_breach() -> None:
    assert classes({"a.py": "class A: pass\nclass B: pass", "b.py": "def f():\n    class A: pass"}) == {"A"}
    repeated = ("cli/check.py", "jobs/checking/check.py", "ops/rows/beta.py", "ops/floats/beta.py")
    assert shared(dict.fromkeys((*repeated, "a/__init__.py", "b/__init__.py", "a/c.py", "b/d.py"), "")) == set()
    assert shared(dict.fromkeys(("a/c.py", "b/c.py", "cli/c.py"), "")) == {"c"}
    assert shared(dict.fromkeys(("ops/rows/beta.py", "ops/floats/beta.py", "show/beta.py"), "")) == {"beta"}
