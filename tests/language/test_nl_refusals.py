"""Files in .nl that are broken, or say more than can be told, are refused at their lines."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

import wengert as wg
from tests.language.nl_answers import header, model, of_expression
from tests.oracles.nl_models import FOLDER


def refusal(text: str, **limits: Any) -> wg.WengertError:
    with pytest.raises(wg.WengertError) as caught:
        wg.read(text, dialect="nl", limits=wg.Limits(**limits))
    return caught.value


@pytest.mark.parametrize("name", ["shared", "mixed", "hs071"])
def test_a_file_that_is_cut_off_is_refused_at_its_end(name: str) -> None:
    lines = (FOLDER / f"{name}.nl").read_text("utf-8").splitlines()
    for end in range(len(lines)):
        problem = refusal("\n".join(lines[:end]))
        assert problem.code in ("W915", "W916")
        assert problem.diagnostic.span is not None


def test_no_broken_file_does_anything_else() -> None:
    """Lines that are dropped, repeated, exchanged or garbled: a model, or one message with a line."""
    chance = random.Random(5)
    texts = [(FOLDER / f"{name}.nl").read_text("utf-8").splitlines() for name in ("shared", "mixed", "choices")]
    words = [
        "o",
        "n",
        "v",
        "C0",
        "o54",
        "-1",
        "99999999999999999999",
        "1e999",
        "nan",
        "x",
        "J0 2",
        "b",
        "o35",
        "\x00",
        "é",
    ]
    for _ in range(600):
        lines = list(chance.choice(texts))
        for _ in range(chance.randint(1, 3)):
            k = chance.randrange(len(lines))
            match chance.randrange(5):
                case 0:
                    del lines[k]
                case 1:
                    lines.insert(k, chance.choice(lines))
                case 2:
                    lines[k] = chance.choice(words)
                case 3:
                    lines[k] = lines[k].replace(chance.choice("0123456789"), chance.choice("0123456789-ov"), 1)
                case 4:
                    j = chance.randrange(len(lines))
                    lines[k], lines[j] = lines[j], lines[k]
        found = None
        try:
            wg.compile(wg.read("\n".join(lines), dialect="nl").text)
        except wg.WengertError as problem:
            found = problem
        assert found is None or found.diagnostic.span is not None
        assert found is None or found.code in ("W401", "W915", "W916")


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("b3 1 1 0\n 1", "W916", "binary form"),
        ("", "W915", "header that begins"),
        ("x^2", "W915", "no .nl file"),
        (header(1, options=" 3"), "W916", "the model has 3"),
        (of_expression("f0 1", "v0", variables=1), "W916", "another library"),
        (of_expression("o74", "2", "v0", "v1"), "W916", "alldiff"),
        (of_expression("o65", "v0", "h1:a", "h1:b"), "W916", "texts"),
        (of_expression("o99", "v0"), "W916", "operator 99"),
        (of_expression("o2", "v0", "v7"), "W915", "v7|is 7, and there are 3"),
        (of_expression("v0", "v1"), "W915", "no segment begins with `v1`"),
        (of_expression("n1e", variables=1), "W915", "a number"),
        (of_expression("o54", "0"), "", ""),
        (header(1, 1) + "C0\nn0\nO0 0\nn0\nr\n5 1 1\nb\n3\n", "W916", "complementarity"),
        (header(1, 1) + "C0\nn0\nO0 0\nn0\nr\n0 2 1\nb\n3\n", "W915", "no number is between"),
        (header(1) + "F0 1 -1 gsl\nO0 0\nn0\nb\n3\n", "W916", "`gsl`"),
        (header(1) + "L0\nn1\nO0 0\nn0\nb\n3\n", "W916", "logical constraint"),
    ],
)
def test_a_part_without_a_counterpart_is_named_with_its_line(text: str, code: str, says: str) -> None:
    if not code:
        wg.read(text, dialect="nl")
        return
    problem = refusal(text)
    assert problem.code == code
    assert re.search(says, problem.diagnostic.message)


def test_sizes_are_bounded_before_anything_is_made() -> None:
    huge = "g3 1 1 0\n 999999999999 1 1 0 0\n"
    assert refusal(huge).code == "W401"
    assert refusal(header(900_000)).code == "W915"  # as many variables as limits allow, in a file of ten lines
    assert refusal(of_expression("o54", "99999999999", "v0")).code == "W915"
    assert refusal(of_expression("o64", "99999999999", "n1")).code == "W915"
    assert refusal(of_expression("v0", *[""] * 50), text_bytes=20).code == "W401"
    assert refusal(of_expression(*["o16"] * 50, "v0"), equations=20).code == "W401"


def test_names_beside_a_file_become_legal_and_different(tmp_path: Path) -> None:
    f = model("labels")
    assert len(set(f.inputs)) == 7
    assert {"x_a_b", "x_a_b_2", "x_a_b_3", "x_größe", "for_", "inf_"} < set(f.inputs)
    receipts = wg.import_nl(FOLDER / "labels.nl").receipts
    assert [r.code for r in receipts] == ["W917"]
    assert "`x[größe]` is `x_größe`" in receipts[0].message
    copy = tmp_path / "m.nl"
    copy.write_text((FOLDER / "labels.nl").read_text("utf-8"), "utf-8")
    assert wg.load(copy).inputs[0] == "x0"
    copy.with_suffix(".col").write_text("a\nb\n", "utf-8")
    assert [r.code for r in wg.import_nl(copy).receipts] == ["W917"]
    assert wg.load(copy).inputs[0] == "x0"
    copy.with_suffix(".col").write_bytes(b"\xff\n" * 9)
    assert "UTF-8" in wg.import_nl(copy).receipts[0].message


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("bounds x", "W920"), ("bounds z=0:1", "W101"), ("bounds x=2:1", "W862"), ("minimise f", "W920"),
        ("minimize z", "W101"),
        ("subject-to z <= 1", "W606"), ("subject-to 3 <= g <= 1", "W862"), ("integer z", "W101"),
        ("subject-to g + x <= 1", ""), ("", "W920"), ("subject-to", "W101"), ("subject-to x << 1", "W860"),
    ],
)  # fmt: skip
def test_a_line_of_a_problem_that_says_nothing_is_refused(line: str, code: str) -> None:
    text = f"input x = 0.5\nf = x^2\ng = x + 1\noutput f, g\n#: minimize f\n#: {line}\n"
    assert wg.compile(text)(2.0)[0] == 4.0
    if not code:
        assert wg.minimize(text).ok
        return
    with pytest.raises(wg.WengertError) as caught:
        wg.minimize(text)
    assert caught.value.code == code
