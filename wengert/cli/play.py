"""`wengert play`: pages with an editor, in a browser on this machine, or as a folder that needs no server."""

from __future__ import annotations

import sys

from ..api.showing.play_offline import play_offline
from ..api.showing.played import PLAYED
from ..api.showing.playing import play
from ..ground.errors import UsageError
from ..ground.limits import Limits
from .programs import ALWAYS, SHARED, limits_of, source_of
from .screen import Screen
from .words import Arguments, Command, Option, short

COMMAND = Command(
    "play", "[FILE]",
    "An editor beside the page of its program, in a browser on this machine alone. The address that is printed has a\n"
    "token, without which nothing is answered. Ctrl-C ends it. With `--offline` it is a folder of files, which needs\n"
    "no server: wengert runs in the browser, in Pyodide.",
    (
        Option("port", "N", "the port (default: any that is free)"),
        Option("offline", "DIR", "write a folder with the editor and wengert, to open DIR/index.html from the disk"),
        Option("pyodide", "PATH", "the package of Pyodide, a file or a folder (default: npm fetches it)"),
        Option("force", "", "replace files that exist in the folder"),
        *(o for o in SHARED if o.name in ("limit", "trusted")), *ALWAYS,
    ),
    (
        ("wengert play", "begins with an example"),
        ("wengert play samples/sigmoid_neuron.wengert", "begins with the text of a file"),
        ("wengert play --offline lesson", "a folder to hand out; needs npm once"),
    ),
    binds=False,
)  # fmt: skip
EXAMPLE = "input x1 = 3, x2 = 7\nf = (2*x1 + x2)^2\n"


def run(arguments: Arguments, screen: Screen) -> int:
    """Write a folder, or serve until it is interrupted, which is its usual end."""
    limits = limits_of(arguments)
    if "limit" not in arguments.places and not arguments.flag("trusted"):
        limits = PLAYED
    text = EXAMPLE
    if arguments.words:
        text = source_of(arguments, arguments.words[0], arguments.spots[0]).text
    if "offline" in arguments.places:
        return _written(arguments, text, limits)
    for name in ("pyodide", "force"):
        if name in arguments.places:
            arguments.refuse(arguments.places[name], f"`--{name}` is for a folder", "give the folder: `--offline DIR`")
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


def _written(arguments: Arguments, text: str, limits: Limits) -> int:
    if "port" in arguments.places:
        arguments.refuse(arguments.places["port"], "a folder has no port", "leave out `--port`, or `--offline`")
    pyodide = arguments.option("pyodide") or None
    try:
        made = play_offline(
            arguments.option("offline"), text, pyodide=pyodide, limits=limits, force=arguments.flag("force")
        )
    except UsageError as problem:
        about = "pyodide" if problem.code == "W688" and pyodide else "offline"
        raise arguments.located(arguments.places[about], problem) from None
    print(f"open {made[0]}")
    return 0
