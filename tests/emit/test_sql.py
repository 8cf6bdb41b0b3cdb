"""Queries give the interpreter's values and derivatives, on the engines that are here, and misread nothing."""

from __future__ import annotations

import contextlib
import math
import random
import sqlite3
import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert as wg
from tests.emit.test_emit import POINTS, PROGRAMS
from tests.oracles.programs import DEAR, ELEMENTWISE, programs
from tests.oracles.sql_engines import ENGINES, number, run, skip_without
from wengert.emit import emit
from wengert.emit.languages.sql import DIALECTS
from wengert.emit.straight_line import straight_line
from wengert.emit.vectors import vectors
from wengert.lists.wengert_list import Equation, WengertList
from wengert.ops import OPS, Op
from wengert.sweeps.forward import evaluate
from wengert.sweeps.numbers import Numbers

inf, nan = math.inf, math.nan

every_engine = pytest.mark.parametrize("engine", ENGINES)
# Computed in loops, or with the large integers of Python, in their values or in their derivatives.
LOOPS = set(
    "beta betainc betapdf carlson dawson dbetainc dbetapdf ddawson derfcx dexprel dexprelr dgammainc dgammapdf "
    "digamma digamma_gap dsinc dsinc_radians dvoigt dvoigt_imag dwofz_imag dwofz_real ellipe ellipeinc ellipk "
    "ellipkinc ellipkm1 elliprc elliprd elliprf elliprg elliprj erfcinv erfcx erfinv gamma gammainc gammainc_da "
    "gammaincc gammapdf i1 j0 j1 lambertw lambertwm1 lbeta lgamma logaddexp2 ndtri owens_t polygamma sinc sinint "
    "trigamma voigt_profile wofz_imag wofz_real y0 y1".split()
)
# Beside the interpreter's answer; an op that only adds, multiplies, divides, takes roots and compares has the same.
ULPS = 4.0
GOLDEN = """\
-- Written by `wengert emit` for DuckDB: a row for each row of the table.
--   reads x, y
--   gives f, df_dx, df_dy
-- DuckDB 1.2 or later computes by IEEE 754, unless `ieee_floating_point_ops` is off.
WITH layer0 AS (
  SELECT
    CAST(t."x" AS DOUBLE) AS "x",
    CAST(t."y" AS DOUBLE) AS "y"
  FROM "readings" AS t
),
layer1 AS (
  SELECT
    "x", "y",
    sin("y") AS "v1"   -- sin(y)
  FROM layer0
),
layer2 AS (
  SELECT
    "x", "y", "v1",
    "x" * "v1" AS "v2"   -- x*sin(y)
  FROM layer1
)
SELECT
  "v2" AS "f",
  CASE WHEN NOT isnan("v2") THEN "v1" ELSE "v2" END AS "df_dx",
  CASE WHEN NOT isnan("v2") THEN "x" * cos("y") ELSE "v2" END AS "df_dy"
FROM layer2
"""


def test_the_text_is_as_it_was() -> None:
    assert wg.compile("x*sin(y)").emit("sql", table="readings") == GOLDEN


def alone(row: Op) -> Equation:
    params = row.params.split()
    n = len(params) + 2 * params[-1].startswith("*")
    return Equation(f"y_{row.name}", row.name, ("a", "b", "c", *(0.5,) * 6)[:n])


@lru_cache
def writable(engine: str) -> list[Equation]:
    """An equation of each op that a query can have with its derivatives, but for those that take milliseconds here."""
    found = []
    for row in ELEMENTWISE:
        if row.name not in DEAR:
            with contextlib.suppress(wg.UsageError):
                emit(WengertList([alone(row)], ["a", "b", "c"]), "sql", dialect=engine)
                found.append(alone(row))
    return found


def held(engine: str, found: float | None, want: float | None, within: float) -> bool:
    """Whether an answer of an engine is the expected one, to an absolute error."""
    want = number(engine, want)
    if found is None or want is None:
        return found is want
    return found == want or found != found and want != want or math.isfinite(want) and abs(found - want) <= within


# An answer is null where an input is that its value depends on, and nowhere else.
NULLS = [(None, 0.5, 0.25), (0.75, None, 0.25), (0.75, 0.5, None), (None, None, None)]


