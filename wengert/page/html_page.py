"""The page itself: one file of HTML with its style, its scripts and its data.

Its policy lets nothing in but the scripts and the style that it was made with, each known by its hash, and lets nothing
out: https://www.w3.org/TR/CSP3/. The data are JSON in a block that no browser runs, with every `<` written `\\u003c`.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from ..show.graph import Circuit
from ..show.grid import escaped
from .contents import Contents, Request, contents
from .drawing import drawing
from .linked_text import LONGEST, linked_text

STYLES = ("page.css",)
SCRIPTS = tuple(
    f"{name}.js" for name in "numbers sweeps display circuit stepping folds inputs counting exercise page".split()
)


def document(request: Request) -> str:
    """The page as HTML."""
    found = contents(request)
    style, program = _style(), _program()
    scripts = [program]
    if found.live.text:
        scripts.insert(0, f'"use strict";\nconst tapeOf = (() => {{\n{found.live.text}return tape;\n}})();\n')
    policy = (
        f"default-src 'none'; script-src {' '.join(map(_hash, scripts))}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    title = escaped(request.title)
    body = _body(request, found)
    blocks = "\n".join(f"<script>{text}</script>" for text in scripts)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="wengert">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
<script type="application/json" id="record">{_json(found.data)}</script>
<script type="application/json" id="trace">{_trace(found, request)}</script>
{blocks}
</body>
</html>
"""


# The additional policy of a page in an editor's frame: its own origin, and no other page around it.
FRAMED = "sandbox allow-scripts allow-modals; frame-ancestors 'self'"


def editor(text: str, settings: Mapping[str, Any] | None = None) -> str:
    """The page of `wengert play`: an editor that begins with this text, and a frame for its program's page.

    A server makes the pages. With `settings`, wengert makes them in the browser, from files beside this one: see
    `offline`.
    """
    style = "\n".join(map(file_text, (*STYLES, "play.css")))
    parts = "\n".join(map(file_text, ("served.js" if settings is None else "offline.js", "play.js")))
    program = f'"use strict";\n(() => {{\nconst $ = (id) => document.getElementById(id);\n{parts}}})();\n'
    sources = "connect-src 'self'" if settings is None else "worker-src blob:"
    # Scripts beside the page hand over the files of Python; its worker imports two that are made of a text.
    others = "" if settings is None else " 'self' blob: 'wasm-unsafe-eval'"
    policy = (
        f"default-src 'none'; script-src {_hash(program)}{others}; style-src {_hash(style)}; {sources}; "
        "frame-src 'self'; base-uri 'none'; form-action 'none'"
    )
    body = filled("play.html", text="\n" + escaped(text))
    if settings is not None:
        body += f'\n<script type="application/json" id="settings">{_json(settings)}</script>'
        body += "\n<noscript><p>This page needs its own scripts, which are beside it.</p></noscript>"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>wengert play</title>
<style>{style}</style>
</head>
<body>
{body}
<script>{program}</script>
</body>
</html>
"""


def filled(name: str, **parts: str) -> str:
    """A file with texts in the places of `{{…}}`."""
    return re.sub(r"\{\{(\w+)\}\}", lambda m: parts[m[1]], file_text(name))


def _body(request: Request, found: Contents) -> str:
    hidden = request.hidden if request.exercise else None
    text = linked_text(request.trace.wlist, request.source.text, found.numbers, hidden)
    told = [d.message for d in request.notes] if not request.exercise else []
    if len(request.source.text) > LONGEST:
        told.append(f"The text is cut after {LONGEST:,} characters.")
    count = len(request.trace.wlist)
    if count > request.limits.gates:
        folded = "; it is drawn folded" if request.drawn else ""
        told.append(
            f"The circuit of {count:,} equations is left out{folded}: over the limit `gates` of "
            f"{request.limits.gates:,}. The steps and the table of equations are complete."
        )  # fmt: skip
    circuit = "\n".join(
        drawing(drawn._replace(circuit=_plain(drawn.circuit, request.exercise)), names, bool(found.data["arrays"]))
        for drawn, names in zip(request.drawn, found.leaving)
    )
    notes = "".join(f"<li>{escaped(t)}</li>" for t in told)
    return filled("page.html", title=escaped(request.title), notes=notes, circuit=circuit, text=text)


def _plain(circuit: Circuit, exercise: bool) -> Circuit:
    """The circuit with a number on every wire, as the page shows an array by its shape. The widths of an exercise tell
    nothing of its numbers."""

    def plain(x: Any) -> Any:
        return x if x is None or type(x) is float and not exercise else 0.0

    wires = tuple(
        w._replace(value=plain(w.value), gradient=plain(w.gradient) or 0.0 if w.back else None) for w in circuit.wires
    )
    gates = tuple(g._replace(total=plain(g.total), kink=False) for g in circuit.gates)
    return circuit._replace(wires=wires, gates=gates, whole=False)


def _trace(found: Contents, request: Request) -> str:
    if not request.exercise:
        return _json(found.trace)
    return json.dumps(veiled(_json(found.trace)))


def veiled(text: str) -> str:
    """A text that is not read by chance: each byte is changed by the ones before it, and all are written in base64.
    It keeps no secret from a person who sets out to read it."""
    out, last = bytearray(), 0x5A
    for byte in text.encode():
        last = (byte ^ last) * 167 + 41 & 0xFF
        out.append(last)
    return b64encode(bytes(out)).decode("ascii")


def _json(x: Any) -> str:
    """JSON for the inside of a script element."""
    text = json.dumps(x, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode('ascii')}'"


@cache
def file_text(name: str) -> str:
    """A file of this folder."""
    return files(__package__).joinpath(name).read_text("utf-8").replace("\r\n", "\n")


def _style() -> str:
    return "\n".join(map(file_text, STYLES))


def _program() -> str:
    """The scripts as one, in a scope of their own."""
    return '"use strict";\n(() => {\n' + "\n".join(map(file_text, SCRIPTS)) + "\n})();\n"
