"""Values of formulas by the readers of their own languages, at one point. `python -m tests.oracles.readers` writes
readers.tsv anew, of those readers that are there: OpenMM (Lepton), libsbml, numexpr and formulas (Excel) as Python
packages, brian2, NEURON (NMODL) and SymPy (LaTeX) too, mathjs as a package of node's, found from the working directory, and cfityk.
"""

from __future__ import annotations

import json
import math
import random
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

from tests.oracles.latex_texts import latex_formula

POINT = {"x": 1.75, "y": -2.25, "z": 0.375}
TABLE = Path(__file__).with_name("readers.tsv")
Value = float | None

# Lepton's Lennard-Jones force with combining rules, and its soft core, are the examples of the OpenMM user guide and of
# alchemical forces (Beutler et al. 1994), with values for their parameters.
# The hard spots: what two languages read in two ways, each from the point above.
SPOTS = {
    "lepton": """-2^2|2^3^2|2^-1|--x|2--3|-2^-2|2^-2^2|a+z; a=b*3; b=2|a; a=1; a=2|step(0)|step(y)|delta(0)|delta(x)|
        select(0, x, y)|select(y, x, z)|log(x)|min(x, y)|max(x, y)|x/y/z|x-y-z|recip(x)|square(y)|cube(y)|erfc(x)|
        acos(z)|cot(x)|1.E3*x|.5*x|k*(x-r0)^2; k = 2*r0; r0 = z|4*e*((s/x)^12-(s/x)^6); s = 0.3; e = y|
        4*epsilon*((sigma/x)^12-(sigma/x)^6); sigma=0.5*(sigma1+sigma2); epsilon=sqrt(epsilon1*epsilon2); sigma1=z; sigma2=2; epsilon1=x; epsilon2=z|
        4*eps*l*w*(w-1); w = 1/(0.5*(1-l)+(x/s)^6); l = z; eps = 0.6; s = 1.2|floor(y)|ceil(y)|0^0|a.b*in; a.b = x; in = y|sin(a)*a; a = cos(b)/b; b = sqrt(x)""",
    "numexpr": """-2**2|2**3**2|1/2|7%-2.0|x%y|y%x|y//x|x//z|where(x>y, 1, 2)|(x>1)*2|~(x<y) & (z<1)|where((x>0) | (y>0)&(z>1), x, y)|
        x**-2|-x**2|round(y)|fmod(y, x)|arctan2(x, y)|maximum(x, y)|2*True|where(x<y, 1, 0)+1|(x>1)^(y>1)|trunc(y)""",
    "sbml": """-2^2|2^3^2|log(x)|ln(x)|log(2, x)|y%x|x%y|1>2<3|1<x<3|x<1 || y>0&&z>0|x>1 || y>0&&z<0|!(x>1)==z|-x*y|x/y*z|
        piecewise(1, x<0, 2, y<0, 3)|piecewise(1, x<0, 2)|root(3, x)|sqr(y)|quotient(y, x)|rem(y, x)|xor(x>0, y>0)|
        and(x>0, y<0)|min(x, y, z)|plus(x, y, z)|factorial(4)|LOG10(x)|PI|a == a == a|x^y^2|-x^2|implies(x>0, y>0)|2 nM*x|3 second + x""",
    "mathjs": """-2^2|2^3^2|2^-2^2|-x%z|y%x|x mod y|1<2+1|0.1+0.2==0.3|1<1+1e-14|not 2==2|true+1|(2>1)*3|
        log(x)|log(8, 2)|3!|-3!|x>y ? 1 : 2|1 ? 2 : 3 ? 4 : 5|x and y or 0|1 xor 1|2 and 0|floor(1-1e-14)|nthRoot(x, 3)|
        a = 3\na*x|a = 2; a = a*x; a^2|min(x, y, z)|7 % 3 * 2|2*7 % 4|tau|phi|cbrt(y)|0.3 % 0.1|unequal(x, y)|
        2 x^2|2(x+1)|(x)(y)|1/2x|1/2 x|x/2 y|2/3x|2^3x|2x^2y|2 x!|6/2(1+2)|1 / 2(3)|x / 2 / 3 x|2 sin(x)|sin(x) cos(x)|x y|x -y|
        (x) -3|x*2 y|x%2 y|3 mod 2 x|1/2(x)|-1/2 x|1/-2 x|2 x/3 y|2^-1 x|-x y|1/2^2 x|(1/2)x|2e3x|.5x|2 x mod 3|x y / z x|sin (x)|--1/2 x|2 pi x|0x1F x|0b101 + 0o17|1/0x1F x|sum(x, y, z)|2*mean(x, y, z)^2|
        median(x, y, z)|std(1, 2, 4)|variance(x, y, z)|combinations(5, 2)|permutations(5, 2)|prod(x, y, z)|f(t) = t^2; f(x)|f(a, b) = a - b*z; f(x, y)|f(t) = t*x; g(t) = f(t) + 1; g(y)|h(x) = x^2; h(3) + x""",
    "excel": """=-2^2|=2^3^2|=-x^2|=2^-1|=50%*2|=-2%|=200%^2|=--x|=MOD(y,x)|=INT(y)|=TRUNC(y)|=ROUND(2.5,0)|=ROUND(-2.5,0)|
        =LOG(x)|=LOG(8,2)|=LN(x)|=ATAN2(x,y)|=TRUE+1|=x=x|=x<>y|=IF(x>y,3,4)|=SUM(x,y,z)|=PI()|=AND(x>0,y>0)|=OR(x>0,y>0)|
        =x-y-z|=x/y/z|=2^-2^2|=FACT(4)|=(x>y)+1|=PRODUCT(x,y-1)|=MAX(x,y,z)|=NOT(x>y)|
        =SUM(A1:C1)|=AVERAGE(A1:C1)|=AVERAGE(x,B1:C1,3)|=SUMSQ(A1:C1,2)|=SUMSQ(2,3,-x)|=SUMPRODUCT(A1:B1,B1:C1)|=SUMPRODUCT(A1:C1)|
        =MAX(A1:C1)+1|=MIN(A1:C1,-7)|=PRODUCT($A$1:$C$1)|=COUNT(A1:C1)|=VAR(A1:C1)|=STDEV(A1:C1)|=STDEV.P(A1:C1)|=VAR.P(A1:C1)|
        =MEDIAN(A1:C1)|=GEOMEAN(4,9)|=SUM(A1:B1)/SUM(B1:C1)|=SUM(A1:B1)^2|=SQRT(SUMSQ(A1:C1))|
        =ROUNDUP(y,1)|=ROUNDUP(1.1,1)|=ROUNDDOWN(2.3,1)|=ROUNDDOWN(-3.14159,3)|=TRUNC(y,1)|=CEILING(x,0.5)|=CEILING(y,2)|
        =CEILING(y,-2)|=FLOOR(y,2)|=FLOOR(y,-2)|=MROUND(x,0.5)|=MROUND(-10,-3)|=EVEN(x)|=ODD(y)|=ODD(2)|=PERMUT(5,2)|=SQRTPI(x)|
        =NORM.DIST(x,1,2,TRUE)|=NORM.DIST(x,1,2,FALSE)|=NORMDIST(x,0,1,FALSE)|=NORM.S.DIST(x,TRUE)|=NORMINV(0.9,x,2)|
        =LOGNORM.DIST(x,1,2,TRUE)|=EXPON.DIST(x,2,TRUE)|=EXPON.DIST(x,2,FALSE)|=WEIBULL.DIST(x,2,3,TRUE)|=WEIBULL.DIST(x,2,3,FALSE)|
        =POISSON.DIST(2,x,FALSE)|=POISSON.DIST(2,x,TRUE)|=PMT(5%/12,60,-1000)|=PMT(0.08,10,1000,50,1)|=FV(0.05,10,-100)|
        =FV(0.05,10,-100,-200,1)|=PV(0.05,10,-100,-200,1)|=NPER(0.05,-100,500)|=EFFECT(0.0525,4)|=NOMINAL(0.053543,4)|
        =SLN(30000,7500,10)|=IF(x>1,5)|=IF(x>3,5)|=IFERROR(x/y,0)|=IFERROR(x/0,7)|=IFS(x>2,1,x>1,2,TRUE,3)|=2*HARMEAN(4,5)^2|
        =DEVSQ(x,y,z)|=AVEDEV(x,y,z)|=2/SLOPE(A1:B1,B1:C1)|=INTERCEPT(A1:B1,B1:C1)|=RSQ(A1:B1,B1:C1)|=SUMXMY2(A1:B1,B1:C1)|
        =SUMX2PY2(A1:B1,B1:C1)|=SUMX2MY2(A1:B1,B1:C1)|=ERF(0,x)|=XOR(x>0,y>0)|=PHI(x)|=GAUSS(x)|=CHISQ.DIST.RT(x,3)""",
    "brian2": """-2.0**2|2.0**3**2|1/2|y%x|x%y|y//x|-7%3|7//2|int(y)|int(x>y)|int(x>y and y>z)*3|exprel(x)|exprel(0*x)|clip(x, 0, 1)|
        clip(x, 2, 1)|sign(y)|x**-2|-x**2|log10(x)|arcsin(z)|ceil(y)|floor(y)|log1p(x)|e|pi|(2*x)**0.5**2|-x%3|2*x//y*z|
        0.1*exprel(-(y+1)/10.0)**-1|int(not x>y)|int(x>1 or y>1 and z>1)|4*exp(-(y+65.0)/18.0)|0.128*exp((17.0-y)/18)|2*x**3**z""",
    "fityk": """-2^2|2^3^2|2^-1|2^-2^2|-2^-2|(1<2)+x|(1==1+1e-13)*2|(1<1+1e-13)*2|(1<=1-1e-13)*2|mod(y, x)|mod(x, y)|round(y)|round(2.5)|
        min2(x, y)|max2(x, y)|2*-3^2|lgamma(y)|(not x<y)*1|(x>2 or x>1 and y>1)*1|log10(x)|ln(x)|erf(z)|gamma(z)|3--2|2^+2|erfc(z)|pi|
        x<y ? 1 : 2|x-y-z|x/y/z|2^-2*3|-x^2|x^2^z|x^-y^2|(x!=y)*3|(x>=x)*3""",
    "nmodl": """-2^2|2^3^2|1/2|2^-1|-x^2*3|(x>y)+1|!(x>y)+1|x>1 || y>1 && z>1|fabs(y)+log(x)+log10(x)+exp(z)|2^-2^2|x/2 (mV)*3|x*-y|
        7/2*2|-y*(-x)-z|fmod(y, x)|fmod(x, y)|atan2(y, x)|pow(x, 2)|x - -y|!z|x-y-z|x/y/z|z && x|x != y|0.1*(y+40)/(1-exp(-(y+40)/10))""",
    "latex": r"""\sin^2 x|\sin^{-1} z|\frac12 x|x^2y|\log x|\log_2 x|\lg x|\sin 2x|\sin x y|\sin x \cos y|\sin(x)^2|\sin x^2|
        \sqrt[3]{x}|\sum_{i=1}^{3} i x|\sum_{i=1}^{3} x + 1|\prod_{i=1}^{3} i|-x^2|2^{3^2}|2\pi x|3!|\binom{5}{2}|x \div y|
        \left\lfloor y\right\rfloor|\lceil y \rceil|\arcsin z|\cosh x|\tan^{-1} x|\ln x x|xyz|x\,y|2x/3|x/y/z|\dfrac{x}{y}|x^{1/2}|
        2^{-x}|\exp(y)|x \cdot y + z|x \times y^2|\frac{x + y}{x - y}|\sqrt{x^2 + y^2}|\frac{1}{1 + \exp(-x)}|
        \frac{1}{\sqrt{2\pi}} \exp\left(-\frac{x^2}{2}\right)|\cos^3 x \sin y|2\sum_{i=0}^{2} x^i|\ln(x)^2|x^{y}z|\sqrt{\sqrt{x}}""",
}  # fmt: skip
ONES = {
    "lepton": "sin cos exp sqrt abs square recip erf tanh atan step",
    "numexpr": "sin cos exp sqrt abs expm1 arctan floor tanh",
    "sbml": "sin cos exp sqrt abs log ln arctan floor tanh",
    "mathjs": "sin cos exp sqrt abs log atan tanh cube",
    "fityk": "sin cos exp sqrt abs atan erf tanh",
    "nmodl": "sin cos exp sqrt fabs atan floor tanh",
    "brian2": "sin cos exp sqrt abs arctan floor tanh expm1",
    "excel": "SIN COS EXP SQRT ABS LN ATAN INT TANH",
}


