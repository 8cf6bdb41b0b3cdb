"""The page of an op: its call, its derivatives, its domain and an example, read from its row."""

from __future__ import annotations

import re
from itertools import chain, product
from math import isfinite
from typing import Any

from ...ground.complaints import explained
from ...ground.errors import UnknownName, UsageError, WengertError, error, suggestion
from ...ground.tuples import NamedTuple
from ...lists.wengert_list import WengertList, spelled
from ...ops import CONSTANTS, DERIVATIVES, FOLDS, INFIX, OPS, Op, lookup, names_for_people
from ...ops.parameters import FREE, defaults, incomplete
from ...sweeps.nonfinite import all_finite, holds, interval, outside
from ...sweeps.rules import parameters
from ..compile import compile
from ..display import spelled_value
from ..function import Function
from ..texts import as_text

__all__ = ["FREE", "Op", "OpPage", "all_ops", "op", "plainly"]

# Arguments to try for an example, plain numbers first; some of them are off the kinks and inside the domain.
_TRIED = (0.5, 1.5, 2.0, 3.0, -0.5, 4.0, 1.0, 0.0, -0.25)
# Arguments to try for an example of an array op, and its static parameters that have no default.
_ARRAYS: tuple[Any, ...] = (((2.0, 0.5), (0.25, 1.0)), (0.5, 2.0), (0.75, 0.25, 0.5), 1.0, 0.0)
_STATICS = ("", "1", "2", "[2,2]", "[4]", "[2]", "[1,0]")


