"""Other libraries as oracles: where one of them differs from us, it must not be right.

Needs the extra `peers`, or any of its libraries; nothing heavy is imported before a test runs.
"""

import importlib.util
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ("jax", "torch", "autograd", "casadi")

every_peer = pytest.mark.parametrize("name", NAMES)


@cache
def peer(name):
    from tests.oracles import peer_ops

    with peer_ops.quiet():
        return peer_ops.PEERS[name]()


def here(name):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    return peer(name)


def wrong(tallies):
    from benchmarks import agreement

    return [agreement.told(t.worst["theirs"]) for t in tallies if t.counts["theirs"]]


def compared(tallies):
    return sum(t.points for t in tallies)


@every_peer
@pytest.mark.xdist_group("peers")
def test_no_peer_is_right_where_we_are_not(name):
    from benchmarks import agreement

    library = here(name)
    tallies = [t for op in agreement.elementwise() for t in agreement.compare_op(op, [library], 3)]
    assert len(tallies) >= 20
    assert compared(tallies) > 1000
    assert not wrong(tallies)


@every_peer
@pytest.mark.xdist_group("peers")
def test_programs_over_arrays(name):
    from benchmarks import agreement

    library = here(name)
    tallies = [t for text in library.calls if agreement.ready(text)
               for t in agreement.compare_program(text, [library], 2)]  # fmt: skip
    assert len(tallies) >= 8
    assert not wrong(tallies)


def test_a_wrong_answer_is_seen(monkeypatch):
    """A peer that knows better is told from one that does not, and from one with another convention."""
    import numpy as np

    from benchmarks import agreement
    from tests.oracles import peer_ops

    means = peer_ops.Means(
        lambda f, args: f(*args),
        lambda f, args, g, i: np.where(args[0] == 0, 0.25, 2.0) * g,
        lambda f, args, tangents: np.where(args[0] == 0, 0.25, 2.0) * tangents[0],
        lambda f, args, g, tangents, i: 0.0 * args[0],
    )
    other = peer_ops.Peer("other", "1", (), {"abs": np.abs, "sqrt": np.sqrt, "exp": lambda a: a * 0 + 3}, {}, means)
    (tally,) = agreement.compare_op("abs", [other], 5)
    assert tally.counts["ours"] > 0
    assert tally.counts["convention"] > 0
    assert not tally.counts["theirs"]
    mine = agreement.ours
    monkeypatch.setattr(agreement, "ours", lambda *args: agreement.Answers([7.0] * len(args[1]), mine(*args).slopes))
    (tally,) = agreement.compare_op("sqrt", [other], 5)
    assert tally.counts["theirs"] > 0
    (tally,) = agreement.compare_op("exp", [other], 5)
    assert tally.counts["neither"] > 0


@pytest.mark.parametrize("options", [["--ops", "tanh,max", "--points", "2"], ["--edges"]])
def test_command(options):
    if not any(map(importlib.util.find_spec, NAMES)):
        pytest.skip("no peer is installed")
    command = [sys.executable, "-m", "benchmarks.agreement", *options]
    plain = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "max" in plain.stdout
    machine = subprocess.run([*command, "--json"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(machine.stdout)
    if options[0] == "--edges":
        assert all(row["case"] and row["wengert"] for row in found)
    else:
        assert {t["op"] for t in found["found"]} == {"tanh", "max"}
        assert all(sum(t[v] for v in ("agree", "ours", "theirs", "neither", "convention")) == t["points"]
                   for t in found["found"])  # fmt: skip


def test_nothing_heavy_is_imported_to_collect():
    heavy = f"import sys; import tests.ops.test_peers; assert not {set(NAMES)} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, check=True)
