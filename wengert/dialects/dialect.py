"""A dialect: its operators and functions with their counterparts in our language, and the scope of its definitions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set

from ..ground.tuples import NamedTuple
from .terms import OperatorForm, Term


class Counterpart(NamedTuple):
    """A function's counterpart: the number of its arguments (at most None: any number), the op of ours that it is, or
    the `def` that writes it in our language."""

    least: int
    most: int | None
    op: str
    definition: str = ""


class Dialect(NamedTuple):
    """One dialect.

    name         its name, which its grammar has too
    title        its name in messages
    operators    the form of each operator; a prefix one is `prefix -`, a postfix one `postfix %`
    functions    the counterpart of each function
    constants    the names that are numbers, and the text that they are in our language
    scope        which definitions an expression sees: "later" ones, "earlier" ones, or "every" one; "sequence" is
                 "earlier" with every name as a result that is not local
    folds        whether names differ only by the case of their letters
    chains       whether `a < b < c` is `a < b and b < c`
    refused      names of functions and operators without a counterpart, and the reason
    spreads      functions of any number of arguments that are an operator of ours between them; with an empty operator
                 a value, its condition and so on, and last the value if none holds
    reduced      functions of any number of values, as forms of ours with `{}` for the values between commas
    units        names that are units behind a number, and have no counterpart
    implied      functions of a variable that is not written, `x`, which is their first argument
    plain        the spelling of a name with the marks taken away that are no part of it
    grammar      the name of its grammar where that is another dialect's
    check        a look at an operator and its operands: the reason to refuse them, or ""
    """

    name: str
    title: str
    operators: Mapping[str, OperatorForm]
    functions: Mapping[str, Counterpart]
    constants: Mapping[str, str] = {}
    scope: str = "earlier"
    folds: bool = False
    chains: bool = False
    refused: Mapping[str, str] = {}
    spreads: Mapping[str, str] = {}
    reduced: Mapping[str, str] = {}
    units: Set[str] = frozenset()
    implied: Set[str] = frozenset()
    plain: Callable[[str], str] = str
    grammar: str = ""
    check: Callable[[str, tuple[Term, ...]], str] = lambda sign, operands: ""


_DEFINED = re.compile(r"(\w+(?:\.\w+)*)\(([^)]*)\) = (.*)")
_ARGUMENTS = {"x": (1, 1), "x, y": (2, 2), "x, …": (1, None), "x, y, …": (2, None), "x, y, z": (3, 3)}


def functions(table: str, prefix: str) -> dict[str, Counterpart]:
    """The functions of a table, a line for each or for several that are ours.

    `sin cos: x` are ops of ours by their own names, `ln=log: x` is one by another name, `step(x) = x >= 0` a
    definition.
    """
    found: dict[str, Counterpart] = {}
    for line in filter(None, map(str.strip, table.splitlines())):
        if defined := _DEFINED.fullmatch(line):
            name, parameters, body = defined.groups()
            count = len(list(filter(None, parameters.split(","))))
            ours = f"{prefix}_{re.sub(r'[^0-9A-Za-z_]', '_', name).lower()}"
            if not count:
                found[name] = Counterpart(0, 0, body)
                continue
            while ours in {c.op for c in found.values()}:
                ours += f"_{count}"
            found[f"{name}/{count}" if name in found else name] = Counterpart(
                count, count, ours, f"def {ours}({parameters}) = {body}"
            )
            continue
        names, _, arguments = line.partition(": ")
        least, most = _ARGUMENTS[arguments]
        for name in names.split():
            theirs, _, ours = name.partition("=")
            found[theirs] = Counterpart(least, most, ours or theirs)
    return found
