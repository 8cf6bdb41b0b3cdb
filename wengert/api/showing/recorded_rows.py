"""Texts for ops that are Python functions of the caller's, so that a page can compute them.

A function of arithmetic, of the functions of this package and of NumPy's can be recorded. Its text stands for it only
where both give the same numbers, at the points at hand and at some others.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from ...lists.wengert_list import WengertList, ops_of, table_of
from ...ops import UNKNOWN, Op
from ...show import single
from ...sweeps.rules import forward_rule, parameters, rule_list
from ..compile import compile
from ..record import record

# The most characters of a text, the most rows that are tried, the arguments at which a text is tried in addition, and
# how far its value may differ, relatively.
LONGEST, MOST, TRIED, CLOSE = 2_000, 100, (-2.5, -1.0, -0.25, 0.0, 0.75, 1.0, 3.0), 1e-9


def recorded_rows(wlist: WengertList, values: Mapping[str, Any]) -> tuple[Op, ...]:
    """The rows of a list, and of the rules of its ops, whose functions could be recorded, with texts instead.

    values  values of its names, at which the texts are tried
    """
    table, found = table_of(wlist.ops), dict[str, Op]()
    left, seen = list(ops_of(wlist)), set[str]()
    while left and len(seen) < MOST:
        name = left.pop()
        row = table.get(name)
        if name in seen or row is None or row.array is not None:
            continue
        seen.add(name)
        if isinstance(row.forward, str) or inspect.unwrap(row.forward) is row.forward:
            continue
        arguments = [[values.get(a, a) if isinstance(a, str) else a for a in e.inputs]
                     for e in wlist.equations if e.op == name]  # fmt: skip
        text = _text(row, [args for args in arguments if all(type(a) is float for a in args)])
        if text:
            found[name] = row._replace(forward=text)
        left += _of_rules(row, wlist.ops)
    return tuple(found.values())


def _of_rules(row: Op, ops: tuple[Op, ...]) -> Iterable[str]:
    """The ops in the rules of a row of the caller's."""
    n = len(row.params.split())
    return {e.op for rule in row.partials if rule and rule != UNKNOWN for e in rule_list(row, rule, n, ops).equations}


def _text(row: Op, arguments: list[list[float]]) -> str:
    """The text of a row's function; empty if it has none, or if the text gives another value."""
    names = parameters(row, len(row.params.split()))
    assert not isinstance(row.forward, str)
    try:
        text = single(record(inspect.unwrap(row.forward), *names))
        if len(text) > LONGEST or "\n" in text:
            return ""
        f = compile(forward_rule(row._replace(forward=text)), fuse=False)
        tried = [[TRIED[(k + 2 * i) % len(TRIED)] for i in range(len(names))] for k in range(len(TRIED))]
        same = all(_close(f(*args), row.forward(*args)) for args in (*arguments, *tried))
    except Exception:  # the function is the caller's, and may raise anything of a value that is no number
        return ""
    return text if same else ""


def _close(a: Any, b: float) -> bool:
    """Whether two numbers are the same but for the roundings of another library, which a difference may enlarge."""
    return type(a) is float and (a == b or a != a and b != b or abs(a - b) <= CLOSE * max(1e-3, abs(b)))
