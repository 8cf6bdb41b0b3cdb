"""The reference as pages of HTML: each op with its curves, each sample with its sweeps, each diagnostic code.

`python -m wengert.site DIRECTORY` writes them from the registry, the samples and the explanations. They fetch nothing,
so they can be read from a disk, and any file server can serve them.
"""

from .build import build

__all__ = ["build"]
