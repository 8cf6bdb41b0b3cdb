"""How a function is shown: its sweeps step by step, its circuit, itself in other notations. Methods of `Function`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..kernels.arguments import direction_of
from ..kernels.trace import Trace, traced
from ..transforms.derivatives import chosen
from .points import at_values

if TYPE_CHECKING:
    from ..show import Circuit
    from .function import Function


@at_values
def trace(
    f: Function, /, *args: Any, output: str | None = None, direction: Any = None, seed: Any = None, **values: Any
) -> Trace:
    """Both sweeps step by step, over the list as written; with a `direction` the tangent sweep too. The reverse
    sweep starts with `seed` at the output, by default with 1 for each of its elements."""
    moving = None if direction is None else direction_of(direction, f.inputs, "direction", f.dtype)
    call = f.lists.of_written.at(f.point(args, values))
    if output is not None:
        chosen(call.wlist, output)
    return traced(call, output=output, direction=moving, kink=f.kink, seed=seed)


@at_values
def circuit(
    f: Function, /, *args: Any, output: str | None = None, wrt: Iterable[str] | str | None = None, sweep: str = "both",
    names: bool = False, **values: Any,
) -> Circuit:  # fmt: skip
    """The circuit of the list as written, as plain data: gates and wires; see `graph`."""
    from ..show import circuit, drawable  # few ask for it

    options: dict[str, Any] = {"wrt": wrt, "sweep": sweep, "limits": f.limits}
    if names or not (args or values or all(n in f.program.defaults for n in f.inputs)):
        return circuit(f.written_list, output=output, kink=f.kink, **options)
    point = f.point(args, values)
    drawable(f.lists.of_written.at(point).wlist, f.limits)
    found = circuit(f.trace(point, output=output), **options)
    if f.kink == "error":
        f.notes(point)
    return found


def graph(f: Function, /, *args: Any, **options: Any) -> str:
    """The circuit of the list as written, as the text of a mermaid flowchart.

    At a point, or where every input has a default, edges bear values, and the dashed ones back bear gradients;
    without values, or with `names=True`, they bear names. The reverse sweep starts from `output`, by default the
    last, and is shown as far as it leads to `wrt`, by default all inputs; with `sweep="forward"` there is none.
    Raises LimitError for more equations than `limits.gates`.
    """
    from ..show import mermaid  # few ask for it

    return mermaid(f.circuit(*args, **options))
