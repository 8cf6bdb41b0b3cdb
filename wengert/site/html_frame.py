"""The frame of a page of the reference, and its list of pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from ..ground.tuples import NamedTuple
from ..show.grid import escaped

# The folder with the editor.
TRY = "try"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; script-src 'self'{frames}">
<title>{title}</title>
<link rel="stylesheet" href="{root}site.css">
</head>
<body>
<header><p class="home">{home}</p><h1>{title}</h1></header>
<main>
{content}</main>
<footer>{beside}</footer>
<script src="{root}site.js"></script>
</body>
</html>
"""


class PageEntry(NamedTuple):
    """A line of the list of pages: the path from the first page, its name, its subject, and other words to find it."""

    path: str
    name: str
    subject: str
    words: str = ""


def frame(title: str, content: str, root: str, beside: Sequence[PageEntry] = (), tries: bool = False) -> str:
    """A page. `root` leads to the first page from it, and `beside` are the pages before and after it. With `tries` its
    policy lets the editor in."""
    home = f'<a href="{root}index.html">wengert: reference</a>' if root else "Wengert lists in Python"
    links = " ".join(f'<a href="{root}{escaped(e.path)}">{escaped(e.name)}</a>' for e in beside)
    return _PAGE.format(title=escaped(title), root=root, home=home, content=content, beside=links,
                        frames="; frame-src 'self'" if tries else "")  # fmt: skip


def try_box(root: str, program: str = "") -> str:
    """A box that opens an editor in which wengert runs, in the folder `try` of the site, with a program."""
    address = f"{root}{TRY}/index.html" + (f"#{quote(program)}" if program else "")
    return (
        f'<details class="try" data-address="{escaped(address)}"><summary>Try it</summary>'
        "<p>wengert runs in this page: it takes some seconds to start.</p></details>\n"
    )


def listing(parts: Iterable[tuple[str, Sequence[PageEntry]]]) -> str:
    """The list of all pages, with a field that narrows it."""
    found = ['<p class="find"><label>Find <input type="search" id="find" autocomplete="off"></label></p>\n']
    for heading, entries in parts:
        found.append(f"<section>\n<h2>{escaped(heading)}</h2>\n<dl>\n")
        for e in entries:
            link = f'<a href="{escaped(e.path)}">{escaped(e.name)}</a>'
            more = f' <span class="also">also {escaped(e.words)}</span>' if e.words else ""
            found.append(f"<div><dt>{link}</dt><dd>{escaped(e.subject)}{more}</dd></div>\n")
        found.append("</dl>\n</section>\n")
    return "".join(found)
