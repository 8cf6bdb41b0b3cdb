"""A note on nan among the values of a call: tables have nulls, which become nan in floats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..ground.errors import Diagnostic


def missing_values(values: Mapping[str, Any]) -> tuple[Diagnostic, ...]:
    """A note for each array among the values that contains nan, with the number of nans."""
    found = []
    for name, value in values.items():
        if type(value) is not float and (missing := int((value != value).sum())):
            among = f"{missing} of the {value.size} values of `{name}` {'is' if missing == 1 else 'are'} nan"
            found.append(
                Diagnostic("W321", "note", f"{among}, as nulls of a table become; so is all that follows from it")
            )
    return tuple(found)
