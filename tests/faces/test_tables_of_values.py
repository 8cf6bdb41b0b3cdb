"""Tables as values: DataFrames, structured arrays and files with a header bind inputs to columns by name."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from wengert.cli.main import main

COLUMNS = {"x": [1.0, 2.0, 3.0], "y": [0.0, 1.0, 2.0]}


class Series:
    """A series with an index, as pandas has it."""

    def __init__(self, values: Any, index: Any, name: str) -> None:
        self.values, self.index, self.name = np.asarray(values), index, name

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.values if dtype is None else self.values.astype(dtype)


class Frame:
    """A table with an index, as pandas has it."""

    def __init__(self, columns: dict[str, Any], index: list[int]) -> None:
        self.held, self.index, self.columns = columns, index, list(columns)

    def __getitem__(self, name: str) -> Series:
        return Series(self.held[name], self.index, name)

    @property
    def iloc(self) -> Any:
        table = self

        class Rows:
            def __getitem__(self, place: Any) -> Series:
                return table[table.columns[place[1]]]

        return Rows()


def structured() -> Any:
    table = np.zeros(3, dtype=[("z", "U3"), ("x", float), ("y", float)])
    table["x"], table["y"] = COLUMNS["x"], COLUMNS["y"]
    return table


def test_columns_are_matched_by_name_and_others_are_left_alone() -> None:
    f = wg.compile("x*exp(y)")
    assert f(structured()).tolist() == f(COLUMNS).tolist()
    assert f.grad(structured())["y"].tolist() == f.grad(COLUMNS)["y"].tolist()
    with pytest.raises(wg.UsageError, match="no value for `w`"):
        wg.compile("x*w")(structured())


def test_a_frame_keeps_its_index() -> None:
    frame = Frame({**COLUMNS, "z": ["a", "b", "c"]}, [5, 6, 7])
    f = wg.compile("x*exp(y)")
    value, gradient = f.value_and_grad(frame)
    for found, name, plain in ((f(frame), "f", f(COLUMNS)), (value, "f", f(COLUMNS)),
                               (gradient["x"], "df_dx", f.grad(COLUMNS)["x"])):  # fmt: skip
        assert (found.index, found.name, found.values.tolist()) == ([5, 6, 7], name, plain.tolist())
    assert gradient.notes == ()
    assert f(frame, y=0.0).values.tolist() == COLUMNS["x"]
    several = wg.compile("a = x*y; b = x + y; output a, b")(frame)
    assert [v.name for v in several] == ["a", "b"]
    assert wg.compile("sum(x*y)")(frame) == 8.0


def test_two_columns_of_one_input_are_refused() -> None:
    """Which one is meant nothing says; two that no input reads do no harm."""
    frame = Frame({**COLUMNS, "z": COLUMNS["x"]}, [5, 6, 7])
    f = wg.compile("x*y")
    for name, refused in (("z", False), ("x", True)):
        frame.columns = ["x", "y", name, name]
        if not refused:
            assert f(frame).values.tolist() == f(COLUMNS).tolist()
            continue
        for call in (f, f.grad, f.value_and_grad, f.hessian):
            with pytest.raises(wg.UsageError, match="two columns `x`"):
                call(frame)


@pytest.mark.parametrize("module", ["pandas", "polars", "pyarrow"])
def test_tables_of_libraries(module: str) -> None:
    library = pytest.importorskip(module)
    table = library.table(COLUMNS) if module == "pyarrow" else library.DataFrame(COLUMNS)
    f = wg.compile("x*exp(y)")
    assert np.asarray(f(table)).tolist() == f(COLUMNS).tolist()


@pytest.fixture
def csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "data.csv").write_text("time,t,y\n0,1,2\n1,2,3\n2,3,5\n")
    monkeypatch.chdir(tmp_path)
    return "@data.csv"


@pytest.mark.parametrize(
    ("words", "said", "printed"),
    [
        (("t*y", "@data.csv"), "data.csv gives t, y; not time", "[2, 6, 15]"),
        (("2*t", "--t", "@data.csv:t"), "", "[2, 4, 6]"),
        (("2*t", "t=@data.csv:time"), "", "[0, 2, 4]"),
        (("sum(t)", "--t", "@data.csv"), "`t` is the whole table of 3 columns: time, t, y", "19"),
        (("t*y", "@data.csv", "--y", "10"), "data.csv gives t, y; not time", "[10, 20, 30]"),
    ],
)
def test_columns_of_a_file(csv: str, words: Any, said: str, printed: str, capsys: Any) -> None:
    assert main(["eval", *words]) == 0
    told = capsys.readouterr()
    assert printed in told.out
    assert said in told.err
    assert bool(said) == bool(told.err)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("2*t", "--t", "@data.csv:tt"), "data.csv has no column `tt`"),
        (("2*t", "@date.csv"), "did you mean `data.csv`"),
        (("2*t", "@bare.csv"), "the columns of bare.csv have no names"),
        (("2*t", "@twice.csv"), "twice.csv has two columns `t`"),
        (("2*q", "@data.csv"), "no value for `q`"),
    ],
)
def test_bad_tables(csv: str, words: Any, said: str, capsys: Any) -> None:
    Path("bare.csv").write_text("1,2\n3,4\n")
    Path("twice.csv").write_text("t,t\n3,4\n")
    assert main(["eval", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_function_keeps_its_defaults() -> None:
    wlist = wg.record(lambda x, y=2.0: x * y)
    for recorded in (wlist, pickle.loads(pickle.dumps(wlist))):
        f = wg.compile(recorded)
        assert (f.inputs, f(3), f(3, 5), f.grad(3)["y"]) == (("x", "y"), 6.0, 15.0, 3.0)
    assert wlist == wg.record(lambda x, y: x * y)
    with pytest.raises(wg.UsageError, match="no value for `y`"):
        wg.compile(wg.record(lambda x, y="2": x * y))(3)


def test_a_matrix_is_a_mapping_of_rows() -> None:
    m = wg.compile("a = x*y; b = x + y; output a, b").jacobian(2, 3)
    assert {n: dict(row) for n, row in dict(m).items()} == {"a": {"x": 3.0, "y": 2.0}, "b": {"x": 1.0, "y": 1.0}}


def test_sparse_answers_compare() -> None:
    f = wg.compile("x^2*y + log(z)")
    a, b, c = (f.sparse_hessian(x=1, y=2, z=z) for z in (3, 3, 4))
    assert a == b
    assert a != c
    assert hash(a) == hash(b)
    assert a != "a"
    assert f.sparse_jacobian(1, 2, -0.0) == f.sparse_jacobian(1, 2, -0.0)


def test_a_flat_function_pickles_and_needs_no_start() -> None:
    flat = wg.compile("input x[3], y\nsum(x^2)*y").flat()
    for one in (flat, pickle.loads(pickle.dumps(flat))):
        assert (one.names, one.size, one.fun([1, 2, 3, 2])) == (("x", "y"), 4, 28.0)
        with pytest.raises(wg.UsageError, match="no value for `x`, `y`"):
            one.x0  # noqa: B018
    assert flat.pack({"x": [1, 2, 3], "y": 4}).tolist() == [1, 2, 3, 4]
    both = wg.compile("a = x*y; b = x; output a, b").flat(x=1, y=2, wrt="x")
    assert pickle.loads(pickle.dumps(both)).hess([1.0], [1.0, 1.0]).tolist() == [[0.0]]


def test_an_op_of_another_process_is_a_clear_error(tmp_path: Path) -> None:
    made = (
        "import pickle, sys, wengert as wg; wg.register('elsewhere', lambda a: a*a, '2*a');"
        "pickle.dump(wg.compile('elsewhere(x)'), open(sys.argv[1], 'wb'))"
    )
    path = tmp_path / "f.pickle"
    subprocess.run([sys.executable, "-c", made, str(path)], check=True)
    with pytest.raises(wg.UnknownName, match="no op is called `elsewhere` in this process"):
        pickle.loads(path.read_bytes())
