"""`wengert run`: the programs of files and directories, with their `expect` statements."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from ..api.display import spelled_value
from ..api.expects import Expectation
from ..api.function import Function
from ..api.plain_answers import value_json
from ..ground.errors import CheckError, Diagnostic, WengertError, as_json, error, suggestion
from ..ground.tuples import NamedTuple
from .answers import value_text, values_json
from .programs import ALWAYS, KERNEL, PROGRAM, SHARED, ProgramCall, compiled, complete, limits_of, source_of
from .screen import Screen, dumps, failed
from .values import value_of
from .words import Arguments, Command, Option

COMMAND = Command(
    "run", "FILE… | DIRECTORY… [--NAME VALUE …]",
    "Evaluate programs and check every `expect` in them. A directory means the .wengert files in it.",
    (Option("json", "", "answer in JSON"), KERNEL, *PROGRAM, *SHARED, *ALWAYS),
    (
        ("wengert run samples", "all programs in a directory"),
        ("wengert run samples/baydin.wengert --x1 3", "with another value for one input"),
    ),
    most=None,
)  # fmt: skip


class Outcome(NamedTuple):
    """The outcome of one program."""

    name: str
    outputs: dict[str, Any]
    expects: list[Expectation]
    said: list[Diagnostic]
    code: int


def run(arguments: Arguments, screen: Screen) -> int:
    """Run every program. The exit code is the worst of theirs."""
    if not arguments.words:
        arguments.refuse(len(arguments.argv), "no file is given", "for instance `wengert run samples`")
    limits = limits_of(arguments)
    values = {n: value_of(arguments, n, limits) for n in arguments.values}
    programs = [_program(arguments, path, place, values) for path, place in paths(arguments)]
    functions = [p for _, p in programs if isinstance(p, Function)]
    for name in values:
        if len(functions) == len(programs) and not any(name in f.inputs for f in functions):
            help = suggestion(name, [n for f in functions for n in f.inputs]) or "each input goes by its own name"
            arguments.refuse(arguments.values[name].place, f"no program has an input `{name}`", help, "W101")
    outcomes: list[Outcome] = []
    for path, program in programs:
        outcomes.append(_outcome(arguments, path, program, values))
        if not arguments.flag("json"):
            _print(outcomes[-1])
            screen.say(outcomes[-1].said)
    if arguments.flag("json"):
        print(dumps([_json(o) for o in outcomes], indent=2))
    else:
        print(_summary(outcomes))
    return max(o.code for o in outcomes)


def paths(arguments: Arguments) -> Iterator[tuple[str, int]]:
    """The paths on a command line, a directory replaced by the programs in it; each with the place of its word."""
    for word, place in zip(arguments.words, arguments.spots):
        if not os.path.isdir(word):
            yield word, place
            continue
        try:
            found = sorted(name for name in os.listdir(word) if name.endswith(".wengert"))
        except OSError as problem:
            arguments.refuse(place, f"cannot read the directory `{word}`: {problem.strerror}", code="W611")
        if not found:
            arguments.refuse(place, f"no program in the directory `{word}`",
                             "programs are files that end in `.wengert`", "W611")  # fmt: skip
        yield from ((os.path.join(word, name), place) for name in found)


def _program(
    arguments: Arguments, path: str, place: int, values: dict[str, Any]
) -> tuple[str, Function | WengertError]:  # fmt: skip
    """The name of a file and its program, or the error that it has."""
    try:
        source = source_of(arguments, path, place, file=True)
        return source.name, compiled(arguments, source, values=values)
    except WengertError as problem:
        return path, problem


def _outcome(arguments: Arguments, name: str, f: Function | WengertError, values: dict[str, Any]) -> Outcome:
    outputs: dict[str, Any] = {}
    try:
        if isinstance(f, WengertError):
            raise f
        own = {n: v for n, v in values.items() if n in f.inputs}
        point = complete(arguments, ProgramCall(f, own))
        value = f(point)
        outputs = dict(zip(f.outputs, [value] if len(f.outputs) == 1 else value))
        expects = f.check_expects(**own)
        said = [*f.program.warnings, *f.notes(point), *untrue(f, expects)]
    except WengertError as problem:
        return Outcome(name, outputs, [], [problem.diagnostic], problem.exit_code)
    return Outcome(name, outputs, expects, said, failed(said))


def untrue(f: Function, expects: list[Expectation]) -> Iterator[Diagnostic]:
    """Yield an error for each `expect` that does not hold."""
    program = f.program
    for e, place in zip(expects, program.expects):
        if not e.ok:
            message = f"this does not hold: the value is {value_text(e.value)}"
            if place.computed is not None:
                message += f", and the other side {spelled_value(e.expected)}"
            found = error(CheckError, "W701", message, place.span, source=program.source)
            yield found.diagnostic


def _print(outcome: Outcome) -> None:
    print(outcome.name)
    for name, value in outcome.outputs.items():
        print(f"  {name} = {value_text(value)}")
    for e in outcome.expects:
        other = spelled_value(e.expected)
        wrong = f"line {e.line}: found {value_text(e.value)}{'' if e.text.endswith(other) else f', not {other}'}"
        print(f"  ok     {e.text}" if e.ok else f"  FALSE  {e.text}    {wrong}")


def _summary(outcomes: list[Outcome]) -> str:
    expects = sum(len(o.expects) for o in outcomes)
    wrong = sum(not e.ok for o in outcomes for e in o.expects)
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
        {"line": e.line, "text": e.text, "value": value_json(e.value), "expected": value_json(e.expected), "ok": e.ok}
        for e in o.expects
    ]
    outputs = values_json(o.outputs)
    said = [as_json(d) for d in o.said]
    return {"file": o.name, "ok": o.code == 0, "outputs": outputs, "expects": expects, "said": said}
