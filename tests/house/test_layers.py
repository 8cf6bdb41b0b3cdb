"""The architecture, held: imports point down, heavy packages wait until they are needed, modules stay small.

A design that is only written down wears away. `violations` below is a function of sources, so the law is also tried on
sources that break it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]

# Top to bottom: a folder imports from those below it. `wengert` is the package's own face, `__main__` the door to the
# command line. A job takes what it asks of a function as a protocol, so that `f.check(…)` can call it.
# Lists stand above the table of ops because they are checked against it when they are made; the table
# knows nothing of lists.
LAYERS = (
    ("__main__",),
    ("cli", "repl", "notebook", "site"),
    ("wengert",),
    ("api",),
    ("jobs",),
    # A page is written from a list and its trace, as a picture is; `f.page(…)` calls it, so it is below the api.
    ("page",),
    # Dialects write text of our language, as emit writes that of others; neither knows the other.
    ("emit", "dialects"),
    ("show",),
    ("kernels",),
    ("transforms",),
    ("sweeps",),
    ("language",),
    ("lists",),
    ("ops",),
    ("ground",),
)
# A face has no ways of its own into the layers: what it can do, everybody can do from Python.
FACES = ("cli", "repl", "notebook", "site")
FOR_FACES = {"wengert", "api", "page", "show", "emit", "dialects", "jobs", "ground"}
ORDER = {name: (depth, place) for depth, row in enumerate(LAYERS) for place, name in enumerate(row)}

# Third-party packages, and the only part that may import each.
# Lark makes the tables of our grammar, and reads the dialects' when one is read.
HOMES = {
    "dask": "jobs", "distributed": "jobs", "lark": "dialects", "llvmlite": "kernels", "markdown_it": "site",
    "matplotlib": "show", "narwhals": "api", "pyarrow": "jobs", "pygments": "language",
}  # fmt: skip
# Modules that nothing of ours imports: another package does, when it needs them, so they may import it at the top.
GUESTS = {"wengert.language.lexers": "pygments"}
# Modules about arrays alone, which import NumPy as they load: whoever needs one loads it when the first array comes.
ARRAYS = {f"wengert.{name}" for name in (
    "api.calls.bound_arrays",
    "api.calls.bound_batches",
    "api.tabular.dask_map",
    "api.flat",
    "api.kinks.kink_groups",
    "api.kinks.kink_term_groups",
    "api.showing.plots",
    "api.calls.ready_plan",
    "api.tabular.row_function",
    "kernels.batch_calls",
    "sweeps.germ_arrays",
    "sweeps.order_unions",
    "sweeps.order_statistics",
    "kernels.batches",
    "kernels.block_forms",
    "kernels.block_plan",
    "kernels.block_steps",
    "kernels.blocked_numpy",
    "kernels.fused_runs",
    "kernels.array_instructions",
    "kernels.array_op_ways",
    "kernels.by_elements",
    "kernels.element_tangents",
    "ops.arrays.bindings",
    "ops.arrays.elementwise",
    "ops.arrays.elimination",
    "ops.arrays.filters",
    "ops.arrays.kronecker",
    "ops.arrays.forms",
    "ops.arrays.generate",
    "ops.arrays.generated",
    "ops.arrays.linear_algebra",
    "ops.arrays.passes",
    "ops.arrays.placing",
    "ops.arrays.products",
    "ops.arrays.reductions",
    "ops.arrays.segments",
    "ops.arrays.taken_apart",
    "show.curves",
    "show.fields",
    "sweeps.arrays",
    "transforms.scalarise",
)}  # fmt: skip

# Imports of our own inside a function, or by a computed name, hide a dependency. Each of these has its reason.
LOCAL_IMPORTS = {
    ("wengert.cli.main", "import_module"): "a command is loaded when it runs; all are modules of wengert.cli",
    ("wengert.cli.screen", "wengert.show.rewritings"): "few answers have receipts",
    ("wengert.kernels.flat_python", "exec"): "a kernel of straight-line Python: identifiers and numbers of ours alone",
    ("wengert.kernels.fused_runs", "exec"): "a function of instructions over arrays: identifiers of ours alone",
    ("wengert.kernels.plans", "wengert.kernels.fused_runs"): "NumPy comes with it",
    ("wengert.kernels.plans", "wengert.kernels.array_instructions"): "NumPy comes with it",
    ("wengert.kernels.block_plan", "exec"): "straight-line calls of NumPy: identifiers and whole numbers of ours alone",
    ("wengert.kernels.prepared", "wengert.kernels.batches"): "NumPy comes with it",
    ("wengert.api.calls.routed", "wengert.kernels.batch_calls"): "NumPy comes with it",
    ("wengert.api.calls.bound", "wengert.api.calls.bound_batches"): "NumPy comes with it",
    ("wengert.api.calls.bound", "wengert.api.calls.bound_arrays"): "NumPy comes with it",
    ("wengert.api.kinks.kink_places", "wengert.kernels.routes"): "few commands need it",
    (
        "wengert.api.kinks.kink_places",
        "wengert.transforms.watching",
    ): "few programs need it, and a command starts faster",
    ("wengert.api.kinks.at_kinks", "wengert.transforms.watching"): "few programs need it, and a command starts faster",
    **{
        ("wengert.api.kinks.at_kinks", f"wengert.{name}"): "few points need it"
        for name in ("transforms.derivatives", *(f"sweeps.{m}" for m in ("rays", "jets", "slopes", "point_lanes")))
    },
    ("wengert.api.kinks.at_kinks", "wengert.sweeps.arrays"): "NumPy comes with it",
    ("wengert.api.kinks.at_kinks", "wengert.api.kinks.kink_groups"): "NumPy comes with it",
    ("wengert.api.kinks.at_kinks", "wengert.api.kinks.term_by_term"): "few programs are so large",
    ("wengert.api.kinks.kink_groups", "wengert.api.kinks.kink_term_groups"): "few batches are over arrays",
    ("wengert.api.kinks.kink_terms", "wengert.transforms.scalarise"): "NumPy comes with it",
    ("wengert.sweeps.rays", "wengert.sweeps.germ_arrays"): "NumPy comes with it",
    ("wengert.sweeps.rays", "wengert.sweeps.order_statistics"): "NumPy comes with it",
    ("wengert.sweeps.rays", "wengert.sweeps.order_unions"): "NumPy comes with it",
    ("wengert.sweeps.rays", "wengert.sweeps.arrays"): "NumPy comes with it",
    ("wengert.sweeps.germ_equations", "wengert.sweeps.germ_arrays"): "NumPy comes with it",
    ("wengert.sweeps.germs", "wengert.sweeps.germ_jumps"): "few lists have one",
    ("wengert.sweeps.point_lanes", "wengert.sweeps.arrays"): "NumPy comes with it",
    **{
        ("wengert.show.formats", f"wengert.show.{name}"): "one call needs one writer, and most none"
        for name in ("lane_rows", "dot", "picture", "svg", "tikz")
    },
    ("wengert.jobs.tabular.dask_import", "import_module"): "modules of Dask, which has no types",
    ("wengert.jobs.tabular.dask_cluster", "import_module"): "modules of Dask, which has no types",
    ("wengert.emit.sql.table_elements", "wengert.transforms.scalarise"): "NumPy comes with it",
    ("wengert.ops.parameters", "import_module"): "modules that compute with arrays: NumPy comes with them",
    ("wengert.kernels.native.point", "wengert.kernels.native.rolled"): "it compiles: few lists are long enough",
    ("wengert.kernels.native.point", "wengert.kernels.native.compiled"): "ctypes and llvmlite come with it",
    ("wengert.kernels.prepared", "wengert.sweeps.arrays"): "NumPy comes with it",
    ("wengert.kernels.jacobians", "wengert.sweeps.arrays"): "NumPy comes with it",
    ("wengert.api.record", "wengert.sweeps.arrays"): "NumPy comes with it",
    ("wengert.api.sparse", "wengert.transforms.scalarise"): "NumPy comes with it",
    ("wengert.api.sparse", "wengert.kernels.by_elements"): "NumPy comes with it",
    ("wengert.api.second_derivatives", "wengert.kernels.by_elements"): "NumPy comes with it",
    ("wengert.kernels.jacobians", "wengert.kernels.by_elements"): "NumPy comes with it",
    ("wengert.show.local_rules", "wengert.sweeps.arrays"): "NumPy comes with it",
    ("wengert.api.traces", "wengert.api.compile"): "methods of a Function give traces",
    ("wengert.api.lists", "wengert.transforms.simplify"): "most programs need it not, and a command starts faster",
    ("wengert.api.lists", "wengert.transforms.derivatives"): "most programs need it not, and a command starts faster",
    ("wengert.api.lists", "wengert.transforms.expand"): "most programs need it not, and a command starts faster",
    ("wengert.api.calls.routed", "wengert.kernels.derived"): "a first call needs it not",
    ("wengert.api.calls.routed", "wengert.kernels.plans"): "numbers need it not",
    ("wengert.api.calls.routed", "wengert.api.calls.ready_plan"): "NumPy comes with it",
    ("wengert.api.calls.ready_plan", "wengert.api.calls.routed"): "each needs the other",
    ("wengert.api.calls.routed", "wengert.kernels.modes"): "a gradient needs it not",
    ("wengert.kernels.jacobians", "wengert.kernels.interpreter"): "numbers need it not",
    ("wengert.kernels.jacobians", "wengert.sweeps.checkpoints"): "few ask for it",
    ("wengert.kernels.jacobians", "wengert.sweeps.tangent"): "a gradient needs it not",
    ("wengert.kernels.jacobians", "wengert.kernels.linearised"): "few lists are long enough",
    ("wengert.kernels.prepared", "wengert.kernels.routes"): "few commands need it",
    ("wengert.kernels.prepared", "wengert.kernels.plans"): "numbers need it not",
    ("wengert.kernels.prepared", "wengert.kernels.looped"): "numbers need it not",
    ("wengert.kernels.prepared", "wengert.kernels.elements"): "numbers need it not",
    ("wengert.kernels.routes", "wengert.kernels.flat_python"): "a first call needs it not",
    ("wengert.kernels.routes", "wengert.kernels.interpreter"): "a first call needs it not",
    ("wengert.kernels.routes", "wengert.kernels.native.point"): "a first call needs it not",
    ("wengert.kernels.routes", "wengert.kernels.bytecode"): "a first call needs it not",
    ("wengert.kernels.requests", "wengert.kernels.derived"): "a first call needs it not",
    ("wengert.language.mistakes", "import_module"): "most texts are programs; the modules are named beside it",
    ("wengert.kernels.kernel_names", "wengert.kernels.native.engine"): "few ask for it",
    ("wengert.kernels.bytecode", "wengert.kernels.native.gradients"): "ctypes comes with it, for long lists",
    ("wengert.kernels.diagonals", "wengert.transforms.scalarise"): "NumPy comes with it",
    ("wengert.kernels.looped", "wengert.kernels.native.rolled"): "few lists are long enough",
    ("wengert.api.reports", "wengert.api.sparse"): "few ask for it, and it is large",
    ("wengert.api.reports", "wengert.api.second_derivatives"): "few ask for it, and it is large",
    ("wengert.sweeps.taylor", "wengert.sweeps.taylor_arrays"): "programs over numbers have no need of it; it is large",
    ("wengert.api.later", "wengert.api.reports"): "few ask for it",
    ("wengert.api.later", "wengert.api.making"): "few ask for it",
    ("wengert.api.later", "wengert.api.views"): "few ask for it",
    ("wengert.cli.plot", "wengert.api.showing.plots"): "NumPy comes with it",
    ("wengert.cli.fit", "wengert.cli.joint_fits"): "each needs the other, and few fits are joint",
    ("wengert.api.later", "wengert.api.showing.displays"): "notebooks ask for it",
    ("wengert.api.later", "wengert.api.showing.plots"): "few ask for it, and NumPy comes with it",
    ("wengert.api.making", "wengert.api.flat"): "NumPy comes with it",
    ("wengert.api.views", "wengert.show"): "few ask for it",
    ("wengert.api.views", "wengert.page"): "few ask for it, and it is large",
    ("wengert.api.views", "wengert.api.showing.recorded_rows"): "few ask for it",
    ("wengert.page.live_arrays", "wengert.transforms.scalarise"): "NumPy comes with it",
    ("wengert.api.showing.op_pages", "wengert.show.latex"): "few ask for it",
    ("wengert.api.views", "wengert.api.problems.nl_writing"): "few calls need it",
    ("wengert.api.problems.nl_writing", "wengert.transforms.scalarise"): "NumPy comes with it",
    ("wengert.api.compile", "wengert.api.problems.nl_files"): "few files are models",
    ("wengert.cli.programs", "wengert.api.problems.nl_files"): "few programs are models",
    ("wengert.api.views", "wengert.emit"): "few ask for it, and it is large",
    ("wengert.api.making", "wengert.api.formulas"): "few ask for it",
    ("wengert.api.making", "wengert.transforms.reading"): "few ask for it",
    ("wengert", "import_module"): "few ask for it; the modules are named in the table beside it",
    ("wengert.api.reports", "wengert.jobs.checking.check"): "few ask for it",
    ("wengert.api.reports", "wengert.api.timings"): "few ask for it",
    ("wengert.api.reports", "wengert.api.problems.measurements"): "few ask for it",
    ("wengert.api.reports", "wengert.api.problems.models"): "few ask for it",
    ("wengert.api.reports", "wengert.api.tabular.on_dask"): "few ask for it",
    ("wengert.api.reports", "wengert.api.tabular.totals"): "few ask for it",
    ("wengert.api.reports", "wengert.api.tabular.mapping"): "few ask for it",
    ("wengert.api.reports", "wengert.api.tabular.frame_rows"): "few ask for it",
    ("wengert.api.tabular.mapping", "wengert.api.tabular.row_function"): "NumPy comes with it",
    ("wengert.api.tabular.on_dask", "wengert.api.tabular.row_function"): "NumPy comes with it",
    ("wengert.api.tabular.travelling", "wengert.api.tabular.row_function"): "NumPy comes with it",
    ("wengert.api.tabular.mapping", "wengert.api.tabular.dask_map"): "NumPy comes with it",
    ("wengert.api.tabular.frame_rows", "wengert.api.tabular.row_function"): "NumPy comes with it",
    ("wengert.jobs.checking.bench", "wengert.kernels.batches"): "NumPy comes with it",
    ("wengert.jobs.checking.bench", "exec"): "code by hand, to be timed: identifiers and numbers of ours alone",
}
DYNAMIC = {"import_module", "__import__", "exec", "eval"}

GENERATED = {"wengert.language.lalr_tables", "wengert.ops.arrays.generated"}
LONGEST = 450
# Names that say nothing gather everything.
FORBIDDEN = {"utils", "util", "helper", "helpers", "manager", "managers", "node", "nodes", "data", "common", "misc"}


class Import(NamedTuple):
    module: str
    line: int
    local: bool  # inside a function
    typing: bool  # under `if TYPE_CHECKING`


def sources(package: Path = ROOT / "wengert") -> dict[str, str]:
    """Every module by its dotted name, with its text."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(encoding="utf-8")
    return found


