"""`wengert play`: pages with an editor, in a browser on this machine."""

from __future__ import annotations

import sys

from ..api.playing import PLAYED, play
from ..ground.errors import UsageError
from .programs import ALWAYS, SHARED, limits_of, source_of
from .screen import Screen
from .words import Arguments, Command, Option, short

COMMAND = Command(
    "play", "[FILE]",
    "An editor beside the page of its program, in a browser on this machine alone. The address that is printed has a\n"
    "token, without which nothing is answered. Ctrl-C ends it.",
    (
        Option("port", "N", "the port (default: any that is free)"),
        *(o for o in SHARED if o.name in ("limit", "trusted")), *ALWAYS,
    ),
    (
        ("wengert play", "begins with an example"),
        ("wengert play samples/sigmoid_neuron.wengert", "begins with the text of a file"),
    ),
    binds=False,
)  # fmt: skip
EXAMPLE = "input x1 = 3, x2 = 7\nf = (2*x1 + x2)^2\n"


def run(arguments: Arguments, screen: Screen) -> int:
    """Serve until it is interrupted, which is its usual end."""
    limits = limits_of(arguments)
    if "limit" not in arguments.places and not arguments.flag("trusted"):
        limits = PLAYED
    text = EXAMPLE
    if arguments.words:
        text = source_of(arguments, arguments.words[0], arguments.spots[0]).text
    word = arguments.option("port", "0")
    place = arguments.places.get("port", 0)
    if not word.isascii() or not word.isdecimal() or len(word) > 5:
        arguments.refuse(place, f"a port is a whole number, not `{short(word)}`", "for instance `--port 8000`", "W687")
    if not sys.stdout.isatty() and word == "0":
        why = "the address would be seen by no one: it is printed on no terminal"
        arguments.refuse(place, why, "give a port: `--port 8000`", "W687")
    try:
        server = play(text, port=int(word), limits=limits)
    except UsageError as problem:
        raise arguments.located(place, problem) from None
    with server:
        # An interrupt ends the command as it ends any other.
        print(f"open {server.address}\nCtrl-C ends it", flush=True)
        server.serve_forever()
    return 0
