"""`--save` writes a job that repeats itself: the same report, digit for digit, from the name of the file alone."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from wengert.api.problems.job_lines import APART
from wengert.api.problems.job_texts import equations_of, program_job
from wengert.api.problems.saved_jobs import TAKEN
from wengert.cli.main import main, module_of
from wengert.cli.programs import SHARED

pytest.importorskip("scipy")

JOBS = [
    "minimize '100*(y-x^2)^2 + (1-x)^2' --x -1.2 --y 1",
    "minimize 'x + 2*y' --x 0 --y 0 --subject-to 'x^2 + y^2 <= 5' --subject-to 'x >= y - 3' --bounds x=-9: --seed 3",
    "minimize 'r = x - a; r^2' --x 1/3 --a 2 --wrt x --subject-to 'r + z >= 1' --z 0.1",
    "minimize 'input A[m,n], x[n]; sum((A @ x)^2) + sum(x[i] for i in 0:n)' --A [[1,2],[3,4]] --x [0.1,0.2] --wrt x",
    "minimize '(x - e)^2 + lambda^2' --x 1 --e 2.5 --lambda=-.1 --starts 3 --method l-bfgs-b",
    "minimize 'r = (v - w)^2 # squares\nsum(\n# twice\nr)*2' --v [1,2] --w [3,-4e-300] --wrt v",
    "solve 'x^2 + y^2 = 4' 'exp(x) + y = 1' --x 1 --y -1.7",
    "solve 'M = E - ecc*sin(E)' --E 1 --M 0.8 --ecc 0.3 --wrt E --starts 4 --seed 2",
    "solve 'def f(a) = a^3; f(x) + (\n y) = 2' 'r = x + y; r = 1' --x 1 --y 0",
    "solve 'A @ x = b' --A [[1,2],[3,4]] --b [1,1] --x [0,0] --wrt x",
    "solve 'input a = 3, x; x^2 = a' --x 1 --wrt x",
    'ode "x\' = a*x - b*x*y" "y\' = c*x*y - d*y" --x 10 --y 5 --a 1.1 --b 0.4 --c 0.1 --d 0.4 --t 0:3 --points 5 '
    "--sensitivities a,x --event 'x = y' --rtol 1e-6",
    "ode \"u' = -k*u\" --u [1,2] --k 2 --t '[0, 1, 3]' --method radau --until 'u[0] = 0.01'",
    "propagate 'V/I' --V 5.00±1% --I '0.102(1)' --corr V,I=0.3 --dof V=9 --monte-carlo 1e3 --seed 4",
    "propagate 'sum(v)*k' --v '[1,2]±[0.1,0.2]' --k 1/3 --confidence 0.9",
    "fit 'y ~ b1*(1-exp(-b2*x))' samples/misra.csv --b1 500 --b2 0.0001 --weights y --bounds b1=0:900",
]


@pytest.mark.parametrize("job", JOBS)
def test_a_saved_job_repeats_itself(job: str, tmp_path: Path, capsys: Any) -> None:
    words = shlex.split(job)
    file = str(tmp_path / "job.wengert")
    assert main([*words, "--json", "--save", file]) == 0
    first = json.loads(capsys.readouterr().out)
    assert main([words[0], file, "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    for name in ("notes", "missing", "model"):
        first.pop(name, None), again.pop(name, None)
    for equation in (*first.get("equations", ()), *again.get("equations", ())):
        equation.pop("text")  # declarations are apart
    if words[0] == "propagate":  # an output without a name is called by its formula where that is short
        first["outputs"], again["outputs"] = ([*o["outputs"].values()] for o in (first, again))
    if words[0] == "fit":  # its columns come in another order
        first, again = ({n: r[n]["value"] for n in r} for r in (first["parameters"], again["parameters"]))
        assert again == pytest.approx(first, rel=1e-11)
    else:
        assert again == first
    # And what is saved from the file is that file; Python answers as the command does.
    text = Path(file).read_text("utf-8")
    found = wg.run_job(file)
    assert main([words[0], file, "--save", file, "--force"]) == 0
    assert capsys.readouterr().out.rstrip("\n") == str(found).rstrip("\n")
    assert sorted(Path(file).read_text("utf-8").split("\n")[1:]) == sorted(text.split("\n")[1:])


def test_every_option_of_a_job_is_taken_or_apart() -> None:
    for command, taken in TAKEN.items():
        options = {o.name for o in module_of(command).COMMAND.options}
        assert set(taken) <= options
        assert options <= {*taken, *APART, "kink", "no-fuse", "kernel"}


def test_a_job_with_its_table_apart(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table in batches stays a file; one that is not beside the job is read only if it is named."""
    for folder in ("job", "data"):
        (tmp_path / folder).mkdir()
    table, job, far = (str(tmp_path / name) for name in ("job/misra.csv", "job/job.wengert", "data/job.wengert"))
    Path(table).write_text(Path("samples/misra.csv").read_text())
    words = ["fit", "y ~ b1*(1-exp(-b2*x))", table, "--b1=500", "--b2=1e-4", "--weights", "x", "--engine", "batches"]
    assert main([*words, "--save", job]) == 0
    printed = capsys.readouterr().out
    assert len(Path(job).read_text().replace(job, "")) < 200
    monkeypatch.chdir(tmp_path / "data")
    assert main(["fit", job]) == 0
    assert capsys.readouterr().out == printed
    assert str(wg.run_job(job)).strip() == printed.strip()
    assert main([*words, "--save", far]) == 0
    assert "is not in its folder" in capsys.readouterr().err
    assert main(["fit", far]) == 2
    assert main(["fit", far, table]) == 0
    assert capsys.readouterr().out == printed
    assert str(wg.run_job(far, table)).strip() == printed.strip()
    line, rest = Path(job).read_text().split("\n", 1)
    # No file leads this process to another machine.
    Path(job).write_text(f"{line} --scheduler tcp://127.0.0.1:1\n{rest}")
    assert main(["fit", job]) == 0
    assert capsys.readouterr().out == printed
    assert str(wg.run_job(job)).strip() == printed.strip()
    for other in (table, "../job/misra.csv", "misra.csv misra.csv"):
        Path(far).write_text(f"{line.replace('misra.csv', other)}\n{rest}")
        assert main(["fit", far]) == 2
        assert "error[W871]" in capsys.readouterr().err
        with pytest.raises(wg.UsageError, match=r"W871.*the first line of .* reads .*, which is not in its folder"):
            wg.run_job(far)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x^2 = 2", "it begins with"),
        ("", "it begins with"),
        ("# wengert solv job\nx = 1", "did you mean `solve`"),
        ("# wengert solve job 'x", "quotation"),
        ("# wengert solve job --starts many\nx = 1", "`--starts` does not take `many`"),
        ("# wengert solve job --wrt x --wrt y\nx = 1", "given twice"),
        ("# wengert solve job --x @secret.csv\nx = 1", "it reads a file for `x`"),
        ("# wengert ode job --t 3 --x 1\nx' = 1", "`--t` does not take `3`"),
        ("# wengert propagate job --x 1±\nx", "a value and its uncertainty"),
        ("# wengert minimize job --bounds x=1\ninput x = 1\nx^2", "`--bounds` does not take"),
    ],
)
def test_a_file_that_is_no_job(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "job").write_text(text)
    with pytest.raises(wg.WengertError, match=says):
        wg.run_job(tmp_path / "job")
    with pytest.raises(wg.UsageError, match="no file"):
        wg.run_job(tmp_path / "none")


