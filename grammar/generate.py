"""Turn wengert.lark into what runs without it: the parser's tables, and a TextMate grammar for editors.

    python grammar/generate.py            writes wengert/language/lalr_tables.py and grammar/wengert.tmLanguage.json
    python grammar/generate.py --check    exit 1 if one of them is not what the grammar and the registry give

The tables are made with Lark's own LALR construction. Only this script imports Lark: the tables ship, so a program is
parsed without it.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from pprint import pformat
from textwrap import fill
from typing import Any

GRAMMAR = Path(__file__).with_name("wengert.lark")
TEXTMATE = GRAMMAR.with_name("wengert.tmLanguage.json")
TABLES = Path(__file__).parents[1] / "wengert" / "language" / "lalr_tables.py"

# A row maps a symbol to what happens on it: a state to go to, or ~n to reduce by rule n.
Row = dict[str, int]


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
    states = lark.parser.parser._parse_table
    patterns = {t.name: t.pattern for t in lark.terminals}
    terminals = [*(name for name in patterns if name not in lark.ignore_tokens), "$END"]
    columns = {name: n for n, name in enumerate([*terminals, *sorted({str(r.origin.name) for r in lark.rules})])}
    rules = [(str(r.origin.name), len(r.expansion), str(r.alias or "")) for r in lark.rules]
    number = {id(rule): n for n, rule in enumerate(lark.rules)}
    rows: dict[int, Row] = {
        state: {s: a if kind.name == "Shift" else ~number[id(a)] for s, (kind, a) in row.items()}
        for state, row in states.states.items()
    }
    rows[states.end_states["start"]] = {"$END": ~len(rules)}
    folded = merge(fold(rows, rules, set(terminals), states.start_states["start"]))
    words = {p.value: n for n, p in patterns.items() if p.type == "str" and p.value.isalpha()}
    facts = {
        "DIGEST": hashlib.sha256(text.encode()).hexdigest()[:16],
        "TOKEN": token(patterns),
        "TERMINALS": tuple(terminals),
        "WIDTH": len(columns),
        "KEYWORDS": {w: columns[n] for w, n in sorted(words.items())},
        "SYMBOLS": {s: columns[n] for n, p in patterns.items() for s in strings(p) if not s.isalpha()},
        "RULES": tuple((columns[origin], length, alias) for origin, length, alias in rules),
    }
    head = '"""LALR tables, made from grammar/wengert.lark by `python grammar/generate.py`. Do not edit."""\n'
    body = "\n".join(f"{k} = {pformat(v, width=116, compact=True)}" for k, v in facts.items())
    table, operand = flat([{columns[s]: a for s, a in row.items()} for row in folded], facts)
    shown = "\n".join(f"{name} = {fill(str(value), 118)}" for name, value in (("OPERAND", operand), ("TABLE", table)))
    return f"{head}\n# ruff: noqa\n# fmt: off\n{body}\n{shown}\n"


def flat(rows: list[dict[int, int]], facts: Mapping[str, Any]) -> tuple[tuple[int, ...], dict[int, int]]:
    """The rows as one table, and by each state in which a name can only be an operand the state after that operand.

    A state is the place of its row in the table; a column is a terminal or a nonterminal. An entry is the next state,
    or ~n for a reduction by rule n, or 0 where the symbol cannot follow. The rule after the last one accepts.
    """
    width, rules = facts["WIDTH"], facts["RULES"]
    table = [0] * (len(rows) * width)
    for n, row in enumerate(rows):
        for column, action in row.items():
            table[n * width + column] = action * width if action > 0 else action
    operand = {}
    reading = next(n for n, (_, _, alias) in enumerate(rules) if alias == "name")
    for state in range(0, len(table), width):
        after = table[state + facts["TERMINALS"].index("NAME")]
        if after > 0 and set(rows[after // width].values()) == {~reading}:
            operand[state] = table[state + rules[reading][0]]
    return tuple(table), operand


def fold(rows: Mapping[int, Row], rules: list[tuple[str, int, str]], terminals: set[str], start: int) -> list[Row]:
    """The automaton without the reductions that do nothing: those by a rule of one symbol and no action.

    An atom is a power, is a signed, is a term …: such a chain of reductions is walked here, once for each token that
    may follow, and its end is written into the state where it begins. A state of the answer is thus a state of Lark's
    with those that chains lead to from it, which depend on the state below. Number 0 is the start; the answer accepts
    by a reduction by the rule after the last.
    """

    def idle(action: int) -> bool:
        return action < 0 and ~action < len(rules) and rules[~action][1:] == (1, "")

    def goto(states: tuple[int, ...], origin: str) -> int:
        found = {rows[s][origin] for s in states if origin in rows[s]}
        if len(found) != 1:
            raise SystemExit(f"the grammar has {len(found)} ways on after `{origin}`")
        return found.pop()

    def chains(below: tuple[int, ...], first: int) -> tuple[int, ...]:
        reached = [first]
        for state in reached:
            ends = {goto(below, rules[~a][0]) for s, a in rows[state].items() if s in terminals and idle(a)}
            reached += sorted(ends - set(reached))
        return tuple(reached)

    def end(below: tuple[int, ...], states: tuple[int, ...], symbol: str) -> int | None:
        state = states[0]
        while (action := rows[state].get(symbol)) is not None and idle(action):
            state = goto(below, rules[~action][0])
        return action

    known: dict[tuple[int, ...], int] = {(start,): 0}
    todo: list[tuple[tuple[int, ...], tuple[int, ...]]] = [((), (start,))]
    answer: list[Row] = []
    for below, states in todo:
        row: Row = {}
        for symbol in sorted({s for state in states for s in rows[state]}):
            action = end(below, states, symbol) if symbol in terminals else goto(states, symbol)
            if action is None:
                continue
            if action >= 0:
                target = chains(states, action)
                if target not in known:
                    known[target] = len(known)
                    todo.append((states, target))
                action = known[target]
            row[symbol] = action
        answer.append(row)
    return answer


def merge(rows: list[Row]) -> list[Row]:
    """The automaton with states that nothing tells apart made one."""
    of = [0] * len(rows)
    count = 1
    while True:
        kinds: dict[Any, int] = {}
        finer = []
        for n, row in enumerate(rows):
            kind = of[n], *sorted((s, a if a < 0 else of[a]) for s, a in row.items())
            finer.append(kinds.setdefault(kind, len(kinds)))
        of = finer
        if len(kinds) == count:
            break
        count = len(kinds)
    first = {kind: n for n, kind in reversed(list(enumerate(of)))}
    return [{s: a if a < 0 else of[a] for s, a in rows[first[kind]].items()} for kind in range(count)]


def token(patterns: Mapping[str, Any]) -> str:
    """One regular expression for all tokens, their kind told by the group that matched: a symbol, a name (and empty, if
    a bracket follows), a number, `(`, `)`, a separator, a comment, the end, a character that begins no token."""
    name, func = patterns["NAME"].value, patterns["FUNC"].value
    blank = patterns["BLANK"].value
    statics, look, ahead = func[len(name) :].rpartition("(?=")
    if not func.startswith(name) or not look or not blank.endswith("]+"):
        raise SystemExit("the grammar's FUNC must be its NAME with a look-ahead, its BLANK a set of characters")
    symbols = sorted({s for p in patterns.values() for s in strings(p) if not s.isalpha()} - set("()[]"))
    alone = [s for s in symbols if len(s) == 1 and not any(o.startswith(s) for o in symbols if o != s)]
    rest = sorted(set(symbols) - set(alone), key=lambda s: (-len(s), s))
    # A symbol that ends in a letter is not the beginning of a word.
    words = [re.escape(s) + (r"(?![\w])" if s[-1].isalpha() else "") for s in rest]
    return (
        f"{blank[:-1]}*(?:([{''.join(map(re.escape, alone))}]|{'|'.join(words)})"
        f"|({name}{statics})(?:{look}{ahead}())?|({patterns['NUMBER'].value})|([(\\[])|([)\\]])"
        f"|({patterns['SEP'].value})|({patterns['COMMENT'].value})|(\\Z)|([\\s\\S]))"
    )


def strings(pattern: Any) -> list[str]:
    """The fixed strings of a terminal: itself, or the alternatives that Lark joined into one expression."""
    if pattern.type == "str":
        return [pattern.value]
    body = pattern.value
    if body.startswith("(?:") and body.endswith(")"):
        parts = [re.sub(r"\\(.)", r"\1", part) for part in body[3:-1].split("|")]
        if all(part and not part[0].isalnum() and len(part) <= 2 for part in parts):
            return parts
    return []


def textmate() -> str:
    """The TextMate grammar: the terminals as regular expressions that Oniguruma and Python's `re` both read, with the
    words of the registry among them. The first rule that matches at a place holds.

    Source: the TextMate manual, chapter 12, "Language Grammars"; the scopes are of its list of naming conventions.
    """
    sys.path.insert(0, str(TABLES.parents[2]))
    from wengert.language import kinds

    patterns = {t.name: t.pattern for t in lark_parser().terminals}
    name, func = patterns["NAME"].value, patterns["FUNC"].value
    parts = re.fullmatch(r"(\[.*?\])(\[.*\])\*", name)
    if parts is None:
        raise SystemExit("the grammar's NAME must be a set of characters, and then any number of another")
    head, inside = parts.groups()
    # Oniguruma counts no digits but the decimal ones to \w, and Python all of them: those of x₁ too.
    inside = inside.replace(r"\w", r"\w₀-₉")
    called = func[len(name) :]
    words = [p.value for p in patterns.values() if p.type == "str" and p.value.isalpha()]
    symbols = {s for p in patterns.values() for s in strings(p) if not s.isalpha()} | {";"}
    operators = {s for s in symbols if kinds.of_symbol(s) == "operator"}

    def either(found: Iterable[str]) -> str:
        # A symbol that ends in a letter is not the beginning of a word.
        ends = {s: r"(?!\w)" for s in found if s[-1].isalpha() and not s.isalpha()}
        longest = sorted(found, key=lambda s: (-len(s), s))
        return f"(?:{'|'.join(re.escape(s) + ends.get(s, '') for s in longest)})"

    rules = {
        "comment.line.number-sign": patterns["COMMENT"].value,
        "constant.numeric": patterns["NUMBER"].value,
        "keyword.control": f"{either(words)}(?!{inside})",
        "support.function": f"{either(kinds.OPS)}{called}",
        "entity.name.function": f"{head}{inside}*{called}",
        "constant.language": f"{either(kinds.CONSTANTS)}(?!{inside})",
        "variable.other": f"{head}{inside}*",
        "keyword.operator": either(operators),
        "punctuation.separator": either(symbols - operators),
    }
    whole = {
        "information_for_contributors": "made by `python grammar/generate.py`; do not edit",
        "name": "Wengert",
        "scopeName": "source.wengert",
        "fileTypes": ["wengert"],
        "patterns": [{"name": f"{scope}.wengert", "match": match} for scope, match in rules.items()],
    }
    return json.dumps(whole, indent=2) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check what is generated; the exit status."""
    # In this order: the second imports the package, which the first may have to mend.
    for path, made in ((TABLES, generate), (TEXTMATE, textmate)):
        fresh = made()
        if "--check" not in arguments:
            path.write_text(fresh, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != fresh:
            print(f"{path.name} is stale: run python grammar/generate.py", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
