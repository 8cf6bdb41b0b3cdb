"""The reference as pages of HTML: each op with its curves, each sample with its sweeps, each diagnostic code.

`python -m wengert.site DIRECTORY` writes them, from the registry, the samples and the explanations alone. They fetch
nothing, so that they can be read from a disk and served by anything that serves files.
"""

from .build import build

__all__ = ["build"]