def test_words_of_the_command_line_come_first(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "job.wengert"
    assert main(["solve", "x^2 = a", "--x", "1", "--a", "2", "--wrt", "x", "--save", str(file)]) == 0
    capsys.readouterr()
    assert main(["solve", str(file), "--a", "9", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["point"] == {"x": 3}
    assert "W872" in said.err
    assert "--wrt x" in said.err
    assert main(["solve", str(file), "--wrt", "a", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["point"] == {"a": 1}
    before = file.read_text("utf-8")
    assert main(["solve", "x^2 = 3", "--x", "1", "--save", str(file)]) == 2
    assert file.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("# wengert solve job --wrt x --wrt y", "W871"),
        ("# wengert solve job --wrt 'x", "W871"),
        ("# wengert solve job --y @secret.csv", "W871"),
        ("# wengert minimize job --wart x", ""),
        ("#wengert solve job --wart x", ""),
        ("# wengert solves quadratic equations", ""),
        ("# wengert solve", ""),
    ],
)
def test_a_first_line_is_a_command_or_a_comment(line: str, code: str, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "job.wengert"
    file.write_text(f"{line}\nx^2 = 2\n")
    assert main(["solve", str(file), "--x", "1"]) == (2 if code else 0)
    assert code in capsys.readouterr().err


def test_a_file_gives_neither_limits_nor_files(tmp_path: Path, capsys: Any) -> None:
    file, other = tmp_path / "job.wengert", tmp_path / "other"
    options = " ".join(f"--{o.name}{' seconds=1e9' if o.takes else ''}" for o in SHARED if o.name != "set")
    file.write_text(f"# wengert solve job {options} --save {other} --plot {other}.svg --force --json\nx^2 = 2\n")
    assert main(["solve", str(file), "--x", "1"]) in (0, 2)
    said = capsys.readouterr()
    assert not said.out.startswith("{")
    assert "W872" not in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["job.wengert"]


@pytest.mark.parametrize("word", ["\0", "a\0b.csv", "--corr \0", "\ud800", "--t \0"])
def test_a_first_line_of_odd_characters_is_an_error_of_its_own(word: str, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "job.wengert"
    for command, program in (("solve", "input x = 1\nx^2 = 2"), ("ode", "input x = 1\nx' = -x"), ("fit", "y ~ a*x")):
        path.write_text(f"# wengert {command} job.wengert {word}\n{program}\n", errors="surrogatepass")
        assert main([command, str(path)]) == 2
        assert "error[" in capsys.readouterr().err
        with pytest.raises(wg.WengertError):
            wg.run_job(path)


def test_a_file_of_equations_by_hand(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "heat.wengert"
    file.write_text(
        "# two equations\ndef f(a) = a^2\ninput x = 1, y = 2   # starts\n\nf(x) + y = 3  # first\n(x +\n y) = 3\n"
    )
    found = equations_of(file.read_text(), "heat")
    assert found.equations == ["def f(a) = a^2; f(x) + y = 3", "def f(a) = a^2; (x + y) = 3"]
    assert main(["solve", str(file), "--json"]) == 0
    point = json.loads(capsys.readouterr().out)["point"]
    assert point["x"] ** 2 + point["y"] == pytest.approx(3)
    assert main(["solve", str(tmp_path / "none.wengert"), "--x", "1"]) == 2
    assert "W611" in capsys.readouterr().err


def test_declared_values_keep_all_digits() -> None:
    values = {"a": 0.1, "v": np.array([1 / 3, -2e-308, 5e300]), "M": np.arange(4.0).reshape(2, 2) / 7}
    text = program_job("wengert", "a*sum(v)*sum(M)", values)
    program = wg.compile(text).program
    assert program.defaults["a"] == 0.1
    assert all(np.array_equal(program.defaults[n], values[n]) for n in ("v", "M"))