class OpPage(NamedTuple):
    """All about one op of the language. `row` is its row of the table: name, aliases, kinks, description, source.

    `str` of it is the page that `wengert ops NAME` prints. A sweep by hand takes two of its methods:

        for e in reversed(w.equations):
            arguments = [values[i] if isinstance(i, str) else i for i in e.inputs]
            for i, partial in zip(e.inputs, wg.op(e.op).partials(*arguments)):
                adjoints[i] += adjoints[e.output] * partial
    """

    row: Op

    def __repr__(self) -> str:
        return f"<wengert.OpPage of {self.called}>"

    def __str__(self) -> str:
        parts = self.facts()
        width = max(len(left) for left, _ in parts)
        return "\n".join([self.called, self.row.doc, "", *(f"{a.ljust(width)}  {b}" for a, b in parts)])

    def forward(self, *arguments: Any) -> Any:
        """The value of the op: a float, or an array for arrays. Raises UsageError for a wrong number of arguments."""
        return self._alone(len(arguments))(*arguments)

    def partials(self, *arguments: Any) -> tuple[Any, ...]:
        """The local derivatives at a point: the derivative of the value in each argument.

        Numbers for numbers. An op on numbers takes arrays element by element, and so do its partials. Those of an array
        op have the axes of the value, then those of the argument.
        """
        return tuple(self._alone(len(arguments)).jacobian(*arguments)[0])

    def _alone(self, n: int) -> Function:
        """The function of the op alone. Raises UsageError for a wrong number of arguments."""
        row = self.row
        fewest = len(row.params.split())
        if n < fewest or n > fewest and "*" not in row.params:
            raise error(UsageError, "W605", f"{n} argument{'s' * (n != 1)} for `{self.called}`",
                        help=f"it takes {fewest}{' or more' * ('*' in row.params)}")  # fmt: skip
        names = parameters(row, n) if row.params else ()
        return compile(WengertList([("value", row.name, names)], inputs=names, outputs=("value",)), fuse=False)

    @property
    def called(self) -> str:
        """A call with the names of the parameters: `clip(a, low, high)`."""
        row = self.row
        params = [f"{p[1:]}, …" if p.startswith("*") else p for p in row.params.split()]
        if row.statics == FREE:
            return f"{row.name}[…]({', '.join(params)})"
        return f"{row.notation.folded or row.name}({', '.join([*params, *row.statics.split()])})"

    @property
    def rules(self) -> dict[str, str]:
        """The derivative in each parameter. Of an array op, the adjoint of each parameter from `g`, the adjoint of the
        value."""
        row = self.row
        params = [p.lstrip("*") for p in row.params.split()]
        if row.array is None:
            return {p: "0" if rule is None else rule for p, rule in zip(params, row.partials)}
        texts = [None if rule is None else rule if isinstance(rule, str) else "the part of g at its places"
                 for rule in row.vjp]  # fmt: skip
        return {p: "0" if t is None else plainly(t) for p, t in zip(params, texts)}

    @property
    def domain(self) -> tuple[str, ...]:
        """The conditions on the arguments, where the op does not take all numbers."""
        row = self.row
        params = [p.lstrip("*") for p in row.params.split()]
        found = tuple(f"{p} in {text}" for p, text in zip(params, row.domain) if text)
        return (*found, row.provided) if row.provided else found

    def ends(self, k: int) -> tuple[float, float]:
        """The ends of the interval in which parameter k has to be, infinite where nothing bounds it."""
        text = self.row.domain[k] if k < len(self.row.domain) else ""
        return interval(text)[:2]

    @property
    def latex(self) -> str:
        """A call of the op in LaTeX."""
        from ...show import latex  # few calls need it

        row = self.row
        if row.array is not None:
            words = [p.lstrip("*") for p in row.params.split()]
            # A page is about all static parameters: only places are named.
            written = row.notation.latex.replace("#s", "").replace("#i", "i")
            return re.sub(r"#(\d|\*)", lambda m: ", ".join(words) if m[1] == "*" else words[int(m[1]) - 1], written)
        names = parameters(row, row.params.count(" ") + (2 if "*" in row.params else 1))
        return latex(compile(f"{row.name}({', '.join(names)})", fuse=False, inputs=names).wengert_list)

    def in_short(self, param: str) -> str:
        """The derivative in a parameter as the shorter formula that holds but for single points; empty if there is
        none."""
        row = self.row
        names = parameters(row, row.params.count(" ") + 1)
        if param not in names:
            return ""
        f = compile(f"{row.name}({', '.join(names)})", fuse=False, inputs=names)
        found = f.derivative(param)
        return f"{found}, {found.notes[0].message.removeprefix('written ')}" if found.notes else ""

    def example(self) -> tuple[Function, dict[str, Any]] | None:
        """A function of the op alone, and a point of its domain, off its kinks, where value and derivatives are finite.
        None if no point is found."""
        return _point(self.row)

    def facts(self) -> list[tuple[str, str]]:
        """The lines of the page below the call and the description: a word and a text. The word is empty where it would
        repeat the word of the line above."""
        row, parts = self.row, list[tuple[str, str]]()
        if row.notation.infix:
            left, *right = row.params.split()
            sign = row.notation.infix
            parts.append(("written", f"{left} {sign} {right[0]}" if right else f"{sign}{left}"))
        if row.aliases:
            parts.append(("also", ", ".join(row.aliases)))
        for p, rule in self.rules.items():
            parts.append((f"d/d{p}" if row.array is None else f"adjoint of {p}", rule))
            if row.array is None and "where(" in rule and (short := self.in_short(p)):
                parts.append(("", short))
        if any(re.search(r"\by\b", rule) for rule in self.rules.values()):
            parts.append(("", f"where y is the value, {self.called}"))
        if row.array is not None:
            parts.append(("", "where g is the adjoint of the value"))
            if row.statics not in ("", FREE):
                parts.append(("static", f"{row.statics}: whole numbers, known before the inputs are"))
        parts.append(("domain", "; ".join(self.domain) or ("all numbers" if row.array is None else "all arrays")))
        parts += [("kink" if k.kind == "kink" else k.kind, f"where {plainly(k.when)}: {k.says}") for k in row.kinks]
        if row.array is None:
            kept = {0.0: "exact", 0.5: "rounded correctly"}
            of = f" of {row.relative_to}" if row.relative_to else ""
            parts.append(("accuracy", kept.get(row.ulps, f"within {row.ulps:g} units in the last place{of}")))
            if re.search(r"\by\b", row.relative_to):
                parts.append(("", "where y is the value"))
        replaced = [text.partition("->")[0].strip() for text in (*row.rewrites.fuses, *row.rewrites.cheaper)]
        parts += [("" if k else "replaces", text) for k, text in enumerate(replaced)]
        parts += [("LaTeX", self.latex), ("source", row.source)]
        parts += [("" if k else "example", line) for k, line in enumerate(_told(self.example()))]
        return [(left, right) for left, right in parts if right]


