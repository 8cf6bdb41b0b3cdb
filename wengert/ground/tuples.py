"""`NamedTuple` and `Protocol` as in `typing`, but as cheap to define as plain classes.

`typing` compiles each annotation of a named tuple when its class is made, and inspects each protocol. A command defines
tens of such classes before it answers.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
    from typing import Protocol as Protocol
else:

    class Protocol:
        """A base for classes that only a type checker looks at: others need not derive from them."""

    class _Making(type):
        """The metaclass that turns a class body into a named tuple."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            fields = body.pop("__annotations__", {})
            defaults = [body.pop(field) for field in tuple(fields) if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body.pop("__module__"))
            made.__annotations__ = fields
            for key, value in body.items():
                setattr(made, key, value)
            return made

    NamedTuple = type.__new__(_Making, "NamedTuple", (), {})
