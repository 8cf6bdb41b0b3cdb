"""The lists made of a program: fused, expanded, its gradient. Each is made once, on first use, and prepared for
calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, wraps
from operator import index
from typing import Any, Concatenate, ParamSpec, TypeVar

from ..ground.complaints import explain
from ..ground.errors import UsageError, error, shown
from ..ground.limits import Limits, start, stop
from ..ground.tuples import Protocol
from ..kernels.evaluation import Evaluation
from ..kernels.prepared import Prepared
from ..language import Program
from ..lists.receipts import Receipt
from ..lists.shapes import bind, cores, declared, inferred, of_arrays
from ..lists.wengert_list import WengertList, ops_of, table_of
from ..lists.wrt import at_output, chosen
from ..ops import DERIVATIVES, OPS
from ..ops.shapes.dimensions import Shape
from ..ops.shapes.dimensions import shown as shown_shape
from ..transforms.fusible import may_fuse
from . import later
from .options import Options


def has_derivatives(wlist: WengertList) -> bool:
    """Whether a list holds derivatives as expressions."""
    return not ops_of(wlist).isdisjoint(DERIVATIVES)


class Limited(Protocol):
    """An object with limits."""

    @property
    def limits(self) -> Limits: ...


P = ParamSpec("P")
T = TypeVar("T")
L = TypeVar("L", bound=Limited)


def timed(method: Callable[Concatenate[L, P], T]) -> Callable[Concatenate[L, P], T]:
    """Decorate a method: it runs under the clock of its object's limits."""

    @wraps(method)
    def run(f: L, /, *args: P.args, **options: P.kwargs) -> T:
        started = start(f.limits)
        try:
            return method(f, *args, **options)
        except Exception as problem:
            explain(method, (f, *args), options, problem)
            raise
        finally:
            stop(started)

    return run


# imported here, as lower layers know nothing of tables and pictures
later.shown(WengertList)


