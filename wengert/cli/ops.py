"""`wengert ops`: the table of ops, and the page of one op."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from ..api.display import spelled, spelled_value, width_of
from ..api.op_pages import FREE, OpPage, all_ops, plainly
from ..api.op_pages import op as op_of
from ..ground.errors import UnknownName
from .programs import ALWAYS
from .screen import Screen, dumps, number
from .words import Arguments, Command, Option

COMMAND = Command(
    "ops", "[OP]",
    "The ops of the language; for one op its derivatives, domain, kinks, LaTeX, source and an example.",
    (
        Option("all", "", "also the ops that only rules are written with"),
        Option("json", "", "answer in JSON"), *ALWAYS,
    ),
    (("wengert ops", "the table"), ("wengert ops atan2", "all about one op; an alias or a sign such as ^ will do")),
    binds=False,
)  # fmt: skip


# A longer call has a line of its own.
_CALLED = 24


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the table, or the page of one op."""
    json = arguments.flag("json")
    if not arguments.words:
        rows = all_ops()
        if not json and not arguments.flag("all"):
            rows = tuple(r for r in rows if not r.row.of_rules)
        print(dumps([_json(r) for r in rows], indent=2) if json else _table(rows))
        return 0
    name = arguments.words[0].strip()
    try:
        found = op_of(name)
    except UnknownName as problem:
        raise arguments.located(arguments.spots[0], problem) from None
    print(dumps({**_json(found), "example": _example_json(found)}, indent=2) if json else _page(found, name))
    return 0


def _table(ops: tuple[OpPage, ...]) -> str:
    also = [f" (also {', '.join(o.row.aliases)})" if o.row.aliases else "" for o in ops]
    left = max((len(o.called) for o in ops if len(o.called) <= _CALLED), default=_CALLED)
    lines = []
    for o, more in zip(ops, also):
        head = o.called
        if len(head) > left:
            lines.append(head)
            head = ""
        for part in wrap(o.row.doc + more, max(width_of() - left - 2, 20)):
            lines.append(f"{head.ljust(left)}  {part}")
            head = ""
    return "\n".join(lines)


def _page(op: OpPage, asked: str) -> str:
    row = op.row
    parts = [(op.called, row.doc)]
    if asked != row.name:
        parts.append(("asked for", asked))
    if row.notation.infix:
        words = row.params.split()
        parts.append(
            (
                "written",
                f"{words[0]} {row.notation.infix} {words[1]}" if len(words) == 2 else f"{row.notation.infix}{words[0]}",
            )
        )
    if row.aliases:
        parts.append(("also", ", ".join(row.aliases)))
    for p, rule in op.rules.items():
        parts.append((f"d/d{p}" if row.array is None else f"adjoint of {p}", rule))
        if row.array is None and "where(" in rule and (short := op.in_short(p)):
            parts.append(("", short))
    if any(re.search(r"\by\b", rule) for _, rule in op.rules.items()):
        parts.append(("", f"where y is the value, {op.called}"))
    if row.array is not None:
        parts.append(("", "where g is the adjoint of the value"))
        if row.statics not in ("", FREE):
            parts.append(("static", f"{row.statics}: whole numbers, known before the inputs are"))
    parts.append(("domain", "; ".join(op.domain) or ("all numbers" if row.array is None else "all arrays")))
    parts += [("kink" if k.kind == "kink" else k.kind, f"where {plainly(k.when)}: {k.says}") for k in row.kinks]
    replaced = [text.partition("->")[0].strip() for text in (*row.rewrites.fuses, *row.rewrites.cheaper)]
    parts += [("" if k else "replaces", text) for k, text in enumerate(replaced)]
    parts.append(("LaTeX", op.latex))
    parts.append(("source", row.source))
    parts += [("example", line) for line in _example(op)][:1]
    lines = [(left, right) for left, right in parts if right]
    lines += [("", line) for line in list(_example(op))[1:]]
    width = max(len(left) for left, _ in lines)
    return "\n".join(f"{left.ljust(width)}  {right}" for left, right in lines)


def _example(op: OpPage) -> Iterator[str]:
    if (found := op.example()) is None:
        return
    f, point = found
    if any(isinstance(v, tuple) for v in point.values()) or not isinstance(f(point), float):
        given = " ".join(f'--{n} "{spelled_value(v)}"' for n, v in point.items())
        yield f'wengert eval "{f.program.source.text}" {given}'.rstrip()
        yield f"value {spelled_value(_tuples(f(point)))}"
        return
    given = " ".join(f"--{n} {spelled(v)}" for n, v in point.items())
    y, gradient = f.value_and_grad(point)
    yield f'wengert eval "{f.program.source.text}" {given}'
    yield f"value {spelled(y)}; " + ", ".join(f"d/d{n} {spelled(g)}" for n, g in gradient.items())


def _example_json(op: OpPage) -> dict[str, Any] | None:
    if (found := op.example()) is None:
        return None
    f, point = found
    if op.row.array is not None:
        value = _tuples(f(point))
        return {"program": f.program.source.text, "inputs": {n: _plain(v) for n, v in point.items()},
                "value": _plain(value)}  # fmt: skip
    y, gradient = f.value_and_grad(point)
    return {
        "program": f.program.source.text,
        "inputs": {n: number(v) for n, v in point.items()},
        "value": number(y),
        "derivatives": {n: number(v) for n, v in gradient.items()},
    }


def _tuples(value: Any) -> Any:
    """An array as nested tuples."""
    return tuple(map(_tuples, value)) if getattr(value, "ndim", 0) else float(value)


def _plain(value: Any) -> Any:
    """Nested tuples as JSON holds them."""
    return [_plain(v) for v in value] if isinstance(value, tuple) else number(value)


def _json(op: OpPage) -> dict[str, Any]:
    row = op.row
    return {
        "name": row.name,
        "parameters": row.params.split(),
        "static": row.statics,
        "aliases": list(row.aliases),
        "of_rules": row.of_rules,
        "says": row.doc,
        "infix": row.notation.infix,
        "derivatives" if row.array is None else "adjoints": op.rules,
        "domain": list(op.domain),
        "kinks": [{"when": k.when, "kind": k.kind, "says": k.says} for k in row.kinks],
        "latex": row.notation.latex,
        "source": row.source,
    }
