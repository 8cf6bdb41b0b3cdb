"""What the Tab key offers, asked of the shells themselves where they are installed.

The oracle is the commands: each option that a command has is offered for it, and nothing else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.terminals import Terminal
from wengert.cli import main
from wengert.cli.completion import SHELLS, ShellCommand, described
from wengert.cli.main import COMMANDS, OWN, module_of
from wengert.ops import ALIASES, OPS

# What each command takes, by its own account.
OPTIONS = {name: module_of(name).COMMAND.options for name in COMMANDS}


def installed(shell: str) -> str:
    return shutil.which(shell) or pytest.skip(f"there is no {shell} here")


@pytest.fixture
def script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Path]:
    """The script for a shell, in a directory with two programs."""

    def made(shell: str) -> Path:
        assert main(["completion", shell]) == 0
        path = tmp_path / f"completion.{shell}"
        path.write_text(capsys.readouterr().out, encoding="utf-8")
        for name in ("one.wengert", "one_more.wengert", "one.txt"):
            (tmp_path / name).touch()
        (tmp_path / "one_folder").mkdir()
        return path

    return made


@pytest.fixture
def ask(script: Callable[[str], Path], tmp_path: Path) -> Callable[..., list[list[str]]]:
    """What a shell offers for the last word of each command line, given as its words."""
    home = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}

    def asked(shell: str, lines: Sequence[Sequence[str]]) -> list[list[str]]:
        path = script(shell)
        if shell == "bash":
            # As readline does it: the words of the line, with `=` a word of its own, and the last one incomplete.
            code = ["set -u", f"source {path}"]
            for line in lines:
                words = " ".join(f"'{w}'" for word in line for w in word.replace("=", " = ").split(" "))
                code.append(f"COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _wengert")
                code.append('printf "%s\\n" ${COMPREPLY[@]+"${COMPREPLY[@]}"}; echo "#"')
        else:
            code = [f"source {path}"]
            for line in lines:
                code.append(f"complete -C '{' '.join(line)}'; echo '#'")
        options = ["--noprofile", "--norc"] if shell == "bash" else ["--no-config"]
        done = subprocess.run(
            [installed(shell), *options, "-c", "\n".join(code)],
            cwd=tmp_path, env=home, capture_output=True, encoding="utf-8", timeout=120,
        )  # fmt: skip
        assert not done.stderr
        answers: list[list[str]] = [[]]
        for line in done.stdout.splitlines():
            if line == "#":
                answers.append([])
            elif line:
                answers[-1].append(line.split("\t")[0])
        return answers[:-1]

    return asked


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_one(shell: str, script: Callable[[str], Path]) -> None:
    done = subprocess.run([installed(shell), "-n", str(script(shell))], capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", SHELLS)
def test_every_option_is_in_the_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a shell: an option stands in what the script has for its command."""
    commands = list(described())
    assert [c.name for c in commands] == [*COMMANDS, "help"]
    for c in commands[:-1]:
        text = SHELLS[shell]([c])
        assert c.options
        for o, option in zip(c.options, OPTIONS[c.name]):
            assert o.name == option.name
            assert (f"-l {o.name} " if shell == "fish" else f"--{o.name}") in text
            for choice in option.takes.split("|") if "|" in option.takes else ():
                assert choice in text


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_commands_and_options(shell: str, ask: Callable[..., list[list[str]]]) -> None:
    names = [*COMMANDS]
    first, *found = ask(shell, [["wengert", ""], *(["wengert", name, "--"] for name in names)])
    assert {w for w in first if w[0] != "-"} == {*COMMANDS, "help"}
    for name, offered in zip(names, found):
        assert sorted(offered) == sorted(f"--{o.name}" for o in OPTIONS[name])


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_values(shell: str, ask: Callable[..., list[list[str]]]) -> None:
    cases = [(name, o) for name, options in OPTIONS.items() for o in options if "|" in o.takes]
    assert len(cases) > 20
    found = ask(shell, [["wengert", name, f"--{o.name}", ""] for name, o in cases])
    for (_, o), offered in zip(cases, found):
        assert sorted(offered) == sorted(o.takes.split("|"))


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_words(shell: str, ask: Callable[..., list[list[str]]]) -> None:
    files, ops, help, shells, joined, name, part, own, run = ask(shell, [
        ["wengert", "eval", "on"], ["wengert", "ops", "sin"], ["wengert", "help", "ta"],
        ["wengert", "completion", ""], ["wengert", "emit", "--target=py"], ["wengert", "eval", "--wrt", "on"],
        ["wengert", "t"], ["wengert", "--"], ["wengert", "run", "--json", "one."],
    ])  # fmt: skip
    assert sorted(w.rstrip("/") for w in files) == ["one.wengert", "one_folder", "one_more.wengert"]
    assert set(ops) >= {n for n in [*OPS, *ALIASES] if n.startswith("sin")}
    assert help == ["taylor"]
    assert sorted(shells) == sorted(SHELLS)
    assert [w.rpartition("=")[2] for w in joined] == ["python"]
    assert name == []
    assert sorted(part) == sorted(n for n in COMMANDS if n.startswith("t"))
    assert set(own) == {o for o in OWN if o.startswith("-")}
    assert run == ["one.wengert"]


@pytest.fixture
def zsh(script: Callable[[str], Path], tmp_path: Path) -> Iterator[Terminal]:
    """A zsh with the completion, and a `wengert` that says how it was called."""
    with Terminal([installed("zsh"), "-f", "-i"], tmp_path) as made:
        path = script("zsh")
        made.type(f"PS1='re''ady> '; autoload -Uz compinit; compinit -D -u; source {path}\n")
        made.until("ready> ")
        made.type('wengert() { echo "called: $*." }\n')
        made.until("ready> ")
        yield made


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("ev\t", "eval"),
        ("emit --tar\tru\t", "emit --target=rust"),
        ("eval x --x 3 --ki\tl\t", "eval x --x 3 --kink=left"),
        ("eval --kink le\t", "eval --kink left"),
        ("trace one_m\t", "trace one_more.wengert"),
        ("ops log_si\t", "ops log_sigmoid"),
        ("completion fi\t", "completion fish"),
        ("help tay\t", "help taylor"),
        ("--ver\t", "--version"),
    ],
)
def test_zsh_completes(keys: str, line: str, zsh: Terminal) -> None:
    zsh.type(f"wengert {keys}\n")
    zsh.until("called: ")
    assert zsh.until(".\r\n").strip() == line


def test_a_command_that_is_new_is_completed() -> None:
    """The scripts are made of descriptions alone."""
    more = ShellCommand("integrate", "it's: [new]", (), next(described()).words)
    for shell in SHELLS.values():
        assert "integrate" in shell([more])


def test_no_shell(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion"]) == 2
    assert "no shell is named" in capsys.readouterr().err
    assert main(["completion", "tcsh"]) == 2
    assert "one of bash, zsh, fish" in capsys.readouterr().err
