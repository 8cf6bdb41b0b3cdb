"""`Function`: a compiled program. Call it for its value, and ask its methods for derivatives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeVar

from ..ground.complaints import explain, explained
from ..ground.errors import DomainError, ParseError
from ..ground.limits import UNTRUSTED, within
from ..ground.names import shortened
from ..kernels.arguments import bind_arguments, direction_of, split_direction
from ..kernels.evaluation import Evaluation
from ..language import Program, parse
from ..language.printer import program_text
from ..lists.receipts import Receipt
from ..lists.shapes import bind, cores
from ..lists.wengert_list import WengertList, constants_of
from ..lists.wrt import chosen, listed
from ..ops import CONSTANTS, OPS
from ..sweeps.nonfinite import all_finite
from . import later
from .calls import bound, plain, reasons, routed
from .dispatch import at_direction, at_values
from .kinks import at_kinks, kink_products
from .lists import Lists, check_shapes, checked_shapes, is_number, timed
from .options import DEFAULTS, Options, checked_options
from .results import Gradient, Matrix, Values
from .tabular.dataframes import framed

T = TypeVar("T")


@later.with_methods(
    later.reports,
    "hessian_diagonal taylor error_bounds plan notes blame check_expects sparse_jacobian sparse_hessian check bench "
    "costs structure counts propagate fit total normal_equations dask map frame",
)
@later.with_methods(later.making, "with_options fused simplified gradient_function derivative derivatives flat")
@later.shown
@later.with_methods(later.plots, "plot plotted")
@later.with_methods(later.views, "trace circuit graph page trace_table local_jacobians emit nl_files")
class Function:
    """A compiled program: call it with values for its inputs.

    Inputs are given by position, by name, or as one mapping. `wengert_list` is the program as written, `options` says
    how it is computed, and `receipts` lists the expressions that were replaced by stable ops. Functions are equal if
    they are the same program with the same options, limits aside. They can be pickled.
    """

    _lists: Lists | None = None
    _value_plain: plain.PlainCall | None = None
    _gradient_plain: plain.PlainCall | None = None
    _value_batch: routed.ReadyBatch | None = None
    _gradient_batch: routed.ReadyBatch | None = None
    _sized: Function | None = None  # for the sizes of the last call, if the program's size depends on shapes

    @explained
    def __init__(self, program: Program, options: Options = DEFAULTS, rewritten: tuple[Receipt, ...] = ()) -> None:
        self.program, self.options, self.rewritten = program, checked_options(options), rewritten
        self.fuse, self.kink, self.strict, self.limits, self.dtype, _ = options
        # Whether one list serves for all shapes of the values.
        self.decided = program.undecided is None
        # Objects made once on request: Functions for given shapes, sparse lists, the Lagrangian.
        self.kept: dict[Any, Any] = {}
        # The route of the last call. A list of one, because machine code writes into it.
        self._last: list[Any] = [None]

    # The program and its lists

    @property
    def lists(self) -> Lists:
        """The lists made of the program. They are made anew after an op was replaced. Raises ParseError if a list needs
        a size that is not known."""
        made = self._lists
        if made is None or made.generation != OPS.generation:
            made = self._lists = self._made_lists()
        return made

    def _made_lists(self) -> Lists:
        if (why := self.program.undecided) is not None:
            help = f"{why.help}; or ask the function `at` a point: `f.at({self.inputs[0]}=…)`"
            raise ParseError(why._replace(help=help))
        return Lists(self.program, self.options)

    @property
    def wengert_list(self) -> WengertList:
        """The list of the program as written."""
        return self.lists.program.wlist

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs, in order."""
        return self.program.wlist.inputs

    @property
    def shapes(self) -> Mapping[str, tuple[int | str, ...]]:
        """The declared shapes of inputs: whole numbers, and names of sizes."""
        return self.program.wlist.shapes

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs. An output that is a constant number is named by its digits."""
        return tuple(a if isinstance(a, str) else f"{a:.17g}" for a in self.wengert_list.outputs)

    @cached_property
    def constants(self) -> dict[str, float]:
        """The constants (pi, e, …) that the program uses, and their values."""
        return {n: CONSTANTS[n] for n in (*self.program.constants, *constants_of(self.program.wlist))}

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """The rewrites and their reasons: those by `fused` or `simplified` first, then those by fusing for a call."""
        return self.rewritten + self.lists.fused[1]

    @property
    def running_list(self) -> WengertList:
        """The list that a call evaluates: fused, with its derivative expressions expanded."""
        return self.lists.running

    @property
    def written_list(self) -> WengertList:
        """The list as written, with its derivative expressions expanded. Traces show it."""
        return self.lists.written

    @property
    def reading_list(self) -> WengertList:
        """`running_list` for formulas: it leaves out the equations that make a derivative nan where its function is
        nan."""
        return self.lists.reading

    @property
    def gradient_list(self) -> WengertList:
        """The gradient as a list: the equations of the forward sweep, then those of the reverse sweep."""
        return self.lists.gradient

    # Points

    @explained
    def at(self, /, *args: Any, **values: Any) -> Function:
        """The Function for the shapes of a point: this one, unless the program has another list for each size.

        Raises ShapeError for values that do not fit the declared shapes.
        """
        if self.decided:
            return self
        point, wlist = self.point(args, values), self.program.wlist
        shapes: Any = bind(wlist, cores(wlist, point), point)[1]
        return self.at_shapes(shapes)

    @explained
    def at_shapes(self, shapes: Mapping[str, Sequence[int]] = {}, /, **more: Sequence[int]) -> Function:
        """The Function for inputs of these shapes, `f.at_shapes(x=(3,))`; see `at`.

        Raises ParseError where a size is still not known, ShapeError where the shapes do not fit.
        """
        if self.decided:
            return self
        given = {n: s for n, s in checked_shapes({**shapes, **more}).items() if s}
        chosen(self.program.wlist, given)
        found: Function | None = self.kept.get(key := tuple(sorted(given.items())))
        if found is None:
            source = self.program.source
            with within(self.limits):
                program = parse(
                    source.text, name=source.name, given=self.program.given, limits=self.limits, shapes=given
                )
                check_shapes(program)
            if len(self.kept) >= 64:
                self.kept.clear()
            found = self.kept[key] = Function(program, self.options)
        self._sized = found
        return found

    @explained
    def evaluation_at(self, point: Mapping[str, Any]) -> Evaluation:
        """The list that a call evaluates, bound to a point that gives every input."""
        return self.lists.of_running.at(self.point((), point))

    @explained
    def point(self, args: Sequence[Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of all inputs, from positions, names and defaults; see `kernels.arguments.bind_arguments`."""
        return bind_arguments(self.inputs, args, values, self.program.defaults, self.constants, self.dtype)

    @explained
    def under_clock(self, make: Callable[[], T]) -> Callable[[], T]:
        """Wrap `make` so that it runs under the clock of the limits. Notes use this: they are made when first read."""

        def made() -> T:
            with within(self.limits):
                return make()

        return made

    def _refuse(self, point: Mapping[str, Any]) -> None:
        if (blamed := self.blame(point)) is not None:
            raise DomainError(blamed)

    # Calls. A call with floats goes straight to a kernel that is ready: any check here would take longer than the
    # kernel.

    def __call__(self, /, *args: Any, **values: Any) -> Any:
        """The value at a point: a float or an array; for several outputs `Values`, by name and by position.

        Axes of a value that come before those of its input's shape are a batch. They are the first axes of the answer.
        """
        if self._value_plain is not None and not values:
            return self._value_plain.call(*args)
        return self._other_value(*args, **values)

    def _other_value(self, /, *args: Any, **values: Any) -> Any:
        """The value of a call that the ready kernel does not take."""
        if len(args) == 1 and (table := framed(self, args[0])) is not None:
            return table.values(self._other_value(table.columns, **values))
        if self._value_batch is not None and not values and (batch := self._value_batch(args)) is not None:
            return batch[0]
        if not self.decided:
            return self.at(*args, **values)(*args, **values)
        return self._evaluated(args, values)

    @timed
    def _evaluated(self, args: tuple[Any, ...], values: Mapping[str, Any]) -> Any:
        point = self.point(args, values)
        answers: Any = routed.by_kernel(self, self.lists.of_running, "value", None, point)
        if answers is None:
            answers = routed.batch_of_values(self, point)
        elif len(answers) == 1:
            plain.prepare_value(self, self.lists.of_running, "value")
        if self.strict and not all(map(all_finite, answers)):
            self._refuse(point)
        return answers[0] if len(answers) == 1 else Values(self.outputs, answers)

    def value_and_grad(
        self, /, *args: Any, wrt: Iterable[str] | str | None = None, mode: str = "reverse",
        checkpoint: bool | int = False, **values: Any,
    ) -> tuple[Any, Gradient]:  # fmt: skip
        """The value and its derivatives in all inputs, or in the names of `wrt` (inputs or intermediates).

        A derivative has the shape of the name by which it is taken; in a batch, every point has its own. `mode` is
        "reverse", one sweep for all names, or "forward", one sweep for each number among the inputs.

        With `checkpoint=True` a reverse sweep over n equations keeps about √n values instead of n, and computes the
        others twice. A whole number sets the number of segments between which values are kept. The answer is the same,
        bit for bit (Griewank 1992; see `sweeps.checkpoints`). Reading the notes takes the memory that was saved.

        Raises UsageError for several outputs, and for an output that is an array.
        """
        ready = self._gradient_plain
        try:
            if ready is not None and wrt is None and mode == "reverse" and not checkpoint and not values:
                return ready.call(*args)  # type: ignore[no-any-return]
            return self._other_value_and_grad(*args, wrt=wrt, mode=mode, checkpoint=checkpoint, **values)
        except Exception as problem:
            options = {"wrt": wrt, "mode": mode, "checkpoint": checkpoint}
            explain(Function._value_and_grad_here, (self, *args), {**options, **values}, problem)
            raise

    # This method itself: an instance may put a kernel's bare function in its place.
    _value_and_grad_here = value_and_grad

    def _other_value_and_grad(
        self, /, *args: Any, wrt: Iterable[str] | str | None = None, mode: str = "reverse",
        checkpoint: bool | int = False, **values: Any,
    ) -> tuple[Any, Gradient]:  # fmt: skip
        """The answer of a call that the ready kernel does not take."""
        if len(args) == 1 and (table := framed(self, args[0])) is not None:
            options: dict[str, Any] = {"wrt": wrt, "mode": mode, "checkpoint": checkpoint}
            return table.gradients(*self._other_value_and_grad(table.columns, **options, **values))
        if wrt is None and mode == "reverse" and not checkpoint and not values and (quick := self._gradient_batch):
            return quick.gradient(args) or self._value_and_grad(args, values, wrt, mode, checkpoint)
        if not self.decided:
            options = {"wrt": wrt, "mode": mode, "checkpoint": checkpoint}
            return self.at(*args, **values).value_and_grad(*args, **options, **values)
        return self._value_and_grad(args, values, wrt, mode, checkpoint)

    @timed
    def _value_and_grad(
        self, args: tuple[Any, ...], values: Mapping[str, Any], wrt: Iterable[str] | str | None, mode: str,
        checkpoint: bool | int,
    ) -> tuple[Any, Gradient]:  # fmt: skip
        quick = self.kept and mode == "reverse" and not checkpoint
        if quick and (answer := routed.planned_gradient(self, args, values, wrt)) is not None:
            return answer
        point = self.point(args, values)
        wrt = listed(wrt)
        setting = self.lists.of_one_output(wrt)
        names = chosen(setting.wlist, wrt)
        if mode != "reverse" or checkpoint:
            self._ran = reasons.MODE
        else:
            key = "gradient", names
            found = routed.by_kernel(self, setting, key, routed.gradient_of(self, names), point)
            if found is not None and isfinite(found[0]):
                if wrt is None:
                    at_kinks.prepare_gradient(self, setting, key, point)
                made = Gradient(names, found[1:], partial(routed.notes_at, self, names, point))
                return found[0], at_kinks.first_order(self, setting, point, names, made)
            if found is not None:
                self._ran = reasons.FINITE
            if (answer := at_kinks.batch_of_gradients(self, setting, key, names, point, wrt is None)) is not None:
                return answer
        with setting.at(point) as call:
            is_number(call, call.wlist.outputs[0])
            value, partials, notes = routed.value_and_gradient_at(self, setting, call, names, mode, checkpoint)
        if self.strict and not all_finite(value):
            self._refuse(point)
        made = at_kinks.first_order(self, setting, point, names, Gradient(names, partials, self.under_clock(notes)))
        return value, routed.with_kinks_checked(self, made)

    def grad(self, /, *args: Any, **options: Any) -> Gradient:
        """The derivatives alone. It takes the arguments of `value_and_grad`."""
        return self.value_and_grad(*args, **options)[1]

    @at_direction
    def jvp(self, /, *args: Any, **values: Any) -> Any:
        """The derivative along a direction, by one tangent sweep: `jvp(point, tangent)`, or `jvp(x=…, v=tangent)`.

        `point` and `tangent` are mappings by name or sequences by position. An input missing from a mapping `tangent`
        has the tangent 0. The answer is a float or an array, or `Values` for several outputs.
        """
        args, values, tangent = split_direction("tangent", self.inputs, args, values)
        direction = direction_of(tangent, self.inputs, "tangent", self.dtype)
        point = self.point(args, values)
        answers: Any = kink_products.tangents(self, point, direction, routed.output_tangents(self, point, direction))
        return answers[0] if len(answers) == 1 else Values(self.outputs, answers)

    @at_direction
    def vjp(self, /, *args: Any, **values: Any) -> Gradient:
        """The gradient of a weighted sum of the outputs, by one reverse sweep.

        It is called as `vjp(point, adjoint)`, or `vjp(x=…, v=adjoint)`. For one output `adjoint` is a number or an
        array of the output's shape, by default 1. For several it is a mapping by name or a sequence by position.
        """
        args, values, adjoint = split_direction("adjoint", self.inputs, args, values, 1.0)
        single = len(self.outputs) == 1 and not isinstance(adjoint, Mapping)
        if single and isinstance(adjoint, (list, tuple)) and len(adjoint) == 1 and not self.lists.of_running.arrays:
            adjoint = adjoint[0]
        weights = direction_of([adjoint] if single or isinstance(adjoint, (int, float)) else adjoint,
                           self.outputs, "adjoint", self.dtype)  # fmt: skip
        point = self.point(args, values)
        if len(weights) == len(set(self.outputs)):
            found = routed.derivatives(
                self, self.lists.of_running, "vjp", routed.adjoints_by(self), point,
                [weights[name] for name in self.outputs],
            )  # fmt: skip
            if found is not None:
                notes = self.under_clock(lambda: routed.adjoints_of(self, point, weights).notes)
                return kink_products.adjoints(self, point, weights, Gradient(self.inputs, found, notes))
        made = routed.with_kinks_checked(self, routed.adjoints_of(self, point, weights))
        return kink_products.adjoints(self, point, weights, made)

    @at_values
    def jacobian(
        self, /, *args: Any, wrt: Iterable[str] | str | None = None, mode: str = "auto", **values: Any
    ) -> Matrix:
        """The derivatives of every output (rows) in every input or name of `wrt` (columns).

        A block has the axes of the batch, then the shape of the output, then that of the input. `mode` is "reverse" (an
        adjoint for every number among the outputs, many in one sweep), "forward" (a tangent for every number among the
        inputs), "mixed" (some outputs by reverse, the others by forward), or "auto", the mode that takes the fewest
        operations. `mode` and `plan` of the answer tell which it was, and why.
        """
        wrt = listed(wrt)
        setting = self.lists.prepared_for(wrt)
        names = chosen(setting.wlist, wrt)
        point = self.point(args, values)
        made = routed.matrix(self, setting, point, names, self.outputs, mode)
        return at_kinks.matrix(self, setting, point, names, made, 1)

    @at_direction
    def hvp(self, /, *args: Any, wrt: Iterable[str] | str | None = None, **values: Any) -> Gradient:
        """The Hessian times a direction: `hvp(point, direction)`, or `hvp(x=…, v=direction)`.

        It takes one tangent sweep over the gradient list, and no Hessian is formed. With `wrt` the answer has the rows
        of these inputs alone.
        """
        args, values, direction = split_direction("direction", self.inputs, args, values)
        point = self.point(args, values)
        wrt = listed(wrt)
        names = chosen(self.lists.of_one_output(wrt).wlist, wrt)
        moving = direction_of(direction, self.inputs, "direction", self.dtype)
        made = routed.product(self, self.lists.gradient_at(point, names), point, names, moving)
        return kink_products.second_along(self, point, names, moving, made)

    @at_values
    def hessian(
        self, /, *args: Any, wrt: Iterable[str] | str | None = None, mode: str = "auto", **values: Any
    ) -> Matrix:
        """The second derivatives in all inputs, or in the names of `wrt`: the Jacobian of the gradient list.

        `f.hessian(3, 7)["x1", "x2"]` is a block, with the axes of the batch, then the row's shape, then the column's.
        `mode` is as for `jacobian`: "forward" is forward over reverse. Raises UsageError as `value_and_grad` does.
        """
        wrt = listed(wrt)
        names = chosen(self.lists.of_one_output(wrt).wlist, wrt)
        return at_kinks.hessian(self, self.point(args, values), names, mode)

    _ran = property(lambda self: self._last[0], lambda self, route: self._last.__setitem__(0, route))

    @property
    def kernel(self) -> str:
        """A sentence that says which kernel ran last, and why."""
        if self._sized is not None:
            return self._sized.kernel
        return reasons.NOTHING if self._ran is None else str(self._ran)

    bind = bound.bind
    if TYPE_CHECKING:  # these modules are loaded when one of their methods is first used
        from . import making, reports, views
        from .showing import plots

        hessian_diagonal, taylor, error_bounds = reports.hessian_diagonal, reports.taylor, reports.error_bounds
        plan, notes, blame, check_expects = reports.plan, reports.notes, reports.blame, reports.check_expects
        sparse_jacobian, sparse_hessian, check = reports.sparse_jacobian, reports.sparse_hessian, reports.check
        bench, costs, flat, total = reports.bench, reports.costs, making.flat, reports.total
        structure, counts, with_options, fused = reports.structure, reports.counts, making.with_options, making.fused
        simplified, gradient_function, derivative = making.simplified, making.gradient_function, making.derivative
        derivatives, trace, circuit, graph = making.derivatives, views.trace, views.circuit, views.graph
        trace_table, local_jacobians, emit, page = views.trace_table, views.local_jacobians, views.emit, views.page
        plot: Callable[..., Any]
        plotted: Callable[..., plots.Plotted]
        propagate, fit, map, frame, dask = reports.propagate, reports.fit, reports.map, reports.frame, reports.dask
        nl_files, normal_equations = views.nl_files, reports.normal_equations

    # Comparing, pickling, printing

    def _key(self) -> tuple[Any, ...]:
        # Limits change no answer, so functions with different limits may be equal.
        text = "" if self.decided else self.program.source.text
        return self.program.wlist, text, tuple(self.program.defaults.items()), self.options._replace(limits=UNTRUSTED)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.program, self.options, self.rewritten)

    def __repr__(self) -> str:
        names = f"{', '.join(self.inputs)} -> {', '.join(self.outputs) if self.decided else '…'}"
        return f"<wengert.{type(self).__name__} {names}: {shortened(self.program.source.text or str(self))}>"

    @timed
    def __str__(self) -> str:
        return program_text(self.program) if self.decided else self.program.source.text
