"""The pictures of all samples, by their digests: a change of the layout or of a writer is seen, and looked at.

    python -m tests.oracles.pictures FOLDER    # writes the pictures for the eye, and then the digests anew

They bear names, so that no rounding of a machine's functions is in them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import wengert as wg

SAMPLES = Path(__file__).parents[2] / "samples"
DIGESTS = Path(__file__).with_suffix(".tsv")
SUFFIXES = {"mermaid": ".mmd", "svg": ".svg", "dot": ".dot", "tikz": ".tex", "terminal": ".txt"}
# The longest is left out: its picture has no reader.
LONGEST = "lotka_volterra"


def drawn() -> Iterator[tuple[str, str, str]]:
    """Each sample and format, and the picture."""
    for path in sorted(SAMPLES.glob("*.wengert")):
        if path.stem != LONGEST:
            f = wg.load(path)
            for format in SUFFIXES:
                yield path.stem, format, str(f.graph(format=format, names=True))


def digest(text: str) -> str:
    """The first 16 digits of a picture's SHA-256."""
    return sha256(text.encode()).hexdigest()[:16]


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, format, text in drawn():
        (folder / f"{name}{SUFFIXES[format]}").write_text(text, encoding="utf-8")
        lines.append(f"{name}\t{format}\t{digest(text)}\n")
    DIGESTS.write_text("".join(lines), encoding="utf-8")
