"""`wengert ops`: every op is listed and explained, by any of its names."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.faces.command_line import strict_json
from wengert.ops import ALIASES, OPS


def test_ops_lists_all(run: Any) -> None:
    for words, rows in ((("ops",), [r for r in OPS.values() if not r.of_rules]), (("ops", "--all"), [*OPS.values()])):
        table = [line for line in run(*words).out.splitlines() if not line.startswith(" ")]
        assert len(table) == len(rows)
        shown = {re.split(r"[(\[]", line)[0] for line in table}
        assert shown == {row.notation.folded or row.name for row in rows}
    assert [row["name"] for row in strict_json(run("ops", "--json").out)] == list(OPS)


WHOLES = [name for name, row in OPS.items() if row.array is not None]


def test_ops_explains_ops_on_arrays(run: Any) -> None:
    """The example on a page is computed, and evaluating what it says gives what it shows."""
    without = []
    for name in WHOLES:
        page = run("ops", name)
        assert (page.code, page.err) == (0, ""), name
        for word in ("adjoint of" if OPS[name].params else name, "domain", "source"):
            assert word in page.out, name
        found = strict_json(run("ops", name, "--json").out)["example"]
        if found is None:
            without.append(name)
            continue
        words = [f"--{n}={json.dumps(v)}" for n, v in found["inputs"].items()]
        again = strict_json(run("eval", found["program"], *words, "--json", "--no-fuse", "--no-grad").out)
        assert again["value"] == found["value"], name
    # What undoes another op takes arguments whose shapes hang together: no plain guess fits.
    assert len(without) < len(WHOLES) / 10, without


@pytest.mark.parametrize("name", [name for name in OPS if name not in WHOLES])
def test_ops_explains_each(run: Any, name: str) -> None:
    """The example on the page is computed, and evaluating what it says gives what it shows."""
    page = run("ops", name)
    assert (page.code, page.err) == (0, "")
    for word in ("d/d", "domain", "LaTeX", "source"):
        assert word in page.out
    found = strict_json(run("ops", name, "--json").out)["example"]
    assert found is not None, f"no point of {name} without a kink was found"
    words = [f"--{n}={v}" for n, v in found["inputs"].items()]
    again = strict_json(run("eval", found["program"], *words, "--json", "--no-fuse").out)
    assert (again["value"], again["derivatives"]) == (found["value"], found["derivatives"])
    assert again["notes"] == []


def test_ops_by_other_names(run: Any) -> None:
    for alias, name in ALIASES.items():
        assert re.match(rf"{OPS[name].notation.folded or name}[(\[]", run("ops", alias).out), alias
    assert run("ops", "^").out.startswith("pow(")
    for stranger, hint in (("sinn", "sin"), ("d", "derivative"), ("pi", "constant"), ("zzz", "ops")):
        done = run("ops", stranger)
        assert (done.code, hint in done.err) == (2, True)
