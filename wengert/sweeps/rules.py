"""Derivative rules: a row's text, parsed once into a small list, applied by a sweep over it.

A rule of an op with parameters `a b` is a list over a, b and the output y. For a variadic op it is a list over all its
arguments, the output, and the argument at hand, made for the number of arguments in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ..ground.errors import DerivativeError, UsageError, WengertError, error
from ..ground.limits import check_clock
from ..language import parse
from ..lists.wengert_list import Equation, WengertList, assemble
from ..ops import AND, CONSTANTS, OPS, OR, UNKNOWN, WHERE, Op
from ..ops.row import linear_groups

Apply = Callable[..., Any]

KINKS = ("mean", "left", "right", "error")
# The policy of a formula for reading, which is written for the points that no equality singles out.
TAKEN = "taken"


class Program(NamedTuple):
    """A rule ready to run: its equations by position instead of by name.

    Positions count the rule's inputs first, then `numbers`, then the equations of `common` and `steps` in order.
    `common` are those that do not read the last input, the argument at hand: a variadic op runs them once for all its
    arguments.
    """

    numbers: tuple[float, ...]
    common: tuple[tuple[str, tuple[int, ...]], ...]
    steps: tuple[tuple[str, tuple[int, ...]], ...]
    answer: int


class Partial(NamedTuple):
    """The rule for one argument, and what is known of its value before it is run.

    constant   its value, where that is one number everywhere
    indicator  it is 0 or 1 and says whether the argument was taken
    at         the position of the input that it simply is, or -1
    """

    rule: WengertList
    program: Program
    constant: float | None
    indicator: bool
    at: int


Partials = tuple[Partial | None, ...]


def checked_kink(kink: str) -> str:
    """The kink policy, if it is one. Raises UsageError."""
    if kink not in KINKS and kink != TAKEN:
        raise error(UsageError, "W602", f"unknown kink policy `{kink}`", help=f"one of {', '.join(KINKS)}")
    return kink


def parameters(row: Op, n: int) -> tuple[str, ...]:
    """Names of the n arguments of an op inside its rules: a, b, … or for a variadic op a1, a2, …"""
    names = row.params.split()
    if is_variadic(row):
        last = names.pop()[1:]
        names += [f"{last}{k}" for k in range(1, n - len(names) + 1)]
    return tuple(names)


_NO_RULE = assemble((), (), (0.0,))
_PLANS: dict[tuple[str, int, str], tuple[Op, Partials]] = {}


def partials(row: Op, n: int, kink: str, ops: tuple[Op, ...]) -> Partials:
    """The partial derivatives of an op of n arguments, one an argument; None where it is zero everywhere.

    `kink` chooses the one-sided rules. An op that works on arrays as wholes has none: see `pull` and `push`.
    """
    key = (row.name, n, kink)
    if (found := _PLANS.get(key)) is not None and found[0] is row:
        return found[1]
    fixed = len(row.params.split()) - is_variadic(row)
    if row.array is not None:
        return (None,) * n
    plan = tuple(_partial(row, i, n, kink, ops) for i in range(min(n, fixed + 1)))
    plan += plan[-1:] * (n - len(plan))
    if OPS.get(row.name) is row and n <= 64:
        _PLANS[key] = row, plan
    return plan


def is_variadic(row: Op) -> bool:
    """Whether an op takes any number of arguments."""
    return "*" in row.params


def partials_at(row: Op, inputs: tuple[Any, ...], kink: str, ops: tuple[Op, ...]) -> Partials:
    """The partial derivatives of an op with these inputs. What a rule works out of a literal among them, such as the
    exponent of a power, is worked out once."""
    plan = partials(row, len(inputs), kink, ops)
    literals = tuple([a if type(a) is float and a == a and a != 0.0 else None for a in inputs])
    if literals.count(None) == len(inputs) or is_variadic(row):
        return plan
    return tuple([
        p if p is None or p.constant is not None or len(p.program.common) + len(p.program.steps) < 3
        else _specialised(p.rule, literals, OPS.generation)
        for p in plan
    ])  # fmt: skip


@lru_cache(maxsize=4096)
def _specialised(rule: WengertList, literals: tuple[float | None, ...], generation: int) -> Partial | None:
    """A rule with numbers for some of its inputs: what follows from numbers alone is a number, and of a branch that
    they decide the other side is dropped. Every value stays as it was."""
    known: dict[Any, Any] = {name: v for name, v in zip(rule.inputs, literals) if v is not None}
    equations = []
    for output, op, inputs in rule.equations:
        args = tuple([known.get(a, a) for a in inputs])
        row = OPS.get(op)
        if op == WHERE and type(args[0]) is float:
            known[output] = args[1] if args[0] != 0.0 else args[2]
        elif op in (AND, OR) and any(type(a) is float and (a != 0.0) is (op == OR) for a in args):
            known[output] = float(op == OR)
        elif row is not None and callable(row.forward) and row.array is None and all(type(a) is float for a in args):
            known[output] = float(row.forward(*args))
        else:
            equations.append(Equation(output, op, args))
    answer = known.get(rule.outputs[0], rule.outputs[0])
    live, kept = {answer}, []
    for e in reversed(equations):
        if e.output in live:
            live.update(e.inputs)
            kept.append(e)
    return _classified(assemble(rule.inputs, reversed(kept), (answer,), rule.ops))


@lru_cache(maxsize=4096)
def _partial(row: Op, i: int, n: int, kink: str, ops: tuple[Op, ...]) -> Partial | None:
    text = row.partials[min(i, len(row.partials) - 1)]
    if text is None:
        return None
    if text == UNKNOWN:
        return Partial(_NO_RULE, Program((), (), (), 0), None, False, -1)
    return _classified(_one_sided(text_rule(row, text, n, ops), kink))


def _classified(rule: WengertList) -> Partial | None:
    answer = rule.outputs[0]
    program = _positions(rule)
    if isinstance(answer, float):
        return Partial(rule, program, answer, False, -1) if answer != 0.0 else None
    last = rule.equations[-1] if rule.equations else None
    indicator = last is not None and last.output == answer and last.op in OPS and OPS[last.op].boolean
    at = rule.inputs.index(answer) if answer in rule.inputs else -1
    return Partial(rule, program, None, indicator, at)


def _positions(rule: WengertList) -> Program:
    varying = {rule.inputs[-1]} if rule.inputs else set()
    for e in rule.equations:
        if not varying.isdisjoint(e.inputs):
            varying.add(e.output)
    ordered = [e for e in rule.equations if e.output not in varying]
    split = len(ordered)
    ordered += [e for e in rule.equations if e.output in varying]
    literals = [a for e in ordered for a in e.inputs if isinstance(a, float)]
    literals += [a for a in rule.outputs if isinstance(a, float)]
    places: dict[Any, int] = {name: k for k, name in enumerate(rule.inputs)}
    first = len(places)
    for k, e in enumerate(ordered):
        places[e.output] = first + len(literals) + k
    used = iter(range(first, first + len(literals)))
    steps = tuple((e.op, tuple(next(used) if isinstance(a, float) else places[a] for a in e.inputs)) for e in ordered)
    answer = rule.outputs[0]
    place = next(used) if isinstance(answer, float) else places[answer]
    return Program(tuple(literals), steps[:split], steps[split:], place)


@lru_cache(maxsize=4096)
def text_rule(row: Op, text: str, n: int, ops: tuple[Op, ...] = ()) -> WengertList:
    """A text of a row (a rule, or the condition of a kink or a domain) as a list.

    Its inputs are the n arguments, then `y`, then the argument at hand, which only a variadic op's texts name. A rule
    of an op on arrays as wholes names the adjoint `g` in that place. Constants stand in it as numbers, so that no
    program's `e` or `pi` is taken for ours.
    """
    names = parameters(row, n)
    params = row.params.split()
    at_hand = ADJOINT if row.array is not None else "_at_hand"
    if is_variadic(row):
        text = text.replace("...", ", ".join(names[len(params) - 1 :]))
        at_hand = params[-1][1:] if row.array is None else at_hand
    inputs = (*names, "y", at_hand)
    wlist = parse(text, name=f"the row of {row.name}", inputs=inputs, ops=ops).wlist
    return _numbered(wlist)


@lru_cache(maxsize=4096)
def text_program(row: Op, text: str, n: int) -> Program:
    """A text of a row, ready to run on the arguments, the output, and the argument at hand."""
    return _positions(text_rule(row, text, n))


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


def sweep_rule(rule: WengertList, values: Mapping[str, Any], apply: Apply) -> Any:
    """The value of a rule's output, with `values` for its inputs, under `apply`. Raises LimitError."""
    check_clock()  # ops that are defined by each other do twice the work with each line of text
    names = dict(values)
    for output, op, inputs in rule.equations:
        names[output] = apply(op, *[names[a] if type(a) is str else a for a in inputs])
    answer = rule.outputs[0]
    return names[answer] if type(answer) is str else answer