def formula(dialect: str, chance: random.Random, depth: int = 4) -> str:
    """A random formula of a dialect, with brackets in some places only."""
    if dialect == "latex":
        return latex_formula(chance)
    if depth == 0 or chance.random() < 0.1:
        return chance.choice([*POINT, "2", "3", "0.5", "1.25"])
    kind = chance.random()
    a, b = (formula(dialect, chance, depth - 1) for _ in "ab")
    if kind < 0.15:
        return f"-{a}"
    if kind < 0.35:
        return f"{chance.choice(ONES[dialect].split())}({a})"
    if kind < 0.45:
        return f"({a})"
    if kind < 0.55:
        return f"{a}{'**' if dialect in ('numexpr', 'brian2') else '^'}{chance.choice('23')}"
    return f"{a} {chance.choice('+-*/')} {b}"


def lepton(texts: Sequence[str]) -> list[Value]:
    """By OpenMM's CustomIntegrator on one particle."""
    mm: Any = import_module("openmm")
    answers: list[Value] = []
    for text in texts:
        system = mm.System()
        system.addParticle(1.0)
        integrator = mm.CustomIntegrator(1.0)
        for name, value in (("answer", 0.0), *((n, v) for n, v in POINT.items() if n != "x"), ("x_", POINT["x"])):
            integrator.addGlobalVariable(name, value)
        # `x` is the integrator's own name for the positions.
        integrator.addComputeGlobal("answer", f"{text}; x = x_")
        context = mm.Context(system, integrator, mm.Platform.getPlatformByName("Reference"))
        context.setPositions([(0, 0, 0)])
        integrator.step(1)
        answers.append(float(integrator.getGlobalVariableByName("answer")))
    return answers


