"""Derivative rules: a row's text, parsed once into a small list, applied by a sweep over it.

A rule of an op with parameters `a b` is a list over a, b and the output y. For a variadic op it is a list over all its
arguments, the output, and the argument at hand, made for the number of arguments in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from .errors import DerivativeError, UsageError, error
from .language import parse
from .ops import CONSTANTS, OPS, UNKNOWN, WHERE, Op
from .wengert_list import Equation, WengertList, assemble

Apply = Callable[..., Any]

KINKS = ("mean", "left", "right", "error")


class Partial(NamedTuple):
    """The rule for one argument: a list, and what is known of its value before it is swept.

    constant   its value, where that is one number everywhere
    indicator  it is 0 or 1 and says whether the argument was taken
    """

    rule: WengertList
    constant: float | None
    indicator: bool


# The formula away from the exceptional points alone, for reading: not for evaluation, so not among the policies.
SMOOTH = "smooth"


def checked_kink(kink: str) -> str:
    """The kink policy, if it is one. Raises UsageError."""
    if kink not in KINKS and kink != SMOOTH:
        raise error(UsageError, "W602", f"unknown kink policy `{kink}`", help=f"one of {', '.join(KINKS)}")
    return kink


def parameters(row: Op, n: int) -> tuple[str, ...]:
    """Names of the n arguments of an op inside its rules: a, b, … or for a variadic op a1, a2, …"""
    names = row.params.split()
    if names[-1].startswith("*"):
        last = names.pop()[1:]
        names += [f"{last}{k}" for k in range(1, n - len(names) + 1)]
    return tuple(names)


_REGISTERED: dict[tuple[str, int, int, str], tuple[Op, Partial | None]] = {}


def partial_rule(row: Op, i: int, n: int, kink: str, ops: tuple[Op, ...]) -> Partial | None:
    """The partial derivative of an op of n arguments in its i-th; None where it is zero everywhere.

    `kink` chooses the one-sided rules. Raises DerivativeError where the row gives no rule.
    """
    key = (row.name, i, n, kink)
    if (found := _REGISTERED.get(key)) is not None and found[0] is row:
        return found[1]
    partial = _partial(row, i, n, kink, ops)
    if OPS.get(row.name) is row:
        _REGISTERED[key] = row, partial
    return partial


@lru_cache(maxsize=4096)
def _partial(row: Op, i: int, n: int, kink: str, ops: tuple[Op, ...]) -> Partial | None:
    text = row.partials[min(i, len(row.partials) - 1)]
    if text is None:
        return None
    if text == UNKNOWN or not isinstance(text, str):
        raise error(
            DerivativeError, "W210", f"`{row.name}` has no derivative rule for argument {i + 1}",
            help="give the rules of the op as text in the language: then every order follows",
        )  # fmt: skip
    rule = _one_sided(text_rule(row, text, n, ops), kink)
    if kink == SMOOTH:
        rule = _smooth(rule)
    answer = rule.outputs[0]
    if isinstance(answer, float):
        return Partial(rule, answer, False) if answer != 0.0 else None
    last = rule.equations[-1] if rule.equations else None
    indicator = last is not None and last.output == answer and last.op in OPS and OPS[last.op].boolean
    return Partial(rule, None, indicator)


@lru_cache(maxsize=4096)
def text_rule(row: Op, text: str, n: int, ops: tuple[Op, ...] = ()) -> WengertList:
    """A text of a row (a rule, or the condition of a kink or a domain) as a list.

    Its inputs are the n arguments, then `y`, then for a variadic op the argument at hand. Constants stand in it as
    numbers, so that no program's `e` or `pi` is taken for ours.
    """
    inputs = (*parameters(row, n), "y")
    params = row.params.split()
    if params[-1].startswith("*"):
        text = text.replace("...", ", ".join(inputs[len(params) - 1 : -1]))
        inputs = (*inputs, params[-1][1:])
    wlist = parse(text, name=f"the row of {row.name}", inputs=inputs, ops=ops).wlist
    return _numbered(wlist)


@lru_cache(maxsize=4096)
def forward_rule(row: Op, ops: tuple[Op, ...] = ()) -> WengertList:
    """The value of an op that a program defines, as a list over its parameters."""
    assert isinstance(row.forward, str)
    return _numbered(parse(row.forward, name=f"the op {row.name}", inputs=row.params.split(), ops=ops).wlist)


def _numbered(wlist: WengertList) -> WengertList:
    values = {name: value for name, value in CONSTANTS.items() if name not in wlist.inputs}
    equations = [Equation(e.output, e.op, tuple(values.get(a, a) for a in e.inputs)) for e in wlist.equations]  # type: ignore[arg-type]
    outputs = [values.get(a, a) for a in wlist.outputs]  # type: ignore[arg-type]
    return assemble(wlist.inputs, equations, outputs, wlist.ops)


def _one_sided(rule: WengertList, kink: str) -> WengertList:
    """A rule whose steps stand for the left or the right derivative."""
    if kink not in ("left", "right"):
        return rule
    equations = []
    for output, op, inputs in rule.equations:
        row = OPS.get(op)
        side = "" if row is None else row.left if kink == "left" else row.right
        equations.append(Equation(output, side or op, inputs))
    return assemble(rule.inputs, equations, rule.outputs, rule.ops)


def _smooth(rule: WengertList) -> WengertList:
    """A rule without its exceptional cases: by convention the last branch of a `where` in a rule is the formula."""
    defined = {e.output: e for e in rule.equations}
    answer = rule.outputs[0]
    while isinstance(answer, str) and answer in defined and defined[answer].op == WHERE:
        answer = defined[answer].inputs[2]
    live, kept = {answer}, []
    for e in reversed(rule.equations):
        if e.output in live:
            live.update(e.inputs)
            kept.append(e)
    return assemble(rule.inputs, reversed(kept), (answer,), rule.ops)


def sweep_rule(rule: WengertList, values: Mapping[str, Any], apply: Apply) -> Any:
    """The value of a rule's output, with `values` for its inputs, under `apply`."""
    names = dict(values)
    for output, op, inputs in rule.equations:
        names[output] = apply(op, *[names[a] if type(a) is str else a for a in inputs])
    answer = rule.outputs[0]
    return names[answer] if type(answer) is str else answer


def local_partial(partial: Partial, args: tuple[Any, ...], y: Any, i: int, apply: Apply) -> Any:
    """The local derivative of an equation in its i-th argument, under `apply`."""
    if partial.constant is not None:
        return partial.constant
    return sweep_rule(partial.rule, dict(zip(partial.rule.inputs, (*args, y, args[i]))), apply)
