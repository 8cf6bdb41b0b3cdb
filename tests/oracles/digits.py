"""The digits of the exact numbers that tests ask for again and again, in a table: mpmath takes minutes for them.

    python -m tests.oracles.digits             exit 1 if the table is stale; two points an op are worked out
    python -m tests.oracles.digits --all       the same, and every point
    python -m tests.oracles.digits --write     works out what is missing or stale

`digits.txt` has a paragraph an op: its name, a digest of the formulas its numbers come from, a digest of its points;
then a line a point, of the first `VALUES` of `arguments`: the exact value and, at the first `SLOPES` of them, the exact
derivative in each argument, rounded to 80 bits. A `-` stands where nothing is asked: where a partial of the row is zero
by definition, or the value is not finite. What is not in the table is worked out; with WENGERT_TESTS=full everything.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import io
import random
import sys
import tokenize
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import mpmath as mp

from tests import FULL
from tests.oracles import elementary, elementwise, exact_functions, exact_special, oracle
from tests.oracles.elementwise import ORACLES, arguments, exactly, slope
from wengert.ops import OPS

VALUES, SLOPES, BITS = 120, 80, 80
# Beyond these exponents no float tells numbers apart.
LARGEST, LEAST = 1100, -1300
TABLE = Path(__file__).with_name("digits.txt")
Point = tuple[float, ...]


class Page(NamedTuple):
    """An op's paragraph: digests of formulas and points, and a line a point."""

    formulas: str
    points: str
    lines: tuple[tuple[str, ...], ...]


def exact_value(name: str, args: Point) -> Any:
    """The value of an op, as one of mpmath's numbers."""
    known = _known(name).get(args)
    return _number(known[0]) if known else exactly(ORACLES[name].value, args)


def exact_slope(name: str, args: Point, i: int) -> Any:
    """The derivative of an op in its i-th argument."""
    known = _known(name).get(args, ())
    return _number(known[i + 1]) if len(known) > 1 and known[i + 1] != "-" else slope(name, args, i)


@cache
def _known(name: str) -> dict[Point, tuple[str, ...]]:
    """The lines of an op by their points; none where the table is stale or not to be used."""
    page = None if FULL else _pages().get(name)
    points = arguments(name, VALUES)
    if page is None or (page.formulas, page.points) != (_formulas(name), _digest(repr(points))):
        return {}
    return dict(reversed(list(zip(points, page.lines))))  # of equal points the first has the slopes


@cache
def _pages() -> dict[str, Page]:
    pages = {}
    for paragraph in TABLE.read_text(encoding="ascii").split("\n\n") if TABLE.exists() else ():
        first, *lines = paragraph.strip().split("\n")
        name, formulas, points = first.split()
        pages[name] = Page(formulas, points, tuple(tuple(line.split()) for line in lines))
    return pages


def _number(text: str) -> Any:
    if text in ("nan", "inf", "-inf"):
        return mp.mpf(text)
    digits, _, exponent = text.partition("p")
    return mp.make_mpf(mp.libmp.from_man_exp(int(digits, 16), int(exponent)))


def _text(y: Any) -> str:
    """A number as a whole hexadecimal number and a power of 2."""
    if not mp.isfinite(y):
        return str(mp.nstr(y)).removeprefix("+")
    with mp.workprec(BITS):
        y = +mp.mpf(y)
    if y and not LEAST <= mp.frexp(y)[1] <= LARGEST:
        y = mp.sign(y) * mp.mpf(2) ** max(LEAST, min(LARGEST, mp.frexp(y)[1]))
    sign, digits, exponent, _ = y._mpf_
    return f"{'-' * sign}{digits:x}p{exponent}"


