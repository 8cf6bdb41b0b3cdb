"""Texts that nobody would write, given to everything that takes a text.

    python -m tests.fuzz --minutes 10            fuzzes, and keeps what it finds in tests/findings
    python -m tests.fuzz tests/findings/*        examines these files

Texts are drawn from the grammar's own rules, or are texts of the tests with some of their words and characters changed.
Where atheris is installed it changes them further, guided by what they reach. `examine` is the oracle: any text gives a
list or a WengertError, and a list keeps the laws. A text that breaks one is made smaller and written to tests/findings,
where tests/language/test_fuzz.py replays it ever after.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import json
import pickle
import random
import re
import struct
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import wengert as wg
from grammar.generate import lark_parser
from tests.language import test_vectors
from wengert.emit import emit
from wengert.ground.errors import WengertError, as_json, render
from wengert.language.automaton import TERMINALS
from wengert.language.parser import TOKEN, tokens
from wengert.lists.wengert_list import WengertList
from wengert.show import formula, from_json, latex, to_json, trace_table
from wengert.transforms.simplify import fuse, simplify

ROOT = Path(__file__).parents[1]
FINDINGS = Path(__file__).with_name("findings")

# Small enough that what runs into them does so in a moment.
LIMITS = wg.Limits(text_bytes=200_000, tokens=50_000, equations=2000, steps=2000, order=8, seconds=20.0)
TRUSTED = wg.Limits.trusted()
POINTS = (0.5, 0.0, -1.0, 2.0, float("inf"), float("nan"), 1e308, -0.0)
# No text of the lengths drawn here may take longer.
SLOW = 20.0

Choose = Callable[[int], int]


# The oracle


def examine(text: str) -> bool:
    """Whether a text is a program. Raises whatever goes wrong: an exception that is no WengertError, or AssertionError
    for a law that does not hold."""
    started = time.monotonic()
    try:
        f = wg.compile(text, limits=LIMITS)
    except WengertError as problem:
        told(problem)
        f = None
    if f is not None and not f._decided:
        try:
            f = f.at(f.program.defaults)  # a program that must know a size
        except WengertError as problem:
            told(problem)
            return True
    if f is not None:
        program(f)
    assert time.monotonic() - started < SLOW, "this took too long"
    return f is not None


def told(problem: WengertError) -> None:
    """An error can be shown in every way, and is short."""
    shown = [str(problem), render(problem.diagnostic, color=True), json.dumps(as_json(problem.diagnostic))]
    assert all(0 < len(s) < 20_000 for s in shown), "an error that is as long as its text"
    assert problem.diagnostic.code
    if (fix := problem.diagnostic.fix) is not None and problem.diagnostic.source is not None:
        text = problem.diagnostic.source.text
        with contextlib.suppress(WengertError):
            wg.parse(text[: fix.span.start] + fix.text + text[fix.span.end :], limits=LIMITS)


def program(f: wg.Function) -> None:
    """The laws of a program."""
    wlist = f.wengert_list
    assert wg.parse(str(wlist), limits=TRUSTED).wlist == wlist, "printed and read again it is another list"
    again = wg.parse(str(f), limits=TRUSTED)
    assert again.wlist == wlist, "printed and read again it is another program"
    assert bits([*again.defaults.values()]) == bits([*f.program.defaults.values()])
    for warning in f.program.warnings:
        render(warning)
    assert pickle.loads(pickle.dumps(f)) == f
    assert repr(f)
    with contextlib.suppress(wg.UsageError):
        assert from_json(json.loads(json.dumps(to_json(wlist), allow_nan=False))) == wlist, "JSON changes it"
    latex(wlist)
    with contextlib.suppress(WengertError):
        f.check_expects()
    with contextlib.suppress(WengertError):
        ast.parse(emit(f, "python"))
    for k in range(3):
        values = {n: POINTS[(k * (i + 1) + k) % len(POINTS)] for i, n in enumerate(f.inputs)}
        at(f, values)


def at(f: wg.Function, point: dict[str, float]) -> None:
    """The laws of a program at a point."""
    try:
        written = values(f.written_list, point)
    except WengertError as problem:
        return told(problem)
    calls: list[Callable[[], Any]] = [
        lambda: f(point),
        lambda: [render(n) for n in f.value_and_grad(point)[1].notes],
        lambda: f.value_and_grad(point, mode="forward"),
        lambda: f.jacobian(point),
        lambda: f.hessian(point) if len(f.inputs) < 4 else None,
        lambda: f.jvp(point, dict.fromkeys(f.inputs, 1.0)),
        lambda: f.taylor(point, dict.fromkeys(f.inputs, 1.0), 3),
        lambda: f.error_bounds(point),
        lambda: [trace_table(f.trace(point), style=style) for style in ("text", "json", "latex")],
    ]
    for call in calls:
        try:
            call()
        except WengertError as problem:
            told(problem)
    assert bits(values(simplify(f.written_list)[0], point)) == bits(written), "simplify changes a value"
    fuse(f.wengert_list)
    text = formula(f.written_list)
    if len(text) < 20_000:
        shown = wg.parse(text, limits=TRUSTED).wlist
        assert set(shown.inputs) == set(f.inputs), "its formula has other inputs"
        assert bits(values(shown, point)) == bits(written), "its formula has another value"
    return None


def values(wlist: WengertList, point: dict[str, float]) -> list[float]:
    """What a list comes to, as it is written."""
    found = wg.compile(wlist, fuse=False, limits=LIMITS)({n: point[n] for n in wlist.inputs})
    return list(found) if isinstance(found, tuple) else [found]


def bits(numbers: Any) -> Any:
    """The bits of numbers, and of arrays of them; a nan is a nan."""
    if isinstance(numbers, (list, tuple)) or getattr(numbers, "ndim", 0):
        return [bits(a) for a in numbers]
    return b"nan" if numbers != numbers else struct.pack(">d", numbers)


# Texts


@cache
def corpus() -> tuple[str, ...]:
    """Texts of the tests: samples, vectors, formulas of the corpora, and former findings."""
    found = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "samples").glob("*.wengert"))]
    for path in sorted(test_vectors.FOLDER.glob("*.txt")):
        found += [case.text for case in test_vectors.cases(path)]
    for path in sorted((ROOT / "tests" / "corpora").glob("*.tsv")):
        rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1::7]]
        found += [max(row, key=lambda cell: len(re.findall(r"[-+*/^(]", cell))) for row in rows]
    return (*found, *findings().values())


def findings() -> dict[str, str]:
    """The texts of tests/findings by the names of their files."""
    return {p.name: p.read_bytes().decode("utf-8", "surrogatepass") for p in sorted(FINDINGS.glob("*.wengert"))}


@cache
def words() -> dict[str, tuple[str, ...]]:
    """What the corpus writes for each terminal of the grammar, and some more."""
    found: dict[str, dict[str, None]] = {}
    for text in corpus():
        for term, start, end in tokens(text):
            if 0 < end - start < 40:
                found.setdefault(TERMINALS[term], {})[text[start:end]] = None
    # Few names, so that one is read where it is bound; all functions, so that they meet each other.
    found["NAME"] = dict.fromkeys(["x", "y", "f", "i", "t", "e", "pi", "v1", "λ", "inf", "x_2", "da", "a", "db", "d"])
    found["FUNC"] = dict.fromkeys(
        ["d", "g", "h", "q", "u", "sum", "jvp", "taylor", "max", "prod", *wg.OPS, *wg.ALIASES]
    )
    found["NUMBER"] = dict.fromkeys(["2", "0", "1", "3", ".5", "1e308", "1e-320", "0.1", "1_0", "7.", "1e999", "1e3"])
    pools = {name: tuple(texts) for name, texts in found.items()}
    # Most calls have one argument.
    pools["FUNC"] += tuple(n for n, row in wg.OPS.items() if " " not in row.params) * 4
    return pools


# Rules of these names, and rules with these symbols in them, are drawn less often: so more sentences mean something.
RARE = {
    "call_nothing", "arguments", "comprehension", "sign", "prefix", "outputs", "expectation", "declarations", "new_op",
    "definition",
}  # fmt: skip
# In these a function is a new one, in these an expression is a small number, and in these a name is that of a rule.
NEW, COUNTED, PARTIAL = {"open_def", "open_op"}, {"open_loop", "clause"}, {"open_partial"}

Rule = tuple[str, tuple[tuple[str, bool], ...]]


class Grammar:
    """Sentences of a grammar, from its rules as Lark reads them."""

    def __init__(self) -> None:
        lark = lark_parser()
        self.rules: dict[str, list[Rule]] = {}
        for rule in lark.rules:
            alias, symbols = str(rule.alias or ""), tuple((str(s.name), s.is_term) for s in rule.expansion)
            rare = not symbols or not RARE.isdisjoint({alias, *(name for name, _ in symbols)})
            self.rules.setdefault(str(rule.origin.name), []).extend([(alias, symbols)] * (1 if rare else 12))
        self.plain = {t.name: t.pattern.value for t in lark.terminals if t.pattern.type == "str"}
        # How deep the shallowest sentence of each symbol is; the rule that begins it comes first.
        self.depth: dict[str, float] = {}
        before: dict[str, float] | None = None
        self.shortest: dict[str, int] = {}
        while self.depth != before:
            before = dict(self.depth)
            for name, rules in self.rules.items():
                rules.sort(key=self._depth)
                self.depth[name] = 1 + self._depth(rules[0])
                self.shortest[name] = sum(self._depth(rule) == self._depth(rules[0]) for rule in rules)

    def _depth(self, rule: Rule) -> float:
        return max((0 if is_term else self.depth.get(name, float("inf")) for name, is_term in rule[1]), default=0)

    def sentence(self, choose: Choose, most: int = 120) -> str:
        """A few statements: each choice is `choose(n)`, a number below n, and after `most` of them the shortest."""
        return "\n".join(self._statement(choose, most // (k + 1)) for k in range(1 + choose(5)))

    def _statement(self, choose: Choose, most: int) -> str:
        text: list[str] = []
        stack, made = [("start", False, "")], 0
        while stack:
            name, is_term, within = stack.pop()
            if name == "FUNC" and within in NEW:
                text.append("ghqu"[choose(4)])
            elif name == "NAME" and within in PARTIAL:
                text.append(("d", "da", "db")[choose(3)])
            elif is_term:
                pool = words().get(name) or (self.plain.get(name, " "),)
                text.append(self.plain[name] if name in self.plain else pool[choose(len(pool))])
            elif name == "test" and within in COUNTED and choose(8):
                text.append("0213"[choose(4)])
            else:
                rules, made = self.rules[name], made + 1
                alias, symbols = rules[choose(len(rules) if made < most else self.shortest[name])]
                stack += [(*symbol, alias) for symbol in reversed(symbols)]
        return " ".join(text)


@cache
def grammar() -> Grammar:
    """The grammar of the language."""
    return Grammar()


def mutated(choose: Choose) -> str:
    """A text of the corpus, with words of others and wild characters put in, taken out and moved."""
    texts = corpus()
    parts = _parts(texts[choose(len(texts))])
    for _ in range(choose(1 + choose(6))):
        at = choose(len(parts) + 1)
        kind = choose(8)
        if kind == 0:
            del parts[at : at + 1 + choose(3)]
        elif kind == 1:
            other = _parts(texts[choose(len(texts))])
            start = choose(len(other) + 1)
            parts[at:at] = other[start : start + 1 + choose(12)]
        elif kind == 2:
            parts[at:at] = parts[at : at + 1 + choose(8)] * (1 + choose(4))
        elif kind == 3:
            pool = words()[names[choose(len(names))]] if (names := sorted(words())) else ("",)
            parts[at : at + choose(2)] = [pool[choose(len(pool))]]
        elif kind == 4:
            parts[at:at] = [WILD[choose(len(WILD))]]
        elif kind == 5:
            other_at = choose(len(parts) + 1)
            parts[at : at + 1], parts[other_at : other_at + 1] = parts[other_at : other_at + 1], parts[at : at + 1]
        elif kind == 6:
            parts[at:at] = [["(", " )", "\n", "; ", " "][choose(5)]]
        else:
            word = "".join(parts[at : at + 1])
            cut = choose(len(word) + 1)
            parts[at : at + 1] = [word[:cut] + word[cut + 1 :]]
    return "".join(parts)


def _parts(text: str) -> list[str]:
    """A text in the pieces that the parser finds, the blanks before each with it."""
    return [m[0] for m in TOKEN.finditer(text) if m[0]]


WILD = [
    "\0", "\ud800", "\udfff", "\ufeff", "\u200b", "\u202e", "\u0301", "\u00b2", "\u2212", "\u2028", "\x85", "\x1b[31m",
    "'", '"', "`", "\\", "{", "}", "[", "]", "@", "$", "~", "!", "?", "|", "&", ".", ":", "->", ":=", "++", "//", "**",
    "__class__", "import", "lambda", "ｘ", "а", "𝑥", "½", "²", "٣", "ſ", "İ", "ß", "1e", "0x1", "1__0", "9" * 50,
    "#", "\r", "\r\n", "\t", "\f", "\v", "…", "√", "π", "∞", "d/d", "%s", "{0}", "for i in 0:3 {", "output", "expect",
]  # fmt: skip


def drawn(choose: Choose) -> str:
    """A text of any kind."""
    return grammar().sentence(choose, 20 + choose(200)) if choose(3) == 0 else mutated(choose)


# The run


def failure(text: str) -> str:
    """What goes wrong with a text: the exception and where it comes from; empty if nothing does."""
    try:
        examine(text)
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        frames = traceback.extract_tb(problem.__traceback__)
        ours = [f for f in frames if "wengert" in f.filename and "tests" not in f.filename] or frames
        said = str(problem)[:80] if isinstance(problem, AssertionError) else ""
        return f"{type(problem).__name__} in {ours[-1].name} {said}".strip()
    return ""


def smaller(text: str, seconds: float = 30.0) -> str:
    """A text that fails in the same way and holds no piece that it can do without."""
    wanted, end = failure(text), time.monotonic() + seconds
    for pieces in (lambda t: t.splitlines(keepends=True), _parts, list):
        half = len(pieces(text))
        sizes = []
        while half > 16:
            sizes.append(half := half // 2)
        for size in (*sizes, *range(8, 0, -1)):
            parts, k = pieces(text), 0
            while k < len(parts) and time.monotonic() < end:
                trial = "".join([*parts[:k], *parts[k + size :]])
                if failure(trial) == wanted:
                    text, parts = trial, [*parts[:k], *parts[k + size :]]
                else:
                    k += max(1, size // 4)
    return text


def keep(text: str, seen: set[str]) -> None:
    """Report a text that fails, and write it down, once for each way to fail."""
    how = failure(text)
    if not how or how in seen:
        return
    seen.add(how)
    text = smaller(text)
    raw = text.encode("utf-8", "surrogatepass")
    FINDINGS.mkdir(exist_ok=True)
    path = FINDINGS / f"{hashlib.sha256(raw).hexdigest()[:12]}.wengert"
    path.write_bytes(raw)
    print(f"{path.relative_to(ROOT)}: {how}: {text[:200]!r}", flush=True)


def fuzz(minutes: float, seed: int) -> int:
    """Examine random texts for so long; how many ways to fail were found."""
    rng, seen, end = random.Random(seed), set[str](), time.monotonic() + 60 * minutes
    count = programs = 0
    while time.monotonic() < end:
        text = drawn(rng.randrange)
        count += 1
        try:
            programs += examine(text)
        except KeyboardInterrupt:
            break
        except BaseException:
            keep(text, seen)
    print(f"seed {seed}: {count:,} texts, {programs:,} of them programs, {len(seen)} ways to fail")
    return len(seen)


def fuzz_guided(minutes: float, seed: int) -> None:
    """The same under atheris, which changes the texts by what they reach. It ends the process."""
    import atheris

    seen: set[str] = set()

    def one(raw: bytes) -> None:
        provider = atheris.FuzzedDataProvider(raw)
        plain = provider.ConsumeBool()
        text = raw[1:].decode("utf-8", "replace") if plain else drawn(lambda n: provider.ConsumeIntInRange(0, n - 1))
        if failure(text):
            keep(text, seen)

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={round(60 * minutes)}", f"-seed={seed}"], one)
    atheris.Fuzz()


def files(paths: Sequence[str]) -> Iterator[str]:
    """How each file fares."""
    for path in paths:
        how = failure(Path(path).read_bytes().decode("utf-8", "surrogatepass"))
        yield f"{path}: {how or 'ok'}"


def main() -> int:
    """Run the command line; 1 if anything failed."""
    parser = argparse.ArgumentParser(description="Fuzz the language, or examine files.")
    parser.add_argument("files", nargs="*", help="texts to examine instead")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long to fuzz (default: 10)")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**9, help="of the random choices")
    arguments = parser.parse_args()
    if arguments.files:
        lines = list(files(arguments.files))
        print("\n".join(lines))
        return int(any(not line.endswith(": ok") for line in lines))
    with contextlib.suppress(ImportError):
        fuzz_guided(arguments.minutes, arguments.seed)
    return int(bool(fuzz(arguments.minutes, arguments.seed)))


if __name__ == "__main__":
    raise SystemExit(main())
