"""Derivative rules: a row's text, parsed once into a small list, and applied by a sweep over it.

The rule of an op with parameters `a b` is a list over a, b and the output y. For a variadic op it is a list over all
its arguments, the output, and the current argument, made for the number of arguments in use.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ..ground.errors import DerivativeError, UsageError, WengertError, error
from ..ground.limits import check_clock
from ..ground.tuples import NamedTuple
from ..language import parse
from ..lists.code import Code, code_of, run
from ..lists.wengert_list import Equation, WengertList, assemble, table_of
from ..ops import AND, CONSTANTS, DERIVATIVES, OPS, OR, UNKNOWN, WHERE, Op
from ..ops.row import linear_groups
from .interpretation import Apply

KINKS = ("mean", "left", "right", "error")
# The policy for formulas to read, which hold except where an equality singles out points.
TAKEN = "taken"
# The adjoint of the output, in the rules of array ops.
ADJOINT = "g"
# A cache keeps at most this many entries.
MOST = 4096


class Partial(NamedTuple):
    """The rule for one argument, and facts about its value that are known before it is run.

    constant   its value, where that is one number everywhere
    indicator  it is 0 or 1 and says whether the argument was taken
    place      the position of the input that it simply is, or -1
    common     of a variadic op, the number of first steps that do not read the argument at hand, and so serve all
               arguments; -1 of any other op
    """

    rule: WengertList
    code: Code
    constant: float | None
    indicator: bool
    place: int
    common: int


# One rule for each argument; None if the partial derivative is zero everywhere.
PartialRules = tuple[Partial | None, ...]


class Rules:
    """The derivative rules of a table of ops under a kink policy. `rules_for` makes and caches them."""

    __slots__ = ("_codes", "_partials", "kink", "ops", "table")

    def __init__(self, ops: tuple[Op, ...] = (), kink: str = "mean") -> None:
        self.ops, self.kink, self.table = ops, kink, table_of(ops)
        self._partials: dict[tuple[int, int], tuple[Op, PartialRules]] = {}
        self._codes: dict[tuple[Any, ...], Code] = {}

    def row(self, op: str) -> Op:
        """The row of an equation's op. Raises DerivativeError for a derivative expression that has not been
        expanded."""
        return row_of(self.table, op) if op in DERIVATIVES else self.table[op]

    def partials(self, row: Op, n: int) -> PartialRules:
        """The rules of an elementwise op of n arguments. For an array op, see `vjp_of` and `jvp_of`."""
        key = id(row), n
        if (found := self._partials.get(key)) is not None:
            return found[1]
        plan = _plan(row, n, self.kink, self.ops)
        if n <= 64:
            if len(self._partials) > MOST:
                self._partials.clear()
            self._partials[key] = row, plan  # the row stays alive, so its id stays its own
        return plan

    def partials_at(self, row: Op, inputs: tuple[Any, ...]) -> PartialRules:
        """The rules of an op with these inputs. Steps that depend only on literals, such as the exponent of a power,
        are computed once."""
        plan = self.partials(row, len(inputs))
        for a in inputs:
            if type(a) is float:
                return plan if is_variadic(row) else _at_literals(plan, inputs)
        return plan

    def vjp_list(self, row: Op, i: int, n: int) -> WengertList | None:
        """The rule for the i-th argument of an array op, as a list whose last input is the adjoint; None if it is no
        text."""
        rule = vjp_rule(row, i)
        return _vjp_list(row, rule, n, self.kink, self.ops) if isinstance(rule, str) and rule != UNKNOWN else None

    def vjp_code(self, row: Op, text: str, n: int) -> Code:
        """An array op's rule with this text, by position."""
        key = row.name, row.params, text, n
        code = self._codes.get(key)
        if code is None:
            code = code_of(_common_first(_vjp_list(row, text, n, self.kink, self.ops))[0])
            if len(self._codes) > MOST:
                self._codes.clear()
            self._codes[key] = code
        return code

    def has_derivative(self, row: Op, i: int, n: int) -> bool:
        """Whether the value of an op of n arguments has a derivative in the i-th that is not zero everywhere."""
        return (self.partials(row, n)[i] if row.array is None else vjp_rule(row, i)) is not None

    def one_sided(self, row: Op, n: int) -> bool:
        """Whether the left or the right derivative may be asked for. For an array op, its rules decide."""
        if row.array is None:
            return True
        texts = [rule for rule in row.vjp if isinstance(rule, str)]
        found = {e.op for text in texts for e in rule_list(row, text, n, self.ops).equations}
        return any(op in OPS and OPS[op].left for op in found)


