"""`wengert run`: programs of files and directories, and what they expect."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..errors import CheckError, Diagnostic, UsageError, WengertError, as_json, error
from ..function import Expectation
from ..wengert_list import spelled
from .programs import ALWAYS, PROGRAM, SHARED, Called, called, complete, source_of
from .screen import Screen, dumps, failed, number
from .words import Arguments, Command, Option

COMMAND = Command(
    "run", "FILE… | DIRECTORY… [--NAME VALUE …]",
    "Evaluate programs and check every `expect` in them. A directory means the .wengert files in it.",
    (Option("json", "", "answer in JSON"), *PROGRAM, *SHARED, *ALWAYS),
    (
        ("wengert run samples", "all programs in a directory"),
        ("wengert run samples/baydin.wengert --x1 3", "with another value for one input"),
    ),
    most=None,
)  # fmt: skip


class Outcome(NamedTuple):
    """How one program fared."""

    name: str
    outputs: dict[str, float]
    expects: list[Expectation]
    said: list[Diagnostic]
    code: int


def run(arguments: Arguments, screen: Screen) -> int:
    """Run every program; the exit code is the worst of theirs."""
    if not arguments.words:
        arguments.refuse(len(arguments.argv), "no file is given", "for instance `wengert run samples`")
    outcomes: list[Outcome] = []
    used: set[str] = set()
    for path in _paths(arguments):
        outcomes.append(_outcome(arguments, path, used))
        if not arguments.flag("json"):
            _print(outcomes[-1])
            screen.say(outcomes[-1].said)
    if unused := [n for n in arguments.values if n not in used and all(o.code < 2 for o in outcomes)]:
        arguments.refuse(arguments.values[unused[0]].place, f"no program has an input `{unused[0]}`", code="W101")
    expects = [e for o in outcomes for e in o.expects]
    wrong = sum(not e.ok for e in expects)
    if arguments.flag("json"):
        print(dumps([_json(o) for o in outcomes], indent=2))
    else:
        print(_summary(outcomes, len(expects), wrong))
    return max(o.code for o in outcomes)


def _paths(arguments: Arguments) -> Iterator[str]:
    for word in arguments.words:
        if word == "-" or not os.path.isdir(word):
            yield word
            continue
        found = sorted(name for name in os.listdir(word) if name.endswith(".wengert"))
        if not found:
            arguments.refuse(arguments.argv.index(word), f"no program in the directory `{word}`",
                             "programs are files that end in `.wengert`", "W611")  # fmt: skip
        yield from (os.path.join(word, name) for name in found)


def _outcome(arguments: Arguments, path: str, used: set[str]) -> Outcome:
    outputs: dict[str, float] = {}
    try:
        if path != "-" and not os.path.exists(path) and not path.endswith(".wengert"):
            raise error(UsageError, "W611", f"no file {path}", help="a formula is evaluated by `wengert eval`")
        call = called(arguments, source_of(path), others=True)
        used.update(call.values)
        point = complete(arguments, call)
        f = call.function
        value = f(point)
        outputs = dict(zip(f.outputs, [value] if len(f.outputs) == 1 else value))
        expects = f.check_expects(**call.values)
        notes = list(f.notes(point))
    except WengertError as problem:
        return Outcome(path, outputs, [], [problem.diagnostic], problem.exit_code)
    said = [*f.program.warnings, *notes, *_false(call, expects)]
    return Outcome(path, outputs, expects, said, failed(said))


def _false(call: Called, expects: list[Expectation]) -> Iterator[Diagnostic]:
    program = call.function.program
    for e, place in zip(expects, program.expects):
        if not e.ok:
            found = error(CheckError, "W701", f"this does not hold: the value is {spelled(e.value)}", place.span,
                          source=program.source)  # fmt: skip
            yield found.diagnostic


def _print(outcome: Outcome) -> None:
    print(outcome.name)
    for name, value in outcome.outputs.items():
        print(f"  {name} = {spelled(value)}")
    for e in outcome.expects:
        print(f"  ok     {e.text}" if e.ok else f"  FALSE  {e.text}    line {e.line}: found {spelled(e.value)}")


def _summary(outcomes: list[Outcome], expects: int, wrong: int) -> str:
    broken = sum(o.code > 1 for o in outcomes)
    outside = sum(o.code == 1 and all(e.ok for e in o.expects) for o in outcomes)
    parts = [
        f"{len(outcomes)} program{'s' * (len(outcomes) != 1)}",
        f"{expects - wrong} of {expects} expect{'s' * (expects != 1)} hold{'s' * (expects == 1)}",
    ]
    parts += [f"{outside} outside a domain"] * bool(outside) + [f"{broken} could not run"] * bool(broken)
    return ", ".join(parts)


def _json(o: Outcome) -> dict[str, Any]:
    expects = [
        {"line": e.line, "text": e.text, "value": number(e.value), "expected": number(e.expected), "ok": e.ok}
        for e in o.expects
    ]
    outputs = {n: number(v) for n, v in o.outputs.items()}
    said = [as_json(d) for d in o.said]
    return {"file": o.name, "ok": o.code == 0, "outputs": outputs, "expects": expects, "said": said}
