"""All pages of the reference, and the folder that they go to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from os import PathLike
from pathlib import Path

from ..api.compile import compile
from ..api.op_pages import OpPage, all_ops
from ..api.samples import about, sample, sample_names
from ..ground.errors import UsageError, WengertError, error, shown
from ..ground.explanations import codes, title
from ..ground.written_files import writable, write_whole
from .articles import of_code, of_op, of_text
from .html_frame import PageEntry, frame, listing


def build(directory: str | PathLike[str], force: bool = False) -> list[Path]:
    """Write the reference to a directory, which is made if it is missing; the first of the pages is where to begin.

    Raises UsageError where a page exists already and not `force`, where a file cannot be written, and without the extra
    `site`.
    """
    root, made = Path(directory), dict(pages())
    try:
        for folder in {(root / name).parent for name in made}:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        message = f"cannot write {shown(str(root))}: {problem.strerror or problem}"
        raise error(UsageError, "W682", message) from None
    # All places are looked at first, and all pages are made, so that no half of a reference replaces another.
    for name in made:
        writable(root / name, force)
    for name, text in [(name, make()) for name, make in made.items()]:
        write_whole(root / name, text, force)
    return [root / name for name in made if name.endswith(".html")]


def pages() -> Iterator[tuple[str, Callable[[], str]]]:
    """The files of the reference by their paths, the first page first, each with the function that makes it."""
    ops = [o for o in all_ops() if not o.row.of_rules]
    entries = [
        ("Ops", [_of_op(o) for o in ops]),
        ("Samples", [PageEntry(f"samples/{n}.html", n, about(n)) for n in sample_names()]),
        ("Diagnostic codes", [PageEntry(f"codes/{c}.html", c, title(c)) for c in codes()]),
    ]
    yield "index.html", lambda: frame("wengert: reference", listing(entries), "")
    for name in ("site.css", "site.js"):
        yield name, partial(files(__package__).joinpath(name).read_text, encoding="utf-8")
    for k, op in enumerate(ops):
        beside = [_of_op(o) for o in (*ops[max(k - 1, 0) : k], *ops[k + 1 : k + 2])]
        yield f"ops/{op.row.name}.html", partial(_op_page, op, beside)
    for name in sample_names():
        yield f"samples/{name}.html", partial(_of_sample, name)
    for code in codes():
        yield f"codes/{code}.html", partial(_code_page, code)


def _op_page(op: OpPage, beside: list[PageEntry]) -> str:
    return frame(op.called, of_op(op), "../", beside)


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
