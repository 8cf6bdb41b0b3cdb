"""Methods of a class that live in modules which are loaded on first use, so that the command line starts faster."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeVar

from ..ground.complaints import explained

T = TypeVar("T", bound=type)


class Deferred:
    """A descriptor for a method in a module that `load` imports. On first use it replaces itself by the method."""

    def __init__(self, load: Callable[[], ModuleType], name: str) -> None:
        self.load, self.name = load, name

    def __get__(self, instance: Any, owner: type) -> Any:
        function = getattr(self.load(), self.name)
        if not hasattr(function, "__wrapped__"):  # a decorator that starts a clock also explains wrong arguments
            function = explained(function)
        for holder in owner.__mro__:
            if holder.__dict__.get(self.name) is self:
                setattr(holder, self.name, function)
        return function.__get__(instance, owner)


def with_methods(load: Callable[[], ModuleType], names: str) -> Callable[[T], T]:
    """Decorate a class: add the named functions of the module that `load` imports as methods."""

    def decorated(made: T) -> T:
        for name in names.split():
            setattr(made, name, Deferred(load, name))
        return made

    return decorated


def shown(made: T) -> T:
    """Decorate a class: its objects show themselves in notebooks; see `api.showing.displays`."""
    return with_methods(displays, "_repr_mimebundle_ _repr_html_ _repr_latex_ _repr_pretty_")(made)


def reports() -> ModuleType:
    from . import reports as module

    return module


def making() -> ModuleType:
    from . import making as module

    return module


def plots() -> ModuleType:
    from .showing import plots as module

    return module


def displays() -> ModuleType:
    from .showing import displays as module

    return module


def views() -> ModuleType:
    from . import views as module

    return module
