"""`wengert repl`: an interactive session."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from .. import __version__
from ..api.compile import read
from ..api.display import lookup, program_lines
from ..api.texts import parse
from ..ground import interrupts
from ..ground.errors import LimitError, ParseError, Source, Span, UsageError, WengertError, error, suggestion
from ..ground.limits import start
from ..ground.names import first_use
from ..repl import GUIDE, PLAIN, VERBS, Entry, Evaluated, Sentence, Session, completions
from ..show import trace_table
from . import hessian, ops
from .eval import answer
from .programs import ALWAYS, PROGRAM, SHARED, limits_of, source_of
from .prompt import Pipe, Terminal, lines
from .run import untrue
from .screen import Screen, failed
from .words import Arguments, Command, scan, short

COMMAND = Command(
    "repl", "[FILE]",
    "An interactive session: statements are kept, expressions print their value, and `:help` tells the rest. From a\n"
    "pipe it reads the same lines without prompts; then the exit status is the worst that any line would have had.",
    (*PROGRAM, *(o for o in SHARED if o.name != "set"), *ALWAYS),
    (
        ("wengert repl", "type formulas"),
        ("wengert repl samples/baydin.wengert", "with the names of a program"),
        ("printf 'f = x^2\\nx = 3\\n:grad f\\n' | wengert repl", "9, and the derivative 6"),
    ),
    binds=False,
)  # fmt: skip

FIRST, MORE = "> ", ". "


def run(arguments: Arguments, screen: Screen) -> int:
    """Read lines to the end. For lines from a pipe the exit code is the worst of theirs."""
    limits = limits_of(arguments)
    kink = arguments.option("kink", "mean")
    session = Session(kink=kink, fuse=not arguments.flag("no-fuse"), limits=limits)
    source = source_of(arguments, arguments.words[0], arguments.spots[0], file=True) if arguments.words else None
    repl = Repl(session, screen, lines(lambda line: completions(session, line), limits.text_bytes))
    return repl.run(source)


class Repl:
    """A session with a person at a terminal, or with a pipe. `worst` is the highest exit code of its lines."""

    def __init__(self, session: Session, screen: Screen, lines: Pipe | Terminal) -> None:
        self.session, self.screen, self.lines = session, screen, lines
        self.worst = 0
        self.done = False
        # Files that the session wrote or loaded, and may overwrite.
        self.files: set[str] = set()
        self.verbs: dict[str, Callable[[str], int]] = {
            "ops": self._ops, "vars": self._vars, "clear": self._clear, "save": self._save, "load": self._load,
            "help": self._help, "quit": self._quit,
        }  # fmt: skip
        self.shown: dict[str, Callable[[Sentence], int]] = {
            "grad": self._grad, "hessian": self._hessian, "trace": self._trace, "list": self._list,
        }  # fmt: skip

    def run(self, source: Source | None) -> int:
        """Load a program, if there is one, and answer every line to the last. Returns the exit code."""
        if not self.lines.interactive:
            # Of a person each entry has its own time. A file is one text: each entry may depend on all before it.
            start(self.session.limits)
        if self.lines.interactive:
            print(f"wengert {__version__}: `:help` tells how to use it, Ctrl-D leaves")
        try:
            if source is not None:
                self._attempt(lambda: self._loaded(source))
            while not self.done:
                self._attempt(self._turn)
        finally:
            self.lines.close()
        return 0 if self.lines.interactive else self.worst

    def _attempt(self, action: Callable[[], int]) -> None:
        """Run an action. After an error, which is printed, the session goes on."""
        try:
            code = action()
        except WengertError as problem:
            self.screen.say([problem.diagnostic])
            code = problem.exit_code
        except MemoryError:
            spent = error(LimitError, "W402", "the memory of this machine is used up")
            self.screen.say([spent.diagnostic])
            code = spent.exit_code
        except KeyboardInterrupt:
            if not self.lines.interactive:
                raise
            interrupts.forget()
            print()
            return
        self.worst = max(self.worst, code)
        if sys.stdout is not None:
            sys.stdout.flush()

    def _turn(self) -> int:
        """Read one entry and answer it."""
        try:
            line = self.lines.read(FIRST)
        except EOFError:
            if self.lines.interactive:
                print()
            return self._quit("")
        if (plain := line.strip()) in PLAIN and plain not in self.session.names():
            line = f":{PLAIN[plain]}"
        if not line.lstrip().startswith(":"):
            return self._entered(self._whole(line))
        word, _, argument = line.strip()[1:].partition(" ")
        word = PLAIN.get(word, word)
        if word in self.shown:
            return self._shown(word, self._whole(argument.strip()))
        if (verb := self.verbs.get(word.rstrip("!") if word == "save!" else word)) is None:
            help = (
                suggestion(f":{word}", [f":{v}" for v in VERBS])
                or f"the commands are {', '.join(f':{v}' for v in VERBS)}"
            )
            raise self._refused(line, line.index(word), f"there is no command `:{short(word)}`", help, "W631")
        argument = argument.strip()
        if argument and not VERBS[word.rstrip("!")].takes:
            raise self._refused(line, line.rindex(argument), f"`:{word}` takes nothing", "")
        return verb("! " * (word == "save!") + argument)

    def _refused(self, line: str, start: int, message: str, help: str, code: str = "W630") -> WengertError:
        span = Span(start, len(line.rstrip()))
        return error(UsageError, code, message, span, help=help, source=Source(line, "<prompt>"))

    # Statements

    def _whole(self, line: str) -> Entry:
        """The entry that begins with a line. It reads further lines while the entry is incomplete."""
        entry = Entry()
        entry.add(line)
        while not entry.whole and len(entry) <= self.session.limits.text_bytes:
            try:
                line = self.lines.read(MORE)
            except EOFError:
                break
            if not line.strip() and (self.lines.interactive or entry.dangling):
                break
            entry.add(line)
        return entry

    def _entered(self, entry: Entry) -> int:
        return max([self._statement(s) for s in self.session.sentences(entry)], default=0)

    def _statement(self, sentence: Sentence) -> int:
        accepted = self.session.enter(sentence)
        self.screen.say(accepted.warnings)
        call = accepted.call
        if call is None:
            return 0
        self._complete(call)
        if sentence.kind != "expect":
            return answer(call.function, call.point, (), self.screen)
        found = call.function.check_expects(call.point)
        said = list(untrue(call.function, found))
        for e in found:
            if e.ok:
                print(f"ok     {e.text}")
        self.screen.say(said)
        return failed(said)

    def _complete(self, call: Evaluated) -> None:
        """Raise UsageError if inputs have no value; the message says how to give them one."""
        if not (missing := call.missing):
            return
        listed = ", ".join(f"`{n}`" for n in missing[:10]) + f" and {len(missing) - 10} more" * (len(missing) > 10)
        give = "; ".join(f"{n} = 3" for n in missing[:3]) + "; …" * (len(missing) > 3)
        known = [n for n in self.session.names() if n not in missing]
        meant = suggestion(missing[0], known) if len(missing) == 1 else ""
        if lookup(missing[0]) or missing[0] in self.session.functions():
            meant = f"call the function, `{missing[0]}(…)`"
        help = f"give {'it' if len(missing) == 1 else 'them'} one: `{give}`{f'; or {meant}' * bool(meant)}"
        source = call.function.program.source
        span = first_use(source.text, missing[0])
        raise error(UsageError, "W606", f"no value for {listed}", span, help=help, source=source)

    # Commands that take an expression

    def _shown(self, word: str, entry: Entry) -> int:
        sentences = self.session.sentences(entry)
        if [s.kind for s in sentences] != ["expression"]:
            line = f":{word} {entry.text}"
            help = f"for instance `:{word} x^2`; a binding has a line of its own"
            raise self._refused(line, 0, f"`:{word}` takes an expression", help)
        return self.shown[word](sentences[0])

    def _call(self, sentence: Sentence, fuse: bool | None = None) -> Evaluated:
        accepted = self.session.evaluated(sentence, fuse)
        self.screen.say(accepted.warnings)
        assert accepted.call is not None
        return accepted.call

    def _grad(self, sentence: Sentence) -> int:
        call = self._call(sentence)
        self._complete(call)
        return answer(call.function, call.point, call.names, self.screen)

    def _hessian(self, sentence: Sentence) -> int:
        call = self._call(sentence)
        self._complete(call)
        asked = scan(("hessian", "--", call.text), hessian.COMMAND)
        return hessian.matrix_at(asked, self.screen, call.function, call.point, call.function.inputs)

    def _trace(self, sentence: Sentence) -> int:
        call = self._call(sentence, fuse=False)
        self._complete(call)
        f = call.function
        title = f.program._replace(source=Source(call.text))
        notes = f.notes(call.point)
        print(trace_table(f.trace(call.point), program=title))
        self.screen.say(notes)
        return failed(notes)

    def _list(self, sentence: Sentence) -> int:
        call = self._call(sentence, fuse=False)
        print("\n".join(program_lines(call.function.wengert_list, call.point)))
        return 0

    # Other commands

    def _ops(self, argument: str) -> int:
        line = f":ops {argument}"
        try:
            return ops.run(scan(("ops", "--", *argument.split()), ops.COMMAND), self.screen)
        except WengertError as problem:
            d = problem.diagnostic
            raise self._refused(line, len(":ops "), d.message, d.help, d.code) from None

    def _vars(self, argument: str) -> int:
        if text := self.session.program():
            print(text)
        return 0

    def _clear(self, argument: str) -> int:
        self.session.clear(argument.replace(",", " ").split())
        return 0

    def _save(self, argument: str) -> int:
        replace = argument.startswith("! ")
        name = argument.removeprefix("! ").strip()
        if not name:
            raise self._refused(":save", 0, "`:save` needs a file", "for instance `:save session.wengert`")
        path = os.path.abspath(os.path.expanduser(name))
        if os.path.exists(path) and not replace and path not in self.files:
            raise self._refused(f":save {name}", len(":save "), f"there is a file `{short(name)}` already",
                                f"`:save! {short(name)}` replaces it", "W634")  # fmt: skip
        if not (text := self.session.program()):
            raise self._refused(f":save {name}", 0, "there is nothing to save", "bind something first: `f = x^2`")
        try:
            Path(path).write_text(text + "\n", encoding="utf-8", errors="surrogateescape")
        except (OSError, ValueError) as problem:
            raise self._refused(f":save {name}", len(":save "), f"cannot write it: {problem}", "", "W632") from None
        self.files.add(path)
        return 0

    def _load(self, argument: str) -> int:
        if not argument:
            raise self._refused(":load", 0, "`:load` needs a file", "for instance `:load samples/baydin.wengert`")
        path = os.path.abspath(os.path.expanduser(argument))
        code = self._loaded(Source(read(Path(os.path.expanduser(argument))), argument))
        self.files.add(path)
        return code

    def _loaded(self, source: Source) -> int:
        """Enter the statements of a program. An expression whose inputs have no value yet gets a note instead of an
        answer."""
        try:
            parse(source.text, name=source.name, limits=self.session.limits)
        except ParseError as problem:
            # A program without a value is an error, but a session may have inputs or definitions alone.
            if problem.diagnostic.code != "W100":
                raise
        entry = Entry()
        entry.add(source.text)
        code = 0
        for sentence in self.session.sentences(entry):
            try:
                code = max(code, self._statement(sentence))
            except UsageError as problem:
                if problem.diagnostic.code != "W606":
                    raise
                self.screen.say([problem.diagnostic._replace(severity="note")])
        return code

    def _help(self, argument: str) -> int:
        name = argument.removeprefix(":")
        if not name:
            width = max(len(f":{n} {v.takes}") for n, v in VERBS.items())
            print(GUIDE)
            print("\n".join(f"  {f':{n} {v.takes}'.ljust(width)}  {v.says}" for n, v in VERBS.items()))
            return 0
        if name not in VERBS:
            help = f"`:ops {name}` tells about it" if lookup(name) else suggestion(f":{name}", [f":{v}" for v in VERBS])
            help = help or f"the commands are {', '.join(f':{v}' for v in VERBS)}"
            raise self._refused(
                f":help {argument}", len(":help "), f"there is no command `:{short(name)}`", help, "W631"
            )
        verb = VERBS[name]
        print(f":{name} {verb.takes}".rstrip() + f"\n{verb.says}" + f"\n{verb.more}" * bool(verb.more))
        return 0

    def _quit(self, argument: str) -> int:
        self.done = True
        return 0
