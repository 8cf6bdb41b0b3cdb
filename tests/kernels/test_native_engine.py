"""Machine code is made once for the same text, leaves with its users, and is kept on disk for other processes."""

from __future__ import annotations

import ctypes
import gc
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from wengert.kernels.native import engine, instructions, stored

pytestmark = pytest.mark.skipif(bool(engine.missing()), reason=engine.missing())

ADDING = """
define void @f(ptr %in, ptr %out) {{
%x = load double, ptr %in
%y = fadd double %x, {0}
store double %y, ptr %out
ret void
}}
"""


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(stored.FOLDER, str(tmp_path / "cache"))
    engine.forget()
    yield
    engine.forget()


def called(address: int, args: Sequence[float]) -> float:
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(address)
    given, out = (ctypes.c_double * max(1, len(args)))(*args), ctypes.c_double()
    function(given, ctypes.byref(out))
    return out.value


def adding(a: float) -> str:
    """A module that adds a number."""
    return ADDING.format(instructions.literal(a))


def test_the_same_text_is_compiled_once() -> None:
    first = engine.compiled(adding(1.0))
    assert engine.compiled(adding(1.0)) is first
    assert engine.compiled(adding(2.0)) is not first
    assert engine.compiled(adding(1.0), 0) is not first


def test_engines_die_apart() -> None:
    held = [engine.compiled(adding(float(k))) for k in range(5)]
    engine.forget()
    del held[1:4]
    gc.collect()
    assert called(held[0].address("f"), [1.0]) == 1.0
    assert called(held[1].address("f"), [1.0]) == 5.0


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_what_is_dropped_leaves_the_process_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(stored.FOLDER, "")

    def resident() -> int:
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    def compile_and_drop(first: int, many: int) -> None:
        for k in range(first, first + many):
            engine.compiled(adding(k + 0.5), 1)

    compile_and_drop(0, 80)
    before = resident()
    compile_and_drop(1000, 250)
    assert resident() - before < 250 * 4000


def test_threads_compile_at_once() -> None:
    wrong = []

    def work(k: int) -> None:
        for j in range(5):
            a = float(10 * k + j % 3)
            if called(engine.compiled(adding(a)).address("f"), [1.0]) != 1.0 + a:
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


# Object files on disk


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").glob("*"))


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only file in the folder. From here on nothing can be compiled but from a file."""
    assert called(engine.compiled(adding(3.0)).address("f"), [1.0]) == 4.0
    (file,) = files(tmp_path)
    engine.forget()
    return file


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The modules that are compiled, and not read from a file."""
    found: list[str] = []
    real = engine._object

    def counted(ir: str, level: int, vectorise: bool) -> bytes:
        found.append(ir)
        return real(ir, level, vectorise)

    monkeypatch.setattr(engine, "_object", counted)
    return found


def right(a: float = 3.0) -> bool:
    engine.forget()
    return called(engine.compiled(adding(a)).address("f"), [1.0]) == 1.0 + a


def test_a_file_is_used_again(written: Path, compilations: list[str]) -> None:
    assert right()
    assert not compilations
    if os.name == "posix":
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
        assert stat.S_IMODE(written.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("place", [0, len(stored.HEAD) + 3, -1, "short", "empty", "other"])
def test_a_damaged_file_is_thrown_away(written: Path, compilations: list[str], place: Any, tmp_path: Path) -> None:
    content = bytearray(written.read_bytes())
    if place == "short":
        del content[len(content) // 2 :]
    elif place == "empty":
        content.clear()
    elif place == "other":
        assert right(5.0)  # a sound file under the name of another
        (other,) = [f for f in files(tmp_path) if f != written]
        content = bytearray(other.read_bytes())
        compilations.clear()
    else:
        content[place] ^= 1
    written.write_bytes(content)
    assert right()
    assert len(compilations) == 1
    assert right()  # from the file that took its place
    assert len(compilations) == 1


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
@pytest.mark.parametrize("what", ["file", "folder", "link"])
def test_what_others_may_change_is_not_used(written: Path, compilations: list[str], what: str, tmp_path: Path) -> None:
    if what == "file":
        written.chmod(0o666)
    elif what == "folder":
        written.parent.chmod(0o777)
    else:
        there = tmp_path / "elsewhere"
        written.rename(there)
        written.symlink_to(there)
    assert right()
    assert len(compilations) == 1


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_what_belongs_to_somebody_else_is_not_used(
    written: Path, compilations: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    before = written.read_bytes()
    assert right()
    assert len(compilations) == 1
    assert written.read_bytes() == before


@pytest.mark.parametrize("folder", ["", "file/below", "\0", "file"])
def test_without_a_folder_nothing_is_kept(
    folder: str, compilations: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(stored, "_folder", lambda: str(tmp_path / folder) if folder else "")
    assert right()
    assert right()
    assert len(compilations) == 2
    assert {p.name for p in tmp_path.iterdir()} == {"file"}


def test_where_the_folder_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert stored._folder() == str(tmp_path / "cache")
    monkeypatch.setenv(stored.FOLDER, "")
    assert stored._folder() == ""
    monkeypatch.delenv(stored.FOLDER)
    monkeypatch.setenv("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME", str(tmp_path))
    assert stored._folder() == str(tmp_path / "wengert")
    if sys.platform != "win32":
        monkeypatch.setenv("XDG_CACHE_HOME", "relative")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert stored._folder() == str(tmp_path / ".cache" / "wengert")


def test_old_files_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MOST", 10_000)
    monkeypatch.setattr(stored, "REMAIN", 5_000)
    monkeypatch.setattr(stored, "ROUND", 1)
    for k in range(12):
        stored.write(bytes([k]), bytes(1000))
        for old, file in enumerate(files(tmp_path)):
            os.utime(file, (1e6 + old, 1e6 + old))
    assert sum(f.stat().st_size for f in files(tmp_path)) <= 10_000
    assert stored.read(bytes([11])) == bytes(1000)
    assert stored.read(bytes([0])) is None
    unfinished = tmp_path / "cache" / "x.part"
    unfinished.write_bytes(b"x")
    os.utime(unfinished, (1e6, 1e6))
    stored.write(b"last", b"")
    assert not unfinished.exists()


def test_a_file_that_cannot_be_finished_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert right()
    assert not files(tmp_path)


PROCESS = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.kernels.test_native_engine import adding, called, engine
for k in range(40):
    a = float(k % 8)
    engine.forget()
    assert called(engine.compiled(adding(a)).address("f"), [1.0]) == 1.0 + a
"""


def test_processes_write_and_read_at_once(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    command = [sys.executable, "-c", PROCESS, root]
    running = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for process in running:
        _, problem = process.communicate(timeout=120)
        assert process.returncode == 0, problem
    assert len(files(tmp_path)) == 8
    assert all(f.suffix == stored.ENDING for f in files(tmp_path))