def numexpr(texts: Sequence[str]) -> list[Value]:
    """By numexpr.evaluate."""
    ne: Any = import_module("numexpr")
    return [_real(ne.evaluate(text, local_dict=dict(POINT), global_dict={})) for text in texts]


def _real(value: Any) -> Value:
    return None if "complex" in str(value.dtype) else float(value)


def brian2(texts: Sequence[str]) -> list[Value]:
    """By a subexpression of a NeuronGroup of one neuron."""
    brian: Any = import_module("brian2")
    brian.prefs.codegen.target = "numpy"
    answers: list[Value] = []
    for text in texts:
        group = brian.NeuronGroup(1, "\n".join([f"answer = {text} : 1", *(f"{name} : 1" for name in POINT)]))
        for name, value in POINT.items():
            setattr(group, name, value)
        found = group.answer_[:]
        answers.append(float(found[0] if getattr(found, "shape", ()) else found))
    return answers


def nmodl(texts: Sequence[str]) -> list[Value]:
    """By NEURON, one FUNCTION for each formula, compiled with nrnivmodl."""
    blocks = [f"FUNCTION q{k}({', '.join(POINT)}) {{\nq{k} = {text}\n}}" for k, text in enumerate(texts)]
    code = """
    import json, sys
    from neuron import h
    h.nrn_load_dll(sys.argv[1])
    n, point = json.loads(sys.argv[2])
    print(json.dumps([getattr(h, f"q{k}_formulas")(*point) for k in range(n)]))"""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "formulas.mod").write_text("\n".join(["NEURON { SUFFIX formulas }", *blocks]))
        subprocess.run([Path(sys.executable).with_name("nrnivmodl")], cwd=folder, capture_output=True, check=True)
        library = next(Path(folder).glob("*/libnrnmech.so"))
        words = [str(library), json.dumps([len(texts), list(POINT.values())])]
        ran = subprocess.run([sys.executable, "-c", textwrap.dedent(code), *words], capture_output=True, text=True,
                             check=True)  # fmt: skip
    answers: list[Value] = json.loads(ran.stdout.splitlines()[-1])
    return answers


