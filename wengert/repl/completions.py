"""Completions of the last word of a line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from ..api.display import CONSTANTS, DERIVATIVES, FOLDS, names_for_people
from ..ground.names import RESERVED, WORD
from .session import Session
from .verbs import COMMAND, EXPRESSION, FILE, NAME, OP, VERBS

# The characters that end a word for the terminal: the word to complete begins after the last of them.
DELIMITERS = " \t\n:;,()[]{}+-*/%^<>=!#"
_WORD = re.compile(rf"(?:{WORD})?$")


def completions(session: Session, text: str) -> list[str]:
    """The completions of the last word of `text`, the line up to the cursor, in order. Functions have their bracket.

    The word begins after the last of DELIMITERS, in a path too; the colon of a command is no part of it.
    """
    word = _last_word(text)
    command = re.match(r"\s*:([\w!]*)(\s+)?", text)
    if command is None:
        return _fitting(word, _expression(session))
    if command[2] is None:
        return _fitting(word, VERBS)
    verb = VERBS.get(command[1].rstrip("!"))
    takes = verb.takes.strip("[] …") if verb else ""
    argument = text[command.end() :]
    if takes == FILE:
        # The terminal replaces the text after the last delimiter only.
        ahead = max(argument.rfind(c) + 1 for c in DELIMITERS)
        return [path[ahead:] for path in _paths(argument)]
    known = {
        OP: names_for_people(),
        NAME: [*session.names(), *session.functions()],
        COMMAND: [*VERBS],
        EXPRESSION: _expression(session),
    }
    return _fitting(word, known.get(takes, ()))


def _last_word(text: str) -> str:
    found = _WORD.search(text)
    return found[0] if found else ""


def _fitting(word: str, known: Iterable[str]) -> list[str]:
    return sorted({name for name in known if name.startswith(word)})


def _expression(session: Session) -> list[str]:
    called = [*names_for_people(), *FOLDS, *DERIVATIVES, *session.functions()]
    return [*session.names(), *CONSTANTS, *RESERVED, *(f"{name}(" for name in called)]


def _paths(beginning: str) -> list[str]:
    """Programs and directories whose paths begin with a text."""
    directory, name = os.path.split(beginning)
    try:
        found = sorted(os.scandir(directory or "."), key=lambda entry: entry.name)
    except OSError:
        return []
    return [
        os.path.join(directory, entry.name) + "/" * entry.is_dir()
        for entry in found
        if entry.name.startswith(name) and (entry.is_dir() or entry.name.endswith(".wengert"))
        if name or not entry.name.startswith(".")
    ]
