"""JSON: exact round trips, and any JSON value is a list or a WengertError."""

from __future__ import annotations

import json
from contextlib import suppress
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import some
from tests.oracles.programs import Point, programs
from wengert.api.compile import compile
from wengert.ground.errors import ListError, UsageError, WengertError
from wengert.ground.limits import Limits
from wengert.language import parse
from wengert.lists.wengert_list import WengertList
from wengert.ops import OPS
from wengert.show import from_json, to_json
from wengert.transforms.derivatives import gradient

OWN_OPS = "op q(a, b) = a^2 + b with d/da = 2*a, d/db = 1\nop r(a) = q(a, 1) with d/da = 2*a\nr(x) + q(x, x)"


def strict(value: object) -> None:
    """Fails if a value holds anything but JSON."""
    json.dumps(value, allow_nan=False)


def listed(value: object) -> WengertList | None:
    """The list that a value is; None if it is refused, with an error that can be read."""
    try:
        return from_json(value)
    except WengertError as problem:
        return None if str(problem) else WengertList([], outputs=["unreadable"])


def travelled(wlist: WengertList) -> WengertList:
    return from_json(json.loads(json.dumps(to_json(wlist), allow_nan=False)))


def test_the_form() -> None:
    assert to_json(parse("(2*x1 + x2)^2").wlist) == {
        "format": "wengert list",
        "version": 1,
        "inputs": ["x1", "x2"],
        "equations": [["v1", "mul", [2.0, "x1"]], ["v2", "add", ["v1", "x2"]], ["v3", "pow", ["v2", 2.0]]],
        "outputs": ["v3"],
    }


@given(programs(outputs=3))
def test_round_trip(program: tuple[WengertList, Point]) -> None:
    wlist, _ = program
    assert travelled(wlist) == wlist


@given(st.lists(st.floats(), min_size=1, max_size=4))
def test_every_number_travels(numbers: list[float]) -> None:
    wlist = WengertList([("f", "max", numbers)], outputs=[numbers[0], "f"])
    assert travelled(wlist) == wlist


def test_beyond_json() -> None:
    wlist = WengertList([("f", "max", (inf, -inf, nan, -0.0, 0.0, "x"))])
    assert to_json(wlist)["equations"][0][2] == [
        {"float": "inf"}, {"float": "-inf"}, {"float": "nan"}, {"float": "-0.0"}, 0.0, "x",
    ]  # fmt: skip


def test_whole_numbers_and_missing_keys_are_fine() -> None:
    wlist = from_json({"equations": [["f", "mul", [2, "x"]]], "outputs": ["f"]})
    assert wlist == parse("f = 2*x").wlist


def test_own_ops_travel() -> None:
    wlist = parse(OWN_OPS).wlist
    assert travelled(wlist) == wlist
    strict(to_json(wlist))
    assert travelled(gradient(wlist)) == gradient(wlist)


def test_ops_that_no_program_defines_stay() -> None:
    wlist = parse(OWN_OPS).wlist
    foreign = wlist.ops[0]._replace(forward=OPS["sin"].forward)
    for row in (foreign, wlist.ops[0]._replace(doc="another"), wlist.ops[0]._replace(partials=(None, "1"))):
        with pytest.raises(UsageError):
            to_json(WengertList([("f", "q", ("x", 1.0))], ops=(row,)))


GOOD = to_json(parse(OWN_OPS).wlist)
OWN = to_json(parse(OWN_OPS.replace("r(x)", "x")).wlist)
ROW, OTHER = OWN["ops"]