def fityk(texts: Sequence[str]) -> list[Value]:
    """By cfityk, whose names are numbers in brackets."""
    lines = ["set numeric_format = '%.17g'"]
    for text in texts:
        for name, number in POINT.items():
            text = _replaced(text, name, f"({number})")
        lines.append(f"print {text}")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "formulas.fit").write_text("\n".join(lines))
        words = ["cfityk", "-n", "-q", f"{folder}/formulas.fit"]
        ran = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True)
    return [float(line) for line in ran.stdout.splitlines() if not re.match(r"[0-9]+>", line)]


def excel(texts: Sequence[str]) -> list[Value]:
    """By the package formulas; the names stand for cells."""
    parser: Any = import_module("formulas").Parser()
    cells = {"x": "A1", "y": "B1", "z": "C1"}
    answers: list[Value] = []
    for text in texts:
        for name, cell in cells.items():
            text = _replaced(text, name, cell)
        function = parser.ast(text)[1].compile()
        numbers = {cell: POINT[name] for name, cell in cells.items()}
        answers.append(float(function(*(numbers.get(i) or _range_of(numbers, i) for i in function.inputs))))
    return answers


def _range_of(numbers: dict[str, float], text: str) -> list[list[float]]:
    first, _, last = text.partition(":")
    return [[number for cell, number in numbers.items() if first <= cell <= last]]


