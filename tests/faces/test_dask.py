"""Work on several machines, by Dask: held to the same work in memory."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests.faces.large_tables import LINE, ORIGIN, ROWS, TABLE, apart, columns, write_table
from wengert.api.tabular import mapping, travelling
from wengert.cli import main


@pytest.fixture(scope="module")
def dd() -> Any:
    pytest.importorskip("distributed")
    return pytest.importorskip("dask.dataframe")


def test_a_list_travels_as_json() -> None:
    f = wg.compile("op double(a) = 2*a with d/da = 2\ninput p[2], x\ndouble(x)*p[0] + pi*p[1]", kink="left", fuse=False)
    text = json.dumps(travelling.function_json(f))
    again = travelling.function_of_json(json.loads(text))
    assert again.options == f.options
    assert again.wengert_list == f.wengert_list
    assert again(x=3.0, p=[1.0, 2.0]) == f(x=3.0, p=[1.0, 2.0])
    count = travelling.compiled_here
    assert travelling.function_of_json(json.loads(text)) is again
    assert travelling.compiled_here == count


def test_an_answer_for_each_row_of_a_dask_frame(dd: Any) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(TABLE, index=np.arange(ROWS) * 3)
    ddf = dd.from_pandas(frame, npartitions=4)
    f = wg.compile("s = a*x*y^2; t = x + y; output s, t")
    out = f.dask(ddf, values={"a": 2.0}, wrt=["x", "a"], keep="w")
    assert list(out.columns) == ["w", "s", "t", "ds_dx", "ds_da", "dt_dx", "dt_da"]
    assert out.divisions == ddf.divisions
    found = out.compute(scheduler="sync")
    whole = f(x=frame.x.to_numpy(), y=frame.y.to_numpy(), a=2.0)
    assert found.index.equals(frame.index)
    assert found.s.to_numpy() == pytest.approx(whole["s"], nan_ok=True)
    assert found.ds_dx.to_numpy() == pytest.approx(2 * TABLE["y"] ** 2 + 0 * TABLE["x"], nan_ok=True)
    # A row that lacks a value has no answer, not even of an output that does not need it.
    assert found.dt_da.isna().sum() == (frame.x.isna() | frame.y.isna()).sum()
    assert list(wg.compile("x^2").dask(ddf).columns) == ["f", "df_dx"]
    assert wg.compile("x^2").dask(ddf, wrt=()).f.sum().compute(scheduler="sync") == pytest.approx(
        float((frame.x**2).sum())
    )
    for call, says in ((lambda: f.dask(ddf), "no column `a`"), (lambda: f.dask(frame), "no dask DataFrame"),
                       (lambda: f.dask(ddf, values={"a": 1, "q": 2}), "q")):  # fmt: skip
        with pytest.raises(wg.WengertError, match=says):
            call()


def test_a_fit_on_threads_of_dask(dd: Any) -> None:
    pandas = pytest.importorskip("pandas")
    ddf = dd.from_pandas(pandas.DataFrame(TABLE), npartitions=7)
    whole = wg.fit(LINE, TABLE, start=ORIGIN, weights="w")
    found = wg.fit(LINE, ddf, start=ORIGIN, weights="w")
    assert apart(found, whole) < 1e-12
    assert found.residuals == pytest.approx(whole.residuals, abs=1e-12)
    assert found.table()["row"].tolist() == whole.problem.rows.tolist()
    assert apart(wg.fit(LINE, TABLE, start=ORIGIN, weights="w", engine="dask"), whole) < 1e-12
    total = wg.compile("(y - x)^2").total(ddf)
    assert total.value == pytest.approx(np.nansum((TABLE["y"] - TABLE["x"]) ** 2))
    with pytest.raises(wg.UsageError, match="engine is memory"):
        wg.fit(LINE, ddf, start=ORIGIN, engine="memory")
    texts = dd.from_pandas(pandas.DataFrame({"x": [1.0, 2.0], "y": ["1", "frog"]}), npartitions=1)
    with pytest.raises(wg.UsageError, match="'frog' in row 2 of `y`"):
        wg.fit(LINE, texts, start=ORIGIN)
    wg.register("beyond_double", lambda a: 2 * a, "2", replace=True)
    with pytest.raises(wg.UsageError, match="registered in this process"):
        wg.compile("beyond_double(x)").dask(ddf)


def lines_of(path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from wengert.api.tabular import dask_rows

    monkeypatch.setattr(dask_rows, "BYTES", size)
    monkeypatch.setattr(dask_rows, "PART", 700)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_that_workers_read(dd: Any, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In parts of bytes, or of rows: each row is in one of them."""
    path = tmp_path / f"big.{ending}"
    write_table(path, TABLE)
    lines_of(path, 9_973, monkeypatch)
    found = wg.fit(LINE, path, start=ORIGIN, engine="dask")
    assert len(found.problem.passes.parts) > 3
    whole = wg.fit(LINE, TABLE, start=ORIGIN)
    assert apart(found, whole) < 1e-12
    assert found.table()["row"].tolist() == whole.problem.rows.tolist()


