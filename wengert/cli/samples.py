"""`wengert samples`: the sample programs, listed or copied."""

from __future__ import annotations

from pathlib import Path

from ..api.samples import about, sample, sample_names
from ..ground.errors import UsageError, WengertError
from ..ground.written_files import writable, write_whole
from .programs import ALWAYS
from .screen import Screen, dumps
from .words import Arguments, Command, Option

COMMAND = Command(
    "samples", "[NAME …]",
    "The sample programs: a list of them, or a copy of those that are named, each in a file NAME.wengert.",
    (
        Option("to", "DIRECTORY", "where the copies go (default: here); `-` prints them"),
        Option("force", "", "replace files that exist"),
        Option("json", "", "answer in JSON"),
        *ALWAYS,
    ),
    (
        ("wengert samples", "all names, with the subject of each"),
        ("wengert samples baydin", "writes baydin.wengert; then `wengert run baydin.wengert`"),
        ("wengert samples baydin --to - | wengert trace -", "straight into another command"),
    ),
    most=None,
    binds=False,
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """List the samples, or copy those that are named."""
    texts: dict[str, str] = {}
    for word, spot in zip(arguments.words, arguments.spots):
        try:
            texts[word.removesuffix(".wengert")] = sample(word)
        except WengertError as problem:
            raise arguments.located(spot, problem) from None
    if not texts:
        return _listed(arguments)
    where = arguments.option("to", ".")
    if where == "-":
        print("\n".join(text.rstrip("\n") for text in texts.values()))
        return 0
    force = arguments.flag("force")
    paths = {name: Path(where) / f"{name}.wengert" for name in texts}
    try:
        # All places are checked first, so that the samples are copied all or not at all.
        for path in paths.values():
            writable(path, force)
        for name, path in paths.items():
            write_whole(path, texts[name], force)
    except UsageError as problem:
        raise arguments.located(arguments.places.get("to", arguments.spots[0]), problem) from None
    wrote = [str(path) for path in paths.values()]
    print(dumps(wrote, indent=2) if arguments.flag("json") else "\n".join(wrote))
    return 0


def _listed(arguments: Arguments) -> int:
    names = sample_names()
    if arguments.flag("json"):
        print(dumps([{"name": n, "says": about(n)} for n in names], indent=2))
    else:
        width = max(map(len, names), default=0)
        print("\n".join(f"{n.ljust(width)}  {about(n)}" for n in names))
    return 0