def packages(modules: Mapping[str, str]) -> set[str]:
    """Those of the modules that contain others."""
    return {"wengert"} | {name.rpartition(".")[0] for name in modules}


def imports(name: str, modules: Mapping[str, str]) -> tuple[Import, ...]:
    """What a module imports, by full name; `from . import x` names the module x if there is one."""
    home = name.split(".") if name in packages(modules) else name.split(".")[:-1]
    return imported(modules[name], tuple(home), frozenset(modules))


@cache
def imported(text: str, home: tuple[str, ...], modules: frozenset[str]) -> tuple[Import, ...]:
    """What a text in a package imports."""

    def found(node: ast.AST, local: bool, typing: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, local, typing)
        elif isinstance(node, ast.ImportFrom):
            base = home[: len(home) - node.level + 1] if node.level else []
            whole = ".".join([*base, *(node.module.split(".") if node.module else [])])
            targets = {f"{whole}.{alias.name}" for alias in node.names} & modules
            if len(targets) < len(node.names):
                targets.add(whole)
            for target in sorted(targets):
                yield Import(target, node.lineno, local, typing)
        elif isinstance(node, ast.Call) and (called := ast.unparse(node.func).rpartition(".")[2]) in DYNAMIC:
            yield Import(called, node.lineno, True, False)
            for child in ast.iter_child_nodes(node):
                yield from found(child, local, typing)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            for child in node.body:
                yield from found(child, local, True)
            for child in node.orelse:
                yield from found(child, local, typing)
        else:
            inside = local or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            for child in ast.iter_child_nodes(node):
                yield from found(child, inside, typing)

    return tuple(found(ast.parse(text), False, False))


