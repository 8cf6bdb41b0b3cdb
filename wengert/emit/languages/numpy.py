"""NumPy: the function takes arrays, broadcasts them against each other, and returns arrays of that shape.

A function that NumPy lacks is made from the ops' sources. If it only branches, it becomes an expression in which
`np.where` selects. If it loops, it is called for each element.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...ops.arrays.branches import Loops
from ...ops.sources import FLOATS, Sources
from ...ops.stand_ins import ALIKE
from ...ops.syntax import BOTH, EITHER, PRODUCT, SIGN, SUM, TIGHT, ArraySyntax, Operator, Spelling, Text
from ..naming import Identifiers
from ..runtime import broadcast
from ..writing import Written
from .choices import without_branches
from .frame import rows, without_collisions
from .language import ARITHMETIC, COMPARISONS, infix, library
from .python import MAIN, Copied, Python

_NAMED = library(
    "np.{}", asin="arcsin", acos="arccos", atan="arctan", asinh="arcsinh", acosh="arccosh", atanh="arctanh",
    fabs="abs", pow="power", atan2="arctan2", erf="", erfc="",
)  # fmt: skip
# Marks the key of a function over arrays, as the function over numbers of the same key may be needed too.
OVER_ARRAYS = "over arrays: "


class CopiedOverArrays(Copied):
    """A prelude of our own functions, which take arrays if they need no loop."""

    def call(self, key: str, args: Sequence[Text]) -> Text:
        if (found := self.language.functions.get(key)) is not None:
            return found(args)
        given = [self.language.same(a).text for a in args]
        if (name := self._over_arrays(key)) is None:
            self.need("broadcast.each")
            if self.sources.has(key):
                self.need(key)
            given.insert(0, self.name(key) if self.sources.has(key) else key)
            name = self.name("broadcast.each")
        return Text(f"{name}({', '.join(given)})")

    def _over_arrays(self, key: str) -> str | None:
        """The name of a function over arrays, which is written with all that it calls; None if that is impossible."""
        stand_in = f"broadcast.{key.partition('.')[2]}"
        if self.sources.has(stand_in):
            self.need(stand_in)
            return self.name(stand_in)
        if not self.sources.has(key):
            return None
        if not self.sources.is_function(key):
            self.need(key)
            return self.name(key)
        if (mark := OVER_ARRAYS + key) not in self.copied:
            # Calls of a function that loops make this one impossible too: the functions that it needed are dropped.
            before = dict(self.copied), set(self.begun)
            self.copied[mark] = ""  # set before the body is read, as it may call itself
            try:
                body = self.sources.body(key)
                text = without_branches(body, _NESTED, _Within(self), lambda: self._name(key))
            except Loops:
                self.copied, self.begun = before
                text = ""
            self.copied[mark] = text
        return self._name(key) if self.copied[mark] else None

    def name(self, key: str) -> str:
        return self._name(key) if key.startswith("broadcast.") else super().name(key)

    def _name(self, key: str) -> str:
        module, _, name = key.partition(".")
        return self.names(f"doubled_{name}" if module == "doubled" else name, OVER_ARRAYS)

    def called(self, key: str) -> str:
        """The name of a function over arrays, or of a constant, within another function. Raises Loops."""
        if (name := self._over_arrays(key)) is None:
            raise Loops(key)
        return name

    def lines(self) -> list[str]:
        return [text for text in super().lines() if text]


class _Within:
    """The callees of a function over arrays."""

    def __init__(self, prelude: CopiedOverArrays) -> None:
        self.prelude = prelude

    def kinds(self, key: str) -> Sequence[str] | None:
        return None

    def call(self, key: str, args: Sequence[Text]) -> Text:
        if (found := self.prelude.language.functions.get(key)) is not None:
            return found(args)
        if not self.prelude.sources.has(key):
            raise Loops(key)
        return Text(f"{self.prelude.called(key)}({', '.join(a.text for a in args)})")

    def constant(self, key: str) -> Text:
        if not self.prelude.sources.has(key):
            raise Loops(key)
        return Text(self.prelude.called(key))

    def array(self, key: str) -> str:
        raise Loops(key)

    def local_array(self, name: str) -> str:
        raise Loops(name)

    def plus(self) -> str:
        raise Loops


class _Nested(ArraySyntax):
    """Expressions over arrays, with only the brackets that Python needs."""

    operators = {
        **ArraySyntax.operators,
        "and": Operator("&", BOTH, BOTH, SUM),
        "or": Operator("|", EITHER, EITHER, BOTH),
    }

    def choice(self, test: Text, yes: Text, no: Text) -> Text:
        return Text(f"np.where({test.text}, {yes.text}, {no.text})")


_NESTED = _Nested()


class NumPy(Python):
    title = "Python"
    sources = Sources({**FLOATS.modules, "broadcast": broadcast})
    words = Python.words | {"np"}
    inner = Python.inner | {"np"}
    imports = ("import math", "", "import numpy as np")
    decorator = '@np.errstate(all="ignore")'
    functions = {
        **ARITHMETIC,
        **_NAMED,
        **{key: _NAMED[other] for key, other in ALIKE.items() if other in _NAMED},
        **{key: Spelling(f"1.0 * ({{0}} {sign} {{1}})", PRODUCT, TIGHT) for key, sign in COMPARISONS.items()},
        "elementary.divide": infix("/", PRODUCT),
        "elementary.floor_mod": Spelling("np.mod({0}, {1})"),
        "elementary.cbrt": _NAMED["math.cbrt"],
        "elementary.rint": Spelling("np.rint({0})"),
        "elementary.sign": Spelling("np.sign({0})"),
        "elementary.step": Spelling("np.heaviside({0}, 0.5)"),
        "elementary.logical_and": Spelling("1.0 * (({0} != 0.0) & ({1} != 0.0))", PRODUCT, TIGHT),
        "elementary.logical_or": Spelling("1.0 * (({0} != 0.0) | ({1} != 0.0))", PRODUCT, TIGHT),
        "elementary.where": Spelling("np.where({0} != 0.0, {1}, {2})", TIGHT, SIGN),
        "math.isfinite": Spelling("np.isfinite({0})"),
    }

    def prelude(self, names: Identifiers) -> Copied:
        return CopiedOverArrays(self, names)

    def same(self, a: Text) -> Text:
        # A Python float raises where a NumPy float divides by zero.
        return Text(f"np.float64({a.text})") if _number(a.text) else a

    def begin(self, written: Written) -> list[str]:
        if not written.inputs:
            return [f"    {written.ours('shape')} = ()"]
        names = f"{', '.join(written.inputs)}," if len(written.inputs) == 1 else ", ".join(written.inputs)
        x = written.ours("x")
        given = f"({names})" if written.spread else x
        into = f"({names})" if len(written.inputs) == 1 else names
        lines = [f"    {into} = (np.asarray(a, dtype=float)[()] for a in {given})"]
        if not written.spread:
            lines = [
                f"    {x} = [np.asarray(a, dtype=float)[()] for a in {x}]",
                "    (", *rows(written.inputs, "        "), f"    ) = {x}",
            ]  # fmt: skip
        return [*lines, f"    {written.ours('shape')} = np.broadcast_shapes(*(np.shape(a) for a in {given}))"]

    def finish(self, written: Written) -> list[str]:
        shape = written.ours("shape")

        def whole(a: str) -> str:
            return f"np.broadcast_to({a}, {shape})[()]"

        first = [list(map(whole, row)) for row in written.first]
        second = [list(map(whole, row)) for row in written.second]
        return super().finish(written._replace(values=list(map(whole, written.values)), first=first, second=second))

    def tests(self, written: Written) -> list[str]:
        n, m = len(written.inputs), len(written.answers)
        *parts, _, main, _ = super().tests(written)
        call = f"{written.name}({'*' if written.spread else ''}table[:, :{n}].T)"
        flat = main.partition("in enumerate((")[2].partition(",)):")[0]
        check = without_collisions(f'''
def check():
    table = np.array(VECTORS)
    found = CALL
    wrong = 0
    for i, got in enumerate(({flat},)):
        want, within = table[:, {n} + i], table[:, {n + m} + i]
        with np.errstate(invalid="ignore"):
            near = np.isfinite(want) & (np.abs(got - want) <= within)
        near |= (got == want) | np.isnan(got) & np.isnan(want)
        for k in np.flatnonzero(~near):
            print(f"vector {{k}}, answer {{i}}: {{np.broadcast_to(got, near.shape)[k]!r}}, not {{want[k]!r}}")
            wrong += 1
    print(f"{{wrong}} wrong of {{len(VECTORS) * {m}}} answers")
    return wrong == 0''', "table wrong k found i got want within near", written)  # fmt: skip
        return [*parts, check.replace("CALL", call), MAIN]


def _number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return text in ("math.inf", "-math.inf", "math.nan")