@every_engine
def test_every_row_is_near_the_interpreter(engine: str) -> None:
    """Values and partials of all ops at kinks, ties, poles, ends of domains, huge, tiny, no and missing numbers."""
    skip_without(engine)
    equations = writable(engine)
    assert {e.op for e in equations} == {row.name for row in ELEMENTWISE} - LOOPS - DEAR
    points = [p for p in POINTS if engine != "sqlite" or all(a == a for a in p)]
    for k in range(0, len(equations), 45):
        several = equations[k : k + 45]
        wlist = WengertList(several, ["a", "b", "c"], [e.output for e in several])
        query = emit(wlist, "sql", dialect=engine)
        rows = run(engine, query, "data", dict(zip("abc", zip(*points, *NULLS))))
        whole = straight_line(wlist).wlist
        for point, row in zip((*points, *NULLS), rows):
            answers = evaluate(whole, {n: 0.5 if a is None else a for n, a in zip("abc", point)}, Numbers())
            for i, e in enumerate(several):
                first = len(several) + 3 * i
                wanted = [answers[i], *answers[first : first + 3]]
                missing = {n for n, a in zip("abc", point) if a is None} & set(e.inputs)
                names = (e.output, *(f"d{e.output}_d{n}" for n in "abc"))
                for name, want in zip(names, wanted):
                    if missing:
                        assert row[name] is None, (name, point)
                        continue
                    ulps = 0.0 if name == e.output and OPS[e.op].ulps <= 0.5 else ULPS
                    within = ulps * math.ulp(want) if math.isfinite(want) else 0.0
                    assert held(engine, row[name], want, within), (name, point, row[name], want)


@every_engine
def test_random_programs(engine: str) -> None:
    skip_without(engine)
    rows = [OPS[e.op] for e in writable(engine)]
    found: list[WengertList] = []

    @settings(max_examples=1)
    @given(st.lists(programs(rows=rows, most=12, constants=False), min_size=16, max_size=16))
    def collect(several: list[tuple[WengertList, Mapping[str, float]]]) -> None:
        found[:] = [wlist for wlist, _ in several]

    collect()
    for k in range(0, 16, 4):
        merged: list[Equation] = []
        outputs = []
        for j, wlist in enumerate(found[k : k + 4]):
            spelled = {n: n for n in wlist.inputs}
            for e in wlist.equations:
                atoms = tuple(spelled.get(a, a) if isinstance(a, str) else a for a in e.inputs)
                spelled[e.output] = f"p{j}_{e.output}"
                merged.append(Equation(spelled[e.output], e.op, atoms))
            outputs.append(spelled[str(wlist.outputs[-1])])
        compare(engine, WengertList(merged, None, list(dict.fromkeys(outputs))), {})


@every_engine
def test_options_names_and_shapes(engine: str) -> None:
    skip_without(engine)
    for name, (text, options) in PROGRAMS.items():
        if name != "names":
            compare(engine, wg.compile(text), options)


def compare(engine: str, program: Any, options: Mapping[str, Any]) -> None:
    """Hold a query to the interpreter, at the points that the tests of other languages take."""
    wlist = program if isinstance(program, WengertList) else program.running_list
    kink = {"kink": options["kink"]} if "kink" in options else {}
    rest = {n: v for n, v in options.items() if n != "kink"}
    whole = straight_line(wlist, **rest, **kink)
    checks = [v for v in vectors(whole.wlist) if engine != "sqlite" or all(a == a for a in v.inputs)]
    query = emit(program, "sql", dialect=engine, **options)
    columns = dict(zip(wlist.inputs, zip(*(v.inputs for v in checks)))) or {"unread": [0.0] * len(checks)}
    rows = run(engine, query, "data", columns)
    assert len(rows) == len(checks)
    values, first, second = whole.rows
    atoms = []
    for k, value in enumerate(values):
        atoms += [value, *(first[k] if first else ()), *(a for line in second for a in line)]
    place = {a: k for k, a in enumerate(whole.wlist.outputs)}
    for check, row in zip(checks, rows):
        for (name, got), atom in zip(row.items(), atoms):
            want, within = check.answers[place[atom]], check.within[place[atom]]
            assert held(engine, got, want, within), (name, check.inputs, got, want, query)


INPUTS = ["select", "λ", "NULL", "f", "F_", "Data", "layer0", "t", "kept", "v1", "rowid", "E1", "θ̂"]
ODD = ['a"b', "it's", "x y", "--", "/*", "); DROP TABLE data", "T"]


