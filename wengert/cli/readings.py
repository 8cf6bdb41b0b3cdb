"""Programs made of texts of other languages: printed, written to a file, or as JSON, with the receipts."""

from __future__ import annotations

from ..dialects import Reading
from ..ground.errors import as_json
from ..ground.written_files import write_whole
from .assigned import located
from .programs import ALWAYS, SHARED
from .screen import Screen, dumps
from .words import Arguments, Option

# The options of a command that prints such a program.
READING = (
    Option("output", "FILE", "write the program to a file, also `-o FILE`", letter="o"),
    Option("force", "", "replace a file that exists"),
    Option("json", "", "the program, its inputs and the receipts as JSON"),
    *(o for o in SHARED if o.name != "set"), *ALWAYS,
)  # fmt: skip


def answer_reading(arguments: Arguments, screen: Screen, found: Reading) -> int:
    """Print or write the program, then its receipts; the exit code."""
    if target := arguments.option("output"):
        located(arguments, "output", write_whole, target, found.text, arguments.flag("force"))
    if arguments.flag("json"):
        receipts = [as_json(receipt) for receipt in found.receipts]
        print(dumps({"program": found.text, "inputs": list(found.inputs), "receipts": receipts}))
        return 0
    if not target:
        print(found.text, end="")
    screen.say(found.receipts)
    return 0
