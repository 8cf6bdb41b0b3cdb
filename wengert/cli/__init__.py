"""The command line: `wengert COMMAND …`."""

# Modules have the names of the commands, such as `list` and `eval`, so no code may live in this namespace.
from .main import main, script

__all__ = ["main", "script"]
