"""The splicing of bodies that are written once and run many times: `def`s, loops, comprehensions.

While a body is read, its steps are collected instead of emitted. `run` splices them into the list, once for each call
or turn. Nothing recurses: frames stand on an explicit stack.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from ..ground.errors import ParseError, Span, error
from ..ground.limits import exceeded
from ..ground.names import quoted
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom
from ..ops import COPY, FOLDS

if TYPE_CHECKING:
    from .array_syntax import ArrayActions as ParseState

# An atom of a collected body: a float is a number, a string is a name as written, an integer is an earlier step's slot.
Raw: TypeAlias = float | str | int


class Definition(NamedTuple):
    """A `def`: its body and the raw atom of its result. `own` holds the parameters by which it differentiates; each
    call writes an equation for them."""

    name: str
    params: tuple[str, ...]
    body: list[Any]
    result: Raw
    own: frozenset[str]


class Loop(NamedTuple):
    """Turns of `body` with `variable` from `low` up to, not including, `high`; the range stands at `place` in the text.

    `result`, unless it is None, is the term that each turn adds to the comprehension around the loop."""

    variable: str
    low: Raw
    high: Raw
    place: tuple[int, int]
    body: list[Any]
    result: Raw | None


class Fold(NamedTuple):
    """A comprehension: the terms of `loop`, reduced by `reducer`."""

    reducer: str
    loop: Loop


class Subscript(NamedTuple):
    """The parts of an index: (True,) for a place; for a range, whether each of its ends is given."""

    parts: tuple[tuple[bool, ...], ...]


class Pending(NamedTuple):
    """A call of an op whose last arguments are static parameters of these names."""

    op: str
    names: tuple[str, ...]


class Collected(NamedTuple):
    """One collected step: `slot` receives the value of `what` for `inputs`. `what` is the name of an op, a Definition,
    Fold, Loop, Subscript or Pending, or "=" to bind a name."""

    slot: int | str
    what: Any
    inputs: tuple[Raw, ...]
    start: int
    end: int


class _Frame:
    """A body that is run: its scope, its next step, the turn of its loop, and the frame that waits for its end."""

    __slots__ = (
        "at", "begun", "body", "caller", "high", "loop", "outer", "scope", "slots", "step", "terms", "turn", "within",
    )  # fmt: skip

    def __init__(
        self,
        body: list[Collected],
        scope: dict[str, Atom],
        within: Span | None,
        caller: _Frame | None = None,
        step: Collected | None = None,
    ) -> None:
        self.body, self.scope, self.within, self.caller, self.step = body, scope, within, caller, step
        self.at = 0
        self.slots: dict[int | str, Atom] = {}
        self.loop: Loop | None = None
        self.turn: int | None = None
        self.begun = False
        self.high = 0
        self.outer: Atom | None = None
        self.terms: list[Atom] | None = None


def run(emitter: ParseState, body: list[Collected], atoms: Iterable[Atom] = ()) -> dict[int | str, Atom]:
    """Splice a collected body into the emitter's list, and return the atoms of its slots. `atoms` in the body are
    resolved already."""
    base = _Frame(body, {a: a for a in atoms if isinstance(a, str)}, None)
    stack = [base]
    while stack:
        frame = stack[-1]
        if frame.at == len(frame.body):
            if frame.loop is not None:
                _turn(emitter, frame, frame.loop, stack)
            else:
                stack.pop()
                if frame.caller is not None and frame.step is not None:
                    span = Span(frame.step.start, frame.step.end, frame.caller.within)
                    frame.caller.slots[frame.step.slot] = _resolve(emitter, frame, frame.step.what.result, span)
            continue
        step = frame.body[frame.at]
        frame.at += 1
        what = step.what
        span = Span(step.start, step.end, frame.within)
        inputs = [_resolve(emitter, frame, a, span) for a in step.inputs]
        if type(what) is str:
            if what == "=":
                _assign(emitter, frame, step, inputs[0], span)
            else:
                frame.slots[step.slot] = emitter.write(what, tuple(inputs), span)
            continue
        if type(what) is Subscript:
            frame.slots[step.slot] = emitter.subscripted(what, tuple(inputs), span)
            continue
        if type(what) is Pending:
            frame.slots[step.slot] = emitter.with_static(what, tuple(inputs), span)
            continue
        emitter.spend(span)
        if type(what) is Fold and (value := emitter.together(what, frame.scope, frame.slots, span)) is not None:
            frame.slots[step.slot] = value
            continue
        if type(what) is Definition:
            scope = dict(zip(what.params, inputs))
            for name in what.own:
                scope[name] = emitter.write(COPY, (scope[name],), span)
            stack.append(_Frame(what.body, scope, _shallow(span, len(stack)), frame, step))
        else:
            stack.append(_loop_frame(emitter, frame, step, span))
    return base.slots


def _shallow(span: Span, depth: int) -> Span:
    """The place of a call, within the nearest few of the calls around it and the outermost, at any depth of calls."""
    if depth % 6:
        return span
    outer = span
    while outer.within is not None:
        outer = outer.within
    return Span(span.start, span.end, outer if outer is not span else None)


def _resolve(emitter: ParseState, frame: _Frame, a: Raw, span: Span) -> Atom:
    if type(a) is float:
        return a
    if type(a) is int:
        return frame.slots[a]
    found = frame.scope.get(a)  # type: ignore[arg-type]
    return emitter.named(a, span) if found is None else found  # type: ignore[arg-type]


def _assign(emitter: ParseState, frame: _Frame, step: Collected, value: Atom, span: Span) -> None:
    name = str(step.slot)
    if name in frame.scope:
        raise emitter.placed(error(
            ParseError, "W105", f"{quoted(name)} counts the turns of this loop and cannot be bound",
            emitter.word_at(span.start)._replace(within=span.within), help="bind another name",
        ))  # fmt: skip
    emitter.assign(name, value, span)


def _loop_frame(emitter: ParseState, frame: _Frame, step: Collected, span: Span) -> _Frame:
    what = step.what
    loop: Loop = what.loop if type(what) is Fold else what
    place = Span(*loop.place, frame.within)
    ends = [_resolve(emitter, frame, raw, place) for raw in (loop.low, loop.high)]
    emitter.read.update(ends)
    emitter.static.update(ends)
    low, high = (_whole(emitter, a, place) for a in ends)
    if high - low > emitter.limits.steps:
        raise emitter.placed(exceeded(emitter.limits, "steps", f"a range of {high - low:,.15g} turns", place))
    turns = _Frame(loop.body, frame.scope, frame.within, frame, step)
    turns.loop, turns.turn, turns.high = loop, low - 1, high
    turns.outer = frame.scope.get(loop.variable)
    turns.terms = [] if type(what) is Fold else frame.terms
    turns.at = len(loop.body)
    return turns


def _whole(emitter: ParseState, a: Atom, span: Span) -> int:
    value = emitter.constant(a)
    if value is None:
        message = f"a range runs over numbers, and {quoted(a)} depends on the inputs"  # type: ignore[arg-type]
        if a not in emitter.inputs and a not in emitter.bound:
            message = "a range runs over numbers, and this one depends on the inputs"
    elif not isinstance(value, float):
        message = "a range runs over numbers, and this is an array"
    elif value - value != 0 or value != int(value):
        message = f"a range runs over whole numbers, and {value:.15g} is none"
    else:
        return int(value)
    if value is None and (size := emitter.unknown_size(a)) is not None:
        emitter.needs_size(size, span)
    raise emitter.placed(error(
        ParseError, "W110", message, emitter.range_in(span), help="a range is `0:10`: from 0 up to, not including, 10",
    ))  # fmt: skip


def _turn(emitter: ParseState, frame: _Frame, loop: Loop, stack: list[_Frame]) -> None:
    """Take the term of a turn that ended, if any, and begin the next turn or finish the loop."""
    step, caller = frame.step, frame.caller
    assert step is not None
    assert caller is not None
    assert frame.turn is not None
    span = Span(step.start, step.end, frame.within)
    if frame.begun and loop.result is not None and frame.terms is not None:
        frame.terms.append(_resolve(emitter, frame, loop.result, span))
    frame.begun = True
    frame.turn += 1
    if frame.turn < frame.high:
        emitter.spend(span)
        frame.scope[loop.variable] = float(frame.turn)
        frame.slots = {}
        frame.at = 0
        return
    stack.pop()
    if frame.outer is None:
        frame.scope.pop(loop.variable, None)
    else:
        frame.scope[loop.variable] = frame.outer
    if type(step.what) is Fold and frame.terms is not None:
        caller.slots[step.slot] = _reduced(emitter, step.what.reducer, frame.terms, span)


def _reduced(emitter: ParseState, reducer: str, terms: list[Atom], span: Span) -> Atom:
    op, neutral = FOLDS.get(reducer, (reducer, None))
    if neutral is None:
        if not terms:
            what = f"`{reducer}`" if reducer in FOLDS else "an array"
            raise emitter.placed(error(ParseError, "W111", f"{what} over an empty range has no value", span))
        return emitter.write(op, tuple(terms), span)
    if not terms:
        return neutral
    total = terms[0]
    for term in terms[1:]:
        total = emitter.write(op, (total, term), span)
    return total
