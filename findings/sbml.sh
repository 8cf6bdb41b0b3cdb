#!/bin/sh
# libSBML 5.21.2 and libAntimony 3.3.0: a model that is written as text, and read back by the same library, is another
# model. Expected: the text of a formula says the same formula, with parentheses wherever they are needed.
#
# 1. (a^b)^c is written a^b^c, by libSBML's formulaToL3String and in Antimony's text, and both read that as a^(b^c): 64
#    becomes 512 at (2, 3, 2). The table of precedences in libSBML's documentation calls the power left-associative, and
#    the writer holds to it; the reader does not.
#
# 2. (-2)^2 in Antimony's text is 4 in the SBML that it makes, where the base is the one number <cn> -2 </cn>. Written as
#    text again it is -2^2, which is -4. So does libSBML alone with such a <cn>, and with text if minus signs are
#    collapsed into numbers as it is read; read without, (-2)^2 comes back as it was.
#
# 3. Values of parameters, and numbers in formulas, are written with 15 digits: 0.1 + 0.2 comes back as 0.3, another
#    double, and the largest double is rounded up past the range, so that libSBML refuses the document it has written.
#
# No message comes of the first two. pow(pow(a, b), c) does not help, as it is written a^b^c too. Keep models as SBML, and
# formulas as MathML; where text is wanted, give the inner power a name of its own, q := a^b and y := q^c, and write the
# base as 0 - 2, which comes back as it was.
#
# Needs Python 3.10 or later; installs pinned packages in a temporary folder. Fails if any of this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check python-libsbml==5.21.2 antimony==3.3.0

cat >trip.py <<'END'
import sys

import antimony
import libsbml

AT = {"a": 2.0, "b": 3.0, "c": 2.0}


def value(node):
    """The value of a formula of names, numbers, minus signs and powers."""
    below = [value(node.getChild(n)) for n in range(node.getNumChildren())]
    if node.isName():
        return AT[node.getName()]
    if node.isNumber():
        return node.getValue()
    if node.isUMinus():
        return -below[0]
    if node.getType() == libsbml.AST_MINUS:
        return below[0] - below[1]
    return below[0] ** below[1]


def expect(where, found, stated):
    print(f"{where:37}{found}")
    if found != stated:
        sys.exit(f"no longer so: {stated} is stated")


def by_libsbml(formula):
    """The value of a formula, its text, and the value of this text."""
    text = libsbml.formulaToL3String(formula)
    return value(formula), text, value(libsbml.parseL3Formula(text))


def by_antimony(text):
    """The value of a formula in the SBML made of it, the text made of this SBML, and the value in the SBML of that."""
    found = []
    source = f"model m; a = 2; b = 3; c = 2; y := {text}; end"
    for _ in range(2):
        antimony.clearPreviousLoads()
        if antimony.loadAntimonyString(source) < 0:
            sys.exit(antimony.getLastError())
        sbml = antimony.getSBMLString("m")
        document = libsbml.readSBMLFromString(sbml)  # holds the memory of all that it gives
        found.append(value(document.getModel().getAssignmentRuleByVariable("y").getMath()))
        antimony.clearPreviousLoads()
        if antimony.loadSBMLString(sbml) < 0:
            sys.exit(antimony.getLastError())
        source = antimony.getAntimonyString("m")
        found += [line.split(":=")[1].strip(" ;") for line in source.splitlines() if "y :=" in line]
    return tuple(found[:3])


MATHML = '<math xmlns="http://www.w3.org/1998/Math/MathML"><apply><power/><cn>-2</cn><cn>2</cn></apply></math>'
collapse = libsbml.L3ParserSettings()
collapse.setParseCollapseMinus(True)
read = libsbml.parseL3Formula
expect("libSBML, (a^b)^c", by_libsbml(read("(a^b)^c")), (64.0, "a^b^c", 512.0))
expect("libSBML, pow(pow(a, b), c)", by_libsbml(read("pow(pow(a, b), c)")), (64.0, "a^b^c", 512.0))
expect("libSBML, (-2)^2", by_libsbml(read("(-2)^2")), (4.0, "(-2)^2", 4.0))
collapsed = libsbml.parseL3FormulaWithSettings("(-2)^2", collapse)
expect("libSBML, (-2)^2, minus collapsed", by_libsbml(collapsed), (4.0, "-2^2", -4.0))
expect("libSBML, MathML of (-2)^2", by_libsbml(libsbml.readMathMLFromString(MATHML)), (4.0, "-2^2", -4.0))
expect("Antimony, (a^b)^c", by_antimony("(a^b)^c"), (64.0, "a^b^c", 512.0))
expect("Antimony, (-2)^2", by_antimony("(-2)^2"), (4.0, "-2^2", -4.0))
expect("Antimony, (0 - 2)^2", by_antimony("(0 - 2)^2"), (4.0, "(0 - 2)^2", 4.0))

document = libsbml.SBMLDocument(3, 2)
model = document.createModel()
for name, number in (("sum", 0.1 + 0.2), ("largest", sys.float_info.max)):
    parameter = model.createParameter()
    parameter.setId(name)
    parameter.setConstant(True)
    parameter.setValue(number)
again = libsbml.readSBMLFromString(libsbml.writeSBMLToString(document))
model = again.getModel()
expect("libSBML, 0.1 + 0.2", model.getParameter("sum").getValue(), 0.3)
expect("libSBML, largest double", str(model.getParameter("largest").getValue()), "nan")
expect("libSBML, errors of its own document", again.getNumErrors(), 1)
END
env/bin/python trip.py