@pytest.mark.parametrize(
    "bad",
    [
        None, True, 3, 1.5, "text", [], {}, [GOOD], {"equations": []},
        {**GOOD, "equation": []}, {**GOOD, "version": 2}, {**GOOD, "format": "onnx"},
        {**GOOD, "inputs": "x"}, {**GOOD, "inputs": [1]}, {**GOOD, "inputs": ["x", "x"]}, {**GOOD, "inputs": ["2x"]},
        {**GOOD, "inputs": []}, {**GOOD, "outputs": []}, {**GOOD, "outputs": ["nowhere"]}, {**GOOD, "outputs": "v1"},
        {**GOOD, "equations": {}}, {**GOOD, "equations": [["v1", "sin"]]}, {**GOOD, "equations": ["abc"]},
        {**GOOD, "equations": [["v1", "sin", "x"]]}, {**GOOD, "equations": [["v1", "sine", ["x"]]]},
        {**GOOD, "equations": [["v1", "sin", ["x", "x"]]]}, {**GOOD, "equations": [["v1", "sin", [True]]]},
        {**GOOD, "equations": [["v1", "sin", [None]]]}, {**GOOD, "equations": [["v1", "sin", [10**400]]]},
        {**GOOD, "equations": [["v1", "sin", [{"float": "1.5"}]]]},
        {**GOOD, "equations": [["v1", "sin", [{"float": 1}]]]},
        {**GOOD, "equations": [[["v1"], "sin", ["x"]]]}, {**GOOD, "equations": [["v1", ["sin"], ["x"]]]},
        {**OWN, "ops": {}}, {**OWN, "ops": [3]}, {**OWN, "ops": [{"name": "q"}]}, {**OWN, "ops": [ROW, ROW]},
        {**OWN, "ops": [OTHER, ROW]}, {**OWN, "ops": [{**ROW, "doc": ""}]},
        *(
            {**OWN, "ops": [{**ROW, **fault}]}
            for fault in (
                {"name": "sin"}, {"name": "d"}, {"name": "q r"}, {"name": "q", "params": "a  b"}, {"params": "a y"},
                {"params": "a, b"}, {"forward": "z"}, {"forward": 3}, {"forward": "a  + b"}, {"forward": ""},
                {"forward": "a with d/da = 1, d/db = 1\nop s(a) = a"}, {"forward": "a + d(a, b)"},
                {"partials": ["1"]}, {"partials": "12"}, {"partials": [1, 1]}, {"partials": ["1", None]},
                {"partials": ["1", "1\nz = 3"]}, {"partials": ["1, d/db = 1 #", "1"]}, {"partials": ["1", "1 # why"]},
            )
        ),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused(bad: object) -> None:
    with pytest.raises(WengertError):
        from_json(bad)


def test_the_ops_of_those_are_why() -> None:
    assert from_json({**OWN, "ops": [ROW]}).ops == parse(OWN_OPS).wlist.ops[:1]
    assert from_json(OWN).ops == parse(OWN_OPS).wlist.ops


def test_nesting_is_no_way_out() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for bad in (deep, {"equations": deep, "outputs": deep}, {"equations": [["f", "sin", deep]], "outputs": ["f"]}):
        with pytest.raises(ListError):
            from_json(bad)
    while deep:
        deep = deep[0]


words = st.sampled_from([*"x v1 v2 sin mul q float nan 2 λ in".split(), "", "\ud800", "a b", "a\n"])
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), words, st.text(max_size=5))
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=3), max_leaves=12
)
keys = st.sampled_from(["format", "version", "inputs", "equations", "outputs", "ops", "name"])
equations = st.tuples(words, words, st.lists(leaves | anything, max_size=3))
lists = st.fixed_dictionaries(
    {
        "equations": anything | st.lists(equations | anything, max_size=3),
        "outputs": st.lists(words, max_size=3) | anything,
    },
    optional={
        "inputs": st.lists(words, max_size=3) | anything,
        "ops": st.lists(st.fixed_dictionaries(dict.fromkeys(ROW, words | anything)) | anything, max_size=2),
        "version": leaves,
    },
)


@given(st.one_of(anything, lists, st.dictionaries(keys, anything)))
@settings(max_examples=some(400))
def test_any_value_is_a_list_or_refused(value: Any) -> None:
    if (wlist := listed(value)) is not None:
        assert travelled(wlist) == wlist


places = st.lists(st.integers(0, 5), min_size=1, max_size=5)


@given(places, anything)
@settings(max_examples=some(400))
def test_a_list_with_a_fault(place: list[int], fault: Any) -> None:
    """A good list in which one value, anywhere, is replaced."""
    value = json.loads(json.dumps(GOOD))
    at: Any = value
    for k, step in enumerate(place):
        keys = list(at) if isinstance(at, dict) else range(len(at))
        key = keys[step % len(keys)]
        if k == len(place) - 1 or not isinstance(at[key], (list, dict)) or not at[key]:
            at[key] = fault
            break
        at = at[key]
    if (wlist := listed(value)) is not None:
        assert travelled(wlist) == wlist


pieces = st.sampled_from(
    ['"', "[", "]", "{", "}", ",", ":", "0", "-", "e9", "x", '"x"', "null", '{"float":"nan"}', '["x"]', ""]
)
edits = st.lists(st.tuples(st.integers(0, 10_000), pieces, st.booleans()), min_size=1, max_size=4)


@given(edits)
@settings(max_examples=some(600))
def test_a_json_text_with_faults(edits: list[tuple[int, str, bool]]) -> None:
    """The text of a good list with characters changed: where it is JSON still, it is refused, or a list that runs."""
    text = json.dumps(GOOD)
    for place, piece, instead in edits:
        at = place % (len(text) + 1)
        text = text[:at] + piece + text[at + instead :]
    try:
        value = json.loads(text)
    except ValueError:
        return
    if (wlist := listed(value)) is not None:
        assert parse(str(wlist)).wlist == wlist
        f = compile(wlist, limits=Limits(equations=5000, seconds=20.0))
        with suppress(WengertError):
            f(*[0.5] * len(f.inputs))
            f.jacobian(*[0.5] * len(f.inputs))
