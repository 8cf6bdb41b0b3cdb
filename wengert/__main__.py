"""Run the command line: `python -m wengert`."""

from .cli import script

script()