def _replaced(text: str, name: str, by: str) -> str:
    return re.sub(rf"(?<![A-Za-z]){name}(?![A-Za-z0-9(])", by, text)


def mathjs(texts: Sequence[str]) -> list[Value]:
    """By math.evaluate in node."""
    code = """
    const m = require(require.resolve('mathjs', {paths: [process.cwd()]}));
    const [texts, point] = JSON.parse(require('fs').readFileSync(0));
    console.log(JSON.stringify(texts.map(t => { let r; try { r = m.evaluate(t, {...point}); } catch (e) { return null; }
      if (r && r.entries) r = r.entries[r.entries.length - 1];
      return typeof r === 'object' ? null : Number(r); })));"""
    ran = subprocess.run(["node", "-e", code], input=json.dumps([list(texts), POINT]), capture_output=True, text=True,
                         check=True)  # fmt: skip
    answers: list[Value] = json.loads(ran.stdout)
    return answers


def latex(texts: Sequence[str]) -> list[Value]:
    """By SymPy's parse_latex."""
    parse: Any = import_module("sympy.parsing.latex").parse_latex
    return [float(parse(text).doit().subs(POINT | {"pi": math.pi}).evalf(25)) for text in texts]


def sbml(texts: Sequence[str]) -> list[Value]:
    """By libsbml's syntax tree, evaluated as MathML's elements are defined."""
    lib: Any = import_module("libsbml")
    return [_evaluated(lib, lib.parseL3Formula(text)) for text in texts]


def _evaluated(lib: Any, tree: Any) -> float:
    def of(k: int) -> float:
        return _evaluated(lib, tree.getChild(k))

    kind, count = tree.getType(), tree.getNumChildren()
    arguments = [of(k) for k in range(count)] if kind != lib.AST_FUNCTION_PIECEWISE else []
    if tree.isNumber():
        return float(tree.getValue())
    if not count and kind == lib.AST_NAME:
        return POINT.get(tree.getName(), 1.0)
    if kind == lib.AST_FUNCTION_PIECEWISE:
        for k in range(0, count - 1, 2):
            if of(k + 1):
                return of(k)
        return of(count - 1) if count % 2 else math.nan
    compared: dict[int, Callable[[float, float], bool]] = {
        lib.AST_RELATIONAL_LT: float.__lt__, lib.AST_RELATIONAL_GT: float.__gt__, lib.AST_RELATIONAL_LEQ: float.__le__,
        lib.AST_RELATIONAL_GEQ: float.__ge__, lib.AST_RELATIONAL_EQ: float.__eq__, lib.AST_RELATIONAL_NEQ: float.__ne__,
    }  # fmt: skip
    if kind in compared:
        return float(all(compared[kind](a, b) for a, b in zip(arguments, [*arguments[1:]])))
    one: dict[int, Callable[..., float]] = {
        lib.AST_PLUS: lambda *a: sum(a), lib.AST_TIMES: lambda *a: math.prod(a), lib.AST_DIVIDE: lambda a, b: a / b,
        lib.AST_MINUS: lambda a, b=None: -a if b is None else a - b, lib.AST_POWER: pow, lib.AST_FUNCTION_POWER: pow,
        lib.AST_LOGICAL_AND: lambda *a: float(all(a)), lib.AST_LOGICAL_OR: lambda *a: float(any(a)),
        lib.AST_LOGICAL_NOT: lambda a: float(not a), lib.AST_LOGICAL_XOR: lambda *a: float(sum(map(bool, a)) % 2),
        lib.AST_LOGICAL_IMPLIES: lambda a, b: float(not a or bool(b)), lib.AST_CONSTANT_PI: lambda: math.pi,
        lib.AST_FUNCTION_LOG: lambda base, a: math.log(a) / math.log(base), lib.AST_FUNCTION_LN: math.log,
        lib.AST_FUNCTION_ROOT: lambda n, a: a ** (1 / n), lib.AST_FUNCTION_ABS: abs, lib.AST_FUNCTION_FLOOR: math.floor,
        lib.AST_FUNCTION_CEILING: math.ceil, lib.AST_FUNCTION_FACTORIAL: lambda n: math.gamma(n + 1),
        lib.AST_FUNCTION_QUOTIENT: lambda a, b: math.trunc(a / b), lib.AST_FUNCTION_REM: math.fmod,
        lib.AST_FUNCTION_MIN: min, lib.AST_FUNCTION_MAX: max, lib.AST_FUNCTION_EXP: math.exp,
        lib.AST_FUNCTION_SIN: math.sin, lib.AST_FUNCTION_COS: math.cos, lib.AST_FUNCTION_TANH: math.tanh,
        lib.AST_FUNCTION_ARCTAN: math.atan,
    }  # fmt: skip
    return float(one[kind](*arguments))


