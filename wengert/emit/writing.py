"""A straight-line program in a language: its prelude, names, lines and blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..ground.errors import UsageError, error
from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom, WengertList, table_of
from ..ops import COPY, Op
from ..ops.bodies import FLOAT
from ..ops.syntax import Text
from ..sweeps.rules import forward_rule
from .languages.language import Language, Prelude
from .naming import Identifiers
from .straight_line import RemarkedEquation, StraightLine
from .vectors import Vector

# Owners of names: an op of the user's may have the same name as a function of ours, and both need an identifier.
OWN, OURS = "the user's", "ours"
# The most inputs that are parameters of their own; more come as one array.
SPREAD = 64


class Line(NamedTuple):
    """An equation as code, and the remark beside it; a line without a name is a heading."""

    name: str
    code: str
    remark: str


class Block(NamedTuple):
    """Consecutive lines that make a function of their own. It takes names from other blocks and gives names to them,
    each by a place in a store."""

    takes: tuple[tuple[str, int], ...]
    lines: tuple[Line, ...]
    gives: tuple[tuple[str, int], ...]


class Written(NamedTuple):
    """A program in a language, to be put into a file.

    name      the name of the function
    inputs    the identifiers of its inputs
    parts     the names of the functions that its blocks make
    spread    whether each input is a parameter of its own
    prelude   the definitions of the functions that it calls
    blocks    its lines; a single block is the function's body
    store     the number of values that go from one block to another
    values    the identifiers, or literals, of the values in the last block
    first     likewise of the derivatives, by rows
    second    likewise of the second derivatives, by rows
    ours      gives identifiers for names of our own beside the user's
    program   the straight-line program
    taken     the identifiers that have a meaning in the file
    vectors   the test vectors of the file
    """

    name: str
    inputs: tuple[str, ...]
    parts: tuple[str, ...]
    spread: bool
    prelude: tuple[str, ...]
    blocks: tuple[Block, ...]
    store: int
    values: list[str]
    first: list[list[str]]
    second: list[list[str]]
    ours: Callable[[str], str]
    program: StraightLine
    taken: frozenset[str]
    vectors: tuple[Vector, ...]

    @property
    def answers(self) -> list[str]:
        """All answers in one row."""
        return [*self.values, *(a for row in (*self.first, *self.second) for a in row)]


def write(
    program: StraightLine, language: Language, name: str, vectors: Iterable[Vector] = (), asked: bool = False
) -> str:
    """The text of the file.

    Raises UsageError for a name that was `asked` for and that the language does not allow, and for an op that cannot be
    written in the language.
    """
    names = Identifiers(language.words | language.extras.keys(), ascii=language.ascii, leading=language.leading)
    prelude = language.prelude(names)
    function = names(name, "the caller's")
    if asked and function != name:
        raise error(UsageError, "W642", f"a function cannot be called `{name}` in {language.title}",
                    help=f"choose another name, such as `{function}`")  # fmt: skip
    local = _own_ops(program.wlist)
    for arity, op in _keys(program.wlist, local):
        _call(prelude, names, op, [Text("a")] * arity)
    definitions = [_definition(prelude, names, row, program.wlist, language) for row in local]
    inner = language.locals(names.taken)
    inner.add((*program.wlist.inputs, *(e.output for e in program.wlist.equations)))
    table = table_of(program.wlist.ops)
    spell = _speller(language, inner)
    sections = [
        (heading, [_line(step, prelude, names, table, spell, language, inner) for step in checking_clock(steps)])
        for heading, steps in program.sections
    ]
    inputs = tuple(inner(n) for n in program.wlist.inputs)
    blocks, store = _blocks(program, sections, inner, inputs, language)
    parts = tuple(names(f"{function}_{k}", "the blocks'") for k in range(1, len(blocks)))
    values, first, second = program.rows
    return language.program(Written(
        function, inputs, parts, len(inputs) <= SPREAD, (*prelude.lines(), *definitions), blocks, store,
        [spell(a).text for a in values], [[spell(a).text for a in row] for row in first],
        [[spell(a).text for a in row] for row in second], lambda word: inner(word, OURS), program,
        frozenset(names.taken), tuple(vectors),
    ))  # fmt: skip


def _own_ops(wlist: WengertList) -> list[Op]:
    """The ops in use that are defined by a program text, each after those that it uses."""
    table = table_of(wlist.ops)
    done: dict[str, Op] = {}
    stack = [(e.op, False) for e in wlist.equations][::-1]
    while stack:
        op, seen = stack.pop()
        row = table[op]
        if op in done or not isinstance(row.forward, str):
            continue
        if seen:
            done[op] = row
        else:
            stack.append((op, True))
            stack += [(e.op, False) for e in forward_rule(row, wlist.ops).equations if e.op != op]
    return list(done.values())


def _keys(wlist: WengertList, local: Sequence[Op]) -> list[tuple[int, Op]]:
    """The ops that are called and their numbers of arguments, each pair once."""
    table = table_of(wlist.ops)
    rules = (forward_rule(row, wlist.ops).equations for row in local)
    calls = dict.fromkeys((len(e.inputs), e.op) for equations in (wlist.equations, *rules) for e in equations)
    return [(n, table[op]) for n, op in calls if op != COPY]


def _call(prelude: Prelude, names: Identifiers, row: Op, args: Sequence[Text]) -> Text:
    if isinstance(row.forward, str):
        return Text(f"{names(row.name, OWN)}({', '.join(prelude.language.same(a).text for a in args)})")
    try:
        return prelude.call(prelude.language.sources.key_of(row), args)
    except NotImplementedError:
        message = (
            f"the op `{row.name}` cannot be written in {prelude.language.title}: it computes with what only Python has"
        )
        raise error(UsageError, "W645", message, help="the targets python and numpy have it") from None


def _speller(language: Language, names: Identifiers) -> Callable[[Atom], Text]:
    return lambda a: Text(names(a)) if isinstance(a, str) else language.number(a)


def _line(
    step: RemarkedEquation, prelude: Prelude, names: Identifiers, table: dict[str, Op], spell: Callable[[Atom], Text],
    language: Language, inner: Identifiers,
) -> Line:  # fmt: skip
    args = [spell(a) for a in step.inputs]
    right = language.same(args[0]) if step.op == COPY else _call(prelude, names, table[step.op], args)
    name = inner(step.output)
    return Line(name, language.let(name, right.text), step.remark)


def _definition(prelude: Prelude, names: Identifiers, row: Op, wlist: WengertList, language: Language) -> str:
    """A function for an op of the user's."""
    rule = forward_rule(row, wlist.ops)
    inner = language.locals(names.taken)
    params = row.params.split()
    inner.add((*params, *(e.output for e in rule.equations)))
    table = table_of(wlist.ops)
    spell = _speller(language, inner)
    lines = [
        _line(RemarkedEquation(*e, ""), prelude, names, table, spell, language, inner).code for e in rule.equations
    ]
    lines.append(language.give(spell(rule.outputs[0]).text))
    signature = [(inner(p), FLOAT) for p in params]
    return language.function(names(row.name, OWN), signature, FLOAT, [f"{language.indent}{x}" for x in lines])


