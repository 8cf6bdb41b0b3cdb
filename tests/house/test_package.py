"""The package as people get it: wheel and sdist are built, installed into clean environments, and run there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests import FULL

# One worker does all of it: builds are made once, and environments do not compete for the two cores.
pytestmark = pytest.mark.xdist_group("package")

ROOT = Path(__file__).parents[2]
GRAMMAR = ROOT / "grammar" / "wengert.lark"
# The names of the samples, and the text of one.
SAMPLES = [
    sorted(path.stem for path in (ROOT / "samples").glob("*.wengert")),
    (ROOT / "samples" / "baydin.wengert").read_text(encoding="utf-8"),
]
EVAL = ["eval", "(2*x1+x2)^2", "--x1", "3", "--x2", "7"]
SHIPPED_FOR_TESTS = ("wengert", "grammar", "samples", "tests", "benchmarks", ".ci")

# Nothing of the environment that runs the tests may help the one under test.
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON") and k != "VIRTUAL_ENV"}
CLEAN |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "NO_COLOR": "1"}

# Run in each installation. An editable install has the grammar where the checkout has it, beside the package.
FACTS = """
import hashlib, importlib.metadata, json, sys
from importlib import resources
import wengert
from wengert.language import lalr_tables
package = resources.files("wengert")
inside, beside = (package.joinpath(*up, "grammar", "wengert.lark") for up in ((), ("..",)))
where = "inside" if inside.is_file() else "beside"
grammar = (inside if where == "inside" else beside).read_bytes()
print(json.dumps({
    "file": wengert.__file__,
    "version": wengert.__version__,
    "metadata_version": importlib.metadata.version("wengert") if len(sys.argv) < 2 else None,
    "grammar": grammar.decode(),
    "samples": [wengert.sample_names(), wengert.sample("baydin")],
    "grammar_is": where,
    "tables_are_its": hashlib.sha256(grammar).hexdigest().startswith(lalr_tables.DIGEST),
    "py_typed": package.joinpath("py.typed").is_file(),
}))
"""


@pytest.fixture(scope="module", autouse=True)
def _bytecode(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Installed code is compiled once; the bytecode is kept apart, as the checkout is to stay as it is."""
    CLEAN["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("bytecode"))


def run(command: Sequence[str | Path], cwd: Path) -> str:
    """The command's stdout; it must exit 0."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=CLEAN,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=900,
    )
    said = f"{command}\nexit status {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, said
    assert "Traceback" not in done.stderr, said
    return done.stdout


def answers(stdout: str) -> list[str]:
    """Of the numbers that the formula's value and gradient consist of, those that are printed."""
    return [n for n in ("169", "52", "26") if re.search(rf"(?<![\d.]){n}(?:\.0*)?(?![\d.])", stdout)]


class Dists(NamedTuple):
    wheel: Path
    sdist: Path
    direct: Path  # the wheel made from the checkout itself, not from the sdist


@pytest.fixture(scope="module")
def dists(tmp_path_factory: pytest.TempPathFactory) -> Dists:
    out, direct = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("direct")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir"]
    run([*build, out, ROOT], cwd=out)
    run([*build, direct, "--wheel", ROOT], cwd=direct)
    (wheel,), (sdist,), (again,) = out.glob("*.whl"), out.glob("*.tar.gz"), direct.glob("*.whl")
    return Dists(wheel, sdist, again)


class Installed(NamedTuple):
    kind: str
    bin: Path
    prefix: Path


@pytest.fixture(scope="module", params=["wheel", "sdist", "editable"])
def installed(request: pytest.FixtureRequest, dists: Dists, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    prefix = tmp_path_factory.mktemp(request.param) / "env"
    venv.create(prefix)
    bin = prefix / ("Scripts" if os.name == "nt" else "bin")
    what = {"wheel": [dists.wheel], "sdist": [dists.sdist], "editable": ["--editable", ROOT]}[request.param]
    run([*pip(bin), "install", "--quiet", "--no-compile", *what], cwd=prefix)
    return Installed(request.param, bin, prefix)


def pip(bin: Path) -> list[str | Path]:
    """The pip that runs here, for the environment there: installing one in each takes longer than all the rest."""
    return [sys.executable, "-m", "pip", "--python", bin / "python"]


def facts(python: Sequence[str | Path], cwd: Path, *arguments: str) -> Any:
    return json.loads(run([*python, "-c", FACTS, *arguments], cwd=cwd))


def files_of(archive: Path) -> set[str]:
    """Paths inside a wheel, or inside an sdist's one folder."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as z:
            return set(z.namelist())
    with tarfile.open(archive) as t:
        return {m.name.partition("/")[2] for m in t.getmembers() if m.isfile()}


def test_the_console_script_answers(installed: Installed, tmp_path: Path) -> None:
    assert answers(run([installed.bin / "wengert", *EVAL], cwd=tmp_path)) == ["169", "52", "26"]


def test_python_dash_m_says_the_same(installed: Installed, tmp_path: Path) -> None:
    script = run([installed.bin / "wengert", *EVAL], cwd=tmp_path)
    module = run([installed.bin / "python", "-m", "wengert", *EVAL], cwd=tmp_path)
    assert answers(module) == ["169", "52", "26"]
    assert module == script


def test_grammar_version_and_marker_come_along(installed: Installed, tmp_path: Path) -> None:
    if installed.kind == "sdist" and not FULL:
        return  # its wheel has the contents of the other
    found = facts([installed.bin / "python"], tmp_path)
    assert found["grammar"] == GRAMMAR.read_text(encoding="utf-8")
    assert found["tables_are_its"]
    assert found["py_typed"]
    assert found["samples"] == SAMPLES
    assert found["version"] == found["metadata_version"]
    if installed.kind == "editable":
        # A copy of the grammar would go stale.
        assert found["grammar_is"] == "beside"
        assert not list(installed.prefix.rglob("wengert.lark"))
        assert Path(found["file"]).parent == ROOT / "wengert"
    else:
        assert found["grammar_is"] == "inside"
        assert Path(found["file"]).is_relative_to(installed.prefix)


def test_dependencies_are_met(installed: Installed) -> None:
    run([*pip(installed.bin), "check"], cwd=installed.prefix)


def test_a_wheel_runs_where_it_lies_with_nothing_else(dists: Dists, tmp_path: Path) -> None:
    """Straight from the zip and without site-packages: scalars need neither NumPy nor Lark."""
    start = f"import sys; sys.path.insert(0, {str(dists.wheel)!r})\n"
    bare = [sys.executable, "-I", "-S"]
    said = run([*bare, "-c", f"{start}from wengert.cli import main; sys.exit(main())", *EVAL], cwd=tmp_path)
    assert answers(said) == ["169", "52", "26"]
    found = json.loads(run([*bare, "-c", start + FACTS, "unpacked"], cwd=tmp_path))
    assert found["file"].startswith(str(dists.wheel))
    assert (found["grammar"], found["grammar_is"]) == (GRAMMAR.read_text(encoding="utf-8"), "inside")
    assert found["tables_are_its"]
    assert found["samples"] == SAMPLES


def test_a_wheel_from_the_sdist_is_the_checkouts(dists: Dists) -> None:
    """Their contents too, so that everything said of the wheel is said of an sdist that is installed."""
    assert files_of(dists.wheel) == files_of(dists.direct)
    with zipfile.ZipFile(dists.wheel) as one, zipfile.ZipFile(dists.direct) as other:
        assert [name for name in one.namelist() if one.read(name) != other.read(name)] == []


def test_a_wheel_installs_one_package(dists: Dists) -> None:
    files = files_of(dists.wheel)
    assert {top for name in files if not (top := name.split("/")[0]).endswith(".dist-info")} == {"wengert"}
    # What makes the tables is for a checkout only.
    assert not [name for name in files if name.startswith("wengert/grammar/") and name.endswith(".py")]


def test_a_wheel_holds_every_module(dists: Dists) -> None:
    modules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "wengert").rglob("*.py")}
    pages = {p.relative_to(ROOT).as_posix() for p in (ROOT / "wengert" / "page").glob("*") if p.is_file()}
    assert any(p.endswith(".css") for p in pages)
    assert modules | pages <= files_of(dists.wheel)


def test_an_sdist_holds_what_its_tests_need(dists: Dists) -> None:
    here = {
        p.relative_to(ROOT).as_posix()
        for folder in SHIPPED_FOR_TESTS
        for p in (ROOT / folder).rglob("*")
        if p.is_file() and "__pycache__" not in p.parts
    }
    assert all(any(name.startswith(folder + "/") for name in here) for folder in SHIPPED_FOR_TESTS)
    here |= {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml"}
    assert here <= files_of(dists.sdist)


def test_answers_are_looked_for_as_numbers() -> None:
    assert answers("value 169\nx1 3 52\nx2 7 26") == ["169", "52", "26"]
    assert answers("169.0 52. 26.00") == ["169", "52", "26"]
    assert answers("1690 152 26.5") == []
