"""Sessions that are typed into: the values and slopes of an entry."""

from __future__ import annotations

from typing import Any

from wengert.repl import Entry, Evaluated, Session


def enter(session: Session, text: str) -> list[Evaluated]:
    """Type an entry; what it asks to be evaluated."""
    entry = Entry()
    entry.add(text)
    return [a.call for s in session.sentences(entry) if (a := session.enter(s)).call is not None]


def value(session: Session, text: str) -> float:
    """The value of an expression."""
    (call,) = enter(session, text)
    assert not call.missing
    return call.function(call.point)


def slopes(session: Session, text: str) -> dict[str, float]:
    (call,) = enter(session, text)
    return dict(call.function.grad(call.point, wrt=call.names).items())


def typed(*lines: str, **options: Any) -> Session:
    session = Session(**options)
    for line in lines:
        enter(session, line)
    return session
