"""Sparse derivatives at a point: a list that computes only the nonzeros."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from ..ground.errors import UnknownName, UsageError, error, suggestion
from ..ground.names import first_use
from ..ground.tuples import NamedTuple
from ..kernels.arguments import as_value
from ..kernels.elements import TakenApart
from ..kernels.evaluation import Evaluation
from ..kernels.kernel_names import AUTO
from ..kernels.looped import LoopRoute
from ..kernels.routes import Route
from ..lists.code import code_of
from ..lists.shapes import declared, of_arrays
from ..lists.wengert_list import WengertList
from ..lists.wrt import at_output, chosen, listed
from ..ops import OPS
from ..ops.shapes.dimensions import Shape
from ..sweeps.forward import evaluate
from ..sweeps.numbers import Numbers
from ..transforms.sparsity import (
    SparsityPattern,
    acyclic_colouring,
    column_colouring,
    crowded,
    row_colouring,
    sparse_hessian,
    sparse_jacobian,
    star_colouring,
    structure,
)
from .calls.reasons import TANGENTS
from .kinks.kink_products import nonzeros

if TYPE_CHECKING:
    from .function import Function


# The call at which the list of the nonzeros is compiled. Writing the list made the first call slow already.
PATIENCE = 2
# Lists with more elements than this are not split into numbers, unless a kernel is asked for.
LONG = 2_000


class Sparse(NamedTuple):
    """A sparse matrix in coordinate form, row by row: `values[k]` stands in row `rows[k]` and column `columns[k]`.

    Rows are the elements of the outputs, or for a Hessian those of the inputs; columns are the elements of the inputs.
    Arrays are in row-major order. `row_names` and `column_names` name them. A Hessian is `symmetric`.
    """

    values: Any
    rows: Any
    columns: Any
    shape: tuple[int, int]
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    symmetric: bool = False

    def __eq__(self, other: object) -> bool:
        """Whether both have the same places, names and values. A nan equals a nan."""
        if not isinstance(other, Sparse):
            return NotImplemented
        import numpy as np

        arrays = zip((self.values, self.rows, self.columns), (other.values, other.rows, other.columns))
        return tuple(self[3:]) == tuple(other[3:]) and all(np.array_equal(a, b, equal_nan=True) for a, b in arrays)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(tuple(self[3:]))

    def scipy(self) -> Any:
        """The matrix as a `scipy.sparse.coo_array`. Raises UsageError if SciPy is not installed."""
        try:
            from scipy.sparse import coo_array
        except ImportError:
            raise error(UsageError, "W640", "SciPy is not installed",
                        help="`pip install scipy`; the coordinates are there without it") from None  # fmt: skip
        return coo_array((self.values, (self.rows, self.columns)), shape=self.shape)

    @property
    def pattern(self) -> SparsityPattern:
        """The places of the nonzeros."""
        return SparsityPattern(self.shape, self.rows.tolist(), self.columns.tolist())

    def colours(self) -> dict[str, int]:
        """How many colours each colouring takes. One sweep finds all columns, or rows, of one colour."""
        ways = {"by columns": column_colouring, "by rows": row_colouring}
        if self.symmetric:
            ways = {"star": star_colouring, "acyclic": acyclic_colouring, "by columns": column_colouring}
        return {how: 1 + max(colouring(self.pattern), default=-1) for how, colouring in ways.items()}

    def dense(self) -> Any:
        """The matrix as an array."""
        import numpy as np

        answer = np.zeros(self.shape)
        np.add.at(answer, (self.rows, self.columns), self.values)
        return answer


class Elements(NamedTuple):
    """A list over numbers made of a list over arrays, with names and labels of its inputs by element, and its
    outputs."""

    wlist: WengertList
    names: dict[str, list[str]]
    labels: dict[str, list[str]]
    outputs: list[str]


def elements(wlist: WengertList, shapes: Mapping[str, Shape], outputs: Iterable[str]) -> Elements:
    """The list over numbers, for inputs of these shapes."""
    if not any(shapes.values()) and not of_arrays(wlist):
        alone = {n: [n] for n in wlist.inputs}
        return Elements(wlist, alone, alone, list(outputs))
    from ..transforms.scalarise import scalarised  # it imports NumPy

    found = scalarised(wlist, shapes)
    names = {n: [whole] if isinstance(whole, str) else whole.ravel().tolist() for n, whole in found.inputs.items()}
    labels = {n: _labels(n, tuple(shapes.get(n) or ())) for n in wlist.inputs}  # type: ignore[arg-type]
    told = [label for a, shape in zip(outputs, found.shapes) for label in _labels(a, shape)]
    return Elements(found.wlist, names, labels, told)


def _labels(name: str, shape: tuple[int, ...]) -> list[str]:
    """The labels of an array's elements: x[0], A[1,2]."""
    answer = [name]
    for at, d in enumerate(shape):
        answer = [f"{word}{',' if at else '['}{k}" for word in answer for k in range(d)]
    return [f"{word}]" for word in answer] if shape else answer


