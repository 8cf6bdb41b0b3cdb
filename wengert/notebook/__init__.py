"""Programs in cells of a notebook: `%load_ext wengert`, then `%%wengert` cells and `%wengert` lines."""

from .magics import load_ipython_extension, unload_ipython_extension

__all__ = ["load_ipython_extension", "unload_ipython_extension"]