def frame(program: Program, inputs: tuple[Any, ...], apply: Apply) -> list[Any]:
    """The values of a rule before the argument at hand is looked at; the last of `inputs` is a place for it."""
    values = [*inputs, *program.numbers]
    for op, places in program.common:
        values.append(apply(op, *[values[p] for p in places]))
    return values


def run(program: Program, inputs: tuple[Any, ...], apply: Apply) -> Any:
    """The value of a rule for its inputs, under `apply`."""
    values = frame(program, inputs, apply)
    for op, places in program.steps:
        values.append(apply(op, *[values[p] for p in places]))
    return values[program.answer]


# The adjoint of the output, in the rules of ops on arrays as wholes.
ADJOINT = "g"


def whole_rule(row: Op, i: int) -> Any:
    """The rule for the i-th argument of an op on arrays as wholes: a text, a function, or None."""
    return row.vjp[min(i, len(row.vjp) - 1)]


def pull(row: Op, i: int, args: tuple[Any, ...], y: Any, g: Any, apply: Apply, kink: str, ops: tuple[Op, ...]) -> Any:
    """The adjoint of the i-th argument of an op on arrays as wholes, from that of its output, under `apply`.

    Raises DerivativeError where the row gives no rule.
    """
    rule = whole_rule(row, i)
    if callable(rule):
        return rule(apply, row.name, args, y, g, i)
    if rule == UNKNOWN:
        raise _no_rule()
    key = row.name, row.params, rule, len(args), kink
    program = _PULLS.get(key)
    if program is None:
        program = _positions(pulling_list(row, rule, len(args), kink, ops))
        if not ops and len(_PULLS) < 4096:
            _PULLS[key] = program
    return run(program, (*args, y, g), apply)


