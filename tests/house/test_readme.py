"""The pages are executed: what they show is what happens.

In a ``console`` block each line that begins with ``$ `` runs in a shell at the top of the checkout (a line that ends in
``\\`` goes on in the next), and the lines up to the next command are exactly its stdout; a line ``…`` stands for any
lines, and ``…`` within a line for any text of it. A command fails only where the page says so: ``$ COMMAND  # exit 2``.
The ``python`` blocks of a page run in one namespace, from the top: as a doctest where they hold ``>>>``, else as a
script with its asserts. Other blocks (``sh``, ``text``, ``bnf``) are only read.
"""

from __future__ import annotations

import doctest
import io
import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.faces.command_line import Done, answered, plain_words
from wengert.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "SECURITY.md", "grammar/README.md", "samples/README.md")
# What a fresh machine runs: .ci/run takes these commands from the README.
MARKERS = {
    "start-command": r'pip install \. && wengert eval "\(2\*x1\+x2\)\^2" --x1 3 --x2 7',
    "test-command": r'pip install "\.\[test\]" && python -m pytest',
}

# The command that a line begins with, where its stderr goes, and the pipe behind it.
PIPED = re.compile(r"""((?:"[^"]*"|'[^']*'|[^"'|])*?) *(2>&1|2> ?/dev/null|)(?: +#[^"']*| *(\|.*))?""", re.DOTALL)


class Block(NamedTuple):
    kind: str
    line: int
    text: str


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page. An open fence is an error: it would swallow what follows."""
    found, fence = [], None
    for number, line in enumerate(page.splitlines(), 1):
        if fence is None:
            if opening := re.match(r"( *)(`{3,}|~{3,}) *([\w+-]*)", line):
                fence, kind, start, body = opening[2], opening[3], number, list[str]()
        elif re.fullmatch(rf" *{fence[0]}{{{len(fence)},}} *", line):
            found.append(Block(kind, start, textwrap.dedent("".join(f"{b}\n" for b in body))))
            fence = None
        else:
            body.append(line)
    if fence is not None:
        raise ValueError(f"the block of line {start} is never closed")
    return found


class Command(NamedTuple):
    text: str
    line: int
    stdout: str
    status: int


def commands(block: Block) -> list[Command]:
    """The commands of a console block, each with the output it shows."""
    found: list[list[Any]] = []
    goes_on = False
    for number, line in enumerate(block.text.splitlines(), block.line + 1):
        if goes_on:
            found[-1][0] += "\n" + line.removeprefix("> ")
        elif line.startswith("$ "):
            found.append([line[2:], number, []])
        elif not found:
            raise ValueError(f"line {number} is output of no command")
        else:
            found[-1][2].append(line)
            continue
        goes_on = line.endswith("\\")
    if not found:
        raise ValueError(f"the console block of line {block.line} has no command")
    result = []
    for text, number, output in found:
        exits = re.search(r"\s+# exit (\d+)$", text)
        while output and not output[-1]:
            output.pop()
        result.append(Command(text, number, "".join(f"{o}\n" for o in output), int(exits[1]) if exits else 0))
    return result


def fits(shown: str, printed: str) -> bool:
    """Whether an output is what the page shows, its … standing for anything."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…\n" else ".*?".join(map(re.escape, line.split("…")))
        for line in shown.splitlines(keepends=True)
    )
    return re.fullmatch(pattern, printed) is not None


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which `wengert` and `python` are this checkout's and this interpreter's."""
    bin = tmp_path_factory.mktemp("bin")
    for name, module in (("wengert", "-m wengert"), ("python", "")):
        script = bin / name
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {module} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    kept = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONWARNINGS")}
    path = os.pathsep.join([str(bin), *kept.get("PATH", os.defpath).split(os.pathsep)])
    ours = {"PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    return {**kept, **ours}


def execute(command: Command, env: dict[str, str], folder: Path = ROOT) -> None:
    """Run a command; AssertionError if the page does not tell the truth.

    A command of ours without anything for a shell needs no process of its own; work on several processes has one."""
    line = re.sub(r"\s+# exit \d+$", "", command.text).replace("\\\n", " ")
    done = ran(command.text, env, folder) if "dask" in line else done_here(line, env, folder)
    said = f"line {command.line}: $ {command.text}\nexit status {done.code}\n{done.out}{done.err}"
    assert done.code == command.status, said
    assert "Traceback" not in done.err, said
    printed = "".join(f"{line.rstrip()}\n" for line in done.out.rstrip().splitlines())
    shown = "".join(f"{line.rstrip()}\n" for line in command.stdout.splitlines())
    assert fits(shown, printed), f"{said}\nThe page shows:\n{shown}"


def done_here(line: str, env: dict[str, str], folder: Path) -> Done:
    """Run a command of ours in this process, also one whose stderr is redirected or that leads a pipe; a shell has all
    that follows it, and every other line."""
    found = PIPED.fullmatch(line)
    words = plain_words(found[1]) if found else None
    if found is None or words is None:
        return ran(line, env, folder)
    done = answered(words, folder, merged=found[2] == "2>&1", COLUMNS="80", NO_COLOR="1")
    if found[3] is None:
        return done
    last = ran(found[3][1:], env, folder, done.out)
    return last._replace(err=done.err + last.err)


def ran(text: str, env: dict[str, str], folder: Path, typed: str = "") -> Done:
    """Run a command in a shell."""
    done = subprocess.run(
        ["/bin/sh", "-c", text],
        cwd=folder,
        env=env,
        input=typed,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def run_block(block: Block, namespace: dict[str, Any], name: str) -> None:
    """Run a Python block of a page. AssertionError if it is false."""
    if ">>>" not in block.text:
        # As many empty lines before the code, so that a traceback gives the line of the page.
        exec(compile("\n" * block.line + block.text, name, "exec"), namespace)
        return
    test = doctest.DocTestParser().get_doctest(block.text, namespace, name, name, block.line)
    said = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    result = runner.run(test, out=said.write, clear_globs=False)
    assert result.attempted, f"{name}, line {block.line}: nothing to run"
    namespace.update(test.globs)
    assert not result.failed, said.getvalue()


def run_python(page: str, name: str) -> int:
    """Run the Python blocks of a page; how many there are. AssertionError if one is false."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    found = [block for block in blocks(page) if block.kind == "python"]
    for block in found:
        run_block(block, namespace, name)
    return len(found)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_something(name: str) -> None:
    kinds = [b.kind for b in blocks((ROOT / name).read_text(encoding="utf-8"))]
    assert {"console", "python"} & set(kinds), f"{name} has no block that runs"


