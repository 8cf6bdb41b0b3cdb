"""The words of a command line: programs, values of inputs, and options.

argparse takes `--x1` for `--x10` and refuses `-1e-3`, so the words are read here. `--NAME` is an option if the command
has one of exactly that name, and otherwise gives an input a value. Any other word is the program or another argument,
even if it begins with `-`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

from ..ground.errors import Source, Span, UsageError, WengertError, error, suggestion
from ..ground.names import normalize
from ..ground.tuples import NamedTuple

SHAPE = re.compile(r"--([^\W\d][\w\u0300-\u036f-]*)(?:=(.*))?", re.DOTALL)
_BINDING = r"(?s)\s*([^\W\d][\w\u0300-\u036f]*)\s*=(?!=)(.*)"


class Option(NamedTuple):
    """An option of a command.

    `takes` is empty for a flag; otherwise it is a name for the value, or the words that it may be, `a|b|c`. With
    `alone` the option may stand without a value: a value then follows a `=`, or is the next word if the program came
    before. `letter` is a short form, as `o` for `-o`, which needs the program `-o` behind a `--`.
    """

    name: str
    takes: str
    says: str
    repeats: bool = False
    alone: bool = False
    letter: str = ""


class Command(NamedTuple):
    """The syntax of a command: at most `most` words (None: any number), values of inputs if it `binds`, and options.

    Where the words are `equations`, `x = 3` is one of them and binds nothing; `--x 3` does."""

    name: str
    usage: str
    says: str
    options: tuple[Option, ...]
    examples: tuple[tuple[str, str], ...]
    most: int | None = 1
    binds: bool = True
    equations: bool = False


class TypedValue(NamedTuple):
    """A value as it was typed, or None if none followed, and the place of the word that names it."""

    text: str | None
    place: int


class Arguments(NamedTuple):
    """The words of a command line, sorted. Messages use `argv` and the places in it. `tables` are the files `@data.csv`
    whose columns are values of inputs."""

    argv: tuple[str, ...]
    command: Command
    words: tuple[str, ...]
    spots: tuple[int, ...]
    values: dict[str, TypedValue]
    options: dict[str, list[str]]
    places: dict[str, int]
    tables: dict[str, int]

    def flag(self, name: str) -> bool:
        """Whether a flag was given."""
        return name in self.options

    def option(self, name: str, default: str = "") -> str:
        """The value of an option."""
        return self.options[name][-1] if name in self.options else default

    def names(self, name: str) -> tuple[str, ...] | None:
        """The names that an option lists, separated by commas; None if it was not given."""
        if name not in self.options:
            return None
        found = tuple(normalize(n.strip()) for n in self.options[name][-1].split(","))
        if not all(found):
            self.refuse(self.places[name], f"`--{name}` lists names, separated by commas", "for instance `x1,x2`")
        return found

    def located(self, place: int, problem: WengertError) -> WengertError:
        """An error that points at a word of the command line, unless it points somewhere already."""
        d = problem.diagnostic
        if d.span is None:
            source, span = _pointed(self.argv, place)
            problem.diagnostic = d._replace(source=source, span=span)
        return problem

    def refuse(self, place: int, message: str, help: str = "", code: str = "W630") -> NoReturn:
        """Raise UsageError with a caret under a word of the command line."""
        refuse(self.argv, place, message, help, code)


def refuse(argv: Sequence[str], place: int, message: str, help: str = "", code: str = "W630") -> NoReturn:
    """Raise UsageError with a caret under the word at `place`, or after the last word."""
    source, span = _pointed(argv, place)
    raise error(UsageError, code, message, span, help=help, source=source)


def _pointed(argv: Sequence[str], place: int) -> tuple[Source, Span]:
    from shlex import quote

    shown = ["wengert", *(quote(short(w)) for w in argv)]
    start = sum(len(w) + 1 for w in shown[: place + 1])
    end = start + len(shown[place + 1]) if place + 1 < len(shown) else start + 1
    return Source(" ".join(shown), "command line"), Span(start, end)


def scan(argv: Sequence[str], command: Command) -> Arguments:
    """Sort the words after the name of a command, `argv[0]`. Raises UsageError."""
    known = {o.name: o for o in command.options}
    letters = {f"-{o.letter}": f"--{o.name}" for o in command.options if o.letter}
    words: list[str] = []
    spots: list[int] = []
    found = Arguments(tuple(argv), command, (), (), {}, {}, {}, {})
    k = 1
    options_end = False
    while k < len(argv):
        word, here = argv[k], k
        k += 1
        if word == "--" and not options_end:
            options_end = True
            continue
        shape = None if options_end else SHAPE.fullmatch("--help" if word == "-h" else letters.get(word, word))
        if shape is None:
            binds = command.binds and words and not command.equations
            bare = re.fullmatch(_BINDING, word) if binds else None
            if bare is not None:
                _bind(found, bare[1], bare[2], here)
            elif command.binds and words and word.startswith("@"):
                found.tables[word[1:].strip()] = here
            elif command.most is not None and len(words) >= command.most:
                _surplus(found, words, here)
            else:
                words.append(word)
                spots.append(here)
            continue
        name, text = shape[1], shape[2]
        option = known.get(name)
        if option is None and (not command.binds or "-" in name):
            help = suggestion(f"--{name}", [f"--{o}" for o in known]) or f"`wengert {command.name} --help` lists them"
            if command.binds and not words and "?" not in help:
                help += "; a program that begins with `--` goes behind a `--`"
            found.refuse(here, f"`wengert {command.name}` has no option `--{name}`", help)
        if option is not None and not option.takes:
            if text is not None:
                found.refuse(here, f"`--{name}` takes no value", _instead(command, name))
            _once(found, option, here)
            found.options[name] = []
            continue
        if option is not None and option.alone and text is None:
            behind = argv[k] if words and k < len(argv) else "--"
            if behind == "--" or SHAPE.fullmatch(behind) or re.fullmatch(_BINDING, behind):
                text = ""
        if text is None and k < len(argv) and not SHAPE.fullmatch(argv[k]) and argv[k] != "--":
            text = argv[k]
            k += 1
        if option is None:
            _bind(found, name, text, here)
        elif text is None:
            found.refuse(here, f"`--{name}` needs a value", f"--{name} {option.takes}")
        elif option.name == "set":
            if (bare := re.fullmatch(_BINDING, text)) is None:
                found.refuse(here, "`--set` binds a name", "write `--set NAME=VALUE`")
            _bind(found, bare[1], bare[2], here)
        else:
            _once(found, option, here)
            if "|" in option.takes and text not in option.takes.split("|"):
                choices = option.takes.split("|")
                found.refuse(here, f"`--{name}` cannot be `{text}`",
                             suggestion(text, choices) or f"one of {', '.join(choices)}")  # fmt: skip
            found.options.setdefault(name, []).append(text)
    return found._replace(words=tuple(words), spots=tuple(spots))


def _instead(command: Command, name: str) -> str:
    if not command.binds:
        return ""
    return f"to bind an input of that name, write `{name}=VALUE` behind the program, or `--set {name}=VALUE`"


def _once(found: Arguments, option: Option, here: int) -> None:
    if option.name in found.places and not option.repeats:
        found.refuse(here, f"`--{option.name}` is given twice", "once is enough" if not option.takes else "keep one")
    found.places[option.name] = here


def _bind(found: Arguments, name: str, text: str | None, here: int) -> None:
    name = normalize(name)
    if name in found.values:
        found.refuse(here, f"`{name}` is bound twice", "keep one of the two values", "W605")
    found.values[name] = TypedValue(text, here)


def _surplus(found: Arguments, words: Sequence[str], here: int) -> NoReturn:
    command = found.command
    before = SHAPE.fullmatch(found.argv[here - 1])
    if "--" in found.argv[:here] and SHAPE.fullmatch(found.argv[here]):
        help = "behind a `--` no word is an option: put the options before it, or write `x=3`"
    elif before and before[1] in found.options and not found.options[before[1]] and command.binds:
        help = f"`--{before[1]}` takes no value; {_instead(command, before[1])}"
    elif command.binds:
        help = f"the program is `{short(words[0])}`; put quotes round one with spaces, and write values as `--x 3`"
    else:
        help = f"`wengert {command.name} --help` tells what it takes"
    found.refuse(here, f"one word too many: `{short(found.argv[here])}`", help)


def short(word: str) -> str:
    """A word for a message: on one line, and without its middle if it is long."""
    word = word.replace("\n", " ")
    return word if len(word) <= 60 else f"{word[:40]}…{word[-19:]}"
