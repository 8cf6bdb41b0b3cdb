"""`wengert ops`: the table of ops, and all there is to know about one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from math import isfinite
from typing import Any

from ..api.compile import compile
from ..api.function import Function
from ..ground.errors import WengertError, suggestion
from ..lists.wengert_list import spelled, spelled_value
from ..ops import ALIASES, CONSTANTS, DERIVATIVES, FOLDS, INFIX, OPS, Op, lookup
from ..ops.parameters import FREE, defaults, incomplete
from ..show import latex, single
from ..sweeps.notes import all_finite, holds, outside
from ..sweeps.rules import parameters
from .diff import derivative, told
from .programs import ALWAYS
from .screen import Screen, dumps, number, table
from .words import Arguments, Command, Option, short

COMMAND = Command(
    "ops", "[OP]",
    "The ops of the language; for one op its derivatives, domain, kinks, LaTeX, source and an example.",
    (Option("json", "", "answer in JSON"), *ALWAYS),
    (("wengert ops", "the table"), ("wengert ops atan2", "all about one op; an alias or a sign such as ^ will do")),
    binds=False,
)  # fmt: skip

# Where an example is tried, plain numbers first: off the kinks, inside the domain.
_TRIED = (0.5, 1.5, 2.0, 3.0, -0.5, 4.0, 1.0, 0.0, -0.25)


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the table, or one row of it."""
    json = arguments.flag("json")
    if not arguments.words:
        rows = list(OPS.values())
        print(dumps([_json(r) for r in rows], indent=2) if json else _table(rows))
        return 0
    name = arguments.words[0].strip()
    row = lookup(name) or OPS.get(INFIX.get(name, ""))
    row = OPS.written(row.name) if row is not None and row.statics and "[" not in name else row
    if row is None:
        arguments.refuse(arguments.spots[0], f"no op is called `{short(name)}`", _hint(name), "W102")
    print(dumps({**_json(row), "example": _example_json(row)}, indent=2) if json else _page(row, name))
    return 0


def _hint(name: str) -> str:
    if name in CONSTANTS:
        return f"`{name}` is a constant, {spelled(CONSTANTS[name])}"
    if name in DERIVATIVES:
        return f"`{name}({', '.join(DERIVATIVES[name])})` is a derivative, not an op: write it in a program"
    if name in FOLDS:
        return f"`{name}(x^k for k in 0:10)` is syntax, not an op"
    return suggestion(name, [*OPS, *ALIASES]) or "`wengert ops` lists them all"


def _called(row: Op) -> str:
    params = [f"{p[1:]}, …" if p.startswith("*") else p for p in row.params.split()]
    if row.statics == FREE:
        return f"{row.name}[…]({', '.join(params)})"
    return f"{row.notation.folded or row.name}({', '.join([*params, *row.statics.split()])})"


def _table(rows: list[Op]) -> str:
    also = [f" (also {', '.join(r.aliases)})" if r.aliases else "" for r in rows]
    return table(("op", "value"), [(_called(r), r.doc + more) for r, more in zip(rows, also)], left=2)


def _rules(row: Op) -> list[tuple[str, str]]:
    """Pairs of a parameter and its derivative rule; of an op on arrays as wholes, its adjoint from `g`, the value's."""
    params = [p.lstrip("*") for p in row.params.split()]
    if row.array is None:
        return [(p, "0" if rule is None else rule) for p, rule in zip(params, row.partials)]
    texts = [None if rule is None else rule if isinstance(rule, str) else "the part of g at its places"
             for rule in row.vjp]  # fmt: skip
    return [(p, "0" if t is None else _plainly(t)) for p, t in zip(params, texts)]


def _plainly(rule: str) -> str:
    """A rule with its static parameters by name."""
    return re.sub(r"\{(\w+)\}", r", \1", rule).replace(", statics", ", …")


def _domains(row: Op) -> list[str]:
    params = [p.lstrip("*") for p in row.params.split()]
    found = [f"{p} in {text}" for p, text in zip(params, row.domain) if text]
    return [*found, row.provided] if row.provided else found


def _point(row: Op) -> tuple[Function, dict[str, Any]] | None:
    """A point of an op's domain, off its kinks, where value and derivatives are finite."""
    if row.array is not None:
        return _arrays(row)
    variadic = "*" in row.params
    n = row.params.count(" ") + (3 if variadic else 1)
    names = parameters(row, n)
    f = compile(f"{row.name}({', '.join(names)})", fuse=False, inputs=names)
    for values in product(_TRIED, repeat=min(n, 4)):
        args = (*values, *_TRIED[: n - len(values)])
        if len(set(args)) < len(args) or outside(row, args):
            continue
        point = dict(zip(names, args))
        y, gradient = f.value_and_grad(point)
        if all(map(isfinite, (y, *gradient))) and not any(holds(row, k.when, args, y) for k in row.kinks):
            return f, point
    return None


