"""The Wengert list: a straight-line program as plain data.

R. E. Wengert, "A simple automatic derivative evaluation program", Communications of the ACM 7(8), 1964, pp. 463-464.

A list is a sequence of equations `(output, op, inputs)`, each output assigned once, with the names of its inputs and
outputs. It is plain data: every capability is a function over it, in another module.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress
from math import inf
from operator import itemgetter
from typing import Any

from ..ground.complaints import explained
from ..ground.errors import ListError, Source, Span, UnknownName, WengertError, error, shown, suggestion
from ..ground.limits import checking_clock
from ..ground.names import normalize, trouble
from ..ground.tuples import NamedTuple
from ..ops import ALIASES, CONSTANTS, COPY, DERIVATIVES, EXTENDED, FOLDED, OPS, Op, Table, arity
from ..ops.parameters import FREE, incomplete, split

Atom = str | float


class Equation(NamedTuple):
    """One step: `output` is `op` applied to `inputs`, and an input is a name or a number."""

    output: str
    op: str
    inputs: tuple[Atom, ...]


class Provenance(NamedTuple):
    """The origin of the equations of a list. Errors, traces and pictures read it, equality ignores it.

    spans    one an equation: its place in the source text, as a Span or a bare (start, end), or None; one that was
             written for the derivative of another has (start, end, within, the output of that)
    origins  by output, the meaning of an equation that a sweep wrote, such as "adjoint of z1"
    source   the text
    defaults  values of inputs that the function had which the list was recorded from
    """

    spans: Sequence[tuple[Any, ...] | None] = ()
    origins: Mapping[str, str] = {}
    source: Source | None = None
    defaults: Mapping[str, Any] = {}

    def span(self, k: int) -> Span | None:
        """The span of equation k."""
        return None if (found := self.entry(k)) is None else Span(*found[:3])

    def entry(self, k: int) -> tuple[Any, ...] | None:
        """The item of `spans` for equation k."""
        return self.spans[k] if k < len(self.spans) else None

    def written_for(self, k: int) -> str:
        """The output of the equation whose derivative equation k was written for; empty if there is none."""
        found = self.entry(k)
        return found[3] if found is not None and len(found) > 3 else ""


NOWHERE = Provenance()


class WengertList:
    """An immutable list of equations.

    `WengertList([("z1", "add", ("x1", "x1")), ("z2", "add", ("z1", "x2")), ("f", "square", ("z2",))])`

    equations  plain tuples or `Equation`s, in the order in which they run
    inputs     names; by default those that are used and never assigned, without constants, in order of appearance
    outputs    names or numbers; by default the output of the last equation
    shapes     core shapes of inputs that are arrays, such as {"A": ("m", "n"), "x": (3,)}; any other input is a
               number, unless it is used as an array: then it has the shape of its value
    ops        rows of ops that the program defines for itself
    provenance the origin of the equations

    Raises ListError, which names the equation, where a name is used before it is defined or assigned twice, an op is
    unknown or takes another number of arguments, or an argument is neither a name nor a number.
    """

    __slots__ = ("__weakref__", "equations", "inputs", "ops", "outputs", "provenance", "shapes")

    inputs: tuple[str, ...]
    equations: tuple[Equation, ...]
    outputs: tuple[Atom, ...]
    shapes: Mapping[str, tuple[int | str, ...]]
    ops: tuple[Op, ...]
    provenance: Provenance

    @explained
    def __init__(
        self,
        equations: Iterable[Sequence[Any]],
        inputs: Iterable[str] | None = None,
        outputs: Iterable[Atom] | None = None,
        *,
        shapes: Mapping[str, Sequence[int | str]] = {},
        ops: tuple[Op, ...] = (),
        provenance: Provenance = NOWHERE,
    ) -> None:
        names, checked, results = _validated(equations, inputs, outputs, ops)
        _fill(self, names, checked, results, ops, provenance, _shapes(shapes, names))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a WengertList is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a WengertList is immutable")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WengertList) and _key(self) == _key(other)

    def __hash__(self) -> int:
        return hash((self.inputs, len(self.equations), tuple(e.op for e in self.equations[-4:])))

    def __reduce__(self) -> tuple[Any, ...]:
        columns = _columns(self.equations)
        return _unpickled, (self.inputs, columns, self.outputs, self.ops, self.provenance, self.shapes)

    def __len__(self) -> int:
        return len(self.equations)

    def __str__(self) -> str:
        return "\n".join(program_lines(self))

    def __repr__(self) -> str:
        shown = [tuple(e) for e in (self.equations if len(self) <= 12 else self.equations[:6])]
        more = f", … {len(self) - 6} more" if len(self) > 12 else ""
        return (
            f"WengertList([{', '.join(map(repr, shown))}{more}], "
            f"inputs={_short(self.inputs)}, outputs={_short(self.outputs)})"
        )


def _short(atoms: tuple[Any, ...]) -> str:
    return repr(atoms) if len(atoms) <= 12 else f"({', '.join(map(repr, atoms[:6]))}, … {len(atoms) - 6} more)"


def _fill(
    wlist: WengertList,
    inputs: tuple[str, ...],
    equations: tuple[Equation, ...],
    outputs: tuple[Atom, ...],
    ops: tuple[Op, ...],
    provenance: Provenance,
    shapes: Mapping[str, tuple[int | str, ...]],
) -> None:
    for name, value in zip(
        ("inputs", "equations", "outputs", "ops", "provenance", "shapes"),
        (inputs, equations, outputs, ops, provenance, shapes),
    ):
        object.__setattr__(wlist, name, value)


def assemble(
    inputs: Iterable[str],
    equations: Iterable[Equation],
    outputs: Iterable[Atom],
    ops: tuple[Op, ...] = (),
    provenance: Provenance = NOWHERE,
    shapes: Mapping[str, tuple[int | str, ...]] = {},
) -> WengertList:
    """Make a list from parts that are valid by construction. Parts from outside go through `WengertList(...)`."""
    wlist = WengertList.__new__(WengertList)
    _fill(wlist, tuple(inputs), tuple(equations), tuple(outputs), ops, provenance, shapes)
    return wlist


def _columns(equations: tuple[Equation, ...]) -> tuple[tuple[Any, ...], ...]:
    # Three flat columns pickle an order of magnitude faster than a million small named tuples.
    return tuple(zip(*equations)) if equations else ((), (), ())


def _unpickled(
    inputs: Any, columns: Any, outputs: Any, ops: Any, provenance: Any, shapes: Mapping[str, Any] = {}
) -> WengertList:
    wlist = assemble(inputs, map(Equation._make, zip(*columns)), outputs, ops, provenance, shapes)
    table = table_of(ops)
    if strange := sorted(op for op in ops_of(wlist) if op not in table and op not in DERIVATIVES):
        raise error(UnknownName, "W102", f"no op is called `{strange[0]}` in this process",
                    help="the list was made where it is registered: register it here too, before the list is read"
                    )  # fmt: skip
    return wlist


def _key(wlist: WengertList) -> tuple[Any, ...]:
    """The key for equality. It compares numbers by their bits, so that nan equals itself and -0 differs from 0."""
    literals = tuple(a.hex() for e in wlist.equations for a in e.inputs if type(a) is float and (a == 0 or a != a))
    shape = tuple(
        e if all(type(a) is not float or a == a for a in e.inputs)
        else (e.output, e.op, tuple("" if a != a else a for a in e.inputs))
        for e in wlist.equations
    )  # fmt: skip
    outputs = tuple(a.hex() if isinstance(a, float) else (a,) for a in wlist.outputs)
    return wlist.inputs, shape, literals, outputs, wlist.ops, dict(wlist.shapes)


def spelled(a: Atom) -> str:
    """An atom as the language writes it: a whole number without its point, an infinity as `inf`."""
    if isinstance(a, str):
        return a
    text = repr(a)
    return text[:-2] if text.endswith(".0") else text


Value = float | tuple[Any, ...]


def spelled_value(value: Value) -> str:
    """A number or an array, given as nested tuples, as the language writes it."""
    return f"[{', '.join(map(spelled_value, value))}]" if isinstance(value, tuple) else spelled(value)


def sized(name: str, shape: Sequence[int | str] | None) -> str:
    """An input with its shape, in the spelling of a declaration: `A[m,n]`."""
    return f"{name}[{','.join(map(str, shape))}]" if shape is not None else name


def program_lines(wlist: WengertList, defaults: Mapping[str, Value] = {}) -> list[str]:
    """A list as a program of the language, `z2 = add(z1, x2)` on each line. Parsing it gives the list again."""
    # An input may be called `inf`; then the number needs a spelling that no name can have.
    named = "inf" in wlist.inputs or any(e.output == "inf" for e in wlist.equations)

    def atom(a: Atom) -> str:
        return spelled(a).replace("inf", "1e999") if named and a in (inf, -inf) else spelled(a)

    lines = []
    if wlist.inputs:
        shown = (
            sized(n, wlist.shapes.get(n)) + (f" = {spelled_value(defaults[n])}" if n in defaults else "")
            for n in wlist.inputs
        )
        lines.append(f"input {', '.join(shown)}")
    for row in wlist.ops:
        params = row.params.split()
        rules = ", ".join(f"d/d{p} = {rule}" for p, rule in zip(params, row.partials))
        lines.append(f"op {row.name}({', '.join(params)}) = {row.forward} with {rules}")
    lines += [
        f"{output} = {atom(inputs[0])}" if op == COPY else f"{output} = {op}({', '.join(map(atom, inputs))})"
        for output, op, inputs in checking_clock(wlist.equations)
    ]
    lines.append(f"output {', '.join(map(atom, wlist.outputs))}")
    return lines


def ops_of(wlist: WengertList) -> set[str]:
    """The ops of a list."""
    return set(map(itemgetter(1), wlist.equations))


def arguments_of(wlist: WengertList) -> Iterator[Atom]:
    """The inputs of all equations, in order."""
    return chain.from_iterable(map(itemgetter(2), wlist.equations))


def numbers_of(wlist: WengertList) -> set[float]:
    """The numbers among the inputs of a list's equations. 0 and -0 count as one."""
    # The loops are those of `itertools`, as most lists hold few numbers and many names.
    kinds = {kind for kind in set(map(type, arguments_of(wlist))) if issubclass(kind, float)}
    found: set[Any] = set(compress(arguments_of(wlist), map(kinds.__contains__, map(type, arguments_of(wlist)))))
    return found


