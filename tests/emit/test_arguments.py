"""No argument is dropped: a printer writes all arguments of a call, or refuses it."""

from __future__ import annotations

import importlib.util
import itertools
import math
import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from wengert.emit.languages.language import Language
from wengert.emit.naming import Identifiers
from wengert.emit.targets import LANGUAGES
from wengert.ops.arrays.generate import Named
from wengert.ops.bodies import Call, Unread, parts_of
from wengert.ops.printing import Printer
from wengert.ops.sources import FLOATS, Sources
from wengert.ops.stand_ins import stand_in
from wengert.ops.syntax import PythonSyntax, Text

NAMES = "pqrst"
COUNTS = range(1, len(NAMES) + 1)


@cache
def called() -> list[str]:
    """The functions that the bodies call, but for those over lists."""
    keys = {
        part.key
        for module in FLOATS.modules
        for name in FLOATS.names(module)
        if FLOATS.is_function(f"{module}.{name}")
        for part in parts_of(FLOATS.body(f"{module}.{name}"))
        if isinstance(part, Call)
    }
    return sorted(keys - {"math.fsum", "builtins.len", "builtins.divmod"})


def module_of(text: str, folder: Path) -> ModuleType:
    path = folder / "sample_bodies.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("sample_bodies", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """Functions that each call one function with a number of arguments: `f` and its place in `called()`, then the
    number."""
    lines = ["import math", *(f"from wengert.ops.floats import {m}" for m in FLOATS.modules)]
    for (k, key), n in itertools.product(enumerate(called()), COUNTS):
        named = ", ".join(f"{x}: float" for x in NAMES[:n])
        function = key.removeprefix("builtins.")
        lines.append(f"def f{k}_{n}({named}) -> float:\n    return {function}({', '.join(NAMES[:n])})\n")
    text = "\n".join(lines) + "\n"
    module = module_of(text, tmp_path_factory.mktemp("bodies"))
    return Sources({**FLOATS.modules, "sample_bodies": module})


def texts(language: Language, key: str) -> str:
    """The body of a function, printed in a language; "" if it is refused."""
    prelude = language.prelude(Identifiers(language.words, ascii=True))
    try:
        return "\n".join(Printer(language, prelude, language.sources.body(key)).lines())  # type: ignore[arg-type]
    except NotImplementedError:
        return ""


@pytest.mark.parametrize("target", LANGUAGES)
def test_a_spelling_has_all_arguments_or_refuses(target: str) -> None:
    language = LANGUAGES[target]()
    for key, spelling in language.functions.items():
        args = [Text(f"arg{n}") for n in range(6)]
        written = 0
        for n in range(len(args) + 1):
            try:
                text = spelling(args[:n]).text
            except NotImplementedError:
                continue
            written += 1
            assert set(re.findall(r"arg\d", text)) == {a.text for a in args[:n]}, (key, n, text)
        assert written == 1, key
        if FLOATS.has(key):
            assert len(FLOATS.body(key).params) == spelling.arity, key


@pytest.mark.parametrize("target", [name for name in LANGUAGES if name not in ("python", "numpy")])
def test_a_call_in_a_body_has_all_arguments_or_is_refused(target: str, calls: Sources) -> None:
    """Python's own files are copies of the sources, and drop nothing."""
    language = LANGUAGES[target]()
    language.sources = calls
    printed = 0
    for (k, key), n in itertools.product(enumerate(called()), COUNTS):
        if text := texts(language, f"sample_bodies.f{k}_{n}"):
            printed += 1
            assert set(NAMES[:n]) <= set(re.findall(r"\b[a-z]\b", text)), (key, n, text)
            if FLOATS.has(key):
                body = FLOATS.body(key)
                assert n == len(body.params) or body.rest and n >= len(body.params) - 1, (key, n, text)
    assert printed > 100


def test_generated_functions_over_arrays_get_no_argument_too_many(calls: Sources) -> None:
    """NumPy would take it for the array to write to."""
    for (k, key), n in itertools.product(enumerate(called()), COUNTS):
        body = calls.body(f"sample_bodies.f{k}_{n}")
        for part in parts_of(body):
            if isinstance(part, Call) and not FLOATS.has(part.key):
                two = ("max", "min", "pow", "fmod", "atan2", "copysign", "ldexp", "hypot")
                assert len(part.arguments) == 1 + (part.key.partition(".")[2] in two), (key, n)
        assert any(isinstance(part, (Call, Unread)) for part in parts_of(body))


def test_no_variable_has_the_name_of_a_function_that_is_called() -> None:
    """In other languages it would hide it."""
    for module in FLOATS.modules:
        for name in FLOATS.names(module):
            if not module.startswith("fixed_") and FLOATS.is_function(key := f"{module}.{name}"):
                body = FLOATS.body(key)
                known = {stand_in(p.key, FLOATS).partition(".")[2] for p in parts_of(body) if isinstance(p, Call)}
                assert not known & {n for n, _ in (*body.params, *body.locals)}, key


SEVERAL = """
def f(p: float, q: float, r: float, s: float, t: float) -> float:
    return max(p, q, r, s, t) + 8.0 * min(p, q, r, s, t) + 64.0 * max(p, min(q, r, s), t)
"""


def test_largest_and_smallest_of_several_are_pythons(tmp_path: Path) -> None:
    """Also of nan and of zeros with signs, where the first one counts."""
    sources = Sources({**FLOATS.modules, "sample_bodies": module_of(SEVERAL, tmp_path)})
    body = sources.body("sample_bodies.f")
    points = list(itertools.product((1.0, -0.0, 0.0, math.nan, -2.0), repeat=5))[::3]
    syntax = PythonSyntax()
    space: dict[str, object] = {}
    lines = list(Printer(syntax, _Plain(), body).inside(body.statements))
    exec(syntax.function("again", body.params, body.returns, lines), space)
    again = space["again"]
    f = sources.definition("sample_bodies.f").value
    expected = [repr(f(*point)) for point in points]
    assert [repr(again(*point)) for point in points] == expected  # type: ignore[operator]
    if shutil.which("node"):
        assert run_in_node(sources, points) == expected


class _Plain(Named):
    def call(self, key: str, args: Sequence[Text]) -> Text:
        return super().call(key.removeprefix("builtins."), args)


def run_in_node(sources: Sources, points: Sequence[Sequence[float]]) -> list[str]:
    language = LANGUAGES["javascript"]()
    language.sources = sources
    prelude = language.prelude(Identifiers(language.words, ascii=True))
    name = prelude.call("sample_bodies.f", [Text("a")] * 5).text.partition("(")[0]
    rows = [[a if a == a else None for a in point] for point in points]
    rows_text = str(rows).replace("None", "NaN")
    script = "\n".join(prelude.lines()) + (
        f"\nfor (const p of {rows_text}) {{ const y = {name}(...p);"
        " console.log(Object.is(y, -0) ? '-0.0' : Number.isInteger(y) ? y + '.0' : String(y).toLowerCase()); }"
    )
    done = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, timeout=60)
    assert not done.stderr
    return done.stdout.split()
