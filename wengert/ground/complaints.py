"""Explain a call with arguments of a wrong kind, in the caller's words.

Public functions do not check their arguments, so that a correct call pays nothing. When Python raises TypeError,
AttributeError or the like, the arguments are compared with the function's annotations, and an ArgumentError names the
first that does not fit. Exceptions of the caller's own objects and functions pass unchanged, and so does an error that
no argument explains.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from os import PathLike
from typing import Any, ParamSpec, TypeVar

from . import errors
from .errors import ArgumentError, WengertError, error, shown

P = ParamSpec("P")
T = TypeVar("T")
_OURS = frozenset(("wengert", "numpy", "scipy", "llvmlite", "lark", "")) | sys.stdlib_module_names


def explained(function: Callable[P, T]) -> Callable[P, T]:
    """Decorate a public function: an argument of a wrong kind raises an ArgumentError that names it."""

    @wraps(function)
    def call(*args: P.args, **given: P.kwargs) -> T:
        try:
            return function(*args, **given)
        except Exception as problem:
            explain(function, args, given, problem)
            raise

    return call


def explain(function: Callable[..., Any], args: Collection[Any], given: Mapping[str, Any], problem: Exception) -> None:
    """Raise ArgumentError if an argument is the reason why a call of a public function raised `problem`."""
    if isinstance(problem, (WengertError, MemoryError)) or _is_the_callers(problem):
        return
    from inspect import Parameter, signature

    parameters = signature(function).parameters
    try:
        bound = signature(function).bind(*args, **given).arguments
    except TypeError as wrong:
        takes = [p for p in parameters if p not in ("self", "f")]
        help = f"it takes {', '.join(takes)}" if takes else "it takes nothing"
        message = f"the call of `{function.__name__}` does not fit: {wrong}"
        raise error(ArgumentError, "W605", message, help=help) from problem
    for name, value in bound.items():
        spoken, fits = _KINDS.get(str(parameters[name].annotation), ("", None))
        if fits is None:
            continue
        kind = parameters[name].kind
        named = value if kind is Parameter.VAR_KEYWORD else {name: value}
        for key, one in named.items():
            each = one if kind is Parameter.VAR_POSITIONAL else [one]
            if wrong_ones := [v for v in each if not _tried(fits, v)]:
                message = f"`{key}` is {spoken}, not {shown(wrong_ones[0])}"
                raise error(ArgumentError, "W602", message) from problem


def _is_the_callers(problem: Exception) -> bool:
    """Whether an exception was raised in the caller's code: neither ours nor that of a library that we call."""
    trace, inside = problem.__traceback__, False
    while trace is not None:
        root = str(trace.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        inside = inside or root == "wengert"
        if inside and root not in _OURS:
            return True
        trace = trace.tb_next
    return False


def _tried(fits: Callable[[Any], bool], value: Any) -> bool:
    try:
        return bool(fits(value))
    except Exception:
        return False


def _is_named(value: Any) -> bool:
    return isinstance(value, str) or _are(str)(value)


def _iterates(value: Any) -> bool:
    return iter(value) is not None


def _are(kind: type) -> Callable[[Any], bool]:
    return lambda value: all(isinstance(v, kind) for v in value)


def _is_shapes(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(s, (list, tuple)) for s in value.values())


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(n, str) for n in value)


def _is_of(*names: str) -> Callable[[Any], bool]:
    """A test for an instance of a class from a higher layer, by the name of the class."""
    return lambda value: any(c.__name__ in names and c.__module__.startswith("wengert.") for c in type(value).__mro__)


def _or_none(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


def _is(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kinds)


_NAMES = "a name, or an iterable of names"
_MAPPING = "a mapping of names to values"
# Annotations of public functions: the kind in words, and its test.
_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "str": ("a text", _is(str)),
    "str | None": ("a text", _or_none(_is(str))),
    "str | PathLike[str]": ("a path", _is(str, PathLike)),
    "File": ("a path", _or_none(_is(str, PathLike))),
    "bool": ("True or False", _is(bool)),
    "bool | int": ("True, False or a whole number", _is(int)),
    "int": ("a whole number", _is(int)),
    "int | None": ("a whole number", _or_none(_is(int))),
    "Iterable[str]": ("an iterable of texts", _are(str)),
    "Iterable[str] | None": ("an iterable of texts", _or_none(_are(str))),
    "Sequence[str] | None": ("a sequence of texts", _or_none(lambda v: isinstance(v, (list, tuple)) and _are(str)(v))),
    "Collection[str]": ("a collection of texts", _are(str)),
    "str | Iterable[str] | None": (_NAMES, _or_none(_is_named)),
    "Iterable[str] | str | None": (_NAMES, _or_none(_is_named)),
    "Iterable[Any]": ("an iterable", _iterates),
    "Iterable[Iterable[Any]]": ("an iterable of rows", lambda v: all(map(_iterates, v))),
    "Iterable[Sequence[Any]]": ("equations (output, op, inputs)", _are(tuple)),
    "Sequence[Any]": ("a sequence of values", _is(list, tuple)),
    "Mapping[str, Any]": (_MAPPING, _is_mapping),
    "Mapping[str, Any] | None": (_MAPPING, _or_none(_is_mapping)),
    "Mapping[str, float]": (_MAPPING, _is_mapping),
    "Sequence[Mapping[str, Any]]": ("a sequence of mappings of names to values", _are(Mapping)),
    "Mapping[str, Sequence[int]]": ("a mapping of names to shapes, such as {'x': (3,)}", _is_shapes),
    "Mapping[str, Sequence[int | str]]": ("a mapping of names to shapes, such as {'x': (3,)}", _is_shapes),
    "Sequence[int]": ("a shape, such as (3,)", lambda v: isinstance(v, (list, tuple)) and _are(int)(v)),
    "Callable[..., Any]": ("a function", callable),
    "Callable[..., float] | str": ("a function, or a text", lambda v: callable(v) or isinstance(v, str)),
    "Given | Iterable[Given]": ("a text, a function, or an iterable of them", _iterates),
    "Limits": ("a `Limits`", _is_of("Limits")),
    "Options": ("an `Options`", _is_of("Options")),
    "Program": ("a `Program`", _is_of("Program")),
    "WengertList": ("a `WengertList`", _is_of("WengertList")),
    "Diagnostic": ("a `Diagnostic`", _is_of("Diagnostic")),
    "tuple[Op, ...]": ("a tuple of `Op`", lambda v: isinstance(v, tuple) and all(map(_is_of("Op"), v))),
    "Iterable[Kink]": ("an iterable of `Kink`", lambda v: all(map(_is_of("Kink"), v))),
    "Atom | None": ("the name of an output", _or_none(_is(str, float))),
}

render = explained(errors.render)

__all__ = ["explain", "explained", "render"]