READERS: dict[str, Callable[[Sequence[str]], list[Value]]] = {
    "lepton": lepton, "numexpr": numexpr, "sbml": sbml, "mathjs": mathjs, "excel": excel,
    "brian2": brian2, "nmodl": nmodl, "fityk": fityk,
    "latex": latex,
}  # fmt: skip
PACKAGES = {
    "lepton": "openmm",
    "numexpr": "numexpr",
    "sbml": "libsbml",
    "excel": "formulas",
    "brian2": "brian2",
    "nmodl": "neuron",
    "latex": "antlr4",  # with which SymPy reads
}


def spots(dialect: str) -> list[str]:
    """The hard spots of a dialect."""
    # A bar without spaces divides two formulas.
    return [t.strip() for t in re.split(r"(?<![| ])\|(?![| ])", SPOTS[dialect]) if t.strip()]


def point(names: Sequence[str]) -> dict[str, float]:
    """The values of inputs: those of the point, whatever their case, as cells too, and 1 for any other."""
    cells = {"a1": "x", "b1": "y", "c1": "z"}
    return {name: POINT.get(cells.get(name.lower(), name.lower()), 1.0) for name in names}


def versions() -> list[str]:
    """The readers that are there, with their versions."""
    names = {"sbml": "python-libsbml", "lepton": "OpenMM", "latex": "sympy"}
    found = [
        f"{names.get(d, package)} {version(names.get(d, package))}"
        for d, package in PACKAGES.items()
        if find_spec(package)
    ]
    asked = {
        "mathjs": ["node", "-p", "require(require.resolve('mathjs', {paths: [process.cwd()]})).version"],
        "cfityk": ["cfityk", "-V"],
    }
    for name, command in asked.items():
        if which(command[0]):
            ran = subprocess.run(command, capture_output=True, text=True)
            found += [f"{name} {ran.stdout.split()[-1]}"] if ran.stdout.split() else []
    return found


def main() -> None:
    """Write the table, one reader's rows after another's."""
    import wengert as wg

    lines = [f"# by {', '.join(versions())}\n"]
    for dialect, reader in READERS.items():
        chance = random.Random(dialect)
        texts = spots(dialect)
        while len(texts) < 100:
            text = ("=" if dialect == "excel" else "") + formula(dialect, chance)
            program = wg.compile(wg.read(text, dialect=dialect).text)
            if math.isfinite(value := program(**point(program.inputs))) and abs(value) < 1e9:
                texts.append(text)
        values: list[Value] = []
        for some in [texts] if dialect in ("mathjs", "nmodl", "fityk") else [[text] for text in texts]:
            try:
                values += reader(some)
            except Exception as problem:
                print(f"{dialect}: {some[0]!r}: {problem!r}"[:150], file=sys.stderr)
                values += [None] * len(some)
        for text, value in zip(texts, values):
            if value is not None:
                lines.append(f"{dialect}\t{json.dumps(text)}\t{value!r}\n")
    TABLE.write_text("# By tests/oracles/readers.py, at " + json.dumps(POINT) + "\n" + "".join(lines))


if __name__ == "__main__":
    main()
