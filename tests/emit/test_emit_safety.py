"""No text of the user's becomes code: what a program calls its names, and what stands in its text, changes nothing in
what is emitted but identifiers and comments.

Hostile programs are compared, token by token, with twins that differ from them in names and texts alone.
"""

from __future__ import annotations

import ast
import io
import re
import shutil
import subprocess
import tokenize

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wengert as wg
from wengert.emit import LANGUAGES, emit
from wengert.emit.languages.c import C
from wengert.emit.naming import Identifiers
from wengert.emit.remarks import remark
from wengert.ground.errors import Source, Span
from wengert.lists.wengert_list import Equation, Provenance, WengertList, assemble
from wengert.ops import Op
from wengert.ops.row import Notation

TEXTS = [
    "x */ evil(); /*", "x\nevil()", "x\r\nimport evil", "x\revil()", "x \\", "x ??/", "x\x0bevil()", "x\x0cevil()",
    "x\x85evil()", "x\u2028evil()", "x\u2029evil()", '"""; evil(); """', "'''", "</script><script>evil()</script>",
    "<!-- evil", "--> evil", "]]> evil", "\x00evil", "\x1b[2Jevil", "\u202eevil", "\u2066evil\u2069", "{evil} {{evil}}",
    "%s %n evil", "${evil()}", "`evil`", "// evil", "# evil", "//# sourceMappingURL=evil", "-*- coding: utf-7 -*- evil",
    "+AAo-evil", "\ud800evil", "x" * 5000 + "evil", "\ufeffevil", "<?php evil() ?>", "*/*/", "/*/*",
    "??/??/\\\\", "evil\\",
]  # fmt: skip
NAMES = [
    "x\nevil()", "x*/evil/*", "x;evil()", "x)", "(x", "x y", "x'", 'x"', "x#", "x//", "x\\", "", " ", "0x", "9", "-",
    "x.y", "x[0]", "x=1", "x,y", "\u2028", "\x00", "import", "lambda", "__import__", "eval", "exec", "constructor",
    "__proto__", "arguments", "main", "printf", "NAN", "I", "M_PI", "unix", "errno", "_Bool", "None", "Some", "f64",
    "self", "Math",
    "np", "math", "π", "ℏ", "x₁", "ｘ", "ﬁ", "é", "é", "ж", "变量", "א", "x\u200d", "\U0001d465", "gradient", "value",
]  # fmt: skip

every_language = pytest.mark.parametrize("target", list(LANGUAGES))


def program(names: list[str], text: str, origin: str) -> WengertList:
    """A list of which nothing but the names and the texts is given."""
    x, y, s, f = names
    equations = [Equation(s, "mul", (x, y)), Equation(f, "max", (s, 0.1, x))]
    spans = [Span(0, len(text)), Span(0, len(text))]
    return assemble((x, y), equations, (f,), (), Provenance(spans, {s: origin, f: origin}, Source(text, text)))


def tokens(code: str, target: str) -> list[str]:
    """The tokens of a program, with `name` for each identifier that is not always the same."""
    if target in ("python", "numpy"):
        ast.parse(code)
        skipped = {tokenize.COMMENT, tokenize.NL}
        found = [t.string for t in tokenize.generate_tokens(io.StringIO(code).readline) if t.type not in skipped]
        # Python's comments end where its lines do, and it has one idea of lines alone.
        assert code.splitlines() == code[:-1].split("\n")
        return found
    if target == "c":
        code = code.replace("??/", "\\")
    code = re.sub(r"\\\r?\n", "", code)
    assert not re.search(r"[\r\v\f\x85\u2028\u2029]", code)
    assert not re.search(r"<!|</|--\s*>|\?>", code.replace("->", ""))
    code = re.sub(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|//[^\n]*|/\*.*?\*/', lambda m: m[0][0] if m[0][0] != "/" else " ", code,
                  flags=re.DOTALL)  # fmt: skip
    return re.findall(r"0x[\da-f.]+p[+-]?\d+|[\d.]+(?:e[-+]?\d+)?|[^\W\d]\w*|\S", code)


def shape(code: str, target: str) -> list[str]:
    """The tokens, each identifier as `name`; no brackets, which long lines get between them."""
    kept = [t for t in tokens(code, target) if t.strip("\n(), ")]
    return ["name" if t.isidentifier() else t for t in kept]


