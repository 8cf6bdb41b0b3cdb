"""Verdicts on answers that differ: a tally an op or program, as text and as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any, NamedTuple

import mpmath as mp
import numpy as np

import wengert as wg
from tests.oracles.oracle import LEAST
from tests.oracles.peer_ops import Peer

VERDICTS = ("agree", "ours", "theirs", "neither", "convention")
JUDGED = {(True, False): "ours", (False, True): "theirs", (True, True): "agree", (False, False): "neither"}


class Found(NamedTuple):
    """A comparison of one number or array."""

    verdict: str
    where: str
    what: str
    ours: Any
    theirs: Any
    exact: Any


class Tally:
    """What the comparisons of an op with a peer come to."""

    def __init__(self, op: str, peer: str) -> None:
        self.op, self.peer = op, peer
        self.counts = dict.fromkeys(VERDICTS, 0)
        self.worst: dict[str, Found] = {}
        self.places: dict[str, dict[str, int]] = {}

    def add(self, found: Found) -> None:
        self.counts[found.verdict] += 1
        self.places.setdefault(found.where, dict.fromkeys(VERDICTS, 0))[found.verdict] += 1
        # The first is at the most ordinary place.
        self.worst.setdefault(found.verdict, found)

    @property
    def points(self) -> int:
        return sum(self.counts.values())


def line(tally: Tally) -> str:
    counts = "".join(f"{tally.counts[v]:>11}" for v in VERDICTS)
    return f"{tally.op:<26} {tally.peer:<9}{tally.points:>8}{counts}"


def told(found: Found) -> str:
    right = "" if found.rewrites.exact is None else f", exactly {_short(found.rewrites.exact)}"
    return f"{found.what}: ours {_short(found.ours)}, theirs {_short(found.theirs)}{right}"


def _short(a: Any) -> str:
    if isinstance(a, np.ndarray):
        return json.dumps(np.vectorize(lambda x: float(f"{float(x):.4g}"), otypes=[float])(a).tolist())
    return "almost 0" if 0 < abs(mp.mpf(a)) < LEAST / 2 else mp.nstr(mp.mpf(a), 6)


def as_json(tally: Tally) -> dict[str, Any]:
    worst = {v: told(f) for v, f in tally.worst.items() if v != "agree"}
    return {"op": tally.op, "peer": tally.peer, "points": tally.points, **tally.counts, "worst": worst,
            "places": tally.places}  # fmt: skip


def list_as_printed(found: Iterable[Tally], quiet: bool) -> list[Tally]:
    """All of them, each printed when it is there."""
    heads = "".join(f"{v:>11}" for v in ("agree", "ours right", "theirs", "neither", "convention"))
    kept = []
    if not quiet:
        print(f"{'op':<26} {'peer':<9}{'points':>8}{heads}")
    for tally in found:
        kept.append(tally)
        if not quiet:
            print(line(tally), flush=True)
            for v, example in tally.worst.items():
                if v != "agree":
                    print(f"    {v}: {told(example)}")
    return kept


def report(found: list[Tally], peers: list[Peer], as_one: bool) -> None:
    """What it comes to, by peer and by kind of place."""
    totals: dict[str, dict[str, dict[str, int]]] = {}
    for tally in found:
        for where, counts in tally.places.items():
            kept = totals.setdefault(tally.peer, {}).setdefault(where, dict.fromkeys(VERDICTS, 0))
            for v, n in counts.items():
                kept[v] += n
    if as_one:
        json.dump({"wengert": wg.__version__, "peers": {p.name: p.version for p in peers}, "totals": totals,
                   "found": [as_json(t) for t in found]}, sys.stdout, indent=1)  # fmt: skip
        print()
        return
    print(f"\n{'':<26} {'':<9}{'points':>8}{''.join(f'{v:>11}' for v in VERDICTS)}")
    for peer, places in totals.items():
        for where, counts in places.items():
            row = "".join(f"{counts[v]:>11}" for v in VERDICTS)
            print(f"{where:<26} {peer:<9}{sum(counts.values()):>8}{row}")
