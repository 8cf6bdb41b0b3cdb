"""wengert: formulas as Wengert lists, and their exact derivatives, with every step in sight.

import wengert as wg
f = wg.compile("(2*x1 + x2)^2")
f(3, 7)                             # 169.0
value, g = f.value_and_grad(3, 7)   # g["x1"] is 52.0, g["x2"] is 26.0
"""

from .ground import interrupts

if interrupts.is_command():
    interrupts.end_at_once()

import gc
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

# The imports below make no garbage, so collection is off while they run. Then their objects count as old, like all
# others.
_collects = gc.isenabled()
gc.disable()
try:
    from .api.compile import compile, load
    from .api.expects import Expectation
    from .api.function import Function
    from .api.options import Options
    from .api.results import Gradient, Matrix, Values
    from .ground.complaints import render
    from .ground.errors import (
        ArgumentError,
        CheckError,
        DerivativeError,
        Diagnostic,
        DomainError,
        KinkError,
        LimitError,
        ListError,
        ParseError,
        Source,
        Span,
        UnknownName,
        UsageError,
        WengertError,
    )
    from .ground.limits import Limits
    from .language import Expect, Program, parse
    from .lists.wengert_list import Equation, WengertList
    from .ops import ALIASES, OPS, names_for_people
    from .ops.row import Kink, Op
finally:
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()
    if _collects:
        gc.enable()

if TYPE_CHECKING:
    from .api.files import load_numbers
    from .api.plain_answers import as_json
    from .api.problems.integrating import ode
    from .api.problems.measurements import propagate
    from .api.problems.minimizing import minimize
    from .api.problems.models import fit
    from .api.problems.nl_files import import_nl
    from .api.problems.saved_jobs import run_job
    from .api.problems.solving import solve
    from .api.record import Recorded, record
    from .api.register import register
    from .api.samples import sample, sample_names
    from .api.showing.op_pages import all_ops, op
    from .api.showing.play_offline import play_offline
    from .api.showing.playing import play
    from .api.showing.plots import plot
    from .api.tabular.mapping import map
    from .api.texts import explain, format
    from .api.traces import Trace, trace
    from .dialects import Reading, read
    from .show import from_json, to_json

__version__ = "0.1.0"

__all__ = [
    "ArgumentError",
    "CheckError",
    "DerivativeError",
    "Diagnostic",
    "DomainError",
    "Equation",
    "Expect",
    "Expectation",
    "Function",
    "Gradient",
    "Kink",
    "KinkError",
    "LimitError",
    "Limits",
    "ListError",
    "Matrix",
    "Op",
    "Options",
    "ParseError",
    "Program",
    "Reading",
    "Recorded",
    "Source",
    "Span",
    "Trace",
    "UnknownName",
    "UsageError",
    "Values",
    "WengertError",
    "WengertList",
    "all_ops",
    "as_json",
    "compile",
    "explain",
    "fit",
    "format",
    "from_json",
    "import_nl",
    "load",
    "load_numbers",
    "map",
    "minimize",
    "ode",
    "op",
    "parse",
    "play",
    "play_offline",
    "plot",
    "printing",
    "propagate",
    "read",
    "record",
    "register",
    "render",
    "run_job",
    "sample",
    "sample_names",
    "solve",
    "to_json",
    "trace",
]


# Loaded when first asked for, as few programs need them and the command line then starts faster.
_LATER = {
    "as_json": ".api.plain_answers",
    "op": ".api.showing.op_pages", "all_ops": ".api.showing.op_pages", "load_numbers": ".api.files", "to_json": ".show",
    "from_json": ".show", "explain": ".api.texts", "format": ".api.texts", "record": ".api.record",
    "Recorded": ".api.record", "sample": ".api.samples",
    "sample_names": ".api.samples", "register": ".api.register", "trace": ".api.traces", "Trace": ".api.traces",
    "play": ".api.showing.playing", "play_offline": ".api.showing.play_offline", "plot": ".api.showing.plots",
    "printing": ".lists.array_text",
    "read": ".dialects", "Reading": ".dialects",
    "minimize": ".api.problems.minimizing", "solve": ".api.problems.solving", "ode": ".api.problems.integrating",
    # IPython asks for these two: `%load_ext wengert`.
    "load_ipython_extension": ".notebook", "unload_ipython_extension": ".notebook",
    "propagate": ".api.problems.measurements", "fit": ".api.problems.models", "map": ".api.tabular.mapping",
    "import_nl": ".api.problems.nl_files", "run_job": ".api.problems.saved_jobs",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load a public name on first use, or give an op as a function of recorded values and numbers: `wengert.sin(x)`."""
    if name in _LATER:
        found = globals()[name] = getattr(import_module(_LATER[name], __name__), name)
        return found
    if name in OPS or name in ALIASES:
        return partial(import_module(".api.record", __name__).call, name)
    raise AttributeError(f"module 'wengert' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, and the ops that people may write. Ops that occur only in derivative rules are left out."""
    return sorted({*__all__, "__version__", *(n for n in names_for_people() if n.isidentifier())})
