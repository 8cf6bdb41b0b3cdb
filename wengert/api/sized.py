"""A program that must know a size before it can be read: its loop runs to `n`, or `n` is a place.

Such a program is read anew for each shape of its inputs, and the Function of each is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..ground.errors import WengertError
from ..kernels.arguments import bind_arguments, sequence, split_direction
from ..language import Program
from ..lists.shapes import bind, cores
from .function import Function

Compile = Callable[[Mapping[str, tuple[int, ...]]], Function]


class SizedFunction:
    """A function of arrays whose sizes its program depends on. It is called as a `Function` is, and has its methods.

    `inputs` and `shapes` are as declared. `at(point)` is the Function for the shapes of a point, and has what depends
    on them: the list, the outputs, the gradient as a list.
    """

    def __init__(self, program: Program, compile: Compile, why: WengertError) -> None:
        self.program, self._compile, self._why = program, compile, why
        self._known: dict[tuple[Any, ...], Function] = {}

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs, in order."""
        return self.program.wlist.inputs

    @property
    def shapes(self) -> Mapping[str, tuple[int | str, ...]]:
        """The declared shapes."""
        return self.program.wlist.shapes

    def at(self, /, *args: Any, **values: Any) -> Function:
        """The Function for the shapes of a point."""
        point = bind_arguments(self.inputs, args, values, self.program.defaults, ())
        wlist = self.program.wlist
        bind(wlist, cores(wlist, point), point)
        shapes = {n: v.shape for n, v in point.items() if not isinstance(v, float)}
        key = tuple(shapes.items())
        if key not in self._known:
            if len(self._known) >= 64:
                self._known.clear()
            self._known[key] = self._compile(shapes)
        return self._known[key]

    def __call__(self, /, *args: Any, **values: Any) -> Any:
        return self.at(*args, **values)(*args, **values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        method = getattr(Function, name, None)
        if not callable(method):
            # What is no method depends on shapes: say which.
            if method is not None:
                raise self._why
            raise AttributeError(name)

        def call(*args: Any, **values: Any) -> Any:
            if name in _DIRECTED:
                given, named, _ = split_direction("direction", self.inputs, args, values, 1.0)
                f = self.at(*given, **{n: v for n, v in named.items() if n in self.inputs})
            elif name in _POINTED and (args or "point" in values):
                point = args[0] if args else values["point"]
                f = self.at(*((point,) if isinstance(point, Mapping) else sequence(point, "point")))
            else:
                f = self.at(*args, **{n: v for n, v in values.items() if n in self.inputs})
            return getattr(f, name)(*args, **values)

        return call

    def __reduce__(self) -> tuple[Any, ...]:
        return self._compile, ({},)

    def __repr__(self) -> str:
        return f"<wengert.SizedFunction {', '.join(self.inputs)}: {' '.join(self.program.source.text.split())[:60]}>"


_DIRECTED = ("jvp", "vjp", "hvp")
_POINTED = ("taylor", "blame", "called")  # those whose first argument is a whole point
