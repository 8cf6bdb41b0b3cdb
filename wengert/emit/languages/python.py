"""Python, with nothing but its standard library. The functions of the ops are copied, so that every answer is the
interpreter's, bit for bit."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Sequence

from ...ops.syntax import CHOICE, TIGHT, PythonSyntax, Spelling, Text
from ..naming import Identifiers
from ..writing import Written
from .frame import VECTORS, WIDTH, answers, commented, described, folded, headed, numbers, rows, without_collisions
from .language import ARITHMETIC, Language, truths


class Copied:
    """A prelude of our own functions, copied as they are, even those that use large integers."""

    def __init__(self, language: Language, names: Identifiers) -> None:
        self.language, self.names, self.sources = language, names, language.sources
        self.copied: dict[str, str] = {}
        self.begun: set[str] = set()

    def call(self, key: str, args: Sequence[Text]) -> Text:
        """A call of the function with this key."""
        if (found := self.language.functions.get(key)) is not None:
            return found(args)
        if (
            key == "elementary.divide"
            and args[1].text.strip("-0.")
            and args[1].text[-1].isdigit()
            and _literal(args[1].text)
        ):
            return Text(f"{args[0].at(TIGHT)} / {args[1].at(TIGHT)}", CHOICE)
        if not self.sources.has(key):
            return Text(f"{key}({', '.join(a.text for a in args)})")
        self.need(key)
        return Text(f"{self.name(key)}({', '.join(a.text for a in args)})")

    def name(self, key: str) -> str:
        """The identifier of a definition of ours. Those in fixed point and in doubled precision keep their module's
        name, as other modules have definitions of the same names."""
        module, _, name = key.partition(".")
        prefix = {"fixed_point": "fixed_", "doubled": "doubled_"}.get(module, "")
        return self.names(prefix + name, "ours")

    def need(self, key: str) -> None:
        """Copy a definition, after those that it uses."""
        stack = [(key, False)]
        while stack:
            key, used = stack.pop()
            if used:
                self.copied[key] = self.source(key)
            elif key not in self.begun:
                self.begun.add(key)
                stack.append((key, True))
                stack += [(use.key, False) for use in self.sources.definition(key).uses if self.sources.has(use.key)]

    def source(self, key: str) -> str:
        """The source of a definition, with its names replaced by the identifiers of this file."""
        found = self.sources.definition(key)
        lines = list(found.lines)
        places = {(use.line, use.start): use for use in (*found.uses, *found.own) if self.sources.has(use.key)}
        named = {place: self.name(use.key).encode() for place, use in places.items()}
        for (line, start), use in sorted(places.items(), reverse=True):
            lines[line] = lines[line][:start] + named[line, start] + lines[line][use.end :]
        return b"\n".join(lines).decode()

    def lines(self) -> list[str]:
        """The definitions, each after those that it uses. A constant that several modules have is written once."""
        return list(dict.fromkeys(self.copied.values()))


def _literal(text: str) -> bool:
    try:
        return float(text) != 0.0
    except ValueError:
        return False


class Python(PythonSyntax, Language):
    title = "Python"
    comment = "#"
    words = frozenset({*keyword.kwlist, *dir(builtins), "math", "VECTORS", "check", "near_enough"})
    inner = frozenset({*keyword.kwlist, "__debug__", "float", "math"})
    functions = {
        **{key: s for key, s in ARITHMETIC.items() if "/" not in s.template},
        **truths(PythonSyntax.operators, "float({})", TIGHT),
        "elementary.where": Spelling("{1} if {0} != 0.0 else {2}", CHOICE, TIGHT),
    }
    imports: Sequence[str] = ("import math",)
    decorator = ""

    def prelude(self, names: Identifiers) -> Copied:
        return Copied(self, names)

    def begin(self, written: Written) -> list[str]:
        """The first lines of the function's body."""
        if written.spread:
            return []
        return ["    (", *rows(written.inputs, "        "), f"    ) = {written.ours('x')}"]

    def program(self, written: Written) -> str:
        (block,) = written.blocks
        params = ", ".join(written.inputs) if written.spread else written.ours("x")
        body = [
            headed(f"def {written.name}", params.split(", "), ":", "    "),
            *self.begin(written),
            *commented(block.lines, self, "    "),
            *self.finish(written),
        ]
        # Tests use `math` too.
        imports = self.imports if "math." in "".join([*body, *written.prelude]) or written.vectors else self.imports[2:]
        parts = [
            "\n".join(f"# {line}" for line in described(written)),
            "\n".join(["from __future__ import annotations", *([""] if imports else []), *imports]),
            "\n" + "\n".join([*([self.decorator] if self.decorator else []), *body]),
        ]
        if written.prelude:
            parts += ["\n# What it calls"]
        for text in written.prelude:
            apart = text.startswith("def ") or parts[-1].lstrip().startswith("def ")
            parts.append(f"\n{text}" if apart else text)
        if written.vectors:
            parts += self.tests(written)
        return "\n\n".join(parts) + "\n"

    def finish(self, written: Written) -> list[str]:
        """The last lines of the function's body."""
        line = f"return {', '.join(answers(written, _tuple))}"
        return [f"    {line}"] if len(line) <= WIDTH else ["    return (", *folded(line[7:], "        "), "    )"]

    def tests(self, written: Written) -> list[str]:
        """The test vectors, and the code that checks them."""
        n, m = len(written.inputs), len(written.answers)
        several = len(written.values) > 1
        one = not written.first and not several
        flat = ["found"] if one else ["*found[0]" if several else "found[0]"]
        flat += [("*sum(found[1], ())" if several else "*found[1]")] * bool(written.first)
        flat += ["*sum(found[2], ())"] * bool(written.second)
        if several and not written.first:
            flat = ["*found"]
        call = f"{written.name}({'*' if written.spread else ''}row[:{n}])"
        table = [line for row in numbers(written, self) for line in ("    (", *rows(row, "        "), "    ),")]
        return [
            f"\n# {VECTORS}",
            "\n".join(["VECTORS = (", *table, ")"]),
            _NEAR,
            without_collisions(
                f"""
def check():
    wrong = 0
    for k, row in enumerate(VECTORS):
        found = CALL
        for i, got in enumerate(({", ".join(flat)},)):
            want, within = row[{n} + i], row[{n + m} + i]
            if not near_enough(float(got), want, within):
                print(f"vector {{k}}, answer {{i}}: {{got!r}}, not {{want!r}}")
                wrong += 1
    print(f"{{wrong}} wrong of {{len(VECTORS) * {m}}} answers")
    return wrong == 0""",
                "wrong k row found i got want within",
                written,
            ).replace("CALL", call),
            MAIN,
        ]


MAIN = """
if __name__ == "__main__":
    raise SystemExit(not check())"""
_NEAR = """
def near_enough(got, want, within):
    if got == want or got != got and want != want:
        return True
    return abs(want) < math.inf and abs(got - want) <= within"""


def _tuple(items: Sequence[str]) -> str:
    return f"({', '.join(items)}{',' * (len(items) == 1)})"
