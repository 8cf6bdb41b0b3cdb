"""The dialects of SQL: how each spells numbers, functions and comparisons, and how far its engine goes.

Numbers are float64 in all of them. DuckDB and Polars compute by IEEE 754, but they order nan: nan = nan, and nan is
above inf. SQLite has inf but no nan: it has null where IEEE 754 has nan, and also for a division by zero and the
logarithm of zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from ...ops.syntax import CHOICE, ORDER, PRODUCT, SIGN, SUM, TIGHT, Spelling, Text
from .language import library

_ELEMENTARY = library(
    "{}", log="ln", fabs="abs", expm1="", log1p="", cbrt="", erf="", erfc="", copysign="", fmod="",
)  # fmt: skip
_REMAINDER = Spelling("{0} % {1}", PRODUCT, TIGHT)


def _instead(keys: str) -> dict[str, str]:
    """The functions of runtime/lacking.py that replace those with these keys."""
    return {key: f"lacking.{key.partition('.')[2]}" for key in keys.split()}


class SqlDialect:
    """A dialect.

    title      the name of its engine
    notes      sentences about the engine for the comment at the head of a query
    functions  the spellings of functions that have the answers of IEEE 754 and are null where an argument is
    instead    functions of ours for those that it lacks or that have other answers, by key
    apart      functions of ours that stand in for themselves, though a library usually has them with the same answers
    real       the type of a column of float64
    inf, nan   the literals
    ranks_nan  whether nan is equal to itself and above inf; else nan is null
    digits     the most significant digits of a literal
    folds      whether names that differ by the case of ASCII letters are one
    keeps_all  whether all columns of the table can stand beside others
    packs      whether a row of the table can be a column
    layers, columns  the most common table expressions that its engine takes in seconds, and the most columns
    barrier    the end of a SELECT whose columns are not to be put into those who read them: they would be computed
               again for each
    signbit    the function that tells whether the sign of a number is minus; "" for none
    adds_zero  whether 0 + a and 0 - a are 0 where a is -0 and 0: Polars takes them for a and -a
    """

    title = ""
    notes: tuple[str, ...] = ()
    functions: Mapping[str, Spelling] = {}
    instead: Mapping[str, str] = {}
    apart: frozenset[str] = frozenset()
    real = "DOUBLE"
    inf, nan = "CAST('inf' AS DOUBLE)", "CAST('nan' AS DOUBLE)"
    ranks_nan = True
    digits = 17
    folds = True
    keeps_all = True
    packs = False
    layers, columns = 200, 100_000
    barrier = ""
    signbit = ""
    adds_zero = True

    def number(self, a: float) -> Text:
        """A literal of float64: it has an exponent, as `0.1` is a decimal in DuckDB and Polars."""
        if not isfinite(a):
            return Text(self.nan) if a != a else Text(self.inf) if a > 0 else Text(f"-{self.inf}", SUM)
        text = repr(a)
        if len(text.partition("e")[0].lstrip("-0.").replace(".", "")) > 15:
            text = f"{a:.{self.digits - 1}e}" if self.digits > 17 else text
        digits, _, exponent = text.partition("e")
        digits = digits.removesuffix(".0")
        return Text(f"{digits}e{int(exponent or 0)}", SUM if text[0] == "-" else TIGHT)

    def identifier(self, name: str) -> str:
        """A name in quotation marks."""
        return '"' + name.replace('"', '""') + '"'

    def same(self, name: str) -> str:
        """A name, in the form that is equal for all names that the engine treats as one."""
        return "".join(c.lower() if c.isascii() else c for c in name) if self.folds else name

    def read(self, column: str) -> str:
        """A column of the table as a float64; it may be of another type there."""
        return f"CAST({column} AS {self.real})"

    def negative(self, a: Text) -> Text:
        """A number with the other sign."""
        return Text(f"-{a.at(TIGHT)}", SIGN)

    def is_nan(self, a: Text) -> Text:
        """Whether a number is nan."""
        raise NotImplementedError

    def is_ordinary(self, a: Text) -> Text:
        """Whether a number is neither nan nor null."""
        raise NotImplementedError


class DuckDB(SqlDialect):
    title = "DuckDB"
    notes = ("DuckDB 1.2 or later computes by IEEE 754, unless `ieee_floating_point_ops` is off.",)
    functions = {**_ELEMENTARY, "math.fmod": _REMAINDER, "elementary.cbrt": Spelling("cbrt({0})"),
                 "elementary.rint": Spelling("round_even({0}, 0)")}  # fmt: skip
    instead = _instead("math.expm1 math.log1p")
    packs = True
    signbit = "signbit"

    def is_nan(self, a: Text) -> Text:
        return Text(f"isnan({a.text})")

    def is_ordinary(self, a: Text) -> Text:
        return Text(f"NOT isnan({a.text})", ORDER)


class Polars(SqlDialect):
    title = "Polars"
    functions = {
        **{k: s for k, s in _ELEMENTARY.items() if "inh" not in k and "osh" not in k and "anh" not in k},
        "math.log1p": Spelling("log1p({0})"),
        "math.fmod": _REMAINDER,
        "elementary.cbrt": Spelling("cbrt({0})"),
    }
    instead = {**_instead("math.expm1 math.sinh math.cosh math.tanh"), "math.pow": "lacking.pow_by_root"}
    adds_zero = False
    folds = False
    layers = 150

    def is_nan(self, a: Text) -> Text:
        return Text(f"{a.at(SUM)} > {self.inf}", ORDER)

    def is_ordinary(self, a: Text) -> Text:
        return Text(f"{a.at(SUM)} <= {self.inf}", ORDER)


class SQLite(SqlDialect):
    title = "SQLite"
    notes = (
        "SQLite has no nan: where a value or a derivative is nan, it is null here, as it is where an input is null.",
        "It needs SQLite's mathematical functions (3.35 or later). The LIMITs keep it from computing columns twice.",
    )
    functions = {
        **_ELEMENTARY,
        # The absolute value of -0 is -0 there, and 0 with the sum.
        "math.fabs": Spelling("abs({0}) + 0e0", SUM, CHOICE),
        "math.fmod": Spelling("mod({0}, {1})"),
    }
    instead = _instead("math.expm1 math.log1p math.pow elementary.divide elementary.cbrt")
    apart = frozenset(("elementary.log", "elementary.log1p", "elementary.log2", "elementary.log10"))
    real = "REAL"
    inf, nan = "9e999", "NULL"
    ranks_nan = False
    # SQLite rounds a decimal twice, from its first 18 digits; that of the shortest literal may be another float.
    digits = 18
    keeps_all = False
    layers, columns = 300, 2000
    barrier = "LIMIT -1"

    def read(self, column: str) -> str:
        # CAST makes 0 of a text that is no number, and a column of an imported CSV file is text. The comparison
        # converts text only if all of it is a number.
        return f"CASE WHEN {column} = CAST({column} AS NUMERIC) THEN CAST({column} AS REAL) END"

    def number(self, a: float) -> Text:
        # Beyond 1e290 and below 1e-290 it may read another float, from any number of digits.
        if a == 0.0 or not isfinite(a) or 1e-290 < abs(a) < 1e290:
            return super().number(a)
        scale = 2.0**-200 if abs(a) < 1.0 else 2.0**200
        return Text(f"{super().number(a / scale).text} * {super().number(scale).text}", PRODUCT if a > 0.0 else SUM)

    def negative(self, a: Text) -> Text:
        # Its own minus is 0 - a, which is 0 for 0, where that of IEEE 754 is -0.
        return Text(f"-1e0 * {a.at(SIGN)}", PRODUCT)

    def is_nan(self, a: Text) -> Text:
        return Text(f"{a.at(SUM)} IS NULL", ORDER)

    def is_ordinary(self, a: Text) -> Text:
        return Text(f"{a.at(SUM)} IS NOT NULL", ORDER)


DIALECTS: dict[str, type[SqlDialect]] = {"duckdb": DuckDB, "sqlite": SQLite, "polars": Polars}
