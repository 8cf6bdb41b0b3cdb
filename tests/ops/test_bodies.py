"""The float functions are read into bodies without loss: printed as Python, each answers as its source does."""

from __future__ import annotations

import ast
import inspect
import math
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any, get_args

import pytest

from wengert.ops import bodies
from wengert.ops.arrays.generate import Named
from wengert.ops.bodies import ARRAY, FLOAT, PAIR, Body, Call, Unread, While, kind_of, parts_of
from wengert.ops.floats import fixed_bessel, fixed_point
from wengert.ops.printing import Printer
from wengert.ops.reader import read
from wengert.ops.sources import FLOATS
from wengert.ops.syntax import PythonSyntax, Text

KEYS = [
    f"{module}.{name}" for module in FLOATS.modules for name in FLOATS.names(module)
    if FLOATS.is_function(f"{module}.{name}")
]  # fmt: skip
# Those that count in Python's large integers, or catch its exceptions, have no body that says all they do.
UNREAD = [key for key in KEYS if any(isinstance(part, Unread) for part in parts_of(FLOATS.body(key)))]
READ = [
    key for key in KEYS
    if key not in UNREAD and not key.startswith("fixed_") and FLOATS.body(key).returns in (FLOAT, PAIR)
]  # fmt: skip
# The languages' own libraries have these, and raise nothing.
SPELLED = {"divide", "exp", "expm1", "sinh", "cosh"}
EDGES = (0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 40.0, -37.5, 1e-300, 1e300, math.inf, -math.inf, math.nan, 5e-324, 170.5)
MODERATE = (0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 40.0, -37.5, 170.5)


class Itself(Named):
    """Calls a function or a constant where it is."""

    def call(self, key: str, args: Sequence[Text]) -> Text:
        return super().call(key.removeprefix("builtins."), args)


def printed(body: Body) -> Callable[..., Any]:
    """The function that a body is, printed as Python and run."""
    syntax = PythonSyntax()
    params = [(f"*{n}" if kind == ARRAY and body.rest else n, kind) for n, kind in body.params]
    lines = list(Printer(syntax, Itself(), body).inside(body.statements))
    space: dict[str, Any] = {**FLOATS.modules, "math": math}
    exec(syntax.function("printed", params, body.returns, lines), space)
    return space["printed"]  # type: ignore[no-any-return]


def outcome(function: Callable[..., Any], args: Sequence[Any]) -> str:
    try:
        answer = function(*args)
    except (ArithmeticError, ValueError, TypeError) as problem:
        return type(problem).__name__
    parts = answer if isinstance(answer, tuple) else [answer]
    return repr([float(a) for a in parts])


def loops(key: str, above: tuple[str, ...] = ()) -> bool:
    """Whether a function loops or calls itself, or one that does."""
    parts = list(parts_of(FLOATS.body(key)))
    called = {part.key for part in parts if isinstance(part, Call) and FLOATS.has(part.key)}
    return (
        any(isinstance(part, While) for part in parts)
        or bool(called & {key, *above})
        or any(loops(other, (*above, key)) for other in called)
    )


def arguments(body: Body, key: str) -> list[list[Any]]:
    choose = random.Random(key)
    # A function that calls itself or loops is meant for a part of the line; elsewhere it may never end.
    edges = EDGES if not loops(key) else MODERATE

    def one(kind: str) -> Any:
        a = choose.choice(edges) if choose.random() < 0.4 else choose.uniform(-1, 1) * 10.0 ** choose.randint(-3, 2)
        if kind == PAIR:
            return a, a * choose.uniform(-1e-17, 1e-17)
        return tuple(one(FLOAT) for _ in range(choose.randint(1, 5))) if kind == ARRAY else a

    rows = []
    for _ in range(12 if key.startswith("beta.") else 60):  # its integrals take long
        row = [one(kind) for _, kind in body.params]
        rows.append([*row[:-1], *row[-1]] if body.rest else row)
    return rows


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large integers take their time far from where they are asked for; what they answer is of no matter here."""
    for module in (fixed_point, fixed_bessel):
        for name, value in list(vars(module).items()):
            if inspect.isfunction(value):
                monkeypatch.setattr(module, name, lambda *args: float(len(args)))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("key", READ)
def test_a_body_is_its_function(key: str) -> None:
    body = FLOATS.body(key)
    function, again = getattr(FLOATS.modules[key.partition(".")[0]], key.partition(".")[2]), printed(body)
    for args in arguments(body, key):
        assert outcome(again, args) == outcome(function, args), (key, args)


@pytest.mark.parametrize(
    "statement", ["b = a > 0.0", "b = -(a > 0.0)", "return a + (a > 0.0)", "return a > 0.0", "return floor(not a)"]
)
def test_a_condition_is_no_number(statement: str) -> None:
    """Typed languages have no float for one: its body is refused, and the text says how to write it."""
    function = ast.parse(f"def f(a: float) -> float:\n    {statement}\n    return a").body[0]
    assert isinstance(function, ast.FunctionDef)
    uses = {n: "math.floor" for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == "floor"}
    body = read("module.f", function, uses, FLOATS)
    with pytest.raises(NotImplementedError, match=r"the condition .* write 1\.0 if"):
        Printer(PythonSyntax(), Itself(), body).lines()
    both = "def f(a: float, b: float) -> float:\n    return 1.0 if (a < 0.0) != (b < 0.0) else 0.0"
    compared = ast.parse(both).body[0]
    assert isinstance(compared, ast.FunctionDef)
    assert not any(isinstance(part, Unread) for part in parts_of(read("module.f", compared, {}, FLOATS)))


def test_no_condition_keeps_a_body_from_being_read() -> None:
    """Except where large integers do anyway."""
    for key in UNREAD:
        texts = [part.text for part in parts_of(FLOATS.body(key)) if isinstance(part, Unread)]
        assert key.startswith("fixed_") or not all("the condition" in text for text in texts), key


def test_few_functions_are_unread() -> None:
    """All of what stands in for Python's own in other languages is read, and what nothing stands in for."""
    stand_ins = {key.partition(".")[2] for key in KEYS if key.startswith(("portable.", "doubled."))} | SPELLED
    for key in UNREAD:
        module, _, name = key.partition(".")
        assert module not in ("portable", "doubled")
        if module in ("elementary", "trigonometric", "special", "inverse", "bessel"):
            assert name in stand_ins, key
    assert len(READ) > 150


def test_bodies_are_plain_data() -> None:
    """Typed statements and expressions of `bodies`, made of strings and numbers; no tree of Python's."""
    types = (*get_args(bodies.Expression), *get_args(bodies.Statement), Body)
    for key in KEYS:
        body = FLOATS.body(key)
        assert all(isinstance(part, types) for part in parts_of(body))
        assert hash(body) == hash(FLOATS.body(key))
        assert body == FLOATS.body(key)


def test_a_variable_has_one_kind() -> None:
    for key in READ:
        body = FLOATS.body(key)
        kinds = dict((*body.params, *body.locals))
        for part in parts_of(body):
            match part:
                case bodies.Assign(names=(name,), value=value):
                    assert kinds[name] == kind_of(value), (key, name)
                case bodies.Local(name=name, kind=kind):
                    assert kinds[name] == kind, (key, name)


def test_functions_over_arrays_are_generated_where_there_are_none() -> None:
    """The command that writes the module does not need it."""
    code = (
        "import sys; sys.modules['wengert.ops.arrays.generated'] = None\n"
        "from wengert.ops.arrays import generate; sys.exit(generate.main(['--check']))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
