"""`wengert completion`: scripts that complete commands in a shell, made from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ..api.display import names_for_people
from ..ground.tuples import NamedTuple
from .main import COMMANDS, OWN, module_of
from .programs import ALWAYS
from .screen import Screen
from .words import Arguments, Command

# The words in usages and options that stand for a file.
_FILES = {"PROGRAM", "FILE", "DIRECTORY", "MODEL"}


class Words(NamedTuple):
    """The words to offer at a place: known words, or files, or neither."""

    known: tuple[str, ...] = ()
    file: bool = False


class ShellOption(NamedTuple):
    """An option as a shell sees it. `value` is None for a flag; `called` names the value."""

    name: str
    says: str
    value: Words | None
    called: str


class ShellCommand(NamedTuple):
    """A command as a shell sees it."""

    name: str
    says: str
    options: tuple[ShellOption, ...]
    words: Words


def described() -> Iterator[ShellCommand]:
    """Yield every command."""
    for name, says in COMMANDS.items():
        command: Command = module_of(name).COMMAND
        options = tuple(
            ShellOption(o.name, o.says, _words(o.takes) if o.takes and not o.alone else None, o.takes)
            for o in command.options
        )
        yield ShellCommand(name, says, options, _words(re.split(r"\[?--", command.usage)[0]))
    yield ShellCommand("help", "more about a command", (), Words(tuple(COMMANDS)))


def _words(placeholder: str) -> Words:
    said = set(re.findall(r"[A-Z]+", placeholder))
    if "OP" in said:
        return Words(tuple(names_for_people()))
    if re.fullmatch(r"[a-z\d][\w-]*(\|[\w-]+)+", placeholder.strip()):
        return Words(tuple(placeholder.strip().split("|")))
    return Words(file=not said.isdisjoint(_FILES))


def bash(commands: list[ShellCommand]) -> str:
    """The script for bash, 3.2 and later."""
    values, options, words = [], [], []
    for c in commands:
        taken = ((o.name, o.value) for o in c.options if o.value is not None)
        values += [f"        {c.name}:--{option}) {_bash(value)}; return ;;" for option, value in taken]
        if c.options:
            options.append(f'        {c.name}) words="{" ".join(f"--{o.name}" for o in c.options)}" ;;')
        words.append(f"        {c.name}) {_bash(c.words)} ;;")
    names = " ".join(dict.fromkeys([*(c.name for c in commands), *OWN]))
    return _BASH.format(names=names, values="\n".join(values), options="\n".join(options), words="\n".join(words))


def _bash(words: Words) -> str:
    if words.file:
        return "_wengert_files"
    return f'_wengert_words "{" ".join(words.known)}"' if words.known else ":"


_BASH = """\
# wengert in bash. To install: eval "$(wengert completion bash)"
_wengert_words() {{
    COMPREPLY=($(compgen -W "$1" -- "$cur"))
}}
_wengert_files() {{
    local IFS=$'\\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -d -- "$cur"; compgen -f -X '!*.wengert' -- "$cur"; compgen -f -X '!*.nl' -- "$cur"))
}}
_wengert() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command=${{COMP_WORDS[1]}} words=
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        _wengert_words "{names}"
        return
    fi
    # An option and its value with = between them come as three words.
    if [ "$cur" = "=" ]; then
        cur=""
    elif [ "$prev" = "=" ]; then
        prev=${{COMP_WORDS[COMP_CWORD-2]}}
    fi
    case "$command:$prev" in
{values}
    esac
    case "$cur" in -*)
        case "$command" in
{options}
        esac
        _wengert_words "$words"
        return ;;
    esac
    case "$command" in
{words}
    esac
}}
complete -F _wengert wengert
"""


def zsh(commands: list[ShellCommand]) -> str:
    """The script for zsh."""
    names = [f"        {_quoted(f'{c.name}:{c.says}')}" for c in commands]
    cases = []
    for c in commands:
        specs = [_zsh_option(o) for o in c.options] + ([f"*:{c.name}:{_zsh(c.words)}"] if any(c.words) else [])
        cases += [
            f"        {c.name}) _arguments \\",
            *(f"            {_quoted(s)} \\" for s in specs),
            "            ;;",
        ]
    return _ZSH.format(names="\n".join(names), own=" ".join(o for o in OWN if o[0] == "-"), cases="\n".join(cases))


def _zsh_option(option: ShellOption) -> str:
    says = re.sub(r"([\[\]:\\])", r"\\\1", option.says)
    if option.value is None:
        return f"--{option.name}[{says}]"
    called = option.called.replace(":", " ") if not option.value.known else option.name
    return f"*--{option.name}=[{says}]:{called}:{_zsh(option.value)}"


def _zsh(words: Words) -> str:
    if words.file:
        return '_files -g "*.(wengert|nl)"'
    return f"({' '.join(words.known)})" if words.known else " "


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


_ZSH = """\
#compdef wengert
# wengert in zsh. To install: eval "$(wengert completion zsh)", or as a file `_wengert` in a directory of $fpath
_wengert() {{
    local -a commands
    commands=(
{names}
    )
    if (( CURRENT == 2 )); then
        _describe command commands
        [[ $PREFIX == -* ]] && compadd -- {own}
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
{cases}
    esac
}}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _wengert "$@"
else
    (( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit }}
    compdef _wengert wengert