def _told(found: tuple[Function, dict[str, Any]] | None) -> tuple[str, ...]:
    """The command of an example, and its answer; nothing if there is no example."""
    if found is None:
        return ()
    f, point = found
    if any(isinstance(v, tuple) for v in point.values()) or not isinstance(f(point), float):
        given = " ".join(f'--{n} "{spelled_value(v)}"' for n, v in point.items())
        command = f'wengert eval "{f.program.source.text}" {given}'.rstrip()
        return command, f"value {spelled_value(tuples(f(point)))}"
    given = " ".join(f"--{n} {spelled(v)}" for n, v in point.items())
    y, gradient = f.value_and_grad(point)
    derivatives = ", ".join(f"d/d{n} {spelled(g)}" for n, g in gradient.items())
    return f'wengert eval "{f.program.source.text}" {given}', f"value {spelled(y)}; {derivatives}"


def tuples(value: Any) -> Any:
    """An array as nested tuples."""
    return tuple(map(tuples, value)) if getattr(value, "ndim", 0) else float(value)


@explained
def op(name: str) -> OpPage:
    """The page of one op, by its name, an alias or its sign, such as ^. Raises UnknownName."""
    word = as_text(name, "the name of an op").strip()
    row = lookup(word) or OPS.get(INFIX.get(word, ""))
    row = OPS.written(row.name) if row is not None and row.statics and "[" not in word else row
    if row is None:
        raise error(UnknownName, "W102", f"no op is called `{word}`", help=_hint(word))
    return OpPage(row)


def all_ops() -> tuple[OpPage, ...]:
    """The pages of all ops, in the order of the table."""
    return tuple(map(OpPage, OPS.values()))


def _hint(name: str) -> str:
    if name in CONSTANTS:
        return f"`{name}` is a constant, {spelled(CONSTANTS[name])}"
    if name in DERIVATIVES:
        return f"`{name}({', '.join(DERIVATIVES[name])})` is a derivative, not an op: write it in a program"
    if name in FOLDS:
        return f"`{name}(x^k for k in 0:10)` is syntax, not an op"
    return suggestion(name, names_for_people()) or "`wengert ops`, and `wengert.all_ops()`, list them all"


def plainly(rule: str) -> str:
    """A rule with its static parameters written as arguments."""
    return re.sub(r"\{(\w+)\}", r", \1", rule).replace(", statics", ", …")


def _point(row: Op) -> tuple[Function, dict[str, Any]] | None:
    """The function and the point of `OpPage.example`, or None."""
    if row.array is not None:
        return _arrays(row)
    variadic = "*" in row.params
    n = row.params.count(" ") + (3 if variadic else 1)
    names = parameters(row, n)
    f = compile(f"{row.name}({', '.join(names)})", fuse=False, inputs=names)
    tried = ((*values, *_TRIED[: n - len(values)]) for values in product(_TRIED, repeat=min(n, 4)))
    for args in chain(_of_orders(n), tried):
        free = args[-4:] if n > 6 else args
        if len(set(free)) < len(free) or outside(row, args):
            continue
        point = dict(zip(names, args))
        y, gradient = f.value_and_grad(point)
        if all(map(isfinite, (y, *gradient))) and not any(holds(row, k.when, args, y) for k in row.kinks):
            return f, point
    return None


def _of_orders(n: int) -> list[tuple[float, ...]]:
    """Arguments to try of an op of many: orders, and then numbers."""
    few = (1.0, *[0.0] * (n - 5), 0.5, 1.5, 2.5, -0.5)
    return [(*map(float, range(n - 4)), 0.5, 1.5, 2.5, 3.5), few] if n > 6 else []


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