def part(name: str) -> str:
    """The part of the layers that a module belongs to."""
    words = name.split(".")
    return words[1] if len(words) > 1 else words[0]


def upward(modules: Mapping[str, str]) -> Iterator[str]:
    """Imports that do not point down, and modules without a layer."""
    for name in modules:
        if part(name) not in ORDER:
            yield f"{name} has no place in LAYERS"
            continue
        for wanted in imports(name, modules):
            below = part(wanted.module)
            if wanted.module.split(".")[0] != "wengert" or below == part(name):
                continue
            if below not in ORDER or ORDER[below] <= ORDER[part(name)]:
                yield f"{name}:{wanted.line} imports {wanted.module}, which is not below it"


def past_the_api(modules: Mapping[str, str]) -> Iterator[str]:
    """Imports of a face, but for other faces, from below what everybody has."""
    for name in modules:
        for wanted in imports(name, modules):
            below = part(wanted.module)
            ours = wanted.module.split(".")[0] == "wengert"
            if ours and part(name) in FACES and below not in FOR_FACES and below not in FACES:
                yield f"{name}:{wanted.line} imports {wanted.module}, which the api does not offer"


def strangers(modules: Mapping[str, str]) -> Iterator[str]:
    """Third-party packages imported at a module's top level, or outside their home."""
    for name in modules:
        for wanted in imports(name, modules):
            top = wanted.module.split(".")[0]
            if top == "wengert" or top in sys.stdlib_module_names | DYNAMIC:
                continue
            excused = top == "numpy" and name in ARRAYS or GUESTS.get(name) == top
            if not (wanted.local or wanted.typing or excused):
                yield f"{name}:{wanted.line} imports {top} when it is loaded; import it where it is used"
            if top in HOMES and part(name) != HOMES[top]:
                yield f"{name}:{wanted.line} imports {top}, which only wengert.{HOMES[top]} may"


