"""Static parameters of an op: whole numbers that stand in the op's own string, `sum[axis=0]`, `index[1:3]`.

So an equation stays strings and numbers only. The table answers such a string with the row bound to its statics, and
whoever reads a row need not know that there are any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, partial
from importlib import import_module
from typing import Any

from .row import Op

Static = int | tuple[int, ...] | None

_VALUE = r"-?\d+|\[(?:-?\d+(?:,-?\d+)*)?\]"
_PAIR = re.compile(rf"(\w+)=({_VALUE})(?:,|$)")
FREE = "*"  # statics that the op's own functions read
# Statics that may be lists; each of the others is one whole number.
LISTS = frozenset("axis destination order padding reps shape shift source stride widths".split())


class ArrayFunction:
    """The value of an op that works on arrays as wholes: a function of `products`, or of the module that its name tells
    before a point, which is loaded when it is called.

    Called with values without batch axes; `over` is told how many there are.
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


@cache
def _function(name: str) -> Any:
    module, _, function = name.rpartition(".")
    return getattr(import_module(f".arrays.{module or 'products'}", __package__), function)  # NumPy comes with it


def split(op: str) -> tuple[str, str]:
    """An op's string as the name of its row and its statics: ("sum", "axis=0")."""
    name, bracket, rest = op.partition("[")
    return (name, rest[:-1]) if bracket and rest.endswith("]") else (op, "")


@cache
def defaults(row: Op) -> dict[str, Any]:
    """The statics that a row has, with their defaults; `...` stands for one without."""
    found: dict[str, Any] = {}
    for word in row.statics.split():
        name, given, text = word.partition("=")
        found[name] = ... if not given else None if text == "none" else value(text)
    return found


def value(text: str) -> Static:
    """A static as it is written: a whole number, or a list of them."""
    if text.startswith("["):
        return tuple(int(word) for word in text[1:-1].split(",") if word)
    return int(text)


def spelled(statics: Mapping[str, Static]) -> str:
    """Statics as an op's string has them."""
    return ",".join(f"{name}={_word(v)}" for name, v in statics.items())


def _word(v: Static) -> str:
    return f"[{','.join(map(str, v))}]" if isinstance(v, tuple) else str(v)


def with_statics(row: Op, given: Mapping[str, Static]) -> str:
    """The op's string for a row and its statics; what is the default is left out. Raises ValueError, KeyError."""
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
    """The statics that stand in an op's string. Raises ValueError."""
    found: dict[str, Static] = {}
    end = 0
    for match in _PAIR.finditer(text):
        if match.start() != end or match[1] in found:
            raise ValueError(text)
        found[match[1]] = value(match[2])
        end = match.end()
    if end != len(text):
        raise ValueError(text)
    return found


def bound(row: Op, text: str) -> Op:
    """A row with its statics: its functions know them, and its rules have them in place of `{axis}`. Raises ValueError
    for statics that it does not have, or that are none."""
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
        made = row._replace(
            name=f"{row.name}[{text}]", forward=ArrayFunction(forward.name, (("spec", text),)), array=array
        )
        return _templated(made, {"spec": text})
    try:
        name = with_statics(row, read_text(text))
    except KeyError as problem:
        raise ValueError(f"`{row.name}` has no parameter `{problem.args[0]}`") from None
    text = split(name)[1]
    given = {k: v for k, v in {**defaults(row), **read_text(text)}.items() if v is not None}
    forward = row.forward
    assert isinstance(forward, ArrayFunction)
    assert row.array is not None
    array = row.array._replace(shape=partial(row.array.shape, **given))
    made = row._replace(name=name, forward=ArrayFunction(forward.name, tuple(given.items())), array=array)
    # The defaults too: an op in a rule may have others.
    words = dict.fromkeys(defaults(row), "") | {k: f", {k}={_word(v)}" for k, v in given.items()}
    return _templated(made, {**words, "statics": "".join(words.values())})


def incomplete(row: Op) -> str:
    """What a row still needs in brackets, for a message; empty if it can be used as it is."""
    if not row.statics or "[" in row.name:
        return ""
    if row.statics == FREE:
        return "places, as in `x[1:3]`"
    return next((f"`{name}`" for name, default in defaults(row).items() if default is ...), "")


def _templated(row: Op, words: Mapping[str, str]) -> Op:
    vjp = tuple(_filled(rule, words) for rule in row.vjp)
    kinks = tuple(k._replace(when=_filled(k.when, words)) for k in row.kinks)
    return row._replace(vjp=vjp, kinks=kinks, provided=_filled(row.provided, words))


def _filled(rule: Any, words: Mapping[str, str]) -> Any:
    if not isinstance(rule, str):
        return rule
    for name, word in words.items():
        rule = rule.replace(f"{{{name}}}", word)
    return rule


class Table(dict[str, Op]):
    """Rows by name. An op's string with statics is answered with the row bound to them; the name alone, with the row
    bound to the defaults. Iterating gives the names of rows."""

    __slots__ = ("_bound", "_rows")

    def __init__(self, rows: Iterable[tuple[str, Op]] = ()) -> None:
        super().__init__()
        # Rows with statics as they were written, before they were bound.
        self._rows: dict[str, Op] = {}
        self._bound: dict[str, Op] = {}
        for name, row in rows:
            if row.statics:
                self._rows[name] = row
                row = row if row.statics == FREE or ... in defaults(row).values() else bound(row, "")
            self[name] = row

    def __missing__(self, op: str) -> Op:
        made = self._bound.get(op)
        if made is None:
            name, text = split(op)
            row = self._rows.get(name)
            if row is None or name == op:
                raise KeyError(op)
            try:
                made = bound(row, text)
            except ValueError:
                raise KeyError(op) from None
            if len(self._bound) > 4096:
                self._bound.clear()
            self._bound[op] = made
        return made

    def get(self, op: str, default: Any = None) -> Any:
        try:
            return self[op]
        except KeyError:
            return default

    def __contains__(self, op: object) -> bool:
        if dict.__contains__(self, op):
            return True
        return isinstance(op, str) and "[" in op and self.get(op) is not None

    def written(self, name: str) -> Op | None:
        """The row of a name as it was written, with `{axis}` in its rules."""
        return self._rows.get(name) or dict.get(self, name)

    def with_rows(self, rows: Iterable[Op]) -> Table:
        """This table with further rows laid over it."""
        made = Table()
        made.update(self)
        made._rows = self._rows
        made.update({row.name: row for row in rows})
        return made
