"""`wengert explain`: the meaning of a diagnostic code, and the correction of its error."""

from __future__ import annotations

from ..api.texts import nearest_codes
from ..ground.explanations import codes, page, spelled, title
from .programs import ALWAYS
from .screen import Screen, dumps
from .words import Arguments, Command, Option, short

COMMAND = Command(
    "explain", "[CODE]",
    "The meaning of a code such as W101, with an example and its correction; without a code, all codes.",
    (Option("json", "", "answer in JSON"), *ALWAYS),
    (("wengert explain W101", "the page on one code; `w101` or `101` will do"), ("wengert explain", "all codes")),
    binds=False,
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the page on a code, or a line for each code."""
    json = arguments.flag("json")
    known = codes()
    if not arguments.words:
        lines = [{"code": code, "title": title(code)} for code in known]
        print(dumps(lines, indent=2) if json else "\n".join(f"{x['code']}  {x['title']}" for x in lines))
        return 0
    word = arguments.words[0]
    code = spelled(word)
    if code not in known:
        arguments.refuse(arguments.spots[0], f"there is no code `{short(word)}`", nearest_codes(code))
    text = page(code)
    print(dumps({"code": code, "title": title(code), "page": text}, indent=2) if json else text.rstrip("\n"))
    return 0
