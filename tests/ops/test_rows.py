"""The table of ops is whole: every row says all there is to say, in words that every reader of the table knows."""

import re
from importlib import import_module
from pkgutil import iter_modules

import pytest

from tests.oracles.programs import ELEMENTWISE
from wengert import ops
from wengert.ops import ALIASES, CONSTANTS, INFIX, OPS, PREFIX, arity, lookup
from wengert.ops import rows as families

ROWS = ELEMENTWISE
NAME = re.compile(r"[^\W\d]\w*")
CALL = re.compile(r"([^\W\d]\w*)\s*\(")
WORDS = {"and", "or", "not", "if", "else"}
KINDS = {"kink", "tie", "jump", "singular", "undefined"}
INTERVAL = re.compile(r"([\[(])\s*(-?inf|-?[\d.]+)\s*,\s*(-?inf|-?[\d.]+)\s*([\])])")

rows = pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])


def parameters(row):
    return [p.lstrip("*") for p in row.params.split()]


def texts(row):
    """Every text of a row that is over its parameters and its output, with what it is."""
    for text in row.partials:
        if text is not None:
            yield text, "partial"
    for kink in row.kinks:
        yield kink.when, "kink"
    if row.provided:
        yield row.provided, "provided"
    if row.relative_to:
        yield row.relative_to, "size"


def without_numbers(text):
    return re.sub(r"(?<!\w)(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", " ", text)


def test_at_least_eighty():
    assert len(OPS) >= 80


def test_no_two_rows_share_a_name():
    groups = [import_module(f"wengert.ops.rows.{found.name}") for found in iter_modules(families.__path__)]
    names = [row.name for group in groups for row in getattr(group, "ROWS", ())]
    assert len(names) == len(set(names)) == len(OPS)
    assert all(name == row.name for name, row in OPS.items())


def test_no_alias_is_taken():
    aliases = [alias for row in OPS.values() for alias in row.aliases]
    assert len(aliases) == len(set(aliases)) == len(ALIASES)
    assert not set(aliases) & (OPS.keys() | CONSTANTS.keys() | ops.FOLDS.keys() | ops.DERIVATIVES.keys())
    assert set(ALIASES.values()) <= OPS.keys()


@rows
def test_names_can_be_typed(row):
    for name in (row.name, *row.aliases):
        assert name.isidentifier()
        assert name not in WORDS


@rows
def test_says_what_it_is_and_where_from(row):
    assert row.doc
    assert "\n" not in row.doc
    assert row.source
    assert row.notation.latex


@rows
def test_one_rule_a_parameter(row):
    params = parameters(row)
    assert len(row.partials) == len(params) == len(set(params))
    assert "y" not in params
    least, most = arity(row)
    assert least == len(params)
    assert most is None if "*" in row.params else most == least
    assert "*" not in row.params or row.params.split()[-1].startswith("*")
    for k in range(len(params)):
        assert f"#{k + 1}" in row.notation.latex or "#*" in row.notation.latex or row.name == "where"


@rows
def test_rules_use_ops_and_their_own_names_only(row):
    known = {*parameters(row), *CONSTANTS, "y"}
    for text, what in texts(row):
        called = set(CALL.findall(text)) - WORDS
        assert called <= OPS.keys(), (what, text)
        free = set(NAME.findall(without_numbers(text))) - called - WORDS
        assert free <= known, (what, text)
        if what == "provided":
            assert "y" not in free
        if "..." in text:
            assert "*" in row.params


@rows
def test_calls_in_rules_have_the_right_number_of_arguments(row):
    for text, _ in texts(row):
        for match in CALL.finditer(text):
            if match[1] in WORDS:
                continue
            depth, commas = 0, 0
            for c in text[match.end() - 1 :]:
                depth += (c == "(") - (c == ")")
                commas += c == "," and depth == 1
                if not depth:
                    break
            least, most = arity(OPS[match[1]])
            assert commas + 1 >= least, text
            assert most is None or commas + 1 <= most, text


def test_derivatives_never_run_out():
    """Every op that a rule names has rules itself: derivatives of any order are made of ops of the table."""
    for row in ROWS:
        reached, new = {row.name}, {row.name}
        while new:
            new = {c for name in new for t in OPS[name].partials if t for c in CALL.findall(t)} - WORDS - reached
            assert new <= OPS.keys()
            reached |= new


@rows
def test_domain_is_one_interval_a_parameter(row):
    assert not row.domain or len(row.domain) == len(row.partials)
    for text in row.domain:
        if text:
            match = INTERVAL.fullmatch(text)
            assert match, text
            assert float(match[2]) < float(match[3])
            assert not (match[1] == "[" and "inf" in match[2])
            assert not (match[4] == "]" and "inf" in match[3])


@rows
def test_kinks_are_complete(row):
    for kink in row.kinks:
        assert kink.kind in KINDS
        assert kink.when
        assert kink.says
        assert not kink.says.endswith(".")
        assert not kink.param or kink.param in parameters(row)


@rows
def test_one_sided_stand_ins(row):
    assert bool(row.left) == bool(row.right)
    for side in filter(None, (row.left, row.right)):
        assert OPS[side].params == row.params
        assert OPS[side].partials == row.partials


def test_a_rule_that_chooses_says_so_in_kinks():
    for row in ROWS:
        switches = {c for t in row.partials if t for c in CALL.findall(t) if OPS[c].left}
        assert not switches or row.kinks, row.name


def test_selecting_ops():
    assert {row.name for row in ROWS if row.selects} >= {"where", "max", "min", "clip", "relu"}


@rows
def test_truth_values_have_no_derivative(row):
    if row.boolean:
        assert set(row.partials) == {None}


def test_operators():
    binary = "+ - * / % @ ^ ** < <= > >= == != and or".split()
    assert sorted(INFIX) == sorted(binary)
    assert PREFIX == {"-": "neg", "not": "logical_not"}
    for row in ROWS:
        assert bool(row.notation.infix) == bool(row.notation.binds)
    tightness = {
        row.notation.infix: row.notation.binds for row in ROWS if row.notation.infix and len(row.partials) == 2
    }
    assert tightness["or"] < tightness["and"] < PREFIX_BINDS["not"] < tightness["<"] < tightness["+"]
    assert tightness["+"] == tightness["-"] < tightness["*"] == tightness["/"] == tightness["%"]
    assert tightness["*"] < PREFIX_BINDS["-"] < tightness["^"]


PREFIX_BINDS = {symbol: OPS[name].notation.binds for symbol, name in PREFIX.items()}


def test_what_commutes_gives_the_same_bits():
    points = (-2.5, -0.0, 0.0, 0.1, 3.0, 1e300, float("inf"))
    for row in ROWS:
        if row.rewrites.commutes:
            for a in points:
                for b in points:
                    assert repr(row.forward(a, b)) == repr(row.forward(b, a)), (row.name, a, b)


def test_lookup():
    assert lookup("sin") is OPS["sin"]
    assert lookup("ln") is OPS["log"]
    assert lookup("Heaviside") is None
    mine = OPS["sin"]._replace(name="mine")
    assert lookup("mine", (mine,)) is mine
    assert lookup("mine") is None


@pytest.mark.parametrize("name", "ADD MUL NEG WHERE AND OR COPY".split())
def test_ops_of_the_chain_rule_exist(name):
    assert getattr(ops, name) in OPS
