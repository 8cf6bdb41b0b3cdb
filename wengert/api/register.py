"""Ops of your own: `register` adds a row to the registry from Python."""

from __future__ import annotations

import re
from _thread import allocate_lock
from collections.abc import Callable, Iterable
from typing import Any

from ..ground.complaints import explained
from ..ground.errors import UsageError, WengertError, error
from ..ground.limits import Limits
from ..ground.names import trouble
from ..ops import ALIASES, DERIVATIVES, FOLDS, OPS, UNKNOWN, Kink, Op
from ..ops.row import Notation
from ..sweeps.rules import forward_rule, parameters, rule_list

_ADDING = allocate_lock()
# The longest chain of ops that are defined by each other: as many as a program of one's own may define.
DEEPEST = Limits.trusted().ops

Given = str | Callable[..., float] | float | None


@explained
def register(
    name: str,
    forward: Callable[..., float] | str,
    partials: Given | Iterable[Given] = (),
    *,
    params: str | Iterable[str] | None = None,
    domain: Iterable[str] = (),
    kinks: Iterable[Kink] = (),
    doc: str = "",
    latex: str = "",
    replace: bool = False,
) -> None:
    """Add an op to the registry, for every program compiled from now on.

        wg.register("sq", lambda a: a*a, "2*a")
        wg.register("area", lambda w, h: w*h, [lambda w, h, y: h, lambda w, h, y: w])

    name      the name of the op in programs
    forward   a function of floats that returns a float, or text in the language over the parameters
    partials  one rule for each parameter: text over the parameters and the output `y`; a function of the arguments and
              then the output; or None where the derivative is zero everywhere. Text has derivatives of every order. A
              function has none of its own, so second derivatives through it are refused
    params    names of the parameters, by default those of `forward`
    domain    one interval for each parameter, such as "(0, inf)"; an argument outside it is reported
    kinks     a `Kink` for each place where the op is not smooth
    doc       a description, for `wengert ops`
    latex     the LaTeX of a call, with #1, #2 … for the arguments
    replace   replace an op that has this name, in compiled programs too

    Where a forward function raises ArithmeticError or ValueError, its value is nan. Raises a WengertError for a row
    that is not sound; the registry then stays as it was. A list that uses the op can be pickled, but the op must be
    registered again before the list is loaded.
    """
    if not isinstance(name, str) or (why := trouble(name)):
        raise _refused(f"the name {name!r} " + (why if isinstance(name, str) else "is not a str"))
    if name in ALIASES or name in FOLDS or name in DERIVATIVES:
        raise _taken(name)
    names = _parameters(forward, params)
    single = partials is None or isinstance(partials, (str, float, int)) or callable(partials)
    given: list[Any] = [partials] if single else list(partials)  # type: ignore[arg-type]
    if len(given) != len(names):
        raise _refused(f"`{name}` has {len(names)} parameters and {len(given)} rules", "give one rule a parameter")
    rules: list[str | None] = []
    companions: list[Op] = []
    for param, rule in zip(names, given):
        if callable(rule):
            companion = f"{name}_d{param}"
            companions.append(Op(
                name=companion, params=" ".join((*names, "y")), forward=_guarded(companion, rule),
                partials=(UNKNOWN,) * (len(names) + 1), doc=f"derivative of {name} in {param}",
                source="registered by the caller",
            ))  # fmt: skip
            rules.append(f"{companion}({', '.join((*names, 'y'))})")
        else:
            rules.append(None if rule is None else str(rule))
    if any(int(n) > len(names) or n == "0" for n in re.findall(r"#(\d+)", latex)):
        raise _refused(f"the LaTeX of `{name}` has a place for an argument that it does not take", "#1, #2 … and #*")
    row = Op(
        name=name, params=" ".join(names), forward=forward if isinstance(forward, str) else _guarded(name, forward),
        partials=tuple(rules), domain=tuple(domain), kinks=tuple(kinks), notation=Notation(latex=latex),
        doc=doc or "registered by the caller", source="registered by the caller",
    )  # fmt: skip
    _check(row, (*companions, row))
    # Another thread may be compiling, or registering an op of the same name: all rows appear at once, or none.
    with _ADDING:
        if not replace and row.name in OPS:
            raise _taken(row.name)
        if not replace and (held := [r.name for r in companions if r.name in OPS]):
            raise _refused(f"`{held[0]}` is an op already, and would hold the derivative of `{name}`")
        added = {r.name: r for r in (*companions, row)}
        replaced = not added.keys().isdisjoint(OPS)
        OPS.update(added)
        if replaced:
            OPS.replaced()


def _taken(name: str) -> WengertError:
    return _refused(f"`{name}` is an op already", "choose another name, or pass replace=True")


def _check(row: Op, added: tuple[Op, ...]) -> None:
    """Raise a WengertError unless the texts of a row can be parsed beside all rows of `added`."""
    n = len(row.params.split())
    for text in (*row.partials, *(k.when for k in row.kinks)):
        if text is not None:
            rule_list(row, text, n, added)
    if isinstance(row.forward, str):
        wlist = rule_list(row._replace(params=" ".join(parameters(row, n))), row.forward, n, added)
        _check_depth(row.name, {e.op for e in wlist.equations})


def _check_depth(name: str, used: set[str]) -> None:
    """Refuse an op whose text leads back to itself, or through too many others: their values are computed
    recursively."""
    for _ in range(DEEPEST):
        if name in used:
            raise _refused(f"`{name}` is defined by itself")
        if not used:
            return
        below: set[str] = set()
        for op in used:
            row = OPS.get(op)
            if row is not None and isinstance(row.forward, str):
                below.update(e.op for e in forward_rule(row).equations)
        used = below
    raise _refused(f"`{name}` is defined by a chain of more than {DEEPEST} ops")


def _parameters(forward: Callable[..., float] | str, params: str | Iterable[str] | None) -> list[str]:
    if params is not None:
        names = params.replace(",", " ").split() if isinstance(params, str) else list(params)
    elif callable(forward):
        import inspect

        try:
            found = inspect.signature(forward).parameters.values()
        except (TypeError, ValueError):
            raise _refused("this function does not tell its parameters", "name them: params='a b'") from None
        if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD, p.KEYWORD_ONLY) for p in found):
            raise _refused("an op has a fixed number of parameters", "name them: params='a b'")
        names = [p.name for p in found]
    else:
        raise _refused("a forward rule given as text needs the names of its parameters", "name them: params='a b'")
    for n in names:
        if not isinstance(n, str) or trouble(n) or n == "y" or names.count(n) > 1:
            raise _refused(f"{n!r} cannot name a parameter", "parameters are names, each once; `y` is the output")
    if not names:
        raise _refused("an op needs at least one parameter")
    return names


def _guarded(name: str, function: Callable[..., Any]) -> Callable[..., float]:
    """Wrap a caller's function so that it keeps the registry's promise: it returns a float or nan, or raises a
    WengertError."""

    def forward(*args: float) -> float:
        try:
            return float(function(*args))
        except (ArithmeticError, ValueError):
            return float("nan")
        except WengertError:
            raise
        except Exception as problem:
            raise error(UsageError, "W620", f"the function registered as `{name}` failed: {problem!r}") from problem

    forward.__name__ = name
    forward.__dict__["__wrapped__"] = function  # as functools.wraps does
    return forward


def _refused(message: str, help: str = "") -> WengertError:
    return error(UsageError, "W621", message, help=help)
