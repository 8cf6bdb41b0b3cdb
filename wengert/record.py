"""Define-by-run: a Python function, run once on recorded values, becomes a Wengert list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from .errors import UnknownName, UsageError, WengertError, error, suggestion
from .names import fresh, is_temporary, normalize, trouble
from .ops import ALIASES, COPY, INFIX, NEG, OPS, PREFIX, arity
from .results import Values
from .sweeps import numbers
from .wengert_list import Atom, Equation, WengertList

_compute = numbers()


class _Recording:
    """The equations written so far, and the names they may not use."""

    def __init__(self, inputs: tuple[str, ...]) -> None:
        self.equations: list[Equation] = []
        self.taken = set(inputs)
        self.fresh = fresh("v", self.taken)

    def write(self, op: str, inputs: tuple[Atom, ...], name: str = "") -> Recorded:
        name = name or next(self.fresh)
        self.taken.add(name)
        self.equations.append(Equation(name, op, inputs))
        return Recorded(self, name)


class Recorded:
    """A value that writes down what is done to it: operators, the functions of this package, NumPy's ufuncs.

    It has no number, so it cannot decide an `if`: use `wengert.where`.
    """

    __slots__ = ("atom", "recording")
    __array_priority__ = 1000

    def __init__(self, recording: _Recording, atom: str) -> None:
        self.recording, self.atom = recording, atom

    def named(self, name: str) -> Recorded:
        """The same value under a name of one's own in the list. Raises UsageError for a name that is taken."""
        if trouble(name) or normalize(name) in self.recording.taken:
            raise error(UsageError, "W622", f"`{name}` {trouble(name) or 'is taken'}")
        last = self.recording.equations[-1] if self.recording.equations else None
        if last is not None and last.output == self.atom and is_temporary(self.atom):
            self.recording.equations[-1] = last._replace(output=normalize(name))
            self.recording.taken.add(normalize(name))
            self.atom = normalize(name)
            return self
        return self.recording.write(COPY, (self.atom,), normalize(name))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            _refuse(f"`numpy.{ufunc.__name__}.{method}` with {', '.join(options) or 'this method'}")
        return call(ufunc.__name__, *inputs)

    def __bool__(self) -> NoReturn:
        _refuse("the truth of a recorded value", "choose with `wengert.where(condition, a, b)`")

    def __float__(self) -> NoReturn:
        _refuse("the number of a recorded value", "call the functions of this package or NumPy's, not those of `math`")

    __int__ = __index__ = __complex__ = __float__
    __hash__ = object.__hash__

    def __iter__(self) -> NoReturn:
        _refuse("the elements of a recorded scalar")

    def __pos__(self) -> Recorded:
        return self

    def __repr__(self) -> str:
        return f"<recorded {self.atom}>"


def _refuse(what: str, help: str = "") -> NoReturn:
    raise error(UsageError, "W623", f"{what} is not known while a function is recorded", help=help)


def _operator(op: str, swapped: bool = False) -> Callable[..., Any]:
    if swapped:
        return lambda self, other: call(op, other, self)
    return lambda self, *others: call(op, self, *others)


for _symbol, _method in {
    "+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "%": "__mod__", "**": "__pow__",
    "and": "__and__", "or": "__or__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__", "==": "__eq__",
    "!=": "__ne__",
}.items():  # fmt: skip
    setattr(Recorded, _method, _operator(INFIX[_symbol]))
    if _symbol[0] not in "<>=!":  # Python turns a comparison round by itself
        setattr(Recorded, f"__r{_method[2:]}", _operator(INFIX[_symbol], swapped=True))
for _method in ("__abs__", "__round__", "__floor__", "__ceil__", "__trunc__"):
    setattr(Recorded, _method, _operator(_method.strip("_")))
for _method, _op in (("__neg__", NEG), ("__invert__", PREFIX["not"])):
    setattr(Recorded, _method, _operator(_op))


def call(name: str, *args: Any) -> Any:
    """An op of the registry, by name or alias: an equation on recorded values and numbers, a value on numbers alone.

    Raises UnknownName for an op that is not there, UsageError for arguments it does not take.
    """
    op = ALIASES.get(name, name)
    row = OPS.get(op)
    if row is None:
        raise error(UnknownName, "W102", f"no op is called `{name}`", help=suggestion(name, [*OPS, *ALIASES]))
    least, most = arity(row)
    if len(args) < least or most is not None and len(args) > most:
        raise error(UsageError, "W118", f"`{op}` takes {least} argument{'s' * (least != 1)}, not {len(args)}",
                    help=f"`{op}({', '.join(row.params.split())})`")  # fmt: skip
    recordings = [a.recording for a in args if isinstance(a, Recorded)]
    if any(r is not recordings[0] for r in recordings):
        _refuse("a value of another recording")
    atoms = tuple(a.atom if isinstance(a, Recorded) else _number(a, op) for a in args)
    return recordings[0].write(op, atoms) if recordings else _compute(op, *atoms)


def _number(a: Any, op: str) -> float:
    try:
        if not isinstance(a, (str, bytes)):
            return float(a)
    except (TypeError, ValueError, OverflowError):
        pass
    raise error(UsageError, "W607", f"`{op}` takes numbers and recorded values, not a {type(a).__name__}")


def record(function: Callable[..., Any], *inputs: str) -> WengertList:
    """Run a Python function once and write down what it does.

        wg.record(lambda x1, x2: (2*x1 + x2)**2)

    inputs  names for the arguments, by default those of the function's parameters

    The function may return a value, a tuple or list of values, or a mapping of names to values: the outputs. Loops and
    calls are unrolled; `if` on a recorded value is refused, `wengert.where` serves. Raises UsageError for what cannot
    be recorded.
    """
    names = tuple(normalize(n) for n in inputs) or _parameters(function)
    if bad := [n for n in names if trouble(n)]:
        raise error(UsageError, "W622", f"`{bad[0]}` {trouble(bad[0])}")
    recording = _Recording(names)
    answer = function(*(Recorded(recording, n) for n in names))
    outputs: list[Atom] = []
    if isinstance(answer, Mapping):
        for name, value in answer.items():
            if not isinstance(value, Recorded):
                outputs.append(_result(value))
            else:
                outputs.append(value.atom if value.atom == name else value.named(str(name)).atom)
    else:
        many = answer if isinstance(answer, (tuple, list)) and not isinstance(answer, Values) else (answer,)
        outputs = [value.atom if isinstance(value, Recorded) else _result(value) for value in many]
    return WengertList(recording.equations, names, outputs)


def _result(value: Any) -> float:
    try:
        return _number(value, "an output")
    except WengertError:
        raise error(UsageError, "W623", f"a recorded function returns values, not a {type(value).__name__}") from None


def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    import inspect

    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise error(UsageError, "W622", "this function does not tell its parameters", help="name the inputs") from None
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in found):
        raise error(UsageError, "W622", "this function takes any number of arguments", help="name the inputs")
    return tuple(normalize(p.name) for p in found if p.default is p.empty or p.kind is not p.KEYWORD_ONLY)
