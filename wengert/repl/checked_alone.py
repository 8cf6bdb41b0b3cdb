"""A statement checked by itself, with stand-ins in the places of the statements that it needs.

A statement at the prompt may depend on thousands of statements before it, and to compile all of them for each new one
takes quadratic time. Nearly always the shapes of the values that it reads are enough: it is compiled after inputs of
these shapes, and after the definitions that it calls. The check is stricter than the program: a stand-in is an input,
so that it ends no range and no name is differentiated through it. A statement that it refuses is compiled after all
that it needs, and so is one that may mean something else there.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..api.display import CONSTANTS
from ..api.texts import Program, Sentence, array_ops, differentiates, known_shapes
from ..ground.errors import WengertError
from ..ground.names import WORD, normalize
from .kept import KeptStatements, Statement

# A body that no definition runs: a definition is checked for the heads of those that it calls.
_HEAD = " = 0\n"


def checked_alone(
    sentence: Sentence, statements: KeptStatements, compiled: Callable[[str], Program], fine: frozenset[str]
) -> Statement | None:
    """The statement that a sentence makes, with the shapes of its values; None if stand-ins do not tell.

    `compiled` reads a program, and `fine` are the codes of its warnings that do not matter.
    """
    if sentence.kind not in ("bind", "for", "def"):
        return None
    reads = sentence.reads | sentence.binds if sentence.kind == "for" else sentence.reads
    called = {n for n in reads if n.endswith("(")}
    if any(n in CONSTANTS or statements.read_unbound(n) for n in sentence.binds) or differentiates(reads):
        return None
    if sentence.kind == "def":
        front = _heads(called, statements)
        return None if front is None or _program(compiled, front + sentence.text, fine) is None else Statement(sentence)
    definitions = [statements[k] for k in statements.needed(called) if statements[k].sentence.kind in ("def", "op")]
    for d in definitions:
        reads |= d.sentence.reads
    if differentiates(reads):
        return None
    values = {n for n in reads if not n.endswith("(")}
    given = {n: k for n in values if (k := statements.bound(n)) >= 0}
    known = {n: statements[k].shapes.get(n) for n, k in given.items()}
    if None in known.values():
        return None
    words = "\n".join([sentence.text, *(d.sentence.text for d in definitions)])
    counters = {normalize(n) for n in re.findall(rf"\bfor\s+({WORD})\s+in\b", words)}
    loose = {n for n in values - sentence.binds - counters if n not in given and n not in CONSTANTS}
    mark = "s"
    while mark in words:
        mark += "s"
    marks = {n: f"{mark}{k}" for k, n in enumerate(sorted(given))}
    inputs = [f"{marks[n]}{list(s) or ''}" for n, s in sorted(known.items()) if s is not None] + sorted(loose)
    front = f"input {', '.join(inputs)}\n" if inputs else ""
    front += "".join(f"{n} = {own}\n" for n, own in marks.items())
    front += "".join(f"{d.sentence.text}\n" for d in definitions)
    program = _program(compiled, front + sentence.text, fine)
    if program is None or not loose >= set(program.wlist.inputs) - {*marks.values()}:
        return None
    open = bool(loose) or any(statements[k].open for k in given.values())
    # A name without a value may turn out to be an array, if an op over arrays takes it.
    if open and (array_ops(program) or any(known.values())):
        return None
    return Statement(sentence, None, frozenset(), known_shapes(program, sentence.binds), open)


def _heads(called: set[str], statements: KeptStatements) -> str | None:
    """Definitions of these functions that have their parameters and no body; None if one of them is an op."""
    lines = []
    for name in called:
        if (k := statements.bound(name)) >= 0:
            sentence = statements[k].sentence
            if sentence.kind != "def":
                return None
            lines.append(sentence.text[: sentence.text.index(")") + 1] + _HEAD)
    return "".join(lines)


def _program(compiled: Callable[[str], Program], text: str, fine: frozenset[str]) -> Program | None:
    try:
        program = compiled(f"{text}\n0")
    except WengertError:
        return None
    return program if all(w.code in fine for w in program.warnings) else None
