"""Define-by-run: a Python function runs once on recorded values, and its operations become a Wengert list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NoReturn

from ..ground.complaints import explained
from ..ground.errors import UnknownName, UsageError, WengertError, error, shown, suggestion
from ..ground.names import fresh, is_temporary, normalize, trouble
from ..kernels.arguments import as_value
from ..lists.shapes import inferred
from ..lists.wengert_list import Atom, Equation, Provenance, WengertList
from ..ops import (
    ALIASES,
    ARRAY,
    COPY,
    EXTENDED,
    FOLDED,
    FOLDS,
    INDEX,
    INFIX,
    NEG,
    OPS,
    PREFIX,
    TAKE,
    TRANSPOSE,
    Op,
    arity,
)
from ..ops.parameters import FREE, defaults, incomplete, with_statics
from ..sweeps.numbers import Numbers
from .numpy_functions import composed_functions, floor_divide
from .results import Values

_compute = Numbers()
# `numpy.sum` calls `numpy.add.reduce`. This table gives the reduction for each op that NumPy folds with.
_REDUCED = {op: FOLDED.get(word, word) for word, (op, _) in FOLDS.items()}


class _Recording:
    """The equations written so far, and the names that are taken."""

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
    """A value that writes down every operation on it.

    It takes operators, indexing, the functions of this package, NumPy's ufuncs and array functions. It has no number,
    so it cannot decide an `if`: use `wengert.where`. It may stand for an array, but its shape is not known: an
    operation that needs the shape is refused.
    """

    __slots__ = ("atom", "recording")
    __array_priority__ = 1000

    @property
    def T(self) -> Any:
        """The transpose."""
        return call(TRANSPOSE, self)

    def __getitem__(self, place: Any) -> Any:
        parts = place if isinstance(place, tuple) else (place,)
        words: list[str] = []
        later: list[tuple[int, Any]] = []
        axis = 0
        for part in parts:
            if isinstance(part, slice):
                ends = [part.start, part.stop, part.step]
                while ends and ends[-1] is None:
                    ends.pop()
                words.append(":".join("" if end is None else str(_whole(end)) for end in ends) + ":" * (len(ends) < 2))
            elif isinstance(part, (int,)) or hasattr(part, "__index__") and not isinstance(part, Recorded):
                words.append(str(_whole(part)))
                continue
            elif part is None or part is Ellipsis:
                _refuse(f"`{part}` in an index", "reshape instead")
            elif isinstance(part, Recorded) and part._is_condition():
                _refuse("how many elements a condition takes", "keep what satisfies it: `wengert.where(x > 0, x, 0)`")
            else:
                words.append(":")
                later.append((axis, part))
            axis += 1
        answer: Any = self
        if any(word != ":" for word in words) or not later:
            answer = self.recording.write(f"{INDEX}[{','.join(words)}]", (self.atom,))
        for axis, part in reversed(later):
            answer = call(TAKE, answer, part, axis=axis)
        return answer

    def _is_condition(self) -> bool:
        written = next((e.op for e in reversed(self.recording.equations) if e.output == self.atom), "")
        return written in OPS and OPS[written].boolean

    def __getattr__(self, name: str) -> Any:
        """An op as a method, in the way of arrays: `x.sum(axis=0)`, `x.reshape(2, 3)`."""
        op = ALIASES.get(name, name)
        row = OPS.written(FOLDED.get(op, op)) if not name.startswith("_") else None
        if row is None:
            if name in ("shape", "ndim", "size"):
                _refuse(f"the {name} of a recorded value", "a recorded program takes any shape: `wengert.len(x)`")
            raise AttributeError(name)
        return lambda *args, **statics: call(name, self, *args, **statics)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        name = function.__name__
        if (form := composed_functions().get(function)) is not None:
            return form(*args, **options)
        many = args and isinstance(args[0], (list, tuple)) and any(isinstance(a, Recorded) for a in args[0])
        args, named = _parted(name, function, args, 1 if many else None)
        return call(name, *(args[0] if many else args), **named, **options)

    def __init__(self, recording: _Recording, atom: str) -> None:
        self.recording, self.atom = recording, atom

    def named(self, name: str) -> Recorded:
        """The same value under a name of your choice. Raises UsageError for a name that is taken or cannot be one."""
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
        if method == "reduce" and ALIASES.get(ufunc.__name__, ufunc.__name__) in _REDUCED:
            reduced = _REDUCED[ALIASES.get(ufunc.__name__, ufunc.__name__)]
            return call(reduced, *inputs, **{"axis": 0, **options})
        if method != "__call__" or options:
            _refuse(f"`numpy.{ufunc.__name__}.{method}` with {', '.join(options) or 'this method'}")
        form = composed_functions().get(ufunc)
        return call(ufunc.__name__, *inputs) if form is None else form(*inputs)

    def __bool__(self) -> NoReturn:
        _refuse("the truth of a recorded value", "choose with `wengert.where(condition, a, b)`")

    def __float__(self) -> NoReturn:
        _refuse("the number of a recorded value", "call the functions of this package or NumPy's, not those of `math`")

    __int__ = __index__ = __complex__ = __float__
    __hash__ = object.__hash__

    def __iter__(self) -> NoReturn:
        _refuse("how many elements a recorded value has", "take them by their places: `x[0]`, `x[1]`")

    def __len__(self) -> NoReturn:
        _refuse("how many elements a recorded value has", "`wengert.len(x)` is the length as a value")

    def __floordiv__(self, other: Any) -> Any:
        return floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return floor_divide(other, self)

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
    "+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "@": "__matmul__", "%": "__mod__",
    "**": "__pow__", "and": "__and__", "or": "__or__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__",
    "==": "__eq__", "!=": "__ne__",
}.items():  # fmt: skip
    setattr(Recorded, _method, _operator(INFIX[_symbol]))
    if _symbol[0] not in "<>=!":  # Python itself swaps the sides of a comparison
        setattr(Recorded, f"__r{_method[2:]}", _operator(INFIX[_symbol], swapped=True))
for _method in ("__abs__", "__round__", "__floor__", "__ceil__", "__trunc__"):
    setattr(Recorded, _method, _operator(_method.strip("_")))
for _method, _op in (("__neg__", NEG), ("__invert__", PREFIX["not"])):
    setattr(Recorded, _method, _operator(_op))


def call(name: str, *args: Any, **statics: Any) -> Any:
    """Apply an op of the registry, by name or alias.

    To recorded values it writes an equation; from numbers and arrays alone it computes a value. Static parameters are
    given by name, or after the arguments: `wengert.sum(x, axis=0)`. Raises UnknownName for an op that does not exist,
    UsageError for arguments that it does not take.
    """
    op = ALIASES.get(name, name)
    row = OPS.written(op)
    if row is None:
        raise error(UnknownName, "W102", f"no op is called `{name}`", help=suggestion(name, [*OPS, *ALIASES]))
    if op in FOLDED and len(args) == 1:
        row = OPS.written(FOLDED[op])
        assert row is not None
    elif (op, len(args)) in EXTENDED:
        row = OPS[EXTENDED[op, len(args)]]
    least, most = arity(row)
    known = list(defaults(row)) if row.statics != FREE else []
    if most is not None and len(args) > most and known:
        extra = args[most:] if len(known) > 1 or len(args) == most + 1 else (args[most:],)
        statics = {**dict(zip(known, extra)), **statics}
        args = args[:most]
    if len(args) < least or most is not None and len(args) > most:
        raise error(UsageError, "W118", f"`{row.name}` takes {least} argument{'s' * (least != 1)}, not {len(args)}",
                    help=f"`{row.name}({', '.join(row.params.split())})`")  # fmt: skip
    op = _with_statics(row, known, statics)
    recordings = [a.recording for a in args if isinstance(a, Recorded)]
    if any(r is not recordings[0] for r in recordings):
        _refuse("a value of another recording")
    if not recordings:
        values = tuple(as_value(a, f"an argument of `{row.name}`") for a in args)
        return _compute(op, *values) if row.array is None and set(map(type, values)) == {float} else _arrays(op, values)
    return recordings[0].write(op, tuple(_atom(a, row.name, recordings[0]) for a in args))


def _parted(
    name: str, function: Any, args: tuple[Any, ...], most: int | None
) -> tuple[tuple[Any, ...], dict[str, Any]]:  # fmt: skip
    """The arguments of a NumPy function as arguments of an op: the first by position, the others by name.

    `most` is how many go by position, by default as many as the op takes. The others need names because NumPy may order
    them differently: in `norm(x, 1)` the 1 is not the axis.
    """
    import inspect

    op = ALIASES.get(name, name)
    row = OPS.written(FOLDED.get(op, op))
    if row is None or row.array is None:
        return args, {}
    most = arity(row)[1] if most is None else most
    try:
        theirs = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        theirs = []
    known = list(defaults(row)) if row.statics != FREE else []
    if most is None or len(args) <= most or not set(theirs) & set(known):
        return args, {}
    return args[:most], dict(zip(theirs[most:], args[most:]))


def _with_statics(row: Op, known: list[str], statics: dict[str, Any]) -> str:
    given: dict[str, Any] = {}
    for name, value in statics.items():
        if value is None or type(value).__name__ == "_NoValueType" or name not in known and value is False:
            continue
        if name not in known:
            raise error(UsageError, "W119", f"`{row.name}` has no parameter `{name}`", help=suggestion(name, known))
        many = isinstance(value, (tuple, list))
        given[name] = tuple(map(_whole, value)) if many else _whole(value)
    if not known:
        if needs := incomplete(row):
            raise error(UsageError, "W119", f"`{row.name}` needs {needs}")
        return row.name
    try:
        return with_statics(row, given)
    except ValueError as problem:
        raise error(UsageError, "W119", f"`{row.name}` {problem}") from None


def _arrays(op: str, values: tuple[Any, ...]) -> Any:
    from ..sweeps.arrays import Arrays  # it imports NumPy

    shapes = {f"a{k}": () if type(v) is float else v.shape for k, v in enumerate(values, 1)}
    inferred(WengertList([Equation("y", op, tuple(shapes))], tuple(shapes), ("y",)), shapes)
    with Arrays() as apply:
        return apply(op, *values)


def _whole(a: Any) -> int:
    try:
        if not isinstance(a, Recorded) and int(a) == a:
            return int(a)
    except (TypeError, ValueError, OverflowError):
        pass
    raise error(UsageError, "W623", f"a place or a static parameter is a whole number, not {shown(a)}")


def _atom(a: Any, op: str, recording: _Recording) -> Atom:
    """An argument as an atom. An array of numbers becomes equations, one for each row."""
    if isinstance(a, Recorded):
        return a.atom
    if isinstance(a, (list, tuple)) and any(isinstance(x, Recorded) for x in a):
        return recording.write(ARRAY, tuple(_atom(x, op, recording) for x in a)).atom
    value = as_value(a, f"an argument of `{op}`")
    return value if type(value) is float else _written(value.tolist(), recording)


def _written(rows: Any, recording: _Recording) -> Atom:
    return rows if isinstance(rows, float) else recording.write(
        ARRAY, tuple(_written(row, recording) for row in rows)
    ).atom  # fmt: skip


def _number(a: Any, op: str) -> float:
    try:
        if not isinstance(a, (str, bytes)):
            return float(a)
    except (TypeError, ValueError, OverflowError):
        pass
    raise error(UsageError, "W607", f"`{op}` takes numbers and recorded values, not a {type(a).__name__}")


@explained
def record(function: Callable[..., Any], *inputs: str) -> WengertList:
    """Run a Python function once, and return the list of its operations.

        wg.record(lambda x1, x2: (2*x1 + x2)**2)

    inputs  names for the arguments, by default those of the function's parameters

    The function returns the outputs: a value, a tuple or list of values, or a mapping of names to values. Loops and
    calls are unrolled. An `if` on a recorded value is refused: use `wengert.where`. Raises UsageError for a function
    that cannot be recorded.

    `compile` gives the inputs the defaults of the function's parameters, numbers and arrays.
    """
    names = tuple(normalize(n) for n in inputs) or _parameters(function)
    if bad := [n for n in names if trouble(n)]:
        raise error(UsageError, "W622", f"`{bad[0]}` {trouble(bad[0])}")
    _refuse_misfit(function, names)
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
    provenance = Provenance(defaults={n: v for n, v in _defaults_of(function).items() if n in names})
    return WengertList(recording.equations, names, outputs, provenance=provenance)


def _refuse_misfit(function: Callable[..., Any], names: tuple[str, ...]) -> None:
    """Raise UsageError where a function does not take as many arguments as there are names."""
    import inspect

    try:
        takes = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        takes.bind(*names)
    except TypeError:
        message = f"the function takes {takes}, and {len(names)} inputs are named"
        raise error(UsageError, "W622", message) from None


def _defaults_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The numbers and arrays that a function gives its parameters."""
    import inspect

    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}
    found = {}
    for name, p in parameters.items():
        if p.default is not p.empty and p.kind is not p.KEYWORD_ONLY:
            with suppress(UsageError):
                found[normalize(name)] = as_value(p.default, name)
    return found


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
