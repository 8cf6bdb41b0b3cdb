"""The command line: `wengert COMMAND …`."""

# The commands are modules named as they are, `list` and `eval` among them, so no code may live in this namespace.
from .main import main

__all__ = ["main"]
