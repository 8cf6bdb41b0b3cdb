"""The ops of the bytecode: a handler computes a value, and the partial derivatives that are asked for.

A handler is a function in machine code. It reads the slots of its arguments from the code, and ends in a jump to the
handler of the next step ("threaded code": J. R. Bell, "Threaded code", CACM 16 (1973), pp. 370-372). Handlers find each
other through a table of addresses, so that new ones can be added to those that are there.

The partial derivatives are the rules of the rows, as a sweep over numbers runs them.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from ...ground.tuples import NamedTuple
from ...lists.code import Code, code_of
from ...lists.flat_code import Kind
from ...ops import OPS, Op
from ...ops.sources import FLOATS
from ...sweeps.rules import Partial, PartialRules, Rules, forward_rule, is_unknown
from .engine import Loaded, compiled
from .reach import keeps_bits
from .tape_loops import ARGUMENT, COMPUTED, CONSTANT, ITSELF, NONE
from .writer import Untranslated, Writer

# The most handlers that are kept.
MOST = 4096
# Above this number of arguments a handler computes all partial derivatives or none.
MASKED = 4
# The most arguments that a handler takes.
WIDEST = 64
# The most steps of an op that a program defines.
QUICK = 64
SIGNATURE = "ptr %code, ptr %frame, ptr %value, ptr %saved, ptr %table"
_LOCK = threading.RLock()
_FOUND: dict[Any, Handler] = {}


class Handler(NamedTuple):
    """The address of a handler, the module that it is in, and the row, which stays alive, so that its identity stays
    its own."""

    address: int
    loaded: Loaded
    row: Op


class KindRules(NamedTuple):
    """A kind of step with the rules of its partial derivatives.

    how     for each argument the form of its partial derivative
    which   the argument that it is, if it is one
    whole   whether there are handlers for all partial derivatives and for none alone
    """

    kind: Kind
    plan: PartialRules
    how: tuple[int, ...]
    which: tuple[int, ...]
    whole: bool


def rules_of(kind: Kind, rules: Rules | None, ops: tuple[Op, ...]) -> KindRules:
    """The rules of a kind; without `rules` it has none. Raises Untranslated if a rule is missing, and for an op without
    machine code of the same bits."""
    row, n, numbers = kind
    if row.array is not None or not 1 <= n <= WIDEST or not _is_quick(row, ops):
        raise Untranslated(row.name)
    if rules is None:
        return KindRules(kind, (None,) * n, (NONE,) * n, (0,) * n, False)
    plan = rules.partials_at(row, numbers) if numbers else rules.partials(row, n)
    found = [_how(p, i, n) for i, p in enumerate(plan)]
    how, which = tuple([h for h, _ in found]), tuple([w for _, w in found])
    return KindRules(kind, plan, how, which, n > MASKED)


def _is_quick(row: Op, ops: tuple[Op, ...]) -> bool:
    """Whether an op takes so little time that no clock need be checked: an op of ours, or an op of the program that
    consists of few of them."""
    if callable(row.forward):
        return FLOATS.is_ours(row)
    steps = code_of(forward_rule(row, ops)).steps
    return len(steps) <= QUICK and all(callable(inner.forward) and FLOATS.is_ours(inner) for inner, _ in steps)


def _how(partial: Partial | None, i: int, n: int) -> tuple[int, int]:
    if partial is None:
        return NONE, 0
    if is_unknown(partial):
        raise Untranslated("a derivative without a rule")
    if partial.constant is not None:
        return CONSTANT, 0
    if partial.place < 0:
        return COMPUTED, 0
    return (ITSELF, 0) if partial.place == n else (ARGUMENT, i if partial.place > n else partial.place)


def telling_ops(table: Mapping[str, Op], rules: Rules) -> set[str]:
    """Ops whose rules become shorter with numbers among their arguments."""
    found = set()
    for name in table:
        row = table[name]
        if row.array is not None or "*" in row.params or not row.partials:
            continue
        plan = rules.partials(row, len(row.params.split()))
        if any(p is not None and p.constant is None and len(p.code.steps) >= 3 for p in plan):
            found.add(name)
    return found


def handlers(wanted: Sequence[tuple[KindRules, int]], kink: str, ops: tuple[Op, ...]) -> list[Handler]:
    """The handlers for kinds and the masks of the partial derivatives that they compute, compiled where they are new.
    Raises Untranslated."""
    keys = [_key(of, mask, kink, ops) for of, mask in wanted]
    with _LOCK:
        if len(_FOUND) > MOST:
            _FOUND.clear()
        missing = {key: at for key, at in zip(keys, wanted) if key not in _FOUND}
        if missing:
            names = [f"op{k}" for k in range(len(missing))]
            loaded = compiled(_module([(name, *at) for name, at in zip(names, missing.values())], ops))
            for name, (key, (of, _)) in zip(names, missing.items()):
                _FOUND[key] = Handler(loaded.address(name), loaded, of.kind[0])
        return [_FOUND[key] for key in keys]


def _key(of: KindRules, mask: int, kink: str, ops: tuple[Op, ...]) -> Any:
    row, n, numbers = of.kind
    # Without partial derivatives the numbers tell nothing apart.
    bits = tuple([a if a is None else a.hex() for a in numbers]) if mask else ()
    return id(row), n, bits, mask, kink if mask else "", ops, OPS.generation


def _module(parts: Sequence[tuple[str, KindRules, int]], ops: tuple[Op, ...]) -> str:
    texts, writer = [], Writer(ops)
    for name, of, mask in parts:
        texts.append(_handler(writer, name, of, mask))
    return writer.definitions() + "\n" + "\n".join(texts)


def _handler(writer: Writer, name: str, of: KindRules, mask: int) -> str:
    row, n, _ = of.kind
    writer.lines = lines = []
    args = []
    for i in range(n):
        a = f"a{i}"
        lines += [
            f"%{a}p = getelementptr i32, ptr %code, i64 {i + 1}", f"%{a}s = load i32, ptr %{a}p",
            f"%{a}w = zext i32 %{a}s to i64", f"%{a}f = getelementptr double, ptr %frame, i64 %{a}w",
            f"%{a} = load double, ptr %{a}f",
        ]  # fmt: skip
        args.append(f"%{a}")
    y = _value(writer, row, args)
    lines.append(f"store double {y}, ptr %value")
    saved = 0
    for i, partial in enumerate(of.plan):
        if of.how[i] == COMPUTED and (mask if of.whole else mask >> i & 1):
            assert partial is not None
            local = _run(writer, partial.code, [*args, y, args[i]])
            lines += [f"%s{i} = getelementptr double, ptr %saved, i64 {saved}", f"store double {local}, ptr %s{i}"]
            saved += 1
    lines += [
        f"%code.next = getelementptr i32, ptr %code, i64 {n + 1}",
        "%value.next = getelementptr double, ptr %value, i64 1",
        f"%saved.next = getelementptr double, ptr %saved, i64 {saved}",
        "%op = load i32, ptr %code.next", "%op.w = zext i32 %op to i64",
        "%entry = getelementptr ptr, ptr %table, i64 %op.w", "%next = load ptr, ptr %entry",
        "musttail call void %next(ptr %code.next, ptr %frame, ptr %value.next, ptr %saved.next, ptr %table)",
        "ret void",
    ]  # fmt: skip
    return f"define void @{name}({SIGNATURE}) {{\n" + "\n".join(lines) + "\n}\n"


def _run(writer: Writer, code: Code, inputs: Sequence[str]) -> str:
    """The value of a rule."""
    slots = [*inputs, *map(writer.literal, code.numbers)]
    for row, places in code.steps:
        slots.append(_value(writer, row, [slots[k] for k in places]))
    return slots[code.outputs[0]]


def _value(writer: Writer, row: Op, args: Sequence[str]) -> str:
    if not keeps_bits(row, writer.ops):
        raise Untranslated(row.name)
    return writer.value(row, args)


STOP = f"define void @stop({SIGNATURE}) {{\nret void\n}}\n"
ENTER = f"""define void @forward({SIGNATURE}) {{
%op = load i32, ptr %code
%op.w = zext i32 %op to i64
%entry = getelementptr ptr, ptr %table, i64 %op.w
%next = load ptr, ptr %entry
musttail call void %next(ptr %code, ptr %frame, ptr %value, ptr %saved, ptr %table)
ret void
}}
"""