class NonzeroList(NamedTuple):
    """The list of the nonzeros for inputs of some shapes, and all that its answers share."""

    parts: Elements
    slist: WengertList
    rows: Any
    columns: Any
    of_label: tuple[str, ...]
    by_label: tuple[str, ...]
    loops: LoopRoute
    route: Route


def jacobian_at(f: Function, point: Mapping[str, Any], wrt: Iterable[str] | str | None) -> Sparse:
    """The nonzeros of the derivatives of every output in the names of `wrt`."""
    return _at(f, point, wrt, "jacobian", sparse_jacobian)


def hessian_at(f: Function, point: Mapping[str, Any], wrt: Iterable[str] | str | None) -> Sparse:
    """The nonzeros of the second derivatives of the one scalar output in the names of `wrt`."""
    call, wrt = f.evaluation_at(point), listed(wrt)
    names = chosen(call.wlist, wrt)
    if (pattern := _crowded(f, call, names)) is None:
        return _at(f, point, wrt, "hessian", sparse_hessian)
    import numpy as np

    rows, columns = np.array(pattern.rows, dtype=np.intp), np.array(pattern.columns, dtype=np.intp)
    whole = np.array([list(row) for row in f.hessian(point, wrt=names)])
    return Sparse(whole[rows, columns], rows, columns, pattern.shape, names, names, True)


def _crowded(f: Function, call: Evaluation, names: tuple[str, ...]) -> SparsityPattern | None:
    """The pattern of a scalar program's Hessian in some inputs, if its nonzeros are read from the dense matrix."""
    wlist = call.wlist
    if f.options.kernel != AUTO or call.arrays or call.batch:
        return None
    if len(wlist.outputs) != 1 or len(names) ** 2 > f.limits.elements or len(set(names)) < len(names):
        return None
    key = "crowded", names, OPS.generation
    if key not in f.kept:
        f.kept[key] = crowded(wlist, names)
    found: SparsityPattern | None = f.kept[key]
    return found


def _at(
    f: Function, point: Mapping[str, Any], wrt: Iterable[str] | str | None, what: str, write: Callable[..., Any]
) -> Sparse:  # fmt: skip
    call = f.lists.of_running.at(point)
    if call.batch:
        raise error(UsageError, "W609", f"a sparse {what} is of one point, and these values are a batch",
                    help="declare the inputs' shapes, or take one point")  # fmt: skip
    wlist, names = call.wlist, chosen(call.wlist, wrt)
    if not set(names) <= set(wlist.inputs):
        raise error(UsageError, "W609", f"a sparse {what} is taken by inputs")
    if what == "hessian" and (len(wlist.outputs) != 1 or call.shape(wlist.outputs[0])):
        problem = error(UsageError, "W603", "a Hessian is of one output that is a number")
        raise at_output(wlist, wlist.outputs[-1], problem)
    if (sparse := _by_elements(f, call, point, names, what)) is not None:
        return sparse
    shapes = {n: call.shape(n) for n in wlist.inputs}
    key = what, names, tuple(shapes.items()), OPS.generation
    made: NonzeroList | None = f.kept.get(key)
    if made is None:
        made = f.kept[key] = _made(f, wlist, names, shapes, write)
    parts, slist, rows, columns, of_label, by_label, loops, route = made
    # A constant that the caller gives a value has no slot for it.
    whole = len(call.values) == len(wlist.inputs) and bool(slist.outputs)
    answers = loops.answers([call.values[n] for n in wlist.inputs]) if whole else None
    if answers is not None:
        f._ran = loops
        values: Any = answers[0]
    else:
        f._ran = route
        flat: dict[str, float] = {}
        for n, own in parts.names.items():
            value = call.values[n]
            flat.update(zip(own, [value] if isinstance(value, float) else value.ravel().tolist()))
        found = _by_kernel(route, slist, {**call.values, **flat}) if whole else None
        if found is None:
            found = evaluate(slist, {**call.values, **flat}, Numbers(slist.ops))
        import numpy as np

        values = np.array(found, dtype=float)
    shape = len(of_label), len(by_label)
    order = 2 if what == "hessian" else 1
    values = nonzeros(f, call, f.lists.of_running, point, names, values, (rows, columns), order)
    return Sparse(values, rows.copy(), columns.copy(), shape, of_label, by_label, what == "hessian")