_PULLS: dict[tuple[Any, ...], Program] = {}


@lru_cache(maxsize=4096)
def pulling_list(row: Op, text: str, n: int, kink: str, ops: tuple[Op, ...]) -> WengertList:
    """The rule of an op on arrays as wholes as a list whose last input is the adjoint."""
    return _one_sided(text_rule(row, text, n, ops), kink)


def one_sided(row: Op, n: int, ops: tuple[Op, ...]) -> bool:
    """Whether the left or the right derivative may be asked for: of an op on arrays as wholes, if its rules tell."""
    if row.array is None:
        return True
    texts = [rule for rule in row.vjp if isinstance(rule, str)]
    found = {e.op for text in texts for e in text_rule(row, text, n, ops).equations}
    return any(op in OPS and OPS[op].left for op in found)


def groups(row: Op, n: int) -> list[list[int]]:
    """Places of the arguments in which an op on arrays as wholes is linear together, a list a group."""
    names = row.params.split()
    names += names[-1:] * (n - len(names))
    plain = [name.lstrip("*") for name in names]
    return [[i for i in range(n) if plain[i] in group.split()] for group in linear_groups(row)]


def _no_rule() -> WengertError:
    return error(
        DerivativeError, "W210", "an op was registered without a derivative rule for this argument",
        help="give the rules of the op as text in the language: then every order follows",
    )  # fmt: skip


class Locals:
    """The local derivatives of one equation, under `apply`: what its rules have in common is computed once."""

    __slots__ = ("apply", "args", "frame", "y")

    def __init__(self, args: tuple[Any, ...], y: Any, apply: Apply) -> None:
        self.args, self.y, self.apply = args, y, apply
        self.frame: list[Any] | None = None

    def partial(self, partial: Partial, i: int, variadic: bool) -> Any:
        """The derivative in the i-th argument. Raises DerivativeError where the row gives no rule."""
        if partial.constant is not None:
            return partial.constant
        args, apply = self.args, self.apply
        if not variadic:
            inputs = (*args, self.y, args[i])
            if partial.at >= 0:
                return inputs[partial.at]
            if partial.rule is _NO_RULE:
                raise _no_rule()
            return run(partial.program, inputs, apply)
        values, program = self.frame, partial.program
        if values is None:
            values = self.frame = frame(program, (*args, self.y, None), apply)
        n = len(values)
        values[len(args) + 1] = args[i]
        for op, places in program.steps:
            values.append(apply(op, *[values[p] for p in places]))
        answer = values[program.answer]
        del values[n:]
        return answer
