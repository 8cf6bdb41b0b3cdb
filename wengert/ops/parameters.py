"""Static parameters of an op ("statics"): whole numbers in the op's string, as in `sum[axis=0]` and `index[1:3]`.

So an equation holds only strings and numbers. The table maps such a string to a row with its statics bound, and a
reader of that row need not know about them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, partial
from importlib import import_module
from typing import Any

from .row import Op

Static = int | tuple[int, ...] | None

_VALUE = r"-?\d+|\[(?:-?\d+(?:,-?\d+)*)?\]"
_PAIR = rf"(\w+)=({_VALUE})(?:,|$)"
FREE = "*"  # a string that only the op's own functions read
# Statics that may be lists; any other is a single whole number.
LISTS = frozenset("axis destination order padding reps shape shift source stride widths".split())


class ArrayFunction:
    """The forward rule of an array op: a function of `arrays.products`, or of another module for a name such as
    `filters.interp`. The first call imports the module.

    A call takes values without batch axes; `over` takes their number.
    """

    __slots__ = ("_function", "name", "statics")

    def __init__(self, name: str, statics: tuple[tuple[str, Any], ...] = ()) -> None:
        self.name, self.statics = name, statics
        self._function: Any = None

    def over(self, batch: int, *args: Any) -> Any:
        """The value of arrays whose first `batch` axes are batch axes."""
        if self._function is None:
            found = _function(self.name)
            self._function = partial(found, **dict(self.statics)) if self.statics else found
        return self._function(batch, *args)

    def __call__(self, *args: Any) -> Any:
        return _function("products.quietly")(self.over, args)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ArrayFunction) and (self.name, self.statics) == (other.name, other.statics)

    def __hash__(self) -> int:
        return hash((self.name, self.statics))

    def __reduce__(self) -> tuple[Any, ...]:
        return ArrayFunction, (self.name, self.statics)


def apart(row: Op) -> Any:
    """The function that writes an array op, with its statics, over single elements; None if there is none."""
    if row.array is None or not row.array.apart:
        return None
    assert isinstance(row.forward, ArrayFunction)
    return partial(_function(row.array.apart), **dict(row.forward.statics))


@cache
def _function(name: str) -> Any:
    module, _, function = name.rpartition(".")
    return getattr(import_module(f".arrays.{module or 'products'}", __package__), function)  # imports NumPy


def split(op: str) -> tuple[str, str]:
    """The name and the statics in an op's string: ("sum", "axis=0") for `sum[axis=0]`."""
    name, bracket, rest = op.partition("[")
    return (name, rest[:-1]) if bracket and rest.endswith("]") else (op, "")


@cache
def defaults(row: Op) -> dict[str, Any]:
    """The statics of a row, with their defaults; `...` for one without a default."""
    found: dict[str, Any] = {}
    for word in row.statics.split():
        name, given, text = word.partition("=")
        found[name] = ... if not given else None if text == "none" else value(text)
    return found


def value(text: str) -> Static:
    """The value of a static from its text: a whole number, or a list of them."""
    if text.startswith("["):
        return tuple(int(word) for word in text[1:-1].split(",") if word)
    return int(text)


def spelled(statics: Mapping[str, Static]) -> str:
    """Statics in the spelling of an op's string."""
    return ",".join(f"{name}={static_text(v)}" for name, v in statics.items())


def static_text(v: Static) -> str:
    """The value of a static as text, which `value` reads."""
    return f"[{','.join(map(str, v))}]" if isinstance(v, tuple) else str(v)


def with_statics(row: Op, given: Mapping[str, Static]) -> str:
    """The op's string for a row and its statics, without those at their default. Raises ValueError, KeyError."""
    known = defaults(row)
    for name in given:
        if name not in known:
            raise KeyError(name)
    if missing := [name for name, default in known.items() if default is ... and name not in given]:
        raise ValueError(f"needs `{missing[0]}`")
    if lists := [name for name, v in given.items() if isinstance(v, tuple) and name not in LISTS]:
        raise ValueError(f"takes one whole number for `{lists[0]}`, not a list")
    shown = {name: given[name] for name in known if name in given and given[name] != known[name]}
    return f"{row.name}[{spelled(shown)}]" if shown else row.name


def read_text(text: str) -> dict[str, Static]:
    """The statics in an op's string. Raises ValueError."""
    found: dict[str, Static] = {}
    end = 0
    for match in re.finditer(_PAIR, text):
        if match.start() != end or match[1] in found:
            raise ValueError(text)
        found[match[1]] = value(match[2])
        end = match.end()
    if end != len(text):
        raise ValueError(text)
    return found


def bound(row: Op, text: str) -> Op:
    """A row with bound statics: its functions get them, and they replace `{axis}` in its rules.

    Raises ValueError for statics that the row does not have, and for text that is not statics.
    """
    if not row.statics:
        raise ValueError(f"`{row.name}` has no parameters in brackets")
    if row.statics == FREE:
        if not text:
            raise ValueError(f"`{row.name}` needs its parameters in brackets")
        forward = row.forward
        assert isinstance(forward, ArrayFunction)
        assert row.array is not None
        array = row.array._replace(shape=partial(row.array.shape, spec=text))
        many = text.count("|") * ("*" in row.params)
        array.shape(*[None] * (len(row.params.split()) + many))
        bare = ArrayFunction(forward.name, (("spec", text),))
        return _templated(row, {"spec": text}, f"{row.name}[{text}]", bare, array)
    name, known = row.name, defaults(row)
    given = known
    if text:
        try:
            name = with_statics(row, read_text(text))
        except KeyError as problem:
            raise ValueError(f"`{row.name}` has no parameter `{problem.args[0]}`") from None
        given = {**given, **read_text(split(name)[1])}
    elif ... in given.values():
        with_statics(row, {})
    given = {k: v for k, v in given.items() if v is not None}
    forward = row.forward
    assert isinstance(forward, ArrayFunction)
    assert row.array is not None
    array = row.array._replace(shape=partial(row.array.shape, **given))
    # Defaults are written out too: the op that stands in a rule may have other defaults.
    words = dict.fromkeys(known, "") | {k: f", {k}={static_text(v)}" for k, v in given.items()}
    words["statics"] = "".join(words.values())
    return _templated(row, words, name, ArrayFunction(forward.name, tuple(given.items())), array)


def incomplete(row: Op) -> str:
    """The statics that a row still needs, for a message; empty if it needs none."""
    if not row.statics or "[" in row.name:
        return ""
    if row.statics == FREE:
        return "places, as in `x[1:3]`"
    return next((f"`{name}`" for name, default in defaults(row).items() if default is ...), "")


def _templated(row: Op, words: Mapping[str, str], name: str, forward: ArrayFunction, array: Any) -> Op:
    """The row with another name and functions, and with words replacing those in braces."""
    vjp = tuple([_filled(rule, words) for rule in row.vjp])
    kinks = tuple([k._replace(when=_filled(k.when, words)) for k in row.kinks])
    provided = _filled(row.provided, words)
    return row._replace(name=name, forward=forward, array=array, vjp=vjp, kinks=kinks, provided=provided)


def _filled(rule: Any, words: Mapping[str, str]) -> Any:
    if not isinstance(rule, str) or "{" not in rule:
        return rule
    for name, word in words.items():
        rule = rule.replace(f"{{{name}}}", word)
    return rule
