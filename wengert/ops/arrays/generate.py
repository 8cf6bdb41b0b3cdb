"""Makes the module `generated`: the ops' functions over arrays, from the bodies of their functions over floats.

    python -m wengert.ops.arrays.generate           # write it
    python -m wengert.ops.arrays.generate --check   # exit 1 if it is stale

Functions that `forms` has are taken from there; the others are made by `branches`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from textwrap import fill

from ...ground.errors import UsageError
from .. import OPS
from ..bodies import FLOAT, Call, Local, Return
from ..printing import Printer
from ..sources import FLOATS
from ..syntax import ALWAYS, BOTH, ArraySyntax, Operator, Text
from . import forms as array_forms
from .branches import MUCH, Branches, Loops, Value

PATH = Path(array_forms.__file__).with_name("generated.py")
# Functions over arrays with another name than those over floats; and functions that NumPy lacks, with those of
# `portable` that replace them, as in languages whose library lacks them.
RENAMED = {
    "builtins.abs": "fabs", "builtins.round": "rint", "builtins.max": "np.maximum", "builtins.min": "np.minimum",
}  # fmt: skip
ELSEWHERE = {"math.erf": "portable.erf", "math.erfc": "portable.erfc"}
HEAD = '''"""The ops over arrays, made by `python -m wengert.ops.arrays.generate`. Do not edit."""

# ruff: noqa
# fmt: off
# mypy: ignore-errors
'''


class BranchSyntax(ArraySyntax):
    """The syntax of Python for the bodies that `branches` makes."""

    operators = {**ArraySyntax.operators, "&": Operator("&", BOTH, BOTH, ALWAYS)}


SYNTAX = BranchSyntax()


class Named:
    """The callees of a body that has functions and constants by name."""

    def kinds(self, key: str) -> Sequence[str] | None:
        return None

    def call(self, key: str, args: Sequence[Text]) -> Text:
        return Text(f"{key}({', '.join(a.text for a in args)})")

    def constant(self, key: str) -> Text:
        return Text(key)

    def array(self, key: str) -> str:
        return key

    def local_array(self, name: str) -> str:
        return name

    def plus(self) -> str:
        raise NotImplementedError


class Module:
    """Writes the text of `generated`."""

    def __init__(self) -> None:
        self.written: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.forms: set[str] = set()
        self.modules: set[str] = set()

    def function(self, key: str) -> str:
        """The name of a function over arrays, which is written unless it is there."""
        key = elsewhere(key)
        name = RENAMED.get(key, key.partition(".")[2])
        if key.startswith("doubled."):
            name = "doubled_" + name
        if "." in name:
            return name
        if hasattr(array_forms, name):
            self.forms.add(name)
        elif key.partition(".")[0] not in FLOATS.modules:
            raise Loops(key)
        elif self.keys.setdefault(name, key) != key:
            raise ValueError(f"{key} and {self.keys[name]} would be one function over arrays")
        elif name not in self.written:
            self.written[name] = ""  # set before the body is made, as it may call itself
            self.written[name] = self._source(key, name)
        return name

    def constant(self, key: str) -> str:
        """The name of a constant."""
        module, _, name = key.partition(".")
        if name in ("inf", "nan", "pi"):
            return f"np.{name}"
        if module in ("math", "builtins"):
            raise Loops(key)
        if module == "doubled":
            name = f"DOUBLED_{name}"
        text = f"{name} = {FLOATS.definition(key).value!r}"
        if self.written.setdefault(name, text) != text:
            raise ValueError(f"there are two constants {name}")
        return name

    def scalar(self, key: str) -> str:
        """The name of a function over floats, which is called element by element."""
        module, _, name = key.partition(".")
        if module == "builtins":
            return name
        self.modules.add(module)
        return key if module == "math" else f"float_{key}"  # a module may have the name of an op

    def costs(self, name: str) -> int:
        """The cost of a call of a function over arrays: 1 for a function of NumPy, MUCH for one of ours."""
        return 1 if name in self.forms or "." in name else MUCH

    def need(self, form: str) -> str:
        """The name of a function of `forms` that a body uses."""
        self.forms.add(form)
        return form

    def _source(self, key: str, name: str) -> str:
        body = FLOATS.body(key)
        args = [n for n, _ in body.params]
        before = dict(self.written), set(self.forms), set(self.modules)
        try:
            if body.rest or key.startswith("fixed_"):
                raise Loops(key)
            made = Branches(self, args).block(body.statements)
        except Loops:
            # The functions that only this body needed are dropped.
            self.written, self.forms, self.modules = before
            if body.returns != FLOAT or "int" in FLOATS.definition(key).value.__annotations__.values():
                raise  # neither a pair nor an integer comes from a float, element by element
            made = Value((), Call(self.need("each"), (Local(self.scalar(key)), *map(Local, args))), MUCH)
        over_arrays = replace(body, statements=(*made.before, Return(made.value)))
        printer = Printer(SYNTAX, Named(), over_arrays)
        return SYNTAX.function(name, body.params, FLOAT, list(printer.inside(over_arrays.statements)))

    def text(self) -> str:
        """The text of the module, with a function for every row whose forward function is in one of `forms.HOMES`; the
        others are called element by element."""
        for row in OPS.values():
            with suppress(UsageError):  # a row of the caller's, whose function is not ours
                if (key := FLOATS.key_of(row)).partition(".")[0] in array_forms.HOMES:
                    self.function(key)
        self.need("kept")
        ours = sorted(self.modules - {"math"})
        imports = ["import math\n"] if "math" in self.modules else []
        imports.append("import numpy as np\n")
        imports += [f"from ..floats import {', '.join(f'{m} as float_{m}' for m in ours)}"] if ours else []
        forms = f"    {', '.join(sorted(self.forms))},"
        imports.append(f"from .forms import (\n{_folded(forms)}\n)")
        constants = [_folded(t) for t in self.written.values() if not t.startswith("def ")]
        functions = [t for t in self.written.values() if t.startswith("def ")]
        return "\n".join([HEAD, "from __future__ import annotations\n", *imports, "", *constants, ""]) + "".join(
            f"\n\n{t}\n" for t in functions
        )


def _folded(text: str) -> str:
    return fill(text, 118, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def elsewhere(key: str) -> str:
    """The key of the function that replaces a function, or its own key."""
    doubled = key.replace("fixed_point.", "doubled.", 1)
    return doubled if FLOATS.has(doubled) else ELSEWHERE.get(key, key)


def main(args: Sequence[str] | None = None) -> int:
    """Write the module, or only compare it with --check."""
    parser = argparse.ArgumentParser(description="Make functions over arrays from the ops' functions of floats.")
    parser.add_argument("--check", action="store_true", help="exit 1 if the module is stale, and leave it alone")
    check = parser.parse_args(args).check
    text = Module().text()
    if not check:
        PATH.write_text(text, encoding="utf-8")
    elif not PATH.is_file() or PATH.read_text(encoding="utf-8") != text:
        print(f"{PATH.name} is stale: run `python -m wengert.ops.arrays.generate`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
