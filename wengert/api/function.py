"""The embedding API: `compile` a program, then call it and its derivatives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

from ..ground.errors import UsageError, error, shown
from ..ground.limits import check_clock, clock_runs, exceeded
from ..kernels.arguments import direction_of, split_direction
from ..kernels.derived import with_adjoints, with_tangents
from ..kernels.evaluation import Evaluation
from ..kernels.jacobians import value_and_gradient, values_of
from ..kernels.modes import ModePlan, planned
from ..kernels.trace import Trace, traced
from ..language import Program
from ..lists.wengert_list import names_of
from ..ops import CONSTANTS
from ..ops.shapes.dimensions import shown as shown_shape
from ..sweeps.forward import evaluate, forward_sweep
from ..sweeps.masks import has_nan, masked_values
from ..sweeps.notes import all_finite, noted
from ..sweeps.rounding import error_bounds
from ..sweeps.rules import rules_for
from ..sweeps.taylor import taylor_terms
from ..transforms.builder import Builder, Names
from ..transforms.derivatives import chosen, weighted
from ..transforms.identities import tidy
from ..transforms.simplify import fuse
from .expects import Expectation, expectations
from .lists import timed
from .results import ErrorBounds, Gradient, Matrix, Notes, Values, bare
from .routed import Routed

if TYPE_CHECKING:
    from ..show import Circuit
    from .flat import FlatFunction
    from .sparse import Sparse


class Function(Routed):
    """A compiled program: call it with values for its inputs.

    `wengert_list` is the program as written; `receipts` says which expressions were fused for evaluation. Inputs are
    given by position, by name, or as one mapping. Functions compare equal when they are the same program with the
    same options, and pickle.
    """

    # Calling it. Where a kernel is ready, a call with floats does nothing but what depends on them.

    def __call__(self, /, *args: Any, **values: Any) -> Any:
        """The value: a float, or for several outputs `Values` addressed by name and position.

        An output that is an array is one. Leading axes of the values, beyond the shapes of the inputs, are a batch, and
        the first axes of the answer.
        """
        if self._value_ready is not None and not values:
            run, count, _, _, route = self._value_ready
            if len(args) == count:
                if clock_runs() is not None:
                    check_clock()
                found = run(*args)
                if found is not None and (not self.strict or isfinite(found[0])):
                    self._ran = route
                    return found[0]
        return self._evaluated(args, values)

    @timed
    def _evaluated(self, args: tuple[Any, ...], values: Mapping[str, Any]) -> Any:
        point = self.point(args, values)
        answers: Any = self._by_kernel(self._running, "value", None, point)
        if answers is None:
            with self._running.at(point) as call:
                answers = values_of(call)
        elif len(answers) == 1:
            self._value_ready = self._ready()
        if self.strict and not all(map(all_finite, answers)):
            self._refuse(point)
        return answers[0] if len(answers) == 1 else Values(self.outputs, answers)

    def value_and_grad(
        self, /, *args: Any, wrt: Iterable[str] | str | None = None, mode: str = "reverse",
        checkpoint: bool | int = False, **values: Any,
    ) -> tuple[Any, Gradient]:  # fmt: skip
        """The value and its derivatives in all inputs, or in the names of `wrt` (inputs or intermediates).

        A derivative has the shape of what it is taken by; of a batch, every point has its own. `mode` is "reverse" (one
        sweep for all) or "forward" (one sweep for each number among the inputs). With `checkpoint` a reverse sweep
        keeps about √n values of a list of n equations, or those of so many segments, instead of all, and computes the
        others twice; the answer is the same, bit for bit (Griewank 1992; see `sweeps.checkpoints`). Notes, if asked
        for, take the memory that was saved.

        Raises UsageError for several outputs, and for an output that is an array.
        """
        if self._gradient_ready is not None and wrt is None and mode == "reverse" and not checkpoint and not values:
            run, count, names, notes, route = self._gradient_ready
            if len(args) == count:
                if clock_runs() is not None:
                    check_clock()
                found = run(*args)
                if found is not None and isfinite(found[0]):
                    made = bare(Gradient, found[1])
                    made._at = names, notes, args
                    self._ran = route
                    return found[0], made
        return self._value_and_grad(args, values, wrt, mode, checkpoint)

    @timed
    def _value_and_grad(
        self, args: tuple[Any, ...], values: Mapping[str, Any], wrt: Iterable[str] | str | None, mode: str,
        checkpoint: bool | int,
    ) -> tuple[Any, Gradient]:  # fmt: skip
        point = self.point(args, values)
        setting = self._single(wrt)
        names = chosen(setting.wlist, wrt)
        if mode == "reverse" and not checkpoint:
            found = self._by_kernel(setting, ("gradient", names), self._gradient_of(names), point)
            if found is not None and isfinite(found[0]):
                if wrt is None:
                    self._gradient_ready = self._ready()
                return found[0], Gradient(names, found[1:], partial(self._notes_at, names, point))
        with setting.at(point) as call:
            self._is_number(call, call.wlist.outputs[0])
            value, partials, notes = value_and_gradient(call, names, self.kink, mode, checkpoint)
        if self.strict and not all_finite(value):
            self._refuse(point)
        return value, self._told(Gradient(names, partials, self.clocked(notes)))

    def grad(self, /, *args: Any, **options: Any) -> Gradient:
        """The derivatives alone; see `value_and_grad`."""
        return self.value_and_grad(*args, **options)[1]

    @timed
    def jvp(self, /, *args: Any, **values: Any) -> Any:
        """The derivative along a direction, one tangent sweep: `jvp(point, tangent)`, or `jvp(x=…, v=tangent)`.

        A float or an array, or `Values` for several outputs. `point` and `tangent` are mappings by name or sequences by
        position; inputs missing from a mapping `tangent` do not move.
        """
        args, values, tangent = split_direction("tangent", self.inputs, args, values)
        direction = direction_of(tangent, self.inputs, "tangent", self.dtype)
        point, names = self.point(args, values), tuple(direction)
        answers: Any = self._derivatives(
            self._running, ("jvp", names), lambda wlist: with_tangents(wlist, names, self.kink, self.limits), point,
            tuple(direction.values()),
        )  # fmt: skip
        if answers is None:
            answers = self._pushed(point, direction)
        return answers[0] if len(answers) == 1 else Values(self.outputs, answers)

    @timed
    def vjp(self, /, *args: Any, **values: Any) -> Gradient:
        """The gradient of a weighted sum of the outputs, one reverse sweep: `vjp(point, adjoint)`, or
        `vjp(x=…, v=adjoint)`.

        `adjoint` is a number, or an array of the output's shape, for one output; a mapping by name or a sequence by
        position for several. Without one it is 1.
        """
        args, values, adjoint = split_direction("adjoint", self.inputs, args, values, 1.0)
        single = len(self.outputs) == 1 and not isinstance(adjoint, Mapping)
        if single and isinstance(adjoint, (list, tuple)) and len(adjoint) == 1 and not self._running.arrays:
            adjoint = adjoint[0]
        weights = direction_of([adjoint] if single or isinstance(adjoint, (int, float)) else adjoint,
                           self.outputs, "adjoint", self.dtype)  # fmt: skip
        point = self.point(args, values)
        if len(weights) == len(set(self.outputs)):
            found = self._derivatives(
                self._running, "vjp", lambda wlist: with_adjoints(wlist, self.kink, self.limits), point,
                [weights[name] for name in self.outputs],
            )  # fmt: skip
            if found is not None:
                return Gradient(self.inputs, found, self.clocked(lambda: self._pulled(point, weights).notes))
        return self._told(self._pulled(point, weights))

    @timed
    def jacobian(
        self, /, *args: Any, wrt: Iterable[str] | str | None = None, mode: str = "auto", **values: Any
    ) -> Matrix:
        """Derivatives of every output (rows) in every input or name of `wrt` (columns).

        A block has the shape of the output, followed by that of the input, after the axes of a batch. `mode` is
        "reverse" (an adjoint for every number among the outputs, many in one sweep), "forward" (a tangent for every
        number among the inputs), "mixed" (some outputs by reverse, the others by forward), or "auto": whichever takes
        the fewest operations. The answer's `mode` and `plan` tell.
        """
        setting = self._running if self._are_inputs(wrt) else self._written
        names = chosen(setting.wlist, wrt)
        return self._matrix(setting, self.point(args, values), names, self.outputs, mode)

    @timed
    def sparse_jacobian(self, /, *args: Any, wrt: Iterable[str] | str | None = None, **values: Any) -> Sparse:
        """The nonzeros of the Jacobian at one point, element by element: rows are the elements of the outputs, columns
        those of the inputs. The list that computes them is made once for the shapes of the inputs.

        Raises DerivativeError for an op that cannot be taken apart into numbers, UsageError for a batch.
        """
        from .sparse import jacobian_at  # few ask for it, and it is large

        return jacobian_at(self, self.point(args, values), wrt)

    @timed
    def sparse_hessian(self, /, *args: Any, wrt: Iterable[str] | str | None = None, **values: Any) -> Sparse:
        """The nonzeros of the Hessian at one point, as `sparse_jacobian`; UsageError where the output is no number."""
        from .sparse import hessian_at  # few ask for it, and it is large

        return hessian_at(self, self.point(args, values), wrt)

    @timed
    def plan(self, /, *args: Any, wrt: Iterable[str] | str | None = None, order: int = 1, **values: Any) -> ModePlan:
        """How `jacobian` (or with `order` 2 `hessian`) would go about this point, and what each mode would cost."""
        point = self.point(args, values)
        if order not in (1, 2):
            raise error(UsageError, "W608", f"an order of derivatives is 1 or 2 here, not {shown(order)}")
        if order == 2:
            names = chosen(self._single(wrt).wlist, wrt)
            setting = self._gradient_at(point, names)
        else:
            setting = self._running if self._are_inputs(wrt) else self._written
            names = chosen(setting.wlist, wrt)
        call = setting.at(point)
        return planned(call, names, call.wlist.outputs, "auto", whole=True)

    @timed
    def hvp(self, /, *args: Any, wrt: Iterable[str] | str | None = None, **values: Any) -> Gradient:
        """The Hessian times a direction: `hvp(point, direction)`, or `hvp(x=…, v=direction)`. A tangent sweep over the
        gradient list; no Hessian is formed. With `wrt` its rows of these inputs alone."""
        args, values, direction = split_direction("direction", self.inputs, args, values)
        point = self.point(args, values)
        names = chosen(self._single(wrt).wlist, wrt)
        moving = direction_of(direction, self.inputs, "direction", self.dtype)
        setting = self._gradient_at(point, names)
        along = tuple(moving)
        found = self._derivatives(
            setting, ("jvp", along), lambda wlist: with_tangents(wlist, along, self.kink, self.limits), point,
            tuple(moving.values()),
        )  # fmt: skip
        if found is not None:
            return Gradient(names, found, self.clocked(lambda: self._hvp(setting, point, names, moving).notes))
        return self._told(self._hvp(setting, point, names, moving))

    @timed
    def hessian(
        self, /, *args: Any, wrt: Iterable[str] | str | None = None, mode: str = "auto", **values: Any
    ) -> Matrix:
        """Second derivatives in all inputs or the names of `wrt`: the jacobian of the gradient list. Of its modes,
        "reverse" is reverse over reverse, and "forward" forward over reverse. A block has the shape of one name, then
        the other's."""
        names = chosen(self._single(wrt).wlist, wrt)
        point = self.point(args, values)
        return self._matrix(self._gradient_at(point, names), point, names, names, mode)

    @timed
    def flat(
        self, point: Mapping[str, Any] = {}, /, *, wrt: Iterable[str] | str | None = None, time: str | None = None,
        **values: Any,
    ) -> FlatFunction:  # fmt: skip
        """This function over one flat vector of the inputs `wrt`, for SciPy's solvers; see `FlatFunction`.

        The values given are where the vector starts, and what the other inputs are fixed at; defaults serve for both.
        Without `wrt` the vector holds the inputs that are given no value. `time` names an input that comes first in
        every call, as in `solve_ivp(flat.fun, …, jac=flat.jac)`.
        """
        from .flat import FlatFunction  # NumPy comes with it

        def lagrangian() -> tuple[Function, tuple[str, ...]]:
            if (found := self.kept.get("lagrangian")) is None:
                wlist, names = weighted(self.wengert_list)
                made = Program(wlist, self.program.source, self.program.defaults)
                options: dict[str, Any] = {"fuse": self.fuse, "kink": self.kink, "limits": self.limits}
                found = self.kept["lagrangian"] = Function(made, **options, dtype=self.dtype), names
            return found

        return FlatFunction(self, {**point, **values} if isinstance(point, Mapping) else point, wrt, time, lagrangian)

    @timed
    def taylor(self, point: Any, direction: Any = None, order: int = 5) -> Any:
        """Coefficients 0 … `order` of the program along point + t*direction, in time quadratic in the order (or
        cubic, where a rule leads to ever new ops).

        The k-th is the k-th derivative in t over k!, in the shape of the output, after the axes of a batch. A list, or
        for several outputs `Values` of lists. The direction is 1 for a program of one input that is a number. Raises
        LimitError beyond `limits.order`, ShapeError for a direction of another shape, DerivativeError for an op that
        has no rule.
        """
        if not isinstance(order, int) or order < 0:
            raise error(UsageError, "W608", f"an order is a whole number from 0 on, not {shown(order)}")
        if order > self.limits.order:
            raise exceeded(self.limits, "order", f"Taylor coefficients to order {order}")
        if direction is None and len(self.inputs) != 1:
            raise error(UsageError, "W608", f"a direction is needed for {len(self.inputs)} inputs",
                        help=f"such as {{{self.inputs[0]!r}: 1.0}}" if self.inputs else "")  # fmt: skip
        values = self._one(point)
        moving = direction_of([1.0] if direction is None else direction, self.inputs, "direction", self.dtype)
        with self._running.at(values) as call:
            if direction is None and (shape := call.shape(self.inputs[0])):
                raise error(UsageError, "W608", f"a direction is needed, as `{self.inputs[0]}` is an array",
                            help=f"an array of the shape {shown_shape(shape)}")  # fmt: skip
            call.check()
            rows = self._coefficients(call, call.direction(moving), order)
        if self.kink == "error":
            self.notes(values, wrt=moving)
        return rows[0] if len(rows) == 1 else Values(self.outputs, rows)

    def _coefficients(self, call: Evaluation, moving: Mapping[str, Any], order: int) -> list[list[Any]]:
        """Taylor coefficients of every output. One that is absent is nan as well where one before it is nan, if by
        structure it is there: in a branch that was not taken."""
        wlist = call.wlist
        tape = {**CONSTANTS, **call.values}
        found = taylor_terms(wlist, tape, moving, order, call.apply, rules_for(wlist.ops, self.kink))
        by_structure: list[list[Any]] | None = None
        rows = []
        for n, (a, terms) in enumerate(zip(wlist.outputs, found)):
            before, row = 0.0, []
            for k, c in enumerate(terms):
                value = call.full(c, a)
                if c is None and has_nan(before):
                    if by_structure is None:
                        by_structure = self._terms_of(call, moving, order)
                    if by_structure[n][k] is not None:
                        value = masked_values(before, value)
                if c is not None or has_nan(value):
                    before = value
                row.append(value)
            rows.append(row)
        return rows

    def _terms_of(self, call: Evaluation, moving: Iterable[str], order: int) -> list[list[Any]]:
        """The names of the Taylor coefficients of every output; None for one that is 0 whatever the values."""
        wlist = call.wlist
        shapes = {n: call.shape(n) for n in wlist.inputs} if call.arrays else None
        build = Builder(rewrites=(tidy,), limits=self.limits, taken=names_of(wlist), shapes=shapes)
        directions = {n: f".{n}" for n in moving}
        if shapes is not None:
            build.shapes.update({dot: shapes[n] for n, dot in directions.items()})
        return taylor_terms(wlist, Names(), directions, order, build, rules_for(wlist.ops, self.kink))

    @timed
    def error_bounds(self, /, *args: Any, **values: Any) -> ErrorBounds:
        """How far rounding may have moved the value and each derivative, from the adjoints; see `sweeps.rounding`.

        Raises UsageError for several outputs.
        """
        self._single(None)
        point = self.point(args, values)
        wlist = self._numbers_only("error bounds", point)
        (value,) = error_bounds(wlist, point)
        return ErrorBounds(value, Gradient(self.inputs, error_bounds(self.gradient_list, point)))

    @timed
    def trace(
        self, /, *args: Any, output: str | None = None, direction: Any = None, seed: Any = None, **values: Any
    ) -> Trace:
        """Both sweeps step by step, over the list as written; with a `direction` the tangent sweep too. The reverse
        sweep starts with `seed` at the output, by default with 1 for each of its elements."""
        moving = None if direction is None else direction_of(direction, self.inputs, "direction", self.dtype)
        call = self._written.at(self.point(args, values))
        if output is not None:
            chosen(call.wlist, output)
        return traced(call, output=output, direction=moving, kink=self.kink, seed=seed)

    @timed
    def circuit(
        self, /, *args: Any, output: str | None = None, wrt: Iterable[str] | str | None = None, sweep: str = "both",
        names: bool = False, **values: Any,
    ) -> Circuit:  # fmt: skip
        """The circuit of the list as written, as plain data: gates and wires; see `graph`."""
        from ..show import circuit, drawable  # few ask for it

        options: dict[str, Any] = {"wrt": wrt, "sweep": sweep, "limits": self.limits}
        if names or not (args or values or all(n in self.program.defaults for n in self.inputs)):
            return circuit(self.written_list, output=output, kink=self.kink, **options)
        point = self.point(args, values)
        drawable(self._written.at(point).wlist, self.limits)
        found = circuit(self.trace(point, output=output), **options)
        if self.kink == "error":
            self.notes(point)
        return found

    def graph(self, /, *args: Any, **options: Any) -> str:
        """The circuit of the list as written, as the text of a mermaid flowchart.

        At a point, or where every input has a default, edges bear values, and the dashed ones back bear gradients;
        without values, or with `names=True`, they bear names. The reverse sweep starts from `output`, by default the
        last, and is shown as far as it leads to `wrt`, by default all inputs; with `sweep="forward"` there is none.
        Raises LimitError for more equations than `limits.gates`.
        """
        from ..show import mermaid  # few ask for it

        return mermaid(self.circuit(*args, **options))

    def notes(self, /, *args: Any, wrt: Iterable[str] | str | None = None, **values: Any) -> Notes:
        """What is to be said of a point: the source of a nan or an infinity, kinks, singularities, receipts apart.

        With `wrt`, of derivatives in these inputs alone, as far as the values tell.
        """
        if wrt is not None:
            call = self._running.at(self.point(args, values))
            with call:
                tape = forward_sweep(call.wlist, call.values, call.apply)
            return noted(call, tape, chosen(call.wlist, wrt), self.kink, None)
        if len(self.program.wlist.outputs) == 1:
            point = self.point(args, values)
            call = self._running.at(point)
            if call.shape(call.wlist.outputs[0]):
                return self.vjp(point).notes
            return self.value_and_grad(point)[1].notes
        return self.jacobian(*args, **values).notes

    @timed
    def check_expects(self, /, *args: Any, **values: Any) -> list[Expectation]:
        """Evaluate every `expect` of the program, with the values given over its defaults."""
        if self.program.checked is None:
            return []
        wlist = fuse(self.program.checked)[0] if self.fuse else self.program.checked
        with self._setting(wlist).at(self.point(args, values)) as call:
            found = evaluate(call.wlist, call.values, call.apply)
            answers = [call.full(v, a) for v, a in zip(found, call.wlist.outputs)]
        return expectations(self.program, answers)
