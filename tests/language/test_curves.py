"""The work of reading a text grows as its length: four times the text takes about four times the processor's time,
where a cost that is quadratic takes sixteen. All of a text is on one line, and all its names differ."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

import wengert as wg

N = 1000


def names(n: int) -> list[str]:
    return [f"ab{i}" for i in range(n)]


TEXTS: dict[str, Callable[[int], str]] = {
    "a sum": lambda n: " + ".join(names(n)),
    "a vector": lambda n: f"sum([{', '.join(names(n))}])",
    "an op of many": lambda n: f"max({', '.join(names(n))})",
    "a chain of comparisons": lambda n: " < ".join(names(n)),
    "calls": lambda n: " + ".join(f"sin({a})" for a in names(n)),
    "numbers": lambda n: " + ".join(f"{i}.5*x" for i in range(n)),
    "choices": lambda n: "".join(f"{a} if x > {i} else " for i, a in enumerate(names(n))) + "0",
    "inputs": lambda n: f"input {', '.join(names(n))}; {' + '.join(names(n))}",
    "defaults": lambda n: f"input {', '.join(f'{a} = 1' for a in names(n))}; {' + '.join(names(n))}",
    "bindings of bindings": lambda n: "; ".join(f"a{i + 1} = a{i}*x" for i in range(n)),
    "unused": lambda n: "; ".join(names(n)),
    "elements": lambda n: f"input v[{n}]; {' + '.join(f'v[{i}]' for i in range(n))}",
    "definitions": lambda n: "; ".join(f"def f{i}(a) = a*x" for i in range(n // 4)) + "; x",
    "expected values": lambda n: "y = x; " + "; ".join(["expect y = 1"] * (n // 4)),
    "derivatives": lambda n: f"y = {' + '.join(names(n))}; {' + '.join(f'd(y, {a})' for a in names(n))}",
    "comprehensions": lambda n: " + ".join(f"sum({a}*k for k in 0:2)" for a in names(n // 4)),
    "a loop": lambda n: f"a = 1; for i in 0:2 {{ {'; '.join(f'a = a*{b}' for b in names(n // 2))} }}; a",
    "a missing operand": lambda n: f"{' + '.join(names(n))} + )",
}


def spent(text: str) -> float:
    """The least processor time of some tries."""
    tries = []
    for _ in range(2):
        begun = time.thread_time()
        try:
            wg.parse(text, limits=wg.Limits.trusted())
        except wg.WengertError as problem:
            str(problem)
        tries.append(time.thread_time() - begun)
    return min(tries)


@pytest.mark.parametrize("name", TEXTS)
def test_reading_is_linear(name: str) -> None:
    text = TEXTS[name]
    ratios = []
    # Another program may fill the processor's caches meanwhile, so that one try is no proof.
    while len(ratios) < 3 and min(ratios, default=99.0) > 8.0:
        ratios.append(spent(text(4 * N)) / spent(text(N)))
    assert min(ratios) < 8.0, ratios