@lru_cache(maxsize=256)
def rules_for(ops: tuple[Op, ...] = (), kink: str = "mean") -> Rules:
    """The rules of the registry and of a program's own `ops`."""
    return Rules(ops, kink)


def checked_kink(kink: str) -> str:
    """The argument, if it is a kink policy. Raises UsageError otherwise."""
    if kink not in KINKS and kink != TAKEN:
        raise error(UsageError, "W602", f"unknown kink policy `{kink}`", help=f"one of {', '.join(KINKS)}")
    return kink


def row_of(table: Mapping[str, Op], op: str) -> Op:
    """The row of an op. Raises DerivativeError for a derivative expression that has not been expanded."""
    if op in DERIVATIVES:
        raise error(DerivativeError, "W211", f"the list still holds a `{op}`: expand its derivatives first")
    return table[op]


def parameters(row: Op, n: int) -> tuple[str, ...]:
    """The names of an op's n arguments inside its rules: a, b, … or for a variadic op a1, a2, …"""
    names = row.params.split()
    if is_variadic(row):
        last = names.pop()[1:]
        names += [f"{last}{k}" for k in range(1, n - len(names) + 1)]
    return tuple(names)


def is_variadic(row: Op) -> bool:
    """Whether an op takes any number of arguments."""
    return "*" in row.params


# Partial derivatives

_NO_RULE = assemble((), (), (0.0,))
# Programs share the rules of the registry's rows.
_PLANS: dict[tuple[str, int, str], tuple[Op, PartialRules]] = {}


def _plan(row: Op, n: int, kink: str, ops: tuple[Op, ...]) -> PartialRules:
    if row.array is not None:
        return (None,) * n
    key = (row.name, n, kink)
    if (found := _PLANS.get(key)) is not None and found[0] is row:
        return found[1]
    fixed = len(row.params.split()) - is_variadic(row)
    plan = tuple(_partial(row, i, n, kink, ops) for i in range(min(n, fixed + 1)))
    plan += plan[-1:] * (n - len(plan))
    if OPS.get(row.name) is row and n <= 64:
        _PLANS[key] = row, plan
    return plan


@lru_cache(maxsize=MOST)
def _partial(row: Op, i: int, n: int, kink: str, ops: tuple[Op, ...]) -> Partial | None:
    text = row.partials[min(i, len(row.partials) - 1)]
    if text is None:
        return None
    if text == UNKNOWN:
        return Partial(_NO_RULE, code_of(_NO_RULE), None, False, -1, -1)
    return _classified(_one_sided(rule_list(row, text, n, ops), kink), is_variadic(row))


def _classified(rule: WengertList, variadic: bool = False) -> Partial | None:
    answer = rule.outputs[0]
    if isinstance(answer, float) and answer == 0.0:
        return None
    common = -1
    if variadic:
        rule, common = _common_first(rule)
    code = code_of(rule)
    if isinstance(answer, float):
        return Partial(rule, code, answer, False, -1, common)
    made = next((e.op for e in rule.equations if e.output == answer), "")
    indicator = made in OPS and OPS[made].boolean
    return Partial(rule, code, None, indicator, rule.inputs.index(answer) if answer in rule.inputs else -1, common)


def _common_first(rule: WengertList) -> tuple[WengertList, int]:
    """Reorder a rule so that the equations come first that do not read its last input (the current argument, or the
    adjoint). Returns it with their number."""
    varying = {rule.inputs[-1]}
    for e in rule.equations:
        if not varying.isdisjoint(e.inputs):
            varying.add(e.output)
    common = [e for e in rule.equations if e.output not in varying]
    rest = [e for e in rule.equations if e.output in varying]
    return assemble(rule.inputs, [*common, *rest], rule.outputs, rule.ops), len(common)


def _at_literals(plan: PartialRules, inputs: tuple[Any, ...]) -> PartialRules:
    literals = tuple([a if type(a) is float and a == a and a != 0.0 else None for a in inputs])
    if literals.count(None) == len(inputs):
        return plan
    return tuple([
        p if p is None or p.constant is not None or len(p.code.steps) < 3
        else literal_partial(p.rule, literals, OPS.generation)
        for p in plan
    ])  # fmt: skip