def constants_of(wlist: WengertList) -> tuple[str, ...]:
    """The names of the constants (pi, tau, e, …) that a list reads, in order of appearance."""
    if not any(map(CONSTANTS.__contains__, chain(arguments_of(wlist), wlist.outputs))):
        return ()
    known = set(wlist.inputs)
    found: dict[str, None] = {}
    for output, _, inputs in wlist.equations:
        known.add(output)
        for a in inputs:
            if a in CONSTANTS and a not in known:
                found[str(a)] = None
    for a in wlist.outputs:
        if a in CONSTANTS and a not in known:
            found[str(a)] = None
    return tuple(found)


def names_of(wlist: WengertList) -> set[str]:
    """Every name that a list uses."""
    names = {*wlist.inputs, *(e.output for e in wlist.equations)}
    names.update(a for e in wlist.equations for a in e.inputs if type(a) is str)
    names.update(a for a in wlist.outputs if isinstance(a, str))
    return names


def table_of(ops: tuple[Op, ...]) -> Table:
    """The registry with a program's own ops, which take precedence."""
    return OPS if not ops else OPS.with_rows(ops)


def _wrong(message: str, help: str = "", code: str = "W501") -> WengertError:
    return error(ListError, code, message, help=help)


def _name(word: object, what: str) -> str:
    if not isinstance(word, str):
        raise _wrong(f"{what} must be a name, not {shown(word)}")
    if why := trouble(word):
        raise _wrong(f"{what} {shown(word)} {why}")
    return normalize(word)


