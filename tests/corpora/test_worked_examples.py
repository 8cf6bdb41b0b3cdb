"""Textbook traces: every intermediate value, every tangent and every adjoint that the authors printed or that follow.

The oracle is twofold: the numbers of the publications, to the digits they print, and the same numbers computed with
mpmath to 17 digits, without wengert (corpora/worked_examples.json; its README says where each comes from).
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import wengert as wg

EXAMPLES = json.loads((Path(__file__).parent / "worked_examples.json").read_text(encoding="utf-8"))

# Printed numbers that the book got by rounding every intermediate to four decimals: half a unit off the true ones.
ROUNDED_ON_THE_WAY = {
    ("Griewank-Walther Tables 1.1-1.3", "values", "v6"),
    ("Griewank-Walther Tables 1.1-1.3", "adjoints", "x2"),
}

every_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])


def program(example: dict[str, Any], *outputs: str) -> str:
    """The trace as a program: an input line with the point, an equation a line, and what is asked of it."""
    declared = ", ".join(f"{name} = {value}" for name, value in example["point"].items())
    lines = [f"input {declared}", *(f"{name} = {text}" for name, text in example["wengert"])]
    return "\n".join([*lines, f"output {', '.join(outputs)}"])


def answers(example: dict[str, Any], *outputs: str) -> list[float]:
    """The values of expressions after the trace, at the example's point."""
    point = {name: float(value) for name, value in example["point"].items()}
    found = wg.compile(program(example, *outputs))(**point)
    return [found] if len(outputs) == 1 else list(found)


def result(example: dict[str, Any]) -> str:
    return example["wengert"][-1][0]


def close(found: float, exact: str) -> bool:
    """Equal to 1e-14 relative (a computed number has 17 digits, and these traces are well conditioned)."""
    return abs(found - float(exact)) <= 1e-14 * max(abs(float(exact)), 1e-300)


def as_printed(found: float, printed: str, units: float = 0.5) -> bool:
    """Rounds to what is printed; a fraction or a whole number is meant exactly."""
    if "." not in printed:
        return abs(found - float(Fraction(printed))) <= 1e-14 * max(abs(found), 1.0)
    return abs(found - float(printed)) <= units * 10.0 ** -len(printed.split(".")[1])


@every_example
def test_values(example: dict[str, Any]) -> None:
    """Every intermediate has the value that mpmath gives it."""
    exact = example["computed"]["values"]
    for name, found in zip(exact, answers(example, *exact), strict=True):
        assert close(found, exact[name]), name


@every_example
def test_adjoints(example: dict[str, Any]) -> None:
    """Every input and every intermediate has the adjoint that mpmath gives it (a derivative in that name alone)."""
    exact = example["computed"]["adjoints"]
    found = answers(example, *(f"d({result(example)}, {name})" for name in exact))
    for name, value in zip(exact, found, strict=True):
        assert close(value, exact[name]), name


@every_example
def test_formula_in_one_line(example: dict[str, Any]) -> None:
    """The formula as one expression has the value and, in both modes, the gradient of the trace."""
    point = {name: float(value) for name, value in example["point"].items()}
    f = wg.compile(example["formula"])
    value, gradient = f.value_and_grad(**point)
    assert close(value, example["computed"]["f"])
    for name, exact in example["computed"]["gradient"].items():
        assert close(gradient[name], exact), name
        assert close(f.jvp(point, {name: 1.0}), exact), name


@every_example
def test_printed_numbers(example: dict[str, Any]) -> None:
    """The numbers of the publication, to the digits it prints: values, tangents along the first input, adjoints."""
    first = next(iter(example["point"]))
    asked = {
        "values": lambda name: name,
        f"tangent_d{first}": lambda name: f"jvp({name}, {first}, 1)",
        "adjoints": lambda name: f"d({result(example)}, {name})",
    }
    for kind, printed in example["published"].items():
        found = answers(example, *(asked[kind](name) for name in printed))
        for name, value in zip(printed, found, strict=True):
            units = 1.0 if (example["name"], kind, name) in ROUNDED_ON_THE_WAY else 0.5
            assert as_printed(value, printed[name], units), (kind, name, value, printed[name])