@lru_cache(maxsize=MOST)
def literal_partial(rule: WengertList, literals: tuple[float | None, ...], generation: int) -> Partial | None:
    """A rule with numbers for some of its inputs. A step of numbers alone becomes a number, and a branch that numbers
    exclude is dropped. No value changes."""
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


def _one_sided(rule: WengertList, kink: str) -> WengertList:
    """A rule whose steps represent the left or the right derivative."""
    if kink not in ("left", "right"):
        return rule
    equations = []
    for output, op, inputs in rule.equations:
        row = OPS.get(op)
        side = "" if row is None else row.left if kink == "left" else row.right
        equations.append(Equation(output, side or op, inputs))
    return assemble(rule.inputs, equations, rule.outputs, rule.ops)


# Texts as lists


@lru_cache(maxsize=MOST)
def rule_list(row: Op, text: str, n: int, ops: tuple[Op, ...] = ()) -> WengertList:
    """A text of a row (a rule, or the condition of a kink or a domain), as a list.

    Its inputs are the n arguments, then `y`, then the current argument, which only variadic ops' texts name. In a rule
    of an array op, that place has the adjoint `g`. Constants become numbers, so that a program's own `e` or `pi` cannot
    change them.
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


@lru_cache(maxsize=MOST)
def rule_code(row: Op, text: str, n: int) -> Code:
    """A text of a row by position, to be run on the arguments, the output, and the current argument."""
    return code_of(rule_list(row, text, n))


@lru_cache(maxsize=MOST)
def forward_rule(row: Op, ops: tuple[Op, ...] = ()) -> WengertList:
    """The value of an op that a program defines, as a list over its parameters."""
    assert isinstance(row.forward, str)
    return _numbered(parse(row.forward, name=f"the op {row.name}", inputs=row.params.split(), ops=ops).wlist)


def _numbered(wlist: WengertList) -> WengertList:
    values = {name: value for name, value in CONSTANTS.items() if name not in wlist.inputs}
    equations = [
        Equation(e.output, e.op, tuple(values.get(a, a) for a in e.inputs))  # type: ignore[arg-type]
        for e in wlist.equations
    ]
    outputs = [values.get(a, a) for a in wlist.outputs]  # type: ignore[arg-type]
    return assemble(wlist.inputs, equations, outputs, wlist.ops)


def sweep_rule(rule: WengertList, values: Mapping[str, Any], apply: Apply) -> Any:
    """Evaluate a rule's output, with `values` for its inputs."""
    check_clock()  # ops that call each other do twice the work with each line of text
    names = dict(values)
    for output, op, inputs in rule.equations:
        names[output] = apply(op, *[names[a] if type(a) is str else a for a in inputs])
    answer = rule.outputs[0]
    return names[answer] if type(answer) is str else answer


# Array ops


class Applied(NamedTuple):
    """An array op with its arguments and its value."""

    row: Op
    args: tuple[Any, ...]
    y: Any


def vjp_rule(row: Op, i: int) -> Any:
    """The rule for the i-th argument of an array op: a text, a function, or None."""
    return row.vjp[min(i, len(row.vjp) - 1)]


def vjp_of(at: Applied, i: int, g: Any, apply: Apply, rules: Rules) -> Any:
    """The adjoint of the i-th argument of an array op, from the adjoint of its value.

    Raises DerivativeError if the row gives no rule.
    """
    row, args, y = at
    rule = vjp_rule(row, i)
    if callable(rule):
        return rule(apply, row.name, args, y, g, i)
    if rule == UNKNOWN:
        raise no_rule()
    return run(rules.vjp_code(row, rule, len(args)), (*args, y, g), apply)


@lru_cache(maxsize=MOST)
def _vjp_list(row: Op, text: str, n: int, kink: str, ops: tuple[Op, ...]) -> WengertList:
    return _one_sided(rule_list(row, text, n, ops), kink)


def groups(row: Op, n: int) -> list[list[int]]:
    """Groups of the positions of arguments in which an array op is jointly linear."""
    names = row.params.split()
    names += names[-1:] * (n - len(names))
    plain = [name.lstrip("*") for name in names]
    return [[i for i in range(n) if plain[i] in group.split()] for group in linear_groups(row)]


def no_rule() -> WengertError:
    """The error for a derivative without a rule."""
    return error(
        DerivativeError, "W210", "an op was registered without a derivative rule for this argument",
        help="give the rules of the op as text in the language: then every order follows",
    )  # fmt: skip


def is_unknown(partial: Partial) -> bool:
    """Whether a partial derivative exists, but has no rule."""
    return partial.rule is _NO_RULE
