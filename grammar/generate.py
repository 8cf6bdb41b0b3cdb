"""Turn wengert.lark into the tables module that the parser runs, with Lark's own LALR construction.

    python grammar/generate.py            writes wengert/language/tables.py
    python grammar/generate.py --check    exit 1 if the tables on disk are not the grammar's

Only this script imports Lark: the tables ship, so a program is parsed without it.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from pprint import pformat
from typing import Any

GRAMMAR = Path(__file__).with_name("wengert.lark")
TABLES = Path(__file__).parents[1] / "wengert" / "language" / "tables.py"


def grammar_text() -> str:
    """The text of the grammar."""
    return GRAMMAR.read_text(encoding="utf-8")


def lark_parser(text: str | None = None, **options: Any) -> Any:
    """Lark's own parser of the grammar: the origin of the tables, and the oracle for the loop that runs them."""
    from lark import Lark

    return Lark(text or grammar_text(), parser="lalr", **{"lexer": "basic", **options})


def generate() -> str:
    """The source of the tables module."""
    text = grammar_text()
    lark = lark_parser(text)
    # Private in Lark: the pinned range of versions and --check guard it.
    table = lark.parser.parser._parse_table
    terminals = {t.name: t.pattern for t in lark.terminals}
    tokens = [*(name for name in terminals if name not in lark.ignore_tokens), "$END"]
    nonterminals = sorted({str(r.origin.name) for r in lark.rules})
    rules = list(lark.rules)
    number = {id(rule): n for n, rule in enumerate(rules)}
    actions, gotos = [], []
    for state in sorted(table.states):
        act: dict[int, int] = {}
        goto: dict[int, int] = {}
        for symbol, (kind, argument) in table.states[state].items():
            if symbol in tokens:
                act[tokens.index(symbol)] = argument if kind.name == "Shift" else ~number[id(argument)]
            else:
                goto[nonterminals.index(symbol)] = argument
        actions.append(dict(sorted(act.items())))
        gotos.append(dict(sorted(goto.items())))
    words = {p.value: n for n, p in terminals.items() if p.type == "str" and p.value.isalpha()}
    symbols = {s: n for n, p in terminals.items() for s in _strings(p) if not s.isalpha()}
    name, func = terminals["NAME"].value, terminals["FUNC"].value
    if not func.startswith(name + "(?="):
        raise SystemExit("the grammar's FUNC must be its NAME with a look-ahead")
    longest = sorted(symbols, key=lambda s: (-len(s), s))
    token = (
        f"(?:{terminals['BLANK'].value})?(?:{terminals['COMMENT'].value})?"
        f"(?:({name})(?:{func[len(name) :]}())?|({terminals['NUMBER'].value})"
        f"|({'|'.join(map(_escaped, longest))})|({terminals['SEP'].value})|(\\Z)|([\\s\\S]))"
    )
    facts = {
        "DIGEST": hashlib.sha256(text.encode()).hexdigest()[:16],
        "TOKEN": token,
        "TERMINALS": tuple(tokens),
        "NONTERMINALS": tuple(nonterminals),
        "KEYWORDS": {w: tokens.index(n) for w, n in sorted(words.items())},
        "SYMBOLS": {s: tokens.index(symbols[s]) for s in longest},
        "RULES": tuple((nonterminals.index(r.origin.name), len(r.expansion), str(r.alias or "")) for r in rules),
        "ACTIONS": tuple(actions),
        "GOTOS": tuple(gotos),
        "START": table.start_states["start"],
        "ACCEPT": table.end_states["start"],
    }
    head = '"""LALR tables, made from grammar/wengert.lark by `python grammar/generate.py`. Do not edit."""\n'
    body = "\n".join(f"{k} = {pformat(v, width=116, compact=True)}" for k, v in facts.items())
    return f"{head}\n# ruff: noqa\n# fmt: off\n{body}\n"


def _strings(pattern: Any) -> list[str]:
    """The fixed strings of a terminal: itself, or the alternatives that Lark joined into one expression."""
    if pattern.type == "str":
        return [pattern.value]
    body = pattern.value
    if body.startswith("(?:") and body.endswith(")"):
        parts = [re.sub(r"\\(.)", r"\1", part) for part in body[3:-1].split("|")]
        if all(part and not part[0].isalnum() and len(part) <= 2 for part in parts):
            return parts
    return []


def _escaped(symbol: str) -> str:
    return re.escape(symbol)


def main(arguments: list[str]) -> int:
    """Write or check the tables; the exit status."""
    fresh = generate()
    if "--check" in arguments:
        if not TABLES.is_file() or TABLES.read_text(encoding="utf-8") != fresh:
            print(f"{TABLES.name} is stale: run python grammar/generate.py", file=sys.stderr)
            return 1
        return 0
    TABLES.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