def _blocks(
    program: StraightLine,
    sections: Sequence[tuple[str, Sequence[Line]]],
    names: Identifiers,
    inputs: Sequence[str],
    language: Language,
) -> tuple[tuple[Block, ...], int]:
    lines = [x for heading, below in sections for x in (Line("", language.heading(heading), ""), *below)]
    if not language.block or len(lines) <= 2 * language.block:
        return (Block((), tuple(lines), ()),), 0
    parts = [lines[k : k + language.block] for k in range(0, len(lines), language.block)]
    home = {x.name: k for k, part in enumerate(parts) for x in part if x.name}
    used: list[dict[str, None]] = [{} for _ in parts]
    for e in program.wlist.equations:
        here = home[names(e.output)]
        used[here].update(dict.fromkeys(names(a) for a in e.inputs if isinstance(a, str)))
    place = {name: k for k, name in enumerate(inputs)}
    answers = dict.fromkeys(names(a) for a in program.wlist.outputs if isinstance(a, str))
    for k, wanted in enumerate((*used, answers)):
        for name in wanted:
            if home.get(name, -1) != k:
                place.setdefault(name, len(place))
    blocks = [
        Block(
            tuple((n, place[n]) for n in wanted if home.get(n, -1) != k),
            tuple(part),
            tuple((x.name, place[x.name]) for x in part if x.name in place),
        )
        for k, (part, wanted) in enumerate(zip(parts, used))
    ]
    return (*blocks, Block(tuple((n, place[n]) for n in answers), (), ())), len(place)
