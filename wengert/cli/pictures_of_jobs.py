"""The option `--plot` of jobs, which writes a picture of the answer to a file."""

from __future__ import annotations

from typing import Any

from ..ground.written_files import writable
from ..show.charts import SUFFIXES, chart_format, figure_class
from .assigned import located
from .words import Arguments, Option

PLOT = Option("plot", "FILE", f"draw the answer, with the extra `plot`: {', '.join(SUFFIXES)}")
FORCE = Option("force", "", "replace files that are there")


def checked_plot(arguments: Arguments) -> None:
    """Refuse a picture that cannot be written, before the work for it."""
    if PLOT.name in arguments.options:
        file = arguments.option(PLOT.name)
        located(arguments, PLOT.name, chart_format, "", file)
        located(arguments, PLOT.name, writable, file, arguments.flag(FORCE.name))
        located(arguments, PLOT.name, figure_class)


def write_plot(arguments: Arguments, report: Any) -> None:
    """Write the picture of a report, where it was asked for."""
    if PLOT.name in arguments.options:
        located(arguments, PLOT.name, _plotted, report, arguments.option(PLOT.name), arguments.flag(FORCE.name))


def _plotted(report: Any, file: str, force: bool) -> None:
    report.plot(file, force=force)