def _line(name: str, args: Point, k: int) -> tuple[str, ...]:
    """What the k-th line of an op says."""
    value = exactly(ORACLES[name].value, args)
    if k >= SLOPES:
        return (_text(value),)
    partials = OPS[name].partials
    asked = [mp.isfinite(value) and partials[min(i, len(partials) - 1)] is not None for i in range(len(args))]
    return (_text(value), *(_text(slope(name, args, i)) if asks else "-" for i, asks in enumerate(asked)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _formulas(name: str) -> str:
    """A digest of the source that an op's numbers come from: its oracle, and all that this calls."""
    defined, oracles = _source()
    wanted, texts = ["exactly", "slope"], {"": _tokens(oracles[name])}
    wanted += texts[""]
    while wanted:
        word = wanted.pop()
        if word in defined and word not in texts:
            texts[word] = _tokens(defined[word])
            wanted += texts[word]
    return _digest(repr(sorted(texts.items())))


@cache
def _source() -> tuple[dict[str, str], dict[str, str]]:
    """The source of each name that the modules of oracles define, and of each op's oracle."""
    defined: dict[str, str] = {}
    oracles: dict[str, str] = {}
    for module in (oracle, exact_functions, exact_special, elementary, elementwise):
        _read_source(Path(str(module.__file__)).read_bytes(), defined, oracles)
    return defined, oracles


def _read_source(source: bytes, defined: dict[str, str], oracles: dict[str, str]) -> None:
    lines = source.splitlines(keepends=True)

    def text(part: Any) -> str:  # as ast.get_source_segment, which splits the source each time
        whole = b"".join(lines[part.lineno - 1 : part.end_lineno])
        return whole[part.col_offset : len(whole) - len(lines[part.end_lineno - 1]) + part.end_col_offset].decode()

    for statement in ast.parse(source).body:
        part = text(statement)
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            defined[statement.name] = part
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.value, ast.Dict):
            for key, value in zip(statement.value.keys, statement.value.values):
                if key is not None:  # a table of another module
                    oracles[ast.literal_eval(key)] = text(value)
        elif isinstance(statement, ast.Assign):
            names = {n.id for target in statement.targets for n in ast.walk(target) if isinstance(n, ast.Name)}
            defined.update(dict.fromkeys(names, part))


def _tokens(source: str) -> list[str]:
    """The words of a source, without comments, layout and docstrings."""
    kept, begins = [], True
    whole = source if source.startswith("def ") else f"({source})"
    for kind, text, *_ in tokenize.generate_tokens(io.StringIO(whole).readline):
        if kind in (tokenize.NEWLINE, tokenize.INDENT):
            begins = True
        elif kind in (tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING):
            if not (begins and kind == tokenize.STRING):
                kept.append(text)
            begins = False
    return kept


def faults(sample: int, seed: int) -> Iterator[str]:
    """What is wrong with the table; so many points an op are worked out anew, whichever other ops there are."""
    pages = _pages()
    for name in sorted(pages.keys() - ORACLES.keys()):
        yield f"{name} has no oracle"
    for name in ORACLES:
        points = arguments(name, VALUES)
        page = pages.get(name)
        if page is None or len(page.lines) != VALUES:
            yield f"{name} is missing"
        elif page.formulas != _formulas(name):
            yield f"{name} comes from other formulas"
        elif page.points != _digest(repr(points)):
            yield f"{name} is of other points"
        else:
            for k in random.Random(f"{name} {seed}").sample(range(VALUES), sample):
                if page.lines[k] != (line := _line(name, points[k], k)):
                    yield f"{name}{points[k]} is {line}, not {page.lines[k]}"


def written() -> str:
    """The text of the table; what is fresh is taken over."""
    paragraphs = []
    for name in ORACLES:
        points, page = arguments(name, VALUES), _pages().get(name)
        heads = _formulas(name), _digest(repr(points))
        fresh = page is not None and page[:2] == heads and len(page.lines) == VALUES
        lines = page.lines if page and fresh else [_line(name, args, k) for k, args in enumerate(points)]
        paragraphs.append("\n".join([" ".join([name, *heads]), *map(" ".join, lines)]))
    return "\n\n".join(paragraphs) + "\n"


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.oracles.digits", description="Check the table of exact numbers."
    )
    parser.add_argument("--sample", type=int, default=2, metavar="N", help="work out N points an op anew (default 2)")
    parser.add_argument("--all", action="store_const", const=VALUES, dest="sample", help="work out every point anew")
    parser.add_argument("--write", action="store_true", help="work out what is missing or stale")
    chosen = parser.parse_args(words)
    if chosen.write:
        text = written()
        TABLE.write_text(text, encoding="ascii")
        _pages.cache_clear()
        return 0
    found = list(faults(chosen.sample, random.randrange(2**32)))
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        print("the table is stale: python -m tests.oracles.digits --write", file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
