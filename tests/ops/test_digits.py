"""The table of exact numbers is the one that its formulas and points give, and its staleness is seen."""

import re

import mpmath as mp
import pytest

from tests.oracles import digits
from tests.oracles.elementwise import ORACLES, arguments, exactly, slope

STALE = {
    "sin comes from other formulas": r"\1 0123456789abcdef \3",
    "sin is of other points": r"\1 \2 0123456789abcdef",
    "sin is missing": r"none \2 \3",
    "none has no oracle": r"none \2 \3",
}


@pytest.fixture
def altered(monkeypatch, tmp_path):
    """Puts another table in the place of the real one."""

    def put(text):
        monkeypatch.setattr(digits, "TABLE", tmp_path / "digits.txt")
        digits.TABLE.write_text(text)
        digits._pages.cache_clear()
        digits._known.cache_clear()

    yield put
    digits._pages.cache_clear()
    digits._known.cache_clear()


def test_the_table_is_fresh():
    assert not list(digits.faults(1, 0))


@pytest.mark.parametrize("told", STALE)
def test_staleness_is_seen(told, altered, capsys):
    text = re.sub(r"^(sin) (\w+) (\w+)$", STALE[told], digits.TABLE.read_text(), flags=re.MULTILINE)
    altered(text)
    assert digits.main(["--sample", "0"]) == 1
    assert told in capsys.readouterr().err


def test_a_wrong_digit_is_seen(altered):
    name, args = "sin", arguments("sin", 1)[0]
    head, line, rest = digits.TABLE.read_text().partition(f"{name} ")[2].split("\n", 2)
    wrong = line.replace(line[3], "0" if line[3] != "0" else "1", 1)
    altered(f"{name} {head}\n{wrong}\n{rest.partition(chr(10) * 2)[0]}\n")
    assert any(fault.startswith(f"{name}{args} is") for fault in digits.faults(digits.VALUES, 0))


@pytest.mark.parametrize("y", ["0", "1", "-1.5", "nan", "inf", "-inf", "1e-400", "1e400", "-0.1", "5e-324"])
def test_numbers_come_back(y):
    with mp.workprec(200):
        y = mp.mpf(y)
        again = digits._number(digits._text(y))
        assert mp.isnan(y) if mp.isnan(again) else mp.sign(again) == mp.sign(y)
        assert not 1e-320 < abs(y) < 1e308 or abs(again - y) <= abs(y) * mp.mpf(2) ** -digits.BITS


def test_what_is_not_in_the_table_is_worked_out():
    assert digits.exact_value("sin", (0.123,)) == exactly(ORACLES["sin"].value, (0.123,))
    assert digits.exact_slope("sin", (0.123,), 0) == slope("sin", (0.123,), 0)


def test_layout_and_comments_change_no_formula():
    plain = digits._tokens("def f(a):\n    return a + 1\n")
    assert digits._tokens('def f(a):\n    """Told."""\n    # so\n    return a  +  1\n') == plain
    assert digits._tokens("def f(a):\n    return a + 2\n") != plain