@every_engine
@pytest.mark.parametrize("table", ["data", 'my "odd" table; --', "select", "layer0", "t", "Ж"])
def test_names_are_quoted(engine: str, table: str) -> None:
    skip_without(engine)
    wlist = wg.compile("+".join(f"{k + 1}*{n}" for k, n in enumerate(INPUTS))).running_list
    # `T` is `t` to DuckDB and SQLite.
    odd = ODD[: len(ODD) - (engine != "polars")]
    columns = {n: [float(k), 1.0] for k, n in enumerate((*wlist.inputs, *odd))}
    query = emit(wlist, "sql", dialect=engine, table=table, keep=[*odd, "t"])
    row, other = run(engine, query, table, columns)
    assert row["f"] == sum(k * (k + 1.0) for k in range(len(INPUTS)))
    assert [other[f"df_d{n}"] for n in wlist.inputs] == [k + 1.0 for k in range(len(INPUTS))]
    assert [row[n] for n in (*odd, "t")] == [columns[n][0] for n in (*odd, "t")]


@every_engine
def test_columns_of_other_types(engine: str) -> None:
    """Whole numbers are not divided as whole numbers, do not overflow, and neither are decimals counted in digits."""
    skip_without(engine)
    f = wg.compile("x/y + x*x*x")
    query = f.emit("sql", dialect=engine)
    large = 2**62
    rows = run(engine, query, "data", {"x": [7, -7, large], "y": [2, 2, 1]}, "INTEGER")
    for row, (x, y) in zip(rows, ((7, 2), (-7, 2), (large, 1))):
        assert row == {"f": f(x, y), "df_dx": f.grad(x, y)["x"], "df_dy": f.grad(x, y)["y"]}
    rows = run(engine, query, "data", {"x": ["1.5", "7"], "y": ["2", "-1e1"]}, "TEXT")
    assert [row["f"] for row in rows] == [f(1.5, 2), f(7, -10)]


def test_text_that_is_no_number_is_null_in_sqlite_and_an_error_elsewhere() -> None:
    """SQLite's CAST makes 0 of it, or the number that it begins with."""
    f = wg.compile("x + 1")
    texts = ["abc", "", "12abc", "0x10", "inf", None, "3"]
    rows = run("sqlite", f.emit("sql", dialect="sqlite"), "data", {"x": texts}, "TEXT")
    assert [row["f"] for row in rows] == [None] * 6 + [4.0]
    for engine in ("duckdb", "polars"):
        skip_without(engine)
        with pytest.raises(Exception, match="abc"):
            run(engine, f.emit("sql", dialect=engine), "data", {"x": texts}, "TEXT")


@every_engine
def test_a_missing_column_is_an_error(engine: str) -> None:
    """In SQLite a name in quotation marks that is no column is a text."""
    skip_without(engine)
    with pytest.raises(Exception, match="theta"):
        run(engine, wg.compile("x*theta").emit("sql", dialect=engine), "data", {"x": [1.0], "Theta2": [2.0]})


@every_engine
def test_literals_are_exact(engine: str) -> None:
    skip_without(engine)
    draw = random.Random(0)
    found = [0.1, 1e22, 1e23, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, math.pi, 1e300, -1e-310, -0.0]
    while len(found) < 800:
        (a,) = struct.unpack("<d", struct.pack("<Q", draw.getrandbits(64)))
        found += [a, draw.gauss(0.0, 1.0)] if math.isfinite(a) else []
    wlist = WengertList([Equation(f"y{k}", "add", ("x", a)) for k, a in enumerate(found)], ["x"],
                        [f"y{k}" for k in range(len(found))])  # fmt: skip
    (row,) = run(engine, emit(wlist, "sql", dialect=engine, grad=False), "data", {"x": [-0.0]})
    assert list(map(repr, row.values())) == list(map(repr, found))


@every_engine
def test_columns_that_are_kept(engine: str) -> None:
    skip_without(engine)
    f = wg.compile("x^2*y")
    columns = {
        "id": [1.0, 2.0],
        "x": [3.0, None],
        "y": [0.5, 1.0],
        "v1": [7.0, 8.0],
        "layer1": [9.0, 9.0],
        "t": [0.0, 1.0],
    }
    for keep in ("id", ["v1", "x"], "*"):
        if engine == "sqlite" and keep == "*":
            with pytest.raises(wg.UsageError, match="cannot keep all"):
                f.emit("sql", dialect=engine, keep=keep)
            continue
        rows = run(engine, f.emit("sql", dialect=engine, keep=keep), "data", columns)
        kept = list(columns) if keep == "*" else [keep] if isinstance(keep, str) else keep
        assert list(rows[0]) == [*kept, "f", "df_dx", "df_dy"]
        for k, row in enumerate(rows):
            assert [row[n] for n in kept] == [columns[n][k] for n in kept]
        assert rows[0]["f"] == 4.5
        assert [rows[1][n] for n in ("f", "df_dx", "df_dy")] == [None] * 3