def _by_elements(
    f: Function, call: Evaluation, point: Mapping[str, Any], names: tuple[str, ...], what: str
) -> Sparse | None:  # fmt: skip
    """The nonzeros for a long list over arrays, by tangents of the arrays' elements; None if they do not apply."""
    if not call.arrays or f.options.kernel != AUTO or f.kink == "error" or not long_over_elements(call):
        return None
    import numpy as np  # there are arrays

    from ..kernels.by_elements import nonzeros_at

    setting = f.lists.gradient_at(point, names) if what == "hessian" else f.lists.of_running
    taken = setting.at(point)
    found = nonzeros_at(taken, names, taken.wlist.outputs, f.kink)
    if found is None:
        return None
    rows, columns, values = found
    if what == "hessian":  # one value for both triangles
        across = np.lexsort((rows, columns))
        if not (np.array_equal(rows[across], columns) and np.array_equal(columns[across], rows)):
            return None
        values = np.where(rows >= columns, values, values[across])
    by_label = tuple(label for n in names for label in _labels(n, call.shape(n)))
    of_label = by_label
    if what == "jacobian":
        of_label = tuple(label for n, a in zip(f.outputs, call.wlist.outputs) for label in _labels(n, call.shape(a)))
    f._ran = TANGENTS
    order = 2 if what == "hessian" else 1
    values = nonzeros(f, call, f.lists.of_running, point, names, values, (rows, columns), order)
    return Sparse(values, rows, columns, (len(of_label), len(by_label)), of_label, by_label, what == "hessian")


def long_over_elements(call: Evaluation) -> bool:
    """Whether a list over the elements of these arrays would be too long to write."""
    return sum(prod(call.shape(e.output)) for e in call.wlist.equations) >= LONG


def _by_kernel(route: Route, slist: WengertList, point: Mapping[str, Any]) -> list[float] | None:
    """The values of the nonzeros by a kernel; None while no kernel pays off."""
    run = route.count_call()
    found = None if run is None else run(*[point[n] for n in slist.inputs])
    return None if found is None else [found[0], *found[1]]


def _made(
    f: Function, wlist: WengertList, names: tuple[str, ...], shapes: Mapping[str, Shape], write: Callable[..., Any]
) -> NonzeroList:  # fmt: skip
    import numpy as np

    parts = elements(wlist, shapes, f.outputs)
    by = [e for n in names for e in parts.names[n]]
    slist, rows, columns = write(parts.wlist, by, kink=f.kink, limits=f.limits)
    by_label = tuple(label for n in names for label in parts.labels[n])
    of_label = by_label if write is sparse_hessian else tuple(parts.outputs)
    size, kernel = len(slist.equations), f.options.kernel
    return NonzeroList(
        parts, slist, np.array(rows, dtype=np.intp), np.array(columns, dtype=np.intp), of_label, by_label,
        LoopRoute(size, lambda: TakenApart(code_of(slist), ((len(rows),),)), PATIENCE, f.limits, kernel),
        Route(size, lambda: slist, f.limits, kernel),
    )  # fmt: skip


class StructureByName(NamedTuple):
    """How outputs depend on inputs, element by element: "linearly", "quadratically" or "nonlinearly".

    pairs    (output, input, how) for each dependence, while all other inputs are fixed
    jointly  how each output depends on all inputs together
    """

    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    pairs: tuple[tuple[str, str, str], ...]
    jointly: dict[str, str]

    def how(self, output: str, input: str) -> str:
        """How one output depends on one input: "not" if it does not."""
        return next((how for o, x, how in self.pairs if (o, x) == (output, input)), "not")


def structure_by_name(f: Function, point: Mapping[str, Any]) -> StructureByName:
    """How each output depends on each input, for the shapes of these values and the declared shapes."""
    known = {n: as_value(v, n) for n, v in {**f.program.defaults, **point}.items()}
    given: dict[str, Shape] = {n: () if type(v) is float else v.shape for n, v in known.items()}
    for n in point:
        if n not in f.inputs:
            help = suggestion(str(n), f.inputs) or f"the inputs are {', '.join(f.inputs) or 'none'}"
            raise error(UnknownName, "W101", f"no input is called `{n}`", help=help)
    sizes: Any = given
    f = f.at_shapes(sizes)
    shapes = {n: given.get(n, shape) for n, shape in declared(f.wengert_list).items()}
    for n, shape in shapes.items():
        if shape is None or not all(isinstance(d, int) for d in shape):
            help = f"give it a value, as in `{n}=[1, 2, 3]`, or declare its size: `input {n}[3]`"
            source = f.program.source
            raise error(UsageError, "W606", f"no shape for `{n}`", first_use(source.text, n), help=help, source=source)
    parts = elements(f.wengert_list, shapes, f.outputs)
    found = structure(parts.wlist)
    inputs = tuple(label for n in f.inputs for label in parts.labels[n])
    outputs = tuple(parts.outputs)
    pairs = tuple((outputs[i], inputs[j], how) for i, j, how in zip(found.rows, found.columns, found.how))
    return StructureByName(outputs, inputs, pairs, dict(zip(outputs, found.jointly)))
