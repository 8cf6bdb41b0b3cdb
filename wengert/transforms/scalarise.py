"""A list over arrays of known shapes as a list over numbers, with an equation for each element.

An array op is split by running its own forward rule over arrays of atoms, which write the equations of each operation.
An op that only places elements writes nothing; a product of matrices writes its products and sums. So sparsity, and
everything else that works on numbers, works on arrays. An op that compares or iterates has a form over single elements
in its row, for callers who ask for these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from math import prod
from typing import Any, Literal, NoReturn

import numpy as np

from ..ground.errors import DerivativeError, WengertError, error
from ..ground.limits import UNTRUSTED, Limits, checking_clock
from ..ground.names import fresh
from ..ground.tuples import NamedTuple
from ..lists.shapes import inferred
from ..lists.wengert_list import Atom, Provenance, WengertList, assemble, table_of
from ..ops import ADD, CONSTANT, INFIX, MUL, NEG, OPS
from ..ops.parameters import ArrayFunction, apart
from ..ops.shapes.dimensions import Shape
from .builder import Builder
from .identities import tidy

Forms = Literal["", "derivatives", "values"]


class Scalarised(NamedTuple):
    """A list over numbers, and the places of the arrays in it.

    wlist    the list; its inputs are the elements of the inputs, row by row, its outputs those of the outputs
    inputs   of each input of the list over arrays, an array of the names of its elements; a name for a number
    shapes   the shapes of the outputs, in order
    """

    wlist: WengertList
    inputs: dict[str, Any]
    shapes: tuple[tuple[int, ...], ...]


class _Element:
    """An atom in an array, whose arithmetic writes equations. Adding the zero of an empty place writes nothing."""

    __slots__ = ("atom", "build")

    def __init__(self, build: Builder, atom: Atom) -> None:
        self.build, self.atom = build, atom

    def _with(self, op: str, other: Any, swapped: bool = False) -> Any:
        b = other.atom if isinstance(other, _Element) else float(other)
        if op == ADD and b == 0.0:
            return self
        pair = (b, self.atom) if swapped else (self.atom, b)
        return _Element(self.build, self.build(op, *pair))

    def __add__(self, other: Any) -> Any:
        return self._with(ADD, other)

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        return self._with(MUL, other)

    def __rmul__(self, other: Any) -> Any:
        return self._with(MUL, other, True)

    def __sub__(self, other: Any) -> Any:
        return self._with(INFIX["-"], other)

    def __rsub__(self, other: Any) -> Any:
        return self._with(INFIX["-"], other, True)

    def __truediv__(self, other: Any) -> Any:
        return self._with(INFIX["/"], other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with(INFIX["/"], other, True)

    def __eq__(self, other: object) -> bool:
        self._undecided()

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        self._undecided()

    def _undecided(self) -> NoReturn:
        raise TypeError("a list does not know the values of its names")

    def __neg__(self) -> Any:
        return _Element(self.build, self.build(NEG, self.atom))

    def __getattr__(self, name: str) -> Any:
        # NumPy's functions of arrays of objects call methods of the same names: exp, log, tanh, …
        row = OPS.get(name)
        if row is None or row.array is not None or " " in row.params:
            raise AttributeError(name)
        return lambda: _Element(self.build, self.build(row.name, self.atom))


def scalarised(
    wlist: WengertList, shapes: Mapping[str, Shape], limits: Limits = UNTRUSTED, forms: Forms = ""
) -> Scalarised:
    """The list over the elements of its arrays, whose inputs have these shapes.

    `forms` admits the forms of the rows with choices in them: those with the derivatives of the rows, or with "values"
    all, for a list whose derivatives are written already. Without them every equation is smooth where its op is.

    Raises DerivativeError for an op that cannot be taken apart (a factorisation, an index that is a value), LimitError
    when the list grows too long.
    """
    known = inferred(wlist, shapes)
    table = table_of(wlist.ops)
    names = _names(wlist, known)
    flat = [str(n) for whole in names.values() for n in np.ravel(np.asarray(whole, dtype=object))]
    taken = (*wlist.inputs, *(e.output for e in wlist.equations), *flat)
    build = Builder(rewrites=(tidy,), limits=limits, taken=taken)
    tape: dict[str, Any] = {n: _wrapped(build, whole) for n, whole in names.items()}
    for k, (output, op, inputs) in enumerate(checking_clock(wlist.equations)):
        build.span = wlist.provenance.entry(k)
        args = [tape.get(a, a) if type(a) is str else a for a in inputs]
        row = table[op]
        before = len(build.equations)
        try:
            if row.array is None:
                tape[output] = _each(build, op, args)
            elif folds := row.array.folds or row.notation.folded:
                tape[output] = _folded(build, row, folds, args[0])
            elif (form := apart(row)) and (forms == "values" or forms and not row.array.values):
                tape[output] = _by_form(build, form, args, forms == "values")
            else:
                assert isinstance(row.forward, ArrayFunction)
                whole = row.forward(*args)
                tape[output] = whole[()] if isinstance(whole, np.ndarray) and not whole.ndim else whole
        except WengertError:
            raise
        except Exception:
            message = f"`{op.partition('[')[0]}` cannot be taken apart into numbers"
            raise error(DerivativeError, "W212", message, wlist.provenance.span(k),
                        help="without `--sparse` its derivatives are computed as a whole",
                        source=wlist.provenance.source) from None  # fmt: skip
        for e in build.equations[before:]:
            build.origins.setdefault(e.output, f"an element of {output}")
    outputs: list[Atom] = []
    for a in wlist.outputs:
        whole = tape.get(a, a) if isinstance(a, str) else a
        outputs += [_atom(x) for x in np.ravel(np.asarray(whole, dtype=object))]
    provenance = Provenance(tuple(build.spans), dict(build.origins), wlist.provenance.source)
    made = assemble(flat, build.equations, outputs, wlist.ops, provenance)
    return Scalarised(made, names, tuple(_shape(known, a) for a in wlist.outputs))


def outputs_in(found: Scalarised, shapes: Iterable[tuple[int, ...]]) -> tuple[list[Atom], list[int]]:
    """The outputs of the list as elements of arrays in these shapes, row by row, and how many are given for each.

    If all elements of an array are equal, one is given.
    """
    outputs: list[Atom] = []
    counts = []
    cursor = 0
    for has, shape in zip(found.shapes, shapes):
        end = cursor + prod(has)
        whole: Any = np.array(found.wlist.outputs[cursor:end], dtype=object).reshape(has)
        if whole.size != 1 and has != shape:
            whole = np.broadcast_to(whole, shape)
        outputs += whole.ravel().tolist()
        counts.append(whole.size)
        cursor = end
    return outputs, counts


def _names(wlist: WengertList, known: Mapping[str, Shape]) -> dict[str, Any]:
    """Names of the elements of every input: x_0, x_1, … that the list does not use."""
    used = {*wlist.inputs, *(e.output for e in wlist.equations)}
    found: dict[str, Any] = {}
    for n in wlist.inputs:
        shape = _shape(known, n)
        if not shape:
            found[n] = n
            continue
        whole = np.empty(shape, dtype=object)
        for place in product(*map(range, shape)):
            name = f"{n}_{'_'.join(map(str, place))}"
            if name in used:
                name = next(fresh(f"{name}_", used))
            used.add(name)
            whole[place] = name
        found[n] = whole
    return found


def _shape(known: Mapping[str, Shape], a: Any) -> tuple[int, ...]:
    return tuple(known.get(a) or ()) if isinstance(a, str) else ()  # type: ignore[arg-type]


def _wrapped(build: Builder, whole: Any) -> Any:
    if isinstance(whole, str):
        return _Element(build, whole)
    answer = np.empty(whole.shape, dtype=object)
    for place, name in np.ndenumerate(whole):
        answer[place] = _Element(build, name)
    return answer


def _atom(a: Any) -> Atom:
    return a.atom if isinstance(a, _Element) else a if isinstance(a, str) else float(a)


def _by_form(build: Builder, form: Any, args: list[Any], values: bool) -> Any:
    """An op with a form over single elements. If only values are wanted, nothing is held constant for derivatives."""

    def element(a: Any) -> Any:
        return a if isinstance(a, _Element) else _Element(build, _atom(a))

    def apply(op: str, *atoms: Any) -> Any:
        if values and op == CONSTANT:
            return atoms[0]
        return _Element(build, build(op, *map(_atom, atoms)))

    arrays: list[Any] = []
    for a in args:
        if not isinstance(a, np.ndarray):
            arrays.append(element(a))
            continue
        arrays.append(np.empty(a.shape, dtype=object))
        for place, x in np.ndenumerate(a):
            arrays[-1][place] = element(x)
    whole = form(apply, *arrays)
    return whole[()] if isinstance(whole, np.ndarray) and not whole.ndim else whole


def _each(build: Builder, op: str, args: list[Any]) -> Any:
    """An elementwise op."""
    if not any(isinstance(a, np.ndarray) for a in args):
        return _Element(build, build(op, *map(_atom, args)))
    boxed = []
    for a in args:
        if not isinstance(a, np.ndarray):
            box = np.empty((), dtype=object)
            box[()] = a
            a = box
        boxed.append(a)
    whole = np.broadcast_arrays(*boxed)
    answer = np.empty(whole[0].shape, dtype=object)
    for place in np.ndindex(*answer.shape):
        answer[place] = _Element(build, build(op, *(_atom(a[place]) for a in whole)))
    return answer


def _folded(build: Builder, row: Any, folds: str, a: Any) -> Any:
    """A reduction that is an op of any number of arguments over the elements, such as their maximum or norm."""
    if not isinstance(a, np.ndarray):
        return a
    statics = dict(row.forward.statics)
    axis = statics.get("axis")
    gone = range(a.ndim) if axis is None else [k % a.ndim for k in (axis if isinstance(axis, tuple) else (axis,))]
    kept = [k for k in range(a.ndim) if k not in set(gone)]
    groups = np.transpose(a, (*kept, *gone)).reshape((*(a.shape[k] for k in kept), -1))
    answer = np.empty(groups.shape[:-1], dtype=object)
    for place in np.ndindex(*answer.shape):
        atoms = list(map(_atom, groups[place]))
        answer[place] = _Element(build, build(folds, *atoms) if len(atoms) > 1 or row.array.folds else atoms[0])
    if statics.get("keepdims"):
        return answer.reshape([1 if k in set(gone) else d for k, d in enumerate(a.shape)])
    return answer if answer.ndim else answer[()]