@every_engine
def test_inputs_that_are_numbers(engine: str) -> None:
    """They need no column, and derivatives in them are there."""
    skip_without(engine)
    f = wg.compile("V*exp(-t/a) + 0*k")
    query = f.emit("sql", dialect=engine, values={"a": 10, "k": inf})
    rows = run(engine, query, "data", {"V": [2.0, 3.0, None], "t": [1.0, 0.0, 1.0], "k": [0.0] * 3})
    value, gradient = f.value_and_grad(V=2.0, t=1.0, a=10.0, k=inf)
    assert value != value
    assert rows[0]["f"] is None if engine == "sqlite" else rows[0]["f"] != rows[0]["f"]
    query = f.emit("sql", dialect=engine, values={"a": 10, "k": 0})
    rows = run(engine, query, "data", {"V": [2.0, 3.0, None], "t": [1.0, 0.0, 1.0]})
    value, gradient = f.value_and_grad(V=2.0, t=1.0, a=10.0, k=0.0)
    assert rows[0] == pytest.approx({"f": value, **{f"df_d{n}": a for n, a in gradient.items()}}, rel=1e-15)
    assert set(rows[2].values()) == {None}


def test_another_schema() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute('ATTACH \':memory:\' AS "far ""off"""')
    connection.execute('CREATE TABLE "far ""off""".data (x)')
    connection.execute('INSERT INTO "far ""off""".data VALUES (3)')
    query = wg.compile("x^2").emit("sql", dialect="sqlite", schema='far "off"')
    assert connection.execute(query).fetchall() == [(9.0, 6.0)]


def test_each_equation_is_computed_once() -> None:
    """SQLite puts the columns of a subquery into those who read them; 2^12 sines would be computed here."""
    calls = []

    def counted(a: float) -> float:
        calls.append(a)
        return math.sin(a)

    connection = sqlite3.connect(":memory:")
    connection.create_function("sin", 1, counted, deterministic=True)
    connection.execute("CREATE TABLE data (x)")
    connection.executemany("INSERT INTO data VALUES (?)", [(0.5,), (0.25,)])
    f = wg.compile("f = x\nfor t in 0:12 { f = sin(f)*f }\noutput f")
    answers = connection.execute(f.emit("sql", dialect="sqlite")).fetchall()
    assert len(calls) == 2 * 12
    assert [v for v, _ in answers] == [f(0.5), f(0.25)]


def test_arrays_have_a_column_for_each_element() -> None:
    f = wg.compile("input A[2,2], x[2]\ny = A @ x\noutput y")
    columns = {"A_0_0": [1.0], "A_0_1": [2.0], "A_1_0": [3.0], "A_1_1": [4.0], "x_0": [5.0], "x_1": [6.0]}
    (row,) = run("sqlite", f.emit("sql", dialect="sqlite", wrt="x"), "data", columns)
    assert row == {"y_0": 17.0, "dy_0_dx_0": 1.0, "dy_0_dx_1": 2.0, "y_1": 39.0, "dy_1_dx_0": 3.0, "dy_1_dx_1": 4.0}
    (row,) = run("sqlite", wg.compile("sum([x, y]^2)").emit("sql", dialect="sqlite"), "data", {"x": [3.0], "y": [4.0]})
    assert row == {"f": 25.0, "df_dx": 6.0, "df_dy": 8.0}


@pytest.mark.parametrize("text", ["softmax(x) @ w", "logsumexp(x)*w[1]", "log_softmax(x) @ w", "solve(A, x) @ w",
                                  "det(A)*w[0]", "inv(A)[1] @ w", "logdet(A)*w[2]"])  # fmt: skip
