"""`wengert structure`: how each output depends on each input."""

from __future__ import annotations

from collections import Counter

from .answers import output_called
from .programs import ALWAYS, PROGRAM, SHARED, program_of
from .screen import Screen, dumps, table
from .words import Arguments, Command, Option

COMMAND = Command(
    "structure", "PROGRAM [--NAME VALUE …]",
    "Which outputs depend on which inputs: not, linearly, quadratically or nonlinearly, each with the others held "
    "fixed, and in all together. It is told by the rules, for all points; of arrays, element by element.",
    (
        Option("full", "", "print every pair of a large table"),
        Option("json", "", "answer in JSON"),
        *PROGRAM, *SHARED, *ALWAYS,
    ),
    (
        ('wengert structure "f = a*x + b; g = x*y^2; output f, g"', "of two outputs"),
        ('wengert structure "A @ x" --A "[[1,2],[3,4]]" --x "[1,2]"', "of arrays, whose shapes the values tell"),
    ),
)  # fmt: skip

# The most inputs in a table, and the most pairs that are listed.
WIDE, LISTED = 8, 40


def run(arguments: Arguments, screen: Screen) -> int:
    """Print how the outputs depend on the inputs."""
    call = program_of(arguments)
    f = call.function
    screen.say(f.program.warnings)
    found = f.structure(call.values)
    inputs, pairs = found.inputs, found.pairs
    if arguments.flag("json"):
        answer = {
            "outputs": [{"name": o, "jointly": how} for o, how in found.jointly.items()],
            "pairs": [{"output": o, "input": x, "how": how} for o, x, how in pairs],
        }
        print(dumps(answer, indent=2))
        return 0
    how = {(o, x): word for o, x, word in pairs}
    if len(inputs) <= WIDE and len(found.outputs) <= LISTED:
        called = output_called(f)
        rows = [(called(o), *(how.get((o, x), "not") for x in inputs), together)
                for o, together in found.jointly.items()]  # fmt: skip
        print(table(("output", *(f"in {x}" for x in inputs), "in all together"), rows, left=len(inputs) + 2))
        return 0
    counts = Counter(word for _, _, word in pairs)
    total = len(found.outputs) * len(inputs)
    told_counts = ", ".join(f"{n:,} {word}" for word, n in counts.items())
    outputs = f"{len(found.outputs):,} output{'s' * (len(found.outputs) != 1)}"
    print(f"{outputs}, {len(inputs):,} inputs: {told_counts}, {total - len(pairs):,} not")
    together = Counter(found.jointly.values())
    print(f"in all inputs together: {', '.join(f'{n:,} {word}' for word, n in together.items())}")
    called = output_called(f)
    shown = [(called(o), x, word) for o, x, word in (pairs if arguments.flag("full") else pairs[:LISTED])]
    print("\n" + table(("output", "input", "how"), shown, left=3))
    if len(shown) < len(pairs):
        print(f"… {len(pairs) - len(shown):,} more: --full prints them all")
    return 0
