"""Our named tuples are those of `typing` in all but their price."""

from __future__ import annotations

import pickle
import typing
from typing import Any

from wengert.ground import tuples


class Theirs(typing.NamedTuple):
    """A point."""

    x: int
    y: str | None = None
    z: tuple[int, ...] = ()

    @property
    def double(self) -> int:
        """Twice x."""
        return 2 * self.x

    def moved(self, by: int) -> Any:
        return self._replace(x=self.x + by)


class Ours(tuples.NamedTuple):
    """A point."""

    x: int
    y: str | None = None
    z: tuple[int, ...] = ()

    @property
    def double(self) -> int:
        """Twice x."""
        return 2 * self.x

    def moved(self, by: int) -> Any:
        return self._replace(x=self.x + by)


def test_the_classes_are_alike() -> None:
    for name in ("_fields", "_field_defaults", "__doc__", "__module__", "__match_args__", "__bases__"):
        assert getattr(Ours, name) == getattr(Theirs, name)
    assert Ours.__qualname__ == "Ours"
    assert list(Ours.__annotations__) == list(Theirs.__annotations__)
    assert typing.get_type_hints(Ours) == typing.get_type_hints(Theirs)
    assert Ours.double.__doc__ == Theirs.double.__doc__


def test_the_values_are_alike() -> None:
    a, b = Ours(1, "a"), Theirs(1, "a")
    assert a == b == (1, "a", ())
    assert repr(a) == repr(b).replace("Theirs", "Ours")
    assert (a.double, a.moved(2), a._asdict()) == (b.double, b.moved(2), b._asdict())
    assert pickle.loads(pickle.dumps(a)) == a
    assert type(pickle.loads(pickle.dumps(a))) is Ours
    match a:
        case Ours(x, y, _):
            assert (x, y) == (1, "a")
