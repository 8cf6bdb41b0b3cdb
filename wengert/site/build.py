"""All pages of the reference, and the folder that they go to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from os import PathLike
from pathlib import Path

from ..api.compile import compile
from ..api.samples import about, sample, sample_names
from ..api.showing.op_pages import OpPage, all_ops
from ..api.showing.play_offline import offline_files, write_files
from ..ground.errors import WengertError
from ..ground.explanations import codes, title
from ..ground.written_files import writable
from .articles import of_code, of_op, of_text, tried
from .html_frame import TRY, PageEntry, frame, listing, try_box

EXAMPLE = "input x1 = 3, x2 = 7\nf = (2*x1 + x2)^2\n"


def build(
    directory: str | PathLike[str], force: bool = False, tries: bool = False, pyodide: str | PathLike[str] | None = None
) -> list[Path]:  # fmt: skip
    """Write the reference to a directory, which is made if it is missing; the first of the pages is where to begin.

    With `tries` its pages have an editor in which wengert runs, in the browser itself: see `wengert.play_offline`,
    which tells of `pyodide` too.

    Raises UsageError if a page exists already and not `force`, where a file cannot be written, without the extra
    `site`, and without Pyodide where it is asked for.
    """
    root = Path(directory)
    write_files(root, {}, force)  # before the work: whether the folder can be made, and is ours
    writable(root / "index.html", force)
    editor = {f"{TRY}/{name}": text for name, text in offline_files(EXAMPLE, pyodide).items()} if tries else {}
    # All pages are made first, so that no half of a reference replaces another.
    made = {name: make() for name, make in pages(tries)}
    write_files(root, {**made, **editor}, force)
    return [root / name for name in made if name.endswith(".html")]


def pages(tries: bool = False) -> Iterator[tuple[str, Callable[[], str]]]:
    """The files of the reference by their paths, the first page first, each with the function that makes it. With
    `tries` there is an editor beside them."""
    ops = [o for o in all_ops() if not o.row.of_rules]
    entries = [
        ("Ops", [_of_op(o) for o in ops]),
        ("Samples", [PageEntry(f"samples/{n}.html", n, about(n)) for n in sample_names()]),
        ("Diagnostic codes", [PageEntry(f"codes/{c}.html", c, title(c)) for c in codes()]),
    ]
    box = try_box("") if tries else ""
    yield "index.html", lambda: frame("wengert: reference", box + listing(entries), "", tries=tries)
    for name in ("site.css", "site.js"):
        yield name, partial(files(__package__).joinpath(name).read_text, encoding="utf-8")
    for k, op in enumerate(ops):
        beside = [_of_op(o) for o in (*ops[max(k - 1, 0) : k], *ops[k + 1 : k + 2])]
        yield f"ops/{op.row.name}.html", partial(_op_page, op, beside, tries)
    for name in sample_names():
        yield f"samples/{name}.html", partial(_of_sample, name)
    for code in codes():
        yield f"codes/{code}.html", partial(_code_page, code)


def _op_page(op: OpPage, beside: list[PageEntry], tries: bool) -> str:
    program = tried(op) if tries else ""
    content = of_op(op) + (try_box("../", program) if program else "")
    return frame(op.called, content, "../", beside, bool(program))


def _code_page(code: str) -> str:
    return frame(f"{code}: {title(code)}", of_code(code), "../")


def _of_op(op: OpPage) -> PageEntry:
    return PageEntry(f"ops/{op.row.name}.html", op.called, op.row.doc, " ".join(op.row.aliases))


def _of_sample(name: str) -> str:
    """The page of a sample: with both sweeps, if all inputs have values."""
    f = compile(sample(name), name=f"{name}.wengert")
    try:
        return f.page()
    except WengertError:
        return frame(name, of_text(sample(name)), "../")