def test_forms_with_choices_have_the_derivatives_of_the_rows_at_ties_too(text: str) -> None:
    f = wg.compile(f"input x[3], w[3], A[3,3]\nsum(A*A)*x[0]*w[0] + {text}")
    w = [0.5, -1.0, 2.0]
    for x, a in (([1, 2, 1.5], [[4, 1, 0], [1, 3, 1], [0, 1, 2]]), ([2, 2, 2], [[2, 1, 0], [2, 3, 1], [-2, 1, 4]])):
        point = {"x": x, "w": w, "A": a}
        columns = {f"{n}_{k}": [float(v)] for n in "xw" for k, v in enumerate(point[n])}
        columns |= {f"A_{i}_{j}": [float(v)] for i, line in enumerate(a) for j, v in enumerate(line)}
        (row,) = run("sqlite", f.emit("sql", dialect="sqlite"), "data", columns)
        slopes = [g for n in f.inputs for g in f.grad(point)[n].ravel()]
        assert list(row.values()) == pytest.approx([f(point), *slopes], rel=1e-12, abs=1e-13)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("x", {"dialect": "mysql"}, "no dialect of SQL `mysql`"),
        ("x", {"dialect": "duckbd"}, "did you mean `duckdb`"),
        ("gammaln(x)", {}, "`gammaln` cannot be written in SQL for DuckDB: it is computed in a loop"),
        ("sinc(x)", {}, "the derivative here needs a function"),
        ("2*lgamma(x)", {"grad": False}, "`lgamma` cannot be written"),
        ("v*V", {}, "`v` and `V` as one column"),
        ("v*V", {"dialect": "sqlite"}, "`v` and `V` as one column"),
        ("f = x\ndf_dx = 2*x\noutput f, df_dx", {}, "would be called `df_dx`"),
        ("x", {"keep": ["a", "b", "A"]}, "would be called `a` and `A`"),
        ("x", {"keep": ["a", "a"], "dialect": "polars"}, "would be called `a`"),
        ("t/T", {"values": {"T": 2}}, "would be called `df_dt` and `df_dT`"),
        ("x", {"table": "a\0b"}, "code 0"),
        ("x", {"table": ""}, "empty name"),
        ("x", {"keep": ["*"], "dialect": "sqlite"}, "cannot keep all"),
        ("x", {"tests": True}, "no tests"),
        ("x", {"values": {"x": [1.0, 2.0]}}, "`x` is no number"),
        ("x", {"name": "g"}, "no `name`"),
        ("sum(v)", {}, "not known"),
        ("input v[3]\nsort(v)[0]", {}, "cannot be taken apart"),
        ("f = x\nfor t in 0:400 { f = sin(f)*f }\noutput f", {"grad": False}, "too long for DuckDB"),
        (" + ".join(f"x{k}^2" for k in range(2001)), {"dialect": "sqlite", "grad": False}, "too long for SQLite"),
    ],
)
def test_what_cannot_be_had_is_refused(text: str, options: Mapping[str, Any], message: str) -> None:
    with pytest.raises(wg.UsageError, match=message):
        wg.compile(text).emit("sql", **options)


@pytest.mark.parametrize(
    "options", [{"table": "t"}, {"dialect": "sqlite"}, {"keep": "x"}, {"schema": "main"}, {"values": {"x": 1}}]
)
def test_other_targets_refuse_the_options_of_queries(options: Mapping[str, Any]) -> None:
    with pytest.raises(wg.UsageError, match="for the target sql"):
        wg.compile("x").emit("c", **options)


def test_a_value_of_no_input_is_an_error() -> None:
    with pytest.raises(wg.UnknownName, match="did you mean `theta`"):
        wg.compile("theta^2").emit("sql", values={"thta": 1})


def test_a_refusal_points_at_the_users_word() -> None:
    with pytest.raises(wg.UsageError) as caught:
        wg.compile("x + gammaln(2*x)").emit("sql", dialect="sqlite")
    assert caught.value.diagnostic.span[:2] == (4, 16)


def test_names_that_differ_by_case_are_two_in_polars() -> None:
    skip_without("polars")
    (row,) = run("polars", wg.compile("v*V").emit("sql", dialect="polars"), "data", {"v": [2.0], "V": [3.0]})
    assert row == {"f": 6.0, "df_dv": 3.0, "df_dV": 2.0}


def test_duckdb_without_ieee_arithmetic_raises_and_misreads_nothing() -> None:
    duckdb = pytest.importorskip("duckdb")
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET ieee_floating_point_ops = false")
    connection.execute("CREATE TABLE data AS SELECT 0e0 AS x")
    for text in ("1/x", "log(x)", "asin(x + 2)"):
        with pytest.raises(duckdb.Error):
            connection.execute(wg.compile(text).emit("sql", grad=False)).fetchall()


def test_comments_hold_no_code() -> None:
    """The text of a program stands in comments, which end with their lines."""
    f = wg.compile("a = (x +\n 1)*2 # ; DROP TABLE data\na*a")
    for dialect in DIALECTS:
        lines = f.emit("sql", dialect=dialect).splitlines()
        assert not any("DROP" in line.partition("--")[0] for line in lines)
        assert all(line.isprintable() for line in lines)
