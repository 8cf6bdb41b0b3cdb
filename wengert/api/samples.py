"""The sample programs that come with wengert: in an installed package, or beside it in a checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from ..ground.complaints import explained
from ..ground.errors import UnknownName, error, suggestion


def _texts() -> dict[str, Any]:
    """The files of the samples by name. The package may be a zip file, so they are not paths."""
    inside = files("wengert") / "samples"
    folder: Any = inside if inside.is_dir() else Path(__file__).parents[2] / "samples"
    found = {f.name.removesuffix(".wengert"): f for f in folder.iterdir() if f.name.endswith(".wengert")}
    return dict(sorted(found.items()))


def sample_names() -> tuple[str, ...]:
    """The names of the samples, in order."""
    return tuple(_texts())


@explained
def sample(name: str) -> str:
    """The text of a sample, by its name: `wengert.compile(wengert.sample("baydin"))`. Raises UnknownName."""
    word = name.removesuffix(".wengert")
    if word not in (texts := _texts()):
        help = suggestion(word, texts) or "`wengert samples` lists them"
        raise error(UnknownName, "W101", f"there is no sample `{word[:60]}`", help=help)
    return str(texts[word].read_text(encoding="utf-8"))


def about(name: str) -> str:
    """The first line of a sample, which states its subject."""
    return sample(name).partition("\n")[0].lstrip("# ")


__all__ = ["about", "sample", "sample_names"]
