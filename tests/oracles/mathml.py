"""Formulas as MathML by libsbml, with their values. `python -m tests.oracles.mathml` writes mathml.tsv anew, where
python-libsbml is installed: random formulas and the hard spots of SBML's infix, read by `parseL3Formula`, written as
MathML by libsbml, and evaluated as its elements are defined.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.oracles.readers import POINT, formula, sbml, spots

TABLE = Path(__file__).with_name("mathml.tsv")
PACKAGE = "libsbml"


def written(texts: list[str]) -> Iterator[tuple[str, str, float]]:
    """Each formula of SBML's infix, its MathML, and its value; those that have one."""
    lib: Any = import_module(PACKAGE)
    for text in texts:
        tree = lib.parseL3Formula(text)
        try:
            (value,) = sbml([text])
        except (ArithmeticError, KeyError, TypeError, ValueError):
            continue
        if value is not None and math.isfinite(value) and abs(value) < 1e9:
            markup = lib.writeMathMLToString(tree).partition("?>")[2]
            yield text, re.sub(r">\s+", ">", re.sub(r"\s+<", "<", markup)).strip(), value


def texts(seed: int, count: int) -> list[str]:
    """Random formulas of SBML's infix."""
    chance = random.Random(seed)
    return [formula("sbml", chance, 3) for _ in range(count)]


def main() -> None:
    """Write the table."""
    lib: Any = import_module(PACKAGE)
    lines = [f"# By tests/oracles/mathml.py and libsbml {lib.__version__}, at {json.dumps(POINT)}"]
    lines += [
        "\t".join([text, markup, repr(value)]) for text, markup, value in written([*spots("sbml"), *texts(5, 40)])
    ]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