# What the arguments of an op on arrays are tried with, and its static parameters where they have no default.
_ARRAYS: tuple[Any, ...] = (((2.0, 0.5), (0.25, 1.0)), (0.5, 2.0), (0.75, 0.25, 0.5), 1.0, 0.0)
_STATICS = ("", "1", "2", "[2,2]", "[4]", "[2]", "[1,0]")


def _arrays(row: Op) -> tuple[Function, dict[str, Any]] | None:
    fewest = len(row.params.split())
    needs = [name for name, default in defaults(row).items() if default is ...] if row.statics != FREE else []
    for n, statics in product((fewest + 1, fewest) if "*" in row.params else (fewest,), _STATICS):
        names = parameters(row, n) if row.params else ()
        own = ",".join(f"{name}={statics}" for name in needs)
        if len(needs) == 2:
            own = f"{needs[0]}=0,{needs[1]}=1"
        op = f"{row.name}[{own}]" if own and statics else f"{row.name}[0]" if row.statics == FREE else row.name
        if op not in OPS or incomplete(OPS[op]):
            continue
        for values in product(_ARRAYS, repeat=len(names)):
            point = dict(zip(names, values))
            try:
                f = compile(f"{op}({', '.join(names)})", fuse=False, inputs=names)
                matrix = f.jacobian(point)
                blocks = list(matrix[0]) if len(matrix) else []
                if all_finite(f(point)) and all(map(all_finite, blocks)) and not matrix.notes:
                    return f, point
            except WengertError:
                continue
    return None


def _page(row: Op, asked: str) -> str:
    parts = [(_called(row), row.doc)]
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
    for p, rule in _rules(row):
        parts.append((f"d/d{p}" if row.array is None else f"adjoint of {p}", rule))
        if row.array is None and "where(" in rule and (short := _in_short(row, p)):
            parts.append(("", short))
    if any(re.search(r"\by\b", rule) for _, rule in _rules(row)):
        parts.append(("", f"where y is the value, {_called(row)}"))
    if row.array is not None:
        parts.append(("", "where g is the adjoint of the value"))
        if row.statics not in ("", FREE):
            parts.append(("static", f"{row.statics}: whole numbers, known before the inputs are"))
    parts.append(("domain", "; ".join(_domains(row)) or ("all numbers" if row.array is None else "all arrays")))
    parts += [("kink" if k.kind == "kink" else k.kind, f"where {_plainly(k.when)}: {k.says}") for k in row.kinks]
    replaced = [text.partition("->")[0].strip() for text in (*row.rewrites.fuses, *row.rewrites.cheaper)]
    parts += [("" if k else "replaces", text) for k, text in enumerate(replaced)]
    parts.append(("LaTeX", _latex(row)))
    parts.append(("source", row.source))
    parts += [("example", line) for line in _example(row)][:1]
    lines = [(left, right) for left, right in parts if right]
    lines += [("", line) for line in list(_example(row))[1:]]
    width = max(len(left) for left, _ in lines)
    return "\n".join(f"{left.ljust(width)}  {right}" for left, right in lines)


def _in_short(row: Op, param: str) -> str:
    """The derivative off single points, where that is another formula."""
    names = parameters(row, row.params.count(" ") + 1)
    if param not in names:
        return ""
    f = compile(f"{row.name}({', '.join(names)})", fuse=False, inputs=names)
    wlist, conditions = derivative(f, (param,))
    return f"{single(wlist)}, for {told(conditions)}" if conditions else ""


def _latex(row: Op) -> str:
    if row.array is not None:
        words = [p.lstrip("*") for p in row.params.split()]
        return re.sub(
            r"#(\d|\*)", lambda m: ", ".join(words) if m[1] == "*" else words[int(m[1]) - 1], row.notation.latex
        )
    names = parameters(row, row.params.count(" ") + (2 if "*" in row.params else 1))
    return latex(compile(f"{row.name}({', '.join(names)})", fuse=False, inputs=names).wengert_list)


def _example(row: Op) -> Iterator[str]:
    if (found := _point(row)) is None:
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


def _example_json(row: Op) -> dict[str, Any] | None:
    if (found := _point(row)) is None:
        return None
    f, point = found
    if row.array is not None:
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
    """Nested tuples as JSON has them."""
    return [_plain(v) for v in value] if isinstance(value, tuple) else number(value)


def _json(row: Op) -> dict[str, Any]:
    return {
        "name": row.name,
        "parameters": row.params.split(),
        "static": row.statics,
        "aliases": list(row.aliases),
        "says": row.doc,
        "infix": row.notation.infix,
        "derivatives" if row.array is None else "adjoints": dict(_rules(row)),
        "domain": _domains(row),
        "kinks": [{"when": k.when, "kind": k.kind, "says": k.says} for k in row.kinks],
        "latex": row.notation.latex,
        "source": row.source,
    }