class Lists:
    """The lists made of one program with one set of options. Each is made on first use, and kept."""

    def __init__(self, program: Program, options: Options) -> None:
        self.generation = OPS.generation
        self.program, self.options = program, options
        self._gradients: dict[Any, Prepared] = {}
        # The lists that mark the places where other lists are not smooth; see `at_kinks`.
        self.watches: dict[Any, Any] = {}

    def share(self, other: Lists) -> None:
        """Take over the lists that `other` made of the same program with the same fusing and kinks."""
        made = ("fused", "running", "written")
        self.__dict__.update({name: other.__dict__[name] for name in made if name in other.__dict__})

    @property
    def limits(self) -> Limits:
        """The limits for making each list."""
        return self.options.limits

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs, in order."""
        return self.program.wlist.inputs

    @cached_property
    @timed
    def fused(self) -> tuple[WengertList, tuple[Receipt, ...]]:
        """The list with stable ops instead of naive formulas, if the options ask for it, and the receipts."""
        if not self.options.fuse or not may_fuse(self.program.wlist):
            return self.program.wlist, ()
        from ..transforms.simplify import fuse

        return fuse(self.program.wlist)

    @cached_property
    @timed
    def running(self) -> WengertList:
        """The list that a call evaluates: fused, with its derivative expressions expanded."""
        return self._expanded(self.fused[0])

    @cached_property
    @timed
    def written(self) -> WengertList:
        """The list as written, with its derivative expressions expanded."""
        return self._expanded(self.program.wlist)

    @cached_property
    @timed
    def reading(self) -> WengertList:
        """`running` for formulas: it leaves out the equations that make a derivative nan where its function is nan."""
        return self._expanded(self.fused[0], masked=False)

    @cached_property
    @timed
    def reading_as_written(self) -> WengertList:
        """`written` for formulas: it leaves out the equations that make a derivative nan where its function is nan."""
        return self._expanded(self.program.wlist, masked=False)

    @cached_property
    @timed
    def gradient(self) -> WengertList:
        """The gradient as a list: the equations of the forward sweep, then those of the reverse sweep."""
        from ..transforms.derivatives import gradient

        return gradient(self.running, kink=self.options.kink, limits=self.limits)

    def _expanded(self, wlist: WengertList, **options: Any) -> WengertList:
        """Expand the derivative expressions of a list."""
        if not has_derivatives(wlist):
            return wlist
        from ..transforms.expand import expand  # few programs need it, and it is large

        return expand(wlist, kink=self.options.kink, limits=self.limits, **options)

    # Shapes of the inputs

    @cached_property
    def kinked(self) -> bool:
        """Whether some op of the program has a kink."""
        table = table_of(self.program.wlist.ops)
        return any(op in DERIVATIVES or bool(table[op].kinks) for op in ops_of(self.fused[0]))

    @cached_property
    def of_arrays(self) -> bool:
        """Whether the program has an array op or a declared shape."""
        return of_arrays(self.program.wlist)

    def core_shapes(self, point: Mapping[str, Any]) -> dict[str, Shape]:
        """The shape of each input without its batch axes, from the values of all inputs."""
        return cores(self.program.wlist, point)

    def batch_axes(self, point: Mapping[str, Any]) -> int:
        """The number of batch axes. They are the first axes of every answer."""
        if all(type(v) is float for v in point.values()):
            return 0
        return bind(self.program.wlist, self.core_shapes(point), point)[2]

    def refuse_arrays(self, given: Mapping[str, Sequence[int]] = {}) -> None:
        """Raise UsageError for an output that is known to be an array, from declared shapes or from the shapes `given`.

        Only the derivative of a number can be a list or a formula.
        """
        wlist = self.program.wlist
        if not self.of_arrays:
            return
        given = checked_shapes(given)
        shapes: dict[str, Shape] = {n: tuple(given.get(n, ())) if s is None and n in given else s
                                    for n, s in declared(wlist).items()}  # fmt: skip
        found = inferred(wlist, shapes)
        for a in wlist.outputs:
            if isinstance(a, str) and (shape := found.get(a)):
                what = f"a derivative as a list is of a number, and `{a}` has the shape {shown_shape(shape)}"
                help = "take an element or a sum; `wengert jacobian` is at a point"
                raise at_output(wlist, a, error(UsageError, "W603", what, help=help))

    def names(self, wrt: Iterable[str] | str | None) -> tuple[str, ...]:
        """The names of `wrt`, inputs or intermediates; all inputs if it is None. Raises UnknownName."""
        return chosen(self.program.wlist if wrt is None else self.written, wrt)

    # Lists prepared for calls

    @cached_property
    def of_running(self) -> Prepared:
        """The fused list, prepared for calls."""
        return self.ready(self.fused[0])

    @cached_property
    def of_written(self) -> Prepared:
        """The list as written, prepared for calls."""
        return self.ready(self.program.wlist)

    def ready(self, wlist: WengertList) -> Prepared:
        """Prepare a list for calls. Its derivative expressions are expanded for the shapes of each call's values."""
        limits, dtype = self.limits, self.options.dtype
        if not has_derivatives(wlist):
            return Prepared(wlist, limits, dtype=dtype)

        def expanded(shapes: Mapping[str, Any]) -> WengertList:
            return self._expanded(wlist, shapes=shapes) if shapes else self._expanded(wlist)

        return Prepared(wlist, limits, expanded, dtype=dtype)

    def are_inputs(self, wrt: Iterable[str] | str | None) -> bool:
        """Whether all names of `wrt` are inputs."""
        return wrt is None or (wrt in self.inputs if isinstance(wrt, str) else set(wrt) <= set(self.inputs))

    def prepared_for(self, wrt: Iterable[str] | str | None) -> Prepared:
        """The prepared list to differentiate by `wrt`: the list as written if `wrt` has intermediates, since fusing may
        remove them."""
        return self.of_running if self.are_inputs(wrt) else self.of_written

    def of_one_output(self, wrt: Iterable[str] | str | None) -> Prepared:
        """`prepared_for` for a program with one output. Raises UsageError if it has several."""
        setting = self.prepared_for(wrt)
        if len(setting.wlist.outputs) != 1:
            what = f"a gradient is of one output, and this program has {len(setting.wlist.outputs)}"
            outputs, help = setting.wlist.outputs, "end the program with one `output`, or take the jacobian"
            raise at_output(setting.wlist, outputs[-1], error(UsageError, "W603", what, help=help))
        return setting

    def gradient_at(self, point: Mapping[str, Any], names: tuple[str, ...]) -> Prepared:
        """The prepared list of the gradient in `names`, for the shapes of a point. Each is made once."""
        setting = self.of_one_output(names)
        evaluated = setting is self.of_running
        wlist = self.running if evaluated and not setting.arrays else setting.wlist
        shapes = None
        if setting.arrays:
            call = setting.at(point)
            wlist = call.wlist
            is_number(call, wlist.outputs[0])
            shapes = call.given
        key = (names, evaluated, None if shapes is None else tuple(shapes.items()))
        found = self._gradients.get(key)
        if found is None:
            if names == self.inputs and shapes is None:
                glist = self.gradient
            else:
                wlist = wlist if evaluated or setting.arrays else self.written
                from ..transforms.derivatives import gradient

                glist = gradient(wlist, names, kink=self.options.kink, limits=self.limits, shapes=shapes)
            if len(self._gradients) > 64:
                self._gradients.clear()
            core = shapes or setting.core
            found = self._gradients[key] = Prepared(glist, self.limits, None, core, self.options.dtype)
        return found


def checked_shapes(given: Mapping[str, Sequence[int]]) -> dict[str, tuple[int, ...]]:
    """The shapes of inputs that a caller gives. Raises UsageError if they are not a mapping of names to shapes."""
    found = {}
    for name, shape in given.items():
        try:
            found[name] = tuple(map(index, shape))
        except TypeError:
            found[name] = (-1,)
        if min(found[name], default=0) < 0:
            raise error(UsageError, "W602", f"the shape of `{name}` is no tuple of sizes: {shown(shape)}",
                        help="(3,) for a vector of 3 elements")  # fmt: skip
    return found


def check_shapes(program: Program) -> None:
    """Raise ShapeError if the declared shapes of a program do not fit each other."""
    if program.undecided is None and of_arrays(program.wlist):
        inferred(program.wlist, declared(program.wlist))


def is_number(call: Evaluation, output: Any) -> None:
    """Raise UsageError for an output that is an array, since it has no gradient."""
    if shape := call.shape(output):
        what = f"a gradient is of a number, and this output has the shape {shown_shape(shape)}"
        raise at_output(call.wlist, output, error(UsageError, "W603", what, help="take the jacobian, or a sum"))