class DyingTable:
    """Makes a part of the table; the process that makes the third part dies the first time."""

    def __init__(self, folder: str) -> None:
        self.mark = os.path.join(folder, "died")

    def __call__(self, k: int) -> Any:
        import pandas

        if k == 3 and not os.path.exists(self.mark):
            Path(self.mark).touch()
            os._exit(9)
        return pandas.DataFrame({n: v[k * 750 : (k + 1) * 750] for n, v in columns().items()})


def refused_address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.xdist_group("dask")
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_of_processes_one_of_which_is_killed(
    dd: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is complete, and the same; each process compiles once; the command gives it too."""
    distributed = pytest.importorskip("distributed")
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "big.parquet"
    whole = wg.fit(LINE, TABLE, start=ORIGIN)
    meta = pandas.DataFrame({n: v[:1] for n, v in TABLE.items()})
    options: dict[str, Any] = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(processes=True, host="127.0.0.1", **options) as cluster:
        address = cluster.scheduler_address
        ddf = dd.from_map(DyingTable(str(tmp_path)), range(4), meta=meta)
        found = wg.fit(LINE, ddf, start=ORIGIN, scheduler=address)
        assert (tmp_path / "died").exists()
        assert found.problem.points == whole.problem.points
        assert apart(found, whole) < 1e-12
        with distributed.Client(address, set_as_default=False) as client:
            counts = client.run(compiled_there)
            # The two sides of the model.
            assert set(counts.values()) <= {0, 2}
            assert 2 in counts.values()
            out = wg.compile("x*y").dask(ddf)
            sums = client.compute(out.sum()).result(timeout=120)
        assert sums["f"] == pytest.approx(float(np.nansum(TABLE["x"] * TABLE["y"])))
        write_table(path, TABLE)
        words = [f"--{n}={v}" for n, v in ORIGIN.items()]
        assert main(["fit", LINE, str(path), *words, "--scheduler", address, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["parameters"]["a"]["value"] == pytest.approx(whole["a"].value, rel=1e-12)
        monkeypatch.setattr(mapping, "ROWS", 500)
        # The workers read Parquet and write the parts of the answers; of a text they compute the rows between.
        for source in (path, tmp_path / "big.csv"):
            write_table(source, TABLE)
            here, there = tmp_path / "here.csv", tmp_path / "there.csv"
            wg.map("log(x - 1)*y", source, here, keep="w", force=True)
            sent = ["map", "log(x - 1)*y", str(source), "-o", str(there), "--keep", "w", "--scheduler", address]
            assert main([*sent, "--json", "--force"]) == 0
            assert json.loads(capsys.readouterr().out)["rows"] == ROWS
            assert there.read_bytes() == here.read_bytes()
            assert not list(tmp_path.glob("there.csv.*"))
    for command in (["map", "x*y", str(path), "-o", str(tmp_path / "no.csv")], ["fit", LINE, str(path), *words]):
        assert main([*command, "--scheduler", refused_address()]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("error[W927]: cannot reach the scheduler")
    assert not list(tmp_path.glob("no.csv*"))


def compiled_there() -> int:
    from wengert.api.tabular import travelling as there

    return there.compiled_here