def _items(things: Iterable[Any], rule: str) -> list[Any]:
    if isinstance(things, (bytes, bytearray)):
        raise _wrong(f"{rule}, not bytes: {shown(things)}", help="a text is a str: `.decode()` makes one of bytes")
    try:
        return list(things)
    except TypeError:
        raise _wrong(f"{rule}, not {shown(things)}") from None


def _atom(a: object, where: str) -> Atom:
    if isinstance(a, str):
        return a if a.isascii() else normalize(a)
    try:
        # NumPy would drop the imaginary part of an array with a warning.
        drops = type(a) is not float and hasattr(type(a), "imag") and a.imag  # type: ignore[attr-defined]
        number = float("complex" if drops else a)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise _wrong(f"{where}: an argument must be a name or a number that fits float64, not {shown(a)}") from None
    return number


def _canonical(op: str) -> str:
    name, _ = split(op)
    return ALIASES.get(name, name) + op[len(name) :]


def _unknown_op(op: str, table: Table) -> str:
    name, statics = split(op)
    row = table.written(ALIASES.get(name, name))
    if row is None or not (statics or row.statics):
        return f"unknown op {shown(op)}"
    takes = "they are places, as in `[1:3,0]`" if row.statics == FREE else f"it takes {row.statics or 'none'}"
    return f"the op `{name}` cannot have the parameters [{statics[:60]}]: {takes}"


def _shapes(shapes: Mapping[str, Sequence[int | str]], names: tuple[str, ...]) -> dict[str, tuple[int | str, ...]]:
    checked: dict[str, tuple[int | str, ...]] = {}
    if not isinstance(shapes, Mapping):
        raise _wrong(f"shapes are a mapping from inputs to tuples of sizes, not {shown(shapes)}")
    for name, shape in shapes.items():
        if name not in names:
            raise _wrong(f"there is no input {shown(name)} for the shape {shown(shape)}", suggestion(str(name), names))
        if isinstance(shape, str) or not isinstance(shape, Sequence):
            raise _wrong(f"the shape of `{name}` is a tuple of sizes, not {shown(shape)}")
        dims: list[int | str] = []
        for d in shape:
            if isinstance(d, str):
                dims.append(_name(d, f"a size of `{name}`"))
                if dims[-1] in names:
                    raise _wrong(f"a size of `{name}` has the name of the input `{d}`")
            elif isinstance(d, int) and not isinstance(d, bool) and d >= 0:
                dims.append(d)
            else:
                raise _wrong(f"a size of `{name}` is a whole number or a name, not {shown(d)}")
        checked[name] = tuple(dims)
    return checked