@pytest.mark.parametrize("name", PAGES)
def test_the_commands_of_a_page(name: str, shell: dict[str, str]) -> None:
    wrong = []
    for block in blocks((ROOT / name).read_text(encoding="utf-8")):
        for command in commands(block) if block.kind == "console" else ():
            try:
                execute(command, shell)
            except AssertionError as error:
                wrong.append(str(error))
    assert not wrong, f"{name}\n" + "\n".join(wrong)


@pytest.mark.parametrize("name", PAGES)
def test_the_python_of_a_page(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    run_python((ROOT / name).read_text(encoding="utf-8"), name)


def test_the_readme_runs_commands_and_python() -> None:
    kinds = [b.kind for b in blocks((ROOT / "README.md").read_text(encoding="utf-8"))]
    assert {"console", "python"} <= set(kinds)


@pytest.mark.parametrize("marker", MARKERS)
def test_the_readme_marks_the_command_of(marker: str) -> None:
    """The mark, then one fenced `sh` block of one line: .ci/run executes that line in a new environment."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(rf"^<!-- {marker} -->\n+```sh\n(.*)\n```$", page, re.MULTILINE)
    assert len(found) == 1
    assert re.fullmatch(MARKERS[marker], found[0])


def test_the_readme_lists_every_command() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `wengert (\S+) ", page, re.MULTILINE) == list(COMMANDS)


PAGE = """
# page
```sh
exit 1
```
  ~~~console
  $ printf 'a\\nb\\n' \\
  >  | cat
  a
  b
  $ true
  ~~~
```python
>>> x = 1
>>> x + 1
2
```
```python
assert x == 1
```
"""


def test_a_true_page_passes(shell: dict[str, str]) -> None:
    found = blocks(PAGE)
    assert [b.kind for b in found] == ["sh", "console", "python", "python"]
    both = commands(found[1])
    assert [(c.line, c.stdout) for c in both] == [(7, "a\nb\n"), (11, "")]
    assert [c.text for c in both] == ["printf 'a\\nb\\n' \\\n | cat", "true"]
    for command in both:
        execute(command, shell)
    assert run_python(PAGE, "page") == 2


@pytest.mark.parametrize(
    "console",
    [
        "$ echo a\nb",
        "$ echo a",
        "$ true\na",
        "$ false",
        "$ true  # exit 1",
        "$ echo a b c\na … d",
        "$ echo a\n…\nb",
        "$ python -c 1/0  # exit 1",
        "$ wengert no-such-command",
    ],
)
def test_a_false_command_is_found(console: str, shell: dict[str, str]) -> None:
    (command,) = commands(Block("console", 1, console + "\n"))
    with pytest.raises(AssertionError):
        execute(command, shell)


@pytest.mark.parametrize(
    "console",
    [
        "$ echo a b c\na … c",
        "$ printf 'a\\nb\\nc\\n'\na\n…\nc",
        "$ printf 'a\\nb\\nc\\n'\n…",
        "$ printf 'a\\n\\nc  \\n\\n'\na\n\nc",
        "$ exit 3  # exit 3",
        "$ echo err >&2",
        "$ python -c 'import wengert; print(wengert.__name__)'\nwengert",
    ],
)
def test_a_true_command_passes(console: str, shell: dict[str, str]) -> None:
    (command,) = commands(Block("console", 1, console + "\n"))
    execute(command, shell)


@pytest.mark.parametrize(
    "python",
    [
        ">>> 1 + 1\n3",
        "x = 1\nassert x == 2",
        ">>> 1/0\n1",
        ">>> # nothing",
    ],
)
def test_false_python_is_found(python: str) -> None:
    with pytest.raises(AssertionError):
        run_python(f"```python\n{python}\n```\n", "page")


@pytest.mark.parametrize("page", ["```python\n1\n", "```console\nls\n```", "```console\n```", "```console\n\n```"])
def test_a_page_that_cannot_be_read_is_an_error(page: str) -> None:
    with pytest.raises(ValueError, match=r"line [12]"):
        [commands(b) for b in blocks(page) if b.kind == "console"]


def test_wildcards() -> None:
    assert fits("a\n…\nb\n", "a\nb\n")
    assert fits("a\n…\nb\n", "a\nx\ny\nb\n")
    assert not fits("a\n…\nb\n", "a\nx\n")
    assert fits("time … ms\n", "time 1.5 ms\n")
    assert not fits("time … ms\n", "time 1\n2 ms\n")
    assert not fits("a.b\n", "axb\n")
    assert fits("", "")
    assert not fits("", "a\n")