def guests(modules: Mapping[str, str]) -> Iterator[str]:
    """Imports of a module that is there for another package alone."""
    for name in modules:
        for wanted in imports(name, modules):
            if wanted.module in GUESTS:
                yield f"{name}:{wanted.line} imports {wanted.module}, which loads {GUESTS[wanted.module]}"


def loading_arrays(modules: Mapping[str, str]) -> Iterator[str]:
    """Imports, at a module's top level, of modules that load NumPy."""
    for name in sorted(modules.keys() - ARRAYS):
        for wanted in imports(name, modules):
            if wanted.module in ARRAYS and not (wanted.local or wanted.typing):
                yield f"{name}:{wanted.line} imports {wanted.module}, and so NumPy, when it is loaded"


def hidden(modules: Mapping[str, str], allowed: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """Imports of our own inside functions, imports by a computed name, code run from text; and permissions that
    nothing uses."""
    seen = set()
    for name in modules:
        for wanted in imports(name, modules):
            if wanted.local and wanted.module.split(".")[0] in {"wengert", *DYNAMIC}:
                seen.add((name, wanted.module))
                if not allowed.get((name, wanted.module)):
                    yield f"{name}:{wanted.line} imports {wanted.module} inside a function"
    for name, module in sorted(set(allowed) - seen):
        yield f"{name} may import {module} inside a function, and does not"


def cycles(modules: Mapping[str, str]) -> Iterator[str]:
    """Modules that import each other in a ring while they load."""
    graph = {
        name: [w.module for w in imports(name, modules) if w.module in modules and not (w.local or w.typing)]
        for name in modules
    }
    done: set[str] = set()
    for start in graph:
        path, stack = [start], [iter(graph[start])]
        while stack:
            target = next(stack[-1], None)
            if target is None:
                done.add(path.pop())
                stack.pop()
            elif target in path:
                yield " → ".join([*path[path.index(target) :], target])
            elif target not in done:
                path.append(target)
                stack.append(iter(graph[target]))


def overgrown(modules: Mapping[str, str]) -> Iterator[str]:
    """Modules that are too long to be read at a sitting, or named so that anything fits in."""
    for name, text in modules.items():
        lines = text.count("\n")
        if name not in GENERATED and lines >= LONGEST:
            yield f"{name} has {lines} lines; {LONGEST} is the limit"
        if name.rpartition(".")[2] in FORBIDDEN:
            yield f"{name}: the name says nothing"


def unexcused(modules: Mapping[str, str]) -> Iterator[str]:
    """Hidden imports, where none is allowed."""
    return hidden(modules, {})


LAWS = {
    law.__name__: law for law in (upward, past_the_api, strangers, guests, loading_arrays, unexcused, cycles, overgrown)
}


@pytest.mark.parametrize("law", sorted(set(LAWS) - {"unexcused"}))
@pytest.mark.xdist_group("imports of sources")
def test_the_sources_keep(law: str) -> None:
    found = list(LAWS[law](sources()))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("folder", ["tests", "benchmarks", "grammar"])
def test_what_stands_beside_the_package_is_no_longer(folder: str) -> None:
    found = list(overgrown(sources(ROOT / folder)))
    assert not found, "\n".join(found)


def test_the_sources_hide_no_import_without_a_reason() -> None:
    found = list(hidden(sources(), LOCAL_IMPORTS))
    assert not found, "\n".join(found)


def test_every_folder_is_a_package() -> None:
    """A folder without __init__.py imports from a checkout, and not from a zip."""
    folders = {path.parent for path in (ROOT / "wengert").rglob("*.py")}
    assert not [f.relative_to(ROOT).as_posix() for f in folders if not (f / "__init__.py").is_file()]


def test_two_modules_stand_outside_the_folders() -> None:
    assert {path.name for path in (ROOT / "wengert").glob("*.py")} == {"__init__.py", "__main__.py"}


def test_the_sources_are_seen() -> None:
    """The laws would hold of nothing at all: there are modules, they import each other, relative names resolve."""
    modules = sources()
    assert {"wengert", "wengert.cli", "wengert.ops", "wengert.language.lalr_tables", "wengert.sweeps.rules"} <= set(
        modules
    )
    ours = [i.module for name in modules for i in imports(name, modules) if i.module.split(".")[0] == "wengert"]
    assert len(ours) > len(modules)
    assert set(ours) <= set(modules)


def test_a_permission_is_used() -> None:
    allowed = {("wengert.cli.main", "wengert.jobs"): "a reason"}
    modules = {"wengert.cli.main": "def f():\n    from .. import jobs\n", "wengert.jobs": ""}
    assert not list(hidden(modules, allowed))
    assert len(list(hidden(modules, dict.fromkeys(allowed, "")))) == 1
    assert len(list(hidden({"wengert.cli.main": ""}, allowed))) == 1
