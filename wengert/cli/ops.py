"""`wengert ops`: the table of ops, and the page of one op."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

from ..api.display import width_of
from ..api.plain_answers import number
from ..api.showing.op_pages import OpPage, all_ops, tuples
from ..api.showing.op_pages import op as op_of
from ..ground.errors import UnknownName
from .programs import ALWAYS
from .screen import Screen, dumps
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
    lines = [(op.called, op.row.doc)]
    if asked != op.row.name:
        lines.append(("asked for", asked))
    lines += op.facts()
    width = max(len(left) for left, _ in lines)
    return "\n".join(f"{left.ljust(width)}  {right}" for left, right in lines)


def _example_json(op: OpPage) -> dict[str, Any] | None:
    if (found := op.example()) is None:
        return None
    f, point = found
    if op.row.array is not None:
        value = tuples(f(point))
        return {"program": f.program.source.text, "inputs": {n: _plain(v) for n, v in point.items()},
                "value": _plain(value)}  # fmt: skip
    y, gradient = f.value_and_grad(point)
    return {
        "program": f.program.source.text,
        "inputs": {n: number(v) for n, v in point.items()},
        "value": number(y),
        "derivatives": {n: number(v) for n, v in gradient.items()},
    }


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
