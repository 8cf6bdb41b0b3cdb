"""`wengert play --offline`: the folder has all that its page asks for, and the known Pyodide. The page itself is tried
in tests/page/test_browser_offline.py."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

import wengert as wg
from wengert.api.showing.played import played
from wengert.cli.main import main
from wengert.page.offline import archive

from .stand_in import FILES, stand_in

ROOT = Path(__file__).parents[2]
# No NumPy, no Lark, and the package in a zip: so it is in the browser.
ALONE = """
import sys
sys.modules["numpy"] = sys.modules["lark"] = None
sys.path.insert(0, sys.argv[1])
import wengert as wg
from wengert.api.showing.played import played
assert wg.__file__.startswith(sys.argv[1])
print(wg.compile("(2*x1+x2)^2").value_and_grad(3, 7))
for name in ("sigmoid_neuron", "kinks", "breakdown", "newton_kepler"):
    print(name, *played(wg.sample(name)), played(wg.sample(name)).get("error", "")[:11])
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return stand_in(tmp_path, monkeypatch)


def settings(page: str) -> Any:
    found = re.search(r'<script type="application/json" id="settings">(.*?)</script>', page)
    assert found is not None
    return json.loads(found[1])


def test_the_folder_has_all_that_its_page_asks_for(package: Path, tmp_path: Path) -> None:
    text = "x = 1 # </textarea><script>"
    made = wg.play_offline(tmp_path / "lesson", text, pyodide=package, limits=wg.Limits(seconds=3))
    assert made[0] == tmp_path / "lesson" / "index.html"
    assert {p for p in (tmp_path / "lesson").rglob("*") if p.is_file()} == set(made)
    page = made[0].read_text(encoding="utf-8")
    assert "x = 1 # &lt;/textarea&gt;&lt;script&gt;" in page
    told = settings(page)
    assert told["limits"] == wg.Limits(seconds=3)._asdict()
    # The lock names packages, and all that it names would be fetched.
    assert told["info"] == {"python": "3.14.9"}
    assert set(told["files"]) == {*FILES, "worker.js", "wengert.zip"} - {"pyodide-lock.json"}
    for name in told["files"]:
        script = (tmp_path / "lesson" / "runtime" / f"{name}.js").read_text(encoding="ascii")
        found = re.fullmatch(r'wengertPart\("([\w.]+)", "([\w+/=]+)"\);\n', script)
        assert found is not None
        assert found[1] == name
        raw = gzip.decompress(b64decode(found[2]))
        assert raw == (FILES[name] if name in FILES else archive() if name.endswith(".zip") else raw)
    licences = (tmp_path / "lesson" / "LICENCES.txt").read_text(encoding="utf-8")
    assert " ".join((ROOT / "LICENSE").read_text().split()) in " ".join(licences.split())
    assert "Python 3.14.9" in licences
    assert "Mozilla Public License" in (tmp_path / "lesson" / "MPL-2.0.txt").read_text()


def test_the_package_runs_from_its_archive_without_numpy(tmp_path: Path) -> None:
    path = tmp_path / "wengert.zip"
    path.write_bytes(archive())
    assert archive() == path.read_bytes()
    done = subprocess.run([sys.executable, "-I", "-c", ALONE, str(path)], capture_output=True, text=True, cwd=tmp_path)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "(169.0, Gradient(x1=52.0, x2=26.0))", "sigmoid_neuron page ", "kinks page ", "breakdown error error[W689]",
        "newton_kepler page ",
    ]  # fmt: skip


def test_a_program_that_is_typed_in_has_a_page_or_an_error() -> None:
    assert played("input x = 3\nx^2") == {"page": wg.compile("input x = 3\nx^2").page()}
    assert played("input x = 3\nx^2", True) == {"page": wg.compile("input x = 3\nx^2").page(exercise=True)}
    assert "1 | 2x\n     | ^^" in played("2x")["error"]
    assert "W401" in played("x = 1\nfor k in 0:2000000 { x = x + 1 }\nx")["error"]


def test_only_the_known_pyodide_is_taken(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bare").mkdir()
    for name, raw in FILES.items():
        (tmp_path / "bare" / name).write_bytes(raw)
    assert wg.play_offline(tmp_path / "a", pyodide=tmp_path / "bare")
    (tmp_path / "bare" / "pyodide.js").write_bytes(b"another")
    (tmp_path / "cut.tgz").write_bytes(package.read_bytes()[:-1])
    monkeypatch.setenv("PATH", "")
    for place, says in (
        (tmp_path / "bare", r"the file pyodide.js is not that of Pyodide"),
        (tmp_path / "cut.tgz", "not the package"),
        (tmp_path / "nowhere", "there is no file"),
        (tmp_path, "there is no"),
        ("\0", "W688"),
        (None, "no npm on the path"),
    ):
        with pytest.raises(wg.UsageError, match=says) as caught:
            wg.play_offline(tmp_path / "b", pyodide=place)
        assert caught.value.code == "W688"
    assert not (tmp_path / "b").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a script of the shell")
def test_npm_that_fails_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code E404' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(wg.UsageError, match="npm fetches no Pyodide: 'npm error code E404'"):
        wg.play_offline(tmp_path / "b")


def test_the_command_writes_the_folder_once(package: Path, tmp_path: Path, capsys: Any) -> None:
    words = ["play", "--offline", str(tmp_path / "lesson"), "--pyodide", str(package)]
    assert main([*words, str(ROOT / "samples" / "baydin.wengert")]) == 0
    assert capsys.readouterr().out.strip() == f"open {tmp_path / 'lesson' / 'index.html'}"
    first = (tmp_path / "lesson" / "index.html").read_text(encoding="utf-8")
    assert "x1" in first
    assert main(words) == 2
    assert "W681" in capsys.readouterr().err
    assert (tmp_path / "lesson" / "index.html").read_text(encoding="utf-8") == first
    assert main([*words, "--force", "--limit", "seconds=2"]) == 0
    again = settings((tmp_path / "lesson" / "index.html").read_text(encoding="utf-8"))
    assert again["limits"]["seconds"] == 2
    for wrong in (["--port", "80", *words[1:]], ["--force"], ["--pyodide", "x"], ["--offline", ""], ["--offline"]):
        capsys.readouterr()
        assert main(["play", *wrong]) == 2
        assert capsys.readouterr().err.startswith("error[W6")