@every_language
@pytest.mark.parametrize("tests", [False, True])
def test_texts_stay_in_comments(target: str, tests: bool) -> None:
    twin = emit(program(["x", "y", "s", "f"], "x*y", "z"), target, tests=tests)
    for text in TEXTS:
        for said, origin in ((text, ""), ("x*y", text), (text, text)):
            code = emit(program(["x", "y", "s", "f"], said, origin), target, tests=tests)
            assert tokens(code, target) == tokens(twin, target), repr(text)
            code.encode()


@every_language
def test_names_are_identifiers(target: str) -> None:
    twin = emit(program(["x", "y", "s", "f"], "x*y", "z"), target, tests=True)
    for k in range(len(NAMES)):
        names = [NAMES[(k + i * 13) % len(NAMES)] for i in range(4)]
        code = emit(program(names, "x*y", "z"), target, tests=True)
        assert shape(code, target) == shape(twin, target), names
        # New are the four names, the adjoints' of three of them, and what of ours gave way to one of them.
        assert len(set(tokens(code, target)) - set(tokens(twin, target))) <= 9, names


@every_language
def test_ops_of_programs_are_functions(target: str) -> None:
    def with_op(name: str, params: str, text: str) -> WengertList:
        row = Op(name, params, text, ("1",), doc='"""\n*/ evil()', notation=Notation(latex="\\evil"), source="evil")
        return assemble(("x",), [Equation("y", name, ("x",))], ("y",), (row,))

    twin = emit(with_op("op", "a", "a"), target)
    for name in ("evil(){}//", "a b", "système", "main", "sin", "value_and_grad", "x", "\n"):
        code = emit(with_op(name, "a", "a"), target)
        assert shape(code, target) == shape(twin, target), name
    with pytest.raises(wg.WengertError):
        emit(with_op("op", "a", "a); evil("), target)
    with pytest.raises(wg.WengertError):
        emit(WengertList([("y", "add); evil(", ("x", 1.0))]), target)


@every_language
def test_numbers_are_literals(target: str) -> None:
    class Sly(float):
        def __repr__(self) -> str:
            return "evil()"

        hex = __str__ = __format__ = __repr__  # type: ignore[assignment]

    for number in (Sly(0.1), Sly(7.0), Sly("inf"), Sly("nan"), Sly(-0.0)):
        wlist = assemble(("x",), [Equation("y", "mul", ("x", number))], ("y",))
        assert "evil" not in emit(wlist, target, tests=True, points=[{"x": Sly(2.5)}])


@given(st.text())
def test_a_remark_is_a_comment(text: str) -> None:
    said = remark(text)
    assert said.isprintable()
    assert len(said) <= 80
    assert not re.search(r"\*/|/\*|//|\\|\?\?|</|<!|-->|#", said)
    said.encode()
    found = [t.type for t in tokenize.generate_tokens(io.StringIO(f"x = 1  # {said}\n").readline)]
    assert found == [t.type for t in tokenize.generate_tokens(io.StringIO("x = 1  # said\n").readline)]


@pytest.mark.parametrize("target", list(LANGUAGES))
@given(names=st.lists(st.one_of(st.text(), st.sampled_from(NAMES)), unique=True, max_size=30))
def test_no_two_names_become_one(target: str, names: list[str]) -> None:
    language = LANGUAGES[target]()
    inner = language.locals({"taken", "taken_"})
    inner.add(names)
    given_ = [inner(n) for n in names]
    assert len(set(given_)) == len(given_)
    for identifier in given_:
        assert identifier.isidentifier()
        assert identifier not in inner.reserved
        assert identifier.isascii() or not language.ascii


def test_names_that_can_stay_do() -> None:
    names = Identifiers({"int"}, ascii=True)
    names.add(["λ", "lambda", "int", "x_1", "int_", "é"])
    assert [names(n) for n in ("λ", "lambda", "int", "x_1", "int_", "é")] == [
        "lambda_", "lambda", "int_2", "x_1", "int_", "e",
    ]  # fmt: skip


def test_macros_of_c_are_no_names() -> None:
    if (cc := shutil.which("gcc")) is None:
        pytest.skip("no gcc")
    headers = "#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
    for standard in ("c99", "gnu17"):
        done = subprocess.run([cc, f"-std={standard}", "-dM", "-E", "-"], input=headers, capture_output=True, text=True)
        macros = set(re.findall(r"#define (\w+)", done.stdout))
        # A name of ours never begins with `_`.
        assert {m for m in macros if m[0] != "_"} <= C.words


def test_the_command_line_makes_no_code_of_a_name() -> None:
    for name in ("f(){}//", "f\nevil()", "a b", "", "class"):
        with pytest.raises(wg.UsageError):
            emit(wg.compile("x*y"), "python", name=name)