fi
"""


def fish(commands: list[ShellCommand]) -> str:
    """The script for fish."""
    lines = [_FISH]
    for c in commands:
        lines.append(f"complete -c wengert -n __wengert_first -a {c.name} -d {_fished(c.says)}")
        here = f'complete -c wengert -n "__wengert_in {c.name}"'
        for o in c.options:
            value = "" if o.value is None else " -r" if o.value.file else " -x"
            lines.append(f"{here} -l {o.name}{value}{_fish(o.value or Words())} -d {_fished(o.says)}")
        if any(c.words):
            lines.append(f"{here}{_fish(c.words)}")
    lines += [f"complete -c wengert -n __wengert_first -l {o[2:]}" for o in OWN if o[0] == "-"]
    return "\n".join(lines) + "\n"


def _fish(words: Words) -> str:
    if words.file:
        # Without this, fish would list all other files too.
        listed = r"(__fish_complete_suffix .wengert | string match -re '(/|\.wengert|\.nl)(\t|$)')"
        return f" -k -a {_fished(listed)}"
    return f" -a {_fished(' '.join(words.known))}" if words.known else ""


def _fished(text: str) -> str:
    return "'" + re.sub(r"([\\'])", r"\\\1", text) + "'"


_FISH = """\
# wengert in fish. To install: wengert completion fish | source
function __wengert_first
    test (count (commandline -opc)) -eq 1
end
function __wengert_in
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test $words[2] = $argv[1]
end
complete -c wengert -f"""

SHELLS: dict[str, Callable[[list[ShellCommand]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}

COMMAND = Command(
    "completion", "|".join(SHELLS),
    "A script that makes a shell complete commands, options, their values, programs and ops. Put the line that loads\n"
    "it into the file that the shell reads when it starts.",
    ALWAYS,
    (
        ('eval "$(wengert completion bash)"', "in ~/.bashrc"),
        ('eval "$(wengert completion zsh)"', "in ~/.zshrc"),
        ("wengert completion fish | source", "in ~/.config/fish/config.fish"),
    ),
    binds=False,
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the script."""
    example = "for instance `wengert completion bash`"
    if not arguments.words:
        arguments.refuse(len(arguments.argv), "no shell is named", example)
    if (shell := arguments.words[0]) not in SHELLS:
        arguments.refuse(arguments.spots[0], f"there is no completion for `{shell}`", f"one of {', '.join(SHELLS)}")
    print(SHELLS[shell](list(described())), end="")
    return 0
