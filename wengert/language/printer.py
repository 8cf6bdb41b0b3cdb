"""The printer: a parsed program as text."""

from __future__ import annotations

from ..ground.errors import lines_of
from ..lists.wengert_list import program_lines, spelled
from .program import Program


def program_text(program: Program) -> str:
    """A program in normal form: one op an equation, inputs with their defaults, and its expects as written."""
    lines = program_lines(program.wlist, program.defaults)
    numbers = lines_of(program.source.text, (e.span.start for e in program.expects))
    lines += [f"{e.text}    # line {n}" for e, n in zip(program.expects, numbers)]
    return "\n".join(lines)


__all__ = ["program_text", "spelled"]
