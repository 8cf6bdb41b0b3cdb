"""The rewriting patterns that can apply to a list, selected by their texts before any is parsed."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Any

from ..lists.wengert_list import WengertList, numbers_of, ops_of
from ..ops import INFIX, OPS
from ..ops.parameters import split

_CALLED = re.compile(r"\w+(?=\()")
_FRACTION = re.compile(r"(?<![\w.])\d*\.\d+")
# A power with a variable exponent may be written as another op. If there is no function beside it, operators and ones
# distinguish it from other powers.
_POWER = re.compile(r"\^[^\W\d]")
_BESIDE = re.compile(r"(?<=[\w)] )[-+/](?= )|/")
_ONE = re.compile(r"(?<![\w.])1(?![\w.])")


def fusible(ops: frozenset[str], numbers: Collection[float]) -> list[str]:
    """The patterns that can apply to a list with these ops and numbers.

    A pattern needs every function and every fraction in its text, such as the 0.5 in (a^2)^0.5. The result of one
    rewrite may enable the next.
    """
    names: set[Any] = {*(split(op)[0] for op in ops), *map(abs, numbers)}
    found: dict[str, None] = {}
    texts = _fuses()
    while more := [t for t, (needed, _) in texts.items() if needed <= names and t not in found]:
        found.update(dict.fromkeys(more))
        names.update(*(texts[t][1] for t in more))
    return list(found)


def may_fuse(wlist: WengertList) -> bool:
    """Whether some pattern can apply to a list."""
    return bool(fusible(frozenset(ops_of(wlist)), numbers_of(wlist)))


@cache
def _fuses() -> dict[str, tuple[frozenset[Any], frozenset[Any]]]:
    """The functions and fractions on the left of each pattern, and on its right."""

    def of(text: str) -> frozenset[Any]:
        called: list[Any] = _CALLED.findall(text)
        if not called and _POWER.search(text):
            called = [INFIX[symbol] for symbol in ("^", *_BESIDE.findall(text))]
            called += [1.0] if _ONE.search(text) else []
        return frozenset((*called, *map(float, _FRACTION.findall(text))))

    found = {}
    for row in tuple(OPS.values()):
        for text in (*row.rewrites.fuses, *row.rewrites.factors):
            left, _, right = text.partition(";")[0].partition("->")
            found[text] = of(left), of(right)
    return found


@cache
def of_factors() -> frozenset[str]:
    """The patterns that replace factors of a product."""
    return frozenset(text for row in tuple(OPS.values()) for text in row.rewrites.factors)
