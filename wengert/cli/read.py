"""`wengert read`: a formula of another language, as a program of ours."""

from __future__ import annotations

from ..dialects import READ, read
from ..ground.limits import start
from .programs import limits_of, source_of
from .readings import READING, answer_reading
from .screen import Screen
from .words import Arguments, Command, Option

COMMAND = Command(
    "read", "FILE | - | FORMULA --from DIALECT",
    "A formula of another language, written as a program of ours that gives the same values. A receipt tells\n"
    "each change: order, names, functions, brackets. A part without a counterpart is refused at its place.",
    (
        Option("from", "|".join(READ), "the language of the formula"),
        *READING,
    ),
    (
        ('wengert read --from lepton "k*(r-r0)^2; k = 2; r0 = 1"', "as OpenMM, LAMMPS and PLUMED write it"),
        ("wengert read --from lepton force.txt --output force.wengert", "into a file"),
        ('wengert read --from lepton "step(r-1)" | wengert eval - --r 2', "read, and evaluated"),
        (r"wengert read --from latex '\frac{1}{1 + e^{-x}}'", "as papers write it"),
        ("wengert read --from gams model.gms", "the equations of a model"),
        ("wengert read --from nl model.nl", "the same as `wengert import`, without the files of names"),
        ("wengert read --from sbml model.xml --output model.wengert", "the laws and rules of a model"),
    ),
    binds=False,
)  # fmt: skip


# Suffixes of files that hold formulas of other languages. A formula that ends so is given by standard input.
FILES = (".txt", ".xml", ".sbml", ".mod", ".wengert", ".dat", ".gms", ".tex", ".nl")


def run(arguments: Arguments, screen: Screen) -> int:
    """Print or write the program, then its receipts."""
    if not (dialect := arguments.option("from")):
        arguments.refuse(len(arguments.argv), "no dialect is named", f"`--from` and one of {', '.join(READ)}")
    if not arguments.words:
        arguments.refuse(len(arguments.argv), "no formula is given", "for instance `wengert read --from lepton -`")
    limits = limits_of(arguments)
    word, spot = arguments.words[0], arguments.spots[0]
    source = source_of(arguments, word, spot, file=word.endswith(FILES))
    start(limits)
    found = read(source.text, dialect=dialect, name=source.name, limits=limits)
    return answer_reading(arguments, screen, found)
