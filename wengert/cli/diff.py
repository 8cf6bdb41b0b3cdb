"""`wengert diff`: the derivative as a formula."""

from __future__ import annotations

from collections.abc import Sequence

from ..api.function import Function
from ..ground.errors import Diagnostic, UnknownName, UsageError, error
from ..ground.limits import exceeded
from ..lists.wengert_list import WengertList, assemble
from ..show import formula, latex, single
from ..sweeps.rules import TAKEN
from ..sweeps.ties import compared
from ..transforms.derivatives import jacobian
from ..transforms.simplify import PASSES, simplify
from .algebra import gathered
from .generic import Different, generic, opened, without_leftovers
from .programs import ALWAYS, PROGRAM, SHARED, of_numbers, program_of
from .screen import Screen
from .words import Arguments, Command, Option

COMMAND = Command(
    "diff", "PROGRAM [--wrt NAMES]",
    "The derivative of a program, of any order, as a formula of the language.",
    (
        Option("wrt", "NAMES", "by what, in turn: x,x,y is the third derivative, twice by x, once by y"),
        Option("latex", "", "write it in LaTeX"),
        Option("exact", "", "keep what holds at single points only, such as x = 0 in x^y"),
        *(o for o in PROGRAM if o.takes), *SHARED, *ALWAYS,
    ),
    (
        ('wengert diff "x^y" --wrt x', "y*x^(y - 1)"),
        ('wengert diff "sin(x)*exp(y)" --wrt x,x,y', "a third derivative"),
        ('wengert diff "x^3" | wengert eval - --x 2', "the derivative is a program: 12, and its own derivative"),
    ),
)  # fmt: skip


# Where a derivative was simplified: atoms of a list that are different from each other.
Condition = tuple[WengertList, Different]

# All passes but the one that writes square(x) for x^2.
READING = tuple(p for p in PASSES if p != "strength")


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the derivative; then what it takes for granted."""
    f = program_of(arguments, fuse=False).function
    of_numbers(f)
    screen.say(f.program.warnings)
    wrt = _wrt(arguments, f)
    try:
        wlist, conditions = derivative(f, wrt, exact=arguments.flag("exact"))
    except UnknownName as problem:
        raise arguments.located(arguments.places.get("wrt", 0), problem) from None
    if arguments.flag("latex"):
        print("\n".join(latex(wlist, k) for k in range(len(wlist.outputs))))
    else:
        print(single(wlist) if len(wlist.outputs) == 1 else formula(wlist))
    if conditions:
        help = "--exact writes what holds at the other points as well"
        screen.say([Diagnostic("W311", "note", f"written for {told(conditions)}", help=help)])
    return 0


def _wrt(arguments: Arguments, f: Function) -> tuple[str, ...]:
    if (wrt := arguments.names("wrt")) is not None:
        return wrt
    if len(f.inputs) == 1:
        return f.inputs
    if not f.inputs:
        raise error(UsageError, "W633", "the program has no inputs to differentiate by", source=f.program.source)
    names = ", ".join(f.inputs[:10]) + " …" * (len(f.inputs) > 10)
    raise error(UsageError, "W633", f"differentiate by which of {names}?",
                help=f"add --wrt {f.inputs[0]}, or --wrt {f.inputs[0]},{f.inputs[1]} for both in turn")  # fmt: skip


def derivative(f: Function, wrt: tuple[str, ...], *, exact: bool = False) -> tuple[WengertList, list[Condition]]:
    """The derivative of every output by the names of `wrt` in turn, simplified, and the conditions that it assumes.

    For reading: it does not say that a derivative is nan where what it is of is nan.
    """
    if len(wrt) > f.limits.order:
        raise exceeded(f.limits, "order", f"a derivative of order {len(wrt)}")
    wlist = simplify(f.reading_list, READING)[0]
    conditions: list[Condition] = []
    for name in wrt:
        since = len(wlist.equations)
        kink = f.kink
        if not exact and kink not in ("left", "right"):
            kink = TAKEN
            conditions += [(wlist, atoms) for atoms in compared(wlist)]
        wlist = jacobian(wlist, (name,), kink=kink, limits=f.limits, masked=False)
        if not exact:
            known = opened(without_leftovers(wlist, since), since)
            wlist, different = generic(known, since)
            conditions += [(known, atoms) for atoms in different]
            wlist, different = gathered(simplify(wlist)[0], f.limits)
            conditions += [(wlist, atoms) for atoms in different]
        wlist = simplify(wlist, READING)[0]
    return wlist, conditions


def told(conditions: Sequence[Condition], most: int = 4) -> str:
    """Conditions as a phrase: the first few of them that are short."""
    # An expression may take as long to write as its list is, so no more are written than may be shown.
    texts = dict.fromkeys(_different(wlist, atoms) for wlist, atoms in conditions[: 2 * most])
    listed = [t for t in texts if len(t) <= 60 and "\n" not in t][:most]
    if len(conditions) > 2 * most or len(listed) < len(texts):
        listed.append("…" if listed else "points that no equality singles out")
    return ", ".join(listed)


def _different(wlist: WengertList, atoms: Different) -> str:
    texts = [single(assemble(wlist.inputs, wlist.equations, (a,), wlist.ops, wlist.provenance)) for a in atoms[:4]]
    if len(atoms) == 2:
        return f"{texts[0]} != {texts[1]}"
    return f"{', '.join(texts)}{' …' * (len(atoms) > 4)} all different"