def _validated(
    equations: Iterable[Sequence[Any]],
    inputs: Iterable[str] | None,
    outputs: Iterable[Atom] | None,
    ops: tuple[Op, ...],
) -> tuple[tuple[str, ...], tuple[Equation, ...], tuple[Atom, ...]]:
    table = table_of(ops)
    given = None if inputs is None else [_name(n, "the input") for n in _items(inputs, "the inputs are names")]
    if given is not None and (twice := [n for n, count in Counter(given).items() if count > 1]):
        raise _wrong(f"an input is named twice: `{twice[0]}`")
    defined: set[str] = set(given or ())
    free: dict[str, None] = {}
    constants: set[str] = set()
    checked: list[Equation] = []
    most: int | None
    for k, row in enumerate(_items(equations, "a Wengert list is a sequence of (output, op, inputs)")):
        where = f"equation {k}"
        if isinstance(row, str) or not isinstance(row, Sequence) or len(row) != 3:
            raise _wrong(f"{where} is not a tuple (output, op, inputs): {shown(row)}")
        output, op, arguments = row
        output = _name(output, f"{where}: the output")
        where = f"equation {k}, `{output}`"
        if output in defined:
            raise _wrong(f"{where}: the name is assigned twice" if output not in (given or ()) else
                         f"{where}: the name is an input and cannot be assigned")  # fmt: skip
        if output in constants:
            raise _wrong(f"{where}: the name is used as the constant before it is assigned")
        if output in free:
            raise _wrong(f"{where}: the name is used before it is defined")
        if isinstance(arguments, (str, float, int)):
            arguments = (arguments,)
        if not isinstance(op, str):
            raise _wrong(f"{where}: an op is a name, not {shown(op)}")
        op = ALIASES.get(op, op) if "[" not in op else _canonical(op)
        atoms = tuple([_atom(a, where) for a in _items(arguments, f"{where}: the inputs are names and numbers")])
        if op in DERIVATIVES:
            least, most = len(DERIVATIVES[op]), len(DERIVATIVES[op])
            if len(atoms) == least and not isinstance(atoms[1], str):
                raise _wrong(f"{where}: `{op}` differentiates with respect to a name, not a number")
        elif (row := table.get(op)) is not None and not incomplete(row):
            least, most = arity(row)
            op = row.name
            if (op, len(atoms)) in EXTENDED:  # log(x, b)
                op = EXTENDED[op, len(atoms)]
                least, most = arity(OPS[op])
        else:
            raise _wrong(f"{where}: {_unknown_op(op, table)}", suggestion(op, [*table, *ALIASES]), "W502")
        if len(atoms) == 1 and op in FOLDED:
            op = FOLDED[op]  # max(x) is the largest element of x, as in a parsed program
        if len(atoms) < least or most is not None and len(atoms) > most:
            takes = f"{least}" if most == least else f"{least} or more" if most is None else f"{least} to {most}"
            raise _wrong(f"{where}: `{op}` takes {takes} argument{'s' * (takes != '1')}, not {len(atoms)}")
        for a in atoms:
            if isinstance(a, str) and a not in defined and a not in free:
                if a in CONSTANTS:
                    constants.add(a)
                    continue
                if given is not None:
                    raise _wrong(f"{where}: `{a}` is not defined yet", suggestion(a, defined))
                free[_name(a, f"{where}: the argument")] = None
        if output in atoms:
            raise _wrong(f"{where}: the name is defined by itself")
        defined.add(output)
        checked.append(Equation(output, op, atoms))
    names = tuple(given if given is not None else free)
    if outputs is None:
        if not checked:
            raise _wrong("a list without equations must say what its outputs are")
        results: tuple[Atom, ...] = (checked[-1].output,)
    else:
        wanted = [outputs] if isinstance(outputs, str) else _items(outputs, "the outputs are names and numbers")
        results = tuple([_atom(a, "the outputs") for a in wanted])
        if not results:
            raise _wrong("a list needs at least one output")
        for a in results:
            if isinstance(a, str) and a not in defined and a not in names and a not in CONSTANTS:
                if given is not None or checked:
                    raise _wrong(f"the output `{a}` is not defined", suggestion(a, [*defined, *names]))
                names = (*names, _name(a, "the output"))
    return names, tuple(checked), results
